//! A finding in words: its sentence, what it is about, the facts that it stands on, and whom it affects.

use lanyard_access::findings::{Found, Listed, Part, Severity as Weight};
use lanyard_access::{Node, NodeKind};

use super::identity::{ATTRIBUTES, named};
use super::scene::Named;
use super::{Context, Evaluation, fixes, identity, rules};
use crate::map::tables::{Lost, Origin};
use crate::view::{FindingEvidence, FindingRow, FindingState, FindingSubject, Fix, Millis, NodeRef, Severity, day};

/// People who are named of a finding.
const NAMED: usize = 200;
/// Things that one name in a sentence stands for, before the rest is counted.
const TOLD: usize = 3;
/// Facts of one finding.
const FACTS: usize = 60;

/// The severity of a rule, as views name it.
pub(crate) fn severity(weight: Weight) -> Severity {
    match weight {
        Weight::Critical => Severity::Critical,
        Weight::High => Severity::High,
        Weight::Medium => Severity::Medium,
        Weight::Low => Severity::Low,
    }
}

/// How much a finding matters: what settings say, raised by as much as the finding raises its rule's own.
fn weight(context: Context<'_>, found: &Found, set: Option<Severity>) -> Severity {
    const ALL: [Severity; 4] = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];
    let place = |severity: Severity| ALL.iter().position(|one| *one == severity).unwrap_or(0);
    let own = severity(context.rule.severity);
    let base = set.unwrap_or(own);
    let Some(raised) = found.severity.map(severity) else { return base };
    ALL[place(base).saturating_sub(place(own).saturating_sub(place(raised)))]
}

/// The row of a finding, seen first and last now.
pub(crate) fn row(context: Context<'_>, found: &Found, id: String, set: Option<Severity>, at: Millis) -> FindingRow {
    let directory = context.map.directory();
    FindingRow {
        id,
        rule: context.rule.id.to_owned(),
        rule_title: context.rule.title.to_owned(),
        area: rules::area(context.rule.area),
        severity: weight(context, found, set),
        state: FindingState::Open,
        says: sentence(context, found),
        subject: subject(context, found),
        sources: found.places.iter().map(|place| directory.source_at(*place).id).collect(),
        people: found.people.len() as u32,
        first_seen: at,
        last_seen: at,
        closed_at: None,
        unconfirmed: None,
        suppression: None,
    }
}

/// The rule's sentence with names.
pub(crate) fn sentence(context: Context<'_>, found: &Found) -> String {
    let mut rest = context.rule.says;
    let mut out = String::with_capacity(rest.len() + 64);
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(&all_called(context, found, name));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Everything that a name in the sentence stands for.
fn all_called(context: Context<'_>, found: &Found, name: &str) -> String {
    let parts: Vec<&Part> = found.parts.iter().filter(|(of, _)| *of == name).map(|(_, part)| part).collect();
    if parts.is_empty() {
        return match name {
            "deleted" => "a day that is not known".into(),
            "owner" => "an account that is gone".into(),
            other => other.to_owned(),
        };
    }
    let named = |part: &&Part| match (name, part) {
        ("others", Part::Node(node)) => called_with_source(context, *node),
        ("who", Part::Count(count)) => format!("{count} people"),
        (_, part) => called(context, part),
    };
    let mut names: Vec<String> = parts.iter().take(TOLD).map(named).collect();
    names.dedup();
    let mut text = match names.as_slice() {
        [one] => one.clone(),
        [most @ .., last] if parts.len() <= TOLD => format!("{} and {last}", most.join(", ")),
        all => all.join(", "),
    };
    if parts.len() > TOLD {
        text.push_str(&format!(" and {} more", parts.len() - TOLD));
    }
    text
}

/// A part in words.
pub(crate) fn called(context: Context<'_>, part: &Part) -> String {
    let map = context.map;
    match part {
        Part::Node(node) => node_called(context, *node),
        Part::Identity(person) => person_called(&map.named_person(*person)),
        Part::Linked(cluster) => {
            let leader = map.directory().linked_groups().leader(*cluster);
            map.directory().name_of_group(leader)
        }
        Part::Role(role) => map.named_role(*role).name,
        Part::Scope(scope) => map.named_scope(*scope).name,
        Part::Assignment(at) => map.origin_entries()[*at as usize].record.to_string(),
        Part::Lost(at) => lost_called(context, &map.lost_entries()[*at as usize]),
        Part::Place(place) => map.directory().source_at(*place).name.clone(),
        Part::Listed(list, at) => named(context.lists, *list, *at).map_or_else(String::new, |named| named.name.clone()),
        Part::Count(count) => count.to_string(),
        Part::Time(at) => day(*at),
        Part::Attributes(bits) => {
            let held = ATTRIBUTES.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, word)| *word);
            held.collect::<Vec<_>>().join(", ")
        }
        Part::Word(word) => (*word).to_owned(),
    }
}

