//! How a comparison is told: records and changes with their names, addresses and sums.

use std::collections::{BTreeMap, HashSet};

use lanyard_access::Node;
use lanyard_access::diff::{Changed, Place};
use lanyard_access::world::State;

use super::compare::{Told, Work};
use super::net::NetRecord;
use crate::map::{Map, address};
use crate::record::{ItemKind, ResourceKind};
use crate::view::{AccessChange, AccessSum, NodeRef, RecordChange};

/// Sums of access that are told of one change.
const MOST_SUMS: usize = 24;
/// Reasons that are told of one gain or loss.
const MOST_REASONS: usize = 6;

impl Work<'_> {
    /// Sums of changes by role, scope and state: what was gained, and what was lost.
    pub(super) fn sums(&self, changes: &[u32]) -> (Vec<AccessSum>, Vec<AccessSum>) {
        let mut sums: BTreeMap<(bool, Place, Place, Option<State>), HashSet<u32>> = BTreeMap::new();
        for at in changes {
            let changed = &self.difference.changes[*at as usize];
            let gained = changed.is_gain();
            let state = if gained { changed.after } else { changed.before };
            sums.entry((gained, changed.role, changed.scope, state))
                .or_default()
                .insert(changed.person);
        }
        let (mut gained, mut lost) = (Vec::new(), Vec::new());
        for ((is_gain, role, scope, state), people) in sums {
            let (role, scope, (privileged, _)) = self.nodes(role, scope);
            let sum = AccessSum {
                role,
                scope,
                state: Map::state_told(state.unwrap_or(State::Active)),
                privileged,
                people: people.len() as u32,
            };
            if is_gain { gained.push(sum) } else { lost.push(sum) }
        }
        for list in [&mut gained, &mut lost] {
            list.sort_by_cached_key(|sum| {
                (
                    !sum.privileged,
                    u32::MAX - sum.people,
                    sum.role.name.to_lowercase(),
                    sum.scope.name.to_lowercase(),
                )
            });
            list.truncate(MOST_SUMS);
        }
        (gained, lost)
    }

    /// A role and a scope as views show them, from the later side where they are there; and whether the role is privileged or can restore.
    pub(super) fn nodes(&self, role: Place, scope: Place) -> (NodeRef, NodeRef, (bool, bool)) {
        let of = |later: bool, role: u32| (self.half(later).map.role_node(role), self.half(later).map.weight_of(role));
        // Each has a number on one of the sides, or it would not have been compared.
        let (role, weight) = match (role.after, role.before) {
            (Some(role), _) => of(true, role),
            (None, role) => of(false, role.unwrap_or_default()),
        };
        let scope = match (scope.after, scope.before) {
            (Some(scope), _) => self.after.map.scope_node(scope),
            (None, scope) => self.before.map.scope_node(scope.unwrap_or_default()),
        };
        (role, scope, weight)
    }

    /// What an assignment is called, where a record is one.
    pub(super) fn name(&self, record: &NetRecord) -> String {
        let ResourceKind::Item(kind) = record.kind else {
            return record.name.clone();
        };
        if !kind.is_assignment() {
            return record.name.clone();
        }
        let words = |later: bool| {
            let half = self.half(later);
            let given = half.map.given_by(&half.records, record.source, Some(kind), &record.id).first();
            given
                .and_then(|at| half.map.assignment_words(*at))
                .or_else(|| half.map.lost_words_of(record.source, &record.id))
        };
        let sides = if record.is { [true, false] } else { [false, true] };
        sides.into_iter().find_map(words).unwrap_or_else(|| record.name.clone())
    }

    pub(super) fn why(&self, record: &NetRecord, change: RecordChange, name: &str) -> String {
        let what = match record.kind {
            ResourceKind::User => "the account",
            ResourceKind::Service => "the service principal",
            ResourceKind::Group => "the group",
            ResourceKind::Item(kind) if kind.is_assignment() => {
                return match change {
                    RecordChange::Appeared => format!("was given {name}"),
                    RecordChange::Gone => format!("was taken away: {name}"),
                    RecordChange::Changed => format!("was changed: {name}"),
                };
            }
            ResourceKind::Item(ItemKind::RbacRole | ItemKind::RoleDefinition) => "the role",
            ResourceKind::Item(ItemKind::RbacPolicy | ItemKind::RbacCondition) => "the policy",
            ResourceKind::Item(ItemKind::DenyAssignment) => "the deny assignment",
            ResourceKind::Item(_) => "",
        };
        let what = if what.is_empty() { String::new() } else { format!("{what} ") };
        match change {
            RecordChange::Appeared => format!("{what}{name} came to be"),
            RecordChange::Gone => format!("{what}{name} is gone"),
            RecordChange::Changed => format!("{what}{name} was changed"),
        }
    }

    /// Where a record is shown, where it is held at the later moment.
    pub(super) fn address(&self, record: &NetRecord) -> Option<String> {
        let map = self.after.map;
        match record.kind {
            ResourceKind::User | ResourceKind::Service | ResourceKind::Group => {
                Some(map.end_node(map.node_of(record.source, &record.id)?).key)
            }
            ResourceKind::Item(ItemKind::RoleDefinition | ItemKind::RbacRole) => {
                Some(map.role_node(map.role_of_record(record.source, &record.id)?).key)
            }
            ResourceKind::Item(kind) => {
                let given = map.given_by(&self.after.records, record.source, Some(kind), &record.id);
                let whole = kind.is_assignment();
                let scope = || {
                    let text = address::scope(record.source, &record.id);
                    map.document_row(&text).map(|_| text)
                };
                match given.first() {
                    Some(_) if whole => Some(address::assignment(record.source, &record.id)),
                    _ => scope(),
                }
            }
        }
    }

    /// Gains and losses as views show them, privileged first, then by person; and by their numbers here, where each stands there.
    pub(super) fn told(&self) -> (Vec<Told>, Vec<u32>) {
        let mut all: Vec<(usize, Told)> = Vec::with_capacity(self.difference.changes.len());
        for (at, changed) in self.difference.changes.iter().enumerate() {
            all.push((at, self.tell(at, changed)));
        }
        all.sort_by_cached_key(|(_, told)| {
            let change = &told.change;
            (
                !change.privileged,
                change.identity.name.to_lowercase(),
                change.identity.key.clone(),
                change.role.name.to_lowercase(),
                change.scope.name.to_lowercase(),
                change.scope.key.clone(),
            )
        });
        let mut places = vec![0; all.len()];
        for ((at, _), place) in all.iter().zip(0u32..) {
            places[*at] = place;
        }
        (all.into_iter().map(|(_, told)| told).collect(), places)
    }

    fn tell(&self, at: usize, changed: &Changed) -> Told {
        let person = &self.difference.people[changed.person as usize];
        let (role, scope, (privileged, can_restore)) = self.nodes(changed.role, changed.scope);
        let later = !person.after.is_empty();
        let half = self.half(later);
        let clusters = if later { &person.after } else { &person.before };
        let accounts = |later: bool| -> Vec<Node> {
            let clusters = if later { &person.after } else { &person.before };
            let identities = self.half(later).map.directory().identities();
            clusters.iter().flat_map(|cluster| identities.members(*cluster)).copied().collect()
        };
        let mut keys: Vec<String> = [false, true]
            .into_iter()
            .flat_map(|later| {
                let directory = self.half(later).map.directory();
                accounts(later)
                    .into_iter()
                    .map(|node| directory.key_of_node(node))
                    .collect::<Vec<_>>()
            })
            .collect();
        keys.sort_unstable();
        keys.dedup();
        let gained = changed.is_gain();
        let by = self
            .half(gained)
            .place(changed.role)
            .zip(self.half(gained).place(changed.scope))
            .and_then(|(role, scope)| self.half(gained).map.way(&accounts(gained), role, scope));
        let because = &self.because[at];
        Told {
            change: AccessChange {
                identity: half.map.person_node(clusters.first().copied().unwrap_or_default()),
                gained,
                role,
                scope,
                state: changed.after.map(Map::state_told),
                before: changed.before.map(Map::state_told),
                privileged,
                can_restore,
                by: by.unwrap_or_default(),
                because: because.iter().take(MOST_REASONS).map(|(why, _)| why.clone()).collect(),
                seen_at: because.iter().map(|(_, at)| *at).max(),
            },
            keys,
        }
    }
}
