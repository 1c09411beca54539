//! A client assertion: a JWT signed with the key of a certificate (RFC 7523), in the form that Entra asks for.
//!
//! <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>: PS256, and the certificate named by `x5t#S256`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PSS_SHA256, RsaKeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use sha2::{Digest, Sha256};
use url::Url;
use zeroize::Zeroizing;

use crate::sources::SourceError;

/// How long an assertion is good, in seconds; it is used at once.
const GOOD_FOR: i64 = 300;

/// A certificate with its private key.
pub(super) struct Certificate {
    key: RsaKeyPair,
    thumbprint: String,
}

impl Certificate {
    /// Reads both out of a PEM text.
    ///
    /// # Errors
    /// [`SourceError::Setting`] that says what is missing or cannot be used. The text is not repeated.
    pub(super) fn read(pem: &str) -> Result<Self, SourceError> {
        let wrong = |problem: &str| {
            SourceError::Setting {
            field: "Certificate",
            problem: problem.to_owned(),
            next: "Give one PEM text with the certificate (-----BEGIN CERTIFICATE-----) and its RSA private key without a password (-----BEGIN PRIVATE KEY-----).".into(),
        }
        };
        let certificate =
            CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| wrong("there is no certificate in it that can be read"))?;
        if pem.contains("ENCRYPTED") {
            return Err(wrong("the private key is protected by a password"));
        }
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| wrong("there is no private key in it that can be read"))?;
        let key = match &key {
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            _ => return Err(wrong("Entra takes RSA keys only, and the key is of another kind")),
        };
        let key = key.map_err(|error| {
            wrong(&format!(
                "the private key cannot be used as an RSA key ({error}); 2,048 to 4,096 bits are needed"
            ))
        })?;
        Ok(Self {
            key,
            thumbprint: URL_SAFE_NO_PAD.encode(Sha256::digest(&certificate)),
        })
    }

    /// An assertion for the token endpoint; `now` in seconds since 1970.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub(super) fn assertion(&self, endpoint: &Url, client: &str, now: i64) -> Result<Zeroizing<String>, SourceError> {
        let mut number = [0u8; 16];
        let failed = || SourceError::Setting {
            field: "Certificate",
            problem: "nothing can be signed with its key".into(),
            next: "Give another certificate and key.".into(),
        };
        getrandom::fill(&mut number).map_err(|_| failed())?;
        let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        let claims = json!({
            "aud": endpoint.as_str(), "iss": client, "sub": client, "jti": URL_SAFE_NO_PAD.encode(number),
            "iat": now, "nbf": now, "exp": now + GOOD_FOR,
        });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let mut jwt = Zeroizing::new(format!("{}.{}", part(&header), part(&claims)));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PSS_SHA256, &SystemRandom::new(), jwt.as_bytes(), &mut signature)
            .map_err(|_| failed())?;
        jwt.push('.');
        jwt.push_str(&URL_SAFE_NO_PAD.encode(signature));
        Ok(jwt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};

    /// Made for this test; it opens nothing.
    const PEM: &str = include_str!("test_certificate.pem");

    #[test]
    fn an_assertion_is_signed_by_the_key_and_names_the_certificate() {
        let certificate = Certificate::read(PEM).unwrap();
        let endpoint = Url::parse("https://login.example/t/oauth2/v2.0/token").unwrap();
        let jwt = certificate.assertion(&endpoint, "client", 1_700_000_000).unwrap();
        let parts: Vec<&str> = jwt.split('.').collect();
        let signed = &jwt[..parts[0].len() + 1 + parts[1].len()];
        let public = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, certificate.key.public().as_ref());
        public
            .verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(parts[2]).unwrap())
            .unwrap();
        let json = |part: &str| serde_json::from_slice::<serde_json::Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        let der = CertificateDer::from_pem_slice(PEM.as_bytes()).unwrap();
        assert_eq!(json(parts[0])["x5t#S256"], URL_SAFE_NO_PAD.encode(Sha256::digest(&der)));
        let claims = json(parts[1]);
        assert_eq!(claims["aud"], endpoint.as_str());
        assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some("client"), Some("client")));
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["nbf"].as_i64().unwrap(), GOOD_FOR);
        assert_ne!(
            *jwt,
            *certificate.assertion(&endpoint, "client", 1_700_000_000).unwrap(),
            "each has a number of its own"
        );
    }

    #[test]
    fn what_cannot_be_used_is_told_and_not_repeated() {
        let only_certificate = PEM.split("-----BEGIN PRIVATE KEY").next().unwrap();
        let only_key = &PEM[PEM.find("-----BEGIN PRIVATE KEY").unwrap()..];
        for pem in [
            "",
            "s3cr3t",
            only_certificate,
            only_key,
            &PEM.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
            &PEM[..PEM.len() - 200],
        ] {
            let error = Certificate::read(pem).err().unwrap();
            assert_eq!(error.code(), "source.setting");
            assert!(!error.to_string().contains("s3cr3t"));
        }
    }
}
