//! One SCIM server without its socket: a request goes in, an answer comes out. Bulk operations come in by the same door.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytes::Bytes;
use lanyard_scim::urn;
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

use super::ask::{Answer, Ask, Change, Seen};
use super::auth::{Access, Admission, Door, Knock};
use super::bulk;
use super::cursor::Cursors;
use super::deferred::{Deferred, Hearing};
use super::definitions::{Definitions, resource_types, service_provider_config};
use super::list;
use super::options::ScimOptions;
use super::project::{Painter, Projection};
use super::query::Query;
use super::quirk::Quirk;
use super::refusal::Refusal;
use super::session::Sessions;
use super::store::{Family, Slot, Store};
use super::token::Sees;
use super::write::{IdStyle, Outcome, Writer};
use crate::company::{Company, mix};
use crate::faults::{FaultKind, Strikes};
use crate::journal::Journal;

/// One SCIM server.
#[derive(Debug)]
pub(crate) struct Server {
    base: String,
    ids: IdStyle,
    seed: u64,
    options: RwLock<ScimOptions>,
    definitions: Definitions,
    store: RwLock<Store>,
    cursors: Mutex<Cursors>,
    access: Mutex<Access>,
    numbers: AtomicU64,
    seen: Mutex<VecDeque<Seen>>,
    changes: Option<UnboundedSender<Change>>,
    pub(super) deferred: Deferred<Ask>,
    pub(super) sessions: Mutex<Sessions>,
    journal: Journal,
    system: &'static str,
    /// Another tenant of the same provider, once somebody asks with a token of it.
    neighbour: OnceLock<Arc<Self>>,
}

/// How many people the tenant beside this one has.
const NEIGHBOURS: usize = 25;
/// How many requests are remembered.
const REMEMBERED: usize = 20_000;

