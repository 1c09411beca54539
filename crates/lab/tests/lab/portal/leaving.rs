//! What removal really does.

use lanyard_lab::{Feed, OrphanStrategy, PortalQuirk};
use reqwest::Method;
use serde_json::json;

use super::*;

fn leave(lab: &Lab, user_name: &str) {
    let user = lab.provider().user_named(user_name).expect("there");
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    lab.provider()
        .patch_user(user["id"].as_str().expect("an id"), &off)
        .expect("switched off");
}

async fn sees(client: &Client) -> u64 {
    let answer = client.get("/api/catalog/entities/by-query?limit=1").await;
    assert_eq!(answer.status, 200, "{}", answer.value);
    answer.value["totalItems"].as_u64().expect("a total")
}

#[tokio::test]
async fn with_an_entity_provider_a_leaver_is_gone_with_the_next_run() {
    let (lab, handle, client) = portal(240, |_| {}).await;
    let everything = sees(&client).await;
    // One reads by a group, the other by a grant of its own as well.
    let (by_group, by_grant) = (as_user(&handle, "canary-payments-02"), as_user(&handle, "canary-payments-01"));
    assert_eq!((sees(&by_group).await, sees(&by_grant).await), (everything, everything));
    leave(&lab, "canary-payments-01");
    leave(&lab, "canary-payments-02");
    assert_eq!(sees(&by_group).await, everything);
    handle.run_feed();
    assert_eq!(handle.entity("user:default/canary-payments-02_halcyon.example"), None);
    assert_eq!(sees(&by_group).await, 0);
    assert_eq!(sees(&by_grant).await, everything - 2);
    let role = client.get("/api/permission/roles/role/default/catalog-reader").await;
    assert!(role.value.to_string().contains("user:default/canary-payments-01_halcyon.example"));
    assert_eq!(handle.user_token("canary-payments-02"), None);

    // What somebody owned goes on naming the owner.
    leave(&lab, "olena.shevchenko");
    handle.run_feed();
    let handbook = handle.entity("component:default/oncall-handbook").expect("there");
    assert_eq!(targets(&handbook, "ownedBy"), [OLENA]);
    let sre = handle.entity("group:default/payments-sre").expect("there");
    assert!(!targets(&sre, "hasMember").contains(&OLENA));
    handle.set_quirks([PortalQuirk::StaleMembers]);
    let sre = handle.entity("group:default/payments-sre").expect("there");
    assert!(targets(&sre, "hasMember").contains(&OLENA));
}

#[tokio::test]
async fn from_a_location_a_leaver_becomes_an_orphan_first() {
    for strategy in [OrphanStrategy::Delete, OrphanStrategy::Keep] {
        let (lab, handle, client) = portal(240, |options| {
            options.feed = Feed::Location;
            options.orphans = strategy;
        })
        .await;
        let uid = handle.entity(OLENA).expect("there")["metadata"]["uid"].clone();
        leave(&lab, "olena.shevchenko");
        handle.run_feed();
        handle.clean_up();
        let orphan = |handle: &PortalHandle| {
            handle
                .entity(OLENA)
                .map(|entity| entity["metadata"]["annotations"]["backstage.io/orphan"].clone())
        };
        assert_eq!(orphan(&handle), Some(json!(null)));
        handle.process();
        assert_eq!(orphan(&handle), Some(json!("true")));
        assert_eq!(handle.entity(OLENA).expect("there")["metadata"]["uid"], uid);
        let filtered = client
            .get("/api/catalog/entities/by-query?filter=metadata.annotations.backstage.io/orphan=true")
            .await;
        assert_eq!(filtered.value["totalItems"], 1);
        handle.clean_up();
        let kept = strategy == OrphanStrategy::Keep;
        assert_eq!(handle.entity(OLENA).is_some(), kept);
        // Whoever is kept signs in as ever and sees as much.
        assert_eq!(handle.user_token("olena.shevchenko").is_some(), kept);
    }
}

