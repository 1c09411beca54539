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
    /// Since when it holds, as the source or the history says.
    pub since: Option<Millis>,
    /// Who set it up, as the source says.
    pub by: Option<String>,
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
    /// The picture's number.
    pub generation: u64,
    /// How long the answer took, in microseconds.
    pub took_us: u64,
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
    /// The picture's number.
    pub generation: u64,
    /// How long the answer took, in microseconds.
    pub took_us: u64,
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
    /// The picture's number.
    pub generation: u64,
    /// How long the answer took, in microseconds.
    pub took_us: u64,
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
    /// The picture's number.
    pub generation: u64,
    /// How long the answer took, in microseconds.
    pub took_us: u64,
}

/// What the map is asked for: one query for its three views.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct MapQuery {
    /// Only roles of these kinds of system; all where empty.
    pub systems: Vec<SourceKind>,
    /// Only roles of these sources; all where empty.
    pub sources: Vec<SourceId>,
    /// Only privileged roles.
    pub privileged: bool,
    /// Only roles that can restore backups.
    pub can_restore: bool,
    /// Only groups on which the systems differ.
    pub drifted: bool,
    /// Only service principals, managed identities and service accounts.
    pub non_human: bool,
    /// A part of the name of a person, group, role or scope; what does not match falls away unless it lies on a path of what does.
    pub search: String,
    /// The node in focus, by its address: everything off its paths fades.
    pub focus: Option<String>,
    /// A second node: with `focus` a person and `target` a role or scope, the paths between them are numbered.
    pub target: Option<String>,
    /// Clusters that are open, by their ids.
    pub open: Vec<String>,
}

/// A box of the flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FlowNode {
    /// Its address, or `cluster:…`, or `none` (direct assignments, without a group), or `more:groups`.
    pub id: String,
    /// Its column.
    pub layer: Layer,
    /// Whether it stands for several nodes and can be opened.
    pub cluster: bool,
    /// Its name.
    pub label: String,
    /// What stands under it.
    pub sub: String,
    /// The kind of system, for roles and scopes.
    pub system: Option<SourceKind>,
    /// How many people it stands for or leads to.
    pub people: u32,
    /// For a linked group: people per source that holds it, in the order of the sources; none where that source has no such group.
    pub counts: Vec<FlowCount>,
    /// Whether it lies on a path of the focus (true for all without one).
    pub on_path: bool,
    /// Whether it is the focus or the target.
    pub focus: bool,
    /// Whether it can restore backups.
    pub can_restore: bool,
    /// Whether nothing of it is evaluated, or not all.
    pub not_evaluated: bool,
    /// Its place in its column, from 0.
    pub place: u32,
}

/// How many people a source's own group of a linked group holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FlowCount {
    /// Which source.
    pub source: SourceId,
    /// Its kind.
    pub system: SourceKind,
    /// Direct people; none where they were not read.
    pub direct: Option<u32>,
    /// People by nesting, beside the direct ones.
    pub nested: u32,
    /// Whether the source holds such a group at all.
    pub held: bool,
    /// Whether its people differ from the leading source's.
    pub differs: bool,
}

/// A ribbon between two boxes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Ribbon {
    /// From which box.
    pub from: String,
    /// To which box: the next column's, or a box of the same column for nested groups.
    pub to: String,
    /// How many people go along it.
    pub people: u32,
    /// The best state along it.
    pub state: AccessState,
    /// The system that says so.
    pub system: SourceKind,
    /// Whether it lies on a path of the focus.
    pub on_path: bool,
    /// Which step of the chosen path it is, from 1, where `focus` and `target` choose one.
    pub step: Option<u32>,
    /// The edge's address, where it stands for one edge.
    pub edge: Option<String>,
}

/// How many nodes a column stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FlowColumn {
    /// The layer.
    pub layer: Layer,
    /// How many nodes match the query.
    pub total: u32,
}

/// The flow: at most some 500 boxes, whatever the size of the company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FlowView {
    /// The four columns.
    pub columns: Vec<FlowColumn>,
    /// The boxes, column by column, each in the order in which it is drawn.
    pub nodes: Vec<FlowNode>,
    /// The ribbons.
    pub ribbons: Vec<Ribbon>,
    /// The paths between `focus` and `target`, shortest first; empty without both.
    pub paths: Vec<AccessPath>,
    /// The question in words: "What can Олена Шевченко reach, and through what?".
    pub title: String,
    /// What is not evaluated.
    pub caveats: Vec<Caveat>,
    /// The picture's number.
    pub generation: u64,
    /// How long the answer took, in microseconds.
    pub took_us: u64,
}

