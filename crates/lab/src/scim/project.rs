//! Which attributes an answer holds (RFC 7644 §3.9), and how quirks disguise it.

use std::collections::BTreeSet;

use bytes::Bytes;
use lanyard_scim::AttrPath;
use lanyard_scim::schema::Catalog;
use serde_json::{Map, Value, json};

use super::options::ScimOptions;
use super::quirk::Quirk;
use super::refusal::Refusal;
use super::store::{Entry, Family, Slot, Store};

/// What a client asked to see.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Projection {
    include: Vec<AttrPath>,
    exclude: Vec<AttrPath>,
}

impl Projection {
    /// From the two lists of a request; they exclude each other (RFC 7644 §3.9).
    pub(crate) fn new(include: &[String], exclude: &[String]) -> Result<Self, Refusal> {
        let read = |list: &[String]| -> Result<Vec<AttrPath>, Refusal> {
            let names = list.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
            names
                .map(|name| AttrPath::parse(name).map_err(|error| Refusal::invalid_value(format!("{name}: {error}"))))
                .collect()
        };
        let projection = Self {
            include: read(include)?,
            exclude: read(exclude)?,
        };
        if !projection.include.is_empty() && !projection.exclude.is_empty() {
            return Err(Refusal::invalid_value("attributes and excludedAttributes exclude each other"));
        }
        Ok(projection)
    }

    fn is_default(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }

    /// Keeps what was asked for. `id` and `schemas` always stay.
    fn apply(&self, map: Map<String, Value>, catalog: &Catalog) -> Map<String, Value> {
        let (wanted, keep) = if self.include.is_empty() {
            (&self.exclude, false)
        } else {
            (&self.include, true)
        };
        let targets: Vec<Target> = wanted.iter().map(|path| Target::of(path, catalog)).collect();
        let mut output = Map::new();
        for (name, value) in map {
            if matches!(name.as_str(), "id" | "schemas") {
                output.insert(name, value);
                continue;
            }
            let urn = name.starts_with("urn:").then_some(name.as_str());
            let kept = match (urn, value) {
                (Some(urn), Value::Object(inner)) => {
                    if targets.iter().any(|target| target.is_whole(urn)) {
                        keep.then_some(Value::Object(inner))
                    } else {
                        let inner: Map<String, Value> = inner
                            .into_iter()
                            .filter_map(|(name, value)| Some((name.clone(), filter(&targets, Some(urn), &name, value, keep)?)))
                            .collect();
                        (!inner.is_empty()).then_some(Value::Object(inner))
                    }
                }
                (_, value) => filter(&targets, None, &name, value, keep),
            };
            if let Some(value) = kept {
                output.insert(name, value);
            }
        }
        output
    }
}

/// A path as it lies in documents: extension, name, sub-attribute.
struct Target {
    extension: Option<String>,
    name: Option<String>,
    sub: Option<String>,
}

impl Target {
    fn of(path: &AttrPath, catalog: &Catalog) -> Self {
        if let Some(schema) = catalog.extension(path) {
            return Self {
                extension: Some(schema.id.clone()),
                name: None,
                sub: None,
            };
        }
        let extension = match catalog.find_attribute(path.schema.as_deref(), &path.name) {
            Some(found) => found.in_extension.then(|| found.schema.to_owned()),
            None => path.schema.clone(),
        };
        Self {
            extension,
            name: Some(path.name.clone()),
            sub: path.sub.clone(),
        }
    }

    fn is_whole(&self, urn: &str) -> bool {
        self.name.is_none() && self.is_in(Some(urn))
    }

    fn is_in(&self, urn: Option<&str>) -> bool {
        match (&self.extension, urn) {
            (Some(own), Some(urn)) => own.eq_ignore_ascii_case(urn),
            (None, None) => true,
            _ => false,
        }
    }

    fn names(&self, urn: Option<&str>, name: &str) -> bool {
        self.is_in(urn) && self.name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name))
    }
}

/// What is left of one attribute; with `keep`, only what is named stays, otherwise what is named goes.
fn filter(targets: &[Target], urn: Option<&str>, name: &str, value: Value, keep: bool) -> Option<Value> {
    let hits: Vec<&Target> = targets.iter().filter(|target| target.names(urn, name)).collect();
    if hits.is_empty() {
        return (!keep).then_some(value);
    }
    if hits.iter().any(|target| target.sub.is_none()) {
        return keep.then_some(value);
    }
    let named = |sub: &str| {
        hits.iter()
            .any(|target| target.sub.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(sub)))
    };
    let cut = |value: Value| match value {
        Value::Object(map) => Value::Object(map.into_iter().filter(|(sub, _)| named(sub) == keep).collect()),
        other => other,
    };
    let empty = |value: &Value| value.as_object().is_some_and(Map::is_empty);
    match value {
        Value::Array(values) => {
            let values: Vec<Value> = values.into_iter().map(cut).filter(|value| !empty(value)).collect();
            (!values.is_empty()).then_some(Value::Array(values))
        }
        other => Some(cut(other)).filter(|value| !empty(value)),
    }
}

