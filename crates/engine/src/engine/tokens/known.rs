//! Credentials that Lanyard knows of and does not hold: those of Entra's applications, and those that a provider lists. Never a value.

use super::Engine;
use super::state;
use crate::Error;
use crate::record::azure::{Credential as EntraCredential, ServicePrincipal};
use crate::record::{Documents as _, ResourceKind};
use crate::view::{
    Credential, CredentialGap, CredentialKind, CredentialList, CredentialState, ExpiryFrom, Millis, ProviderToken, Right, Source,
    SourceKind,
};

/// So many days before its end, a known credential is spoken of: as for those that Lanyard holds, when nothing else was said.
const WARN_DAYS: i64 = 14;

fn time(text: Option<&str>) -> Option<Millis> {
    lanyard_scim::instant::unix_millis(text?)
}

/// How a credential stands of which only the end is known.
fn standing(expires_at: Option<Millis>, now: Millis) -> (CredentialState, String) {
    match state::days_left(expires_at, now) {
        Some(days) if days < 0 => (
            CredentialState::Expired,
            "Its end is over. Whatever still uses it is refused; take it out where nothing does.".into(),
        ),
        Some(0) => (CredentialState::DueSoon, "It ends today. Whoever holds it rotates it.".into()),
        Some(1) => (
            CredentialState::DueSoon,
            "It ends within a day. Whoever holds it rotates it.".into(),
        ),
        Some(days) if days <= WARN_DAYS => (
            CredentialState::DueSoon,
            format!("It ends in {days} days. Whoever holds it rotates it."),
        ),
        _ => (
            CredentialState::Good,
            "Lanyard does not hold it; this is what its provider says of it.".into(),
        ),
    }
}

/// A credential of which only its provider's word is known.
fn known(source: &Source, id: String, name: String, opens: String, kind: CredentialKind, ends: Option<Millis>, now: Millis) -> Credential {
    let (state, says) = standing(ends, now);
    Credential {
        id,
        source: source.id,
        source_name: source.settings.name.clone(),
        system: source.settings.kind,
        held: false,
        name,
        opens,
        kind,
        fingerprint: None,
        created_at: None,
        expires_at: ends,
        expires_from: ends.map(|_| ExpiryFrom::Provider),
        verified_at: None,
        used_at: None,
        reads: Right::NotEvaluated,
        writes: Right::NotEvaluated,
        policy: None,
        due_at: ends,
        days_left: state::days_left(ends, now),
        state,
        says,
        refused_since: None,
        worked_at: None,
        shared_with: Vec::new(),
        rotation: None,
    }
}

fn of_entra(
    source: &Source,
    owner: &ServicePrincipal,
    credential: &EntraCredential,
    kind: CredentialKind,
    now: Millis,
) -> Option<Credential> {
    let key = credential.key_id.as_deref()?;
    let id = owner.id.as_deref()?;
    let app = owner.display_name.clone().unwrap_or_else(|| id.to_owned());
    let name = credential.display_name.clone().filter(|name| !name.trim().is_empty());
    let name = name.unwrap_or_else(|| match kind {
        CredentialKind::Certificate => "certificate".into(),
        _ => "client secret".into(),
    });
    let ends = time(credential.end_date_time.as_deref());
    Some(Credential {
        created_at: time(credential.start_date_time.as_deref()),
        ..known(source, format!("entra:{}:{id}:{key}", source.id), name, app, kind, ends, now)
    })
}

fn of_provider(source: &Source, token: &ProviderToken, now: Millis) -> Credential {
    let (id, opens) = (format!("provider:{}:{}", source.id, token.id), source.settings.url.clone());
    let told = known(
        source,
        id,
        token.name.clone(),
        opens,
        CredentialKind::ProviderToken,
        token.expires_at,
        now,
    );
    let (state, says) = match (token.revoked, token.works_until) {
        (true, Some(until)) if until > now => (
            CredentialState::Rotating,
            "It is revoked, and its provider lets it live on for its overlap.".to_owned(),
        ),
        (true, _) => (CredentialState::Expired, "It is revoked.".into()),
        _ => (told.state, told.says.clone()),
    };
    Credential {
        created_at: token.created_at,
        used_at: token.used_at,
        state,
        says,
        ..told
    }
}

