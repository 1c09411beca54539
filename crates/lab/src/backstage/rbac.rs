//! The state of the RBAC plugin: roles with their members, policies, conditional policies, each with where it is written.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::refs;
use super::refusal::PortalRefusal;
use crate::company::Company;
use crate::company::access::backstage::{self as definition, Written};

/// One role.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) members: Vec<String>,
    pub(crate) source: Written,
    pub(crate) description: String,
    pub(crate) author: String,
    pub(crate) modified_by: String,
    pub(crate) created: SystemTime,
    pub(crate) modified: SystemTime,
}

/// One policy of a role: a permission's name or its resource type, an action, `allow` or `deny`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) role: String,
    pub(crate) permission: String,
    pub(crate) action: String,
    pub(crate) effect: String,
}

/// One conditional policy.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    pub(crate) id: u64,
    pub(crate) role: String,
    pub(crate) plugin: String,
    pub(crate) resource_type: String,
    pub(crate) actions: Vec<String>,
    pub(crate) criteria: Value,
}

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rbac {
    pub(crate) roles: Vec<Role>,
    pub(crate) policies: Vec<Policy>,
    pub(crate) conditions: Vec<Condition>,
    /// Who may do everything; shown by no API.
    pub(crate) superusers: Vec<String>,
    /// Who may change roles; shown by no API.
    pub(crate) admins: Vec<String>,
    next_condition: u64,
}

/// The role that the plugin makes for its admins.
pub(crate) const ADMIN_ROLE: &str = "role:default/rbac_admin";

impl Rbac {
    /// The company's roles. `who` makes entity references of people and groups.
    pub(crate) fn of(company: &Company, who: &dyn Fn(&definition::Who) -> String) -> Self {
        let person = |name: &str| who(&definition::Who::Person(name.to_owned()));
        let mut rbac = Self {
            superusers: vec![person(definition::SUPERUSER)],
            admins: vec![person(definition::ADMIN)],
            ..Self::default()
        };
        let at = |days: u64| {
            let millis = u64::try_from(company.today.as_millisecond()).unwrap_or(0);
            SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(millis.saturating_sub(days * 86_400_000))
        };
        for (number, wanted) in (0_u64..).zip(definition::roles(company)) {
            let name = format!("role:default/{}", wanted.name);
            let author = match wanted.source {
                Written::CsvFile => "csv file",
                Written::Configuration => "application configuration",
                Written::Rest => &rbac.admins[0],
            };
            rbac.roles.push(Role {
                members: wanted.members.iter().map(who).collect(),
                source: wanted.source,
                description: wanted.description,
                author: author.to_owned(),
                modified_by: author.to_owned(),
                created: at(400 - number.min(300)),
                modified: at(40 + number % 90),
                name: name.clone(),
            });
            rbac.policies
                .extend(wanted.policies.iter().map(|(permission, action, effect)| Policy {
                    role: name.clone(),
                    permission: (*permission).to_owned(),
                    action: (*action).to_owned(),
                    effect: (*effect).to_owned(),
                }));
            if let Some(condition) = wanted.condition {
                let mut params = serde_json::Map::new();
                params.insert(condition.parameter.to_owned(), json!(condition.values));
                rbac.add_condition(Condition {
                    id: 0,
                    role: name,
                    plugin: condition.plugin.to_owned(),
                    resource_type: condition.resource_type.to_owned(),
                    actions: condition.actions.iter().map(|action| (*action).to_owned()).collect(),
                    criteria: json!({"rule": condition.rule, "resourceType": condition.resource_type, "params": params}),
                });
            }
        }
        rbac
    }

    pub(crate) fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// Gives the condition its number and keeps it.
    pub(crate) fn add_condition(&mut self, condition: Condition) -> u64 {
        self.next_condition += 1;
        let id = self.next_condition;
        self.conditions.push(Condition { id, ..condition });
        id
    }

    /// A role that can be changed over REST.
    ///
    /// # Errors
    /// When it is not there, or is written elsewhere.
    pub(crate) fn own(&mut self, name: &str) -> Result<&mut Role, PortalRefusal> {
        let role = self
            .roles
            .iter_mut()
            .find(|role| role.name == name)
            .ok_or_else(|| PortalRefusal::not_found(format!("{name} was not found")))?;
        if role.source != Written::Rest {
            return Err(PortalRefusal::not_allowed(format!(
                "source does not match originating role {name}, consider making changes to the '{}'",
                role.source.word().to_uppercase()
            )));
        }
        Ok(role)
    }

