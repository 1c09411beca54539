//! Findings in the real window: listed, narrowed, opened, suppressed and lifted; a rule switched off; changes; what leads where.

use lanyard_tests::window::{PATIENCE, Start, Window, in_window};

/// What axe finds on the screen that is open, in light and in dark.
async fn both_themes(window: &Window, what: &str, found: &mut String) {
    for theme in ["light", "dark"] {
        window.set_theme(theme).await;
        found.extend(window.axe().await.iter().map(|violation| format!("{theme} {what}: {violation}\n")));
    }
}

/// How many findings the list says that there are.
async fn open_findings(window: &Window) -> u64 {
    let text = window
        .js(
            "return document.querySelector('[data-testid=count]')?.textContent ?? ''",
            Vec::new(),
        )
        .await;
    let digits: String = text
        .as_str()
        .unwrap_or_default()
        .split(" open")
        .next()
        .unwrap_or_default()
        .rsplit(' ')
        .next()
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().unwrap_or(0)
}

#[test]
fn a_finding_is_found_suppressed_and_lifted_and_a_rule_switched_off() {
    in_window("findings", Start::demo(240).at("/people"), async |window| {
        window.filled(240, PATIENCE).await;
        window.systems_read(PATIENCE).await;
        let mut found = String::new();

        // The Overview says first what needs somebody, and leads there.
        window.go("/overview").await;
        window.sees("critical or high").await;
        both_themes(window, "overview", &mut found).await;
        window.click("link", "Evidence and way out").await;
        window.sees("Why it matters").await;
        assert!(window.address().await.contains("/findings/"), "{}", window.address().await);
        both_themes(window, "a finding", &mut found).await;

        // The way out is copied as it stands.
        assert!(window.count("[data-testid=fix] pre").await > 0, "no way out");

        window.go("/findings").await;
        window
            .so("findings", async || window.count("[data-testid=finding-row]").await > 0)
            .await;
        both_themes(window, "findings by rule", &mut found).await;
        // The company names the groups that are meant for restoring once they were read; only then that rule speaks.
        window.sees("outside the groups meant for restoring").await;
        let all = open_findings(window).await;
        assert!(all > 5, "{all} findings of a company full of faults");

        window.go("/findings?view=list").await;
        window.get("grid", "Findings").await;
        both_themes(window, "findings by severity", &mut found).await;
        window.click_first_row().await;
        window.sees("Why it matters").await;
        window.click("button", "Suppress…").await;
        window.fill("Why", "Until the migration is through").await;
        window.click("button", "Suppress it").await;
        window.sees("Until the migration is through").await;
        window
            .so("one less that counts", async || open_findings(window).await == all - 1)
            .await;
        window.click("button", "Lift").await;
        window.so("it counts again", async || open_findings(window).await == all).await;

        // A rule that is off says nothing; it is on again as it was.
        let rule = window
            .js(
                "return document.querySelector('a[href*=\"/findings/rules/\"]')?.getAttribute('href') ?? ''",
                Vec::new(),
            )
            .await;
        let rule = rule.as_str().unwrap_or_default().trim_start_matches('#').to_owned();
        assert!(rule.starts_with("/findings/rules/"), "{rule}");
        window.go(&rule).await;
        window.sees("Ask this rule").await;
        both_themes(window, "a rule", &mut found).await;
        window.click("checkbox", "Ask this rule").await;
        window.click("button", "Save").await;
        window.sees("The rule is switched off.").await;
        window.go("/findings").await;
        window.so("fewer findings", async || open_findings(window).await < all).await;
        window.go(&rule).await;
        window.click("button", "Back to the defaults").await;
        window.go("/findings").await;
        window.so("all of them again", async || open_findings(window).await == all).await;

        window.go("/changes").await;
        window.sees("to now").await;
        both_themes(window, "changes", &mut found).await;
        window.go("/changes?view=access").await;
        window.get("grid", "Access gained and lost").await;
        both_themes(window, "access gained and lost", &mut found).await;
        assert!(found.is_empty(), "axe finds:\n{found}");
    });
}
