//! Entra, Graph and the Resource Manager over real HTTP: what clients of the real ones meet.

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
async fn a_token_is_for_one_service() {
    let cloud = cloud(40, |_| ()).await;
    let sites = cloud.azure.sites();
    let users = format!("{}/v1.0/users", sites.graph);
    let subscriptions = format!("{}/subscriptions?api-version=2022-12-01", sites.arm);
    assert_eq!(cloud.at(&users, &cloud.graph).await.status, 200);
    assert_eq!(cloud.at(&subscriptions, &cloud.arm).await.status, 200);
    let refused = cloud.at(&users, &cloud.arm).await;
    assert_eq!((refused.status, code(&refused)), (401, "InvalidAuthenticationToken"));
    let refused = cloud.at(&subscriptions, &cloud.graph).await;
    assert_eq!((refused.status, code(&refused)), (401, "InvalidAuthenticationTokenAudience"));
    assert!(
        refused
            .header("www-authenticate")
            .is_some_and(|value| value.contains(&sites.authority))
    );
    assert_eq!(cloud.at(&users, "nonsense").await.status, 401);
    // The lab's own addresses name the services too.
    let scope = format!("{}/.default", sites.arm);
    let token = cloud.token(&scope).await;
    assert_eq!(cloud.at(&subscriptions, &token).await.status, 200);
}

#[tokio::test]
async fn logins_fail_with_entras_numbers() {
    let cloud = cloud(10, |_| ()).await;
    let scope = "https://graph.microsoft.com/.default";
    let number = |answer: &Answer| answer.value["error_codes"][0].as_u64();
    let wrong = cloud.login(scope, "wrong").await;
    assert_eq!((wrong.status, number(&wrong)), (401, Some(7_000_215)));
    assert_eq!(wrong.value["error"], "invalid_client");
    let described = wrong.value["error_description"].as_str().unwrap_or_default();
    assert!(
        described.starts_with("AADSTS7000215: ") && described.contains("Trace ID: "),
        "{described}"
    );
    let old = cloud.azure.secret();
    let new = cloud.azure.rotate_secret();
    assert_eq!(number(&cloud.login(scope, &old).await), Some(7_000_222));
    assert_eq!(cloud.login(scope, &new).await.status, 200);
    assert_eq!(number(&cloud.login("https://vault.azure.net/.default", &new).await), Some(500_011));
    assert_eq!(
        number(&cloud.login("https://graph.microsoft.com/User.Read", &new).await),
        Some(1_002_012)
    );
    let stranger = [
        ("grant_type", "client_credentials"),
        ("client_id", "0b6f9ab5-93b2-4a3a-8ea0-9e8f2f4d12ab"),
        ("scope", scope),
    ];
    assert_eq!(number(&cloud.form("token", &stranger).await), Some(700_016));
    let no_guid = [("grant_type", "client_credentials"), ("client_id", "reader"), ("scope", scope)];
    assert_eq!(number(&cloud.form("token", &no_guid).await), Some(700_038));
    let elsewhere = format!("{}/contoso.example/oauth2/v2.0/token", cloud.azure.sites().authority);
    let unknown = read(cloud.http.post(elsewhere).body("grant_type=client_credentials")).await;
    assert_eq!(number(&unknown), Some(90_002));
    let known = format!(
        "{}/halcyon.example/v2.0/.well-known/openid-configuration",
        cloud.azure.sites().authority
    );
    let known = cloud.at(&known, "").await;
    let endpoint = known.value["token_endpoint"].as_str().unwrap_or_default();
    assert!(
        endpoint.ends_with(&format!("/{}/oauth2/v2.0/token", cloud.azure.tenant_id())),
        "{endpoint}"
    );
}

