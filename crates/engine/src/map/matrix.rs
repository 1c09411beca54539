//! Groups × roles: a window of the matrix, and what stands behind a cell.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use lanyard_access::world::{Follow, State};
use lanyard_access::{Cell, NodeKind};
use roaring::RoaringBitmap;

use super::Map;
use super::ask::missing;
use super::select::Selection;
use super::words::Goal;
use crate::Error;
use crate::record::ItemKind;
use crate::view::{
    CellDetail, CellHow, CellThrough, CoverageState, FlowCount, Layer, MapQuery, MatrixCell, MatrixGroup, MatrixRole, MatrixView,
    MatrixWindow, NodeRef, SourceKind,
};

/// Rows and columns of one window at most.
const WINDOW: u32 = 200;
/// The row of those who hold something themselves.
pub(super) const NONE: &str = "none";
/// People who are named behind a cell, by group.
const NAMED: usize = 50;

/// What groups hold, denies minded, by group: roles, scopes and how.
type Judged = HashMap<u32, Vec<(u32, u32, State)>>;

impl Map {
    /// A window of the matrix.
    pub fn matrix(&self, query: &MapQuery, window: &MatrixWindow) -> MatrixView {
        let started = Instant::now();
        let selection = self.selection(query);
        let roles = self.matrix_roles(&selection);
        let groups = self.matrix_groups(&selection);
        let columns: Vec<u32> = roles
            .iter()
            .skip(window.column as usize)
            .take(window.columns.min(WINDOW) as usize)
            .copied()
            .collect();
        let rows = groups.iter().skip(window.row as usize).take(window.rows.min(WINDOW) as usize);
        MatrixView {
            roles: columns
                .iter()
                .map(|role| MatrixRole {
                    role: self.role_ref(*role),
                    can_restore: self.can_restore[*role as usize],
                    privileged: self.privileged[*role as usize],
                })
                .collect(),
            groups: rows.map(|cluster| self.matrix_group(&selection, *cluster, &columns)).collect(),
            roles_total: roles.len() as u32,
            groups_total: groups.len() as u32,
            caveats: self.caveats(),
            stamp: self.stamp(started),
        }
    }

    /// The columns: Backstage, Azure, SCIM, each by name.
    fn matrix_roles(&self, selection: &Selection) -> Vec<u32> {
        let mut roles: Vec<u32> = selection.sums(self).roles.keys().copied().collect();
        roles.sort_by_cached_key(|role| {
            let entry = &self.roles[*role as usize];
            let system = match self.system(entry.place) {
                SourceKind::Backstage => 0,
                SourceKind::Azure => 1,
                SourceKind::Scim => 2,
            };
            (system, entry.place, entry.name.to_lowercase(), *role)
        });
        roles
    }

    /// The rows: linked groups by name, then those who hold something themselves, if there are any.
    fn matrix_groups(&self, selection: &Selection) -> Vec<Option<u32>> {
        let sums = selection.sums(self);
        let linked = self.directory.linked_groups();
        let mut groups: Vec<u32> = sums.linked.iter().collect();
        groups.sort_unstable_by_key(|cluster| self.directory.name_place_of_group(linked.leader(*cluster)));
        let mut rows: Vec<Option<u32>> = groups.into_iter().map(Some).collect();
        if !sums.direct.is_empty() {
            rows.push(None);
        }
        rows
    }

    fn matrix_group(&self, selection: &Selection, cluster: Option<u32>, columns: &[u32]) -> MatrixGroup {
        let Some(cluster) = cluster else {
            return self.matrix_none(selection, columns);
        };
        let held = self.roles_of_linked(selection, cluster);
        let mut judged = Judged::default();
        MatrixGroup {
            group: self.linked_ref(cluster),
            people: self.people_of_linked(cluster).len() as u32,
            counts: self.counts_of(cluster),
            cells: columns
                .iter()
                .map(|role| self.matrix_cell(cluster, *role, held.get(role), &mut judged))
                .collect(),
        }
    }

