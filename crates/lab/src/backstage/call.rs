//! A request below a plugin's root, and its answer, before they are HTTP.

use bytes::Bytes;
use serde_json::Value;

use super::refusal::PortalRefusal;
use super::tokens::Principal;
use crate::faults::Strikes;

/// A request.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// Below the plugin's root, such as `/entities/by-query`, percent-decoded.
    pub(crate) path: String,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) body: Bytes,
    pub(crate) principal: Principal,
    pub(crate) strikes: Strikes,
}

impl Call {
    /// The values of a parameter, in order.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.parameters
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first value of a parameter.
    pub(crate) fn one<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// A number among the parameters.
    ///
    /// # Errors
    /// When what stands there is none.
    pub(crate) fn number(&self, name: &str) -> Result<Option<usize>, PortalRefusal> {
        let Some(text) = self.one(name) else { return Ok(None) };
        let wrong = |_| PortalRefusal::input(format!("Invalid {name}, '{text}' is not a number of zero or more"));
        text.parse().map(Some).map_err(wrong)
    }

    /// The body.
    ///
    /// # Errors
    /// When it is not JSON.
    pub(crate) fn value(&self) -> Result<Value, PortalRefusal> {
        serde_json::from_slice(&self.body).map_err(|error| PortalRefusal::input(format!("Malformed JSON in the body: {error}")))
    }

    pub(crate) fn no_route(&self) -> PortalRefusal {
        PortalRefusal::no_route(&self.method, &self.path)
    }
}

/// An answer.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
    /// For a header `Link`.
    pub(crate) link: Option<String>,
}

impl Reply {
    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self::raw(status, value.to_string())
    }

    pub(crate) fn ok(value: &Value) -> Self {
        Self::json(200, value)
    }

    pub(crate) fn raw(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            body: body.into(),
            link: None,
        }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self::raw(status, Bytes::new())
    }
}
