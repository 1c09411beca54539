//! What a rotation will do, before anything is sent.

use super::entry::{Began, Hand, Steps};
use super::show::stage_title;
use super::words;
use crate::view::{Request, RotationHow, RotationReason, RotationStage, RotationStagePlan, RotationUser};

/// Fills in what a person is told where no recipe says it.
pub fn default_steps(steps: &mut Steps, source: &str, how: &RotationHow) {
    if steps.make.is_empty() {
        steps.make = match how {
            RotationHow::Entra => vec![
                "Open the application in Entra’s portal: App registrations, its name, Certificates & secrets.".into(),
                "Make a new client secret, and copy its value: it is shown only once.".into(),
            ],
            _ => vec![
                format!("Open the settings of {source} where its API or SCIM tokens are made."),
                "Make a new one beside the old one, with the same rights. Do not revoke the old one yet.".into(),
                "Copy its value: most providers show it only once.".into(),
            ],
        };
    }
    if steps.revoke.is_empty() {
        steps.revoke = vec![
            format!("Open the settings of {source} where its tokens are listed."),
            "Revoke the old one, and only that. Lanyard then asks with it until it is refused for good.".into(),
        ];
    }
}

/// The stages of a rotation that begins like this. `hand` gives the requests of handing over.
pub fn stages(began: &Began, hand: impl Fn(&RotationUser, Hand) -> Option<Request>) -> Vec<RotationStagePlan> {
    use RotationStage::{Close, Dead, HandOver, Look, Make, Promote, Prove, Revoke};
    let api = began.api.as_ref();
    let leaked = began.start.reason == RotationReason::Leaked;
    let own = api.is_some_and(|api| api.own && api.make.is_some());
    let order = match (leaked, own) {
        (true, false) => [Look, Revoke, Make, Prove, HandOver, Promote, Dead, Close],
        (true, true) => [Look, Make, Revoke, Prove, HandOver, Promote, Dead, Close],
        (false, _) => [Look, Make, Prove, HandOver, Promote, Revoke, Dead, Close],
    };
    let make = api.and_then(|api| api.make.clone());
    let revoke = api.and_then(|api| api.revoke.clone());
    let replaces = api.is_some_and(|api| api.replaces);
    order
        .into_iter()
        .map(|stage| {
            let (says, requests, by_hand) = match stage {
                Look => (
                    "Ask with the present one, with a made-up one and with none: does it work, what may it do, whom does it see?".to_owned(),
                    Vec::new(),
                    false,
                ),
                Make => match &make {
                    Some(request) if replaces => (
                        "The provider makes a new one, and ends the old one at once. It goes into the keychain as the next one.".into(),
                        vec![request.clone()],
                        false,
                    ),
                    Some(request) => ("The provider makes a new one. It goes into the keychain as the next one.".into(), vec![request.clone()], false),
                    None => ("You get a new one from the provider and paste it. It goes into the keychain as the next one.".into(), Vec::new(), true),
                },
                Prove => (
                    "Ask with the new one beside the old one: accepted, the same tenant, the same people, writes as the old one could.".into(),
                    Vec::new(),
                    false,
                ),
                HandOver => {
                    let requests = began.start.users.iter().flat_map(|user| {
                        [Hand::Save, Hand::Validate, Hand::Restart].into_iter().filter_map(|step| hand(user, step))
                    });
                    let names: Vec<String> = began.start.users.iter().map(words::name).collect();
                    let by_hand = began.start.users.iter().any(|user| matches!(user, RotationUser::ByHand { .. }));
                    let says = if names.is_empty() {
                        "Nothing else was named that uses it.".to_owned()
                    } else {
                        format!("Give the new one to {}, and see that it works there.", names.join(", "))
                    };
                    (says, requests.collect(), by_hand)
                }
                Promote => ("Lanyard itself uses the new one from then on; the old one is kept until it is proven dead.".into(), Vec::new(), false),
                Revoke => match &revoke {
                    Some(_) if replaces => ("Nothing to do: the provider ended the old one when it made the new one.".into(), Vec::new(), false),
                    Some(request) => ("The provider ends the old one. From then on there is no way back.".into(), vec![request.clone()], false),
                    None => ("You revoke the old one at the provider. From then on there is no way back.".into(), Vec::new(), !replaces),
                },
                Dead => (
                    format!(
                        "Ask with the old one until it is refused {} times in a row, while the new one is accepted and a made-up one refused.",
                        began.wanted
                    ),
                    Vec::new(),
                    false,
                ),
                Close => ("Take the old value out of the keychain, and seal the record in the audit log.".into(), Vec::new(), false),
            };
            RotationStagePlan {
                stage,
                title: stage_title(stage).into(),
                says,
                requests,
                by_hand,
            }
        })
        .collect()
}