    /// Adds a role.
    ///
    /// # Errors
    /// When there is one of this name.
    pub(crate) fn add(&mut self, name: &str, members: Vec<String>, description: &str, author: &str) -> Result<(), PortalRefusal> {
        if self.role(name).is_some() {
            return Err(PortalRefusal::conflict(format!("Role '{name}' already exists")));
        }
        let now = SystemTime::now();
        self.roles.push(Role {
            name: name.to_owned(),
            members,
            source: Written::Rest,
            description: description.to_owned(),
            author: author.to_owned(),
            modified_by: author.to_owned(),
            created: now,
            modified: now,
        });
        Ok(())
    }

    /// Takes a role away, its policies and conditions with it.
    ///
    /// # Errors
    /// As [`Rbac::own`].
    pub(crate) fn remove(&mut self, name: &str) -> Result<(), PortalRefusal> {
        self.own(name)?;
        self.roles.retain(|role| role.name != name);
        self.policies.retain(|policy| policy.role != name);
        self.conditions.retain(|condition| condition.role != name);
        Ok(())
    }

    /// Puts another role in the place of one; a new name goes along with its policies and conditions.
    ///
    /// # Errors
    /// As [`Rbac::own`], and when another role has the new name.
    pub(crate) fn replace(
        &mut self,
        name: &str,
        new_name: &str,
        members: Vec<String>,
        description: Option<&str>,
        by: &str,
    ) -> Result<(), PortalRefusal> {
        if new_name != name && self.role(new_name).is_some() {
            return Err(PortalRefusal::conflict(format!("Role '{new_name}' already exists")));
        }
        let role = self.own(name)?;
        role.members = members;
        new_name.clone_into(&mut role.name);
        by.clone_into(&mut role.modified_by);
        role.modified = SystemTime::now();
        if let Some(description) = description {
            description.clone_into(&mut role.description);
        }
        for policy in self.policies.iter_mut().filter(|policy| policy.role == name) {
            new_name.clone_into(&mut policy.role);
        }
        for condition in self.conditions.iter_mut().filter(|condition| condition.role == name) {
            new_name.clone_into(&mut condition.role);
        }
        Ok(())
    }

    /// The roles that somebody holds: by themselves, and by the groups given. Members are compared without regard to case.
    pub(crate) fn held<'a>(&'a self, user: &str, groups: &[&str]) -> Vec<&'a str> {
        let mut held: Vec<&str> = self
            .roles
            .iter()
            .filter(|role| {
                let members = role.members.iter().filter_map(|member| refs::reference(member));
                members
                    .into_iter()
                    .any(|member| member == user || groups.contains(&member.as_str()))
            })
            .map(|role| role.name.as_str())
            .collect();
        if self.admins.iter().any(|admin| admin == user) && !held.contains(&ADMIN_ROLE) {
            held.push(ADMIN_ROLE);
        }
        held
    }
}

impl Role {
    /// As the API shows it.
    pub(crate) fn value(&self) -> Value {
        json!({
            "memberReferences": self.members,
            "name": self.name,
            "metadata": {
                "source": self.source.word(),
                "description": self.description,
                "author": self.author,
                "modifiedBy": self.modified_by,
                "owner": "",
                "createdAt": httpdate::fmt_http_date(self.created),
                "lastModified": httpdate::fmt_http_date(self.modified),
                "isDefault": false,
            },
        })
    }
}

impl Policy {
    /// As the API shows it; the source is that of the role.
    pub(crate) fn value(&self, rbac: &Rbac) -> Value {
        let source = rbac.role(&self.role).map_or(Written::Rest, |role| role.source);
        json!({
            "entityReference": self.role,
            "permission": self.permission,
            "policy": self.action,
            "effect": self.effect,
            "metadata": {"source": source.word()},
        })
    }
}

impl Condition {
    /// As the API shows it.
    pub(crate) fn value(&self) -> Value {
        json!({
            "id": self.id,
            "result": "CONDITIONAL",
            "roleEntityRef": self.role,
            "pluginId": self.plugin,
            "resourceType": self.resource_type,
            "permissionMapping": self.actions,
            "conditions": self.criteria,
        })
    }
}
