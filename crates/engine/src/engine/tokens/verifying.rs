//! Whether a credential works: asked now, with a made-up one and none beside it; and a new value put in place of one that was changed elsewhere.

use tokio_util::sync::CancellationToken;

use super::super::clients::make_client;
use super::super::deprovision::blocking;
use super::super::settings::origin;
use super::{Engine, own};
use crate::Error;
use crate::rotation::world::{Note, Who, World};
use crate::secrets::{Secret, Slot, SourceSecret};
use crate::sources::tokens::{Answered, Stands};
use crate::sync::now;
use crate::view::{CredentialAsked, CredentialCheck, EngineEvent, ExpiryFrom, Right, RotationHow, Source};

fn asked(title: &str, answered: &Answered) -> CredentialAsked {
    CredentialAsked {
        title: title.into(),
        request: answered.request.clone(),
        status: answered.status,
        says: answered.says.clone(),
    }
}

fn right(stands: Stands) -> Right {
    match stands {
        Stands::Accepted => Right::Yes,
        Stands::Refused | Stands::Forbidden => Right::No,
        Stands::Unclear => Right::NotEvaluated,
    }
}

impl Engine {
    /// Asks a source whether a credential works and what it may do, and remembers the answer. Writing is tried only where it is switched on, by a
    /// request that changes nothing.
    ///
    /// # Errors
    /// [`Error::Refused`] for a credential that Lanyard does not hold; keychain errors. What the source answers is no error, but in the check.
    pub async fn verify_credential(&self, id: &str) -> Result<CredentialCheck, Error> {
        let source = self.source(own(id)?)?;
        let engine = self.clone();
        let (for_secret, settings) = (source.clone(), source.settings.clone());
        let secret = blocking(move || engine.kept_secret(for_secret.id, &settings)).await?;
        if secret.is_none() && source.settings.auth.has_secret() {
            return Err(Error::Refused {
                code: "token.missing",
                what: format!("the keychain holds no credential for {}", source.settings.name),
                next: "Put in a new value: it was taken out, or never given.".into(),
            });
        }
        let check = self.check_value(&source, secret.as_ref()).await?;
        let engine = self.clone();
        blocking(move || {
            engine.remember_check(&source, secret.as_ref(), &check)?;
            Ok(check)
        })
        .await
    }

    /// Asks with a value, beside a made-up one and none.
    async fn check_value(&self, source: &Source, secret: Option<&Secret>) -> Result<CredentialCheck, Error> {
        let cancel = CancellationToken::new();
        let engine = self.clone();
        let at = source.clone();
        let world: World = blocking(move || engine.world(&at, &RotationHow::Paste, &[], CancellationToken::new())).await?;
        let client = make_client(&source.settings, secret.map(Secret::duplicate), None)?;
        let writes = source.settings.allow_writes;
        let standing = client.standing(writes, &cancel).await;
        // What is borrowed from elsewhere cannot be made up, and is not asked without.
        let controls = if source.settings.auth.has_secret() {
            let made_up = world.standing(Who::MadeUp, 0, false).await.ok();
            let nobody = world.standing(Who::Nobody, 0, false).await.ok();
            Some((made_up, nobody))
        } else {
            None
        };
        let mut questions = vec![asked("Read with it", &standing.read)];
        questions.extend(standing.write.as_ref().map(|write| asked("Write with it, changing nothing", write)));
        let mut open = false;
        for (title, control) in controls
            .into_iter()
            .flat_map(|(made_up, nobody)| [("Read with a made-up one", made_up), ("Read with none", nobody)])
        {
            if let Some(control) = control {
                open |= control.read.stands == Stands::Accepted;
                questions.push(asked(title, &control.read));
            }
        }
        let accepted = matches!(standing.read.stands, Stands::Accepted | Stands::Forbidden);
        let works = match standing.read.stands {
            _ if open => Right::NotEvaluated,
            Stands::Forbidden => Right::Yes,
            stands => right(stands),
        };
        let census = if accepted { client.census(&cancel).await.ok() } else { None };
        let says = if open {
            format!(
                "{} answers without a token, or to one that was made up, so it cannot be told whether this one works.",
                source.settings.name
            )
        } else {
            standing.read.says.clone()
        };
        Ok(CredentialCheck {
            id: format!("own:{}", source.id),
            at: now(),
            works,
            reads: if open { Right::NotEvaluated } else { right(standing.read.stands) },
            writes: match &standing.write {
                Some(write) if !open => right(write.stands),
                _ => Right::NotEvaluated,
            },
            whose: census
                .as_ref()
                .and_then(|census| census.whose.clone().or_else(|| census.tenant.clone())),
            people: census.and_then(|census| census.people),
            says,
            fault: standing.read.unsure_for.clone(),
            asked: questions,
        })
    }

