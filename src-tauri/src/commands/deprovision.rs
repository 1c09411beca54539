//! Guided de-provisioning: plans, runs, and what a person does with them.

use lanyard_engine::Engine;
use lanyard_engine::secrets::Secret;
use lanyard_engine::view::{
    Agreement, Leaver, Millis, PlanFile, PlanSummary, RevokeTrend, Run, RunDraft, RunId, RunPage, RunQuery, RunRecords,
};
use tauri::State;

use super::Answer;
use crate::secret::SecretArg;
use crate::shell::Shell;

/// The plans of the data folder.
#[tauri::command]
pub async fn plans(shell: State<'_, Shell>) -> Answer<Vec<PlanSummary>> {
    shell.ask(Engine::plans).await
}

/// One plan, open.
#[tauri::command]
pub async fn plan_file(shell: State<'_, Shell>, file: String) -> Answer<PlanFile> {
    shell.ask(move |engine| engine.plan_file(&file)).await
}

/// What a plan's text says, and what is wrong with it.
#[tauri::command]
pub async fn check_plan(shell: State<'_, Shell>, text: String) -> Answer<PlanFile> {
    shell.ask(move |engine| engine.check_plan(&text)).await
}

/// Saves a plan, over the revision `over` that was opened, or as a new file.
#[tauri::command]
pub async fn save_plan(shell: State<'_, Shell>, file: Option<String>, text: String, over: Option<String>) -> Answer<PlanFile> {
    shell
        .ask(move |engine| engine.save_plan(file.as_deref(), &text, over.as_deref()))
        .await
}

/// Everything that a person holds, with a plan made from it.
#[tauri::command]
pub async fn leaver(shell: State<'_, Shell>, person: String) -> Answer<Leaver> {
    shell.ask(move |engine| engine.leaver(&person)).await
}

/// Runs, newest first.
#[tauri::command]
pub async fn runs(shell: State<'_, Shell>, query: RunQuery) -> Answer<RunPage> {
    shell.ask(move |engine| engine.runs(&query)).await
}

/// One run, whole.
#[tauri::command]
pub async fn run(shell: State<'_, Shell>, run: RunId) -> Answer<Run> {
    shell.ask(move |engine| engine.run(run)).await
}

/// A page of a run's records, newest first.
#[tauri::command]
pub async fn run_records(shell: State<'_, Shell>, run: RunId, offset: u32, limit: u32) -> Answer<RunRecords> {
    shell.ask(move |engine| engine.run_records(run, offset, limit)).await
}

/// How long each system took to revoke over the last runs.
#[tauri::command]
pub async fn revoke_trends(shell: State<'_, Shell>) -> Answer<Vec<RevokeTrend>> {
    shell.ask(Engine::revoke_trends).await
}

/// Plans a run: systems are asked, and none is written to.
#[tauri::command]
pub async fn plan_run(shell: State<'_, Shell>, draft: RunDraft) -> Answer<Run> {
    let engine = shell.engine().await?;
    engine.plan_run(&draft).await.map_err(|error| error.fault())
}

/// Agrees to a run; it goes on by itself.
#[tauri::command]
pub async fn agree_run(shell: State<'_, Shell>, run: RunId, agreement: Agreement) -> Answer<Run> {
    let engine = shell.engine().await?;
    engine.agree_run(run, &agreement).await.map_err(|error| error.fault())
}

/// Stops a run after what it is doing.
#[tauri::command]
pub async fn stop_run(shell: State<'_, Shell>, run: RunId) -> Answer<Run> {
    shell.ask(move |engine| engine.stop_run(run)).await
}

/// Lets a run go on.
#[tauri::command]
pub async fn resume_run(shell: State<'_, Shell>, run: RunId) -> Answer<Run> {
    shell.ask(move |engine| engine.resume_run(run)).await
}

/// Asks for the way back.
#[tauri::command]
pub async fn restore_run(shell: State<'_, Shell>, run: RunId) -> Answer<Run> {
    shell.ask(move |engine| engine.restore_run(run)).await
}

/// Lets a check pass, with a reason, until a time.
#[tauri::command]
pub async fn waive_check(shell: State<'_, Shell>, run: RunId, check: String, reason: String, until: Millis) -> Answer<Run> {
    shell.ask(move |engine| engine.waive_check(run, &check, &reason, until)).await
}

/// Says that a step by hand was done.
#[tauri::command]
pub async fn confirm_step(shell: State<'_, Shell>, run: RunId, step: String, note: String) -> Answer<Run> {
    shell.ask(move |engine| engine.confirm_step(run, &step, &note)).await
}

/// Hands over a credential that must be refused in the end.
#[tauri::command]
pub async fn hand_over(shell: State<'_, Shell>, run: RunId, check: String, secret: SecretArg) -> Answer<Run> {
    let engine = shell.engine().await?;
    let secret = SecretArg::take(Some(secret)).unwrap_or_else(|| Secret::new(String::new()));
    engine.hand_over(run, &check, secret).await.map_err(|error| error.fault())
}

/// Closes a run that nothing stands in the way of.
#[tauri::command]
pub async fn close_run(shell: State<'_, Shell>, run: RunId) -> Answer<Run> {
    shell.ask(move |engine| engine.close_run(run)).await
}

/// Closes a run as failed.
#[tauri::command]
pub async fn fail_run(shell: State<'_, Shell>, run: RunId, reason: String) -> Answer<Run> {
    shell.ask(move |engine| engine.fail_run(run, &reason)).await
}

/// Gives a run up before anything was written.
#[tauri::command]
pub async fn abandon_run(shell: State<'_, Shell>, run: RunId) -> Answer<Run> {
    shell.ask(move |engine| engine.abandon_run(run)).await
}
