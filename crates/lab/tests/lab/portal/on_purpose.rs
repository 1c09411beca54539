//! What is wrong with the portal on purpose, as the definition tells it.

use lanyard_lab::{Family, PortalOptions};
use serde_json::json;

use super::*;

/// What the portal decides for a user.
async fn decided(client: &Client, name: &str, kind: &str, action: &str, resource: Option<&str>) -> Value {
    let mut item =
        json!({"id": "1", "permission": {"type": "resource", "name": name, "resourceType": kind, "attributes": {"action": action}}});
    if let Some(resource) = resource {
        item["resourceRef"] = json!(resource);
    }
    let answer = post(client, "/api/permission/authorize", &json!({"items": [item]})).await;
    assert_eq!(answer.status, 200, "{}", answer.value);
    answer.value["items"][0].clone()
}

fn members(handle: &PortalHandle, role: &str) -> Vec<String> {
    let name = format!("role:default/{role}");
    let role = handle.roles().into_iter().find(|role| role["name"] == name).expect("there");
    role["memberReferences"]
        .as_array()
        .expect("members")
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn ghosts_hold_roles_and_own_things() {
    let (_lab, handle, client) = portal(240, |_| {}).await;
    let giorgi = "user:default/giorgi.beridze_halcyon.example";
    assert!(members(&handle, "payments-owner").contains(&giorgi.to_owned()));
    assert!(members(&handle, "scaffolder-user").contains(&"group:default/freight-portal-guild".to_owned()));
    let replay = handle.entity("component:default/settlement-replay").expect("there");
    assert_eq!(targets(&replay, "ownedBy"), ["user:default/tomas.dvorak_halcyon.example"]);
    let tides = handle.entity("component:default/tide-tables").expect("there");
    assert_eq!(targets(&tides, "ownedBy"), ["group:default/harbour-tools"]);
    let ghosts = json!({"entityRefs": [giorgi, "group:default/freight-portal-guild", "user:default/tomas.dvorak_halcyon.example", "group:default/harbour-tools"]});
    let answer = post(&client, "/api/catalog/entities/by-refs", &ghosts).await;
    assert_eq!(answer.value, json!({"items": [null, null, null, null]}));
    // Nobody else holds a role without being there, and nothing else belongs to nobody.
    let all = handle.references("");
    let known = |reference: &String| all.binary_search(reference).is_ok();
    let roles = handle.roles();
    let named = roles.iter().filter_map(|role| role["name"].as_str()?.strip_prefix("role:default/"));
    let strangers: Vec<String> = named
        .flat_map(|role| members(&handle, role))
        .filter(|member| !known(member))
        .collect();
    assert_eq!(strangers, [giorgi, "group:default/freight-portal-guild"]);
    let orphaned = all.iter().filter_map(|reference| handle.entity(reference));
    let orphaned: Vec<String> = orphaned
        .filter(|entity| targets(entity, "ownedBy").iter().any(|owner| !known(&(*owner).to_owned())))
        .map(|entity| reference(&entity))
        .collect();
    assert_eq!(orphaned, ["component:default/settlement-replay", "component:default/tide-tables"]);
}

#[tokio::test]
async fn one_group_drifted_one_name_is_old_and_one_user_is_nobody_in_particular() {
    let (lab, handle, _client) = portal(240, |_| {}).await;
    let provider = lab.provider();
    let at_provider = |group: &str| {
        let group = provider.group_named(group).expect("there");
        let people = group["members"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|member| member["type"] == "User");
        let ids: Vec<String> = people.filter_map(|member| member["value"].as_str()).map(str::to_owned).collect();
        let users = ids.iter().filter_map(|id| provider.get(Family::Users, id));
        users
            .filter_map(|user| user["userName"].as_str().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let in_portal = |group: &str| {
        let group = handle.entity(&format!("group:default/{group}")).expect("there");
        targets(&group, "hasMember").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let (wanted, found) = (at_provider("payments"), in_portal("payments"));
    assert_eq!(found.len(), wanted.len() - 1);
    assert!(wanted.contains(&"seoyeon.kim".to_owned()));
    let seoyeon = "user:default/seoyeon.kim_halcyon.example";
    assert!(handle.entity(seoyeon).is_some() && !found.contains(&seoyeon.to_owned()));
    assert_eq!(in_portal("payments-sre").len(), at_provider("payments-sre").len());

    let company = lanyard_lab::Company::generate(lanyard_lab::DEFAULT_SEED, 240);
    let ewa = handle.entity("user:default/ewa.zak_halcyon.example").expect("under the old name");
    assert_eq!(handle.entity("user:default/ewa.krol_halcyon.example"), None);
    let id = company.entra_id(company.person("ewa.krol").expect("there")).to_string();
    assert_eq!(ewa["metadata"]["annotations"]["graph.microsoft.com/user-id"], id.as_str());
    assert_eq!(ewa["spec"]["profile"]["email"], "ewa.zak@halcyon.example");

    let maria = handle.entity("user:default/maria_schmidt").expect("there");
    let annotations = maria["metadata"]["annotations"].as_object().expect("annotations");
    assert!(annotations.keys().all(|key| key.starts_with("backstage.io/")), "{annotations:?}");
    assert_eq!(maria["spec"]["profile"], json!({"displayName": "Maria Schmidt"}));
    assert_eq!(
        provider
            .users()
            .iter()
            .filter(|user| user["displayName"] == "Maria Schmidt")
            .count(),
        2
    );
    assert!(
        handle
            .references("user")
            .iter()
            .all(|user| !user.starts_with("user:default/maria.schmidt"))
    );
}

#[tokio::test]
async fn deny_goes_over_allow_and_conditions_name_whoever_asks() {
    let (_lab, handle, client) = portal(240, |_| {}).await;
    let rustam = as_user(&handle, "rustam.aliev");
    let payments = "catalog-entity";
    let api = Some("component:default/payments-api");
    assert_eq!(
        decided(&rustam, "catalog.entity.delete", payments, "delete", api).await["result"],
        "DENY"
    );
    assert_eq!(
        decided(&rustam, "catalog.entity.read", payments, "read", api).await["result"],
        "ALLOW"
    );
    let olena = as_user(&handle, "olena.shevchenko");
    assert_eq!(
        decided(&olena, "catalog.entity.delete", payments, "delete", api).await["result"],
        "ALLOW"
    );

    // By catalog-maintainers she edits what is hers.
    let ximena = as_user(&handle, "ximena.munoz");
    let answer = decided(&ximena, "catalog.entity.refresh", payments, "update", None).await;
    assert_eq!(answer["result"], "CONDITIONAL");
    let claims = answer["conditions"]["params"]["claims"].as_array().expect("claims").clone();
    assert!(claims.contains(&json!("user:default/ximena.munoz_halcyon.example")) && claims.contains(&json!("group:default/data")));
    assert_eq!(
        decided(&ximena, "catalog.entity.refresh", payments, "update", Some("domain:default/data")).await["result"],
        "ALLOW"
    );
    assert_eq!(
        decided(&ximena, "catalog.entity.refresh", payments, "update", api).await["result"],
        "DENY"
    );

    // By spec.parent: platform is in engineering.
    let deepika = as_user(&handle, "deepika.nair");
    let answer = decided(&deepika, "scaffolder.task.read", "scaffolder-task", "read", None).await;
    assert_eq!(
        answer["conditions"]["params"]["createdBy"],
        json!(["user:default/deepika.nair_halcyon.example"])
    );
    // And platform-oncall is in platform-admins.
    assert_eq!(deepika.get("/api/permission/roles").await.status, 200);
    assert!(
        members(&handle, "platform-admin")
            .iter()
            .all(|member| member != "group:default/platform-oncall")
    );

    let superuser = "user:default/olaniyan.adeyemi_halcyon.example";
    assert_eq!(handle.superusers(), [superuser]);
    let olaniyan = as_user(&handle, superuser);
    assert_eq!(
        decided(&olaniyan, "anything.at.all", "anything", "delete", None).await["result"],
        "ALLOW"
    );
    assert!(!json!(handle.roles()).to_string().contains(superuser));

    let (status, _, message) = error(&post(&client, "/api/permission/authorize", &json!({"items": []})).await);
    assert_eq!(status, 403);
    assert!(message.contains("'service'"), "{message}");
}

#[tokio::test]
async fn the_same_seed_gives_the_same_portal_and_it_grows_with_the_company() {
    let drawn = |people: usize, seed: u64| async move {
        let lab = serve(LabOptions {
            people,
            seed,
            portal: Some(PortalOptions::named("Portal")),
            ..LabOptions::default()
        })
        .await
        .expect("the lab opens");
        let handle = lab.portal().expect("there");
        let entities: Vec<Option<Value>> = handle.references("").iter().map(|reference| handle.entity(reference)).collect();
        (entities, handle.roles(), handle.references("component").len())
    };
    let (one, other) = (drawn(1_200, 5).await, drawn(1_200, 5).await);
    assert!(one.0 == other.0 && one.1 == other.1);
    assert!(one.0 != drawn(1_200, 6).await.0);
    assert!(one.2 > 120, "{}", one.2);
    // A company of nobody, and one that has not even its cast, have a portal too.
    assert!(drawn(0, 5).await.0.is_empty());
    assert!(!drawn(3, 5).await.0.is_empty());
}
