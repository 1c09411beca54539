//! What a run says that it sent, beside what arrived at the systems.

use std::collections::BTreeMap;

use lanyard_engine::Engine;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// An intent of a run's story: what was about to be sent, and what was seen before it was sent again.
pub struct Sent {
    step: String,
    attempt: u64,
    key: Key,
    after: Option<String>,
}

/// Method, path with query, digest of the body: what the lab's journal keeps of a write.
type Key = (String, String, String);

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// All intents of a run. Its records are whole: numbered without a gap.
pub fn of(engine: &Engine, run: u64) -> Vec<Sent> {
    let (run, mut records) = (i64::try_from(run).unwrap(), Vec::new());
    loop {
        let page = engine.run_records(run, records.len() as u32, 500).unwrap();
        let more = !page.records.is_empty();
        records.extend(page.records);
        if !more {
            break;
        }
    }
    records.reverse();
    let numbers: Vec<i64> = records.iter().map(|record| record.seq).collect();
    assert_eq!(numbers, (1..=records.len() as i64).collect::<Vec<_>>(), "records of run {run}");
    let intents = records.iter().filter(|record| record.kind == "act.intent");
    intents
        .map(|record| {
            let request = &record.data["write"]["request"];
            let url = reqwest::Url::parse(request["url"].as_str().unwrap()).unwrap();
            let target = url.query().map_or(url.path().to_owned(), |query| format!("{}?{query}", url.path()));
            let body = Sha256::digest(request["body"].as_str().unwrap_or_default());
            Sent {
                step: text(&record.data["step"]),
                attempt: record.data["attempt"].as_u64().unwrap(),
                key: (
                    text(&request["method"]),
                    target,
                    body.iter().map(|byte| format!("{byte:02x}")).collect(),
                ),
                after: record.data["after"]["seen"].as_str().map(str::to_owned),
            }
        })
        .collect()
}

/// Whether a write leaves the same when it is sent twice: to switch off, to put in or take out a member that is named (RFC 7644 §3.5.2.1: a value
/// that is there already changes nothing), to delete, to end sessions. To make somebody is not, whatever the server makes of it.
fn safe_to_send_twice(method: &str, target: &str) -> bool {
    match method {
        "DELETE" | "PATCH" | "PUT" => true,
        "POST" => target.ends_with("/revokeSignInSessions"),
        _ => false,
    }
}

/// Holds what arrived against what the story says. Gives how many writes came again, and how many that make somebody were cut off without effect.
pub fn judge(sent: &[Sent], arrived: &[Value], happened: &[Value], made: Option<&String>, context: &str) -> (usize, usize) {
    // Nothing is sent without a word in the story, and nothing more often than the story says.
    let mut counts: BTreeMap<Key, usize> = BTreeMap::new();
    for write in arrived {
        let key = (text(&write["method"]), text(&write["target"]), text(&write["body"]));
        *counts.entry(key).or_default() += 1;
    }
    for (key, count) in &counts {
        let intended = sent.iter().filter(|sent| sent.key == *key).count();
        assert!(
            *count <= intended,
            "{context}: {key:?} arrived {count} times and was told of {intended} times"
        );
    }
    // What is sent again was read back before, as not so.
    for again in sent.iter().filter(|sent| sent.attempt > 1) {
        let seen = again.after.as_deref();
        // What makes somebody or puts them into a group was missing; what takes something away found it there.
        let not_so = match seen {
            Some("gone") => again.step.starts_with("make"),
            Some("there" | "off") => !again.step.starts_with("make"),
            _ => false,
        };
        assert!(not_so, "{context}: {} was sent again after {seen:?}", again.step);
    }
    let again = counts.values().map(|count| count - 1).sum();
    let mut cut_off = 0;
    for ((method, target, _), count) in &counts {
        if safe_to_send_twice(method, target) {
            continue;
        }
        assert!(
            method == "POST" && target.ends_with("/Users"),
            "{context}: {method} {target} is not known here"
        );
        cut_off += count - 1;
    }
    if let Some(made) = made {
        let appeared: Vec<&Value> = happened
            .iter()
            .filter(|event| event["system"] == "idp" && event["what"] == "appeared")
            .collect();
        assert_eq!(appeared.len(), 1, "{context}: {appeared:#?}");
        assert_eq!(appeared[0]["name"], *made.as_str(), "{context}");
        let at = appeared[0]["at"].as_i64().unwrap();
        let posts = arrived
            .iter()
            .filter(|write| write["method"] == "POST" && text(&write["target"]).ends_with("/Users"));
        for post in posts {
            assert!(
                post["at"].as_i64().unwrap() <= at,
                "{context}: asked for again when it was there: {post:#}"
            );
        }
    }
    (again, cut_off)
}
