//! Backstage, against the lab: entities with both orphan strategies, ghosts in roles and as owners, live tokens.

use std::time::Duration;

use lanyard_engine::secrets::Secret;
use lanyard_engine::sources::Client;
use lanyard_engine::sources::backstage::{BackstageClient, BackstageConfig};
use lanyard_engine::sources::doors::{Deed, Look, Seen};
use lanyard_engine::view::{AuthSettings, Request};
use lanyard_lab::{Feed, Lab, LabOptions, OrphanStrategy, PortalHandle, PortalOptions, PortalQuirk};
use serde_json::{Value, json};

use crate::{limits, never, saw, send, writes};

struct Portal {
    lab: Lab,
    handle: PortalHandle,
    client: BackstageClient,
}

fn client(handle: &PortalHandle, token: String) -> BackstageClient {
    BackstageClient::new(BackstageConfig {
        name: "Portal".into(),
        base: handle.url().parse().unwrap(),
        auth: AuthSettings::Bearer,
        secret: Some(Secret::new(token)),
        keep: None,
        ca_pem: None,
        headers: Vec::new(),
        request_budget: None,
        limits: limits(),
    })
    .unwrap()
}

impl Portal {
    async fn start(change: impl FnOnce(&mut PortalOptions)) -> Self {
        let mut options = PortalOptions::named("Portal");
        // Nothing happens by itself.
        options.feed_interval = Duration::from_secs(3600);
        options.processing_interval = Duration::from_secs(3600);
        options.orphan_cleanup_interval = Duration::from_secs(3600);
        change(&mut options);
        let lab = lanyard_lab::serve(LabOptions {
            people: 80,
            portal: Some(options),
            ..LabOptions::default()
        })
        .await
        .unwrap();
        let handle = lab.portal().unwrap();
        let client = client(&handle, handle.token());
        Self { lab, handle, client }
    }

    /// A user whom a role names itself, with the role.
    fn in_a_role(&self) -> (String, Value) {
        for role in self.handle.roles() {
            let members = role["memberReferences"].as_array().unwrap();
            let user = members.iter().filter_map(Value::as_str).find(|member| member.starts_with("user:"));
            if let Some(user) = user.filter(|user| self.handle.entity(user).is_some()) {
                return (user.to_owned(), role.clone());
            }
        }
        panic!("no role names a user")
    }

    /// Takes a user out of the catalog, whatever its source says.
    async fn forget(&self, user: &str) {
        let look = self.client.look_at_entity(user, None, &never()).await;
        let write = self.client.unregister(look.things[0].document.as_ref().unwrap()).unwrap();
        assert_eq!(send(&Client::Backstage(self.client.clone()), &write).await.status, Some(204));
    }

    /// The id of a user at the identity provider that the portal reads.
    fn at_provider(&self, user: &str) -> Option<String> {
        let name = user.rsplit('/').next()?;
        let found = self.lab.provider().user_named(name.split("_halcyon").next()?)?;
        Some(found["id"].as_str()?.to_owned())
    }

    /// Deletes a user at the identity provider, and lets the portal follow.
    fn leaves(&self, user: &str) {
        self.lab.provider().delete_user(&self.at_provider(user).unwrap()).unwrap();
        self.handle.refresh();
    }

