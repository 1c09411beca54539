//! How values go into and out of one attribute: types, duplicates, `primary`, mutability (RFC 7643 §2, RFC 7644 §3.5.2).

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::shape::{self, as_list};
use super::{OpKind, PatchError};
use crate::filter::{CompareOp, Filter, Matcher};
use crate::message::ScimType;
use crate::schema::{Attribute, Mutability};
use crate::text;

/// Where an operation works, with what the catalog knows about it.
pub(super) struct Where<'c> {
    /// The extension; none for the top of the resource.
    pub(super) urn: Option<String>,
    /// The attribute's name as the schema writes it.
    pub(super) name: String,
    /// The sub-attribute's name as the schema writes it.
    pub(super) sub: Option<String>,
    pub(super) definition: Option<&'c Attribute>,
    pub(super) sub_definition: Option<&'c Attribute>,
}

impl Where<'_> {
    /// Whether the attribute holds several values.
    pub(super) fn is_multi(&self) -> bool {
        self.definition.is_some_and(Attribute::is_multi_valued)
    }

    fn target(&self) -> Option<&Attribute> {
        if self.sub.is_some() { self.sub_definition } else { self.definition }
    }
}

/// Whether an attribute is set by the server alone.
pub(super) fn is_read_only(attribute: &Attribute) -> bool {
    attribute.mutability == Some(Mutability::ReadOnly)
}

fn is_immutable(attribute: &Attribute) -> bool {
    attribute.mutability == Some(Mutability::Immutable)
}

fn refuse(kind: ScimType, text: &str, detail: impl Into<String>) -> PatchError {
    PatchError::new(kind, Some(text), detail)
}

/// Refuses a change of what only the server sets.
pub(super) fn may_change(place: &Where<'_>, text: &str) -> Result<(), PatchError> {
    let read_only = place.definition.is_some_and(is_read_only) || place.sub_definition.is_some_and(is_read_only);
    if read_only {
        Err(refuse(ScimType::Mutability, text, "the attribute is read-only"))
    } else {
        Ok(())
    }
}

/// Whether a value is none: null, or a list without values (RFC 7643 §2.5).
fn is_unassigned(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::Array(items)) => items.is_empty(),
        Some(_) => false,
    }
}

/// The member with that name in any case, in a place of its own that can be changed.
fn slot<'m>(map: &'m mut Map<String, Value>, name: &str) -> &'m mut Value {
    let key = text::key_of(map, name).unwrap_or_else(|| name.to_owned());
    map.entry(key).or_insert(Value::Null)
}

fn take_out(map: &mut Map<String, Value>, name: &str) {
    if let Some(key) = text::key_of(map, name) {
        map.shift_remove(&key);
    }
}

/// `add` and `replace` without a filter.
pub(super) fn set(op: OpKind, holder: &mut Map<String, Value>, place: &Where<'_>, value: &Value, text: &str) -> Result<(), PatchError> {
    let current = text::get(holder, &place.name);
    let current = match &place.sub {
        Some(sub) => current.and_then(Value::as_object).and_then(|map| text::get(map, sub)),
        None => current,
    };
    // To write what is there already changes nothing, so that it is allowed everywhere.
    if current == Some(value) {
        return Ok(());
    }
    may_change(place, text)?;
    let fixed = place.definition.is_some_and(is_immutable) || place.sub_definition.is_some_and(is_immutable);
    if fixed && !is_unassigned(current) {
        return Err(refuse(ScimType::Mutability, text, "the attribute cannot be changed once it is set"));
    }
    let Some(sub) = &place.sub else {
        return set_whole(op, holder, place, value, text);
    };
    let value = shape::fit(place.sub_definition, value, text)?;
    let slot = slot(holder, &place.name);
    match slot {
        Value::Array(items) => {
            for item in items.iter_mut() {
                if let Value::Object(map) = item {
                    *self::slot(map, sub) = value.clone();
                }
            }
            if items.is_empty() {
                items.push(one(sub, value));
            }
            check_primary(items, text)
        }
        Value::Object(map) => {
            *self::slot(map, sub) = value;
            Ok(())
        }
        other => {
            let fresh = one(sub, value);
            *other = if place.is_multi() { Value::Array(vec![fresh]) } else { fresh };
            Ok(())
        }
    }
}

