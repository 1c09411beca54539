//! The backend as an OAuth authorization server: where it is (RFC 8414), clients that register themselves (RFC 7591), tokens (RFC 6749 §4.1,
//! §6), and a user's access token with its life.

use bytes::Bytes;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use url::Url;
use zeroize::Zeroizing;

use crate::secrets::Secret;
use crate::sources::http::{AccessToken, Answer, Call, HttpClient, Issued, TokenFuture, TokenSource, issued};
use crate::sources::{Keep, SourceError};

/// Where the backend's auth plugin is, below the base.
const AUTH: &str = "api/auth";

/// What the server says about itself, as far as it is needed (RFC 8414 §2).
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Server {
    /// Its name, which it may give with the code (RFC 9207).
    pub(super) issuer: Option<String>,
    /// Where a person signs in.
    pub(super) authorization_endpoint: Url,
    /// Where tokens are had.
    pub(super) token_endpoint: Url,
    /// Where clients register themselves; none where they cannot.
    pub(super) registration_endpoint: Option<Url>,
    /// The scopes that it knows; none where it does not say.
    #[serde(default)]
    pub(super) scopes_supported: Option<Vec<String>>,
    /// Ways to prove that code and request belong together (RFC 7636); none where it does not say.
    #[serde(default)]
    pub(super) code_challenge_methods_supported: Option<Vec<String>>,
}

/// A client as the server knows it.
#[derive(Deserialize)]
pub(super) struct Registered {
    pub(super) client_id: String,
    #[serde(default)]
    pub(super) client_secret: Option<Zeroizing<String>>,
}

/// What is kept of a sign-in: all that the next access token takes. It stands in the keychain as JSON.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Kept {
    /// What to get access tokens with.
    pub(super) refresh_token: Option<Zeroizing<String>>,
    /// The access token, where the server gave nothing to renew it with.
    pub(super) access_token: Option<Zeroizing<String>>,
    /// The client that it was given to.
    pub(super) client_id: Option<String>,
    /// That client's secret, where it has one.
    pub(super) client_secret: Option<Zeroizing<String>>,
}

impl Kept {
    /// Reads a secret of the keychain; one that is no JSON is a bare refresh token.
    pub(super) fn read(secret: &Secret) -> Self {
        let text = secret.expose().trim();
        serde_json::from_str(text).unwrap_or_else(|_| Self {
            refresh_token: Some(Zeroizing::new(text.to_owned())),
            access_token: None,
            client_id: None,
            client_secret: None,
        })
    }

    /// As a secret of the keychain.
    pub(super) fn secret(&self) -> Secret {
        // Texts alone: there is nothing that could fail.
        Secret::new(serde_json::to_string(self).unwrap_or_default())
    }
}

/// An error of the sign-in.
pub(super) fn sign_in_error(code: &'static str, what: impl Into<String>, next: &str) -> SourceError {
    SourceError::SignIn {
        code,
        what: what.into(),
        next: next.into(),
        at: None,
    }
}

/// Asks the backend where its authorization server is.
pub(super) async fn discover(http: &HttpClient, cancel: &CancellationToken) -> Result<Server, SourceError> {
    let base = http.base().path().trim_matches('/').to_owned();
    let mut candidates = [".well-known/oauth-authorization-server", ".well-known/openid-configuration"]
        .map(|name| http.below(format!("{AUTH}/{name}").split('/')))
        .to_vec();
    // RFC 8414 §3.1 puts the well-known part before the issuer's path.
    let mut by_the_book = http.base().clone();
    by_the_book.set_path(&format!("/.well-known/oauth-authorization-server/{base}/{AUTH}").replace("//", "/"));
    by_the_book.set_query(None);
    candidates.insert(0, by_the_book);
    for url in candidates {
        let answer = http.send(Call::get(url), cancel).await?;
        if answer.status.is_success()
            && let Ok(server) = serde_json::from_slice::<Server>(&answer.body)
        {
            return checked(server, http);
        }
    }
    Err(sign_in_error(
        "signIn.notOffered",
        "The backend does not say where users sign in.",
        "Ask its owner to switch client id metadata documents or dynamic client registration on (auth.clientIdMetadataDocuments, \
         auth.experimentalDynamicClientRegistration), or use a static token.",
    ))
}

/// What is to be trusted with a code or a token must be of the base URL's own origin.
fn checked(server: Server, http: &HttpClient) -> Result<Server, SourceError> {
    let home = http.base().origin();
    let endpoints = [
        Some(&server.authorization_endpoint),
        Some(&server.token_endpoint),
        server.registration_endpoint.as_ref(),
    ];
    if let Some(other) = endpoints.into_iter().flatten().find(|url| url.origin() != home) {
        return Err(sign_in_error(
            "signIn.otherOrigin",
            format!(
                "The backend at {} would sign users in at another address, {}.",
                home.ascii_serialization(),
                http.fit_to_show(&other.origin().ascii_serialization())
            ),
            "If that is the backend's right address (backend.baseUrl), put it into the base URL.",
        ));
    }
    let knows_s256 = |methods: &Vec<String>| methods.iter().any(|method| method == "S256");
    if server
        .code_challenge_methods_supported
        .as_ref()
        .is_some_and(|methods| !knows_s256(methods))
    {
        return Err(sign_in_error(
            "signIn.noPkce",
            "The backend does not take PKCE with S256, so a code could be used by whoever catches it.",
            "Use a static token.",
        ));
    }
    Ok(server)
}

