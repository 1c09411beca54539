//! What the report says, section by section, in the order in which a reader asks.

use serde_json::json;

use super::words::{self, clock, plural, span, time};
use super::{Block, Cell, Column, Report, System, Told, Tone};
use crate::evidence::key::PublicKey;
use crate::view::{Check, GuardState, RunState, SourceKind, StepState, Verdict, day};

/// The most lines of the timeline; the record holds all.
const TIMELINE: usize = 120;

pub fn report(told: &Told, sha256: &str, masked: bool) -> Report {
    let tone = match told.run.state {
        RunState::Passed => Tone::Good,
        RunState::Failed => Tone::Bad,
        _ => Tone::Warn,
    };
    let mut blocks = Vec::new();
    facts(told, masked, &mut blocks);
    systems(told, &mut blocks);
    checks(told, &mut blocks);
    open(told, &mut blocks);
    waivers(told, &mut blocks);
    steps(told, &mut blocks);
    guards(told, &mut blocks);
    timeline(told, &mut blocks);
    controls(told, &mut blocks);
    verifying(told, sha256, masked, &mut blocks);
    let word = words::state_word(told.run.state);
    Report {
        title: format!("{} of {}", words::kind(told.run.kind), told.subject.name),
        subtitle: format!("Run {} · plan {} · revision {}", told.run.id, told.plan.name, told.plan.revision),
        verdict: crate::view::sentence(word).trim_end_matches('.').to_owned(),
        says: says(told),
        tone,
        blocks,
        footer: format!(
            "Run {} · record {} · {}",
            told.run.id,
            sha256.get(..16).unwrap_or(sha256),
            told.program
        ),
    }
}

fn count(told: &Told, verdict: Verdict) -> u64 {
    told.checks
        .iter()
        .filter(|check| check.verdict == verdict)
        .fold(0, |count, _| count + 1)
}

/// The outcome in a few sentences.
fn says(told: &Told) -> String {
    let (passed, failed) = (count(told, Verdict::Passed), count(told, Verdict::Failed));
    let (unknown, waived) = (count(told, Verdict::NotEvaluated), count(told, Verdict::Waived));
    let open = count(told, Verdict::Pending) + count(told, Verdict::Waiting);
    let mut says = match told.run.state {
        RunState::Passed => "Every critical check was answered by the systems themselves, and access is gone.".to_owned(),
        RunState::PassedWithGaps => {
            "Access is gone where it was checked; the gaps below are named with who accepted them or why they could not be checked."
                .to_owned()
        }
        RunState::Failed => "Access was not shown to be gone. What remains is named below.".to_owned(),
        _ => "The run was given up before it came to a verdict.".to_owned(),
    };
    if told.run.dry_run {
        says.push_str(" This was a dry run: nothing was written.");
    }
    let systems = told.systems().len();
    let parts: Vec<String> = [
        (passed, "passed"),
        (failed, "failed"),
        (unknown, "not evaluated"),
        (waived, "waived"),
        (open, "open"),
    ]
    .iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, word)| format!("{number} {word}"))
    .collect();
    says.push_str(&format!(
        " {} in {}: {}.",
        plural(u64::try_from(told.checks.len()).unwrap_or(0), "check", "checks"),
        plural(u64::try_from(systems).unwrap_or(0), "system", "systems"),
        if parts.is_empty() { "none asked".into() } else { parts.join(", ") }
    ));
    says
}

