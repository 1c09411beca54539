//! List requests (RFC 7644 §3.4.2): what was asked, who matches, in which order.

use std::cmp::Ordering;
use std::sync::Arc;

use lanyard_scim::filter::{CompareOp, Literal};
use lanyard_scim::instant;
use lanyard_scim::message::{ScimType, SearchRequest, SortOrder};
use lanyard_scim::schema::{AttributeType, Catalog};
use lanyard_scim::{AttrPath, Filter};
use serde_json::Value;

use super::definitions::Definitions;
use super::options::{FilterSupport, ScimOptions};
use super::project::{Projection, groups_of};
use super::quirk::Quirk;
use super::refusal::Refusal;
use super::store::{Family, Member, Slot, Store};

/// A list request, from the URI or from `.search`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    pub(crate) filter: Option<Filter>,
    pub(crate) sort_by: Option<AttrPath>,
    pub(crate) descending: bool,
    pub(crate) start_index: Option<i64>,
    pub(crate) count: Option<i64>,
    pub(crate) cursor: Option<String>,
    pub(crate) projection: Projection,
}

impl Query {
    /// From the parameters of a URI. Names are compared exactly, as everywhere in URIs; unknown ones are ignored.
    pub(crate) fn from_parameters(parameters: &[(String, String)]) -> Result<Self, Refusal> {
        let get = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let list = |name: &str| {
            get(name)
                .map(|value| value.split(',').map(str::to_owned).collect::<Vec<_>>())
                .unwrap_or_default()
        };
        let number = |name: &str| -> Result<Option<i64>, Refusal> {
            let Some(text) = get(name) else { return Ok(None) };
            text.trim()
                .parse()
                .map(Some)
                .map_err(|_| Refusal::invalid_value(format!("{name} must be a whole number, and is '{text}'")))
        };
        let sort_by = get("sortBy")
            .map(AttrPath::parse)
            .transpose()
            .map_err(|error| Refusal::invalid_value(format!("sortBy: {error}")))?;
        Ok(Self {
            filter: get("filter").map(parse).transpose()?,
            sort_by,
            descending: get("sortOrder").and_then(SortOrder::from_name) == Some(SortOrder::Descending),
            start_index: number("startIndex")?,
            count: number("count")?,
            cursor: get("cursor").map(str::to_owned),
            projection: Projection::new(&list("attributes"), &list("excludedAttributes"))?,
        })
    }

    /// From the body of `.search` (RFC 7644 §3.4.3).
    pub(crate) fn from_search(body: Value) -> Result<Self, Refusal> {
        if !body.is_object() {
            return Err(Refusal::invalid_syntax("a search request is a JSON object"));
        }
        let request = SearchRequest::from_value(body);
        Ok(Self {
            filter: request.filter.as_deref().map(parse).transpose()?,
            sort_by: request.sort_by,
            descending: request.sort_order == Some(SortOrder::Descending),
            start_index: request.start_index,
            count: request.count,
            cursor: request.cursor,
            projection: Projection::new(&request.attributes, &request.excluded_attributes)?,
        })
    }

    /// What a cursor is bound to.
    pub(crate) fn fingerprint(&self, families: &[Family]) -> String {
        let filter = self.filter.as_ref().map(Filter::to_string).unwrap_or_default();
        let sort = self.sort_by.as_ref().map(AttrPath::to_string).unwrap_or_default();
        format!("{families:?} {filter} {sort} {}", self.descending)
    }
}

fn parse(text: &str) -> Result<Filter, Refusal> {
    Filter::parse(text).map_err(|error| Refusal::of(ScimType::InvalidFilter, error.to_string()))
}

/// Finds and sorts.
pub(crate) struct Searcher<'a> {
    pub(crate) store: &'a Store,
    pub(crate) definitions: &'a Definitions,
    pub(crate) options: &'a ScimOptions,
}

