//! Where sources differ about an identity or a linked group.
//!
//! Two values differ when both are held and are not the same. A value that one source does not hold is no difference: many
//! systems hold no title or department for anybody.

use std::collections::HashMap;

use lanyard_access::findings::scene::attribute;
use lanyard_access::{Clusters, Graph};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::SourceFacts;
use super::columns::{Accounts, Groups, field, mark};
use super::intern::{Interned, NONE};
use super::subjects::lower;
use crate::view::CoverageState;

/// Whether two texts are the same once composed.
pub fn same_text(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let composed = |text: &str| is_nfc_quick(text.chars()) == IsNormalized::Yes;
    (!composed(one) || !composed(other)) && one.nfc().eq(other.nfc())
}

/// Whether two texts are the same, composed and without regard to case.
pub fn same_letters(one: &str, other: &str) -> bool {
    one == other || one.nfc().flat_map(char::to_lowercase).eq(other.nfc().flat_map(char::to_lowercase))
}

/// Marks accounts that differ from the leading one of their identity.
pub fn mark_accounts(accounts: &mut Accounts, people: &Clusters) {
    if people.is_trivial() {
        return;
    }
    let mut compared = Compared::default();
    for person in 0..people.len() {
        let [lead, others @ ..] = people.members(person) else { continue };
        for other in others {
            let differs =
                states_differ(accounts.active(*lead), accounts.active(*other)) || compared.attributes(accounts, people, *lead, *other) != 0;
            if differs {
                accounts.marks[*other as usize] |= mark::DIFFERS;
            }
        }
    }
}

/// What was compared already: titles and departments repeat.
#[derive(Debug, Default)]
pub struct Compared {
    titles: HashMap<(u32, u32), bool>,
    departments: HashMap<(u32, u32), bool>,
}

impl Compared {
    /// The attributes with columns of their own by which two accounts differ, a bit each.
    pub fn attributes(&mut self, accounts: &Accounts, people: &Clusters, lead: u32, other: u32) -> u32 {
        let (here, there) = (lead as usize, other as usize);
        let title = numbers_differ(&accounts.titles, accounts.title[here], accounts.title[there], &mut self.titles);
        let department = numbers_differ(
            &accounts.departments,
            accounts.department[here],
            accounts.department[there],
            &mut self.departments,
        );
        let bits = [
            (title, attribute::TITLE),
            (department, attribute::DEPARTMENT),
            (emails_differ(accounts, lead, other), attribute::EMAIL),
            (names_differ(accounts, lead, other), attribute::NAME),
            (managers_differ(accounts, people, lead, other), attribute::MANAGER),
        ];
        bits.iter().filter(|(differs, _)| *differs).fold(0, |all, (_, bit)| all | bit)
    }
}

/// Whether two user names are not the same, whatever the case.
pub fn user_names_differ(accounts: &Accounts, one: u32, other: u32) -> bool {
    let (mut a, mut b) = (String::new(), String::new());
    let one = lower(&accounts.texts, one, field::USER_NAME, &mut a);
    let other = lower(&accounts.texts, other, field::USER_NAME, &mut b);
    !one.is_empty() && !other.is_empty() && one != other
}

/// Whether the managers of two accounts are different people. Two that were not joined may still be the same one: they are different where one of
/// them has an account where the other one was named.
fn managers_differ(accounts: &Accounts, people: &Clusters, lead: u32, other: u32) -> bool {
    let (Some(here), Some(there)) = (accounts.manager(lead), accounts.manager(other)) else {
        return false;
    };
    let (one, another) = (people.of(here), people.of(there));
    let is_at = |person: u32, account: u32| {
        let place = accounts.source[account as usize];
        people
            .members(person)
            .iter()
            .any(|member| accounts.source[*member as usize] == place)
    };
    one != another && (is_at(another, lead) || is_at(one, other))
}

fn states_differ(one: Option<bool>, other: Option<bool>) -> bool {
    one.is_some() && other.is_some() && one != other
}

/// Whether two texts of a table differ; pairs that were compared before are remembered.
fn numbers_differ(table: &Interned, one: u32, other: u32, known: &mut HashMap<(u32, u32), bool>) -> bool {
    if one == other || one == NONE || other == NONE {
        return false;
    }
    *known
        .entry((one, other))
        .or_insert_with(|| !same_text(table.get(one), table.get(other)))
}

fn emails_differ(accounts: &Accounts, one: u32, other: u32) -> bool {
    let (mut a, mut b) = (String::new(), String::new());
    let one = lower(&accounts.texts, one, field::EMAIL, &mut a);
    let other = lower(&accounts.texts, other, field::EMAIL, &mut b);
    !one.is_empty() && !other.is_empty() && one != other
}

fn names_differ(accounts: &Accounts, one: u32, other: u32) -> bool {
    let texts = &accounts.texts;
    if texts.folded(one, field::NAME) == texts.folded(other, field::NAME) && texts.same_original((one, field::NAME), (other, field::NAME)) {
        return false;
    }
    match (real_name(accounts, one), real_name(accounts, other)) {
        (Some(one), Some(other)) => !same_text(&one, &other),
        _ => false,
    }
}

/// The display name, unless the user name or the address stands in for it.
fn real_name(accounts: &Accounts, account: u32) -> Option<std::borrow::Cow<'_, str>> {
    let name = accounts.texts.text(account, field::NAME)?;
    let stands_in = (field::USER_NAME..=field::ID).any(|which| accounts.texts.original(account, which) == name);
    (!stands_in).then_some(name)
}

/// Marks groups that differ from the leading one of their linked group: another name, or other direct members.
pub fn mark_groups(groups: &mut Groups, sources: &[SourceFacts], linked: &Clusters, people: &Clusters, graph: &Graph) {
    if linked.is_trivial() {
        return;
    }
    let complete = |groups: &Groups, group: u32| {
        groups.has(group, mark::LISTED) && sources[usize::from(groups.source[group as usize])].members_complete == CoverageState::Complete
    };
    // Who a member is, over all sources; ids that are not held are nobody.
    let who = |node: u32| match graph.group_ordinal(node) {
        Some(group) => Some((people.len() + linked.of(group)) as usize),
        None if node < graph.accounts() => Some(people.of(node) as usize),
        None => None,
    };
    let mut seen = vec![0u32; (people.len() + linked.len()) as usize];
    let mut stamp = 0;
    for cluster in 0..linked.len() {
        let [lead, others @ ..] = linked.members(cluster) else { continue };
        for other in others {
            let mut differs = !same_text(&groups.name(*lead), &groups.name(*other));
            if !differs && complete(groups, *lead) && complete(groups, *other) {
                let (here, there) = (stamp + 1, stamp + 2);
                stamp += 2;
                let mut left = 0u32;
                for member in graph.members(*lead).iter().filter_map(|node| who(*node)) {
                    left += u32::from(seen[member] != here);
                    seen[member] = here;
                }
                for member in graph.members(*other).iter().filter_map(|node| who(*node)) {
                    if seen[member] == here {
                        left -= 1;
                    } else if seen[member] != there {
                        differs = true;
                    }
                    seen[member] = there;
                }
                differs |= left > 0;
            }
            if differs {
                groups.marks[*other as usize] |= mark::DIFFERS;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composition_and_case() {
        assert!(same_text("Siobh\u{e1}n", "Siobha\u{301}n"));
        assert!(!same_text("Siobhán", "Siobhan"));
        assert!(!same_text("Ops", "ops"));
        assert!(same_letters("JOSÉ@x", "jose\u{301}@X"));
        assert!(!same_letters("jose@x", "josé@x"));
    }
}