fn person_called(person: &NodeRef) -> String {
    match &person.apart {
        Some(apart) => format!("{} ({apart})", person.name),
        None => person.name.clone(),
    }
}

/// A node by its own name at its source: of several accounts of one identity, this one.
fn node_called(context: Context<'_>, node: Node) -> String {
    let directory = context.map.directory();
    match directory.graph().kind(node) {
        NodeKind::Account => {
            let name = directory.name_of_account(node);
            let apart = directory.has_namesakes(directory.identities().of(node));
            match directory.user_name_of(node).filter(|user_name| apart && *user_name != name) {
                Some(user_name) => format!("{name} ({user_name})"),
                None => name,
            }
        }
        NodeKind::Group | NodeKind::Dangling => context.map.named_node(node).name,
    }
}

/// A principal that no source holds: by the name that it had, else by its id.
pub(crate) fn lost_called(context: Context<'_>, lost: &Lost) -> String {
    let word = context.map.lost_word_of(lost);
    word.and_then(|word| word.name.as_deref()).unwrap_or(&lost.id).to_owned()
}

/// A node with the source that holds it.
fn called_with_source(context: Context<'_>, node: Node) -> String {
    let called = node_called(context, node);
    match place_of_node(context, node) {
        Some(place) => format!("{called} ({})", context.map.directory().source_at(place).name),
        None => called,
    }
}

/// What a finding is about: what its first part is.
fn subject(context: Context<'_>, found: &Found) -> FindingSubject {
    let map = context.map;
    let Some((_, part)) = found.parts.first() else {
        return plain("record", context.rule.title.to_owned());
    };
    let name = called(context, part);
    let of = |kind: &str, node: NodeRef| FindingSubject {
        kind: kind.into(),
        address: Some(node.key),
        name: name.clone(),
        system: Some(node.system),
    };
    match part {
        Part::Node(node) if map.directory().graph().group_ordinal(*node).is_some() => of("group", map.named_node(*node)),
        Part::Node(node) => FindingSubject {
            system: place_of_node(context, *node).map(|place| map.kind_of_place(place)),
            ..of("person", map.named_node(*node))
        },
        Part::Identity(person) => of("person", map.named_person(*person)),
        Part::Role(role) => of("role", map.named_role(*role)),
        Part::Scope(scope) => of("scope", map.named_scope(*scope)),
        Part::Lost(at) => FindingSubject {
            system: Some(map.kind_of_place(map.lost_entries()[*at as usize].place)),
            address: found.people.first().map(|person| map.named_person(*person).key),
            ..plain("person", name)
        },
        Part::Place(place) => {
            let facts = map.directory().source_at(*place);
            FindingSubject {
                kind: "source".into(),
                address: Some(format!("source:{}", facts.id)),
                name,
                system: Some(facts.kind),
            }
        }
        Part::Listed(list, at) => match named(context.lists, *list, *at) {
            Some(named) => of_list(context, *list, named),
            None => plain("record", name),
        },
        _ => plain("record", name),
    }
}

fn plain(kind: &str, name: String) -> FindingSubject {
    FindingSubject {
        kind: kind.into(),
        address: None,
        name,
        system: None,
    }
}

fn of_list(context: Context<'_>, list: Listed, about: &Named) -> FindingSubject {
    let map = context.map;
    let (kind, address) = match (list, about.node) {
        (Listed::Token, _) => ("credential", Some(format!("credential:{}", about.id))),
        (Listed::Job, _) => ("source", Some(format!("source:{}", map.directory().source_at(about.place).id))),
        (Listed::Credential | Listed::Program | Listed::Entity | Listed::JobError, Some(node)) => {
            let group = map.directory().graph().group_ordinal(node).is_some();
            (if group { "group" } else { "person" }, Some(map.named_node(node).key))
        }
        _ => ("record", None),
    };
    FindingSubject {
        kind: kind.into(),
        address,
        name: about.name.clone(),
        system: Some(map.kind_of_place(about.place)),
    }
}

fn place_of_node(context: Context<'_>, node: Node) -> Option<u16> {
    let directory = context.map.directory();
    match directory.graph().kind(node) {
        NodeKind::Account => Some(directory.place_of_account(node)),
        NodeKind::Group => directory.graph().group_ordinal(node).map(|group| directory.place_of_group(group)),
        NodeKind::Dangling => None,
    }
}

