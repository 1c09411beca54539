//! What is asked of a SCIM server to see how a credential stands, and what it sees.

use lanyard_scim::urn::PATCH_OP;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{ListPlan, ScimClient, columns};
use crate::record::ResourceKind;
use crate::sources::SourceError;
use crate::sources::tokens::{Census, Questions, SAMPLE, first_people, nobody};
use crate::view::{Request, SourceKind};

impl ScimClient {
    /// A read of one user, since every server asks for a token there, and not at its ServiceProviderConfig (RFC 7644 §4); and a PATCH of a user that
    /// cannot exist.
    pub(in crate::sources) fn questions(&self) -> Questions<'_> {
        let http = self.http();
        let shown = |url| http.without_own_query(&url).into();
        let active = json!({ "schemas": [PATCH_OP], "Operations": [{ "op": "replace", "path": "active", "value": true }] });
        Questions {
            http,
            system: SourceKind::Scim,
            read: Request {
                method: "GET".into(),
                url: shown(self.url("Users", &[("startIndex", "1"), ("count", "1")])),
                headers: Vec::new(),
                body: None,
            },
            write: Request {
                method: "PATCH".into(),
                url: shown(http.below(["Users", nobody()])),
                headers: vec![("Content-Type".into(), "application/scim+json".into())],
                body: Some(active.to_string()),
            },
        }
    }

    /// See [`crate::sources::Client::census`]. SCIM knows no tenants.
    pub(in crate::sources) async fn census(&self, cancel: &CancellationToken) -> Result<Census, SourceError> {
        let at = self.capabilities(cancel).await?;
        let mut census = Census::default();
        census.not_evaluated.push("The tenant: SCIM has no word for it.".into());
        census.whose(self.whose(cancel).await);
        match self.count(&at.users, None, cancel).await {
            Ok(Some(people)) => census.people = Some(people),
            Ok(None) => census
                .not_evaluated
                .push("How many people there are: the server does not say.".into()),
            Err(error) => census.missing("How many people there are", error)?,
        }
        let plan = ListPlan {
            page_size: at.page_size.clamp(1, u32::try_from(SAMPLE).unwrap_or(u32::MAX)),
            concurrency: 1,
            paging: at.paging,
            filter: None,
            attributes: None,
        };
        let listing = async |batches| self.list(ResourceKind::User, &at.users, &plan, batches, cancel).await;
        match first_people(columns, listing).await {
            Ok((ids, _)) => census.sampled(ids),
            Err(error) => census.missing("Which people there are", error)?,
        }
        Ok(census)
    }
}
