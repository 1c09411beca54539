//! Starting and cancelling syncs. Their progress comes as events.

use lanyard_engine::view::SourceId;
use tauri::State;

use super::Answer;
use crate::shell::Shell;

/// Starts syncs of these sources in the background; of all enabled ones when the list is empty.
#[tauri::command]
pub async fn start_sync(shell: State<'_, Shell>, ids: Vec<SourceId>) -> Answer<()> {
    shell.ask(move |engine| engine.start_sync(&ids)).await
}

/// Cancels the sync of a source; what was read is kept.
#[tauri::command]
pub async fn cancel_sync(shell: State<'_, Shell>, id: SourceId) -> Answer<()> {
    shell.engine().await?.cancel_sync(id);
    Ok(())
}
