//! Create, replace, patch, delete (RFC 7644 §3.3, §3.5, §3.6), with the quirks that touch them.

use std::collections::HashSet;

use lanyard_scim::message::ScimType;
use lanyard_scim::patch::{OpKind, PatchOp, PatchOptions, PatchPath};
use serde_json::{Map, Value, json};

use super::definitions::Definitions;
use super::options::ScimOptions;
use super::quirk::Quirk;
use super::refusal::Refusal;
use super::shape::{complete_user, referred, shape};
use super::store::{Family, Fresh, Member, Slot, Store};
use crate::company::mix;

/// How a server names new resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdStyle {
    /// Letters and digits that say nothing.
    Opaque(u64),
    /// Numbers that count up.
    Numeric,
}

/// What a write did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The resource is there, and was changed or made.
    Changed(Slot),
    /// The resource is as it was.
    Unchanged(Slot),
    /// The resource is gone.
    Gone,
}

/// Everything that a write needs at hand.
pub(crate) struct Writer<'a> {
    pub(crate) store: &'a mut Store,
    pub(crate) definitions: &'a Definitions,
    pub(crate) options: &'a ScimOptions,
    pub(crate) ids: IdStyle,
}

impl Writer<'_> {
    /// Makes a resource.
    pub(crate) fn create(&mut self, family: Family, input: &Value) -> Result<Slot, Refusal> {
        let map = with_default(shape(input, family, self.definitions.catalog(family))?, family);
        let id = self.new_id(family);
        let (map, members) = self.complete(family, &id, map)?;
        self.check_unique(family, &map, None)?;
        self.check_spent(family, &map)?;
        let now = self.store.now();
        Ok(self.store.insert(Fresh::of(family, id, map, now, now, members)))
    }

    /// PUT: what is not in the new document goes.
    pub(crate) fn replace(&mut self, family: Family, slot: Slot, input: &Value) -> Result<Outcome, Refusal> {
        let map = with_default(shape(input, family, self.definitions.catalog(family))?, family);
        self.put(family, slot, map)
    }

    /// PATCH.
    pub(crate) fn patch(&mut self, family: Family, slot: Slot, mut input: Value) -> Result<Outcome, Refusal> {
        drop_inner_schemas(&mut input);
        let patch = PatchOp::from_value(input).map_err(|error| Refusal::of(error.scim_type, error.to_string()))?;
        self.check_patch_quirks(&patch)?;
        let Some(entry) = self.store.table(family).get(slot) else {
            return Ok(Outcome::Gone);
        };
        let mut value = entry.value();
        let options = PatchOptions {
            remove_by_value: true,
            ..PatchOptions::default()
        };
        patch
            .apply_with(&mut value, self.definitions.catalog(family), &options)
            .map_err(|error| Refusal::of(error.scim_type, error.to_string()))?;
        let map = shape(&value, family, self.definitions.catalog(family))?;
        self.put(family, slot, map)
    }

    /// DELETE. Memberships go too, unless this server lets them dangle.
    pub(crate) fn delete(&mut self, family: Family, slot: Slot) {
        let member = Member { family, slot };
        let Some(entry) = self.store.table(family).get(slot) else { return };
        let id = entry.id.clone();
        if family == Family::Users && self.options.has(Quirk::MakesLocal) {
            let (fresh, mut map) = (entry.again(family), entry.value());
            if let Value::Object(map) = &mut map {
                let now = self.store.now();
                make_local(map);
                let fresh = Fresh::of(family, fresh.id, std::mem::take(map), fresh.created, now, Vec::new());
                self.store.replace(slot, fresh);
            }
            return;
        }
        if family == Family::Users && self.options.has(Quirk::DeleteIsFinal) {
            let keys = [Some(entry.name.to_string()), entry.external.as_deref().map(str::to_owned)];
            self.store.spent.extend(keys.into_iter().flatten());
        }
        if !self.options.has(Quirk::DanglingMembers) {
            for holder in self.store.table(family).holders(slot).to_vec() {
                let Some(group) = self.store.groups.get(holder) else { continue };
                let Value::Object(mut map) = group.value() else { continue };
                if let Some(Value::Array(members)) = map.get_mut("members") {
                    members.retain(|shown| shown["value"] != *id);
                    if members.is_empty() {
                        map.shift_remove("members");
                    }
                }
                let left = group.members.iter().copied().filter(|other| *other != member).collect();
                let (id, created, old) = (group.id.to_string(), group.created, group.modified);
                let modified = if self.options.has(Quirk::StaleLastModified) {
                    old
                } else {
                    self.store.now()
                };
                self.store
                    .replace(holder, Fresh::of(Family::Groups, id, map, created, modified, left));
            }
        }
        self.store.remove(member);
    }

    fn put(&mut self, family: Family, slot: Slot, map: Map<String, Value>) -> Result<Outcome, Refusal> {
        let Some(entry) = self.store.table(family).get(slot) else {
            return Ok(Outcome::Gone);
        };
        let (id, created, old_modified, version) = (entry.id.to_string(), entry.created, entry.modified, entry.version);
        let old = entry.value();
        let (mut map, members) = self.complete(family, &id, map)?;
        self.check_unique(family, &map, Some(slot))?;
        let switched_off = family == Family::Users && old["active"] == true && map.get("active") == Some(&Value::Bool(false));
        if switched_off && self.options.has(Quirk::DeactivateDeletes) {
            self.delete(family, slot);
            return Ok(Outcome::Gone);
        }
        if switched_off && self.options.has(Quirk::MakesLocal) {
            make_local(&mut map);
        }
        if switched_off && self.options.has(Quirk::DeactivateObfuscates) {
            let disguise = format!("{:016x}", mix(version, u64::from(slot)));
            map.insert("displayName".to_owned(), json!(disguise));
            map.insert("userName".to_owned(), json!(disguise));
            map.insert(
                "emails".to_owned(),
                json!([{"value": format!("{disguise}@suspended.example"), "primary": true}]),
            );
        }
        let stale = self.options.has(Quirk::StaleLastModified) && family == Family::Groups && same_but_members(&old, &map);
        let fresh = Fresh::of(family, id, map, created, old_modified, members);
        if xxhash_rust::xxh3::xxh3_64(&fresh.body) == version {
            return Ok(Outcome::Unchanged(slot));
        }
        let modified = if stale { old_modified } else { self.store.now() };
        self.store.replace(slot, Fresh { modified, ..fresh });
        Ok(Outcome::Changed(slot))
    }

    /// Fills in what the server knows, and resolves members.
    fn complete(&self, family: Family, id: &str, mut map: Map<String, Value>) -> Result<(Map<String, Value>, Vec<Member>), Refusal> {
        if family == Family::Users {
            complete_user(&mut map, self.store);
            return Ok((map, Vec::new()));
        }
        let Some(Value::Array(listed)) = map.shift_remove("members") else {
            return Ok((map, Vec::new()));
        };
        let mut seen = HashSet::with_capacity(listed.len());
        let (mut shown, mut members) = (Vec::with_capacity(listed.len()), Vec::with_capacity(listed.len()));
        for member in listed {
            let wanted = referred(&member).ok_or_else(|| Refusal::invalid_value("a member needs a value"))?;
            if wanted == id {
                return Err(Refusal::invalid_value("a group cannot be a member of itself"));
            }
            if !seen.insert(wanted.clone()) {
                continue;
            }
            match self.store.find(&wanted) {
                Some(found) => {
                    let display = self.store.table(found.family).get(found.slot).map_or("", |entry| &entry.display);
                    let reference = format!("{}/{}/{wanted}", self.store.base(), found.family.endpoint());
                    shown.push(json!({"value": wanted, "$ref": reference, "type": found.family.resource_type(), "display": display}));
                    members.push(found);
                }
                None if self.options.has(Quirk::DanglingMembers) => shown.push(member),
                None => return Err(Refusal::invalid_value(format!("there is no user and no group {wanted}"))),
            }
        }
        if !shown.is_empty() {
            map.insert("members".to_owned(), Value::Array(shown));
        }
        Ok((map, members))
    }

    fn check_unique(&self, family: Family, map: &Map<String, Value>, own: Option<Slot>) -> Result<(), Refusal> {
        let Some(name) = map.get("userName").and_then(Value::as_str).filter(|_| family == Family::Users) else {
            return Ok(());
        };
        if self.store.users.named(&name.to_lowercase()).any(|slot| Some(slot) != own) {
            return Err(Refusal::of(ScimType::Uniqueness, format!("userName {name} is taken")));
        }
        Ok(())
    }

    fn check_spent(&self, family: Family, map: &Map<String, Value>) -> Result<(), Refusal> {
        let mut keys = ["userName", "externalId"].into_iter().filter_map(|name| map.get(name)?.as_str());
        if family == Family::Users
            && self.options.has(Quirk::DeleteIsFinal)
            && keys.any(|key| self.store.spent.contains(key) || self.store.spent.contains(&key.to_lowercase()))
        {
            return Err(Refusal::of(ScimType::Uniqueness, "this user was deleted, and cannot be made again"));
        }
        Ok(())
    }

    fn new_id(&mut self, family: Family) -> String {
        let mut number = self.store.users.order.len() as u64 + self.store.groups.order.len() as u64;
        loop {
            number += 1;
            let id = match (self.ids, family) {
                (IdStyle::Opaque(seed), Family::Users) => format!("00u{:017x}", u128::from(mix(seed, number)) * 0x1_0001),
                (IdStyle::Opaque(seed), Family::Groups) => format!("00g{:017x}", u128::from(mix(seed, number)) * 0x1_0001),
                (IdStyle::Numeric, _) => (10_000_000 + number).to_string(),
            };
            if self.store.find(&id).is_none() {
                return id;
            }
        }
    }

    fn check_patch_quirks(&self, patch: &PatchOp) -> Result<(), Refusal> {
        let refuse = |detail: &str| Err(Refusal::invalid_value(detail));
        let (mut adds, mut removals) = (0, 0);
        for operation in &patch.operations {
            let Some(path) = operation.path.as_ref().filter(|path| path.attribute().is("members")) else {
                continue;
            };
            let listed = match &operation.value {
                Some(Value::Array(values)) => values.len(),
                _ => 1,
            };
            match (operation.op, path) {
                (OpKind::Remove, PatchPath::Values { .. }) if self.options.has(Quirk::NoRemoveByFilter) => {
                    return refuse("members are removed by a list of values here");
                }
                (OpKind::Remove, PatchPath::Attr(_)) if operation.value.is_some() && self.options.has(Quirk::NoRemoveByValue) => {
                    return refuse("remove takes no value here; use members[value eq \"…\"]");
                }
                (OpKind::Remove, _) => removals += listed,
                _ => adds += listed,
            }
        }
        let limited = self.options.has(Quirk::SmallMemberPatches);
        if limited && (adds > 20 || removals > 1 || (adds > 0 && removals > 0)) {
            return refuse("at most 20 members added or one removed in a request");
        }
        Ok(())
    }
}

