//! What a recipe means, and whether that can be. A value that may be a secret is never repeated.

use serde_json::Value;

use super::fill::{Piece, pieces};
use super::{FORMAT, Format, Headers, RecipeFault};
use crate::located::Tree;
use crate::sources::http::{check_header, looks_like_key, tells_of_secret};
use crate::view::Header;

/// The longest path, in bytes.
const LONGEST_PATH: usize = 2_000;
/// The most steps, and the longest of them.
const STEPS: (usize, usize) = (30, 500);

struct Checking<'c> {
    tree: &'c Tree,
    faults: Vec<RecipeFault>,
}

/// All that is wrong, in the order of the lines.
pub(super) fn check(told: &Format, tree: &Tree) -> Vec<RecipeFault> {
    let mut checking = Checking { tree, faults: Vec::new() };
    checking.all(told);
    checking.faults.sort_by_key(|fault| (fault.line, fault.column));
    checking.faults
}

impl Checking<'_> {
    fn wrong(&mut self, path: &[&str], message: impl Into<String>) {
        let place = self.tree.place_at(path);
        self.faults.push(RecipeFault {
            line: place.line,
            column: place.column,
            message: message.into(),
        });
    }

    fn all(&mut self, told: &Format) {
        if told.lanyard != FORMAT {
            self.wrong(&["lanyard"], format!("this is not a format that is known here; write {FORMAT}"));
        }
        if told.name.trim().is_empty() || told.name.chars().count() > 80 {
            self.wrong(&["name"], "give the recipe a name of 80 characters at most");
        }
        if let Some(host) = &told.fits.host {
            self.host(host);
        }
        if let Some(make) = &told.make {
            self.method(&["make", "method"], &make.method, &["POST", "PUT"]);
            self.path(&["make", "path"], &make.path, &["name", "key"], None);
            self.headers("make", &make.headers, &["name", "key", "expires", "expiresIn"]);
            if let Some(body) = &make.body {
                self.body(&["make", "body"], body, &["name", "key", "expires", "expiresIn"]);
            }
            self.pointer(&["make", "gives", "value"], Some(&make.gives.value));
            if make.gives.value.is_empty() {
                self.wrong(&["make", "gives", "value"], "the value is a member of the answer, as in /token");
            }
            for (name, pointer) in [
                ("id", &make.gives.id),
                ("expires", &make.gives.expires),
                ("created", &make.gives.created),
            ] {
                self.pointer(&["make", "gives", name], pointer.as_deref());
            }
            let keyed = make.headers.values().any(|value| uses(value, "key"))
                || uses(&make.path, "key")
                || make.body.as_ref().is_some_and(|body| body_uses(body, "key"));
            if make.again == super::Again::SameKey && !keyed {
                self.wrong(
                    &["make", "again"],
                    "sameKey needs ${key} in a header, the path or the body: by it the provider knows the request again",
                );
            }
        }
        if let Some(list) = &told.list {
            self.path(&["list", "path"], &list.path, &[], None);
            self.headers("list", &list.headers, &[]);
            self.pointer(&["list", "items"], Some(&list.items));
            let fields = &list.fields;
            self.pointer(&["list", "fields", "id"], Some(&fields.id));
            for (name, pointer) in [
                ("name", &fields.name),
                ("created", &fields.created),
                ("expires", &fields.expires),
                ("lastUsed", &fields.last_used),
                ("revoked", &fields.revoked),
                ("worksUntil", &fields.works_until),
            ] {
                self.pointer(&["list", "fields", name], pointer.as_deref());
            }
        }
        if let Some(revoke) = &told.revoke {
            self.method(&["revoke", "method"], &revoke.method, &["DELETE", "POST", "PUT", "PATCH"]);
            let in_body = revoke.body.as_ref().is_some_and(|body| body_uses(body, "id"));
            self.path(&["revoke", "path"], &revoke.path, &["id"], (!in_body).then_some("id"));
            self.headers("revoke", &revoke.headers, &["id"]);
            if let Some(body) = &revoke.body {
                self.body(&["revoke", "body"], body, &["id"]);
            }
        }
        if let Some(overlap) = &told.overlap
            && let Err(message) = crate::spans::read(overlap)
        {
            self.wrong(&["overlap"], message);
        }
        if told.limit == Some(0) {
            self.wrong(&["limit"], "with no token at all there is nothing to rotate; leave the line out");
        }
        for (name, steps) in [
            ("make", &told.steps.make),
            ("revoke", &told.steps.revoke),
            ("handOver", &told.steps.hand_over),
        ] {
            self.steps(name, steps);
        }
        if told.make.is_none() && told.steps.make.is_empty() {
            self.wrong(&[], "say how a new token is got: by `make`, or by words under `steps.make`");
        }
    }

    fn host(&mut self, host: &str) {
        let plain = host.trim().strip_prefix("*.").unwrap_or(host.trim());
        let sound = !plain.is_empty()
            && plain
                .split('.')
                .all(|label| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
        if !sound {
            self.wrong(
                &["for", "host"],
                "write a host's name, as api.example.com, or *.example.com for every host below it; no scheme, port or path",
            );
        }
    }

    fn method(&mut self, path: &[&str], method: &str, known: &[&str]) {
        if !known.contains(&method) {
            self.wrong(path, format!("write one of {}", known.join(", ")));
        }
    }

    fn path(&mut self, at: &[&str], path: &str, known: &[&str], needs: Option<&str>) {
        let (plain, query) = path.split_once('?').map_or((path, None), |(plain, query)| (plain, Some(query)));
        if path.len() > LONGEST_PATH {
            self.wrong(at, format!("it is longer than {LONGEST_PATH} bytes"));
        }
        if !plain.starts_with('/') || plain.starts_with("//") || plain.contains("//") {
            self.wrong(
                at,
                "a path begins with one / and has no //: it is joined to the source's own address, and leads nowhere else",
            );
        }
        // As an address would read it: `\` is `/` there, and `%2e` a dot.
        let dotted = plain.to_ascii_lowercase().replace("%2e", ".");
        if dotted.split('/').any(|part| matches!(part, "." | "..")) || plain.contains('\\') {
            self.wrong(at, "a path has no . or .. and no backslash in it");
        }
        let whole = pieces(path);
        let literal = whole.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(*text),
            _ => None,
        });
        if literal
            .clone()
            .any(|text| text.contains('#') || text.bytes().any(|byte| !byte.is_ascii_graphic()))
        {
            self.wrong(at, "a path has no #, no space and nothing but ASCII in it; write others with %");
        }
        self.placeholders(at, path, known);
        if let Some(needs) = needs
            && !uses(path, needs)
        {
            self.wrong(at, format!("say which one with ${{{needs}}}"));
        }
        let mut telling = literal.clone().any(looks_like_key);
        for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            telling |= tells_of_secret(&name) && !value.is_empty() && !value.starts_with("${");
        }
        if telling {
            self.wrong(at, SECRET);
        }
    }

    fn headers(&mut self, part: &str, headers: &Headers, known: &[&str]) {
        for (name, value) in headers {
            let at = [part, "headers", name.as_str()];
            let json = name.eq_ignore_ascii_case("content-type") && value.to_ascii_lowercase().contains("json");
            let header = Header {
                name: name.clone(),
                value: value.clone(),
            };
            if !json && let Err(error) = check_header(&header) {
                let fault = error.fault();
                let next = if fault.what.contains("credential") {
                    "say with `as` whose credential asks; it is added when the request is sent".to_owned()
                } else {
                    fault.next
                };
                self.wrong(&at, format!("{error}; {next}"));
                continue;
            }
            self.placeholders(&at, value, known);
            if literal_key(value) {
                self.wrong(&at, SECRET);
            }
        }
    }

    fn body(&mut self, at: &[&str], body: &Value, known: &[&str]) {
        match body {
            Value::String(text) => {
                self.placeholders(at, text, known);
                let member = at.last().copied().unwrap_or_default();
                let literal = !text.is_empty() && !text.contains("${");
                if literal_key(text) || scheme(text) || (holds_secret(member) && literal) {
                    self.wrong(at, SECRET);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let index = index.to_string();
                    let mut below = at.to_vec();
                    below.push(&index);
                    self.body(&below, item, known);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    let mut below = at.to_vec();
                    below.push(name);
                    self.body(&below, member, known);
                }
            }
            _ => {}
        }
    }

    fn placeholders(&mut self, at: &[&str], text: &str, known: &[&str]) {
        for piece in pieces(text) {
            match piece {
                Piece::Placeholder(name) if !known.contains(&name) => {
                    let there = known.iter().map(|name| format!("${{{name}}}")).collect::<Vec<_>>().join(", ");
                    let there = if there.is_empty() {
                        "there are none here".to_owned()
                    } else {
                        format!("there are {there}")
                    };
                    self.wrong(at, format!("this placeholder is not known; {there}"));
                }
                Piece::Open => self.wrong(at, "a placeholder that begins with ${ has no }"),
                _ => {}
            }
        }
    }

    fn pointer(&mut self, at: &[&str], pointer: Option<&str>) {
        let Some(pointer) = pointer else { return };
        let escaped = pointer
            .split('~')
            .skip(1)
            .all(|rest| matches!(rest.as_bytes().first(), Some(b'0' | b'1')));
        if !(pointer.is_empty() || pointer.starts_with('/')) || !escaped {
            self.wrong(at, "write a JSON pointer (RFC 6901): /token, /data/0/id; \"\" is the whole");
        }
    }

    fn steps(&mut self, name: &str, steps: &[String]) {
        if steps.len() > STEPS.0 {
            self.wrong(&["steps", name], format!("{} steps at most", STEPS.0));
        }
        for (index, step) in steps.iter().enumerate() {
            let index = index.to_string();
            let at = ["steps", name, index.as_str()];
            if step.trim().is_empty() || step.chars().count() > STEPS.1 || step.chars().any(char::is_control) {
                self.wrong(&at, format!("a step is one plain sentence of {} characters at most", STEPS.1));
            }
            if looks_like_key(step) {
                self.wrong(&at, SECRET);
            }
        }
    }
}

