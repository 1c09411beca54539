//! The control door: the truth, what was written, and switches, from outside of the lab's process.

use lanyard_lab::PortalOptions;
use serde_json::json;

use super::*;
use crate::client::patch;

const WHO: &str = "minh.bui";

async fn whole(words: &[&str]) -> (Lab, Client) {
    let lab = with(240, words, |options| {
        let never = Duration::from_secs(3600);
        let mut portal = PortalOptions::named("Portal");
        (portal.feed_interval, portal.processing_interval, portal.orphan_cleanup_interval) = (never, never, never);
        options.portal = Some(portal);
        options.azure = Some(AzureOptions::default());
        options.control = true;
    })
    .await;
    let url = lab.summary().control.clone().expect("asked for");
    assert!(url.starts_with("http://127.0.0.1:") && url.ends_with("/lab"));
    (lab, Client::at(url, String::new()))
}

#[tokio::test]
async fn there_is_no_door_unless_it_is_asked_for() {
    let lab = with(10, &[], |_| ()).await;
    assert_eq!(lab.summary().control, None);
    let provider = Client::at(lab.provider().url().replace("/scim/v2", ""), lab.provider().token());
    assert_eq!(provider.get("/lab/truth?user=x").await.status, 404);
}

#[tokio::test]
async fn the_truth_is_told_of_every_system_with_its_time() {
    let (lab, door) = whole(&[]).await;
    let truth = async || door.get(&format!("/truth?user={WHO}")).await.value;
    let before = truth().await;
    for system in ["idp", "ledgerly", "portal", "azure"] {
        assert_eq!(before[system]["present"], true, "{system}: {before}");
    }
    assert!(before["azure"]["active"] == true && before["ledgerly"]["groups"].as_array().is_some_and(|groups| !groups.is_empty()));
    let asked = jiff::Timestamp::now().as_millisecond();
    let provider = Client::of(&lab.provider());
    let path = format!("/Users/{}", before["idp"]["id"].as_str().expect("an id"));
    assert_eq!(provider.send(Method::PATCH, &path, &patch(switch_off())).await.status, 200);
    let begun = Instant::now();
    while truth().await["azure"]["active"] == true || truth().await["ledgerly"]["active"] == true {
        assert!(begun.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // The portal's interval is an hour: it still has the user, until time is made to pass.
    assert_eq!(truth().await["portal"]["present"], true);
    assert_eq!(send(&door, Method::POST, "/now", &json!({})).await.status, 204);
    assert_eq!(truth().await["portal"]["present"], false);
    let events = door.get("/events").await.value;
    let events = events.as_array().expect("a list");
    let at = |system: &str, what: &str| {
        let mut found = events.iter().filter(|event| event["system"] == system && event["what"] == what);
        found
            .next()
            .and_then(|event| event["at"].as_i64())
            .unwrap_or_else(|| panic!("{system} {what}"))
    };
    let (idp, ledgerly, azure, portal) = (
        at("idp", "disabled"),
        at("ledgerly", "disabled"),
        at("azure", "disabled"),
        at("portal", "vanished"),
    );
    assert!(asked <= idp && idp <= ledgerly && idp <= azure && ledgerly <= portal);
    let last = events.last().expect("some")["number"].as_u64().expect("a number");
    assert_eq!(door.get(&format!("/events?after={last}")).await.value, json!([]));
    assert_eq!(door.get("/truth").await.status, 400);
    assert_eq!(door.get("/truth?user=nobody.at.all").await.value["azure"]["present"], false);
}

#[tokio::test]
async fn each_write_is_counted_with_the_hash_of_its_body() {
    let (lab, door) = whole(&[]).await;
    let app = Client::of(&lab.downstream());
    let path = format!("/Users/{}", id(&lab.downstream(), WHO));
    let body = patch(switch_off());
    app.get("/Users?count=1").await;
    for _ in 0..2 {
        assert_eq!(app.send(Method::PATCH, &path, &body).await.status, 200);
    }
    assert_eq!(send(&app, Method::DELETE, "/Users/none", &json!(null)).await.status, 404);
    let portal = lab.portal().expect("asked for");
    let user = Client::at(portal.url(), portal.user_token("adaeze.okafor").expect("there"));
    let role = json!({"name": "role:default/made", "memberReferences": ["user:default/x"]});
    assert_eq!(send(&user, Method::POST, "/api/permission/roles", &role).await.status, 201);
    let question = send(&user, Method::POST, "/api/catalog/entities/by-refs", &json!({"entityRefs": []})).await;
    assert_eq!(question.status, 200);
    let writes = door.get("/writes").await.value;
    let shown: Vec<(&str, &str, u64)> = writes
        .as_array()
        .expect("a list")
        .iter()
        .map(|write| {
            let text = |name: &str| write[name].as_str().expect("text");
            (text("system"), text("method"), write["status"].as_u64().expect("a status"))
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("ledgerly", "PATCH", 200),
            ("ledgerly", "PATCH", 200),
            ("ledgerly", "DELETE", 404),
            ("portal", "POST", 201)
        ]
    );
    assert_eq!(writes[0]["body"], writes[1]["body"]);
    assert_ne!(writes[0]["body"], writes[2]["body"]);
    assert_eq!(writes[0]["target"], format!("/scim/v2{path}"));
    let events = lab.journal().events();
    assert!(
        events
            .iter()
            .any(|event| event.id == "user:default/x" && event.of == "role:default/made")
    );
    assert_eq!(send(&door, Method::DELETE, "/writes", &json!(null)).await.status, 204);
    assert_eq!(door.get("/writes").await.value, json!([]));
}

#[tokio::test]
async fn faults_are_switched_while_it_runs() {
    let (lab, door) = whole(&[]).await;
    let app = Client::of(&lab.downstream());
    let switch = async |on: &[&str], off: &[&str]| send(&door, Method::POST, "/faults", &json!({"on": on, "off": off})).await.status;
    let path = format!("/Users/{}", id(&lab.downstream(), WHO));
    assert_eq!(
        switch(&["ledgerly/deaf", "ledgerly/lose-answer@0", "portal/no-rbac"], &[]).await,
        204
    );
    assert_eq!(app.send(Method::PATCH, &path, &patch(switch_off())).await.status, 200);
    assert_eq!(app.get(&path).await.value["active"], true);
    let portal = lab.portal().expect("asked for");
    let service = Client::at(portal.url(), portal.token());
    assert_eq!(service.get("/api/permission/roles").await.status, 404);
    assert_eq!(switch(&[], &["ledgerly/deaf", "portal/no-rbac"]).await, 204);
    assert_eq!(app.send(Method::PATCH, &path, &patch(switch_off())).await.status, 200);
    assert_eq!(app.get(&path).await.value["active"], false);
    assert_eq!(service.get("/api/permission/roles").await.status, 200);
    assert_eq!(switch(&["ledgerly/earthquake"], &[]).await, 400);
    let held = send(&door, Method::POST, "/provisioning", &json!({"paused": true})).await;
    assert_eq!((held.status, &held.value["cycles"]), (200, &json!(0)));
    assert_eq!(
        send(&door, Method::POST, "/provisioning", &json!({"paused": "perhaps"}))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_credential_of_a_user_is_given_out_as_the_user_would_have_it() {
    let (lab, door) = whole(&[]).await;
    let ask = async |system: &str, user: &str| send(&door, Method::POST, "/sign-in", &json!({"system": system, "user": user})).await;
    let origin = |url: String| url.replace("/scim/v2", "");
    for (system, url, path) in [
        ("idp", origin(lab.provider().url()), "/app/me"),
        ("ledgerly", origin(lab.downstream().url()), "/app/me"),
        ("graph", lab.azure().expect("asked for").sites().graph, "/v1.0/me"),
        (
            "portal",
            lab.portal().expect("asked for").url(),
            "/api/catalog/entities/by-query?limit=1",
        ),
    ] {
        let given = ask(system, WHO).await;
        assert_eq!(given.status, 200, "{system}");
        let token = given.value["token"].as_str().expect("a token").to_owned();
        assert_eq!(Client::at(url, token).get(path).await.status, 200, "{system}");
    }
    assert_eq!(ask("graph", "nobody.at.all").await.status, 404);
    assert_eq!(ask("moon", WHO).await.status, 404);
    assert_eq!(send(&door, Method::POST, "/sign-in", &json!({})).await.status, 400);
}
