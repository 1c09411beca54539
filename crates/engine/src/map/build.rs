//! Putting the map together: items come in, one by one and in any order, and tables go out.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use lanyard_access::world::{Follow, State};
use lanyard_access::{Node, NodeKind};

use super::backstage::Rbac;
use super::tables::{Lost, LostWord, Origin, Tables};
use super::{Map, Vault};
use crate::Error;
use crate::directory::Directory;
use crate::record::{Documents, ItemKind, ItemRecord, Row};
use crate::view::{CoverageState, Source, SourceKind};

/// Takes items and makes a [`Map`] of them and of a picture. Items of sources that the picture does not count are left out.
pub struct MapBuilder {
    pub(super) directory: Arc<Directory>,
    pub(super) sources: Vec<Source>,
    /// By place: the source's place in `sources`.
    kinds: Vec<(SourceKind, usize)>,
    pub(super) tables: Tables,
    pub(super) rbac: HashMap<u16, Rbac>,
    pub(super) apps: Vec<super::azure::AppAssignment>,
    pub(super) vaults: HashMap<u32, Vault>,
    pub(super) guards: Vec<(u32, u32)>,
    pub(super) eligible: HashSet<(u16, Box<str>, u32, u32)>,
    dangling: HashMap<(u16, Box<str>), Node>,
}

/// What a principal's id leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// An account or a group.
    Held(Node),
    /// Nobody that the source holds.
    Nobody,
}

impl MapBuilder {
    /// Ready for the items that belong to this picture. `sources` are all sources, with their coverage.
    pub fn new(directory: Arc<Directory>, sources: Vec<Source>) -> Self {
        let kinds = directory
            .sources()
            .iter()
            .map(|facts| {
                let at = sources.iter().position(|source| source.id == facts.id).unwrap_or(usize::MAX);
                (sources.get(at).map_or(SourceKind::Scim, |source| source.settings.kind), at)
            })
            .collect();
        Self {
            directory,
            sources,
            kinds,
            tables: Tables::default(),
            rbac: HashMap::new(),
            apps: Vec::new(),
            vaults: HashMap::new(),
            guards: Vec::new(),
            eligible: HashSet::new(),
            dangling: HashMap::new(),
        }
    }

    /// The kinds of items that are wanted.
    pub fn kinds() -> &'static [ItemKind] {
        &ItemKind::ALL
    }

    /// Takes an item. A document that cannot be read is passed over: the sync has told of it.
    pub fn item(&mut self, item: &ItemRecord<'_>) {
        let Some(place) = self.place(item.source) else { return };
        match item.kind {
            ItemKind::Entity | ItemKind::RbacRole | ItemKind::RbacPolicy | ItemKind::RbacCondition => self.backstage_item(place, item),
            _ => self.azure_item(place, item),
        }
    }

    /// Accounts whose documents carry roles or entitlements, in the order of their rows.
    pub fn accounts_with_roles(&self) -> Vec<Row> {
        let directory = &self.directory;
        let mut rows: Vec<Row> = (0..directory.accounts())
            .filter(|account| {
                directory.roles_of_account(*account) > 0 && self.kind(directory.place_of_account(*account)) == SourceKind::Scim
            })
            .map(|account| directory.row_of_account(account))
            .collect();
        rows.sort_unstable();
        rows
    }

    /// The map. `documents` gives accounts' documents: of those with roles, and of applications that roles are assigned in.
    ///
    /// # Errors
    /// When a document cannot be read.
    pub fn finish(mut self, documents: &dyn Documents) -> Result<Map, Error> {
        self.take_scim_roles(documents)?;
        self.take_app_roles(documents)?;
        self.take_rbac();
        self.take_super_users();
        self.take_vaults();
        Ok(Map::new(self.directory, self.sources, self.tables, self.vaults))
    }

    fn place(&self, source: crate::view::SourceId) -> Option<u16> {
        let place = self.directory.sources().iter().position(|facts| facts.id == source)?;
        u16::try_from(place).ok()
    }

    pub(super) fn kind(&self, place: u16) -> SourceKind {
        self.kinds.get(usize::from(place)).map_or(SourceKind::Scim, |(kind, _)| *kind)
    }

    /// The source at a place, with its settings.
    pub(super) fn source(&self, place: u16) -> Option<&Source> {
        self.kinds.get(usize::from(place)).and_then(|(_, at)| self.sources.get(*at))
    }

    pub(super) fn places(&self) -> impl Iterator<Item = u16> + use<> {
        0..u16::try_from(self.kinds.len()).unwrap_or(u16::MAX)
    }

    /// What a principal's id leads to: an account or a group, as it is written or in lower case.
    pub(super) fn find(&self, place: u16, id: &str) -> Found {
        let directory = &self.directory;
        let held = |id: &str| {
            let group = || directory.group_with_id(place, id).map(|group| directory.graph().group_node(group));
            directory.account_with_id(place, id).or_else(group)
        };
        held(id).or_else(|| held(&id.to_lowercase())).map_or(Found::Nobody, Found::Held)
    }

    /// Adds an assignment, or notes that nobody holds it.
    #[expect(clippy::too_many_arguments, reason = "an assignment has that many parts")]
    pub(super) fn assign(&mut self, place: u16, principal: &str, role: u32, scope: u32, state: State, follow: Follow, origin: Origin) {
        match self.find(place, principal) {
            Found::Held(node) => self.tables.assign(node, role, scope, state, follow, origin),
            Found::Nobody => self.tables.lost.push(Lost {
                place,
                id: principal.into(),
                role,
                scope,
                state,
                origin,
            }),
        }
    }

    /// Notes what was found out about a principal.
    pub(super) fn lost_word(&mut self, place: u16, id: &str, word: LostWord) {
        self.tables.lost_words.insert((place, id.to_lowercase().into()), word);
    }

    /// Whether a collection of the source at a place was read in full.
    pub(super) fn is_complete(&self, place: u16, collection: &str) -> bool {
        let coverage = self.source(place).map(|source| &source.coverage);
        coverage.is_some_and(|all| {
            all.iter()
                .any(|coverage| coverage.collection == collection && coverage.state == CoverageState::Complete)
        })
    }

    /// The node of a dangling id: one that a group names and that its source does not hold.
    pub(super) fn dangling_node(&mut self, place: u16, id: &str) -> Option<Node> {
        let graph = self.directory.graph();
        if self.dangling.is_empty() && graph.dangling() > 0 {
            self.dangling = (0..graph.dangling())
                .map(|dangling| {
                    let key = (
                        self.directory.place_of_dangling(dangling),
                        self.directory.dangling_id(dangling).into(),
                    );
                    (key, graph.dangling_node(dangling))
                })
                .collect();
        }
        let node = self.dangling.get(&(place, id.into())).copied()?;
        debug_assert_eq!(graph.kind(node), NodeKind::Dangling);
        Some(node)
    }
}
