//! Who may ask: bearer tokens, HTTP Basic, and tokens from the client-credentials endpoint.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher};
use std::time::{Duration, Instant};

use super::options::AuthOptions;
use crate::base64;

/// The credentials of one server, and what became of them.
#[derive(Debug)]
pub(crate) struct Access {
    options: AuthOptions,
    tokens: BTreeMap<String, Token>,
    current: String,
}

#[derive(Debug, Default)]
struct Token {
    used: u64,
    until: Option<Instant>,
}

/// A word that nobody can guess: from the process's own random hashing keys.
pub(crate) fn secret_word(prefix: &str) -> String {
    let random = || std::collections::hash_map::RandomState::new().build_hasher().finish();
    format!("{prefix}{:016x}{:016x}", random(), random())
}

impl Access {
    pub(crate) fn new(options: AuthOptions, prefix: &str) -> Self {
        let current = options.token.clone().unwrap_or_else(|| secret_word(prefix));
        let mut tokens = BTreeMap::new();
        if options.bearer {
            tokens.insert(current.clone(), Token::default());
        }
        Self { options, tokens, current }
    }

    pub(crate) fn options(&self) -> &AuthOptions {
        &self.options
    }

    /// The newest bearer token.
    pub(crate) fn token(&self) -> String {
        self.current.clone()
    }

    /// Adds a token; the ones before stay good until they are revoked.
    pub(crate) fn add(&mut self, token: String) {
        self.tokens.insert(token.clone(), Token::default());
        self.current = token;
    }

    /// Makes a token worthless. Tells whether it was known.
    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        self.tokens.remove(token).is_some()
    }

    /// Whether an `Authorization` header lets the request in. With `expires_after`, a token is worn out after so many uses.
    pub(crate) fn admits(&mut self, header: Option<&str>, expires_after: Option<u64>) -> bool {
        let Some((scheme, rest)) = header.and_then(|header| header.split_once(' ')) else {
            return false;
        };
        if scheme.eq_ignore_ascii_case("basic") {
            let Some((user, password)) = &self.options.basic else {
                return false;
            };
            return basic(rest).as_deref() == Some(&format!("{user}:{password}"));
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return false;
        }
        let Some(token) = self.tokens.get_mut(rest.trim()) else {
            return false;
        };
        token.used += 1;
        let worn = expires_after.is_some_and(|limit| token.used > limit);
        !worn && token.until.is_none_or(|until| Instant::now() < until)
    }

    /// The client-credentials grant (RFC 6749 §4.4): the token and how long it is good for, or the error's keyword.
    pub(crate) fn grant(&mut self, header: Option<&str>, form: &[(String, String)]) -> Result<(String, Duration), &'static str> {
        let get = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let Some((id, secret)) = &self.options.client else {
            return Err("unauthorized_client");
        };
        if get("grant_type") != Some("client_credentials") {
            return Err("unsupported_grant_type");
        }
        let by_header = header.and_then(|header| header.strip_prefix("Basic ")).and_then(basic);
        let known = match by_header {
            Some(pair) => pair == format!("{id}:{secret}"),
            None => get("client_id") == Some(id) && get("client_secret") == Some(secret),
        };
        if !known {
            return Err("invalid_client");
        }
        let lifetime = self.options.client_token_lifetime;
        let token = secret_word("oat_");
        self.tokens.insert(
            token.clone(),
            Token {
                used: 0,
                until: Some(Instant::now() + lifetime),
            },
        );
        Ok((token, lifetime))
    }
}

/// The user and password of a Basic header (RFC 7617 §2), as `user:password`.
fn basic(encoded: &str) -> Option<String> {
    String::from_utf8(base64::decode(encoded.trim())?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_headers_are_decoded() {
        assert_eq!(basic("QWxhZGRpbjpvcGVuIHNlc2FtZQ==").as_deref(), Some("Aladdin:open sesame"));
        assert_eq!(basic("dTpw").as_deref(), Some("u:p"));
        assert_eq!(basic("%%"), None);
    }

    #[test]
    fn tokens_are_revoked_and_wear_out() {
        let mut access = Access::new(
            AuthOptions {
                token: Some("one".to_owned()),
                ..AuthOptions::default()
            },
            "t_",
        );
        assert!(access.admits(Some("Bearer one"), Some(2)));
        assert!(access.admits(Some("bearer one"), Some(2)));
        assert!(!access.admits(Some("Bearer one"), Some(2)));
        access.add("two".to_owned());
        assert!(access.admits(Some("Bearer two"), None));
        assert!(access.revoke("one"));
        assert!(!access.admits(Some("Bearer one"), None));
        assert!(!access.admits(None, None));
    }

    #[test]
    fn a_client_gets_a_token_for_its_secret_only() {
        let options = AuthOptions {
            client: Some(("id".to_owned(), "secret".to_owned())),
            ..AuthOptions::default()
        };
        let mut access = Access::new(options, "t_");
        let form = |secret: &str| {
            [("grant_type", "client_credentials"), ("client_id", "id"), ("client_secret", secret)]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
        };
        assert_eq!(access.grant(None, &form("wrong")), Err("invalid_client"));
        let (token, _) = access.grant(None, &form("secret")).expect("granted");
        assert!(access.admits(Some(&format!("Bearer {token}")), None));
        assert_eq!(access.grant(None, &form("secret")[1..]), Err("unsupported_grant_type"));
    }
}
