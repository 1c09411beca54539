//! Providers that do not mean well: the value gets nowhere, the credential goes nowhere, and nothing is taken for done that is not.

use std::io::Write;
use std::sync::{Arc, Mutex};

use lanyard_engine::sources::Client;
use lanyard_engine::sources::tokens::{MakeError, Recipe, TokenApi};
use lanyard_tests::hostile::{Reply, Server, answer, serve};

use super::wish;
use crate::{TOKEN, never, scim};

const VALUE: &str = "Zx-Value-7q";

const RECIPE: &str = "
lanyard: recipe/1
name: Hostile
for: { kind: scim }
make:
  path: /api/tokens
  body: { name: '${name}' }
  gives: { value: /token, id: /id, expires: /expires }
list:
  path: /api/tokens
  items: /tokens
  fields: { id: /id, name: /name, expires: /expires }
revoke:
  path: /api/tokens/${id}
";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn api(behaviour: impl Fn(&lanyard_tests::hostile::Asked) -> Reply + Send + Sync + 'static) -> (TokenApi, Server) {
    let server = serve(behaviour).await;
    let recipe = Recipe::read(RECIPE, "hostile.yaml").unwrap();
    let api = TokenApi::by_recipe(&recipe, &Client::Scim(scim(&server.base, TOKEN))).unwrap();
    (api, server)
}

fn json(status: &str, body: impl AsRef<[u8]>) -> Reply {
    answer(status, &[("Content-Type", "application/json")], body)
}

async fn made_of(reply: Reply) -> (Result<String, MakeError>, Server) {
    let (api, server) = api(move |_| reply.clone()).await;
    let made = api.make(&wish("n"), &never()).await;
    (made.map(|made| made.value.expose().to_owned()), server)
}

