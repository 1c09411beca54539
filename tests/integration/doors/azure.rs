//! Entra and Azure, against the lab: an account cut and brought back, sessions, groups, assignments down to a vault, eligibility, what is owned.

use lanyard_engine::secrets::Secret;
use lanyard_engine::sources::Client;
use lanyard_engine::sources::azure::{AzureClient, AzureConfig, Owned};
use lanyard_engine::sources::doors::{Deed, Look, Seen, Whose};
use lanyard_engine::view::{AuthSettings, AzureCloud, AzureSettings};
use lanyard_lab::azure::Throttle;
use lanyard_lab::{AzureHandle, AzureOptions, GroupTrait, Lab, LabOptions};

use crate::{limits, never, saw, send, writes};

const OLENA: &str = "olena.shevchenko";

struct Tenant {
    _lab: Lab,
    handle: AzureHandle,
    client: AzureClient,
}

impl Tenant {
    async fn start() -> Self {
        let mut options = LabOptions {
            people: 80,
            azure: Some(AzureOptions {
                throttle: Throttle::none(),
                ..AzureOptions::default()
            }),
            ..LabOptions::default()
        };
        options.allow_writes();
        let lab = lanyard_lab::serve(options).await.unwrap();
        let handle = lab.azure().unwrap();
        let sites = handle.sites();
        let client = AzureClient::new(AzureConfig {
            name: "Tenant".into(),
            base: sites.arm.parse().unwrap(),
            azure: AzureSettings {
                tenant: handle.tenant_id().to_string(),
                cloud: AzureCloud::Other {
                    authority: sites.authority,
                    graph: sites.graph,
                },
                ..AzureSettings::default()
            },
            auth: AuthSettings::ClientSecret {
                client_id: handle.client_id().to_string(),
            },
            secret: Some(Secret::new(handle.secret())),
            keep: None,
            ca_pem: None,
            headers: Vec::new(),
            request_budget: None,
            limits: limits(),
        })
        .unwrap();
        Self { _lab: lab, handle, client }
    }

    fn id(&self, name: &str) -> String {
        self.handle.find(name).unwrap().to_string()
    }

    fn one(&self) -> Client {
        Client::Azure(self.client.clone())
    }

