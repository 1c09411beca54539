//! Reading that takes what fits and passes over what does not, without keeping a copy of the JSON.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A value that is there if it has the right type.
struct Maybe<T>(Option<T>);

/// What kind of JSON value `T` is read from.
trait Wanted: Sized {
    fn text(_: &str) -> Option<Self> {
        None
    }
    fn flag(_: bool) -> Option<Self> {
        None
    }
    fn number(_: i64) -> Option<Self> {
        None
    }
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }
    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

struct Taker<T>(PhantomData<T>);

impl<'de, T: Wanted> Visitor<'de> for Taker<T> {
    type Value = Maybe<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }
    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Maybe(T::flag(value)))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Maybe(T::number(value)))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Maybe(i64::try_from(value).ok().and_then(T::number)))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Maybe(None))
    }
    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Maybe(T::text(value)))
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Maybe(None))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        T::list(list).map(Maybe)
    }
    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        T::object(object).map(Maybe)
    }
}

impl<'de, T: Wanted> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Taker(PhantomData))
    }
}

impl Wanted for String {
    fn text(value: &str) -> Option<Self> {
        Some(value.to_owned())
    }
}

impl Wanted for bool {
    fn flag(value: bool) -> Option<Self> {
        Some(value)
    }
}

impl Wanted for i64 {
    fn number(value: i64) -> Option<Self> {
        Some(value)
    }
}

/// A list, its elements as far as they fit.
struct Elements<T>(Vec<T>);

impl<T: Wanted> Wanted for Elements<T> {
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        let mut elements = Vec::new();
        while let Some(Maybe(element)) = list.next_element()? {
            elements.extend(element);
        }
        Ok(Some(Self(elements)))
    }
}

impl Wanted for BTreeMap<String, String> {
    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        let mut pairs = Self::new();
        while let Some((key, Maybe(value))) = object.next_entry::<String, Maybe<String>>()? {
            pairs.extend(value.map(|value| (key, value)));
        }
        Ok(Some(pairs))
    }
}

/// An object with fields of its own, which are tolerant themselves.
struct Record<T>(T);

impl<T: for<'de> Deserialize<'de>> Wanted for Record<T> {
    fn object<'de, A: MapAccess<'de>>(object: A) -> Result<Option<Self>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(|record| Some(Self(record)))
    }
}

/// A document: a JSON object and nothing else. (A derived reader alone would take a list for one, field by field.)
pub(super) fn document<T: for<'de> Deserialize<'de>>(text: &[u8]) -> Option<T> {
    let Maybe(read) = serde_json::from_slice::<Maybe<Record<T>>>(text).ok()?;
    read.map(|record| record.0)
}

/// A text.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Maybe::deserialize(deserializer).map(|read| read.0)
}

/// A truth value.
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Maybe::deserialize(deserializer).map(|read| read.0)
}

/// A whole number.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Maybe::deserialize(deserializer).map(|read| read.0)
}

/// A list of texts.
pub(super) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    Maybe::<Elements<String>>::deserialize(deserializer).map(|read| read.0.map(|list| list.0))
}

/// An object whose values are texts.
pub(super) fn pairs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    Maybe::deserialize(deserializer).map(|read| read.0.unwrap_or_default())
}

/// An object with fields of its own.
pub(super) fn record<'de, D: Deserializer<'de>, T: for<'t> Deserialize<'t> + Default>(deserializer: D) -> Result<T, D::Error> {
    Maybe::<Record<T>>::deserialize(deserializer).map(|read| read.0.map_or_else(T::default, |record| record.0))
}

/// A list of objects with fields of their own.
pub(super) fn records<'de, D: Deserializer<'de>, T: for<'t> Deserialize<'t>>(deserializer: D) -> Result<Option<Vec<T>>, D::Error> {
    Maybe::<Elements<Record<T>>>::deserialize(deserializer)
        .map(|read| read.0.map(|list| list.0.into_iter().map(|record| record.0).collect()))
}
