//! The connection test in plain words: what was seen, which permissions are there, and what is not evaluated without them.

use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::catalog::Collection;
use super::permission::{CATALOG, Decision, RBAC};
use super::{BackstageClient, SHELVES, rbac, refused};
use crate::record::{ItemKind, ResourceKind};
use crate::sources::SourceError;
use crate::sources::probe::{Points, counted};
use crate::sources::reader::Shelf;
use crate::sources::scim::reading::Ask;
use crate::view::{ProbeReport, ProbeState};

/// What the catalog showed.
#[derive(Default)]
struct Seen {
    users: Option<u64>,
    groups: Option<u64>,
    owned: Option<u64>,
    /// All entities that the credential is shown.
    all: Option<u64>,
    paging: Option<Pages>,
}

enum Pages {
    /// By cursor; a second page came and began with somebody else.
    Cursor,
    /// By cursor, as it says; there were too few to see it.
    Few,
    /// By cursor, as it says; the second page was the first one again.
    Repeats,
    /// By index only.
    Old,
}

/// What the RBAC plugin showed.
enum Rbac {
    /// How many roles, policies and conditions.
    Open([u64; 3]),
    Refused(String),
    Absent,
    Failed(SourceError),
}

/// See [`BackstageClient::probe`].
pub(super) async fn probe(client: &BackstageClient, cancel: &CancellationToken) -> ProbeReport {
    let started = Instant::now();
    let before = client.traffic().requests;
    let mut seen = Seen::default();
    let looked = look(client, &mut seen, cancel).await;
    let plugin = match &looked {
        Ok(()) => Some(plugin(client, cancel).await),
        Err(_) => None,
    };
    let decisions = client.decisions(cancel).await.ok().copied();
    let catalog = decisions.map_or(Decision::Unknown, |decisions| decisions.of(CATALOG));
    let mut points = Points::default();
    points.reach(client.http().base(), looked.as_ref().err());
    if looked.is_ok() {
        collections(&mut points, &seen);
        paging(&mut points, &seen);
        reading_entities(&mut points, &seen, catalog);
        if let Some(plugin) = &plugin {
            roles(
                &mut points,
                plugin,
                decisions.map_or(Decision::Unknown, |decisions| decisions.of(RBAC)),
            );
        }
        points.add(
            "superUsers",
            "Super users",
            ProbeState::Lacking,
            "No API tells who may do everything (permission.rbac.admin.superUsers and users).",
            Some("Takes them from the source's settings."),
        );
    } else if let Err(error) = &looked
        && error.status().is_some_and(|status| status != 401)
    {
        points.add("catalog", "Catalog", ProbeState::Bad, error.to_string(), None);
    }
    let name = &client.inner.name;
    let hidden = seen.all == Some(0);
    let ok = looked.is_ok() && !hidden;
    let summary = match (&looked, &plugin) {
        (Err(error), _) => format!("{name} cannot be synced: {error}"),
        _ if hidden => format!("{name} answers, and shows this credential nothing of its catalog."),
        (Ok(()), plugin) => format!(
            "{name} answers: {}, {} and {}{}.",
            number(seen.users, "user"),
            number(seen.groups, "group"),
            number(seen.owned, "owned entity"),
            match plugin {
                Some(Rbac::Open([roles, ..])) => format!(", {}", counted(*roles, "RBAC role")),
                Some(Rbac::Absent) => ", no RBAC".into(),
                _ => ", RBAC not evaluated".into(),
            }
        ),
    };
    ProbeReport {
        ok,
        summary,
        points: points.0,
        users: seen.users,
        groups: seen.groups,
        requests: client.traffic().requests - before,
        took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        fault: looked.err().map(|error| error.fault()),
    }
}

fn number(n: Option<u64>, what: &str) -> String {
    n.map_or_else(
        || format!("{} that it does not count", counted(2, what).trim_start_matches("2 ")),
        |n| counted(n, what),
    )
}

async fn look(client: &BackstageClient, seen: &mut Seen, cancel: &CancellationToken) -> Result<(), SourceError> {
    let Some(users) = Collection::of(ResourceKind::User) else {
        return Ok(());
    };
    let ask = |cursor| Ask::Cursor { cursor, count: 2 };
    match client.page(users, &ask(None), cancel).await {
        Ok(first) => {
            seen.users = first.facts.total;
            seen.paging = Some(match first.facts.next_cursor {
                None => Pages::Few,
                Some(cursor) => {
                    let second = client.page(users, &ask(Some(cursor)), cancel).await?;
                    if second.facts.ids.iter().any(|id| first.facts.ids.contains(id)) {
                        Pages::Repeats
                    } else {
                        Pages::Cursor
                    }
                }
            });
        }
        Err(SourceError::NotFound { .. }) => {
            // An old backend knows pages by index only; a wrong address knows neither.
            let ask = Ask::Index {
                start: 1,
                count: 2,
                role: crate::sources::scim::reading::Role::First,
            };
            client.page(users, &ask, cancel).await?;
            seen.paging = Some(Pages::Old);
            seen.all = client.count(None, cancel).await?;
            return Ok(());
        }
        Err(error) => return Err(error),
    }
    let count = async |kind| match Collection::of(kind) {
        Some(collection) => client.count(Some(collection.filter()), cancel).await,
        None => Ok(None),
    };
    seen.groups = count(ResourceKind::Group).await?;
    seen.owned = count(ResourceKind::Item(ItemKind::Entity)).await?;
    seen.all = client.count(None, cancel).await?;
    Ok(())
}

