//! Attribute paths: `userName`, `name.givenName`, `urn:…:enterprise:2.0:User:department` (RFC 7644 §3.10).

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text;

/// Where an attribute is: an optional schema URN, a name, an optional sub-attribute.
///
/// Two paths are equal when they differ only in the case of their letters (RFC 7643 §2.1).
///
/// A URN that stands alone names a whole extension. Where its last part looks like an attribute name (as in
/// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`) the text alone cannot tell; it is then read as schema
/// plus name, and whoever looks it up also tries [`AttrPath::whole`].
#[derive(Debug, Clone)]
pub struct AttrPath {
    /// The schema URN before the name, without the colon between them.
    pub schema: Option<String>,
    /// The attribute's name; a whole URN when an extension is named and nothing in it.
    pub name: String,
    /// The sub-attribute after the dot.
    pub sub: Option<String>,
}

/// Why a text is no attribute path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttrPathError {
    /// There is nothing.
    #[error("an attribute name is missing")]
    Empty,
    /// A name starts or goes on with a character that names do not have (RFC 7643 §2.1).
    #[error("'{found}' cannot stand in an attribute name")]
    BadCharacter {
        /// Byte offset of the character.
        at: usize,
        /// The character.
        found: char,
    },
    /// A name is missing before, between or after dots or colons.
    #[error("a name is missing beside '{beside}'")]
    MissingName {
        /// Byte offset of the place.
        at: usize,
        /// The dot or colon.
        beside: char,
    },
    /// There is more than one dot: SCIM knows one level of sub-attributes.
    #[error("an attribute has only one level of sub-attributes")]
    TooDeep {
        /// Byte offset of the second dot.
        at: usize,
    },
}

impl AttrPathError {
    /// Byte offset of the place in the text that was parsed.
    pub fn at(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::BadCharacter { at, .. } | Self::MissingName { at, .. } | Self::TooDeep { at } => *at,
        }
    }
}

impl AttrPath {
    /// A plain name, without schema and sub-attribute; the text is taken as it is.
    pub fn name(name: impl Into<String>) -> Self {
        Self {
            schema: None,
            name: name.into(),
            sub: None,
        }
    }

    /// Reads a path. White space is not trimmed.
    ///
    /// # Errors
    /// [`AttrPathError`] tells what is wrong and where.
    pub fn parse(text: &str) -> Result<Self, AttrPathError> {
        if text.is_empty() {
            return Err(AttrPathError::Empty);
        }
        if !text::starts_with(text, "urn:") {
            let (name, sub) = local(text, 0)?;
            return Ok(Self { schema: None, name, sub });
        }
        let colon = text.rfind(':').unwrap_or(3);
        let urn = &text[..colon];
        urn_is_sound(text)?;
        match local(&text[colon + 1..], colon + 1) {
            // `urn:name` is a URN without anything that could be a schema.
            Ok((name, sub)) if urn.len() > 4 => Ok(Self {
                schema: Some(urn.to_owned()),
                name,
                sub,
            }),
            // The last part is a version such as `1.0`: the whole text is one URN.
            _ => Ok(Self::name(text)),
        }
    }

    /// Schema and name as one URN: the extension that this path names if it names one. `None` with a sub-attribute.
    pub fn whole(&self) -> Option<String> {
        match (&self.schema, &self.sub) {
            (_, Some(_)) => None,
            (Some(schema), None) => Some(format!("{schema}:{}", self.name)),
            (None, None) => Some(self.name.clone()),
        }
    }

    /// Whether this is the plain name given, whatever the case, with no sub-attribute and no schema.
    pub fn is(&self, name: &str) -> bool {
        self.schema.is_none() && self.sub.is_none() && self.name.eq_ignore_ascii_case(name)
    }

    /// The same path with another sub-attribute, or none.
    #[must_use]
    pub fn with_sub(&self, sub: Option<&str>) -> Self {
        Self {
            schema: self.schema.clone(),
            name: self.name.clone(),
            sub: sub.map(str::to_owned),
        }
    }
}

/// Whether a character can stand in an attribute name after its first; `$` is for `$ref`.
fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$')
}

/// Whether a character can stand in a path anywhere: what a filter takes as one word.
pub(crate) fn is_path_char(c: char) -> bool {
    is_name_char(c) || matches!(c, '.' | ':')
}

fn urn_is_sound(text: &str) -> Result<(), AttrPathError> {
    let mut last = ' ';
    for (at, c) in text.char_indices() {
        if !is_path_char(c) {
            return Err(AttrPathError::BadCharacter { at, found: c });
        }
        if c == ':' && last == ':' {
            return Err(AttrPathError::MissingName { at, beside: ':' });
        }
        last = c;
    }
    if last == ':' {
        return Err(AttrPathError::MissingName {
            at: text.len(),
            beside: ':',
        });
    }
    Ok(())
}

