//! What the story needs, and what is wrong on purpose. Every line of these tables is a fact that tests hold the product to.
//!
//! | on purpose | where |
//! | --- | --- |
//! | a direct role assignment on a vault, beside a way by groups | `olena.shevchenko`, Backup Operator on `vault-prod` |
//! | a nested group that Azure RBAC follows and an app role does not | `payments-sre` in `backup-operators`; app role `Restore.Approve` |
//! | a deleted principal still assigned | `tomas.dvorak` (in the recycle bin), `marek.zawadzki` (gone for good, type still User), another of type Unknown |
//! | a guest with Owner | `nell.ashdown` on `sub-platform` |
//! | a foreign group | Backup Operator on `vault-dr` |
//! | two people of one name who share a mail address | `maria.schmidt`, `maria.schmidt2` |
//! | who may restore after activation | `daniel.levi`; the members of `restore-on-request` |
//! | a conditional assignment | `selam.tesfaye`, Owner on `sub-platform`; `data-platform`, `vendor-northgate` |
//! | a deny assignment with an exclusion | `restore-freeze` without `athina.papadopoulou` on `vault-prod`; everyone but one program on `rg-dr` |
//! | an expired client secret | `svc-restore-drill` |
//! | a program that can restore | `svc-backup-runner`, Backup Contributor on `rg-backup` |
//! | a renamed person | `ewa.krol` signs in as `ewa.zak` |
//! | rights on backups and on their guard in one hand | `ibrahim.igdir` |
//! | a disabled user still assigned | `giorgi.beridze` on `vault-prod` |
//! | a custom role that takes restore away | Platform Builder, for `azure-landing-zone` |
//! | a role that restores machines and not vaults | `svc-restore-drill`, VM Restore Operator |
//! | an assignment of a role that is gone | `catalog-maintainers` on `sub-sandbox` |

use super::super::super::{Company, DAY};
use super::{AppRoleAssignment, Deny, Eligibility, Guid, PrincipalType, RoleAssignment, RoleDefinition, Scope, Tenant, built_in, cast};

