//! One Azure of the lab: its state, who may ask, and the socket side of its three services.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::SystemTime;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State as Extract};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::effect::Effect;
use super::limit::Limits;
use super::log::ProvisioningLog;
use super::login::Logins;
use super::options::AzureOptions;
use super::reply::{Ask, Reply};
use super::state::State;
use super::sync::Job;
use super::token::{Audience, Mint};
use crate::company::access::Guid;
use crate::company::mix;
use crate::faults::{FaultKind, Strikes};
use crate::journal::Journal;
use crate::scim::{Deferred, TokenHabit};
use crate::wire;

/// Requests that are remembered.
const REMEMBERED: usize = 20_000;
/// The largest body that is read.
const LARGEST: usize = 4 << 20;

/// Which of the three services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Site {
    /// Entra's token endpoint.
    Authority,
    /// Microsoft Graph.
    Graph,
    /// Azure Resource Manager.
    Arm,
}

impl Site {
    /// What the journal calls it; nothing for the token endpoint, where nothing is written.
    fn system(self) -> Option<&'static str> {
        match self {
            Self::Authority => None,
            Self::Graph => Some("graph"),
            Self::Arm => Some("arm"),
        }
    }
}

/// Origins of the three services, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sites {
    /// Entra's token endpoint.
    pub authority: String,
    /// Microsoft Graph, without `/v1.0`.
    pub graph: String,
    /// Azure Resource Manager.
    pub arm: String,
}

/// A request that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AzureSeen {
    /// To which service.
    pub site: Site,
    /// The method.
    pub method: String,
    /// Path and query, as they came; of a request within a batch, as they stand there.
    pub target: String,
    /// The status of the answer; 0 where the connection ended without one.
    pub status: u16,
}

/// One Azure.
#[derive(Debug)]
pub(crate) struct Azure {
    options: RwLock<AzureOptions>,
    state: RwLock<State>,
    pub(crate) sites: Sites,
    pub(crate) mint: Mint,
    /// The client that may sign in: its application (client) id.
    pub(crate) client: Guid,
    logins: Mutex<Logins>,
    limits: Mutex<Limits>,
    seen: Mutex<VecDeque<AzureSeen>>,
    uses: Mutex<BTreeMap<String, u64>>,
    numbers: AtomicU64,
    graph_numbers: AtomicU64,
    arm_numbers: AtomicU64,
    pub(crate) deferred: Deferred<Effect>,
    /// What provisions the downstream app.
    job: Mutex<Option<Job>>,
    /// What it did.
    log: Mutex<ProvisioningLog>,
    /// Requests for a client secret, whatever came of them.
    secret_requests: AtomicU64,
    /// Objects that a client wrote to, for the provider's next cycle.
    direct: Mutex<BTreeSet<Guid>>,
    journal: Journal,
    seed: u64,
}

impl Azure {
    pub(crate) fn new(mut state: State, options: AzureOptions, sites: Sites, client: Guid, seed: u64, journal: Journal) -> Self {
        let logins = Logins::new(options.secret.clone());
        if let Some(service) = state.app(client).map(|service| service.id) {
            state.secrets.know(service, &logins.secret);
        }
        Self {
            logins: Mutex::new(logins),
            options: RwLock::new(options),
            state: RwLock::new(state),
            sites,
            mint: Mint::new(),
            client,
            limits: Mutex::default(),
            seen: Mutex::default(),
            uses: Mutex::default(),
            numbers: AtomicU64::new(0),
            graph_numbers: AtomicU64::new(0),
            arm_numbers: AtomicU64::new(0),
            deferred: Deferred::default(),
            job: Mutex::default(),
            log: Mutex::default(),
            secret_requests: AtomicU64::new(0),
            direct: Mutex::default(),
            journal,
            seed: mix(seed, 0xa2),
        }
    }

    // A lock that a panicking test left poisoned still guards whole data: every write is done before it is seen.
    pub(crate) fn options(&self) -> RwLockReadGuard<'_, AzureOptions> {
        self.options.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn options_mut(&self) -> RwLockWriteGuard<'_, AzureOptions> {
        self.options.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn logins(&self) -> MutexGuard<'_, Logins> {
        self.logins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What provisions the downstream app, where Entra does.
    pub(crate) fn job(&self) -> MutexGuard<'_, Option<Job>> {
        self.job.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What provisioning did.
    pub(crate) fn log(&self) -> MutexGuard<'_, ProvisioningLog> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The truth about client secrets and the provisioning job, with the uses of secrets since the one of this number.
    pub(crate) fn credentials(&self, after: u64) -> Value {
        let mut truth = self.state().secrets.truth(after);
        truth["mintRequests"] = self.secret_requests.load(Ordering::Relaxed).into();
        truth["job"] = self.job().as_ref().map_or(Value::Null, Job::truth);
        truth
    }

