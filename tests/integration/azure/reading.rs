//! What is read, in full and by changes.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_the_tenant_holds_is_read_once() {
    let cloud = cloud(|_| {}).await;
    let all = read_all(&cloud.client()).await;
    for (kind, read) in &all {
        assert!(read.listing.end.complete, "{kind:?}: {:?}", read.listing.end.reasons);
    }
    let truth = cloud.truth();
    assert_eq!(all[&ResourceKind::User].ids(), truth["users"]);
    assert_eq!(all[&ResourceKind::Group].ids(), truth["groups"]);
    assert_eq!(all[&ResourceKind::Service].ids(), truth["services"]);
    assert_eq!(last(&all[&ASSIGNMENTS].ids()), truth["assignments"]);
    assert_eq!(last(&all[&ResourceKind::Item(ItemKind::Eligibility)].ids()), truth["eligibilities"]);
    assert_eq!(all[&ResourceKind::Item(ItemKind::RoleDefinition)].ids(), truth["roles"]);
    cloud.azure.look(|tenant| {
        let count = |item| all[&ResourceKind::Item(item)].documents.len();
        assert_eq!(count(ItemKind::ManagementGroup), tenant.management_groups.len());
        assert_eq!(count(ItemKind::Subscription), tenant.subscriptions.len());
        assert_eq!(count(ItemKind::DenyAssignment), tenant.denies.len());
        assert_eq!(count(ItemKind::RecoveryVault) + count(ItemKind::BackupVault), tenant.vaults.len());
        assert_eq!(count(ItemKind::ResourceGuard), tenant.guards.len());
        assert_eq!(
            count(ItemKind::AppRoleAssignment),
            tenant.app_roles.iter().filter(|one| !cloud.azure.is_gone(one.principal)).count()
        );
        // Each group's direct members, service principals too.
        for group in &tenant.groups {
            let read: Group = serde_json::from_slice(&all[&ResourceKind::Group].documents[&group.id.to_string()]).unwrap();
            let members: BTreeSet<_> = read.members.unwrap().into_iter().filter_map(|member| member.id).collect();
            let real: BTreeSet<_> = group
                .members
                .iter()
                .filter(|id| !cloud.azure.is_gone(**id))
                .map(ToString::to_string)
                .collect();
            assert_eq!(members, real, "{}", group.display);
        }
    });
    // A secret's end is told, and nothing else of it.
    let expired = &all[&ResourceKind::Service].documents[&cloud.azure.find("svc-restore-drill").unwrap().to_string()];
    let service: ServicePrincipal = serde_json::from_slice(expired).unwrap();
    let ends: Vec<_> = service
        .password_credentials
        .iter()
        .chain(service.application.iter().flat_map(|app| &app.password_credentials))
        .collect();
    assert!(ends.iter().any(|one| one.end_date_time.is_some()));
    for read in all[&ResourceKind::Service].documents.values() {
        let text = String::from_utf8_lossy(read);
        assert!(!text.contains("secretText") && !text.contains("\"hint\"") && !text.contains("\"key\":"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_principals_are_told_apart() {
    let cloud = cloud(|_| {}).await;
    let client = cloud.client();
    read(&client, ASSIGNMENTS, None).await.unwrap();
    read(&client, ResourceKind::Item(ItemKind::Eligibility), None).await.unwrap();
    let lost = read(&client, LOST, None).await.unwrap();
    assert!(lost.listing.end.complete, "{:?}", lost.listing.end.reasons);
    let mut states: Vec<(LostState, Option<String>)> = Vec::new();
    for text in lost.documents.values() {
        let one: LostPrincipal = serde_json::from_slice(text).unwrap();
        states.push((
            one.state,
            one.user_principal_name.map(|name| name.split('@').next().unwrap().to_owned()),
        ));
    }
    let count = |state| states.iter().filter(|(one, _)| *one == state).count();
    assert_eq!(
        (count(LostState::Deleted), count(LostState::NotFound), count(LostState::Unknown)),
        (1, 2, 1),
        "{states:?}"
    );
    assert!(states.contains(&(LostState::Deleted, Some("tomas.dvorak".into()))));
    // One that is there again is lost no more.
    let cancel = CancellationToken::new();
    let ids: Vec<String> = lost
        .ids()
        .into_iter()
        .chain([cloud.azure.find("olena.shevchenko").unwrap().to_string()])
        .collect();
    let found = client.look_up(LOST, &ids, &cancel).await.unwrap();
    assert_eq!(found.iter().filter(|(_, found)| matches!(found, Found::Here(_))).count(), 4);
    assert_eq!(found.iter().filter(|(_, found)| matches!(found, Found::Absent)).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_only_are_told_by_delta_and_gone_means_gone() {
    let cloud = cloud(|_| {}).await;
    let client = cloud.client();
    let users = read(&client, ResourceKind::User, None).await.unwrap();
    let groups = read(&client, ResourceKind::Group, None).await.unwrap();
    cloud.azure.rename("olena.shevchenko", "Olena S.");
    cloud.azure.delete("daniel.levi", false);
    cloud.azure.remove_member("backup-operators", "payments-sre");
    let client = cloud.client();
    cloud.azure.forget_seen();
    let changed = read(&client, ResourceKind::User, users.listing.mark.as_deref()).await.unwrap();
    let id = |name: &str| cloud.azure.find(name).map(|id| id.to_string());
    assert!(changed.listing.end.complete && changed.listing.mark.is_some());
    assert_eq!(changed.ids(), BTreeSet::from([id("olena.shevchenko").unwrap()]));
    assert_eq!(cloud.azure.asked(Site::Graph, "/v1.0/users?"), 0, "the list is not read");
    let gone = changed.listing.changes.unwrap().gone;
    assert_eq!(gone.len(), 1);
    assert!(users.documents.contains_key(&gone[0]) && !changed.documents.contains_key(&gone[0]));
    let changed = read(&client, ResourceKind::Group, groups.listing.mark.as_deref()).await.unwrap();
    let operators = id("backup-operators").unwrap();
    let members = |read: &Read| {
        serde_json::from_slice::<Group>(&read.documents[&operators])
            .unwrap()
            .members
            .unwrap()
            .len()
    };
    assert_eq!(members(&changed) + 1, members(&groups));
    // The same document, read by list or alone, is the same text.
    cloud.azure.add_member("backup-operators", "payments-sre");
    let again = read(&cloud.client(), ResourceKind::Group, changed.listing.mark.as_deref())
        .await
        .unwrap();
    assert_eq!(again.documents[&operators], groups.documents[&operators]);
    // A mark that has expired means a full reading.
    cloud.azure.expire_delta_tokens();
    let whole = read(&cloud.client(), ResourceKind::Group, again.listing.mark.as_deref())
        .await
        .unwrap();
    assert!(whole.listing.changes.is_none() && whole.listing.end.complete);
    assert_eq!(whole.documents.len(), groups.documents.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lists_no_longer_show_is_asked_for_by_id() {
    let cloud = cloud(|_| {}).await;
    let client = cloud.client();
    let before = read_all(&client).await;
    let assignment = cloud.azure.look(|tenant| tenant.assignments[6].id);
    cloud.azure.unassign(assignment);
    cloud.azure.delete("svc-metrics", true);
    let client = cloud.client();
    let cancel = CancellationToken::new();
    for (kind, read) in &before {
        if *kind == LOST {
            continue;
        }
        let ids: Vec<String> = read.ids().into_iter().take(60).collect();
        let found = client.look_up(*kind, &ids, &cancel).await.unwrap();
        for (id, found) in found {
            match found {
                Found::Here(text) => {
                    let here = columns(*kind, &text).unwrap();
                    assert_eq!(here.id(), id, "{kind:?}");
                    if matches!(here, Columns::Group(_)) {
                        // Whoever was deleted is no member any more; the form is the same.
                        continue;
                    }
                    if !id.contains(&assignment.to_string())
                        && *kind != ResourceKind::Item(ItemKind::RoleDefinition)
                        && *kind != ASSIGNMENTS
                    {
                        assert_eq!(
                            String::from_utf8_lossy(&text),
                            String::from_utf8_lossy(&read.documents[&id]),
                            "{kind:?}"
                        );
                    }
                }
                Found::Absent => {
                    let expected = id.contains(&assignment.to_string())
                        || *kind == ResourceKind::Service
                        || *kind == ResourceKind::Item(ItemKind::AppRoleAssignment);
                    assert!(expected, "{kind:?} {id} is there");
                }
            }
        }
    }
    let id = before[&ASSIGNMENTS]
        .ids()
        .into_iter()
        .find(|id| id.contains(&assignment.to_string()))
        .unwrap();
    let found = client.look_up(ASSIGNMENTS, &[id], &cancel).await.unwrap();
    assert!(matches!(found[0].1, Found::Absent));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_chosen_is_read() {
    let cloud = cloud(|_| {}).await;
    let mut config = cloud.with_secret();
    let (id, name) = cloud
        .azure
        .look(|tenant| (tenant.subscriptions[0].id.to_string(), tenant.subscriptions[0].name.clone()));
    config.azure.subscriptions = vec![id.to_uppercase()];
    let client = AzureClient::new(config).unwrap();
    let subscriptions = read(&client, ResourceKind::Item(ItemKind::Subscription), None).await.unwrap();
    assert_eq!(
        subscriptions.ids(),
        BTreeSet::from([key(&format!("/subscriptions/{id}"))]),
        "{name}"
    );
    let assignments = read(&client, ASSIGNMENTS, None).await.unwrap();
    assert!(assignments.documents.len() < cloud.truth()["assignments"].len() && !assignments.documents.is_empty());
    assert_eq!(cloud.azure.asked(Site::Arm, "roleAssignments"), 1);
}
