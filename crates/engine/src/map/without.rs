//! What would go if an edge went.

use std::collections::BTreeMap;
use std::time::Instant;

use lanyard_access::world::State;
use lanyard_access::{Edge, NodeKind, Without};

use super::Map;
use super::address::EdgeAddress;
use super::ask::missing;
use super::caveats::{bears_on, bears_on_any};
use super::words::state;
use crate::Error;
use crate::view::{Caveat, Kept, Loss, WhatIf};

/// Losses and holdings kept that are listed.
const LISTED: usize = 200;
/// Lines of the summary that tell of one role each.
const LINES: usize = 6;
/// Names in a line.
const NAMES: usize = 3;

impl Map {
    /// What would go if an edge went: a membership, an assignment, or all memberships of a group.
    ///
    /// # Errors
    /// When there is no such edge.
    pub fn without(&self, edge: &str) -> Result<WhatIf, Error> {
        let started = Instant::now();
        let (edges, text) = self.edges(edge).ok_or_else(|| missing("edge", edge))?;
        let graph = self.directory.graph();
        let clusters = self.directory.identities();
        let all = self.world.without(graph, clusters, &edges, LISTED);
        let losses = all.losses.iter().map(|loss| Loss {
            identity: self.person_ref(loss.cluster),
            role: self.role_ref(loss.role),
            scope: self.scope_ref(loss.scope),
            before: state(loss.before),
            after: loss.after.map(state),
        });
        let kept = all.kept.iter().map(|kept| Kept {
            identity: self.person_ref(kept.cluster),
            role: self.role_ref(kept.role),
            scope: self.scope_ref(kept.scope),
            by: self.stays_by(&kept.path),
        });
        Ok(WhatIf {
            edge: edge.to_owned(),
            text,
            people: all.losers,
            losses_total: all.losses_total,
            losses: losses.collect(),
            kept_total: all.kept_total,
            kept: kept.collect(),
            summary: self.summary(&all),
            caveats: self.caveats_without(&edges, &all),
            stamp: self.stamp(started),
        })
    }

    /// What was not read and can change the answer: the rights that the edge leads to, all in its own source, and who is who there.
    fn caveats_without(&self, edges: &[Edge], all: &Without) -> Vec<Caveat> {
        let directory = &self.directory;
        let Some((place, kinds)) = edges.first().and_then(|edge| match edge {
            Edge::Member { group, .. } | Edge::Emptied(group) => {
                let ordinal = directory.graph().group_ordinal(*group)?;
                Some((directory.place_of_group(ordinal), bears_on_any()))
            }
            Edge::Assignment(at) => {
                let role = &self.roles[self.world.assignment(*at)?.role as usize];
                Some((role.place, bears_on(role.sort).to_vec()))
            }
        }) else {
            return self.caveats();
        };
        let mut told = self.caveats_of(place, &kinds);
        // Where not all is listed, any role of the source may be among the rest.
        let listed = all.losses.len() as u32 == all.losses_total
            && all.kept.len() as u32 == all.kept_total
            && all.gains.len() as u32 == all.gains_total;
        let mut roles: Vec<u32> = all.losses.iter().map(|loss| loss.role).collect();
        roles.extend(all.kept.iter().map(|kept| kept.role));
        roles.extend(all.gains.iter().map(|gain| gain.role));
        told.extend(self.unread_roles(|role| roles.contains(&role) || (!listed && self.roles[role as usize].place == place)));
        told
    }

    /// By which way a holding stays: "a direct assignment", "by payments in backup-operators".
    fn stays_by(&self, path: &lanyard_access::Path) -> String {
        if path.nodes.len() < 2 {
            "a direct assignment".into()
        } else {
            self.by(path)
        }
    }

