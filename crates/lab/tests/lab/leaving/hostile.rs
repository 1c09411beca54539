//! Whatever is sent, there is an answer, and what the lab holds stays readable.

use serde_json::json;

use super::*;

#[tokio::test]
async fn odd_writes_are_refused_and_nothing_breaks() {
    let cloud = cloud(60, &[]).await;
    let user = cloud.azure.find("olena.shevchenko").expect("there").to_string();
    let group = cloud.azure.find("payments").expect("there").to_string();
    let bodies = [
        json!(null),
        json!([]),
        json!("text"),
        json!({"accountEnabled": "False"}),
        json!({"accountEnabled": null}),
        json!({"@odata.id": 7}),
        json!({"@odata.id": "/////"}),
        json!({"properties": []}),
        json!({"properties": {"requestType": "AdminRemove", "principalId": "x", "roleDefinitionId": {}}}),
        json!({"passwordProfile": {"password": ["a"]}, "displayName": "\u{0}", "accountEnabled": true}),
    ];
    let graph = [
        "/users".to_owned(),
        format!("/users/{user}"),
        "/users/%00".to_owned(),
        "/users/@".to_owned(),
        format!("/users/{group}"),
        format!("/users/{user}/revokeSignInSessions/again"),
        format!("/groups/{group}/members/$ref"),
        format!("/groups/{group}/members/none/$ref"),
        format!("/groups/{group}/owners/{group}/$ref"),
        "/directory/deletedItems/none/restore".to_owned(),
        "/directoryRoles/none/members/none/$ref".to_owned(),
        "/".to_owned(),
        "/%C4%B0/providers".to_owned(),
    ];
    // The long S and the dotted I have another length in lower case.
    let arm = [
        "/%C4%B0/providers/Microsoft.Authorization/roleAssignments/x?api-version=2022-04-01",
        "/providers/Microsoft.Authorization/roleAssignments/%E1%BA%9E?api-version=2022-04-01",
        "/providers/Microsoft.Authorization/roleEligibilityScheduleRequests/x?api-version=2020-10-01",
        "/providers/Microsoft.Authorization/roleAssignments",
        "/providers/Microsoft.Authorization/",
        "/subscriptions/x/providers/Microsoft.Authorization/roleAssignments/x",
    ];
    for body in &bodies {
        for method in [Method::POST, Method::PATCH, Method::PUT] {
            for path in &graph {
                let answer = send(&cloud.graph, method.clone(), path, body).await;
                assert!((400..500).contains(&answer.status), "{method} {path} {body}: {}", answer.status);
            }
            for path in arm {
                let answer = send(&cloud.arm, method.clone(), path, body).await;
                assert!((400..500).contains(&answer.status), "{method} {path} {body}: {}", answer.status);
            }
        }
    }
    assert!(cloud.lab.journal().events().is_empty());
    assert_eq!(cloud.graph.get(&format!("/users/{user}")).await.status, 200);
}
