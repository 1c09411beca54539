//! Where the browser comes back to: a listener on the loopback address for one sign-in (RFC 8252 §7.3).

use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use zeroize::Zeroizing;

use super::oauth::sign_in_error;
use crate::sources::SourceError;

/// The path of the redirect address.
const PATH: &str = "/callback";
/// The largest request head that is read, in bytes.
const HEAD: usize = 16 * 1024;
/// How long a connection may take to say what it wants. Browsers open some that they never use.
const PATIENCE: Duration = Duration::from_secs(20);
/// Connections at once; more wait.
const AT_ONCE: usize = 16;

/// A listener for one sign-in. It ends when it is dropped.
pub(super) struct Redirect {
    listener: TcpListener,
    port: u16,
}

/// The browser's last request, which waits for its page.
pub(super) struct Waiting(TcpStream);

/// What came back with the browser.
pub(super) struct Returned {
    /// The code.
    pub(super) code: Zeroizing<String>,
    /// The browser, to be told how it went.
    pub(super) browser: Waiting,
}

/// A request to the redirect address.
#[derive(Default)]
struct Query {
    code: Option<Zeroizing<String>>,
    state: Option<String>,
    issuer: Option<String>,
    error: Option<String>,
    description: Option<String>,
}

impl Redirect {
    /// Listens on a port that is free, on this machine only.
    pub(super) async fn bind() -> Result<Self, SourceError> {
        let failed = |error: std::io::Error| {
            sign_in_error(
                "signIn.noPort",
                format!("No port of this machine can be listened on: {error}."),
                "Check what keeps programs from opening ports here, or use a static token.",
            )
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        Ok(Self { listener, port })
    }

    /// The redirect address.
    pub(super) fn uri(&self) -> String {
        format!("http://127.0.0.1:{}{PATH}", self.port)
    }

    /// Waits for the browser. Requests that do not carry `state` are somebody else's: they are turned away and end nothing.
    pub(super) async fn returned(self, state: &str, issuer: Option<&str>) -> Result<Returned, SourceError> {
        let mut heads = JoinSet::new();
        loop {
            tokio::select! {
                taken = self.listener.accept(), if heads.len() < AT_ONCE => match taken {
                    Ok((stream, _)) => drop(heads.spawn(tokio::time::timeout(PATIENCE, target(stream)))),
                    // Out of file handles, say: the next moment may be better.
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                },
                Some(read) = heads.join_next() => {
                    let Ok(Ok(Some((browser, target)))) = read else { continue };
                    if let Some(end) = judged(browser, &target, state, issuer) {
                        return end;
                    }
                }
            }
        }
    }
}

/// What a request to the listener amounts to; none where it is not the browser's that is waited for.
fn judged(browser: Waiting, target: &str, state: &str, issuer: Option<&str>) -> Option<Result<Returned, SourceError>> {
    let Some(query) = query(target) else {
        browser.spawn(404, "There is nothing here", "This address only waits for a sign-in to come back.");
        return None;
    };
    let other_issuer = query.issuer.as_deref().zip(issuer).is_some_and(|(said, known)| said != known);
    if query.state.as_deref() != Some(state) || other_issuer {
        browser.spawn(
            400,
            "This is not the sign-in that Lanyard waits for",
            "Go back to Lanyard and begin again from there.",
        );
        return None;
    }
    if let Some(code) = query.code.filter(|code| !code.is_empty()) {
        return Some(Ok(Returned { code, browser }));
    }
    let said: Vec<String> = [query.error, query.description]
        .into_iter()
        .flatten()
        .map(|text| shown(&text))
        .collect();
    let why = if said.is_empty() {
        "no code came back".to_owned()
    } else {
        said.join(": ")
    };
    browser.spawn(
        200,
        "You are not signed in",
        "The sign-in was declined or failed. Lanyard says why; you can close this page.",
    );
    Some(Err(sign_in_error(
        "signIn.declined",
        format!("The sign-in did not succeed: {why}."),
        "Begin it again, and approve Lanyard in the browser.",
    )))
}

/// A text out of an address, fit to be shown: one line, 200 characters.
fn shown(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    line.trim().trim_end_matches('.').to_owned()
}

/// The query of a request to the redirect address.
fn query(target: &str) -> Option<Query> {
    let (path, text) = target.split_once('?').unwrap_or((target, ""));
    if path != PATH {
        return None;
    }
    let mut query = Query::default();
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
        let value = value.into_owned();
        match &*name {
            "code" => query.code = Some(Zeroizing::new(value)),
            "state" => query.state = Some(value),
            "iss" => query.issuer = Some(value),
            "error" => query.error = Some(value),
            "error_description" => query.description = Some(value),
            _ => {}
        }
    }
    Some(query)
}

/// Reads a request's head; gives its target where it is a GET.
async fn target(mut stream: TcpStream) -> Option<(Waiting, Zeroizing<String>)> {
    let mut head = Zeroizing::new(Vec::with_capacity(2048));
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() >= HEAD {
            return None;
        }
        let mut piece = [0; 1024];
        match stream.read(&mut piece).await {
            Ok(read @ 1..) => head.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    }
    let line = std::str::from_utf8(&head).ok()?.lines().next()?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    (method == "GET").then(|| (Waiting(stream), Zeroizing::new(target.to_owned())))
}

impl Waiting {
    /// Sends the page that ends it.
    pub(super) async fn page(mut self, status: u16, title: &str, text: &str) {
        let body = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
             <title>{title} · Lanyard</title><style>:root{{color-scheme:light dark}}body{{font:16px/1.5 system-ui,sans-serif;margin:20vh auto 0;\
             max-width:32rem;padding:0 1.5rem}}h1{{font-size:1.4rem}}</style></head><body><main><h1>{title}</h1><p>{text}</p></main></body></html>"
        );
        let reason = if status == 200 { "OK" } else { "Refused" };
        let answer = format!(
            "HTTP/1.1 {status} {reason}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
             Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\nReferrer-Policy: no-referrer\r\n\
             X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        // A browser that was closed meanwhile needs no page.
        let _ = tokio::time::timeout(PATIENCE, async {
            stream_all(&mut self.0, answer.as_bytes()).await;
        })
        .await;
    }

    /// Sends it without waiting.
    fn spawn(self, status: u16, title: &'static str, text: &'static str) {
        tokio::spawn(async move { self.page(status, title, text).await });
    }
}

async fn stream_all(stream: &mut TcpStream, bytes: &[u8]) {
    if stream.write_all(bytes).await.is_ok() {
        let _ = stream.shutdown().await;
    }
}
