//! Sign-in for a desktop client: an OAuth authorization code with PKCE (RFC 6749, RFC 7636), for a client on loopback
//! (RFC 8252) that registers itself (RFC 7591). The sign-in page asks nobody: who is signed in is chosen beforehand.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::decide::Subject;
use super::portal::{Portal, reference_of_name};
use super::quirk::PortalQuirk;
use super::refusal::PortalRefusal;
use crate::base64;
use crate::scim::secret_word;

/// How long a code is good for.
const CODE_LIFETIME: Duration = Duration::from_secs(600);

/// Codes, clients and refresh tokens that were given out.
#[derive(Debug, Default)]
pub(crate) struct SignIn {
    /// Redirect addresses of registered clients, by client id.
    clients: BTreeMap<String, Vec<String>>,
    codes: BTreeMap<String, Code>,
    /// Users by refresh token.
    refresh: BTreeMap<String, String>,
}

#[derive(Debug)]
struct Code {
    client: String,
    redirect: String,
    challenge: String,
    user: String,
    until: Instant,
}

/// What the sign-in answers.
#[derive(Debug)]
pub(crate) enum Answer {
    Json(u16, Value),
    Redirect(String),
    Refused(PortalRefusal),
}

/// An error as RFC 6749 §5.2 has it.
fn error(status: u16, code: &str, about: &str) -> Answer {
    Answer::Json(status, json!({"error": code, "error_description": about}))
}

/// The description of the server (RFC 8414).
pub(crate) fn metadata(portal: &Portal) -> Answer {
    let options = portal.options();
    if options.has(PortalQuirk::NoMetadata) {
        return Answer::Refused(PortalRefusal::not_found("Not Found"));
    }
    let issuer = issuer(portal);
    let mut about = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/v1/authorize"),
        "token_endpoint": format!("{issuer}/v1/token"),
        "userinfo_endpoint": format!("{issuer}/v1/userinfo"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "scopes_supported": ["openid", "offline_access"],
    });
    if !options.has(PortalQuirk::NoRegistration) {
        about["registration_endpoint"] = json!(format!("{issuer}/v1/register"));
    }
    Answer::Json(200, about)
}

fn issuer(portal: &Portal) -> String {
    format!("{}/api/auth", portal.base())
}

/// Registers a client. Only addresses on loopback are taken: nothing else runs here.
pub(crate) fn register(portal: &Portal, body: &Value) -> Answer {
    if portal.options().has(PortalQuirk::NoRegistration) {
        return Answer::Refused(PortalRefusal::not_found("Not Found"));
    }
    let redirects: Vec<String> = body["redirect_uris"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    if redirects.is_empty() || !redirects.iter().all(|redirect| is_loopback(redirect)) {
        return error(400, "invalid_redirect_uri", "redirect_uris takes addresses on loopback");
    }
    let client = secret_word("client_");
    portal.sign_in().clients.insert(client.clone(), redirects.clone());
    Answer::Json(
        201,
        json!({
            "client_id": client,
            "client_name": body["client_name"],
            "redirect_uris": redirects,
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        }),
    )
}

fn is_loopback(address: &str) -> bool {
    url::Url::parse(address).is_ok_and(|url| url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")))
}

/// Whether a redirect address is one of those registered; the port may be any (RFC 8252 §7.3).
fn matches_redirect(registered: &str, asked: &str) -> bool {
    let plain = |text: &str| {
        let mut url = url::Url::parse(text).ok()?;
        url.set_port(None).ok()?;
        Some(url.to_string())
    };
    is_loopback(asked) && plain(registered).is_some() && plain(registered) == plain(asked)
}

type Parameters = [(String, String)];

fn get<'a>(parameters: &'a Parameters, name: &str) -> Option<&'a str> {
    parameters
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
        .filter(|value| !value.is_empty())
}

