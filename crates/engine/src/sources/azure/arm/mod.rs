//! The Azure Resource Manager: Azure RBAC and Backup, scope by scope.
//!
//! What a scope's list shows of the scopes above is the same in each of them, and counts once. A scope that may not be read is named.

mod estate;
mod kinds;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::{Stream, StreamExt, stream};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::graph::Assigned;
use super::outlet::{Outlet, Pack, Stop};
use super::wire::{Page, asked, refusal, rejected_as};
use super::{AzureClient, Pages};
use crate::record::ItemKind;
use crate::record::azure::{DenyAssignment, RoleAssignment, key};
use crate::sources::SourceError;
use crate::sources::http::Call;

pub(super) use estate::{Estate, Subscription, estate};
pub(super) use kinds::{GROUPS_READ, SUBSCRIPTIONS_READ, jobs_of, kind};

/// Scopes read at once.
const AT_ONCE: usize = 4;

/// A list to read.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) url: Url,
    /// Whose list it is, in words.
    pub(super) label: String,
    /// The permission that it takes.
    pub(super) needs: &'static str,
}

/// An address of the Resource Manager: an id that it gave, what lies below it, and the version.
pub(super) fn below(client: &AzureClient, id: &str, rest: &str, version: &str, filter: Option<&str>) -> Url {
    let mut url = client.arm().below(id.split('/').chain(rest.split('/')));
    url.query_pairs_mut().append_pair("api-version", version);
    if let Some(filter) = filter {
        url.query_pairs_mut().append_pair("$filter", filter);
    }
    url
}

/// Reads lists, several at once; they come in the order of the jobs, so that the same answers make the same documents.
pub(super) fn read(
    client: &AzureClient,
    jobs: Vec<Job>,
    cancel: &CancellationToken,
) -> impl Stream<Item = (Job, Result<Vec<Page>, SourceError>)> + Send + use<> {
    let (client, cancel) = (client.clone(), cancel.clone());
    stream::iter(jobs)
        .map(move |job| {
            let (client, cancel) = (client.clone(), cancel.clone());
            async move {
                let pages = whole(&client, Call::get(job.url.clone()), &cancel).await;
                (job, pages)
            }
        })
        .buffered(AT_ONCE)
}

/// Asks for the first page of lists, several at once: whether they may be read.
pub(super) fn first_pages(
    client: &AzureClient,
    jobs: Vec<Job>,
    cancel: &CancellationToken,
) -> impl Stream<Item = (Job, Result<(), SourceError>)> + Send + use<> {
    let (client, cancel) = (client.clone(), cancel.clone());
    stream::iter(jobs)
        .map(move |job| {
            let (client, cancel) = (client.clone(), cancel.clone());
            async move {
                let page = Pages::new(Call::get(job.url.clone())).next(client.arm(), &cancel).await;
                (job, page.map(drop))
            }
        })
        .buffered(AT_ONCE)
}

/// A list to its end. A provider that a subscription has not registered has nothing in it.
pub(super) async fn whole(client: &AzureClient, first: Call, cancel: &CancellationToken) -> Result<Vec<Page>, SourceError> {
    let mut pages = Pages::new(first);
    let mut all = Vec::new();
    loop {
        match pages.next(client.arm(), cancel).await {
            Ok(Some(page)) => all.push(page),
            Ok(None) => return Ok(all),
            Err(error) if all.is_empty() && rejected_as(&error).is_some_and(|(_, code)| code == "MissingSubscriptionRegistration") => {
                return Ok(all);
            }
            Err(error) => return Err(error),
        }
    }
}

/// Reads a collection over all scopes.
pub(super) async fn items(client: &AzureClient, item: ItemKind, outlet: &mut Outlet<'_>) -> Result<(), Stop> {
    if matches!(item, ItemKind::ManagementGroup | ItemKind::Subscription) {
        return estate::items(client, item, outlet).await;
    }
    let estate = estate(client, outlet.cancel).await?;
    estate.unknown_parts(outlet);
    let jobs = match item {
        ItemKind::GuardProxy => guard_jobs(client, &estate, outlet).await?,
        ItemKind::RoleDefinition => definition_jobs(client, &estate, outlet).await?,
        _ => kinds::jobs(client, &kind(item), &estate),
    };
    let mut assigned = BTreeMap::new();
    let mut vaults = Vec::new();
    let mut whole = true;
    let mut lists = Box::pin(read(client, jobs, outlet.cancel));
    while let Some((job, pages)) = lists.next().await {
        match pages {
            Ok(pages) => {
                for page in pages {
                    note(item, &page, &mut assigned, &mut vaults);
                    outlet.hand_out(page.body, page.documents).await?;
                }
            }
            Err(error) => {
                whole = false;
                without(item, &job, error, outlet)?;
            }
        }
    }
    client.remember(|memory| {
        for (id, new) in assigned {
            let old = memory.assigned.entry(id).or_default();
            old.kind = old.kind.take().or(new.kind);
            old.on = old.on.take().max(new.on);
            old.foreign |= new.foreign;
        }
        match item {
            ItemKind::RoleAssignment => memory.assignments_read = whole && estate.is_whole(),
            ItemKind::RecoveryVault | ItemKind::BackupVault if whole => {
                memory.vaults.insert(item, vaults);
            }
            _ => {}
        }
    });
    Ok(())
}

