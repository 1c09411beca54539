//! Backstage: the steps and questions of a run, by name.

use lanyard_access::correlate::backstage_name;
use tokio_util::sync::CancellationToken;

use super::StepDraft;
use super::real::{Opened, deed, nothing_left, step, unknown};
use crate::deprovision::entry::{Before, CheckPlan, StepPlan, Target};
use crate::secrets::Secret;
use crate::sources::SourceError;
use crate::sources::backstage::BackstageClient;
use crate::sources::doors::{Look, Seen, Thing};
use crate::view::Request;

pub(super) async fn steps(
    client: &BackstageClient,
    opened: &Opened,
    action: &str,
    target: &Target,
    things: &[Thing],
    cancel: &CancellationToken,
) -> Result<Vec<StepDraft>, SourceError> {
    let user = target.account.as_deref().unwrap_or_default();
    let who = &target.user_name;
    Ok(match action {
        "backstage.leaveRoles" => {
            let mut all = Vec::new();
            for thing in things {
                let Some(role) = &thing.document else { continue };
                let title = format!("Take {who} out of {}", thing.name);
                let means = "What the role permits goes with it; it can be given again.".to_owned();
                all.extend(deed(title, means, false, client.leave_role(role, user)?, Some(thing.clone())));
            }
            all
        }
        "backstage.unregister" => {
            let look = client.look_at_entity(user, target.control.as_deref(), cancel).await;
            match look.things.into_iter().next() {
                Some(Thing {
                    document: Some(entity), ..
                }) => {
                    let meanings = opened.meanings();
                    vec![step(
                        format!("Unregister {user}"),
                        meanings.delete.says,
                        meanings.delete.undoable,
                        client.unregister(&entity)?,
                    )]
                }
                _ => Vec::new(),
            }
        }
        "backstage.refresh" => vec![step(
            format!("Have {user} read anew"),
            "The catalog asks the place that the entity comes from; nothing else changes.".into(),
            true,
            client.refresh(user)?,
        )],
        _ => Vec::new(),
    })
}

pub(super) async fn read_back(client: &BackstageClient, target: &Target, step: &StepPlan, cancel: &CancellationToken) -> Look {
    let user = target.account.as_deref().unwrap_or_default();
    match (step.action.as_str(), &step.thing) {
        ("backstage.unregister", _) => client.look_at_entity(user, target.control.as_deref(), cancel).await,
        ("backstage.leaveRoles", Some(role)) => {
            let mut look = client.look_at_roles(user, cancel).await;
            if look.seen == Seen::There {
                look.things.retain(|thing| thing.id.eq_ignore_ascii_case(&role.id));
                if look.things.is_empty() {
                    look.seen = Seen::Gone;
                    look.says = "This role does not list it any more; others do.".into();
                }
            }
            look
        }
        (other, _) => unknown(other),
    }
}

pub(super) async fn ask(
    client: &BackstageClient,
    check: &CheckPlan,
    target: &Target,
    before: Option<&Before>,
    credential: Option<&Secret>,
    cancel: &CancellationToken,
) -> Look {
    let user = target.account.as_deref().unwrap_or_default();
    let known = target.control.as_deref();
    match check.name.as_str() {
        "backstage.entity" | "backstage.comesBack" => client.look_at_entity(user, known, cancel).await,
        "backstage.groups" => {
            let mut held: Vec<String> = before
                .map_or(&[][..], |before| &before.things)
                .iter()
                .map(|thing| thing.id.clone())
                .collect();
            held.extend(
                target
                    .hints
                    .get("backstage.groups")
                    .into_iter()
                    .flatten()
                    .map(|thing| thing.id.clone()),
            );
            held.sort();
            held.dedup();
            client.look_at_groups(user, &held, cancel).await
        }
        "backstage.roles" => client.look_at_roles(user, cancel).await,
        "groups.emptied" | "roles.unheld" => {
            let roles = check.name == "roles.unheld";
            let ids = |things: &[Thing]| things.iter().map(|thing| thing.id.clone()).collect::<Vec<_>>();
            match before {
                None if roles => client.look_at_roles(user, cancel).await,
                None => {
                    let held = target.hints.get("backstage.groups").map_or(&[][..], Vec::as_slice);
                    client.look_at_groups(user, &ids(held), cancel).await
                }
                Some(before) => match nothing_left(before) {
                    Some(look) => look,
                    None if roles => client.look_at_unheld(user, &ids(&before.things), cancel).await,
                    None => client.look_at_emptied(user, &ids(&before.things), cancel).await,
                },
            }
        }
        "backstage.owned" => client.look_at_owned(user, cancel).await,
        "backstage.token" => match credential {
            Some(token) => {
                let mut look = client.look_at_token(token, cancel).await;
                // Let in and shown nothing is as good as refused.
                if look.seen == Seen::Off {
                    look.seen = Seen::Gone;
                }
                look
            }
            None => Look::not_evaluated("The token is not at hand any more; hand it over again.", Vec::new()),
        },
        "backstage.signIn" => match &target.credential_url {
            Some(url) => {
                let request = Request {
                    method: "GET".into(),
                    url: url.clone(),
                    headers: vec![("X-Requested-With".into(), "XMLHttpRequest".into())],
                    body: None,
                };
                client.look_at_sign_in(user, &request, None, cancel).await
            }
            None => Look::not_evaluated("The plan names no address that signs somebody in.", Vec::new()),
        },
        other => unknown(other),
    }
}

/// Looks for the entity by the names that the msgraph provider and the like make of an address or a user name.
pub(super) async fn arrived(client: &BackstageClient, target: &Target, cancel: &CancellationToken) -> Look {
    let texts = [
        target.email.as_deref(),
        Some(target.user_name.as_str()),
        Some(target.display_name.as_str()),
    ];
    let mut names: Vec<String> = texts
        .into_iter()
        .flatten()
        .flat_map(|text| [Some(text), text.split_once('@').map(|(local, _)| local)])
        .flatten()
        .map(backstage_name)
        .filter(|name| !name.is_empty())
        .collect();
    names.dedup();
    let mut last = Look::not_evaluated("The identity has no name that an entity could be called by.", Vec::new());
    for name in names {
        last = client.look_at_entity(&format!("user:default/{name}"), None, cancel).await;
        if last.seen == Seen::There {
            break;
        }
    }
    last
}
