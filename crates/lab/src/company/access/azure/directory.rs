//! Entra's people, groups and programs, as they follow from the identity provider's.

use super::super::super::{Company, DAY, Kind, Person};
use super::{Guid, cast};

/// A user of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntraUser {
    /// Object id.
    pub id: Guid,
    /// `userPrincipalName`; a guest's has `#EXT#` in it.
    pub upn: String,
    /// Displayed name.
    pub display: String,
    /// Given name.
    pub given: String,
    /// Family name.
    pub family: String,
    /// Mail address.
    pub mail: Option<String>,
    /// Job title.
    pub title: String,
    /// Department.
    pub department: Option<&'static str>,
    /// Whether the account is enabled.
    pub enabled: bool,
    /// `userType` is Guest.
    pub guest: bool,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
}

/// A group of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntraGroup {
    /// Object id.
    pub id: Guid,
    /// Displayed name.
    pub display: String,
    /// Direct members: users, service principals, groups.
    pub members: Vec<Guid>,
    /// Owners.
    pub owners: Vec<Guid>,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
}

/// What sort of credential a program has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialKind {
    /// A client secret.
    Secret,
    /// A certificate.
    Certificate,
    /// Trust in another issuer's tokens; it has no end.
    Federated,
}

/// A credential of a program, without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its id.
    pub id: Guid,
    /// Which sort.
    pub kind: CredentialKind,
    /// The displayed name.
    pub name: &'static str,
    /// From when, in milliseconds since 1970.
    pub start: i64,
    /// Until when, in milliseconds since 1970.
    pub end: i64,
    /// True when it stands on the service principal itself and not on its application.
    pub on_service: bool,
}

/// A role that an application offers: id, value, displayed name.
pub type AppRole = (Guid, &'static str, &'static str);

/// A service principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePrincipal {
    /// Object id.
    pub id: Guid,
    /// The application's (client) id.
    pub app: Guid,
    /// The application object's id; none where the application is somebody else's, and for a managed identity.
    pub application: Option<Guid>,
    /// Displayed name.
    pub display: String,
    /// `servicePrincipalType` is ManagedIdentity.
    pub managed: bool,
    /// Whether it is enabled.
    pub enabled: bool,
    /// Owners.
    pub owners: Vec<Guid>,
    /// Credentials.
    pub credentials: Vec<Credential>,
    /// App roles that it offers: id, value, displayed name.
    pub app_roles: Vec<AppRole>,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
}

/// In Entra's recycle bin since this person left, so many days ago.
const DELETED: &str = "tomas.dvorak";

/// Two people of one name whose accounts were given one mail address by mistake: user name at the provider, UPN in Entra.
const NAMESAKES: [(&str, &str); 2] = [("maria.schmidt", "schmidt.m"), ("maria.schmidt2", "schmidt.maria")];

fn user(company: &Company, number: usize, person: &Person) -> EntraUser {
    let guest = person.kind == Kind::Guest;
    let namesake = NAMESAKES.iter().find(|(name, _)| *name == person.user_name);
    let upn = match (guest, namesake, person.formerly) {
        (true, ..) => format!("{}#EXT#@halcyon.example", person.user_name.trim_end_matches("#ext#")),
        (false, Some((_, upn)), _) => format!("{upn}@halcyon.example"),
        // Whoever changed the name kept the sign-in name of before.
        (false, None, Some(formerly)) => format!("{formerly}@halcyon.example"),
        (false, None, None) => format!("{}@halcyon.example", person.user_name),
    };
    EntraUser {
        id: company.entra_id(number),
        upn,
        display: person.display_name().into_owned(),
        given: person.given.to_string(),
        family: person.family.to_owned(),
        mail: match namesake {
            Some(_) => Some("maria.schmidt@halcyon.example".to_owned()),
            None => person.email(),
        },
        title: person.title.to_owned(),
        department: person.department.map(super::super::super::Department::label),
        enabled: person.active,
        guest,
        created: person.joined,
    }
}

fn humans(company: &Company) -> impl Iterator<Item = (usize, &Person)> {
    company.people.iter().enumerate().filter(|(_, person)| person.kind != Kind::Service)
}

pub(super) fn users(company: &Company) -> Vec<EntraUser> {
    humans(company)
        .filter(|(_, person)| person.user_name != DELETED)
        .map(|(number, person)| user(company, number, person))
        .collect()
}

pub(super) fn deleted(company: &Company) -> Vec<(EntraUser, i64)> {
    humans(company)
        .filter(|(_, person)| person.user_name == DELETED)
        .map(|(number, person)| (user(company, number, person), person.changed + DAY))
        .collect()
}

/// Groups that only Azure has: name, and who is in it.
const AZURE_ONLY: &[(&str, &[&str])] = &[
    (
        "azure-landing-zone",
        &[
            "jose.echeverria",
            "rustam.aliev",
            "helene.dalembert",
            "nattapon.srisuk",
            "hanh.nguyen",
            "seoyeon.kim",
        ],
    ),
    ("restore-on-request", &["ximena.munoz", "siobhan.nidhomhnaill"]),
    ("restore-freeze", &["athina.papadopoulou", "thandiwe.mokoena", "soren.ostergaard"]),
];

