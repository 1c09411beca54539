//! An entity as its source gives it: without a uid, and without relations, which the catalog works out.

use serde_json::{Map, Value, json};

/// The kinds of entities that the portal has, in the order of their words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum EntityKind {
    Api,
    Component,
    Domain,
    Group,
    Location,
    Resource,
    System,
    User,
}

impl EntityKind {
    /// As `kind` says it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Api => "API",
            Self::Component => "Component",
            Self::Domain => "Domain",
            Self::Group => "Group",
            Self::Location => "Location",
            Self::Resource => "Resource",
            Self::System => "System",
            Self::User => "User",
        }
    }

    /// As references say it.
    pub(crate) fn lower(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Component => "component",
            Self::Domain => "domain",
            Self::Group => "group",
            Self::Location => "location",
            Self::Resource => "resource",
            Self::System => "system",
            Self::User => "user",
        }
    }
}

/// See the module.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    pub(crate) kind: EntityKind,
    pub(crate) name: String,
    pub(crate) title: Option<String>,
    pub(crate) annotations: Vec<(&'static str, String)>,
    pub(crate) spec: Map<String, Value>,
    /// The relations that follow from `spec`: type, type of the way back, target's reference.
    pub(crate) links: Vec<(&'static str, &'static str, String)>,
    /// The location entity that this one comes from, where it comes from one.
    pub(crate) location: Option<&'static str>,
}

impl Draft {
    pub(crate) fn new(kind: EntityKind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            title: None,
            annotations: Vec::new(),
            spec: Map::new(),
            links: Vec::new(),
            location: None,
        }
    }

    pub(crate) fn reference(&self) -> String {
        format!("{}:default/{}", self.kind.lower(), self.name.to_lowercase())
    }

    pub(crate) fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.spec.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn link(mut self, there: &'static str, back: &'static str, target: String) -> Self {
        self.links.push((there, back, target));
        self
    }

    /// Where it is managed, as every entity says it of itself.
    pub(crate) fn managed_by(mut self, location: &str) -> Self {
        self.annotations
            .insert(0, ("backstage.io/managed-by-origin-location", location.to_owned()));
        self.annotations
            .insert(0, ("backstage.io/managed-by-location", location.to_owned()));
        self
    }

    /// The whole document. `relations` are sorted by type and target.
    pub(crate) fn document(&self, uid: &str, orphan: bool, relations: Option<&[(&'static str, &str)]>) -> Value {
        let mut annotations: Map<String, Value> = self
            .annotations
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        if orphan {
            annotations.insert("backstage.io/orphan".to_owned(), json!("true"));
        }
        let mut metadata = Map::new();
        metadata.insert("namespace".to_owned(), json!("default"));
        metadata.insert("annotations".to_owned(), Value::Object(annotations));
        metadata.insert("name".to_owned(), json!(self.name));
        if let Some(title) = &self.title {
            metadata.insert("title".to_owned(), json!(title));
        }
        metadata.insert("uid".to_owned(), json!(uid));
        let mut whole = Map::new();
        whole.insert("apiVersion".to_owned(), json!("backstage.io/v1alpha1"));
        whole.insert("kind".to_owned(), json!(self.kind.word()));
        whole.insert("metadata".to_owned(), Value::Object(metadata));
        whole.insert("spec".to_owned(), Value::Object(self.spec.clone()));
        if let Some(relations) = relations {
            let shown = relations.iter().map(|(sort, target)| json!({"type": sort, "targetRef": target}));
            whole.insert("relations".to_owned(), shown.collect());
        }
        let tag = xxhash_rust::xxh3::xxh3_128(whole_bytes(&whole).as_slice());
        if let Some(metadata) = whole.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.insert("etag".to_owned(), json!(format!("{:040x}", tag)));
        }
        Value::Object(whole)
    }
}

fn whole_bytes(whole: &Map<String, Value>) -> Vec<u8> {
    // A map of strings to values is always JSON.
    serde_json::to_vec(whole).unwrap_or_default()
}
