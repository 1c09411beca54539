//! Makes the groups: everyone, departments, sites, teams, access groups that nest, oddities, and projects at scale.

use std::collections::BTreeMap;

use super::house::{DEPARTMENTS, Department, SITES};
use super::rng::Rng;
use super::{DAY, Kind, Person};

/// Above this many people `all-staff` nests the departments instead of naming everyone: no real directory has a group
/// document of hundreds of megabytes.
const ALL_STAFF_DIRECT: usize = 150_000;

/// One group at the identity provider.
#[derive(Debug, Clone)]
pub struct Group {
    /// The displayed name; unique in this company, though SCIM does not ask for it (RFC 7643 §4.2).
    pub name: String,
    /// Numbers of the direct members that are people, ascending.
    pub people: Vec<u32>,
    /// Numbers of the groups nested directly in this one, ascending. Each is smaller than this group's own number.
    pub groups: Vec<u32>,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
    /// When its members last changed, in milliseconds since 1970.
    pub changed: i64,
    /// True when the downstream app is given this group.
    pub provisioned: bool,
}

/// An access group: its name, the departments that its members come from, how many out of a hundred, who is in it for
/// certain, and which groups it nests.
type Access = (
    &'static str,
    &'static [Department],
    usize,
    &'static [&'static str],
    &'static [&'static str],
);

use Department::{Care, Data, Finance, Freight, It, Legal, Payments, People, Platform, Sales, Security, Warehouse};

#[rustfmt::skip]
const ACCESS: &[Access] = &[
    ("platform-oncall", &[], 0, &["deepika.nair", "selam.tesfaye", "daniel.levi"], &["platform-sre"]),
    ("platform-admins", &[Platform], 6, &["adaeze.okafor", "selam.tesfaye"], &["platform-oncall"]),
    ("payments-owners", &[Payments], 12, &["lukasz.wojcik", "nattapon.srisuk", "mehmet.yildiz", "rustam.aliev"], &[]),
    ("payments-oncall", &[], 0, &["olena.shevchenko"], &["payments-sre"]),
    ("svc-backup", &[], 0, &["svc-backup-runner", "svc-restore-drill", "svc-vault-rotate"], &[]),
    ("backup-operators", &[It], 8, &["athina.papadopoulou", "deepika.nair", "thandiwe.mokoena", "soren.ostergaard", "zsofia.szoke", "ibrahim.igdir"], &["payments-sre"]),
    ("vault-prod-restore", &[], 0, &["adaeze.okafor", "svc-backup-runner"], &["backup-operators"]),
    ("vault-dr-restore", &[], 0, &["athina.papadopoulou"], &["backup-operators", "svc-backup"]),
    ("production-access", &[], 0, &["siobhan.nidhomhnaill"], &["platform-admins", "payments-oncall", "vault-prod-restore"]),
    ("resource-guard-approvers", &[Security], 10, &["siobhan.nidhomhnaill", "adaeze.okafor"], &[]),
    ("ledgerly-approvers", &[Payments, Finance, Freight], 7, &["thandiwe.mokoena", "minh.bui", "harpreet.kaur", "aissatou.diallo", "helene.dalembert", "olena.shevchenko"], &[]),
    ("ledgerly-admins", &[], 0, &["helene.dalembert", "lukasz.wojcik", "svc-ledgerly-sync"], &[]),
    ("ledgerly-readers", &[Payments, Finance, Freight], 30, &["misaki.tanaka", "seoyeon.kim"], &[]),
    ("catalog-maintainers", &[Platform, Data], 15, &["ximena.munoz", "jose.echeverria", "svc-catalog-import"], &[]),
    ("release-managers", &[Platform, Payments], 8, &["daniel.levi"], &[]),
    ("finance-approvers", &[Finance], 40, &["fatima.abdulrahman"], &[]),
    ("customs-portal", &[Freight, Legal], 25, &["tingting.ouyang"], &[]),
    ("warehouse-scanners", &[Warehouse], 55, &["sukarno"], &[]),
    ("care-tools", &[Care, Sales], 60, &["conor.o'brien"], &[]),
    ("people-ops-import", &[People], 50, &["svc-atlas-hr-feed"], &[]),
    ("legal-hold", &[Legal], 60, &["hubert.wolfeschlegelsteinhausenbergerdorff"], &[]),
    ("identity-admins", &[Security, It], 7, &["olaniyan.adeyemi"], &[]),
    ("breakglass", &[], 0, &["ingeborg.hallstrom", "adaeze.okafor"], &[]),
    ("deprovisioning-canaries", &[], 0, &["canary-payments-01", "canary-payments-02", "canary-payments-03"], &[]),
    ("engineering", &[], 0, &[], &["payments", "platform", "data", "security", "it"]),
    // Oddities: nobody in it, only people who left, names that break software, a name of 200 characters.
    ("project-albatross", &[], 0, &[], &[]),
    ("dl-summer-party-2019", &[], 0, &[], &[]),
    ("legacy-deployer", &[], 0, &["tomas.dvorak", "giorgi.beridze", "shota.nakamura"], &[]),
    ("=HALT()", &[], 0, &["robert.tables"], &[]),
    ("货运 · 新加坡", &[], 0, &["misaki.tanaka", "minh.bui", "tingting.ouyang"], &[]),
    ("فريق الخزينة", &[], 0, &["fatima.abdulrahman", "nour.alhashimi"], &[]),
    ("Équipe «été» / Hambourg & C°", &[], 0, &["amelie.gauthier", "amelie.gauthier2"], &[]),
];

