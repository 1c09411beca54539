//! Entra's provisioning job for the downstream app: it asks with the token that was saved for it, and is quarantined when that
//! is refused (<https://learn.microsoft.com/graph/api/resources/synchronization-synchronizationjob>,
//! <https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-quarantine-status>).

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::server::{Azure, time};
use crate::company::access::Guid;
use crate::journal::millis;
use crate::scim::{Admission, Family, Handle, Sees, later, sha256};

/// The longest that a quarantined job waits for its next attempt.
const LONGEST_WAIT: Duration = Duration::from_secs(86_400);
/// The displayed name of the app that is provisioned.
const APP: &str = "Ledgerly";

/// What becomes of a request with a token that Entra was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Good(Sees),
    /// 401.
    Refused,
    /// 403.
    Forbidden,
    /// There is no SCIM server at that address.
    Nowhere,
}

impl Outcome {
    /// Entra's name for what went wrong, and what it says.
    pub(crate) fn error(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Good(_) => None,
            Self::Refused | Self::Forbidden => Some((
                "SystemForCrossDomainIdentityManagementCredentialValidationFailure",
                "The credentials were refused by the application: it answered that they are not authorized. Check the secret token and the tenant URL.",
            )),
            Self::Nowhere => Some((
                "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable",
                "The application could not be reached at the tenant URL, or does not answer as a SCIM server. Check the tenant URL.",
            )),
        }
    }
}

/// One run of the job. Times are milliseconds since 1970.
#[derive(Debug, Clone)]
struct Run {
    id: Guid,
    began: i64,
    ended: i64,
    outcome: Outcome,
    exported: usize,
}

#[derive(Debug, Clone)]
struct Quarantine {
    outcome: Outcome,
    reason: &'static str,
    current: i64,
    series: i64,
    count: u32,
}

/// What waits for the job: resources by the provider's ids, with the places there.
pub(crate) type Pending = BTreeMap<(Family, String), u32>;

/// The job, and where its token opens.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: String,
    /// The service principal of the app.
    pub(crate) service: Guid,
    doors: Vec<Handle>,
    base: Option<String>,
    token: Option<String>,
    /// When the secrets were saved last.
    saved: i64,
    paused: bool,
    quarantine: Option<Quarantine>,
    quarantines: u64,
    restarts: u64,
    next: i64,
    failures: u64,
    last: Run,
    last_good: Run,
    /// When the lab was opened, and everything stood as it should.
    steady: i64,
    runs: u64,
    pending: Pending,
    seed: u64,
}

impl Job {
    fn new(service: Guid, downstream: &Handle, others: Vec<Handle>, seed: u64) -> Self {
        let now = millis();
        let run = Run {
            id: Guid::derived(seed, "entra run", 0),
            began: now,
            ended: now,
            outcome: Outcome::Good(Sees::All),
            exported: 0,
        };
        let part = Guid::derived(seed, "entra job", 0).to_string().replace('-', "");
        Self {
            id: format!("scim.{part}.{}", Guid::derived(seed, "entra job", 1)),
            service,
            base: Some(downstream.url()),
            token: Some(downstream.token()),
            doors: others.into_iter().chain([downstream.clone()]).collect(),
            saved: now,
            paused: false,
            quarantine: None,
            quarantines: 0,
            restarts: 0,
            next: 0,
            failures: 0,
            last: run.clone(),
            last_good: run,
            steady: now,
            runs: 0,
            pending: Pending::new(),
            seed,
        }
    }

    /// What the app says to a token at an address.
    fn ask(&self, base: Option<&str>, token: Option<&str>, method: &str) -> Outcome {
        let base = base.unwrap_or_default().trim_end_matches('/');
        let Some(door) = self.doors.iter().find(|door| door.url() == base) else {
            return Outcome::Nowhere;
        };
        match door.server.knock(token.unwrap_or_default(), method, "/scim/v2/Users") {
            Admission::In(_, sees) => Outcome::Good(sees),
            Admission::Refused => Outcome::Refused,
            Admission::Forbidden => Outcome::Forbidden,
        }
    }

    /// What the app says to the saved token.
    pub(crate) fn ask_with_saved(&self, method: &str) -> Outcome {
        self.ask(self.base.as_deref(), self.token.as_deref(), method)
    }

    /// What the app says to credentials that are not saved.
    pub(crate) fn ask_with(&self, pairs: &BTreeMap<String, String>) -> Outcome {
        let get = |name: &str| pairs.get(name).map(String::as_str);
        self.ask(get("BaseAddress"), get("SecretToken"), "GET")
    }

    /// Saves secrets. Keys that are not named stay as they are; an empty value takes one away.
    pub(crate) fn save(&mut self, mut pairs: BTreeMap<String, String>) {
        let mut take = |name: &str, held: &mut Option<String>| {
            if let Some(value) = pairs.remove(name) {
                *held = Some(value).filter(|value| !value.is_empty());
            }
        };
        take("BaseAddress", &mut self.base);
        take("SecretToken", &mut self.token);
        self.saved = millis();
    }

    pub(crate) fn pause(&mut self) {
        self.paused = true;
    }

    /// Runs it at once. A quarantine is lifted by the cycle that then completes.
    pub(crate) fn restart(&mut self) {
        self.paused = false;
        self.restarts += 1;
        self.next = 0;
    }

    fn configured(&self) -> bool {
        self.base.is_some() && self.token.is_some()
    }

    /// Whether changes reach the app.
    pub(crate) fn flows(&self) -> bool {
        self.configured() && !self.paused && self.quarantine.is_none()
    }

