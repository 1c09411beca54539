//! Entra's provisioning jobs: which there are, how they stand, and the handing over of a new secret token.
//!
//! <https://learn.microsoft.com/graph/api/synchronization-synchronization-list-jobs>,
//! <https://learn.microsoft.com/graph/api/synchronization-serviceprincipal-put-synchronization>,
//! <https://learn.microsoft.com/graph/api/synchronization-synchronizationjob-validatecredentials>,
//! <https://learn.microsoft.com/graph/api/synchronization-synchronizationjob-restart>. To read takes `Synchronization.Read.All`, to change
//! `Synchronization.ReadWrite.All`, or `Application.ReadWrite.OwnedBy` for a service principal that the application owns.

use bytes::Bytes;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::acts::segment;
use super::{AzureClient, wire};
use crate::secrets::Secret;
use crate::sources::SourceError;
use crate::sources::http::{Answer, Call};
use crate::sources::tokens::time_of;
use crate::view::{Millis, Request};

/// The most of an answer to a request that holds a secret, in bytes.
const MOST: usize = 64 * 1024;
/// What stands for a secret where a request is shown.
const MASK: &str = "\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}";

/// A provisioning job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The service principal's id.
    pub service_principal: String,
    /// The job's id.
    pub id: String,
    /// What it is called: by its template, as Graph names it; the id where it names none.
    pub name: String,
    /// How it stands.
    pub status: JobStatus,
    /// When its last run ended, or began where it has not ended.
    pub last_run_at: Option<Millis>,
    /// How its last run came out: `Succeeded`, `Failed`, `EntryLevelErrors`.
    pub last_run: Option<String>,
    /// When its last good run ended.
    pub last_good_at: Option<Millis>,
}

/// How a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobStatus {
    /// It runs, in cycles.
    Active,
    /// It failed too often, and tries rarely.
    Quarantine {
        /// Why, as Graph says.
        reason: String,
        /// Since when.
        since: Option<Millis>,
    },
    /// It was stopped.
    Paused,
    /// It has no credentials or settings.
    NotConfigured,
    /// What Graph calls something else.
    Other(String),
}

/// What Entra found when it tried credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Validated {
    /// They are good.
    Good,
    /// They are not: why, as Entra says.
    Bad {
        /// The status.
        status: u16,
        /// Entra's name for it.
        code: String,
        /// What it says, fit to be shown.
        says: String,
    },
}

impl AzureClient {
    fn synchronization(&self, service_principal: &str, rest: &[&str]) -> Result<url::Url, SourceError> {
        let mut path = vec!["servicePrincipals", segment(service_principal)?, "synchronization"];
        for part in rest {
            path.push(segment(part)?);
        }
        Ok(self.graph().below(path))
    }

    /// The provisioning jobs of a service principal.
    ///
    /// # Errors
    /// [`SourceError`], each kind by its name: [`SourceError::Forbidden`] where the application may not read them.
    pub async fn provisioning_jobs(&self, service_principal: &str, cancel: &CancellationToken) -> Result<Vec<Job>, SourceError> {
        let http = self.graph();
        let mut pages = super::graph::Pages::new(Call::get(self.synchronization(service_principal, &["jobs"])?));
        let mut jobs = Vec::new();
        while let Some(page) = pages.next(http, cancel).await? {
            for text in page.texts() {
                let read = serde_json::from_slice::<Value>(text).ok();
                jobs.extend(read.and_then(|read| job(service_principal, &read)));
            }
        }
        Ok(jobs)
    }

    /// One provisioning job.
    ///
    /// # Errors
    /// As [`AzureClient::provisioning_jobs`].
    pub async fn job(&self, service_principal: &str, job_id: &str, cancel: &CancellationToken) -> Result<Job, SourceError> {
        let http = self.graph();
        let url = self.synchronization(service_principal, &["jobs", job_id])?;
        let answer = wire::ask(http, Call::get(url), cancel).await?;
        let read = job(service_principal, &answer.json(http)?).filter(|job| job.id == job_id);
        read.ok_or_else(|| SourceError::NotScim {
            at: answer.exchange(http),
            why: "it gives something else than the job that was asked for".into(),
        })
    }

    /// The request of [`AzureClient::save_secrets`], with the token masked.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where the id cannot stand in an address.
    pub fn save_secrets_request(&self, service_principal: &str, base_address: &str) -> Result<Request, SourceError> {
        let url = self.synchronization(service_principal, &["secrets"])?;
        Ok(Request {
            method: "PUT".into(),
            url: self.graph().without_own_query(&url).into(),
            headers: vec![("Content-Type".into(), "application/json".into())],
            body: Some(secrets(base_address, MASK).to_string()),
        })
    }

    /// Gives Entra the token with which its provisioning job asks a SCIM source, and the source's own address.
    ///
    /// This is the one place where a token goes to another origin than the one it was given for: to Microsoft Graph's alone, which a person chose
    /// as a user of the token, as the body of this one request. It is neither journalled nor repeated, and enters no text.
    ///
    /// # Errors
    /// [`SourceError`] where Graph refuses, or no answer came: then it is not known whether it was saved, and saving it again does no harm.
    pub async fn save_secrets(
        &self,
        service_principal: &str,
        base_address: &str,
        token: &Secret,
        cancel: &CancellationToken,
    ) -> Result<u16, SourceError> {
        let http = self.graph();
        http.learn(token.expose());
        let url = self.synchronization(service_principal, &["secrets"])?;
        let body = Zeroizing::new(serde_json::to_vec(&Borrowed::of(base_address, token.expose())).unwrap_or_default());
        let call = Call::new(Method::PUT, url).body("application/json", Bytes::from_owner(body));
        let answer = http.send(call.once_as_it_comes().veiled(MOST), cancel).await?;
        settled(self, &answer)
    }

