//! By keyboard alone: every screen, the list, the inspector and back, with the focus always to be seen.

use std::collections::BTreeSet;

use lanyard_tests::window::{Key, PATIENCE, Start, in_window};

/// The second key of a pair that begins with `g`, and where it leads.
const PAIRS: [(&str, &str); 9] = [
    ("p", "/people"),
    ("r", "/groups"),
    ("f", "/findings"),
    ("c", "/changes"),
    ("a", "/audit"),
    ("s", "/sources"),
    (",", "/settings"),
    ("o", "/overview"),
    ("p", "/people"),
];

#[test]
fn from_screen_to_screen_and_into_a_person() {
    in_window("keyboard", Start::demo(240).at("/overview"), async |window| {
        window.get("heading", "Overview").await;
        for (key, address) in PAIRS {
            window.press(format!("g{key}")).await;
            window
                .so(&format!("{address} by g {key}"), async || {
                    window.address().await.starts_with(address)
                })
                .await;
        }
        window.filled(240, PATIENCE).await;
        window.press("/").await;
        window
            .so("the focus in the search", async || window.focused().await.starts_with("INPUT"))
            .await;
        window.press(Key::Down).await;
        window.press(Key::Enter).await;
        window.so("a person", async || window.address().await.starts_with("/people/")).await;
        let first = window.address().await;
        window.press(Key::Down).await;
        window.so("the next person", async || window.address().await != first).await;
        window.press(Key::Escape).await;
        window
            .so("the list alone", async || !window.address().await.starts_with("/people/"))
            .await;
        window.press(Key::Alt + Key::Left).await;
        window
            .so("back to a person or a screen before", async || !window.address().await.is_empty())
            .await;
    });
}

#[test]
fn the_focus_can_always_be_seen() {
    in_window("focus", Start::demo(240).at("/people"), async |window| {
        window.filled(240, PATIENCE).await;
        let mut seen = BTreeSet::new();
        for _ in 0..40 {
            window.press(Key::Tab).await;
            let with = window.still().await;
            let focused = window.focused().await;
            window
                .js(
                    "window.focusWas = document.activeElement; window.focusWas?.blur(); return null",
                    vec![],
                )
                .await;
            if !focused.starts_with("BODY") {
                window
                    .so(&format!("another look once {focused} has lost the focus"), async || {
                        window.still().await != with
                    })
                    .await;
            }
            window.js("window.focusWas?.focus(); return null", vec![]).await;
            seen.insert(focused);
        }
        assert!(seen.len() >= 15, "the Tab key reaches too little: {seen:?}");
    });
}
