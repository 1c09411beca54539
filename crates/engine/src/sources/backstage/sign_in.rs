//! A user's token by way of the system's browser: OAuth's code flow with PKCE (RFC 7636) and a loopback redirect (RFC 8252).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;
use url::Url;
use zeroize::Zeroizing;

use super::oauth::{self, Kept, Server, sign_in_error};
use super::redirect::{Redirect, Returned};
use super::{BackstageConfig, http_config};
use crate::secrets::Secret;
use crate::sources::http::{Auth, HttpClient};
use crate::sources::{SignIn, SourceError};
use crate::view::AuthSettings;

/// Begins: finds the server, registers where no client is named, listens for the browser.
pub(super) async fn begin(config: BackstageConfig) -> Result<SignIn, SourceError> {
    let named = match &config.auth {
        AuthSettings::UserToken { client_id } => client_id.clone().filter(|id| !id.trim().is_empty()),
        _ => None,
    };
    let name = config.name.clone();
    let http = HttpClient::new(http_config(config, Auth::Anonymous))?;
    // The whole ends when it is dropped; each request has its own bounds.
    let cancel = CancellationToken::new();
    let server = oauth::discover(&http, &cancel).await?;
    let redirect = Redirect::bind().await?;
    let scope = scope(&server);
    let (client_id, client_secret) = match (named, &server.registration_endpoint) {
        (Some(id), _) => (id, None),
        (None, Some(endpoint)) => {
            let client = oauth::register(&http, endpoint, &redirect.uri(), &scope, &cancel).await?;
            (client.client_id, client.client_secret)
        }
        (None, None) => {
            return Err(sign_in_error(
                "signIn.noClient",
                "The backend does not let clients register themselves, and no client id is set.",
                "Put the id of a client that the backend knows into the source's settings, or use a static token.",
            ));
        }
    };
    let (state, verifier) = (random()?, random()?);
    let url = address(&server, &client_id, &redirect.uri(), &scope, &state, &verifier);
    let end = async move {
        let uri = redirect.uri();
        let Returned { code, browser } = redirect.returned(&state, server.issuer.as_deref()).await?;
        http.learn(&code);
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", uri.as_str()),
            ("code_verifier", verifier.as_str()),
        ];
        let client = (Some(client_id.as_str()), client_secret.as_ref().map(|secret| secret.as_str()));
        let issued = oauth::token(&http, &server.token_endpoint, client, &pairs, &cancel).await;
        let kept = issued.map(|issued| {
            kept(
                &issued.access.token,
                issued.refresh.as_ref(),
                client_id.clone(),
                client_secret.clone(),
            )
        });
        let (title, text) = match &kept {
            Ok(_) => ("You are signed in", "Lanyard has what it needs. You can close this page."),
            Err(_) => (
                "You are not signed in",
                "The backend gave Lanyard no token. Lanyard says why; you can close this page.",
            ),
        };
        browser.page(200, title, text).await;
        kept
    };
    Ok(SignIn {
        url: url.into(),
        user_code: None,
        message: format!("Sign in to {name} in the browser and approve Lanyard there."),
        expires_in: None,
        end: Box::pin(end),
    })
}

/// What to keep: the refresh token, or the access token where there is no other.
fn kept(access: &Secret, refresh: Option<&Secret>, client_id: String, client_secret: Option<Zeroizing<String>>) -> Secret {
    let text = |secret: &Secret| Zeroizing::new(secret.expose().to_owned());
    Kept {
        refresh_token: refresh.map(text),
        access_token: refresh.is_none().then(|| text(access)),
        client_id: Some(client_id),
        client_secret,
    }
    .secret()
}

/// The scopes to ask for: who it is, and a refresh token where the server knows of them.
fn scope(server: &Server) -> String {
    let offline = server
        .scopes_supported
        .as_ref()
        .is_none_or(|scopes| scopes.iter().any(|scope| scope == "offline_access"));
    if offline { "openid offline_access" } else { "openid" }.to_owned()
}

/// Where the person signs in.
fn address(server: &Server, client_id: &str, redirect: &str, scope: &str, state: &str, verifier: &str) -> Url {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    let mut url = server.authorization_endpoint.clone();
    url.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", redirect),
        ("scope", scope),
        ("state", state),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    url
}

/// 256 random bits as a text that needs no encoding: 43 characters, as RFC 7636 §4.1 wants at least.
fn random() -> Result<Zeroizing<String>, SourceError> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|error| {
        sign_in_error(
            "signIn.noRandom",
            format!("This machine gives no random numbers: {error}."),
            "Try again; without them a sign-in is not safe.",
        )
    })?;
    Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        let server: Server = serde_json::from_value(serde_json::json!({
            "authorization_endpoint": "https://portal.test/api/auth/v1/authorize", "token_endpoint": "https://portal.test/t",
        }))
        .unwrap();
        // RFC 7636, appendix B.
        let url = address(
            &server,
            "c",
            "http://127.0.0.1:1/callback",
            "openid",
            "s",
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        );
        let challenge = url.query_pairs().find(|(name, _)| name == "code_challenge").unwrap().1.into_owned();
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