    fn matrix_none(&self, selection: &Selection, columns: &[u32]) -> MatrixGroup {
        let facts = self.world.facts();
        let mut people = RoaringBitmap::new();
        let mut cells: BTreeMap<u32, (RoaringBitmap, Vec<u32>, State)> = BTreeMap::new();
        for at in &selection.sums(self).direct {
            let given = &facts.assignments[*at as usize];
            let who = selection.people(self, *at);
            people |= &*who;
            let cell = cells
                .entry(given.role)
                .or_insert_with(|| (RoaringBitmap::new(), Vec::new(), given.state));
            cell.0 |= &*who;
            cell.1.push(given.scope);
            cell.2 = cell.2.min(given.state);
        }
        let cell = |role: &u32| match cells.get_mut(role) {
            None => MatrixCell {
                how: CellHow::Empty,
                people: 0,
                scopes: 0,
            },
            Some((people, scopes, state)) => {
                scopes.sort_unstable();
                scopes.dedup();
                MatrixCell {
                    how: how_of(*state, CellHow::Direct),
                    people: people.len() as u32,
                    scopes: scopes.len() as u32,
                }
            }
        };
        let cells = columns.iter().map(cell).collect();
        MatrixGroup {
            group: self.no_group(),
            people: people.len() as u32,
            counts: Vec::new(),
            cells,
        }
    }

    /// The row of those who hold something themselves, as a node.
    pub(super) fn no_group(&self) -> NodeRef {
        let place = 0;
        let (source, system) = if self.directory.sources().is_empty() {
            (0, SourceKind::Scim)
        } else {
            (self.source_id(place), self.system(place))
        };
        NodeRef {
            key: NONE.into(),
            layer: Layer::Groups,
            name: "No group".into(),
            apart: None,
            sort: "direct assignments".into(),
            source,
            system,
            id: String::new(),
        }
    }

    /// The roles of a linked group, of the assignments that are left, with the group of it that has them.
    fn roles_of_linked(&self, selection: &Selection, cluster: u32) -> BTreeMap<u32, (u32, Cell)> {
        let graph = self.directory.graph();
        let mut held: BTreeMap<u32, (u32, Cell)> = BTreeMap::new();
        for group in self.directory.linked_groups().members(cluster) {
            for (role, mut cell) in self.world.roles_of_group(graph, *group) {
                cell.assignments.retain(|at| selection.assignments.contains(*at));
                if !cell.assignments.is_empty() {
                    held.insert(role, (*group, cell));
                }
            }
        }
        held
    }

    fn matrix_cell(&self, cluster: u32, role: u32, held: Option<&(u32, Cell)>, judged: &mut Judged) -> MatrixCell {
        let facts = self.world.facts();
        let graph = self.directory.graph();
        let followed = held.filter(|(_, cell)| cell.state().is_some_and(|state| state != State::NotFollowed));
        let Some((group, cell)) = followed else {
            return MatrixCell {
                how: if self.cell_unread(cluster, role) {
                    CellHow::NotEvaluated
                } else {
                    CellHow::Empty
                },
                people: 0,
                scopes: 0,
            };
        };
        let nested = cell
            .assignments
            .iter()
            .any(|at| facts.assignments[*at as usize].follow == Follow::Nested);
        let (direct, all) = (self.people_directly_in(*group), self.people_in(*group));
        let by_nesting = nested && all.len() > direct.len();
        let inherited = cell.inherited.is_some_and(|state| state != State::NotFollowed);
        let plain = match (cell.direct.is_some(), inherited || by_nesting) {
            (true, true) => CellHow::Both,
            (true, false) => CellHow::Direct,
            (false, _) => CellHow::Inherited,
        };
        // What a deny makes of it is judged for the group as a whole.
        let holdings = judged
            .entry(*group)
            .or_insert_with(|| self.world.held(graph, &[graph.group_node(*group)]));
        let judged = holdings
            .iter()
            .filter(|(of, on, _)| *of == role && cell.assignments.iter().any(|at| facts.assignments[*at as usize].scope == *on))
            .map(|(.., state)| *state)
            .min();
        let state = judged.or(cell.state()).unwrap_or(State::Active);
        MatrixCell {
            how: how_of(state, plain),
            people: if nested { all.len() } else { direct.len() } as u32,
            scopes: cell.scopes.len() as u32,
        }
    }

