//! Where systems disagree about a person or a group.

use std::collections::BTreeMap;

use super::super::scene::{Collection, Kind};
use super::super::{Area, Control, Given, Need, Parameter, Part, Rule, Scene, Severity, Sink};
use super::about::{ANY, Stamps, USERS};

/// Who is in a group, and who is who, on both sides.
const NEEDS: &[Need] = &[
    USERS[0],
    USERS[1],
    USERS[2],
    Need::Of(Kind::Scim, Collection::Groups),
    Need::Of(Kind::Backstage, Collection::Groups),
    Need::Of(Kind::Azure, Collection::Groups),
    Need::Of(Kind::Scim, Collection::Memberships),
    Need::Of(Kind::Backstage, Collection::Memberships),
    Need::Of(Kind::Azure, Collection::Memberships),
];

const CONTROLS: &[Control] = &[Control::Cc63, Control::A518, Control::Ac2];

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "attributes-differ",
        title: "Attributes differ",
        area: Area::Drift,
        severity: Severity::Low,
        kinds: ANY,
        finds: "An account and the leading account of the same identity hold different values of a name, title, department, manager, e-mail address or user name. A value that one side does not hold is no difference; nor is the case of letters in addresses and user names. Managers are compared as people, where both sources name an account that they hold (RFC 7643, section 4.3); Entra's and Backstage's are not read.",
        says: "{account} differs in {place} from {authority}: {attributes}",
        why: "Rules that go by department, title or manager decide differently there, and a changed name or address can break the join.",
        controls: &[Control::Cc62, Control::A516, Control::Ac2],
        needs: &USERS,
        parameters: &[],
        way_out: "Correct the value at the source that is wrong; if it comes by provisioning, have the account provisioned again and look at the attribute mapping.",
        find: attributes_differ,
    },
    Rule {
        id: "group-drift",
        title: "Group drifted apart",
        area: Area::Drift,
        severity: Severity::Medium,
        kinds: ANY,
        finds: "The same group holds different people in two systems, and both systems hold those people: somebody was added or removed on one side only. People who left, and programs, are told by other rules.",
        says: "{group} in {place} does not hold the people that {lead} holds in {authority}: {missing} missing, {extra} too many",
        why: "What the group gives goes to the wrong people in one of the systems.",
        controls: CONTROLS,
        needs: NEEDS,
        parameters: &[],
        way_out: "Add or remove the members where they are wrong, or have the group provisioned again.",
        find: |scene, _, sink| groups_differ(scene, sink, Cause::Drift, 0),
    },
    Rule {
        id: "group-nested",
        title: "Group loses its nested members",
        area: Area::Drift,
        severity: Severity::Medium,
        kinds: ANY,
        finds: "The same group holds fewer people in one system than in the other, because groups nested in it on one side are not followed or not there on the other.",
        says: "{group} in {place} lacks {missing} who are in {lead} in {authority} by nesting",
        why: "People who are meant to have what the group gives do not have it there, or reach it by a way that nobody reviews.",
        controls: CONTROLS,
        needs: NEEDS,
        parameters: &[],
        way_out: "Assign the nested groups to the application as well, or make the people direct members.",
        find: |scene, _, sink| groups_differ(scene, sink, Cause::Nested, 0),
    },
    Rule {
        id: "group-not-provisioned",
        title: "Group members not provisioned",
        area: Area::Drift,
        severity: Severity::Low,
        kinds: ANY,
        finds: "The same group holds fewer people in one system than in the other, because those people have no account there. Each such person is told once, with the groups; of a group that lacks more people than so many, the group is told.",
        says: "No account in {place} for {who}, in {authority} a member of {lead}, which {place} holds too",
        why: "They do not have what the group gives there, and provisioning left them out silently.",
        controls: CONTROLS,
        needs: NEEDS,
        parameters: &[Parameter {
            name: "people",
            says: "A group that lacks more people than so many is told as one, and not person by person",
            unit: "people",
            default: 20,
            min: 0,
            max: 1_000,
        }],
        way_out: "Bring the people into the scope of provisioning, or take them out of the group.",
        find: |scene, given, sink| groups_differ(scene, sink, Cause::NotProvisioned, given.number("people")),
    },
];

