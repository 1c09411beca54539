//! Whether a group lists an account: the groups that held it are read back by id, each; those that hold it by other groups follow from them.

use tokio_util::sync::CancellationToken;

use super::super::query::{Target, quoted};
use super::super::{Capabilities, Found, ScimClient, columns};
use crate::record::{Columns, GroupColumns, ResourceKind};
use crate::sources::SourceError;
use crate::sources::doors::{Control, Left, Look, Thing, Told, told};

/// A group that held the account before the cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldGroup {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id of the group below it by which it holds the account; none where the account is its direct member.
    pub through: Option<String>,
    /// Whether the group's own document listed the account before the cut (not a filter, nor the account's `groups`). A server that tells a
    /// group's members may leave `members` out once nobody is in it; one that never tells them says nothing by leaving them out or empty.
    pub told: bool,
}

/// What one group says of a member.
enum Says {
    Lists,
    ListsNot,
    Gone,
    /// The server does not tell this group's members.
    Mute,
}

fn group(text: &[u8]) -> Option<GroupColumns> {
    match columns(ResourceKind::Group, text)? {
        Columns::Group(group) => Some(group),
        _ => None,
    }
}

impl ScimClient {
    /// Whether any group lists an account. `held` are the groups that did before the cut, direct and nested; `proven` says that the filter
    /// `members.value eq` was seen to find exactly those at that time: it is asked too then, and stands for groups whose members the server does
    /// not tell.
    pub async fn look_at_memberships(
        &self,
        at: &Capabilities,
        id: &str,
        held: &[HeldGroup],
        proven: bool,
        cancel: &CancellationToken,
    ) -> Look {
        let (client, journal) = self.noting();
        told(client.memberships(at, id, held, proven, cancel).await, &journal)
    }

    async fn memberships(
        &self,
        at: &Capabilities,
        id: &str,
        held: &[HeldGroup],
        proven: bool,
        cancel: &CancellationToken,
    ) -> Result<Told, SourceError> {
        let Some(groups) = &at.groups else {
            return Ok(Told::unknown("The server has no groups to ask."));
        };
        let (mut things, mut mute, mut absent) = (Vec::new(), Vec::new(), 0usize);
        let (mut read, mut here) = (0usize, Vec::new());
        for one in held.iter().filter(|one| one.through.is_none()) {
            match self.says(groups, one, id, cancel).await? {
                Says::Lists => {
                    things.push(Thing {
                        id: one.id.clone(),
                        name: one.name.clone(),
                        note: None,
                        document: None,
                    });
                    here.push(one.id.clone());
                }
                Says::ListsNot => read += 1,
                Says::Gone => absent += 1,
                Says::Mute => mute.push(one.name.clone()),
            }
        }
        let by_filter = match proven {
            true => Some(self.by_members_filter(groups, id, cancel).await?),
            false => None,
        };
        for (group, name) in by_filter.iter().flatten() {
            if !here.contains(group) {
                here.push(group.clone());
                things.push(Thing {
                    id: group.clone(),
                    name: name.clone(),
                    note: Some("by the filter on members".into()),
                    document: None,
                });
            }
        }
        // What is nested hangs on what is direct: it holds as long as the group below does.
        let mut grown = true;
        while grown {
            grown = false;
            for one in held {
                let Some(below) = &one.through else { continue };
                if here.contains(below) && !here.contains(&one.id) {
                    here.push(one.id.clone());
                    let by = held.iter().find(|other| other.id == *below).map_or(below, |other| &other.name);
                    things.push(Thing {
                        id: one.id.clone(),
                        name: one.name.clone(),
                        note: Some(format!("by {by}, which is nested in it")),
                        document: None,
                    });
                    grown = true;
                }
            }
        }
        if !things.is_empty() {
            let names: Vec<&str> = things.iter().map(|thing| thing.name.as_str()).collect();
            return Ok(Told::there(things.clone(), format!("It is still in {}.", names.join(", "))));
        }
        if !mute.is_empty() && by_filter.is_none() {
            return Ok(Told::unknown(format!(
                "The server does not tell the members of {}, and its filter on members was not seen to work.",
                mute.join(", ")
            )));
        }
        let control = if read > 0 {
            // Groups that were read with other members, or without any, are the proof themselves.
            Control::Answered(format!("the groups themselves: {read} read back by id"))
        } else {
            self.any_group(groups, held, cancel).await?
        };
        let gone = if absent > 0 {
            format!(" {absent} of the groups are not there any more.")
        } else {
            String::new()
        };
        Ok(Told::gone(&format!("No group that held it lists it.{gone}"), &control))
    }

