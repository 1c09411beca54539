//! Service principals, read off their documents.

use std::collections::HashMap;

use lanyard_access::findings::Scene;
use lanyard_access::findings::scene::{Program, ProgramCredential};

use super::scene::{Lists, Named};
use crate::Error;
use crate::map::Map;
use crate::record::azure::{Credential, ServicePrincipal, key, time};
use crate::record::{Documents, Row};
use crate::view::{Millis, SourceKind};

/// Fills in the programs of Azure sources and their credentials.
pub(super) fn read(scene: &mut Scene<'_>, lists: &mut Lists, map: &Map, documents: &dyn Documents) -> Result<(), Error> {
    for place in 0..scene.places.len() as u16 {
        if map.kind_of_place(place) == SourceKind::Azure {
            of_place(scene, lists, map, documents, place)?;
        }
    }
    Ok(())
}

fn of_place(scene: &mut Scene<'_>, lists: &mut Lists, map: &Map, documents: &dyn Documents, place: u16) -> Result<(), Error> {
    let directory = map.directory();
    let accounts = scene.graph.accounts();
    let rows = directory.rows_of(place, |node| node < accounts && scene.accounts[node as usize].service);
    let wanted: Vec<Row> = rows.iter().map(|(row, _)| *row).collect();
    let mut all: Vec<(u32, Row, ServicePrincipal)> = Vec::new();
    documents.documents(&wanted, &mut |row, text| {
        if let (Ok(at), Ok(principal)) = (
            rows.binary_search_by_key(&row, |(row, _)| *row),
            serde_json::from_slice::<ServicePrincipal>(text),
        ) {
            all.push((rows[at].1, row, principal));
        }
        true
    })?;
    all.sort_unstable_by_key(|(node, ..)| *node);
    for (node, row, principal) in all {
        let number = scene.programs.len() as u32;
        let (held, gone) = owners(map, place, &principal);
        scene.programs.push(Program {
            node,
            // The application object lies in the tenant that made the application.
            own: principal.application.is_some(),
            managed: principal
                .service_principal_type
                .as_deref()
                .is_some_and(|kind| kind.eq_ignore_ascii_case("ManagedIdentity")),
            owners: principal.owners.is_some().then_some(held),
            owners_gone: gone,
        });
        let name = directory.name_of_account(node);
        lists.programs.push(Named {
            place,
            id: directory.id_of_account(node),
            name: name.clone(),
            row: Some(row),
            node: Some(node),
        });
        for (id, credential) in credentials(&principal, number) {
            scene.credentials.push(credential);
            lists.credentials.push(Named {
                place,
                id: format!("{}:{id}", directory.id_of_account(node)),
                name: name.clone(),
                row: Some(row),
                node: Some(node),
            });
        }
    }
    Ok(())
}

/// The owners that the tenant holds, and how many it does not.
fn owners(map: &Map, place: u16, principal: &ServicePrincipal) -> (Vec<u32>, u32) {
    let directory = map.directory();
    let (mut held, mut gone) = (Vec::new(), 0);
    for owner in principal.owners.iter().flatten() {
        let Some(id) = owner.id.as_deref() else { continue };
        match directory
            .account_with_id(place, id)
            .or_else(|| directory.account_with_id(place, &key(id)))
        {
            Some(node) => held.push(node),
            None => gone += 1,
        }
    }
    held.sort_unstable();
    held.dedup();
    (held, gone)
}

/// The secrets and certificates of a program and its application, each once. One that a later one of the same sort stands beside is replaced.
fn credentials(principal: &ServicePrincipal, program: u32) -> Vec<(String, ProgramCredential)> {
    let application = principal.application.clone().unwrap_or_default();
    let mut found = Vec::new();
    let sorts = [
        [&principal.password_credentials, &application.password_credentials],
        [&principal.key_credentials, &application.key_credentials],
    ];
    for sort in sorts {
        let mut ends: HashMap<&str, Millis> = HashMap::new();
        for Credential { key_id, end_date_time, .. } in sort.into_iter().flatten() {
            if let (Some(id), Some(end)) = (key_id.as_deref(), time(end_date_time.as_deref())) {
                ends.insert(id, end);
            }
        }
        let last = ends.values().copied().max();
        found.extend(ends.into_iter().map(|(id, ends)| {
            let credential = ProgramCredential {
                program,
                ends,
                replaced: last.is_some_and(|last| last > ends),
            };
            (id.to_owned(), credential)
        }));
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found.dedup_by(|one, other| one.0 == other.0);
    found
}
