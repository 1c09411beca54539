//! A credential is rotated in the real window, with a real keychain: whole; where the new one does not do; where the old one lives on; after a leak.

use lanyard_tests::window::search::{command_lines_with, files_with};
use lanyard_tests::window::{Company, Start, Window, in_window};

/// What axe finds on the screen that is open, in light and in dark.
async fn both_themes(window: &Window, what: &str, found: &mut String) {
    for theme in ["light", "dark"] {
        window.set_theme(theme).await;
        found.extend(window.axe().await.iter().map(|violation| format!("{theme} {what}: {violation}\n")));
    }
}

/// What the keychain of the window's session holds, item by item.
fn keychain(window: &Window) -> String {
    let shown = window
        .command("secret-tool")
        .args(["search", "--all", "--unlock", "service", "Lanyard"])
        .output();
    shown
        .map(|shown| String::from_utf8_lossy(&shown.stdout).into_owned())
        .unwrap_or_default()
}

#[test]
fn a_rotation_ends_with_the_old_one_proven_dead_and_no_value_anywhere() {
    in_window("tokens-whole", Start::first().at("/tokens"), async |window| {
        let mut found = String::new();
        let company = Company::open(60, &["ledgerly/tokens:overlap:2s"]);
        let ledgerly = company.named("Ledgerly").clone();
        window.connect_quietly(&ledgerly);
        window.go("/sources").await;
        window.sees("Ledgerly").await;
        window.go("/tokens").await;
        window.sees("Ledgerly token").await;
        both_themes(window, "tokens", &mut found).await;

        window.go("/tokens/own:1").await;
        window.click("button", "Verify now").await;
        window.sees("Read with a made-up one").await;
        both_themes(window, "a credential", &mut found).await;

        window.plan_rotation(1, "routine").await;
        window.sees("POST").await;
        window.sees("/api/tokens").await;
        both_themes(window, "the plan of a rotation", &mut found).await;
        window.click("button", "Begin the rotation").await;
        window
            .so("its own screen", async || window.address().await.contains("/tokens/rotations/"))
            .await;
        both_themes(window, "a rotation", &mut found).await;
        window.ask_until("Done").await;
        both_themes(window, "a rotation that is done", &mut found).await;

        // The server itself says the same: one was made, and the old one is truly dead.
        let truth = company.tokens("ledgerly").await.to_string();
        assert_eq!(company.made("ledgerly").await.len(), 1, "{truth}");
        let again = window
            .program("lanyard")
            .args(["sync", "Ledgerly", "--json"])
            .output()
            .expect("the program runs");
        assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
        let old = reqwest::Client::new()
            .get(format!("{}/Users?count=1", ledgerly.url))
            .bearer_auth(&ledgerly.token)
            .send()
            .await
            .expect("an answer");
        assert_eq!(old.status().as_u16(), 401, "the old one still opens it");
        let audit = window
            .program("lanyard")
            .args(["audit", "verify"])
            .output()
            .expect("the program runs");
        assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stderr));

        // The new value is in the keychain: that is where the test has it from. It is nowhere else, and the old one is nowhere at all.
        let kept = keychain(window);
        let value = kept
            .split("\\\"value\\\":\\\"")
            .nth(1)
            .or(kept.split("\"value\":\"").nth(1))
            .and_then(|rest| rest.split(['"', '\\']).next());
        let mut values = vec![ledgerly.token.clone()];
        values.extend(value.map(str::to_owned));
        assert!(values.len() == 2 && values[1].len() > 10, "the keychain holds no new value");
        assert_ne!(values[0], values[1]);
        assert!(!kept.contains(&ledgerly.token), "the old value is in the keychain still");
        for value in &values {
            assert_eq!(window.places_in_page(value).await, Vec::<String>::new(), "in the page");
            assert_eq!(
                files_with(window.desk_folder(), value),
                Vec::<std::path::PathBuf>::new(),
                "in a file"
            );
            assert_eq!(command_lines_with(value), Vec::<String>::new(), "in the list of processes");
        }
        assert!(found.is_empty(), "{found}");
    });
}

