//! One value of which only the simple kinds are of interest.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::fields::{flag_of_number, flag_of_text, whole};
use crate::instant::{Instant, unix_millis};

/// A simple value, or the kind of one that is not simple and was skipped.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    Whole(u64),
    Negative(i64),
    Float(f64),
    Text(Cow<'a, str>),
    List,
    Object,
}

impl<'a> Scalar<'a> {
    /// A text that is not empty; a number's digits count.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            Self::Whole(number) => Some(number.to_string().into()),
            Self::Negative(number) => Some(number.to_string().into()),
            Self::Float(number) => Some(number.to_string().into()),
            _ => None,
        }
    }

    /// A truth value.
    pub(crate) fn flag(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            Self::Text(text) => flag_of_text(text),
            Self::Whole(0) => Some(false),
            Self::Whole(1) => Some(true),
            Self::Float(number) => flag_of_number(*number),
            _ => None,
        }
    }

    /// A point in time, in milliseconds since the Unix epoch.
    #[expect(
        clippy::cast_precision_loss,
        reason = "times of records are far below 2^53 in any unit that is used"
    )]
    pub(crate) fn time(&self) -> Option<i64> {
        match self {
            Self::Text(text) => unix_millis(text),
            Self::Whole(number) => Instant::from_epoch_number(*number as f64).map(Instant::unix_millis),
            Self::Negative(number) => Instant::from_epoch_number(*number as f64).map(Instant::unix_millis),
            Self::Float(number) => Instant::from_epoch_number(*number).map(Instant::unix_millis),
            _ => None,
        }
    }

    /// A count.
    pub(crate) fn count(&self) -> Option<u64> {
        match self {
            Self::Whole(number) => Some(*number),
            Self::Float(number) => whole(*number),
            Self::Text(text) => text.trim().parse().ok().or_else(|| whole(text.trim().parse().ok()?)),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Scalar<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Text(Cow::Owned(text.to_owned())))
            }
            fn visit_bool<E>(self, flag: bool) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Bool(flag))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Whole(number))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Scalar<'de>, E> {
                Ok(u64::try_from(number).map_or(Scalar::Negative(number), Scalar::Whole))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Float(number))
            }
            fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Null)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Scalar<'de>, A::Error> {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::List)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Scalar<'de>, A::Error> {
                while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::Object)
            }
        }
        deserializer.deserialize_any(Any)
    }
}
