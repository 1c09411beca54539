//! The secrets of sources, each tied to the origin it was given for.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Keychain, Secret, SecretError, never_shown};
use crate::view::SourceId;

/// Scheme, host and port of an address (RFC 6454 §4), with the port always spelled out: `https://idp.example:443`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// The origin of an address.
    ///
    /// # Errors
    /// [`SecretError::NoOrigin`] when it is neither `https` nor `http`, or names no host.
    pub fn of(address: &Url) -> Result<Self, SecretError> {
        let none = || {
            // An address may carry a password; only its scheme and host are repeated.
            let address = format!("{}://{}", address.scheme(), address.host_str().unwrap_or_default());
            SecretError::NoOrigin { address }
        };
        let port = address
            .port_or_known_default()
            .filter(|_| matches!(address.scheme(), "https" | "http"))
            .ok_or_else(none)?;
        let host = address.host_str().filter(|host| !host.is_empty()).ok_or_else(none)?;
        Ok(Self(format!("{}://{host}:{port}", address.scheme())))
    }

    /// The origin as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A source's secret with the origin it was given for.
pub struct SourceSecret {
    /// Where it may be sent, and nowhere else.
    pub origin: Origin,
    /// Its value.
    pub value: Secret,
    /// What is known of it besides, so that neither can be taken for another's: which rotation made it, the provider's id. Not secret; may be empty.
    pub note: String,
}

/// A place for a source's secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// What the source is asked with.
    Current,
    /// What is to become the current one, while it is proven.
    Next,
    /// What was the current one, until it is proven dead.
    Previous,
    /// What the provider's token API is asked with, where that takes one of its own.
    Manager,
}

impl Slot {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Current, Self::Next, Self::Previous, Self::Manager];

    fn suffix(self) -> &'static str {
        match self {
            Self::Current => "",
            Self::Next => "/next",
            Self::Previous => "/previous",
            Self::Manager => "/manager",
        }
    }
}

never_shown!(SourceSecret);

/// How the keychain keeps the two: as one value, so that neither can be changed without the other.
#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    v: u8,
    #[serde(borrow)]
    origin: Cow<'a, str>,
    #[serde(borrow)]
    value: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    note: Cow<'a, str>,
}

impl SourceSecret {
    fn pack(&self) -> Secret {
        let kept = Kept {
            v: 1,
            origin: self.origin.as_str().into(),
            value: self.value.expose().into(),
            note: self.note.as_str().into(),
        };
        // Room for every character escaped, so that no half-grown copy of the secret is left behind in freed memory.
        let mut text = Vec::with_capacity(128 + self.origin.as_str().len() + 6 * (self.value.expose().len() + self.note.len()));
        // Writing plain text to memory cannot fail.
        let _ = serde_json::to_writer(&mut text, &kept);
        Secret::new(String::from_utf8(text).unwrap_or_default())
    }

    fn unpack(text: &Secret) -> Option<Self> {
        let kept: Kept<'_> = serde_json::from_str(text.expose()).ok()?;
        let value = Secret::new(kept.value.into_owned());
        let origin = Origin::of(&Url::parse(&kept.origin).ok()?).ok()?;
        let note = kept.note.into_owned();
        (kept.v == 1 && origin.as_str() == kept.origin).then_some(Self { origin, value, note })
    }
}

/// The secrets of one data folder's sources, in a keychain, under `FOLDER/source/ID`, and behind that `/next`, `/previous` and `/manager`.
#[derive(Clone)]
pub struct SourceSecrets {
    keychain: Arc<dyn Keychain>,
    folder: String,
    /// The origin that a secret from the environment was first used for.
    bound: Arc<Mutex<HashMap<SourceId, Origin>>>,
}

impl SourceSecrets {
    /// Those of the data folder with this id.
    pub fn new(keychain: Arc<dyn Keychain>, folder: &str) -> Self {
        Self {
            keychain,
            folder: folder.to_owned(),
            bound: Arc::default(),
        }
    }

    fn name(&self, source: SourceId, slot: Slot) -> String {
        format!("{}/source/{source}{}", self.folder, slot.suffix())
    }

