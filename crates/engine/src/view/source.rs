//! Sources: their settings, their state, and what a connection test says.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Coverage, Fault, Millis, SourceId, SyncProgress};

/// Which system a source is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum SourceKind {
    /// A SCIM 2.0 service provider (RFC 7644).
    #[default]
    Scim,
    /// A Backstage backend: its catalog, and the community RBAC plugin where there is one.
    Backstage,
    /// An Azure tenant: Entra by Microsoft Graph, Azure RBAC and Backup by the Resource Manager.
    Azure,
}

/// How Lanyard proves to a source who it is. Never holds the secret itself: that is in the keychain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum AuthSettings {
    /// `Authorization: Bearer …` (RFC 6750).
    Bearer,
    /// `Authorization: Basic …` (RFC 7617).
    Basic {
        /// The user name.
        user: String,
    },
    /// OAuth 2 client credentials (RFC 6749 §4.4); the token goes to the source's own origin only.
    ClientCredentials {
        /// The token endpoint.
        token_url: String,
        /// The client's id.
        client_id: String,
        /// A scope to ask for, if any.
        scope: Option<String>,
    },
    /// Backstage: a user's token by OAuth code flow with PKCE in the system's browser (RFC 7636, RFC 8252). The keychain holds the refresh token.
    UserToken {
        /// The client's id; with none, Lanyard registers itself where the server allows that (RFC 7591).
        client_id: Option<String>,
    },
    /// Azure: client credentials with a secret. The keychain holds the secret.
    ClientSecret {
        /// The application's (client) id.
        client_id: String,
    },
    /// Azure: client credentials with a certificate (RFC 7523). The keychain holds certificate and private key, in PEM.
    ClientCertificate {
        /// The application's (client) id.
        client_id: String,
    },
    /// Azure: device code (RFC 8628). The keychain holds the refresh token.
    DeviceCode {
        /// The application's (client) id.
        client_id: String,
    },
    /// Azure: a federated token that something else (a workload identity) keeps fresh in a file. Nothing is in the keychain.
    FederatedToken {
        /// The application's (client) id.
        client_id: String,
        /// The file.
        token_file: String,
    },
    /// Azure: the login of the Azure CLI on this machine. Nothing is in the keychain.
    AzureCli,
}

impl AuthSettings {
    /// Whether the keychain holds a secret for it.
    pub fn has_secret(&self) -> bool {
        !matches!(self, Self::FederatedToken { .. } | Self::AzureCli)
    }

    /// Whether its secret comes from a person who signs in, not from a field.
    pub fn signs_in(&self) -> bool {
        matches!(self, Self::UserToken { .. } | Self::DeviceCode { .. })
    }

    /// Whether sources of this kind can be asked in this way.
    pub fn fits(&self, kind: SourceKind) -> bool {
        match self {
            Self::Bearer => matches!(kind, SourceKind::Scim | SourceKind::Backstage),
            Self::Basic { .. } | Self::ClientCredentials { .. } => kind == SourceKind::Scim,
            Self::UserToken { .. } => kind == SourceKind::Backstage,
            Self::ClientSecret { .. }
            | Self::ClientCertificate { .. }
            | Self::DeviceCode { .. }
            | Self::FederatedToken { .. }
            | Self::AzureCli => kind == SourceKind::Azure,
        }
    }
}

/// A sign-in that was begun: what the person has to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SignInPrompt {
    /// Its number, for waiting, cancelling and using it.
    pub id: String,
    /// The address to open in the browser.
    pub url: String,
    /// The code to type there, where there is one.
    pub user_code: Option<String>,
    /// What to do, in words.
    pub message: String,
    /// When it is too late.
    pub expires_at: Option<Millis>,
}

/// One of Microsoft's clouds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum AzureCloud {
    /// The public one.
    #[default]
    Public,
    /// US government.
    UsGovernment,
    /// China, by 21Vianet.
    China,
    /// Other addresses: a sovereign or air-gapped cloud, or a server for testing. The Resource Manager is at the source's URL.
    Other {
        /// Where tokens come from, without the tenant.
        authority: String,
        /// Microsoft Graph, without `/v1.0`.
        graph: String,
    },
}

/// What an Azure source needs beside what every source needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct AzureSettings {
    /// The tenant: its id or one of its domains.
    pub tenant: String,
    /// Which cloud.
    pub cloud: AzureCloud,
    /// The management groups to read, by id; with none, all that may be read.
    pub management_groups: Vec<String>,
    /// The subscriptions to read, by id; with none, all that may be read.
    pub subscriptions: Vec<String>,
}

/// What a Backstage source needs beside what every source needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct BackstageSettings {
    /// Who may do everything (`permission.rbac.admin.superUsers`), as far as the admin tells: no API says it. Entity references.
    pub super_users: Vec<String>,
}

