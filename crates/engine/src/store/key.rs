//! The key of an encrypted file: 256 random bits, wiped when dropped, never printed.

use std::fmt::Write as _;

use zeroize::Zeroizing;

use super::StoreError;
use crate::secrets::{Secret, never_shown};

/// The raw 256-bit key of a SQLCipher file. It is random, not a passphrase, so nothing is spent on stretching it.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; 32]>);

never_shown!(Key);

impl Key {
    /// A new key from the operating system's random source.
    ///
    /// # Errors
    /// [`StoreError::Random`] when the system gives no random bytes.
    pub fn generate() -> Result<Self, StoreError> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|error| StoreError::Random { reason: error.to_string() })?;
        Ok(Self(bytes))
    }

    /// Takes 32 bytes as the key.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads a key from 64 hexadecimal digits (spaces around them do not matter): as the keychain keeps it.
    ///
    /// # Errors
    /// [`StoreError::KeyMalformed`] when it is anything else. The error does not repeat the value.
    pub fn from_secret(secret: &Secret) -> Result<Self, StoreError> {
        let text = secret.expose().trim().as_bytes();
        let mut bytes = Zeroizing::new([0; 32]);
        if text.len() != 64 {
            return Err(StoreError::KeyMalformed);
        }
        for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            *byte = (digit(pair[0])? << 4) | digit(pair[1])?;
        }
        Ok(Self(bytes))
    }

    /// The key as 64 lowercase hexadecimal digits, for the keychain.
    pub fn to_secret(&self) -> Secret {
        let mut text = String::with_capacity(64);
        for byte in self.0.iter() {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Secret::new(text)
    }

    /// The statement that hands the key to SQLCipher as it is, with no key derivation.
    pub(super) fn pragma(&self) -> Zeroizing<String> {
        let hex = self.to_secret();
        Zeroizing::new(format!("PRAGMA key = \"x'{}'\"", hex.expose()))
    }
}

fn digit(character: u8) -> Result<u8, StoreError> {
    match character {
        b'0'..=b'9' => Ok(character - b'0'),
        b'a'..=b'f' => Ok(character - b'a' + 10),
        b'A'..=b'F' => Ok(character - b'A' + 10),
        _ => Err(StoreError::KeyMalformed),
    }
}

#[cfg(test)]
mod tests {
    //! A key survives the way through the keychain, and nothing else passes for one.

    use super::*;

    #[test]
    fn hex_goes_both_ways() {
        let key = Key::generate().unwrap();
        let again = Key::from_secret(&key.to_secret()).unwrap();
        assert!(*key.0 == *again.0);
        let upper = Secret::new(format!(" {}\n", key.to_secret().expose().to_uppercase()));
        assert!(*Key::from_secret(&upper).unwrap().0 == *key.0);
        assert!(*Key::generate().unwrap().0 != *key.0, "two keys are never the same");
    }

    #[test]
    fn anything_else_is_refused_without_repeating_it() {
        for bad in ["", "abc", &"g".repeat(64), &"0".repeat(63), &"0".repeat(66), &"é".repeat(32)] {
            let Err(error) = Key::from_secret(&Secret::new((*bad).to_owned())) else {
                panic!("{bad:?} passed")
            };
            assert!(matches!(error, StoreError::KeyMalformed));
            assert!(bad.is_empty() || !format!("{error} {error:?} {:?}", error.fault()).contains(bad));
        }
    }
}
