//! Readings of random servers: each ends, and none is called complete while somebody who was there throughout was missed.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::sources::scim::ListEnd;

#[derive(Clone, Debug)]
enum Total {
    Honest,
    Missing,
    OfPage,
    Wrong(u64),
}

#[derive(Clone, Debug)]
enum Beyond {
    Empty,
    FirstPage,
    Refused,
}

#[derive(Clone, Debug)]
enum Start {
    /// Any index.
    Exact,
    /// Turned into a page number, rounded down.
    PageDown,
    /// Turned into a page number, rounded up.
    PageUp,
    /// Every page is the first.
    Ignored,
    /// So many resources too early.
    Early(u64),
}

#[derive(Clone, Debug)]
enum Cursors {
    None,
    /// The page after a resource.
    Keyset,
    /// Too old after so many pages, once.
    Expires(u64),
    /// The same one for ever.
    Loop,
    /// Another one each time, and the same page.
    Endless,
}

/// Somebody joins or leaves between two answers.
#[derive(Clone, Debug)]
struct Change {
    after: u64,
    at: usize,
    joins: bool,
}

#[derive(Clone, Debug)]
struct Server {
    people: u64,
    max_page: u64,
    total: Total,
    beyond: Beyond,
    start: Start,
    /// Every so manieth page comes short.
    short_every: Option<u64>,
    cursors: Cursors,
    changes: Vec<Change>,
}

impl Server {
    fn good(people: u64, max_page: u64) -> Self {
        Self {
            people,
            max_page,
            total: Total::Honest,
            beyond: Beyond::Empty,
            start: Start::Exact,
            short_every: None,
            cursors: Cursors::None,
            changes: Vec::new(),
        }
    }
}

struct Running {
    server: Server,
    list: Vec<u64>,
    throughout: HashSet<u64>,
    answered: u64,
    joined: u64,
    expired: bool,
}

impl Running {
    fn new(server: &Server) -> Self {
        let list: Vec<u64> = (0..server.people).collect();
        Self {
            throughout: list.iter().copied().collect(),
            server: server.clone(),
            list,
            answered: 0,
            joined: 0,
            expired: false,
        }
    }

    fn change(&mut self) {
        for change in self.server.changes.clone() {
            if change.after != self.answered {
                continue;
            }
            if change.joins {
                self.joined += 1;
                let at = change.at.min(self.list.len());
                self.list.insert(at, 1_000_000 + self.joined);
            } else if !self.list.is_empty() {
                let gone = self.list.remove(change.at.min(self.list.len() - 1));
                self.throughout.remove(&gone);
            }
        }
    }

    fn answer(&mut self, ask: &Ask) -> Result<Facts, Refusal> {
        self.answered += 1;
        self.change();
        let refused = |stale_cursor| {
            Err(Refusal {
                stale_cursor,
                of_request: true,
                text: "400".into(),
            })
        };
        let (from, count, cursor) = match ask {
            Ask::Index { start, count, .. } => {
                let size = u64::from(*count).min(self.server.max_page);
                let from = match self.server.start {
                    Start::Exact => start - 1,
                    Start::PageDown => (start - 1) / size * size,
                    Start::PageUp => (start - 1).div_ceil(size) * size,
                    Start::Ignored => 0,
                    Start::Early(by) => (start - 1).saturating_sub(by),
                };
                (from, size, false)
            }
            Ask::Cursor { cursor, count } => {
                let size = u64::from(*count).min(self.server.max_page);
                let from = match (&self.server.cursors, cursor) {
                    (Cursors::None, _) => {
                        return if self.server.people.is_multiple_of(2) {
                            refused(false)
                        } else {
                            Ok(self.facts(0, size, false))
                        };
                    }
                    (Cursors::Expires(after), Some(_)) if self.answered > *after && !self.expired => {
                        self.expired = true;
                        return refused(true);
                    }
                    (Cursors::Endless, _) | (_, None) => 0,
                    // The cursor names the first resource of its page; where that is gone, the next one that is left.
                    (_, Some(cursor)) => {
                        let next: u64 = cursor.parse().unwrap();
                        self.list
                            .iter()
                            .position(|id| *id >= next && *id < 1_000_000)
                            .unwrap_or(self.list.len()) as u64
                    }
                };
                (from, size, true)
            }
        };
        if from >= self.list.len() as u64 && from > 0 {
            match self.server.beyond {
                Beyond::Empty => {}
                Beyond::FirstPage => return Ok(self.facts(0, count, cursor)),
                Beyond::Refused => return refused(false),
            }
        }
        Ok(self.facts(from, count, cursor))
    }

