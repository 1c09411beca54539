//! A client of Backstage: the catalog's users, groups and owned entities, and the roles, policies and conditions of the community RBAC plugin.
//!
//! | module | what it does |
//! | --- | --- |
//! | `catalog` | lists entities by cursor (or by index, where the backend is old), and asks for entities by their references |
//! | `rbac` | reads the RBAC plugin's lists, which come whole |
//! | `permission` | what the credential may read, asked where it answers and guessed from nothing |
//! | `answer` | answers by their names, pages as documents |
//! | `columns` | the columns of the documents |
//! | `report` | the connection test, in plain words |
//! | `sign_in` | a user's token by way of the system's browser |
//! | `redirect` | where the browser comes back to |
//! | `oauth` | the backend as an authorization server, and a user's tokens |
//! | `acts`, `looks` | what a run of de-provisioning writes here, and what it asks |
//! | `tokens` | how a credential stands here, and what it sees |
//!
//! <https://backstage.io/docs/features/software-catalog/software-catalog-api>,
//! <https://github.com/backstage/community-plugins/blob/main/workspaces/rbac/plugins/rbac-backend/docs/apis.md>

mod acts;
mod answer;
mod catalog;
mod columns;
mod looks;
mod oauth;
mod permission;
mod rbac;
mod redirect;
mod report;
mod sign_in;
mod tokens;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::sync::{OnceCell, mpsc};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::http::{Auth, HttpClient, HttpConfig, Limits, SiblingConfig, Traffic};
use super::reader::{Listing, Shelf};
use super::scim::{Batch, Found, ListEnd};
use super::{Keep, SourceError};
use crate::record::{ItemKind, ResourceKind};
use crate::secrets::Secret;
use crate::view::{AuthSettings, CoverageReason, Header, ProbeReport, SourceKind};

pub use columns::columns;
use oauth::{Kept, UserTokens};
use permission::Decisions;

/// All that a client needs.
pub struct BackstageConfig {
    /// The source's name, for messages.
    pub name: String,
    /// The base URL: `backend.baseUrl`, without `/api`.
    pub base: Url,
    /// How to authenticate.
    pub auth: AuthSettings,
    /// The secret that goes with it; none where there is none.
    pub secret: Option<Secret>,
    /// Takes a secret that the backend gave in place of this one (a refresh token that rotates).
    pub keep: Option<Keep>,
    /// A certificate authority of the company's own, in PEM.
    pub ca_pem: Option<String>,
    /// Extra headers.
    pub headers: Vec<Header>,
    /// The most requests this client may make.
    pub request_budget: Option<u64>,
    /// Bounds that keep a bad server from hurting us.
    pub limits: Limits,
}

/// A client of Backstage. Cheap to clone; clones share connections, budget and counters.
#[derive(Clone)]
pub struct BackstageClient {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    http: HttpClient,
    /// The catalog does not know `/entities/by-query`.
    old_catalog: AtomicBool,
    decisions: OnceCell<Decisions>,
}

/// The shelves, in the order in which they are read.
const SHELVES: [Shelf; 6] = [
    Shelf {
        kind: ResourceKind::User,
        needs: permission::CATALOG,
        without: "who is in the catalog, and who owns what",
    },
    Shelf {
        kind: ResourceKind::Group,
        needs: permission::CATALOG,
        without: "who is in which group, and what anybody has by way of a group",
    },
    Shelf {
        kind: ResourceKind::Item(ItemKind::Entity),
        needs: permission::CATALOG,
        without: "who owns which component, API or system",
    },
    Shelf {
        kind: ResourceKind::Item(ItemKind::RbacRole),
        needs: permission::RBAC,
        without: "who has which role",
    },
    Shelf {
        kind: ResourceKind::Item(ItemKind::RbacPolicy),
        needs: permission::RBAC,
        without: "what a role allows or denies",
    },
    Shelf {
        kind: ResourceKind::Item(ItemKind::RbacCondition),
        needs: permission::RBAC,
        without: "what a role allows under a condition",
    },
];

impl BackstageClient {
    /// Makes a client; asks nothing yet.
    ///
    /// # Errors
    /// When a setting cannot be used.
    pub fn new(config: BackstageConfig) -> Result<Self, SourceError> {
        let mut config = config;
        let name = config.name.clone();
        let (secret, keep) = (config.secret.take(), config.keep.take());
        let http = match (config.auth.clone(), secret) {
            (AuthSettings::UserToken { client_id }, Some(secret)) => user(config, client_id, Kept::read(&secret), keep)?,
            (AuthSettings::Bearer, Some(token)) => HttpClient::new(http_config(config, Auth::Bearer(token)))?,
            // Asked without: the backend's refusal says the rest.
            (AuthSettings::Bearer | AuthSettings::UserToken { .. }, None) => HttpClient::new(http_config(config, Auth::Anonymous))?,
            _ => {
                return Err(SourceError::Setting {
                    field: "Authentication",
                    problem: "Backstage does not take this kind of credential".into(),
                    next: "Choose a token, or to sign in as a user.".into(),
                });
            }
        };
        Ok(Self {
            inner: Arc::new(Inner {
                name,
                http,
                old_catalog: AtomicBool::new(false),
                decisions: OnceCell::new(),
            }),
        })
    }

