//! Bad input: every misbehaviour of a server ends soon, in a clear error or a list that is marked as incomplete.

#![allow(clippy::unwrap_used, reason = "this is test code: what cannot go on has failed")]

mod hostile_backstage;
mod hostile_fuzz;
mod hostile_leaks;
mod hostile_probe;
mod hostile_tls;

use std::sync::Arc;
use std::time::{Duration, Instant};

use lanyard_engine::record::ResourceKind;
use lanyard_engine::secrets::Secret;
use lanyard_engine::sources::SourceError;
use lanyard_engine::sources::scim::{Auth, Batch, Limits, ListEnd, ListPlan, Paging, ScimClient, ScimConfig};
use lanyard_tests::hostile::{self, Case, Ends};
use tokio_util::sync::CancellationToken;

/// The token of these tests: it must not be seen anywhere.
pub const TOKEN: &str = "hostile-test-token-Zq81";

/// Bounds that let a test end soon.
pub fn limits() -> Limits {
    Limits {
        connect_ms: 1000,
        idle_ms: 400,
        request_ms: 1500,
        body_bytes: 8 << 20,
        tries: 2,
        longest_wait_ms: 1200,
        pages: 50,
    }
}

/// A client's settings for these tests.
pub fn config(base: &str) -> ScimConfig {
    ScimConfig {
        name: "Hostile".into(),
        base: base.parse().unwrap(),
        auth: Auth::Bearer(Secret::new(TOKEN.into())),
        ca_pem: None,
        headers: Vec::new(),
        request_budget: None,
        limits: limits(),
    }
}

/// A client with these settings.
pub fn client(base: &str) -> ScimClient {
    ScimClient::new(config(base)).unwrap()
}

/// What came of a listing.
pub struct Listed {
    /// How it ended.
    pub end: Result<ListEnd, SourceError>,
    /// The pages that came.
    pub batches: Vec<Batch>,
}

impl Listed {
    /// How many resources came.
    pub fn resources(&self) -> usize {
        self.batches.iter().map(|batch| batch.resources.len()).sum()
    }

    /// How it ended, in a word.
    pub fn verdict(&self) -> String {
        match &self.end {
            Err(error) => format!("error {}", error.code()),
            Ok(end) if end.complete => format!("complete {}", end.unique),
            Ok(end) => {
                let reasons: Vec<_> = end.reasons.iter().map(|reason| reason.code.as_str()).collect();
                format!("incomplete {} {}", reasons.join(","), end.unique)
            }
        }
    }
}

/// Reads a list to its end.
pub async fn list(client: &ScimClient, paging: Paging) -> Listed {
    let plan = ListPlan {
        page_size: 100,
        concurrency: if paging == Paging::Cursor { 1 } else { 4 },
        paging,
        filter: None,
        attributes: None,
    };
    let (batches_in, mut batches_out) = tokio::sync::mpsc::channel(4);
    let cancel = CancellationToken::new();
    let collect = async {
        let mut batches = Vec::new();
        while let Some(batch) = batches_out.recv().await {
            batches.push(batch);
        }
        batches
    };
    let (end, batches) = tokio::join!(client.list(ResourceKind::User, "Users", &plan, batches_in, &cancel), collect);
    Listed { end, batches }
}

async fn run(case: Case) -> Vec<String> {
    let behaviour = Arc::clone(&case.behaviour);
    let server = hostile::serve(move |asked| behaviour(asked)).await;
    let client = client(&server.base);
    let started = Instant::now();
    let paging = if case.cursor { Paging::Cursor } else { Paging::Index };
    let Ok(listed) = tokio::time::timeout(Duration::from_secs(20), list(&client, paging)).await else {
        return vec![format!("{}: did not end within 20 s", case.name)];
    };
    let mut wrong = Vec::new();
    let took = started.elapsed();
    // Two tries of 1.5 s, with waits of up to 1.2 s: seconds, also on a busy machine.
    if took > Duration::from_secs(12) {
        wrong.push(format!("{}: took {took:?}", case.name));
    }
    let right = match (&case.ends, &listed.end) {
        (Ends::Error(code), Err(error)) => error.code() == *code,
        (Ends::Incomplete(reason, unique), Ok(end)) => {
            !end.complete && end.unique == *unique && end.reasons.iter().any(|given| given.code == *reason && !given.text.is_empty())
        }
        (Ends::Complete(unique), Ok(end)) => end.complete && end.unique == *unique,
        _ => false,
    };
    if !right {
        wrong.push(format!(
            "{}: {:?} expected, {} came: {:?}",
            case.name,
            case.ends,
            listed.verdict(),
            listed.end
        ));
    }
    if let Ok(end) = &listed.end
        && end.unique != listed.resources() as u64
    {
        wrong.push(format!("{}: {} counted, {} handed out", case.name, end.unique, listed.resources()));
    }
    for batch in &listed.batches {
        for place in &batch.resources {
            if serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&batch.body[place.clone()]).is_err()
                && !case.name.contains("half a character")
            {
                wrong.push(format!("{}: a resource that is no JSON object", case.name));
            }
        }
    }
    if let Err(error) = &listed.end {
        let fault = error.fault();
        if fault.what.is_empty() || fault.means.is_empty() || fault.next.is_empty() {
            wrong.push(format!("{}: {} has no words: {fault:?}", case.name, fault.code));
        }
        if !format!("{} {}", fault.what, fault.next).contains("127.0.0.1")
            && !fault.details.iter().any(|line| line.value.contains("127.0.0.1"))
        {
            wrong.push(format!("{}: does not say which server: {fault:?}", case.name));
        }
    }
    let told = format!(
        "{:?} {:?} {:?}",
        listed.end,
        listed.end.as_ref().err().map(SourceError::fault),
        client.traffic()
    );
    if told.contains(TOKEN) {
        wrong.push(format!("{}: the token is in what was told", case.name));
    }
    wrong
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_misbehaviour_ends_soon_and_says_what_it_is() {
    let cases = hostile::all();
    let count = cases.len();
    assert!(count >= 60, "{count}");
    let mut wrong = Vec::new();
    let mut running = tokio::task::JoinSet::new();
    let mut cases = cases.into_iter();
    loop {
        while running.len() < 12 {
            let Some(case) = cases.next() else { break };
            running.spawn(run(case));
        }
        match running.join_next().await {
            Some(found) => wrong.extend(found.unwrap()),
            None => break,
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_two_cases_are_called_the_same() {
    let mut names: Vec<_> = hostile::all().into_iter().map(|case| case.name).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
}
