//! Resources in memory: each as the bytes that are sent, with the few facts that lookups need beside them.
//!
//! A page of a list is a copy of bytes. Only filters without an index, PATCH and projections parse a document.

use std::collections::{BTreeSet, HashMap, HashSet};

use bytes::Bytes;
use serde_json::{Map, Value};
use xxhash_rust::xxh3::xxh3_64;

use crate::company::{Seal, seal};
use crate::journal::{Journal, What};

/// The two resource types of the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// `/Users`
    Users,
    /// `/Groups`
    Groups,
}

impl Family {
    pub(crate) fn endpoint(self) -> &'static str {
        match self {
            Self::Users => "Users",
            Self::Groups => "Groups",
        }
    }

    pub(crate) fn resource_type(self) -> &'static str {
        match self {
            Self::Users => "User",
            Self::Groups => "Group",
        }
    }
}

/// A place in a table; never given to another resource.
pub(crate) type Slot = u32;

/// A member of a group: which table, which place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Member {
    pub(crate) family: Family,
    pub(crate) slot: Slot,
}

/// One resource.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: Box<str>,
    /// The whole document with `meta`.
    pub(crate) doc: Bytes,
    /// Hash of the document without `meta`; the weak entity tag.
    pub(crate) version: u64,
    /// Milliseconds since 1970.
    pub(crate) created: i64,
    /// Milliseconds since 1970.
    pub(crate) modified: i64,
    /// `userName` or `displayName` in lower case.
    pub(crate) name: Box<str>,
    /// What groups display for this member.
    pub(crate) display: Box<str>,
    pub(crate) external: Option<Box<str>>,
    /// Members that exist here; users have none.
    pub(crate) members: Box<[Member]>,
}

impl Entry {
    /// The same resource to put back later.
    pub(crate) fn again(&self, family: Family) -> Fresh {
        let Value::Object(map) = self.value() else {
            // What is stored was written by this crate and is an object.
            return Fresh::of(family, self.id.to_string(), Map::new(), self.created, self.modified, Vec::new());
        };
        Fresh::of(family, self.id.to_string(), map, self.created, self.modified, self.members.to_vec())
    }

    pub(crate) fn etag(&self) -> String {
        format!("W/\"{:016x}\"", self.version)
    }

    /// The document as a value. What is stored was written by this crate and parses.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_slice(&self.doc).unwrap_or_default()
    }
}

/// A resource that is to be put into the store, drawn already but without `meta`.
pub(crate) struct Fresh {
    pub(crate) family: Family,
    pub(crate) id: String,
    pub(crate) body: Vec<u8>,
    pub(crate) created: i64,
    pub(crate) modified: i64,
    pub(crate) name: String,
    pub(crate) display: String,
    pub(crate) external: Option<String>,
    pub(crate) members: Vec<Member>,
}

/// Slots by the hash of a text. Nearly always there is one.
type Index = HashMap<u64, Found>;

#[derive(Debug)]
enum Found {
    One(Slot),
    Many(Vec<Slot>),
}

impl Found {
    fn slots(&self) -> &[Slot] {
        match self {
            Self::One(slot) => std::slice::from_ref(slot),
            Self::Many(slots) => slots,
        }
    }
}

fn put(index: &mut Index, text: &str, slot: Slot) {
    let found = index.entry(xxh3_64(text.as_bytes()));
    found
        .and_modify(|found| *found = Found::Many(found.slots().iter().copied().chain([slot]).collect()))
        .or_insert(Found::One(slot));
}

fn cut(index: &mut Index, text: &str, slot: Slot) {
    let key = xxh3_64(text.as_bytes());
    let Some(found) = index.get_mut(&key) else { return };
    let left: Vec<Slot> = found.slots().iter().copied().filter(|other| *other != slot).collect();
    if left.is_empty() {
        index.remove(&key);
    } else {
        *found = Found::Many(left);
    }
}

#[derive(Debug, Default)]
pub(crate) struct Table {
    slots: Vec<Option<Entry>>,
    /// Living slots in the order of lists.
    pub(crate) order: Vec<Slot>,
    by_id: Index,
    by_name: Index,
    by_external: Index,
    pub(crate) by_modified: BTreeSet<(i64, Slot)>,
    /// Groups that hold the member of this slot.
    holders: Vec<Vec<Slot>>,
}

impl Table {
    pub(crate) fn get(&self, slot: Slot) -> Option<&Entry> {
        self.slots.get(slot as usize)?.as_ref()
    }

    pub(crate) fn slot(&self, id: &str) -> Option<Slot> {
        self.look(&self.by_id, id, |entry| Some(&entry.id)).next()
    }

