//! SCIM's part of the map: the `roles` and `entitlements` that accounts carry (RFC 7643 §4.1.2), good for the source's own application.

use lanyard_access::world::{Follow, Permits, State};
use serde_json::Value;

use super::build::MapBuilder;
use super::tables::{Origin, RoleEntry, RoleSort, ScopeEntry, ScopeSort};
use crate::Error;
use crate::record::Documents;

/// The scope of a SCIM application.
pub(super) const APP: &str = "app";

impl MapBuilder {
    /// Reads the documents of accounts that carry roles.
    pub(super) fn take_scim_roles(&mut self, documents: &dyn Documents) -> Result<(), Error> {
        let rows = self.accounts_with_roles();
        if rows.is_empty() {
            return Ok(());
        }
        let mut by_row: Vec<(u32, u32)> = (0..self.directory.accounts())
            .filter(|account| self.directory.roles_of_account(*account) > 0)
            .map(|account| (self.directory.row_of_account(account), account))
            .collect();
        by_row.sort_unstable();
        documents.documents(&rows, &mut |row, text| {
            if let (Ok(at), Ok(document)) = (
                by_row.binary_search_by_key(&row, |(row, _)| *row),
                serde_json::from_slice::<Value>(text),
            ) {
                self.scim_roles(by_row[at].1, &document);
            }
            true
        })
    }

    fn scim_roles(&mut self, account: u32, document: &Value) {
        let place = self.directory.place_of_account(account);
        for (attribute, sort) in [("roles", RoleSort::ScimRole), ("entitlements", RoleSort::Entitlement)] {
            let list = document
                .as_object()
                .and_then(|object| object.iter().find(|(name, _)| name.eq_ignore_ascii_case(attribute)))
                .and_then(|(_, value)| value.as_array());
            for element in list.into_iter().flatten() {
                let Some((value, name)) = value_and_name(element) else { continue };
                let id = format!("{attribute}/{value}");
                let role = self.tables.role(place, &id, || {
                    let entry = RoleEntry {
                        place,
                        id: id.as_str().into(),
                        name: name.into(),
                        sort,
                        row: None,
                        note: None,
                    };
                    (entry, Permits::Name)
                });
                let scope = self.scim_app(place);
                let own = self.directory.id_of_account(account);
                let origin = Origin {
                    place,
                    id: format!("{own}|{id}").into(),
                    kind: None,
                    row: Some(self.directory.row_of_account(account)),
                    record: format!("User {}", super::tables::short(&own)).into(),
                    more: None,
                };
                self.tables.assign(account, role, scope, State::Active, Follow::Direct, origin);
            }
        }
    }

    fn scim_app(&mut self, place: u16) -> u32 {
        let name = self
            .source(place)
            .map_or_else(|| "the application".to_owned(), |source| source.settings.name.clone());
        self.tables.scope(
            ScopeEntry {
                place,
                id: APP.into(),
                spelt: None,
                name: name.into(),
                sort: ScopeSort::ScimApp,
                row: None,
            },
            None,
        )
    }
}

/// A role's value and the name to show: an object with `value`, perhaps `display`, or a mere text, as some servers send it.
fn value_and_name(element: &Value) -> Option<(&str, &str)> {
    let text = |name: &str| {
        let value = element.get(name).and_then(Value::as_str).map(str::trim);
        value.filter(|text| !text.is_empty())
    };
    match element {
        Value::String(value) if !value.trim().is_empty() => Some((value.trim(), value.trim())),
        Value::Object(_) => {
            let value = text("value").or_else(|| text("display"))?;
            Some((value, text("display").unwrap_or(value)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_role_is_an_object_or_a_text() {
        assert_eq!(
            value_and_name(&json!({"value": "admin", "display": "Administrator"})),
            Some(("admin", "Administrator"))
        );
        assert_eq!(value_and_name(&json!("approver")), Some(("approver", "approver")));
        assert_eq!(
            value_and_name(&json!({"display": "Only shown"})),
            Some(("Only shown", "Only shown"))
        );
        for odd in [json!(""), json!({}), json!(3), json!({"value": 3}), json!(null)] {
            assert_eq!(value_and_name(&odd), None, "{odd}");
        }
    }
}
