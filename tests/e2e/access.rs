//! The Access map over the demo company's four systems: the flow, a focus, the matrix, the table, who can restore.

use std::time::Duration;

use lanyard_tests::window::{Start, Window, in_window};

/// How long a debug build may take to serve and read four systems.
const READ_WITHIN: Duration = Duration::from_secs(120);
/// The boxes of the flow.
const BOXES: &str = "[data-testid=flow] [data-node]";

async fn read_in_full(window: &Window) {
    // The tenant is read last; its vaults are the last scopes to come.
    window
        .until("the vaults", READ_WITHIN, async || {
            let text = window.text().await;
            text.contains("vault-prod").then_some(())
        })
        .await;
}

#[test]
fn the_flow_says_who_restores_from_a_vault_and_why() {
    in_window(
        "access",
        Start::demo(240).at("/access?restore=1").sized(1440, 900),
        async |window| {
            read_in_full(window).await;
            assert!(window.count(BOXES).await <= 500, "more boxes than anybody can read");
            window.assert_accessible("the flow").await;
            // A vault in focus leaves its paths, and the panel says who reaches it.
            let vault = window
            .js(
                "return [...document.querySelectorAll('[data-testid=flow] [data-node^=\"scope:\"]')].find((box) => (box.ariaLabel ?? box.textContent).includes('vault-prod'))?.dataset.node",
                vec![],
            )
            .await;
            let vault = vault.as_str().expect("a box for the vault").to_owned();
            window.go(&format!("/access?restore=1&focus={vault}")).await;
            window
                .so("the panel", async || window.count("[data-testid=map-panel]").await == 1)
                .await;
            window.sees("Backup Operator").await;
            window.assert_accessible("the flow with a focus").await;
        },
    );
}

#[test]
fn the_other_views_show_the_same_query() {
    in_window(
        "access-views",
        Start::demo(240).at("/access?restore=1").sized(1440, 900),
        async |window| {
            read_in_full(window).await;
            window.go("/access?view=matrix&restore=1").await;
            window
                .so("cells", async || window.count("[data-testid=matrix] [role=gridcell]").await > 0)
                .await;
            window.sees("Backup Operator").await;
            window.assert_accessible("the matrix").await;
            window.go("/access?view=table&restore=1").await;
            window.so("rows", async || window.text().await.contains("vault-prod")).await;
            window.assert_accessible("the table").await;
            window.go("/access?view=restore").await;
            window.sees("breaches of separation of duty").await;
            window.so("rows", async || window.count("[role=grid] [role=row]").await > 5).await;
            window.assert_accessible("who can restore").await;
        },
    );
}
