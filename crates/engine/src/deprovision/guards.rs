//! What keeps a run from harm: looked at when it is planned, and again before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{StepPlan, Target};
use super::plans;
use crate::sources::doors::Whose;
use crate::spans;
use crate::view::{CoverageState, Cut, Guard, GuardState, Millis, Phase, Plan, RunKind, RunSubject, Source, SourceId};

/// How many accounts a day may be touched where a plan does not say.
pub const PER_DAY: u32 = 20;
/// A picture is fresh this long, in milliseconds.
const FRESH_FOR: Millis = 24 * 60 * 60 * 1000;

/// What guards look at.
pub struct Facing<'f> {
    /// The plan.
    pub plan: &'f Plan,
    /// Whom it is about.
    pub subject: &'f RunSubject,
    /// System by system.
    pub targets: &'f [Target],
    /// The steps.
    pub steps: &'f [StepPlan],
    /// All sources.
    pub sources: &'f [Source],
    /// Patterns of accounts that are never touched, of the settings.
    pub protected: &'f [String],
    /// The subject's groups, by name.
    pub groups: &'f [String],
    /// Whose token Lanyard holds, by source.
    pub own: &'f BTreeMap<SourceId, Whose>,
    /// Roles that the subject holds alone, in words; an error where the map cannot tell.
    pub sole: Result<&'f [String], &'f str>,
    /// How many accounts other runs touched in the last 24 hours.
    pub touched: u32,
    /// Whether a named test account is marked as one; none where there is none named.
    pub marked: Option<bool>,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// The time now.
    pub now: Millis,
}

struct Guards(Vec<Guard>);

impl Guards {
    fn push(&mut self, id: &str, title: &str, source: Option<SourceId>, state: GuardState, says: String, next: Option<&str>) {
        self.0.push(Guard {
            id: id.to_owned(),
            title: title.to_owned(),
            state,
            says,
            next: next.map(ToOwned::to_owned),
            source,
        });
    }
}

/// Whether a text fits a pattern, in which `*` stands for any text; whatever the case.
pub fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.trim().to_lowercase(), text.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn list(names: &[impl AsRef<str>]) -> String {
    let told: Vec<&str> = names.iter().take(5).map(AsRef::as_ref).collect();
    let more = names.len().saturating_sub(5);
    if more > 0 {
        format!("{} and {more} more", told.join(", "))
    } else {
        told.join(", ")
    }
}

/// Looks at everything that keeps a run from harm.
pub fn look(facing: &Facing<'_>) -> Vec<Guard> {
    let mut guards = Guards(Vec::new());
    writes_allowed(facing, &mut guards);
    protected(facing, &mut guards);
    own_token(facing, &mut guards);
    last_admin(facing, &mut guards);
    limits(facing, &mut guards);
    authority(facing, &mut guards);
    undoing(facing, &mut guards);
    test_mark(facing, &mut guards);
    fresh(facing, &mut guards);
    guards.0
}

/// The sources that are written to.
fn written(facing: &Facing<'_>) -> BTreeSet<SourceId> {
    let mut all: BTreeSet<SourceId> = facing
        .steps
        .iter()
        .filter(|step| step.write.is_some())
        .map(|step| step.source)
        .collect();
    for target in facing
        .targets
        .iter()
        .filter(|target| !matches!(target.cut, Cut::Follow | Cut::ByHand))
    {
        all.insert(target.source);
    }
    all
}

fn name(facing: &Facing<'_>, source: SourceId) -> String {
    facing
        .sources
        .iter()
        .find(|of| of.id == source)
        .map_or_else(|| source.to_string(), |of| of.settings.name.clone())
}

fn writes_allowed(facing: &Facing<'_>, guards: &mut Guards) {
    const TITLE: &str = "Writing is allowed";
    if facing.dry_run {
        return guards.push(
            "writesAllowed",
            TITLE,
            None,
            GuardState::Clear,
            "Nothing is written: it is a dry run.".into(),
            None,
        );
    }
    let written = written(facing);
    let off: Vec<&Source> = facing
        .sources
        .iter()
        .filter(|source| written.contains(&source.id) && !source.settings.allow_writes)
        .collect();
    for source in &off {
        guards.push(
            "writesAllowed",
            TITLE,
            Some(source.id),
            GuardState::Refuses,
            format!("Lanyard may not write to {}.", source.settings.name),
            Some("Allow writes in the source's settings, or let the plan follow there."),
        );
    }
    if off.is_empty() {
        let says = if written.is_empty() {
            "Nothing is written anywhere.".to_owned()
        } else {
            let names: Vec<String> = written.iter().map(|source| name(facing, *source)).collect();
            format!("Writes are switched on for {}.", list(&names))
        };
        guards.push("writesAllowed", TITLE, None, GuardState::Clear, says, None);
    }
}

