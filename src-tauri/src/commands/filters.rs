//! The filter box: checking what is typed, and saved filters.

use lanyard_engine::Engine;
use lanyard_engine::view::{FilterCheck, SavedFilter};
use tauri::State;

use super::Answer;
use crate::shell::Shell;

/// What is wrong with a filter, and what could stand at the caret (counted in UTF-16 code units).
#[tauri::command]
pub async fn check_filter(shell: State<'_, Shell>, resource: String, text: String, caret: u32) -> Answer<FilterCheck> {
    shell.ask(move |engine| Ok(engine.check_filter(&resource, &text, caret))).await
}

/// The saved filters of all screens.
#[tauri::command]
pub async fn saved_filters(shell: State<'_, Shell>) -> Answer<Vec<SavedFilter>> {
    shell.ask(Engine::saved_filters).await
}

/// Saves a filter, in place of one of the same name on the same screen.
#[tauri::command]
pub async fn save_filter(shell: State<'_, Shell>, filter: SavedFilter) -> Answer<()> {
    shell.ask(move |engine| engine.save_filter(&filter)).await
}

/// Forgets a saved filter.
#[tauri::command]
pub async fn forget_filter(shell: State<'_, Shell>, screen: String, name: String) -> Answer<()> {
    shell.ask(move |engine| engine.forget_filter(&screen, &name)).await
}
