//! Evaluation of filters over resources, prepared once for many of them.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::{CompareOp, Filter, Literal};
use crate::attr::AttrPath;
use crate::fields::{as_flag, flag_of_text};
use crate::instant::Instant;
use crate::schema::{Attribute, AttributeType, Catalog};
use crate::text;

/// A filter that is ready to be asked about many resources.
#[derive(Debug, Clone)]
pub struct Matcher {
    root: Node,
}

#[derive(Debug, Clone)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Compare { target: Target, op: CompareOp, wanted: Wanted },
    Assigned { target: Target, yes: bool },
    Present(Target),
    Each { target: Target, inner: Box<Node> },
}

impl Matcher {
    pub(super) fn new(filter: &Filter, catalog: &Catalog) -> Self {
        Self {
            root: prepare(filter, &Scope::Resource(catalog)),
        }
    }

    /// Prepares a filter whose paths are sub-attributes of `parent`, as between the brackets of a value path.
    pub(crate) fn for_values(filter: &Filter, parent: Option<&Attribute>) -> Self {
        Self {
            root: prepare(filter, &Scope::Value(parent)),
        }
    }

    /// Whether a resource matches, or, for a value filter, one value of a multi-valued attribute.
    ///
    /// - Names are found whatever their case. A plain name that only an extension defines is found in that extension.
    /// - A comparison with a multi-valued attribute holds when it holds for one of its values; a complex value is compared by
    ///   its `value` part.
    /// - `null`, an empty list and an empty object count as no value (RFC 7643 §2.5). `eq null` asks for no value, `ne null`
    ///   for any.
    /// - `ne` holds when there is no value, and when one value differs. (RFC 7644 does not say what it means for an absent
    ///   attribute; "is not equal" is then true. To ask that no value is equal, write `not (… eq …)`.)
    /// - `pr` holds when there is a value that is not an empty text.
    /// - Texts are compared by the attribute's `caseExact`; when that is not known, case does not matter (RFC 7643 §2.2).
    /// - Times are compared as points in time, numbers as numbers, truth values as such even when a server sends `"True"`.
    /// - A comparison that makes no sense (`active gt true`) never holds.
    pub fn matches(&self, resource: &Value) -> bool {
        self.root.holds(resource)
    }
}

/// What paths mean: attributes of a resource, or sub-attributes of one value.
enum Scope<'c> {
    Resource(&'c Catalog),
    Value(Option<&'c Attribute>),
}

fn prepare(filter: &Filter, scope: &Scope<'_>) -> Node {
    match filter {
        Filter::And(parts) => Node::All(parts.iter().map(|part| prepare(part, scope)).collect()),
        Filter::Or(parts) => Node::Any(parts.iter().map(|part| prepare(part, scope)).collect()),
        Filter::Not(part) => Node::Not(Box::new(prepare(part, scope))),
        Filter::Present(path) => Node::Present(Target::new(path, scope).0),
        Filter::Compare { path, op, value } => {
            let (target, definition) = Target::new(path, scope);
            match (op, value) {
                (CompareOp::Eq, Literal::Null) => Node::Assigned { target, yes: false },
                (CompareOp::Ne, Literal::Null) => Node::Assigned { target, yes: true },
                _ => Node::Compare {
                    target,
                    op: *op,
                    wanted: Wanted::new(value, definition),
                },
            }
        }
        Filter::ValuePath { path, filter } => {
            let (target, _) = Target::new(path, scope);
            let parent = match scope {
                Scope::Resource(catalog) => catalog.find(path).map(|found| found.target()),
                Scope::Value(_) => None,
            };
            Node::Each {
                target,
                inner: Box::new(prepare(filter, &Scope::Value(parent))),
            }
        }
    }
}

impl Node {
    fn holds(&self, root: &Value) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(root)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(root)),
            Self::Not(part) => !part.holds(root),
            Self::Present(target) => target.any(root, &mut |value| is_filled(value, false)),
            Self::Assigned { target, yes } => target.any(root, &mut |value| is_filled(value, true)) == *yes,
            Self::Compare { target, op, wanted } => {
                let mut seen = false;
                let found = target.any(root, &mut |value| {
                    let Some(scalar) = comparable(value) else { return false };
                    seen = true;
                    wanted.holds(*op, scalar)
                });
                found || (*op == CompareOp::Ne && !seen)
            }
            Self::Each { target, inner } => target.any(root, &mut |value| inner.holds(value)),
        }
    }
}

/// Where a path leads in a resource.
#[derive(Debug, Clone)]
struct Target {
    path: AttrPath,
    /// Whether the path's schema is a core schema, so that the attribute stands at the top.
    core: bool,
    /// The extension in which a plain name is found when the top does not have it.
    extension: Option<String>,
    /// Schema and name as one URN: the path may name a whole extension.
    whole: Option<String>,
    /// Whether the root is one value of a multi-valued attribute.
    in_value: bool,
}

