//! Correlation agrees with an obvious, slow version of itself, and never guesses.

use lanyard_access::correlate::{ACCOUNTS, Ambiguity, Decisions, GROUPS, backstage_name, correlate, join};
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

/// What an account says for a key.
type Says = fn(&Account, Key) -> Option<String>;
/// Whether a rule may join accounts of two systems, by their ranks.
type May = fn(Rule, [u32; 2]) -> bool;

struct Table(Vec<Account>, Says, May);

impl Subjects for Table {
    fn count(&self) -> u32 {
        self.0.len() as u32
    }
    fn rank(&self, subject: u32) -> u32 {
        self.0[subject as usize].rank
    }
    fn key<'k>(&'k self, subject: u32, key: Key, scratch: &'k mut String) -> Option<&'k str> {
        *scratch = (self.1)(&self.0[subject as usize], key)?;
        Some(scratch)
    }
    fn may_join(&self, rule: Rule, one: u32, other: u32) -> bool {
        (self.2)(rule, [self.rank(one), self.rank(other)])
    }
}

/// Accounts of SCIM servers alone.
fn scim(accounts: Vec<Account>) -> Table {
    let says = |account: &Account, key| match key {
        Key::Id => Some(account.id.clone()),
        Key::ExternalId => Some(account.external.clone()),
        Key::Email => Some(account.email.to_lowercase()),
        Key::UserName => Some(account.user.to_lowercase()),
        _ => None,
    };
    Table(accounts, says, |_, _| true)
}

fn key(account: &Account, step: &Step) -> String {
    match if account.rank == 0 { step.leading } else { step.others } {
        Key::Id => account.id.clone(),
        Key::ExternalId => account.external.clone(),
        Key::Email => account.email.to_lowercase(),
        _ => account.user.to_lowercase(),
    }
}

