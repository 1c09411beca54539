//! What is doubtful about a filter, seen from a catalog.

use std::fmt;

use serde::Serialize;

use super::{CompareOp, Filter, Literal};
use crate::attr::AttrPath;
use crate::fields::flag_of_text;
use crate::instant::Instant;
use crate::schema::{Attribute, AttributeType, Catalog, Returned};
use crate::text;

/// Something doubtful in a filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FilterWarning {
    /// The attribute that it is about, as it stands in the filter; within brackets with the attribute before them.
    pub path: String,
    /// What is doubtful.
    pub kind: WarningKind,
}

/// What can be doubtful in a filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "what")]
pub enum WarningKind {
    /// No known schema has the attribute.
    UnknownAttribute {
        /// The one that was most likely meant.
        suggestion: Option<String>,
    },
    /// The operator makes no sense for the type; the comparison never holds.
    OperatorUnfit {
        /// The operator.
        op: String,
        /// The attribute's type.
        kind: AttributeType,
    },
    /// The value is none that the attribute can have.
    ValueUnfit {
        /// The value, as it stands in the filter.
        value: String,
        /// The attribute's type.
        kind: AttributeType,
    },
    /// A complex attribute without a `value` part is compared as a whole.
    ComplexCompared {
        /// A sub-attribute to compare instead.
        suggestion: Option<String>,
    },
    /// Brackets after an attribute that has no parts.
    NotComplex,
    /// A plain name that only an extension defines; servers want the full path.
    InExtension {
        /// The full path.
        full: String,
    },
    /// The attribute is never returned, so that no filter can see it.
    NeverReturned,
}

impl fmt::Display for FilterWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match &self.kind {
            WarningKind::UnknownAttribute { suggestion: Some(near) } => {
                write!(f, "{path} is not known; did you mean {near}?")
            }
            WarningKind::UnknownAttribute { suggestion: None } => write!(f, "{path} is not known"),
            WarningKind::OperatorUnfit { op, kind } => write!(f, "{op} makes no sense for {path}, which is of type {kind}"),
            WarningKind::ValueUnfit { value, kind } => write!(f, "{path} is of type {kind} and can never be {value}"),
            WarningKind::ComplexCompared { suggestion: Some(part) } => {
                write!(f, "{path} has parts; compare one of them, such as {part}")
            }
            WarningKind::ComplexCompared { suggestion: None } => write!(f, "{path} has parts; compare one of them"),
            WarningKind::NotComplex => write!(f, "{path} has no parts that brackets could ask for"),
            WarningKind::InExtension { full } => write!(f, "{path} is read as {full}"),
            WarningKind::NeverReturned => write!(f, "servers never return {path}, so this cannot be seen"),
        }
    }
}

/// All that is doubtful, in the order of the text.
pub(super) fn check(filter: &Filter, catalog: &Catalog) -> Vec<FilterWarning> {
    let mut checker = Checker {
        catalog,
        found: Vec::new(),
    };
    checker.walk(filter, None);
    checker.found
}

struct Checker<'c> {
    catalog: &'c Catalog,
    found: Vec<FilterWarning>,
}

/// The attribute before the brackets that we are in, and its definition.
type Within<'f, 'c> = Option<(&'f AttrPath, Option<&'c Attribute>)>;

impl<'c> Checker<'c> {
    fn warn(&mut self, path: impl fmt::Display, kind: WarningKind) {
        let warning = FilterWarning {
            path: path.to_string(),
            kind,
        };
        if !self.found.contains(&warning) {
            self.found.push(warning);
        }
    }

    fn walk(&mut self, filter: &Filter, within: Within<'_, 'c>) {
        match filter {
            Filter::And(parts) | Filter::Or(parts) => parts.iter().for_each(|part| self.walk(part, within)),
            Filter::Not(part) => self.walk(part, within),
            Filter::Present(path) => {
                self.definition(path, within);
            }
            Filter::Compare { path, op, value } => {
                if let Some(attribute) = self.definition(path, within) {
                    self.compare(&full(path, within), attribute, *op, value);
                }
            }
            Filter::ValuePath { path, filter } => {
                let attribute = self.definition(path, within);
                if attribute.is_some_and(|attribute| !attribute.is_complex() && !attribute.is_multi_valued()) {
                    self.warn(path, WarningKind::NotComplex);
                }
                self.walk(filter, Some((path, attribute)));
            }
        }
    }

