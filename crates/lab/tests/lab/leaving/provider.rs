//! The company's authority brings its people everywhere, takes them away, and brings them back.

use lanyard_lab::company::plans::LEFTOVERS;
use lanyard_lab::{Family, OnDelete, PortalOptions};
use serde_json::json;

use super::*;
use crate::client::{ENTERPRISE, USER};

/// A new employee of a department that has accounts everywhere.
fn newcomer(provider: &Handle) -> String {
    let made = provider.create_user(
        &json!({"schemas": [USER, ENTERPRISE], "userName": "test.identity", "displayName": "Test Identity",
        "name": {"givenName": "Test", "familyName": "Identity"}, "userType": "Employee",
        "emails": [{"value": "test.identity@halcyon.example", "type": "work", "primary": true}], ENTERPRISE: {"department": "Payments"}}),
    );
    made.expect("made")["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_newcomer_arrives_in_every_system_and_leaves_every_system() {
    let lab = with(240, &["azure/vault-grant"], |options| {
        options.azure = Some(AzureOptions::default());
        let mut portal = PortalOptions::named("Portal");
        portal.feed_interval = Duration::from_millis(50);
        options.portal = Some(portal);
    })
    .await;
    let (provider, app, azure, portal) = (
        lab.provider(),
        lab.downstream(),
        lab.azure().expect("asked for"),
        lab.portal().expect("asked for"),
    );
    let user = newcomer(&provider);
    let group = provider.group_named("payments-sre").expect("there");
    provider.add_member(group["id"].as_str().expect("an id"), &user).expect("added");
    let reference = "user:default/test.identity_halcyon.example";
    until("the account", || app.user_named("test.identity").is_some()).await;
    until("the entity", || portal.entity(reference).is_some()).await;
    let in_group = || {
        azure.look(|tenant| {
            let user = tenant.users.iter().find(|user| user.upn == "test.identity@halcyon.example");
            user.filter(|user| {
                tenant
                    .groups
                    .iter()
                    .any(|group| group.display == "payments-sre" && group.members.contains(&user.id))
            })
            .map(|user| user.id)
        })
    };
    until("the member in Entra", || in_group().is_some()).await;
    let object = in_group().expect("there");
    // Both systems know the newcomer by one object id.
    let annotations = &portal.entity(reference).expect("there")["metadata"]["annotations"];
    assert_eq!(annotations["graph.microsoft.com/user-id"], object.to_string());
    let granted =
        |tenant: &lanyard_lab::company::access::azure::Tenant| tenant.assignments.iter().filter(|one| one.principal == object).count();
    assert_eq!(azure.look(granted), 1, "somebody's script was there");

    provider.patch_user(&user, &switch_off()).expect("switched off");
    until("the account's end", || {
        app.user_named("test.identity").expect("kept")["active"] == false
    })
    .await;
    until("the entity's end", || portal.entity(reference).is_none()).await;
    let enabled = || azure.look(|tenant| tenant.users.iter().any(|user| user.id == object && user.enabled));
    until("Entra", || !enabled()).await;
    // Switched off is not out of the groups, and what a script gave is nobody's to take.
    assert!(in_group().is_some());
    assert_eq!(azure.look(granted), 1);
    provider.delete_user(&user).expect("deleted");
    until("the deletion is handled", || {
        !azure.is_gone(object) && lab.provisioner().handled() >= 4
    })
    .await;
    assert_eq!(azure.look(granted), 1);
}

#[tokio::test]
async fn some_newcomers_leave_an_assignment_and_an_orphan_behind_without_any_fault() {
    let lab = with(240, &[], |options| {
        options.azure = Some(AzureOptions::default());
        let mut portal = PortalOptions::named("Portal");
        portal.feed_interval = Duration::from_millis(50);
        portal.processing_interval = Duration::from_millis(50);
        portal.orphan_cleanup_interval = Duration::from_millis(50);
        options.portal = Some(portal);
    })
    .await;
    let (provider, azure, portal) = (lab.provider(), lab.azure().expect("asked for"), lab.portal().expect("asked for"));
    let names = ["canary-1@halcyon.example".to_owned(), format!("{LEFTOVERS}2@halcyon.example")];
    let made = names.clone().map(|name| {
        let made = provider.create_user(&json!({"schemas": [USER], "userName": name, "displayName": name}));
        made.expect("made")["id"].as_str().expect("an id").to_owned()
    });
    let entity = |name: &str| portal.entity(&format!("user:default/{}", name.replace('@', "_")));
    let granted = |name: &str| {
        azure.look(|tenant| {
            let user = tenant.users.iter().find(|user| user.upn == name)?;
            Some(tenant.assignments.iter().filter(|one| one.principal == user.id).count())
        })
    };
    for name in &names {
        until("the entity and the user", || entity(name).is_some() && granted(name).is_some()).await;
    }
    assert_eq!(names.each_ref().map(|name| granted(name)), [Some(0), Some(1)]);
    for id in &made {
        provider.delete_user(id).expect("deleted");
    }
    until("the entity's end", || entity(&names[0]).is_none()).await;
    until("the orphan", || {
        entity(&names[1]).is_some_and(|entity| entity["metadata"]["annotations"]["backstage.io/orphan"] == "true")
    })
    .await;
    // Several clean-ups later it is there still.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(entity(&names[1]).is_some());
    assert_eq!(granted(&names[1]), Some(1));
}

#[tokio::test]
async fn a_deletion_at_the_provider_reaches_the_recycle_bin_where_it_is_to() {
    let lab = with(240, &["idp/on-delete:delete"], |options| {
        options.azure = Some(AzureOptions::default());
    })
    .await;
    let (provider, azure) = (lab.provider(), lab.azure().expect("asked for"));
    assert_eq!(lab.provisioner().handled(), 0);
    let object = azure.find("olena.shevchenko").expect("there");
    provider.delete_user(&id(&provider, "olena.shevchenko")).expect("deleted");
    until("the deletion", || azure.is_gone(object)).await;
    assert!(azure.look(|tenant| tenant.deleted.iter().any(|(user, _)| user.id == object)));
    // Her direct role on a vault is still there, for nobody.
    assert!(azure.look(|tenant| tenant.assignments.iter().any(|one| one.principal == object)));
}

#[tokio::test]
async fn what_was_written_directly_is_put_back_with_the_next_cycle() {
    let cloud = cloud(240, &["idp/recreates:300ms"]).await;
    let (provider, app) = (cloud.lab.provider(), cloud.lab.downstream());
    let client = Client::of(&app);
    let who = id(&provider, "minh.bui");
    let account = || app.users().into_iter().find(|user| user["externalId"] == who.as_str());
    let first = account().expect("provisioned");
    let path = format!("/Users/{}", first["id"].as_str().expect("an id"));
    assert_eq!(send(&client, Method::DELETE, &path, &json!(null)).await.status, 204);
    assert!(account().is_none());
    until("the account", || account().is_some()).await;
    let again = account().expect("there");
    assert!(again["id"] != first["id"] && again["active"] == true);

    let path = format!("/Users/{}", again["id"].as_str().expect("an id"));
    let off = crate::client::patch(switch_off());
    assert_eq!(client.send(Method::PATCH, &path, &off).await.value["active"], false);
    until("the switch", || account().expect("there")["active"] == true).await;

    let object = cloud.azure.find("minh.bui").expect("there");
    let path = format!("/users/{object}");
    assert_eq!(send(&cloud.graph, Method::DELETE, &path, &json!(null)).await.status, 204);
    assert_eq!(cloud.graph.get(&path).await.status, 404);
    until("the user in Entra", || !cloud.azure.is_gone(object)).await;
    assert_eq!(cloud.graph.get(&path).await.status, 200);

    // Whoever is gone at the provider stays gone.
    provider.patch_user(&who, &switch_off()).expect("switched off");
    until("the end", || account().expect("there")["active"] == false).await;
    let cycles = cloud.lab.provisioner().cycles();
    until("two cycles", || cloud.lab.provisioner().cycles() >= cycles + 2).await;
    assert_eq!(account().expect("there")["active"], false);
}

#[tokio::test]
async fn without_cycles_a_direct_write_stays() {
    let lab = with(240, &[], |options| options.provisioning.on_delete = OnDelete::Keep).await;
    let (app, provisioner) = (lab.downstream(), lab.provisioner());
    let user = id(&app, "minh.bui");
    app.delete_user(&user).expect("deleted");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(app.get(Family::Users, &user).is_none() && app.user_named("minh.bui").is_none());
    assert_eq!(provisioner.cycles(), 0);
    // A cycle that begins later still knows.
    provisioner.set_cycle(Some(Duration::from_millis(50)));
    until("the account", || app.user_named("minh.bui").is_some()).await;
}

#[tokio::test]
async fn a_group_of_the_app_gives_accounts_and_takes_them_away() {
    let lab = with(240, &[], |_| ()).await;
    let (provider, app) = (lab.provider(), lab.downstream());
    let made = provider.create_user(&json!({"schemas": [USER], "userName": "no.department", "displayName": "No Department"}));
    let user = made.expect("made")["id"].as_str().expect("an id").to_owned();
    until("the newcomer is seen", || lab.provisioner().handled() >= 1).await;
    assert!(
        app.user_named("no.department").is_none(),
        "nothing says that the app is for this user"
    );
    let group = provider.group_named("ledgerly-approvers").expect("there")["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let members = |group: Value| group["members"].as_array().map(Vec::len);
    let before = members(app.group_named("ledgerly-approvers").expect("there"));
    provider.add_member(&group, &user).expect("added");
    until("the account", || {
        app.user_named("no.department").is_some_and(|user| user["active"] == true)
    })
    .await;
    until("the membership", || {
        members(app.group_named("ledgerly-approvers").expect("there")) != before
    })
    .await;
    let account = app.user_named("no.department").expect("there");
    // Whoever left before and is in the app's group only there stays as the app has it.
    assert_eq!(app.user_named("giorgi.beridze").expect("there")["active"], true);
    assert_eq!(app.groups_of(account["id"].as_str().expect("an id")).len(), 1);
    provider.remove_member(&group, &user).expect("removed");
    until("the end", || {
        app.user_named("no.department").is_some_and(|user| user["active"] == false)
    })
    .await;
    let own = account["id"].as_str().expect("an id");
    until("the end of the membership", || app.groups_of(own).is_empty()).await;
}
