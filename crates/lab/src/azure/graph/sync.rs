//! The synchronization API of service principals (<https://learn.microsoft.com/graph/api/resources/synchronization-overview>):
//! jobs, their secrets, the test of those, and the restart.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Value, json};

use super::docs::PLAIN;
use super::permission::Needs;
use super::write::{Done, done};
use super::{Answer, Graph};
use crate::azure::options::AzureQuirk;
use crate::azure::reply::Reply;
use crate::azure::state::Family;
use crate::azure::sync::Job;
use crate::company::access::Guid;

/// What a restart may begin anew (`synchronizationJobRestartScope`).
const SCOPES: [&str; 7] = [
    "None",
    "ConnectorDataStore",
    "Escrows",
    "Watermark",
    "QuarantineState",
    "Full",
    "ForceDeletes",
];

impl Graph<'_> {
    /// The service principal, if the client may see or change what provisions it.
    fn provisioned(&self, id: &str, needs: Needs) -> Result<Guid, Reply> {
        let id = self.named(Family::Services, id)?;
        let owned = self.state.service(id).is_some_and(|service| {
            let client = self.state.app(self.azure.client);
            client.is_some_and(|client| service.owners.contains(&client.id))
        });
        if !(owned && self.has(Needs::OwnApplications)) {
            self.need(needs)?;
        }
        Ok(id)
    }

    /// Does something with the job of a service principal. `wanted` is the job's id; the only one, when there is none.
    fn with_job<T>(&self, service: Guid, wanted: Option<&str>, act: impl FnOnce(&mut Job) -> T) -> Result<T, Reply> {
        let mut held = self.azure.job();
        let job = held.as_mut().filter(|job| job.service == service);
        let job = job.filter(|job| wanted.is_none_or(|wanted| job.id == wanted));
        let missing = || {
            let text = format!("The job '{}' does not exist.", wanted.unwrap_or_default());
            self.refuse(404, "JobNotFound", &text)
        };
        job.map(act).ok_or_else(missing)
    }

    /// What is asked below `/servicePrincipals/{id}/synchronization`.
    pub(super) fn synchronization(&self, id: &str, rest: &[&str]) -> Answer {
        let every = self.azure.options().sync_every;
        match (self.ask.method.as_str(), rest) {
            ("GET", ["jobs"]) => {
                let service = self.provisioned(id, Needs::Synchronization)?;
                // An app that is not provisioned has no jobs.
                let job = self.with_job(service, None, |job| job.shown(every)).ok();
                let all: Vec<Value> = job.into_iter().collect();
                self.values(&format!("servicePrincipals('{service}')/synchronization/jobs"), &all)
            }
            ("GET", ["jobs", job]) => {
                let service = self.provisioned(id, Needs::Synchronization)?;
                let mut shown = self.with_job(service, Some(job), |job| job.shown(every))?;
                shown["@odata.context"] = json!(format!(
                    "{}/v1.0/$metadata#servicePrincipals('{service}')/synchronization/jobs/$entity",
                    self.azure.sites.graph
                ));
                Ok(Reply::ok(shown))
            }
            ("POST", ["jobs", job, "validateCredentials" | "microsoft.graph.validateCredentials"]) => {
                let service = self.provisioned(id, Needs::WriteSynchronization)?;
                let saved = self.ask.body["useSavedCredentials"] == true;
                let pairs = if saved { BTreeMap::new() } else { self.pairs("credentials")? };
                let outcome = self.with_job(service, Some(job), |job| {
                    if saved { job.ask_with_saved("GET") } else { job.ask_with(&pairs) }
                })?;
                match outcome.error() {
                    None => Ok(Reply::empty(204)),
                    Some((code, message)) => Err(self.refuse(400, code, message)),
                }
            }
            _ => Err(self.refuse(400, "BadRequest", "Resource not found for the segment 'synchronization'.")),
        }
    }

    /// What is changed there.
    pub(super) fn change_synchronization(&self, id: &str, rest: &[&str]) -> Done {
        let service = self.provisioned(id, Needs::WriteSynchronization)?;
        match (self.ask.method.as_str(), rest) {
            ("PUT", ["secrets"]) => {
                let pairs = self.pairs("value")?;
                self.with_job(service, None, |job| job.save(pairs))?;
            }
            ("POST", ["jobs", job, "restart" | "microsoft.graph.restart"]) => {
                self.check_scope()?;
                self.with_job(service, Some(job), Job::restart)?;
            }
            ("POST", ["jobs", job, "start" | "microsoft.graph.start"]) => self.with_job(service, Some(job), Job::restart)?,
            ("POST", ["jobs", job, "pause" | "microsoft.graph.pause"]) => self.with_job(service, Some(job), Job::pause)?,
            _ => return Err(self.refuse(405, "Request_BadRequest", "The method is not allowed on this resource.")),
        }
        Ok(done([]))
    }

    /// `/auditLogs/provisioning`, newest first.
    pub(super) fn provisioning_log(&self) -> Answer {
        let (throttle, licence) = {
            let options = self.azure.options();
            (options.throttle, !options.has(AzureQuirk::NoLogLicence))
        };
        if let Err(seconds) = self.azure.limits().take_log(throttle.graph_logs, Instant::now()) {
            let reply = self.refuse(429, "TooManyRequests", "Too many requests");
            return Err(if throttle.retry_after {
                reply.with("retry-after", seconds.to_string())
            } else {
                reply
            });
        }
        self.need(Needs::AuditLog)?;
        self.need(Needs::Directory)?;
        if !licence {
            return Err(self.refuse(
                403,
                "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
                "Neither tenant is B2C or tenant doesn't have premium license",
            ));
        }
        let job = self.azure.job().as_ref().map(|job| (job.id.clone(), job.service));
        let Some((job, service)) = job else {
            return self.values("auditLogs/provisioning", &[]);
        };
        let name = self.state.service(service).map_or("", |service| service.display.as_str());
        let log = self.azure.log();
        self.page("auditLogs/provisioning", PLAIN, log.len(), |place| {
            log.shown(place, &job, (service, name), self.state.tenant.id)
        })
    }

    fn check_scope(&self) -> Result<(), Reply> {
        let scope = &self.ask.body["criteria"]["resetScope"];
        let known = match scope {
            Value::Null => true,
            Value::String(scope) => scope
                .split(',')
                .map(str::trim)
                .filter(|word| !word.is_empty())
                .all(|word| SCOPES.contains(&word)),
            _ => false,
        };
        if known {
            return Ok(());
        }
        Err(self.bad_request("Invalid value specified for property 'resetScope' of resource 'synchronizationJobRestartCriteria'."))
    }

    /// A list of pairs `{"key", "value"}` in the body.
    fn pairs(&self, name: &str) -> Result<BTreeMap<String, String>, Reply> {
        let pair = |pair: &Value| Some((pair["key"].as_str()?.to_owned(), pair["value"].as_str()?.to_owned()));
        let listed = self.ask.body[name].as_array();
        let pairs = listed.and_then(|listed| listed.iter().map(pair).collect::<Option<BTreeMap<_, _>>>());
        pairs.filter(|pairs| !pairs.is_empty()).ok_or_else(|| {
            let text = format!("'{name}' must be a list of pairs of 'key' and 'value'.");
            self.bad_request(&text)
        })
    }
}
