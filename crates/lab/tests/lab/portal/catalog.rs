//! Reading the catalog.

use std::collections::BTreeSet;

use lanyard_lab::PortalQuirk;
use reqwest::Method;
use serde_json::json;

use super::*;

#[tokio::test]
async fn pages_give_every_entity_once_whatever_their_size() {
    let (_lab, handle, client) = portal(240, |_| {}).await;
    for limit in [1, 7, 200, 5_000] {
        if limit == 1 {
            assert_eq!(walk(&client, "kind=domain", 1).await.len(), handle.references("domain").len());
            continue;
        }
        let found: Vec<String> = walk(&client, "kind=user,kind=group", limit).await.iter().map(reference).collect();
        let unique: BTreeSet<&String> = found.iter().collect();
        assert_eq!(unique.len(), found.len());
        let mut wanted = handle.references("user");
        wanted.extend(handle.references("group"));
        assert_eq!(unique, wanted.iter().collect());
    }
    let all = client.get("/api/catalog/entities/by-query").await;
    assert_eq!(all.value["items"].as_array().map(Vec::len), Some(200));
    assert_eq!(all.value["totalItems"], handle.count());
    let old = client.get("/api/catalog/entities?filter=kind=group&limit=3").await;
    assert_eq!(old.value.as_array().map(Vec::len), Some(3));
    let link = old.header("link").expect("more follow").to_owned();
    let next = link.split(['<', '>']).nth(1).expect("an address");
    let second = client.get(&format!("/api/catalog{next}")).await;
    assert_eq!(second.status, 200);
    assert_ne!(second.value[0], old.value[0]);
}

#[tokio::test]
async fn a_walk_goes_on_behind_the_last_entity_though_others_leave() {
    let (lab, handle, client) = portal(240, |_| {}).await;
    let first = client.get("/api/catalog/entities/by-query?filter=kind=user&limit=50").await;
    let items = first.value["items"].as_array().expect("items");
    let leaver = items[3]["spec"]["profile"]["email"]
        .as_str()
        .expect("mail")
        .split('@')
        .next()
        .expect("a name")
        .to_owned();
    let provider = lab.provider();
    let user = provider
        .users()
        .into_iter()
        .find(|user| user["emails"][0]["value"].as_str().is_some_and(|mail| mail.starts_with(&leaver)));
    provider
        .delete_user(user.expect("at the provider")["id"].as_str().expect("an id"))
        .expect("deleted");
    handle.run_feed();
    let cursor = first.value["pageInfo"]["nextCursor"].as_str().expect("more");
    let second = client
        .list("/api/catalog/entities/by-query", &[("cursor", cursor), ("limit", "5000")])
        .await;
    let seen: BTreeSet<String> = items
        .iter()
        .chain(second.value["items"].as_array().expect("items"))
        .map(reference)
        .collect();
    let living: BTreeSet<String> = handle.references("user").into_iter().collect();
    assert!(living.is_subset(&seen), "{:?}", living.difference(&seen).collect::<Vec<_>>());
}

#[tokio::test]
async fn people_and_groups_are_what_the_provider_holds() {
    let (lab, handle, client) = portal(240, |_| {}).await;
    let users = walk(&client, "kind=user", 500).await;
    let provider = lab.provider();
    let active = provider
        .users()
        .into_iter()
        .filter(|user| user["active"] == true && user["userType"] != "Service")
        .count();
    // Two of one name are one entity, written by hand.
    assert_eq!(users.len(), active - 1);
    let olena = handle.entity(OLENA).expect("there");
    assert_eq!(olena["apiVersion"], "backstage.io/v1alpha1");
    assert_eq!(olena["spec"]["profile"]["displayName"], "Олена Шевченко");
    assert_eq!(
        olena["metadata"]["annotations"]["microsoft.com/email"],
        "olena.shevchenko@halcyon.example"
    );
    assert_eq!(
        targets(&olena, "memberOf"),
        olena["spec"]["memberOf"]
            .as_array()
            .expect("groups")
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
    );
    let sre = handle.entity("group:default/payments-sre").expect("there");
    assert!(targets(&sre, "hasMember").contains(&OLENA));
    assert_eq!(sre["spec"]["parent"], "group:default/payments-oncall");
    assert_eq!(targets(&sre, "childOf"), ["group:default/payments-oncall"]);
    let above = handle.entity("group:default/payments-oncall").expect("there");
    assert!(targets(&above, "parentOf").contains(&"group:default/payments-sre"));
    let api = handle.entity("component:default/payments-api").expect("there");
    assert_eq!(targets(&api, "ownedBy"), ["group:default/payments"]);
    let payments = handle.entity("group:default/payments").expect("there");
    assert!(targets(&payments, "ownerOf").contains(&"component:default/payments-api"));
    let guest = users
        .iter()
        .find(|user| user["metadata"]["name"] == "nell.ashdown_northgate.example");
    assert!(guest.is_some());
    // Groups that guard backups are not given to the portal; names that the catalog refuses do not come in.
    for missing in ["backup-operators", "vault-prod-restore", "_halt", "halt"] {
        assert!(handle.entity(&format!("group:default/{missing}")).is_none(), "{missing}");
    }
}