fn protected(facing: &Facing<'_>, guards: &mut Guards) {
    let patterns: Vec<&String> = facing.protected.iter().chain(&facing.plan.guards.protected_accounts).collect();
    let names: Vec<&str> = facing
        .targets
        .iter()
        .flat_map(|target| [Some(target.user_name.as_str()), target.email.as_deref(), target.account.as_deref()])
        .flatten()
        .chain([facing.subject.user_name.as_str()])
        .collect();
    let hit = patterns.iter().find_map(|pattern| {
        Some((
            *pattern,
            *names.iter().find(|name| !pattern.trim().is_empty() && fits(pattern, name))?,
        ))
    });
    match hit {
        Some((pattern, name)) => guards.push(
            "protectedAccount",
            "No protected account",
            None,
            GuardState::Refuses,
            format!("{name} is protected by “{pattern}”."),
            Some("Take the pattern out of the settings or the plan, if this account is not meant by it."),
        ),
        None => guards.push(
            "protectedAccount",
            "No protected account",
            None,
            GuardState::Clear,
            match patterns.len() {
                0 => "No account is protected by settings or plan.".into(),
                count => format!("None of {count} patterns fits."),
            },
            None,
        ),
    }
    let hit: Vec<&String> = facing
        .groups
        .iter()
        .filter(|group| facing.plan.guards.protected_groups.iter().any(|pattern| fits(pattern, group)))
        .collect();
    if hit.is_empty() {
        guards.push(
            "protectedGroup",
            "No protected group",
            None,
            GuardState::Clear,
            "It is in no protected group.".into(),
            None,
        );
    } else {
        guards.push(
            "protectedGroup",
            "No protected group",
            None,
            GuardState::Refuses,
            format!("It is in {}, whose members are never touched.", list(&hit)),
            Some("Take the group out of the plan's protected ones, or have the person leave it first."),
        );
    }
}

fn own_token(facing: &Facing<'_>, guards: &mut Guards) {
    const TITLE: &str = "Not Lanyard's own account";
    let mut clear = true;
    for target in facing.targets.iter().filter(|target| written(facing).contains(&target.source)) {
        let state = match facing.own.get(&target.source) {
            Some(Whose::Account(own)) => {
                let same =
                    target.account.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(own)) || own.eq_ignore_ascii_case(&target.user_name);
                same.then(|| {
                    (
                        GuardState::Refuses,
                        format!(
                            "Lanyard's token at {} belongs to this very account; the run would cut off its own hand.",
                            target.source_name
                        ),
                    )
                })
            }
            Some(Whose::NoAccount) => None,
            Some(Whose::Unknown(why)) => Some((
                GuardState::Warns,
                format!("Whose token Lanyard holds at {} could not be told: {why}.", target.source_name),
            )),
            None => Some((
                GuardState::Warns,
                format!("Whose token Lanyard holds at {} was not asked.", target.source_name),
            )),
        };
        if let Some((state, says)) = state {
            clear = false;
            let next = match state {
                GuardState::Refuses => "Connect the source with another account's token.",
                _ => "Make sure that it is not the token of the person who leaves.",
            };
            guards.push("ownToken", TITLE, Some(target.source), state, says, Some(next));
        }
    }
    if clear {
        guards.push(
            "ownToken",
            TITLE,
            None,
            GuardState::Clear,
            "No token of Lanyard's belongs to this account.".into(),
            None,
        );
    }
}

fn last_admin(facing: &Facing<'_>, guards: &mut Guards) {
    const TITLE: &str = "Not the last admin";
    match facing.sole {
        Ok([]) => guards.push(
            "lastAdmin",
            TITLE,
            None,
            GuardState::Clear,
            "It holds no privileged role alone, by the map.".into(),
            None,
        ),
        Ok(sole) => guards.push(
            "lastAdmin",
            TITLE,
            None,
            GuardState::Refuses,
            format!("Nobody else holds {}.", list(sole)),
            Some("Give the role to somebody else first, then sync and plan again."),
        ),
        Err(why) => guards.push(
            "lastAdmin",
            TITLE,
            None,
            GuardState::Warns,
            format!("Whether it is the last holder of a privileged role could not be told: {why}."),
            Some("Sync what was not read, or look yourself."),
        ),
    }
}

fn limits(facing: &Facing<'_>, guards: &mut Guards) {
    let accounts = u32::try_from(written(facing).len()).unwrap_or(u32::MAX);
    let most = facing
        .plan
        .guards
        .accounts_per_run
        .unwrap_or_else(|| u32::try_from(facing.plan.systems.len()).unwrap_or(u32::MAX));
    let state = if accounts > most { GuardState::Refuses } else { GuardState::Clear };
    let next = (state == GuardState::Refuses).then_some("Raise accountsPerRun in the plan, or cut in fewer systems.");
    guards.push(
        "perRun",
        "Accounts of this run",
        None,
        state,
        format!("{accounts} of {most} that one run may touch."),
        next,
    );
    let most = facing.plan.guards.accounts_per_day.unwrap_or(PER_DAY);
    let day = facing.touched.saturating_add(accounts);
    let state = if day > most && !facing.dry_run {
        GuardState::Refuses
    } else {
        GuardState::Clear
    };
    let next = (state == GuardState::Refuses).then_some("Wait until the day is over, or raise accountsPerDay in the plan.");
    guards.push(
        "perDay",
        "Accounts of the last 24 hours",
        None,
        state,
        format!("{day} with this run, of {most} that a day may touch."),
        next,
    );
}

