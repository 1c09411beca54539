//! Every parser over 20,000 mutated inputs: it ends, it does not panic, and what it says about places is true.

use lanyard_scim::filter::complete;
use lanyard_scim::message::{BulkRequest, ErrorAnswer, SearchRequest};
use lanyard_scim::patch::PatchPath;
use lanyard_scim::schema::{Schema, ServiceProviderConfig};
use lanyard_scim::{AttrPath, Catalog, Filter, GroupBrief, Page, PatchOp, ReadError, User, UserBrief, instant};

use crate::fixtures;

const INPUTS: usize = 20_000;

/// A small generator of numbers (splitmix64), so that each run tries the same inputs.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % below.max(1) as u64).unwrap()
    }
}

/// Pieces that parsers trip over.
const PIECES: [&[u8]; 24] = [
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"null",
    b"true",
    b"1e999",
    b"-",
    b"\\ud800",
    b"\\u0000",
    b"\xff",
    b"\xc3\xbc",
    b"\xef\xbb\xbf",
    b"\0",
    b"\"Resources\":",
    b"\"members\":",
    b" eq ",
    b"not (",
    b" and ",
    b"99999999999999999999",
];

fn mutate(dice: &mut Dice, seed: &[u8]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(bytes.len() + 1);
        match dice.roll(7) {
            0 if !bytes.is_empty() => {
                let at = dice.roll(bytes.len());
                bytes[at] ^= 1 << dice.roll(8);
            }
            1 => bytes.truncate(at),
            2 => {
                let end = (at + dice.roll(30)).min(bytes.len());
                bytes.drain(at..end);
            }
            3 => {
                let end = (at + dice.roll(60)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                let place = dice.roll(bytes.len() + 1);
                bytes.splice(place..place, copy);
            }
            4 => {
                let piece = PIECES[dice.roll(PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            5 => {
                let piece = PIECES[dice.roll(PIECES.len())];
                let end = (at + piece.len()).min(bytes.len());
                bytes.splice(at..end, piece.iter().copied());
            }
            _ => {
                let piece = PIECES[dice.roll(12)].repeat(dice.roll(200));
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

/// Runs a check over mutations of some seeds.
fn each(name: u64, seeds: &[Vec<u8>], check: impl Fn(&[u8])) {
    let mut dice = Dice(name);
    for _ in 0..INPUTS {
        let seed = dice.roll(seeds.len());
        check(&mutate(&mut dice, &seeds[seed]));
    }
}

fn resources() -> Vec<Vec<u8>> {
    ["user-minimal", "user-enterprise", "group"]
        .map(|name| fixtures::text(name).into_bytes())
        .into()
}

fn check_error(error: &ReadError, len: usize) {
    assert!(!error.to_string().is_empty());
    if let ReadError::NotJson { offset, .. } | ReadError::CutShort { offset } | ReadError::TooDeep { offset } = error {
        assert!(*offset <= len);
    }
}

#[test]
fn pages() {
    let mut seeds: Vec<Vec<u8>> = ["list-users", "list-page", "list-empty", "list-cursor-middle", "user-minimal"]
        .map(|name| fixtures::text(name).into_bytes())
        .into();
    seeds.push(fixtures::json("errors")[1].to_string().into_bytes());
    seeds.push(b"<!DOCTYPE html><html><head><title>Sign in</title></head></html>".to_vec());
    each(1, &seeds, |bytes| match Page::read(bytes) {
        Ok(page) => {
            // Whatever is handed on is sound JSON of bounded depth.
            for resource in page.resources {
                let value: serde_json::Value = serde_json::from_str(resource.get()).unwrap_or_else(|error| match error.to_string() {
                    // A number that is too large is sound JSON all the same.
                    text if text.contains("number out of range") => serde_json::Value::Null,
                    // Lone surrogates are sound by the grammar, and are no text.
                    text if text.contains("surrogate") || text.contains("escape") || text.contains("code point") => serde_json::Value::Null,
                    text => panic!("{text}: {}", resource.get()),
                });
                assert!(value.is_object() || value.is_null());
            }
        }
        Err(error) => check_error(&error, bytes.len()),
    });
}

#[test]
fn briefs() {
    each(2, &resources(), |bytes| {
        let user = UserBrief::read(bytes);
        let group = GroupBrief::read(bytes);
        for error in [user.err(), group.err()].into_iter().flatten() {
            check_error(&error, bytes.len());
        }
    });
}

#[test]
fn filters() {
    let seeds: Vec<Vec<u8>> = [
        r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
        r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "\u00e9\ud83d\ude00" and not (a lt -1.5e3)"#,
        r#"title pr and userType ne null or active eq true"#,
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    let user = fixtures::json("user-enterprise");
    let catalog = Catalog::core();
    each(3, &seeds, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        match Filter::parse(&text) {
            Ok(filter) => {
                let printed = filter.to_string();
                assert_eq!(Filter::parse(&printed).as_ref(), Ok(&filter), "{text} printed {printed}");
                filter.matches(&user, &catalog);
                filter.check(&catalog);
            }
            Err(error) => {
                assert!(text.get(error.at..error.at + error.len).is_some(), "{error:?} in {text}");
                assert!(!error.to_string().is_empty());
            }
        }
        for completion in complete(&text, text.len() / 2, &catalog) {
            assert!(text.get(completion.replace).is_some());
        }
    });
}

#[test]
fn patches() {
    let cases = fixtures::json("patch-cases");
    let seeds: Vec<Vec<u8>> = cases
        .as_array()
        .unwrap()
        .iter()
        .map(|case| case["patch"].to_string().into_bytes())
        .collect();
    let catalog = Catalog::core();
    let before = fixtures::json("user-enterprise");
    each(4, &seeds, |bytes| {
        let Ok(value) = serde_json::from_slice(bytes) else { return };
        if let Ok(patch) = PatchOp::from_value(value) {
            let mut after = before.clone();
            match patch.apply(&mut after, &catalog) {
                Ok(changed) => assert_eq!(changed, after != before),
                Err(_) => assert_eq!(after, before),
            }
        }
    });
}

#[test]
fn paths_and_times() {
    let seeds: Vec<Vec<u8>> = [
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName",
        "name.givenName",
        "emails[type eq \"work\"].value",
        "2011-08-01T18:29:49.793+02:00",
        "1312223389000",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    each(5, &seeds, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        if let Ok(path) = AttrPath::parse(&text) {
            assert_eq!(path.to_string(), text);
        }
        if let Ok(path) = PatchPath::parse(&text) {
            assert_eq!(PatchPath::parse(&path.to_string()).as_ref(), Ok(&path));
        }
        instant::unix_millis(&text);
    });
}

#[test]
fn messages_and_errors() {
    let seeds = fixtures::all();
    each(6, &seeds, |bytes| {
        assert!(!ErrorAnswer::read(bytes).to_string().contains('\0'));
        let _ = serde_json::from_slice::<User>(bytes);
        let _ = serde_json::from_slice::<BulkRequest>(bytes);
        let _ = serde_json::from_slice::<SearchRequest>(bytes);
        let _ = serde_json::from_slice::<Schema>(bytes);
        let _ = serde_json::from_slice::<ServiceProviderConfig>(bytes);
    });
}
