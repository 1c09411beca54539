//! The ways out of a finding: something to copy and run, the best first.
//!
//! Texts of others (names, ids) go into a command only where a shell takes them for what they look like; else the steps in words remain.
//! No text holds a secret: a token is a variable of the shell.
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`shell`] | quoting |
//! | [`case`] | what a finding is about, by ids |
//! | [`azure`] | commands of the Azure CLI |
//! | [`scim`] | SCIM requests as curl |
//! | [`backstage`] | RBAC's file and API, the catalog's files |

mod azure;
mod backstage;
mod case;
mod scim;
mod shell;
#[cfg(test)]
mod tests;

use lanyard_access::Node;
use lanyard_access::findings::scene::attribute;
use lanyard_access::findings::{Found, Part};
use serde_json::json;

use super::Context;
use crate::map::tables::RoleSort;
use crate::view::{Fix, FixKind, SourceKind};
use case::{Case, steps};

/// Attributes that can be written, as SCIM and Graph call them. Graph's e-mail address is Exchange's, and a user name signs people in: those
/// are changed with more care than a copied command has.
const WRITTEN: [(u32, &str, Option<&str>); 4] = [
    (attribute::NAME, "displayName", Some("displayName")),
    (attribute::TITLE, "title", Some("jobTitle")),
    (
        attribute::DEPARTMENT,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        Some("department"),
    ),
    (attribute::EMAIL, "emails[primary eq true].value", None),
];

/// The manager, as SCIM calls it: RFC 7643, section 4.3.
const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

/// The ways out. The rule's own words are among them, last.
pub(super) fn fixes(context: Context<'_>, found: &Found) -> Vec<Fix> {
    let case = Case { context, found };
    let mut all = of_rule(case);
    all.push(Fix {
        title: "In words".into(),
        kind: FixKind::Steps,
        text: context.rule.way_out.to_owned(),
        note: None,
        path: path(case),
    });
    all
}

fn of_rule(case: Case<'_>) -> Vec<Fix> {
    let some = |all: &[Option<Fix>]| all.iter().flatten().cloned().collect::<Vec<_>>();
    match case.context.rule.id {
        "active-after-leaving" | "active-after-deletion" => some(&[walk_out(case), switch_off(case)]),
        "never-known" => some(&[join(), switch_off(case)]),
        "ambiguous-identity" => some(&[join()]),
        "attributes-differ" => some(&[values(case)]),
        "group-drift" | "group-nested" => some(&[members(case)]),
        "principal-unreadable" => some(&[Some(azure::ask_the_other_tenant()), right_out(case)]),
        "individual-holds" => some(&[azure::by_group(case), right_out(case)]),
        "eligibility-left" => some(&[azure::take_eligibility(case)]),
        "disabled-holds" => some(&[right_out(case), walk_out(case)]),
        "principal-soft-deleted"
        | "principal-gone"
        | "guest-holds"
        | "scope-gone"
        | "definition-gone"
        | "restore-outside"
        | "empty-group-holds"
        | "ghost-member"
        | "removed-still-member"
        | "ghost-owner" => some(&[right_out(case)]),
        "restore-and-guard" => some(&[azure::list_rights(case)]),
        "orphaned-entity" => some(&[case.listed("entity").and_then(|entity| backstage::delete_entity(case, &entity.id))]),
        "program-without-owner" => some(&[azure::add_owner(case)]),
        "program-owner-left" => some(&[azure::add_owner(case), azure::remove_owners(case)]),
        "program-credential-expiring" => some(&[azure::reset_credential(case)]),
        "program-credential-expired" => some(&[azure::delete_credential(case), azure::reset_credential(case)]),
        "group-cycle" => some(&[cut(case)]),
        "role-unheld" => some(&[unheld(case)]),
        "group-gives-nothing" => some(&[delete_group(case)]),
        "provisioning-quarantine" => some(&[azure::restart(case)]),
        "provisioning-errors" => some(&[azure::on_demand(case)]),
        "source-stale" => some(&[sync(case)]),
        _ => Vec::new(),
    }
}

