//! The tokens of one server, from their making to their end, and who asked with which: the truth that tests are told.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::habit::{TokenHabit, TokenOptions, later};
use crate::azure::Mint;

/// How many uses, and how many requests for tokens, are remembered.
const REMEMBERED: usize = 20_000;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum TokenKind {
    /// Of the SCIM API.
    Scim,
    /// It manages tokens and does nothing else.
    Manager,
    /// From the client-credentials endpoint.
    Oauth,
}

/// Whose people a token shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Sees {
    #[default]
    All,
    Part,
    OtherTenant,
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scopes {
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) manage: bool,
}

/// The words for scopes.
const SCOPES: [&str; 3] = ["scim:read", "scim:write", "tokens:manage"];

impl Scopes {
    pub(crate) const ALL: Self = Self {
        read: true,
        write: true,
        manage: true,
    };

    /// Reads the words for them. None where one is unknown, or there are none.
    pub(crate) fn read_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut found = [false; 3];
        for word in words {
            found[SCOPES.iter().position(|scope| *scope == word)?] = true;
        }
        let [read, write, manage] = found;
        (read || write || manage).then_some(Self { read, write, manage })
    }

    pub(crate) fn words(self) -> Vec<&'static str> {
        let has = [self.read, self.write, self.manage];
        SCOPES.into_iter().zip(has).filter(|(_, has)| *has).map(|(word, _)| word).collect()
    }
}

/// One token. Times are milliseconds since 1970.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: TokenKind,
    /// The value that is accepted.
    value: String,
    pub(crate) scopes: Scopes,
    pub(crate) sees: Sees,
    broken: bool,
    /// Made at the token API, and not from the inside.
    minted: bool,
    pub(crate) created: i64,
    works_from: i64,
    pub(crate) expires: Option<i64>,
    /// When somebody asked for its end.
    pub(crate) revoked: Option<i64>,
    /// When it ends for that. None where it was not asked for, or the server lies.
    pub(crate) ends: Option<i64>,
    pub(crate) last_used: Option<i64>,
    pub(super) used: u64,
}

impl Token {
    /// When it stops working.
    fn stops(&self) -> Option<i64> {
        [self.expires, self.ends].into_iter().flatten().min()
    }

    pub(super) fn works(&self, now: i64) -> bool {
        self.works_from <= now && self.stops().is_none_or(|stops| stops > now)
    }

    /// Whether the token API shows it. Expired ones stay until somebody revokes them.
    fn listed(&self, now: i64) -> bool {
        self.kind == TokenKind::Scim && (self.revoked.is_none() || self.ends.is_some_and(|ends| ends > now))
    }

    fn truth(&self, now: i64) -> Value {
        json!({
            "id": self.id, "name": self.name, "kind": self.kind, "scopes": self.scopes.words(), "sees": self.sees,
            "broken": self.broken, "minted": self.minted, "created": self.created, "worksFrom": self.works_from,
            "expires": self.expires, "revoked": self.revoked, "stops": self.stops(),
            "stopped": self.stops().filter(|stops| *stops <= now), "works": !self.broken && self.works(now),
            "lastUsed": self.last_used, "uses": self.used, "sha256": sha256(&self.value),
        })
    }
}

/// SHA-256 in hex.
pub(crate) fn sha256(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter()
        .fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"))
}

/// One request that came with a credential, or with none.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Use {
    /// Counted from 1 at this server.
    pub(crate) number: u64,
    /// Milliseconds since 1970.
    pub(crate) at: i64,
    /// The token's id; none where it is unknown, or there was none.
    pub(crate) token: Option<String>,
    pub(crate) method: String,
    /// Path without the query.
    pub(crate) path: String,
    pub(crate) accepted: bool,
    /// `http`, or `entra` for the lab's own provisioning.
    pub(crate) from: &'static str,
}