/// A window of the matrix.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct MatrixWindow {
    /// The first group wanted, from 0.
    pub row: u32,
    /// How many groups, 200 at most.
    pub rows: u32,
    /// The first role wanted, from 0.
    pub column: u32,
    /// How many roles, 200 at most.
    pub columns: u32,
}

/// A role as a column of the matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MatrixRole {
    /// The role.
    pub role: NodeRef,
    /// Whether it can restore backups.
    pub can_restore: bool,
    /// Whether it is privileged.
    pub privileged: bool,
}

/// A linked group as a row of the matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MatrixGroup {
    /// The group; the row "No group" has the address `none`.
    pub group: NodeRef,
    /// People, nested ones included.
    pub people: u32,
    /// Per source, as in the flow.
    pub counts: Vec<FlowCount>,
    /// The cells of the window, one per column of it.
    pub cells: Vec<MatrixCell>,
}

/// How a group has a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum CellHow {
    /// Read, and nothing is held.
    Empty,
    /// Assigned to the group itself.
    Direct,
    /// Assigned to a group that it is nested in.
    Inherited,
    /// Assigned to the group itself, and nesting brings it too: the group is nested in one that holds it, or people come in by groups nested in it.
    Both,
    /// Can be activated.
    Eligible,
    /// Under a condition.
    Conditional,
    /// Denied.
    Denied,
    /// Not read.
    NotEvaluated,
}

/// A cell of the matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MatrixCell {
    /// How.
    pub how: CellHow,
    /// How many people have the role by this group.
    pub people: u32,
    /// On how many scopes.
    pub scopes: u32,
}

/// The matrix: groups × roles, a window of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MatrixView {
    /// The roles of the window.
    pub roles: Vec<MatrixRole>,
    /// The groups of the window, with its cells.
    pub groups: Vec<MatrixGroup>,
    /// How many roles there are in all.
    pub roles_total: u32,
    /// How many groups there are in all, the row "No group" included.
    pub groups_total: u32,
    /// What is not evaluated.
    pub caveats: Vec<Caveat>,
    /// The picture's number.
    pub generation: u64,
    /// How long the answer took, in microseconds.
    pub took_us: u64,
}

/// What stands behind a cell of the matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CellDetail {
    /// The group.
    pub group: NodeRef,
    /// The role.
    pub role: NodeRef,
    /// The assignments behind it, each as a path from the group on.
    pub paths: Vec<AccessPath>,
    /// People directly in the group.
    pub direct: u32,
    /// People by nesting.
    pub nested: u32,
    /// The people, by the group through which they come in, the first of each.
    pub through: Vec<CellThrough>,
    /// What is not evaluated.
    pub caveats: Vec<Caveat>,
}

/// People who come in through one group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CellThrough {
    /// The nested group; none for direct members.
    pub group: Option<NodeRef>,
    /// How many.
    pub people: u32,
    /// The first of them.
    pub first: Vec<NodeRef>,
}

/// A line of the accessible table: an identity, a role, a scope, a way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AccessRow {
    /// Who.
    pub identity: NodeRef,
    /// The groups on the shortest way, from the one that it is directly in; empty for a direct assignment.
    pub via: Vec<NodeRef>,
    /// Which role.
    pub role: NodeRef,
    /// On which scope.
    pub scope: NodeRef,
    /// How far it goes.
    pub state: AccessState,
    /// Whether the role is privileged.
    pub privileged: bool,
    /// Whether it can restore backups.
    pub can_restore: bool,
}

/// A window of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AccessPage {
    /// The rows from `offset` on: by identity, then role, then scope.
    pub rows: Vec<AccessRow>,
    /// The first row's place.
    pub offset: u32,
    /// How many match.
    pub total: u32,
    /// What is not evaluated.
    pub caveats: Vec<Caveat>,
    /// The picture's number.
    pub generation: u64,
    /// How long the answer took, in microseconds.
    pub took_us: u64,
}

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
    /// The picture's number.
    pub generation: u64,
    /// How long the answer took, in microseconds.
    pub took_us: u64,
}

/// A view of the map, as an export names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum MapViewName {
    /// People → groups → roles → scopes.
    Flow,
    /// Groups × roles.
    Matrix,
    /// The accessible list.
    Table,
    /// Who can restore.
    Restore,
}

/// A file format for an export of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum MapFormat {
    /// Comma-separated values (RFC 4180), cells that a spreadsheet would run made harmless.
    Csv,
    /// A JSON array.
    Json,
    /// A drawing, of the flow only.
    Svg,
}
