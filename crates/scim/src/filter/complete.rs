//! What could be typed next in a filter.

use std::ops::Range;

use serde::Serialize;

use super::CompareOp;
use crate::attr::{AttrPath, is_path_char};
use crate::schema::{Attribute, AttributeType, Catalog};
use crate::text;

/// Something that could be typed at the caret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Completion {
    /// The text to insert.
    pub insert: String,
    /// What to show for it.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// The bytes of the text that it replaces: what was typed of it so far.
    pub replace: Range<usize>,
}

/// What a completion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum CompletionKind {
    /// An attribute or a sub-attribute.
    Attribute,
    /// A comparison operator or `pr`.
    Operator,
    /// `and`, `or`, `not (`, a parenthesis or a bracket.
    Keyword,
    /// A value that the attribute is known to have.
    Value,
}

/// What the grammar asks for at a place.
#[derive(Debug, Clone)]
enum Next {
    Operand,
    /// After `not`.
    Group,
    Operator(AttrPath),
    Value(AttrPath),
    Connective,
}

/// Where the caret is.
struct Place {
    next: Next,
    /// Open parentheses (`None`) and brackets (with the attribute before them).
    open: Vec<Option<AttrPath>>,
    /// Where the piece begins that is being typed.
    start: usize,
}

/// What could be typed at the caret (a byte offset; one within a character counts as before it), best first.
///
/// Values come from the schemas: `true` and `false`, canonical values, an empty pair of quotes otherwise. The list is empty
/// within a text whose values are not known.
pub fn complete(text: &str, caret: usize, catalog: &Catalog) -> Vec<Completion> {
    let mut caret = caret.min(text.len());
    while !text.is_char_boundary(caret) {
        caret -= 1;
    }
    let Some(place) = locate(&text[..caret]) else { return Vec::new() };
    let typed = &text[place.start..caret];
    let after = &text[caret..];
    let end = caret + after.find(|c| !is_path_char(c)).unwrap_or(after.len());
    let mut list = List {
        typed,
        replace: place.start..end,
        found: Vec::new(),
    };
    let within = place.open.iter().rev().find_map(Option::as_ref);
    match &place.next {
        Next::Operand => operands(&mut list, within, catalog),
        Next::Group => list.add("(", "(", CompletionKind::Keyword),
        Next::Operator(path) => operators(&mut list, path, within, catalog),
        Next::Value(path) => {
            if typed.starts_with('"') && after.starts_with('"') {
                list.replace.end = caret + 1;
            }
            values(&mut list, definition(path, within, catalog));
        }
        Next::Connective => {
            list.add("and ", "and", CompletionKind::Keyword);
            list.add("or ", "or", CompletionKind::Keyword);
            match place.open.last() {
                Some(None) => list.add(")", ")", CompletionKind::Keyword),
                Some(Some(_)) => list.add("]", "]", CompletionKind::Keyword),
                None => {}
            }
        }
    }
    list.sorted()
}

struct List<'t> {
    typed: &'t str,
    replace: Range<usize>,
    found: Vec<(u8, Completion)>,
}

impl List<'_> {
    /// Adds a completion if what was typed is a part of it; one that begins with it comes first.
    fn add(&mut self, insert: &str, label: &str, kind: CompletionKind) {
        let rank = if text::starts_with(insert, self.typed) {
            0
        } else if text::starts_with(label, self.typed) {
            1
        } else if self.typed.len() > 1 && text::contains(insert, self.typed) {
            2
        } else {
            return;
        };
        let (insert, label) = (insert.to_owned(), label.to_owned());
        self.found.push((
            rank,
            Completion {
                insert,
                label,
                kind,
                replace: self.replace.clone(),
            },
        ));
    }

    fn sorted(mut self) -> Vec<Completion> {
        self.found.sort_by_key(|(rank, _)| *rank);
        self.found.into_iter().map(|(_, completion)| completion).collect()
    }
}

fn definition<'c>(path: &AttrPath, within: Option<&AttrPath>, catalog: &'c Catalog) -> Option<&'c Attribute> {
    match within {
        Some(outer) => catalog.find(outer)?.target().sub(&path.name),
        None => catalog.find(path).map(|found| found.compared()),
    }
}

