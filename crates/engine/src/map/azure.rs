//! Azure's part of the map: scopes by their ids, role definitions, assignments, eligibilities, denies, app roles, vaults and guards.

use std::collections::HashMap;

use lanyard_access::world::{ActionBlock, Deny, Follow, Permits, State, Whom};

use super::Vault;
use super::build::{Found, MapBuilder};
use super::tables::{DenyEntry, LostWord, Origin, OriginMore, RoleEntry, RoleSort, ScopeEntry, ScopeSort, short};
use crate::Error;
use crate::record::azure::{
    AppRoleAssignment, BackupVault, DenyAssignment, Eligibility, GuardProxy, LostPrincipal, LostState, ManagementGroup, PermissionBlock,
    RecoveryVault, ResourceGuard, RoleAssignment, RoleDefinition, ScheduleProperties, ServicePrincipal, Subscription, key, last_segment,
};
use crate::record::{Documents, ItemKind, ItemRecord, Row};
use crate::view::Millis;

/// An app role assignment that waits for the application's document.
#[derive(Debug)]
pub(super) struct AppAssignment {
    place: u16,
    row: Row,
    read: AppRoleAssignment,
}

/// How long a deleted user stays in the deleted items. <https://learn.microsoft.com/graph/api/resources/directory>
const RECYCLE_MS: Millis = 30 * 24 * 3_600_000;
/// The app role of an assignment to an application that defines none.
const DEFAULT_APP_ROLE: &str = "00000000-0000-0000-0000-000000000000";
const MANAGEMENT_GROUPS: &str = "/providers/microsoft.management/managementgroups/";

/// A time as the Resource Manager and Graph write it.
pub(super) fn time(text: Option<&str>) -> Option<Millis> {
    text?.trim().parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

fn day(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| String::new(), |at| at.strftime("%Y-%m-%d").to_string())
}

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

