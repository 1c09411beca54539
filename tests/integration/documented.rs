//! `docs/cli.md` and the program: every command and option of one is in the other, and what the document promises to whoever follows it holds.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use lanyard_tests::command::{Lanyard, lab, program, root};
use serde_json::Value;
use tempfile::TempDir;

use crate::company::listed;

/// Options that every command takes, which the document tells once.
const EVERYWHERE: [&str; 5] = ["--json", "--data-dir", "--secrets", "--help", "--version"];

fn document() -> String {
    std::fs::read_to_string(root().join("docs/cli.md")).unwrap()
}

/// The fenced blocks of a text, with the language that each names.
fn blocks(text: &str) -> Vec<(&str, String)> {
    let mut all = Vec::new();
    let mut open: Option<(&str, String)> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(language), None) => open = Some((language, String::new())),
            (Some(_), Some(_)) => all.extend(open.take()),
            (None, Some((_, block))) => {
                block.push_str(line);
                block.push('\n');
            }
            (None, None) => {}
        }
    }
    all
}

fn help(path: &[String]) -> String {
    let ran = Command::new(program()).args(path).arg("--help").output().unwrap();
    assert!(ran.status.success(), "{path:?}");
    String::from_utf8(ran.stdout).unwrap()
}

/// Every command that has none below it, with its own options, as the program tells them.
fn commands(path: &[String], found: &mut BTreeMap<String, BTreeSet<String>>) {
    let text = help(path);
    let below: Vec<&str> = text
        .split_once("\nCommands:\n")
        .map(|(_, rest)| rest.lines().take_while(|line| !line.is_empty()))
        .into_iter()
        .flatten()
        .filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    for name in &below {
        commands(&[path, &[(*name).to_owned()]].concat(), found);
    }
    if below.is_empty() {
        let options = text.lines().filter_map(|line| {
            let line = line.trim_start();
            line.starts_with('-').then(|| option_in(line)).flatten()
        });
        found.insert(
            path.join(" "),
            options.filter(|name| !EVERYWHERE.contains(&name.as_str())).collect(),
        );
    }
}

/// The first long option of a text.
fn option_in(text: &str) -> Option<String> {
    let rest = &text[text.find("--")? + 2..];
    let end = rest
        .find(|sign: char| !(sign.is_ascii_lowercase() || sign == '-'))
        .unwrap_or(rest.len());
    (end > 0).then(|| format!("--{}", &rest[..end]))
}

fn options_in(text: &str) -> BTreeSet<String> {
    let at = text.match_indices("--").filter(|(at, _)| *at == 0 || !text[..*at].ends_with('-'));
    at.filter_map(|(at, _)| option_in(&text[at..])).collect()
}

/// The commands of a line of the document: `users list`, or several where alternatives stand in it (`enable N | disable N`, `join|separate`).
fn named(line: &str, known: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut paths = vec![String::new()];
    let mut last = Vec::new();
    for word in line.split_whitespace() {
        let next: Vec<String> = paths
            .iter()
            .flat_map(|path| word.split('|').map(move |name| format!("{path} {name}").trim().to_owned()))
            .filter(|path| known.keys().any(|full| full == path || full.starts_with(&format!("{path} "))))
            .collect();
        if next.is_empty() {
            // Another alternative of the same level.
            let beside = last.iter().filter_map(|path: &String| path.rsplit_once(' '));
            let beside: Vec<String> = beside
                .map(|(head, _)| format!("{head} {word}"))
                .filter(|path| known.contains_key(path))
                .collect();
            last.extend(beside);
        } else {
            paths.clone_from(&next);
            last = next;
        }
    }
    last
}