    /// Has Entra try the credentials that are saved for a job.
    ///
    /// # Errors
    /// Where it could not be tried: no right to, no such job, no answer.
    pub async fn validate_credentials(
        &self,
        service_principal: &str,
        job: &str,
        cancel: &CancellationToken,
    ) -> Result<Validated, SourceError> {
        let http = self.graph();
        let url = self.synchronization(service_principal, &["jobs", job, "validateCredentials"])?;
        let call = wire::question(url, &json!({ "useSavedCredentials": true }));
        let answer = wire::asked(http, call, cancel).await?;
        let status = answer.status.as_u16();
        match status {
            200..=299 => Ok(Validated::Good),
            400 | 422 => {
                let error = wire::refusal(http, &answer, status, &answer.body);
                let says = match error {
                    SourceError::Rejected { detail, .. } => detail,
                    other => other.to_string(),
                };
                // Entra's names for these are as long as keys are, and would be masked: one of letters alone is shown.
                let code = Some(wire::error_code(&answer.body))
                    .filter(|code| code.len() <= 120 && code.bytes().all(|byte| byte.is_ascii_alphabetic()) && !http.knows(code))
                    .unwrap_or_default();
                Ok(Validated::Bad { status, code, says })
            }
            _ => Err(wire::refusal(http, &answer, status, &answer.body)),
        }
    }

    /// Starts a job again, out of quarantine; what it has read stays (`resetScope` without `Watermark`), so that it goes on where it was.
    ///
    /// # Errors
    /// [`SourceError`] where Graph refuses, or no answer came; it may be asked again.
    pub async fn restart_job(&self, service_principal: &str, job: &str, cancel: &CancellationToken) -> Result<u16, SourceError> {
        let call = restart(self.synchronization(service_principal, &["jobs", job, "restart"])?);
        let answer = self.graph().send(call.once_as_it_comes(), cancel).await?;
        settled(self, &answer)
    }

    /// The request of [`AzureClient::restart_job`].
    ///
    /// # Errors
    /// [`SourceError::Setting`] where an id cannot stand in an address.
    pub fn restart_job_request(&self, service_principal: &str, job: &str) -> Result<Request, SourceError> {
        let url = self.synchronization(service_principal, &["jobs", job, "restart"])?;
        Ok(Request {
            method: "POST".into(),
            url: self.graph().without_own_query(&url).into(),
            headers: vec![("Content-Type".into(), "application/json".into())],
            body: Some(criteria().to_string()),
        })
    }
}

fn criteria() -> Value {
    json!({ "criteria": { "resetScope": "QuarantineState, Escrows" } })
}

fn restart(url: url::Url) -> Call {
    Call::new(Method::POST, url).body("application/json", Bytes::from(criteria().to_string()))
}

fn settled(client: &AzureClient, answer: &Answer) -> Result<u16, SourceError> {
    match answer.status.as_u16() {
        status @ 200..=299 => Ok(status),
        status => Err(wire::refusal(client.graph(), answer, status, &answer.body)),
    }
}

fn secrets(base_address: &str, token: &str) -> Value {
    json!({ "value": [
        { "key": "BaseAddress", "value": base_address },
        { "key": "SecretToken", "value": token },
    ] })
}

/// The same without a copy of the token.
#[derive(serde::Serialize)]
struct Borrowed<'b> {
    value: [Pair<'b>; 2],
}

#[derive(serde::Serialize)]
struct Pair<'b> {
    key: &'static str,
    value: &'b str,
}

impl<'b> Borrowed<'b> {
    fn of(base_address: &'b str, token: &'b str) -> Self {
        Self {
            value: [
                Pair {
                    key: "BaseAddress",
                    value: base_address,
                },
                Pair {
                    key: "SecretToken",
                    value: token,
                },
            ],
        }
    }
}

fn job(service_principal: &str, read: &Value) -> Option<Job> {
    let id = read["id"].as_str().filter(|id| !id.is_empty())?;
    let status = &read["status"];
    let quarantine = &status["quarantine"];
    let last = &status["lastExecution"];
    Some(Job {
        service_principal: service_principal.to_owned(),
        id: id.to_owned(),
        name: read["templateId"].as_str().filter(|name| !name.is_empty()).unwrap_or(id).to_owned(),
        status: match status["code"].as_str().unwrap_or_default() {
            "Active" => JobStatus::Active,
            "Paused" => JobStatus::Paused,
            "NotConfigured" | "NotRun" => JobStatus::NotConfigured,
            "Quarantine" => JobStatus::Quarantine {
                reason: [&quarantine["error"]["code"], &quarantine["reason"]]
                    .iter()
                    .find_map(|text| text.as_str())
                    .unwrap_or("Graph does not say why")
                    .to_owned(),
                since: time_of(&quarantine["seriesBegan"]).or_else(|| time_of(&quarantine["currentBegan"])),
            },
            other => JobStatus::Other(other.to_owned()),
        },
        last_run_at: time_of(&last["timeEnded"]).or_else(|| time_of(&last["timeBegan"])),
        last_run: last["state"].as_str().map(str::to_owned),
        last_good_at: time_of(&status["lastSuccessfulExecution"]["timeEnded"]),
    })
}