fn one(name: &str, value: Value) -> Value {
    let mut map = Map::new();
    map.insert(name.to_owned(), value);
    Value::Object(map)
}

fn set_whole(op: OpKind, holder: &mut Map<String, Value>, place: &Where<'_>, value: &Value, text: &str) -> Result<(), PatchError> {
    let Some(definition) = place.definition else {
        return set_unknown(op, holder, &place.name, value);
    };
    if definition.is_multi_valued() {
        let fresh: Vec<Value> = as_list(value)
            .iter()
            .map(|item| shape::fit_one(definition, item, text))
            .collect::<Result<_, _>>()?;
        if op == OpKind::Replace {
            if fresh.is_empty() {
                return remove(holder, place, text);
            }
            check_primary(&fresh, text)?;
            let mut unique = Vec::new();
            append(&mut unique, fresh, text)?;
            *slot(holder, &place.name) = Value::Array(unique);
            return Ok(());
        }
        if fresh.is_empty() {
            return Ok(());
        }
        let slot = slot(holder, &place.name);
        let mut items = match slot.take() {
            Value::Array(items) => items,
            Value::Null => Vec::new(),
            single => vec![single],
        };
        append(&mut items, fresh, text)?;
        *slot = Value::Array(items);
        return Ok(());
    }
    let value = shape::fit_one(definition, value, text)?;
    if definition.is_complex()
        && let Value::Object(members) = value
    {
        let slot = slot(holder, &place.name);
        if !slot.is_object() {
            *slot = Value::Object(Map::new());
        }
        if let Value::Object(map) = slot {
            merge_parts(map, members, definition, text)?;
            if map.is_empty() {
                take_out(holder, &place.name);
            }
        }
        return Ok(());
    }
    *slot(holder, &place.name) = value;
    Ok(())
}

/// An attribute that no schema knows: lists grow, objects merge, anything else is replaced.
fn set_unknown(op: OpKind, holder: &mut Map<String, Value>, name: &str, value: &Value) -> Result<(), PatchError> {
    match (op, slot(holder, name), value) {
        (OpKind::Add, Value::Array(items), value) => {
            for item in as_list(value) {
                if !items.contains(item) {
                    items.push(item.clone());
                }
            }
        }
        (OpKind::Add, Value::Object(map), Value::Object(members)) => {
            for (name, value) in members {
                *slot(map, name) = value.clone();
            }
        }
        (_, slot, value) => *slot = value.clone(),
    }
    Ok(())
}

/// Puts sub-attributes into a complex value. What is read-only in it is left to the server.
fn merge_parts(map: &mut Map<String, Value>, members: Map<String, Value>, definition: &Attribute, text: &str) -> Result<(), PatchError> {
    for (name, value) in members {
        let sub = definition.sub(&name);
        if sub.is_some_and(is_read_only) {
            continue;
        }
        let current = text::get(map, &name);
        if sub.is_some_and(is_immutable) && !is_unassigned(current) && current != Some(&value) {
            return Err(refuse(
                ScimType::Mutability,
                text,
                format!("{name} cannot be changed once it is set"),
            ));
        }
        if value.is_null() {
            take_out(map, &name);
        } else {
            *slot(map, &name) = value;
        }
    }
    Ok(())
}

fn is_primary(item: &Value) -> bool {
    item.as_object().and_then(|map| text::get(map, "primary")) == Some(&Value::Bool(true))
}

/// At most one value is the primary one (RFC 7643 §2.4).
fn check_primary(items: &[Value], text: &str) -> Result<(), PatchError> {
    if items.iter().filter(|item| is_primary(item)).count() > 1 {
        return Err(refuse(ScimType::InvalidValue, text, "only one value can be primary"));
    }
    Ok(())
}

/// Makes `index` the only primary value.
fn only_primary(items: &mut [Value], index: usize) {
    for (place, item) in items.iter_mut().enumerate() {
        if place != index
            && is_primary(item)
            && let Value::Object(map) = item
        {
            *slot(map, "primary") = Value::Bool(false);
        }
    }
}

fn part<'v>(item: &'v Value, name: &str) -> Option<&'v Value> {
    match item {
        Value::Object(map) => text::get(map, name),
        other if name == "value" => Some(other),
        _ => None,
    }
}

