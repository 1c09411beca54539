//! No secret in any file, log, event, error, export or process list.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use lanyard_engine::secrets::Secret;
use lanyard_engine::view::{AuditQuery, AuthSettings, SyncState};
use lanyard_tests::command::CACHE_KEY;
use lanyard_tests::process::wait;

use crate::bench::Bench;
use crate::company::Company;

/// Each form in which a secret could slip out: as it is, and as Basic and URL encodings make it.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        secret.as_bytes().to_vec(),
        secret.escape_default().to_string().into_bytes(),
        hex.into_bytes(),
    ];
    // Where the secret stands behind a user name, its groups of three begin at another of its letters.
    forms.extend((0..3).map(|skip| base64(&secret[skip..]).into_bytes()));
    forms
}

fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    // Whole groups of three only: the rest would depend on what follows.
    for group in text.as_bytes().chunks_exact(3) {
        let bits = u32::from(group[0]) << 16 | u32::from(group[1]) << 8 | u32::from(group[2]);
        out.extend([18, 12, 6, 0].map(|shift| char::from(LETTERS[(bits >> shift & 63) as usize])));
    }
    out
}

fn holds(bytes: &[u8], secret: &str) -> bool {
    forms(secret)
        .iter()
        .any(|form| bytes.windows(form.len()).any(|window| window == form))
}

/// Every file below a folder.
fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if let Ok(bytes) = fs::read(&path) {
            found.push((path.display().to_string(), bytes));
        }
    }
}

#[track_caller]
fn nowhere(secrets: &[String], places: &[(String, Vec<u8>)]) {
    for (place, bytes) in places {
        for secret in secrets {
            assert!(!holds(bytes, secret), "a secret stands in {place}");
        }
    }
}

#[test]
fn the_search_finds_what_it_looks_for() {
    let secret = "s3cret-token-value";
    for text in [
        "x s3cret-token-value y".to_owned(),
        format!("Basic {}", base64(secret)),
        format!("Basic {}", base64("ab:s3cret-token-value!!")),
        "7333637265742d746f6b656e2d76616c7565".into(),
    ] {
        assert!(holds(text.as_bytes(), secret), "{text}");
    }
    assert!(!holds(b"nothing here", secret));
}

