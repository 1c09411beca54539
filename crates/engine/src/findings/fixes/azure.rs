//! Ways out in Azure: commands of the Azure CLI, and calls of Graph and the Resource Manager by `az rest` where it has none of its own.

use lanyard_access::Node;
use serde_json::{Value, json};

use super::case::{Case, fix, steps};
use super::shell::{json as quoted, segment, word};
use crate::map::tables::{Origin, RoleSort};
use crate::record::ItemKind;
use crate::view::{Fix, FixKind};

/// Members that one text adds or removes.
const MOST: usize = 50;

/// Graph, signed in as the CLI is.
fn graph(case: Case<'_>, method: &str, path: &str, body: Option<&Value>) -> Option<String> {
    let cloud = case.cloud()?;
    let url = word(&format!("{}/v1.0/{path}", cloud.graph))?;
    let resource = word(&cloud.graph)?;
    let mut text = format!("az rest --method {method} --resource {resource} --url {url}");
    if let Some(body) = body {
        text.push_str(" --body ");
        text.push_str(&quoted(body));
    }
    Some(text)
}

/// Takes away the right that the finding speaks of: an assignment, an eligibility, or an app role.
pub(super) fn take_right(case: Case<'_>) -> Option<Fix> {
    let origin = case.origin()?;
    match origin.kind? {
        ItemKind::RoleAssignment => {
            let text = format!("az role assignment delete --ids {}", word(&origin.id)?);
            let note = "Look at it first: az role assignment list --all --include-inherited shows whom it was for. Nothing brings it back but a new assignment.";
            Some(fix(FixKind::Az, "Delete the assignment", text, note))
        }
        ItemKind::Eligibility => take_eligibility(case),
        ItemKind::AppRoleAssignment => take_app_role(case, origin),
        _ => None,
    }
}

fn take_app_role(case: Case<'_>, origin: &Origin) -> Option<Fix> {
    let resource = case.scope("scope")?.id.strip_prefix("app:")?;
    let id = origin.id.rsplit('/').next()?;
    let path = format!("servicePrincipals/{}/appRoleAssignedTo/{}", segment(resource), segment(id));
    let note = "Where the application is provisioned by assignment, whoever loses it is switched off there with the next cycle.";
    Some(fix(
        FixKind::Az,
        "Take the application away",
        graph(case, "DELETE", &path, None)?,
        note,
    ))
}

/// An eligibility ends by a request of its own. <https://learn.microsoft.com/rest/api/authorization/role-eligibility-schedule-requests>
pub(super) fn take_eligibility(case: Case<'_>) -> Option<Fix> {
    let (role, scope) = (case.role()?, case.scope("scope")?);
    let principal = match case.lost() {
        Some(lost) => lost.id.to_string(),
        None => case.id_of(case.node("principal").or_else(|| case.node("group"))?),
    };
    let at = scope.spelt.as_deref().unwrap_or(&scope.id).trim_end_matches('/');
    let body = json!({"properties": {
        "principalId": principal,
        "roleDefinitionId": format!("{at}/providers/Microsoft.Authorization/roleDefinitions/{}", role.id),
        "requestType": "AdminRemove",
    }});
    let manager = case.cloud()?.resource_manager;
    let (before, after) = (
        word(&format!(
            "{manager}{at}/providers/Microsoft.Authorization/roleEligibilityScheduleRequests/"
        ))?,
        word("?api-version=2020-10-01")?,
    );
    let text = format!("az rest --method PUT --url {before}\"$(uuidgen)\"{after} --body {}", quoted(&body));
    let note = "Whoever asks must be Owner or User Access Administrator there. A role that is active by it now stays so until it runs out.";
    Some(fix(FixKind::Az, "Remove the eligibility", text, note))
}

/// Switches a user off, and ends what is signed in.
pub(super) fn disable(case: Case<'_>, account: Node) -> Option<Fix> {
    let id = case.id_of(account);
    let sessions = graph(case, "POST", &format!("users/{}/revokeSignInSessions", segment(&id)), None)?;
    let text = format!("az ad user update --id {} --account-enabled false &&\n{sessions}", word(&id)?);
    let note = "Look at it first: az ad user show --id shows whose it is. A user that is synchronised from a directory on premises is switched off there.";
    Some(fix(FixKind::Az, "Switch the user off and end its sessions", text, note))
}

/// Sets attributes of a user, by their names in Graph.
pub(super) fn set(case: Case<'_>, account: Node, attributes: &[(&str, String)]) -> Option<Fix> {
    if attributes.is_empty() {
        return None;
    }
    let body: serde_json::Map<String, Value> = attributes
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.as_str().into()))
        .collect();
    let text = graph(
        case,
        "PATCH",
        &format!("users/{}", segment(&case.id_of(account))),
        Some(&Value::Object(body)),
    )?;
    let note = "Check first which side is right. A user that is provisioned is corrected at its source: it would be written over.";
    Some(fix(FixKind::Az, "Give the user the leading source's values", text, note))
}