#[tokio::test]
async fn a_device_waits_for_a_person_and_then_renews_by_itself() {
    let cloud = cloud(10, |_| ()).await;
    let client = cloud.azure.client_id().to_string();
    let scope = "https://graph.microsoft.com/.default offline_access";
    let begun = cloud.form("devicecode", &[("client_id", &client), ("scope", scope)]).await;
    let (device, user) = (begun.value["device_code"].as_str(), begun.value["user_code"].as_str());
    let (device, user) = device.zip(user).expect("codes");
    let grant = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", &client),
        ("device_code", device),
        ("scope", scope),
    ];
    let pending = cloud.form("token", &grant).await;
    assert_eq!((pending.status, &pending.value["error"]), (400, &json!("authorization_pending")));
    assert!(cloud.azure.decide_device(user, true));
    let granted = cloud.form("token", &grant).await;
    let token = granted.value["access_token"].as_str().expect("a token");
    assert_eq!(
        cloud.at(&format!("{}/v1.0/users", cloud.azure.sites().graph), token).await.status,
        200
    );
    assert_eq!(
        cloud.form("token", &grant).await.value["error"],
        "bad_verification_code",
        "a code is good once"
    );
    // One refresh token is good for both services.
    let refresh = granted.value["refresh_token"].as_str().expect("a refresh token");
    let renewal = [
        ("grant_type", "refresh_token"),
        ("client_id", client.as_str()),
        ("refresh_token", refresh),
        ("scope", "https://management.azure.com/.default"),
    ];
    let renewed = cloud.form("token", &renewal).await;
    assert_ne!(renewed.value["refresh_token"], granted.value["refresh_token"]);
    let token = renewed.value["access_token"].as_str().expect("a token");
    let subscriptions = format!("{}/subscriptions?api-version=2022-12-01", cloud.azure.sites().arm);
    assert_eq!(cloud.at(&subscriptions, token).await.status, 200);
    cloud.azure.revoke_refresh_tokens();
    assert_eq!(cloud.form("token", &renewal).await.value["error"], "invalid_grant");
    // A no is a no.
    let begun = cloud.form("devicecode", &[("client_id", &client), ("scope", scope)]).await;
    let device = begun.value["device_code"].as_str().expect("a code");
    assert!(cloud.azure.decide_device(begun.value["user_code"].as_str().expect("a code"), false));
    let grant = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", client.as_str()),
        ("device_code", device),
    ];
    assert_eq!(cloud.form("token", &grant).await.value["error"], "authorization_declined");
}

#[tokio::test]
async fn a_federated_token_stands_for_the_client() {
    let cloud = cloud(10, |_| ()).await;
    let client = cloud.azure.client_id().to_string();
    let login = async |assertion: &str| {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client.as_str()),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        let answer = cloud.form("token", &form).await;
        (answer.status, answer.value["error_codes"][0].as_u64())
    };
    let good = cloud.azure.federated_token(60);
    assert_eq!(login(&good).await, (200, None));
    assert_eq!(login(&cloud.azure.federated_token(0)).await, (401, Some(700_024)));
    let (rest, signature) = good.rsplit_once('.').expect("a JWT");
    let turned: String = signature.chars().rev().collect();
    assert_eq!(login(&format!("{rest}.{turned}")).await, (401, Some(70_021)));
    assert_eq!(login("a.b").await, (400, Some(50_027)));
}

#[tokio::test]
async fn graph_lists_everybody_by_pages_once() {
    let cloud = cloud(240, |_| ()).await;
    let users = cloud.all_graph("/users?$select=id,userPrincipalName,userType&$top=50").await;
    let known = cloud
        .azure
        .look(|tenant| tenant.users.iter().map(|user| user.id.to_string()).collect::<BTreeSet<_>>());
    assert_eq!(texts(&users, "/id"), known.iter().map(String::as_str).collect());
    assert_eq!(users.len(), known.len());
    let names: BTreeSet<&str> = users[0].as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(["id", "userPrincipalName", "userType"]));
    let guests = cloud
        .all_graph("/users?$filter=userType eq 'Guest'&$select=id,userPrincipalName")
        .await;
    assert!(!guests.is_empty() && texts(&guests, "/userPrincipalName").iter().all(|upn| upn.contains("#EXT#@")));
    for (query, status) in [
        ("$top=1000", 400),
        ("$top=0", 400),
        ("$select=shoeSize", 400),
        ("$orderby=displayName", 400),
        ("$skiptoken=zz", 400),
        ("$top=999", 200),
    ] {
        assert_eq!(cloud.graph(&format!("/users?{query}")).await.status, status, "{query}");
    }
    // The default set has no state of the account: whoever wants it has to select it.
    let first = cloud.graph("/users").await;
    assert_eq!(first.value["value"].as_array().map(Vec::len), Some(100));
    assert!(first.value["value"][0].get("accountEnabled").is_none());
    assert_eq!(cloud.graph("/users/$count").await.status, 400);
    let url = format!("{}/v1.0/users/$count", cloud.azure.sites().graph);
    let counted = read(cloud.http.get(url).bearer_auth(&cloud.graph).header("ConsistencyLevel", "eventual")).await;
    assert_eq!(counted.value, json!(users.len()));
}

