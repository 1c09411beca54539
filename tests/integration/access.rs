//! Who can do what, over the make-believe company: against the answer that was worked out by hand from the company's definition.

use std::collections::{BTreeMap, BTreeSet};

use lanyard_engine::Engine;
use lanyard_engine::view::{
    AccessPath, AccessState, CoverageState, EngineEvent, ExportFormat, HighestRole, Holding, HopKind, MapQuery, PeopleQuery, PeopleSort,
    PersonRow, WhoCan,
};
use serde_json::Value;

use crate::tenant::Tenant;

/// By user name without its domain (a program by its name): the state, and the paths as the fixture writes them.
pub type Answered = BTreeMap<String, (AccessState, BTreeSet<Vec<String>>)>;

/// The answer that was worked out by hand: its document, and who is in it.
pub fn expected() -> (Value, Answered) {
    let document: Value = serde_json::from_str(include_str!("../fixtures/halcyon-who-can-restore.json")).unwrap();
    let identities = document["identities"].as_array().unwrap().iter().map(|one| {
        let state = serde_json::from_value(one["state"].clone()).unwrap();
        let paths = serde_json::from_value(one["paths"].clone()).unwrap();
        (one["user"].as_str().unwrap().to_owned(), (state, paths))
    });
    let identities = identities.collect();
    (document, identities)
}

/// A path as the fixture writes it: groups from the person outwards, the role, the scope that it is assigned on.
fn names(path: &AccessPath, scope: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut on = scope.to_owned();
    for hop in &path.hops {
        match hop.kind {
            HopKind::Member | HopKind::Nested | HopKind::Holds | HopKind::Owns => names.push(hop.to.name.clone()),
            HopKind::Inherits => on.clone_from(&hop.from.name),
            HopKind::Permits => {}
        }
    }
    names.push(on);
    names
}

/// Who is in an answer.
pub fn answered(engine: &Engine, answer: &WhoCan) -> Answered {
    let short = |key: &str| {
        let person = engine.person(key.strip_prefix("person:").unwrap()).unwrap();
        // A program has its application's id where people have a user name.
        let is_id = |name: &String| name.len() == 36 && name.chars().all(|sign| sign.is_ascii_hexdigit() || sign == '-');
        let name = person.row.user_name.filter(|name| !is_id(name)).unwrap_or(person.row.name);
        name.rsplit_once('@')
            .map_or(name.clone(), |(local, _)| local.to_owned())
            .to_lowercase()
    };
    let row = |row: &lanyard_engine::view::WhoCanRow| {
        let paths = row.paths.iter().map(|path| names(path, &answer.scope.name)).collect();
        (short(&row.identity.key), (row.state, paths))
    };
    answer.identities.iter().map(row).collect()
}

