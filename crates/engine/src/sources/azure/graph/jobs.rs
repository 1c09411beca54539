//! Provisioning jobs of the applications that can have any.
//!
//! <https://learn.microsoft.com/graph/api/synchronization-synchronization-list-jobs>

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::related::{Pages, Related, lists, segment};
use super::{AzureClient, Family, PAGE};
use crate::record::azure::{ServicePrincipal, key};
use crate::sources::SourceError;
use crate::sources::azure::batch;
use crate::sources::azure::outlet::{Outlet, Pack, Stop};
use crate::sources::http::{Call, HttpClient};

/// The tenant that Microsoft's own applications are of. Nobody provisions into them.
/// <https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in>
const MICROSOFT: &str = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";
/// The permission that reading jobs takes.
const NEEDS: &str = "Synchronization.Read.All";

/// An application that can have a provisioning job: its id, and its name.
pub(in super::super) type Candidate = (String, Option<String>);

/// Whether it can: a managed identity and an application of Microsoft's cannot.
pub(super) fn candidate(document: &Map<String, Value>) -> Option<Candidate> {
    let read: ServicePrincipal = serde_json::from_value(Value::Object(document.clone())).ok()?;
    let kind = read.service_principal_type.as_deref().unwrap_or("Application");
    let microsoft = read.app_owner_organization_id.is_some_and(|owner| key(&owner) == MICROSOFT);
    (kind.eq_ignore_ascii_case("Application") && !microsoft).then_some((read.id?, read.display_name))
}

/// Those of the tenant: as they were read, or read for the purpose.
async fn candidates(client: &AzureClient, cancel: &CancellationToken) -> Result<Arc<[Candidate]>, SourceError> {
    if let Some(known) = client.remember(|memory| memory.provisioned.clone()) {
        return Ok(known);
    }
    let mut url = client.graph().below([Family::Services.path()]);
    url.query_pairs_mut()
        .append_pair("$select", "id,displayName,servicePrincipalType,appOwnerOrganizationId")
        .append_pair("$top", &PAGE.to_string());
    let mut pages = Pages::new(Call::get(url));
    let mut all = Vec::new();
    while let Some(page) = pages.next(client.graph(), cancel).await? {
        all.extend(page.texts().filter_map(|text| candidate(&serde_json::from_slice(text).ok()?)));
    }
    let all: Arc<[Candidate]> = all.into();
    client.remember(|memory| memory.provisioned = Some(all.clone()));
    Ok(all)
}

fn question(service: &str) -> String {
    format!("/servicePrincipals/{}/synchronization/jobs", segment(service))
}

/// Reads them, twenty applications in a request.
pub(in super::super) async fn jobs(client: &AzureClient, outlet: &mut Outlet<'_>) -> Result<(), Stop> {
    let services = candidates(client, outlet.cancel).await?;
    for (at, some) in services.chunks(batch::MOST * 4).enumerate() {
        let questions = some.iter().map(|(id, _)| question(id)).collect();
        let answers = lists(client, questions, outlet.cancel).await?;
        let mut pack = Pack::default();
        let (mut read, mut refused) = (0, Vec::new());
        for (service, list) in some.iter().zip(answers) {
            let name = service.1.as_deref().unwrap_or(&service.0);
            match list {
                Related::Pages(pages) => {
                    read += 1;
                    for text in pages.iter().flat_map(super::wire::Page::texts) {
                        match serde_json::from_slice(text)
                            .ok()
                            .and_then(|job| document(client.graph(), service, &job))
                        {
                            Some(job) => pack.object(&job),
                            // Counted as unreadable where it is handed out.
                            None => pack.push(b"{}"),
                        }
                    }
                }
                Related::Absent => {}
                Related::Failed(error @ SourceError::Forbidden { .. }) => refused.push((name, error)),
                Related::Failed(error) => outlet.part_failed(NEEDS, &format!("The provisioning jobs of {name}"), error)?,
            }
        }
        outlet.pack(pack).await?;
        for (name, error) in refused {
            // All of the first ones refused: the application may read no jobs at all, and to ask about each would only take time.
            if at == 0 && read == 0 {
                return Err(error.into());
            }
            outlet.part_failed(NEEDS, &format!("The provisioning jobs of {name}"), error)?;
        }
    }
    Ok(())
}

