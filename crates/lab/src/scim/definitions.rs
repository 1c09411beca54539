//! What a server says about itself: schemas, resource types, configuration (RFC 7643 §5 to §7, RFC 9865 §4).

use lanyard_scim::schema::{Attribute, Catalog, Mutability, Returned, Schema, core_schemas, service_schemas};
use lanyard_scim::urn;
use serde_json::{Value, json};

use super::options::{FilterSupport, ScimOptions};
use super::store::Family;
use crate::company::BADGE;

/// The schemas and resource types of one server.
#[derive(Debug)]
pub(crate) struct Definitions {
    schemas: Vec<Schema>,
    users: Catalog,
    groups: Catalog,
    everything: Catalog,
}

impl Definitions {
    pub(crate) fn new() -> Self {
        let mut schemas: Vec<Schema> = core_schemas().to_vec();
        for schema in &mut schemas {
            adapt(schema);
        }
        schemas.push(badge());
        schemas.extend(service_schemas().iter().cloned());
        let everything = Catalog::new(schemas.clone());
        Self {
            users: everything.only(&[urn::USER, urn::ENTERPRISE_USER, BADGE]),
            groups: everything.only(&[urn::GROUP]),
            everything,
            schemas,
        }
    }

    /// The attributes of one resource type.
    pub(crate) fn catalog(&self, family: Family) -> &Catalog {
        match family {
            Family::Users => &self.users,
            Family::Groups => &self.groups,
        }
    }

    /// The attributes of all resource types, for queries at the root.
    pub(crate) fn everything(&self) -> &Catalog {
        &self.everything
    }

    /// All schemas as resources, with their place on this server.
    pub(crate) fn schemas(&self, base: &str) -> Vec<Value> {
        self.schemas.iter().map(|schema| self.dress(schema, base)).collect()
    }

    /// The schema with this URN; URNs are compared without regard to case (RFC 8141 §3.1 for the parts that matter here).
    pub(crate) fn schema(&self, base: &str, id: &str) -> Option<Value> {
        self.schemas
            .iter()
            .find(|schema| schema.id.eq_ignore_ascii_case(id))
            .map(|schema| self.dress(schema, base))
    }

    fn dress(&self, schema: &Schema, base: &str) -> Value {
        let mut value = serde_json::to_value(schema).unwrap_or_default();
        value["schemas"] = json!([urn::SCHEMA]);
        value["meta"] = json!({"resourceType": "Schema", "location": format!("{base}/Schemas/{}", schema.id)});
        value
    }
}

/// What this server does otherwise than the RFC's example schemas, said in its own schemas.
fn adapt(schema: &mut Schema) {
    // Identifiers of this lab are case-sensitive.
    for name in ["members", "groups"] {
        if let Some(attribute) = find(&mut schema.attributes, name) {
            for sub in attribute
                .sub_attributes
                .iter_mut()
                .filter(|sub| sub.name == "value" || sub.name == "$ref")
            {
                sub.case_exact = Some(true);
            }
        }
    }
    // `groups` costs a look through all groups: it comes when it is asked for.
    if let Some(groups) = find(&mut schema.attributes, "groups") {
        groups.returned = Some(Returned::Request);
    }
    // The server knows its members' names better than the client does.
    let display = find(&mut schema.attributes, "members").and_then(|members| find(&mut members.sub_attributes, "display"));
    if let Some(display) = display {
        display.mutability = Some(Mutability::ReadOnly);
    }
}

fn find<'a>(attributes: &'a mut [Attribute], name: &str) -> Option<&'a mut Attribute> {
    attributes.iter_mut().find(|attribute| attribute.name == name)
}

fn badge() -> Schema {
    let attribute = |name: &str, kind: &str, description: &str, mutability: &str| {
        json!({"name": name, "type": kind, "multiValued": false, "description": description, "required": false,
            "caseExact": false, "mutability": mutability, "returned": "default", "uniqueness": "none"})
    };
    Schema::from_value(json!({
        "schemas": [urn::SCHEMA],
        "id": BADGE,
        "name": "Badge",
        "description": "The badge that opens the doors of Halcyon Freight",
        "attributes": [
            attribute("badgeNumber", "integer", "The number printed on the badge.", "readWrite"),
            attribute("building", "string", "The site where the badge was made out.", "readWrite"),
            attribute("clearedUntil", "dateTime", "When the badge stops opening doors.", "readWrite"),
            attribute("escortRequired", "boolean", "Whether somebody must walk along.", "readWrite"),
        ],
    }))
}

/// The resource types (RFC 7643 §6).
pub(crate) fn resource_types(base: &str) -> Vec<Value> {
    let kind = |name: &str, endpoint: &str, schema: &str, description: &str, extensions: &[&str]| {
        let extensions: Vec<Value> = extensions.iter().map(|urn| json!({"schema": urn, "required": false})).collect();
        let mut value = json!({
            "schemas": [urn::RESOURCE_TYPE],
            "id": name,
            "name": name,
            "endpoint": endpoint,
            "description": description,
            "schema": schema,
        });
        if !extensions.is_empty() {
            value["schemaExtensions"] = json!(extensions);
        }
        value["meta"] = json!({"resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{name}")});
        value
    };
    vec![
        kind("User", "/Users", urn::USER, "User Account", &[urn::ENTERPRISE_USER, BADGE]),
        kind("Group", "/Groups", urn::GROUP, "Group", &[]),
    ]
}

/// The configuration (RFC 7643 §5 with the `pagination` of RFC 9865 §4).
pub(crate) fn service_provider_config(base: &str, options: &ScimOptions, etag: bool) -> Value {
    let supported = |yes: bool| json!({"supported": yes});
    let mut schemes = Vec::new();
    let mut scheme = |kind: &str, name: &str, description: &str, spec: &str| {
        schemes.push(json!({"type": kind, "name": name, "description": description, "specUri": spec, "primary": schemes.is_empty()}));
    };
    let auth = &options.auth;
    if auth.bearer {
        scheme(
            "oauthbearertoken",
            "Bearer token",
            "A long-lived bearer token",
            "https://www.rfc-editor.org/info/rfc6750",
        );
    }
    if auth.basic.is_some() {
        scheme(
            "httpbasic",
            "HTTP Basic",
            "User name and password",
            "https://www.rfc-editor.org/info/rfc7617",
        );
    }
    if auth.client.is_some() {
        scheme(
            "oauth2",
            "OAuth 2.0 client credentials",
            "A token from /oauth/token",
            "https://www.rfc-editor.org/info/rfc6749",
        );
    }
    json!({
        "schemas": [urn::SERVICE_PROVIDER_CONFIG],
        "documentationUri": "https://halcyon.example/scim",
        "patch": supported(options.patch),
        "bulk": {
            "supported": options.bulk_operations > 0,
            "maxOperations": options.bulk_operations,
            "maxPayloadSize": options.max_payload,
        },
        "filter": {
            "supported": !matches!(options.filter, FilterSupport::Refused | FilterSupport::Ignored),
            "maxResults": options.max_page,
        },
        "changePassword": supported(true),
        "sort": supported(options.sort),
        "etag": supported(etag),
        "pagination": {
            "cursor": options.paging.cursor(),
            "index": options.paging.index(),
            "defaultPaginationMethod": if options.paging.index() { "index" } else { "cursor" },
            "defaultPageSize": options.default_page,
            "maxPageSize": options.max_page,
            "cursorTimeout": options.cursor_timeout.as_secs(),
        },
        "authenticationSchemes": schemes,
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    })
}
