//! Microsoft Graph: users, groups with their direct members, service principals with owners and credentials' ends.

mod delta;
mod jobs;
mod log;
mod lost;
mod related;
mod services;

use serde_json::{Map, Value};

use super::batch;
use super::outlet::{Outlet, Pack, Stop, settled};
use super::{AzureClient, wire};
use crate::record::azure::key;
use crate::sources::http::Call;
use crate::sources::{Changes, SourceError};

pub(super) use jobs::{Candidate, jobs, jobs_by_id, may_read_jobs};
pub(super) use log::{Failures, errors, is_without_licence, may_read_log, still_failing};
pub(super) use lost::{Assigned, is_lost, lost};
pub(super) use related::Pages;
pub(super) use services::{app_roles, app_roles_of};

/// Graph's largest page.
const PAGE: u32 = 999;
/// From so many changes on, everything is read: one by one they would cost more.
const MANY: usize = 5_000;
const MANY_GROUPS: usize = 1_000;

/// A family of directory objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Users,
    Services,
    Groups,
}

impl Family {
    fn path(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Services => "servicePrincipals",
            Self::Groups => "groups",
        }
    }

    /// What is asked for: what access turns on, and never more of a person than that.
    fn select(self) -> &'static str {
        match self {
            Self::Users => {
                "id,userPrincipalName,displayName,mail,jobTitle,department,employeeId,userType,accountEnabled,externalUserState,createdDateTime"
            }
            Self::Services => {
                "id,appId,displayName,servicePrincipalType,accountEnabled,appOwnerOrganizationId,createdDateTime,alternativeNames,servicePrincipalNames,appRoles,passwordCredentials,keyCredentials"
            }
            Self::Groups => {
                "id,displayName,description,mail,securityEnabled,mailEnabled,isAssignableToRole,groupTypes,visibility,membershipRule,createdDateTime"
            }
        }
    }

    fn many(self) -> usize {
        if self == Self::Groups { MANY_GROUPS } else { MANY }
    }
}

/// What reading a family gave besides its documents.
pub(super) struct Read {
    pub(super) stopped: Result<(), Stop>,
    pub(super) how: String,
    pub(super) mark: Option<String>,
    pub(super) changes: Option<Changes>,
}

/// Reads a family: with a mark what changed since, where Graph still knows that; else all of it.
pub(super) async fn family(client: &AzureClient, family: Family, mark: Option<&str>, outlet: &mut Outlet<'_>) -> Read {
    let told = match mark {
        Some(mark) => match delta::told(client, mark, family.many(), outlet.cancel).await {
            Ok(told) => told,
            Err(error) => return stopped(error.into()),
        },
        None => None,
    };
    match told {
        Some(told) => {
            let mut gone = Vec::new();
            let stopped = again(client, family, &told.ids, outlet, &mut gone).await;
            Read {
                stopped,
                how: "changes since the last reading, by delta query".into(),
                mark: Some(told.mark),
                changes: Some(Changes { gone }),
            }
        }
        None => {
            // Asked for before the reading, so that what changes meanwhile is told the next time.
            let mark = match delta::from_now(client, family, outlet.cancel).await {
                Ok(mark) => mark,
                Err(error) => return stopped(error.into()),
            };
            let stopped = all(client, family, outlet).await;
            Read {
                stopped,
                how: match family {
                    Family::Users => format!("pages of {PAGE} by nextLink"),
                    Family::Services => format!("pages of {PAGE} by nextLink, owners in batches of {}", batch::MOST),
                    Family::Groups => format!("pages of {PAGE} by nextLink, members in batches of {}", batch::MOST),
                },
                mark,
                changes: None,
            }
        }
    }
}

fn stopped(stop: Stop) -> Read {
    Read {
        stopped: Err(stop),
        how: "nothing was read".into(),
        mark: None,
        changes: None,
    }
}

async fn all(client: &AzureClient, family: Family, outlet: &mut Outlet<'_>) -> Result<(), Stop> {
    let mut pages = Pages::new(first_page(client, family));
    let (mut ids, mut provisioned) = (Vec::new(), Vec::new());
    while let Some(page) = pages.next(client.graph(), outlet.cancel).await? {
        let documents: Vec<_> = page.texts().filter_map(|text| serde_json::from_slice(text).ok()).collect();
        if family == Family::Services {
            ids.extend(documents.iter().filter_map(id_of));
            provisioned.extend(documents.iter().filter_map(jobs::candidate));
        }
        hand_out(client, family, documents, outlet).await?;
    }
    if family == Family::Services {
        client.remember(|memory| {
            memory.services = Some(ids.into());
            memory.provisioned = Some(provisioned.into());
        });
    }
    Ok(())
}

fn first_page(client: &AzureClient, family: Family) -> Call {
    let mut url = client.graph().below([family.path()]);
    url.query_pairs_mut()
        .append_pair("$select", family.select())
        .append_pair("$top", &PAGE.to_string());
    Call::get(url)
}

fn id_of(document: &Map<String, Value>) -> Option<String> {
    document.get("id")?.as_str().map(str::to_owned)
}

