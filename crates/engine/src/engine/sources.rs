//! Sources: their settings in the ledger, their secrets in the keychain, their clients.

use tokio_util::sync::CancellationToken;

use super::clients::make_client;
use super::settings::{checked, origin};
use super::{Engine, held};
use crate::Error;
use crate::secrets::{Secret, SourceSecret};
use crate::sources::{Client, Keep};
use crate::store::ledger::StoredSource;
use crate::sync::now;
use crate::view::{CoverageState, EngineEvent, Millis, ProbeReport, RemovalPreview, Source, SourceHealth, SourceId, SourceSettings};

/// A full reading is fresh this long, in milliseconds.
const FRESH_FOR: Millis = 24 * 60 * 60 * 1000;

impl Engine {
    /// All sources, in the order in which they were added.
    ///
    /// # Errors
    /// When the ledger or the cache cannot be read.
    pub fn sources(&self) -> Result<Vec<Source>, Error> {
        self.inner
            .ledger
            .sources()?
            .into_iter()
            .map(|stored| self.dressed(stored))
            .collect()
    }

    pub(super) fn source(&self, id: SourceId) -> Result<Source, Error> {
        let stored = self.inner.ledger.sources()?.into_iter().find(|stored| stored.id == id);
        self.dressed(stored.ok_or_else(|| Error::NotFound {
            what: "source",
            name: id.to_string(),
        })?)
    }

    /// A source by its number or by its name, whatever the case.
    ///
    /// # Errors
    /// When there is none, or the ledger cannot be read.
    pub fn find_source(&self, name_or_id: &str) -> Result<Source, Error> {
        let wanted = name_or_id.trim().to_lowercase();
        let found = self
            .sources()?
            .into_iter()
            .find(|source| source.settings.name.to_lowercase() == wanted || source.id.to_string() == wanted);
        found.ok_or_else(|| Error::NotFound {
            what: "source",
            name: name_or_id.to_owned(),
        })
    }

    fn dressed(&self, stored: StoredSource) -> Result<Source, Error> {
        let state = self.inner.cache.state(stored.id)?;
        let progress = held(&self.inner.running).get(&stored.id).map(super::syncing::Running::now);
        let has_secret = self.has_secret(stored.id, &stored.settings.name);
        let complete = !state.coverage.is_empty()
            && state
                .coverage
                .iter()
                .all(|coverage| coverage.state == CoverageState::Complete || coverage.is_beside());
        let health = if !stored.settings.enabled {
            SourceHealth::Disabled
        } else if progress.is_some() {
            SourceHealth::Syncing
        } else if state.fault.is_some() {
            SourceHealth::Failing
        } else if state.last_sync_at.is_none() {
            SourceHealth::New
        } else if !complete {
            SourceHealth::Incomplete
        } else if state.last_sync_at.is_some_and(|at| now() - at > FRESH_FOR) {
            SourceHealth::Stale
        } else {
            SourceHealth::Fresh
        };
        Ok(Source {
            id: stored.id,
            settings: stored.settings,
            health,
            has_secret,
            accounts: state.account_count,
            groups: state.group_count,
            memberships: state.membership_count,
            coverage: state.coverage,
            last_sync_at: state.last_sync_at,
            last_full_at: state.last_full_at,
            fault: state.fault,
            progress,
            added_at: stored.added_at,
        })
    }

    /// Whether there is a secret for a source. Asked of the keychain once, since it may be slow to answer.
    fn has_secret(&self, id: SourceId, name: &str) -> Option<bool> {
        if let Some(known) = held(&self.inner.has_secret).get(&id) {
            return Some(*known);
        }
        let has = self.inner.secrets.has(id, name).ok()?;
        held(&self.inner.has_secret).insert(id, has);
        Some(has)
    }

    fn keep_secret(&self, id: SourceId, settings: &SourceSettings, secret: Secret) -> Result<(), Error> {
        held(&self.inner.has_secret).remove(&id);
        Ok(self.inner.secrets.keep(
            id,
            &SourceSecret {
                origin: origin(settings)?,
                value: secret,
                note: String::new(),
            },
        )?)
    }

