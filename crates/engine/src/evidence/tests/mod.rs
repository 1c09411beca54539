//! Evidence through its doors: seal, export, verify; and what happens to each changed byte.

mod company;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::files::{self, File};
use super::*;
use crate::secrets::Secret;
use crate::view::{EvidenceCheck, EvidenceForm, RunState, Verdict};

fn key() -> EvidenceKey {
    EvidenceKey::from_secret(&Secret::new("0b".repeat(32))).unwrap()
}

fn sealed() -> Sealed {
    seal(&company::closing(), &key()).unwrap()
}

fn stored(sealed: &Sealed) -> Stored<'_> {
    Stored {
        record: &sealed.record,
        signature: &sealed.signature,
        key: &sealed.key,
        disclosures: &sealed.disclosures,
    }
}

fn exported(into: &Path, form: EvidenceForm, masked: bool) -> PathBuf {
    let target = into.join(if masked { "masked" } else { "whole" });
    export(stored(&sealed()), &key(), &target, form, masked).unwrap();
    target
}

fn checked(path: &Path) -> EvidenceCheck {
    verify(path, &[]).unwrap()
}

fn says(check: &EvidenceCheck) -> String {
    check
        .points
        .iter()
        .filter(|point| !point.ok)
        .map(|point| point.says.clone())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Numbers from a seed (splitmix64), so that a failure can be had again.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(limit).unwrap()).unwrap()
    }
}

#[test]
fn evidence_holds_in_both_forms_whole_and_masked() {
    let place = tempfile::tempdir().unwrap();
    for (form, name) in [(EvidenceForm::Folder, "folder"), (EvidenceForm::File, "file")] {
        let into = place.path().join(name);
        fs::create_dir(&into).unwrap();
        let whole = checked(&exported(&into, form, false));
        assert!(whole.ok, "{}", says(&whole));
        assert_eq!((whole.run, whole.verdict.as_deref()), (Some(118), Some("passed with gaps")));
        assert!(
            whole.disclosed.0 > 20 && whole.disclosed.0 == whole.disclosed.1,
            "{:?}",
            whole.disclosed
        );
        let masked = checked(&exported(&into, form, true));
        assert!(masked.ok, "{}", says(&masked));
        assert_eq!(masked.disclosed, (0, whole.disclosed.1));
        assert_eq!(masked.records, whole.records);
    }
}

#[test]
fn nothing_personal_is_in_a_masked_export_and_the_signature_is_the_same() {
    let sealed = sealed();
    let (masked, whole) = (
        export::files(stored(&sealed), &key(), true).unwrap(),
        export::files(stored(&sealed), &key(), false).unwrap(),
    );
    let find = |bytes: &[u8], what: &str| bytes.windows(what.len()).any(|part| part == what.as_bytes());
    for personal in [company::NAME, "oluwaseun", "8f2e77b0", "e41f02bb", "ticket 4711"] {
        for file in &masked {
            assert!(!find(&file.bytes, personal), "{personal} is in {}", file.name);
        }
        assert!(find(&whole[3].bytes, personal), "{personal} is not in {}", whole[3].name);
    }
    assert_eq!(masked[..3], whole[..3], "record, signature and key");
    let page = |files: &[File]| String::from_utf8(files[4].bytes.clone()).unwrap();
    assert!(page(&whole).contains(company::NAME));
    assert!(page(&masked).contains("Offboarding of [masked]"));
}

#[test]
fn each_of_a_thousand_changed_bytes_is_found_and_named_in_a_folder() {
    let files = export::files(stored(&sealed()), &key(), false).unwrap();
    let total: usize = files.iter().map(|file| file.bytes.len()).sum();
    let mut numbers = Numbers(118);
    for round in 0..1_000 {
        // Each file gets its share, or the large ones would take all.
        let place = if round % 2 == 0 {
            round / 2 % files.len()
        } else {
            of(&files, numbers.below(total))
        };
        let mut changed = files.clone();
        let at = numbers.below(changed[place].bytes.len());
        changed[place].bytes[at] ^= u8::try_from(1 + numbers.below(255)).unwrap();
        let check = verify::read_files(changed);
        let name = &files[place].name;
        assert!(!check.ok, "round {round}: byte {at} of {name}");
        assert!(
            says(&check).contains(name.as_str()),
            "round {round}: byte {at} of {name}: {}",
            says(&check)
        );
    }
}

fn of(files: &[File], mut at: usize) -> usize {
    files
        .iter()
        .position(|file| {
            let here = at < file.bytes.len();
            at = at.saturating_sub(file.bytes.len());
            here
        })
        .unwrap()
}

