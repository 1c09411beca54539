//! People and Groups: search, filters, sorting, narrowing, paging.

use std::sync::atomic::AtomicBool;

use lanyard_access::findings::scene::attribute;
use lanyard_scim::{Catalog, Filter};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::fold::fold;
use super::{GO_ON, World, names, query, source};
use crate::Error;
use crate::view::{CoverageState, GroupFacet, GroupQuery, GroupSort, PeopleFacet, PeopleQuery, PeopleSort, SlotState};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A user document with attributes missing, empty, oddly typed and oddly cased.
fn user() -> impl Strategy<Value = Value> {
    let text = || prop_oneof![4 => "[aAbÉé日 .]{0,4}".prop_map(Value::from), 1 => Just(Value::Null), 1 => (0..12u32).prop_map(Value::from)];
    let times = prop_oneof![
        Just("2024-05-01T00:00:00.0005Z"),
        Just("2024-05-01T00:00:00Z"),
        Just("2024-06-01T02:00:00+02:00"),
        Just("never")
    ];
    let active = prop_oneof![
        Just(json!(true)),
        Just(json!(false)),
        Just(json!("True")),
        Just(json!("False")),
        Just(Value::Null)
    ];
    let odd = prop_oneof![Just(json!(["Boss", "ab"])), Just(json!({"value": "ab"})), Just(json!(true))];
    (text(), text(), text(), text(), times, active, odd, any::<[bool; 6]>()).prop_map(
        |(user, title, kind, external, time, active, odd, flags)| {
            let mut document = json!({ "emails": [{"value": user}], "meta": {"lastModified": time} });
            let mut put = |name: &str, value: &Value, there: bool| {
                if there {
                    document[name] = value.clone();
                }
            };
            put(if flags[5] { "USERNAME" } else { "userName" }, &user, true);
            put("title", if flags[4] && flags[3] { &odd } else { &title }, flags[0]);
            put("userType", &kind, flags[1]);
            put("externalId", &external, flags[2]);
            put("displayName", &title, flags[3]);
            put("active", &active, flags[4]);
            put(ENTERPRISE, &json!({ "department": kind }), flags[5]);
            document
        },
    )
}

fn leaf() -> impl Strategy<Value = String> {
    let path = prop_oneof![
        Just("userName"),
        Just("USERNAME"),
        Just("title"),
        Just("userType"),
        Just("externalId"),
        Just("id"),
        Just("displayName"),
        Just("active"),
        Just("meta.lastModified"),
        Just("meta.created"),
        Just("emails"),
        Just("department"),
        Just("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"),
    ];
    let op = prop_oneof![
        Just("eq"),
        Just("ne"),
        Just("co"),
        Just("sw"),
        Just("ew"),
        Just("gt"),
        Just("ge"),
        Just("lt"),
        Just("le")
    ];
    let value = prop_oneof![
        4 => "[aAbÉé. ]{0,2}".prop_map(|text| Value::from(text).to_string()),
        1 => Just("true".to_owned()), 1 => Just("false".to_owned()), 1 => Just("null".to_owned()), 1 => Just("7".to_owned()),
        2 => prop_oneof![Just("\"2024-05-01T00:00:00Z\""), Just("\"2024-05-01T00:00:00.0005Z\""), Just("\"2024-06-01T00:00:00Z\"")].prop_map(str::to_owned),
    ];
    prop_oneof![6 => (path.clone(), op, value).prop_map(|(path, op, value)| format!("{path} {op} {value}")), 1 => path.prop_map(|path| format!("{path} pr")),
        1 => Just("emails[value co \"a\"]".to_owned())]
}

