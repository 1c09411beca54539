//! Credentials: how a source is told who we are, and the OAuth access token with its life.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::HeaderValue;
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;
use zeroize::Zeroizing;

use super::redact::Redactor;
use super::{Answer, Call, HttpClient, With};
use crate::secrets::Secret;
use crate::sources::SourceError;

/// An access token, and for how long it is good; none where that is not known.
pub struct AccessToken {
    /// The token.
    pub token: Secret,
    /// How long it lives, as its issuer says, from now on.
    pub lives: Option<Duration>,
}

/// What a source of tokens gives, later.
pub type TokenFuture<'a> = Pin<Box<dyn Future<Output = Result<AccessToken, SourceError>> + Send + 'a>>;

/// Gets access tokens for one origin by ways of its own: a client keeps each token for as long as it lives, asks for a new one then or
/// after a 401, and takes it out of every text that it shows.
pub trait TokenSource: Send + Sync {
    /// A fresh token. Called by one task at a time.
    fn fetch<'a>(&'a self, cancel: &'a CancellationToken) -> TokenFuture<'a>;
}

/// How to authenticate, with the secret in hand.
pub enum Auth {
    /// `Authorization: Bearer …`.
    Bearer(Secret),
    /// `Authorization: Basic …`.
    Basic {
        /// The user name.
        user: String,
        /// The password.
        password: Secret,
    },
    /// OAuth 2 client credentials (RFC 6749 §4.4).
    ClientCredentials {
        /// The token endpoint.
        token_url: Url,
        /// The client's id.
        client_id: String,
        /// The client's secret.
        client_secret: Secret,
        /// A scope to ask for.
        scope: Option<String>,
    },
    /// A bearer token that something else gets, for the base URL's origin.
    Tokens(Arc<dyn TokenSource>),
    /// None: for a server that asks for none.
    Anonymous,
}

impl Auth {
    /// Teaches the redactor every form of the secret that can be sent.
    pub(super) fn secrets(&self, redactor: &Redactor) {
        match self {
            Self::Bearer(token) => redactor.learn(token.expose()),
            Self::Basic { user, password } => {
                redactor.learn(password.expose());
                redactor.learn(&pair(user, password.expose()));
            }
            Self::ClientCredentials {
                client_id, client_secret, ..
            } => {
                redactor.learn(client_secret.expose());
                redactor.learn(&pair(&encoded(client_id), &encoded(client_secret.expose())));
            }
            // Each of its tokens is learned when it comes.
            Self::Tokens(_) | Self::Anonymous => {}
        }
    }
}

/// `user:password` in base64 (RFC 7617).
fn pair(user: &str, password: &str) -> Zeroizing<String> {
    use base64::Engine as _;
    let plain = Zeroizing::new(format!("{user}:{password}"));
    Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(plain.as_bytes()))
}

fn encoded(text: &str) -> Zeroizing<String> {
    Zeroizing::new(url::form_urlencoded::byte_serialize(text.as_bytes()).collect())
}

/// A header value that prints as "Sensitive" wherever a library logs it.
fn header(scheme: &str, value: &str) -> Result<HeaderValue, SourceError> {
    let text = Zeroizing::new(format!("{scheme} {value}"));
    let mut header = HeaderValue::from_str(&text).map_err(|_| SourceError::Setting {
        field: "Token",
        problem: "the credential has characters that cannot be sent, such as a line break".into(),
        next: "Copy it again, in one line and without spaces around it.".into(),
    })?;
    header.set_sensitive(true);
    Ok(header)
}

/// A source's credential, ready for use.
pub(super) struct Credential {
    auth: Auth,
    access: Mutex<Option<Access>>,
}

struct Access {
    token: Secret,
    until: Option<Instant>,
    /// Counts the tokens of this client, to tell a stale refusal from a new one.
    number: u64,
}