    fn facts(&self, from: u64, count: u64, cursor: bool) -> Facts {
        let count = match self.server.short_every {
            Some(every) if self.answered.is_multiple_of(every) && count > 1 => count - 1,
            _ => count,
        };
        let (from, len) = (usize::try_from(from).unwrap(), self.list.len());
        let page = &self.list[from.min(len)..(from + usize::try_from(count).unwrap()).min(len)];
        let end = (from + page.len()).min(len);
        let total = match self.server.total {
            Total::Honest => Some(len as u64),
            Total::Missing => None,
            Total::OfPage => Some(page.len() as u64),
            Total::Wrong(total) => Some(total),
        };
        let next_cursor = match self.server.cursors {
            _ if !cursor => None,
            Cursors::Loop => Some("0".into()),
            Cursors::Endless => Some(self.answered.to_string()),
            // Of those that were there from the start, the next.
            _ => self.list[end..].iter().find(|id| **id < 1_000_000).map(u64::to_string),
        };
        Facts {
            ids: page.iter().map(|id| u128::from(*id)).collect(),
            unreadable: 0,
            total,
            next_cursor,
        }
    }
}

struct Outcome {
    end: ListEnd,
    missed: usize,
    asked: u64,
}

fn read(server: &Server, plan: &ListPlan, pages: u64, order: &[usize]) -> Outcome {
    let mut running = Running::new(server);
    let mut reading = Reading::new(plan, pages);
    let mut flying: Vec<Ask> = Vec::new();
    let mut handed = HashSet::new();
    let mut steps = 0;
    loop {
        while let Some(ask) = reading.next() {
            flying.push(ask);
            assert!(flying.len() <= plan.concurrency.max(1), "more at once than planned");
        }
        if reading.over() || flying.is_empty() {
            break;
        }
        let ask = flying.remove(order.get(steps % order.len().max(1)).copied().unwrap_or(0) % flying.len());
        steps += 1;
        match running.answer(&ask) {
            Ok(facts) => {
                for (id, new) in facts.ids.iter().zip(reading.take(&ask, &facts)) {
                    assert_eq!(new, handed.insert(*id), "handed out twice, or never");
                }
            }
            Err(refusal) => reading.refuse(&ask, refusal),
        }
    }
    assert!(reading.over(), "it waits for nothing: {server:?}");
    let missed = running.throughout.iter().filter(|id| !handed.contains(&u128::from(**id))).count();
    Outcome {
        end: reading.end("users"),
        missed,
        asked: reading.asked,
    }
}

fn plan(page_size: u32, concurrency: usize, paging: Paging) -> ListPlan {
    ListPlan {
        page_size,
        concurrency,
        paging,
        filter: None,
        attributes: None,
    }
}

