//! Placeholders of a recipe: `${name}`, `${key}`, `${expires}`, `${expiresIn}` of what is to be made, `${id}` of what is to be revoked.

use serde_json::{Map, Value};

/// What the placeholders stand for.
#[derive(Clone, Debug, Default)]
pub(in crate::sources::tokens) struct Values {
    pub(in crate::sources::tokens) name: Option<String>,
    pub(in crate::sources::tokens) key: Option<String>,
    /// RFC 3339.
    pub(in crate::sources::tokens) expires: Option<String>,
    /// Seconds.
    pub(in crate::sources::tokens) expires_in: Option<i64>,
    pub(in crate::sources::tokens) id: Option<String>,
}

impl Values {
    fn of(&self, name: &str) -> Option<Value> {
        let text = |text: &Option<String>| text.clone().map(Value::String);
        match name {
            "name" => text(&self.name),
            "key" => text(&self.key),
            "expires" => text(&self.expires),
            "expiresIn" => self.expires_in.map(Value::from),
            "id" => text(&self.id),
            _ => None,
        }
    }
}

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Text(&'t str),
    Placeholder(&'t str),
    /// `${` that is not closed.
    Open,
}

/// A text in its pieces.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, after) = rest.split_at(at);
        if !before.is_empty() {
            all.push(Piece::Text(before));
        }
        let Some(end) = after.find('}') else {
            all.push(Piece::Open);
            return all;
        };
        all.push(Piece::Placeholder(&after[2..end]));
        rest = &after[end + 1..];
    }
    if !rest.is_empty() {
        all.push(Piece::Text(rest));
    }
    all
}

/// A text with its placeholders filled; none where one of them has no value.
pub(in crate::sources::tokens) fn filled_text(text: &str, values: &Values) -> Option<String> {
    filled(text, values, str::to_owned)
}

/// A path with its placeholders filled and encoded as one segment, or one value of the query, each.
pub(in crate::sources::tokens) fn filled_path(path: &str, values: &Values) -> Option<String> {
    filled(path, values, |value| {
        // What is unreserved (RFC 3986 §2.3) stays; a space is not `+`, which means itself in a path.
        url::form_urlencoded::byte_serialize(value.as_bytes())
            .collect::<String>()
            .replace('+', "%20")
            .replace('*', "%2A")
    })
}

fn filled(text: &str, values: &Values, form: impl Fn(&str) -> String) -> Option<String> {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => Some(text.to_owned()),
            Piece::Placeholder(name) => match values.of(name)? {
                Value::String(value) => Some(form(&value)),
                value => Some(form(&value.to_string())),
            },
            Piece::Open => None,
        })
        .collect()
}

/// A body with its placeholders filled. Members and entries whose placeholder has no value are left out; what is nothing but a placeholder
/// becomes its value with its type: `${expiresIn}` a number.
pub(in crate::sources::tokens) fn filled_body(body: &Value, values: &Values) -> Option<Value> {
    match body {
        Value::String(text) => match pieces(text).as_slice() {
            [Piece::Placeholder(name)] => values.of(name),
            _ => filled_text(text, values).map(Value::String),
        },
        Value::Array(items) => Some(Value::Array(items.iter().filter_map(|item| filled_body(item, values)).collect())),
        Value::Object(members) => Some(Value::Object(
            members
                .iter()
                .filter_map(|(name, member)| Some((name.clone(), filled_body(member, values)?)))
                .collect::<Map<_, _>>(),
        )),
        other => Some(other.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn values() -> Values {
        Values {
            name: Some("a b".into()),
            expires_in: Some(60),
            id: Some("x/../y?z".into()),
            ..Values::default()
        }
    }

    #[test]
    fn what_has_no_value_is_left_out() {
        let body = json!({"name": "lanyard ${name}", "in": "${expiresIn}", "until": "${expires}", "list": ["${key}", 1], "on": true});
        assert_eq!(
            filled_body(&body, &values()),
            Some(json!({"name": "lanyard a b", "in": 60, "list": [1], "on": true}))
        );
        assert_eq!(filled_text("${name} ${key}", &values()), None);
    }

    #[test]
    fn an_id_stays_one_segment() {
        assert_eq!(filled_path("/tokens/${id}", &values()).as_deref(), Some("/tokens/x%2F..%2Fy%3Fz"));
        assert_eq!(filled_path("/tokens?of=${name}", &values()).as_deref(), Some("/tokens?of=a%20b"));
    }
}