pub(super) fn groups(company: &Company) -> Vec<EntraGroup> {
    let person = |number: &u32| {
        let there = company.people[*number as usize].user_name != DELETED;
        there.then(|| company.entra_id(*number as usize))
    };
    let mirrored = company.groups.iter().enumerate().map(|(number, group)| EntraGroup {
        id: company.entra_group_id(number),
        display: group.name.clone(),
        members: (group.groups.iter().map(|nested| company.entra_group_id(*nested as usize)))
            .chain(group.people.iter().filter_map(person))
            .collect(),
        owners: Vec::new(),
        created: group.created,
    });
    let cast = cast(company);
    let of = |name: &&str| cast.get(*name).map(|number| company.entra_id(*number));
    let own = AZURE_ONLY.iter().enumerate().map(|(number, (name, members))| EntraGroup {
        id: company.guid("entra own group", number as u64),
        display: (*name).to_owned(),
        members: members.iter().filter_map(of).collect(),
        owners: of(&"adaeze.okafor").into_iter().collect(),
        created: company.today.as_millisecond() - 400 * DAY,
    });
    mirrored.chain(own).collect()
}

/// Programs that are managed identities.
const MANAGED: [&str; 3] = ["svc-vault-rotate", "svc-metrics", "svc-port-gate"];

/// Credentials of the cast: whose, which sort, the name, days from today on which it ends, and whether it stands on the
/// service principal.
const CREDENTIALS: &[(&str, CredentialKind, &str, i64, bool)] = &[
    ("svc-backup-runner", CredentialKind::Secret, "runner 2026", 171, true),
    ("svc-restore-drill", CredentialKind::Secret, "drill", -20, true),
    ("svc-payments-batch", CredentialKind::Secret, "batch", 12, false),
    ("svc-payments-batch", CredentialKind::Certificate, "batch until 2026", -4, true),
    ("svc-catalog-import", CredentialKind::Certificate, "import", 300, true),
    ("github-oidc-deploy", CredentialKind::Federated, "deploy from main", 0, false),
];

/// Owners of the cast's programs.
const OWNERS: &[(&str, &str)] = &[
    ("svc-backup-runner", "ibrahim.igdir"),
    ("svc-payments-batch", "olena.shevchenko"),
    ("github-oidc-deploy", "giorgi.beridze"),
];

pub(super) fn services(company: &Company) -> Vec<ServicePrincipal> {
    let cast = cast(company);
    let today = company.today.as_millisecond();
    let machines = company.people.iter().enumerate().filter(|(_, person)| person.kind == Kind::Service);
    let mut services: Vec<ServicePrincipal> = machines
        .map(|(number, person)| {
            let name = person.user_name.as_str();
            let managed = MANAGED.contains(&name);
            let own = CREDENTIALS.iter().enumerate().filter(|(_, credential)| credential.0 == name);
            let owners = OWNERS.iter().filter(|(program, _)| *program == name);
            ServicePrincipal {
                id: company.entra_id(number),
                app: company.guid("entra app", number as u64),
                application: (!managed).then(|| company.guid("entra application", number as u64)),
                display: person.display_name().into_owned(),
                managed,
                enabled: person.active,
                owners: owners
                    .filter_map(|(_, owner)| cast.get(owner).map(|number| company.entra_id(*number)))
                    .collect(),
                credentials: own
                    .map(|(place, &(_, kind, name, days, on_service))| Credential {
                        id: company.guid("entra credential", place as u64),
                        kind,
                        name,
                        start: today + (days - 365) * DAY,
                        end: today + days * DAY,
                        on_service,
                    })
                    .collect(),
                app_roles: Vec::new(),
                created: person.joined,
            }
        })
        .collect();
    services.extend(enterprise(company, today));
    services
}

/// Applications that are not the company's programs: Microsoft's own, the downstream app, the console for restores, the reader.
fn enterprise(company: &Company, today: i64) -> Vec<ServicePrincipal> {
    let own = |number: u64| company.guid("entra app", u64::MAX - number);
    let graph = Guid::from_bits(0x0000_0003_0000_0000_c000_0000_0000_0000);
    let management = Guid::from_bits(0x797f_4846_ba00_4fd7_ba43_dac1_f8f6_3013);
    let role = |number| company.guid("entra app role", number);
    let rows: [(u64, &str, Guid, bool, Vec<AppRole>); 5] = [
        (0, "Microsoft Graph", graph, false, Vec::new()),
        (1, "Windows Azure Service Management API", management, false, Vec::new()),
        (
            2,
            "Ledgerly",
            own(2),
            true,
            vec![(role(0), "User", "User"), (role(1), "Approver", "Approver")],
        ),
        (
            3,
            "Restore console",
            own(3),
            true,
            vec![(role(2), "Restore.Approve", "Approve restores")],
        ),
        (4, "Lanyard reader", own(4), true, Vec::new()),
    ];
    rows.into_iter()
        .map(|(number, name, app, ours, app_roles)| ServicePrincipal {
            id: company.guid("entra enterprise", number),
            app,
            application: ours.then(|| company.guid("entra enterprise application", number)),
            display: name.to_owned(),
            managed: false,
            enabled: true,
            owners: Vec::new(),
            credentials: if name == "Lanyard reader" {
                vec![Credential {
                    id: company.guid("entra enterprise credential", number),
                    kind: CredentialKind::Secret,
                    name: "lanyard",
                    start: today - 30 * DAY,
                    end: today + 150 * DAY,
                    on_service: false,
                }]
            } else {
                Vec::new()
            },
            app_roles,
            created: today - 900 * DAY,
        })
        .collect()
}
