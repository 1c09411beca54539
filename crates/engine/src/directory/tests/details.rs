//! One person, one group, its members, the palette.

use serde_json::json;

use super::{World, source};
use crate::Error;
use crate::record::ResourceKind;
use crate::view::{JoinRule, MemberQuery, MemberScope, MemberType, SlotState};

fn company() -> World {
    let mut world = World::new(vec![source(2, "Ledgerly", false), source(1, "Workforce", true)]);
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    world.user(1, json!({"id": "m", "userName": "boss", "displayName": "The Boss", "active": true}));
    world.user(2, json!({"id": "d.1", "externalId": "a", "userName": "ANN", "displayName": "Ann B", "active": "False", enterprise: {"manager": {"value": "d.2"}}}));
    world.user(1, json!({"id": "a", "userName": "ann", "displayName": "Ann", "active": true, "password": "hunter2", enterprise: {"manager": {"value": "m"}}, "groups": [{"value": "ops"}]}));
    world.user(2, json!({"id": "d.2", "userName": "BOSS"}));
    let members = |ids: &[&str]| ids.iter().map(|id| json!({ "value": id })).collect::<Vec<_>>();
    world.group(1, json!({"id": "all", "displayName": "All", "members": members(&["emea", "zz"])}));
    world.group(1, json!({"id": "emea", "displayName": "EMEA", "members": members(&["ops", "all"])}));
    world.group(1, json!({"id": "ops", "displayName": "Ops", "members": members(&["a", "m"])}));
    world.group(
        1,
        json!({"id": "short", "displayName": "Shortcut", "members": members(&["ops", "a"])}),
    );
    world
}

#[test]
fn any_account_finds_the_person_with_the_leading_account_first() {
    let world = company();
    let directory = world.directory();
    for key in ["1.a", "2.d.1"] {
        let person = directory.person(key, &world.store).unwrap();
        let accounts: Vec<_> = person
            .accounts
            .iter()
            .map(|account| (account.key.as_str(), account.state, account.joined_by))
            .collect();
        assert_eq!(
            accounts,
            [
                ("1.a", SlotState::Active, None),
                ("2.d.1", SlotState::Disabled, Some(JoinRule::ExternalId))
            ]
        );
        assert_eq!(
            person.row.slots.iter().map(|slot| slot.source).collect::<Vec<_>>(),
            [2, 1],
            "slots in the order of the sources"
        );
        let core = &person.accounts[0].attributes[0];
        assert!(
            core.attributes
                .iter()
                .all(|line| line.value != "hunter2" && !line.path.starts_with("groups"))
        );
        let line = |label: &str| {
            person.compared.iter().find(|line| line.label == label).map(|line| {
                line.cells
                    .iter()
                    .map(|cell| (cell.value.clone().unwrap(), cell.differs))
                    .collect::<Vec<_>>()
            })
        };
        assert_eq!(line("State").unwrap(), [("Active".into(), false), ("Disabled".into(), true)]);
        assert_eq!(line("User name").unwrap(), [("ann".into(), false), ("ANN".into(), false)]);
        // The same boss, under another id at each source.
        assert_eq!(line("Manager").unwrap(), [("The Boss".into(), false), ("BOSS".into(), false)]);
        assert_eq!(line("Title"), None);
    }
    assert!(matches!(
        directory.person("1.nobody", &world.store),
        Err(Error::NotFound { what: "person", .. })
    ));
    for broken in ["", ".", "1", "x.a", "9.a", "1."] {
        assert!(directory.person(broken, &world.store).is_err(), "{broken}");
    }
}

#[test]
fn groups_come_with_the_shortest_way_in() {
    let world = company();
    let person = world.directory().person("1.a", &world.store).unwrap();
    let told: Vec<_> = person
        .memberships
        .iter()
        .map(|row| (row.name.as_str(), row.direct, row.via.join(" > ")))
        .collect();
    assert_eq!(
        told,
        [
            ("Ops", true, String::new()),
            ("Shortcut", true, String::new()),
            ("EMEA", false, "Ops".into()),
            ("All", false, "Ops > EMEA".into()),
        ]
    );
}

#[test]
fn members_are_listed_directly_or_through_nested_groups() {
    let world = company();
    let directory = world.directory();
    let ask = |key: &str, scope, search: &str| {
        directory
            .members(&MemberQuery {
                key: key.into(),
                scope,
                search: search.into(),
                offset: 0,
                limit: 100,
            })
            .unwrap()
    };
    let direct = ask("1.all", MemberScope::Direct, "");
    let told: Vec<_> = direct
        .rows
        .iter()
        .map(|row| (row.name.as_str(), row.member_type, row.key.as_str()))
        .collect();
    assert_eq!(told, [("EMEA", MemberType::Group, "1.emea"), ("zz", MemberType::Dangling, "1.zz")]);
    assert_eq!(ask("1.all", MemberScope::Direct, "Z").rows[0].name, "zz");
    let nested = ask("1.all", MemberScope::Nested, "");
    let told: Vec<_> = nested
        .rows
        .iter()
        .map(|row| (row.name.as_str(), row.direct, row.via.join(" > ")))
        .collect();
    assert_eq!(
        told,
        [("Ann", false, "EMEA > Ops".into()), ("The Boss", false, "EMEA > Ops".into())]
    );
    assert!(
        nested.caveats.iter().any(|caveat| caveat.text.contains("1 member is named")),
        "{:?}",
        nested.caveats
    );
    assert_eq!(ask("1.all", MemberScope::Nested, "boss").total, 1);
    let shortcut = ask("1.short", MemberScope::Nested, "ann");
    assert!(shortcut.rows[0].direct);
    assert!(
        directory
            .members(&MemberQuery {
                key: "2.all".into(),
                ..MemberQuery::default()
            })
            .is_err()
    );
}

#[test]
fn a_group_is_shown_whole() {
    let world = company();
    let group = world.directory().group("1.ops", &world.store).unwrap();
    assert_eq!(
        group.parents.iter().map(|parent| parent.name.as_str()).collect::<Vec<_>>(),
        ["EMEA", "Shortcut"]
    );
    assert_eq!((group.groups[0].members, group.groups[0].dangling), (Some(2), 0));
    assert!(
        group.groups[0].attributes[0]
            .attributes
            .iter()
            .all(|line| !line.path.starts_with("members"))
    );
}

#[test]
fn the_palette_finds_the_best_first() {
    let mut world = company();
    world.user(1, json!({"id": "z", "userName": "joann", "displayName": "Joann Ops"}));
    let directory = world.directory();
    let told = |text: &str| {
        directory
            .goto(text, 3)
            .into_iter()
            .map(|hit| (hit.kind, hit.name))
            .collect::<Vec<_>>()
    };
    let pair = |kind: &str, name: &str| (kind.to_owned(), name.to_owned());
    assert_eq!(told("ann"), [pair("person", "Ann"), pair("person", "Joann Ops")]);
    assert_eq!(told("ops"), [pair("group", "Ops"), pair("person", "Joann Ops")]);
    assert_eq!(told("ledger"), [pair("source", "Ledgerly")]);
    assert!(told(" ").is_empty());
}

#[test]
fn keys_lead_to_rows_and_histories() {
    let world = company();
    let directory = world.directory();
    let located = directory.locate("1.ops").unwrap();
    assert_eq!(
        (located.kind, located.source, located.read_at),
        (ResourceKind::Group, 1, Some(1_000))
    );
    assert_eq!(directory.timeline_keys("2.d.1"), [(1, "a".to_owned()), (2, "d.1".to_owned())]);
    assert_eq!(directory.locate("1.zz"), None);
}
