//! App role assignments: an application is the scope, and what its document names is the role.

use std::collections::HashMap;

use lanyard_access::world::{Follow, Permits, State};

use super::super::build::{Found, MapBuilder};
use super::super::tables::{Origin, OriginMore, RoleEntry, RoleSort, ScopeEntry, ScopeSort, short};
use crate::Error;
use crate::record::azure::{AppRoleAssignment, ServicePrincipal, key, time};
use crate::record::{Documents, ItemKind, Row};

/// An app role assignment that waits for the application's document.
#[derive(Debug)]
pub(in crate::map) struct AppAssignment {
    pub(super) place: u16,
    pub(super) row: Row,
    pub(super) read: AppRoleAssignment,
}

/// The app role of an assignment to an application that defines none.
const DEFAULT_APP_ROLE: &str = "00000000-0000-0000-0000-000000000000";
impl MapBuilder {
    /// Adds app role assignments, with the names that the applications' documents give the roles.
    pub(in crate::map) fn take_app_roles(&mut self, documents: &dyn Documents) -> Result<(), Error> {
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
