//! What is wrong with a filter's text, in plain words.

use std::fmt;

use serde::Serialize;

use crate::attr::AttrPathError;

/// What is wrong with a filter's text, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FilterError {
    /// Byte offset of the place; the length of the text when something is missing at the end. Always on a character's border.
    pub at: usize,
    /// How many bytes are wrong; 0 when something is missing.
    pub len: usize,
    /// What is wrong.
    pub kind: FilterErrorKind,
    /// What to write in the place of the `len` bytes at `at`, where one thing was most likely meant.
    pub suggestion: Option<String>,
}

/// The ways in which a filter's text can be wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "what")]
pub enum FilterErrorKind {
    /// There is no text.
    Empty,
    /// The text is longer than [`super::MAX_LENGTH`] bytes.
    TooLong,
    /// Parentheses and brackets go deeper than [`super::MAX_NESTING`].
    TooDeep,
    /// An attribute should stand here.
    ExpectedAttribute {
        /// What stands here; empty at the end.
        found: String,
        /// What comes before; empty at the beginning.
        after: String,
    },
    /// The attribute's name is wrong.
    BadAttribute {
        /// The text.
        found: String,
        /// Why.
        why: String,
    },
    /// An operator should stand here.
    ExpectedOperator {
        /// What stands here; empty at the end.
        found: String,
        /// The attribute before.
        after: String,
    },
    /// A value should stand here.
    ExpectedValue {
        /// What stands here; empty at the end.
        found: String,
        /// The operator before.
        after: String,
    },
    /// A text without quotes.
    UnquotedText {
        /// The text.
        found: String,
    },
    /// Quotes that are not the straight double ones.
    WrongQuotes {
        /// The text within.
        found: String,
    },
    /// A text whose closing quote is missing.
    UnclosedText,
    /// A backslash and something that JSON does not know after it, or a control character.
    BadEscape,
    /// Something that begins like a number and is none.
    BadNumber {
        /// The text.
        found: String,
    },
    /// A parenthesis that is not closed.
    UnclosedGroup {
        /// Byte offset of the opening parenthesis.
        opened: usize,
    },
    /// A bracket that is not closed.
    UnclosedValuePath {
        /// Byte offset of the opening bracket.
        opened: usize,
    },
    /// A closing parenthesis or bracket without an opening one, or of the wrong kind.
    UnexpectedClose {
        /// It.
        found: char,
    },
    /// `and`, `or` or the end should stand here.
    ExpectedConnective {
        /// What stands here.
        found: String,
    },
    /// `not` without a parenthesis after it.
    NotWithoutGroup,
    /// A bracket within a bracket.
    NestedValuePath,
    /// Something right after a closing bracket, as in `emails[…].value`, which PATCH paths have and filters have not.
    AfterValuePath {
        /// It.
        found: String,
    },
}

impl FilterError {
    pub(super) fn new(at: usize, len: usize, kind: FilterErrorKind) -> Self {
        Self {
            at,
            len,
            kind,
            suggestion: None,
        }
    }

    pub(super) fn instead(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestion = Some(suggestion.into());
        self
    }

    pub(super) fn attribute(at: usize, found: &str, error: &AttrPathError) -> Self {
        let kind = FilterErrorKind::BadAttribute {
            found: found.to_owned(),
            why: error.to_string(),
        };
        Self::new(at, found.len(), kind)
    }