impl Target {
    fn new<'c>(path: &AttrPath, scope: &Scope<'c>) -> (Self, Option<&'c Attribute>) {
        let mut target = Self {
            path: path.clone(),
            core: false,
            extension: None,
            whole: path.schema.as_ref().and_then(|_| path.whole()),
            in_value: false,
        };
        let definition = match scope {
            Scope::Value(parent) => {
                target.in_value = true;
                parent.and_then(|parent| parent.sub(&path.name))
            }
            Scope::Resource(catalog) => {
                target.core = path.schema.as_deref().is_some_and(|urn| catalog.is_core(urn));
                let found = catalog.find_attribute(path.schema.as_deref(), &path.name);
                if path.schema.is_none() {
                    target.extension = found.filter(|found| found.in_extension).map(|found| found.schema.to_owned());
                }
                catalog.find(path).map(|found| found.compared())
            }
        };
        (target, definition)
    }

    /// The attribute before the dot.
    fn base<'v>(&self, root: &'v Value) -> Option<&'v Value> {
        let Value::Object(map) = root else {
            // A server may send a plain text where the schema has an object with `value`.
            return (self.in_value && self.path.name.eq_ignore_ascii_case("value")).then_some(root);
        };
        let name = &self.path.name;
        let Some(urn) = &self.path.schema else {
            let within = |urn: &String| text::get(text::get(map, urn)?.as_object()?, name);
            return text::get(map, name).or_else(|| self.extension.as_ref().and_then(within));
        };
        if let Some(extension) = self.whole.as_ref().and_then(|whole| text::get(map, whole)) {
            return Some(extension);
        }
        match text::get(map, urn) {
            Some(Value::Object(extension)) => text::get(extension, name),
            _ if self.core && follows(map, urn) => text::get(map, name),
            _ => None,
        }
    }

    /// Whether something holds for one of the values.
    fn any(&self, root: &Value, holds: &mut dyn FnMut(&Value) -> bool) -> bool {
        match (self.base(root), &self.path.sub) {
            (None, _) => false,
            (Some(value), None) => each(value, holds),
            (Some(value), Some(sub)) => each(value, &mut |value| match value {
                Value::Object(map) => text::get(map, sub).is_some_and(|value| each(value, holds)),
                scalar => sub.eq_ignore_ascii_case("value") && holds(scalar),
            }),
        }
    }
}

/// Whether a resource says that it follows a schema, or says nothing about its schemas.
fn follows(map: &Map<String, Value>, urn: &str) -> bool {
    match text::get(map, "schemas") {
        Some(Value::Array(schemas)) if !schemas.is_empty() => schemas
            .iter()
            .any(|schema| schema.as_str().is_some_and(|schema| schema.eq_ignore_ascii_case(urn))),
        _ => true,
    }
}

/// Each value of a list, or the value itself; null is no value.
fn each(value: &Value, holds: &mut dyn FnMut(&Value) -> bool) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => items.iter().any(|item| each(item, holds)),
        value => holds(value),
    }
}

/// Whether there is anything in a value; whether an empty text is something is for the caller to say.
fn is_filled(value: &Value, empty_text: bool) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => empty_text || !text.is_empty(),
        Value::Array(items) => items.iter().any(|item| is_filled(item, empty_text)),
        Value::Object(map) => map.values().any(|value| is_filled(value, empty_text)),
        _ => true,
    }
}

/// What a value is compared by: itself, or its `value` part.
fn comparable(value: &Value) -> Option<&Value> {
    match value {
        Value::Object(map) => text::get(map, "value").filter(|value| !value.is_null() && !value.is_object() && !value.is_array()),
        scalar => Some(scalar),
    }
}

/// A number, whole where it is.
#[derive(Debug, Clone, Copy)]
enum Num {
    Whole(i128),
    Float(f64),
}

impl Num {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(whole), _) => Some(Self::Whole(whole.into())),
                (_, Some(whole)) => Some(Self::Whole(whole.into())),
                _ => number.as_f64().map(Self::Float),
            },
            Value::String(text) => Self::of_text(text),
            _ => None,
        }
    }

    fn of_text(text: &str) -> Option<Self> {
        let text = text.trim();
        if !text.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            return None;
        }
        text.parse::<i64>()
            .map(|whole| Self::Whole(whole.into()))
            .ok()
            .or_else(|| text.parse().ok().map(Self::Float))
    }

    #[expect(clippy::cast_precision_loss, reason = "a whole number is compared with a float as a float")]
    fn compare(self, other: Self) -> Option<Ordering> {
        let float = |number| match number {
            Self::Whole(whole) => whole as f64,
            Self::Float(float) => float,
        };
        match (self, other) {
            (Self::Whole(left), Self::Whole(right)) => Some(left.cmp(&right)),
            (left, right) => float(left).partial_cmp(&float(right)),
        }
    }
}

