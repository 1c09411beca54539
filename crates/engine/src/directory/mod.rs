//! The directory: the picture in memory that People, Groups, the palette, the Overview and exports are answered from.
//!
//! It is made from the cache's rows after each sync, never changed, and put in the place of the one before it. It holds no
//! documents, only what lists show and what is searched, in columns: some 200 bytes per account with its texts, and 8 per
//! membership. Documents are asked of the cache, for the one person that is looked at and for filters over attributes that
//! have no column.
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`build`] | takes rows, joins accounts into identities, makes all that follows |
//! | `columns`, `texts`, `intern`, `bits`, `fold` | how it is held |
//! | `search`, `order`, `facets`, `filter`, `known` | how lists are narrowed and sorted |
//! | `people`, `person`, `groups`, `group`, `members`, `goto`, `overview` | the answers |
//! | `subjects`, `joins` | who is the same, by which rule or decision |
//! | `compare`, `attributes`, `differ` | sources side by side |
//! | `scene` | what the rules of findings are asked with |
//! | [`check`] | the filter box |

mod access;
mod attributes;
mod bits;
mod build;
pub mod check;
mod columns;
mod compare;
mod differ;
mod facets;
mod facts;
mod filter;
mod fold;
mod goto;
mod group;
mod groups;
mod intern;
mod joins;
mod known;
mod members;
mod order;
mod overview;
mod people;
mod person;
mod scene;
mod search;
mod subjects;
mod supersede;
mod texts;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use lanyard_access::{Clusters, Graph, GroupCount};

pub use build::DirectoryBuilder;
pub use facts::{Collection, SourceFacts};
pub(crate) use fold::{fold, words};
pub use groups::GroupList;
pub use people::PeopleList;
pub use supersede::Latest;

use bits::Bits;
use columns::{Accounts, Dangling, Groups, Ids, field};
use search::Search;

use crate::record::{Decision, ResourceKind, Row};
use crate::view::{Caveat, CoverageState, Millis, SourceId};

/// The picture in memory. See the module.
#[derive(Debug)]
pub struct Directory {
    generation: u64,
    /// The enabled sources, in the order of the slots.
    sources: Vec<SourceFacts>,
    places: HashMap<SourceId, u16>,
    /// The authoritative source's place.
    lead: Option<u16>,
    accounts: Accounts,
    groups: Groups,
    dangling: Dangling,
    /// Accounts joined into identities.
    people: Clusters,
    /// Groups joined into linked groups.
    linked: Clusters,
    /// What the rules could not decide.
    open: joins::Open,
    /// What an admin decided, oldest first.
    decided: Vec<Decision>,
    graph: Graph,
    counts: Vec<GroupCount>,
    /// By group: whether it, or a group in it, does not list its members.
    unlisted: Vec<bool>,
    ids: Ids,
    group_ids: Ids,
    /// Identities and linked groups by name.
    person_names: Vec<u32>,
    group_names: Vec<u32>,
    /// By account and by group: its place among all by name.
    account_places: Vec<u32>,
    group_places: Vec<u32>,
    person_groups: Vec<u32>,
    account_search: Search,
    group_search: Search,
    people_facets: Vec<(Bits, u32)>,
    group_facets: Vec<(Bits, u32)>,
    people_orders: people::Orders,
    group_orders: groups::Orders,
    account_filters: Mutex<filter::Remembered>,
    group_filters: Mutex<filter::Remembered>,
    members: Mutex<members::Remembered>,
}

/// Where an account or group is in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located {
    /// A User or a Group.
    pub kind: ResourceKind,
    /// Its number in the cache.
    pub row: Row,
    /// Its source.
    pub source: SourceId,
    /// When its source was last read.
    pub read_at: Option<Millis>,
}

impl Directory {
    /// A picture of nothing.
    pub fn empty(generation: u64) -> Self {
        DirectoryBuilder::new(Vec::new()).finish(generation)
    }

    /// The number that its pages carry.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The sources that it counts, in the order of the slots.
    pub fn sources(&self) -> &[SourceFacts] {
        &self.sources
    }

    /// How many accounts it holds.
    pub fn accounts(&self) -> u32 {
        self.accounts.len()
    }