/// Adds and removes direct members of a group.
pub(super) fn members(case: Case<'_>, group: Node, add: &[Node], remove: &[Node]) -> Option<Fix> {
    let group = word(&case.id_of(group))?;
    let line = |verb: &str, node: &Node| {
        Some(format!(
            "az ad group member {verb} --group {group} --member-id {}",
            word(&case.id_of(*node))?
        ))
    };
    let all: Option<Vec<String>> = (remove.iter().map(|node| line("remove", node)))
        .chain(add.iter().map(|node| line("add", node)))
        .take(MOST)
        .collect();
    let all = all.filter(|all| !all.is_empty())?;
    let mut note = "Check that the leading source is right: whoever is added gets what the group gives.".to_owned();
    let left = (add.len() + remove.len()).saturating_sub(MOST);
    if left > 0 {
        note.push_str(&format!(" These are the first {MOST}; {left} more are left."));
    }
    Some(fix(FixKind::Az, "Bring the group's members into line", all.join("\n"), note))
}

/// Deletes a group.
pub(super) fn delete_group(case: Case<'_>, group: Node) -> Option<Fix> {
    let text = format!("az ad group delete --group {}", word(&case.id_of(group))?);
    let note = "Look at it first: az ad group show --group and az ad group owner list --group. A security group that is deleted cannot be brought back.";
    Some(fix(FixKind::Az, "Delete the group", text, note))
}

/// Gives the same right to a group, and takes it from the person.
pub(super) fn by_group(case: Case<'_>) -> Option<Fix> {
    let (origin, role, scope) = (case.origin()?, case.role()?, case.scope("scope")?);
    if origin.kind != Some(ItemKind::RoleAssignment) {
        return None;
    }
    let person = case.id_of(case.node("principal")?);
    let at = scope.spelt.as_deref().unwrap_or(&scope.id);
    let text = format!(
        "az ad group member add --group \"$GROUP_ID\" --member-id {person} &&\naz role assignment create --assignee-object-id \"$GROUP_ID\" --assignee-principal-type Group --role {role} --scope {scope} &&\naz role assignment delete --ids {id}",
        person = word(&person)?,
        role = word(&role.id)?,
        scope = word(at)?,
        id = word(&origin.id)?,
    );
    let note = "Put the id of a group whose members all may hold the role into GROUP_ID first. Whoever is in it gets the role.";
    Some(fix(FixKind::Az, "Give the role by a group", text, note))
}

/// Deletes a role definition of the company's own that nobody holds.
pub(super) fn delete_definition(case: Case<'_>) -> Option<Fix> {
    let role = case.role().filter(|role| role.sort == RoleSort::Custom)?;
    let text = format!("az role definition delete --name {}", word(&role.id)?);
    let note =
        "Save it first: az role definition list --custom-role-only --name shows what it permits. Azure refuses while somebody holds it.";
    Some(fix(FixKind::Az, "Delete the role definition", text, note))
}

/// The application that a service principal is of.
fn app(case: Case<'_>) -> Option<String> {
    let node = case.listed("program")?.node?;
    word(&case.context.map.directory().user_name_of(node)?)
}

/// Names an owner of a program.
pub(super) fn add_owner(case: Case<'_>) -> Option<Fix> {
    let node = case.listed("program")?.node?;
    let cloud = case.cloud()?;
    let service = graph(
        case,
        "POST",
        &format!("servicePrincipals/{}/owners/$ref", segment(&case.id_of(node))),
        None,
    )?;
    let reference = word(&format!("{}/v1.0/directoryObjects/", cloud.graph))?;
    let text = format!(
        "az ad app owner add --id {} --owner-object-id \"$OWNER_ID\" &&\n{service} --body '{{\"@odata.id\":\"'{reference}\"$OWNER_ID\"'\"}}'",
        app(case)?
    );
    let note = "Put the object id of the new owner into OWNER_ID first: az ad user show --id USER --query id -o tsv. An owner can give the program credentials and act as it.";
    Some(fix(
        FixKind::Az,
        "Name an owner of the application and of its service principal",
        text,
        note,
    ))
}

/// Takes owners away who have left.
pub(super) fn remove_owners(case: Case<'_>) -> Option<Fix> {
    let service = segment(&case.id_of(case.listed("program")?.node?));
    let lines: Option<Vec<String>> = case
        .nodes("owner")
        .map(|owner| {
            graph(
                case,
                "DELETE",
                &format!("servicePrincipals/{service}/owners/{}/$ref", segment(&case.id_of(owner))),
                None,
            )
        })
        .collect();
    let lines = lines.filter(|lines| !lines.is_empty())?;
    let note = "Name another owner first, where this is the only one. The application itself may have the same owner: az ad app owner list --id shows it.";
    Some(fix(FixKind::Az, "Take the owner away", lines.join("\n"), note))
}

