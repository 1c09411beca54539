//! Whether a credential opens its source: one read that needs a token, and one write that changes nothing.
//!
//! What each status means:
//!
//! | status | of the read | of the write |
//! | --- | --- | --- |
//! | 2xx | let in, where the body is what the API gives; a web page or anything else says nothing | let in |
//! | 401 | refused | refused |
//! | 403 | known, and not allowed; to Entra's tokens: let in, since the token was issued | known, and not allowed |
//! | 404 | says nothing | let in, where the API itself says that there is no such thing: it looked for it. A web page says nothing |
//! | 400, 405, 415, 422, 501 | says nothing | says nothing: the form may have been judged before the right |
//! | 3xx, 429, 5xx, none | says nothing, with the reason; never "refused" | the same |
//!
//! Two things no answer can tell by itself, so whoever asks must ask with other credentials at the same moment: a server that looks nobody in the face
//! lets a made-up credential in too; and one that looks at the path before the right answers 404 to a credential that may not write. A Backstage
//! backend answers a made-up token with 401, but a proxy or an older backend before it can do so with 403: where the made-up one gets 403,
//! [`Stands::Forbidden`] means refused.

use std::sync::OnceLock;
use std::time::Instant;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::sources::http::{Answer, Call, HttpClient};
use crate::sources::{Client, SourceError};
use crate::view::{Fault, Request, SourceKind};

/// The most of an answer that is read, in bytes: a server that was asked for one entry and sends all has let the credential in.
const MOST: usize = 8 * 1024 * 1024;

/// How a credential stands at its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stands {
    /// It is let in.
    Accepted,
    /// It is refused: unknown, revoked, expired.
    Refused,
    /// It is known, and not allowed this (403).
    Forbidden,
    /// It could not be told; never to be taken for refused.
    Unclear,
}

/// What one question was answered.
#[derive(Clone, Debug)]
pub struct Answered {
    /// How the credential stands by it.
    pub stands: Stands,
    /// The status; that of the token endpoint where that gave no token; none where no answer came.
    pub status: Option<u16>,
    /// In a sentence, without any secret.
    pub says: String,
    /// What was asked; the credential is not in it.
    pub request: Request,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Why it could not be told, where an error was in the way: no answer, 429, 5xx, no token for a reason that is not the credential's.
    pub unsure_for: Option<Fault>,
}

/// How a credential stands, for reads and for writes.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The read.
    pub read: Answered,
    /// The write that changes nothing; none where none was tried.
    pub write: Option<Answered>,
}

/// The questions of one source, and who asks them.
pub(in crate::sources) struct Questions<'c> {
    pub(in crate::sources) http: &'c HttpClient,
    pub(in crate::sources) system: SourceKind,
    pub(in crate::sources) read: Request,
    pub(in crate::sources) write: Request,
}

/// The id of something that is not there: a random UUID (RFC 9562 §5.4), the same one for as long as the process lives, so that what is shown
/// beforehand is what is sent.
pub(in crate::sources) fn nobody() -> &'static str {
    static ID: OnceLock<String> = OnceLock::new();
    ID.get_or_init(|| {
        let bits = (fastrand::u128(..) & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
        let text = format!("{bits:032x}");
        [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
    })
}

impl Client {
    fn questions(&self) -> Option<Questions<'_>> {
        match self {
            Self::Scim(client) => Some(client.questions()),
            Self::Backstage(client) => Some(client.questions()),
            Self::Azure(client) => Some(client.questions()),
            #[cfg(test)]
            Self::Scripted(_) => None,
        }
    }

    /// Asks whether this client's credential opens the source: with a read, and with a write that changes nothing where `write` says so. Each
    /// goes over the wire once, to the source's own origin; redirects are not followed. A credential by which access tokens are had is asked
    /// for a new one first, so that what is left of an old one does not speak for it.
    ///
    /// Never fails: what could not be told is [`Stands::Unclear`], with the reason.
    pub async fn standing(&self, write: bool, cancel: &CancellationToken) -> Standing {
        let Some(questions) = self.questions() else {
            return Standing {
                read: Answered {
                    stands: Stands::Unclear,
                    status: None,
                    says: "There is nothing to ask.".into(),
                    request: nothing(),
                    took_ms: 0,
                    unsure_for: None,
                },
                write: None,
            };
        };
        questions.http.anew().await;
        let (read, without_token) = questions.ask(&questions.read, false, cancel).await;
        let write = match (write, without_token) {
            (false, _) => None,
            // Without an access token there is nothing to write with either.
            (true, true) => Some(Answered {
                request: questions.write.clone(),
                ..read.clone()
            }),
            (true, false) => Some(questions.ask(&questions.write, true, cancel).await.0),
        };
        Standing { read, write }
    }

    /// The requests of [`Client::standing`], as they will go; without the credential.
    pub fn standing_requests(&self, write: bool) -> (Request, Option<Request>) {
        match self.questions() {
            Some(questions) => (questions.read, write.then_some(questions.write)),
            None => (nothing(), None),
        }
    }
}

