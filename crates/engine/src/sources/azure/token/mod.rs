//! Access tokens from Entra: one client for the sign-in service, one token for each of the other origins.
//!
//! Secrets, certificates' keys and refresh tokens go to the authority alone; what comes back for Graph goes to Graph, and what comes back
//! for the Resource Manager goes there. <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>

mod assertion;
mod cli;
mod refusal;

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use reqwest::Method;
use serde::Deserialize;
use tokio::io::AsyncReadExt;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use url::Url;
use zeroize::Zeroizing;

use crate::secrets::Secret;
use crate::sources::http::{AccessToken, Answer, Auth, Call, HttpClient, TokenFuture, TokenSource, life};
use crate::sources::{Keep, SourceError};
use crate::view::AuthSettings;

pub(super) use refusal::error_of;

use assertion::Certificate;

/// A federated token longer than this is none.
const LARGEST_TOKEN: u64 = 64 * 1024;
const BY_JWT: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Who asks for tokens, with the secret in hand.
enum Who {
    Secret {
        client: String,
        secret: Option<Secret>,
    },
    Certificate {
        client: String,
        certificate: Option<Certificate>,
    },
    Refresh {
        client: String,
        token: Mutex<Option<Secret>>,
    },
    File {
        client: String,
        path: PathBuf,
    },
    Cli,
    /// A way that Azure does not know.
    Nobody,
}

/// Gets tokens for one tenant.
pub(super) struct Identity {
    http: HttpClient,
    tenant: String,
    who: Who,
    keep: Option<Keep>,
}

impl Identity {
    /// Makes ready to ask; sends nothing. `http` is bound to the authority's origin, with the authority's address as its base.
    ///
    /// # Errors
    /// [`SourceError::Setting`] when the tenant's name, the certificate or the key cannot be used.
    pub(super) fn new(
        http: HttpClient,
        tenant: &str,
        auth: &AuthSettings,
        secret: Option<Secret>,
        keep: Option<Keep>,
    ) -> Result<Self, SourceError> {
        if let Some(secret) = &secret {
            http.learn(secret.expose());
        }
        let client = |id: &str| id.trim().to_owned();
        let who = match auth {
            AuthSettings::ClientSecret { client_id } => Who::Secret {
                client: client(client_id),
                secret,
            },
            AuthSettings::ClientCertificate { client_id } => Who::Certificate {
                client: client(client_id),
                certificate: secret.as_ref().map(|pem| Certificate::read(pem.expose())).transpose()?,
            },
            AuthSettings::DeviceCode { client_id } => Who::Refresh {
                client: client(client_id),
                token: Mutex::new(secret),
            },
            AuthSettings::FederatedToken { client_id, token_file } => Who::File {
                client: client(client_id),
                path: PathBuf::from(token_file),
            },
            AuthSettings::AzureCli => Who::Cli,
            AuthSettings::Bearer | AuthSettings::Basic { .. } | AuthSettings::ClientCredentials { .. } | AuthSettings::UserToken { .. } => {
                Who::Nobody
            }
        };
        Ok(Self {
            http,
            tenant: checked_tenant(tenant)?,
            who,
            keep,
        })
    }

    /// The credential of the origin that `resource` is the address of.
    pub(super) fn auth(self: &Arc<Self>, resource: &str) -> Auth {
        Auth::Tokens(Arc::new(Resource {
            identity: self.clone(),
            resource: resource.trim_end_matches('/').to_owned(),
        }))
    }

