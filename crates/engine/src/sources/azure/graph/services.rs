//! Service principals with their owners and credentials' ends, and the app roles that they give.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use super::related::{Related, lists, references, segment};
use super::{AzureClient, PAGE, id_of, service_ids};
use crate::record::azure::key;
use crate::sources::SourceError;
use crate::sources::azure::outlet::{Outlet, Pack, Stop};
use crate::sources::http::Call;

/// Service principals whose app roles are asked for before what came is handed out.
const IN_ONE_GO: usize = 400;

/// What of a credential is kept: its names and its span of time. Neither a value nor a hint at one, whatever a server sends.
const CREDENTIAL: &[&str] = &["keyId", "displayName", "startDateTime", "endDateTime", "type", "usage"];

fn bare_credentials(document: &mut Map<String, Value>) {
    for name in ["passwordCredentials", "keyCredentials"] {
        let Some(list) = document.get_mut(name).and_then(Value::as_array_mut) else {
            document.remove(name);
            continue;
        };
        list.retain(Value::is_object);
        for credential in list.iter_mut().filter_map(Value::as_object_mut) {
            credential.retain(|name, value| CREDENTIAL.contains(&name.as_str()) && !value.is_array() && !value.is_object());
            credential.sort_keys();
        }
        list.sort_by_key(|credential| credential["keyId"].as_str().unwrap_or_default().to_owned());
    }
}

/// Service principals with owners, with the application they are made from, and without any credential's value.
pub(super) async fn completed(
    client: &AzureClient,
    mut documents: Vec<Map<String, Value>>,
    outlet: &mut Outlet<'_>,
) -> Result<Vec<Map<String, Value>>, Stop> {
    if documents.is_empty() {
        return Ok(documents);
    }
    let applications = applications(client, outlet).await?;
    let mut questions = Vec::new();
    let mut federated = Vec::new();
    for (at, document) in documents.iter_mut().enumerate() {
        let id = id_of(document).unwrap_or_default();
        questions.push(format!("/servicePrincipals/{}/owners?$select=id&$top={PAGE}", segment(&id)));
        bare_credentials(document);
        let application = document
            .get("appId")
            .and_then(Value::as_str)
            .and_then(|id| applications.get(&key(id)));
        if let Some(application) = application {
            if let Some(id) = id_of(application) {
                federated.push((at, format!("/applications/{}/federatedIdentityCredentials", segment(&id))));
            }
            document.insert("application".into(), application.clone().into());
        }
    }
    questions.extend(federated.iter().map(|(_, question)| question.clone()));
    let mut answers = lists(client, questions, outlet.cancel).await?;
    let of_applications = answers.split_off(documents.len());
    let name = |document: &Map<String, Value>| {
        document
            .get("displayName")
            .and_then(Value::as_str)
            .unwrap_or("a service principal")
            .to_owned()
    };
    for (document, owners) in documents.iter_mut().zip(answers) {
        match owners {
            Related::Pages(pages) => {
                document.insert("owners".into(), references(&pages, []).into());
            }
            Related::Absent => {}
            Related::Failed(error) => outlet.part_failed("Application.Read.All", &format!("The owners of {}", name(document)), error)?,
        }
    }
    for ((at, _), list) in federated.into_iter().zip(of_applications) {
        let document = &mut documents[at];
        match list {
            Related::Pages(pages) => {
                let mut list: Vec<Value> = pages
                    .iter()
                    .flat_map(super::wire::Page::texts)
                    .filter_map(|text| serde_json::from_slice(text).ok())
                    .collect();
                list.sort_by_key(|one: &Value| one["id"].as_str().unwrap_or_default().to_owned());
                if let Some(application) = document.get_mut("application").and_then(Value::as_object_mut) {
                    application.insert("federatedIdentityCredentials".into(), list.into());
                }
            }
            Related::Absent => {}
            Related::Failed(error) => {
                let part = format!("The federated credentials of {}", name(document));
                outlet.part_failed("Application.Read.All", &part, error)?;
            }
        }
    }
    Ok(documents)
}

