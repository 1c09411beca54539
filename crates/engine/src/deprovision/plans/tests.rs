//! Plans: what is wrong is told where it stands; a changed file is never written over.

use super::*;
use crate::view::{AuthSettings, Source, SourceHealth, SourceKind, SourceSettings};

fn source(id: i64, name: &str, kind: SourceKind) -> Source {
    Source {
        id,
        settings: SourceSettings {
            kind,
            name: name.into(),
            url: "https://idp.example/scim".into(),
            auth: AuthSettings::Bearer,
            authoritative: id == 1,
            allow_writes: true,
            ca_pem: None,
            headers: Vec::new(),
            request_budget: None,
            enabled: true,
            azure: None,
            backstage: None,
        },
        health: SourceHealth::Fresh,
        has_secret: Some(true),
        accounts: 0,
        groups: 0,
        memberships: 0,
        coverage: Vec::new(),
        last_sync_at: None,
        last_full_at: None,
        fault: None,
        progress: None,
        added_at: 0,
    }
}

fn sources() -> Vec<Source> {
    vec![
        source(1, "Workforce", SourceKind::Scim),
        source(2, "Portal", SourceKind::Backstage),
        source(3, "Tenant", SourceKind::Azure),
    ]
}

const GOOD: &str = "\
lanyard: plan/1
name: Everybody out
kind: test
subject:
  create:
    source: workforce
    userName: canary-{run}@halcyon.example
    displayName: Canary {run}
    groups: [Staff]
systems:
  - source: Workforce
    cut: disable
    also: [scim.leaveGroups]
    limit: 5m
  - source: Portal
    checks:
      - backstage.entity
poll: 2s
";

fn told(text: &str) -> Vec<(u32, u32, String)> {
    let sources = sources();
    check(&read(text), &Known { sources: &sources })
        .into_iter()
        .map(|problem| (problem.line, problem.column, problem.message))
        .collect()
}

#[test]
fn a_good_plan_has_no_problem_and_is_written_as_it_was_read() {
    assert_eq!(told(GOOD), []);
    let plan = read(GOOD).plan.unwrap();
    let text = write(&plan).unwrap();
    assert_eq!(read(&text).plan.unwrap(), plan, "{text}");
}

#[test]
fn each_problem_is_told_where_it_stands() {
    for (from, to, line, column, says) in [
        ("plan/1", "plan/2", 1, 10, "plan/1"),
        ("source: Portal", "source: Portl", 15, 13, "there is no source “Portl”"),
        ("disable", "disabel", 12, 10, "disabel"),
        ("[scim.leaveGroups]", "[scim.delete]", 13, 12, "scim.leaveGroups"),
        (
            "[scim.leaveGroups]",
            "[scim.leaveGroups, entra.leaveGroups]",
            13,
            30,
            "another kind",
        ),
        ("limit: 5m", "limit: 5 minutes", 14, 12, "no length of time"),
        (
            "- backstage.entity",
            "- backstage.roles\n      - scim.account",
            18,
            9,
            "no check of Portal",
        ),
        ("poll: 2s", "poll: 200ms", 18, 7, "too short"),
        ("poll: 2s", "pol: 2s", 18, 1, "pol"),
        ("kind: test", "kind: offboarding", 5, 3, "names nobody"),
        ("source: Portal", "source: WORKFORCE", 15, 13, "twice"),
        ("    userName: canary-{run}@halcyon.example\n", "", 8, 5, "userName"),
    ] {
        let text = GOOD.replacen(from, to, 1);
        assert_ne!(text, GOOD);
        let problems = told(&text);
        assert!(
            problems.iter().any(|(at, _, message)| *at == line && message.contains(says)),
            "{to}: wanted line {line} column {column} “{says}”, got {problems:?}"
        );
        if let Some((_, at, _)) = problems.iter().find(|(at, _, message)| *at == line && message.contains(says)) {
            assert_eq!(*at, column, "{to}: {problems:?}");
        }
    }
}

#[test]
fn hostile_texts_are_refused_in_words() {
    let bomb = format!("a: &a [x,x,x,x]\n{}", "b: [*a,*a,*a,*a]\n".repeat(3));
    for text in [
        "",
        "\0",
        "[]",
        "- - - -",
        "{{{{",
        "lanyard: plan/1",
        "&a *a",
        &bomb,
        &"[".repeat(100_000),
        &"x".repeat(LONGEST + 1),
    ] {
        let read = read(text);
        assert!(read.plan.is_none() && !read.problems.is_empty());
    }
    for cut in 0..GOOD.len() {
        let _ = told(&GOOD[..cut]);
        let _ = told(&GOOD[cut..]);
    }
}

#[test]
fn a_changed_file_is_not_written_over() {
    let home = tempfile::tempdir().unwrap();
    let files = Files::of(home.path());
    assert_eq!(files.names().unwrap(), Vec::<String>::new());
    files.save("a.yaml", GOOD, None).unwrap();
    assert!(matches!(files.save("a.yaml", "x", None), Err(SaveError::Changed(Some(_)))));
    let first = revision(GOOD);
    files.save("a.yaml", "changed", Some(&first)).unwrap();
    assert!(matches!(files.save("a.yaml", GOOD, Some(&first)), Err(SaveError::Changed(Some(_)))));
    assert_eq!(files.text("a.yaml").unwrap().as_deref(), Some("changed"));
    for name in ["../a.yaml", "a", ".yaml", "b/a.yaml", "a.yaml/..", "", ".a.yaml"] {
        assert!(matches!(files.save(name, GOOD, None), Err(SaveError::Name)), "{name}");
        assert_eq!(files.text(name).unwrap(), None, "{name}");
    }
    assert_eq!(files.names().unwrap(), ["a.yaml"]);
    assert_eq!(file_name("Leaver, payments"), "leaver-payments.yaml");
    assert_eq!(file_name("…"), "plan.yaml");
}
