//! The client: three origins of one source, and what one collection's reading knows for the next.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::graph::{self, Family};
use super::outlet::{Outlet, identity};
use super::token::Identity;
use super::{AzureConfig, arm, endpoints, report, shelves, sign_in};
use crate::record::{ItemKind, ResourceKind};
use crate::sources::http::{Auth, HttpClient, HttpConfig, Journal, SiblingConfig, Traffic};
use crate::sources::scim::{Batch, Found};
use crate::sources::{Listing, Shelf, SignIn, SourceError};
use crate::view::{AuthSettings, AzureSettings, ProbeReport, SourceKind};

/// A client of Azure. Cheap to clone; clones share connections, budget and counters.
#[derive(Clone)]
pub struct AzureClient {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    settings: AzureSettings,
    app: Option<String>,
    /// The first signs of the client secret, by which Graph tells an application's secrets apart (`passwordCredential.hint`).
    hint: Option<String>,
    graph: HttpClient,
    arm: HttpClient,
    memory: Mutex<Memory>,
}

/// So many signs of a client secret are its hint (<https://learn.microsoft.com/graph/api/resources/passwordcredential>).
const HINT: usize = 3;

/// What a look goes by: the same tenant, asked by clients that take notes and remember nothing of before.
pub(super) struct Noted {
    pub(super) client: AzureClient,
    pub(super) journal: Journal,
}

/// What the reading of one collection knows for the next: a client lives for one sync.
#[derive(Default)]
pub(super) struct Memory {
    /// The ids of all service principals.
    pub(super) services: Option<Arc<[String]>>,
    /// Those of them that can have provisioning jobs.
    pub(super) provisioned: Option<Arc<[graph::Candidate]>>,
    /// What the provisioning log says of who failed.
    pub(super) failures: Option<Arc<graph::Failures>>,
    /// The application objects by appId.
    pub(super) applications: Option<Arc<HashMap<String, Map<String, Value>>>>,
    /// The service principals that are members of groups.
    pub(super) services_by_group: Option<Arc<HashMap<String, Vec<String>>>>,
    /// Management groups and subscriptions.
    pub(super) estate: Option<Arc<arm::Estate>>,
    /// Whom assignments name.
    pub(super) assigned: BTreeMap<String, graph::Assigned>,
    /// Whether all role assignments were read.
    pub(super) assignments_read: bool,
    /// The vaults, where all were read.
    pub(super) vaults: BTreeMap<ItemKind, Vec<String>>,
}

fn address(field: &'static str, text: &str) -> Result<Url, SourceError> {
    Url::parse(text).map_err(|error| SourceError::Setting {
        field,
        problem: error.to_string(),
        next: "Give the address as https://host.".into(),
    })
}

/// The sign-in service's client, whose credential is in what is asked of it.
fn identity_of(config: &mut AzureConfig, authority: &str) -> Result<Arc<Identity>, SourceError> {
    let http = HttpClient::new(HttpConfig {
        system: SourceKind::Azure,
        base: address("Authority", authority)?,
        auth: Auth::Anonymous,
        ca_pem: config.ca_pem.clone(),
        headers: Vec::new(),
        request_budget: config.request_budget,
        limits: config.limits.clone(),
        accept: "application/json",
    })?;
    Identity::new(http, &config.azure.tenant, &config.auth, config.secret.take(), config.keep.clone()).map(Arc::new)
}