#[tokio::test]
async fn nested_members_are_listed_where_they_are_asked_for() {
    let cloud = cloud(240, |_| ()).await;
    let group = cloud.id("backup-operators");
    let direct = cloud
        .all_graph(&format!("/groups/{group}/members?$select=id,userPrincipalName"))
        .await;
    let kinds = direct.iter().fold(BTreeMap::new(), |mut kinds, one| {
        *kinds.entry(one["@odata.type"].as_str().unwrap_or_default()).or_insert(0) += 1;
        kinds
    });
    assert_eq!(kinds, BTreeMap::from([("#microsoft.graph.group", 1), ("#microsoft.graph.user", 7)]));
    let all = cloud
        .all_graph(&format!("/groups/{group}/transitiveMembers/microsoft.graph.user?$select=id"))
        .await;
    assert!(texts(&all, "/id").contains(cloud.id("olena.shevchenko").as_str()));
    assert_eq!(all.len(), 7 + 13);
    // The app role is the group's own, not that of groups nested in it.
    let roles = cloud.all_graph(&format!("/groups/{group}/appRoleAssignments")).await;
    assert_eq!(texts(&roles, "/resourceDisplayName"), BTreeSet::from(["Restore console"]));
    let nested = cloud.id("payments-sre");
    assert!(cloud.all_graph(&format!("/groups/{nested}/appRoleAssignments")).await.is_empty());
    let console = cloud.id("Restore console");
    assert_eq!(
        cloud
            .all_graph(&format!("/servicePrincipals/{console}/appRoleAssignedTo"))
            .await
            .len(),
        2
    );
}

#[tokio::test]
async fn ids_of_nobody_are_left_out_without_a_word() {
    let cloud = cloud(240, |_| ()).await;
    let company = lanyard_lab::Company::generate(lanyard_lab::DEFAULT_SEED, 240);
    let tomas = company.entra_id(company.person("tomas.dvorak").expect("in the cast")).to_string();
    let ids = json!([cloud.id("olena.shevchenko"), tomas, company.gone_principal(0), cloud.id("payments")]);
    let found = cloud.post("/directoryObjects/getByIds", &json!({"ids": ids})).await;
    let found = found.value["value"].as_array().expect("a list").clone();
    assert_eq!(
        texts(&found, "/@odata.type"),
        BTreeSet::from(["#microsoft.graph.user", "#microsoft.graph.group"])
    );
    assert_eq!(found.len(), 2);
    let many: Vec<_> = (0..1001).map(|_| company.gone_principal(0)).collect();
    assert_eq!(cloud.post("/directoryObjects/getByIds", &json!({"ids": many})).await.status, 400);
    // The recycle bin needs the cast, and has the one who was deleted.
    assert_eq!(cloud.graph("/directory/deletedItems").await.status, 400);
    let bin = cloud
        .all_graph("/directory/deletedItems/microsoft.graph.user?$select=id,deletedDateTime,displayName")
        .await;
    assert_eq!(texts(&bin, "/id"), BTreeSet::from([tomas.as_str()]));
    assert!(bin[0]["deletedDateTime"].is_string());
}

#[tokio::test]
async fn a_batch_has_a_status_for_each() {
    let cloud = cloud(40, |_| ()).await;
    let user = cloud.id("olena.shevchenko");
    let body = json!({"requests": [
        {"id": "a", "method": "GET", "url": format!("/users/{user}?$select=id")},
        {"id": "b", "method": "GET", "url": "/users/0b6f9ab5-93b2-4a3a-8ea0-9e8f2f4d12ab"},
    ]});
    let answer = cloud.post("/$batch", &body).await;
    let of = |id: &str| {
        let responses = answer.value["responses"].as_array().expect("responses");
        responses.iter().find(|one| one["id"] == id).cloned().expect("one")
    };
    assert_eq!(
        (of("a")["status"].as_u64(), of("a")["body"]["id"].as_str()),
        (Some(200), Some(user.as_str()))
    );
    assert_eq!(
        (of("b")["status"].as_u64(), of("b")["body"]["error"]["code"].as_str()),
        (Some(404), Some("Request_ResourceNotFound"))
    );
    let many: Vec<_> = (0..21)
        .map(|id| json!({"id": id.to_string(), "method": "GET", "url": "/users"}))
        .collect();
    assert_eq!(cloud.post("/$batch", &json!({"requests": many})).await.status, 400);
    assert_eq!(cloud.azure.asked(Site::Graph, "/users/0b6f9ab5"), 1);
}

