//! Azure's client against servers that misbehave: each credential goes to its own origin, and nothing is taken for whole that is not.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use lanyard_engine::record::{ItemKind, ResourceKind};
use lanyard_engine::secrets::Secret;
use lanyard_engine::sources::azure::{AzureClient, AzureConfig, columns};
use lanyard_engine::sources::scim::{Batch, Limits};
use lanyard_engine::sources::{Listing, SourceError};
use lanyard_engine::view::{AuthSettings, AzureCloud, AzureSettings};
use lanyard_tests::hostile::{Asked, Reply, Server, answer, serve};
use tokio_util::sync::CancellationToken;

const SECRET: &str = "client-secret-of-azure-1";

fn json(body: impl AsRef<[u8]>) -> Reply {
    answer("200 OK", &[("Content-Type", "application/json")], body)
}

/// A sign-in service that gives each resource a token of its own.
async fn authority() -> Server {
    serve(|asked| {
        let resource = if asked.body.contains("graph") {
            "graph-token-1"
        } else {
            "arm-token-1"
        };
        json(format!(
            r#"{{"token_type":"Bearer","expires_in":3599,"access_token":"{resource}","refresh_token":"refresh-2"}}"#
        ))
    })
    .await
}

fn origin(server: &Server) -> String {
    format!("http://{}", server.address)
}

fn config(authority: &Server, graph: &Server, arm: &Server, auth: AuthSettings, secret: &str) -> AzureConfig {
    AzureConfig {
        name: "Tenant".into(),
        base: origin(arm).parse().unwrap(),
        azure: AzureSettings {
            tenant: "halcyon.example".into(),
            cloud: AzureCloud::Other {
                authority: origin(authority),
                // The resource's name is in the scope, by which the sign-in service tells the two apart.
                graph: format!("{}/graph", origin(graph)),
            },
            ..AzureSettings::default()
        },
        auth,
        secret: Some(Secret::new(secret.into())),
        keep: None,
        ca_pem: None,
        headers: Vec::new(),
        request_budget: Some(200),
        limits: Limits {
            idle_ms: 2_000,
            request_ms: 4_000,
            tries: 3,
            longest_wait_ms: 3_000,
            ..Limits::default()
        },
    }
}

fn by_secret() -> AuthSettings {
    AuthSettings::ClientSecret { client_id: "app".into() }
}

async fn read(client: &AzureClient, kind: ResourceKind) -> (Result<Listing, SourceError>, Vec<String>) {
    let (batches, mut came) = tokio::sync::mpsc::channel::<Batch>(64);
    let listing = client.list(kind, None, batches, &CancellationToken::new()).await;
    let mut ids = Vec::new();
    while let Ok(batch) = came.try_recv() {
        ids.extend(
            batch
                .resources
                .into_iter()
                .map(|place| columns(kind, &batch.body[place]).unwrap().id().to_owned()),
        );
    }
    (listing, ids)
}

fn users(next: &str) -> Reply {
    json(format!(
        r#"{{"value":[{{"id":"a"}},{{"id":"b"}},{{"id":"A"}},{{"name":"none"}}]{next}}}"#
    ))
}

fn is_delta(asked: &Asked) -> bool {
    asked.path.ends_with("/delta")
}

