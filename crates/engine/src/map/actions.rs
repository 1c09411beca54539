//! What a question may call an action: an Azure action, a Backstage permission, or the word `restore`.

use lanyard_access::permits::{Action, RESTORE};

/// Rights over a resource guard by which a backup admin could let himself through: changing or deleting it, as a Contributor or
/// Backup MUA Admin can, or its operations, as a Backup MUA Operator can. Reading it is not enough.
/// <https://learn.microsoft.com/azure/backup/multi-user-authorization-concept>
pub const GUARD: &[&str] = &[
    "Microsoft.DataProtection/resourceGuards/write",
    "Microsoft.DataProtection/resourceGuards/delete",
    "Microsoft.DataProtection/subscriptions/resourceGroups/providers/resourceGuards/write",
    "Microsoft.DataProtection/subscriptions/resourceGroups/providers/resourceGuards/delete",
    "Microsoft.DataProtection/resourceGuards/*/action",
];

/// Rights of a backup admin over a vault: what multi-user authorization is there to keep in check.
const BACKUP_ADMIN: &[&str] = &[
    "Microsoft.RecoveryServices/vaults/write",
    "Microsoft.RecoveryServices/vaults/backupPolicies/write",
    "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems/delete",
    "Microsoft.DataProtection/backupVaults/write",
    "Microsoft.DataProtection/backupVaults/backupPolicies/write",
    "Microsoft.DataProtection/backupVaults/backupInstances/delete",
];

/// Well-known permissions of Backstage and the resource type that they are about. Permissions of plugins that are not named here
/// are a scope of their own.
/// <https://backstage.io/docs/permissions/overview>
const RESOURCE_TYPES: &[(&str, &str)] = &[
    ("catalog.entity.read", "catalog-entity"),
    ("catalog.entity.refresh", "catalog-entity"),
    ("catalog.entity.delete", "catalog-entity"),
    ("scaffolder.action.execute", "scaffolder-action"),
    ("scaffolder.template.parameter.read", "scaffolder-template"),
    ("scaffolder.template.step.read", "scaffolder-template"),
    ("policy.entity.read", "policy-entity"),
    ("policy.entity.update", "policy-entity"),
    ("policy.entity.delete", "policy-entity"),
];

/// The resource type that a permission is about, or the permission itself where it is about none that is known.
pub fn resource_type(permission: &str) -> &str {
    RESOURCE_TYPES
        .iter()
        .find(|(name, _)| *name == permission)
        .map_or(permission, |(_, resource)| resource)
}

/// An action as it was asked for, made out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Any of these will do.
    pub actions: Vec<Action>,
}

impl Asked {
    /// Reads an action. Azure's hold a slash, and `data:` stands before one of the data plane; `restore` stands for every way to
    /// restore; the rest is Backstage's: `catalog.entity.delete`, `catalog-entity:delete`, `scaffolder.action.execute:use`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("restore") {
            return Ok(Self {
                actions: lanyard_access::permits::restore(),
            });
        }
        if text.is_empty() || text.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
            return Err(format!(
                "“{text}” is no action; it looks like Microsoft.Compute/virtualMachines/delete, catalog.entity.delete, or restore"
            ));
        }
        let one = |action| Ok(Self { actions: vec![action] });
        if let Some(data) = text.strip_prefix("data:") {
            return one(Action::Data(data.to_owned()));
        }
        if text.contains('/') || text == "*" {
            return one(Action::Control(text.to_owned()));
        }
        let (permission, action) = match text.rsplit_once(':') {
            Some((permission, action)) if !permission.is_empty() && !action.is_empty() => (permission, action.to_lowercase()),
            Some(_) => return Err(format!("“{text}” names no action; write it as catalog-entity:delete")),
            None => (text, last_word(text)?),
        };
        let resource = resource_type(permission);
        one(Action::Permission {
            name: permission.to_owned(),
            resource_type: (resource != permission).then(|| resource.to_owned()),
            action: Some(action),
        })
    }

    /// The actions by name.
    pub fn names(&self) -> Vec<String> {
        self.actions.iter().map(name).collect()
    }

    /// The resource type or permission that it is about, where it is Backstage's.
    pub fn backstage(&self) -> Option<&str> {
        self.actions.iter().find_map(|action| match action {
            Action::Permission { name, resource_type, .. } => Some(resource_type.as_deref().unwrap_or(name)),
            Action::Control(_) | Action::Data(_) => None,
        })
    }

    /// Whether restoring is among them.
    pub fn is_restore(&self) -> bool {
        self.actions
            .iter()
            .any(|action| matches!(action, Action::Control(name) if RESTORE.iter().any(|known| known.eq_ignore_ascii_case(name))))
    }
}

