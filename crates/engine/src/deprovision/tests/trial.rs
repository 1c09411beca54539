//! A run in the world of a test, with its records in memory, and a process that may be killed after any of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio_util::sync::CancellationToken;

use super::world::{APP, IDP, Nature, PERSON, World, thing};
use crate::Error;
use crate::clock::Clock;
use crate::deprovision::doors::Doors;
use crate::deprovision::drive::{Driver, Ended};
use crate::deprovision::entry::{Entry, Planned, Target};
use crate::deprovision::log::Log;
use crate::deprovision::making;
use crate::deprovision::plans;
use crate::deprovision::story::{Story, Told};
use crate::view::{Cut, Millis, RunId, RunSubject, SourceId, SourceKind};

/// Records in memory, after so many of which the process is killed.
pub struct Memory {
    pub records: Mutex<Vec<(Millis, Entry)>>,
    pub dies_after: Mutex<Option<usize>>,
    /// The story as far as this life of the process told it.
    known: Mutex<Option<Story>>,
}

fn killed() -> Error {
    Error::NotFound {
        what: "process",
        name: "killed".into(),
    }
}

impl Log for Memory {
    fn story(&self, run: RunId) -> Result<Story, Error> {
        let records = self.records.lock().unwrap();
        let mut known = self.known.lock().unwrap();
        let from = known.as_ref().map_or(0, |story| story.records as usize);
        let told = records.iter().zip(1..).skip(from).map(|((at, entry), seq)| Told {
            seq,
            at: *at,
            // Through JSON and back, as the ledger keeps it.
            entry: {
                let draft = entry.draft(String::new());
                Entry::read(draft.kind, &draft.data).unwrap()
            },
            hash: seq.to_string(),
        });
        match known.as_mut() {
            Some(story) => told.for_each(|told| story.take(told)),
            None => *known = Some(Story::fold(run, "tester", told).unwrap()),
        }
        Ok(known.clone().unwrap())
    }

    fn append(&self, story: &Story, at: Millis, entries: Vec<Entry>, unmoved: bool) -> Result<bool, Error> {
        let mut records = self.records.lock().unwrap();
        if unmoved && records.len() as i64 != story.records {
            return Ok(false);
        }
        // All or none, as a transaction is.
        if self
            .dies_after
            .lock()
            .unwrap()
            .is_some_and(|most| records.len() + entries.len() > most)
        {
            return Err(killed());
        }
        for entry in entries {
            let _ = crate::deprovision::words::title(story, &entry);
            let _ = crate::deprovision::words::audit(story, &entry);
            records.push((at, entry));
        }
        Ok(true)
    }
}

/// A run in that world.
pub struct Trial {
    pub world: Arc<World>,
    pub log: Arc<Memory>,
}

fn target(source: SourceId, cut: Cut, account: Option<&str>) -> Target {
    Target {
        source,
        source_name: if source == IDP { "Workforce".into() } else { "Ledgerly".into() },
        system: SourceKind::Scim,
        account: account.map(Into::into),
        user_name: "canary-1".into(),
        display_name: "Canary 1".into(),
        email: None,
        joined_by: "user name".into(),
        cut,
        limit_ms: 600_000,
        credential_url: None,
        hints: BTreeMap::from([("scim.joinGroup".to_owned(), vec![thing("g-1", "g-1")])]),
        control: None,
    }
}

impl Trial {
    /// Plans a run of this plan, and agrees to it.
    pub async fn begin(text: &str, nature: Nature) -> Self {
        let plan = plans::read(text).plan.unwrap();
        let makes = plan.subject.as_ref().is_some_and(|subject| subject.create.is_some());
        let world = if makes { World::empty(nature) } else { World::new(nature) };
        let account = (!makes).then_some(PERSON);
        let targets = vec![target(IDP, plan.systems[0].cut, account), target(APP, Cut::Follow, account)];
        let span = |text: &Option<String>, other| text.as_deref().map_or(other, |text| crate::spans::read(text).unwrap());
        let watch_ms = span(&plan.watch, 0);
        let checks = making::checks(&plan, &targets, watch_ms);
        let before = making::baseline(&*world, &checks, &targets).await;
        let steps = match plan.subject.as_ref().and_then(|subject| subject.create.as_ref()) {
            Some(create) => making::identity(&*world, &targets[0], create).await.unwrap(),
            None => making::cut(&*world, &plan, &targets, &before).await.unwrap(),
        };
        let planned = Planned {
            revision: "00000000".into(),
            subject: RunSubject {
                name: "Canary 1".into(),
                user_name: "canary-1".into(),
                person: None,
                test: true,
                accounts: Vec::new(),
            },
            dry_run: false,
            way_back: making::way_back_in_words(&plan, &steps),
            targets,
            steps,
            checks,
            before,
            guards: Vec::new(),
            left_out: Vec::new(),
            poll_ms: span(&plan.poll, 30_000),
            arrive_ms: span(&plan.arrive, 3_600_000),
            watch_ms,
            plan,
        };
        let now = world.now();
        let agreed = Entry::Agreed {
            by: "tester".into(),
            typed: "canary-1".into(),
            second_looks: Vec::new(),
        };
        let log = Memory {
            records: Mutex::new(vec![(now, Entry::Planned(Box::new(planned))), (now, agreed)]),
            dies_after: Mutex::default(),
            known: Mutex::default(),
        };
        Self { world, log: Arc::new(log) }
    }

    /// Drives the run until it rests; none where the process was killed on the way.
    pub async fn drive(&self) -> Option<Ended> {
        *self.log.known.lock().unwrap() = None;
        let driver = Driver {
            doors: Arc::clone(&self.world) as Arc<dyn Doors>,
            clock: Arc::clone(&self.world) as Arc<dyn Clock>,
            log: Arc::clone(&self.log) as Arc<dyn Log>,
            credential: Box::new(|_| None),
            cancel: CancellationToken::new(),
        };
        driver.drive(1).await.ok()
    }

    /// Records what a person does.
    pub fn person(&self, entry: Entry) {
        let story = self.story();
        assert!(self.log.append(&story, self.world.now(), vec![entry], false).unwrap());
    }

    pub fn story(&self) -> Story {
        self.log.story(1).unwrap()
    }

    pub fn writes(&self) -> Vec<String> {
        self.world.state.lock().unwrap().writes.clone()
    }
}
