//! What a server says that it can do: ServiceProviderConfig (RFC 7643 §5) with `pagination` (RFC 9865 §4).

use serde::Serialize;
use serde_json::{Map, Value};

use super::words;
use crate::fields::{Fields, read_by_value};

/// What a server says that it can do. `None` means that it did not say.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceProviderConfig {
    /// The schemas of this resource itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schemas: Vec<String>,
    /// Help for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documentation_uri: Option<String>,
    /// PATCH.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch: Option<Supported>,
    /// Bulk operations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk: Option<BulkSupport>,
    /// Filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<FilterSupport>,
    /// Change of passwords.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_password: Option<Supported>,
    /// Sorting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<Supported>,
    /// Resource versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<Supported>,
    /// Paging (RFC 9865 §4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagination: Option<PaginationSupport>,
    /// How clients may authenticate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authentication_schemes: Vec<AuthenticationScheme>,
    /// Members that are not named above, as they were, `meta` among them.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl ServiceProviderConfig {
    /// Reads a configuration tolerantly; what is missing or cannot be understood is unknown.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            schemas: fields.texts("schemas").unwrap_or_default(),
            documentation_uri: fields.text("documentationUri"),
            patch: fields.object("patch", Supported::from_value),
            bulk: fields.object("bulk", BulkSupport::from_value),
            filter: fields.object("filter", FilterSupport::from_value),
            change_password: fields.object("changePassword", Supported::from_value),
            sort: fields.object("sort", Supported::from_value),
            etag: fields.object("etag", Supported::from_value),
            pagination: fields.object("pagination", PaginationSupport::from_value),
            authentication_schemes: fields
                .objects("authenticationSchemes", AuthenticationScheme::from_value)
                .unwrap_or_default(),
            other: fields.rest(),
        }
    }
}

/// Whether something is supported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Supported {
    /// Whether it is; `None` when the server did not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supported: Option<bool>,
}

impl Supported {
    /// Reads it tolerantly.
    pub fn from_value(value: Value) -> Self {
        Self {
            supported: Fields::of(value).flag("supported"),
        }
    }
}

/// What bulk requests may hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkSupport {
    /// Whether bulk requests are supported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supported: Option<bool>,
    /// The most operations in one request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_operations: Option<u64>,
    /// The largest request, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_payload_size: Option<u64>,
}

impl BulkSupport {
    /// Reads it tolerantly.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            supported: fields.flag("supported"),
            max_operations: fields.number("maxOperations"),
            max_payload_size: fields.number("maxPayloadSize"),
        }
    }
}

/// What filters may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FilterSupport {
    /// Whether filters are supported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supported: Option<bool>,
    /// The most resources in one answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_results: Option<u64>,
}

impl FilterSupport {
    /// Reads it tolerantly.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            supported: fields.flag("supported"),
            max_results: fields.number("maxResults"),
        }
    }
}

words! {
    /// How a list is read in pages (RFC 9865 §2).
    PaginationMethod {
        /// By `cursor`.
        Cursor = "cursor",
        /// By `startIndex`.
        Index = "index",
    }
}

/// Which kinds of paging there are (RFC 9865 §4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PaginationSupport {
    /// Paging by cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<bool>,
    /// Paging by index.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<bool>,
    /// The method when the client names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_pagination_method: Option<PaginationMethod>,
    /// Results in a page when the client gives no `count`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_page_size: Option<u64>,
    /// The most results in a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_page_size: Option<u64>,
    /// How many seconds a cursor stays usable at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor_timeout: Option<u64>,
}

impl PaginationSupport {
    /// Reads it tolerantly.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            cursor: fields.flag("cursor"),
            index: fields.flag("index"),
            default_pagination_method: fields.word("defaultPaginationMethod", PaginationMethod::from_name),
            default_page_size: fields.number("defaultPageSize"),
            max_page_size: fields.number("maxPageSize"),
            cursor_timeout: fields.number("cursorTimeout"),
        }
    }
}

/// One way to authenticate (RFC 7643 §5).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticationScheme {
    /// The scheme: `oauth`, `oauth2`, `oauthbearertoken`, `httpbasic`, `httpdigest`, or another word.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its specification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spec_uri: Option<String>,
    /// How to use it at this server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documentation_uri: Option<String>,
    /// Whether it is the preferred one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary: Option<bool>,
    /// Members that are not named above, as they were.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl AuthenticationScheme {
    /// Reads it tolerantly.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            kind: fields.text("type"),
            name: fields.text("name"),
            description: fields.text("description"),
            spec_uri: fields.text("specUri"),
            documentation_uri: fields.text("documentationUri"),
            primary: fields.flag("primary"),
            other: fields.rest(),
        }
    }
}

read_by_value!(
    ServiceProviderConfig,
    Supported,
    BulkSupport,
    FilterSupport,
    PaginationSupport,
    AuthenticationScheme
);
