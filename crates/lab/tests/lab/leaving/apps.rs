//! SCIM apps whose answer is not the outcome.

use std::collections::BTreeSet;

use lanyard_lab::{Family, Quirk, What};
use serde_json::json;

use super::*;
use crate::client::{USER, attempt, patch};

const WHO: &str = "minh.bui";

#[tokio::test]
async fn a_deaf_app_answers_every_write_as_done_and_does_nothing() {
    let lab = with(240, &["ledgerly/deaf"], |_| ()).await;
    let (app, client) = (lab.downstream(), Client::of(&lab.downstream()));
    let user = id(&app, WHO);
    let before = (app.users(), app.groups());
    let group = app.groups_of(&user)[0]["value"].as_str().expect("in a group").to_owned();
    let path = format!("/Users/{user}");
    for operations in [switch_off(), json!([{"op": "replace", "value": {"active": false}}])] {
        let answer = client.send(Method::PATCH, &path, &patch(operations)).await;
        // It even shows what was asked for.
        assert_eq!((answer.status, &answer.value["active"]), (200, &json!(false)));
    }
    let out = patch(json!([{"op": "remove", "path": format!("members[value eq \"{user}\"]")}]));
    let answer = client.send(Method::PATCH, &format!("/Groups/{group}"), &out).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.value.to_string().contains(&format!("\"{user}\"")));
    assert_eq!(send(&client, Method::DELETE, &path, &json!(null)).await.status, 204);
    assert_eq!((app.users(), app.groups()), before);
    assert_eq!(client.get(&path).await.value["active"], true);
    assert!(lab.journal().events().is_empty(), "nothing happened");
    // What it would refuse, it still refuses.
    let wrong = patch(json!([{"op": "replace", "path": "active", "value": "never"}]));
    assert_eq!(client.send(Method::PATCH, &path, &wrong).await.status, 400);
    let stale = client.request(Method::DELETE, &path).header("if-match", "W/\"0\"");
    assert_eq!(read(stale).await.status, 412);
    assert_eq!(client.get("/Users/none").await.status, 404);
}

#[tokio::test]
async fn an_app_that_keeps_members_lets_everything_else_go() {
    let lab = with(240, &["ledgerly/keeps-members"], |_| ()).await;
    let (app, client) = (lab.downstream(), Client::of(&lab.downstream()));
    let user = id(&app, WHO);
    let held = || {
        app.groups_of(&user)
            .iter()
            .map(|group| group["value"].to_string())
            .collect::<BTreeSet<_>>()
    };
    let (groups, before) = (app.groups_of(&user), held());
    let group = groups[0]["value"].as_str().expect("in a group");
    let out = patch(json!([{"op": "remove", "path": "members", "value": [{"value": user}]}]));
    assert_eq!(client.send(Method::PATCH, &format!("/Groups/{group}"), &out).await.status, 200);
    assert_eq!(held(), before);
    assert_eq!(
        client
            .send(Method::PATCH, &format!("/Users/{user}"), &patch(switch_off()))
            .await
            .status,
        200
    );
    assert_eq!(app.get(Family::Users, &user).expect("there")["active"], false);
}

#[tokio::test]
async fn whoever_is_let_go_can_turn_into_a_local_account() {
    let lab = with(240, &["ledgerly/makes-local"], |_| ()).await;
    let (app, client) = (lab.downstream(), Client::of(&lab.downstream()));
    for (name, delete) in [(WHO, false), ("olena.shevchenko", true)] {
        let user = id(&app, name);
        let path = format!("/Users/{user}");
        assert!(client.get(&path).await.value["externalId"].is_string());
        let answer = if delete {
            send(&client, Method::DELETE, &path, &json!(null)).await
        } else {
            client.send(Method::PATCH, &path, &patch(switch_off())).await
        };
        assert_eq!(answer.status, if delete { 204 } else { 200 });
        let left = client.get(&path).await;
        assert_eq!((left.status, &left.value["active"]), (200, &json!(true)), "{name}");
        assert!(left.value["externalId"].is_null(), "{name}");
        assert!(!app.groups_of(&user).is_empty() && app.sign_in(name).is_some());
    }
}

#[tokio::test]
async fn a_late_app_takes_effect_when_it_said_and_not_before() {
    let lab = with(240, &["ledgerly/late:400ms"], |_| ()).await;
    let (app, client) = (lab.downstream(), Client::of(&lab.downstream()));
    let user = id(&app, WHO);
    let path = format!("/Users/{user}");
    let begun = Instant::now();
    let answer = client.send(Method::PATCH, &path, &patch(switch_off())).await;
    assert_eq!((answer.status, &answer.value["active"]), (200, &json!(false)));
    assert_eq!(client.get(&path).await.value["active"], true);
    until("the effect", || app.get(Family::Users, &user).expect("there")["active"] == false).await;
    assert!(begun.elapsed() >= Duration::from_millis(400));
    assert!(lab.journal().last("ledgerly", What::Disabled, &user).is_some());
    app.set_quirks([Quirk::Accepted]);
    app.set(|options| options.effect_after = Duration::from_secs(3600));
    let answer = send(&client, Method::DELETE, &path, &json!(null)).await;
    assert_eq!((answer.status, answer.bytes.len()), (202, 0));
    assert_eq!(client.get(&path).await.status, 200);
    // An hour need not be waited for.
    app.settle();
    assert_eq!(client.get(&path).await.status, 404);
    assert!(app.groups().iter().all(|group| !group.to_string().contains(&format!("\"{user}\""))));
}