    /// The connection test. With `secret` none, the one in the keychain for `existing` is used, if it was given for the same origin.
    /// Nothing is written. Never fails: a failure is in the report.
    pub async fn probe(&self, settings: &SourceSettings, secret: Option<Secret>, existing: Option<SourceId>) -> ProbeReport {
        let made = self.checked(settings, existing).and_then(|settings| {
            let (secret, keeper) = match (secret, existing) {
                (None, Some(id)) => (self.kept_secret(id, &settings)?, Some(id)),
                (secret, _) => (secret, None),
            };
            let keep = self.keeper(keeper, &settings, secret.as_ref());
            make_client(&settings, secret, keep)
        });
        match made {
            Ok(client) => client.probe(&CancellationToken::new()).await,
            Err(error) => {
                let fault = error.fault();
                ProbeReport {
                    ok: false,
                    summary: fault.what.clone(),
                    points: Vec::new(),
                    users: None,
                    groups: None,
                    requests: 0,
                    took_ms: 0,
                    fault: Some(fault),
                }
            }
        }
    }

    fn checked(&self, settings: &SourceSettings, existing: Option<SourceId>) -> Result<SourceSettings, Error> {
        let others = self.inner.ledger.sources()?;
        checked(
            settings,
            others
                .iter()
                .filter(|other| Some(other.id) != existing)
                .map(|other| other.settings.name.as_str()),
        )
    }

    pub(super) fn kept_secret(&self, id: SourceId, settings: &SourceSettings) -> Result<Option<Secret>, Error> {
        Ok(self
            .inner
            .secrets
            .load(id, &settings.name, &origin(settings)?)?
            .map(|secret| secret.value))
    }

    /// What keeps a secret that a source gives in place of the one it was asked with: in the keychain for a source that is kept, else
    /// with the sign-in that it came of.
    fn keeper(&self, id: Option<SourceId>, settings: &SourceSettings, secret: Option<&Secret>) -> Option<Keep> {
        let (engine, settings) = (self.clone(), settings.clone());
        let last = std::sync::Mutex::new(secret?.duplicate());
        Some(std::sync::Arc::new(move |next: Secret| match id {
            Some(id) => {
                if let Err(error) = engine.keep_secret(id, &settings, next) {
                    tracing::warn!(
                        code = error.code(),
                        source = id,
                        "a new refresh token could not be kept; the next sync needs a new sign-in"
                    );
                }
            }
            None => {
                let mut last = held(&last);
                engine.replace_signed_in(&last, &next);
                *last = next;
            }
        }))
    }

    /// A client with the source's own secret.
    pub(super) fn client(&self, id: SourceId, settings: &SourceSettings) -> Result<Client, Error> {
        let secret = self.kept_secret(id, settings)?;
        let keep = self.keeper(Some(id), settings, secret.as_ref());
        make_client(settings, secret, keep)
    }

    /// Adds a source; its secret goes into the keychain.
    ///
    /// # Errors
    /// [`Error::Input`] where a setting cannot be; keychain errors, with nothing added then.
    pub fn add_source(&self, settings: &SourceSettings, secret: Option<Secret>) -> Result<Source, Error> {
        let settings = self.checked(settings, None)?;
        make_client(&settings, None, None)?;
        let stored = self.inner.ledger.add_source(&settings)?;
        if let Some(secret) = secret
            && let Err(error) = self.keep_secret(stored.id, &settings, secret)
        {
            self.inner.ledger.remove_source(stored.id)?;
            return Err(error);
        }
        self.note(
            "source.added",
            Some(stored.id),
            format!("Added {} ({})", settings.name, settings.url),
            told(&settings),
        )?;
        self.changed()?;
        self.source(stored.id)
    }

