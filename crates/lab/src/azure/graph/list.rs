//! Lists of Graph: pages, `$select`, `$top`, `$count`, `$expand`.

use serde_json::{Value, json};

use super::docs::{self, Doc, Kind};
use super::filter::Filter;
use super::{Answer, Graph};
use crate::azure::reply::Reply;
use crate::azure::state::Family;
use crate::base64;
use crate::company::access::Guid;

/// The largest page.
const MOST: usize = 999;
/// An expanded collection holds no more than this.
const MOST_EXPANDED: usize = 20;

impl Graph<'_> {
    fn bad(&self, text: &str) -> Reply {
        self.refuse(400, "Request_BadRequest", text)
    }

    fn context(&self, of: &str) -> Value {
        json!(format!("{}/v1.0/$metadata#{of}", self.azure.sites.graph))
    }

    /// A page of a list that has `all` places; `render` draws what stands at one, or nothing.
    pub(super) fn page(&self, of: &str, kind: Kind, all: usize, render: impl Fn(usize) -> Option<Doc>) -> Answer {
        let ask = self.ask;
        for option in ["$search", "$orderby", "$skip"] {
            if ask.parameter(option).is_some() {
                let text = format!("The query option '{option}' is not supported here.");
                return Err(self.refuse(400, "Request_UnsupportedQuery", &text));
            }
        }
        let top = match ask.parameter("$top") {
            None => self.azure.options().graph_page,
            Some(text) => match text.parse() {
                Ok(top @ 1..=MOST) => top,
                _ => {
                    return Err(self.bad(&format!(
                        "Invalid page size specified: '{text}'. Must be between 1 and 999 inclusive."
                    )));
                }
            },
        };
        let start = match ask.parameter("$skiptoken") {
            None => 0,
            Some(token) => read_token(token, of)
                .ok_or_else(|| self.refuse(400, "Directory_ExpiredPageToken", "The specified page token value is invalid."))?,
        };
        let filter = match ask.parameter("$filter") {
            None => None,
            Some(text) => Some(Filter::read(text).ok_or_else(|| {
                self.refuse(
                    400,
                    "Request_UnsupportedQuery",
                    "Unsupported or invalid query filter clause specified.",
                )
            })?),
        };
        let fits = |doc: &Doc| filter.as_ref().is_none_or(|filter| filter.fits(doc));
        let all = if ask.nobody { 0 } else { all };
        let mut value = Vec::new();
        let mut place = start;
        while place < all && value.len() < top {
            if let Some(doc) = render(place).filter(fits) {
                value.push(Value::Object(self.drawn(doc, kind)?));
            }
            place += 1;
        }
        let mut body = Doc::new();
        body.insert("@odata.context".to_owned(), self.context(of));
        // The first page says how many there are in all; the others do not.
        if ask.parameter("$count") == Some("true") && ask.eventual && start == 0 {
            let count = (0..all).filter(|place| render(*place).as_ref().is_some_and(fits)).count();
            body.insert("@odata.count".to_owned(), json!(count));
        }
        if place < all {
            let token = base64::encode_url(format!("{of}|{place}").as_bytes());
            body.insert(
                "@odata.nextLink".to_owned(),
                json!(ask.next(&self.azure.sites.graph, "$skiptoken", &token)),
            );
        }
        body.insert("value".to_owned(), Value::Array(value));
        Ok(Reply::ok(Value::Object(body)))
    }

    /// A short list that has no pages.
    pub(super) fn values(&self, of: &str, value: &[Value]) -> Answer {
        Ok(Reply::ok(json!({"@odata.context": self.context(of), "value": value})))
    }

    /// One object.
    pub(super) fn one(&self, kind: Kind, doc: Doc, of: &str) -> Answer {
        let mut body = Doc::new();
        body.insert("@odata.context".to_owned(), self.context(&format!("{of}/$entity")));
        body.extend(self.drawn(doc, kind)?);
        Ok(Reply::ok(Value::Object(body)))
    }

    /// `/users/$count`.
    pub(super) fn count(&self, family: Family) -> Answer {
        if !self.ask.eventual {
            return Err(self.bad("$count is not currently supported."));
        }
        let tenant = &self.state.tenant;
        let shown = |id: Guid| !self.state.is_hidden(id);
        let count = match family {
            Family::Users => tenant.users.iter().filter(|one| shown(one.id)).count(),
            Family::Groups => tenant.groups.iter().filter(|one| shown(one.id)).count(),
            Family::Services => tenant.services.iter().filter(|one| shown(one.id)).count(),
        };
        Ok(Reply::ok(json!(count)))
    }

    /// What was asked for of a document: `$select` and `$expand`.
    fn drawn(&self, doc: Doc, kind: Kind) -> Result<Doc, Reply> {
        let id: Option<Guid> = doc.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        // A list of several types was projected type by type.
        let mixed = doc.contains_key("@odata.type");
        let mut drawn = if mixed {
            doc
        } else {
            let select = self.ask.parameter("$select");
            docs::project(doc, kind, select, true).map_err(|name| {
                let text = format!("Could not find a property named '{name}' on type '{}'.", kind.odata);
                self.refuse(400, "BadRequest", &text)
            })?
        };
        if let (Some(expand), Some(id)) = (self.ask.parameter("$expand"), id) {
            let (name, select) = match expand.split_once('(') {
                Some((name, rest)) => (name, rest.trim_end_matches(')').strip_prefix("$select=")),
                None => (expand, None),
            };
            let ids = match name {
                "members" => self.state.group(id).map(|group| group.members.clone()),
                "owners" => (self.state.group(id).map(|group| group.owners.clone()))
                    .or_else(|| self.state.service(id).map(|service| service.owners.clone())),
                _ => None,
            };
            let Some(ids) = ids else {
                let text = format!(
                    "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type '{}'.",
                    kind.odata
                );
                return Err(self.refuse(400, "BadRequest", &text));
            };
            let draw = |id: &Guid| {
                let (kind, doc) = docs::object(self.state, *id)?;
                let mut drawn = Doc::new();
                drawn.insert("@odata.type".to_owned(), json!(format!("#{}", kind.odata)));
                drawn.extend(docs::project(doc, kind, select, false).unwrap_or_default());
                Some(Value::Object(drawn))
            };
            let list: Vec<Value> = ids.iter().filter_map(draw).take(MOST_EXPANDED).collect();
            drawn.insert(name.to_owned(), Value::Array(list));
        }
        Ok(drawn)
    }
}

/// The place that a page token stands for, if it is one of this list.
fn read_token(token: &str, of: &str) -> Option<usize> {
    let text = String::from_utf8(base64::decode(token)?).ok()?;
    let (list, place) = text.rsplit_once('|')?;
    (list == of).then(|| place.parse().ok())?
}