#[test]
fn each_of_a_thousand_changed_bytes_is_found_in_one_file() {
    let bytes = pack::pack(&export::files(stored(&sealed()), &key(), false).unwrap());
    assert!(pack::unpack(&bytes).problem.is_none());
    let mut numbers = Numbers(7);
    for round in 0..1_000 {
        let mut changed = bytes.clone();
        // A third of them in the directory at the end, where no file's digest reaches.
        let at = if round % 3 == 0 {
            bytes.len() - 1 - numbers.below(600)
        } else {
            numbers.below(bytes.len())
        };
        changed[at] ^= u8::try_from(1 + numbers.below(255)).unwrap();
        assert!(pack::unpack(&changed).problem.is_some(), "round {round}: byte {at}");
    }
}

#[test]
fn a_changed_record_is_named_even_when_all_else_is_signed_anew() {
    let sealed = sealed();
    let mut record: Value = serde_json::from_slice(&sealed.record).unwrap();
    record["records"][6]["at"] = json!(1);
    let record = crate::canonical(&record).into_bytes();
    let forged = Stored {
        record: &record,
        signature: &key().sign(&record),
        ..stored(&sealed)
    };
    let check = verify::read_files(export::files(forged, &key(), false).unwrap());
    assert!(says(&check).contains("Record 7 does not give its hash"), "{}", says(&check));
}

#[test]
fn verdicts_that_do_not_follow_from_the_records_are_found() {
    let sealed = sealed();
    for (pointer, value, expected) in [
        ("/checks/4/verdict", json!("passed"), "3/azure.assignments came out otherwise"),
        ("/checks/0/tookMs", json!(1), "1/scim.account took otherwise"),
        ("/run/state", json!("passed"), "closes the run otherwise"),
        ("/checks", json!([]), "which the head of record.json leaves out"),
    ] {
        let mut record: Value = serde_json::from_slice(&sealed.record).unwrap();
        *record.pointer_mut(pointer).unwrap() = value;
        let record = crate::canonical(&record).into_bytes();
        let forged = Stored {
            record: &record,
            signature: &key().sign(&record),
            disclosures: &[],
            ..stored(&sealed)
        };
        let check = verify::read_files(export::files(forged, &key(), false).unwrap());
        assert!(says(&check).contains(expected), "{pointer}: {}", says(&check));
    }
}

#[test]
fn what_does_not_hold_together_is_not_signed() {
    let mut open = company::closing();
    open.run.summary.state = RunState::Refusing;
    assert!(matches!(seal(&open, &key()), Err(EvidenceError::Open { run: 118 })));
    let mut wrong = company::closing();
    wrong.run.checks[5].verdict = Verdict::Passed;
    assert!(matches!(seal(&wrong, &key()), Err(EvidenceError::Unsound { .. })));
    let mut gap = company::closing();
    gap.links.remove(1);
    assert!(matches!(seal(&gap, &key()), Err(EvidenceError::Unsound { .. })));
    let mut cut = company::closing();
    cut.records.pop();
    assert!(matches!(seal(&cut, &key()), Err(EvidenceError::Unsound { .. })));
}

#[test]
fn missing_extra_and_truncated_files_are_named() {
    let place = tempfile::tempdir().unwrap();
    let folder = exported(place.path(), EvidenceForm::Folder, false);
    for name in files::REQUIRED {
        let path = folder.join(name);
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(says(&checked(&folder)).contains(&format!("{name} is missing")), "{name}");
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        let check = checked(&folder);
        assert!(!check.ok && says(&check).contains(name), "{name}: {}", says(&check));
        fs::write(&path, &bytes).unwrap();
    }
    fs::write(folder.join("note.txt"), "x").unwrap();
    assert!(says(&checked(&folder)).contains("“note.txt” does not belong to it"));
    fs::remove_file(folder.join("note.txt")).unwrap();
    assert!(checked(&folder).ok);
}

#[test]
fn hostile_files_end_in_an_answer() {
    let place = tempfile::tempdir().unwrap();
    let packed = pack::pack(&export::files(stored(&sealed()), &key(), true).unwrap());
    let path = place.path().join("file");
    let mut numbers = Numbers(3);
    for round in 0..200 {
        let mut bytes = packed.clone();
        match round % 4 {
            0 => bytes.truncate(numbers.below(packed.len())),
            1 => bytes.extend_from_slice(&packed[..numbers.below(500)]),
            2 => {
                bytes = (0..numbers.below(4_000))
                    .map(|_| u8::try_from(numbers.below(256)).unwrap())
                    .collect();
            }
            _ => bytes[18..22].copy_from_slice(&u32::MAX.to_le_bytes()),
        }
        if bytes != packed {
            fs::write(&path, &bytes).unwrap();
            assert!(!checked(&path).ok, "round {round}");
        }
    }
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let files = files::REQUIRED.map(|name| File::new(name, deep.clone())).to_vec();
    assert!(!verify::read_files(files).ok);
}