#[tokio::test]
async fn some_of_a_batch_are_throttled_with_and_without_a_time() {
    for (fault, header) in [("429:3@0.5", Some("3")), ("429:no-retry-after@0.5", None)] {
        let cloud = cloud(40, |_| ()).await;
        cloud.azure.set(|options| options.faults.push(fault.parse().expect("a fault")));
        let requests: Vec<_> = (0..20)
            .map(|id| json!({"id": id.to_string(), "method": "GET", "url": "/groups?$top=1"}))
            .collect();
        let mut seen = BTreeSet::new();
        // The batch itself can be refused as well: then it is sent again.
        for _ in 0..20 {
            let answer = cloud.post("/$batch", &json!({"requests": requests})).await;
            for one in answer.value["responses"].as_array().into_iter().flatten() {
                let status = one["status"].as_u64();
                if status == Some(429) {
                    assert_eq!(one["headers"]["Retry-After"].as_str(), header);
                }
                seen.insert(status);
            }
        }
        assert_eq!(seen, BTreeSet::from([Some(200), Some(429)]), "{fault}");
    }
}

#[tokio::test]
async fn delta_tells_who_came_went_and_changed() {
    let cloud = cloud(240, |options| options.graph_page = 40).await;
    let walk = async |mut url: String| {
        let mut items = Vec::new();
        loop {
            let answer = cloud.at(&url, &cloud.graph).await;
            assert_eq!(answer.status, 200, "{:?}", answer.value);
            items.extend(answer.value["value"].as_array().expect("a list").iter().cloned());
            if let Some(link) = answer.value["@odata.deltaLink"].as_str() {
                return (items, link.to_owned());
            }
            answer.value["@odata.nextLink"].as_str().expect("a link").clone_into(&mut url);
        }
    };
    let base = format!("{}/v1.0", cloud.azure.sites().graph);
    let (users, users_link) = walk(format!("{base}/users/delta?$select=displayName,accountEnabled")).await;
    let known = cloud.azure.look(|tenant| tenant.users.len());
    assert_eq!(texts(&users, "/id").len(), known);
    assert!(users.len() > known, "items repeat");
    let (groups, groups_link) = walk(format!("{base}/groups/delta?$select=displayName,members")).await;
    let staff = cloud.id("all-staff");
    let parts: Vec<&Value> = groups.iter().filter(|group| group["id"] == staff.as_str()).collect();
    assert!(parts.len() > 2, "a large group comes in parts");
    let members: BTreeSet<&str> = parts
        .iter()
        .flat_map(|part| texts(part["members@delta"].as_array().map_or(&[], Vec::as_slice), "/id"))
        .collect();
    assert_eq!(
        members.len(),
        cloud.azure.look(|tenant| tenant
            .groups
            .iter()
            .find(|group| group.display == "all-staff")
            .map_or(0, |group| group.members.len()))
    );
    assert!(walk(users_link.clone()).await.0.is_empty());
    // Then something happens.
    let (olena, minh) = (cloud.id("olena.shevchenko"), cloud.id("minh.bui"));
    assert!(cloud.azure.rename("misaki.tanaka", "Tanaka M."));
    assert!(cloud.azure.delete("olena.shevchenko", false));
    assert!(cloud.azure.delete("minh.bui", true));
    assert!(cloud.azure.add_member("payments-sre", "rustam.aliev"));
    let (changed, users_link) = walk(users_link).await;
    let reason = |id: &str| {
        changed
            .iter()
            .find(|one| one["id"] == id)
            .map(|one| one["@removed"]["reason"].clone())
    };
    assert_eq!(reason(&olena), Some(json!("changed")));
    assert_eq!(reason(&minh), Some(json!("deleted")));
    assert!(changed.iter().any(|one| one["displayName"] == "Tanaka M."));
    assert_eq!(changed.len(), 3);
    let (changed, _) = walk(groups_link).await;
    let sre = changed
        .iter()
        .find(|one| one["id"] == cloud.id("payments-sre").as_str())
        .expect("it changed");
    let moved = sre["members@delta"].as_array().expect("members");
    assert!(
        moved
            .iter()
            .any(|one| one["id"] == cloud.id("rustam.aliev").as_str() && one.get("@removed").is_none())
    );
    assert!(moved.iter().any(|one| one["id"] == olena.as_str() && one.get("@removed").is_some()));
    assert!(walk(users_link.clone()).await.0.is_empty());
    cloud.azure.expire_delta_tokens();
    let expired = cloud.at(&users_link, &cloud.graph).await;
    assert_eq!(expired.status, 410);
    let again = expired.header("location").expect("where to begin").to_owned();
    assert_eq!(texts(&walk(again).await.0, "/id").len(), known - 2);
    assert_eq!(cloud.graph("/users/delta?$top=5").await.status, 400);
}