#[tokio::test]
async fn a_deleted_entity_returns_where_its_source_has_it_and_an_orphan_does_not() {
    let (_lab, handle, client) = portal(240, |options| options.orphans = OrphanStrategy::Keep).await;
    let uid = |reference: &str| {
        handle
            .entity(reference)
            .map(|entity| entity["metadata"]["uid"].as_str().expect("a uid").to_owned())
    };
    let first = uid(OLENA).expect("there");
    let path = |uid: &str| format!("/api/catalog/entities/by-uid/{uid}");
    assert_eq!(send(&client, Method::DELETE, &path(&first), &none()).await.status, 204);
    assert_eq!(uid(OLENA), None);
    assert_eq!(send(&client, Method::DELETE, &path(&first), &none()).await.status, 404);
    handle.process();
    assert!(uid(OLENA).is_some_and(|again| again != first));
    let replay = "component:default/settlement-replay";
    assert!(handle.forget(replay));
    // To refresh an entity is to process it.
    assert_eq!(
        post(&client, "/api/catalog/refresh", &json!({"entityRef": replay})).await.status,
        200
    );
    assert_eq!(
        handle.entity(replay).expect("there")["metadata"]["annotations"]["backstage.io/orphan"],
        "true"
    );
    let orphan = uid(replay).expect("there");
    assert_eq!(send(&client, Method::DELETE, &path(&orphan), &none()).await.status, 204);
    handle.refresh();
    assert_eq!(uid(replay), None);
    // A user deletes what the roles let one delete.
    let rustam = as_user(&handle, "rustam.aliev");
    let api = uid("component:default/payments-api").expect("there");
    assert_eq!(send(&rustam, Method::DELETE, &path(&api), &none()).await.status, 403);
    assert_eq!(
        send(&as_user(&handle, "olena.shevchenko"), Method::DELETE, &path(&api), &none())
            .await
            .status,
        204
    );
}

#[tokio::test]
async fn time_alone_brings_changes_in() {
    let (lab, handle, _client) = portal(60, |options| {
        options.feed_interval = Duration::from_millis(50);
        options.processing_interval = Duration::from_millis(50);
        options.orphan_cleanup_interval = Duration::from_millis(50);
        options.feed = Feed::Location;
    })
    .await;
    leave(&lab, "olena.shevchenko");
    let gone = async {
        while handle.entity(OLENA).is_some() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), gone).await.expect("gone in time");
    let user = lab.provider().user_named("olena.shevchenko").expect("there");
    let on = json!([{"op": "replace", "path": "active", "value": true}]);
    lab.provider()
        .patch_user(user["id"].as_str().expect("an id"), &on)
        .expect("switched on");
    let back = async {
        while handle.entity(OLENA).is_none() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), back).await.expect("back in time");
}

#[tokio::test]
async fn what_came_from_a_registered_location_is_an_orphan_without_it() {
    let (_lab, handle, client) = portal(240, |_| {}).await;
    let listed = client.get("/api/catalog/locations").await;
    let id = listed.value[0]["data"]["id"].as_str().expect("registered").to_owned();
    let path = format!("/api/catalog/locations/{id}");
    let minh = as_user(&handle, "minh.bui");
    assert_eq!(send(&minh, Method::DELETE, &path, &none()).await.status, 403);
    assert_eq!(send(&client, Method::DELETE, &path, &none()).await.status, 204);
    assert_eq!(send(&client, Method::DELETE, &path, &none()).await.status, 404);
    assert_eq!(client.get("/api/catalog/locations").await.value, json!([]));
    assert_eq!(client.get(&path).await.status, 404);
    let replay = "component:default/settlement-replay";
    handle.process();
    let annotations = &handle.entity(replay).expect("there")["metadata"]["annotations"];
    assert_eq!(annotations["backstage.io/orphan"], "true");
    handle.clean_up();
    assert!(handle.entity(replay).is_none());
}
