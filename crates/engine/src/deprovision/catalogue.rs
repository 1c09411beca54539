//! What a run can do and ask, by name: one list of actions and one of checks per kind of system.
//!
//! A check passes on what a look saw: gone, or switched off where that is enough. A Backstage entity that is an orphan does not pass: its sign-in
//! resolver finds it as before, and with the strategy `keep` it stays for good. Only where the plan leaves the entity on purpose (`disable`, which
//! takes roles alone) is that check not critical.

use crate::sources::doors::{Look, Seen};
use crate::view::{Cut, Phase, SourceKind};

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

/// A question that a run asks.
#[derive(Clone, Copy, Debug)]
pub struct CheckKind {
    /// Its name: `scim.account`.
    pub name: &'static str,
    /// The kind of system; none for any that has such a thing.
    pub system: Option<SourceKind>,
    /// What must be so.
    pub title: &'static str,
    /// Whether the run cannot close while it is open, unless the plan says otherwise.
    pub critical: bool,
    /// In which phase it is asked.
    pub phase: Phase,
    /// What credential has to be handed over for it, in words.
    pub credential: Option<&'static str>,
    /// Whether what is switched off passes too.
    pub off_passes: bool,
    /// The controls that it bears on.
    pub controls: &'static [&'static str],
    /// What to do where it fails, in words.
    pub way_out: &'static str,
}

impl CheckKind {
    /// Whether a kind of system has it. Roles of Backstage alone are lists of members that can be left empty.
    pub fn is_of(&self, system: SourceKind) -> bool {
        self.system.is_none_or(|own| own == system)
    }

    /// Whether what was seen passes; none where it could not be told.
    pub fn passes(&self, look: &Look) -> Option<bool> {
        let wanted = if self.off_passes { Wanted::Off } else { Wanted::Gone };
        wanted.met(look)
    }
}

const ACCOUNT: &[&str] = &[
    "SOC 2 CC6.2",
    "ISO/IEC 27001:2022 A.6.5",
    "NIST SP 800-53 AC-2",
    "NIST SP 800-53 PS-4",
];
const RIGHTS: &[&str] = &["SOC 2 CC6.3", "ISO/IEC 27001:2022 A.5.18", "NIST SP 800-53 AC-2"];
const SESSIONS: &[&str] = &["SOC 2 CC6.2", "ISO/IEC 27001:2022 A.5.18", "NIST SP 800-53 PS-4"];
const OWNED: &[&str] = &["ISO/IEC 27001:2022 A.6.5", "NIST SP 800-53 PS-4"];

const fn check(
    name: &'static str,
    system: SourceKind,
    title: &'static str,
    controls: &'static [&'static str],
    way_out: &'static str,
) -> CheckKind {
    CheckKind {
        name,
        system: Some(system),
        title,
        critical: false,
        phase: Phase::Verify,
        credential: None,
        off_passes: true,
        controls,
        way_out,
    }
}

impl CheckKind {
    const fn critical(mut self) -> Self {
        self.critical = true;
        self
    }

    const fn handed(mut self, credential: &'static str) -> Self {
        self.critical = true;
        self.phase = Phase::Probe;
        self.credential = Some(credential);
        self
    }

    const fn probe(mut self) -> Self {
        self.phase = Phase::Probe;
        self
    }

    const fn watch(mut self) -> Self {
        self.phase = Phase::Watch;
        self
    }

    const fn anywhere(mut self) -> Self {
        self.system = None;
        self
    }

    const fn gone_only(mut self) -> Self {
        self.off_passes = false;
        self
    }
}