#[test]
fn a_named_key_must_be_the_one() {
    let place = tempfile::tempdir().unwrap();
    let path = exported(place.path(), EvidenceForm::File, false);
    let named = |fingerprint: String| {
        [KnownKey {
            fingerprint,
            whose: "the key that was named".into(),
            required: true,
        }]
    };
    let right = verify(&path, &named(key().public().fingerprint())).unwrap();
    assert!(right.ok && right.key_known.is_some());
    let wrong = verify(&path, &named("0".repeat(16))).unwrap();
    assert!(!wrong.ok && says(&wrong).contains("not the one that was named"), "{}", says(&wrong));
    // Packed by a key that came after: seen, and not taken for the named one.
    let later = place.path().join("later");
    export(stored(&sealed()), &EvidenceKey::make().unwrap(), &later, EvidenceForm::File, true).unwrap();
    assert!(checked(&later).ok, "{}", says(&checked(&later)));
    assert!(!verify(&later, &named(key().public().fingerprint())).unwrap().ok);
}

#[test]
fn an_export_never_takes_the_place_of_anything() {
    let place = tempfile::tempdir().unwrap();
    let sealed = sealed();
    for form in [EvidenceForm::File, EvidenceForm::Folder] {
        let target = place.path().join("there");
        fs::write(&target, "mine").unwrap();
        let refused = export(stored(&sealed), &key(), &target, form, false);
        assert!(matches!(refused, Err(EvidenceError::Exists { .. })));
        assert_eq!(fs::read_to_string(&target).unwrap(), "mine");
    }
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn keys_are_read_back_and_malformed_ones_are_not_repeated() {
    let key = EvidenceKey::make().unwrap();
    let again = EvidenceKey::from_secret(&key.to_secret()).unwrap();
    assert_eq!(again.public(), key.public());
    assert_eq!(PublicKey::from_pem(&key.public().pem()).unwrap(), key.public());
    for bad in ["", "x", &"g".repeat(64), &"é".repeat(32)] {
        let Err(error) = EvidenceKey::from_secret(&Secret::new(bad.to_owned())) else {
            panic!("{bad} passed")
        };
        assert!(bad.len() < 2 || !error.to_string().contains(bad));
    }
    // RFC 8032 §7.1, test 1: the public key and the signature over nothing.
    let rfc = EvidenceKey::from_secret(&Secret::new(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60".into(),
    ))
    .unwrap();
    assert_eq!(
        crate::secrets::hex(&rfc.sign(b"")),
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    );
}

/// The recipe of VERIFY.txt, as an auditor would type it. Where the machine has no openssl, there is nothing to run it with.
#[test]
fn openssl_and_sha256sum_say_the_same() {
    let run = |folder: &Path, program: &str, arguments: &[&str]| Command::new(program).args(arguments).current_dir(folder).output();
    let place = tempfile::tempdir().unwrap();
    let folder = exported(place.path(), EvidenceForm::Folder, true);
    if run(&folder, "openssl", &["version"]).is_err() || run(&folder, "sha256sum", &["--version"]).is_err() {
        return;
    }
    let recipe = fs::read_to_string(folder.join(files::RECIPE)).unwrap();
    let commands: Vec<&str> = recipe
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("openssl pkeyutl") || line.starts_with("sha256sum"))
        .collect();
    assert_eq!(commands.len(), 3);
    let all = |folder: &Path| {
        commands.iter().all(|command| {
            let words: Vec<&str> = command.split_whitespace().collect();
            run(folder, words[0], &words[1..]).unwrap().status.success()
        })
    };
    assert!(all(&folder));
    let path = folder.join(files::REPORT_HTML);
    let mut bytes = fs::read(&path).unwrap();
    bytes[200] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert!(!all(&folder));
}

/// Writes an export to look at, where a place is named: `LANYARD_EVIDENCE_INTO=DIR cargo test -p lanyard-engine evidence_to_look_at -- --ignored`.
#[test]
#[ignore = "writes files to look at"]
fn evidence_to_look_at() {
    let into = PathBuf::from(std::env::var_os("LANYARD_EVIDENCE_INTO").expect("names a folder"));
    exported(&into, EvidenceForm::Folder, false);
    exported(&into, EvidenceForm::Folder, true);
}

#[test]
fn what_a_killed_export_left_beside_its_place_is_taken_away() {
    let place = tempfile::tempdir().unwrap();
    let beside = |number: &str| place.path().join(format!(".evidence.{number}.part"));
    fs::write(beside("1"), "half").unwrap();
    fs::create_dir(beside("2")).unwrap();
    fs::write(beside("2").join(files::RECORD), "half").unwrap();
    // Another process is writing this one now, and these are nobody's export.
    fs::write(beside("3"), "half").unwrap();
    let busy = fs::File::open(beside("3")).unwrap();
    busy.lock().unwrap();
    fs::write(beside("x"), "mine").unwrap();
    fs::write(place.path().join(".other.1.part"), "mine").unwrap();
    export(
        stored(&sealed()),
        &key(),
        &place.path().join("evidence"),
        EvidenceForm::Folder,
        true,
    )
    .unwrap();
    let mut names: Vec<_> = fs::read_dir(place.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, [".evidence.3.part", ".evidence.x.part", ".other.1.part", "evidence"]);
}
