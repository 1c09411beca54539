//! A document as lines: attributes with their paths, core first, extensions under their URN.

use serde_json::Value;

use crate::document::{Line, lines};
use crate::view::{AttributeLine, AttributeSection};
use lanyard_scim::urn;

/// The sections of a document. `leave_out` names attributes of the core schema that are shown elsewhere.
pub fn sections(document: &Value, core: &str, leave_out: &[&str]) -> Vec<AttributeSection> {
    let mut sections = vec![AttributeSection {
        schema: core.into(),
        title: "Core".into(),
        attributes: Vec::new(),
    }];
    for Line { schema, path, value } in lines(document) {
        let place = match schema {
            None => {
                let head = path.split(['.', '[']).next().unwrap_or_default();
                if leave_out.iter().any(|name| head.eq_ignore_ascii_case(name)) {
                    continue;
                }
                0
            }
            Some(urn) => match sections.iter().position(|section| section.schema == urn) {
                Some(place) => place,
                None => {
                    sections.push(AttributeSection {
                        schema: urn.into(),
                        title: title(urn),
                        attributes: Vec::new(),
                    });
                    sections.len() - 1
                }
            },
        };
        sections[place].attributes.push(AttributeLine { path, value });
    }
    sections
}

/// A title for an extension: its URN's last parts.
fn title(schema: &str) -> String {
    if schema.eq_ignore_ascii_case(urn::ENTERPRISE_USER) {
        return "Enterprise".into();
    }
    let version = |part: &&str| !part.is_empty() && part.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
    let parts: Vec<&str> = schema.split(':').collect();
    let named: Vec<&str> = parts.iter().copied().filter(|part| !version(part) && !part.is_empty()).collect();
    match named.as_slice() {
        [.., before, last] if ["User", "Group"].iter().any(|kind| last.eq_ignore_ascii_case(kind)) => format!("{before} {last}"),
        [.., last] => (*last).to_owned(),
        [] => schema.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn core_comes_first_and_extensions_have_titles() {
        let document = json!({
            "urn:example:params:scim:schemas:extension:payroll:2.0:User": {"grade": 7},
            "userName": "ann", "groups": [{"value": "g"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Ops"},
        });
        let sections = sections(&document, urn::USER, &["groups"]);
        let titles: Vec<&str> = sections.iter().map(|section| section.title.as_str()).collect();
        assert_eq!(titles, ["Core", "payroll User", "Enterprise"]);
        assert_eq!(
            sections[0].attributes,
            [AttributeLine {
                path: "userName".into(),
                value: "ann".into()
            }]
        );
        assert_eq!(sections[1].attributes[0].path, "grade");
    }
}