/// One request for a new token, whatever came of it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MintRequest {
    pub(crate) at: i64,
    /// The token that asked.
    pub(crate) by: String,
    pub(crate) name: String,
    pub(crate) key: Option<String>,
    pub(crate) status: u16,
    /// The token that was made, now or for the same key before.
    pub(crate) token: Option<String>,
    /// Whether the connection ended in the place of the answer.
    pub(crate) lost: bool,
}

/// A token that is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) name: String,
    pub(crate) expires: Option<i64>,
    pub(crate) scopes: Scopes,
}

/// Every token of one server, those that ended too.
#[derive(Debug)]
pub(crate) struct Tokens {
    all: Vec<Token>,
    by_value: BTreeMap<String, usize>,
    uses: VecDeque<Use>,
    last_use: u64,
    pub(super) requests: VecDeque<MintRequest>,
    /// What was answered to which key: the hash of the request, the token's id, the answer.
    pub(super) replies: BTreeMap<String, (String, String, Value)>,
    mint: Mint,
}

pub(super) fn keep<T>(list: &mut VecDeque<T>, item: T) {
    if list.len() == REMEMBERED {
        list.pop_front();
    }
    list.push_back(item);
}

impl Tokens {
    pub(super) fn new() -> Self {
        Self {
            all: Vec::new(),
            by_value: BTreeMap::new(),
            uses: VecDeque::new(),
            last_use: 0,
            requests: VecDeque::new(),
            replies: BTreeMap::new(),
            mint: Mint::new(),
        }
    }

    /// A new value: a word with this beginning, or a JWT.
    pub(super) fn value(&self, id: &str, prefix: &str, issuer: &str, jwt: bool, created: i64, expires: Option<i64>) -> String {
        if !jwt {
            return super::auth::secret_word(prefix);
        }
        self.mint.sign(&json!({
            "iss": issuer, "sub": "scim", "jti": id, "iat": created.div_euclid(1000), "exp": expires.map(|end| end.div_euclid(1000)),
        }))
    }

    /// Puts in a token that works from now on. Gives its id.
    pub(super) fn put(&mut self, kind: TokenKind, name: &str, value: String, scopes: Scopes, expires: Option<i64>, now: i64) -> String {
        let id = new_id();
        self.push(Token {
            id: id.clone(),
            name: name.to_owned(),
            kind,
            value,
            scopes,
            sees: Sees::All,
            broken: false,
            minted: false,
            created: now,
            works_from: now,
            expires,
            revoked: None,
            ends: None,
            last_used: None,
            used: 0,
        });
        id
    }

    fn push(&mut self, token: Token) {
        self.by_value.insert(token.value.clone(), self.all.len());
        self.all.push(token);
    }

    /// Makes a token as somebody wants it. Gives it, and the value that is given out; none where there are too many.
    pub(super) fn make(&mut self, wish: &Wish, options: &TokenOptions, prefix: &str, issuer: &str, now: i64) -> Option<(Token, String)> {
        let living = |token: &&mut Token| token.kind == TokenKind::Scim && token.revoked.is_none() && token.works_or_will(now);
        if options.has(TokenHabit::Two) && self.all.iter_mut().filter(living).count() >= 2 {
            return None;
        }
        if options.has(TokenHabit::Replace) {
            for old in self.all.iter_mut().filter(living) {
                (old.revoked, old.ends) = (Some(now), options.end(now));
            }
        }
        let expires = wish.expires.or_else(|| options.lifetime.map(|lifetime| later(now, lifetime)));
        let jwt = options.has(TokenHabit::Jwt);
        // A JWT says when it ends: without a word from anybody, in half a year.
        let expires = expires.or_else(|| jwt.then(|| now.saturating_add(180 * 86_400_000)));
        let id = new_id();
        let value = self.value(&id, prefix, issuer, jwt, now, expires);
        let broken = options.has(TokenHabit::Broken);
        let shown = if broken {
            self.value(&id, prefix, issuer, jwt, now, expires)
        } else {
            value.clone()
        };
        // Two JWTs of the same claims are the same: the one that is given out is cut short.
        let shown = if broken && shown == value {
            shown[..shown.len() - 4].to_owned()
        } else {
            shown
        };
        let sees = if options.has(TokenHabit::OtherTenant) {
            Sees::OtherTenant
        } else if options.has(TokenHabit::Part) {
            Sees::Part
        } else {
            Sees::All
        };
        let token = Token {
            id,
            name: wish.name.clone(),
            kind: TokenKind::Scim,
            value,
            scopes: Scopes {
                write: wish.scopes.write && !options.has(TokenHabit::ReadOnly),
                ..wish.scopes
            },
            sees,
            broken,
            minted: true,
            created: now,
            works_from: later(now, options.start),
            expires,
            revoked: None,
            ends: None,
            last_used: None,
            used: 0,
        };
        self.push(token.clone());
        Some((token, shown))
    }

