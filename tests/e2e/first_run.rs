//! The first start: three choices, nothing else, and nothing kept that was not asked for.

use lanyard_tests::window::{Start, in_window};

#[test]
fn the_first_start_offers_three_choices() {
    in_window("first-run", Start::first(), async |window| {
        for choice in ["Connect a system", "Open the demo company", "Open an existing data folder"] {
            window.get("button", &format!("{choice}…")).await;
        }
        window.assert_accessible("the first start").await;
        assert_eq!(
            window.count("nav[aria-label='Screens']").await,
            0,
            "no rail before there is anything to go to"
        );
        window.set_theme("dark").await;
        window.assert_accessible("the first start in dark").await;
    });
}

#[test]
fn the_demo_company_opens_from_the_first_start() {
    in_window("first-run-demo", Start::first(), async |window| {
        window.click("button", "Open the demo company…").await;
        window.sees("Halcyon Freight").await;
        window.go("/people").await;
        window.so("people", async || window.people_shown().await >= 240).await;
    });
}
