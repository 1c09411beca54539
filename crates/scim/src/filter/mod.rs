//! Filter expressions (RFC 7644 §3.4.2.2): parse, print, evaluate, check against a catalog, complete while typing.

mod check;
mod complete;
mod error;
mod eval;
mod parse;
mod print;

pub use check::{FilterWarning, WarningKind};
pub use complete::{Completion, CompletionKind, complete};
pub use error::{FilterError, FilterErrorKind};
pub use eval::Matcher;
pub(crate) use parse::bracketed;
pub use parse::{MAX_LENGTH, MAX_NESTING};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Number, Value};

use crate::attr::AttrPath;
use crate::schema::{Catalog, words};

/// A filter expression (RFC 7644 §3.4.2.2).
///
/// `Display` prints canonical text: lower-case words, one space, only the parentheses that are needed. What was parsed
/// prints and parses to the same filter. A hand-made `And` or `Or` of fewer than two parts is read as its only part, or as
/// "everything matches" (`And`) and "nothing matches" (`Or`) when it has none; the latter two have no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All parts match.
    And(Vec<Filter>),
    /// At least one part matches.
    Or(Vec<Filter>),
    /// The part does not match.
    Not(Box<Filter>),
    /// An attribute compared with a value.
    Compare {
        /// The attribute.
        path: AttrPath,
        /// How it is compared.
        op: CompareOp,
        /// What it is compared with.
        value: Literal,
    },
    /// The attribute has a value (`pr`).
    Present(AttrPath),
    /// One value of a multi-valued attribute matches the whole of a filter: `emails[type eq "work" and value co "@x"]`.
    ValuePath {
        /// The attribute.
        path: AttrPath,
        /// What one of its values must match; its paths are sub-attributes.
        filter: Box<Filter>,
    },
}

words! {
    /// The comparison operators (RFC 7644 §3.4.2.2, table 3).
    CompareOp {
        /// Equal.
        Eq = "eq",
        /// Not equal.
        Ne = "ne",
        /// Contains.
        Co = "co",
        /// Starts with.
        Sw = "sw",
        /// Ends with.
        Ew = "ew",
        /// Greater than.
        Gt = "gt",
        /// Greater than or equal to.
        Ge = "ge",
        /// Less than.
        Lt = "lt",
        /// Less than or equal to.
        Le = "le",
    }
}

impl CompareOp {
    /// What it means, for people: "equals", "is later or greater than", …
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Eq => "equals",
            Self::Ne => "does not equal",
            Self::Co => "contains",
            Self::Sw => "starts with",
            Self::Ew => "ends with",
            Self::Gt => "is greater than",
            Self::Ge => "is at least",
            Self::Lt => "is less than",
            Self::Le => "is at most",
        }
    }

    /// Whether it looks into a text: `co`, `sw`, `ew`.
    pub const fn is_textual(self) -> bool {
        matches!(self, Self::Co | Self::Sw | Self::Ew)
    }

    /// Whether it asks for an order: `gt`, `ge`, `lt`, `le`.
    pub const fn is_ordering(self) -> bool {
        matches!(self, Self::Gt | Self::Ge | Self::Lt | Self::Le)
    }
}

/// A value in a filter: JSON without objects and arrays (RFC 7644 §3.4.2.2, `compValue`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// A text.
    String(String),
    /// A number.
    Number(Number),
    /// A truth value.
    Bool(bool),
    /// No value.
    Null,
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<bool> for Literal {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<Literal> for Value {
    fn from(literal: Literal) -> Self {
        match literal {
            Literal::String(text) => Self::String(text),
            Literal::Number(number) => Self::Number(number),
            Literal::Bool(flag) => Self::Bool(flag),
            Literal::Null => Self::Null,
        }
    }
}

impl Filter {
    /// Reads a filter. Words are read in any case, and white space may be more or less than the RFC's single space.
    ///
    /// # Errors
    /// [`FilterError`] says in plain words what is wrong, where, and what could stand there.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parse::filter(text)
    }

    /// `path eq "value"`: the most used filter.
    pub fn eq(path: AttrPath, value: impl Into<Literal>) -> Self {
        Self::Compare {
            path,
            op: CompareOp::Eq,
            value: value.into(),
        }
    }

    /// Whether a resource matches. To ask many resources, make a [`Matcher`] once with [`Filter::compile`].
    ///
    /// The rules are those of [`Matcher::matches`].
    pub fn matches(&self, resource: &Value, catalog: &Catalog) -> bool {
        self.compile(catalog).matches(resource)
    }

    /// The filter with its attributes looked up and its values prepared, to ask many resources.
    pub fn compile(&self, catalog: &Catalog) -> Matcher {
        Matcher::new(self, catalog)
    }

    /// What is doubtful about the filter for resources of this catalog: unknown attributes, operators that make no sense for
    /// a type, values that an attribute cannot have. The filter can be evaluated all the same.
    pub fn check(&self, catalog: &Catalog) -> Vec<FilterWarning> {
        check::check(self, catalog)
    }

    /// Each attribute path in it, in the order of the text; those within a value path with the attribute before them.
    pub fn paths(&self) -> Vec<AttrPath> {
        fn walk(filter: &Filter, within: Option<&AttrPath>, found: &mut Vec<AttrPath>) {
            let full = |path: &AttrPath| match within {
                Some(outer) => outer.with_sub(Some(&path.name)),
                None => path.clone(),
            };
            match filter {
                Filter::And(parts) | Filter::Or(parts) => parts.iter().for_each(|part| walk(part, within, found)),
                Filter::Not(part) => walk(part, within, found),
                Filter::Compare { path, .. } | Filter::Present(path) => found.push(full(path)),
                Filter::ValuePath { path, filter } => walk(filter, Some(path), found),
            }
        }
        let mut found = Vec::new();
        walk(self, None, &mut found);
        found
    }
}

impl std::str::FromStr for Filter {
    type Err = FilterError;
    fn from_str(text: &str) -> Result<Self, FilterError> {
        Self::parse(text)
    }
}

impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
