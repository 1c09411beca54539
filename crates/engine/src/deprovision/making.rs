//! Making steps and baselines: what an action is, on what is there now, request by request.

use std::collections::BTreeMap;

use super::catalogue::{self, ActionKind};
use super::doors::{Doors, StepDraft};
use super::entry::{Before, CheckPlan, Planned, Stage, StepPlan, Target};
use super::plans;
use super::story::Story;
use crate::sources::doors::{Look, Seen, Thing};
use crate::view::{Cut, Fault, Phase, Plan, PlanSystem, RunKind, SourceId, StepState, TestIdentity};

/// What stands for the id of an account that is not made yet, in requests that are shown beforehand.
pub const NOT_YET: &str = "{account}";

/// The checks of a plan, system by system.
pub fn checks(plan: &Plan, targets: &[Target], watch_ms: u64) -> Vec<CheckPlan> {
    let mut all = Vec::new();
    for target in targets {
        let system = system_of(plan, target);
        for kind in catalogue::CHECKS.iter().filter(|kind| kind.is_of(target.system)) {
            let chosen = system.is_none_or(|system| {
                system
                    .checks
                    .as_ref()
                    .is_none_or(|chosen| chosen.iter().any(|name| name == kind.name))
            });
            let possible = match kind.phase {
                Phase::Watch => watch_ms > 0,
                _ => {
                    let named = system.is_some_and(|system| system.checks.iter().flatten().any(|name| name == kind.name));
                    match kind.name {
                        "scim.credential" => target.credential_url.is_some(),
                        // It needs an address that signs the person in, which only an admin knows.
                        "backstage.signIn" => named && target.credential_url.is_some(),
                        _ => true,
                    }
                }
            };
            if !chosen || !possible {
                continue;
            }
            let spared = system.is_some_and(|system| system.not_critical.iter().any(|name| name == kind.name));
            // Where the plan takes roles alone, the entity is left on purpose.
            let left = kind.name == "backstage.entity" && target.cut == Cut::Disable;
            all.push(CheckPlan {
                id: format!("{}/{}", target.source, kind.name),
                name: kind.name.to_owned(),
                source: target.source,
                phase: kind.phase,
                title: kind.title.to_owned(),
                critical: kind.critical && !spared && !left,
                limit_ms: target.limit_ms,
            });
        }
    }
    all
}

fn system_of<'p>(plan: &'p Plan, target: &Target) -> Option<&'p PlanSystem> {
    plan.systems
        .iter()
        .find(|system| plans::same_name(&system.source, &target.source_name))
}

/// What is held before the cut: each check is asked once where there is an account.
pub async fn baseline(doors: &dyn Doors, checks: &[CheckPlan], targets: &[Target]) -> BTreeMap<String, Before> {
    let mut all = BTreeMap::new();
    for check in checks.iter().filter(|check| check.phase == Phase::Verify) {
        let Some(target) = targets
            .iter()
            .find(|target| target.source == check.source)
            .filter(|target| target.account.is_some())
        else {
            continue;
        };
        let hints = target.hints.get(&check.name).map_or(&[][..], Vec::as_slice);
        let look = doors.ask(check, target, None, None, None).await;
        all.insert(check.id.clone(), before(look, hints));
    }
    all
}

/// What a look found, and what the picture knows besides it.
fn before(look: Look, hints: &[Thing]) -> Before {
    let mut things = look.things;
    for hint in hints {
        if look.seen == Seen::NotEvaluated && !things.iter().any(|thing| thing.id == hint.id) {
            things.push(hint.clone());
        }
    }
    Before {
        seen: look.seen,
        things,
        says: look.says,
    }
}

