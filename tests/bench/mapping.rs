//! The access map over a large tenant: how long until it is there, and how long each of its questions takes.

use std::collections::BTreeMap;
use std::time::Instant;

use lanyard_engine::Engine;
use lanyard_engine::view::{FlowView, Layer, MapQuery, MatrixWindow, PeopleQuery};

use crate::Figure;
use crate::company::{Size, group_id, member_numbers, mixed, names};
use crate::filled::{fill, open};
use crate::tenant;

const SIZE: Size = Size::LARGE;
/// What holds half of all people's right to read.
const READ: &str = "Microsoft.Compute/virtualMachines/read";
/// Rows of a page.
const PAGE: u32 = 100;

/// Milliseconds by question, the slowest of each.
#[derive(Default)]
pub struct Answers(BTreeMap<String, f64>);

impl Answers {
    fn time<T>(&mut self, name: &str, ask: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let answer = ask();
        let slowest = self.0.entry(name.to_owned()).or_default();
        *slowest = slowest.max(started.elapsed().as_secs_f64() * 1e3);
        answer
    }

    /// Takes over what is slower in others.
    pub fn slowest(&mut self, others: Self) {
        for (name, value) in others.0 {
            let slowest = self.0.entry(name).or_default();
            *slowest = slowest.max(value);
        }
    }

    /// The slowest of all.
    pub fn worst(&self) -> f64 {
        self.0.values().copied().fold(0.0, f64::max)
    }

    /// All in a line.
    pub fn line(&self) -> String {
        let told: Vec<String> = self.0.iter().map(|(name, value)| format!("{name} {value:.1} ms")).collect();
        told.join(", ")
    }

    /// Reads a line again.
    pub fn read(line: &str) -> Self {
        let one = |part: &str| {
            let (name, value) = part.trim().strip_suffix(" ms")?.rsplit_once(' ')?;
            Some((name.to_owned(), value.parse().ok()?))
        };
        Self(line.split(',').filter_map(one).collect())
    }
}

/// The map as it first opens.
pub fn first(engine: &Engine) -> FlowView {
    let view = engine.access_flow(&MapQuery::default()).expect("answers");
    assert!(view.ribbons.len() > 10, "a map of next to nothing");
    view
}

/// A round of questions, each round with others in focus.
pub fn ask(engine: &Engine, round: usize, size: Size) -> Answers {
    let mut answers = Answers::default();
    let all = MapQuery::default();
    let view = answers.time("flow", || first(engine));
    let stands = |layer: Layer| {
        let boxes: Vec<&str> = view
            .nodes
            .iter()
            // “none” stands for those who hold something directly.
            .filter(|node| node.layer == layer && !node.cluster && node.id != "none")
            .map(|node| node.id.as_str())
            .collect();
        boxes[round % boxes.len()].to_owned()
    };
    let people = PeopleQuery {
        offset: (mixed(round) % 50_000) as u32,
        limit: 1,
        ..PeopleQuery::default()
    };
    let person = engine.people(&people).expect("answers").rows[0].key.clone();
    for (name, focus) in [
        ("focus on a person", person.clone()),
        ("on a group", stands(Layer::Groups)),
        ("on a role", stands(Layer::Roles)),
        ("on a scope", stands(Layer::Scopes)),
    ] {
        let query = MapQuery {
            focus: Some(focus),
            ..all.clone()
        };
        answers.time(name, || engine.access_flow(&query).expect("answers"));
    }
    for (name, query) in [
        (
            "flow of those who can restore",
            MapQuery {
                can_restore: true,
                ..all.clone()
            },
        ),
        (
            "flow of a search",
            MapQuery {
                search: format!("a{round}"),
                ..all.clone()
            },
        ),
        (
            "flow with groups open",
            MapQuery {
                open: vec!["more:groups".into(), "more:roles".into()],
                ..all.clone()
            },
        ),
    ] {
        answers.time(name, || engine.access_flow(&query).expect("answers"));
    }
    let window = MatrixWindow {
        row: (round * 97) as u32,
        rows: 40,
        column: 0,
        columns: 30,
    };
    let matrix = answers.time("matrix", || engine.access_matrix(&all, &window).expect("answers"));
    assert_eq!(matrix.groups.len(), 40);
    let total = answers.time("table", || engine.access_table(&all, 0, PAGE).expect("answers")).total;
    let deep = (mixed(round) % u64::from(total)) as u32;
    answers.time("a deep page", || engine.access_table(&all, deep, PAGE).expect("answers"));
    answers.time("restore", || engine.who_can_restore(round as u32 * PAGE, PAGE).expect("answers"));
    answers.time("access of", || engine.access_of(&person).expect("answers"));
    let source = view.caveats.first().and_then(|caveat| caveat.source).unwrap_or(1);
    let scope = |id: &str| format!("scope:{source}:{}", id.to_lowercase());
    let vault = scope(&tenant::vault(round));
    let able = answers.time("who can restore from a vault", || {
        engine.who_can("restore", &vault, 0, PAGE).expect("answers")
    });
    assert!(able.total > 0);
    let half = answers.time("who can, half of all", || engine.who_can(READ, &vault, 0, PAGE).expect("answers"));
    assert!(
        u64::from(half.total) > 2 * u64::from(able.total),
        "{} of {}",
        able.total,
        half.total
    );
    let group = |number: usize| format!("{source}.{}", group_id(number));
    let nested = 1 + round * 10;
    let first = member_numbers(nested, size).next().expect("a member");
    let member = format!("member:{}>{source}.{}", group(nested), names(first).3);
    answers.time("without a membership", || engine.without_edge(&member).expect("answers"));
    for (name, number) in [("without a group", nested), ("without the group of half", 0)] {
        answers.time(name, || {
            let gone = engine.without_edge(&format!("emptied:{}", group(number))).expect("answers");
            assert!(number > 0 || gone.losses_total > 1_000);
        });
    }
    answers
}

/// Measures the figures.
pub fn measure() -> Vec<Figure> {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path(), SIZE);
    let engine = open(folder.path());
    engine.people(&PeopleQuery::default()).expect("answers");
    let started = Instant::now();
    let view = first(&engine);
    let built = started.elapsed().as_secs_f64();
    let mut answers = Answers::default();
    for round in 0..5 {
        answers.slowest(ask(&engine, round, SIZE));
    }
    vec![
        Figure {
            name: "map",
            what: "map at 100,000 people: made and first drawn, s".into(),
            value: built,
            target: 1.0,
            at_most: true,
            from: format!(
                "{} boxes, {} ribbons, {} assignments",
                view.nodes.len(),
                view.ribbons.len(),
                tenant::ASSIGNMENTS
            ),
        },
        Figure {
            name: "map",
            what: "map at 100,000 people: slowest answer of five rounds, ms".into(),
            value: answers.worst(),
            target: 300.0,
            at_most: true,
            from: answers.line(),
        },
    ]
}
