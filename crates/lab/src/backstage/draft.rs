//! An entity as its source gives it: without a uid, and without relations, which the catalog works out.

use std::sync::Arc;

use serde_json::Value;

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
    /// The members of `spec` as JSON, without the braces around them: text takes a third of the room that values take.
    spec: String,
    /// The relations that follow from `spec`: type, type of the way back, target's reference.
    pub(crate) links: Vec<(&'static str, &'static str, Arc<str>)>,
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
            spec: String::new(),
            links: Vec::new(),
            location: None,
        }
    }

    pub(crate) fn reference(&self) -> String {
        format!("{}:default/{}", self.kind.lower(), self.name.to_lowercase())
    }

    pub(crate) fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        let comma = if self.spec.is_empty() { "" } else { "," };
        let member = format!("{comma}{}:{}", Value::from(name), value.into());
        // What a text holds in reserve would stay for good.
        self.spec.reserve_exact(member.len());
        self.spec.push_str(&member);
        self
    }

    pub(crate) fn link(mut self, there: &'static str, back: &'static str, target: impl Into<Arc<str>>) -> Self {
        self.links.reserve_exact(1);
        self.links.push((there, back, target.into()));
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

    /// The whole document, straight to bytes: with 100,000 of them, values in between would be most of the work.
    /// `relations` are sorted by type and target.
    pub(crate) fn document(&self, uid: &str, orphan: bool, relations: Option<&[(&'static str, &str)]>) -> Vec<u8> {
        let mut doc = format!(
            r#"{{"apiVersion":"backstage.io/v1alpha1","kind":"{}","metadata":{{"namespace":"default","annotations":{{"#,
            self.kind.word()
        )
        .into_bytes();
        let marked = orphan.then_some(("backstage.io/orphan", "true"));
        let annotations = self.annotations.iter().map(|(name, value)| (*name, value.as_str())).chain(marked);
        for (place, (name, value)) in annotations.enumerate() {
            if place > 0 {
                doc.push(b',');
            }
            put(&mut doc, name);
            doc.push(b':');
            put(&mut doc, value);
        }
        doc.extend_from_slice(br#"},"name":"#);
        put(&mut doc, &self.name);
        if let Some(title) = &self.title {
            doc.extend_from_slice(br#","title":"#);
            put(&mut doc, title);
        }
        doc.extend_from_slice(br#","uid":"#);
        put(&mut doc, uid);
        doc.extend_from_slice(br#","etag":""#);
        let tag_at = doc.len();
        doc.extend_from_slice(&[b'0'; 40]);
        doc.extend_from_slice(br#""},"spec":{"#);
        doc.extend_from_slice(self.spec.as_bytes());
        doc.push(b'}');
        if let Some(relations) = relations {
            doc.extend_from_slice(br#","relations":["#);
            for (place, (sort, target)) in relations.iter().enumerate() {
                if place > 0 {
                    doc.push(b',');
                }
                doc.extend_from_slice(br#"{"type":""#);
                doc.extend_from_slice(sort.as_bytes());
                doc.extend_from_slice(br#"","targetRef":"#);
                put(&mut doc, target);
                doc.push(b'}');
            }
            doc.push(b']');
        }
        doc.push(b'}');
        // Over everything else: the tag's own place holds zeros while it is made.
        let tag = format!("{:040x}", xxhash_rust::xxh3::xxh3_128(&doc));
        doc[tag_at..tag_at + 40].copy_from_slice(tag.as_bytes());
        doc
    }
}

/// Writes a JSON string.
fn put(doc: &mut Vec<u8>, text: &str) {
    if text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        // A string is always JSON, and a vector takes all that is written.
        let _ = serde_json::to_writer(doc, text);
    } else {
        doc.push(b'"');
        doc.extend_from_slice(text.as_bytes());
        doc.push(b'"');
    }
}
