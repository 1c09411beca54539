//! The flow: people → groups → roles → scopes in boxes and ribbons, a few hundred at most, whatever the size of the company.
//!
//! What stands alone: the focus, what lies on its paths, what was opened, and the largest. The rest of each column is one box that
//! opens. Ribbons count people, each once.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use lanyard_access::NodeKind;
use lanyard_access::world::State;
use roaring::RoaringBitmap;

use super::Map;
use super::address;
use super::matrix::NONE;
use super::select::{Narrowed, Selection, Sums};
use super::words::{Goal, state};
use crate::Error;
use crate::view::{AccessPath, AccountType, FlowColumn, FlowNode, FlowView, HopKind, Layer, MapQuery, Ribbon, SourceKind};

/// Boxes of a column that stand alone without being asked for.
const SHOWN: usize = 9;
/// Boxes of a column that lie on the focus's paths and stand alone.
const ON_PATHS: usize = 40;
/// Boxes of a column when its rest was opened.
const OPENED: usize = 110;
/// Departments that are a box.
const DEPARTMENTS: usize = 6;
/// People who stand alone when they are all that there are, or all on the paths.
const FEW: u64 = 12;
/// People who stand alone once their cluster was opened.
const PERSONS: usize = 80;

/// The stack of a column.
fn more(layer: Layer) -> &'static str {
    match layer {
        Layer::People => "more:people",
        Layer::Groups => "more:groups",
        Layer::Roles => "more:roles",
        Layer::Scopes => "more:scopes",
    }
}

const NON_HUMAN: &str = "cluster:non-human";

fn department_id(name: &str) -> String {
    format!("cluster:department:{name}")
}

/// A box before it has a place.
struct Bin {
    node: FlowNode,
    /// Where it would best stand: the mean of what it is tied to.
    pull: f64,
    rank: u8,
}

/// Which box stands for what.
struct Boxes {
    people: HashMap<u32, usize>,
    departments: HashMap<u32, usize>,
    non_human: Option<usize>,
    groups: HashMap<u32, usize>,
    roles: HashMap<u32, usize>,
    scopes: HashMap<u32, usize>,
    rest: BTreeMap<&'static str, usize>,
    none: Option<usize>,
    bins: Vec<Bin>,
}

/// A ribbon before it is told.
#[derive(Default)]
struct Tie {
    people: RoaringBitmap,
    count: u32,
    state: Option<State>,
    system: Option<SourceKind>,
    on_path: bool,
    edges: Vec<String>,
}

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
        let mut boxes = making.boxes();
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
            number_steps(first, &mut ribbons, &nodes);
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
            generation: self.generation(),
            took_us: super::ask::took(started),
        })
    }

    /// The paths between focus and target, whichever way round they were named.
    fn paths_between(&self, query: &MapQuery, selection: &Selection) -> Result<Vec<AccessPath>, Error> {
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
            let found = self.world.paths(graph, &nodes, None, None, super::ask::PATHS, wanted);
            return Ok(found.paths.iter().map(|path| self.path(path, Goal::default())).collect());
        }
        let Some(scope) = self.scope_of(to) else {
            return Ok(Vec::new());
        };
        let wanted = |at: u32| left(at) && self.world.scopes().holds(facts.assignments[at as usize].scope, scope);
        let found = self.world.paths(graph, &nodes, None, Some(scope), super::ask::PATHS, wanted);
        let tell = |path: &lanyard_access::Path| {
            let role = facts.assignments[path.assignment as usize].role;
            self.path(path, self.goal_of(role, Some(scope)))
        };
        Ok(found.paths.iter().map(tell).collect())
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

    /// How many can restore from a vault, by the roles that are left.
    fn restorers(&self, sums: &Sums, vault: u32) -> u64 {
        let mut people = RoaringBitmap::new();
        for ((role, scope), (_, reached)) in &sums.pairs {
            if self.can_restore[*role as usize] && self.world.scopes().holds(*scope, vault) {
                people |= reached;
            }
        }
        people.len()
    }
}

fn column(layer: Layer, total: usize) -> FlowColumn {
    FlowColumn {
        layer,
        total: u32::try_from(total).unwrap_or(u32::MAX),
    }
}

