//! The catalog's API: routes to lists, to single entities, and to what changes them.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::catalog::{Catalog, Entity};
use super::decide::{Decision, as_question, decide};
use super::lists::{self, View};
use super::options::Feed;
use super::portal::Portal;
use super::query::{Ask, facts};
use super::refs;
use super::refusal::PortalRefusal;
use super::tokens::Principal;

/// What somebody registered over the API; everything else comes from the configuration, and is not listed.
static REGISTERED: LazyLock<Value> = LazyLock::new(|| {
    json!({
        "id": "0a6fb0f1-3a1c-4a53-93f3-5d2f2b6b6d21",
        "type": "url",
        "target": "https://git.halcyon.example/settlement-replay/tree/main/catalog-info.yaml",
    })
});

/// What comes from there.
const REGISTERED_THING: &str = "component:default/settlement-replay";

/// Answers a request below `/api/catalog`.
pub(crate) fn answer(portal: &Portal, call: &Call) -> Result<Reply, PortalRefusal> {
    let parts: Vec<&str> = call.path.split('/').filter(|part| !part.is_empty()).collect();
    match (call.method.as_str(), parts.as_slice()) {
        ("GET", ["entities"]) => lists::entities(portal, call),
        ("GET", ["entities", "by-query"]) => lists::by_query_get(portal, call),
        ("POST", ["entities", "by-query"]) => lists::by_query_post(portal, call),
        ("POST", ["entities", "by-refs"]) => by_refs(portal, call),
        ("GET", ["entity-facets"]) => lists::facets(portal, call),
        ("GET", ["entities", "by-name", kind, namespace, name]) => {
            let catalog = portal.catalog();
            let entity = named(portal, call, &catalog, kind, namespace, name)?;
            Ok(Reply::raw(200, entity.doc.clone()))
        }
        ("GET", ["entities", "by-name", kind, namespace, name, "ancestry"]) => {
            let catalog = portal.catalog();
            let entity = named(portal, call, &catalog, kind, namespace, name)?;
            Ok(ancestry(&catalog, entity))
        }
        ("GET", ["entities", "by-uid", uid]) => {
            let catalog = portal.catalog();
            let view = View::of(portal, &catalog, &call.principal);
            let entity = catalog.by_uid(uid).filter(|entity| view.shows(entity));
            let entity = entity.ok_or_else(|| PortalRefusal::not_found(format!("No entity with uid {uid}")))?;
            Ok(Reply::raw(200, entity.doc.clone()))
        }
        ("DELETE", ["entities", "by-uid", uid]) => delete(portal, call, uid),
        ("POST", ["refresh"]) => refresh(portal, call),
        ("GET", ["locations"]) if portal.is_written(REGISTERED_THING) => Ok(Reply::ok(&json!([{"data": *REGISTERED}]))),
        ("GET", ["locations"]) => Ok(Reply::ok(&json!([]))),
        ("GET", ["locations", id]) if REGISTERED["id"] == *id && portal.is_written(REGISTERED_THING) => Ok(Reply::ok(&REGISTERED)),
        ("DELETE", ["locations", id]) if REGISTERED["id"] == *id => unregister(portal, call, id),
        ("GET", ["locations", id]) => Err(PortalRefusal::not_found(format!("Found no location with ID {id}"))),
        _ => Err(call.no_route()),
    }
}

fn named<'a>(
    portal: &Portal,
    call: &Call,
    catalog: &'a Catalog,
    kind: &str,
    namespace: &str,
    name: &str,
) -> Result<&'a Entity, PortalRefusal> {
    let reference = format!("{kind}:{namespace}/{name}").to_lowercase();
    let view = View::of(portal, catalog, &call.principal);
    let entity = catalog.named(&reference).filter(|entity| view.shows(entity));
    entity.ok_or_else(|| {
        PortalRefusal::not_found(format!(
            "No entity named '{name}' found, with kind '{kind}' in namespace '{namespace}'"
        ))
    })
}

