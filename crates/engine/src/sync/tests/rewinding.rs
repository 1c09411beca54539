//! Rewinding is exact: what history gives back of a moment is what the cache held then, whatever changed since.

use std::collections::{BTreeMap, HashMap};

use super::*;
use crate::history::{Hidden, ItemRewinder, Rewinder, Rewound};
use crate::record::{AccountRecord, Documents, ItemRecord, Was};
use crate::sources::scripted;

/// A picture by ids: what stands in rows, whatever their numbers, and what documents say.
#[derive(Debug, Default, PartialEq, Eq)]
struct Picture {
    records: BTreeMap<String, String>,
    members: Vec<String>,
    documents: BTreeMap<String, Value>,
}

#[derive(Default)]
struct Painter {
    picture: Picture,
    ids: HashMap<Row, String>,
}

impl RecordSink for Painter {
    fn account(&mut self, account: &AccountRecord<'_>) {
        self.ids.insert(account.row, format!("account {}", account.id));
        let columns = AccountRecord { row: 0, ..*account };
        self.picture
            .records
            .insert(format!("account {}", account.id), format!("{columns:?}"));
    }
    fn group(&mut self, group: &GroupRecord<'_>) {
        self.ids.insert(group.row, format!("group {}", group.id));
        let columns = GroupRecord { row: 0, ..*group };
        self.picture.records.insert(format!("group {}", group.id), format!("{columns:?}"));
    }
    fn dangling(&mut self, dangling: &DanglingRecord<'_>) {
        self.ids.insert(dangling.row, format!("named {}", dangling.id));
    }
    fn membership(&mut self, group: Row, member: Row) {
        // Groups that were left out take their members with them.
        if let (Some(group), Some(member)) = (self.ids.get(&group), self.ids.get(&member))
            && group.starts_with("group")
        {
            self.picture.members.push(format!("{member} in {group}"));
        }
    }
}

impl Painter {
    fn item(&mut self, item: &ItemRecord<'_>) {
        self.picture.records.insert(
            format!("{:?} {}", item.kind, item.id),
            format!("{:?} {}", item.name, item.unconfirmed),
        );
        self.document(format!("{:?} {}", item.kind, item.id), item.document);
    }

    fn document(&mut self, id: String, text: &[u8]) {
        let mut document: Value = serde_json::from_slice(text).unwrap();
        // Lines tell members.
        document.as_object_mut().unwrap().remove("members");
        self.picture.documents.insert(id, document);
    }

    fn done(mut self, cache: &Cache, rewound: &Rewound) -> Picture {
        for (row, id) in self.ids.clone() {
            if id.starts_with("named") {
                continue;
            }
            let text = rewound
                .documents
                .get(&row)
                .cloned()
                .or_else(|| cache.document(row).unwrap())
                .unwrap();
            self.document(id, &text);
        }
        self.picture.members.sort();
        self.picture.members.dedup();
        self.picture
    }
}

fn now_held(cache: &Cache) -> Picture {
    let mut painter = Painter::default();
    cache.read_all(&mut painter).unwrap();
    cache.items(&ItemKind::ALL, &mut |item| painter.item(item)).unwrap();
    painter.done(cache, &Rewound::default())
}

