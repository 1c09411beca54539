//! The same backend through the whole engine: synced into the cache, and held against what was read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lanyard_engine::record::{Columns, ResourceKind};
use lanyard_engine::secrets::{MemoryKeychain, Secret};
use lanyard_engine::sources::backstage::columns;
use lanyard_engine::view::{AuthSettings, ChangeKind, FindingQuery, RuleArea, Source, SourceKind, SourceSettings, SyncOutcome, SyncState};
use lanyard_engine::{Engine, OpenOptions};
use lanyard_tests::compare;
use lanyard_tests::peer::TOKEN;
use serde_json::Value;
use tempfile::TempDir;

use super::house::{Everything, House};

/// An engine with the backend as its only source.
pub struct Synced {
    engine: Engine,
    source: Source,
    _data: TempDir,
}

impl Synced {
    /// Adds the backend as a source.
    pub fn over(house: &House) -> Self {
        let data = TempDir::new().unwrap();
        let engine = Engine::open(OpenOptions {
            data_dir: data.path().to_owned(),
            keychain: Arc::new(MemoryKeychain::default()),
            demo: false,
        })
        .unwrap();
        let settings = SourceSettings {
            kind: SourceKind::Backstage,
            name: "Portal".into(),
            url: house.url.clone(),
            auth: AuthSettings::Bearer,
            authoritative: false,
            allow_writes: false,
            ca_pem: None,
            headers: Vec::new(),
            request_budget: Some(500),
            enabled: true,
            azure: None,
            backstage: None,
        };
        let source = engine.add_source(&settings, Some(Secret::new(TOKEN.to_owned()))).unwrap();
        Self {
            engine,
            source,
            _data: data,
        }
    }

    /// Syncs, and checks that the cache holds what the backend does.
    pub async fn equals(&self, read: &Everything) -> SyncOutcome {
        let outcome = self.engine.sync(self.source.id).await.unwrap();
        assert_eq!(outcome.state, SyncState::Complete, "{outcome:#?}");
        for (kind, documents) in read {
            let one = outcome.coverage.iter().find(|one| one.collection == kind.collection());
            let one = one.unwrap_or_else(|| panic!("no coverage of {kind:?}: {outcome:#?}"));
            assert_eq!(
                (one.have, one.unconfirmed, one.reasons.len()),
                (documents.len() as u64, 0, 0),
                "{one:#?}"
            );
        }
        let parsed = |kind| -> BTreeMap<String, Value> {
            let texts = read[&kind].iter();
            texts
                .map(|(id, text)| (id.clone(), serde_json::from_slice(text).unwrap()))
                .collect()
        };
        compare::documents(&self.engine, self.source.id, &parsed(ResourceKind::User));
        compare::documents(&self.engine, self.source.id, &parsed(ResourceKind::Group));
        for (id, group) in &read[&ResourceKind::Group] {
            let Some(Columns::Group(group)) = columns(ResourceKind::Group, group) else {
                panic!("{id} has no columns")
            };
            let members = group.members.unwrap().into_iter().collect();
            assert_eq!(compare::members(&self.engine, self.source.id, id), members, "{id}");
        }
        outcome
    }

    /// Syncs once more, where nothing has changed.
    pub async fn is_still(&self) {
        let again = self.engine.sync(self.source.id).await.unwrap();
        assert_eq!(
            (again.state, again.added, again.changed, again.removed, again.rows_written),
            (SyncState::Complete, 0, 0, 0, 0),
            "{again:#?}"
        );
    }

    /// What is found about the catalog and its roles: rule and sentence.
    pub fn found(&self) -> BTreeSet<(String, String)> {
        let query = FindingQuery {
            area: Some(RuleArea::Backstage),
            limit: 500,
            ..FindingQuery::default()
        };
        let page = self.engine.findings(&query).unwrap();
        assert_eq!(page.rows.len(), page.total as usize);
        page.rows.into_iter().map(|row| (row.rule, row.says)).collect()
    }

    /// What history tells of a resource.
    pub fn told(&self, id: &str) -> Vec<ChangeKind> {
        let key = format!("{}.{id}", self.source.id);
        let lines = self.engine.timeline(None, None, 0, 500).unwrap().changes;
        lines.into_iter().filter(|line| line.key == key).map(|line| line.kind).collect()
    }
}