/// Adds values that are not there yet. One is there when its `value` is, with the same `type` if it has one (RFC 7643 §2.4
/// rules out two values with the same pair); what else it says is then merged into the one that is there.
fn append(items: &mut Vec<Value>, fresh: Vec<Value>, text: &str) -> Result<(), PatchError> {
    check_primary(&fresh, text)?;
    let key = |item: &Value| part(item, "value").map(Value::to_string);
    let mut known: HashMap<Option<String>, Vec<usize>> = HashMap::new();
    for (index, item) in items.iter().enumerate() {
        known.entry(key(item)).or_default().push(index);
    }
    for item in fresh {
        let key = key(&item);
        let same = |index: &&usize| {
            let old = &items[**index];
            old == &item || (key.is_some() && part(&item, "type").is_none_or(|kind| part(old, "type") == Some(kind)))
        };
        let index = match known.get(&key).and_then(|places| places.iter().find(same)) {
            Some(index) => {
                if let (Value::Object(old), Value::Object(new)) = (&mut items[*index], &item) {
                    for (name, value) in new {
                        *slot(old, name) = value.clone();
                    }
                }
                *index
            }
            None => {
                items.push(item);
                known.entry(key).or_default().push(items.len() - 1);
                items.len() - 1
            }
        };
        if is_primary(&items[index]) {
            only_primary(items, index);
        }
    }
    Ok(())
}

/// `add` and `replace` with a filter.
pub(super) fn set_values(
    op: OpKind,
    holder: &mut Map<String, Value>,
    place: &Where<'_>,
    filter: &Filter,
    value: &Value,
    text: &str,
) -> Result<(), PatchError> {
    may_change(place, text)?;
    let value = match &place.sub {
        Some(_) => shape::fit(place.sub_definition, value, text)?,
        None => match place.definition {
            Some(definition) => shape::fit_one(definition, value, text)?,
            None => value.clone(),
        },
    };
    let slot = slot(holder, &place.name);
    let single = slot.is_object();
    let mut items = match slot.take() {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        one => vec![one],
    };
    let matcher = Matcher::for_values(filter, place.definition);
    let mut matched: Vec<usize> = (0..items.len()).filter(|index| matcher.matches(&items[*index])).collect();
    if matched.is_empty() {
        let missing = || refuse(ScimType::NoTarget, text, "no value matches the filter");
        if op != OpKind::Add {
            return Err(missing());
        }
        items.push(Value::Object(template(filter).ok_or_else(missing)?));
        matched.push(items.len() - 1);
    }
    let mut primary = None;
    for index in &matched {
        let item = &mut items[*index];
        let was_primary = is_primary(item);
        match (&place.sub, item, &value) {
            (Some(sub), Value::Object(map), value) => {
                let current = text::get(map, sub);
                let fixed = place.sub_definition.is_some_and(is_immutable);
                if fixed && !is_unassigned(current) && current != Some(value) {
                    return Err(refuse(
                        ScimType::Mutability,
                        text,
                        format!("{sub} cannot be changed once it is set"),
                    ));
                }
                *self::slot(map, sub) = value.clone();
            }
            (Some(sub), item, value) => *item = one(sub, value.clone()),
            (None, Value::Object(map), Value::Object(members)) if op == OpKind::Add => match place.definition {
                Some(definition) => merge_parts(map, members.clone(), definition, text)?,
                None => map.extend(members.clone()),
            },
            (None, item, value) => *item = value.clone(),
        }
        if is_primary(&items[*index]) && !was_primary {
            if primary.is_some() {
                return Err(refuse(ScimType::InvalidValue, text, "only one value can be primary"));
            }
            primary = Some(*index);
        }
    }
    if let Some(index) = primary {
        only_primary(&mut items, index);
    }
    *slot = if single && items.len() == 1 {
        items.remove(0)
    } else {
        Value::Array(items)
    };
    Ok(())
}

/// The value that a filter of `eq` comparisons describes: `type eq "work"` gives `{"type": "work"}`.
fn template(filter: &Filter) -> Option<Map<String, Value>> {
    match filter {
        Filter::Compare {
            path,
            op: CompareOp::Eq,
            value,
        } if path.sub.is_none() && path.schema.is_none() => {
            let mut map = Map::new();
            map.insert(path.name.clone(), value.clone().into());
            Some(map)
        }
        Filter::And(parts) => parts.iter().map(template).try_fold(Map::new(), |mut all, part| {
            all.extend(part?);
            Some(all)
        }),
        _ => None,
    }
}

