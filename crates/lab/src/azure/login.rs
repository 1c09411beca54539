//! Entra's token endpoint: client credentials by secret, certificate or federated token, device codes, refresh tokens
//! (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>, RFC 6749, RFC 8628).

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::assertion;
use super::reply::Reply;
use super::secret::Fares;
use super::server::{Azure, now};
use super::token::Audience;
use crate::base64;
use crate::company::access::Guid;
use crate::scim::secret_word;

/// What can sign in, and which codes and refresh tokens are out.
#[derive(Debug)]
pub(crate) struct Logins {
    /// The client's first secret, or the last that was made from the inside.
    pub(crate) secret: String,
    /// Certificates of the client, DER.
    pub(crate) certificates: Vec<Vec<u8>>,
    devices: BTreeMap<String, Device>,
    refresh: Vec<String>,
    /// Refresh tokens of users: whose, and from when in milliseconds since 1970.
    people: BTreeMap<String, (Guid, i64)>,
}

#[derive(Debug)]
struct Device {
    user_code: String,
    polls: u32,
    answer: Option<bool>,
    until: Instant,
    scopes: String,
}

/// How long a device code is good.
const DEVICE_LIFE: Duration = Duration::from_secs(900);

impl Logins {
    pub(crate) fn new(secret: Option<String>) -> Self {
        Self {
            secret: secret.unwrap_or_else(|| secret_word("lab8Q~")),
            certificates: Vec::new(),
            devices: BTreeMap::new(),
            refresh: Vec::new(),
            people: BTreeMap::new(),
        }
    }

    /// Says yes or no to a device's code as a person would. Tells whether it is waited for.
    pub(crate) fn decide(&mut self, user_code: &str, yes: bool) -> bool {
        let same = |device: &&mut Device| device.user_code.eq_ignore_ascii_case(user_code.trim());
        let waiting = self.devices.values_mut().find(same).filter(|device| Instant::now() < device.until);
        waiting.map(|device| device.answer = Some(yes)).is_some()
    }

    /// Codes that are waited for.
    pub(crate) fn waiting(&self) -> Vec<String> {
        let open = self.devices.values().filter(|device| device.answer.is_none());
        open.map(|device| device.user_code.clone()).collect()
    }

    /// Makes every refresh token worthless.
    pub(crate) fn revoke(&mut self) {
        self.refresh.clear();
    }

    /// A refresh token of a user.
    pub(super) fn person_token(&mut self, user: Guid, now: i64) -> String {
        let token = secret_word("0.lab.");
        self.people.insert(token.clone(), (user, now));
        token
    }

    fn refresh_token(&mut self) -> String {
        let token = secret_word("0.lab.");
        self.refresh.push(token.clone());
        token
    }
}

/// Why there is no token: the OAuth error, Entra's number, and what happened.
#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    error: &'static str,
    code: u32,
    text: String,
}

pub(super) fn refuse(status: u16, error: &'static str, code: u32, text: impl Into<String>) -> Refusal {
    Refusal {
        status,
        error,
        code,
        text: text.into(),
    }
}

/// The answer of the token endpoint to one request.
#[derive(Debug)]
pub(crate) struct Login(Reply);

impl IntoResponse for Login {
    fn into_response(self) -> Response {
        let reply = self.0.with("cache-control", "no-store, no-cache").with("pragma", "no-cache");
        reply.into_response("application/json; charset=utf-8")
    }
}

pub(crate) fn answer(azure: &Azure, method: &str, path: &str, query: &[(String, String)], body: &[u8]) -> Login {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let reply = match (method, parts.as_slice()) {
        ("GET", ["common", "discovery", "instance"]) => Ok(Reply::ok(instance(azure, query))),
        ("GET", [tenant, "v2.0", ".well-known", "openid-configuration"] | [tenant, ".well-known", "openid-configuration"]) => {
            known(azure, tenant).map(|tenant| Reply::ok(configuration(azure, &tenant)))
        }
        ("POST", [tenant, "oauth2", "v2.0", "token"]) => known(azure, tenant).and_then(|_| token(azure, &form)),
        ("POST", [tenant, "oauth2", "v2.0", "devicecode"]) => known(azure, tenant).and_then(|_| device(azure, &form)),
        ("GET", ["devicelogin"]) => Ok(devicelogin(azure, query)),
        _ => Err(refuse(404, "invalid_request", 900_561, "The endpoint is not there.")),
    };
    Login(reply.unwrap_or_else(|refusal| shape(azure, &refusal)))
}

