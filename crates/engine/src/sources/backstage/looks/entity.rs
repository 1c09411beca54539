//! A user's entity, and what the catalog says of it elsewhere: groups that list it, what it owns.

use tokio_util::sync::CancellationToken;

use super::{BackstageClient, reference, texts, thing};
use crate::record::backstage::{Entity, ORPHAN};
use crate::record::{ItemKind, ResourceKind};
use crate::sources::SourceError;
use crate::sources::doors::{Left, Look, Thing, Told, told};
use crate::sources::scim::Found;

fn names(things: &[Thing]) -> String {
    let mut names: Vec<&str> = things.iter().take(10).map(|thing| thing.id.as_str()).collect();
    let more = format!("and {} more", things.len().saturating_sub(10));
    if things.len() > 10 {
        names.push(&more);
    }
    names.join(", ")
}

impl BackstageClient {
    /// Whether a user's entity is in the catalog. An orphan, which no source of the catalog vouches for any more, is told apart (`Off`): it keeps
    /// everything that it has, and its user may sign in, until the backend takes it out, which with the orphan strategy `keep` never happens.
    pub async fn look_at_entity(&self, user: &str, known: Option<&str>, cancel: &CancellationToken) -> Look {
        let (client, journal) = self.noting();
        told(client.entity(&reference(user), known, cancel).await, &journal)
    }

    async fn entity(&self, user: &str, known: Option<&str>, cancel: &CancellationToken) -> Result<Told, SourceError> {
        let found = self.entities(ResourceKind::User, &[user.to_owned()], cancel).await?;
        Ok(match found.first() {
            Some((_, Found::Here(text))) => {
                if Entity::read(text).is_some_and(|entity| entity.is_orphan()) {
                    Told::off(
                        thing(text, Some("an orphan".into())).into_iter().collect(),
                        format!(
                            "{user} is in the catalog still, as an orphan ({ORPHAN}). Nothing is taken from it by that: sign-in and access \
                             stay until the backend takes it out; with the orphan strategy keep that never happens."
                        ),
                    )
                } else {
                    Told::there(thing(text, None).into_iter().collect(), format!("{user} is in the catalog."))
                }
            }
            Some((_, Found::Absent)) => {
                let control = self.control(user, known, cancel).await?;
                Told::gone(&format!("The catalog does not have {user}."), &control)
            }
            None => Told::unknown(format!("The catalog could not be asked about {user}.")),
        })
    }

    /// Whether a group lists a user (`hasMember`): those in `held`, which did before the cut, read back one by one, and whatever else a filter
    /// shows.
    pub async fn look_at_groups(&self, user: &str, held: &[String], cancel: &CancellationToken) -> Look {
        let (client, journal) = self.noting();
        told(client.groups(&reference(user), held, cancel).await, &journal)
    }

    async fn groups(&self, user: &str, held: &[String], cancel: &CancellationToken) -> Result<Told, SourceError> {
        let held: Vec<String> = held.iter().map(|group| group.trim().to_lowercase()).collect();
        let lists = |text: &[u8]| {
            let members = Entity::read(text)?.group_members()?;
            Some(members.iter().any(|member| member == user))
        };
        let (mut things, mut read, mut mute) = (Vec::new(), 0usize, Vec::new());
        if !held.is_empty() {
            for (group, found) in self.entities(ResourceKind::Group, &held, cancel).await? {
                let Found::Here(text) = found else { continue };
                match lists(&text) {
                    Some(true) => things.extend(thing(&text, None)),
                    Some(false) => read += 1,
                    None => mute.push(group),
                }
            }
        }
        let (page, whole) = self
            .filtered(ResourceKind::Group, &format!("relations.hasMember={user}"), cancel)
            .await?;
        for text in texts(&page) {
            if lists(text) == Some(true)
                && let Some(thing) = thing(text, Some("by the filter on members".into()))
                && !things.iter().any(|other: &Thing| other.id == thing.id)
            {
                things.push(thing);
            }
        }
        if !things.is_empty() {
            let says = format!("It is still listed by {}.", names(&things));
            return Ok(Told::there(things, says));
        }
        if !mute.is_empty() {
            return Ok(Told::unknown(format!(
                "The catalog does not tell the members of {}.",
                mute.join(", ")
            )));
        }
        if !whole {
            return Ok(Told::unknown(
                "The catalog ignores the filter on members, so other groups could not be told.",
            ));
        }
        let control = self.control(user, None, cancel).await?;
        let back = match read {
            0 => String::new(),
            1 => " The group that did was read back.".to_owned(),
            read => format!(" The {read} groups that did were read back."),
        };
        Ok(Told::gone(&format!("No group lists it.{back}"), &control))
    }

    /// Whether a group is left with nobody besides a user: there if one is. A group goes on listing somebody who is gone until the catalog has put
    /// it together anew.
    pub async fn look_at_emptied(&self, user: &str, groups: &[String], cancel: &CancellationToken) -> Look {
        let (client, journal) = self.noting();
        told(client.emptied(&reference(user), groups, cancel).await, &journal)
    }

    async fn emptied(&self, user: &str, groups: &[String], cancel: &CancellationToken) -> Result<Told, SourceError> {
        let groups: Vec<String> = groups.iter().map(|group| group.trim().to_lowercase()).collect();
        let mut left = Left::default();
        if !groups.is_empty() {
            for (group, found) in self.entities(ResourceKind::Group, &groups, cancel).await? {
                let Found::Here(text) = found else { continue };
                match Entity::read(&text).and_then(|entity| entity.group_members()) {
                    None => left.mute.push(group),
                    Some(members) => left.count(&group, &group, members.iter().map(|member| member == user)),
                }
            }
        }
        Ok(left.told("groups"))
    }

    /// What a user owns in the catalog, by name: entities go on naming an owner who is gone (a ghost). There as long as something has no other
    /// owner.
    pub async fn look_at_owned(&self, user: &str, cancel: &CancellationToken) -> Look {
        let (client, journal) = self.noting();
        told(client.owned(&reference(user), cancel).await, &journal)
    }

    async fn owned(&self, user: &str, cancel: &CancellationToken) -> Result<Told, SourceError> {
        let entity = ResourceKind::Item(ItemKind::Entity);
        let (page, whole) = self.filtered(entity, &format!("relations.ownedBy={user}"), cancel).await?;
        let gone = !self.is_there(user, cancel).await?;
        let (mut alone, mut shared) = (Vec::new(), 0usize);
        for text in texts(&page) {
            let Some(entity) = Entity::read(text) else { continue };
            let owners = entity.owners();
            if !owners.iter().any(|owner| owner == user) {
                continue;
            }
            if owners.iter().any(|owner| owner != user) {
                shared += 1;
                continue;
            }
            let note = if gone {
                "owned by nobody who is there"
            } else {
                "it is the only owner"
            };
            alone.extend(thing(text, Some(note.into())).map(|thing| Thing { document: None, ..thing }));
        }
        if !alone.is_empty() {
            let ghost = if gone {
                " The owner is not in the catalog any more: a ghost."
            } else {
                ""
            };
            let says = format!("Without another owner: {}.{ghost}", names(&alone));
            return Ok(Told::there(alone, says));
        }
        if !whole {
            return Ok(Told::unknown(
                "The catalog ignores the filter on owners, so what it owns could not be told.",
            ));
        }
        let control = self.control(user, None, cancel).await?;
        let shared = if shared > 0 {
            format!(" {shared} have another owner beside it.")
        } else {
            String::new()
        };
        Ok(Told::gone(
            &format!("The catalog shows nothing that it owns alone.{shared}"),
            &control,
        ))
    }
}