    /// Remembers what a check found. Blocking.
    fn remember_check(&self, source: &Source, secret: Option<&Secret>, check: &CredentialCheck) -> Result<(), Error> {
        let mark = match secret {
            Some(secret) => Some(self.fingerprints()?.of(secret)),
            None => None,
        };
        let mut meta = self.meta(source.id)?.of(mark.as_deref());
        meta.fingerprint = mark;
        meta.verified_at = Some(check.at);
        (meta.works, meta.reads, meta.writes) = (check.works, check.reads, check.writes);
        match check.works {
            Right::Yes => (meta.refused_since, meta.worked_at) = (None, Some(check.at)),
            Right::No => meta.refused_since = meta.refused_since.or(Some(check.at)),
            Right::NotEvaluated => {}
        }
        let word = match check.works {
            Right::Yes => "it works",
            Right::No => "it is refused",
            Right::NotEvaluated => "it could not be told whether it works",
        };
        let summary = format!("Verified the credential of {}: {word}", source.settings.name);
        self.set_meta_and_tell(source.id, &meta, "credential.verified", summary)?;
        self.tell_tokens(None);
        Ok(())
    }

    /// Puts a new value in place of one that was changed elsewhere. It is tried first, and only one that the source accepts is kept.
    ///
    /// # Errors
    /// [`Error::Refused`] where the source does not accept it, or that cannot be told, with nothing changed then; while the credential is being
    /// rotated; keychain errors.
    pub async fn replace_credential(&self, id: &str, value: Secret) -> Result<CredentialCheck, Error> {
        let source = self.source(own(id)?)?;
        if !source.settings.auth.has_secret() || source.settings.auth.signs_in() {
            return Err(Error::Refused {
                code: "token.notTyped",
                what: format!("the credential of {} is not one that is typed in", source.settings.name),
                next: "Open the source and sign in again there.".into(),
            });
        }
        if self.open_rotations(now())?.contains_key(&source.id) {
            return Err(Error::Refused {
                code: "rotation.open",
                what: format!("the credential of {} is being rotated", source.settings.name),
                next: "Finish that rotation, or put the old one back, first.".into(),
            });
        }
        let value = Secret::new(value.expose().trim().to_owned());
        if value.expose().is_empty() {
            return Err(Error::Input {
                field: "Credential",
                problem: "it is empty".into(),
            });
        }
        let check = self.check_value(&source, Some(&value)).await?;
        if check.works != Right::Yes {
            let (code, next) = match check.works {
                Right::No => (
                    "token.notAccepted",
                    "Look whether it was copied whole, and is for this source. The one before is still in the keychain.",
                ),
                _ => (
                    "token.unclear",
                    "Try again when the source answers. The one before is still in the keychain.",
                ),
            };
            return Err(Error::Refused {
                code,
                what: format!("the new value was not put in: {}", check.says.trim_end_matches('.')),
                next: next.into(),
            });
        }
        let engine = self.clone();
        blocking(move || {
            let created = now();
            let secret = SourceSecret {
                origin: origin(&source.settings)?,
                value: value.duplicate(),
                note: String::new(),
            };
            engine.inner.secrets.keep_slot(source.id, Slot::Current, &secret)?;
            super::locked(&engine.inner.has_secret).remove(&source.id);
            let mark = engine.fingerprints()?.of(&value);
            let before = engine.meta(source.id)?.of(Some(&mark));
            let meta = super::meta::Meta {
                fingerprint: Some(mark),
                created_at: Some(created),
                expires_at: before.expires_at.filter(|_| before.expires_from != Some(ExpiryFrom::Typed)),
                ..before
            };
            engine.set_meta(source.id, &meta)?;
            let summary = format!("Put in a new credential for {}", source.settings.name);
            engine.note(
                "credential.replaced",
                Some(source.id),
                summary,
                serde_json::json!({ "fingerprint": meta.fingerprint }),
            )?;
            engine.remember_check(&source, Some(&value), &check)?;
            engine.tell(EngineEvent::SourcesChanged);
            Ok(check)
        })
        .await
    }

    /// What the keychain says of the value that a source is asked with, beside the value.
    pub(super) fn current_note(&self, source: &Source) -> Result<Note, Error> {
        let held = self.inner.secrets.load_slot(source.id, Slot::Current, &origin(&source.settings)?)?;
        Ok(held.map(|held| Note::read(&held.note)).unwrap_or_default())
    }
}
