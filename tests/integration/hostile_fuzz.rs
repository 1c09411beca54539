//! Sound pages, damaged at random, through the whole client: it neither falls over nor hands out what is no resource.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use lanyard_engine::sources::scim::{Paging, ScimClient};
use lanyard_tests::hostile::{list as list_of, ok, serve, user};
use tokio_util::sync::CancellationToken;

use crate::{config, list};

/// Damaged pages; the same ones each time.
const PAGES: u64 = 3000;

struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        // Knuth's multiplier; the upper bits are the random ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound.max(1)
    }
}

fn damaged(seed: u64) -> Vec<u8> {
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    for _ in 0..8 {
        chance.below(2);
    }
    let users: Vec<_> = (0..chance.below(6)).map(user).collect();
    let mut bytes = list_of(&users.len().to_string(), &users).into_bytes();
    const PIECES: &[&[u8]] = &[
        b"{",
        b"}",
        b"[",
        b"]",
        b"\"",
        b"\\",
        b",",
        b":",
        b"null",
        b"-",
        b"1e999",
        b"\\ud800",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\0",
        b"\"id\":",
        b"\"Resources\":",
        b"\"totalResults\":",
        b"\"nextCursor\":\"x\",",
        b"{\"id\":\"z\"},",
        b"/*",
        b"<html>",
        b"\r\n\r\n",
        b"true",
    ];
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len());
        match chance.below(6) {
            0 if !bytes.is_empty() => bytes[at] = u8::try_from(chance.below(256)).unwrap(),
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at..(at + 1 + chance.below(40)).min(bytes.len()))),
            3 => {
                let piece = PIECES[chance.below(PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            4 => {
                let part: Vec<u8> = bytes[at..(at + chance.below(60)).min(bytes.len())].to_vec();
                let to = chance.below(bytes.len());
                bytes.splice(to..to, part);
            }
            _ if !bytes.is_empty() => bytes[at] ^= 1 << chance.below(8),
            _ => {}
        }
    }
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_pages_end_in_an_error_or_in_sound_resources() {
    let seed = Arc::new(AtomicU64::new(0));
    let given = Arc::clone(&seed);
    let server = serve(move |_| ok(damaged(given.load(Ordering::SeqCst)))).await;
    let mut config = config(&server.base);
    config.limits.tries = 1;
    let client = ScimClient::new(config).unwrap();
    let cancel = CancellationToken::new();
    let (mut errors, mut incomplete, mut complete) = (0, 0, 0);
    for number in 0..PAGES {
        seed.store(number, Ordering::SeqCst);
        let started = Instant::now();
        let listed = list(&client, if number % 3 == 0 { Paging::Cursor } else { Paging::Index }).await;
        assert!(started.elapsed() < Duration::from_secs(5), "{number} took {:?}", started.elapsed());
        match &listed.end {
            Err(error) => {
                assert!(!error.fault().next.is_empty(), "{number}: {error:?}");
                errors += 1;
            }
            Ok(end) if end.complete => complete += 1,
            Ok(end) => {
                assert!(!end.reasons.is_empty(), "{number}");
                incomplete += 1;
            }
        }
        for batch in &listed.batches {
            for place in &batch.resources {
                let document = &batch.body[place.clone()];
                assert!(
                    document.starts_with(b"{") && document.ends_with(b"}"),
                    "{number}: {}",
                    String::from_utf8_lossy(document)
                );
                std::str::from_utf8(document).unwrap();
            }
        }
        if number % 10 == 0 {
            let _ = client.get("Users", "u1", &cancel).await;
        }
    }
    // The damage is neither too little nor too much to tell anything.
    assert!(
        errors > PAGES / 10 && incomplete > 0 && complete > PAGES / 50,
        "{errors} {incomplete} {complete}"
    );
}
