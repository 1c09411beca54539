//! The API of the permission backend with the RBAC plugin, below `/api/permission`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::decide::{Decision, Subject, as_question, decide};
use super::portal::Portal;
use super::query::facts;
use super::quirk::PortalQuirk;
use super::rbac::{Condition, Policy, Rbac, Role};
use super::refs;
use super::refusal::PortalRefusal;
use super::tokens::Principal;
use crate::company::access::backstage::Written;
use crate::journal::What;

/// Answers a request below `/api/permission`.
pub(crate) fn answer(portal: &Portal, call: &Call) -> Result<Reply, PortalRefusal> {
    let parts: Vec<&str> = call.path.split('/').filter(|part| !part.is_empty()).collect();
    if let ("POST", ["authorize"]) = (call.method.as_str(), parts.as_slice()) {
        return authorize(portal, call);
    }
    if portal.options().has(PortalQuirk::NoRbac) {
        return Err(call.no_route());
    }
    match call.method.as_str() {
        "GET" => read(portal, call, &parts),
        "POST" | "PUT" | "DELETE" => write(portal, call, &parts),
        _ => Err(call.no_route()),
    }
}

fn read(portal: &Portal, call: &Call, parts: &[&str]) -> Result<Reply, PortalRefusal> {
    may(portal, call, "policy.entity.read", "read")?;
    let rbac = portal.rbac();
    let same = |name: &str, value: &str| call.one(name).is_none_or(|wanted| wanted == value);
    let list = |items: Vec<Value>| Ok(Reply::ok(&Value::Array(items)));
    match parts {
        // What one sees when the plugin is there and lets one in.
        [] => Ok(Reply::ok(&json!({"status": "Authorized"}))),
        ["roles"] => list(rbac.roles.iter().map(Role::value).collect()),
        ["roles", "role", namespace, name] => {
            let name = format!("role:{namespace}/{name}");
            let role = rbac
                .role(&name)
                .ok_or_else(|| PortalRefusal::not_found(format!("{name} was not found")))?;
            list(vec![role.value()])
        }
        ["policies"] => {
            let fits = |policy: &&Policy| {
                same("entityRef", &policy.role)
                    && same("permission", &policy.permission)
                    && same("policy", &policy.action)
                    && same("effect", &policy.effect)
            };
            list(rbac.policies.iter().filter(fits).map(|policy| policy.value(&rbac)).collect())
        }
        ["policies", "role", namespace, name] => {
            let name = format!("role:{namespace}/{name}");
            let found: Vec<Value> = rbac
                .policies
                .iter()
                .filter(|policy| policy.role == name)
                .map(|policy| policy.value(&rbac))
                .collect();
            if found.is_empty() {
                return Err(PortalRefusal::not_found(format!("{name} was not found")));
            }
            list(found)
        }
        ["roles", "conditions"] => {
            let fits = |condition: &&Condition| {
                same("roleEntityRef", &condition.role)
                    && same("pluginId", &condition.plugin)
                    && same("resourceType", &condition.resource_type)
                    && call.all("actions").all(|action| condition.actions.iter().any(|one| one == action))
            };
            list(rbac.conditions.iter().filter(fits).map(Condition::value).collect())
        }
        ["roles", "conditions", id] => {
            let found = rbac.conditions.iter().find(|condition| condition.id.to_string() == *id);
            found.map(|condition| Reply::ok(&condition.value())).ok_or_else(|| no_condition(id))
        }
        ["plugins", "policies"] => Ok(Reply::ok(&plugin_policies())),
        ["plugins", "condition-rules"] => Ok(Reply::ok(&condition_rules())),
        ["plugins", "id"] => Ok(Reply::ok(&json!({"ids": ["catalog", "permission", "scaffolder"]}))),
        _ => Err(call.no_route()),
    }
}

fn write(portal: &Portal, call: &Call, parts: &[&str]) -> Result<Reply, PortalRefusal> {
    let Principal::User(subject) = &call.principal else {
        return Err(PortalRefusal::not_allowed(
            "Only credential principal with type 'user' permitted to modify permissions",
        ));
    };
    let (permission, action) = match call.method.as_str() {
        "POST" => ("policy.entity.create", "create"),
        "PUT" => ("policy.entity.update", "update"),
        _ => ("policy.entity.delete", "delete"),
    };
    may(portal, call, permission, action)?;
    // All or nothing: what is refused half-way leaves no half.
    let mut changed = portal.rbac().clone();
    let reply = change(&mut changed, call, parts, subject)?;
    note(portal, &portal.rbac().clone(), &changed);
    *portal.rbac_mut() = changed;
    Ok(reply)
}