    async fn token(&self, resource: &str, cancel: &CancellationToken) -> Result<AccessToken, SourceError> {
        let scope = format!("{resource}/.default");
        let mut form = Form::new(&scope);
        match &self.who {
            Who::Nobody => return Err(missing("this way to authenticate is not one of Azure's")),
            Who::Secret { secret: None, .. } => return Err(missing("there is no client secret")),
            Who::Certificate { certificate: None, .. } => return Err(missing("there is no certificate")),
            Who::Cli => return cli::token(&self.http, resource, &self.tenant, cancel).await,
            Who::Refresh { client, token } => return self.refreshed(client, token, &scope, cancel).await,
            Who::Secret {
                client,
                secret: Some(secret),
            } => {
                form.client(client).pair("client_secret", secret.expose().trim());
            }
            Who::Certificate {
                client,
                certificate: Some(certificate),
            } => {
                let assertion = certificate.assertion(&self.endpoint("token"), client, jiff::Timestamp::now().as_second())?;
                self.http.learn(&assertion);
                form.client(client).assertion(&assertion);
            }
            Who::File { client, path } => {
                let assertion = federated(path).await?;
                self.http.learn(&assertion);
                form.client(client).assertion(&assertion);
            }
        }
        form.pair("grant_type", "client_credentials");
        Ok(self.ask(form, cancel).await?.access)
    }

    /// By refresh token. One at a time: Entra gives a new refresh token with each answer, and the old one may end.
    async fn refreshed(
        &self,
        client: &str,
        token: &Mutex<Option<Secret>>,
        scope: &str,
        cancel: &CancellationToken,
    ) -> Result<AccessToken, SourceError> {
        let mut held = token.lock().await;
        let Some(old) = held.as_ref() else {
            return Err(SourceError::SignIn {
                code: "signIn.needed",
                what: "Nobody has signed in at Azure yet.".into(),
                next: "Open the source's settings and sign in.".into(),
                at: None,
            });
        };
        let mut form = Form::new(&format!("{scope} offline_access"));
        form.client(client)
            .pair("grant_type", "refresh_token")
            .pair("refresh_token", old.expose());
        let granted = self.ask(form, cancel).await?;
        if let Some(new) = granted.refresh.filter(|new| new.expose() != old.expose()) {
            if let Some(keep) = &self.keep {
                keep(new.duplicate());
            }
            *held = Some(new);
        }
        Ok(granted.access)
    }

    /// An endpoint of the tenant: `token`, `devicecode`.
    pub(super) fn endpoint(&self, name: &str) -> Url {
        self.http.below([self.tenant.as_str(), "oauth2", "v2.0", name])
    }

    async fn ask(&self, form: Form, cancel: &CancellationToken) -> Result<Granted, SourceError> {
        let answer = self.post("token", form, cancel).await?;
        granted(&self.http, &answer)
    }

    /// Sends a form to an endpoint of the tenant. Asking twice does no harm.
    pub(super) async fn post(&self, endpoint: &str, form: Form, cancel: &CancellationToken) -> Result<Answer, SourceError> {
        let call = Call::new(Method::POST, self.endpoint(endpoint)).body("application/x-www-form-urlencoded", form.finish());
        self.http.send(call.harmless(), cancel).await
    }

    pub(super) fn http(&self) -> &HttpClient {
        &self.http
    }
}

fn missing(problem: &str) -> SourceError {
    SourceError::Setting {
        field: "Authentication",
        problem: problem.to_owned(),
        next: "Open the source's settings and choose how to authenticate.".into(),
    }
}

/// A tenant is a GUID or a domain; it becomes a part of an address and an argument of a program.
fn checked_tenant(tenant: &str) -> Result<String, SourceError> {
    let tenant = tenant.trim();
    let plain = tenant.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    if tenant.is_empty() || !plain || !tenant.starts_with(|c: char| c.is_ascii_alphanumeric()) || tenant.len() > 253 {
        return Err(SourceError::Setting {
            field: "Tenant",
            problem: "it is neither a tenant's id nor one of its domains".into(),
            next: "Give the tenant's id, as Entra's overview shows it, or a domain such as example.onmicrosoft.com.".into(),
        });
    }
    Ok(tenant.to_owned())
}

