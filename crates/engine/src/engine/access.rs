//! What the access map is asked: made when it is first asked for, kept until the picture changes, swapped whole.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use base64::Engine as _;
use serde_json::json;

use super::{Engine, held};
use crate::Error;
use crate::export;
use crate::map::{Map, MapBuilder, Named, Trace, svg};
use crate::record::Row;
use crate::view::{
    AccessOf, AccessPage, AccessPath, CellDetail, EngineEvent, ExportDone, FirstSeen, FlowView, MapFormat, MapQuery, MapViewName,
    MatrixView, MatrixWindow, Millis, NodeRef, RestoreView, WhatIf, WhoCan, Why,
};

/// The setting that holds the keys of the groups that are meant for restoring.
const RESTORE_GROUPS: &str = "restore_groups";

impl Engine {
    /// The map of the picture as it is now. The first question after a change waits until it is made.
    pub(super) fn map(&self) -> Result<Arc<Map>, Error> {
        let directory = self.current()?;
        let mut kept = held(&self.inner.map);
        if let Some(map) = kept.as_ref().filter(|map| map.generation() == directory.generation()) {
            return Ok(Arc::clone(map));
        }
        // The old one goes first: two of them at once are not needed.
        *kept = None;
        let started = Instant::now();
        let mut builder = MapBuilder::new(directory, self.sources()?);
        self.inner.cache.items(MapBuilder::kinds(), &mut |item| builder.item(item))?;
        let map = Arc::new(builder.finish(&*self.inner.cache)?);
        tracing::debug!(took_us = started.elapsed().as_micros() as u64, bytes = map.memory(), "access map");
        *kept = Some(Arc::clone(&map));
        Ok(map)
    }

    /// The map, with everyone ranked by the most that each may do.
    pub(super) fn map_with_ranks(&self) -> Result<Arc<Map>, Error> {
        let map = self.map()?;
        map.rank_people();
        Ok(map)
    }

