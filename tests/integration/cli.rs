//! `lanyard` as a script runs it: what it prints, with which code it ends.

use std::collections::BTreeSet;

use lanyard_tests::command::Lanyard;
use serde_json::Value;
use tempfile::TempDir;

use crate::company::{Company, truth};

/// From an empty folder to an export, by the documents that the program prints.
#[tokio::test(flavor = "multi_thread")]
async fn a_script_walks_all_the_way() {
    let company = tokio::task::spawn_blocking(|| Company::serve(&["--people", "240"])).await.unwrap();
    let lanyard = &company.lanyard;
    assert_eq!(
        lanyard.run(&["source", "list", "--json"]).ended(0).json()["sources"],
        Value::Array(Vec::new())
    );
    let _ = lanyard.run(&["sync"]).ended(2);

    let sources = company.sources();
    assert!(sources.len() >= 2 && sources.iter().filter(|source| source.all["authoritative"] == true).count() == 1);
    for source in &sources {
        let added = company.add(source).ended(0).json();
        assert_eq!(
            (added["settings"]["name"].as_str(), &added["settings"]["authoritative"]),
            (Some(source.name.as_str()), &source.all["authoritative"])
        );
        assert_eq!(added["settings"]["allowWrites"], false);
        // Never read is not evaluated.
        let _ = lanyard.run(&["status"]).ended(3);
    }
    let report = lanyard.run(&["source", "test", &sources[0].name, "--json"]).ended(0).json();
    assert_eq!(report["ok"], true);
    assert!(report["points"].as_array().unwrap().iter().any(|point| point["topic"] == "paging"));

    let synced = lanyard.run(&["sync", "--json"]).ended(0).json();
    let outcomes = synced["outcomes"].as_array().unwrap();
    assert_eq!(outcomes.len(), sources.len());
    assert!(outcomes.iter().all(|outcome| outcome["state"] == "complete"), "{synced:#}");
    let status = lanyard.run(&["status", "--json"]).ended(0).json();
    assert!(
        status["sources"]
            .as_array()
            .unwrap()
            .iter()
            .all(|source| source["health"] == "fresh"),
        "{status:#}"
    );

    let (users, groups) = truth(&company.plain(0)).await;
    let all = lanyard
        .run(&["users", "list", "--source", &sources[0].name, "--limit", "0", "--json"])
        .ended(0)
        .json();
    assert_eq!(all["rows"].as_array().map(Vec::len), Some(users.len()));
    let inactive = users.values().filter(|user| user["active"] == false).count();
    assert!(inactive > 0);
    let filtered = lanyard
        .run(&[
            "users",
            "list",
            "--source",
            "1",
            "--filter",
            "active eq false",
            "--limit",
            "0",
            "--json",
        ])
        .ended(0)
        .json();
    assert_eq!(filtered["total"], inactive);

    let (id, user) = users.iter().find(|(_, user)| user["emails"][0]["value"].is_string()).unwrap();
    let key = format!("1.{id}");
    for name in [
        key.as_str(),
        id,
        user["userName"].as_str().unwrap(),
        user["emails"][0]["value"].as_str().unwrap(),
    ] {
        let shown = lanyard.run(&["users", "show", name, "--json"]).ended(0).json();
        assert_eq!(shown["row"]["key"], key.as_str(), "{name}");
    }
    let raw = lanyard.run(&["users", "show", &key, "--raw", "--json"]).ended(0).json();
    let document: Value = serde_json::from_str(raw["documents"][0]["json"].as_str().unwrap()).unwrap();
    assert_eq!(&document, user);

    let (id, group) = groups
        .iter()
        .max_by_key(|(_, group)| group["members"].as_array().map_or(0, Vec::len))
        .unwrap();
    let members = lanyard
        .run(&["groups", "members", &format!("1.{id}"), "--limit", "0", "--json"])
        .ended(0)
        .json();
    let listed: BTreeSet<&str> = members["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["key"].as_str())
        .collect();
    let expected: BTreeSet<String> = group["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| format!("1.{}", member["value"].as_str().unwrap()))
        .collect();
    assert_eq!(listed, expected.iter().map(String::as_str).collect());
    let _ = lanyard.run(&["groups", "show", &format!("1.{id}")]).ended(0);
    assert!(lanyard.run(&["groups", "list", "--limit", "0", "--json"]).ended(0).json()["total"].as_u64() >= Some(groups.len() as u64));

    exports(&company, users.len());

    let audit = lanyard.run(&["audit", "list", "--limit", "0", "--json"]).ended(0).json();
    let actions: BTreeSet<&str> = audit["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|entry| entry["action"].as_str())
        .collect();
    assert!(actions.contains("source.added") && actions.contains("sync.ended"), "{actions:?}");
    let check = lanyard.run(&["audit", "verify", "--json"]).ended(0).json();
    assert_eq!((&check["ok"], &check["entries"]), (&Value::Bool(true), &audit["total"]));
}

fn exports(company: &Company, users: usize) {
    let lanyard = &company.lanyard;
    let file = company.data.path().join("people.csv");
    let path = file.to_str().unwrap();
    let done = lanyard
        .run(&["users", "list", "--source", "1", "--format", "csv", "--output", path, "--json"])
        .ended(0)
        .json();
    assert_eq!(done["rows"], users);
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(done["bytes"], text.len());
    for line in text.lines() {
        // The demo company holds titles such as =HYPERLINK(…): no cell may begin as a formula does.
        assert!(
            !line.split(',').any(|cell| cell.trim_start_matches('"').starts_with(['=', '@'])),
            "{line}"
        );
    }
    let printed = lanyard
        .run(&["users", "list", "--source", "1", "--format", "csv", "--limit", "0"])
        .ended(0);
    assert_eq!(printed.stdout, text);
    let cut = lanyard
        .run(&[
            "users",
            "list",
            "--source",
            "1",
            "--format",
            "csv",
            "--limit",
            "3",
            "--columns",
            "name,userName",
        ])
        .ended(0);
    assert_eq!(
        cut.stdout.lines().next(),
        text.lines().next().map(|_| cut.stdout.lines().next().unwrap())
    );
    assert_eq!(cut.stdout.lines().count(), 4, "{}", cut.stdout);
    assert!(cut.stderr.contains("3 of"), "nobody was told that there is more: {}", cut.stderr);
    let file = company.data.path().join("groups.json");
    let done = lanyard
        .run(&["groups", "list", "--format", "json", "--output", file.to_str().unwrap(), "--json"])
        .ended(0)
        .json();
    let rows: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(done["rows"], rows.as_array().unwrap().len());
}

#[test]
fn sources_are_edited_switched_off_and_removed() {
    let company = Company::serve(&["--people", "60"]);
    company.add_all();
    let lanyard = &company.lanyard;
    let edited = lanyard
        .run(&[
            "source",
            "edit",
            "Ledgerly",
            "--allow-writes",
            "--budget",
            "500",
            "--header",
            "X-Team: identity",
            "--json",
        ])
        .ended(0)
        .json();
    assert_eq!(
        (&edited["settings"]["allowWrites"], &edited["settings"]["requestBudget"]),
        (&Value::Bool(true), &Value::from(500))
    );
    assert_eq!(edited["settings"]["headers"][0]["name"], "X-Team");
    let back = lanyard
        .run(&["source", "edit", "Ledgerly", "--allow-writes=false", "--budget", "0", "--json"])
        .ended(0)
        .json();
    assert_eq!(
        (&back["settings"]["allowWrites"], &back["settings"]["requestBudget"]),
        (&Value::Bool(false), &Value::Null)
    );
    let off = lanyard.run(&["source", "disable", "ledgerly", "--json"]).ended(0).json();
    assert_eq!(off["health"], "disabled");
    let _ = lanyard.run(&["sync", "Ledgerly"]).ended(2);
    let synced = lanyard.run(&["sync", "--json"]).ended(0).json();
    assert_eq!(synced["outcomes"].as_array().map(Vec::len), Some(1));
    let _ = lanyard.run(&["source", "enable", "2"]).ended(0);
    // Removing asks; without a terminal there is nobody to ask.
    let _ = lanyard.run(&["source", "remove", "2"]).ended(2);
    let removed = lanyard.run(&["source", "remove", "2", "--yes", "--json"]).ended(0).json();
    assert_eq!(removed["removed"]["name"], "Ledgerly");
    assert_eq!(
        lanyard.run(&["source", "list", "--json"]).ended(0).json()["sources"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

#[test]
fn what_could_not_be_evaluated_ends_with_3() {
    // Some 1,400 accounts downstream in pages of 100, and a budget that ends among them.
    let company = Company::serve(&["--people", "4000", "--fault", "ledgerly/ignores-count"]);
    company.add_all();
    let lanyard = &company.lanyard;
    let _ = lanyard.run(&["source", "edit", "Ledgerly", "--budget", "22"]).ended(0);
    let synced = lanyard.run(&["sync", "--json"]).ended(3).json();
    assert!(
        synced["outcomes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|outcome| outcome["state"] == "incomplete"),
        "{synced:#}"
    );
    let status = lanyard.run(&["status", "--json"]).ended(3).json();
    assert!(
        status["sources"]
            .as_array()
            .unwrap()
            .iter()
            .any(|source| source["health"] == "incomplete")
    );
    let list = lanyard.run(&["users", "list", "--json"]).ended(3);
    assert!(
        !list.json()["caveats"].as_array().unwrap().is_empty() && list.stderr.contains("Not the whole picture"),
        "{list:#?}"
    );
    // The source that was read in full can be asked about by itself.
    let _ = lanyard.run(&["users", "list", "--source", "Workforce IdP"]).ended(0);
    let _ = lanyard.run(&["users", "list", "--source", "Ledgerly"]).ended(3);
    // Someone who is not found may be in the part that was not read.
    let absent = lanyard.run(&["users", "show", "nobody@nowhere.example", "--json"]).ended(3);
    assert!(absent.json()["error"]["code"].is_string());
}

#[test]
fn failures_end_with_4_and_say_what_means_and_next() {
    let company = Company::serve(&["--people", "60"]);
    let lanyard = &company.lanyard;
    let source = company.sources().remove(0);
    let wrong = lanyard
        .run_with(
            &[
                "source",
                "add",
                "scim",
                "--name",
                "Wrong",
                "--url",
                &source.url,
                "--token-stdin",
                "--json",
            ],
            "not-the-token",
        )
        .ended(4);
    let error = &wrong.json()["error"];
    assert_eq!(error["code"], "scim.unauthorized");
    assert!(
        ["what", "means", "next"]
            .iter()
            .all(|part| error[part].as_str().is_some_and(|text| !text.is_empty())),
        "{error:#}"
    );
    assert!(wrong.stderr.contains(error["what"].as_str().unwrap()));
    assert!(!format!("{wrong:?}").contains("not-the-token"));
    assert_eq!(
        lanyard.run(&["source", "list", "--json"]).json()["sources"]
            .as_array()
            .map(Vec::len),
        Some(0),
        "what failed its test was saved"
    );

    let nobody = lanyard
        .run_with(
            &[
                "source",
                "add",
                "scim",
                "--name",
                "Gone",
                "--url",
                "http://127.0.0.1:9/scim",
                "--token-stdin",
            ],
            "t0ken-t0ken",
        )
        .ended(4);
    assert!(nobody.stdout.is_empty() && nobody.stderr.contains("Error:"), "{nobody:#?}");
    let _ = lanyard
        .run_with(
            &[
                "source",
                "add",
                "scim",
                "--name",
                "Later",
                "--url",
                "http://127.0.0.1:9/scim",
                "--token-stdin",
                "--no-test",
            ],
            "t0ken-t0ken",
        )
        .ended(0);
    let later = Lanyard::new(&lanyard.data_dir).with("LANYARD_TOKEN_LATER", "t0ken-t0ken");
    let _ = later.run(&["source", "test", "Later"]).ended(1);
    let failed = later.run(&["sync", "Later", "--json"]).ended(4).json();
    assert_eq!(failed["outcomes"][0]["state"], "failed");
    assert_eq!(
        later.run(&["users", "show", "someone", "--json"]).ended(3).json()["error"]["code"],
        "notFound"
    );
}

#[test]
fn wrong_use_ends_with_2() {
    let data = TempDir::new().unwrap();
    let lanyard = Lanyard::new(data.path().join("data"));
    for arguments in [
        &["nonsense"] as &[&str],
        &["users", "list", "--limit", "many"],
        &["users", "list", "--sort", "shoe-size"],
        &["users", "list", "--columns", "name,shoeSize"],
        &["users", "list", "--filter", "userName eq"],
        &["users", "list", "--output", "x.csv"],
        &["users", "list", "--source", "Nowhere"],
        &["source", "add", "scim", "--name", "X"],
        &["source", "add", "ldap", "--name", "X", "--url", "http://127.0.0.1:9"],
        &[
            "source",
            "add",
            "scim",
            "--name",
            "X",
            "--url",
            "http://127.0.0.1:9",
            "--token",
            "secret",
        ],
        &["source", "add", "scim", "--name", "X", "--url", "http://127.0.0.1:9"],
        &[
            "source",
            "add",
            "scim",
            "--name",
            "X",
            "--url",
            "http://127.0.0.1:9",
            "--token-env",
            "LANYARD_NOT_THERE",
        ],
        &[
            "source",
            "add",
            "scim",
            "--name",
            "X",
            "--url",
            "not a url",
            "--token-stdin",
            "--no-test",
        ],
        &["source", "remove", "7"],
        &["sync", "Nowhere"],
        &["lab", "serve", "--fault", "earthquake"],
        &["completions", "tcl"],
    ] {
        let ran = lanyard.run_with(arguments, "token-for-nothing").ended(2);
        assert!(ran.stdout.is_empty() && !ran.stderr.is_empty(), "{arguments:?}: {ran:#?}");
        let mut with_json = arguments.to_vec();
        with_json.push("--json");
        let ran = lanyard.run_with(&with_json, "token-for-nothing").ended(2);
        assert!(
            ran.json()["error"]["what"].as_str().is_some_and(|what| !what.is_empty()),
            "{arguments:?}: {ran:#?}"
        );
    }
    let filter = lanyard
        .run(&["users", "list", "--filter", "userName qe \"x\"", "--json"])
        .ended(2)
        .json();
    assert_eq!(filter["error"]["code"], "filter.unreadable", "{filter:#}");
}

#[test]
fn help_version_and_completions_are_no_misuse() {
    let data = TempDir::new().unwrap();
    let lanyard = Lanyard::new(data.path().join("data"));
    assert!(lanyard.run(&["--version"]).ended(0).stdout.starts_with("lanyard "));
    for command in [&["--help"] as &[&str], &["help", "users", "list"], &["source", "add", "--help"]] {
        assert!(lanyard.run(command).ended(0).stdout.contains("Usage:"));
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(lanyard.run(&["completions", shell]).ended(0).stdout.contains("lanyard"));
    }
    assert!(!lanyard.data_dir.exists(), "asking for help made a data folder");
}

#[test]
fn without_a_key_the_files_live_for_one_process() {
    let data = TempDir::new().unwrap();
    let mut lanyard = Lanyard::new(data.path().join("data"));
    lanyard.env.clear();
    let ran = lanyard.run(&["source", "list", "--json"]).ended(0);
    assert!(
        ran.stderr.contains("LANYARD_CACHE_KEY") && ran.stderr.contains("this process only"),
        "{ran:#?}"
    );
    assert!(!lanyard.data_dir.exists(), "files were left behind");
    let bad = Lanyard {
        env: vec![("LANYARD_CACHE_KEY".into(), "short".into())],
        ..lanyard
    };
    let ran = bad.run(&["source", "list", "--json"]);
    assert!(ran.code >= 2 && ran.json()["error"]["what"].is_string(), "{ran:#?}");
}
