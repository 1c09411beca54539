//! Sources: the form, the connection test, sync with progress and cancel, removal.

use lanyard_tests::window::{Company, Start, in_window};
use thirtyfour::By;

#[test]
fn a_source_is_added_tested_synced_and_removed() {
    in_window("sources", Start::first().at("/sources/new"), async |window| {
        let company = Company::open(80, &[]);
        let offered = company.identity_provider().clone();
        window.connect(&offered).await;
        window.go("/people").await;
        window.so("people", async || window.people_shown().await >= 80).await;
        window.go("/sources").await;
        window.sees("In full").await;
        window.assert_accessible("a source that was read").await;
        window.remove_source(&offered.name).await;
        window.sees("Systems will be here.").await;
        window.go("/people").await;
        window.sees("People will be here.").await;
    });
}

#[test]
fn a_sync_shows_progress_and_is_cancelled() {
    in_window("cancel", Start::first().at("/sources/new"), async |window| {
        let company = Company::open(6_000, &["slow:1200ms"]);
        let offered = company.identity_provider().clone();
        window.connect(&offered).await;
        window.so("progress", async || window.count("[data-testid=cancel]").await > 0).await;
        window.assert_accessible("a running sync").await;
        window.click("button", "Cancel").await;
        window.so("the end", async || window.count("[data-testid=cancel]").await == 0).await;
        window
            .so("that it was cancelled", async || {
                window.text().await.to_lowercase().contains("cancelled")
            })
            .await;
        let says = window.text().await;
        assert!(
            !says.contains("In full") || says.contains("In part") || says.contains("Not evaluated"),
            "a cancelled reading is not whole: {says}"
        );
    });
}

#[test]
fn a_wrong_token_is_told_as_such() {
    in_window("wrong-token", Start::first().at("/sources/new"), async |window| {
        let company = Company::open(20, &[]);
        let offered = company.identity_provider().clone();
        window.describe(&offered, "not-the-token").await;
        window.click("button", "Test connection").await;
        window
            .so("the verdict", async || window.count("[data-testid=probe][data-ok=false]").await > 0)
            .await;
        let report = window.driver.find(By::Css("[data-testid=probe]")).await.expect("the report");
        let says = report.text().await.expect("its text").to_lowercase();
        assert!(
            says.contains("token") || says.contains("credential"),
            "it names what is wrong: {says}"
        );
        window.assert_accessible("the form with a fault").await;
        assert!(!window.text().await.contains("not-the-token"));
    });
}
