//! Sign-ins: a person proves to a source who they are, in a browser; the token that comes of it never leaves this side.

use std::time::Duration;

use super::clients;
use super::{Engine, held};
use crate::Error;
use crate::secrets::Secret;
use crate::sources::SignIn;
use crate::sources::azure::AzureClient;
use crate::sources::backstage::BackstageClient;
use crate::sync::now;
use crate::view::{Millis, SignInPrompt, SourceKind, SourceSettings};

/// How long a person has where the source does not say, and at most.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// Sign-ins that are kept at once: those that were begun and left are dropped, the oldest first.
const AT_ONCE: usize = 4;

/// A sign-in on its way.
pub(super) struct SigningIn {
    id: String,
    state: State,
}

enum State {
    /// It waits to be waited for.
    Begun(SignIn, Duration),
    /// Somebody waits.
    Awaited(tokio_util::sync::CancellationToken),
    /// It came to its end.
    Done(Secret),
}

/// A number that nobody guesses by counting.
fn number() -> String {
    format!("{:016x}", fastrand::u64(..))
}

fn unknown(id: &str) -> Error {
    Error::NotFound {
        what: "sign-in",
        name: id.to_owned(),
    }
}

impl Engine {
    /// Begins a sign-in at a source with these settings, which need not be kept yet.
    ///
    /// # Errors
    /// [`Error::Input`] where a setting cannot be; source errors when the source cannot be asked.
    pub async fn begin_sign_in(&self, settings: &SourceSettings) -> Result<SignInPrompt, Error> {
        let settings = super::settings::checked(settings, std::iter::empty())?;
        if !settings.auth.signs_in() {
            return Err(Error::Input {
                field: "Authentication",
                problem: "nobody signs in with this way to authenticate".into(),
            });
        }
        let sign_in = match settings.kind {
            SourceKind::Backstage => BackstageClient::sign_in(clients::backstage(&settings, None)?).await?,
            SourceKind::Azure => AzureClient::sign_in(clients::azure(&settings, None)?).await?,
            SourceKind::Scim => return Err(unknown(&settings.name)),
        };
        let patience = sign_in.expires_in.map_or(PATIENCE, |given| given.min(PATIENCE));
        let id = number();
        let prompt = SignInPrompt {
            id: id.clone(),
            url: sign_in.url.clone(),
            user_code: sign_in.user_code.clone(),
            message: sign_in.message.clone(),
            expires_at: Millis::try_from(patience.as_millis()).ok().map(|patience| now() + patience),
        };
        self.enrol(id, State::Begun(sign_in, patience));
        Ok(prompt)
    }

    fn enrol(&self, id: String, state: State) {
        let mut signing_in = held(&self.inner.signing_in);
        if signing_in.len() >= AT_ONCE {
            signing_in.remove(0);
        }
        signing_in.push(SigningIn { id, state });
    }

    /// Holds a secret that did not come out of a field (a certificate's file), as if somebody had signed in with it. Gives its number.
    pub fn hold_secret(&self, secret: Secret) -> String {
        let id = number();
        self.enrol(id.clone(), State::Done(secret));
        id
    }

    /// Waits until the person is through. The secret is there for [`Self::signed_in`] then.
    ///
    /// # Errors
    /// When the person declined or was too late, the sign-in was cancelled, or there is none of this number.
    pub async fn finish_sign_in(&self, id: &str) -> Result<(), Error> {
        let cancel = tokio_util::sync::CancellationToken::new();
        let (sign_in, patience) = {
            let mut signing_in = held(&self.inner.signing_in);
            let found = signing_in.iter_mut().find(|one| one.id == id).ok_or_else(|| unknown(id))?;
            match std::mem::replace(&mut found.state, State::Awaited(cancel.clone())) {
                State::Begun(sign_in, patience) => (sign_in, patience),
                other => {
                    found.state = other;
                    return Ok(());
                }
            }
        };
        let ended = tokio::select! {
            ended = tokio::time::timeout(patience, sign_in.end) => ended,
            () = cancel.cancelled() => Ok(Err(crate::sources::SourceError::Cancelled)),
        };
        let mut signing_in = held(&self.inner.signing_in);
        let place = signing_in.iter().position(|one| one.id == id);
        match (ended, place) {
            (Ok(Ok(secret)), Some(place)) => {
                signing_in[place].state = State::Done(secret);
                Ok(())
            }
            (ended, place) => {
                if let Some(place) = place {
                    signing_in.remove(place);
                }
                match ended {
                    Ok(Err(error)) => Err(error.into()),
                    Ok(Ok(_)) => Err(unknown(id)),
                    Err(_) => Err(Error::Input {
                        field: "Sign-in",
                        problem: "the time for it ran out; begin it again".into(),
                    }),
                }
            }
        }
    }

    /// Ends a sign-in that nobody wants any longer, and wipes what came of it.
    pub fn cancel_sign_in(&self, id: &str) {
        held(&self.inner.signing_in).retain(|one| {
            if one.id != id {
                return true;
            }
            if let State::Awaited(cancel) = &one.state {
                cancel.cancel();
            }
            false
        });
    }

    /// The secret of a sign-in that came to its end; it stays until [`Self::cancel_sign_in`].
    ///
    /// # Errors
    /// When there is none of this number, or it is still under way.
    pub fn signed_in(&self, id: &str) -> Result<Secret, Error> {
        let signing_in = held(&self.inner.signing_in);
        let found = signing_in.iter().find_map(|one| match &one.state {
            State::Done(secret) if one.id == id => Some(secret.duplicate()),
            _ => None,
        });
        found.ok_or_else(|| unknown(id))
    }

    /// Puts a secret in place of the one that a sign-in ended with: that one was used up.
    pub(super) fn replace_signed_in(&self, old: &Secret, new: &Secret) {
        for one in held(&self.inner.signing_in).iter_mut() {
            if let State::Done(secret) = &mut one.state
                && secret.expose() == old.expose()
            {
                *secret = new.duplicate();
            }
        }
    }
}
