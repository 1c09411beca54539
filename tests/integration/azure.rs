//! Azure's client against the lab's tenant: what it reads is what the tenant holds, and what it may not read it says.

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
    _lab: Lab,
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
    Cloud { _lab: lab, azure }
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
async fn everything_that_the_tenant_holds_is_read_once() {
    let cloud = cloud(|_| {}).await;
    let all = read_all(&cloud.client()).await;
    for (kind, read) in &all {
        assert!(read.listing.end.complete, "{kind:?}: {:?}", read.listing.end.reasons);
    }
    let truth = cloud.truth();
    assert_eq!(all[&ResourceKind::User].ids(), truth["users"]);
    assert_eq!(all[&ResourceKind::Group].ids(), truth["groups"]);
    assert_eq!(all[&ResourceKind::Service].ids(), truth["services"]);
    assert_eq!(last(&all[&ASSIGNMENTS].ids()), truth["assignments"]);
    assert_eq!(last(&all[&ResourceKind::Item(ItemKind::Eligibility)].ids()), truth["eligibilities"]);
    assert_eq!(all[&ResourceKind::Item(ItemKind::RoleDefinition)].ids(), truth["roles"]);
    cloud.azure.look(|tenant| {
        let count = |item| all[&ResourceKind::Item(item)].documents.len();
        assert_eq!(count(ItemKind::ManagementGroup), tenant.management_groups.len());
        assert_eq!(count(ItemKind::Subscription), tenant.subscriptions.len());
        assert_eq!(count(ItemKind::DenyAssignment), tenant.denies.len());
        assert_eq!(count(ItemKind::RecoveryVault) + count(ItemKind::BackupVault), tenant.vaults.len());
        assert_eq!(count(ItemKind::ResourceGuard), tenant.guards.len());
        assert_eq!(
            count(ItemKind::AppRoleAssignment),
            tenant.app_roles.iter().filter(|one| !cloud.azure.is_gone(one.principal)).count()
        );
        // Each group's direct members, service principals too.
        for group in &tenant.groups {
            let read: Group = serde_json::from_slice(&all[&ResourceKind::Group].documents[&group.id.to_string()]).unwrap();
            let members: BTreeSet<_> = read.members.unwrap().into_iter().filter_map(|member| member.id).collect();
            let real: BTreeSet<_> = group
                .members
                .iter()
                .filter(|id| !cloud.azure.is_gone(**id))
                .map(ToString::to_string)
                .collect();
            assert_eq!(members, real, "{}", group.display);
        }
    });
    // A secret's end is told, and nothing else of it.
    let expired = &all[&ResourceKind::Service].documents[&cloud.azure.find("svc-restore-drill").unwrap().to_string()];
    let service: ServicePrincipal = serde_json::from_slice(expired).unwrap();
    let ends: Vec<_> = service
        .password_credentials
        .iter()
        .chain(service.application.iter().flat_map(|app| &app.password_credentials))
        .collect();
    assert!(ends.iter().any(|one| one.end_date_time.is_some()));
    for read in all[&ResourceKind::Service].documents.values() {
        let text = String::from_utf8_lossy(read);
        assert!(!text.contains("secretText") && !text.contains("\"hint\"") && !text.contains("\"key\":"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_principals_are_told_apart() {
    let cloud = cloud(|_| {}).await;
    let client = cloud.client();
    read(&client, ASSIGNMENTS, None).await.unwrap();
    read(&client, ResourceKind::Item(ItemKind::Eligibility), None).await.unwrap();
    let lost = read(&client, LOST, None).await.unwrap();
    assert!(lost.listing.end.complete, "{:?}", lost.listing.end.reasons);
    let mut states: Vec<(LostState, Option<String>)> = Vec::new();
    for text in lost.documents.values() {
        let one: LostPrincipal = serde_json::from_slice(text).unwrap();
        states.push((
            one.state,
            one.user_principal_name.map(|name| name.split('@').next().unwrap().to_owned()),
        ));
    }
    let count = |state| states.iter().filter(|(one, _)| *one == state).count();
    assert_eq!(
        (count(LostState::Deleted), count(LostState::NotFound), count(LostState::Unknown)),
        (1, 2, 1),
        "{states:?}"
    );
    assert!(states.contains(&(LostState::Deleted, Some("tomas.dvorak".into()))));
    // One that is there again is lost no more.
    let cancel = CancellationToken::new();
    let ids: Vec<String> = lost
        .ids()
        .into_iter()
        .chain([cloud.azure.find("olena.shevchenko").unwrap().to_string()])
        .collect();
    let found = client.look_up(LOST, &ids, &cancel).await.unwrap();
    assert_eq!(found.iter().filter(|(_, found)| matches!(found, Found::Here(_))).count(), 4);
    assert_eq!(found.iter().filter(|(_, found)| matches!(found, Found::Absent)).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_only_are_told_by_delta_and_gone_means_gone() {
    let cloud = cloud(|_| {}).await;
    let client = cloud.client();
    let users = read(&client, ResourceKind::User, None).await.unwrap();
    let groups = read(&client, ResourceKind::Group, None).await.unwrap();
    cloud.azure.rename("olena.shevchenko", "Olena S.");
    cloud.azure.delete("daniel.levi", false);
    cloud.azure.remove_member("backup-operators", "payments-sre");
    let client = cloud.client();
    cloud.azure.forget_seen();
    let changed = read(&client, ResourceKind::User, users.listing.mark.as_deref()).await.unwrap();
    let id = |name: &str| cloud.azure.find(name).map(|id| id.to_string());
    assert!(changed.listing.end.complete && changed.listing.mark.is_some());
    assert_eq!(changed.ids(), BTreeSet::from([id("olena.shevchenko").unwrap()]));
    assert_eq!(cloud.azure.asked(Site::Graph, "/v1.0/users?"), 0, "the list is not read");
    let gone = changed.listing.changes.unwrap().gone;
    assert_eq!(gone.len(), 1);
    assert!(users.documents.contains_key(&gone[0]) && !changed.documents.contains_key(&gone[0]));
    let changed = read(&client, ResourceKind::Group, groups.listing.mark.as_deref()).await.unwrap();
    let operators = id("backup-operators").unwrap();
    let members = |read: &Read| {
        serde_json::from_slice::<Group>(&read.documents[&operators])
            .unwrap()
            .members
            .unwrap()
            .len()
    };
    assert_eq!(members(&changed) + 1, members(&groups));
    // The same document, read by list or alone, is the same text.
    cloud.azure.add_member("backup-operators", "payments-sre");
    let again = read(&cloud.client(), ResourceKind::Group, changed.listing.mark.as_deref())
        .await
        .unwrap();
    assert_eq!(again.documents[&operators], groups.documents[&operators]);
    // A mark that has expired means a full reading.
    cloud.azure.expire_delta_tokens();
    let whole = read(&cloud.client(), ResourceKind::Group, again.listing.mark.as_deref())
        .await
        .unwrap();
    assert!(whole.listing.changes.is_none() && whole.listing.end.complete);
    assert_eq!(whole.documents.len(), groups.documents.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_is_missing_or_goes_midway_is_named() {
    let cloud = cloud(|_| {}).await;
    cloud.azure.revoke("Directory.Read.All");
    cloud.azure.revoke("Group.Read.All");
    let groups = read(&cloud.client(), ResourceKind::Group, None).await.unwrap();
    assert_eq!((groups.documents.len(), groups.codes()), (0, vec!["refused"]));
    assert!(groups.texts().contains("Group.Read.All") && groups.listing.mark.is_none());
    cloud.azure.grant("Group.Read.All");
    // It goes while the members are read: no group is handed out without those that it has.
    let programs = cloud.truth()["services"].len();
    let seen = cloud.azure.asked(Site::Graph, "/") + programs;
    cloud.azure.revoke_after("Group.Read.All", seen as u64 + 15);
    let groups = read(&cloud.client(), ResourceKind::Group, None).await.unwrap();
    assert_eq!(groups.codes(), ["refused"], "{:?}", groups.listing.end.reasons);
    assert!(groups.texts().contains("GroupMember.Read.All"), "{}", groups.texts());
    assert!(groups.listing.mark.is_none());
    assert!(!groups.documents.is_empty() && groups.documents.len() < cloud.truth()["groups"].len());
    for text in groups.documents.values() {
        assert!(serde_json::from_slice::<Group>(text).unwrap().members.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_may_not_be_read_is_named_and_the_rest_is_read() {
    let cloud = cloud(|_| {}).await;
    cloud.azure.refuse("Microsoft.Authorization/roleAssignments/read", "sub-data");
    let read = read(&cloud.client(), ASSIGNMENTS, None).await.unwrap();
    assert_eq!(read.codes(), ["refused"]);
    assert!(
        read.texts().contains("Microsoft.Authorization/roleAssignments/read"),
        "{}",
        read.texts()
    );
    let name = cloud.azure.look(|tenant| match tenant.scope("sub-data") {
        Some(Scope::Subscription(place)) => tenant.subscriptions[place as usize].name.clone(),
        _ => String::new(),
    });
    assert!(!name.is_empty() && read.texts().contains(&name), "{}", read.texts());
    let truth = cloud.truth();
    assert!(!read.documents.is_empty() && read.documents.len() < truth["assignments"].len());
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_waited_for_in_batches_too() {
    let cloud = cloud(|options| {
        options.throttle = Throttle {
            graph_units: Some(60),
            arm_bucket: 1e9,
            arm_refill: 1e9,
            retry_after: true,
        };
    })
    .await;
    let groups = read(&cloud.client(), ResourceKind::Group, None).await.unwrap();
    assert!(groups.listing.end.complete, "{:?}", groups.listing.end.reasons);
    assert_eq!(groups.ids(), cloud.truth()["groups"]);
    assert!(cloud.azure.seen().iter().any(|seen| seen.status == 429), "the limit was met");
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_wire_do_not_cut_lists_short_unsaid() {
    let faults = |words: &[&str]| words.iter().map(|word| word.parse::<Fault>().unwrap()).collect::<Vec<_>>();
    // What passes is tried again.
    let cloud = cloud(|options| options.faults = faults(&["429:no-retry-after@0.1", "503@0.1", "drop@0.1"])).await;
    let mut config = cloud.with_secret();
    config.limits.tries = 12;
    let users = read(&AzureClient::new(config).unwrap(), ResourceKind::User, None).await.unwrap();
    assert!(users.listing.end.complete, "{:?}", users.listing.end.reasons);
    assert_eq!(users.ids(), cloud.truth()["users"]);
    // What does not pass is said, and an empty list of what is never empty is no answer.
    for word in ["empty-list@1", "garbage@1", "truncate@1", "html@1"] {
        cloud.azure.set(|options| options.faults = faults(&[word]));
        for kind in [ResourceKind::User, ResourceKind::Service, ASSIGNMENTS] {
            let read = read(&cloud.client(), kind, None).await;
            assert!(
                read.is_err() || read.is_ok_and(|read| !read.listing.end.complete),
                "{word}: {kind:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lists_no_longer_show_is_asked_for_by_id() {
    let cloud = cloud(|_| {}).await;
    let client = cloud.client();
    let before = read_all(&client).await;
    let assignment = cloud.azure.look(|tenant| tenant.assignments[6].id);
    cloud.azure.unassign(assignment);
    cloud.azure.delete("svc-metrics", true);
    let client = cloud.client();
    let cancel = CancellationToken::new();
    for (kind, read) in &before {
        if *kind == LOST {
            continue;
        }
        let ids: Vec<String> = read.ids().into_iter().take(60).collect();
        let found = client.look_up(*kind, &ids, &cancel).await.unwrap();
        for (id, found) in found {
            match found {
                Found::Here(text) => {
                    let here = columns(*kind, &text).unwrap();
                    assert_eq!(here.id(), id, "{kind:?}");
                    if matches!(here, Columns::Group(_)) {
                        // Whoever was deleted is no member any more; the form is the same.
                        continue;
                    }
                    if !id.contains(&assignment.to_string())
                        && *kind != ResourceKind::Item(ItemKind::RoleDefinition)
                        && *kind != ASSIGNMENTS
                    {
                        assert_eq!(
                            String::from_utf8_lossy(&text),
                            String::from_utf8_lossy(&read.documents[&id]),
                            "{kind:?}"
                        );
                    }
                }
                Found::Absent => {
                    let expected = id.contains(&assignment.to_string())
                        || *kind == ResourceKind::Service
                        || *kind == ResourceKind::Item(ItemKind::AppRoleAssignment);
                    assert!(expected, "{kind:?} {id} is there");
                }
            }
        }
    }
    let id = before[&ASSIGNMENTS]
        .ids()
        .into_iter()
        .find(|id| id.contains(&assignment.to_string()))
        .unwrap();
    let found = client.look_up(ASSIGNMENTS, &[id], &cancel).await.unwrap();
    assert!(matches!(found[0].1, Found::Absent));
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
    let pem = include_str!("../../crates/engine/src/sources/azure/token/test_certificate.pem");
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

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_chosen_is_read() {
    let cloud = cloud(|_| {}).await;
    let mut config = cloud.with_secret();
    let (id, name) = cloud
        .azure
        .look(|tenant| (tenant.subscriptions[0].id.to_string(), tenant.subscriptions[0].name.clone()));
    config.azure.subscriptions = vec![id.to_uppercase()];
    let client = AzureClient::new(config).unwrap();
    let subscriptions = read(&client, ResourceKind::Item(ItemKind::Subscription), None).await.unwrap();
    assert_eq!(
        subscriptions.ids(),
        BTreeSet::from([key(&format!("/subscriptions/{id}"))]),
        "{name}"
    );
    let assignments = read(&client, ASSIGNMENTS, None).await.unwrap();
    assert!(assignments.documents.len() < cloud.truth()["assignments"].len() && !assignments.documents.is_empty());
    assert_eq!(cloud.azure.asked(Site::Arm, "roleAssignments"), 1);
}
