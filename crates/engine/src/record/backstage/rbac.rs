//! Roles, policies and conditions of the community RBAC plugin.
//! <https://github.com/backstage/community-plugins/blob/main/workspaces/rbac/plugins/rbac-backend/docs/apis.md>

use serde::Deserialize;
use serde_json::Value;

use super::tolerant;

/// `{"memberReferences":[…],"name":"role:default/x","metadata":{…}}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RbacRole {
    /// `role:default/x`; unique.
    #[serde(deserialize_with = "tolerant::text")]
    pub name: Option<String>,
    /// Users and groups, as references; the plugin does not ask whether they exist. None where the document does not tell.
    #[serde(deserialize_with = "tolerant::texts")]
    pub member_references: Option<Vec<String>>,
    /// Where it comes from.
    #[serde(deserialize_with = "tolerant::record")]
    pub metadata: RbacMetadata,
}

/// Where a role or policy comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RbacMetadata {
    /// `csv-file`, `configuration`, `rest`, `legacy`, or a provider's name. It can be changed through its own source only.
    #[serde(deserialize_with = "tolerant::text")]
    pub source: Option<String>,
    /// In words.
    #[serde(deserialize_with = "tolerant::text")]
    pub description: Option<String>,
    /// Who answers for it, as a reference.
    #[serde(deserialize_with = "tolerant::text")]
    pub owner: Option<String>,
    /// Who made it.
    #[serde(deserialize_with = "tolerant::text")]
    pub author: Option<String>,
    /// Who changed it last.
    #[serde(deserialize_with = "tolerant::text")]
    pub modified_by: Option<String>,
    /// When it was made, as HTTP writes dates or as RFC 3339 does.
    #[serde(deserialize_with = "tolerant::text")]
    pub created_at: Option<String>,
    /// When it was changed last.
    #[serde(deserialize_with = "tolerant::text")]
    pub last_modified: Option<String>,
    /// Whether everybody has the role.
    #[serde(deserialize_with = "tolerant::flag")]
    pub is_default: Option<bool>,
}

/// `{"entityReference":"role:default/x","permission":"catalog-entity","policy":"read","effect":"allow","metadata":{…}}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RbacPolicy {
    /// The role.
    #[serde(deserialize_with = "tolerant::text")]
    pub entity_reference: Option<String>,
    /// The permission's name (`catalog.entity.delete`), or its resource type (`catalog-entity`).
    #[serde(deserialize_with = "tolerant::text")]
    pub permission: Option<String>,
    /// The action: `read`, `create`, `update`, `delete` or `use`.
    #[serde(deserialize_with = "tolerant::text")]
    pub policy: Option<String>,
    /// `allow` or `deny`; deny goes over allow.
    #[serde(deserialize_with = "tolerant::text")]
    pub effect: Option<String>,
    /// Where it comes from.
    #[serde(deserialize_with = "tolerant::record")]
    pub metadata: RbacMetadata,
}

/// `{"id":1,"result":"CONDITIONAL","roleEntityRef":…,"pluginId":…,"resourceType":…,"permissionMapping":["read"],"conditions":{…}}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RbacCondition {
    /// A number; unique.
    #[serde(deserialize_with = "tolerant::number")]
    pub id: Option<i64>,
    /// `CONDITIONAL`.
    #[serde(deserialize_with = "tolerant::text")]
    pub result: Option<String>,
    /// The role.
    #[serde(deserialize_with = "tolerant::text")]
    pub role_entity_ref: Option<String>,
    /// The plugin that the resource belongs to: `catalog`.
    #[serde(deserialize_with = "tolerant::text")]
    pub plugin_id: Option<String>,
    /// What kind of resource: `catalog-entity`.
    #[serde(deserialize_with = "tolerant::text")]
    pub resource_type: Option<String>,
    /// The actions that it is about.
    #[serde(deserialize_with = "actions")]
    pub permission_mapping: Vec<String>,
    /// For each of these actions the one permission that is meant, where it is named: all of the resource type are where not.
    /// Filled by [`RbacCondition::read`].
    #[serde(skip)]
    pub permission_names: Vec<Option<String>>,
    /// What must hold, as it stands in the document: see [`RbacCondition::criteria`].
    pub conditions: Value,
}

