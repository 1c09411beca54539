//! People: search, filter with errors under the caret, inspector, palette, theme.

use lanyard_tests::window::{Key, PATIENCE, Start, Window, in_window};
use thirtyfour::By;

/// A window on People, once the demo company is read.
fn on_people(name: &str, test: impl AsyncFnOnce(&mut Window, u64)) {
    in_window(name, Start::demo(240).at("/people"), async |window| {
        let all = window.filled(240, PATIENCE).await;
        test(window, all).await;
    });
}

#[test]
fn search_narrows_as_it_is_typed() {
    on_people("search", async |window, all| {
        let first = window.first_row().await;
        let word: String = first.chars().take_while(|c| !c.is_whitespace()).collect();
        window.fill("Search people", &word).await;
        window
            .so("fewer people", async || (1..all).contains(&window.people_shown().await))
            .await;
        window
            .so("the search in the address", async || window.address().await.contains('?'))
            .await;
        window.fill("Search people", "nobody is called this").await;
        window.sees("Nobody matches.").await;
        window.click("button", "Show everyone").await;
        window.so("all again", async || window.people_shown().await == all).await;
    });
}

#[test]
fn a_filter_narrows_and_its_error_stands_under_the_caret() {
    on_people("filter", async |window, all| {
        let filter = window.driver.find(By::Css("[data-filter]")).await.expect("the filter box");
        filter.click().await.expect("focus");
        filter.send_keys("active eq").await.expect("written");
        filter.send_keys(Key::Escape).await.expect("completion shut");
        window.so("what is wrong", async || window.filter_problem().await.len() > 10).await;
        filter.send_keys(" true").await.expect("written");
        filter.send_keys(Key::Escape).await.expect("completion shut");
        window
            .so("fewer people", async || (1..all).contains(&window.people_shown().await))
            .await;
        assert_eq!(window.filter_problem().await, "");
    });
}

#[test]
fn the_inspector_has_its_tabs() {
    on_people("inspector", async |window, _| {
        window.click_first_row().await;
        let tabs = [
            ("Attributes…", "displayname"),
            ("Groups…", ""),
            ("Timeline…", ""),
            ("Raw…", "\"id\""),
            ("Systems…", "identifiers"),
        ];
        for (tab, shows) in tabs {
            window.click("tab", tab).await;
            window
                .so(&format!("{shows} in {tab}"), async || {
                    window.text().await.to_lowercase().contains(shows)
                })
                .await;
        }
        assert!(window.address().await.starts_with("/people/"), "{}", window.address().await);
    });
}

#[test]
fn the_palette_finds_a_person_and_a_screen() {
    on_people("palette", async |window, _| {
        // The first rows may be machines that have no name to type.
        let name = window.last_row().await;
        window.press(Key::Control + "k").await;
        window.get("dialog", "Go to, or do").await;
        window.press(name.as_str()).await;
        window.get("menuitem", &format!("{name}…")).await;
        window.press(Key::Enter).await;
        window
            .so("the person", async || window.address().await.starts_with("/people/"))
            .await;
        window
            .so("the palette is gone", async || {
                window.find("dialog", "Go to, or do").await.is_none()
            })
            .await;
        window.press(Key::Control + "k").await;
        window.get("dialog", "Go to, or do").await;
        window.press("audit").await;
        window.click("menuitem", "Audit log…").await;
        window
            .so("the audit log", async || window.address().await.starts_with("/audit"))
            .await;
    });
}

#[test]
fn the_theme_changes_and_stays() {
    on_people("theme", async |window, _| {
        let before = window.theme().await;
        let (other, label) = if before == "dark" {
            ("light", "Use the light theme")
        } else {
            ("dark", "Use the dark theme")
        };
        window.click("button", label).await;
        window.so("the other theme", async || window.theme().await == other).await;
        window.reopen(Some(240)).await;
        window.so("the other theme, still", async || window.theme().await == other).await;
    });
}