#[tokio::test]
async fn a_permission_that_is_gone_refuses_as_graph_does() {
    let cloud = cloud(240, |_| ()).await;
    assert!(cloud.azure.revoke("Application.Read.All"));
    assert_eq!(cloud.graph("/servicePrincipals").await.status, 200, "Directory.Read.All is enough");
    assert!(cloud.azure.revoke("Directory.Read.All"));
    let refused = cloud.graph("/servicePrincipals").await;
    assert_eq!((refused.status, code(&refused)), (403, "Authorization_RequestDenied"));
    assert_eq!(
        refused.value["error"]["message"],
        "Insufficient privileges to complete the operation."
    );
    let inner: BTreeSet<&str> = refused.value["error"]["innerError"]
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(inner, BTreeSet::from(["client-request-id", "date", "request-id"]));
    // Without the right to read users a group's members show their ids only.
    cloud.azure.revoke("User.Read.All");
    let group = cloud.id("backup-operators");
    let members = cloud.all_graph(&format!("/groups/{group}/members")).await;
    let bare = members.iter().filter(|one| one["@odata.type"] == "#microsoft.graph.user");
    assert!(bare.clone().count() == 7 && bare.clone().all(|one| one.get("displayName").is_none()));
    // And midway: the third request meets what the second did not.
    cloud.azure.grant("User.Read.All");
    cloud.azure.set(|options| options.faults.clear());
    let before = cloud.azure.asked(Site::Graph, "/v1.0/");
    cloud.azure.revoke_after("User.Read.All", before as u64 + 2);
    let statuses = [
        cloud.graph("/users").await.status,
        cloud.graph("/users").await.status,
        cloud.graph("/users").await.status,
    ];
    assert_eq!(statuses, [200, 200, 403]);
}

#[tokio::test]
async fn graph_gives_out_no_more_than_its_units() {
    let throttle = Throttle {
        graph_units: Some(10),
        ..Throttle::none()
    };
    let cloud = cloud(40, |options| options.throttle = throttle).await;
    let mut last = cloud.graph("/users").await;
    assert_eq!(last.header("x-ms-resource-unit"), Some("2"));
    for _ in 0..5 {
        last = cloud.graph("/users").await;
    }
    assert_eq!(last.status, 429);
    let seconds: u64 = last.header("retry-after").and_then(|value| value.parse().ok()).expect("seconds");
    assert!((1..=10).contains(&seconds));
    cloud.azure.set(|options| options.throttle.retry_after = false);
    let last = cloud.graph("/users").await;
    assert_eq!((last.status, last.header("retry-after")), (429, None));
}