/// Entra's shape of an error.
fn shape(azure: &Azure, refusal: &Refusal) -> Reply {
    let (trace, at) = (azure.request_id(), now().replace('T', " "));
    let code = refusal.code;
    let description = format!(
        "AADSTS{code}: {} Trace ID: {trace} Correlation ID: {trace} Timestamp: {at}",
        refusal.text
    );
    let mut reply = Reply::ok(json!({
        "error": refusal.error,
        "error_description": description,
        "error_codes": [code],
        "timestamp": at,
        "trace_id": trace,
        "correlation_id": trace,
        "error_uri": format!("{}/error?code={code}", azure.sites.authority),
    }));
    reply.status = refusal.status;
    reply
}

/// The tenant's id, if it is this one by id or by domain.
fn known(azure: &Azure, tenant: &str) -> Result<String, Refusal> {
    let id = azure.state().tenant.id.to_string();
    let names = [id.as_str(), "halcyon.example", "organizations", "common"];
    if names.iter().any(|name| name.eq_ignore_ascii_case(tenant)) {
        return Ok(id);
    }
    let text =
        format!("Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.");
    Err(refuse(400, "invalid_request", 90_002, text))
}

fn instance(azure: &Azure, query: &[(String, String)]) -> Value {
    let asked = query.iter().find(|(name, _)| name == "authorization_endpoint");
    let tenant = asked
        .and_then(|(_, address)| address.strip_suffix("/oauth2/v2.0/authorize"))
        .and_then(|address| address.rsplit('/').next())
        .unwrap_or("common");
    let host = azure.sites.authority.split("//").nth(1).unwrap_or_default();
    json!({
        "tenant_discovery_endpoint": format!("{}/{tenant}/v2.0/.well-known/openid-configuration", azure.sites.authority),
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    })
}

fn configuration(azure: &Azure, tenant: &str) -> Value {
    let base = format!("{}/{tenant}", azure.sites.authority);
    json!({
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": format!("{base}/v2.0"),
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"),
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
        "msgraph_host": azure.sites.graph.split("//").nth(1).unwrap_or_default(),
    })
}

/// Where a person types a device's code in: with `?code=` this page takes it as typed.
fn devicelogin(azure: &Azure, query: &[(String, String)]) -> Reply {
    let code = query.iter().find(|(name, _)| name == "code").map(|(_, code)| code.as_str());
    match code {
        Some(code) if azure.logins().decide(code, true) => Reply::ok(json!({"message": "You have signed in on your device."})),
        _ => {
            let mut reply = Reply::ok(json!({"message": "Enter the code that your device shows."}));
            reply.status = 400;
            reply
        }
    }
}

pub(super) fn field<'a>(form: &'a [(String, String)], name: &'static str) -> Result<&'a str, Refusal> {
    let value = form.iter().find(|(there, value)| there == name && !value.is_empty());
    value.map(|(_, value)| value.as_str()).ok_or_else(|| {
        let text = format!("The request body must contain the following parameter: '{name}'.");
        refuse(400, "invalid_request", 900_144, text)
    })
}

/// An application that signs in.
#[derive(Debug, Clone, Copy)]
struct Client {
    /// Its service principal.
    object: Guid,
    /// Its client id.
    app: Guid,
}

fn client(azure: &Azure, form: &[(String, String)]) -> Result<Client, Refusal> {
    let text = field(form, "client_id")?;
    let id: Guid = text.parse().map_err(|_| {
        refuse(
            400,
            "invalid_request",
            700_038,
            format!("{text} is not a valid application identifier."),
        )
    })?;
    let state = azure.state();
    let Some(service) = state.app(id).filter(|service| service.application.is_some()) else {
        let text = format!(
            "Application with identifier '{id}' was not found in the directory 'Halcyon Freight'. This can happen if the application has not been installed by the administrator of the tenant."
        );
        return Err(refuse(400, "unauthorized_client", 700_016, text));
    };
    if !service.enabled {
        return Err(refuse(
            401,
            "unauthorized_client",
            7_000_112,
            format!("Application '{id}' is disabled."),
        ));
    }
    Ok(Client {
        object: service.id,
        app: service.app,
    })
}

/// The one application that people sign in to.
fn peoples_client(azure: &Azure, form: &[(String, String)]) -> Result<Client, Refusal> {
    let client = client(azure, form)?;
    if client.app == azure.client {
        return Ok(client);
    }
    let text = format!("The client '{}' is not enabled for this grant.", client.app);
    Err(refuse(400, "unauthorized_client", 700_025, text))
}

