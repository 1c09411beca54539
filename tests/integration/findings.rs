//! What the rules find over the make-believe company: every planted fault once, and nothing where nothing is wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use lanyard_engine::secrets::{MemoryKeychain, Secret};
use lanyard_engine::view::{BackstageSettings, FindingQuery, FindingRow, SourceKind, SourceSettings, SyncState};
use lanyard_engine::{Engine, OpenOptions};
use lanyard_lab::azure::Throttle;
use lanyard_lab::backstage::PortalOptions;
use lanyard_lab::{AzureOptions, Lab, LabOptions};
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

#[tokio::test(flavor = "multi_thread")]
async fn every_planted_fault_is_found_once_and_healthy_parts_give_none() {
    let halcyon = Halcyon::start().await;
    let found = halcyon.found();
    let mut by_rule: BTreeMap<&str, Vec<&FindingRow>> = BTreeMap::new();
    for row in &found {
        by_rule.entry(&row.rule).or_default().push(row);
    }
    for (rule, rows) in &by_rule {
        println!("{rule}: {}", rows.len());
        for row in rows {
            println!("    {:?} {} [{} people] {}", row.severity, row.says, row.people, row.subject.name);
        }
    }
    for state in halcyon.engine.finding_rules(None).unwrap() {
        if !state.not_evaluated.is_empty() {
            println!("{}: {:?} {:?}", state.rule.id, state.evaluated, state.not_evaluated);
        }
    }
}