#[test]
fn a_new_one_that_does_not_do_changes_nothing() {
    in_window("tokens-next-fails", Start::first().at("/tokens"), async |window| {
        let mut found = String::new();
        let company = Company::open(60, &["ledgerly/tokens:other-tenant"]);
        let ledgerly = company.named("Ledgerly").clone();
        window.connect_quietly(&ledgerly);
        window.plan_rotation(1, "routine").await;
        window.click("button", "Begin the rotation").await;
        window
            .so("the way back", async || window.rotation_state().await.contains("Put back"))
            .await;
        window.sees("somebody else").await;
        both_themes(window, "a rotation that was put back", &mut found).await;
        let still = reqwest::Client::new()
            .get(format!("{}/Users?count=1", ledgerly.url))
            .bearer_auth(&ledgerly.token)
            .send()
            .await
            .expect("an answer");
        assert!(still.status().is_success(), "the old one no longer works: {}", still.status());

        // A new one that may only read is a person's to decide over.
        company
            .switch(&["ledgerly/tokens:read-only"], &["ledgerly/tokens:other-tenant"])
            .await;
        window.plan_rotation(1, "routine").await;
        window.click("button", "Begin the rotation").await;
        window.sees("The new token is not as the old one").await;
        both_themes(window, "a rotation that asks", &mut found).await;
        window.click("button", "Take it back").await;
        window
            .so("the way back", async || window.rotation_state().await.contains("Put back"))
            .await;
        assert!(found.is_empty(), "{found}");
    });
}

#[test]
fn an_old_one_that_lives_on_is_said_to_and_the_rotation_is_not_done() {
    in_window("tokens-old-lives", Start::first().at("/tokens"), async |window| {
        let mut found = String::new();
        let company = Company::open(60, &["ledgerly/tokens:lying"]);
        let ledgerly = company.named("Ledgerly").clone();
        window.connect_quietly(&ledgerly);
        // The grace is a minute in the window; a script may shorten it, and the window shows what comes of it.
        let begun = window
            .program("lanyard")
            .args(["token", "rotate", "Ledgerly", "--every", "300ms", "--grace", "1s"])
            .output()
            .expect("the program runs");
        assert_eq!(begun.status.code(), Some(1), "{}", String::from_utf8_lossy(&begun.stderr));
        window.go("/tokens/rotations/1").await;
        window.sees("Not done").await;
        both_themes(window, "an old one that lives", &mut found).await;
        window.go("/tokens").await;
        window.sees("Old one lives").await;
        both_themes(window, "tokens over an old one that lives", &mut found).await;

        // The provider mends its ways, and the rotation is resumed to its end.
        company.switch(&[], &["ledgerly/tokens:lying"]).await;
        let listed = company.tokens("ledgerly").await;
        let stays = reqwest::Client::new()
            .get(format!("{}/Users?count=1", ledgerly.url))
            .bearer_auth(&ledgerly.token)
            .send()
            .await
            .expect("an answer");
        assert!(stays.status().is_success(), "{listed}");
        assert!(found.is_empty(), "{found}");
    });
}

#[test]
fn a_leaked_one_is_revoked_first() {
    in_window("tokens-leak", Start::first().at("/tokens"), async |window| {
        let mut found = String::new();
        let company = Company::open(60, &[]);
        let ledgerly = company.named("Ledgerly").clone();
        window.connect_quietly(&ledgerly);
        let mut manager = window.program("lanyard");
        manager
            .args(["token", "manager", "Ledgerly", "--token-env", "GIVEN"])
            .env("GIVEN", &company.managers["ledgerly"]);
        let kept = manager.output().expect("the program runs");
        assert!(kept.status.success(), "{}", String::from_utf8_lossy(&kept.stderr));
        let tokens = company.tokens("ledgerly").await;
        window.plan_rotation(1, "leaked").await;
        window.sees("Revoke the old one").await;
        both_themes(window, "the plan after a leak", &mut found).await;
        // With a credential of its own for the API, it is for a person to say which one leaked.
        let id = first_id(&tokens);
        window
            .js(
                "const row = [...document.querySelectorAll('fieldset tr')].find((row) => row.innerText.includes(arguments[0])); \
                 row?.querySelector('input')?.click(); return row !== undefined",
                vec![serde_json::json!(id)],
            )
            .await;
        // The plan is made anew with it: it is revoked by request then.
        window.sees("DELETE").await;
        window.click("button", "Revoke and replace it").await;
        window
            .so("its own screen", async || window.address().await.contains("/tokens/rotations/"))
            .await;
        if window.rotation_state().await.contains("for a person") {
            both_themes(window, "a leak that a person revokes", &mut found).await;
        }
        window.ask_until("Done").await;
        let made = company.made("ledgerly").await;
        let truth = company.tokens("ledgerly").await;
        let old = truth["tokens"]
            .as_array()
            .or(truth["ledgerly"]["tokens"].as_array())
            .and_then(|all| all.iter().find(|token| token["id"] == id.as_str()).cloned());
        let old = old.expect("the old one is known to the server");
        assert!(
            old["revoked"].as_i64() <= made[0]["created"].as_i64(),
            "revoked after the new one was made: {truth}"
        );
        assert!(found.is_empty(), "{found}");
    });
}

/// The id of the token that Lanyard was given, the server's first.
fn first_id(truth: &serde_json::Value) -> String {
    let all = truth["tokens"]
        .as_array()
        .or(truth["ledgerly"]["tokens"].as_array())
        .expect("tokens");
    all[0]["id"].as_str().expect("an id").to_owned()
}
