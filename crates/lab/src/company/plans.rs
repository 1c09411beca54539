//! Plans of de-provisioning that fit this company: two test identities, of which one leaves nothing behind and one does.

use serde::Serialize;

/// User names that begin so are given more than the provider knows of, when their owners are new: a script gives each `Backup Operator` on
/// the tenant's first vault directly, and a file that nobody remembers brings each into the portal, where the entity stays as an orphan.
pub const LEFTOVERS: &str = "canary-leftover-";

/// Whether a user name is one of those.
pub(crate) fn leaves_something(user_name: &str) -> bool {
    let begins = user_name.get(..LEFTOVERS.len());
    begins.is_some_and(|begins| begins.eq_ignore_ascii_case(LEFTOVERS))
}

/// One plan: a file as Lanyard keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LabPlan {
    /// The name of the file.
    pub file: &'static str,
    /// What stands in it.
    pub text: &'static str,
}

/// It passes everywhere.
pub const CANARY_EVERYWHERE: LabPlan = LabPlan {
    file: "canary-everywhere.yaml",
    text: include_str!("../../plans/canary-everywhere.yaml"),
};

/// It is refused over an assignment and an entity that survive; see [`LEFTOVERS`].
pub const CANARY_WITH_LEFTOVERS: LabPlan = LabPlan {
    file: "canary-with-leftovers.yaml",
    text: include_str!("../../plans/canary-with-leftovers.yaml"),
};

/// All of them. They name all four systems.
pub const PLANS: &[LabPlan] = &[CANARY_EVERYWHERE, CANARY_WITH_LEFTOVERS];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_of_the_identities_leaves_something() {
        assert!(leaves_something("Canary-Leftover-7@halcyon.example"));
        for other in ["", "canary-7@halcyon.example", "canary-leftover", "é-canary-leftover-1"] {
            assert!(!leaves_something(other), "{other}");
        }
        assert!(CANARY_WITH_LEFTOVERS.text.contains(LEFTOVERS) && !CANARY_EVERYWHERE.text.contains(LEFTOVERS));
    }
}
