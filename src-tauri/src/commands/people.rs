//! People: lists, one identity, its history and documents, the palette, the Overview.

use lanyard_engine::Engine;
use lanyard_engine::view::{
    ChangePage, ExportDone, ExportFormat, FacetCount, GotoHit, Millis, Overview, PeoplePage, PeopleQuery, PersonDetail, RawDocument,
};
use tauri::State;

use super::Answer;
use crate::shell::Shell;

/// A window of the list of people.
#[tauri::command]
pub async fn people(shell: State<'_, Shell>, query: PeopleQuery) -> Answer<PeoplePage> {
    shell
        .ask(move |engine| {
            let page = engine.people(&query)?;
            // Only once the rows are there: what people may do comes after who they are.
            engine.make_map_aside();
            Ok(page)
        })
        .await
}

/// How many people each ready-made narrowing holds.
#[tauri::command]
pub async fn people_facets(shell: State<'_, Shell>) -> Answer<Vec<FacetCount>> {
    shell.ask(Engine::people_facets).await
}

/// One identity, whole.
#[tauri::command]
pub async fn person(shell: State<'_, Shell>, key: String) -> Answer<PersonDetail> {
    shell.ask(move |engine| engine.person(&key)).await
}

/// The history of an identity, a linked group, or everything.
#[tauri::command]
pub async fn timeline(shell: State<'_, Shell>, key: Option<String>, since: Option<Millis>, offset: u32, limit: u32) -> Answer<ChangePage> {
    shell.ask(move |engine| engine.timeline(key.as_deref(), since, offset, limit)).await
}

/// An account's or group's document as the source sent it.
#[tauri::command]
pub async fn raw_document(shell: State<'_, Shell>, key: String) -> Answer<RawDocument> {
    shell.ask(move |engine| engine.raw_document(&key)).await
}

/// What the palette finds.
#[tauri::command]
pub async fn goto(shell: State<'_, Shell>, text: String, limit: u32) -> Answer<Vec<GotoHit>> {
    shell.ask(move |engine| engine.goto(&text, limit)).await
}

/// The Overview; changes are those since the time given.
#[tauri::command]
pub async fn overview(shell: State<'_, Shell>, since: Millis) -> Answer<Overview> {
    shell.ask(move |engine| engine.overview(since)).await
}

/// Writes the people that match to the file that was just picked.
#[tauri::command]
pub async fn export_people(
    shell: State<'_, Shell>,
    query: PeopleQuery,
    columns: Vec<String>,
    format: ExportFormat,
    path: String,
) -> Answer<ExportDone> {
    let path = shell.picks().take_save(&path)?;
    shell.ask(move |engine| engine.export_people(&query, &columns, format, &path)).await
}
