//! `lanyard access` over the whole company, as a script asks it: the answers, the codes, and what is said where something was not read.

use std::collections::BTreeSet;

use lanyard_engine::secrets::variable_for;
use lanyard_engine::view::WhoCan;
use lanyard_lab::azure::Throttle;
use lanyard_lab::backstage::PortalQuirk;
use lanyard_lab::{AzureOptions, Lab, LabOptions};
use lanyard_tests::command::{Lanyard, Ran};
use serde_json::Value;
use tempfile::TempDir;

use crate::access::{answered, expected};
use crate::company::{connect, listed, open};

/// Every system of the company in this process, where it can be steered, and the program beside it.
struct House {
    lab: Lab,
    lanyard: Lanyard,
    _data: TempDir,
}

impl House {
    /// Serves it and connects these kinds of source.
    async fn with(kinds: &[&str]) -> Self {
        let lab = lanyard_lab::serve(LabOptions {
            azure: Some(AzureOptions {
                throttle: Throttle::none(),
                ..AzureOptions::default()
            }),
            ..LabOptions::whole()
        })
        .await
        .unwrap();
        let data = TempDir::new().unwrap();
        let mut lanyard = Lanyard::new(data.path().join("data"));
        let sources = listed(&serde_json::to_value(lab.summary()).unwrap());
        for source in &sources {
            lanyard = lanyard.with(&variable_for(&source.name), &source.token);
        }
        let house = Self { lab, lanyard, _data: data };
        for source in &sources {
            if kinds.contains(&source.all["kind"].as_str().unwrap()) {
                let added = aside(|| connect(&house.lanyard, source)).ended(0).json();
                assert_eq!(added["settings"]["kind"], source.all["kind"]);
            }
        }
        house
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        aside(|| self.lanyard.run(arguments))
    }

    fn access(&self, arguments: &[&str]) -> Ran {
        self.run(&[&["access"], arguments, &["--json"]].concat())
    }
}

/// Waits for the program while the lab goes on answering it.
fn aside<T>(run: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(run)
}

/// The caveats of an answer. Each is on standard error too.
fn caveats(ran: &Ran) -> Vec<String> {
    let document = ran.json();
    let told = document["caveats"].as_array().unwrap().iter();
    let told: Vec<String> = told.map(|caveat| caveat["text"].as_str().unwrap().to_owned()).collect();
    for text in &told {
        assert!(
            ran.stderr.contains(text.as_str()),
            "{text} is not on standard error: {}",
            ran.stderr
        );
    }
    told
}

/// Checks that an answer ended with 3, and that one of its caveats says all of these words.
#[track_caller]
fn not_evaluated(ran: Ran, words: &[&str]) -> Value {
    let ran = ran.ended(3);
    let told = caveats(&ran);
    assert!(
        told.iter().any(|text| words.iter().all(|word| text.contains(word))),
        "nothing says {words:?}: {told:#?}"
    );
    ran.json()
}