#[tokio::test]
async fn the_resource_manager_wants_a_version_that_it_knows() {
    let cloud = cloud(10, |_| ()).await;
    let none = cloud.arm("/subscriptions").await;
    assert_eq!((none.status, code(&none)), (400, "MissingApiVersionParameter"));
    let wrong = cloud.arm("/subscriptions?api-version=1999-01-01").await;
    assert_eq!((wrong.status, code(&wrong)), (400, "InvalidApiVersionParameter"));
    let right = cloud.arm("/subscriptions?api-version=2022-12-01").await;
    assert_eq!(right.value["value"].as_array().map(Vec::len), Some(8));
    assert!(right.header("x-ms-ratelimit-remaining-tenant-reads").is_some());
    for (path, version) in [
        ("/providers/Microsoft.Management/managementGroups", "2023-04-01"),
        ("{sub}/providers/Microsoft.Authorization/roleAssignments", "2022-04-01"),
        ("{sub}/providers/Microsoft.Authorization/roleDefinitions", "2022-04-01"),
        ("{sub}/providers/Microsoft.Authorization/denyAssignments", "2022-04-01"),
        (
            "{sub}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances",
            "2020-10-01",
        ),
        ("{sub}/providers/Microsoft.RecoveryServices/vaults", "2026-11-01"),
        ("{sub}/providers/Microsoft.DataProtection/backupVaults", "2026-06-01"),
    ] {
        let path = path.replace("{sub}", &cloud.scope("sub-platform"));
        assert_eq!(cloud.arm(&format!("{path}?api-version={version}")).await.status, 200, "{path}");
        assert_eq!(cloud.arm(&path).await.status, 400, "{path}");
    }
}

#[tokio::test]
async fn assignments_are_listed_at_above_and_below_a_scope() {
    let cloud = cloud(240, |options| options.arm_page = 5).await;
    let list = async |scope: &str, filter: &str| {
        let path = format!("{scope}/providers/Microsoft.Authorization/roleAssignments?{API}&$filter={filter}");
        cloud.all_arm(path.trim_end_matches("&$filter=")).await
    };
    let (subscription, vault) = (cloud.scope("sub-platform"), cloud.scope("vault-prod"));
    let scopes = |items: &[Value]| {
        texts(items, "/properties/scope")
            .into_iter()
            .map(str::to_lowercase)
            .collect::<BTreeSet<_>>()
    };
    let all = list(&subscription, "").await;
    assert_eq!(texts(&all, "/name").len(), all.len(), "each once");
    let there = scopes(&all);
    assert!(
        there.contains(&vault.to_lowercase()) && there.contains("/"),
        "below and above: {there:?}"
    );
    assert!(
        !there
            .iter()
            .any(|scope| scope.contains(&cloud.scope("sub-payments").to_lowercase()))
    );
    let above = list(&subscription, "atScope()").await;
    assert!(!scopes(&above).contains(&vault.to_lowercase()) && scopes(&above).contains(&subscription.to_lowercase()));
    // The case of addresses is mixed, and does not matter for asking.
    let written: BTreeSet<&str> = texts(&all, "/properties/scope");
    assert!(
        written.iter().any(|scope| scope.contains("/resourcegroups/")) || written.iter().any(|scope| scope.contains("/resourceGroups/"))
    );
    assert_eq!(list(&vault.to_uppercase(), "").await.len(), list(&vault, "").await.len());
    let olena = cloud.id("olena.shevchenko");
    let own = list(&vault, &format!("principalId eq '{olena}'")).await;
    assert_eq!(own.len(), 1);
    let assigned = list(&vault, &format!("assignedTo('{olena}')")).await;
    let principals = texts(&assigned, "/properties/principalId");
    assert!(
        principals.contains(cloud.id("backup-operators").as_str()),
        "by nesting: {principals:?}"
    );
    let group = cloud.id("payments");
    let refused = cloud
        .arm(&format!(
            "{vault}/providers/Microsoft.Authorization/roleAssignments?{API}&$filter=assignedTo('{group}')"
        ))
        .await;
    assert_eq!(refused.status, 400);
    // Who is gone keeps the type of before.
    let company = lanyard_lab::Company::generate(lanyard_lab::DEFAULT_SEED, 240);
    let marek = company.gone_principal(0).to_string();
    let gone = all
        .iter()
        .find(|one| one["properties"]["principalId"] == marek.as_str())
        .expect("still assigned");
    assert_eq!(gone["properties"]["principalType"], "User");
    let conditional = all.iter().filter(|one| one["properties"]["condition"].is_string());
    assert!(conditional.clone().count() >= 1 && conditional.clone().all(|one| one["properties"]["conditionVersion"] == "2.0"));
    let new = cloud.azure.assign("reza.karimi", "Backup Reader", "vault-prod").expect("assigned");
    assert_eq!(list(&subscription, "").await.len(), all.len() + 1);
    assert!(cloud.azure.unassign(new));
    assert_eq!(list(&subscription, "").await.len(), all.len());
}

