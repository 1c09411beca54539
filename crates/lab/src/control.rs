//! A door on loopback, opened only when it is asked for: the truth, with times; what was written; and what goes wrong.
//!
//! It is for tests of programs that talk to the lab, from outside of the lab's process. It asks for no token and answers to
//! nobody but this machine.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /lab/truth?user=NAME` | the user as each system truly holds it: by the provider's user name, or its id there |
//! | `GET /lab/events?after=N` | every change that took effect since event N, with its time |
//! | `GET /lab/writes?after=N` | every writing request since number N: time, system, method, path, hash of the body, status |
//! | `DELETE /lab/writes` | forgets those so far |
//! | `GET /lab/tokens?system=S&after=N` | of `idp`, `ledgerly` and `azure`: every token and client secret with its times, requests for new ones, who asked with which since use N, the provisioning job |
//! | `POST /lab/faults` `{"on": […], "off": […]}` | switches faults, quirks and settings by the words of `--fault` |
//! | `POST /lab/now` | everything that waits takes effect now: late writes, replication, the portal's feed, processing and clean-up |
//! | `POST /lab/provisioning` `{"paused": true}` | holds provisioning, or lets it go on |
//! | `POST /lab/sign-in` `{"system", "user"}` | a credential of a user as the user would have it: `idp`, `ledgerly`, `portal`, `graph`, `arm` |

mod truth;

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::azure::{AzureHandle, Site};
use crate::backstage::PortalHandle;
use crate::journal::Journal;
use crate::provision::Provisioner;
use crate::scim::Handle;
use crate::serve::LabError;
use crate::words::Knobs;

/// The whole lab from the inside.
#[derive(Debug, Clone)]
pub(crate) struct Inside {
    pub(crate) provider: Handle,
    pub(crate) downstream: Handle,
    pub(crate) provisioner: Provisioner,
    pub(crate) portal: Option<PortalHandle>,
    pub(crate) azure: Option<AzureHandle>,
    pub(crate) journal: Journal,
}

pub(crate) fn router(inside: Inside) -> Router {
    Router::new()
        .route("/lab/truth", get(truth))
        .route("/lab/events", get(events))
        .route("/lab/writes", get(writes).delete(forget_writes))
        .route("/lab/tokens", get(tokens))
        .route("/lab/faults", post(faults))
        .route("/lab/now", post(now))
        .route("/lab/provisioning", post(provisioning))
        .route("/lab/sign-in", post(sign_in))
        .with_state(inside)
}

impl Inside {
    /// Switches what goes wrong, while everything runs. What was switched before the one that cannot be read stays switched.
    ///
    /// # Errors
    /// When a word means nothing.
    pub(crate) fn switch(&self, on: &[&str], off: &[&str]) -> Result<(), LabError> {
        let turned = {
            let mut provider = self.provider.server.options_mut();
            let mut downstream = self.downstream.server.options_mut();
            let mut provisioning = self.provisioner.options();
            let mut portal = self.portal.as_ref().map(|portal| portal.portal.options_mut());
            let mut azure = self.azure.as_ref().map(|azure| azure.azure.options_mut());
            let mut knobs = Knobs {
                provider: &mut provider,
                downstream: &mut downstream,
                provisioning: &mut provisioning,
                portal: portal.as_deref_mut(),
                azure: azure.as_deref_mut(),
            };
            let on = on.iter().try_for_each(|word| knobs.on(word));
            on.and_then(|()| off.iter().try_for_each(|word| knobs.off(word)))
        };
        if let Some(portal) = &self.portal {
            portal.portal.redraw();
        }
        turned
    }

    /// Lets everything take effect that waits for its time.
    pub(crate) fn now(&self) {
        self.provider.settle();
        self.downstream.settle();
        if let Some(azure) = &self.azure {
            azure.settle();
        }
        if let Some(portal) = &self.portal {
            portal.refresh();
        }
    }

    /// What a user who signs in to a system is given there.
    fn credential(&self, system: &str, user: &str) -> Option<Value> {
        let azure = |site: Site| {
            let azure = self.azure.as_ref()?;
            let token = azure.user_token(user, site)?;
            Some(json!({"token": token, "refreshToken": azure.user_refresh_token(user), "password": azure.password(user)}))
        };
        let app = |handle: &Handle| Some(json!({"token": handle.sign_in(user)?, "password": handle.password(user)}));
        match system {
            "idp" => app(&self.provider),
            "ledgerly" => app(&self.downstream),
            "portal" => Some(json!({"token": self.portal.as_ref()?.user_token(user)?})),
            "graph" => azure(Site::Graph),
            "arm" => azure(Site::Arm),
            _ => None,
        }
    }
}

