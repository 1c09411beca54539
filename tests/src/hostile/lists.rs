//! Lists whose pages do not fit together.

use super::Ends::{Complete, Error, Incomplete};
use super::{Asked, Case, Reply, answer, by_cursor, case, list, ok, page, user};

fn users(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(user).collect()
}

/// A page by cursor of `users`, then that cursor (a JSON value).
fn cursor_page(users: &[String], next: &str) -> Reply {
    ok(format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"nextCursor":{next},"Resources":[{}]}}"#,
        users.join(",")
    ))
}

fn scim_error(status: &str, kind: &str) -> Reply {
    let body = format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"scimType":"{kind}","status":"{}"}}"#,
        &status[..3]
    );
    answer(status, &[("Content-Type", "application/scim+json")], body)
}

fn cursor(asked: &Asked) -> &str {
    asked.query.get("cursor").map_or("", String::as_str)
}

/// Whether the request is for the first page.
fn first(asked: &Asked) -> bool {
    asked.start() == 1 && cursor(asked).is_empty()
}

/// Lists whose pages do not fit together.
pub fn cases() -> Vec<Case> {
    let mut cases = by_index();
    cases.extend(later_pages_fail());
    cases.extend(by_cursors());
    cases
}

fn by_index() -> Vec<Case> {
    vec![
        case("a sound list", Complete(250), |asked| page(asked, 250, 100)),
        case("a sound list, count clamped", Complete(250), |asked| page(asked, 250, 30)),
        case("the first page again and again", Incomplete("pagesRepeat", 100), |_| {
            ok(list("1000", &users(1..101)))
        }),
        case(
            "the first page again and again, without a total",
            Incomplete("pagesRepeat", 100),
            |_| ok(list("null", &users(1..101))),
        ),
        case("everything at once, whatever is asked", Complete(300), |_| {
            ok(list("300", &users(1..301)))
        }),
        case("a list that never ends", Incomplete("pageLimit", 4951), |asked| {
            ok(list(
                &(asked.start() + 1000).to_string(),
                &users(asked.start()..asked.start() + 100),
            ))
        }),
        case("a list that never ends, without a total", Incomplete("pageLimit", 4951), |asked| {
            ok(list("null", &users(asked.start()..asked.start() + 100)))
        }),
        case(
            "new people on each page, whatever is asked",
            Incomplete("pageLimit", 5000),
            |asked| ok(list("1000000", &users(asked.before * 100 + 1..asked.before * 100 + 101))),
        ),
        case("ended early", Incomplete("endedEarly", 299), |asked| {
            if asked.start() > 200 {
                ok(list("300", &[]))
            } else {
                page(asked, 300, 100)
            }
        }),
        case(
            "ended early, by the total of a thousand million",
            Incomplete("endedEarly", 250),
            |asked| ok(list("1000000000", &users(asked.start()..(asked.start() + 100).min(251)))),
        ),
        case("total of the page", Complete(250), |asked| {
            let page = users(asked.start()..(asked.start() + 100).min(251));
            ok(list(&page.len().to_string(), &page))
        }),
        case("no total", Complete(250), |asked| {
            ok(list("null", &users(asked.start()..(asked.start() + 100).min(251))))
        }),
        case("total that grows with each answer", Incomplete("shifted", 250), |asked| {
            ok(list(
                &(250 + asked.before).to_string(),
                &users(asked.start()..(asked.start() + 100).min(251)),
            ))
        }),
        case("pages that overlap", Complete(250), |asked| {
            let start = asked.start().saturating_sub(5).max(1);
            ok(list("250", &users(start..(start + 100).min(251))))
        }),
        case("short pages in between", Complete(250), |asked| {
            let length = if asked.before % 2 == 1 { 60 } else { 100 };
            ok(list("250", &users(asked.start()..(asked.start() + length).min(251))))
        }),
        case("an index that is a page number", Complete(250), |asked| {
            let start = (asked.start() - 1) / 100 * 100 + 1;
            ok(list("250", &users(start..(start + 100).min(251))))
        }),
        case("400 beyond the end", Complete(200), |asked| {
            if asked.start() > 200 {
                scim_error("400 Bad Request", "invalidValue")
            } else {
                page(asked, 200, 100)
            }
        }),
        case("five fewer than the total, each hidden", Incomplete("endedEarly", 245), |asked| {
            ok(list("250", &users(asked.start()..(asked.start() + 100).min(246))))
        }),
    ]
}