fn names(rows: &Value) -> BTreeSet<&str> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row["identity"]["name"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_asks_who_why_and_what_would_go() {
    let house = House::with(&["scim", "backstage", "azure"]).await;
    let early = house.access(&["restore"]);
    not_evaluated(early, &["not synced yet"]);
    let _ = house.run(&["sync"]).ended(0);

    // Who: exactly those of the answer by hand, with all systems joined.
    let who = house.access(&["who-can", "restore", "--scope", "vault-prod"]).ended(0);
    assert!(caveats(&who).is_empty());
    let answer: WhoCan = serde_json::from_str(&who.stdout).unwrap();
    let (document, wanted) = expected();
    let found = aside(|| {
        let engine = open(&house.lanyard.data_dir, &house.lanyard.env).unwrap();
        answered(&engine, &answer)
    });
    assert_eq!(found, wanted);
    assert_eq!(answer.unknown.len(), document["unknown"].as_array().unwrap().len());
    let told = house
        .run(&["access", "who-can", "restore", "--scope", "vault-prod"])
        .ended(0)
        .stdout;
    for row in &answer.identities {
        assert!(told.contains(&row.identity.key), "{} is not told: {told}", row.identity.name);
    }
    for part in [
        "can activate",
        "conditional",
        "denied",
        "Restore freeze",
        "edge assignment:",
        "Principals that nobody knows",
    ] {
        assert!(told.contains(part), "no {part}: {told}");
    }

    // Why: both ways of one person, and what goes with each.
    let olena = "olena.shevchenko@halcyon.example";
    let why = house
        .access(&["why", olena, "--role", "Backup Operator", "--scope", "vault-prod"])
        .ended(0)
        .json();
    let paths = why["paths"].as_array().unwrap();
    assert_eq!(paths.len(), 2, "{why:#}");
    let direct = paths[0]["hops"][0]["edge"].as_str().unwrap();
    assert!(direct.starts_with("assignment:"), "the shortest comes first: {why:#}");
    let nested = paths[1]["hops"].as_array().unwrap();
    let nested = nested.iter().find(|hop| hop["kind"] == "nested").unwrap()["edge"].as_str().unwrap();
    let told = house.run(&["access", "why", olena, "--role", "Backup Operator"]).ended(0).stdout;
    assert!(
        told.contains(direct) && told.contains(nested) && told.contains("payments-sre"),
        "{told}"
    );

    // Without the nesting, twelve of the thirteen lose it; she keeps it by the other way.
    // (Somebody else holds a role whose definition is gone from the tenant: that has no bearing on it.)
    let without = house.access(&["without", nested]).ended(0).json();
    let there = |rows: &Value| -> Vec<String> {
        let rows = rows.as_array().unwrap().iter();
        rows.filter(|row| row["role"]["name"] == "Backup Operator" && row["scope"]["name"] == "vault-prod")
            .map(|row| row["identity"]["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        (there(&without["losses"]).len(), there(&without["kept"])),
        (12, vec!["Олена Шевченко".to_owned()]),
        "{without:#}"
    );
    let without = house.access(&["without", direct]).ended(0).json();
    assert_eq!(
        (&without["lossesTotal"], &without["keptTotal"]),
        (&0.into(), &1.into()),
        "{without:#}"
    );

    // Of: what she holds, over the systems. The role without a definition is not hers.
    let of = house.access(&["of", olena]).ended(0).json();
    let holdings = of["holdings"].as_array().unwrap();
    assert!(
        holdings
            .iter()
            .any(|one| one["role"]["name"] == "Backup Operator" && one["canRestore"] == true && one["paths"] == 2),
        "{of:#}"
    );
    let systems: BTreeSet<&str> = holdings.iter().map(|one| one["role"]["system"].as_str().unwrap()).collect();
    assert!(systems.contains("azure") && systems.contains("backstage"), "{systems:?}");

    // Who can restore from any vault: breaches are a verdict.
    let restore = house.access(&["restore", "--limit", "5"]);
    assert!(restore.stderr.contains("5 of"), "{}", restore.stderr);
    let restore = restore.ended(1).json();
    assert_eq!(restore["rows"].as_array().map(Vec::len), Some(5));
    let breaches = restore["breaches"].as_array().unwrap();
    assert!(
        breaches.iter().any(|breach| breach["identity"]["name"] == "İbrahim Iğdır"),
        "{breaches:#?}"
    );
    let all = house.access(&["restore", "--limit", "0"]).ended(1).json();
    assert_eq!(
        all["rows"].as_array().map(Vec::len),
        all["total"].as_u64().map(|total| total as usize)
    );

    refusals(&house);
    first_seen(&house, &answer);
    doubts(&house, olena, nested);
}

/// Each hop tells out of which record it came, and since when: to the sync, where it was seen to come in; else not later than the first.
fn first_seen(house: &House, answer: &WhoCan) {
    let tenant = house.lab.azure().unwrap();
    let able: Vec<&str> = answer.identities.iter().map(|row| row.identity.name.as_str()).collect();
    let (upn, scope) = tenant.look(|held| {
        let mut others = held
            .users
            .iter()
            .filter(|user| user.enabled && !able.contains(&user.display.as_str()));
        let user = others.nth(20).unwrap();
        (user.upn.clone(), held.subscriptions[0].name.clone())
    });
    let start = now();
    assert!(tenant.add_member("payments-sre", &upn));
    tenant.assign(&upn, "Reader", &scope).unwrap();
    let _ = house.run(&["sync"]).ended(0);
    let seen = |hop: &Value| {
        let from = &hop["provenance"][0];
        assert!(from["record"].is_string() && from["readAt"].as_i64() >= Some(start), "{hop:#}");
        (
            from["seen"]["exact"] == true,
            from["seen"]["at"].as_i64().unwrap_or_else(|| panic!("not told: {hop:#}")),
        )
    };
    let why = house
        .access(&["why", &upn, "--role", "Backup Operator", "--scope", "vault-prod"])
        .ended(0)
        .json();
    let hops = why["paths"][0]["hops"].as_array().unwrap();
    let (exact, at) = seen(&hops[0]);
    assert!(exact && at >= start && hops[0]["kind"] == "member", "{hops:#?}");
    for hop in &hops[1..] {
        let (exact, at) = seen(hop);
        assert!(!exact && at < start, "{hop:#}");
    }
    // Whoever set it up is named, and no bare id.
    let holds = hops.iter().find(|hop| hop["kind"] == "holds").unwrap();
    assert_eq!(holds["provenance"][0]["by"], "Halcyon tenant itself", "{holds:#}");
    let why = house.access(&["why", &upn, "--role", "Reader", "--scope", &scope]).ended(0).json();
    let hops = why["paths"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|path| path["hops"].as_array().unwrap());
    let given = hops
        .filter(|hop| hop["kind"] == "holds")
        .map(seen)
        .any(|(exact, at)| exact && at >= start);
    assert!(given, "{why:#}");
    let told = house.run(&["access", "why", &upn, "--role", "Backup Operator"]).ended(0).stdout;
    assert!(told.contains("first seen ") && told.contains(" at the latest"), "{told}");
    // Out and in again: it counts from then.
    assert!(tenant.remove_member("payments-sre", &upn));
    let _ = house.run(&["sync"]).ended(0);
    let again = now();
    assert!(tenant.add_member("payments-sre", &upn));
    let _ = house.run(&["sync"]).ended(0);
    let why = house.access(&["why", &upn, "--role", "Backup Operator"]).ended(0).json();
    assert!(seen(&why["paths"][0]["hops"][0]).1 >= again, "{why:#}");
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

/// What was not read is told where it can change the answer, and only there.
fn doubts(house: &House, person: &str, edge: &str) {
    let tenant = house.lab.azure().unwrap();
    let ask = ["why", person, "--role", "Backup Operator"];
    // Which vaults there are changes nobody's rights, but who can restore from all of them.
    tenant.refuse("Microsoft.RecoveryServices/vaults/read", "/");
    let _ = house.run(&["sync"]).ended(3);
    let _ = house.access(&ask).ended(0);
    let _ = house.access(&["without", edge]).ended(0);
    let _ = house.access(&["of", person]).ended(0);
    not_evaluated(house.access(&["restore"]), &["vaults"]);
    // What the portal does not tell changes nothing in Azure; what one person holds in both, it does.
    tenant.allow_all();
    house.lab.portal().unwrap().set_quirks([PortalQuirk::NoRbac]);
    let _ = house.run(&["sync"]).ended(3);
    let _ = house.access(&ask).ended(0);
    let _ = house.access(&["without", edge]).ended(0);
    let _ = house.access(&["who-can", "restore", "--scope", "vault-prod"]).ended(0);
    not_evaluated(house.access(&["of", person]), &["RBAC"]);
    house.lab.portal().unwrap().set_quirks([]);
    // Who is assigned what in Azure changes all of them, but nothing in the portal.
    tenant.refuse("Microsoft.Authorization/roleAssignments/read", "/");
    let _ = house.run(&["sync"]).ended(3);
    for question in [
        &ask[..],
        &["without", edge],
        &["of", person],
        &["who-can", "restore", "--scope", "vault-prod"],
    ] {
        not_evaluated(house.access(question), &["role assignments"]);
    }
    let owner = house.access(&["of", person]).ended(3).json();
    let owned = owner["holdings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["role"]["system"] == "backstage")
        .unwrap();
    let _ = house
        .access(&["why", person, "--role", owned["role"]["id"].as_str().unwrap()])
        .ended(0);
}

/// What cannot be answered, with its code.
fn refusals(house: &House) {
    // Two people of one name: told apart by their keys, and not guessed.
    let ran = house.access(&["of", "Maria Schmidt"]).ended(2);
    let error = &ran.json()["error"];
    assert_eq!(error["code"], "ambiguous");
    let what = error["what"].as_str().unwrap();
    let keys: Vec<&str> = what.split("person:").skip(1).map(|rest| rest.split(' ').next().unwrap()).collect();
    assert!(keys.len() >= 2, "{what}");
    for key in keys {
        let of = house.access(&["of", key]).ended(0).json();
        assert_eq!(of["identity"]["key"], format!("person:{key}"));
    }
    for (arguments, code) in [
        (&["of", "nobody at all"] as &[&str], 4),
        (&["who-can", "restore", "--scope", "vault-nowhere"], 4),
        (&["why", "olena.shevchenko@halcyon.example", "--role", "No such role"], 4),
        (&["without", "assignment:4:no-such-assignment"], 4),
        (&["without", "nonsense"], 4),
        (&["who-can", "restore"], 2),
        (&["who-can", "open the door", "--scope", "vault-prod"], 2),
    ] {
        let ran = house.access(arguments).ended(code);
        let error = &ran.json()["error"];
        for part in ["code", "what", "next"] {
            assert!(
                error[part].as_str().is_some_and(|text| !text.is_empty()),
                "{arguments:?}: {error:#}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_azure_does_not_let_be_read_is_named_and_nobody_is_not_the_answer() {
    let house = House::with(&["azure"]).await;
    let azure = house.lab.azure().unwrap();
    let assignments = "Microsoft.Authorization/roleAssignments/read";
    let who = ["who-can", "restore", "--scope", "vault-prod"];

    // From the start on one subscription: its vaults are there, and who holds what on them is not known.
    azure.refuse(assignments, "sub-platform");
    let _ = house.run(&["sync"]).ended(3);
    let answer = not_evaluated(house.access(&who), &["role assignments", assignments]);
    let (_, wanted) = expected();
    assert!(answer["identities"].as_array().unwrap().len() < wanted.len(), "{answer:#}");
    not_evaluated(house.access(&["restore"]), &[assignments]);
    not_evaluated(house.access(&["of", "olena.shevchenko@halcyon.example"]), &[assignments]);
    let why = ["why", "olena.shevchenko@halcyon.example", "--role", "Backup Operator"];
    let why = not_evaluated(house.access(&why), &[assignments]);
    assert_eq!(why["paths"].as_array().map(Vec::len), Some(0), "{why:#}");
    let told = house.run(&["access", "who-can", "restore", "--scope", "vault-prod"]).ended(3);
    assert!(
        told.stderr.contains("Not evaluated") && told.stderr.contains(assignments),
        "{told:#?}"
    );

    // Granted: the whole answer, without a caveat.
    azure.allow_all();
    let _ = house.run(&["sync"]).ended(0);
    let whole = house.access(&who).ended(0);
    assert!(caveats(&whole).is_empty());
    assert_eq!(whole.json()["identities"].as_array().map(Vec::len), Some(wanted.len()));

    // Taken away again, everywhere: what was known is kept, and is not the whole picture any more.
    azure.refuse(assignments, "/");
    let _ = house.run(&["sync"]).ended(3);
    let kept = not_evaluated(house.access(&who), &["role assignments", assignments]);
    assert_eq!(names(&kept["identities"]), names(&whole.json()["identities"]));
    azure.allow_all();

    // Directory.Read.All reads the groups' members and the programs: who is behind a right is not known without it.
    for permission in ["Directory.Read.All", "Application.Read.All"] {
        assert!(azure.revoke(permission));
    }
    let _ = house.run(&["sync"]).ended(3);
    not_evaluated(house.access(&who), &["Directory.Read.All"]);
    let status = house.run(&["status", "--json"]).ended(3);
    assert!(status.stdout.contains("Directory.Read.All"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_without_rbac_says_nothing_of_roles_and_says_so() {
    let house = House::with(&["backstage"]).await;
    let portal = house.lab.portal().unwrap();
    portal.set_quirks([PortalQuirk::NoRbac]);
    let _ = house.run(&["sync"]);
    let who = ["who-can", "catalog.entity.delete", "--scope", "Portal"];
    let without = not_evaluated(house.access(&who), &["RBAC"]);
    let someone = "olaniyan.adeyemi@halcyon.example";
    not_evaluated(house.access(&["of", someone]), &["RBAC"]);
    portal.set_quirks([]);
    let _ = house.run(&["sync"]).ended(0);
    let with = house.access(&who).ended(0).json();
    let count = |answer: &Value| answer["identities"].as_array().unwrap().len();
    assert!(count(&with) > count(&without), "{with:#}");
}
