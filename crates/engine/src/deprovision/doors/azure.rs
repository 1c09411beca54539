//! Azure and Entra: the steps and questions of a run, by name.

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::StepDraft;
use super::real::{Opened, deed, nothing_left, step, unknown};
use crate::deprovision::entry::{Before, CheckPlan, StepPlan, Target};
use crate::sources::SourceError;
use crate::sources::azure::{AzureClient, Owned};
use crate::sources::doors::{Look, Seen, Thing};
use crate::sync::now;

/// Whether something is the user's own: an assignment that names it as principal, and not one of its groups.
fn is_own(thing: &Thing, user: &str) -> bool {
    let principal = thing
        .document
        .as_ref()
        .and_then(|document| document.get("properties")?.get("principalId")?.as_str());
    principal.is_none_or(|principal| principal.eq_ignore_ascii_case(user))
}

/// Whether a membership is direct: nested ones say so in their note.
fn is_direct(thing: &Thing) -> bool {
    thing.note.as_deref().is_none_or(|note| !note.to_lowercase().contains("nest"))
}

pub(super) fn steps(
    client: &AzureClient,
    opened: &Opened,
    action: &str,
    target: &Target,
    things: &[Thing],
) -> Result<Vec<StepDraft>, SourceError> {
    let meanings = opened.meanings();
    let user = target.account.as_deref().unwrap_or_default();
    let who = &target.user_name;
    Ok(match action {
        "entra.disable" => vec![step(
            format!("Switch off {who}"),
            meanings.disable.says,
            meanings.disable.undoable,
            client.set_enabled(user, false)?,
        )],
        "entra.enable" => vec![step(
            format!("Switch on {who} again"),
            "The user can sign in again.".into(),
            true,
            client.set_enabled(user, true)?,
        )],
        // One request however many are named: what is carried along is since when they were good before.
        "entra.revokeSessions" => vec![StepDraft {
            thing: things.first().cloned(),
            ..step(
                format!("Revoke the sessions of {who}"),
                "Refresh tokens given out until now are good no more; signing in again undoes it by itself.".into(),
                true,
                client.revoke_sessions(user)?,
            )
        }],
        "entra.delete" => vec![step(
            format!("Delete {who}"),
            meanings.delete.says,
            meanings.delete.undoable,
            client.delete_user(user)?,
        )],
        "entra.restoreDeleted" => vec![step(
            format!("Restore {who}"),
            "The user comes back with its memberships.".into(),
            true,
            client.restore_deleted(user)?,
        )],
        "entra.leaveGroups" => {
            let mut all = Vec::new();
            for thing in things.iter().filter(|thing| is_direct(thing)) {
                let Some(group) = thing.document.as_ref().filter(|group| is_group(group)) else {
                    continue;
                };
                let means = AzureClient::leave_group_needs(group)
                    .unwrap_or("What the group grants goes with it.")
                    .to_owned();
                let title = format!("Take {who} out of {}", thing.name);
                all.extend(deed(
                    title,
                    means,
                    false,
                    client.leave_group(group, user, who)?,
                    Some(thing.clone()),
                ));
            }
            all
        }
        "azure.removeAssignments" => {
            let mut all = Vec::new();
            for thing in things.iter().filter(|thing| is_own(thing, user)) {
                let place = thing.note.as_deref().map(|note| format!(" {note}")).unwrap_or_default();
                all.push(StepDraft {
                    thing: Some(thing.clone()),
                    ..step(
                        format!("Remove {}{place} from {who}", thing.name),
                        "The assignment is gone for good; it can be made anew by whoever may assign roles.".into(),
                        false,
                        client.remove_assignment(&thing.id)?,
                    )
                });
            }
            all
        }
        "azure.removeEligibility" => {
            let mut all = Vec::new();
            // A request's name is good once.
            let mark = format!("lanyard-{}", now());
            for thing in things.iter().filter(|thing| is_own(thing, user)) {
                let Some(document) = &thing.document else { continue };
                let title = format!("Remove the eligible role {} from {who}", thing.name);
                let means = "The role cannot be activated any more; it can be made eligible anew by whoever may.".to_owned();
                all.extend(deed(
                    title,
                    means,
                    false,
                    client.remove_eligibility(document, &mark)?,
                    Some(thing.clone()),
                ));
            }
            all
        }
        _ => Vec::new(),
    })
}

/// Whether a document is a group's: a user is a member of directory roles and administrative units too, which are left in other ways.
fn is_group(document: &Value) -> bool {
    document
        .get("@odata.type")
        .and_then(Value::as_str)
        .is_none_or(|kind| kind.ends_with(".group"))
}

/// A look that is only about these things of it.
fn narrowed(mut look: Look, keep: impl Fn(&Thing) -> bool, rest: &str) -> Look {
    if look.seen != Seen::There {
        return look;
    }
    let before = look.things.len();
    look.things.retain(keep);
    if look.things.is_empty() && before > 0 {
        look.seen = Seen::Gone;
        look.says = format!("{rest} ({before}).");
    }
    look
}