/// `remove` without a filter.
pub(super) fn remove(holder: &mut Map<String, Value>, place: &Where<'_>, text: &str) -> Result<(), PatchError> {
    may_change(place, text)?;
    let Some(key) = text::key_of(holder, &place.name) else {
        return Ok(());
    };
    let Some(sub) = &place.sub else {
        may_be_unset(place, holder.get(&key), text)?;
        holder.shift_remove(&key);
        return Ok(());
    };
    let Some(current) = holder.get_mut(&key) else { return Ok(()) };
    let empty = match current {
        Value::Object(map) => {
            may_be_unset(place, text::get(map, sub), text)?;
            take_out(map, sub);
            map.is_empty()
        }
        Value::Array(items) => {
            for map in items.iter_mut().filter_map(Value::as_object_mut) {
                may_be_unset(place, text::get(map, sub), text)?;
                take_out(map, sub);
            }
            items.retain(|item| !item.as_object().is_some_and(Map::is_empty));
            items.is_empty()
        }
        _ => false,
    };
    if empty {
        holder.shift_remove(&key);
    }
    Ok(())
}

/// What is required or immutable cannot lose its value (RFC 7644 §3.5.2.2).
fn may_be_unset(place: &Where<'_>, current: Option<&Value>, text: &str) -> Result<(), PatchError> {
    let Some(target) = place.target() else { return Ok(()) };
    if is_unassigned(current) {
        return Ok(());
    }
    if target.required == Some(true) {
        return Err(refuse(ScimType::Mutability, text, "the attribute is required"));
    }
    if is_immutable(target) {
        return Err(refuse(ScimType::Mutability, text, "the attribute cannot be changed once it is set"));
    }
    Ok(())
}

/// `remove` with a filter.
pub(super) fn remove_values(
    holder: &mut Map<String, Value>,
    place: &Where<'_>,
    filter: &Filter,
    lenient: bool,
    text: &str,
) -> Result<(), PatchError> {
    may_change(place, text)?;
    let matcher = Matcher::for_values(filter, place.definition);
    remove_where(holder, place, lenient, text, |item| matcher.matches(item))
}

/// `remove` of the values in a list: those with the same `value`, or that are equal.
pub(super) fn remove_listed(holder: &mut Map<String, Value>, place: &Where<'_>, value: &Value, text: &str) -> Result<(), PatchError> {
    let listed: std::collections::HashSet<String> = as_list(value)
        .iter()
        .filter_map(|item| part(item, "value"))
        .map(Value::to_string)
        .collect();
    remove_where(holder, place, true, text, |item| {
        part(item, "value").is_some_and(|value| listed.contains(&value.to_string()))
    })
}

fn remove_where(
    holder: &mut Map<String, Value>,
    place: &Where<'_>,
    lenient: bool,
    text: &str,
    matches: impl Fn(&Value) -> bool,
) -> Result<(), PatchError> {
    let key = text::key_of(holder, &place.name);
    let current = key.as_ref().and_then(|key| holder.get(key));
    let items: &[Value] = current.map(as_list).unwrap_or_default();
    let mut kept = Vec::with_capacity(items.len());
    let mut found = false;
    for item in items {
        if !matches(item) {
            kept.push(item.clone());
            continue;
        }
        found = true;
        if let (Some(sub), Value::Object(map)) = (&place.sub, item) {
            may_be_unset(place, text::get(map, sub), text)?;
            let mut map = map.clone();
            take_out(&mut map, sub);
            if !map.is_empty() {
                kept.push(Value::Object(map));
            }
        }
    }
    if !found {
        return if lenient {
            Ok(())
        } else {
            Err(refuse(ScimType::NoTarget, text, "no value matches the filter"))
        };
    }
    let Some(key) = key else { return Ok(()) };
    if kept.is_empty() {
        if place.definition.is_some_and(|definition| definition.required == Some(true)) {
            return Err(refuse(ScimType::Mutability, text, "the attribute is required"));
        }
        holder.shift_remove(&key);
    } else {
        let single = holder.get(&key).is_some_and(Value::is_object) && kept.len() == 1;
        holder.insert(key, if single { kept.remove(0) } else { Value::Array(kept) });
    }
    Ok(())
}
