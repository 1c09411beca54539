//! Ready-made narrowings of People and Groups, as sets that are made once with the picture.

use std::collections::HashSet;

use super::Directory;
use super::bits::Bits;
use super::columns::mark;
use crate::view::{CoverageState, GroupFacet, PeopleFacet, SlotState};

/// The narrowings of People, in the order in which they are shown.
pub const PEOPLE: [PeopleFacet; 7] = [
    PeopleFacet::Everyone,
    PeopleFacet::Active,
    PeopleFacet::Disabled,
    PeopleFacet::Service,
    PeopleFacet::Differs,
    PeopleFacet::LeftBehind,
    PeopleFacet::Unconfirmed,
];

/// The narrowings of Groups, in the order in which they are shown.
pub const GROUPS: [GroupFacet; 5] = [
    GroupFacet::All,
    GroupFacet::Empty,
    GroupFacet::Nested,
    GroupFacet::Differs,
    GroupFacet::Unconfirmed,
];

/// The set of each narrowing of People but the first, which holds everyone, and how many it holds.
pub fn people(directory: &Directory) -> Vec<(Bits, u32)> {
    let count = directory.people.len();
    let mut sets: Vec<Bits> = PEOPLE[1..].iter().map(|_| Bits::none(count)).collect();
    let accounts = &directory.accounts;
    let undecided: HashSet<u32> = directory
        .open
        .accounts
        .0
        .iter()
        .flat_map(|open| open.subjects.iter().copied())
        .collect();
    for person in 0..count {
        let members = directory.people.members(person);
        let states = || members.iter().map(|account| accounts.state(*account));
        let any = |mark| members.iter().any(|account| accounts.has(*account, mark));
        let held = [
            states().any(|state| state == SlotState::Active),
            states().all(|state| state == SlotState::Disabled),
            any(mark::SERVICE),
            any(mark::DIFFERS),
            is_left_behind(directory, members, &undecided),
            any(mark::UNCONFIRMED),
        ];
        for (set, held) in sets.iter_mut().zip(held) {
            if held {
                set.add(person);
            }
        }
    }
    counted(sets)
}

/// Whether an account that is not disabled is left downstream though the authoritative source holds none, or a disabled one.
/// Where the authoritative source was not read in full, that nobody is there is not known. Machines need not be there: one that it does not
/// hold has not left. And nobody is known to have left who may be one of those that the rules could not tell apart.
fn is_left_behind(directory: &Directory, members: &[u32], undecided: &HashSet<u32>) -> bool {
    let Some(lead) = directory.lead else { return false };
    let accounts = &directory.accounts;
    let source = |account: &u32| accounts.source[*account as usize];
    let mut leading = members.iter().filter(|account| source(account) == lead).peekable();
    let gone = match leading.peek() {
        None => {
            let all_read = directory.sources[usize::from(lead)].users_complete == CoverageState::Complete;
            all_read && !members.iter().any(|account| undecided.contains(account))
        }
        Some(_) => leading.all(|account| accounts.state(*account) == SlotState::Disabled),
    };
    let was_there = members.iter().any(|account| source(account) == lead);
    gone && members.iter().any(|account| {
        let belongs = was_there || !accounts.has(*account, mark::SERVICE);
        belongs && source(account) != lead && accounts.state(*account) != SlotState::Disabled
    })
}

/// The set of each narrowing of Groups but the first, which holds all, and how many it holds.
pub fn groups(directory: &Directory) -> Vec<(Bits, u32)> {
    let count = directory.linked.len();
    let mut sets: Vec<Bits> = GROUPS[1..].iter().map(|_| Bits::none(count)).collect();
    for cluster in 0..count {
        let members = directory.linked.members(cluster);
        let lead = directory.linked.leader(cluster);
        let counts = directory.counts[lead as usize];
        let any = |mark| members.iter().any(|group| directory.groups.has(*group, mark));
        let held = [
            directory.groups.has(lead, mark::LISTED) && counts.accounts + counts.groups + counts.dangling == 0,
            members.iter().any(|group| directory.counts[*group as usize].groups > 0),
            any(mark::DIFFERS),
            any(mark::UNCONFIRMED),
        ];
        for (set, held) in sets.iter_mut().zip(held) {
            if held {
                set.add(cluster);
            }
        }
    }
    counted(sets)
}

fn counted(sets: Vec<Bits>) -> Vec<(Bits, u32)> {
    sets.into_iter()
        .map(|set| (set.count(), set))
        .map(|(count, set)| (set, count))
        .collect()
}

/// How many linked groups each identity is in, directly.
pub fn groups_per_person(directory: &Directory) -> Vec<u32> {
    let mut found = Vec::new();
    let count = |person| {
        found.clear();
        for account in directory.people.members(person) {
            let groups = directory
                .graph
                .groups_of(*account)
                .iter()
                .filter_map(|node| directory.graph.group_ordinal(*node));
            found.extend(groups.map(|group| directory.linked.of(group)));
        }
        // Within one source groups are different already, and not joined with each other.
        if directory.people.members(person).len() > 1 {
            found.sort_unstable();
            found.dedup();
        }
        found.len() as u32
    };
    (0..directory.people.len()).map(count).collect()
}