/// The header for one request; the number tells which access token it holds.
pub(super) struct Authorization {
    pub(super) header: Option<HeaderValue>,
    pub(super) number: u64,
}

impl Credential {
    pub(super) fn new(auth: Auth) -> Result<Self, SourceError> {
        // A credential that cannot be sent is told at once.
        match &auth {
            Auth::Bearer(token) => drop(header("Bearer", token.expose().trim())?),
            Auth::Basic { .. } | Auth::ClientCredentials { .. } | Auth::Tokens(_) | Auth::Anonymous => {}
        }
        Ok(Self {
            auth,
            access: Mutex::new(None),
        })
    }

    /// Whether a new token can be had after a 401.
    pub(super) fn renewable(&self) -> bool {
        matches!(self.auth, Auth::ClientCredentials { .. } | Auth::Tokens(_))
    }

    /// The token endpoint, if there is one.
    pub(super) fn token_url(&self) -> Option<&Url> {
        match &self.auth {
            Auth::ClientCredentials { token_url, .. } => Some(token_url),
            _ => None,
        }
    }

    /// What to send. Fetches an access token where one is needed; others wait for it meanwhile.
    pub(super) async fn authorize(&self, http: &HttpClient, cancel: &CancellationToken) -> Result<Authorization, SourceError> {
        let plain = |header| Ok(Authorization { header, number: 0 });
        match &self.auth {
            Auth::Anonymous => plain(None),
            Auth::Bearer(token) => plain(Some(header("Bearer", token.expose().trim())?)),
            Auth::Basic { user, password } => plain(Some(header("Basic", &pair(user, password.expose()))?)),
            Auth::ClientCredentials {
                token_url,
                client_id,
                client_secret,
                scope,
            } => {
                let fetch = fetch(http, token_url, client_id, client_secret, scope.as_deref(), cancel);
                self.held(http, fetch).await
            }
            Auth::Tokens(source) => self.held(http, source.fetch(cancel)).await,
        }
    }

    /// The header of the token that is held, or of a new one where that one's time is over.
    async fn held(
        &self,
        http: &HttpClient,
        fetch: impl Future<Output = Result<AccessToken, SourceError>>,
    ) -> Result<Authorization, SourceError> {
        let mut access = self.access.lock().await;
        let number = match access.as_ref() {
            Some(held) if held.until.is_none_or(|until| Instant::now() < until) => held.number,
            held => {
                let number = held.map_or(0, |held| held.number) + 1;
                let AccessToken { token, lives } = fetch.await?;
                http.learn(token.expose());
                *access = Some(Access {
                    token,
                    until: lives.map(|lives| Instant::now() + renew_after(lives)),
                    number,
                });
                number
            }
        };
        let header = access.as_ref().map(|held| header("Bearer", held.token.expose())).transpose()?;
        Ok(Authorization { header, number })
    }

    /// Drops the access token, whatever its number.
    pub(super) async fn forget(&self) {
        if let Some(held) = self.access.lock().await.as_mut() {
            held.until = Some(Instant::now());
        }
    }

    /// Drops the access token of that number: the server refused it.
    pub(super) async fn refused(&self, number: u64) {
        let mut access = self.access.lock().await;
        if let Some(held) = access.as_mut().filter(|held| held.number == number) {
            held.until = Some(Instant::now());
        }
    }
}

/// The answer of a token endpoint (RFC 6749 §5.1, §5.2), read tolerantly.
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: Option<Zeroizing<String>>,
    token_type: Option<String>,
    expires_in: Option<serde_json::Value>,
    refresh_token: Option<Zeroizing<String>>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Asks for an access token. The client's credential goes into the header (RFC 6749 §2.3.1); a server that does not take it there