fn filter() -> impl Strategy<Value = String> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} and {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_filter_matches_whom_it_matches_by_the_documents(users in prop::collection::vec((user(), 1i64..3), 1..12), filters in prop::collection::vec(filter(), 1..4), only in prop::option::of(1i64..3)) {
        let mut world = World::new(vec![source(1, "Idp", true), source(2, "App", false)]);
        let mut documents = Vec::new();
        for (at, (mut document, of)) in users.into_iter().enumerate() {
            document["id"] = Value::from(format!("id{at}"));
            world.user(of, document.clone());
            documents.push((of, document));
        }
        let directory = world.directory();
        let catalog = Catalog::core();
        for text in filters {
            let filter = Filter::parse(&text).unwrap();
            // Each asked twice: the second answer comes from what was found out.
            for _ in 0..2 {
                let page = world.people(&directory, &PeopleQuery { filter: Some(text.clone()), source: only, ..query() });
                let mut found: Vec<u32> = page.rows.iter().map(|row| directory.people.of(directory.account(&row.key).unwrap())).collect();
                found.sort_unstable();
                let mut expected: Vec<u32> = documents.iter().enumerate()
                    .filter(|(_, (of, document))| only.is_none_or(|only| only == *of) && filter.matches(document, &catalog))
                    .map(|(at, _)| directory.people.of(at as u32)).collect();
                expected.sort_unstable();
                expected.dedup();
                prop_assert_eq!(found, expected, "{}", text);
                prop_assert_eq!(page.total as usize, page.rows.len());
            }
        }
    }

    #[test]
    fn people_are_found_sorted_and_paged_as_one_by_one(
        users in prop::collection::vec(("[aAbßéक]{0,3}", "[abé]{1,3}", prop::option::of("[Oo]ps|Ärzte|Bau"), 1i64..3), 1..20),
        search in "[abé ]{0,3}", sort in 0usize..5, descending in any::<bool>(), offset in 0u32..6, limit in 0u32..8,
    ) {
        let mut world = World::new(vec![source(1, "Idp", true), source(2, "App", false)]);
        for (at, (name, user, title, of)) in users.iter().enumerate() {
            world.user(*of, json!({"id": format!("ID-{at}"), "displayName": name, "userName": user, "title": title}));
        }
        let directory = world.directory();
        let sorts = [PeopleSort::Name, PeopleSort::UserName, PeopleSort::Title, PeopleSort::Changed, PeopleSort::Groups];
        let asked = PeopleQuery { search: search.clone(), sort: sorts[sort], descending, offset, limit, ..PeopleQuery::default() };
        let words: Vec<String> = fold(&search).split_whitespace().map(str::to_owned).collect();
        let holds = |account: u32| {
            let (name, user, ..) = &users[account as usize];
            let fields = [fold(name).into_owned(), fold(user).into_owned(), format!("id-{account}")];
            words.iter().all(|word| fields.iter().any(|field| field.contains(word.as_str())))
        };
        let mut expected: Vec<(u32, crate::view::PersonRow)> = (0..directory.people.len())
            .filter(|person| directory.people.members(*person).iter().any(|account| holds(*account)))
            .map(|person| (person, directory.person_row(person))).collect();
        // Name order first, then the column, stable.
        expected.sort_by_key(|(person, row)| (fold(&row.name).into_owned(), row.name.clone(), directory.people.leader(*person)));
        let column = |row: &crate::view::PersonRow| match sorts[sort] {
            PeopleSort::UserName => row.user_name.clone().map(|text| fold(&text).into_owned()),
            PeopleSort::Title => row.title.clone().map(|text| fold(&text).into_owned()),
            PeopleSort::Changed => row.changed_at.map(|at| at.to_string()),
            _ => Some(format!("{:09}", row.groups)),
        };
        match sorts[sort] {
            PeopleSort::Name if descending => expected.reverse(),
            PeopleSort::Name => {}
            _ => expected.sort_by(|(_, a), (_, b)| match (column(a), column(b)) {
                (Some(a), Some(b)) if descending => b.cmp(&a),
                (Some(a), Some(b)) => a.cmp(&b),
                (a, b) => a.is_none().cmp(&b.is_none()),
            }),
        }
        let page = world.people(&directory, &asked);
        prop_assert_eq!(page.total as usize, expected.len());
        let expected: Vec<_> = expected.into_iter().map(|(_, row)| row).skip(offset as usize).take(limit as usize).collect();
        prop_assert_eq!(page.rows, expected);
    }
}

