//! Graph's documents: every property that the lab has, and which of them come when none are asked for.

use serde_json::{Map, Value, json};

use crate::azure::effect::GroupTrait;
use crate::azure::server::time;
use crate::azure::state::{Place, State};
use crate::company::access::Guid;
use crate::company::access::azure::{
    AppRoleAssignment, Credential, CredentialKind, EntraGroup, EntraUser, PrincipalType, ServicePrincipal,
};

pub(super) type Doc = Map<String, Value>;

/// A type of object: its name, and the properties that come without `$select`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) odata: &'static str,
    defaults: &'static [&'static str],
}

/// <https://learn.microsoft.com/graph/api/user-list>: the default set.
pub(super) const USER: Kind = Kind {
    odata: "microsoft.graph.user",
    defaults: &[
        "id",
        "businessPhones",
        "displayName",
        "givenName",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
    ],
};
/// All properties.
pub(super) const GROUP: Kind = Kind {
    odata: "microsoft.graph.group",
    defaults: &[],
};
pub(super) const SERVICE: Kind = Kind {
    odata: "microsoft.graph.servicePrincipal",
    defaults: &[],
};
pub(super) const APPLICATION: Kind = Kind {
    odata: "microsoft.graph.application",
    defaults: &[],
};
/// Anything else: all properties.
pub(super) const PLAIN: Kind = Kind { odata: "", defaults: &[] };

fn doc(value: Value) -> Doc {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// What of a document was asked for: `select`, or the type's own set. The name of a property that is not there is the error.
pub(super) fn project(doc: Doc, kind: Kind, select: Option<&str>, strict: bool) -> Result<Doc, String> {
    let Some(select) = select.filter(|select| !select.trim().is_empty() && select.trim() != "*") else {
        if kind.defaults.is_empty() {
            return Ok(doc);
        }
        return Ok(doc.into_iter().filter(|(name, _)| kind.defaults.contains(&name.as_str())).collect());
    };
    let mut kept = Map::new();
    for name in select.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        match doc.iter().find(|(there, _)| there.eq_ignore_ascii_case(name)) {
            Some((there, value)) => drop(kept.insert(there.clone(), value.clone())),
            // Navigation properties may stand in a list of selected ones; they come by `$expand` or by delta only.
            None if ["members", "owners", "memberOf"].contains(&name) => {}
            None if strict => return Err(name.to_owned()),
            None => {}
        }
    }
    // An object's id comes along whenever something does.
    Ok(kept)
}

/// `deleted` is when it went into the recycle bin, in milliseconds since 1970.
pub(super) fn user(user: &EntraUser, state: &State, deleted: Option<i64>) -> Doc {
    let text = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
    doc(json!({
        "id": user.id,
        "deletedDateTime": deleted.map(time),
        "accountEnabled": user.enabled,
        "businessPhones": [],
        "createdDateTime": time(user.created),
        "creationType": user.guest.then_some("Invitation"),
        "companyName": null,
        "department": user.department,
        "displayName": user.display,
        "employeeId": null,
        "externalUserState": user.guest.then_some("Accepted"),
        "givenName": text(&user.given),
        "identities": [{"signInType": "userPrincipalName", "issuer": "halcyon.example", "issuerAssignedId": user.upn}],
        "jobTitle": text(&user.title),
        "mail": user.mail,
        "mailNickname": user.upn.split('@').next(),
        "mobilePhone": null,
        "officeLocation": null,
        "onPremisesImmutableId": null,
        "onPremisesSyncEnabled": null,
        "otherMails": [],
        "preferredLanguage": null,
        "proxyAddresses": user.mail.iter().map(|mail| format!("SMTP:{mail}")).collect::<Vec<_>>(),
        "signInSessionsValidFromDateTime": time(state.valid_from.get(&user.id).copied().unwrap_or(user.created)),
        "surname": text(&user.family),
        "userPrincipalName": user.upn,
        "userType": if user.guest { "Guest" } else { "Member" },
    }))
}

pub(super) fn group(group: &EntraGroup, state: &State) -> Doc {
    let is = |what| state.is(group.id, what);
    let dynamic = is(GroupTrait::Dynamic);
    let types: &[&str] = if dynamic { &["DynamicMembership"] } else { &[] };
    doc(json!({
        "id": group.id,
        "deletedDateTime": null,
        "classification": null,
        "createdDateTime": time(group.created),
        "description": null,
        "displayName": group.display,
        "groupTypes": types,
        "isAssignableToRole": is(GroupTrait::RoleAssignable).then_some(true),
        "mail": null,
        "mailEnabled": false,
        "mailNickname": format!("g{}", &group.id.to_string()[..8]),
        "membershipRule": dynamic.then_some("(user.department -eq \"Payments\")"),
        "membershipRuleProcessingState": dynamic.then_some("On"),
        "onPremisesSyncEnabled": is(GroupTrait::Synced).then_some(true),
        "proxyAddresses": [],
        "securityEnabled": true,
        "visibility": null,
    }))
}

