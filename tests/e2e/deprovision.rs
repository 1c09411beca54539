//! Guided de-provisioning in the demo company: a test run that passes everywhere, and one that refuses to close over what survived.

use std::fs;
use std::time::Duration;

use lanyard_tests::window::{Start, Window, in_window};

/// How long a debug build may take to serve and read four systems.
const READ_WITHIN: Duration = Duration::from_secs(120);

/// Somebody who has an account in all four systems. The demo company's ids are the same each time.
const LEAVER: &str = "1.00uxZDpYPqkxnYTtwh1A";

/// What axe finds on the screen that is open, in light and in dark.
async fn both_themes(window: &Window, what: &str, found: &mut String) {
    for theme in ["light", "dark"] {
        window.set_theme(theme).await;
        found.extend(window.axe().await.iter().map(|violation| format!("{theme} {what}: {violation}")));
    }
}

/// Whether the plan that is open can be begun.
async fn begins(window: &Window) -> bool {
    let begin = window.get("button", "Begin").await;
    begin.is_enabled().await.expect("a button")
}

/// The text of the phase that is open.
async fn work(window: &Window) -> String {
    let text = window
        .js(
            "return document.querySelector('[aria-labelledby=run-phase]')?.innerText ?? ''",
            vec![],
        )
        .await;
    text.as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_test_run_passes_everywhere_and_its_evidence_is_exported_and_holds() {
    let start = Start::demo(240).at("/people");
    in_window("deprovision-passes", start, async |window| {
        let mut found = String::new();
        window.systems_read(READ_WITHIN).await;
        window.go("/deprovision").await;
        window.sees("Canary everywhere").await;
        window.sees("Canary with leftovers").await;
        both_themes(window, "de-provisioning", &mut found).await;

        window.plan_run("Canary everywhere").await;
        // The requests stand there as they will be sent, and nothing was sent.
        window
            .js(
                "document.querySelector('[data-testid=step-make-1] > button').click(); return null",
                vec![],
            )
            .await;
        window.sees("As it would be sent").await;
        let request = work(window).await;
        assert!(
            request.contains("POST") && request.contains("\"userName\"") && request.contains("As it would be sent"),
            "{request}"
        );
        both_themes(window, "the plan of a run", &mut found).await;
        // What was made for the run may be lost: the name is enough.
        assert!(!begins(window).await, "it begins without a name");
        window.agree("canary-1@halcyon.example").await;

        // It is followed live: what waits is counted up, and it can be stopped.
        window.get("button", "Stop").await;
        window.run_midway().await;
        window.run_rests("passed").await;
        window.phase("verify").await;
        window.so("checks", async || window.checks("passed").await.len() > 12).await;
        assert!(window.checks("failed").await.is_empty());
        both_themes(window, "a run that passed", &mut found).await;
        window.phase("evidence").await;
        window.sees("Signed").await;
        both_themes(window, "the end of a run", &mut found).await;

        let file = window.desk_folder().join("run-1.zip");
        window.export_evidence(&file).await;
        assert!(
            window.open_evidence(&file).await,
            "the evidence does not hold: {}",
            window.text().await
        );
        both_themes(window, "evidence that holds", &mut found).await;
        let mut bytes = fs::read(&file).expect("written");
        let place = bytes.len() / 2;
        bytes[place] ^= 1;
        fs::write(&file, bytes).expect("changed");
        assert!(!window.open_evidence(&file).await, "one changed byte is not found");

        window.go(&format!("/people/{LEAVER}/offboard")).await;
        window.sees("What would be done").await;
        both_themes(window, "walking somebody out", &mut found).await;
        // What cannot be undone is looked at twice, beside the name.
        window
            .js(
                "document.querySelector('[data-testid=leaver-1] input[type=radio][value=delete]').click(); return null",
                vec![],
            )
            .await;
        window.click("button", "Show the plan step by step").await;
        window
            .so("the plan of the run", async || window.run_state().await == "planned")
            .await;
        let name = window
            .js(
                "return document.querySelector('form[aria-label=Agreement] code').textContent",
                vec![],
            )
            .await;
        let name = name.as_str().expect("a name").to_owned();
        window.fill(&format!("Type {name} to agree"), &name).await;
        assert!(!begins(window).await, "it begins without a second look");
        assert!(window.second_look().await > 0, "a deletion is no step that cannot be undone");
        window.so("a beginning", async || begins(window).await).await;
        both_themes(window, "the plan for a leaver", &mut found).await;
        assert!(found.is_empty(), "axe finds:\n{found}");
    });
}

#[test]
fn what_survives_is_named_and_the_run_refuses_to_close() {
    let start = Start::demo(240).at("/people");
    in_window("deprovision-refuses", start, async |window| {
        let mut found = String::new();
        window.systems_read(READ_WITHIN).await;
        window.plan_run("Canary with leftovers").await;
        window.agree("canary-leftover-1@halcyon.example").await;
        window.run_midway().await;
        both_themes(window, "a run under way", &mut found).await;
        window.run_rests("refusing").await;
        // Both are named where one lands, with what is left, and every account is off.
        let said = work(window).await;
        assert!(said.contains("Backup Operator") && said.contains("orphan"), "{said}");
        let failed = window.checks("failed").await;
        assert!(
            ["4/azure.assignments", "3/backstage.entity"]
                .iter()
                .all(|id| failed.iter().any(|one| one == id)),
            "{failed:?}"
        );
        let passed = window.checks("passed").await;
        assert!(
            ["1/scim.account", "2/scim.account", "4/entra.account"]
                .iter()
                .all(|id| passed.iter().any(|one| one == id)),
            "{passed:?}"
        );
        both_themes(window, "a run that refuses", &mut found).await;

        window.phase("evidence").await;
        window.sees("It refuses to close").await;
        for button in ["Sign and close", "Export…"] {
            let button = window.get("button", button).await;
            assert!(!button.is_enabled().await.expect("a button"));
        }
        both_themes(window, "the end that is refused", &mut found).await;
        window.go("/deprovision").await;
        window.sees("Refuses to close").await;
        assert!(found.is_empty(), "axe finds:\n{found}");
    });
}
