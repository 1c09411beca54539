//! Rotations are ended by signal 9 at each record and at random moments, and gone on with by a new process: there is never a moment without a working
//! token, never a second new token, Entra's job is never locked out, and the old one is proven dead in the end.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use lanyard_tests::process::wait;
use serde_json::Value;

use crate::kill::Random;
use crate::rotation::{APP, TENANT, World, sha256, state};

/// Each has a company of its own.
const LANES: usize = 3;
/// Kills at moments that nothing but chance chose, over all lanes.
const AT_RANDOM: usize = 16;
/// Rotations in which the answer with the new token is lost on its way, killed around that.
const LOST: usize = 6;
/// Nothing takes longer.
const MOST: Duration = Duration::from_secs(90);

/// When a process is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// As soon as it tells of the record of this number.
    Record(i64),
    /// So long after it tells of the record of this number.
    After(i64, Duration),
}

/// What was counted.
#[derive(Default, Debug)]
struct Counts {
    rotations: usize,
    /// Processes that were still there when they were killed.
    kills: usize,
    /// Tokens that were made.
    mints: usize,
    /// Requests that were answered with the token of the one before.
    answered_again: usize,
    /// Times at which no token that the keychain holds was let in.
    without_token: usize,
    /// Times at which the one that Lanyard asks with was not.
    current_refused: usize,
    /// Times that Entra's job was locked out.
    quarantines: u64,
    /// Old ones that were let in after all.
    alive: usize,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.rotations += other.rotations;
        self.kills += other.kills;
        self.mints += other.mints;
        self.answered_again += other.answered_again;
        self.without_token += other.without_token;
        self.current_refused += other.current_refused;
        self.quarantines += other.quarantines;
        self.alive += other.alive;
    }
}

fn world() -> World {
    let options = [
        "--tokens",
        "ledgerly/overlap:500ms",
        "--fault",
        "azure/sync:300ms",
        "azure/sync-takes:50ms",
        "slow:15ms",
    ];
    let world = World::open("scim,azure", &[APP, TENANT], &options);
    let _ = world.lanyard.run(&["sync", TENANT, "--json"]).ended(0);
    world
}

const ROTATE: [&str; 7] = ["token", "rotate", APP, "--every", "200ms", "--grace", "10s"];

/// The numbers of the records as a process tells of them.
fn records(child: &mut Child) -> Receiver<i64> {
    let stderr = child.stderr.take().unwrap();
    let (told, numbers) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let number = line.split_whitespace().next().and_then(|word| word.parse().ok());
            // Nobody listens any more once it was killed.
            let _ = number.map(|number| told.send(number));
        }
    });
    numbers
}

/// Starts a rotation and kills it; whether it was still there. None where it ended before its moment.
fn killed(world: &World, moment: Moment) -> bool {
    let mut child = world
        .lanyard
        .command(&ROTATE)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let numbers = records(&mut child);
    let (record, after) = match moment {
        Moment::Record(record) => (record, Duration::ZERO),
        Moment::After(record, after) => (record, after),
    };
    let until = Instant::now() + MOST;
    while let Ok(number) = numbers.recv_timeout(until.saturating_duration_since(Instant::now())) {
        if number >= record {
            thread::sleep(after);
            break;
        }
    }
    let alive = child.try_wait().unwrap().is_none();
    // SIGKILL, as std sends it.
    let _ = child.kill();
    wait(&mut child, Duration::from_secs(30)).expect("a killed process ends");
    alive
}

struct Lane {
    world: World,
    counts: Counts,
    /// Mints before the rotation that is under way.
    minted: usize,
}

impl Lane {
    fn open() -> Self {
        Self {
            world: world(),
            counts: Counts::default(),
            minted: 0,
        }
    }

    /// Asks with whatever the keychain holds.
    fn look(&mut self) {
        let slots = self.world.slots(1);
        let let_in = |name: &str| slots.get(name).is_some_and(|value| self.world.lets_in(APP, value));
        let current = let_in("");
        self.counts.current_refused += usize::from(!current);
        self.counts.without_token += usize::from(!(current || let_in("next") || let_in("previous")));
    }

