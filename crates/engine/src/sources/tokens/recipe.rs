//! Recipes: a provider's API for tokens, told by a file (`docs/recipes.md`).
//!
//! A recipe holds addresses below the source's own origin, names of members, and words. It holds no secret: whose credential asks is told by a
//! reference, and what looks like a secret is refused, with its line.

mod builtin;
mod check;
mod fill;
#[cfg(test)]
mod tests;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

pub use builtin::builtin;
pub(super) use fill::{Values, filled_body, filled_path, filled_text};

use crate::located::Tree;
use crate::view::SourceKind;

/// The format that this version reads.
pub const FORMAT: &str = "recipe/1";
/// No recipe is longer, in bytes.
pub const LONGEST: usize = 64 * 1024;

/// A recipe that was read and found good.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    told: Format,
    file: String,
    overlap_ms: Option<u64>,
}

/// What is wrong with a recipe.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {}: {}", .faults.first().map_or(1, |fault| fault.line), .faults.first().map_or("", |fault| fault.message.as_str()))]
pub struct RecipeProblem {
    /// The file.
    pub file: String,
    /// Each problem, in the order of the lines; at least one.
    pub faults: Vec<RecipeFault>,
}

/// One problem of a recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipeFault {
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
    /// What is wrong, without the value where that may be a secret.
    pub message: String,
}

/// Whose credential asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Asks {
    /// The one that is replaced, or the one that replaces it.
    #[default]
    Current,
    /// One that Lanyard holds for the token API alone.
    Manager,
}

/// Whether a request that makes a token may be sent again after its answer was lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Again {
    /// With the same key it gives the same answer, and makes nothing new.
    SameKey,
    /// It makes another token: the list is looked at first.
    #[default]
    No,
}

/// The file as it is written.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Format {
    lanyard: String,
    name: String,
    #[serde(default)]
    description: String,
    #[serde(rename = "for")]
    fits: Fits,
    #[serde(default, rename = "as")]
    asks: Asks,
    pub(super) make: Option<Make>,
    pub(super) list: Option<List>,
    pub(super) revoke: Option<Revoke>,
    overlap: Option<String>,
    limit: Option<u32>,
    #[serde(default)]
    replaces: bool,
    #[serde(default)]
    steps: Steps,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Fits {
    kind: Kind,
    host: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Scim,
    Backstage,
}

/// Headers, in the order of the file.
pub(super) type Headers = std::collections::BTreeMap<String, String>;

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Make {
    #[serde(default = "post")]
    pub(super) method: String,
    pub(super) path: String,
    #[serde(default)]
    pub(super) headers: Headers,
    pub(super) body: Option<Value>,
    pub(super) gives: Gives,
    #[serde(default)]
    pub(super) again: Again,
}

/// Where an answer has what (RFC 6901).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Gives {
    pub(super) value: String,
    pub(super) id: Option<String>,
    pub(super) expires: Option<String>,
    pub(super) created: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct List {
    pub(super) path: String,
    #[serde(default)]
    pub(super) headers: Headers,
    pub(super) items: String,
    pub(super) fields: Fields,
}

/// Where an item has what, from the item on (RFC 6901).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Fields {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) created: Option<String>,
    pub(super) expires: Option<String>,
    pub(super) last_used: Option<String>,
    pub(super) revoked: Option<String>,
    pub(super) works_until: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Revoke {
    #[serde(default = "delete")]
    pub(super) method: String,
    pub(super) path: String,
    #[serde(default)]
    pub(super) headers: Headers,
    pub(super) body: Option<Value>,
}

/// What a person does at the provider, step by step, where no request does it, or beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Steps {
    /// To make a new token.
    pub make: Vec<String>,
    /// To revoke the old one.
    pub revoke: Vec<String>,
    /// To give the new one to what uses it.
    pub hand_over: Vec<String>,
}

fn post() -> String {
    "POST".into()
}

fn delete() -> String {
    "DELETE".into()
}

impl Recipe {
    /// Reads a recipe. `file` is its name, for messages.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its line.
    pub fn read(text: &str, file: &str) -> Result<Self, RecipeProblem> {
        let problem = |faults| RecipeProblem {
            file: file.to_owned(),
            faults,
        };
        let at_start = |message: String| RecipeFault {
            line: 1,
            column: 1,
            message,
        };
        if text.len() > LONGEST {
            return Err(problem(vec![at_start(format!(
                "a recipe is {LONGEST} bytes long at most; this one is longer"
            ))]));
        }
        let told: Format = serde_saphyr::from_str(text).map_err(|error| {
            let (place, message) = crate::located::told(&error);
            problem(vec![RecipeFault {
                line: place.line,
                column: place.column,
                message,
            }])
        })?;
        let tree = Tree::read(text);
        let faults = check::check(&told, &tree);
        if !faults.is_empty() {
            return Err(problem(faults));
        }
        // It was checked.
        let overlap_ms = told.overlap.as_deref().and_then(|text| crate::spans::read(text).ok());
        Ok(Self {
            told,
            file: file.to_owned(),
            overlap_ms,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.told.name.trim()
    }

    /// What it is for.
    pub fn description(&self) -> &str {
        self.told.description.trim()
    }

    /// Its file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Whose credential asks.
    pub fn asks(&self) -> Asks {
        self.told.asks
    }

    /// Whether it is for a source of this kind at this address.
    pub fn fits(&self, kind: SourceKind, address: &str) -> bool {
        let same = match self.told.fits.kind {
            Kind::Scim => kind == SourceKind::Scim,
            Kind::Backstage => kind == SourceKind::Backstage,
        };
        let Some(pattern) = &self.told.fits.host else { return same };
        let host = Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_ascii_lowercase));
        same && host.is_some_and(|host| host_fits(&pattern.trim().to_ascii_lowercase(), &host))
    }

    /// Whether it says for which host it is: it fits better than one that is for any.
    pub fn names_host(&self) -> bool {
        self.told.fits.host.is_some()
    }

    /// Whether a request makes the new token.
    pub fn makes(&self) -> bool {
        self.told.make.is_some()
    }

    /// Whether a request lists the tokens.
    pub fn lists(&self) -> bool {
        self.told.list.is_some()
    }

    /// Whether a request revokes a token.
    pub fn revokes(&self) -> bool {
        self.told.revoke.is_some()
    }

    /// For how long a revoked token lives on, in milliseconds, where the provider allows that.
    pub fn overlap_ms(&self) -> Option<u64> {
        self.overlap_ms
    }

    /// The most tokens at once.
    pub fn limit(&self) -> Option<u32> {
        self.told.limit
    }

    /// Whether a new token ends those before it.
    pub fn replaces(&self) -> bool {
        self.told.replaces
    }

    /// What a person does.
    pub fn steps(&self) -> &Steps {
        &self.told.steps
    }

    pub(super) fn told(&self) -> &Format {
        &self.told
    }
}

/// `*.example.com` fits every host below example.com; anything else is the host itself.
fn host_fits(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(parent) => host.strip_suffix(parent).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
        None => pattern == host,
    }
}
