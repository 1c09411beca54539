//! Azure's client against the lab's tenant: what it reads is what the tenant holds, and what it may not read it says.

mod failing;
mod provisioning;
mod reading;

use std::collections::{BTreeMap, BTreeSet};

use lanyard_engine::record::azure::{Group, LostPrincipal, LostState, ServicePrincipal, key};
use lanyard_engine::record::{Columns, ItemKind, ResourceKind};
use lanyard_engine::secrets::Secret;
use lanyard_engine::sources::azure::{AzureClient, AzureConfig, columns};
use lanyard_engine::sources::scim::{Batch, Found, Limits};
use lanyard_engine::sources::{Listing, SourceError};
use lanyard_engine::view::{AuthSettings, AzureCloud, AzureSettings, ProbeState};
use lanyard_lab::azure::Throttle;
use lanyard_lab::company::access::azure::Scope;
use lanyard_lab::{AzureHandle, AzureOptions, Fault, Lab, LabOptions, Site, serve};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio_util::sync::CancellationToken;

const ASSIGNMENTS: ResourceKind = ResourceKind::Item(ItemKind::RoleAssignment);
const LOST: ResourceKind = ResourceKind::Item(ItemKind::LostPrincipal);

struct Cloud {
    lab: Lab,
    azure: AzureHandle,
}

async fn cloud(change: impl FnOnce(&mut AzureOptions)) -> Cloud {
    let mut options = AzureOptions {
        throttle: Throttle::none(),
        ..AzureOptions::default()
    };
    change(&mut options);
    let options = LabOptions {
        azure: Some(options),
        ..LabOptions::default()
    };
    let lab = serve(options).await.unwrap();
    let azure = lab.azure().unwrap();
    Cloud { lab, azure }
}

/// What a reading gave.
struct Read {
    listing: Listing,
    documents: BTreeMap<String, Vec<u8>>,
}

impl Read {
    fn codes(&self) -> Vec<&str> {
        self.listing.end.reasons.iter().map(|reason| reason.code.as_str()).collect()
    }