/// Jobs by their ids of ours, as they stand now; none where an application has no such job any more.
///
/// # Errors
/// When nothing could be asked.
pub(in super::super) async fn jobs_by_id(
    client: &AzureClient,
    ids: &[String],
    cancel: &CancellationToken,
) -> Result<Vec<(String, Option<Map<String, Value>>)>, SourceError> {
    let mut services: Vec<Candidate> = ids
        .iter()
        .filter_map(|id| id.split_once('/'))
        .map(|(service, _)| (service.to_owned(), None))
        .collect();
    services.sort();
    services.dedup();
    // Names as they were read, so that the same job reads the same.
    let named: BTreeMap<String, Option<String>> = candidates(client, cancel)
        .await?
        .iter()
        .map(|(id, name)| (key(id), name.clone()))
        .collect();
    for (id, name) in &mut services {
        *name = named.get(&key(id)).cloned().flatten();
    }
    let answers = lists(client, services.iter().map(|(id, _)| question(id)).collect(), cancel).await?;
    let (mut here, mut asked, mut failure) = (BTreeMap::new(), HashSet::new(), None);
    for (service, list) in services.iter().zip(answers) {
        match list {
            Related::Pages(pages) => {
                let texts = pages.iter().flat_map(super::wire::Page::texts);
                let jobs = texts.filter_map(|text| document(client.graph(), service, &serde_json::from_slice(text).ok()?));
                here.extend(jobs.filter_map(|job| Some((key(job.get("id")?.as_str()?), job))));
                asked.insert(service.0.as_str());
            }
            Related::Absent => drop(asked.insert(service.0.as_str())),
            Related::Failed(error) => failure = Some(error),
        }
    }
    let answered = ids
        .iter()
        .filter(|id| id.split_once('/').is_some_and(|(service, _)| asked.contains(service)));
    let found: Vec<_> = answered.map(|id| (id.clone(), here.remove(id))).collect();
    match failure {
        Some(error) if found.is_empty() => Err(error),
        _ => Ok(found),
    }
}

/// Whether jobs may be read: the first application's. `None` where there is no application to ask about.
///
/// # Errors
/// When they may not, or no answer came.
pub(in super::super) async fn may_read_jobs(client: &AzureClient, cancel: &CancellationToken) -> Result<Option<usize>, SourceError> {
    let services = candidates(client, cancel).await?;
    let Some((first, _)) = services.first() else { return Ok(None) };
    match lists(client, vec![question(first)], cancel).await?.pop() {
        Some(Related::Failed(error)) => Err(error),
        _ => Ok(Some(services.len())),
    }
}

/// What is kept of a job. Texts that Graph made of an application's answer are made fit to be shown.
fn document(http: &HttpClient, (service, name): &Candidate, job: &Value) -> Option<Map<String, Value>> {
    let id = job["id"].as_str().filter(|id| !id.trim().is_empty())?;
    let status = &job["status"];
    let code = status["code"].as_str().unwrap_or_default();
    let mut kept = json!({
        "id": format!("{}/{id}", key(service)),
        "jobId": id,
        "templateId": job["templateId"].as_str(),
        "servicePrincipal": {"id": key(service), "displayName": name},
        "code": code,
    });
    let quarantine = &status["quarantine"];
    if quarantine.is_object() {
        let error = &quarantine["error"];
        kept["quarantine"] = json!({
            "reason": quarantine["reason"].as_str(),
            "errorCode": error["code"].as_str(),
            "error": error["message"].as_str().map(|text| http.fit_to_show(text)),
            "since": quarantine["seriesBegan"].as_str().or(quarantine["currentBegan"].as_str()),
        });
    }
    if code != "Active" {
        let last = &status["lastExecution"];
        kept["runs"] = json!({
            "last": last["state"].as_str(),
            "lastEnded": last["timeEnded"].as_str(),
            "goodEnded": status["lastSuccessfulExecution"]["timeEnded"].as_str(),
        });
    }
    match kept {
        Value::Object(mut kept) => {
            kept.sort_keys();
            Some(kept)
        }
        _ => None,
    }
}
