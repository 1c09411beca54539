//! Client secrets of Entra's applications: made, listed without their values, removed, and what the token endpoint says.

use lanyard_lab::azure::Throttle;
use lanyard_lab::{AzureHandle, AzureOptions};

use super::*;

pub(super) struct Entra {
    pub(super) lab: Lab,
    pub(super) door: Client,
    pub(super) azure: AzureHandle,
    pub(super) graph: Client,
}

/// A lab with Azure, and a client of Graph that has these permissions beside the usual ones.
pub(super) async fn entra(words: &[&str]) -> Entra {
    let (lab, door) = with(words, |options| {
        options.azure = Some(AzureOptions {
            throttle: Throttle::none(),
            sync_every: Duration::from_millis(60),
            sync_takes: Duration::from_millis(10),
            ..AzureOptions::default()
        });
    })
    .await;
    let azure = lab.azure().expect("asked for");
    let client = azure.client_id().to_string();
    let answer = login(&azure, &client, &azure.secret()).await;
    let token = text(&answer.value, "access_token");
    let graph = Client::at(format!("{}/v1.0", azure.sites().graph), token);
    Entra { lab, door, azure, graph }
}

async fn login(azure: &AzureHandle, client: &str, secret: &str) -> Answer {
    let authority = Client::at(azure.sites().authority, String::new());
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("grant_type", "client_credentials"),
            ("client_id", client),
            ("client_secret", secret),
            ("scope", "https://graph.microsoft.com/.default"),
        ])
        .finish();
    let request = authority.bare(Method::POST, &format!("/{}/oauth2/v2.0/token", azure.tenant_id()));
    read(request.header("content-type", "application/x-www-form-urlencoded").body(body)).await
}

impl Entra {
    pub(super) async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        let request = self.graph.request(method, path).header("content-type", "application/json");
        read(request.body(body.to_string())).await
    }

    /// The status and Entra's number of signing in as the reader.
    async fn sign_in(&self, secret: &str) -> (u16, Option<u64>) {
        let answer = login(&self.azure, &self.azure.client_id().to_string(), secret).await;
        (answer.status, answer.value["error_codes"][0].as_u64())
    }

    /// An application by its displayed name.
    async fn application(&self, name: &str) -> Value {
        let all = self.graph.get("/applications?$top=999").await.value;
        let listed = all["value"].as_array().expect("a list");
        listed.iter().find(|one| one["displayName"] == name).expect("there").clone()
    }

    async fn reader(&self) -> String {
        format!("/applications/{}", text(&self.application("Lanyard reader").await, "id"))
    }

    async fn add(&self, application: &str) -> Answer {
        let body = json!({"passwordCredential": {"displayName": "lanyard 2"}});
        self.send(Method::POST, &format!("{application}/addPassword"), body).await
    }

    async fn remove(&self, application: &str, key: &Value) -> Answer {
        self.send(Method::POST, &format!("{application}/removePassword"), json!({"keyId": key}))
            .await
    }
}

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.value["error"]["code"].as_str().unwrap_or_default())
}

const INVALID: (u16, Option<u64>) = (401, Some(7_000_215));

#[tokio::test]
async fn a_secret_is_added_shown_once_and_removed() {
    let entra = entra(&["grant:Application.ReadWrite.All"]).await;
    let reader = entra.reader().await;
    let old = entra.azure.secret();
    let until = "2090-01-02T03:04:05Z";
    let body = json!({"passwordCredential": {"displayName": "lanyard 2", "endDateTime": until}});
    let added = entra.send(Method::POST, &format!("{reader}/addPassword"), body).await;
    assert_eq!(added.status, 200, "{}", added.value);
    let secret = text(&added.value, "secretText");
    assert_eq!(
        (&added.value["endDateTime"], &added.value["hint"]),
        (&json!(until), &json!(secret[..3]))
    );
    assert_eq!(
        (entra.sign_in(&secret).await, entra.sign_in(&old).await),
        ((200, None), (200, None))
    );

    let shown = entra.graph.get(&reader).await;
    let listed = shown.value["passwordCredentials"].as_array().expect("a list");
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|one| one["secretText"].is_null()));
    let first = listed.iter().find(|one| one["displayName"] == "lanyard").expect("the first")["keyId"].clone();
    let whole = String::from_utf8_lossy(&shown.bytes).into_owned();
    assert!(!whole.contains(&secret) && !whole.contains(&old));

    assert_eq!(entra.remove(&reader, &first).await.status, 204);
    assert_eq!((entra.sign_in(&old).await, entra.sign_in(&secret).await), (INVALID, (200, None)));
    assert_eq!(code(&entra.remove(&reader, &first).await), (400, "Request_BadRequest"));
    let left = entra.graph.get(&reader).await.value;
    assert_eq!(left["passwordCredentials"].as_array().map(Vec::len), Some(1));

    let told = entra.door.get("/tokens").await;
    assert_eq!(
        (&told.value["azure"]["mints"], &told.value["azure"]["mintRequests"]),
        (&json!(1), &json!(1))
    );
    let uses = told.value["azure"]["uses"].as_array().expect("a list");
    let by_new = uses
        .iter()
        .filter(|one| one["token"] == added.value["keyId"] && one["accepted"] == true)
        .count();
    assert_eq!(by_new, 2);
    let dead = truth(&entra.door, "azure", first.as_str().expect("an id")).await;
    assert!(dead["stopped"].is_i64() && dead["works"] == false);
    let whole = String::from_utf8_lossy(&told.bytes).into_owned();
    assert!(!whole.contains(&secret) && !whole.contains(&old));
}

