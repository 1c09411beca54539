//! Correlation agrees with an obvious, slow version of itself, and never guesses.

use lanyard_access::correlate::{ACCOUNTS, correlate};
use lanyard_access::{Clusters, Key, Rule, Step, Subjects};
use proptest::prelude::*;

#[derive(Clone, Debug, Default)]
struct Account {
    rank: u32,
    id: String,
    external: String,
    email: String,
    user: String,
}

struct Table(Vec<Account>);

impl Subjects for Table {
    fn count(&self) -> u32 {
        self.0.len() as u32
    }
    fn rank(&self, subject: u32) -> u32 {
        self.0[subject as usize].rank
    }
    fn key<'k>(&'k self, subject: u32, key: Key, scratch: &'k mut String) -> Option<&'k str> {
        let account = &self.0[subject as usize];
        *scratch = match key {
            Key::Id => account.id.clone(),
            Key::ExternalId => account.external.clone(),
            Key::Email => account.email.to_lowercase(),
            Key::UserName => account.user.to_lowercase(),
            _ => return None,
        };
        Some(scratch)
    }
}

fn key(account: &Account, step: &Step) -> String {
    match if account.rank == 0 { step.leading } else { step.others } {
        Key::Id => account.id.clone(),
        Key::ExternalId => account.external.clone(),
        Key::Email => account.email.to_lowercase(),
        _ => account.user.to_lowercase(),
    }
}

/// Each step over each pair: joins the first holder with the others, where each side has one holder only.
fn slowly(accounts: &[Account]) -> Vec<(usize, Option<Rule>)> {
    let mut label: Vec<usize> = (0..accounts.len()).collect();
    let mut rule = vec![None; accounts.len()];
    let mut by_rank: Vec<usize> = (0..accounts.len()).collect();
    by_rank.sort_by_key(|a| accounts[*a].rank);
    for step in ACCOUNTS {
        let holders = |value: &str, rank: u32| {
            (0..accounts.len())
                .filter(|a| accounts[*a].rank == rank && key(&accounts[*a], step) == value)
                .collect::<Vec<_>>()
        };
        for one in &by_rank {
            let value = key(&accounts[*one], step);
            let rank = accounts[*one].rank;
            let first = (0..rank).all(|lower| holders(&value, lower).len() != 1);
            if value.is_empty() || holders(&value, rank).len() != 1 || !first || (step.leading != step.others && rank != 0) {
                continue;
            }
            for other in &by_rank {
                if accounts[*other].rank <= rank
                    || key(&accounts[*other], step) != value
                    || holders(&value, accounts[*other].rank).len() != 1
                {
                    continue;
                }
                let (a, b) = (label[*one], label[*other]);
                let of = |l: usize| (0..accounts.len()).filter(|x| label[*x] == l).collect::<Vec<_>>();
                if of(a).iter().any(|x| of(b).iter().any(|y| accounts[*x].rank == accounts[*y].rank)) {
                    continue;
                }
                let (lead, follow) = if accounts[a].rank < accounts[b].rank { (a, b) } else { (b, a) };
                rule[follow] = Some(step.rule);
                for member in of(follow) {
                    label[member] = lead;
                }
            }
        }
    }
    label.into_iter().zip(rule).collect()
}

fn account() -> impl Strategy<Value = Account> {
    (0u32..4, "[ab]{0,1}", "[a-cA]{0,1}", "[a-cA]{0,1}").prop_map(|(rank, external, email, user)| Account {
        rank,
        external,
        email,
        user,
        id: String::new(),
    })
}

proptest! {
    #[test]
    fn agrees_with_the_slow_version(mut accounts in prop::collection::vec(account(), 0..14)) {
        for (at, account) in accounts.iter_mut().enumerate() {
            account.id = if at < 2 { ["a", "b"][at].into() } else { format!("n{at}") };
        }
        let expected = slowly(&accounts);
        let table = Table(accounts);
        let clusters = correlate(&table, ACCOUNTS);
        for (at, (leader, rule)) in expected.into_iter().enumerate() {
            prop_assert_eq!(clusters.leader(clusters.of(at as u32)) as usize, leader, "account {}", at);
            prop_assert_eq!(clusters.rule(at as u32), rule, "rule of {}", at);
        }
        check_shape(&clusters, &table);
    }
}

fn check_shape(clusters: &Clusters, table: &Table) {
    let mut seen = 0;
    for cluster in 0..clusters.len() {
        let members = clusters.members(cluster);
        seen += members.len();
        assert_eq!(members[0], clusters.leader(cluster));
        assert!(
            members.windows(2).all(|pair| table.rank(pair[0]) < table.rank(pair[1])),
            "one account per source, by rank"
        );
        assert!(members.iter().all(|member| clusters.of(*member) == cluster));
    }
    assert_eq!(seen, table.0.len());
}

fn of(rank: u32, id: &str, external: &str, email: &str, user: &str) -> Account {
    Account {
        rank,
        id: id.into(),
        external: external.into(),
        email: email.into(),
        user: user.into(),
    }
}

#[test]
fn each_rule_joins_in_its_turn() {
    let table = Table(vec![
        of(0, "a1", "", "ann@x", "ann"),
        of(0, "a2", "", "bob@x", "bob"),
        of(0, "a3", "", "", "cem"),
        of(1, "d1", "a1", "bob@x", "cem"),
        of(1, "d2", "", "BOB@X", "nobody"),
        of(1, "d3", "", "", "CEM"),
    ]);
    let clusters = correlate(&table, ACCOUNTS);
    assert_eq!(clusters.members(clusters.of(0)), [0, 3]);
    assert_eq!(clusters.rule(3), Some(Rule::ExternalId));
    // Two accounts downstream carry bob@x, and two the user name cem: neither says anything.
    assert_eq!(clusters.members(clusters.of(1)), [1]);
    assert_eq!(clusters.members(clusters.of(2)), [2]);
    assert_eq!(clusters.len(), 5);
}

#[test]
fn an_external_id_claimed_twice_joins_nobody() {
    let table = Table(vec![
        of(0, "a1", "", "", ""),
        of(1, "d1", "a1", "", ""),
        of(1, "d2", "a1", "", ""),
        of(2, "e1", "a1", "", ""),
    ]);
    let clusters = correlate(&table, ACCOUNTS);
    assert_eq!(clusters.members(clusters.of(0)), [0, 3]);
    assert_eq!(clusters.len(), 3);
}

#[test]
fn one_source_needs_no_joining() {
    let table = Table(vec![of(3, "a", "x", "m", "u"), of(3, "b", "x", "m", "u")]);
    let clusters = correlate(&table, ACCOUNTS);
    assert!(clusters.is_trivial());
    assert_eq!((clusters.len(), clusters.leader(1), clusters.rule(1)), (2, 1, None));
    assert_eq!(clusters.members(1), [1]);
}
