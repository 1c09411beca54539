//! What the developer portal (Backstage) makes of the company: who owns what, which roles there are, and what is wrong.

mod named;

use std::collections::BTreeSet;

use crate::company::rng::Rng;
use crate::company::{Company, Kind};

use named::{named_roles, named_things};

/// Who may do everything in the portal, whatever roles say (`permission.rbac.admin.superUsers`).
pub(crate) const SUPERUSER: &str = "olaniyan.adeyemi";
/// Who may change roles (`permission.rbac.admin.users`).
pub(crate) const ADMIN: &str = "adaeze.okafor";
/// A membership that the portal did not take over: the group, and who is missing from it there.
pub(crate) const NOT_TAKEN_OVER: [(&str, &str); 1] = [("payments", "seoyeon.kim")];
/// Who changed names, and still stands in the portal under the old one.
pub(crate) const OLD_NAME: &str = "ewa.krol";
/// A user of the portal that somebody wrote by hand, without any identifier, and whom of the company it can stand for.
pub(crate) const BY_HAND: ByHand = ByHand {
    name: "maria_schmidt",
    display: "Maria Schmidt",
    group: "finance",
    either: ["maria.schmidt", "maria.schmidt2"],
};
/// Groups that the portal is not given: its filter leaves out what guards backups and production. First parts of names.
const NOT_GIVEN: [&str; 6] = [
    "backup-operators",
    "vault-",
    "svc-backup",
    "production-access",
    "resource-guard-approvers",
    "breakglass",
];

/// See [`BY_HAND`].
#[derive(Debug)]
pub(crate) struct ByHand {
    pub(crate) name: &'static str,
    pub(crate) display: &'static str,
    pub(crate) group: &'static str,
    pub(crate) either: [&'static str; 2],
}

/// Somebody or some group, as the definition names them; the portal makes an entity reference of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    /// A person, by user name.
    Person(String),
    /// A group, by its name at the provider.
    Group(String),
}

impl Who {
    fn person(name: &str) -> Self {
        Self::Person(name.to_owned())
    }

    fn group(name: &str) -> Self {
        Self::Group(name.to_owned())
    }
}

/// What sort of thing is owned: the catalog's kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Thing {
    Domain,
    System,
    Component,
    Api,
    Resource,
}

/// Something in the catalog that belongs to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owned {
    pub(crate) thing: Thing,
    pub(crate) name: String,
    pub(crate) title: Option<&'static str>,
    /// `spec.type`; domains and systems have none.
    pub(crate) sort: &'static str,
    pub(crate) owner: Who,
    /// The system that a component, API or resource is part of; the domain of a system.
    pub(crate) part_of: Option<String>,
    /// The API that a component provides.
    pub(crate) provides: Option<String>,
}

/// Where a role of the RBAC plugin is written down, which is where alone it can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// The policies' CSV file.
    CsvFile,
    /// The app's configuration.
    Configuration,
    /// Over the REST API.
    Rest,
}

impl Written {
    /// As `metadata.source` says it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::CsvFile => "csv-file",
            Self::Configuration => "configuration",
            Self::Rest => "rest",
        }
    }
}

/// A role: name, source, description, members, policies as permission, action, effect.
#[derive(Debug, Clone)]
pub(crate) struct RoleDefinition {
    pub(crate) name: String,
    pub(crate) source: Written,
    pub(crate) description: String,
    pub(crate) members: Vec<Who>,
    pub(crate) policies: &'static [(&'static str, &'static str, &'static str)],
    pub(crate) condition: Option<ConditionDefinition>,
}

/// A conditional policy of a role.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConditionDefinition {
    pub(crate) plugin: &'static str,
    pub(crate) resource_type: &'static str,
    pub(crate) actions: &'static [&'static str],
    pub(crate) rule: &'static str,
    /// The rule's parameter that takes a list.
    pub(crate) parameter: &'static str,
    pub(crate) values: &'static [&'static str],
}

/// Whether the portal is given a group of this name.
pub(crate) fn is_given(group: &str) -> bool {
    !NOT_GIVEN.iter().any(|start| group.starts_with(start))
}

