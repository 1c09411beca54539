//! `lanyard deprovision`: plans and runs of de-provisioning, for a person, a cron job or a pipeline.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use lanyard_engine::Engine;
use lanyard_engine::secrets::Secret;
use lanyard_engine::view::{
    Agreement, EvidenceForm, GuardState, Need, PlanChoice, Run, RunDraft, RunId, RunQuery, RunState, RunSummary, StepState,
    Verdict as CheckVerdict,
};

use crate::exit::{Failure, Verdict};
use crate::open::Place;
use crate::output::{Out, Page, Table, Tone, duration, plural, time, time_or_dash};
use crate::signals::Signals;

#[derive(Subcommand)]
pub enum DeprovisionCommand {
    /// Show what a plan would do: each step with its exact request, each check, each guard. Nothing is written to any system.
    Plan(Draft),
    /// Plan a run, agree to it, and follow it to its end.
    Run {
        #[command(flatten)]
        draft: Draft,
        /// Agree by giving the user name that the plan is about, instead of typing it.
        #[arg(long, value_name = "USER-NAME")]
        yes: Option<String>,
        /// Look a second time at these steps that cannot be undone: their ids, or `all`.
        #[arg(long, value_name = "STEP", value_delimiter = ',')]
        second_look: Vec<String>,
        /// Write nothing: look at the guards and ask each check once.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        credentials: Credentials,
    },
    /// Agree to a run that was planned, and follow it to its end.
    Agree {
        /// The run's number.
        run: RunId,
        /// The user name that the run is about.
        #[arg(long, value_name = "USER-NAME")]
        yes: String,
        /// The steps that cannot be undone: their ids, or `all`.
        #[arg(long, value_name = "STEP", value_delimiter = ',')]
        second_look: Vec<String>,
        #[command(flatten)]
        credentials: Credentials,
    },
    /// Let a run go on: after a stop, a crash, a reboot; where it refuses to close, ask again what is open.
    Resume {
        /// The run's number.
        run: RunId,
        #[command(flatten)]
        credentials: Credentials,
    },
    /// Go the way back: switch on again what was switched off, put back into groups.
    Restore {
        /// The run's number.
        run: RunId,
    },
    /// How a run came out: each check with its verdict and time; with --output, its evidence, signed, with a report as page and PDF.
    Report {
        /// The run's number.
        run: RunId,
        /// Write the evidence of the closed run there; nothing may stand at the place.
        #[arg(long, value_name = "PATH")]
        output: Option<PathBuf>,
        /// A folder instead of one file.
        #[arg(long, requires = "output")]
        folder: bool,
        /// Without any personal value; it proves the same.
        #[arg(long, requires = "output")]
        masked: bool,
    },
    /// One run with its guards, steps and checks.
    Show {
        /// The run's number.
        run: RunId,
    },
    /// Runs, newest first.
    List {
        /// Only those that are not closed.
        #[arg(long)]
        open: bool,
        /// How many.
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Let a check pass that failed or could not be evaluated.
    Waive {
        /// The run's number.
        run: RunId,
        /// The check's id, as `show` tells it: `2/scim.account`.
        check: String,
        /// Why; it stands in the evidence.
        #[arg(long)]
        reason: String,
        /// For how long, within a year: `7d`.
        #[arg(long = "for", value_name = "TIME", default_value = "30d")]
        time: String,
    },
    /// Say that a step by hand was done.
    Confirm {
        /// The run's number.
        run: RunId,
        /// The step's id: `act-3`.
        step: String,
        /// What to write beside it.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Close a run that nothing stands in the way of any more, or close it as failed.
    Close {
        /// The run's number.
        run: RunId,
        /// Close it as failed, with this reason.
        #[arg(long, value_name = "REASON")]
        failed: Option<String>,
    },
    /// Give up a run before anything was written.
    Abandon {
        /// The run's number.
        run: RunId,
    },
    /// Stop a run after what it is doing; it can go on at any time.
    Stop {
        /// The run's number.
        run: RunId,
    },
    /// The plans of the data folder, with what is wrong with them and when they are due. Ends 1 when one is due or cannot be run.
    Plans,
}

/// What a run is planned from.
#[derive(Args)]
pub struct Draft {
    /// The plan: a file, or the name of one in the data folder's `plans`.
    plan: PathBuf,
    /// Who leaves: id, user name, address or name. For offboarding plans only.
    #[arg(long, value_name = "WHO")]
    person: Option<String>,
}

/// Credentials that must be refused in the end.
#[derive(Args)]
pub struct Credentials {
    /// Hand over a credential for a check, out of an environment variable: `2/backstage.token=VARIABLE`.
    #[arg(long = "credential", value_name = "CHECK=VARIABLE")]
    given: Vec<String>,
}

impl Draft {
    fn read(&self, dry_run: bool) -> Result<RunDraft, Failure> {
        let plan = if self.plan.exists() {
            let text = std::fs::read_to_string(&self.plan).map_err(|error| Failure::file(&self.plan.display().to_string(), error))?;
            PlanChoice::Text(text)
        } else if self.plan.components().count() == 1 {
            PlanChoice::File(self.plan.display().to_string())
        } else {
            return Err(Failure::usage(format!("there is no file {}", self.plan.display())));
        };
        Ok(RunDraft {
            plan,
            person: self.person.clone(),
            dry_run,
        })
    }
}

pub async fn run(command: DeprovisionCommand, place: &Place, out: &Out) -> Result<Verdict, Failure> {
    let opened = place.open(out)?;
    let engine = opened.engine.clone();
    let result = act(command, &engine, out).await;
    engine.close().await;
    result
}

async fn act(command: DeprovisionCommand, engine: &Engine, out: &Out) -> Result<Verdict, Failure> {
    match command {
        DeprovisionCommand::Plan(draft) => {
            let run = planned(engine, &draft, false).await?;
            // It was asked for to be looked at: nothing is left waiting for agreement.
            let shown = engine.abandon_run(run.summary.id)?;
            out.show(
                &Run {
                    summary: RunSummary {
                        state: RunState::Planned,
                        ..shown.summary.clone()
                    },
                    ..run.clone()
                },
                |page| {
                    tell_plan(&run, page);
                },
            );
            Ok(guarded(&run))
        }
        DeprovisionCommand::Run {
            draft,
            yes,
            second_look,
            dry_run,
            credentials,
        } => {
            let run = planned(engine, &draft, dry_run).await?;
            out.note(format!("Run {}: {}", run.summary.id, run.summary.plan));
            let typed = match yes {
                Some(yes) => yes,
                None if dry_run => String::new(),
                None => asked(&run, out)?,
            };
            agree(engine, run, typed, second_look, &credentials, out).await
        }
        DeprovisionCommand::Agree {
            run,
            yes,
            second_look,
            credentials,
        } => {
            let run = engine.run(run)?;
            agree(engine, run, yes, second_look, &credentials, out).await
        }
        DeprovisionCommand::Resume { run, credentials } => {
            hand_over(engine, run, &credentials).await?;
            engine.resume_run(run)?;
            follow(engine, run, out).await
        }
        DeprovisionCommand::Restore { run } => {
            engine.restore_run(run)?;
            follow(engine, run, out).await
        }
        DeprovisionCommand::Report {
            run,
            output: Some(output),
            folder,
            masked,
        } => {
            let form = if folder { EvidenceForm::Folder } else { EvidenceForm::File };
            let engine = engine.clone();
            let writing = tokio::task::spawn_blocking(move || engine.export_evidence(run, &output, form, masked));
            let done = writing.await.map_err(|error| Failure::usage(error.to_string()))??;
            out.show(&done, |page| {
                page.line(format!("The evidence of run {run} is in {}", done.path));
                for file in &done.files {
                    page.line(format!("{}  {}", file.sha256, file.name));
                }
            });
            Ok(Verdict::Well)
        }
        DeprovisionCommand::Report { run, .. } | DeprovisionCommand::Show { run } => {
            let run = engine.run(run)?;
            out.show(&run, |page| tell(&run, page));
            Ok(verdict(&run))
        }
        DeprovisionCommand::List { open, limit } => {
            let runs = engine.runs(&RunQuery {
                open,
                limit,
                ..RunQuery::default()
            })?;
            out.show(&runs, |page| tell_list(&runs.runs, page));
            Ok(Verdict::Well)
        }
        DeprovisionCommand::Waive { run, check, reason, time } => {
            let ms = lanyard_engine::spans::read(&time).map_err(Failure::usage)?;
            let until = jiff::Timestamp::now().as_millisecond() + i64::try_from(ms).unwrap_or(i64::MAX / 2);
            engine.waive_check(run, &check, &reason, until)?;
            follow(engine, run, out).await
        }
        DeprovisionCommand::Confirm { run, step, note } => {
            engine.confirm_step(run, &step, &note)?;
            follow(engine, run, out).await
        }
        DeprovisionCommand::Close { run, failed: Some(why) } => {
            let run = engine.fail_run(run, &why)?;
            out.show(&run, |page| tell(&run, page));
            Ok(verdict(&run))
        }
        DeprovisionCommand::Close { run, failed: None } => {
            engine.close_run(run)?;
            follow(engine, run, out).await
        }
        DeprovisionCommand::Abandon { run } => {
            let run = engine.abandon_run(run)?;
            out.show(&run, |page| page.line(format!("Run {} is given up.", run.summary.id)));
            Ok(Verdict::Well)
        }
        DeprovisionCommand::Stop { run } => {
            let run = engine.stop_run(run)?;
            out.show(&run, |page| {
                page.line(format!("Run {} stops after what it is doing.", run.summary.id));
            });
            Ok(Verdict::Well)
        }
        DeprovisionCommand::Plans => {
            let plans = engine.plans()?;
            out.show(&plans, |page| {
                let mut table = Table::new(["Plan", "Name", "Systems", "Due", "Problems"]);
                for plan in &plans {
                    let wrong = plan.problems.iter().filter(|problem| !problem.warning).count();
                    table.row([
                        plan.file.clone(),
                        plan.name.clone(),
                        plan.systems.join(", "),
                        time_or_dash(plan.due_at),
                        wrong.to_string(),
                    ]);
                }
                page.table(&table);
            });
            let due = plans
                .iter()
                .any(|plan| plan.remind || plan.problems.iter().any(|problem| !problem.warning));
            Ok(if due { Verdict::Failed } else { Verdict::Well })
        }
    }
}

async fn planned(engine: &Engine, draft: &Draft, dry_run: bool) -> Result<Run, Failure> {
    let made = draft.read(dry_run)?;
    engine.plan_run(&made).await.map_err(|error| {
        let misused = matches!(
            error,
            lanyard_engine::Error::Plan { .. } | lanyard_engine::Error::NotFound { .. } | lanyard_engine::Error::Input { .. }
        );
        let mut failure = Failure::from(error);
        if misused {
            failure.code = crate::exit::USED_WRONGLY;
        }
        failure
    })
}

/// Whether the guards let a plan go on.
fn guarded(run: &Run) -> Verdict {
    if run.guards.iter().any(|guard| guard.state == GuardState::Refuses) {
        Verdict::Failed
    } else {
        Verdict::Well
    }
}

/// Has the name typed at the terminal.
fn asked(run: &Run, out: &Out) -> Result<String, Failure> {
    use std::io::{BufRead as _, IsTerminal as _};
    let name = run.needs.iter().find_map(|need| match need {
        Need::Agree { type_name, .. } => Some(type_name.clone()),
        _ => None,
    });
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(format!(
            "run {} is planned and waits for agreement; give --yes {}, or agree to it later with `lanyard deprovision agree {}`",
            run.summary.id,
            name.unwrap_or_default(),
            run.summary.id
        )));
    }
    for guard in run.guards.iter().filter(|guard| guard.state != GuardState::Clear) {
        out.note(format!("{}: {}", guard.title, guard.says));
    }
    for step in &run.steps {
        let request = step
            .request
            .as_ref()
            .map(|request| format!("  {} {}", request.method, request.url))
            .unwrap_or_default();
        out.note(format!("{} {}: {}{request}", step.id, step.source_name, step.title));
    }
    out.note(format!("Type {} to agree:", name.unwrap_or_default()));
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Failure::file("standard input", error))?;
    Ok(line.trim().to_owned())
}