    /// Ends a token that the token API shows. Tells whether there is one.
    pub(super) fn revoke(&mut self, id: &str, options: &TokenOptions, now: i64) -> bool {
        let found = self.all.iter_mut().find(|token| token.id == id && token.listed(now));
        let Some(token) = found else { return false };
        // One that is ending already ends when it was said to.
        if token.revoked.is_none() {
            (token.revoked, token.ends) = (Some(now), options.end(now));
        }
        true
    }

    /// Ends a token at once, by its value. Tells whether it was good.
    pub(super) fn kill(&mut self, value: &str, now: i64) -> bool {
        let Some(token) = self.by_value.get(value).map(|place| &mut self.all[*place]) else {
            return false;
        };
        let good = token.works(now);
        token.revoked.get_or_insert(now);
        token.ends = Some(token.ends.map_or(now, |ends| ends.min(now)));
        good
    }

    /// Lets what waits for its time happen now: tokens begin that are to begin, and end that are to end for having been revoked; those of which
    /// that was a lie too, once the server lies no more.
    pub(super) fn settle(&mut self, lies: bool, now: i64) {
        for token in &mut self.all {
            token.works_from = token.works_from.min(now);
            let lied = token.revoked.filter(|_| token.ends.is_none() && !lies);
            token.ends = token.ends.or(lied.map(|_| now)).map(|ends| ends.min(now));
        }
    }

    pub(super) fn by_value(&mut self, value: &str) -> Option<&mut Token> {
        self.by_value.get(value).map(|place| &mut self.all[*place])
    }

    /// What the token API shows, oldest first.
    pub(super) fn listed(&self, now: i64) -> impl Iterator<Item = &Token> {
        self.all.iter().filter(move |token| token.listed(now))
    }

    pub(super) fn note(&mut self, token: Option<String>, method: &str, path: &str, accepted: bool, from: &'static str, now: i64) {
        self.last_use += 1;
        let number = self.last_use;
        let (method, path) = (method.to_owned(), path.to_owned());
        keep(
            &mut self.uses,
            Use {
                number,
                at: now,
                token,
                method,
                path,
                accepted,
                from,
            },
        );
    }

    /// Everything, with the uses since the one of this number.
    pub(super) fn truth(&self, after: u64, now: i64) -> Value {
        let tokens: Vec<Value> = self.all.iter().map(|token| token.truth(now)).collect();
        let uses: Vec<&Use> = self.uses.iter().filter(|one| one.number > after).collect();
        let minted = self.all.iter().filter(|token| token.minted).count();
        json!({"tokens": tokens, "mints": minted, "mintRequests": self.requests, "uses": uses})
    }
}

impl Token {
    fn works_or_will(&self, now: i64) -> bool {
        self.stops().is_none_or(|stops| stops > now)
    }
}

fn new_id() -> String {
    super::auth::secret_word("tok_")[..16].to_owned()
}