/// Makes a new credential beside the one that ends.
pub(super) fn reset_credential(case: Case<'_>) -> Option<Fix> {
    let text = format!("az ad app credential reset --id {} --append --years 1", app(case)?);
    let note = "It prints the new secret once: send it to where the program reads it, not to a screen that is shared. Certificates are made anew with --create-cert. Take the old one away when the program is seen to work.";
    Some(fix(FixKind::Az, "Make a new credential", text, note))
}

/// Takes a credential away that has ended.
pub(super) fn delete_credential(case: Case<'_>) -> Option<Fix> {
    let text = format!(
        "az ad app credential delete --id {} --key-id {}",
        app(case)?,
        word(&case.listed("credential")?.id)?
    );
    let note = "A certificate takes --cert besides; a credential of the service principal itself goes by az ad sp credential delete.";
    Some(fix(FixKind::Az, "Take the credential away", text, note))
}

/// The service principal and the job of a provisioning job's id.
fn job(id: &str) -> Option<String> {
    let (service, job) = id.split_once('/')?;
    Some(format!(
        "servicePrincipals/{}/synchronization/jobs/{}",
        segment(service),
        segment(job)
    ))
}

/// Starts a provisioning job again, out of quarantine.
pub(super) fn restart(case: Case<'_>) -> Option<Fix> {
    let path = format!("{}/restart", job(&case.listed("job")?.id)?);
    let body = json!({"criteria": {"resetScope": "QuarantineState, Escrows"}});
    let note = "Mend first what quarantined it; most often that is the secret token, which Tokens rotates and hands over. It goes on where it was.";
    Some(fix(
        FixKind::Az,
        "Restart the provisioning job",
        graph(case, "POST", &path, Some(&body))?,
        note,
    ))
}

/// Provisions one on demand.
pub(super) fn on_demand(case: Case<'_>) -> Option<Fix> {
    let error = case.listed("error")?;
    let subject = case.id_of(error.node?);
    let group = case.context.map.directory().graph().group_ordinal(error.node?).is_some();
    let jobs = case.context.lists.jobs.iter().filter(|named| named.place == error.place);
    let id = error.id.split('/').next()?;
    let path = job(jobs.map(|named| named.id.as_str()).find(|job| job.rsplit('/').next() == Some(id))?)?;
    let rule = graph(case, "GET", &format!("{path}/schema"), None)?;
    let kind = if group { "Group" } else { "User" };
    let ask = graph(case, "POST", &format!("{path}/provisionOnDemand"), None)?;
    let text = format!(
        "rule=$({rule} --query 'synchronizationRules[0].id' --output tsv) &&\n{ask} --body '{{\"parameters\":[{{\"ruleId\":\"'\"$rule\"'\",\"subjects\":[{{\"objectId\":\"'{}'\",\"objectTypeName\":\"{kind}\"}}]}}]}}'",
        word(&subject)?
    );
    let note = "Mend first what the log names. The answer tells step by step what came of it; five such calls are allowed in ten seconds.";
    Some(fix(FixKind::Az, "Provision this one on demand", text, note))
}

/// Who holds what on a guard or a vault, to decide which of two rights goes.
pub(super) fn list_rights(case: Case<'_>) -> Option<Fix> {
    let people = case.parts("identity").find_map(|part| match part {
        lanyard_access::findings::Part::Identity(person) => Some(*person),
        _ => None,
    })?;
    let directory = case.context.map.directory();
    let place = case.place()?;
    let account = directory
        .identities()
        .members(people)
        .iter()
        .copied()
        .find(|account| directory.place_of_account(*account) == place)?;
    let assignee = word(&case.id_of(account))?;
    let lines: Option<Vec<String>> = ["vault", "guard"]
        .iter()
        .filter_map(|name| case.scope(name))
        .map(|scope| {
            let at = word(scope.spelt.as_deref().unwrap_or(&scope.id))?;
            Some(format!(
                "az role assignment list --assignee {assignee} --scope {at} --include-inherited --include-groups --output table"
            ))
        })
        .collect();
    let note = "These read only: delete one of the two with az role assignment delete --ids. Best keep guards in a subscription where backup administrators hold nothing.";
    Some(fix(FixKind::Az, "Show both rights, to take one away", lines?.join("\n"), note))
}

/// What to find out before somebody's assignment of another tenant goes.
pub(super) fn ask_the_other_tenant() -> Fix {
    steps(
        "Find out who it is",
        &[
            "Look up the id in the other tenant, or ask who manages it (Azure Lighthouse, a partner): this tenant cannot read it.",
            "Delete the assignment if nobody knows; suppress the finding with the answer if it is meant.",
        ],
        None,
    )
}
