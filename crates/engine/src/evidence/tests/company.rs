//! A run of the demo company, closed: the vault assignment of a leaver was waived, and one check could not be evaluated.

use serde_json::{Value, json};

use crate::canonical::canonical;
use crate::evidence::{Closing, Link};
use crate::record::run::{ChainedRecord, Disclosure, commit, genesis};
use crate::secrets::hex;
use crate::view::{
    AskedView, AuditEntry, Check, Guard, GuardState, Millis, Phase, Request, Run, RunActions, RunKind, RunState, RunSubject, RunSummary,
    SourceKind, Step, StepState, SubjectAccount, Verdict, VerdictCounts, Waiver,
};
use sha2::{Digest, Sha256};

const BEGAN: Millis = 1_795_340_642_000;
pub const FOLDER: &str = "f0a1c2d3-company";

/// Names as people have them: marks below and above, Arabic, Chinese, Cyrillic.
pub const NAME: &str = "Ọlúwaṣeun Adébáyọ̀";
const OWNER: &str = "أمل حداد";

struct Ask<'a> {
    source: (i64, &'a str, SourceKind),
    name: &'a str,
    title: &'a str,
    verdict: Verdict,
    says: &'a str,
    took_ms: Option<u64>,
}

fn check(ask: &Ask<'_>) -> Check {
    let (source, source_name, kind) = ask.source;
    Check {
        id: format!("{source}/{}", ask.name),
        name: ask.name.into(),
        phase: Phase::Verify,
        source,
        source_name: source_name.into(),
        kind,
        title: ask.title.into(),
        critical: true,
        verdict: ask.verdict,
        says: ask.says.into(),
        before: format!("{NAME} was active"),
        took_ms: ask.took_ms,
        arrived_ms: None,
        limit_ms: 300_000,
        polls: 4,
        remains: Vec::new(),
        last: Some(AskedView {
            at: BEGAN + 90_000,
            request: request("GET", &format!("https://{source}.halcyon.example/scim/v2/Users/8f2e77b0")),
            status: Some(200),
            took_ms: 184,
            excerpt: format!("{{\"displayName\":\"{NAME}\",\"active\":false}}"),
        }),
        way_out: None,
        waiver: (ask.verdict == Verdict::Waived).then(|| Waiver {
            by: "adaeze@ops-01".into(),
            at: BEGAN + 400_000,
            reason: format!("{OWNER} takes the vault over on Monday; ticket 4711"),
            until: BEGAN + 10 * 86_400_000,
        }),
        controls: vec!["SOC 2 CC6.2".into()],
    }
}

fn request(method: &str, url: &str) -> Request {
    Request {
        method: method.into(),
        url: url.into(),
        headers: vec![("Accept".into(), "application/scim+json".into())],
        body: None,
    }
}

pub fn checks() -> Vec<Check> {
    let idp = (1, "Workforce IdP", SourceKind::Scim);
    let app = (2, "Ledgerly", SourceKind::Scim);
    let azure = (3, "Halcyon tenant", SourceKind::Azure);
    let portal = (4, "Developer portal", SourceKind::Backstage);
    let mut checks: Vec<Check> = [
        Ask {
            source: idp,
            name: "scim.account",
            title: "Account inactive or gone",
            verdict: Verdict::Passed,
            says: "The account is there and inactive.",
            took_ms: Some(2_100),
        },
        Ask {
            source: idp,
            name: "scim.memberships",
            title: "No group lists it",
            verdict: Verdict::Passed,
            says: "All 24 groups were read; none lists it.",
            took_ms: Some(6_400),
        },
        Ask {
            source: app,
            name: "scim.account",
            title: "Account inactive or gone",
            verdict: Verdict::Passed,
            says: "The id is not found, and the control still is.",
            took_ms: Some(38_000),
        },
        Ask {
            source: azure,
            name: "entra.account",
            title: "Account disabled or deleted",
            verdict: Verdict::Passed,
            says: "The account is disabled.",
            took_ms: Some(44_000),
        },
        Ask {
            source: azure,
            name: "azure.assignments",
            title: "Role assignments gone",
            verdict: Verdict::Waived,
            says: "Backup Operator on vault-prod survives: it was given directly.",
            took_ms: None,
        },
        Ask {
            source: azure,
            name: "azure.eligibility",
            title: "Eligibility gone",
            verdict: Verdict::NotEvaluated,
            says: "The tenant answers 403 to questions about eligibility.",
            took_ms: None,
        },
        Ask {
            source: portal,
            name: "backstage.entity",
            title: "Catalog entity gone",
            verdict: Verdict::Passed,
            says: "The entity is not found.",
            took_ms: Some(145_000),
        },
    ]
    .iter()
    .map(check)
    .collect();
    checks[5].critical = false;
    checks[4].remains = vec!["Backup Operator on vault-prod".into()];
    checks
}

