//! Roles of the RBAC plugin that name a user.

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{BackstageClient, reference, texts};
use crate::record::backstage::RbacRole;
use crate::record::{ItemKind, ResourceKind};
use crate::sources::SourceError;
use crate::sources::backstage::permission::{CATALOG, RBAC};
use crate::sources::backstage::rbac::NOT_OFFERED;
use crate::sources::doors::{Left, Look, Thing, Told, told};
use crate::sources::scim::Found;

impl BackstageClient {
    /// Roles that name a user itself, whether or not it is in the catalog: the plugin goes on naming whoever is gone. Each comes with its document,
    /// for [`BackstageClient::leave_role`]. What a group gives is not here: its members are.
    pub async fn look_at_roles(&self, user: &str, cancel: &CancellationToken) -> Look {
        let (client, journal) = self.noting();
        told(client.roles(&reference(user), cancel).await, &journal)
    }

    async fn roles(&self, user: &str, cancel: &CancellationToken) -> Result<Told, SourceError> {
        let page = match self.rbac(ResourceKind::Item(ItemKind::RbacRole), cancel).await {
            Ok(page) => page,
            Err(SourceError::NotFound { .. }) => return Ok(Told::unknown(NOT_OFFERED)),
            Err(error) => return Err(error),
        };
        let (mut things, mut untold) = (Vec::new(), 0usize);
        for text in texts(&page) {
            let Some(role) = RbacRole::read(text) else { continue };
            untold += usize::from(role.member_references.is_none());
            if role.members().any(|member| member == user) {
                let name = role.name.clone().unwrap_or_default();
                let source = role.metadata.source.as_deref().unwrap_or_default();
                let last = role.members().count() == 1;
                let note = match (source, last) {
                    ("" | "rest", false) => None,
                    ("" | "rest", true) => Some("it is the only member".to_owned()),
                    (source, false) => Some(format!("from {source}")),
                    (source, true) => Some(format!("from {source}; it is the only member")),
                };
                things.push(Thing {
                    id: name.to_lowercase(),
                    name,
                    note,
                    document: serde_json::from_slice::<Value>(text).ok(),
                });
            }
        }
        if !things.is_empty() {
            let names: Vec<&str> = things.iter().map(|thing| thing.name.as_str()).collect();
            let says = format!("It is still named by {}.", names.join(", "));
            return Ok(Told::there(things, says));
        }
        if let Some(why) = self.blind(RBAC, cancel).await? {
            return Ok(Told::unknown(format!("No role that is shown names it, and {why}.")));
        }
        let roles = page.resources.len();
        Ok(match (roles, page.facts.unreadable, untold) {
            (0, ..) => Told::unknown("The RBAC plugin shows no role at all, so that none names it says nothing."),
            (_, 0, 0) => Told::shut(format!("None of the {roles} roles, whose list comes whole, names it.")),
            (_, broken, untold) => Told::unknown(format!(
                "{} of the roles could not be read, or do not tell their members.",
                broken + untold as u64
            )),
        })
    }

    /// Whether a role is left with nobody who holds it besides a user, or went with its last member: there if one is. The plugin goes on naming
    /// whoever is gone, so that members are looked for in the catalog.
    pub async fn look_at_unheld(&self, user: &str, roles: &[String], cancel: &CancellationToken) -> Look {
        let (client, journal) = self.noting();
        told(client.unheld(&reference(user), roles, cancel).await, &journal)
    }

    async fn unheld(&self, user: &str, roles: &[String], cancel: &CancellationToken) -> Result<Told, SourceError> {
        let page = self.rbac(ResourceKind::Item(ItemKind::RbacRole), cancel).await?;
        let all: Vec<RbacRole> = texts(&page).filter_map(RbacRole::read).collect();
        let blind = page.facts.unreadable > 0 || self.blind(RBAC, cancel).await?.is_some();
        let mut left = Left::default();
        for name in roles {
            let role = all.iter().find(|role| role.id().is_some_and(|id| id == name.trim().to_lowercase()));
            match role {
                Some(role) if role.member_references.is_none() => left.mute.push(name.clone()),
                Some(role) => match self.holds(role, user, cancel).await? {
                    Some(true) => left.somebody += 1,
                    None => left.mute.push(name.clone()),
                    Some(false) if role.members().next().is_none() => left.nobody(name, name, None),
                    Some(false) => left.nobody(name, name, Some("nobody else whom it names is in the catalog")),
                },
                None if blind => left.mute.push(name.clone()),
                None => left.nobody(name, name, Some("the role is not there any more")),
            }
        }
        Ok(left.told("roles"))
    }

    /// Whether somebody besides a user holds a role: a user or group that the catalog has. None where that cannot be told.
    async fn holds(&self, role: &RbacRole, but: &str, cancel: &CancellationToken) -> Result<Option<bool>, SourceError> {
        let others: Vec<String> = role.members().filter(|member| member != but).collect();
        for (kind, prefix) in [(ResourceKind::User, "user:"), (ResourceKind::Group, "group:")] {
            let some: Vec<String> = others.iter().filter(|other| other.starts_with(prefix)).cloned().collect();
            if !some.is_empty()
                && self
                    .entities(kind, &some, cancel)
                    .await?
                    .iter()
                    .any(|(_, found)| matches!(found, Found::Here(_)))
            {
                return Ok(Some(true));
            }
        }
        // Of what is neither user nor group the catalog says nothing.
        if others
            .iter()
            .any(|other| !other.starts_with("user:") && !other.starts_with("group:"))
        {
            return Ok(Some(true));
        }
        if !others.is_empty() && self.blind(CATALOG, cancel).await?.is_some() {
            return Ok(None);
        }
        Ok(Some(false))
    }
}