    /// Makes the map where it is not there, so that lists can tell what people may do. Waits until it is made.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn make_map(&self) -> Result<(), Error> {
        self.map().map(drop)
    }

    /// Makes the map in the background where it is not there and no sync runs, so that lists can tell what people may do and the first
    /// question need not wait. Returns at once; [`EngineEvent::DirectoryChanged`] tells when it is there. For a window, not for a program
    /// that ends after one answer.
    pub fn make_map_aside(&self) {
        let busy = || !held(&self.inner.running).is_empty();
        if self.map_at_hand().is_some() || busy() || self.inner.making_map.swap(true, Ordering::AcqRel) {
            return;
        }
        let engine = self.clone();
        let started = std::thread::Builder::new().name("access map".into()).spawn(move || {
            // Whoever asked meanwhile may have made it.
            let there = held(&engine.inner.map)
                .as_ref()
                .is_some_and(|map| map.generation() == engine.directory().generation());
            let made = if there { Ok(None) } else { engine.map().map(Some) };
            engine.inner.making_map.store(false, Ordering::Release);
            match made {
                Ok(Some(map)) => engine.tell(EngineEvent::DirectoryChanged {
                    generation: map.generation(),
                }),
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "the access map could not be made"),
            }
        });
        if let Err(error) = started {
            self.inner.making_map.store(false, Ordering::Release);
            tracing::warn!(%error, "no thread to make the access map");
        }
    }

    /// The map, if it is there and of the picture as it is now. Never waits.
    pub(super) fn map_at_hand(&self) -> Option<Arc<Map>> {
        let kept = self.inner.map.try_lock().ok()?;
        let map = kept.as_ref()?;
        (map.generation() == self.directory().generation()).then(|| Arc::clone(map))
    }

    /// The document behind an address on the map, and when it was read.
    pub(super) fn record_of(&self, address: &str) -> Result<Option<(Row, Option<Millis>)>, Error> {
        if !address.contains(':') {
            return Ok(None);
        }
        Ok(self.map()?.document_row(address))
    }

    /// Everything that one identity can do.
    ///
    /// # Errors
    /// [`Error::NotFound`]; when the cache cannot be read.
    pub fn access_of(&self, identity: &str) -> Result<AccessOf, Error> {
        self.map()?.access_of(identity)
    }

    /// Who can do an action (an Azure action, a Backstage permission, or `restore`) on a scope: a page of them, and how many there are.
    ///
    /// # Errors
    /// [`Error::Input`] for an action that cannot be read; [`Error::NotFound`]; when the cache cannot be read.
    pub fn who_can(&self, action: &str, scope: &str, offset: u32, limit: u32) -> Result<WhoCan, Error> {
        let map = self.map()?;
        let mut answer = map.who_can(action, scope, offset, limit)?;
        self.date(&map, answer.identities.iter_mut().flat_map(|row| &mut row.paths))?;
        Ok(answer)
    }

    /// Says of each hop when it was first seen, out of the ledger: for the paths that are told, each membership and each record once.
    fn date<'p>(&self, map: &Map, paths: impl Iterator<Item = &'p mut AccessPath>) -> Result<(), Error> {
        let ledger = &self.inner.ledger;
        let mut known: HashMap<Trace, Option<FirstSeen>> = HashMap::new();
        for hop in paths.flat_map(|path| &mut path.hops) {
            let Some(trace) = map.trace(hop) else { continue };
            let seen = match known.get(&trace) {
                Some(seen) => *seen,
                None => {
                    let seen = match &trace {
                        Trace::Member { source, group, member } => ledger.member_seen(*source, group, member)?,
                        Trace::Record { source, id, kind } => ledger.record_seen(*source, id, *kind)?,
                    };
                    known.insert(trace, seen);
                    seen
                }
            };
            if let Some(provenance) = hop.provenance.first_mut() {
                provenance.seen = seen;
            }
        }
        Ok(())
    }

    /// Why an identity has a role: all paths, shortest first.
    ///
    /// # Errors
    /// [`Error::NotFound`]; when the cache or the ledger cannot be read.
    pub fn why_access(&self, identity: &str, role: &str, scope: Option<&str>) -> Result<Why, Error> {
        let map = self.map()?;
        let mut answer = map.why(identity, role, scope)?;
        self.date(&map, answer.paths.iter_mut())?;
        Ok(answer)
    }

    /// What would go if an edge went.
    ///
    /// # Errors
    /// [`Error::NotFound`]; when the cache cannot be read.
    pub fn without_edge(&self, edge: &str) -> Result<WhatIf, Error> {
        self.map()?.without(edge)
    }

    /// The flow of a query.
    ///
    /// # Errors
    /// [`Error::NotFound`] for its focus or target; when the cache cannot be read.
    pub fn access_flow(&self, query: &MapQuery) -> Result<FlowView, Error> {
        self.map()?.flow(query)
    }

    /// A window of the matrix of a query.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn access_matrix(&self, query: &MapQuery, window: &MatrixWindow) -> Result<MatrixView, Error> {
        Ok(self.map()?.matrix(query, window))
    }

    /// What stands behind a cell of the matrix.
    ///
    /// # Errors
    /// [`Error::NotFound`]; when the cache cannot be read.
    pub fn access_cell(&self, query: &MapQuery, group: &str, role: &str) -> Result<CellDetail, Error> {
        let map = self.map()?;
        let mut detail = map.cell(query, group, role)?;
        self.date(&map, detail.paths.iter_mut())?;
        Ok(detail)
    }

    /// A page of the accessible list of a query.
    ///
    /// # Errors
    /// As for [`Self::access_flow`].
    pub fn access_table(&self, query: &MapQuery, offset: u32, limit: u32) -> Result<AccessPage, Error> {
        self.map()?.table(query, offset, limit)
    }

    /// Who can restore from which vault.
    ///
    /// # Errors
    /// When the cache or the ledger cannot be read.
    pub fn who_can_restore(&self, offset: u32, limit: u32) -> Result<RestoreView, Error> {
        self.map()?.who_can_restore(&self.restore_keys()?, offset, limit)
    }

    /// The groups that are meant for restoring, as an admin named them.
    ///
    /// # Errors
    /// When the cache or the ledger cannot be read.
    pub fn restore_groups(&self) -> Result<Vec<NodeRef>, Error> {
        Ok(self.map()?.restore_groups(&self.restore_keys()?))
    }

    /// Says which groups are meant for restoring; the decision stands in the audit log.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a group that is not there; when the ledger cannot be written.
    pub fn set_restore_groups(&self, keys: &[String]) -> Result<(), Error> {
        let map = self.map()?;
        let keys = map.checked_restore_groups(keys)?;
        let names: Vec<String> = map.restore_groups(&keys).into_iter().map(|group| group.name).collect();
        self.set_setting(RESTORE_GROUPS, &json!(keys).to_string())?;
        let summary = if names.is_empty() {
            "No group is named as meant for restoring any more".to_owned()
        } else {
            format!("Groups meant for restoring: {}", names.join(", "))
        };
        self.note("restore.groups", None, summary, json!({ "groups": keys }))?;
        self.ask_again();
        self.tell(EngineEvent::DirectoryChanged {
            generation: map.generation(),
        });
        Ok(())
    }

    /// Names groups as meant for restoring where nobody has decided about it yet: a decision, also one for none, stays. Names that no group,
    /// or more than one, has are passed over.
    ///
    /// # Errors
    /// As for [`Self::set_restore_groups`].
    pub fn propose_restore_groups(&self, names: &[String]) -> Result<(), Error> {
        if self.setting(RESTORE_GROUPS)?.is_some() {
            return Ok(());
        }
        let map = self.map()?;
        let found = names.iter().filter_map(|name| match map.name_group(name) {
            Named::One(group) => Some(group.key),
            _ => None,
        });
        let keys: Vec<String> = found.collect();
        if keys.is_empty() { Ok(()) } else { self.set_restore_groups(&keys) }
    }

    pub(super) fn restore_keys(&self) -> Result<Vec<String>, Error> {
        let kept = self.setting(RESTORE_GROUPS)?;
        Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Writes a view of the map to a file: its rows as CSV or JSON, the flow also as a drawing.
    ///
    /// # Errors
    /// As for the view; [`Error::Input`] for a drawing of another view; [`Error::File`], with no half-written file left.
    pub fn export_map(&self, query: &MapQuery, view: MapViewName, format: MapFormat, path: &Path) -> Result<ExportDone, Error> {
        let map = self.map()?;
        let sources = map.directory().sources();
        let done = match (format, view) {
            (MapFormat::Svg, MapViewName::Flow) => {
                let flow = map.flow(query)?;
                return self.drew(
                    export::access::bytes(svg(&flow).as_bytes(), path)?,
                    "svg",
                    query,
                    view,
                    boxes(&flow),
                );
            }
            (MapFormat::Svg, _) => {
                return Err(Error::Input {
                    field: "Format",
                    problem: "only the flow can be drawn; export this view as CSV or JSON".into(),
                });
            }
            (_, MapViewName::Flow | MapViewName::Table) => export::access::rows(&map.table_list(query)?, sources, format, path)?,
            (_, MapViewName::Matrix) => export::access::matrix(&map, query, format, path)?,
            (_, MapViewName::Restore) => {
                let keys = self.restore_keys()?;
                export::access::restore(&map, &keys, sources, format, path)?
            }
        };
        let summary = format!("Exported {} rows of the access map, {}, to {}", done.rows, of_view(view), done.path);
        let data = json!({ "what": "rows of the access map", "path": done.path, "rows": done.rows, "bytes": done.bytes, "view": view, "query": query });
        self.note("export.written", None, summary, data)?;
        Ok(done)
    }

    /// Says in the audit log what was drawn: of which view and query, and how much stands on it.
    fn drew(&self, done: ExportDone, format: &str, query: &MapQuery, view: MapViewName, drawn: u64) -> Result<ExportDone, Error> {
        let done = ExportDone { rows: drawn, ..done };
        let what = if view == MapViewName::Flow { "boxes" } else { "rows" };
        let summary = format!(
            "Exported a drawing ({}) of the access map, {}, with {drawn} {what} to {}",
            format.to_uppercase(),
            of_view(view),
            done.path
        );
        let data = json!({
            "what": "drawing of the access map",
            "path": done.path,
            "rows": drawn,
            "bytes": done.bytes,
            "format": format,
            "view": view,
            "query": query,
        });
        self.note("export.written", None, summary, data)?;
        Ok(done)
    }

    /// Writes what the window has drawn of a query, in base64 (RFC 4648 §4), to a file.
    ///
    /// # Errors
    /// [`Error::Input`] for what is no base64; [`Error::File`], with no half-written file left; as for the view.
    pub fn save_export(&self, query: &MapQuery, view: MapViewName, data: &str, path: &Path) -> Result<ExportDone, Error> {
        // What stands on it is counted here: the log does not take the window's word.
        let map = self.map()?;
        let drawn = match view {
            MapViewName::Flow => boxes(&map.flow(query)?),
            MapViewName::Table => map.table(query, 0, 0)?.total.into(),
            MapViewName::Matrix => map
                .matrix(
                    query,
                    &MatrixWindow {
                        row: 0,
                        rows: 0,
                        column: 0,
                        columns: 0,
                    },
                )
                .groups_total
                .into(),
            MapViewName::Restore => map.who_can_restore(&self.restore_keys()?, 0, 0)?.total.into(),
        };
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(data)
            .map_err(|error| Error::Input {
                field: "Drawing",
                problem: format!("it came over damaged ({error}); export it again"),
            })?;
        let format = match bytes.as_slice() {
            [0x89, b'P', b'N', b'G', ..] => "png",
            _ => "svg",
        };
        self.drew(export::access::bytes(&bytes, path)?, format, query, view, drawn)
    }

    /// The identity that a text means: by address, key, id, user name, e-mail address or name.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn name_person(&self, text: &str) -> Result<Named, Error> {
        Ok(self.map()?.name_person(text))
    }

    /// The role that a text means: by address, id or name.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn name_role(&self, text: &str) -> Result<Named, Error> {
        Ok(self.map()?.name_role(text))
    }

    /// The scope that a text means: by address, id or name.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn name_scope(&self, text: &str) -> Result<Named, Error> {
        Ok(self.map()?.name_scope(text))
    }

    /// The group that a text means: by address, key or name.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn name_group(&self, text: &str) -> Result<Named, Error> {
        Ok(self.map()?.name_group(text))
    }
}

/// A view in the middle of a sentence.
fn of_view(view: MapViewName) -> &'static str {
    match view {
        MapViewName::Flow => "the flow",
        MapViewName::Matrix => "the matrix",
        MapViewName::Table => "the table",
        MapViewName::Restore => "who can restore",
    }
}

/// Boxes of a flow.
fn boxes(flow: &FlowView) -> u64 {
    flow.nodes.len() as u64
}