/// The steps of the cut, in order: system by system as the plan names them, rights before an account that is deleted, after one that is switched off.
///
/// # Errors
/// What kept a step from being made.
pub async fn cut(doors: &dyn Doors, plan: &Plan, targets: &[Target], before: &BTreeMap<String, Before>) -> Result<Vec<StepPlan>, Fault> {
    let mut steps = Vec::new();
    for target in targets {
        let Some(system) = system_of(plan, target) else { continue };
        let first = catalogue::actions_of(target.system, system.cut);
        let mut actions: Vec<&str> = system.also.iter().map(String::as_str).collect();
        match (first, system.cut) {
            (None, _) | (_, Cut::ByHand) => {}
            (Some(first), Cut::Delete) => actions.push(first),
            (Some(first), _) => actions.insert(0, first),
        }
        actions.dedup();
        for name in actions {
            let Some(action) = catalogue::find_action(name) else { continue };
            let things = action.each.map_or(&[][..], |check| {
                before
                    .get(&format!("{}/{check}", target.source))
                    .map_or(&[][..], |before| &before.things)
            });
            let made = match target.account {
                Some(_) => doors.steps(name, target, things).await?,
                None => Vec::new(),
            };
            push(&mut steps, Phase::Act, target, action, made);
        }
        by_hand(&mut steps, system, target);
    }
    Ok(steps)
}

fn push(steps: &mut Vec<StepPlan>, phase: Phase, target: &Target, action: &ActionKind, made: Vec<StepDraft>) {
    for draft in made {
        let name = if draft.write.is_none() { catalogue::BY_HAND } else { action.name };
        steps.push(StepPlan {
            id: id(phase, steps),
            phase,
            source: target.source,
            action: name.to_owned(),
            title: draft.title,
            means: draft.means,
            undoable: draft.undoable,
            write: draft.write,
            otherwise: draft.otherwise,
            instructions: draft.instructions,
            thing: draft.thing,
        });
    }
}

fn id(phase: Phase, steps: &[StepPlan]) -> String {
    let word = match phase {
        Phase::Baseline => "make",
        Phase::Restore => "restore",
        _ => "act",
    };
    format!("{word}-{}", steps.iter().filter(|step| step.phase == phase).count() + 1)
}

fn by_hand(steps: &mut Vec<StepPlan>, system: &PlanSystem, target: &Target) {
    let told = if system.by_hand.is_empty() && system.cut == Cut::ByHand {
        vec![format!(
            "Switch off or delete the account {} in {}.",
            target.user_name, target.source_name
        )]
    } else {
        system.by_hand.clone()
    };
    for words in told {
        steps.push(StepPlan {
            id: id(Phase::Act, steps),
            phase: Phase::Act,
            source: target.source,
            action: catalogue::BY_HAND.to_owned(),
            title: words.clone(),
            means: "A person does this; what it leads to is verified all the same.".to_owned(),
            undoable: false,
            write: None,
            otherwise: Vec::new(),
            instructions: Some(words),
            thing: None,
        });
    }
}

/// The steps that make a test identity: its account, and its groups.
///
/// # Errors
/// What kept a step from being made.
pub async fn identity(doors: &dyn Doors, target: &Target, create: &TestIdentity) -> Result<Vec<StepPlan>, Fault> {
    let mut steps = Vec::new();
    for name in ["scim.create", "scim.joinGroup"] {
        let Some(action) = catalogue::find_action(name) else { continue };
        let groups = target.hints.get("scim.joinGroup").map_or(&[][..], Vec::as_slice);
        let things = if name == "scim.create" { &[][..] } else { groups };
        if name == "scim.joinGroup" && create.groups.is_empty() {
            continue;
        }
        let shown = Target {
            account: target.account.clone().or_else(|| Some(NOT_YET.to_owned())),
            ..target.clone()
        };
        let made = doors.steps(name, &shown, things).await?;
        push(&mut steps, Phase::Baseline, target, action, made);
    }
    Ok(steps)
}

