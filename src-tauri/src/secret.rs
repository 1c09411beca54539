//! Secrets on their way in from the form: taken into [`Secret`] as they are read, so that no plain copy is kept on this side.

use std::fmt;

use lanyard_engine::secrets::Secret;
use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A secret argument of a command. It cannot be printed, cloned or sent back.
pub struct SecretArg(Secret);

impl SecretArg {
    /// The secret, if one was given; an empty field gives none.
    pub fn take(given: Option<Self>) -> Option<Secret> {
        given.map(|arg| arg.0).filter(|secret| !secret.expose().is_empty())
    }
}

impl<'de> Deserialize<'de> for SecretArg {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Asked for a string, a format quotes what it met instead; asked for anything, it hands it over and says nothing.
        deserializer.deserialize_any(TakeIn)
    }
}

/// Takes a string in. Anything else is refused without a word of what it was: serde's own messages quote the value.
struct TakeIn;

impl Visitor<'_> for TakeIn {
    type Value = SecretArg;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret as text")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<SecretArg, E> {
        Ok(SecretArg(Secret::new(value.to_owned())))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<SecretArg, E> {
        Ok(SecretArg(Secret::new(value)))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<SecretArg, E> {
        Err(E::custom("a secret must be text"))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<SecretArg, E> {
        Err(E::custom("a secret must be text"))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<SecretArg, E> {
        Err(E::custom("a secret must be text"))
    }
}

#[cfg(test)]
mod tests {
    //! A secret goes in, and does not come out by way of an error.

    use super::SecretArg;

    #[test]
    fn takes_text_and_no_empty_text() {
        let arg: SecretArg = serde_json::from_str("\"lab-token\"").expect("text");
        assert_eq!(SecretArg::take(Some(arg)).expect("a secret").expose(), "lab-token");
        let empty: SecretArg = serde_json::from_str("\"\"").expect("text");
        assert!(SecretArg::take(Some(empty)).is_none());
    }

    #[test]
    fn an_error_does_not_quote_what_was_given() {
        for wrong in ["40414243", "-40414243", "4041.5"] {
            let error = serde_json::from_str::<SecretArg>(wrong).err().expect("no text").to_string();
            assert!(!error.contains("4041"), "{error}");
        }
    }
}
