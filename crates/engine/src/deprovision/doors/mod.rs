//! The systems as a run meets them: it makes steps, sends writes, reads back, and asks. One room per kind of system.

mod azure;
mod backstage;
mod real;
mod scim;

use futures_util::future::BoxFuture;

use super::entry::{Before, CheckPlan, StepPlan, Target};
use crate::secrets::Secret;
use crate::sources::doors::{Asked, Look, Thing, Whose, Write};
use crate::view::{Fault, SourceId};

pub use real::{Opened, SystemDoors};

/// A step that a door offers for an action, before it has its place in a run.
#[derive(Clone, Debug, PartialEq)]
pub struct StepDraft {
    /// What it does: "Switch off amal@halcyon.example".
    pub title: String,
    /// What that means there, and whether it can be undone.
    pub means: String,
    /// Whether Lanyard can undo it.
    pub undoable: bool,
    /// The request; none where a person has to do it.
    pub write: Option<Write>,
    /// Other forms of it, for a server that refuses the first as malformed.
    pub otherwise: Vec<Write>,
    /// What a person has to do.
    pub instructions: Option<String>,
    /// What it is about beside the account.
    pub thing: Option<Thing>,
}

/// The doors of all systems of a run.
pub trait Doors: Send + Sync {
    /// The steps of an action on the subject, as things stand: one request each. `things` is what the action works on one by one.
    fn steps<'a>(&'a self, action: &'a str, target: &'a Target, things: &'a [Thing]) -> BoxFuture<'a, Result<Vec<StepDraft>, Fault>>;
    /// Sends a write. Any answer is an answer; only what was never sent, or where it is not known whether it was, is a fault.
    fn send<'a>(&'a self, source: SourceId, write: &'a Write) -> BoxFuture<'a, Result<Asked, Fault>>;
    /// Whether what a step is about is so, in terms of what the step's action wants to see.
    fn read_back<'a>(&'a self, target: &'a Target, step: &'a StepPlan, since: Option<i64>) -> BoxFuture<'a, Look>;
    /// Asks a check's question. `before` is what was seen before the cut, none while that is being asked itself; `since` the time of the cut.
    fn ask<'a>(
        &'a self,
        check: &'a CheckPlan,
        target: &'a Target,
        before: Option<&'a Before>,
        since: Option<i64>,
        credential: Option<&'a Secret>,
    ) -> BoxFuture<'a, Look>;
    /// Looks for the identity in a system that it is awaited in. The first thing is its account.
    fn arrived<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Look>;
    /// Whose token Lanyard holds there.
    fn own(&self, source: SourceId) -> BoxFuture<'_, Whose>;
}
