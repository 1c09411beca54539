//! The three views over one query.

use std::collections::HashSet;

use super::*;
use crate::view::{CellHow, FlowView, Layer, MapQuery, MatrixWindow};

fn query() -> MapQuery {
    MapQuery::default()
}

fn labels(view: &FlowView, layer: Layer) -> Vec<&str> {
    view.nodes
        .iter()
        .filter(|node| node.layer == layer)
        .map(|node| node.label.as_str())
        .collect()
}

fn whole() -> MatrixWindow {
    MatrixWindow {
        rows: 200,
        columns: 200,
        ..MatrixWindow::default()
    }
}

#[test]
fn every_ribbon_joins_two_boxes_and_every_place_is_taken_once() {
    let map = Company::new().map();
    let queries = [
        query(),
        MapQuery {
            privileged: true,
            ..query()
        },
        MapQuery {
            search: "sre".into(),
            ..query()
        },
        MapQuery {
            focus: Some("person:1.1".into()),
            ..query()
        },
        MapQuery {
            focus: Some("group:3.az-ops".into()),
            open: vec!["more:groups".into()],
            ..query()
        },
        MapQuery {
            non_human: true,
            ..query()
        },
        MapQuery { drifted: true, ..query() },
        MapQuery {
            search: "zzzz".into(),
            ..query()
        },
    ];
    for query in queries {
        let view = map.flow(&query).unwrap();
        let ids: HashSet<&str> = view.nodes.iter().map(|node| node.id.as_str()).collect();
        assert_eq!(ids.len(), view.nodes.len(), "{query:?}");
        for ribbon in &view.ribbons {
            assert!(ids.contains(&*ribbon.from) && ids.contains(&*ribbon.to), "{ribbon:?}");
        }
        let places: HashSet<(Layer, u32)> = view.nodes.iter().map(|node| (node.layer, node.place)).collect();
        assert_eq!(places.len(), view.nodes.len());
    }
}

#[test]
fn a_focus_with_a_target_numbers_its_path_and_fades_the_rest() {
    let map = Company::new().map();
    let (olena, vault) = (one(map.name_person("Olena")), one(map.name_scope("vault-prod")));
    let view = map
        .flow(&MapQuery {
            focus: Some(olena.clone()),
            target: Some(vault.clone()),
            ..query()
        })
        .unwrap();
    assert_eq!(view.title, "What can Olena reach, and through what?");
    assert_eq!(view.paths.len(), 2);
    // The shortest is direct: by "No group" to the role, and on to the vault.
    let mut steps: Vec<_> = view
        .ribbons
        .iter()
        .filter_map(|ribbon| ribbon.step.map(|step| (step, &*ribbon.from, &*ribbon.to)))
        .collect();
    steps.sort_unstable();
    let role = one(map.name_role("Backup Operator"));
    assert_eq!(steps, [(1, "none", &*role), (2, &*role, &*vault)]);
    let on: HashSet<&str> = view
        .nodes
        .iter()
        .filter(|node| node.on_path)
        .map(|node| node.label.as_str())
        .collect();
    for label in [
        "Olena",
        "payments-sre",
        "backup-operators",
        "No group",
        "Backup Operator",
        "vault-prod",
    ] {
        assert!(on.contains(label), "{label} in {on:?}");
    }
    for label in ["Erin", "Contributor", "Corp"] {
        assert!(!on.contains(label), "{label} in {on:?}");
    }
    let node = view.nodes.iter().find(|node| node.id == vault).unwrap();
    assert!(node.focus);
    // Dave is denied it.
    assert_eq!(node.sub, "5 can restore");
    let nested = view
        .ribbons
        .iter()
        .find(|ribbon| ribbon.edge.as_deref() == Some("member:3.az-ops>3.az-sre"))
        .unwrap();
    assert_eq!((nested.people, nested.on_path), (2, true));
}

#[test]
fn filters_leave_what_they_say() {
    let map = Company::new().map();
    let non_human = map
        .flow(&MapQuery {
            non_human: true,
            ..query()
        })
        .unwrap();
    assert_eq!(labels(&non_human, Layer::People), ["backup-runner"]);
    let restore = map
        .flow(&MapQuery {
            can_restore: true,
            ..query()
        })
        .unwrap();
    assert_eq!(labels(&restore, Layer::Roles).len(), 2);
    let backstage = map
        .flow(&MapQuery {
            systems: vec![SourceKind::Backstage],
            ..query()
        })
        .unwrap();
    assert!(labels(&backstage, Layer::Roles).contains(&"payments-owner"));
    assert!(!labels(&backstage, Layer::Roles).contains(&"Contributor"));
    // Payments differs between the systems, backup-operators stands in one alone; but payments-sre's drift is its own.
    let search = map
        .flow(&MapQuery {
            search: "erin".into(),
            ..query()
        })
        .unwrap();
    assert_eq!(labels(&search, Layer::People), ["Erin"]);
    assert_eq!(labels(&search, Layer::Roles), ["Contributor"]);
    let nothing = map
        .flow(&MapQuery {
            search: "zzzz".into(),
            ..query()
        })
        .unwrap();
    assert!(nothing.nodes.is_empty() && nothing.ribbons.is_empty());
}

