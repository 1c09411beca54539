//! Entra, Graph and the Resource Manager over real HTTP: what clients of the real ones meet.

mod arm;
mod graph;
mod login;

use std::collections::{BTreeMap, BTreeSet};

use lanyard_lab::azure::Throttle;
use lanyard_lab::{AzureHandle, AzureOptions, Lab, LabOptions, Site, serve};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Answer, read};

/// A lab with Azure, and a client of it.
struct Cloud {
    _lab: Lab,
    azure: AzureHandle,
    http: reqwest::Client,
    graph: String,
    arm: String,
}

const API: &str = "api-version=2022-04-01";

async fn cloud(people: usize, change: impl FnOnce(&mut AzureOptions)) -> Cloud {
    let mut options = AzureOptions {
        throttle: Throttle::none(),
        ..AzureOptions::default()
    };
    change(&mut options);
    let lab = serve(LabOptions {
        people,
        azure: Some(options),
        ..LabOptions::default()
    });
    let lab = lab.await.expect("the lab opens");
    let azure = lab.azure().expect("asked for");
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    if let Some(pem) = azure.ca_pem() {
        builder = builder.tls_certs_only([reqwest::Certificate::from_pem(pem.as_bytes()).expect("a certificate")]);
    }
    let mut cloud = Cloud {
        _lab: lab,
        azure,
        http: builder.build().expect("a client"),
        graph: String::new(),
        arm: String::new(),
    };
    cloud.graph = cloud.token("https://graph.microsoft.com/.default").await;
    cloud.arm = cloud.token("https://management.azure.com/.default").await;
    cloud
}

impl Cloud {
    async fn form(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let sites = self.azure.sites();
        let url = format!("{}/{}/oauth2/v2.0/{path}", sites.authority, self.azure.tenant_id());
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.http.post(url).header("content-type", "application/x-www-form-urlencoded");
        read(request.body(body)).await
    }

    async fn login(&self, scope: &str, secret: &str) -> Answer {
        let client = self.azure.client_id().to_string();
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &client),
            ("client_secret", secret),
            ("scope", scope),
        ];
        self.form("token", &form).await
    }

    async fn token(&self, scope: &str) -> String {
        let answer = self.login(scope, &self.azure.secret()).await;
        assert_eq!(answer.status, 200, "{:?}", answer.value);
        answer.value["access_token"].as_str().expect("a token").to_owned()
    }

    async fn at(&self, url: &str, token: &str) -> Answer {
        read(self.http.request(Method::GET, url).bearer_auth(token)).await
    }

    async fn graph(&self, path: &str) -> Answer {
        self.at(&format!("{}/v1.0{path}", self.azure.sites().graph), &self.graph).await
    }

    async fn arm(&self, path: &str) -> Answer {
        self.at(&format!("{}{path}", self.azure.sites().arm), &self.arm).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        let url = format!("{}/v1.0{path}", self.azure.sites().graph);
        let request = self
            .http
            .post(url)
            .bearer_auth(&self.graph)
            .header("content-type", "application/json");
        read(request.body(body.to_string())).await
    }

    /// Every page of a list, by its links.
    async fn all(&self, url: &str, token: &str) -> Vec<Value> {
        let mut url = url.to_owned();
        let mut items = Vec::new();
        for _ in 0..200 {
            let answer = self.at(&url, token).await;
            assert_eq!(answer.status, 200, "{:?}", answer.value);
            items.extend(answer.value["value"].as_array().expect("a list").iter().cloned());
            let next = [&answer.value["@odata.nextLink"], &answer.value["nextLink"]];
            match next.into_iter().find_map(Value::as_str) {
                Some(next) => next.clone_into(&mut url),
                None => return items,
            }
        }
        panic!("too many pages");
    }

    async fn all_graph(&self, path: &str) -> Vec<Value> {
        self.all(&format!("{}/v1.0{path}", self.azure.sites().graph), &self.graph).await
    }

    async fn all_arm(&self, path: &str) -> Vec<Value> {
        self.all(&format!("{}{path}", self.azure.sites().arm), &self.arm).await
    }

    fn scope(&self, name: &str) -> String {
        self.azure.look(|tenant| tenant.scope_id(tenant.scope(name).expect("a scope")))
    }

    fn id(&self, name: &str) -> String {
        self.azure.find(name).expect("an object").to_string()
    }
}

fn texts<'a>(items: &'a [Value], pointer: &str) -> BTreeSet<&'a str> {
    items.iter().filter_map(|item| item.pointer(pointer)?.as_str()).collect()
}

fn code(answer: &Answer) -> &str {
    answer.value["error"]["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn it_speaks_tls_with_an_authority_of_its_own() {
    let cloud = cloud(10, |options| options.tls = true).await;
    assert!(cloud.azure.sites().graph.starts_with("https://"));
    assert_eq!(
        cloud.graph("/organization").await.value["value"][0]["displayName"],
        "Halcyon Freight"
    );
    let stranger = reqwest::Client::builder().build().expect("a client");
    assert!(
        stranger.get(cloud.azure.sites().graph).send().await.is_err(),
        "nobody else trusts it"
    );
}

#[tokio::test]
async fn strange_requests_are_refused_and_break_nothing() {
    let cloud = cloud(10, |_| ()).await;
    let sites = cloud.azure.sites();
    for path in [
        "/",
        "/v1.0",
        "/v2.0/users",
        "/v1.0/users/%00",
        "/v1.0/users/..%2f",
        "/v1.0/groups/x/members",
        "/v1.0/users?$filter=(((",
        "/v1.0/$batch",
        "/v1.0/users/é",
    ] {
        let status = cloud.at(&format!("{}{path}", sites.graph), &cloud.graph).await.status;
        assert!((400..500).contains(&status), "{path}: {status}");
    }
    for path in [
        "/",
        "/subscriptions/x",
        "/subscriptions//resourceGroups?api-version=2022-09-01",
        "/providers/Microsoft.Authorization/roleAssignments/?api-version=x",
        "/providers/İ/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01",
    ] {
        let status = cloud.at(&format!("{}{path}", sites.arm), &cloud.arm).await.status;
        assert!((400..500).contains(&status), "{path}: {status}");
    }
    for body in [
        "",
        "{",
        "[]",
        "{\"requests\":7}",
        "{\"requests\":[{}]}",
        "{\"requests\":[{\"id\":\"1\",\"url\":\"/$batch\",\"method\":\"POST\"}]}",
    ] {
        let url = format!("{}/v1.0/$batch", sites.graph);
        let status = read(cloud.http.post(url).bearer_auth(&cloud.graph).body(body)).await.status;
        assert!(status == 200 || (400..500).contains(&status), "{body}: {status}");
    }
    assert_eq!(cloud.at(&sites.graph, &cloud.graph).await.status, StatusCode::BAD_REQUEST.as_u16());
    assert_eq!(cloud.graph("/users").await.status, 200);
}
