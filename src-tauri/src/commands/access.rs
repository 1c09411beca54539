//! The access map: who can do what on what, by which paths, and what would go if an edge went.

use lanyard_engine::Engine;
use lanyard_engine::view::{
    AccessOf, AccessPage, CellDetail, ExportDone, FlowView, MapFormat, MapQuery, MapViewName, MatrixView, MatrixWindow, NodeRef,
    RestoreView, WhatIf, WhoCan, Why,
};
use tauri::State;

use super::Answer;
use crate::shell::Shell;

/// Everything that one identity can do.
#[tauri::command]
pub async fn access_of(shell: State<'_, Shell>, identity: String) -> Answer<AccessOf> {
    shell.ask(move |engine| engine.access_of(&identity)).await
}

/// Who can do an action on a scope.
#[tauri::command]
pub async fn who_can(shell: State<'_, Shell>, action: String, scope: String, offset: u32, limit: u32) -> Answer<WhoCan> {
    shell.ask(move |engine| engine.who_can(&action, &scope, offset, limit)).await
}

/// Why an identity has a role.
#[tauri::command]
pub async fn why_access(shell: State<'_, Shell>, identity: String, role: String, scope: Option<String>) -> Answer<Why> {
    shell.ask(move |engine| engine.why_access(&identity, &role, scope.as_deref())).await
}

/// What would go if an edge went.
#[tauri::command]
pub async fn without_edge(shell: State<'_, Shell>, edge: String) -> Answer<WhatIf> {
    shell.ask(move |engine| engine.without_edge(&edge)).await
}

/// The flow.
#[tauri::command]
pub async fn access_flow(shell: State<'_, Shell>, query: MapQuery) -> Answer<FlowView> {
    shell.ask(move |engine| engine.access_flow(&query)).await
}

/// A window of the matrix.
#[tauri::command]
pub async fn access_matrix(shell: State<'_, Shell>, query: MapQuery, window: MatrixWindow) -> Answer<MatrixView> {
    shell.ask(move |engine| engine.access_matrix(&query, &window)).await
}

/// What stands behind a cell of the matrix.
#[tauri::command]
pub async fn access_cell(shell: State<'_, Shell>, query: MapQuery, group: String, role: String) -> Answer<CellDetail> {
    shell.ask(move |engine| engine.access_cell(&query, &group, &role)).await
}

/// A page of the accessible list.
#[tauri::command]
pub async fn access_table(shell: State<'_, Shell>, query: MapQuery, offset: u32, limit: u32) -> Answer<AccessPage> {
    shell.ask(move |engine| engine.access_table(&query, offset, limit)).await
}

/// Who can restore from which vault.
#[tauri::command]
pub async fn who_can_restore(shell: State<'_, Shell>, offset: u32, limit: u32) -> Answer<RestoreView> {
    shell.ask(move |engine| engine.who_can_restore(offset, limit)).await
}

/// The groups that are meant for restoring.
#[tauri::command]
pub async fn restore_groups(shell: State<'_, Shell>) -> Answer<Vec<NodeRef>> {
    shell.ask(Engine::restore_groups).await
}

/// Says which groups are meant for restoring.
#[tauri::command]
pub async fn set_restore_groups(shell: State<'_, Shell>, keys: Vec<String>) -> Answer<()> {
    shell.ask(move |engine| engine.set_restore_groups(&keys)).await
}

/// Writes a view of the map to the file that was just picked.
#[tauri::command]
pub async fn export_map(
    shell: State<'_, Shell>,
    query: MapQuery,
    view: MapViewName,
    format: MapFormat,
    path: String,
) -> Answer<ExportDone> {
    let path = shell.picks().take_save(&path)?;
    shell.ask(move |engine| engine.export_map(&query, view, format, &path)).await
}

/// Writes what the window has drawn, in base64, to the file that was just picked.
#[tauri::command]
pub async fn save_export(shell: State<'_, Shell>, query: MapQuery, view: MapViewName, path: String, data: String) -> Answer<ExportDone> {
    let path = shell.picks().take_save(&path)?;
    shell.ask(move |engine| engine.save_export(&query, view, &data, &path)).await
}
