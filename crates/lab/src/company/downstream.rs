//! What the downstream app holds, as numbers: whom, under which identifier, and where it differs from the provider.

use super::groups::Group;
use super::house::Department;
use super::rng::Rng;
use super::{Kind, Person};

/// A way in which an account downstream differs from the provider's, on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// Another department.
    Department(&'static str),
    /// Another displayed name.
    DisplayName(&'static str),
    /// Still active, though switched off at the provider.
    StillActive,
    /// The user name from before a change of name.
    OldUserName(&'static str),
    /// No `externalId`, and a user name of its own: nothing but the mail address joins the two.
    Unlinked(&'static str),
    /// The mail address in other letters' case.
    EmailCase,
}

/// One account of the downstream app that belongs to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The downstream app's own identifier.
    pub id: String,
    /// Number of the person.
    pub person: u32,
    /// How it differs, if it does.
    pub difference: Option<Difference>,
}

/// The downstream app as it stands before anything is provisioned in this run.
#[derive(Debug, Clone, Default)]
pub struct Downstream {
    /// Accounts of people of the company, by person.
    pub accounts: Vec<Account>,
    /// Accounts of people whom the provider no longer knows: identifier, user name, displayed name.
    pub strangers: Vec<(String, &'static str, &'static str)>,
    /// Numbers of people who should be there and are not.
    pub missing: Vec<u32>,
}

/// The departments that the downstream app is for.
const IN_SCOPE: [Department; 3] = [Department::Payments, Department::Finance, Department::Freight];

/// Users of the downstream app who are gone from the provider: left years ago, or never were there.
const STRANGERS: [(&str, &str, &str); 3] = [
    ("471020", "marek.zawadzki", "Marek Zawadzki"),
    ("471077", "yevgenia.lisova", "Євгенія Лісова"),
    ("470001", "ledgerly-support", "Ledgerly support"),
];

/// Fixed differences of the cast, by user name.
const STORIES: [(&str, Difference); 6] = [
    ("olena.shevchenko", Difference::DisplayName("Olena Shevchenko")),
    ("giorgi.beridze", Difference::StillActive),
    ("mehmet.yildiz", Difference::Department("Finance")),
    ("ewa.krol", Difference::OldUserName("ewa.zak")),
    ("reza.karimi", Difference::Unlinked("r.karimi")),
    ("nour.alhashimi", Difference::EmailCase),
];

pub(super) fn generate(seed: u64, people: &[Person], groups: &[Group]) -> Downstream {
    if people.is_empty() {
        return Downstream::default();
    }
    let mut wanted: Vec<bool> = people.iter().map(|person| in_scope(person.department, person.kind)).collect();
    // Whoever is in one of the app's own groups has an account as well.
    for group in groups.iter().filter(|group| group.name.starts_with("ledgerly-")) {
        for &member in &group.people {
            wanted[member as usize] = true;
        }
    }
    let mut rng = Rng::stream(seed, "downstream");
    let mut downstream = Downstream {
        strangers: STRANGERS.map(|(id, user, name)| (id.to_owned(), user, name)).to_vec(),
        ..Downstream::default()
    };
    let mut id = 480_000;
    for (number, person) in people.iter().enumerate().filter(|(number, _)| wanted[*number]) {
        id += 1 + rng.below(9) as u64;
        let story = STORIES
            .iter()
            .find(|(name, _)| *name == person.user_name)
            .map(|(_, difference)| *difference);
        let odd = number >= 200 && rng.chance(4);
        if person.user_name == "misaki.tanaka" || (odd && rng.chance(300)) {
            downstream.missing.push(number as u32);
            continue;
        }
        let by_chance = || match (person.active, number % 3) {
            (false, _) => Difference::StillActive,
            (true, 0) => Difference::Department("Shared services"),
            (true, 1) => Difference::EmailCase,
            _ => Difference::DisplayName("Name to be confirmed"),
        };
        let own = if person.user_name == "olena.shevchenko" {
            "471182".to_owned()
        } else {
            id.to_string()
        };
        downstream.accounts.push(Account {
            id: own,
            person: number as u32,
            difference: story.or_else(|| odd.then(by_chance)),
        });
    }
    downstream
}

/// Whether the downstream app is for a department, by the name in its documents.
pub(crate) fn in_scope_label(label: &str) -> bool {
    IN_SCOPE.iter().any(|department| department.label() == label)
}

/// Whether somebody of this department and kind gets an account downstream.
fn in_scope(department: Option<Department>, kind: Kind) -> bool {
    department.is_some_and(|department| IN_SCOPE.contains(&department)) && kind != Kind::Service
}