    fn texts(&self) -> String {
        self.listing
            .end
            .reasons
            .iter()
            .map(|reason| reason.text.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn ids(&self) -> BTreeSet<String> {
        self.documents.keys().cloned().collect()
    }
}

impl Cloud {
    fn config(&self, auth: AuthSettings, secret: Option<Secret>) -> AzureConfig {
        let sites = self.azure.sites();
        AzureConfig {
            name: "Halcyon tenant".into(),
            base: sites.arm.parse().unwrap(),
            azure: AzureSettings {
                tenant: self.azure.tenant_id().to_string(),
                cloud: AzureCloud::Other {
                    authority: sites.authority,
                    graph: sites.graph,
                },
                ..AzureSettings::default()
            },
            auth,
            secret,
            keep: None,
            ca_pem: None,
            headers: Vec::new(),
            request_budget: Some(20_000),
            limits: Limits {
                longest_wait_ms: 20_000,
                ..Limits::default()
            },
        }
    }

    fn with_secret(&self) -> AzureConfig {
        let client_id = self.azure.client_id().to_string();
        self.config(AuthSettings::ClientSecret { client_id }, Some(Secret::new(self.azure.secret())))
    }

    fn client(&self) -> AzureClient {
        AzureClient::new(self.with_secret()).unwrap()
    }

    fn truth(&self) -> BTreeMap<&'static str, BTreeSet<String>> {
        self.azure.look(|tenant| {
            let gone = |id| self.azure.is_gone(id);
            BTreeMap::from([
                (
                    "users",
                    tenant
                        .users
                        .iter()
                        .filter(|one| !gone(one.id))
                        .map(|one| one.id.to_string())
                        .collect(),
                ),
                (
                    "groups",
                    tenant
                        .groups
                        .iter()
                        .filter(|one| !gone(one.id))
                        .map(|one| one.id.to_string())
                        .collect(),
                ),
                (
                    "services",
                    tenant
                        .services
                        .iter()
                        .filter(|one| !gone(one.id))
                        .map(|one| one.id.to_string())
                        .collect(),
                ),
                (
                    "assignments",
                    tenant
                        .assignments
                        .iter()
                        .filter(|one| !gone(one.id))
                        .map(|one| one.id.to_string())
                        .collect(),
                ),
                ("eligibilities", tenant.eligibilities.iter().map(|one| one.id.to_string()).collect()),
                ("roles", tenant.roles.iter().map(|one| one.id.to_string()).collect()),
            ])
        })
    }
}

async fn read(client: &AzureClient, kind: ResourceKind, mark: Option<&str>) -> Result<Read, SourceError> {
    let (batches, mut came) = tokio::sync::mpsc::channel::<Batch>(4);
    let cancel = CancellationToken::new();
    let taking = tokio::spawn(async move {
        let mut documents = BTreeMap::new();
        while let Some(batch) = came.recv().await {
            for place in batch.resources {
                let text = &batch.body[place];
                let id = columns(kind, text).unwrap().id().to_owned();
                assert!(documents.insert(id.clone(), text.to_vec()).is_none(), "{id} came twice");
            }
        }
        documents
    });
    let listing = client.list(kind, mark, batches, &cancel).await?;
    let documents = taking.await.unwrap();
    assert_eq!(listing.end.unique, documents.len() as u64);
    Ok(Read { listing, documents })
}

/// Reads all collections as a sync does.
async fn read_all(client: &AzureClient) -> BTreeMap<ResourceKind, Read> {
    let mut all = BTreeMap::new();
    for shelf in client.shelves() {
        all.insert(shelf.kind, read(client, shelf.kind, None).await.unwrap());
    }
    all
}

fn last(ids: &BTreeSet<String>) -> BTreeSet<String> {
    ids.iter().map(|id| id.rsplit('/').next().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_test_names_each_permission() {
    let cloud = cloud(|_| {}).await;
    let cancel = CancellationToken::new();
    let report = cloud.client().probe(&cancel).await;
    assert!(report.ok, "{report:?}");
    assert_eq!(report.users, Some(cloud.truth()["users"].len() as u64));
    for point in &report.points {
        assert_eq!(point.state, ProbeState::Good, "{point:?}");
    }
    cloud.azure.revoke("Directory.Read.All");
    cloud.azure.revoke("Application.Read.All");
    cloud.azure.refuse("Microsoft.Authorization/denyAssignments/read", "/");
    let report = cloud.client().probe(&cancel).await;
    assert!(report.ok);
    let bad: Vec<&str> = report
        .points
        .iter()
        .filter(|point| point.state == ProbeState::Bad)
        .map(|point| point.topic.as_str())
        .collect();
    assert!(
        bad.contains(&"Application.Read.All") && bad.contains(&"Microsoft.Authorization/denyAssignments/read"),
        "{bad:?}"
    );
    assert!(
        report
            .points
            .iter()
            .filter(|point| point.state == ProbeState::Bad)
            .all(|point| point.instead.is_some())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_come_by_every_way() {
    let cloud = cloud(|options| options.device_interval = 1).await;
    let client_id = cloud.azure.client_id().to_string();
    let reads = async |config: AzureConfig| {
        let client = AzureClient::new(config).unwrap();
        let users = read(&client, ResourceKind::User, None).await?;
        let subscriptions = read(&client, ResourceKind::Item(ItemKind::Subscription), None).await?;
        Ok::<bool, SourceError>(!users.documents.is_empty() && !subscriptions.documents.is_empty())
    };
    assert!(reads(cloud.with_secret()).await.unwrap());
    // A wrong secret, and one that was good once.
    let auth = || AuthSettings::ClientSecret {
        client_id: client_id.clone(),
    };
    let error = reads(cloud.config(auth(), Some(Secret::new("wrong".into())))).await.unwrap_err();
    assert_eq!(error.code(), "signIn.secretWrong", "{error}");
    let old = cloud.azure.secret();
    cloud.azure.rotate_secret();
    let error = reads(cloud.config(auth(), Some(Secret::new(old.clone())))).await.unwrap_err();
    assert_eq!(error.code(), "signIn.secretExpired", "{error}");
    assert!(!format!("{error} {:?}", error.fault()).contains(&old));
    // A federated token, read from its file.
    let folder = tempfile::tempdir().unwrap();
    let token_file = folder.path().join("token");
    std::fs::write(&token_file, cloud.azure.federated_token(600)).unwrap();
    let auth = AuthSettings::FederatedToken {
        client_id: client_id.clone(),
        token_file: token_file.display().to_string(),
    };
    assert!(reads(cloud.config(auth, None)).await.unwrap());
    // A certificate; the lab checks the signature and which certificate it names.
    let auth = || AuthSettings::ClientCertificate {
        client_id: client_id.clone(),
    };
    let pem = include_str!("../../../crates/engine/src/sources/azure/token/test_certificate.pem");
    let error = reads(cloud.config(auth(), Some(Secret::new(pem.into())))).await.unwrap_err();
    assert_eq!(error.code(), "signIn.certificateUnknown", "{error}");
    cloud
        .azure
        .add_certificate(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap().to_vec());
    assert!(reads(cloud.config(auth(), Some(Secret::new(pem.into())))).await.unwrap());
    // A person, by device code; the refresh token is good for both services.
    let auth = || AuthSettings::DeviceCode {
        client_id: client_id.clone(),
    };
    let sign_in = AzureClient::sign_in(cloud.config(auth(), None)).await.unwrap();
    assert!(cloud.azure.decide_device(&sign_in.user_code.unwrap(), true));
    let refresh = sign_in.end.await.unwrap();
    assert!(reads(cloud.config(auth(), Some(refresh.duplicate()))).await.unwrap());
    cloud.azure.revoke_refresh_tokens();
    let error = reads(cloud.config(auth(), Some(refresh))).await.unwrap_err();
    assert_eq!(error.code(), "signIn.expired", "{error}");
    let sign_in = AzureClient::sign_in(cloud.config(auth(), None)).await.unwrap();
    assert!(cloud.azure.decide_device(&sign_in.user_code.unwrap(), false));
    assert_eq!(sign_in.end.await.err().unwrap().code(), "signIn.declined");
}