/// FNV-1a, 64 bits: where two keys compete for the same others, its order decides.
fn fnv(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Each step over each key: joins its holders pair by pair, where each source has one holder only.
fn slowly(accounts: &[Account]) -> Vec<(usize, Option<Rule>)> {
    let mut label: Vec<usize> = (0..accounts.len()).collect();
    let mut rule = vec![None; accounts.len()];
    let mut by_rank: Vec<usize> = (0..accounts.len()).collect();
    for step in ACCOUNTS
        .iter()
        .filter(|step| [Rule::ExternalId, Rule::Email, Rule::UserName].contains(&step.rule))
    {
        by_rank.sort_by_key(|a| (accounts[*a].rank, fnv(&key(&accounts[*a], step))));
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
            let mut chain: Vec<usize> = (0..accounts.len())
                .filter(|other| key(&accounts[*other], step) == value && holders(&value, accounts[*other].rank).len() == 1)
                .collect();
            chain.sort_by_key(|other| accounts[*other].rank);
            for (at, left) in chain.iter().enumerate() {
                for right in &chain[at + 1..] {
                    let (a, b) = (label[*left], label[*right]);
                    let of = |l: usize| (0..accounts.len()).filter(|x| label[*x] == l).collect::<Vec<_>>();
                    let leads = step.leading == step.others || accounts[*left].rank == 0;
                    if !leads || of(a).iter().any(|x| of(b).iter().any(|y| accounts[*x].rank == accounts[*y].rank)) {
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
        let table = scim(accounts);
        let clusters = correlate(&table, ACCOUNTS);
        for (at, (leader, rule)) in expected.into_iter().enumerate() {
            prop_assert_eq!(clusters.leader(clusters.of(at as u32)) as usize, leader, "account {}", at);
            prop_assert_eq!(clusters.rule(at as u32), rule, "rule of {}", at);
        }
        check_shape(&clusters, &table);
    }
}

prop_compose! {
    /// Accounts with decisions over them.
    fn decided()(mut accounts in prop::collection::vec(account(), 2..12), pairs in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<bool>()), 0..5))
        -> (Vec<Account>, Decisions) {
        for (at, account) in accounts.iter_mut().enumerate() {
            account.id = format!("n{at}");
        }
        let mut decisions = Decisions::default();
        for (one, other, same) in pairs {
            let pair = (one.index(accounts.len()) as u32, other.index(accounts.len()) as u32);
            if pair.0 != pair.1 {
                if same { decisions.join.push(pair) } else { decisions.separate.push(pair) }
            }
        }
        (accounts, decisions)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn decisions_stand_whatever_the_rules_say((accounts, decisions) in decided()) {
        let ranks: Vec<u32> = accounts.iter().map(|account| account.rank).collect();
        let found = join(&scim(accounts), ACCOUNTS, &decisions, 100);
        for (one, other) in &decisions.separate {
            prop_assert_ne!(found.clusters.of(*one), found.clusters.of(*other));
        }
        // What decisions alone put together.
        let mut by_decision: Vec<usize> = (0..ranks.len()).collect();
        for (one, other) in &decisions.join {
            let (a, b) = (by_decision[*one as usize], by_decision[*other as usize]);
            by_decision.iter_mut().filter(|label| **label == a).for_each(|label| *label = b);
            if decisions.separate.is_empty() {
                prop_assert_eq!(found.clusters.of(*one), found.clusters.of(*other));
            }
        }
        for one in 0..ranks.len() {
            for other in 0..one {
                let together = found.clusters.of(one as u32) == found.clusters.of(other as u32);
                if together && ranks[one] == ranks[other] {
                    prop_assert_eq!(by_decision[one], by_decision[other], "two of one source by decision only");
                }
            }
        }
        for cluster in 0..found.clusters.len() {
            let members = found.clusters.members(cluster);
            prop_assert_eq!(members.iter().filter(|member| found.clusters.rule(**member).is_none()).collect::<Vec<_>>(), [&members[0]]);
        }
    }

    #[test]
    fn the_order_of_subjects_has_no_part_in_it((accounts, decisions) in decided(), order in Just((0..12usize).collect::<Vec<_>>()).prop_shuffle()) {
        let order: Vec<usize> = order.into_iter().filter(|at| *at < accounts.len()).collect();
        let moved: Vec<Account> = order.iter().map(|at| accounts[*at].clone()).collect();
        let place = |subject: u32| order.iter().position(|at| *at == subject as usize).unwrap_or_default() as u32;
        let moved_pairs = |pairs: &[(u32, u32)]| pairs.iter().map(|(one, other)| (place(*one), place(*other))).collect();
        let then = Decisions { join: moved_pairs(&decisions.join), separate: moved_pairs(&decisions.separate) };
        let (one, two) = (join(&scim(accounts.clone()), ACCOUNTS, &decisions, 100), join(&scim(moved), ACCOUNTS, &then, 100));
        for first in 0..accounts.len() as u32 {
            for second in 0..first {
                prop_assert_eq!(one.clusters.of(first) == one.clusters.of(second), two.clusters.of(place(first)) == two.clusters.of(place(second)));
            }
            if decisions.join.is_empty() {
                prop_assert_eq!(one.clusters.rule(first), two.clusters.rule(place(first)));
            }
        }
        prop_assert_eq!(one.ambiguous_total, two.ambiguous_total);
    }

    #[test]
    fn an_ambiguity_is_one((accounts, decisions) in decided()) {
        let table = scim(accounts.clone());
        let found = join(&table, ACCOUNTS, &decisions, 100);
        prop_assert_eq!(found.ambiguous.len(), found.ambiguous_total as usize);
        for Ambiguity { rule, value, subjects } in &found.ambiguous {
            let step = |account: &Account| ACCOUNTS.iter().any(|step| step.rule == *rule && key(account, step) == *value);
            prop_assert!(subjects.iter().all(|subject| step(&accounts[*subject as usize])));
            let ranks: Vec<u32> = subjects.iter().map(|subject| accounts[*subject as usize].rank).collect();
            prop_assert!(ranks.iter().any(|rank| *rank != ranks[0]));
            // Each could be joined to another of them as far as their sources go, and is not.
            for one in subjects {
                let could = subjects.iter().any(|other| {
                    let of = |subject: u32| found.clusters.members(found.clusters.of(subject)).iter().map(|member| accounts[*member as usize].rank).collect::<Vec<_>>();
                    let (mine, theirs) = (of(*one), of(*other));
                    found.clusters.of(*one) != found.clusters.of(*other) && mine.iter().all(|rank| !theirs.contains(rank))
                });
                prop_assert!(could);
            }
        }
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
    let table = scim(vec![
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
    let table = scim(vec![
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
    let table = scim(vec![of(3, "a", "x", "m", "u"), of(3, "b", "x", "m", "u")]);
    let clusters = correlate(&table, ACCOUNTS);
    assert!(clusters.is_trivial());
    assert_eq!((clusters.len(), clusters.leader(1), clusters.rule(1)), (2, 1, None));
    assert_eq!(clusters.members(1), [1]);
}

#[test]
fn what_a_key_cannot_decide_is_told_once_and_until_it_is_decided() {
    let accounts = || {
        vec![
            of(0, "a1", "", "ann@x", "ann"),
            of(1, "d1", "", "ann@x", "ann"),
            of(1, "d2", "", "Ann@x", "ann"),
            // Held twice in one source, and nowhere else: there is nobody to be joined to.
            of(1, "d3", "", "zoe@x", ""),
            of(1, "d4", "", "zoe@x", ""),
            // The e-mail says nothing, the user name does: nothing is left open.
            of(0, "a2", "", "team@x", "bob"),
            of(0, "a3", "", "team@x", "cem"),
            of(2, "e1", "", "team@x", "bob"),
        ]
    };
    let ask = |decisions: &Decisions| join(&scim(accounts()), ACCOUNTS, decisions, 10);
    let found = ask(&Decisions::default());
    let ambiguity = Ambiguity {
        rule: Rule::Email,
        value: "ann@x".into(),
        subjects: vec![0, 1, 2],
    };
    assert_eq!((found.ambiguous, found.ambiguous_total), (vec![ambiguity], 1));
    assert_eq!(found.clusters.members(found.clusters.of(5)), [5, 7]);
    // A limit bounds the list and not the count.
    let counted = join(&scim(accounts()), ACCOUNTS, &Decisions::default(), 0);
    assert_eq!((counted.ambiguous.len(), counted.ambiguous_total), (0, 1));
    // Joined with one of them: the other has nowhere to go.
    let joined = ask(&Decisions {
        join: vec![(0, 2)],
        ..Decisions::default()
    });
    assert_eq!(
        (joined.clusters.members(joined.clusters.of(0)), joined.ambiguous_total),
        (&[0, 2][..], 0)
    );
    assert_eq!(joined.clusters.rule(2), Some(Rule::Decision));
    // Both are Ann: they speak with one voice, and the rules do the rest.
    let both = ask(&Decisions {
        join: vec![(2, 1)],
        ..Decisions::default()
    });
    assert_eq!(
        (both.clusters.members(both.clusters.of(0)), both.ambiguous_total),
        (&[0, 1, 2][..], 0)
    );
    assert_eq!(
        (both.clusters.rule(1), both.clusters.rule(2)),
        (Some(Rule::Email), Some(Rule::Decision))
    );
    // Neither is Ann.
    let neither = ask(&Decisions {
        separate: vec![(0, 1), (2, 0)],
        ..Decisions::default()
    });
    assert_eq!(
        (neither.clusters.members(neither.clusters.of(0)), neither.ambiguous_total),
        (&[0][..], 0)
    );
}

/// Accounts of three kinds of system: 0 and 1 speak SCIM, 2 is Azure, 3 Backstage.
fn kinds(accounts: Vec<Account>) -> Table {
    let says = |account: &Account, key| match (key, account.rank) {
        (Key::EntraId, 2) => Some(account.id.clone()),
        (Key::EntraId | Key::ExternalId, _) => Some(account.external.clone()),
        (Key::Id, _) => Some(account.id.clone()),
        (Key::Email, _) => Some(account.email.to_lowercase()),
        (Key::UserName, _) | (Key::EmailName | Key::UserNameName, 3) => Some(account.user.to_lowercase()),
        (Key::EmailName, _) => Some(backstage_name(&account.email)),
        (Key::UserNameName, _) => Some(backstage_name(&account.user)),
        _ => None,
    };
    let may = |rule, ranks: [u32; 2]| match rule {
        Rule::EntraId => ranks.iter().any(|rank| *rank > 1),
        Rule::BackstageName => ranks.contains(&3),
        _ => true,
    };
    Table(accounts, says, may)
}

#[test]
fn systems_of_three_kinds_meet_by_the_rule_that_fits() {
    let table = kinds(vec![
        of(0, "s1", "guid-1", "ann@acme.test", "ann"),
        of(1, "d1", "guid-1", "", ""),
        of(2, "guid-1", "", "", "ann@acme.onmicrosoft.test"),
        of(3, "user:default/ann_acme.test", "guid-1", "", "ann_acme.test"),
        // No annotation: the provider's name alone.
        of(0, "s2", "", "Bob.Builder+x@Acme.test", "bb"),
        of(3, "user:default/bob.builder_x_acme.test", "", "", "bob.builder_x_acme.test"),
        // The same name would come of both addresses: nothing is guessed, and the two are not joined with one another either.
        of(0, "s3", "", "a+b@acme.test", ""),
        of(2, "guid-3", "", "a_b@acme.test", ""),
        of(0, "s4", "", "a.b@acme.test", ""),
        // No Azure, no Backstage: an external id and not an Entra one.
        of(0, "s5", "guid-5", "", ""),
        of(1, "d5", "guid-5", "", ""),
    ]);
    let found = join(&table, ACCOUNTS, &Decisions::default(), 10);
    let clusters = &found.clusters;
    assert_eq!(clusters.members(clusters.of(0)), [0, 1, 2, 3]);
    assert!((1..4).all(|subject| clusters.rule(subject) == Some(Rule::EntraId)));
    assert_eq!(
        (clusters.members(clusters.of(4)), clusters.rule(5)),
        (&[4, 5][..], Some(Rule::BackstageName))
    );
    assert_eq!(clusters.members(clusters.of(6)), [6]);
    assert_eq!(clusters.members(clusters.of(7)), [7]);
    assert_eq!(
        (clusters.members(clusters.of(9)), clusters.rule(10)),
        (&[9, 10][..], Some(Rule::ExternalId))
    );
    assert!(clusters.by_rule().contains(&(Rule::EntraId, 3)));
    assert!(GROUPS.iter().map(|step| step.rule).is_sorted() && ACCOUNTS.iter().map(|step| step.rule).is_sorted());
}