/// Registers Lanyard for one redirect address.
pub(super) async fn register(
    http: &HttpClient,
    endpoint: &Url,
    redirect: &str,
    scope: &str,
    cancel: &CancellationToken,
) -> Result<Registered, SourceError> {
    let body = json!({
        "client_name": "Lanyard",
        "redirect_uris": [redirect],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "scope": scope,
    });
    let call = Call::new(Method::POST, endpoint.clone()).body("application/json", Bytes::from(body.to_string()));
    let answer = http.send(call, cancel).await?;
    let read = serde_json::from_slice::<Registered>(&answer.body).ok();
    match read.filter(|client| answer.status.is_success() && !client.client_id.is_empty()) {
        Some(client) => {
            if let Some(secret) = &client.client_secret {
                http.learn(secret);
            }
            Ok(client)
        }
        None => Err(SourceError::SignIn {
            code: "signIn.notRegistered",
            what: format!(
                "The backend does not register Lanyard as a client (status {}).",
                answer.status.as_u16()
            ),
            next: "Give the id of a client that its owner made for Lanyard, or use a static token.".into(),
            at: Some(answer.exchange(http)),
        }),
    }
}

/// Asks the token endpoint. The client's credential goes into the body (RFC 6749 §2.3.1): a public client has only its id.
pub(super) async fn token(
    http: &HttpClient,
    endpoint: &Url,
    client: (Option<&str>, Option<&str>),
    pairs: &[(&str, &str)],
    cancel: &CancellationToken,
) -> Result<Issued, SourceError> {
    let (id, secret) = client;
    let client = [("client_id", id), ("client_secret", secret)];
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .extend_pairs(client.into_iter().filter_map(|(name, value)| Some((name, value?))))
        .finish();
    // Not sent again after a failure: a code, and a refresh token that rotates, are good for one time.
    let call = Call::new(Method::POST, endpoint.clone()).body("application/x-www-form-urlencoded", Bytes::from(form));
    let answer = http.send(call, cancel).await?;
    issued(http, &answer).map_err(|error| renamed(http, &answer, error))
}

/// A token endpoint that says no to a user has a way out of its own.
fn renamed(http: &HttpClient, answer: &Answer, error: SourceError) -> SourceError {
    match error {
        SourceError::NoToken { why, .. } => SourceError::SignIn {
            code: "signIn.refused",
            what: format!("The backend gives this user no token: {}.", why.trim_end_matches('.')),
            next: "Sign in again, in the source's settings. A user that left the catalog gets no token any more.".into(),
            at: Some(answer.exchange(http)),
        },
        error => error,
    }
}

/// A user's access tokens, got by a refresh token.
pub(super) struct UserTokens {
    http: HttpClient,
    /// The client's id of the settings.
    client_id: Option<String>,
    kept: Mutex<(Kept, Option<Url>)>,
    keep: Option<Keep>,
}

impl UserTokens {
    /// `http` must send no credential of its own.
    pub(super) fn new(http: HttpClient, client_id: Option<String>, kept: Kept, keep: Option<Keep>) -> Self {
        for secret in [&kept.refresh_token, &kept.access_token, &kept.client_secret].into_iter().flatten() {
            http.learn(secret);
        }
        Self {
            http,
            client_id,
            kept: Mutex::new((kept, None)),
            keep,
        }
    }

    async fn renew(&self, cancel: &CancellationToken) -> Result<AccessToken, SourceError> {
        let mut held = self.kept.lock().await;
        let (kept, endpoint) = &mut *held;
        let Some(refresh) = kept.refresh_token.clone() else {
            // An access token without its successor: once, and then the person must come again.
            let token = kept.access_token.take().ok_or_else(|| {
                sign_in_error(
                    "signIn.ended",
                    "The user's token has ended, and the backend gave nothing to renew it with.",
                    "Sign in again, in the source's settings.",
                )
            })?;
            return Ok(AccessToken {
                token: Secret::new(token.to_string()),
                lives: None,
            });
        };
        let url = match endpoint {
            Some(url) => url.clone(),
            None => endpoint.insert(discover(&self.http, cancel).await?.token_endpoint).clone(),
        };
        let client = (
            kept.client_id.as_deref().or(self.client_id.as_deref()),
            kept.client_secret.as_ref().map(|secret| secret.as_str()),
        );
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
        let issued = token(&self.http, &url, client, &pairs, cancel).await?;
        if let Some(next) = issued.refresh.filter(|next| next.expose() != refresh.as_str()) {
            kept.refresh_token = Some(Zeroizing::new(next.expose().to_owned()));
            // The old one is worth nothing from now on: what it was replaced by must not be lost with this process.
            if let Some(keep) = &self.keep {
                keep(kept.secret());
            }
        }
        Ok(issued.access)
    }
}

impl TokenSource for UserTokens {
    fn fetch<'a>(&'a self, cancel: &'a CancellationToken) -> TokenFuture<'a> {
        Box::pin(self.renew(cancel))
    }
}
