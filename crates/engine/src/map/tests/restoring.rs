//! Who can restore: vaults, ways, groups that are meant for it, and breaches of the separation of duties.

use super::*;

#[test]
fn outsiders_come_first_once_a_group_is_meant_for_it() {
    let map = Company::new().map();
    let view = map.who_can_restore(&[], 0, 100).unwrap();
    assert!(
        view.rows.iter().all(|row| row.meant.is_none()),
        "nobody is judged while no group is named"
    );
    let meant = vec!["3.az-ops".to_owned()];
    let view = map.who_can_restore(&meant, 0, 100).unwrap();
    let split = view.rows.iter().position(|row| row.meant == Some(true)).unwrap();
    assert!(view.rows[..split].iter().all(|row| row.meant == Some(false)));
    let inside: Vec<_> = view.rows[split..].iter().map(|row| (&*row.identity.name, &*row.by)).collect();
    assert!(inside.contains(&("Olena", "by payments-sre in backup-operators")), "{inside:?}");
    let outside: Vec<_> = view.rows[..split]
        .iter()
        .map(|row| (&*row.identity.name, &*row.role.name, &*row.by))
        .collect();
    assert!(outside.contains(&("Olena", "Backup Operator", "Direct")), "{outside:?}");
    assert!(outside.contains(&("backup-runner", "Backup Operator", "Direct")), "{outside:?}");
    assert_eq!(
        view.meant.iter().map(|group| &*group.name).collect::<Vec<_>>(),
        ["backup-operators"]
    );
    let page = map.who_can_restore(&meant, 2, 2).unwrap();
    assert_eq!(page.rows, view.rows[2..4]);
    assert_eq!(page.total, view.total);
}

#[test]
fn whoever_holds_backup_and_guard_rights_is_named() {
    let map = Company::new().map();
    let view = map.who_can_restore(&[], 0, 100).unwrap();
    let [vault] = view.vaults.as_slice() else {
        panic!("{:?}", view.vaults)
    };
    assert_eq!(vault.guarded, Some(true));
    assert_eq!(vault.guard.as_ref().map(|guard| &*guard.name), Some("guard-1"));
    // Olena, Bob, Carol, Erin and the runner; Dave is denied.
    assert_eq!((vault.active, vault.potential), (5, 0));
    // Dave could change the guard, but all his rights on the vault are denied.
    let breaches: Vec<_> = view
        .breaches
        .iter()
        .map(|breach| (&*breach.identity.name, &*breach.on_guard))
        .collect();
    assert_eq!(breaches, [("Erin", "Contributor on Corp, direct")]);
    assert_eq!(view.unknown.len(), 1);
}

#[test]
fn a_vault_without_a_proxy_is_unguarded_only_if_proxies_were_read() {
    let mut company = Company::new();
    company.items.retain(|(_, kind, _)| *kind != ItemKind::GuardProxy);
    assert_eq!(company.map().who_can_restore(&[], 0, 0).unwrap().vaults[0].guarded, Some(false));
    company.unread(TENANT, ItemKind::GuardProxy, CoverageState::NotEvaluated, "refused");
    let vaults = company.map().who_can_restore(&[], 0, 0).unwrap().vaults;
    assert_eq!(vaults[0].guarded, None);
    assert!(vaults[0].caveats[0].contains("was not read"));
}

#[test]
fn a_group_that_is_not_there_cannot_be_meant() {
    let map = Company::new().map();
    assert!(map.checked_restore_groups(&["3.nothing".into()]).is_err());
    // Any key of a linked group stands for it: the leading one's is kept.
    assert_eq!(
        map.checked_restore_groups(&["3.az-sre".into(), "group:1.g2".into()]).unwrap(),
        ["1.g2"]
    );
}
