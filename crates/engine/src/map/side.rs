//! The map as one side of a comparison: its numbers beside another map's, and what each record of history has to do with them.

use std::collections::HashMap;

use lanyard_access::Node;
use lanyard_access::diff::{Mapping, NONE, Side};
use lanyard_access::world::State;

use super::Map;
use super::azure::scope_id;
use super::tables::short;
use crate::record::azure::{AppRoleAssignment, RoleAssignment, key, last_segment};
use crate::record::{ItemKind, Row};
use crate::view::{AccessState, NodeRef, SourceId};

/// Assignments by the record that they come from: its source's place, its kind (none for an account's own), its id in lower case.
pub(crate) type ByRecord = HashMap<(u16, Option<ItemKind>, Box<str>), Vec<u32>>;

impl Map {
    /// The map as one side of a comparison.
    pub(crate) fn side(&self) -> Side<'_> {
        Side {
            graph: self.directory.graph(),
            clusters: self.directory.identities(),
            world: &self.world,
        }
    }

    /// What of this map is what in a later one. Rows up to `shared` are the same record's in both.
    pub(crate) fn mapping(&self, after: &Self, shared: Row) -> Mapping {
        let (was, is) = (&self.directory, &after.directory);
        let (graph, later) = (was.graph(), is.graph());
        let mut by_row = vec![NONE; shared as usize + 1];
        let rows = (0..later.accounts()).map(|account| (is.row_of_account(account), account));
        let groups = (0..later.groups()).map(|group| (is.row_of_group(group), later.group_node(group)));
        for (row, node) in rows.chain(groups) {
            if let Some(place) = by_row.get_mut(row as usize) {
                *place = node;
            }
        }
        let places = self.places_in(after);
        let found = |row: Row, place: u16, find: &dyn Fn(u16) -> Option<Node>| {
            let same = by_row.get(row as usize).copied().filter(|node| *node != NONE);
            same.or_else(|| find(places[usize::from(place)]?)).unwrap_or(NONE)
        };
        let mut nodes = Vec::with_capacity(graph.nodes() as usize);
        for account in 0..graph.accounts() {
            nodes.push(found(was.row_of_account(account), was.place_of_account(account), &|place| {
                is.account_with_id(place, &was.id_of_account(account))
            }));
        }
        for group in 0..graph.groups() {
            nodes.push(found(was.row_of_group(group), was.place_of_group(group), &|place| {
                let twin = is.group_with_id(place, &was.id_of_group(group))?;
                Some(later.group_node(twin))
            }));
        }
        // Ids that are only named lead nobody anywhere.
        nodes.resize(graph.nodes() as usize, NONE);
        let twin = |place: u16, id: &str, index: &HashMap<(u16, Box<str>), u32>| {
            let place = places[usize::from(place)]?;
            index.get(&(place, id.into())).copied()
        };
        Mapping {
            nodes,
            roles: self
                .roles
                .iter()
                .map(|role| twin(role.place, &role.id, &after.role_index).unwrap_or(NONE))
                .collect(),
            scopes: self
                .scopes
                .iter()
                .map(|scope| twin(scope.place, &scope.id, &after.scope_index).unwrap_or(NONE))
                .collect(),
        }
    }

    /// By place here: the same source's place in another map.
    fn places_in(&self, other: &Self) -> Vec<Option<u16>> {
        let sources = self.directory.sources().iter();
        sources.map(|source| other.place_of(source.id)).collect()
    }

    /// Assignments by the record that they come from.
    pub(crate) fn by_record(&self) -> ByRecord {
        let mut found = ByRecord::new();
        for (origin, at) in self.origins.iter().zip(0u32..) {
            // Those of one record are told apart behind the bar.
            let record = origin.id.split('|').next().unwrap_or_default().to_lowercase();
            found.entry((origin.place, origin.kind, record.into())).or_default().push(at);
        }
        found
    }

    /// Assignments that come from a record: a role's own, an account's, an entity's.
    pub(crate) fn given_by<'m>(&self, found: &'m ByRecord, source: SourceId, kind: Option<ItemKind>, id: &str) -> &'m [u32] {
        let Some(place) = self.place_of(source) else { return &[] };
        found.get(&(place, kind, id.to_lowercase().into())).map_or(&[], Vec::as_slice)
    }

    /// The role that a record of this id defines, by the whole id or by its last part.
    pub(crate) fn role_of_record(&self, source: SourceId, id: &str) -> Option<u32> {
        let place = self.place_of(source)?;
        let id = id.to_lowercase();
        let last = id.rsplit('/').next().unwrap_or_default();
        let mut roles = self.roles.iter().zip(0u32..).filter(|(role, _)| role.place == place);
        let found = roles.find(|(role, _)| role.id.to_lowercase() == id || (role.id.to_lowercase() == last && !last.is_empty()));
        found.map(|(_, at)| at)
    }

    /// A principal, a role, a scope by the number of an assignment.
    pub(crate) fn given(&self, at: u32) -> Option<(Node, u32, u32)> {
        let given = self.world.assignment(at)?;
        Some((given.principal, given.role, given.scope))
    }

    /// What an assignment gives to whom, in a form that is the same on every side that has it.
    pub(crate) fn assignment_told(&self, at: u32) -> Option<String> {
        let given = self.world.assignment(at)?;
        let (role, scope) = (&self.roles[given.role as usize].id, &self.scopes[given.scope as usize].id);
        let principal = self.directory.key_of_node(given.principal);
        Some(format!("{principal}\n{role}\n{scope}\n{:?} {:?}", given.state, given.follow))
    }

    /// An assignment in words: "Backup Operator on vault-prod to backup-operators".
    pub(crate) fn assignment_words(&self, at: u32) -> Option<String> {
        let given = self.world.assignment(at)?;
        let (role, scope) = (&self.roles[given.role as usize].name, &self.scopes[given.scope as usize].name);
        let eligible = if given.state == State::Eligible { ", eligible" } else { "" };
        Some(format!("{role} on {scope} to {}{eligible}", self.end_ref(given.principal).name))
    }

    /// What the record of an assignment is called where its principal is nobody that the source holds.
    pub(crate) fn lost_words_of(&self, source: SourceId, id: &str) -> Option<String> {
        let place = self.place_of(source)?;
        let lost = self
            .lost
            .iter()
            .find(|lost| lost.origin.place == place && lost.origin.id.eq_ignore_ascii_case(id))?;
        let (role, scope) = (&self.roles[lost.role as usize].name, &self.scopes[lost.scope as usize].name);
        Some(format!("{role} on {scope} to {}", lost.id))
    }

    /// What an assignment's document grants, to whom and where, by the names that are known now; none for what is no such document.
    pub(crate) fn document_words(&self, source: SourceId, kind: ItemKind, text: &[u8]) -> Option<String> {
        let place = self.place_of(source)?;
        let role_name = |id: &str| {
            let known = self.role_index.get(&(place, id.into()));
            known.map_or_else(|| short(id), |role| self.roles[*role as usize].name.to_string())
        };
        let principal_name = |id: &str| match self.node_of(source, &key(id)).or_else(|| self.node_of(source, id)) {
            Some(node) => self.end_ref(node).name,
            None => {
                let word = self.lost_words.get(&(place, id.to_lowercase().into()));
                word.and_then(|word| word.name.as_deref()).unwrap_or(id).to_owned()
            }
        };
        match kind {
            ItemKind::RoleAssignment | ItemKind::Eligibility => {
                let given = serde_json::from_slice::<RoleAssignment>(text).ok()?.properties;
                let (role, scope, principal) = (given.role_definition_id?, given.scope?, given.principal_id?);
                let on = self.scope_index.get(&(place, scope_id(&scope)));
                let on = on.map_or_else(|| last_segment(&scope), |scope| self.scopes[*scope as usize].name.to_string());
                let eligible = if kind == ItemKind::Eligibility { ", eligible" } else { "" };
                Some(format!(
                    "{} on {on} to {}{eligible}",
                    role_name(&last_segment(&role)),
                    principal_name(&principal)
                ))
            }
            ItemKind::AppRoleAssignment => {
                let given = serde_json::from_slice::<AppRoleAssignment>(text).ok()?;
                let (resource, principal) = (given.resource_id?, given.principal_id?);
                let role = given.app_role_id.map_or_else(String::new, |role| key(&role));
                Some(format!(
                    "{} on {} to {}",
                    role_name(&format!("{}/{role}", key(&resource))),
                    given.resource_display_name.unwrap_or(resource),
                    given.principal_display_name.unwrap_or_else(|| principal_name(&principal))
                ))
            }
            _ => None,
        }
    }

    /// Ids of the assignments' records of a role, of a scope, or of a principal itself, as history has them.
    pub(crate) fn records_of(&self, wanted: impl Fn(Node, u32, u32) -> bool) -> Vec<(SourceId, String)> {
        let given = self.origins.iter().zip(0u32..).filter(|(origin, at)| {
            let whole = matches!(
                origin.kind,
                Some(ItemKind::RoleAssignment | ItemKind::Eligibility | ItemKind::AppRoleAssignment)
            );
            whole
                && self
                    .given(*at)
                    .is_some_and(|(principal, role, scope)| wanted(principal, role, scope))
        });
        given
            .map(|(origin, _)| (self.source_id(origin.place), origin.id.to_string()))
            .collect()
    }

    /// The number of a role, and of a scope, by address.
    pub(crate) fn numbers_of(&self, address: &str) -> (Option<u32>, Option<u32>) {
        (self.role_of(address), self.scope_of(address))
    }

    /// Roles on scopes that a node and every group above it hold, ascending.
    pub(crate) fn led_to(&self, node: Node) -> Vec<(u32, u32)> {
        let graph = self.directory.graph();
        let (mut seen, mut open) = (std::collections::HashSet::from([node]), vec![node]);
        let mut found = Vec::new();
        while let Some(node) = open.pop() {
            let given = self.world.held_by(node).iter().filter_map(|at| self.given(*at));
            found.extend(given.map(|(_, role, scope)| (role, scope)));
            open.extend(graph.groups_of(node).iter().filter(|group| seen.insert(**group)));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The accounts that a node is or holds, at any depth.
    pub(crate) fn accounts_below(&self, node: Node) -> Vec<Node> {
        let graph = self.directory.graph();
        let (mut seen, mut open) = (std::collections::HashSet::from([node]), vec![node]);
        let mut found = Vec::new();
        while let Some(node) = open.pop() {
            if let Some(group) = graph.group_ordinal(node) {
                open.extend(graph.members(group).iter().filter(|member| seen.insert(**member)));
            } else if node < graph.accounts() {
                found.push(node);
            }
        }
        found
    }

    /// The node of an account or a group by source and id.
    pub(crate) fn node_of(&self, source: SourceId, id: &str) -> Option<Node> {
        let place = self.place_of(source)?;
        let group = || {
            self.directory
                .group_with_id(place, id)
                .map(|group| self.directory.graph().group_node(group))
        };
        self.directory.account_with_id(place, id).or_else(group)
    }

    /// An identity as views show it.
    pub(crate) fn person_node(&self, person: u32) -> NodeRef {
        self.person_ref(person)
    }

    /// A role as views show it.
    pub(crate) fn role_node(&self, role: u32) -> NodeRef {
        self.role_ref(role)
    }

    /// A scope as views show it.
    pub(crate) fn scope_node(&self, scope: u32) -> NodeRef {
        self.scope_ref(scope)
    }

    /// An account or a group as views show it.
    pub(crate) fn end_node(&self, node: Node) -> NodeRef {
        self.end_ref(node)
    }

    /// Whether a role is privileged, and whether backups can be restored by it.
    pub(crate) fn weight_of(&self, role: u32) -> (bool, bool) {
        (self.privileged[role as usize], self.can_restore[role as usize])
    }

    /// The shortest way by which accounts hold a role on a scope, in words.
    pub(crate) fn way(&self, accounts: &[Node], role: u32, scope: u32) -> Option<String> {
        let found = self.world.why(self.directory.graph(), accounts, role, Some(scope), 1);
        found.paths.first().map(|path| self.by(path))
    }

    /// A state as views tell it.
    pub(crate) fn state_told(state: State) -> AccessState {
        super::words::state(state)
    }
}