/// What a resource id says by itself: what it is, its name, and the id of the scope that it lies in.
fn structure(id: &str) -> (ScopeSort, String, Option<String>) {
    let key = key(id);
    let spelt = id.trim().trim_end_matches('/');
    let name = || spelt.rsplit('/').next().unwrap_or_default().to_owned();
    if key.is_empty() {
        return (ScopeSort::Root, "Tenant root".into(), None);
    }
    let root = Some(String::new());
    if let Some(rest) = key.strip_prefix(MANAGEMENT_GROUPS)
        && !rest.contains('/')
    {
        return (ScopeSort::ManagementGroup, name(), root);
    }
    let parts: Vec<&str> = key.split('/').skip(1).collect();
    let up = |count: usize| Some(format!("/{}", parts[..count].join("/")));
    match parts.as_slice() {
        ["subscriptions", _] => (ScopeSort::Subscription, name(), root),
        ["subscriptions", _, "resourcegroups", _] => (ScopeSort::ResourceGroup, name(), up(2)),
        [.., "providers", namespace, kind, _] => {
            let sort = match (*namespace, *kind) {
                ("microsoft.recoveryservices", "vaults") => ScopeSort::RecoveryVault,
                ("microsoft.dataprotection", "backupvaults") => ScopeSort::BackupVault,
                ("microsoft.dataprotection", "resourceguards") => ScopeSort::Guard,
                _ => ScopeSort::Resource,
            };
            (sort, name(), if parts.len() > 4 { up(parts.len() - 4) } else { root })
        }
        // A resource within a resource: it lies in that one.
        [_, _, _, ..] => (ScopeSort::Resource, name(), up(parts.len() - 2)),
        _ => (ScopeSort::Resource, name(), root),
    }
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
            ItemKind::Entity | ItemKind::RbacRole | ItemKind::RbacPolicy | ItemKind::RbacCondition => {}
        }
    }

    /// The scope with that resource id, with all above it.
    pub(super) fn azure_scope(&mut self, place: u16, id: &str) -> u32 {
        let own = scope_id(id);
        if let Some(known) = self.tables.find_scope(place, &own) {
            return known;
        }
        let (sort, name, parent) = structure(id);
        // Each parent's id is shorter: this ends.
        let parent = parent.map(|parent| self.azure_scope(place, &parent));
        let spelt = id.trim().trim_end_matches('/');
        let entry = ScopeEntry {
            place,
            spelt: (*own != *spelt && !spelt.is_empty()).then(|| spelt.into()),
            id: own,
            name: name.into(),
            sort,
            row: None,
        };
        self.tables.scope(entry, parent)
    }

    /// A scope that there is a document of.
    fn named_scope(&mut self, place: u16, item: &ItemRecord<'_>, id: Option<String>, name: Option<String>, parent: Option<String>) -> u32 {
        let id = id.unwrap_or_else(|| item.id.to_owned());
        let scope = self.azure_scope(place, &id);
        if let Some(parent) = parent {
            let parent = self.azure_scope(place, &parent);
            self.tables.set_parent(scope, parent);
        }
        let entry = &mut self.tables.scopes[scope as usize];
        entry.row = Some(item.row);
        if let Some(name) = name.filter(|name| !name.trim().is_empty()) {
            entry.name = name.into();
        }
        scope
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

    /// Whoever made something: the name of an account, or the id as it is.
    fn who(&self, place: u16, id: &str) -> String {
        match self.find(place, id) {
            Found::Held(node) if node < self.directory.graph().accounts() => self.directory.name_of_account(node),
            _ => id.to_owned(),
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

    fn vault(&mut self, scope: u32, backup: bool, guarded: Option<bool>) {
        let entry = &mut self.tables.scopes[scope as usize];
        entry.sort = if backup { ScopeSort::BackupVault } else { ScopeSort::RecoveryVault };
        self.vaults.insert(
            scope,
            Vault {
                scope,
                backup,
                guarded,
                guard: None,
            },
        );
    }

    /// Ties vaults and guards together, once all are there.
    pub(super) fn take_vaults(&mut self) {
        for (vault, guard) in std::mem::take(&mut self.guards) {
            if let Some(vault) = self.vaults.get_mut(&vault) {
                vault.guarded = Some(true);
                vault.guard = Some(guard);
            }
        }
        for place in self.places().collect::<Vec<_>>() {
            let complete = self.is_complete(place, crate::record::ResourceKind::Item(ItemKind::GuardProxy).collection());
            for vault in self.vaults.values_mut() {
                if complete && vault.guarded.is_none() && self.tables.scopes[vault.scope as usize].place == place {
                    vault.guarded = Some(false);
                }
            }
        }
    }

    /// Adds app role assignments, with the names that the applications' documents give the roles.
    pub(super) fn take_app_roles(&mut self, documents: &dyn Documents) -> Result<(), Error> {
        let apps = std::mem::take(&mut self.apps);
        let mut rows: Vec<(Row, u16, String)> = Vec::new();
        for app in &apps {
            if let Some(id) = &app.read.resource_id
                && let Found::Held(node) = self.find(app.place, id)
                && node < self.directory.accounts()
            {
                rows.push((self.directory.row_of_account(node), app.place, key(id)));
            }
        }
        rows.sort_unstable();
        rows.dedup();
        let mut names: HashMap<(u16, String), String> = HashMap::new();
        let wanted: Vec<Row> = rows.iter().map(|(row, ..)| *row).collect();
        documents.documents(&wanted, &mut |row, text| {
            let (Ok(at), Ok(app)) = (
                rows.binary_search_by_key(&row, |(row, ..)| *row),
                serde_json::from_slice::<ServicePrincipal>(text),
            ) else {
                return true;
            };
            let (_, place, resource) = &rows[at];
            for role in app.app_roles {
                if let (Some(id), Some(name)) = (role.id, role.display_name.or(role.value)) {
                    names.insert((*place, format!("{resource}/{}", key(&id))), name);
                }
            }
            true
        })?;
        for app in apps {
            self.app_assignment(&app, &names);
        }
        Ok(())
    }

    fn app_assignment(&mut self, app: &AppAssignment, names: &HashMap<(u16, String), String>) {
        let AppAssignment { place, row, read } = app;
        let (Some(id), Some(principal), Some(resource)) = (&read.id, &read.principal_id, &read.resource_id) else {
            return;
        };
        let resource = key(resource);
        let app_name = read.resource_display_name.clone().unwrap_or_else(|| resource.clone());
        let app_role = read.app_role_id.as_deref().map_or_else(|| DEFAULT_APP_ROLE.to_owned(), key);
        let role_id = format!("{resource}/{app_role}");
        let role = self.tables.role(*place, &role_id, || {
            let name = match names.get(&(*place, role_id.clone())) {
                Some(name) => name.clone(),
                None if app_role == DEFAULT_APP_ROLE => "Default access".into(),
                None => format!("App role {}", short(&app_role)),
            };
            let entry = RoleEntry {
                place: *place,
                id: role_id.as_str().into(),
                name: name.into(),
                sort: RoleSort::App,
                row: None,
                note: Some(app_name.as_str().into()),
            };
            (entry, Permits::Name)
        });
        let scope = self.tables.scope(
            ScopeEntry {
                place: *place,
                id: format!("app:{resource}").into(),
                spelt: None,
                name: app_name.into(),
                sort: ScopeSort::Application,
                row: None,
            },
            None,
        );
        let since = time(read.created_date_time.as_deref());
        let origin = Origin {
            place: *place,
            id: id.as_str().into(),
            kind: Some(ItemKind::AppRoleAssignment),
            row: Some(*row),
            record: format!("appRoleAssignments/{}", short(id)).into(),
            more: since.is_some().then(|| {
                Box::new(OriginMore {
                    since,
                    ..OriginMore::default()
                })
            }),
        };
        self.assign(*place, principal, role, scope, State::Active, Follow::Direct, origin);
    }
}

/// A scope's id within its source: the key, with a slash for the root.
pub(super) fn scope_id(id: &str) -> Box<str> {
    let key = key(id);
    if key.is_empty() { "/".into() } else { key.into() }
}

fn read<T: serde::de::DeserializeOwned>(item: &ItemRecord<'_>) -> Option<T> {
    serde_json::from_slice(item.document).ok()
}

/// The id of the guard that a request belongs to.
fn guard_of(request: &str) -> Option<String> {
    let lower = request.to_ascii_lowercase();
    let start = lower.find("/resourceguards/")? + "/resourceguards/".len();
    let end = lower[start..].find('/').map_or(request.len(), |at| start + at);
    // Lower case changes no length of ASCII; ids hold nothing else, and a cut within a letter is none.
    request.get(..end).map(str::to_owned)
}

fn lost_in_words(lost: &LostPrincipal) -> LostWord {
    let what = match lost.state {
        LostState::Deleted => {
            let deleted = time(lost.deleted_date_time.as_deref());
            deleted.map_or_else(
                || "deleted; still among the deleted items".into(),
                |at| format!("deleted on {}, among the deleted items until {}", day(at), day(at + RECYCLE_MS)),
            )
        }
        LostState::NotFound => "not found in the tenant, nor among its deleted items".into(),
        LostState::Unknown => "of another tenant, or not readable: not evaluated".into(),
    };
    LostWord {
        what: what.into(),
        name: lost.display_name.as_deref().or(lost.user_principal_name.as_deref()).map(Into::into),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_where_its_scope_lies() {
        let vault = "/Subscriptions/S1/resourceGroups/RG/providers/microsoft.recoveryservices/Vaults/Vault-Prod";
        assert_eq!(
            structure(vault),
            (
                ScopeSort::RecoveryVault,
                "Vault-Prod".into(),
                Some("/subscriptions/s1/resourcegroups/rg".into())
            )
        );
        assert_eq!(
            structure("/subscriptions/s1/resourceGroups/rg"),
            (ScopeSort::ResourceGroup, "rg".into(), Some("/subscriptions/s1".into()))
        );
        assert_eq!(
            structure("/subscriptions/s1"),
            (ScopeSort::Subscription, "s1".into(), Some(String::new()))
        );
        assert_eq!(structure("/"), (ScopeSort::Root, "Tenant root".into(), None));
        assert_eq!(
            structure("/providers/Microsoft.Management/managementGroups/Corp"),
            (ScopeSort::ManagementGroup, "Corp".into(), Some(String::new()))
        );
        let inner = format!("{vault}/backupFabrics/Azure");
        assert_eq!(structure(&inner), (ScopeSort::Resource, "Azure".into(), Some(key(vault))));
        let on_subscription = "/subscriptions/s1/providers/Microsoft.X/things/t";
        assert_eq!(structure(on_subscription).2, Some("/subscriptions/s1".into()));
    }

    #[test]
    fn any_text_for_an_id_ends() {
        for odd in ["x", "//", "/a", "/a/b/c/d/e/f", "providers/x", "/subscriptions", "é/é/é/é"] {
            let mut id = odd.to_owned();
            let mut steps = 0;
            while let (_, _, Some(parent)) = structure(&id) {
                assert!(parent.len() < id.len() || parent.is_empty(), "{odd}: {id} lies in {parent}");
                id = parent;
                steps += 1;
                assert!(steps < 10, "{odd}");
                if id.is_empty() {
                    break;
                }
            }
        }
    }

    #[test]
    fn a_request_names_its_guard() {
        let request =
            "/subscriptions/S/resourceGroups/g/providers/Microsoft.DataProtection/resourceGuards/G1/disableSoftDeleteRequests/default";
        assert_eq!(
            guard_of(request).as_deref(),
            Some("/subscriptions/S/resourceGroups/g/providers/Microsoft.DataProtection/resourceGuards/G1")
        );
        assert_eq!(guard_of("/nothing"), None);
    }
}
