//! The system's own dialogs. What a person picks in them is remembered, and nothing else is written to or opened.

use std::path::PathBuf;

use lanyard_engine::secrets::Secret;
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, State};
use tauri_plugin_dialog::{DialogExt, FileDialogBuilder, FilePath};
use tokio::sync::oneshot;
use ts_rs::TS;

use super::Answer;
use crate::shell::{Shell, picks};

/// A kind of file to offer in a dialog.
#[derive(Clone, Debug, Deserialize, TS)]
#[ts(export)]
pub struct FileFilter {
    /// What it is called ("Certificates").
    pub name: String,
    /// Its file name endings, without the dot.
    pub extensions: Vec<String>,
}

/// A small text file that a person picked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct PickedFile {
    /// Where it is.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// Asks for a folder; null when the dialog is closed.
#[tauri::command]
pub async fn pick_folder(app: AppHandle, shell: State<'_, Shell>) -> Answer<Option<String>> {
    let picked = shown(app.dialog().file().set_title("Open a data folder"), FileDialogBuilder::pick_folder).await;
    Ok(picked.map(|path| shell.picks().note_folder(path)))
}

/// Asks for a text file and reads it; null when the dialog is closed.
#[tauri::command]
pub async fn pick_file(app: AppHandle, filters: Vec<FileFilter>) -> Answer<Option<PickedFile>> {
    let dialog = filters.iter().fold(app.dialog().file(), |dialog, filter| {
        let extensions: Vec<&str> = filter.extensions.iter().map(String::as_str).collect();
        dialog.add_filter(&filter.name, &extensions)
    });
    let picked = shown(dialog, FileDialogBuilder::pick_file).await;
    Ok(picked.map(|path| picks::read_text(&path)).transpose()?)
}

/// Asks for a file with a certificate and its private key, and gives the number under which the engine holds what it says: the web view
/// never sees it. Null when the dialog is closed.
#[tauri::command]
pub async fn pick_secret_file(app: AppHandle, shell: State<'_, Shell>) -> Answer<Option<String>> {
    let dialog = app
        .dialog()
        .file()
        .add_filter("Certificate with its key (PEM)", &["pem", "crt", "cer", "key"]);
    let Some(path) = shown(dialog, FileDialogBuilder::pick_file).await else {
        return Ok(None);
    };
    let secret = Secret::new(picks::read_text(&path)?.text);
    Ok(Some(shell.engine().await?.hold_secret(secret)))
}

/// Asks where to write a file; null when the dialog is closed. The next export may write there, once.
#[tauri::command]
pub async fn pick_save(app: AppHandle, shell: State<'_, Shell>, default_name: String) -> Answer<Option<String>> {
    let dialog = app.dialog().file().set_file_name(picks::plain_name(&default_name));
    let picked = shown(dialog, FileDialogBuilder::save_file).await;
    Ok(picked.map(|path| shell.picks().note_save(path)))
}

/// Shows a dialog and waits for what is picked in it.
pub(super) async fn shown<R: tauri::Runtime>(
    dialog: FileDialogBuilder<R>,
    show: impl FnOnce(FileDialogBuilder<R>, Box<dyn FnOnce(Option<FilePath>) + Send + 'static>),
) -> Option<PathBuf> {
    let (give, take) = oneshot::channel();
    // The window may be gone before the dialog is: then nobody waits for the answer.
    show(dialog, Box::new(move |picked| drop(give.send(picked))));
    take.await.ok().flatten().and_then(|picked| picked.into_path().ok())
}
