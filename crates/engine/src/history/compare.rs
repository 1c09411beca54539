//! What differs between two moments, record by record, and the access that was gained and lost by it. How that is told stands in `telling`.
//!
//! What each person gained and lost in all comes from [`lanyard_access::diff`]; a change of a record is told what of that it leads to: a membership what its
//! group holds and the groups above that, an assignment its role on its scope, an account what it holds. So a gain may be told of two changes that it
//! needed both, and never of one that has nothing to do with it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use lanyard_access::Node;
use lanyard_access::diff::{Changed, Difference, Place, diff};
use lanyard_access::world::State;

use super::Moment;
use super::net::{NetLine, NetRecord, member_line, net};
use crate::map::{ByRecord, Map};
use crate::record::{ItemKind, PastLine, ResourceKind, Row};
use crate::view::{AccessChange, Caveat, ChangeKind, ComparedChange, ComparedRecord, Millis, RecordChange, SourceId};

/// A comparison, before a query narrows it.
pub struct Compared {
    /// The earlier moment.
    pub from: Millis,
    /// The later moment.
    pub to: Millis,
    /// Records that differ, those that gave or took the most first.
    pub records: Vec<Found>,
    /// Access that was gained and lost, privileged first, then by person.
    pub changes: Vec<Told>,
    /// What cannot be said.
    pub caveats: Vec<Caveat>,
}

/// A record that differs, with what it is about.
pub struct Found {
    /// As views show it, with all of its lines.
    pub record: ComparedRecord,
    /// Its kind.
    pub kind: ResourceKind,
    /// Places in [`Compared::changes`] of what it gave and took, lines and all.
    pub consequences: Vec<u32>,
}

/// A gain or a loss, with whose accounts it is.
pub struct Told {
    /// As views show it.
    pub change: AccessChange,
    /// `SOURCE.ID` of the person's accounts.
    pub keys: Vec<String>,
}

/// One side: its map, and what stands behind records.
pub(super) struct Half<'a> {
    pub(super) map: &'a Map,
    pub(super) records: ByRecord,
    /// By identity: the person's number in the difference.
    people: HashMap<u32, u32>,
    later: bool,
}

/// Everything that attributing needs.
pub(super) struct Work<'a> {
    pub(super) before: Half<'a>,
    pub(super) after: Half<'a>,
    pub(super) difference: Difference,
    /// By person: its changes.
    of_person: Vec<Range<usize>>,
    /// By change: what did it.
    pub(super) because: Vec<Vec<(String, Millis)>>,
    led: HashMap<(bool, Node), Vec<(u32, u32)>>,
}

/// Compares two moments. `lines` are those of the time between, oldest first; rows up to `shared` are the same record's in both pictures.
pub fn compare(before: &Moment, after: &Moment, lines: Vec<PastLine>, shared: Row) -> Compared {
    let mapping = before.map.mapping(&after.map, shared);
    let difference = diff(before.map.side(), after.map.side(), &mapping);
    let mut of_person: Vec<Range<usize>> = Vec::with_capacity(difference.people.len());
    // Changes come person by person, and each person has some.
    for same in difference.changes.chunk_by(|one, other| one.person == other.person) {
        let start = of_person.last().map_or(0, |last| last.end);
        of_person.push(start..start + same.len());
    }
    let half = |moment: &'_ Moment, later: bool| {
        let people = difference.people.iter().zip(0u32..);
        let clusters = people.flat_map(|(person, number)| {
            let of = if later { &person.after } else { &person.before };
            of.iter().map(move |cluster| (*cluster, number))
        });
        (moment.map.by_record(), clusters.collect::<HashMap<u32, u32>>())
    };
    let ((was, people_was), (is, people_is)) = (half(before, false), half(after, true));
    let mut work = Work {
        before: Half {
            map: &before.map,
            records: was,
            people: people_was,
            later: false,
        },
        after: Half {
            map: &after.map,
            records: is,
            people: people_is,
            later: true,
        },
        because: vec![Vec::new(); difference.changes.len()],
        difference,
        of_person,
        led: HashMap::new(),
    };
    let mut records: Vec<Found> = net(lines).into_iter().filter_map(|record| work.record(&record)).collect();
    let (changes, places) = work.told();
    for found in &mut records {
        for at in &mut found.consequences {
            *at = places[*at as usize];
        }
        found.consequences.sort_unstable();
        found.consequences.dedup();
    }
    records.sort_by_cached_key(|found| {
        let privileged = found.consequences.iter().any(|at| changes[*at as usize].change.privileged);
        (
            !privileged,
            usize::MAX - found.consequences.len(),
            -found.record.seen_at,
            found.record.name.to_lowercase(),
            found.record.key.clone(),
        )
    });
    let mut caveats = before.caveats.clone();
    for caveat in after.caveats.iter().chain(&before.map.caveats()).chain(&after.map.caveats()) {
        if !caveats.contains(caveat) {
            caveats.push(caveat.clone());
        }
    }
    Compared {
        from: before.at,
        to: after.at,
        records,
        changes,
        caveats,
    }
}

