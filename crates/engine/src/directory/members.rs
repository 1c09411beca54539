//! Members of one group: direct ones, or all people in it with the way in.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError};

use lanyard_access::{Nested, NodeKind};

use super::columns::{field, mark};
use super::people::PAGE;
use super::search::Hits;
use super::{Collection, Directory};
use crate::Error;
use crate::view::{Caveat, CoverageState, MemberPage, MemberQuery, MemberRow, MemberScope, MemberType};

/// How many groups' lists are kept while they are paged through.
const KEPT: usize = 4;

/// Lists that were asked for lately.
pub type Remembered = VecDeque<((u32, MemberScope), Arc<Members>)>;

/// The members of a group in the order of the list.
#[derive(Debug)]
pub struct Members {
    /// Node, and for nested ones the place of the group that names it.
    list: Vec<(u32, u32)>,
    nested: Nested,
}

impl Directory {
    /// A page of a group's members.
    ///
    /// # Errors
    /// When there is no such group.
    pub fn members(&self, query: &MemberQuery) -> Result<MemberPage, Error> {
        let group = self.group_record(&query.key).ok_or_else(|| Error::NotFound {
            what: "group",
            name: query.key.clone(),
        })?;
        let members = self.listed(group, query.scope);
        let (skip, limit) = (query.offset as usize, query.limit.min(PAGE) as usize);
        let hits = self.account_search.find(&self.accounts.texts, &self.people, &query.search);
        let (page, total): (Vec<(u32, u32)>, usize) = match &hits {
            None => (members.list.iter().skip(skip).take(limit).copied().collect(), members.list.len()),
            Some(hits) => {
                let groups = self.group_search.find(&self.groups.texts, &self.linked, &query.search);
                let words = super::fold::words(&query.search);
                let found = || {
                    members
                        .list
                        .iter()
                        .filter(|(node, _)| self.is_hit(*node, hits, groups.as_deref(), &words))
                        .copied()
                };
                (found().skip(skip).take(limit).collect(), found().count())
            }
        };
        Ok(MemberPage {
            rows: page
                .into_iter()
                .map(|(node, place)| self.member_row(node, place, &members))
                .collect(),
            offset: query.offset,
            total: total as u32,
            caveats: self.member_caveats(group, query.scope, &members),
            generation: self.generation,
        })
    }

    fn is_hit(&self, node: u32, accounts: &Hits, groups: Option<&Hits>, words: &[String]) -> bool {
        match self.graph.kind(node) {
            NodeKind::Account => accounts.records.has(node),
            NodeKind::Group => groups.is_some_and(|hits| self.graph.group_ordinal(node).is_some_and(|group| hits.records.has(group))),
            NodeKind::Dangling => {
                let id = self.dangling.texts.folded(node - self.graph.dangling_node(0), 0);
                words.iter().all(|word| memchr::memmem::find(id, word.as_bytes()).is_some())
            }
        }
    }

    fn listed(&self, group: u32, scope: MemberScope) -> Arc<Members> {
        let key = (group, scope);
        let lock = || self.members.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = lock().iter().find(|(asked, _)| *asked == key) {
            return Arc::clone(known);
        }
        let made = Arc::new(match scope {
            MemberScope::Direct => self.direct(group),
            MemberScope::Nested => self.nested(group),
        });
        let mut remembered = lock();
        remembered.truncate(KEPT - 1);
        remembered.push_front((key, Arc::clone(&made)));
        made
    }

    fn direct(&self, group: u32) -> Members {
        let mut list: Vec<(u32, u32)> = self.graph.members(group).iter().map(|node| (*node, 0)).collect();
        // Groups, then accounts, then dangling ids; each by name.
        list.sort_by_cached_key(|(node, _)| match self.graph.kind(*node) {
            NodeKind::Group => (0, self.group_places[(*node - self.graph.accounts()) as usize], String::new()),
            NodeKind::Account => (1, self.account_places[*node as usize], String::new()),
            NodeKind::Dangling => (
                2,
                0,
                self.dangling.texts.original(*node - self.graph.dangling_node(0), 0).into_owned(),
            ),
        });
        Members {
            list,
            nested: Nested::default(),
        }
    }

    fn nested(&self, group: u32) -> Members {
        let mut nested = self.graph.nested(group);
        let mut list = std::mem::take(&mut nested.accounts);
        list.sort_unstable_by_key(|(account, _)| self.account_places[*account as usize]);
        Members { list, nested }
    }

    fn member_row(&self, node: u32, place: u32, members: &Members) -> MemberRow {
        let via: Vec<String> = members.nested.way(place).into_iter().map(|group| self.groups.name(group)).collect();
        let row = |key, name, member_type| MemberRow {
            key,
            name,
            user_name: None,
            member_type,
            account_type: None,
            state: None,
            direct: via.is_empty(),
            via: via.clone(),
        };
        match (self.graph.kind(node), self.graph.group_ordinal(node)) {
            (NodeKind::Account, _) => MemberRow {
                user_name: self.accounts.texts.text(node, field::USER_NAME).map(std::borrow::Cow::into_owned),
                account_type: Some(self.account_type(node)),
                state: Some(self.accounts.state(node)),
                ..row(self.account_key(node), self.accounts.name(node), MemberType::Account)
            },
            (NodeKind::Group, Some(group)) => row(self.group_key(group), self.groups.name(group), MemberType::Group),
            _ => {
                let dangling = node - self.graph.dangling_node(0);
                row(
                    self.dangling_key(dangling),
                    self.dangling.texts.original(dangling, 0).into_owned(),
                    MemberType::Dangling,
                )
            }
        }
    }

    fn member_caveats(&self, group: u32, scope: MemberScope, members: &Members) -> Vec<Caveat> {
        let source = self.group_source(group);
        let say = |text: String| Caveat {
            source: Some(source.id),
            text: format!("{}: {text}", source.name),
        };
        let mut caveats = Vec::new();
        if !self.groups.has(group, mark::LISTED) {
            caveats.push(say("the members of this group are not listed; they are not known".into()));
        } else if source.members_complete == CoverageState::Incomplete {
            caveats.extend(source.caveats(&[Collection::Memberships]));
        }
        if scope == MemberScope::Nested {
            let hidden = members
                .nested
                .groups
                .iter()
                .skip(1)
                .filter(|(inner, _)| !self.groups.has(*inner, mark::LISTED))
                .count();
            if hidden > 0 {
                caveats.push(say(format!(
                    "{hidden} of the nested groups do not list their members; there may be more people"
                )));
            }
            match members.nested.dangling.len() {
                0 => {}
                1 => caveats.push(say("1 member is named that the source does not hold".into())),
                more => caveats.push(say(format!("{more} members are named that the source does not hold"))),
            }
        }
        caveats
    }
}
