//! Evidence that was exported: it is picked, and told whether it holds.

use lanyard_engine::view::{EvidenceCheck, EvidenceExport, EvidenceForm, RunId};
use tauri::{AppHandle, State};
use tauri_plugin_dialog::{DialogExt, FileDialogBuilder};

use super::Answer;
use super::dialogs::shown;
use crate::shell::Shell;

/// Asks for evidence, a file or a folder; null when the dialog is closed.
#[tauri::command]
pub async fn pick_evidence(app: AppHandle, shell: State<'_, Shell>, form: EvidenceForm) -> Answer<Option<String>> {
    let dialog = app.dialog().file().set_title("Open evidence");
    let picked = match form {
        EvidenceForm::File => shown(dialog.add_filter("Evidence", &["zip"]), FileDialogBuilder::pick_file).await,
        EvidenceForm::Folder => shown(dialog, FileDialogBuilder::pick_folder).await,
    };
    Ok(picked.map(|path| shell.picks().note_evidence(path)))
}

/// Whether the evidence that was picked last holds, point by point.
#[tauri::command]
pub async fn verify_evidence(shell: State<'_, Shell>, path: String) -> Answer<EvidenceCheck> {
    let path = shell.picks().evidence(&path)?;
    shell.ask(move |engine| engine.verify_evidence(&path)).await
}

/// Writes the evidence of a closed run to the place that was just picked.
#[tauri::command]
pub async fn export_evidence(
    shell: State<'_, Shell>,
    run: RunId,
    target: String,
    form: EvidenceForm,
    masked: bool,
) -> Answer<EvidenceExport> {
    let target = shell.picks().take_save(&target)?;
    shell.ask(move |engine| engine.export_evidence(run, &target, form, masked)).await
}
