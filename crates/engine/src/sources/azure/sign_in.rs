//! A person's sign-in by device code (RFC 8628): the code is shown, the browser does the rest, the refresh token is kept.
//!
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code>

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::token::{Form, Identity, error_of, granted};
use crate::secrets::Secret;
use crate::sources::{SignIn, SourceError};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// Between two polls where the service does not say (RFC 8628 §3.2), and what `slow_down` adds (§3.5).
const INTERVAL: Duration = Duration::from_secs(5);
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);
/// How long a code is good where the service does not say.
const GOOD_FOR: Duration = Duration::from_secs(900);

#[derive(Deserialize)]
struct DeviceAnswer {
    device_code: String,
    user_code: String,
    #[serde(alias = "verification_url")]
    verification_uri: String,
    expires_in: Option<f64>,
    interval: Option<f64>,
    message: Option<String>,
}

/// Begins a sign-in: asks for a code. One sign-in serves Graph and the Resource Manager: the refresh token is good for both.
///
/// # Errors
/// When the service gives no code.
pub(super) async fn start(identity: Arc<Identity>, client: String, graph: &str, cancel: CancellationToken) -> Result<SignIn, SourceError> {
    let scope = format!("{}/.default offline_access", graph.trim_end_matches('/'));
    let mut form = Form::new(&scope);
    form.client(&client);
    let answer = identity.post("devicecode", form, &cancel).await?;
    if !answer.status.is_success() {
        // Its errors are those of the token endpoint.
        return Err(granted(identity.http(), &answer).err().unwrap_or(SourceError::Cancelled));
    }
    let device: DeviceAnswer = serde_json::from_slice(&answer.body).map_err(|_| SourceError::NoToken {
        at: answer.exchange(identity.http()),
        why: "its answer holds no device code".into(),
    })?;
    // The address is opened in a browser: nothing but a page of the web will do.
    let page = url::Url::parse(&device.verification_uri)
        .ok()
        .filter(|page| matches!(page.scheme(), "https" | "http"));
    let Some(page) = page else {
        return Err(SourceError::NoToken {
            at: answer.exchange(identity.http()),
            why: "the page that it names for the sign-in is no web address".into(),
        });
    };
    identity.http().learn(&device.device_code);
    let seconds = |given: Option<f64>, otherwise: Duration| {
        given
            .filter(|seconds| *seconds > 0.0)
            .map_or(otherwise, |seconds| Duration::from_secs_f64(seconds.min(86_400.0)))
    };
    let expires = seconds(device.expires_in, GOOD_FOR);
    let interval = seconds(device.interval, INTERVAL).min(LONGEST_INTERVAL);
    let message = device
        .message
        .filter(|message| !message.trim().is_empty() && message.len() < 1000)
        .unwrap_or_else(|| format!("Open {page} in a browser and enter the code {}.", device.user_code));
    Ok(SignIn {
        url: page.into(),
        user_code: Some(device.user_code),
        message,
        expires_in: Some(expires),
        end: Box::pin(finish(identity, client, Secret::new(device.device_code), interval, expires, cancel)),
    })
}

/// Polls until the person is through.
async fn finish(
    identity: Arc<Identity>,
    client: String,
    code: Secret,
    mut interval: Duration,
    expires: Duration,
    cancel: CancellationToken,
) -> Result<Secret, SourceError> {
    let end = tokio::time::Instant::now() + expires;
    loop {
        tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(SourceError::Cancelled),
            () = tokio::time::sleep(interval) => {}
        }
        if tokio::time::Instant::now() >= end {
            return Err(SourceError::SignIn {
                code: "signIn.tooLate",
                what: "Nobody signed in before the code ended.".into(),
                next: "Begin the sign-in again.".into(),
                at: None,
            });
        }
        let mut form = Form::bare();
        form.client(&client).pair("grant_type", GRANT).pair("device_code", code.expose());
        let answer = identity.post("token", form, &cancel).await?;
        if answer.status.is_client_error() {
            match error_of(&answer).error.as_str() {
                "authorization_pending" => continue,
                "slow_down" => {
                    interval = (interval + INTERVAL).min(LONGEST_INTERVAL);
                    continue;
                }
                _ => {}
            }
        }
        let granted = granted(identity.http(), &answer)?;
        return granted.refresh.ok_or_else(|| SourceError::NoToken {
            at: answer.exchange(identity.http()),
            why: "there is no refresh token in its answer, so the sign-in could not be kept".into(),
        });
    }
}
