//! Resources as `Debug` shows them: what may end in a log holds no password.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// Writes a resource by its name and its JSON, with a word in the place of each password (RFC 7643 §4.1.1: never returned, so only what is
/// about to be sent holds one).
pub(super) fn write(name: &str, resource: &impl Serialize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut value = serde_json::to_value(resource).map_err(|_| fmt::Error)?;
    withhold(&mut value);
    f.debug_tuple(name).field(&value).finish()
}

fn withhold(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if name.eq_ignore_ascii_case("password") && !value.is_null() {
                    *value = "(withheld)".into();
                } else {
                    withhold(value);
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(withhold),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::resource::{Resource, User};

    #[test]
    fn no_password_is_shown() {
        for password in [json!("t1meMa$heen"), json!({ "value": "t1meMa$heen" }), json!(["t1meMa$heen"])] {
            let document = json!({ "userName": "bjensen", "PASSWORD": password });
            let user = User::from_value(document.clone());
            let resource = Resource::from_value(json!({ "Operations": [{ "data": document }] })).unwrap();
            for shown in [format!("{user:?}"), format!("{resource:?}"), format!("{user:#?}")] {
                assert!(shown.contains("bjensen") && !shown.contains("t1meMa"), "{shown}");
            }
            // What is sent is as it was.
            let sent = serde_json::to_string(&user).unwrap();
            assert!(sent.contains("t1meMa$heen"), "{sent}");
        }
    }
}
