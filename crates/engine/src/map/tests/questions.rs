//! Who can do what, why, and what goes with an edge.

use super::*;
use crate::view::AccessState::{Active, Conditional, Denied, Eligible, NotFollowed};
use crate::view::WhoCan;

fn able(answer: &WhoCan) -> Vec<(&str, crate::view::AccessState)> {
    let mut rows: Vec<_> = answer
        .identities
        .iter()
        .map(|row| (row.identity.name.as_str(), row.state))
        .collect();
    rows.sort_by_key(|(name, _)| (*name).to_owned());
    rows
}

#[test]
fn everything_that_one_person_can_do_stands_in_one_list() {
    let map = Company::new().map();
    let answer = map.access_of(&one(map.name_person("OLENA@x.example"))).unwrap();
    let held: Vec<_> = answer
        .holdings
        .iter()
        .map(|holding| {
            (
                holding.role.name.as_str(),
                holding.scope.name.as_str(),
                holding.state,
                holding.by.as_str(),
                holding.paths,
            )
        })
        .collect();
    for wanted in [
        ("Backup Operator", "vault-prod", Active, "Direct", 2),
        ("Approver", "IdP", Active, "Direct", 1),
        ("Ledger user", "Ledgerly", NotFollowed, "by payments-sre in backup-operators", 1),
        ("owner", "payments-api", Active, "by payments", 2),
    ] {
        assert!(held.contains(&wanted), "{wanted:?} in {held:#?}");
    }
    let restores: Vec<_> = answer
        .holdings
        .iter()
        .filter(|holding| holding.can_restore)
        .map(|holding| &*holding.role.name)
        .collect();
    assert_eq!(restores, ["Backup Operator"]);
    assert_eq!(answer.caveats, []);
}

#[test]
fn who_can_restore_from_a_vault_goes_by_nesting_inheritance_and_denies() {
    let map = Company::new().map();
    let vault = one(map.name_scope("vault-prod"));
    let answer = map.who_can("restore", &vault, 0, 100).unwrap();
    assert_eq!(
        able(&answer),
        [
            ("Bob", Active),
            ("Carol", Active),
            ("Dave", Denied),
            ("Erin", Active),
            ("Olena", Active),
            ("backup-runner", Active)
        ]
    );
    let olena = answer.identities.iter().find(|row| row.identity.name == "Olena").unwrap();
    assert_eq!(olena.paths.len(), 2);
    assert_eq!(
        texts(&olena.paths[1]),
        [
            "Olena is a direct member of payments-sre",
            "payments-sre is nested in backup-operators",
            "backup-operators holds Backup Operator on vault-prod",
            "Backup Operator may restore",
        ]
    );
    assert_eq!(olena.paths[1].hops[3].notes, [RESTORE]);
    let erin = answer.identities.iter().find(|row| row.identity.name == "Erin").unwrap();
    assert_eq!(
        texts(&erin.paths[0]),
        [
            "Erin holds Contributor on Corp",
            "What is held on Corp is good on vault-prod below it",
            "Contributor may restore",
        ]
    );
    assert_eq!(erin.paths[0].hops[1].notes, ["By way of sub-payments, rg-backup"]);
    let dave = answer.identities.iter().find(|row| row.identity.name == "Dave").unwrap();
    assert_eq!(dave.dormant.as_deref(), Some("disabled in Tenant"));
    assert!(
        dave.reasons[0].contains("“No restores for Dave” on sub-payments"),
        "{:?}",
        dave.reasons
    );
    let [gone] = answer.unknown.as_slice() else {
        panic!("{:?}", answer.unknown)
    };
    assert_eq!(
        gone.what,
        "Mallory: deleted on 2026-11-10, among the deleted items until 2026-12-10"
    );
    assert_eq!(gone.holds, "Backup Operator on vault-prod");
    // A page says where it begins and how many there are in all.
    let page = map.who_can("restore", &vault, 2, 3).unwrap();
    assert_eq!((page.offset, page.total), (2, answer.identities.len() as u32));
    assert_eq!(page.identities, answer.identities[2..5]);
    assert_eq!(map.who_can("restore", &vault, 6, 3).unwrap().identities, []);
}

#[test]
fn a_backstage_permission_knows_denies_and_conditions() {
    let map = Company::new().map();
    let portal = one(map.name_scope("Portal"));
    // IdP's application has a name of its own, and the Backstage its own.
    let answer = map.who_can("catalog.entity.delete", &portal, 0, 100).unwrap();
    assert_eq!(answer.scope.name, "catalog-entity");
    assert_eq!(able(&answer), [("Bob", Conditional), ("Olena", Denied), ("Root", Active)]);
    let bob = answer.identities.iter().find(|row| row.identity.name == "Bob").unwrap();
    assert!(
        bob.reasons
            .iter()
            .any(|reason| reason.contains("what the person or one of the person's groups owns")),
        "{:?}",
        bob.reasons
    );
    let olena = answer.identities.iter().find(|row| row.identity.name == "Olena").unwrap();
    assert!(olena.reasons[0].contains("Denied by careful"), "{:?}", olena.reasons);
    let ghost: Vec<_> = answer.unknown.iter().map(|one| (&*one.id, &*one.what)).collect();
    assert_eq!(ghost, [("user:default/ghost", "a ghost member: the catalog holds no such entity")]);
    // On one entity the same roles are good, from the resource type above it.
    let entity = map
        .who_can("catalog.entity.read", &one(map.name_scope("payments-api")), 0, 100)
        .unwrap();
    assert_eq!(able(&entity), [("Olena", Active), ("Root", Active)]);
    let wrong = map
        .who_can("catalog.entity.delete", &one(map.name_scope("vault-prod")), 0, 100)
        .unwrap_err();
    assert_eq!(wrong.code(), "input.invalid");
}

