//! What happens at the provider arrives downstream, some time later; what went its own way stays until it is touched.

use std::time::{Duration, Instant};

use lanyard_lab::{Family, Handle, Lab, OnDelete};
use serde_json::{Value, json};

use crate::client::{ENTERPRISE, USER, lab};

async fn quick(on_delete: OnDelete) -> Lab {
    lab(240, |options| {
        options.provisioning.delay = Duration::from_millis(120);
        options.provisioning.on_delete = on_delete;
    })
    .await
    .0
}

/// Waits until something holds; a minute is the end of patience.
async fn until(what: &str, holds: impl Fn() -> bool) -> Duration {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what} did not come");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    begun.elapsed()
}

fn account(downstream: &Handle, provider_id: &Value) -> Option<Value> {
    downstream.users().into_iter().find(|user| user["externalId"] == *provider_id)
}

#[tokio::test]
async fn the_two_differ_on_purpose_when_the_lab_opens() {
    let lab = quick(OnDelete::Deactivate).await;
    let (provider, downstream) = (lab.provider(), lab.downstream());
    let of = |name: &str| account(&downstream, &provider.user_named(name).expect("at the provider")["id"]);
    let olena = of("olena.shevchenko").expect("provisioned");
    assert_eq!(
        (&olena["id"], &olena["displayName"]),
        (&json!("471182"), &json!("Olena Shevchenko"))
    );
    assert!(olena[ENTERPRISE]["manager"].is_null());
    assert_eq!(of("giorgi.beridze").expect("provisioned")["active"], true);
    assert_eq!(provider.user_named("giorgi.beridze").expect("there")["active"], false);
    assert_eq!(of("tomas.dvorak").expect("provisioned")["active"], false);
    assert_eq!(of("mehmet.yildiz").expect("provisioned")[ENTERPRISE]["department"], "Finance");
    assert_eq!(of("ewa.krol").expect("provisioned")["userName"], "ewa.zak");
    assert!(of("misaki.tanaka").is_none());
    assert!(of("reza.karimi").is_none() && downstream.user_named("r.karimi").is_some());
    let known: Vec<Value> = provider.users().into_iter().map(|user| user["id"].clone()).collect();
    let stranger = downstream.user_named("marek.zawadzki").expect("still there");
    assert!(stranger["active"] == true && !known.contains(&stranger["externalId"]));
    assert!(downstream.count(Family::Users) < provider.count(Family::Users) / 2);
    assert!(downstream.count(Family::Groups) <= 24);
    for group in downstream.groups() {
        assert!(
            provider
                .get(Family::Groups, group["externalId"].as_str().expect("from the provider"))
                .is_some()
        );
    }
}

#[tokio::test]
async fn creations_changes_and_departures_arrive_after_the_delay() {
    let lab = quick(OnDelete::Deactivate).await;
    let (provider, downstream) = (lab.provider(), lab.downstream());
    let made = provider
        .create_user(&json!({"schemas": [USER, ENTERPRISE], "userName": "new.hire", "displayName": "New Hire", ENTERPRISE: {"department": "Finance"}}))
        .expect("made");
    assert!(downstream.user_named("new.hire").is_none());
    let took = until("the new hire", || downstream.user_named("new.hire").is_some()).await;
    assert!(took >= Duration::from_millis(60), "it came at once: {took:?}");
    let id = made["id"].as_str().expect("an id");
    provider
        .patch_user(id, &json!([{"op": "replace", "path": "displayName", "value": "New Name"}]))
        .expect("patched");
    until("the new name", || {
        downstream
            .user_named("new.hire")
            .is_some_and(|user| user["displayName"] == "New Name")
    })
    .await;
    let group = provider.group_named("payments-sre").expect("there");
    let below = || downstream.group_named("payments-sre").expect("provisioned");
    provider.add_member(group["id"].as_str().expect("id"), id).expect("added");
    let own = downstream.user_named("new.hire").expect("there")["id"].clone();
    until("the membership", || {
        below()["members"]
            .as_array()
            .is_some_and(|members| members.iter().any(|member| member["value"] == own))
    })
    .await;
    provider
        .patch_user(id, &json!([{"op": "replace", "path": "active", "value": false}]))
        .expect("patched");
    until("the departure", || {
        downstream.user_named("new.hire").is_some_and(|user| user["active"] == false)
    })
    .await;
    provider
        .create_user(&json!({"schemas": [USER, ENTERPRISE], "userName": "not.for.ledgerly", ENTERPRISE: {"department": "Legal"}}))
        .expect("made");
    let handled = lab.provisioner().handled();
    until("the end of the queue", || lab.provisioner().handled() > handled).await;
    assert!(downstream.user_named("not.for.ledgerly").is_none());
}

#[tokio::test]
async fn deletion_does_downstream_what_was_chosen() {
    for on_delete in [OnDelete::Deactivate, OnDelete::Delete, OnDelete::Keep] {
        let lab = quick(on_delete).await;
        let (provider, downstream) = (lab.provider(), lab.downstream());
        let user = provider.user_named("minh.bui").expect("there");
        provider.delete_user(user["id"].as_str().expect("id")).expect("deleted");
        until("the deletion", || lab.provisioner().handled() >= 1).await;
        let left = account(&downstream, &user["id"]);
        match on_delete {
            OnDelete::Deactivate => assert_eq!(left.expect("kept")["active"], false),
            OnDelete::Delete => assert!(left.is_none()),
            OnDelete::Keep => assert_eq!(left.expect("kept")["active"], true),
        }
    }
}

#[tokio::test]
async fn provisioning_can_be_paused() {
    let lab = quick(OnDelete::Deactivate).await;
    let (provider, downstream, provisioner) = (lab.provider(), lab.downstream(), lab.provisioner());
    provisioner.pause();
    let user = provider.user_named("minh.bui").expect("there");
    provider
        .patch_user(
            user["id"].as_str().expect("id"),
            &json!([{"op": "replace", "path": "active", "value": false}]),
        )
        .expect("patched");
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(account(&downstream, &user["id"]).expect("there")["active"], true);
    provisioner.resume();
    until("the change", || {
        account(&downstream, &user["id"]).is_some_and(|user| user["active"] == false)
    })
    .await;
    lab.stop().await;
}

#[tokio::test]
async fn ports_are_given_back_and_taken_in_pairs() {
    let (lab, client) = lab(5, |_| {}).await;
    let line = serde_json::to_value(lab.summary()).expect("JSON");
    assert_eq!(
        (&line["people"], &line["sources"][0]["kind"], &line["sources"][0]["authoritative"]),
        (&json!(5), &json!("scim"), &json!(true))
    );
    assert_eq!(line["sources"][0]["url"], json!(client.url));
    assert_eq!(line["sources"][1]["authoritative"], false);
    lab.stop().await;
    assert!(crate::client::attempt(client.bare(reqwest::Method::GET, "/Users")).await.is_err());
}
