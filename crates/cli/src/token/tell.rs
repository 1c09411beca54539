//! Credentials and rotations as text for people.

use lanyard_engine::view::{
    Credential, CredentialCheck, CredentialList, CredentialState, ProofAnswer, Right, RotationAsk, RotationHow, RotationPlan,
    RotationReason, RotationStart, RotationState, RotationSummary, RotationUser, RotationView, SlotView, StageState, Verdict,
};

use crate::output::{Out, Page, Table, Tone, plural, time, time_or_dash};

fn credential_word(state: CredentialState) -> (&'static str, Tone) {
    match state {
        CredentialState::OldLives => ("old one lives", Tone::Bad),
        CredentialState::Refused => ("refused", Tone::Bad),
        CredentialState::Missing => ("missing", Tone::Bad),
        CredentialState::Locked => ("not known", Tone::Warning),
        CredentialState::Expired => ("expired", Tone::Bad),
        CredentialState::Due => ("due", Tone::Bad),
        CredentialState::DueSoon => ("due soon", Tone::Warning),
        CredentialState::Rotating => ("being rotated", Tone::Plain),
        CredentialState::Unverified => ("not verified", Tone::Warning),
        CredentialState::Good => ("good", Tone::Good),
    }
}

fn right_word(right: Right) -> &'static str {
    match right {
        Right::Yes => "yes",
        Right::No => "no",
        Right::NotEvaluated => "?",
    }
}

fn days(credential: &Credential) -> String {
    credential.days_left.map_or_else(|| "–".into(), |days| days.to_string())
}

pub fn list(list: &CredentialList, page: &Page<'_>) {
    if list.credentials.is_empty() {
        page.line("No credentials: no source is connected that has one.");
    } else {
        let mut table = Table::new([
            "Credential",
            "Opens",
            "State",
            "Reads",
            "Writes",
            "Fingerprint",
            "Created",
            "Ends",
            ">Days left",
            "Verified",
            "Says",
        ]);
        for credential in &list.credentials {
            let (word, tone) = credential_word(credential.state);
            let says = match credential.rotation {
                Some(rotation) => format!("{} Rotation {rotation}.", credential.says),
                None => credential.says.clone(),
            };
            table.toned([
                (credential.name.clone(), Tone::Plain),
                (credential.opens.clone(), Tone::Quiet),
                (word.to_owned(), tone),
                (right_word(credential.reads).to_owned(), Tone::Plain),
                (right_word(credential.writes).to_owned(), Tone::Plain),
                (credential.fingerprint.clone().unwrap_or_else(|| "–".into()), Tone::Quiet),
                (time_or_dash(credential.created_at), Tone::Plain),
                (time_or_dash(credential.expires_at), Tone::Plain),
                (days(credential), Tone::Plain),
                (time_or_dash(credential.verified_at), Tone::Plain),
                (says, Tone::Plain),
            ]);
        }
        page.table(&table.unbounded());
        if list.need > 0 {
            let (need, verb) = (u64::from(list.need), if list.need == 1 { "needs" } else { "need" });
            page.line(format!("{} {verb} somebody.", plural(need, "credential", "credentials")));
        }
    }
    if !list.not_evaluated.is_empty() {
        page.heading("Not evaluated");
        for gap in &list.not_evaluated {
            page.line(format!("{}: {}", gap.source_name, gap.says));
        }
    }
}

pub fn check(name: &str, check: &CredentialCheck, page: &Page<'_>) {
    let word = match check.works {
        Right::Yes => "works",
        Right::No => "is refused",
        Right::NotEvaluated => "could not be told to work or not",
    };
    page.line(format!("The credential of {name} {word}. {}", check.says));
    page.line(format!(
        "Reads: {}. Writes: {}. Whose: {}. Sees: {}.",
        right_word(check.reads),
        right_word(check.writes),
        check.whose.as_deref().unwrap_or("not told"),
        check
            .people
            .map_or_else(|| "not told".into(), |people| plural(people, "person", "people"))
    ));
    let mut table = Table::new(["Asked", "Request", ">Status", "Says"]);
    for asked in &check.asked {
        table.toned([
            (asked.title.clone(), Tone::Plain),
            (format!("{} {}", asked.request.method, asked.request.url), Tone::Quiet),
            (asked.status.map_or_else(|| "–".into(), |status| status.to_string()), Tone::Plain),
            (asked.says.clone(), Tone::Plain),
        ]);
    }
    page.table(&table);
    if let Some(fault) = &check.fault {
        page.line(format!("{} {}", fault.what, fault.next));
    }
}

pub fn policy(credential: &Credential, page: &Page<'_>) {
    let policy = credential.policy.unwrap_or_default();
    let every = policy.every_days.map_or_else(
        || "only its end counts".into(),
        |days| format!("it is rotated every {}", plural(u64::from(days), "day", "days")),
    );
    page.line(format!(
        "{}: ends {}; {every}; spoken of {} before. Days left: {}.",
        credential.name,
        time_or_dash(credential.expires_at),
        plural(u64::from(policy.warn_days), "day", "days"),
        days(credential)
    ));
}

