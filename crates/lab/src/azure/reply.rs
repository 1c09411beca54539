//! An answer before it is bytes, and the three shapes in which Microsoft's services refuse.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::company::access::Guid;

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// Nothing at all for 204.
    pub(crate) body: Option<Value>,
}

impl Reply {
    pub(crate) fn ok(body: Value) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: Some(body),
        }
    }

    /// An answer without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: None,
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Graph's shape of an error. `request` is the request's id.
    pub(crate) fn graph(status: u16, code: &str, message: &str, now: &str, request: &str) -> Self {
        // Graph writes the time without its zone.
        let date = now.split('.').next().unwrap_or(now).trim_end_matches('Z');
        Self {
            status,
            headers: Vec::new(),
            body: Some(json!({"error": {"code": code, "message": message, "innerError":
                {"date": date, "request-id": request, "client-request-id": request}}})),
        }
    }

    /// The Resource Manager's shape of an error.
    pub(crate) fn arm(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Some(json!({"error": {"code": code, "message": message.into()}})),
        }
    }

    /// As HTTP. `label` is the media type of a body.
    pub(crate) fn into_response(self, label: &'static str) -> Response {
        let body = self.body.map(|body| body.to_string());
        let labelled = body.is_some();
        let mut response = Response::new(body.map_or_else(Body::empty, Body::from));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if labelled {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(label));
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.append(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// The parts of a request that the services look at.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) method: String,
    /// Without the query, percent-decoded.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    /// `ConsistencyLevel: eventual` was sent.
    pub(crate) eventual: bool,
    pub(crate) body: Value,
    /// A fault says that lists are to be empty.
    pub(crate) nobody: bool,
    /// The user whose token came along; none for the client's own.
    pub(crate) caller: Option<Guid>,
}

impl Ask {
    /// A parameter of the query, without regard to case; an OData option also without its `$`.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let same = |there: &str| there.eq_ignore_ascii_case(name) || there.eq_ignore_ascii_case(name.trim_start_matches('$'));
        self.query.iter().find(|(there, _)| same(there)).map(|(_, value)| value.as_str())
    }

    /// The path's parts.
    pub(crate) fn parts(&self) -> Vec<&str> {
        self.path.split('/').filter(|part| !part.is_empty()).collect()
    }

    /// The address of the next page: this one's, with one parameter changed.
    pub(crate) fn next(&self, site: &str, name: &str, value: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (there, old) in &self.query {
            if !there.eq_ignore_ascii_case(name) {
                query.append_pair(there, old);
            }
        }
        query.append_pair(name, value);
        let path = self.path.replace(' ', "%20");
        format!("{site}{path}?{}", query.finish().replace("%24", "$"))
    }
}
