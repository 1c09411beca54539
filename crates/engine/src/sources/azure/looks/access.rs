//! What a user has been given in Azure: role assignments and eligibilities, over every scope of ours, down to vaults; directly, and by groups.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::StreamExt;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{AzureClient, Document, text};
use crate::record::ItemKind;
use crate::record::azure::{Resource, RoleDefinition, ScheduleProperties, key, last_segment};
use crate::sources::SourceError;
use crate::sources::azure::arm::{self, Estate};
use crate::sources::azure::wire::{Page, rejected_as};
use crate::sources::doors::{Look, Thing, Told, told};
use crate::sources::http::Call;

/// Roles whose names are asked for.
const NAMED: usize = 20;

/// What lists over all scopes gave.
#[derive(Default)]
struct Given {
    /// By key of their ids.
    held: BTreeMap<String, Thing>,
    /// Lists that could not be read: the scope, and why.
    unread: Vec<String>,
    /// How many could.
    read: usize,
    /// The tenant has no licence for what was asked.
    not_offered: bool,
}

/// The name of a scope for people: its last part, and what it is.
fn scope_name(scope: &str) -> String {
    let scope = scope.trim_end_matches('/');
    let low = key(scope);
    let last = scope.rsplit('/').next().unwrap_or(scope);
    match () {
        () if last.is_empty() => "everything (/)".into(),
        () if low.starts_with("/providers/microsoft.management/managementgroups/") => format!("the management group {last}"),
        () if low.matches('/').count() == 2 && low.starts_with("/subscriptions/") => format!("the subscription {last}"),
        () if low.contains("/resourcegroups/") && low.matches('/').count() == 4 => format!("the resource group {last}"),
        () => last.to_owned(),
    }
}

impl AzureClient {
    /// Role assignments of a user, at every scope that can be read: its own, and those of groups that it is in (told apart by their note). `also`
    /// are scopes at which some were known, asked besides: vaults, resource groups.
    pub async fn look_at_assignments(&self, user: &str, also: &[String], cancel: &CancellationToken) -> Look {
        let noted = self.noting();
        told(
            noted.client.given(ItemKind::RoleAssignment, user, also, cancel).await,
            &noted.journal,
        )
    }

    /// Roles that a user could make active (PIM): its own, and those of its groups.
    pub async fn look_at_eligibility(&self, user: &str, cancel: &CancellationToken) -> Look {
        let noted = self.noting();
        told(noted.client.given(ItemKind::Eligibility, user, &[], cancel).await, &noted.journal)
    }

    async fn given(&self, item: ItemKind, user: &str, also: &[String], cancel: &CancellationToken) -> Result<Told, SourceError> {
        let what = match item {
            ItemKind::Eligibility => "eligible roles",
            _ => "role assignments",
        };
        let estate = arm::estate(self, cancel).await?;
        if !estate.is_whole() {
            return Ok(Told::unknown(format!(
                "Azure shows this credential no subscription, or not what lies in the management groups that were chosen, so {what} are not evaluated."
            )));
        }
        let mut given = Given::default();
        let id = user.trim().replace('\'', "''");
        // Direct ones by what they name; those of groups by what Azure itself works out.
        self.lists(item, user, &format!("principalId eq '{id}'"), &estate, also, &mut given, cancel)
            .await?;
        if !given.not_offered {
            let mut by_groups = Given::default();
            match self
                .lists(item, user, &format!("assignedTo('{id}')"), &estate, &[], &mut by_groups, cancel)
                .await
            {
                Ok(()) => {
                    self.of_its_groups(user, &mut by_groups, cancel).await?;
                    for (id, thing) in by_groups.held {
                        given.held.entry(id).or_insert(thing);
                    }
                    // A user who is deleted is in no group: Azure then refuses the question, which the memberships answer.
                    given
                        .unread
                        .extend(by_groups.unread.into_iter().map(|why| format!("by groups: {why}")));
                }
                Err(error) => return Err(error),
            }
        }
        self.name_roles(&mut given, cancel).await?;
        self.said(what, given, &estate, user, cancel).await
    }

