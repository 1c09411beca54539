//! Clients, made from a source's settings and its secret.

use url::Url;

use crate::Error;
use crate::secrets::Secret;
use crate::sources::azure::{AzureClient, AzureConfig};
use crate::sources::backstage::{BackstageClient, BackstageConfig};
use crate::sources::scim::{Auth, Limits, ScimClient, ScimConfig};
use crate::sources::{Client, Keep};
use crate::view::{AuthSettings, SourceKind, SourceSettings};

fn parse(field: &'static str, text: &str) -> Result<Url, Error> {
    Url::parse(text).map_err(|error| Error::Input {
        field,
        problem: error.to_string(),
    })
}

/// A client for a source; without a secret, one that asks without. A secret that comes in place of the given one goes to `keep`.
///
/// # Errors
/// When a setting or the secret cannot be used.
pub(super) fn make_client(settings: &SourceSettings, secret: Option<Secret>, keep: Option<Keep>) -> Result<Client, Error> {
    match settings.kind {
        SourceKind::Scim => scim(settings, secret).map(Client::Scim),
        SourceKind::Backstage => {
            let config = BackstageConfig {
                keep,
                ..backstage(settings, secret)?
            };
            Ok(Client::Backstage(BackstageClient::new(config)?))
        }
        SourceKind::Azure => {
            let config = AzureConfig {
                keep,
                ..azure(settings, secret)?
            };
            Ok(Client::Azure(AzureClient::new(config)?))
        }
    }
}

/// The settings of a Backstage client.
pub(super) fn backstage(settings: &SourceSettings, secret: Option<Secret>) -> Result<BackstageConfig, Error> {
    Ok(BackstageConfig {
        name: settings.name.clone(),
        base: parse("Base URL", &settings.url)?,
        auth: settings.auth.clone(),
        secret,
        keep: None,
        ca_pem: settings.ca_pem.clone(),
        headers: settings.headers.clone(),
        request_budget: settings.request_budget,
        limits: Limits::default(),
    })
}

/// The settings of an Azure client.
pub(super) fn azure(settings: &SourceSettings, secret: Option<Secret>) -> Result<AzureConfig, Error> {
    Ok(AzureConfig {
        name: settings.name.clone(),
        base: parse("Resource Manager URL", &settings.url)?,
        azure: settings.azure.clone().unwrap_or_default(),
        auth: settings.auth.clone(),
        secret,
        keep: None,
        ca_pem: settings.ca_pem.clone(),
        headers: settings.headers.clone(),
        request_budget: settings.request_budget,
        limits: Limits::default(),
    })
}

fn scim(settings: &SourceSettings, secret: Option<Secret>) -> Result<ScimClient, Error> {
    let auth = match (&settings.auth, secret) {
        (AuthSettings::Bearer, Some(token)) => Auth::Bearer(token),
        (AuthSettings::Basic { user }, Some(password)) => Auth::Basic {
            user: user.clone(),
            password,
        },
        (
            AuthSettings::ClientCredentials {
                token_url,
                client_id,
                scope,
            },
            Some(client_secret),
        ) => Auth::ClientCredentials {
            token_url: parse("Token URL", token_url)?,
            client_id: client_id.clone(),
            client_secret,
            scope: scope.clone(),
        },
        _ => Auth::Anonymous,
    };
    Ok(ScimClient::new(ScimConfig {
        name: settings.name.clone(),
        base: parse("Base URL", &settings.url)?,
        auth,
        ca_pem: settings.ca_pem.clone(),
        headers: settings.headers.clone(),
        request_budget: settings.request_budget,
        limits: Limits::default(),
    })?)
}
