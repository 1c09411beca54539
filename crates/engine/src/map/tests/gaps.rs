//! What was not read is said, and an answer never looks like "nobody" for it.

use super::*;

fn caveats(caveats: &[crate::view::Caveat]) -> String {
    caveats.iter().map(|caveat| caveat.text.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn denies_that_were_not_read_are_not_evaluated() {
    let mut company = Company::new();
    company.unread(
        TENANT,
        ItemKind::DenyAssignment,
        CoverageState::NotEvaluated,
        "needs Microsoft.Authorization/denyAssignments/read",
    );
    company.items.retain(|(_, kind, _)| *kind != ItemKind::DenyAssignment);
    let map = company.map();
    let answer = map.who_can("restore", &one(map.name_scope("vault-prod")), 0, 100).unwrap();
    assert_eq!(
        caveats(&answer.caveats),
        "Tenant: deny assignments were not read (needs Microsoft.Authorization/denyAssignments/read); who is denied is not evaluated"
    );
    let note = &answer.identities[0].paths[0]
        .hops
        .iter()
        .find(|hop| hop.kind == crate::view::HopKind::Holds)
        .unwrap()
        .notes;
    assert!(note[0].contains("not evaluated"), "{note:?}");
}

#[test]
fn a_tenant_whose_assignments_were_refused_is_no_tenant_without_holders() {
    let mut company = Company::new();
    let holders = [ItemKind::RoleAssignment, ItemKind::Eligibility, ItemKind::AppRoleAssignment];
    company.items.retain(|(_, kind, _)| !holders.contains(kind));
    company.unread(
        TENANT,
        ItemKind::RoleAssignment,
        CoverageState::NotEvaluated,
        "needs Microsoft.Authorization/roleAssignments/read",
    );
    let map = company.map();
    let answer = map.who_can("restore", &one(map.name_scope("vault-prod")), 0, 100).unwrap();
    assert!(answer.identities.is_empty());
    assert!(
        caveats(&answer.caveats).contains("role assignments were not read (needs Microsoft.Authorization/roleAssignments/read)"),
        "{:?}",
        answer.caveats
    );
    let restore = map.who_can_restore(&[], 0, 10).unwrap();
    assert_eq!(restore.total, 0);
    assert!(caveats(&restore.caveats).contains("role assignments were not read"));
    assert!(!restore.vaults[0].caveats.is_empty());
    let query = crate::view::MapQuery::default();
    assert!(caveats(&map.flow(&query).unwrap().caveats).contains("role assignments were not read"));
}

#[test]
fn a_role_without_its_definition_permits_nothing_that_is_known() {
    let mut company = Company::new();
    company
        .items
        .retain(|(_, kind, document)| *kind != ItemKind::RoleDefinition || document["properties"]["roleName"] != json!("Backup Operator"));
    let map = company.map();
    let answer = map.who_can("restore", &one(map.name_scope("vault-prod")), 0, 100).unwrap();
    assert!(!answer.identities.iter().any(|row| row.identity.name == "Carol"));
    assert!(
        caveats(&answer.caveats).contains("the definition was not read"),
        "{:?}",
        answer.caveats
    );
}

#[test]
fn a_subscription_that_was_not_read_is_named() {
    let mut company = Company::new();
    company.items.push((
        TENANT,
        ItemKind::RoleAssignment,
        assignment("a9", "az-erin", READER, "/subscriptions/sub-dark/resourceGroups/rg"),
    ));
    company.unread(
        TENANT,
        ItemKind::Subscription,
        CoverageState::Incomplete,
        "sub-dark may not be read",
    );
    let map = company.map();
    let answer = map
        .who_can("restore", "scope:3:/subscriptions/sub-dark/resourcegroups/rg", 0, 100)
        .unwrap();
    assert!(
        caveats(&answer.caveats).contains("subscription sub-dark was not read; who holds something there is not evaluated"),
        "{:?}",
        answer.caveats
    );
}

#[test]
fn a_backstage_without_rbac_says_that_its_roles_are_not_evaluated() {
    let mut company = Company::new();
    company
        .items
        .retain(|(source, kind, _)| *source != PORTAL || *kind == ItemKind::Entity);
    for kind in [ItemKind::RbacRole, ItemKind::RbacPolicy, ItemKind::RbacCondition] {
        company.unread(PORTAL, kind, CoverageState::Complete, "no RBAC plugin");
        for coverage in &mut company.sources[1].coverage {
            for reason in &mut coverage.reasons {
                reason.code = "notOffered".into();
            }
        }
    }
    let map = company.map();
    let olena = map.access_of("person:1.1").unwrap();
    assert!(
        caveats(&olena.caveats).contains("Portal: the server offers no RBAC roles (no RBAC plugin); who holds which role is not evaluated"),
        "{}",
        caveats(&olena.caveats)
    );
}

#[test]
fn a_source_that_was_never_synced_says_so_once() {
    let mut company = Company::new();
    company.sources[2].coverage.clear();
    let map = company.map();
    let said = caveats(&map.caveats());
    assert_eq!(said.matches("Tenant: not synced yet").count(), 2, "{said}");
}

#[test]
fn documents_of_any_form_break_nothing() {
    let odd = [
        json!({}),
        json!([]),
        json!("x"),
        json!({"id": 3, "properties": []}),
        json!({"properties": {"scope": null, "principalId": {}}}),
    ];
    let mut company = Company::new();
    for kind in ItemKind::ALL {
        let source = if ItemKind::ALL[..4].contains(&kind) { PORTAL } else { TENANT };
        company.items.extend(odd.iter().map(|document| (source, kind, document.clone())));
        // Nor does an item of a source of another kind, or of none.
        company.items.push((IDP, kind, json!({"id": "/"})));
        company.items.push((99, kind, json!({"id": "/"})));
    }
    let map = company.map();
    assert_eq!(
        map.who_can("restore", &one(map.name_scope("vault-prod")), 0, 100)
            .unwrap()
            .identities
            .len(),
        6
    );
}
