//! What a server says about itself (RFC 7644 §4).

use lanyard_lab::{FilterSupport, Paging};
use lanyard_scim::schema::{ServiceProviderConfig, core_schemas};
use reqwest::Method;
use serde_json::json;

use crate::client::{BADGE, ENTERPRISE, GROUP, USER, lab};

#[tokio::test]
async fn schemas_and_types_are_listed_and_found_by_id() {
    let (_lab, client) = lab(20, |_| {}).await;
    let schemas = client.get("/Schemas").await;
    for urn in [USER, ENTERPRISE, GROUP, BADGE] {
        assert!(schemas.ids().iter().any(|id| id == urn), "{urn}");
        let one = client.get(&format!("/Schemas/{urn}")).await;
        assert_eq!(one.status, 200);
        assert_eq!(one.value["meta"]["location"], format!("{}/Schemas/{urn}", client.url));
    }
    assert!(schemas.value["totalResults"].as_u64() >= Some(core_schemas().len() as u64));
    let kinds = client.get("/ResourceTypes").await;
    assert_eq!(kinds.ids(), ["User", "Group"]);
    assert_eq!(kinds.resources()[0]["schemaExtensions"][1]["schema"], BADGE);
    assert_eq!(client.get("/ResourceTypes/Group").await.value["endpoint"], "/Groups");
    assert_eq!(client.get("/ResourceTypes/Robot").await.status, 404);
    assert_eq!(client.get("/Schemas/urn:nothing").await.status, 404);
}

#[tokio::test]
async fn discovery_is_neither_filtered_nor_written() {
    let (_lab, client) = lab(20, |_| {}).await;
    for endpoint in ["/ServiceProviderConfig", "/Schemas", "/ResourceTypes"] {
        assert_eq!(client.list(endpoint, &[("filter", "id pr")]).await.status, 403, "{endpoint}");
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let answer = client.send(method.clone(), endpoint, &json!({})).await;
            assert_eq!((answer.status, answer.header("allow")), (405, Some("GET")), "{method} {endpoint}");
        }
    }
    assert_eq!(client.get("/Me").await.status, 501);
    assert_eq!(client.get("/Robots").await.status, 404);
}

#[tokio::test]
async fn the_configuration_says_what_the_options_say() {
    let (lab, client) = lab(20, |options| {
        options.provider.paging = Paging::Cursor;
        options.provider.filter = FilterSupport::Refused;
        options.provider.etag = false;
        options.provider.bulk_operations = 0;
        options.provider.patch = false;
        options.provider.max_page = 77;
    })
    .await;
    let answer = client.get("/ServiceProviderConfig").await;
    assert_eq!(answer.header("content-type"), Some("application/scim+json"));
    let config = ServiceProviderConfig::from_value(answer.value.clone());
    assert_eq!(
        answer.value["pagination"],
        json!({"cursor": true, "index": false, "defaultPaginationMethod": "cursor", "defaultPageSize": 100, "maxPageSize": 77, "cursorTimeout": 600})
    );
    assert!(config.filter.is_some() && answer.value["filter"]["supported"] == false);
    for off in ["patch", "bulk", "etag"] {
        assert_eq!(answer.value[off]["supported"], false, "{off}");
    }
    let user = lab.provider().users()[0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(client.send(Method::PATCH, &format!("/Users/{user}"), &json!({})).await.status, 501);
    assert_eq!(client.post("/Bulk", &json!({})).await.status, 501);
    assert_eq!(client.get(&format!("/Users/{user}")).await.header("etag"), None);
    assert!(client.get(&format!("/Users/{user}")).await.value["meta"]["version"].is_null());
}
