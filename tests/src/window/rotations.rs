//! Credentials and their rotation, as a person does it in the window.

use serde_json::{Value, json};

use super::{Company, Offered, Window};

impl Window {
    /// Connects a source of a company by the command line, in the window's own session and keychain, with writing switched on, and reads it.
    ///
    /// # Panics
    /// When either fails.
    pub fn connect_quietly(&self, offered: &Offered) {
        let mut add = self.program("lanyard");
        add.args([
            "source",
            "add",
            "scim",
            "--name",
            &offered.name,
            "--url",
            &offered.url,
            "--token-env",
            "GIVEN",
            "--allow-writes",
        ]);
        add.env("GIVEN", &offered.token);
        if offered.authoritative {
            add.arg("--authoritative");
        }
        let added = add.output().expect("the program runs");
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        let synced = self
            .program("lanyard")
            .args(["sync", &offered.name])
            .output()
            .expect("the program runs");
        assert!(synced.status.success(), "{}", String::from_utf8_lossy(&synced.stderr));
    }

    /// Opens the dialog that begins a rotation of a source's credential, and shows what it does.
    ///
    /// # Panics
    /// When it does not come up.
    pub async fn plan_rotation(&self, source: u32, reason: &str) {
        self.go(&format!("/tokens/own:{source}?rotate={reason}")).await;
        self.click("button", "Show what it does").await;
    }

    /// How the rotation that is open stands, as its heading says.
    pub async fn rotation_state(&self) -> String {
        let text = self
            .js(
                "return document.querySelector('[data-testid=rotation] h1')?.innerText ?? ''",
                vec![],
            )
            .await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Asks with the old one again and again, as an impatient person does, until the rotation's heading says this.
    ///
    /// # Panics
    /// When it does not come to that in time.
    pub async fn ask_until(&self, word: &str) {
        self.until(
            &format!("a rotation that is “{word}”"),
            std::time::Duration::from_secs(120),
            async || {
                if self.rotation_state().await.contains(word) {
                    return Some(());
                }
                if let Some(button) = self.find("button", "Ask now").await {
                    // It may be disabled or gone by now.
                    drop(button.click().await);
                }
                None
            },
        )
        .await;
    }

    /// The number of the rotation that is open, by the address.
    pub async fn rotation_number(&self) -> String {
        let address = self.address().await;
        address
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .split('?')
            .next()
            .unwrap_or_default()
            .to_owned()
    }
}

impl Company {
    /// Switches faults on and off while the company runs: `ledgerly/tokens:lying`.
    ///
    /// # Panics
    /// When it does not do so.
    pub async fn switch(&self, on: &[&str], off: &[&str]) {
        let answer = reqwest::Client::new()
            .post(format!("{}/faults", self.control))
            .json(&json!({ "on": on, "off": off }))
            .send()
            .await
            .expect("an answer");
        assert!(answer.status().is_success(), "{:?}", answer.text().await);
    }

    /// The tokens that a server made on request, as it truly knows them.
    ///
    /// # Panics
    /// When it does not answer.
    pub async fn made(&self, system: &str) -> Vec<Value> {
        let truth = self.tokens(system).await;
        let tokens = truth[system]["tokens"]
            .as_array()
            .or(truth["tokens"].as_array())
            .cloned()
            .unwrap_or_default();
        tokens.into_iter().filter(|token| token["minted"] == true).collect()
    }
}