/// Hands over the credentials that are named. Without a keychain they are in no other process: a run that goes on needs them again.
async fn hand_over(engine: &Engine, run: RunId, credentials: &Credentials) -> Result<(), Failure> {
    for given in &credentials.given {
        let Some((check, variable)) = given.split_once('=') else {
            return Err(Failure::usage(format!("“{given}” is not of the form CHECK=VARIABLE")));
        };
        let value = std::env::var(variable).map_err(|_| Failure::usage(format!("the environment has no variable {variable}")))?;
        engine.hand_over(run, check, Secret::new(value)).await?;
    }
    Ok(())
}

async fn agree(
    engine: &Engine,
    run: Run,
    typed: String,
    second_look: Vec<String>,
    credentials: &Credentials,
    out: &Out,
) -> Result<Verdict, Failure> {
    let id = run.summary.id;
    hand_over(engine, id, credentials).await?;
    let all: Vec<String> = run
        .needs
        .iter()
        .find_map(|need| match need {
            Need::Agree { second_looks, .. } => Some(second_looks.clone()),
            _ => None,
        })
        .unwrap_or_default();
    let second_looks = if second_look.iter().any(|step| step == "all") {
        all
    } else {
        second_look
    };
    match engine.agree_run(id, &Agreement { typed, second_looks }).await {
        Ok(_) => follow(engine, id, out).await,
        // A guard's no is a verdict, not wrong use: what it says is on standard error.
        Err(error @ lanyard_engine::Error::Refused { code: "run.guarded", .. }) => {
            out.fault(&error.fault());
            let run = engine.run(id)?;
            out.show(&run, |page| tell(&run, page));
            Ok(Verdict::Failed)
        }
        Err(error) => Err(error.into()),
    }
}

