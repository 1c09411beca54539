//! The backend's own company, and its API asked without Lanyard.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, Instant};

use lanyard_engine::record::ResourceKind;
use lanyard_engine::secrets::Secret;
use lanyard_engine::sources::backstage::{BackstageClient, BackstageConfig, columns};
use lanyard_engine::sources::scim::{Found, Limits, ListEnd};
use lanyard_engine::view::AuthSettings;
use lanyard_tests::peer::{self, Orphans, TOKEN};
use lanyard_tests::process::Server;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// Users besides `boss` and `root`: `person00` to `person23`.
const PEOPLE: usize = 24;
/// All users.
pub const USERS: usize = PEOPLE + 2;
/// Groups: `company`, and `team0` to `team4` below it, the last one below `team0`.
pub const GROUPS: usize = 6;
/// Components `svc00` to `svc11`, each owned by a group or a user.
const COMPONENTS: usize = 12;

/// Documents by kind and id.
pub type Everything = BTreeMap<ResourceKind, BTreeMap<String, Vec<u8>>>;

/// A running backend.
pub struct House {
    pub url: String,
    http: reqwest::Client,
    data: TempDir,
    _server: Server,
}

/// What a list gave.
pub struct Listed {
    pub end: ListEnd,
    pub documents: BTreeMap<String, Vec<u8>>,
}

fn entity(kind: &str, name: &str, annotations: &Value, spec: &Value) -> String {
    json!({ "apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": { "name": name, "annotations": annotations }, "spec": spec })
        .to_string()
}

/// The catalog's descriptors, without those who left.
fn catalog(left: &[&str]) -> String {
    let mut entities = Vec::new();
    for name in ["boss", "root"] {
        entities.push(entity("User", name, &json!({}), &json!({ "memberOf": [] })));
    }
    for number in 0..PEOPLE {
        let name = format!("person{number:02}");
        if left.contains(&name.as_str()) {
            continue;
        }
        let annotations = match number % 3 {
            0 => {
                json!({ "microsoft.com/email": format!("{name}@halcyon.example"), "graph.microsoft.com/user-id": format!("0000-{number}") })
            }
            _ => json!({}),
        };
        // The last four are in no group.
        let groups: Vec<String> = if number < PEOPLE - 4 {
            vec![format!("team{}", 1 + number % 4)]
        } else {
            Vec::new()
        };
        let profile = json!({ "displayName": format!("Person {number}"), "email": format!("P{number}@Halcyon.example") });
        entities.push(entity(
            "User",
            &name,
            &annotations,
            &json!({ "profile": profile, "memberOf": groups }),
        ));
    }
    let group = |name: &str, parent: Option<&str>, children: &[&str]| {
        let mut spec = json!({ "type": "team", "children": children, "profile": { "displayName": name.to_uppercase() } });
        if let Some(parent) = parent {
            spec["parent"] = json!(parent);
        }
        entity(
            "Group",
            name,
            &json!({ "graph.microsoft.com/group-id": format!("g-{name}") }),
            &spec,
        )
    };
    entities.push(group("company", None, &["team0"]));
    for number in 0..4 {
        entities.push(group(&format!("team{number}"), Some("company"), &[]));
    }
    entities.push(group("team4", Some("group:default/Team0"), &[]));
    for number in 0..COMPONENTS {
        let owner = match number {
            3 => "user:default/person03".to_owned(),
            // Nobody of that name was ever there.
            7 => "group:default/ghosts".to_owned(),
            _ => format!("team{}", number % 5),
        };
        let spec = json!({ "type": "service", "lifecycle": "production", "owner": owner });
        entities.push(entity("Component", &format!("svc{number:02}"), &json!({}), &spec));
    }
    entities.join("\n---\n")
}

const POLICIES: &str = "\
p, role:default/reader, catalog-entity, read, allow
p, role:default/reader, catalog.entity.delete, delete, deny
g, group:default/team0, role:default/reader
g, user:default/nobody-ever, role:default/reader
p, role:default/helpers, catalog-entity, refresh, allow
";

const CONDITIONS: &str = "\
---
result: CONDITIONAL
roleEntityRef: role:default/reader
pluginId: catalog
resourceType: catalog-entity
permissionMapping: [update]
conditions:
  anyOf:
    - { rule: IS_ENTITY_OWNER, resourceType: catalog-entity, params: { claims: [$ownerRefs] } }
    - not: { rule: IS_ENTITY_KIND, resourceType: catalog-entity, params: { kinds: [Group] } }
";

