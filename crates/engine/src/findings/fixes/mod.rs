//! The ways out of a finding: something to copy and run, the best first.

use lanyard_access::findings::Found;

use super::Context;
use crate::view::{Fix, FixKind};

/// The ways out. The steps in the rule's own words always are among them, last.
pub(super) fn fixes(context: Context<'_>, found: &Found) -> Vec<Fix> {
    vec![steps(context, found)]
}

/// The rule's way out in words.
fn steps(context: Context<'_>, _found: &Found) -> Fix {
    Fix {
        title: context.rule.title.to_owned(),
        kind: FixKind::Steps,
        text: context.rule.way_out.to_owned(),
        note: None,
        path: None,
    }
}
