//! An Azure tenant, synced: everything that it holds, a second sync that writes nothing, changes by delta, permissions that go away, budgets.

use lanyard_engine::view::{
    AuthSettings, AzureCloud, AzureSettings, ChangeKind, CoverageState, PeopleQuery, SourceKind, SourceSettings, SyncOutcome, SyncState,
};
use lanyard_lab::azure::Throttle;
use lanyard_lab::{AzureHandle, AzureOptions, Lab, LabOptions, Site};

use crate::bench::Connected;
use crate::front;

pub struct Tenant {
    _lab: Lab,
    pub handle: AzureHandle,
    pub connected: Connected,
}

impl Tenant {
    pub async fn start() -> Self {
        let lab = lanyard_lab::serve(LabOptions {
            people: 240,
            azure: Some(AzureOptions {
                throttle: Throttle::none(),
                ..AzureOptions::default()
            }),
            ..LabOptions::default()
        })
        .await
        .unwrap();
        let handle = lab.azure().unwrap();
        let connected = Connected::new(&settings(&handle), &handle.secret());
        Self {
            _lab: lab,
            handle,
            connected,
        }
    }

    pub async fn sync_whole(&self) -> SyncOutcome {
        let outcome = self.connected.sync().await;
        assert_eq!(outcome.state, SyncState::Complete, "{outcome:#?}");
        outcome
    }

    fn have(&self, collection: &str) -> u64 {
        self.connected.coverage(collection).have
    }
}

