//! Bulk requests (RFC 7644 §3.7): many operations, with references to what the same request makes.

use std::collections::{BTreeMap, BTreeSet};

use lanyard_scim::message::{BulkMethod, BulkOperation, BulkRequest, BulkResponse, BulkResult};
use serde_json::Value;

use super::ask::{Answer, Ask};
use super::refusal::Refusal;
use super::server::Server;

/// Runs a bulk request through the same door as single requests.
pub(crate) fn run(server: &Server, body: Value, most: usize) -> Result<Value, Refusal> {
    let request = BulkRequest::from_value(body);
    if request.operations.is_empty() {
        return Err(Refusal::invalid_syntax("Operations is missing or empty"));
    }
    if request.operations.len() > most {
        return Err(Refusal::plain(413, format!("at most {most} operations in one request")));
    }
    let mut run = Run {
        server,
        made: BTreeMap::new(),
        tried: BTreeSet::new(),
    };
    let mut results: Vec<Option<BulkResult>> = request.operations.iter().map(|_| None).collect();
    let mut repairs = Vec::new();
    let mut errors = 0;
    let mut left: Vec<usize> = (0..request.operations.len()).collect();
    while !left.is_empty() {
        // In order, but what refers to something not made yet waits. When all wait, they refer to each other in a
        // circle: the first is made without those references, and gets them at the end.
        let ready = left
            .iter()
            .position(|&place| run.unresolved(&request.operations[place], &request.operations).is_none());
        let place = left.remove(ready.unwrap_or(0));
        let operation = &request.operations[place];
        let result = run.operation(operation, ready.is_none());
        if ready.is_none() && operation.method == Some(BulkMethod::Post) {
            repairs.push(place);
        }
        errors += u64::from(result.status.is_some_and(|status| status >= 400));
        results[place] = Some(result);
        if request.fail_on_errors.is_some_and(|limit| limit > 0 && errors >= limit) {
            break;
        }
    }
    for place in repairs {
        run.repair(&request.operations[place]);
    }
    let response = BulkResponse {
        operations: results.into_iter().flatten().collect(),
    };
    Ok(serde_json::to_value(response).unwrap_or_default())
}

struct Run<'a> {
    server: &'a Server,
    /// bulkId → id of what was made.
    made: BTreeMap<String, String>,
    /// Each bulkId whose POST was run, whatever came of it.
    tried: BTreeSet<String>,
}

impl Run<'_> {
    /// A reference that will be known later in this request.
    fn unresolved(&self, operation: &BulkOperation, all: &[BulkOperation]) -> Option<String> {
        let mut found = Vec::new();
        references(operation.path.as_deref().unwrap_or_default(), &mut found);
        operation
            .data
            .iter()
            .for_each(|data| walk(data, &mut |text| references(text, &mut found)));
        let later = |id: &String| {
            all.iter()
                .any(|other| other.method == Some(BulkMethod::Post) && other.bulk_id.as_ref() == Some(id))
        };
        found.into_iter().find(|id| !self.tried.contains(id) && later(id))
    }

    fn operation(&mut self, operation: &BulkOperation, without_unknown: bool) -> BulkResult {
        let mut result = BulkResult {
            method: operation.method,
            bulk_id: operation.bulk_id.clone(),
            ..BulkResult::default()
        };
        let answer = self.ask(operation, without_unknown);
        result.status = Some(answer.status);
        self.tried.extend(operation.bulk_id.clone());
        result.version = answer.etag.clone();
        if operation.method != Some(BulkMethod::Post) {
            result.location = operation
                .path
                .as_ref()
                .map(|path| format!("{}{}", self.server.base(), self.resolve(path)));
        }
        if answer.status >= 400 {
            result.response = serde_json::from_slice(&answer.body).ok();
        } else if operation.method == Some(BulkMethod::Post) {
            let id = answer
                .location
                .as_deref()
                .and_then(|location| location.rsplit('/').next())
                .unwrap_or_default();
            if let Some(bulk_id) = &operation.bulk_id {
                self.made.insert(bulk_id.clone(), id.to_owned());
            }
            result.location = answer.location;
        }
        result
    }

    fn ask(&self, operation: &BulkOperation, without_unknown: bool) -> Answer {
        let refuse = |detail: &str| Answer::refusal(&Refusal::invalid_syntax(detail));
        let Some(method) = operation.method else {
            return refuse("an operation needs the method POST, PUT, PATCH or DELETE");
        };
        let Some(path) = operation.path.as_deref() else {
            return refuse("an operation needs a path");
        };
        if method == BulkMethod::Post && operation.bulk_id.is_none() {
            return refuse("a POST needs a bulkId");
        }
        let path = self.resolve(path);
        if !path.starts_with("/Users") && !path.starts_with("/Groups") || path.contains('?') {
            return Answer::refusal(&Refusal::plain(404, format!("there is nothing at {path}")));
        }
        let mut data = operation.data.clone();
        if let Some(data) = &mut data {
            self.fill(data, without_unknown);
        }
        let body = data.map(|data| data.to_string()).unwrap_or_default();
        self.server.answer(&Ask {
            if_match: operation.version.clone(),
            body: body.into(),
            ..Ask::to(method.name(), &path)
        })
    }

    /// Puts the real identifiers where references stood. Entries of lists whose reference is not known yet can be left out.
    fn fill(&self, value: &mut Value, without_unknown: bool) {
        match value {
            Value::String(text) => *text = self.resolve(text),
            Value::Array(values) => {
                if without_unknown {
                    values.retain(|value| {
                        let mut found = Vec::new();
                        walk(value, &mut |text| references(text, &mut found));
                        found.iter().all(|id| self.made.contains_key(id))
                    });
                }
                values.iter_mut().for_each(|value| self.fill(value, without_unknown));
            }
            Value::Object(map) => map.values_mut().for_each(|value| self.fill(value, without_unknown)),
            _ => {}
        }
    }

    /// Gives what was made in a circle its missing references.
    fn repair(&self, operation: &BulkOperation) {
        let id = operation.bulk_id.as_ref().and_then(|bulk_id| self.made.get(bulk_id));
        let (Some(id), Some(path), Some(mut data)) = (id, &operation.path, operation.data.clone()) else {
            return;
        };
        self.fill(&mut data, true);
        self.server.answer(&Ask {
            body: data.to_string().into(),
            ..Ask::to("PUT", &format!("{path}/{id}"))
        });
    }

    fn resolve(&self, text: &str) -> String {
        let mut output = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("bulkId:") {
            output.push_str(&rest[..at]);
            let (id, after) = reference(&rest[at..]);
            match self.made.get(id) {
                Some(made) => output.push_str(made),
                None => output.push_str(&rest[at..rest.len() - after.len()]),
            }
            rest = after;
        }
        output.push_str(rest);
        output
    }
}

fn walk(value: &Value, see: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(values) => values.iter().for_each(|value| walk(value, see)),
        Value::Object(map) => map.values().for_each(|value| walk(value, see)),
        _ => {}
    }
}

fn references(text: &str, found: &mut Vec<String>) {
    let mut rest = text;
    while let Some(at) = rest.find("bulkId:") {
        let (id, after) = reference(&rest[at..]);
        found.push(id.to_owned());
        rest = after;
    }
}

/// Splits `bulkId:abc…` into the name and what follows it.
fn reference(text: &str) -> (&str, &str) {
    let name = &text["bulkId:".len()..];
    let end = name.find(['/', '"', ']', ' ', ',']).unwrap_or(name.len());
    name.split_at(end)
}
