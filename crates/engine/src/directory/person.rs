//! One identity, whole: its accounts, the sources side by side, its groups with the way in.

use lanyard_scim::urn;
use serde_json::Value;

use super::columns::{field, mark, time};
use super::{Collection, Directory, attributes, compare};
use crate::Error;
use crate::record::{Documents, Row};
use crate::view::{AccountDetail, Caveat, JoinKind, MembershipRow, PersonDetail, SlotState};

impl Directory {
    /// The identity that an account belongs to, by the account's key.
    ///
    /// # Errors
    /// When there is no such account, or a document cannot be read.
    pub fn person(&self, key: &str, documents: &dyn Documents) -> Result<PersonDetail, Error> {
        let account = self.account(key).ok_or_else(|| Error::NotFound {
            what: "person",
            name: key.to_owned(),
        })?;
        let person = self.people.of(account);
        let members = self.people.members(person);
        let mut read = Vec::with_capacity(members.len());
        let mut caveats = self.caveats(&[Collection::Users, Collection::Groups, Collection::Memberships]);
        for account in members {
            let document = document(documents, self.accounts.row[*account as usize])?;
            if document.is_none() {
                caveats.push(unread(self.account_source(*account)));
            }
            read.push(document.unwrap_or(Value::Null));
        }
        let accounts: Vec<AccountDetail> = members
            .iter()
            .zip(&read)
            .map(|(account, document)| self.account_detail(*account, document))
            .collect();
        let states: Vec<Option<String>> = accounts.iter().map(|account| state_in_words(account.state)).collect();
        let compared = compare::people(&read, &states, |at, id| self.person_named(members[at], id));
        let mut memberships: Vec<MembershipRow> = members.iter().flat_map(|account| self.memberships(*account)).collect();
        memberships.sort_by_cached_key(|row| {
            (
                !row.direct,
                row.via.len(),
                super::fold::fold(&row.name).into_owned(),
                row.key.clone(),
            )
        });
        Ok(PersonDetail {
            row: self.person_row(person),
            accounts,
            compared,
            memberships,
            caveats,
            generation: self.generation,
        })
    }

    fn account_detail(&self, account: u32, document: &Value) -> AccountDetail {
        let source = self.account_source(account);
        let joined = self.joined_by(JoinKind::Account, account);
        AccountDetail {
            key: self.account_key(account),
            source: source.id,
            id: self.accounts.texts.original(account, field::ID).into_owned(),
            state: self.accounts.state(account),
            unconfirmed: self.accounts.has(account, mark::UNCONFIRMED),
            read_at: source.read_at,
            created_at: time(self.accounts.created[account as usize]),
            modified_at: time(self.accounts.modified[account as usize]),
            joined_by: joined.rule,
            confidence: joined.confidence,
            decision: joined.decision,
            attributes: if document.is_null() {
                Vec::new()
            } else {
                attributes::sections(document, urn::USER, &["groups"])
            },
        }
    }

    /// The person whose account has that id at the source of this account.
    fn person_named(&self, account: u32, id: &str) -> Option<(u32, String)> {
        let found = self.ids.find(
            &self.accounts.texts,
            field::ID,
            &self.accounts.source,
            self.accounts.source[account as usize],
            id,
        )?;
        Some((self.people.of(found), self.accounts.name(found)))
    }

    /// The groups of an account, each by the shortest way in.
    fn memberships(&self, account: u32) -> Vec<MembershipRow> {
        let ways = self.graph.ways_in(account);
        let row = |(place, (group, _)): (usize, &(u32, u32))| MembershipRow {
            key: self.group_key(*group),
            source: self.group_source(*group).id,
            name: self.groups.name(*group),
            direct: ways.is_direct(place),
            via: ways.way(place).into_iter().map(|group| self.groups.name(group)).collect(),
        };
        ways.groups.iter().enumerate().map(row).collect()
    }
}

/// A document as a value; none where the cache has none, or something that is no JSON.
pub(super) fn document(documents: &dyn Documents, row: Row) -> Result<Option<Value>, Error> {
    Ok(documents.document(row)?.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

pub(super) fn unread(source: &super::SourceFacts) -> Caveat {
    Caveat {
        source: Some(source.id),
        text: format!(
            "{}: the document is not in the cache any more; sync again to see the attributes",
            source.name
        ),
    }
}

fn state_in_words(state: SlotState) -> Option<String> {
    match state {
        SlotState::Active => Some("Active".into()),
        SlotState::Disabled => Some("Disabled".into()),
        _ => None,
    }
}