    /// Whether nothing can be said about a group and a role: who holds the role was not read, or the group's own source was not.
    fn cell_unread(&self, cluster: u32, role: u32) -> bool {
        let place = self.roles[role as usize].place;
        let source = self.source_id(place);
        let holders = match self.system(place) {
            SourceKind::Azure if self.roles[role as usize].sort == super::tables::RoleSort::App => ItemKind::AppRoleAssignment,
            SourceKind::Azure => ItemKind::RoleAssignment,
            SourceKind::Backstage => ItemKind::RbacRole,
            SourceKind::Scim => return false,
        };
        if self
            .gaps
            .iter()
            .any(|gap| gap.source == source && gap.kind == holders && gap.nothing)
        {
            return true;
        }
        let held_there = self
            .directory
            .linked_groups()
            .members(cluster)
            .iter()
            .any(|group| self.directory.place_of_group(*group) == place);
        !held_there && self.directory.source_at(place).groups_complete != CoverageState::Complete
    }

    /// The people of a linked group, whatever system says so.
    pub(super) fn people_of_linked(&self, cluster: u32) -> RoaringBitmap {
        let mut people = RoaringBitmap::new();
        for group in self.directory.linked_groups().members(cluster) {
            people |= &*self.people_in(*group);
        }
        people
    }

    /// How many people each source's own group of a linked group holds.
    pub(super) fn counts_of(&self, cluster: u32) -> Vec<FlowCount> {
        let directory = &self.directory;
        let members = directory.linked_groups().members(cluster);
        let count = |(place, facts): (u16, &crate::directory::SourceFacts)| {
            let own: Vec<u32> = members
                .iter()
                .copied()
                .filter(|group| directory.place_of_group(*group) == place)
                .collect();
            let held = !own.is_empty();
            let listed = own.iter().all(|group| directory.members_listed(*group));
            let (mut direct, mut all) = (RoaringBitmap::new(), RoaringBitmap::new());
            for group in &own {
                direct |= &*self.people_directly_in(*group);
                all |= &*self.people_in(*group);
            }
            let known = if held {
                listed
            } else {
                facts.groups_complete == CoverageState::Complete
            };
            FlowCount {
                source: facts.id,
                system: self.system(place),
                direct: known.then_some(direct.len() as u32),
                nested: (all.len() - direct.len()) as u32,
                held,
                differs: own.iter().any(|group| directory.group_differs(*group)),
            }
        };
        (0u16..).zip(directory.sources()).map(count).collect()
    }

