//! From a draft to a run: whom it is about, what is there, what would be done, and what stands in the way. Nothing is written to any system.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::super::Engine;
use super::subject::{Subject, span};
use super::{plans, view_of};
use crate::Error;
use crate::deprovision::catalogue;
use crate::deprovision::doors::Doors;
use crate::deprovision::entry::{Planned, StepPlan, Target};
use crate::deprovision::guards::{self, Facing};
use crate::deprovision::log::Log as _;
use crate::deprovision::making;
use crate::sources::doors::Whose;
use crate::store::ledger::RunDraftRow;
use crate::sync::now;
use crate::view::{Cut, Fault, Guard, Millis, Phase, Plan, PlanChoice, Run, RunDraft, RunId, RunKind, RunSubject, SourceId};

/// How often open checks ask, where a plan does not say.
const POLL_MS: u64 = 30_000;
/// How long a test identity is awaited, where a plan does not say.
const ARRIVE_MS: u64 = 3_600_000;
/// A day, in milliseconds.
const DAY_MS: Millis = 24 * 60 * 60 * 1000;
/// The setting that holds patterns of accounts that are never touched, one a line.
pub const PROTECTED: &str = "protected_accounts";

/// An error of a door while steps are made.
fn failed(fault: Fault) -> Error {
    Error::Refused {
        code: "run.cannotPlan",
        what: fault.what,
        next: fault.next,
    }
}

/// Puts the run's number in place of `{run}`, in each text.
fn numbered<T: Serialize + DeserializeOwned + Clone>(of: &T, run: RunId) -> T {
    fn put(value: Value, run: &str) -> Value {
        match value {
            Value::String(text) if text.contains("{run}") => Value::String(text.replace("{run}", run)),
            Value::Array(items) => items.into_iter().map(|item| put(item, run)).collect(),
            Value::Object(members) => members.into_iter().map(|(name, item)| (name, put(item, run))).collect(),
            other => other,
        }
    }
    let value = serde_json::to_value(of).map(|value| put(value, &run.to_string()));
    // What was written can be read: only texts were changed.
    value.and_then(serde_json::from_value).unwrap_or_else(|_| of.clone())
}

impl Engine {
    /// Plans a run: reads the plan and the picture, asks each system what is held, makes the steps with their exact requests, and looks at the guards.
    /// Nothing is written to any system; the run is in the ledger then, and waits for agreement.
    ///
    /// # Errors
    /// [`Error::Plan`] for a plan with problems; [`Error::NotFound`] and [`Error::Input`] for the person; [`Error::Refused`] where a step could not
    /// be made; when the ledger cannot be written.
    pub async fn plan_run(&self, draft: &RunDraft) -> Result<Run, Error> {
        let engine = self.clone();
        let begun = draft.clone();
        let (plan, revision, subject) = super::blocking(move || engine.draft(&begun)).await?;
        let doors = self.doors(super::sources_of(&subject.targets)).await?;
        let watch_ms = span(plan.watch.as_deref(), 0);
        let checks = making::checks(&plan, &subject.targets, watch_ms);
        let create = plan.subject.as_ref().and_then(|subject| subject.create.as_ref());
        let before = making::baseline(&*doors, &checks, &subject.targets).await;
        let mut steps = Vec::new();
        if let Some(create) = create {
            let maker = subject
                .targets
                .iter()
                .find(|target| crate::deprovision::plans::same_name(&target.source_name, &create.source));
            if let Some(maker) = maker {
                steps.extend(making::identity(&*doors, maker, create).await.map_err(failed)?);
                steps.extend(self.shown(&*doors, &plan, maker).await?);
            }
        } else {
            steps.extend(making::cut(&*doors, &plan, &subject.targets, &before).await.map_err(failed)?);
        }
        let own = own(&*doors, &subject.targets, &steps).await;
        let guards = {
            let engine = self.clone();
            let (plan, who, targets, steps) = (plan.clone(), subject.who.clone(), subject.targets.clone(), steps.clone());
            let (groups, marked, dry_run) = (subject.groups.clone(), subject.marked, draft.dry_run);
            super::blocking(move || {
                engine.guards(&Guarding {
                    run: None,
                    plan: &plan,
                    who: &who,
                    targets: &targets,
                    steps: &steps,
                    groups: &groups,
                    own: &own,
                    marked,
                    dry_run,
                })
            })
            .await?
        };
        let row = RunDraftRow {
            plan: plan.name.clone(),
            kind: plan.kind,
            dry_run: draft.dry_run,
            terms: subject.terms,
        };
        let way_back = (!draft.dry_run).then(|| making::way_back_in_words(&plan, &steps)).flatten();
        let planned = Planned {
            revision,
            subject: subject.who,
            dry_run: draft.dry_run,
            targets: subject.targets,
            steps,
            checks,
            before,
            guards,
            left_out: subject.left_out,
            way_back,
            poll_ms: span(plan.poll.as_deref(), POLL_MS),
            arrive_ms: span(plan.arrive.as_deref(), ARRIVE_MS),
            watch_ms,
            plan,
        };
        let engine = self.clone();
        super::blocking(move || {
            let id = engine.inner.run_log.begin(&row, now(), |run| Planned {
                subject: numbered(&planned.subject, run),
                targets: numbered(&planned.targets, run),
                steps: numbered(&planned.steps, run),
                ..planned
            })?;
            let story = engine.inner.run_log.story(id)?;
            view_of(&engine, &story)
        })
        .await
    }

