//! Sources: the list, the form, the connection test, removal.

use lanyard_engine::Engine;
use lanyard_engine::secrets::Secret;
use lanyard_engine::view::{ProbeReport, RemovalPreview, SignInPrompt, Source, SourceId, SourceSettings};
use tauri::State;

use super::Answer;
use crate::secret::SecretArg;
use crate::shell::Shell;

/// All sources with their state.
#[tauri::command]
pub async fn sources(shell: State<'_, Shell>) -> Answer<Vec<Source>> {
    shell.ask(Engine::sources).await
}

/// The secret that a form gives: typed, or what came of a sign-in.
fn given(engine: &Engine, secret: Option<SecretArg>, sign_in: Option<&str>) -> Result<Option<Secret>, lanyard_engine::Error> {
    match (SecretArg::take(secret), sign_in) {
        (Some(secret), _) => Ok(Some(secret)),
        (None, Some(id)) => engine.signed_in(id).map(Some),
        (None, None) => Ok(None),
    }
}

/// The connection test: with the secret given, or with the one kept for the source `existing`.
#[tauri::command]
pub async fn probe_source(
    shell: State<'_, Shell>,
    settings: SourceSettings,
    secret: Option<SecretArg>,
    sign_in: Option<String>,
    existing: Option<SourceId>,
) -> Answer<ProbeReport> {
    let engine = shell.engine().await?;
    let secret = given(&engine, secret, sign_in.as_deref()).map_err(|error| error.fault())?;
    Ok(engine.probe(&settings, secret, existing).await)
}

/// Begins a sign-in in the browser, for settings that need one.
#[tauri::command]
pub async fn begin_sign_in(shell: State<'_, Shell>, settings: SourceSettings) -> Answer<SignInPrompt> {
    let engine = shell.engine().await?;
    engine.begin_sign_in(&settings).await.map_err(|error| error.fault())
}

/// Waits for the end of a sign-in. What comes of it stays on this side, under its number.
#[tauri::command]
pub async fn finish_sign_in(shell: State<'_, Shell>, id: String) -> Answer<()> {
    let engine = shell.engine().await?;
    engine.finish_sign_in(&id).await.map_err(|error| error.fault())
}

/// Ends a sign-in that nobody wants any longer.
#[tauri::command]
pub async fn cancel_sign_in(shell: State<'_, Shell>, id: String) -> Answer<()> {
    shell.engine().await?.cancel_sign_in(&id);
    Ok(())
}

/// Adds a source; its secret goes into the keychain.
#[tauri::command]
pub async fn add_source(
    shell: State<'_, Shell>,
    settings: SourceSettings,
    secret: Option<SecretArg>,
    sign_in: Option<String>,
) -> Answer<Source> {
    shell
        .ask(move |engine| {
            let added = engine.add_source(&settings, given(engine, secret, sign_in.as_deref())?)?;
            sign_in.iter().for_each(|id| engine.cancel_sign_in(id));
            Ok(added)
        })
        .await
}

/// Changes a source's settings, and its secret where one is given.
#[tauri::command]
pub async fn update_source(
    shell: State<'_, Shell>,
    id: SourceId,
    settings: SourceSettings,
    secret: Option<SecretArg>,
    sign_in: Option<String>,
) -> Answer<Source> {
    shell
        .ask(move |engine| {
            let changed = engine.update_source(id, &settings, given(engine, secret, sign_in.as_deref())?)?;
            sign_in.iter().for_each(|id| engine.cancel_sign_in(id));
            Ok(changed)
        })
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