async fn plugin(client: &BackstageClient, cancel: &CancellationToken) -> Rbac {
    let mut counts = [0; 3];
    for (count, shelf) in counts.iter_mut().zip(rbac_shelves()) {
        match client.rbac(shelf.kind, cancel).await {
            Ok(page) => *count = page.facts.ids.len() as u64,
            Err(SourceError::NotFound { .. }) => return Rbac::Absent,
            Err(error) => {
                return match refused(shelf, &error) {
                    Some(text) => Rbac::Refused(text),
                    None => Rbac::Failed(error),
                };
            }
        }
    }
    Rbac::Open(counts)
}

fn rbac_shelves() -> impl Iterator<Item = &'static Shelf> {
    SHELVES.iter().filter(|shelf| shelf.needs == RBAC)
}

/// All that a permission is needed for: "who has which role; what a role allows or denies; …".
fn without(permission: &str) -> String {
    let texts: Vec<&str> = SHELVES
        .iter()
        .filter(|shelf| shelf.needs == permission)
        .map(|shelf| shelf.without)
        .collect();
    format!("Not evaluated without it: {}.", texts.join("; "))
}

fn collections(points: &mut Points, seen: &Seen) {
    for (topic, title, what, n) in [
        ("users", "Users", "user", seen.users),
        ("groups", "Groups", "group", seen.groups),
        ("entities", "Owned entities", "entity", seen.owned),
    ] {
        match n {
            Some(n) => points.add(
                topic,
                title,
                ProbeState::Good,
                format!("{} by its own count.", counted(n, what)),
                None,
            ),
            None => points.add(
                topic,
                title,
                ProbeState::Lacking,
                "It does not say how many.",
                Some("Reads on until the list ends."),
            ),
        }
    }
}

fn paging(points: &mut Points, seen: &Seen) {
    use ProbeState::{Bad, Good, Lacking, Unknown};
    let (state, says, instead) = match seen.paging {
        Some(Pages::Cursor) => (Good, "Pages by cursor, seen to work.", None),
        Some(Pages::Few) => (Unknown, "Could not be told from so few.", Some("Finds out while it reads.")),
        Some(Pages::Repeats) => (
            Bad,
            "Its cursor leads to the same page again.",
            Some("Reads what the first page shows and marks the list as incomplete."),
        ),
        Some(Pages::Old) => (
            Lacking,
            "It knows no pages by cursor (/entities/by-query), and no totals.",
            Some("Reads by index, each page begun with the last entity of the one before."),
        ),
        None => return,
    };
    points.add("paging", "Paging", state, says, instead);
}

fn reading_entities(points: &mut Points, seen: &Seen, decision: Decision) {
    use ProbeState::{Bad, Good, Lacking, Unknown};
    let lost = without(CATALOG);
    let (state, says, instead) = match (decision, seen.all) {
        (_, Some(0)) => (
            Bad,
            "It shows no entity at all, and no catalog is empty: the permission is probably denied.".into(),
            Some(lost.as_str()),
        ),
        (Decision::NotEverything, _) => (
            Lacking,
            "Granted to this user for a part only; what it may not read does not show.".into(),
            Some("Reads what is shown and marks each list as incomplete."),
        ),
        (Decision::Everything, _) => (Good, "Granted for everything, as the backend decides.".into(), None),
        (Decision::Unknown, Some(all)) => (Good, format!("Seen to work: {} in all.", counted(all, "entity")), None),
        (Decision::Unknown, None) => (Unknown, "The backend does not say.".into(), Some("Reads what is shown.")),
    };
    points.add(CATALOG, CATALOG, state, says, instead);
}

fn roles(points: &mut Points, plugin: &Rbac, decision: Decision) {
    use ProbeState::{Bad, Good, Lacking, Unknown};
    let lost = without(RBAC);
    match plugin {
        Rbac::Open([roles, policies, conditions]) => {
            let counts = format!(
                "{}, {} and {}.",
                counted(*roles, "role"),
                counted(*policies, "policy"),
                counted(*conditions, "condition")
            );
            points.add("rbac", "RBAC plugin", Good, counts, None);
            if decision == Decision::NotEverything {
                points.add(
                    RBAC,
                    RBAC,
                    Lacking,
                    "Granted to this user for a part only; what it may not read does not show.",
                    Some("Reads what is shown and marks each list as incomplete."),
                );
            } else {
                points.add(RBAC, RBAC, Good, "Seen to work.", None);
            }
        }
        Rbac::Refused(text) => {
            points.add("rbac", "RBAC plugin", Unknown, "It may not be asked.", None);
            points.add(RBAC, RBAC, Bad, text.as_str(), Some(&lost));
        }
        Rbac::Absent => points.add(
            "rbac",
            "RBAC plugin",
            Lacking,
            rbac::NOT_OFFERED,
            Some("Shows the catalog and who owns what."),
        ),
        Rbac::Failed(error) => points.add("rbac", "RBAC plugin", Bad, error.to_string(), Some(&lost)),
    }
}
