//! Bulk requests (RFC 7644 §3.7).

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::ErrorBody;
use crate::fields::{Fields, as_number, read_by_value};
use crate::schema::words;

words! {
    /// The HTTP methods of bulk operations.
    BulkMethod {
        /// Creates a resource.
        Post = "POST",
        /// Replaces a resource.
        Put = "PUT",
        /// Changes a resource.
        Patch = "PATCH",
        /// Deletes a resource.
        Delete = "DELETE",
    }
}

/// A bulk request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BulkRequest {
    /// After how many errors to stop; never when absent.
    pub fail_on_errors: Option<u64>,
    /// The operations, in order.
    pub operations: Vec<BulkOperation>,
}

impl BulkRequest {
    /// Reads a request tolerantly.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            fail_on_errors: fields.number("failOnErrors"),
            operations: fields.objects("Operations", BulkOperation::from_value).unwrap_or_default(),
        }
    }
}

impl Serialize for BulkRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("BulkRequest", 3)?;
        object.serialize_field("schemas", &[crate::urn::BULK_REQUEST])?;
        match self.fail_on_errors {
            Some(limit) => object.serialize_field("failOnErrors", &limit)?,
            None => object.skip_field("failOnErrors")?,
        }
        object.serialize_field("Operations", &self.operations)?;
        object.end()
    }
}

/// One operation of a bulk request.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkOperation {
    /// The method; `None` when it is missing or not one of the four.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<BulkMethod>,
    /// The client's name for the resource to be made; needed with POST.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk_id: Option<String>,
    /// The ETag that the resource must have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The path below the base URL, such as `/Users/2819c223`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

impl BulkOperation {
    /// Reads an operation tolerantly.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            method: fields.word("method", BulkMethod::from_name),
            bulk_id: fields.text("bulkId"),
            version: fields.text("version"),
            path: fields.text("path"),
            data: fields.value("data"),
        }
    }
}

/// The answer to a bulk request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BulkResponse {
    /// What became of the operations.
    pub operations: Vec<BulkResult>,
}

impl BulkResponse {
    /// Reads an answer tolerantly.
    pub fn from_value(value: Value) -> Self {
        Self {
            operations: Fields::of(value).objects("Operations", BulkResult::from_value).unwrap_or_default(),
        }
    }
}

impl Serialize for BulkResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("BulkResponse", 2)?;
        object.serialize_field("schemas", &[crate::urn::BULK_RESPONSE])?;
        object.serialize_field("Operations", &self.operations)?;
        object.end()
    }
}

/// What became of one bulk operation.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkResult {
    /// Where the resource is; absent when a POST failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<BulkMethod>,
    /// The client's name for the resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk_id: Option<String>,
    /// The resource's new ETag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The HTTP status, written as a text. An object with `code`, as drafts of the RFC had it, is read too.
    #[serde(serialize_with = "as_digits", skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The body; with an error status a SCIM error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Value>,
}

impl BulkResult {
    /// Reads a result tolerantly.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        let status = fields.value("status").and_then(|status| match status {
            Value::Object(_) => Fields::of(status).number("code"),
            other => as_number(&other),
        });
        Self {
            location: fields.text("location"),
            method: fields.word("method", BulkMethod::from_name),
            bulk_id: fields.text("bulkId"),
            version: fields.text("version"),
            status: status.and_then(|status| u16::try_from(status).ok()),
            response: fields.value("response"),
        }
    }

    /// The error, when the status is one.
    pub fn error(&self) -> Option<ErrorBody> {
        (self.status? >= 400).then(|| self.response.clone().map(ErrorBody::from_value).unwrap_or_default())
    }
}

fn as_digits<S: Serializer>(status: &Option<u16>, serializer: S) -> Result<S::Ok, S::Error> {
    match status {
        Some(status) => serializer.collect_str(status),
        None => serializer.serialize_none(),
    }
}

read_by_value!(BulkRequest, BulkOperation, BulkResponse, BulkResult);
