//! The map: one query for its flow, its matrix and its table, and the forms in which each can be written out.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{AccessPath, AccessState, Caveat, Layer, NodeRef, SourceId, SourceKind, Stamp};

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
    /// Of which picture it is, and how long it took.
    #[serde(flatten)]
    #[ts(flatten)]
    pub stamp: Stamp,
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
    /// Of which picture it is, and how long it took.
    #[serde(flatten)]
    #[ts(flatten)]
    pub stamp: Stamp,
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
    /// Of which picture it is, and how long it took.
    #[serde(flatten)]
    #[ts(flatten)]
    pub stamp: Stamp,
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
