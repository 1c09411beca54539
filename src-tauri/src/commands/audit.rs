//! The audit log.

use lanyard_engine::Engine;
use lanyard_engine::view::{AuditPage, AuditQuery, ChainCheck, ExportDone};
use tauri::State;

use super::Answer;
use crate::shell::Shell;

/// A page of the audit log, newest first.
#[tauri::command]
pub async fn audit(shell: State<'_, Shell>, query: AuditQuery) -> Answer<AuditPage> {
    shell.ask(move |engine| engine.audit(&query)).await
}

/// Checks the audit log's chain from its first entry to its last.
#[tauri::command]
pub async fn verify_audit(shell: State<'_, Shell>) -> Answer<ChainCheck> {
    shell.ask(Engine::verify_audit).await
}

/// Writes the whole audit log to the file that was just picked.
#[tauri::command]
pub async fn export_audit(shell: State<'_, Shell>, path: String) -> Answer<ExportDone> {
    let path = shell.picks().take_save(&path)?;
    shell.ask(move |engine| engine.export_audit(&path)).await
}