    /// The edges behind an address, and what it is in words.
    fn edges(&self, text: &str) -> Option<(Vec<Edge>, String)> {
        let directory = &self.directory;
        let graph = directory.graph();
        let exists = |group: &str, member: &str| directory.group_of_key(group).is_some() && directory.node_of_key(member).is_some();
        match EdgeAddress::read(text, exists)? {
            EdgeAddress::Member(group, member) => {
                let ordinal = directory.group_of_key(group)?;
                let (group, member) = (graph.group_node(ordinal), directory.node_of_key(member)?);
                graph.members(ordinal).binary_search(&member).ok()?;
                let (from, to) = (self.end_ref(member).name, self.end_ref(group).name);
                let text = match graph.kind(member) {
                    NodeKind::Group => format!("{from} is no longer nested in {to}"),
                    _ => format!("{from} is no longer a direct member of {to}"),
                };
                Some((vec![Edge::Member { group, member }], text))
            }
            EdgeAddress::Emptied(key) => {
                let group = graph.group_node(directory.group_of_key(key)?);
                Some((
                    vec![Edge::Emptied(group)],
                    format!("{} has no members any more", self.end_ref(group).name),
                ))
            }
            EdgeAddress::Assignment(source, id) => {
                let all = self.assignment_index.get(&(self.place_of(source)?, id.into()))?;
                let first = self.world.assignment(*all.first()?)?;
                let (who, role) = (self.end_ref(first.principal).name, &self.roles[first.role as usize].name);
                let scopes: Vec<&str> = all
                    .iter()
                    .filter_map(|at| self.world.assignment(*at))
                    .map(|given| &*self.scopes[given.scope as usize].name)
                    .collect();
                let verb = if first.state == State::Eligible {
                    "can no longer activate"
                } else {
                    "no longer holds"
                };
                let edges = all.iter().map(|at| Edge::Assignment(*at)).collect();
                Some((edges, format!("{who} {verb} {role} on {}", scopes.join(", "))))
            }
        }
    }

    fn summary(&self, all: &Without) -> Vec<String> {
        let mut lines = Vec::new();
        // By role and scope: how many lose it, and the first of them.
        let mut losses: BTreeMap<(u32, u32, bool), Vec<u32>> = BTreeMap::new();
        for loss in &all.losses {
            losses
                .entry((loss.role, loss.scope, loss.after.is_some()))
                .or_default()
                .push(loss.cluster);
        }
        let listed_all = all.losses.len() as u32 == all.losses_total;
        let mut by_size: Vec<_> = losses.into_iter().collect();
        by_size.sort_by_key(|((role, ..), people)| (!self.privileged[*role as usize], std::cmp::Reverse(people.len())));
        for ((role, scope, weaker), people) in by_size.iter().take(LINES) {
            let what = format!("{} on {}", self.roles[*role as usize].name, self.scopes[*scope as usize].name);
            let at_least = if listed_all { "" } else { "at least " };
            let (who, one) = self.people_in_words(people);
            let verb = match (weaker, one) {
                (false, true) => "loses",
                (false, false) => "lose",
                (true, true) => "keeps less of",
                (true, false) => "keep less of",
            };
            lines.push(format!("{at_least}{who} {verb} {what}"));
        }
        if by_size.len() > LINES {
            lines.push(format!("and {} more roles on scopes", by_size.len() - LINES));
        }
        let mut kept: BTreeMap<u32, Vec<&lanyard_access::Kept>> = BTreeMap::new();
        for one in &all.kept {
            kept.entry(one.cluster).or_default().push(one);
        }
        for (person, holdings) in kept.iter().take(NAMES) {
            let name = self.person_ref(*person).name;
            if let Some(first) = holdings.first() {
                let what = format!(
                    "{} on {}",
                    self.roles[first.role as usize].name, self.scopes[first.scope as usize].name
                );
                let more = match holdings.len() {
                    1 => String::new(),
                    more => format!(" and {} more", more - 1),
                };
                lines.push(format!("{name} keeps {what}{more}: {}", self.stays_by(&first.path)));
            }
        }
        if kept.len() > NAMES {
            lines.push(format!("{} more keep what they have, by another way", kept.len() - NAMES));
        }
        if all.gains_total > 0 {
            let text = if all.gains_total == 1 {
                "1 holding grows".to_owned()
            } else {
                format!("{} holdings grow", all.gains_total)
            };
            lines.push(format!("{text}: a deny would go with it"));
        }
        if lines.is_empty() {
            lines.push(if all.affected == 0 {
                "Nobody is reached by it".into()
            } else {
                "Nobody loses anything".into()
            });
        }
        lines
    }

    /// "17 people", or a single one's name; and whether it is a single one.
    fn people_in_words(&self, people: &[u32]) -> (String, bool) {
        match people {
            [one] => (self.person_ref(*one).name, true),
            more => (format!("{} people", more.len()), false),
        }
    }
}
