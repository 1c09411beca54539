//! The company is the same from the same seed, and holds what stories and tests count on.

use std::collections::{BTreeSet, HashSet};

use super::*;

fn company() -> Company {
    Company::generate(DEFAULT_SEED, DEFAULT_PEOPLE)
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_gives_others() {
    let draw = |seed| {
        let company = Company::generate(seed, 300);
        let renderer = company.renderer("http://127.0.0.1:1/scim/v2");
        let users: Vec<u8> = (0..company.people.len()).flat_map(|number| renderer.user(number)).collect();
        let groups: Vec<u8> = (0..company.groups.len()).flat_map(|number| renderer.group(number)).collect();
        (users, groups, format!("{:?}", company.downstream))
    };
    assert_eq!(draw(5), draw(5));
    assert_ne!(draw(5).0, draw(6).0);
}

#[test]
fn the_bytes_of_the_default_company_stay_as_they_are() {
    let company = company();
    let renderer = company.renderer("http://127.0.0.1:1/scim/v2");
    let user = String::from_utf8(renderer.user(company.person("olena.shevchenko").expect("there"))).expect("UTF-8");
    insta::assert_snapshot!(user);
}

#[test]
fn those_whom_the_stories_need_are_there() {
    let company = company();
    for name in [
        "olena.shevchenko",
        "siobhan.nidhomhnaill",
        "adaeze.okafor",
        "giorgi.beridze",
        "misaki.tanaka",
        "svc-backup-runner",
        "conor.o'brien",
        "canary-payments-03",
    ] {
        assert!(company.person(name).is_some(), "{name}");
    }
    for name in [
        "payments-sre",
        "backup-operators",
        "vault-prod-restore",
        "platform-admins",
        "ledgerly-approvers",
        "all-staff",
    ] {
        assert!(company.group(name).is_some(), "{name}");
    }
    let olena = &company.people[company.person("olena.shevchenko").expect("there")];
    assert_eq!(olena.display_name(), "Олена Шевченко");
    assert_eq!(olena.email().as_deref(), Some("olena.shevchenko@halcyon.example"));
    assert_eq!(
        olena.manager.map(|number| company.people[number as usize].user_name.as_str()),
        Some("adaeze.okafor")
    );
    let sre = &company.groups[company.group("payments-sre").expect("there")];
    assert!(sre.people.contains(&(company.person("olena.shevchenko").expect("there") as u32)));
    assert_eq!(
        company
            .people
            .iter()
            .filter(|person| person.display_name() == "Maria Schmidt")
            .count(),
        2
    );
    assert!(company.people.iter().any(|person| person.display_name().chars().count() == 200));
}

#[test]
fn names_and_identifiers_are_unique_without_regard_to_case() {
    let company = Company::generate(9, 20_000);
    let unique = |texts: &mut dyn Iterator<Item = String>| {
        let mut seen = HashSet::new();
        let mut repeated = texts.filter(|text| !seen.insert(text.to_lowercase()));
        repeated.next().is_none()
    };
    assert!(unique(&mut company.people.iter().map(|person| person.user_name.clone())));
    assert!(unique(&mut company.groups.iter().map(|group| group.name.clone())));
    assert!(unique(&mut (0..company.people.len()).map(|number| company.user_id(number))));
    assert!(unique(&mut company.downstream.accounts.iter().map(|account| account.id.clone())));
}

#[test]
fn managers_form_a_tree_of_people_who_still_work_here() {
    let company = Company::generate(3, 5_000);
    for (number, person) in company.people.iter().enumerate() {
        let mut above = person.manager;
        let mut steps = 0;
        while let Some(manager) = above {
            assert_ne!(manager as usize, number, "{} is their own manager", person.user_name);
            assert!(company.people[manager as usize].active);
            above = company.people[manager as usize].manager;
            steps += 1;
            assert!(steps < 20, "a circle above {}", person.user_name);
        }
    }
}

#[test]
fn groups_nest_without_a_circle_and_four_deep() {
    let company = company();
    let mut depth = vec![0; company.groups.len()];
    for (number, group) in company.groups.iter().enumerate() {
        for &child in &group.groups {
            assert!((child as usize) < number, "{} stands before what it nests", group.name);
            depth[number] = depth[number].max(depth[child as usize] + 1);
        }
    }
    assert_eq!(depth[company.group("production-access").expect("there")], 3);
    assert!(
        company
            .groups
            .iter()
            .any(|group| group.people.is_empty() && group.groups.is_empty())
    );
}

#[test]
fn at_scale_there_is_a_group_per_twenty_people_and_five_memberships_each() {
    let company = Company::generate(1, 20_000);
    let groups = company.groups.len() as f64 / 20_000.0;
    let memberships = company.memberships() as f64 / 20_000.0;
    assert!((0.045..0.055).contains(&groups), "{groups}");
    assert!((4.5..5.5).contains(&memberships), "{memberships}");
}

#[test]
fn the_past_lies_within_five_years_before_today() {
    let company = Company::generate(4, 2_000);
    let today = company.today.as_millisecond();
    for person in &company.people {
        assert!(person.joined <= person.changed && person.changed <= today, "{}", person.user_name);
        assert!(person.joined >= today - 5 * 366 * DAY, "{}", person.user_name);
    }
    assert_eq!(company.today, Company::generate(4, 10).today);
}

#[test]
fn the_downstream_app_differs_where_it_should() {
    let company = company();
    let of = |name: &str| {
        let number = company.person(name).expect("in the company") as u32;
        company.downstream.accounts.iter().find(|account| account.person == number)
    };
    assert_eq!(of("olena.shevchenko").expect("there").id, "471182");
    assert_eq!(
        of("olena.shevchenko").and_then(|account| account.difference),
        Some(Difference::DisplayName("Olena Shevchenko"))
    );
    assert_eq!(
        of("giorgi.beridze").and_then(|account| account.difference),
        Some(Difference::StillActive)
    );
    assert!(of("misaki.tanaka").is_none());
    assert!(of("tomas.dvorak").expect("there").difference.is_none());
    assert!(!company.downstream.strangers.is_empty());
    let provisioned = company.groups.iter().filter(|group| group.provisioned).count();
    assert!((12..=24).contains(&provisioned), "{provisioned}");
}

#[test]
fn any_number_of_people_can_be_asked_for() {
    for people in [0, 1, 2, 7, 40, 68, 69, 100] {
        let company = Company::generate(2, people);
        assert_eq!(company.people.len(), people);
        let renderer = company.renderer("http://127.0.0.1:1/scim/v2");
        for number in 0..people {
            assert!(serde_json::from_slice::<serde_json::Value>(&renderer.user(number)).is_ok());
        }
        for number in 0..company.groups.len() {
            assert!(serde_json::from_slice::<serde_json::Value>(&renderer.group(number)).is_ok());
        }
    }
}

#[test]
fn scripts_are_many() {
    let company = company();
    let mut scripts = BTreeSet::new();
    for person in &company.people {
        for letter in person.display_name().chars() {
            scripts.insert(match u32::from(letter) {
                0x0370..=0x03ff => "Greek",
                0x0400..=0x04ff => "Cyrillic",
                0x0530..=0x058f => "Armenian",
                0x0590..=0x05ff => "Hebrew",
                0x0600..=0x06ff => "Arabic",
                0x0900..=0x097f => "Devanagari",
                0x0a00..=0x0a7f => "Gurmukhi",
                0x0e00..=0x0e7f => "Thai",
                0x10a0..=0x10ff => "Georgian",
                0x1200..=0x137f => "Ethiopic",
                0x3040..=0x30ff => "Kana",
                0x4e00..=0x9fff => "Han",
                0xac00..=0xd7af => "Hangul",
                _ => "Latin and signs",
            });
        }
    }
    assert!(scripts.len() >= 13, "{scripts:?}");
}