/// Certificates; those of the service principal itself, or all that the application has.
fn certificates(service: &ServicePrincipal, on_service: bool) -> Vec<Value> {
    let shown = |credential: &Credential| {
        json!({
            "customKeyIdentifier": null, "displayName": credential.name, "endDateTime": time(credential.end), "key": null,
            "keyId": credential.id, "startDateTime": time(credential.start), "type": "AsymmetricX509Cert", "usage": "Verify",
        })
    };
    of_kind(service, CredentialKind::Certificate, on_service).map(shown).collect()
}

/// Federated credentials; those of the service principal itself, or all that the application has.
pub(super) fn federated(service: &ServicePrincipal, on_service: bool) -> Vec<Value> {
    let shown = |credential: &Credential| {
        json!({
            "id": credential.id, "name": credential.name.replace(' ', "-"), "issuer": "https://token.actions.githubusercontent.com",
            "subject": crate::azure::assertion::SUBJECT, "description": null, "audiences": ["api://AzureADTokenExchange"],
        })
    };
    of_kind(service, CredentialKind::Federated, on_service).map(shown).collect()
}

fn of_kind(service: &ServicePrincipal, kind: CredentialKind, on_service: bool) -> impl Iterator<Item = &Credential> {
    let wanted = move |one: &&Credential| one.kind == kind && (one.on_service || !on_service);
    service.credentials.iter().filter(wanted)
}

pub(super) fn service(service: &ServicePrincipal, state: &State) -> Doc {
    let owner = service.application.map(|_| state.tenant.id);
    let roles: Vec<Value> = app_roles(service);
    doc(json!({
        "id": service.id,
        "deletedDateTime": null,
        "accountEnabled": service.enabled,
        "alternativeNames": if service.managed { vec!["isExplicit=False"] } else { Vec::new() },
        "appDisplayName": service.display,
        "appId": service.app,
        "appOwnerOrganizationId": owner,
        "appRoleAssignmentRequired": !service.app_roles.is_empty(),
        "appRoles": roles,
        "createdDateTime": time(service.created),
        "displayName": service.display,
        "keyCredentials": certificates(service, true),
        "passwordCredentials": state.secrets.listed(service.id, true),
        "servicePrincipalNames": [service.app],
        "servicePrincipalType": if service.managed { "ManagedIdentity" } else { "Application" },
        "signInAudience": (!service.managed).then_some("AzureADMyOrg"),
        "tags": [],
    }))
}

fn app_roles(service: &ServicePrincipal) -> Vec<Value> {
    let role = |(id, value, name): &(Guid, &str, &str)| {
        json!({"allowedMemberTypes": ["User"], "description": name, "displayName": name, "id": id, "isEnabled": true,
            "origin": "Application", "value": value})
    };
    service.app_roles.iter().map(role).collect()
}

pub(super) fn application(service: &ServicePrincipal, state: &State) -> Option<Doc> {
    Some(doc(json!({
        "id": service.application?,
        "deletedDateTime": null,
        "appId": service.app,
        "appRoles": app_roles(service),
        "createdDateTime": time(service.created),
        "displayName": service.display,
        "identifierUris": [],
        "keyCredentials": certificates(service, false),
        "passwordCredentials": state.secrets.listed(service.id, false),
        "signInAudience": "AzureADMyOrg",
    })))
}

/// Any object of the directory, with its type.
pub(super) fn object(state: &State, id: Guid) -> Option<(Kind, Doc)> {
    Some(match state.place(id)? {
        Place::User(place) => (USER, user(&state.tenant.users[place], state, None)),
        Place::Group(place) => (GROUP, group(&state.tenant.groups[place], state)),
        Place::Service(place) => (SERVICE, service(&state.tenant.services[place], state)),
    })
}

pub(super) fn app_role_assignment(one: &AppRoleAssignment, state: &State) -> Doc {
    let name = |id: Guid| {
        let found = object(state, id).and_then(|(_, doc)| doc.get("displayName").cloned());
        found.unwrap_or(Value::Null)
    };
    doc(json!({
        "id": one.id,
        "deletedDateTime": null,
        "appRoleId": one.app_role,
        "createdDateTime": time(one.created),
        "principalDisplayName": name(one.principal),
        "principalId": one.principal,
        "principalType": if one.principal_type == PrincipalType::Group { "Group" } else { one.principal_type.label() },
        "resourceDisplayName": name(one.resource),
        "resourceId": one.resource,
    }))
}

pub(super) fn organization(state: &State) -> Doc {
    doc(json!({
        "id": state.tenant.id,
        "deletedDateTime": null,
        "displayName": "Halcyon Freight",
        "countryLetterCode": "NL",
        "createdDateTime": time(state.tenant.today - 4_000 * 86_400_000),
        "tenantType": "AAD",
        "verifiedDomains": [{"capabilities": "Email, OfficeCommunicationsOnline", "isDefault": true, "isInitial": true,
            "name": "halcyon.example", "type": "Managed"}],
    }))
}
