//! Who may ask: bearer tokens, HTTP Basic, and tokens from the client-credentials endpoint.

use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use serde_json::Value;

use super::habit::{TokenHabit, TokenOptions, later};
use super::options::AuthOptions;
use super::token::{Scopes, Sees, TokenKind, Tokens};
use crate::base64;
use crate::journal::{is_write, millis};

/// The credentials of one server, and what became of them.
#[derive(Debug)]
pub(crate) struct Access {
    options: AuthOptions,
    pub(super) tokens: Tokens,
    current: String,
    manager: String,
    prefix: &'static str,
}

/// A word that nobody can guess: from the process's own random hashing keys.
pub(crate) fn secret_word(prefix: &str) -> String {
    let random = || std::collections::hash_map::RandomState::new().build_hasher().finish();
    format!("{prefix}{:016x}{:016x}", random(), random())
}

/// Somebody at the door.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Knock<'a> {
    /// `Authorization`.
    pub(crate) header: Option<&'a str>,
    pub(crate) method: &'a str,
    /// Path without the query.
    pub(crate) path: &'a str,
    /// A token is worn out after so many uses.
    pub(crate) wears_after: Option<u64>,
    /// `http`, or `entra` for the lab's own provisioning.
    pub(crate) from: &'static str,
}

/// Whether somebody comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Admission {
    /// With which token, where it was one, and what it shows.
    In(Option<String>, Sees),
    /// Nobody known, or not any more.
    Refused,
    /// Somebody known, who may not do this.
    Forbidden,
}

/// Where somebody wants to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    Scim,
    Tokens,
}

impl Access {
    /// `issuer` is the server's address, for tokens that say where they come from.
    pub(crate) fn new(options: AuthOptions, policy: &TokenOptions, prefix: &'static str, issuer: &str) -> Self {
        let (mut tokens, now) = (Tokens::new(), millis());
        let jwt = policy.has(TokenHabit::Jwt) && options.token.is_none();
        let lifetime = policy.lifetime.or(jwt.then_some(Duration::from_secs(180 * 86_400)));
        let expires = lifetime.map(|lifetime| later(now, lifetime));
        let current = options
            .token
            .clone()
            .unwrap_or_else(|| tokens.value("first", prefix, issuer, jwt, now, expires));
        if options.bearer {
            tokens.put(TokenKind::Scim, "first", current.clone(), Scopes::ALL, expires, now);
        }
        let manager = secret_word(&format!("{prefix}adm_"));
        let manages = Scopes {
            read: false,
            write: false,
            manage: true,
        };
        tokens.put(TokenKind::Manager, "manager", manager.clone(), manages, None, now);
        Self {
            options,
            tokens,
            current,
            manager,
            prefix,
        }
    }

    pub(crate) fn options(&self) -> &AuthOptions {
        &self.options
    }

