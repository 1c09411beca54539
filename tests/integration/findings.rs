//! What the rules find over the make-believe company: every planted fault once, and nothing where nothing is wrong.

use std::collections::BTreeSet;
use std::time::Duration;

use lanyard_engine::secrets::{MemoryKeychain, Secret};
use lanyard_engine::view::{
    AuditQuery, BackstageSettings, Evaluated, FindingQuery, FindingRow, FindingState, RuleSettings, Severity, SourceKind, SourceSettings,
    SyncState,
};
use lanyard_engine::{Engine, Error, OpenOptions};
use lanyard_lab::azure::Throttle;
use lanyard_lab::backstage::PortalOptions;
use lanyard_lab::{AzureOptions, Lab, LabOptions};
use serde_json::Value;
use tempfile::TempDir;

use crate::{front, tenant};

/// The whole company, served in this process, and an engine connected to all of it.
pub struct Halcyon {
    pub lab: Lab,
    pub engine: Engine,
    _data: TempDir,
}

impl Halcyon {
    pub async fn start() -> Self {
        let lab = lanyard_lab::serve(LabOptions {
            people: 240,
            portal: Some(PortalOptions::named("Portal")),
            azure: Some(AzureOptions {
                throttle: Throttle::none(),
                ..AzureOptions::default()
            }),
            ..LabOptions::default()
        })
        .await
        .unwrap();
        let data = TempDir::new().unwrap();
        let engine = Engine::open(OpenOptions {
            data_dir: data.path().to_owned(),
            keychain: std::sync::Arc::new(MemoryKeychain::new()),
            demo: false,
        })
        .unwrap();
        let (provider, downstream, portal, azure) = (lab.provider(), lab.downstream(), lab.portal().unwrap(), lab.azure().unwrap());
        let add = |settings: &SourceSettings, token: String| engine.add_source(settings, Some(Secret::new(token))).unwrap().id;
        add(
            &SourceSettings {
                authoritative: true,
                ..front::settings("Workforce IdP", &provider.url())
            },
            provider.token(),
        );
        add(
            &SourceSettings {
                authoritative: false,
                ..front::settings("Ledgerly", &downstream.url())
            },
            downstream.token(),
        );
        add(
            &SourceSettings {
                kind: SourceKind::Backstage,
                authoritative: false,
                backstage: Some(BackstageSettings::default()),
                ..front::settings("Portal", &portal.url())
            },
            portal.token(),
        );
        add(&tenant::settings(&azure), azure.secret());
        let halcyon = Self { lab, engine, _data: data };
        halcyon.sync().await;
        let meant = ["backup-operators", "restore-on-request", "vault-dr-restore"];
        halcyon.engine.propose_restore_groups(&meant.map(str::to_owned)).unwrap();
        halcyon
    }

    /// Syncs all sources, each whole.
    pub async fn sync(&self) {
        for source in self.engine.sources().unwrap() {
            let outcome = tokio::time::timeout(Duration::from_secs(90), self.engine.sync(source.id)).await;
            let outcome = outcome.expect("a sync ends").unwrap();
            assert_eq!(outcome.state, SyncState::Complete, "{outcome:#?}");
        }
    }

    /// All that stands.
    pub fn found(&self) -> Vec<FindingRow> {
        let query = FindingQuery {
            limit: 500,
            ..FindingQuery::default()
        };
        let page = self.engine.findings(&query).unwrap();
        assert_eq!(page.total as usize, page.rows.len());
        page.rows
    }
}

/// A finding as the fixture writes it.
struct Expected {
    rule: String,
    severity: Severity,
    /// None where the tenant's own random ids are all that there is.
    subject: Option<String>,
    says: Vec<String>,
    people: u32,
}

impl Expected {
    fn fits(&self, row: &FindingRow) -> bool {
        // A program's name is the same in two systems, and its id is told besides.
        let named =
            |name: &String| row.subject.name == *name || row.subject.name.strip_prefix(name).is_some_and(|rest| rest.starts_with(" ("));
        row.rule == self.rule
            && row.severity == self.severity
            && self.subject.as_ref().is_none_or(named)
            && self.says.iter().all(|part| row.says.contains(part))
            && row.people == self.people
    }
}

/// The list that was worked out by hand.
fn document() -> Value {
    serde_json::from_str(include_str!("../fixtures/halcyon-findings.json")).unwrap()
}

