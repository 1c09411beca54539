//! The access graph: who is the same person, who is in which group, and by which way.
//!
//! Pure computing over numbers and texts that the caller holds: no input or output, no clock.
//!
//! | module | what it answers |
//! | --- | --- |
//! | [`correlate`] | which accounts are one identity, which groups are one linked group |
//! | [`graph`] | who is a member of what, compactly, both ways |
//! | [`walk`] | everyone in a group, every group of a member, each by the shortest way |
//! | [`count`] | how many people each group holds, nested ones included, for all groups at once |
//! | [`world`] | roles, scopes, assignments and denies over the graph, indexed |
//! | `marks`, `upward` | who matters to any question, and which of these each group leads to: worked out once, so that a question about one identity reads and does not walk |
//! | [`scopes`] | which scope lies in which |
//! | [`pattern`], [`permits`] | what a role permits, and whether it is privileged |
//! | [`ask`] | a question about actions, held against every role once |
//! | `holder` | an account with what is above it: known where nothing is cut, else walked |
//! | [`judge`] | how far an assignment goes: denies, conditions, nesting that is not followed |
//! | [`effective`] | everything that an identity holds |
//! | [`paths`] | why: every way to a role, shortest first |
//! | [`who`] | who can do something on a scope |
//! | [`whatif`] | what goes if an edge goes |
//! | [`diff`] | who gained and who lost what between two worlds |
//! | [`findings`] | rules over the picture, each with what it has to have read |
//! | [`people`], [`aggregate`] | sets of people by group, accounts by assignment, roles by group, for the map |

mod above;
pub mod aggregate;
mod alike;
pub mod ask;
pub mod correlate;
pub mod count;
pub mod diff;
pub mod effective;
pub mod findings;
pub mod graph;
mod holder;
pub mod judge;
mod marks;
mod numbers;
pub mod paths;
pub mod pattern;
pub mod people;
pub mod permits;
pub mod scopes;
mod upward;
pub mod walk;
pub mod whatif;
pub mod who;
pub mod world;

pub use aggregate::{Cell, Reach};
pub use ask::{Ask, AskError};
pub use correlate::{Ambiguity, Clusters, Confidence, Correlated, Decisions, Key, Rule, Step, Subjects, correlate};
pub use count::GroupCount;
pub use effective::Holding;
pub use graph::{Graph, Memberships, Node, NodeKind};
pub use judge::{Extent, Reason};
pub use paths::{Path, Paths};
pub use people::{People, PeopleOf};
pub use permits::Action;
pub use walk::{Nested, WaysIn};
pub use whatif::{Change, Kept, Without};
pub use who::{Able, Standing, WhoCan, Wish};
pub use world::{Edge, World};