/// Notes who came to hold a role, and who holds it no more.
fn note(portal: &Portal, before: &Rbac, after: &Rbac) {
    let of = |rbac: &Rbac| -> BTreeSet<(String, String)> {
        let held = rbac
            .roles
            .iter()
            .flat_map(|role| role.members.iter().map(|member| (member.clone(), role.name.clone())));
        held.collect()
    };
    let (before, after) = (of(before), of(after));
    for (member, role) in before.difference(&after) {
        portal
            .journal()
            .happened("portal", What::Revoked, member.as_str(), "", role.as_str());
    }
    for (member, role) in after.difference(&before) {
        portal
            .journal()
            .happened("portal", What::Granted, member.as_str(), "", role.as_str());
    }
}

fn change(rbac: &mut Rbac, call: &Call, parts: &[&str], subject: &Subject) -> Result<Reply, PortalRefusal> {
    match (call.method.as_str(), parts) {
        ("POST", ["roles"]) => {
            let body = call.value()?;
            let (name, members) = role_of(&body)?;
            rbac.add(&name, members, description(&body).unwrap_or_default(), &subject.reference)?;
            Ok(Reply::empty(201))
        }
        ("PUT", ["roles", "role", namespace, name]) => {
            let body = call.value()?;
            let name = format!("role:{namespace}/{name}");
            let (_, mut old) = role_of(&body["oldRole"])?;
            let (new_name, members) = role_of(&body["newRole"])?;
            let mut now = rbac.own(&name)?.members.clone();
            old.sort();
            now.sort();
            if old != now {
                return Err(PortalRefusal::not_found(format!("oldRole does not match the members of {name}")));
            }
            rbac.replace(&name, &new_name, members, description(&body["newRole"]), &subject.reference)?;
            Ok(Reply::empty(200))
        }
        ("DELETE", ["roles", "role", namespace, name]) => {
            let name = format!("role:{namespace}/{name}");
            let members: Vec<&str> = call.all("memberReferences").collect();
            if members.is_empty() {
                rbac.remove(&name)?;
                return Ok(Reply::empty(204));
            }
            let role = rbac.own(&name)?;
            for member in members {
                let before = role.members.len();
                role.members.retain(|one| one != member);
                if role.members.len() == before {
                    return Err(PortalRefusal::not_found(format!("{member} is not a member of {name}")));
                }
            }
            role.modified_by.clone_from(&subject.reference);
            role.modified = std::time::SystemTime::now();
            Ok(Reply::empty(204))
        }
        ("POST", ["policies"]) => {
            for policy in policies_of(&call.value()?, None)? {
                own_or_none(rbac, &policy.role)?;
                if rbac.policies.contains(&policy) {
                    let shown = format!("{},{},{},{}", policy.role, policy.permission, policy.action, policy.effect);
                    return Err(PortalRefusal::conflict(format!("Policy '[{shown}]' has been already stored")));
                }
                rbac.policies.push(policy);
            }
            Ok(Reply::empty(201))
        }
        ("PUT", ["policies", "role", namespace, name]) => {
            let (body, name) = (call.value()?, format!("role:{namespace}/{name}"));
            let (old, new) = (
                policies_of(&body["oldPolicy"], Some(&name))?,
                policies_of(&body["newPolicy"], Some(&name))?,
            );
            own_or_none(rbac, &name)?;
            take(rbac, &old)?;
            rbac.policies.extend(new);
            Ok(Reply::empty(200))
        }
        ("DELETE", ["policies", "role", namespace, name]) => {
            let name = format!("role:{namespace}/{name}");
            let gone = if call.body.is_empty() {
                let part = |key: &'static str| call.one(key).unwrap_or_default().to_owned();
                vec![Policy {
                    role: name.clone(),
                    permission: part("permission"),
                    action: part("policy"),
                    effect: part("effect"),
                }]
            } else {
                policies_of(&call.value()?, Some(&name))?
            };
            own_or_none(rbac, &name)?;
            take(rbac, &gone)?;
            Ok(Reply::empty(204))
        }
        ("POST", ["roles", "conditions"]) => {
            let condition = condition_of(&call.value()?)?;
            own_or_none(rbac, &condition.role)?;
            let id = rbac.add_condition(condition);
            Ok(Reply::json(201, &json!({"id": id})))
        }
        ("PUT", ["roles", "conditions", id]) => {
            let mut condition = condition_of(&call.value()?)?;
            let place = rbac
                .conditions
                .iter()
                .position(|known| known.id.to_string() == *id)
                .ok_or_else(|| no_condition(id))?;
            own_or_none(rbac, &rbac.conditions[place].role.clone())?;
            own_or_none(rbac, &condition.role)?;
            condition.id = rbac.conditions[place].id;
            rbac.conditions[place] = condition;
            Ok(Reply::empty(200))
        }
        ("DELETE", ["roles", "conditions", id]) => {
            let place = rbac
                .conditions
                .iter()
                .position(|known| known.id.to_string() == *id)
                .ok_or_else(|| no_condition(id))?;
            own_or_none(rbac, &rbac.conditions[place].role.clone())?;
            rbac.conditions.remove(place);
            Ok(Reply::empty(204))
        }
        _ => Err(call.no_route()),
    }
}

