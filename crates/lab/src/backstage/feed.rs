//! Users and groups of the identity provider as the portal's provider makes entities of them.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;
use xxhash_rust::xxh3::Xxh3Default;

use super::draft::{Draft, EntityKind};
use super::refs;
use crate::company::access::backstage::{BY_HAND, NOT_TAKEN_OVER, OLD_NAME, is_given};
use crate::company::access::{entra_group_id, entra_id};
use crate::company::{Company, Kind, plans};
use crate::scim::{Family, Store};

/// Where what the feed brings is managed.
const MANAGED_BY: &str = "msgraph:default";
/// Where those are managed whom a file brings (see [`plans::LEFTOVERS`]).
const FORGOTTEN_FILE: &str = "url:https://git.halcyon.example/portal/blob/main/newcomers.yaml";

/// A user as the provider tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct UserFacts {
    /// Name of the entity.
    name: String,
    display: String,
    email: String,
}

/// What the feed looks at in a document of the provider.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProviderUser<'a> {
    #[serde(borrow)]
    user_name: Cow<'a, str>,
    #[serde(borrow)]
    display_name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    user_type: Cow<'a, str>,
    /// Whoever is not said to be switched off is not.
    #[serde(default = "yes")]
    active: bool,
    #[serde(borrow, default)]
    emails: Vec<Address<'a>>,
}

#[derive(Deserialize)]
struct Address<'a> {
    #[serde(borrow)]
    value: Cow<'a, str>,
    #[serde(default)]
    primary: bool,
}

fn yes() -> bool {
    true
}

/// Reads the identity provider, again and again. What did not change since is not parsed again.
#[derive(Debug)]
pub(crate) struct Feed {
    seed: u64,
    /// Entra's object ids of the company's own people and groups, by slot.
    people: Vec<String>,
    groups: Vec<String>,
    /// Slots of those who are named otherwise than the rest: the user name before a change of name.
    formerly: BTreeMap<u32, String>,
    /// Slots of those whom no run brings, because an entity was written by hand instead.
    left_out: Vec<u32>,
    /// Group and person whose membership is not taken over.
    not_taken_over: Vec<(u32, u32)>,
    parsed: HashMap<u32, (u64, Option<UserFacts>)>,
}

/// The names of those groups that come in and the references to them, by slot. A reference is shared by all who name it.
type Groups = HashMap<u32, (String, Arc<str>)>;

/// What one reading brings, by reference.
pub(crate) type Brought = BTreeMap<String, Draft>;

impl Feed {
    pub(crate) fn of(company: &Company) -> Self {
        let slot = |name: &str| company.person(name).map(|number| number as u32);
        let not_taken_over = NOT_TAKEN_OVER
            .iter()
            .filter_map(|(group, person)| Some((company.group(group)? as u32, slot(person)?)));
        let formerly = slot(OLD_NAME).and_then(|number| {
            let before = company.people[number as usize].formerly?;
            Some((number, before.to_owned()))
        });
        Self {
            seed: company.seed,
            people: (0..company.people.len())
                .map(|number| company.entra_id(number).to_string())
                .collect(),
            groups: (0..company.groups.len())
                .map(|number| company.entra_group_id(number).to_string())
                .collect(),
            formerly: formerly.into_iter().collect(),
            left_out: BY_HAND.either.iter().filter_map(|name| slot(name)).collect(),
            not_taken_over: not_taken_over.collect(),
            parsed: HashMap::new(),
        }
    }

    /// A number that changes with anything that the provider holds.
    pub(crate) fn fingerprint(store: &Store) -> u64 {
        let mut hash = Xxh3Default::new();
        for family in [Family::Users, Family::Groups] {
            let table = store.table(family);
            // In the order of slots: the order of lists is of no matter here.
            let mut slots = table.order.clone();
            slots.sort_unstable();
            for slot in slots {
                if let Some(entry) = table.get(slot) {
                    hash.update(&slot.to_le_bytes());
                    hash.update(&entry.version.to_le_bytes());
                }
            }
        }
        hash.digest()
    }

    /// Everyone and every group that the portal is given, as entities.
    pub(crate) fn read(&mut self, store: &Store) -> Brought {
        let groups = self.group_names(store);
        let mut brought = Brought::new();
        for &slot in &store.users.order {
            let Some(facts) = self.user(store, slot) else { continue };
            // Two who come out with one name are one entity: the first is taken, as the catalog takes it.
            let draft = self.draft_user(store, slot, &facts, &groups);
            brought.entry(draft.reference()).or_insert(draft);
        }
        for &slot in &store.groups.order {
            if let Some(draft) = self.draft_group(store, slot, &groups) {
                brought.entry(draft.reference()).or_insert(draft);
            }
        }
        brought
    }

