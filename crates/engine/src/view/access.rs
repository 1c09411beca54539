//! Access: who can do what on what, by which paths, and what would go if an edge went.
//!
//! Addresses of nodes (`NodeRef::key`), one form per layer, fit for a URL once encoded:
//! `person:SOURCE.ID` (the key of any account of the identity; answers carry the leading one's), `group:SOURCE.ID`, `role:SOURCE:ID`,
//! `scope:SOURCE:ID`. Edges: `member:SOURCE.GROUP>SOURCE.MEMBER`, `assignment:SOURCE:ID` (an Azure role assignment, an eligibility, an
//! app role assignment, a member of a Backstage role, an ownership), `emptied:SOURCE.GROUP` (all memberships of a group at once).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{AccountType, Caveat, Millis, SourceId, SourceKind};

/// How far a holding, a path or a hop goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum AccessState {
    /// Holds now.
    Active,
    /// Holds under a condition that Lanyard shows and does not decide (an Azure condition, a Backstage conditional policy).
    Conditional,
    /// Can be activated (PIM).
    Eligible,
    /// Would hold, were it not for a deny (an Azure deny assignment, a Backstage deny policy).
    Denied,
    /// Would hold, did this system follow nested groups (app role assignments and SCIM provisioning do not).
    NotFollowed,
}

impl AccessState {
    /// What is to be said after a role and its scope where it does not simply hold: `, can be activated`.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Active => "",
            Self::Conditional => ", under a condition",
            Self::Eligible => ", can be activated",
            Self::Denied => ", denied",
            Self::NotFollowed => ", not followed",
        }
    }
}

/// A layer of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Layer {
    /// Identities.
    People,
    /// Linked groups.
    Groups,
    /// Roles.
    Roles,
    /// Scopes.
    Scopes,
}

/// A node as it is named everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct NodeRef {
    /// Its address.
    pub key: String,
    /// Which layer it stands in.
    pub layer: Layer,
    /// Its name.
    pub name: String,
    /// What tells an identity from others of the same name: its user name, or its id. None where nobody else is named like it.
    pub apart: Option<String>,
    /// What it is, in a word or two: `Employee`, `security group`, `built-in role`, `recovery vault`, `subscription`, `permission`, `component`.
    pub sort: String,
    /// Which source it is of (an identity's leading account's).
    pub source: SourceId,
    /// The kind of that source.
    pub system: SourceKind,
    /// The id at the source, for copying.
    pub id: String,
}

/// Where a fact comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Provenance {
    /// Which source says so.
    pub source: SourceId,
    /// Out of which record: `roleAssignments/7d0f…19be`, `Group 8c1f…77d0`, `role:default/payments-owner (csv-file)`.
    pub record: String,
    /// The record's document, to be shown raw; none where it is not kept as one.
    pub document: Option<String>,
    /// When the source was last read.
    pub read_at: Option<Millis>,
    /// Since when it holds, as the source says.
    pub since: Option<Millis>,
    /// When Lanyard first saw it; none where that is not known.
    pub seen: Option<FirstSeen>,
    /// Who set it up, as the source says.
    pub by: Option<String>,
}

/// What every answer of the access map says of itself; its fields stand among those of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Stamp {
    /// The picture's number.
    pub generation: u64,
    /// How long the answer took, in microseconds.
    pub took_us: u64,
}

/// When something was first seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FirstSeen {
    /// The time of the sync that found it.
    pub at: Millis,
    /// Whether it was seen to come in then. Otherwise it was there already, or its record was changed then: it holds since then at the latest.
    pub exact: bool,
}

/// What a hop is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum HopKind {
    /// A person is a direct member of a group.
    Member,
    /// A group is nested in a group (Entra) or is its child (Backstage `spec.parent`).
    Nested,
    /// A person or group holds a role on a scope.
    Holds,
    /// A person or group owns an entity.
    Owns,
    /// The role, held on a scope, is good on what lies below it.
    Inherits,
    /// The role permits the action.
    Permits,
}

/// One hop of a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Hop {
    /// What it is.
    pub kind: HopKind,
    /// From where.
    pub from: NodeRef,
    /// To where.
    pub to: NodeRef,
    /// The hop in words: "payments-sre is nested in backup-operators".
    pub text: String,
    /// What else is to know: "Condition: …", "No condition, no deny assignment applies", "eligible until …".
    pub notes: Vec<String>,
    /// How far it goes.
    pub state: AccessState,
    /// The edge's address, for "what if it went"; none for what cannot be cut (inheritance, what a role permits).
    pub edge: Option<String>,
    /// Where it comes from.
    pub provenance: Vec<Provenance>,
    /// The sources that say otherwise: "Portal has no such member".
    pub disagree: Vec<String>,
}

/// A path from an identity to a role on a scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AccessPath {
    /// How far it goes: the weakest of its hops, or denied.
    pub state: AccessState,
    /// What is said of it in a word or two: `Direct`, `By nesting`, `By payments`.
    pub title: String,
    /// Its hops, from the identity on.
    pub hops: Vec<Hop>,
    /// Why its state is what it is, where it is not active: the deny's name, the condition, what is not followed.
    pub reasons: Vec<String>,
}

