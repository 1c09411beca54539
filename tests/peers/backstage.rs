//! A real Backstage backend with the community RBAC plugin: read, held against what its API says entity by entity, changed, read again.

mod house;
mod leaving;
mod people;
mod synced;

use std::collections::BTreeSet;
use std::time::Duration;

use house::{House, described, ids};
use lanyard_engine::record::{Columns, ItemKind, ResourceKind};
use lanyard_engine::sources::backstage::{BackstageClient, columns};
use lanyard_engine::view::{AuthSettings, ChangeKind, ProbeState};
use lanyard_tests::peer::{CATALOG_TOKEN, Orphans, TOKEN};
use reqwest::Method;
use serde_json::{Value, json};
use synced::Synced;

const ROLES: ResourceKind = ResourceKind::Item(ItemKind::RbacRole);
const POLICIES: ResourceKind = ResourceKind::Item(ItemKind::RbacPolicy);
const CONDITIONS: ResourceKind = ResourceKind::Item(ItemKind::RbacCondition);
const ENTITIES: ResourceKind = ResourceKind::Item(ItemKind::Entity);

/// A leaver who is a direct member of a role, owns a component, and is in a group.
const LEAVER: &str = "user:default/person03";

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_is_kept_as_an_orphan() {
    let house = House::open(Orphans::Keep).await;
    let client = house.client(AuthSettings::Bearer, TOKEN);
    report(&client).await;
    let synced = Synced::over(&house);
    synced.equals(&house.equals_api(&client).await).await;
    synced.is_still().await;
    let found = synced.found();
    restricted(&house).await;
    parts(&house).await;

    house.leave("person03");
    house
        .until("the orphan's mark", async || {
            let leaver = house.entity(LEAVER).await;
            leaver.is_some_and(|leaver| leaver["metadata"]["annotations"]["backstage.io/orphan"] == "true")
        })
        .await;
    change_a_role(&house).await;
    let read = house.equals_api(&client).await;
    let Columns::Account(leaver) = columns(ResourceKind::User, &read[&ResourceKind::User][LEAVER]).unwrap() else {
        panic!("a user is an account")
    };
    assert_eq!((leaver.user_type.as_deref(), leaver.active), (Some("Orphaned user"), None));
    assert_eq!(house.looked_up(&client, ResourceKind::User, &[LEAVER]).await, [true]);
    synced.equals(&read).await;
    // The mark is an attribute that was set.
    let told = synced.told(LEAVER);
    assert!(told.contains(&ChangeKind::Set) && !told.contains(&ChangeKind::Gone), "{told:?}");
    // That is the one thing that is found anew, and it names the leaver.
    let anew: Vec<_> = synced.found().difference(&found).cloned().collect();
    assert!(
        anew.len() == 1 && anew[0].0 == "orphaned-entity" && anew[0].1.starts_with("Person 3 "),
        "{anew:#?}"
    );
    // Nothing else about it has changed: still in its group, still in its role.
    assert!(members(&read[&ResourceKind::Group]["group:default/team4"]).contains(LEAVER));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_is_deleted_and_leaves_ghosts() {
    let house = House::open(Orphans::Delete).await;
    let client = house.client(AuthSettings::Bearer, TOKEN);
    let synced = Synced::over(&house);
    synced.equals(&house.equals_api(&client).await).await;
    let found = synced.found();
    // A role that names somebody who never was.
    assert!(
        found
            .iter()
            .any(|(rule, says)| rule == "ghost-member" && says.contains("nobody-ever")),
        "{found:#?}"
    );
    let signed_in = people::sign_in(&house, "person03").await;
    people::goes_as(&house, &signed_in).await;

    house.leave("person03");
    house.until("the leaver's end", async || house.entity(LEAVER).await.is_none()).await;
    // The group goes on listing a member who is gone until the catalog has put it together anew.
    house
        .until("the group's own end of it", async || {
            let group = house.entity("group:default/team4").await.unwrap();
            !house::related(&group, "hasMember").contains(LEAVER)
        })
        .await;
    change_a_role(&house).await;
    let read = house.equals_api(&client).await;
    assert!(!read[&ResourceKind::User].contains_key(LEAVER));
    synced.equals(&read).await;
    synced.is_still().await;
    let told = synced.told(LEAVER);
    assert!(told.contains(&ChangeKind::Gone), "{told:?}");
    assert!(!synced.told("user:default/person04").contains(&ChangeKind::Gone));
    assert_eq!(
        house
            .looked_up(&client, ResourceKind::User, &[LEAVER, "user:default/person04"])
            .await,
        [false, true]
    );
    // Found anew: the role that still names who was there, and the component that nobody owns any more.
    let after = synced.found();
    let anew: Vec<_> = after.difference(&found).collect();
    for (rule, thing) in [("removed-still-member", "helpers"), ("ghost-owner", "svc03")] {
        assert!(
            anew.iter()
                .any(|(of, says)| of == rule && says.contains(thing) && says.contains("person03")),
            "{rule}: {anew:#?}"
        );
    }
    assert_eq!(anew.len(), 2, "{anew:#?}");
    // The role still names a user that is nobody, and so does the component.
    let role: Value = serde_json::from_slice(&read[&ROLES]["role:default/helpers"]).unwrap();
    assert!(role["memberReferences"].as_array().unwrap().contains(&json!(LEAVER)), "{role}");
    let owned: Value = serde_json::from_slice(&read[&ENTITIES]["component:default/svc03"]).unwrap();
    assert_eq!(owned["relations"], json!([{ "type": "ownedBy", "targetRef": LEAVER }]));
    people::is_refused(&house, &signed_in).await;
}

/// The connection test sees what is there.
async fn report(client: &BackstageClient) {
    let report = client.probe(&tokio_util::sync::CancellationToken::new()).await;
    assert!(report.ok, "{report:#?}");
    assert_eq!(
        (report.users, report.groups),
        (Some(house::USERS as u64), Some(house::GROUPS as u64))
    );
    let state = |topic: &str| report.points.iter().find(|point| point.topic == topic).map(|point| point.state);
    for topic in [
        "reach",
        "auth",
        "users",
        "groups",
        "entities",
        "paging",
        "catalog.entity.read",
        "policy.entity.read",
        "rbac",
    ] {
        assert_eq!(state(topic), Some(ProbeState::Good), "{topic}: {report:#?}");
    }
}

/// A token that is restricted to the catalog: everything of the catalog, and each list of RBAC refused by name.
async fn restricted(house: &House) {
    let client = house.client(AuthSettings::Bearer, CATALOG_TOKEN);
    let users = house.listed(&client, ResourceKind::User).await;
    assert!(users.end.complete, "{:?}", users.end);
    for kind in [ROLES, POLICIES, CONDITIONS] {
        let end = house.listed(&client, kind).await.end;
        assert!(!end.complete);
        assert_eq!(end.reasons[0].code, "refused");
        let text = &end.reasons[0].text;
        assert!(
            text.contains("policy.entity.read") && text.contains("restricted to plugin(s) 'catalog'"),
            "{text}"
        );
    }
}

/// Users' own tokens: who may read everything is believed; who may not is not shown an empty company.
async fn parts(house: &House) {
    let boss = house.client(AuthSettings::Bearer, &house.user_token("boss").await);
    for shelf in boss.shelves() {
        let end = house.listed(&boss, shelf.kind).await.end;
        assert!(end.complete, "{:?}: {end:?}", shelf.kind);
    }
    let nobody = house.client(AuthSettings::Bearer, &house.user_token("person20").await);
    for shelf in nobody.shelves() {
        let end = house.listed(&nobody, shelf.kind).await.end;
        assert!(!end.complete && end.unique == 0, "{:?}: {end:?}", shelf.kind);
        assert!(
            end.reasons
                .iter()
                .any(|reason| reason.code == "refused" && reason.text.contains(shelf.needs)),
            "{end:?}"
        );
    }
    // Groups only, by a condition.
    let part = house.client(AuthSettings::Bearer, &house.user_token("person21").await);
    let groups = house.listed(&part, ResourceKind::Group).await;
    assert_eq!(groups.documents.len(), house::GROUPS, "{:?}", groups.end);
    for kind in [ResourceKind::User, ResourceKind::Group] {
        let end = house.listed(&part, kind).await.end;
        assert!(!end.complete && end.reasons[0].code == "refused", "{kind:?}: {end:?}");
    }
}

/// By REST, with the admin's own token: a static one may not.
async fn change_a_role(house: &House) {
    let before = house.api("api/permission/roles/role/default/helpers", TOKEN).await;
    let old = json!({ "memberReferences": before[0]["memberReferences"], "name": "role:default/helpers" });
    let mut members = before[0]["memberReferences"].as_array().unwrap().clone();
    members.push(json!("group:default/team2"));
    let change = json!({ "oldRole": old, "newRole": { "memberReferences": members, "name": "role:default/helpers" } });
    let path = "api/permission/roles/role/default/helpers";
    let (status, said) = house.ask(Method::PUT, path, TOKEN, Some(&change)).await;
    assert_eq!(status, 403, "a static token may change roles now: {said}");
    let boss = house.user_token("boss").await;
    let (status, said) = house.ask(Method::PUT, path, &boss, Some(&change)).await;
    assert_eq!(status, 200, "{said}");
    // Once gone, a role is told to be absent.
    let client = house.client(AuthSettings::Bearer, TOKEN);
    assert_eq!(
        house
            .looked_up(&client, ROLES, &["role:default/helpers", "role:default/never"])
            .await,
        [true, false]
    );
}

fn members(group: &[u8]) -> BTreeSet<String> {
    match columns(ResourceKind::Group, group) {
        Some(Columns::Group(group)) => group.members.unwrap().into_iter().collect(),
        other => panic!("{other:?}"),
    }
}

impl House {
    /// Reads everything, and holds it against the API: every entity and role there, none besides, each as its document says.
    async fn equals_api(&self, client: &BackstageClient) -> house::Everything {
        let read = self.everything(client).await;
        let (users, groups) = (self.entities("kind=user").await, self.entities("kind=group").await);
        for (kind, theirs) in [
            (ResourceKind::User, &users),
            (ResourceKind::Group, &groups),
            (ENTITIES, &self.entities("relations.ownedBy").await),
        ] {
            assert_eq!(ids(&read[&kind]), theirs.keys().cloned().collect(), "{kind:?}");
            for (id, theirs) in theirs {
                let ours: Value = serde_json::from_slice(&read[&kind][id]).unwrap();
                described(&ours, theirs, kind);
            }
        }
        // From the users' and the children's side, which the columns do not read.
        for (id, group) in &read[&ResourceKind::Group] {
            let joined = users.iter().filter(|(_, user)| house::related(user, "memberOf").contains(id));
            let below = groups.iter().filter(|(_, group)| house::related(group, "childOf").contains(id));
            assert_eq!(members(group), joined.chain(below).map(|(id, _)| id.clone()).collect(), "{id}");
        }
        for (kind, path, key) in [
            (ROLES, "api/permission/roles", "name"),
            (CONDITIONS, "api/permission/roles/conditions", "id"),
        ] {
            let theirs = self.api(path, TOKEN).await;
            let theirs = theirs.as_array().unwrap();
            assert_eq!(read[&kind].len(), theirs.len(), "{kind:?}");
            for one in theirs {
                let id = one[key].as_str().map_or_else(|| one[key].to_string(), str::to_owned);
                assert_eq!(&serde_json::from_slice::<Value>(&read[&kind][&id]).unwrap(), one);
            }
        }
        let policies: BTreeSet<String> = self
            .api("api/permission/policies", TOKEN)
            .await
            .as_array()
            .unwrap()
            .iter()
            .map(|policy| {
                let part = |name: &str| policy[name].as_str().unwrap().to_owned();
                [part("entityReference"), part("permission"), part("policy"), part("effect")].join(", ")
            })
            .collect();
        assert_eq!(ids(&read[&POLICIES]), policies);
        read
    }
}

/// How long a change of the catalog may take to show.
const PATIENCE: Duration = Duration::from_secs(100);
