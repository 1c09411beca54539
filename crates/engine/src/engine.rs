//! The engine's front: one handle, cheap to clone, that the window and the command line call.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::broadcast;

use crate::Error;
use crate::secrets::{Keychain, Secret};
use crate::view::{
    AppState, AuditPage, AuditQuery, ChainCheck, ChangePage, EngineEvent, ExportDone, ExportFormat, FacetCount, FilterCheck, GotoHit, GroupDetail,
    GroupFacetCount, GroupPage, GroupQuery, MemberPage, MemberQuery, Millis, Overview, PeoplePage, PeopleQuery, PersonDetail, ProbeReport, RawDocument,
    RemovalPreview, SavedFilter, Source, SourceId, SourceSettings, SyncOutcome,
};

/// How to open a data folder.
pub struct OpenOptions {
    /// The folder: made when it is not there.
    pub data_dir: PathBuf,
    /// Where secrets are.
    pub keychain: Arc<dyn Keychain>,
    /// Whether this folder is the demo company's.
    pub demo: bool,
}

/// The engine, open on one data folder.
#[derive(Clone)]
pub struct Engine {
    _inner: Arc<()>,
}

#[allow(unused_variables, missing_docs, clippy::missing_errors_doc)]
impl Engine {
    /// Opens a data folder. Blocking; some 50 ms.
    pub fn open(options: OpenOptions) -> Result<Self, Error> { todo!() }
    pub fn state(&self) -> Result<AppState, Error> { todo!() }
    pub fn events(&self) -> broadcast::Receiver<EngineEvent> { todo!() }
    /// Ends running syncs and closes the files.
    pub async fn close(&self) { todo!() }

    // --- sources ---
    pub fn sources(&self) -> Result<Vec<Source>, Error> { todo!() }
    /// By number or by name, whatever the case.
    pub fn find_source(&self, name_or_id: &str) -> Result<Source, Error> { todo!() }
    /// The connection test. With `secret` none, the one in the keychain for `existing` is used, if the origin is still the same.
    pub async fn probe(&self, settings: &SourceSettings, secret: Option<Secret>, existing: Option<SourceId>) -> ProbeReport { todo!() }
    pub fn add_source(&self, settings: &SourceSettings, secret: Option<Secret>) -> Result<Source, Error> { todo!() }
    /// With another origin a new secret must be given: the old one is not sent elsewhere.
    pub fn update_source(&self, id: SourceId, settings: &SourceSettings, secret: Option<Secret>) -> Result<Source, Error> { todo!() }
    pub fn set_source_enabled(&self, id: SourceId, enabled: bool) -> Result<Source, Error> { todo!() }
    pub fn removal_preview(&self, id: SourceId) -> Result<RemovalPreview, Error> { todo!() }
    pub fn remove_source(&self, id: SourceId) -> Result<(), Error> { todo!() }

    // --- sync ---
    /// Syncs one source to the end; progress goes to [`Self::events`].
    pub async fn sync(&self, id: SourceId) -> Result<SyncOutcome, Error> { todo!() }
    /// Starts syncs of these sources (all enabled ones when empty) in the background, authoritative first. Needs a tokio runtime.
    pub fn start_sync(&self, ids: &[SourceId]) -> Result<(), Error> { todo!() }
    pub fn cancel_sync(&self, id: SourceId) { todo!() }

    // --- people and groups (blocking; milliseconds as a rule, seconds for a filter over uncolumned attributes of a million) ---
    pub fn people(&self, query: &PeopleQuery) -> Result<PeoplePage, Error> { todo!() }
    pub fn people_facets(&self) -> Result<Vec<FacetCount>, Error> { todo!() }
    pub fn person(&self, key: &str) -> Result<PersonDetail, Error> { todo!() }
    pub fn groups(&self, query: &GroupQuery) -> Result<GroupPage, Error> { todo!() }
    pub fn group_facets(&self) -> Result<Vec<GroupFacetCount>, Error> { todo!() }
    pub fn group(&self, key: &str) -> Result<GroupDetail, Error> { todo!() }
    pub fn members(&self, query: &MemberQuery) -> Result<MemberPage, Error> { todo!() }
    /// History of an identity or linked group (`key`), or of everything (`None`), newest first.
    pub fn timeline(&self, key: Option<&str>, since: Option<Millis>, offset: u32, limit: u32) -> Result<ChangePage, Error> { todo!() }
    pub fn raw_document(&self, key: &str) -> Result<RawDocument, Error> { todo!() }
    /// `resource` is `User` or `Group`; `caret` counts UTF-16 code units.
    pub fn check_filter(&self, resource: &str, text: &str, caret: u32) -> FilterCheck { todo!() }
    pub fn saved_filters(&self) -> Result<Vec<SavedFilter>, Error> { todo!() }
    pub fn save_filter(&self, filter: &SavedFilter) -> Result<(), Error> { todo!() }
    pub fn forget_filter(&self, screen: &str, name: &str) -> Result<(), Error> { todo!() }
    pub fn goto(&self, text: &str, limit: u32) -> Result<Vec<GotoHit>, Error> { todo!() }
    pub fn overview(&self, since: Millis) -> Result<Overview, Error> { todo!() }
    /// Writes all rows that match (offset and limit are ignored). `columns` are row field names; empty means all.
    pub fn export_people(&self, query: &PeopleQuery, columns: &[String], format: ExportFormat, path: &Path) -> Result<ExportDone, Error> { todo!() }
    pub fn export_groups(&self, query: &GroupQuery, columns: &[String], format: ExportFormat, path: &Path) -> Result<ExportDone, Error> { todo!() }

    // --- audit and settings ---
    pub fn audit(&self, query: &AuditQuery) -> Result<AuditPage, Error> { todo!() }
    pub fn verify_audit(&self) -> Result<ChainCheck, Error> { todo!() }
    pub fn setting(&self, key: &str) -> Result<Option<String>, Error> { todo!() }
    pub fn set_setting(&self, key: &str, value: &str) -> Result<(), Error> { todo!() }
}
