//! The connection test in plain words: what was seen, and what Lanyard does without what is lacking.

use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::survey::{Groups, Survey};
use super::{Capabilities, Paging, ScimClient};
use crate::sources::SourceError;
use crate::sources::probe::{Points, counted};
use crate::view::{ProbePoint, ProbeReport, ProbeState};

const READS_ALL: &str = "Reads every page and compares contents.";

/// See [`ScimClient::probe`].
pub(super) async fn probe(client: &ScimClient, cancel: &CancellationToken) -> (ProbeReport, Option<Capabilities>) {
    let started = Instant::now();
    let before = client.traffic().requests;
    let mut survey = Survey::default();
    let mut failure = survey.take(client, cancel).await.err();
    if failure.is_none() {
        // What only a person wants to know: its failure spoils nothing but the answer, unless somebody wants to stop.
        match survey.take_more(client, cancel).await {
            Err(error @ SourceError::Cancelled) => failure = Some(error),
            Err(error) => tracing::debug!(code = error.code(), "a part of the connection test failed"),
            Ok(()) => {}
        }
    }
    let capabilities = failure.is_none().then(|| survey.capabilities());
    let ok = failure.is_none();
    let users = survey.users.as_ref().and_then(|users| users.total);
    let groups = match &survey.groups {
        Groups::Open(_, total) => *total,
        _ => None,
    };
    let report = ProbeReport {
        ok,
        summary: match &failure {
            None => summary(client, &survey, capabilities.as_ref()),
            Some(error) => format!("{} cannot be synced: {error}", client.inner.name),
        },
        points: points(client, &survey, capabilities.as_ref(), failure.as_ref()),
        users,
        groups,
        requests: client.traffic().requests - before,
        took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        fault: failure.map(|error| error.fault()),
    };
    (report, capabilities)
}

fn summary(client: &ScimClient, survey: &Survey, capabilities: Option<&Capabilities>) -> String {
    let name = &client.inner.name;
    let users = survey
        .users
        .as_ref()
        .and_then(|users| users.total)
        .map_or_else(|| "users that it does not count".into(), |n| counted(n, "user"));
    let groups = match &survey.groups {
        Groups::Open(_, Some(n)) => counted(*n, "group"),
        Groups::Open(_, None) => "groups that it does not count".into(),
        Groups::Closed(..) => "groups that may not be read".into(),
        Groups::None | Groups::NotAsked => "no groups".into(),
    };
    let by = match capabilities.map(|seen| (seen.paging, seen.page_size)) {
        Some((Paging::Index, size)) => format!(", read by index in pages of {size}"),
        Some((Paging::Cursor, size)) => format!(", read by cursor in pages of {size}"),
        _ => String::new(),
    };
    format!("{name} answers: {users} and {groups}{by}.")
}

fn points(client: &ScimClient, survey: &Survey, capabilities: Option<&Capabilities>, failure: Option<&SourceError>) -> Vec<ProbePoint> {
    let mut points = Points::default();
    points.reach(client.http().base(), failure);
    if let Some(error) = failure {
        if error.status().is_some_and(|status| !matches!(status, 401 | 403)) {
            points.add("users", "Users", ProbeState::Bad, error.to_string(), None);
        }
        return points.0;
    }
    discovery(&mut points, survey);
    collections(&mut points, survey);
    paging(&mut points, survey, capabilities);
    filters(&mut points, survey);
    advertised(&mut points, survey);
    points.0
}

fn discovery(points: &mut Points, survey: &Survey) {
    use ProbeState::{Good, Lacking};
    match &survey.config {
        Some(_) => points.add(
            "serviceProviderConfig",
            "ServiceProviderConfig",
            Good,
            "It says what it can do.",
            None,
        ),
        None => points.add(
            "serviceProviderConfig",
            "ServiceProviderConfig",
            Lacking,
            "It does not say what it can do.",
            Some("Tries things out, reading only."),
        ),
    }
    match &survey.types {
        Some(types) if !types.is_empty() => {
            let names: Vec<&str> = types
                .iter()
                .map(|kind| kind.name.as_str())
                .filter(|name| !name.is_empty())
                .take(6)
                .collect();
            points.add("resourceTypes", "Resource types", Good, format!("{}.", names.join(", ")), None);
        }
        _ => points.add(
            "resourceTypes",
            "Resource types",
            Lacking,
            "It does not list its resource types.",
            Some("Looks under /Users and /Groups."),
        ),
    }
    match &survey.schemas {
        Some(schemas) if !schemas.is_empty() => {
            points.add(
                "schemas",
                "Schemas",
                Good,
                format!("{}, with their attributes.", counted(schemas.len() as u64, "schema")),
                None,
            );
        }
        _ => points.add(
            "schemas",
            "Schemas",
            Lacking,
            "It does not describe its attributes.",
            Some("Uses the attributes of RFC 7643 and those that it sees."),
        ),
    }
}