/// In the order of the references, `null` for each that is not there or may not be seen.
fn by_refs(portal: &Portal, call: &Call) -> Result<Reply, PortalRefusal> {
    let body = call.value()?;
    let Some(wanted) = body["entityRefs"].as_array() else {
        return Err(PortalRefusal::input(
            "Malformed request: entityRefs takes a list of entity references",
        ));
    };
    let fields: Vec<String> = body["fields"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    let filter = Ask::of_filters(call.all("filter"))?;
    let catalog = portal.catalog();
    let view = View::of(portal, &catalog, &call.principal);
    let unfiltered = call.one("filter").is_none();
    let mut list = b"{\"items\":[".to_vec();
    for (place, reference) in wanted.iter().enumerate() {
        let read = reference.as_str().and_then(refs::reference);
        let read = read.ok_or_else(|| PortalRefusal::input(format!("Entity reference {reference} had missing or empty kind or name")))?;
        if place > 0 {
            list.push(b',');
        }
        match catalog.named(&read).filter(|entity| view.shows(entity)) {
            Some(entity) if unfiltered || filter.fits(&facts(&entity.value())) => list.extend_from_slice(&lists::shown(entity, &fields)),
            _ => list.extend_from_slice(b"null"),
        }
    }
    list.extend_from_slice(b"]}");
    Ok(Reply::raw(200, list))
}

fn ancestry(catalog: &Catalog, entity: &Entity) -> Reply {
    let above = entity.location.and_then(|name| catalog.named(&format!("location:default/{name}")));
    let mut items = vec![json!({
        "entity": entity.value(),
        "parentEntityRefs": above.map(|above| &above.reference).into_iter().collect::<Vec<_>>(),
    })];
    items.extend(above.map(|above| json!({"entity": above.value(), "parentEntityRefs": []})));
    Reply::ok(&json!({"rootEntityRef": entity.reference, "items": items}))
}

fn delete(portal: &Portal, call: &Call, uid: &str) -> Result<Reply, PortalRefusal> {
    let catalog = portal.catalog();
    let missing = || PortalRefusal::not_found(format!("Entity with ID {uid} was not found"));
    let entity = catalog.by_uid(uid).ok_or_else(missing)?;
    if let Principal::User(subject) = &call.principal {
        let allowed = match decide(
            &portal.rbac(),
            &catalog,
            subject,
            "catalog.entity.delete",
            Some("catalog-entity"),
            "delete",
        ) {
            Decision::Allow => true,
            Decision::Deny => false,
            Decision::Conditional { criteria, .. } => as_question(&criteria).fits(&facts(&entity.value())),
        };
        if !allowed {
            return Err(PortalRefusal::not_allowed("Unauthorized"));
        }
    }
    if portal.delete(uid) {
        Ok(Reply::empty(204))
    } else {
        Err(missing())
    }
}

/// Takes a registered location away: what came from it is an orphan from then on.
fn unregister(portal: &Portal, call: &Call, id: &str) -> Result<Reply, PortalRefusal> {
    if let Principal::User(subject) = &call.principal {
        let decision = decide(
            &portal.rbac(),
            &portal.catalog(),
            subject,
            "catalog.location.delete",
            None,
            "delete",
        );
        if !matches!(decision, Decision::Allow) {
            return Err(PortalRefusal::not_allowed("Unauthorized"));
        }
    }
    if portal.forget(REGISTERED_THING) {
        Ok(Reply::empty(204))
    } else {
        Err(PortalRefusal::not_found(format!("Found no location with ID {id}")))
    }
}

/// Processes at once what would be processed at the next interval.
fn refresh(portal: &Portal, call: &Call) -> Result<Reply, PortalRefusal> {
    let body = call.value()?;
    let reference = body["entityRef"].as_str().and_then(refs::reference);
    let reference = reference.ok_or_else(|| PortalRefusal::input("Malformed request: entityRef takes an entity reference"))?;
    let catalog = portal.catalog();
    let view = View::of(portal, &catalog, &call.principal);
    if !catalog.named(&reference).is_some_and(|entity| view.shows(entity)) {
        return Err(PortalRefusal::not_found(format!("Entity {reference} was not found")));
    }
    // A location is read again; an entity provider runs when it runs.
    if portal.options().feed == Feed::Location {
        portal.run_feed();
    }
    portal.process();
    Ok(Reply::empty(200))
}