/// Who holds something.
#[derive(Clone, Copy)]
enum Who {
    /// A person or program of the provider, by user name.
    Person(&'static str),
    /// A group, by name.
    Group(&'static str),
    /// A user of before, who is in no list any more.
    Gone(u64, PrincipalType),
}

use Who::{Gone, Group, Person};

/// Management groups by what is displayed; `/` is above them all.
type Assigned = (Who, Guid, &'static str, Option<&'static str>);

/// Lets give Reader only.
const DELEGATED: &str = "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR \
    (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {acdd72a7-3385-48ef-bd42-f606fba81ae7}))";
/// Blobs of one container only.
const CONTAINER: &str = "((!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'})) OR \
    (@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'manifests'))";

const BUILDER: Guid = Guid::from_bits(0x6b0a_51d2_3f0e_4a61_9c53_1d1f_a7c0_2e11);
const GONE_ROLE: Guid = Guid::from_bits(0x2f7d_10c9_88b4_4be1_a0a6_75f2_d1c9_0b34);

/// The groups that the company means for restoring; who restores by another way is outside them.
pub const RESTORE_GROUPS: &[&str] = &["backup-operators", "restore-on-request", "vault-dr-restore"];

#[rustfmt::skip]
const ASSIGNED: &[Assigned] = &[
    (Group("breakglass"), built_in::USER_ACCESS_ADMINISTRATOR, "/", None),
    (Group("breakglass"), built_in::OWNER, "Tenant Root Group", None),
    (Group("all-staff"), built_in::READER, "Halcyon", None),
    (Group("azure-landing-zone"), built_in::USER_ACCESS_ADMINISTRATOR, "Halcyon", None),
    (Group("azure-landing-zone"), BUILDER, "Production", None),
    (Group("backup-operators"), built_in::BACKUP_OPERATOR, "vault-prod", None),
    (Person("olena.shevchenko"), built_in::BACKUP_OPERATOR, "vault-prod", None),
    (Person("giorgi.beridze"), built_in::BACKUP_OPERATOR, "vault-prod", None),
    (Person("tomas.dvorak"), built_in::BACKUP_OPERATOR, "vault-prod", None),
    (Group("payments"), built_in::BACKUP_READER, "vault-prod", None),
    (Person("svc-backup-runner"), built_in::BACKUP_CONTRIBUTOR, "rg-backup", None),
    (Person("svc-restore-drill"), built_in::VM_RESTORE_OPERATOR, "rg-backup", None),
    (Person("nell.ashdown_northgate.example#ext#"), built_in::OWNER, "sub-platform", None),
    (Person("selam.tesfaye"), built_in::OWNER, "sub-platform", Some(DELEGATED)),
    (Gone(0, PrincipalType::User), built_in::CONTRIBUTOR, "sub-platform", None),
    (Gone(1, PrincipalType::Unknown), built_in::CONTRIBUTOR, "sub-data", None),
    (Group("platform-core"), built_in::CONTRIBUTOR, "rg-core", None),
    (Group("data-platform"), built_in::CONTRIBUTOR, "sub-data", Some(CONTAINER)),
    (Group("release-managers"), built_in::CONTRIBUTOR, "rg-payments-api", None),
    (Group("platform-oncall"), built_in::VIRTUAL_MACHINE_CONTRIBUTOR, "sub-payments", None),
    (Person("ewa.krol"), built_in::DISK_RESTORE_OPERATOR, "rg-payments-data", None),
    (Person("svc-payments-batch"), built_in::BACKUP_CONTRIBUTOR, "bv-payments", None),
    (Person("github-oidc-deploy"), built_in::CONTRIBUTOR, "sub-payments", None),
    (Person("svc-metrics"), built_in::DISK_SNAPSHOT_CONTRIBUTOR, "rg-payments-data", None),
    (Group("vault-dr-restore"), built_in::BACKUP_CONTRIBUTOR, "vault-dr", None),
    (Gone(2, PrincipalType::ForeignGroup), built_in::BACKUP_OPERATOR, "vault-dr", None),
    (Person("svc-vault-rotate"), built_in::SITE_RECOVERY_CONTRIBUTOR, "vault-dr", None),
    (Person("ibrahim.igdir"), built_in::CONTRIBUTOR, "guard-prod", None),
    (Group("resource-guard-approvers"), built_in::BACKUP_MUA_OPERATOR, "guard-prod", None),
    (Group("security-response"), built_in::BACKUP_MUA_ADMIN, "rg-guard", None),
    (Group("vendor-northgate"), built_in::CONTRIBUTOR, "rg-freight", Some(CONTAINER)),
    (Person("maria.schmidt"), built_in::BACKUP_READER, "vault-freight", None),
    (Group("catalog-maintainers"), GONE_ROLE, "sub-sandbox", None),
    (Group("engineering"), built_in::READER, "sub-legacy", None),
    (Group("legacy-deployer"), built_in::CONTRIBUTOR, "sub-legacy", None),
];

/// Who may activate what, and the days from today on which that ends.
#[rustfmt::skip]
const ELIGIBLE: &[(Who, Guid, &str, Option<i64>)] = &[
    (Person("daniel.levi"), built_in::BACKUP_CONTRIBUTOR, "rg-backup", Some(90)),
    (Group("restore-on-request"), built_in::BACKUP_OPERATOR, "vault-prod", None),
    (Group("payments-sre"), built_in::CONTRIBUTOR, "sub-payments", Some(180)),
    (Group("security-response"), built_in::BACKUP_CONTRIBUTOR, "sub-dr", None),
    (Person("tomas.dvorak"), built_in::CONTRIBUTOR, "sub-payments", Some(30)),
];

/// Names an object of the tenant, with the type that Azure wrote down.
struct Finder<'a> {
    company: &'a Company,
    cast: std::collections::BTreeMap<&'a str, usize>,
}

impl Finder<'_> {
    fn principal(&self, tenant: &Tenant, who: Who) -> Option<(Guid, PrincipalType)> {
        match who {
            Person(name) => {
                let number = *self.cast.get(name)?;
                let machine = self.company.people[number].kind == super::super::super::Kind::Service;
                let kind = if machine {
                    PrincipalType::ServicePrincipal
                } else {
                    PrincipalType::User
                };
                Some((self.company.entra_id(number), kind))
            }
            Group(name) => {
                let group = tenant.groups.iter().find(|group| group.display == name)?;
                Some((group.id, PrincipalType::Group))
            }
            Gone(number, kind) => Some((self.company.gone_principal(number), kind)),
        }
    }
}

impl Company {
    /// The object id of somebody who is in no list of the tenant: 0 is `marek.zawadzki`, deleted for good; 1 another such; 2 a group of
    /// another tenant.
    #[must_use]
    pub fn gone_principal(&self, number: u64) -> Guid {
        self.guid("entra gone", number)
    }
}

