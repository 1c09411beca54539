//! Leavers, and accounts that nobody vouches for.

use super::super::scene::{Collection, Kind};
use super::super::{Area, Control, Given, Need, Part, Rule, Scene, Severity, Sink};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "active-after-leaving",
    title: "Active after leaving",
    area: Area::Accounts,
    severity: Severity::High,
    kinds: &[Kind::Scim, Kind::Backstage, Kind::Azure],
    finds: "An account is active while the authoritative source holds the same person as switched off.",
    says: "{account} is active in {place}, though {authority} has it switched off",
    why: "Whoever left can still sign in there.",
    controls: &[Control::Cc62, Control::A518, Control::Ac2],
    needs: &[Need::Authority(Collection::Users)],
    parameters: &[],
    way_out: "Switch the account off where it is active, then find out why the provider did not.",
    find: active_after_leaving,
}];

fn active_after_leaving(scene: &Scene<'_>, _given: &Given<'_>, sink: &mut Sink<'_>) {
    let Some(lead) = scene.authority() else { return };
    for identity in 0..scene.identities.len() {
        let accounts = scene.identities.members(identity);
        let off = |node: &u32| {
            let account = &scene.accounts[*node as usize];
            account.place == lead && account.active == Some(false)
        };
        let Some(source) = accounts.iter().find(|node| off(node)) else {
            continue;
        };
        for node in accounts {
            let account = &scene.accounts[*node as usize];
            if account.place != lead && account.active != Some(false) && !account.unconfirmed {
                let found = sink.add(
                    &[lead, account.place],
                    vec![Part::Node(*node)],
                    vec![
                        ("account", Part::Node(*node)),
                        ("place", Part::Place(account.place)),
                        ("authority", Part::Place(lead)),
                        ("left", Part::Node(*source)),
                    ],
                );
                if let Some(found) = found {
                    found.people = vec![identity];
                }
            }
        }
    }
}