fn attributes_differ(scene: &Scene<'_>, _given: &Given<'_>, sink: &mut Sink<'_>) {
    for difference in &scene.differences {
        let (lead, other) = (
            &scene.accounts[difference.lead as usize],
            &scene.accounts[difference.other as usize],
        );
        if difference.attributes == 0 || lead.unconfirmed || other.unconfirmed {
            continue;
        }
        let parts = vec![
            ("account", Part::Node(difference.other)),
            ("place", Part::Place(other.place)),
            ("authority", Part::Place(lead.place)),
            ("attributes", Part::Attributes(difference.attributes)),
            ("lead", Part::Node(difference.lead)),
        ];
        if let Some(found) = sink.add(&[lead.place, other.place], vec![Part::Node(difference.other)], parts) {
            found.people = vec![scene.identities.of(difference.other)];
        }
    }
}

/// Why a group holds different people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    /// Added or removed on one side only.
    Drift,
    /// By nesting that the other side does not have.
    Nested,
    /// They have no account on the other side.
    NotProvisioned,
}

/// Who is in a group, by identity.
#[derive(Debug)]
struct Resolved {
    /// Directly.
    direct: Stamps,
    /// At any depth.
    all: Stamps,
    /// Each once.
    people: Vec<u32>,
    /// By identity: the linked group through which it was met.
    via: Vec<u32>,
    /// The linked groups that are nested in it.
    inner: Stamps,
}

impl Resolved {
    fn new(scene: &Scene<'_>) -> Self {
        Self {
            direct: Stamps::new(scene.identities.len()),
            all: Stamps::new(scene.identities.len()),
            people: Vec::new(),
            via: vec![0; scene.identities.len() as usize],
            inner: Stamps::new(scene.linked.len()),
        }
    }

    /// Whether a person is met only through a nested group that the other side has nested as well: what differs is told of that group then.
    fn told_within(&self, person: u32, other: &Self) -> bool {
        !self.direct.has(person) && other.inner.has(self.via[person as usize])
    }

    /// Reads a group; false where it, or a group in it, does not list its members.
    fn read(&mut self, scene: &Scene<'_>, walk: &mut Stamps, group: u32) -> bool {
        self.direct.clear();
        self.all.clear();
        self.people.clear();
        self.inner.clear();
        walk.clear();
        walk.add(group);
        let mut todo = vec![group];
        while let Some(at) = todo.pop() {
            if !scene.groups[at as usize].listed {
                return false;
            }
            let cluster = scene.linked.of(at);
            if at != group {
                self.inner.add(cluster);
            }
            for account in scene.graph.member_accounts(at) {
                let identity = scene.identities.of(*account);
                if at == group {
                    self.direct.add(identity);
                }
                if self.all.add(identity) {
                    self.people.push(identity);
                    self.via[identity as usize] = cluster;
                }
            }
            let inner = scene.graph.member_groups(at).iter();
            todo.extend(
                inner
                    .filter_map(|node| scene.graph.group_ordinal(*node))
                    .filter(|inner| walk.add(*inner)),
            );
        }
        true
    }
}

/// Whether an identity has an account of a person at a place that is not switched off.
fn is_there(scene: &Scene<'_>, identity: u32, place: u16) -> Option<bool> {
    let mut there = None;
    for node in scene.identities.members(identity) {
        let account = &scene.accounts[*node as usize];
        if account.place == place {
            there = Some(there == Some(true) || (account.active != Some(false) && !account.service));
        }
    }
    there
}

/// Members of one group whom the same group elsewhere lacks, or has too many.
#[derive(Debug)]
struct Pair {
    /// The leading group, and its source.
    lead: (u32, u16),
    /// The other one, and its source.
    other: (u32, u16),
    missing: Vec<u32>,
    extra: Vec<u32>,
}

/// By the two sources and the person: the pairs of groups, of which the leading one holds the person.
type Unprovisioned = BTreeMap<(u16, u16, u32), Vec<(u32, u32)>>;