pub(super) fn tell(company: &Company, tenant: &mut Tenant) {
    let finder = Finder {
        company,
        cast: cast(company),
    };
    tenant.roles.push(builder());
    let day = |number: usize| tenant.today - (40 + number as i64 * 17) * DAY;
    let made: Vec<RoleAssignment> = ASSIGNED
        .iter()
        .enumerate()
        .filter_map(|(number, (who, role, scope, condition))| {
            let (principal, principal_type) = finder.principal(tenant, *who)?;
            Some(RoleAssignment {
                id: company.guid("azure assignment", number as u64),
                principal,
                principal_type,
                role: *role,
                scope: tenant.scope(scope)?,
                condition: condition.map(str::to_owned),
                created: day(number),
            })
        })
        .collect();
    tenant.assignments = made;
    let eligible: Vec<Eligibility> = ELIGIBLE
        .iter()
        .enumerate()
        .filter_map(|(number, (who, role, scope, days))| {
            let (principal, principal_type) = finder.principal(tenant, *who)?;
            Some(Eligibility {
                id: company.guid("azure eligibility", number as u64),
                schedule: company.guid("azure eligibility schedule", number as u64),
                principal,
                principal_type,
                role: *role,
                scope: tenant.scope(scope)?,
                start: day(number),
                end: days.map(|days| tenant.today + days * DAY),
            })
        })
        .collect();
    tenant.eligibilities = eligible;
    deny(&finder, tenant);
    app_roles(&finder, tenant);
}

fn builder() -> RoleDefinition {
    let list = |patterns: &[&str]| patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
    RoleDefinition {
        id: BUILDER,
        name: "Platform Builder".to_owned(),
        description: "Builds everything in production, and restores nothing.".to_owned(),
        built_in: false,
        actions: list(&["*"]),
        not_actions: list(&[
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/*/Delete",
            "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems/recoveryPoints/*",
            "Microsoft.RecoveryServices/locations/backupCrossRegionRestore/action",
            "Microsoft.DataProtection/backupVaults/backupInstances/*/action",
            "Microsoft.DataProtection/*/crossRegionRestore/action",
        ]),
        data_actions: Vec::new(),
        not_data_actions: Vec::new(),
        assignable_in: vec!["halcyon-production".to_owned()],
    }
}

fn deny(finder: &Finder<'_>, tenant: &mut Tenant) {
    let list = |patterns: &[&str]| patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
    let freeze = finder.principal(tenant, Group("restore-freeze"));
    let kept = finder.principal(tenant, Person("athina.papadopoulou"));
    let rotate = finder.principal(tenant, Person("svc-vault-rotate"));
    let mut add = |number, name: &str, description: &str, actions: &[&str], principals: Vec<_>, except: Vec<_>, scope: Option<Scope>| {
        let Some(scope) = scope.filter(|_| !principals.is_empty()) else {
            return;
        };
        tenant.denies.push(Deny {
            id: finder.company.guid("azure deny", number),
            name: name.to_owned(),
            description: description.to_owned(),
            actions: list(actions),
            not_actions: Vec::new(),
            principals,
            except,
            scope,
            not_below: false,
        });
    };
    let (vault, group) = (Scope::Vault(0), Scope::ResourceGroup(6));
    add(
        0,
        "Restore freeze",
        "No restores by these people while the reconciliation runs",
        &[
            "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems/recoveryPoints/*/action",
            "Microsoft.RecoveryServices/locations/backupCrossRegionRestore/action",
            "Microsoft.DataProtection/backupVaults/backupInstances/restore/action",
            "Microsoft.DataProtection/*/crossRegionRestore/action",
        ],
        freeze.into_iter().collect(),
        kept.into_iter().collect(),
        Some(vault),
    );
    add(
        1,
        "Deployment stack: continuity",
        "What the deployment stack made is deleted by the stack only",
        &["*/delete"],
        vec![(Guid::ZERO, PrincipalType::Everyone)],
        rotate.into_iter().collect(),
        Some(group),
    );
}

/// App roles: the console for restores by the same group that holds Backup Operator; the downstream app by its groups.
fn app_roles(finder: &Finder<'_>, tenant: &mut Tenant) {
    const GIVEN: [(Who, &str, &str); 7] = [
        (Group("backup-operators"), "Restore console", "Restore.Approve"),
        (Person("athina.papadopoulou"), "Restore console", "Restore.Approve"),
        (Group("payments"), "Ledgerly", "User"),
        (Group("finance"), "Ledgerly", "User"),
        (Group("freight-ops"), "Ledgerly", "User"),
        (Group("ledgerly-approvers"), "Ledgerly", "Approver"),
        (Person("svc-ledgerly-sync"), "Ledgerly", "User"),
    ];
    for (number, (who, app, role)) in GIVEN.into_iter().enumerate() {
        let Some((principal, principal_type)) = finder.principal(tenant, who) else {
            continue;
        };
        let resource = tenant.services.iter().find(|service| service.display == app);
        let Some((resource, app_role)) = resource.and_then(|service| {
            let role = service.app_roles.iter().find(|(_, value, _)| *value == role)?;
            Some((service.id, role.0))
        }) else {
            continue;
        };
        tenant.app_roles.push(AppRoleAssignment {
            id: super::super::super::rng::opaque(finder.company.seed ^ 0xa99, number as u64),
            principal,
            principal_type,
            resource,
            app_role,
            created: tenant.today - 300 * DAY,
        });
    }
}
