//! A Backstage portal, synced: everything that it holds, a second sync that writes nothing, who leaves, what may not be read, what is not there.

use lanyard_engine::secrets::Secret;
use lanyard_engine::view::{
    BackstageSettings, ChangeKind, Coverage, CoverageState, PeopleQuery, SourceHealth, SourceKind, SourceSettings, SyncOutcome, SyncState,
};
use lanyard_lab::backstage::{PortalHandle, PortalOptions, PortalQuirk};
use lanyard_lab::{Lab, LabOptions};

use crate::bench::Connected;
use crate::front;

const RBAC: [&str; 3] = ["RBAC roles", "RBAC policies", "RBAC conditions"];

struct Portal {
    lab: Lab,
    handle: PortalHandle,
    connected: Connected,
}

impl Portal {
    async fn start() -> Self {
        let lab = lanyard_lab::serve(LabOptions {
            people: 240,
            portal: Some(PortalOptions::named("Portal")),
            ..LabOptions::default()
        })
        .await
        .unwrap();
        let handle = lab.portal().unwrap();
        let connected = Connected::new(&settings(&handle), &handle.token());
        Self { lab, handle, connected }
    }

    async fn sync_whole(&self) -> SyncOutcome {
        let outcome = self.connected.sync().await;
        assert_eq!(outcome.state, SyncState::Complete, "{outcome:#?}");
        outcome
    }

    fn have(&self, collection: &str) -> u64 {
        self.connected.coverage(collection).have
    }

    /// The state and the first reason's code of the RBAC plugin's collections.
    fn rbac(&self) -> Vec<(CoverageState, Option<String>, u64)> {
        let told = RBAC.map(|name| self.connected.coverage(name));
        let told = told
            .into_iter()
            .map(|one| (one.state, one.reasons.first().map(|reason| reason.code.clone()), one.have));
        told.collect()
    }
}