/// What must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Criteria {
    /// All of these.
    AllOf(Vec<Self>),
    /// At least one of these.
    AnyOf(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// A rule of the plugin: `IS_ENTITY_OWNER` with `claims: ["$ownerRefs"]`, say.
    Rule {
        /// The rule's name.
        rule: String,
        /// What kind of resource it is about.
        resource_type: Option<String>,
        /// Its parameters, which may hold the aliases `$currentUser` and `$ownerRefs`.
        params: Value,
    },
    /// Something else, which nobody should guess the sense of.
    Unknown,
}

/// Actions as texts, or as `{"name":"catalog.entity.read","action":"read"}`, as recent plugins want them.
fn actions<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(mappings(&value).map(|(action, _)| action.to_owned()).collect())
}

/// Actions, each with the name of its permission where there is one.
fn mappings(value: &Value) -> impl Iterator<Item = (&str, Option<&str>)> {
    value.as_array().into_iter().flatten().filter_map(|entry| match entry.as_str() {
        Some(action) => Some((action, None)),
        None => Some((entry.get("action")?.as_str()?, entry.get("name").and_then(Value::as_str))),
    })
}

impl RbacRole {
    /// Reads a document; none where it is no JSON object.
    pub fn read(text: &[u8]) -> Option<Self> {
        tolerant::document(text)
    }

    /// Its id: the name in lowercase.
    pub fn id(&self) -> Option<String> {
        named(self.name.as_deref()).map(str::to_lowercase)
    }

    /// Members' references, in lowercase as they are compared.
    pub fn members(&self) -> impl Iterator<Item = String> + '_ {
        self.member_references.iter().flatten().map(|member| member.trim().to_lowercase())
    }
}

impl RbacPolicy {
    /// Reads a document; none where it is no JSON object.
    pub fn read(text: &[u8]) -> Option<Self> {
        tolerant::document(text)
    }

    /// Its id, which the plugin does not give it: its parts as a policy file's line has them, `role:default/x, catalog-entity, read, allow`.
    pub fn id(&self) -> Option<String> {
        let role = named(self.entity_reference.as_deref())?.to_lowercase();
        let parts = [&self.permission, &self.policy, &self.effect];
        let mut id = part(&role);
        for text in parts {
            id.push_str(", ");
            id.push_str(&part(named(text.as_deref())?));
        }
        Some(id)
    }
}

/// A part of a line of comma separated values: in quotes where it must be, so that two policies never share an id.
fn part(text: &str) -> String {
    if text.contains([',', '"']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

impl RbacCondition {
    /// Reads a document; none where it is no JSON object.
    pub fn read(text: &[u8]) -> Option<Self> {
        #[derive(Default, Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        struct Names {
            permission_mapping: Value,
        }
        let names: Names = tolerant::document(text)?;
        Some(Self {
            permission_names: mappings(&names.permission_mapping)
                .map(|(_, name)| name.map(str::to_owned))
                .collect(),
            ..tolerant::document(text)?
        })
    }

    /// What it is about: the permission's name, or the resource type for all of its permissions, and the action.
    pub fn permissions(&self) -> impl Iterator<Item = (&str, &str)> {
        let names = self.permission_names.iter().map(Option::as_deref).chain(std::iter::repeat(None));
        let resource = self.resource_type.as_deref().unwrap_or_default();
        self.permission_mapping
            .iter()
            .zip(names)
            .map(move |(action, name)| (name.unwrap_or(resource), action.as_str()))
    }

    /// Its id as a text.
    pub fn id(&self) -> Option<String> {
        self.id.map(|id| id.to_string())
    }

    /// What must hold.
    pub fn criteria(&self) -> Criteria {
        Criteria::of(&self.conditions)
    }
}

impl Criteria {
    /// Reads a condition. How deep it nests is bounded by the JSON reader.
    fn of(value: &Value) -> Self {
        let all = |list: &Value| list.as_array().map(|list| list.iter().map(Self::of).collect::<Vec<_>>());
        if let Some(list) = value.get("allOf").and_then(all) {
            Self::AllOf(list)
        } else if let Some(list) = value.get("anyOf").and_then(all) {
            Self::AnyOf(list)
        } else if let Some(not) = value.get("not") {
            Self::Not(Box::new(Self::of(not)))
        } else if let Some(rule) = value.get("rule").and_then(Value::as_str) {
            Self::Rule {
                rule: rule.to_owned(),
                resource_type: value.get("resourceType").and_then(Value::as_str).map(str::to_owned),
                params: value.get("params").cloned().unwrap_or_default(),
            }
        } else {
            Self::Unknown
        }
    }
}

fn named(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}
