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

/// Parts of the page larger than a dialog's button bar that cast a blurred shadow. Without a graphics card the web view blurs it anew with each frame
/// that touches it: one around the whole sheet took four fifths of a frame.
const BLURRED: &str = r"return [...document.querySelectorAll('*')].flatMap((element) => [null, '::before', '::after'].flatMap((part) => {
    const { boxShadow, content } = getComputedStyle(element, part);
    const { width, height } = element.getBoundingClientRect();
    if ((part !== null && content === 'none') || width * height < 40_000) return [];
    const blurs = (boxShadow.match(/(-?[\d.]+px ){3}/g) ?? []).some((lengths) => parseFloat(lengths.split(' ')[2]) > 0);
    return blurs ? [`${element.tagName} ${element.className}${part ?? ''}: ${boxShadow}`] : [];
}))";

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
                let blurred = window.js(BLURRED, vec![]).await;
                assert_eq!(blurred, serde_json::json!([]), "{theme} {screen}: shadows that cost a frame");
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
