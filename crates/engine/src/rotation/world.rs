//! The world as a rotation meets it: the source asked with one credential or another, the provider's API, Entra's jobs, and the keychain.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::entry::{Hand, Known, Sight};
use super::story::Story;
use crate::Error;
use crate::secrets::{FingerprintKey, Origin, Secret, Slot, SourceSecret, SourceSecrets, hex};
use crate::sources::azure::{AzureClient, JobStatus, Validated};
use crate::sources::tokens::{Made, MakeError, Recipe, Standing, TokenApi, TokenWish};
use crate::sources::{Client, SourceError};
use crate::view::{Fault, Millis, ProviderToken, Request, RotationHow, RotationId, RotationUser, SourceId};

/// With which credential something is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The one that is to die.
    Old,
    /// The one that takes its place.
    New,
    /// One that nobody has.
    MadeUp,
    /// None.
    Nobody,
}

/// Makes a client of the source with this credential; the flag says that it is made up.
pub type MakeClient = Box<dyn Fn(Option<Secret>, bool) -> Result<Client, Error> + Send + Sync>;

/// What stands beside a value in the keychain. Not secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Note {
    /// The rotation that put it there.
    pub rotation: RotationId,
    /// What is known of it.
    pub known: Known,
}

impl Note {
    /// Reads one; that of a value that no rotation put there is empty.
    pub fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// Whether this rotation put the value there. Rotations are numbered from 1: a value that none put there is of no number's.
    pub fn is_of(&self, rotation: RotationId) -> bool {
        rotation > 0 && self.rotation == rotation
    }

    fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// One rotation's world.
pub struct World {
    /// Whose credential.
    pub source: SourceId,
    /// The source's name.
    pub source_name: String,
    /// The source's base URL, which systems that use the credential are given with it.
    pub base: String,
    /// Where the credential may go.
    pub origin: Origin,
    /// The keychain's part for sources.
    pub secrets: SourceSecrets,
    /// What fingerprints are made with.
    pub fingerprints: Arc<FingerprintKey>,
    /// Clients of the source.
    pub make_client: MakeClient,
    /// The recipe, where one describes the provider's API.
    pub recipe: Option<Recipe>,
    /// Clients of the Azure sources whose jobs use the credential.
    pub azure: HashMap<SourceId, AzureClient>,
    /// Ends whatever is being asked.
    pub cancel: CancellationToken,
}

/// A fault of the keychain holding something else than it should.
fn lost(what: &str) -> Error {
    Error::Refused {
        code: "token.lost",
        what: format!("the keychain no longer holds {what}"),
        next: "Somebody or something took it out. Resume: Lanyard looks at what is there and goes on from that, or asks for a new one."
            .into(),
    }
}

fn made_up() -> Result<Secret, Error> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::Refused {
        code: "token.noRandom",
        what: format!("this machine gives no random numbers: {error}"),
        next: "Try again.".into(),
    })?;
    Ok(Secret::new(hex(&bytes)))
}

impl World {
    /// What is in a slot.
    ///
    /// # Errors
    /// As the keychain.
    pub fn slot(&self, slot: Slot) -> Result<Option<SourceSecret>, Error> {
        Ok(self.secrets.load_slot(self.source, slot, &self.origin)?)
    }

    /// Whether the slot holds what this rotation put there; what is known of it then.
    ///
    /// # Errors
    /// As the keychain.
    pub fn ours(&self, slot: Slot, rotation: RotationId) -> Result<Option<Known>, Error> {
        let held = self.slot(slot)?;
        Ok(held
            .map(|held| Note::read(&held.note))
            .filter(|note| note.is_of(rotation))
            .map(|note| note.known))
    }

    /// The value of the old or the new one.
    fn value(&self, who: Who, rotation: RotationId) -> Result<Option<Secret>, Error> {
        let current = self.slot(Slot::Current)?;
        let promoted = current.as_ref().is_some_and(|held| Note::read(&held.note).is_of(rotation));
        Ok(match (who, promoted) {
            (Who::Old, false) | (Who::New, true) => current.map(|held| held.value),
            (Who::Old, true) => self.slot(Slot::Previous)?.map(|held| held.value),
            (Who::New, false) => {
                let next = self.slot(Slot::Next)?;
                next.filter(|held| Note::read(&held.note).is_of(rotation)).map(|held| held.value)
            }
            (Who::MadeUp, _) => Some(made_up()?),
            (Who::Nobody, _) => None,
        })
    }

    /// A client that asks with this credential.
    ///
    /// # Errors
    /// When the keychain no longer holds it.
    pub fn client(&self, who: Who, rotation: RotationId) -> Result<Client, Error> {
        let value = self.value(who, rotation)?;
        match (who, &value) {
            (Who::Old, None) => return Err(lost("the old credential")),
            (Who::New, None) => return Err(lost("the new credential")),
            _ => {}
        }
        (self.make_client)(value, who == Who::MadeUp)
    }

