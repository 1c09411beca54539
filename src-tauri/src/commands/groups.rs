//! Groups: lists, one linked group, its members.

use lanyard_engine::Engine;
use lanyard_engine::view::{ExportDone, ExportFormat, GroupDetail, GroupFacetCount, GroupPage, GroupQuery, MemberPage, MemberQuery};
use tauri::State;

use super::Answer;
use crate::shell::Shell;

/// A window of the list of groups.
#[tauri::command]
pub async fn groups(shell: State<'_, Shell>, query: GroupQuery) -> Answer<GroupPage> {
    shell.ask(move |engine| engine.groups(&query)).await
}

/// How many groups each ready-made narrowing holds.
#[tauri::command]
pub async fn group_facets(shell: State<'_, Shell>) -> Answer<Vec<GroupFacetCount>> {
    shell.ask(Engine::group_facets).await
}

/// One linked group, whole.
#[tauri::command]
pub async fn group(shell: State<'_, Shell>, key: String) -> Answer<GroupDetail> {
    shell.ask(move |engine| engine.group(&key)).await
}

/// A window of a group's members.
#[tauri::command]
pub async fn members(shell: State<'_, Shell>, query: MemberQuery) -> Answer<MemberPage> {
    shell.ask(move |engine| engine.members(&query)).await
}

/// Writes the groups that match to the file that was just picked.
#[tauri::command]
pub async fn export_groups(
    shell: State<'_, Shell>,
    query: GroupQuery,
    columns: Vec<String>,
    format: ExportFormat,
    path: String,
) -> Answer<ExportDone> {
    let path = shell.picks().take_save(&path)?;
    shell.ask(move |engine| engine.export_groups(&query, &columns, format, &path)).await
}