/// Reads an output to its end on a thread of its own.
fn drained(output: Option<impl std::io::Read + Send + 'static>) -> std::thread::JoinHandle<Vec<u8>> {
    let mut output = output.unwrap();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        output.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

/// The program, with everything logged: outputs, files, and the process list while it runs.
#[test]
fn the_program_leaves_no_secret_behind() {
    let mut company = Company::serve(&["--people", "120", "--fault", "slow:150ms@1"]);
    company.lanyard = std::mem::replace(&mut company.lanyard, lanyard_tests::command::Lanyard::new("")).with("RUST_LOG", "trace");
    let mut secrets: Vec<String> = company.sources().into_iter().map(|source| source.token).collect();
    secrets.push(CACHE_KEY.into());
    secrets.push("wrong-token-8c1f4e77".into());
    let mut seen = Vec::new();
    let mut take =
        |name: &str, ran: &lanyard_tests::command::Ran| seen.push((name.to_owned(), format!("{}{}", ran.stdout, ran.stderr).into_bytes()));

    let first = company.sources().remove(0);
    let url = first.url.clone();
    take(
        "a refused add",
        &company.lanyard.run_with(
            &["source", "add", "scim", "--name", "W", "--url", &url, "--token-stdin", "--json"],
            "wrong-token-8c1f4e77",
        ),
    );
    for source in company.sources() {
        take("source add", &company.add(&source).ended(0));
    }

    // While a sync runs, the process list is looked at: its command line, and everyone's.
    let mut child = company
        .lanyard
        .command(&["sync"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Emptied while it runs: with everything logged, a pipe that nobody reads fills, and the program waits for ever.
    let (said, told) = (drained(child.stdout.take()), drained(child.stderr.take()));
    let mut lists = Vec::new();
    while wait(&mut child, Duration::from_millis(100)).is_none() {
        lists.extend(command_lines());
    }
    assert!(
        lists.iter().any(|(_, line)| line.windows(4).any(|part| part == b"sync")),
        "the sync was over too soon to be looked at"
    );
    nowhere(&secrets, &lists);
    seen.push(("sync".into(), [said.join().unwrap(), told.join().unwrap()].concat()));

    for arguments in [
        &["status", "--json"] as &[&str],
        &["source", "list", "--json"],
        &["source", "test", "1", "--json"],
        &["users", "list", "--json"],
        &["groups", "list", "--json"],
        &["audit", "list", "--limit", "0", "--json"],
        &["audit", "verify"],
        &["source", "remove", "2", "--yes"],
    ] {
        let ran = company.lanyard.run(arguments);
        seen.push((arguments.join(" "), format!("{}{}", ran.stdout, ran.stderr).into_bytes()));
    }
    assert!(
        seen.iter()
            .any(|(_, bytes)| bytes.windows(5).any(|part| part == b"TRACE" || part == b"DEBUG")),
        "nothing was logged: the search proves nothing"
    );
    nowhere(&secrets, &seen);
    let mut found = Vec::new();
    files(&company.lanyard.data_dir, &mut found);
    assert!(found.len() >= 3, "{found:?}");
    nowhere(&secrets, &found);
}

/// With `--token-stdin` the token is in no environment either.
#[test]
fn a_token_from_standard_input_is_in_no_process_list() {
    use std::io::Write;
    let company = Company::serve(&["--people", "60", "--fault", "slow:200ms@1"]);
    let source = company.sources().remove(0);
    let mut lanyard = lanyard_tests::command::Lanyard::new(&company.lanyard.data_dir);
    lanyard.env.retain(|(name, _)| name == "LANYARD_CACHE_KEY");
    let mut child = lanyard
        .command(&["source", "add", "scim", "--name", "IdP", "--url", &source.url, "--token-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(source.token.as_bytes()).unwrap();
    let mut looks = 0;
    while wait(&mut child, Duration::from_millis(50)).is_none() {
        let own = format!("/proc/{}", child.id());
        let places: Vec<(String, Vec<u8>)> = ["cmdline", "environ"]
            .iter()
            .filter_map(|file| Some((format!("{own}/{file}"), fs::read(format!("{own}/{file}")).ok()?)))
            .collect();
        looks += places.iter().filter(|(_, bytes)| !bytes.is_empty()).count();
        nowhere(std::slice::from_ref(&source.token), &places);
        nowhere(std::slice::from_ref(&source.token), &command_lines());
    }
    assert!(looks >= 2, "it was over too soon to be looked at");
}

/// What each process of this machine was started with.
fn command_lines() -> Vec<(String, Vec<u8>)> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter(|entry| entry.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit()))
        .filter_map(|entry| Some((entry.path().display().to_string(), fs::read(entry.path().join("cmdline")).ok()?)))
        .collect()
}

/// The engine's own words: events, outcomes, faults, settings, audit log, history; with each way to authenticate.
#[tokio::test(flavor = "multi_thread")]
async fn the_engine_never_says_a_secret() {
    let (password, client_secret) = ("pa55-word-5b2e9f", "cl1ent-secret-77aa01");
    let bench = Bench::start(120, |options| {
        options.auth.basic = Some(("auditor".into(), password.into()));
        options.auth.client = Some(("lanyard".into(), client_secret.into()));
    })
    .await;
    let mut events = bench.engine.events();
    let mut said = Vec::new();
    let mut say = |name: &str, value: &dyn std::fmt::Debug| said.push((name.to_owned(), format!("{value:?}").into_bytes()));
    let token = bench.handle.token();
    let base = bench.handle.url();
    let origin = base.split("/scim").next().unwrap().to_owned();
    let ways = [
        (AuthSettings::Bearer, token.clone()),
        (AuthSettings::Basic { user: "auditor".into() }, password.to_owned()),
        (
            AuthSettings::ClientCredentials {
                token_url: format!("{origin}/oauth/token"),
                client_id: "lanyard".into(),
                scope: None,
            },
            client_secret.to_owned(),
        ),
    ];
    for (auth, secret) in ways {
        let mut settings = bench.settings();
        settings.auth = auth;
        let probe = bench
            .engine
            .probe(&settings, Some(Secret::new(secret.clone())), Some(bench.source.id))
            .await;
        assert!(probe.ok, "{:?}: {probe:#?}", settings.auth);
        say("probe", &probe);
        say(
            "update",
            &bench
                .engine
                .update_source(bench.source.id, &settings, Some(Secret::new(secret.clone())))
                .unwrap(),
        );
        let outcome = bench.sync().await;
        assert_eq!(outcome.state, SyncState::Complete, "{:?}: {outcome:#?}", settings.auth);
        say("outcome", &outcome);
        // And one character off: refused, without a word of it.
        let wrong = format!("{secret}x");
        let probe = bench.engine.probe(&settings, Some(Secret::new(wrong)), Some(bench.source.id)).await;
        assert!(!probe.ok, "{:?} accepts anything", settings.auth);
        say("refused probe", &probe);
    }
    for fault in ["garbage@1", "redirect@1", "html@1", "503@1", "drop@1"] {
        bench.handle.set_faults(vec![fault.parse().unwrap()]);
        say(fault, &bench.sync().await);
    }
    while let Ok(event) = events.try_recv() {
        say("event", &event);
    }
    say("sources", &bench.engine.sources().unwrap());
    say("state", &bench.engine.state().unwrap());
    say(
        "audit",
        &bench
            .engine
            .audit(&AuditQuery {
                limit: 500,
                ..AuditQuery::default()
            })
            .unwrap(),
    );
    say("history", &bench.lines());
    let secrets = [token, password.to_owned(), client_secret.to_owned()];
    nowhere(&secrets, &said);
    let mut found = Vec::new();
    files(Path::new(&bench.engine.state().unwrap().data_dir), &mut found);
    nowhere(&secrets, &found);
}
