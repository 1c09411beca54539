//! A user's live token, and a new sign-in.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{BackstageClient, reference};
use crate::secrets::Secret;
use crate::sources::SourceError;
use crate::sources::doors::{Knock, Look, Told, knock, told};
use crate::sources::http::{Auth, Call, HttpClient, SiblingConfig};
use crate::view::Request;

/// Headers that a way to sign in may ask for: who a proxy says that it is. None of them is a credential of Lanyard's.
const SIGN_IN_HEADERS: [&str; 6] = [
    "content-type",
    "x-forwarded-user",
    "x-forwarded-email",
    "x-forwarded-preferred-username",
    "x-remote-user",
    "x-requested-with",
];

impl BackstageClient {
    /// Tries a user's token that was handed over for the run at the catalog: refused, or let in and shown nothing (`Off`: its access came by groups
    /// that it is not in any more), or let in and shown something. A token lives for an hour as a rule, whatever becomes of its user.
    pub async fn look_at_token(&self, token: &Secret, cancel: &CancellationToken) -> Look {
        let (client, journal) = self.noting();
        told(client.token(token, cancel).await, &journal)
    }

    async fn token(&self, token: &Secret, cancel: &CancellationToken) -> Result<Told, SourceError> {
        let url = self.catalog("by-query", &[("limit", "1"), ("fields", "kind,metadata.name,metadata.namespace")]);
        let answer = match knock(self.http(), &url, token, false, cancel).await? {
            Knock::Told(told) => return Ok(told),
            Knock::Open(answer) => answer,
        };
        let shown = answer.json(self.http())?;
        let count = shown["totalItems"]
            .as_u64()
            .or_else(|| shown["items"].as_array().map(|items| items.len() as u64));
        Ok(match count {
            Some(0) => {
                // An empty catalog would show nothing to anybody.
                match self.count(None, cancel).await? {
                    Some(own) if own > 0 => Told::off(
                        Vec::new(),
                        format!("The token is let in and sees nothing: 0 entities, where the source's own credential sees {own}."),
                    ),
                    _ => Told::unknown("The token sees nothing, and neither does the source's own credential."),
                }
            }
            Some(count) => Told::there(Vec::new(), format!("The token is let in still, and sees {count} entities.")),
            None => Told::unknown("The token is let in, and the answer does not say what it sees."),
        })
    }

    /// Tries to sign a user in by a request that is configured for it (an auth provider's `refresh`), without the source's credential: refused, or
    /// not. Backstage answers 500 where the user's entity is gone; that counts as refused where `other`, the same for somebody who is there, is
    /// answered, or where the catalog is.
    pub async fn look_at_sign_in(&self, user: &str, request: &Request, other: Option<&Request>, cancel: &CancellationToken) -> Look {
        let (client, journal) = self.noting();
        let said = client.sign_in_as(&reference(user), request, other, cancel).await;
        let mut look = told(said, &journal);
        // What a successful sign-in answers with is a credential.
        let sign_in = |url: &str| [Some(request), other].into_iter().flatten().any(|request| request.url == url);
        for asked in look
            .asked
            .iter_mut()
            .filter(|asked| sign_in(&asked.request.url) && asked.status.is_some_and(|status| status < 400))
        {
            asked.excerpt = "A token, which is not kept.".into();
        }
        look
    }

    async fn sign_in_as(
        &self,
        user: &str,
        request: &Request,
        other: Option<&Request>,
        cancel: &CancellationToken,
    ) -> Result<Told, SourceError> {
        let (status, message) = try_sign_in(self.http(), request, cancel).await?;
        let refused = |says: String| Told::shut(says);
        if (200..300).contains(&status) {
            return Ok(Told::there(Vec::new(), format!("{user} can still sign in ({status}).")));
        }
        let Some(note) = refusal(status, message.as_deref()) else {
            return Ok(Told::unknown(format!(
                "The sign-in answers {status}, which is neither a sign-in nor a refusal."
            )));
        };
        match other {
            Some(other) => {
                let (theirs, _) = try_sign_in(self.http(), other, cancel).await?;
                Ok(if (200..300).contains(&theirs) {
                    refused(format!(
                        "A new sign-in of {user} is refused ({status}); somebody else is let in.{note}"
                    ))
                } else {
                    Told::unknown(format!(
                        "A new sign-in of {user} answers {status}, and so it does for somebody who is there ({theirs}): it says nothing."
                    ))
                })
            }
            None => {
                let control = self.control(user, None, cancel).await?;
                Ok(Told::gone(
                    &format!("A new sign-in of {user} is refused ({status}).{note}"),
                    &control,
                ))
            }
        }
    }
}