    /// Bytes of memory that it holds, as far as they grow with the number of accounts, groups and memberships.
    pub fn memory(&self) -> usize {
        let numbers = self.account_places.len()
            + self.group_places.len()
            + self.person_names.len()
            + self.group_names.len()
            + self.person_groups.len();
        let clusters = if self.people.is_trivial() { 4 } else { 12 } * self.accounts.len() as usize;
        let graph = self.graph.memberships() * 8 + self.graph.nodes() as usize * 4;
        self.accounts.memory()
            + self.groups.memory()
            + self.dangling.texts.memory()
            + self.ids.memory()
            + self.group_ids.memory()
            + self.account_search.memory()
            + self.group_search.memory()
            + numbers * 4
            + clusters
            + graph
    }

    /// Where an account or group is in the cache, by its key.
    pub fn locate(&self, key: &str) -> Option<Located> {
        let located = |kind, row, source: u16| {
            let facts = &self.sources[usize::from(source)];
            Located {
                kind,
                row,
                source: facts.id,
                read_at: facts.read_at,
            }
        };
        if let Some(account) = self.account(key) {
            return Some(located(
                ResourceKind::User,
                self.accounts.row[account as usize],
                self.accounts.source[account as usize],
            ));
        }
        let group = self.group_record(key)?;
        Some(located(
            ResourceKind::Group,
            self.groups.row[group as usize],
            self.groups.source[group as usize],
        ))
    }

    /// The accounts and groups, as source and id, whose history belongs to an identity or linked group.
    pub fn timeline_keys(&self, key: &str) -> Vec<(SourceId, String)> {
        let mut keys = Vec::new();
        if let Some(account) = self.account(key) {
            let members = self.people.members(self.people.of(account)).iter();
            keys.extend(members.map(|account| {
                (
                    self.account_source(*account).id,
                    self.accounts.texts.original(*account, field::ID).into_owned(),
                )
            }));
        }
        if let Some(group) = self.group_record(key) {
            let members = self.linked.members(self.linked.of(group)).iter();
            keys.extend(members.map(|group| {
                (
                    self.group_source(*group).id,
                    self.groups.texts.original(*group, field::GROUP_ID).into_owned(),
                )
            }));
        }
        keys.sort();
        keys.dedup();
        keys
    }

    /// The account with that key.
    fn account(&self, key: &str) -> Option<u32> {
        let (source, id) = self.split(key)?;
        self.ids.find(&self.accounts.texts, field::ID, &self.accounts.source, source, id)
    }

    /// The group with that key.
    fn group_record(&self, key: &str) -> Option<u32> {
        let (source, id) = self.split(key)?;
        self.group_ids
            .find(&self.groups.texts, field::GROUP_ID, &self.groups.source, source, id)
    }

    fn split<'k>(&self, key: &'k str) -> Option<(u16, &'k str)> {
        let (source, id) = key.split_once('.')?;
        Some((*self.places.get(&source.parse().ok()?)?, id))
    }

    fn account_source(&self, account: u32) -> &SourceFacts {
        &self.sources[usize::from(self.accounts.source[account as usize])]
    }

    fn group_source(&self, group: u32) -> &SourceFacts {
        &self.sources[usize::from(self.groups.source[group as usize])]
    }

    fn account_key(&self, account: u32) -> String {
        format!(
            "{}.{}",
            self.account_source(account).id,
            self.accounts.texts.original(account, field::ID)
        )
    }

    fn group_key(&self, group: u32) -> String {
        format!(
            "{}.{}",
            self.group_source(group).id,
            self.groups.texts.original(group, field::GROUP_ID)
        )
    }

    fn dangling_key(&self, dangling: u32) -> String {
        let source = &self.sources[usize::from(self.dangling.source[dangling as usize])];
        format!("{}.{}", source.id, self.dangling.texts.original(dangling, 0))
    }

    fn caveats(&self, collections: &[Collection]) -> Vec<Caveat> {
        let mut caveats: Vec<Caveat> = self.sources.iter().flat_map(|source| source.caveats(collections)).collect();
        if self.sources.is_empty() {
            caveats.push(Caveat {
                source: None,
                text: "No source is connected and switched on; nothing is known.".into(),
            });
        }
        caveats
    }

    /// The place of a source that is counted.
    fn place(&self, source: SourceId) -> Option<u16> {
        self.places.get(&source).copied()
    }

    /// Whether a collection of the source at this place was read in full.
    fn is_complete(&self, place: usize, collection: Collection) -> bool {
        self.sources[place].state(collection) == CoverageState::Complete
    }
}

/// A picture that is shared and put in the place of another.
pub type Shared = Arc<Directory>;