/// The largest of a column, what must stand alone first.
fn chosen(weights: impl Iterator<Item = (u32, u64, bool)>, opened: bool) -> Vec<u32> {
    let mut all: Vec<(bool, std::cmp::Reverse<u64>, u32)> =
        weights.map(|(item, weight, on)| (!on, std::cmp::Reverse(weight), item)).collect();
    all.sort_unstable();
    let on = all.iter().take_while(|(off, ..)| !off).count().min(ON_PATHS);
    let count = if opened { OPENED } else { on.max(SHOWN).min(on + SHOWN / 2 + 4) };
    // One that would be left over alone needs no stack.
    let count = if all.len() == count + 1 { all.len() } else { count };
    all.into_iter().take(count).map(|(.., item)| item).collect()
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
                on_people |= selection.people(map, at);
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

    fn opened(&self, id: &str) -> bool {
        self.query.open.iter().any(|open| open == id)
    }

    fn is_focus(&self, id: &str) -> bool {
        [&self.query.focus, &self.query.target]
            .into_iter()
            .flatten()
            .any(|focus| focus == id)
    }

    fn node(&self, id: String, layer: Layer, label: String) -> FlowNode {
        FlowNode {
            cluster: id.starts_with("more:") || id.starts_with("cluster:"),
            focus: self.is_focus(&id),
            id,
            layer,
            label,
            sub: String::new(),
            system: None,
            people: 0,
            counts: Vec::new(),
            on_path: self.narrowed.is_none(),
            can_restore: false,
            not_evaluated: false,
            place: 0,
        }
    }

    fn boxes(&self) -> Boxes {
        let mut boxes = Boxes {
            people: HashMap::new(),
            departments: HashMap::new(),
            non_human: None,
            groups: HashMap::new(),
            roles: HashMap::new(),
            scopes: HashMap::new(),
            rest: BTreeMap::new(),
            none: None,
            bins: Vec::new(),
        };
        self.people_boxes(&mut boxes);
        self.group_boxes(&mut boxes);
        self.role_boxes(&mut boxes);
        self.scope_boxes(&mut boxes);
        boxes
    }

    fn people_boxes(&self, boxes: &mut Boxes) {
        let (map, all) = (self.map, &self.sums.people);
        let directory = &map.directory;
        let mut alone = RoaringBitmap::new();
        for text in [&self.query.focus, &self.query.target].into_iter().flatten() {
            alone.extend(map.person_of(text).filter(|_| text.starts_with("person:") || !text.contains(':')));
        }
        if all.len() <= FEW {
            alone |= all;
        }
        if self.narrowed.is_some() && self.on_people.len() <= FEW {
            alone |= &self.on_people;
        }
        // The others by what they are: service accounts, or their department.
        let mut service = RoaringBitmap::new();
        let mut departments: BTreeMap<u32, (String, RoaringBitmap)> = BTreeMap::new();
        for person in all {
            if directory.type_of_identity(person) == AccountType::Service {
                service.insert(person);
            } else if let Some((number, name)) = directory.department_of(person) {
                departments
                    .entry(number)
                    .or_insert_with(|| (name.to_owned(), RoaringBitmap::new()))
                    .1
                    .insert(person);
            }
        }
        let opened = self.opened(more(Layer::People));
        let mut largest: Vec<(u32, String, RoaringBitmap)> = departments
            .into_iter()
            .map(|(number, (name, people))| (number, name, people))
            .collect();
        largest.sort_by_key(|(number, _, people)| (std::cmp::Reverse(people.len()), *number));
        let open = |id: &str| self.opened(id);
        largest.retain({
            let mut kept = 0;
            let limit = if opened { OPENED } else { DEPARTMENTS };
            move |(_, name, _)| {
                kept += 1;
                kept <= limit || open(&department_id(name))
            }
        });
        let by_name = |people: &RoaringBitmap| {
            let mut people: Vec<u32> = people.iter().collect();
            people.sort_unstable_by_key(|person| directory.name_place_of_account(directory.identities().leader(*person)));
            people.truncate(PERSONS);
            people
        };
        for (_, name, people) in &largest {
            if self.opened(&department_id(name)) {
                alone.extend(by_name(people));
            }
        }
        if self.opened(NON_HUMAN) {
            alone.extend(by_name(&service));
        }
        let mut stacked = &all.clone() - &alone;
        for person in &alone {
            let leader = map.person_ref(person);
            let mut node = self.node(leader.key.clone(), Layer::People, leader.name);
            node.people = 1;
            node.on_path |= self.on_people.contains(person);
            if node.focus {
                node.sub = self.reach_in_words(person);
            } else {
                node.sub = leader.sort;
            }
            let at = boxes.add(node, 0);
            boxes.people.insert(person, at);
        }
        let mut cluster = |boxes: &mut Boxes, id: String, label: String, people: RoaringBitmap, rank: u8, noun: &str| {
            let left = &people - &alone;
            stacked -= &left;
            if left.is_empty() {
                return None;
            }
            let mut node = self.node(id, Layer::People, label);
            node.people = left.len() as u32;
            node.sub = format!("{} {noun}", counted(left.len()));
            node.on_path |= !left.is_disjoint(&self.on_people);
            Some(boxes.add(node, rank))
        };
        for (number, name, people) in largest {
            if let Some(at) = cluster(boxes, department_id(&name), name, people, 1, "people") {
                boxes.departments.insert(number, at);
            }
        }
        boxes.non_human = cluster(boxes, NON_HUMAN.into(), "Non-human".into(), service, 2, "accounts");
        if !stacked.is_empty() {
            let label = if boxes.departments.is_empty() {
                "Everyone"
            } else {
                "Everyone else"
            };
            let mut node = self.node(more(Layer::People).into(), Layer::People, label.into());
            node.people = stacked.len() as u32;
            node.sub = format!("{} people", counted(stacked.len()));
            node.on_path |= !stacked.is_disjoint(&self.on_people);
            let at = boxes.add(node, 3);
            boxes.rest.insert(more(Layer::People), at);
        }
    }

    /// "4 paths, 9 groups".
    fn reach_in_words(&self, person: u32) -> String {
        let accounts = self.map.accounts_of(person);
        let graph = self.map.directory.graph();
        let held = self.map.world.effective(graph, accounts, None);
        let paths: u64 = held.iter().map(|holding| u64::from(holding.paths)).sum();
        let linked = self.map.directory.linked_groups();
        let mut groups: Vec<u32> = accounts
            .iter()
            .flat_map(|account| graph.ways_in(*account).groups)
            .map(|(group, _)| linked.of(group))
            .collect();
        groups.sort_unstable();
        groups.dedup();
        let plural = |count: u64, one: &str| {
            if count == 1 {
                format!("1 {one}")
            } else {
                format!("{} {one}s", counted(count))
            }
        };
        format!("{}, {}", plural(paths, "path"), plural(groups.len() as u64, "group"))
    }

    fn group_boxes(&self, boxes: &mut Boxes) {
        let map = self.map;
        let linked = map.directory.linked_groups();
        let on: RoaringBitmap = self.on_groups.iter().map(|group| linked.of(group)).collect();
        let named: Vec<u32> = [&self.query.focus, &self.query.target]
            .into_iter()
            .flatten()
            .filter(|text| text.starts_with("group:"))
            .filter_map(|text| map.group_of(text))
            .map(|group| linked.of(group))
            .collect();
        let size = |cluster: u32| {
            let people = linked
                .members(cluster)
                .iter()
                .map(|group| u64::from(map.directory.people_below(*group)));
            people.max().unwrap_or(0)
        };
        let candidates: RoaringBitmap = &self.sums.linked | &named.iter().copied().collect::<RoaringBitmap>();
        let weights = candidates.iter().map(|cluster| {
            (
                cluster,
                if named.contains(&cluster) { u64::MAX } else { size(cluster) },
                on.contains(cluster) || named.contains(&cluster),
            )
        });
        let shown = chosen(weights, self.opened(more(Layer::Groups)));
        let mut rest = candidates.clone();
        for cluster in shown {
            rest.remove(cluster);
            let leader = map.linked_ref(cluster);
            let mut node = self.node(leader.key.clone(), Layer::Groups, leader.name);
            node.focus = node.focus || named.contains(&cluster);
            node.people = map.people_of_linked(cluster).len() as u32;
            node.counts = map.counts_of(cluster);
            node.not_evaluated = linked.members(cluster).iter().any(|group| map.directory.has_unlisted(*group));
            node.on_path |= on.contains(cluster) || named.contains(&cluster);
            node.sub = leader.sort;
            let at = boxes.add(node, 0);
            boxes.groups.insert(cluster, at);
        }
        if !self.sums.direct.is_empty() {
            let mut node = self.node(NONE.into(), Layer::Groups, "No group".into());
            let people: RoaringBitmap = self.sums.direct.iter().flat_map(|at| self.selection.people(map, *at)).collect();
            node.people = people.len() as u32;
            node.sub = match self.sums.direct.len() {
                1 => "1 direct assignment".into(),
                more => format!("{} direct assignments", counted(more as u64)),
            };
            node.on_path |= self
                .narrowed
                .as_ref()
                .is_some_and(|narrowed| self.sums.direct.iter().any(|at| narrowed.assignments.contains(*at)));
            boxes.none = Some(boxes.add(node, 2));
        }
        if !rest.is_empty() {
            let people: RoaringBitmap = rest
                .iter()
                .flat_map(|cluster| linked.members(cluster).to_vec())
                .filter(|group| self.sums.groups.contains(*group))
                .map(|group| self.selection.of_group(map, &map.people_in(group)))
                .fold(RoaringBitmap::new(), |all, people| all | people);
            self.stack(boxes, Layer::Groups, rest.len(), people.len(), !rest.is_disjoint(&on), "groups");
        }
    }

    fn stack(&self, boxes: &mut Boxes, layer: Layer, count: u64, people: u64, on: bool, noun: &str) {
        let mut node = self.node(more(layer).into(), layer, format!("{} more {noun}", counted(count)));
        node.people = u32::try_from(people).unwrap_or(u32::MAX);
        node.sub = format!("{} people, open", counted(people));
        node.on_path |= on;
        let at = boxes.add(node, 3);
        boxes.rest.insert(more(layer), at);
    }

    /// Roles or scopes on the focus's paths.
    fn on(&self, of: impl Fn(&lanyard_access::world::Assignment) -> u32) -> RoaringBitmap {
        let facts = self.map.world.facts();
        let on = self.narrowed.iter().flat_map(|narrowed| narrowed.assignments.iter());
        on.map(|at| of(&facts.assignments[at as usize])).collect()
    }

    fn role_boxes(&self, boxes: &mut Boxes) {
        let map = self.map;
        let on = self.on(|given| given.role);
        let forced: Vec<u32> = [&self.query.focus, &self.query.target]
            .into_iter()
            .flatten()
            .filter_map(|text| map.role_of(text))
            .collect();
        let weights = self.sums.roles.iter().map(|(role, people)| {
            let weight = if forced.contains(role) { u64::MAX } else { people.len() };
            (*role, weight, on.contains(*role) || forced.contains(role))
        });
        let shown = chosen(weights, self.opened(more(Layer::Roles)));
        let mut rest: RoaringBitmap = self.sums.roles.keys().copied().collect();
        for role in shown {
            rest.remove(role);
            let named = map.role_ref(role);
            let mut node = self.node(named.key, Layer::Roles, named.name);
            node.system = Some(named.system);
            node.people = self.sums.roles[&role].len() as u32;
            node.can_restore = map.can_restore[role as usize];
            node.sub = if node.can_restore { "can restore".into() } else { named.sort };
            node.not_evaluated = map.roles[role as usize].sort == super::tables::RoleSort::Unread;
            node.on_path |= on.contains(role);
            let at = boxes.add(node, 0);
            boxes.roles.insert(role, at);
        }
        if !rest.is_empty() {
            let people = rest.iter().fold(RoaringBitmap::new(), |all, role| all | &self.sums.roles[&role]);
            self.stack(boxes, Layer::Roles, rest.len(), people.len(), !rest.is_disjoint(&on), "roles");
        }
    }

    fn scope_boxes(&self, boxes: &mut Boxes) {
        let map = self.map;
        let on = self.on(|given| given.scope);
        let forced: Vec<u32> = [&self.query.focus, &self.query.target]
            .into_iter()
            .flatten()
            .filter_map(|text| map.scope_of(text))
            .collect();
        let none = RoaringBitmap::new();
        let weights = self.sums.scopes.iter().map(|(scope, people)| {
            let weight = if forced.contains(scope) { u64::MAX } else { people.len() };
            (*scope, weight, on.contains(*scope) || forced.contains(scope))
        });
        let extra = forced
            .iter()
            .filter(|scope| !self.sums.scopes.contains_key(scope))
            .map(|scope| (*scope, u64::MAX, true));
        let shown = chosen(weights.chain(extra), self.opened(more(Layer::Scopes)));
        let mut rest: RoaringBitmap = self.sums.scopes.keys().copied().collect();
        for scope in shown {
            rest.remove(scope);
            let named = map.scope_ref(scope);
            let mut node = self.node(named.key, Layer::Scopes, named.name);
            node.system = Some(named.system);
            node.people = self.sums.scopes.get(&scope).unwrap_or(&none).len() as u32;
            node.sub = if map.is_vault(scope) {
                let able = map.restorers(self.sums, scope);
                node.can_restore = able > 0;
                format!("{} can restore", counted(able))
            } else {
                named.sort
            };
            node.on_path |= on.contains(scope) || forced.contains(&scope);
            let at = boxes.add(node, 0);
            boxes.scopes.insert(scope, at);
        }
        if !rest.is_empty() {
            let people = rest.iter().fold(RoaringBitmap::new(), |all, scope| all | &self.sums.scopes[&scope]);
            self.stack(boxes, Layer::Scopes, rest.len(), people.len(), !rest.is_disjoint(&on), "scopes");
        }
    }

    fn ties(&self, boxes: &mut Boxes) -> BTreeMap<(usize, usize), Tie> {
        let mut ties = BTreeMap::new();
        self.tie_people(boxes, &mut ties);
        self.tie_groups(boxes, &mut ties);
        self.tie_assignments(boxes, &mut ties);
        ties
    }

    /// From people to the groups that they are directly in.
    fn tie_people(&self, boxes: &Boxes, ties: &mut BTreeMap<(usize, usize), Tie>) {
        let (map, graph) = (self.map, self.map.directory.graph());
        let linked = map.directory.linked_groups();
        let mut of_box: BTreeMap<usize, (RoaringBitmap, RoaringBitmap, Option<SourceKind>, Vec<u32>)> = BTreeMap::new();
        for group in &self.sums.groups {
            let Some(to) = boxes.group(linked.of(group)) else { continue };
            let people = self.selection.of_group(map, &map.people_directly_in(group));
            if people.is_empty() {
                continue;
            }
            let entry = of_box.entry(to).or_default();
            if self.on_groups.contains(group) {
                entry.1 |= &people & &self.on_people;
            }
            entry.0 |= people;
            entry.2 = entry.2.or(Some(map.system(map.directory.place_of_group(group))));
            entry.3.push(group);
        }
        for (to, (people, on, system, groups)) in of_box {
            let alone = people.len() <= 4_096;
            for person in &people {
                let Some(from) = boxes.person(map, person) else { continue };
                let tie = ties.entry((from, to)).or_default();
                tie.count += 1;
                tie.system = system;
                tie.state = Some(State::Active);
                tie.on_path |= on.contains(person);
                // One person and one group: that is one membership, as the group's leading source has it.
                if alone && boxes.people.get(&person) == Some(&from) && !boxes.bins[to].node.cluster {
                    let edge = groups.iter().find_map(|group| {
                        let mut accounts = map.accounts_of(person).iter();
                        let account = accounts.find(|account| graph.members(*group).binary_search(account).is_ok())?;
                        Some((map.system(map.directory.place_of_group(*group)), *group, *account))
                    });
                    if let Some((own, group, account)) = edge {
                        tie.system = Some(own);
                        let (group, member) = (
                            map.directory.key_of_node(graph.group_node(group)),
                            map.directory.key_of_node(account),
                        );
                        tie.edges = vec![address::member(&group, &member)];
                    }
                }
            }
        }
        if let Some(none) = boxes.none {
            for at in &self.sums.direct {
                let on = self.narrowed.as_ref().is_some_and(|narrowed| narrowed.assignments.contains(*at));
                for person in self.selection.people(map, *at) {
                    let Some(from) = boxes.person(map, person) else { continue };
                    let tie = ties.entry((from, none)).or_default();
                    tie.people.insert(person);
                    tie.state = Some(State::Active);
                    tie.system = tie.system.or(Some(map.system(map.origins[*at as usize].place)));
                    tie.on_path |= on;
                }
            }
        }
    }

    /// From groups to the groups that they are nested in.
    fn tie_groups(&self, boxes: &Boxes, ties: &mut BTreeMap<(usize, usize), Tie>) {
        let (map, graph) = (self.map, self.map.directory.graph());
        let linked = map.directory.linked_groups();
        for group in &self.sums.groups {
            let Some(to) = boxes.group(linked.of(group)) else { continue };
            for node in graph.member_groups(group) {
                let Some(inner) = graph.group_ordinal(*node).filter(|inner| self.sums.groups.contains(*inner)) else {
                    continue;
                };
                let Some(from) = boxes.group(linked.of(inner)).filter(|from| *from != to) else {
                    continue;
                };
                let tie = ties.entry((from, to)).or_default();
                tie.people |= self.selection.of_group(map, &map.people_in(inner));
                tie.state = Some(State::Active);
                tie.system = tie.system.or(Some(map.system(map.directory.place_of_group(group))));
                tie.on_path |= self.on_groups.contains(group) && self.on_groups.contains(inner);
                tie.edges.push(address::member(
                    &map.directory.key_of_node(graph.group_node(group)),
                    &map.directory.key_of_node(*node),
                ));
            }
        }
    }

    /// From groups to roles, and from roles to scopes.
    fn tie_assignments(&self, boxes: &Boxes, ties: &mut BTreeMap<(usize, usize), Tie>) {
        let (map, graph) = (self.map, self.map.directory.graph());
        let linked = map.directory.linked_groups();
        let facts = map.world.facts();
        let target = self
            .query
            .target
            .as_deref()
            .or(self.query.focus.as_deref())
            .and_then(|text| map.scope_of(text));
        for at in &self.selection.assignments {
            let given = &facts.assignments[at as usize];
            let (Some(role), Some(scope)) = (boxes.role(given.role), boxes.scope(given.scope)) else {
                continue;
            };
            let from = match (graph.kind(given.principal), graph.group_ordinal(given.principal)) {
                (NodeKind::Group, Some(group)) => boxes.group(linked.of(group)),
                (NodeKind::Account, _) => boxes.none,
                _ => None,
            };
            let people = self.selection.people(map, at);
            let on = self.narrowed.as_ref().is_some_and(|narrowed| narrowed.assignments.contains(at));
            let system = Some(map.system(map.origins[at as usize].place));
            let mut tie = |from: usize, to: usize, on: bool, edge: bool| {
                let tie = ties.entry((from, to)).or_default();
                tie.people |= &people;
                tie.state = Some(tie.state.map_or(given.state, |best| best.min(given.state)));
                tie.system = tie.system.or(system);
                tie.on_path |= on;
                if edge {
                    let edge = map.assignment_address(at);
                    if tie.edges.len() < 2 && !tie.edges.contains(&edge) {
                        tie.edges.push(edge);
                    }
                }
            };
            if let Some(from) = from {
                tie(from, role, on, true);
            }
            tie(role, scope, on, false);
            // What is asked about may lie below the scope that holds it.
            if let Some(target) = target.filter(|target| on && *target != given.scope && map.world.scopes().holds(given.scope, *target))
                && let Some(box_of) = boxes.scopes.get(&target).copied()
                && box_of != scope
            {
                tie(role, box_of, on, false);
            }
        }
    }
}

