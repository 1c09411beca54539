//! What may not be read, limits, faults of the wire.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_is_missing_or_goes_midway_is_named() {
    let cloud = cloud(|_| {}).await;
    cloud.azure.revoke("Directory.Read.All");
    cloud.azure.revoke("Group.Read.All");
    let groups = read(&cloud.client(), ResourceKind::Group, None).await.unwrap();
    assert_eq!((groups.documents.len(), groups.codes()), (0, vec!["refused"]));
    assert!(groups.texts().contains("Group.Read.All") && groups.listing.mark.is_none());
    cloud.azure.grant("Group.Read.All");
    // It goes while the members are read: no group is handed out without those that it has.
    let programs = cloud.truth()["services"].len();
    let seen = cloud.azure.asked(Site::Graph, "/") + programs;
    cloud.azure.revoke_after("Group.Read.All", seen as u64 + 15);
    let groups = read(&cloud.client(), ResourceKind::Group, None).await.unwrap();
    assert_eq!(groups.codes(), ["refused"], "{:?}", groups.listing.end.reasons);
    assert!(groups.texts().contains("GroupMember.Read.All"), "{}", groups.texts());
    assert!(groups.listing.mark.is_none());
    assert!(!groups.documents.is_empty() && groups.documents.len() < cloud.truth()["groups"].len());
    for text in groups.documents.values() {
        assert!(serde_json::from_slice::<Group>(text).unwrap().members.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_may_not_be_read_is_named_and_the_rest_is_read() {
    let cloud = cloud(|_| {}).await;
    cloud.azure.refuse("Microsoft.Authorization/roleAssignments/read", "sub-data");
    let read = read(&cloud.client(), ASSIGNMENTS, None).await.unwrap();
    assert_eq!(read.codes(), ["refused"]);
    assert!(
        read.texts().contains("Microsoft.Authorization/roleAssignments/read"),
        "{}",
        read.texts()
    );
    let name = cloud.azure.look(|tenant| match tenant.scope("sub-data") {
        Some(Scope::Subscription(place)) => tenant.subscriptions[place as usize].name.clone(),
        _ => String::new(),
    });
    assert!(!name.is_empty() && read.texts().contains(&name), "{}", read.texts());
    let truth = cloud.truth();
    assert!(!read.documents.is_empty() && read.documents.len() < truth["assignments"].len());
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_waited_for_in_batches_too() {
    let cloud = cloud(|options| {
        options.throttle = Throttle {
            graph_units: Some(60),
            arm_bucket: 1e9,
            arm_refill: 1e9,
            retry_after: true,
            ..Throttle::default()
        };
    })
    .await;
    let groups = read(&cloud.client(), ResourceKind::Group, None).await.unwrap();
    assert!(groups.listing.end.complete, "{:?}", groups.listing.end.reasons);
    assert_eq!(groups.ids(), cloud.truth()["groups"]);
    assert!(cloud.azure.seen().iter().any(|seen| seen.status == 429), "the limit was met");
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_wire_do_not_cut_lists_short_unsaid() {
    let faults = |words: &[&str]| words.iter().map(|word| word.parse::<Fault>().unwrap()).collect::<Vec<_>>();
    // What passes is tried again.
    let cloud = cloud(|options| options.faults = faults(&["429:no-retry-after@0.1", "503@0.1", "drop@0.1"])).await;
    let mut config = cloud.with_secret();
    config.limits.tries = 12;
    let users = read(&AzureClient::new(config).unwrap(), ResourceKind::User, None).await.unwrap();
    assert!(users.listing.end.complete, "{:?}", users.listing.end.reasons);
    assert_eq!(users.ids(), cloud.truth()["users"]);
    // What does not pass is said, and an empty list of what is never empty is no answer.
    for word in ["empty-list@1", "garbage@1", "truncate@1", "html@1"] {
        cloud.azure.set(|options| options.faults = faults(&[word]));
        for kind in [ResourceKind::User, ResourceKind::Service, ASSIGNMENTS] {
            let read = read(&cloud.client(), kind, None).await;
            assert!(
                read.is_err() || read.is_ok_and(|read| !read.listing.end.complete),
                "{word}: {kind:?}"
            );
        }
    }
}
