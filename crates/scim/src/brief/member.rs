//! References to members of a group, and from a user to its groups.

use std::borrow::Cow;

use serde::de::MapAccess;

use super::keys;
use super::parts::{Of, Part, Values};
use super::scalar::Scalar;

/// A member of a group, or a group of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRef<'a> {
    /// The id of the member or group; from the end of `$ref` when the server left `value` out.
    pub value: Cow<'a, str>,
    /// What it is.
    pub kind: MemberKind,
    /// Its name.
    pub display: Option<Cow<'a, str>>,
    /// Whether a user is in this group only by way of another group (`type` is `indirect`, RFC 7643 §4.1.2).
    pub indirect: bool,
}

/// What a member of a group is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MemberKind {
    /// A user.
    User,
    /// A group.
    Group,
    /// The server did not say.
    #[default]
    Unknown,
}

impl MemberKind {
    /// The kind that `type` names.
    fn of_type(word: &str) -> Self {
        if word.eq_ignore_ascii_case("user") {
            Self::User
        } else if word.eq_ignore_ascii_case("group") {
            Self::Group
        } else {
            Self::Unknown
        }
    }

    /// The kind that the path of a `$ref` names: the part before the id.
    fn of_reference(reference: &str) -> Self {
        let mut parts = path_of(reference).rsplit('/');
        parts.next();
        match parts.next() {
            Some(part) if part.eq_ignore_ascii_case("users") => Self::User,
            Some(part) if part.eq_ignore_ascii_case("groups") => Self::Group,
            _ => Self::Unknown,
        }
    }
}

fn path_of(reference: &str) -> &str {
    let end = reference.find(['?', '#']).unwrap_or(reference.len());
    reference[..end].trim_end_matches('/')
}

keys! {
    MemberKey { Value = "value", Reference = "$ref" | "ref", Kind = "type", Display = "display" | "displayName" } else Other
}

/// One entry of `members` or `groups`, as it came.
#[derive(Default)]
pub(super) struct Entry<'a> {
    value: Option<Cow<'a, str>>,
    reference: Option<Cow<'a, str>>,
    kind: Option<Cow<'a, str>>,
    display: Option<Cow<'a, str>>,
}

impl<'de> Part<'de> for Entry<'de> {
    fn of_text(text: Cow<'de, str>) -> Self {
        Self {
            value: Some(text),
            ..Self::default()
        }
    }

    fn of_map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut entry = Self::default();
        while let Some(key) = map.next_key()? {
            match key {
                MemberKey::Value => entry.value = map.next_value::<Scalar<'de>>()?.text().or(entry.value),
                MemberKey::Reference => entry.reference = map.next_value::<Scalar<'de>>()?.text(),
                MemberKey::Kind => entry.kind = map.next_value::<Scalar<'de>>()?.text(),
                MemberKey::Display => entry.display = map.next_value::<Scalar<'de>>()?.text().or(entry.display),
                MemberKey::Other => {
                    map.next_value::<serde::de::IgnoredAny>()?;
                }
            }
        }
        Ok(entry)
    }
}

impl<'a> Entry<'a> {
    fn member(self) -> Option<MemberRef<'a>> {
        let named = self.kind.as_deref().map_or(MemberKind::Unknown, MemberKind::of_type);
        let kind = match (named, &self.reference) {
            (MemberKind::Unknown, Some(reference)) => MemberKind::of_reference(reference),
            (named, _) => named,
        };
        let value = match (self.value, &self.reference) {
            (Some(value), _) if !value.is_empty() => value,
            (_, Some(reference)) => {
                let id = path_of(reference).rsplit('/').next().unwrap_or_default();
                if id.is_empty() {
                    return None;
                }
                Cow::Owned(id.to_owned())
            }
            _ => return None,
        };
        let indirect = self.kind.is_some_and(|kind| kind.eq_ignore_ascii_case("indirect"));
        Some(MemberRef {
            value,
            kind,
            display: self.display,
            indirect,
        })
    }
}

/// All entries; `None` when there was no list.
#[derive(Default)]
pub(super) struct Members<'a>(pub(super) Option<Vec<MemberRef<'a>>>);

impl<'de> Values<'de> for Members<'de> {
    type One = Of<Entry<'de>>;

    fn begin() -> Self {
        Self(Some(Vec::new()))
    }

    fn add(&mut self, one: Of<Entry<'de>>) {
        if let (Some(list), Some(member)) = (&mut self.0, one.0.member()) {
            list.push(member);
        }
    }
}
