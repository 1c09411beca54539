//! What several rules ask of the scene.

use super::super::scene::{Collection, Kind};
use super::super::{Need, Part, Scene, Severity};
use crate::graph::Node;
use crate::world::AssignmentIndex;

/// The users of whatever source a finding speaks of.
pub(super) const USERS: [Need; 3] = [
    Need::Of(Kind::Scim, Collection::Users),
    Need::Of(Kind::Backstage, Collection::Users),
    Need::Of(Kind::Azure, Collection::Users),
];

/// Every kind of source.
pub(super) const ANY: &[Kind] = &[Kind::Scim, Kind::Backstage, Kind::Azure];

/// One step up, as high as it goes.
pub(super) fn raised(severity: Severity) -> Severity {
    match severity {
        Severity::Critical | Severity::High => Severity::Critical,
        Severity::Medium => Severity::High,
        Severity::Low => Severity::Medium,
    }
}

/// How the authoritative source holds an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Led {
    /// It has an account there that is not switched off.
    Active,
    /// It has accounts there, and each is switched off; this is one of them.
    Off(Node),
    /// It has no account there.
    Nowhere,
}

/// How the source at `lead` holds an identity.
pub(super) fn led(scene: &Scene<'_>, lead: u16, identity: u32) -> Led {
    let mut led = Led::Nowhere;
    for node in scene.identities.members(identity) {
        let account = &scene.accounts[*node as usize];
        if account.place == lead {
            if account.active != Some(false) {
                return Led::Active;
            }
            if led == Led::Nowhere {
                led = Led::Off(*node);
            }
        }
    }
    led
}

/// The authoritative source, where its users were read whole: it can say then who left.
pub(super) fn knowing_authority(scene: &Scene<'_>) -> Option<u16> {
    let lead = scene.authority()?;
    scene.places[usize::from(lead)].whole.has(Collection::Users).then_some(lead)
}

/// The sources by whose word the owner of an account has left: its own, which has it switched off, or the authoritative one besides, which
/// has the person switched off or holds nobody like it any more. None where nobody left.
pub(super) fn left_by(scene: &Scene<'_>, node: Node) -> Option<Vec<u16>> {
    let account = scene.accounts.get(node as usize)?;
    if account.active == Some(false) {
        return Some(vec![account.place]);
    }
    if account.service || account.guest {
        return None;
    }
    let lead = scene.authority().filter(|lead| *lead != account.place)?;
    let left = match led(scene, lead, scene.identities.of(node)) {
        Led::Active => false,
        Led::Off(_) => true,
        Led::Nowhere => account.known_before,
    };
    left.then(|| vec![account.place, lead])
}

/// Whether a node is an account.
pub(super) fn is_account(scene: &Scene<'_>, node: Node) -> bool {
    node < scene.graph.accounts()
}

/// The identity of an account; none of a group.
pub(super) fn identity(scene: &Scene<'_>, node: Node) -> Option<u32> {
    is_account(scene, node).then(|| scene.identities.of(node))
}

/// What an assignment is, in parts: who, which role, on what.
pub(super) fn assignment(scene: &Scene<'_>, at: AssignmentIndex) -> Vec<(&'static str, Part)> {
    let given = &scene.world.facts().assignments[at as usize];
    vec![
        ("principal", Part::Node(given.principal)),
        ("role", Part::Role(given.role)),
        ("scope", Part::Scope(given.scope)),
        ("assignment", Part::Assignment(at)),
        ("place", Part::Place(scene.roles[given.role as usize].place)),
    ]
}

/// A role of an assignment with a thing to say about its weight.
pub(super) fn is_privileged(scene: &Scene<'_>, at: AssignmentIndex) -> bool {
    let role = scene.world.facts().assignments[at as usize].role;
    scene.roles[role as usize].privileged
}

/// Marks that are set and taken back without clearing.
#[derive(Debug)]
pub(super) struct Stamps {
    seen: Vec<u32>,
    now: u32,
}

impl Stamps {
    pub(super) fn new(bound: u32) -> Self {
        Self {
            seen: vec![0; bound as usize],
            now: 0,
        }
    }

    /// Takes all marks back.
    pub(super) fn clear(&mut self) {
        self.now += 1;
    }

    /// Marks a number; whether it was not marked yet.
    pub(super) fn add(&mut self, number: u32) -> bool {
        let new = self.seen[number as usize] != self.now;
        self.seen[number as usize] = self.now;
        new
    }

    pub(super) fn has(&self, number: u32) -> bool {
        self.seen[number as usize] == self.now
    }
}

/// Whether the needs of a rule are met where a finding speaks of one source alone.
pub(super) fn are_met(scene: &Scene<'_>, needs: &[Need], place: u16) -> bool {
    let of = &scene.places[usize::from(place)];
    needs.iter().all(|need| match need {
        Need::Of(kind, collection) => *kind != of.kind || of.whole.has(*collection),
        Need::Authority(collection) => scene
            .authority()
            .is_some_and(|lead| scene.places[usize::from(lead)].whole.has(*collection)),
        Need::RestoreGroups => scene.restore_groups,
        Need::Keychain => scene.keychain,
    })
}