#[tokio::test]
async fn each_token_goes_to_its_own_origin_and_a_link_elsewhere_is_refused() {
    let thief = serve(|_| users("")).await;
    let (entra, arm) = (authority().await, serve(|_| json(r#"{"value":[]}"#)).await);
    let link = format!(r#","@odata.nextLink":"{}/v1.0/users?$skiptoken=x""#, origin(&thief));
    let graph = serve(move |asked| if is_delta(asked) { json(r#"{"value":[]}"#) } else { users(&link) }).await;
    let client = AzureClient::new(config(&entra, &graph, &arm, by_secret(), SECRET)).unwrap();
    let (listing, ids) = read(&client, ResourceKind::User).await;
    let end = listing.unwrap().end;
    assert_eq!(ids, ["a", "b"]);
    let codes: Vec<_> = end.reasons.iter().map(|reason| reason.code.as_str()).collect();
    assert_eq!((end.complete, codes), (false, vec!["failed", "unreadable"]));
    assert!(end.reasons[0].text.contains("not where the credential"), "{:?}", end.reasons);
    assert_eq!(thief.asked.lock().unwrap().len(), 0, "nothing is sent there");
    let (listing, _) = read(&client, ResourceKind::Item(ItemKind::Subscription)).await;
    let end = listing.unwrap().end;
    assert!(
        !end.complete && end.reasons[0].text.contains("Microsoft.Resources/subscriptions/read"),
        "an empty list is not none"
    );
    assert!(graph.heard().contains("graph-token-1") && !graph.heard().contains("arm-token-1") && !graph.heard().contains(SECRET));
    assert!(arm.heard().contains("arm-token-1") && !arm.heard().contains("graph-token-1") && !arm.heard().contains(SECRET));
    assert!(entra.heard().contains(SECRET) && !entra.heard().contains("-token-1"));
}

#[tokio::test]
async fn lists_that_do_not_end_or_are_none_are_not_complete() {
    let (entra, arm) = (authority().await, serve(|_| json(r#"{"value":[]}"#)).await);
    for (body, code) in [
        (
            r#"{"value":[{"id":"a"}],"@odata.nextLink":"/graph/v1.0/users?$skiptoken=same"}"#,
            None,
        ),
        (r#"{"values":[]}"#, Some("azure.notAzure")),
        ("<html><body>Sign in</body></html>", Some("http.html")),
        (r#"{"value":[{"id":"a"}"#, Some("json.broken")),
        ("[]", Some("json.broken")),
    ] {
        let graph = serve(move |_| json(body)).await;
        let client = AzureClient::new(config(&entra, &graph, &arm, by_secret(), SECRET)).unwrap();
        match (read(&client, ResourceKind::User).await, code) {
            ((Ok(listing), ids), None) => {
                assert!(!listing.end.complete && listing.mark.is_none());
                assert_eq!(ids, ["a"]);
            }
            ((Err(error), _), Some(code)) => assert_eq!(error.code(), code, "{body}: {error}"),
            ((Ok(listing), _), Some(_)) => panic!("{body}: {listing:?}"),
            ((Err(error), _), None) => panic!("{body}: {error}"),
        }
        assert!(graph.asked.lock().unwrap().len() < 20);
    }
}

/// What is asked in a batch: ids and addresses.
fn questions(asked: &Asked) -> Vec<(String, String)> {
    let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
    let requests = body["requests"].as_array().unwrap().iter();
    requests
        .map(|one| (one["id"].as_str().unwrap().to_owned(), one["url"].as_str().unwrap().to_owned()))
        .collect()
}

#[tokio::test]
async fn a_limit_within_a_batch_is_waited_for_and_that_part_alone_asked_again() {
    let (entra, arm) = (authority().await, serve(|_| json(r#"{"value":[]}"#)).await);
    let sizes: Arc<Mutex<Vec<usize>>> = Arc::default();
    let told = sizes.clone();
    let first = AtomicUsize::new(0);
    let graph = serve(move |asked| match asked.path.as_str() {
        "/graph/v1.0/groups" => json(r#"{"value":[{"id":"g1"},{"id":"g2"},{"id":"g3"}]}"#),
        "/graph/v1.0/$batch" => {
            let questions = questions(asked);
            told.lock().unwrap().push(questions.len());
            let limited = first.fetch_add(1, Ordering::SeqCst) == 0;
            // Answers come in another order than the questions, and one has no wait in it.
            let answers: Vec<String> = questions
                .iter()
                .rev()
                .map(|(id, url)| match (limited, url.contains("/g2/")) {
                    (true, true) => format!(r#"{{"id":"{id}","status":429,"body":{{"error":{{"code":"TooManyRequests"}}}}}}"#),
                    _ => format!(
                        r##"{{"id":"{id}","status":200,"body":{{"value":[{{"@odata.type":"#microsoft.graph.user","id":"of {url}"}}]}}}}"##
                    ),
                })
                .collect();
            json(format!(r#"{{"responses":[{}]}}"#, answers.join(",")))
        }
        _ => json(r#"{"value":[]}"#),
    })
    .await;
    let client = AzureClient::new(config(&entra, &graph, &arm, by_secret(), SECRET)).unwrap();
    let (listing, ids) = read(&client, ResourceKind::Group).await;
    assert!(listing.unwrap().end.complete);
    assert_eq!(ids, ["g1", "g2", "g3"]);
    assert_eq!(*sizes.lock().unwrap(), [3, 1]);
}

#[tokio::test]
async fn members_that_fail_leave_their_group_as_it_was() {
    let (entra, arm) = (authority().await, serve(|_| json(r#"{"value":[]}"#)).await);
    let graph = serve(|asked| match asked.path.as_str() {
        "/graph/v1.0/groups" => json(
            r#"{"value":[{"id":"g1","displayName":"One"},{"id":"g2","displayName":"Two","visibility":"HiddenMembership"},{"id":"g3"}]}"#,
        ),
        "/graph/v1.0/$batch" => {
            let answers: Vec<String> = questions(asked)
                .iter()
                .map(|(id, url)| match () {
                    () if url.contains("/g3/") => format!(r#"{{"id":"{id}","status":200,"body":{{"value":[]}}}}"#),
                    () => format!(r#"{{"id":"{id}","status":403,"body":{{"error":{{"code":"Authorization_RequestDenied"}}}}}}"#),
                })
                .collect();
            json(format!(r#"{{"responses":[{}]}}"#, answers.join(",")))
        }
        _ => json(r#"{"value":[]}"#),
    })
    .await;
    let client = AzureClient::new(config(&entra, &graph, &arm, by_secret(), SECRET)).unwrap();
    let (listing, ids) = read(&client, ResourceKind::Group).await;
    let end = listing.unwrap().end;
    assert_eq!(ids, ["g2", "g3"], "a group that hides its members is shown without them");
    let text: String = end.reasons.iter().map(|reason| reason.text.as_str()).collect();
    assert!(
        !end.complete && text.contains("The members of One") && text.contains("Member.Read.Hidden"),
        "{text}"
    );
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_a_rotated_refresh_token_is_kept() {
    let entra = authority().await;
    let arm = serve(|_| json(r#"{"value":[]}"#)).await;
    let graph = serve(|asked| match asked.before {
        0 => answer("401 Unauthorized", &[], "{}"),
        _ => users(""),
    })
    .await;
    let kept: Arc<Mutex<Vec<String>>> = Arc::default();
    let keeping = kept.clone();
    let mut config = config(
        &entra,
        &graph,
        &arm,
        AuthSettings::DeviceCode { client_id: "app".into() },
        "refresh-1",
    );
    config.keep = Some(Arc::new(move |secret: Secret| {
        keeping.lock().unwrap().push(secret.expose().to_owned());
    }));
    let client = AzureClient::new(config).unwrap();
    let (listing, ids) = read(&client, ResourceKind::User).await;
    assert_eq!((listing.is_ok(), ids.len()), (true, 2));
    assert_eq!(*kept.lock().unwrap(), ["refresh-2"]);
    let asked = entra.asked.lock().unwrap();
    assert_eq!(asked.len(), 2);
    assert!(asked[0].body.contains("refresh_token=refresh-1") && asked[1].body.contains("refresh_token=refresh-2"));
    assert!(!graph.heard().contains("refresh-"));
}

#[tokio::test]
async fn refusals_of_the_sign_in_service_are_told_by_their_number() {
    let (graph, arm) = (serve(|_| users("")).await, serve(|_| json("{}")).await);
    for (status, body, code) in [
        (
            "401 Unauthorized",
            r#"{"error":"invalid_client","error_codes":[7000215],"error_description":"AADSTS7000215: client-secret-of-azure-1"}"#,
            "signIn.secretWrong",
        ),
        (
            "401 Unauthorized",
            r#"{"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys are expired."}"#,
            "signIn.secretExpired",
        ),
        (
            "400 Bad Request",
            r#"{"error":"invalid_request","error_codes":[90002]}"#,
            "signIn.noSuchTenant",
        ),
        (
            "400 Bad Request",
            r#"{"error":"unauthorized_client","error_codes":[700016]}"#,
            "signIn.noSuchApp",
        ),
        ("400 Bad Request", r#"{"error":"odd","error_codes":[1]}"#, "oauth.refused"),
        ("200 OK", r#"{"access_token":""}"#, "oauth.refused"),
        ("200 OK", "<html>", "oauth.refused"),
    ] {
        let entra = serve(move |_| answer(status, &[("Content-Type", "application/json")], body)).await;
        let client = AzureClient::new(config(&entra, &graph, &arm, by_secret(), SECRET)).unwrap();
        let error = read(&client, ResourceKind::User).await.0.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        let fault = error.fault();
        assert!(!fault.next.is_empty() && !format!("{fault:?} {error}").contains(SECRET));
        let report = client.probe(&CancellationToken::new()).await;
        assert!(!report.ok && report.fault.is_some_and(|fault| fault.code == code));
    }
    assert_eq!(graph.asked.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_tenant_that_is_an_address_or_an_option_is_refused() {
    let (entra, graph, arm) = (authority().await, serve(|_| users("")).await, serve(|_| json("{}")).await);
    for tenant in ["", "../common", "a/b", "--resource", "a b", "x?y", "@evil"] {
        let mut config = config(&entra, &graph, &arm, by_secret(), SECRET);
        config.azure.tenant = tenant.into();
        assert_eq!(AzureClient::new(config).err().unwrap().code(), "source.setting", "{tenant}");
    }
}

/// An entry of the provisioning log.
fn entry(at: &str, who: &str, status: &str) -> String {
    format!(
        r#"{{"id":"e-{at}-{who}","activityDateTime":"{at}","jobId":"scim.1","provisioningAction":"update","sourceIdentity":{{"id":"{who}","displayName":"{who}"}},"servicePrincipal":[{{"id":"APP","displayName":"App"}}],"provisioningStatusInfo":{{"status":"{status}","errorInformation":{{"errorCode":"X","reason":"no\nroom"}}}}}}"#
    )
}

fn moment(hours_ago: i64) -> String {
    let at = jiff::Timestamp::now().as_second() - hours_ago * 3_600;
    jiff::Timestamp::from_second(at).unwrap().to_string()
}

#[tokio::test]
async fn the_provisioning_log_is_told_apart_entry_by_entry_whatever_the_server_filters() {
    const ERRORS: ResourceKind = ResourceKind::Item(ItemKind::ProvisioningError);
    let (entra, arm) = (authority().await, serve(|_| json(r#"{"value":[]}"#)).await);
    let (old, early, late) = (moment(24 * 9), moment(30), moment(2));
    let pages = [
        [
            entry(&late, "mended", "success"),
            entry(&late, "broken", "failure"),
            entry(&late, "skipped", "skipped"),
            entry(&early, "broken", "success"),
        ]
        .join(","),
        [
            entry(&early, "mended", "failure"),
            entry(&early, "again", "failure"),
            entry(&old, "long-ago", "failure"),
            r#"{"id":"nothing"},7,null,{"activityDateTime":"soon","jobId":"j","sourceIdentity":{"id":"x"}}"#.to_owned(),
        ]
        .join(","),
    ];
    // One that passes over filters; one that refuses what it cannot filter by; one that asks to wait once.
    for how in ["ignores", "refuses", "throttles"] {
        let (pages, asked_once) = (pages.clone(), Arc::new(AtomicUsize::new(0)));
        let graph = serve(move |asked| {
            if !asked.path.contains("auditLogs/provisioning") {
                return json(r#"{"value":[]}"#);
            }
            if how == "refuses" && asked.query.get("$filter").is_some_and(|filter| filter.contains("status")) {
                let body = r#"{"error":{"code":"BadRequest","message":"Invalid filter clause"}}"#;
                return answer("400 Bad Request", &[("Content-Type", "application/json")], body);
            }
            if how == "throttles" && asked_once.fetch_add(1, Ordering::Relaxed) == 0 {
                let headers = [("Content-Type", "application/json"), ("Retry-After", "1")];
                return answer(
                    "429 Too Many Requests",
                    &headers,
                    r#"{"error":{"code":"TooManyRequests","message":""}}"#,
                );
            }
            if asked.query.contains_key("$skiptoken") {
                json(format!(r#"{{"value":[{}]}}"#, pages[1]))
            } else {
                let next = r#""@odata.nextLink":"/graph/v1.0/auditLogs/provisioning?$skiptoken=2""#;
                json(format!(r#"{{"value":[{}],{next}}}"#, pages[0]))
            }
        })
        .await;
        let client = AzureClient::new(config(&entra, &graph, &arm, by_secret(), SECRET)).unwrap();
        let (listing, mut ids) = read(&client, ERRORS).await;
        ids.sort();
        assert_eq!(ids, ["scim.1/again", "scim.1/broken"], "{how}");
        let end = listing.unwrap().end;
        let codes: Vec<_> = end.reasons.iter().map(|reason| reason.code.as_str()).collect();
        assert_eq!((end.complete, codes), (false, vec!["unreadable"]), "{how}");
    }
}

#[tokio::test]
async fn a_log_that_does_not_end_is_cut_and_jobs_that_are_none_are_unreadable() {
    let (entra, arm) = (authority().await, serve(|_| json(r#"{"value":[]}"#)).await);
    let number = Arc::new(AtomicUsize::new(0));
    let graph = serve(move |asked| {
        if asked.path.contains("$batch") {
            return json(
                r#"{"responses":[{"id":"0","status":200,"body":{"value":[{"id":""},{"id":7},"x",{"id":"scim.1","status":{"code":"Odd","quarantine":7}}]}}]}"#,
            );
        }
        if asked.path.contains("auditLogs") {
            let number = number.fetch_add(1, Ordering::Relaxed);
            let next = format!(r#""@odata.nextLink":"/graph/v1.0/auditLogs/provisioning?$skiptoken={number}""#);
            let same = r#""@odata.nextLink":"/graph/v1.0/auditLogs/provisioning?$skiptoken=1""#;
            return json(format!(r#"{{"value":[],{}}}"#, if number > 2 { same } else { &next }));
        }
        json(r#"{"value":[{"id":"app-1","servicePrincipalType":"Application","appOwnerOrganizationId":"t"},{"id":"mi","servicePrincipalType":"ManagedIdentity"},{"id":"ms","appOwnerOrganizationId":"F8CDEF31-a31e-4b4a-93e4-5f571e91255a"}]}"#)
    })
    .await;
    let client = AzureClient::new(config(&entra, &graph, &arm, by_secret(), SECRET)).unwrap();
    let (listing, ids) = read(&client, ResourceKind::Item(ItemKind::ProvisioningJob)).await;
    let end = listing.unwrap().end;
    assert_eq!((ids, end.complete), (vec!["app-1/scim.1".to_owned()], false));
    assert_eq!(end.reasons[0].code, "unreadable");
    let heard = graph.heard();
    assert!(heard.contains("/servicePrincipals/app-1/synchronization/jobs") && !heard.contains("/servicePrincipals/m"));
    let (listing, _) = read(&client, ResourceKind::Item(ItemKind::ProvisioningError)).await;
    match listing {
        Ok(listing) => assert!(!listing.end.complete),
        Err(error) => assert!(matches!(error, SourceError::NotScim { .. }), "{error:?}"),
    }
}