fn collections(points: &mut Points, survey: &Survey) {
    use ProbeState::{Bad, Good, Lacking, Unknown};
    if let Some(users) = &survey.users {
        match users.total {
            Some(total) => points.add(
                "users",
                "Users",
                Good,
                format!("{} by its own count.", counted(total, "user")),
                None,
            ),
            None => points.add(
                "users",
                "Users",
                Lacking,
                format!(
                    "{} on the first page; it does not say how many in all.",
                    counted(users.came, "user")
                ),
                Some("Reads on until the list ends."),
            ),
        }
    }
    match &survey.groups {
        Groups::Open(_, Some(total)) => points.add(
            "groups",
            "Groups",
            Good,
            format!("{} by its own count.", counted(*total, "group")),
            None,
        ),
        Groups::Open(_, None) => {
            points.add(
                "groups",
                "Groups",
                Lacking,
                "There are groups; it does not say how many.",
                Some("Reads on until the list ends."),
            );
        }
        Groups::Closed(_, error) => {
            points.add(
                "groups",
                "Groups",
                Bad,
                error.to_string(),
                Some("Syncs users only; groups and memberships stay not evaluated."),
            );
        }
        Groups::None => points.add("groups", "Groups", Lacking, "It has no groups.", Some("Syncs users only.")),
        Groups::NotAsked => points.add("groups", "Groups", Unknown, "Not asked.", None),
    }
}

fn paging(points: &mut Points, survey: &Survey, capabilities: Option<&Capabilities>) {
    use ProbeState::{Bad, Good, Lacking, Unknown};
    let (Some(seen), Some(users)) = (capabilities, &survey.users) else {
        return;
    };
    let size = if users.total == Some(users.came) && users.came <= u64::from(users.asked) {
        format!("{} asked for, all {} came in one page", users.asked, users.came)
    } else {
        format!("{} asked for, {} came", users.asked, users.came)
    };
    let count = if survey.paging.count == Some(false) {
        " It ignores count."
    } else {
        ""
    };
    let (state, says, instead) = match (seen.paging, survey.paging.start_index) {
        (Paging::Cursor, _) => (Good, format!("Pages by cursor; {size}.{count}"), None),
        (Paging::Index, Some(true)) if seen.concurrent => (Good, format!("Pages by index, seen to work; {size}.{count}"), None),
        (Paging::Index, Some(true)) => (
            Lacking,
            format!("Pages by index; {size}. Its totals cannot be relied on.{count}"),
            Some("Reads one page after another, to an empty one."),
        ),
        (Paging::Unknown, Some(false)) if users.total == Some(users.came) => (
            Lacking,
            format!("It ignores startIndex; {size}."),
            Some("Takes everything from one page, and holds it against the total."),
        ),
        (Paging::Unknown, Some(false)) => (
            Bad,
            format!("It ignores startIndex: every page is the first one; {size}.{count}"),
            Some("Reads what the first page shows and marks the list as incomplete."),
        ),
        _ => (
            Unknown,
            format!("Could not be told from so few; {size}.{count}"),
            Some("Finds out while it reads, one page after another."),
        ),
    };
    points.add("paging", "Paging", state, says, instead);
}

fn filters(points: &mut Points, survey: &Survey) {
    use ProbeState::{Good, Lacking, Unknown};
    match survey.filter {
        Some(true) => points.add(
            "filter",
            "Filter",
            Good,
            "It finds one user by name, and nobody by a made-up name.",
            None,
        ),
        Some(false) => points.add(
            "filter",
            "Filter",
            Lacking,
            "It does not filter, or filters wrongly.",
            Some("Filters itself, over what it has read."),
        ),
        None => points.add(
            "filter",
            "Filter",
            Unknown,
            "There was nobody to look for.",
            Some("Filters itself, over what it has read."),
        ),
    }
    let title = "What changed since";
    match survey.changed_since {
        Some(true) => points.add(
            "changedSince",
            title,
            Good,
            "It finds by meta.lastModified exactly those that it should.",
            None,
        ),
        Some(false) => points.add(
            "changedSince",
            title,
            Lacking,
            "Its filter by meta.lastModified does not give the right ones.",
            Some(READS_ALL),
        ),
        None => points.add(
            "changedSince",
            title,
            Unknown,
            "Its users carry no meta.lastModified, or no total to hold it against.",
            Some(READS_ALL),
        ),
    }
}

fn advertised(points: &mut Points, survey: &Survey) {
    use ProbeState::{Good, Lacking, Unknown};
    let config = survey.config.as_ref();
    let mut says = |topic: &str, title: &str, supported: Option<bool>, instead: &str| match supported {
        Some(true) => points.add(topic, title, Good, "It says so; not tried, since nothing is written here.", None),
        Some(false) => points.add(topic, title, Lacking, "It says that it has none.", Some(instead)),
        None => points.add(topic, title, Unknown, "It does not say.", Some(instead)),
    };
    says(
        "patch",
        "PATCH",
        config.and_then(|config| config.patch.as_ref()?.supported),
        "Changes a resource as a whole where writing is allowed.",
    );
    says(
        "bulk",
        "Bulk",
        config.and_then(|config| config.bulk.as_ref()?.supported),
        "Makes one request for each change.",
    );
    says(
        "sort",
        "Sort",
        config.and_then(|config| config.sort.as_ref()?.supported),
        "Sorts itself, over what it has read.",
    );
    let told = config.and_then(|config| config.etag.as_ref()?.supported);
    let (state, text) = match (survey.etag_seen, told) {
        (Some(true), _) => (Good, "It answers 304 to a version that it gave; asked and seen."),
        (Some(false), Some(true)) => (Lacking, "It says so, and sends the whole resource all the same."),
        (Some(false), _) => (Lacking, "It sends no version that saves a request."),
        (None, Some(true)) => (Unknown, "It says so; it could not be tried."),
        (None, _) => (Unknown, "It could not be tried."),
    };
    let instead = (state != Good).then_some("Compares contents.");
    points.add("etag", "ETag", state, text, instead);
}
