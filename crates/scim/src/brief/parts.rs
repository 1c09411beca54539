//! Tolerant readers for the parts of a resource: objects that may come as plain texts, lists that may come as one value.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{BorrowedStrDeserializer, I64Deserializer, MapAccessDeserializer, StrDeserializer, U64Deserializer};
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A part that is an object as a rule. Null, lists and truth values count as an empty one.
pub(crate) trait Part<'de>: Default {
    /// Reads it from a plain text, or a number's digits.
    fn of_text(text: Cow<'de, str>) -> Self;

    /// Reads it from an object.
    fn of_map<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error>;
}

/// Reads a [`Part`].
pub(crate) struct Of<T>(pub(crate) T);

impl<'de, T: Part<'de>> Deserialize<'de> for Of<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PartVisitor(PhantomData)).map(Self)
    }
}

struct PartVisitor<T>(PhantomData<T>);

impl<'de, T: Part<'de>> Visitor<'de> for PartVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::of_map(map)
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<T, E> {
        Ok(T::of_text(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::of_text(Cow::Owned(text.to_owned())))
    }
    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(T::of_text(Cow::Owned(number.to_string())))
    }
    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(T::of_text(Cow::Owned(number.to_string())))
    }
    fn visit_f64<E>(self, _: f64) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<T, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(T::default())
    }
}

/// The values of a multi-valued attribute: a list as a rule, perhaps one value alone. Null, truth values and fractions count
/// as nothing said, which is `default()`.
pub(crate) trait Values<'de>: Default {
    /// What each value is read as.
    type One: Deserialize<'de>;

    /// A list without values yet.
    fn begin() -> Self {
        Self::default()
    }

    /// Takes one value in.
    fn add(&mut self, one: Self::One);
}

/// Reads [`Values`].
pub(crate) struct Each<T>(pub(crate) T);

impl<'de, T: Values<'de>> Deserialize<'de> for Each<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValuesVisitor(PhantomData)).map(Self)
    }
}

struct ValuesVisitor<T>(PhantomData<T>);

fn only<'de, T: Values<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let one = T::One::deserialize(deserializer)?;
    let mut values = T::begin();
    values.add(one);
    Ok(values)
}

impl<'de, T: Values<'de>> Visitor<'de> for ValuesVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<T, A::Error> {
        let mut values = T::begin();
        while let Some(one) = items.next_element()? {
            values.add(one);
        }
        Ok(values)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        only(MapAccessDeserializer::new(map))
    }
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<T, E> {
        only(BorrowedStrDeserializer::new(text))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        only(StrDeserializer::new(text))
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        only(U64Deserializer::new(number))
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        only(I64Deserializer::new(number))
    }
    fn visit_f64<E>(self, _: f64) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }
}
