//! How a credential stands, from what is known of it.

use crate::view::{CredentialKind, CredentialState, Millis, RotationPolicy};

/// A day, in milliseconds.
pub(super) const DAY: Millis = 24 * 60 * 60 * 1000;

/// Whether an error with this code says that the credential was refused.
pub(super) fn is_refusal(code: &str) -> bool {
    code.ends_with(".unauthorized") || code == "oauth.refused" || code.starts_with("azure.invalid") || code.starts_with("signIn.")
}

/// What is known of a credential that Lanyard holds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Facts {
    pub locked: bool,
    pub missing: bool,
    pub old_lives: bool,
    pub rotating: bool,
    pub refused: bool,
    pub seen_to_work: bool,
    pub expires_at: Option<Millis>,
    pub due_at: Option<Millis>,
    pub warn_days: u32,
}

/// When a credential is due: the earlier of its day for rotation and its end.
pub(super) fn due_at(created_at: Option<Millis>, expires_at: Option<Millis>, policy: Option<RotationPolicy>) -> Option<Millis> {
    let by_policy = created_at
        .zip(policy.and_then(|policy| policy.every_days))
        .map(|(created, days)| created + i64::from(days) * DAY);
    match (by_policy, expires_at) {
        (Some(one), Some(two)) => Some(one.min(two)),
        (one, two) => one.or(two),
    }
}

/// Whole days until then, rounded down.
pub(super) fn days_left(due_at: Option<Millis>, now: Millis) -> Option<i64> {
    due_at.map(|due| (due - now).div_euclid(DAY))
}

/// How it stands.
pub(super) fn state(facts: &Facts, now: Millis) -> CredentialState {
    let over = |at: Option<Millis>| at.is_some_and(|at| at <= now);
    let near = facts.due_at.is_some_and(|due| due - i64::from(facts.warn_days) * DAY <= now);
    if facts.old_lives {
        CredentialState::OldLives
    } else if facts.locked {
        CredentialState::Locked
    } else if facts.missing {
        CredentialState::Missing
    } else if facts.rotating {
        CredentialState::Rotating
    } else if facts.refused {
        CredentialState::Refused
    } else if over(facts.expires_at) {
        CredentialState::Expired
    } else if over(facts.due_at) {
        CredentialState::Due
    } else if near {
        CredentialState::DueSoon
    } else if facts.seen_to_work {
        CredentialState::Good
    } else {
        CredentialState::Unverified
    }
}

/// Whether it needs somebody.
pub(super) fn needs(state: CredentialState) -> bool {
    state <= CredentialState::DueSoon
}

/// When a JWT was made and when it ends (RFC 7519 §4.1.4, §4.1.6), in milliseconds; none of either for what is no JWT. Its signature is not looked at:
/// what the token says of itself is all that is wanted.
pub(super) fn jwt(token: &str) -> Option<(Option<Millis>, Option<Millis>)> {
    use base64::Engine as _;
    let mut parts = token.trim().split('.');
    let (header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let read = |part: &str| {
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(part.trim_end_matches('='))
            .ok()?;
        serde_json::from_slice::<serde_json::Value>(&bytes).ok()
    };
    read(header)?.get("alg")?;
    let claims = read(payload)?;
    let time = |name: &str| {
        let seconds = claims.get(name)?.as_f64().filter(|seconds| (0.0..1e11).contains(seconds))?;
        // Within 3,000 years, so it fits.
        #[expect(clippy::cast_possible_truncation, reason = "bounded just above")]
        Some((seconds * 1000.0) as Millis)
    };
    Some((time("iat"), time("exp")))
}

/// What kind a bearer token is.
pub(super) fn bearer_kind(token: &str) -> CredentialKind {
    if jwt(token).is_some() {
        CredentialKind::Jwt
    } else {
        CredentialKind::Bearer
    }
}

#[cfg(test)]
mod tests {
    //! Days are counted, and the worst that is known is what shows.

    use super::*;

    #[test]
    fn the_worst_shows() {
        let now = 1_000 * DAY;
        let good = Facts {
            seen_to_work: true,
            warn_days: 14,
            ..Facts::default()
        };
        assert_eq!(state(&good, now), CredentialState::Good);
        assert_eq!(state(&Facts::default(), now), CredentialState::Unverified);
        let due = |days: i64| Facts {
            due_at: Some(now + days * DAY),
            ..good
        };
        assert_eq!(state(&due(15), now), CredentialState::Good);
        assert_eq!(state(&due(14), now), CredentialState::DueSoon);
        assert_eq!(state(&due(0), now), CredentialState::Due);
        let expired = Facts {
            expires_at: Some(now),
            ..due(0)
        };
        assert_eq!(state(&expired, now), CredentialState::Expired);
        assert_eq!(state(&Facts { refused: true, ..expired }, now), CredentialState::Refused);
        assert_eq!(
            state(
                &Facts {
                    missing: true,
                    refused: true,
                    ..expired
                },
                now
            ),
            CredentialState::Missing
        );
        assert!(needs(CredentialState::DueSoon) && !needs(CredentialState::Rotating) && !needs(CredentialState::Unverified));
    }

    #[test]
    fn days_are_whole_and_go_below_zero() {
        assert_eq!(days_left(Some(DAY * 2 - 1), 0), Some(1));
        assert_eq!(days_left(Some(-1), 0), Some(-1));
        let policy = |days| {
            Some(RotationPolicy {
                every_days: days,
                warn_days: 14,
            })
        };
        assert_eq!(due_at(Some(0), Some(5 * DAY), policy(Some(10))), Some(5 * DAY));
        assert_eq!(due_at(Some(0), Some(5 * DAY), policy(Some(3))), Some(3 * DAY));
        assert_eq!(due_at(Some(0), None, policy(None)), None);
    }

    #[test]
    fn a_jwt_says_when_it_ends() {
        use base64::Engine as _;
        let part = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
        let token = format!("{}.{}.{}", part(r#"{"alg":"HS256"}"#), part(r#"{"iat":1,"exp":2.5}"#), part("x"));
        assert_eq!(jwt(&token), Some((Some(1000), Some(2500))));
        for none in ["", "a.b.c", "a.b", "idp_0123456789abcdef", &format!("{token}.x")] {
            assert_eq!(jwt(none), None, "{none}");
        }
        let odd = format!("{}.{}.", part(r#"{"alg":"none"}"#), part(r#"{"exp":"soon","iat":-5}"#));
        assert_eq!(jwt(&odd), Some((None, None)));
    }
}
