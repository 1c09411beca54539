//! The paths of PATCH operations (RFC 7644 §3.5.2, figure 7).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::PatchError;
use crate::attr::{AttrPath, is_path_char};
use crate::filter::{Filter, bracketed};
use crate::message::ScimType;

/// Where a PATCH operation works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatchPath {
    /// An attribute or a sub-attribute: `name.familyName`.
    Attr(AttrPath),
    /// Some values of a multi-valued attribute, or a part of each: `emails[type eq "work"].value`.
    Values {
        /// The attribute.
        path: AttrPath,
        /// Which of its values.
        filter: Filter,
        /// The part of each.
        sub: Option<String>,
    },
}

impl PatchPath {
    /// Reads a path.
    ///
    /// # Errors
    /// `invalidPath` for a wrong attribute path, `invalidFilter` for a wrong filter in brackets.
    pub fn parse(text: &str) -> Result<Self, PatchError> {
        let wrong = |detail: String| PatchError::new(ScimType::InvalidPath, Some(text), detail);
        let attr = |part: &str| AttrPath::parse(part).map_err(|error| wrong(error.to_string()));
        let Some(open) = text.find('[') else {
            return attr(text).map(Self::Attr);
        };
        let path = attr(text[..open].trim_end())?;
        let (filter, end) =
            bracketed(text, open + 1).map_err(|error| PatchError::new(ScimType::InvalidFilter, Some(text), error.to_string()))?;
        let sub = match &text[end..] {
            "" => None,
            rest => match rest.strip_prefix('.') {
                Some(sub) if !sub.is_empty() && sub.chars().all(|c| is_path_char(c) && c != '.' && c != ':') => Some(sub.to_owned()),
                _ => return Err(wrong(format!("{rest} cannot follow a closing bracket"))),
            },
        };
        Ok(Self::Values { path, filter, sub })
    }

    /// The path of an attribute.
    ///
    /// # Errors
    /// As [`PatchPath::parse`].
    pub fn attr(text: &str) -> Result<Self, PatchError> {
        AttrPath::parse(text)
            .map(Self::Attr)
            .map_err(|error| PatchError::new(ScimType::InvalidPath, Some(text), error.to_string()))
    }

    /// `members[value eq "id"]`: one member of a group.
    pub fn member(id: &str) -> Self {
        Self::Values {
            path: AttrPath::name("members"),
            filter: Filter::eq(AttrPath::name("value"), id),
            sub: None,
        }
    }

    /// The attribute, without filter and sub-attribute behind it.
    pub fn attribute(&self) -> &AttrPath {
        match self {
            Self::Attr(path) | Self::Values { path, .. } => path,
        }
    }
}

impl fmt::Display for PatchPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attr(path) => write!(f, "{path}"),
            Self::Values { path, filter, sub: None } => write!(f, "{path}[{filter}]"),
            Self::Values {
                path,
                filter,
                sub: Some(sub),
            } => write!(f, "{path}[{filter}].{sub}"),
        }
    }
}

impl FromStr for PatchPath {
    type Err = PatchError;
    fn from_str(text: &str) -> Result<Self, PatchError> {
        Self::parse(text)
    }
}

impl Serialize for PatchPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PatchPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
