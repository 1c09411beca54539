//! One portal without its socket: what its sources give, what processing makes of it, and who may see it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde_json::json;

use super::catalog::{Catalog, Entity, Entry};
use super::draft::{Draft, EntityKind};
use super::feed::{Brought, Feed};
use super::options::{Feed as FeedKind, OrphanStrategy, PortalOptions};
use super::quirk::PortalQuirk;
use super::rbac::Rbac;
use super::refs;
use super::signin::SignIn;
use super::tokens::Tokens;
use crate::company::access::backstage::{self as definition, BY_HAND, OLD_NAME, Owned, Thing, Who};
use crate::company::{Company, plans};
use crate::faults::Strikes;
use crate::journal::{Journal, What};
use crate::scim::{Handle, Seen};

/// How many requests are remembered.
const REMEMBERED: usize = 20_000;
/// The location that the hand-written user comes from.
const HAND_WRITTEN: &str = "generated-people-by-hand";

/// See the module.
#[derive(Debug)]
pub(crate) struct Portal {
    base: String,
    seed: u64,
    provider: Handle,
    options: RwLock<PortalOptions>,
    sources: Mutex<Sources>,
    catalog: RwLock<Arc<Catalog>>,
    rbac: RwLock<Rbac>,
    tokens: Mutex<Tokens>,
    sign_in: Mutex<SignIn>,
    numbers: AtomicU64,
    seen: Mutex<VecDeque<Seen>>,
    journal: Journal,
}