    /// How the source answers to this credential.
    ///
    /// # Errors
    /// When the keychain no longer holds it.
    pub async fn standing(&self, who: Who, rotation: RotationId, write: bool) -> Result<Standing, Error> {
        Ok(self.client(who, rotation)?.standing(write, &self.cancel).await)
    }

    /// What this credential sees.
    ///
    /// # Errors
    /// When the source does not answer to it.
    pub async fn sight(&self, who: Who, rotation: RotationId) -> Result<Sight, Error> {
        let census = self.client(who, rotation)?.census(&self.cancel).await?;
        Ok(Sight {
            tenant: census.tenant,
            whose: census.whose,
            people: census.people,
            sample: census.sample,
        })
    }

    /// The provider's API, asked with the credential of its own where there is one, else with the old or the new one.
    ///
    /// # Errors
    /// When the keychain does not hold it, or the source is of another kind.
    pub fn api(&self, how: &RotationHow, who: Who, rotation: RotationId) -> Result<Option<TokenApi>, Error> {
        let client = match self.slot(Slot::Manager)? {
            Some(manager) => (self.make_client)(Some(manager.value), false)?,
            None => self.client(who, rotation)?,
        };
        Ok(match (how, &self.recipe, &client) {
            (RotationHow::Entra, _, Client::Azure(azure)) => Some(TokenApi::entra(azure)?),
            (_, Some(recipe), _) => Some(TokenApi::by_recipe(recipe, &client)?),
            _ => None,
        })
    }

    /// Keeps a new credential as the next one; gives what is known of it, with its fingerprint.
    ///
    /// # Errors
    /// When the keychain does not keep it.
    pub fn hold(&self, rotation: RotationId, value: &Secret, known: Known) -> Result<Known, Error> {
        let known = Known {
            fingerprint: Some(self.fingerprints.of(value)),
            ..known
        };
        let secret = SourceSecret {
            origin: self.origin.clone(),
            value: value.duplicate(),
            note: Note {
                rotation,
                known: known.clone(),
            }
            .write(),
        };
        self.secrets.keep_slot(self.source, Slot::Next, &secret)?;
        Ok(known)
    }

    /// Makes the next one the current one, and the current one the previous one. Done twice, it is as done once.
    ///
    /// # Errors
    /// When the keychain no longer holds the next one, or does not keep it.
    pub fn promote(&self, rotation: RotationId) -> Result<(), Error> {
        if self.ours(Slot::Current, rotation)?.is_none() {
            let next = self.slot(Slot::Next)?.filter(|next| Note::read(&next.note).is_of(rotation));
            let next = next.ok_or_else(|| lost("the new credential"))?;
            if let Some(current) = self.slot(Slot::Current)? {
                let known = Note::read(&current.note).known;
                let previous = SourceSecret {
                    note: Note { rotation, known }.write(),
                    ..current
                };
                self.secrets.keep_slot(self.source, Slot::Previous, &previous)?;
            }
            self.secrets.keep_slot(self.source, Slot::Current, &next)?;
        }
        Ok(self.secrets.forget_slot(self.source, Slot::Next)?)
    }

    /// Makes the previous one the current one again, and the current one the next one. Done twice, it is as done once.
    ///
    /// # Errors
    /// When the keychain no longer holds the previous one, or does not keep it.
    pub fn swap_back(&self, rotation: RotationId) -> Result<(), Error> {
        let Some(current) = self.slot(Slot::Current)?.filter(|held| Note::read(&held.note).is_of(rotation)) else {
            return Ok(());
        };
        let previous = self.slot(Slot::Previous)?.ok_or_else(|| lost("the old credential"))?;
        let known = Note::read(&previous.note).known;
        self.secrets.keep_slot(self.source, Slot::Next, &current)?;
        let old = SourceSecret {
            note: Note { rotation: 0, known }.write(),
            ..previous
        };
        Ok(self.secrets.keep_slot(self.source, Slot::Current, &old)?)
    }

    /// Empties a slot of what this rotation put there.
    ///
    /// # Errors
    /// As the keychain.
    pub fn forget(&self, slot: Slot, rotation: RotationId) -> Result<(), Error> {
        if self.ours(slot, rotation)?.is_some() {
            self.secrets.forget_slot(self.source, slot)?;
        }
        Ok(())
    }

    /// The provider's tokens; none where it does not list them.
    ///
    /// # Errors
    /// When it refuses, or does not answer.
    pub async fn list(&self, story: &Story, who: Who) -> Result<Option<Vec<ProviderToken>>, Error> {
        if !story.began.api.as_ref().is_some_and(|api| api.lists) {
            return Ok(None);
        }
        let Some(api) = self.api(&story.began.start.how, who, story.id)? else {
            return Ok(None);
        };
        Ok(Some(api.list(&self.cancel).await?))
    }