    fn group_names(&self, store: &Store) -> Groups {
        let named = store.groups.order.iter().filter_map(|&slot| {
            let entry = store.groups.get(slot)?;
            let name = refs::normalise(&entry.display);
            (is_given(&entry.display) && refs::is_name(&name)).then(|| (slot, (name.clone(), refs::group(&name).into())))
        });
        named.collect()
    }

    fn user(&mut self, store: &Store, slot: u32) -> Option<UserFacts> {
        let entry = store.users.get(slot)?;
        if let Some((version, facts)) = self.parsed.get(&slot)
            && *version == entry.version
        {
            return facts.clone();
        }
        // What is stored was written by this crate and parses.
        let facts = serde_json::from_slice(&entry.doc).ok().and_then(|user| self.parse(slot, &user));
        self.parsed.insert(slot, (entry.version, facts.clone()));
        facts
    }

    /// Whoever is active and no machine comes in: the provider's filter is `accountEnabled eq true`, and machines are no users.
    fn parse(&self, slot: u32, user: &ProviderUser<'_>) -> Option<UserFacts> {
        if !user.active || user.user_type == Kind::Service.label() || self.left_out.contains(&slot) {
            return None;
        }
        let primary = user.emails.iter().find(|one| one.primary).or(user.emails.first());
        let email = match self.formerly.get(&slot) {
            Some(before) => format!("{before}@halcyon.example"),
            None => primary.map(|one| one.value.to_string()).unwrap_or_default(),
        };
        let name = refs::normalise(if email.is_empty() { &user.user_name } else { &email });
        refs::is_name(&name).then(|| UserFacts {
            display: user.display_name.as_ref().unwrap_or(&user.user_name).to_string(),
            name,
            email,
        })
    }

    fn draft_user(&self, store: &Store, slot: u32, facts: &UserFacts, groups: &Groups) -> Draft {
        let mut held: Vec<&Arc<str>> = store
            .users
            .holders(slot)
            .iter()
            .filter(|group| !self.not_taken_over.contains(&(**group, slot)))
            .filter_map(|group| groups.get(group).map(|(_, reference)| reference))
            .collect();
        held.sort_unstable();
        held.dedup();
        let mut profile = json!({"displayName": facts.display});
        let mut draft = Draft::new(EntityKind::User, facts.name.as_str());
        match self.people.get(slot as usize) {
            Some(id) => {
                draft = draft.managed_by(&format!("{MANAGED_BY}/{id}"));
                draft.annotations.push(("graph.microsoft.com/user-id", id.clone()));
            }
            // Whoever came to the provider later is given an object id there and then.
            None => {
                let id = entra_id(self.seed, slot as usize).to_string();
                draft = if plans::leaves_something(&facts.name) {
                    draft.managed_by(FORGOTTEN_FILE)
                } else {
                    draft.managed_by(&format!("{MANAGED_BY}/{id}"))
                };
                draft.annotations.push(("graph.microsoft.com/user-id", id));
            }
        }
        if !facts.email.is_empty() {
            draft.annotations.push(("microsoft.com/email", facts.email.clone()));
            profile["email"] = json!(facts.email);
        }
        let member_of: Vec<&str> = held.iter().map(|reference| &***reference).collect();
        draft = draft.set("profile", profile).set("memberOf", member_of);
        held.into_iter()
            .fold(draft, |draft, group| draft.link("memberOf", "hasMember", group.clone()))
    }

    fn draft_group(&self, store: &Store, slot: u32, groups: &Groups) -> Option<Draft> {
        let (name, _) = groups.get(&slot)?;
        let entry = store.groups.get(slot)?;
        let mut draft = Draft::new(EntityKind::Group, name.as_str());
        match self.groups.get(slot as usize) {
            Some(id) => {
                draft = draft.managed_by(&format!("{MANAGED_BY}/{id}"));
                draft.annotations.push(("graph.microsoft.com/group-id", id.clone()));
            }
            None => {
                let id = entra_group_id(self.seed, slot as usize).to_string();
                draft = draft.managed_by(&format!("{MANAGED_BY}/{id}"));
                draft.annotations.push(("graph.microsoft.com/group-id", id));
            }
        }
        draft
            .annotations
            .push(("graph.microsoft.com/group-display-name", entry.display.to_string()));
        // A group of the catalog has one parent. Where the provider has several, the first is taken.
        let parent = store
            .groups
            .holders(slot)
            .iter()
            .filter(|above| **above != slot)
            .min()
            .and_then(|above| groups.get(above));
        draft = draft
            .set("type", "team")
            .set("profile", json!({"displayName": &*entry.display}))
            .set("children", json!([]));
        if let Some((_, parent)) = parent {
            draft = draft.set("parent", &**parent).link("childOf", "parentOf", parent.clone());
        }
        Some(draft)
    }
}
