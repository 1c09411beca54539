//! Many people: how long building takes and how much memory it holds. Run with `--ignored --nocapture`, in release.

use std::time::Instant;

use super::source;
use crate::directory::DirectoryBuilder;
use crate::record::{AccountRecord, RecordSink};

#[test]
#[ignore = "a measurement, of use in release builds"]
fn a_hundred_thousand_people() {
    let started = Instant::now();
    let mut builder = DirectoryBuilder::new(vec![source(1, "Idp", true)]);
    for row in 0..100_000u32 {
        let (id, name, user) = (
            format!("{:032x}", u128::from(row) * 0x9e37_79b9_7f4a_7c15_f39c),
            format!("Person {row}"),
            format!("person.{row}@halcyon.example"),
        );
        builder.account(&AccountRecord {
            row,
            source: 1,
            id: &id,
            user_name: Some(&user),
            display_name: Some(&name),
            email: Some(&user),
            ..AccountRecord::default()
        });
    }
    let directory = builder.finish(1);
    println!("built in {:?}, {:.1} MB", started.elapsed(), directory.memory() as f64 / 1e6);
    assert!(directory.memory() < 30_000_000);
}