/// Where in Lanyard it is dealt with.
fn path(case: Case<'_>) -> Option<String> {
    let source = || Some(format!("/sources/{}", case.source()?.id));
    match case.context.rule.id {
        "active-after-leaving" | "active-after-deletion" | "disabled-holds" => case.person_path("/offboard"),
        "ambiguous-identity" | "never-known" => Some("/joins".into()),
        "attributes-differ" => case.person_path(""),
        "token-due" | "old-token-lives" => Some(
            case.listed("token")
                .map_or_else(|| "/tokens".into(), |token| format!("/tokens/{}", shell::segment(&token.id))),
        ),
        "provisioning-quarantine" => Some("/tokens".into()),
        "source-stale" | "source-partly-read" => source(),
        "group-drift" | "group-nested" | "group-not-provisioned" | "group-cycle" | "empty-group-holds" | "group-gives-nothing" => {
            let key = case.context.map.named_node(case.node("group")?).key;
            Some(format!("/groups/{}", shell::segment(key.strip_prefix("group:").unwrap_or(&key))))
        }
        _ => case.person_path("?tab=access"),
    }
}

/// The guided way: what somebody has everywhere, taken step by step, with proof.
fn walk_out(case: Case<'_>) -> Option<Fix> {
    let path = case.person_path("/offboard")?;
    Some(steps(
        "Walk them out with Lanyard",
        &[
            "Open the person's Walk out: it plans what to switch off in each connected system.",
            "Let it act where writing is allowed, or do it by hand; it looks again until each way in is shut.",
            "Keep the evidence.",
        ],
        Some(path),
    ))
}

fn join() -> Option<Fix> {
    Some(steps(
        "Decide who it is",
        &[
            "Open Identities, and look at the accounts beside each other.",
            "Join them where they are the same, or keep them apart: the decision is kept, and followed from the next picture on.",
        ],
        Some("/joins".into()),
    ))
}

fn switch_off(case: Case<'_>) -> Option<Fix> {
    let account = case.node("account")?;
    match case.kind()? {
        SourceKind::Scim => scim::deactivate(case, account),
        SourceKind::Azure => azure::disable(case, account),
        // A catalog follows what feeds it.
        SourceKind::Backstage => Some(steps(
            "Take the user out of what feeds the catalog",
            &[
                "Find what the entity comes from: its annotation backstage.io/managed-by-location says so.",
                "Take the user out there; where a provider feeds it, see why it did not.",
                "Sync the source: the finding closes when the catalog no longer holds the user.",
            ],
            None,
        )),
    }
}

/// Gives an account what the leading one has.
fn values(case: Case<'_>) -> Option<Fix> {
    let (account, lead) = (case.node("account")?, case.node("lead")?);
    let bits = case.parts("attributes").find_map(|part| match part {
        Part::Attributes(bits) => Some(*bits),
        _ => None,
    })?;
    let directory = case.context.map.directory();
    let stated = |bit: u32| directory.stated(lead, bit).filter(|_| bits & bit != 0);
    match case.kind()? {
        SourceKind::Scim => {
            let written = WRITTEN.iter().filter_map(|(bit, scim, _)| Some((*scim, stated(*bit)?.into())));
            let manager = manager_here(case, lead).filter(|_| bits & attribute::MANAGER != 0);
            let manager = manager.map(|manager| (MANAGER, json!({ "value": case.id_of(manager) })));
            scim::set(case, account, &written.chain(manager).collect::<Vec<_>>())
        }
        SourceKind::Azure => {
            let all: Vec<(&str, String)> = WRITTEN
                .iter()
                .filter_map(|(bit, _, graph)| Some(((*graph)?, stated(*bit)?)))
                .collect();
            azure::set(case, account, &all)
        }
        SourceKind::Backstage => None,
    }
}