/// Where the new one comes from.
pub fn how(how: &RotationHow) -> String {
    match how {
        RotationHow::Paste => "a person gets the new one".into(),
        RotationHow::Recipe { recipe } => format!("by the recipe “{recipe}”"),
        RotationHow::Entra => "Entra makes the new one".into(),
    }
}

fn reason(reason: RotationReason) -> &'static str {
    match reason {
        RotationReason::Routine => "routine",
        RotationReason::Leaked => "it leaked",
        RotationReason::Refused => "it is refused",
    }
}

/// The word for how a rotation stands.
pub fn state_word(state: RotationState) -> (&'static str, Tone) {
    match state {
        RotationState::Running => ("running", Tone::Plain),
        RotationState::Waiting => ("waits for a person", Tone::Warning),
        RotationState::Counting => ("counting down", Tone::Plain),
        RotationState::Stopped => ("stopped", Tone::Warning),
        RotationState::OldLives => ("old one lives", Tone::Bad),
        RotationState::Done => ("done", Tone::Good),
        RotationState::PutBack => ("put back", Tone::Warning),
    }
}

/// What was answered to one credential at one moment.
pub fn answered(answer: ProofAnswer) -> &'static str {
    match answer.accepted {
        Some(true) => "is accepted",
        Some(false) => "is refused",
        None => "could not be asked with",
    }
}

pub fn plan(plan: &RotationPlan, start: &RotationStart, page: &Page<'_>) {
    page.line(format!("{}; {}.", sentence(&how(&start.how)), reason(start.reason)));
    for stage in &plan.stages {
        page.heading(if stage.by_hand {
            format!("{} (by hand)", stage.title)
        } else {
            stage.title.clone()
        });
        page.line(&stage.says);
        for request in &stage.requests {
            page.line(format!("    {} {}", request.method, request.url));
            for (name, value) in &request.headers {
                page.line(format!("    {name}: {value}"));
            }
            if let Some(body) = &request.body {
                page.line(format!("    {body}"));
            }
        }
    }
    if !start.users.is_empty() {
        page.heading("Used by");
        for user in &start.users {
            page.line(match user {
                RotationUser::EntraJob { name, job, .. } => format!("{name}: Entra’s provisioning job {job}"),
                RotationUser::ByHand { name, .. } => format!("{name}: by hand"),
            });
        }
    }
    if !plan.tokens.is_empty() {
        page.heading("The provider’s tokens");
        let mut table = Table::new(["Id", "Name", "Created", "Ends", "Last used", ""]);
        for token in &plan.tokens {
            let which = if plan.old_id.as_ref() == Some(&token.id) {
                "the present one"
            } else if token.revoked {
                "revoked"
            } else {
                ""
            };
            table.row([
                token.id.clone(),
                token.name.clone(),
                time_or_dash(token.created_at),
                time_or_dash(token.expires_at),
                time_or_dash(token.used_at),
                which.to_owned(),
            ]);
        }
        page.table(&table);
    }
    for note in &plan.notes {
        page.line(note);
    }
    if !plan.blocks.is_empty() {
        page.heading("In the way");
        for block in &plan.blocks {
            page.line(block);
        }
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn slot(what: &str, slot: &SlotView, table: &mut Table) {
    table.row([
        what.to_owned(),
        slot.state.clone(),
        slot.fingerprint.clone().unwrap_or_else(|| "–".into()),
        slot.provider_id.clone().unwrap_or_else(|| "–".into()),
        time_or_dash(slot.created_at),
        time_or_dash(slot.expires_at),
    ]);
}

fn stage_word(state: StageState) -> (&'static str, Tone) {
    match state {
        StageState::Ahead => ("to come", Tone::Quiet),
        StageState::Now => ("under way", Tone::Plain),
        StageState::Waiting => ("waits", Tone::Warning),
        StageState::Done => ("done", Tone::Good),
        StageState::Failed => ("failed", Tone::Bad),
        StageState::NotEvaluated => ("not evaluated", Tone::Warning),
        StageState::Skipped => ("left out", Tone::Quiet),
    }
}

fn point_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pending | Verdict::Waiting => "open",
        Verdict::Passed => "yes",
        Verdict::Failed => "no",
        Verdict::NotEvaluated => "not evaluated",
        Verdict::Waived => "waived",
    }
}

