//! Entra's provisioning log: what jobs could not do and have not made good since.
//!
//! <https://learn.microsoft.com/graph/api/provisioningobjectsummary-list>: five requests in ten seconds, entries of some days, newest first;
//! `$filter` knows `eq`, `gt`, `lt`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::AzureClient;
use super::related::Pages;
use crate::record::azure::key;
use crate::sources::SourceError;
use crate::sources::azure::outlet::{Outlet, Pack, Stop};
use crate::sources::azure::wire;
use crate::sources::http::{Call, HttpClient};
use crate::view::Millis;

/// How far back the log is read.
const WINDOW: Millis = 7 * 86_400_000;
/// Entries of a page.
const PAGE: u32 = 999;
/// Pages of failures, and of successes after them. More of them is a job that is broken as a whole, which its state tells.
const MOST_PAGES: usize = 40;
/// So many pages come without a wait: as many as ten seconds bear, less one for whoever else asks.
const AT_ONCE: usize = 4;
/// Between two pages from then on.
const PACE: Duration = Duration::from_secs(2);
/// Longer ids are none.
const LONGEST_ID: usize = 1_024;

/// What the log says of who failed: by the ids that they are kept under.
pub(in super::super) type Failures = BTreeMap<String, Map<String, Value>>;

/// Reads it.
pub(in super::super) async fn errors(client: &AzureClient, outlet: &mut Outlet<'_>) -> Result<(), Stop> {
    let since = jiff::Timestamp::now().as_millisecond() - WINDOW;
    let (read, whole) = match read(client, since, outlet).await {
        Err(Stop::Error(error)) if is_without_licence(&error) => {
            outlet.because(
                "refused",
                "The tenant has no licence for the provisioning log: that takes Microsoft Entra ID P1.".into(),
            );
            return Ok(());
        }
        read => read?,
    };
    let failures: Failures = read.into_iter().map(|(id, failure)| (id, failure.document)).collect();
    let failures = Arc::new(failures);
    // What a log that was not read to its end does not show may be there.
    let known = whole.then(|| failures.clone());
    client.remember(|memory| memory.failures = known);
    let mut pack = Pack::default();
    for failure in failures.values() {
        pack.object(failure);
    }
    outlet.pack(pack).await
}

/// Which of these fail still, by the log as it was read a moment ago; nothing where it was not.
pub(in super::super) fn still_failing(client: &AzureClient, ids: &[String]) -> Vec<(String, Option<Map<String, Value>>)> {
    let Some(failures) = client.remember(|memory| memory.failures.clone()) else {
        return Vec::new();
    };
    ids.iter().map(|id| (id.clone(), failures.get(id).cloned())).collect()
}

/// Whether the log may be read: by one entry of it.
///
/// # Errors
/// When it may not, or no answer came.
pub(in super::super) async fn may_read_log(client: &AzureClient, cancel: &CancellationToken) -> Result<(), SourceError> {
    let mut url = client.graph().below(["auditLogs", "provisioning"]);
    url.query_pairs_mut().append_pair("$top", "1");
    wire::page(client.graph(), Call::get(url), cancel).await.map(drop)
}

/// Whether an answer says that the tenant has not paid for it.
pub(in super::super) fn is_without_licence(error: &SourceError) -> bool {
    wire::rejected_as(error).is_some_and(|(_, code)| code == wire::NO_LICENCE)
}

/// The last failure of a job about somebody.
struct Failure {
    at: Millis,
    document: Map<String, Value>,
}

/// Which entries are asked for.
#[derive(Clone, Copy)]
enum Status {
    Failure,
    Success,
    /// All: of a server that cannot filter by status.
    Any,
}

async fn read(client: &AzureClient, since: Millis, outlet: &mut Outlet<'_>) -> Result<(HashMap<String, Failure>, bool), Stop> {
    let mut log = Log {
        client,
        pages: 0,
        failures: HashMap::new(),
        mended: HashMap::new(),
        unreadable: 0,
        whole: true,
    };
    match log.walk(Status::Failure, since, outlet).await {
        // It does not filter by status: all is read at once, and told apart here.
        Err(Stop::Error(SourceError::Rejected { status: 400, .. })) => log.walk(Status::Any, since, outlet).await?,
        read => {
            read?;
            if let Some(first) = log.failures.values().map(|failure| failure.at).min() {
                log.walk(Status::Success, first, outlet).await?;
            }
        }
    }
    if log.unreadable > 0 {
        let text = format!(
            "{} entries of the log say neither what nor when; they were left out.",
            log.unreadable
        );
        outlet.because("unreadable", text);
    }
    let Log {
        mut failures,
        mended,
        whole,
        ..
    } = log;
    failures.retain(|id, failure| mended.get(id).is_none_or(|at| *at <= failure.at));
    Ok((failures, whole))
}

struct Log<'c> {
    client: &'c AzureClient,
    /// So many were asked for.
    pages: usize,
    failures: HashMap<String, Failure>,
    /// When it last went well, for the same job and identity.
    mended: HashMap<String, Millis>,
    unreadable: u64,
    /// Whether it was read to its end.
    whole: bool,
}

