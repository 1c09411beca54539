//! HTTP that is broken, slow, endless, or leads elsewhere.

use std::io::Write;
use std::time::Duration;

use super::Ends::{Complete, Error};
use super::{Case, Reply, always, answer, case, list, ok, user};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn packed(bytes: &[u8]) -> Reply {
    answer(
        "200 OK",
        &[("Content-Type", "application/json"), ("Content-Encoding", "gzip")],
        bytes,
    )
}

fn raw(head: &str, body: &str) -> Reply {
    Reply::Raw(format!("{head}\r\n\r\n{body}").into_bytes())
}

fn head(headers: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/scim+json\r\nConnection: close\r\n{headers}")
}

/// HTTP that is broken, slow, endless, or leads elsewhere.
pub fn cases() -> Vec<Case> {
    let mut cases = coding();
    cases.extend(framing());
    cases.extend(time());
    cases.extend(statuses());
    cases.extend(redirects());
    cases
}

fn coding() -> Vec<Case> {
    let two = list("2", &[user(1), user(2)]);
    let whole = gzip(two.as_bytes());
    let mut garbled = whole.clone();
    for byte in &mut garbled[12..] {
        *byte ^= 0x5a;
    }
    vec![
        always("gzip", Complete(2), packed(&whole)),
        always("gzip bomb", Error("http.tooLarge"), packed(&gzip(&vec![b' '; 64 << 20]))),
        always("gzip cut off", Error("net.lost"), packed(&whole[..whole.len() / 2])),
        always("gzip garbled", Error("http.broken"), packed(&garbled)),
        always("plain text that says it is gzip", Error("http.broken"), packed(two.as_bytes())),
        always(
            "a coding that nobody asked for",
            Error("json.broken"),
            answer("200 OK", &[("Content-Encoding", "br")], [0x8b, 0x01, 0x80, 0x41, 0x03]),
        ),
    ]
}