    /// Counts a request for a client secret.
    pub(crate) fn count_secret_request(&self) {
        self.secret_requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the answer is to be lost: only that of the next request that made a client secret.
    fn lose_secret(&self, ask: &Ask, reply: &Reply) -> bool {
        if ask.method != "POST" || !ask.path.ends_with("/addPassword") {
            return false;
        }
        reply.status == 200
            && self.options().tokens.has(TokenHabit::LoseMint)
            && self.options_mut().tokens.habits.remove(&TokenHabit::LoseMint)
    }

    /// Refuses an application that may do nothing.
    pub(super) fn forbidden(&self, site: Site) -> Reply {
        if site == Site::Graph {
            let text = "Insufficient privileges to complete the operation.";
            return Reply::graph(403, "Authorization_RequestDenied", text, &now(), &self.request_id());
        }
        Reply::arm(
            403,
            "AuthorizationFailed",
            "The client does not have authorization to perform this action.",
        )
    }

    pub(crate) fn limits(&self) -> MutexGuard<'_, Limits> {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    pub(crate) fn direct(&self) -> MutexGuard<'_, BTreeSet<Guid>> {
        self.direct.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The address that a service is at.
    pub(crate) fn site(&self, site: Site) -> &str {
        match site {
            Site::Authority => &self.sites.authority,
            Site::Graph => &self.sites.graph,
            Site::Arm => &self.sites.arm,
        }
    }

    /// The number of the next request, and what befalls it. The token endpoint is left alone.
    pub(crate) fn strike(&self, site: Site) -> Strikes {
        if site == Site::Authority {
            return Strikes::default();
        }
        let number = self.numbers.fetch_add(1, Ordering::Relaxed) + 1;
        Strikes::decide(&self.options().faults, self.seed, number)
    }

    /// Counts a request to one service, from 1.
    pub(crate) fn count(&self, site: Site) -> u64 {
        let numbers = match site {
            Site::Arm => &self.arm_numbers,
            Site::Graph | Site::Authority => &self.graph_numbers,
        };
        numbers.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn remember(&self, seen: AzureSeen) {
        let mut log = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if log.len() == REMEMBERED {
            log.pop_front();
        }
        log.push_back(seen);
    }

    pub(crate) fn seen(&self) -> Vec<AzureSeen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(crate) fn forget_seen(&self) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Counts the uses of a token, from 1.
    fn uses(&self, token: &str) -> u64 {
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        let count = uses.entry(token.to_owned()).or_default();
        *count += 1;
        *count
    }

    /// Who asks, if the token is good for this service: a user, or (none) the client itself.
    fn admit(&self, site: Site, headers: &HeaderMap, strikes: &Strikes) -> Result<Option<Guid>, Reply> {
        let audience = if site == Site::Graph { Audience::Graph } else { Audience::Arm };
        let bearer = wire::text(headers, &header::AUTHORIZATION).and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        let Some(token) = bearer else {
            return Err(self.unauthorized(
                site,
                "AuthenticationFailed",
                "Authentication failed. The 'Authorization' header is missing.",
            ));
        };
        let worn = strikes.token_expires().is_some_and(|limit| self.uses(token) > limit);
        match self.mint.check(token, audience, SystemTime::now()) {
            Ok(()) if !worn => self.who(site, token),
            Ok(()) => Err(self.unauthorized(site, "ExpiredAuthenticationToken", "The access token expiry has passed.")),
            Err(bad) => Err(self.unauthorized(site, bad.code(), bad.message())),
        }
    }

    pub(super) fn unauthorized(&self, site: Site, code: &str, message: &str) -> Reply {
        let tenant = self.state().tenant.id;
        let challenge = format!(
            "Bearer authorization_uri=\"{}/{tenant}\", error=\"invalid_token\", error_description=\"{message}\"",
            self.sites.authority
        );
        let reply = if site == Site::Graph {
            Reply::graph(401, "InvalidAuthenticationToken", message, &now(), &self.request_id())
        } else {
            Reply::arm(401, code, message)
        };
        reply.with("www-authenticate", challenge)
    }

    /// An id for one request.
    pub(crate) fn request_id(&self) -> String {
        let number = self.numbers.load(Ordering::Relaxed);
        Guid::derived(self.seed, "azure request", number).to_string()
    }

    /// The answer of one service, once it is settled who asks.
    fn answer(&self, site: Site, ask: &Ask) -> Reply {
        match site {
            Site::Authority => Reply::arm(404, "NotFound", "There is nothing here."),
            Site::Graph => self.graph(ask),
            Site::Arm => self.arm(ask),
        }
    }

    fn refusal(&self, site: Site, status: u16, message: &str) -> Reply {
        match (site, status) {
            (Site::Graph, 429) => Reply::graph(429, "TooManyRequests", message, &now(), &self.request_id()),
            (Site::Graph, _) => Reply::graph(status, "serviceNotAvailable", message, &now(), &self.request_id()),
            (_, 429) => Reply::arm(429, "TooManyRequests", message),
            _ => Reply::arm(status, "ServerError", message),
        }
    }
}

/// Now, as Microsoft's services write it.
pub(crate) fn now() -> String {
    time(jiff::Timestamp::now().as_millisecond())
}

/// A time in milliseconds since 1970, to the second: Graph's way.
pub(crate) fn time(millis: i64) -> String {
    let second = millis.div_euclid(1000);
    jiff::Timestamp::from_second(second)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_string()
}

/// The routes of one service.
pub(crate) fn router(azure: Arc<Azure>, site: Site) -> Router {
    Router::new().fallback(front).with_state((azure, site))
}

async fn front(Extract((azure, site)): Extract<(Arc<Azure>, Site)>, request: Request) -> Response {
    let strikes = azure.strike(site);
    let (method, target) = (request.method().to_string(), request.uri().to_string());
    let (request, noted) = match site.system() {
        Some(system) => wire::note(azure.journal(), system, request).await,
        None => (request, None),
    };
    let response = respond(&azure, site, request, &strikes).await;
    let response = wire::sent(azure.journal(), noted, &strikes, response);
    let status = response.as_ref().map_or(0, |response| response.status().as_u16());
    tracing::debug!(?site, method, target, status, "asked");
    azure.remember(AzureSeen {
        site,
        method,
        target,
        status,
    });
    response.unwrap_or_else(wire::dropped)
}

const JSON: &str = "application/json; charset=utf-8";

/// The answer; `None` when the connection is to end without one.
async fn respond(azure: &Arc<Azure>, site: Site, request: Request, strikes: &Strikes) -> Option<Response> {
    if let Some(delay) = strikes.delay() {
        tokio::time::sleep(delay).await;
    }
    if strikes.has(FaultKind::Drop) {
        return None;
    }
    let refuse = |status, message: &'static str| azure.refusal(site, status, message).into_response(JSON);
    if let Some(response) = wire::instead(strikes, azure.site(site), JSON, refuse) {
        return Some(response);
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return Some(azure.refusal(site, 413, "the body is too large").into_response(JSON));
    };
    let path = percent_encoding::percent_decode_str(parts.uri.path())
        .decode_utf8_lossy()
        .into_owned();
    let query: Vec<(String, String)> = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
        .into_owned()
        .collect();
    if site == Site::Authority {
        return Some(super::login::answer(azure, parts.method.as_str(), &path, &query, &body).into_response());
    }
    let headers = &parts.headers;
    let caller = match azure.admit(site, headers, strikes) {
        Ok(caller) => caller,
        Err(reply) => return Some(reply.into_response(JSON)),
    };
    let asked_for = headers.get("consistencylevel").and_then(|value| value.to_str().ok());
    let parsed: Result<Value, _> = if body.is_empty() {
        Ok(Value::Null)
    } else {
        serde_json::from_slice(&body)
    };
    let Ok(parsed) = parsed else {
        return Some(azure.refusal(site, 400, "the body is not JSON").into_response(JSON));
    };
    let ask = Ask {
        method: parts.method.to_string(),
        path,
        query,
        eventual: asked_for.is_some_and(|level| level.eq_ignore_ascii_case("eventual")),
        body: parsed,
        nobody: strikes.has(FaultKind::EmptyList),
        caller,
    };
    let reply = azure.answer(site, &ask);
    if azure.lose_secret(&ask, &reply) {
        return None;
    }
    Some(wire::damage(reply.into_response(JSON), strikes).await)
}
