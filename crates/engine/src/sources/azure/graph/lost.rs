//! Principals that assignments name and the tenant does not hold: asked for by id, then looked for among the deleted ones.
//!
//! `getByIds` leaves out what it does not find, without a word; `principalType` goes on saying what a principal was.
//! <https://learn.microsoft.com/graph/api/directoryobject-getbyids>, <https://learn.microsoft.com/graph/api/directory-deleteditems-get>

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::related::{Answered, answers, segment};
use super::{AzureClient, settled};
use crate::record::azure::key;
use crate::sources::SourceError;
use crate::sources::azure::outlet::{Outlet, Pack, Stop};
use crate::sources::azure::wire;

/// The most ids of one question.
const MOST_IDS: usize = 1_000;

/// What assignments say of a principal.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Assigned {
    /// `User`, `Group`, `ServicePrincipal`, `ForeignGroup`, ….
    pub(in super::super) kind: Option<String>,
    /// When the latest was made.
    pub(in super::super) on: Option<String>,
    /// Whether it is of another tenant, as an assignment says.
    pub(in super::super) foreign: bool,
}

fn is_guid(id: &str) -> bool {
    id.len() == 36
        && id.bytes().enumerate().all(|(at, b)| {
            if matches!(at, 8 | 13 | 18 | 23) {
                b == b'-'
            } else {
                b.is_ascii_hexdigit()
            }
        })
}

/// Reads the lost ones among the principals that the assignments of this reading name.
pub(in super::super) async fn lost(client: &AzureClient, outlet: &mut Outlet<'_>) -> Result<(), Stop> {
    let (assigned, all_read) = client.remember(|memory| (memory.assigned.clone(), memory.assignments_read));
    if !all_read {
        let text = "Role assignments were not read completely, so who else they name is not known.";
        outlet.because("assignmentsMissing", text.into());
    }
    let mut pack = Pack::default();
    for (id, document) in judged(client, &assigned, outlet).await? {
        match document {
            Some(document) => pack.object(&document),
            None => outlet.refuse("Directory.Read.All", format!("Whether {id} was deleted")),
        }
    }
    outlet.pack(pack).await
}

/// Whether these principals are lost, now: the document of each that is; absent where it is there or nothing names it any longer.
///
/// # Errors
/// When it could not be asked.
pub(in super::super) async fn is_lost(
    client: &AzureClient,
    ids: &[String],
    outlet: &mut Outlet<'_>,
) -> Result<Vec<(String, Option<Map<String, Value>>)>, SourceError> {
    let (assigned, all_read) = client.remember(|memory| (memory.assigned.clone(), memory.assignments_read));
    // Without the assignments it cannot be told whether one still names it.
    if !all_read {
        return Ok(Vec::new());
    }
    let asked: BTreeMap<_, _> = assigned.into_iter().filter(|(id, _)| ids.contains(id)).collect();
    let judged = match judged(client, &asked, outlet).await {
        Ok(judged) => judged,
        Err(Stop::Error(error)) => return Err(error),
        Err(Stop::Closed) => return Err(SourceError::Cancelled),
    };
    let mut unknown = HashSet::new();
    let mut found = Vec::new();
    for (id, document) in judged {
        match document {
            Some(document) => found.push((id, Some(document))),
            None => drop(unknown.insert(id)),
        }
    }
    let lost: HashSet<String> = found.iter().map(|(id, _)| id.clone()).collect();
    found.extend(
        ids.iter()
            .filter(|id| !lost.contains(*id) && !unknown.contains(*id))
            .map(|id| (id.clone(), None)),
    );
    Ok(found)
}

/// The lost ones among these, each with its document; none where it could not be told what became of one.
async fn judged(
    client: &AzureClient,
    assigned: &BTreeMap<String, Assigned>,
    outlet: &mut Outlet<'_>,
) -> Result<Vec<(String, Option<Map<String, Value>>)>, Stop> {
    let mut judged = Vec::new();
    let (asked, strange): (Vec<_>, Vec<_>) = assigned.iter().partition(|(id, assigned)| is_guid(id) && !assigned.foreign);
    judged.extend(
        strange
            .into_iter()
            .map(|(id, assigned)| (id.clone(), Some(document(id, assigned, "unknown", Map::new())))),
    );
    let mut missing = Vec::new();
    let mut found = 0;
    for some in asked.chunks(MOST_IDS) {
        let ids: Vec<&str> = some.iter().map(|(id, _)| id.as_str()).collect();
        let here = known(client, &ids, outlet.cancel).await?;
        found += here.len();
        missing.extend(some.iter().filter(|(id, _)| !here.contains(id.as_str())).copied());
    }
    // Everybody gone at once is rather a directory that answers nothing.
    if found == 0 && missing.len() > 1 {
        let text = format!(
            "The directory knows none of {} principals that assignments name, which cannot be believed.",
            missing.len()
        );
        outlet.because("unconfirmed", text);
        return Ok(judged);
    }
    let questions = missing
        .iter()
        .map(|(id, _)| format!("/directory/deletedItems/{}", segment(id)))
        .collect();
    for ((id, assigned), answer) in missing.iter().zip(answers(client, questions, outlet.cancel).await?) {
        judged.push(match answer {
            Answered::Absent => ((*id).clone(), Some(document(id, assigned, "notFound", Map::new()))),
            Answered::Body(body, _) => {
                let deleted = serde_json::from_slice(&body).unwrap_or_default();
                ((*id).clone(), Some(document(id, assigned, "deleted", deleted)))
            }
            Answered::Failed(SourceError::Forbidden { .. }) => ((*id).clone(), None),
            Answered::Failed(error) => {
                outlet.part_failed("Directory.Read.All", &format!("Whether {id} was deleted"), error)?;
                continue;
            }
        });
    }
    Ok(judged)
}

/// Which of these ids the directory knows.
async fn known(client: &AzureClient, ids: &[&str], cancel: &CancellationToken) -> Result<HashSet<String>, SourceError> {
    #[derive(Deserialize)]
    struct Known {
        id: String,
    }
    let mut url = client.graph().below(["directoryObjects", "getByIds"]);
    url.query_pairs_mut().append_pair("$select", "id");
    let call = wire::question(url, &json!({ "ids": ids }));
    let mut pages = super::related::Pages::new(call);
    let mut known = HashSet::new();
    while let Some(page) = pages.next(client.graph(), cancel).await? {
        known.extend(
            page.texts()
                .filter_map(|text| Some(key(&serde_json::from_slice::<Known>(text).ok()?.id))),
        );
    }
    Ok(known)
}

fn document(id: &str, assigned: &Assigned, state: &str, deleted: Map<String, Value>) -> Map<String, Value> {
    const KEPT: &[&str] = &["displayName", "userPrincipalName", "deletedDateTime", "appId", "mail", "userType"];
    let kind = deleted.get("@odata.type").cloned();
    let mut document = settled(deleted);
    document.retain(|name, value| KEPT.contains(&name.as_str()) && value.is_string());
    document.insert("id".into(), id.into());
    document.insert("state".into(), state.into());
    let told = [("principalType", &assigned.kind), ("assignedOn", &assigned.on)];
    for (name, value) in told {
        if let Some(value) = value {
            document.insert(name.into(), value.as_str().into());
        }
    }
    if let Some(kind) = kind {
        document.insert("@odata.type".into(), kind);
    }
    document.sort_keys();
    document
}