impl Searcher<'_> {
    /// Everything that matches, in the order asked for.
    pub(crate) fn find(&self, families: &[Family], query: &Query) -> Result<Arc<[Member]>, Refusal> {
        let filter = self.usable(query.filter.as_ref())?;
        let mut found = Vec::new();
        if let Some(filter) = filter {
            for &family in families {
                let catalog = if families.len() > 1 {
                    self.definitions.everything()
                } else {
                    self.definitions.catalog(family)
                };
                self.matching(family, filter, catalog, &mut found);
            }
        } else if query.filter.is_none() || self.options.filter == FilterSupport::Ignored {
            for &family in families {
                found.extend(self.store.table(family).order.iter().map(|&slot| Member { family, slot }));
            }
        }
        if let Some(path) = query.sort_by.as_ref().filter(|_| self.options.sort) {
            let catalog = if families.len() > 1 {
                self.definitions.everything()
            } else {
                self.definitions.catalog(families[0])
            };
            sort(self.store, &mut found, path, catalog, query.descending)?;
        }
        Ok(found.into())
    }

    /// The filter as far as this server understands it; `None` when there is none to apply.
    fn usable<'f>(&self, filter: Option<&'f Filter>) -> Result<Option<&'f Filter>, Refusal> {
        let Some(filter) = filter else { return Ok(None) };
        let refuse = |detail: &str| Err(Refusal::of(ScimType::InvalidFilter, detail));
        if !is_simple(filter) {
            if self.options.has(Quirk::UnknownFilterIs500) {
                return Err(Refusal::plain(500, "Internal Server Error"));
            }
            if self.options.has(Quirk::UnknownFilterIsEmpty) {
                return Ok(None);
            }
        }
        match self.options.filter {
            FilterSupport::Full => Ok(Some(filter)),
            FilterSupport::Ignored => Ok(None),
            FilterSupport::Refused => refuse("filters are not supported here"),
            FilterSupport::EqOnly if is_simple(filter) => Ok(Some(filter)),
            FilterSupport::EqOnly => refuse("only eq and and are supported here"),
            FilterSupport::EqOnKeys => match filter {
                Filter::Compare {
                    path, op: CompareOp::Eq, ..
                } if ["userName", "externalId", "displayName", "id"].iter().any(|key| path.is(key)) => Ok(Some(filter)),
                _ => refuse("only eq on userName, externalId, displayName and id is supported here"),
            },
        }
    }

    fn matching(&self, family: Family, filter: &Filter, catalog: &Catalog, found: &mut Vec<Member>) {
        let table = self.store.table(family);
        let asks_groups = family == Family::Users && filter.paths().iter().any(|path| path.name.eq_ignore_ascii_case("groups"));
        let matcher = filter.compile(catalog);
        let holds = |slot: Slot| {
            let Some(entry) = table.get(slot) else { return false };
            let mut value = entry.value();
            if asks_groups {
                value["groups"] = Value::Array(groups_of(self.store, slot));
            }
            matcher.matches(&value)
        };
        let narrowed = self.narrow(family, filter);
        match narrowed {
            Some(Narrowed { mut slots, exact }) => {
                slots.sort_unstable();
                slots.dedup();
                found.extend(
                    slots
                        .into_iter()
                        .filter(|&slot| exact || holds(slot))
                        .map(|slot| Member { family, slot }),
                );
            }
            None => found.extend(
                table
                    .order
                    .iter()
                    .copied()
                    .filter(|&slot| holds(slot))
                    .map(|slot| Member { family, slot }),
            ),
        }
    }

    /// Candidates from an index, if one part of the filter has an index.
    fn narrow(&self, family: Family, filter: &Filter) -> Option<Narrowed> {
        match filter {
            Filter::And(parts) => {
                let best = parts
                    .iter()
                    .filter_map(|part| self.narrow(family, part))
                    .min_by_key(|narrowed| narrowed.slots.len())?;
                Some(Narrowed { exact: false, ..best })
            }
            Filter::Compare {
                path,
                op,
                value: Literal::String(text),
            } if path.schema.is_none() => self.by_key(family, path, *op, text),
            Filter::ValuePath { path, filter } if path.is("members") => match &**filter {
                Filter::Compare {
                    path,
                    op: CompareOp::Eq,
                    value: Literal::String(id),
                } if path.is("value") => self.holding(family, id),
                _ => None,
            },
            _ => None,
        }
    }

    fn by_key(&self, family: Family, path: &AttrPath, op: CompareOp, text: &str) -> Option<Narrowed> {
        let table = self.store.table(family);
        let named = |name: &str, sub: Option<&str>| {
            let same = |own: &Option<String>| own.as_deref().map(str::to_ascii_lowercase).as_deref() == sub;
            path.name.eq_ignore_ascii_case(name) && same(&path.sub)
        };
        if named("meta", Some("lastmodified")) {
            return self.by_time(family, op, text);
        }
        if op != CompareOp::Eq {
            return None;
        }
        let some = |slots: Vec<Slot>| Some(Narrowed { slots, exact: false });
        let name = if family == Family::Users { "userName" } else { "displayName" };
        if named("id", None) {
            some(table.slot(text).into_iter().collect())
        } else if named("externalId", None) {
            some(table.external(text).collect())
        } else if named(name, None) {
            some(table.named(&text.to_lowercase()).collect())
        } else if named("members", None) || named("members", Some("value")) {
            self.holding(family, text)
        } else {
            None
        }
    }

    fn holding(&self, family: Family, id: &str) -> Option<Narrowed> {
        // A dangling member is in no index.
        if family != Family::Groups || self.options.has(Quirk::DanglingMembers) {
            return None;
        }
        let holders = self
            .store
            .find(id)
            .map(|member| self.store.table(member.family).holders(member.slot).to_vec());
        Some(Narrowed {
            slots: holders.unwrap_or_default(),
            exact: true,
        })
    }

    /// `meta.lastModified` compared with a time: milliseconds on both sides, so the index answers exactly.
    fn by_time(&self, family: Family, op: CompareOp, text: &str) -> Option<Narrowed> {
        let time = instant::unix_millis(text)?;
        // A time between two milliseconds is left to the slow way.
        let whole = text
            .split_once('.')
            .is_none_or(|(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count() <= 3);
        if !whole {
            return None;
        }
        let index = &self.store.table(family).by_modified;
        let range = match op {
            CompareOp::Gt => index.range((time + 1, 0)..),
            CompareOp::Ge => index.range((time, 0)..),
            CompareOp::Lt => index.range(..(time, 0)),
            CompareOp::Le => index.range(..(time + 1, 0)),
            CompareOp::Eq => index.range((time, 0)..(time + 1, 0)),
            _ => return None,
        };
        Some(Narrowed {
            slots: range.map(|(_, slot)| *slot).collect(),
            exact: true,
        })
    }
}