fn token(azure: &Azure, form: &[(String, String)]) -> Result<Reply, Refusal> {
    let kind = field(form, "grant_type")?;
    if kind != "client_credentials" {
        return token_for_people(azure, kind, form);
    }
    let client = client(azure, form)?;
    let scope = field(form, "scope")?;
    if !scope.ends_with("/.default") {
        let text = format!(
            "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."
        );
        return Err(refuse(400, "invalid_scope", 1_002_012, text));
    }
    prove(azure, client, form)?;
    grant(azure, client, scope)
}

/// Grants in which a person takes part.
fn token_for_people(azure: &Azure, kind: &str, form: &[(String, String)]) -> Result<Reply, Refusal> {
    let client = peoples_client(azure, form)?;
    match kind {
        "urn:ietf:params:oauth:grant-type:device_code" => {
            // The scopes are those that the code was asked for with; a client need not repeat them.
            let scopes = poll(azure, field(form, "device_code")?)?;
            let refresh = azure.logins().refresh_token();
            Ok(signed_in(azure, form, &scopes, grant(azure, client, &scopes)?, &refresh))
        }
        "refresh_token" => {
            let old = field(form, "refresh_token")?;
            let person = azure.logins().people.get(old).copied();
            if let Some((user, issued)) = person {
                azure.may_sign_in(user, Some(issued))?;
                return azure.user_grant(user, audience(azure, wanted(form))?);
            }
            let mut logins = azure.logins();
            if !logins.refresh.iter().any(|token| token == old) {
                let text = "The refresh token has expired or was revoked.";
                return Err(refuse(400, "invalid_grant", 50_173, text));
            }
            let refresh = logins.refresh_token();
            drop(logins);
            let scopes = wanted(form);
            Ok(signed_in(azure, form, scopes, grant(azure, client, scopes)?, &refresh))
        }
        "password" => {
            let user = azure.by_password(field(form, "username")?, field(form, "password")?)?;
            azure.user_grant(user, audience(azure, wanted(form))?)
        }
        other => Err(refuse(
            400,
            "unsupported_grant_type",
            70_003,
            format!("The app requested an unsupported grant type '{other}'."),
        )),
    }
}

/// The scopes asked for; Graph's when none are.
fn wanted(form: &[(String, String)]) -> &str {
    field(form, "scope").unwrap_or("https://graph.microsoft.com/.default")
}

/// The client proves who it is: by secret, or by a signed assertion.
fn prove(azure: &Azure, client: Client, form: &[(String, String)]) -> Result<(), Refusal> {
    if let Ok(assertion) = field(form, "client_assertion")
        && client.app == azure.client
    {
        return assertion::check(azure, field(form, "client_assertion_type")?, assertion);
    }
    let secret = field(form, "client_secret").map_err(|_| {
        let text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        refuse(401, "invalid_client", 7_000_218, text)
    })?;
    let fares = azure.state_mut().secrets.ask(client.object, secret);
    let app = client.app;
    match fares {
        Fares::Well => Ok(()),
        Fares::Expired => {
            let text = format!(
                "The provided client secret keys for app '{app}' are expired. Visit the Azure portal to create new keys for your app."
            );
            Err(refuse(401, "invalid_client", 7_000_222, text))
        }
        Fares::Invalid => {
            let text = format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{app}'."
            );
            Err(refuse(401, "invalid_client", 7_000_215, text))
        }
    }
}

/// The scopes of a device's code, once a person said yes.
fn poll(azure: &Azure, code: &str) -> Result<String, Refusal> {
    let after = azure.options().device_approved_after;
    let mut logins = azure.logins();
    let Some(device) = logins.devices.get_mut(code) else {
        return Err(refuse(
            400,
            "bad_verification_code",
            70_019,
            "The verification code is not known or was used.",
        ));
    };
    if Instant::now() >= device.until {
        return Err(refuse(
            400,
            "expired_token",
            70_020,
            "The provided value for the input parameter 'device_code' has expired.",
        ));
    }
    device.polls += 1;
    if after.is_some_and(|after| device.polls > after) {
        device.answer = Some(true);
    }
    match device.answer {
        None => {
            let text = "OAuth 2.0 device flow error. Authorization is pending. Continue polling.";
            Err(refuse(400, "authorization_pending", 70_016, text))
        }
        Some(false) => Err(refuse(
            400,
            "authorization_declined",
            70_018,
            "The end user denied the authorization request.",
        )),
        Some(true) => Ok(logins.devices.remove(code).map(|device| device.scopes).unwrap_or_default()),
    }
}