    /// Slots whose `userName` or `displayName` is this, given in lower case.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = Slot> {
        self.look(&self.by_name, name, |entry| Some(&entry.name))
    }

    pub(crate) fn external(&self, external: &str) -> impl Iterator<Item = Slot> {
        self.look(&self.by_external, external, |entry| entry.external.as_deref())
    }

    /// Groups that hold this resource directly.
    pub(crate) fn holders(&self, slot: Slot) -> &[Slot] {
        self.holders.get(slot as usize).map_or(&[], Vec::as_slice)
    }

    fn look(&self, index: &Index, text: &str, of: impl Fn(&Entry) -> Option<&str>) -> impl Iterator<Item = Slot> {
        let slots = index.get(&xxh3_64(text.as_bytes())).map_or(&[][..], Found::slots);
        slots
            .iter()
            .copied()
            .filter(move |slot| self.get(*slot).and_then(&of) == Some(text))
    }

    fn index(&mut self, slot: Slot, entry: &Entry) {
        put(&mut self.by_id, &entry.id, slot);
        put(&mut self.by_name, &entry.name, slot);
        if let Some(external) = &entry.external {
            put(&mut self.by_external, external, slot);
        }
        self.by_modified.insert((entry.modified, slot));
    }

    fn unindex(&mut self, slot: Slot, entry: &Entry) {
        cut(&mut self.by_id, &entry.id, slot);
        cut(&mut self.by_name, &entry.name, slot);
        if let Some(external) = &entry.external {
            cut(&mut self.by_external, external, slot);
        }
        self.by_modified.remove(&(entry.modified, slot));
    }
}