#[test]
fn the_document_and_the_program_know_the_same_commands_and_options() {
    let mut known = BTreeMap::new();
    commands(&[], &mut known);
    assert!(known.len() > 20, "{known:?}");
    let text = document();
    let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for section in text.split("\n## ").skip(1) {
        let mut lines: Vec<String> = Vec::new();
        let heading = section.lines().next().unwrap_or_default().replace('`', "");
        lines.extend(heading.strip_prefix("lanyard ").map(str::to_owned));
        for (language, block) in blocks(section) {
            if !language.is_empty() {
                continue;
            }
            for line in block.lines() {
                match line.strip_prefix("lanyard ") {
                    Some(line) => lines.push(line.to_owned()),
                    None => lines.last_mut().unwrap().push_str(line),
                }
            }
        }
        let prose = options_in(section);
        for line in lines {
            for command in named(&line, &known) {
                let Some(real) = known.get(&command) else { continue };
                let unknown: Vec<_> = options_in(&line).difference(real).cloned().collect();
                assert!(
                    unknown.iter().all(|option| EVERYWHERE.contains(&option.as_str())),
                    "docs/cli.md gives {command} {unknown:?}, and the program has none"
                );
                told.entry(command).or_default().extend(prose.iter().cloned());
            }
        }
    }
    for (command, options) in &known {
        let said = told
            .get(command)
            .unwrap_or_else(|| panic!("docs/cli.md says nothing of lanyard {command}"));
        let unsaid: Vec<_> = options.difference(said).collect();
        assert!(unsaid.is_empty(), "docs/cli.md says nothing of {unsaid:?} of lanyard {command}");
    }
}

#[test]
fn the_example_of_the_lab_names_the_sources_that_it_serves() {
    let text = document();
    let section = text
        .split("\n## ")
        .find(|section| section.starts_with("`lanyard lab serve`"))
        .unwrap();
    let example = blocks(section).into_iter().find(|(language, _)| *language == "json").unwrap().1;
    let example: Value = serde_json::from_str(&example).unwrap();
    let shapes = |ready: &Value| -> Vec<(String, String, BTreeSet<String>)> {
        let shape = |source: crate::company::Listed| {
            let keys = source.all.as_object().unwrap().keys().cloned().collect();
            (source.all["kind"].as_str().unwrap().to_owned(), source.name, keys)
        };
        listed(ready).into_iter().map(shape).collect()
    };
    assert_eq!(shapes(&example), shapes(&lab(&[]).ready));
}

#[test]
fn an_exported_audit_log_can_be_checked_by_the_recipe() {
    let data = TempDir::new().unwrap();
    let recipe = blocks(&document())
        .into_iter()
        .find(|(language, _)| *language == "python")
        .unwrap()
        .1;
    let lanyard = Lanyard::new(data.path().join("data"))
        .with("LANYARD_TOKEN_HR_ØST", "t")
        .with("LANYARD_TOKEN_PAYROLL", "t");
    for name in ["HR Øst", "Payroll"] {
        let add = [
            "source",
            "add",
            "scim",
            "--name",
            name,
            "--url",
            "http://127.0.0.1:9/scim",
            "--no-test",
            "--token-stdin",
        ];
        let _ = lanyard.run_with(&add, "t\n").ended(0);
    }
    let path = data.path().join("audit.json");
    let file = path.to_str().unwrap();
    let done = lanyard.run(&["audit", "export", "--output", file, "--json"]).ended(0).json();
    let exported: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let entries = exported["entries"].as_array().unwrap();
    assert!(entries.len() >= 2 && done["rows"] == entries.len(), "{done}");
    assert_eq!(exported["total"], entries.len());
    // The log tells of the file, and what goes to standard output is the same with that entry more.
    let printed = lanyard.run(&["audit", "export"]).ended(0).json();
    let more = printed["entries"].as_array().unwrap();
    assert_eq!((&more[..entries.len()], more.len()), (&entries[..], entries.len() + 1));
    assert_eq!(more[entries.len()]["action"], "export.written");
    assert_eq!(printed["head"], lanyard.run(&["audit", "verify", "--json"]).ended(0).json()["head"]);

    let check = |log: &Value| {
        std::fs::write(&path, log.to_string()).unwrap();
        let ran = Command::new("python3").arg("-c").arg(&recipe).arg(file).output().unwrap();
        (
            ran.status.success(),
            String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned(),
        )
    };
    let (ok, said) = check(&printed);
    assert!(ok && said.contains(printed["head"].as_str().unwrap()), "{said}");
    // Whatever is changed, taken out or put elsewhere, it shows.
    let mut tampered: Vec<Value> = vec![printed.clone(); 4];
    tampered[0]["entries"][1]["summary"] = "Nothing happened".into();
    tampered[1]["entries"].as_array_mut().unwrap().remove(0);
    tampered[2]["entries"].as_array_mut().unwrap().swap(0, 1);
    tampered[3]["folder"] = "00000000000000000000000000000000".into();
    for log in &tampered {
        let (ok, said) = check(log);
        assert!(!ok && said.contains("The chain breaks at entry"), "{said}");
    }
}