#[test]
fn a_hop_tells_where_it_comes_from_and_who_says_otherwise() {
    let map = Company::new().map();
    let (olena, role) = (one(map.name_person("Olena")), one(map.name_role("Backup Operator")));
    let why = map.why(&olena, &role, Some(&one(map.name_scope(VAULT)))).unwrap();
    assert_eq!(
        why.paths.iter().map(|path| &*path.title).collect::<Vec<_>>(),
        ["Direct", "By nesting"]
    );
    let nested = &why.paths[1];
    assert_eq!(nested.hops[0].provenance[0].record, "groups/az-sre/members");
    assert!(
        nested.hops[0].notes.contains(&"IdP and Portal say the same".to_owned()),
        "{:?}",
        nested.hops[0]
    );
    assert!(
        nested.hops[1]
            .notes
            .iter()
            .any(|note| note.contains("Ledgerly does not follow this nesting")),
        "{:?}",
        nested.hops[1].notes
    );
    let holds = &nested.hops[2];
    assert!(holds.provenance[0].record.starts_with("roleAssignments/"), "{:?}", holds.provenance);
    assert_eq!(holds.provenance[0].by.as_deref(), Some("Erin"));
    assert_eq!(holds.notes, ["No condition, no deny assignment applies"]);
    // A member whom another system does not have.
    let bob = one(map.name_person("Bob"));
    let paths = map.why(&bob, &role, None).unwrap().paths;
    assert_eq!(paths[0].hops[0].disagree, ["Portal has no such member"]);
}

#[test]
fn eligibility_and_conditions_are_told_with_what_the_record_says() {
    let map = Company::new().map();
    let bob = map.access_of(&one(map.name_person("bob@x.example"))).unwrap();
    let contributor = bob.holdings.iter().find(|holding| holding.role.name == "Contributor").unwrap();
    assert_eq!(contributor.state, Eligible);
    assert_eq!(contributor.reasons, ["Can be activated until 2027-01-31 12:00 UTC"]);
    let carol = map.access_of(&one(map.name_person("Carol"))).unwrap();
    let reader = carol.holdings.iter().find(|holding| holding.role.name == "Reader").unwrap();
    assert_eq!(reader.state, Conditional);
    assert!(reader.reasons[0].contains("@Resource[x]"), "{:?}", reader.reasons);
}

#[test]
fn what_goes_with_an_edge_is_told_with_what_stays() {
    let map = Company::new().map();
    let nesting = "member:3.az-ops>3.az-sre";
    let without = map.without(nesting).unwrap();
    assert_eq!(without.text, "payments-sre is no longer nested in backup-operators");
    assert_eq!(without.people, 2);
    let lost: Vec<_> = without
        .losses
        .iter()
        .map(|loss| (&*loss.identity.name, &*loss.role.name, loss.after))
        .collect();
    assert!(lost.contains(&("Bob", "Backup Operator", None)), "{lost:?}");
    assert!(!lost.iter().any(|(who, role, _)| *who == "Olena" && *role == "Backup Operator"));
    let [kept] = without.kept.as_slice() else {
        panic!("{:?}", without.kept)
    };
    assert_eq!((&*kept.identity.name, &*kept.by), ("Olena", "a direct assignment"));
    assert!(
        without.summary.contains(&"Bob loses Backup Operator on vault-prod".to_owned()),
        "{:?}",
        without.summary
    );
    // A member of a Backstage role: one edge, whatever the number of scopes.
    let edge = format!("assignment:{PORTAL}:role:default/payments-owner|group:default/payments");
    let without = map.without(&edge).unwrap();
    assert_eq!(
        without.losses.iter().map(|loss| &*loss.role.name).collect::<Vec<_>>(),
        ["payments-owner"]
    );
    let emptied = map.without("emptied:3.az-ops").unwrap();
    assert!(emptied.people >= 2, "{emptied:?}");
    assert!(map.without("member:3.az-ops>3.az-dave").is_err());
}

#[test]
fn names_are_made_out_and_never_guessed() {
    let mut company = Company::new();
    company
        .accounts
        .push((TENANT, json!({"id": "az-bob2", "name": "Bob", "mail": "bob2@x.example"})));
    let map = company.map();
    assert!(matches!(map.name_person("Bob"), super::super::Named::Several(2, _)));
    assert!(matches!(map.name_person("nobody"), super::super::Named::None));
    assert_eq!(one(map.name_person("az-bob2")), "person:3.az-bob2");
    assert_eq!(
        one(map.name_role(&BACKUP_OPERATOR.to_uppercase())),
        format!("role:{TENANT}:{BACKUP_OPERATOR}")
    );
    assert_eq!(
        one(map.name_scope(&VAULT.to_uppercase())),
        format!("scope:{TENANT}:{}", VAULT.to_lowercase())
    );
    assert_eq!(one(map.name_scope("sub-security")), "scope:3:/subscriptions/sub-security");
    let goto = map.goto("vault", 5);
    assert_eq!((goto[0].kind.as_str(), goto[0].name.as_str()), ("vault", "vault-prod"));
}

#[test]
fn a_record_is_found_by_its_address() {
    let map = Company::new().map();
    let (olena, role) = (one(map.name_person("Olena")), one(map.name_role("Backup Operator")));
    let why = map.why(&olena, &role, None).unwrap();
    let address = why.paths[0].hops[0].provenance[0].document.clone().unwrap();
    assert!(map.document_row(&address).is_some());
    assert!(map.document_row(&role).is_some());
    assert!(map.document_row(&one(map.name_scope("vault-prod"))).is_some());
    assert!(map.document_row("assignment:3:none").is_none());
}