fn step(number: u32, source: (i64, &str, SourceKind), action: &str, title: String, request: Request) -> Step {
    let (source, source_name, kind) = source;
    Step {
        id: format!("act-{number}"),
        phase: Phase::Act,
        action: action.into(),
        source,
        source_name: source_name.into(),
        kind,
        title,
        means: "The account is switched off; it can be switched on again.".into(),
        undoable: true,
        request: Some(request),
        instructions: None,
        state: StepState::Done,
        attempts: 1,
        status: Some(200),
        says: "Read back: inactive".into(),
        sent_at: Some(BEGAN + 60_000),
        done_at: Some(BEGAN + 62_100),
    }
}

/// A chain of records over what happened, and the audit log beside it.
struct Chain {
    terms: Vec<String>,
    records: Vec<ChainedRecord>,
    disclosures: Vec<Disclosure>,
    audit: Vec<AuditEntry>,
    links: Vec<Link>,
    salt: u8,
}

impl Chain {
    fn audit(&mut self, action: &str, data: Value) {
        let (seq, previous) = match self.audit.last() {
            None => (41, "ab".repeat(32)),
            Some(last) => {
                // Somebody else's entry stands between.
                let hash = hex(&Sha256::digest(format!("other {}", last.seq)));
                self.links.push(Link {
                    seq: last.seq + 1,
                    previous: last.hash.clone(),
                    hash: hash.clone(),
                });
                (last.seq + 2, hash)
            }
        };
        let mut entry = AuditEntry {
            seq,
            at: BEGAN,
            actor: "adaeze@ops-01".into(),
            action: action.into(),
            source: None,
            summary: format!("run 118: {action}"),
            data,
            hash: String::new(),
            previous,
        };
        let mut plain = serde_json::to_value(&entry).unwrap();
        plain.as_object_mut().unwrap().shift_remove("hash");
        entry.hash = hex(&Sha256::digest(canonical(&plain)));
        self.audit.push(entry);
    }

    fn record(&mut self, kind: &str, at: Millis, title: &str, about: Option<&str>, mark: Option<Verdict>, data: &Value) {
        let previous = match self.records.last() {
            Some(last) => last.hash.clone(),
            None => genesis(FOLDER, 118, &self.audit[0].hash),
        };
        let Self {
            terms, disclosures, salt, ..
        } = self;
        let mut salted = || {
            *salt = salt.wrapping_add(1);
            [*salt; 16]
        };
        let mut record = ChainedRecord {
            run: 118,
            seq: i64::try_from(self.records.len()).unwrap() + 1,
            at: BEGAN + at,
            kind: kind.into(),
            title: commit(&title.into(), terms, &mut salted, disclosures),
            about: about.map(str::to_owned),
            mark,
            data: commit(data, terms, &mut salted, disclosures),
            previous,
            hash: String::new(),
        };
        record.hash = record.reckon();
        let weight = kind != "check.asked";
        let vouched = json!({ "run": 118, "record": record.seq, "recordHash": record.hash });
        self.records.push(record);
        if weight {
            self.audit(&format!("run.{kind}"), vouched);
        }
    }
}