/// All checks.
pub const CHECKS: &[CheckKind] = &[
    check(
        "scim.account",
        SourceKind::Scim,
        "Account inactive or gone",
        ACCOUNT,
        "Switch the account off or delete it there, or find out why the system that provisions it did not.",
    )
    .critical(),
    check(
        "scim.accountByFilter",
        SourceKind::Scim,
        "A filter by user name shows no active account",
        ACCOUNT,
        "Another account with this user name is active: find out whose it is, and switch it off.",
    )
    .critical(),
    check(
        "scim.accountInListing",
        SourceKind::Scim,
        "The listing shows no active account",
        ACCOUNT,
        "The listing still shows it: it may lag behind, or hold a second account of the same name.",
    ),
    check(
        "scim.memberships",
        SourceKind::Scim,
        "No group lists the account",
        RIGHTS,
        "Take the account out of the groups that still list it.",
    )
    .critical()
    .gone_only(),
    check(
        "scim.credential",
        SourceKind::Scim,
        "The credential that was handed over is refused",
        SESSIONS,
        "Revoke the credential at the app: it outlives the account.",
    )
    .handed("a token of this account at the app")
    .gone_only(),
    check(
        "scim.comesBack",
        SourceKind::Scim,
        "The account does not come back",
        ACCOUNT,
        "Something provisions it again: cut it at the system that it comes from.",
    )
    .critical()
    .watch(),
    check(
        "entra.account",
        SourceKind::Azure,
        "User disabled, soft-deleted or gone",
        ACCOUNT,
        "Disable the user in Entra, or find out why the system that provisions it did not.",
    )
    .critical(),
    check(
        "entra.accountByFilter",
        SourceKind::Azure,
        "A filter by user principal name shows no enabled user",
        ACCOUNT,
        "Another user answers to this name: find out whose it is, and disable it.",
    ),
    check(
        "entra.sessions",
        SourceKind::Azure,
        "Sessions revoked since the cut",
        SESSIONS,
        "Revoke the user's sessions: refresh tokens live on after an account is disabled elsewhere.",
    )
    .critical()
    .gone_only(),
    check(
        "entra.memberships",
        SourceKind::Azure,
        "In no group, directly or nested",
        RIGHTS,
        "Take the user out of the groups; what they grant comes back with the account.",
    )
    .critical()
    .gone_only(),
    check(
        "entra.appRoles",
        SourceKind::Azure,
        "No app role of its own",
        RIGHTS,
        "Remove the app role assignments of the user.",
    )
    .gone_only(),
    check(
        "azure.assignments",
        SourceKind::Azure,
        "No role assignment of its own",
        RIGHTS,
        "Remove the role assignments: they outlive the groups, and the user while it is soft-deleted.",
    )
    .critical()
    .gone_only(),
    check(
        "azure.eligibility",
        SourceKind::Azure,
        "No eligible role of its own",
        RIGHTS,
        "Remove the eligible assignments in Privileged Identity Management.",
    )
    .critical()
    .gone_only(),
    check(
        "entra.owned",
        SourceKind::Azure,
        "What it owned alone has another owner",
        OWNED,
        "Give the groups and applications another owner.",
    )
    .gone_only(),
    check(
        "entra.comesBack",
        SourceKind::Azure,
        "The user does not come back",
        ACCOUNT,
        "Something provisions it again: cut it at the system that it comes from.",
    )
    .critical()
    .watch(),
    check(
        "backstage.entity",
        SourceKind::Backstage,
        "Catalog entity gone",
        ACCOUNT,
        "Unregister the entity, or set the provider's orphan strategy to delete; an orphan can still be signed in as.",
    )
    .critical()
    .gone_only(),
    check(
        "backstage.groups",
        SourceKind::Backstage,
        "No group has it as a member",
        RIGHTS,
        "Take the user out of the groups at the place that they come from.",
    )
    .gone_only(),
    check(
        "backstage.roles",
        SourceKind::Backstage,
        "No RBAC role lists it",
        RIGHTS,
        "Take the user out of the roles: a role that names it grants to whoever gets that name next.",
    )
    .critical()
    .gone_only(),
    check(
        "backstage.token",
        SourceKind::Backstage,
        "The live token that was handed over is refused, or sees nothing",
        SESSIONS,
        "A Backstage token lives up to an hour: wait for it, and shorten its life if that is too long.",
    )
    .handed("a Backstage token of this user, from a session that is open now")
    .gone_only(),
    check(
        "backstage.signIn",
        SourceKind::Backstage,
        "A new sign-in is refused",
        SESSIONS,
        "The sign-in resolver still finds an entity, or makes one up: unregister the entity and see to the resolver.",
    )
    .probe()
    .gone_only(),
    check(
        "backstage.owned",
        SourceKind::Backstage,
        "What it owned has another owner",
        OWNED,
        "Change the owner in the descriptors of these entities.",
    )
    .gone_only(),
    check(
        "backstage.comesBack",
        SourceKind::Backstage,
        "The entity does not come back",
        ACCOUNT,
        "Something ingests it again: take the person out of the place that the catalog reads.",
    )
    .watch()
    .gone_only(),
    check(
        "groups.emptied",
        SourceKind::Scim,
        "No group is left with nobody",
        OWNED,
        "Put somebody else into the group, or take the group away.",
    )
    .anywhere()
    .gone_only(),
    check(
        "roles.unheld",
        SourceKind::Backstage,
        "No role is left without a holder",
        OWNED,
        "Give the role to somebody else, or take the role away.",
    )
    .gone_only(),
];

/// The check of this name.
pub fn find_check(name: &str) -> Option<&'static CheckKind> {
    CHECKS.iter().find(|check| check.name == name)
}

#[cfg(test)]
mod tests {
    //! The lists hold together.

    use super::*;

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
