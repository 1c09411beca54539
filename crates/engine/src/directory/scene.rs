//! What the rules of findings are asked with, as far as the picture knows it.

use std::collections::HashMap;

use lanyard_access::correlate::backstage_name;
use lanyard_access::findings::scene::{Account, Ambiguous, Difference, Group, attribute};

use super::Directory;
use super::columns::{field, mark};
use super::differ::{Compared, user_names_differ};
use crate::record::Row;
use crate::view::SourceKind;

impl Directory {
    /// By account. Whether the authority knew the person before is for the caller to say.
    pub(crate) fn scene_accounts(&self) -> Vec<Account> {
        let accounts = &self.accounts;
        let guest: Vec<bool> = (0..accounts.user_types.len() as u32)
            .map(|number| accounts.user_types.get(number).trim().eq_ignore_ascii_case("guest"))
            .collect();
        (0..accounts.len())
            .map(|account| Account {
                place: accounts.source[account as usize],
                active: accounts.active(account),
                unconfirmed: accounts.has(account, mark::UNCONFIRMED),
                service: accounts.has(account, mark::SERVICE),
                guest: guest.get(accounts.user_type[account as usize] as usize).copied().unwrap_or(false),
                known_before: false,
            })
            .collect()
    }

    /// By group.
    pub(crate) fn scene_groups(&self) -> Vec<Group> {
        let groups = &self.groups;
        (0..groups.len())
            .map(|group| Group {
                place: groups.source[group as usize],
                listed: groups.has(group, mark::LISTED),
                unconfirmed: groups.has(group, mark::UNCONFIRMED),
            })
            .collect()
    }

    /// What correlation left apart.
    pub(crate) fn scene_ambiguous(&self) -> Vec<Ambiguous> {
        let told = |groups: bool| {
            move |open: &lanyard_access::Ambiguity| Ambiguous {
                groups,
                subjects: open.subjects.clone(),
            }
        };
        let accounts = self.open.accounts.0.iter().map(told(false));
        accounts.chain(self.open.groups.0.iter().map(told(true))).collect()
    }

    /// Accounts that are named like one that correlation left apart, whatever the case.
    pub(crate) fn namesakes_of_ambiguous(&self) -> Vec<u32> {
        let texts = &self.accounts.texts;
        let open = self.open.accounts.0.iter().flat_map(|open| &open.subjects);
        let names: hashbrown::HashSet<&[u8]> = open
            .map(|subject| texts.folded(*subject, field::NAME))
            .filter(|name| !name.is_empty())
            .collect();
        if names.is_empty() {
            return Vec::new();
        }
        (0..self.accounts.len())
            .filter(|account| names.contains(texts.folded(*account, field::NAME)))
            .collect()
    }

    /// Accounts that differ from the leading one of their identity, and by which attributes. User names are compared where both are of SCIM:
    /// elsewhere they are made after other rules.
    pub(crate) fn scene_differences(&self) -> Vec<Difference> {
        let mut all = Vec::new();
        if self.people.is_trivial() {
            return all;
        }
        let scim: Vec<bool> = self.sources.iter().map(|source| source.kind == SourceKind::Scim).collect();
        let is_scim = |account: u32| scim[usize::from(self.accounts.source[account as usize])];
        let mut compared = Compared::default();
        for person in 0..self.people.len() {
            let [lead, others @ ..] = self.people.members(person) else {
                continue;
            };
            for other in others {
                let mut attributes = 0;
                if self.accounts.has(*other, mark::DIFFERS) {
                    attributes |= compared.attributes(&self.accounts, &self.people, *lead, *other);
                }
                if is_scim(*lead) && is_scim(*other) && user_names_differ(&self.accounts, *lead, *other) {
                    attributes |= attribute::USER_NAME;
                }
                if attributes != 0 {
                    all.push(Difference {
                        lead: *lead,
                        other: *other,
                        attributes,
                    });
                }
            }
        }
        all
    }

    /// Whose each of these names was: user names or addresses, or what the catalog makes of them where `in_catalog`. None where nobody, or more
    /// than one identity, has it.
    pub(crate) fn identities_called(&self, names: &[String], in_catalog: bool) -> HashMap<String, u32> {
        let mut wanted: HashMap<&str, Option<Option<u32>>> = names.iter().map(|name| (name.as_str(), None)).collect();
        if wanted.is_empty() {
            return HashMap::new();
        }
        for account in 0..self.accounts.len() {
            let person = self.people.of(account);
            for which in [field::USER_NAME, field::EMAIL] {
                let Some(text) = self.accounts.texts.text(account, which) else {
                    continue;
                };
                let name = if in_catalog { backstage_name(&text) } else { text.to_lowercase() };
                if let Some(found) = wanted.get_mut(name.as_str()) {
                    *found = match found {
                        None => Some(Some(person)),
                        Some(Some(other)) if *other == person => Some(Some(person)),
                        Some(_) => Some(None),
                    };
                }
            }
        }
        wanted
            .into_iter()
            .filter_map(|(name, found)| Some((name.to_owned(), found??)))
            .collect()
    }

    /// Accounts of sources other than this one that carry one of these ids as their external id, or one of these names (user name or display
    /// name, whatever the case).
    pub(crate) fn accounts_like(&self, place: u16, ids: &hashbrown::HashSet<String>, names: &hashbrown::HashSet<String>) -> Vec<u32> {
        let like = |account: &u32| {
            let external = self.accounts.external.text(*account, 0);
            let named = |which| {
                let text = self.accounts.texts.text(*account, which);
                text.is_some_and(|text| names.contains(&text.to_lowercase()))
            };
            external.is_some_and(|external| ids.contains(&*external)) || named(field::NAME) || named(field::USER_NAME)
        };
        (0..self.accounts.len())
            .filter(|account| self.accounts.source[*account as usize] != place)
            .filter(like)
            .collect()
    }

    /// The rows of those of a source's accounts and groups whose nodes `takes` holds for, ascending, each with its node.
    pub(crate) fn rows_of(&self, place: u16, takes: impl Fn(u32) -> bool) -> Vec<(Row, u32)> {
        let accounts = self.accounts.source.iter().zip(&self.accounts.row).zip(0u32..);
        let groups = self.groups.source.iter().zip(&self.groups.row).zip(self.graph.group_node(0)..);
        let all = accounts.chain(groups).filter(|((of, _), node)| **of == place && takes(*node));
        let mut rows: Vec<(Row, u32)> = all.map(|((_, row), node)| (*row, node)).collect();
        rows.sort_unstable();
        rows
    }
}
