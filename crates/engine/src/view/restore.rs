//! Who can restore from backups, and how each vault is guarded.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{AccessState, AccountType, Caveat, NodeRef, Stamp, UnknownPrincipal};

/// An identity that can restore from a vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RestoreRow {
    /// Who.
    pub identity: NodeRef,
    /// What it is for.
    pub account_type: AccountType,
    /// From which vault.
    pub vault: NodeRef,
    /// By which role.
    pub role: NodeRef,
    /// On which scope it was assigned: the vault's, or one above.
    pub scope: NodeRef,
    /// By which way, in a word or two.
    pub by: String,
    /// How far it goes.
    pub state: AccessState,
    /// Whether the way leads through a group that is meant for it; none while no group was named as meant for it.
    pub meant: Option<bool>,
    /// Whether the account is disabled or the principal deleted, in words.
    pub dormant: Option<String>,
}

/// Somebody who holds both backup rights and rights on the resource guard that is to watch over them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DutyBreach {
    /// Who.
    pub identity: NodeRef,
    /// The vault.
    pub vault: NodeRef,
    /// The guard.
    pub guard: NodeRef,
    /// The role on the vault, in words with its way.
    pub backup: String,
    /// The role on the guard, in words with its way.
    pub on_guard: String,
}

/// A vault and how it is protected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct VaultRow {
    /// The vault.
    pub vault: NodeRef,
    /// Whether multi-user authorization is on; none where it could not be read.
    pub guarded: Option<bool>,
    /// The guard, if one is named.
    pub guard: Option<NodeRef>,
    /// How many identities can restore from it now.
    pub active: u32,
    /// How many more could, by activation or under a condition.
    pub potential: u32,
    /// What could not be read about it.
    pub caveats: Vec<String>,
}

/// Who can restore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RestoreView {
    /// The vaults.
    pub vaults: Vec<VaultRow>,
    /// Identities × vaults by role and way; those outside the groups meant for it first.
    pub rows: Vec<RestoreRow>,
    /// How many rows there are in all.
    pub total: u32,
    /// Holders of both backup and guard rights.
    pub breaches: Vec<DutyBreach>,
    /// The groups that are meant for it, as an admin named them.
    pub meant: Vec<NodeRef>,
    /// Principals that hold it and that nobody knows.
    pub unknown: Vec<UnknownPrincipal>,
    /// What is not evaluated.
    pub caveats: Vec<Caveat>,
    /// Of which picture it is, and how long it took.
    #[serde(flatten)]
    #[ts(flatten)]
    pub stamp: Stamp,
}
