//! `$batch`: up to twenty requests in one, each with a status of its own (<https://learn.microsoft.com/graph/json-batching>).

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::azure::reply::{Ask, Reply};
use crate::azure::server::{Azure, AzureSeen, Site, now};
use crate::company::access::Guid;
use crate::faults::RetryAfter;
use crate::journal::is_write;

/// The most requests in one.
const MOST: usize = 20;

pub(super) fn run(azure: &Azure, ask: &Ask) -> Reply {
    let bad = |text: &str| Reply::graph(400, "BadRequest", text, &now(), &azure.request_id());
    let Some(requests) = ask.body["requests"].as_array() else {
        return bad("Invalid batch payload format.");
    };
    if requests.is_empty() || requests.len() > MOST {
        return bad(&format!("Number of batch request steps exceeds the maximum value of {MOST}."));
    }
    let ids: HashSet<&str> = requests.iter().filter_map(|request| request["id"].as_str()).collect();
    if ids.len() < requests.len() {
        return bad("Each request of a batch needs an id of its own.");
    }
    // Answers come in whatever order: the last first, so that nobody relies on it.
    let responses: Vec<Value> = requests.iter().rev().map(|request| one(azure, request, ask.caller)).collect();
    Reply::ok(json!({"responses": responses}))
}

fn one(azure: &Azure, request: &Value, caller: Option<Guid>) -> Value {
    let target = request["url"].as_str().unwrap_or_default();
    let method = request["method"].as_str().unwrap_or("GET").to_uppercase();
    let noted = is_write(&method, target).then(|| {
        let body = if request["body"].is_null() {
            String::new()
        } else {
            request["body"].to_string()
        };
        azure.journal().came("graph", &method, target, body.as_bytes())
    });
    let reply = struck(azure).unwrap_or_else(|| {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let eventual = request["headers"].as_object().is_some_and(|headers| {
            let named = |(name, value): (&String, &Value)| name.eq_ignore_ascii_case("ConsistencyLevel") && value == "eventual";
            headers.iter().any(named)
        });
        let path = format!("/v1.0/{}", path.trim_start_matches('/'));
        azure.graph_one(&Ask {
            method: method.clone(),
            path: percent_encoding::percent_decode_str(&path).decode_utf8_lossy().into_owned(),
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            eventual,
            body: request["body"].clone(),
            nobody: false,
            caller,
        })
    });
    if let Some(number) = noted {
        azure.journal().answered(number, reply.status);
    }
    azure.remember(AzureSeen {
        site: Site::Graph,
        method,
        target: target.to_owned(),
        status: reply.status,
    });
    let mut headers = json!({"Content-Type": "application/json"});
    for (name, value) in reply.headers {
        // Within a batch a header is named as the documentation has it.
        let name = if name == "retry-after" { "Retry-After" } else { name };
        headers[name] = json!(value);
    }
    json!({"id": request["id"], "status": reply.status, "headers": headers, "body": reply.body})
}

/// Faults that befall one request of a batch.
fn struck(azure: &Azure) -> Option<Reply> {
    let strikes = azure.strike(Site::Graph);
    let refuse = |status, code, text| Reply::graph(status, code, text, &now(), &azure.request_id());
    if let Some(after) = strikes.too_many() {
        let reply = refuse(429, "TooManyRequests", "too many requests");
        return Some(match after {
            RetryAfter::Seconds(seconds) => reply.with("retry-after", seconds.to_string()),
            RetryAfter::Date => reply.with("retry-after", "1"),
            RetryAfter::Missing => reply,
        });
    }
    let status = strikes.server_error()?;
    Some(refuse(status, "serviceNotAvailable", "something broke"))
}
