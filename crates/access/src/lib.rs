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

pub mod correlate;
pub mod count;
pub mod graph;
pub mod walk;
pub mod world;

pub use correlate::{Clusters, Key, Rule, Step, Subjects, correlate};
pub use count::GroupCount;
pub use graph::{Graph, Memberships, Node, NodeKind};
pub use walk::{Nested, WaysIn};
