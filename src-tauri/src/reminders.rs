//! Reminders outside the window, as notifications of the system: which tests are due. The list in the window says the same.

use std::collections::HashSet;
use std::time::Duration;

use lanyard_engine::Engine;
use lanyard_engine::view::{PlanSummary, RunId};
use tauri::AppHandle;
use tauri_plugin_notification::NotificationExt;

use crate::shell::Shell;

/// Nobody is disturbed while the window is still opening.
const FIRST: Duration = Duration::from_secs(30);
const EVERY: Duration = Duration::from_secs(15 * 60);
/// So many plans are named, the others are counted.
const NAMED: usize = 3;

/// Looks now and then what is due, and tells each once while this program runs.
pub async fn watch(app: AppHandle, shell: Shell) {
    let mut told = Told::default();
    tokio::time::sleep(FIRST).await;
    loop {
        // A folder that cannot be opened says so in the window.
        if let Ok(plans) = shell.ask(Engine::plans).await
            && let Some(text) = told.news(&plans)
            && let Err(error) = app.notification().builder().title("Lanyard").body(text).show()
        {
            tracing::debug!(%error, "the system shows no notifications");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// What was told: a plan's file, and the run since which it is due again.
#[derive(Default)]
struct Told(HashSet<(String, Option<RunId>)>);

impl Told {
    /// What is due and was not told before, in words.
    fn news(&mut self, plans: &[PlanSummary]) -> Option<String> {
        let due = plans.iter().filter(|plan| plan.remind);
        let names: Vec<&str> = due
            .filter(|plan| self.0.insert((plan.file.clone(), plan.last_run.as_ref().map(|run| run.id))))
            .map(|plan| plan.name.as_str())
            .collect();
        let named = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        match names.len() {
            0 => None,
            1 => Some(format!("A de-provisioning test is due: {named}")),
            count if count <= NAMED => Some(format!("{count} de-provisioning tests are due: {named}")),
            count => Some(format!("{count} de-provisioning tests are due: {named} and {} more", count - NAMED)),
        }
    }
}

#[cfg(test)]
mod tests {
    //! What is due is told once, and again when it is due again.

    use super::*;

    fn plan(file: &str, remind: bool) -> PlanSummary {
        PlanSummary {
            file: format!("{file}.yaml"),
            name: file.into(),
            description: String::new(),
            kind: None,
            revision: String::new(),
            systems: Vec::new(),
            problems: Vec::new(),
            every: None,
            due_at: None,
            remind,
            last_run: None,
        }
    }

    #[test]
    fn each_is_told_once() {
        let mut told = Told::default();
        let plans = [plan("Canary", true), plan("Payments", false)];
        assert_eq!(told.news(&plans).as_deref(), Some("A de-provisioning test is due: Canary"));
        assert_eq!(told.news(&plans), None);
        let plans = [plan("Canary", true), plan("Payments", true)];
        assert_eq!(told.news(&plans).as_deref(), Some("A de-provisioning test is due: Payments"));
    }

    #[test]
    fn many_are_counted() {
        let plans = ["A", "B", "C", "D", "E"].map(|name| plan(name, true));
        let text = Told::default().news(&plans);
        assert_eq!(text.as_deref(), Some("5 de-provisioning tests are due: A, B, C and 2 more"));
    }
}