    fn saw(&self, look: &Look, seen: Seen) {
        saw(look, seen, &[&self.handle.token()]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entity_that_its_source_still_has_comes_back() {
    let portal = Portal::start(|_| {}).await;
    let (user, _) = portal.in_a_role();
    let one = Client::Backstage(portal.client.clone());
    let look = || async { portal.client.look_at_entity(&user, None, &never()).await };
    let first = look().await;
    portal.saw(&first, Seen::There);
    let write = portal.client.unregister(first.things[0].document.as_ref().unwrap()).unwrap();
    assert_eq!(send(&one, &write).await.status, Some(204));
    portal.saw(&look().await, Seen::Gone);
    portal.handle.refresh();
    portal.saw(&look().await, Seen::There);
    assert_eq!(send(&one, &write).await.status, Some(404), "it has another uid");
    let refresh = portal.client.refresh(&user).unwrap();
    assert_eq!(send(&one, &refresh).await.status, Some(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orphan_stays_with_keep_and_is_gone_with_delete() {
    for (strategy, expected) in [(OrphanStrategy::Keep, Seen::Off), (OrphanStrategy::Delete, Seen::Gone)] {
        let portal = Portal::start(|options| {
            options.feed = Feed::Location;
            options.orphans = strategy;
        })
        .await;
        let users = portal.handle.references("user");
        let user = users.into_iter().find(|user| portal.at_provider(user).is_some()).unwrap();
        let look = || async { portal.client.look_at_entity(&user, None, &never()).await };
        portal.saw(&look().await, Seen::There);
        portal.leaves(&user);
        let after = look().await;
        portal.saw(&after, expected);
        assert_eq!(after.says.contains("orphan"), expected == Seen::Off, "{}", after.says);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_names_whoever_is_gone_until_it_is_taken_from_it() {
    let portal = Portal::start(|_| {}).await;
    let (user, _) = portal.in_a_role();
    portal.forget(&user).await;
    portal.saw(&portal.client.look_at_entity(&user, None, &never()).await, Seen::Gone);
    let look = portal.client.look_at_roles(&user, &never()).await;
    portal.saw(&look, Seen::There);
    let admin = portal.handle.superusers().first().cloned().unwrap();
    let as_user = client(&portal.handle, portal.handle.user_token(&admin).unwrap());
    let mut by_hand = 0;
    for role in &look.things {
        match as_user.leave_role(role.document.as_ref().unwrap(), &user).unwrap() {
            Deed::ByHand { what, .. } => {
                assert!(what.contains(&user), "{what}");
                by_hand += 1;
            }
            Deed::Writes(writes) => {
                // A service's token may not write roles, and the answer says so.
                let service = Client::Backstage(portal.client.clone());
                assert_eq!(send(&service, &writes[0]).await.status, Some(403));
                let asked = send(&Client::Backstage(as_user.clone()), &writes[0]).await;
                assert_eq!(asked.status, Some(204), "{asked:#?}");
            }
        }
    }
    let after = portal.client.look_at_roles(&user, &never()).await;
    assert_eq!(after.things.len(), by_hand, "{after:#?}");
    portal.saw(&after, if by_hand == 0 { Seen::Gone } else { Seen::There });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_of_a_file_is_written_out_line_by_line() {
    let portal = Portal::start(|_| {}).await;
    let role = |source: &str| json!({ "name": "role:default/x", "memberReferences": ["user:default/Ann", "group:default/b"], "metadata": { "source": source } });
    let deed = portal.client.leave_role(&role("csv-file"), "user:default/ann").unwrap();
    assert!(
        matches!(&deed, Deed::ByHand { what, .. } if what.contains("- g, user:default/Ann, role:default/x")),
        "{deed:?}"
    );
    for source in ["configuration", "ldap"] {
        assert!(matches!(
            portal.client.leave_role(&role(source), "user:default/ann").unwrap(),
            Deed::ByHand { .. }
        ));
    }
    let both = writes(portal.client.leave_role(&role("rest"), "user:default/ann").unwrap());
    assert!(
        both[0]
            .request
            .url
            .ends_with("/api/permission/roles/role/default/x?memberReferences=user%3Adefault%2FAnn"),
        "{both:?}"
    );
    let whole: Value = serde_json::from_str(both[1].request.body.as_deref().unwrap()).unwrap();
    assert_eq!(whole["newRole"]["memberReferences"], json!(["group:default/b"]));
    assert!(portal.client.leave_role(&role("rest"), "user:default/cid").is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_and_owned_entities_go_on_naming_a_ghost() {
    let portal = Portal::start(|_| {}).await;
    let owned_by = |user: &str| {
        let all = portal.handle.references("component");
        all.into_iter().any(|reference| {
            let entity = portal.handle.entity(&reference).unwrap();
            entity["relations"]
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one["type"] == "ownedBy" && one["targetRef"] == user))
        })
    };
    let user = portal.handle.references("user").into_iter().find(|user| owned_by(user)).unwrap();
    let cancel = never();
    let groups: Vec<String> = portal.handle.entity(&user).unwrap()["relations"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["type"] == "memberOf")
        .map(|one| one["targetRef"].as_str().unwrap().to_owned())
        .collect();
    let look = portal.client.look_at_groups(&user, &groups, &cancel).await;
    portal.saw(&look, Seen::There);
    assert_eq!(look.things.len(), groups.len());
    portal.forget(&user).await;
    portal.saw(&portal.client.look_at_groups(&user, &groups, &cancel).await, Seen::Gone);
    let owned = portal.client.look_at_owned(&user, &cancel).await;
    portal.saw(&owned, Seen::There);
    assert!(owned.says.contains("ghost"), "{}", owned.says);

    let stale = Portal::start(|options| {
        options.quirks.insert(PortalQuirk::StaleMembers);
    })
    .await;
    stale.leaves(&user);
    stale.saw(&stale.client.look_at_groups(&user, &groups, &cancel).await, Seen::There);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_token_sees_what_it_sees_and_a_catalog_token_alone_tells_no_roles() {
    let portal = Portal::start(|_| {}).await;
    let (user, _) = portal.in_a_role();
    let token = portal.handle.user_token(&user).unwrap();
    let cancel = never();
    let secret = Secret::new(token.clone());
    let look = portal.client.look_at_token(&secret, &cancel).await;
    saw(&look, look.seen, &[&token, &portal.handle.token()]);
    assert!(matches!(look.seen, Seen::There | Seen::Off), "{look:#?}");
    let made_up = Secret::new("a-token-that-nobody-ever-gave-out".into());
    portal.saw(&portal.client.look_at_token(&made_up, &cancel).await, Seen::Gone);

    let catalog = client(&portal.handle, portal.handle.issue_token(Some(&["catalog"])));
    let roles = catalog.look_at_roles(&user, &cancel).await;
    portal.saw(&roles, Seen::NotEvaluated);
    let none = Portal::start(|options| {
        options.quirks.insert(PortalQuirk::NoRbac);
    })
    .await;
    none.saw(&none.client.look_at_roles(&user, &cancel).await, Seen::NotEvaluated);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_goes_to_the_backend_alone_and_carries_no_credential() {
    let portal = Portal::start(|_| {}).await;
    let request = |url: String, headers: Vec<(String, String)>| Request {
        method: "POST".into(),
        url,
        headers,
        body: None,
    };
    let elsewhere = request("http://127.0.0.1:9/api/auth/x/refresh".into(), Vec::new());
    let look = portal.client.look_at_sign_in("user:default/x", &elsewhere, None, &never()).await;
    assert_eq!(look.seen, Seen::NotEvaluated);
    assert!(look.asked.is_empty(), "{look:#?}");
    let url = format!("{}/api/auth/oauth2Proxy/refresh", portal.handle.url());
    let smuggled = request(url, vec![("Authorization".into(), "Bearer x".into())]);
    let look = portal.client.look_at_sign_in("user:default/x", &smuggled, None, &never()).await;
    assert_eq!(look.seen, Seen::NotEvaluated);
    assert!(look.asked.is_empty(), "{look:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_and_groups_that_are_left_with_nobody_are_named() {
    let portal = Portal::start(|_| {}).await;
    let (user, role) = portal.in_a_role();
    let held = role["name"].as_str().unwrap().to_owned();
    let cancel = never();
    let nobody = "user:default/nobody";
    portal.saw(
        &portal.client.look_at_unheld(nobody, std::slice::from_ref(&held), &cancel).await,
        Seen::Gone,
    );
    let both = [held.clone(), "role:default/went".into()];
    let look = portal.client.look_at_unheld(nobody, &both, &cancel).await;
    portal.saw(&look, Seen::There);
    assert_eq!(look.things.len(), 1, "{look:#?}");
    // Down to one member: without that one, it has none; and so it is with that one, once it is a ghost.
    let admin = portal.handle.superusers().first().cloned().unwrap();
    let as_user = client(&portal.handle, portal.handle.user_token(&admin).unwrap());
    let members = role["memberReferences"].as_array().unwrap().iter().filter_map(Value::as_str);
    for member in members.filter(|member| *member != user) {
        let look = portal.client.look_at_roles(member, &cancel).await;
        let role = look.things.iter().find(|thing| thing.name == held).unwrap();
        let Deed::Writes(writes) = as_user.leave_role(role.document.as_ref().unwrap(), member).unwrap() else {
            panic!("this role comes from a file: {role:#?}")
        };
        assert_eq!(send(&Client::Backstage(as_user.clone()), &writes[0]).await.status, Some(204));
    }
    let held = [held];
    portal.saw(&portal.client.look_at_unheld(nobody, &held, &cancel).await, Seen::Gone);
    portal.saw(&portal.client.look_at_unheld(&user, &held, &cancel).await, Seen::There);
    portal.forget(&user).await;
    portal.saw(&portal.client.look_at_unheld(nobody, &held, &cancel).await, Seen::There);
    let groups = portal.handle.references("group");
    let empty = |group: &String| {
        let entity = portal.handle.entity(group).unwrap();
        let relations = entity["relations"].as_array().unwrap();
        !relations.iter().any(|one| one["type"] == "hasMember" || one["type"] == "parentOf")
    };
    let full: Vec<String> = groups.iter().filter(|group| !empty(group)).take(3).cloned().collect();
    portal.saw(&portal.client.look_at_emptied(nobody, &full, &cancel).await, Seen::Gone);
    let bare: Vec<String> = groups.iter().filter(|group| empty(group)).cloned().collect();
    if !bare.is_empty() {
        let look = portal.client.look_at_emptied(nobody, &bare, &cancel).await;
        portal.saw(&look, Seen::There);
        assert_eq!(look.things.len(), bare.len());
    }
}
