//! Where things are: management groups, subscriptions, resource groups, vaults and guards; and, at scale, many more of them.

use super::super::super::rng::Rng;
use super::super::super::{Company, DAY};
use super::{Guid, PrincipalType, RoleAssignment, Tenant, built_in};

/// Something that a role is assigned on. The number is the place in the tenant's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// `/`: above the root management group.
    Everything,
    /// A management group.
    Management(u32),
    /// A subscription.
    Subscription(u32),
    /// A resource group.
    ResourceGroup(u32),
    /// A vault.
    Vault(u32),
    /// A resource guard.
    Guard(u32),
}

/// A management group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagementGroup {
    /// Its name in the address; the root's is the tenant's id.
    pub name: String,
    /// The displayed name.
    pub display: String,
    /// Place of the one above.
    pub parent: Option<u32>,
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its id.
    pub id: Guid,
    /// The displayed name.
    pub name: String,
    /// Place of the management group that it is in.
    pub parent: u32,
}

/// A resource group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceGroup {
    /// Its name.
    pub name: String,
    /// Place of its subscription.
    pub subscription: u32,
    /// The region.
    pub location: &'static str,
}

/// Which service a vault belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VaultKind {
    /// `Microsoft.RecoveryServices/vaults`.
    Recovery,
    /// `Microsoft.DataProtection/backupVaults`.
    Backup,
}

/// A vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vault {
    /// Its name.
    pub name: String,
    /// Which kind.
    pub kind: VaultKind,
    /// Place of its resource group.
    pub group: u32,
    /// Place of the guard that protects it (multi-user authorization).
    pub guard: Option<u32>,
    /// True when Azure writes its type and its id in lower case, as it does for some.
    pub lower_case: bool,
}

/// A resource guard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// Its name.
    pub name: String,
    /// Place of its resource group.
    pub group: u32,
}

impl Tenant {
    /// The address of a scope, in the letters that Azure's documentation uses.
    #[must_use]
    pub fn scope_id(&self, scope: Scope) -> String {
        let group = |place: u32| {
            let group = &self.resource_groups[place as usize];
            let subscription = self.subscriptions[group.subscription as usize].id;
            format!("/subscriptions/{subscription}/resourceGroups/{}", group.name)
        };
        match scope {
            Scope::Everything => "/".to_owned(),
            Scope::Management(place) => {
                let name = &self.management_groups[place as usize].name;
                format!("/providers/Microsoft.Management/managementGroups/{name}")
            }
            Scope::Subscription(place) => format!("/subscriptions/{}", self.subscriptions[place as usize].id),
            Scope::ResourceGroup(place) => group(place),
            Scope::Vault(place) => {
                let vault = &self.vaults[place as usize];
                format!("{}/providers/{}/{}", group(vault.group), vault.kind.label(), vault.name)
            }
            Scope::Guard(place) => {
                let guard = &self.guards[place as usize];
                format!(
                    "{}/providers/Microsoft.DataProtection/resourceGuards/{}",
                    group(guard.group),
                    guard.name
                )
            }
        }
    }

    /// What a scope lies in.
    #[must_use]
    pub fn parent(&self, scope: Scope) -> Option<Scope> {
        Some(match scope {
            Scope::Everything => return None,
            Scope::Management(place) => match self.management_groups[place as usize].parent {
                Some(parent) => Scope::Management(parent),
                None => Scope::Everything,
            },
            Scope::Subscription(place) => Scope::Management(self.subscriptions[place as usize].parent),
            Scope::ResourceGroup(place) => Scope::Subscription(self.resource_groups[place as usize].subscription),
            Scope::Vault(place) => Scope::ResourceGroup(self.vaults[place as usize].group),
            Scope::Guard(place) => Scope::ResourceGroup(self.guards[place as usize].group),
        })
    }

    /// Whether `inner` is `outer` or lies in it.
    #[must_use]
    pub fn lies_in(&self, inner: Scope, outer: Scope) -> bool {
        std::iter::successors(Some(inner), |scope| self.parent(*scope)).any(|scope| scope == outer)
    }

    /// Every scope, from the widest on.
    pub fn scopes(&self) -> impl Iterator<Item = Scope> {
        let up_to = |list: usize| 0..list as u32;
        std::iter::once(Scope::Everything)
            .chain(up_to(self.management_groups.len()).map(Scope::Management))
            .chain(up_to(self.subscriptions.len()).map(Scope::Subscription))
            .chain(up_to(self.resource_groups.len()).map(Scope::ResourceGroup))
            .chain(up_to(self.vaults.len()).map(Scope::Vault))
            .chain(up_to(self.guards.len()).map(Scope::Guard))
    }