impl Boxes {
    fn add(&mut self, node: FlowNode, rank: u8) -> usize {
        self.bins.push(Bin { node, pull: 0.0, rank });
        self.bins.len() - 1
    }

    fn person(&self, map: &Map, person: u32) -> Option<usize> {
        if let Some(own) = self.people.get(&person) {
            return Some(*own);
        }
        if map.directory.type_of_identity(person) == AccountType::Service {
            return self.non_human;
        }
        let department = map
            .directory
            .department_of(person)
            .and_then(|(number, _)| self.departments.get(&number));
        department.copied().or_else(|| self.rest.get(more(Layer::People)).copied())
    }

    fn group(&self, cluster: u32) -> Option<usize> {
        self.groups.get(&cluster).or_else(|| self.rest.get(more(Layer::Groups))).copied()
    }

    fn role(&self, role: u32) -> Option<usize> {
        self.roles.get(&role).or_else(|| self.rest.get(more(Layer::Roles))).copied()
    }

    fn scope(&self, scope: u32) -> Option<usize> {
        self.scopes.get(&scope).or_else(|| self.rest.get(more(Layer::Scopes))).copied()
    }

    /// The boxes column by column, each where its ribbons pull it; stacks last.
    fn placed(&mut self, ties: &BTreeMap<(usize, usize), Tie>) -> Vec<FlowNode> {
        let mut columns: Vec<Vec<usize>> = [Layer::People, Layer::Groups, Layer::Roles, Layer::Scopes]
            .iter()
            .map(|layer| (0..self.bins.len()).filter(|at| self.bins[*at].node.layer == *layer).collect())
            .collect();
        let mut places = vec![0f64; self.bins.len()];
        let note = |column: &[usize], places: &mut Vec<f64>| {
            for (place, at) in column.iter().enumerate() {
                places[*at] = place as f64 / column.len().max(1) as f64;
            }
        };
        // Groups as they came, those of one nesting together; then each column by its neighbour, outwards.
        note(&columns[1], &mut places);
        for (own, neighbour) in [(1usize, 1usize), (2, 1), (3, 2), (0, 1)] {
            let start = if own == neighbour { 2.0 } else { 0.0 };
            let mut sums: Vec<(f64, f64)> = places.iter().map(|place| (place * start, start)).collect();
            for ((from, to), tie) in ties {
                let people = f64::from(tie.count.max(tie.people.len() as u32)).sqrt().max(1.0);
                for (at, other) in [(*from, *to), (*to, *from)] {
                    if column_of(&self.bins[at].node) == own && column_of(&self.bins[other].node) == neighbour {
                        sums[at].0 += places[other] * people;
                        sums[at].1 += people;
                    }
                }
            }
            for at in &columns[own] {
                let (sum, weight) = sums[*at];
                self.bins[*at].pull = if weight > 0.0 { sum / weight } else { 1.0 };
            }
            let bins = &self.bins;
            columns[own].sort_by(|one, other| {
                let key = |at: usize| (bins[at].rank, bins[at].pull);
                let ((rank, pull), (other_rank, other_pull)) = (key(*one), key(*other));
                rank.cmp(&other_rank)
                    .then(pull.total_cmp(&other_pull))
                    .then_with(|| bins[*one].node.label.cmp(&bins[*other].node.label))
                    .then_with(|| bins[*one].node.id.cmp(&bins[*other].node.id))
            });
            note(&columns[own].clone(), &mut places);
        }
        let mut nodes = Vec::with_capacity(self.bins.len());
        for column in columns {
            for (place, at) in column.into_iter().enumerate() {
                let mut node = self.bins[at].node.clone();
                node.place = place as u32;
                nodes.push(node);
            }
        }
        nodes
    }
}

/// A box's column, from 0.
fn column_of(node: &FlowNode) -> usize {
    match node.layer {
        Layer::People => 0,
        Layer::Groups => 1,
        Layer::Roles => 2,
        Layer::Scopes => 3,
    }
}

/// Numbers the ribbons that a path goes along.
fn number_steps(path: &AccessPath, ribbons: &mut [Ribbon], nodes: &[FlowNode]) {
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

/// A number with its thousands set apart.
fn counted(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
