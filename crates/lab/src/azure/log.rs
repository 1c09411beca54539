//! The log of what Entra's provisioning job did, entry by entry
//! (<https://learn.microsoft.com/graph/api/resources/provisioningobjectsummary>).

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use crate::company::access::Guid;

/// More entries push the oldest out.
const REMEMBERED: usize = 10_000;

/// What became of one user or group.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// When, in milliseconds since 1970.
    pub(crate) at: i64,
    pub(crate) user: bool,
    /// `create`, `update`, `disable`, `delete`.
    pub(crate) action: &'static str,
    /// The object in Entra.
    pub(crate) source: Guid,
    pub(crate) display: String,
    /// The id in the app, where it has one.
    pub(crate) target: Option<String>,
    /// The error's code and what the app said.
    pub(crate) error: Option<(&'static str, String)>,
}

/// The entries, oldest first.
#[derive(Debug, Default)]
pub(crate) struct ProvisioningLog {
    entries: VecDeque<(u64, Entry)>,
    count: u64,
}

impl ProvisioningLog {
    pub(crate) fn note(&mut self, entry: Entry) {
        if self.entries.len() == REMEMBERED {
            self.entries.pop_front();
        }
        self.count += 1;
        self.entries.push_back((self.count, entry));
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The entry at a place, the newest at 0, as Graph shows it.
    pub(crate) fn shown(&self, place: usize, job: &str, app: (Guid, &str), tenant: Guid) -> Option<Map<String, Value>> {
        let (number, entry) = self.entries.iter().rev().nth(place)?;
        let kind = if entry.user { "User" } else { "Group" };
        let id = |what: &str| Guid::derived(tenant.bits(), what, *number);
        let error = entry.error.as_ref().map(|(code, reason)| {
            json!({"errorCode": code, "errorCategory": "failure", "reason": reason, "additionalDetails": null,
                "recommendedAction": format!("https://aka.ms/TroubleshootProvisioning#{code}")})
        });
        let failed = error.is_some();
        let status = if failed { "failure" } else { "success" };
        let step = |number: u32, name: &str, kind: &str, status: &str| json!({"name": name, "provisioningStepType": kind, "status": status, "description": "", "details": {}, "number": number});
        let doc = json!({
            "id": id("log entry"), "activityDateTime": fine(entry.at), "tenantId": tenant, "jobId": job,
            "cycleId": id("log cycle"), "changeId": id("log change"), "durationInMilliseconds": 41,
            "provisioningAction": entry.action,
            "servicePrincipal": {"id": app.0, "displayName": app.1},
            "sourceSystem": {"id": tenant, "displayName": "Microsoft Entra ID", "details": {}},
            "targetSystem": {"id": app.0, "displayName": app.1, "details": {"ApplicationId": app.0}},
            "initiatedBy": {"id": "", "displayName": "Microsoft Entra provisioning service", "initiatorType": "system"},
            "sourceIdentity": {"id": entry.source, "displayName": entry.display, "identityType": kind, "details": {}},
            "targetIdentity": {"id": entry.target.as_deref().unwrap_or_default(), "displayName": "", "identityType": kind, "details": {}},
            "provisioningStatusInfo": {"status": status, "errorInformation": error},
            "provisioningSteps": [
                step(0, "EntryImportUser", "import", "success"),
                step(1, "EntryExportUser", "export", status),
            ],
            "modifiedProperties": [],
        });
        match doc {
            Value::Object(doc) => Some(doc),
            _ => None,
        }
    }
}

/// A time as the log writes it: with the fraction of the second.
fn fine(millis: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
