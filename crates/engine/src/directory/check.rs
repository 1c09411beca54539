//! The filter box: errors and doubts with their places, completions, tokens for colours. Places count UTF-16 code units.

use lanyard_scim::filter::{CompareOp, CompletionKind, FilterError, FilterWarning, complete};
use lanyard_scim::{Catalog, Filter, urn};

use crate::view::{FilterCheck, FilterCompletion, FilterProblem, FilterToken};

/// What the filter box is told about its text. `resource` is `User` or `Group`; `caret` counts UTF-16 code units.
/// An empty text is no filter, and good.
pub fn check_filter(resource: &str, text: &str, caret: u32, catalog: &Catalog) -> FilterCheck {
    let catalog = of_resource(resource, catalog);
    let places = Places::new(text);
    let mut check = FilterCheck {
        tokens: tokens(text, &places),
        ..FilterCheck::default()
    };
    match Filter::parse(text) {
        _ if text.trim().is_empty() => check.ok = true,
        Ok(filter) => {
            check.ok = true;
            check.warnings = filter.check(&catalog).iter().map(|warning| doubt(text, warning, &places)).collect();
        }
        Err(error) => check.error = Some(problem(text, &error)),
    }
    check.completions = complete(text, places.byte(caret), &catalog)
        .into_iter()
        .map(|completion| FilterCompletion {
            kind: match completion.kind {
                CompletionKind::Attribute => "attribute",
                CompletionKind::Operator => "operator",
                CompletionKind::Keyword => "keyword",
                CompletionKind::Value => "value",
            }
            .into(),
            note: note(&completion.insert, completion.kind, &completion.label, &catalog),
            start: places.unit(completion.replace.start),
            end: places.unit(completion.replace.end),
            insert: completion.insert,
        })
        .collect();
    check
}

/// An error with its place.
pub(super) fn problem(text: &str, error: &FilterError) -> FilterProblem {
    let places = Places::new(text);
    FilterProblem {
        start: places.unit(error.at),
        end: places.unit(error.at + error.len),
        message: error.to_string(),
    }
}

/// The schemas of one kind of resource: its own, and all that are no core schema of another kind.
fn of_resource(resource: &str, catalog: &Catalog) -> Catalog {
    let (own, other) = if resource.eq_ignore_ascii_case("group") {
        (urn::GROUP, urn::USER)
    } else {
        (urn::USER, urn::GROUP)
    };
    let group = own == urn::GROUP;
    let fits = |id: &str| !(id.eq_ignore_ascii_case(other) || group && id.eq_ignore_ascii_case(urn::ENTERPRISE_USER));
    let urns: Vec<&str> = catalog
        .schemas()
        .iter()
        .map(|schema| schema.id.as_str())
        .filter(|id| fits(id))
        .collect();
    catalog.only(&urns)
}

/// A word on a completion.
fn note(insert: &str, kind: CompletionKind, label: &str, catalog: &Catalog) -> String {
    match kind {
        CompletionKind::Operator => match CompareOp::from_name(insert.trim()) {
            Some(op) => op.meaning().to_owned(),
            None => "has a value".to_owned(),
        },
        CompletionKind::Attribute => {
            let found = insert
                .trim()
                .parse()
                .ok()
                .and_then(|path| catalog.find(&path).map(|found| found.target().clone()));
            let kind = found.and_then(|attribute| {
                attribute
                    .kind
                    .map(|kind| format!("{kind}{}", if attribute.is_multi_valued() { ", several" } else { "" }))
            });
            kind.unwrap_or_default()
        }
        CompletionKind::Keyword | CompletionKind::Value => {
            if label == insert.trim() {
                String::new()
            } else {
                label.to_owned()
            }
        }
    }
}

/// A doubt, placed on the attribute that it is about.
fn doubt(text: &str, warning: &FilterWarning, places: &Places) -> FilterProblem {
    let within = warning.path.rsplit('.').next().unwrap_or(&warning.path);
    let word =
        |wanted: &str| pieces(text).find(|piece| piece.kind == "attribute" && text[piece.start..piece.end].eq_ignore_ascii_case(wanted));
    let (start, end) = word(&warning.path)
        .or_else(|| word(within))
        .map_or((0, text.len()), |piece| (piece.start, piece.end));
    FilterProblem {
        start: places.unit(start),
        end: places.unit(end),
        message: warning.to_string(),
    }
}

fn tokens(text: &str, places: &Places) -> Vec<FilterToken> {
    pieces(text)
        .map(|piece| FilterToken {
            start: places.unit(piece.start),
            end: places.unit(piece.end),
            kind: piece.kind.into(),
        })
        .collect()
}

/// A piece of the text, by bytes.
struct Piece {
    start: usize,
    end: usize,
    kind: &'static str,
}

/// Cuts a text into pieces, whether it is a filter or not.
fn pieces(text: &str) -> impl Iterator<Item = Piece> + '_ {
    let mut at = 0;
    // What a word is, depends on what came before it.
    let mut before = "keyword";
    std::iter::from_fn(move || {
        at += text[at..].len() - text[at..].trim_start().len();
        let rest = &text[at..];
        let first = rest.chars().next()?;
        let (length, kind) = match first {
            '(' | ')' | '[' | ']' => (1, "bracket"),
            '"' => (quoted(rest), "value"),
            _ => {
                let length = rest
                    .find(|letter: char| letter.is_whitespace() || "()[]\"".contains(letter))
                    .unwrap_or(rest.len());
                (length, word_kind(&rest[..length], before))
            }
        };
        let piece = Piece {
            start: at,
            end: at + length,
            kind,
        };
        at += length;
        before = match first {
            '(' | '[' => "keyword",
            _ => kind,
        };
        Some(piece)
    })
}

