//! Makes the people: the cast first, then as many more as were asked for.

use std::borrow::Cow;
use std::collections::HashMap;

use super::house::{DEPARTMENTS, Department, SITES};
use super::names::{CULTURES, Order};
use super::rng::Rng;
use super::{DAY, HOUR, Kind, Person, cast};

const FIVE_YEARS: i64 = 5 * 365 * DAY;

/// All people, with managers that form a tree.
pub(super) fn generate(seed: u64, count: usize, today: i64) -> Vec<Person> {
    let mut people = Vec::with_capacity(count);
    let mut taken: HashMap<String, u32> = HashMap::with_capacity(count);
    let mut past = Rng::stream(seed, "past");
    for part in cast::cast().into_iter().take(count) {
        taken.insert(part.user_name.to_owned(), 1);
        let (joined, changed) = dates(&mut past, today, part.left);
        people.push(Person {
            kind: part.kind,
            given: part.given,
            family: part.family,
            formerly: part.formerly,
            user_name: part.user_name.to_owned(),
            title: part.title,
            department: part.department,
            manager: None,
            active: part.left.is_none(),
            joined,
            changed,
            language: part.language,
            order: part.order,
            nick: part.nick,
            display: part.display,
            site: part.site as u8,
        });
    }
    let mut rng = Rng::stream(seed, "people");
    while people.len() < count {
        let person = invent(&mut rng, &mut past, &mut taken, today);
        people.push(person);
    }
    assign_managers(&mut people);
    people
}

fn invent(rng: &mut Rng, past: &mut Rng, taken: &mut HashMap<String, u32>, today: i64) -> Person {
    if rng.chance(6) {
        return invent_machine(rng, past, taken, today);
    }
    let culture = rng.pick(&CULTURES);
    let given = *rng.pick(&culture.given);
    let family = *rng.pick(&culture.family);
    let middle = (culture.order == Order::GivenFirst && rng.chance(150))
        .then(|| rng.pick(&culture.given).0)
        .filter(|name| *name != given.0);
    let kind = match rng.below(1000) {
        0..=39 => Kind::Guest,
        40..=119 => Kind::Contractor,
        _ => Kind::Employee,
    };
    let department = (kind != Kind::Guest).then(|| department(rng.below(1000)));
    let title = department.map_or("", |department| *rng.pick(department.facts().titles));
    let site = rng.below(SITES.len()) as u8;
    let left = rng.chance(55).then(|| 1 + rng.below(700) as i64);
    let (joined, changed) = dates(past, today, left);
    let base = format!("{}.{}", given.1, family.1);
    let user_name = match kind {
        Kind::Guest => {
            let firm = rng.pick(&["northgate.example", "meridian.example", "auditors.example"]);
            unique(taken, &base, |name| format!("{name}_{firm}#ext#"))
        }
        _ => unique(taken, &base, str::to_owned),
    };
    Person {
        kind,
        given: match middle {
            Some(middle) => Cow::Owned(format!("{} {middle}", given.0)),
            None => Cow::Borrowed(given.0),
        },
        family: family.0,
        formerly: None,
        user_name,
        title,
        department,
        manager: None,
        active: left.is_none(),
        joined,
        changed,
        language: culture.language,
        order: culture.order,
        nick: None,
        display: None,
        site,
    }
}

fn invent_machine(rng: &mut Rng, past: &mut Rng, taken: &mut HashMap<String, u32>, today: i64) -> Person {
    const SUBJECTS: &[&str] = &[
        "label", "dock", "invoice", "manifest", "route", "backup", "mail", "archive", "crane", "scale",
    ];
    const TASKS: &[&str] = &["sync", "export", "import", "watch", "print", "report"];
    let base = format!("svc-{}-{}", rng.pick(SUBJECTS), rng.pick(TASKS));
    let (joined, changed) = dates(past, today, None);
    Person {
        kind: Kind::Service,
        given: Cow::Borrowed(""),
        family: "",
        formerly: None,
        user_name: unique(taken, &base, str::to_owned),
        title: "",
        department: None,
        manager: None,
        active: !rng.chance(40),
        joined,
        changed,
        language: "",
        order: Order::GivenFirst,
        nick: None,
        display: None,
        site: 1,
    }
}

/// The first free form of a user name: as it is, then with 2, 3, … behind it.
fn unique(taken: &mut HashMap<String, u32>, base: &str, dress: impl Fn(&str) -> String) -> String {
    let Some(mut times) = taken.get(base).copied() else {
        taken.insert(base.to_owned(), 1);
        return dress(base);
    };
    loop {
        times += 1;
        let name = format!("{base}{times}");
        // A numbered form can be somebody's own name: the cast has such.
        if !taken.contains_key(&name) {
            taken.insert(base.to_owned(), times);
            taken.insert(name.clone(), 1);
            return dress(&name);
        }
    }
}

fn department(mut point: usize) -> Department {
    for facts in DEPARTMENTS {
        if point < facts.weight {
            return facts.department;
        }
        point -= facts.weight;
    }
    Department::Sales
}

/// When an account was made and last changed. Most changes are old, some are of the last days.
fn dates(rng: &mut Rng, today: i64, left: Option<i64>) -> (i64, i64) {
    let within = |rng: &mut Rng, span: i64| rng.below(usize::try_from(span.max(1)).unwrap_or(1)) as i64;
    let changed = match left {
        Some(days) => today - days * DAY - within(rng, 8 * HOUR),
        None if rng.chance(80) => today - within(rng, 14 * DAY),
        None => {
            let far = within(rng, FIVE_YEARS - DAY);
            let near = within(rng, FIVE_YEARS - DAY);
            today - far.min(near)
        }
    };
    let joined = changed - within(rng, FIVE_YEARS - (today - changed));
    (joined, changed)
}

/// Each department is a tree: the first who still works there heads it, everybody else reports to one of eight-wide rows.
/// Nobody reports to somebody who left.
fn assign_managers(people: &mut [Person]) {
    let chief = people.iter().position(|person| person.department == Some(Department::Board));
    for facts in DEPARTMENTS {
        let members: Vec<usize> = (0..people.len())
            .filter(|&number| people[number].department == Some(facts.department))
            .collect();
        let leaders: Vec<usize> = members
            .iter()
            .copied()
            .filter(|&number| people[number].active && people[number].kind == Kind::Employee)
            .collect();
        let mut place = 0;
        for number in members {
            let leads = leaders.get(place) == Some(&number);
            let above = if leads && place == 0 {
                chief
            } else {
                leaders.get(place.saturating_sub(1) / 8).copied()
            };
            people[number].manager = above.filter(|&manager| manager != number).map(|manager| manager as u32);
            if leads {
                place += 1;
            }
        }
    }
    // The story wants it so: Olena works in Payments and reports to the head of Platform.
    let by_name = |name: &str| people.iter().position(|person| person.user_name == name);
    if let (Some(olena), Some(adaeze)) = (by_name("olena.shevchenko"), by_name("adaeze.okafor")) {
        people[olena].manager = Some(adaeze as u32);
    }
}