impl Half<'_> {
    pub(super) fn place(&self, place: Place) -> Option<u32> {
        if self.later { place.after } else { place.before }
    }

    fn state(&self, changed: &Changed) -> Option<State> {
        if self.later { changed.after } else { changed.before }
    }
}

impl<'a> Work<'a> {
    pub(super) fn half(&self, later: bool) -> &Half<'a> {
        if later { &self.after } else { &self.before }
    }

    /// Changes of these accounts' people that `fits` takes, on one side.
    fn of_accounts(&self, later: bool, accounts: &[Node], fits: impl Fn(&Changed, Option<(u32, u32)>) -> bool) -> Vec<u32> {
        let half = self.half(later);
        let clusters = half.map.directory().identities();
        let mut people: Vec<u32> = accounts
            .iter()
            .filter_map(|account| half.people.get(&clusters.of(*account)).copied())
            .collect();
        people.sort_unstable();
        people.dedup();
        let mut found = Vec::new();
        for person in people {
            for at in self.of_person[person as usize].clone() {
                let changed = &self.difference.changes[at];
                let pair = half.place(changed.role).zip(half.place(changed.scope));
                if fits(changed, pair) {
                    found.push(at as u32);
                }
            }
        }
        found
    }

    /// What came (later) or went by nodes that lead to pairs of role and scope; and what a deny that they are named by did.
    fn by_pairs(&self, later: bool, accounts: &[Node], pairs: &[(u32, u32)]) -> Vec<u32> {
        let half = self.half(later);
        self.of_accounts(later, accounts, |changed, pair| {
            let led = pair.is_some_and(|pair| pairs.binary_search(&pair).is_ok());
            let denied = half.state(changed) == Some(State::Denied);
            led && (changed.is_gain() == later || denied)
        })
    }

    /// What a node holds, with everything above it.
    fn led_to(&mut self, later: bool, node: Node) -> Vec<(u32, u32)> {
        if let Some(known) = self.led.get(&(later, node)) {
            return known.clone();
        }
        let found = self.half(later).map.led_to(node);
        self.led.insert((later, node), found.clone());
        found
    }

    /// What a membership gave, or took.
    fn by_membership(&mut self, later: bool, group: Option<Node>, member: Option<Node>) -> Vec<u32> {
        let (Some(group), Some(member)) = (group, member) else {
            return Vec::new();
        };
        let pairs = self.led_to(later, group);
        if pairs.is_empty() {
            return Vec::new();
        }
        let below = self.half(later).map.accounts_below(member);
        self.by_pairs(later, &below, &pairs)
    }

    /// What assignments of a record gave, or took: those that the other side has too did neither.
    fn by_assignments(&self, later: bool, source: SourceId, kind: Option<ItemKind>, id: &str) -> Vec<u32> {
        let told = |half: &Half<'a>| -> HashSet<String> {
            let all = half.map.given_by(&half.records, source, kind, id).iter();
            all.filter_map(|at| half.map.assignment_told(*at)).collect()
        };
        let (half, others) = (self.half(later), told(self.half(!later)));
        let mut found = Vec::new();
        for at in half.map.given_by(&half.records, source, kind, id) {
            if half.map.assignment_told(*at).is_some_and(|told| others.contains(&told)) {
                continue;
            }
            if let Some((principal, role, scope)) = half.map.given(*at) {
                let below = half.map.accounts_below(principal);
                found.extend(self.by_pairs(later, &below, &[(role, scope)]));
            }
        }
        found
    }

    /// Whatever changed about one role.
    fn by_role(&self, source: SourceId, id: &str) -> Vec<u32> {
        let roles = [false, true].map(|later| self.half(later).map.role_of_record(source, id));
        let about = |changed: &Changed| {
            let of = |later: bool, role: Option<u32>| role.is_some() && self.half(later).place(changed.role) == role;
            of(false, roles[0]) || of(true, roles[1])
        };
        let changes = self.difference.changes.iter().zip(0u32..);
        changes.filter(|(changed, _)| about(changed)).map(|(_, at)| at).collect()
    }

    fn note(&mut self, changes: &[u32], why: &str, seen_at: Millis) {
        for at in changes {
            let because = &mut self.because[*at as usize];
            if because.iter().all(|(known, _)| known != why) {
                because.push((why.to_owned(), seen_at));
            }
        }
    }

    /// A record with its lines and what they did; none where nothing of it differs.
    fn record(&mut self, record: &NetRecord) -> Option<Found> {
        let change = match (record.was, record.is) {
            (false, _) => RecordChange::Appeared,
            (true, false) => RecordChange::Gone,
            (true, true) => RecordChange::Changed,
        };
        let (source, kind) = (record.source, record.kind);
        let name = self.name(record);
        let mut lines = record.lines();
        if record.again && kind == ResourceKind::Group {
            lines.extend(self.members_again(record));
        }
        let own = self.own(record, change);
        let why = self.why(record, change, &name);
        self.note(&own, &why, record.seen_at);
        let mut consequences = own.clone();
        let mut told = Vec::with_capacity(lines.len());
        for line in lines {
            let (line, did) = self.line(record, line, &name);
            consequences.extend(did);
            told.push(line);
        }
        if change == RecordChange::Changed && told.is_empty() && consequences.is_empty() && !record.again {
            return None;
        }
        told.sort_by_cached_key(|line| (line.gained.is_empty() && line.lost.is_empty(), -line.seen_at));
        let (gained, lost) = self.sums(&own);
        Some(Found {
            record: ComparedRecord {
                source,
                key: format!("{source}.{}", record.id),
                address: self.address(record),
                resource: kind.name().to_owned(),
                name,
                change,
                lines: told,
                more_lines: 0,
                seen_at: record.seen_at,
                gained,
                lost,
            },
            kind,
            consequences,
        })
    }

    /// Members that a group which went and came again has not any more, and those that it did not have.
    fn members_again(&self, record: &NetRecord) -> Vec<NetLine> {
        let keys = |later: bool| -> Option<BTreeMap<String, String>> {
            let map = self.half(later).map;
            let graph = map.directory().graph();
            let group = graph.group_ordinal(map.node_of(record.source, &record.id)?)?;
            let members = graph.members(group).iter();
            Some(
                members
                    .filter_map(|node| {
                        let key = map.directory().key_of_node(*node);
                        let id = key.split_once('.')?.1.to_owned();
                        Some((id, map.end_node(*node).name))
                    })
                    .collect(),
            )
        };
        let (Some(was), Some(is)) = (keys(false), keys(true)) else {
            return Vec::new();
        };
        let line = |id: &String, added: bool, name: &String| member_line(id, added, Some(name.clone()), record.seen_at, record.changed_at);
        let went = was
            .iter()
            .filter(|(id, _)| !is.contains_key(*id))
            .map(|(id, name)| line(id, false, name));
        let came = is
            .iter()
            .filter(|(id, _)| !was.contains_key(*id))
            .map(|(id, name)| line(id, true, name));
        went.chain(came).collect()
    }

    /// What a record's coming, going or changing as a whole did.
    fn own(&mut self, record: &NetRecord, change: RecordChange) -> Vec<u32> {
        let (source, id) = (record.source, record.id.as_str());
        let sides: &[bool] = match change {
            RecordChange::Appeared => &[true],
            RecordChange::Gone => &[false],
            RecordChange::Changed => &[false, true],
        };
        let mut found = Vec::new();
        match record.kind {
            ResourceKind::User | ResourceKind::Service | ResourceKind::Group => {
                for later in sides {
                    found.extend(self.by_assignments(*later, source, None, id));
                    if change == RecordChange::Changed && !record.again {
                        continue;
                    }
                    if let Some(node) = self.half(*later).map.node_of(source, id) {
                        let (pairs, below) = (self.led_to(*later, node), self.half(*later).map.accounts_below(node));
                        found.extend(self.by_pairs(*later, &below, &pairs));
                    }
                }
            }
            ResourceKind::Item(kind) => {
                for later in sides {
                    found.extend(self.by_assignments(*later, source, Some(kind), id));
                }
                match kind {
                    ItemKind::RoleDefinition | ItemKind::RbacRole => found.extend(self.by_role(source, id)),
                    ItemKind::RbacPolicy | ItemKind::RbacCondition => {
                        // Both are named by their role first.
                        let text = if kind == ItemKind::RbacPolicy { id } else { record.name.as_str() };
                        let role = text.split(", ").next().unwrap_or_default();
                        found.extend(self.by_role(source, role));
                    }
                    ItemKind::DenyAssignment => {
                        let denied = |changed: &Changed| [changed.before, changed.after].contains(&Some(State::Denied));
                        let changes = self.difference.changes.iter().zip(0u32..);
                        found.extend(changes.filter(|(changed, _)| denied(changed)).map(|(_, at)| at));
                    }
                    _ => {}
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// A line as views show it, with what it did.
    fn line(&mut self, record: &NetRecord, line: NetLine, name: &str) -> (ComparedChange, Vec<u32>) {
        let mut told = ComparedChange {
            kind: line.kind,
            path: line.path,
            before: line.before,
            after: line.after,
            member_name: line.member_name,
            member: None,
            seen_at: line.seen_at,
            changed_at: line.changed_at,
            gained: Vec::new(),
            lost: Vec::new(),
        };
        if !matches!(told.kind, ChangeKind::MemberAdded | ChangeKind::MemberRemoved) {
            return (told, Vec::new());
        }
        let later = told.kind == ChangeKind::MemberAdded;
        let member_id = told.after.clone().or_else(|| told.before.clone()).unwrap_or_default();
        let map = self.half(later).map;
        let (group, member) = (map.node_of(record.source, &record.id), map.node_of(record.source, &member_id));
        let in_group = member.is_some_and(|node| map.directory().graph().group_ordinal(node).is_some());
        if let Some(node) = member {
            told.member_name = Some(map.end_node(node).name);
        }
        told.member = [true, false].into_iter().find_map(|later| {
            let map = self.half(later).map;
            Some(map.end_node(map.node_of(record.source, &member_id)?).key)
        });
        let did = self.by_membership(later, group, member);
        let who = told.member_name.as_deref().unwrap_or(&member_id);
        let why = match (later, in_group) {
            (true, false) => format!("joined {name}"),
            (false, false) => format!("left {name}"),
            (true, true) => format!("{who} was put into {name}"),
            (false, true) => format!("{who} was taken out of {name}"),
        };
        self.note(&did, &why, told.seen_at);
        (told.gained, told.lost) = self.sums(&did);
        (told, did)
    }
}
