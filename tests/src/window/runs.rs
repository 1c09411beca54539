//! Guided de-provisioning as a person plays it: a plan is chosen, agreed to, followed, and its evidence looked at.

use std::path::Path;
use std::time::Duration;

use super::{PATIENCE, Window};

/// How long a run of the demo company's plans may take: the identity has to arrive everywhere, is cut, and every limit may pass.
const RUN_WITHIN: Duration = Duration::from_secs(150);

impl Window {
    /// Waits until the plans can be run: the demo company's four systems are read.
    ///
    /// # Panics
    /// When they are not in time.
    pub async fn systems_read(&self, within: Duration) {
        self.go("/access?view=restore").await;
        // The tenant is read last.
        self.sees_within("vault-prod", within).await;
    }

    /// Chooses a plan on the screen of de-provisioning, and waits until it is worked out.
    ///
    /// # Panics
    /// When there is no such plan, or it cannot be worked out.
    pub async fn plan_run(&self, plan: &str) {
        self.go("/deprovision").await;
        self.click("button", &format!("Plan a run of {plan}")).await;
        self.get("dialog", &format!("Plan a run of {plan}")).await;
        self.click("button", "Show the plan").await;
        self.so("the plan of the run", async || self.run_state().await == "planned").await;
        self.so("the agreement", async || self.count("form[aria-label=Agreement]").await == 1)
            .await;
    }

    /// Takes the second look at each step that cannot be undone. Gives how many there are.
    pub async fn second_look(&self) -> u64 {
        let ticked = self
            .js(
                "const all = [...document.querySelectorAll('[role=group][aria-label=\"Steps that cannot be undone\"] input')]; \
                 all.filter((box) => !box.checked).forEach((box) => box.click()); return all.length",
                vec![],
            )
            .await;
        ticked.as_u64().unwrap_or_default()
    }

    /// Agrees to the plan that is open by the name, and lets it begin.
    ///
    /// # Panics
    /// When it does not begin.
    pub async fn agree(&self, name: &str) {
        self.fill(&format!("Type {name} to agree"), name).await;
        self.click("button", "Begin").await;
        self.so("the begin", async || self.run_state().await != "planned").await;
    }

    /// Shows a phase of the run that is open.
    pub async fn phase(&self, phase: &str) {
        let address = self.address().await;
        let run = address.split('?').next().unwrap_or_default();
        self.go(&format!("{run}?phase={phase}")).await;
    }

    /// The ids of the checks that the open phase shows with this verdict.
    pub async fn checks(&self, verdict: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(`[data-testid^='check-'] > [data-verdict=${arguments[0]}]`)]\
             .map((line) => line.parentElement.dataset.testid.slice('check-'.length))";
        let ids = self.js(script, vec![verdict.into()]).await;
        let ids = ids.as_array().into_iter().flatten();
        ids.filter_map(|id| id.as_str()).map(str::to_owned).collect()
    }

    /// Waits until the run that is open is in the middle of its checks: something waits and something passed.
    ///
    /// # Panics
    /// When it does not come to that in time.
    pub async fn run_midway(&self) {
        self.until("checks midway", RUN_WITHIN, async || {
            (!self.checks("waiting").await.is_empty() && !self.checks("passed").await.is_empty()).then_some(())
        })
        .await;
    }

    /// How the run that is open stands, as the screen's mark says it; empty where none is open.
    pub async fn run_state(&self) -> String {
        let state = self
            .js(
                "return document.querySelector('[data-testid=run] [data-testid=run-state]')?.dataset.state ?? ''",
                vec![],
            )
            .await;
        state.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the run that is open rests in this state.
    ///
    /// # Panics
    /// When it does not in time, or rests in another.
    pub async fn run_rests(&self, state: &str) {
        let rested = self
            .until(&format!("a run that is {state}"), RUN_WITHIN, async || {
                let now = self.run_state().await;
                (!["", "planned", "running"].contains(&now.as_str())).then_some(now)
            })
            .await;
        assert_eq!(rested, state, "the run rests otherwise");
    }

    /// Exports the evidence of the run that is open, as one file at this place.
    ///
    /// # Panics
    /// When it is not written.
    pub async fn export_evidence(&self, file: &Path) {
        self.click("button", "Export…").await;
        self.click("button", "Choose a place…").await;
        self.save_as(file);
        self.until("the evidence", PATIENCE, async || file.exists().then_some(())).await;
        self.sees("The evidence was written").await;
    }

    /// Opens evidence in the window, and says whether it holds.
    ///
    /// # Panics
    /// When it is not checked.
    pub async fn open_evidence(&self, file: &Path) -> bool {
        self.go("/deprovision/evidence").await;
        self.so("no evidence yet", async || self.count("[data-testid=evidence-check]").await == 0)
            .await;
        // "Open a file…" is the whole name; with the ellipsis it is looked for by its beginning.
        self.click("button", "Open a file…").await;
        self.open_file("Open evidence", file);
        let ok = self
            .until("a verdict on the evidence", PATIENCE, async || {
                let script = "return document.querySelector('[data-testid=evidence-check]')?.dataset.ok ?? null";
                self.js(script, vec![]).await.as_str().map(str::to_owned)
            })
            .await;
        ok == "true"
    }
}
