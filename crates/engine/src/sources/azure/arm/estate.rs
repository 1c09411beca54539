//! Which management groups and subscriptions there are, how they lie in each other, and which of them are ours to read.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use reqwest::Method;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::{GROUPS_READ, SUBSCRIPTIONS_READ, below, get, kind, made, whole};
use crate::record::ItemKind;
use crate::record::azure::{ManagementGroup, key, last_segment};
use crate::sources::SourceError;
use crate::sources::azure::AzureClient;
use crate::sources::azure::outlet::{Outlet, Stop};
use crate::sources::http::Call;

const GROUP: &str = "/providers/microsoft.management/managementgroups/";

/// A management group.
#[derive(Clone, Debug)]
pub(in super::super) struct Group {
    pub(in super::super) id: String,
    pub(in super::super) name: String,
    /// Whether what is assigned at it is to be read.
    pub(super) chosen: bool,
    /// Whether a subscription of ours lies below it.
    pub(super) above_ours: bool,
    document: Map<String, Value>,
}

/// A subscription that is to be read.
#[derive(Clone, Debug)]
pub(in super::super) struct Subscription {
    pub(in super::super) id: String,
    pub(in super::super) name: String,
    /// None where the list of subscriptions does not show it, though it is there.
    document: Option<Map<String, Value>>,
}

/// What is to be read.
#[derive(Debug, Default)]
pub(in super::super) struct Estate {
    pub(in super::super) groups: Vec<Group>,
    pub(in super::super) subscriptions: Vec<Subscription>,
    /// Why the management groups could not be read.
    pub(in super::super) groups_failed: Option<SourceError>,
    /// Whether those below the management groups that were asked for are not known.
    unknown_below: bool,
}

impl Estate {
    /// Whether everything that was asked for is known.
    pub(in super::super) fn is_whole(&self) -> bool {
        !self.unknown_below && !self.subscriptions.is_empty()
    }

    /// Says what is not known of the scopes, for a collection that is read over them.
    pub(super) fn unknown_parts(&self, outlet: &mut Outlet<'_>) {
        if self.unknown_below {
            outlet.refuse(
                GROUPS_READ,
                "Which subscriptions lie in the management groups that were chosen".into(),
            );
        }
        if self.subscriptions.is_empty() {
            outlet.refuse(
                SUBSCRIPTIONS_READ,
                "Azure shows this credential no subscription, so what is in them".into(),
            );
        }
    }

    /// The ids of all scopes.
    pub(super) fn scopes(&self) -> impl Iterator<Item = String> {
        let groups = self.groups.iter().filter(|group| group.chosen).map(|group| group.id.clone());
        groups
            .chain(self.subscriptions.iter().map(|one| one.id.clone()))
            .collect::<Vec<_>>()
            .into_iter()
    }
}

/// An entity of the tree: a management group or a subscription.
struct Entity {
    id: String,
    name: String,
    parent: Option<String>,
    document: Map<String, Value>,
}

/// The estate, read once for a client.
///
/// # Errors
/// When the subscriptions cannot be listed.
pub(in super::super) async fn estate(client: &AzureClient, cancel: &CancellationToken) -> Result<Arc<Estate>, SourceError> {
    if let Some(known) = client.remember(|memory| memory.estate.clone()) {
        return Ok(known);
    }
    let (entities, groups_failed) = match entities(client, cancel).await {
        Ok(entities) => (entities, None),
        Err(error) if error.ends_reading() => return Err(error),
        Err(error) => (BTreeMap::new(), Some(error)),
    };
    let listed = subscriptions(client, cancel).await?;
    let settings = client.settings();
    let estate = Arc::new(chosen(
        &settings.management_groups,
        &settings.subscriptions,
        &entities,
        listed,
        groups_failed,
    ));
    client.remember(|memory| memory.estate = Some(estate.clone()));
    Ok(estate)
}

/// Management groups and subscriptions, with their parents, by key.
async fn entities(client: &AzureClient, cancel: &CancellationToken) -> Result<BTreeMap<String, Entity>, SourceError> {
    let version = kind(ItemKind::ManagementGroup).version;
    let url = below(client, "", "providers/Microsoft.Management/getEntities", version, None);
    let call = Call::new(Method::POST, url).harmless();
    let mut all = BTreeMap::new();
    for page in whole(client, call, cancel).await? {
        for text in page.texts() {
            let (Ok(read), Ok(document)) = (
                serde_json::from_slice::<ManagementGroup>(text),
                serde_json::from_slice::<Map<String, Value>>(text),
            ) else {
                continue;
            };
            let Some(id) = read.id else { continue };
            let name = read.properties.display_name.or(read.name).unwrap_or_else(|| last_segment(&id));
            let parent = read
                .properties
                .parent
                .id
                .map(|parent| key(&parent))
                .filter(|parent| !parent.is_empty());
            all.insert(
                key(&id),
                Entity {
                    id,
                    name,
                    parent,
                    document,
                },
            );
        }
    }
    Ok(all)
}