    /// How values of tokens begin here.
    pub(super) fn prefix(&self) -> &'static str {
        self.prefix
    }

    /// The first bearer token, or the last that was issued from the inside.
    pub(crate) fn token(&self) -> String {
        self.current.clone()
    }

    /// The token that manages tokens and does nothing else.
    pub(crate) fn manager(&self) -> String {
        self.manager.clone()
    }

    /// Adds a token; the ones before stay good until they are revoked.
    pub(crate) fn add(&mut self, token: String) {
        let (all, now) = (Scopes::ALL, millis());
        self.tokens.put(TokenKind::Scim, "issued", token.clone(), all, None, now);
        self.current = token;
    }

    /// Makes a token worthless, at once. Tells whether it was good.
    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        self.tokens.kill(token, millis())
    }

    /// Lets revoked tokens end and new ones begin whose time has not come yet. `lies`: whether revoked ones live on for ever.
    pub(crate) fn settle(&mut self, lies: bool) {
        self.tokens.settle(lies, millis());
    }

    /// Every token and its uses since the one of this number, as it truly is.
    pub(crate) fn truth(&self, after: u64) -> Value {
        self.tokens.truth(after, millis())
    }

    /// Whether a request comes in. It is remembered, with the token that it came with.
    pub(crate) fn admit(&mut self, knock: &Knock<'_>, door: Door, policy: &TokenOptions) -> Admission {
        let now = millis();
        let judged = self.judge(knock, door, policy, now);
        let known = match &judged {
            Admission::In(id, _) => id.clone(),
            Admission::Refused | Admission::Forbidden => {
                let value = knock.header.and_then(bearer).unwrap_or_default();
                self.tokens.by_value(value).map(|token| token.id.clone())
            }
        };
        let accepted = matches!(judged, Admission::In(..));
        self.tokens.note(known, knock.method, knock.path, accepted, knock.from, now);
        judged
    }

    fn judge(&mut self, knock: &Knock<'_>, door: Door, policy: &TokenOptions, now: i64) -> Admission {
        let open = door == Door::Scim && policy.has(TokenHabit::Open);
        let without = if open { Admission::In(None, Sees::All) } else { Admission::Refused };
        let Some((scheme, rest)) = knock.header.and_then(|header| header.split_once(' ')) else {
            return without;
        };
        if scheme.eq_ignore_ascii_case("basic") && door == Door::Scim {
            let known = self.options.basic.as_ref();
            let known = known.is_some_and(|(user, password)| basic(rest).as_deref() == Some(&format!("{user}:{password}")));
            return if known { Admission::In(None, Sees::All) } else { without };
        }
        let Some(token) = bearer_of(scheme, rest).and_then(|value| self.tokens.by_value(value)) else {
            return without;
        };
        token.used += 1;
        let worn = knock.wears_after.is_some_and(|limit| token.used > limit);
        if open {
            return Admission::In(Some(token.id.clone()), Sees::All);
        }
        if worn || !token.works(now) {
            return Admission::Refused;
        }
        token.last_used = Some(now);
        let may = match door {
            Door::Tokens => token.scopes.manage && !(policy.has(TokenHabit::NoSelf) && token.kind != TokenKind::Manager),
            Door::Scim if is_write(knock.method, knock.path) => token.scopes.write,
            Door::Scim => token.scopes.read,
        };
        if may {
            Admission::In(Some(token.id.clone()), token.sees)
        } else {
            Admission::Forbidden
        }
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
        let (lifetime, now) = (self.options.client_token_lifetime, millis());
        let token = secret_word("oat_");
        let scopes = Scopes {
            manage: false,
            ..Scopes::ALL
        };
        let expires = Some(later(now, lifetime));
        self.tokens
            .put(TokenKind::Oauth, "client credentials", token.clone(), scopes, expires, now);
        Ok((token, lifetime))
    }
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, rest) = header.split_once(' ')?;
    bearer_of(scheme, rest)
}

fn bearer_of<'a>(scheme: &str, rest: &'a str) -> Option<&'a str> {
    scheme.eq_ignore_ascii_case("bearer").then(|| rest.trim())
}

/// The user and password of a Basic header (RFC 7617 §2), as `user:password`.
fn basic(encoded: &str) -> Option<String> {
    String::from_utf8(base64::decode(encoded.trim())?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(options: AuthOptions) -> Access {
        Access::new(options, &TokenOptions::default(), "t_", "http://127.0.0.1:1/scim/v2")
    }

    fn admits(access: &mut Access, header: Option<&str>, wears_after: Option<u64>) -> bool {
        let knock = Knock {
            header,
            method: "GET",
            path: "/scim/v2/Users",
            wears_after,
            from: "http",
        };
        matches!(access.admit(&knock, Door::Scim, &TokenOptions::default()), Admission::In(..))
    }

    #[test]
    fn basic_headers_are_decoded() {
        assert_eq!(basic("QWxhZGRpbjpvcGVuIHNlc2FtZQ==").as_deref(), Some("Aladdin:open sesame"));
        assert_eq!(basic("dTpw").as_deref(), Some("u:p"));
        assert_eq!(basic("%%"), None);
    }

    #[test]
    fn tokens_are_revoked_and_wear_out() {
        let mut access = access(AuthOptions {
            token: Some("one".to_owned()),
            ..AuthOptions::default()
        });
        assert!(admits(&mut access, Some("Bearer one"), Some(2)));
        assert!(admits(&mut access, Some("bearer one"), Some(2)));
        assert!(!admits(&mut access, Some("Bearer one"), Some(2)));
        access.add("two".to_owned());
        assert!(admits(&mut access, Some("Bearer two"), None));
        assert!(access.revoke("one"));
        assert!(!access.revoke("one"));
        assert!(!admits(&mut access, Some("Bearer one"), None));
        assert!(!admits(&mut access, None, None));
        let manager = format!("Bearer {}", access.manager());
        assert!(!admits(&mut access, Some(&manager), None), "it manages tokens and reads nobody");
    }

    #[test]
    fn a_client_gets_a_token_for_its_secret_only() {
        let mut access = access(AuthOptions {
            client: Some(("id".to_owned(), "secret".to_owned())),
            ..AuthOptions::default()
        });
        let form = |secret: &str| {
            [("grant_type", "client_credentials"), ("client_id", "id"), ("client_secret", secret)]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
        };
        assert_eq!(access.grant(None, &form("wrong")), Err("invalid_client"));
        let (token, _) = access.grant(None, &form("secret")).expect("granted");
        assert!(admits(&mut access, Some(&format!("Bearer {token}")), None));
        assert_eq!(access.grant(None, &form("secret")[1..]), Err("unsupported_grant_type"));
    }
}