impl House {
    /// Starts a backend, and waits until its catalog holds everybody.
    pub async fn open(orphans: Orphans) -> Self {
        // Another test may have installed it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let data = TempDir::new().unwrap();
        fs::write(data.path().join("catalog.yaml"), catalog(&[])).unwrap();
        fs::write(
            data.path().join("policies.csv"),
            POLICIES
                .lines()
                .filter(|line| !line.contains("helpers"))
                .fold(String::new(), |mut text, line| {
                    writeln!(text, "{line}").unwrap();
                    text
                }),
        )
        .unwrap();
        fs::write(data.path().join("conditions.yaml"), CONDITIONS).unwrap();
        let folder = data.path().to_owned();
        let server = tokio::task::spawn_blocking(move || peer::backstage(&folder, orphans))
            .await
            .unwrap();
        let house = Self {
            url: server.text("url").to_owned(),
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
            data,
            _server: server,
        };
        // Everybody, and everybody's relations: these come a moment later.
        house
            .until("the whole catalog", async || {
                let users = house.entities("kind=user").await;
                let owned = house.entities("relations.ownedBy").await;
                let joined = users.values().filter(|user| !related(user, "memberOf").is_empty()).count();
                let groups = house.entities("kind=group").await;
                let held: usize = groups.values().map(|group| related(group, "hasMember").len()).sum();
                let below = groups.values().map(|group| related(group, "parentOf").len()).sum::<usize>();
                (users.len(), groups.len(), owned.len(), joined, held, below)
                    == (USERS, GROUPS, COMPONENTS, PEOPLE - 4, PEOPLE - 4, GROUPS - 1)
            })
            .await;
        house.grant().await;
        house
    }

    /// What only a user may write: a role of the REST source, with a member who will leave, and one that sees groups only.
    async fn grant(&self) {
        let boss = self.user_token("boss").await;
        for (path, body) in [
            (
                "roles",
                json!({ "name": "role:default/helpers", "memberReferences": ["user:default/person03", "user:default/nobody-ever"] }),
            ),
            (
                "policies",
                json!([{ "entityReference": "role:default/helpers", "permission": "catalog-entity", "policy": "read", "effect": "allow" }]),
            ),
            (
                "roles",
                json!({ "name": "role:default/groups-only", "memberReferences": ["user:default/person21"] }),
            ),
            (
                "roles/conditions",
                json!({
                    "result": "CONDITIONAL", "roleEntityRef": "role:default/groups-only", "pluginId": "catalog", "resourceType": "catalog-entity",
                    "permissionMapping": [{ "name": "catalog.entity.read", "action": "read" }],
                    "conditions": { "rule": "IS_ENTITY_KIND", "resourceType": "catalog-entity", "params": { "kinds": ["Group"] } },
                }),
            ),
            (
                "roles",
                json!({ "name": "role:default/all", "memberReferences": ["user:default/boss"] }),
            ),
            (
                "policies",
                json!([{ "entityReference": "role:default/all", "permission": "catalog-entity", "policy": "read", "effect": "allow" }]),
            ),
        ] {
            let (status, said) = self.ask(Method::POST, &format!("api/permission/{path}"), &boss, Some(&body)).await;
            assert_eq!(status, 201, "{path}: {said}");
        }
    }

    /// Takes a person out of the catalog's source.
    pub fn leave(&self, name: &str) {
        fs::write(self.data.path().join("catalog.yaml"), catalog(&[name])).unwrap();
    }