pub(super) async fn read_back(
    client: &AzureClient,
    target: &Target,
    step: &StepPlan,
    since: Option<i64>,
    cancel: &CancellationToken,
) -> Look {
    let user = target.account.as_deref().unwrap_or_default();
    let about = step.thing.as_ref().map(|thing| thing.id.to_lowercase()).unwrap_or_default();
    let this = |thing: &Thing| thing.id.to_lowercase() == about;
    match step.action.as_str() {
        "entra.disable" | "entra.enable" | "entra.delete" | "entra.restoreDeleted" => {
            client.look_at_account(user, target.control.as_deref(), cancel).await
        }
        "entra.revokeSessions" => {
            let before = step.thing.as_ref().and_then(good_since);
            client.look_at_sessions(user, since.unwrap_or_else(now), before, cancel).await
        }
        "entra.leaveGroups" => narrowed(
            client.look_at_memberships(user, cancel).await,
            |thing| this(thing) && is_direct(thing),
            "It is not a direct member of it any more, and is a member of others",
        ),
        "azure.removeAssignments" => narrowed(
            client.look_at_assignments(user, &[], cancel).await,
            this,
            "This assignment is gone; others are there",
        ),
        "azure.removeEligibility" => narrowed(
            client.look_at_eligibility(user, cancel).await,
            this,
            "This one is gone; others are there",
        ),
        other => unknown(other),
    }
}

/// What was owned before, as the question for its owners takes it.
fn owned(before: Option<&Before>) -> Vec<(Owned, String, String)> {
    let things = before.map_or(&[][..], |before| &before.things);
    things
        .iter()
        .filter_map(|thing| {
            let kind = thing
                .document
                .as_ref()
                .and_then(|document| document.get("@odata.type").or_else(|| document.get("kind")))
                .and_then(Value::as_str)?;
            Some((Owned::of(kind)?, thing.id.clone(), thing.name.clone()))
        })
        .collect()
}

pub(super) async fn ask(
    client: &AzureClient,
    check: &CheckPlan,
    target: &Target,
    before: Option<&Before>,
    since: Option<i64>,
    cancel: &CancellationToken,
) -> Look {
    let user = target.account.as_deref().unwrap_or_default();
    let known = target.control.as_deref();
    match check.name.as_str() {
        "entra.account" => client.look_at_account(user, known, cancel).await,
        "entra.accountByFilter" => client.look_by_filter(user, &target.user_name, cancel).await,
        "entra.sessions" => {
            let before = before.and_then(|before| before.things.first()).and_then(good_since);
            client.look_at_sessions(user, since.unwrap_or_else(now), before, cancel).await
        }
        "entra.memberships" => client.look_at_memberships(user, cancel).await,
        "groups.emptied" => match before {
            None => client.look_at_memberships(user, cancel).await,
            Some(before) => {
                let groups: Vec<(String, String)> = before
                    .things
                    .iter()
                    .filter(|thing| is_direct(thing) && thing.document.as_ref().is_none_or(is_group))
                    .map(|thing| (thing.id.clone(), thing.name.clone()))
                    .collect();
                match nothing_left(before) {
                    Some(look) => look,
                    None => client.look_at_emptied(user, &groups, cancel).await,
                }
            }
        },
        "entra.appRoles" => client.look_at_app_roles(user, cancel).await,
        "azure.assignments" => narrowed(
            client.look_at_assignments(user, &scopes(before), cancel).await,
            |thing| is_own(thing, user),
            "None of its own; what is left comes by groups, which the memberships answer for",
        ),
        "azure.eligibility" => narrowed(
            client.look_at_eligibility(user, cancel).await,
            |thing| is_own(thing, user),
            "None of its own; what is left comes by groups, which the memberships answer for",
        ),
        "entra.owned" => client.look_at_owned(user, &owned(before), cancel).await,
        "entra.comesBack" => {
            let by_name = client.look_by_filter(user, &target.user_name, cancel).await;
            match by_name.seen {
                Seen::NotEvaluated => client.look_at_account(user, known, cancel).await,
                _ => by_name,
            }
        }
        other => unknown(other),
    }
}

/// Since when sessions were good, as a look before the cut saw it.
fn good_since(thing: &Thing) -> Option<&str> {
    thing.document.as_ref()?.get("signInSessionsValidFromDateTime")?.as_str()
}

/// The scopes at which assignments were known before.
fn scopes(before: Option<&Before>) -> Vec<String> {
    let things = before.map_or(&[][..], |before| &before.things);
    let mut scopes: Vec<String> = things
        .iter()
        .filter_map(|thing| Some(thing.document.as_ref()?.get("properties")?.get("scope")?.as_str()?.to_owned()))
        .collect();
    scopes.sort();
    scopes.dedup();
    scopes
}
