//! The brief view of a group.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::keys;
use super::member::{MemberRef, Members};
use super::parts::{Each, Of};
use super::scalar::Scalar;
use super::user::Meta;
use crate::page::ReadError;

/// What a sync needs of a group, borrowed from its JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupBrief<'a> {
    /// The server's id; empty when the group has none.
    pub id: Cow<'a, str>,
    /// The client's id.
    pub external_id: Option<Cow<'a, str>>,
    /// The name.
    pub display_name: Option<Cow<'a, str>>,
    /// When it was made, in milliseconds since the Unix epoch.
    pub created: Option<i64>,
    /// When it was last changed, in milliseconds since the Unix epoch.
    pub last_modified: Option<i64>,
    /// The ETag from `meta.version`.
    pub version: Option<Cow<'a, str>>,
    /// The members. `None` means that the server did not say (`members` is absent or null), which is not the same as an empty
    /// list. An entry without any id is left out.
    pub members: Option<Vec<MemberRef<'a>>>,
}

keys! {
    GroupKey {
        Id = "id",
        ExternalId = "externalId",
        DisplayName = "displayName",
        Meta = "meta",
        Members = "members",
    } else Other
}

impl<'a> GroupBrief<'a> {
    /// Reads a group from its JSON.
    ///
    /// # Errors
    /// [`ReadError`] when the text is no JSON or no object.
    pub fn read(json: &'a [u8]) -> Result<Self, ReadError> {
        super::read(json)
    }
}

impl<'de> Deserialize<'de> for GroupBrief<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Group;
        impl<'de> Visitor<'de> for Group {
            type Value = GroupBrief<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a group")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<GroupBrief<'de>, A::Error> {
                let mut group = GroupBrief::default();
                while let Some(key) = map.next_key::<GroupKey>()? {
                    match key {
                        GroupKey::Id => {
                            if let Some(id) = map.next_value::<Scalar<'de>>()?.text() {
                                group.id = id;
                            }
                        }
                        GroupKey::ExternalId => group.external_id = map.next_value::<Scalar<'de>>()?.text().or(group.external_id),
                        GroupKey::DisplayName => group.display_name = map.next_value::<Scalar<'de>>()?.text().or(group.display_name),
                        GroupKey::Meta => {
                            let Of(meta) = map.next_value::<Of<Meta<'de>>>()?;
                            group.created = meta.created.or(group.created);
                            group.last_modified = meta.last_modified.or(group.last_modified);
                            group.version = meta.version.or(group.version);
                        }
                        GroupKey::Members => group.members = map.next_value::<Each<Members<'de>>>()?.0.0.or(group.members),
                        GroupKey::Other => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(group)
            }
        }
        deserializer.deserialize_map(Group)
    }
}
