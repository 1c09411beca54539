//! Leavers, and accounts that nobody vouches for.

use std::collections::HashMap;

use super::super::scene::{Account, Collection, Kind};
use super::super::{Area, Control, Given, Need, Part, Rule, Scene, Severity, Sink};
use super::about::{ANY, Led, USERS, led};

/// Who is who hangs on the users of both sides.
const NEEDS: &[Need] = &[Need::Authority(Collection::Users), USERS[0], USERS[1], USERS[2]];

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "active-after-leaving",
        title: "Active after leaving",
        area: Area::Accounts,
        severity: Severity::High,
        kinds: ANY,
        finds: "An account is active while the authoritative source holds the same person as switched off. A catalog that does not say whether an account is active counts as active while it holds it.",
        says: "{account} is active in {place}, though {authority} has it switched off",
        why: "Whoever left can still sign in there.",
        controls: &[Control::Cc62, Control::A518, Control::Ac2],
        needs: NEEDS,
        parameters: &[],
        way_out: "Switch the account off where it is active, then find out why provisioning did not.",
        find: |scene, _, sink| unled(scene, sink, Reason::Off),
    },
    Rule {
        id: "active-after-deletion",
        title: "Active after deletion",
        area: Area::Accounts,
        severity: Severity::High,
        kinds: ANY,
        finds: "An account is active, and the authoritative source held the person once and does not any more.",
        says: "{account} is active in {place}, though {authority} does not hold it any more",
        why: "Whoever was deleted at the source can still sign in there, and no provisioning will ever switch the account off.",
        controls: &[Control::Cc62, Control::A518, Control::Ac2],
        needs: NEEDS,
        parameters: &[],
        way_out: "Switch the account off or delete it where it is active; provisioning does not know it any more.",
        find: |scene, _, sink| unled(scene, sink, Reason::Deleted),
    },
    Rule {
        id: "never-known",
        title: "Never known to the authority",
        area: Area::Accounts,
        severity: Severity::Medium,
        kinds: ANY,
        finds: "An account of a person is active and belongs to nobody whom the authoritative source holds or is known to have held. Programs and guests are passed over: they are made elsewhere by their nature. An account that could be one of several people is told by Ambiguous identity.",
        says: "{account} is active in {place}, and {authority} never held anybody like it",
        why: "Nobody vouches for the account, so nobody will end it.",
        controls: &[Control::Cc62, Control::A516, Control::Ac2],
        needs: NEEDS,
        parameters: &[],
        way_out: "Find out whose it is. Join it by hand if it is somebody's, have it made at the authoritative source if it is needed, and switch it off otherwise.",
        find: |scene, _, sink| unled(scene, sink, Reason::Never),
    },
    Rule {
        id: "ambiguous-identity",
        title: "Ambiguous identity",
        area: Area::Accounts,
        severity: Severity::Medium,
        kinds: ANY,
        finds: "Accounts, or groups, share a key by which they would be joined, and it fits more than one, so they were left apart.",
        says: "{subject} could be one of several: {others}",
        why: "Until it is decided who it is, leaving and access are judged without that account.",
        controls: &[Control::Cc61, Control::A516, Control::Ac2],
        needs: &[
            USERS[0],
            USERS[1],
            USERS[2],
            Need::Of(Kind::Scim, Collection::Groups),
            Need::Of(Kind::Backstage, Collection::Groups),
            Need::Of(Kind::Azure, Collection::Groups),
        ],
        parameters: &[],
        way_out: "Decide under Identities which of them are the same, or give them a key of their own at the source.",
        find: ambiguous_identity,
    },
];

/// Why nobody vouches for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    /// The authority has the person switched off.
    Off,
    /// The authority held the person once.
    Deleted,
    /// The authority never held anybody like it.
    Never,
}

/// Why nobody vouches for an active account, where the authority does not.
fn reason(account: &Account, led: Led) -> Option<Reason> {
    match led {
        Led::Active => None,
        Led::Off(_) => Some(Reason::Off),
        Led::Nowhere if account.known_before => Some(Reason::Deleted),
        Led::Nowhere if account.service || account.guest => None,
        Led::Nowhere => Some(Reason::Never),
    }
}

/// Whether an account can be used, as far as it is known.
fn is_open(account: &Account, lead: u16) -> bool {
    account.place != lead && account.active != Some(false) && !account.unconfirmed
}

