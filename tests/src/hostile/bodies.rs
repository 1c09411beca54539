//! Bodies that are no list, or a broken one.

use super::Ends::{Complete, Error, Incomplete};
use super::{Case, always, answer, list, ok, user};

fn two() -> String {
    list("2", &[user(1), user(2)])
}

fn with_total(total: &str) -> String {
    list(total, &[user(1), user(2)])
}

fn with_ids(total: &str, ids: &[&str]) -> String {
    list(
        total,
        &ids.iter().map(|id| format!(r#"{{{id}"userName":"x"}}"#)).collect::<Vec<_>>(),
    )
}

/// Bodies that are no list, or a broken one.
pub fn cases() -> Vec<Case> {
    let mut cases = no_json();
    cases.extend(no_list());
    cases.extend(odd_lists());
    cases.extend(odd_totals());
    cases.extend(odd_ids());
    cases
}

fn no_json() -> Vec<Case> {
    let whole = two();
    let half = &whole[..whole.len() / 2];
    let utf16 = |big: bool, mark: bool| -> Vec<u8> {
        let text = if mark { format!("\u{feff}{whole}") } else { whole.clone() };
        text.encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    };
    let bad_utf8 = [&whole.as_bytes()[..60], &[0xc3, 0x28, 0xff], &whole.as_bytes()[60..]].concat();
    let cut_utf8 = [
        whole.trim_end_matches("}]}").as_bytes(),
        ",\"x\":\"ü".as_bytes().strip_suffix(&[0xbc]).unwrap(),
    ]
    .concat();
    let html = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in</body></html>";
    vec![
        always("empty body", Error("scim.notScim"), ok("")),
        always("white space", Error("scim.notScim"), ok(" \r\n\t ")),
        always(
            "web page",
            Error("http.html"),
            answer("200 OK", &[("Content-Type", "text/html")], html),
        ),
        always("web page that says it is JSON", Error("http.html"), ok(html)),
        always("web page after white space", Error("http.html"), ok(format!("\n\n  {html}"))),
        always("XML", Error("http.html"), ok("<?xml version=\"1.0\"?><users/>")),
        always(
            "plain text",
            Error("json.broken"),
            answer("200 OK", &[("Content-Type", "text/plain")], "Service is up"),
        ),
        always("cut in the middle", Error("json.broken"), ok(half)),
        always("cut within a string", Error("json.broken"), ok(&whole[..whole.len() - 12])),
        always("cut within a character", Error("json.broken"), ok(cut_utf8)),
        always("one brace", Error("json.broken"), ok("{")),
        always("NaN", Error("json.broken"), ok(with_total("NaN"))),
        always("Infinity", Error("json.broken"), ok(with_total("-Infinity"))),
        always("a number that begins with 0", Error("json.broken"), ok(with_total("02"))),
        always("trailing comma", Error("json.broken"), ok(whole.replace("]}", ",]}"))),
        always("single quotes", Error("json.broken"), ok(whole.replace('"', "'"))),
        always("comments", Error("json.broken"), ok(whole.replace(",\"", ", /* here */ \""))),
        always("two documents", Error("json.broken"), ok(format!("{whole}{whole}"))),
        always(
            "text after the document",
            Error("json.broken"),
            ok(format!("{whole} Warning: deprecated")),
        ),
        always(
            "text before the document",
            Error("json.broken"),
            ok(format!("Notice: undefined index\n{whole}")),
        ),
        always("JSONP", Error("json.broken"), ok(format!("callback({whole});"))),
        always("a guard before the document", Error("json.broken"), ok(format!(")]}}',\n{whole}"))),
        always(
            "raw control character in a string",
            Error("json.broken"),
            ok(whole.replace("user1@", "user\u{1}@")),
        ),
        always(
            "raw line break in a string",
            Error("json.broken"),
            ok(whole.replace("user1@", "user\n@")),
        ),
        always("bytes that are not UTF-8", Error("json.broken"), ok(bad_utf8)),
        always("UTF-16, little end first, marked", Error("json.broken"), ok(utf16(false, true))),
        always("UTF-16, big end first, marked", Error("json.broken"), ok(utf16(true, true))),
        always("UTF-16, little end first", Error("json.broken"), ok(utf16(false, false))),
        always("UTF-16, big end first", Error("json.broken"), ok(utf16(true, false))),
        always("zero bytes", Error("json.broken"), ok(vec![0; 4096])),
        always(
            "nested too deeply",
            Error("json.tooDeep"),
            ok(list("1", &[format!(r#"{{"id":"a","x":{}1{}}}"#, "[".repeat(200), "]".repeat(200))])),
        ),
        always("a hundred thousand brackets", Error("json.tooDeep"), ok("[".repeat(100_000))),
        always("a hundred thousand braces", Error("json.tooDeep"), ok(r#"{"a":"#.repeat(100_000))),
    ]
}

fn no_list() -> Vec<Case> {
    let error = |status: &str| {
        ok(format!(
            r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"No."{status}}}"#
        ))
    };
    vec![
        always("a bare list", Error("scim.notScim"), ok(format!("[{},{}]", user(1), user(2)))),
        always("a text", Error("scim.notScim"), ok("\"hello\"")),
        always("a number", Error("scim.notScim"), ok("42")),
        always("null", Error("scim.notScim"), ok("null")),
        always("true", Error("scim.notScim"), ok("true")),
        always("an empty object", Error("scim.notScim"), ok("{}")),
        always(
            "an object of something else",
            Error("scim.notScim"),
            ok(r#"{"users":[],"next":null}"#),
        ),
        always(
            "GraphQL",
            Error("scim.notScim"),
            ok(r#"{"errors":[{"message":"no query"}],"data":null}"#),
        ),
        always(
            "a configuration",
            Error("scim.notScim"),
            ok(r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],"patch":{"supported":true}}"#),
        ),
        always(
            "200 with an error of 401 inside",
            Error("scim.unauthorized"),
            error(r#","status":"401""#),
        ),
        always(
            "200 with an error of 403 inside",
            Error("scim.forbidden"),
            error(r#","status":403"#),
        ),
        always(
            "200 with an error of 500 inside",
            Error("scim.rejected"),
            error(r#","status":"500""#),
        ),
        always("200 with an error without status", Error("scim.notScim"), error("")),
        always(
            "Resources is a text",
            Error("scim.notScim"),
            ok(r#"{"totalResults":2,"Resources":"none"}"#),
        ),
        always(
            "Resources is a number",
            Error("scim.notScim"),
            ok(r#"{"totalResults":2,"Resources":2}"#),
        ),
        always(
            "Resources is true",
            Error("scim.notScim"),
            ok(r#"{"totalResults":2,"Resources":true}"#),
        ),
    ]
}

fn odd_lists() -> Vec<Case> {
    let strange = r#"{"id":"u1","userName":{"a":1},"emails":"x@y","active":[],"name":7,"meta":"now","groups":{"value":3},"members":"u2"}"#;
    vec![
        always("byte order mark", Complete(2), ok(format!("\u{feff}{}", two()))),
        always(
            "a list that says it is a web page",
            Complete(2),
            answer("200 OK", &[("Content-Type", "text/html")], two()),
        ),
        always("no content type", Complete(2), answer("200 OK", &[], two())),
        always(
            "a character set that it is not",
            Complete(2),
            answer("200 OK", &[("Content-Type", "application/json; charset=utf-16")], two()),
        ),
        always("names in lower case", Complete(2), ok(two().to_lowercase())),
        always(
            "Resources is null",
            Incomplete("endedEarly", 0),
            ok(r#"{"totalResults":5,"Resources":null}"#),
        ),
        always("Resources is missing", Incomplete("endedEarly", 0), ok(r#"{"totalResults":7}"#)),
        always(
            "Resources is missing, and nobody is there",
            Complete(0),
            ok(r#"{"totalResults":0}"#),
        ),
        always(
            "Resources is one resource",
            Complete(1),
            ok(format!(r#"{{"totalResults":1,"Resources":{}}}"#, user(1))),
        ),
        always(
            "Resources twice, once empty",
            Complete(2),
            ok(two().replace("\"Resources\"", "\"Resources\":[],\"Resources\"")),
        ),
        always(
            "entries that are no objects",
            Incomplete("unreadable", 1),
            ok(list("4", &["null".into(), "\"u7\"".into(), "[]".into(), user(1)])),
        ),
        always(
            "nothing but entries that are no objects",
            Incomplete("unreadable", 0),
            ok(list("3", &["1".into(), "2".into(), "3".into()])),
        ),
        always(
            "lists in the list",
            Incomplete("unreadable", 0),
            ok(list("2", &[format!("[{}]", user(1)), format!("[{}]", user(2))])),
        ),
        always("wrong types everywhere", Complete(1), ok(list("1", &[strange.into()]))),
        always(
            "a resource without anything",
            Incomplete("unreadable", 1),
            ok(list("2", &["{}".into(), user(1)])),
        ),
        always(
            "brackets within strings",
            Complete(1),
            ok(list("1", &[format!(r#"{{"id":"u1","x":"{}"}}"#, "[{".repeat(5000))])),
        ),
        always(
            "startIndex and itemsPerPage that lie",
            Complete(2),
            ok(two().replace("\"Resources\"", "\"startIndex\":-5,\"itemsPerPage\":1e99,\"Resources\"")),
        ),
        always(
            "ten thousand tiny ones",
            Complete(10_000),
            ok(list(
                "10000",
                &(0..10_000).map(|n| format!(r#"{{"id":"{n}"}}"#)).collect::<Vec<_>>(),
            )),
        ),
    ]
}

fn odd_totals() -> Vec<Case> {
    vec![
        always("total as text", Complete(2), ok(with_total("\"2\""))),
        always("total with a fraction of nothing", Complete(2), ok(with_total("2.0"))),
        always(
            "total of a thousand million",
            Incomplete("pagesRepeat", 2),
            ok(with_total("1000000000")),
        ),
        always(
            "total too large for any number",
            Incomplete("totalsMissing", 2),
            ok(with_total("1000000000000000000000000000000")),
        ),
        always("total below nothing", Incomplete("totalsMissing", 2), ok(with_total("-1"))),
        always("total with a fraction", Incomplete("totalsMissing", 2), ok(with_total("2.5"))),
        always("total is null", Incomplete("totalsMissing", 2), ok(with_total("null"))),
        always(
            "total is an object",
            Incomplete("totalsMissing", 2),
            ok(with_total("{\"value\":2}")),
        ),
        always("total is a list", Incomplete("totalsMissing", 2), ok(with_total("[2]"))),
        always("total is true", Incomplete("totalsMissing", 2), ok(with_total("true"))),
        always("total twice", Incomplete("pagesRepeat", 2), ok(with_total("2,\"totalResults\":9"))),
        always(
            "total smaller than what comes",
            Incomplete("totalsDisagree", 2),
            ok(with_total("1")),
        ),
        always("total of nobody, with two", Incomplete("totalsDisagree", 2), ok(with_total("0"))),
    ]
}

fn odd_ids() -> Vec<Case> {
    let long = format!(r#""id":"{}","#, "x".repeat(1 << 20));
    let long = long.as_str();
    vec![
        always("ids missing", Incomplete("unreadable", 0), ok(with_ids("2", &["", ""]))),
        always(
            "one id missing",
            Incomplete("unreadable", 1),
            ok(with_ids("2", &["", r#""id":"a","#])),
        ),
        always(
            "ids empty",
            Incomplete("unreadable", 0),
            ok(with_ids("2", &[r#""id":"","#, r#""id":" ","#])),
        ),
        always("ids null", Incomplete("unreadable", 0), ok(with_ids("1", &[r#""id":null,"#]))),
        always(
            "ids are objects",
            Incomplete("unreadable", 0),
            ok(with_ids("1", &[r#""id":{"id":"a"},"#])),
        ),
        always("ids are numbers", Complete(2), ok(with_ids("2", &[r#""id":1,"#, r#""id":2,"#]))),
        always(
            "an id of a megabyte",
            Incomplete("unreadable", 1),
            ok(with_ids("2", &[long, r#""id":"a","#])),
        ),
        always(
            "half a character in an id",
            Incomplete("unreadable", 1),
            ok(with_ids("2", &[r#""id":"\ud800","#, r#""id":"a","#])),
        ),
        always(
            "the same id each time",
            Incomplete("pagesRepeat", 1),
            ok(with_ids("3", &[r#""id":"a","#, r#""id":"a","#, r#""id":"a","#])),
        ),
        always(
            "the same id, written in two ways",
            Incomplete("pagesRepeat", 1),
            ok(with_ids("2", &[r#""id":"a","#, r#""id":"\u0061","#])),
        ),
        always(
            "an id twice in one resource",
            Complete(1),
            ok(with_ids("1", &[r#""id":"a","id":"b","#])),
        ),
    ]
}