fn local(text: &str, offset: usize) -> Result<(String, Option<String>), AttrPathError> {
    let (name, sub) = match text.split_once('.') {
        Some((name, sub)) => (name, Some(sub)),
        None => (text, None),
    };
    one_name(name, offset, text.starts_with('.'))?;
    if let Some(sub) = sub {
        let start = offset + name.len() + 1;
        if let Some(dot) = sub.find('.') {
            return Err(AttrPathError::TooDeep { at: start + dot });
        }
        one_name(sub, start, true)?;
    }
    Ok((name.to_owned(), sub.map(str::to_owned)))
}

fn one_name(name: &str, offset: usize, dotted: bool) -> Result<(), AttrPathError> {
    let mut chars = name.char_indices();
    match chars.next() {
        None => {
            return Err(AttrPathError::MissingName {
                at: offset,
                beside: if dotted { '.' } else { ':' },
            });
        }
        Some((_, c)) if c.is_ascii_alphabetic() || c == '$' => {}
        Some((_, c)) => return Err(AttrPathError::BadCharacter { at: offset, found: c }),
    }
    match chars.find(|(_, c)| !is_name_char(*c)) {
        Some((at, found)) => Err(AttrPathError::BadCharacter { at: offset + at, found }),
        None => Ok(()),
    }
}

impl fmt::Display for AttrPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}:")?;
        }
        f.write_str(&self.name)?;
        if let Some(sub) = &self.sub {
            write!(f, ".{sub}")?;
        }
        Ok(())
    }
}

impl FromStr for AttrPath {
    type Err = AttrPathError;
    fn from_str(text: &str) -> Result<Self, AttrPathError> {
        Self::parse(text)
    }
}

impl PartialEq for AttrPath {
    fn eq(&self, other: &Self) -> bool {
        fn same(left: Option<&String>, right: Option<&String>) -> bool {
            match (left, right) {
                (None, None) => true,
                (Some(left), Some(right)) => left.eq_ignore_ascii_case(right),
                _ => false,
            }
        }
        self.name.eq_ignore_ascii_case(&other.name)
            && same(self.sub.as_ref(), other.sub.as_ref())
            && same(self.schema.as_ref(), other.schema.as_ref())
    }
}

impl Eq for AttrPath {}

impl Hash for AttrPath {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for part in [self.schema.as_deref(), Some(self.name.as_str()), self.sub.as_deref()] {
            if let Some(part) = part {
                for byte in part.bytes() {
                    state.write_u8(byte.to_ascii_lowercase());
                }
            }
            state.write_u8(0xff);
        }
    }
}

impl Serialize for AttrPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AttrPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (Option<String>, String, Option<String>) {
        let path = AttrPath::parse(text).unwrap();
        assert_eq!(path.to_string(), text);
        (path.schema, path.name, path.sub)
    }

    #[test]
    fn plain_dotted_and_qualified() {
        assert_eq!(parts("userName"), (None, "userName".into(), None));
        assert_eq!(parts("name.givenName"), (None, "name".into(), Some("givenName".into())));
        assert_eq!(parts("members.$ref"), (None, "members".into(), Some("$ref".into())));
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        assert_eq!(
            parts(&format!("{enterprise}:department")),
            (Some(enterprise.into()), "department".into(), None)
        );
        assert_eq!(
            parts(&format!("{enterprise}:manager.displayName")),
            (Some(enterprise.into()), "manager".into(), Some("displayName".into()))
        );
        assert_eq!(
            parts("urn:example:ext:1.0:x"),
            (Some("urn:example:ext:1.0".into()), "x".into(), None)
        );
    }

    #[test]
    fn a_urn_that_ends_in_a_version_names_the_extension() {
        assert_eq!(parts("urn:example:ext:1.0"), (None, "urn:example:ext:1.0".into(), None));
        let path = AttrPath::parse("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User").unwrap();
        assert_eq!(
            path.whole().as_deref(),
            Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")
        );
    }

    #[test]
    fn case_does_not_matter() {
        use std::collections::HashSet;
        let set: HashSet<AttrPath> = ["userName", "USERNAME", "UserName"].iter().map(|t| t.parse().unwrap()).collect();
        assert_eq!(set.len(), 1);
        assert_ne!(AttrPath::parse("name.givenName"), AttrPath::parse("name"));
    }

    #[test]
    fn wrong_paths_say_where() {
        assert_eq!(AttrPath::parse(""), Err(AttrPathError::Empty));
        assert_eq!(AttrPath::parse("a b"), Err(AttrPathError::BadCharacter { at: 1, found: ' ' }));
        assert_eq!(AttrPath::parse("1a"), Err(AttrPathError::BadCharacter { at: 0, found: '1' }));
        assert_eq!(AttrPath::parse("a."), Err(AttrPathError::MissingName { at: 2, beside: '.' }));
        assert_eq!(AttrPath::parse("a.b.c"), Err(AttrPathError::TooDeep { at: 3 }));
        assert_eq!(AttrPath::parse("urn:a::b"), Err(AttrPathError::MissingName { at: 6, beside: ':' }));
    }
}