/// The account is nobody's but the app's own from now on.
fn make_local(map: &mut Map<String, Value>) {
    map.shift_remove("externalId");
    map.insert("active".to_owned(), Value::Bool(true));
}

/// A document without a word about it is of an active account. PATCH may take the attribute away all the same.
fn with_default(mut map: Map<String, Value>, family: Family) -> Map<String, Value> {
    if family == Family::Users {
        map.entry("active").or_insert(Value::Bool(true));
    }
    map
}

/// Some clients write `schemas` into the object of an extension, which has no such attribute. As it says nothing, it is
/// ignored, in PATCH as in POST and PUT.
fn drop_inner_schemas(input: &mut Value) {
    let operations = input
        .as_object_mut()
        .and_then(|input| input.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case("Operations")));
    let Some((_, Value::Array(operations))) = operations else { return };
    for operation in operations {
        let Some(Value::Object(value)) = operation.get_mut("value") else {
            continue;
        };
        value.shift_remove("schemas");
        let extensions = value.iter_mut().filter(|(name, _)| name.starts_with("urn:"));
        for extension in extensions.filter_map(|(_, value)| value.as_object_mut()) {
            extension.shift_remove("schemas");
        }
    }
}

fn same_but_members(old: &Value, new: &Map<String, Value>) -> bool {
    let ignored = |name: &str| matches!(name, "members" | "id" | "meta");
    let Value::Object(old) = old else { return false };
    let left = old.iter().filter(|(name, _)| !ignored(name));
    let right = new.iter().filter(|(name, _)| !ignored(name));
    left.count() == right.clone().count() && right.into_iter().all(|(name, value)| old.get(name) == Some(value))
}
