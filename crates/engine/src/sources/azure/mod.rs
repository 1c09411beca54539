//! A client of an Azure tenant: Entra by Microsoft Graph, Azure RBAC and Backup by the Resource Manager.
//!
//! | module | what it does |
//! | --- | --- |
//! | `clouds` | where Microsoft's clouds are |
//! | `token` | access tokens: secret, certificate, refresh token, federated token, Azure CLI |
//! | `sign_in` | a person's sign-in by device code |
//! | `client` | three origins of one source, each with its own token |
//! | `shelves` | the collections, the permission that each takes, what cannot be told without it |
//! | `wire`, `batch` | one answer: lists cut into documents, errors by name; twenty questions in one request |
//! | `graph` | users, groups, service principals, app roles, deleted principals; delta queries |
//! | `arm` | management groups, subscriptions, roles, assignments, vaults, guards: scope by scope |
//! | `outlet` | hands documents out, each once, and says in the end what is missing and why |
//! | `report` | the connection test in plain words |
//! | `columns` | what the cache keeps beside a document |
//! | `acts`, `looks` | what a run of de-provisioning writes here, and what it asks |
//! | `tokens` | how a credential stands here, and what it sees |
//! | `passwords` | the secrets of the application that Lanyard signs in as |
//! | `provisioning` | Entra's provisioning jobs, and the token that they ask with |

mod acts;
mod arm;
mod batch;
mod client;
mod clouds;
mod columns;
mod graph;
mod looks;
mod outlet;
mod passwords;
mod provisioning;
mod report;
mod shelves;
mod sign_in;
#[cfg(test)]
mod tests;
mod token;
mod tokens;
mod wire;

pub use acts::Owned;
pub use client::AzureClient;
pub use clouds::{Endpoints, endpoints};
pub use columns::columns;
pub use passwords::Passwords;
pub use provisioning::{Job, JobStatus, Validated};

use url::Url;

use super::Keep;
use super::http::Limits;
use crate::secrets::Secret;
use crate::view::{AuthSettings, AzureSettings, Header};
use graph::Pages;

/// All that a client needs.
pub struct AzureConfig {
    /// The source's name, for messages.
    pub name: String,
    /// The address of the Resource Manager, where the cloud is not one of those that are known.
    pub base: Url,
    /// The tenant, the cloud, and what of it to read.
    pub azure: AzureSettings,
    /// How to authenticate.
    pub auth: AuthSettings,
    /// The secret that goes with it; none where there is none.
    pub secret: Option<Secret>,
    /// Takes a refresh token that came in place of the one in `secret`, to be kept.
    pub keep: Option<Keep>,
    /// A certificate authority of the company's own, in PEM.
    pub ca_pem: Option<String>,
    /// Extra headers; they go to Graph and to the Resource Manager.
    pub headers: Vec<Header>,
    /// The most requests this client may make.
    pub request_budget: Option<u64>,
    /// Bounds that keep a bad server from hurting us.
    pub limits: Limits,
}