#[tokio::test]
async fn questions_are_answered_by_both_ways_of_asking() {
    let (_lab, _handle, client) = portal(240, |_| {}).await;
    let of_payments = walk(&client, "relations.memberof=group:default/payments,kind=user", 100).await;
    let body = json!({"query": {"$all": [{"kind": "User"}, {"relations.memberOf": {"$in": ["group:default/payments"]}}]}, "limit": 500, "fields": ["metadata.name", "kind", "metadata.namespace"]});
    let posted = post(&client, "/api/catalog/entities/by-query", &body).await;
    assert_eq!(posted.status, 200, "{}", posted.value);
    let names = |items: &[Value]| items.iter().map(reference).collect::<BTreeSet<_>>();
    assert_eq!(names(&of_payments), names(posted.value["items"].as_array().expect("items")));
    assert!(of_payments.len() > 5);
    assert_eq!(posted.value["items"][0].get("spec"), None);
    let sorted = client
        .list(
            "/api/catalog/entities/by-query",
            &[("filter", "kind=group"), ("orderField", "metadata.name,desc"), ("limit", "500")],
        )
        .await;
    let names: Vec<&str> = sorted.value["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|item| item["metadata"]["name"].as_str())
        .collect();
    assert!(names.is_sorted_by(|one, other| one >= other));
    let found = client
        .list(
            "/api/catalog/entities/by-query",
            &[
                ("fullTextFilterTerm", "SHEVCH"),
                ("fullTextFilterFields", "metadata.name,spec.profile.email"),
            ],
        )
        .await;
    let found: Vec<String> = found.value["items"].as_array().expect("items").iter().map(reference).collect();
    assert!(
        found.iter().any(|one| one == OLENA) && found.iter().all(|one| one.contains("shevch")),
        "{found:?}"
    );
    let facets = client.get("/api/catalog/entity-facets?facet=kind&facet=spec.type").await;
    let kinds = facets.value["facets"]["kind"].as_array().expect("kinds");
    assert!(
        kinds
            .iter()
            .any(|kind| kind["value"] == "Group" && kind["count"].as_u64() > Some(30))
    );
    assert!(
        facets.value["facets"]["spec.type"]
            .as_array()
            .is_some_and(|types| types.iter().any(|sort| sort["value"] == "team"))
    );
    for (path, text) in [
        ("?filter==x", "filter"),
        ("?limit=-1", "limit"),
        ("?cursor=rubbish", "cursor"),
        ("?orderField=a,up", "order"),
    ] {
        let refused = client.get(&format!("/api/catalog/entities/by-query{path}")).await;
        let (status, name, message) = error(&refused);
        assert_eq!((status, name), (400, json!("InputError")));
        assert!(message.contains(text), "{message}");
    }
    let refused = post(&client, "/api/catalog/entities/by-query", &json!({"query": {"$near": 1}})).await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn references_are_answered_in_order_with_null_for_ghosts() {
    let (_lab, handle, client) = portal(240, |_| {}).await;
    let path = "/api/catalog/entities/by-refs";
    let answer = post(
        &client,
        path,
        &json!({"entityRefs": ["group:default/nobody", OLENA, "Group:Payments"], "fields": ["metadata.name"]}),
    )
    .await;
    assert_eq!(
        answer.value,
        json!({"items": [null, {"metadata": {"name": "olena.shevchenko_halcyon.example"}}, {"metadata": {"name": "payments"}}]})
    );
    let many = |count: usize| json!({"entityRefs": (0..count).map(|number| format!("user:default/nobody.{number:05}_halcyon.example")).collect::<Vec<_>>()});
    assert_eq!(
        post(&client, path, &many(1_000)).await.value["items"].as_array().map(Vec::len),
        Some(1_000)
    );
    let (status, _, message) = error(&post(&client, path, &many(5_000)).await);
    assert_eq!((status, message.as_str()), (400, "request entity too large"));
    assert_eq!(post(&client, path, &json!({"entityRefs": ["nothing"]})).await.status, 400);
    let missing = client.get("/api/catalog/entities/by-name/user/default/nobody").await;
    assert_eq!(error(&missing).1, "NotFoundError");
    assert_eq!(
        missing.value["request"],
        json!({"method": "GET", "url": "/entities/by-name/user/default/nobody"})
    );
    let named = client
        .get("/api/catalog/entities/by-name/User/default/olena.shevchenko_halcyon.example")
        .await;
    assert_eq!(Some(&named.value), handle.entity(OLENA).as_ref());
    let uid = named.value["metadata"]["uid"].as_str().expect("a uid");
    assert_eq!(client.get(&format!("/api/catalog/entities/by-uid/{uid}")).await.value, named.value);
    let ancestry = client
        .get("/api/catalog/entities/by-name/user/default/maria_schmidt/ancestry")
        .await;
    assert_eq!(ancestry.value["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        ancestry.value["items"][0]["parentEntityRefs"],
        json!(["location:default/generated-people-by-hand"])
    );
    assert_eq!(client.get("/api/catalog/locations").await.value.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn quirks_show_on_the_wire() {
    let (_lab, handle, client) = portal(120, |_| {}).await;
    let list = "/api/catalog/entities/by-query?filter=kind=user&limit=20";
    let next = |answer: &Answer| answer.value["pageInfo"]["nextCursor"].as_str().map(str::to_owned);
    let total = client.get(list).await.value["totalItems"].as_u64().expect("a total");
    handle.set_quirks([PortalQuirk::TotalLies]);
    assert_eq!(client.get(list).await.value["totalItems"], total + 7);
    handle.set_quirks([PortalQuirk::CursorRepeats]);
    let second = next(&client.get(list).await).expect("a cursor");
    let path = "/api/catalog/entities/by-query";
    let answer = client.list(path, &[("cursor", &second), ("limit", "20")]).await;
    assert_eq!(next(&answer).as_deref(), Some(second.as_str()));
    handle.set_quirks([PortalQuirk::EmptyPage]);
    let second = next(&client.get(list).await).expect("a cursor");
    let answer = client.list(path, &[("cursor", &second), ("limit", "20")]).await;
    assert_eq!(answer.value["items"], json!([]));
    assert!(next(&answer).is_some());
    assert_eq!(walk(&client, "kind=user", 20).await.len() as u64, total);
    handle.set_quirks([PortalQuirk::NoByQuery]);
    assert_eq!(client.get(list).await.status, 404);
    assert_eq!(
        client
            .get("/api/catalog/entities?filter=kind=user")
            .await
            .value
            .as_array()
            .map(|all| all.len() as u64),
        Some(total)
    );
    handle.set_quirks([PortalQuirk::NoRelations]);
    assert_eq!(handle.entity(OLENA).expect("there").get("relations"), None);
    handle.set_faults(vec!["429:7@1".parse().expect("a fault")]);
    let refused = client.get(list).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("7")));
    assert_eq!(refused.value["error"]["name"], "Error");
    assert_eq!(handle.seen().last().map(|seen| seen.status), Some(429));
    handle.set_faults(Vec::new());
    assert_eq!(send(&client, Method::PATCH, "/api/catalog/entities", &none()).await.status, 404);
}