fn groups_differ(scene: &Scene<'_>, sink: &mut Sink<'_>, wanted: Cause, most: i64) {
    if scene.linked.is_trivial() {
        return;
    }
    let (mut here, mut there) = (Resolved::new(scene), Resolved::new(scene));
    let mut walk = Stamps::new(scene.graph.groups());
    // Whoever could be one of several people is told as that: what else differs may be for that reason alone.
    let mut unsure = Stamps::new(scene.identities.len());
    unsure.clear();
    let apart = scene.ambiguous.iter().filter(|open| !open.groups).flat_map(|open| &open.subjects);
    for subject in apart.chain(&scene.unsure) {
        unsure.add(scene.identities.of(*subject));
    }
    let mut unprovisioned = Unprovisioned::new();
    for cluster in 0..scene.linked.len() {
        let [lead, others @ ..] = scene.linked.members(cluster) else {
            continue;
        };
        let lead_place = scene.groups[*lead as usize].place;
        let others: Vec<u32> = others
            .iter()
            .copied()
            .filter(|other| {
                let group = &scene.groups[*other as usize];
                group.place != lead_place && !group.unconfirmed && sink.may(group.place)
            })
            .collect();
        if others.is_empty() || scene.groups[*lead as usize].unconfirmed || !sink.may(lead_place) || !here.read(scene, &mut walk, *lead) {
            continue;
        }
        for other in others {
            if !there.read(scene, &mut walk, other) {
                continue;
            }
            let place = scene.groups[other as usize].place;
            let Some(pair) = differs(scene, wanted, &unsure, (*lead, lead_place, &here), (other, place, &there)) else {
                continue;
            };
            if wanted == Cause::NotProvisioned && pair.missing.len() as i64 <= most {
                for person in pair.missing {
                    unprovisioned.entry((lead_place, place, person)).or_default().push((*lead, other));
                }
            } else {
                tell(scene, sink, wanted, pair);
            }
        }
    }
    for ((lead_place, place, person), groups) in unprovisioned {
        tell_person(scene, sink, (lead_place, place, person), &groups);
    }
}

/// Compares a leading group with another one, for one cause.
fn differs(
    scene: &Scene<'_>,
    wanted: Cause,
    unsure: &Stamps,
    (lead, lead_place, here): (u32, u16, &Resolved),
    (other, place, there): (u32, u16, &Resolved),
) -> Option<Pair> {
    // Whoever is switched off on the leading side, and every program, is told elsewhere, or by nature not there.
    let counts = |person: u32| !unsure.has(person) && is_there(scene, person, lead_place) == Some(true);
    let cause = |person: u32| match is_there(scene, person, place) {
        None => Cause::NotProvisioned,
        Some(_) if !here.direct.has(person) => Cause::Nested,
        Some(_) => Cause::Drift,
    };
    let missing = here
        .people
        .iter()
        .copied()
        .filter(|person| !there.all.has(*person) && !here.told_within(*person, there));
    let missing: Vec<u32> = missing.filter(|person| counts(*person) && cause(*person) == wanted).collect();
    let extra: Vec<u32> = if wanted == Cause::Drift {
        let extra = there
            .people
            .iter()
            .copied()
            .filter(|person| !here.all.has(*person) && !there.told_within(*person, here));
        extra
            .filter(|person| counts(*person) && is_there(scene, *person, place) == Some(true))
            .collect()
    } else {
        Vec::new()
    };
    (!missing.is_empty() || !extra.is_empty()).then_some(Pair {
        lead: (lead, lead_place),
        other: (other, place),
        missing,
        extra,
    })
}

fn tell(scene: &Scene<'_>, sink: &mut Sink<'_>, wanted: Cause, pair: Pair) {
    let (lead, other) = (scene.graph.group_node(pair.lead.0), scene.graph.group_node(pair.other.0));
    let missing = Part::Count(pair.missing.len() as u64);
    let mut parts = vec![
        ("group", Part::Node(other)),
        ("place", Part::Place(pair.other.1)),
        ("lead", Part::Node(lead)),
        ("authority", Part::Place(pair.lead.1)),
    ];
    if wanted == Cause::NotProvisioned {
        parts.push(("who", missing));
    } else {
        parts.push(("missing", missing));
        parts.push(("extra", Part::Count(pair.extra.len() as u64)));
    }
    if let Some(found) = sink.add(&[pair.lead.1, pair.other.1], vec![Part::Node(lead), Part::Node(other)], parts) {
        found.people = pair.missing.into_iter().chain(pair.extra).collect();
        found.people.sort_unstable();
    }
}

/// Tells somebody who has no account where groups are provisioned.
fn tell_person(scene: &Scene<'_>, sink: &mut Sink<'_>, (lead_place, place, person): (u16, u16, u32), groups: &[(u32, u32)]) {
    let mut parts = vec![
        ("who", Part::Identity(person)),
        ("place", Part::Place(place)),
        ("authority", Part::Place(lead_place)),
    ];
    for (lead, other) in groups {
        parts.push(("lead", Part::Node(scene.graph.group_node(*lead))));
        parts.push(("group", Part::Node(scene.graph.group_node(*other))));
    }
    let key = vec![Part::Identity(person), Part::Place(lead_place), Part::Place(place)];
    if let Some(found) = sink.add(&[lead_place, place], key, parts) {
        found.people = vec![person];
    }
}
