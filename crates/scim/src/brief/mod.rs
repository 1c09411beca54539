//! The few fields that a sync needs, borrowed straight from the bytes of a resource.
//!
//! What is not needed is skipped without being looked at. Names count in any case, null counts as absent, and a value of a
//! wrong type is read where its meaning is clear (a number as `id`, `"True"` as `active`, a text as an e-mail address) and
//! counts as absent where it is not: nothing but broken JSON makes reading fail. A name that occurs twice counts the last
//! time that it has a value.

mod group;
mod member;
mod parts;
mod scalar;
mod user;

pub use group::GroupBrief;
pub use member::{MemberKind, MemberRef};
pub use user::UserBrief;

pub(crate) use parts::{Each, Values};
pub(crate) use scalar::Scalar;

use serde::Deserialize;

use crate::page::ReadError;

/// Reads a whole text as one thing.
fn read<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, ReadError> {
    let text = crate::page::as_utf8(json)?;
    let found = crate::page::first_thing(text)?;
    if found != crate::page::JsonKind::Object {
        // Broken JSON is told as such, before its kind.
        serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|error| ReadError::from_json(text, &error))?;
        return Err(ReadError::WrongType {
            what: "the resource".to_owned(),
            wanted: "an object",
            found,
        });
    }
    serde_json::from_str(text).map_err(|error| ReadError::from_json(text, &error))
}

/// Whether a name is a word, in any case. With a word that the compiler knows, most names fall out by their length alone, and
/// the exact word is found by comparing whole machine words.
#[inline(always)]
pub(crate) fn is_word(name: &str, word: &str) -> bool {
    name.len() == word.len() && (name == word || name.eq_ignore_ascii_case(word))
}

/// Declares the names that are looked for in an object, each found in any case.
macro_rules! keys {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $($word:literal)|+),+ $(,)? } else $other:ident $(, $check:expr => $checked:ident)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        enum $name { $($variant),+, $($checked,)? $other }

        impl $name {
            fn of(name: &str) -> Self {
                $($(if $crate::brief::is_word(name, $word) {
                    return Self::$variant;
                })+)+
                $(if $check(name) {
                    return Self::$checked;
                })?
                Self::$other
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Names;
                impl serde::de::Visitor<'_> for Names {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a name")
                    }
                    fn visit_str<E>(self, name: &str) -> Result<$name, E> {
                        Ok($name::of(name))
                    }
                }
                deserializer.deserialize_str(Names)
            }
        }
    };
}
pub(crate) use keys;
