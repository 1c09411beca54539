//! One query for three views: which assignments it leaves, and whom they reach.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::{Arc, OnceLock, PoisonError};

use lanyard_access::NodeKind;
use roaring::RoaringBitmap;

use super::Map;
use super::address::Address;
use crate::Error;
use crate::directory::{fold, words};
use crate::view::{AccountType, MapQuery};

/// Selections that are kept: what is looked at, and two to go back to. With their sums one takes some megabytes in a large tenant, and
/// each letter that is typed makes another one.
const KEPT: usize = 3;

/// Selections that were asked for lately, the latest first.
pub(super) type Remembered = VecDeque<(MapQuery, Arc<Selection>)>;

/// What a query leaves, its focus, target and open clusters aside.
#[derive(Debug, Default)]
pub(super) struct Selection {
    /// The assignments, ascending.
    pub assignments: RoaringBitmap,
    /// People who are left; none where all are.
    only: Option<RoaringBitmap>,
    /// People whose names match a search; assignments that match by nothing else reach them alone.
    matching: Option<RoaringBitmap>,
    /// Assignments that match a search by role, scope or group; all where there is no search.
    whole: Option<RoaringBitmap>,
    sums: OnceLock<Sums>,
}

/// What is summed over a selection once.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// By role and scope: the assignments, and the people whom they reach.
    pub pairs: BTreeMap<(u32, u32), (Vec<u32>, RoaringBitmap)>,
    /// By role: the people.
    pub roles: BTreeMap<u32, RoaringBitmap>,
    /// By scope: the people.
    pub scopes: BTreeMap<u32, RoaringBitmap>,
    /// All people.
    pub people: RoaringBitmap,
    /// Groups (ordinals) that hold something that is left, or are nested in one that does.
    pub groups: RoaringBitmap,
    /// The linked groups of these.
    pub linked: RoaringBitmap,
    /// The assignments to accounts themselves.
    pub direct: Vec<u32>,
    /// Lines of the list per person, made when first asked for.
    pub lines: OnceLock<Arc<super::table::Lines>>,
}

/// What a focus leaves of a selection.
#[derive(Debug, Default)]
pub(super) struct Narrowed {
    /// The assignments that lie on its paths.
    pub assignments: RoaringBitmap,
    /// The people on its paths; none where all that those assignments reach are.
    pub people: Option<RoaringBitmap>,
    /// Groups (ordinals) that paths may lead through; none where all may.
    pub groups: Option<RoaringBitmap>,
}

impl Selection {
    /// The people whom an assignment reaches, as far as the query leaves them.
    pub fn people(&self, map: &Map, at: u32) -> Arc<RoaringBitmap> {
        match map.people_of_assignment(at) {
            Some(people) => self.left(people, self.whole.as_ref().is_none_or(|whole| whole.contains(at))),
            None => Arc::default(),
        }
    }

    /// The people whom any of these assignments reaches.
    pub fn people_of_all(&self, map: &Map, assignments: &[u32]) -> RoaringBitmap {
        let mut people = RoaringBitmap::new();
        for at in assignments {
            people |= &*self.people(map, *at);
        }
        people
    }

    /// What a query leaves of a set of people: the set itself where that is all; `whole` where they need not match its search.
    fn left(&self, people: Arc<RoaringBitmap>, whole: bool) -> Arc<RoaringBitmap> {
        let matching = self.matching.as_ref().filter(|_| !whole);
        match (&self.only, matching) {
            (None, None) => people,
            (Some(narrower), None) | (None, Some(narrower)) => Arc::new(&*people & narrower),
            (Some(only), Some(matching)) => Arc::new(&*people & only & matching),
        }
    }

    /// Of a group's people those that the query leaves.
    pub fn of_group(&self, map: &Map, people: &RoaringBitmap) -> RoaringBitmap {
        let people = people & &self.sums(map).people;
        match &self.only {
            Some(only) => people & only,
            None => people,
        }
    }

    /// What is summed over it, made when first asked for.
    pub fn sums(&self, map: &Map) -> &Sums {
        self.sums.get_or_init(|| map.sums(self))
    }
}

