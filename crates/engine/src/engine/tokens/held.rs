//! The credentials that Lanyard holds: one for each source that has a secret.

use std::collections::HashMap;

use super::state::{self, Facts};
use super::{Engine, locked};
use crate::Error;
use crate::rotation::drive::story;
use crate::rotation::world::Note;
use crate::secrets::SecretError;
use crate::view::{
    AuthSettings, Credential, CredentialKind, CredentialList, CredentialState, ExpiryFrom, Millis, Right, RotationId, RotationState,
    Source, SourceId,
};

use super::super::settings::origin;

/// What the keychain says of one source's credential.
enum Kept {
    Here {
        fingerprint: String,
        kind: CredentialKind,
        made: Option<Millis>,
        ends: Option<Millis>,
        note: Note,
    },
    None,
    /// It is held elsewhere: a file, another program.
    Borrowed,
    Unreadable(SecretError),
}

fn kind(auth: &AuthSettings, value: &str) -> CredentialKind {
    match auth {
        AuthSettings::Bearer => state::bearer_kind(value),
        AuthSettings::Basic { .. } => CredentialKind::Password,
        AuthSettings::ClientCredentials { .. } | AuthSettings::ClientSecret { .. } => CredentialKind::ClientSecret,
        AuthSettings::UserToken { .. } | AuthSettings::DeviceCode { .. } => CredentialKind::RefreshToken,
        AuthSettings::ClientCertificate { .. } => CredentialKind::Certificate,
        AuthSettings::FederatedToken { .. } | AuthSettings::AzureCli => CredentialKind::Borrowed,
    }
}

fn noun(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Bearer | CredentialKind::Jwt | CredentialKind::ProviderToken => "token",
        CredentialKind::Password => "password",
        CredentialKind::ClientSecret => "client secret",
        CredentialKind::Certificate => "certificate",
        CredentialKind::RefreshToken => "sign-in",
        CredentialKind::Borrowed => "login",
    }
}

impl Engine {
    /// What the keychain holds for a source.
    fn kept(&self, source: &Source, key: Option<&crate::secrets::FingerprintKey>) -> Result<Kept, Error> {
        if !source.settings.auth.has_secret() {
            return Ok(Kept::Borrowed);
        }
        match self
            .inner
            .secrets
            .load(source.id, &source.settings.name, &origin(&source.settings)?)
        {
            Ok(Some(secret)) => {
                let (made, ends) = match &source.settings.auth {
                    AuthSettings::Bearer => state::jwt(secret.value.expose()).unwrap_or((None, None)),
                    _ => (None, None),
                };
                Ok(Kept::Here {
                    fingerprint: key.map(|key| key.of(&secret.value)).unwrap_or_default(),
                    kind: kind(&source.settings.auth, secret.value.expose()),
                    made,
                    ends,
                    note: Note::read(&secret.note),
                })
            }
            Ok(None) => Ok(Kept::None),
            Err(error) => Ok(Kept::Unreadable(error)),
        }
    }

    /// The rotation of each source that is open, and how it stands.
    pub(super) fn open_rotations(&self, now: Millis) -> Result<HashMap<SourceId, (RotationId, RotationState)>, Error> {
        let mut open = HashMap::new();
        let mut seen = std::collections::HashSet::new();
        for first in self.inner.ledger.rotations(None)? {
            // Only the last rotation of a source can be open.
            if !seen.insert(first.source) {
                continue;
            }
            let story = story(&self.inner.ledger, first.rotation)?;
            let (state, _) = crate::rotation::show::state(&story, now);
            if !matches!(state, RotationState::Done | RotationState::PutBack) {
                open.insert(first.source, (first.rotation, state));
            }
        }
        Ok(open)
    }

    pub(in crate::engine) fn held_credentials(&self, list: &mut CredentialList, now: Millis) -> Result<(), Error> {
        let key = match self.fingerprints() {
            Ok(key) => Some(key),
            Err(error) => {
                list.fault = Some(error.fault());
                None
            }
        };
        let open = self.open_rotations(now)?;
        let mut all = Vec::new();
        for source in self.sources()? {
            let kept = self.kept(&source, key.as_ref())?;
            if let Kept::Unreadable(error) = &kept
                && list.fault.is_none()
            {
                list.fault = Some(error.fault());
            }
            locked(&self.inner.has_secret).insert(source.id, matches!(kept, Kept::Here { .. }));
            all.push(self.held_credential(&source, kept, open.get(&source.id).copied(), now)?);
        }
        // The same one twice is found by its fingerprint.
        let mut by_mark: HashMap<String, Vec<String>> = HashMap::new();
        for credential in &all {
            if let Some(mark) = &credential.fingerprint {
                by_mark.entry(mark.clone()).or_default().push(credential.source_name.clone());
            }
        }
        for credential in &mut all {
            let twins = credential.fingerprint.as_ref().and_then(|mark| by_mark.get(mark));
            credential.shared_with = twins
                .into_iter()
                .flatten()
                .filter(|name| **name != credential.source_name)
                .cloned()
                .collect();
            if !credential.shared_with.is_empty() {
                let others = credential.shared_with.join(", ");
                credential.says = format!(
                    "{} The very same one opens {others}: whoever rotates one breaks the other.",
                    credential.says
                );
            }
        }
        list.credentials.append(&mut all);
        Ok(())
    }