/// Whether one of these rules speaks of an account, so that another need not.
pub(super) fn speaks_of(scene: &Scene<'_>, node: u32) -> bool {
    let Some(lead) = super::about::knowing_authority(scene) else {
        return false;
    };
    let account = &scene.accounts[node as usize];
    scene.places[usize::from(account.place)].whole.has(Collection::Users)
        && is_open(account, lead)
        && reason(account, led(scene, lead, scene.identities.of(node))).is_some()
}

fn unled(scene: &Scene<'_>, sink: &mut Sink<'_>, wanted: Reason) {
    let Some(lead) = scene.authority() else { return };
    let mut unsure: Vec<u32> = scene
        .ambiguous
        .iter()
        .filter(|open| !open.groups && wanted == Reason::Never)
        .flat_map(|open| open.subjects.iter().copied())
        .collect();
    unsure.sort_unstable();
    for identity in 0..scene.identities.len() {
        let accounts = scene.identities.members(identity);
        if accounts.iter().all(|node| !is_open(&scene.accounts[*node as usize], lead)) {
            continue;
        }
        let led = led(scene, lead, identity);
        if led == Led::Active {
            continue;
        }
        for node in accounts {
            let account = &scene.accounts[*node as usize];
            if !is_open(account, lead) || reason(account, led) != Some(wanted) || unsure.binary_search(node).is_ok() {
                continue;
            }
            let mut parts = vec![
                ("account", Part::Node(*node)),
                ("place", Part::Place(account.place)),
                ("authority", Part::Place(lead)),
            ];
            if let Led::Off(left) = led {
                parts.push(("left", Part::Node(left)));
            }
            if let Some(found) = sink.add(&[lead, account.place], vec![Part::Node(*node)], parts) {
                found.people = vec![identity];
            }
        }
    }
}

fn ambiguous_identity(scene: &Scene<'_>, _given: &Given<'_>, sink: &mut Sink<'_>) {
    for (groups, nodes) in together(scene) {
        let Some(about) = least_known(scene, &nodes) else { continue };
        let places: Vec<u16> = nodes.iter().filter_map(|node| scene.place_of(*node)).collect();
        let key = nodes.iter().map(|node| Part::Node(*node)).collect();
        let mut parts = vec![("subject", Part::Node(about))];
        parts.extend(
            nodes
                .iter()
                .filter(|node| **node != about)
                .map(|node| ("others", Part::Node(*node))),
        );
        if let Some(found) = sink.add(&places, key, parts)
            && !groups
        {
            found.people = nodes.iter().map(|node| scene.identities.of(*node)).collect();
            found.people.sort_unstable();
            found.people.dedup();
        }
    }
}

/// The nodes that were left apart, those together that share one: several keys may leave the same ones apart. Whether they are groups.
fn together(scene: &Scene<'_>) -> Vec<(bool, Vec<u32>)> {
    let mut sets: Vec<(bool, Vec<u32>)> = Vec::new();
    let mut of: HashMap<u32, usize> = HashMap::new();
    for open in &scene.ambiguous {
        let node = |subject: &u32| if open.groups { scene.graph.group_node(*subject) } else { *subject };
        let mut nodes: Vec<u32> = open.subjects.iter().map(node).collect();
        let mut known: Vec<usize> = nodes.iter().filter_map(|node| of.get(node).copied()).collect();
        known.sort_unstable();
        known.dedup();
        for at in known {
            nodes.append(&mut sets[at].1);
        }
        of.extend(nodes.iter().map(|node| (*node, sets.len())));
        sets.push((open.groups, nodes));
    }
    for (_, nodes) in &mut sets {
        nodes.sort_unstable();
        nodes.dedup();
    }
    sets.retain(|(_, nodes)| nodes.len() > 1);
    sets
}

/// Which of several subjects the finding is about: one that the authority does not hold in the same cluster, of the source that holds the fewest.
fn least_known(scene: &Scene<'_>, nodes: &[u32]) -> Option<u32> {
    let lead = scene.authority();
    let of = |place: Option<u16>| nodes.iter().filter(|node| scene.place_of(**node) == place).count();
    let led = |node: u32| match scene.graph.group_ordinal(node) {
        Some(group) => {
            let mut groups = scene.linked.members(scene.linked.of(group)).iter();
            groups.any(|group| lead == Some(scene.groups[*group as usize].place))
        }
        None => {
            let mut accounts = scene.identities.members(scene.identities.of(node)).iter();
            accounts.any(|account| lead == Some(scene.accounts[*account as usize].place))
        }
    };
    nodes
        .iter()
        .copied()
        .min_by_key(|node| (led(*node), of(scene.place_of(*node)), *node))
}