    /// Leaves out assignments of groups that the user is not in: an Azure that ignores the question shows them.
    async fn of_its_groups(&self, user: &str, given: &mut Given, cancel: &CancellationToken) -> Result<(), SourceError> {
        let own = |thing: &Thing| principal(thing).is_some_and(|id| id == key(user));
        if given.held.values().all(own) {
            return Ok(());
        }
        match self
            .of_user(user, "transitiveMemberOf", &[("$select", "id"), ("$top", super::TOP)], cancel)
            .await
        {
            Ok(groups) => {
                let groups: BTreeSet<String> = groups.iter().flatten().filter_map(|group| text(group, "id").map(key)).collect();
                given
                    .held
                    .retain(|_, thing| own(thing) || principal(thing).is_some_and(|id| groups.contains(&id)));
                Ok(())
            }
            Err(error @ (SourceError::Cancelled | SourceError::BudgetSpent { .. })) => Err(error),
            // Who is in which group is not told: Azure's own word stands.
            Err(_) => Ok(()),
        }
    }

    /// Gives roles their names, where Azure tells them; their GUIDs stay where it does not.
    async fn name_roles(&self, given: &mut Given, cancel: &CancellationToken) -> Result<(), SourceError> {
        let version = arm::kind(ItemKind::RoleDefinition).version;
        let mut known: BTreeMap<String, Option<String>> = BTreeMap::new();
        for thing in given.held.values_mut() {
            let Some(definition) = property(thing, "roleDefinitionId").map(str::to_owned) else {
                continue;
            };
            let guid = last_segment(&definition);
            if !thing.name.starts_with(&guid) || (known.len() >= NAMED && !known.contains_key(&guid)) {
                continue;
            }
            if !known.contains_key(&guid) {
                let found = match arm::get(self, arm::below(self, &definition, "", version, None), cancel).await {
                    Err(error @ (SourceError::Cancelled | SourceError::BudgetSpent { .. })) => return Err(error),
                    found => found.ok().flatten(),
                };
                let role = found.and_then(|text| serde_json::from_slice::<RoleDefinition>(&text).ok());
                known.insert(guid.clone(), role.and_then(|role| role.properties.role_name));
            }
            if let Some(Some(name)) = known.get(&guid) {
                thing.name = thing.name.replacen(&guid, name, 1);
            }
        }
        Ok(())
    }

    async fn said(
        &self,
        what: &str,
        given: Given,
        estate: &Arc<Estate>,
        user: &str,
        cancel: &CancellationToken,
    ) -> Result<Told, SourceError> {
        if given.not_offered {
            return Ok(Told::shut(
                "The tenant has no licence for Privileged Identity Management, so nobody is eligible by it: Azure says so.",
            ));
        }
        let scopes = given.read;
        if !given.held.is_empty() {
            let things: Vec<Thing> = given.held.into_values().collect();
            let names: Vec<String> = things
                .iter()
                .map(|thing| match &thing.note {
                    Some(note) => format!("{} {note}", thing.name),
                    None => thing.name.clone(),
                })
                .collect();
            return Ok(Told::there(things, format!("It still has {what}: {}.", names.join("; "))));
        }
        let direct_unread: Vec<&String> = given.unread.iter().filter(|why| !why.starts_with("by groups: ")).collect();
        if !direct_unread.is_empty() {
            let named: Vec<&str> = direct_unread.iter().take(5).map(|why| why.as_str()).collect();
            return Ok(Told::unknown(format!(
                "Not every scope could be read, so {what} are not evaluated. {}",
                named.join(" ")
            )));
        }
        let by_groups = if given.unread.is_empty() {
            " or to its groups".to_owned()
        } else if self.object(&["users"], user, "id", cancel).await?.is_none() {
            "; the user is deleted, so it is in no group".to_owned()
        } else {
            return Ok(Told::unknown(format!(
                "Nothing is assigned to the user itself; what its groups give could not be read at {} scopes. {}",
                given.unread.len(),
                given.unread.first().map(String::as_str).unwrap_or_default()
            )));
        };
        // Whoever reads assignments has been given that by one: an Azure that lists none at all is not believed.
        if !self.lists_any(estate, cancel).await? {
            return Ok(Told::unknown(format!(
                "Azure lists no role assignment of anybody to this credential, so that it lists none of this user says nothing ({what})."
            )));
        }
        Ok(Told::shut(format!(
            "None of the {scopes} scopes that were read lists {what} to the user{by_groups}. At the same time Azure lists those of others."
        )))
    }

