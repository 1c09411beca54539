//! The tenant is the same from the same seed, and what is wrong on purpose is there.

use std::collections::BTreeSet;

use super::super::super::{Company, DEFAULT_PEOPLE, DEFAULT_SEED};
use super::*;

fn default() -> (Company, Tenant) {
    let company = Company::generate(DEFAULT_SEED, DEFAULT_PEOPLE);
    let tenant = company.tenant();
    (company, tenant)
}

#[test]
fn the_same_seed_gives_the_same_tenant_and_no_id_twice() {
    let (company, tenant) = default();
    assert_eq!(company.tenant(), tenant);
    assert_ne!(Company::generate(DEFAULT_SEED + 1, DEFAULT_PEOPLE).tenant().id, tenant.id);
    let ids: Vec<Guid> = (tenant.users.iter().map(|user| user.id))
        .chain(tenant.deleted.iter().map(|(user, _)| user.id))
        .chain(tenant.groups.iter().map(|group| group.id))
        .chain(tenant.services.iter().map(|service| service.id))
        .collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    let assignments: BTreeSet<_> = tenant.assignments.iter().map(|one| one.id).collect();
    assert_eq!(assignments.len(), tenant.assignments.len());
}

#[test]
fn every_part_of_the_story_is_told() {
    let (_, tenant) = default();
    // 35 of the story and 24 to fill up; one of those may fall to a program.
    assert_eq!(tenant.assignments.len(), 35 + 24);
    assert_eq!((tenant.eligibilities.len(), tenant.denies.len(), tenant.app_roles.len()), (5, 2, 7));
    assert_eq!(tenant.vaults.len(), 4);
    let known: BTreeSet<Guid> = (tenant.users.iter().map(|user| user.id))
        .chain(tenant.groups.iter().map(|group| group.id))
        .chain(tenant.services.iter().map(|service| service.id))
        .collect();
    let lost: Vec<_> = tenant.assignments.iter().filter(|one| !known.contains(&one.principal)).collect();
    assert_eq!(lost.len(), 4, "one in the bin, two gone, one foreign");
    let roles: BTreeSet<Guid> = tenant.roles.iter().map(|role| role.id).collect();
    assert_eq!(tenant.assignments.iter().filter(|one| !roles.contains(&one.role)).count(), 1);
}

#[test]
fn filling_up_leaves_everything_above_the_vault_as_the_story_has_it() {
    let company = Company::generate(7, 12_000);
    let tenant = company.tenant();
    let vault = tenant.scope("vault-prod").expect("there");
    let above = tenant.assignments.iter().filter(|one| tenant.lies_in(vault, one.scope)).count();
    let (small, small_tenant) = default();
    let small_vault = small_tenant.scope("vault-prod").expect("there");
    let small_above = small_tenant
        .assignments
        .iter()
        .filter(|one| small_tenant.lies_in(small_vault, one.scope));
    assert!(small.people.len() < company.people.len());
    assert_eq!(above, small_above.count());
    assert!(tenant.subscriptions.len() > small_tenant.subscriptions.len());
}

#[test]
fn companies_of_any_size_have_a_tenant() {
    for people in [0, 1, 2, 7, 40, 66] {
        let company = Company::generate(3, people);
        let tenant = company.tenant();
        assert!(tenant.users.len() <= people);
        for one in &tenant.assignments {
            assert!(tenant.scope_id(one.scope).starts_with('/'));
        }
    }
}

#[test]
fn a_large_company_has_a_large_tenant() {
    let tenant = Company::generate(DEFAULT_SEED, 100_000).tenant();
    assert_eq!(tenant.subscriptions.len(), 50);
    assert!((38..=42).contains(&tenant.vaults.len()), "{}", tenant.vaults.len());
    assert!((9_900..=10_100).contains(&tenant.assignments.len()), "{}", tenant.assignments.len());
    // Azure's own limits: 4,000 in a subscription, 500 on a management group.
    for (place, subscription) in tenant.subscriptions.iter().enumerate() {
        let scope = Scope::Subscription(place as u32);
        let inside = tenant.assignments.iter().filter(|one| tenant.lies_in(one.scope, scope)).count();
        assert!(inside <= 4_000, "{}: {inside}", subscription.name);
    }
}

/// The answer that was derived by hand names nobody by mistake: every way in it is there, hop by hop. That nobody is missing
/// is for those who compare the product with it.
#[test]
fn every_way_that_was_derived_by_hand_is_there() {
    let (company, tenant) = default();
    let text = include_str!("../../../../../../tests/fixtures/halcyon-who-can-restore.json");
    let answer: serde_json::Value = serde_json::from_str(text).expect("JSON");
    let identities = answer["identities"].as_array().expect("a list");
    for one in identities {
        let user = one["user"].as_str().expect("a name");
        let number = company.person(user).expect("in the company");
        for path in one["paths"].as_array().expect("ways") {
            let names: Vec<&str> = path
                .as_array()
                .expect("names")
                .iter()
                .filter_map(serde_json::Value::as_str)
                .collect();
            let [groups @ .., role, scope] = names.as_slice() else {
                panic!("{user}: a way ends with a role and a scope");
            };
            let mut at = company.entra_id(number);
            for name in groups {
                let group = tenant.groups.iter().find(|group| group.display == *name).expect("a group");
                assert!(group.members.contains(&at), "{user} by {name}");
                at = group.id;
            }
            let role = tenant.roles.iter().find(|one| one.name == *role).expect("a role").id;
            let scope = tenant.scope(scope).expect("a scope");
            let assigned = tenant
                .assignments
                .iter()
                .find(|one| (one.principal, one.role, one.scope) == (at, role, scope));
            let eligible = tenant
                .eligibilities
                .iter()
                .any(|one| (one.principal, one.role, one.scope) == (at, role, scope));
            assert_eq!(eligible, one["state"] == "eligible", "{user}");
            assert_eq!(assigned.is_some(), !eligible, "{user}");
            let conditional = assigned.is_some_and(|one| one.condition.is_some());
            assert_eq!(conditional, one["state"] == "conditional", "{user}");
        }
        let disabled = tenant.users.iter().any(|one| one.id == company.entra_id(number) && !one.enabled);
        assert_eq!(disabled, one.get("disabled").is_some(), "{user}");
    }
}