/// The account here of whoever leads an account elsewhere; none where they have none, or more than one.
fn manager_here(case: Case<'_>, lead: Node) -> Option<Node> {
    let (directory, place) = (case.context.map.directory(), case.place()?);
    let accounts = directory.identities().members(directory.manager_of(lead)?);
    let mut here = accounts
        .iter()
        .copied()
        .filter(|account| directory.place_of_account(*account) == place);
    here.next().filter(|_| here.next().is_none())
}

/// Adds whom a group lacks, and takes out whom it has too many: of those whom the finding affects.
fn members(case: Case<'_>) -> Option<Fix> {
    let group = case.node("group")?;
    let directory = case.context.map.directory();
    let graph = directory.graph();
    let held = graph.member_accounts(graph.group_ordinal(group)?);
    let place = case.place()?;
    let (mut add, mut remove): (Vec<Node>, Vec<Node>) = (Vec::new(), Vec::new());
    for person in &case.found.people {
        let accounts = directory.identities().members(*person).iter().copied();
        let here: Vec<Node> = accounts.filter(|account| directory.place_of_account(*account) == place).collect();
        match here.iter().find(|account| held.contains(account)) {
            Some(member) => remove.push(*member),
            // Without an account there is nobody to add.
            None => add.extend(here.first()),
        }
    }
    change_members(case, group, &add, &remove)
}

fn change_members(case: Case<'_>, group: Node, add: &[Node], remove: &[Node]) -> Option<Fix> {
    match case.kind()? {
        SourceKind::Scim => scim::members(case, group, add, remove),
        SourceKind::Azure => azure::members(case, group, add, remove),
        SourceKind::Backstage => None,
    }
}

/// Cuts a circle of groups where its first group holds another one of it.
fn cut(case: Case<'_>) -> Option<Fix> {
    let group = case.node("group")?;
    let graph = case.context.map.directory().graph();
    let inside = graph.member_groups(graph.group_ordinal(group)?);
    let itself = std::iter::once(group);
    let member = case.nodes("with").chain(itself).find(|node| inside.contains(node))?;
    change_members(case, group, &[], &[member])
}

/// Takes the right away that the finding speaks of, where it is written.
fn right_out(case: Case<'_>) -> Option<Fix> {
    match case.kind()? {
        SourceKind::Azure => azure::take_right(case),
        SourceKind::Backstage => {
            let lost = case.lost();
            let member = match lost {
                Some(lost) => lost.id.to_string(),
                None => case.id_of(case.node("principal").or_else(|| case.node("group"))?),
            };
            let role = lost.map_or_else(|| case.role(), |lost| case.context.map.role_entries().get(lost.role as usize))?;
            match role.sort {
                RoleSort::Owner => backstage::change_owner(&member, &case.scope("scope")?.name),
                RoleSort::Rbac => backstage::remove_member(case, role, &member),
                _ => None,
            }
        }
        SourceKind::Scim => None,
    }
}

/// Deletes a role that nobody holds.
fn unheld(case: Case<'_>) -> Option<Fix> {
    let role = case.role()?;
    match role.sort {
        RoleSort::Rbac => backstage::delete_role(case, role),
        RoleSort::Custom => azure::delete_definition(case),
        _ => None,
    }
}

fn delete_group(case: Case<'_>) -> Option<Fix> {
    let group = case.node("group")?;
    match case.kind()? {
        SourceKind::Scim => scim::delete_group(case, group),
        SourceKind::Azure => azure::delete_group(case, group),
        SourceKind::Backstage => None,
    }
}

/// Syncs a source from the command line.
fn sync(case: Case<'_>) -> Option<Fix> {
    let name = shell::word(&case.source()?.settings.name)?;
    Some(Fix {
        title: "Sync it".into(),
        kind: FixKind::Steps,
        text: format!("lanyard sync {name}"),
        note: Some("From a terminal or a scheduled job; or Sync now in the window.".into()),
        path: Some(format!("/sources/{}", case.source()?.id)),
    })
}
