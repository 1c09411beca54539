//! Runs of de-provisioning against the make-believe company: by the command line as a pipeline would run them, with the evidence that they leave.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use lanyard_engine::view::EvidenceForm;
use serde_json::Value;

use crate::company::Company;

/// The plans that come with the company.
const EVERYWHERE: &str = "canary-everywhere.yaml";
const WITH_LEFTOVERS: &str = "canary-with-leftovers.yaml";
/// The identities that they make.
const NAME: &str = "canary-1@halcyon.example";
const LEFTOVER: &str = "canary-leftover-1@halcyon.example";

/// Everything is served and may be written to; each system is read once.
fn company() -> Company {
    let options = ["--people", "120", "--allow-writes", "--fault", "delay:1s"];
    let company = Company::serve_systems("scim,backstage,azure", &options);
    company.add_all();
    let _ = company.lanyard.run(&["sync"]).ended(0);
    company
}

/// A plan that came with the company.
fn offered(company: &Company, file: &str) -> String {
    let plans = company.server.ready["plans"].as_array().unwrap();
    let plan = plans.iter().find(|plan| plan["file"] == file).unwrap();
    plan["text"].as_str().unwrap().to_owned()
}

fn plan(company: &Company, name: &str, text: &str) -> PathBuf {
    let path = company.data.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

/// Runs a plan that came with the company to where it rests, which it must do with this code.
#[track_caller]
fn run(company: &Company, file: &str, name: &str, code: i32) -> Value {
    let file = plan(company, file, &offered(company, file));
    let arguments = [
        "deprovision",
        "run",
        file.to_str().unwrap(),
        "--yes",
        name,
        "--second-look",
        "all",
        "--json",
    ];
    company.lanyard.run(&arguments).ended(code).json()
}

/// The ids of the checks with this verdict.
fn checks<'r>(run: &'r Value, verdict: &str) -> BTreeSet<&'r str> {
    run["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["verdict"] == verdict)
        .map(|check| check["id"].as_str().unwrap())
        .collect()
}

#[test]
fn a_plan_shows_its_requests_and_writes_nothing() {
    let company = company();
    let text = offered(&company, EVERYWHERE);
    let file = plan(&company, "canary.yaml", &text);
    let shown = company
        .lanyard
        .run(&["deprovision", "plan", file.to_str().unwrap(), "--json"])
        .ended(0)
        .json();
    let request = &shown["steps"][0]["request"];
    assert_eq!(request["method"], "POST");
    assert!(request["body"].as_str().unwrap().contains(NAME), "{request}");
    let listed = company.lanyard.run(&["deprovision", "list", "--open", "--json"]).ended(0).json();
    assert_eq!(listed["total"], 0);
    // A plan with a mistake is wrong use, told with its line.
    let wrong = plan(&company, "wrong.yaml", &text.replace("Ledgerly, limit", "Legerly, limit"));
    let told = company
        .lanyard
        .run(&["deprovision", "plan", wrong.to_str().unwrap(), "--json"])
        .ended(2);
    let line = 1 + text.lines().position(|line| line.contains("Ledgerly,")).unwrap();
    assert!(
        format!("{}{}", told.stdout, told.stderr).contains(&format!("line {line}")),
        "{told:?}"
    );
}

#[test]
fn a_test_run_passes_everywhere_and_its_evidence_holds() {
    let company = company();
    let run = run(&company, EVERYWHERE, NAME, 0);
    assert_eq!(run["state"], "passed", "{run:#}");
    // The one that nobody handed a token over for.
    assert_eq!(checks(&run, "notEvaluated"), BTreeSet::from(["3/backstage.token"]));
    assert_eq!(checks(&run, "passed").len() + 1, run["checks"].as_array().unwrap().len());
    for check in run["checks"].as_array().unwrap() {
        assert!(check["tookMs"].as_u64().is_none_or(|took| took <= 30_000), "{check:#}");
    }
    let states: BTreeSet<&str> = run["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, BTreeSet::from(["alreadySo", "done"]), "the way back finds nobody to delete");

    let engine = company.open().unwrap();
    for (form, masked) in [(EvidenceForm::File, false), (EvidenceForm::Folder, true)] {
        let target = company.data.path().join(format!("evidence-{masked}"));
        let done = engine.export_evidence(1, &target, form, masked).unwrap();
        let held = engine.verify_evidence(done.path.as_ref()).unwrap();
        assert!(held.ok, "{held:#?}");
        assert_eq!(held.run, Some(1));
        let (disclosed, of) = held.disclosed;
        assert!(of > 0 && disclosed == if masked { 0 } else { of }, "{held:#?}");
        assert!(held.key_known.is_some_and(|whose| whose.contains("own")));
        if masked {
            for file in &done.files {
                let bytes = fs::read(target.join(&file.name)).unwrap();
                assert!(!bytes.windows(NAME.len()).any(|part| part == NAME.as_bytes()), "{}", file.name);
            }
            let record = target.join("record.json");
            let mut bytes = fs::read(&record).unwrap();
            let place = bytes.len() / 2;
            bytes[place] ^= 1;
            fs::write(&record, bytes).unwrap();
            assert!(!engine.verify_evidence(&target).unwrap().ok);
        }
    }
    drop(engine);
    assert_eq!(company.lanyard.run(&["audit", "verify", "--json"]).ended(0).json()["ok"], true);
}

#[test]
fn an_assignment_that_survives_and_a_user_that_stays_are_named_and_the_run_refuses() {
    let company = company();
    let run = run(&company, WITH_LEFTOVERS, LEFTOVER, 1);
    assert_eq!(run["state"], "refusing", "{run:#}");
    let failed = checks(&run, "failed");
    assert!(
        failed.contains("4/azure.assignments") && failed.contains("3/backstage.entity"),
        "{failed:?}"
    );
    // The account itself is off in each of them: that is what a look at accounts alone would have seen.
    let passed = checks(&run, "passed");
    assert!(
        ["1/scim.account", "2/scim.account", "4/entra.account"]
            .iter()
            .all(|id| passed.contains(id))
    );
    let named = run["refuses"].to_string();
    assert!(named.contains("Backup Operator") && named.contains("orphan"), "{named}");
    let close = company.lanyard.run(&["deprovision", "close", "1", "--json"]);
    assert_ne!(close.code, 0, "{close:?}");
    let export = company.data.path().join("evidence.zip");
    let refused = company
        .lanyard
        .run(&["deprovision", "report", "1", "--output", export.to_str().unwrap()]);
    assert!(refused.code != 0 && !export.exists(), "{refused:?}");
}
