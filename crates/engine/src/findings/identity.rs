//! A finding's id, the same from sync to sync, and the hash of what it stands on.
//!
//! Both are over what sources call things: numbers of the picture change with every sync.

use std::fmt::Write as _;

use lanyard_access::findings::{Found, Listed, Part, Rule, scene::attribute};
use sha2::{Digest, Sha256};

use super::scene::Named;
use super::{Context, Lists};
use crate::map::Map;
use crate::secrets::hex;

/// The id: the rule's, and the first sixteen hexadecimal digits of a SHA-256 over the parts of its key.
pub fn id(map: &Map, lists: &Lists, rule: &Rule, found: &Found) -> String {
    let mut text = String::new();
    for part in &found.key {
        write(&mut text, map, lists, part);
    }
    let digest = hex(&Sha256::digest(text.as_bytes()));
    format!("{}:{}", rule.id, &digest[..16])
}

/// The hash of what it stands on: all parts, the severity that it gives itself, and the people.
pub(crate) fn facts(context: Context<'_>, found: &Found) -> String {
    let mut text = String::new();
    for (name, part) in &found.parts {
        // When it was seen last is no fact of it: what fails again in each cycle is the same failure.
        if *name == "at" {
            continue;
        }
        text.push_str(name);
        text.push('=');
        write(&mut text, context.map, context.lists, part);
    }
    // Writing to a text cannot fail.
    let _ = write!(text, "{:?}", found.severity);
    for person in &found.people {
        write(&mut text, context.map, context.lists, &Part::Identity(*person));
    }
    hex(&Sha256::digest(text.as_bytes()))
}

/// Attributes of a difference, in words.
pub(super) const ATTRIBUTES: [(u32, &str); 6] = [
    (attribute::NAME, "name"),
    (attribute::TITLE, "title"),
    (attribute::DEPARTMENT, "department"),
    (attribute::MANAGER, "manager"),
    (attribute::EMAIL, "e-mail address"),
    (attribute::USER_NAME, "user name"),
];

/// What stands in one of the scene's lists.
pub(crate) fn named(lists: &Lists, list: Listed, at: u32) -> Option<&Named> {
    let all = match list {
        Listed::Entity => &lists.entities,
        Listed::Program => &lists.programs,
        Listed::Credential => &lists.credentials,
        Listed::Token => &lists.tokens,
        Listed::Job => &lists.jobs,
        Listed::JobError => &lists.job_errors,
        Listed::Ambiguous | Listed::Breach => return None,
    };
    all.get(at as usize)
}

/// A part by the names that sources give, ended by a sign that no source sends.
fn write(text: &mut String, map: &Map, lists: &Lists, part: &Part) {
    let directory = map.directory();
    let source = |place: u16| directory.source_at(place).id;
    let written = match part {
        Part::Node(node) => write!(text, "node {}", directory.key_of_node(*node)),
        Part::Identity(person) => write!(text, "person {}", directory.key_of_node(directory.identities().leader(*person))),
        Part::Linked(cluster) => {
            let leader = directory.linked_groups().leader(*cluster);
            write!(text, "group {}", directory.key_of_node(directory.graph().group_node(leader)))
        }
        Part::Role(role) => {
            let entry = &map.role_entries()[*role as usize];
            write!(text, "role {} {}", source(entry.place), entry.id)
        }
        Part::Scope(scope) => {
            let entry = &map.scope_entries()[*scope as usize];
            write!(text, "scope {} {}", source(entry.place), entry.id)
        }
        Part::Assignment(at) => {
            let origin = &map.origin_entries()[*at as usize];
            write!(text, "assignment {} {}", source(origin.place), origin.id)
        }
        Part::Lost(at) => {
            let lost = &map.lost_entries()[*at as usize];
            write!(text, "assignment {} {}", source(lost.place), lost.origin.id)
        }
        Part::Place(place) => write!(text, "source {}", source(*place)),
        Part::Listed(Listed::Ambiguous, at) => {
            let nodes = lists.ambiguous.get(*at as usize).into_iter().flatten();
            let mut keys: Vec<String> = nodes.map(|node| directory.key_of_node(*node)).collect();
            keys.sort_unstable();
            write!(text, "ambiguous {}", keys.join("\u{1e}"))
        }
        Part::Listed(list, at) => match named(lists, *list, *at) {
            Some(named) => write!(text, "{list:?} {} {}", source(named.place), named.id),
            None => write!(text, "{list:?}"),
        },
        Part::Count(count) => write!(text, "count {count}"),
        Part::Time(at) => write!(text, "time {at}"),
        Part::Attributes(bits) => write!(text, "attributes {bits}"),
        Part::Word(word) => write!(text, "word {word}"),
    };
    // Writing to a text cannot fail.
    let _ = written;
    text.push('\u{1f}');
}
