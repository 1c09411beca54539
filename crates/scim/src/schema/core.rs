//! The definitions of RFC 7643 §8.7, as data in `schemas/`.

use std::sync::OnceLock;

use super::Schema;

/// User, the enterprise extension, and Group (RFC 7643 §8.7.1). Each `meta.location` is relative to the base URL.
pub fn core_schemas() -> &'static [Schema] {
    static SCHEMAS: OnceLock<Vec<Schema>> = OnceLock::new();
    SCHEMAS.get_or_init(|| {
        read(&[
            include_str!("../../schemas/user.json"),
            include_str!("../../schemas/enterprise-user.json"),
            include_str!("../../schemas/group.json"),
        ])
    })
}

/// ServiceProviderConfig (with RFC 9865's `pagination`), ResourceType and Schema (RFC 7643 §8.7.2).
pub fn service_schemas() -> &'static [Schema] {
    static SCHEMAS: OnceLock<Vec<Schema>> = OnceLock::new();
    SCHEMAS.get_or_init(|| {
        read(&[
            include_str!("../../schemas/service-provider-config.json"),
            include_str!("../../schemas/resource-type.json"),
            include_str!("../../schemas/schema.json"),
        ])
    })
}

fn read(texts: &[&str]) -> Vec<Schema> {
    // The texts are part of the program, and a test reads each of them.
    texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Attribute, AttributeType};

    fn each<'s>(attributes: &'s [Attribute], seen: &mut Vec<&'s Attribute>) {
        for attribute in attributes {
            seen.push(attribute);
            each(&attribute.sub_attributes, seen);
        }
    }

    #[test]
    fn every_definition_is_read_and_complete() {
        assert_eq!(core_schemas().len(), 3);
        assert_eq!(service_schemas().len(), 3);
        for schema in core_schemas().iter().chain(service_schemas()) {
            let mut attributes = Vec::new();
            each(&schema.attributes, &mut attributes);
            for attribute in attributes {
                let name = format!("{} {}", schema.id, attribute.name);
                assert!(attribute.kind.is_some() && attribute.multi_valued.is_some(), "{name}");
                assert!(attribute.required.is_some() && attribute.description.is_some(), "{name}");
                assert!(attribute.mutability.is_some() && attribute.returned.is_some(), "{name}");
                assert!(attribute.other.is_empty(), "{name}: {:?}", attribute.other);
                assert_eq!(
                    attribute.kind == Some(AttributeType::Complex),
                    !attribute.sub_attributes.is_empty(),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn definitions_survive_a_round_trip() {
        for text in [include_str!("../../schemas/user.json"), include_str!("../../schemas/schema.json")] {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            let schema: Schema = serde_json::from_value(value.clone()).unwrap();
            assert_eq!(serde_json::to_value(&schema).unwrap(), value);
        }
    }
}
