//! The screens' own words: what People shows, how a source is connected and removed.

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
            (self.count("[role=tablist]").await > 0).then_some(())
        })
        .await;
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

    /// Describes, tests and saves a source by the form, which is open.
    ///
    /// # Panics
    /// When the test does not find the server good.
    pub async fn connect(&self, offered: &Offered) {
        self.describe(offered, &offered.token).await;
        self.click("button", "Test connection").await;
        self.sees("answers").await;
        self.click("button", "Save…").await;
        self.until("the list of sources", PATIENCE, async || {
            (!self.address().await.ends_with("/new")).then_some(())
        })
        .await;
    }

    /// Removes a source by its screen.
    ///
    /// # Panics
    /// When it is not there.
    pub async fn remove_source(&self, name: &str) {
        self.go("/sources").await;
        self.sees(name).await;
        self.click("button", "Remove…").await;
        let dialog = self
            .until("the question", PATIENCE, async || {
                self.driver.find(By::Css("[role=alertdialog],[role=dialog]")).await.ok()
            })
            .await;
        assert!(
            dialog.text().await.unwrap_or_default().contains(name),
            "the question names what goes"
        );
        let buttons = dialog.find_all(By::Css("button")).await.expect("buttons");
        for button in buttons {
            if button.text().await.unwrap_or_default().starts_with("Remove") {
                button.click().await.expect("clicked");
                return;
            }
        }
        panic!("the question has no button that removes");
    }
}
