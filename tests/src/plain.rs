//! A SCIM client as plain as can be, to ask a server what it holds without asking Lanyard.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

/// One server and a token for it.
#[derive(Clone)]
pub struct Plain {
    client: reqwest::Client,
    /// The base URL.
    pub url: String,
    token: String,
}

impl Plain {
    /// A client of this server.
    ///
    /// # Panics
    /// When no client can be made.
    pub fn new(url: &str, token: &str) -> Self {
        // Another test may have installed it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            client: reqwest::Client::new(),
            url: url.trim_end_matches('/').to_owned(),
            token: token.to_owned(),
        }
    }

    /// Sends one request; gives status and body (null where there is none).
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let mut request = self
            .client
            .request(method, format!("{}/{path}", self.url))
            .bearer_auth(&self.token)
            .header("Accept", "application/scim+json, application/json");
        if let Some(body) = body {
            request = request.header("Content-Type", "application/scim+json").body(body.to_string());
        }
        let answer = request.send().await.unwrap_or_else(|error| panic!("{path}: {error}"));
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap_or_default();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Reads one resource; none where it is not there.
    ///
    /// # Panics
    /// On any other answer.
    pub async fn get(&self, path: &str) -> Option<Value> {
        let (status, body) = self.ask(Method::GET, path, None).await;
        assert!(status == 200 || status == 404, "GET {path}: {status} {body}");
        (status == 200).then_some(body)
    }

    /// Creates a resource and gives its id.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn create(&self, collection: &str, resource: &Value) -> String {
        let (status, body) = self.ask(Method::POST, collection, Some(resource)).await;
        assert_eq!(status, 201, "POST {collection}: {body}");
        body["id"].as_str().unwrap_or_else(|| panic!("no id in {body}")).to_owned()
    }

    /// Sends a PATCH (RFC 7644 §3.5.2).
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn patch(&self, path: &str, operations: Value) {
        let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
        let (status, answer) = self.ask(Method::PATCH, path, Some(&body)).await;
        assert!(matches!(status, 200 | 204), "PATCH {path}: {status} {answer}");
    }

    /// Deletes a resource.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn delete(&self, path: &str) {
        let (status, answer) = self.ask(Method::DELETE, path, None).await;
        assert_eq!(status, 204, "DELETE {path}: {answer}");
    }

    /// Reads a whole collection in pages by index, one after the other, by id.
    ///
    /// # Panics
    /// When it does not end as its own total says.
    pub async fn all(&self, collection: &str) -> BTreeMap<String, Value> {
        let mut found = BTreeMap::new();
        let mut start = 1;
        loop {
            let (status, page) = self
                .ask(Method::GET, &format!("{collection}?startIndex={start}&count=100"), None)
                .await;
            assert_eq!(status, 200, "{collection} from {start}: {page}");
            let resources = page["Resources"].as_array().cloned().unwrap_or_default();
            start += resources.len();
            let nothing = resources.is_empty();
            found.extend(
                resources
                    .into_iter()
                    .filter_map(|resource| Some((resource["id"].as_str()?.to_owned(), resource))),
            );
            let total = page["totalResults"].as_u64().unwrap_or_default() as usize;
            if start > total || nothing {
                assert_eq!(found.len(), total, "{collection} does not hold what it says");
                return found;
            }
        }
    }

    /// Reads a whole collection in pages by cursor (RFC 9865), by id.
    ///
    /// # Panics
    /// When it does not end as its own total says.
    pub async fn all_by_cursor(&self, collection: &str) -> BTreeMap<String, Value> {
        let mut found = BTreeMap::new();
        let mut cursor = String::new();
        loop {
            let (status, page) = self
                .ask(Method::GET, &format!("{collection}?count=100&cursor={cursor}"), None)
                .await;
            assert_eq!(status, 200, "{collection}: {page}");
            let resources = page["Resources"].as_array().cloned().unwrap_or_default();
            found.extend(
                resources
                    .into_iter()
                    .filter_map(|resource| Some((resource["id"].as_str()?.to_owned(), resource))),
            );
            match page["nextCursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => {
                    assert_eq!(
                        Some(found.len() as u64),
                        page["totalResults"].as_u64(),
                        "{collection} does not hold what it says"
                    );
                    return found;
                }
            }
        }
    }

    /// Reads these resources one by one, by id: for a server whose lists cannot be believed.
    ///
    /// # Panics
    /// When one is not there.
    pub async fn each(&self, collection: &str, ids: impl IntoIterator<Item = &String>) -> BTreeMap<String, Value> {
        let mut found = BTreeMap::new();
        for id in ids {
            let resource = self
                .get(&format!("{collection}/{id}"))
                .await
                .unwrap_or_else(|| panic!("{collection}/{id} is not there"));
            found.insert(id.clone(), resource);
        }
        found
    }
}
