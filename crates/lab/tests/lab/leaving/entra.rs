//! Graph's writes, and what they leave behind.

use lanyard_lab::{AzureQuirk, GroupTrait, Site, What};
use serde_json::json;

use super::*;

const WHO: &str = "olena.shevchenko";

impl Cloud {
    fn object(&self, name: &str) -> String {
        self.azure.find(name).expect("an object").to_string()
    }

    /// A client of Graph, or of the Resource Manager, with a user's own token.
    fn as_user(&self, name: &str, site: Site) -> Client {
        let url = if site == Site::Graph { &self.graph.url } else { &self.arm.url };
        Client::at(url.clone(), self.azure.user_token(name, site).expect("may sign in"))
    }
}

#[tokio::test]
async fn a_client_that_may_only_read_writes_nothing() {
    let cloud = cloud(240, &[]).await;
    cloud.azure.set(|options| {
        options.permissions.retain(|name| name.contains(".Read.All"));
        options.arm_writes = false;
    });
    let (user, group) = (cloud.object(WHO), cloud.object("payments"));
    for (method, path, body) in [
        (Method::PATCH, format!("/users/{user}"), json!({"accountEnabled": false})),
        (Method::POST, format!("/users/{user}/revokeSignInSessions"), json!(null)),
        (Method::DELETE, format!("/users/{user}"), json!(null)),
        (Method::DELETE, format!("/groups/{group}/members/{user}/$ref"), json!(null)),
    ] {
        let answer = send(&cloud.graph, method, &path, &body).await;
        assert_eq!(code(&answer), (403, "Authorization_RequestDenied"), "{path}");
    }
    assert!(cloud.lab.journal().events().is_empty());
    assert_eq!(cloud.lab.journal().writes().len(), 4);
}

