//! axe-core on every screen, light and dark: it finds nothing.

use lanyard_tests::window::{PATIENCE, Start, in_window};

/// Every screen that an address leads to.
const SCREENS: [&str; 10] = [
    "/overview",
    "/people",
    "/groups",
    "/findings",
    "/findings/rules",
    "/changes",
    "/audit",
    "/sources",
    "/sources/new",
    "/settings",
];

#[test]
fn every_screen_in_light_and_dark() {
    in_window("accessible", Start::demo(240).at("/people"), async |window| {
        window.filled(240, PATIENCE).await;
        let mut found = String::new();
        for theme in ["light", "dark"] {
            window.set_theme(theme).await;
            for screen in SCREENS {
                window.go(screen).await;
                found.extend(window.axe().await.iter().map(|violation| format!("{theme} {screen}: {violation}")));
            }
            for (list, tabs) in [
                ("/people", ["Systems…", "Attributes…", "Groups…", "Timeline…", "Raw…"].as_slice()),
                ("/groups", &[]),
            ] {
                window.go(list).await;
                window.click_first_row().await;
                found.extend(
                    window
                        .axe()
                        .await
                        .iter()
                        .map(|violation| format!("{theme} {list} with inspector: {violation}")),
                );
                for tab in tabs {
                    window.click("tab", tab).await;
                    found.extend(
                        window
                            .axe()
                            .await
                            .iter()
                            .map(|violation| format!("{theme} {list} {tab}: {violation}")),
                    );
                }
            }
        }
        assert!(found.is_empty(), "axe finds:\n{found}");
    });
}