    /// What could stand at the place: words and signs as they are typed, or `attribute` and `value` for a kind of thing.
    pub fn expected(&self) -> Vec<String> {
        let words: &[&str] = match &self.kind {
            FilterErrorKind::Empty | FilterErrorKind::ExpectedAttribute { .. } | FilterErrorKind::BadAttribute { .. } => {
                &["attribute", "not", "("]
            }
            FilterErrorKind::ExpectedOperator { .. } => &["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr", "["],
            FilterErrorKind::ExpectedValue { .. }
            | FilterErrorKind::UnquotedText { .. }
            | FilterErrorKind::WrongQuotes { .. }
            | FilterErrorKind::BadNumber { .. } => &["value"],
            FilterErrorKind::UnclosedText => &["\""],
            FilterErrorKind::BadEscape => &["\\\"", "\\\\", "\\n", "\\t", "\\u0000"],
            FilterErrorKind::UnclosedGroup { .. } => &["and", "or", ")"],
            FilterErrorKind::UnclosedValuePath { .. } => &["and", "or", "]"],
            FilterErrorKind::UnexpectedClose { .. }
            | FilterErrorKind::ExpectedConnective { .. }
            | FilterErrorKind::AfterValuePath { .. } => &["and", "or"],
            FilterErrorKind::NotWithoutGroup => &["("],
            FilterErrorKind::NestedValuePath => &["attribute"],
            FilterErrorKind::TooLong | FilterErrorKind::TooDeep => &[],
        };
        words.iter().map(|word| (*word).to_owned()).collect()
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            FilterErrorKind::Empty => f.write_str("the filter is empty: begin with an attribute, as in userName eq \"anna\"")?,
            FilterErrorKind::TooLong => write!(f, "the filter is longer than {} characters", super::MAX_LENGTH)?,
            FilterErrorKind::TooDeep => {
                write!(f, "parentheses and brackets go deeper than {} levels", super::MAX_NESTING)?;
            }
            FilterErrorKind::ExpectedAttribute { found, after } => {
                f.write_str("expected an attribute such as userName")?;
                if !after.is_empty() {
                    write!(f, " after {after}")?;
                }
                but(f, found)?;
            }
            FilterErrorKind::BadAttribute { found, why } => write!(f, "{found} is no attribute: {why}")?,
            FilterErrorKind::ExpectedOperator { found, after } => {
                write!(f, "expected an operator such as eq after {after}")?;
                but(f, found)?;
            }
            FilterErrorKind::ExpectedValue { found, after } => {
                write!(f, "expected a value such as \"text\", 42 or true after {after}")?;
                but(f, found)?;
            }
            FilterErrorKind::UnquotedText { found } => write!(f, "put {found} in double quotes")?,
            FilterErrorKind::WrongQuotes { .. } => f.write_str("texts stand in straight double quotes")?,
            FilterErrorKind::UnclosedText => f.write_str("the closing double quote of this text is missing")?,
            FilterErrorKind::BadEscape => {
                f.write_str("within a text write \\\" for a quote and \\\\ for a backslash; control characters are not allowed")?;
            }
            FilterErrorKind::BadNumber { found } => write!(f, "{found} is no number")?,
            FilterErrorKind::UnclosedGroup { .. } => f.write_str("a closing parenthesis ) is missing")?,
            FilterErrorKind::UnclosedValuePath { .. } => f.write_str("a closing bracket ] is missing")?,
            FilterErrorKind::UnexpectedClose { found } => write!(f, "there is nothing open that {found} could close")?,
            FilterErrorKind::ExpectedConnective { found } => {
                f.write_str("expected and, or, or the end")?;
                but(f, found)?;
            }
            FilterErrorKind::NotWithoutGroup => f.write_str("what follows not stands in parentheses: not (userName pr)")?,
            FilterErrorKind::NestedValuePath => f.write_str("brackets cannot stand within brackets")?,
            FilterErrorKind::AfterValuePath { found } => {
                write!(
                    f,
                    "{found} cannot follow a closing bracket; put the whole condition into the brackets, as in emails[type eq \"work\" and value co \"@example.com\"]"
                )?;
            }
        }
        match &self.suggestion {
            Some(suggestion) if suggestion.is_empty() => f.write_str("; leave it out"),
            Some(suggestion) => write!(f, "; did you mean {suggestion}?"),
            None => Ok(()),
        }
    }
}

fn but(f: &mut fmt::Formatter<'_>, found: &str) -> fmt::Result {
    if found.is_empty() {
        f.write_str(", but the filter ends here")
    } else {
        write!(f, ", but found {found}")
    }
}

impl std::error::Error for FilterError {}
