//! Accounts and groups as correlation sees them: which keys each kind of system gives them.
//!
//! | key | SCIM | Backstage | Azure |
//! | --- | --- | --- | --- |
//! | id | `id` | the entity reference | the object id |
//! | Entra id | `externalId`, where it has the form of one | `graph.microsoft.com/user-id`, `…/group-id` | the object id |
//! | external id | `externalId` | the same annotation | — |
//! | Backstage name | [`backstage_name_into`] of e-mail, user name, display name | the entity's own name | as for SCIM |
//!
//! A service principal or managed identity goes by ids alone: its names are anybody's.

use std::borrow::Cow;

use lanyard_access::correlate::backstage_name_into;
use lanyard_access::{Key, Rule, Subjects};
use unicode_normalization::UnicodeNormalization;

use super::SourceFacts;
use super::columns::{Accounts, Groups, field, mark};
use super::texts::Texts;
use crate::view::SourceKind;

/// What correlation must know of the sources, by place.
#[derive(Debug)]
pub(super) struct Ranks {
    ranks: Vec<u32>,
    kinds: Vec<SourceKind>,
}

impl Ranks {
    /// The authoritative source first, the others by their numbers.
    pub(super) fn new(sources: &[SourceFacts]) -> Self {
        let mut order: Vec<usize> = (0..sources.len()).collect();
        order.sort_by_key(|place| (!sources[*place].authoritative, sources[*place].id));
        let mut ranks = vec![0; sources.len()];
        for (rank, place) in order.into_iter().enumerate() {
            ranks[place] = rank as u32;
        }
        let kinds = sources.iter().map(|source| source.kind).collect();
        Self { ranks, kinds }
    }

    fn rank(&self, source: u16) -> u32 {
        self.ranks[usize::from(source)]
    }

    fn kind(&self, source: u16) -> SourceKind {
        self.kinds[usize::from(source)]
    }

    /// Whether a rule has to do with both sources.
    fn may_join(&self, rule: Rule, one: u16, other: u16) -> bool {
        let kinds = [self.kind(one), self.kind(other)];
        match rule {
            // In SCIM it is an external id like any other, unless a system of Microsoft's world has it too.
            Rule::EntraId => kinds.iter().any(|kind| *kind != SourceKind::Scim),
            // Two systems besides Backstage have nothing to say about its names.
            Rule::BackstageName => (kinds[0] == SourceKind::Backstage) != (kinds[1] == SourceKind::Backstage),
            _ => true,
        }
    }

    fn lacks(&self, key: Key) -> bool {
        match key {
            Key::EntraId => self.kinds.iter().all(|kind| *kind == SourceKind::Scim),
            Key::EmailName | Key::UserNameName | Key::DisplayNameName => !self.kinds.contains(&SourceKind::Backstage),
            _ => false,
        }
    }
}

pub(super) struct AccountSubjects<'a> {
    pub(super) accounts: &'a Accounts,
    pub(super) ranks: &'a Ranks,
}

impl AccountSubjects<'_> {
    fn source(&self, subject: u32) -> u16 {
        self.accounts.source[subject as usize]
    }

    fn name<'k>(&'k self, subject: u32, which: usize, scratch: &'k mut String) -> &'k str {
        made_name(
            self.ranks.kind(self.source(subject)),
            &self.accounts.texts,
            subject,
            (which, field::ID),
            scratch,
        )
    }
}

impl Subjects for AccountSubjects<'_> {
    fn count(&self) -> u32 {
        self.accounts.len()
    }

    fn rank(&self, subject: u32) -> u32 {
        self.ranks.rank(self.source(subject))
    }

    fn key<'k>(&'k self, subject: u32, key: Key, scratch: &'k mut String) -> Option<&'k str> {
        let kind = self.ranks.kind(self.source(subject));
        let by_id = matches!(key, Key::Id | Key::EntraId | Key::ExternalId);
        if !by_id && kind == SourceKind::Azure && self.accounts.has(subject, mark::SERVICE) {
            return None;
        }
        let texts = &self.accounts.texts;
        match key {
            Key::Id => Some(exact(texts, subject, field::ID, scratch)),
            Key::EntraId => entra_id(kind, (texts, field::ID), &self.accounts.external, subject, scratch),
            Key::ExternalId => Some(exact(&self.accounts.external, subject, 0, scratch)),
            Key::Email => Some(lower(texts, subject, field::EMAIL, scratch)),
            Key::UserName => Some(lower(texts, subject, field::USER_NAME, scratch)),
            Key::EmailName => Some(self.name(subject, field::EMAIL, scratch)),
            Key::UserNameName => Some(self.name(subject, field::USER_NAME, scratch)),
            Key::DisplayNameName => Some(self.name(subject, field::NAME, scratch)),
            _ => None,
        }
    }

    fn may_join(&self, rule: Rule, one: u32, other: u32) -> bool {
        self.ranks.may_join(rule, self.source(one), self.source(other))
    }

    fn lacks(&self, key: Key) -> bool {
        self.ranks.lacks(key)
    }
}