fn held_at(bench: &Bench, at: Millis) -> Picture {
    let since = bench.ledger.since(at).unwrap();
    assert!(
        since.records.iter().all(|record| record.was != Was::Untold),
        "every document is kept"
    );
    let (hidden, mut painter) = (Hidden::new(), Painter::default());
    let read = |_: SourceId, kind: ResourceKind, text: &[u8]| scripted::columns(kind, text);
    let mut rewinder = Rewinder::new(&mut painter, &since, &hidden, &read, bench.cache.last_row().unwrap());
    bench.cache.read_all(&mut rewinder).unwrap();
    let (mut rewound, next_row) = rewinder.finish();
    let mut items = ItemRewinder::new(&since, &hidden, &read, next_row, &mut rewound);
    bench
        .cache
        .items(&ItemKind::ALL, &mut |item| items.item(item, &mut |item| painter.item(item)))
        .unwrap();
    items.finish(&mut |item| painter.item(item));
    assert!(rewound.untold.is_empty());
    painter.done(&bench.cache, &rewound)
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Something happens at the source: records come, change, go and come again, members too.
fn happen(bench: &Bench, dice: &mut Dice) {
    for _ in 0..=dice.below(4) {
        let number = dice.below(7);
        let gone = |kind, id: &str| bench.source.holds(kind, id).then(|| bench.source.remove(kind, id));
        match dice.below(10) {
            0..=2 => bench.source.put(
                ResourceKind::User,
                person(number as usize, ["Clerk", "Driver", "Chief"][dice.below(3) as usize]),
            ),
            3 => _ = gone(ResourceKind::User, &format!("u{number}")),
            4 => _ = gone(ResourceKind::Group, &format!("g{}", number % 4)),
            5..=7 => {
                let members: Vec<String> = (0..7)
                    .map(|number| format!("u{number}"))
                    .chain((0..4).map(|number| format!("g{number}")))
                    .chain(["nobody".to_owned(), "ghost".to_owned()])
                    .filter(|_| dice.below(2) == 0)
                    // No group is in itself: of such the cache says one thing when it is new and another when it changes.
                    .filter(|id| *id != format!("g{}", number % 4))
                    .collect();
                let members: Vec<&str> = members.iter().map(String::as_str).collect();
                let name = ["Payments", "Platform"][dice.below(2) as usize];
                bench
                    .source
                    .put(ResourceKind::Group, group(&format!("g{}", number % 4), name, &members));
            }
            8 => bench.source.put(
                ASSIGNMENTS,
                assignment(&format!("a{}", number % 3), ["owner", "reader"][dice.below(2) as usize], "g1"),
            ),
            _ => _ = gone(ASSIGNMENTS, &format!("a{}", number % 3)),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_moment_comes_back_as_it_was() {
    for seed in 1..=10 {
        let mut bench = Bench::new();
        bench.source = Scripted::new(&ALL);
        let mut dice = Dice(seed);
        // One stays in each collection: a list that is empty at once is asked for again before it is believed.
        bench.source.put(ResourceKind::User, person(99, "Constant"));
        bench
            .source
            .put(ResourceKind::Group, group("g99", "Constant", &["u99", "u1", "nobody"]));
        bench.source.put(ASSIGNMENTS, assignment("a99", "owner", "g99"));
        happen(&bench, &mut dice);
        let mut moments = Vec::new();
        for _ in 0..9 {
            bench.sync_whole().await;
            tokio::time::sleep(std::time::Duration::from_millis(3)).await;
            moments.push((now(), now_held(&bench.cache)));
            tokio::time::sleep(std::time::Duration::from_millis(3)).await;
            happen(&bench, &mut dice);
        }
        for (at, held) in &moments {
            assert_eq!(&held_at(&bench, *at), held, "seed {seed}");
        }
        let first = &moments[0].1;
        assert_ne!(first, &now_held(&bench.cache), "seed {seed}: something happened");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_record_said_is_kept_with_its_change_once_and_vouched_for() {
    let bench = Bench::new();
    bench.sync_whole().await;
    assert_eq!(
        bench.ledger.history_info().unwrap().versions,
        0,
        "what appears has said nothing before"
    );
    bench.sync_whole().await;
    assert_eq!(bench.ledger.history_info().unwrap().versions, 0, "nothing changed");
    bench.source.put(
        ResourceKind::User,
        json!({ "id": "u7", "displayName": "Person 7", "jobTitle": "Chief", "modified": 2, "password": "pw" }),
    );
    bench.sync_whole().await;
    bench.source.remove(ResourceKind::User, "u7");
    bench.sync_whole().await;
    let mut kept = Vec::new();
    let mut each = |id: &str, document: &[u8]| kept.push((id.to_owned(), serde_json::from_slice::<Value>(document).unwrap()));
    bench.ledger.each_version(SOURCE, &[ResourceKind::User], &mut each).unwrap();
    assert_eq!(
        kept,
        [
            ("u7".to_owned(), person(7, "Clerk")),
            (
                "u7".to_owned(),
                json!({ "id": "u7", "displayName": "Person 7", "jobTitle": "Chief", "modified": 2, "password": "(withheld)" })
            ),
        ]
    );
    let check = bench.ledger.verify_history().unwrap();
    assert_eq!((check.ok, check.versions, check.not_yet), (true, 2, 0), "{check:?}");
}