#[tokio::test]
async fn secrets_need_the_right_to_write_applications() {
    let entra = entra(&[]).await;
    let reader = entra.reader().await;
    assert_eq!(code(&entra.add(&reader).await), (403, "Authorization_RequestDenied"));
    // Of those that the client owns: first of none, then of one.
    entra.azure.grant("Application.ReadWrite.OwnedBy");
    assert_eq!(entra.add(&reader).await.status, 403);
    assert!(entra.azure.own("Lanyard reader"));
    assert_eq!(entra.add(&reader).await.status, 200);
    let other = format!("/applications/{}", text(&entra.application("Ledgerly").await, "id"));
    assert_eq!(entra.add(&other).await.status, 403);
    entra.azure.grant("Application.ReadWrite.All");
    let added = entra.add(&other).await;
    assert_eq!(added.status, 200);
    assert_eq!(
        code(&entra.remove(&reader, &added.value["keyId"]).await),
        (400, "Request_BadRequest"),
        "it is another's"
    );
    let by_app = format!("/applications(appId='{}')", entra.azure.client_id());
    assert_eq!(entra.add(&by_app).await.status, 200);
    for body in [
        json!({"passwordCredential": []}),
        json!({"passwordCredential": {"displayName": 7}}),
        json!({"passwordCredential": {"endDateTime": "soon"}}),
        json!({"passwordCredential": {"endDateTime": "2001-01-01T00:00:00Z"}}),
    ] {
        let refused = entra.send(Method::POST, &format!("{reader}/addPassword"), body.clone()).await;
        assert_eq!(code(&refused), (400, "Request_BadRequest"), "{body}");
    }
    assert_eq!(entra.add("/applications/00000000-0000-4000-8000-000000000000").await.status, 404);
    assert_eq!(entra.remove(&reader, &json!("x")).await.status, 400);
    assert_eq!(entra.remove(&reader, &Value::Null).await.status, 400);
}

#[tokio::test]
async fn another_application_signs_in_with_its_own_secret_and_may_do_nothing() {
    let entra = entra(&["grant:Application.ReadWrite.All"]).await;
    let other = entra.application("Ledgerly").await;
    let added = entra.add(&format!("/applications/{}", text(&other, "id"))).await;
    let (app, secret) = (text(&other, "appId"), text(&added.value, "secretText"));
    let answer = login(&entra.azure, &app, &secret).await;
    assert_eq!(answer.status, 200, "{}", answer.value);
    let theirs = Client::at(entra.graph.url.clone(), text(&answer.value, "access_token"));
    assert_eq!(theirs.get("/users").await.status, 403);
    assert_eq!(entra.sign_in(&secret).await, INVALID, "it opens one application only");
    assert_eq!(login(&entra.azure, &app, &entra.azure.secret()).await.status, 401);
}

#[tokio::test]
async fn secrets_begin_and_end_late_where_entra_takes_its_time() {
    let entra = entra(&[
        "grant:Application.ReadWrite.All",
        "azure/tokens:start:3600s",
        "azure/tokens:overlap:3600s",
    ])
    .await;
    let reader = entra.reader().await;
    let added = entra.add(&reader).await;
    let secret = text(&added.value, "secretText");
    assert_eq!(entra.sign_in(&secret).await, INVALID);
    entra.azure.settle();
    assert_eq!(entra.sign_in(&secret).await, (200, None));
    assert_eq!(entra.remove(&reader, &added.value["keyId"]).await.status, 204);
    assert_eq!(
        entra.sign_in(&secret).await,
        (200, None),
        "it is not there any more, and works for a while"
    );
    entra.azure.settle();
    assert_eq!(entra.sign_in(&secret).await, INVALID);
}

#[tokio::test]
async fn entra_loses_an_answer_lies_and_gives_out_what_does_not_work() {
    let entra = entra(&["grant:Application.ReadWrite.All", "azure/tokens:lose-mint", "azure/tokens:lying"]).await;
    let reader = entra.reader().await;
    let request = entra.graph.request(Method::POST, &format!("{reader}/addPassword"));
    let body = json!({"passwordCredential": {"displayName": "lanyard run 7"}}).to_string();
    assert!(
        attempt(request.header("content-type", "application/json").body(body))
            .await
            .is_err()
    );
    let shown = entra.graph.get(&reader).await.value;
    let found = shown["passwordCredentials"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["displayName"] == "lanyard run 7");
    let key = found.expect("it was made all the same")["keyId"].clone();
    assert_eq!(entra.remove(&reader, &key).await.status, 204);
    let added = entra.add(&reader).await;
    let secret = text(&added.value, "secretText");
    assert_eq!(entra.remove(&reader, &added.value["keyId"]).await.status, 204);
    assert_eq!(entra.sign_in(&secret).await, (200, None));
    let told = truth(&entra.door, "azure", &text(&added.value, "keyId")).await;
    assert!(told["works"] == true && told["revoked"].is_i64() && told["stopped"].is_null());
    let faults = json!({"on": ["azure/tokens:broken"]}).to_string();
    assert_eq!(read(entra.door.request(Method::POST, "/faults").body(faults)).await.status, 204);
    let broken = text(&entra.add(&reader).await.value, "secretText");
    assert_eq!(entra.sign_in(&broken).await, INVALID);
    drop(entra.lab);
}
