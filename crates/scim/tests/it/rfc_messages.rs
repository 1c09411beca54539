//! The messages of RFC 7644 §3 and RFC 9865, and what servers send instead.

use lanyard_scim::User;
use lanyard_scim::message::{
    BulkMethod, BulkRequest, BulkResponse, ErrorAnswer, ErrorBody, ListResponse, ScimType, SearchRequest, SortOrder,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::fixtures;

fn round<T: Serialize + DeserializeOwned>(value: &Value) -> T {
    let read: T = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(&serde_json::to_value(&read).unwrap(), value);
    read
}

#[test]
fn lists() {
    let list: ListResponse<User> = round(&fixtures::json("list-users"));
    assert_eq!((list.total_results, list.resources.len()), (Some(2), 2));
    let list: ListResponse<User> = round(&fixtures::json("list-page"));
    assert_eq!((list.start_index, list.items_per_page), (Some(1), Some(10)));
    let list: ListResponse<User> = round(&fixtures::json("list-cursor-middle"));
    assert_eq!(list.next_cursor.as_deref(), Some("YkU3OF86Pz0rGv"));
    let empty: ListResponse<User> = serde_json::from_value(fixtures::json("list-empty")).unwrap();
    assert!(empty.resources.is_empty());
    assert_eq!(serde_json::to_value(&empty).unwrap()["Resources"], json!([]));
}

#[test]
fn errors() {
    let all = fixtures::json("errors");
    let kinds: Vec<Option<ScimType>> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|value| round::<ErrorBody>(value).scim_type)
        .collect();
    assert_eq!(
        kinds,
        [
            None,
            Some(ScimType::Mutability),
            Some(ScimType::ExpiredCursor),
            Some(ScimType::InvalidCursor),
            Some(ScimType::InvalidCount),
            Some(ScimType::Sensitive)
        ]
    );
    let sloppy = ErrorBody::from_value(json!({"STATUS": 409, "scimType": "UNIQUENESS", "detail": null}));
    assert_eq!(
        (sloppy.status, sloppy.scim_type, sloppy.detail),
        (Some(409), Some(ScimType::Uniqueness), None)
    );
    let own = ErrorBody::from_value(json!({"status": "400", "scimType": "ownWord"}));
    assert_eq!((own.scim_type, &own.other["scimType"]), (None, &json!("ownWord")));
}

#[test]
fn every_kind_of_error_keeps_its_word() {
    assert_eq!(ScimType::ALL.len(), 13);
    for kind in ScimType::ALL {
        assert_eq!(ScimType::from_name(&kind.name().to_uppercase()), Some(*kind));
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
    }
}

#[test]
fn what_comes_with_an_error_status() {
    let read = |body: &str| ErrorAnswer::read(body.as_bytes());
    assert_eq!(read(""), ErrorAnswer::Empty);
    assert_eq!(read(" \n"), ErrorAnswer::Empty);
    assert_eq!(
        read("<!DOCTYPE html><html><head><title>\n  502 Bad\n Gateway </title></head></html>"),
        ErrorAnswer::Html(Some("502 Bad Gateway".to_owned()))
    );
    assert_eq!(read("<html>").to_string(), "a web page");
    assert_eq!(read("upstream timed out"), ErrorAnswer::Text("upstream timed out".to_owned()));
    assert_eq!(
        read(r#"{"error":"invalid_token","error_description":"The token has expired"}"#).detail(),
        Some("The token has expired")
    );
    assert_eq!(
        read(r#"{"Errors":[{"description":"Resource not found","code":"404"}]}"#).detail(),
        Some("Resource not found")
    );
    assert_eq!(read(r#"{"error":{"code":"x","message":"No"}}"#).detail(), Some("No"));
    assert_eq!(read("{}"), ErrorAnswer::Json(None));
    assert_eq!(read("[]"), ErrorAnswer::Json(None));
    let scim = read(&fixtures::json("errors")[1].to_string());
    assert_eq!(scim.scim_type(), Some(ScimType::Mutability));
    assert_eq!(scim.to_string(), "mutability: Attribute 'id' is readOnly");
    assert!(matches!(ErrorAnswer::read(b"\xff\xfe\x00"), ErrorAnswer::Text(_)));
}

#[test]
fn searches() {
    let all = fixtures::json("search-requests");
    let first: SearchRequest = round(&all[0]);
    assert_eq!(first.filter.as_deref(), Some("displayName sw \"smith\""));
    let second: SearchRequest = round(&all[1]);
    assert_eq!(second.cursor.as_deref(), Some(""));
    let third: SearchRequest = round(&all[2]);
    assert_eq!(third.sort_order, Some(SortOrder::Descending));
    let sloppy = SearchRequest::from_value(json!({"attributes": "userName, emails", "COUNT": "-1", "startIndex": 0}));
    assert_eq!(sloppy.attributes, ["userName", "emails"]);
    assert_eq!((sloppy.count, sloppy.start_index), (Some(-1), Some(0)));
}

#[test]
fn bulk() {
    let request: BulkRequest = round(&fixtures::json("bulk-request"));
    assert_eq!((request.fail_on_errors, request.operations.len()), (Some(1), 4));
    assert_eq!(request.operations[3].method, Some(BulkMethod::Delete));
    let circular: BulkRequest = round(&fixtures::json("bulk-request-circular"));
    assert_eq!(circular.operations[0].bulk_id.as_deref(), Some("qwerty"));
    let response: BulkResponse = round(&fixtures::json("bulk-response"));
    assert_eq!(
        response.operations.iter().map(|result| result.status).collect::<Vec<_>>(),
        [Some(201), Some(200), Some(200), Some(204)]
    );
    assert_eq!(response.operations[0].error(), None);
    let failed: BulkResponse = round(&fixtures::json("bulk-response-errors"));
    assert_eq!(failed.operations[0].error().unwrap().scim_type, Some(ScimType::InvalidSyntax));
    let draft = BulkResponse::from_value(json!({"operations": [{"method": "post", "status": {"code": "201"}}]}));
    assert_eq!(
        (draft.operations[0].status, draft.operations[0].method),
        (Some(201), Some(BulkMethod::Post))
    );
}
