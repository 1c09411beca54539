//! The screens' own words: what People shows, how a source is connected and removed.

use std::time::{Duration, Instant};

use thirtyfour::By;

use super::company::Offered;
use super::{PATIENCE, Window};

impl Window {
    /// How many people the list says that it shows: the first number beside its heading; 0 where there is none yet.
    pub async fn people_shown(&self) -> u64 {
        let Ok(count) = self.driver.find(By::Css("[data-testid=count]")).await else {
            return 0;
        };
        let text = count.text().await.unwrap_or_default();
        let digits: String = text
            .chars()
            .take_while(|c| !c.is_alphabetic())
            .filter(char::is_ascii_digit)
            .collect();
        digits.parse().unwrap_or(0)
    }

    /// Waits until at least so many people are shown and their number rests: all sources are read. Gives the number.
    ///
    /// # Panics
    /// When they do not come in time.
    pub async fn filled(&self, least: u64, within: Duration) -> u64 {
        let mut before = (0, Instant::now());
        self.until(&format!("{least} people"), within, async || {
            let now = self.people_shown().await;
            if now != before.0 {
                before = (now, Instant::now());
            }
            (now >= least && before.1.elapsed() > Duration::from_millis(1_500)).then_some(now)
        })
        .await
    }

    /// The first cell of the list's first row.
    pub async fn first_row(&self) -> String {
        self.row_text("rows[0]").await
    }

    /// The first cell of the list's last row.
    pub async fn last_row(&self) -> String {
        self.row_text("rows.at(-1)").await
    }

    /// See [`Self::first_row`]. The name stands in a `bdi`, beside initials that are no part of it.
    async fn row_text(&self, which: &str) -> String {
        let script = format!(
            "const rows = [...document.querySelectorAll('[data-testid=grid] [role=row]')].filter((row) => row.querySelector('[role=gridcell] bdi'))\
             .sort((a, b) => a.getAttribute('aria-rowindex') - b.getAttribute('aria-rowindex')); return {which}?.querySelector('bdi').textContent ?? '';"
        );
        self.js(&script, vec![]).await.as_str().unwrap_or_default().to_owned()
    }

    /// Opens the list's first row in the inspector.
    ///
    /// # Panics
    /// When there is no row.
    pub async fn click_first_row(&self) {
        self.until("a row to click", PATIENCE, async || {
            let row = self
                .driver
                .find(By::Css("[data-testid=grid] [role=row] [role=gridcell] bdi"))
                .await
                .ok()?;
            row.click().await.ok()
        })
        .await;
        self.until("the inspector", PATIENCE, async || {
            (self.count("[role=tablist], [data-testid=says]").await > 0).then_some(())
        })
        .await;
    }

    /// What the filter box says is wrong; empty where nothing is.
    pub async fn filter_problem(&self) -> String {
        match self.driver.find(By::Css("[data-testid=filter-problem][role=alert]")).await {
            Ok(problem) => problem.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// The theme that is shown: `light` or `dark`.
    pub async fn theme(&self) -> String {
        let theme = self.js("return document.documentElement.dataset.theme", vec![]).await;
        theme.as_str().unwrap_or_default().to_owned()
    }

    /// Fills the form of a new source, which is open.
    ///
    /// # Panics
    /// When a field is missing.
    pub async fn describe(&self, offered: &Offered, token: &str) {
        self.fill("Name", &offered.name).await;
        self.fill("Base URL", &offered.url).await;
        self.fill("Token", token).await;
    }

    /// Describes, tests and saves a source by the form, which is open; its first sync starts.
    ///
    /// # Panics
    /// When the test does not find the server good.
    pub async fn connect(&self, offered: &Offered) {
        self.describe(offered, &offered.token).await;
        self.click("button", "Test connection").await;
        self.until("a good connection test", PATIENCE, async || {
            (self.count("[data-testid=probe][data-ok=true]").await > 0).then_some(())
        })
        .await;
        self.click("button", "Save and sync").await;
        self.until("the source's own screen", PATIENCE, async || {
            (self.count("[data-testid=source-detail]").await > 0).then_some(())
        })
        .await;
    }

    /// Removes the source whose screen is open.
    ///
    /// # Panics
    /// When the question does not name it.
    pub async fn remove_source(&self, name: &str) {
        self.click("button", "More").await;
        self.click("menuitem", "Remove…").await;
        let question = self.get("dialog", &format!("Remove {name}?")).await;
        let says = self
            .until("what goes", PATIENCE, async || {
                question.text().await.ok().filter(|text| text.contains("Goes"))
            })
            .await;
        assert!(
            says.contains("Its secret from the keychain") && says.contains("the audit log"),
            "{says}"
        );
        self.assert_accessible("the question before a source is removed").await;
        self.click("button", &format!("Remove {name}")).await;
        self.until("the list without it", PATIENCE, async || {
            (self.count("[data-testid=source-detail]").await == 0).then_some(())
        })
        .await;
    }
}