/// The subscriptions that the credential is shown, by key.
async fn subscriptions(client: &AzureClient, cancel: &CancellationToken) -> Result<BTreeMap<String, Map<String, Value>>, SourceError> {
    let kind = kind(ItemKind::Subscription);
    let url = below(client, "", kind.path, kind.version, None);
    let mut all = BTreeMap::new();
    for page in whole(client, Call::get(url), cancel).await? {
        for text in page.texts() {
            let Ok(document) = serde_json::from_slice::<Map<String, Value>>(text) else {
                continue;
            };
            if let Some(id) = document.get("id").and_then(Value::as_str).map(key) {
                all.insert(id, document);
            }
        }
    }
    Ok(all)
}

/// Decides what is ours: what the settings name and what lies below it; everything where they name nothing.
fn chosen(
    groups: &[String],
    subscriptions: &[String],
    entities: &BTreeMap<String, Entity>,
    mut listed: BTreeMap<String, Map<String, Value>>,
    groups_failed: Option<SourceError>,
) -> Estate {
    let all = groups.is_empty() && subscriptions.is_empty();
    let wanted_groups: HashSet<String> = groups.iter().map(|id| format!("{GROUP}{}", last_segment(id))).collect();
    let wanted: HashSet<String> = subscriptions
        .iter()
        .map(|id| format!("/subscriptions/{}", last_segment(id)))
        .collect();
    // A circle among parents must not hold us: the walk is as long as there are entities at most.
    let above = |id: &str| {
        let mut line = vec![id.to_owned()];
        while let Some(parent) = line.last().and_then(|last| entities.get(last)).and_then(|one| one.parent.clone()) {
            if line.contains(&parent) {
                break;
            }
            line.push(parent);
        }
        line
    };
    let ours = |id: &str| all || wanted.contains(id) || above(id).iter().any(|one| wanted_groups.contains(one));
    let seen = entities.keys().filter(|id| id.starts_with("/subscriptions/")).cloned();
    let ids: std::collections::BTreeSet<String> = listed
        .keys()
        .cloned()
        .chain(seen)
        .chain(wanted.iter().cloned())
        .filter(|id| ours(id))
        .collect();
    let mut needed: HashSet<String> = HashSet::new();
    let mut estate = Estate {
        unknown_below: groups_failed.is_some() && !wanted_groups.is_empty(),
        groups_failed,
        ..Estate::default()
    };
    for id in ids {
        needed.extend(above(&id));
        let entity = entities.get(&id);
        let mut document = listed.remove(&id);
        if let (Some(document), Some(parent)) = (&mut document, entity.and_then(|one| one.parent.as_ref())) {
            let parent = entities.get(parent).map_or(parent, |parent| &parent.id);
            document.insert("parent".into(), json!({ "id": parent }));
        }
        let named = document
            .as_ref()
            .and_then(|document| document.get("displayName"))
            .and_then(Value::as_str);
        let name = named.map(str::to_owned).or_else(|| entity.map(|one| one.name.clone()));
        estate.subscriptions.push(Subscription {
            name: name.unwrap_or_else(|| last_segment(&id)),
            id,
            document,
        });
    }
    for (id, entity) in entities.iter().filter(|(id, _)| id.starts_with(GROUP)) {
        let chosen = all || above(id).iter().any(|one| wanted_groups.contains(one));
        let above_ours = needed.contains(id);
        // Those above ours are kept too: what is assigned there is good here.
        if chosen || above_ours || wanted_groups.iter().any(|wanted| above(wanted).contains(id)) {
            estate.groups.push(Group {
                id: entity.id.clone(),
                name: entity.name.clone(),
                chosen,
                above_ours,
                document: entity.document.clone(),
            });
        }
    }
    estate
}

/// Hands out the management groups or the subscriptions.
pub(super) async fn items(client: &AzureClient, item: ItemKind, outlet: &mut Outlet<'_>) -> Result<(), Stop> {
    let estate = estate(client, outlet.cancel).await?;
    if item == ItemKind::ManagementGroup {
        if let Some(error) = &estate.groups_failed {
            outlet.part_failed(GROUPS_READ, "The tree of management groups", error.clone())?;
        }
        return made(outlet, estate.groups.iter().map(|group| group.document.clone())).await;
    }
    estate.unknown_parts(outlet);
    for hidden in estate.subscriptions.iter().filter(|one| one.document.is_none()) {
        outlet.refuse(SUBSCRIPTIONS_READ, hidden.name.clone());
    }
    made(outlet, estate.subscriptions.iter().filter_map(|one| one.document.clone())).await
}

