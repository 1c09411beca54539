//! How the lab's Azure behaves: what the client may read, how fast, and what goes wrong.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::faults::Fault;
use crate::scim::TokenOptions;

/// What kind of Azure is wanted. The default is true to the documentation, with nothing going wrong.
#[derive(Debug, Clone)]
pub struct AzureOptions {
    /// The name that it is connected under.
    pub name: String,
    /// The client secret; a random one when there is none.
    pub secret: Option<String>,
    /// Application permissions of Graph that the client was granted.
    pub permissions: BTreeSet<String>,
    /// Permissions that are taken away after so many requests to Graph.
    pub lost: Vec<Lost>,
    /// What the Resource Manager refuses.
    pub refused: Vec<Refused>,
    /// Items on a page of Graph when none are asked for; Graph's own number is 100.
    pub graph_page: usize,
    /// Items on a page of the Resource Manager.
    pub arm_page: usize,
    /// How much may be asked before 429.
    pub throttle: Throttle,
    /// Serve over TLS, with a certificate of the lab's own authority.
    pub tls: bool,
    /// How long an access token is good.
    pub token_life: Duration,
    /// Seconds that a client should wait between two polls of a device code.
    pub device_interval: u64,
    /// A device code is approved by itself after so many polls; never, when there is none.
    pub device_approved_after: Option<u32>,
    /// Whether the client may write role assignments and eligibilities at the Resource Manager.
    pub arm_writes: bool,
    /// From the answer of a write until reads show it.
    pub replication: Duration,
    /// How client secrets are treated; Entra knows `lying`, `broken` and `lose-mint` of the habits.
    pub tokens: TokenOptions,
    /// From one cycle of the provisioning job to the next.
    pub sync_every: Duration,
    /// How long a cycle takes.
    pub sync_takes: Duration,
    /// Whom the app refuses when the job brings them, by the provider's user names.
    pub sync_refuses: BTreeSet<String>,
    /// Habits that a client has to live with.
    pub quirks: BTreeSet<AzureQuirk>,
    /// What goes wrong at Graph and at the Resource Manager.
    pub faults: Vec<Fault>,
}

/// A permission that goes away midway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Which, `Directory.Read.All` for example.
    pub permission: String,
    /// After so many requests to Graph, each in a batch counted.
    pub after: u64,
}

/// Something that the Resource Manager does not let the client do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The action, `Microsoft.Authorization/roleAssignments/read` for example, or `*`.
    pub action: String,
    /// The name or the address of a scope; what lies in it is refused too. `/` is everything.
    pub scope: String,
    /// From this many requests to the Resource Manager on.
    pub after: u64,
}

/// What may be asked before 429.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throttle {
    /// Graph's resource units in ten seconds; by the tenant's size when there is none
    /// (<https://learn.microsoft.com/graph/throttling-limits>).
    pub graph_units: Option<u32>,
    /// Requests to the logs in ten seconds.
    pub graph_logs: u32,
    /// Reads that a bucket of the Resource Manager holds.
    pub arm_bucket: f64,
    /// Reads that come back each second.
    pub arm_refill: f64,
    /// Whether a 429 for want of units says when to come back.
    pub retry_after: bool,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            graph_units: None,
            graph_logs: 5,
            arm_bucket: 250.0,
            arm_refill: 25.0,
            retry_after: true,
        }
    }
}

impl Throttle {
    /// No limits that a test meets.
    #[must_use]
    pub fn none() -> Self {
        Self {
            graph_units: Some(u32::MAX),
            graph_logs: u32::MAX,
            arm_bucket: 1e9,
            arm_refill: 1e9,
            retry_after: true,
        }
    }
}

impl Default for AzureOptions {
    fn default() -> Self {
        let granted = [
            "Application.Read.All",
            "AuditLog.Read.All",
            "Directory.Read.All",
            "Group.Read.All",
            "Synchronization.Read.All",
            "User.Read.All",
        ];
        Self {
            name: "Halcyon tenant".to_owned(),
            secret: None,
            permissions: granted.map(str::to_owned).into(),
            lost: Vec::new(),
            refused: Vec::new(),
            graph_page: 100,
            arm_page: 200,
            throttle: Throttle::default(),
            tls: false,
            token_life: Duration::from_secs(3599),
            device_interval: 5,
            device_approved_after: None,
            arm_writes: false,
            replication: Duration::ZERO,
            tokens: TokenOptions::default(),
            sync_every: Duration::from_secs(10),
            sync_takes: Duration::from_millis(200),
            sync_refuses: BTreeSet::new(),
            quirks: BTreeSet::new(),
            faults: Vec::new(),
        }
    }
}

crate::switches::switches! {
    /// One habit of an Azure.
    pub enum AzureQuirk {
        /// Access tokens of users go on until they expire, whatever was revoked: as for services that do not evaluate access
        /// continuously. Refresh tokens are refused all the same.
        SessionsLiveOn = "sessions-live-on",
        /// Each user who is newly provisioned is given a role on a vault directly, by somebody's script.
        VaultGrant = "vault-grant",
        /// The tenant lacks the licence for the provisioning log.
        NoLogLicence = "no-log-licence",
        /// Assignments of principals who are gone say `Unknown`; without this they say what the principal was.
        UnknownPrincipal = "unknown-principal",
    }
}

/// Permissions of Graph that a client needs who disables, removes, deletes and restores.
const WRITES: [&str; 10] = [
    "AppRoleAssignment.ReadWrite.All",
    "Application.ReadWrite.All",
    "Directory.ReadWrite.All",
    "Group.ReadWrite.All",
    "GroupMember.ReadWrite.All",
    "Synchronization.ReadWrite.All",
    "User.DeleteRestore.All",
    "User.EnableDisableAccount.All",
    "User.ReadWrite.All",
    "User.RevokeSessions.All",
];

impl AzureOptions {
    /// Lets the client write: at Graph all but what concerns administrators, at the Resource Manager who has which role.
    pub fn allow_writes(&mut self) {
        self.permissions.extend(WRITES.map(str::to_owned));
        self.arm_writes = true;
    }

    pub(crate) fn has(&self, quirk: AzureQuirk) -> bool {
        self.quirks.contains(&quirk)
    }
}
