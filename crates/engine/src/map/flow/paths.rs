//! The paths between what is asked about and its target, and the ribbons that the first of them goes along.

use super::super::Map;
use super::super::ask::PATHS;
use super::super::matrix::NONE;
use super::super::select::Selection;
use super::super::words::Goal;
use crate::Error;
use crate::view::{AccessPath, FlowNode, HopKind, Layer, MapQuery, Ribbon};

impl Map {
    /// The paths between focus and target, whichever way round they were named.
    pub(super) fn paths_between(&self, query: &MapQuery, selection: &Selection) -> Result<Vec<AccessPath>, Error> {
        let (Some(focus), Some(target)) = (&query.focus, &query.target) else {
            return Ok(Vec::new());
        };
        let graph = self.directory.graph();
        let facts = self.world.facts();
        let from = |text: &str| -> Option<Vec<u32>> {
            if let Some(person) = self.person_of(text) {
                return Some(self.accounts_of(person).to_vec());
            }
            let linked = self.directory.linked_groups();
            let group = self.group_of(text)?;
            Some(
                linked
                    .members(linked.of(group))
                    .iter()
                    .map(|group| graph.group_node(*group))
                    .collect(),
            )
        };
        let Some((nodes, to)) = from(focus)
            .map(|nodes| (nodes, target))
            .or_else(|| from(target).map(|nodes| (nodes, focus)))
        else {
            return Ok(Vec::new());
        };
        let left = |at: u32| selection.assignments.contains(at);
        if let Some(role) = self.role_of(to) {
            let wanted = |at: u32| left(at) && facts.assignments[at as usize].role == role;
            let found = self.world.paths(graph, &nodes, None, None, PATHS, wanted);
            return Ok(found.paths.iter().map(|path| self.path(path, Goal::default())).collect());
        }
        let Some(scope) = self.scope_of(to) else {
            return Ok(Vec::new());
        };
        let wanted = |at: u32| left(at) && self.world.scopes().holds(facts.assignments[at as usize].scope, scope);
        let found = self.world.paths(graph, &nodes, None, Some(scope), PATHS, wanted);
        let tell = |path: &lanyard_access::Path| {
            let role = facts.assignments[path.assignment as usize].role;
            self.path(path, self.goal_of(role, Some(scope)))
        };
        Ok(found.paths.iter().map(tell).collect())
    }
}

/// Numbers the ribbons that a path goes along.
pub(super) fn number_steps(path: &AccessPath, ribbons: &mut [Ribbon], nodes: &[FlowNode]) {
    let drawn = |key: &str| nodes.iter().any(|node| node.id == key);
    let mut last_group: Option<String> = None;
    for (hop, step) in path.hops.iter().zip(1u32..) {
        let (from, to) = match hop.kind {
            HopKind::Member | HopKind::Nested => {
                last_group = Some(hop.to.key.clone());
                (hop.from.key.clone(), hop.to.key.clone())
            }
            HopKind::Holds | HopKind::Owns => (last_group.clone().unwrap_or_else(|| NONE.to_owned()), hop.to.key.clone()),
            HopKind::Inherits | HopKind::Permits => continue,
        };
        let edge = hop.edge.as_deref();
        let found = ribbons
            .iter_mut()
            .find(|ribbon| (ribbon.from == from && ribbon.to == to) || (edge.is_some() && ribbon.edge.as_deref() == edge));
        if let Some(ribbon) = found {
            ribbon.step = Some(step);
            ribbon.on_path = true;
        }
        if matches!(hop.kind, HopKind::Holds | HopKind::Owns) {
            let end = path.hops.iter().rev().map(|hop| &hop.to).find(|node| node.layer == Layer::Scopes);
            let scopes: Vec<&str> = end.iter().map(|node| node.key.as_str()).filter(|key| drawn(key)).collect();
            let last = ribbons
                .iter_mut()
                .find(|ribbon| ribbon.from == hop.to.key && scopes.contains(&ribbon.to.as_str()));
            if let Some(ribbon) = last {
                ribbon.step = Some(step + 1);
                ribbon.on_path = true;
            }
        }
    }
}
