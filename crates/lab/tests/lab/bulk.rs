//! Bulk requests (RFC 7644 §3.7).

use lanyard_lab::Family;
use serde_json::{Value, json};

use crate::client::{GROUP, USER, lab};

fn request(operations: Value, fail_on_errors: Option<u64>) -> Value {
    let mut request = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]});
    request["Operations"] = operations;
    if let Some(limit) = fail_on_errors {
        request["failOnErrors"] = json!(limit);
    }
    request
}

fn statuses(answer: &Value) -> Vec<&str> {
    answer["Operations"]
        .as_array()
        .expect("operations")
        .iter()
        .map(|one| one["status"].as_str().expect("a status"))
        .collect()
}

#[tokio::test]
async fn references_are_resolved_in_any_order_and_in_circles() {
    let (lab, client) = lab(10, |_| {}).await;
    let answer = client
        .post(
            "/Bulk",
            &request(
                json!([
                    {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"schemas": [GROUP], "displayName": "Made first", "members": [{"value": "bulkId:u"}]}},
                    {"method": "POST", "path": "/Users", "bulkId": "u", "data": {"schemas": [USER], "userName": "bulk.one"}},
                    {"method": "PATCH", "path": "/Users/bulkId:u", "data": {"Operations": [{"op": "add", "path": "title", "value": "Clerk"}]}},
                    {"method": "POST", "path": "/Groups", "bulkId": "a", "data": {"schemas": [GROUP], "displayName": "A", "members": [{"value": "bulkId:b"}]}},
                    {"method": "POST", "path": "/Groups", "bulkId": "b", "data": {"schemas": [GROUP], "displayName": "B", "members": [{"value": "bulkId:a"}]}},
                ]),
                None,
            ),
        )
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(statuses(&answer.value), ["201", "201", "200", "201", "201"], "{:?}", answer.value);
    let provider = lab.provider();
    let user = provider.user_named("bulk.one").expect("made");
    assert_eq!(user["title"], "Clerk");
    assert_eq!(answer.value["Operations"][1]["location"], user["meta"]["location"]);
    assert_eq!(provider.group_named("Made first").expect("made")["members"][0]["value"], user["id"]);
    let (a, b) = (provider.group_named("A").expect("made"), provider.group_named("B").expect("made"));
    assert_eq!((&a["members"][0]["value"], &b["members"][0]["value"]), (&b["id"], &a["id"]));
}

#[tokio::test]
async fn errors_are_told_and_counted() {
    let (lab, client) = lab(10, |_| {}).await;
    let before = lab.provider().count(Family::Users);
    let operations = json!([
        {"method": "POST", "path": "/Users", "bulkId": "1", "data": {"schemas": [USER]}},
        {"method": "DELETE", "path": "/Users/nobody"},
        {"method": "POST", "path": "/Users", "bulkId": "2", "data": {"schemas": [USER], "userName": "after"}},
        {"method": "POST", "path": "/Groups", "bulkId": "3", "data": {"schemas": [GROUP], "displayName": "g", "members": [{"value": "bulkId:1"}]}},
    ]);
    let stopped = client.post("/Bulk", &request(operations.clone(), Some(2))).await;
    assert_eq!(statuses(&stopped.value), ["400", "404"]);
    assert_eq!(stopped.value["Operations"][0]["response"]["scimType"], "invalidValue");
    assert_eq!(lab.provider().count(Family::Users), before);
    let whole = client.post("/Bulk", &request(operations, None)).await;
    assert_eq!(statuses(&whole.value), ["400", "404", "201", "400"]);
}

#[tokio::test]
async fn too_much_is_refused() {
    let (_lab, client) = lab(10, |options| options.provider.bulk_operations = 2).await;
    let one = json!({"method": "DELETE", "path": "/Users/nobody"});
    assert_eq!(client.post("/Bulk", &request(json!([one, one, one]), None)).await.status, 413);
    assert_eq!(client.post("/Bulk", &request(json!([]), None)).await.status, 400);
    let elsewhere = client
        .post(
            "/Bulk",
            &request(json!([{"method": "POST", "path": "/Bulk", "bulkId": "x", "data": {}}]), None),
        )
        .await;
    assert_eq!(statuses(&elsewhere.value), ["404"]);
}
