//! Who is the same, by an admin's word: it stands through syncs, is told with who, when and why, and can be taken back.

use lanyard_engine::view::{AuditQuery, JoinConfidence, JoinDraft, JoinKind, JoinRule, JoinVerb, PeopleQuery};

use crate::bench::{Bench, id};
use crate::company::Company;

fn people(bench: &Bench) -> u32 {
    let all = PeopleQuery {
        limit: 1,
        ..PeopleQuery::default()
    };
    bench.engine.people(&all).unwrap().total
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_stands_through_syncs_and_can_be_taken_back() {
    let bench = Bench::start(240, |_| {}).await;
    bench.sync_whole().await;
    let users = bench.handle.users();
    let (one, other) = (bench.key(&id(&users[3])), bench.key(&id(&users[8])));
    let draft = |verb, reason: &str| JoinDraft {
        kind: JoinKind::Account,
        verb,
        one: one.clone(),
        other: other.clone(),
        reason: reason.into(),
    };
    let before = people(&bench);
    let joins = bench.engine.decide(&draft(JoinVerb::Join, " two accounts of one person ")).unwrap();
    assert_eq!((joins.decisions.len(), joins.decisions[0].in_force), (1, true));
    let together = |bench: &Bench| {
        let person = bench.engine.person(&one).unwrap();
        let joined: Vec<_> = person.accounts.iter().filter(|account| account.joined_by.is_some()).collect();
        assert_eq!((person.accounts.len(), joined.len()), (2, 1));
        assert_eq!(
            (joined[0].joined_by, joined[0].confidence),
            (Some(JoinRule::Decision), Some(JoinConfidence::Certain))
        );
        let decision = joined[0].decision.clone().unwrap();
        assert_eq!(decision.reason, "two accounts of one person");
        assert!(!decision.by.is_empty() && decision.at > 0);
        assert_eq!(bench.engine.person(&other).unwrap().row.key, person.row.key);
        assert_eq!(people(bench), before - 1);
    };
    together(&bench);
    bench
        .handle
        .patch_user(
            &id(&users[3]),
            &serde_json::json!([{"op": "replace", "path": "displayName", "value": "Somebody Renamed"}]),
        )
        .unwrap();
    bench.sync().await;
    together(&bench);

    let audit = bench.engine.audit(&AuditQuery {
        search: "join.decided".into(),
        limit: 10,
        ..AuditQuery::default()
    });
    let entries = audit.unwrap().entries;
    assert_eq!(entries.len(), 1);
    assert!(
        entries[0].summary.contains("are the same person: two accounts of one person"),
        "{}",
        entries[0].summary
    );
    assert_eq!(
        (entries[0].data["verb"].as_str(), entries[0].data["decision"].as_i64()),
        (Some("join"), Some(1))
    );

    for (wrong, code) in [
        (draft(JoinVerb::Separate, "  "), "input.invalid"),
        (
            JoinDraft {
                other: one.clone(),
                ..draft(JoinVerb::Join, "x")
            },
            "input.invalid",
        ),
        (
            JoinDraft {
                other: bench.key("nobody"),
                ..draft(JoinVerb::Join, "x")
            },
            "notFound",
        ),
        (
            JoinDraft {
                kind: JoinKind::Group,
                ..draft(JoinVerb::Join, "x")
            },
            "notFound",
        ),
        (
            JoinDraft {
                other: bench.key("nobody"),
                ..draft(JoinVerb::Forget, "x")
            },
            "notFound",
        ),
    ] {
        assert_eq!(bench.engine.decide(&wrong).unwrap_err().code(), code, "{wrong:?}");
    }
    assert_eq!(bench.engine.joins().unwrap().decisions.len(), 1, "what was refused is not kept");

    // Whichever is named first.
    let back = JoinDraft {
        one: other.clone(),
        other: one.clone(),
        ..draft(JoinVerb::Forget, "it was a mistake")
    };
    assert!(bench.engine.decide(&back).unwrap().decisions.is_empty());
    assert_eq!((people(&bench), bench.engine.person(&one).unwrap().accounts.len()), (before, 1));
}

#[test]
fn a_script_parts_what_the_rules_join() {
    let company = Company::serve(&["--people", "240"]);
    let lanyard = &company.lanyard;
    for source in company.sources().iter().filter(|source| source.all["kind"] == "scim") {
        let _ = company.add(source).ended(0);
    }
    let _ = lanyard.run(&["sync"]).ended(0);
    let joins = lanyard.run(&["joins", "list", "--json"]).ended(0).json();
    assert!(
        joins["byRule"]
            .as_array()
            .unwrap()
            .iter()
            .any(|counted| counted["count"].as_u64() > Some(0)),
        "{joins:#}"
    );
    let engine = company.open().unwrap();
    let all = PeopleQuery {
        limit: 500,
        ..PeopleQuery::default()
    };
    let joined = engine.people(&all).unwrap().rows.into_iter().find_map(|row| {
        let person = engine.person(&row.key).unwrap();
        (person.accounts.len() == 2).then(|| (person.accounts[0].key.clone(), person.accounts[1].key.clone()))
    });
    let (one, other) = joined.unwrap();
    drop(engine);
    let _ = lanyard.run(&["joins", "separate", &one, &other]).ended(2);
    let _ = lanyard.run(&["joins", "separate", &one, "1.nobody", "--reason", "x"]).ended(4);
    let parted = lanyard
        .run(&["joins", "separate", &one, &other, "--reason", "two people, asked both", "--json"])
        .ended(0)
        .json();
    assert_eq!(
        (&parted["decisions"][0]["verb"], &parted["decisions"][0]["inForce"]),
        (&"separate".into(), &true.into())
    );
    let shown = lanyard.run(&["users", "show", &one, "--json"]).ended(0).json();
    assert_eq!(shown["accounts"].as_array().map(Vec::len), Some(1));
    let told = lanyard.run(&["joins", "list"]).ended(0);
    assert!(told.stdout.contains("two people, asked both"), "{}", told.stdout);
    let _ = lanyard
        .run(&["joins", "forget", &other, &one, "--reason", "one person after all"])
        .ended(0);
    let shown = lanyard.run(&["users", "show", &one, "--json"]).ended(0).json();
    assert_eq!(shown["accounts"].as_array().map(Vec::len), Some(2));
}
