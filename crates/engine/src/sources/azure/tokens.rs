//! What is asked of an Azure tenant to see how a credential stands, and what it sees.

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{AzureClient, wire};
use crate::sources::SourceError;
use crate::sources::http::Call;
use crate::sources::tokens::{Census, Questions, SAMPLE, nobody};
use crate::view::{Request, SourceKind};

impl AzureClient {
    /// A token, and with it a read of the organisation, which takes least; and a change of a user that cannot exist.
    pub(in crate::sources) fn questions(&self) -> Questions<'_> {
        let http = self.graph();
        let shown = |url| http.without_own_query(&url).into();
        let mut organization = http.below(["organization"]);
        organization.query_pairs_mut().append_pair("$select", "id");
        Questions {
            http,
            system: SourceKind::Azure,
            read: Request {
                method: "GET".into(),
                url: shown(organization),
                headers: Vec::new(),
                body: None,
            },
            write: Request {
                method: "PATCH".into(),
                url: shown(http.below(["users", nobody()])),
                headers: vec![("Content-Type".into(), "application/json".into())],
                body: Some(json!({ "accountEnabled": true }).to_string()),
            },
        }
    }

    /// See [`crate::sources::Client::census`].
    pub(in crate::sources) async fn census(&self, cancel: &CancellationToken) -> Result<Census, SourceError> {
        let http = self.graph();
        let mut census = Census::default();
        let url = |segments: &[&str], query: &[(&str, &str)]| {
            let mut url = http.below(segments.iter().copied());
            if !query.is_empty() {
                url.query_pairs_mut().extend_pairs(query);
            }
            url
        };
        match wire::page(http, Call::get(url(&["organization"], &[("$select", "id")])), cancel).await {
            Ok((page, _)) => census.tenant = page.texts().find_map(id),
            Err(error) => census.missing("The tenant", error)?,
        }
        census.whose(self.whose(cancel).await);
        let count = wire::eventual(Call::get(url(&["users"], &[("$count", "true"), ("$top", "1"), ("$select", "id")])));
        match wire::page(http, count, cancel).await {
            Ok((page, _)) => {
                census.people = page.count;
                if page.count.is_none() {
                    census.not_evaluated.push("How many people there are: Graph does not say.".into());
                }
            }
            Err(error) => census.missing("How many people there are", error)?,
        }
        let top = SAMPLE.to_string();
        match wire::page(http, Call::get(url(&["users"], &[("$select", "id"), ("$top", &top)])), cancel).await {
            Ok((page, _)) => census.sampled(page.texts().filter_map(id).collect()),
            Err(error) => census.missing("Which people there are", error)?,
        }
        Ok(census)
    }
}

fn id(text: &[u8]) -> Option<String> {
    let read: Value = serde_json::from_slice(text).ok()?;
    read["id"].as_str().filter(|id| !id.is_empty()).map(str::to_owned)
}