/// The sign-in page: whoever is signed in agrees at once, and the browser is sent back with a code. `login_hint` names
/// somebody else by reference or user name.
pub(crate) fn authorize(portal: &Portal, parameters: &Parameters) -> Answer {
    let Some((client, redirect)) = get(parameters, "client_id").zip(get(parameters, "redirect_uri")) else {
        return error(400, "invalid_request", "client_id and redirect_uri are needed");
    };
    let known = portal
        .sign_in()
        .clients
        .get(client)
        .is_some_and(|all| all.iter().any(|one| matches_redirect(one, redirect)));
    // A client that describes itself at an address of its own is known by that address.
    let describes_itself = client.starts_with("http") && is_loopback(redirect);
    if !known && !describes_itself {
        return error(400, "invalid_client", "No such client, or not with this redirect_uri");
    }
    let back = |pairs: &[(&str, &str)]| {
        let mut target = redirect.to_owned();
        target.push(if target.contains('?') { '&' } else { '?' });
        let state = get(parameters, "state").map(|state| ("state", state));
        target.push_str(
            &url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(pairs.iter().copied().chain(state))
                .finish(),
        );
        Answer::Redirect(target)
    };
    if get(parameters, "response_type") != Some("code") {
        return back(&[("error", "unsupported_response_type")]);
    }
    let challenge = get(parameters, "code_challenge").filter(|_| get(parameters, "code_challenge_method") == Some("S256"));
    let Some(challenge) = challenge else {
        return back(&[
            ("error", "invalid_request"),
            ("error_description", "a code_challenge by S256 is needed"),
        ]);
    };
    let hint = get(parameters, "login_hint").map(str::to_owned);
    let user = reference_of_name(portal, &hint.unwrap_or_else(|| portal.options().signed_in.clone()));
    if portal.catalog().named(&user).is_none() {
        return Answer::Refused(nobody(&user));
    }
    let code = secret_word("code_");
    let mut sign_in = portal.sign_in();
    let now = Instant::now();
    sign_in.codes.retain(|_, code| code.until > now);
    sign_in.codes.insert(
        code.clone(),
        Code {
            client: client.to_owned(),
            redirect: redirect.to_owned(),
            challenge: challenge.to_owned(),
            user,
            until: now + CODE_LIFETIME,
        },
    );
    drop(sign_in);
    back(&[("code", &code)])
}

/// What a portal answers when no entity stands for whoever signs in: 500, not 401.
fn nobody(user: &str) -> PortalRefusal {
    PortalRefusal::broken(
        500,
        format!("Failed to sign-in, unable to resolve user identity. {user} is not in the catalog"),
    )
}

/// The token endpoint.
pub(crate) fn token(portal: &Portal, form: &Parameters) -> Answer {
    match get(form, "grant_type") {
        Some("authorization_code") => {
            let code = get(form, "code").and_then(|code| portal.sign_in().codes.remove(code));
            let Some(code) = code.filter(|code| code.until > Instant::now()) else {
                return error(400, "invalid_grant", "The code is unknown, used or too old");
            };
            let proof = get(form, "code_verifier").map(|verifier| base64::encode_url(&Sha256::digest(verifier.as_bytes())));
            let same =
                get(form, "redirect_uri") == Some(&code.redirect) && get(form, "client_id").is_none_or(|client| client == code.client);
            if proof.as_deref() != Some(&code.challenge) || !same {
                return error(400, "invalid_grant", "The code was made for somebody else");
            }
            grant(portal, &code.user)
        }
        Some("refresh_token") => {
            // Each is good for once.
            let user = get(form, "refresh_token").and_then(|token| portal.sign_in().refresh.remove(token));
            match user {
                Some(user) => grant(portal, &user),
                None => error(400, "invalid_grant", "The refresh token is unknown or used"),
            }
        }
        _ => error(400, "unsupported_grant_type", "authorization_code or refresh_token"),
    }
}

fn grant(portal: &Portal, user: &str) -> Answer {
    let Some((token, lifetime)) = issue(portal, user) else {
        return error(400, "invalid_grant", "The user is gone from the catalog");
    };
    let refresh = secret_word("refresh_");
    portal.sign_in().refresh.insert(refresh.clone(), user.to_owned());
    Answer::Json(
        200,
        json!({
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": lifetime.as_secs(),
            "refresh_token": refresh,
            "scope": "openid offline_access",
        }),
    )
}

/// A user's token, if the user is in the catalog, and how long it is good for.
pub(crate) fn issue(portal: &Portal, user: &str) -> Option<(String, Duration)> {
    let catalog = portal.catalog();
    catalog.named(user)?;
    let own = std::iter::once(user).chain(catalog.direct_groups_of(user));
    let subject = Subject {
        reference: user.to_owned(),
        ownership: own.map(str::to_owned).collect(),
    };
    let lifetime = portal.options().user_token_lifetime;
    Some((portal.tokens().issue(&issuer(portal), subject, lifetime), lifetime))
}

/// Sign-in by a proxy that names the user in a header (`POST /api/auth/oauth2Proxy/refresh`, `x-forwarded-user`).
pub(crate) fn by_proxy(portal: &Portal, user: Option<&str>) -> Answer {
    let Some(user) = user else {
        return Answer::Refused(PortalRefusal::unauthorized("Missing x-forwarded-user"));
    };
    let user = reference_of_name(portal, user);
    let Some((token, lifetime)) = issue(portal, &user) else {
        return Answer::Refused(nobody(&user));
    };
    let own: Vec<String> = std::iter::once(user.clone())
        .chain(portal.catalog().direct_groups_of(&user).into_iter().map(str::to_owned))
        .collect();
    Answer::Json(
        200,
        json!({"backstageIdentity": {
            "token": token,
            "expiresInSeconds": lifetime.as_secs(),
            "identity": {"type": "user", "userEntityRef": user, "ownershipEntityRefs": own},
        }}),
    )
}
