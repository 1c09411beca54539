//! A server that does nothing but send pages that were rendered before: what is measured is the client.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::company::Size;

/// Resources a page.
pub const PER_PAGE: usize = 1000;

/// What the server sends.
pub struct Pages {
    pub size: Size,
    users: Rendered,
    groups: Rendered,
}

/// Documents that were rendered before, one after another with commas between them: any page is a stretch of them, wherever it
/// begins. (Lanyard begins each page with the last resource of the page before, to see that the list did not move.)
struct Rendered {
    text: Vec<u8>,
    /// Where each document begins, and where one after the last would.
    begins: Vec<usize>,
}

impl Rendered {
    fn new(total: usize, resource: impl Fn(usize) -> String) -> Self {
        let mut rendered = Self {
            text: Vec::new(),
            begins: vec![0],
        };
        for number in 0..total {
            rendered.text.extend_from_slice(resource(number).as_bytes());
            rendered.text.push(b',');
            rendered.begins.push(rendered.text.len());
        }
        rendered
    }

    /// The page that begins at `start`, from 1.
    fn page(&self, start: usize, count: usize) -> Vec<u8> {
        let total = self.begins.len() - 1;
        let from = (start - 1).min(total);
        let to = (from + count).min(total);
        let documents = &self.text[self.begins[from]..self.begins[to].saturating_sub(1).max(self.begins[from])];
        let mut page = Vec::with_capacity(documents.len() + 200);
        page.extend_from_slice(
            format!(
                "{{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],\"totalResults\":{total},\"startIndex\":{start},\"itemsPerPage\":{},\"Resources\":[",
                to - from
            )
            .as_bytes(),
        );
        page.extend_from_slice(documents);
        page.extend_from_slice(b"]}");
        page
    }
}

impl Pages {
    /// Renders all documents.
    pub fn render(size: Size) -> Self {
        Self {
            size,
            users: Rendered::new(size.users, crate::company::user),
            groups: Rendered::new(size.groups, |number| crate::company::group(number, size)),
        }
    }
}

fn answer(body: impl Into<axum::body::Body>) -> Response {
    ([(header::CONTENT_TYPE, "application/scim+json")], body.into()).into_response()
}

async fn list(State(pages): State<Arc<Pages>>, Path(endpoint): Path<String>, Query(query): Query<HashMap<String, String>>) -> Response {
    let (all, total, most) = match endpoint.as_str() {
        "Users" => (&pages.users, pages.size.users, PER_PAGE),
        "Groups" => (&pages.groups, pages.size.groups, PER_PAGE.min(200)),
        "ServiceProviderConfig" => {
            return answer(
                r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],"patch":{"supported":true},"bulk":{"supported":false},"filter":{"supported":false,"maxResults":1000},"changePassword":{"supported":false},"sort":{"supported":false},"etag":{"supported":false},"authenticationSchemes":[]}"#,
            );
        }
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let start: usize = query.get("startIndex").and_then(|start| start.parse().ok()).unwrap_or(1).max(1);
    let count: usize = query.get("count").and_then(|count| count.parse().ok()).unwrap_or(most);
    if count == 0 || start > total {
        return answer(format!(
            "{{\"schemas\":[],\"totalResults\":{total},\"startIndex\":{start},\"itemsPerPage\":0,\"Resources\":[]}}"
        ));
    }
    answer(all.page(start, count.min(most)))
}

/// Serves the pages on a free port of loopback, on a thread of its own; gives the base address.
pub fn serve(pages: Arc<Pages>) -> String {
    let (address_in, address) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            address_in.send(listener.local_addr().expect("an address")).expect("a listener");
            let router = Router::new().route("/scim/v2/{endpoint}", get(list)).with_state(pages);
            axum::serve(listener, router).await.expect("served");
        });
    });
    format!("http://{}/scim/v2", address.recv().expect("the server's address"))
}
