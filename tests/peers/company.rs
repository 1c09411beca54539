//! The people and groups that each peer is filled with, through its own API.

use std::collections::BTreeMap;

use lanyard_tests::plain::Plain;
use serde_json::{Value, json};

/// How many users a peer gets.
pub const USERS: usize = 300;
/// How many groups: two of them hold groups only.
pub const GROUPS: usize = 20;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// The ids that the server gave, in the order of creation.
pub struct Filled {
    pub users: Vec<String>,
    pub groups: Vec<String>,
}

/// The document of the n-th user, as it is sent.
pub fn user(number: usize) -> Value {
    let names = ["Ana Ruiz", "Zoë O’Neill", "山田 太郎", "Łukasz Żak", "שירה כהן", "Nguyễn Văn An"];
    let name = names[number % names.len()];
    let (given, family) = name.split_once(' ').unwrap_or((name, ""));
    json!({
        "schemas": [USER, ENTERPRISE],
        "userName": format!("peer{number:04}@example.test"),
        "externalId": format!("ext-{number:04}"),
        "displayName": format!("{name} {number:04}"),
        "name": { "givenName": given, "familyName": family },
        "title": if number.is_multiple_of(10) { "=HYPERLINK(\"x\")" } else { "Clerk" },
        "userType": if number.is_multiple_of(50) { "Service" } else { "Employee" },
        "active": !number.is_multiple_of(7),
        "emails": [{ "value": format!("peer{number:04}@mail.test"), "type": "work", "primary": true }],
        ENTERPRISE: { "department": if number.is_multiple_of(3) { "Customs" } else { "Freight" }, "employeeNumber": format!("{number}") },
    })
}

/// Fills an empty server.
pub async fn fill(server: &Plain) -> Filled {
    let mut users = Vec::new();
    for number in 0..USERS {
        users.push(server.create("Users", &user(number)).await);
    }
    let mut groups: Vec<String> = Vec::new();
    for number in 0..GROUPS {
        let members: Vec<Value> = match number {
            // The last two hold groups: one the first three, one that and a person.
            n if n == GROUPS - 2 => groups[..3].iter().map(|id| json!({ "value": id, "type": "Group" })).collect(),
            n if n == GROUPS - 1 => vec![
                json!({ "value": groups[n - 1], "type": "Group" }),
                json!({ "value": users[5], "type": "User" }),
            ],
            n => (0..n + 3)
                .map(|step| json!({ "value": users[(n * 13 + step * 7) % USERS], "type": "User" }))
                .collect(),
        };
        let group = json!({ "schemas": [GROUP], "displayName": format!("Peer group {number:02}"), "members": members });
        groups.push(server.create("Groups", &group).await);
    }
    Filled { users, groups }
}

/// How many of these documents carry this value at this JSON pointer.
pub fn with(documents: &BTreeMap<String, Value>, pointer: &str, value: &Value) -> u32 {
    documents
        .values()
        .filter(|document| document.pointer(pointer) == Some(value))
        .count() as u32
}
