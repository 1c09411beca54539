//! List answers as servers send them, and what comes instead.

use lanyard_scim::page::{Found, JsonKind, MAX_DEPTH};
use lanyard_scim::{Page, Quirk, ReadError, UserBrief};
use serde_json::json;

use crate::fixtures;

fn read(text: &str) -> Result<Page<'_>, ReadError> {
    Page::read(text.as_bytes())
}

const LIST: &str = r#""schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"]"#;

#[test]
fn the_examples_of_the_rfcs_have_no_quirks() {
    for (name, total, count) in [
        ("list-users", Some(2), 2),
        ("list-mixed", Some(3), 3),
        ("list-page", Some(100), 10),
        ("list-empty", Some(0), 0),
        ("list-cursor-first", Some(100), 1),
        ("list-cursor-middle", Some(100), 1),
        ("list-cursor-last", None, 1),
    ] {
        let text = fixtures::text(name);
        let page = read(&text).unwrap();
        assert_eq!(
            (page.total, page.resources.len(), page.quirks.as_slice()),
            (total, count, &[][..]),
            "{name}"
        );
        assert!(page.schemas_ok);
    }
    let text = fixtures::text("list-cursor-middle");
    let page = read(&text).unwrap();
    assert_eq!(
        (page.next_cursor.as_deref(), page.previous_cursor.as_deref()),
        (Some("YkU3OF86Pz0rGv"), Some("ze7L30kMiiLX6x"))
    );
    let text = fixtures::text("list-count-zero");
    let page = read(&text).unwrap();
    assert_eq!((page.total, page.quirks), (Some(2), vec![Quirk::ResourcesMissing]));
}