    /// The scope of this name: a subscription's, a resource group's, a vault's or a guard's, or a management group's.
    #[must_use]
    pub fn scope(&self, name: &str) -> Option<Scope> {
        self.scopes().find(|scope| self.scope_name(*scope) == name)
    }

    /// The short name of a scope.
    #[must_use]
    pub fn scope_name(&self, scope: Scope) -> &str {
        match scope {
            Scope::Everything => "/",
            Scope::Management(place) => &self.management_groups[place as usize].display,
            Scope::Subscription(place) => &self.subscriptions[place as usize].name,
            Scope::ResourceGroup(place) => &self.resource_groups[place as usize].name,
            Scope::Vault(place) => &self.vaults[place as usize].name,
            Scope::Guard(place) => &self.guards[place as usize].name,
        }
    }
}

impl VaultKind {
    /// The resource type.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Recovery => "Microsoft.RecoveryServices/vaults",
            Self::Backup => "Microsoft.DataProtection/backupVaults",
        }
    }
}

/// The fixed subscriptions: name, and the management group that each is in.
const SUBSCRIPTIONS: [(&str, &str); 8] = [
    ("sub-payments", "Production"),
    ("sub-platform", "Production"),
    ("sub-freight", "Production"),
    ("sub-data", "Production"),
    ("sub-dr", "Continuity"),
    ("sub-security", "Halcyon"),
    ("sub-sandbox", "Sandbox"),
    ("sub-legacy", "Tenant Root Group"),
];

/// The fixed resource groups: name, subscription, region.
const GROUPS: [(&str, &str, &str); 11] = [
    ("rg-backup", "sub-platform", "westeurope"),
    ("rg-core", "sub-platform", "westeurope"),
    ("rg-payments-api", "sub-payments", "westeurope"),
    ("rg-payments-data", "sub-payments", "westeurope"),
    ("rg-freight", "sub-freight", "southeastasia"),
    ("rg-lake", "sub-data", "northeurope"),
    ("rg-dr", "sub-dr", "northeurope"),
    ("rg-guard", "sub-security", "westeurope"),
    ("rg-play", "sub-sandbox", "westeurope"),
    ("rg-old", "sub-legacy", "westeurope"),
    ("RG-Ports", "sub-freight", "southeastasia"),
];

/// The fixed vaults: name, kind, resource group, whether the guard protects it, whether it is written in lower case.
const VAULTS: [(&str, VaultKind, &str, bool, bool); 4] = [
    ("vault-prod", VaultKind::Recovery, "rg-backup", true, false),
    ("vault-dr", VaultKind::Recovery, "rg-dr", false, true),
    ("vault-freight", VaultKind::Recovery, "RG-Ports", false, true),
    ("bv-payments", VaultKind::Backup, "rg-payments-data", true, false),
];

/// The place of a name; the tables above name nothing that is not there.
fn place_of<'a>(mut names: impl Iterator<Item = &'a str>, wanted: &str) -> u32 {
    names.position(|name| name == wanted).unwrap_or_default() as u32
}

pub(super) fn lay_out(company: &Company, tenant: &mut Tenant) {
    let mut add = |name: String, display: &str, parent| {
        tenant.management_groups.push(ManagementGroup {
            name,
            display: display.to_owned(),
            parent,
        });
    };
    add(tenant.id.to_string(), "Tenant Root Group", None);
    add("halcyon".to_owned(), "Halcyon", Some(0));
    add("halcyon-production".to_owned(), "Production", Some(1));
    add("halcyon-continuity".to_owned(), "Continuity", Some(1));
    add("halcyon-sandbox".to_owned(), "Sandbox", Some(1));
    for (number, (name, parent)) in SUBSCRIPTIONS.into_iter().enumerate() {
        let parent = place_of(tenant.management_groups.iter().map(|group| group.display.as_str()), parent);
        tenant.subscriptions.push(Subscription {
            id: company.guid("azure subscription", number as u64),
            name: name.to_owned(),
            parent,
        });
    }
    for (name, subscription, location) in GROUPS {
        let subscription = place_of(tenant.subscriptions.iter().map(|one| one.name.as_str()), subscription);
        tenant.resource_groups.push(ResourceGroup {
            name: name.to_owned(),
            subscription,
            location,
        });
    }
    let group_of = |tenant: &Tenant, wanted: &str| place_of(tenant.resource_groups.iter().map(|one| one.name.as_str()), wanted);
    tenant.guards.push(Guard {
        name: "guard-prod".to_owned(),
        group: group_of(tenant, "rg-guard"),
    });
    for (name, kind, group, guarded, lower_case) in VAULTS {
        tenant.vaults.push(Vault {
            name: name.to_owned(),
            kind,
            group: group_of(tenant, group),
            guard: guarded.then_some(0),
            lower_case,
        });
    }
}

