//! Azure's part of the map: scopes by their ids, role definitions, assignments, eligibilities, denies, app roles, vaults and guards.

mod apps;
mod jobs;
mod scopes;
mod vaults;

use lanyard_access::findings::scene::Fate;
use lanyard_access::world::{ActionBlock, Deny, Follow, Permits, State, Whom};

use super::build::{Found, MapBuilder};
use super::tables::{DenyEntry, LostWord, Origin, OriginMore, RoleEntry, RoleSort, short};
use crate::record::azure::{
    AppRoleAssignment, BackupVault, DenyAssignment, Eligibility, GuardProxy, LostPrincipal, LostState, ManagementGroup, PermissionBlock,
    ProvisioningError, ProvisioningJob, RecoveryVault, ResourceGuard, RoleAssignment, RoleDefinition, ScheduleProperties, Subscription,
    key, last_segment, time,
};
use crate::record::{ItemKind, ItemRecord};
use crate::view::{Millis, day};

pub(super) use apps::AppAssignment;
pub(super) use scopes::scope_id;
use vaults::guard_of;

/// How long a deleted user stays in the deleted items. <https://learn.microsoft.com/graph/api/resources/directory>
const RECYCLE_MS: Millis = 30 * 24 * 3_600_000;

fn blocks(all: &[PermissionBlock]) -> Vec<ActionBlock> {
    all.iter()
        .map(|block| ActionBlock {
            actions: block.actions.clone(),
            not_actions: block.not_actions.clone(),
            data_actions: block.data_actions.clone(),
            not_data_actions: block.not_data_actions.clone(),
        })
        .collect()
}

impl MapBuilder {
    /// Takes an item of an Azure source.
    pub(super) fn azure_item(&mut self, place: u16, item: &ItemRecord<'_>) {
        match item.kind {
            ItemKind::ManagementGroup => {
                if let Some(group) = read::<ManagementGroup>(item) {
                    let name = group.properties.display_name.or(group.name);
                    self.named_scope(place, item, group.id, name, group.properties.parent.id);
                }
            }
            ItemKind::Subscription => {
                if let Some(subscription) = read::<Subscription>(item) {
                    self.named_scope(place, item, subscription.id, subscription.display_name, subscription.parent.id);
                }
            }
            ItemKind::RoleDefinition => {
                if let Some(definition) = read::<RoleDefinition>(item) {
                    self.role_definition(place, item, &definition);
                }
            }
            ItemKind::RoleAssignment => {
                if let Some(assignment) = read::<RoleAssignment>(item) {
                    let id = assignment.id.unwrap_or_else(|| item.id.to_owned());
                    self.azure_assignment(place, item, &id, &assignment.properties, false);
                }
            }
            ItemKind::Eligibility => {
                if let Some(eligibility) = read::<Eligibility>(item) {
                    let id = eligibility.id.unwrap_or_else(|| item.id.to_owned());
                    self.azure_assignment(place, item, &id, &eligibility.properties, true);
                }
            }
            ItemKind::DenyAssignment => {
                if let Some(deny) = read::<DenyAssignment>(item) {
                    self.azure_deny(place, item, &deny);
                }
            }
            ItemKind::AppRoleAssignment => {
                if let Some(read) = read::<AppRoleAssignment>(item) {
                    self.apps.push(AppAssignment {
                        place,
                        row: item.row,
                        read,
                    });
                }
            }
            ItemKind::RecoveryVault => {
                if let Some(vault) = read::<RecoveryVault>(item) {
                    let scope = self.named_scope(place, item, vault.id, vault.name, None);
                    let multi_user = vault.properties.security_settings.multi_user_authorization;
                    let says = multi_user.map(|state| state.eq_ignore_ascii_case("enabled"));
                    self.vault(scope, false, says);
                }
            }
            ItemKind::BackupVault => {
                if let Some(vault) = read::<BackupVault>(item) {
                    let scope = self.named_scope(place, item, vault.id, vault.name, None);
                    let requests = &vault.properties.resource_guard_operation_requests;
                    for request in requests {
                        // …/resourceGuards/NAME/KIND-OF-REQUESTS/NAME
                        if let Some(guard) = guard_of(request) {
                            let guard = self.azure_scope(place, &guard);
                            self.guards.push((scope, guard));
                        }
                    }
                    self.vault(scope, true, (!requests.is_empty()).then_some(true));
                }
            }
            ItemKind::ResourceGuard => {
                if let Some(guard) = read::<ResourceGuard>(item) {
                    self.named_scope(place, item, guard.id, guard.name, None);
                }
            }
            ItemKind::GuardProxy => {
                if let Some(proxy) = read::<GuardProxy>(item) {
                    let guard = proxy.properties.resource_guard_resource_id.as_deref();
                    if let (Some(vault), Some(guard)) = (proxy.vault(), guard) {
                        let (vault, guard) = (self.azure_scope(place, &vault), self.azure_scope(place, guard));
                        self.guards.push((vault, guard));
                    }
                }
            }
            ItemKind::LostPrincipal => {
                if let Some(lost) = read::<LostPrincipal>(item) {
                    let id = lost.id.clone().unwrap_or_else(|| item.id.to_owned());
                    self.lost_word(place, &id, lost_in_words(&lost));
                }
            }
            // How others are provisioned gives nobody a right here; findings speak of it.
            ItemKind::ProvisioningJob => {
                if let Some(job) = read::<ProvisioningJob>(item) {
                    self.provisioning_job(place, item, &job);
                }
            }
            ItemKind::ProvisioningError => {
                if let Some(error) = read::<ProvisioningError>(item) {
                    self.provisioning_error(place, item, &error);
                }
            }
            ItemKind::Entity | ItemKind::RbacRole | ItemKind::RbacPolicy | ItemKind::RbacCondition => {}
        }
    }

