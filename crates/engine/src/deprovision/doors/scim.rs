//! SCIM: the steps and questions of a run, by name.

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::StepDraft;
use super::real::{Opened, nothing_left, step, unknown};
use crate::deprovision::entry::{Before, CheckPlan, StepPlan, Target};
use crate::deprovision::making::NOT_YET;
use crate::secrets::Secret;
use crate::sources::SourceError;
use crate::sources::doors::{Look, Seen, Thing, Write};
use crate::sources::scim::{Capabilities, HeldGroup, Known, ListSize, NewUser, ScimClient};

/// So many accounts of a listing are read at most.
const LISTED: usize = 10_000;

async fn capabilities<'o>(client: &ScimClient, opened: &'o Opened, cancel: &CancellationToken) -> Result<&'o Capabilities, SourceError> {
    opened.capabilities.get_or_try_init(|| client.capabilities(cancel)).await
}

/// The id of an account that is not made yet stands in an address as it is shown.
fn shown(mut write: Write) -> Write {
    write.request.url = write.request.url.replace("%7Baccount%7D", NOT_YET);
    write
}

pub(super) async fn steps(
    client: &ScimClient,
    opened: &Opened,
    action: &str,
    target: &Target,
    things: &[Thing],
    cancel: &CancellationToken,
) -> Result<Vec<StepDraft>, SourceError> {
    let at = capabilities(client, opened, cancel).await?;
    let meanings = opened.meanings();
    let account = target.account.as_deref().unwrap_or(NOT_YET);
    let who = &target.user_name;
    let document = match action {
        "scim.deactivate" | "scim.reactivate" | "scim.delete" if account != NOT_YET => {
            let look = client.look_at_account(at, account, target.control.as_deref(), cancel).await;
            look.things.into_iter().next().and_then(|thing| thing.document)
        }
        _ => None,
    };
    let known = Known {
        id: account,
        document: document.as_ref(),
    };
    let forms = |title: String, means: String, undoable: bool, writes: Vec<Write>, thing: Option<&Thing>| {
        let mut writes = writes.into_iter().map(shown);
        writes.next().map(|first| StepDraft {
            otherwise: writes.collect(),
            thing: thing.cloned(),
            ..step(title, means, undoable, first)
        })
    };
    let made = match action {
        "scim.deactivate" => {
            let writes = client.set_active(at, known, false)?;
            forms(
                format!("Switch off {who}"),
                meanings.disable.says,
                meanings.disable.undoable,
                writes,
                None,
            )
            .into_iter()
            .collect()
        }
        "scim.reactivate" => {
            let writes = client.set_active(at, known, true)?;
            let means = "The account can be used again, with the groups that it is in then.".to_owned();
            forms(format!("Switch on {who} again"), means, true, writes, None)
                .into_iter()
                .collect()
        }
        "scim.delete" => {
            let write = client.delete_account(at, known)?;
            forms(
                format!("Delete {who}"),
                meanings.delete.says,
                meanings.delete.undoable,
                vec![write],
                None,
            )
            .into_iter()
            .collect()
        }
        "scim.leaveGroups" => {
            let mut all = Vec::new();
            for thing in things.iter().filter(|thing| through(thing).is_none()) {
                let writes = client.leave_group(at, &thing.id, account)?;
                let means = "What the group grants goes with it; the account can be put back.".to_owned();
                all.extend(forms(format!("Take {who} out of {}", thing.name), means, true, writes, Some(thing)));
            }
            all
        }
        "scim.joinGroup" => {
            let mut all = Vec::new();
            for thing in things {
                let write = client.join_group(at, &thing.id, account)?;
                let means = "The account gets what the group grants.".to_owned();
                all.extend(forms(
                    format!("Put {who} into {}", thing.name),
                    means,
                    true,
                    vec![write],
                    Some(thing),
                ));
            }
            all
        }
        "scim.create" => {
            let mark = "lanyard-run-{run}".to_owned();
            let user = NewUser {
                user_name: target.user_name.clone(),
                display_name: target.display_name.clone(),
                email: target.email.clone().unwrap_or_else(|| target.user_name.clone()),
                mark: mark.clone(),
            };
            let write = client.create_user(at, &user)?;
            let thing = Thing {
                id: mark,
                name: target.user_name.clone(),
                note: None,
                document: None,
            };
            let means = "A dedicated account for this run, marked with its number; it is deleted at the end.".to_owned();
            forms(format!("Make {who}"), means, true, vec![write], Some(&thing))
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    };
    Ok(made)
}

/// The id of the group below by which a group holds the account.
fn through(thing: &Thing) -> Option<&str> {
    thing.document.as_ref()?.get("through")?.as_str()
}

/// The groups that held the account, as what was seen before and the picture tell of them.
fn held(target: &Target, before: Option<&Before>) -> Vec<HeldGroup> {
    let hints = |name: &str| target.hints.get(name).into_iter().flatten();
    let things = before.map_or(&[][..], |before| &before.things);
    let mut all: Vec<HeldGroup> = Vec::new();
    for thing in things.iter().chain(hints("scim.memberships")).chain(hints("scim.joinGroup")) {
        if all.iter().any(|known| known.id == thing.id) {
            continue;
        }
        let through = through(thing).map(ToOwned::to_owned);
        all.push(HeldGroup {
            id: thing.id.clone(),
            name: thing.name.clone(),
            // Where its own document listed the account before the cut, one that does not is believed afterwards.
            told: things.iter().any(|seen| seen.id == thing.id && seen.note.is_none()),
            through,
        });
    }
    all
}

/// The groups that an account's own document names (RFC 7643 §4.1.2).
fn own_groups(document: &Value) -> Vec<HeldGroup> {
    let groups = document.get("groups").and_then(Value::as_array);
    groups
        .into_iter()
        .flatten()
        .filter_map(|group| {
            let id = group.get("value")?.as_str()?.to_owned();
            Some(HeldGroup {
                name: group.get("display").and_then(Value::as_str).unwrap_or(&id).to_owned(),
                id,
                through: None,
                told: false,
            })
        })
        .collect()
}

async fn memberships(
    client: &ScimClient,
    at: &Capabilities,
    target: &Target,
    before: Option<&Before>,
    account: &str,
    cancel: &CancellationToken,
) -> Look {
    let mut held = held(target, before);
    if before.is_none() {
        // Before the cut the account's own document names what the picture may not know yet.
        let look = client.look_at_account(at, account, target.control.as_deref(), cancel).await;
        if let Some(document) = look.things.first().and_then(|thing| thing.document.as_ref()) {
            for group in own_groups(document) {
                if !held.iter().any(|known| known.id == group.id) {
                    held.push(group);
                }
            }
        }
    }
    let mut look = client.look_at_memberships(at, account, &held, false, cancel).await;
    for thing in &mut look.things {
        let of = held.iter().find(|group| group.id == thing.id);
        thing.document = of
            .and_then(|group| group.through.as_ref())
            .map(|through| json!({ "through": through }));
    }
    look
}

pub(super) async fn read_back(client: &ScimClient, opened: &Opened, target: &Target, step: &StepPlan, cancel: &CancellationToken) -> Look {
    let at = match capabilities(client, opened, cancel).await {
        Ok(at) => at,
        Err(error) => return Look::failed(&error, Vec::new()),
    };
    let account = target.account.as_deref().unwrap_or_default();
    match (step.action.as_str(), &step.thing) {
        ("scim.create", Some(mark)) => client.look_for_mark(at, &mark.id, &mark.name, cancel).await,
        ("scim.leaveGroups" | "scim.joinGroup", Some(group)) => {
            let held = HeldGroup {
                id: group.id.clone(),
                name: group.name.clone(),
                through: None,
                told: true,
            };
            client.look_at_memberships(at, account, &[held], false, cancel).await
        }
        ("scim.deactivate" | "scim.reactivate" | "scim.delete", _) => {
            client.look_at_account(at, account, target.control.as_deref(), cancel).await
        }
        (other, _) => unknown(other),
    }
}

pub(super) async fn ask(
    client: &ScimClient,
    opened: &Opened,
    check: &CheckPlan,
    target: &Target,
    before: Option<&Before>,
    credential: Option<&Secret>,
    cancel: &CancellationToken,
) -> Look {
    let at = match capabilities(client, opened, cancel).await {
        Ok(at) => at,
        Err(error) => return Look::failed(&error, Vec::new()),
    };
    let account = target.account.as_deref().unwrap_or_default();
    match check.name.as_str() {
        "scim.account" => client.look_at_account(at, account, target.control.as_deref(), cancel).await,
        "scim.accountByFilter" => client.look_by_filter(at, account, &target.user_name, cancel).await,
        "scim.accountInListing" => {
            let size = ListSize {
                most: LISTED,
                known: Some(opened.source.accounts),
            };
            client.look_in_listing(at, account, &target.user_name, size, cancel).await
        }
        "scim.memberships" => memberships(client, at, target, before, account, cancel).await,
        "scim.credential" => {
            let address = target.credential_url.as_deref().and_then(|url| Url::parse(url).ok());
            let opened = before.is_some_and(|before| before.seen == Seen::There);
            match (address, credential) {
                (Some(url), Some(credential)) => client.look_at_credential(&url, credential, opened, cancel).await,
                (None, _) => Look::not_evaluated("The plan names no address to try the credential at.", Vec::new()),
                (_, None) => Look::not_evaluated("The credential is not at hand any more; hand it over again.", Vec::new()),
            }
        }
        "groups.emptied" => match before {
            None => memberships(client, at, target, None, account, cancel).await,
            Some(before) => match nothing_left(before) {
                Some(look) => look,
                None => client.look_at_emptied(at, account, &held(target, Some(before)), cancel).await,
            },
        },
        // Somebody who was made anew has another id: the name tells.
        "scim.comesBack" => {
            let by_name = client.look_by_filter(at, account, &target.user_name, cancel).await;
            match by_name.seen {
                Seen::NotEvaluated => client.look_at_account(at, account, target.control.as_deref(), cancel).await,
                _ => by_name,
            }
        }
        other => unknown(other),
    }
}

pub(super) async fn arrived(client: &ScimClient, opened: &Opened, target: &Target, cancel: &CancellationToken) -> Look {
    match capabilities(client, opened, cancel).await {
        Ok(at) => client.look_by_filter(at, "", &target.user_name, cancel).await,
        Err(error) => Look::failed(&error, Vec::new()),
    }
}