fn settings(handle: &PortalHandle) -> SourceSettings {
    SourceSettings {
        kind: SourceKind::Backstage,
        authoritative: false,
        backstage: Some(BackstageSettings::default()),
        ..front::settings("Portal", &handle.url())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_is_read_whole_and_a_second_sync_writes_nothing() {
    let portal = Portal::start().await;
    let first = portal.sync_whole().await;
    let (users, groups) = (portal.handle.references("user"), portal.handle.references("group"));
    assert_eq!(
        (portal.have("Users"), portal.have("Groups")),
        (users.len() as u64, groups.len() as u64)
    );
    assert_eq!(portal.have("RBAC roles"), portal.handle.roles().len() as u64);
    for name in ["Entities", "RBAC policies", "RBAC conditions", "Memberships"] {
        assert!(portal.have(name) > 0, "no {name}: {first:#?}");
    }
    portal.connected.holds(users.iter().chain(&groups));
    let second = portal.sync_whole().await;
    assert_eq!(
        (second.added, second.changed, second.removed, second.rows_written),
        (0, 0, 0, 0),
        "{second:#?}"
    );
    assert!(portal.connected.lines().is_empty(), "{:?}", portal.connected.lines().first());
    let page = portal
        .connected
        .engine
        .people(&PeopleQuery {
            limit: 1,
            ..PeopleQuery::default()
        })
        .unwrap();
    assert!(page.caveats.is_empty(), "{:?}", page.caveats);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_leaves_the_provider_leaves_the_portal_and_history_tells() {
    let portal = Portal::start().await;
    portal.sync_whole().await;
    let provider = portal.lab.provider();
    let before = portal.handle.references("user");
    let groups = provider.groups();
    let member = groups
        .iter()
        .filter_map(|group| group["members"].as_array())
        .flatten()
        .find(|member| member["type"] != "Group")
        .unwrap();
    provider.delete_user(member["value"].as_str().unwrap()).unwrap();
    portal.handle.refresh();
    let after = portal.handle.references("user");
    let gone: Vec<&String> = before.iter().filter(|reference| !after.contains(reference)).collect();
    assert_eq!(gone.len(), 1, "the portal follows the provider");
    portal.sync_whole().await;
    let key = portal.connected.key(gone[0]);
    assert!(portal.connected.gone().contains(&key), "{:#?}", portal.connected.lines());
    let went = portal.connected.lines();
    let went = went
        .iter()
        .find(|line| line.kind == ChangeKind::MemberRemoved && line.before.as_ref() == Some(gone[0]));
    let went = went.unwrap_or_else(|| panic!("no group tells of it: {:#?}", portal.connected.lines()));
    assert_eq!((went.resource.as_str(), went.member_name.is_some()), ("Group", true), "{went:#?}");
    assert!(portal.connected.engine.raw_document(&key).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_rbac_plugin_there_is_no_gap_but_what_was_known_of_it_is_one() {
    let portal = Portal::start().await;
    portal.handle.set_quirks([PortalQuirk::NoRbac]);
    portal.sync_whole().await;
    assert!(
        portal
            .rbac()
            .iter()
            .all(|told| *told == (CoverageState::NotEvaluated, Some("notOffered".into()), 0)),
        "{:?}",
        portal.rbac()
    );
    assert_eq!(portal.connected.now().health, SourceHealth::Fresh);
    portal.handle.set_quirks([]);
    portal.sync_whole().await;
    let known = portal.have("RBAC roles");
    portal.handle.set_quirks([PortalQuirk::NoRbac]);
    let outcome = portal.connected.sync().await;
    assert_eq!((outcome.state, outcome.removed), (SyncState::Incomplete, 0), "{outcome:#?}");
    let roles = portal.connected.coverage("RBAC roles");
    assert_eq!(
        (roles.state, roles.have, roles.unconfirmed),
        (CoverageState::Incomplete, known, known)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_loses_a_permission_keeps_what_is_known_and_says_which() {
    let portal = Portal::start().await;
    portal.sync_whole().await;
    let known = portal.have("RBAC roles");
    let narrow = portal.handle.issue_token(Some(&["catalog"]));
    let (engine, source) = (&portal.connected.engine, portal.connected.source.id);
    engine
        .update_source(source, &portal.connected.settings(), Some(Secret::new(narrow)))
        .unwrap();
    let outcome = portal.connected.sync().await;
    assert_eq!((outcome.state, outcome.removed), (SyncState::Incomplete, 0), "{outcome:#?}");
    let roles = portal.connected.coverage("RBAC roles");
    assert_eq!(
        (roles.have, roles.unconfirmed, roles.reasons[0].code.as_str()),
        (known, known, "refused")
    );
    assert!(roles.reasons[0].text.contains("policy.entity.read"), "{roles:#?}");
    for name in ["Users", "Groups", "Entities", "Memberships"] {
        assert_eq!(portal.connected.coverage(name).state, CoverageState::Complete, "{name}");
    }
    let wide = portal.handle.issue_token(None);
    engine
        .update_source(source, &portal.connected.settings(), Some(Secret::new(wide)))
        .unwrap();
    portal.sync_whole().await;
    assert_eq!(portal.connected.coverage("RBAC roles").unconfirmed, 0);
    assert!(portal.connected.lines().is_empty(), "{:?}", portal.connected.lines().first());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_leaves_a_part_and_the_next_sync_goes_on() {
    let portal = Portal::start().await;
    let (engine, source) = (&portal.connected.engine, portal.connected.source.id);
    let mut tight = portal.connected.settings();
    tight.request_budget = Some(4);
    engine.update_source(source, &tight, None).unwrap();
    let outcome = portal.connected.sync().await;
    assert_eq!(outcome.state, SyncState::Incomplete, "{outcome:#?}");
    assert!(outcome.requests <= 4);
    let cut = outcome
        .coverage
        .iter()
        .filter(|coverage| coverage.reasons.iter().any(|reason| reason.code == "budget"));
    assert!(cut.count() > 0, "{outcome:#?}");
    tight.request_budget = None;
    engine.update_source(source, &tight, None).unwrap();
    let whole = portal.sync_whole().await;
    assert_eq!(whole.unchanged, outcome.added, "what had come was written again: {whole:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_credential_fails_at_once_and_leaves_everything_as_it_stood() {
    let portal = Portal::start().await;
    portal.sync_whole().await;
    let users = portal.have("Users");
    assert!(portal.handle.revoke_token(&portal.handle.token()));
    let outcome = portal.connected.sync().await;
    assert_eq!((outcome.state, outcome.rows_written), (SyncState::Failed, 0), "{outcome:#?}");
    assert_eq!((portal.have("Users"), portal.connected.now().accounts), (users, users));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_sync_of_a_portal_keeps_what_it_read_and_the_next_goes_on() {
    let portal = Portal::start().await;
    portal.handle.set_faults(vec!["slow:100ms".parse().unwrap()]);
    let (progress, outcome) = portal.connected.sync_cancelled_midway().await;
    assert_eq!(outcome.state, SyncState::Cancelled, "{outcome:#?}");
    assert!(progress.requests > 0 && outcome.added > 0, "{progress:#?} {outcome:#?}");
    let cut = |one: &&Coverage| one.reasons.iter().any(|reason| reason.code == "cancelled");
    assert!(outcome.coverage.iter().any(|one| cut(&one)), "{outcome:#?}");
    portal.handle.set_faults(Vec::new());
    let whole = portal.sync_whole().await;
    assert_eq!(whole.unchanged, outcome.added, "what had come was written again: {whole:#?}");
    // A later one that is cancelled loses nobody, and tells of no change.
    let everyone = [portal.handle.references("user"), portal.handle.references("group")].concat();
    portal.handle.set_faults(vec!["slow:100ms".parse().unwrap()]);
    let (_, outcome) = portal.connected.sync_cancelled_midway().await;
    assert_eq!((outcome.state, outcome.removed), (SyncState::Cancelled, 0), "{outcome:#?}");
    portal.connected.holds(&everyone);
    portal.handle.set_faults(Vec::new());
    portal.sync_whole().await;
    assert!(portal.connected.lines().is_empty(), "{:?}", portal.connected.lines().first());
}
