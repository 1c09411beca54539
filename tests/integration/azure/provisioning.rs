//! Entra's provisioning jobs and what their log says, against the lab's job, which truly provisions.

use std::time::{Duration, Instant};

use lanyard_engine::record::azure::{ProvisioningError, ProvisioningJob};
use lanyard_lab::AzureQuirk;
use serde_json::json;

use super::*;

const JOBS: ResourceKind = ResourceKind::Item(ItemKind::ProvisioningJob);
const ERRORS: ResourceKind = ResourceKind::Item(ItemKind::ProvisioningError);

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < Duration::from_secs(20), "{what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn one<T: serde::de::DeserializeOwned>(cloud: &Cloud, kind: ResourceKind) -> T {
    let read = read(&cloud.client(), kind, None).await.unwrap();
    assert!(read.listing.end.complete, "{:?}", read.listing.end.reasons);
    assert_eq!(read.documents.len(), 1);
    serde_json::from_slice(read.documents.values().next().unwrap()).unwrap()
}

fn hire(cloud: &Cloud, name: &str) {
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", enterprise], "userName": name, "displayName": name,
        "active": true, enterprise: {"department": "Payments"}});
    cloud.lab.provider().create_user(&user).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_reads_the_same_from_run_to_run_until_it_stands_still() {
    let cloud = cloud(|options| {
        options.sync_every = Duration::from_millis(200);
        options.sync_takes = Duration::from_millis(10);
    })
    .await;
    let first: ProvisioningJob = one(&cloud, JOBS).await;
    let app = cloud.azure.find("Ledgerly").unwrap().to_string();
    assert_eq!(first.service_principal.id.as_deref(), Some(app.as_str()));
    assert_eq!((first.code.as_deref(), &first.quarantine), (Some("Active"), &None));
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(one::<ProvisioningJob>(&cloud, JOBS).await, first, "a cycle is no change");
    // Only the tenant's own applications are asked about, twenty in a request.
    cloud.azure.forget_seen();
    one::<ProvisioningJob>(&cloud, JOBS).await;
    let managed = cloud.azure.look(|tenant| {
        let managed = tenant.services.iter().filter(|one| one.managed);
        managed.map(|one| one.id.to_string()).collect::<Vec<_>>()
    });
    assert!(!managed.is_empty());
    for id in managed {
        assert_eq!(cloud.azure.asked(Site::Graph, &format!("{id}/synchronization")), 0);
    }
    let downstream = cloud.lab.downstream();
    downstream.revoke_token(&downstream.token());
    until("quarantine", async || {
        one::<ProvisioningJob>(&cloud, JOBS).await.quarantine.is_some()
    })
    .await;
    let ill: ProvisioningJob = one(&cloud, JOBS).await;
    let quarantine = ill.quarantine.unwrap();
    assert_eq!((ill.code.as_deref(), &ill.id), (Some("Quarantine"), &first.id));
    assert_eq!(
        quarantine.error_code.as_deref(),
        Some("SystemForCrossDomainIdentityManagementCredentialValidationFailure")
    );
    assert!(quarantine.since.is_some() && ill.runs.unwrap().good_ended.is_some());
    // By its id it is found, and one that is not there is absent.
    let (id, cancel) = (first.id.unwrap(), CancellationToken::new());
    let ids = [id.clone(), format!("{app}/scim.nobody")];
    let found = cloud.client().look_up(JOBS, &ids, &cancel).await.unwrap();
    assert!(matches!(&found[0], (one, Found::Here(_)) if *one == id) && matches!(found[1].1, Found::Absent));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_stands_until_the_same_identity_goes_through() {
    let cloud = cloud(|options| {
        options.sync_every = Duration::from_millis(300);
        options.sync_takes = Duration::from_millis(10);
        options.sync_refuses.insert("first.hire".into());
    })
    .await;
    cloud.lab.provisioner().set_delay(Duration::ZERO);
    hire(&cloud, "second.hire");
    hire(&cloud, "first.hire");
    let none = |read: &Read| read.listing.end.complete && read.documents.is_empty();
    until("a failure", async || !none(&read(&cloud.client(), ERRORS, None).await.unwrap())).await;
    // It fails in each cycle, and is one error.
    tokio::time::sleep(Duration::from_millis(800)).await;
    let error: ProvisioningError = one(&cloud, ERRORS).await;
    let entra = cloud.azure.find("first.hire").unwrap().to_string();
    assert_eq!(error.source_identity.id, Some(entra));
    assert_eq!(error.source_identity.display_name.as_deref(), Some("first.hire"));
    assert_eq!(error.service_principal.display_name.as_deref(), Some("Ledgerly"));
    assert_eq!(error.error_information.error_code.as_deref(), Some("EntryConflict"));
    assert_eq!(
        error.job_id,
        one::<ProvisioningJob>(&cloud, JOBS).await.job_id,
        "an error leads to its job"
    );
    let client = cloud.client();
    let listed = read(&client, ERRORS, None).await.unwrap();
    cloud.azure.set(|options| options.sync_refuses.clear());
    until("it goes through", async || {
        cloud.lab.downstream().user_named("first.hire").is_some()
    })
    .await;
    until("no failure", async || none(&read(&cloud.client(), ERRORS, None).await.unwrap())).await;
    // What the log was read to say is what a look by id says.
    let ids: Vec<String> = listed.ids().into_iter().chain(["job/nobody".to_owned()]).collect();
    let found = client.look_up(ERRORS, &ids, &CancellationToken::new()).await.unwrap();
    assert!(matches!(found[0].1, Found::Here(_)) && matches!(found[1].1, Found::Absent));
    let unread = cloud.client().look_up(ERRORS, &ids, &CancellationToken::new()).await.unwrap();
    assert!(unread.is_empty(), "a log that was not read says nothing of anybody");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_permission_or_the_licence_it_is_not_none() {
    let cloud = cloud(|_| {}).await;
    cloud.azure.revoke("Synchronization.Read.All");
    cloud.azure.revoke("AuditLog.Read.All");
    for (kind, permission) in [(JOBS, "Synchronization.Read.All"), (ERRORS, "AuditLog.Read.All")] {
        let read = read(&cloud.client(), kind, None).await.unwrap();
        assert_eq!((read.listing.end.complete, read.codes()), (false, vec!["refused"]), "{kind:?}");
        assert!(read.texts().contains(permission), "{}", read.texts());
    }
    let report = cloud.client().probe(&CancellationToken::new()).await;
    for permission in ["Synchronization.Read.All", "AuditLog.Read.All"] {
        let point = report.points.iter().find(|point| point.topic == permission).unwrap();
        assert_eq!(point.state, ProbeState::Bad, "{point:?}");
        assert!(
            point.instead.as_deref().is_some_and(|text| text.contains("not evaluated")),
            "{point:?}"
        );
    }
    cloud.azure.grant("AuditLog.Read.All");
    cloud.azure.set(|options| {
        options.quirks.insert(AzureQuirk::NoLogLicence);
    });
    let read = read(&cloud.client(), ERRORS, None).await.unwrap();
    assert_eq!((read.listing.end.complete, read.codes()), (false, vec!["refused"]));
    assert!(read.texts().contains("licence"), "{}", read.texts());
}
