//! Settings of the screen, kept in the data folder.

use tauri::{State, WebviewWindow};

use super::Answer;
use crate::frame;
use crate::shell::Shell;

/// A setting's value; null where it was never set.
#[tauri::command]
pub async fn setting(shell: State<'_, Shell>, key: String) -> Answer<Option<String>> {
    shell.ask(move |engine| engine.setting(&key)).await
}

/// Keeps a setting. The theme is the window's frame's too.
#[tauri::command]
pub async fn set_setting(shell: State<'_, Shell>, window: WebviewWindow, key: String, value: String) -> Answer<()> {
    if key == "theme" {
        frame::set_theme(&window, &value);
    }
    shell.ask(move |engine| engine.set_setting(&key, &value)).await
}