fn word_kind(word: &str, before: &str) -> &'static str {
    let is = |wanted: &str| word.eq_ignore_ascii_case(wanted);
    match before {
        "attribute" if CompareOp::from_name(word).is_some() || is("pr") => "operator",
        "keyword" if is("not") => "keyword",
        "operator" if is("and") || is("or") => "keyword",
        "operator" => "value",
        "value" | "bracket" if is("and") || is("or") => "keyword",
        _ if is("true") || is("false") || is("null") || word.starts_with(|letter: char| letter.is_ascii_digit() || letter == '-') => {
            "value"
        }
        _ => "attribute",
    }
}

/// The length of a quoted text, to its end or to the end of all.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// From bytes to UTF-16 code units and back.
struct Places {
    /// Each character's byte and unit, and the end.
    list: Vec<(usize, u32)>,
}

impl Places {
    fn new(text: &str) -> Self {
        let mut unit = 0;
        let mut list = Vec::with_capacity(text.len() + 1);
        for (at, letter) in text.char_indices() {
            list.push((at, unit));
            unit += letter.len_utf16() as u32;
        }
        list.push((text.len(), unit));
        Self { list }
    }

    /// The unit of the character that a byte is in.
    fn unit(&self, byte: usize) -> u32 {
        let after = self.list.partition_point(|(at, _)| *at <= byte);
        self.list[after.max(1) - 1].1
    }

    /// The byte of the character that a unit is in.
    fn byte(&self, unit: u32) -> usize {
        let after = self.list.partition_point(|(_, at)| *at <= unit);
        self.list[after.max(1) - 1].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str) -> FilterCheck {
        check_filter("User", text, text.encode_utf16().count() as u32, &Catalog::core())
    }

    #[test]
    fn tokens_have_their_kinds() {
        let text = "not (userName sw \"𝒥\") and emails[type eq \"work\"] or active eq true";
        let units: Vec<u16> = text.encode_utf16().collect();
        let told: Vec<(String, String)> = check(text)
            .tokens
            .into_iter()
            .map(|token| {
                (
                    String::from_utf16(&units[token.start as usize..token.end as usize]).unwrap(),
                    token.kind,
                )
            })
            .collect();
        let expected = [
            ("not", "keyword"),
            ("(", "bracket"),
            ("userName", "attribute"),
            ("sw", "operator"),
            ("\"𝒥\"", "value"),
            (")", "bracket"),
            ("and", "keyword"),
            ("emails", "attribute"),
            ("[", "bracket"),
            ("type", "attribute"),
            ("eq", "operator"),
            ("\"work\"", "value"),
            ("]", "bracket"),
            ("or", "keyword"),
            ("active", "attribute"),
            ("eq", "operator"),
            ("true", "value"),
        ];
        assert_eq!(told, expected.map(|(text, kind)| (text.to_owned(), kind.to_owned())));
    }

    #[test]
    fn errors_and_doubts_stand_where_they_belong() {
        let broken = check("userName eq \"𝒥\" und");
        assert!(!broken.ok);
        let error = broken.error.unwrap();
        assert_eq!(error.start, 17, "{error:?}");
        let doubtful = check("active eq true and shoeSize eq \"7\"");
        assert!(doubtful.ok);
        assert_eq!(
            (doubtful.warnings[0].start, doubtful.warnings[0].end),
            (19, 27),
            "{:?}",
            doubtful.warnings
        );
        assert!(check("  ").ok);
    }

    #[test]
    fn completions_fit_the_place_and_the_resource() {
        let begun = check("userN");
        assert_eq!(
            (
                begun.completions[0].insert.trim(),
                begun.completions[0].start,
                begun.completions[0].end
            ),
            ("userName", 0, 5)
        );
        let operators = check("userName ");
        assert!(
            operators
                .completions
                .iter()
                .any(|completion| completion.kind == "operator" && completion.insert.trim() == "sw")
        );
        let group = check_filter("Group", "userN", 5, &Catalog::core());
        assert!(group.completions.iter().all(|completion| completion.insert.trim() != "userName"));
        let members = check_filter("Group", "memb", 4, &Catalog::core());
        assert!(members.completions.iter().any(|completion| completion.insert.trim() == "members"));
    }

    proptest! {
        #[test]
        fn any_text_is_cut_into_pieces(text in "\\PC{0,40}", caret in 0u32..60) {
            let check = check_filter("User", &text, caret, &Catalog::core());
            let end = text.encode_utf16().count() as u32;
            prop_assert!(check.tokens.windows(2).all(|pair| pair[0].end <= pair[1].start));
            prop_assert!(check.tokens.iter().all(|token| token.start < token.end && token.end <= end));
            prop_assert!(check.completions.iter().all(|completion| completion.start <= completion.end && completion.end <= end));
        }
    }
}
