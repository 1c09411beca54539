//! Halcyon Freight: who works there, in which groups, since when. Pure, and the same from the same seed.
//!
//! No clock, no network, no map whose order depends on chance. The company's "today" comes from the seed, so that a
//! picture taken next year shows the same ages.

pub mod access;
mod cast;
mod downstream;
mod groups;
mod house;
mod names;
mod people;
pub mod plans;
mod render;
mod rng;

use std::borrow::Cow;

use jiff::Timestamp;

pub(crate) use downstream::in_scope_label;
pub use downstream::{Account, Difference, Downstream};
pub use groups::Group;
pub use house::Department;
pub use render::Renderer;
pub(crate) use render::{BADGE, Seal, seal};
pub(crate) use rng::mix;

/// The seed that is used when nobody names one.
pub const DEFAULT_SEED: u64 = 1897;
/// How many people the company has when nobody says a number.
pub const DEFAULT_PEOPLE: usize = 240;
/// The most people that a company may have.
pub const MOST_PEOPLE: usize = 1_000_000;

/// What sort of account a person (or machine) has: the `userType` attribute (RFC 7643 §4.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// On the payroll.
    Employee,
    /// Paid by another firm, works in a department.
    Contractor,
    /// From another firm, no department.
    Guest,
    /// A program.
    Service,
    /// A dedicated test identity, for de-provisioning tests.
    Test,
}

impl Kind {
    /// The word for it in `userType`.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Employee => "Employee",
            Self::Contractor => "Contractor",
            Self::Guest => "Guest",
            Self::Service => "Service",
            Self::Test => "Test",
        }
    }
}

/// One account holder of the company.
#[derive(Debug, Clone)]
pub struct Person {
    /// Employee, contractor, guest, service or test identity.
    pub kind: Kind,
    /// Given name; empty for a machine.
    pub given: Cow<'static, str>,
    /// Family name; empty for a machine and for a person with one name only.
    pub family: &'static str,
    /// The name before a change of name, as a user name.
    pub formerly: Option<&'static str>,
    /// Unique without regard to case.
    pub user_name: String,
    /// Job title; empty where there is none. Can look like a spreadsheet formula, on purpose.
    pub title: &'static str,
    /// Department; guests and services have none.
    pub department: Option<Department>,
    /// Index into [`Company::people`] of the manager; the board and services have none.
    pub manager: Option<u32>,
    /// False for a person who left.
    pub active: bool,
    /// When the account was made, in milliseconds since 1970.
    pub joined: i64,
    /// When the account was last changed, in milliseconds since 1970.
    pub changed: i64,
    pub(crate) language: &'static str,
    pub(crate) order: names::Order,
    pub(crate) nick: Option<&'static str>,
    pub(crate) display: Option<&'static str>,
    pub(crate) site: u8,
}

impl Person {
    /// The full name as it is displayed.
    #[must_use]
    pub fn display_name(&self) -> Cow<'_, str> {
        match self.display {
            Some(display) => Cow::Borrowed(display),
            None => self.full_name(),
        }
    }

    /// Given and family name in the order of the language.
    #[must_use]
    pub fn full_name(&self) -> Cow<'_, str> {
        match (self.given.is_empty(), self.family.is_empty()) {
            (_, true) => Cow::Borrowed(&self.given),
            (true, _) => Cow::Borrowed(self.family),
            _ => Cow::Owned(match self.order {
                names::Order::GivenFirst => format!("{} {}", self.given, self.family),
                names::Order::FamilyFirst => format!("{} {}", self.family, self.given),
                names::Order::FamilyJoined => format!("{}{}", self.family, self.given),
            }),
        }
    }

    /// The mail address at work; machines have none.
    #[must_use]
    pub fn email(&self) -> Option<String> {
        match self.kind {
            Kind::Service => None,
            Kind::Guest => Some(self.user_name.trim_end_matches("#ext#").replacen('_', "@", 1)),
            _ => Some(format!("{}@halcyon.example", self.user_name)),
        }
    }

    /// Whether this person is on the payroll or works in a department.
    #[must_use]
    pub fn is_staff(&self) -> bool {
        matches!(self.kind, Kind::Employee | Kind::Contractor)
    }
}

/// The whole make-believe company.
#[derive(Debug, Clone)]
pub struct Company {
    /// The seed that made it.
    pub seed: u64,
    /// The day on which the picture was taken.
    pub today: Timestamp,
    /// Everyone, in a fixed order; the index is the person's number.
    pub people: Vec<Person>,
    /// Every group; the index is the group's number. A group stands after all groups nested in it.
    pub groups: Vec<Group>,
    /// What the downstream app holds, and in what it differs.
    pub downstream: Downstream,
}

impl Company {
    /// Makes the company. The same `seed` and number of `people` give the same company, to the byte.
    /// More than [`MOST_PEOPLE`] are not made: the number is cut there.
    #[must_use]
    pub fn generate(seed: u64, people: usize) -> Self {
        let today = today(seed);
        let people = people::generate(seed, people.min(MOST_PEOPLE), today.as_millisecond());
        let groups = groups::generate(seed, &people, today.as_millisecond());
        let downstream = downstream::generate(seed, &people, &groups);
        Self {
            seed,
            today,
            people,
            groups,
            downstream,
        }
    }

    /// The identity provider's identifier of a person.
    #[must_use]
    pub fn user_id(&self, person: usize) -> String {
        format!("00u{}", rng::opaque(mix(self.seed, 0x75), person as u64))
    }

    /// The identity provider's identifier of a group.
    #[must_use]
    pub fn group_id(&self, group: usize) -> String {
        format!("00g{}", rng::opaque(mix(self.seed, 0x67), group as u64))
    }

    /// The number of the person with this user name.
    #[must_use]
    pub fn person(&self, user_name: &str) -> Option<usize> {
        self.people.iter().position(|person| person.user_name == user_name)
    }

    /// The number of the group with this name.
    #[must_use]
    pub fn group(&self, name: &str) -> Option<usize> {
        self.groups.iter().position(|group| group.name == name)
    }

    /// How many memberships there are: people in groups, nested groups not counted.
    #[must_use]
    pub fn memberships(&self) -> usize {
        self.groups.iter().map(|group| group.people.len()).sum()
    }
}

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A day in mid-November 2026, nine in the morning, moved back by up to a week by the seed.
fn today(seed: u64) -> Timestamp {
    const BASE: i64 = 1_795_078_800_000; // 2026-11-19T09:00:00Z
    let back = (mix(seed, 0x0dad) % 7) as i64;
    Timestamp::from_millisecond(BASE - back * DAY).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