fn facts(told: &Told, masked: bool, blocks: &mut Vec<Block>) {
    let mut facts = vec![
        (
            "Person",
            format!(
                "{} ({}){}",
                told.subject.name,
                told.subject.user_name,
                if told.subject.test { ", a test identity" } else { "" }
            ),
        ),
        (
            "What",
            format!(
                "{}, by plan {} (revision {})",
                words::kind(told.run.kind),
                told.plan.name,
                told.plan.revision
            ),
        ),
        ("Run by", told.run.by.clone()),
        ("Planned", time(told.run.planned_at)),
        (
            "First write",
            told.run.cut_at.map_or_else(|| "none: nothing was written".into(), time),
        ),
        ("Closed", told.run.closed_at.map_or_else(|| "not recorded".into(), time)),
    ];
    if masked {
        facts.push((
            "Masked",
            "Personal values are left out. The signature covers their digests, so this proves the same.".into(),
        ));
    }
    blocks.push(Block::Facts(facts));
    let rows = told.subject.accounts.iter().map(|account| {
        let kind = match account.kind {
            SourceKind::Scim => "SCIM",
            SourceKind::Backstage => "Backstage",
            SourceKind::Azure => "Azure",
        };
        vec![
            Cell::new(account.source_name.as_str()).note(kind).strong(),
            Cell::new(account.user_name.as_str()).note(account.id.as_str()),
            Cell::new(account.joined_by.as_str()),
        ]
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        blocks.push(Block::Heading("Accounts".into()));
        blocks.push(table(
            &[("System", 26, false), ("Account", 48, false), ("Same person by", 26, false)],
            rows,
        ));
    }
}

fn table(columns: &[(&'static str, u16, bool)], rows: Vec<Vec<Cell>>) -> Block {
    let column = |(title, weight, right): &(&'static str, u16, bool)| Column {
        title,
        weight: *weight,
        right: *right,
    };
    Block::Table {
        columns: columns.iter().map(column).collect(),
        rows,
    }
}

/// How a system came out as a whole: the worst of its checks.
fn outcome(system: &System<'_>) -> Verdict {
    let order = [
        Verdict::Failed,
        Verdict::NotEvaluated,
        Verdict::Waiting,
        Verdict::Pending,
        Verdict::Waived,
    ];
    let has = |verdict: &Verdict| system.checks.iter().any(|check| check.verdict == *verdict);
    order.into_iter().find(has).unwrap_or(Verdict::Passed)
}

fn systems(told: &Told, blocks: &mut Vec<Block>) {
    let rows: Vec<_> = told
        .systems()
        .iter()
        .map(|system| {
            let verdict = outcome(system);
            let slowest = system.checks.iter().filter_map(|check| check.took_ms).max();
            let limit = system.checks.iter().map(|check| check.limit_ms).max().unwrap_or_default();
            let passed = system.checks.iter().filter(|check| check.verdict == Verdict::Passed).count();
            vec![
                Cell::new(system.name).strong(),
                Cell::new(words::verdict(verdict)).tone(verdict.into()),
                Cell::new(format!("{passed} of {}", system.checks.len())),
                match slowest {
                    Some(took) if took > limit => Cell::new(span(took)).tone(Tone::Bad),
                    Some(took) => Cell::new(span(took)),
                    None => Cell::new("not measured").tone(Tone::Quiet),
                },
                Cell::new(span(limit)),
            ]
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    blocks.push(Block::Heading("Systems and time to revoke".into()));
    blocks.push(Block::Text(
        "Time runs from the first write to the system's own answer, and is true to within one poll. The slowest check of each system counts; a check that failed or could not be evaluated has no time.".into(),
    ));
    let columns = [
        ("System", 30, false),
        ("Verdict", 20, false),
        ("Checks passed", 18, true),
        ("Time to revoke", 18, true),
        ("Limit", 14, true),
    ];
    blocks.push(table(&columns, rows));
}

fn checks(told: &Told, blocks: &mut Vec<Block>) {
    let row = |check: &Check| {
        let took = match (check.verdict, check.took_ms) {
            (Verdict::Passed, Some(took)) => span(took),
            _ => "—".into(),
        };
        vec![
            Cell::new(check.title.as_str())
                .note(format!(
                    "{}{}",
                    check.source_name,
                    if check.critical { "" } else { ", not critical" }
                ))
                .strong(),
            Cell::new(words::verdict(check.verdict)).tone(check.verdict.into()),
            Cell::new(check.says.as_str()).note(match check.polls {
                0 => String::new(),
                polls => format!("asked {}", plural(polls.into(), "time", "times")),
            }),
            Cell::new(took),
            Cell::new(span(check.limit_ms)),
        ]
    };
    let rows: Vec<_> = told.checks.iter().map(row).collect();
    if rows.is_empty() {
        return;
    }
    blocks.push(Block::Heading("Checks".into()));
    let columns = [
        ("Must be so", 28, false),
        ("Verdict", 14, false),
        ("What was seen", 36, false),
        ("Time", 12, true),
        ("Limit", 10, true),
    ];
    blocks.push(table(&columns, rows));
}

fn open(told: &Told, blocks: &mut Vec<Block>) {
    let failed: Vec<_> = told.checks.iter().filter(|check| check.verdict == Verdict::Failed).collect();
    if !failed.is_empty() {
        blocks.push(Block::Heading("What remains".into()));
        for check in failed {
            let remains = if check.remains.is_empty() {
                check.says.clone()
            } else {
                check.remains.join("; ")
            };
            let mut points = vec![format!("{}, {}: {remains}", check.source_name, check.title)];
            points.extend(check.way_out.iter().map(|way| format!("Way out: {}", way.words)));
            blocks.push(Block::List(points));
        }
    }
    let not_asked = told
        .checks
        .iter()
        .filter(|check| matches!(check.verdict, Verdict::NotEvaluated | Verdict::Pending | Verdict::Waiting));
    let mut points: Vec<String> = not_asked
        .map(|check| {
            let why = if check.says.is_empty() { "it was not asked" } else { &check.says };
            format!("{}, {}: {why}", check.source_name, check.title)
        })
        .collect();
    points.extend(told.left_out.iter().map(|left| format!("Not part of the run: {left}")));
    blocks.push(Block::Heading("What was not evaluated, and why".into()));
    blocks.push(if points.is_empty() {
        Block::Text("Every check of the plan was evaluated, and no connected system was left out.".into())
    } else {
        Block::List(points)
    });
}

fn waivers(told: &Told, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("Waivers".into()));
    let rows: Vec<_> = told
        .checks
        .iter()
        .filter_map(|check| {
            let waiver = check.waiver.as_ref()?;
            Some(vec![
                Cell::new(check.title.as_str()).note(check.source_name.as_str()).strong(),
                Cell::new(waiver.by.as_str()).note(time(waiver.at)),
                Cell::new(waiver.reason.as_str()),
                Cell::new(day(waiver.until)),
            ])
        })
        .collect();
    blocks.push(if rows.is_empty() {
        Block::Text("None: no check was let pass by a person.".into())
    } else {
        table(
            &[("Check", 28, false), ("By", 26, false), ("Reason", 32, false), ("Until", 14, true)],
            rows,
        )
    });
}

fn steps(told: &Told, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("Steps".into()));
    let agreed = told.records.iter().find(|record| record.kind == "agreed");
    blocks.push(Block::Text(agreed.map_or_else(
        || "No record of an agreement: nothing was to be written.".into(),
        |record| {
            let by = record.data["by"].as_str().unwrap_or(told.run.by.as_str());
            format!("The plan was agreed to by {by}, {}.", time(record.at))
        },
    )));
    let rows: Vec<_> = told
        .steps
        .iter()
        .map(|step| {
            let request = match &step.request {
                Some(request) => format!("{} {}", request.method, request.url),
                None => "by hand".into(),
            };
            let tone = match step.state {
                StepState::Done | StepState::AlreadySo => Tone::Good,
                StepState::Failed => Tone::Bad,
                _ => Tone::Quiet,
            };
            vec![
                Cell::new(step.title.as_str())
                    .note(format!(
                        "{} · {}{}",
                        step.source_name,
                        words::phase(step.phase),
                        if step.undoable { "" } else { " · cannot be undone" }
                    ))
                    .strong(),
                Cell::new(words::step(step.state)).note(step.says.as_str()).tone(tone),
                Cell::new(request).note(match step.status {
                    Some(status) => format!("answered {status}, sent {}", plural(step.attempts.into(), "time", "times")),
                    None => String::new(),
                }),
                Cell::new(step.done_at.map_or_else(|| "—".into(), clock)),
            ]
        })
        .collect();
    if !rows.is_empty() {
        blocks.push(table(
            &[
                ("Step", 32, false),
                ("Outcome", 22, false),
                ("Request", 32, false),
                ("Done (UTC)", 14, true),
            ],
            rows,
        ));
    }
}

fn guards(told: &Told, blocks: &mut Vec<Block>) {
    let points: Vec<_> = told
        .guards
        .iter()
        .filter(|guard| guard.state != GuardState::Clear)
        .map(|guard| format!("{}: {}", guard.title, guard.says))
        .collect();
    let clear = told.guards.iter().filter(|guard| guard.state == GuardState::Clear).count();
    if told.guards.is_empty() {
        return;
    }
    blocks.push(Block::Heading("Guards".into()));
    blocks.push(Block::Text(format!(
        "Before the first write, {} looked at; {clear} stood in nobody's way.",
        plural(u64::try_from(told.guards.len()).unwrap_or(0), "guard was", "guards were")
    )));
    if !points.is_empty() {
        blocks.push(Block::List(points));
    }
}

fn timeline(told: &Told, blocks: &mut Vec<Block>) {
    // Questions are in the record; the timeline tells what came of them.
    let told_of: Vec<_> = told.records.iter().filter(|record| record.kind != "check.asked").collect();
    let rows: Vec<_> = told_of
        .iter()
        .take(TIMELINE)
        .map(|record| {
            let mark = record
                .mark
                .map_or_else(Cell::default, |mark| Cell::new(words::verdict(mark)).tone(mark.into()));
            vec![
                Cell::new(record.seq.to_string()),
                Cell::new(clock(record.at)),
                Cell::new(record.title.as_str()),
                mark,
                Cell::new(record.hash.get(..12).unwrap_or_default()),
            ]
        })
        .collect();
    blocks.push(Block::Heading("Timeline".into()));
    let asked = told.records.len() - told_of.len();
    blocks.push(Block::Text(format!(
        "{} of {}; {} to the systems stand in record.json with their answers.{}",
        plural(u64::try_from(rows.len()).unwrap_or(0), "record", "records"),
        told.records.len(),
        plural(u64::try_from(asked).unwrap_or(0), "question", "questions"),
        if told_of.len() > TIMELINE {
            " The later ones are left out here."
        } else {
            ""
        }
    )));
    let columns = [
        ("No", 7, true),
        ("When (UTC)", 17, false),
        ("What", 46, false),
        ("Mark", 14, false),
        ("Hash", 16, false),
    ];
    blocks.push(table(&columns, rows));
}

fn controls(told: &Told, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading("Controls that this bears on".into()));
    let rows = told.controls.iter().map(|control| {
        vec![
            Cell::new(control.name.as_str()).strong(),
            Cell::new(control.how.as_str()).note(control.title.as_str()),
        ]
    });
    blocks.push(table(&[("Control", 28, false), ("How", 72, false)], rows.collect()));
}

fn verifying(told: &Told, sha256: &str, masked: bool, blocks: &mut Vec<Block>) {
    let fingerprint = PublicKey::from_pem(&told.key).map_or_else(|_| "unreadable".into(), |key| key.fingerprint());
    blocks.push(Block::Heading("How to verify this".into()));
    blocks.push(Block::Text(
        "This report is a rendering of record.json, which is signed. In the folder that it came in, run the commands below; VERIFY.txt explains them. Compare the key's fingerprint with the one that the organisation gave you by another way.".into(),
    ));
    blocks.push(Block::Facts(vec![
        ("Key", format!("Ed25519, fingerprint {fingerprint}")),
        ("Record", format!("SHA-256 {sha256}")),
        ("Chain", format!("{} records, head {}", told.records.len(), told.run.head)),
        (
            "Audit log",
            format!(
                "{} entries of data folder {}, from number {}",
                told.audit.len(),
                told.folder,
                told.audit.first().map_or(&json!(0), |first| &first["seq"])
            ),
        ),
        ("Signed", time(told.signed_at)),
        (
            "Personal values",
            if masked {
                "left out".into()
            } else {
                "in disclosures.json, each with its digest".into()
            },
        ),
    ]));
    blocks.push(Block::Code(
        "sha256sum -c SHA256SUMS\nopenssl pkeyutl -verify -pubin -inkey key.pem -rawin \\\n  -in record.json -sigfile record.sig\nlanyard evidence verify .".into(),
    ));
}
