//! The RBAC plugin: what is read, who may write, what is refused.

use lanyard_lab::PortalQuirk;
use reqwest::Method;
use serde_json::json;

use super::*;

#[tokio::test]
async fn roles_policies_and_conditions_are_listed_with_their_sources() {
    let (_lab, handle, client) = portal(240, |_| {}).await;
    let roles = client.get("/api/permission/roles").await;
    let sources: Vec<(&str, &str)> = roles
        .value
        .as_array()
        .expect("a list")
        .iter()
        .map(|role| {
            (
                role["name"].as_str().expect("a name"),
                role["metadata"]["source"].as_str().expect("a source"),
            )
        })
        .collect();
    assert_eq!(
        sources,
        [
            ("role:default/payments-owner", "csv-file"),
            ("role:default/catalog-editor", "csv-file"),
            ("role:default/catalog-reader", "rest"),
            ("role:default/platform-admin", "csv-file"),
            ("role:default/scaffolder-user", "rest"),
            ("role:default/release-freeze", "rest"),
            ("role:default/rbac_admin", "configuration"),
        ]
    );
    assert_eq!(roles.value, json!(handle.roles()));
    let one = client.get("/api/permission/roles/role/default/catalog-editor").await;
    assert_eq!(one.value, json!([roles.value[1]]));
    assert_eq!(error(&client.get("/api/permission/roles/role/default/nothing").await).0, 404);
    let policies = client.get("/api/permission/policies").await;
    let delete = json!({"entityReference": "role:default/release-freeze", "permission": "catalog-entity", "policy": "delete", "effect": "deny", "metadata": {"source": "rest"}});
    assert!(policies.value.as_array().expect("a list").contains(&delete));
    let denied = client.get("/api/permission/policies?effect=deny").await;
    assert_eq!(denied.value, json!([delete]));
    let conditions = client.get("/api/permission/roles/conditions").await;
    assert_eq!(
        conditions.value[0],
        json!({
            "id": 1, "result": "CONDITIONAL", "roleEntityRef": "role:default/catalog-editor", "pluginId": "catalog", "resourceType": "catalog-entity",
            "permissionMapping": ["update", "delete"],
            "conditions": {"rule": "IS_ENTITY_OWNER", "resourceType": "catalog-entity", "params": {"claims": ["$ownerRefs"]}},
        })
    );
    assert_eq!(conditions.value[1]["conditions"]["params"]["createdBy"], json!(["$currentUser"]));
    assert_eq!(conditions.value.as_array().map(Vec::len), Some(2));
    let plugins = client.get("/api/permission/plugins/policies").await;
    assert_eq!(plugins.value[0]["pluginId"], "catalog");
    let rules = client.get("/api/permission/plugins/condition-rules").await;
    assert!(rules.value.to_string().contains("IS_ENTITY_OWNER"));
}

#[tokio::test]
async fn a_service_may_not_write_and_neither_may_just_any_user() {
    let (_lab, handle, client) = portal(240, |_| {}).await;
    let role = json!({"memberReferences": ["group:default/payments"], "name": "role:default/new"});
    let (status, name, message) = error(&post(&client, "/api/permission/roles", &role).await);
    assert_eq!((status, name), (403, json!("NotAllowedError")));
    assert_eq!(
        message,
        "Only credential principal with type 'user' permitted to modify permissions"
    );
    let refused = send(
        &client,
        Method::DELETE,
        "/api/permission/roles/role/default/catalog-reader",
        &none(),
    )
    .await;
    assert_eq!(refused.status, 403);
    let plain = as_user(&handle, "thandiwe.mokoena");
    assert_eq!(post(&plain, "/api/permission/roles", &role).await.status, 403);
    assert_eq!(plain.get("/api/permission/roles").await.status, 403);
    assert_eq!(handle.roles().len(), 7);
    let unknown = Client::at(handle.url(), "wrong".to_owned());
    assert_eq!(
        error(&unknown.get("/api/permission/roles").await),
        (401, json!("AuthenticationError"), "Illegal token".to_owned())
    );
    let nobody = read(client.bare(Method::GET, "/api/catalog/entities/by-query")).await;
    assert_eq!(
        error(&nobody),
        (401, json!("AuthenticationError"), "Missing credentials".to_owned())
    );
}

