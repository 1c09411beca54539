//! Who is the same: what the rules left open, and what an admin decides.

use lanyard_engine::Engine;
use lanyard_engine::view::{JoinDraft, Joins};
use tauri::State;

use super::Answer;
use crate::shell::Shell;

/// What the rules could not decide, what was decided, and how many each rule joined.
#[tauri::command]
pub async fn joins(shell: State<'_, Shell>) -> Answer<Joins> {
    shell.ask(Engine::joins).await
}

/// Decides that two are the same, or not, or that the rules decide again.
#[tauri::command]
pub async fn decide_join(shell: State<'_, Shell>, draft: JoinDraft) -> Answer<()> {
    shell.ask(move |engine| engine.decide(&draft).map(drop)).await
}
