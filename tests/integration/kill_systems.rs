//! The program is ended by signal 9 at many moments of a sync of a developer portal and of an Azure tenant: it opens again, the next sync
//! completes, and then cache and history are those of a Lanyard that was never ended.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use lanyard_engine::Engine;
use lanyard_engine::view::{ExportFormat, GroupQuery, MapFormat, MapQuery, MapViewName, PeopleQuery, SourceId, SyncState};
use lanyard_lab::azure::Throttle;
use lanyard_lab::backstage::PortalOptions;
use lanyard_lab::{AzureOptions, Lab, LabOptions};
use lanyard_tests::command::Lanyard;
use lanyard_tests::compare;
use lanyard_tests::process::wait;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::company::{Listed, connect, listed, open};
use crate::kill::Random;

const KILLS: usize = 20;
const PEOPLE: usize = 240;

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_loses_nothing_at_any_moment() {
    // Nothing happens there by itself: both Lanyards must see the same.
    let still = Duration::from_secs(3_600);
    let portal = PortalOptions {
        feed_interval: still,
        processing_interval: still,
        orphan_cleanup_interval: still,
        faults: vec!["slow:4ms".parse().unwrap()],
        ..PortalOptions::named("Portal")
    };
    let lab = serve(Some(portal), None).await;
    ended_at_many_moments(&lab, "backstage", |lab, round, random| {
        let (provider, portal) = (lab.provider(), lab.portal().unwrap());
        let (users, groups) = (provider.users(), provider.groups());
        for step in 0..8 {
            let user = &users[random.below(users.len())];
            let (id, group) = (text(user, "id"), text(&groups[random.below(groups.len())], "id"));
            let name = format!("Round {round} step {step}");
            provider
                .patch_user(id, &json!([{ "op": "replace", "path": "displayName", "value": name }]))
                .unwrap();
            provider.add_member(group, id).unwrap();
        }
        provider.delete_user(text(&users[random.below(users.len())], "id")).unwrap();
        portal.refresh();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_loses_nothing_at_any_moment() {
    let azure = AzureOptions {
        throttle: Throttle::none(),
        faults: vec!["slow:4ms".parse().unwrap()],
        ..AzureOptions::default()
    };
    let lab = serve(None, Some(azure)).await;
    ended_at_many_moments(&lab, "azure", |lab, round, random| {
        let tenant = lab.azure().unwrap();
        let (users, groups, scope) = tenant.look(|held| {
            let users: Vec<_> = held
                .users
                .iter()
                .filter(|user| !tenant.is_gone(user.id))
                .map(|user| user.upn.clone())
                .collect();
            let groups: Vec<_> = held.groups.iter().map(|group| group.id.to_string()).collect();
            (users, groups, held.subscriptions[0].name.clone())
        });
        for step in 0..8 {
            let user = &users[random.below(users.len())];
            tenant.rename(user, &format!("Round {round} step {step}"));
            tenant.add_member(&groups[random.below(groups.len())], user);
        }
        tenant.assign(&users[random.below(users.len())], "Reader", &scope).unwrap();
        tenant.delete(&users[random.below(users.len())], round % 4 == 1);
    })
    .await;
}

async fn serve(portal: Option<PortalOptions>, azure: Option<AzureOptions>) -> Lab {
    let options = LabOptions {
        people: PEOPLE,
        seed: 77,
        portal,
        azure,
        ..LabOptions::default()
    };
    lanyard_lab::serve(options).await.unwrap()
}

fn text<'a>(document: &'a Value, name: &str) -> &'a str {
    document[name].as_str().unwrap()
}

/// Two Lanyards on one system: one is ended again and again, the other never.
async fn ended_at_many_moments(lab: &Lab, kind: &str, mut touch: impl FnMut(&Lab, usize, &mut Random)) {
    let data = TempDir::new().unwrap();
    let source = listed(&serde_json::to_value(lab.summary()).unwrap())
        .into_iter()
        .find(|source| source.all["kind"] == kind)
        .unwrap();
    let steady = opened(&connected(&data, "steady", &source));
    let source_id = steady.sources().unwrap()[0].id;
    let mut random = Random(0x005e_ed0f_cafe);

    // How long a sync takes here, first and later: the moments are drawn from that.
    let measured = connected(&data, "measured", &source);
    let mut first = timed(&measured);
    touch(lab, 0, &mut random);
    let mut later = timed(&measured);
    whole(&steady, source_id, "at first").await;

    let (mut killed, mut broken) = (0, measured);
    let mut seen = History::default();
    for round in 1..=KILLS {
        // Odd rounds break off a first sync into a new folder, even ones a later sync with changes to fetch.
        let fresh = round % 2 == 1;
        if fresh {
            broken = connected(&data, &format!("round{round}"), &source);
            seen = History::default();
        }
        touch(lab, round, &mut random);
        let most = if fresh { &mut first } else { &mut later };
        let moment = most.mul_f64(0.02 + 0.96 * random.fraction());
        let mut child = broken.spawn(&["sync"]);
        tokio::time::sleep(moment).await;
        if child.try_wait().unwrap().is_none() {
            killed += 1;
            // SIGKILL, as std sends it.
            child.kill().unwrap();
            *most = most.mul_f64(1.05);
        } else {
            // It was quicker than those before: how busy the machine is changes while the test runs.
            *most = moment;
        }
        let most = *most;
        wait(&mut child, Duration::from_secs(30)).expect("a killed process ends");

        let context = format!("round {round} after {moment:?} of {most:?}");
        let before = history(&steady);
        whole(&steady, source_id, &context).await;
        let engine = opened(&broken);
        assert!(engine.state().unwrap().notices.is_empty(), "{context}: {:?}", engine.state());
        whole(&engine, source_id, &context).await;
        same_cache(&steady, &engine, &context);
        let told = since(&history(&engine), &seen);
        if fresh {
            assert!(told.is_empty(), "{context}: a first sync is no change: {told:#?}");
        } else {
            let expected = since(&history(&steady), &before);
            assert!(!expected.is_empty(), "{context}: nothing was changed");
            assert_eq!(told, expected, "{context}: history is not that of a Lanyard that was never ended");
        }
        seen = history(&engine);
        assert!(engine.verify_audit().unwrap().ok, "{context}");
        engine.close().await;
    }
    assert!(
        killed >= KILLS * 3 / 4,
        "only {killed} of {KILLS} syncs were still running when they were to be killed"
    );
}

fn connected(data: &TempDir, folder: &str, source: &Listed) -> Lanyard {
    let variable = lanyard_engine::secrets::variable_for(&source.name);
    let lanyard = Lanyard::new(data.path().join(folder)).with(&variable, &source.token);
    let _ = connect(&lanyard, source).ended(0);
    lanyard
}

fn opened(lanyard: &Lanyard) -> Engine {
    open(&lanyard.data_dir, &lanyard.env).unwrap()
}

fn timed(lanyard: &Lanyard) -> Duration {
    let start = Instant::now();
    let _ = lanyard.run(&["sync"]).ended(0);
    start.elapsed()
}

async fn whole(engine: &Engine, source: SourceId, context: &str) {
    let outcome = engine.sync(source).await.unwrap();
    assert_eq!(outcome.state, SyncState::Complete, "{context}: {outcome:#?}");
}

/// Lines of history, without number and time, and how often each stands there.
type History = BTreeMap<String, usize>;

fn history(engine: &Engine) -> History {
    let (mut lines, mut read) = (History::new(), 0);
    loop {
        let page = engine.timeline(None, None, read, 500).unwrap();
        read += page.changes.len() as u32;
        for line in &page.changes {
            let text = format!("{} {:?} {:?} {:?} → {:?}", line.key, line.kind, line.path, line.before, line.after);
            *lines.entry(text).or_default() += 1;
        }
        if page.changes.is_empty() || u64::from(read) >= page.total {
            return lines;
        }
    }
}

/// What came in since.
fn since(now: &History, then: &History) -> History {
    let count = |line: &String| now[line] - then.get(line).copied().unwrap_or_default();
    let new = now.keys().map(|line| (line.clone(), count(line)));
    new.filter(|(_, count)| *count > 0).collect()
}

/// Checks that two caches hold the same, as far as anybody can ask: what was read of each collection, every row of People, Groups and
/// the access map, every membership, every document.
#[track_caller]
fn same_cache(one: &Engine, other: &Engine, context: &str) {
    let coverage = |engine: &Engine| {
        let source = engine.sources().unwrap().remove(0);
        let collections: Vec<_> = source
            .coverage
            .into_iter()
            .map(|one| (one.collection, one.state, one.have, one.unconfirmed))
            .collect();
        (source.accounts, source.groups, source.memberships, collections)
    };
    assert_eq!(coverage(one), coverage(other), "{context}");
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("rows.json");
    let rows = |export: &dyn Fn() -> Result<lanyard_engine::view::ExportDone, lanyard_engine::Error>| -> Vec<Value> {
        assert!(export().unwrap().rows > 0, "{context}: nothing to compare");
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap()
    };
    let (people, groups, map) = (PeopleQuery::default(), GroupQuery::default(), MapQuery::default());
    let people = |engine: &Engine| rows(&|| engine.export_people(&people, &[], ExportFormat::Json, &path));
    let groups = |engine: &Engine| rows(&|| engine.export_groups(&groups, &[], ExportFormat::Json, &path));
    let map = |engine: &Engine| rows(&|| engine.export_map(&map, MapViewName::Table, MapFormat::Json, &path));
    let (all_people, all_groups) = (people(one), groups(one));
    assert_eq!(all_people, people(other), "{context}");
    assert_eq!(all_groups, groups(other), "{context}");
    assert_eq!(map(one), map(other), "{context}");
    let held = one.access_table(&MapQuery::default(), 0, 500).unwrap().rows;
    let on_map = held.iter().flat_map(|row| [row.role.key.clone(), row.scope.key.clone()]);
    let listed = all_people.iter().chain(&all_groups).map(|row| text(row, "key").to_owned());
    for key in listed.chain(on_map) {
        let document = |engine: &Engine| engine.raw_document(&key).ok().map(|document| document.json);
        assert_eq!(document(one), document(other), "{context}: {key}");
    }
    for group in &all_groups {
        let (source, id) = text(group, "key").split_once('.').unwrap();
        let source = source.parse().unwrap();
        assert_eq!(
            compare::members(one, source, id),
            compare::members(other, source, id),
            "{context}: members of {id}"
        );
    }
}