    /// Changes a source's settings. With another origin a new secret must be given: the old one is not sent elsewhere.
    ///
    /// # Errors
    /// [`Error::Input`] where a setting cannot be or the secret is missing; keychain errors, with nothing changed then.
    pub fn update_source(&self, id: SourceId, settings: &SourceSettings, secret: Option<Secret>) -> Result<Source, Error> {
        let before = self.source(id)?.settings;
        let settings = self.checked(settings, Some(id))?;
        make_client(&settings, None, None)?;
        let replaced = secret.is_some();
        match secret {
            Some(secret) => self.keep_secret(id, &settings, secret)?,
            None if origin(&before)? != origin(&settings)? && self.inner.secrets.has(id, &before.name)? => {
                let problem = "the address names another server, and a token is never sent to a server it was not given for; give the token for this one".into();
                return Err(Error::Input { field: "Token", problem });
            }
            None => {}
        }
        self.inner.ledger.update_source(id, &settings)?;
        if before.url != settings.url || before.auth != settings.auth || before.azure != settings.azure {
            self.forget_capabilities(id)?;
        }
        let mut data = told(&settings);
        data["before"] = told(&before);
        data["secretReplaced"] = replaced.into();
        self.note("source.edited", Some(id), format!("Edited {}", settings.name), data)?;
        self.changed()?;
        self.source(id)
    }

    /// What a server at another address can do must be found out anew, and its changes are not those of the one before.
    fn forget_capabilities(&self, id: SourceId) -> Result<(), Error> {
        let mut state = self.inner.cache.state(id)?;
        state.capabilities = None;
        state.marks.clear();
        state.users = crate::store::cache::Habits::default();
        state.groups = crate::store::cache::Habits::default();
        Ok(self.inner.cache.set_state(id, &state)?)
    }

    /// Switches a source on or off. Off, it keeps its data, is asked nothing, and is left out of the picture.
    ///
    /// # Errors
    /// When there is no such source, or the ledger cannot be written.
    pub fn set_source_enabled(&self, id: SourceId, enabled: bool) -> Result<Source, Error> {
        let mut settings = self.source(id)?.settings;
        settings.enabled = enabled;
        self.inner.ledger.update_source(id, &settings)?;
        if !enabled {
            self.cancel_sync(id);
        }
        let (action, word) = if enabled {
            ("source.enabled", "Enabled")
        } else {
            ("source.disabled", "Disabled")
        };
        self.note(action, Some(id), format!("{word} {}", settings.name), serde_json::Value::Null)?;
        self.changed()?;
        self.source(id)
    }

    /// What goes when a source is removed.
    ///
    /// # Errors
    /// When there is no such source, or the ledger cannot be read.
    pub fn removal_preview(&self, id: SourceId) -> Result<RemovalPreview, Error> {
        let source = self.source(id)?;
        Ok(RemovalPreview {
            source: id,
            name: source.settings.name,
            accounts: source.accounts,
            groups: source.groups,
            history_kept: self.inner.ledger.count_history(id)?,
            secret: source.has_secret.unwrap_or(false),
        })
    }

    /// Removes a source: its rows from the cache, its secret from the keychain. Its history stays in the ledger.
    ///
    /// # Errors
    /// [`Error::Busy`] while a sync of it does not end; keychain errors, with nothing removed then.
    pub fn remove_source(&self, id: SourceId) -> Result<(), Error> {
        let preview = self.removal_preview(id)?;
        self.cancel_sync(id);
        let mut waits = 0;
        while held(&self.inner.running).contains_key(&id) {
            if waits == 100 {
                return Err(Error::Busy { name: preview.name });
            }
            waits += 1;
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        self.inner.secrets.forget(id)?;
        held(&self.inner.has_secret).remove(&id);
        self.inner.ledger.remove_source(id)?;
        self.inner.cache.forget_source(id)?;
        let data = serde_json::json!({"accounts": preview.accounts, "groups": preview.groups, "secretRemoved": preview.secret});
        self.note("source.removed", Some(id), format!("Removed {}", preview.name), data)?;
        self.changed()
    }

    /// Renews the picture after the sources changed.
    fn changed(&self) -> Result<(), Error> {
        self.rebuild()?;
        self.tell(EngineEvent::SourcesChanged);
        Ok(())
    }
}

/// Settings for the audit log: without the certificate's text, and there is no secret in them.
fn told(settings: &SourceSettings) -> serde_json::Value {
    let mut told = serde_json::to_value(settings).unwrap_or_default();
    if let Some(pem) = told.get_mut("caPem").filter(|pem| !pem.is_null()) {
        *pem = "given".into();
    }
    told
}
