//! Entra's provisioning job: it works with the token that was saved for it, and is quarantined when that is refused.

use lanyard_lab::Lab;

use super::entra::{Entra, entra};
use super::*;

const FAILURE: &str = "SystemForCrossDomainIdentityManagementCredentialValidationFailure";

/// The address of the job, below Graph's, and of what lies above it.
async fn job(entra: &Entra) -> (String, String) {
    let service = entra.azure.find("Ledgerly").expect("there");
    let above = format!("/servicePrincipals/{service}/synchronization");
    let jobs = entra.graph.get(&format!("{above}/jobs")).await;
    assert_eq!(jobs.status, 200, "{}", jobs.value);
    let jobs = jobs.value["value"].as_array().expect("a list").clone();
    assert_eq!(jobs.len(), 1);
    (format!("{above}/jobs/{}", text(&jobs[0], "id")), above)
}

async fn status(entra: &Entra, job: &str) -> Value {
    entra.graph.get(job).await.value["status"].clone()
}

async fn code_is(entra: &Entra, job: &str, code: &str) {
    until(code, async || status(entra, job).await["code"] == code).await;
}

fn pairs(base: &str, token: &str) -> Value {
    json!([{"key": "BaseAddress", "value": base}, {"key": "SecretToken", "value": token}])
}

/// Somebody whom the provider gives an account downstream.
fn newcomer(lab: &Lab, name: &str) {
    let user = json!({"schemas": [crate::client::USER, crate::client::ENTERPRISE], "userName": name, "active": true,
        crate::client::ENTERPRISE: {"department": "Payments"}});
    lab.provider().create_user(&user).expect("made");
}

