//! Lists of the catalog: who may see what, in which order, page by page.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_64;

use super::call::{Call, Reply};
use super::catalog::{Catalog, Entity};
use super::decide::{Decision, as_question, decide};
use super::portal::Portal;
use super::query::{Ask, Cursor, Order, cased_facts, facts, order, pick};
use super::quirk::PortalQuirk;
use super::refusal::PortalRefusal;
use super::tokens::Principal;
use crate::faults::FaultKind;

/// What of the catalog a principal may read.
#[derive(Debug, Clone)]
pub(crate) enum View {
    Everything,
    Nothing,
    /// What fits, and the criteria by which.
    Some(Ask, String),
}

impl View {
    pub(crate) fn of(portal: &Portal, catalog: &Catalog, principal: &Principal) -> Self {
        let Principal::User(subject) = principal else {
            return Self::Everything;
        };
        match decide(
            &portal.rbac(),
            catalog,
            subject,
            "catalog.entity.read",
            Some("catalog-entity"),
            "read",
        ) {
            Decision::Allow => Self::Everything,
            Decision::Deny => Self::Nothing,
            Decision::Conditional { criteria, .. } => Self::Some(as_question(&criteria), criteria.to_string()),
        }
    }

    pub(crate) fn shows(&self, entity: &Entity) -> bool {
        match self {
            Self::Everything => true,
            Self::Nothing => false,
            Self::Some(ask, _) => ask.fits(&facts(&entity.value())),
        }
    }

    fn word(&self) -> &str {
        match self {
            Self::Everything => "*",
            Self::Nothing => "-",
            Self::Some(_, criteria) => criteria,
        }
    }
}

/// What a list asks for, in one form for every way of asking.
struct Question {
    ask: Ask,
    order: Vec<Order>,
    /// As a cursor keeps it.
    text: Value,
}

impl Question {
    /// From what a cursor keeps: `filter` or `query`, `order`, `term`, `termFields`.
    fn of(text: Value) -> Result<Self, PortalRefusal> {
        let list = |name: &str| text[name].as_array().into_iter().flatten().filter_map(Value::as_str);
        let mut asks = vec![Ask::of_filters(list("filter"))?];
        if text["query"].is_object() {
            asks.push(Ask::of_predicate(&text["query"])?);
        }
        let orders: Vec<Order> = list("order").map(order).collect::<Result<_, _>>()?;
        if let Some(term) = text["term"].as_str().map(str::trim).filter(|term| !term.is_empty()) {
            let mut paths: Vec<String> = list("termFields").map(str::to_lowercase).collect();
            if paths.is_empty() {
                // As the catalog does it: the field of the order, or else the uid.
                paths.push(orders.first().map_or_else(|| "metadata.uid".to_owned(), |(path, _)| path.clone()));
            }
            asks.push(Ask::Holds(paths, term.to_lowercase()));
        }
        Ok(Self {
            ask: Ask::All(asks),
            order: orders,
            text,
        })
    }

    fn find(&self, catalog: &Catalog, view: &View) -> Result<Arc<[u32]>, PortalRefusal> {
        let asked = xxh3_64(format!("{}{}", self.text, view.word()).as_bytes());
        catalog.answer(asked, || {
            let mut found: Vec<(Vec<Option<String>>, u32)> = Vec::new();
            for (number, entity) in catalog.iter() {
                let by_kind = self.ask.by_kind(entity.kind.lower());
                let whole = matches!(view, View::Everything);
                if by_kind == Some(false) || matches!(view, View::Nothing) {
                    continue;
                }
                if by_kind == Some(true) && whole && self.order.is_empty() {
                    found.push((Vec::new(), number));
                    continue;
                }
                let facts = facts(&entity.value());
                if self.ask.fits(&facts) && (whole || matches!(view, View::Some(ask, _) if ask.fits(&facts))) {
                    let key = |(path, _): &Order| facts.iter().find(|(name, _)| name == path).map(|(_, value)| value.clone());
                    found.push((self.order.iter().map(key).collect(), number));
                }
            }
            if !self.order.is_empty() {
                found.sort_by(|(one, first), (other, second)| self.compare(one, other).then(first.cmp(second)));
            }
            Ok(found.into_iter().map(|(_, number)| number).collect())
        })
    }

    /// Those without a value come last, whichever way the order goes.
    fn compare(&self, one: &[Option<String>], other: &[Option<String>]) -> std::cmp::Ordering {
        use std::cmp::Ordering;
        for ((one, other), (_, descends)) in one.iter().zip(other).zip(&self.order) {
            let way = match (one, other) {
                (Some(one), Some(other)) if *descends => other.cmp(one),
                (Some(one), Some(other)) => one.cmp(other),
                (one, other) => other.is_some().cmp(&one.is_some()),
            };
            if way != Ordering::Equal {
                return way;
            }
        }
        Ordering::Equal
    }
}