pub(super) struct GroupSubjects<'a> {
    pub(super) groups: &'a Groups,
    pub(super) ranks: &'a Ranks,
}

impl GroupSubjects<'_> {
    fn source(&self, subject: u32) -> u16 {
        self.groups.source[subject as usize]
    }
}

impl Subjects for GroupSubjects<'_> {
    fn count(&self) -> u32 {
        self.groups.len()
    }

    fn rank(&self, subject: u32) -> u32 {
        self.ranks.rank(self.source(subject))
    }

    fn key<'k>(&'k self, subject: u32, key: Key, scratch: &'k mut String) -> Option<&'k str> {
        let texts = &self.groups.texts;
        let kind = self.ranks.kind(self.source(subject));
        match key {
            Key::Id => Some(exact(texts, subject, field::GROUP_ID, scratch)),
            Key::EntraId => entra_id(kind, (texts, field::GROUP_ID), &self.groups.external, subject, scratch),
            Key::ExternalId => Some(exact(&self.groups.external, subject, 0, scratch)),
            Key::DisplayName => Some(lower(texts, subject, field::NAME, scratch)),
            Key::DisplayNameName => Some(made_name(kind, texts, subject, (field::NAME, field::GROUP_ID), scratch)),
            _ => None,
        }
    }

    fn may_join(&self, rule: Rule, one: u32, other: u32) -> bool {
        self.ranks.may_join(rule, self.source(one), self.source(other))
    }

    fn lacks(&self, key: Key) -> bool {
        self.ranks.lacks(key)
    }
}

/// The Entra object id, in lower case: Azure's own, else what another system keeps of it.
fn entra_id<'k>(
    kind: SourceKind,
    (texts, id): (&'k Texts, usize),
    external: &'k Texts,
    record: u32,
    scratch: &'k mut String,
) -> Option<&'k str> {
    match kind {
        SourceKind::Azure => Some(lower(texts, record, id, scratch)),
        SourceKind::Backstage => Some(lower(external, record, 0, scratch)),
        SourceKind::Scim => Some(lower(external, record, 0, scratch)).filter(|id| is_guid(id)),
    }
}

/// Whether a text has the form of a GUID: what Entra's object ids are.
fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().zip(0..).all(|(byte, at)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The name of a Backstage entity, out of its reference; the name that the provider would make of anybody else's field.
fn made_name<'k>(kind: SourceKind, texts: &'k Texts, record: u32, (which, id): (usize, usize), scratch: &'k mut String) -> &'k str {
    if kind == SourceKind::Backstage {
        let reference = lower(texts, record, id, scratch);
        return reference.rsplit_once('/').map_or(reference, |(_, name)| name);
    }
    if texts.is_plain(record, which) {
        // Its letters' case is lost on the way anyway.
        backstage_name_into(std::str::from_utf8(texts.folded(record, which)).unwrap_or_default(), scratch);
    } else {
        backstage_name_into(&texts.original(record, which), scratch);
    }
    scratch
}

/// A field as it came.
fn exact<'k>(texts: &'k Texts, record: u32, which: usize, scratch: &'k mut String) -> &'k str {
    match texts.original(record, which) {
        Cow::Borrowed(text) => text,
        Cow::Owned(text) => {
            *scratch = text;
            scratch
        }
    }
}

/// A field in lower case and composed. Marks stay: `josé` and `jose` are two people.
pub(super) fn lower<'k>(texts: &'k Texts, record: u32, which: usize, scratch: &'k mut String) -> &'k str {
    if texts.is_plain(record, which) {
        return std::str::from_utf8(texts.folded(record, which)).unwrap_or_default();
    }
    scratch.clear();
    scratch.extend(texts.original(record, which).nfc().flat_map(char::to_lowercase));
    scratch
}