/// Follows a run to where it does not go on by itself, with a line on standard error for what moves.
async fn follow(engine: &Engine, run: RunId, out: &Out) -> Result<Verdict, Failure> {
    let mut signals = Signals::listen()?;
    let mut told: HashMap<String, String> = HashMap::new();
    let mut interrupted = false;
    let ended = {
        let following = engine.follow_run(run, |run| progress(run, &mut told, out));
        tokio::pin!(following);
        loop {
            tokio::select! {
                ended = &mut following => break ended?,
                () = signals.next() => {
                    if interrupted {
                        std::process::exit(4);
                    }
                    interrupted = true;
                    out.note(format!("Letting go of the run; `lanyard deprovision resume {run}` goes on with it."));
                    engine.let_go_of_run(run);
                }
            }
        }
    };
    // What another process drives on is looked at until it rests.
    let mut view = ended;
    while view.summary.state == RunState::Running && !interrupted {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(500)) => {}
            () = signals.next() => interrupted = true,
        }
        view = engine.run(run)?;
        progress(&view, &mut told, out);
    }
    out.show(&view, |page| tell(&view, page));
    Ok(verdict(&view))
}

fn progress(run: &Run, told: &mut HashMap<String, String>, out: &Out) {
    let mut say = |key: &str, state: String, line: &dyn Fn() -> String| {
        if told.get(key) != Some(&state) {
            told.insert(key.to_owned(), state);
            out.note(line());
        }
    };
    for step in run.steps.iter().filter(|step| step.state != StepState::Planned) {
        say(&step.id, format!("{:?}", step.state), &|| {
            format!("{} {}: {}: {}", step.id, step.source_name, step.title, step_word(step.state))
        });
    }
    for check in run.checks.iter().filter(|check| check.verdict != CheckVerdict::Pending) {
        say(&check.id, format!("{:?}", check.verdict), &|| {
            let after = check.took_ms.map(|ms| format!(" after {}", duration(ms))).unwrap_or_default();
            format!("{} {}: {}{after}", check.id, check.title, check_word(check.verdict).0)
        });
    }
}

