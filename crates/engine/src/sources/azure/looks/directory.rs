//! What a user holds and owns in Entra: groups and roles of the directory, direct and nested; app roles; what is owned alone.

use std::collections::BTreeSet;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{AzureClient, Document, TOP, name, text, thing};
use crate::record::azure::key;
use crate::sources::SourceError;
use crate::sources::azure::Owned;
use crate::sources::azure::acts::segment;
use crate::sources::azure::graph::Pages;
use crate::sources::azure::wire::Page;
use crate::sources::doors::{Left, Look, Thing, Told, told};
use crate::sources::http::Call;

/// What is asked of a group: enough to say whether somebody can be taken out of it.
const GROUP: &str =
    "id,displayName,groupTypes,membershipRule,onPremisesSyncEnabled,isAssignableToRole,mailEnabled,securityEnabled,roleTemplateId";

fn names(things: &[Thing]) -> String {
    things.iter().map(|thing| thing.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Whether a document is the one of this id.
fn is_of(document: &[u8], id: &str) -> bool {
    serde_json::from_slice::<Document>(document).is_ok_and(|document| text(&document, "id").is_some_and(|own| key(own) == key(id)))
}

fn kind(document: &Document) -> &str {
    text(document, "@odata.type").unwrap_or_default()
}

impl AzureClient {
    /// What a user is a member of: groups, roles of the directory, administrative units; direct, and by nesting. Groups come with their document,
    /// for [`AzureClient::leave_group`].
    pub async fn look_at_memberships(&self, user: &str, cancel: &CancellationToken) -> Look {
        let noted = self.noting();
        told(noted.client.memberships(user, cancel).await, &noted.journal)
    }

    async fn memberships(&self, user: &str, cancel: &CancellationToken) -> Result<Told, SourceError> {
        let query = [("$select", GROUP), ("$top", TOP)];
        let Some(direct) = self.of_user(user, "memberOf", &query, cancel).await? else {
            return self
                .went_with_user(
                    user,
                    "its memberships are gone with it; a user that is restored has them again",
                    cancel,
                )
                .await;
        };
        let all = self.of_user(user, "transitiveMemberOf", &query, cancel).await?.unwrap_or_default();
        let near: BTreeSet<String> = direct.iter().filter_map(|one| text(one, "id").map(key)).collect();
        let note = |one: &Document, nested: bool| match (kind(one).rsplit('.').next().unwrap_or_default(), nested) {
            ("directoryRole", false) => Some("a role of the directory".to_owned()),
            ("directoryRole", true) => Some("a role of the directory, by a group".to_owned()),
            ("administrativeUnit", _) => Some("an administrative unit".to_owned()),
            (_, true) => Some("nested: by a group in it".to_owned()),
            (_, false) => None,
        };
        let mut things: Vec<Thing> = Vec::new();
        for one in direct {
            let note = note(&one, false);
            things.push(thing(one, note));
        }
        for one in all {
            if text(&one, "id").is_some_and(|id| !near.contains(&key(id))) {
                let note = note(&one, true);
                things.push(thing(one, note));
            }
        }
        Ok(if things.is_empty() {
            Told::shut("Graph lists nothing that the user is a member of, direct or nested, and answers for the user itself.")
        } else {
            let says = format!("It is still a member of {}.", names(&things));
            Told::there(things, says)
        })
    }

    /// Whether a group (id, name) is left with nobody besides a user: there if one is. Graph leaves service principals out of a group's members.
    pub async fn look_at_emptied(&self, user: &str, groups: &[(String, String)], cancel: &CancellationToken) -> Look {
        let noted = self.noting();
        told(noted.client.emptied(user, groups, cancel).await, &noted.journal)
    }

    async fn emptied(&self, user: &str, groups: &[(String, String)], cancel: &CancellationToken) -> Result<Told, SourceError> {
        let mut left = Left::default();
        for (id, name) in groups {
            let url = self.graph_url(&["groups", segment(id)?, "members"], &[("$select", "id"), ("$top", "2")]);
            match Pages::new(Call::get(url)).next(self.graph(), cancel).await {
                Ok(page) if page.iter().flat_map(Page::texts).any(|text| !is_of(text, user)) => left.somebody += 1,
                // A first page may be empty while more follow.
                Ok(Some(page)) if page.next.is_some() => left.mute.push(name.clone()),
                Ok(page) if page.iter().flat_map(Page::texts).next().is_some() => {
                    left.nobody(id, name, Some("it lists the user itself alone; service principals are not counted"));
                }
                Ok(_) => left.nobody(id, name, Some("service principals are not counted")),
                Err(SourceError::NotFound { .. }) => {}
                Err(SourceError::Forbidden { .. }) => left.mute.push(name.clone()),
                Err(error) => return Err(error),
            }
        }
        Ok(left.told("groups"))
    }

    /// The app roles that are assigned to a user itself.
    pub async fn look_at_app_roles(&self, user: &str, cancel: &CancellationToken) -> Look {
        let noted = self.noting();
        told(noted.client.app_roles_of_user(user, cancel).await, &noted.journal)
    }

    async fn app_roles_of_user(&self, user: &str, cancel: &CancellationToken) -> Result<Told, SourceError> {
        let Some(all) = self.of_user(user, "appRoleAssignments", &[("$top", TOP)], cancel).await? else {
            return self.went_with_user(user, "its app roles are gone with it", cancel).await;
        };
        // Those that a group gives are listed here too: they name the group.
        let things: Vec<Thing> = all
            .into_iter()
            .map(|one| {
                let app = text(&one, "resourceDisplayName").unwrap_or("an application").to_owned();
                let group = text(&one, "principalId").is_some_and(|id| key(id) != key(user));
                let note = group.then(|| format!("by the group {}", text(&one, "principalDisplayName").unwrap_or_default()));
                Thing {
                    name: app,
                    ..thing(one, note)
                }
            })
            .collect();
        Ok(if things.is_empty() {
            Told::shut("Graph lists no app role of the user, and answers for the user itself.")
        } else {
            let says = format!("It still has roles in {}.", names(&things));
            Told::there(things, says)
        })
    }

    /// Whether what a user owns, or owned (`owned`: kind, id, name), has another owner: there as long as something has none. Without a list, what
    /// the user owns now is asked for.
    pub async fn look_at_owned(&self, user: &str, owned: &[(Owned, String, String)], cancel: &CancellationToken) -> Look {
        let noted = self.noting();
        told(noted.client.owned(user, owned, cancel).await, &noted.journal)
    }

    async fn owned(&self, user: &str, owned: &[(Owned, String, String)], cancel: &CancellationToken) -> Result<Told, SourceError> {
        let mut owned = owned.to_vec();
        if owned.is_empty() {
            let query = [("$select", "id,displayName"), ("$top", TOP)];
            let Some(now) = self.of_user(user, "ownedObjects", &query, cancel).await? else {
                return Ok(Told::unknown(
                    "The user is not there any more, and what it owned was not known before.",
                ));
            };
            owned = now
                .iter()
                .filter_map(|one| Some((Owned::of(kind(one))?, text(one, "id")?.to_owned(), name(one).to_owned())))
                .collect();
            if owned.is_empty() {
                return Ok(Told::shut(
                    "Graph lists nothing that the user owns, and answers for the user itself.",
                ));
            }
        }
        let (mut alone, mut shared, mut gone) = (Vec::new(), 0usize, 0usize);
        for (kind, id, name) in &owned {
            let url = self.graph_url(
                &[kind.path(), segment(id)?, "owners"],
                &[("$select", "id,displayName"), ("$top", TOP)],
            );
            let owners = match self.documents(url, cancel).await {
                Ok(owners) => owners,
                Err(error @ SourceError::NotFound { .. }) => match self.object(&[kind.path()], id, "id", cancel).await? {
                    None => {
                        gone += 1;
                        continue;
                    }
                    Some(_) => return Err(error),
                },
                Err(error) => return Err(error),
            };
            let others = owners.iter().any(|owner| text(owner, "id").is_some_and(|id| key(id) != key(user)));
            let still = owners.iter().any(|owner| text(owner, "id").is_some_and(|id| key(id) == key(user)));
            if others {
                shared += 1;
                continue;
            }
            alone.push(Thing {
                id: id.clone(),
                name: name.clone(),
                note: Some(if still { "it is the only owner" } else { "nobody owns it" }.to_owned()),
                // Enough to ask about it again when its owner is gone.
                document: Some(json!({ "id": id, "displayName": name, "@odata.type": kind.kind() })),
            });
        }
        if alone.is_empty() {
            let mut says = format!(
                "Each of the {} that it owned has another owner, read back one by one.",
                owned.len() - gone
            );
            if gone > 0 {
                says.push_str(&format!(" {gone} of them are not there any more."));
            }
            // That all of it is gone is not believed without a sign that Graph answers.
            return Ok(match shared {
                0 => Told::gone(
                    "Nothing of what it owned is there any more.",
                    &self.control(user, None, cancel).await?,
                ),
                _ => Told::shut(says),
            });
        }
        let says = format!("Without another owner: {}.", names(&alone));
        Ok(Told::there(alone, says))
    }
}
