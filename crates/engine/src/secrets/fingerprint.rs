//! Fingerprints: a short mark by which a person can tell two secrets apart without seeing either.

use sha2::{Digest, Sha256};

use super::{Secret, hex};

/// The fingerprint of a secret: 48 bits as `3f9a-c21b-07d4`. It is salted with the data folder's own random value, so that the same secret has
/// different fingerprints in different folders, and a fingerprint in a report cannot be looked up in a table made beforehand.
pub fn fingerprint(salt: &[u8; 32], secret: &Secret) -> String {
    let mut hash = Sha256::new();
    hash.update(b"lanyard fingerprint v1\0");
    hash.update(salt);
    hash.update(secret.expose().as_bytes());
    let digits = hex(&hash.finalize()[..6]);
    format!("{}-{}-{}", &digits[..4], &digits[4..8], &digits[8..])
}

#[cfg(test)]
mod tests {
    //! Fingerprints tell secrets apart within a folder, and nothing across folders.

    use super::*;

    #[test]
    fn same_secret_same_folder_same_mark() {
        let (one, two) = (Secret::new("token-a".into()), Secret::new("token-b".into()));
        let (here, there) = ([1; 32], [2; 32]);
        assert_eq!(fingerprint(&here, &one), fingerprint(&here, &Secret::new("token-a".into())));
        assert_ne!(fingerprint(&here, &one), fingerprint(&here, &two));
        assert_ne!(fingerprint(&here, &one), fingerprint(&there, &one));
        assert_eq!(fingerprint(&here, &one).len(), 14);
    }
}
