//! Access tokens: JWTs that the lab signs for one service each, and checks without remembering them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};

use crate::base64;

/// What an access token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    Graph,
    Arm,
}

/// Why a token does not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadToken {
    /// It was not made here.
    Foreign,
    /// It is for another service.
    Audience,
    /// It was good once.
    Expired,
}

impl BadToken {
    /// The Resource Manager's code.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Foreign => "InvalidAuthenticationToken",
            Self::Audience => "InvalidAuthenticationTokenAudience",
            Self::Expired => "ExpiredAuthenticationToken",
        }
    }

    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Foreign => "The access token is invalid.",
            Self::Audience => "The access token has been obtained for wrong audience or resource.",
            Self::Expired => "The access token expiry UTC time has passed.",
        }
    }
}

/// Makes and checks tokens with a key that lives as long as the lab.
pub(crate) struct Mint {
    key: hmac::Key,
}

impl std::fmt::Debug for Mint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mint")
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

impl Mint {
    pub(crate) fn new() -> Self {
        let mut bytes = [0_u8; 32];
        // Where the system has no randomness to give, the process's own hashing keys must do: this guards a simulation.
        if SystemRandom::new().fill(&mut bytes).is_err() {
            let word = crate::scim::secret_word("");
            bytes.copy_from_slice(&word.as_bytes()[..32]);
        }
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &bytes),
        }
    }

    /// Signs claims.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let head = base64::encode_url(br#"{"typ":"JWT","alg":"HS256","kid":"lab"}"#);
        let body = base64::encode_url(claims.to_string().as_bytes());
        let signature = hmac::sign(&self.key, format!("{head}.{body}").as_bytes());
        format!("{head}.{body}.{}", base64::encode_url(signature.as_ref()))
    }

    /// The claims of a token that was signed here.
    pub(crate) fn claims(&self, token: &str) -> Option<Value> {
        let (signed, signature) = token.rsplit_once('.')?;
        hmac::verify(&self.key, signed.as_bytes(), &base64::decode(signature)?).ok()?;
        let (_, body) = signed.split_once('.')?;
        serde_json::from_slice(&base64::decode(body)?).ok()
    }

    /// An access token. `claims` are those beside audience and times.
    pub(crate) fn access(&self, audience: Audience, mut claims: Value, life: Duration, now: SystemTime) -> String {
        claims["aud"] = json!(audience.resource());
        claims["iat"] = json!(seconds(now));
        claims["nbf"] = json!(seconds(now));
        claims["exp"] = json!(seconds(now) + life.as_secs());
        claims["ver"] = json!("1.0");
        self.sign(&claims)
    }

    /// Whether a token is good for a service now.
    pub(crate) fn check(&self, token: &str, audience: Audience, now: SystemTime) -> Result<(), BadToken> {
        let claims = self.claims(token).ok_or(BadToken::Foreign)?;
        if claims["aud"] != audience.resource() {
            return Err(BadToken::Audience);
        }
        match claims["exp"].as_u64() {
            Some(end) if end > seconds(now) => Ok(()),
            _ => Err(BadToken::Expired),
        }
    }
}

impl Audience {
    /// The resource as Microsoft names it in `aud`.
    pub(crate) fn resource(self) -> &'static str {
        match self {
            Self::Graph => "https://graph.microsoft.com",
            Self::Arm => "https://management.azure.com/",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_one_service_and_for_its_time() {
        let mint = Mint::new();
        let now = SystemTime::now();
        let token = mint.access(Audience::Graph, json!({"oid": "x"}), Duration::from_secs(60), now);
        assert_eq!(mint.check(&token, Audience::Graph, now), Ok(()));
        assert_eq!(mint.check(&token, Audience::Arm, now), Err(BadToken::Audience));
        assert_eq!(
            mint.check(&token, Audience::Graph, now + Duration::from_secs(61)),
            Err(BadToken::Expired)
        );
        assert_eq!(Mint::new().check(&token, Audience::Graph, now), Err(BadToken::Foreign));
        for bad in ["", ".", "..", "a.b.c", &token[..token.len() - 3], &token.replacen('.', "", 1)] {
            assert_eq!(mint.check(bad, Audience::Graph, now), Err(BadToken::Foreign), "{bad}");
        }
    }
}
