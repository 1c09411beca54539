//! The rules of findings: each speaks of its fault and of nothing else, and none speaks without what it needs.
#![allow(clippy::unwrap_used, reason = "this is test code: what cannot go on has failed")]

mod cases;
mod properties;
mod stage;
