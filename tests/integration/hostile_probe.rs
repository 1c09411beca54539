//! The connection test and single requests against servers of every kind.

use lanyard_engine::sources::scim::{Capabilities, Found, Paging};
use lanyard_engine::view::{ProbeReport, ProbeState};
use lanyard_tests::hostile::{Asked, Reply, Server, answer, list as list_of, ok, page, serve, user};
use tokio_util::sync::CancellationToken;

use crate::client;

async fn probe(server: &Server) -> (ProbeReport, Option<Capabilities>) {
    let client = client(&server.base);
    let (report, capabilities) = client.probe(&CancellationToken::new()).await;
    assert!(report.requests <= 18, "{} requests", report.requests);
    assert_eq!(report.requests, server.asked.lock().unwrap().len() as u64);
    assert!(
        server.asked.lock().unwrap().iter().all(|asked| asked.method == "GET"),
        "something was written"
    );
    assert_eq!(report.ok, capabilities.is_some());
    assert_eq!(report.ok, report.fault.is_none());
    for point in &report.points {
        assert!(!point.says.is_empty(), "{point:?}");
        assert!(point.state != ProbeState::Lacking || point.instead.is_some(), "{point:?}");
    }
    (report, capabilities)
}

fn state(report: &ProbeReport, topic: &str) -> ProbeState {
    report
        .points
        .iter()
        .find(|point| point.topic == topic)
        .unwrap_or_else(|| panic!("no point {topic}: {report:?}"))
        .state
}

/// A sound server without discovery, filters or groups.
fn plain(asked: &Asked) -> Reply {
    if asked.path.ends_with("/Users") {
        page(asked, 250, 100)
    } else {
        answer("404 Not Found", &[], "")
    }
}

#[tokio::test]
async fn a_server_without_any_discovery_is_understood_by_what_it_does() {
    let server = serve(plain).await;
    let (report, capabilities) = probe(&server).await;
    let seen = capabilities.unwrap();
    assert!(report.ok, "{report:?}");
    assert_eq!(
        (seen.paging, seen.page_size, seen.concurrent, seen.filter, seen.groups),
        (Paging::Index, 100, true, Some(false), None)
    );
    assert_eq!((report.users, report.groups), (Some(250), None));
    assert_eq!(state(&report, "filter"), ProbeState::Lacking);
    assert_eq!(state(&report, "paging"), ProbeState::Good);
    assert_eq!(state(&report, "serviceProviderConfig"), ProbeState::Lacking);
    assert!(
        report.summary.contains("250 users and no groups, read by index in pages of 100"),
        "{}",
        report.summary
    );
}

#[tokio::test]
async fn a_server_that_ignores_start_index_is_found_out() {
    let server = serve(|asked| {
        if asked.path.ends_with("/Users") {
            ok(list_of("250", &(1..101).map(user).collect::<Vec<_>>()))
        } else {
            answer("404 Not Found", &[], "")
        }
    })
    .await;
    let (report, capabilities) = probe(&server).await;
    assert_eq!(
        capabilities.map(|seen| (seen.paging, seen.concurrent)),
        Some((Paging::Unknown, false))
    );
    assert_eq!(state(&report, "paging"), ProbeState::Bad);
}

#[tokio::test]
async fn a_server_that_filters_is_believed_when_it_was_seen_to() {
    let server = serve(|asked| match asked.query.get("filter") {
        Some(filter) if filter == "userName eq \"user1@halcyon.example\"" => ok(list_of("1", &[user(1)])),
        Some(_) => ok(list_of("0", &[])),
        None => plain(asked),
    })
    .await;
    let (report, capabilities) = probe(&server).await;
    assert_eq!(capabilities.and_then(|seen| seen.filter), Some(true));
    assert_eq!(state(&report, "filter"), ProbeState::Good);
}

#[tokio::test]
async fn groups_that_are_closed_are_not_taken_for_none() {
    let server = serve(|asked| {
        if asked.path.ends_with("/Groups") {
            answer("403 Forbidden", &[], "")
        } else {
            plain(asked)
        }
    })
    .await;
    let (report, capabilities) = probe(&server).await;
    assert_eq!(capabilities.and_then(|seen| seen.groups).as_deref(), Some("Groups"));
    assert_eq!(state(&report, "groups"), ProbeState::Bad);
}