    /// The plan and the subject of a draft.
    fn draft(&self, draft: &RunDraft) -> Result<(Plan, String, Subject), Error> {
        let file = match &draft.plan {
            PlanChoice::File(file) => self.plan_file(file)?,
            PlanChoice::Text(text) => self.check_plan(text)?,
        };
        let plan = plans::sound(&file)?;
        let sources = self.sources()?;
        let named = plan.subject.as_ref();
        let subject = match (plan.kind, &draft.person) {
            (RunKind::Offboarding, Some(person)) => self.subject_of(&plan, &self.leaver_of(person)?, &sources),
            (RunKind::Offboarding, None) => {
                return Err(Error::Input {
                    field: "Person",
                    problem: "say who leaves: this plan names nobody".into(),
                });
            }
            (RunKind::Test, Some(_)) => {
                return Err(Error::Input {
                    field: "Person",
                    problem: "a test plan says itself whom it is about; leave the person out".into(),
                });
            }
            (RunKind::Test, None) => match (
                named.and_then(|named| named.create.as_ref()),
                named.and_then(|named| named.account.as_ref()),
            ) {
                (Some(create), _) => self.identity_of(&plan, create, &sources)?,
                (None, Some(account)) => {
                    let person = self.leaver_of(&account.user_name)?;
                    let source = crate::deprovision::plans::find(&sources, &account.source).map(|source| source.id);
                    if !person.accounts.iter().any(|held| Some(held.source) == source) {
                        return Err(Error::Input {
                            field: "Plan",
                            problem: format!("{} has no account {}", account.source, account.user_name),
                        });
                    }
                    self.subject_of(&plan, &person, &sources)
                }
                // A plan without either is not sound.
                (None, None) => {
                    return Err(Error::Input {
                        field: "Plan",
                        problem: "it names no subject".into(),
                    });
                }
            },
        };
        if subject.targets.is_empty() {
            return Err(Error::Input {
                field: "Plan",
                problem: "the person has no account in any system of the plan".into(),
            });
        }
        Ok((plan, file.revision, subject))
    }

    /// The cut of an identity that is not made yet, as far as it can be shown beforehand: at the system where it is made.
    async fn shown(&self, doors: &dyn Doors, plan: &Plan, maker: &Target) -> Result<Vec<StepPlan>, Error> {
        let shown = Target {
            account: Some(making::NOT_YET.to_owned()),
            ..maker.clone()
        };
        let groups = maker.hints.get("scim.joinGroup").cloned().unwrap_or_default();
        let before = crate::deprovision::entry::Before {
            seen: crate::sources::doors::Seen::There,
            things: groups,
            says: String::new(),
        };
        let before = BTreeMap::from([(format!("{}/scim.memberships", maker.source), before)]);
        making::cut(doors, plan, std::slice::from_ref(&shown), &before)
            .await
            .map_err(failed)
    }

    /// Looks at the guards as things stand now.
    pub(super) fn guards(&self, of: &Guarding<'_>) -> Result<Vec<Guard>, Error> {
        let sources = self.sources()?;
        let protected: Vec<String> = self
            .setting(PROTECTED)?
            .unwrap_or_default()
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(ToOwned::to_owned)
            .collect();
        let sole = match &of.who.person {
            Some(person) => self.sole_roles(person),
            None => Ok(Vec::new()),
        };
        Ok(guards::look(&Facing {
            plan: of.plan,
            subject: of.who,
            targets: of.targets,
            steps: of.steps,
            sources: &sources,
            protected: &protected,
            groups: of.groups,
            own: of.own,
            sole: sole.as_deref().map_err(String::as_str),
            touched: self.touched(of.run)?,
            marked: of.marked,
            dry_run: of.dry_run,
            now: now(),
        }))
    }

    /// How many accounts other runs touched in the last 24 hours.
    fn touched(&self, but: Option<RunId>) -> Result<u32, Error> {
        let since = now() - DAY_MS;
        let runs: BTreeSet<RunId> = self
            .inner
            .ledger
            .run_records_since("act.intent", since)?
            .into_iter()
            .map(|(run, _)| run)
            .filter(|run| Some(*run) != but)
            .collect();
        let mut touched = 0;
        for run in runs {
            let story = self.inner.run_log.story(run)?;
            let accounts: BTreeSet<SourceId> = story
                .steps
                .iter()
                .filter(|step| step.plan.phase == Phase::Act && step.sent_at.is_some_and(|at| at >= since))
                .map(|step| step.plan.source)
                .collect();
            touched += u32::try_from(accounts.len()).unwrap_or(u32::MAX);
        }
        Ok(touched)
    }
}

/// What guards look at, as far as the run says it.
pub(super) struct Guarding<'g> {
    pub(super) run: Option<RunId>,
    pub(super) plan: &'g Plan,
    pub(super) who: &'g RunSubject,
    pub(super) targets: &'g [Target],
    pub(super) steps: &'g [StepPlan],
    pub(super) groups: &'g [String],
    pub(super) own: &'g BTreeMap<SourceId, Whose>,
    pub(super) marked: Option<bool>,
    pub(super) dry_run: bool,
}

/// Whose token Lanyard holds, at the systems that are written to.
pub(super) async fn own(doors: &dyn Doors, targets: &[Target], steps: &[StepPlan]) -> BTreeMap<SourceId, Whose> {
    let mut own = BTreeMap::new();
    for target in targets {
        let written = steps
            .iter()
            .any(|step| step.source == target.source && step.action != catalogue::BY_HAND);
        if written || matches!(target.cut, Cut::Disable | Cut::Delete) {
            own.insert(target.source, doors.own(target.source).await);
        }
    }
    own
}

/// Doors that can be shared.
pub(super) type SharedDoors = Arc<dyn Doors>;