fn any_server() -> impl Strategy<Value = Server> {
    let total = prop_oneof![
        4 => Just(Total::Honest),
        1 => Just(Total::Missing),
        1 => Just(Total::OfPage),
        1 => (0u64..2000).prop_map(Total::Wrong),
        1 => Just(Total::Wrong(1_000_000_000)),
    ];
    let beyond = prop_oneof![Just(Beyond::Empty), Just(Beyond::FirstPage), Just(Beyond::Refused)];
    let start = prop_oneof![
        4 => Just(Start::Exact),
        1 => Just(Start::PageDown),
        1 => Just(Start::PageUp),
        1 => Just(Start::Ignored),
        1 => (1u64..4).prop_map(Start::Early),
    ];
    let cursors = prop_oneof![
        2 => Just(Cursors::None),
        2 => Just(Cursors::Keyset),
        1 => (1u64..6).prop_map(Cursors::Expires),
        1 => Just(Cursors::Loop),
        1 => Just(Cursors::Endless),
    ];
    let change = (1u64..30, 0usize..150, any::<bool>()).prop_map(|(after, at, joins)| Change { after, at, joins });
    let changes = prop_oneof![2 => Just(Vec::new()), 3 => prop::collection::vec(change, 1..12)];
    (
        0u64..160,
        1u64..40,
        total,
        beyond,
        start,
        prop::option::weighted(0.2, 2u64..5),
        cursors,
        changes,
    )
        .prop_map(|(people, max_page, total, beyond, start, short_every, cursors, changes)| Server {
            people,
            max_page,
            total,
            beyond,
            start,
            short_every,
            cursors,
            changes,
        })
}

fn any_plan() -> impl Strategy<Value = ListPlan> {
    let paging = prop_oneof![3 => Just(Paging::Index), 1 => Just(Paging::Cursor), 1 => Just(Paging::Unknown)];
    (1u32..60, 1usize..7, paging).prop_map(|(page_size, concurrency, paging)| plan(page_size, concurrency, paging))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn every_reading_ends_and_none_is_falsely_complete(
        server in any_server(), plan in any_plan(), order in prop::collection::vec(0usize..8, 1..16),
    ) {
        let outcome = read(&server, &plan, 600, &order);
        prop_assert!(outcome.asked <= 600);
        prop_assert_eq!(outcome.end.complete, outcome.end.reasons.is_empty());
        // A server that counts in pages can hide one who leaves behind one who joins; nothing in its answers tells.
        let tells = matches!(server.start, Start::Exact) || server.changes.is_empty();
        if matches!(server.total, Total::Honest) && tells {
            prop_assert!(!outcome.end.complete || outcome.missed == 0, "missed {} of {:?}: {:?}", outcome.missed, server, outcome.end);
        }
    }

    #[test]
    fn a_good_server_is_read_completely(people in 0u64..500, max_page in 1u64..60, plan in any_plan(), order in prop::collection::vec(0usize..8, 1..16)) {
        let outcome = read(&Server::good(people, max_page), &plan, 100_000, &order);
        prop_assert!(outcome.end.complete && outcome.missed == 0, "{:?}", outcome.end);
        prop_assert_eq!(outcome.end.unique, people);
        prop_assert_eq!(outcome.end.reported, Some(people));
    }

    #[test]
    fn a_list_that_stands_still_is_read_completely_by_any_sound_paging(
        server in any_server(), plan in any_plan(), order in prop::collection::vec(0usize..8, 1..16),
    ) {
        // Servers that round or shift the index and clamp `count` as well lose people to any client.
        let cursors = match server.cursors {
            Cursors::Loop | Cursors::Endless => Cursors::Keyset,
            sound => sound,
        };
        let still = Server { changes: Vec::new(), total: Total::Honest, short_every: None, start: Start::Exact, cursors, ..server };
        let outcome = read(&still, &plan, 100_000, &order);
        prop_assert!(outcome.end.complete && outcome.missed == 0, "{:?} {:?}", still, outcome.end);
    }
}

fn reasons(outcome: &Outcome) -> Vec<&str> {
    outcome.end.reasons.iter().map(|reason| reason.code.as_str()).collect()
}

fn by_index(server: &Server) -> Outcome {
    read(server, &plan(10, 4, Paging::Index), 500, &[0])
}