impl Questions<'_> {
    /// The answer to one of them, and whether it is that of the token endpoint.
    async fn ask(&self, request: &Request, write: bool, cancel: &CancellationToken) -> (Answered, bool) {
        let started = Instant::now();
        let came = match call(self.http, request) {
            Ok(call) => self.http.send(call.plainly().most_bytes(MOST), cancel).await,
            Err(error) => Err(error),
        };
        let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let answered = |stands, status, says, unsure_for| Answered {
            stands,
            status,
            says,
            request: request.clone(),
            took_ms,
            unsure_for,
        };
        match came {
            Ok(answer) => {
                let (stands, says, fault) = self.judged(&answer, write);
                (answered(stands, Some(answer.status.as_u16()), says, fault), false)
            }
            Err(error) => {
                let from_endpoint = matches!(error, SourceError::SignIn { .. } | SourceError::NoToken { .. });
                let status = error.status();
                let told = match &error {
                    error if no_token(error) => answered(Stands::Refused, status, error.to_string(), None),
                    SourceError::TooLarge { .. } if status.is_some_and(|status| (200..300).contains(&status)) => answered(
                        Stands::Accepted,
                        status,
                        "It is let in; the server sends far more than was asked for.".into(),
                        None,
                    ),
                    error => answered(Stands::Unclear, status, error.to_string(), Some(error.fault())),
                };
                (told, from_endpoint)
            }
        }
    }

    fn judged(&self, answer: &Answer, write: bool) -> (Stands, String, Option<Fault>) {
        let status = answer.status.as_u16();
        let beside = self.message(answer).map(|said| format!(" It says: {said}")).unwrap_or_default();
        let what = if write { "write" } else { "read" };
        let plain = |stands, says: String| (stands, says, None);
        match status {
            200..=299 if write => plain(Stands::Accepted, format!("The write is let in ({status}).")),
            200..=299 => match self.is_content(answer) {
                Ok(()) => plain(Stands::Accepted, format!("The read is let in ({status}).")),
                Err(why) => plain(
                    Stands::Unclear,
                    format!("The server answers {status}, but {why}: that says nothing of the credential."),
                ),
            },
            401 => plain(Stands::Refused, format!("The {what} is refused (401).{beside}")),
            403 if !write && self.system == SourceKind::Azure => plain(
                Stands::Accepted,
                format!("Entra issued a token; the read itself is not allowed to it (403).{beside}"),
            ),
            403 => plain(
                Stands::Forbidden,
                format!("The credential is known, and the {what} is not allowed to it (403).{beside}"),
            ),
            404 | 410 if write && !answer.looks_like_html() && answer.json(self.http).is_ok() => plain(
                Stands::Accepted,
                format!("The write is let in: the server looked for what is to be changed, and there is none ({status})."),
            ),
            429 | 500..=599 => {
                let at = answer.exchange(self.http);
                let error = if status == 429 {
                    SourceError::RateLimited {
                        at,
                        wait_ms: answer
                            .asks_to_wait()
                            .map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
                        limit_ms: self.http.limits().longest_wait_ms,
                    }
                } else {
                    SourceError::ServerFailed { at, status, tries: 1 }
                };
                (Stands::Unclear, error.to_string(), Some(error.fault()))
            }
            300..=399 => plain(
                Stands::Unclear,
                format!("The server sends the {what} elsewhere ({status}): that says nothing of the credential."),
            ),
            _ => plain(
                Stands::Unclear,
                format!("The server answers the {what} with {status}, which neither lets the credential in nor refuses it.{beside}"),
            ),
        }
    }

    /// Whether a read's body is what the API gives, or why not.
    fn is_content(&self, answer: &Answer) -> Result<(), String> {
        if answer.looks_like_html() {
            return Err("with a web page".into());
        }
        let read = answer.json(self.http).map_err(|_| "with something that is not JSON".to_owned())?;
        let has = |names: &[&str]| {
            read.as_object()
                .is_some_and(|read| read.keys().any(|key| names.iter().any(|name| key.eq_ignore_ascii_case(name))))
        };
        let good = match self.system {
            SourceKind::Scim => has(&["Resources", "totalResults"]),
            SourceKind::Backstage => read.is_array() || has(&["items"]),
            SourceKind::Azure => has(&["value"]),
        };
        good.then_some(()).ok_or_else(|| "with something else than a list".into())
    }

    /// What a refusal says, fit to be shown.
    fn message(&self, answer: &Answer) -> Option<String> {
        if answer.looks_like_html() {
            return None;
        }
        super::answer::message(self.http, &answer.json(self.http).ok()?)
    }
}

/// Whether the token endpoint itself refuses the credential. What stands in the way of others too (consent, Conditional Access, a clock, a
/// tenant that is not there) says nothing of it.
fn no_token(error: &SourceError) -> bool {
    match error {
        SourceError::SignIn { code, at: Some(at), .. } => {
            matches!(at.status, Some(400 | 401))
                && matches!(
                    *code,
                    "signIn.secretWrong"
                        | "signIn.secretExpired"
                        | "signIn.certificateUnknown"
                        | "signIn.noSuchApp"
                        | "signIn.disabled"
                        | "signIn.expired"
                        | "signIn.declined"
                )
        }
        SourceError::NoToken { at, why } => match at.status {
            Some(401) => true,
            Some(400) => ["invalid_client", "invalid_grant"].iter().any(|name| why.contains(name)),
            _ => false,
        },
        _ => false,
    }
}

fn nothing() -> Request {
    Request {
        method: "GET".into(),
        url: String::new(),
        headers: Vec::new(),
        body: None,
    }
}

/// A request as it is shown, as a call. The base URL's own query is added, and the credential when it is sent.
pub(in crate::sources) fn call(http: &HttpClient, request: &Request) -> Result<Call, SourceError> {
    let unusable = |problem: &str| SourceError::Setting {
        field: "Request",
        problem: problem.into(),
        next: "Check the source's address.".into(),
    };
    let method: Method = request.method.parse().map_err(|_| unusable("its method is none"))?;
    let url: Url = request.url.parse().map_err(|_| unusable("its address is none"))?;
    let mut call = Call::new(method, http.with_own_query(&url));
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unusable("a header's name cannot be sent"))?;
        let value = HeaderValue::from_str(value).map_err(|_| unusable("a header's value cannot be sent"))?;
        call = call.header(name, value);
    }
    if let Some(body) = &request.body {
        call = call.bytes(Bytes::from(body.clone()));
    }
    Ok(call)
}