/// What it means that one list could not be read.
fn without(item: ItemKind, job: &Job, error: SourceError, outlet: &mut Outlet<'_>) -> Result<(), Stop> {
    match rejected_as(&error) {
        // PIM is a part of Entra ID P2.
        Some((_, "AadPremiumLicenseRequired")) if item == ItemKind::Eligibility => {
            outlet.not_offered("The tenant has no licence for Privileged Identity Management, so nobody is eligible by it.".into());
            Ok(())
        }
        _ => outlet.part_failed(job.needs, &job.label, error),
    }
}

/// Notes what later collections need: whom assignments name, and which vaults there are.
fn note(item: ItemKind, page: &Page, assigned: &mut BTreeMap<String, Assigned>, vaults: &mut Vec<String>) {
    match item {
        ItemKind::RoleAssignment | ItemKind::Eligibility => {
            for text in page.texts() {
                let Ok(one) = serde_json::from_slice::<RoleAssignment>(text) else {
                    continue;
                };
                let Some(principal) = one.properties.principal_id else {
                    continue;
                };
                let entry: &mut Assigned = assigned.entry(key(&principal)).or_default();
                entry.foreign |= one.properties.delegated_managed_identity_resource_id.is_some()
                    || one
                        .properties
                        .principal_type
                        .as_deref()
                        .is_some_and(|kind| kind.eq_ignore_ascii_case("ForeignGroup"));
                entry.kind = entry.kind.take().or(one.properties.principal_type);
                entry.on = entry.on.take().max(one.properties.created_on);
            }
        }
        ItemKind::DenyAssignment => {
            for text in page.texts() {
                let Ok(one) = serde_json::from_slice::<DenyAssignment>(text) else {
                    continue;
                };
                for principal in one.properties.principals.into_iter().chain(one.properties.exclude_principals) {
                    if principal.is_everybody() {
                        continue;
                    }
                    if let Some(id) = principal.id {
                        let entry = assigned.entry(key(&id)).or_default();
                        entry.kind = entry.kind.take().or(principal.kind);
                    }
                }
            }
        }
        ItemKind::RecoveryVault | ItemKind::BackupVault => vaults.extend(ids(page)),
        _ => {}
    }
}

fn ids(page: &Page) -> impl Iterator<Item = String> {
    #[derive(Deserialize)]
    struct Named {
        id: String,
    }
    page.texts().filter_map(|text| Some(serde_json::from_slice::<Named>(text).ok()?.id))
}

/// Role definitions: the built-in ones once, at the tenant's root, and each scope's own. Where the root gives none, all of each scope.
async fn definition_jobs(client: &AzureClient, estate: &Estate, outlet: &mut Outlet<'_>) -> Result<Vec<Job>, Stop> {
    let kind = kind(ItemKind::RoleDefinition);
    let root = below(client, "", kind.path, kind.version, Some("type eq 'BuiltInRole'"));
    let built_in = match whole(client, Call::get(root), outlet.cancel).await {
        Ok(pages) => {
            let mut any = false;
            for page in pages {
                any |= !page.documents.is_empty();
                outlet.hand_out(page.body, page.documents).await?;
            }
            any
        }
        Err(error @ (SourceError::Cancelled | SourceError::BudgetSpent { .. } | SourceError::Unauthorized { .. })) => {
            return Err(error.into());
        }
        Err(error) => {
            tracing::debug!(code = error.code(), "no role definitions at the root");
            false
        }
    };
    let filter = built_in.then_some("type eq 'CustomRole'");
    Ok(kinds::jobs_with(client, &kind, estate, filter))
}

