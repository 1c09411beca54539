//! The app as a whole: its state, its events, the folder that is open.

use lanyard_engine::Engine;
use lanyard_engine::view::{AppState, EngineEvent};
use tauri::State;
use tauri::ipc::Channel;

use super::Answer;
use crate::shell::Shell;

/// What the window shows when it opens.
#[tauri::command]
pub async fn app_state(shell: State<'_, Shell>) -> Answer<AppState> {
    match shell.start_fault() {
        Some(fault) => Err(fault),
        None => shell.ask(Engine::state).await,
    }
}

/// Sends events to the web view from now on, in place of an earlier subscription (a page that was loaded again).
#[tauri::command]
pub async fn subscribe(shell: State<'_, Shell>, channel: Channel<EngineEvent>) -> Answer<()> {
    shell.listen(move |event| channel.send(event).is_ok());
    Ok(())
}

/// Starts the make-believe company and opens its folder.
#[tauri::command]
pub async fn open_demo(shell: State<'_, Shell>) -> Answer<AppState> {
    shell.open_demo().await
}

/// Opens a data folder: the one just picked, or the one that the window started with.
#[tauri::command]
pub async fn open_data_dir(shell: State<'_, Shell>, path: String) -> Answer<AppState> {
    shell.open_picked_folder(&path).await
}