    /// What stands behind a cell.
    ///
    /// # Errors
    /// When there is no such group or role.
    pub fn cell(&self, query: &MapQuery, group: &str, role: &str) -> Result<CellDetail, Error> {
        let selection = self.selection(query);
        let role_at = self.role_of(role).ok_or_else(|| missing("role", role))?;
        let facts = self.world.facts();
        let graph = self.directory.graph();
        let wanted = |at: u32| selection.assignments.contains(at) && facts.assignments[at as usize].role == role_at;
        if group == NONE {
            return Ok(self.cell_of_none(&selection, role_at));
        }
        let asked = self.group_of(group).ok_or_else(|| missing("group", group))?;
        let linked = self.directory.linked_groups();
        let cluster = linked.of(asked);
        let place = self.roles[role_at as usize].place;
        let own = linked.members(cluster);
        // The group that the role's own source holds; where it holds none, the leading one.
        let group = own
            .iter()
            .copied()
            .find(|group| self.directory.place_of_group(*group) == place)
            .unwrap_or(linked.leader(cluster));
        let nodes: Vec<u32> = own.iter().map(|group| graph.group_node(*group)).collect();
        let found = self.world.paths(graph, &nodes, None, None, super::ask::PATHS, wanted);
        let (direct, nested) = (self.people_directly_in(group), self.people_in(group));
        let mut caveats = self.caveats_for(role_at);
        if self.cell_unread(cluster, role_at) {
            caveats.push(crate::view::Caveat {
                source: Some(self.source_id(place)),
                text: format!(
                    "{}: who holds {} by {} is not evaluated",
                    self.source_name(place),
                    self.roles[role_at as usize].name,
                    self.directory.name_of_group(group)
                ),
            });
        }
        Ok(CellDetail {
            group: self.linked_ref(cluster),
            role: self.role_ref(role_at),
            paths: found.paths.iter().map(|path| self.path(path, Goal::default())).collect(),
            direct: direct.len() as u32,
            nested: (nested.len() - direct.len()) as u32,
            through: self.through(group),
            caveats,
        })
    }

    fn cell_of_none(&self, selection: &Selection, role: u32) -> CellDetail {
        let facts = self.world.facts();
        let graph = self.directory.graph();
        let held: Vec<u32> = selection
            .sums(self)
            .direct
            .iter()
            .copied()
            .filter(|at| facts.assignments[*at as usize].role == role)
            .collect();
        let mut paths = Vec::new();
        for at in held.iter().take(super::ask::PATHS) {
            let principal = facts.assignments[*at as usize].principal;
            let found = self.world.paths(graph, &[principal], None, None, 1, |other| other == *at);
            paths.extend(found.paths.iter().map(|path| self.path(path, Goal::default())));
        }
        let people = selection.people_of_all(self, &held);
        CellDetail {
            group: self.no_group(),
            role: self.role_ref(role),
            paths,
            direct: people.len() as u32,
            nested: 0,
            through: vec![self.through_of(None, &people)],
            caveats: self.caveats_for(role),
        }
    }

    /// The people of a group by the group through which they come in: nested ones first, the direct ones last.
    fn through(&self, group: u32) -> Vec<CellThrough> {
        let graph = self.directory.graph();
        let nested = graph.nested(group);
        let clusters = self.directory.identities();
        let direct = self.people_directly_in(group);
        let mut by_group: BTreeMap<u32, RoaringBitmap> = BTreeMap::new();
        for (account, place) in &nested.accounts {
            debug_assert_eq!(graph.kind(*account), NodeKind::Account);
            if let Some(first) = nested.way(*place).first() {
                by_group.entry(*first).or_default().insert(clusters.of(*account));
            }
        }
        let mut through: Vec<CellThrough> = by_group
            .iter()
            .map(|(inner, people)| self.through_of(Some(self.group_ref(*inner)), people))
            .collect();
        through.sort_by_key(|one| std::cmp::Reverse(one.people));
        through.push(self.through_of(None, &direct));
        through
    }

    fn through_of(&self, group: Option<NodeRef>, people: &RoaringBitmap) -> CellThrough {
        let clusters = self.directory.identities();
        let mut first: Vec<u32> = people.iter().collect();
        first.sort_unstable_by_key(|person| self.directory.name_place_of_account(clusters.leader(*person)));
        CellThrough {
            group,
            people: people.len() as u32,
            first: first.into_iter().take(NAMED).map(|person| self.person_ref(person)).collect(),
        }
    }
}

/// How a state is shown; `plain` where it simply holds.
fn how_of(state: State, plain: CellHow) -> CellHow {
    match state {
        State::Active => plain,
        State::Conditional => CellHow::Conditional,
        State::Eligible => CellHow::Eligible,
        State::Denied => CellHow::Denied,
        State::NotFollowed => CellHow::Empty,
    }
}
