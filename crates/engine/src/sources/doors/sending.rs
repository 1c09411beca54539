//! A write goes out: to an origin of the source, once, just as it was shown.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Asked, Repeat, Write};
use crate::sources::http::{Call, HttpClient};
use crate::sources::{Client, SourceError};

/// Headers that a write may carry. A write comes back from where it was kept: nothing else gets out by it.
const HEADERS: [&str; 4] = ["content-type", "if-match", "accept", "consistencylevel"];
/// Times that a write is sent that is safe to send again and was refused for its number alone (429).
const TIMES: u32 = 3;

fn unusable(problem: impl Into<String>) -> SourceError {
    SourceError::Setting {
        field: "Request",
        problem: problem.into(),
        next: "Plan the run anew, so that its requests are made anew.".into(),
    }
}

/// The call of a write.
fn call(http: &HttpClient, write: &Write) -> Result<Call, SourceError> {
    let request = &write.request;
    let method: Method = request
        .method
        .parse()
        .ok()
        .filter(|method| matches!(*method, Method::POST | Method::PUT | Method::PATCH | Method::DELETE))
        .ok_or_else(|| unusable("its method is none that changes something"))?;
    let url: Url = request.url.parse().map_err(|_| unusable("its address is none"))?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(unusable("its address carries more than an address does"));
    }
    let mut call = Call::new(method, http.with_own_query(&url));
    for (name, value) in &request.headers {
        let lower = name.to_ascii_lowercase();
        let known = HEADERS.into_iter().find(|known| *known == lower);
        let name = known.ok_or_else(|| unusable("it carries a header that no write of Lanyard has"))?;
        let value = HeaderValue::from_str(value).map_err(|_| unusable(format!("its {name} cannot be sent")))?;
        call = call.header(HeaderName::from_static(name), value);
    }
    if let Some(body) = &request.body {
        call = call.bytes(Bytes::from(body.clone()));
    }
    Ok(call.once_as_it_comes())
}

/// Sends a write by the client whose origin it is for; see [`Client::send_write`].
pub(in crate::sources) async fn send(http: &HttpClient, write: &Write, cancel: &CancellationToken) -> Result<Asked, SourceError> {
    if cancel.is_cancelled() {
        return Err(SourceError::Cancelled);
    }
    let (http, journal) = http.noting();
    let mut times = 1;
    loop {
        let came = http.send(call(&http, write)?, cancel).await;
        // The last exchange: a 401 that a new token met stands before it.
        let asked = journal.take().0.pop();
        let answer = match came {
            Ok(answer) => answer,
            // Found before it went out.
            Err(error @ (SourceError::BudgetSpent { .. } | SourceError::OtherOrigin { .. } | SourceError::Setting { .. })) => {
                return Err(error);
            }
            Err(error) => return asked.map_or(Err(error.clone()), |asked| Ok(without_answer(asked, &error))),
        };
        let limited = answer.status.as_u16() == 429;
        let again = limited && write.repeat == Repeat::Safe && times < TIMES;
        if again && http.give_room(times, answer.asks_to_wait(), cancel).await.unwrap_or(false) {
            times += 1;
            continue;
        }
        return asked.ok_or_else(|| unusable("its answer was not noted"));
    }
}

/// One that was sent, and whose answer is not known or was not taken (a redirect).
fn without_answer(mut asked: Asked, error: &SourceError) -> Asked {
    asked.fault = Some(error.fault());
    asked
}

impl Client {
    /// Sends a write, with the source's credential, to one of the source's own origins, and gives whatever answer comes: a status is judged by
    /// reading back, not here. It goes over the wire once; only one that is safe to send again and is refused with 429 is sent again, after
    /// the wait that the server asks for. Redirects are not followed.
    ///
    /// An answer without a status, or with a fault, is one of which it is not known whether it arrived: it is looked at before anything else.
    ///
    /// # Errors
    /// When nothing was sent: [`SourceError::OtherOrigin`] for another origin, [`SourceError::Setting`] for what is no write of Lanyard's, a
    /// credential that could not be had, the budget, or [`SourceError::Cancelled`].
    pub async fn send_write(&self, write: &Write, cancel: &CancellationToken) -> Result<Asked, SourceError> {
        match self {
            Self::Scim(client) => client.send_write(write, cancel).await,
            Self::Backstage(client) => client.send_write(write, cancel).await,
            Self::Azure(client) => client.send_write(write, cancel).await,
            #[cfg(test)]
            Self::Scripted(_) => Err(unusable("a script is not written to")),
        }
    }
}