    /// Begins a sign-in as a user.
    ///
    /// # Errors
    /// When the backend does not offer it.
    pub async fn sign_in(config: BackstageConfig) -> Result<super::SignIn, SourceError> {
        sign_in::begin(config).await
    }

    /// The collections, in the order in which they are read.
    pub fn shelves(&self) -> Vec<Shelf> {
        SHELVES.to_vec()
    }

    /// Reads a whole collection. There is no reading of changes only: Backstage does not tell what changed since.
    ///
    /// # Errors
    /// When nothing of it could be read for another reason than a missing permission.
    pub async fn list(
        &self,
        kind: ResourceKind,
        mark: Option<&str>,
        batches: mpsc::Sender<Batch>,
        cancel: &CancellationToken,
    ) -> Result<Listing, SourceError> {
        debug_assert!(mark.is_none(), "no listing of this client gives a mark");
        let Some(shelf) = SHELVES.iter().find(|shelf| shelf.kind == kind) else {
            return Err(not_here(kind));
        };
        let decisions = self.decisions(cancel).await?;
        let mut listing = match catalog::Collection::of(kind) {
            Some(collection) => catalog::list(self, shelf, collection, &batches, cancel).await?,
            None => rbac::list(self, shelf, &batches, cancel).await?,
        };
        if listing.end.complete
            && let Some(text) = decisions.restriction(shelf)
        {
            listing.end.complete = false;
            listing.end.reasons.push(CoverageReason {
                code: "refused".into(),
                text,
            });
        }
        Ok(listing)
    }

    /// Asks for resources by their ids: entities by reference, many at once; what RBAC holds by its lists, which come whole.
    ///
    /// # Errors
    /// When it can neither be read nor told to be absent.
    pub async fn look_up(
        &self,
        kind: ResourceKind,
        ids: &[String],
        cancel: &CancellationToken,
    ) -> Result<Vec<(String, Found)>, SourceError> {
        match catalog::Collection::of(kind) {
            _ if !SHELVES.iter().any(|shelf| shelf.kind == kind) => Err(not_here(kind)),
            Some(collection) => catalog::look_up(self, collection, ids, cancel).await,
            None => rbac::look_up(self, kind, ids, cancel).await,
        }
    }

    /// The connection test. Never fails: a failure is in the report.
    pub async fn probe(&self, cancel: &CancellationToken) -> ProbeReport {
        report::probe(self, cancel).await
    }

    /// What was sent and received so far.
    pub fn traffic(&self) -> Traffic {
        self.http().traffic()
    }

    pub(in crate::sources) fn http(&self) -> &HttpClient {
        &self.inner.http
    }

    /// The URL of a path below the base, with a query.
    fn url(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.http().below(path.split('/'));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    async fn decisions(&self, cancel: &CancellationToken) -> Result<&Decisions, SourceError> {
        self.inner.decisions.get_or_try_init(|| permission::ask(self, cancel)).await
    }
}

/// Many know the catalog's address rather than the backend's.
fn without_api(mut base: Url) -> Url {
    let path = base.path().trim_end_matches('/');
    let root = path
        .strip_suffix("/api/catalog")
        .or_else(|| path.strip_suffix("/api"))
        .map(str::to_owned);
    if let Some(root) = root {
        base.set_path(&root);
    }
    base
}

/// What the HTTP client needs of it.
fn http_config(config: BackstageConfig, auth: Auth) -> HttpConfig {
    HttpConfig {
        system: SourceKind::Backstage,
        base: without_api(config.base),
        auth,
        ca_pem: config.ca_pem,
        headers: config.headers,
        request_budget: config.request_budget,
        limits: config.limits,
        accept: "application/json",
    }
}

/// A client that goes as a user: its tokens come from the backend too, by one that sends no token.
fn user(config: BackstageConfig, client_id: Option<String>, kept: Kept, keep: Option<Keep>) -> Result<HttpClient, SourceError> {
    let headers = config.headers.clone();
    let plain = HttpClient::new(http_config(config, Auth::Anonymous))?;
    let tokens = UserTokens::new(plain.clone(), client_id, kept, keep);
    plain.sibling(SiblingConfig {
        base: plain.base().clone(),
        auth: Auth::Tokens(Arc::new(tokens)),
        headers: &headers,
        accept: "application/json",
    })
}

fn not_here(kind: ResourceKind) -> SourceError {
    SourceError::Setting {
        field: "Collection",
        problem: format!("Backstage has no {}", kind.collection().to_lowercase()),
        next: String::new(),
    }
}

/// A collection of which nothing was read, and why.
fn unread(code: &str, text: String) -> Listing {
    Listing {
        end: ListEnd {
            complete: false,
            reasons: vec![CoverageReason { code: code.into(), text }],
            reported: None,
            unique: 0,
            how: "not read".into(),
        },
        mark: None,
        changes: None,
    }
}

/// A failure as a reason, if it is one of a permission.
fn refused(shelf: &Shelf, error: &SourceError) -> Option<String> {
    let SourceError::Forbidden { at } = error else { return None };
    let said = at.answer.as_deref().and_then(answer::message_in);
    let said = said.map_or_else(String::new, |said| format!(" It says: {}.", said.trim_end_matches('.')));
    Some(format!(
        "{} is not allowed to this credential, so this is not evaluated: {}.{said}",
        shelf.needs, shelf.without
    ))
}
