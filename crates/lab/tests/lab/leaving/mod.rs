//! What a de-provisioning run meets: servers that answer and do nothing, accounts that come back, sessions that live on.

mod apps;
mod control;
mod entra;
mod hostile;
mod provider;
mod roles;

use std::time::{Duration, Instant};

use lanyard_lab::azure::Throttle;
use lanyard_lab::{AzureHandle, AzureOptions, Handle, Lab, LabOptions, serve};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Answer, Client, read};

/// Waits until something holds; a minute is the end of patience.
async fn until(what: &str, holds: impl Fn() -> bool) -> Duration {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what} did not come");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    begun.elapsed()
}

/// A lab with these words switched on.
async fn with(people: usize, words: &[&str], change: impl FnOnce(&mut LabOptions)) -> Lab {
    let mut options = LabOptions {
        people,
        ..LabOptions::default()
    };
    options.provisioning.delay = Duration::from_millis(30);
    change(&mut options);
    for word in words {
        options.add_fault(word).unwrap_or_else(|error| panic!("{word}: {error}"));
    }
    serve(options).await.expect("the lab opens")
}

/// An Azure whose client may write, and a client of it.
struct Cloud {
    lab: Lab,
    azure: AzureHandle,
    graph: Client,
    arm: Client,
}

async fn cloud(people: usize, words: &[&str]) -> Cloud {
    let lab = with(people, words, |options| {
        let mut azure = AzureOptions {
            throttle: Throttle::none(),
            ..AzureOptions::default()
        };
        azure.allow_writes();
        options.azure = Some(azure);
    })
    .await;
    let azure = lab.azure().expect("asked for");
    let sites = azure.sites();
    let token = async |scope: &str| {
        let answer = login(
            &azure,
            &[
                ("grant_type", "client_credentials"),
                ("client_secret", &azure.secret()),
                ("scope", &format!("{scope}/.default")),
            ],
        )
        .await;
        assert_eq!(answer.status, 200, "{}", answer.value);
        answer.value["access_token"].as_str().expect("a token").to_owned()
    };
    let graph = Client::at(format!("{}/v1.0", sites.graph), token("https://graph.microsoft.com").await);
    let arm = Client::at(sites.arm, token("https://management.azure.com").await);
    Cloud { lab, azure, graph, arm }
}

/// Asks Entra's token endpoint.
async fn login(azure: &AzureHandle, form: &[(&str, &str)]) -> Answer {
    let authority = Client::at(azure.sites().authority, String::new());
    let id = azure.client_id().to_string();
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", &id)
        .extend_pairs(form)
        .finish();
    let request = authority.bare(Method::POST, &format!("/{}/oauth2/v2.0/token", azure.tenant_id()));
    read(request.header("content-type", "application/x-www-form-urlencoded").body(body)).await
}

async fn send(client: &Client, method: Method, path: &str, body: &Value) -> Answer {
    let request = client.request(method, path).header("content-type", "application/json");
    read(if body.is_null() { request } else { request.body(body.to_string()) }).await
}

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.value["error"]["code"].as_str().unwrap_or_default())
}

/// The id of a user, by name.
fn id(handle: &Handle, name: &str) -> String {
    let user = handle.user_named(name).expect("there");
    user["id"].as_str().expect("an id").to_owned()
}

fn switch_off() -> Value {
    json!([{"op": "replace", "path": "active", "value": false}])
}