/// Draws resources for answers.
pub(crate) struct Painter<'a> {
    pub(crate) store: &'a Store,
    pub(crate) catalog: &'a Catalog,
    pub(crate) options: &'a ScimOptions,
    pub(crate) projection: &'a Projection,
    /// Whether the answer is a list.
    pub(crate) list: bool,
    /// Whether entity tags are on at this moment.
    pub(crate) etag: bool,
}

impl Painter<'_> {
    /// The document as it goes out: the stored bytes where nothing has to be changed.
    pub(crate) fn paint(&self, family: Family, slot: Slot, entry: &Entry) -> Bytes {
        if self.projection.is_default() && self.etag && !self.disguises(family) {
            return entry.doc.clone();
        }
        let Value::Object(mut map) = entry.value() else {
            return entry.doc.clone();
        };
        let asked = self.projection.include.iter().any(|path| path.name.eq_ignore_ascii_case("groups"));
        if family == Family::Users && (asked || self.options.has(Quirk::UserGroups)) {
            let groups = groups_of(self.store, slot);
            if !groups.is_empty() {
                let meta = map.shift_remove("meta");
                map.insert("groups".to_owned(), Value::Array(groups));
                map.extend(meta.map(|meta| ("meta".to_owned(), meta)));
            }
        }
        let mut map = if self.projection.is_default() {
            map
        } else {
            self.projection.apply(map, self.catalog)
        };
        self.disguise(family, &mut map);
        serde_json::to_vec(&map).map_or_else(|_| entry.doc.clone(), Bytes::from)
    }

    fn disguises(&self, family: Family) -> bool {
        use Quirk::{EmptyMembers, NoLastModified, NoMembers, NoMembersInLists, NoMeta, NumericIds, StringBooleans, UserGroups};
        let always = [NumericIds, NoMeta, NoLastModified];
        let users = [StringBooleans, UserGroups];
        let groups = [NoMembers, NoMembersInLists, EmptyMembers];
        let own: &[Quirk] = if family == Family::Users { &users } else { &groups };
        always.iter().chain(own).any(|quirk| self.options.has(*quirk))
    }

    fn disguise(&self, family: Family, map: &mut Map<String, Value>) {
        let has = |quirk| self.options.has(quirk);
        if !self.etag
            && let Some(Value::Object(meta)) = map.get_mut("meta")
        {
            meta.shift_remove("version");
        }
        if has(Quirk::NoMeta) {
            map.shift_remove("meta");
        }
        if has(Quirk::NoLastModified)
            && let Some(Value::Object(meta)) = map.get_mut("meta")
        {
            meta.shift_remove("lastModified");
        }
        if family == Family::Groups {
            if has(Quirk::NoMembers) || (self.list && has(Quirk::NoMembersInLists)) {
                map.shift_remove("members");
            } else if self.list && has(Quirk::EmptyMembers) {
                map.insert("members".to_owned(), json!([]));
            }
        }
        if has(Quirk::StringBooleans) {
            for name in ["active", "emails", "phoneNumbers", "addresses"] {
                if let Some(value) = map.get_mut(name) {
                    booleans_to_text(value);
                }
            }
        }
        if has(Quirk::NumericIds)
            && let Some(number) = map.get("id").and_then(Value::as_str).and_then(|id| id.parse::<u64>().ok())
        {
            map.insert("id".to_owned(), Value::from(number));
        }
    }
}

fn booleans_to_text(value: &mut Value) {
    match value {
        Value::Bool(flag) => *value = Value::from(if *flag { "True" } else { "False" }),
        Value::Array(values) => values.iter_mut().for_each(booleans_to_text),
        Value::Object(map) => map.values_mut().for_each(booleans_to_text),
        _ => {}
    }
}

/// The `groups` of a user (RFC 7643 §4.1.2): direct ones, then those that nest them.
pub(crate) fn groups_of(store: &Store, user: Slot) -> Vec<Value> {
    let direct = store.users.holders(user);
    let mut seen: BTreeSet<Slot> = direct.iter().copied().collect();
    let mut found: Vec<(Slot, &str)> = direct.iter().map(|slot| (*slot, "direct")).collect();
    let mut next = 0;
    while let Some(&(group, _)) = found.get(next) {
        for &above in store.groups.holders(group) {
            if seen.insert(above) {
                found.push((above, "indirect"));
            }
        }
        next += 1;
    }
    let show = |(slot, kind): (Slot, &str)| {
        let group = store.groups.get(slot)?;
        Some(
            json!({"value": &*group.id, "$ref": format!("{}/Groups/{}", store.base(), group.id), "display": &*group.display, "type": kind}),
        )
    };
    found.into_iter().filter_map(show).collect()
}