#[test]
fn one_who_leaves_behind_one_who_joins_is_noticed_and_read_again() {
    // Between page 1 and the rest, the first leaves and another joins at the end: the total stays, everything moves by one.
    let changes = vec![
        Change {
            after: 4,
            at: 0,
            joins: false,
        },
        Change {
            after: 4,
            at: 99,
            joins: true,
        },
    ];
    for concurrency in [1, 4] {
        let server = Server {
            changes: changes.clone(),
            ..Server::good(100, 10)
        };
        let outcome = read(&server, &plan(10, concurrency, Paging::Index), 500, &[0]);
        assert_eq!((outcome.missed, outcome.end.complete), (0, true), "{:?}", outcome.end);
    }
}

#[test]
fn each_way_to_be_incomplete_has_its_name() {
    let good = Server::good(95, 10);
    let ignored = Server {
        start: Start::Ignored,
        ..good.clone()
    };
    assert_eq!(reasons(&by_index(&ignored)), ["pagesRepeat"]);
    let endless = Server {
        total: Total::Wrong(1_000_000_000),
        ..good.clone()
    };
    assert_eq!(reasons(&by_index(&endless)), ["endedEarly"]);
    let fewer = Server {
        total: Total::Wrong(50),
        ..good.clone()
    };
    assert!(reasons(&by_index(&fewer)).is_empty() || reasons(&by_index(&fewer)) == ["totalsDisagree"]);
    assert_eq!(by_index(&fewer).missed, 0);
    assert_eq!(reasons(&read(&good, &plan(10, 1, Paging::Index), 3, &[0])), ["pageLimit"]);
    let looping = Server {
        cursors: Cursors::Loop,
        ..good.clone()
    };
    assert_eq!(reasons(&read(&looping, &plan(10, 1, Paging::Cursor), 500, &[0])), ["pagesRepeat"]);
    let endless = Server {
        cursors: Cursors::Endless,
        ..good
    };
    assert_eq!(reasons(&read(&endless, &plan(10, 1, Paging::Cursor), 500, &[0])), ["pagesRepeat"]);
}

#[test]
fn missing_totals_are_no_fault_when_the_end_was_seen() {
    for people in [0, 1, 9, 10, 11, 95, 100] {
        let server = Server {
            total: Total::Missing,
            ..Server::good(people, 10)
        };
        let outcome = by_index(&server);
        assert_eq!(
            (outcome.end.complete, outcome.missed, outcome.end.reported),
            (true, 0, None),
            "{people}: {:?}",
            outcome.end
        );
    }
}

#[test]
fn totals_of_the_page_are_seen_through() {
    let server = Server {
        total: Total::OfPage,
        ..Server::good(95, 10)
    };
    let outcome = by_index(&server);
    assert_eq!(
        (outcome.end.complete, outcome.missed, outcome.end.reported),
        (true, 0, None),
        "{:?}",
        outcome.end
    );
}

#[test]
fn servers_that_count_in_pages_are_read_too() {
    for beyond in [Beyond::Empty, Beyond::FirstPage, Beyond::Refused] {
        for start in [Start::PageDown, Start::PageUp] {
            let server = Server {
                start,
                beyond: beyond.clone(),
                ..Server::good(95, 10)
            };
            let outcome = by_index(&server);
            assert_eq!((outcome.end.complete, outcome.missed), (true, 0), "{server:?}: {:?}", outcome.end);
        }
    }
}

#[test]
fn everything_in_one_page_needs_no_paging() {
    for people in [1, 7, 50] {
        let server = Server {
            start: Start::Ignored,
            ..Server::good(people, 1000)
        };
        let outcome = read(&server, &plan(1000, 4, Paging::Unknown), 500, &[0]);
        assert_eq!((outcome.end.complete, outcome.missed), (true, 0), "{:?}", outcome.end);
        assert!(outcome.asked <= 3);
    }
}

#[test]
fn many_pages_cost_few_requests_more() {
    let server = Server::good(100_000, 1000);
    let outcome = read(&server, &plan(1000, 6, Paging::Index), 500, &[0, 3, 1]);
    assert!(outcome.end.complete && outcome.asked <= 102, "{}", outcome.asked);
    assert_eq!(outcome.end.how, "pages of 1000 by index, 6 at once");
}
