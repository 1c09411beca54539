//! What an export says: in each form everything, harmless, and what was not evaluated.

use std::collections::BTreeSet;

use super::*;
use crate::view::{Caveat, Control, FindingRule, FindingSubject, RuleArea, Suppression};

fn rule(id: &str, severity: Severity, evaluated: Evaluated) -> RuleState {
    RuleState {
        rule: FindingRule {
            id: id.into(),
            title: format!("Title of {id}"),
            area: RuleArea::Accounts,
            severity,
            default_severity: severity,
            finds: "When.".into(),
            why: "Because.".into(),
            controls: vec![Control {
                framework: "SOC 2".into(),
                id: "CC6.2".into(),
                title: "Users".into(),
            }],
            needs: Vec::new(),
            way_out: "Out.".into(),
            parameters: Vec::new(),
            enabled: evaluated != Evaluated::Off,
        },
        evaluated,
        not_evaluated: if is_open(evaluated) {
            vec![Caveat {
                source: Some(1),
                text: "Users of Ledgerly were not read.".into(),
            }]
        } else {
            Vec::new()
        },
        open: 0,
        new: 0,
        closed: 0,
        suppressed: 0,
        worst: None,
    }
}

fn row(id: &str, rule: &str, severity: Severity, state: FindingState, name: &str) -> FindingRow {
    FindingRow {
        id: id.into(),
        rule: rule.into(),
        rule_title: "Title".into(),
        area: RuleArea::Accounts,
        severity,
        state,
        says: format!("{name} is active"),
        subject: FindingSubject {
            kind: "person".into(),
            address: Some("person:1.a".into()),
            name: name.into(),
            system: None,
        },
        sources: vec![1, 2],
        people: 1,
        first_seen: 1_700_000_000_000,
        last_seen: 1_700_000_100_000,
        closed_at: (state == FindingState::Closed).then_some(1_700_000_200_000),
        unconfirmed: None,
        suppression: (state == FindingState::Suppressed).then(|| Suppression {
            by: "ines".into(),
            at: 1_700_000_000_000,
            reason: "leaves on Friday".into(),
            until: 1_800_000_000_000,
        }),
    }
}

fn findings() -> Findings {
    Findings {
        evaluated_at: Some(1_700_000_100_000),
        findings: vec![
            row("a:1", "ghost-member", Severity::Critical, FindingState::Open, "=HYPERLINK(\"x\")"),
            row("a:2", "ghost-member", Severity::Medium, FindingState::Suppressed, "Bea"),
            row(
                "b:3",
                "never-known",
                Severity::Low,
                FindingState::Closed,
                "Cyd \u{202e}\"quoted\",\r\nlines",
            ),
        ],
        rules: vec![
            rule("ghost-member", Severity::High, Evaluated::Fully),
            rule("never-known", Severity::Low, Evaluated::Partly),
            rule("token-due", Severity::Low, Evaluated::Off),
            rule("group-cycle", Severity::Low, Evaluated::Not),
        ],
        sources: vec![
            Named {
                id: 1,
                name: "Halcyon Directory".into(),
                kind: SourceKind::Scim,
            },
            Named {
                id: 2,
                name: "Developer/portal".into(),
                kind: SourceKind::Backstage,
            },
        ],
    }
}

fn written(format: FindingFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    findings().write(format, &mut bytes).unwrap();
    bytes
}

#[test]
fn csv_holds_findings_and_what_was_not_evaluated_and_runs_nothing() {
    let bytes = written(FindingFormat::Csv);
    let mut reader = ::csv::Reader::from_reader(&bytes[3..]);
    let head: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(head, COLUMNS);
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 5, "three findings, two rules that were not evaluated wholly");
    let cell = |row: usize, name: &str| rows[row].get(COLUMNS.iter().position(|column| *column == name).unwrap()).unwrap();
    assert_eq!(cell(0, "subject"), "'=HYPERLINK(\"x\")");
    assert_eq!(cell(0, "sources"), "Halcyon Directory; Developer/portal");
    assert_eq!((cell(1, "state"), cell(1, "suppressionReason")), ("suppressed", "leaves on Friday"));
    assert_eq!((cell(2, "state"), cell(2, "closedAt")), ("closed", "2023-11-14T22:16:40Z"));
    assert_eq!((cell(3, "rule"), cell(3, "state")), ("never-known", "partly evaluated"));
    assert_eq!(
        (cell(4, "rule"), cell(4, "says")),
        ("group-cycle", "Users of Ledgerly were not read.")
    );
}

