//! The graph agrees with plain sets, its walks with a search that tries every way.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use lanyard_access::{Graph, Memberships, NodeKind};
use proptest::prelude::*;

const ACCOUNTS: u32 = 9;
const GROUPS: u32 = 7;
const DANGLING: u32 = 3;

fn edges() -> impl Strategy<Value = Vec<(u32, u32)>> {
    prop::collection::vec((0..GROUPS + 1, 0..ACCOUNTS + GROUPS + DANGLING + 1), 0..70)
}

fn plain(edges: &[(u32, u32)]) -> BTreeMap<u32, BTreeSet<u32>> {
    let mut plain: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for (group, member) in edges {
        if *group < GROUPS && *member < ACCOUNTS + GROUPS + DANGLING {
            plain.entry(*group).or_default().insert(*member);
        }
    }
    plain
}

/// Steps from a group down to each node.
fn distances(plain: &BTreeMap<u32, BTreeSet<u32>>, group: u32) -> BTreeMap<u32, usize> {
    let mut found = BTreeMap::from([(ACCOUNTS + group, 0)]);
    let mut todo = VecDeque::from([group]);
    while let Some(at) = todo.pop_front() {
        let steps = found[&(ACCOUNTS + at)];
        for member in plain.get(&at).into_iter().flatten() {
            if !found.contains_key(member) {
                found.insert(*member, steps + 1);
                if (ACCOUNTS..ACCOUNTS + GROUPS).contains(member) {
                    todo.push_back(member - ACCOUNTS);
                }
            }
        }
    }
    found
}

proptest! {
    #[test]
    fn both_tables_hold_what_came_in(edges in edges()) {
        let mut list = Memberships::default();
        for (group, member) in &edges {
            list.push(*group, *member);
        }
        let plain = plain(&edges);
        let graph = Graph::new(ACCOUNTS, GROUPS, DANGLING, list);
        prop_assert_eq!(graph.memberships(), plain.values().map(BTreeSet::len).sum::<usize>());
        for group in 0..GROUPS {
            let members: Vec<u32> = plain.get(&group).into_iter().flatten().copied().collect();
            prop_assert_eq!(graph.members(group), &members[..]);
            prop_assert!(graph.member_accounts(group).iter().all(|node| graph.kind(*node) == NodeKind::Account));
            prop_assert!(graph.member_groups(group).iter().all(|node| graph.kind(*node) == NodeKind::Group));
        }
        for node in 0..graph.nodes() {
            let of: Vec<u32> = plain.iter().filter(|(_, members)| members.contains(&node)).map(|(group, _)| graph.group_node(*group)).collect();
            prop_assert_eq!(graph.groups_of(node), &of[..]);
        }
    }

    #[test]
    fn walks_find_all_by_a_shortest_way(edges in edges()) {
        let mut list = Memberships::default();
        for (group, member) in &edges {
            list.push(*group, *member);
        }
        let plain = plain(&edges);
        let graph = Graph::new(ACCOUNTS, GROUPS, DANGLING, list);
        for group in 0..GROUPS {
            let expected = distances(&plain, group);
            let nested = graph.nested(group);
            let mut found = BTreeMap::new();
            for (place, (inner, _)) in nested.groups.iter().enumerate() {
                found.insert(ACCOUNTS + inner, nested.way(place as u32).len());
            }
            for (node, place) in nested.accounts.iter().chain(&nested.dangling) {
                let way = nested.way(*place);
                let mut at = group;
                for step in &way {
                    prop_assert!(plain[&at].contains(&(ACCOUNTS + step)));
                    at = *step;
                }
                prop_assert!(plain[&at].contains(node));
                found.insert(*node, way.len() + 1);
            }
            prop_assert_eq!(&found, &expected);
        }
        for node in 0..ACCOUNTS {
            let ways = graph.ways_in(node);
            let expected: BTreeMap<u32, usize> = (0..GROUPS).filter_map(|group| Some((group, *distances(&plain, group).get(&node)?))).collect();
            let found: BTreeMap<u32, usize> = ways.groups.iter().enumerate().map(|(place, (group, _))| (*group, ways.way(place).len() + 1)).collect();
            prop_assert_eq!(&found, &expected);
            prop_assert!(ways.groups.iter().enumerate().all(|(place, (group, _))| ways.is_direct(place) == plain[group].contains(&node)));
        }
    }

    #[test]
    fn marks_are_reached_from_above(edges in edges(), marked in prop::collection::btree_set(0..GROUPS, 0..3)) {
        let mut list = Memberships::default();
        for (group, member) in &edges {
            list.push(*group, *member);
        }
        let plain = plain(&edges);
        let reaches = Graph::new(ACCOUNTS, GROUPS, DANGLING, list).reaches(|group| marked.contains(&group));
        for group in 0..GROUPS {
            let expected = distances(&plain, group).keys().any(|node| node.checked_sub(ACCOUNTS).is_some_and(|inner| marked.contains(&inner)));
            prop_assert_eq!(reaches[group as usize], expected);
        }
    }
}