const SECRET: &str =
    "this looks like a secret, and a recipe holds none: say with `as` whose credential asks; it is added when the request is sent";

/// Whether a member of this name holds a secret, and does not only tell of one (`tokenType`).
fn holds_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [
        "token",
        "secret",
        "password",
        "passwd",
        "apikey",
        "api_key",
        "api-key",
        "authorization",
    ]
    .iter()
    .any(|end| lower.ends_with(end))
}

/// Whether the text between the placeholders looks like a key.
fn literal_key(text: &str) -> bool {
    pieces(text)
        .iter()
        .any(|piece| matches!(piece, Piece::Text(text) if looks_like_key(text)))
}

fn scheme(text: &str) -> bool {
    let text = text.trim_start().to_ascii_lowercase();
    text.starts_with("bearer ") || text.starts_with("basic ")
}

fn uses(text: &str, name: &str) -> bool {
    pieces(text)
        .iter()
        .any(|piece| matches!(piece, Piece::Placeholder(own) if *own == name))
}

fn body_uses(body: &Value, name: &str) -> bool {
    match body {
        Value::String(text) => uses(text, name),
        Value::Array(items) => items.iter().any(|item| body_uses(item, name)),
        Value::Object(members) => members.values().any(|member| body_uses(member, name)),
        _ => false,
    }
}