#[tokio::test]
async fn roles_denies_and_eligibility_are_as_the_company_has_them() {
    let cloud = cloud(240, |_| ()).await;
    let vault = cloud.scope("vault-prod");
    let at = |kind: &str, version: &str| format!("{vault}/providers/Microsoft.Authorization/{kind}?api-version={version}");
    let roles = cloud.all_arm(&at("roleDefinitions", "2022-04-01")).await;
    let named = |name: &str| roles.iter().find(|role| role["properties"]["roleName"] == name).expect("a role");
    assert_eq!(named("Backup Operator")["name"], "00c29273-979b-4161-815c-10b084fb9324");
    assert_eq!(
        named("Backup Operator")["properties"]["permissions"][0]["actions"]
            .as_array()
            .map(Vec::len),
        Some(103)
    );
    assert_eq!(named("Platform Builder")["properties"]["type"], "CustomRole");
    // The custom role is of production only.
    let sandbox = format!(
        "{}/providers/Microsoft.Authorization/roleDefinitions?{API}&$filter=type eq 'CustomRole'",
        cloud.scope("sub-sandbox")
    );
    assert!(cloud.all_arm(&sandbox).await.is_empty());
    let denies = cloud.all_arm(&at("denyAssignments", "2022-04-01")).await;
    assert_eq!(denies.len(), 1);
    assert_eq!(
        denies[0]["properties"]["excludePrincipals"][0]["id"],
        cloud.id("athina.papadopoulou").as_str()
    );
    let eligible = cloud.all_arm(&at("roleEligibilityScheduleInstances", "2020-10-01")).await;
    let who = texts(&eligible, "/properties/principalId");
    assert_eq!(
        who,
        BTreeSet::from([cloud.id("daniel.levi").as_str(), cloud.id("restore-on-request").as_str()])
    );
    let gone = format!(
        "{}/providers/Microsoft.Authorization/roleDefinitions/2f7d10c9-88b4-4be1-a0a6-75f2d1c90b34?{API}",
        cloud.scope("sub-sandbox")
    );
    let gone = cloud.arm(&gone).await;
    assert_eq!((gone.status, code(&gone)), (404, "RoleDefinitionDoesNotExist"));
}

#[tokio::test]
async fn vaults_say_whether_a_guard_protects_them() {
    let cloud = cloud(240, |_| ()).await;
    let mut all = Vec::new();
    for subscription in ["sub-platform", "sub-dr", "sub-freight"] {
        all.extend(
            cloud
                .all_arm(&format!(
                    "{}/providers/Microsoft.RecoveryServices/vaults?api-version=2026-11-01",
                    cloud.scope(subscription)
                ))
                .await,
        );
    }
    assert_eq!(texts(&all, "/name"), BTreeSet::from(["vault-prod", "vault-dr", "vault-freight"]));
    assert_eq!(
        texts(&all, "/type"),
        BTreeSet::from(["Microsoft.RecoveryServices/vaults", "microsoft.recoveryservices/vaults"])
    );
    let proxies = |name: &str, version: &str| format!("{}/backupResourceGuardProxies?api-version={version}", cloud.scope(name));
    let tied = cloud.all_arm(&proxies("vault-prod", "2025-02-01")).await;
    let guard = tied[0]["properties"]["resourceGuardResourceId"].as_str().unwrap_or_default();
    assert_eq!(guard.to_lowercase(), cloud.scope("guard-prod").to_lowercase());
    assert!(cloud.all_arm(&proxies("vault-dr", "2025-02-01")).await.is_empty());
    assert_eq!(cloud.all_arm(&proxies("bv-payments", "2026-06-01")).await.len(), 1);
    let one = cloud
        .arm(&format!("{}?api-version=2026-11-01", cloud.scope("vault-prod").to_lowercase()))
        .await;
    assert_eq!(one.value["properties"]["securitySettings"]["multiUserAuthorization"], "Enabled");
    let guards = cloud
        .all_arm(&format!(
            "{}/providers/Microsoft.DataProtection/resourceGuards?api-version=2026-06-01",
            cloud.scope("sub-security")
        ))
        .await;
    assert_eq!(texts(&guards, "/name"), BTreeSet::from(["guard-prod"]));
}

