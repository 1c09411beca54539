//! Whether a credential that was handed over for the run still opens anything.
//!
//! A refusal says something only where the address refuses what is made up and lets in what is good: the source's own credential, or this very one
//! before the cut.

use reqwest::StatusCode;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::Told;
use crate::secrets::{Secret, hex};
use crate::sources::SourceError;
use crate::sources::http::{Answer, Auth, Call, HttpClient, SiblingConfig};

/// What became of a knock.
pub(in crate::sources) enum Knock {
    /// It was let in; the answer.
    Open(Answer),
    /// It is settled: refused, or not to be told.
    Told(Told),
}

/// A credential that nobody has: as long as a token is, and different each time.
fn made_up() -> Result<Secret, SourceError> {
    let mut bytes = [0u8; 24];
    getrandom::fill(&mut bytes).map_err(|error| SourceError::Setting {
        field: "Credential",
        problem: format!("this machine gives no random numbers: {error}"),
        next: "Try again.".into(),
    })?;
    Ok(Secret::new(hex(&bytes)))
}

async fn with(http: &HttpClient, auth: Auth, url: &Url, accept: &'static str, cancel: &CancellationToken) -> Result<Answer, SourceError> {
    let other = http.sibling(SiblingConfig {
        base: http.base().clone(),
        auth,
        headers: &[],
        accept,
    })?;
    other.send(Call::get(url.clone()).once_as_it_comes(), cancel).await
}

fn refuses(status: StatusCode) -> bool {
    matches!(status.as_u16(), 401 | 403)
}

/// Knocks at an address of the source's own origin: with a made-up credential, which must be refused; with the source's own, which must be let
/// in, unless the one that was handed over was seen to be let in there before the cut (`opened`: an app's own sessions know no API token); with the
/// one that was handed over. `http` takes notes; no credential enters them.
pub(in crate::sources) async fn knock(
    http: &HttpClient,
    url: &Url,
    credential: &Secret,
    opened: bool,
    cancel: &CancellationToken,
) -> Result<Knock, SourceError> {
    const ACCEPT: &str = "application/json, application/scim+json";
    if url.origin() != http.base().origin() {
        return Ok(Knock::Told(Told::unknown(
            "The address is not on the source's own origin, and nothing was sent there.",
        )));
    }
    http.learn(credential.expose().trim());
    let stranger = with(http, Auth::Bearer(made_up()?), url, ACCEPT, cancel).await?.status;
    if !refuses(stranger) {
        return Ok(Knock::Told(Told::unknown(format!(
            "{} answers {} to a credential that was made up, so its answers say nothing about the one that was handed over.",
            url.path(),
            stranger.as_u16()
        ))));
    }
    let own = http.send(Call::get(url.clone()), cancel).await?.status;
    if !own.is_success() && !opened {
        return Ok(Knock::Told(Told::unknown(format!(
            "{} answers {} to the source's own credential, and the one that was handed over was not seen to be let in there before: its refusals \
             say nothing.",
            url.path(),
            own.as_u16()
        ))));
    }
    let answer = with(http, Auth::Bearer(credential.duplicate()), url, ACCEPT, cancel).await?;
    let status = answer.status.as_u16();
    let beside = if own.is_success() {
        "A made-up one is refused there too, and the source's own is let in"
    } else {
        "It was let in there before the cut, and a made-up one is refused"
    };
    Ok(match status {
        200..=299 => Knock::Open(answer),
        401 => Knock::Told(Told::shut(format!(
            "The credential that was handed over is refused (401). {beside}."
        ))),
        403 if stranger.as_u16() == 403 => Knock::Told(Told::shut(format!(
            "The credential that was handed over is refused (403). {beside}."
        ))),
        403 => Knock::Told(Told::off(
            Vec::new(),
            format!(
                "The credential that was handed over is known and opens nothing at {} (403). {beside}.",
                url.path()
            ),
        )),
        _ => Knock::Told(Told::unknown(format!(
            "{} answers {status} to the credential that was handed over, which is neither let in nor refused.",
            url.path()
        ))),
    })
}