/// The facts that a finding stands on, each with where it comes from.
pub(crate) fn evidence(context: Context<'_>, found: &Found) -> Vec<FindingEvidence> {
    let mut all: Vec<FindingEvidence> = Vec::new();
    for (name, part) in &found.parts {
        let facts = match part {
            Part::Node(node) => node_fact(context, *node, name).into_iter().collect(),
            Part::Identity(person) => {
                let accounts = context.map.directory().identities().members(*person).iter();
                accounts.filter_map(|node| node_fact(context, *node, "account")).collect()
            }
            Part::Assignment(at) => vec![origin_fact(context, &context.map.origin_entries()[*at as usize], None)],
            Part::Lost(at) => {
                let lost = &context.map.lost_entries()[*at as usize];
                vec![origin_fact(context, &lost.origin, Some(lost))]
            }
            Part::Role(role) => role_fact(context, *role).into_iter().collect(),
            Part::Scope(scope) => scope_fact(context, *scope).into_iter().collect(),
            Part::Listed(Listed::Ambiguous, at) => {
                let nodes = context.lists.ambiguous.get(*at as usize).into_iter().flatten();
                nodes.filter_map(|node| node_fact(context, *node, "subject")).collect()
            }
            Part::Listed(list, at) => named(context.lists, *list, *at)
                .map(|named| list_fact(context, *list, named))
                .into_iter()
                .collect(),
            Part::Place(place) if found.parts.first() == Some(&(*name, part.clone())) => vec![source_fact(context, *place)],
            _ => Vec::new(),
        };
        for fact in facts {
            if !all.contains(&fact) && all.len() < FACTS {
                all.push(fact);
            }
        }
    }
    all
}

fn fact(context: Context<'_>, place: u16, says: String, record: Option<String>, document: Option<String>) -> FindingEvidence {
    let facts = context.map.directory().source_at(place);
    FindingEvidence {
        says,
        source: Some(facts.id),
        record,
        document,
        read_at: facts.read_at,
    }
}

fn node_fact(context: Context<'_>, node: Node, name: &str) -> Option<FindingEvidence> {
    use crate::view::SlotState;
    let directory = context.map.directory();
    let place = place_of_node(context, node)?;
    let source = &directory.source_at(place).name;
    let called = node_called(context, node);
    let (says, record) = if let Some(group) = directory.graph().group_ordinal(node) {
        let listed = if directory.members_listed(group) {
            let count = directory.graph().members(group).len() as u64;
            let noun = if count == 1 { "member" } else { "members" };
            format!("lists {} direct {noun}", crate::numbers::grouped(count))
        } else {
            "does not list its members".to_owned()
        };
        (
            format!("{source} holds the group {called}; it {listed}"),
            context.map.group_record(group),
        )
    } else {
        let state = match directory.state_of_account(node) {
            SlotState::Active => "as active",
            SlotState::Disabled => "as switched off",
            _ => "without saying whether it is active",
        };
        let what = if name == "left" { "the same person" } else { "the account" };
        (format!("{source} holds {what} {called} {state}"), directory.id_of_account(node))
    };
    Some(fact(context, place, says, Some(record), Some(directory.key_of_node(node))))
}

fn origin_fact(context: Context<'_>, origin: &Origin, lost: Option<&Lost>) -> FindingEvidence {
    let source = &context.map.directory().source_at(origin.place).name;
    let mut says = match lost {
        Some(lost) => {
            let word = context.map.lost_word_of(lost).map_or("not held by the source", |word| &word.what);
            format!("{source} names {} here: {word}", lost.id)
        }
        None => format!("{source} grants it by this record"),
    };
    if let Some(more) = &origin.more {
        if let Some(since) = more.since {
            says.push_str(&format!(", since {}", day(since)));
        }
        if let Some(by) = &more.by {
            says.push_str(&format!(", set up by {by}"));
        }
    }
    let document = origin.row.map(|_| context.map.edge_of(origin));
    fact(context, origin.place, says, Some(origin.record.to_string()), document)
}

fn role_fact(context: Context<'_>, role: u32) -> Option<FindingEvidence> {
    let entry = &context.map.role_entries()[role as usize];
    let named = context.map.named_role(role);
    let says = format!("{} is a {}", named.name, named.sort);
    entry
        .row
        .map(|_| fact(context, entry.place, says, Some(entry.id.to_string()), Some(named.key)))
}

fn scope_fact(context: Context<'_>, scope: u32) -> Option<FindingEvidence> {
    let entry = &context.map.scope_entries()[scope as usize];
    let named = context.map.named_scope(scope);
    let says = format!("{} is a {}", named.name, named.sort);
    entry
        .row
        .map(|_| fact(context, entry.place, says, Some(named.id.clone()), Some(named.key)))
}