/// Where entities come from, and what became of them there.
#[derive(Debug)]
struct Sources {
    feed: Feed,
    /// Of what the provider held when it was read last.
    fingerprint: Option<u64>,
    brought: Brought,
    /// What stands in repositories: owned things, and the user written by hand.
    written: BTreeMap<String, Draft>,
    orphans: BTreeMap<String, Orphan>,
    /// Deleted over the API though a source has them: gone until they are processed again.
    hidden: BTreeSet<String>,
    incarnations: BTreeMap<String, u32>,
    /// Memberships that groups go on showing (see [`PortalQuirk::StaleMembers`]).
    stale: Vec<(Arc<str>, &'static str, String)>,
}

/// An entity that no source gives any more.
#[derive(Debug)]
struct Orphan {
    draft: Draft,
    /// Whether processing has found it out yet.
    marked: bool,
}

// A lock that a panicking test left poisoned still guards whole data: every write is done before it is seen.
impl Portal {
    pub(crate) fn new(company: &Company, provider: Handle, base: String, options: PortalOptions, journal: Journal) -> Self {
        let who = |who: &Who| reference_of(company, who);
        let tokens = Tokens::new(options.token.clone(), options.more_tokens.clone());
        let portal = Self {
            base,
            seed: company.seed,
            provider,
            sources: Mutex::new(Sources {
                feed: Feed::of(company),
                fingerprint: None,
                brought: Brought::new(),
                written: written(company),
                orphans: BTreeMap::new(),
                hidden: BTreeSet::new(),
                incarnations: BTreeMap::new(),
                stale: Vec::new(),
            }),
            catalog: RwLock::default(),
            rbac: RwLock::new(Rbac::of(company, &who)),
            tokens: Mutex::new(tokens),
            sign_in: Mutex::default(),
            numbers: AtomicU64::new(0),
            seen: Mutex::default(),
            journal,
            options: RwLock::new(options),
        };
        portal.run_feed();
        portal
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    pub(crate) fn options(&self) -> RwLockReadGuard<'_, PortalOptions> {
        self.options.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn options_mut(&self) -> RwLockWriteGuard<'_, PortalOptions> {
        self.options.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        self.catalog.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn rbac(&self) -> RwLockReadGuard<'_, Rbac> {
        self.rbac.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn rbac_mut(&self) -> RwLockWriteGuard<'_, Rbac> {
        self.rbac.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn sign_in(&self) -> MutexGuard<'_, SignIn> {
        self.sign_in.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sources(&self) -> MutexGuard<'_, Sources> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of the next request, and what befalls it.
    pub(crate) fn strike(&self) -> (u64, Strikes) {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed) + 1;
        (number, Strikes::decide(&self.options().faults, self.seed ^ 0xb5, number))
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

    /// Reads the identity provider, if it changed since the last time.
    pub(crate) fn run_feed(&self) {
        let kind = self.options().feed;
        let mut sources = self.sources();
        let store = self.provider.server.store();
        let fingerprint = Feed::fingerprint(&store);
        if sources.fingerprint == Some(fingerprint) {
            return;
        }
        let brought = sources.feed.read(&store);
        drop(store);
        sources.fingerprint = Some(fingerprint);
        let before = std::mem::replace(&mut sources.brought, brought);
        for (reference, draft) in before {
            if sources.brought.contains_key(&reference) {
                continue;
            }
            if draft.kind == EntityKind::User {
                let memberships = draft.links.iter().map(|(_, back, group)| (group.clone(), *back, reference.clone()));
                sources.stale.extend(memberships);
            }
            sources
                .incarnations
                .entry(reference.clone())
                .and_modify(|times| *times += 1)
                .or_insert(1);
            if kind == FeedKind::Location || outlives(&draft) {
                // It is the same entity until it is removed: it keeps its uid.
                sources.incarnations.entry(reference.clone()).and_modify(|times| *times -= 1);
                sources.orphans.insert(reference, Orphan { draft, marked: false });
            }
        }
        let Sources {
            brought, orphans, stale, ..
        } = &mut *sources;
        orphans.retain(|reference, _| !brought.contains_key(reference));
        stale.retain(|(_, _, user)| !brought.contains_key(user));
        self.draw(&sources);
    }

    /// Processes every entity once: what was deleted and still has a source returns, orphans are found out.
    pub(crate) fn process(&self) {
        let mut sources = self.sources();
        let mut changed = !sources.hidden.is_empty();
        sources.hidden.clear();
        for orphan in sources.orphans.values_mut() {
            changed |= !std::mem::replace(&mut orphan.marked, true);
        }
        if changed {
            self.draw(&sources);
        }
    }

    /// Removes those orphans that were found out, where the strategy wants it.
    pub(crate) fn clean_up(&self) {
        if self.options().orphans == OrphanStrategy::Keep {
            return;
        }
        let mut sources = self.sources();
        let gone: Vec<String> = sources
            .orphans
            .iter()
            .filter(|(_, orphan)| orphan.marked && !outlives(&orphan.draft))
            .map(|(reference, _)| reference.clone())
            .collect();
        for reference in &gone {
            sources.orphans.remove(reference);
            *sources.incarnations.entry(reference.clone()).or_default() += 1;
        }
        if !gone.is_empty() {
            self.draw(&sources);
        }
    }

    /// Deletes an entity over the API. Tells whether there was one.
    pub(crate) fn delete(&self, uid: &str) -> bool {
        let Some(reference) = self.catalog().by_uid(uid).map(|entity| entity.reference.to_string()) else {
            return false;
        };
        let mut sources = self.sources();
        if sources.orphans.remove(&reference).is_none() {
            sources.hidden.insert(reference.clone());
        }
        *sources.incarnations.entry(reference).or_default() += 1;
        self.draw(&sources);
        true
    }

    /// Takes a thing out of its repository: it becomes an orphan, whatever the feed is. Tells whether it was there.
    pub(crate) fn forget(&self, reference: &str) -> bool {
        let mut sources = self.sources();
        let Some(draft) = sources.written.remove(reference) else {
            return false;
        };
        sources.orphans.insert(reference.to_owned(), Orphan { draft, marked: false });
        self.draw(&sources);
        true
    }

    /// Whether a repository still has a thing.
    pub(crate) fn is_written(&self, reference: &str) -> bool {
        self.sources().written.contains_key(reference)
    }

    /// Draws the catalog anew, as for another quirk.
    pub(crate) fn redraw(&self) {
        self.draw(&self.sources());
    }

    fn draw(&self, sources: &Sources) {
        let (relations, stale) = {
            let options = self.options();
            (!options.has(PortalQuirk::NoRelations), options.has(PortalQuirk::StaleMembers))
        };
        let living = sources.written.iter().chain(
            sources
                .brought
                .iter()
                .filter(|(reference, _)| !sources.written.contains_key(*reference)),
        );
        let living = living
            .filter(|(reference, _)| !sources.hidden.contains(*reference))
            .map(|(reference, draft)| (reference, draft, false));
        let orphans = sources
            .orphans
            .iter()
            .map(|(reference, orphan)| (reference, &orphan.draft, orphan.marked));
        let entries: Vec<Entry<'_>> = living
            .chain(orphans)
            .map(|(reference, draft, orphan)| Entry {
                draft,
                orphan,
                incarnation: sources.incarnations.get(reference).copied().unwrap_or(0),
            })
            .collect();
        let ghosts = if stale { sources.stale.as_slice() } else { &[] };
        let drawn = Arc::new(Catalog::draw(self.seed, &entries, relations, ghosts));
        let before = std::mem::replace(&mut *self.catalog.write().unwrap_or_else(PoisonError::into_inner), drawn.clone());
        if before.len() > 0 {
            self.note(&before, &drawn);
        }
    }

    /// Notes who came, who went, and who became an orphan.
    fn note(&self, before: &Catalog, after: &Catalog) {
        let note = |what, entity: &Entity| self.journal.happened("portal", what, &*entity.reference, "", "");
        for (_, gone) in before.iter().filter(|(_, entity)| after.named(&entity.reference).is_none()) {
            note(What::Vanished, gone);
        }
        for (_, entity) in after.iter() {
            match before.named(&entity.reference) {
                None => note(What::Appeared, entity),
                Some(old) if entity.orphan && !old.orphan => note(What::Orphaned, entity),
                Some(_) => {}
            }
        }
    }
}

/// Whether the clean-up passes an orphan over, whatever the strategy: it was brought by a file that nobody remembers.
fn outlives(draft: &Draft) -> bool {
    draft.kind == EntityKind::User && plans::leaves_something(&draft.name)
}

/// The reference that the definition means. Whoever left, or never was, has the one that the feed would have made.
pub(crate) fn reference_of(company: &Company, who: &Who) -> String {
    match who {
        Who::Group(name) => refs::group(&refs::normalise(name)),
        Who::Person(name) if BY_HAND.either.contains(&name.as_str()) => refs::user(BY_HAND.name),
        Who::Person(name) => {
            let person = company.person(name).map(|number| &company.people[number]);
            let before = person.and_then(|person| person.formerly).filter(|_| name == OLD_NAME);
            let email = match before {
                Some(before) => Some(format!("{before}@halcyon.example")),
                None => person.and_then(crate::company::Person::email),
            };
            refs::user(&refs::normalise(&email.unwrap_or_else(|| format!("{name}@halcyon.example"))))
        }
    }
}

/// The reference of a user whom somebody names by reference, by the provider's user name, or by the entity's name.
pub(crate) fn reference_of_name(portal: &Portal, name: &str) -> String {
    if name.contains(':') {
        return refs::reference(name).unwrap_or_default();
    }
    let by_mail = refs::user(&refs::normalise(&format!("{name}@halcyon.example")));
    if portal.catalog().named(&by_mail).is_some() {
        by_mail
    } else {
        refs::user(&name.to_lowercase())
    }
}

/// What stands in repositories.
fn written(company: &Company) -> BTreeMap<String, Draft> {
    let mut all: Vec<Draft> = definition::owned(company).iter().map(|owned| draft_of(company, owned)).collect();
    if !company.people.is_empty() {
        let file = "url:https://git.halcyon.example/portal/blob/main/people-by-hand.yaml";
        let mut by_hand = Draft::new(EntityKind::User, BY_HAND.name)
            .managed_by(file)
            .set("profile", json!({"displayName": BY_HAND.display}))
            .set("memberOf", json!([BY_HAND.group]))
            .link("memberOf", "hasMember", refs::group(BY_HAND.group));
        by_hand.location = Some(HAND_WRITTEN);
        let location = Draft::new(EntityKind::Location, HAND_WRITTEN)
            .managed_by(file)
            .set("type", "url")
            .set("target", &file[4..]);
        all.extend([by_hand, location]);
    }
    all.into_iter().map(|draft| (draft.reference(), draft)).collect()
}

fn draft_of(company: &Company, owned: &Owned) -> Draft {
    let kind = match owned.thing {
        Thing::Domain => EntityKind::Domain,
        Thing::System => EntityKind::System,
        Thing::Component => EntityKind::Component,
        Thing::Api => EntityKind::Api,
        Thing::Resource => EntityKind::Resource,
    };
    let owner = reference_of(company, &owned.owner);
    let place = format!("url:https://git.halcyon.example/{}/tree/main/catalog-info.yaml", owned.name);
    let mut draft = Draft::new(kind, owned.name.as_str()).managed_by(&place);
    draft.title = owned.title.map(str::to_owned);
    if !owned.sort.is_empty() {
        draft = draft.set("type", owned.sort);
    }
    if matches!(owned.thing, Thing::Component | Thing::Api) {
        draft = draft.set("lifecycle", "production");
    }
    draft = draft.set("owner", owner.as_str()).link("ownedBy", "ownerOf", owner);
    if let Some(whole) = &owned.part_of {
        let above = if kind == EntityKind::System { "domain" } else { "system" };
        draft = draft
            .set(above, whole.as_str())
            .link("partOf", "hasPart", format!("{above}:default/{whole}"));
    }
    if let Some(api) = &owned.provides {
        draft = draft
            .set("providesApis", json!([api]))
            .link("providesApi", "apiProvidedBy", format!("api:default/{api}"));
    }
    if kind == EntityKind::Api {
        draft = draft.set("definition", "openapi: 3.1.0\ninfo: {title: drawn, version: '2'}\npaths: {}\n");
    }
    draft
}
