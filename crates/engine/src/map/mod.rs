//! The access map: who can do what on what, and by which paths, over all systems at once.
//!
//! It is made from a picture of the [`directory`](crate::directory) and the cache's items when it is first asked for, never changed,
//! and put in the place of the one before it. It knows records, views and the evaluation in `lanyard_access`, neither sources nor the store.
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`build`] with `azure`, `backstage`, `scim` | documents become roles, scopes, assignments, denies |
//! | [`tables`] | names, records and words by number |
//! | [`address`], [`actions`], `find` | what a question may name, and how |
//! | `words` | paths in words, hop by hop, with where each comes from |
//! | `caveats` | what was not read, and what that leaves open |
//! | `ask`, `who`, `without` | the questions |
//! | `privilege` | the most that each may do |
//! | `select`, `flow`, `matrix`, `table`, `restore` | the views |
//! | `scene` | what the rules of findings are asked with |
//! | `draw` | the flow as a drawing |
//! | `side` | the map as one side of a comparison |

pub mod actions;
pub mod address;
mod ask;
mod azure;
mod backstage;
pub mod build;
mod caveats;
mod draw;
mod find;
mod flow;
mod matrix;
mod people;
mod privilege;
mod refs;
mod restore;
mod scene;
mod scim;
mod select;
mod side;
mod table;
pub mod tables;
mod trace;
mod who;
mod without;
mod words;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock};

use lanyard_access::People;
use lanyard_access::permits::{is_privileged, permits_any, restore};
use lanyard_access::world::World;

pub use build::MapBuilder;
pub use draw::svg;
pub use find::Named;
pub(crate) use scene::About;
pub(crate) use side::ByRecord;
pub use table::TableList;
pub use trace::Trace;

use caveats::Gap;
use select::Remembered;
use tables::{DenyEntry, Failure, Lost, LostWord, Origin, Orphan, Provisioning, RoleEntry, ScopeEntry, Tables};

use crate::directory::Directory;
use crate::record::{ItemKind, Row};
use crate::view::{Caveat, Millis, Source, SourceId};

/// A vault and how it is guarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vault {
    /// Its scope.
    pub scope: u32,
    /// Whether it is a Backup vault; otherwise a Recovery Services vault.
    pub backup: bool,
    /// Whether multi-user authorization is on; none where that was not read.
    pub guarded: Option<bool>,
    /// The scope of its resource guard.
    pub guard: Option<u32>,
}

/// The access map. See the module.
pub struct Map {
    directory: Arc<Directory>,
    sources: Vec<Source>,
    world: World,
    roles: Vec<RoleEntry>,
    scopes: Vec<ScopeEntry>,
    origins: Vec<Origin>,
    denies: Vec<DenyEntry>,
    lost: Vec<Lost>,
    lost_words: HashMap<(u16, Box<str>), LostWord>,
    orphans: Vec<Orphan>,
    provisioning: Vec<Provisioning>,
    failures: Vec<Failure>,
    role_index: HashMap<(u16, Box<str>), u32>,
    scope_index: HashMap<(u16, Box<str>), u32>,
    /// Assignments by source and id; several for a Backstage role that is good on several scopes.
    assignment_index: HashMap<(u16, Box<str>), Vec<u32>>,
    vaults: Vec<Vault>,
    gaps: Vec<Gap>,
    /// By role.
    privileged: Vec<bool>,
    /// By role.
    can_restore: Vec<bool>,
    /// Identities by group, as they were asked for.
    people: People,
    sorts: OnceLock<people::Sorts>,
    selections: Mutex<Remembered>,
    restores: Mutex<Option<Arc<restore::Restores>>>,
}

impl Map {
    /// Indexes over what was put together.
    fn new(directory: Arc<Directory>, sources: Vec<Source>, tables: Tables, vaults: HashMap<u32, Vault>) -> Self {
        let Tables {
            facts,
            roles,
            scopes,
            origins,
            denies,
            lost,
            lost_words,
            orphans,
            mut provisioning,
            mut failures,
            role_index,
            scope_index,
        } = tables;
        provisioning.sort_unstable_by(|one, two| (one.place, &one.id).cmp(&(two.place, &two.id)));
        failures.sort_unstable_by(|one, two| (one.place, &one.id).cmp(&(two.place, &two.id)));
        let restore = restore();
        let privileged = facts
            .roles
            .iter()
            .zip(&roles)
            .map(|(role, entry)| is_privileged(&role.permits) || entry.sort == tables::RoleSort::Superuser)
            .collect();
        let can_restore = facts
            .roles
            .iter()
            .zip(&roles)
            // What may do everything in Backstage restores nothing.
            .map(|(role, entry)| entry.sort != tables::RoleSort::Superuser && permits_any(&role.permits, &restore))
            .collect();
        let world = World::new(directory.graph(), facts);
        let mut assignment_index: HashMap<(u16, Box<str>), Vec<u32>> = HashMap::new();
        for (origin, at) in origins.iter().zip(0..) {
            assignment_index.entry((origin.place, origin.id.clone())).or_default().push(at);
        }
        let mut vaults: Vec<Vault> = vaults.into_values().collect();
        vaults.sort_unstable_by(|one, two| {
            let name = |vault: &Vault| {
                let scope = &scopes[vault.scope as usize];
                (scope.name.to_lowercase(), scope.id.clone())
            };
            name(one).cmp(&name(two))
        });
        Self {
            gaps: caveats::gaps(&sources),
            people: People::default(),
            sorts: OnceLock::new(),
            selections: Mutex::default(),
            restores: Mutex::default(),
            directory,
            sources,
            world,
            roles,
            scopes,
            origins,
            denies,
            lost,
            lost_words,
            orphans,
            provisioning,
            failures,
            role_index,
            scope_index,
            assignment_index,
            vaults,
            privileged,
            can_restore,
        }
    }

