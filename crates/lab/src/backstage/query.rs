//! Questions to the catalog: `filter=` of the GET requests, predicates of the POST ones, orders, fields, and cursors.

use serde_json::{Map, Value, json};

use super::refusal::PortalRefusal;
use crate::base64;

/// Everything that an entity can be asked for: each path in lower case, with each of its values in lower case. A list
/// gives its items at its own path, and `path.item` is `true` for each, as the catalog's search index has it.
pub(crate) fn facts(entity: &Value) -> Vec<(String, String)> {
    let mut all = cased_facts(entity);
    for (_, value) in &mut all {
        *value = value.to_lowercase();
    }
    all
}

/// The same with values as they are written: what facets count.
pub(crate) fn cased_facts(entity: &Value) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (name, value) in entity.as_object().into_iter().flatten() {
        if name == "relations" {
            for relation in value.as_array().into_iter().flatten() {
                let text = |name: &str| relation[name].as_str().unwrap_or_default();
                all.push((format!("relations.{}", text("type").to_lowercase()), text("targetRef").to_owned()));
            }
        } else {
            flatten(&name.to_lowercase(), value, &mut all);
        }
    }
    all
}

fn flatten(path: &str, value: &Value, all: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                flatten(&format!("{path}.{}", name.to_lowercase()), value, all);
            }
        }
        Value::Array(items) => {
            for item in items {
                if let Some(text) = item.as_str() {
                    all.push((format!("{path}.{}", text.to_lowercase()), "true".to_owned()));
                }
                flatten(path, item, all);
            }
        }
        Value::Null => all.push((path.to_owned(), String::new())),
        Value::String(text) => all.push((path.to_owned(), text.clone())),
        plain => all.push((path.to_owned(), plain.to_string())),
    }
}

fn plain_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned).to_lowercase()
}

/// What is asked of an entity.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ask {
    /// Each of these.
    All(Vec<Self>),
    /// One of these at the least.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// The path has one of these values.
    OneOf(String, Vec<String>),
    /// The path has a value, or none.
    Exists(String, bool),
    /// A value of the path begins so.
    Begins(String, String),
    /// A value of one of the paths holds this text.
    Holds(Vec<String>, String),
}

