//! Whether a credential is let in, and what it sees.

use std::time::Duration;

use lanyard_engine::secrets::Secret;
use lanyard_engine::sources::Client;
use lanyard_engine::sources::backstage::{BackstageClient, BackstageConfig};
use lanyard_engine::sources::scim::{Auth, ScimClient, ScimConfig};
use lanyard_engine::sources::tokens::{Standing, Stands};
use lanyard_engine::view::AuthSettings;
use lanyard_lab::{AzureOptions, LabOptions, PortalOptions, TokenHabit};
use lanyard_tests::hostile::{Reply, Server, answer, list, ok, serve, user};

use super::{App, MADE_UP, says, stands, tenant};
use crate::{TOKEN, limits, never, scim};

const IN: (Stands, Stands) = (Stands::Accepted, Stands::Accepted);
const OUT: (Stands, Stands) = (Stands::Refused, Stands::Refused);

#[tokio::test(flavor = "multi_thread")]
async fn a_good_one_is_let_in_and_others_are_refused_by_what_was_shown_beforehand() {
    let app = App::start([]).await;
    let token = app.handle.token();
    let own = app.own();
    let (read, write) = own.standing_requests(true);
    let write = write.unwrap();
    assert!(read.headers.is_empty() && read.url.contains("/Users?"), "{read:?}");
    let before = app.handle.seen().len();
    let standing = own.standing(true, &never()).await;
    assert_eq!((standing.read.stands, standing.write.as_ref().unwrap().stands), IN, "{standing:#?}");
    assert_eq!((&standing.read.request, &standing.write.as_ref().unwrap().request), (&read, &write));
    assert_eq!(standing.write.as_ref().unwrap().status, Some(404));
    says(&standing.read, "let in", &[&token]);
    let seen = app.handle.seen();
    assert_eq!(seen.len() - before, 2, "each goes over the wire once");
    assert!(own.standing(false, &never()).await.write.is_none());

    for token in [MADE_UP, "x"] {
        let standing = app.with(token).standing(true, &never()).await;
        says(&standing.read, "refused (401)", &[MADE_UP]);
        assert_eq!(standing.read.status, Some(401));
        assert_eq!(standing.write.unwrap().stands, Stands::Refused);
    }
    let anonymous = ScimClient::new(ScimConfig {
        name: "App".into(),
        base: app.handle.url().parse().unwrap(),
        auth: Auth::Anonymous,
        ca_pem: None,
        headers: Vec::new(),
        request_budget: None,
        limits: limits(),
    });
    assert_eq!(stands(&Client::Scim(anonymous.unwrap())).await, OUT);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_habit_shows_in_how_a_new_one_stands() {
    for (habit, expected) in [
        (TokenHabit::ReadOnly, (Stands::Accepted, Stands::Forbidden)),
        (TokenHabit::Broken, OUT),
        (TokenHabit::Jwt, IN),
        (TokenHabit::NoSelf, IN),
    ] {
        let app = App::start([]).await;
        if habit != TokenHabit::NoSelf {
            app.handle.set(|options| options.tokens.habits.extend([habit]));
        }
        let made = app.make("new").await;
        app.handle.set(|options| options.tokens.habits.extend([habit]));
        assert_eq!(app.stands(made.value.expose()).await, expected, "{habit:?}");
    }
    // A server that looks nobody in the face lets a made-up one in: so it proves nothing of any.
    let open = App::start([TokenHabit::Open]).await;
    assert_eq!(open.stands(MADE_UP).await, IN);
    // One that works only later is refused before.
    let later = App::start([]).await;
    later.handle.set(|options| options.tokens.start = Duration::from_secs(600));
    let made = later.make("later").await;
    assert_eq!(later.stands(made.value.expose()).await, OUT);
    later.handle.settle();
    assert_eq!(later.stands(made.value.expose()).await, IN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_one_is_out_at_once_after_its_overlap_or_never() {
    let app = App::start([]).await;
    let made = app.make("plain").await;
    app.api().revoke(made.id.as_deref().unwrap(), &never()).await.unwrap();
    assert_eq!(app.stands(made.value.expose()).await, OUT);

    app.handle.set(|options| options.tokens.overlap = Duration::from_secs(600));
    let made = app.make("overlapping").await;
    app.api().revoke(made.id.as_deref().unwrap(), &never()).await.unwrap();
    assert_eq!(app.stands(made.value.expose()).await, IN);
    app.handle.settle();
    assert_eq!(app.stands(made.value.expose()).await, OUT);

    app.handle.set(|options| options.tokens.habits.extend([TokenHabit::Lying]));
    let made = app.make("lied about").await;
    app.api().revoke(made.id.as_deref().unwrap(), &never()).await.unwrap();
    app.handle.settle();
    assert_eq!(app.stands(made.value.expose()).await, IN);
    let listed = app.api().list(&never()).await.unwrap();
    assert!(!listed.iter().any(|token| Some(&token.id) == made.id.as_ref()), "{listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_credentials_see_the_same_or_a_part_or_other_people() {
    let app = App::start([]).await;
    let old = app.own().census(&never()).await.unwrap();
    assert!(
        old.people.unwrap() > 40 && old.sample.len() as u64 == old.people.unwrap().min(200),
        "{old:?}"
    );
    assert!(old.sample.is_sorted());
    let same = app.make("same").await;
    let same = app.with(same.value.expose()).census(&never()).await.unwrap();
    assert_eq!(same, old);

    app.handle.set(|options| options.tokens.habits.extend([TokenHabit::Part]));
    let part = app.make("part").await;
    let part = app.with(part.value.expose()).census(&never()).await.unwrap();
    assert!(part.people.unwrap() < old.people.unwrap(), "{part:?}");
    assert!(part.sample.iter().all(|id| old.sample.contains(id)) && part.sample.len() < old.sample.len());

    app.handle.set(|options| {
        options.tokens.habits.clear();
        options.tokens.habits.insert(TokenHabit::OtherTenant);
    });
    let other = app.make("elsewhere").await;
    let other = app.with(other.value.expose()).census(&never()).await.unwrap();
    assert!(
        !other.sample.is_empty() && !other.sample.iter().any(|id| old.sample.contains(id)),
        "{other:?}"
    );

    let error = app.with(MADE_UP).census(&never()).await.unwrap_err();
    assert_eq!(error.code(), "scim.unauthorized");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_portal_and_the_tenant_tell_the_same() {
    let mut options = LabOptions {
        people: 80,
        portal: Some(PortalOptions::named("Portal")),
        azure: Some(AzureOptions::default()),
        ..LabOptions::default()
    };
    options.allow_writes();
    let lab = lanyard_lab::serve(options).await.unwrap();

    let portal = lab.portal().unwrap();
    let backstage = |token: &str| {
        Client::Backstage(
            BackstageClient::new(BackstageConfig {
                name: "Portal".into(),
                base: portal.url().parse().unwrap(),
                auth: AuthSettings::Bearer,
                secret: Some(Secret::new(token.to_owned())),
                keep: None,
                ca_pem: None,
                headers: Vec::new(),
                request_budget: None,
                limits: limits(),
            })
            .unwrap(),
        )
    };
    assert_eq!(stands(&backstage(&portal.token())).await, IN);
    assert_eq!(stands(&backstage(MADE_UP)).await, OUT);
    let census = backstage(&portal.token()).census(&never()).await.unwrap();
    assert!(census.people.unwrap() > 0 && census.sample[0].starts_with("user:"), "{census:?}");
    assert_eq!(census, backstage(&portal.token()).census(&never()).await.unwrap());

    let azure = lab.azure().unwrap();
    let app = azure.client_id().to_string();
    let secret = azure.secret();
    let own = Client::Azure(tenant(&azure, &app, &secret));
    assert_eq!(stands(&own).await, IN);
    let census = own.census(&never()).await.unwrap();
    assert_eq!(census.tenant.as_deref(), Some(azure.tenant_id().to_string().as_str()), "{census:?}");
    assert!(census.people.unwrap() > 40 && census.sample.len() > 40 && census.whose.is_none());

    let wrong = Client::Azure(tenant(&azure, &app, MADE_UP)).standing(true, &never()).await;
    says(&wrong.read, "AADSTS7000215", &[MADE_UP]);
    assert_eq!((wrong.read.stands, wrong.write.unwrap().stands), OUT);
    // The access token that it has still lives; the secret itself has ended.
    let new = azure.rotate_secret();
    let ended = own.standing(true, &never()).await;
    says(&ended.read, "AADSTS7000222", &[&secret, &new]);
    assert_eq!((ended.read.stands, ended.write.unwrap().stands), OUT);
    // What it may read is another matter than whether it is good.
    let own = Client::Azure(tenant(&azure, &app, &new));
    for permission in [
        "Directory.Read.All",
        "User.ReadWrite.All",
        "User.EnableDisableAccount.All",
        "Directory.ReadWrite.All",
        "Organization.Read.All",
        "User.Read.All",
    ] {
        azure.revoke(permission);
    }
    let bare = own.standing(true, &never()).await;
    assert_eq!(bare.read.stands, Stands::Accepted, "{bare:#?}");
    assert_eq!(bare.write.as_ref().unwrap().stands, Stands::Forbidden, "{bare:#?}");
}

async fn of(read: Reply, write: Reply) -> (Standing, Server) {
    let server = serve(move |asked| if asked.method == "GET" { read.clone() } else { write.clone() }).await;
    let standing = Client::Scim(scim(&server.base, TOKEN)).standing(true, &never()).await;
    (standing, server)
}

#[tokio::test]
async fn what_is_no_answer_to_the_credential_is_never_taken_for_refused() {
    let html = "<!doctype html><html><body>Sign in</body></html>";
    let json = [("Content-Type", "application/scim+json")];
    let elsewhere = [("Location", "http://127.0.0.1:9/login")];
    for (reply, faulty) in [
        (answer("200 OK", &[("Content-Type", "text/html")], html), false),
        (ok(r#"{"error":"unauthorized"}"#), false),
        (answer("200 OK", &json, ""), false),
        (answer("302 Found", &elsewhere, ""), false),
        (answer("400 Bad Request", &json, r#"{"detail":"no"}"#), false),
        (answer("404 Not Found", &[("Content-Type", "text/html")], html), false),
        (answer("429 Too Many Requests", &[("Retry-After", "1")], ""), true),
        (answer("500 Oops", &[], ""), true),
        (answer("503 Later", &[], html), true),
        (Reply::Raw(Vec::new()), true),
        (Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{".to_vec()), true),
    ] {
        let (standing, server) = of(reply.clone(), answer("401 No", &[], "")).await;
        assert_eq!(standing.read.stands, Stands::Unclear, "{reply:?} {standing:#?}");
        assert_eq!(standing.read.unsure_for.is_some(), faulty, "{reply:?} {standing:#?}");
        says(&standing.read, "", &[TOKEN]);
        assert_eq!(server.asked.lock().unwrap().len(), 2, "once each, whatever comes: {reply:?}");
        assert_eq!(standing.write.unwrap().stands, Stands::Refused);
    }
    // Nobody listens.
    let gone = Client::Scim(scim("http://127.0.0.1:9/scim/v2", TOKEN))
        .standing(true, &never())
        .await;
    assert_eq!((gone.read.stands, gone.read.status), (Stands::Unclear, None));
    assert_eq!(gone.read.unsure_for.unwrap().code, "net.refused");
}

#[tokio::test]
async fn a_write_is_let_in_only_by_what_says_so() {
    let json = [("Content-Type", "application/scim+json")];
    let one = || ok(list("1", &[user(1)]));
    let gone = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404"}"#;
    for (reply, stands) in [
        (answer("404 Not Found", &json, gone), Stands::Accepted),
        (answer("204 No Content", &[], ""), Stands::Accepted),
        (answer("403 Forbidden", &json, r#"{"detail":"read only"}"#), Stands::Forbidden),
        (answer("401 No", &[], ""), Stands::Refused),
        (answer("404 Not Found", &[("Content-Type", "text/html")], "<html>"), Stands::Unclear),
        (answer("404 Not Found", &[], ""), Stands::Unclear),
        (answer("400 Bad Request", &json, "{}"), Stands::Unclear),
        (answer("405 No", &[], ""), Stands::Unclear),
        (answer("501 No", &json, "{}"), Stands::Unclear),
        (answer("307 There", &[("Location", "/scim/v2/Users/x")], ""), Stands::Unclear),
    ] {
        let (standing, server) = of(one(), reply.clone()).await;
        assert_eq!(standing.read.stands, Stands::Accepted, "{standing:#?}");
        let write = standing.write.unwrap();
        assert_eq!(write.stands, stands, "{reply:?} {write:#?}");
        let asked = server.asked.lock().unwrap();
        assert_eq!((asked.len(), asked[1].method.as_str()), (2, "PATCH"), "{reply:?}");
    }
    // A server that was asked for one user and sends millions has let the credential in.
    let huge = Reply::Endless(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[".to_vec(),
        vec![b' '; 1 << 20],
    );
    let (standing, _) = of(huge, answer("401 No", &[], "")).await;
    assert_eq!(
        (standing.read.stands, standing.read.status),
        (Stands::Accepted, Some(200)),
        "{standing:#?}"
    );
}

#[tokio::test]
async fn a_clients_own_secret_is_refused_by_the_token_endpoint_alone() {
    let json = [("Content-Type", "application/json")];
    for (reply, stands) in [
        (answer("401 No", &json, r#"{"error":"invalid_client"}"#), Stands::Refused),
        (answer("400 No", &json, r#"{"error":"invalid_client"}"#), Stands::Refused),
        (answer("400 No", &json, r#"{"error":"invalid_scope"}"#), Stands::Unclear),
        (answer("500 Oops", &[], ""), Stands::Unclear),
        (answer("200 OK", &[("Content-Type", "text/html")], "<html>"), Stands::Unclear),
        (
            answer("200 OK", &json, r#"{"access_token":"at-1","token_type":"Bearer"}"#),
            Stands::Accepted,
        ),
    ] {
        let told = reply.clone();
        let server = serve(move |asked| match asked.path.as_str() {
            "/token" => told.clone(),
            _ if asked.head.contains("Bearer at-1") => ok(list("1", &[user(1)])),
            _ => answer("401 No", &[], ""),
        })
        .await;
        let client = ScimClient::new(ScimConfig {
            name: "App".into(),
            base: server.base.parse().unwrap(),
            auth: Auth::ClientCredentials {
                token_url: format!("http://{}/token", server.address).parse().unwrap(),
                client_id: "lanyard".into(),
                client_secret: Secret::new(TOKEN.into()),
                scope: None,
            },
            ca_pem: None,
            headers: Vec::new(),
            request_budget: None,
            limits: limits(),
        });
        let client = Client::Scim(client.unwrap());
        let standing = client.standing(false, &never()).await;
        assert_eq!(standing.read.stands, stands, "{reply:?} {standing:#?}");
        says(&standing.read, "", &[TOKEN]);
        if stands == Stands::Accepted {
            let before = server.asked.lock().unwrap().len();
            client.standing(false, &never()).await;
            assert_eq!(
                server.asked.lock().unwrap().len() - before,
                2,
                "each time begins with the secret itself"
            );
        }
    }
}