fn authority(facing: &Facing<'_>, guards: &mut Guards) {
    let leads: Vec<&Source> = facing.sources.iter().filter(|source| source.settings.authoritative).collect();
    for target in facing
        .targets
        .iter()
        .filter(|target| matches!(target.cut, Cut::Disable | Cut::Delete))
    {
        let above = leads.iter().find(|lead| lead.id != target.source);
        let Some(lead) = above.filter(|_| leads.iter().all(|lead| lead.id != target.source)) else {
            continue;
        };
        let cut_above = facing
            .targets
            .iter()
            .any(|other| other.source == lead.id && !matches!(other.cut, Cut::Follow));
        if !cut_above {
            guards.push(
                "undoneByAuthority",
                "Not undone by the authority",
                Some(target.source),
                GuardState::Warns,
                format!(
                    "{} may undo what is written to {} at its next cycle.",
                    lead.settings.name, target.source_name
                ),
                Some("Cut at the authority, and let the others follow."),
            );
        }
    }
}

fn undoing(facing: &Facing<'_>, guards: &mut Guards) {
    if facing.dry_run || facing.plan.subject.as_ref().is_some_and(|subject| subject.create.is_some()) {
        return;
    }
    for step in facing
        .steps
        .iter()
        .filter(|step| step.phase == Phase::Act && step.write.is_some() && !step.undoable)
    {
        guards.push(
            "cannotBeUndone",
            "A second look",
            Some(step.source),
            GuardState::SecondLook,
            format!("{}: {}", step.title, step.means),
            Some("Look at the step again, and tick it."),
        );
    }
}

fn test_mark(facing: &Facing<'_>, guards: &mut Guards) {
    if facing.plan.kind != RunKind::Test {
        return;
    }
    match facing.marked {
        Some(false) => guards.push(
            "markedForTests",
            "Marked for tests",
            None,
            GuardState::Refuses,
            format!(
                "Neither user name, title nor user type of {} says `test` or `canary`.",
                facing.subject.user_name
            ),
            Some("Name an account that is kept for tests, or mark this one at its source and sync."),
        ),
        Some(true) => guards.push(
            "markedForTests",
            "Marked for tests",
            None,
            GuardState::Clear,
            "The account is marked for tests.".into(),
            None,
        ),
        None => {}
    }
}

fn fresh(facing: &Facing<'_>, guards: &mut Guards) {
    let mut clear = true;
    for target in facing.targets {
        let Some(source) = facing.sources.iter().find(|source| source.id == target.source) else {
            continue;
        };
        let age = source.last_full_at.map(|at| facing.now - at);
        let incomplete = source
            .coverage
            .iter()
            .any(|coverage| coverage.state != CoverageState::Complete && !coverage.is_beside());
        let says = match age {
            None => format!("{} was never read in full.", source.settings.name),
            Some(age) if age > FRESH_FOR => format!(
                "{} was last read in full {} ago.",
                source.settings.name,
                spans::words(u64::try_from(age).unwrap_or(0))
            ),
            Some(_) if incomplete => format!(
                "{} was not read in full: what the plan is made of may lack something.",
                source.settings.name
            ),
            Some(_) => continue,
        };
        clear = false;
        guards.push(
            "freshPicture",
            "A fresh picture",
            Some(source.id),
            GuardState::Warns,
            says,
            Some("Sync the source, then plan again."),
        );
    }
    if clear {
        guards.push(
            "freshPicture",
            "A fresh picture",
            None,
            GuardState::Clear,
            "Every system of the plan was read in full within a day.".into(),
            None,
        );
    }
}

/// The source of this plan's name, if the plan names it.
pub fn named_in<'p>(plan: &'p Plan, source: &Source) -> Option<&'p crate::view::PlanSystem> {
    plan.systems
        .iter()
        .find(|system| plans::same_name(&system.source, &source.settings.name))
}

#[cfg(test)]
mod tests {
    //! Patterns of names.

    #[test]
    fn patterns_with_stars() {
        for (pattern, text, fit) in [
            ("break-glass@halcyon.example", "Break-Glass@halcyon.example", true),
            ("break-glass*", "break-glass-2@x", true),
            ("*@admin.example", "a@admin.example", true),
            ("*@admin.example", "a@admin.example.org", false),
            ("svc-*-prod", "svc-a-b-prod", true),
            ("svc-*-prod", "svc-prod", false),
            ("a*a", "a", false),
            ("*", "anything", true),
            ("", "anything", false),
            ("x", "xy", false),
        ] {
            assert_eq!(super::fits(pattern, text), fit, "{pattern} {text}");
        }
    }
}