/// The tenant's application objects by their appId, with what is kept of their credentials.
async fn applications(client: &AzureClient, outlet: &mut Outlet<'_>) -> Result<Arc<HashMap<String, Map<String, Value>>>, Stop> {
    if let Some(known) = client.remember(|memory| memory.applications.clone()) {
        return Ok(known);
    }
    let mut all = HashMap::new();
    if let Err(error) = read_applications(client, &mut all, outlet.cancel).await {
        outlet.part_failed("Application.Read.All", "The applications' own secrets and certificates", error)?;
    }
    let all = Arc::new(all);
    client.remember(|memory| memory.applications = Some(all.clone()));
    Ok(all)
}

async fn read_applications(
    client: &AzureClient,
    all: &mut HashMap<String, Map<String, Value>>,
    cancel: &CancellationToken,
) -> Result<(), SourceError> {
    let mut url = client.graph().below(["applications"]);
    url.query_pairs_mut()
        .append_pair("$select", "id,appId,passwordCredentials,keyCredentials")
        .append_pair("$top", &PAGE.to_string());
    let mut pages = super::related::Pages::new(Call::get(url));
    while let Some(page) = pages.next(client.graph(), cancel).await? {
        for text in page.texts() {
            let Ok(mut application) = serde_json::from_slice::<Map<String, Value>>(text) else {
                continue;
            };
            let Some(app) = application.remove("appId").and_then(|id| id.as_str().map(key)) else {
                continue;
            };
            bare_credentials(&mut application);
            application.retain(|name, _| matches!(name.as_str(), "id" | "passwordCredentials" | "keyCredentials"));
            application.sort_keys();
            all.insert(app, application);
        }
    }
    Ok(())
}

fn question(resource: &str) -> String {
    format!("/servicePrincipals/{}/appRoleAssignedTo?$top={PAGE}", segment(resource))
}

fn push(pack: &mut Pack, pages: &[super::wire::Page]) {
    for text in pages.iter().flat_map(super::wire::Page::texts) {
        match serde_json::from_slice(text) {
            Ok(document) => pack.object(&super::settled(document)),
            // Counted as unreadable where it is handed out.
            Err(_) => pack.push(text),
        }
    }
}

/// Reads who holds which app role, resource by resource.
pub(in super::super) async fn app_roles(client: &AzureClient, outlet: &mut Outlet<'_>) -> Result<(), Stop> {
    let resources = service_ids(client, outlet.cancel).await?;
    for some in resources.chunks(IN_ONE_GO) {
        let mut pack = Pack::default();
        let questions = some.iter().map(|id| question(id)).collect();
        for (id, list) in some.iter().zip(lists(client, questions, outlet.cancel).await?) {
            match list {
                Related::Pages(pages) => push(&mut pack, &pages),
                Related::Absent => {}
                Related::Failed(error) => outlet.part_failed("Application.Read.All", &format!("The app roles of {id}"), error)?,
            }
        }
        outlet.pack(pack).await?;
    }
    Ok(())
}

/// The app role assignments of one resource now; none where the resource is not there any more.
///
/// # Errors
/// When they could not be read.
pub(in super::super) async fn app_roles_of(
    client: &AzureClient,
    resource: &str,
    cancel: &CancellationToken,
) -> Result<Option<Vec<Map<String, Value>>>, SourceError> {
    match lists(client, vec![question(resource)], cancel).await?.pop() {
        Some(Related::Pages(pages)) => Ok(Some(
            pages
                .iter()
                .flat_map(super::wire::Page::texts)
                .filter_map(|text| serde_json::from_slice(text).ok())
                .map(super::settled)
                .collect(),
        )),
        Some(Related::Failed(error)) => Err(error),
        Some(Related::Absent) | None => Ok(None),
    }
}