/// Everything one server holds.
#[derive(Debug)]
pub(crate) struct Store {
    base: String,
    pub(crate) users: Table,
    pub(crate) groups: Table,
    /// User names and external ids of deleted users that are never given out again (see [`super::Quirk::DeleteIsFinal`]).
    pub(crate) spent: HashSet<String>,
    latest: i64,
    /// Where changes are noted, and under which system's name.
    journal: Option<(Journal, &'static str)>,
    /// Nothing is noted while a change is only tried.
    muted: bool,
}

impl Store {
    pub(crate) fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            users: Table::default(),
            groups: Table::default(),
            spent: HashSet::new(),
            latest: 0,
            journal: None,
            muted: false,
        }
    }

    /// Notes every change from now on.
    pub(crate) fn note_in(&mut self, journal: Journal, system: &'static str) {
        self.journal = Some((journal, system));
    }

    /// While this is set, changes are not noted: they are undone at once.
    pub(crate) fn mute(&mut self, muted: bool) {
        self.muted = muted;
    }

    fn happened(&self, what: What, id: &str, name: &str, of: &str) {
        if let Some((journal, system)) = self.journal.as_ref().filter(|_| !self.muted) {
            journal.happened(system, what, id, name, of);
        }
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn table(&self, family: Family) -> &Table {
        match family {
            Family::Users => &self.users,
            Family::Groups => &self.groups,
        }
    }

    pub(crate) fn table_mut(&mut self, family: Family) -> &mut Table {
        match family {
            Family::Users => &mut self.users,
            Family::Groups => &mut self.groups,
        }
    }

    pub(crate) fn find(&self, id: &str) -> Option<Member> {
        let at = |family: Family| self.table(family).slot(id).map(|slot| Member { family, slot });
        at(Family::Users).or_else(|| at(Family::Groups))
    }

    /// The time for a new `lastModified`: the clock's, but always later than every other in the store.
    pub(crate) fn now(&mut self) -> i64 {
        let clock = crate::journal::millis();
        self.latest = clock.max(self.latest + 1);
        self.latest
    }

    /// Adds a resource at the end.
    pub(crate) fn insert(&mut self, fresh: Fresh) -> Slot {
        let family = fresh.family;
        let slot = self.table(family).slots.len() as Slot;
        let entry = self.make(fresh);
        for member in &entry.members {
            self.table_mut(member.family).holders[member.slot as usize].push(slot);
        }
        self.happened(What::Appeared, &entry.id, &entry.name, "");
        self.note_members(&[], &entry);
        let table = self.table_mut(family);
        table.index(slot, &entry);
        table.slots.push(Some(entry));
        table.order.push(slot);
        table.holders.push(Vec::new());
        slot
    }

    /// Puts another document in the place of one.
    pub(crate) fn replace(&mut self, slot: Slot, fresh: Fresh) {
        let family = fresh.family;
        let entry = self.make(fresh);
        let Some(old) = self.table_mut(family).slots.get_mut(slot as usize).and_then(Option::take) else {
            return;
        };
        if family == Family::Groups {
            self.relink(slot, &old.members, &entry.members);
            self.note_members(&old.members, &entry);
        } else {
            self.note_account(&old, &entry);
        }
        let table = self.table_mut(family);
        table.unindex(slot, &old);
        table.index(slot, &entry);
        let renamed = old.display != entry.display;
        table.slots[slot as usize] = Some(entry);
        if renamed {
            self.redraw_holders(Member { family, slot });
        }
    }

    /// Takes a resource out. Memberships stay to the caller, which knows whether they dangle.
    pub(crate) fn remove(&mut self, member: Member) {
        let table = self.table_mut(member.family);
        let Some(old) = table.slots.get_mut(member.slot as usize).and_then(Option::take) else {
            return;
        };
        table.unindex(member.slot, &old);
        table.order.retain(|slot| *slot != member.slot);
        table.holders[member.slot as usize] = Vec::new();
        self.happened(What::Vanished, &old.id, &old.name, "");
        self.relink(member.slot, &old.members, &[]);
    }

    fn note_account(&self, old: &Entry, new: &Entry) {
        if self.journal.is_none() || self.muted {
            return;
        }
        let works = |entry: &Entry| entry.value()["active"] != false;
        let what = match (works(old), works(new)) {
            (true, false) => What::Disabled,
            (false, true) => What::Enabled,
            _ => return,
        };
        self.happened(what, &new.id, &new.name, "");
    }

    fn note_members(&self, old: &[Member], group: &Entry) {
        if self.journal.is_none() || self.muted {
            return;
        }
        let (before, after): (BTreeSet<Member>, BTreeSet<Member>) =
            (old.iter().copied().collect(), group.members.iter().copied().collect());
        let note = |what, member: &Member| {
            if let Some(entry) = self.table(member.family).get(member.slot) {
                self.happened(what, &entry.id, &entry.name, &group.id);
            }
        };
        before.difference(&after).for_each(|member| note(What::Left, member));
        after.difference(&before).for_each(|member| note(What::Joined, member));
    }

    fn relink(&mut self, group: Slot, old: &[Member], new: &[Member]) {
        let (before, after): (BTreeSet<Member>, BTreeSet<Member>) = (old.iter().copied().collect(), new.iter().copied().collect());
        for gone in before.difference(&after) {
            if let Some(holders) = self.table_mut(gone.family).holders.get_mut(gone.slot as usize) {
                holders.retain(|holder| *holder != group);
            }
        }
        for added in after.difference(&before) {
            if let Some(holders) = self.table_mut(added.family).holders.get_mut(added.slot as usize) {
                holders.push(group);
            }
        }
    }

    /// A member has another name now: the groups that show it are drawn again. Their `lastModified` stays, because
    /// nobody changed them; their version does not.
    fn redraw_holders(&mut self, member: Member) {
        let Some(entry) = self.table(member.family).get(member.slot) else {
            return;
        };
        let (id, display) = (entry.id.clone(), entry.display.clone());
        for holder in self.table(member.family).holders(member.slot).to_vec() {
            let Some(group) = self.groups.get(holder) else { continue };
            let mut value = group.value();
            if let Some(members) = value["members"].as_array_mut() {
                for shown in members.iter_mut().filter(|shown| shown["value"] == *id) {
                    shown["display"] = Value::from(&*display);
                }
            }
            let (Value::Object(map), id) = (value, group.id.to_string()) else {
                continue;
            };
            let (created, modified, members) = (group.created, group.modified, group.members.to_vec());
            let fresh = Fresh::of(Family::Groups, id, map, created, modified, members);
            let entry = self.make(fresh);
            self.groups.slots[holder as usize] = Some(entry);
        }
    }

    fn make(&mut self, fresh: Fresh) -> Entry {
        let Fresh {
            family,
            id,
            body,
            created,
            modified,
            name,
            display,
            external,
            members,
        } = fresh;
        self.latest = self.latest.max(modified);
        let (doc, version) = seal(
            body,
            &Seal {
                base: &self.base,
                endpoint: family.endpoint(),
                resource_type: family.resource_type(),
                id: &id,
                created,
                modified,
            },
        );
        Entry {
            id: id.into(),
            // Boxed first: what a vector holds in reserve would stay for good.
            doc: Bytes::from(doc.into_boxed_slice()),
            version,
            created,
            modified,
            name: name.to_lowercase().into(),
            display: display.into(),
            external: external.map(String::into_boxed_str),
            members: members.into(),
        }
    }
}

impl Fresh {
    /// From a document as it is stored; `meta` in it is dropped, `id` is put in.
    pub(crate) fn of(family: Family, id: String, mut map: Map<String, Value>, created: i64, modified: i64, members: Vec<Member>) -> Self {
        map.shift_remove("meta");
        let mut ordered = Map::new();
        ordered.insert("schemas".to_owned(), map.shift_remove("schemas").unwrap_or_default());
        ordered.insert("id".to_owned(), Value::from(id.as_str()));
        map.shift_remove("id");
        ordered.extend(map);
        let text = |name: &str| ordered.get(name).and_then(Value::as_str).map(str::to_owned);
        let name = match family {
            Family::Users => text("userName"),
            Family::Groups => text("displayName"),
        };
        let name = name.unwrap_or_default();
        Self {
            display: text("displayName").unwrap_or_else(|| name.clone()),
            external: text("externalId"),
            name,
            // A map of strings to values is always JSON.
            body: serde_json::to_vec(&ordered).unwrap_or_else(|_| b"{\"schemas\":[]}".to_vec()),
            family,
            id,
            created,
            modified,
            members,
        }
    }
}
