//! Findings: what the rules say about the picture, decisions about them, and the rules' settings.

use lanyard_engine::Engine;
use lanyard_engine::view::{
    ExportDone, FindingDetail, FindingFormat, FindingPage, FindingQuery, FindingSums, Millis, RuleSettings, RuleState,
};
use tauri::State;

use super::Answer;
use crate::shell::Shell;

/// A page of findings.
#[tauri::command]
pub async fn findings(shell: State<'_, Shell>, query: FindingQuery) -> Answer<FindingPage> {
    shell.ask(move |engine| engine.findings(&query)).await
}

/// A finding, whole.
#[tauri::command]
pub async fn finding(shell: State<'_, Shell>, id: String) -> Answer<FindingDetail> {
    shell.ask(move |engine| engine.finding(&id)).await
}

/// The rules, each with how it stands.
#[tauri::command]
pub async fn finding_rules(shell: State<'_, Shell>, since: Option<Millis>) -> Answer<Vec<RuleState>> {
    shell.ask(move |engine| engine.finding_rules(since)).await
}

/// Findings in numbers.
#[tauri::command]
pub async fn finding_sums(shell: State<'_, Shell>, since: Option<Millis>) -> Answer<FindingSums> {
    shell.ask(move |engine| engine.finding_sums(since)).await
}

/// Decides not to be told of a finding for a time.
#[tauri::command]
pub async fn suppress_finding(shell: State<'_, Shell>, id: String, reason: String, until: Millis) -> Answer<()> {
    shell.ask(move |engine| engine.suppress_finding(&id, &reason, until)).await
}

/// Takes such a decision back.
#[tauri::command]
pub async fn lift_suppression(shell: State<'_, Shell>, id: String) -> Answer<()> {
    shell.ask(move |engine| engine.lift_suppression(&id)).await
}

/// Changes a rule's settings.
#[tauri::command]
pub async fn set_rule(shell: State<'_, Shell>, id: String, settings: RuleSettings) -> Answer<()> {
    shell.ask(move |engine| engine.set_rule(&id, &settings)).await
}

/// Asks all rules about the picture as it is.
#[tauri::command]
pub async fn evaluate_findings(shell: State<'_, Shell>) -> Answer<()> {
    shell.ask(Engine::evaluate_findings).await
}

/// Writes the findings that match to the file that was just picked.
#[tauri::command]
pub async fn export_findings(shell: State<'_, Shell>, query: FindingQuery, format: FindingFormat, path: String) -> Answer<ExportDone> {
    let path = shell.picks().take_save(&path)?;
    shell.ask(move |engine| engine.export_findings(&query, format, &path)).await
}