/// What is looked for, prepared.
#[derive(Debug, Clone)]
enum Wanted {
    Text {
        text: String,
        exact: bool,
        flag: Option<bool>,
    },
    Time {
        instant: Instant,
        text: String,
    },
    Flag(bool),
    Number(Num),
    /// Nothing can equal it.
    Nothing,
}

impl Wanted {
    fn new(literal: &Literal, definition: Option<&Attribute>) -> Self {
        let kind = definition.and_then(|definition| definition.kind);
        // A time that cannot be read as one is compared as text, and the case of its T and Z means nothing.
        let exact = kind != Some(AttributeType::DateTime) && definition.is_some_and(Attribute::is_case_exact);
        match (literal, kind) {
            (Literal::Null, _) => Self::Nothing,
            (Literal::Bool(flag), _) => Self::Flag(*flag),
            (Literal::Number(number), _) => Num::of(&Value::Number(number.clone())).map_or(Self::Nothing, Self::Number),
            (Literal::String(text), Some(AttributeType::Boolean)) => flag_of_text(text).map_or(Self::Nothing, Self::Flag),
            (Literal::String(text), Some(AttributeType::Integer | AttributeType::Decimal)) => {
                Num::of_text(text).map_or(Self::Nothing, Self::Number)
            }
            (Literal::String(text), kind) => {
                if kind == Some(AttributeType::DateTime)
                    && let Some(instant) = Instant::parse(text)
                {
                    return Self::Time {
                        instant,
                        text: text::fold(text),
                    };
                }
                let flag = if kind.is_none() { flag_of_text(text) } else { None };
                Self::Text {
                    text: if exact { text.clone() } else { text::fold(text) },
                    exact,
                    flag,
                }
            }
        }
    }

    fn holds(&self, op: CompareOp, value: &Value) -> bool {
        match self {
            Self::Nothing => op == CompareOp::Ne,
            Self::Flag(wanted) => match as_flag(value).filter(|_| !value.is_number()) {
                Some(flag) => same(op, flag == *wanted),
                None => op == CompareOp::Ne,
            },
            Self::Number(wanted) => match Num::of(value) {
                Some(number) => ordered(op, number.compare(*wanted)),
                None => op == CompareOp::Ne,
            },
            Self::Time { instant, text } => match value.as_str().and_then(Instant::parse) {
                Some(found) if !op.is_textual() => ordered(op, Some(found.cmp(instant))),
                _ => textual(op, value, text, false, None),
            },
            Self::Text { text, exact, flag } => textual(op, value, text, *exact, *flag),
        }
    }
}

fn textual(op: CompareOp, value: &Value, wanted: &str, exact: bool, flag: Option<bool>) -> bool {
    let found: Cow<'_, str> = match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Number(number) => Cow::Owned(number.to_string()),
        // Where the type is not known, "true" may stand for true.
        Value::Bool(found) => return same(op, flag == Some(*found)),
        _ => return op == CompareOp::Ne,
    };
    if !exact && found.is_ascii() {
        // The folded text that is wanted can be longer or not ASCII; then nothing below holds, as it should.
        let (a, b) = (found.as_bytes(), wanted.as_bytes());
        match op {
            CompareOp::Eq => return a.eq_ignore_ascii_case(b),
            CompareOp::Ne => return !a.eq_ignore_ascii_case(b),
            CompareOp::Sw => return a.len() >= b.len() && a[..b.len()].eq_ignore_ascii_case(b),
            CompareOp::Ew => return a.len() >= b.len() && a[a.len() - b.len()..].eq_ignore_ascii_case(b),
            CompareOp::Co => return text::contains(&found, wanted),
            _ => {}
        }
    }
    let found = if exact { found } else { Cow::Owned(text::fold(&found)) };
    match op {
        CompareOp::Co => found.contains(wanted),
        CompareOp::Sw => found.starts_with(wanted),
        CompareOp::Ew => found.ends_with(wanted),
        _ => ordered(op, Some((*found).cmp(wanted))),
    }
}

fn same(op: CompareOp, equal: bool) -> bool {
    match op {
        CompareOp::Eq => equal,
        CompareOp::Ne => !equal,
        _ => false,
    }
}

fn ordered(op: CompareOp, order: Option<Ordering>) -> bool {
    let Some(order) = order else { return op == CompareOp::Ne };
    match op {
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Co | CompareOp::Sw | CompareOp::Ew => false,
    }
}
