//! Credentials and their rotation. A value comes in as an argument of one call and goes nowhere but into the keychain; none ever goes out.

use lanyard_engine::Engine;
use lanyard_engine::secrets::Secret;
use lanyard_engine::view::{
    CredentialCheck, CredentialList, Millis, RotationId, RotationOptions, RotationPlan, RotationPolicy, RotationStart, RotationSummary,
    RotationView, SourceId,
};
use tauri::State;

use super::Answer;
use crate::secret::SecretArg;
use crate::shell::Shell;

/// An empty one is refused by the engine, with a reason.
fn taken(secret: SecretArg) -> Secret {
    SecretArg::take(Some(secret)).unwrap_or_else(|| Secret::new(String::new()))
}

/// All credentials.
#[tauri::command]
pub async fn credentials_list(shell: State<'_, Shell>) -> Answer<CredentialList> {
    shell.ask(Engine::credentials).await
}

/// Asks now whether a credential works.
#[tauri::command]
pub async fn credential_verify(shell: State<'_, Shell>, id: String) -> Answer<CredentialCheck> {
    let engine = shell.engine().await?;
    engine.verify_credential(&id).await.map_err(|error| error.fault())
}

/// Puts a new value in place of one that was changed elsewhere.
#[tauri::command]
pub async fn credential_replace(shell: State<'_, Shell>, id: String, secret: SecretArg) -> Answer<CredentialCheck> {
    let engine = shell.engine().await?;
    engine.replace_credential(&id, taken(secret)).await.map_err(|error| error.fault())
}

/// Sets when a credential ends and when it is to be rotated.
#[tauri::command]
pub async fn credential_describe(shell: State<'_, Shell>, id: String, expires_at: Option<Millis>, policy: RotationPolicy) -> Answer<()> {
    shell.ask(move |engine| engine.describe_credential(&id, expires_at, policy)).await
}

/// Keeps a credential for a provider's token API.
#[tauri::command]
pub async fn manager_keep(shell: State<'_, Shell>, source: SourceId, secret: SecretArg) -> Answer<()> {
    let secret = taken(secret);
    shell.ask(move |engine| engine.keep_manager(source, secret)).await
}

/// Forgets it.
#[tauri::command]
pub async fn manager_forget(shell: State<'_, Shell>, source: SourceId) -> Answer<()> {
    shell.ask(move |engine| engine.forget_manager(source)).await
}

/// What there is to choose from before a rotation.
#[tauri::command]
pub async fn rotation_options(shell: State<'_, Shell>, source: SourceId) -> Answer<RotationOptions> {
    let engine = shell.engine().await?;
    engine.rotation_options(source).await.map_err(|error| error.fault())
}

/// What a rotation would do.
#[tauri::command]
pub async fn rotation_plan(shell: State<'_, Shell>, start: RotationStart) -> Answer<RotationPlan> {
    let engine = shell.engine().await?;
    engine.plan_rotation(&start).await.map_err(|error| error.fault())
}

/// Begins a rotation; it goes on by itself.
#[tauri::command]
pub async fn rotation_begin(shell: State<'_, Shell>, start: RotationStart) -> Answer<RotationId> {
    let engine = shell.engine().await?;
    engine.begin_rotation(&start).await.map_err(|error| error.fault())
}

/// The rotations, the newest first.
#[tauri::command]
pub async fn rotations_list(shell: State<'_, Shell>, source: Option<SourceId>) -> Answer<Vec<RotationSummary>> {
    shell.ask(move |engine| engine.rotations(source)).await
}

/// One rotation.
#[tauri::command]
pub async fn rotation_show(shell: State<'_, Shell>, id: RotationId) -> Answer<RotationView> {
    shell.ask(move |engine| engine.rotation(id)).await
}

/// Hands over the new credential that a person got from the provider.
#[tauri::command]
pub async fn rotation_paste(shell: State<'_, Shell>, id: RotationId, secret: SecretArg) -> Answer<()> {
    let engine = shell.engine().await?;
    engine.paste_rotation(id, taken(secret)).await.map_err(|error| error.fault())
}

/// Says that a step by hand is done: `handOver` of a user, or `revoke`.
#[tauri::command]
pub async fn rotation_confirm(shell: State<'_, Shell>, id: RotationId, ask: String, user: Option<u32>, note: String) -> Answer<()> {
    let user = user.filter(|_| ask == "handOver");
    shell.ask(move |engine| engine.confirm_rotation(id, user, &note)).await
}

/// Decides over a new credential that is not in all like the old one.
#[tauri::command]
pub async fn rotation_decide(shell: State<'_, Shell>, id: RotationId, accept: bool, note: String) -> Answer<()> {
    shell.ask(move |engine| engine.decide_rotation(id, accept, &note)).await
}

/// Asks with the old one now.
#[tauri::command]
pub async fn rotation_ask_now(shell: State<'_, Shell>, id: RotationId) -> Answer<()> {
    let engine = shell.engine().await?;
    engine.ask_rotation_now(id).await.map_err(|error| error.fault())
}

/// Stops a rotation where it is.
#[tauri::command]
pub async fn rotation_stop(shell: State<'_, Shell>, id: RotationId) -> Answer<()> {
    shell.ask(move |engine| engine.stop_rotation(id)).await
}

/// Goes on with a rotation.
#[tauri::command]
pub async fn rotation_resume(shell: State<'_, Shell>, id: RotationId) -> Answer<()> {
    shell.ask(move |engine| engine.resume_rotation(id)).await
}

/// Takes the way back.
#[tauri::command]
pub async fn rotation_put_back(shell: State<'_, Shell>, id: RotationId) -> Answer<()> {
    shell.ask(move |engine| engine.put_rotation_back(id)).await
}
