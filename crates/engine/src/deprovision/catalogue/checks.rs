//! What a run asks.

use super::Wanted;
use crate::sources::doors::Look;
use crate::view::{Phase, SourceKind};

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
    .critical()
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
