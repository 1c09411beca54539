//! The ledger through its own doors, and behind its back.

mod append_only;
mod chain;
mod damage;
mod findings;
mod history;
mod joins;
mod processes;
mod removal;
mod rotations;
mod runs;

use std::path::PathBuf;

use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::secrets::Secret;
use crate::view::{JoinVerb, SourceKind};

/// A data folder with a ledger in it.
struct Home {
    dir: TempDir,
    key: Key,
}

impl Home {
    fn new() -> Self {
        Self {
            dir: TempDir::new().unwrap(),
            key: Key::generate().unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join(FILE)
    }

    fn secret(&self) -> Secret {
        self.key.to_secret()
    }

    fn try_open(&self) -> Result<Ledger, StoreError> {
        Ledger::open(&self.path(), &self.secret())
    }

    fn open(&self) -> Ledger {
        self.try_open().unwrap()
    }

    fn refused(&self) -> StoreError {
        self.try_open().err().expect("it should have been refused")
    }

    /// A connection past the ledger's doors, for whoever tampers.
    fn raw(&self) -> Connection {
        file::open(
            &self.path(),
            &self.key,
            &FileOptions {
                create: false,
                ..options()
            },
        )
        .unwrap()
    }

    /// Runs statements with the guards of all tables taken away.
    fn tamper(&self, statements: &str) {
        let raw = self.raw();
        let triggers: Vec<String> = raw
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(triggers.len(), schema::tables().len() * 3);
        for trigger in triggers {
            raw.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
        }
        raw.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        raw.execute_batch(statements).unwrap();
    }

    /// Folds the log into the file, as a clean end does.
    fn settle(&self) {
        self.raw().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    }
}

fn settings(name: &str) -> SourceSettings {
    SourceSettings::new(SourceKind::Scim, name, "https://idp.example/scim")
}

fn note(action: &'static str, source: Option<SourceId>) -> AuditDraft {
    AuditDraft {
        action,
        source,
        summary: format!("{action} happened – “ü”\n"),
        data: json!({ "z": 1, "a": [1.5, null, "\u{1}"], "n": 1e21 }),
    }
}

fn sync_ended(source: SourceId) -> AuditDraft {
    AuditDraft {
        action: "sync.ended",
        source: Some(source),
        summary: "Synced.".into(),
        data: json!({ "state": "complete" }),
    }
}

fn change(kind: ChangeKind, before: Option<&str>, after: Option<&str>) -> ChangeDraft {
    ChangeDraft {
        changed_at: Some(17),
        kind,
        path: Some("title".into()),
        before: before.map(Into::into),
        after: after.map(Into::into),
        member_name: None,
    }
}

fn transition(kind: ResourceKind, id: &str, hash: u8, changes: Vec<ChangeDraft>) -> Transition {
    Transition {
        kind,
        id: id.into(),
        name: format!("name of {id}"),
        hash: [hash; 16],
        changes,
        past: None,
    }
}

/// A ledger with something in each table but those of runs and rotations.
fn filled(home: &Home) -> Ledger {
    let ledger = home.open();
    ledger.add_source(&settings("IdP")).unwrap();
    ledger.append_audit(note("source.added", Some(1))).unwrap();
    ledger.append_audit(sync_ended(1)).unwrap();
    let changes = vec![
        change(ChangeKind::Changed, Some("a"), Some("b")),
        change(ChangeKind::Cleared, Some("b"), None),
    ];
    ledger.record(1, 1000, &[transition(ResourceKind::User, "u1", 1, changes)]).unwrap();
    ledger
        .record(
            1,
            2000,
            &[transition(
                ResourceKind::User,
                "u2",
                2,
                vec![change(ChangeKind::Set, None, Some("c"))],
            )],
        )
        .unwrap();
    ledger.append_audit(sync_ended(1)).unwrap();
    ledger.append_audit(note("export.written", None)).unwrap();
    ledger.set_setting("theme", "dark").unwrap();
    let filter = SavedFilter {
        name: "Leavers".into(),
        screen: "people".into(),
        search: "x".into(),
        filter: Some("active eq false".into()),
    };
    ledger.save_filter(&filter).unwrap();
    ledger.decide_join(joins::decision(JoinVerb::Join, (1, "u1"), (2, "v1"))).unwrap();
    ledger
}