pub fn settings(handle: &AzureHandle) -> SourceSettings {
    let sites = handle.sites();
    SourceSettings {
        kind: SourceKind::Azure,
        auth: AuthSettings::ClientSecret {
            client_id: handle.client_id().to_string(),
        },
        authoritative: false,
        azure: Some(AzureSettings {
            tenant: handle.tenant_id().to_string(),
            cloud: AzureCloud::Other {
                authority: sites.authority,
                graph: sites.graph,
            },
            ..AzureSettings::default()
        }),
        ..front::settings("Halcyon tenant", &sites.arm)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_is_read_whole_and_a_second_sync_writes_nothing() {
    let tenant = Tenant::start().await;
    let first = tenant.sync_whole().await;
    let (users, groups) = tenant.handle.look(|held| (held.users.len() as u64, held.groups.len() as u64));
    assert_eq!((tenant.have("Users"), tenant.have("Groups")), (users, groups));
    for coverage in &first.coverage {
        assert_eq!(coverage.state, CoverageState::Complete, "{coverage:#?}");
        // But for what its provisioning could not do: it could do all.
        let some = coverage.collection != "Provisioning errors";
        assert_eq!(coverage.have > 0, some, "the company has some of each: {coverage:#?}");
    }
    let second = tenant.sync_whole().await;
    assert_eq!(
        (second.added, second.changed, second.removed, second.rows_written),
        (0, 0, 0, 0),
        "{second:#?}"
    );
    assert!(second.requests < first.requests, "{} and {}", second.requests, first.requests);
    assert!(tenant.connected.lines().is_empty(), "{:?}", tenant.connected.lines().first());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_is_asked_for_by_delta_and_history_tells_each_change() {
    let tenant = Tenant::start().await;
    tenant.sync_whole().await;
    let (group, member, other) = tenant.handle.look(|held| {
        let group = held.groups.iter().find(|group| !group.members.is_empty()).unwrap();
        let user = |number: usize| held.users[number].upn.clone();
        (group.display.clone(), user(3), user(5))
    });
    let renamed = tenant.handle.rename(&member, "Somebody Else");
    assert!(renamed && tenant.handle.delete(&other, false));
    let added = tenant.handle.add_member(&group, &member);
    tenant.handle.forget_seen();
    let outcome = tenant.sync_whole().await;
    assert!(tenant.handle.asked(Site::Graph, "delta") > 0, "changes were not asked for by delta");
    let lines = tenant.connected.lines();
    let told = |resource: &str, kind: ChangeKind| lines.iter().filter(|line| line.resource == resource && line.kind == kind).count();
    assert_eq!(told("User", ChangeKind::Gone), 1, "{lines:#?}");
    assert!(
        lines.iter().any(|line| line.after.as_deref() == Some("Somebody Else")),
        "{lines:#?}"
    );
    assert_eq!(told("Group", ChangeKind::MemberAdded), usize::from(added), "{lines:#?}");
    assert!(outcome.removed >= 1);
    // The marks are worth nothing any more: all is read again, and is as it was.
    tenant.handle.expire_delta_tokens();
    let again = tenant.sync_whole().await;
    assert_eq!((again.added, again.changed, again.removed), (0, 0, 0), "{again:#?}");
    assert_eq!(tenant.connected.lines().len(), lines.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_that_go_away_keep_what_is_known_and_say_which() {
    let tenant = Tenant::start().await;
    tenant.sync_whole().await;
    let (assignments, services) = (tenant.have("Role assignments"), tenant.have("Service principals"));
    tenant.handle.refuse("Microsoft.Authorization/roleAssignments/read", "/");
    for permission in ["Application.Read.All", "Directory.Read.All"] {
        tenant.handle.revoke(permission);
    }
    let outcome = tenant.connected.sync().await;
    assert_eq!(outcome.state, SyncState::Incomplete, "{outcome:#?}");
    for (name, held, permission) in [
        ("Role assignments", assignments, "Microsoft.Authorization/roleAssignments/read"),
        ("Service principals", services, "Application.Read.All"),
    ] {
        let coverage = tenant.connected.coverage(name);
        assert_eq!((coverage.state, coverage.have), (CoverageState::Incomplete, held), "{coverage:#?}");
        let refused = coverage.reasons.iter().find(|reason| reason.code == "refused");
        assert!(refused.is_some_and(|reason| reason.text.contains(permission)), "{coverage:#?}");
    }
    assert_eq!(tenant.connected.coverage("Users").state, CoverageState::Complete);
    assert!(
        !tenant.connected.lines().iter().any(|line| line.kind == ChangeKind::Gone),
        "nobody is taken for gone"
    );
    let people = tenant.connected.engine.people(&PeopleQuery::default()).unwrap();
    assert!(
        people.caveats.iter().any(|caveat| caveat.text.contains("service principals")),
        "{:?}",
        people.caveats
    );
    tenant.handle.allow_all();
    for permission in ["Application.Read.All", "Directory.Read.All"] {
        tenant.handle.grant(permission);
    }
    tenant.sync_whole().await;
    assert_eq!(tenant.connected.coverage("Role assignments").unconfirmed, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignment_that_is_taken_away_is_gone_when_the_source_says_so() {
    let tenant = Tenant::start().await;
    tenant.sync_whole().await;
    let before = tenant.have("Role assignments");
    let (who, scope) = tenant
        .handle
        .look(|held| (held.users[3].upn.clone(), held.subscriptions[0].name.clone()));
    let assigned = tenant.handle.assign(&who, "Reader", &scope).unwrap();
    let outcome = tenant.sync_whole().await;
    assert_eq!((outcome.added, tenant.have("Role assignments")), (1, before + 1), "{outcome:#?}");
    assert!(tenant.handle.unassign(assigned));
    let outcome = tenant.sync_whole().await;
    assert_eq!((outcome.removed, tenant.have("Role assignments")), (1, before), "{outcome:#?}");
    let lines = tenant.connected.lines();
    let told: Vec<(&str, ChangeKind)> = lines.iter().map(|line| (line.resource.as_str(), line.kind)).collect();
    assert_eq!(
        told,
        [("RoleAssignment", ChangeKind::Gone), ("RoleAssignment", ChangeKind::Appeared)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_ends_a_sync_of_a_tenant_and_the_next_goes_on() {
    let tenant = Tenant::start().await;
    let (engine, source) = (&tenant.connected.engine, tenant.connected.source.id);
    let mut tight = tenant.connected.settings();
    tight.request_budget = Some(6);
    engine.update_source(source, &tight, None).unwrap();
    let outcome = tenant.connected.sync().await;
    assert_eq!(outcome.state, SyncState::Incomplete, "{outcome:#?}");
    assert!(outcome.requests <= 6, "{}", outcome.requests);
    assert!(
        outcome
            .coverage
            .iter()
            .any(|one| one.state == CoverageState::NotEvaluated && one.reasons[0].code == "budget")
    );
    tight.request_budget = None;
    engine.update_source(source, &tight, None).unwrap();
    let whole = tenant.sync_whole().await;
    assert_eq!(whole.unchanged, outcome.added, "what had come was written again: {whole:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_sync_of_a_tenant_keeps_what_it_read_and_the_next_goes_on() {
    let tenant = Tenant::start().await;
    let slow = |yes: bool| {
        tenant
            .handle
            .set(|options| options.faults = if yes { vec!["slow:100ms".parse().unwrap()] } else { Vec::new() });
    };
    slow(true);
    let (progress, outcome) = tenant.connected.sync_cancelled_midway().await;
    assert_eq!(outcome.state, SyncState::Cancelled, "{outcome:#?}");
    assert!(progress.requests > 0 && outcome.added > 0, "{progress:#?} {outcome:#?}");
    let cut = outcome
        .coverage
        .iter()
        .flat_map(|one| &one.reasons)
        .any(|reason| reason.code == "cancelled");
    assert!(cut, "{outcome:#?}");
    slow(false);
    let whole = tenant.sync_whole().await;
    assert_eq!(whole.unchanged, outcome.added, "what had come was written again: {whole:#?}");
    // A later one that is cancelled, by delta, loses nothing of what had changed, and the next one tells it once.
    let member = tenant.handle.look(|held| held.users[3].upn.clone());
    assert!(tenant.handle.rename(&member, "Somebody Else"));
    slow(true);
    let running = {
        let (engine, id) = (tenant.connected.engine.clone(), tenant.connected.source.id);
        tokio::spawn(async move { engine.sync(id).await })
    };
    tokio::time::sleep(std::time::Duration::from_millis(450)).await;
    tenant.connected.engine.cancel_sync(tenant.connected.source.id);
    let outcome = running.await.unwrap().unwrap();
    assert_eq!((outcome.state, outcome.removed), (SyncState::Cancelled, 0), "{outcome:#?}");
    slow(false);
    tenant.sync_whole().await;
    let told = tenant.connected.lines();
    let told = told.iter().filter(|line| line.after.as_deref() == Some("Somebody Else")).count();
    assert_eq!(told, 1);
}