impl Engine {
    pub(super) fn known_credentials(&self, list: &mut CredentialList, now: Millis) -> Result<(), Error> {
        for source in self.sources()? {
            let mut gap = |says: String| {
                list.not_evaluated.push(CredentialGap {
                    source: source.id,
                    source_name: source.settings.name.clone(),
                    says,
                });
            };
            if source.settings.kind == SourceKind::Azure {
                if source.last_sync_at.is_none() {
                    gap("The secrets and certificates of its applications are not known before its first sync.".into());
                } else if let Some(reason) = source
                    .coverage
                    .iter()
                    .find(|coverage| coverage.collection == ResourceKind::Service.collection())
                    .and_then(|coverage| coverage.reasons.first())
                {
                    gap(format!("Not all applications’ secrets are known: {}", reason.text));
                }
                list.credentials.extend(self.entra_credentials(&source, now)?);
                continue;
            }
            let meta = self.meta(source.id)?;
            // The one that Lanyard holds stands in the list already.
            let others = meta
                .listed
                .iter()
                .filter(|token| !token.ours && Some(&token.id) != meta.provider_id.as_ref())
                // What was revoked and is over needs nobody.
                .filter(|token| !token.revoked || token.works_until.is_some_and(|until| until > now));
            list.credentials.extend(others.map(|token| of_provider(&source, token, now)));
        }
        Ok(())
    }

    /// The secrets and certificates of applications and service principals, as the last sync read them.
    fn entra_credentials(&self, source: &Source, now: Millis) -> Result<Vec<Credential>, Error> {
        let rows = self.inner.cache.rows(source.id, ResourceKind::Service)?;
        let mut all = Vec::new();
        if rows.is_empty() {
            return Ok(all);
        }
        self.inner.cache.documents(&rows, &mut |_, document| {
            if let Ok(principal) = serde_json::from_slice::<ServicePrincipal>(document) {
                let application = principal.application.clone().unwrap_or_default();
                let secrets = principal.password_credentials.iter().chain(&application.password_credentials);
                let certificates = principal.key_credentials.iter().chain(&application.key_credentials);
                all.extend(secrets.filter_map(|secret| of_entra(source, &principal, secret, CredentialKind::ClientSecret, now)));
                all.extend(certificates.filter_map(|key| of_entra(source, &principal, key, CredentialKind::Certificate, now)));
            }
            true
        })?;
        // A service principal may repeat what stands on its application.
        all.sort_by(|one, two| one.id.cmp(&two.id));
        all.dedup_by(|one, two| one.id == two.id);
        Ok(all)
    }
}

impl Engine {
    /// The service principals of an Azure source whose names hold this text, in lower case: id and name.
    pub(super) fn service_principals_called(&self, source: &Source, wanted: &str) -> Result<Vec<(String, String)>, Error> {
        const MOST: usize = 10;
        let rows = self.inner.cache.rows(source.id, ResourceKind::Service)?;
        let mut found = Vec::new();
        if rows.is_empty() {
            return Ok(found);
        }
        self.inner.cache.documents(&rows, &mut |_, document| {
            if let Ok(principal) = serde_json::from_slice::<ServicePrincipal>(document)
                && let (Some(id), Some(name)) = (principal.id, principal.display_name)
                && name.to_lowercase().contains(wanted)
            {
                found.push((id, name));
            }
            found.len() < MOST
        })?;
        found.sort_by_key(|(_, name)| (name.to_lowercase() != wanted, name.clone()));
        Ok(found)
    }
}
