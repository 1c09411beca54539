//! What differs between two worlds: who gained and who lost which role on which scope.
//!
//! Only identities are looked at that a difference can reach: who is below a membership or an assignment that came or went, who holds a role that permits
//! something else, whom a deny names that is not the same. What is numbered differently on the two sides is held together by the caller's [`Mapping`].

use std::collections::HashMap;

use crate::correlate::Clusters;
use crate::graph::{Graph, Node};
use crate::world::{Deny, RoleIndex, ScopeIndex, State, Whom, World};

/// No counterpart on the other side.
pub const NONE: u32 = u32::MAX;

/// One of the two worlds.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// Who is in what.
    pub graph: &'a Graph,
    /// Which accounts are one identity.
    pub clusters: &'a Clusters,
    /// Who holds what.
    pub world: &'a World,
}

/// What of the earlier side is what on the later one: by number of the earlier side, [`NONE`] where it is not there any more.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// Accounts and groups, by node.
    pub nodes: Vec<Node>,
    /// Roles.
    pub roles: Vec<RoleIndex>,
    /// Scopes.
    pub scopes: Vec<ScopeIndex>,
}

/// A number on both sides, where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// On the earlier side.
    pub before: Option<u32>,
    /// On the later side.
    pub after: Option<u32>,
}

/// An identity of both sides. Where it was joined otherwise, several identities of one side are one here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Its identities on the earlier side, as the clusters number them.
    pub before: Vec<u32>,
    /// Its identities on the later side.
    pub after: Vec<u32>,
}

/// A role on a scope that goes otherwise than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Whose: a place in [`Difference::people`].
    pub person: u32,
    /// The role.
    pub role: Place,
    /// The scope.
    pub scope: Place,
    /// The best state before; none where it was not held.
    pub before: Option<State>,
    /// The best state after; none where it is not held.
    pub after: Option<State>,
}

/// How far a state gives anything: the less the better; none where it gives nothing.
fn given(state: Option<State>) -> Option<State> {
    state.filter(|state| !matches!(state, State::Denied | State::NotFollowed))
}

impl Changed {
    /// Whether it gives more than before. What neither gave nor gives anything is no change.
    pub fn is_gain(&self) -> bool {
        match (given(self.before), given(self.after)) {
            (before, Some(after)) => before.is_none_or(|before| after < before),
            (_, None) => false,
        }
    }
}

/// What differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Those that gained or lost something.
    pub people: Vec<Person>,
    /// What, by person, role and scope.
    pub changes: Vec<Changed>,
    /// How many identities were looked at.
    pub looked_at: u32,
}

/// Marks over numbers, with the numbers that are marked.
struct Marked {
    is: Vec<bool>,
    all: Vec<u32>,
}

impl Marked {
    fn new(count: u32) -> Self {
        Self {
            is: vec![false; count as usize],
            all: Vec::new(),
        }
    }

    fn add(&mut self, number: u32) {
        if let Some(is) = self.is.get_mut(number as usize)
            && !*is
        {
            *is = true;
            self.all.push(number);
        }
    }
}

/// Turns a mapping round.
fn inverse(mapping: &[u32], count: u32) -> Vec<u32> {
    let mut turned = vec![NONE; count as usize];
    for (from, to) in mapping.iter().zip(0u32..).map(|(to, from)| (from, *to)) {
        if let Some(place) = turned.get_mut(to as usize) {
            *place = from;
        }
    }
    turned
}

fn at(mapping: &[u32], number: u32) -> Option<u32> {
    mapping.get(number as usize).copied().filter(|number| *number != NONE)
}

/// What differs between `before` and `after`.
pub fn diff(before: Side<'_>, after: Side<'_>, mapping: &Mapping) -> Difference {
    let back = inverse(&mapping.nodes, after.graph.nodes());
    let mut reached = Reached {
        before,
        after,
        mapping,
        back,
        was: Marked::new(before.graph.nodes()),
        is: Marked::new(after.graph.nodes()),
    };
    reached.memberships();
    reached.assignments();
    reached.roles();
    reached.denies();
    reached.accounts();
    reached.go_down();
    reached.compare()
}