/// The run, closed.
pub fn closing() -> Closing {
    let terms = vec![NAME.to_owned(), "oluwaseun".to_owned()];
    let mut chain = Chain {
        terms: terms.clone(),
        records: vec![],
        disclosures: vec![],
        audit: vec![],
        links: vec![],
        salt: 0,
    };
    chain.audit("run.planned", json!({ "run": 118 }));
    chain.record(
        "run.planned",
        0,
        &format!("Planned: {NAME} leaves 4 systems"),
        None,
        None,
        &json!({ "plan": "leaver-payments" }),
    );
    chain.record(
        "agreed",
        58_000,
        "Agreed to by adaeze@ops-01",
        None,
        None,
        &json!({ "by": "adaeze@ops-01", "typed": NAME }),
    );
    chain.record(
        "act.intent",
        60_000,
        &format!("Switch off {NAME}"),
        Some("act-1"),
        None,
        &json!({ "url": "https://idp.halcyon.example/scim/v2/Users/8f2e77b0" }),
    );
    chain.record(
        "act.readBack",
        62_100,
        "Read back: inactive",
        Some("act-1"),
        Some(Verdict::Passed),
        &json!({}),
    );
    let checks = checks();
    for (at, check) in (0_i64..).zip(&checks) {
        let excerpt = json!({ "excerpt": format!("{} says {NAME}", check.source_name) });
        chain.record(
            "check.asked",
            63_000 + at * 10_000,
            "Asked",
            Some(&check.id),
            Some(Verdict::Waiting),
            &excerpt,
        );
        let first = if check.verdict == Verdict::Waived {
            Verdict::Failed
        } else {
            check.verdict
        };
        chain.record(
            "check.verdict",
            64_000 + at * 10_000,
            &format!("{}: {}", check.source_name, check.says),
            Some(&check.id),
            Some(first),
            &json!({ "tookMs": check.took_ms }),
        );
    }
    let reason = json!({ "waiver": { "by": "adaeze@ops-01", "reason": format!("{OWNER} takes the vault over") } });
    chain.record(
        "waived",
        400_000,
        "Role assignments gone: waived by adaeze@ops-01",
        Some("3/azure.assignments"),
        Some(Verdict::Waived),
        &reason,
    );
    chain.record(
        "closed",
        410_000,
        "Closed as passed with gaps",
        None,
        Some(Verdict::Passed),
        &json!({ "state": "passedWithGaps" }),
    );
    let accounts = [
        (
            1,
            "Workforce IdP",
            SourceKind::Scim,
            "8f2e77b0-11aa-4c5e-9d0f-77aa10b2c3d4",
            "oluwaseun.adebayo@halcyon.example",
            "the authority",
        ),
        (
            3,
            "Halcyon tenant",
            SourceKind::Azure,
            "e41f02bb-8a20-4f6e-b7c1-0a9d8e7f6a5b",
            "oluwaseun.adebayo@halcyon.example",
            "Entra object id",
        ),
        (
            4,
            "Developer portal",
            SourceKind::Backstage,
            "user:default/oluwaseun",
            "oluwaseun",
            "e-mail address",
        ),
    ];
    let run = Run {
        summary: RunSummary {
            id: 118,
            plan: "leaver-payments".into(),
            revision: "9c1d4e7a".into(),
            kind: RunKind::Offboarding,
            subject: NAME.into(),
            state: RunState::PassedWithGaps,
            phase: Phase::Evidence,
            dry_run: false,
            planned_at: BEGAN,
            cut_at: Some(BEGAN + 60_000),
            closed_at: Some(BEGAN + 410_000),
            by: "adaeze@ops-01".into(),
            counts: VerdictCounts {
                passed: 5,
                waived: 1,
                not_evaluated: 1,
                ..VerdictCounts::default()
            },
            slowest_ms: Some(145_000),
            says: String::new(),
        },
        who: RunSubject {
            name: NAME.into(),
            user_name: "oluwaseun.adebayo@halcyon.example".into(),
            person: Some("p77".into()),
            test: false,
            accounts: accounts
                .map(|(source, source_name, kind, id, user_name, joined_by)| SubjectAccount {
                    source,
                    source_name: source_name.into(),
                    kind,
                    id: id.into(),
                    user_name: user_name.into(),
                    joined_by: joined_by.into(),
                })
                .into(),
        },
        phases: Vec::new(),
        guards: vec![
            Guard {
                id: "writesAllowed".into(),
                title: "Writing is switched on".into(),
                state: GuardState::Clear,
                says: "In all systems of the plan.".into(),
                next: None,
                source: None,
            },
            Guard {
                id: "undoneByAuthority".into(),
                title: "Undone by the authority".into(),
                state: GuardState::Warns,
                says: "Ledgerly follows Workforce IdP, and is not written to.".into(),
                next: None,
                source: Some(2),
            },
        ],
        steps: vec![
            step(
                1,
                (1, "Workforce IdP", SourceKind::Scim),
                "scim.deactivate",
                format!("Switch off {NAME}"),
                request(
                    "PATCH",
                    "https://idp.halcyon.example/scim/v2/Users/8f2e77b0-11aa-4c5e-9d0f-77aa10b2c3d4",
                ),
            ),
            step(
                2,
                (3, "Halcyon tenant", SourceKind::Azure),
                "entra.revokeSessions",
                "Revoke sessions of 王小明’s successor, Юлия Ковальчук".into(),
                request(
                    "POST",
                    "https://graph.microsoft.com/v1.0/users/e41f02bb-8a20-4f6e-b7c1-0a9d8e7f6a5b/revokeSignInSessions",
                ),
            ),
        ],
        checks,
        needs: Vec::new(),
        refuses: Vec::new(),
        way_back: None,
        left_out: vec!["Old HR export: it is disabled, so nobody knows what is held there.".into()],
        can: RunActions::default(),
        records: u64::try_from(chain.records.len()).unwrap(),
        head: chain.records.last().unwrap().hash.clone(),
        evidence: None,
        fault: None,
        now: BEGAN + 410_000,
    };
    Closing {
        folder: FOLDER.into(),
        run,
        plan_text: "lanyard: plan/1\nname: leaver-payments\n".into(),
        terms,
        records: chain.records,
        disclosures: chain.disclosures,
        audit: chain.audit,
        links: chain.links,
        now: BEGAN + 411_000,
    }
}
