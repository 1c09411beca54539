//! The audit log.

use lanyard_engine::Engine;
use lanyard_engine::view::{AuditPage, AuditQuery, ChainCheck};
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
