//! Fingerprints: a short mark by which a person can tell two secrets apart without seeing either.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Keychain, Secret, SecretError, hex, never_shown};

/// The key that fingerprints are made with. It lies in the keychain beside the secrets, and nowhere else: whoever has a data folder, an export or
/// a picture of the screen can neither guess a secret and compare, nor tell whether two folders hold the same one.
pub struct FingerprintKey(Zeroizing<Vec<u8>>);

never_shown!(FingerprintKey);

impl FingerprintKey {
    /// The key of the data folder with this id, as `FOLDER/fingerprint-key` in the keychain; made when it is first asked for.
    ///
    /// # Errors
    /// As the keychain; [`SecretError::Refused`] when no random numbers are to be had.
    pub fn obtain(keychain: &dyn Keychain, folder: &str) -> Result<Self, SecretError> {
        let name = format!("{folder}/fingerprint-key");
        if let Some(kept) = keychain.get(&name)? {
            return Ok(Self::from_secret(&kept));
        }
        let mut bytes = Zeroizing::new([0_u8; 32]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|error| SecretError::Refused {
            reason: format!("this machine gives no random numbers: {error}"),
        })?;
        let made = Secret::new(hex(bytes.as_slice()));
        keychain.set(&name, &made)?;
        // Two processes may make one at the same time: what stands afterwards counts.
        Ok(Self::from_secret(keychain.get(&name)?.as_ref().unwrap_or(&made)))
    }

    fn from_secret(secret: &Secret) -> Self {
        Self(Zeroizing::new(secret.expose().trim().as_bytes().to_vec()))
    }

    /// The fingerprint of a secret: 48 bits of HMAC-SHA-256 (RFC 2104) as `3f9a-c21b-07d4`.
    pub fn of(&self, secret: &Secret) -> String {
        // HMAC takes keys of any length, so this cannot fail.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return String::new();
        };
        mac.update(b"lanyard fingerprint v2\0");
        mac.update(secret.expose().as_bytes());
        let digits = hex(&mac.finalize().into_bytes()[..6]);
        format!("{}-{}-{}", &digits[..4], &digits[4..8], &digits[8..])
    }
}

#[cfg(test)]
mod tests {
    //! Fingerprints tell secrets apart within a folder, and nothing across folders.

    use super::*;
    use crate::secrets::MemoryKeychain;

    #[test]
    fn the_same_secret_has_one_fingerprint_in_a_folder_and_another_elsewhere() {
        let keychain = MemoryKeychain::new();
        let (here, again, elsewhere) = (
            FingerprintKey::obtain(&keychain, "a").unwrap(),
            FingerprintKey::obtain(&keychain, "a").unwrap(),
            FingerprintKey::obtain(&keychain, "b").unwrap(),
        );
        let (one, two) = (Secret::new("token".into()), Secret::new("token2".into()));
        assert_eq!(here.of(&one), again.of(&one));
        assert_ne!(here.of(&one), here.of(&two));
        assert_ne!(here.of(&one), elsewhere.of(&one));
        assert_eq!(keychain.names(), ["a/fingerprint-key", "b/fingerprint-key"]);
        let shape: Vec<usize> = here.of(&one).split('-').map(str::len).collect();
        assert_eq!(shape, [4, 4, 4]);
    }

    #[test]
    fn it_is_hmac_over_the_key_as_kept() {
        let key = FingerprintKey::from_secret(&Secret::new("00".repeat(32)));
        // Reckoned with another implementation of HMAC-SHA-256.
        assert_eq!(key.of(&Secret::new("token".into())), "f4c9-84c0-5174");
    }
}
