//! Two syncs side by side: 100,000 people and 1,000 changes, against the time in which the graph is loaded from the cache.

use std::path::Path;
use std::time::Instant;

use lanyard_engine::record::{ItemKind, ResourceKind};
use lanyard_engine::store::cache::Cache;
use lanyard_engine::store::folder::{Folder, obtain_key};
use lanyard_engine::store::ledger::{AuditDraft, ChangeDraft, FILE, Ledger, Transition, pack_past};
use lanyard_engine::view::{ChangeKind, ComparisonQuery, Millis};
use serde_json::json;

use crate::company::{Size, group_id, group_name, member_numbers, names};
use crate::filled::{fill, keychain, load};
use crate::{Figure, median, tenant};

const SIZE: Size = Size::LARGE;
const RUNS: usize = 5;
/// When the first sync ended, and when the changes were seen.
const FIRST: Millis = 1_790_000_000_000;
const SEEN: Millis = FIRST + 3_600_000;
/// Changes: members that came in, people whose title changed, people that came, assignments that were given.
const MEMBERS: usize = 400;
const TITLES: usize = 400;
const PEOPLE: usize = 100;
const GIVEN: usize = 100;

fn line(kind: ChangeKind) -> ChangeDraft {
    ChangeDraft {
        changed_at: None,
        kind,
        path: None,
        before: None,
        after: None,
        member_name: None,
    }
}

/// What history tells of the second sync: the cache holds what came of it.
fn changes() -> Vec<Transition> {
    let step = |kind: ResourceKind, id: String, name: String, changes: Vec<ChangeDraft>, past: Option<Vec<u8>>| Transition {
        kind,
        hash: [7; 16],
        id,
        name,
        changes,
        past,
    };
    let mut all = Vec::new();
    for number in 0..MEMBERS {
        let group = 1 + number * 11;
        let (member, ..) = (member_numbers(group, SIZE).next().expect("a member"), ());
        let (name, _, _, id) = names(member);
        let came = ChangeDraft {
            path: Some("members".into()),
            after: Some(id),
            member_name: Some(name),
            ..line(ChangeKind::MemberAdded)
        };
        let document = json!({ "id": group_id(group), "displayName": group_name(group), "members": [] }).to_string();
        let past = Some(pack_past(document.as_bytes()).expect("packs"));
        all.push(step(ResourceKind::Group, group_id(group), group_name(group), vec![came], past));
    }
    for number in 0..TITLES {
        let (name, user_name, email, id) = names(50_000 + number * 31);
        let document = json!({ "id": id, "displayName": name, "userPrincipalName": user_name, "mail": email, "jobTitle": "Trainee", "accountEnabled": true });
        let changed = ChangeDraft {
            path: Some("jobTitle".into()),
            before: Some("Trainee".into()),
            after: Some("Clerk".into()),
            ..line(ChangeKind::Changed)
        };
        let past = Some(pack_past(document.to_string().as_bytes()).expect("packs"));
        all.push(step(ResourceKind::User, id, name, vec![changed], past));
    }
    for number in 0..PEOPLE {
        let (name, _, _, id) = names(90_000 + number * 97);
        all.push(step(ResourceKind::User, id, name, vec![line(ChangeKind::Appeared)], None));
    }
    let given = tenant::items(SIZE)
        .filter(|(kind, ..)| *kind == ItemKind::RoleAssignment)
        .step_by(53)
        .take(GIVEN);
    for (kind, id, _) in given {
        all.push(step(
            ResourceKind::Item(kind),
            id.clone(),
            id,
            vec![line(ChangeKind::Appeared)],
            None,
        ));
    }
    all
}

/// Writes both syncs down beside a filled cache.
fn remember(folder: &Path) {
    let identity = Folder::open(folder).expect("a folder");
    let key = |name: &'static str, file: &str| obtain_key(&*keychain(), &identity, name, &folder.join(file)).expect("a key");
    let cache = Cache::open(folder, &key("cache", "cache.db")).expect("opens").cache;
    let ledger = Ledger::open_with(&folder.join(FILE), &key("ledger", FILE), &identity).expect("opens");
    let source = ledger.sources().expect("reads")[0].id;
    let mut state = cache.state(source).expect("reads");
    let kinds = tenant::KINDS.map(ResourceKind::Item);
    for kind in [ResourceKind::User, ResourceKind::Group].into_iter().chain(kinds) {
        state.set_baseline(kind, 1);
    }
    cache.set_state(source, &state).expect("kept");
    let coverage: Vec<_> = state
        .coverage
        .iter()
        .map(|coverage| json!({ "collection": coverage.collection, "state": coverage.state, "have": coverage.have, "reasons": [] }))
        .collect();
    let ended = || AuditDraft {
        action: "sync.ended",
        source: Some(source),
        summary: "Synced".into(),
        data: json!({ "state": "complete", "coverage": coverage }),
    };
    ledger.append_audit(ended()).expect("appends");
    ledger.record(source, far(SEEN), &changes()).expect("records");
    ledger.append_audit(ended()).expect("appends");
}

/// The audit log's clock is the machine's: the changes are seen after its first entry.
fn far(at: Millis) -> Millis {
    at.max(jiff::Timestamp::now().as_millisecond() + 1)
}

/// Measures the figures.
pub fn measure() -> Vec<Figure> {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path(), SIZE);
    remember(folder.path());
    let (mut loading, mut comparing, mut told) = (Vec::new(), Vec::new(), String::new());
    for _ in 0..RUNS {
        let (engine, took) = load(folder.path());
        loading.push(took);
        let moments = engine.sync_moments(2).expect("answers");
        let query = ComparisonQuery {
            from: moments[1].at,
            limit: 100,
            ..ComparisonQuery::default()
        };
        let started = Instant::now();
        let answer = engine.compare(&query).expect("answers");
        comparing.push(started.elapsed().as_secs_f64());
        let records = MEMBERS + TITLES + PEOPLE + GIVEN;
        assert_eq!(answer.total as usize, records, "{:?}", answer.sums);
        assert!(
            answer.sums.gained > 100 && answer.sums.accounts_appeared as usize == PEOPLE,
            "{:?}",
            answer.sums
        );
        told = format!(
            "{} records, {} gains of {} people",
            answer.total, answer.sums.gained, answer.sums.people_gained
        );
    }
    let (loading, comparing) = (median(loading), median(comparing));
    vec![
        Figure {
            name: "diff",
            what: "two syncs of 100,000 people, 1,000 changes: compared, s".into(),
            value: comparing,
            target: 1.0,
            at_most: true,
            from: told,
        },
        Figure {
            name: "diff",
            what: "the same as a ratio to loading the graph from the cache".into(),
            value: comparing / loading,
            target: 3.0,
            at_most: true,
            from: format!("{comparing:.3} s to {loading:.3} s"),
        },
    ]
}
