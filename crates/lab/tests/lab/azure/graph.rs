//! Microsoft Graph: lists, batches, changes, permissions, limits.

use super::*;

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
