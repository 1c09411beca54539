//! How a provider treats the tokens of its API: what becomes of the old one, and what is wrong with the new one.

use std::collections::BTreeSet;
use std::time::Duration;

crate::switches::switches! {
    /// One habit of a provider with its tokens. What is said of new tokens holds for those that are made while it is switched on.
    pub enum TokenHabit {
        /// Two tokens at most: a third is refused with 409.
        Two = "two",
        /// A new token ends those before it.
        Replace = "replace",
        /// A revoked token is gone from the list and is accepted for ever.
        Lying = "lying",
        /// New tokens read, and are refused with 403 when they write.
        ReadOnly = "read-only",
        /// New tokens see every second user and group.
        Part = "part",
        /// New tokens belong to another tenant with people of its own.
        OtherTenant = "other-tenant",
        /// The value that is given out is not the one that is accepted.
        Broken = "broken",
        /// Every request is answered, whatever token comes with it, or none.
        Open = "open",
        /// Tokens are JWTs with an `exp` (RFC 7519).
        Jwt = "jwt",
        /// `Idempotency-Key` is not looked at: the same request again makes another token.
        NoReplay = "no-replay",
        /// The next token is made, and the connection ends before its answer. Only the next one.
        LoseMint = "lose-mint",
        /// Tokens of the API may not manage tokens; only the managing one may.
        NoSelf = "no-self",
    }
}

/// How tokens are treated. The default: any number of them, revoked at once, good for ever.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenOptions {
    /// Habits.
    pub habits: BTreeSet<TokenHabit>,
    /// How long a token lives on that was revoked, or replaced.
    pub overlap: Duration,
    /// How long it takes until a new token works.
    pub start: Duration,
    /// How long a new token is good for, when the client does not say.
    pub lifetime: Option<Duration>,
}

impl TokenOptions {
    pub(crate) fn has(&self, habit: TokenHabit) -> bool {
        self.habits.contains(&habit)
    }

    /// When a token stops that is revoked now, in milliseconds since 1970; none where that is a lie.
    pub(crate) fn end(&self, now: i64) -> Option<i64> {
        (!self.has(TokenHabit::Lying)).then(|| later(now, self.overlap))
    }
}

/// So much later, in milliseconds since 1970.
pub(crate) fn later(at: i64, by: Duration) -> i64 {
    at.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX))
}
