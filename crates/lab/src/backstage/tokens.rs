//! Who asks: static tokens of other services, and users' tokens from the sign-in.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::decide::Subject;
use super::options::StaticToken;
use super::refusal::PortalRefusal;
use crate::base64;
use crate::scim::secret_word;

/// Whom a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principal {
    /// Another service, with a static token.
    Service,
    /// A user.
    User(Subject),
}

/// The tokens, and what became of them.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    statics: BTreeMap<String, Static>,
    users: BTreeMap<String, (Subject, Instant)>,
    current: String,
}

#[derive(Debug, Default)]
struct Static {
    plugins: Option<Vec<String>>,
    used: u64,
}

impl Tokens {
    pub(crate) fn new(current: Option<String>, more: Vec<StaticToken>) -> Self {
        let mut tokens = Self::default();
        for token in more {
            tokens.add(token);
        }
        tokens.add(StaticToken {
            token: current.unwrap_or_else(|| secret_word("portal_")),
            plugins: None,
        });
        tokens
    }

    /// The newest static token.
    pub(crate) fn current(&self) -> String {
        self.current.clone()
    }

    /// Adds a static token; the ones before stay good.
    pub(crate) fn add(&mut self, token: StaticToken) {
        self.current.clone_from(&token.token);
        let added = Static {
            plugins: token.plugins,
            used: 0,
        };
        self.statics.insert(token.token, added);
    }

    /// Makes a token worthless, at once. Tells whether it was good.
    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        self.statics.remove(token).is_some() | self.users.remove(token).is_some()
    }

    /// A user's token, which looks like the JWT that a real portal gives. Nothing here reads what it says: it is looked up.
    pub(crate) fn issue(&mut self, issuer: &str, subject: Subject, lifetime: Duration) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let part = |value: &Value| base64::encode_url(value.to_string().as_bytes());
        let head = part(&json!({"typ": "vnd.backstage.user", "alg": "ES256", "kid": "lab"}));
        let body = part(&json!({"iss": issuer, "sub": subject.reference, "aud": "backstage", "iat": now, "exp": now + lifetime.as_secs()}));
        let token = format!("{head}.{body}.{}", base64::encode_url(secret_word("").as_bytes()));
        let now = Instant::now();
        self.users.retain(|_, (_, until)| *until > now);
        self.users.insert(token.clone(), (subject, now + lifetime));
        token
    }

    /// Who stands behind an `Authorization` header, for a request to this plugin. With `expires_after`, a static token is
    /// worn out after so many uses.
    ///
    /// # Errors
    /// 401 when nobody does, 403 when the token is not for this plugin.
    pub(crate) fn admit(&mut self, header: Option<&str>, plugin: &str, expires_after: Option<u64>) -> Result<Principal, PortalRefusal> {
        let Some(header) = header else {
            return Err(PortalRefusal::unauthorized("Missing credentials"));
        };
        let illegal = || PortalRefusal::unauthorized("Illegal token");
        let (scheme, token) = header.split_once(' ').ok_or_else(illegal)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(illegal());
        }
        let token = token.trim();
        if let Some((subject, until)) = self.users.get(token) {
            return if Instant::now() < *until {
                Ok(Principal::User(subject.clone()))
            } else {
                Err(PortalRefusal::unauthorized("Failed user token verification"))
            };
        }
        let known = self.statics.get_mut(token).ok_or_else(illegal)?;
        known.used += 1;
        if expires_after.is_some_and(|limit| known.used > limit) {
            return Err(illegal());
        }
        match &known.plugins {
            Some(plugins) if !plugins.iter().any(|allowed| allowed == plugin) => {
                let named: Vec<String> = plugins.iter().map(|allowed| format!("'{allowed}'")).collect();
                Err(PortalRefusal::not_allowed(format!(
                    "This token's access is restricted to plugin(s) {}",
                    named.join(", ")
                )))
            }
            _ => Ok(Principal::Service),
        }
    }
}