pub fn rotation(view: &RotationView, page: &Page<'_>) {
    let summary = &view.summary;
    page.heading(format!("Rotation {} of {}", summary.id, summary.source_name));
    page.line(format!("{}. {}", sentence(state_word(summary.state).0), view.says));
    if let Some(fault) = &view.fault {
        page.line(format!("{} {}", fault.what, fault.next));
    }
    page.heading("Stages");
    let mut table = Table::new(["Stage", "", "When", "Says"]);
    for stage in &view.stages {
        let (word, tone) = stage_word(stage.state);
        table.toned([
            (stage.title.clone(), Tone::Plain),
            (word.to_owned(), tone),
            (time_or_dash(stage.at), Tone::Plain),
            (stage.says.clone(), Tone::Plain),
        ]);
    }
    page.table(&table);
    page.heading("Credentials");
    let mut table = Table::new(["", "State", "Fingerprint", "Provider’s id", "Created", "Ends"]);
    slot("Old", &view.old, &mut table);
    slot("New", &view.new, &mut table);
    page.table(&table);
    if let Some(proof) = &view.proof {
        page.heading("Proof that the old one is dead");
        let mut table = Table::new(["Point", "", ">Seen", ">Wanted", "Why"]);
        let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
        for point in &proof.points {
            table.row([
                point.title.clone(),
                point_word(point.verdict).to_owned(),
                number(point.count),
                number(point.wanted),
                point.says.clone(),
            ]);
        }
        page.table(&table);
        if let Some(until) = proof.overlap_until {
            page.line(format!("The provider lets the old one live on until {}.", time(until)));
        }
    }
    page.heading("Story");
    for record in &view.story {
        page.line(format!("{:>4}  {}  {}", record.seq, time(record.at), record.title));
    }
    match (&view.way_back, &view.no_way_back) {
        (Some(way), _) => page.line(format!("Way back: {}", way.says)),
        (None, Some(why)) if summary.ended_at.is_none() => page.line(format!("No way back: {why}")),
        _ => {}
    }
}

pub fn rotations(all: &[RotationSummary], page: &Page<'_>) {
    if all.is_empty() {
        page.line("Nothing was rotated yet.");
        return;
    }
    let mut table = Table::new([">Rotation", "Source", "Why", "State", "Begun", "By", "Ended", "Says"]);
    for one in all {
        let (word, tone) = state_word(one.state);
        table.toned([
            (one.id.to_string(), Tone::Plain),
            (one.source_name.clone(), Tone::Plain),
            (reason(one.reason).to_owned(), Tone::Plain),
            (word.to_owned(), tone),
            (time(one.began_at), Tone::Plain),
            (one.by.clone(), Tone::Plain),
            (time_or_dash(one.ended_at), Tone::Plain),
            (one.says.clone(), Tone::Plain),
        ]);
    }
    page.table(&table);
}

/// Quotes a word for a shell, where it must be.
fn quoted(word: &str) -> String {
    if !word.is_empty() && word.chars().all(|sign| sign.is_alphanumeric() || "-_.@/:".contains(sign)) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Says on standard error what a person is to do, and which command goes on.
pub fn goes_on(view: &RotationView, out: &Out) {
    let (id, source) = (view.summary.id, view.summary.source);
    let command = format!("lanyard token rotate {source}");
    let mut steps = Vec::new();
    let mut commands = Vec::new();
    match (&view.asks, view.summary.state) {
        (_, RotationState::Done | RotationState::PutBack) => return,
        (Some(RotationAsk::Paste { steps: told, again }), _) => {
            steps.extend(again.iter().map(|why| format!("Another one is wanted: {why}.")));
            steps.extend(told.clone());
            commands.push(format!("{command} --token-stdin"));
        }
        (Some(RotationAsk::HandOver { title, steps: told, .. }), _) => {
            steps.push(format!("Give the new one to {title}."));
            steps.extend(told.clone());
            commands.push(format!("{command} --confirm {}", quoted(title)));
        }
        (Some(RotationAsk::Revoke { steps: told }), _) => {
            steps.extend(told.clone());
            commands.push(format!("{command} --confirm revoke"));
        }
        (Some(RotationAsk::Decide { points }), _) => {
            steps.extend(points.clone());
            commands.push(format!("{command} --accept REASON"));
        }
        (None, _) => {
            if let Some(fault) = &view.fault {
                out.fault(fault);
            }
            commands.push(command.clone());
        }
    }
    if view.way_back.is_some() {
        commands.push(format!("{command} --put-back"));
    }
    for step in steps {
        out.note(format!("  - {step}"));
    }
    out.note(format!("Rotation {id} goes on with:"));
    for command in commands {
        out.note(format!("  {command}"));
    }
}

#[cfg(test)]
mod tests {
    //! A command that is told can be typed as it stands.

    use super::quoted;

    #[test]
    fn names_are_quoted_for_a_shell() {
        assert_eq!(quoted("cron-job"), "cron-job");
        assert_eq!(quoted("the HR export’s job"), "'the HR export’s job'");
        assert_eq!(quoted("it's $HOME"), "'it'\\''s $HOME'");
        assert_eq!(quoted(""), "''");
    }
}
