//! Tokens that are made, overlap, expire and are revoked: at the token API of the SCIM servers, and in Entra.

mod entra;
mod provisioning;
mod scim;

use std::time::{Duration, Instant};

use lanyard_lab::{Handle, Lab, LabOptions, serve};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Answer, Client, attempt, read};

/// A lab with these words switched on, and its control door.
async fn with(words: &[&str], change: impl FnOnce(&mut LabOptions)) -> (Lab, Client) {
    let mut options = LabOptions {
        people: 40,
        control: true,
        ..LabOptions::default()
    };
    options.provisioning.delay = Duration::from_millis(20);
    change(&mut options);
    for word in words {
        options.add_fault(word).unwrap_or_else(|error| panic!("{word}: {error}"));
    }
    let lab = serve(options).await.expect("the lab opens");
    let door = Client::at(lab.summary().control.clone().expect("asked for"), String::new());
    (lab, door)
}

/// Asks again until an answer is as wanted; half a minute is the end of patience.
async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what} did not come");
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

/// A SCIM server as somebody who rotates its tokens sees it.
struct Provider {
    scim: Client,
    api: Client,
}

impl Provider {
    /// `api` is asked with the managing token.
    fn of(handle: &Handle) -> Self {
        let origin = handle.url().replace("/scim/v2", "");
        Self {
            scim: Client::of(handle),
            api: Client::at(origin, handle.manager_token()),
        }
    }

    async fn send(&self, method: Method, path: &str, body: &Value, key: Option<&str>) -> Result<Answer, reqwest::Error> {
        let mut request = self.api.request(method, path).header("content-type", "application/json");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        attempt(if body.is_null() { request } else { request.body(body.to_string()) }).await
    }

    async fn mint(&self, body: Value) -> Answer {
        self.send(Method::POST, "/api/tokens", &body, None).await.expect("an answer")
    }

    async fn list(&self) -> Vec<Value> {
        let answer = self.api.get("/api/tokens").await;
        assert_eq!(answer.status, 200);
        answer.value["tokens"].as_array().expect("a list").clone()
    }

    async fn revoke(&self, id: &str) -> u16 {
        let path = format!("/api/tokens/{id}");
        self.send(Method::DELETE, &path, &Value::Null, None)
            .await
            .expect("an answer")
            .status
    }

    /// What a read is answered.
    async fn reads(&self, token: &str) -> u16 {
        read(self.scim.bare(Method::GET, "/Users?count=1").bearer_auth(token)).await.status
    }

    /// What a write is answered that changes nothing: a group of no name is refused by whoever looks at it.
    async fn writes(&self, token: &str) -> u16 {
        let request = self.scim.bare(Method::POST, "/Groups").bearer_auth(token);
        let body = json!({"schemas": [crate::client::GROUP]}).to_string();
        read(request.header("content-type", "application/scim+json").body(body))
            .await
            .status
    }

    /// How many users a token sees.
    async fn sees(&self, token: &str) -> u64 {
        let answer = read(self.scim.bare(Method::GET, "/Users?count=1").bearer_auth(token)).await;
        answer.value["totalResults"].as_u64().expect("a number")
    }
}

fn text(answer: &Value, name: &str) -> String {
    answer[name].as_str().unwrap_or_else(|| panic!("{name} of {answer}")).to_owned()
}

/// The truth about one token of a server.
async fn truth(door: &Client, server: &str, id: &str) -> Value {
    let all = door.get("/tokens").await.value;
    let tokens = all[server]["tokens"].as_array().expect("a list");
    let found = tokens.iter().find(|token| token["id"] == id);
    found.unwrap_or_else(|| panic!("{id} of {server} is not told")).clone()
}