fn expected(document: &Value) -> Vec<Expected> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = document["findings"].as_array().unwrap().iter();
    all.map(|one| Expected {
        rule: text(&one["rule"]),
        severity: serde_json::from_value(one["severity"].clone()).unwrap(),
        subject: one.get("subject").map(text),
        says: one["says"].as_array().unwrap().iter().map(text).collect(),
        people: u32::try_from(one["people"].as_u64().unwrap()).unwrap(),
    })
    .collect()
}

/// What is to be said of a credential on this day; both on the day itself, whose hour the fixture does not tell.
fn about_credential(ends: &str) -> Vec<&'static str> {
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let ends: jiff::civil::Date = ends.parse().unwrap();
    match (ends - today).get_days() {
        ..0 => vec!["program-credential-expired"],
        0 => vec!["program-credential-expired", "program-credential-expiring"],
        1..30 => vec!["program-credential-expiring"],
        30 => vec!["program-credential-expiring", "none"],
        31.. => vec!["none"],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_planted_fault_is_found_once_and_healthy_parts_give_none() {
    let halcyon = Halcyon::start().await;
    let mut left = halcyon.found();
    let document = document();
    for one in expected(&document) {
        let fits: Vec<usize> = (0..left.len()).filter(|at| one.fits(&left[*at])).collect();
        let like: Vec<&str> = left
            .iter()
            .filter(|row| row.rule == one.rule)
            .map(|row| row.says.as_str())
            .collect();
        assert_eq!(fits.len(), 1, "{} about {:?}, {:?}: {like:#?}", one.rule, one.subject, one.says);
        left.remove(fits[0]);
    }
    for one in document["credentials"].as_array().unwrap() {
        let (subject, ends) = (one["subject"].as_str().unwrap(), one["ends"].as_str().unwrap());
        let found = left.iter().position(|row| row.subject.name == subject && row.says.contains(ends));
        let rule = found.map_or("none".to_owned(), |at| left.remove(at).rule);
        assert!(about_credential(ends).contains(&rule.as_str()), "{subject}, {ends}: {rule}");
    }
    // What fills the tenant up gives roles to people drawn by lot: the tenant itself tells whom.
    let mut in_person = in_person(&halcyon);
    for row in left.extract_if(.., |row| row.rule == "individual-holds") {
        let name = row.subject.name.split(" (").next().unwrap_or_default();
        let at = in_person.iter().position(|person| person == name);
        assert!(at.is_some(), "{}: nobody of that name is assigned", row.says);
        in_person.swap_remove(at.unwrap_or_default());
    }
    assert!(in_person.is_empty(), "assigned in person and not told: {in_person:?}");
    assert!(
        left.is_empty(),
        "nothing of this is wrong: {:#?}",
        left.iter().map(|row| (&row.rule, &row.says)).collect::<Vec<_>>()
    );
}

/// Enabled members of the tenant who are assigned a role themselves, by the tenant's word, without those whom another rule tells or whom the
/// fixture lists.
fn in_person(halcyon: &Halcyon) -> Vec<String> {
    let mut names: Vec<String> = halcyon.lab.azure().unwrap().look(|held| {
        let people = held
            .assignments
            .iter()
            .filter_map(|given| held.users.iter().find(|user| user.id == given.principal));
        people
            .filter(|user| user.enabled && !user.guest)
            .map(|user| user.display.clone())
            .collect()
    });
    for listed in ["Олена Шевченко", "ሰላም ተስፋዬ", "İbrahim Iğdır", "Ewa Król", "Maria Schmidt"] {
        let at = names.iter().position(|name| name == listed).unwrap_or_else(|| panic!("{listed}"));
        names.remove(at);
    }
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_stay_the_same_from_sync_to_sync_and_when_a_read_fails() {
    let halcyon = Halcyon::start().await;
    let ids = |rows: &[FindingRow]| rows.iter().map(|row| (row.id.clone(), row.first_seen)).collect::<BTreeSet<_>>();
    let first = halcyon.found();
    halcyon.sync().await;
    assert_eq!(ids(&halcyon.found()), ids(&first));
    let engine = &halcyon.engine;
    for row in &first {
        let history = engine.finding(&row.id).unwrap().history;
        assert_eq!(history.len(), 1, "a sync that changes nothing writes nothing: {history:?}");
    }
    // Assignments and service principals cannot be read any more: nothing that was said is withdrawn, and it is said why.
    let azure = halcyon.lab.azure().unwrap();
    azure.refuse("Microsoft.Authorization/roleAssignments/read", "/");
    azure.revoke("Application.Read.All");
    let tenant = engine
        .sources()
        .unwrap()
        .into_iter()
        .find(|source| source.settings.kind == SourceKind::Azure)
        .unwrap();
    let outcome = engine.sync(tenant.id).await.unwrap();
    assert_eq!(outcome.state, SyncState::Incomplete);
    let rows = halcyon.found();
    let (kept, told): (BTreeSet<_>, BTreeSet<_>) = (ids(&rows), ids(&first));
    assert!(told.is_subset(&kept), "{:?}", told.difference(&kept));
    let unsure = rows.iter().find(|row| row.rule == "guest-holds").unwrap();
    assert!(
        unsure
            .unconfirmed
            .as_deref()
            .is_some_and(|why| why.contains("Role assignments were not read whole")),
        "{unsure:?}"
    );
    let sure = rows.iter().find(|row| row.rule == "active-after-leaving").unwrap();
    assert_eq!(sure.unconfirmed, None);
    let states = engine.finding_rules(None).unwrap();
    let state = states.iter().find(|state| state.rule.id == "guest-holds").unwrap();
    assert_ne!(state.evaluated, Evaluated::Fully);
    assert!(
        state.not_evaluated.iter().any(|caveat| caveat.text.contains("Role assignments")),
        "{state:?}"
    );
    assert!(
        rows.iter()
            .any(|row| row.rule == "source-partly-read" && row.subject.name == "Halcyon tenant")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suppression_needs_a_reason_and_an_end_and_can_be_taken_back() {
    let halcyon = Halcyon::start().await;
    let engine = &halcyon.engine;
    let row = halcyon.found().into_iter().find(|row| row.rule == "guest-holds").unwrap();
    let day = 24 * 3_600_000;
    let now = row.last_seen;
    for (reason, until) in [("", now + day), ("known", now - 1), ("known", now + 400 * day)] {
        assert!(
            matches!(engine.suppress_finding(&row.id, reason, until), Err(Error::Input { .. })),
            "{reason:?}"
        );
    }
    assert!(matches!(
        engine.suppress_finding("guest-holds:0", "known", now + day),
        Err(Error::NotFound { .. })
    ));
    let before = engine.finding_sums(None).unwrap();
    engine.suppress_finding(&row.id, "A contract until spring", now + 30 * day).unwrap();
    assert!(!halcyon.found().iter().any(|one| one.id == row.id));
    let sums = engine.finding_sums(None).unwrap();
    assert_eq!((sums.open + 1, sums.suppressed), (before.open, 1));
    let suppressed = FindingQuery {
        states: vec![FindingState::Suppressed],
        limit: 10,
        ..FindingQuery::default()
    };
    let page = engine.findings(&suppressed).unwrap();
    assert_eq!(
        page.rows[0].suppression.as_ref().map(|kept| kept.reason.as_str()),
        Some("A contract until spring")
    );
    engine.lift_suppression(&row.id).unwrap();
    assert!(matches!(engine.lift_suppression(&row.id), Err(Error::NotFound { .. })));
    assert!(halcyon.found().iter().any(|one| one.id == row.id));
    let events: Vec<String> = engine
        .finding(&row.id)
        .unwrap()
        .history
        .into_iter()
        .map(|event| event.event)
        .collect();
    assert_eq!(events, ["lifted", "suppressed", "opened"]);
    // A rule that is switched off says nothing; switched on again, it says what it said.
    let off = RuleSettings {
        off: true,
        ..RuleSettings::default()
    };
    engine.set_rule("guest-holds", &off).unwrap();
    assert!(!halcyon.found().iter().any(|one| one.rule == "guest-holds"));
    let high = RuleSettings {
        severity: Some(Severity::High),
        ..RuleSettings::default()
    };
    engine.set_rule("guest-holds", &high).unwrap();
    let back = halcyon.found().into_iter().find(|one| one.id == row.id).unwrap();
    assert_eq!(
        (back.first_seen, back.severity),
        (row.first_seen, Severity::Critical),
        "one step above what was set, as before"
    );
    assert_eq!(engine.rule_settings("guest-holds").unwrap(), high);
    let audit = engine
        .audit(&AuditQuery {
            limit: 10,
            ..AuditQuery::default()
        })
        .unwrap();
    let actions: Vec<&str> = audit.entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions[..4], ["rule.set", "rule.set", "finding.lifted", "finding.suppressed"]);
}