fn step_word(state: StepState) -> &'static str {
    match state {
        StepState::Planned => "planned",
        StepState::Sending => "sent",
        StepState::Answered => "answered",
        StepState::Done => "done",
        StepState::AlreadySo => "so already",
        StepState::Failed => "failed",
        StepState::ByHand => "for a person",
        StepState::Skipped => "not done",
    }
}

fn check_word(verdict: CheckVerdict) -> (&'static str, Tone) {
    match verdict {
        CheckVerdict::Pending => ("not asked", Tone::Plain),
        CheckVerdict::Waiting => ("not yet", Tone::Warning),
        CheckVerdict::Passed => ("passed", Tone::Good),
        CheckVerdict::Failed => ("failed", Tone::Bad),
        CheckVerdict::NotEvaluated => ("not evaluated", Tone::Warning),
        CheckVerdict::Waived => ("waived", Tone::Warning),
    }
}

fn state_word(state: RunState) -> (&'static str, Tone) {
    match state {
        RunState::Planned => ("planned", Tone::Plain),
        RunState::Running => ("running", Tone::Plain),
        RunState::Waiting => ("waits for a person", Tone::Warning),
        RunState::Stopped => ("stopped", Tone::Warning),
        RunState::Refusing => ("refuses to close", Tone::Bad),
        RunState::Passed => ("passed", Tone::Good),
        RunState::PassedWithGaps => ("passed with gaps", Tone::Warning),
        RunState::Failed => ("failed", Tone::Bad),
        RunState::Abandoned => ("given up", Tone::Plain),
    }
}

