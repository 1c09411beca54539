//! Service principals: who answers for them, and how long their credentials last.

use super::super::scene::{Collection, Kind, Program, ProgramCredential};
use super::super::{Area, Control, Given, Listed, Need, Parameter, Part, Rule, Scene, Severity, Sink};
use super::about::{USERS, left_by};

const KINDS: &[Kind] = &[Kind::Azure];
const DAY: i64 = 24 * 3_600_000;
/// That nobody owns a program, or an owner left, is known when the users and programs who could own it were read.
const OWNED: &[Need] = &[
    Need::Of(Kind::Azure, Collection::Services),
    Need::Of(Kind::Azure, Collection::Users),
];
const LISTED: &[Need] = &[Need::Of(Kind::Azure, Collection::Services)];
const CREDENTIALS: &[Control] = &[Control::Cc61, Control::A517, Control::Ac2];

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "program-without-owner",
        title: "Service principal without owner",
        area: Area::Programs,
        severity: Severity::Low,
        kinds: KINDS,
        finds: "A service principal of an application of this tenant has no owner. Managed identities and other companies' applications are passed over: Azure and the other company answer for them.",
        says: "{program} has no owner",
        why: "Nobody is asked when its credentials end or its rights are reviewed.",
        controls: &[Control::Cc62, Control::A516, Control::Ac2],
        needs: OWNED,
        parameters: &[],
        way_out: "Name an owner, better two; or delete the application if nobody needs it.",
        find: without_owner,
    },
    Rule {
        id: "program-credential-expired",
        title: "Expired credential of a service principal",
        area: Area::Programs,
        severity: Severity::Low,
        kinds: KINDS,
        finds: "A secret or certificate of an application of this tenant has ended and is still there, and no later one of the same sort stands beside it.",
        says: "A credential of {program} ended on {ends}",
        why: "What ran with it stands still, or runs with something that nobody wrote down.",
        controls: CREDENTIALS,
        needs: LISTED,
        parameters: &[],
        way_out: "Remove the credential, and give the program a new one if it is still needed.",
        find: |scene, _, sink| credentials(scene, sink, |credential| credential.ends <= scene.now),
    },
    Rule {
        id: "program-credential-expiring",
        title: "Credential of a service principal ends soon",
        area: Area::Programs,
        severity: Severity::Medium,
        kinds: KINDS,
        finds: "A secret or certificate of an application of this tenant ends within so many days, and no later one of the same sort stands beside it.",
        says: "A credential of {program} ends on {ends}",
        why: "What runs with it will stand still on that day.",
        controls: CREDENTIALS,
        needs: LISTED,
        parameters: &[Parameter {
            name: "days",
            says: "So many days before its end a credential is spoken of",
            unit: "days",
            default: 30,
            min: 1,
            max: 365,
        }],
        way_out: "Make a new credential, give it to the program, and remove the old one.",
        find: |scene, given, sink| {
            let until = scene.now + given.number("days") * DAY;
            credentials(scene, sink, |credential| credential.ends > scene.now && credential.ends <= until);
        },
    },
    Rule {
        id: "program-owner-left",
        title: "Owner of a service principal has left",
        area: Area::Programs,
        severity: Severity::Medium,
        kinds: KINDS,
        finds: "An owner of a service principal of this tenant is deleted or switched off, or has left by word of the authoritative source.",
        says: "An owner of {program} has left: {owner}",
        why: "An owner can give the program new credentials and so act as it; and nobody answers for it any more.",
        controls: &[Control::Cc62, Control::A518, Control::Ac2],
        needs: &[Need::Of(Kind::Azure, Collection::Services), USERS[0], USERS[1], USERS[2]],
        parameters: &[],
        way_out: "Remove the owner and name another one.",
        find: owner_left,
    },
];

/// Whether somebody in this company has to answer for a program.
fn is_ours(program: &Program) -> bool {
    program.own && !program.managed
}

fn place(scene: &Scene<'_>, program: &Program) -> Option<u16> {
    scene.accounts.get(program.node as usize).map(|account| account.place)
}

fn without_owner(scene: &Scene<'_>, _given: &Given<'_>, sink: &mut Sink<'_>) {
    for (program, at) in scene.programs.iter().zip(0..) {
        let none = program.owners.as_ref().is_some_and(Vec::is_empty) && program.owners_gone == 0;
        let Some(place) = place(scene, program).filter(|_| none && is_ours(program)) else {
            continue;
        };
        let parts = vec![("program", Part::Listed(Listed::Program, at)), ("place", Part::Place(place))];
        sink.add(&[place], vec![Part::Listed(Listed::Program, at)], parts);
    }
}

fn owner_left(scene: &Scene<'_>, _given: &Given<'_>, sink: &mut Sink<'_>) {
    for (program, at) in scene.programs.iter().zip(0..) {
        let Some(place) = place(scene, program).filter(|_| is_ours(program)) else {
            continue;
        };
        let owners = program.owners.iter().flatten().copied();
        let mut places = vec![place];
        let mut left: Vec<u32> = Vec::new();
        for owner in owners {
            // By the word of a source of which too little was read, nobody left.
            if let Some(by) = left_by(scene, owner).filter(|by| by.iter().all(|place| sink.may(*place))) {
                places.extend(by);
                left.push(owner);
            }
        }
        if left.is_empty() && program.owners_gone == 0 {
            continue;
        }
        let mut parts = vec![("program", Part::Listed(Listed::Program, at))];
        parts.extend(left.iter().map(|owner| ("owner", Part::Node(*owner))));
        if program.owners_gone > 0 {
            parts.push(("gone", Part::Count(program.owners_gone.into())));
        }
        parts.push(("place", Part::Place(place)));
        if let Some(found) = sink.add(&places, vec![Part::Listed(Listed::Program, at)], parts) {
            found.people = left.iter().map(|owner| scene.identities.of(*owner)).collect();
            found.people.sort_unstable();
            found.people.dedup();
        }
    }
}

fn credentials(scene: &Scene<'_>, sink: &mut Sink<'_>, wanted: impl Fn(&ProgramCredential) -> bool) {
    for (credential, at) in scene.credentials.iter().zip(0..) {
        let Some(program) = scene.programs.get(credential.program as usize).filter(|program| is_ours(program)) else {
            continue;
        };
        let Some(place) = place(scene, program).filter(|_| !credential.replaced && wanted(credential)) else {
            continue;
        };
        let parts = vec![
            ("program", Part::Listed(Listed::Program, credential.program)),
            ("ends", Part::Time(credential.ends)),
            ("credential", Part::Listed(Listed::Credential, at)),
            ("place", Part::Place(place)),
        ];
        sink.add(&[place], vec![Part::Listed(Listed::Credential, at)], parts);
    }
}