fn framing() -> Vec<Case> {
    let two = list("2", &[user(1), user(2)]);
    let length = two.len();
    let chunked = |rest: &str| raw(&head("Transfer-Encoding: chunked"), &format!("{length:x}\r\n{two}\r\n{rest}"));
    vec![
        always("no length, ended by closing", Complete(2), raw(&head("X-Nothing: 1"), &two)),
        always("chunked", Complete(2), chunked("0\r\n\r\n")),
        always("chunked, cut off", Error("net.lost"), chunked("ff\r\nabc")),
        always("chunked, with garbage for a size", Error("http.broken"), chunked("zz\r\nabc\r\n")),
        always(
            "chunked, with a size beyond all bounds",
            Error("http.broken"),
            chunked("ffffffffffffffffffff\r\nabc\r\n"),
        ),
        always(
            "a length that is too long",
            Error("net.lost"),
            raw(&head("Content-Length: 100000"), &two),
        ),
        always(
            "a length that is too short",
            Error("json.broken"),
            raw(&head("Content-Length: 50"), &two),
        ),
        always(
            "a length beyond the limit",
            Error("http.tooLarge"),
            raw(&head("Content-Length: 99999999999"), &two),
        ),
        always(
            "a length that is no number",
            Error("http.broken"),
            raw(&head("Content-Length: many"), &two),
        ),
        always(
            "two lengths that differ",
            Error("http.broken"),
            raw(&head("Content-Length: 5\r\nContent-Length: 50"), &two),
        ),
        always(
            "an endless body",
            Error("http.tooLarge"),
            Reply::Endless(head("X-Nothing: 1\r\n\r\n").into_bytes(), vec![b' '; 65536]),
        ),
        always("an endless list", Error("http.tooLarge"), {
            let start = head("X-Nothing: 1\r\n\r\n") + r#"{"totalResults":1,"Resources":["#;
            Reply::Endless(start.into_bytes(), format!("{},", user(1)).repeat(100).into_bytes())
        }),
        always(
            "endless headers",
            Error("http.broken"),
            Reply::Endless(head("").into_bytes(), b"X-More: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(100)),
        ),
        always(
            "a header without an end",
            Error("http.broken"),
            Reply::Endless(head("X-More: ").into_bytes(), vec![b'a'; 65536]),
        ),
        always(
            "another protocol",
            Error("http.broken"),
            Reply::Raw(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n".to_vec()),
        ),
        always(
            "a status that is none",
            Error("http.broken"),
            Reply::Raw(b"HTTP/1.1 999999 What\r\n\r\n".to_vec()),
        ),
        always(
            "TLS where plain HTTP was asked for",
            Error("http.broken"),
            Reply::Raw(vec![0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x16]),
        ),
        always("closed without a word", Error("net.lost"), Reply::Raw(Vec::new())),
        always(
            "closed within the head",
            Error("net.lost"),
            Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Le".to_vec()),
        ),
    ]
}

fn time() -> Vec<Case> {
    let two = list("2", &[user(1), user(2)]);
    let begin = raw(&head(&format!("Content-Length: {}", two.len())), "");
    let Reply::Raw(begin) = begin else { unreachable!("made above") };
    let drip: Vec<_> = two.bytes().map(|byte| (Duration::from_millis(100), vec![byte])).collect();
    let mut slow = vec![(Duration::ZERO, begin.clone())];
    slow.extend(drip);
    let interim = b"HTTP/1.1 100 Continue\r\n\r\n".to_vec();
    vec![
        always("silence", Error("net.timeout"), Reply::Silence),
        always(
            "silence after the head",
            Error("net.timeout"),
            Reply::Slowly(vec![(Duration::ZERO, begin), (Duration::from_secs(30), Vec::new())]),
        ),
        always("one byte after another", Error("net.timeout"), Reply::Slowly(slow)),
        always(
            "100 again and again, slowly",
            Error("net.timeout"),
            Reply::Slowly(vec![(Duration::from_millis(100), interim); 300]),
        ),
    ]
}

fn statuses() -> Vec<Case> {
    let status = |name, code, status: &str| always(name, Error(code), answer(status, &[], ""));
    let limited = |name, wait: &str| {
        always(
            name,
            Error("rate.limited"),
            answer("429 Too Many Requests", &[("Retry-After", wait)], ""),
        )
    };
    let error = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"scimType":"tooMany","detail":"Too many.","status":"400"}"#;
    vec![
        status("101", "scim.notScim", "101 Switching Protocols"),
        status("202", "scim.notScim", "202 Accepted"),
        always(
            "204",
            Error("scim.notScim"),
            Reply::Raw(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_vec()),
        ),
        always(
            "206",
            Error("scim.notScim"),
            answer("206 Partial Content", &[("Content-Range", "bytes 0-1/9")], list("1", &[user(1)])),
        ),
        always(
            "304 that nobody asked for",
            Error("scim.notScim"),
            Reply::Raw(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_vec()),
        ),
        always("400", Error("scim.rejected"), answer("400 Bad Request", &[], error)),
        status("401", "scim.unauthorized", "401 Unauthorized"),
        always(
            "401 with a web page",
            Error("scim.unauthorized"),
            answer("401 Unauthorized", &[("Content-Type", "text/html")], "<html>"),
        ),
        status("403", "scim.forbidden", "403 Forbidden"),
        status("404", "scim.notFound", "404 Not Found"),
        always(
            "404 with a web page",
            Error("scim.notFound"),
            answer("404 Not Found", &[("Content-Type", "text/html")], "<html>nginx"),
        ),
        status("410", "scim.notFound", "410 Gone"),
        status("418", "scim.rejected", "418 I'm a teapot"),
        limited("429 that asks for an hour", "3600"),
        limited("429 that asks for ever", "99999999999999999999999999"),
        limited("429 that asks for the year 2199", "Sun, 06 Nov 2199 08:49:37 GMT"),
        limited("429 that asks for nothing, for ever", "0"),
        limited("429 with nonsense", "soon"),
        status("429 without a wait, for ever", "rate.limited", "429 Too Many Requests"),
        status("500", "server.failed", "500 Internal Server Error"),
        status("501", "scim.rejected", "501 Not Implemented"),
        always(
            "502 with a web page",
            Error("server.failed"),
            answer("502 Bad Gateway", &[("Content-Type", "text/html")], "<html>"),
        ),
        status("503", "server.failed", "503 Service Unavailable"),
        status("599", "scim.rejected", "599 Unknown"),
    ]
}

fn redirects() -> Vec<Case> {
    let to = |name, location: &str| always(name, Error("http.redirect"), answer("302 Found", &[("Location", location)], ""));
    vec![
        to("a redirect to itself", "/scim/v2/Users"),
        to("a redirect to another host", "https://login.example/authorize?client=1"),
        to("a redirect to another port", "http://127.0.0.1:9/scim/v2/Users"),
        to("a redirect to HTTPS", "https://127.0.0.1/scim/v2/Users"),
        to("a redirect without the scheme, to another host", "//login.example/"),
        to("a redirect to a file", "file:///etc/passwd"),
        to("a redirect to a script", "javascript:alert(1)"),
        to("a redirect to nothing", "http://"),
        always(
            "a redirect without a place",
            Error("http.redirect"),
            answer("301 Moved Permanently", &[], ""),
        ),
        case("redirects that go on for ever", Error("http.redirect"), |asked| {
            answer(
                "307 Temporary Redirect",
                &[("Location", &format!("/scim/v2/Users?n={}", asked.before))],
                "",
            )
        }),
        case("a redirect with a password", Error("http.redirect"), |asked| {
            answer(
                "302 Found",
                &[("Location", &format!("http://a:b@{}/scim/v2/Users", asked.host))],
                "",
            )
        }),
        case("a redirect within the house", Complete(2), |asked| {
            if asked.path.ends_with("/Users") {
                answer("308 Permanent Redirect", &[("Location", "/scim/v2/Users/")], "")
            } else {
                ok(list("2", &[user(1), user(2)]))
            }
        }),
    ]
}