fn later_pages_fail() -> Vec<Case> {
    let then = |name, code, reply: Reply| {
        case(name, Incomplete(code, 100), move |asked| {
            if first(asked) { page(asked, 300, 100) } else { reply.clone() }
        })
    };
    vec![
        then("401 on page 2", "failed", answer("401 Unauthorized", &[], "")),
        then("403 on page 2", "failed", answer("403 Forbidden", &[], "")),
        then("500 on page 2", "failed", answer("500 Internal Server Error", &[], "")),
        then("a web page as page 2", "failed", ok("<html><body>Session expired</body></html>")),
        then("page 2 cut in the middle", "failed", ok(&list("300", &users(101..201))[..2000])),
        then("page 2 empty", "endedEarly", ok(list("300", &[]))),
        then("silence on page 2", "failed", Reply::Silence),
        then(
            "page 2 elsewhere",
            "failed",
            answer("302 Found", &[("Location", "http://127.0.0.2:9/scim/v2/Users")], ""),
        ),
    ]
}

fn by_cursors() -> Vec<Case> {
    vec![
        by_cursor("a sound list by cursor", Complete(250), |asked| {
            let from: usize = cursor(asked).parse().unwrap_or(1);
            let next = if from < 201 { format!("\"{}\"", from + 100) } else { "null".into() };
            cursor_page(&users(from..(from + 100).min(251)), &next)
        }),
        by_cursor("the same cursor for ever", Incomplete("pagesRepeat", 100), |_| {
            cursor_page(&users(1..101), "\"again\"")
        }),
        by_cursor(
            "another cursor and the same page for ever",
            Incomplete("pagesRepeat", 100),
            |asked| cursor_page(&users(1..101), &format!("\"c{}\"", asked.before)),
        ),
        by_cursor("another cursor and nobody for ever", Incomplete("pagesRepeat", 0), |asked| {
            cursor_page(&[], &format!("\"c{}\"", asked.before))
        }),
        by_cursor("two cursors in turn", Incomplete("pagesRepeat", 200), |asked| {
            if cursor(asked) == "a" {
                cursor_page(&users(101..201), "\"b\"")
            } else {
                cursor_page(&users(1..101), "\"a\"")
            }
        }),
        by_cursor("new people and new cursors for ever", Incomplete("pageLimit", 5000), |asked| {
            cursor_page(
                &users(asked.before * 100 + 1..asked.before * 100 + 101),
                &format!("\"c{}\"", asked.before),
            )
        }),
        by_cursor("a cursor that is too old each time", Incomplete("failed", 100), |asked| {
            if first(asked) {
                cursor_page(&users(1..101), "\"old\"")
            } else {
                scim_error("400 Bad Request", "expiredCursor")
            }
        }),
        by_cursor("a cursor that is too old once", Complete(200), |asked| {
            match (cursor(asked), asked.before) {
                ("", _) => cursor_page(&users(1..101), "\"next\""),
                (_, 1) => scim_error("400 Bad Request", "expiredCursor"),
                _ => ok(list("200", &users(101..201))),
            }
        }),
        by_cursor("a cursor of a megabyte", Incomplete("failed", 100), |asked| {
            if first(asked) {
                cursor_page(&users(1..101), &format!("\"{}\"", "c".repeat(1 << 20)))
            } else {
                page(asked, 300, 100)
            }
        }),
        by_cursor("a cursor that is a number", Complete(200), |asked| match cursor(asked) {
            "" => cursor_page(&users(1..101), "7"),
            _ => ok(list("200", &users(101..201))),
        }),
        by_cursor("a cursor that is an address elsewhere", Complete(200), |asked| {
            match cursor(asked) {
                "" => cursor_page(&users(1..101), "\"http://127.0.0.2:9/steal?token=\""),
                _ => ok(list("200", &users(101..201))),
            }
        }),
        by_cursor("cursors that nobody knows here", Complete(250), |asked| page(asked, 250, 100)),
        by_cursor("cursors that are refused", Complete(250), |asked| {
            if asked.query.contains_key("cursor") {
                scim_error("501 Not Implemented", "invalidCursor")
            } else {
                page(asked, 250, 100)
            }
        }),
        by_cursor("401 at once", Error("scim.unauthorized"), |_| answer("401 Unauthorized", &[], "")),
    ]
}