    async fn says(&self, groups: &str, held: &HeldGroup, member: &str, cancel: &CancellationToken) -> Result<Says, SourceError> {
        let text = match self.get(groups, &held.id, cancel).await? {
            Found::Absent => return Ok(Says::Gone),
            Found::Here(text) => text,
        };
        let members = group(&text).map(|group| group.members.unwrap_or_default());
        Ok(match members {
            Some(members) if members.iter().any(|one| one == member) => Says::Lists,
            Some(_) if held.told => Says::ListsNot,
            _ => Says::Mute,
        })
    }

    /// Whether a group that held the account `id` is left with nobody: there if one is. The account itself is nobody, though a server may go on
    /// listing it (a membership that dangles after a DELETE). Only groups whose members the server tells can say so.
    pub async fn look_at_emptied(&self, at: &Capabilities, id: &str, held: &[HeldGroup], cancel: &CancellationToken) -> Look {
        let (client, journal) = self.noting();
        told(client.emptied(at, id, held, cancel).await, &journal)
    }

    async fn emptied(&self, at: &Capabilities, id: &str, held: &[HeldGroup], cancel: &CancellationToken) -> Result<Told, SourceError> {
        let Some(groups) = &at.groups else {
            return Ok(Told::unknown("The server has no groups to ask."));
        };
        let mut left = Left::default();
        for one in held.iter().filter(|one| one.through.is_none()) {
            let Found::Here(text) = self.get(groups, &one.id, cancel).await? else {
                continue;
            };
            let members = group(&text).and_then(|group| group.members.or_else(|| one.told.then(Vec::new)));
            match members.filter(|members| one.told || !members.is_empty()) {
                None => left.mute.push(one.name.clone()),
                Some(members) => left.count(&one.id, &one.name, members.iter().map(|member| member == id)),
            }
        }
        Ok(left.told("groups"))
    }

    /// The groups that the filter on members shows, by id and name.
    async fn by_members_filter(&self, groups: &str, id: &str, cancel: &CancellationToken) -> Result<Vec<(String, String)>, SourceError> {
        let filter = format!("members.value eq {}", quoted(id));
        let page = self
            .page_with(
                &Target::new(groups, Some(&filter)),
                &[("startIndex", "1"), ("count", "100")],
                None,
                cancel,
            )
            .await?;
        let shown = (0..page.resources.len()).filter_map(|place| group(page.document(place)?));
        Ok(shown
            // One that tells its members without this one shows that the filter was ignored, and proves nothing.
            .filter(|group| {
                group
                    .members
                    .as_ref()
                    .is_none_or(|members| members.iter().any(|member| member == id))
            })
            .map(|group| (group.id.clone(), group.display_name.unwrap_or(group.id)))
            .collect())
    }

    /// Whether some other group is answered for by its id.
    async fn any_group(&self, groups: &str, but: &[HeldGroup], cancel: &CancellationToken) -> Result<Control, SourceError> {
        let target = Target::new(groups, None);
        let page = self
            .page_with(&target, &[("startIndex", "1"), ("count", "5")], None, cancel)
            .await?;
        let shown = (0..page.resources.len()).filter_map(|place| group(page.document(place)?));
        for other in shown
            .filter(|group| !but.iter().any(|held| held.id == group.id))
            .collect::<Vec<_>>()
        {
            if let Found::Here(_) = self.get(groups, &other.id, cancel).await? {
                let name = other.display_name.unwrap_or(other.id);
                return Ok(Control::Answered(format!("another group ({name})")));
            }
        }
        Ok(Control::Silent("it answers for no other group by its id either".into()))
    }

    /// Whether the filter `members.value eq` shows exactly these groups, the account's direct ones: then it can be trusted after the cut.
    ///
    /// # Errors
    /// When the server does not answer; a filter that it refuses is no error, but `false`.
    pub async fn prove_members_filter(
        &self,
        at: &Capabilities,
        id: &str,
        direct: &[String],
        cancel: &CancellationToken,
    ) -> Result<bool, SourceError> {
        let Some(groups) = at.groups.as_deref().filter(|_| !direct.is_empty()) else {
            return Ok(false);
        };
        match self.by_members_filter(groups, id, cancel).await {
            Ok(shown) => {
                let mut shown: Vec<String> = shown.into_iter().map(|(id, _)| id).collect();
                let mut direct = direct.to_vec();
                shown.sort();
                direct.sort();
                Ok(shown == direct)
            }
            Err(error) if super::super::answer::is_of_request(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
