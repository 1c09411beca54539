//! What is asked of a Backstage backend to see how a credential stands, and what it sees.

use reqwest::Method;
use tokio_util::sync::CancellationToken;

use super::{BackstageClient, columns};
use crate::record::ResourceKind;
use crate::sources::SourceError;
use crate::sources::tokens::{Census, Questions, first_people, nobody};
use crate::view::{Request, SourceKind};

impl BackstageClient {
    /// A read of one entity, which backends of every age answer; and the taking out of an entity that cannot exist: a backend answers 204 to whom it
    /// lets take out entities, and the same system says 404 where it looks first.
    pub(in crate::sources) fn questions(&self) -> Questions<'_> {
        let http = self.http();
        let shown = |method: &Method, url| Request {
            method: method.to_string(),
            url: http.without_own_query(&url).into(),
            headers: Vec::new(),
            body: None,
        };
        Questions {
            http,
            system: SourceKind::Backstage,
            read: shown(
                &Method::GET,
                self.url("api/catalog/entities", &[("limit", "1"), ("fields", "kind")]),
            ),
            write: shown(&Method::DELETE, http.below(["api", "catalog", "entities", "by-uid", nobody()])),
        }
    }

    /// See [`crate::sources::Client::census`]. Backstage knows no tenants.
    pub(in crate::sources) async fn census(&self, cancel: &CancellationToken) -> Result<Census, SourceError> {
        let mut census = Census::default();
        census.not_evaluated.push("The tenant: Backstage has none.".into());
        census.whose(self.whose(cancel).await);
        match self.count(Some("kind=user"), cancel).await {
            Ok(Some(people)) => census.people = Some(people),
            Ok(None) => census
                .not_evaluated
                .push("How many people there are: the backend does not say.".into()),
            Err(error) => census.missing("How many people there are", error)?,
        }
        let listing = async |batches| self.list(ResourceKind::User, None, batches, cancel).await;
        match first_people(columns, listing).await {
            Ok((ids, end)) => {
                // Nothing where something may be hidden is no empty list.
                if let Some(end) = end.filter(|end| !end.end.complete && ids.is_empty()) {
                    let why = end.end.reasons.into_iter().map(|reason| reason.text).collect::<Vec<_>>().join(" ");
                    census.not_evaluated.push(format!("Which people there are: {why}"));
                    census.people = None;
                }
                census.sampled(ids);
            }
            Err(error) => census.missing("Which people there are", error)?,
        }
        Ok(census)
    }
}
