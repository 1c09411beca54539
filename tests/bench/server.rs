//! A server that does nothing but send pages that were rendered before: what is measured is the client.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;

use crate::company::Size;

/// Resources a page.
pub const PER_PAGE: usize = 1000;

/// What the server sends.
pub struct Pages {
    pub size: Size,
    pub users: Vec<Bytes>,
    pub groups: Vec<Bytes>,
    /// Whether it counts what a filter finds. It knows one filter: on `meta.lastModified`, which it answers with nothing.
    pub filters: bool,
}

impl Pages {
    /// Renders all pages.
    pub fn render(size: Size) -> Self {
        Self {
            size,
            users: crate::company::pages(size.users, PER_PAGE, crate::company::user),
            groups: crate::company::pages(size.groups, PER_PAGE.min(200), |number| crate::company::group(number, size)),
            filters: false,
        }
    }
}

fn answer(body: impl Into<axum::body::Body>) -> Response {
    ([(header::CONTENT_TYPE, "application/scim+json")], body.into()).into_response()
}

async fn list(State(pages): State<Arc<Pages>>, Path(endpoint): Path<String>, Query(query): Query<HashMap<String, String>>) -> Response {
    let (all, total, step) = match endpoint.as_str() {
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
    let count: usize = query.get("count").and_then(|count| count.parse().ok()).unwrap_or(step);
    if count == 0 || start > total {
        return answer(format!("{{\"schemas\":[],\"totalResults\":{total},\"startIndex\":{start},\"itemsPerPage\":0,\"Resources\":[]}}"));
    }
    if count >= step && (start - 1) % step == 0 {
        return answer(all[(start - 1) / step].clone());
    }
    // A small page, as a connection test asks for: cut from the rendered ones.
    let resource = |number: usize| if endpoint == "Users" { crate::company::user(number) } else { crate::company::group(number, pages.size) };
    let here: Vec<String> = (start - 1..(start - 1 + count).min(total)).map(resource).collect();
    answer(format!(
        "{{\"schemas\":[],\"totalResults\":{total},\"startIndex\":{start},\"itemsPerPage\":{},\"Resources\":[{}]}}",
        here.len(),
        here.join(",")
    ))
}

/// Serves the pages on a free port of loopback, on a thread of its own; gives the base address.
pub fn serve(pages: Arc<Pages>) -> String {
    let (address_in, address) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            address_in.send(listener.local_addr().expect("an address")).expect("a listener");
            let router = Router::new().route("/scim/v2/{endpoint}", get(list)).with_state(pages);
            axum::serve(listener, router).await.expect("served");
        });
    });
    format!("http://{}/scim/v2", address.recv().expect("the server's address"))
}
