//! Answers of a token API: the value is taken out, and nothing of it stays behind.

use lanyard_scim::page::MAX_DEPTH;
use serde_json::Value;
use zeroize::Zeroize as _;

use crate::secrets::Secret;
use crate::sources::http::{Answer, HttpClient, nesting};
use crate::view::Millis;

/// The longest value that is taken for a token, in bytes.
const LONGEST: usize = 16 * 1024;

/// JSON that holds a secret: its texts are wiped when it is dropped.
pub(super) struct Veiled(Value);

impl Drop for Veiled {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl Veiled {
    /// Reads a body; what is wrong with it is told without a word of it.
    pub(super) fn read(answer: &Answer) -> Result<Self, &'static str> {
        let body = answer.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&answer.body);
        if answer.looks_like_html() {
            return Err("it is a web page");
        }
        if nesting::deeper_than(MAX_DEPTH, body) {
            return Err("it is nested too deeply");
        }
        match serde_json::from_slice::<Value>(body) {
            Ok(value) if value.is_object() || value.is_array() => Ok(Self(value)),
            Ok(mut value) => {
                wipe(&mut value);
                Err("it is neither an object nor a list")
            }
            Err(_) if body.trim_ascii().is_empty() => Err("it is empty"),
            Err(_) => Err("it is not JSON"),
        }
    }

    /// The token's value; what is wrong with it is told without a word of it.
    pub(super) fn secret(&self, pointer: &str) -> Result<Secret, String> {
        let text = match self.0.pointer(pointer) {
            None | Some(Value::Null) => return Err(format!("there is nothing at {pointer}")),
            Some(Value::String(text)) => text,
            Some(_) => return Err(format!("what stands at {pointer} is no text")),
        };
        if text.is_empty() {
            return Err(format!("what stands at {pointer} is empty"));
        }
        if text.len() > LONGEST {
            return Err(format!("what stands at {pointer} is longer than any token"));
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!(
                "what stands at {pointer} has characters that no token can be sent with, such as a space or a line break"
            ));
        }
        Ok(Secret::new(text.clone()))
    }

    /// A text, masked: what holds a secret is not repeated.
    pub(super) fn text(&self, http: &HttpClient, pointer: Option<&str>) -> Option<String> {
        text(http, self.0.pointer(pointer?)?)
    }

    /// A time.
    pub(super) fn time(&self, pointer: Option<&str>) -> Option<Millis> {
        time(self.0.pointer(pointer?)?)
    }

    /// What a refusal says, fit to be shown.
    pub(super) fn message(&self, http: &HttpClient) -> Option<String> {
        message(http, &self.0)
    }
}

/// A text or a number as text; none where it is empty, or holds a known secret.
pub(super) fn text(http: &HttpClient, value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty() && text.len() <= 1_000 && !http.knows(&text)).then_some(text)
}

/// A time as APIs write it: RFC 3339, or seconds or milliseconds since 1970.
pub(in crate::sources) fn time(value: &Value) -> Option<Millis> {
    /// As seconds the year 5138, as milliseconds March 1973: no token lived then.
    const BORDER: f64 = 1e11;
    match value {
        Value::String(text) => {
            let at: jiff::Timestamp = text.trim().parse().ok()?;
            Some(at.as_millisecond())
        }
        Value::Number(number) => {
            let number = number.as_f64().filter(|number| *number > 0.0 && *number < 1e14)?;
            let ms = if number < BORDER { number * 1000.0 } else { number };
            #[expect(clippy::cast_possible_truncation, reason = "it is below 10^14")]
            Some(ms as Millis)
        }
        _ => None,
    }
}

/// What a refusal says, whatever its shape: `{"error": {"message"}}`, `{"message"}`, SCIM's `detail`, OAuth's `error_description`, RFC 9457's `title`.
pub(super) fn message(http: &HttpClient, read: &Value) -> Option<String> {
    [
        "/error/message",
        "/error/description",
        "/message",
        "/detail",
        "/error_description",
        "/title",
        "/errors/0/message",
        "/errors/0/detail",
        "/error",
    ]
    .iter()
    .find_map(|pointer| read.pointer(pointer)?.as_str())
    .map(|said| http.fit_to_show(said))
    .filter(|said| !said.is_empty())
    .map(|said| if said.ends_with('.') { said } else { format!("{said}.") })
}
