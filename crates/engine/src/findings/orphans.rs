//! Orphaned entities of a catalog.

use lanyard_access::findings::Scene;
use lanyard_access::findings::scene::Entity as Orphan;

use super::scene::{Lists, Named};
use crate::Error;
use crate::map::Map;
use crate::record::backstage::{Entity, ORPHAN, ORPHANED_USER};
use crate::record::{Documents, Row};
use crate::view::SourceKind;

/// Fills in the entities that are orphans: those that the map knows, and the users and groups among them.
pub(super) fn read(scene: &mut Scene<'_>, lists: &mut Lists, map: &Map, documents: &dyn Documents) -> Result<(), Error> {
    let mut found: Vec<Named> = map
        .orphans()
        .iter()
        .map(|orphan| Named {
            place: orphan.place,
            id: orphan.id.to_string(),
            name: orphan.name.to_string(),
            row: Some(orphan.row),
            node: None,
        })
        .collect();
    for place in 0..scene.places.len() as u16 {
        if map.kind_of_place(place) != SourceKind::Backstage {
            continue;
        }
        // Which users are orphans stands in their columns; of groups, only the documents say it.
        let (directory, accounts) = (map.directory(), scene.graph.accounts());
        let rows = directory.rows_of(place, |node| {
            node >= accounts || directory.user_type_of(node) == Some(ORPHANED_USER)
        });
        let wanted: Vec<Row> = rows.iter().map(|(row, _)| *row).collect();
        documents.documents(&wanted, &mut |row, text| {
            // The annotation stands in few documents: only those are taken apart.
            if memchr::memmem::find(text, ORPHAN.as_bytes()).is_some()
                && let Some(entity) = Entity::read(text).filter(Entity::is_orphan)
                && let Ok(at) = rows.binary_search_by_key(&row, |(row, _)| *row)
            {
                let node = rows[at].1;
                let id = entity.reference().unwrap_or_else(|| directory.key_of_node(node));
                found.push(Named {
                    place,
                    name: entity.title().unwrap_or(&id).to_owned(),
                    id,
                    row: Some(row),
                    node: Some(node),
                });
            }
            true
        })?;
    }
    found.sort_by(|one, other| (one.place, &one.id).cmp(&(other.place, &other.id)));
    for named in found {
        scene.entities.push(Orphan {
            place: named.place,
            orphan: true,
            node: named.node,
        });
        lists.entities.push(named);
    }
    Ok(())
}