struct Narrowed {
    slots: Vec<Slot>,
    /// True when the index alone decides.
    exact: bool,
}

/// Whether a filter holds nothing but `eq` and `and`.
fn is_simple(filter: &Filter) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().all(is_simple),
        Filter::Compare { op, .. } => *op == CompareOp::Eq,
        _ => false,
    }
}

/// What resources are sorted by. What has no value comes last, or first when descending (RFC 7644 §3.4.2.3).
#[derive(Debug, PartialEq)]
enum Key {
    Number(f64),
    Text(String),
    Missing,
}

impl Key {
    fn compare(&self, other: &Self) -> Ordering {
        let rank = |key: &Self| match key {
            Self::Number(_) => 0,
            Self::Text(_) => 1,
            Self::Missing => 2,
        };
        match (self, other) {
            (Self::Number(left), Self::Number(right)) => left.total_cmp(right),
            (Self::Text(left), Self::Text(right)) => left.cmp(right),
            _ => rank(self).cmp(&rank(other)),
        }
    }
}

fn sort(store: &Store, found: &mut Vec<Member>, path: &AttrPath, catalog: &Catalog, descending: bool) -> Result<(), Refusal> {
    let definition = catalog
        .find(path)
        .ok_or_else(|| Refusal::of(ScimType::InvalidPath, format!("sortBy: there is no attribute {path}")))?;
    let (exact, time) = (
        definition.compared().is_case_exact(),
        definition.compared().kind == Some(AttributeType::DateTime),
    );
    let urn = definition.in_extension.then_some(definition.schema);
    let key = |member: &Member| -> Key {
        let Some(entry) = store.table(member.family).get(member.slot) else {
            return Key::Missing;
        };
        if path.is("userName") && member.family == Family::Users {
            return Key::Text(entry.name.to_string());
        }
        let value = entry.value();
        let holder = match urn {
            Some(urn) => value.get(urn).unwrap_or(&Value::Null),
            None => &value,
        };
        let Some(attribute) = holder.get(&definition.attribute.name) else {
            return Key::Missing;
        };
        // Of several values, the primary one counts, else the first (RFC 7644 §3.4.2.3).
        let one = match attribute {
            Value::Array(values) => values
                .iter()
                .find(|value| value["primary"] == true)
                .or(values.first())
                .unwrap_or(&Value::Null),
            other => other,
        };
        let sub = definition
            .sub
            .map(|sub| sub.name.as_str())
            .or(definition.attribute.is_complex().then_some("value"));
        let one = match sub {
            Some(sub) => one.get(sub).unwrap_or(&Value::Null),
            None => one,
        };
        match one {
            Value::String(text) if time => instant::unix_millis(text).map_or(Key::Missing, |millis| Key::Number(millis as f64)),
            Value::String(text) => Key::Text(if exact { text.clone() } else { text.to_lowercase() }),
            Value::Number(number) => number.as_f64().map_or(Key::Missing, Key::Number),
            Value::Bool(flag) => Key::Number(f64::from(u8::from(*flag))),
            _ => Key::Missing,
        }
    };
    let mut keyed: Vec<(Key, Member)> = found.iter().map(|member| (key(member), *member)).collect();
    keyed.sort_by(|(left, _), (right, _)| if descending { right.compare(left) } else { left.compare(right) });
    *found = keyed.into_iter().map(|(_, member)| member).collect();
    Ok(())
}
