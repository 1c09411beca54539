//! Tolerant reading of an object's members: any case of names, numbers and booleans as text, one value for a list.
//!
//! A member is taken only when it could be understood; what is left keeps its own name and value.

use serde_json::{Map, Value};

use crate::text;

/// The members of one JSON object, taken out one by one.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// The members of an object; none for anything else.
    pub(crate) fn of(value: Value) -> Self {
        match value {
            Value::Object(map) => Self(map),
            _ => Self(Map::new()),
        }
    }

    /// What nobody took.
    pub(crate) fn rest(self) -> Map<String, Value> {
        self.0
    }

    fn take_with<T>(&mut self, name: &str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        let key = text::key_of(&self.0, name)?;
        let found = read(self.0.get(&key)?)?;
        self.0.shift_remove(&key);
        Some(found)
    }

    /// Any value but null.
    pub(crate) fn value(&mut self, name: &str) -> Option<Value> {
        self.take_with(name, |value| (!value.is_null()).then(|| value.clone()))
    }

    /// A text; a number counts as its digits.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.take_with(name, as_text)
    }

    /// A truth value; `"True"` and 1 count.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        self.take_with(name, as_flag)
    }

    /// A number that is not negative; digits as text count.
    pub(crate) fn number(&mut self, name: &str) -> Option<u64> {
        self.take_with(name, as_number)
    }

    /// A whole number of either sign; digits as text count.
    pub(crate) fn integer(&mut self, name: &str) -> Option<i64> {
        self.take_with(name, |value| match value {
            Value::Number(number) => number.as_i64().or_else(|| i64::try_from(whole(number.as_f64()?)?).ok()),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        })
    }

    /// A list of texts; one text counts as a list of one. A list with anything else in it is left alone.
    pub(crate) fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        self.take_with(name, |value| match value {
            Value::Array(items) => items.iter().map(as_text).collect(),
            other => as_text(other).map(|text| vec![text]),
        })
    }

    /// A list of things read from objects; one object counts as a list of one. A list with anything else is left alone.
    pub(crate) fn objects<T>(&mut self, name: &str, read: impl Fn(Value) -> T) -> Option<Vec<T>> {
        self.take_with(name, |value| match value {
            Value::Array(items) if items.iter().all(Value::is_object) => Some(items.iter().cloned().map(&read).collect()),
            Value::Object(_) => Some(vec![read(value.clone())]),
            _ => None,
        })
    }

    /// A thing read from an object.
    pub(crate) fn object<T>(&mut self, name: &str, read: impl FnOnce(Value) -> T) -> Option<T> {
        self.take_with(name, |value| value.is_object().then(|| read(value.clone())))
    }

    /// A word of an enumeration.
    pub(crate) fn word<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.take_with(name, |value| read(value.as_str()?))
    }
}

/// A text, or a number's digits.
pub(crate) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A truth value as servers write it.
pub(crate) fn as_flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => flag_of_text(text),
        Value::Number(number) => flag_of_number(number.as_f64()?),
        _ => None,
    }
}

/// `true`, `True`, `1`, … as a truth value.
pub(crate) fn flag_of_text(text: &str) -> Option<bool> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("true") || text == "1" {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") || text == "0" {
        Some(false)
    } else {
        None
    }
}

/// 0 and 1 as truth values.
#[expect(clippy::float_cmp, reason = "only the two exact numbers are meant")]
pub(crate) fn flag_of_number(number: f64) -> Option<bool> {
    if number == 0.0 {
        Some(false)
    } else if number == 1.0 {
        Some(true)
    } else {
        None
    }
}

/// A count as servers write it: a number, a whole number with a fraction of zero, or digits as text.
pub(crate) fn as_number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| whole(text.parse().ok()?))
        }
        _ => None,
    }
}

/// A float that is a whole number, not negative, and small enough to be exact.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked before")]
pub(crate) fn whole(number: f64) -> Option<u64> {
    (number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&number)).then_some(number as u64)
}

/// Writes serde both ways for a type that reads itself from a value with `from_value`.
macro_rules! read_by_value {
    ($($name:ty),+ $(,)?) => {$(
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = serde_json::Value::deserialize(deserializer)?;
                if value.is_object() {
                    Ok(Self::from_value(value))
                } else {
                    Err(serde::de::Error::custom(concat!(stringify!($name), " must be a JSON object")))
                }
            }
        }
    )+};
}
pub(crate) use read_by_value;