fn vault(engine: &Engine) -> String {
    match engine.name_scope("vault-prod").unwrap() {
        lanyard_engine::map::Named::One(node) => node.key,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_can_restore_is_exactly_what_was_worked_out_by_hand() {
    let tenant = Tenant::start().await;
    tenant.sync_whole().await;
    let engine = &tenant.connected.engine;
    let answer = engine.who_can("restore", &vault(engine), 0, 100).unwrap();
    let (expected, wanted) = expected();
    let found = answered(engine, &answer);
    for (who, what) in &wanted {
        assert_eq!(found.get(who), Some(what), "{who}");
    }
    let more: Vec<_> = found.keys().filter(|who| !wanted.contains_key(*who)).collect();
    assert!(more.is_empty(), "{more:?}");
    for one in expected["identities"].as_array().unwrap() {
        let denied = one["deny"].as_str();
        if let Some(deny) = denied {
            let row = answer
                .identities
                .iter()
                .find(|row| row.state == AccessState::Denied && row.reasons.iter().any(|reason| reason.contains(deny)));
            assert!(row.is_some(), "no reason names {deny}");
        }
    }
    let dormant: Vec<_> = answer.identities.iter().filter(|row| row.dormant.is_some()).collect();
    assert_eq!(dormant.len(), 1, "{dormant:?}");
    assert_eq!(
        answer.unknown.len(),
        expected["unknown"].as_array().unwrap().len(),
        "{:#?}",
        answer.unknown
    );
    assert!(
        answer.unknown.iter().any(|one| one.what.contains("deleted on")),
        "{:#?}",
        answer.unknown
    );
    assert!(
        answer.unknown.iter().any(|one| one.what.contains("not found")),
        "{:#?}",
        answer.unknown
    );
    assert!(answer.caveats.is_empty(), "all was read: {:?}", answer.caveats);

    // Who holds rights over the guard as well; one of them would have to activate the right on the vault first, and that is said.
    let restore = engine.who_can_restore(0, 500).unwrap();
    let breaches = |activated: bool| -> BTreeSet<&str> {
        restore
            .breaches
            .iter()
            .filter(|breach| breach.vault.name == "vault-prod" && breach.backup.ends_with("can be activated") != activated)
            .map(|breach| breach.identity.name.as_str())
            .collect()
    };
    assert_eq!(
        breaches(true),
        BTreeSet::from(["Adaeze Ọkáfọ\u{300}", "Ingeborg Hallström", "İbrahim Iğdır"])
    );
    assert_eq!(breaches(false), BTreeSet::from(["Siobhán Ní Dhomhnaill"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_view_answers_over_the_whole_company() {
    let tenant = Tenant::start().await;
    tenant.sync_whole().await;
    let engine = &tenant.connected.engine;
    let query = MapQuery::default();
    let flow = engine.access_flow(&query).unwrap();
    assert!(flow.nodes.len() < 500 && !flow.ribbons.is_empty());
    let table = engine.access_table(&query, 0, 500).unwrap();
    assert!(table.total > 100);
    // Each page follows on the one before it.
    let mut listed = 0;
    while listed < table.total {
        let page = engine.access_table(&query, listed, 500).unwrap();
        assert!(!page.rows.is_empty(), "page at {listed} of {}", table.total);
        listed += page.rows.len() as u32;
    }
    assert_eq!(listed, table.total);
    // What a path tells can be asked on: its records, and what would go.
    let olena = match engine.name_person("olena.shevchenko@halcyon.example").unwrap() {
        lanyard_engine::map::Named::One(node) => node,
        other => panic!("{other:?}"),
    };
    let focused = engine
        .access_flow(&MapQuery {
            focus: Some(olena.key.clone()),
            target: Some(vault(engine)),
            privileged: true,
            ..MapQuery::default()
        })
        .unwrap();
    assert_eq!(focused.paths.len(), 2);
    for hop in focused.paths.iter().flat_map(|path| &path.hops) {
        for document in hop.provenance.iter().filter_map(|from| from.document.as_deref()) {
            assert!(engine.raw_document(document).is_ok(), "{document}");
        }
        if let Some(edge) = &hop.edge {
            let gone = engine.without_edge(edge).unwrap();
            assert!(gone.losses_total + gone.kept_total > 0, "{gone:?}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    for (view, format, part) in [
        (
            lanyard_engine::view::MapViewName::Table,
            lanyard_engine::view::MapFormat::Csv,
            "Backup Operator",
        ),
        (
            lanyard_engine::view::MapViewName::Matrix,
            lanyard_engine::view::MapFormat::Csv,
            "backup-operators",
        ),
        (
            lanyard_engine::view::MapViewName::Restore,
            lanyard_engine::view::MapFormat::Json,
            "vault-prod",
        ),
        (
            lanyard_engine::view::MapViewName::Flow,
            lanyard_engine::view::MapFormat::Svg,
            "</svg>",
        ),
    ] {
        let path = folder.path().join(format!("{view:?}.{format:?}"));
        let done = engine.export_map(&query, view, format, &path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(part) && done.bytes as usize == text.len(), "{view:?}");
    }
}

fn people(engine: &Engine) -> Vec<PersonRow> {
    let query = PeopleQuery {
        limit: 500,
        ..PeopleQuery::default()
    };
    engine.people(&query).unwrap().rows
}

/// Has the map made in the background, and gives the people once that was told.
async fn people_with_map(engine: &Engine) -> Vec<PersonRow> {
    let mut events = engine.events();
    engine.make_map_aside();
    let made = async { while !matches!(events.recv().await.unwrap(), EngineEvent::DirectoryChanged { .. }) {} };
    tokio::time::timeout(std::time::Duration::from_secs(60), made).await.unwrap();
    people(engine)
}

#[tokio::test(flavor = "multi_thread")]
async fn people_tell_what_they_may_do_once_the_map_is_there() {
    let tenant = Tenant::start().await;
    tenant.sync_whole().await;
    let engine = &tenant.connected.engine;
    let early = people(engine);
    assert!(
        early.len() > 200 && early.iter().all(|row| row.privilege.is_none()),
        "a list waits for no map"
    );
    let rows = people_with_map(engine).await;
    let (mut ranks, mut open) = (BTreeSet::new(), 0);
    for row in &rows {
        let told = row.privilege.as_ref().unwrap();
        let all = engine.access_of(&row.key).unwrap();
        // All was read; only what a role without its definition permits is open, and only for those who hold it.
        assert_eq!(told.not_evaluated, !all.caveats.is_empty(), "{row:?}");
        open += u32::from(told.not_evaluated);
        let holds: Vec<_> = all
            .holdings
            .iter()
            .filter(|one| !matches!(one.state, AccessState::Denied | AccessState::NotFollowed))
            .collect();
        assert_eq!(told.highest.is_some(), !holds.is_empty(), "{row:?}");
        if let Some(highest) = &told.highest {
            assert_eq!(highest.can_restore, holds.iter().any(|one| one.can_restore), "{row:?}");
            assert_eq!(highest.privileged, holds.iter().any(|one| one.privileged), "{row:?}");
            let alike = |one: &&&Holding| (one.can_restore, one.privileged) == (highest.can_restore, highest.privileged);
            assert_eq!(
                Some(highest.state),
                holds.iter().filter(alike).map(|one| one.state).min(),
                "{row:?}"
            );
            ranks.insert((highest.can_restore, highest.privileged));
        }
    }
    assert!(ranks.len() >= 3, "all sorts are among them: {ranks:?}");
    assert!(open > 0 && open < 20, "{open}");
    let person = engine.person(&rows[0].key).unwrap();
    assert_eq!(person.row.privilege, rows[0].privilege);
    by_privilege(engine, &rows);

    // What may no longer be read leaves open what else there is.
    tenant.handle.refuse("Microsoft.Authorization/roleAssignments/read", "/");
    let _ = tenant.connected.sync().await;
    assert!(people(engine).iter().all(|row| row.privilege.is_none()));
    let rows = people_with_map(engine).await;
    assert!(rows.iter().all(|row| row.privilege.as_ref().unwrap().not_evaluated));
}

/// What sorts People by the most that each may do: more is more.
fn weight(row: &PersonRow) -> (bool, bool, bool, std::cmp::Reverse<Option<AccessState>>) {
    let highest = row.privilege.as_ref().unwrap().highest.as_ref();
    let is = |what: fn(&HighestRole) -> bool| highest.is_some_and(what);
    (
        highest.is_some(),
        is(|one| one.can_restore),
        is(|one| one.privileged),
        std::cmp::Reverse(highest.map(|one| one.state)),
    )
}

/// The list is sorted by it over all pages, and written with it.
fn by_privilege(engine: &Engine, all: &[PersonRow]) {
    let query = |descending, offset, limit| PeopleQuery {
        sort: PeopleSort::Privilege,
        descending,
        offset,
        limit,
        ..PeopleQuery::default()
    };
    let mut expected: Vec<PersonRow> = all.to_vec();
    // Stable: alike ones stay by name.
    expected.sort_by_key(|row| std::cmp::Reverse(weight(row)));
    let mut paged = engine.people(&query(true, 0, 7)).unwrap().rows;
    paged.extend(engine.people(&query(true, 7, 500)).unwrap().rows);
    assert_eq!(paged, expected);
    assert!(paged[0].privilege.as_ref().unwrap().highest.as_ref().unwrap().can_restore);
    // Who holds nothing comes last both ways.
    let upwards = engine.people(&query(false, 0, 500)).unwrap().rows;
    assert_eq!(upwards.last(), expected.last());
    assert!(weight(&upwards[0]) < weight(&paged[0]) && weight(&upwards[0]).0);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.csv");
    let columns = ["name".to_owned(), "privilege".to_owned()];
    engine
        .export_people(&query(true, 0, 1), &columns, ExportFormat::Csv, &path)
        .unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), all.len() + 1);
    let first = paged[0].privilege.as_ref().unwrap().highest.as_ref().unwrap();
    let line = text.lines().nth(1).unwrap();
    assert!(line.contains(&format!("{} on {}", first.role, first.scope)), "{line}");
    assert!(text.lines().any(|line| line.contains(", can be activated")), "{text}");
    assert!(text.lines().any(|line| line.ends_with(",none")), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn namesakes_are_told_apart_and_others_are_not() {
    let tenant = Tenant::start().await;
    tenant.sync_whole().await;
    let engine = &tenant.connected.engine;
    let table = engine.access_table(&MapQuery::default(), 0, 500).unwrap();
    let mut by_name: BTreeMap<&str, BTreeSet<(&str, Option<&str>)>> = BTreeMap::new();
    for row in &table.rows {
        let known = by_name.entry(&row.identity.name).or_default();
        known.insert((&row.identity.key, row.identity.apart.as_deref()));
    }
    let everyone = people(engine);
    for (name, found) in by_name {
        let namesakes = everyone.iter().filter(|row| row.name == name).count();
        assert!(
            found.iter().all(|(_, apart)| apart.is_some() == (namesakes > 1)),
            "{name}: {found:?}"
        );
    }
    let canaries = engine.who_can_restore(0, 500).unwrap().rows;
    let apart: BTreeSet<_> = canaries
        .iter()
        .filter(|row| row.identity.name == "Canary Test identity")
        .map(|row| row.identity.apart.clone().unwrap())
        .collect();
    assert_eq!(apart.len(), 3, "{apart:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn proposed_restore_groups_stand_until_somebody_decides() {
    let tenant = Tenant::start().await;
    let engine = &tenant.connected.engine;
    let proposed = ["backup-operators".to_owned(), "no-such-group".to_owned()];
    engine.propose_restore_groups(&proposed).unwrap();
    assert!(engine.restore_groups().unwrap().is_empty(), "nobody knows the groups yet");
    tenant.sync_whole().await;
    engine.propose_restore_groups(&proposed).unwrap();
    let names = || {
        engine
            .restore_groups()
            .unwrap()
            .into_iter()
            .map(|group| group.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(), ["backup-operators"]);
    engine.set_restore_groups(&[]).unwrap();
    engine.propose_restore_groups(&proposed).unwrap();
    assert!(names().is_empty(), "none is a decision too");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_was_not_synced_is_not_evaluated() {
    let tenant = Tenant::start().await;
    let engine = &tenant.connected.engine;
    let restore = engine.who_can_restore(0, 10).unwrap();
    assert_eq!(restore.total, 0);
    assert!(
        restore.caveats.iter().any(|caveat| caveat.text.contains("not synced yet")),
        "{:?}",
        restore.caveats
    );
    let coverage = &tenant.connected.now().coverage;
    assert!(coverage.iter().all(|coverage| coverage.state != CoverageState::Complete));
}
