//! The demo company: it syncs by itself and fills People, Groups and the Overview.

use lanyard_tests::window::{PATIENCE, Start, in_window};

#[test]
fn people_and_groups_fill() {
    in_window("demo", Start::demo(240).at("/people"), async |window| {
        window.filled(240, PATIENCE).await;
        assert!(!window.first_row().await.is_empty(), "people are counted, and no row is shown");
        window.go("/groups").await;
        window.get("grid", "Groups").await;
        window.so("groups", async || !window.first_row().await.is_empty()).await;
        window.go("/overview").await;
        window
            .so("an answer in words", async || window.text().await.contains("critical or high"))
            .await;
    });
}

#[test]
fn a_second_start_knows_the_people_already() {
    in_window("demo-again", Start::demo(240).at("/people"), async |window| {
        let all = window.filled(240, PATIENCE).await;
        window.reopen(None).await;
        window.go("/welcome").await;
        window.click("button", "Open the demo company…").await;
        window.go("/people").await;
        window.so("the same people", async || window.people_shown().await == all).await;
    });
}