impl Log<'_> {
    async fn walk(&mut self, status: Status, since: Millis, outlet: &mut Outlet<'_>) -> Result<(), Stop> {
        let http = self.client.graph();
        let from = jiff::Timestamp::from_millisecond(since)
            .map(|at| at.to_string())
            .unwrap_or_default();
        let mut filter = format!("activityDateTime gt {from}");
        match status {
            Status::Failure => filter.push_str(" and provisioningStatusInfo/status eq 'failure'"),
            Status::Success => filter.push_str(" and provisioningStatusInfo/status eq 'success'"),
            Status::Any => {}
        }
        let mut url = http.below(["auditLogs", "provisioning"]);
        url.query_pairs_mut()
            .append_pair("$filter", &filter)
            .append_pair("$top", &PAGE.to_string());
        let mut pages = Pages::new(Call::get(url));
        let mut here = 0;
        loop {
            if here >= MOST_PAGES {
                let text = match status {
                    Status::Success => format!(
                        "The log holds more than {MOST_PAGES} pages of successes since; some of these errors may have been made good."
                    ),
                    _ => format!("The log holds more than {MOST_PAGES} pages; the newest were read."),
                };
                outlet.because("tooMany", text);
                self.whole = false;
                return Ok(());
            }
            if self.pages >= AT_ONCE {
                http.slow_down(PACE);
            }
            let Some(page) = pages.next(http, outlet.cancel).await? else {
                return Ok(());
            };
            self.pages += 1;
            here += 1;
            for text in page.texts() {
                self.take(http, since, text);
            }
            if matches!(status, Status::Success) && self.failures.iter().all(|(id, failure)| self.mended.get(id) > Some(&failure.at)) {
                return Ok(());
            }
        }
    }

    fn take(&mut self, http: &HttpClient, since: Millis, text: &[u8]) {
        let Some(entry) = serde_json::from_slice::<Value>(text).ok().and_then(|entry| Entry::of(http, &entry)) else {
            self.unreadable += 1;
            return;
        };
        // A server may pass over the filter.
        if entry.at <= since {
            return;
        }
        if entry.failed {
            let failure = Failure {
                at: entry.at,
                document: entry.document,
            };
            let last = self.failures.get(&entry.id).is_none_or(|held| held.at < failure.at);
            if last {
                self.failures.insert(entry.id, failure);
            }
        } else if entry.succeeded {
            let last = self.mended.entry(entry.id).or_insert(entry.at);
            *last = (*last).max(entry.at);
        }
    }
}

struct Entry {
    id: String,
    at: Millis,
    failed: bool,
    succeeded: bool,
    document: Map<String, Value>,
}

impl Entry {
    /// None where it does not say which job, who, or when.
    fn of(http: &HttpClient, entry: &Value) -> Option<Self> {
        let at = lanyard_scim::instant::unix_millis(entry["activityDateTime"].as_str()?)?;
        let job = entry["jobId"]
            .as_str()
            .filter(|id| !id.trim().is_empty() && id.len() <= LONGEST_ID)?;
        let who = ["sourceIdentity", "targetIdentity"]
            .iter()
            .flat_map(|side| ["id", "displayName"].map(|name| &entry[*side][name]))
            .find_map(|text| text.as_str().filter(|text| !text.trim().is_empty() && text.len() <= LONGEST_ID))?;
        let id = key(&format!("{job}/{who}"));
        let status = entry["provisioningStatusInfo"]["status"].as_str().unwrap_or_default();
        let error = &entry["provisioningStatusInfo"]["errorInformation"];
        let shown = |text: &Value| text.as_str().filter(|text| !text.is_empty()).map(|text| http.fit_to_show(text));
        // Ids are as long as keys are, and stay as they are: by them somebody is found.
        let id_of = |side: &Value| {
            side["id"]
                .as_str()
                .filter(|id| !id.is_empty() && id.len() <= LONGEST_ID)
                .map(str::to_owned)
        };
        let party = |side: &Value| json!({"id": id_of(side), "displayName": shown(&side["displayName"]), "identityType": side["identityType"].as_str()});
        // One application; described as one and as a list of one.
        let service = match &entry["servicePrincipal"] {
            Value::Array(all) => all.first().unwrap_or(&Value::Null),
            one => one,
        };
        let document = json!({
            "id": id,
            "entry": entry["id"].as_str(),
            "jobId": job,
            "activityDateTime": entry["activityDateTime"].as_str(),
            "provisioningAction": entry["provisioningAction"].as_str(),
            "servicePrincipal": {"id": service["id"].as_str().map(key), "displayName": shown(&service["displayName"])},
            "sourceIdentity": party(&entry["sourceIdentity"]),
            "targetIdentity": party(&entry["targetIdentity"]),
            "errorInformation": {
                "errorCode": error["errorCode"].as_str().filter(|code| code.len() <= 120),
                "errorCategory": error["errorCategory"].as_str(),
                "reason": shown(&error["reason"]),
                "additionalDetails": shown(&error["additionalDetails"]),
                "recommendedAction": shown(&error["recommendedAction"]),
            },
        });
        let Value::Object(mut document) = document else { return None };
        document.sort_keys();
        Some(Self {
            id,
            at,
            failed: status.eq_ignore_ascii_case("failure"),
            succeeded: status.eq_ignore_ascii_case("success"),
            document,
        })
    }
}
