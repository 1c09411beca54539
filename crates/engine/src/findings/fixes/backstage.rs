//! Ways out in Backstage: its RBAC file and API, and files of its catalog.

use super::case::{Case, fix, steps};
use super::shell::{is_plain, segment, word};
use crate::map::tables::RoleEntry;
use crate::view::{Fix, FixKind};

const TOKEN: &str = "It takes the token of somebody who administers RBAC: a static token of a service may not write it. Put it into BACKSTAGE_TOKEN first, as read -rs BACKSTAGE_TOKEN does.";

/// A reference or name that is safe within a line of CSV or YAML, as it stands.
fn is_reference(text: &str) -> bool {
    is_plain(text) && !text.contains([',', '"', '#', '\'', '\\'])
}

/// Takes a member out of a role: by the file, the API, or by hand, as the role came in.
pub(super) fn remove_member(case: Case<'_>, role: &RoleEntry, member: &str) -> Option<Fix> {
    match role.note.as_deref().map(str::to_ascii_lowercase).as_deref() {
        Some("csv-file") if is_reference(member) && is_reference(&role.id) => {
            let text = format!(
                "--- a/rbac-policy.csv\n+++ b/rbac-policy.csv\n@@ -1,1 +1,0 @@\n-g, {member}, {}\n",
                role.id
            );
            let note = "The file is the one that permission.rbac.policies-csv-file names. Without policyFileReload Backstage takes it after a restart.";
            Some(fix(FixKind::Csv, "Take the member out of the role, in the policy file", text, note))
        }
        Some("csv-file") => Some(steps(
            "Take the member out of the role, in the policy file",
            &[
                "Open the file that permission.rbac.policies-csv-file names. The member's name holds signs that are not safe to copy: look for the line by hand.",
                "Take its line, g, MEMBER, ROLE, out, and see that no other line was slipped in with it.",
                "Reload the file, or restart Backstage's backend; then sync the source.",
            ],
            None,
        )),
        Some("configuration") => Some(steps(
            "Take the member out of the role, in the configuration",
            &[
                "Look for the member under permission.rbac in Backstage's app-config: admins and superUsers are set there.",
                "Take the entry out, and restart Backstage's backend.",
                "Sync the source: the finding closes when the role no longer holds the member.",
            ],
            None,
        )),
        _ => {
            let [namespace, name] = role_address(&role.id)?;
            let url = word(&format!(
                "{}/api/permission/roles/role/{namespace}/{name}?memberReferences={}",
                case.base()?,
                segment(member)
            ))?;
            let text = format!("curl --fail-with-body -X DELETE {url} \\\n  -H \"Authorization: Bearer $BACKSTAGE_TOKEN\"");
            let note = format!("{TOKEN} Check that nobody of that name is about to come into the catalog.");
            Some(fix(FixKind::Curl, "Take the member out of the role", text, note))
        }
    }
}

/// Namespace and name of `role:NAMESPACE/NAME`, as segments of an address.
fn role_address(id: &str) -> Option<[String; 2]> {
    let (namespace, name) = id.strip_prefix("role:")?.split_once('/')?;
    Some([segment(namespace), segment(name)])
}

/// Deletes a role that nobody holds.
pub(super) fn delete_role(case: Case<'_>, role: &RoleEntry) -> Option<Fix> {
    match role.note.as_deref().map(str::to_ascii_lowercase).as_deref() {
        Some("csv-file" | "configuration") => Some(steps(
            "Delete the role where it is written",
            &[
                "Take the lines of the role out of the policy file or the configuration: those that begin with p and name it.",
                "Reload the file, or restart Backstage's backend.",
                "Sync the source.",
            ],
            None,
        )),
        _ => {
            let [namespace, name] = role_address(&role.id)?;
            let url = word(&format!("{}/api/permission/roles/role/{namespace}/{name}", case.base()?))?;
            let text = format!("curl --fail-with-body -X DELETE {url} \\\n  -H \"Authorization: Bearer $BACKSTAGE_TOKEN\"");
            let note = format!("{TOKEN} Its policies and conditions go with it.");
            Some(fix(FixKind::Curl, "Delete the role", text, note))
        }
    }
}

/// Gives an entity another owner, in its file.
pub(super) fn change_owner(owner: &str, entity: &str) -> Option<Fix> {
    if !is_reference(owner) {
        return None;
    }
    let owner = owner.strip_prefix("group:default/").unwrap_or(owner);
    let text = format!(
        "--- a/catalog-info.yaml\n+++ b/catalog-info.yaml\n@@ -1,1 +1,1 @@\n-  owner: {owner}\n+  owner: group:default/NEW-OWNER\n"
    );
    let note = format!(
        "In the file that {entity} comes from. Put a group for NEW-OWNER that the catalog holds; the old owner may be written in its long form."
    );
    Some(fix(FixKind::Diff, "Give the entity an owner who is there", text, note))
}

/// Deletes an entity that nothing vouches for.
pub(super) fn delete_entity(case: Case<'_>, reference: &str) -> Option<Fix> {
    let (kind, rest) = reference.split_once(':')?;
    let (namespace, name) = rest.split_once('/')?;
    let base = case.base()?;
    let by_name = word(&format!(
        "{base}/api/catalog/entities/by-name/{}/{}/{}",
        segment(kind),
        segment(namespace),
        segment(name)
    ))?;
    let by_uid = word(&format!("{base}/api/catalog/entities/by-uid/"))?;
    let auth = "-H \"Authorization: Bearer $BACKSTAGE_TOKEN\"";
    let text = format!(
        "uid=$(curl --fail-with-body -sS {by_name} \\\n  {auth} | jq -er .metadata.uid) &&\ncurl --fail-with-body -X DELETE {by_uid}\"$uid\" \\\n  {auth}"
    );
    let note = "Put a token into BACKSTAGE_TOKEN first, as read -rs BACKSTAGE_TOKEN does. Check that its location is truly gone: an entity whose source still has it comes back.";
    Some(fix(FixKind::Curl, "Delete the entity from the catalog", text, note))
}