    pub(crate) fn due(&self) -> bool {
        self.configured() && !self.paused && millis() >= self.next
    }

    /// Keeps a change for the next cycle.
    pub(crate) fn pend(&mut self, family: Family, id: &str, place: u32) {
        self.pending.insert((family, id.to_owned()), place);
    }

    pub(crate) fn take_pending(&mut self) -> Pending {
        std::mem::take(&mut self.pending)
    }

    /// Notes how a cycle went that began at `began`; `every` is the time from one to the next.
    pub(crate) fn ran(&mut self, began: i64, outcome: Outcome, exported: usize, every: Duration) {
        let now = millis();
        self.runs += 1;
        self.last = Run {
            id: Guid::derived(self.seed, "entra run", self.runs),
            began,
            ended: now,
            outcome,
            exported,
        };
        self.next = later(now, every);
        if let Outcome::Good(_) = outcome {
            self.last_good = self.last.clone();
            (self.quarantine, self.failures) = (None, 0);
        } else {
            self.failures += 1;
            self.quarantined(outcome, every);
        }
    }

    /// Puts it into quarantine, or prolongs that: it then waits longer from attempt to attempt.
    pub(crate) fn quarantined(&mut self, outcome: Outcome, every: Duration) {
        let now = millis();
        let before = self.quarantine.take();
        let count = before.as_ref().map_or(0, |before| before.count) + 1;
        let series = before.map_or(now, |before| before.series);
        if count == 1 {
            self.quarantines += 1;
        }
        let wait = every.saturating_mul(1 << count.min(16)).min(LONGEST_WAIT);
        self.next = later(now, wait);
        // A token that may not write fails entry by entry.
        let reason = if outcome == Outcome::Forbidden {
            "EncounteredEscrowProportionThreshold"
        } else {
            "EncounteredQuarantineException"
        };
        self.quarantine = Some(Quarantine {
            outcome,
            reason,
            current: now,
            series,
            count,
        });
    }

    fn code(&self) -> &'static str {
        if !self.configured() {
            "NotConfigured"
        } else if self.paused {
            "Paused"
        } else if self.quarantine.is_some() {
            "Quarantine"
        } else {
            "Active"
        }
    }

    /// As Graph shows it.
    pub(crate) fn shown(&self, every: Duration) -> Value {
        let quarantine = self.quarantine.as_ref().map(|quarantine| {
            json!({
                "currentBegan": time(quarantine.current), "nextAttempt": time(self.next), "reason": quarantine.reason,
                "seriesBegan": time(quarantine.series), "seriesCount": quarantine.count, "error": error(quarantine.outcome),
            })
        });
        json!({
            "id": self.id,
            "templateId": "scim",
            "schedule": {"expiration": null, "interval": format!("PT{}S", every.as_secs_f64()), "state": if self.paused { "Paused" } else { "Active" }},
            "status": {
                "countSuccessiveCompleteFailures": self.failures,
                "escrowsPruned": false,
                "code": self.code(),
                "lastExecution": run(&self.last),
                "lastSuccessfulExecution": run(&self.last_good),
                "lastSuccessfulExecutionWithExports": null,
                "progress": [],
                "quarantine": quarantine,
                "steadyStateFirstAchievedTime": time(self.steady),
                "steadyStateLastAchievedTime": time(self.last_good.ended),
                "synchronizedEntryCountByType": [],
                "troubleshootingUrl": null,
            },
            "synchronizationJobSettings": [{"name": "QuarantineTooManyDeletesThreshold", "value": "500"}],
        })
    }

    /// As it truly is: which token it holds, without its value.
    pub(crate) fn truth(&self) -> Value {
        json!({
            "id": self.id, "service": self.service, "code": self.code(), "baseAddress": self.base, "saved": self.saved,
            "sha256": self.token.as_deref().map(sha256), "waiting": self.pending.len(), "runs": self.runs, "restarts": self.restarts,
            "quarantines": self.quarantines, "quarantinedSince": self.quarantine.as_ref().map(|quarantine| quarantine.series),
            "lastGood": self.last_good.ended,
        })
    }
}

fn error(outcome: Outcome) -> Value {
    outcome.error().map_or(
        Value::Null,
        |(code, message)| json!({"code": code, "message": message, "tenantActionable": true}),
    )
}

fn run(run: &Run) -> Value {
    let good = run.outcome.error().is_none();
    json!({
        "activityIdentifier": run.id, "countEntitled": 0, "countEntitledForProvisioning": 0, "countEscrowed": 0,
        "countEscrowedRaw": 0, "countExported": run.exported, "countExports": run.exported, "countImported": 0,
        "countImportedDeltas": 0, "countImportedReferenceDeltas": 0, "error": error(run.outcome),
        "state": if good { "Succeeded" } else { "Failed" }, "timeBegan": time(run.began), "timeEnded": time(run.ended),
    })
}

impl Azure {
    /// Gives Entra the app to provision, with the app's own first token. An app that takes no bearer tokens has no job.
    pub(crate) fn provision(&self, downstream: &Handle, provider: &Handle) {
        if !downstream.server.access().options().bearer {
            return;
        }
        let service = {
            let state = self.state();
            let found = state.tenant.services.iter().find(|service| service.display == APP);
            found.map(|service| service.id)
        };
        if let Some(service) = service {
            *self.job() = Some(Job::new(service, downstream, vec![provider.clone()], self.seed()));
        }
    }
}