fn operands(list: &mut List<'_>, within: Option<&AttrPath>, catalog: &Catalog) {
    if let Some(outer) = within {
        if let Some(found) = catalog.find(outer) {
            for sub in &found.target().sub_attributes {
                list.add(&sub.name, &sub.name, CompletionKind::Attribute);
            }
        }
    } else {
        // Sub-attributes come once their parent was typed; before that they would drown the others.
        let dotted = list.typed.rsplit(':').next().is_some_and(|local| local.contains('.'));
        for (path, attribute) in catalog.paths() {
            if path.sub.is_some() != dotted && !(path.sub.is_some() && list.typed.len() > 1) {
                continue;
            }
            let insert = path.to_string();
            let label = match &path.sub {
                Some(sub) => format!("{}.{sub}", path.name),
                None => attribute.name.clone(),
            };
            list.add(&insert, &label, CompletionKind::Attribute);
        }
    }
    list.add("not (", "not", CompletionKind::Keyword);
    list.add("(", "(", CompletionKind::Keyword);
}

fn operators(list: &mut List<'_>, path: &AttrPath, within: Option<&AttrPath>, catalog: &Catalog) {
    let kind = definition(path, within, catalog).and_then(|attribute| attribute.kind);
    for op in CompareOp::ALL {
        let fits = match kind {
            Some(AttributeType::Boolean) => matches!(op, CompareOp::Eq | CompareOp::Ne),
            Some(AttributeType::Integer | AttributeType::Decimal) => !op.is_textual(),
            Some(AttributeType::Binary) => !op.is_ordering(),
            Some(AttributeType::Complex) => false,
            _ => true,
        };
        if fits {
            list.add(&format!("{op} "), &format!("{op} ({})", op.meaning()), CompletionKind::Operator);
        }
    }
    list.add("pr ", "pr (has a value)", CompletionKind::Operator);
    let whole = catalog.find(path).map(|found| found.target());
    if within.is_none() && whole.is_some_and(|attribute| attribute.is_complex() && attribute.is_multi_valued()) {
        list.add("[", "[ (one value with several conditions)", CompletionKind::Keyword);
    }
}

fn values(list: &mut List<'_>, attribute: Option<&Attribute>) {
    match attribute.and_then(|attribute| attribute.kind) {
        Some(AttributeType::Boolean) => {
            list.add("true", "true", CompletionKind::Value);
            list.add("false", "false", CompletionKind::Value);
        }
        Some(AttributeType::Integer | AttributeType::Decimal) => {}
        _ => {
            for value in attribute.map(|attribute| attribute.canonical_values.as_slice()).unwrap_or_default() {
                let quoted = super::Literal::String(value.clone()).to_string();
                list.add(&quoted, value, CompletionKind::Value);
            }
            if list.typed.is_empty() {
                list.add("\"\"", "\"…\"", CompletionKind::Value);
            }
        }
    }
}

/// Walks through the text before the caret. `None` when it is in a state from which nothing sensible follows.
fn locate(before: &str) -> Option<Place> {
    let mut place = Place {
        next: Next::Operand,
        open: Vec::new(),
        start: before.len(),
    };
    let mut pos = 0;
    while pos < before.len() {
        let rest = &before[pos..];
        let c = rest.chars().next()?;
        place.start = pos;
        match c {
            c if c.is_whitespace() => {
                pos += c.len_utf8();
                place.start = pos;
                continue;
            }
            '(' => {
                place.open.push(None);
                place.next = Next::Operand;
            }
            '[' => {
                let Next::Operator(path) = place.next else { return None };
                place.open.push(Some(path));
                place.next = Next::Operand;
            }
            ')' | ']' => {
                place.open.pop()?;
                place.next = Next::Connective;
            }
            '"' => {
                if !matches!(place.next, Next::Value(_)) {
                    return None;
                }
                let Some(length) = string_end(rest) else { return Some(place) };
                pos += length;
                place.start = pos;
                place.next = Next::Connective;
                continue;
            }
            _ => {
                let length = rest.find(|c: char| !is_path_char(c)).unwrap_or(rest.len()).max(c.len_utf8());
                let word = &rest[..length];
                // The last word is still being typed.
                if pos + length == before.len() && is_path_char(c) {
                    return Some(place);
                }
                place.next = after_word(place.next, word)?;
                pos += length;
                place.start = pos;
                continue;
            }
        }
        pos += 1;
        place.start = pos;
    }
    Some(place)
}

fn after_word(next: Next, word: &str) -> Option<Next> {
    match next {
        Next::Operand if word.eq_ignore_ascii_case("not") => Some(Next::Group),
        Next::Operand => AttrPath::parse(word).ok().map(Next::Operator),
        Next::Operator(_) if word.eq_ignore_ascii_case("pr") => Some(Next::Connective),
        Next::Operator(path) => CompareOp::from_name(word).map(|_| Next::Value(path)),
        Next::Group => None,
        Next::Value(_) => Some(Next::Connective),
        Next::Connective if word.eq_ignore_ascii_case("and") || word.eq_ignore_ascii_case("or") => Some(Next::Operand),
        Next::Connective => None,
    }
}

/// The length of a quoted text with both quotes, if it ends.
fn string_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}