fn list_fact(context: Context<'_>, list: Listed, named: &Named) -> FindingEvidence {
    let source = &context.map.directory().source_at(named.place).name;
    let document = named.node.map(|node| context.map.directory().key_of_node(node));
    let says = match list {
        Listed::Token => {
            return FindingEvidence {
                says: format!("Lanyard holds {}", named.name),
                source: Some(context.map.directory().source_at(named.place).id),
                record: None,
                document: None,
                read_at: None,
            };
        }
        Listed::Entity => format!("{source} marks {} as an orphan", named.id),
        Listed::Credential => format!("{source} lists the credential {} of {}", named.id, named.name),
        Listed::Program => format!("{source} holds the service principal {}", named.name),
        Listed::Job | Listed::JobError => {
            let map = context.map;
            let about = |place: u16, id: &str| place == named.place && *id == *named.id;
            let says = match list {
                Listed::Job => map.provisioning().iter().find(|job| about(job.place, &job.id)).map(|job| &job.says),
                _ => map
                    .failures()
                    .iter()
                    .find(|failure| about(failure.place, &failure.id))
                    .map(|failure| &failure.says),
            };
            format!("{source} says of {}: {}", named.name, says.map_or("nothing", |says| says))
        }
        _ => format!("{source} says so of {}", named.name),
    };
    fact(context, named.place, says, Some(named.id.clone()), document)
}

fn source_fact(context: Context<'_>, place: u16) -> FindingEvidence {
    let facts = context.map.directory().source_at(place);
    let source = context.map.all_sources().iter().find(|source| source.id == facts.id);
    let fault = source.and_then(|source| source.fault.as_ref());
    let gaps: Vec<String> = source.map_or_else(Vec::new, |source| {
        let open = source
            .coverage
            .iter()
            .filter(|coverage| !coverage.reasons.is_empty() && !coverage.is_beside());
        open.map(|coverage| {
            let why: Vec<&str> = coverage.reasons.iter().map(|reason| reason.text.as_str()).collect();
            format!("{}: {}", coverage.collection, why.join(" "))
        })
        .collect()
    });
    let says = match (fault, facts.read_at) {
        (Some(fault), _) => format!("The last sync of {} failed: {}", facts.name, fault.what),
        (None, None) => format!("{} was never read", facts.name),
        (None, Some(_)) if !gaps.is_empty() => gaps.join(" "),
        (None, Some(at)) => format!("{} was last read on {}", facts.name, day(at)),
    };
    fact(context, place, says, None, None)
}

/// Whom it affects, by name, so many at most.
pub(crate) fn affected(context: Context<'_>, found: &Found) -> Vec<NodeRef> {
    found
        .people
        .iter()
        .take(NAMED)
        .map(|person| context.map.named_person(*person))
        .collect()
}

/// The ways out.
pub(crate) fn ways_out(context: Context<'_>, found: &Found) -> Vec<Fix> {
    fixes::fixes(context, found)
}

/// Whether a finding is about, or affects, what an address names.
pub(crate) fn is_about(evaluation: &Evaluation, found: &Found, about: crate::map::About) -> bool {
    use crate::map::About;
    let map = &evaluation.map;
    let directory = map.directory();
    let node_is = |node: Node| match (about, directory.graph().kind(node)) {
        (About::Person(person), NodeKind::Account) => directory.identities().of(node) == person,
        (About::Linked(cluster), NodeKind::Group) => directory
            .graph()
            .group_ordinal(node)
            .is_some_and(|group| directory.linked_groups().of(group) == cluster),
        _ => false,
    };
    let part_is = |part: &Part| match part {
        Part::Node(node) => node_is(*node),
        Part::Identity(person) => about == About::Person(*person),
        Part::Linked(cluster) => about == About::Linked(*cluster),
        Part::Role(role) => about == About::Role(*role),
        Part::Scope(scope) => about == About::Scope(*scope),
        Part::Lost(at) => {
            let lost = &map.lost_entries()[*at as usize];
            about == About::Role(lost.role) || about == About::Scope(lost.scope)
        }
        Part::Listed(Listed::Ambiguous, at) => evaluation
            .lists
            .ambiguous
            .get(*at as usize)
            .is_some_and(|all| all.iter().any(|node| node_is(*node))),
        Part::Listed(list, at) => named(&evaluation.lists, *list, *at)
            .and_then(|named| named.node)
            .is_some_and(node_is),
        _ => false,
    };
    let affects = matches!(about, About::Person(person) if found.people.binary_search(&person).is_ok());
    affects || found.parts.iter().any(|(_, part)| part_is(part))
}

/// The id and the row of a finding.
pub(crate) fn told(context: Context<'_>, found: &Found, set: Option<Severity>, at: Millis) -> (FindingRow, String) {
    let id = identity::id(context.map, context.lists, context.rule, found);
    (row(context, found, id, set, at), identity::facts(context, found))
}
