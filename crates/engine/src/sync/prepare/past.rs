//! What history keeps of a record before it changes or goes: its document, as the source sent it.

use serde_json::Value;

use crate::document::withhold;
use crate::record::ResourceKind;
use crate::store::StoreError;
use crate::store::ledger::pack_past;

/// Relations of a Backstage group that name its members: users, and the groups below it.
const MEMBERS: [&str; 2] = ["hasMember", "parentOf"];

/// A document as history keeps it: a password that a server should not have sent is withheld, and a group's members are left to the lines that tell of them.
///
/// # Errors
/// When it cannot be compressed, for lack of memory only.
pub fn kept(kind: ResourceKind, text: &[u8], document: &Value) -> Result<Vec<u8>, StoreError> {
    let mut edited = document.clone();
    let mut differs = withhold(&mut edited);
    if kind == ResourceKind::Group {
        differs |= empty_members(&mut edited);
    }
    let packed = if differs {
        // Text, numbers and lists to memory cannot fail.
        pack_past(&serde_json::to_vec(&edited).unwrap_or_default())
    } else {
        pack_past(text)
    };
    packed.map_err(|source| StoreError::Damaged {
        file: "ledger",
        what: source.to_string(),
    })
}

/// Takes a group's members out and leaves the empty list, which says that they were listed.
fn empty_members(document: &mut Value) -> bool {
    let Value::Object(object) = document else { return false };
    let mut differs = false;
    for (name, value) in object {
        let Value::Array(list) = value else { continue };
        let before = list.len();
        if name.eq_ignore_ascii_case("members") {
            list.clear();
        } else if name == "relations" {
            list.retain(|relation| {
                relation
                    .get("type")
                    .and_then(Value::as_str)
                    .is_none_or(|kind| !MEMBERS.contains(&kind))
            });
        }
        differs |= list.len() != before;
    }
    differs
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn through(kind: ResourceKind, document: &Value) -> Value {
        let text = document.to_string();
        let kept = kept(kind, text.as_bytes(), document).unwrap();
        serde_json::from_slice(&zstd::bulk::decompress(&kept, 1 << 16).unwrap()).unwrap()
    }

    #[test]
    fn a_password_is_withheld_at_any_depth_and_the_rest_is_as_it_came() {
        let user = json!({"id": "1", "Password": "pw", "x": [{"password": "pw", "y": 1}], "z": {"password": null}});
        assert_eq!(
            through(ResourceKind::User, &user),
            json!({"id": "1", "Password": "(withheld)", "x": [{"password": "(withheld)", "y": 1}], "z": {"password": null}})
        );
        let plain = b"{ \"id\" : \"1\",\n \"n\": 1.50 }";
        let packed = kept(ResourceKind::User, plain, &serde_json::from_slice(plain).unwrap()).unwrap();
        assert_eq!(zstd::bulk::decompress(&packed, 1 << 16).unwrap(), plain, "byte by byte");
    }

    #[test]
    fn a_group_is_kept_without_its_members_and_still_says_that_it_lists_them() {
        let group = json!({"id": "g", "Members": [{"value": "u"}], "displayName": "G"});
        assert_eq!(
            through(ResourceKind::Group, &group),
            json!({"id": "g", "Members": [], "displayName": "G"})
        );
        let entity = json!({"relations": [{"type": "hasMember", "targetRef": "user:default/a"}, {"type": "ownerOf", "targetRef": "component:default/c"}]});
        assert_eq!(
            through(ResourceKind::Group, &entity),
            json!({"relations": [{"type": "ownerOf", "targetRef": "component:default/c"}]})
        );
        let role = json!({"members": ["user:default/a"]});
        assert_eq!(through(ResourceKind::Item(crate::record::ItemKind::RbacRole), &role), role);
    }
}