impl Map {
    /// What a query leaves.
    pub(super) fn selection(&self, query: &MapQuery) -> Arc<Selection> {
        let key = MapQuery {
            focus: None,
            target: None,
            open: Vec::new(),
            ..query.clone()
        };
        let lock = || self.selections.lock().unwrap_or_else(PoisonError::into_inner);
        {
            let mut kept = lock();
            if let Some(at) = kept.iter().position(|(asked, _)| *asked == key) {
                kept.make_contiguous()[..=at].rotate_right(1);
                return Arc::clone(&kept[0].1);
            }
            // What goes goes first: its memory serves for what comes.
            kept.truncate(KEPT - 1);
        }
        let made = Arc::new(self.select(&key));
        let mut kept = lock();
        kept.truncate(KEPT - 1);
        kept.push_front((key, Arc::clone(&made)));
        made
    }

    fn select(&self, query: &MapQuery) -> Selection {
        let facts = self.world.facts();
        let roles: Vec<bool> = (0u32..)
            .zip(&self.roles)
            .map(|(at, role)| {
                (query.systems.is_empty() || query.systems.contains(&self.system(role.place)))
                    && (query.sources.is_empty() || query.sources.contains(&self.source_id(role.place)))
                    && (!query.privileged || self.privileged[at as usize])
                    && (!query.can_restore || self.can_restore[at as usize])
            })
            .collect();
        let drifted = query.drifted.then(|| self.drifted());
        let mut assignments: RoaringBitmap = (0u32..)
            .zip(&facts.assignments)
            .filter(|(_, given)| roles[given.role as usize])
            .filter(|(_, given)| drifted.as_ref().is_none_or(|drifted| drifted.contains(&given.principal)))
            .map(|(at, _)| at)
            .collect();
        let directory = &self.directory;
        let only = query.non_human.then(|| {
            let all = 0..directory.identities().len();
            all.filter(|person| directory.type_of_identity(*person) == AccountType::Service)
                .collect::<RoaringBitmap>()
        });
        let mut selection = Selection {
            only,
            ..Selection::default()
        };
        let wanted = words(&query.search);
        if !wanted.is_empty() {
            let fits = |name: &str| {
                let name = fold(name);
                wanted.iter().all(|word| name.contains(word.as_str()))
            };
            let role_fits: Vec<bool> = self.roles.iter().map(|role| fits(&role.name)).collect();
            let scope_fits: Vec<bool> = self.scopes.iter().map(|scope| fits(&scope.name)).collect();
            let above = self.above_matching_groups(&query.search);
            selection.whole = Some(
                assignments
                    .iter()
                    .filter(|at| {
                        let given = &facts.assignments[*at as usize];
                        role_fits[given.role as usize] || scope_fits[given.scope as usize] || above.contains(&given.principal)
                    })
                    .collect(),
            );
            selection.matching = Some(match directory.identities_matching(&query.search) {
                Some(hit) => (0..directory.identities().len()).filter(|person| hit(*person)).collect(),
                None => RoaringBitmap::new(),
            });
        }
        if selection.only.is_some() || selection.matching.is_some() {
            let left: RoaringBitmap = assignments
                .iter()
                .filter(|at| {
                    // What matches by itself stays, even where it reaches nobody.
                    let by_itself = selection.only.is_none() && selection.whole.as_ref().is_some_and(|whole| whole.contains(*at));
                    by_itself || !selection.people(self, *at).is_empty()
                })
                .collect();
            assignments = left;
        }
        selection.assignments = assignments;
        selection
    }

    /// Groups that systems differ about, and those that such a group is nested in, as nodes.
    fn drifted(&self) -> HashSet<u32> {
        let linked = self.directory.linked_groups();
        let differs: Vec<u32> = (0..linked.len())
            .filter(|cluster| linked.members(*cluster).iter().any(|group| self.directory.group_differs(*group)))
            .flat_map(|cluster| linked.members(cluster).to_vec())
            .collect();
        self.with_all_above(&differs)
    }

    fn above_matching_groups(&self, search: &str) -> HashSet<u32> {
        let linked = self.directory.linked_groups();
        let Some(hit) = self.directory.linked_groups_matching(search) else {
            return HashSet::new();
        };
        let groups: Vec<u32> = (0..linked.len())
            .filter(|cluster| hit(*cluster))
            .flat_map(|cluster| linked.members(cluster).to_vec())
            .collect();
        self.with_all_above(&groups)
    }