#[tokio::test]
async fn an_answer_that_gives_no_value_is_told_from_a_refusal_and_from_a_lost_one() {
    let twice = format!("first\\n{VALUE}");
    let long = "x".repeat(20_000);
    for (reply, part) in [
        (json("201 Created", "no json"), "not JSON"),
        (json("201 Created", ""), "empty"),
        (json("201 Created", "7"), "neither an object nor a list"),
        (json("201 Created", "{}"), "nothing at /token"),
        (json("201 Created", r#"{"token":null}"#), "nothing at /token"),
        (json("201 Created", r#"{"token":{"a":1}}"#), "no text"),
        (json("201 Created", r#"{"token":""}"#), "is empty"),
        (json("201 Created", r#"{"token":"n"}"#), "what was asked for"),
        (json("201 Created", format!(r#"{{"token":"{twice}"}}"#)), "line break"),
        (json("201 Created", format!(r#"{{"token":" {VALUE}"}}"#)), "space"),
        (json("201 Created", format!(r#"{{"token":"{long}"}}"#)), "longer than any token"),
        (json("201 Created", "[".repeat(5000)), "nested"),
        (answer("200 OK", &[("Content-Type", "text/html")], "<html>"), "web page"),
        // 200 MB are not read.
        (
            Reply::Endless(b"HTTP/1.1 201 Created\r\n\r\n{\"token\":\"".to_vec(), vec![b'a'; 1 << 20]),
            "larger than",
        ),
    ] {
        let (made, server) = made_of(reply).await;
        let Err(MakeError::Answer(fault)) = made else {
            panic!("{part}: {made:?}")
        };
        let told = format!("{fault:?}");
        assert!(fault.what.contains(part), "{part}: {told}");
        assert!(!told.contains(VALUE) && !told.contains(TOKEN), "{told}");
        assert_eq!(server.asked.lock().unwrap().len(), 1, "{part}");
    }
    for reply in [
        answer("201 Created", &[("Content-Encoding", "gzip")], b"\x1f\x8b\x08broken"),
        Reply::Raw(format!("HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{{\"token\":\"{VALUE}").into_bytes()),
        json("500 Oops", "{}"),
        json("504 Late", "{}"),
        json("408 Late", "{}"),
        Reply::Raw(Vec::new()),
        answer("303 See Other", &[("Location", "/api/tokens/1")], ""),
        answer("307 There", &[("Location", "http://127.0.0.1:9/api/tokens")], ""),
    ] {
        let (made, server) = made_of(reply.clone()).await;
        assert!(matches!(made, Err(MakeError::Lost(_))), "{reply:?}: {made:?}");
        assert_eq!(server.asked.lock().unwrap().len(), 1, "{reply:?}");
    }
    for status in ["400 No", "401 No", "403 No", "404 No", "409 No", "422 No", "429 No"] {
        let (made, server) = made_of(json(status, r#"{"error":{"message":"no more"}}"#)).await;
        let Err(MakeError::Refused { says, .. }) = made else {
            panic!("{status}: {made:?}")
        };
        assert!(says.contains("no more"), "{says}");
        assert_eq!(server.asked.lock().unwrap().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn the_value_is_in_no_text_whatever_else_the_provider_writes_it_into() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let everywhere = [("X-Request-Id", VALUE), ("Content-Type", "application/json"), ("X-Token", VALUE)];
    let good = answer(
        "201 Created",
        &everywhere,
        format!(r#"{{"token":"{VALUE}","id":"{VALUE}","expires":"{VALUE}","name":"{VALUE}"}}"#),
    );
    let listed = json(
        "200 OK",
        format!(r#"{{"tokens":[{{"id":"1","name":"for {VALUE}"}},{{"id":"2","name":"two","expires":1790000000}}]}}"#),
    );
    let (api, _server) = api(move |asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", _) => good.clone(),
        ("GET", _) => listed.clone(),
        _ => answer("409 No", &everywhere, format!(r#"{{"error":"{VALUE} is in use"}}"#)),
    })
    .await;
    let made = api.make(&wish("n"), &never()).await.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(made.value.expose(), VALUE);
    assert_eq!((made.id, made.expires_at), (None, None), "neither is told where it is the value");
    let tokens = api.list(&never()).await.unwrap();
    assert_eq!(
        (tokens.len(), tokens[0].name.as_str(), tokens[1].expires_at),
        (2, "", Some(1_790_000_000_000))
    );
    let error = api.revoke("1", &never()).await.unwrap_err();
    let told = format!("{tokens:?} {error:?} {error} {:?}", error.fault());
    assert!(!told.contains(VALUE), "{told}");

    // A refusal that gives the value away all the same, and one that cannot be read.
    for reply in [
        answer(
            "409 No",
            &everywhere,
            format!(r#"{{"token":"{VALUE}","error":{{"message":"{VALUE} exists"}}}}"#),
        ),
        answer("500 Oops", &everywhere, format!(r#"{{"token":"{VALUE}"}}"#)),
        answer("201 Created", &everywhere, format!(r#"{{"other":"{VALUE}"}}"#)),
    ] {
        let (made, _server) = made_of(reply).await;
        let told = format!("{:?}", made.unwrap_err());
        assert!(!told.contains(VALUE), "{told}");
    }
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(!log.contains(VALUE) && !log.contains(TOKEN), "a secret is in the log");
}

#[tokio::test]
async fn the_credential_stays_at_its_own_origin_and_a_list_is_whole_or_none() {
    let other = serve(|_| json("200 OK", r#"{"tokens":[]}"#)).await;
    let to = format!("http://{}/api/tokens", other.address);
    let (api_, _server) = api(move |_| answer("302 Found", &[("Location", &to)], "")).await;
    assert_eq!(api_.list(&never()).await.unwrap_err().code(), "http.redirect");
    assert_eq!(api_.revoke("1", &never()).await.unwrap_err().code(), "http.redirect");
    assert!(other.asked.lock().unwrap().is_empty());

    for body in [
        "{}",
        r#"{"tokens":{}}"#,
        r#"{"tokens":[{"name":"without id"}]}"#,
        r#"{"tokens":[{"id":""}]}"#,
        "[1",
    ] {
        let (api, _server) = api(move |_| json("200 OK", body)).await;
        assert!(api.list(&never()).await.is_err(), "{body}");
    }
    // An id stays one segment of the path, whatever it holds.
    let (api, server) = api(|_| answer("204 No Content", &[], "")).await;
    api.revoke("../../scim/v2/Users/1?x", &never()).await.unwrap();
    assert_eq!(
        server.asked.lock().unwrap()[0].path,
        "/api/tokens/..%2F..%2Fscim%2Fv2%2FUsers%2F1%3Fx"
    );
    for id in ["", ".", "..", " "] {
        assert!(
            api.revoke(id, &never()).await.is_err() && api.revoke_request(id).is_none(),
            "{id:?}"
        );
    }
}