/// Builds groups and keeps their names to nest them by.
struct Builder<'a> {
    people: &'a [Person],
    by_user_name: BTreeMap<&'a str, u32>,
    by_name: BTreeMap<String, u32>,
    groups: Vec<Group>,
    past: Rng,
    today: i64,
}

/// All groups, each after those that are nested in it.
pub(super) fn generate(seed: u64, people: &[Person], today: i64) -> Vec<Group> {
    let by_user_name = people
        .iter()
        .enumerate()
        .take(200)
        .map(|(number, person)| (person.user_name.as_str(), number as u32))
        .collect();
    let mut builder = Builder {
        people,
        by_user_name,
        by_name: BTreeMap::new(),
        groups: Vec::new(),
        past: Rng::stream(seed, "groups past"),
        today,
    };
    if people.is_empty() {
        return builder.groups;
    }
    departments_and_teams(&mut builder);
    sites(&mut builder);
    outsiders(&mut builder);
    access(&mut builder, &mut Rng::stream(seed, "access groups"));
    projects(&mut builder, &mut Rng::stream(seed, "projects"));
    let mut groups = builder.groups;
    provision(&mut groups, people.len());
    groups
}

impl Builder<'_> {
    fn add(&mut self, name: String, mut people: Vec<u32>, mut groups: Vec<u32>) {
        people.sort_unstable();
        people.dedup();
        groups.sort_unstable();
        groups.dedup();
        let changed = self.today - self.past.below((3 * 365 * DAY) as usize) as i64 * 2 / 3;
        let created = changed - self.past.below((2 * 365 * DAY) as usize) as i64;
        self.by_name.insert(name.clone(), self.groups.len() as u32);
        self.groups.push(Group {
            name,
            people,
            groups,
            created,
            changed,
            provisioned: false,
        });
    }

    fn active_staff(&self, department: Department) -> Vec<u32> {
        let works = |person: &Person| person.active && person.department == Some(department);
        self.people
            .iter()
            .enumerate()
            .filter(|(_, person)| works(person))
            .map(|(number, _)| number as u32)
            .collect()
    }
}

fn departments_and_teams(builder: &mut Builder<'_>) {
    let mut department_groups = Vec::new();
    for facts in DEPARTMENTS {
        let staff = builder.active_staff(facts.department);
        // Teams share the staff out in turn; the first team of Payments gets those whom the story wants there.
        let per_team = if builder.people.len() > 2_000 { 25 } else { 12 };
        let teams = facts.teams.len().max(staff.len() / per_team);
        let mut members = vec![Vec::new(); teams];
        let mut next = 0;
        for &number in &staff {
            let person = &builder.people[number as usize];
            let sre = person.title == "Site Reliability Engineer" || person.user_name.starts_with("canary-payments");
            let team = if sre && teams > 0 && (number as usize) < 200 { 0 } else { next };
            if let Some(team) = members.get_mut(team) {
                team.push(number);
            }
            next = (next + 1) % teams.max(1);
        }
        department_groups.push(builder.groups.len() as u32);
        builder.add(facts.slug.to_owned(), staff, Vec::new());
        for (place, members) in members.into_iter().enumerate() {
            let Some(team) = facts.teams.get(place % facts.teams.len().max(1)) else {
                continue;
            };
            let round = place / facts.teams.len();
            let name = if round == 0 {
                format!("{}-{team}", facts.slug)
            } else {
                format!("{}-{team}-{:03}", facts.slug, round + 1)
            };
            builder.add(name, members, Vec::new());
        }
    }
    if builder.people.len() > ALL_STAFF_DIRECT {
        builder.add("all-staff".to_owned(), Vec::new(), department_groups);
    } else {
        let staff = builder
            .people
            .iter()
            .enumerate()
            .filter(|(_, person)| person.active && person.is_staff());
        let everyone = staff.map(|(number, _)| number as u32).collect();
        builder.add("all-staff".to_owned(), everyone, Vec::new());
    }
}