/// The roles, the same ones in every company, and more of them where there are more people.
pub(crate) fn roles(company: &Company) -> Vec<RoleDefinition> {
    let mut roles = named_roles();
    let mut rng = Rng::stream(company.seed, "portal roles");
    let given: Vec<&str> = company
        .groups
        .iter()
        .map(|group| group.name.as_str())
        .filter(|name| is_given(name))
        .collect();
    for number in 0..(company.people.len() / 2_500).min(40) {
        let members = (0..1 + rng.below(6))
            .map(|_| Who::group(given[rng.below(given.len())]))
            .collect::<BTreeSet<_>>();
        roles.push(RoleDefinition {
            name: format!("template-author-{:02}", number + 1),
            source: Written::Rest,
            description: "May write templates".to_owned(),
            members: members.into_iter().collect(),
            policies: &[
                ("scaffolder-template", "read", "allow"),
                ("scaffolder.template.management", "use", "allow"),
            ],
            condition: None,
        });
    }
    roles
}

/// What is owned in the catalog: one thing for every four people, three dozen at the least.
pub(crate) fn owned(company: &Company) -> Vec<Owned> {
    let mut all = named_things();
    let wanted = if company.people.is_empty() {
        0
    } else {
        (company.people.len() / 4).max(36)
    };
    all.truncate(wanted);
    let mut rng = Rng::stream(company.seed, "portal");
    let teams: Vec<&str> = company
        .groups
        .iter()
        .filter(|group| !group.people.is_empty() && group.name.is_ascii() && is_given(&group.name))
        .map(|group| group.name.as_str())
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
        .collect();
    let people: Vec<&str> = company
        .people
        .iter()
        .filter(|person| person.active && person.kind == Kind::Employee)
        .map(|person| person.user_name.as_str())
        .filter(|name| *name != OLD_NAME && !BY_HAND.either.contains(name))
        .collect();
    let mut taken: BTreeSet<String> = all.iter().map(|owned| owned.name.clone()).collect();
    let mut systems: Vec<String> = all
        .iter()
        .filter(|owned| owned.thing == Thing::System)
        .map(|owned| owned.name.clone())
        .collect();
    while all.len() < wanted && !teams.is_empty() {
        let mut fresh = invent(&mut rng, &teams, &people, &systems);
        if taken.contains(&fresh.name) {
            fresh.name = format!("{}-{}", fresh.name, all.len());
        }
        taken.insert(fresh.name.clone());
        if fresh.thing == Thing::System {
            systems.push(fresh.name.clone());
        }
        all.push(fresh);
    }
    all
}

fn invent(rng: &mut Rng, teams: &[&str], people: &[&str], systems: &[String]) -> Owned {
    const FIRST: &[&str] = &[
        "berth", "manifest", "tariff", "reefer", "pallet", "invoice", "route", "label", "crane", "claims", "dock", "ledger", "fleet",
        "gate", "tracking", "weather",
    ];
    const SECOND: &[&str] = &[
        "planner",
        "api",
        "sync",
        "portal",
        "index",
        "bridge",
        "archive",
        "worker",
        "gateway",
        "scheduler",
        "mirror",
        "reports",
    ];
    let (thing, sort) = match rng.below(100) {
        0..=7 => (Thing::System, ""),
        8..=27 => (Thing::Api, *rng.pick(&["openapi", "asyncapi", "grpc"])),
        28..=41 => (Thing::Resource, *rng.pick(&["database", "bucket", "topic"])),
        _ => (Thing::Component, *rng.pick(&["service", "website", "library"])),
    };
    let name = format!("{}-{}", rng.pick(FIRST), rng.pick(SECOND));
    // A tenth belongs to one person; where nobody is there yet, to a team as the rest does.
    let owner = if rng.chance(100) && !people.is_empty() {
        Who::person(people[rng.below(people.len())])
    } else {
        Who::group(teams[rng.below(teams.len())])
    };
    let part_of = (thing != Thing::System && rng.chance(600) && !systems.is_empty()).then(|| rng.pick(systems).clone());
    Owned {
        thing,
        name,
        title: None,
        sort,
        owner,
        part_of,
        provides: None,
    }
}