    /// One rotation, killed once at this moment, and gone on with.
    fn through(&mut self, moment: Moment, lost: bool) {
        if lost {
            // The next token is made, and its answer never comes: for the process that is killed, or for the one after it.
            self.world.switch(&["ledgerly/tokens:lose-mint"], &[]);
        }
        let old = self.world.slots(1)[""].clone();
        let hit = killed(&self.world, moment);
        self.counts.kills += usize::from(hit);
        self.look();
        let verified = self.world.lanyard.run(&["audit", "verify", "--json"]).ended(0).json();
        assert_eq!(verified["ok"], true, "{verified:#}");
        if self.world.slots(1)[""] == old || self.is_open() {
            let ran = self.world.lanyard.run(&[&ROTATE[..], &["--json"]].concat());
            assert!(ran.code == 0 && state(&ran.json()) == "done", "after {moment:?}: {ran:#?}");
        }
        self.look();
        let slots = self.world.slots(1);
        assert_eq!(slots.keys().map(String::as_str).collect::<Vec<_>>(), [""], "after {moment:?}");
        let (tokens, new) = (self.world.tokens("ledgerly"), &slots[""]);
        assert_ne!(*new, old, "after {moment:?}");
        let minted = tokens.minted().len();
        assert_eq!(minted, self.minted + 1, "after {moment:?}: {tokens:#?}");
        self.counts.mints += minted - self.minted;
        self.minted = minted;
        let was = tokens.of(&old);
        self.counts.alive += usize::from(was["works"] == true || was["revoked"].is_null() || self.world.lets_in(APP, &old));
        let job = &self.world.tokens("azure").0["job"];
        assert_eq!(job["sha256"], *sha256(new), "after {moment:?}: {job:#}");
        self.counts.rotations += 1;
    }

    /// Whether a rotation is open.
    fn is_open(&self) -> bool {
        let listed = self.world.lanyard.run(&["token", "rotations", APP, "--json"]).ended(0).json();
        let last = &listed["rotations"][0];
        !last.is_null() && last["state"] != "done"
    }

    fn end(mut self) -> Counts {
        let tokens = self.world.tokens("ledgerly");
        let requests = tokens.0["mintRequests"].as_array().unwrap();
        self.counts.answered_again = requests.iter().filter(|request| request["token"].is_string()).count() - self.counts.mints;
        self.counts.quarantines = self.world.tokens("azure").0["job"]["quarantines"].as_u64().unwrap();
        self.world.works(APP);
        self.counts
    }
}

/// The numbers of the records of a rotation that nobody disturbed; those of single moments of the proof are told too.
fn undisturbed() -> Vec<(i64, String)> {
    let world = world();
    let ran = world.lanyard.run(&[&ROTATE[..], &["--json"]].concat()).ended(0);
    let view = ran.json();
    let story = view["story"].as_array().unwrap();
    story
        .iter()
        .map(|record: &Value| (record["seq"].as_i64().unwrap(), record["title"].as_str().unwrap().to_owned()))
        .collect()
}

#[test]
fn a_rotation_that_is_killed_anywhere_goes_on_to_the_same_end() {
    let began = Instant::now();
    let story = undisturbed();
    assert!(story.len() > 15, "{story:#?}");
    let mut random = Random(0x0005_eed5);
    let mut moments: Vec<Moment> = story.iter().map(|(number, _)| Moment::Record(*number)).collect();
    // The last one is told when there is nothing left to kill.
    moments.extend((0..AT_RANDOM).map(|_| {
        let (number, _) = story[random.below(story.len() - 1)];
        Moment::After(number, Duration::from_millis(250).mul_f64(random.fraction()))
    }));
    let (making, _) = story
        .iter()
        .find(|(_, title)| title.contains("ask the provider for a new one"))
        .unwrap();
    let mut moments: Vec<(Moment, bool)> = moments.into_iter().map(|moment| (moment, false)).collect();
    // Announced, lost, announced again: at each of them, and a little later.
    let around = (0..LOST).map(|step| Moment::After(making + step as i64 % 3, Duration::from_millis(if step < 3 { 0 } else { 20 })));
    moments.extend(around.map(|moment| (moment, true)));
    let wanted = moments.len();
    let mut all = Counts::default();
    thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES)
            .map(|lane| {
                let mine: Vec<(Moment, bool)> = moments.iter().skip(lane).step_by(LANES).copied().collect();
                scope.spawn(move || {
                    let mut lane = Lane::open();
                    for (moment, lost) in mine {
                        lane.through(moment, lost);
                    }
                    lane.end()
                })
            })
            .collect();
        for lane in lanes {
            all.add(&lane.join().unwrap());
        }
    });
    println!("{} records; {all:?}, in {:.0?}", story.len(), began.elapsed());
    assert_eq!((all.rotations, all.mints), (wanted, wanted));
    assert!(all.answered_again >= LOST, "a lost answer was not given again: {all:?}");
    // Only the very last record leaves a process the time to end by itself.
    assert!(all.kills + 6 >= wanted, "{all:?}");
    assert_eq!((all.without_token, all.current_refused, all.quarantines, all.alive), (0, 0, 0, 0));
}
