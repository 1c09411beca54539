//! The program is ended by signal 9 at many moments of a sync: it opens again, the chain holds, the next sync
//! completes, and the cache is what the server says.

use std::time::{Duration, Instant};

use lanyard_engine::Engine;
use lanyard_engine::view::SyncState;
use lanyard_tests::compare;
use lanyard_tests::plain::Plain;
use lanyard_tests::process::wait;
use serde_json::json;

use crate::company::{Company, truth};

const KILLS: usize = 50;
const PEOPLE: &str = "1500";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_at_any_moment() {
    let mut company = tokio::task::spawn_blocking(|| Company::serve(&["--people", PEOPLE, "--seed", "77"]))
        .await
        .unwrap();
    let listed = company.sources().remove(0);
    let plain = company.plain(0);
    let root = company.data.path().to_owned();
    let mut random = Random(0x005e_ed0f_cafe);

    // How long a sync takes here, first and later: the moments are drawn from that.
    company.lanyard.data_dir = root.join("measured");
    let _ = company.add(&listed).ended(0);
    let mut first = timed(&company);
    touch(&plain, 0, &mut random).await;
    let mut later = timed(&company);

    let (mut killed, mut folder) = (0, 0);
    for round in 0..KILLS {
        // Even rounds break off a first sync into a new folder, odd ones a later sync with changes to fetch.
        let fresh = round % 2 == 0;
        if fresh {
            folder = round;
            company.lanyard.data_dir = root.join(format!("round{folder}"));
            let _ = company.add(&listed).ended(0);
        }
        let title = touch(&plain, round + 1, &mut random).await;
        let most = if fresh { &mut first } else { &mut later };
        let moment = most.mul_f64(0.02 + 0.96 * random.fraction());
        let mut child = company.lanyard.spawn(&["sync"]);
        std::thread::sleep(moment);
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

        let context = format!("round {round}, folder {folder}, after {moment:?} of {most:?}");
        let engine = company
            .open()
            .unwrap_or_else(|error| panic!("{context}: it does not open again: {error}"));
        assert!(
            engine.state().unwrap().notices.is_empty(),
            "{context}: {:?}",
            engine.state().unwrap().notices
        );
        let chain = engine.verify_audit().unwrap();
        assert!(chain.ok, "{context}: {chain:?}");
        let source = engine.sources().unwrap().remove(0).id;
        let outcome = engine.sync(source).await.unwrap();
        assert_eq!(outcome.state, SyncState::Complete, "{context}: {outcome:#?}");
        let (users, groups) = truth(&plain).await;
        compare::same(&engine, source, &users, &groups);
        if !fresh {
            told_once(&engine, source, &title, &context);
        }
        assert!(engine.verify_audit().unwrap().ok, "{context}");
        engine.close().await;
    }
    assert!(
        killed >= KILLS * 3 / 4,
        "only {killed} of {KILLS} syncs were still running when they were to be killed"
    );
}

fn timed(company: &Company) -> Duration {
    let start = Instant::now();
    let _ = company.lanyard.run(&["sync"]).ended(0);
    start.elapsed()
}

/// A title that was given to one person, and to whom.
struct Given {
    id: String,
    title: String,
}

/// Changes some things at the server, so that a sync has something to fetch and to write.
async fn touch(plain: &Plain, round: usize, random: &mut Random) -> Given {
    let users: Vec<String> = plain.all("Users").await.into_keys().collect();
    let mut given = None;
    for step in 0..40 {
        let id = users[random.below(users.len())].clone();
        let title = format!("Round {round}, step {step}");
        plain
            .patch(
                &format!("Users/{id}"),
                json!([{ "op": "replace", "path": "title", "value": title }]),
            )
            .await;
        given = Some(Given { id, title });
    }
    plain.delete(&format!("Users/{}", users[random.below(users.len())])).await;
    let mut given = given.unwrap();
    // The deleted one may have been the last one changed: take another then.
    while plain.get(&format!("Users/{}", given.id)).await.is_none() {
        let id = users[random.below(users.len())].clone();
        if plain.get(&format!("Users/{id}")).await.is_some() {
            plain
                .patch(
                    &format!("Users/{id}"),
                    json!([{ "op": "replace", "path": "title", "value": given.title }]),
                )
                .await;
            given.id = id;
        }
    }
    given
}

/// The change stands in the history, and not twice, though its sync was broken off and done again.
fn told_once(engine: &Engine, source: i64, given: &Given, context: &str) {
    let key = format!("{source}.{}", given.id);
    let lines = engine.timeline(Some(&key), None, 0, 500).unwrap().changes;
    let told = lines
        .iter()
        .filter(|line| line.key == key && line.after.as_deref() == Some(&given.title))
        .count();
    assert_eq!(told, 1, "{context}: {lines:#?}");
}

/// Numbers that are the same at each run (splitmix64).
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}
