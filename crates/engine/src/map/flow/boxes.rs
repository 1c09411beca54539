//! The boxes of the flow: who stands alone in each column, and what is stacked.

use std::collections::{BTreeMap, HashMap};

use roaring::RoaringBitmap;

use super::super::matrix::NONE;
use super::super::tables::RoleSort;
use super::Making;
use crate::Error;
use crate::numbers::grouped;
use crate::view::{FlowNode, Layer};

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
pub(super) struct Bin {
    pub(super) node: FlowNode,
    /// Where it would best stand: the mean of what it is tied to.
    pub(super) pull: f64,
    pub(super) rank: u8,
}

/// Which box stands for what.
pub(super) struct Boxes {
    /// People who stand alone.
    pub(super) people: HashMap<u32, usize>,
    /// The others, each in one of these.
    pub(super) crowds: Vec<(usize, RoaringBitmap)>,
    pub(super) groups: HashMap<u32, usize>,
    pub(super) roles: HashMap<u32, usize>,
    pub(super) scopes: HashMap<u32, usize>,
    pub(super) rest: BTreeMap<&'static str, usize>,
    pub(super) none: Option<usize>,
    pub(super) bins: Vec<Bin>,
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

impl Making<'_> {
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

    pub(super) fn boxes(&self) -> Result<Boxes, Error> {
        let mut boxes = Boxes {
            people: HashMap::new(),
            crowds: Vec::new(),
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
        self.scope_boxes(&mut boxes)?;
        Ok(boxes)
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
        let sorts = map.sorts();
        let service = all & &sorts.service;
        let opened = self.opened(more(Layer::People));
        let mut largest: Vec<(u32, &str, RoaringBitmap)> = sorts
            .departments
            .iter()
            .map(|(number, name, people)| (*number, name.as_str(), all & people))
            .filter(|(.., people)| !people.is_empty())
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
                return false;
            }
            let mut node = self.node(id, Layer::People, label);
            node.people = left.len() as u32;
            node.sub = format!("{} {noun}", grouped(left.len()));
            node.on_path |= !left.is_disjoint(&self.on_people);
            let at = boxes.add(node, rank);
            boxes.crowds.push((at, left));
            true
        };
        let mut by_department = false;
        for (_, name, people) in largest {
            by_department |= cluster(boxes, department_id(name), name.to_owned(), people, 1, "people");
        }
        cluster(boxes, NON_HUMAN.into(), "Non-human".into(), service, 2, "accounts");
        if !stacked.is_empty() {
            let label = if by_department { "Everyone else" } else { "Everyone" };
            let mut node = self.node(more(Layer::People).into(), Layer::People, label.into());
            node.people = stacked.len() as u32;
            node.sub = format!("{} people", grouped(stacked.len()));
            node.on_path |= !stacked.is_disjoint(&self.on_people);
            let at = boxes.add(node, 3);
            boxes.crowds.push((at, stacked));
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
                format!("{} {one}s", grouped(count))
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
            let people = self.selection.people_of_all(map, &self.sums.direct);
            node.people = people.len() as u32;
            node.sub = match self.sums.direct.len() {
                1 => "1 direct assignment".into(),
                more => format!("{} direct assignments", grouped(more as u64)),
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
        let mut node = self.node(more(layer).into(), layer, format!("{} more {noun}", grouped(count)));
        node.people = u32::try_from(people).unwrap_or(u32::MAX);
        node.sub = format!("{} people, open", grouped(people));
        node.on_path |= on;
        let at = boxes.add(node, 3);
        boxes.rest.insert(more(layer), at);
    }

    /// How many can restore from a vault, by the roles that are left. Who is denied it cannot.
    fn restorers(&self, vault: u32) -> Result<u64, Error> {
        let mut people = RoaringBitmap::new();
        for ((role, scope), (_, reached)) in &self.sums.pairs {
            if self.map.can_restore[*role as usize] && self.map.world.scopes().holds(*scope, vault) {
                people |= reached;
            }
        }
        self.map.restorers(vault, &people)
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
            node.not_evaluated = map.roles[role as usize].sort == RoleSort::Unread;
            node.on_path |= on.contains(role);
            let at = boxes.add(node, 0);
            boxes.roles.insert(role, at);
        }
        if !rest.is_empty() {
            let people = rest.iter().fold(RoaringBitmap::new(), |all, role| all | &self.sums.roles[&role]);
            self.stack(boxes, Layer::Roles, rest.len(), people.len(), !rest.is_disjoint(&on), "roles");
        }
    }

    fn scope_boxes(&self, boxes: &mut Boxes) -> Result<(), Error> {
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
                let able = self.restorers(scope)?;
                node.can_restore = able > 0;
                format!("{} can restore", grouped(able))
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
        Ok(())
    }
}

impl Boxes {
    fn add(&mut self, node: FlowNode, rank: u8) -> usize {
        self.bins.push(Bin { node, pull: 0.0, rank });
        self.bins.len() - 1
    }

    pub(super) fn person(&self, person: u32) -> Option<usize> {
        let in_crowd = || self.crowds.iter().find(|(_, people)| people.contains(person)).map(|(at, _)| *at);
        self.people.get(&person).copied().or_else(in_crowd)
    }

    pub(super) fn group(&self, cluster: u32) -> Option<usize> {
        self.groups.get(&cluster).or_else(|| self.rest.get(more(Layer::Groups))).copied()
    }

    pub(super) fn role(&self, role: u32) -> Option<usize> {
        self.roles.get(&role).or_else(|| self.rest.get(more(Layer::Roles))).copied()
    }

    pub(super) fn scope(&self, scope: u32) -> Option<usize> {
        self.scopes.get(&scope).or_else(|| self.rest.get(more(Layer::Scopes))).copied()
    }
}