    /// The definition of a path, with warnings when there is none or it is of little use.
    fn definition(&mut self, path: &AttrPath, within: Within<'_, 'c>) -> Option<&'c Attribute> {
        if let Some((outer, parent)) = within {
            let parent = parent?;
            let found = parent.sub(&path.name);
            if found.is_none() && !(path.name.eq_ignore_ascii_case("value") && parent.sub_attributes.is_empty()) {
                let near = text::nearest(&path.name, parent.sub_attributes.iter().map(|sub| sub.name.as_str()));
                let suggestion = near.map(|near| outer.with_sub(Some(near)).to_string());
                self.warn(outer.with_sub(Some(&path.name)), WarningKind::UnknownAttribute { suggestion });
            }
            return found;
        }
        let Some(found) = self.catalog.find(path) else {
            let whole_extension = path.whole().is_some_and(|urn| self.catalog.schema(&urn).is_some());
            if !whole_extension {
                self.warn(
                    path,
                    WarningKind::UnknownAttribute {
                        suggestion: nearest(path, self.catalog),
                    },
                );
            }
            return None;
        };
        if path.schema.is_none() && found.in_extension {
            self.warn(
                path,
                WarningKind::InExtension {
                    full: format!("{}:{path}", found.schema),
                },
            );
        }
        if found.attribute.returned == Some(Returned::Never) || found.target().returned == Some(Returned::Never) {
            self.warn(path, WarningKind::NeverReturned);
        }
        Some(found.target())
    }

    fn compare(&mut self, path: &AttrPath, attribute: &Attribute, op: CompareOp, value: &Literal) {
        let compared = if attribute.is_complex() {
            attribute.sub("value")
        } else {
            Some(attribute)
        };
        if *value == Literal::Null {
            if !matches!(op, CompareOp::Eq | CompareOp::Ne)
                && let Some(kind) = attribute.kind
            {
                self.warn(
                    path,
                    WarningKind::ValueUnfit {
                        value: value.to_string(),
                        kind,
                    },
                );
            }
            return;
        }
        let Some(compared) = compared else {
            let part = ["formatted", "display", "displayName"].iter().find_map(|name| attribute.sub(name));
            let suggestion = part.or(attribute.sub_attributes.first()).map(|sub| match path.sub {
                None => path.with_sub(Some(&sub.name)).to_string(),
                Some(_) => sub.name.clone(),
            });
            self.warn(path, WarningKind::ComplexCompared { suggestion });
            return;
        };
        let Some(kind) = compared.kind else { return };
        let unfit = match kind {
            AttributeType::Boolean => op.is_textual() || op.is_ordering(),
            AttributeType::Integer | AttributeType::Decimal => op.is_textual(),
            // RFC 7644 §3.4.2.2 rules order out for booleans and binaries.
            AttributeType::Binary => op.is_ordering(),
            _ => false,
        };
        if unfit {
            self.warn(
                path,
                WarningKind::OperatorUnfit {
                    op: op.name().to_owned(),
                    kind,
                },
            );
            return;
        }
        let fits = match (kind, value) {
            (AttributeType::Boolean, Literal::Bool(_)) => true,
            (AttributeType::Boolean, Literal::String(text)) => flag_of_text(text).is_some(),
            (AttributeType::Integer | AttributeType::Decimal, Literal::Number(_)) => true,
            (AttributeType::Integer | AttributeType::Decimal, Literal::String(text)) => text.trim().parse::<f64>().is_ok(),
            (AttributeType::DateTime, Literal::String(text)) => op.is_textual() || Instant::parse(text).is_some(),
            (AttributeType::String | AttributeType::Reference | AttributeType::Binary, Literal::String(_)) => true,
            // A number without quotes still finds the text with those digits.
            (AttributeType::String, Literal::Number(_)) => !op.is_textual(),
            (AttributeType::Complex, _) => true,
            _ => false,
        };
        if !fits {
            self.warn(
                path,
                WarningKind::ValueUnfit {
                    value: value.to_string(),
                    kind,
                },
            );
        }
    }
}

fn full(path: &AttrPath, within: Within<'_, '_>) -> AttrPath {
    match within {
        Some((outer, _)) => outer.with_sub(Some(&path.name)),
        None => path.clone(),
    }
}

/// The known path that was most likely meant.
fn nearest(path: &AttrPath, catalog: &Catalog) -> Option<String> {
    if let (Some(sub), Some(found)) = (&path.sub, catalog.find_attribute(path.schema.as_deref(), &path.name)) {
        let near = text::nearest(sub, found.attribute.sub_attributes.iter().map(|sub| sub.name.as_str()))?;
        return Some(path.with_sub(Some(near)).to_string());
    }
    let known = catalog.paths();
    let typed = path.to_string();
    let texts: Vec<String> = known.iter().map(|(path, _)| path.to_string()).collect();
    if let Some(near) = text::nearest(&typed, texts.iter().map(String::as_str)) {
        return Some(near.to_owned());
    }
    if path.schema.is_some() {
        return None;
    }
    // The plain name of an extension's attribute, or a sub-attribute without its parent: `givenName`.
    let name = path.sub.as_ref().unwrap_or(&path.name);
    let last: Vec<&str> = known.iter().map(|(path, _)| path.sub.as_deref().unwrap_or(&path.name)).collect();
    let near = text::nearest(name, last.iter().copied())?;
    last.iter()
        .position(|candidate| *candidate == near)
        .map(|index| texts[index].clone())
}