#[tokio::test]
async fn the_tree_of_management_groups_is_whole() {
    let cloud = cloud(10, |_| ()).await;
    let version = "api-version=2023-04-01";
    let groups = cloud
        .all_arm(&format!("/providers/Microsoft.Management/managementGroups?{version}"))
        .await;
    assert_eq!(groups.len(), 5);
    let root = cloud.azure.tenant_id();
    let below = cloud
        .all_arm(&format!(
            "/providers/Microsoft.Management/managementGroups/{root}/descendants?{version}"
        ))
        .await;
    assert_eq!(below.len(), 4 + 8);
    let whole = cloud
        .arm(&format!(
            "/providers/Microsoft.Management/managementGroups/{root}?{version}&$expand=children&$recurse=true"
        ))
        .await;
    let children = whole.value["properties"]["children"].as_array().expect("children");
    assert_eq!(texts(children, "/displayName"), BTreeSet::from(["Halcyon", "sub-legacy"]));
    let url = format!("{}/providers/Microsoft.Management/getEntities?{version}", cloud.azure.sites().arm);
    let entities = read(cloud.http.post(url).bearer_auth(&cloud.arm)).await;
    assert_eq!(entities.value["value"].as_array().map(Vec::len), Some(5 + 8));
    let unknown = cloud
        .arm(&format!("/providers/Microsoft.Management/managementGroups/nowhere?{version}"))
        .await;
    assert_eq!((unknown.status, code(&unknown)), (403, "AuthorizationFailed"));
}

#[tokio::test]
async fn a_subscription_that_may_not_be_read_is_refused_and_the_rest_is_not() {
    let cloud = cloud(240, |_| ()).await;
    cloud.azure.refuse("*", "sub-payments");
    cloud.azure.refuse("Microsoft.Authorization/denyAssignments/read", "sub-platform");
    let at = |name: &str, kind: &str| format!("{}/providers/Microsoft.Authorization/{kind}?{API}", cloud.scope(name));
    let refused = cloud.arm(&at("sub-payments", "roleAssignments")).await;
    assert_eq!((refused.status, code(&refused)), (403, "AuthorizationFailed"));
    let text = refused.value["error"]["message"].as_str().unwrap_or_default();
    assert!(
        text.contains("'Microsoft.Authorization/roleAssignments/read'") && text.contains(&cloud.scope("sub-payments")),
        "{text}"
    );
    assert_eq!(
        cloud.arm(&at("rg-payments-api", "roleAssignments")).await.status,
        403,
        "what lies in it, too"
    );
    assert_eq!(cloud.arm(&at("sub-platform", "roleAssignments")).await.status, 200);
    assert_eq!(cloud.arm(&at("sub-platform", "denyAssignments")).await.status, 403);
    let listed = cloud.all_arm("/subscriptions?api-version=2022-12-01").await;
    assert!(texts(&listed, "/displayName").contains("sub-payments"));
    cloud.azure.allow_all();
    assert_eq!(cloud.arm(&at("sub-payments", "roleAssignments")).await.status, 200);
}

#[tokio::test]
async fn the_resource_manager_gives_out_no_more_than_its_bucket_holds() {
    let throttle = Throttle {
        arm_bucket: 3.0,
        arm_refill: 0.001,
        ..Throttle::none()
    };
    let cloud = cloud(10, |options| options.throttle = throttle).await;
    let path = format!("{}/resourcegroups?api-version=2022-09-01", cloud.scope("sub-platform"));
    let mut left = Vec::new();
    for _ in 0..3 {
        let answer = cloud.arm(&path).await;
        left.push(
            answer
                .header("x-ms-ratelimit-remaining-subscription-reads")
                .unwrap_or_default()
                .to_owned(),
        );
    }
    assert_eq!(left, ["2", "1", "0"]);
    let refused = cloud.arm(&path).await;
    assert_eq!((refused.status, refused.header("retry-after").is_some()), (429, true));
    let other = format!("{}/resourcegroups?api-version=2022-09-01", cloud.scope("sub-payments"));
    assert_eq!(cloud.arm(&other).await.status, 200, "each subscription has its own");
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