/// An action by name.
pub fn name(action: &Action) -> String {
    match action {
        Action::Control(name) => name.clone(),
        Action::Data(name) => format!("data:{name}"),
        Action::Permission { name, action, .. } => match action {
            Some(action) => format!("{name}:{action}"),
            None => name.clone(),
        },
    }
}

/// Rights as actions to ask for.
pub fn controls(names: &[&str]) -> Vec<Action> {
    names.iter().map(|name| Action::Control((*name).to_owned())).collect()
}

/// The action that a permission's name ends with: what the permission framework calls its attribute.
fn last_word(permission: &str) -> Result<String, String> {
    let last = permission.rsplit('.').next().unwrap_or_default();
    match last {
        "read" | "create" | "update" | "delete" | "use" => Ok(last.to_owned()),
        // A refresh is an update; executing and any other deed is a use.
        "refresh" => Ok("update".into()),
        "execute" | "cancel" | "run" => Ok("use".into()),
        _ if permission.contains('.') => Ok("use".into()),
        _ => Err(format!(
            "“{permission}” names no action; write it as {permission}:read, or name a permission such as catalog.entity.delete"
        )),
    }
}

/// The restore actions that are good on a vault of this kind of resource.
pub fn restore_on(backup_vault: bool) -> Vec<Action> {
    of_provider(RESTORE, backup_vault)
}

/// The rights of a backup admin over a vault of this kind of resource.
pub fn backup_admin_on(backup_vault: bool) -> Vec<Action> {
    of_provider(BACKUP_ADMIN, backup_vault)
}

fn of_provider(names: &[&str], backup_vault: bool) -> Vec<Action> {
    let provider = if backup_vault {
        "Microsoft.DataProtection/"
    } else {
        "Microsoft.RecoveryServices/"
    };
    let own: Vec<&str> = names.iter().copied().filter(|name| name.starts_with(provider)).collect();
    controls(&own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permission(name: &str, resource_type: Option<&str>, action: &str) -> Action {
        Action::Permission {
            name: name.into(),
            resource_type: resource_type.map(Into::into),
            action: Some(action.into()),
        }
    }

    #[test]
    fn a_word_stands_for_all_ways_to_restore() {
        let asked = Asked::read(" Restore ").unwrap();
        assert!(asked.is_restore());
        assert_eq!(asked.names().len(), RESTORE.len());
        assert_eq!(restore_on(true).len() + restore_on(false).len(), RESTORE.len());
    }

    #[test]
    fn a_permission_is_asked_by_name_and_by_resource_type() {
        let only = |text: &str| Asked::read(text).unwrap().actions.remove(0);
        assert_eq!(
            only("catalog.entity.delete"),
            permission("catalog.entity.delete", Some("catalog-entity"), "delete")
        );
        assert_eq!(only("catalog-entity:DELETE"), permission("catalog-entity", None, "delete"));
        assert_eq!(
            only("catalog.entity.refresh"),
            permission("catalog.entity.refresh", Some("catalog-entity"), "update")
        );
        assert_eq!(Asked::read("catalog.entity.delete").unwrap().backstage(), Some("catalog-entity"));
    }

    #[test]
    fn what_names_no_action_is_refused_with_a_way_out() {
        for wrong in ["", "catalog-entity", "catalog-entity:", "two words"] {
            assert!(Asked::read(wrong).is_err(), "{wrong}");
        }
        assert!(Asked::read("catalog-entity").unwrap_err().contains("catalog-entity:read"));
    }

    #[test]
    fn azure_actions_are_taken_as_they_are() {
        let action = "Microsoft.RecoveryServices/vaults/*";
        assert_eq!(Asked::read(action).unwrap().names(), [action]);
        assert!(!Asked::read(action).unwrap().is_restore());
        assert!(matches!(
            Asked::read("data:Microsoft.Storage/x/read").unwrap().actions[0],
            Action::Data(_)
        ));
    }
}