/// An extra header that goes with each request. Not for secrets: names that carry credentials are refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Header {
    /// The header's name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A source's settings, as an admin gives them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SourceSettings {
    /// Which system it is.
    pub kind: SourceKind,
    /// The name on screen; unique among the sources, whatever the case.
    pub name: String,
    /// The base URL, without `/Users` and without a trailing slash.
    pub url: String,
    /// How to authenticate.
    pub auth: AuthSettings,
    /// Whether this source is the identity provider that others follow.
    pub authoritative: bool,
    /// Whether Lanyard may write to it. Off at first.
    pub allow_writes: bool,
    /// A certificate authority of the company's own, in PEM.
    pub ca_pem: Option<String>,
    /// Extra headers.
    pub headers: Vec<Header>,
    /// The most requests that one sync may make; none means no limit.
    pub request_budget: Option<u64>,
    /// Whether it is synced and counted. A disabled source keeps its data and asks nothing.
    pub enabled: bool,
    /// For an Azure source only.
    #[serde(default)]
    pub azure: Option<AzureSettings>,
    /// For a Backstage source only.
    #[serde(default)]
    pub backstage: Option<BackstageSettings>,
}

impl SourceSettings {
    /// Settings as they start: read only and enabled, nobody follows it, with the usual way to authenticate for its kind.
    pub fn new(kind: SourceKind, name: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            url: url.into(),
            auth: match kind {
                SourceKind::Azure => AuthSettings::ClientSecret { client_id: String::new() },
                SourceKind::Scim | SourceKind::Backstage => AuthSettings::Bearer,
            },
            authoritative: false,
            allow_writes: false,
            ca_pem: None,
            headers: Vec::new(),
            request_budget: None,
            enabled: true,
            azure: (kind == SourceKind::Azure).then(AzureSettings::default),
            backstage: (kind == SourceKind::Backstage).then(BackstageSettings::default),
        }
    }
}

/// How a source is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum SourceHealth {
    /// Never synced.
    New,
    /// A sync runs.
    Syncing,
    /// The last sync read everything, not long ago.
    Fresh,
    /// The last sync read everything, but a day or longer ago.
    Stale,
    /// The last sync read a part only.
    Incomplete,
    /// The last sync failed.
    Failing,
    /// Switched off.
    Disabled,
}

/// A source with its state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Source {
    /// Its number.
    pub id: SourceId,
    /// Its settings.
    pub settings: SourceSettings,
    /// How it is doing.
    pub health: SourceHealth,
    /// Whether a secret for it is in the keychain; `None` where the keychain could not be asked.
    pub has_secret: Option<bool>,
    /// Accounts in the cache.
    pub accounts: u64,
    /// Groups in the cache.
    pub groups: u64,
    /// Direct memberships in the cache.
    pub memberships: u64,
    /// What was read, collection by collection.
    pub coverage: Vec<Coverage>,
    /// When the last sync ended.
    pub last_sync_at: Option<Millis>,
    /// When everything was last read in full.
    pub last_full_at: Option<Millis>,
    /// Why the last sync failed, if it did.
    pub fault: Option<Fault>,
    /// The running sync, if one runs.
    pub progress: Option<SyncProgress>,
    /// When it was added.
    pub added_at: Millis,
}

/// The outcome of one point of a connection test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ProbeState {
    /// It works, and was seen to.
    Good,
    /// The server lacks it; Lanyard has another way.
    Lacking,
    /// It could not be told.
    Unknown,
    /// It does not work, and something is lost by it.
    Bad,
}

/// One point of a connection test, in plain words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ProbePoint {
    /// A stable name: `reach`, `auth`, `serviceProviderConfig`, `resourceTypes`, `schemas`, `users`, `groups`, `paging`, `filter`, `changedSince`, `patch`, `bulk`, `etag`, `sort`; for Backstage and Azure one per permission, by its name.
    pub topic: String,
    /// Its title on screen.
    pub title: String,
    /// How it came out.
    pub state: ProbeState,
    /// What was seen ("Pages by index, at most 200 a page; asked and seen").
    pub says: String,
    /// What Lanyard will do without it, where it is lacking.
    pub instead: Option<String>,
}

/// What a connection test says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ProbeReport {
    /// Whether the source can be synced.
    pub ok: bool,
    /// One sentence: "Workforce IdP answers: 240 users and 31 groups, read by index in pages of 200."
    pub summary: String,
    /// Point by point.
    pub points: Vec<ProbePoint>,
    /// Users that the server says it has.
    pub users: Option<u64>,
    /// Groups that the server says it has.
    pub groups: Option<u64>,
    /// Requests that the test made.
    pub requests: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Why it failed, if it did.
    pub fault: Option<Fault>,
}

/// What goes when a source is removed; shown before it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RemovalPreview {
    /// Which source.
    pub source: SourceId,
    /// Its name.
    pub name: String,
    /// Accounts that leave the cache.
    pub accounts: u64,
    /// Groups that leave the cache.
    pub groups: u64,
    /// Entries of history that stay in the ledger.
    pub history_kept: u64,
    /// Whether a secret goes from the keychain.
    pub secret: bool,
}
