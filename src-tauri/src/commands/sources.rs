//! Sources: the list, the form, the connection test, removal.

use lanyard_engine::Engine;
use lanyard_engine::view::{ProbeReport, RemovalPreview, Source, SourceId, SourceSettings};
use tauri::State;

use super::Answer;
use crate::secret::SecretArg;
use crate::shell::Shell;

/// All sources with their state.
#[tauri::command]
pub async fn sources(shell: State<'_, Shell>) -> Answer<Vec<Source>> {
    shell.ask(Engine::sources).await
}

/// The connection test: with the secret given, or with the one kept for the source `existing`.
#[tauri::command]
pub async fn probe_source(
    shell: State<'_, Shell>,
    settings: SourceSettings,
    secret: Option<SecretArg>,
    existing: Option<SourceId>,
) -> Answer<ProbeReport> {
    let engine = shell.engine().await?;
    Ok(engine.probe(&settings, SecretArg::take(secret), existing).await)
}

/// Adds a source; its secret goes into the keychain.
#[tauri::command]
pub async fn add_source(shell: State<'_, Shell>, settings: SourceSettings, secret: Option<SecretArg>) -> Answer<Source> {
    shell.ask(move |engine| engine.add_source(&settings, SecretArg::take(secret))).await
}

/// Changes a source's settings, and its secret where one is given.
#[tauri::command]
pub async fn update_source(shell: State<'_, Shell>, id: SourceId, settings: SourceSettings, secret: Option<SecretArg>) -> Answer<Source> {
    shell
        .ask(move |engine| engine.update_source(id, &settings, SecretArg::take(secret)))
        .await
}

/// Switches a source on or off.
#[tauri::command]
pub async fn set_source_enabled(shell: State<'_, Shell>, id: SourceId, enabled: bool) -> Answer<Source> {
    shell.ask(move |engine| engine.set_source_enabled(id, enabled)).await
}

/// What would go if the source were removed.
#[tauri::command]
pub async fn removal_preview(shell: State<'_, Shell>, id: SourceId) -> Answer<RemovalPreview> {
    shell.ask(move |engine| engine.removal_preview(id)).await
}

/// Removes a source, and its secret from the keychain.
#[tauri::command]
pub async fn remove_source(shell: State<'_, Shell>, id: SourceId) -> Answer<()> {
    shell.ask(move |engine| engine.remove_source(id)).await
}