fn device(azure: &Azure, form: &[(String, String)]) -> Result<Reply, Refusal> {
    peoples_client(azure, form)?;
    let scopes = field(form, "scope")?;
    audience(azure, scopes)?;
    let word = secret_word("").to_uppercase();
    let user_code = word[..9].to_owned();
    let device_code = secret_word("LAB");
    let address = format!("{}/devicelogin", azure.sites.authority);
    let interval = azure.options().device_interval;
    azure.logins().devices.insert(
        device_code.clone(),
        Device {
            user_code: user_code.clone(),
            polls: 0,
            answer: None,
            until: Instant::now() + DEVICE_LIFE,
            scopes: scopes.to_owned(),
        },
    );
    Ok(Reply::ok(json!({
        "user_code": user_code,
        "device_code": device_code,
        "verification_uri": address,
        "expires_in": DEVICE_LIFE.as_secs(),
        "interval": interval,
        "message": format!("To sign in, use a web browser to open the page {address} and enter the code {user_code} to authenticate."),
    })))
}

/// The service that the scopes name. Scopes of OpenID Connect name none.
fn audience(azure: &Azure, scopes: &str) -> Result<Audience, Refusal> {
    const PLAIN: [&str; 4] = ["openid", "profile", "email", "offline_access"];
    let Some(scope) = scopes.split(' ').find(|scope| !scope.is_empty() && !PLAIN.contains(scope)) else {
        return Ok(Audience::Graph);
    };
    let graph = [
        "https://graph.microsoft.com",
        "00000003-0000-0000-c000-000000000000",
        &azure.sites.graph,
    ];
    let arm = [
        "https://management.azure.com",
        "https://management.core.windows.net",
        "797f4846-ba00-4fd7-ba43-dac1f8f63013",
        &azure.sites.arm,
    ];
    let names = |site: &&str| scope.strip_prefix(*site).is_some_and(|rest| rest.starts_with('/'));
    if graph.iter().any(names) || !scope.contains("://") && scope.ends_with(".All") {
        return Ok(Audience::Graph);
    }
    if arm.iter().any(names) {
        return Ok(Audience::Arm);
    }
    let resource = scope.trim_end_matches("/.default");
    let text = format!(
        "The resource principal named {resource} was not found in the tenant named Halcyon Freight. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant."
    );
    Err(refuse(400, "invalid_resource", 500_011, text))
}

fn grant(azure: &Azure, client: Client, scopes: &str) -> Result<Reply, Refusal> {
    let audience = audience(azure, scopes)?;
    let (life, roles) = {
        let options = azure.options();
        // Only the reader was granted anything.
        let granted = options.permissions.iter().filter(|_| client.app == azure.client);
        (options.token_life, granted.cloned().collect::<Vec<_>>())
    };
    let mut claims = json!({
        "tid": azure.state().tenant.id,
        "oid": client.object,
        "sub": client.object,
        "appid": client.app,
        "jti": secret_word(""),
    });
    if audience == Audience::Graph {
        claims["roles"] = json!(roles);
    }
    let token = azure.mint.access(audience, claims, life, SystemTime::now());
    Ok(Reply::ok(json!({
        "token_type": "Bearer",
        "expires_in": life.as_secs(),
        "ext_expires_in": life.as_secs(),
        "access_token": token,
    })))
}

/// What comes with a person's tokens: a refresh token, and who it is, where that was asked for (OpenID Connect Core §2).
fn signed_in(azure: &Azure, form: &[(String, String)], scopes: &str, mut reply: Reply, refresh: &str) -> Reply {
    const PERSON: &str = "adaeze.okafor@halcyon.example";
    let state = azure.state();
    let users = &state.tenant.users;
    let person = users.iter().find(|user| user.upn == PERSON).or_else(|| users.first());
    let tenant = state.tenant.id;
    let Some((body, person)) = reply.body.as_mut().zip(person) else {
        return reply;
    };
    body["refresh_token"] = json!(refresh);
    body["scope"] = json!(scopes);
    if scopes.split(' ').any(|scope| scope == "openid") {
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        body["id_token"] = json!(azure.mint.sign(&json!({
            "aud": azure.client, "iss": format!("{}/{tenant}/v2.0", azure.sites.authority), "iat": now, "nbf": now,
            "exp": now + 3600, "name": person.display, "oid": person.id, "preferred_username": person.upn,
            "sub": person.id, "tid": tenant, "ver": "2.0",
        })));
    }
    if field(form, "client_info").is_ok_and(|wanted| wanted == "1") {
        let info = json!({"uid": person.id, "utid": tenant}).to_string();
        body["client_info"] = json!(base64::encode_url(info.as_bytes()));
    }
    reply
}