/// Nodes that a difference reaches, on both sides.
struct Reached<'a> {
    before: Side<'a>,
    after: Side<'a>,
    mapping: &'a Mapping,
    back: Vec<Node>,
    was: Marked,
    is: Marked,
}

impl Reached<'_> {
    fn memberships(&mut self) {
        let (before, after) = (self.before.graph, self.after.graph);
        let mut mapped = Vec::new();
        for group in 0..before.groups() {
            let members = before.members(group);
            let Some(twin) = at(&self.mapping.nodes, before.group_node(group)).and_then(|node| after.group_ordinal(node)) else {
                members.iter().for_each(|member| self.was.add(*member));
                continue;
            };
            let now = after.members(twin);
            mapped.clear();
            for member in members {
                match at(&self.mapping.nodes, *member) {
                    Some(node) => mapped.push(node),
                    None => self.was.add(*member),
                }
            }
            if mapped == now {
                continue;
            }
            mapped.sort_unstable();
            for member in now {
                if mapped.binary_search(member).is_err() {
                    self.is.add(*member);
                }
            }
            for member in &mapped {
                if now.binary_search(member).is_err()
                    && let Some(node) = at(&self.back, *member)
                {
                    self.was.add(node);
                }
            }
        }
        for group in 0..after.groups() {
            if at(&self.back, after.group_node(group)).is_none() {
                after.members(group).iter().for_each(|member| self.is.add(*member));
            }
        }
    }

    fn assignments(&mut self) {
        let key = |given: &crate::world::Assignment| {
            (
                given.principal,
                given.role,
                given.scope,
                given.state,
                given.follow == crate::world::Follow::Direct,
            )
        };
        let mut was = Vec::new();
        for given in &self.before.world.facts().assignments {
            let mapped = (
                at(&self.mapping.nodes, given.principal),
                at(&self.mapping.roles, given.role),
                at(&self.mapping.scopes, given.scope),
            );
            match mapped {
                (Some(principal), Some(role), Some(scope)) => was.push((
                    key(&crate::world::Assignment {
                        principal,
                        role,
                        scope,
                        ..*given
                    }),
                    given.principal,
                )),
                _ => self.was.add(given.principal),
            }
        }
        was.sort_unstable();
        was.dedup_by_key(|(key, _)| *key);
        let mut is: Vec<_> = self.after.world.facts().assignments.iter().map(key).collect();
        is.sort_unstable();
        is.dedup();
        for key in &is {
            if was.binary_search_by_key(key, |(was, _)| *was).is_err() {
                self.is.add(key.0);
            }
        }
        for (key, principal) in &was {
            if is.binary_search(key).is_err() {
                self.was.add(*principal);
            }
        }
    }

    /// Whoever holds a role that permits something else, or something on a scope that lies elsewhere while denies are about.
    fn roles(&mut self) {
        let (before, after) = (self.before.world, self.after.world);
        let roles = |role: &u32| {
            let twin = at(&self.mapping.roles, *role);
            twin.is_some_and(|twin| before.facts().roles.get(*role as usize) != after.facts().roles.get(twin as usize))
        };
        let other: Vec<u32> = (0..before.facts().roles.len() as u32).filter(roles).collect();
        let denies = !before.facts().denies.is_empty() || !after.facts().denies.is_empty();
        let scopes = |scope: &u32| {
            let twin = at(&self.mapping.scopes, *scope);
            denies
                && twin.is_some_and(|twin| {
                    let was = before.scopes().upwards(*scope).map(|scope| at(&self.mapping.scopes, scope));
                    !was.eq(after.scopes().upwards(twin).map(Some))
                })
        };
        let moved: Vec<u32> = (0..before.facts().scopes.len() as u32).filter(scopes).collect();
        if other.is_empty() && moved.is_empty() {
            return;
        }
        let twins = |numbers: &[u32], mapping: &[u32]| numbers.iter().filter_map(|number| at(mapping, *number)).collect::<Vec<_>>();
        let (mut other_now, mut moved_now) = (twins(&other, &self.mapping.roles), twins(&moved, &self.mapping.scopes));
        other_now.sort_unstable();
        moved_now.sort_unstable();
        let touches = |roles: &[u32], scopes: &[u32], given: &&crate::world::Assignment| {
            roles.binary_search(&given.role).is_ok() || scopes.binary_search(&given.scope).is_ok()
        };
        for given in before.facts().assignments.iter().filter(|given| touches(&other, &moved, given)) {
            self.was.add(given.principal);
        }
        for given in after
            .facts()
            .assignments
            .iter()
            .filter(|given| touches(&other_now, &moved_now, given))
        {
            self.is.add(given.principal);
        }
    }

    fn denies(&mut self) {
        let (before, after) = (self.before.world, self.after.world);
        let mapped = |deny: &Deny| {
            let nodes = |nodes: &[Node]| {
                let mut mapped: Vec<Node> = nodes.iter().map(|node| at(&self.mapping.nodes, *node).unwrap_or(NONE)).collect();
                mapped.sort_unstable();
                mapped
            };
            Deny {
                whom: match &deny.whom {
                    Whom::Everybody => Whom::Everybody,
                    Whom::These(these) => Whom::These(nodes(these)),
                },
                except: nodes(&deny.except),
                scope: at(&self.mapping.scopes, deny.scope).unwrap_or(NONE),
                ..deny.clone()
            }
        };
        let sorted = |deny: &Deny| {
            let mut deny = deny.clone();
            deny.except.sort_unstable();
            if let Whom::These(these) = &mut deny.whom {
                these.sort_unstable();
            }
            deny
        };
        let was: Vec<Deny> = before.facts().denies.iter().map(mapped).collect();
        let is: Vec<Deny> = after.facts().denies.iter().map(sorted).collect();
        let went: Vec<&Deny> = before
            .facts()
            .denies
            .iter()
            .zip(&was)
            .filter(|(_, deny)| !is.contains(deny))
            .map(|(deny, _)| deny)
            .collect();
        let came: Vec<&Deny> = is.iter().filter(|deny| !was.contains(deny)).collect();
        if went.iter().chain(&came).any(|deny| deny.whom == Whom::Everybody) {
            before.principals().for_each(|node| self.was.add(node));
            after.principals().for_each(|node| self.is.add(node));
        }
        went.iter().flat_map(|deny| deny.nodes()).for_each(|node| self.was.add(node));
        came.iter().flat_map(|deny| deny.nodes()).for_each(|node| self.is.add(node));
    }

    /// Accounts that came or went, and those that are joined with others than before.
    fn accounts(&mut self) {
        for account in 0..self.before.graph.accounts() {
            let Some(twin) = at(&self.mapping.nodes, account) else {
                self.was.add(account);
                continue;
            };
            let was = self.before.clusters.members(self.before.clusters.of(account));
            let is = self.after.clusters.members(self.after.clusters.of(twin));
            if was.len() == 1 && is.len() == 1 {
                continue;
            }
            let same = was.len() == is.len()
                && was
                    .iter()
                    .all(|member| at(&self.mapping.nodes, *member).is_some_and(|node| is.contains(&node)));
            if !same {
                self.was.add(account);
            }
        }
        for account in 0..self.after.graph.accounts() {
            if at(&self.back, account).is_none() {
                self.is.add(account);
            }
        }
    }

    /// Adds everybody below what is reached.
    fn go_down(&mut self) {
        for (marked, graph) in [(&mut self.was, self.before.graph), (&mut self.is, self.after.graph)] {
            let mut next = 0;
            while let Some(node) = marked.all.get(next).copied() {
                if let Some(group) = graph.group_ordinal(node) {
                    graph.members(group).iter().for_each(|member| marked.add(*member));
                }
                next += 1;
            }
        }
    }

    fn compare(self) -> Difference {
        let (before, after) = (self.before, self.after);
        let mut done = (Marked::new(before.clusters.len()), Marked::new(after.clusters.len()));
        let of_was = self.was.all.iter().filter(|node| **node < before.graph.accounts());
        let of_is = self.is.all.iter().filter(|node| **node < after.graph.accounts());
        let mut answer = Difference::default();
        let begins = of_was
            .map(|account| (true, before.clusters.of(*account)))
            .chain(of_is.map(|account| (false, after.clusters.of(*account))));
        // Later numbers for what the earlier side alone has.
        let (roles_after, scopes_after) = (after.world.facts().roles.len() as u32, after.world.facts().scopes.len() as u32);
        let role_of = |role: u32| at(&self.mapping.roles, role).unwrap_or(roles_after + role);
        let scope_of = |scope: u32| at(&self.mapping.scopes, scope).unwrap_or(scopes_after + scope);
        let roles_back = inverse(&self.mapping.roles, roles_after);
        let scopes_back = inverse(&self.mapping.scopes, scopes_after);
        let place = |number: u32, count: u32, back: &[u32]| {
            if number < count {
                Place {
                    before: at(back, number),
                    after: Some(number),
                }
            } else {
                Place {
                    before: Some(number - count),
                    after: None,
                }
            }
        };
        for (is_before, cluster) in begins {
            let seen = if is_before { &done.0 } else { &done.1 };
            if seen.is.get(cluster as usize).copied().unwrap_or(true) {
                continue;
            }
            let person = self.person(is_before, cluster, &mut done);
            answer.looked_at += 1;
            let accounts = |clusters: &Clusters, of: &[u32]| {
                of.iter()
                    .flat_map(|cluster| clusters.members(*cluster))
                    .copied()
                    .collect::<Vec<Node>>()
            };
            let mut was: Vec<(u32, u32, State)> = before
                .world
                .held(before.graph, &accounts(before.clusters, &person.before))
                .into_iter()
                .map(|(role, scope, state)| (role_of(role), scope_of(scope), state))
                .collect();
            was.sort_unstable();
            let is = after.world.held(after.graph, &accounts(after.clusters, &person.after));
            let number = answer.people.len() as u32;
            let mut changes = merged(&was, &is)
                .map(|(role, scope, before, after)| Changed {
                    person: number,
                    role: place(role, roles_after, &roles_back),
                    scope: place(scope, scopes_after, &scopes_back),
                    before,
                    after,
                })
                .filter(|changed| given(changed.before) != given(changed.after))
                .peekable();
            if changes.peek().is_some() {
                answer.changes.extend(changes);
                answer.people.push(person);
            }
        }
        answer
    }

    /// Everybody who is one identity with a cluster, on either side.
    fn person(&self, is_before: bool, cluster: u32, done: &mut (Marked, Marked)) -> Person {
        let mut person = Person::default();
        let mut open = vec![(is_before, cluster)];
        while let Some((is_before, cluster)) = open.pop() {
            let (done, side, mapping, list) = if is_before {
                (&mut done.0, self.before, &self.mapping.nodes, &mut person.before)
            } else {
                (&mut done.1, self.after, &self.back, &mut person.after)
            };
            if done.is.get(cluster as usize).copied().unwrap_or(true) {
                continue;
            }
            done.add(cluster);
            list.push(cluster);
            for account in side.clusters.members(cluster) {
                if let Some(twin) = at(mapping, *account) {
                    let other = if is_before { self.after.clusters } else { self.before.clusters };
                    open.push((!is_before, other.of(twin)));
                }
            }
        }
        person.before.sort_unstable();
        person.after.sort_unstable();
        person
    }
}

/// Two lists of what is held, ascending, side by side; what is the same on both is left out.
fn merged(was: &[(u32, u32, State)], is: &[(u32, u32, State)]) -> impl Iterator<Item = (u32, u32, Option<State>, Option<State>)> {
    let mut both: HashMap<(u32, u32), (Option<State>, Option<State>)> = HashMap::with_capacity(was.len() + is.len());
    for (role, scope, state) in was {
        both.entry((*role, *scope)).or_default().0.get_or_insert(*state);
    }
    for (role, scope, state) in is {
        both.entry((*role, *scope)).or_default().1.get_or_insert(*state);
    }
    let mut all: Vec<_> = both
        .into_iter()
        .filter(|(_, (before, after))| before != after)
        .map(|((role, scope), (before, after))| (role, scope, before, after))
        .collect();
    all.sort_unstable_by_key(|(role, scope, ..)| (*role, *scope));
    all.into_iter()
}