/// The guards of each vault.
async fn guard_jobs(client: &AzureClient, estate: &Estate, outlet: &mut Outlet<'_>) -> Result<Vec<Job>, Stop> {
    let mut jobs = Vec::new();
    for item in [ItemKind::RecoveryVault, ItemKind::BackupVault] {
        let vaults = match client.remember(|memory| memory.vaults.get(&item).cloned()) {
            Some(vaults) => vaults,
            None => {
                let mut vaults = Vec::new();
                let mut lists = Box::pin(read(client, kinds::jobs(client, &kind(item), estate), outlet.cancel));
                while let Some((job, pages)) = lists.next().await {
                    match pages {
                        Ok(pages) => vaults.extend(pages.iter().flat_map(ids)),
                        Err(error) => outlet.part_failed(job.needs, &job.label, error)?,
                    }
                }
                vaults
            }
        };
        let (needs, version) = kinds::guards_of(item);
        jobs.extend(vaults.iter().map(|vault| Job {
            url: below(client, vault, "backupResourceGuardProxies", version, None),
            label: vault.rsplit('/').next().unwrap_or(vault).to_owned(),
            needs,
        }));
    }
    Ok(jobs)
}

/// Asks for items by their ids; what could not be asked about is left out.
///
/// # Errors
/// When nothing could be asked.
pub(super) async fn look_up(
    client: &AzureClient,
    item: ItemKind,
    ids: &[String],
    cancel: &CancellationToken,
) -> Result<Vec<(String, Option<Vec<u8>>)>, SourceError> {
    if matches!(item, ItemKind::ManagementGroup | ItemKind::Subscription) {
        return estate::look_up(client, item, ids, cancel).await;
    }
    let estate = match item {
        ItemKind::RoleDefinition => Some(estate(client, cancel).await?),
        _ => None,
    };
    let mut asked = stream::iter(ids.to_vec())
        .map(|id| {
            let (client, cancel, estate) = (client.clone(), cancel.clone(), estate.clone());
            async move {
                let found = one(&client, item, &id, estate, &cancel).await;
                (id, found)
            }
        })
        .buffered(AT_ONCE);
    let mut found = Vec::new();
    let mut failure = None;
    while let Some((id, one)) = asked.next().await {
        match one {
            Ok(document) => found.push((id, document)),
            Err(error @ (SourceError::Cancelled | SourceError::BudgetSpent { .. } | SourceError::Unauthorized { .. })) => {
                return Err(error);
            }
            Err(error) => failure = Some(error),
        }
    }
    match failure {
        Some(error) if found.is_empty() => Err(error),
        _ => Ok(found),
    }
}

async fn one(
    client: &AzureClient,
    item: ItemKind,
    id: &str,
    estate: Option<Arc<Estate>>,
    cancel: &CancellationToken,
) -> Result<Option<Vec<u8>>, SourceError> {
    let kind = kind(item);
    let version = match item {
        ItemKind::GuardProxy if !id.contains("/microsoft.recoveryservices/") => kinds::guards_of(ItemKind::BackupVault).1,
        ItemKind::GuardProxy => kinds::guards_of(ItemKind::RecoveryVault).1,
        _ => kind.version,
    };
    if let Some(estate) = estate {
        // A definition may be known at one scope only; it is gone when none knows it.
        let scopes = std::iter::once(String::new()).chain(estate.scopes());
        for scope in scopes {
            let url = below(client, &scope, &format!("{}/{id}", kind.path), version, None);
            if let Some(document) = get(client, url, cancel).await? {
                return Ok(Some(document));
            }
        }
        return Ok(None);
    }
    get(client, below(client, id, "", version, None), cancel).await
}

/// A document; none where it is told that there is no such thing. That the subscription itself is not found does not tell that.
pub(super) async fn get(client: &AzureClient, url: Url, cancel: &CancellationToken) -> Result<Option<Vec<u8>>, SourceError> {
    let http = client.arm();
    let answer = asked(http, Call::get(url), cancel).await?;
    let code = || super::wire::error_code(&answer.body);
    match answer.status.as_u16() {
        200 if serde_json::from_slice::<Map<String, Value>>(&answer.body).is_ok() => Ok(Some(answer.body.to_vec())),
        200 => Err(SourceError::NotScim {
            at: answer.exchange(http),
            why: "its answer is no object".into(),
        }),
        404 if matches!(
            code().as_str(),
            "SubscriptionNotFound" | "InvalidSubscriptionId" | "InvalidResourceType" | ""
        ) =>
        {
            Err(refusal(http, &answer, 404, &answer.body))
        }
        404 | 410 => Ok(None),
        // Nothing there, as some providers say it.
        204 => Ok(None),
        status => Err(refusal(http, &answer, status, &answer.body)),
    }
}

/// Hands out one document that was made here.
pub(super) async fn made(outlet: &mut Outlet<'_>, documents: impl IntoIterator<Item = Map<String, Value>>) -> Result<(), Stop> {
    let mut pack = Pack::default();
    for document in documents {
        pack.object(&document);
    }
    outlet.pack(pack).await
}
