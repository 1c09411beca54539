//! Ways out of findings: texts that a shell understands, and one that is run and truly ends what it is for.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::time::{Duration, Instant};

use lanyard_engine::view::{FindingRow, FixKind};
use lanyard_lab::scim::Family;
use serde_json::{Value, json};

use crate::findings::Halcyon;

/// Whether a POSIX shell can read it; nothing is run.
fn reads(text: &str) -> bool {
    Command::new("sh")
        .args(["-n", "-c", text])
        .status()
        .is_ok_and(|status| status.success())
}

fn of_rule<'r>(found: &'r [FindingRow], rule: &str) -> Vec<&'r FindingRow> {
    found.iter().filter(|row| row.rule == rule).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_finding_has_a_way_out_and_each_command_is_one() {
    let halcyon = Halcyon::start().await;
    let secrets = [
        halcyon.lab.provider().token(),
        halcyon.lab.downstream().token(),
        halcyon.lab.portal().unwrap().token(),
        halcyon.lab.azure().unwrap().secret(),
    ];
    let mut kinds: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in halcyon.found() {
        let detail = halcyon.engine.finding(&row.id).unwrap();
        let last = detail.fixes.last().unwrap();
        assert_eq!(
            (last.kind, last.text.as_str()),
            (FixKind::Steps, detail.rule.way_out.as_str()),
            "{row:?}"
        );
        for fix in &detail.fixes {
            let text = &fix.text;
            assert!(!text.is_empty() && !fix.title.is_empty());
            assert!(secrets.iter().all(|secret| !text.contains(secret.as_str())), "{text}");
            assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
            match fix.kind {
                FixKind::Az | FixKind::Curl => {
                    assert!(reads(text), "{text}");
                    let words = shlex::split(text).unwrap_or_else(|| panic!("{text}"));
                    let program = if fix.kind == FixKind::Az { "az" } else { "curl" };
                    assert!(words.iter().any(|word| word.ends_with(program)), "{text}");
                    assert!(fix.note.is_some(), "what to look at before: {text}");
                }
                FixKind::Csv | FixKind::Diff => {
                    let lines: Vec<&str> = text.lines().collect();
                    assert!(
                        lines[0].starts_with("--- a/") && lines[1].starts_with("+++ b/") && lines[2].starts_with("@@ -"),
                        "{text}"
                    );
                    assert!(lines[3..].iter().all(|line| line.starts_with(['+', '-', ' '])), "{text}");
                }
                FixKind::Steps => {}
            }
            kinds.entry(row.rule.clone()).or_default().insert(format!("{:?}", fix.kind));
        }
    }
    let has = |rule: &str, kind: &str| kinds.get(rule).is_none_or(|kinds| kinds.contains(kind));
    for (rule, kind) in [
        ("active-after-leaving", "Curl"),
        ("disabled-holds", "Az"),
        ("guest-holds", "Az"),
        ("individual-holds", "Az"),
        ("principal-gone", "Az"),
        ("principal-soft-deleted", "Az"),
        ("program-without-owner", "Az"),
        ("program-credential-expired", "Az"),
        ("restore-outside", "Az"),
        ("group-drift", "Curl"),
    ] {
        assert!(has(rule, kind), "{rule}: {kinds:?}");
    }
    assert!(kinds.len() > 10, "{kinds:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_copied_and_run_ends_the_finding() {
    let halcyon = Halcyon::start().await;
    let found = halcyon.found();
    let mut ran = None;
    for row in of_rule(&found, "active-after-leaving") {
        let detail = halcyon.engine.finding(&row.id).unwrap();
        if let Some(fix) = detail.fixes.iter().find(|fix| fix.kind == FixKind::Curl) {
            assert!(fix.text.contains(&halcyon.lab.downstream().url()), "{}", fix.text);
            let done = Command::new("sh")
                .arg("-c")
                .arg(&fix.text)
                .env("SCIM_TOKEN", halcyon.lab.downstream().token())
                .output()
                .unwrap();
            assert!(done.status.success(), "{}\n{}", fix.text, String::from_utf8_lossy(&done.stderr));
            ran = Some(row.id.clone());
            break;
        }
    }
    let ran = ran.expect("the company's leavers are active downstream");
    assert!(halcyon.found().iter().any(|row| row.id == ran), "until it is read again");
    halcyon.sync().await;
    assert!(halcyon.found().iter().all(|row| row.id != ran));
    assert_eq!(
        halcyon.found().len() + 1,
        found.len(),
        "that one finding is gone, and no other came or went"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_manager_downstream_is_told_and_put_right_by_the_request() {
    let halcyon = Halcyon::start().await;
    let downstream = halcyon.lab.downstream();
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let text = |user: &Value, at: &str| user.pointer(at).and_then(Value::as_str).map(str::to_owned);
    // Somebody with an account there, as their manager has, and a third person.
    let with_boss = downstream.users().into_iter().find_map(|user| {
        let person = halcyon.lab.provider().user_named(&text(&user, "/userName")?)?;
        let boss = person[enterprise]["manager"]["value"].as_str()?.to_owned();
        let boss = halcyon.lab.provider().get(Family::Users, &boss)?;
        let boss = downstream.user_named(&text(&boss, "/userName")?)?;
        Some((text(&user, "/id")?, text(&boss, "/id")?))
    });
    let (id, boss) = with_boss.expect("somebody whose manager is provisioned");
    let other = downstream
        .users()
        .iter()
        .filter_map(|user| text(user, "/id"))
        .find(|one| *one != id && *one != boss);
    let other = other.expect("somebody else");
    let led_by = |manager: &str| {
        let path = format!("{enterprise}:manager");
        let operations = json!([{"op": "replace", "path": path, "value": {"value": manager}}]);
        downstream.patch_user(&id, &operations).unwrap();
    };
    let of_managers = || {
        let found = halcyon.found();
        let rows = of_rule(&found, "attributes-differ")
            .into_iter()
            .filter(|row| row.says.contains("manager"));
        rows.cloned().collect::<Vec<_>>()
    };
    led_by(&boss);
    halcyon.sync().await;
    assert_eq!(of_managers(), [], "the same manager, by another id");
    led_by(&other);
    halcyon.sync().await;
    let [row] = &of_managers()[..] else {
        panic!("{:#?}", halcyon.found())
    };
    assert!(row.says.contains("Ledgerly") && row.says.contains("Workforce IdP"), "{}", row.says);
    let detail = halcyon.engine.finding(&row.id).unwrap();
    let fix = detail.fixes.iter().find(|fix| fix.kind == FixKind::Curl).expect("a request");
    assert!(fix.text.contains(&boss) && fix.text.contains(":User:manager"), "{}", fix.text);
    let done = Command::new("sh")
        .arg("-c")
        .arg(&fix.text)
        .env("SCIM_TOKEN", downstream.token())
        .output()
        .unwrap();
    assert!(done.status.success(), "{}\n{}", fix.text, String::from_utf8_lossy(&done.stderr));
    let put_right = downstream.get(Family::Users, &id).unwrap();
    assert_eq!(put_right[enterprise]["manager"]["value"], boss.as_str());
    halcyon.sync().await;
    assert_eq!(of_managers(), []);
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < Duration::from_secs(40), "{what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_provisioning_cannot_do_is_a_finding_until_it_can() {
    let halcyon = Halcyon::start().await;
    assert!(of_rule(&halcyon.found(), "provisioning-errors").is_empty() && of_rule(&halcyon.found(), "provisioning-quarantine").is_empty());
    let azure = halcyon.lab.azure().unwrap();
    azure.set(|options| {
        options.sync_every = Duration::from_millis(300);
        options.sync_takes = Duration::from_millis(10);
        options.sync_refuses.insert("first.hire".into());
    });
    halcyon.lab.provisioner().set_delay(Duration::ZERO);
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", enterprise], "userName": "first.hire",
        "displayName": "First Hire", "active": true, enterprise: {"department": "Payments"}});
    halcyon.lab.provider().create_user(&user).unwrap();
    until("the newcomer in Entra", async || azure.find("first.hire").is_some()).await;
    // Until the provider's account is joined to Entra's, the finding is about somebody else.
    let provider = halcyon.engine.find_source("Workforce IdP").unwrap().id;
    let joined = |row: &FindingRow| {
        row.subject
            .address
            .as_deref()
            .is_some_and(|of| of.starts_with(&format!("person:{provider}.")))
    };
    until("a finding", async || {
        halcyon.sync().await;
        of_rule(&halcyon.found(), "provisioning-errors").into_iter().any(joined)
    })
    .await;
    let found = halcyon.found();
    let [row] = of_rule(&found, "provisioning-errors")[..] else {
        panic!("one finding: {found:#?}")
    };
    assert!(row.says.contains("First Hire") && row.says.contains("Ledgerly"), "{}", row.says);
    let detail = halcyon.engine.finding(&row.id).unwrap();
    assert!(
        detail.evidence.iter().any(|fact| fact.says.contains("EntryConflict")),
        "{:?}",
        detail.evidence
    );
    let fix = detail.fixes.iter().find(|fix| fix.kind == FixKind::Az).unwrap();
    assert!(fix.text.contains("provisionOnDemand") && fix.text.contains(&azure.find("first.hire").unwrap().to_string()));
    // It fails again and again, and stays the same finding, that a decision holds for.
    halcyon
        .engine
        .suppress_finding(&row.id, "known", jiff::Timestamp::now().as_millisecond() + 86_400_000)
        .unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    halcyon.sync().await;
    let found = halcyon.found();
    let open = of_rule(&found, "provisioning-errors");
    assert!(open.is_empty(), "it is suppressed still: {open:#?}");
    halcyon.engine.lift_suppression(&row.id).unwrap();
    azure.set(|options| options.sync_refuses.clear());
    until("none", async || {
        halcyon.sync().await;
        of_rule(&halcyon.found(), "provisioning-errors").is_empty()
    })
    .await;
    // A token that was withdrawn quarantines the job; the new one, saved there, would end it.
    let downstream = halcyon.lab.downstream();
    let old = downstream.token();
    let _new = downstream.issue_token();
    assert!(downstream.revoke_token(&old));
    let tenant = halcyon.engine.find_source("Halcyon tenant").unwrap().id;
    until("quarantine", async || {
        halcyon.engine.sync(tenant).await.unwrap();
        !of_rule(&halcyon.found(), "provisioning-quarantine").is_empty()
    })
    .await;
    let found = halcyon.found();
    let row = of_rule(&found, "provisioning-quarantine")[0];
    let detail = halcyon.engine.finding(&row.id).unwrap();
    assert!(
        detail.fixes[0].text.contains("/restart") && reads(&detail.fixes[0].text),
        "{:?}",
        detail.fixes
    );
    // Without the permission it is not known, and the finding stands for want of a look.
    azure.revoke("Synchronization.Read.All");
    let _ = halcyon.engine.sync(tenant).await;
    let found = halcyon.found();
    assert!(of_rule(&found, "provisioning-quarantine")[0].unconfirmed.is_some(), "{found:#?}");
}