#[tokio::test]
async fn an_admin_writes_over_rest_what_is_written_there() {
    let (_lab, handle, _client) = portal(240, |_| {}).await;
    let admin = as_user(&handle, "adaeze.okafor");
    // Members that never existed are taken.
    let role = json!({"memberReferences": ["group:default/nobody", "user:default/never"], "name": "role:default/new"});
    assert_eq!(post(&admin, "/api/permission/roles", &role).await.status, 201);
    assert_eq!(error(&post(&admin, "/api/permission/roles", &role).await).0, 409);
    let policy = json!([{"entityReference": "role:default/new", "permission": "catalog-entity", "policy": "read", "effect": "allow"}]);
    assert_eq!(post(&admin, "/api/permission/policies", &policy).await.status, 201);
    assert_eq!(error(&post(&admin, "/api/permission/policies", &policy).await).0, 409);
    let condition = json!({"result": "CONDITIONAL", "roleEntityRef": "role:default/new", "pluginId": "catalog", "resourceType": "catalog-entity",
        "permissionMapping": ["delete"], "conditions": {"rule": "IS_ENTITY_KIND", "resourceType": "catalog-entity", "params": {"kinds": ["API"]}}});
    let made = post(&admin, "/api/permission/roles/conditions", &condition).await;
    assert_eq!((made.status, &made.value), (201, &json!({"id": 3})));
    let path = "/api/permission/roles/role/default/new";
    let change = json!({"oldRole": role, "newRole": {"memberReferences": ["group:default/payments", "user:default/never"], "name": "role:default/newer"}});
    assert_eq!(send(&admin, Method::PUT, path, &change).await.status, 200);
    assert_eq!(send(&admin, Method::PUT, path, &change).await.status, 404);
    let path = "/api/permission/roles/role/default/newer";
    assert_eq!(
        send(
            &admin,
            Method::DELETE,
            &format!("{path}?memberReferences=user:default/never"),
            &none()
        )
        .await
        .status,
        204
    );
    let now = admin.get(path).await;
    assert_eq!(now.value[0]["memberReferences"], json!(["group:default/payments"]));
    assert_eq!(now.value[0]["metadata"]["modifiedBy"], "user:default/adaeze.okafor_halcyon.example");
    assert_eq!(
        admin
            .get("/api/permission/policies/role/default/newer")
            .await
            .value
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(send(&admin, Method::DELETE, path, &none()).await.status, 204);
    assert_eq!(admin.get("/api/permission/policies/role/default/newer").await.status, 404);
    assert_eq!(admin.get("/api/permission/roles/conditions/3").await.status, 404);
    for bad in [
        json!({}),
        json!({"name": "user:default/x", "memberReferences": ["group:default/x"]}),
        json!({"name": "role:default/x", "memberReferences": ["x"]}),
    ] {
        assert_eq!(post(&admin, "/api/permission/roles", &bad).await.status, 400, "{bad}");
    }
    assert_eq!(handle.roles().len(), 7);
}

#[tokio::test]
async fn what_is_written_in_a_file_or_in_the_configuration_is_changed_there() {
    let (_lab, handle, _client) = portal(240, |_| {}).await;
    let admin = as_user(&handle, "adaeze.okafor");
    let before = (handle.roles(), admin.get("/api/permission/policies").await.value);
    for (role, source) in [("payments-owner", "CSV-FILE"), ("rbac_admin", "CONFIGURATION")] {
        let path = format!("/api/permission/roles/role/default/{role}");
        let (status, name, message) = error(&send(&admin, Method::DELETE, &path, &none()).await);
        assert_eq!((status, name), (403, json!("NotAllowedError")));
        assert!(
            message.contains("source does not match originating role") && message.ends_with(&format!("'{source}'")),
            "{message}"
        );
        let policy = json!([{"entityReference": format!("role:default/{role}"), "permission": "x", "policy": "read", "effect": "allow"}]);
        assert_eq!(post(&admin, "/api/permission/policies", &policy).await.status, 403);
    }
    assert_eq!(
        send(&admin, Method::DELETE, "/api/permission/roles/conditions/1", &none())
            .await
            .status,
        403
    );
    assert_eq!((handle.roles(), admin.get("/api/permission/policies").await.value), before);
}

#[tokio::test]
async fn a_token_for_the_catalog_opens_nothing_else() {
    let (_lab, handle, _client) = portal(60, |_| {}).await;
    let token = handle.issue_token(Some(&["catalog"]));
    let restricted = Client::at(handle.url(), token.clone());
    assert_eq!(restricted.get("/api/catalog/entity-facets?facet=kind").await.status, 200);
    let (status, name, message) = error(&restricted.get("/api/permission/roles").await);
    assert_eq!((status, name), (403, json!("NotAllowedError")));
    assert_eq!(message, "This token's access is restricted to plugin(s) 'catalog'");
    assert!(handle.revoke_token(&token));
    assert_eq!(restricted.get("/api/catalog/entities/by-query").await.status, 401);
}

#[tokio::test]
async fn without_the_plugin_its_paths_are_not_there() {
    let (_lab, _handle, client) = portal(60, |options| {
        options.quirks.insert(PortalQuirk::NoRbac);
    })
    .await;
    for path in [
        "roles",
        "policies",
        "roles/conditions",
        "plugins/policies",
        "plugins/condition-rules",
    ] {
        assert_eq!(error(&client.get(&format!("/api/permission/{path}")).await).0, 404, "{path}");
    }
    assert_eq!(client.get("/api/catalog/entities/by-query").await.status, 200);
}