    fn held_credential(
        &self,
        source: &Source,
        kept: Kept,
        open: Option<(RotationId, RotationState)>,
        now: Millis,
    ) -> Result<Credential, Error> {
        let settings = &source.settings;
        let (mut facts, mut mark, mut made, mut ends, mut note) = (Facts::default(), None, None, None, Note::default());
        let mut sort = kind(&settings.auth, "");
        let mut trouble = None;
        match kept {
            Kept::Here {
                fingerprint,
                kind,
                made: iat,
                ends: exp,
                note: beside,
            } => {
                mark = Some(fingerprint).filter(|mark| !mark.is_empty());
                (sort, made, ends, note) = (kind, iat, exp, beside);
            }
            Kept::None => facts.missing = true,
            Kept::Borrowed => {}
            Kept::Unreadable(error) => {
                // An entry that is there and cannot be used is as good as none; a keychain that does not answer is another matter.
                if matches!(error, SecretError::Malformed { .. } | SecretError::OtherOrigin { .. }) {
                    facts.missing = true;
                } else {
                    facts.locked = true;
                }
                trouble = Some(error.fault());
            }
        }
        let mut meta = self.meta(source.id)?.of(mark.as_deref());
        if mark.is_some() && (meta.fingerprint.is_none() || meta.created_at.is_none()) {
            // Seen for the first time: it was given when the source was added, or just now.
            let first = meta.fingerprint.is_none() && self.meta(source.id)?.fingerprint.is_none();
            meta.fingerprint.clone_from(&mark);
            meta.created_at = note.known.created_at.or(made).or(Some(if first { source.added_at } else { now }));
            self.set_meta(source.id, &meta)?;
        }
        let created_at = note.known.created_at.or(made).or(meta.created_at);
        let (expires_at, expires_from) = if ends.is_some() {
            (ends, Some(ExpiryFrom::Token))
        } else if note.known.expires_at.is_some() {
            (note.known.expires_at, Some(ExpiryFrom::Provider))
        } else {
            (meta.expires_at, meta.expires_from)
        };
        let policy = (sort != CredentialKind::Borrowed).then_some(meta.policy);
        let refused_by_sync = source.fault.as_ref().is_some_and(|fault| state::is_refusal(&fault.code));
        let worked_at = meta
            .worked_at
            .max(source.last_sync_at.filter(|_| source.fault.is_none()).or(source.last_full_at));
        facts = Facts {
            old_lives: open.is_some_and(|(_, state)| state == RotationState::OldLives),
            rotating: open.is_some(),
            refused: meta.works == Right::No
                || (refused_by_sync && meta.worked_at.is_none_or(|at| meta.refused_since.is_none_or(|since| at < since))),
            seen_to_work: meta.works == Right::Yes || (source.fault.is_none() && source.last_sync_at.is_some()),
            expires_at,
            due_at: state::due_at(created_at, expires_at, policy),
            warn_days: meta.policy.warn_days,
            ..facts
        };
        let state = state::state(&facts, now);
        let refused_since = meta.refused_since.filter(|_| facts.refused);
        let mut credential = Credential {
            id: format!("own:{}", source.id),
            source: source.id,
            source_name: settings.name.clone(),
            system: settings.kind,
            held: true,
            name: format!("{} {}", settings.name, noun(sort)),
            opens: settings.url.clone(),
            kind: sort,
            fingerprint: mark,
            created_at,
            expires_at,
            expires_from,
            verified_at: meta.verified_at,
            used_at: meta.verified_at.max(source.last_sync_at),
            reads: if meta.reads == Right::NotEvaluated && facts.seen_to_work {
                Right::Yes
            } else {
                meta.reads
            },
            writes: meta.writes,
            policy,
            due_at: facts.due_at,
            days_left: state::days_left(facts.due_at, now),
            state,
            says: String::new(),
            refused_since,
            worked_at,
            shared_with: Vec::new(),
            rotation: open.map(|(rotation, _)| rotation),
        };
        credential.says = says(&credential, trouble.as_ref());
        Ok(credential)
    }
}

/// How it stands, in a sentence, with what to do.
fn says(credential: &Credential, trouble: Option<&crate::view::Fault>) -> String {
    let name = &credential.source_name;
    match credential.state {
        CredentialState::OldLives => {
            "It was replaced, and the old one still opens the source after its time. The rotation is not done.".into()
        }
        CredentialState::Locked => trouble.map_or_else(
            || "The keychain does not answer, so it is not known how this stands.".into(),
            |fault| format!("{} {}", fault.what, fault.next),
        ),
        CredentialState::Missing => trouble.map_or_else(
            || format!("The keychain holds none for {name}: it was taken out, or never given. Put in a new value."),
            |fault| format!("{} {}", fault.what, fault.next),
        ),
        CredentialState::Rotating => "It is being rotated.".into(),
        CredentialState::Refused => "The source refuses it. Put in the value that was set there, or rotate it to get a new one.".into(),
        CredentialState::Expired => "Its end is over. Rotate it, or type in its real end.".into(),
        CredentialState::Due => "Its day for rotation is over. Rotate it.".into(),
        CredentialState::DueSoon => match credential.days_left {
            Some(1) => "Rotate it within a day.".into(),
            Some(days) if days > 1 => format!("Rotate it within {days} days."),
            _ => "Rotate it today.".into(),
        },
        CredentialState::Unverified => "It was never verified, and no sync has used it yet.".into(),
        CredentialState::Good if credential.kind == CredentialKind::Borrowed => {
            "Lanyard holds nothing: it uses a file or another program’s login.".into()
        }
        CredentialState::Good => "It works, as last seen.".into(),
    }
}