    /// Groups (ordinals) and all groups that they are nested in, as nodes.
    fn with_all_above(&self, groups: &[u32]) -> HashSet<u32> {
        let graph = self.directory.graph();
        let mut found: HashSet<u32> = groups.iter().map(|group| graph.group_node(*group)).collect();
        let mut todo: Vec<u32> = found.iter().copied().collect();
        while let Some(node) = todo.pop() {
            todo.extend(graph.groups_of(node).iter().copied().filter(|above| found.insert(*above)));
        }
        found
    }

    fn sums(&self, selection: &Selection) -> Sums {
        let facts = self.world.facts();
        let graph = self.directory.graph();
        let linked = self.directory.linked_groups();
        let mut sums = Sums::default();
        for at in &selection.assignments {
            let given = &facts.assignments[at as usize];
            let people = selection.people(self, at);
            if graph.kind(given.principal) == NodeKind::Account {
                sums.direct.push(at);
            }
            let pair = sums.pairs.entry((given.role, given.scope)).or_default();
            pair.0.push(at);
            pair.1 |= &*people;
        }
        for ((role, scope), (_, people)) in &sums.pairs {
            *sums.roles.entry(*role).or_default() |= people;
            *sums.scopes.entry(*scope).or_default() |= people;
            sums.people |= people;
        }
        let wanted = |at: u32| selection.assignments.contains(at);
        sums.groups = self.world.groups_with_roles(graph, wanted).into_iter().collect();
        sums.linked = sums.groups.iter().map(|group| linked.of(group)).collect();
        sums
    }

    /// What lies on the paths of a node.
    ///
    /// # Errors
    /// When there is no such node.
    pub(super) fn narrowed(&self, selection: &Selection, focus: &str) -> Result<Narrowed, Error> {
        let facts = self.world.facts();
        let graph = self.directory.graph();
        let kept = |holds: &dyn Fn(u32) -> bool| selection.assignments.iter().filter(|at| holds(*at)).collect::<RoaringBitmap>();
        let absent = |what| super::ask::missing(what, focus);
        match Address::read(focus) {
            Some(Address::Role(..)) => {
                let role = self.role_of(focus).ok_or_else(|| absent("role"))?;
                Ok(Narrowed {
                    assignments: kept(&|at| facts.assignments[at as usize].role == role),
                    ..Narrowed::default()
                })
            }
            Some(Address::Scope(..)) => {
                let scope = self.scope_of(focus).ok_or_else(|| absent("scope"))?;
                Ok(Narrowed {
                    assignments: kept(&|at| self.world.scopes().holds(facts.assignments[at as usize].scope, scope)),
                    ..Narrowed::default()
                })
            }
            Some(Address::Group(_)) => {
                let group = self.group_of(focus).ok_or_else(|| absent("group"))?;
                let linked = self.directory.linked_groups();
                let own = linked.members(linked.of(group));
                let above = self.with_all_above(own);
                let mut people = RoaringBitmap::new();
                let mut groups: RoaringBitmap = above.iter().filter_map(|node| graph.group_ordinal(*node)).collect();
                for group in own {
                    people |= &*self.people_in(*group);
                    groups.extend(graph.nested(*group).groups.iter().map(|(group, _)| *group));
                }
                Ok(Narrowed {
                    assignments: kept(&|at| above.contains(&facts.assignments[at as usize].principal)),
                    people: Some(people),
                    groups: Some(groups),
                })
            }
            Some(Address::Person(_)) | None => {
                let person = self.person_of(focus).ok_or_else(|| absent("person"))?;
                let accounts = self.accounts_of(person);
                let mut nodes: HashSet<u32> = accounts.iter().copied().collect();
                let mut groups = RoaringBitmap::new();
                for account in accounts {
                    for (group, _) in graph.ways_in(*account).groups {
                        nodes.insert(graph.group_node(group));
                        groups.insert(group);
                    }
                }
                Ok(Narrowed {
                    assignments: kept(&|at| nodes.contains(&facts.assignments[at as usize].principal)),
                    people: Some(RoaringBitmap::from_iter([person])),
                    groups: Some(groups),
                })
            }
        }
    }
}

impl Narrowed {
    /// What lies on the paths of both.
    pub fn and(self, other: Self) -> Self {
        let both = |one: Option<RoaringBitmap>, two: Option<RoaringBitmap>| match (one, two) {
            (Some(one), Some(two)) => Some(one & two),
            (one, two) => one.or(two),
        };
        Self {
            assignments: self.assignments & other.assignments,
            people: both(self.people, other.people),
            groups: both(self.groups, other.groups),
        }
    }
}