fn sites(builder: &mut Builder<'_>) {
    let mut members = vec![Vec::new(); SITES.len()];
    for (number, person) in builder.people.iter().enumerate() {
        if person.active && person.is_staff() {
            members[usize::from(person.site)].push(number as u32);
        }
    }
    for (site, members) in SITES.iter().zip(members) {
        builder.add(format!("site-{}", site.slug), members, Vec::new());
    }
}

fn outsiders(builder: &mut Builder<'_>) {
    let of = |people: &[Person], wanted: &dyn Fn(&Person) -> bool| -> Vec<u32> {
        people
            .iter()
            .enumerate()
            .filter(|(_, person)| wanted(person))
            .map(|(number, _)| number as u32)
            .collect()
    };
    let northgate = of(builder.people, &|person| {
        person.kind == Kind::Guest && person.user_name.contains("_northgate.example")
    });
    let meridian = of(builder.people, &|person| {
        person.kind == Kind::Guest && person.user_name.contains("_meridian.example")
    });
    let contractors = of(builder.people, &|person| person.kind == Kind::Contractor && person.active);
    let machines = of(builder.people, &|person| person.kind == Kind::Service);
    builder.add("vendor-northgate".to_owned(), northgate, Vec::new());
    let first = builder.groups.len() as u32 - 1;
    builder.add("vendor-meridian".to_owned(), meridian, Vec::new());
    builder.add("contractors".to_owned(), contractors, Vec::new());
    builder.add("externals".to_owned(), Vec::new(), vec![first, first + 1, first + 2]);
    builder.add("service-accounts".to_owned(), machines, Vec::new());
}

fn access(builder: &mut Builder<'_>, rng: &mut Rng) {
    for (name, departments, share, named, nested) in ACCESS {
        let mut people: Vec<u32> = named.iter().filter_map(|name| builder.by_user_name.get(name).copied()).collect();
        for department in *departments {
            let staff = builder.active_staff(*department);
            // A share of a small company; at scale access stays with few.
            let wanted = (staff.len() * share / 100).min(60 + staff.len() / 500);
            people.extend((0..wanted).map(|_| *rng.pick(&staff)));
        }
        let groups = nested.iter().filter_map(|name| builder.by_name.get(*name).copied()).collect();
        builder.add((*name).to_owned(), people, groups);
    }
    let long = "A distribution list that somebody named with a whole sentence, because nobody ever said that a name should be short, and that has stayed so since 2014 ".repeat(2);
    builder.add(long.chars().take(199).chain(['.']).collect(), vec![0], Vec::new());
}

/// Projects bring the numbers up to one group per twenty people and five memberships per person.
fn projects(builder: &mut Builder<'_>, rng: &mut Rng) {
    const FIRST: &[&str] = &[
        "amber", "northern", "silent", "brisk", "copper", "tidal", "violet", "granite", "swift", "harbour", "polar", "golden",
    ];
    const SECOND: &[&str] = &[
        "heron", "anchor", "ledger", "beacon", "crane", "current", "compass", "lantern", "keel", "tern", "pallet", "buoy",
    ];
    let people = builder.people.len();
    let (wanted, have) = (people / 20, builder.groups.len());
    let memberships: usize = builder.groups.iter().map(|group| group.people.len()).sum();
    let count = wanted.saturating_sub(have).max(usize::from(people >= 100) * 6);
    if count == 0 {
        return;
    }
    let each = ((people * 5).saturating_sub(memberships) / count).clamp(3, 400);
    for number in 0..count {
        let (first, second) = (FIRST[number % FIRST.len()], SECOND[number / FIRST.len() % SECOND.len()]);
        let round = number / (FIRST.len() * SECOND.len());
        let name = if round == 0 {
            format!("project-{first}-{second}")
        } else {
            format!("project-{first}-{second}-{}", round + 1)
        };
        // Some projects are large and most are small.
        let size = if rng.chance(100) {
            each * 4
        } else {
            each / 2 + rng.below(each / 2 + 1)
        };
        let members = (0..size).map(|_| rng.below(people) as u32).collect();
        let nested = if rng.chance(50) {
            vec![rng.below(builder.groups.len()) as u32]
        } else {
            Vec::new()
        };
        builder.add(name, members, nested);
    }
}

/// Marks what the downstream app is given: three departments, their teams, and its own groups; two dozen in a small company.
fn provision(groups: &mut [Group], people: usize) {
    let mut room = (people / 160).max(24);
    let first = [
        "ledgerly-",
        "payments-owners",
        "finance-approvers",
        "customs-portal",
        "=HALT()",
        "project-albatross",
    ];
    let second = ["payments", "finance", "freight-ops"];
    for prefixes in [first.as_slice(), second.as_slice()] {
        for group in groups
            .iter_mut()
            .filter(|group| prefixes.iter().any(|prefix| group.name.starts_with(prefix)))
        {
            if room > 0 && !group.provisioned {
                group.provisioned = true;
                room -= 1;
            }
        }
    }
}
