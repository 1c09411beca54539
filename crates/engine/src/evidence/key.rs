//! The Ed25519 key that evidence is signed with (RFC 8032), and its public half as `openssl` reads it (RFC 8410).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::EvidenceError;
use crate::secrets::{Secret, hex, never_shown};

/// What stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410 §4): a sequence, the algorithm 1.3.101.112, a bit string.
const SPKI_HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const PEM_BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const PEM_END: &str = "-----END PUBLIC KEY-----";

/// A signing key. Wiped when dropped, never printed, never serialised.
pub struct EvidenceKey(SigningKey);

never_shown!(EvidenceKey);

impl EvidenceKey {
    /// Makes a new key from the system's random numbers.
    ///
    /// # Errors
    /// When the system gives none.
    pub fn make() -> Result<Self, EvidenceError> {
        let mut seed = Zeroizing::new([0_u8; 32]);
        getrandom::fill(seed.as_mut_slice()).map_err(|error| EvidenceError::Random { reason: error.to_string() })?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// Reads a key as [`Self::to_secret`] wrote it.
    ///
    /// # Errors
    /// When it is not 64 hexadecimal digits. The error does not repeat it.
    pub fn from_secret(secret: &Secret) -> Result<Self, EvidenceError> {
        let malformed = || EvidenceError::Key {
            problem: "it is not 64 hexadecimal digits".into(),
        };
        let text = secret.expose().trim().as_bytes();
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        if text.len() != 64 {
            return Err(malformed());
        }
        let mut seed = Zeroizing::new([0_u8; 32]);
        for (byte, pair) in seed.iter_mut().zip(text.chunks_exact(2)) {
            *byte = digit(pair[0])
                .zip(digit(pair[1]))
                .map(|(high, low)| high << 4 | low)
                .ok_or_else(malformed)?;
        }
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// The key's seed, for the keychain.
    pub fn to_secret(&self) -> Secret {
        let seed = Zeroizing::new(self.0.to_bytes());
        Secret::new(hex(seed.as_slice()))
    }

    /// Its public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// The signature over some bytes: 64 bytes.
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(bytes).to_bytes()
    }
}

/// The public half of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// As PEM, with a line's end after the last line.
    pub fn pem(&self) -> String {
        format!("{PEM_BEGIN}\n{}\n{PEM_END}\n", STANDARD.encode(self.spki()))
    }

    /// Reads PEM. Only what [`Self::pem`] writes is taken, with line ends of any kind.
    ///
    /// # Errors
    /// When it is no Ed25519 key in a SubjectPublicKeyInfo.
    pub fn from_pem(text: &str) -> Result<Self, EvidenceError> {
        let problem = |problem: &str| EvidenceError::Key { problem: problem.into() };
        let body = text
            .trim()
            .strip_prefix(PEM_BEGIN)
            .and_then(|rest| rest.strip_suffix(PEM_END))
            .ok_or_else(|| problem("it is no PEM of a public key"))?;
        let body: String = body.split_whitespace().collect();
        let spki = STANDARD
            .decode(body)
            .map_err(|_| problem("what stands between its lines is no base64"))?;
        let raw = spki.strip_prefix(&SPKI_HEAD).and_then(|raw| <[u8; 32]>::try_from(raw).ok());
        let raw = raw.ok_or_else(|| problem("it is no Ed25519 key"))?;
        VerifyingKey::from_bytes(&raw)
            .map(Self)
            .map_err(|_| problem("its 32 bytes are no point of the curve"))
    }

    /// The first 16 hexadecimal digits of SHA-256 over the SubjectPublicKeyInfo.
    pub fn fingerprint(&self) -> String {
        let mut text = hex(&Sha256::digest(self.spki()));
        text.truncate(16);
        text
    }

    /// Whether a signature is this key's over these bytes. Strict: no other 64 bytes would do as well (RFC 8032 §5.1.7).
    pub fn verifies(&self, bytes: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.0.verify_strict(bytes, &signature).is_ok())
    }

    fn spki(&self) -> Vec<u8> {
        [SPKI_HEAD.as_slice(), self.0.as_bytes()].concat()
    }
}