/// What there is to note about an answer that refuses a sign-in; none where it refuses nothing.
///
/// Resolvers of the configuration that find nobody end in an error without a status (500); one in code ends in `NotFoundError` (404), as an address
/// does that signs nobody in: what is said beside it tells them apart.
fn refusal(status: u16, message: Option<&str>) -> Option<&'static str> {
    match (status, message) {
        (401 | 403, _) => Some(""),
        (404, Some("User not found")) => {
            Some(" Backstage answers a sign-in of somebody whose entity is gone with 404, not 401: that counts as refused.")
        }
        (500, _) => Some(" Backstage answers a sign-in of somebody whose entity is gone with 500, not 401: that counts as refused."),
        _ => None,
    }
}

/// Sends a sign-in, and gives its status, and the message of an error. Its answer's token is learnt, so that it shows nowhere.
async fn try_sign_in(http: &HttpClient, request: &Request, cancel: &CancellationToken) -> Result<(u16, Option<String>), SourceError> {
    let unusable = |problem: &str| SourceError::Setting {
        field: "Sign-in",
        problem: problem.into(),
        next: "Correct the sign-in request in the plan.".into(),
    };
    let method: Method = request.method.parse().map_err(|_| unusable("its method is none"))?;
    let url: Url = request.url.parse().map_err(|_| unusable("its address is none"))?;
    let mut call = Call::new(method, url).once_as_it_comes();
    for (name, value) in &request.headers {
        let lower = name.to_ascii_lowercase();
        let known = SIGN_IN_HEADERS.into_iter().find(|known| *known == lower);
        let name = known.ok_or_else(|| unusable("it carries a header that no sign-in here takes"))?;
        let value = HeaderValue::from_str(value).map_err(|_| unusable("a header of it cannot be sent"))?;
        call = call.header(HeaderName::from_static(name), value);
    }
    if let Some(body) = &request.body {
        call = call.bytes(Bytes::from(body.clone()));
    }
    let plain = http.sibling(SiblingConfig {
        base: http.base().clone(),
        auth: Auth::Anonymous,
        headers: &[],
        accept: "application/json",
    })?;
    let answer = plain.send(call, cancel).await?;
    let mut message = None;
    if let Ok(Value::Object(body)) = serde_json::from_slice::<Value>(&answer.body) {
        message = body.get("error").and_then(|error| error["message"].as_str()).map(ToOwned::to_owned);
        let identity = body.get("backstageIdentity").and_then(|identity| identity["token"].as_str());
        for token in identity.into_iter().chain(body.get("token").and_then(Value::as_str)) {
            http.learn(token);
        }
    }
    Ok((answer.status.as_u16(), message))
}

#[cfg(test)]
mod tests {
    //! What counts as a refusal of a sign-in.

    use super::refusal;

    #[test]
    fn a_missing_user_is_a_refusal_and_a_missing_address_is_not() {
        assert_eq!(refusal(401, None), Some(""));
        assert!(refusal(500, None).is_some_and(|note| note.contains("500")));
        assert!(refusal(404, Some("User not found")).is_some_and(|note| note.contains("404")));
        for message in [None, Some("Unknown auth provider 'oauth2Proxy'"), Some("Not found")] {
            assert_eq!(refusal(404, message), None);
        }
        for status in [200, 302, 400, 429, 502, 503] {
            assert_eq!(refusal(status, Some("User not found")), None);
        }
    }
}
