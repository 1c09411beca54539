//! 100,000 people: the list scrolls to its end, search narrows it, and the page never holds more rows than it shows.

use std::time::{Duration, Instant};

use lanyard_tests::window::{Key, Start, in_window};

/// How long a debug build may take to make up, serve, read and keep them all.
const SYNCED_WITHIN: Duration = Duration::from_secs(420);
/// The place of the last row in the page.
const LAST_ROW: &str =
    "return Math.max(...[...document.querySelectorAll('[data-testid=grid] [role=row]')].map((row) => +row.getAttribute('aria-rowindex')))";

#[test]
fn a_hundred_thousand_people() {
    in_window("many", Start::demo(100_000).at("/people"), async |window| {
        let all = window.filled(100_000, SYNCED_WITHIN).await;
        window.get("grid", "People").await.click().await.expect("focus");
        window.press(Key::End).await;
        // The head is the first row, so the last has the number of all and one.
        window
            .so("the last row", async || window.js(LAST_ROW, vec![]).await.as_u64() == Some(all + 1))
            .await;
        window.so("its text", async || !window.last_row().await.is_empty()).await;
        let rows = window.count("[data-testid=grid] [role=row]").await;
        assert!(rows < 200, "{rows} rows in the page: only those in view should be");
        let started = Instant::now();
        window.fill("Search people", "zz").await;
        window.so("fewer people", async || window.people_shown().await < all).await;
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "{:?} from the first key to the answer",
            started.elapsed()
        );
    });
}
