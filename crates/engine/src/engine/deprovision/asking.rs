//! Asking about runs: lists, one of them whole, its records, how long systems took to revoke.

use super::super::{Engine, held};
use crate::Error;
use crate::deprovision::log::{self, Log as _};
use crate::deprovision::show;
use crate::deprovision::story::Story;
use crate::sync::now;
use crate::view::{EngineEvent, RevokePoint, RevokeTrend, Run, RunId, RunPage, RunQuery, RunRecord, RunRecords, SourceId, Verdict};

/// Records of one page at most.
const PAGE: u32 = 500;

/// A run as its screen shows it.
pub(super) fn view_of(engine: &Engine, story: &Story) -> Result<Run, Error> {
    let person = story
        .planned
        .subject
        .person
        .clone()
        .filter(|key| engine.directory().account_of_key(key).is_some());
    let view = show::run(story, now(), engine.is_driven(story.id), person);
    let evidence = if story.closed.is_some() {
        engine.evidence_info(story.id)?
    } else {
        None
    };
    Ok(Run { evidence, ..view })
}

impl Engine {
    /// Runs, newest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn runs(&self, query: &RunQuery) -> Result<RunPage, Error> {
        let (mut runs, mut total) = (Vec::new(), 0_u64);
        for stored in self.inner.ledger.runs()? {
            let fits = query.plan.as_ref().is_none_or(|plan| *plan == stored.plan) && query.kind.is_none_or(|kind| kind == stored.kind);
            if !fits {
                continue;
            }
            let wanted = total >= u64::from(query.offset) && runs.len() < query.limit.min(PAGE) as usize;
            if !query.open && !wanted {
                total += 1;
                continue;
            }
            let story = self.inner.run_log.story(stored.id)?;
            if query.open && story.closed.is_some() {
                continue;
            }
            if wanted {
                runs.push(show::summary(&story, now(), self.is_driven(stored.id)));
            }
            total += 1;
        }
        Ok(RunPage { runs, total })
    }

    /// One run, whole.
    ///
    /// # Errors
    /// When there is no such run, or the ledger cannot be read.
    pub fn run(&self, run: RunId) -> Result<Run, Error> {
        view_of(self, &self.inner.run_log.story(run)?)
    }

    /// A page of a run's records, newest first.
    ///
    /// # Errors
    /// When there is no such run, or the ledger cannot be read.
    pub fn run_records(&self, run: RunId, offset: u32, limit: u32) -> Result<RunRecords, Error> {
        self.inner.ledger.run(run)?;
        let (count, _) = self.inner.ledger.run_head(run)?;
        let last = count - i64::from(offset);
        let first = (last - i64::from(limit.min(PAGE)) + 1).max(1);
        let (records, disclosures) = self.inner.ledger.run_records(run, first)?;
        let values = log::values(&disclosures);
        let page = records.iter().filter(|record| record.seq <= last).rev().map(|record| {
            let (title, data) = log::opened(record, &values);
            RunRecord {
                seq: record.seq,
                at: record.at,
                kind: record.kind.clone(),
                title,
                about: record.about.clone(),
                mark: record.mark,
                data,
                hash: record.hash.clone(),
            }
        });
        Ok(RunRecords {
            records: page.collect(),
            total: u64::try_from(count).unwrap_or(0),
        })
    }

    /// How long each system took to revoke over the last runs, oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn revoke_trends(&self) -> Result<Vec<RevokeTrend>, Error> {
        const RUNS: usize = 30;
        let mut trends: Vec<RevokeTrend> = Vec::new();
        let mut stories = Vec::new();
        for stored in self.inner.ledger.runs()?.into_iter().filter(|run| !run.dry_run).take(RUNS) {
            stories.push(self.inner.run_log.story(stored.id)?);
        }
        for story in stories.iter().rev().filter(|story| story.cut_at.is_some()) {
            for target in &story.targets {
                let point = revoked(story, target.source, target.limit_ms);
                match trends.iter_mut().find(|trend| trend.source == target.source) {
                    Some(trend) => {
                        trend.source_name.clone_from(&target.source_name);
                        trend.runs.push(point);
                    }
                    None => trends.push(RevokeTrend {
                        source: target.source,
                        source_name: target.source_name.clone(),
                        kind: target.system,
                        runs: vec![point],
                    }),
                }
            }
        }
        Ok(trends)
    }

    /// Waits until a run is not driven by this process any more; `moved` hears of each change.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn follow_run(&self, run: RunId, mut moved: impl FnMut(&Run)) -> Result<Run, Error> {
        let mut events = self.events();
        loop {
            let view = self.run(run)?;
            moved(&view);
            if !held(&self.inner.driving).contains_key(&run) {
                return self.run(run);
            }
            // Timers move on without an event.
            let _ = tokio::time::timeout(std::time::Duration::from_millis(500), async {
                while let Ok(event) = events.recv().await {
                    if event == (EngineEvent::RunChanged { run }) {
                        break;
                    }
                }
            })
            .await;
        }
    }
}

/// How a system came out in a run.
fn revoked(story: &Story, source: SourceId, limit_ms: u64) -> RevokePoint {
    let checks: Vec<_> = story
        .checks
        .iter()
        .filter(|check| check.plan.source == source && check.is_critical())
        .collect();
    let worst = [
        Verdict::Failed,
        Verdict::Waived,
        Verdict::NotEvaluated,
        Verdict::Waiting,
        Verdict::Pending,
    ];
    let verdict = worst
        .into_iter()
        .find(|verdict| checks.iter().any(|check| check.verdict == *verdict))
        .unwrap_or(if checks.is_empty() {
            Verdict::NotEvaluated
        } else {
            Verdict::Passed
        });
    RevokePoint {
        run: story.id,
        at: story.cut_at.unwrap_or(story.planned_at),
        took_ms: (verdict == Verdict::Passed)
            .then(|| checks.iter().filter_map(|check| check.took_ms).max())
            .flatten(),
        limit_ms,
        verdict,
    }
}
