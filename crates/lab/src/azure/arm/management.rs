//! Management groups (<https://learn.microsoft.com/rest/api/managementgroups/>).

use serde_json::{Value, json};

use super::{Answer, Arm, versions};
use crate::azure::reply::Reply;
use crate::company::access::azure::Scope;

const READ: &str = "Microsoft.Management/managementGroups/read";

impl Arm<'_> {
    pub(super) fn management(&self, rest: &[&str]) -> Answer {
        self.version(versions::MANAGEMENT_GROUPS)?;
        let all = 0..self.state.tenant.management_groups.len() as u32;
        match (self.ask.method.as_str(), rest) {
            ("GET", ["managementgroups"]) => {
                self.allow(READ, Scope::Everything)?;
                self.page(all.map(|place| self.group_brief(place)).collect())
            }
            ("GET", ["managementgroups", name]) => {
                let place = self.group_at(name)?;
                Ok(Reply::ok(self.group(place)))
            }
            ("GET", ["managementgroups", name, "descendants"]) => {
                let place = self.group_at(name)?;
                self.page(self.below(place))
            }
            ("GET", ["managementgroups", name, "subscriptions"]) => {
                let place = self.group_at(name)?;
                let subscriptions = self.state.tenant.subscriptions.iter().filter(|one| one.parent == place);
                let parent = self.group_id(place);
                self.page(
                    subscriptions
                        .map(|one| {
                            json!({"id": format!("{parent}/subscriptions/{}", one.id), "name": one.id,
                                "type": "Microsoft.Management/managementGroups/subscriptions",
                                "properties": {"displayName": one.name, "parent": {"id": parent}, "state": "Active",
                                    "tenant": self.state.tenant.id}})
                        })
                        .collect(),
                )
            }
            ("POST", ["getentities"]) => {
                self.allow(READ, Scope::Everything)?;
                self.page(self.entities())
            }
            _ => Err(Reply::arm(404, "InvalidResourceType", "The resource type could not be found.")),
        }
    }

    fn group_at(&self, name: &str) -> Result<u32, Reply> {
        let address = format!("/providers/Microsoft.Management/managementGroups/{name}");
        match self.state.scope_at(&address) {
            Some(scope @ Scope::Management(place)) => {
                self.allow(READ, scope)?;
                Ok(place)
            }
            // The Resource Manager does not tell a group that is not there from one that may not be seen.
            _ => Err(Reply::arm(
                403,
                "AuthorizationFailed",
                format!(
                    "The client '{}' does not have authorization to perform action '{READ}' over scope '{address}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
                    self.azure.client
                ),
            )),
        }
    }

    fn group_id(&self, place: u32) -> String {
        self.state.tenant.scope_id(Scope::Management(place))
    }

    fn group_brief(&self, place: u32) -> Value {
        let group = &self.state.tenant.management_groups[place as usize];
        json!({
            "id": self.group_id(place),
            "type": "Microsoft.Management/managementGroups",
            "name": group.name,
            "properties": {"tenantId": self.state.tenant.id, "displayName": group.display},
        })
    }

    fn group(&self, place: u32) -> Value {
        let tenant = &self.state.tenant;
        let group = &tenant.management_groups[place as usize];
        let parent = group.parent.map(|parent| {
            let above = &tenant.management_groups[parent as usize];
            json!({"id": self.group_id(parent), "name": above.name, "displayName": above.display})
        });
        let mut whole = self.group_brief(place);
        whole["properties"]["details"] = json!({"version": 1, "updatedTime": super::time(tenant.today), "updatedBy": tenant.id,
            "parent": parent.unwrap_or_else(|| json!({}))});
        let expand = self.ask.parameter("$expand").is_some_and(|expand| expand.contains("children"));
        if expand {
            let deep = self.ask.parameter("$recurse") == Some("true");
            whole["properties"]["children"] = Value::Array(self.children(place, deep));
        }
        whole
    }

    fn children(&self, place: u32, deep: bool) -> Vec<Value> {
        let tenant = &self.state.tenant;
        let groups = tenant.management_groups.iter().enumerate();
        let groups = groups.filter(|(_, group)| group.parent == Some(place)).map(|(number, group)| {
            let mut child = json!({"type": "Microsoft.Management/managementGroups", "id": self.group_id(number as u32),
                "name": group.name, "displayName": group.display});
            if deep {
                child["children"] = Value::Array(self.children(number as u32, true));
            }
            child
        });
        let subscriptions = tenant.subscriptions.iter().filter(|one| one.parent == place).map(
            |one| json!({"type": "/subscriptions", "id": format!("/subscriptions/{}", one.id), "name": one.id, "displayName": one.name}),
        );
        groups.chain(subscriptions).collect()
    }

    /// Groups and subscriptions below a group, however deep.
    fn below(&self, place: u32) -> Vec<Value> {
        let tenant = &self.state.tenant;
        let root = Scope::Management(place);
        let groups = (0..tenant.management_groups.len() as u32).map(Scope::Management);
        let subscriptions = (0..tenant.subscriptions.len() as u32).map(Scope::Subscription);
        groups
            .chain(subscriptions)
            .filter(|scope| *scope != root && tenant.lies_in(*scope, root))
            .map(|scope| {
                let parent = tenant.parent(scope).map(|parent| tenant.scope_id(parent));
                let id = tenant.scope_id(scope);
                let kind = match scope {
                    Scope::Management(_) => "Microsoft.Management/managementGroups",
                    _ => "/subscriptions",
                };
                json!({"id": id, "type": kind, "name": id.rsplit('/').next(),
                    "properties": {"displayName": tenant.scope_name(scope), "parent": {"id": parent}}})
            })
            .collect()
    }

    fn entities(&self) -> Vec<Value> {
        let tenant = &self.state.tenant;
        let mut all = vec![self.group_brief(0)];
        all.extend(self.below(0));
        for entity in &mut all {
            entity["properties"]["tenantId"] = json!(tenant.id);
            entity["properties"]["permissions"] = json!("view");
            entity["properties"]["inheritedPermissions"] = json!("view");
            if entity["properties"].get("parent").is_none() {
                entity["properties"]["parent"] = json!({});
            }
        }
        all
    }
}
