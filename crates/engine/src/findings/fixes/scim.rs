//! Ways out at a SCIM server: requests as curl, the token a variable of the shell (RFC 7644 §3.5.2, §3.6).

use lanyard_access::Node;
use serde_json::{Value, json};

use super::case::{Case, fix};
use super::shell::{json as quoted, segment, word};
use crate::view::{Fix, FixKind};

/// Operations of one PATCH. More are told of, and left to provisioning.
const MOST: usize = 50;
/// What every request needs.
const TOKEN: &str = "Put the token into SCIM_TOKEN first, as read -rs SCIM_TOKEN does, so that it stands in no history.";

/// A request; the address is the source's own, with the id in it encoded.
fn curl(case: Case<'_>, method: &str, endpoint: &str, id: &str, body: Option<&Value>) -> Option<String> {
    let url = word(&format!("{}/{endpoint}/{}", case.base()?, segment(id)))?;
    let mut text = format!("curl --fail-with-body -X {method} {url} \\\n  -H \"Authorization: Bearer $SCIM_TOKEN\"");
    if let Some(body) = body {
        text.push_str(" \\\n  -H 'Content-Type: application/scim+json' \\\n  --data ");
        text.push_str(&quoted(body));
    }
    Some(text)
}

fn patch(operations: &[Value]) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

/// Switches an account off.
pub(super) fn deactivate(case: Case<'_>, account: Node) -> Option<Fix> {
    let body = patch(&[json!({"op": "replace", "path": "active", "value": false})]);
    let text = curl(case, "PATCH", "Users", &case.id_of(account), Some(&body))?;
    let note = format!("{TOKEN} Check that nobody else uses the account: it is switched off at once.");
    Some(fix(FixKind::Curl, "Switch the account off", text, note))
}

/// Sets attributes to what the leading account has.
pub(super) fn set(case: Case<'_>, account: Node, attributes: &[(&str, Value)]) -> Option<Fix> {
    let operations: Vec<Value> = attributes
        .iter()
        .map(|(path, value)| json!({"op": "replace", "path": path, "value": value}))
        .collect();
    if operations.is_empty() {
        return None;
    }
    let text = curl(case, "PATCH", "Users", &case.id_of(account), Some(&patch(&operations)))?;
    let note = format!(
        "{TOKEN} Check first which side is right. Where provisioning writes the account, correct its source or mapping instead: it would be written over."
    );
    Some(fix(FixKind::Curl, "Give the account the leading source's values", text, note))
}

/// Adds and removes direct members of a group.
pub(super) fn members(case: Case<'_>, group: Node, add: &[Node], remove: &[Node]) -> Option<Fix> {
    let room = MOST.saturating_sub(remove.len().min(MOST));
    let mut operations = Vec::new();
    for member in remove.iter().take(MOST) {
        // RFC 7644 §3.5.2.2: a value path names the one that goes.
        let path = format!("members[value eq {}]", Value::String(case.id_of(*member)));
        operations.push(json!({"op": "remove", "path": path}));
    }
    let added: Vec<Value> = add.iter().take(room).map(|member| json!({"value": case.id_of(*member)})).collect();
    if !added.is_empty() {
        operations.push(json!({"op": "add", "path": "members", "value": added}));
    }
    if operations.is_empty() {
        return None;
    }
    let left = (add.len() + remove.len()).saturating_sub(MOST);
    let text = curl(case, "PATCH", "Groups", &case.id_of(group), Some(&patch(&operations)))?;
    let mut note = format!("{TOKEN} Check that the leading source is right: whoever is added here gets what the group gives.");
    if left > 0 {
        note.push_str(&format!(" It holds the first {MOST}; {left} more are left."));
    }
    let title = match (added.is_empty(), remove.is_empty()) {
        (true, _) => "Take the members out of the group",
        (false, true) => "Add the members to the group",
        (false, false) => "Bring the group's members into line",
    };
    Some(fix(FixKind::Curl, title, text, note))
}

/// Deletes a group.
pub(super) fn delete_group(case: Case<'_>, group: Node) -> Option<Fix> {
    let text = curl(case, "DELETE", "Groups", &case.id_of(group), None)?;
    let note = format!("{TOKEN} Check with its owner what it is for: a group that is deleted cannot be brought back by SCIM.");
    Some(fix(FixKind::Curl, "Delete the group", text, note))
}