impl Server {
    /// `noted` is where changes are noted, and what this server is called there.
    pub(crate) fn new(
        mut store: Store,
        options: ScimOptions,
        ids: IdStyle,
        seed: u64,
        access: Access,
        changes: Option<UnboundedSender<Change>>,
        noted: (Journal, &'static str),
    ) -> Self {
        let (journal, system) = noted;
        store.note_in(journal.clone(), system);
        Self {
            journal,
            system,
            deferred: Deferred::default(),
            sessions: Mutex::default(),
            base: store.base().to_owned(),
            ids,
            seed,
            options: RwLock::new(options),
            definitions: Definitions::new(),
            store: RwLock::new(store),
            cursors: Mutex::new(Cursors::new(seed ^ 0xc0de)),
            access: Mutex::new(access),
            numbers: AtomicU64::new(0),
            seen: Mutex::new(VecDeque::new()),
            changes,
            neighbour: OnceLock::new(),
        }
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// What the journal calls this server.
    pub(crate) fn system(&self) -> &'static str {
        self.system
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    pub(super) fn store_mut(&self) -> RwLockWriteGuard<'_, Store> {
        self.store.write().unwrap_or_else(PoisonError::into_inner)
    }

    // A lock that a panicking test left poisoned still guards whole data: every write below is done before it is seen.
    pub(crate) fn options(&self) -> RwLockReadGuard<'_, ScimOptions> {
        self.options.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn options_mut(&self) -> RwLockWriteGuard<'_, ScimOptions> {
        self.options.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn store(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn access(&self) -> MutexGuard<'_, Access> {
        self.access.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a request to the SCIM API comes in.
    pub(crate) fn admit(&self, knock: &Knock<'_>) -> Admission {
        let policy = self.options().tokens.clone();
        self.access().admit(knock, Door::Scim, &policy)
    }

    /// The lab's own provisioning asks with a token that it was given: what becomes of that.
    pub(crate) fn knock(&self, token: &str, method: &str, path: &str) -> Admission {
        self.admit(&Knock {
            header: Some(&format!("Bearer {token}")),
            method,
            path,
            wears_after: None,
            from: "entra",
        })
    }

    /// Whoever answers to a token: this tenant, or the one beside it, which has other people.
    pub(super) fn tenant(self: &Arc<Self>, sees: Sees) -> Arc<Self> {
        if sees != Sees::OtherTenant {
            return self.clone();
        }
        let made = self.neighbour.get_or_init(|| {
            let company = Company::generate(mix(self.seed, 0x7e4a), NEIGHBOURS);
            let options = ScimOptions {
                faults: Vec::new(),
                ..self.options().clone()
            };
            let access = Access::new(options.auth.clone(), &options.tokens, "other_", &self.base);
            // What happens there is none of the company's: nobody reads that journal.
            let noted = (Journal::default(), self.system);
            let store = crate::provision::provider_store(&company, &self.base);
            Arc::new(Self::new(store, options, self.ids, mix(self.seed, 0x7e4b), access, None, noted))
        });
        made.clone()
    }

    /// The number of the next request, and what befalls it.
    pub(crate) fn strike(&self) -> (u64, Strikes) {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed) + 1;
        (number, Strikes::decide(&self.options().faults, self.seed, number))
    }

    pub(crate) fn remember(&self, seen: Seen) {
        let mut log = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if log.len() == REMEMBERED {
            log.pop_front();
        }
        log.push_back(seen);
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Answers one request. Who asks was settled before.
    pub(crate) fn answer(&self, ask: &Ask) -> Answer {
        self.route(ask).unwrap_or_else(|refusal| Answer::refusal(&refusal))
    }

    fn route(&self, ask: &Ask) -> Result<Answer, Refusal> {
        let parts: Vec<&str> = ask.path.split('/').filter(|part| !part.is_empty()).collect();
        let family = match parts.first() {
            Some(&"Users") => Some(Family::Users),
            Some(&"Groups") => Some(Family::Groups),
            _ => None,
        };
        match (family, parts.as_slice()) {
            (Some(family), [_]) => match ask.method.as_str() {
                "GET" => self.list(ask, &[family], &Query::from_parameters(&ask.parameters)?),
                "POST" => self.create(ask, family),
                _ => Ok(Answer::method_not_allowed("GET, POST")),
            },
            (Some(family), [_, ".search"]) => self.search(ask, &[family]),
            (Some(family), [_, id]) => self.one(ask, family, id),
            (None, [".search"]) => self.search(ask, &[Family::Users, Family::Groups]),
            (None, []) if ask.method == "GET" => {
                self.list(ask, &[Family::Users, Family::Groups], &Query::from_parameters(&ask.parameters)?)
            }
            (None, ["Bulk"]) => self.bulk(ask),
            (None, ["Me"]) => Err(Refusal::plain(501, "/Me is not supported: no account stands behind a token here")),
            (None, [endpoint @ ("ServiceProviderConfig" | "ResourceTypes" | "Schemas"), rest @ ..]) if rest.len() < 2 => {
                self.discover(ask, endpoint, rest.first().copied())
            }
            _ => Err(Refusal::plain(404, format!("there is nothing at {}", ask.path))),
        }
    }

    fn discover(&self, ask: &Ask, endpoint: &str, id: Option<&str>) -> Result<Answer, Refusal> {
        let options = self.options();
        let hidden = match endpoint {
            "ServiceProviderConfig" => Quirk::NoConfig,
            "Schemas" => Quirk::NoSchemas,
            _ => Quirk::NoResourceTypes,
        };
        let missing = || Refusal::plain(404, format!("there is nothing at {}", ask.path));
        if options.has(hidden) {
            return Err(missing());
        }
        if ask.method != "GET" {
            return Ok(Answer::method_not_allowed("GET"));
        }
        if ask.parameters.iter().any(|(name, _)| name == "filter") {
            return Err(Refusal::plain(
                403,
                "what a server says about itself cannot be filtered (RFC 7644 §4)",
            ));
        }
        let listed = |resources: Vec<Value>| json!({"schemas": [urn::LIST_RESPONSE], "totalResults": resources.len(), "itemsPerPage": resources.len(), "startIndex": 1, "Resources": resources});
        let value = match (endpoint, id) {
            ("ServiceProviderConfig", None) => service_provider_config(&self.base, &options, self.etag(&options, ask)),
            ("Schemas", None) => listed(self.definitions.schemas(&self.base)),
            ("Schemas", Some(id)) => self.definitions.schema(&self.base, id).ok_or_else(missing)?,
            ("ResourceTypes", None) => listed(resource_types(&self.base)),
            ("ResourceTypes", Some(id)) => resource_types(&self.base)
                .into_iter()
                .find(|kind| kind["id"] == id)
                .ok_or_else(missing)?,
            _ => return Err(missing()),
        };
        Ok(Answer::json(200, &value))
    }

    fn search(&self, ask: &Ask, families: &[Family]) -> Result<Answer, Refusal> {
        if ask.method != "POST" {
            return Ok(Answer::method_not_allowed("POST"));
        }
        self.list(ask, families, &Query::from_search(ask.value()?)?)
    }

    fn list(&self, ask: &Ask, families: &[Family], query: &Query) -> Result<Answer, Refusal> {
        let options = self.options();
        let later_page = query.start_index.is_some_and(|start| start > 1);
        if later_page && ask.strikes.has(FaultKind::Shift) {
            let mut store = self.store_mut();
            // Half a page moves from the front to the end, as when a list is sorted by its last change.
            let order = &mut store.table_mut(families[0]).order;
            let step = 3.min(order.len());
            order.rotate_left(step);
        }
        if options.has(Quirk::Reorders) {
            let mut store = self.store_mut();
            for family in families {
                let order = &mut store.table_mut(*family).order;
                let step = (order.len() / 3 + 1).min(order.len());
                order.rotate_left(step);
            }
        }
        let store = self.store();
        let page = list::Lister {
            store: &store,
            definitions: &self.definitions,
            options: &options,
            cursors: &self.cursors,
            etag: self.etag(&options, ask),
            nobody: ask.strikes.has(FaultKind::EmptyList),
            part: ask.part,
        };
        Ok(Answer {
            status: 200,
            body: page.page(families, query)?,
            ..Answer::default()
        })
    }

    fn one(&self, ask: &Ask, family: Family, id: &str) -> Result<Answer, Refusal> {
        match ask.method.as_str() {
            "GET" => self.get(ask, family, id),
            "PUT" => {
                if self.options().has(Quirk::NoPut) {
                    return Err(Refusal::plain(501, "PUT is not supported here"));
                }
                self.change(ask, family, id, |writer, slot| writer.replace(family, slot, &ask.value()?))
            }
            "PATCH" => {
                if !self.options().patch {
                    return Err(Refusal::plain(501, "PATCH is not supported here"));
                }
                self.change(ask, family, id, |writer, slot| writer.patch(family, slot, ask.value()?))
            }
            "DELETE" if self.options().has(Quirk::NoDelete) => Ok(Answer::method_not_allowed("GET, PUT, PATCH")),
            "DELETE" => self.change(ask, family, id, |writer, slot| {
                writer.delete(family, slot);
                Ok(Outcome::Gone)
            }),
            _ => Ok(Answer::method_not_allowed("GET, PUT, PATCH, DELETE")),
        }
    }

    fn get(&self, ask: &Ask, family: Family, id: &str) -> Result<Answer, Refusal> {
        let projection = Query::from_parameters(&ask.parameters)?.projection;
        let (options, store) = (self.options(), self.store());
        let slot = visible(&store, ask, family, id)?;
        let Some(entry) = store.table(family).get(slot) else {
            return Err(Refusal::not_found(id));
        };
        let etag = self.etag(&options, ask).then(|| entry.etag());
        if let (Some(etag), Some(known)) = (&etag, &ask.if_none_match)
            && tag_matches(known, etag)
        {
            return Ok(Answer {
                status: 304,
                etag: Some(etag.clone()),
                ..Answer::default()
            });
        }
        let body = self.paint(&store, &options, family, slot, &projection, ask)?;
        Ok(Answer {
            status: 200,
            etag,
            location: Some(self.location(family, id)),
            body,
            ..Answer::default()
        })
    }

    fn create(&self, ask: &Ask, family: Family) -> Result<Answer, Refusal> {
        let projection = Query::from_parameters(&ask.parameters)?.projection;
        let input = ask.value()?;
        let options = self.options();
        let mut store = self.store_mut();
        let slot = self.writer(&mut store, &options).create(family, &input)?;
        let (id, etag) = store
            .table(family)
            .get(slot)
            .map(|entry| (entry.id.to_string(), entry.etag()))
            .unwrap_or_default();
        let external = store
            .table(family)
            .get(slot)
            .and_then(|entry| entry.external.as_deref().map(str::to_owned));
        self.announce(family, slot, &id, external);
        let body = self.paint(&store, &options, family, slot, &projection, ask)?;
        let etag = self.etag(&options, ask).then_some(etag);
        Ok(Answer {
            status: 201,
            etag,
            location: Some(self.location(family, &id)),
            body,
            ..Answer::default()
        })
    }

    fn change(
        &self,
        ask: &Ask,
        family: Family,
        id: &str,
        act: impl FnOnce(&mut Writer<'_>, Slot) -> Result<Outcome, Refusal>,
    ) -> Result<Answer, Refusal> {
        Query::from_parameters(&ask.parameters)?;
        let options = self.options();
        let mut store = self.store_mut();
        let slot = visible(&store, ask, family, id)?;
        let before = store.table(family).get(slot);
        let external = before.and_then(|entry| entry.external.as_deref().map(str::to_owned));
        let current = before.map(super::store::Entry::etag).unwrap_or_default();
        let tagged = self.etag(&options, ask);
        let unwanted = ask.if_match.as_ref().is_some_and(|wanted| !tag_matches(wanted, &current));
        if tagged && unwanted && !options.has(Quirk::IgnoresIfMatch) {
            return Err(Refusal::plain(412, "the resource was changed since that version"));
        }
        let hearing = Hearing::of(&options, ask, family);
        if hearing != Hearing::Acts {
            return self.promise(ask, &options, hearing, (family, slot), &mut store, act);
        }
        let outcome = act(&mut self.writer(&mut store, &options), slot)?;
        if !matches!(outcome, Outcome::Unchanged(_)) {
            self.announce(family, slot, id, external);
        }
        self.outcome(ask, &options, &store, family, &outcome)
    }

    /// The answer to a write.
    pub(super) fn outcome(
        &self,
        ask: &Ask,
        options: &ScimOptions,
        store: &Store,
        family: Family,
        outcome: &Outcome,
    ) -> Result<Answer, Refusal> {
        let projection = Query::from_parameters(&ask.parameters)?.projection;
        let tagged = self.etag(options, ask);
        let (Outcome::Changed(slot) | Outcome::Unchanged(slot)) = *outcome else {
            return Ok(Answer::empty(204));
        };
        let id = store.table(family).get(slot).map(|entry| entry.id.clone()).unwrap_or_default();
        let etag = store.table(family).get(slot).filter(|_| tagged).map(super::store::Entry::etag);
        if ask.method == "PATCH" && options.has(Quirk::PatchNoContent) {
            return Ok(Answer {
                status: 204,
                etag,
                ..Answer::default()
            });
        }
        let empty = ask.method == "PATCH" && options.has(Quirk::PatchEmptyOk);
        let body = if empty {
            Bytes::new()
        } else {
            self.paint(store, options, family, slot, &projection, ask)?
        };
        Ok(Answer {
            status: 200,
            etag,
            location: Some(self.location(family, &id)),
            body,
            ..Answer::default()
        })
    }

    fn bulk(&self, ask: &Ask) -> Result<Answer, Refusal> {
        let most = self.options().bulk_operations;
        if most == 0 {
            return Err(Refusal::plain(501, "Bulk is not supported here"));
        }
        if ask.method != "POST" {
            return Ok(Answer::method_not_allowed("POST"));
        }
        Ok(Answer::json(200, &bulk::run(self, ask.value()?, most)?))
    }

    fn paint(
        &self,
        store: &Store,
        options: &ScimOptions,
        family: Family,
        slot: Slot,
        projection: &Projection,
        ask: &Ask,
    ) -> Result<Bytes, Refusal> {
        let Some(entry) = store.table(family).get(slot) else {
            return Ok(Bytes::new());
        };
        list::refuse_large(options, entry)?;
        let painter = Painter {
            store,
            catalog: self.definitions.catalog(family),
            options,
            projection,
            list: false,
            etag: self.etag(options, ask),
        };
        Ok(painter.paint(family, slot, entry))
    }

    pub(super) fn writer<'a>(&'a self, store: &'a mut Store, options: &'a ScimOptions) -> Writer<'a> {
        Writer {
            store,
            definitions: &self.definitions,
            options,
            ids: self.ids,
        }
    }

    fn etag(&self, options: &ScimOptions, ask: &Ask) -> bool {
        options.etag && !ask.strikes.has(FaultKind::EtagNone)
    }

    fn location(&self, family: Family, id: &str) -> String {
        format!("{}/{}/{id}", self.base, family.endpoint())
    }

    fn announce(&self, family: Family, slot: Slot, id: &str, external: Option<String>) {
        if let Some(changes) = &self.changes {
            let id = id.to_owned();
            // Nobody listens any more when the lab is being stopped.
            let _ = changes.send(Change {
                family,
                id,
                slot,
                external,
            });
        }
    }

    /// Refuses what is too large to be looked at.
    pub(crate) fn too_large(&self) -> Answer {
        let limit = self.options().max_payload;
        Answer::refusal(&Refusal::plain(413, format!("the body is larger than {limit} bytes")))
    }

    /// Refuses somebody who did not prove who they are.
    pub(crate) fn unauthorized() -> Answer {
        Answer::refusal(&Refusal::plain(401, "the credentials are missing, wrong, or no longer good"))
    }
}

/// The place of a resource, if it is there for whoever asks.
fn visible(store: &Store, ask: &Ask, family: Family, id: &str) -> Result<Slot, Refusal> {
    let slot = store.table(family).slot(id).filter(|slot| !ask.part || list::in_part(*slot));
    slot.ok_or_else(|| Refusal::not_found(id))
}

/// Whether a list of entity tags names this one. Versions are weak, so `W/` does not count (RFC 9110 §8.8.3.2).
fn tag_matches(list: &str, etag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    list.split(',').any(|tag| tag.trim() == "*" || bare(tag) == bare(etag))
}