#[test]
fn the_list_has_a_line_for_each_holding_and_pages_agree_with_it() {
    let map = Company::new().map();
    let all = map.table(&query(), 0, 500).unwrap();
    assert_eq!(all.rows.len() as u32, all.total);
    // The same by asking each person alone.
    let mut wanted = Vec::new();
    for person in 0..map.directory().identities().len() {
        let of = map.access_of(&map.person_ref(person).key).unwrap();
        wanted.extend(
            of.holdings
                .into_iter()
                .map(|holding| (of.identity.key.clone(), holding.role.key, holding.scope.key, holding.state)),
        );
    }
    let key = |row: &crate::view::AccessRow| (row.identity.key.clone(), row.role.key.clone(), row.scope.key.clone(), row.state);
    let mut listed: Vec<_> = all.rows.iter().map(key).collect();
    listed.sort_by(|one, other| (&one.0, &one.1, &one.2).cmp(&(&other.0, &other.1, &other.2)));
    wanted.sort_by(|one, other| (&one.0, &one.1, &one.2).cmp(&(&other.0, &other.1, &other.2)));
    assert_eq!(listed, wanted);
    for offset in 0..all.total {
        let page = map.table(&query(), offset, 3).unwrap();
        let end = (offset as usize + 3).min(all.rows.len());
        assert_eq!(page.rows, all.rows[offset as usize..end]);
    }
    let focus = MapQuery {
        focus: Some(one(map.name_person("Olena"))),
        target: Some(one(map.name_scope("vault-prod"))),
        ..query()
    };
    let narrowed = map.table(&focus, 0, 10).unwrap();
    assert_eq!(
        narrowed
            .rows
            .iter()
            .map(|row| (&*row.identity.name, &*row.role.name))
            .collect::<Vec<_>>(),
        [("Olena", "Backup Operator")]
    );
}

#[test]
fn a_cell_says_how_and_how_many() {
    let map = Company::new().map();
    let view = map.matrix(&query(), &whole());
    assert_eq!(
        (view.roles.len() as u32, view.groups.len() as u32),
        (view.roles_total, view.groups_total)
    );
    let cell = |group: &str, role: &str| {
        let at = view.roles.iter().position(|known| known.role.name == role).unwrap();
        let row = view.groups.iter().find(|known| known.group.name == group).unwrap();
        (row.cells[at].how, row.cells[at].people)
    };
    assert_eq!(cell("backup-operators", "Backup Operator"), (CellHow::Both, 3));
    assert_eq!(cell("payments-sre", "Backup Operator"), (CellHow::Inherited, 2));
    assert_eq!(cell("backup-operators", "Ledger user"), (CellHow::Direct, 1));
    assert_eq!(
        cell("payments-sre", "Ledger user"),
        (CellHow::Empty, 0),
        "app roles do not follow nesting"
    );
    assert_eq!(cell("No group", "Contributor").0, CellHow::Direct);
    assert_eq!(cell("No group", "Reader").0, CellHow::Conditional);
    let window = map.matrix(
        &query(),
        &MatrixWindow {
            row: 1,
            rows: 1,
            column: 1,
            columns: 2,
        },
    );
    assert_eq!(window.groups.len(), 1);
    assert_eq!(window.groups[0].cells, view.groups[1].cells[1..3]);
}

#[test]
fn behind_a_cell_stand_its_assignments_and_who_comes_in_by_which_group() {
    let map = Company::new().map();
    let detail = map
        .cell(&query(), "group:3.az-ops", &one(map.name_role("Backup Operator")))
        .unwrap();
    assert_eq!((detail.direct, detail.nested), (1, 2));
    let through: Vec<_> = detail
        .through
        .iter()
        .map(|one| (one.group.as_ref().map(|group| &*group.name), one.people))
        .collect();
    assert_eq!(through, [(Some("payments-sre"), 2), (None, 1)]);
    assert_eq!(texts(&detail.paths[0]), ["backup-operators holds Backup Operator on vault-prod"]);
    let none = map.cell(&query(), "none", &one(map.name_role("Contributor"))).unwrap();
    assert_eq!(none.direct, 3);
    assert!(map.cell(&query(), "group:9.x", &one(map.name_role("Contributor"))).is_err());
}

#[test]
fn an_unread_system_is_hatched_and_not_empty() {
    let mut company = Company::new();
    company
        .items
        .retain(|(_, kind, _)| *kind != ItemKind::RbacRole || kind == &ItemKind::RbacPolicy);
    company.unread(PORTAL, ItemKind::RbacRole, CoverageState::NotEvaluated, "refused");
    // A role that is known by its owner alone remains; nothing is said about groups and RBAC.
    let map = company.map();
    let caveats = map.matrix(&query(), &whole()).caveats;
    assert!(
        caveats.iter().any(|caveat| caveat.text.contains("RBAC roles were not read")),
        "{caveats:?}"
    );
}

#[test]
fn a_drawing_is_well_formed_and_holds_what_the_view_shows() {
    let map = Company::new().map();
    let view = map.flow(&query()).unwrap();
    let drawing = super::super::svg(&view);
    assert!(drawing.starts_with("<svg") && drawing.ends_with("</svg>\n"));
    assert_eq!(drawing.matches("<g ").count(), drawing.matches("</g>").count());
    assert_eq!(drawing.matches("<path ").count(), view.ribbons.len());
    assert!(drawing.contains("backup-operators"));
}