#[tokio::test]
async fn disabling_and_revoking_end_what_users_hold() {
    let cloud = cloud(240, &[]).await;
    let (user, me) = (cloud.object(WHO), cloud.as_user(WHO, Site::Graph));
    let refresh = cloud.azure.user_refresh_token(WHO).expect("may sign in");
    let password = cloud.azure.password(WHO).expect("there");
    let upn = me.get("/me").await.value["userPrincipalName"].as_str().expect("a name").to_owned();
    assert!(upn.starts_with(WHO), "{upn}");
    let by_refresh = || [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let by_password = [
        ("grant_type", "password"),
        ("username", upn.as_str()),
        ("password", password.as_str()),
    ];
    assert_eq!(login(&cloud.azure, &by_refresh()).await.status, 200);
    assert_eq!(login(&cloud.azure, &by_password).await.status, 200);
    let select = format!("/users/{user}?$select=accountEnabled,signInSessionsValidFromDateTime");
    let before = cloud.graph.get(&select).await.value;

    let revoked = send(
        &cloud.graph,
        Method::POST,
        &format!("/users/{user}/revokeSignInSessions"),
        &json!(null),
    )
    .await;
    assert_eq!((revoked.status, &revoked.value["value"]), (200, &json!(true)));
    let after = cloud.graph.get(&select).await.value;
    let from = |value: &Value| value["signInSessionsValidFromDateTime"].as_str().expect("a time").to_owned();
    assert!(from(&after) > from(&before) && after["accountEnabled"] == true);
    let refused = me.get("/me").await;
    assert_eq!(code(&refused), (401, "InvalidAuthenticationToken"));
    assert!(refused.value.to_string().contains("TokenIssuedBeforeRevocationTimestamp"));
    assert_eq!(login(&cloud.azure, &by_refresh()).await.value["error_codes"], json!([50173]));
    // Whoever knows the password signs in anew: sessions are ended, not the account.
    tokio::time::sleep(Duration::from_millis(5)).await;
    let anew = login(&cloud.azure, &by_password).await;
    assert_eq!(anew.status, 200);
    let me = Client::at(
        cloud.graph.url.clone(),
        anew.value["access_token"].as_str().expect("a token").to_owned(),
    );
    assert_eq!(me.get("/me").await.status, 200);

    let path = format!("/users/{user}");
    assert_eq!(
        send(&cloud.graph, Method::PATCH, &path, &json!({"accountEnabled": false}))
            .await
            .status,
        204
    );
    assert_eq!(me.get("/me").await.status, 401);
    assert_eq!(login(&cloud.azure, &by_password).await.value["error_codes"], json!([50057]));
    assert!(cloud.azure.user_token(WHO, Site::Graph).is_none());
    // A service that does not evaluate access continuously goes by the token's time.
    cloud.azure.set(|options| options.quirks = [AzureQuirk::SessionsLiveOn].into());
    assert_eq!(me.get("/me").await.status, 200);
    let new = anew.value["refresh_token"].as_str().expect("a token");
    let refused = login(&cloud.azure, &[("grant_type", "refresh_token"), ("refresh_token", new)]).await;
    assert_eq!(refused.value["error_codes"], json!([50057]));
    let journal = cloud.lab.journal();
    assert!(journal.last("azure", What::SessionsEnded, &user).is_some() && journal.last("azure", What::Disabled, &user).is_some());
}

#[tokio::test]
async fn members_go_but_for_groups_that_are_not_the_clients() {
    let cloud = cloud(240, &[]).await;
    let user = cloud.object(WHO);
    let groups: Vec<String> = ["payments", "payments-sre", "engineering", "payments-oncall"]
        .map(|name| cloud.object(name))
        .into();
    for group in &groups {
        let _ = cloud.azure.add_member(group, WHO);
    }
    cloud.azure.mark_group("payments-sre", GroupTrait::Dynamic);
    cloud.azure.mark_group("engineering", GroupTrait::Synced);
    cloud.azure.mark_group("payments-oncall", GroupTrait::RoleAssignable);
    let shown = cloud.graph.get(&format!("/groups/{}", groups[1])).await.value;
    assert_eq!(shown["groupTypes"], json!(["DynamicMembership"]));
    assert_eq!(
        cloud.graph.get(&format!("/groups/{}", groups[2])).await.value["onPremisesSyncEnabled"],
        true
    );
    assert_eq!(
        cloud.graph.get(&format!("/groups/{}", groups[3])).await.value["isAssignableToRole"],
        true
    );
    let member = |group: &str| format!("/groups/{group}/members/{user}/$ref");
    let remove = async |group: &str| send(&cloud.graph, Method::DELETE, &member(group), &json!(null)).await;
    assert_eq!(remove(&groups[0]).await.status, 204);
    assert_eq!(code(&remove(&groups[0]).await), (404, "Request_ResourceNotFound"));
    assert_eq!(code(&remove(&groups[1]).await), (400, "Request_BadRequest"));
    let synced = remove(&groups[2]).await;
    assert!(synced.status == 400 && synced.value.to_string().contains("on-premises mastered"));
    assert_eq!(code(&remove(&groups[3]).await), (403, "Authorization_RequestDenied"));
    cloud.azure.grant("RoleManagement.ReadWrite.Directory");
    assert_eq!(remove(&groups[3]).await.status, 204);
    let left = cloud.graph.get(&format!("/users/{user}/memberOf?$select=id&$top=999")).await;
    assert!(!left.value.to_string().contains(&groups[0]) && left.value.to_string().contains(&groups[1]));
    // And back in.
    let back = json!({"@odata.id": format!("{}/directoryObjects/{user}", cloud.graph.url)});
    let path = format!("/groups/{}/members/$ref", groups[0]);
    assert_eq!(send(&cloud.graph, Method::POST, &path, &back).await.status, 204);
    assert_eq!(
        code(&send(&cloud.graph, Method::POST, &path, &back).await),
        (400, "Request_BadRequest")
    );
}

#[tokio::test]
async fn a_deleted_user_is_restored_with_the_groups_or_gone_for_good() {
    let cloud = cloud(240, &[]).await;
    let (user, path) = (cloud.object(WHO), format!("/users/{}", cloud.object(WHO)));
    let groups = async || {
        let answer = cloud.graph.get(&format!("{path}/memberOf?$select=id&$top=999")).await;
        answer.value["value"].as_array().map(Vec::len)
    };
    let held = groups().await.expect("a list");
    assert!(held > 0);
    let bin = format!("/directory/deletedItems/{user}");
    assert_eq!(send(&cloud.graph, Method::DELETE, &path, &json!(null)).await.status, 204);
    assert_eq!(cloud.graph.get(&path).await.status, 404);
    assert_eq!(cloud.graph.get(&bin).await.value["id"], user);
    let restored = send(&cloud.graph, Method::POST, &format!("{bin}/restore"), &json!(null)).await;
    assert_eq!((restored.status, &restored.value["id"]), (200, &json!(user)));
    assert_eq!(groups().await, Some(held));
    assert_eq!(cloud.graph.get(&bin).await.status, 404);

    assert_eq!(send(&cloud.graph, Method::DELETE, &path, &json!(null)).await.status, 204);
    assert_eq!(send(&cloud.graph, Method::DELETE, &bin, &json!(null)).await.status, 204);
    assert_eq!(cloud.graph.get(&bin).await.status, 404);
    assert_eq!(
        send(&cloud.graph, Method::POST, &format!("{bin}/restore"), &json!(null))
            .await
            .status,
        404
    );
    let events = cloud.lab.journal().events();
    let gone: Vec<&str> = events
        .iter()
        .filter(|event| event.what == What::Vanished)
        .map(|event| event.of.as_str())
        .collect();
    assert_eq!(gone, ["deleted items", "deleted items", "for good"]);
}

#[tokio::test]
async fn a_test_identity_is_made_owns_something_and_hands_it_over() {
    let cloud = cloud(240, &[]).await;
    let body = json!({"accountEnabled": true, "displayName": "Test Identity", "mailNickname": "test.identity",
        "userPrincipalName": "test.identity@halcyon.example", "passwordProfile": {"password": "a long one, made up"}});
    let made = send(&cloud.graph, Method::POST, "/users", &body).await;
    assert_eq!(made.status, 201, "{}", made.value);
    let id = made.value["id"].as_str().expect("an id").to_owned();
    assert_eq!(cloud.graph.get(&format!("/users/{id}")).await.value["displayName"], "Test Identity");
    assert_eq!(
        code(&send(&cloud.graph, Method::POST, "/users", &body).await),
        (400, "Request_BadRequest")
    );
    assert_eq!(
        send(&cloud.graph, Method::POST, "/users", &json!({"displayName": "Half"}))
            .await
            .status,
        400
    );
    let reference = |id: &str| json!({"@odata.id": format!("{}/directoryObjects/{id}", cloud.graph.url)});
    for owned in [
        format!("/groups/{}", cloud.object("payments")),
        format!("/servicePrincipals/{}", cloud.object("Ledgerly")),
    ] {
        let owners = format!("{owned}/owners");
        assert_eq!(
            send(&cloud.graph, Method::POST, &format!("{owners}/$ref"), &reference(&id))
                .await
                .status,
            204
        );
        let listed = cloud.graph.get(&owners).await;
        assert!(listed.value.to_string().contains(&id), "{owned}");
        let held = cloud.graph.get(&format!("/users/{id}/ownedObjects?$select=id")).await;
        assert!(
            held.value.to_string().contains(owned.rsplit('/').next().expect("an id")),
            "{}",
            held.value
        );
        let take = async || send(&cloud.graph, Method::DELETE, &format!("{owners}/{id}/$ref"), &json!(null)).await;
        if owned.starts_with("/groups") {
            let refused = take().await;
            assert!(refused.status == 400 && refused.value.to_string().contains("at least one owner"));
            let other = cloud.object(WHO);
            assert_eq!(
                send(&cloud.graph, Method::POST, &format!("{owners}/$ref"), &reference(&other))
                    .await
                    .status,
                204
            );
        }
        assert_eq!(take().await.status, 204, "{owned}");
        assert_eq!(take().await.status, 404, "{owned}");
    }
}

#[tokio::test]
async fn administrators_are_spared_and_the_last_one_stays() {
    let cloud = cloud(240, &[]).await;
    let admin = cloud.object("adaeze.okafor");
    let path = format!("/users/{admin}");
    let off = json!({"accountEnabled": false});
    assert_eq!(
        code(&send(&cloud.graph, Method::PATCH, &path, &off).await),
        (403, "Authorization_RequestDenied")
    );
    assert_eq!(
        code(&send(&cloud.graph, Method::DELETE, &path, &json!(null)).await),
        (403, "Authorization_RequestDenied")
    );
    let roles = cloud.graph.get("/directoryRoles").await;
    let role = roles.value["value"][0]["id"].as_str().expect("a role").to_owned();
    let members = cloud.graph.get(&format!("/directoryRoles/{role}/members")).await;
    assert_eq!(members.value["value"].as_array().map(Vec::len), Some(2));
    cloud.azure.grant("RoleManagement.ReadWrite.Directory");
    assert!(cloud.azure.only_admin("adaeze.okafor"));
    for (method, path, body) in [
        (Method::PATCH, path.clone(), off),
        (Method::DELETE, path.clone(), json!(null)),
        (Method::DELETE, format!("/directoryRoles/{role}/members/{admin}/$ref"), json!(null)),
    ] {
        let refused = send(&cloud.graph, method, &path, &body).await;
        assert!(refused.status == 400 && refused.value.to_string().contains("last member"), "{path}");
    }
    assert_eq!(cloud.graph.get(&path).await.status, 200);
}

#[tokio::test]
async fn what_was_written_shows_when_it_is_replicated() {
    let cloud = cloud(240, &["azure/late:400ms"]).await;
    let path = format!("/users/{}?$select=accountEnabled", cloud.object(WHO));
    let begun = Instant::now();
    let off = json!({"accountEnabled": false});
    assert_eq!(send(&cloud.graph, Method::PATCH, &path, &off).await.status, 204);
    assert_eq!(cloud.graph.get(&path).await.value["accountEnabled"], true);
    while cloud.graph.get(&path).await.value["accountEnabled"] == true {
        assert!(begun.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(begun.elapsed() >= Duration::from_millis(400));
    // Within a batch, too; and it is among the writes.
    let batch = json!({"requests": [{"id": "1", "method": "PATCH", "url": path, "headers": {"Content-Type": "application/json"},
        "body": {"accountEnabled": true}}]});
    let answer = send(&cloud.graph, Method::POST, "/$batch", &batch).await;
    assert_eq!(answer.value["responses"][0]["status"], 204);
    cloud.azure.settle();
    assert_eq!(cloud.graph.get(&path).await.value["accountEnabled"], true);
    let writes = cloud.lab.journal().writes();
    assert_eq!(writes.iter().map(|write| write.status).collect::<Vec<_>>(), [204, 204]);
}

#[tokio::test]
async fn an_app_role_is_taken_away() {
    let cloud = cloud(240, &[]).await;
    let holder = cloud.azure.look(|tenant| {
        let users = |id| tenant.users.iter().any(|user| user.id == id);
        let held = tenant.app_roles.iter().find(|one| users(one.principal)).expect("somebody has one");
        (held.principal, held.id.clone())
    });
    let path = format!("/users/{}/appRoleAssignments", holder.0);
    let before = cloud.graph.get(&path).await.value["value"].as_array().map(Vec::len);
    let one = format!("{path}/{}", holder.1);
    assert_eq!(send(&cloud.graph, Method::DELETE, &one, &json!(null)).await.status, 204);
    assert_eq!(send(&cloud.graph, Method::DELETE, &one, &json!(null)).await.status, 404);
    let after = cloud.graph.get(&path).await.value["value"].as_array().map(Vec::len);
    assert_eq!(before, after.map(|left| left + 1));
}
