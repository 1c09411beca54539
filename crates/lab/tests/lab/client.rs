//! A small HTTP client and a lab to talk to.

use lanyard_lab::{Handle, Lab, LabOptions, serve};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

/// One answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub value: Value,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The resources of a list.
    pub fn resources(&self) -> &[Value] {
        self.value["Resources"].as_array().map_or(&[], Vec::as_slice)
    }

    pub fn ids(&self) -> Vec<String> {
        ids(self.resources())
    }
}

pub fn ids(resources: &[Value]) -> Vec<String> {
    resources
        .iter()
        .map(|resource| resource["id"].as_str().expect("an id").to_owned())
        .collect()
}

pub struct Client {
    http: reqwest::Client,
    pub url: String,
    pub token: String,
}

impl Client {
    pub fn of(handle: &Handle) -> Self {
        Self::at(handle.url(), handle.token())
    }

    pub fn at(url: String, token: String) -> Self {
        // Only the first in a process succeeds, and one is enough.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self { http, url, token }
    }

    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).header(AUTHORIZATION, format!("Bearer {}", self.token))
    }

    pub async fn get(&self, path: &str) -> Answer {
        read(self.request(Method::GET, path)).await
    }

    pub async fn list(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        read(self.request(Method::GET, &format!("{path}?{query}"))).await
    }

    pub async fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        read(
            self.request(method, path)
                .header(CONTENT_TYPE, "application/scim+json")
                .body(body.to_string()),
        )
        .await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, body).await
    }
}

/// Sends, and fails the test when there is no whole answer.
pub async fn read(request: RequestBuilder) -> Answer {
    attempt(request).await.expect("an answer")
}

/// Sends; an error is a connection that ended too early.
pub async fn attempt(request: RequestBuilder) -> Result<Answer, reqwest::Error> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await?.to_vec();
    let value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Ok(Answer {
        status,
        headers,
        value,
        bytes,
    })
}

/// A lab of so many people, and a client of its identity provider.
pub async fn lab(people: usize, change: impl FnOnce(&mut LabOptions)) -> (Lab, Client) {
    let mut options = LabOptions {
        people,
        ..LabOptions::default()
    };
    change(&mut options);
    let lab = serve(options).await.expect("the lab opens");
    let client = Client::of(&lab.provider());
    (lab, client)
}

pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub const BADGE: &str = "urn:halcyon:scim:schemas:1.0:Badge";

pub fn patch(operations: Value) -> Value {
    let mut body = serde_json::json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]});
    body["Operations"] = operations;
    body
}