/// How the process ends over a run: failed verdicts before what was not evaluated, and that before what still waits.
fn verdict(run: &Run) -> Verdict {
    let critical = |verdict: CheckVerdict| run.checks.iter().any(|check| check.critical && check.verdict == verdict);
    match run.summary.state {
        RunState::Passed | RunState::Abandoned => Verdict::Well,
        RunState::Planned => guarded(run),
        RunState::PassedWithGaps => {
            if run.summary.counts.not_evaluated > 0 {
                Verdict::NotEvaluated
            } else {
                Verdict::Well
            }
        }
        RunState::Failed => Verdict::Failed,
        RunState::Refusing if critical(CheckVerdict::Failed) => Verdict::Failed,
        RunState::Refusing if critical(CheckVerdict::NotEvaluated) => Verdict::NotEvaluated,
        RunState::Refusing => Verdict::Failed,
        RunState::Waiting | RunState::Stopped | RunState::Running => {
            if run.fault.is_some() {
                Verdict::Error
            } else {
                Verdict::NotEvaluated
            }
        }
    }
}

fn tell_plan(run: &Run, page: &Page<'_>) {
    page.heading(format!("{}: {} ({})", run.summary.plan, run.who.name, run.who.user_name));
    guards(run, page);
    page.heading("Steps");
    for step in &run.steps {
        page.line(format!("{}  {}: {}", step.id, step.source_name, step.title));
        page.line(format!("    {}", step.means));
        match (&step.request, &step.instructions) {
            (Some(request), _) => {
                page.line(format!("    {} {}", request.method, request.url));
                for (name, value) in &request.headers {
                    page.line(format!("    {name}: {value}"));
                }
                if let Some(body) = &request.body {
                    page.line(format!("    {body}"));
                }
            }
            (None, Some(words)) => page.line(format!("    By hand: {words}")),
            (None, None) => {}
        }
    }
    if run.steps.is_empty() {
        page.line("Nothing is written anywhere.");
    }
    page.heading("Checks");
    let mut table = Table::new(["Check", "System", "What must be so", "Critical", "Within", "Before"]);
    for check in &run.checks {
        table.row([
            check.name.clone(),
            check.source_name.clone(),
            check.title.clone(),
            if check.critical { "yes".into() } else { String::new() },
            duration(check.limit_ms),
            check.before.clone(),
        ]);
    }
    page.table(&table);
    for left in &run.left_out {
        page.line(format!("Left out: {left}"));
    }
}