    fn saw(&self, look: &Look, seen: Seen) {
        saw(look, seen, &[&self.handle.secret()]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_disabled_deleted_brought_back_and_gone_for_good() {
    let tenant = Tenant::start().await;
    let (id, client, cancel) = (tenant.id(OLENA), &tenant.client, never());
    let by_id = || client.look_at_account(&id, None, &cancel);
    let first = by_id().await;
    tenant.saw(&first, Seen::There);
    let upn = first.things[0].document.as_ref().unwrap()["userPrincipalName"]
        .as_str()
        .unwrap()
        .to_owned();
    let by_name = || client.look_by_filter(&id, &upn, &cancel);
    tenant.saw(&by_name().await, Seen::There);

    let asked = send(&tenant.one(), &client.set_enabled(&id, false).unwrap()).await;
    assert_eq!(asked.status, Some(204), "{asked:#?}");
    tenant.handle.settle();
    tenant.saw(&by_id().await, Seen::Off);
    tenant.saw(&by_name().await, Seen::Off);

    assert_eq!(send(&tenant.one(), &client.delete_user(&id).unwrap()).await.status, Some(204));
    tenant.handle.settle();
    let deleted = by_id().await;
    tenant.saw(&deleted, Seen::Off);
    assert!(deleted.says.contains("can be restored"), "{}", deleted.says);
    tenant.saw(&by_name().await, Seen::Gone);
    let memberships = client.look_at_memberships(&id, &cancel).await;
    tenant.saw(&memberships, Seen::Gone);

    assert!(send(&tenant.one(), &client.restore_deleted(&id).unwrap()).await.status.unwrap() < 300);
    tenant.handle.settle();
    assert_ne!(by_id().await.seen, Seen::Gone);

    send(&tenant.one(), &client.delete_user(&id).unwrap()).await;
    tenant.handle.settle();
    assert_eq!(
        send(&tenant.one(), &client.purge_test_identity(&id).unwrap()).await.status,
        Some(204)
    );
    tenant.handle.settle();
    tenant.saw(&by_id().await, Seen::Gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_ended_when_graph_says_so_of_the_user() {
    let tenant = Tenant::start().await;
    let (id, cancel) = (tenant.id(OLENA), never());
    let cut = i64::try_from(
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_millis(),
    )
    .unwrap()
        - 1000;
    let before = tenant.client.look_at_sessions(&id, cut, None, &cancel).await;
    tenant.saw(&before, Seen::There);
    send(&tenant.one(), &tenant.client.revoke_sessions(&id).unwrap()).await;
    tenant.handle.settle();
    tenant.saw(&tenant.client.look_at_sessions(&id, cut, None, &cancel).await, Seen::Gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_left_where_graph_lets_and_written_out_where_not() {
    let tenant = Tenant::start().await;
    let (id, client, cancel) = (tenant.id(OLENA), &tenant.client, never());
    let look = client.look_at_memberships(&id, &cancel).await;
    tenant.saw(&look, Seen::There);
    let nested = |thing: &&lanyard_engine::sources::doors::Thing| thing.note.as_deref().is_some_and(|note| note.starts_with("nested"));
    let direct: Vec<_> = look.things.iter().filter(|thing| thing.note.is_none()).collect();
    assert!(!direct.is_empty() && look.things.iter().any(|thing| nested(&thing)), "{look:#?}");
    for thing in &direct {
        let deed = client.leave_group(thing.document.as_ref().unwrap(), &id, OLENA).unwrap();
        for write in writes(deed) {
            assert!(write.request.url.ends_with("/$ref"), "without it the user itself would be deleted");
            assert_eq!(send(&tenant.one(), &write).await.status, Some(204));
        }
    }
    tenant.handle.settle();
    tenant.saw(&client.look_at_memberships(&id, &cancel).await, Seen::Gone);

    let other = tenant.id("daniel.levi");
    let groups = client.look_at_memberships(&other, &cancel).await;
    let group = groups.things.iter().find(|thing| thing.note.is_none()).unwrap();
    for (mark, word) in [(GroupTrait::Dynamic, "rule"), (GroupTrait::Synced, "premises")] {
        let fresh = Tenant::start().await;
        assert!(fresh.handle.mark_group(&group.name, mark));
        let look = fresh.client.look_at_memberships(&other, &cancel).await;
        let thing = look.things.iter().find(|thing| thing.name == group.name).unwrap();
        let deed = fresh
            .client
            .leave_group(thing.document.as_ref().unwrap(), &other, "daniel")
            .unwrap();
        assert!(matches!(&deed, Deed::ByHand { why, .. } if why.contains(word)), "{deed:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignment_on_a_vault_is_found_and_told_apart_from_what_groups_give() {
    let tenant = Tenant::start().await;
    let (id, client, cancel) = (tenant.id(OLENA), &tenant.client, never());
    let look = client.look_at_assignments(&id, &[], &cancel).await;
    tenant.saw(&look, Seen::There);
    let direct: Vec<_> = look.things.iter().filter(|thing| thing.note.is_none()).collect();
    assert_eq!(direct.len(), 1, "{:#?}", look.things);
    assert_eq!(direct[0].name, "Backup Operator on vault-prod");
    assert!(
        look.things
            .iter()
            .any(|thing| thing.note.as_deref().is_some_and(|note| note.starts_with("by the group")))
    );
    let write = client.remove_assignment(&direct[0].id).unwrap();
    assert_eq!(send(&tenant.one(), &write).await.status, Some(200));
    tenant.handle.settle();
    let look = client.look_at_assignments(&id, &[], &cancel).await;
    assert!(look.things.iter().all(|thing| thing.note.is_some()), "{:#?}", look.things);
    assert_eq!(
        send(&tenant.one(), &write).await.status,
        Some(204),
        "there is nothing left to take away"
    );

    // Out of its groups, it holds nothing.
    let groups = client.look_at_memberships(&id, &cancel).await;
    for thing in groups.things.iter().filter(|thing| thing.note.is_none()) {
        for write in writes(client.leave_group(thing.document.as_ref().unwrap(), &id, OLENA).unwrap()) {
            send(&tenant.one(), &write).await;
        }
    }
    tenant.handle.settle();
    tenant.saw(&client.look_at_assignments(&id, &[], &cancel).await, Seen::Gone);

    // A scope that may not be read: what is in it is not "none".
    tenant.handle.refuse("Microsoft.Authorization/roleAssignments/read", "sub-payments");
    let look = client.look_at_assignments(&id, &[], &cancel).await;
    tenant.saw(&look, Seen::NotEvaluated);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_eligibility_is_taken_away_by_a_request_that_is_the_same_each_time() {
    let tenant = Tenant::start().await;
    let (id, client, cancel) = (tenant.id("daniel.levi"), &tenant.client, never());
    let look = client.look_at_eligibility(&id, &cancel).await;
    tenant.saw(&look, Seen::There);
    let own = look.things.iter().find(|thing| thing.note.is_none()).unwrap();
    let document = own.document.as_ref().unwrap();
    let write = writes(client.remove_eligibility(document, "run-1").unwrap());
    assert_eq!(write, writes(client.remove_eligibility(document, "run-1").unwrap()));
    assert_ne!(write, writes(client.remove_eligibility(document, "run-2").unwrap()));
    assert_eq!(send(&tenant.one(), &write[0]).await.status, Some(201));
    tenant.handle.settle();
    let look = client.look_at_eligibility(&id, &cancel).await;
    assert!(look.things.iter().all(|thing| thing.note.is_some()), "{look:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_owned_alone_is_named_until_it_has_another_owner() {
    let tenant = Tenant::start().await;
    let (group, owner) = tenant.handle.look(|held| {
        let group = held.groups.iter().find(|group| group.owners.len() == 1).unwrap();
        (group.clone(), group.owners[0])
    });
    let (client, cancel, owner) = (&tenant.client, never(), owner.to_string());
    let owned = [(Owned::Group, group.id.to_string(), group.display.clone())];
    let look = client.look_at_owned(&owner, &owned, &cancel).await;
    tenant.saw(&look, Seen::There);
    assert_eq!(look.things[0].note.as_deref(), Some("it is the only owner"));
    // Entra keeps a group's last owner: any status is an answer.
    let asked = send(&tenant.one(), &client.remove_owner(Owned::Group, &owned[0].1, &owner).unwrap()).await;
    assert_eq!(asked.status, Some(400), "{asked:#?}");
    let new = tenant.id(OLENA);
    send(&tenant.one(), &client.add_owner(Owned::Group, &owned[0].1, &new).unwrap()).await;
    send(&tenant.one(), &client.remove_owner(Owned::Group, &owned[0].1, &owner).unwrap()).await;
    tenant.handle.settle();
    tenant.saw(&client.look_at_owned(&owner, &owned, &cancel).await, Seen::Gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_assignment_is_never_deleted() {
    let tenant = Tenant::start().await;
    for id in [
        "",
        "/subscriptions/x",
        "/subscriptions/x/providers/Microsoft.Authorization/roleAssignments/",
        "/subscriptions/x/providers/Microsoft.Authorization/roleAssignments/a/b",
        "/subscriptions/x/../providers/Microsoft.Authorization/roleAssignments/a",
        "/subscriptions/x/providers/Microsoft.Authorization/roleDefinitions/a",
    ] {
        assert_eq!(tenant.client.remove_assignment(id).unwrap_err().code(), "source.setting", "{id}");
    }
    for id in ["", ".", "..", "a/b", " "] {
        assert!(tenant.client.delete_user(id).is_err(), "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lanyards_own_credential_is_an_applications_and_app_roles_and_empty_groups_are_told() {
    let tenant = Tenant::start().await;
    let cancel = never();
    assert_eq!(tenant.one().whose(&cancel).await, Whose::NoAccount);
    let (with_role, group, members) = tenant.handle.look(|held| {
        let users: Vec<_> = held.users.iter().map(|user| user.id).collect();
        let role = held
            .app_roles
            .iter()
            .find(|one| users.contains(&one.principal))
            .map(|one| one.principal);
        let group = held
            .groups
            .iter()
            .find(|group| group.members.iter().all(|member| users.contains(member)) && !group.members.is_empty())
            .unwrap();
        (role, group.clone(), group.members.clone())
    });
    if let Some(user) = with_role {
        tenant.saw(&tenant.client.look_at_app_roles(&user.to_string(), &cancel).await, Seen::There);
    }
    let groups = [(group.id.to_string(), group.display.clone())];
    let leaver = members[0].to_string();
    tenant.saw(&tenant.client.look_at_emptied("nobody", &groups, &cancel).await, Seen::Gone);
    for member in &members[1..] {
        assert!(tenant.handle.remove_member(&group.display, &member.to_string()));
    }
    // The user itself is nobody, though it is a member still.
    tenant.saw(&tenant.client.look_at_emptied("nobody", &groups, &cancel).await, Seen::Gone);
    tenant.saw(&tenant.client.look_at_emptied(&leaver, &groups, &cancel).await, Seen::There);
    assert!(tenant.handle.remove_member(&group.display, &leaver));
    tenant.saw(&tenant.client.look_at_emptied(&leaver, &groups, &cancel).await, Seen::There);
    assert_eq!(tenant.client.look_at_emptied(&leaver, &[], &cancel).await.seen, Seen::NotEvaluated);
}
