//! Users of the tenant as they sign in themselves: tokens of theirs, and what ends them
//! (<https://learn.microsoft.com/entra/identity/users/users-revoke-access>,
//! <https://learn.microsoft.com/entra/identity/conditional-access/concept-continuous-access-evaluation>).

use std::time::SystemTime;

use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_64;

use super::login::{Refusal, refuse};
use super::options::AzureQuirk;
use super::reply::Reply;
use super::server::{Azure, Site, time};
use super::token::Audience;
use crate::company::access::Guid;
use crate::company::mix;
use crate::journal::millis;

impl Azure {
    /// The password of a user; each has another, and it stays.
    pub(crate) fn password(&self, user: Guid) -> String {
        format!("pw-{:016x}", mix(self.seed(), xxh3_64(user.to_string().as_bytes())))
    }

    /// An access token of a user. None where the user may not sign in.
    pub(crate) fn user_token(&self, user: Guid, audience: Audience) -> Option<String> {
        let (tenant, upn) = {
            let state = self.state();
            let found = state.user(user).filter(|user| user.enabled)?;
            (state.tenant.id, found.upn.clone())
        };
        let claims = json!({
            "tid": tenant,
            "oid": user,
            "sub": user,
            "upn": upn,
            "appid": self.client,
            "idtyp": "user",
            "scp": "User.Read user_impersonation",
            // Tokens count seconds; a revocation within the same second has to be told apart from one before.
            "lab_iat": millis(),
        });
        let life = self.options().token_life;
        Some(self.mint.access(audience, claims, life, SystemTime::now()))
    }

    /// Whose token this is, after its signature, audience and time were checked: a user's, or (none) the client's.
    ///
    /// # Errors
    /// When the user is gone, is disabled, or had the sessions ended: unless tokens live on here.
    pub(super) fn who(&self, site: Site, token: &str) -> Result<Option<Guid>, Reply> {
        let claims = self.mint.claims(token).unwrap_or_default();
        if claims["idtyp"] != "user" {
            // Whatever other application signed in was granted nothing.
            let reader = self.client.to_string();
            return if claims["appid"] == reader.as_str() {
                Ok(None)
            } else {
                Err(self.forbidden(site))
            };
        }
        let Some(user) = claims["oid"].as_str().and_then(|id| id.parse::<Guid>().ok()) else {
            return Ok(None);
        };
        if self.options().has(AzureQuirk::SessionsLiveOn) {
            return Ok(Some(user));
        }
        let issued = claims["lab_iat"].as_i64().unwrap_or_default();
        let bad = {
            let state = self.state();
            match state.user(user) {
                None => Some("UserNotFound"),
                Some(found) if !found.enabled => Some("UserDisabled"),
                Some(_) if state.valid_from.get(&user).is_some_and(|from| issued <= *from) => Some("TokenIssuedBeforeRevocationTimestamp"),
                Some(_) => None,
            }
        };
        bad.map_or(Ok(Some(user)), |code| {
            let text = format!("Continuous access evaluation resulted in challenge with result: InteractionRequired and code: {code}");
            Err(self.unauthorized(site, "InvalidAuthenticationToken", &text))
        })
    }

    /// A refresh token of a user. None where the user may not sign in.
    pub(crate) fn user_refresh_token(&self, user: Guid) -> Option<String> {
        let works = self.state().user(user).is_some_and(|user| user.enabled);
        works.then(|| self.logins().person_token(user, millis()))
    }

    /// Whether somebody may sign in, or go on being signed in since `issued`.
    ///
    /// # Errors
    /// As Entra says it: 50034 for nobody, 50057 for a disabled account, 50173 for a grant that was revoked.
    pub(super) fn may_sign_in(&self, user: Guid, issued: Option<i64>) -> Result<(), Refusal> {
        let state = self.state();
        let Some(found) = state.user(user) else {
            let text = format!("The user account {user} does not exist in the directory.");
            return Err(refuse(400, "invalid_grant", 50_034, text));
        };
        if !found.enabled {
            return Err(refuse(400, "invalid_grant", 50_057, "The user account is disabled."));
        }
        let from = state.valid_from.get(&user).copied();
        if let Some((issued, from)) = issued.zip(from).filter(|(issued, from)| issued <= from) {
            let text = format!(
                "The provided grant has expired due to it being revoked, a fresh auth token is needed. The grant was issued on '{}' and the TokensValidFrom date for this user is '{}'.",
                time(issued),
                time(from)
            );
            return Err(refuse(400, "invalid_grant", 50_173, text));
        }
        Ok(())
    }

    /// A user signs in by name and password (the resource owner's grant, RFC 6749 §4.3). Gives who it is.
    ///
    /// # Errors
    /// As [`Azure::may_sign_in`]; 50126 for a wrong password.
    pub(super) fn by_password(&self, name: &str, password: &str) -> Result<Guid, Refusal> {
        let found = {
            let state = self.state();
            let mut users = state.tenant.users.iter();
            users
                .find(|user| user.upn.eq_ignore_ascii_case(name) && !state.is_hidden(user.id))
                .map(|user| user.id)
        };
        let Some(user) = found else {
            let text = format!("The user account {name} does not exist in the directory.");
            return Err(refuse(400, "invalid_grant", 50_034, text));
        };
        if self.password(user) != password {
            let text = "Error validating credentials due to invalid username or password.";
            return Err(refuse(400, "invalid_grant", 50_126, text));
        }
        self.may_sign_in(user, None)?;
        Ok(user)
    }

    /// What the token endpoint gives a user.
    pub(super) fn user_grant(&self, user: Guid, audience: Audience) -> Result<Reply, Refusal> {
        let tokens = self.user_token(user, audience).zip(self.user_refresh_token(user));
        let (access, refresh) = tokens.ok_or_else(|| refuse(400, "invalid_grant", 50_057, "The user account is disabled."))?;
        let life = self.options().token_life.as_secs();
        let body: Value = json!({"token_type": "Bearer", "expires_in": life, "ext_expires_in": life, "access_token": access,
            "refresh_token": refresh, "scope": "User.Read user_impersonation"});
        Ok(Reply::ok(body))
    }
}
