//! `lanyard findings` as a script runs it: codes, documents, decisions, settings.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::company::Company;

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_goes_by_the_code_and_a_dashboard_by_the_document() {
    let company = tokio::task::spawn_blocking(|| Company::serve_systems("scim,backstage,azure", &["--people", "240"]))
        .await
        .unwrap();
    let lanyard = &company.lanyard;
    // Nothing was read: nothing is known to be well.
    let _ = lanyard.run(&["findings"]).ended(3);
    company.add_all();
    let _ = lanyard.run(&["sync"]).ended(0);

    let all = lanyard.run(&["findings", "--json"]).ended(1).json();
    let findings = all["findings"].as_array().unwrap();
    assert!(findings.len() > 10);
    assert_eq!(all["sources"].as_array().map(Vec::len), Some(company.sources().len()));
    let rules: BTreeSet<&str> = all["rules"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|state| state["rule"]["id"].as_str())
        .collect();
    assert!(findings.iter().all(|row| rules.contains(row["rule"].as_str().unwrap())));
    let listed = lanyard.run(&["findings", "list", "--limit", "2"]).ended(1);
    assert!(listed.stderr.contains("--limit 0 shows all"), "{}", listed.stderr);

    // One rule, with all that it needs read: 1 with findings, 0 above what they weigh.
    let leavers = ["findings", "list", "--rule", "active-after-leaving"];
    let of_rule = lanyard.run(&[&leavers[..], &["--json"]].concat()).ended(1).json();
    let rows = of_rule["findings"].as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["rule"] == "active-after-leaving"));
    assert_eq!(of_rule["rules"].as_array().map(Vec::len), Some(1));
    let _ = lanyard.run(&[&leavers[..], &["--fail-on", "critical"]].concat()).ended(0);
    let ledgerly = [&leavers[..], &["--source", "Ledgerly"]].concat();
    let _ = lanyard.run(&ledgerly).ended(1);
    let _ = lanyard.run(&[&leavers[..], &["--search", "nobody is called so"]].concat()).ended(0);
    let _ = lanyard.run(&[&leavers[..], &["--new-since", "2099-01-01"]].concat()).ended(0);
    // A rule that is asked for by name has to answer.
    let _ = lanyard.run(&["findings", "rule", "group-cycle", "--off"]).ended(0);
    let _ = lanyard.run(&["findings", "--rule", "group-cycle"]).ended(3);
    let _ = lanyard.run(&["findings", "rule", "group-cycle", "--on"]).ended(0);
    for wrong in [
        &["findings", "--rule", "no-such-rule"][..],
        &["findings", "--severity", "dreadful"],
        &["findings", "--source", "nobody"],
        &["findings", "show", "nothing:0"],
        &["findings", "rule", "group-cycle", "--set", "days=3"],
        &["findings", "rule", "group-cycle", "--set", "days"],
        &["findings", "suppress", "x", "--reason", "r", "--until", "soon"],
    ] {
        let _ = lanyard.run(wrong).ended(2);
    }

    // About somebody: what affects them and nothing else.
    let name = rows[0]["subject"]["name"].as_str().unwrap();
    let about = lanyard.run(&["findings", "--about", name, "--json"]).ended(1).json();
    let about = about["findings"].as_array().unwrap();
    assert!(about.iter().any(|row| row["id"] == rows[0]["id"]) && about.len() < findings.len());

    // One whole, suppressed and lifted.
    let id = rows[0]["id"].as_str().unwrap();
    let shown = lanyard.run(&["findings", "show", id, "--json"]).ended(1).json();
    assert!(
        shown["fixes"].as_array().is_some_and(|fixes| !fixes.is_empty()) && shown["evidence"].as_array().is_some_and(|all| !all.is_empty())
    );
    let on_paper = lanyard.run(&["findings", "show", id]).ended(1);
    assert!(on_paper.stdout.contains(shown["row"]["says"].as_str().unwrap()));
    let until = "2027-01-31";
    let _ = lanyard
        .run(&["findings", "suppress", id, "--reason", "", "--until", until])
        .ended(2);
    let suppressed = lanyard
        .run(&[
            "findings",
            "suppress",
            id,
            "--reason",
            "leaves on Friday",
            "--until",
            until,
            "--json",
        ])
        .ended(0)
        .json();
    assert_eq!(suppressed["row"]["state"], "suppressed");
    assert_eq!(
        suppressed["row"]["suppression"]["until"], 1_801_440_000_000_i64,
        "to the end of the day"
    );
    let open = lanyard.run(&["findings", "--json"]).ended(1).json();
    assert!(open["findings"].as_array().unwrap().iter().all(|row| row["id"] != id));

    // Documents hold what was decided.
    let sarif = lanyard.run(&["findings", "--suppressed", "--format", "sarif"]).ended(1);
    let sarif: Value = serde_json::from_str(&sarif.stdout).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 1);
    assert_eq!(results[0]["suppressions"][0]["justification"], "leaves on Friday");
    assert_eq!(results[0]["partialFingerprints"]["lanyardFinding/v1"], id);
    let file = company.data.path().join("findings.csv");
    let _ = lanyard
        .run(&["findings", "--format", "csv", "--output", file.to_str().unwrap()])
        .ended(1);
    let written = std::fs::read(&file).unwrap();
    let mut reader = csv::Reader::from_reader(&written[3..]);
    let found = reader.records().map(Result::unwrap).filter(|row| !row[0].is_empty()).count();
    assert_eq!(found, open["findings"].as_array().unwrap().len());
    let _ = lanyard.run(&["findings", "lift", id]).ended(0);
    let _ = lanyard.run(&["findings", "show", id]).ended(1);

    // Settings of a rule.
    let rule = lanyard
        .run(&[
            "findings",
            "rule",
            "deep-privilege",
            "--severity",
            "critical",
            "--set",
            "nestings=9",
            "--json",
        ])
        .ended(0)
        .json();
    let set = rule["rule"]["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "nestings")
        .unwrap();
    assert_eq!((&rule["rule"]["severity"], &set["value"]), (&"critical".into(), &9.into()));
    let back = lanyard
        .run(&["findings", "rule", "deep-privilege", "--reset", "--json"])
        .ended(0)
        .json();
    assert_eq!(back["rule"]["severity"], back["rule"]["defaultSeverity"]);
    let told = lanyard.run(&["findings", "rules", "--json"]);
    assert!([0, 3].contains(&told.code));
    assert_eq!(told.json()["rules"].as_array().map(Vec::len), Some(rules.len()));
}