fn two_sources() -> World {
    let mut world = World::new(vec![source(1, "Workforce", true), source(2, "Ledgerly", false)]);
    world.user(1, json!({"id": "a1", "userName": "siobhan", "displayName": "Siobhán O’Neill", "active": true, "emails": [{"value": "s@x"}], "title": "Clerk"}));
    world.user(1, json!({"id": "a2", "userName": "bob", "displayName": "Bob", "active": false}));
    world.user(
        1,
        json!({"id": "a3", "userName": "svc-build", "displayName": "Build robot", "userType": "Service", "active": true}),
    );
    world.user(2, json!({"id": "d1", "externalId": "a1", "userName": "siobhan.oneill", "displayName": "Siobha\u{301}n O’Neill", "active": true, "emails": [{"value": "S@X"}], "title": "Lead"}));
    world.user(
        2,
        json!({"id": "d2", "externalId": "a2", "userName": "bob@x", "displayName": "Bob", "active": true}),
    );
    world.user(
        2,
        json!({"id": "d3", "userName": "gone", "displayName": "Gone Person", "active": true}),
    );
    world.user(
        2,
        json!({"id": "d4", "userName": "gone2", "displayName": "Gone and disabled", "active": false}),
    );
    world
}

#[test]
fn managers_differ_as_people_where_it_is_known_who_they_are() {
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    // The differing bosses of somebody, where the two sources know so many of the bosses.
    let differs = |here: &str, there: &str, known: [&[&str]; 2]| {
        let mut world = World::new(vec![source(1, "Workforce", true), source(2, "Ledgerly", false)]);
        for boss in known[0] {
            world.user(1, json!({"id": format!("a-{boss}"), "userName": boss, "displayName": boss}));
        }
        for boss in known[1] {
            // The same person, where the other source knows them.
            world.user(
                2,
                json!({"id": format!("d-{boss}"), "externalId": format!("a-{boss}"), "userName": boss, "displayName": boss}),
            );
        }
        let named = |id: String| json!({ "manager": { "value": id } });
        world.user(
            1,
            json!({"id": "a", "userName": "ann", "displayName": "Ann", enterprise: named(format!("a-{here}"))}),
        );
        world.user(
            2,
            json!({"id": "d", "externalId": "a", "userName": "ann", "displayName": "Ann", enterprise: named(format!("d-{there}"))}),
        );
        let directory = world.directory();
        let differences = directory.scene_differences();
        assert_eq!(counts(&world)[4] > 0, !differences.is_empty(), "lists and findings say the same");
        differences.iter().any(|difference| difference.attributes == attribute::MANAGER)
    };
    let both: [&[&str]; 2] = [&["bo", "cy"], &["bo", "cy"]];
    assert!(!differs("bo", "bo", both), "the same person by two ids");
    assert!(differs("bo", "cy", both));
    assert!(
        differs("bo", "cy", [&["bo", "cy"], &["cy"]]),
        "Cy is known to both, and was not named here"
    );
    assert!(
        differs("bo", "cy", [&["bo"], &["bo", "cy"]]),
        "Bo is known to both, and was not named there"
    );
    assert!(!differs("bo", "cy", [&["bo"], &["cy"]]), "Cy may be Bo under another name");
    assert!(!differs("bo", "dee", both), "nobody with that id is held");
}

fn counts(world: &World) -> Vec<u32> {
    world
        .directory()
        .people_facet_counts()
        .into_iter()
        .map(|facet| facet.count)
        .collect()
}

