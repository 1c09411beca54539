//! One change of the provider, brought to Entra.
//!
//! Only what changed at the provider is touched: what stands in the tenant on purpose stays until then. Machines are not
//! provisioned; sign-in names and mail addresses of those who are there already stay as they are.

use std::collections::BTreeSet;

use lanyard_scim::urn;
use serde_json::Value;

use super::OnDelete;
use crate::azure::{AzureHandle, AzureQuirk, Effect};
use crate::company::access::azure::{EntraGroup, EntraUser, PrincipalType, RoleAssignment, Scope};
use crate::company::access::{Guid, entra_group_id, entra_id};
use crate::company::{Department, Kind, plans};
use crate::journal::millis;
use crate::scim::{Family, Handle};

/// Where it goes, and where it comes from.
pub(super) struct Entra<'a> {
    pub(super) azure: &'a AzureHandle,
    pub(super) provider: &'a Handle,
    pub(super) seed: u64,
}

impl Entra<'_> {
    pub(super) fn push_user(&self, id: &str, place: u32, on_delete: OnDelete) {
        let object = entra_id(self.seed, place as usize);
        let azure = &self.azure.azure;
        let (there, in_bin) = {
            let state = azure.state();
            (state.user(object).cloned(), state.in_bin(object))
        };
        let Some(user) = self.provider.get(Family::Users, id) else {
            match on_delete {
                OnDelete::Deactivate => azure.apply(Effect::Enable(object, false)),
                OnDelete::Delete if there.is_some() => azure.apply(Effect::Delete(object, false)),
                OnDelete::Delete | OnDelete::Keep => {}
            }
            return;
        };
        if user["userType"] == Kind::Service.label() {
            return;
        }
        let active = user["active"] != false;
        match there {
            Some(_) => {
                azure.apply(Effect::Enable(object, active));
                if let Some(display) = user["displayName"].as_str() {
                    azure.apply(Effect::Rename(object, display.to_owned()));
                }
            }
            None if in_bin && active => {
                azure.apply(Effect::Restore(object));
                azure.apply(Effect::Enable(object, true));
            }
            None if !in_bin && active => {
                azure.apply(Effect::AddUser(Box::new(made(&user, object))));
                let named = user["userName"].as_str().unwrap_or_default();
                if azure.options().has(AzureQuirk::VaultGrant) || plans::leaves_something(named) {
                    self.grant_vault(object);
                }
            }
            None => {}
        }
    }

    pub(super) fn push_group(&self, id: &str, place: u32) {
        let object = entra_group_id(self.seed, place as usize);
        let azure = &self.azure.azure;
        let there = azure.state().group(object).map(|group| group.members.clone());
        let Some(group) = self.provider.get(Family::Groups, id) else {
            if there.is_some() {
                azure.apply(Effect::Delete(object, true));
            }
            return;
        };
        let wanted: BTreeSet<Guid> = {
            let store = self.provider.server.store();
            let listed = group["members"].as_array().into_iter().flatten();
            let found = listed.filter_map(|member| store.find(member["value"].as_str()?));
            found.map(|member| self.object(member.family, member.slot as usize)).collect()
        };
        let before: BTreeSet<Guid> = there.iter().flatten().copied().collect();
        if there.is_none() {
            azure.apply(Effect::AddGroup(Box::new(EntraGroup {
                id: object,
                display: group["displayName"].as_str().unwrap_or_default().to_owned(),
                members: Vec::new(),
                owners: Vec::new(),
                created: millis(),
            })));
        }
        // Whom only Entra put there is none of the provider's business.
        let own: BTreeSet<Guid> = {
            let store = self.provider.server.store();
            let all = [Family::Users, Family::Groups].map(|family| store.table(family).order.iter().map(move |slot| (family, *slot)));
            let all = all.into_iter().flatten();
            all.map(|(family, slot)| self.object(family, slot as usize)).collect()
        };
        for member in before.difference(&wanted).filter(|member| own.contains(member)) {
            azure.apply(Effect::Member(object, *member, false));
        }
        for member in wanted.difference(&before) {
            azure.apply(Effect::Member(object, *member, true));
        }
    }

    /// The provider's ids and places of what clients wrote to directly since the last time.
    pub(super) fn written(&self) -> Vec<((Family, String), u32)> {
        let objects = std::mem::take(&mut *self.azure.azure.direct());
        if objects.is_empty() {
            return Vec::new();
        }
        let store = self.provider.server.store();
        let all = [Family::Users, Family::Groups].into_iter();
        let all = all.flat_map(|family| store.table(family).order.iter().map(move |slot| (family, *slot)));
        let wanted = all.filter(|(family, slot)| objects.contains(&self.object(*family, *slot as usize)));
        wanted
            .filter_map(|(family, slot)| Some(((family, store.table(family).get(slot)?.id.to_string()), slot)))
            .collect()
    }

    /// Somebody's script gives each newcomer a role on the first vault, and nobody else knows.
    fn grant_vault(&self, user: Guid) {
        let azure = &self.azure.azure;
        let found = {
            let state = azure.state();
            let tenant = &state.tenant;
            let role = tenant.roles.iter().find(|role| role.name == "Backup Operator").map(|role| role.id);
            let vault = (!tenant.vaults.is_empty()).then_some(Scope::Vault(0));
            role.zip(vault)
        };
        if let Some((role, scope)) = found {
            azure.apply(Effect::Assign(Box::new(RoleAssignment {
                id: Guid::derived(self.seed, "vault grant", user.bits()),
                principal: user,
                principal_type: PrincipalType::User,
                role,
                scope,
                condition: None,
                created: millis(),
            })));
        }
    }

    fn object(&self, family: Family, place: usize) -> Guid {
        object(self.seed, family, place)
    }
}

/// The object in Entra that a user or group of the provider is.
pub(super) fn object(seed: u64, family: Family, place: usize) -> Guid {
    match family {
        Family::Users => entra_id(seed, place),
        Family::Groups => entra_group_id(seed, place),
    }
}

/// A newcomer as the provider makes them in Entra.
fn made(user: &Value, id: Guid) -> EntraUser {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut emails = user["emails"].as_array().into_iter().flatten();
    let mail = emails.next().and_then(|email| email["value"].as_str()).map(str::to_owned);
    let name = text(&user["userName"]);
    let department = user[urn::ENTERPRISE_USER]["department"].as_str();
    let upn = if name.contains('@') {
        name
    } else {
        format!("{name}@halcyon.example")
    };
    EntraUser {
        id,
        display: user["displayName"].as_str().unwrap_or(&upn).to_owned(),
        upn,
        given: text(&user["name"]["givenName"]),
        family: text(&user["name"]["familyName"]),
        mail,
        title: text(&user["title"]),
        department: department.and_then(Department::named),
        enabled: true,
        guest: user["userType"] == Kind::Guest.label(),
        created: millis(),
    }
}