#[tokio::test]
async fn a_job_meets_a_dead_token_and_recovers_with_a_new_one() {
    let entra = entra(&["grant:Synchronization.ReadWrite.All"]).await;
    let (job, above) = job(&entra).await;
    assert_eq!(status(&entra, &job).await["code"], "Active");
    newcomer(&entra.lab, "first.hire");
    until("the newcomer", async || entra.lab.downstream().user_named("first.hire").is_some()).await;

    let downstream = entra.lab.downstream();
    let (base, old) = (downstream.url(), downstream.token());
    let new = downstream.issue_token();
    assert!(downstream.revoke_token(&old));
    code_is(&entra, &job, "Quarantine").await;
    let quarantine = status(&entra, &job).await["quarantine"].clone();
    assert_eq!(
        (&quarantine["reason"], &quarantine["error"]["code"]),
        (&json!("EncounteredQuarantineException"), &json!(FAILURE))
    );
    assert!(quarantine["currentBegan"].is_string() && quarantine["nextAttempt"].is_string());
    newcomer(&entra.lab, "second.hire");
    until("the change in Entra", async || {
        entra.door.get("/truth?user=second.hire").await.value["azure"]["present"] == true
    })
    .await;
    until("the change that waits", async || {
        entra.door.get("/tokens").await.value["azure"]["job"]["waiting"].as_u64() >= Some(1)
    })
    .await;
    assert!(
        downstream.user_named("second.hire").is_none(),
        "nothing reaches the app in quarantine"
    );

    let validate = format!("{job}/validateCredentials");
    let refused = entra.send(Method::POST, &validate, json!({"useSavedCredentials": true})).await;
    assert_eq!((refused.status, &refused.value["error"]["code"]), (400, &json!(FAILURE)));
    let nowhere = json!({"credentials": pairs("http://127.0.0.1:1/scim/v2", &new)});
    let nowhere = entra.send(Method::POST, &validate, nowhere).await;
    assert_eq!(
        (nowhere.status, &nowhere.value["error"]["code"]),
        (400, &json!("SystemForCrossDomainIdentityManagementCredentialValidationUnavailable"))
    );
    // A restart with the old token leads back to where it was.
    let restart = format!("{job}/restart");
    let scope = json!({"criteria": {"resetScope": "Watermark, Escrows, QuarantineState"}});
    let runs = async || {
        entra.door.get("/tokens").await.value["azure"]["job"]["runs"]
            .as_u64()
            .expect("a number")
    };
    let before = runs().await;
    assert_eq!(entra.send(Method::POST, &restart, scope.clone()).await.status, 204);
    until("another run", async || runs().await > before).await;
    assert_eq!(status(&entra, &job).await["code"], "Quarantine");

    let good = entra
        .send(Method::POST, &validate, json!({"credentials": pairs(&base, &new)}))
        .await;
    assert_eq!(good.status, 204);
    let secrets = format!("{above}/secrets");
    assert_eq!(
        entra.send(Method::PUT, &secrets, json!({"value": pairs(&base, &new)})).await.status,
        204
    );
    assert_eq!(
        entra
            .send(Method::POST, &validate, json!({"useSavedCredentials": true}))
            .await
            .status,
        204
    );
    assert_eq!(entra.send(Method::POST, &restart, scope).await.status, 204);
    code_is(&entra, &job, "Active").await;
    let after = status(&entra, &job).await;
    assert!(after["quarantine"].is_null() && after["lastExecution"]["state"] == "Succeeded");
    until("what had to wait", async || downstream.user_named("second.hire").is_some()).await;

    let told = entra.door.get("/tokens").await;
    assert_eq!(told.value["azure"]["job"]["quarantines"], 1);
    let by_entra = |one: &&Value| one["from"] == "entra" && one["accepted"] == true && one["method"] == "PATCH";
    assert!(
        told.value["ledgerly"]["uses"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(by_entra)
            .count()
            >= 2
    );
    let whole = String::from_utf8_lossy(&told.bytes).into_owned();
    assert!(!whole.contains(&new) && !whole.contains(&old));
}

#[tokio::test]
async fn a_token_that_only_reads_passes_the_test_and_fails_at_the_first_write() {
    let entra = entra(&["grant:Synchronization.ReadWrite.All", "ledgerly/tokens:read-only"]).await;
    let (job, above) = job(&entra).await;
    let downstream = entra.lab.downstream();
    let made = Provider::of(&downstream).mint(json!({"name": "reader"})).await;
    let secrets = json!({"value": pairs(&downstream.url(), &text(&made.value, "token"))});
    assert_eq!(entra.send(Method::PUT, &format!("{above}/secrets"), secrets).await.status, 204);
    let saved = json!({"useSavedCredentials": true});
    assert_eq!(
        entra.send(Method::POST, &format!("{job}/validateCredentials"), saved).await.status,
        204
    );
    assert_eq!(status(&entra, &job).await["code"], "Active");
    entra
        .door
        .request(Method::POST, "/faults")
        .body(json!({"on": ["azure/sync:3600s"]}).to_string())
        .send()
        .await
        .expect("switched");
    newcomer(&entra.lab, "new.hire");
    code_is(&entra, &job, "Quarantine").await;
    assert_eq!(
        status(&entra, &job).await["quarantine"]["reason"],
        "EncounteredEscrowProportionThreshold"
    );
    assert!(downstream.user_named("new.hire").is_none());
}

#[tokio::test]
async fn the_synchronization_api_needs_its_rights_and_refuses_nonsense() {
    let entra = entra(&[]).await;
    let service = entra.azure.find("Ledgerly").expect("there");
    let above = format!("/servicePrincipals/{service}/synchronization");
    entra.azure.revoke("Synchronization.Read.All");
    assert_eq!(entra.graph.get(&format!("{above}/jobs")).await.status, 403);
    let secrets = json!({"value": pairs("x", "y")});
    assert_eq!(
        entra.send(Method::PUT, &format!("{above}/secrets"), secrets.clone()).await.status,
        403
    );
    entra.azure.grant("Synchronization.Read.All");
    let (job, above) = job(&entra).await;
    assert_eq!(entra.send(Method::PUT, &format!("{above}/secrets"), secrets).await.status, 403);
    let restart = format!("{job}/restart");
    assert_eq!(entra.send(Method::POST, &restart, json!({})).await.status, 403);
    assert_eq!(
        entra
            .send(Method::POST, &format!("{job}/validateCredentials"), json!({}))
            .await
            .status,
        403
    );
    entra.azure.grant("Application.ReadWrite.OwnedBy");
    assert!(entra.azure.own("Ledgerly"), "an owner may as well");
    assert_eq!(entra.send(Method::POST, &restart, json!({})).await.status, 204);
    assert_eq!(
        entra
            .send(Method::POST, &restart, json!({"criteria": {"resetScope": "Everything"}}))
            .await
            .status,
        400
    );
    assert_eq!(
        entra
            .send(Method::POST, &format!("{above}/jobs/none/restart"), json!({}))
            .await
            .status,
        404
    );
    assert_eq!(entra.graph.get(&format!("{above}/jobs/none")).await.status, 404);
    for body in [
        json!({}),
        json!({"value": []}),
        json!({"value": [{"key": "SecretToken"}]}),
        json!({"value": "x"}),
        json!([]),
    ] {
        assert_eq!(
            entra.send(Method::PUT, &format!("{above}/secrets"), body.clone()).await.status,
            400,
            "{body}"
        );
        assert_eq!(
            entra.send(Method::POST, &format!("{job}/validateCredentials"), body).await.status,
            400
        );
    }
    assert!(
        entra.graph.get(&format!("{above}/secrets")).await.status >= 400,
        "what was saved is never shown"
    );
    let other = entra.azure.find("Restore console").expect("there");
    entra.azure.grant("Synchronization.Read.All");
    let none = entra.graph.get(&format!("/servicePrincipals/{other}/synchronization/jobs")).await;
    assert_eq!((none.status, &none.value["value"]), (200, &json!([])));
    let paused = entra.send(Method::POST, &format!("{job}/pause"), json!({})).await;
    assert_eq!((paused.status, status(&entra, &job).await["code"].clone()), (204, json!("Paused")));
    assert_eq!(entra.send(Method::POST, &format!("{job}/start"), json!({})).await.status, 204);
    code_is(&entra, &job, "Active").await;
}