    /// Whether the first scope that can be read lists any assignment at all.
    async fn lists_any(&self, estate: &Arc<Estate>, cancel: &CancellationToken) -> Result<bool, SourceError> {
        let kind = arm::kind(ItemKind::RoleAssignment);
        for subscription in &estate.subscriptions {
            let url = arm::below(self, &subscription.id, kind.path, kind.version, None);
            let page = super::Pages::new(Call::get(url)).next(self.arm(), cancel).await?;
            if page.is_some_and(|page| page.texts().next().is_some()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    #[expect(clippy::too_many_arguments, reason = "one question over all scopes, said in full")]
    async fn lists(
        &self,
        item: ItemKind,
        user: &str,
        filter: &str,
        estate: &Arc<Estate>,
        also: &[String],
        given: &mut Given,
        cancel: &CancellationToken,
    ) -> Result<(), SourceError> {
        let kind = arm::kind(item);
        let mut jobs = arm::jobs_of(self, &kind, estate, filter);
        jobs.extend(also.iter().map(|scope| arm::Job {
            url: arm::below(self, scope, kind.path, kind.version, Some(filter)),
            label: scope_name(scope),
            needs: kind.needs,
        }));
        let direct = filter.starts_with("principalId");
        let mut lists = Box::pin(arm::read(self, jobs, cancel));
        while let Some((job, pages)) = lists.next().await {
            match pages {
                Ok(pages) => {
                    given.read += 1;
                    for text in pages.iter().flat_map(Page::texts) {
                        take(text, user, direct, &mut given.held);
                    }
                }
                Err(error @ (SourceError::Cancelled | SourceError::BudgetSpent { .. } | SourceError::Unauthorized { .. })) => {
                    return Err(error);
                }
                Err(error) if rejected_as(&error).is_some_and(|(_, code)| code == "AadPremiumLicenseRequired") => given.not_offered = true,
                Err(error) => given.unread.push(format!("{}: {error}", job.label)),
            }
        }
        Ok(())
    }
}

/// Takes an assignment in that is this user's, or with `direct` off one of a group that the question was answered with.
fn take(raw: &[u8], user: &str, direct: bool, held: &mut BTreeMap<String, Thing>) {
    let Ok(one) = serde_json::from_slice::<Resource<ScheduleProperties>>(raw) else {
        return;
    };
    let Ok(document) = serde_json::from_slice::<Document>(raw) else {
        return;
    };
    let own = one.properties.principal_id.as_deref().is_some_and(|id| key(id) == key(user));
    // A filter that is ignored shows others: they are not this user's.
    if !own && (direct || !is_group(&one.properties)) {
        return;
    }
    let id = one.id.clone().unwrap_or_default();
    let scope = one.properties.scope.clone().unwrap_or_default();
    let role = expanded(&document, "roleDefinition")
        .or_else(|| one.properties.role_definition_id.as_deref().map(last_segment))
        .unwrap_or_default();
    let group = (!own).then(|| expanded(&document, "principal").unwrap_or_else(|| one.properties.principal_id.clone().unwrap_or_default()));
    held.entry(key(&id)).or_insert(Thing {
        id,
        name: format!("{role} on {}", scope_name(&scope)),
        note: group.map(|group| format!("by the group {group}")),
        document: Some(Value::Object(document)),
    });
}

fn is_group(properties: &ScheduleProperties) -> bool {
    properties
        .principal_type
        .as_deref()
        .is_some_and(|kind| kind.to_ascii_lowercase().contains("group"))
}

/// A text of an assignment's properties.
fn property<'t>(thing: &'t Thing, name: &str) -> Option<&'t str> {
    thing.document.as_ref()?.get("properties")?.get(name)?.as_str()
}

fn principal(thing: &Thing) -> Option<String> {
    property(thing, "principalId").map(key)
}

/// A name out of `expandedProperties`, which PIM gives.
fn expanded(document: &Document, of: &str) -> Option<String> {
    let properties = document.get("properties")?.get("expandedProperties")?.get(of)?.as_object()?;
    text(properties, "displayName").map(str::to_owned)
}