    /// The secret of a source for this origin; none where none is kept. `source_name` is the name on screen, by which an environment variable is found.
    ///
    /// # Errors
    /// [`SecretError::OtherOrigin`] when it was given for another origin; else as the keychain.
    pub fn load(&self, source: SourceId, source_name: &str, origin: &Origin) -> Result<Option<SourceSecret>, SecretError> {
        if let Some(secret) = self.load_slot(source, Slot::Current, origin)? {
            return Ok(Some(secret));
        }
        let Some(value) = self.keychain.given(source_name)? else {
            return Ok(None);
        };
        let mut bound = self.bound.lock().unwrap_or_else(PoisonError::into_inner);
        let first = bound.entry(source).or_insert_with(|| origin.clone());
        if first == origin {
            Ok(Some(SourceSecret {
                origin: origin.clone(),
                value,
                note: String::new(),
            }))
        } else {
            Err(other(source, first, origin))
        }
    }

    /// What is in a slot, for this origin. The environment fills none.
    ///
    /// # Errors
    /// [`SecretError::OtherOrigin`] when it was given for another origin; else as the keychain.
    pub fn load_slot(&self, source: SourceId, slot: Slot, origin: &Origin) -> Result<Option<SourceSecret>, SecretError> {
        let name = self.name(source, slot);
        let Some(text) = self.keychain.get(&name)? else {
            return Ok(None);
        };
        let secret = SourceSecret::unpack(&text).ok_or(SecretError::Malformed { name })?;
        if secret.origin == *origin {
            Ok(Some(secret))
        } else {
            Err(other(source, &secret.origin, origin))
        }
    }

    /// Keeps a source's secret, in place of an older one.
    ///
    /// # Errors
    /// As the keychain.
    pub fn keep(&self, source: SourceId, secret: &SourceSecret) -> Result<(), SecretError> {
        self.keep_slot(source, Slot::Current, secret)
    }

    /// Keeps a secret in a slot, in place of what was there, and reads it back: a keychain that takes and loses it is found out here.
    ///
    /// # Errors
    /// [`SecretError::Refused`] when it is not there afterwards; else as the keychain.
    pub fn keep_slot(&self, source: SourceId, slot: Slot, secret: &SourceSecret) -> Result<(), SecretError> {
        let name = self.name(source, slot);
        let packed = secret.pack();
        self.keychain.set(&name, &packed)?;
        match self.keychain.get(&name)? {
            Some(kept) if kept.expose() == packed.expose() => Ok(()),
            _ => Err(SecretError::Refused {
                reason: "what was put in could not be read back".into(),
            }),
        }
    }

    /// Takes what is in a slot out; no error where there is nothing.
    ///
    /// # Errors
    /// As the keychain.
    pub fn forget_slot(&self, source: SourceId, slot: Slot) -> Result<(), SecretError> {
        self.keychain.remove(&self.name(source, slot))
    }

    /// Takes all of a source's secrets out; no error where there is none.
    ///
    /// # Errors
    /// As the keychain.
    pub fn forget(&self, source: SourceId) -> Result<(), SecretError> {
        // The current one goes last: while it is there, a removal that was interrupted is seen and can be done again.
        for slot in Slot::ALL.into_iter().rev() {
            self.forget_slot(source, slot)?;
        }
        Ok(())
    }

    /// Whether what is kept outlives this process.
    pub fn last(&self) -> bool {
        self.keychain.lasts()
    }

    /// Whether there is a secret for this source, for whatever origin.
    ///
    /// # Errors
    /// As the keychain.
    pub fn has(&self, source: SourceId, source_name: &str) -> Result<bool, SecretError> {
        Ok(self.keychain.get(&self.name(source, Slot::Current))?.is_some() || self.keychain.given(source_name)?.is_some())
    }
}

fn other(source: SourceId, stored: &Origin, asked: &Origin) -> SecretError {
    SecretError::OtherOrigin {
        source_id: source,
        stored: stored.to_string(),
        asked: asked.to_string(),
    }
}

#[cfg(test)]
mod tests {
    //! A secret goes to the origin it was given for, and to no other.

    use super::*;
    use crate::secrets::{EnvKeychain, MemoryKeychain};

    fn origin(address: &str) -> Origin {
        Origin::of(&Url::parse(address).unwrap()).unwrap()
    }