    /// Waits until something is seen, for so long as it may take.
    pub async fn until(&self, what: &str, mut seen: impl AsyncFnMut() -> bool) {
        let end = Instant::now() + super::PATIENCE;
        while !seen().await {
            assert!(Instant::now() < end, "{what} did not come within {:?}", super::PATIENCE);
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// One request; gives status and body.
    pub async fn ask(&self, method: Method, path: &str, token: &str, body: Option<&Value>) -> (u16, Value) {
        let mut request = self.http.request(method, format!("{}/{path}", self.url)).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap_or_else(|error| panic!("{path}: {error}"));
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or(Value::Null))
    }

    /// The plain client, which follows no redirect.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// A GET that must succeed.
    pub async fn api(&self, path: &str, token: &str) -> Value {
        let (status, body) = self.ask(Method::GET, path, token, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// An entity by its reference.
    pub async fn entity(&self, reference: &str) -> Option<Value> {
        let path = format!("api/catalog/entities/by-name/{}", reference.replacen(':', "/", 1));
        let (status, body) = self.ask(Method::GET, &path, TOKEN, None).await;
        assert!(status == 200 || status == 404, "{path}: {status} {body}");
        (status == 200).then_some(body)
    }

    /// Whole entities by reference, by the old list, which Lanyard does not use here.
    pub async fn entities(&self, filter: &str) -> BTreeMap<String, Value> {
        let list = self.api(&format!("api/catalog/entities?filter={filter}"), TOKEN).await;
        list.as_array()
            .unwrap()
            .iter()
            .map(|entity| (reference(entity), entity.clone()))
            .collect()
    }

    /// A catalog user's own token, as a sign-in gives it.
    pub async fn user_token(&self, name: &str) -> String {
        let (status, body) = self.sign_in(name).await;
        body["backstageIdentity"]["token"]
            .as_str()
            .unwrap_or_else(|| panic!("{name} cannot sign in: {status} {body}"))
            .to_owned()
    }

    /// Signs somebody in, as the proxy does that stands before a Backstage with this provider; gives status and body.
    pub async fn sign_in(&self, name: &str) -> (u16, Value) {
        let url = format!("{}/api/auth/oauth2Proxy/refresh", self.url);
        let answer = self.http.post(url).header("x-forwarded-user", name).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
    }

    /// An address that signs somebody in by itself, which the proxy would be: see `serve.cjs`.
    pub fn sign_in_address(&self, name: &str) -> String {
        format!("{}/signed-in-by-proxy/{name}/api/auth/oauth2Proxy/refresh", self.url)
    }

    /// Settings of a client.
    pub fn config(&self, auth: AuthSettings, secret: Option<Secret>) -> BackstageConfig {
        BackstageConfig {
            name: "Portal".into(),
            base: self.url.parse().unwrap(),
            auth,
            secret,
            keep: None,
            ca_pem: None,
            headers: Vec::new(),
            request_budget: Some(500),
            limits: Limits::default(),
        }
    }

    /// Lanyard's client.
    pub fn client(&self, auth: AuthSettings, secret: &str) -> BackstageClient {
        BackstageClient::new(self.config(auth, Some(Secret::new(secret.to_owned())))).unwrap()
    }

    /// Reads one collection.
    pub async fn listed(&self, client: &BackstageClient, kind: ResourceKind) -> Listed {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(4);
        let cancel = CancellationToken::new();
        let mut documents = BTreeMap::new();
        let (listing, ()) = tokio::join!(client.list(kind, None, sender, &cancel), async {
            while let Some(batch) = receiver.recv().await {
                for place in batch.resources {
                    let document = batch.body[place].to_vec();
                    let columns =
                        columns(kind, &document).unwrap_or_else(|| panic!("no columns of {}", String::from_utf8_lossy(&document)));
                    let twice = documents.insert(columns.id().to_owned(), document);
                    assert!(twice.is_none(), "handed out twice: {}", columns.id());
                }
            }
        });
        let end = listing.unwrap_or_else(|error| panic!("{kind:?}: {error}")).end;
        assert_eq!(end.unique, documents.len() as u64);
        Listed { end, documents }
    }

    /// Reads everything, completely.
    pub async fn everything(&self, client: &BackstageClient) -> Everything {
        let mut everything = Everything::new();
        for shelf in client.shelves() {
            let Listed { end, documents } = self.listed(client, shelf.kind).await;
            assert!(end.complete && end.reasons.is_empty(), "{:?}: {end:?}", shelf.kind);
            everything.insert(shelf.kind, documents);
        }
        everything
    }

    /// Asks for these by id; gives for each whether it is there.
    pub async fn looked_up(&self, client: &BackstageClient, kind: ResourceKind, ids: &[&str]) -> Vec<bool> {
        let asked: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        let found = client.look_up(kind, &asked, &CancellationToken::new()).await.unwrap();
        assert_eq!(found.iter().map(|(id, _)| id).collect::<Vec<_>>(), asked.iter().collect::<Vec<_>>());
        found.into_iter().map(|(_, found)| matches!(found, Found::Here(_))).collect()
    }
}

/// The reference of an entity, made from its document.
fn reference(entity: &Value) -> String {
    let metadata = &entity["metadata"];
    let part = |value: &Value| value.as_str().unwrap().to_owned();
    format!(
        "{}:{}/{}",
        part(&entity["kind"]),
        part(&metadata["namespace"]),
        part(&metadata["name"])
    )
    .to_lowercase()
}

/// Whom an entity has this relation with.
pub fn related(entity: &Value, kind: &str) -> BTreeSet<String> {
    let relations = entity["relations"].as_array().into_iter().flatten();
    relations
        .filter(|relation| relation["type"] == kind)
        .map(|relation| relation["targetRef"].as_str().unwrap().to_owned())
        .collect()
}

/// The ids of documents.
pub fn ids(documents: &BTreeMap<String, Vec<u8>>) -> BTreeSet<String> {
    documents.keys().cloned().collect()
}

/// Checks that a document of ours says of an entity what the API does.
pub fn described(ours: &Value, theirs: &Value, kind: ResourceKind) {
    assert_eq!(ours["kind"], theirs["kind"]);
    assert_eq!(ours["relations"], theirs["relations"]);
    if matches!(kind, ResourceKind::Item(_)) {
        for name in ["name", "namespace"] {
            assert_eq!(ours["metadata"][name], theirs["metadata"][name]);
        }
        for name in ["type", "owner", "lifecycle"] {
            assert_eq!(ours["spec"][name], theirs["spec"][name]);
        }
    } else {
        assert_eq!((&ours["metadata"], &ours["spec"]), (&theirs["metadata"], &theirs["spec"]));
    }
}
