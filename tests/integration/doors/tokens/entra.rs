//! Entra: secrets of the application that Lanyard signs in as, and the provisioning job that is given a new token.

use std::time::Duration;

use lanyard_engine::secrets::Secret;
use lanyard_engine::sources::Client;
use lanyard_engine::sources::azure::{AzureClient, JobStatus, Validated};
use lanyard_engine::sources::tokens::{MakeError, Stands, TokenApi};
use lanyard_lab::azure::Throttle;
use lanyard_lab::{AzureHandle, AzureOptions, Lab, LabOptions, TokenHabit};

use super::{stands, tenant, wish};
use crate::never;

struct Entra {
    lab: Lab,
    handle: AzureHandle,
    client: AzureClient,
    app: String,
}

impl Entra {
    async fn start() -> Self {
        let mut azure = AzureOptions {
            throttle: Throttle::none(),
            ..AzureOptions::default()
        };
        azure.sync_every = Duration::from_millis(200);
        azure.sync_takes = Duration::from_millis(20);
        let mut options = LabOptions {
            people: 80,
            azure: Some(azure),
            ..LabOptions::default()
        };
        options.allow_writes();
        let lab = lanyard_lab::serve(options).await.unwrap();
        let handle = lab.azure().unwrap();
        let app = handle.client_id().to_string();
        let client = tenant(&handle, &app, &handle.secret());
        Self { lab, handle, client, app }
    }

    fn api(&self) -> TokenApi {
        TokenApi::entra(&self.client).unwrap()
    }

    async fn stands(&self, secret: &str) -> Stands {
        stands(&Client::Azure(tenant(&self.handle, &self.app, secret))).await.0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_made_listed_and_removed() {
    let entra = Entra::start().await;
    let api = entra.api();
    assert!(!api.makes_again());
    let mut wished = wish("lanyard 2");
    wished.expires_at = Some(4_102_444_800_000);
    let request = api.make_request(&wished).unwrap();
    assert!(
        request
            .url
            .ends_with(&format!("/v1.0/applications(appId='{}')/addPassword", entra.app)),
        "{request:?}"
    );
    let made = api.make(&wished, &never()).await.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(made.expires_at, wished.expires_at);
    assert_eq!(entra.stands(made.value.expose()).await, Stands::Accepted);
    let id = made.id.unwrap();
    let listed = api.list(&never()).await.unwrap();
    assert!(listed.len() > 1, "{listed:?}");
    let ours = listed.iter().find(|secret| secret.id == id).unwrap();
    assert_eq!((ours.name.as_str(), ours.expires_at), ("lanyard 2", wished.expires_at));

    assert!(!api.revoke(&id, &never()).await.unwrap().already_gone);
    entra.handle.settle();
    assert_eq!(entra.stands(made.value.expose()).await, Stands::Refused);
    assert!(!api.list(&never()).await.unwrap().iter().any(|secret| secret.id == id));
    assert!(api.revoke(&id, &never()).await.unwrap().already_gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_named_and_a_lost_answer_is_found_by_name() {
    let entra = Entra::start().await;
    entra.handle.set(|options| options.tokens.habits.extend([TokenHabit::LoseMint]));
    let lost = entra.api().make(&wish("lost"), &never()).await.map(|made| made.status);
    assert!(matches!(lost, Err(MakeError::Lost(_))), "{lost:?}");
    let found: Vec<_> = entra
        .api()
        .list(&never())
        .await
        .unwrap()
        .into_iter()
        .filter(|one| one.name == "lost")
        .collect();
    assert_eq!(found.len(), 1);
    assert!(!entra.api().revoke(&found[0].id, &never()).await.unwrap().already_gone);

    assert!(entra.handle.revoke("Application.ReadWrite.All") && entra.handle.revoke("Directory.ReadWrite.All"));
    let client = tenant(&entra.handle, &entra.app, &entra.handle.secret());
    let api = TokenApi::entra(&client).unwrap();
    let Err(MakeError::Refused { status, says, .. }) = api.make(&wish("no"), &never()).await else {
        panic!("not refused")
    };
    assert_eq!(status, 403);
    assert!(
        says.contains("Application.ReadWrite.OwnedBy") && says.contains("Application.ReadWrite.All"),
        "{says}"
    );
    assert_eq!(api.revoke(&found[0].id, &never()).await.unwrap_err().code(), "azure.forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarantined_job_is_given_a_new_token_and_runs_again() {
    let entra = Entra::start().await;
    let (client, cancel) = (&entra.client, never());
    let service = entra.handle.find("Ledgerly").unwrap().to_string();
    let app = entra.lab.downstream();
    let jobs = client.provisioning_jobs(&service, &cancel).await.unwrap();
    let [job] = jobs.as_slice() else { panic!("{jobs:?}") };
    assert_eq!(job.status, JobStatus::Active, "{job:?}");
    assert!(
        client
            .provisioning_jobs(&entra.handle.find("olena.shevchenko").unwrap().to_string(), &cancel)
            .await
            .is_err()
    );

    let old = app.token();
    let new = app.issue_token();
    app.revoke_token(&old);
    let quarantined = wait_for(client, &service, &job.id, |status| matches!(status, JobStatus::Quarantine { .. })).await;
    let JobStatus::Quarantine { reason, since } = &quarantined else {
        unreachable!()
    };
    assert!(reason.contains("CredentialValidationFailure") && since.is_some(), "{quarantined:?}");
    let told = client.validate_credentials(&service, &job.id, &cancel).await.unwrap();
    let Validated::Bad { status, code, says } = told else {
        panic!("{told:?}")
    };
    assert_eq!(status, 400);
    assert!(
        code.contains("CredentialValidationFailure") && says.contains("refused"),
        "{code} {says}"
    );

    let shown = client.save_secrets_request(&service, &app.url()).unwrap();
    let body = shown.body.unwrap();
    assert!(
        body.contains("\u{2022}\u{2022}") && body.contains(&app.url()) && !body.contains(&new),
        "{body}"
    );
    let status = client
        .save_secrets(&service, &app.url(), &Secret::new(new.clone()), &cancel)
        .await
        .unwrap();
    assert_eq!(status, 204);
    assert_eq!(
        client.validate_credentials(&service, &job.id, &cancel).await.unwrap(),
        Validated::Good
    );
    client.restart_job(&service, &job.id, &cancel).await.unwrap();
    assert_eq!(
        wait_for(client, &service, &job.id, |status| *status == JobStatus::Active).await,
        JobStatus::Active
    );
    // Made-up ids are refused, and nothing that is refused tells the token.
    let error = client
        .save_secrets("not-there", &app.url(), &Secret::new(new.clone()), &cancel)
        .await
        .unwrap_err();
    assert!(!format!("{error:?} {:?}", error.fault()).contains(&new), "{error:?}");
    assert!(client.job(&service, "not-there", &cancel).await.is_err());
    assert!(client.save_secrets_request("../x", &app.url()).is_err());
}

async fn wait_for(client: &AzureClient, service: &str, job: &str, there: impl Fn(&JobStatus) -> bool) -> JobStatus {
    for _ in 0..100 {
        let status = client.job(service, job, &never()).await.unwrap().status;
        if there(&status) {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the job does not come to that")
}
