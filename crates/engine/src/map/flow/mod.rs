//! The flow: people → groups → roles → scopes in boxes and ribbons, a few hundred at most, whatever the size of the company.
//!
//! What stands alone: the focus, what lies on its paths, what was opened, and the largest. The rest of each column is one box that
//! opens. Ribbons count people, each once.

mod boxes;
mod paths;
mod places;
mod ties;

use std::time::Instant;

use lanyard_access::world::State;
use roaring::RoaringBitmap;

use super::Map;
use super::select::{Narrowed, Selection, Sums};
use super::words::state;
use crate::Error;
use crate::view::{FlowColumn, FlowView, Layer, MapQuery, Ribbon, SourceKind};

/// Everything that is at hand while a flow is made.
struct Making<'a> {
    map: &'a Map,
    query: &'a MapQuery,
    selection: &'a Selection,
    sums: &'a Sums,
    narrowed: Option<Narrowed>,
    /// People on the focus's paths.
    on_people: RoaringBitmap,
    /// Groups (ordinals) on the focus's paths.
    on_groups: RoaringBitmap,
}

impl Map {
    /// The flow of a query.
    ///
    /// # Errors
    /// When its focus or target does not exist.
    pub fn flow(&self, query: &MapQuery) -> Result<FlowView, Error> {
        let started = Instant::now();
        let selection = self.selection(query);
        let making = Making::new(self, query, &selection)?;
        let paths = self.paths_between(query, &selection)?;
        let mut boxes = making.boxes()?;
        let ties = making.ties(&mut boxes);
        let nodes = boxes.placed(&ties);
        let mut ribbons: Vec<Ribbon> = ties
            .into_iter()
            .filter(|(_, tie)| tie.count > 0 || !tie.people.is_empty() || !tie.edges.is_empty())
            .map(|((from, to), tie)| Ribbon {
                from: boxes.bins[from].node.id.clone(),
                to: boxes.bins[to].node.id.clone(),
                people: tie.count.max(tie.people.len() as u32),
                state: state(tie.state.unwrap_or(State::Active)),
                system: tie.system.unwrap_or(SourceKind::Scim),
                on_path: making.narrowed.is_none() || tie.on_path,
                step: None,
                edge: match tie.edges.as_slice() {
                    [one] => Some(one.clone()),
                    _ => None,
                },
            })
            .collect();
        if let Some(first) = paths.first() {
            paths::number_steps(first, &mut ribbons, &nodes);
        }
        Ok(FlowView {
            columns: vec![
                column(Layer::People, making.sums.people.len() as usize),
                column(Layer::Groups, making.sums.linked.len() as usize),
                column(Layer::Roles, making.sums.roles.len()),
                column(Layer::Scopes, making.sums.scopes.len()),
            ],
            title: self.question(query),
            nodes,
            ribbons,
            paths,
            caveats: self.caveats(),
            stamp: self.stamp(started),
        })
    }
    fn question(&self, query: &MapQuery) -> String {
        let Some(focus) = query.focus.as_deref() else {
            return "Who can reach what, and through what?".into();
        };
        if let Some(person) = self.person_of(focus) {
            format!("What can {} reach, and through what?", self.person_ref(person).name)
        } else if let Some(group) = self.group_of(focus) {
            format!("Who is in {}, and what does it reach?", self.directory.name_of_group(group))
        } else if let Some(role) = self.role_of(focus) {
            format!("Who has {}, and on what?", self.roles[role as usize].name)
        } else if let Some(scope) = self.scope_of(focus) {
            format!("Who reaches {}, and through what?", self.scopes[scope as usize].name)
        } else {
            "Who can reach what, and through what?".into()
        }
    }
}

fn column(layer: Layer, total: usize) -> FlowColumn {
    FlowColumn {
        layer,
        total: u32::try_from(total).unwrap_or(u32::MAX),
    }
}
impl<'a> Making<'a> {
    fn new(map: &'a Map, query: &'a MapQuery, selection: &'a Selection) -> Result<Self, Error> {
        let narrowed = match &query.focus {
            None => None,
            Some(focus) => {
                let narrowed = map.narrowed(selection, focus)?;
                Some(match &query.target {
                    Some(target) => {
                        let both = map.narrowed(selection, target)?;
                        // What the focus reaches besides stays visible; the target's paths are numbered.
                        if both.assignments.is_disjoint(&narrowed.assignments) {
                            narrowed.and(both)
                        } else {
                            narrowed
                        }
                    }
                    None => narrowed,
                })
            }
        };
        let sums = selection.sums(map);
        let (mut on_people, mut on_groups) = (RoaringBitmap::new(), RoaringBitmap::new());
        if let Some(narrowed) = &narrowed {
            for at in &narrowed.assignments {
                on_people |= &*selection.people(map, at);
            }
            if let Some(only) = &narrowed.people {
                on_people &= only;
            }
            let wanted = |at: u32| narrowed.assignments.contains(at);
            on_groups = map.world.groups_with_roles(map.directory.graph(), wanted).into_iter().collect();
            if let Some(only) = &narrowed.groups {
                on_groups &= only;
            }
        }
        Ok(Self {
            map,
            query,
            selection,
            sums,
            narrowed,
            on_people,
            on_groups,
        })
    }
}
