//! Reminders outside the window, as notifications of the system: which tests are due, and which credentials need somebody. The lists in the
//! window say the same.

use std::collections::HashSet;
use std::time::Duration;

use lanyard_engine::Engine;
use lanyard_engine::view::{Credential, CredentialState, PlanSummary, RunId};
use tauri::AppHandle;
use tauri_plugin_notification::NotificationExt;

use crate::shell::Shell;

/// Nobody is disturbed while the window is still opening.
const FIRST: Duration = Duration::from_secs(30);
const EVERY: Duration = Duration::from_secs(15 * 60);
/// So many are named, the others are counted.
const NAMED: usize = 3;

/// Looks now and then what is due, and tells each once while this program runs.
pub async fn watch(app: AppHandle, shell: Shell) {
    let mut told = Told::default();
    tokio::time::sleep(FIRST).await;
    loop {
        // A folder that cannot be opened says so in the window.
        let tests = shell.ask(Engine::plans).await.ok().and_then(|plans| told.tests(&plans));
        let credentials = shell.ask(Engine::credentials).await.ok();
        let credentials = credentials.and_then(|list| told.credentials(&list.credentials));
        for text in [tests, credentials].into_iter().flatten() {
            if let Err(error) = app.notification().builder().title("Lanyard").body(text).show() {
                tracing::debug!(%error, "the system shows no notifications");
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// What was told before.
#[derive(Default)]
struct Told {
    /// A plan's file, and the run since which it is due again.
    plans: HashSet<(String, Option<RunId>)>,
    /// A credential, how it stood, and the value that it was about.
    credentials: HashSet<(String, CredentialState, Option<String>)>,
}

impl Told {
    /// What is due and was not told before, in words.
    fn tests(&mut self, plans: &[PlanSummary]) -> Option<String> {
        let due = plans.iter().filter(|plan| plan.remind);
        let names: Vec<String> = due
            .filter(|plan| self.plans.insert((plan.file.clone(), plan.last_run.as_ref().map(|run| run.id))))
            .map(|plan| plan.name.clone())
            .collect();
        words(&names, "A de-provisioning test is due", "de-provisioning tests are due")
    }

    /// Which credentials need somebody and were not told before, in words. Those that Lanyard only knows of are left to the list.
    fn credentials(&mut self, credentials: &[Credential]) -> Option<String> {
        let need = credentials.iter().filter(|credential| {
            credential.held && credential.state <= CredentialState::DueSoon && credential.state != CredentialState::Locked
        });
        let names: Vec<String> = need
            .filter(|one| self.credentials.insert((one.id.clone(), one.state, one.fingerprint.clone())))
            .map(|one| format!("{} ({})", one.name, state(one)))
            .collect();
        words(&names, "A credential needs you", "credentials need you")
    }
}

fn state(credential: &Credential) -> String {
    match (credential.state, credential.days_left) {
        (CredentialState::OldLives, _) => "the old one still works".into(),
        (CredentialState::Refused, _) => "refused".into(),
        (CredentialState::Missing, _) => "not in the keychain".into(),
        (CredentialState::Expired, _) => "expired".into(),
        (CredentialState::Due, _) => "to be rotated".into(),
        (_, Some(1)) => "1 day left".into(),
        (_, Some(days)) if days > 1 => format!("{days} days left"),
        _ => "today".into(),
    }
}

fn words(names: &[String], one: &str, more: &str) -> Option<String> {
    let named = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => None,
        1 => Some(format!("{one}: {named}")),
        count if count <= NAMED => Some(format!("{count} {more}: {named}")),
        count => Some(format!("{count} {more}: {named} and {} more", count - NAMED)),
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
        assert_eq!(told.tests(&plans).as_deref(), Some("A de-provisioning test is due: Canary"));
        assert_eq!(told.tests(&plans), None);
        let plans = [plan("Canary", true), plan("Payments", true)];
        assert_eq!(told.tests(&plans).as_deref(), Some("A de-provisioning test is due: Payments"));
    }

    #[test]
    fn many_are_counted() {
        let plans = ["A", "B", "C", "D", "E"].map(|name| plan(name, true));
        let text = Told::default().tests(&plans);
        assert_eq!(text.as_deref(), Some("5 de-provisioning tests are due: A, B, C and 2 more"));
    }

    fn credential(id: &str, state: CredentialState, days_left: Option<i64>) -> Credential {
        serde_json::from_value(serde_json::json!({
            "id": id, "source": 1, "sourceName": id, "system": "scim", "held": true, "name": format!("{id} token"), "opens": "", "kind": "bearer",
            "fingerprint": "3f9a-c21b-07d4", "reads": "yes", "writes": "yes", "state": state, "daysLeft": days_left, "says": "", "sharedWith": [],
        }))
        .expect("a credential")
    }

    #[test]
    fn a_credential_is_told_when_it_stands_worse() {
        let mut told = Told::default();
        let near = credential("Ledgerly", CredentialState::DueSoon, Some(2));
        let text = told.credentials(&[near.clone(), credential("Portal", CredentialState::Good, Some(90))]);
        assert_eq!(text.as_deref(), Some("A credential needs you: Ledgerly token (2 days left)"));
        assert_eq!(
            told.credentials(&[Credential {
                days_left: Some(1),
                ..near.clone()
            }]),
            None,
            "told once"
        );
        let dead = credential("Ledgerly", CredentialState::Refused, Some(1));
        assert_eq!(
            told.credentials(&[dead]).as_deref(),
            Some("A credential needs you: Ledgerly token (refused)")
        );
        let other = Credential { held: false, ..near };
        assert_eq!(told.credentials(&[other]), None, "those of others are left to the list");
    }
}