    /// Asks the provider for a new one.
    ///
    /// # Errors
    /// Each says whether one may have been made.
    pub async fn make(&self, story: &Story, name: &str, now: Millis) -> Result<Made, MakeError> {
        let who = if story.revoked.is_some() { Who::New } else { Who::Old };
        let none = || SourceError::Setting {
            field: "Recipe",
            problem: "it makes no tokens".into(),
            next: "Begin the rotation anew, and paste the new token.".into(),
        };
        let api = match self.api(&story.began.start.how, who, story.id) {
            Ok(Some(api)) => api,
            Ok(None) => return Err(MakeError::NotSent(none())),
            Err(error) => {
                let fault = error.fault();
                return Err(MakeError::NotSent(SourceError::Setting {
                    field: "Credential",
                    problem: fault.what,
                    next: fault.next,
                }));
            }
        };
        let wish = TokenWish {
            name: name.to_owned(),
            // Another name is another request: the same key would be answered with the first one's.
            key: name.replace(&story.began.name, &story.began.key),
            expires_at: story.began.start.expires_at,
            now,
        };
        api.make(&wish, &self.cancel).await
    }

    /// Revokes a token of the provider's, by its id: with the credential for that, and where there is none, with the new one and then the old one,
    /// since some providers let a token revoke only itself.
    ///
    /// # Errors
    /// When it was neither revoked nor gone before.
    pub async fn revoke(&self, story: &Story, id: &str, order: &[Who]) -> Result<(u16, bool), Error> {
        let mut last = lost("a credential that may revoke");
        for who in order {
            let api = match self.api(&story.began.start.how, *who, story.id) {
                Ok(Some(api)) => api,
                Ok(None) => continue,
                Err(error) => {
                    last = error;
                    continue;
                }
            };
            match api.revoke(id, &self.cancel).await {
                Ok(revoked) => return Ok((revoked.status, revoked.already_gone)),
                Err(error @ (SourceError::Unauthorized { .. } | SourceError::Forbidden { .. })) => last = error.into(),
                Err(error) => return Err(error.into()),
            }
        }
        Err(last)
    }

    /// Does a step at a system that uses the credential: gives the status, what was seen, and whether it is so by now.
    ///
    /// # Errors
    /// When the system refuses, or does not answer.
    pub async fn hand(
        &self,
        user: &RotationUser,
        hand: Hand,
        who: Who,
        rotation: RotationId,
    ) -> Result<(Option<u16>, String, bool), Error> {
        let RotationUser::EntraJob {
            source,
            service_principal,
            job,
            name,
        } = user
        else {
            return Ok((None, String::new(), false));
        };
        let azure = self.azure.get(source).ok_or_else(|| Error::NotFound {
            what: "source",
            name: source.to_string(),
        })?;
        let cancel = &self.cancel;
        Ok(match hand {
            Hand::Save => {
                let value = self.value(who, rotation)?.ok_or_else(|| lost("the credential to hand over"))?;
                let status = azure.save_secrets(service_principal, &self.base, &value, cancel).await?;
                (Some(status), format!("saved in {name}’s job, {status}"), true)
            }
            Hand::Validate => match azure.validate_credentials(service_principal, job, cancel).await? {
                Validated::Good => (Some(204), "Entra asked with it, and was let in".into(), true),
                Validated::Bad { status, says, .. } => {
                    return Err(Error::Refused {
                        code: "token.notTaken",
                        what: format!("Entra was not let in with the new credential in {name}’s job ({status}): {says}"),
                        next: "Resume to try again, or put the old credential back.".into(),
                    });
                }
            },
            Hand::Restart => {
                let status = azure.restart_job(service_principal, job, cancel).await?;
                (Some(status), format!("the job was started anew, {status}"), true)
            }
            Hand::Settle => match azure.job(service_principal, job, cancel).await?.status {
                JobStatus::Active => (None, "the job is active".into(), true),
                JobStatus::Quarantine { reason, .. } => (None, format!("the job is in quarantine: {reason}"), false),
                JobStatus::Paused => (None, "the job is paused".into(), false),
                JobStatus::NotConfigured => (None, "the job is not configured".into(), false),
                JobStatus::Other(word) => (None, format!("the job is in the state “{word}”"), false),
            },
        })
    }

    /// The request of such a step, as it is shown.
    pub fn hand_request(&self, user: &RotationUser, hand: Hand) -> Option<Request> {
        let RotationUser::EntraJob {
            source,
            service_principal,
            job,
            ..
        } = user
        else {
            return None;
        };
        let azure = self.azure.get(source)?;
        match hand {
            Hand::Save => azure.save_secrets_request(service_principal, &self.base).ok(),
            Hand::Restart => azure.restart_job_request(service_principal, job).ok(),
            // They change nothing.
            Hand::Validate | Hand::Settle => None,
        }
    }
}

/// A fault of a rotation's own.
pub fn fault(code: &'static str, what: impl Into<String>, next: impl Into<String>) -> Fault {
    Error::Refused {
        code,
        what: what.into(),
        next: next.into(),
    }
    .fault()
}