/// A role held on a scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Holding {
    /// The role.
    pub role: NodeRef,
    /// The scope on which it was assigned.
    pub scope: NodeRef,
    /// The best state of its paths.
    pub state: AccessState,
    /// Whether the role is privileged (writes access, deletes or restores).
    pub privileged: bool,
    /// Whether it can restore backups.
    pub can_restore: bool,
    /// How many paths lead to it (counted up to a bound; see `more_paths`).
    pub paths: u32,
    /// Whether there are more paths than were counted.
    pub more_paths: bool,
    /// The shortest way, in a word or two: `Direct`, `by payments-sre in backup-operators`.
    pub by: String,
    /// Why, where the state is not active.
    pub reasons: Vec<String>,
}

/// Everything that one identity can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AccessOf {
    /// The identity.
    pub identity: NodeRef,
    /// What it holds: privileged first, then by system, role and scope.
    pub holdings: Vec<Holding>,
    /// What is not evaluated, by name. Never empty where something is missing.
    pub caveats: Vec<Caveat>,
    /// Of which picture it is, and how long it took.
    #[serde(flatten)]
    #[ts(flatten)]
    pub stamp: Stamp,
}

/// An identity that can do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct WhoCanRow {
    /// The identity.
    pub identity: NodeRef,
    /// What it is for.
    pub account_type: AccountType,
    /// Whether its account where the right is held is disabled, or its principal deleted.
    pub dormant: Option<String>,
    /// The best state of its paths.
    pub state: AccessState,
    /// The paths, shortest first, up to a bound.
    pub paths: Vec<AccessPath>,
    /// Whether there are more.
    pub more_paths: bool,
    /// Why its state is what it is.
    pub reasons: Vec<String>,
}

/// A principal that holds a right and that no source knows (any longer).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct UnknownPrincipal {
    /// Its id at the source.
    pub id: String,
    /// Which source.
    pub source: SourceId,
    /// What was found out: "deleted, in the recycle bin until …", "not found in the tenant", "not readable".
    pub what: String,
    /// What it holds, in words.
    pub holds: String,
    /// The assignment's edge address.
    pub edge: String,
}

/// Who can do an action on a scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct WhoCan {
    /// The action as it was asked.
    pub action: String,
    /// The actions that it stands for (`restore` stands for several).
    pub actions: Vec<String>,
    /// The scope asked about.
    pub scope: NodeRef,
    /// Who can: active first, then conditional, eligible, denied. Those of the page that was asked for.
    pub identities: Vec<WhoCanRow>,
    /// Which place in the order of all the first of them has, from 0.
    pub offset: u32,
    /// How many there are in all.
    pub total: u32,
    /// Principals that hold it and that nobody knows.
    pub unknown: Vec<UnknownPrincipal>,
    /// What is not evaluated. An empty list of identities beside a caveat is not "nobody".
    pub caveats: Vec<Caveat>,
    /// Of which picture it is, and how long it took.
    #[serde(flatten)]
    #[ts(flatten)]
    pub stamp: Stamp,
}

/// Why an identity has a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Why {
    /// The identity.
    pub identity: NodeRef,
    /// The role.
    pub role: NodeRef,
    /// The scope, if one was named.
    pub scope: Option<NodeRef>,
    /// All paths, shortest first, up to a bound.
    pub paths: Vec<AccessPath>,
    /// Whether there are more.
    pub more_paths: bool,
    /// What is not evaluated.
    pub caveats: Vec<Caveat>,
    /// Of which picture it is, and how long it took.
    #[serde(flatten)]
    #[ts(flatten)]
    pub stamp: Stamp,
}

/// A holding that would go or weaken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Loss {
    /// Who.
    pub identity: NodeRef,
    /// Which role.
    pub role: NodeRef,
    /// On which scope.
    pub scope: NodeRef,
    /// Its state now.
    pub before: AccessState,
    /// Its state then; none where it is gone.
    pub after: Option<AccessState>,
}

/// A holding that would stay, though the edge leads to it: there is another way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Kept {
    /// Who.
    pub identity: NodeRef,
    /// Which role.
    pub role: NodeRef,
    /// On which scope.
    pub scope: NodeRef,
    /// By which way it stays: "a direct assignment".
    pub by: String,
}

/// What would go if an edge went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct WhatIf {
    /// The edge's address.
    pub edge: String,
    /// The edge in words.
    pub text: String,
    /// How many identities lose something.
    pub people: u32,
    /// How many holdings go or weaken.
    pub losses_total: u32,
    /// The first of them.
    pub losses: Vec<Loss>,
    /// How many holdings stay by another way.
    pub kept_total: u32,
    /// The first of them.
    pub kept: Vec<Kept>,
    /// In words, line by line: "17 people lose Backup Operator on vault-prod", "Олена keeps it: path 2, a direct assignment".
    pub summary: Vec<String>,
    /// What is not evaluated.
    pub caveats: Vec<Caveat>,
    /// Of which picture it is, and how long it took.
    #[serde(flatten)]
    #[ts(flatten)]
    pub stamp: Stamp,
}