impl Ask {
    /// Reads the `filter` parameters: conditions of one are joined by "and", the same key again by "or"; several
    /// parameters are joined by "or".
    pub(crate) fn of_filters<'a>(filters: impl Iterator<Item = &'a str>) -> Result<Self, PortalRefusal> {
        let any: Vec<Self> = filters.map(Self::of_filter).collect::<Result<_, _>>()?;
        Ok(if any.is_empty() { Self::All(Vec::new()) } else { Self::Any(any) })
    }

    fn of_filter(filter: &str) -> Result<Self, PortalRefusal> {
        let mut all: Vec<Self> = Vec::new();
        for part in filter.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (key, value) = match part.split_once('=') {
                Some((key, value)) => (key.trim().to_lowercase(), Some(value.trim().to_lowercase())),
                None => (part.to_lowercase(), None),
            };
            if key.is_empty() {
                return Err(PortalRefusal::input(format!(
                    "Invalid filter, '{part}' is not a valid statement (expected a string on the form a=b or a= or a)"
                )));
            }
            let Some(value) = value else {
                all.push(Self::Exists(key, true));
                continue;
            };
            let known = all.iter_mut().find_map(|ask| match ask {
                Self::OneOf(known, values) if *known == key => Some(values),
                _ => None,
            });
            match known {
                Some(values) => values.push(value),
                None => all.push(Self::OneOf(key, vec![value])),
            }
        }
        Ok(Self::All(all))
    }

    /// Reads a predicate of a POST request.
    pub(crate) fn of_predicate(predicate: &Value) -> Result<Self, PortalRefusal> {
        Self::predicate(predicate, 0)
    }

    fn predicate(predicate: &Value, depth: usize) -> Result<Self, PortalRefusal> {
        let malformed = |what: &str| PortalRefusal::input(format!("Invalid query: {what}"));
        if depth > 32 {
            return Err(malformed("it is nested too deeply"));
        }
        let Some(map) = predicate.as_object() else {
            return Err(malformed("an object was expected"));
        };
        let mut all = Vec::new();
        for (key, value) in map {
            let each = || -> Result<Vec<Self>, PortalRefusal> {
                let items = value.as_array().ok_or_else(|| malformed(&format!("{key} takes a list")))?;
                items.iter().map(|item| Self::predicate(item, depth + 1)).collect()
            };
            all.push(match key.as_str() {
                "$all" => Self::All(each()?),
                "$any" => Self::Any(each()?),
                "$not" => Self::Not(Box::new(Self::predicate(value, depth + 1)?)),
                operator if operator.starts_with('$') => return Err(malformed(&format!("there is no operator {operator}"))),
                path => Self::field(path.to_lowercase(), value).ok_or_else(|| malformed(&format!("the value of {path} does not fit")))?,
            });
        }
        Ok(Self::All(all))
    }

    fn field(path: String, value: &Value) -> Option<Self> {
        let Some(map) = value.as_object() else {
            return (!value.is_array() && !value.is_null()).then(|| Self::OneOf(path, vec![plain_text(value)]));
        };
        let (operator, operand) = map.iter().next().filter(|_| map.len() == 1)?;
        match operator.as_str() {
            "$in" => Some(Self::OneOf(path, operand.as_array()?.iter().map(plain_text).collect())),
            "$exists" => Some(Self::Exists(path, operand.as_bool()?)),
            "$hasPrefix" => Some(Self::Begins(path, operand.as_str()?.to_lowercase())),
            "$contains" => Some(Self::OneOf(path, vec![plain_text(operand)])),
            _ => None,
        }
    }

    /// Whether the facts of an entity fit.
    pub(crate) fn fits(&self, facts: &[(String, String)]) -> bool {
        let has = |path: &str, test: &dyn Fn(&str) -> bool| facts.iter().any(|(name, value)| name == path && test(value));
        match self {
            Self::All(asks) => asks.iter().all(|ask| ask.fits(facts)),
            Self::Any(asks) => asks.iter().any(|ask| ask.fits(facts)),
            Self::Not(ask) => !ask.fits(facts),
            Self::OneOf(path, values) => has(path, &|value| values.iter().any(|wanted| wanted == value)),
            Self::Exists(path, wanted) => has(path, &|_| true) == *wanted,
            Self::Begins(path, start) => has(path, &|value| value.starts_with(start.as_str())),
            Self::Holds(paths, text) => paths.iter().any(|path| has(path, &|value| value.contains(text.as_str()))),
        }
    }

    /// Decides by the kind alone, where that is enough: most questions ask for a kind and for nothing else.
    pub(crate) fn by_kind(&self, kind: &str) -> Option<bool> {
        match self {
            Self::All(asks) => {
                let parts: Vec<Option<bool>> = asks.iter().map(|ask| ask.by_kind(kind)).collect();
                if parts.contains(&Some(false)) {
                    return Some(false);
                }
                parts.iter().all(Option::is_some).then_some(true)
            }
            Self::Any(asks) => {
                let parts: Vec<Option<bool>> = asks.iter().map(|ask| ask.by_kind(kind)).collect();
                if parts.contains(&Some(true)) {
                    return Some(true);
                }
                parts.iter().all(Option::is_some).then_some(false)
            }
            Self::Not(ask) => ask.by_kind(kind).map(|fits| !fits),
            Self::OneOf(path, values) if path == "kind" => Some(values.iter().any(|value| value == kind)),
            _ => None,
        }
    }
}

/// An order: a path, and whether it descends.
pub(crate) type Order = (String, bool);

/// Reads `orderField=metadata.name,asc`.
pub(crate) fn order(text: &str) -> Result<Order, PortalRefusal> {
    let (path, way) = text.split_once(',').unwrap_or((text, "asc"));
    match way {
        _ if path.trim().is_empty() => Err(PortalRefusal::input("Invalid order field: it is empty")),
        "asc" => Ok((path.trim().to_lowercase(), false)),
        "desc" => Ok((path.trim().to_lowercase(), true)),
        _ => Err(PortalRefusal::input("Invalid order field order, must be asc or desc")),
    }
}

/// Where a walk stands. Opaque to clients.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cursor {
    /// What the walk asks, as its first request said it.
    pub(crate) question: Value,
    /// How many entities stand before the page.
    pub(crate) skip: usize,
    /// The uid of the entity before the page, which finds the place again where entities came or went.
    pub(crate) after: Option<String>,
    /// How many pages the walk has come.
    pub(crate) page: u64,
}

impl Cursor {
    pub(crate) fn encode(&self) -> String {
        let value = json!({"query": self.question, "skip": self.skip, "after": self.after, "page": self.page, "isPrevious": false});
        base64::encode_plain(value.to_string().as_bytes())
    }

    pub(crate) fn decode(text: &str) -> Result<Self, PortalRefusal> {
        let malformed = || PortalRefusal::input("Malformed cursor, could not be parsed");
        let bytes = base64::decode(text).ok_or_else(malformed)?;
        let mut value: Value = serde_json::from_slice(&bytes).map_err(|_| malformed())?;
        let number = |name: &str| value[name].as_u64().ok_or_else(malformed);
        let (skip, page) = (usize::try_from(number("skip")?).map_err(|_| malformed())?, number("page")?);
        let after = value["after"].as_str().map(str::to_owned);
        if !value["query"].is_object() {
            return Err(malformed());
        }
        Ok(Self {
            question: value["query"].take(),
            skip,
            after,
            page,
        })
    }
}