    fn role_definition(&mut self, place: u16, item: &ItemRecord<'_>, definition: &RoleDefinition) {
        let id = last_segment(definition.id.as_deref().or(definition.name.as_deref()).unwrap_or(item.id));
        let properties = &definition.properties;
        let role = self.azure_role(place, &id);
        let entry = &mut self.tables.roles[role as usize];
        entry.row = Some(item.row);
        entry.sort = match properties.kind.as_deref() {
            Some(kind) if kind.eq_ignore_ascii_case("BuiltInRole") => RoleSort::BuiltIn,
            _ => RoleSort::Custom,
        };
        if let Some(name) = &properties.role_name {
            entry.name = name.as_str().into();
        }
        entry.note = properties.description.as_deref().map(Into::into);
        self.tables.facts.roles[role as usize].permits = Permits::Actions(blocks(&properties.permissions));
    }

    /// The role with that GUID; one that nothing is known of until its definition comes.
    fn azure_role(&mut self, place: u16, id: &str) -> u32 {
        self.tables.role(place, id, || {
            let entry = RoleEntry {
                place,
                id: id.into(),
                name: format!("Role {}", short(id)).into(),
                sort: RoleSort::Unread,
                row: None,
                note: None,
            };
            (entry, Permits::Unknown)
        })
    }

    fn azure_assignment(&mut self, place: u16, item: &ItemRecord<'_>, id: &str, properties: &ScheduleProperties, eligible: bool) {
        let (Some(principal), Some(role), Some(scope)) = (&properties.principal_id, &properties.role_definition_id, &properties.scope)
        else {
            return;
        };
        let role = self.azure_role(place, &last_segment(role));
        let scope = self.azure_scope(place, scope);
        // An eligibility is listed once more for each scope below it.
        if eligible && !self.eligible.insert((place, principal.to_lowercase().into(), role, scope)) {
            return;
        }
        let state = match (eligible, &properties.condition) {
            (true, _) => State::Eligible,
            (false, Some(_)) => State::Conditional,
            (false, None) => State::Active,
        };
        let since = [&properties.start_date_time, &properties.created_on].map(|text| time(text.as_deref()));
        let more = OriginMore {
            since: since[0].or(since[1]),
            until: time(properties.end_date_time.as_deref()),
            by: properties.created_by.as_deref().map(|by| self.who(place, by).into()),
            condition: properties.condition.as_deref().map(Into::into),
        };
        let collection = if eligible {
            "roleEligibilityScheduleInstances"
        } else {
            "roleAssignments"
        };
        let origin = Origin {
            place,
            id: key(id).into(),
            kind: Some(item.kind),
            row: Some(item.row),
            record: format!("{collection}/{}", short(&last_segment(id))).into(),
            more: (more != OriginMore::default()).then(|| Box::new(more)),
        };
        self.assign(place, principal, role, scope, state, Follow::Nested, origin);
    }