    /// The number that its answers carry: the picture's.
    pub fn generation(&self) -> u64 {
        self.directory.generation()
    }

    /// The picture that it was made from.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Bytes of memory that it holds besides the picture, as far as they grow with what was read.
    pub fn memory(&self) -> usize {
        let text = |text: &str| text.len() + 16;
        let roles: usize = self.roles.iter().map(|role| 96 + text(&role.id) * 2 + text(&role.name)).sum();
        let scopes: usize = self.scopes.iter().map(|scope| 112 + text(&scope.id) * 2 + text(&scope.name)).sum();
        let origins: usize = self
            .origins
            .iter()
            .map(|origin| 72 + text(&origin.id) * 2 + text(&origin.record) + if origin.more.is_some() { 96 } else { 0 } + 48)
            .sum();
        roles + scopes + origins + self.world.facts().assignments.len() * 48 + self.people.memory()
    }

    /// Where the document of a role, a scope or an assignment is, by its address, and when it was read.
    pub fn document_row(&self, text: &str) -> Option<(Row, Option<Millis>)> {
        use address::{Address, EdgeAddress};
        match Address::read(text) {
            Some(Address::Role(..)) => {
                let role = &self.roles[self.role_of(text)? as usize];
                return Some((role.row?, self.directory.read_at(role.place)));
            }
            Some(Address::Scope(..)) => {
                let scope = &self.scopes[self.scope_of(text)? as usize];
                return Some((scope.row?, self.directory.read_at(scope.place)));
            }
            _ => {}
        }
        let EdgeAddress::Assignment(source, id) = EdgeAddress::read(text, |_, _| true)? else {
            return None;
        };
        let place = self.place_of(source)?;
        let known = self.assignment_index.get(&(place, id.into()));
        let origin = match known.and_then(|all| all.first()) {
            Some(at) => &self.origins[*at as usize],
            None => self
                .lost
                .iter()
                .map(|lost| &lost.origin)
                .find(|origin| origin.place == place && *origin.id == *id)?,
        };
        Some((origin.row?, self.directory.read_at(place)))
    }

    fn source_id(&self, place: u16) -> SourceId {
        self.directory.source_at(place).id
    }

    fn place_of(&self, source: SourceId) -> Option<u16> {
        let place = self.directory.sources().iter().position(|facts| facts.id == source)?;
        u16::try_from(place).ok()
    }

    /// All that the map cannot say.
    pub fn caveats(&self) -> Vec<Caveat> {
        let mut all = caveats::told(&self.gaps, None, None);
        all.extend(self.directory.people_caveats());
        all.extend(self.unread_roles(|_| true));
        all
    }

    /// What the map cannot say about these collections of one source, and about who is who and who is in what there.
    fn caveats_of(&self, place: u16, kinds: &[ItemKind]) -> Vec<Caveat> {
        let source = self.source_id(place);
        let mut all = caveats::told(&self.gaps, Some(source), Some(kinds));
        let people = self.directory.people_caveats();
        all.extend(people.into_iter().filter(|caveat| caveat.source.is_none_or(|of| of == source)));
        all
    }

    /// Roles that are held and whose definitions were not read: what they permit is not evaluated.
    fn unread_roles(&self, wanted: impl Fn(u32) -> bool) -> Vec<Caveat> {
        let mut unread: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
        for (role, entry) in (0u32..).zip(&self.roles) {
            if entry.sort == tables::RoleSort::Unread && wanted(role) {
                unread.entry(entry.place).or_default().push(&entry.name);
            }
        }
        let tell = |(place, names): (u16, Vec<&str>)| {
            let source = self.directory.source_at(place);
            let first = names.iter().take(3).copied().collect::<Vec<_>>().join(", ");
            let more = if names.len() > 3 {
                format!(" and {} more", names.len() - 3)
            } else {
                String::new()
            };
            Caveat {
                source: Some(source.id),
                text: format!(
                    "{}: {first}{more} held, but the definition was not read; what it permits is not evaluated",
                    source.name
                ),
            }
        };
        unread.into_iter().map(tell).collect()
    }

    /// Whether a collection of a source was read in full.
    fn was_read(&self, place: u16, kind: ItemKind) -> bool {
        let source = self.source_id(place);
        !self.gaps.iter().any(|gap| gap.source == source && gap.kind == kind)
    }
}
