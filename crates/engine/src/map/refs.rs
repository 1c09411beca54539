//! Nodes as views show them.

use lanyard_access::Node;

use super::Map;
use super::address::{self, Address};
use super::tables::{RoleSort, ScopeSort};
use crate::view::{AccountType, Layer, NodeRef, SourceId, SourceKind};

impl Map {
    /// The kind of the source at a place.
    pub(super) fn system(&self, place: u16) -> SourceKind {
        let id = self.source_id(place);
        let source = self.sources.iter().find(|source| source.id == id);
        source.map_or(SourceKind::Scim, |source| source.settings.kind)
    }

    /// A source's name.
    pub(super) fn source_name(&self, place: u16) -> &str {
        &self.directory.source_at(place).name
    }

    fn node(&self, layer: Layer, place: u16, key: String, name: String, sort: String, id: String) -> NodeRef {
        NodeRef {
            key,
            layer,
            name,
            apart: None,
            sort,
            source: self.source_id(place),
            system: self.system(place),
            id,
        }
    }

    /// An identity.
    pub(super) fn person_ref(&self, person: u32) -> NodeRef {
        let directory = &self.directory;
        let lead = directory.identities().leader(person);
        let sort = directory.user_type_of(lead).map_or_else(
            || match directory.type_of_identity(person) {
                AccountType::Person => "person".to_owned(),
                AccountType::Service => "service account".to_owned(),
            },
            str::to_owned,
        );
        let node = self.node(
            Layer::People,
            directory.place_of_account(lead),
            address::person(&directory.key_of_node(lead)),
            directory.name_of_account(lead),
            sort,
            directory.id_of_account(lead),
        );
        let apart = directory.has_namesakes(person).then(|| directory.user_name_of(lead));
        NodeRef {
            apart: apart.map(|name| name.unwrap_or_else(|| node.id.clone())),
            ..node
        }
    }

    /// A group as one source holds it (by ordinal).
    pub(super) fn group_ref(&self, group: u32) -> NodeRef {
        let directory = &self.directory;
        let place = directory.place_of_group(group);
        let sort = match self.system(place) {
            SourceKind::Scim => "group",
            SourceKind::Backstage => "catalog group",
            SourceKind::Azure => "Entra group",
        };
        self.node(
            Layer::Groups,
            place,
            address::group(&directory.key_of_node(directory.graph().group_node(group))),
            directory.name_of_group(group),
            sort.to_owned(),
            directory.id_of_group(group),
        )
    }

    /// A linked group, by its leading group.
    pub(super) fn linked_ref(&self, cluster: u32) -> NodeRef {
        let mut group = self.group_ref(self.directory.linked_groups().leader(cluster));
        if self.directory.linked_groups().members(cluster).len() > 1 {
            "linked group".clone_into(&mut group.sort);
        }
        group
    }

    /// A role.
    pub(super) fn role_ref(&self, role: u32) -> NodeRef {
        let entry = &self.roles[role as usize];
        let sort = match (entry.sort, &entry.note) {
            (RoleSort::App, Some(app)) => format!("role of {app}"),
            (sort, _) => sort.words().to_owned(),
        };
        self.node(
            Layer::Roles,
            entry.place,
            address::role(self.source_id(entry.place), &entry.id),
            entry.name.to_string(),
            sort,
            entry.id.to_string(),
        )
    }

    /// A scope.
    pub(super) fn scope_ref(&self, scope: u32) -> NodeRef {
        let entry = &self.scopes[scope as usize];
        let sort = match entry.sort {
            ScopeSort::Entity => entry.id.split(':').next().unwrap_or("entity").to_owned(),
            sort => sort.words().to_owned(),
        };
        self.node(
            Layer::Scopes,
            entry.place,
            address::scope(self.source_id(entry.place), &entry.id),
            entry.name.to_string(),
            sort,
            entry.spelt.as_deref().unwrap_or(&entry.id).to_owned(),
        )
    }

    /// An account or a group, as an end of a hop; a dangling id as a person of that name.
    pub(super) fn end_ref(&self, node: Node) -> NodeRef {
        let graph = self.directory.graph();
        match graph.group_ordinal(node) {
            Some(group) => self.group_ref(group),
            None if node < graph.accounts() => self.person_ref(self.directory.identities().of(node)),
            None => {
                let dangling = node - graph.dangling_node(0);
                let id = self.directory.dangling_id(dangling);
                self.node(
                    Layer::People,
                    self.directory.place_of_dangling(dangling),
                    address::person(&self.directory.key_of_node(node)),
                    id.clone(),
                    "unknown".into(),
                    id,
                )
            }
        }
    }

    /// The identity with that address, or with that account's key.
    pub(super) fn person_of(&self, text: &str) -> Option<u32> {
        let key = match Address::read(text) {
            Some(Address::Person(key)) => key,
            Some(_) => return None,
            None => text,
        };
        let account = self.directory.account_of_key(key)?;
        Some(self.directory.identities().of(account))
    }

    /// The group (by ordinal) with that address, or with that key.
    pub(super) fn group_of(&self, text: &str) -> Option<u32> {
        match Address::read(text) {
            Some(Address::Group(key)) => self.directory.group_of_key(key),
            Some(_) => None,
            None => self.directory.group_of_key(text),
        }
    }

    /// The role with that address.
    pub(super) fn role_of(&self, text: &str) -> Option<u32> {
        let Some(Address::Role(source, id)) = Address::read(text) else {
            return None;
        };
        self.indexed(&self.role_index, source, id)
    }

    /// The scope with that address. Azure's ids are compared without regard to case.
    pub(super) fn scope_of(&self, text: &str) -> Option<u32> {
        let Some(Address::Scope(source, id)) = Address::read(text) else {
            return None;
        };
        self.indexed(&self.scope_index, source, id)
            .or_else(|| self.indexed(&self.scope_index, source, &super::azure::scope_id(id)))
    }

    fn indexed(&self, index: &std::collections::HashMap<(u16, Box<str>), u32>, source: SourceId, id: &str) -> Option<u32> {
        index.get(&(self.place_of(source)?, id.into())).copied()
    }

    /// The accounts of an identity.
    pub(super) fn accounts_of(&self, person: u32) -> &[Node] {
        self.directory.identities().members(person)
    }
}