/// At most so many subscriptions and assignments are added: what a large tenant has.
const MOST_SUBSCRIPTIONS: usize = 42;
const MOST_ASSIGNMENTS: usize = 10_000;

/// Brings the numbers up with the number of people: about 50 subscriptions, 40 vaults and 10,000 assignments at 100,000.
/// Nothing here touches a scope above `vault-prod`.
pub(super) fn fill(company: &Company, tenant: &mut Tenant) {
    const SUBJECTS: [&str; 6] = ["edge", "ports", "billing", "insight", "care", "fleet"];
    const REGIONS: [&str; 3] = ["westeurope", "northeurope", "southeastasia"];
    let mut rng = Rng::stream(company.seed, "azure estate");
    let people = company.people.len();
    let mut places: Vec<Scope> = ["rg-freight", "rg-lake", "rg-play", "sub-sandbox", "vault-freight"]
        .iter()
        .filter_map(|name| tenant.scope(name))
        .collect();
    for number in 0..(people / 2_300).min(MOST_SUBSCRIPTIONS) {
        let subject = SUBJECTS[number % SUBJECTS.len()];
        let name = format!("sub-{subject}-{:03}", number / SUBJECTS.len() + 1);
        let subscription = tenant.subscriptions.len() as u32;
        tenant.subscriptions.push(Subscription {
            id: company.guid("azure more subscriptions", number as u64),
            name,
            parent: [2, 4, 1][number % 3],
        });
        places.push(Scope::Subscription(subscription));
        for part in ["app", "data", "ops"] {
            places.push(Scope::ResourceGroup(tenant.resource_groups.len() as u32));
            tenant.resource_groups.push(ResourceGroup {
                name: format!("rg-{subject}-{part}-{:03}", number / SUBJECTS.len() + 1),
                subscription,
                location: REGIONS[number % REGIONS.len()],
            });
        }
        if number % 7 != 6 {
            places.push(Scope::Vault(tenant.vaults.len() as u32));
            tenant.vaults.push(Vault {
                name: format!("vault-{subject}-{:03}", number / SUBJECTS.len() + 1),
                kind: if number % 5 == 4 { VaultKind::Backup } else { VaultKind::Recovery },
                group: tenant.resource_groups.len() as u32 - 1,
                guard: None,
                lower_case: number % 4 == 3,
            });
        }
    }
    if tenant.users.is_empty() || tenant.groups.is_empty() {
        return;
    }
    let roles = [
        built_in::READER,
        built_in::READER,
        built_in::READER,
        built_in::CONTRIBUTOR,
        built_in::BACKUP_READER,
        built_in::BACKUP_OPERATOR,
        built_in::VIRTUAL_MACHINE_CONTRIBUTOR,
        built_in::USER_ACCESS_ADMINISTRATOR,
    ];
    let mirrored = company.groups.len().max(1).min(tenant.groups.len());
    let machines = company
        .people
        .iter()
        .filter(|person| person.kind == super::super::super::Kind::Service)
        .count();
    for number in 0..(people / 10).min(MOST_ASSIGNMENTS) {
        let (principal, principal_type) = match rng.below(100) {
            0..=54 => (tenant.groups[rng.below(mirrored)].id, PrincipalType::Group),
            55..=94 => (tenant.users[rng.below(tenant.users.len())].id, PrincipalType::User),
            _ if machines == 0 => continue,
            _ => (tenant.services[rng.below(machines)].id, PrincipalType::ServicePrincipal),
        };
        tenant.assignments.push(RoleAssignment {
            id: company.guid("azure more assignments", number as u64),
            principal,
            principal_type,
            role: *rng.pick(&roles),
            scope: *rng.pick(&places),
            condition: None,
            created: tenant.today - rng.below(900) as i64 * DAY,
        });
    }
}