/// Asks for management groups or subscriptions by id.
pub(super) async fn look_up(
    client: &AzureClient,
    item: ItemKind,
    ids: &[String],
    cancel: &CancellationToken,
) -> Result<Vec<(String, Option<Vec<u8>>)>, SourceError> {
    let estate = estate(client, cancel).await?;
    let kind = kind(item);
    let mut found = Vec::new();
    let mut failure = None;
    for id in ids {
        let document = match item {
            ItemKind::ManagementGroup => estate
                .groups
                .iter()
                .find(|group| key(&group.id) == *id)
                .map(|group| &group.document),
            _ => estate
                .subscriptions
                .iter()
                .find(|one| one.id == *id)
                .and_then(|one| one.document.as_ref()),
        };
        if let Some(document) = document {
            found.push((id.clone(), serde_json::to_vec(document).ok()));
            continue;
        }
        let is_group = item == ItemKind::ManagementGroup;
        match get(client, below(client, id, "", kind.version, None), cancel).await {
            // It is there, and the settings leave it out, or the list does: its place in the tree is not known.
            Ok(Some(document)) if !is_group => found.push((id.clone(), Some(document))),
            Ok(Some(_)) => {}
            Ok(None) => found.push((id.clone(), None)),
            Err(SourceError::NotFound { .. }) => found.push((id.clone(), None)),
            Err(error @ (SourceError::Cancelled | SourceError::BudgetSpent { .. } | SourceError::Unauthorized { .. })) => {
                return Err(error);
            }
            Err(error) => failure = Some(error),
        }
    }
    match failure {
        Some(error) if found.is_empty() => Err(error),
        _ => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity(id: &str, parent: Option<&str>) -> (String, Entity) {
        let entity = Entity {
            id: id.to_uppercase(),
            name: last_segment(id),
            parent: parent.map(key),
            document: Map::new(),
        };
        (key(id), entity)
    }

    fn group(name: &str) -> String {
        format!("{GROUP}{name}")
    }

    fn estate(groups: &[&str], subscriptions: &[&str]) -> Estate {
        let entities = BTreeMap::from([
            entity(&group("root"), None),
            entity(&group("landing"), Some(&group("root"))),
            entity(&group("empty"), Some(&group("root"))),
            entity("/subscriptions/a", Some(&group("landing"))),
            entity("/subscriptions/hidden", Some(&group("landing"))),
        ]);
        let listed = ["/subscriptions/a", "/subscriptions/b"].map(|id| (id.to_owned(), Map::from_iter([("id".to_owned(), json!(id))])));
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        chosen(&own(groups), &own(subscriptions), &entities, listed.into(), None)
    }

    fn named(estate: &Estate) -> (Vec<String>, Vec<(String, bool)>) {
        let groups = estate.groups.iter().map(|group| (last_segment(&group.id), group.chosen)).collect();
        (estate.subscriptions.iter().map(|one| last_segment(&one.id)).collect(), groups)
    }

    #[test]
    fn nothing_named_is_everything_and_what_the_tree_shows_is_not_forgotten() {
        let estate = estate(&[], &[]);
        let (subscriptions, groups) = named(&estate);
        assert_eq!(subscriptions, ["a", "b", "hidden"]);
        assert!(
            estate.subscriptions[2].document.is_none(),
            "it is named as one that may not be read"
        );
        assert!(groups.iter().all(|(_, chosen)| *chosen));
        assert_eq!(
            estate.subscriptions[0].document.as_ref().unwrap()["parent"]["id"],
            group("landing").to_uppercase()
        );
    }

    #[test]
    fn a_management_group_brings_what_lies_below_and_shows_what_lies_above() {
        let (subscriptions, groups) = named(&estate(&["LANDING"], &[]));
        assert_eq!(subscriptions, ["a", "hidden"]);
        assert_eq!(groups, [("landing".to_owned(), true), ("root".to_owned(), false)]);
    }

    #[test]
    fn a_subscription_that_is_named_is_asked_for_even_if_nothing_shows_it() {
        let (subscriptions, _) = named(&estate(&[], &["B", "/subscriptions/C"]));
        assert_eq!(subscriptions, ["b", "c"]);
    }

    #[test]
    fn a_circle_among_parents_ends() {
        let entities = BTreeMap::from([entity(&group("x"), Some(&group("y"))), entity(&group("y"), Some(&group("x")))]);
        let estate = chosen(&["x".to_owned()], &[], &entities, BTreeMap::new(), None);
        assert_eq!(estate.groups.len(), 2);
    }
}