fn no_condition(id: &str) -> PortalRefusal {
    PortalRefusal::not_found(format!("Condition with id {id} was not found"))
}

/// Refuses where the role is written elsewhere; a policy may be there before its role is.
fn own_or_none(rbac: &mut Rbac, role: &str) -> Result<(), PortalRefusal> {
    match rbac.role(role).map(|role| role.source) {
        Some(source) if source != Written::Rest => rbac.own(role).map(|_| ()),
        _ => Ok(()),
    }
}

fn take(rbac: &mut Rbac, gone: &[Policy]) -> Result<(), PortalRefusal> {
    for policy in gone {
        let place = rbac.policies.iter().position(|known| known == policy);
        let missing = || {
            PortalRefusal::not_found(format!(
                "Policy '[{},{},{}]' was not found",
                policy.role, policy.permission, policy.action
            ))
        };
        rbac.policies.remove(place.ok_or_else(missing)?);
    }
    Ok(())
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str, PortalRefusal> {
    let found = value[name].as_str().filter(|text| !text.is_empty());
    found.ok_or_else(|| PortalRefusal::input(format!("'{name}' must be specified")))
}

fn description(role: &Value) -> Option<&str> {
    role["metadata"]["description"].as_str()
}

/// Name and members of a role. Members that never existed are taken; what is no reference is not.
fn role_of(role: &Value) -> Result<(String, Vec<String>), PortalRefusal> {
    let name = text(role, "name")?;
    if !name.starts_with("role:") || refs::reference(name).is_none() {
        return Err(PortalRefusal::input(format!(
            "Unsupported kind in '{name}'. Supported value should be \"role\""
        )));
    }
    let members = role["memberReferences"].as_array().filter(|members| !members.is_empty());
    let members = members.ok_or_else(|| PortalRefusal::input("'memberReferences' field must be specified in 'role' object"))?;
    let member = |member: &Value| {
        let known = member
            .as_str()
            .filter(|text| text.starts_with("user:") || text.starts_with("group:"));
        let read = known.and_then(refs::reference);
        read.ok_or_else(|| PortalRefusal::input(format!("Invalid member reference {member}: it takes the form kind:namespace/name")))
    };
    Ok((name.to_owned(), members.iter().map(member).collect::<Result<_, _>>()?))
}

/// Policies, of a role that is given or that each names.
fn policies_of(list: &Value, role: Option<&str>) -> Result<Vec<Policy>, PortalRefusal> {
    let items = list.as_array().filter(|items| !items.is_empty());
    let items = items.ok_or_else(|| PortalRefusal::input("A list of policies was expected"))?;
    let one = |item: &Value| {
        let effect = text(item, "effect")?;
        if effect != "allow" && effect != "deny" {
            return Err(PortalRefusal::input(format!(
                "'effect' has invalid value: '{effect}'. It should be: 'allow' or 'deny'"
            )));
        }
        Ok(Policy {
            role: role.map_or_else(|| text(item, "entityReference"), Ok)?.to_owned(),
            permission: text(item, "permission")?.to_owned(),
            action: text(item, "policy")?.to_owned(),
            effect: effect.to_owned(),
        })
    };
    items.iter().map(one).collect()
}

fn condition_of(value: &Value) -> Result<Condition, PortalRefusal> {
    let actions: Vec<String> = value["permissionMapping"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    if actions.is_empty() || !value["conditions"].is_object() {
        return Err(PortalRefusal::input("'permissionMapping' and 'conditions' must be specified"));
    }
    Ok(Condition {
        id: 0,
        role: text(value, "roleEntityRef")?.to_owned(),
        plugin: text(value, "pluginId")?.to_owned(),
        resource_type: text(value, "resourceType")?.to_owned(),
        actions,
        criteria: value["conditions"].clone(),
    })
}

/// Services may read; a user needs the permission.
fn may(portal: &Portal, call: &Call, permission: &str, action: &str) -> Result<(), PortalRefusal> {
    let Principal::User(subject) = &call.principal else {
        return Ok(());
    };
    match decide(
        &portal.rbac(),
        &portal.catalog(),
        subject,
        permission,
        Some("policy-entity"),
        action,
    ) {
        Decision::Allow => Ok(()),
        _ => Err(PortalRefusal::not_allowed("")),
    }
}

/// Answers a user for itself, and nobody else.
fn authorize(portal: &Portal, call: &Call) -> Result<Reply, PortalRefusal> {
    let Principal::User(subject) = &call.principal else {
        return Err(PortalRefusal::not_allowed("This endpoint does not allow 'service' credentials"));
    };
    let body = call.value()?;
    let items = body["items"]
        .as_array()
        .ok_or_else(|| PortalRefusal::input("Invalid request: items takes a list"))?;
    let (rbac, catalog) = (portal.rbac(), portal.catalog());
    let answer = |item: &Value| {
        let permission = &item["permission"];
        let resource_type = permission["resourceType"].as_str();
        let action = permission["attributes"]["action"].as_str().unwrap_or("use");
        let decision = decide(&rbac, &catalog, subject, text(permission, "name")?, resource_type, action);
        let id = item["id"].clone();
        Ok(match decision {
            Decision::Allow => json!({"id": id, "result": "ALLOW"}),
            Decision::Deny => json!({"id": id, "result": "DENY"}),
            Decision::Conditional {
                plugin,
                resource_type,
                criteria,
            } => match item["resourceRef"].as_str() {
                None => {
                    json!({"id": id, "result": "CONDITIONAL", "pluginId": plugin, "resourceType": resource_type, "conditions": criteria})
                }
                Some(reference) => {
                    let entity = refs::reference(reference).and_then(|reference| catalog.named(&reference));
                    let fits = entity.is_some_and(|entity| as_question(&criteria).fits(&facts(&entity.value())));
                    json!({"id": id, "result": if fits { "ALLOW" } else { "DENY" }})
                }
            },
        })
    };
    let answers: Vec<Value> = items.iter().map(answer).collect::<Result<_, PortalRefusal>>()?;
    Ok(Reply::ok(&json!({"items": answers})))
}

/// The permissions of the plugins that are there.
fn plugin_policies() -> Value {
    let resourced =
        |name: &str, kind: &str, action: &str| json!({"isResourced": true, "name": name, "resourceType": kind, "policy": action});
    let plain = |name: &str, action: &str| json!({"isResourced": false, "name": name, "policy": action});
    json!([
        {"pluginId": "catalog", "policies": [
            resourced("catalog.entity.read", "catalog-entity", "read"),
            plain("catalog.entity.create", "create"),
            resourced("catalog.entity.delete", "catalog-entity", "delete"),
            resourced("catalog.entity.refresh", "catalog-entity", "update"),
            plain("catalog.location.read", "read"),
            plain("catalog.location.create", "create"),
            plain("catalog.location.delete", "delete"),
        ]},
        {"pluginId": "permission", "policies": [
            resourced("policy.entity.read", "policy-entity", "read"),
            plain("policy.entity.create", "create"),
            resourced("policy.entity.delete", "policy-entity", "delete"),
            resourced("policy.entity.update", "policy-entity", "update"),
        ]},
        {"pluginId": "scaffolder", "policies": [
            resourced("scaffolder.action.execute", "scaffolder-action", "use"),
            resourced("scaffolder.template.parameter.read", "scaffolder-template", "read"),
            resourced("scaffolder.template.step.read", "scaffolder-template", "read"),
            resourced("scaffolder.task.read", "scaffolder-task", "read"),
            plain("scaffolder.task.create", "create"),
            plain("scaffolder.template.management", "use"),
        ]},
    ])
}

/// The rules that conditional policies may use.
fn condition_rules() -> Value {
    let list = |name: &str, about: &str| {
        let mut properties = serde_json::Map::new();
        properties.insert(
            name.to_owned(),
            json!({"type": "array", "items": {"type": "string"}, "description": about}),
        );
        json!({"type": "object", "properties": properties, "required": [name], "additionalProperties": false, "$schema": "http://json-schema.org/draft-07/schema#"})
    };
    let rule = |name: &str, about: &str, kind: &str, schema: Value| json!({"name": name, "description": about, "resourceType": kind, "paramsSchema": schema});
    let annotation = json!({"type": "object", "properties": {"annotation": {"type": "string"}, "value": {"type": "string"}}, "required": ["annotation"], "additionalProperties": false, "$schema": "http://json-schema.org/draft-07/schema#"});
    json!([
        {"pluginId": "catalog", "rules": [
            rule("HAS_ANNOTATION", "Entities that carry an annotation", "catalog-entity", annotation),
            rule("IS_ENTITY_KIND", "Entities of one of these kinds", "catalog-entity", list("kinds", "Kinds of entities")),
            rule("IS_ENTITY_OWNER", "Entities that one of these owns", "catalog-entity", list("claims", "References of owners")),
        ]},
        {"pluginId": "scaffolder", "rules": [
            rule("IS_TASK_OWNER", "Tasks that one of these started", "scaffolder-task", list("createdBy", "References of users")),
        ]},
    ])
}
