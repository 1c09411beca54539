//! The other way round: scim2-tester against the lab, which everything else is tested with.

use lanyard_lab::{LabOptions, ScimOptions};
use lanyard_tests::peer::tester;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn scim2_tester_finds_no_failure_that_is_not_argued_for() {
    // The tester turns no pages: everyone must be on the first one.
    let wide = |name: &str| ScimOptions {
        default_page: 1000,
        ..ScimOptions::named(name)
    };
    let lab = lanyard_lab::serve(LabOptions {
        people: 60,
        provider: wide("Workforce IdP"),
        downstream: wide("Ledgerly"),
        ..LabOptions::default()
    })
    .await
    .unwrap();
    for handle in [lab.provider().clone(), lab.downstream().clone()] {
        let (url, token) = (handle.url(), handle.token());
        let output = tokio::task::spawn_blocking(move || tester().arg(url).env("LANYARD_TOKEN", token).output().unwrap())
            .await
            .unwrap();
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(output.status.success(), "{said}");
        let summary: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
        assert!(
            summary["checks"].as_u64() >= Some(60) && summary["failures"].as_array().is_some_and(Vec::is_empty),
            "{summary:#}"
        );
    }
    lab.stop().await;
}
