//! A keychain that no longer holds what it should, or that keeps nothing.

use reqwest::Method;

use super::{IDP, QUICK, World, sha256, state};
use crate::company::{Company, connect};

#[test]
fn an_entry_taken_out_behind_lanyards_back_is_said_and_mended() {
    let world = World::provider(&[]);
    let old = world.source(IDP).token;
    world.take_out("/source/1");
    let (code, credential) = world.credential(IDP);
    assert_eq!((code, &credential["state"]), (1, &"missing".into()), "{credential:#}");
    let replace = ["token", "replace", IDP, "--token-stdin", "--json"];
    let ran = world.lanyard.run_with(&replace, "idp_not-a-token").ended(1);
    assert_eq!(ran.json()["error"]["code"], "token.notAccepted", "{ran:#?}");
    assert!(world.slots(1).is_empty(), "one that is refused is not kept");
    let from_env = world.lanyard.clone().with("MY_NEW_TOKEN", &old);
    let ran = from_env
        .run(&["token", "replace", IDP, "--token-env", "MY_NEW_TOKEN", "--json"])
        .ended(0);
    assert!(ran.json()["works"] == "yes" && !ran.stdout.contains(&old), "{ran:#?}");
    assert_eq!(world.credential(IDP).1["state"], "good");
    world.works(IDP);
}

#[test]
fn one_that_is_refused_is_said_and_another_is_got_with_the_credential_of_the_token_api() {
    let world = World::provider(&[]);
    let old = world.source(IDP).token;
    let manager = world.manager("idp").to_owned();
    let id = world.tokens("idp").of(&old)["id"].as_str().unwrap().to_owned();
    let (status, _) = world.api(IDP, &manager, Method::DELETE, &format!("api/tokens/{id}"), None);
    assert_eq!(status, 204);
    let check = world.lanyard.run(&["token", "verify", IDP, "--json"]).ended(1).json();
    assert_eq!(check["works"], "no", "{check:#}");
    let (code, credential) = world.credential(IDP);
    assert_eq!((code, &credential["state"]), (1, &"refused".into()), "{credential:#}");
    assert!(credential["refusedSince"].is_i64(), "{credential:#}");
    let keep = ["token", "manager", IDP, "--token-stdin"];
    let _ = world.lanyard.run_with(&keep, &manager).ended(0);
    let view = world.rotate(IDP, &[&QUICK[..], &["--refused"]].concat()).ended(0).json();
    assert_eq!(state(&view), "done", "{view:#}");
    assert_eq!(world.credential(IDP).1["state"], "good");
    world.works(IDP);
}

#[test]
fn the_new_one_taken_out_in_the_middle_changes_nothing() {
    let world = World::provider(&["--tokens", "read-only"]);
    let old = world.source(IDP).token;
    let _ = world.rotate(IDP, &QUICK).ended(3);
    world.take_out("/source/1/next");
    let ran = world.rotate(IDP, &["--accept", "it is meant to read only"]);
    assert_ne!(ran.code, 0, "{ran:#?}");
    assert_eq!(world.slots(1)[""], old, "the old one is still the one in use");
    world.works(IDP);
    // It is got again, and both that were made are accounted for: one in use, one revoked.
    world.switch(&[], &["idp/tokens:read-only"]);
    let view = world.rotate(IDP, &[]).ended(0).json();
    assert_eq!(state(&view), "done", "{view:#}");
    let tokens = world.tokens("idp");
    let working = tokens.minted().into_iter().filter(|token| token["works"] == true).count();
    assert_eq!(working, 1, "{tokens:#?}");
    world.works(IDP);
}

#[test]
fn the_same_token_in_two_sources_is_found_by_its_fingerprint() {
    let world = World::provider(&[]);
    let mut twin = world.source(IDP);
    twin.all["name"] = "Twin".into();
    twin.all["authoritative"] = false.into();
    let _ = connect(&world.lanyard, &twin).ended(0);
    let (one, two) = (world.credential(IDP).1, world.credential("Twin").1);
    assert_eq!(
        (&one["sharedWith"][0], &two["sharedWith"][0]),
        (&"Twin".into(), &IDP.into()),
        "{one:#} {two:#}"
    );
    assert_eq!(one["fingerprint"], two["fingerprint"]);
    // A fingerprint says nothing of the value: it is none of its digests.
    let mark = one["fingerprint"].as_str().unwrap().replace('-', "");
    assert!(mark.len() >= 8 && !sha256(&twin.token).contains(&mark), "{mark}");
}

#[test]
fn where_secrets_do_not_last_no_rotation_is_begun() {
    let company = Company::serve(&["--people", "30", "--control"]);
    let source = &company.sources()[0];
    let _ = company.add(source).ended(0);
    let _ = company.lanyard.run(&["source", "edit", &source.name, "--allow-writes"]).ended(0);
    let ran = company.lanyard.run(&["token", "rotate", &source.name, "--json"]).ended(4);
    assert_eq!(ran.json()["error"]["code"], "rotation.blocked", "{ran:#?}");
    let plan = company
        .lanyard
        .run(&["token", "rotate", &source.name, "--plan", "--json"])
        .ended(1)
        .json();
    assert_eq!(plan["blocks"].as_array().unwrap().len(), 1, "{plan:#}");
    let _ = company.lanyard.run(&["token", "list", "--json"]).ended(0);
}