#[tokio::test]
async fn deletion_is_refused_or_for_ever_where_the_app_says_so() {
    let lab = with(240, &["ledgerly/no-delete"], |_| ()).await;
    let (app, client) = (lab.downstream(), Client::of(&lab.downstream()));
    let path = format!("/Users/{}", id(&app, WHO));
    let refused = send(&client, Method::DELETE, &path, &json!(null)).await;
    assert_eq!((refused.status, refused.header("allow")), (405, Some("GET, PUT, PATCH")));
    assert_eq!(client.get(&path).await.status, 200);

    app.set_quirks([Quirk::DeleteIsFinal]);
    let gone = client.get(&path).await.value;
    assert_eq!(send(&client, Method::DELETE, &path, &json!(null)).await.status, 204);
    for again in [
        json!({"schemas": [USER], "userName": WHO.to_uppercase()}),
        json!({"schemas": [USER], "userName": "another.name", "externalId": gone["externalId"]}),
    ] {
        let refused = client.post("/Users", &again).await;
        assert_eq!((refused.status, &refused.value["scimType"]), (409, &json!("uniqueness")), "{again}");
    }
    assert_eq!(
        client
            .post("/Users", &json!({"schemas": [USER], "userName": "another.name"}))
            .await
            .status,
        201
    );
    app.set_quirks([]);
    let again = client.post("/Users", &json!({"schemas": [USER], "userName": WHO})).await;
    assert_eq!(again.status, 201);
    // Another account of the same name: with another id, and in no group.
    assert_ne!(again.value["id"], gone["id"]);
    assert!(app.groups_of(again.value["id"].as_str().expect("an id")).is_empty());
}

#[tokio::test]
async fn lists_that_reorder_repeat_some_and_skip_others() {
    let lab = with(240, &["ledgerly/reorders"], |_| ()).await;
    let client = Client::of(&lab.downstream());
    let total = lab.downstream().count(Family::Users);
    let mut seen = Vec::new();
    for start in (1..=total).step_by(20) {
        let page = client.list("/Users", &[("startIndex", &start.to_string()), ("count", "20")]).await;
        assert_eq!(page.value["totalResults"], total);
        seen.extend(page.ids());
    }
    assert_eq!(seen.len(), total);
    let distinct: BTreeSet<&String> = seen.iter().collect();
    assert!(distinct.len() < total, "nobody was shown twice");
}

#[tokio::test]
async fn a_session_of_the_app_ends_with_the_account_or_with_its_time() {
    let lab = with(240, &[], |_| ()).await;
    let (app, client) = (lab.downstream(), Client::of(&lab.downstream()));
    let origin = app.url().replace("/scim/v2", "");
    let door = Client::at(origin.clone(), String::new());
    let form = |password: &str| json!({"userName": WHO, "password": password});
    assert_eq!(door.post("/app/session", &form("guessed")).await.status, 401);
    let signed_in = door.post("/app/session", &form(&app.password(WHO))).await;
    assert_eq!(signed_in.status, 200);
    let session = Client::at(origin.clone(), signed_in.value["token"].as_str().expect("a token").to_owned());
    let me = session.get("/app/me").await;
    assert_eq!((me.status, &me.value["userName"]), (200, &json!(WHO)));
    // The token of the SCIM API is nobody's session, and a session is no token of the API.
    assert_eq!(Client::at(origin.clone(), app.token()).get("/app/me").await.status, 401);
    assert_eq!(session.get("/scim/v2/Users").await.status, 401);

    let path = format!("/Users/{}", id(&app, WHO));
    assert_eq!(client.send(Method::PATCH, &path, &patch(switch_off())).await.status, 200);
    assert_eq!(session.get("/app/me").await.status, 401);
    assert_eq!(door.post("/app/session", &form(&app.password(WHO))).await.status, 401);

    app.set_quirks([Quirk::SessionsLiveOn]);
    assert_eq!(session.get("/app/me").await.status, 200);
    assert_eq!(send(&client, Method::DELETE, &path, &json!(null)).await.status, 204);
    assert_eq!(session.get("/app/me").await.status, 200, "it asks no further");
    assert_eq!(door.post("/app/session", &form(&app.password(WHO))).await.status, 401);
    app.set(|options| options.session_lifetime = Duration::from_millis(150));
    let short = app.sign_in("olena.shevchenko").expect("there");
    let short = Client::at(origin, short);
    assert_eq!(short.get("/app/me").await.status, 200);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(short.get("/app/me").await.status, 401);
}

#[tokio::test]
async fn an_answer_gets_lost_after_the_write_was_done_and_the_journal_has_it() {
    let lab = with(240, &["ledgerly/lose-answer@1"], |_| ()).await;
    let (app, client) = (lab.downstream(), Client::of(&lab.downstream()));
    let user = id(&app, WHO);
    let request = client
        .request(Method::PATCH, &format!("/Users/{user}"))
        .header("content-type", "application/scim+json")
        .body(patch(switch_off()).to_string());
    assert!(attempt(request).await.is_err());
    assert_eq!(app.get(Family::Users, &user).expect("there")["active"], false);
    assert_eq!(client.get(&format!("/Users/{user}")).await.status, 200, "reads are answered");
    let writes = lab.journal().writes();
    assert_eq!(writes.len(), 1);
    assert_eq!(
        (writes[0].system, writes[0].method.as_str(), writes[0].status, writes[0].body.len()),
        ("ledgerly", "PATCH", 0, 64)
    );
}