impl AzureClient {
    /// Makes a client; asks nothing yet.
    ///
    /// # Errors
    /// [`SourceError::Setting`] when an address, the tenant, the certificate or a header cannot be used.
    pub fn new(mut config: AzureConfig) -> Result<Self, SourceError> {
        let endpoints = endpoints(&config.azure.cloud, config.base.as_str());
        let app = match &config.auth {
            AuthSettings::ClientSecret { client_id }
            | AuthSettings::ClientCertificate { client_id }
            | AuthSettings::FederatedToken { client_id, .. } => Some(client_id.trim().to_owned()),
            _ => None,
        };
        let hint = match (&config.auth, &config.secret) {
            (AuthSettings::ClientSecret { .. }, Some(secret)) => Some(secret.expose().chars().take(HINT).collect()),
            _ => None,
        };
        let identity = identity_of(&mut config, &endpoints.authority)?;
        let sibling = |field: &'static str, resource: &str, path: &str| {
            identity.http().sibling(SiblingConfig {
                base: address(field, &format!("{resource}{path}"))?,
                auth: identity.auth(resource),
                headers: &config.headers,
                accept: "application/json",
            })
        };
        let graph = sibling("Microsoft Graph", &endpoints.graph, "/v1.0")?;
        let arm = sibling("Resource Manager URL", &endpoints.resource_manager, "")?;
        Ok(Self {
            inner: Arc::new(Inner {
                name: config.name,
                settings: config.azure,
                app,
                hint,
                graph,
                arm,
                memory: Mutex::default(),
            }),
        })
    }

    /// Begins a person's sign-in by device code.
    ///
    /// # Errors
    /// When the settings are for another way to authenticate, or the sign-in service gives no code.
    pub async fn sign_in(mut config: AzureConfig) -> Result<SignIn, SourceError> {
        let AuthSettings::DeviceCode { client_id } = &config.auth else {
            return Err(SourceError::Setting {
                field: "Authentication",
                problem: "nobody signs in with this way to authenticate".into(),
                next: "Choose device code.".into(),
            });
        };
        let client = client_id.trim().to_owned();
        let endpoints = endpoints(&config.azure.cloud, config.base.as_str());
        config.secret = None;
        let identity = identity_of(&mut config, &endpoints.authority)?;
        sign_in::start(identity, client, &endpoints.graph, CancellationToken::new()).await
    }

    /// The same client for one look.
    pub(super) fn noting(&self) -> Noted {
        let (graph, journal) = self.inner.graph.noting();
        let client = Self {
            inner: Arc::new(Inner {
                name: self.inner.name.clone(),
                settings: self.inner.settings.clone(),
                app: self.inner.app.clone(),
                hint: self.inner.hint.clone(),
                graph,
                arm: self.inner.arm.noting_in(&journal),
                memory: Mutex::default(),
            }),
        };
        Noted { client, journal }
    }

    /// The application (client) id that it signs in as; none for a person or another program's login.
    pub(super) fn app(&self) -> Option<&str> {
        self.inner.app.as_deref()
    }

    /// Whether this is the hint that Graph gives for the client secret that it signs in with. Three signs: others may have the same.
    pub(super) fn has_hint(&self, hint: &str) -> bool {
        self.inner.hint.as_deref() == Some(hint)
    }

    pub(in crate::sources) fn graph(&self) -> &HttpClient {
        &self.inner.graph
    }

    pub(super) fn arm(&self) -> &HttpClient {
        &self.inner.arm
    }

    pub(super) fn name(&self) -> &str {
        &self.inner.name
    }

    pub(super) fn settings(&self) -> &AzureSettings {
        &self.inner.settings
    }

    /// Reads or writes what is known; short, and never across a wait.
    pub(super) fn remember<T>(&self, with: impl FnOnce(&mut Memory) -> T) -> T {
        // What it guards is whole after each statement, so a panic elsewhere does it no harm.
        with(&mut self.inner.memory.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The collections, in the order in which they are read.
    pub fn shelves(&self) -> Vec<Shelf> {
        shelves::all()
    }

    /// Reads a collection; see [`crate::sources::Client::list`].
    ///
    /// # Errors
    /// When nothing of it could be read for another reason than a missing permission.
    pub async fn list(
        &self,
        kind: ResourceKind,
        mark: Option<&str>,
        batches: mpsc::Sender<Batch>,
        cancel: &CancellationToken,
    ) -> Result<Listing, SourceError> {
        let mut outlet = Outlet::new(kind, shelves::needs(kind), batches, cancel);
        let family = match kind {
            ResourceKind::User => Family::Users,
            ResourceKind::Service => Family::Services,
            ResourceKind::Group => Family::Groups,
            ResourceKind::Item(item) => {
                let (stopped, how) = match item {
                    ItemKind::AppRoleAssignment => (
                        graph::app_roles(self, &mut outlet).await,
                        "service principal by service principal, in batches",
                    ),
                    ItemKind::LostPrincipal => (graph::lost(self, &mut outlet).await, "by id, those that assignments name"),
                    ItemKind::ProvisioningJob => (graph::jobs(self, &mut outlet).await, "application by application, in batches"),
                    ItemKind::ProvisioningError => (
                        graph::errors(self, &mut outlet).await,
                        "the log of the last 7 days, the last failure of each job about each identity",
                    ),
                    ItemKind::Entity | ItemKind::RbacRole | ItemKind::RbacPolicy | ItemKind::RbacCondition => {
                        outlet.not_offered("Azure has no such collection.".into());
                        (Ok(()), "not read")
                    }
                    _ => (arm::items(self, item, &mut outlet).await, "scope by scope, 4 at once"),
                };
                return outlet.end(stopped, how.into(), None, None);
            }
        };
        let read = graph::family(self, family, mark, &mut outlet).await;
        outlet.end(read.stopped, read.how, read.mark, read.changes)
    }

    /// Asks for resources by their ids; see [`crate::sources::Client::look_up`].
    ///
    /// # Errors
    /// When nothing could be asked.
    pub async fn look_up(
        &self,
        kind: ResourceKind,
        ids: &[String],
        cancel: &CancellationToken,
    ) -> Result<Vec<(String, Found)>, SourceError> {
        // Nothing is handed out through it: it takes down what could not be read.
        let (batches, _nobody) = mpsc::channel(1);
        let mut outlet = Outlet::new(kind, shelves::needs(kind), batches, cancel);
        let family = match kind {
            ResourceKind::User => Family::Users,
            ResourceKind::Service => Family::Services,
            ResourceKind::Group => Family::Groups,
            ResourceKind::Item(ItemKind::AppRoleAssignment) => return self.app_roles_by_id(ids, cancel).await,
            ResourceKind::Item(ItemKind::LostPrincipal) => return Ok(found(graph::is_lost(self, ids, &mut outlet).await?)),
            ResourceKind::Item(ItemKind::ProvisioningJob) => return Ok(found(graph::jobs_by_id(self, ids, cancel).await?)),
            ResourceKind::Item(ItemKind::ProvisioningError) => return Ok(found(graph::still_failing(self, ids))),
            ResourceKind::Item(item) => {
                let documents = arm::look_up(self, item, ids, cancel).await?;
                return Ok(documents
                    .into_iter()
                    .map(|(id, document)| (id, document.map_or(Found::Absent, |text| Found::Here(Bytes::from(text)))))
                    .collect());
            }
        };
        Ok(found(graph::look_up(self, family, ids, &mut outlet).await?))
    }

    /// An app role assignment is asked for at the service principal that gives the role: there is no other address for all of them.
    async fn app_roles_by_id(&self, ids: &[String], cancel: &CancellationToken) -> Result<Vec<(String, Found)>, SourceError> {
        let mut by_resource: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
        for id in ids {
            if let Some((resource, _)) = id.split_once('/') {
                by_resource.entry(resource).or_default().push(id);
            }
        }
        let mut all = Vec::new();
        let mut failure = None;
        for (resource, ids) in by_resource {
            let documents = match graph::app_roles_of(self, resource, cancel).await {
                Ok(documents) => documents.unwrap_or_default(),
                Err(error @ (SourceError::Cancelled | SourceError::BudgetSpent { .. })) => return Err(error),
                Err(error) => {
                    failure = Some(error);
                    continue;
                }
            };
            let here: HashMap<String, Vec<u8>> = documents
                .iter()
                .filter_map(|document| serde_json::to_vec(document).ok())
                .filter_map(|text| Some((identity(ResourceKind::Item(ItemKind::AppRoleAssignment), &text)?, text)))
                .collect();
            for id in ids {
                let document = here.get(id).cloned().map(Bytes::from);
                all.push((id.clone(), document.map_or(Found::Absent, Found::Here)));
            }
        }
        match failure {
            Some(error) if all.is_empty() => Err(error),
            _ => Ok(all),
        }
    }

    /// The connection test. Never fails: a failure is in the report.
    pub async fn probe(&self, cancel: &CancellationToken) -> ProbeReport {
        report::probe(self, cancel).await
    }

    /// What was sent and received so far.
    pub fn traffic(&self) -> Traffic {
        self.inner.graph.traffic()
    }
}

fn found(documents: Vec<(String, Option<Map<String, Value>>)>) -> Vec<(String, Found)> {
    documents
        .into_iter()
        .map(|(id, document)| {
            // A map of values always has a text.
            let text = document.map(|document| Bytes::from(serde_json::to_vec(&document).unwrap_or_default()));
            (id, text.map_or(Found::Absent, Found::Here))
        })
        .collect()
}