/// Only these fields of an entity, each a path. Keys may hold dots themselves.
pub(crate) fn pick(entity: &Value, fields: &[String]) -> Value {
    let mut picked = Value::Object(Map::new());
    for field in fields {
        copy(entity, &mut picked, field);
    }
    picked
}

fn copy(from: &Value, to: &mut Value, path: &str) {
    let (Some(from), Some(to)) = (from.as_object(), to.as_object_mut()) else {
        return;
    };
    if let Some(value) = from.get(path) {
        to.insert(path.to_owned(), value.clone());
        return;
    }
    for (place, _) in path.match_indices('.') {
        let (head, rest) = (&path[..place], &path[place + 1..]);
        if let Some(inner) = from.get(head).filter(|inner| inner.is_object()) {
            let mut below = to.get(head).cloned().unwrap_or_else(|| Value::Object(Map::new()));
            copy(inner, &mut below, rest);
            if below.as_object().is_some_and(|map| !map.is_empty()) {
                to.insert(head.to_owned(), below);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity() -> Value {
        json!({
            "kind": "User",
            "metadata": {"name": "a", "annotations": {"graph.microsoft.com/user-id": "G1"}, "tags": ["Java"]},
            "spec": {"memberOf": ["group:default/x"], "profile": {"email": "A@x.example"}},
            "relations": [{"type": "memberOf", "targetRef": "group:default/x"}],
        })
    }

    #[test]
    fn filters_and_predicates_fit_what_they_say() {
        let facts = facts(&entity());
        let filter = |text: &str| Ask::of_filters(std::iter::once(text)).expect("a filter").fits(&facts);
        assert!(filter("kind=user"));
        assert!(filter("kind=group,kind=user"));
        assert!(!filter("kind=user,spec.profile.email=b@x.example"));
        assert!(filter("metadata.annotations.graph.microsoft.com/user-id=g1"));
        assert!(filter("relations.memberof=group:default/x"));
        assert!(filter("metadata.tags.java"));
        assert!(!filter("spec.owner"));
        assert!(Ask::of_filters(std::iter::once("=x")).is_err());
        let predicate = |value: Value| Ask::of_predicate(&value).map(|ask| ask.fits(&facts));
        assert_eq!(predicate(json!({"spec.profile.email": {"$in": ["a@X.example", "c"]}})), Ok(true));
        assert_eq!(
            predicate(json!({"$all": [{"kind": "User"}, {"$not": {"spec.owner": {"$exists": true}}}]})),
            Ok(true)
        );
        assert_eq!(
            predicate(json!({"$any": [{"kind": "Group"}, {"metadata.name": {"$hasPrefix": "b"}}]})),
            Ok(false)
        );
        assert!(predicate(json!({"$near": 1})).is_err());
        assert!(predicate(json!([1])).is_err());
    }

    #[test]
    fn what_the_kind_decides_is_decided_as_the_facts_would() {
        let of = |text: &str| Ask::of_filters(std::iter::once(text)).expect("a filter");
        assert_eq!(of("kind=user").by_kind("user"), Some(true));
        assert_eq!(of("kind=user").by_kind("group"), Some(false));
        assert_eq!(of("kind=user,metadata.name=a").by_kind("user"), None);
        assert_eq!(of("kind=user,metadata.name=a").by_kind("group"), Some(false));
        assert_eq!(Ask::Not(Box::new(of("kind=user"))).by_kind("group"), Some(true));
    }

    #[test]
    fn fields_are_picked_by_path_through_keys_with_dots() {
        let fields = [
            "kind",
            "metadata.name",
            "metadata.annotations.graph.microsoft.com/user-id",
            "spec.none",
        ]
        .map(str::to_owned);
        assert_eq!(
            pick(&entity(), &fields),
            json!({"kind": "User", "metadata": {"name": "a", "annotations": {"graph.microsoft.com/user-id": "G1"}}})
        );
    }

    #[test]
    fn cursors_come_back_and_rubbish_is_refused() {
        let cursor = Cursor {
            question: json!({"filter": ["kind=user"]}),
            skip: 200,
            after: Some("u".to_owned()),
            page: 2,
        };
        assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor));
        for bad in ["", "%%", "e30=", "bnVsbA==", "eyJza2lwIjotMX0="] {
            assert!(Cursor::decode(bad).is_err(), "{bad}");
        }
    }
}
