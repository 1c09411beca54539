//! Plans as files: read strictly, checked with line and column, saved without writing over what somebody else changed.

mod check;
mod files;
#[cfg(test)]
mod tests;

pub use check::{Known, check, find, marked, same_name};
pub use files::{Files, SaveError, file_name, revision};

use crate::located::{Place, Tree};
use crate::view::{Plan, PlanProblem};

/// The format that this version reads and writes.
pub const FORMAT: &str = "plan/1";
/// No plan is longer, in bytes.
pub const LONGEST: usize = 256 * 1024;

/// A plan's text, read.
pub struct ReadPlan {
    /// What it says; none where it cannot be read.
    pub plan: Option<Plan>,
    /// Why not, at which place.
    pub problems: Vec<PlanProblem>,
    tree: Tree,
}

fn problem(place: Place, message: impl Into<String>, warning: bool) -> PlanProblem {
    PlanProblem {
        line: place.line,
        column: place.column,
        message: message.into(),
        warning,
    }
}

/// Reads a text. What a plan means is a matter of [`check`].
pub fn read(text: &str) -> ReadPlan {
    if text.len() > LONGEST {
        let too_long = format!("a plan is {LONGEST} bytes long at most; this one is longer");
        return ReadPlan {
            plan: None,
            problems: vec![problem(Place::START, too_long, false)],
            tree: Tree::Leaf,
        };
    }
    match serde_saphyr::from_str::<Plan>(text) {
        Ok(plan) => ReadPlan {
            plan: Some(plan),
            problems: Vec::new(),
            tree: Tree::read(text),
        },
        Err(error) => {
            let (place, told) = crate::located::told(&error);
            ReadPlan {
                plan: None,
                problems: vec![problem(place, told, false)],
                tree: Tree::Leaf,
            }
        }
    }
}

/// A plan as text, as the window writes it.
///
/// # Errors
/// When it cannot be written, in words; a plan that was read can.
pub fn write(plan: &Plan) -> Result<String, String> {
    serde_saphyr::to_string(plan).map_err(|error| error.to_string())
}