#[test]
fn facets_and_slots_say_what_each_source_says() {
    let world = two_sources();
    let directory = world.directory();
    // Everyone, active, disabled, service, differs (title; state), left behind (Bob, Gone), unconfirmed.
    assert_eq!(counts(&world), [5, 4, 1, 1, 2, 2, 0]);
    let page = world.people(
        &directory,
        &PeopleQuery {
            search: "siobhan".into(),
            ..query()
        },
    );
    assert_eq!(page.total, 1);
    let slots: Vec<(SlotState, bool)> = page.rows[0].slots.iter().map(|slot| (slot.state, slot.differs)).collect();
    assert_eq!(slots, [(SlotState::Active, false), (SlotState::Active, true)]);
    let page = world.people(
        &directory,
        &PeopleQuery {
            facet: PeopleFacet::LeftBehind,
            ..query()
        },
    );
    assert_eq!(names(&page), ["Bob", "Gone Person"]);
    assert_eq!(page.rows[1].slots[0].state, SlotState::NoAccount);
    let overview = directory.overview();
    assert_eq!(
        overview.headline,
        "5 people in 2 systems; they differ about 2 of them, and 2 are left behind."
    );
    assert_eq!(overview.caveat, None);
}

#[test]
fn what_was_not_read_in_full_is_never_none() {
    let mut world = two_sources();
    world.sources[0].users_complete = CoverageState::Incomplete;
    let directory = world.directory();
    let page = world.people(
        &directory,
        &PeopleQuery {
            search: "gone".into(),
            ..query()
        },
    );
    assert_eq!(page.rows[0].slots[0].state, SlotState::NotEvaluated);
    assert!(page.caveats[0].text.contains("not all people were read"), "{:?}", page.caveats);
    // Only Bob is known to be left behind: his account at the authoritative source was seen, and is disabled.
    assert_eq!(counts(&world)[5], 1);
    assert_eq!(directory.overview().caveat.unwrap(), "Workforce was not read in full.");
    world.sources[0].users_complete = CoverageState::NotEvaluated;
    world.sources[0].read_at = None;
    assert!(world.directory().people_facet_counts()[5].count == 1);
}

#[test]
fn a_disabled_source_is_left_out() {
    let mut world = two_sources();
    world.sources[1].enabled = false;
    let directory = world.directory();
    assert_eq!(directory.accounts(), 3);
    assert!(directory.account("2.d1").is_none());
    assert_eq!(world.people(&directory, &query()).rows[0].slots.len(), 1);
    assert_eq!(
        world
            .people(
                &directory,
                &PeopleQuery {
                    source: Some(2),
                    ..query()
                }
            )
            .total,
        0
    );
}

#[test]
fn columns_spare_reading_documents() {
    let world = two_sources();
    let directory = world.directory();
    let ask = |filter: &str, search: &str| {
        *world.store.read.lock().unwrap() = 0;
        let page = world.people(
            &directory,
            &PeopleQuery {
                filter: Some(filter.into()),
                search: search.into(),
                ..query()
            },
        );
        (page.total, *world.store.read.lock().unwrap())
    };
    assert_eq!(ask("active eq false", ""), (2, 0));
    assert_eq!(ask("userName sw \"siob\" and not (active eq false)", ""), (1, 0));
    assert_eq!(ask("id eq \"a1\" or userName eq \"BOB\"", ""), (2, 0));
    // Whether an attribute is absent, the documents say: of those four who have none and do not match already.
    assert_eq!(ask("id eq \"a1\" or externalId eq \"a2\"", ""), (2, 4));
    // Only the people who are found are read, and each once.
    assert_eq!(ask("nickName pr", "gone"), (0, 2));
    assert_eq!(ask("nickName pr", ""), (0, 5));
    assert_eq!(ask("nickName pr", ""), (0, 0));
}

#[test]
fn an_answer_that_is_wanted_no_more_ends() {
    let world = two_sources();
    let directory = world.directory();
    let asked = PeopleQuery {
        filter: Some("nickName pr".into()),
        ..query()
    };
    let ended = directory.people(&asked, &world.store, &Catalog::core(), &AtomicBool::new(true));
    assert!(matches!(ended, Err(Error::Source(_))), "{ended:?}");
    assert_eq!(directory.people(&asked, &world.store, &Catalog::core(), &GO_ON).unwrap().total, 0);
    let broken = directory.people(
        &PeopleQuery {
            filter: Some("userName eq".into()),
            ..query()
        },
        &world.store,
        &Catalog::core(),
        &GO_ON,
    );
    assert!(matches!(broken, Err(Error::Filter(problem)) if problem.start == 11));
}