/// `GET /entities/by-query`.
pub(crate) fn by_query_get(portal: &Portal, call: &Call) -> Result<Reply, PortalRefusal> {
    let commas = |name: &'static str| {
        call.all(name)
            .flat_map(|list| list.split(','))
            .map(str::trim)
            .filter(|one| !one.is_empty())
    };
    let question = json!({
        "filter": call.all("filter").collect::<Vec<_>>(),
        "order": call.all("orderField").collect::<Vec<_>>(),
        "term": call.one("fullTextFilterTerm"),
        "termFields": commas("fullTextFilterFields").collect::<Vec<_>>(),
    });
    let fields: Vec<String> = commas("fields").map(str::to_owned).collect();
    by_query(
        portal,
        call,
        question,
        &fields,
        call.number("limit")?,
        call.number("offset")?,
        call.one("cursor"),
    )
}

/// `POST /entities/by-query`.
pub(crate) fn by_query_post(portal: &Portal, call: &Call) -> Result<Reply, PortalRefusal> {
    let body = call.value()?;
    let strings = |value: &Value| -> Vec<String> {
        value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let number = |name: &str| match &body[name] {
        Value::Null => Ok(None),
        value => value
            .as_u64()
            .and_then(|number| usize::try_from(number).ok())
            .map(Some)
            .ok_or_else(|| PortalRefusal::input(format!("Invalid {name}, a number of zero or more was expected"))),
    };
    let orders: Vec<String> = body["orderBy"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| {
            format!(
                "{},{}",
                one["field"].as_str().unwrap_or_default(),
                one["order"].as_str().unwrap_or("asc")
            )
        })
        .collect();
    let question = json!({
        "query": body["query"],
        "order": orders,
        "term": body["fullTextFilter"]["term"],
        "termFields": strings(&body["fullTextFilter"]["fields"]),
    });
    if !body["query"].is_null() && !body["query"].is_object() {
        return Err(PortalRefusal::input("Invalid query: an object was expected"));
    }
    by_query(
        portal,
        call,
        question,
        &strings(&body["fields"]),
        number("limit")?,
        number("offset")?,
        body["cursor"].as_str(),
    )
}

fn by_query(
    portal: &Portal,
    call: &Call,
    question: Value,
    fields: &[String],
    limit: Option<usize>,
    offset: Option<usize>,
    cursor: Option<&str>,
) -> Result<Reply, PortalRefusal> {
    let options = portal.options();
    if options.has(PortalQuirk::NoByQuery) {
        return Err(call.no_route());
    }
    if call.strikes.has(FaultKind::EmptyList) {
        return Ok(Reply::ok(&json!({"items": [], "totalItems": 0, "pageInfo": {}})));
    }
    let cursor = match cursor {
        Some(text) => Cursor::decode(text)?,
        None => Cursor {
            question,
            skip: offset.unwrap_or(0),
            after: None,
            page: 0,
        },
    };
    let limit = limit.unwrap_or(options.default_limit);
    let catalog = portal.catalog();
    let view = View::of(portal, &catalog, &call.principal);
    let question = Question::of(cursor.question.clone())?;
    let found = question.find(&catalog, &view)?;
    let from = resume(&catalog, &found, &cursor).min(found.len());
    let to = if options.has(PortalQuirk::EmptyPage) && cursor.page == 1 {
        from
    } else {
        from.saturating_add(limit).min(found.len())
    };
    let total = found.len() + if options.has(PortalQuirk::TotalLies) { 7 } else { 0 };
    let at = |skip: usize, page: u64| {
        let before = skip.checked_sub(1).and_then(|place| catalog.get(*found.get(place)?));
        Cursor {
            question: cursor.question.clone(),
            skip,
            after: before.map(|entity| entity.uid.to_string()),
            page,
        }
    };
    let mut info = serde_json::Map::new();
    if to < found.len() && limit > 0 {
        let repeats = options.has(PortalQuirk::CursorRepeats) && cursor.page >= 1;
        let next = if repeats {
            cursor.clone()
        } else {
            at(to, cursor.page.saturating_add(1))
        };
        info.insert("nextCursor".to_owned(), json!(next.encode()));
    }
    if from > 0 {
        info.insert("prevCursor".to_owned(), json!(at(from.saturating_sub(limit), 0).encode()));
    }
    let mut body = b"{\"items\":".to_vec();
    draw(&catalog, &found[from..to], fields, &mut body);
    body.extend_from_slice(format!(",\"totalItems\":{total},\"pageInfo\":{}}}", Value::Object(info)).as_bytes());
    Ok(Reply::raw(200, body))
}

/// Where a walk goes on: behind the entity before the page, if that is still there, and else by count.
fn resume(catalog: &Catalog, found: &[u32], cursor: &Cursor) -> usize {
    let Some(after) = &cursor.after else {
        return cursor.skip;
    };
    let is = |number: &u32| catalog.get(*number).is_some_and(|entity| *entity.uid == **after);
    match cursor.skip.checked_sub(1).and_then(|place| found.get(place)) {
        Some(number) if is(number) => cursor.skip,
        _ => found.iter().position(is).map_or(cursor.skip, |place| place + 1),
    }
}

/// `GET /entities`, as it was before there was `by-query`: a bare list, `Link` to the next page where a limit was given.
pub(crate) fn entities(portal: &Portal, call: &Call) -> Result<Reply, PortalRefusal> {
    if call.strikes.has(FaultKind::EmptyList) {
        return Ok(Reply::ok(&json!([])));
    }
    // `order=asc:metadata.name` here, `orderField=metadata.name,asc` there.
    let orders: Vec<String> = call
        .all("order")
        .map(|text| {
            text.split_once(':')
                .map_or_else(|| text.to_owned(), |(way, path)| format!("{path},{way}"))
        })
        .collect();
    let question = json!({"filter": call.all("filter").collect::<Vec<_>>(), "order": orders});
    let (mut limit, mut offset) = (call.number("limit")?, call.number("offset")?);
    if let Some(after) = call.one("after") {
        let cursor = Cursor::decode(after)?;
        offset = Some(cursor.skip);
        limit = limit.or_else(|| cursor.question["limit"].as_u64().and_then(|limit| usize::try_from(limit).ok()));
    }
    let fields: Vec<String> = call
        .all("fields")
        .flat_map(|list| list.split(','))
        .map(|one| one.trim().to_owned())
        .collect();
    let catalog = portal.catalog();
    let view = View::of(portal, &catalog, &call.principal);
    let found = Question::of(question)?.find(&catalog, &view)?;
    let from = offset.unwrap_or(0).min(found.len());
    let to = limit.map_or(found.len(), |limit| from.saturating_add(limit)).min(found.len());
    let mut body = Vec::new();
    draw(&catalog, &found[from..to], &fields, &mut body);
    let mut reply = Reply::raw(200, body);
    if let Some(limit) = limit.filter(|limit| *limit > 0 && to < found.len()) {
        let next = Cursor {
            question: json!({"limit": limit}),
            skip: to,
            after: None,
            page: 0,
        };
        let encoded = url::form_urlencoded::byte_serialize(next.encode().as_bytes()).collect::<String>();
        reply.link = Some(format!("</entities?limit={limit}&after={encoded}>; rel=\"next\""));
    }
    Ok(reply)
}

/// `GET /entity-facets`: how often each value of a path stands.
pub(crate) fn facets(portal: &Portal, call: &Call) -> Result<Reply, PortalRefusal> {
    let wanted: Vec<&str> = call
        .all("facet")
        .flat_map(|list| list.split(','))
        .filter(|one| !one.is_empty())
        .collect();
    if wanted.is_empty() {
        return Err(PortalRefusal::input("Missing facet parameter"));
    }
    let catalog = portal.catalog();
    let view = View::of(portal, &catalog, &call.principal);
    let found = Question::of(json!({"filter": call.all("filter").collect::<Vec<_>>()}))?.find(&catalog, &view)?;
    let mut counted: Vec<std::collections::BTreeMap<String, u64>> = vec![Default::default(); wanted.len()];
    let only_kind = wanted.iter().all(|facet| *facet == "kind");
    for entity in found.iter().filter_map(|number| catalog.get(*number)) {
        let facts = if only_kind {
            vec![("kind".to_owned(), entity.kind.word().to_owned())]
        } else {
            cased_facts(&entity.value())
        };
        for (facet, counts) in wanted.iter().zip(&mut counted) {
            let path = facet.to_lowercase();
            for (_, value) in facts.iter().filter(|(name, _)| *name == path) {
                *counts.entry(value.clone()).or_default() += 1;
            }
        }
    }
    let mut facets = serde_json::Map::new();
    for (facet, counts) in wanted.iter().zip(counted) {
        let values = counts.into_iter().map(|(value, count)| json!({"value": value, "count": count}));
        facets.insert((*facet).to_owned(), values.collect());
    }
    Ok(Reply::ok(&json!({"facets": facets})))
}

/// Writes a JSON list. Whole documents are copied as they are.
fn draw(catalog: &Catalog, found: &[u32], fields: &[String], body: &mut Vec<u8>) {
    body.push(b'[');
    let entities = found.iter().filter_map(|number| catalog.get(*number));
    for (place, entity) in entities.enumerate() {
        if place > 0 {
            body.push(b',');
        }
        body.extend_from_slice(&shown(entity, fields));
    }
    body.push(b']');
}

/// One document, or the fields of it that are wanted.
pub(crate) fn shown(entity: &Entity, fields: &[String]) -> Bytes {
    if fields.is_empty() {
        entity.doc.clone()
    } else {
        pick(&entity.value(), fields).to_string().into()
    }
}