    /// Whoever made something: the name of an account or a group, or the id as it is.
    pub(super) fn who(&self, place: u16, id: &str) -> String {
        let graph = self.directory.graph();
        match self.find(place, id) {
            Found::Held(node) if node < graph.accounts() => self.directory.name_of_account(node),
            Found::Held(node) => match graph.group_ordinal(node) {
                Some(group) => self.directory.name_of_group(group),
                None => id.to_owned(),
            },
            Found::Nobody => id.to_owned(),
        }
    }

    fn azure_deny(&mut self, place: u16, item: &ItemRecord<'_>, deny: &DenyAssignment) {
        let id = deny.id.as_deref().unwrap_or(item.id);
        let properties = &deny.properties;
        let scope = self.azure_scope(place, properties.scope.as_deref().unwrap_or_default());
        let mut nodes = |principals: &[crate::record::azure::Principal]| {
            let mut nodes = Vec::new();
            for id in principals.iter().filter_map(|principal| principal.id.as_deref()) {
                match self.find(place, id) {
                    Found::Held(node) => nodes.push(node),
                    Found::Nobody => nodes.extend(self.dangling_node(place, id)),
                }
            }
            nodes
        };
        let whom = if properties.principals.iter().any(crate::record::azure::Principal::is_everybody) {
            Whom::Everybody
        } else {
            Whom::These(nodes(&properties.principals))
        };
        let except = nodes(&properties.exclude_principals);
        let conditional = properties.condition.is_some() || properties.permissions.iter().any(|block| block.condition.is_some());
        let name = properties.deny_assignment_name.as_deref().or(item.name);
        let record = format!("denyAssignments/{}", short(&last_segment(id)));
        self.tables.deny(
            Deny {
                whom,
                except,
                scope,
                below: properties.do_not_apply_to_child_scopes != Some(true),
                blocks: blocks(&properties.permissions),
                conditional,
            },
            DenyEntry {
                place,
                name: name.unwrap_or("a deny assignment without a name").into(),
                record: record.into(),
                row: Some(item.row),
            },
        );
    }
}

fn read<T: serde::de::DeserializeOwned>(item: &ItemRecord<'_>) -> Option<T> {
    serde_json::from_slice(item.document).ok()
}

fn lost_in_words(lost: &LostPrincipal) -> LostWord {
    let deleted = time(lost.deleted_date_time.as_deref());
    let fate = match lost.state {
        LostState::Deleted => Fate::Deleted(deleted),
        LostState::NotFound => Fate::NotFound,
        LostState::Unknown => Fate::Unknown,
    };
    let what = match lost.state {
        LostState::Deleted => deleted.map_or_else(
            || "deleted; still among the deleted items".into(),
            |at| format!("deleted on {}, among the deleted items until {}", day(at), day(at + RECYCLE_MS)),
        ),
        LostState::NotFound => "not found in the tenant, nor among its deleted items".into(),
        LostState::Unknown => "of another tenant, or not readable: not evaluated".into(),
    };
    LostWord {
        what: what.into(),
        fate,
        user_name: lost.user_principal_name.as_deref().map(Into::into),
        name: lost.display_name.as_deref().or(lost.user_principal_name.as_deref()).map(Into::into),
    }
}