#[test]
fn json_says_all() {
    let told: Value = serde_json::from_slice(&written(FindingFormat::Json)).unwrap();
    assert_eq!(told["findings"].as_array().map(Vec::len), Some(3));
    let left: Vec<&str> = told["notEvaluated"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["rule"].as_str())
        .collect();
    assert_eq!(left, ["never-known", "group-cycle"]);
    assert_eq!(told["findings"][0]["subject"]["name"], "=HYPERLINK(\"x\")", "JSON runs nothing");
}

/// The essentials of the OASIS schema of SARIF 2.1.0: which members an object may have, and which it must.
fn check(at: &str, value: &Value, must: &[&str], may: &[&str]) {
    let members: BTreeSet<&str> = value
        .as_object()
        .unwrap_or_else(|| panic!("{at} is an object"))
        .keys()
        .map(String::as_str)
        .collect();
    for name in must {
        assert!(members.contains(name), "{at} lacks {name}");
    }
    for name in members {
        assert!(must.contains(&name) || may.contains(&name), "{at} has {name}");
    }
}

#[test]
fn sarif_is_as_the_schema_has_it() {
    let told: Value = serde_json::from_slice(&written(FindingFormat::Sarif)).unwrap();
    check(
        "the log",
        &told,
        &["version", "runs"],
        &["$schema", "inlineExternalProperties", "properties"],
    );
    assert_eq!(told["version"], "2.1.0");
    let run = &told["runs"][0];
    check(
        "the run",
        run,
        &["tool", "results"],
        &["invocations", "automationDetails", "columnKind"],
    );
    let driver = &run["tool"]["driver"];
    check("the driver", driver, &["name"], &["semanticVersion", "rules", "notifications"]);
    let rules = driver["rules"].as_array().unwrap();
    let ids: BTreeSet<&str> = rules.iter().filter_map(|rule| rule["id"].as_str()).collect();
    assert_eq!(ids.len(), rules.len());
    for rule in rules {
        let may = [
            "name",
            "shortDescription",
            "fullDescription",
            "help",
            "defaultConfiguration",
            "properties",
        ];
        check("a rule", rule, &["id"], &may);
        check(
            "its configuration",
            &rule["defaultConfiguration"],
            &[],
            &["enabled", "level", "rank", "parameters"],
        );
        for name in ["shortDescription", "fullDescription", "help"] {
            check(name, &rule[name], &["text"], &["markdown", "properties"]);
        }
        assert!(rule["help"]["text"].as_str().unwrap().contains("CC6.2"));
    }
    assert_eq!(rules[2]["defaultConfiguration"]["enabled"], false);
    let results = run["results"].as_array().unwrap();
    let levels: Vec<&str> = results.iter().filter_map(|result| result["level"].as_str()).collect();
    assert_eq!(levels, ["error", "warning", "note"]);
    for result in results {
        let may = [
            "ruleId",
            "ruleIndex",
            "level",
            "kind",
            "locations",
            "partialFingerprints",
            "suppressions",
            "baselineState",
            "properties",
        ];
        check("a result", result, &["message"], &may);
        let rule = &rules[result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(result["partialFingerprints"].as_object().unwrap().values().all(Value::is_string));
        let location = &result["locations"][0];
        check("a location", location, &[], &["physicalLocation", "logicalLocations"]);
        check(
            "a logical location",
            &location["logicalLocations"][0],
            &[],
            &["name", "fullyQualifiedName", "kind"],
        );
        assert_eq!(location["physicalLocation"]["artifactLocation"]["uri"], "Developer%2Fportal");
    }
    assert_eq!(results[0]["suppressions"], json!([]));
    let suppression = &results[1]["suppressions"][0];
    check(
        "a suppression",
        suppression,
        &["kind"],
        &["status", "justification", "properties", "guid", "location"],
    );
    assert_eq!(
        (&suppression["kind"], &suppression["status"]),
        (&json!("external"), &json!("accepted"))
    );
    assert_eq!(results[2]["baselineState"], "absent");
    let invocation = &run["invocations"][0];
    check(
        "the invocation",
        invocation,
        &["executionSuccessful"],
        &["endTimeUtc", "toolExecutionNotifications"],
    );
    let notifications = invocation["toolExecutionNotifications"].as_array().unwrap();
    assert_eq!(notifications.len(), 2);
    for notification in notifications {
        check(
            "a notification",
            notification,
            &["message"],
            &["descriptor", "associatedRule", "level", "timeUtc"],
        );
        let rule = &rules[notification["associatedRule"]["index"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], notification["associatedRule"]["id"]);
        assert!(notification["message"]["text"].as_str().unwrap().contains("Ledgerly"));
    }
}

#[test]
fn rules_that_were_never_asked_are_no_success() {
    let never = Findings {
        evaluated_at: None,
        ..findings()
    };
    assert_eq!(never.sarif()["runs"][0]["invocations"][0]["executionSuccessful"], false);
}