/// The steps of a stage, made of what is there now, and what is held.
///
/// # Errors
/// What kept a step from being made.
pub async fn prepare(doors: &dyn Doors, story: &Story, stage: Stage) -> Result<(Vec<StepPlan>, BTreeMap<String, Before>), Fault> {
    let Planned { plan, checks, .. } = &story.planned;
    match stage {
        Stage::Join => {
            let create = plan.subject.as_ref().and_then(|subject| subject.create.as_ref());
            let Some(create) = create else {
                return Ok((Vec::new(), BTreeMap::new()));
            };
            let made = story.steps.iter().find(|step| step.plan.action == "scim.create");
            let Some(target) = made.and_then(|step| story.target(step.plan.source)) else {
                return Ok((Vec::new(), BTreeMap::new()));
            };
            let steps = identity(doors, target, create).await?;
            // The account is there; what is left is its groups.
            Ok((
                steps.into_iter().filter(|step| step.action != "scim.create").collect(),
                BTreeMap::new(),
            ))
        }
        Stage::Act => {
            let before = baseline(doors, checks, &story.targets).await;
            let steps = cut(doors, plan, &story.targets, &before).await?;
            Ok((steps, before))
        }
        Stage::Restore => Ok((way_back(doors, story).await?, BTreeMap::new())),
    }
}

/// Whether a step leaves no account that anything could be given back to: put into a group, one that was deleted would only dangle there.
fn is_final(step: &StepPlan) -> bool {
    catalogue::find_action(&step.action).is_some_and(|action| action.cut == Some(Cut::Delete) && action.back.is_none())
}

/// The steps of the way back, the last cut first. An identity that the run made is deleted instead.
async fn way_back(doors: &dyn Doors, story: &Story) -> Result<Vec<StepPlan>, Fault> {
    let mut steps = Vec::new();
    if story.makes_identity() && story.planned.plan.kind == RunKind::Test {
        let maker = story.steps.iter().find(|step| step.plan.action == "scim.create");
        if let (Some(target), Some(action)) = (
            maker.and_then(|step| story.target(step.plan.source)),
            catalogue::find_action("scim.delete"),
        ) {
            let made = doors.steps(action.name, target, &[]).await?;
            push(&mut steps, Phase::Restore, target, action, made);
        }
        return Ok(steps);
    }
    let deleted: Vec<SourceId> = story
        .steps
        .iter()
        .filter(|step| step.done_at.is_some() && is_final(&step.plan))
        .map(|step| step.plan.source)
        .collect();
    for done in story
        .steps
        .iter()
        .rev()
        .filter(|step| step.plan.phase == Phase::Act && step.state == StepState::Done && !deleted.contains(&step.plan.source))
    {
        let back = catalogue::find_action(&done.plan.action)
            .and_then(|action| action.back)
            .and_then(catalogue::find_action);
        if let (Some(back), Some(target)) = (back, story.target(done.plan.source)) {
            let things: Vec<Thing> = done.plan.thing.iter().cloned().collect();
            let made = doors.steps(back.name, target, &things).await?;
            push(&mut steps, Phase::Restore, target, back, made);
        }
    }
    Ok(steps)
}

/// What the way back would do, in words; none where there is none.
pub fn way_back_in_words(plan: &Plan, steps: &[StepPlan]) -> Option<String> {
    if plan.kind == RunKind::Test && plan.subject.as_ref().is_some_and(|subject| subject.create.is_some()) {
        return Some("The test identity is deleted where it was made, by itself.".to_owned());
    }
    let deleted = |source: SourceId| steps.iter().any(|step| step.source == source && is_final(step));
    let backs: Vec<&str> = steps
        .iter()
        .filter(|step| !deleted(step.source))
        .filter_map(|step| catalogue::find_action(&step.action)?.back)
        .filter_map(|back| Some(catalogue::find_action(back)?.title))
        .collect();
    let mut told: Vec<&str> = Vec::new();
    for back in backs {
        if !told.contains(&back) {
            told.push(back);
        }
    }
    if told.is_empty() {
        return None;
    }
    let when = if plan.kind == RunKind::Test {
        "by itself"
    } else {
        "when asked for"
    };
    Some(format!("{}, {when}.", told.join("; ")))
}
