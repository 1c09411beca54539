//! The lab as a program: what its control door tells, from another process than the one that is watched.

use lanyard_tests::plain::Plain;
use reqwest::Method;
use serde_json::json;

use crate::company::Company;

const WHO: &str = "minh.bui";

/// A deaf app answers as if it had done what was asked; the door tells that it did not, and how often it was asked.
#[test]
fn the_truth_and_the_writes_are_told_by_a_door_that_was_asked_for() {
    let company = Company::serve(&["--people", "240", "--control", "--fault", "ledgerly/deaf"]);
    let door = Plain::new(company.server.ready["control"].as_str().unwrap(), "");
    let app = company.plain(1);
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let truth = async || door.ask(Method::GET, &format!("truth?user={WHO}"), None).await.1;
        let before = truth().await;
        assert_eq!(before["ledgerly"]["active"], true, "{before:#}");
        let path = format!("Users/{}", before["ledgerly"]["id"].as_str().unwrap());
        let off = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "active", "value": false}]});
        let (status, answer) = app.ask(Method::PATCH, &path, Some(&off)).await;
        assert_eq!((status, &answer["active"]), (200, &json!(false)));
        assert_eq!(truth().await, before);
        let heard = json!({"off": ["ledgerly/deaf"]});
        assert_eq!(door.ask(Method::POST, "faults", Some(&heard)).await.0, 204);
        assert_eq!(app.ask(Method::PATCH, &path, Some(&off)).await.0, 200);
        assert_eq!(truth().await["ledgerly"]["active"], false);
        let writes = door.ask(Method::GET, "writes", None).await.1;
        let writes = writes.as_array().unwrap();
        assert_eq!(writes.len(), 2);
        assert_eq!(writes[0]["body"], writes[1]["body"]);
        let events = door.ask(Method::GET, "events", None).await.1;
        assert_eq!(events.as_array().unwrap().len(), 1);
    });
    let plain = Company::serve(&["--people", "20"]);
    assert!(plain.server.ready["control"].is_null(), "nobody asked for a door");
}