/// Completes documents with what Graph tells elsewhere, and hands them out.
async fn hand_out(client: &AzureClient, family: Family, documents: Vec<Map<String, Value>>, outlet: &mut Outlet<'_>) -> Result<(), Stop> {
    let documents = match family {
        Family::Users => documents,
        Family::Services => services::completed(client, documents, outlet).await?,
        Family::Groups => related::with_members(client, documents, outlet).await?,
    };
    let mut pack = Pack::default();
    for document in documents {
        pack.object(&settled(document));
    }
    outlet.pack(pack).await
}

/// Reads objects again by their ids; those that are not there any more are put to `gone`.
async fn again(client: &AzureClient, family: Family, ids: &[String], outlet: &mut Outlet<'_>, gone: &mut Vec<String>) -> Result<(), Stop> {
    for some in ids.chunks(batch::MOST * 4) {
        let asked = ask_for(client, family, some, outlet.cancel).await?;
        let mut here = Vec::new();
        for (id, answer) in some.iter().zip(asked) {
            match answer {
                One::Here(document) => here.push(document),
                One::Absent => gone.push(key(id)),
                One::Unknown(error) => outlet.part_failed("Directory.Read.All", &format!("What changed of {id}"), error)?,
            }
        }
        hand_out(client, family, here, outlet).await?;
    }
    Ok(())
}

/// What became of one object.
pub(super) enum One {
    Here(Map<String, Value>),
    Absent,
    Unknown(SourceError),
}

/// Asks for objects by their ids, in batches.
async fn ask_for(
    client: &AzureClient,
    family: Family,
    ids: &[String],
    cancel: &tokio_util::sync::CancellationToken,
) -> Result<Vec<One>, SourceError> {
    let questions = ids
        .iter()
        .map(|id| format!("/{}/{}?$select={}", family.path(), related::segment(id), family.select()))
        .collect();
    let answers = related::answers(client, questions, cancel).await?;
    Ok(answers
        .into_iter()
        .map(|answer| match answer {
            related::Answered::Body(body, at) => match serde_json::from_slice(&body) {
                Ok(document) => One::Here(document),
                Err(_) => One::Unknown(related::odd(client.graph(), &at, "an answer is no object")),
            },
            related::Answered::Absent => One::Absent,
            related::Answered::Failed(error) => One::Unknown(error),
        })
        .collect())
}

/// Asks for objects by their ids, with what completes their documents. What could not be asked about is left out.
///
/// # Errors
/// When nothing could be asked.
pub(super) async fn look_up(
    client: &AzureClient,
    family: Family,
    ids: &[String],
    outlet: &mut Outlet<'_>,
) -> Result<Vec<(String, Option<Map<String, Value>>)>, SourceError> {
    let asked = ask_for(client, family, ids, outlet.cancel).await?;
    let mut found = Vec::new();
    let mut here = Vec::new();
    let mut failure = None;
    for (id, answer) in ids.iter().zip(asked) {
        match answer {
            One::Here(document) => here.push(document),
            One::Absent => found.push((id.clone(), None)),
            One::Unknown(error) => failure = Some(error),
        }
    }
    let completed = match family {
        Family::Users => Ok(here),
        Family::Services => services::completed(client, here, outlet).await,
        Family::Groups => related::with_members(client, here, outlet).await,
    };
    match completed {
        Ok(documents) => {
            for document in documents {
                if let Some(id) = id_of(&document).map(|id| key(&id)) {
                    found.push((id, Some(settled(document))));
                }
            }
        }
        Err(Stop::Error(error)) => failure = Some(error),
        Err(Stop::Closed) => failure = Some(SourceError::Cancelled),
    }
    match failure {
        Some(error) if found.is_empty() => Err(error),
        _ => Ok(found),
    }
}

/// The ids of all service principals: those that were read, or read for the purpose.
async fn service_ids(client: &AzureClient, cancel: &tokio_util::sync::CancellationToken) -> Result<std::sync::Arc<[String]>, SourceError> {
    if let Some(ids) = client.remember(|memory| memory.services.clone()) {
        return Ok(ids);
    }
    let mut url = client.graph().below([Family::Services.path()]);
    url.query_pairs_mut()
        .append_pair("$select", "id")
        .append_pair("$top", &PAGE.to_string());
    let mut pages = Pages::new(Call::get(url));
    let mut ids = Vec::new();
    while let Some(page) = pages.next(client.graph(), cancel).await? {
        ids.extend(page.texts().filter_map(|text| id_of(&serde_json::from_slice(text).ok()?)));
    }
    let ids: std::sync::Arc<[String]> = ids.into();
    client.remember(|memory| memory.services = Some(ids.clone()));
    Ok(ids)
}

/// How many of a family Graph counts; none where it does not say. One small request.
pub(super) async fn count(
    client: &AzureClient,
    path: &str,
    cancel: &tokio_util::sync::CancellationToken,
) -> Result<Option<u64>, SourceError> {
    let mut url = client.graph().below([path]);
    url.query_pairs_mut()
        .append_pair("$select", "id")
        .append_pair("$top", "1")
        .append_pair("$count", "true");
    let (page, _) = wire::page(client.graph(), wire::eventual(Call::get(url)), cancel).await?;
    Ok(page.count)
}