/// Work that may take a while, off the threads that serve sockets.
async fn aside(work: impl FnOnce() -> Response + Send + 'static) -> Response {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| wrong(StatusCode::INTERNAL_SERVER_ERROR, "the lab could not do that"))
}

fn wrong(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({"error": text}))).into_response()
}

fn body(bytes: &Bytes) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}

fn after(query: &BTreeMap<String, String>) -> u64 {
    query.get("after").and_then(|number| number.parse().ok()).unwrap_or_default()
}

async fn truth(State(inside): State<Inside>, Query(query): Query<BTreeMap<String, String>>) -> Response {
    let Some(user) = query.get("user").cloned() else {
        return wrong(StatusCode::BAD_REQUEST, "say which user: ?user=NAME");
    };
    aside(move || Json(inside.truth(&user)).into_response()).await
}

async fn events(State(inside): State<Inside>, Query(query): Query<BTreeMap<String, String>>) -> Response {
    let after = after(&query);
    let all: Vec<_> = inside.journal.events().into_iter().filter(|event| event.number > after).collect();
    Json(all).into_response()
}

async fn writes(State(inside): State<Inside>, Query(query): Query<BTreeMap<String, String>>) -> Response {
    let after = after(&query);
    let all: Vec<_> = inside.journal.writes().into_iter().filter(|write| write.number > after).collect();
    Json(all).into_response()
}

async fn tokens(State(inside): State<Inside>, Query(query): Query<BTreeMap<String, String>>) -> Response {
    let after = after(&query);
    let wanted = query.get("system").map(String::as_str);
    let mut told = serde_json::Map::new();
    for system in ["idp", "ledgerly", "azure"] {
        if wanted.is_some_and(|wanted| wanted != system) {
            continue;
        }
        let truth = match system {
            "idp" => Some(inside.provider.tokens(after)),
            "ledgerly" => Some(inside.downstream.tokens(after)),
            _ => inside.azure.as_ref().map(|azure| azure.credentials(after)),
        };
        told.extend(truth.map(|truth| (system.to_owned(), truth)));
    }
    if told.is_empty() {
        return wrong(StatusCode::NOT_FOUND, "tokens are told of idp, ledgerly and azure");
    }
    Json(told).into_response()
}

async fn forget_writes(State(inside): State<Inside>) -> StatusCode {
    inside.journal.forget_writes();
    StatusCode::NO_CONTENT
}

async fn faults(State(inside): State<Inside>, bytes: Bytes) -> Response {
    aside(move || {
        let body = body(&bytes);
        let words = |name: &str| -> Vec<String> {
            let listed = body[name].as_array().into_iter().flatten();
            listed.filter_map(|word| word.as_str().map(str::to_owned)).collect()
        };
        let (on, off) = (words("on"), words("off"));
        let (on, off): (Vec<&str>, Vec<&str>) = (on.iter().map(String::as_str).collect(), off.iter().map(String::as_str).collect());
        match inside.switch(&on, &off) {
            Ok(()) => StatusCode::NO_CONTENT.into_response(),
            Err(error) => wrong(StatusCode::BAD_REQUEST, &error.to_string()),
        }
    })
    .await
}

async fn now(State(inside): State<Inside>) -> Response {
    aside(move || {
        inside.now();
        StatusCode::NO_CONTENT.into_response()
    })
    .await
}

async fn provisioning(State(inside): State<Inside>, bytes: Bytes) -> Response {
    match body(&bytes)["paused"].as_bool() {
        Some(true) => inside.provisioner.pause(),
        Some(false) => inside.provisioner.resume(),
        None => return wrong(StatusCode::BAD_REQUEST, "say whether it is paused: {\"paused\": true}"),
    }
    Json(json!({"handled": inside.provisioner.handled(), "cycles": inside.provisioner.cycles()})).into_response()
}

async fn sign_in(State(inside): State<Inside>, bytes: Bytes) -> Response {
    let body = body(&bytes);
    let (Some(system), Some(user)) = (body["system"].as_str(), body["user"].as_str()) else {
        return wrong(StatusCode::BAD_REQUEST, "say where and who: {\"system\": …, \"user\": …}");
    };
    match inside.credential(system, user) {
        Some(credential) => Json(credential).into_response(),
        None => wrong(StatusCode::NOT_FOUND, "there is no such user there who may sign in"),
    }
}
