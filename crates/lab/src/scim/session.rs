//! The app behind the SCIM server, as far as its users see it: signing in, and asking who one is.
//!
//! `POST /app/session` with `userName` and `password` gives a token; `GET /app/me` answers 200 to it while the account lives,
//! and 401 afterwards: at once, or when the session expires ([`Quirk::SessionsLiveOn`]). Tokens of the SCIM API open neither.

use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_64;

use super::auth::secret_word;
use super::project::groups_of;
use super::quirk::Quirk;
use super::server::Server;
use crate::company::mix;

/// Who is signed in: user's id, and until when.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    open: BTreeMap<String, (String, Instant)>,
}

impl Server {
    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The password of a user, by user name; each has another, and it stays.
    pub(crate) fn password(&self, user_name: &str) -> String {
        let name = user_name.to_lowercase();
        format!("pw-{:016x}", mix(self.seed(), xxh3_64(name.as_bytes())))
    }

    /// Signs a user in. None when there is no such user, or the account is switched off.
    pub(crate) fn sign_in(&self, user_name: &str) -> Option<String> {
        let (id, works) = {
            let store = self.store();
            let slot = store.users.named(&user_name.to_lowercase()).next()?;
            let entry = store.users.get(slot)?;
            (entry.id.to_string(), entry.value()["active"] != false)
        };
        if !works {
            return None;
        }
        let until = Instant::now() + self.options().session_lifetime;
        let token = secret_word("app_");
        let mut sessions = self.sessions();
        sessions.open.retain(|_, (_, until)| Instant::now() < *until);
        sessions.open.insert(token.clone(), (id, until));
        Some(token)
    }

    /// Who stands behind a session, if it is good.
    pub(crate) fn me(&self, token: &str) -> Option<Value> {
        let (id, until) = self.sessions().open.get(token).cloned()?;
        if Instant::now() >= until {
            return None;
        }
        let lives_on = self.options().has(Quirk::SessionsLiveOn);
        let store = self.store();
        let slot = store.users.slot(&id);
        let found = slot.and_then(|slot| store.users.get(slot)).map(super::store::Entry::value);
        match (slot.zip(found), lives_on) {
            (Some((slot, user)), _) if lives_on || user["active"] != false => Some(json!({
                "id": id,
                "userName": user["userName"],
                "displayName": user["displayName"],
                "roles": user["roles"],
                "groups": groups_of(&store, slot),
            })),
            // The session knows who it was opened for, and asks no further.
            (None, true) => Some(json!({"id": id})),
            _ => None,
        }
    }

    /// Signs in with a name and a password.
    pub(crate) fn sign_in_with(&self, form: &Value) -> Option<String> {
        let (name, password) = form["userName"].as_str().zip(form["password"].as_str())?;
        (self.password(name) == password).then(|| self.sign_in(name)).flatten()
    }
}
