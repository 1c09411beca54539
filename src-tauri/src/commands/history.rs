//! History: what changed between two moments, the picture as it was, and how long it is kept.

use lanyard_engine::Engine;
use lanyard_engine::view::{AccessChangePage, AsOf, Comparison, ComparisonQuery, HistoryInfo, Millis, SyncMoment};
use tauri::State;

use super::Answer;
use crate::shell::Shell;

/// The ends of syncs, to compare from or to, newest first.
#[tauri::command]
pub async fn sync_moments(shell: State<'_, Shell>, limit: u32) -> Answer<Vec<SyncMoment>> {
    shell.ask(move |engine| engine.sync_moments(limit)).await
}

/// What differs between two moments, record by record.
#[tauri::command]
pub async fn compare(shell: State<'_, Shell>, query: ComparisonQuery) -> Answer<Comparison> {
    shell.ask(move |engine| engine.compare(&query)).await
}

/// Who gained or lost which role between two moments.
#[tauri::command]
pub async fn compare_access(shell: State<'_, Shell>, query: ComparisonQuery) -> Answer<AccessChangePage> {
    shell.ask(move |engine| engine.compare_access(&query)).await
}

/// A person or a group as it was.
#[tauri::command]
pub async fn as_of(shell: State<'_, Shell>, key: String, at: Millis) -> Answer<AsOf> {
    shell.ask(move |engine| engine.as_of(&key, at)).await
}

/// How long history is kept, and how much there is.
#[tauri::command]
pub async fn history_info(shell: State<'_, Shell>) -> Answer<HistoryInfo> {
    shell.ask(Engine::history_info).await
}

/// How many lines of history are older than so many days.
#[tauri::command]
pub async fn history_over_age(shell: State<'_, Shell>, days: u32) -> Answer<u64> {
    shell.ask(move |engine| engine.history_over_age(days)).await
}

/// Sets how long history is kept; none for ever. What is older goes at once: the window asks beforehand.
#[tauri::command]
pub async fn set_history_retention(shell: State<'_, Shell>, days: Option<u32>) -> Answer<HistoryInfo> {
    shell.ask(move |engine| engine.set_history_retention(days)).await
}

/// Removes the history that is older than is to be kept, and says how many lines went.
#[tauri::command]
pub async fn prune_history(shell: State<'_, Shell>) -> Answer<u64> {
    shell.ask(Engine::prune_history).await
}