#[tokio::test]
async fn a_base_url_without_its_end_is_put_right() {
    for (given, right) in [("", "/scim/v2"), ("/scim", "/scim/v2"), ("/api", "/api/scim/v2")] {
        let server = serve(move |asked| {
            if asked.path.strip_prefix(right) == Some("/ServiceProviderConfig") {
                ok(r#"{"patch":{"supported":true}}"#)
            } else {
                answer("404 Not Found", &[("Content-Type", "text/html")], "<html>nothing here</html>")
            }
        })
        .await;
        let base = format!("http://{}{given}", server.address);
        let (report, _) = client(&base).probe(&CancellationToken::new()).await;
        let fault = report.fault.unwrap();
        assert_eq!(fault.code, "scim.notFound");
        assert!(
            fault.next.contains(&format!("http://{}{right} ", server.address)),
            "{given}: {}",
            fault.next
        );
    }
}

#[tokio::test]
async fn each_failure_of_the_test_says_which_it_is() {
    let html = || answer("200 OK", &[("Content-Type", "text/html")], "<html><title>Portal</title></html>");
    for (reply, code, topic) in [
        (answer("401 Unauthorized", &[], ""), "scim.unauthorized", "auth"),
        (answer("403 Forbidden", &[], ""), "scim.forbidden", "auth"),
        (html(), "http.html", "users"),
        (ok("{}"), "scim.notScim", "users"),
        (Reply::Silence, "net.timeout", "reach"),
        (
            answer("302 Found", &[("Location", "https://login.example/")], ""),
            "http.redirect",
            "users",
        ),
        (
            answer("429 Too Many Requests", &[("Retry-After", "600")], ""),
            "rate.limited",
            "users",
        ),
    ] {
        let server = serve(move |_| reply.clone()).await;
        let (report, _) = probe(&server).await;
        assert_eq!(report.fault.as_ref().map(|fault| fault.code.as_str()), Some(code));
        assert_eq!(state(&report, topic), ProbeState::Bad, "{report:?}");
    }
}

#[tokio::test]
async fn a_filter_by_time_is_trusted_only_when_it_counts_right() {
    let people = |asked: &Asked, honest: bool| {
        let filter = asked.query.get("filter").cloned().unwrap_or_default();
        let matching = if honest && filter.contains("2100-") { 0 } else { 7 };
        let resources: Vec<_> = (0..matching.min(asked.count()))
            .map(|n| format!(r#"{{"id":"{n}","meta":{{"lastModified":"2026-01-02T00:00:00Z"}}}}"#))
            .collect();
        ok(list_of(&matching.to_string(), &resources))
    };
    let january = 1_767_225_600_000;
    let cancel = CancellationToken::new();
    let honest = client(&serve(move |asked| people(asked, true)).await.base);
    assert!(honest.prove_changed_since("Users", january, 7, &cancel).await.unwrap());
    assert!(!honest.prove_changed_since("Users", january, 8, &cancel).await.unwrap());
    let ignoring = client(&serve(move |asked| people(asked, false)).await.base);
    assert!(!ignoring.prove_changed_since("Users", january, 7, &cancel).await.unwrap());
    let refusing = client(&serve(|_| answer("400 Bad Request", &[], "")).await.base);
    assert!(!refusing.prove_changed_since("Users", january, 7, &cancel).await.unwrap());
    let closed = client(&serve(|_| answer("401 Unauthorized", &[], "")).await.base);
    assert_eq!(
        closed.prove_changed_since("Users", january, 7, &cancel).await.unwrap_err().code(),
        "scim.unauthorized"
    );
}

#[tokio::test]
async fn one_resource_is_here_absent_or_unknown_and_never_another() {
    let html = answer("404 Not Found", &[("Content-Type", "text/html")], "<html>no route</html>");
    for (reply, expected) in [
        (ok(r#"{"id":"a/b c","userName":"x"}"#), "here"),
        (ok("\u{feff}{\"id\":\"a/b c\"}"), "here"),
        (answer("404 Not Found", &[], r#"{"status":"404"}"#), "absent"),
        (answer("410 Gone", &[], ""), "absent"),
        (html, "http.html"),
        (ok(r#"{"id":"other"}"#), "scim.notScim"),
        (ok("{}"), "scim.notScim"),
        (ok(list_of("0", &[])), "scim.notScim"),
        (ok(""), "scim.notScim"),
        (ok("[".repeat(5000)), "json.tooDeep"),
        (ok(r#"{"id":"a/b c""#), "json.broken"),
        (answer("403 Forbidden", &[], ""), "scim.forbidden"),
        (answer("500 Broken", &[], ""), "server.failed"),
    ] {
        let server = serve(move |_| reply.clone()).await;
        let came = match client(&server.base).get("Users", "a/b c", &CancellationToken::new()).await {
            Ok(Found::Here(document)) => {
                assert!(document.starts_with(b"{"));
                "here"
            }
            Ok(Found::Absent) => "absent",
            Err(error) => error.code(),
        };
        assert_eq!(came, expected, "{}", server.heard());
        assert_eq!(server.asked.lock().unwrap()[0].path, "/scim/v2/Users/a%2Fb%20c");
    }
}

#[tokio::test]
async fn counts_ask_for_no_resources_where_they_can() {
    let server = serve(|asked| {
        if asked.count() == 0 {
            ok(list_of("7", &[]))
        } else {
            answer("500 Broken", &[], "")
        }
    })
    .await;
    let cancel = CancellationToken::new();
    assert_eq!(
        client(&server.base)
            .count("Users", Some("userName sw \"a b+c\""), &cancel)
            .await
            .unwrap(),
        Some(7)
    );
    assert!(
        server.heard().contains("filter=userName%20sw%20%22a%20b%2Bc%22"),
        "{}",
        server.heard()
    );
    let picky = serve(|asked| {
        if asked.count() == 0 {
            answer("400 Bad Request", &[], "")
        } else {
            page(asked, 9, 100)
        }
    })
    .await;
    assert_eq!(client(&picky.base).count("Users", None, &cancel).await.unwrap(), Some(9));
}