fn guards(run: &Run, page: &Page<'_>) {
    page.heading("Guards");
    let mut table = Table::new(["Guard", "", "Why"]);
    for guard in &run.guards {
        let (word, tone) = match guard.state {
            GuardState::Clear => ("clear", Tone::Good),
            GuardState::Warns => ("warns", Tone::Warning),
            GuardState::SecondLook => ("second look", Tone::Warning),
            GuardState::Refuses => ("refuses", Tone::Bad),
        };
        table.toned([
            (guard.title.clone(), Tone::Plain),
            (word.to_owned(), tone),
            (guard.says.clone(), Tone::Plain),
        ]);
    }
    page.table(&table);
}

fn tell(run: &Run, page: &Page<'_>) {
    let summary = &run.summary;
    page.heading(format!(
        "Run {}: {} of {} ({})",
        summary.id, summary.plan, run.who.name, run.who.user_name
    ));
    page.line(format!("{}. {}", state_word(summary.state).0, summary.says));
    if let Some(fault) = &run.fault {
        page.line(format!("{} {}", fault.what, fault.next));
    }
    if run.guards.iter().any(|guard| guard.state != GuardState::Clear) {
        guards(run, page);
    }
    if !run.steps.is_empty() {
        page.heading("Steps");
        let mut table = Table::new(["Step", "System", "What", "", "Says"]);
        for step in &run.steps {
            let tone = match step.state {
                StepState::Done | StepState::AlreadySo => Tone::Good,
                StepState::Failed => Tone::Bad,
                _ => Tone::Plain,
            };
            table.toned([
                (step.id.clone(), Tone::Plain),
                (step.source_name.clone(), Tone::Plain),
                (step.title.clone(), Tone::Plain),
                (step_word(step.state).to_owned(), tone),
                (step.says.clone(), Tone::Plain),
            ]);
        }
        page.table(&table);
    }
    page.heading("Checks");
    let mut table = Table::new(["Check", "System", "", ">Took", "Says"]);
    for check in &run.checks {
        let (word, tone) = check_word(check.verdict);
        table.toned([
            (check.name.clone(), Tone::Plain),
            (check.source_name.clone(), Tone::Plain),
            (word.to_owned(), tone),
            (check.took_ms.map(duration).unwrap_or_default(), Tone::Plain),
            (check.says.clone(), Tone::Plain),
        ]);
    }
    page.table(&table);
    for check in run.checks.iter().filter(|check| !check.remains.is_empty()) {
        page.line(format!(
            "{}: {} left: {}",
            check.id,
            plural(check.remains.len() as u64, "thing", "things"),
            check.remains.join(", ")
        ));
    }
    for check in &run.checks {
        if let Some(way_out) = &check.way_out {
            page.line(format!("{}: {}", check.id, way_out.words));
            if let Some(command) = &way_out.command {
                page.line(format!("    {command}"));
            }
        }
        if let Some(waiver) = &check.waiver {
            page.line(format!(
                "{}: waived by {} until {}: {}",
                check.id,
                waiver.by,
                time(waiver.until),
                waiver.reason
            ));
        }
    }
    for need in &run.needs {
        match need {
            Need::Agree { type_name, .. } => page.line(format!("It waits for agreement: type {type_name}.")),
            Need::ByHand { step, says } => page.line(format!("{step} is for a person: {says}")),
            Need::Credential { check, says } => {
                page.line(format!("{check}: {says} may be handed over with --credential {check}=VARIABLE."));
            }
            Need::Decide { .. } => {}
        }
    }
    for left in &run.left_out {
        page.line(format!("Left out: {left}"));
    }
}

fn tell_list(runs: &[RunSummary], page: &Page<'_>) {
    let mut table = Table::new([">Run", "Plan", "About", "State", "Planned", ">Passed", ">Open"]);
    for run in runs {
        let (word, tone) = state_word(run.state);
        let counts = &run.counts;
        let open = counts.failed + counts.not_evaluated + counts.waiting + counts.pending;
        table.toned([
            (run.id.to_string(), Tone::Plain),
            (run.plan.clone(), Tone::Plain),
            (run.subject.clone(), Tone::Plain),
            (word.to_owned(), tone),
            (time(run.planned_at), Tone::Plain),
            (counts.passed.to_string(), Tone::Plain),
            (open.to_string(), Tone::Plain),
        ]);
    }
    page.table(&table);
}