#[test]
fn each_quirk_is_understood_and_told() {
    let case = |text: String, total: Option<u64>, count: usize, quirks: &[Quirk]| {
        let page = read(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(
            (page.total, page.resources.len(), page.quirks.as_slice()),
            (total, count, quirks),
            "{text}"
        );
        assert!(quirks.iter().all(|quirk| !quirk.to_string().is_empty()));
    };
    case(
        format!(r#"{{{LIST},"totalResults":1,"resources":[{{"id":"1"}}]}}"#),
        Some(1),
        1,
        &[Quirk::NameCase("Resources".into())],
    );
    case(
        format!(r#"{{{LIST},"TotalResults":1,"Resources":[{{}}]}}"#),
        Some(1),
        1,
        &[Quirk::NameCase("totalResults".into())],
    );
    case(
        format!(r#"{{{LIST},"totalResults":"2","Resources":[{{}}]}}"#),
        Some(2),
        1,
        &[Quirk::NumberForm("totalResults")],
    );
    case(
        format!(r#"{{{LIST},"totalResults":2.0,"Resources":[{{}}]}}"#),
        Some(2),
        1,
        &[Quirk::NumberForm("totalResults")],
    );
    case(
        format!(r#"{{{LIST},"totalResults":-1,"Resources":[{{}}]}}"#),
        None,
        1,
        &[Quirk::NumberUnreadable("totalResults"), Quirk::TotalMissing],
    );
    case(
        format!(r#"{{{LIST},"totalResults":{{}},"Resources":[]}}"#),
        None,
        0,
        &[Quirk::NumberUnreadable("totalResults"), Quirk::TotalMissing],
    );
    case(format!(r#"{{{LIST},"Resources":[{{}}]}}"#), None, 1, &[Quirk::TotalMissing]);
    case(
        format!(r#"{{{LIST},"totalResults":null,"Resources":[{{}}]}}"#),
        None,
        1,
        &[Quirk::TotalMissing],
    );
    case(
        format!(r#"{{{LIST},"totalResults":0,"Resources":null}}"#),
        Some(0),
        0,
        &[Quirk::ResourcesNull],
    );
    case(format!(r#"{{{LIST},"totalResults":3}}"#), Some(3), 0, &[Quirk::ResourcesMissing]);
    case(
        format!(r#"{{{LIST},"totalResults":1,"Resources":{{"id":"1","name":{{}}}}}}"#),
        Some(1),
        1,
        &[Quirk::ResourcesSingle],
    );
    case(format!(r#"{{{LIST},"totalResults":0,"Resources":{{}}}}"#), Some(0), 0, &[]);
    case(
        format!(r#"{{{LIST},"totalResults":2,"Resources":[null,{{}},"x"]}}"#),
        Some(2),
        1,
        &[Quirk::NotObjects(2)],
    );
    case(
        format!(r#"{{{LIST},"totalResults":0,"Resources":[{{}}]}}"#),
        Some(0),
        1,
        &[Quirk::TotalTooSmall],
    );
    case(
        format!(r#"{{{LIST},"totalResults":1,"Resources":[],"Resources":[{{}}]}}"#),
        Some(1),
        1,
        &[Quirk::ResourcesTwice],
    );
    case(
        format!(r#"{{{LIST},"totalResults":1,"nextCursor":"","Resources":[{{}}]}}"#),
        Some(1),
        1,
        &[Quirk::EmptyCursor],
    );
    case(
        format!("\u{feff}{{{LIST},\"totalResults\":0,\"Resources\":[]}}"),
        Some(0),
        0,
        &[Quirk::ByteOrderMark],
    );
    case(r#"{"totalResults":1,"Resources":[{}]}"#.into(), Some(1), 1, &[Quirk::Schemas]);
    case(
        r#"{"schemas":null,"totalResults":1,"Resources":[{}]}"#.into(),
        Some(1),
        1,
        &[Quirk::Schemas],
    );
    case(r#"{"Resources":[]}"#.into(), None, 0, &[Quirk::Schemas, Quirk::TotalMissing]);
    case(fixtures::text("user-full"), Some(1), 1, &[Quirk::BareResource]);
    case(r#"{"id":"1","displayName":"G"}"#.into(), Some(1), 1, &[Quirk::BareResource]);
}

#[test]
fn the_single_resource_is_the_one_under_resources() {
    let page_text = r#"{"totalResults":1,"resources":{"id":"7","userName":"a"}}"#;
    let page = read(page_text).unwrap();
    assert_eq!(UserBrief::read(page.resources[0].get().as_bytes()).unwrap().id, "7");
}

#[test]
fn what_is_no_list_is_named() {
    let said = |text: &str| read(text).unwrap_err().to_string();
    assert_eq!(read("").unwrap_err(), ReadError::Empty);
    assert_eq!(read(" \r\n\t").unwrap_err(), ReadError::Empty);
    for html in ["<!DOCTYPE html><html></html>", "\n  <HTML>", "<?xml version=\"1.0\"?>"] {
        assert_eq!(read(html).unwrap_err(), ReadError::Html, "{html}");
    }
    assert_eq!(said("[1]"), "the answer is no SCIM list, but a bare list");
    assert_eq!(
        read("[]").unwrap_err(),
        ReadError::NotAList {
            found: Found::Kind(JsonKind::List)
        }
    );
    assert_eq!(said("\"x\""), "the answer is no SCIM list, but a text");
    assert_eq!(said("12"), "the answer is no SCIM list, but a number");
    assert_eq!(said("null"), "the answer is no SCIM list, but null");
    assert_eq!(said("true"), "the answer is no SCIM list, but a truth value");
    assert_eq!(said("{}"), "the answer is no SCIM list, but an empty object");
    assert_eq!(
        said(r#"{"users":[],"next":null}"#),
        "the answer is no SCIM list, but an object without Resources; it has users, next"
    );
    assert_eq!(
        said(&fixtures::json("errors")[0].to_string()),
        "the answer is no SCIM list, but a SCIM error with status 404: Resource 2819c223-7f76-453a-919d-413861904646 not found"
    );
    assert_eq!(
        said(r#"{"status":401,"detail":"no"}"#),
        "the answer is no SCIM list, but a SCIM error with status 401: no"
    );
    assert!(said(&fixtures::text("service-provider-config")).ends_with("schemas:core:2.0:ServiceProviderConfig"));
    assert_eq!(said(r#"{"Resources":"none"}"#), "Resources should be a list, and is a text");
    assert_eq!(said(r#"{"Resources":3}"#), "Resources should be a list, and is a number");
}

#[test]
fn broken_json_says_where() {
    assert_eq!(
        read("hello").unwrap_err(),
        ReadError::NotJson {
            offset: 0,
            message: "no JSON value begins like this".into()
        }
    );
    assert_eq!(read("{\"Resources\":[{\"id\":1}").unwrap_err(), ReadError::CutShort { offset: 22 });
    assert_eq!(read("{\"Resources\":[{\"id\":\"1").unwrap_err(), ReadError::CutShort { offset: 22 });
    assert_eq!(Page::read(b"{\"a\":\"\xc3").unwrap_err(), ReadError::CutShort { offset: 7 });
    assert_eq!(
        Page::read(b"{\"a\":\"\xff\"}").unwrap_err(),
        ReadError::NotJson {
            offset: 6,
            message: "bytes that are not UTF-8".into()
        }
    );
    for text in [
        "{\"Resources\":[}",
        "{\n\"Resources\":\n [,]}",
        "{'a':1}",
        "{\"a\":1}}",
        "{\"a\":NaN}",
        "{\"a\":01}",
        "{\"Resources\":[{}]} x",
        "nul",
    ] {
        match read(text).unwrap_err() {
            ReadError::NotJson { offset, .. } => assert!(offset <= text.len(), "{text}"),
            ReadError::CutShort { .. } if text == "nul" => {}
            other => panic!("{text}: {other}"),
        }
    }
    let ReadError::NotJson { offset, .. } = read("{\n\"Resources\":\n [,]}").unwrap_err() else {
        panic!()
    };
    assert_eq!(offset, 17);
}

#[test]
fn depth_is_bounded_and_takes_no_stack() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let page = |depth: usize| format!(r#"{{{LIST},"totalResults":1,"Resources":[{{"id":"1","x":{}}}]}}"#, nested(depth));
    let text = page(MAX_DEPTH - 3);
    let found = read(&text).unwrap();
    // What was let through can be read into a value later.
    serde_json::from_str::<serde_json::Value>(found.resources[0].get()).unwrap();
    assert!(matches!(read(&page(MAX_DEPTH - 2)).unwrap_err(), ReadError::TooDeep { .. }));
    assert!(matches!(
        read(&"[".repeat(5_000_000)).unwrap_err(),
        ReadError::TooDeep { offset: MAX_DEPTH }
    ));
    assert!(matches!(read(&"{\"a\":".repeat(1_000_000)).unwrap_err(), ReadError::TooDeep { .. }));
    let brackets_in_text = json!({"totalResults": 1, "Resources": [{"id": "[".repeat(1000), "x": "\\\"".repeat(300)}]}).to_string();
    assert_eq!(read(&brackets_in_text).unwrap().resources.len(), 1);
}

#[test]
fn time_grows_with_size_and_no_faster() {
    let page = |count: usize| {
        let users: Vec<String> = (0..count)
            .map(|index| format!(r#"{{"id":"{index}","userName":"user{index}"}}"#))
            .collect();
        format!(r#"{{{LIST},"totalResults":{count},"Resources":[{}]}}"#, users.join(","))
    };
    // Against a plain walk over the same text, so that a busy machine slows both: a quadratic reader would be off by thousands.
    let text = page(64_000);
    let time = |work: &dyn Fn()| {
        let once = || {
            let start = std::time::Instant::now();
            work();
            start.elapsed()
        };
        (0..5).map(|_| once()).min().unwrap()
    };
    let walk = time(&|| assert!(serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok()));
    let cut = time(&|| assert!(read(&text).is_ok()));
    assert!(cut < walk * 100, "{cut:?} {walk:?}");
    // Many odd names and many empty lists cost no more.
    let odd = format!("{{{}\"Resources\":[]}}", "\"resources\":[],".repeat(100_000));
    assert!(read(&odd).is_ok());
}