    #[test]
    fn origins_are_scheme_host_and_port() {
        assert_eq!(origin("https://IdP.Example/scim/v2").as_str(), "https://idp.example:443");
        assert_eq!(origin("https://idp.example:443/"), origin("https://idp.example"));
        assert_eq!(origin("http://[::1]:8080/x").as_str(), "http://[::1]:8080");
        assert_ne!(origin("http://idp.example"), origin("https://idp.example"));
        assert_ne!(origin("https://idp.example"), origin("https://idp.example.evil"));
        for none in ["file:///etc/passwd", "data:text/plain,x", "ftp://user:hunter2@host/"] {
            let error = Origin::of(&Url::parse(none).unwrap()).unwrap_err();
            assert!(!error.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn only_the_same_origin_gets_it() {
        let keychain = Arc::new(MemoryKeychain::new());
        let secrets = SourceSecrets::new(keychain.clone(), "f00d");
        let here = origin("https://idp.example/scim");
        assert!(secrets.load(7, "IdP", &here).unwrap().is_none());
        secrets
            .keep(
                7,
                &SourceSecret {
                    origin: here.clone(),
                    value: Secret::new("s3cr\"et\u{1}–".into()),
                    note: "{}".into(),
                },
            )
            .unwrap();
        assert_eq!(keychain.names(), ["f00d/source/7"]);
        assert_eq!(secrets.load(7, "IdP", &here).unwrap().unwrap().value.expose(), "s3cr\"et\u{1}–");
        assert!(secrets.load(8, "IdP", &here).unwrap().is_none());
        assert!(secrets.has(7, "IdP").unwrap());
        for elsewhere in ["http://idp.example", "https://idp.example:8443", "https://evil.example"] {
            let Err(error) = secrets.load(7, "IdP", &origin(elsewhere)) else {
                panic!("{elsewhere} got it")
            };
            assert_eq!(error.code(), "keychain.otherOrigin");
            assert!(!format!("{error:?} {error} {:?}", error.fault()).contains("s3cr"));
        }
        secrets.forget(7).unwrap();
        assert!(!secrets.has(7, "IdP").unwrap());
    }

    #[test]
    fn slots_are_apart_and_go_together() {
        let keychain = Arc::new(MemoryKeychain::new());
        let secrets = SourceSecrets::new(keychain.clone(), "f00d");
        let here = origin("https://idp.example/scim");
        for slot in Slot::ALL {
            let secret = SourceSecret {
                origin: here.clone(),
                value: Secret::new(format!("{slot:?}")),
                note: format!("note of {slot:?}"),
            };
            secrets.keep_slot(7, slot, &secret).unwrap();
        }
        for slot in Slot::ALL {
            let kept = secrets.load_slot(7, slot, &here).unwrap().unwrap();
            assert_eq!(
                (kept.value.expose(), kept.note),
                (format!("{slot:?}").as_str(), format!("note of {slot:?}"))
            );
            assert!(secrets.load_slot(7, slot, &origin("https://evil.example")).is_err());
        }
        assert_eq!(secrets.load(7, "IdP", &here).unwrap().unwrap().value.expose(), "Current");
        secrets.forget(7).unwrap();
        assert!(keychain.names().is_empty());
    }

    #[test]
    fn a_keychain_that_loses_what_it_takes_is_found_out() {
        let keychain = Arc::new(MemoryKeychain::new());
        keychain.forget(true);
        let secrets = SourceSecrets::new(keychain, "f00d");
        let secret = SourceSecret {
            origin: origin("https://idp.example"),
            value: Secret::new("x".into()),
            note: String::new(),
        };
        assert!(matches!(
            secrets.keep_slot(7, Slot::Next, &secret),
            Err(SecretError::Refused { .. })
        ));
    }

    #[test]
    fn a_value_that_someone_else_put_there_is_not_used() {
        let keychain = Arc::new(MemoryKeychain::new());
        let secrets = SourceSecrets::new(keychain.clone(), "f");
        for odd in [
            "plain token",
            "{}",
            r#"{"v":2,"origin":"https://a:443","value":"x"}"#,
            r#"{"v":1,"origin":"https://a","value":"x"}"#,
        ] {
            keychain.set("f/source/1", &Secret::new(odd.into())).unwrap();
            assert!(
                matches!(secrets.load(1, "a", &origin("https://a")), Err(SecretError::Malformed { .. })),
                "{odd}"
            );
        }
    }

    #[test]
    fn a_secret_from_the_environment_is_bound_to_the_first_origin() {
        let variables = [("LANYARD_TOKEN_WORKFORCE_IDP".to_owned(), "t\n".to_owned())];
        let secrets = SourceSecrets::new(Arc::new(EnvKeychain::from_variables(variables).unwrap()), "f");
        let here = origin("https://idp.example");
        assert_eq!(secrets.load(1, "Workforce IdP", &here).unwrap().unwrap().value.expose(), "t");
        assert!(secrets.load(1, "Workforce IdP", &here).unwrap().is_some());
        assert!(matches!(
            secrets.load(1, "Workforce IdP", &origin("https://evil.example")),
            Err(SecretError::OtherOrigin { .. })
        ));
        assert!(secrets.load(2, "Other", &here).unwrap().is_none());
    }
}