fn groups() -> World {
    let mut world = World::new(vec![source(1, "Workforce", true), source(2, "Ledgerly", false)]);
    for (id, name) in [("a", "Ann"), ("b", "Bob"), ("c", "Cem")] {
        world.user(1, json!({"id": id, "userName": id, "displayName": name}));
        world.user(2, json!({"id": format!("d-{id}"), "externalId": id, "userName": id}));
    }
    let members = |ids: &[&str]| ids.iter().map(|id| json!({ "value": id })).collect::<Vec<_>>();
    world.group(
        1,
        json!({"id": "g1", "displayName": "All", "members": members(&["a", "g2", "nobody"])}),
    );
    world.group(1, json!({"id": "g2", "displayName": "Ops", "members": members(&["b", "a"])}));
    world.group(1, json!({"id": "g3", "displayName": "Void", "members": []}));
    world.group(1, json!({"id": "g4", "displayName": "Hidden"}));
    world.group(1, json!({"id": "g5", "displayName": "Around", "members": members(&["g4", "c"])}));
    world.group(
        2,
        json!({"id": "x2", "displayName": "OPS", "members": members(&["d-a", "d-b", "d-c"])}),
    );
    world
}

#[test]
fn groups_count_members_and_people_and_never_say_none_where_they_do_not_know() {
    let world = groups();
    let directory = world.directory();
    let ask = |query: GroupQuery| {
        directory
            .groups(&GroupQuery { limit: 100, ..query }, &world.store, &Catalog::core(), &GO_ON)
            .unwrap()
    };
    let page = ask(GroupQuery::default());
    let told: Vec<_> = page
        .rows
        .iter()
        .map(|row| (row.name.as_str(), row.members, row.nested_groups, row.people, row.parents))
        .collect();
    assert_eq!(
        told,
        [
            ("All", Some(2), 1, Some(2), 0),
            ("Around", Some(2), 1, None, 0),
            ("Hidden", None, 0, None, 1),
            ("Ops", Some(2), 0, Some(2), 1),
            ("Void", Some(0), 0, Some(0), 0),
        ]
    );
    let facets: Vec<u32> = directory.group_facet_counts().into_iter().map(|facet| facet.count).collect();
    assert_eq!(facets, [5, 1, 2, 1, 0]);
    let differing = ask(GroupQuery {
        facet: GroupFacet::Differs,
        ..GroupQuery::default()
    });
    assert_eq!((differing.rows[0].name.as_str(), differing.rows[0].slots[1].differs), ("Ops", true));
    let by_people = ask(GroupQuery {
        sort: GroupSort::People,
        descending: true,
        ..GroupQuery::default()
    });
    let order: Vec<&str> = by_people.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(order, ["All", "Ops", "Void", "Around", "Hidden"], "unknown comes last both ways");
    assert_eq!(
        ask(GroupQuery {
            filter: Some("displayName eq \"ops\"".into()),
            source: Some(2),
            ..GroupQuery::default()
        })
        .total,
        1
    );
    assert_eq!(
        ask(GroupQuery {
            filter: Some("members.value eq \"g2\"".into()),
            ..GroupQuery::default()
        })
        .rows[0]
            .name,
        "All"
    );
    assert_eq!(
        ask(GroupQuery {
            search: "X2".into(),
            ..GroupQuery::default()
        })
        .rows[0]
            .key,
        "1.g2"
    );
}

#[test]
fn people_count_their_linked_groups_once() {
    let world = groups();
    let page = world.people(
        &world.directory(),
        &PeopleQuery {
            sort: PeopleSort::Groups,
            descending: true,
            ..query()
        },
    );
    let told: Vec<(&str, u32)> = page.rows.iter().map(|row| (row.name.as_str(), row.groups)).collect();
    // Ann: All and Ops (at both sources); Bob: Ops; Cem: Around and Ops (downstream only).
    assert_eq!(told, [("Ann", 2), ("Cem", 2), ("Bob", 1)]);
}