/// The token that something else keeps fresh in a file; read anew each time.
async fn federated(path: &std::path::Path) -> Result<Zeroizing<String>, SourceError> {
    let unusable = |why: &str| SourceError::SignIn {
        code: "signIn.tokenFile",
        what: format!("The federated token cannot be read from {}: {why}.", path.display()),
        next: "Check the file's path in the source's settings, and that whatever writes it runs and lets this user read it.".into(),
        at: None,
    };
    let mut text = Zeroizing::new(String::new());
    let file = tokio::fs::File::open(path)
        .await
        .map_err(|error| unusable(&error.kind().to_string()))?;
    file.take(LARGEST_TOKEN)
        .read_to_string(&mut text)
        .await
        .map_err(|error| unusable(&error.kind().to_string()))?;
    let token = text.trim();
    if token.is_empty() || token.bytes().any(|b| b.is_ascii_whitespace()) || text.len() as u64 == LARGEST_TOKEN {
        return Err(unusable("it does not hold one token and nothing else"));
    }
    Ok(Zeroizing::new(token.to_owned()))
}

/// A form of `application/x-www-form-urlencoded`; it holds secrets.
pub(super) struct Form(Zeroizing<String>);

impl Form {
    pub(super) fn new(scope: &str) -> Self {
        let mut form = Self::bare();
        form.pair("scope", scope);
        form
    }

    /// A form without a scope.
    pub(super) fn bare() -> Self {
        Self(Zeroizing::new(String::new()))
    }

    pub(super) fn pair(&mut self, name: &str, value: &str) -> &mut Self {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(name);
        self.0.push('=');
        self.0.extend(url::form_urlencoded::byte_serialize(value.as_bytes()));
        self
    }

    pub(super) fn client(&mut self, id: &str) -> &mut Self {
        self.pair("client_id", id)
    }

    fn assertion(&mut self, jwt: &str) -> &mut Self {
        self.pair("client_assertion_type", BY_JWT).pair("client_assertion", jwt)
    }

    fn finish(&self) -> Bytes {
        Bytes::copy_from_slice(self.0.as_bytes())
    }
}

/// What the token endpoint granted.
pub(super) struct Granted {
    pub(super) access: AccessToken,
    pub(super) refresh: Option<Secret>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: Option<Zeroizing<String>>,
    refresh_token: Option<Zeroizing<String>>,
    expires_in: Option<serde_json::Value>,
}

/// Reads an answer of the token endpoint.
///
/// # Errors
/// [`SourceError::SignIn`] with Entra's number in plain words; [`SourceError::NoToken`] where it is no such answer.
pub(super) fn granted(http: &HttpClient, answer: &Answer) -> Result<Granted, SourceError> {
    if !answer.status.is_success() {
        return Err(refusal::read(http, answer));
    }
    let read: Option<TokenAnswer> = serde_json::from_slice(&answer.body).ok();
    let secret = |text: Option<Zeroizing<String>>| text.filter(|text| !text.is_empty()).map(|text| Secret::new(text.to_string()));
    let (access, refresh, expires) = read.map_or((None, None, None), |read| {
        (secret(read.access_token), secret(read.refresh_token), read.expires_in)
    });
    let Some(token) = access else {
        return Err(SourceError::NoToken {
            at: answer.exchange(http),
            why: "there is none in its answer".into(),
        });
    };
    if let Some(refresh) = &refresh {
        http.learn(refresh.expose());
    }
    let seconds = match expires {
        Some(serde_json::Value::Number(number)) => number.as_f64(),
        Some(serde_json::Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let access = AccessToken {
        token,
        lives: seconds.and_then(life),
    };
    Ok(Granted { access, refresh })
}

struct Resource {
    identity: Arc<Identity>,
    resource: String,
}

impl TokenSource for Resource {
    fn fetch<'a>(&'a self, cancel: &'a CancellationToken) -> TokenFuture<'a> {
        Box::pin(self.identity.token(&self.resource, cancel))
    }
}
