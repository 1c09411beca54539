//! Entities of the catalog.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::reference::{entity_ref, full_ref};
use super::tolerant;

/// The annotation of an entity that no source of the catalog vouches for any more, with the value `true`.
pub const ORPHAN: &str = "backstage.io/orphan";
/// The user type that the column of such a user says.
pub const ORPHANED_USER: &str = "Orphaned user";

const DEFAULT_NAMESPACE: &str = "default";

/// An entity, as far as access goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Entity {
    /// `User`, `Group`, `Component`, …
    #[serde(deserialize_with = "tolerant::text")]
    pub kind: Option<String>,
    /// Its name, and what is noted on it.
    #[serde(deserialize_with = "tolerant::record")]
    pub metadata: Metadata,
    /// What it is, as its source says.
    #[serde(deserialize_with = "tolerant::record")]
    pub spec: Spec,
    /// What it has to do with others, as the catalog worked it out; none where the document does not tell.
    #[serde(deserialize_with = "tolerant::records")]
    pub relations: Option<Vec<Relation>>,
}

/// `metadata` of an entity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// Unique within kind and namespace, whatever the case.
    #[serde(deserialize_with = "tolerant::text")]
    pub name: Option<String>,
    /// `default` where it is not named.
    #[serde(deserialize_with = "tolerant::text")]
    pub namespace: Option<String>,
    /// A name for people.
    #[serde(deserialize_with = "tolerant::text")]
    pub title: Option<String>,
    /// Changes with each change of the entity.
    #[serde(deserialize_with = "tolerant::text")]
    pub etag: Option<String>,
    /// Among them the ids that others know the entity by.
    #[serde(deserialize_with = "tolerant::pairs")]
    pub annotations: BTreeMap<String, String>,
}

/// `spec` of an entity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Spec {
    /// `team`, `service`, `website`, …
    #[serde(rename = "type", deserialize_with = "tolerant::text")]
    pub kind: Option<String>,
    /// Of a user or group.
    #[serde(deserialize_with = "tolerant::record")]
    pub profile: Profile,
    /// Of a user: the groups that it is a direct member of, perhaps as short references.
    #[serde(deserialize_with = "tolerant::texts")]
    pub member_of: Option<Vec<String>>,
    /// Of a group: the users that its own descriptor lists, perhaps as short references.
    #[serde(deserialize_with = "tolerant::texts")]
    pub members: Option<Vec<String>>,
    /// Of a group: the group above it. RBAC's inheritance follows it.
    #[serde(deserialize_with = "tolerant::text")]
    pub parent: Option<String>,
    /// Of a group: the groups below it.
    #[serde(deserialize_with = "tolerant::texts")]
    pub children: Option<Vec<String>>,
    /// The owner, as the descriptor names it.
    #[serde(deserialize_with = "tolerant::text")]
    pub owner: Option<String>,
    /// The system that it is a part of.
    #[serde(deserialize_with = "tolerant::text")]
    pub system: Option<String>,
    /// `production`, `experimental`, …
    #[serde(deserialize_with = "tolerant::text")]
    pub lifecycle: Option<String>,
}

/// `spec.profile` of a user or group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Profile {
    /// The name for people.
    #[serde(deserialize_with = "tolerant::text")]
    pub display_name: Option<String>,
    /// The e-mail address.
    #[serde(deserialize_with = "tolerant::text")]
    pub email: Option<String>,
}

/// What an entity has to do with another one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Relation {
    /// `ownedBy`, `hasMember`, `parentOf`, …
    #[serde(rename = "type", deserialize_with = "tolerant::text")]
    pub kind: Option<String>,
    /// The other one's reference.
    #[serde(deserialize_with = "tolerant::text")]
    pub target_ref: Option<String>,
    /// The other one in parts, as catalogs before 1.3 told it.
    #[serde(deserialize_with = "tolerant::pairs")]
    pub target: BTreeMap<String, String>,
}

impl Relation {
    /// The other one's reference, full and in lowercase.
    pub fn target(&self) -> Option<String> {
        match &self.target_ref {
            Some(target) => full_ref(target, None, DEFAULT_NAMESPACE),
            None => Some(entity_ref(
                self.target.get("kind")?,
                self.target.get("namespace").map_or(DEFAULT_NAMESPACE, String::as_str),
                self.target.get("name")?,
            )),
        }
    }
}

impl Entity {
    /// Reads a document; none where it is no JSON object.
    pub fn read(text: &[u8]) -> Option<Self> {
        tolerant::document(text)
    }

    /// Its reference, full and in lowercase; none where it lacks kind or name.
    pub fn reference(&self) -> Option<String> {
        let name = self.metadata.name.as_deref().filter(|name| !name.trim().is_empty())?;
        let kind = self.kind.as_deref().filter(|kind| !kind.trim().is_empty())?;
        Some(entity_ref(kind, self.namespace(), name))
    }

    /// Its namespace.
    pub fn namespace(&self) -> &str {
        self.metadata
            .namespace
            .as_deref()
            .filter(|namespace| !namespace.is_empty())
            .unwrap_or(DEFAULT_NAMESPACE)
    }

    /// What people call it.
    pub fn title(&self) -> Option<&str> {
        [&self.spec.profile.display_name, &self.metadata.title, &self.metadata.name]
            .into_iter()
            .flatten()
            .map(|text| text.trim())
            .find(|text| !text.is_empty())
    }

    /// An annotation that is not empty.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.metadata
            .annotations
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// Whether no source of the catalog vouches for it any more. It keeps all that it can do until somebody deletes it, unless the
    /// backend's `orphanStrategy` is `delete`.
    pub fn is_orphan(&self) -> bool {
        self.annotation(ORPHAN) == Some("true")
    }

    /// References of those that it has this relation with, full and in lowercase, in the document's order.
    pub fn related<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = String> + 'a {
        self.relations
            .iter()
            .flatten()
            .filter(move |relation| relation.kind.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(kind)))
            .filter_map(Relation::target)
    }

    /// References of its owners.
    pub fn owners(&self) -> Vec<String> {
        self.related("ownedBy").collect()
    }

    /// The group above a group, by `spec.parent`: the way of the RBAC plugin's inheritance.
    pub fn parent(&self) -> Option<String> {
        full_ref(self.spec.parent.as_deref()?, Some("group"), self.namespace())
    }

    /// A group's direct members: users, and the groups below it, since what is granted to a group is good for those. References, full
    /// and in lowercase, each once; none where the document does not tell its relations and lists nobody itself.
    pub fn group_members(&self) -> Option<Vec<String>> {
        let short = |list: &Option<Vec<String>>, kind: &str| -> Vec<String> {
            list.iter()
                .flatten()
                .filter_map(|text| full_ref(text, Some(kind), self.namespace()))
                .collect()
        };
        let mut members: Vec<String> = match &self.relations {
            // The catalog works them out from all sides: users' memberOf, groups' parent, children and members.
            Some(_) => self.related("hasMember").chain(self.related("parentOf")).collect(),
            None if self.spec.members.is_none() => return None,
            None => [short(&self.spec.members, "user"), short(&self.spec.children, "group")].concat(),
        };
        let mut seen = hashbrown::HashSet::new();
        members.retain(|member| seen.insert(member.clone()));
        Some(members)
    }
}
