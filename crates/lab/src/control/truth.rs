//! One user as each system truly holds it now, whatever its server says on the wire.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Inside;
use crate::backstage::PortalHandle;
use crate::company::access::Guid;
use crate::scim::{Family, Handle};

impl Inside {
    /// `user` is the provider's user name, or an id there. Whoever is gone from one system is looked for in the others all the
    /// same: by name, by the provider's id, by the object id in Entra.
    pub(super) fn truth(&self, user: &str) -> Value {
        let at_provider = self.provider.get(Family::Users, user).or_else(|| self.provider.user_named(user));
        let id = at_provider
            .as_ref()
            .and_then(|found| found["id"].as_str())
            .unwrap_or(user)
            .to_owned();
        let name = at_provider
            .as_ref()
            .and_then(|found| found["userName"].as_str())
            .unwrap_or(user)
            .to_owned();
        let mut truth = json!({"user": name});
        truth["idp"] = account(&self.provider, at_provider.as_ref());
        let by_name = self.downstream.user_named(&name);
        let downstream = by_name.or_else(|| self.downstream.users().into_iter().find(|user| user["externalId"] == id));
        truth["ledgerly"] = account(&self.downstream, downstream.as_ref());
        if let Some(portal) = &self.portal {
            truth["portal"] = in_portal(portal, &name);
        }
        if self.azure.is_some() {
            truth["azure"] = self.in_azure(&name);
        }
        truth
    }

    fn in_azure(&self, name: &str) -> Value {
        let Some(azure) = &self.azure else { return Value::Null };
        let state = azure.azure.state();
        let upn = if name.contains('@') {
            name.to_owned()
        } else {
            format!("{name}@halcyon.example")
        };
        let found = state.tenant.users.iter().filter(|user| user.upn.eq_ignore_ascii_case(&upn));
        // Somebody made anew has the name of somebody who is gone.
        let found = found.max_by_key(|user| !state.is_hidden(user.id));
        let in_bin = || {
            state
                .tenant
                .deleted
                .iter()
                .map(|(user, _)| user)
                .find(|user| user.upn.eq_ignore_ascii_case(&upn))
        };
        let Some(user) = found.or_else(in_bin) else {
            return json!({"present": false});
        };
        let there = state.user(user.id).is_some();
        let names = |ids: Vec<Guid>| -> Vec<String> {
            ids.into_iter()
                .filter_map(|id| state.group(id).map(|group| group.display.clone()))
                .collect()
        };
        let assigned: BTreeMap<String, String> = (state.tenant.assignments.iter())
            .filter(|one| one.principal == user.id && !state.is_hidden(one.id))
            .map(|one| (one.id.to_string(), state.tenant.scope_id(one.scope)))
            .collect();
        let eligible = state.tenant.eligibilities.iter();
        let eligible = eligible.filter(|one| one.principal == user.id && !state.is_hidden(one.id)).count();
        json!({
            "present": there,
            "deletedItems": state.in_bin(user.id),
            "id": user.id,
            "active": there && user.enabled,
            "groups": names(state.direct_groups_of(user.id)),
            "assignments": assigned,
            "eligible": eligible,
        })
    }
}

fn account(handle: &Handle, user: Option<&Value>) -> Value {
    let Some(user) = user else { return json!({"present": false}) };
    let id = user["id"].as_str().unwrap_or_default();
    let groups: Vec<Value> = handle.groups_of(id).into_iter().map(|group| group["display"].clone()).collect();
    json!({
        "present": true,
        "id": id,
        "active": user["active"] != false,
        "externalId": user["externalId"],
        "groups": groups,
        "roles": user["roles"],
    })
}

fn in_portal(portal: &PortalHandle, name: &str) -> Value {
    let reference = crate::backstage::reference_of_name(&portal.portal, name);
    let entity = portal.entity(&reference);
    let roles: Vec<Value> = portal
        .roles()
        .into_iter()
        .filter(|role| {
            role["memberReferences"]
                .as_array()
                .is_some_and(|members| members.iter().any(|member| *member == reference))
        })
        .map(|role| role["name"].clone())
        .collect();
    json!({
        "present": entity.is_some(),
        "reference": reference,
        "orphan": entity.as_ref().is_some_and(|entity| entity["metadata"]["annotations"]["backstage.io/orphan"] == "true"),
        "memberOf": entity.as_ref().map_or(Value::Null, |entity| entity["spec"]["memberOf"].clone()),
        "roles": roles,
    })
}
