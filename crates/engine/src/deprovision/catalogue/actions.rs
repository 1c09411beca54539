//! What a run can do.

use crate::sources::doors::{Look, Seen};
use crate::view::{Cut, SourceKind};

/// What a run can do.
#[derive(Clone, Copy, Debug)]
pub struct ActionKind {
    /// Its name: `scim.deactivate`.
    pub name: &'static str,
    /// The kind of system.
    pub system: SourceKind,
    /// The cut that it is, if it is one.
    pub cut: Option<Cut>,
    /// What it does, for a list to choose from.
    pub title: &'static str,
    /// What must be seen when it is read back.
    pub wanted: Wanted,
    /// The check whose findings it works on, one request each; none where it is one request on the account.
    pub each: Option<&'static str>,
    /// What undoes it, by name.
    pub back: Option<&'static str>,
    /// Whether a plan may name it under `also`.
    pub also: bool,
}

/// What a look must see for a step to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// It is switched off, or gone.
    Off,
    /// It is gone.
    Gone,
    /// It is there.
    There,
    /// It was answered well; there is nothing to read back.
    Answered,
}

impl Wanted {
    /// Whether a look saw it; none where it could not tell.
    pub fn met(self, look: &Look) -> Option<bool> {
        match (look.seen, self) {
            (Seen::NotEvaluated, _) | (_, Self::Answered) => None,
            (Seen::Gone, Self::Off | Self::Gone) | (Seen::Off, Self::Off) | (Seen::There, Self::There) => Some(true),
            _ => Some(false),
        }
    }
}

const fn action(name: &'static str, system: SourceKind, title: &'static str, wanted: Wanted) -> ActionKind {
    ActionKind {
        name,
        system,
        cut: None,
        title,
        wanted,
        each: None,
        back: None,
        also: false,
    }
}

impl ActionKind {
    const fn cut(mut self, cut: Cut) -> Self {
        self.cut = Some(cut);
        self
    }

    const fn each(mut self, check: &'static str) -> Self {
        self.each = Some(check);
        self.also = true;
        self
    }

    const fn back(mut self, action: &'static str) -> Self {
        self.back = Some(action);
        self
    }

    const fn chosen(mut self) -> Self {
        self.also = true;
        self
    }
}

/// All actions.
pub const ACTIONS: &[ActionKind] = &[
    action("scim.deactivate", SourceKind::Scim, "Switch off the account", Wanted::Off)
        .cut(Cut::Disable)
        .back("scim.reactivate"),
    action(
        "scim.leaveGroups",
        SourceKind::Scim,
        "Take the account out of its groups",
        Wanted::Gone,
    )
    .each("scim.memberships")
    .back("scim.joinGroup"),
    action("scim.delete", SourceKind::Scim, "Delete the account", Wanted::Gone).cut(Cut::Delete),
    action("scim.create", SourceKind::Scim, "Make the test identity", Wanted::There),
    action("scim.joinGroup", SourceKind::Scim, "Put the account into a group", Wanted::There),
    action("scim.reactivate", SourceKind::Scim, "Switch the account on again", Wanted::There),
    action("entra.disable", SourceKind::Azure, "Switch off the user", Wanted::Off)
        .cut(Cut::Disable)
        .back("entra.enable"),
    action(
        "entra.revokeSessions",
        SourceKind::Azure,
        "Revoke the user's sessions",
        Wanted::Gone,
    )
    .each("entra.sessions"),
    action(
        "entra.leaveGroups",
        SourceKind::Azure,
        "Take the user out of its groups",
        Wanted::Gone,
    )
    .each("entra.memberships"),
    action(
        "azure.removeAssignments",
        SourceKind::Azure,
        "Remove the user's own role assignments",
        Wanted::Gone,
    )
    .each("azure.assignments"),
    action(
        "azure.removeEligibility",
        SourceKind::Azure,
        "Remove the user's own eligible assignments",
        Wanted::Gone,
    )
    .each("azure.eligibility"),
    action("entra.delete", SourceKind::Azure, "Delete the user", Wanted::Off)
        .cut(Cut::Delete)
        .back("entra.restoreDeleted"),
    action("entra.restoreDeleted", SourceKind::Azure, "Restore the deleted user", Wanted::There),
    action("entra.enable", SourceKind::Azure, "Switch the user on again", Wanted::There),
    action(
        "backstage.leaveRoles",
        SourceKind::Backstage,
        "Take the user out of its RBAC roles",
        Wanted::Gone,
    )
    .each("backstage.roles"),
    action(
        "backstage.unregister",
        SourceKind::Backstage,
        "Unregister the user's entity",
        Wanted::Gone,
    )
    .cut(Cut::Delete),
    action(
        "backstage.refresh",
        SourceKind::Backstage,
        "Have the catalog read the user's entity anew",
        Wanted::Answered,
    )
    .chosen(),
];

/// A step that a person does.
pub const BY_HAND: &str = "byHand";

/// The action of this name.
pub fn find_action(name: &str) -> Option<&'static ActionKind> {
    ACTIONS.iter().find(|action| action.name == name)
}

/// The actions of a cut. Backstage has no account to switch off: there the soft cut takes the roles.
pub fn actions_of(system: SourceKind, cut: Cut) -> Option<&'static str> {
    match (system, cut) {
        (_, Cut::Follow) => None,
        (_, Cut::ByHand) => Some(BY_HAND),
        (SourceKind::Backstage, Cut::Disable) => Some("backstage.leaveRoles"),
        _ => ACTIONS
            .iter()
            .find(|action| action.system == system && action.cut == Some(cut))
            .map(|action| action.name),
    }
}