/// gets it in the body, which the RFC allows as well.
async fn fetch(
    http: &HttpClient,
    token_url: &Url,
    client_id: &str,
    client_secret: &Secret,
    scope: Option<&str>,
    cancel: &CancellationToken,
) -> Result<AccessToken, SourceError> {
    let form = |with_client: bool| {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if let Some(scope) = scope.filter(|scope| !scope.trim().is_empty()) {
            form.append_pair("scope", scope);
        }
        if with_client {
            form.append_pair("client_id", client_id)
                .append_pair("client_secret", client_secret.expose());
        }
        Bytes::from(form.finish())
    };
    let call = |header, body| {
        let mut call = Call::new(Method::POST, token_url.clone()).body("application/x-www-form-urlencoded", body);
        call.with = With::Client(header);
        // Asking twice for a token does no harm.
        call.again = true;
        call
    };
    let basic = header("Basic", &pair(&encoded(client_id), &encoded(client_secret.expose())))?;
    let answer = Box::pin(http.send(call(Some(basic), form(false)), cancel)).await?;
    let read = match issued(http, &answer) {
        Err(_) if matches!(answer.status.as_u16(), 400 | 401) => {
            let answer = Box::pin(http.send(call(None, form(true)), cancel)).await?;
            issued(http, &answer)
        }
        read => read,
    };
    read.map(|issued| issued.access)
}

/// What a token endpoint gave.
pub(in crate::sources) struct Issued {
    /// The access token.
    pub(in crate::sources) access: AccessToken,
    /// What to get the next one with; none where there is none, or the one that was used stays good.
    pub(in crate::sources) refresh: Option<Secret>,
}

/// Reads the answer of a token endpoint.
///
/// # Errors
/// [`SourceError::NoToken`] with what it says.
pub(in crate::sources) fn issued(http: &HttpClient, answer: &Answer) -> Result<Issued, SourceError> {
    let refused = |why: String| SourceError::NoToken {
        at: answer.exchange(http),
        why,
    };
    let read: Option<TokenAnswer> = serde_json::from_slice(&answer.body).ok();
    let Some(read) = read else {
        let what = if answer.looks_like_html() {
            "it answers with a web page"
        } else {
            "its answer is not that of a token endpoint"
        };
        return Err(refused(format!("{what} (status {})", answer.status.as_u16())));
    };
    if !answer.status.is_success() || read.error.is_some() {
        let said = [read.error, read.error_description]
            .into_iter()
            .flatten()
            .map(|text| http.fit_to_show(&text))
            .collect::<Vec<_>>()
            .join(": ");
        return Err(refused(if said.is_empty() {
            format!("it answers with status {}", answer.status.as_u16())
        } else {
            said
        }));
    }
    let token = read
        .access_token
        .filter(|token| !token.is_empty())
        .ok_or_else(|| refused("there is none in its answer".into()))?;
    if let Some(kind) = read.token_type.filter(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(refused(format!(
            "its tokens are of the kind {}, and only bearer tokens can be used",
            http.fit_to_show(&kind)
        )));
    }
    let secret = Secret::new(token.to_string());
    header("Bearer", secret.expose()).map_err(|_| refused("its token has characters that cannot be sent".into()))?;
    let seconds = match read.expires_in {
        Some(serde_json::Value::Number(number)) => number.as_f64(),
        Some(serde_json::Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let refresh = read.refresh_token.filter(|token| !token.is_empty());
    if let Some(token) = &refresh {
        http.learn(token);
    }
    Ok(Issued {
        access: AccessToken {
            token: secret,
            lives: seconds.and_then(life),
        },
        refresh: refresh.map(|token| Secret::new(token.to_string())),
    })
}

/// A token's life as its issuer tells it in seconds; none where that makes no sense. A year is as good as for ever.
pub(crate) fn life(seconds: f64) -> Option<Duration> {
    (seconds >= 0.0).then(|| Duration::from_secs_f64(seconds.min(31_536_000.0)))
}

/// A token is renewed a little before its end, so that no request meets the end on its way.
fn renew_after(lives: Duration) -> Duration {
    lives.saturating_sub(Duration::from_secs(30)).max(lives / 2)
}
