//! What a run can do and ask, by name: one list of actions and one of checks per kind of system.
//!
//! A check passes on what a look saw: gone, or switched off where that is enough. A Backstage entity that is an orphan does not pass: its sign-in
//! resolver finds it as before, and with the strategy `keep` it stays for good. Only where the plan leaves the entity on purpose (`disable`, which
//! takes roles alone) is that check not critical.

mod actions;
mod checks;

pub use actions::{ACTIONS, ActionKind, BY_HAND, Wanted, actions_of, find_action};
pub use checks::{CHECKS, CheckKind, find_check};

#[cfg(test)]
mod tests {
    //! The lists hold together.

    use super::*;
    use crate::view::{Cut, SourceKind};

    #[test]
    fn names_are_unique_and_what_they_name_exists() {
        let mut names: Vec<&str> = ACTIONS
            .iter()
            .map(|action| action.name)
            .chain(CHECKS.iter().map(|check| check.name))
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        for action in ACTIONS {
            assert!(
                action
                    .each
                    .is_none_or(|name| find_check(name).is_some_and(|check| check.is_of(action.system))),
                "{}",
                action.name
            );
            assert!(
                action
                    .back
                    .is_none_or(|name| find_action(name).is_some_and(|back| back.system == action.system)),
                "{}",
                action.name
            );
        }
        for system in [SourceKind::Scim, SourceKind::Azure, SourceKind::Backstage] {
            for cut in [Cut::Disable, Cut::Delete] {
                assert!(actions_of(system, cut).is_some(), "{system:?} {cut:?}");
            }
        }
    }
}
