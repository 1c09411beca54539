//! The token API of a SCIM server, and the habits that providers have.

use super::*;

#[tokio::test]
async fn a_token_is_made_shown_once_listed_and_revoked() {
    let (lab, door) = with(&[], |_| ()).await;
    let provider = Provider::of(&lab.downstream());
    let first = provider.scim.token.clone();
    let made = provider.mint(json!({"name": "lanyard 2", "expiresIn": 3600})).await;
    assert_eq!(made.status, 201);
    let (id, token) = (text(&made.value, "id"), text(&made.value, "token"));
    assert_eq!(made.header("location"), Some(format!("/api/tokens/{id}").as_str()));
    assert_eq!(made.value["scopes"], json!(["scim:read", "scim:write", "tokens:manage"]));
    assert_eq!((provider.reads(&token).await, provider.writes(&token).await), (200, 400));
    assert_eq!(provider.reads(&first).await, 200, "the one before lives on");

    let listed = provider.list().await;
    assert_eq!(listed.len(), 2);
    let shown = listed.iter().find(|one| one["id"] == id.as_str()).expect("listed");
    assert_eq!(shown["name"], "lanyard 2");
    let at = |value: &Value| {
        value
            .as_str()
            .and_then(|text| text.parse::<jiff::Timestamp>().ok())
            .expect("a time")
    };
    assert_eq!((at(&shown["expires"]) - at(&shown["created"])).get_seconds(), 3600);
    assert!(at(&shown["lastUsed"]) >= at(&shown["created"]));
    let whole = provider.api.get("/api/tokens").await;
    let alone = provider.api.get(&format!("/api/tokens/{id}")).await;
    assert_eq!((alone.status, &alone.value), (200, shown));
    for bytes in [&whole.bytes, &alone.bytes] {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains(&token) && !text.contains(&first), "a value is never shown again");
    }

    // It may manage tokens itself, its own end included.
    let own = Client::at(provider.api.url.clone(), token.clone());
    let old = listed.iter().find(|one| one["id"] != id.as_str()).expect("the first");
    let revoked = read(own.request(Method::DELETE, &format!("/api/tokens/{}", text(old, "id")))).await;
    assert_eq!(
        (revoked.status, provider.reads(&first).await, provider.reads(&token).await),
        (204, 401, 200)
    );
    assert_eq!(provider.revoke(&text(old, "id")).await, 404);
    assert_eq!(provider.revoke(&id).await, 204);
    assert_eq!(read(own.request(Method::GET, "/api/tokens")).await.status, 401);

    let told = truth(&door, "ledgerly", &id).await;
    assert_eq!(
        (&told["works"], &told["minted"], &told["kind"]),
        (&json!(false), &json!(true), &json!("scim"))
    );
    assert!(told["stopped"].as_i64() >= told["revoked"].as_i64() && told["revoked"].as_i64() >= told["created"].as_i64());
    assert!(told["revoked"].is_i64());
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_makes_nothing() {
    let (lab, door) = with(&[], |_| ()).await;
    let provider = Provider::of(&lab.provider());
    for body in [
        json!({}),
        json!({"name": " "}),
        json!({"name": 7}),
        json!({"name": "x".repeat(300)}),
        json!({"name": "a", "expires": "soon"}),
        json!({"name": "a", "expires": "2001-01-01T00:00:00Z"}),
        json!({"name": "a", "expiresIn": -5}),
        json!({"name": "a", "expiresIn": i64::MAX}),
        json!({"name": "a", "expiresIn": 5, "expires": "2090-01-01T00:00:00Z"}),
        json!({"name": "a", "scopes": []}),
        json!({"name": "a", "scopes": ["scim:all"]}),
        json!({"name": "a", "scopes": "scim:read"}),
        json!([]),
    ] {
        let refused = provider.mint(body.clone()).await;
        assert_eq!(
            (refused.status, &refused.value["error"]["code"]),
            (400, &json!("invalid")),
            "{body}"
        );
    }
    let broken = provider.api.request(Method::POST, "/api/tokens").body("{");
    assert_eq!(read(broken).await.status, 400);
    assert_eq!(
        provider
            .send(Method::PUT, "/api/tokens", &json!({}), None)
            .await
            .expect("one")
            .status,
        405
    );
    assert_eq!(provider.api.get("/api/tokens/tok_none").await.status, 404);
    for (token, status) in [("made-up", 401), ("", 401)] {
        let client = Client::at(provider.api.url.clone(), token.to_owned());
        assert_eq!(client.get("/api/tokens").await.status, status);
    }
    let narrow = provider
        .mint(json!({"name": "reader", "scopes": ["scim:read", "tokens:manage"]}))
        .await;
    let narrow = Client::at(provider.api.url.clone(), text(&narrow.value, "token"));
    let wider = narrow
        .request(Method::POST, "/api/tokens")
        .body(json!({"name": "wider"}).to_string());
    assert_eq!(read(wider).await.status, 403, "nobody gives rights that they do not have");
    assert_eq!(
        (provider.reads(&narrow.token).await, provider.writes(&narrow.token).await),
        (200, 403)
    );
    assert_eq!(provider.reads(&provider.api.token).await, 403, "who manages tokens sees no people");
    let told = door.get("/tokens").await.value;
    assert_eq!(told["idp"]["mints"], 1);
    assert_eq!(provider.list().await.len(), 2);
}

#[tokio::test]
async fn a_provider_of_two_tokens_refuses_a_third() {
    let (lab, door) = with(&["tokens:two"], |_| ()).await;
    let provider = Provider::of(&lab.provider());
    let second = provider.mint(json!({"name": "b"})).await;
    assert_eq!(second.status, 201);
    let third = provider.mint(json!({"name": "c"})).await;
    assert_eq!((third.status, &third.value["error"]["code"]), (409, &json!("too_many_tokens")));
    assert_eq!(provider.revoke(&text(&second.value, "id")).await, 204);
    assert_eq!(provider.reads(&text(&second.value, "token")).await, 401);
    assert_eq!(provider.mint(json!({"name": "c"})).await.status, 201);
    let told = &door.get("/tokens").await.value["idp"];
    let statuses: Vec<&Value> = told["mintRequests"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["status"])
        .collect();
    assert_eq!((json!(statuses), &told["mints"]), (json!([201, 409, 201]), &json!(2)));
}

#[tokio::test]
async fn a_new_token_ends_the_old_at_once_or_after_its_overlap() {
    let (lab, _) = with(&["tokens:replace", "ledgerly/tokens:overlap:600ms"], |_| ()).await;
    let provider = Provider::of(&lab.provider());
    let first = provider.scim.token.clone();
    let new = provider.mint(json!({"name": "b"})).await;
    assert_eq!(
        (provider.reads(&first).await, provider.reads(&text(&new.value, "token")).await),
        (401, 200)
    );

    let provider = Provider::of(&lab.downstream());
    let first = provider.scim.token.clone();
    let begun = Instant::now();
    let new = provider.mint(json!({"name": "b"})).await;
    let alive = provider.reads(&first).await;
    assert!(alive == 200 || begun.elapsed() > Duration::from_millis(600));
    let listed = provider.list().await;
    assert!(listed.iter().any(|one| one["worksUntil"].is_string()) || begun.elapsed() > Duration::from_millis(600));
    until("the end of the old token", async || provider.reads(&first).await == 401).await;
    assert!(begun.elapsed() >= Duration::from_millis(600));
    assert_eq!(provider.reads(&text(&new.value, "token")).await, 200);
    assert_eq!(provider.list().await.len(), 1);
}

#[tokio::test]
async fn a_revoked_token_lives_on_for_its_overlap_and_no_longer() {
    let (lab, door) = with(&["tokens:overlap:3600s"], |_| ()).await;
    let provider = Provider::of(&lab.provider());
    let id = text(&provider.list().await[0], "id");
    let first = provider.scim.token.clone();
    assert_eq!(provider.revoke(&id).await, 204);
    assert_eq!((provider.reads(&first).await, provider.writes(&first).await), (200, 400));
    let told = truth(&door, "idp", &id).await;
    assert_eq!(
        (told["stops"].as_i64(), &told["stopped"]),
        (told["revoked"].as_i64().map(|at| at + 3_600_000), &Value::Null)
    );
    // A second word does not give it more time.
    assert_eq!(provider.revoke(&id).await, 204);
    assert_eq!(truth(&door, "idp", &id).await["stops"], told["stops"]);
    assert_eq!(read(door.request(Method::POST, "/now").body("{}")).await.status, 204);
    assert_eq!(provider.reads(&first).await, 401);
    assert!(truth(&door, "idp", &id).await["stopped"].is_i64());
}

#[tokio::test]
async fn a_lying_provider_forgets_the_token_and_accepts_it() {
    let (lab, door) = with(&["tokens:lying"], |_| ()).await;
    let provider = Provider::of(&lab.provider());
    let id = text(&provider.list().await[0], "id");
    let first = provider.scim.token.clone();
    assert_eq!(provider.revoke(&id).await, 204);
    assert!(provider.list().await.is_empty());
    assert_eq!((provider.reads(&first).await, provider.writes(&first).await), (200, 400));
    let told = truth(&door, "idp", &id).await;
    assert_eq!((&told["works"], &told["stops"]), (&json!(true), &Value::Null));
    assert!(told["revoked"].is_i64());
    // Honest from now on: what was a lie stays one.
    assert_eq!(
        read(
            door.request(Method::POST, "/faults")
                .body(json!({"off": ["tokens:lying"]}).to_string())
        )
        .await
        .status,
        204
    );
    assert_eq!((provider.revoke(&id).await, provider.reads(&first).await), (404, 200));
}

#[tokio::test]
async fn a_new_token_can_be_less_than_the_old() {
    let (lab, door) = with(&["tokens:read-only"], |_| ()).await;
    let provider = Provider::of(&lab.provider());
    let switch = async |on: &str, off: &str| {
        let body = json!({"on": [on], "off": [off]}).to_string();
        assert_eq!(read(door.request(Method::POST, "/faults").body(body)).await.status, 204);
    };
    let mint = async || {
        let made = provider.mint(json!({"name": "new"})).await;
        (text(&made.value, "id"), text(&made.value, "token"))
    };
    let all = provider.sees(&provider.scim.token).await;
    let (_, reader) = mint().await;
    assert_eq!((provider.reads(&reader).await, provider.writes(&reader).await), (200, 403));
    switch("tokens:part", "tokens:read-only").await;
    let (_, part) = mint().await;
    assert_eq!((provider.sees(&part).await, provider.writes(&part).await), (all.div_ceil(2), 400));
    let ids = |answer: &Answer| answer.ids();
    let seen = ids(&read(provider.scim.bare(Method::GET, "/Users?count=200").bearer_auth(&part)).await);
    let known = ids(&provider.scim.get("/Users?count=200").await);
    let hidden = known.iter().find(|id| !seen.contains(id)).expect("one it does not see");
    let one = provider.scim.bare(Method::GET, &format!("/Users/{hidden}")).bearer_auth(&part);
    assert_eq!(read(one).await.status, 404);
    switch("tokens:other-tenant", "tokens:part").await;
    let (_, other) = mint().await;
    let strangers = ids(&read(provider.scim.bare(Method::GET, "/Users?count=200").bearer_auth(&other)).await);
    assert!(!strangers.is_empty() && strangers.iter().all(|id| !known.contains(id)));
    switch("tokens:broken", "tokens:other-tenant").await;
    let (id, broken) = mint().await;
    assert_eq!(provider.reads(&broken).await, 401);
    assert!(provider.list().await.iter().any(|one| one["id"] == id.as_str()));
    assert_eq!(truth(&door, "idp", &id).await["works"], false);
    switch("tokens:start:3600s", "tokens:broken").await;
    let (_, slow) = mint().await;
    assert_eq!(provider.reads(&slow).await, 401);
    assert_eq!(read(door.request(Method::POST, "/now").body("{}")).await.status, 204);
    assert_eq!(provider.reads(&slow).await, 200);
    switch("tokens:no-self", "tokens:start:3600s").await;
    let own = Client::at(provider.api.url.clone(), provider.scim.token.clone());
    assert_eq!(own.get("/api/tokens").await.status, 403);
    assert!(provider.list().await.len() > 4, "the managing token may");
}

#[tokio::test]
async fn an_open_server_answers_whatever_comes() {
    let (lab, _) = with(&["idp/tokens:open"], |_| ()).await;
    let provider = Provider::of(&lab.provider());
    assert_eq!((provider.reads("made-up").await, provider.writes("made-up").await), (200, 400));
    assert_eq!(read(provider.scim.bare(Method::GET, "/Users?count=1")).await.status, 200);
    let id = text(&provider.list().await[0], "id");
    assert_eq!(provider.revoke(&id).await, 204);
    assert_eq!(provider.reads(&provider.scim.token).await, 200);
    let other = Provider::of(&lab.downstream());
    assert_eq!(other.reads("made-up").await, 401);
}

#[tokio::test]
async fn a_jwt_says_when_it_ends_and_ends_then() {
    let (lab, _) = with(&["tokens:jwt"], |_| ()).await;
    let provider = Provider::of(&lab.provider());
    let end = |token: &str| {
        let body = token.split('.').nth(1).expect("three parts");
        let word = |letter: char| match letter {
            'A'..='Z' => u32::from(letter) - 65,
            'a'..='z' => u32::from(letter) - 71,
            '0'..='9' => u32::from(letter) + 4,
            '-' => 62,
            _ => 63,
        };
        let bits: String = body.chars().map(|letter| format!("{:06b}", word(letter))).collect();
        let bytes: Vec<u8> = (0..bits.len() / 8)
            .map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).expect("bits"))
            .collect();
        let claims: Value = serde_json::from_slice(&bytes).expect("claims");
        claims["exp"].as_i64().expect("an end")
    };
    let now = jiff::Timestamp::now().as_second();
    let first = provider.scim.token.clone();
    assert!(end(&first) > now + 100 * 86_400);
    assert_eq!(provider.reads(&first).await, 200);
    let made = provider.mint(json!({"name": "short", "expiresIn": 2})).await;
    let short = text(&made.value, "token");
    assert!((now..now + 10).contains(&end(&short)));
    assert_eq!(provider.reads(&short).await, 200);
    until("its end", async || provider.reads(&short).await == 401).await;
    assert!(jiff::Timestamp::now().as_second() >= end(&short));
    assert_eq!(
        provider.list().await.len(),
        2,
        "one that expired is there until somebody revokes it"
    );
    let tampered = format!("{}x", &first[..first.len() - 1]);
    assert_eq!(provider.reads(&tampered).await, 401);
}

#[tokio::test]
async fn a_lost_answer_is_found_again_by_its_key_or_by_its_name() {
    let (lab, door) = with(&["tokens:lose-mint"], |_| ()).await;
    let provider = Provider::of(&lab.provider());
    let body = json!({"name": "lanyard run 7"});
    let post = async |key| provider.send(Method::POST, "/api/tokens", &body, key).await;
    assert!(post(Some("run-7")).await.is_err(), "the answer never comes");
    let again = post(Some("run-7")).await.expect("an answer");
    assert_eq!(again.status, 201);
    assert_eq!(provider.reads(&text(&again.value, "token")).await, 200);
    let reused = provider
        .send(Method::POST, "/api/tokens", &json!({"name": "other"}), Some("run-7"))
        .await;
    assert_eq!(reused.expect("an answer").status, 422);
    let told = door.get("/tokens").await.value["idp"].clone();
    assert_eq!(told["mints"], 1, "one token, however often it was asked for");
    let requests = told["mintRequests"].as_array().expect("a list");
    assert_eq!(
        (requests.len(), &requests[0]["lost"], &requests[1]["lost"]),
        (3, &json!(true), &json!(false))
    );
    assert_eq!(
        (&requests[0]["token"], &requests[0]["key"]),
        (&requests[1]["token"], &json!("run-7"))
    );
    let other = Provider::of(&lab.downstream());
    assert!(
        other.send(Method::POST, "/api/tokens", &body, None).await.is_err(),
        "each server loses one"
    );
    let mine = other.list().await.into_iter().filter(|one| one["name"] == "lanyard run 7").count();
    assert_eq!(mine, 1);
    let faults = json!({"on": ["tokens:no-replay"]}).to_string();
    assert_eq!(read(door.request(Method::POST, "/faults").body(faults)).await.status, 204);
    let twice = provider
        .send(Method::POST, "/api/tokens", &body, Some("run-7"))
        .await
        .expect("an answer");
    assert_ne!(
        twice.value["id"], again.value["id"],
        "a provider that does not know keys makes another"
    );
}

#[tokio::test]
async fn the_truth_tells_who_asked_with_which_token_and_no_value() {
    let (lab, door) = with(&[], |_| ()).await;
    let provider = Provider::of(&lab.provider());
    let first = provider.scim.token.clone();
    let made = provider.mint(json!({"name": "b"})).await;
    let (id, token) = (text(&made.value, "id"), text(&made.value, "token"));
    let before = door.get("/tokens").await.value["idp"]["uses"].as_array().expect("a list").len();
    provider.reads(&token).await;
    provider.writes(&token).await;
    provider.reads("made-up").await;
    provider.revoke(&id).await;
    provider.reads(&token).await;
    let told = door.get(&format!("/tokens?system=idp&after={before}")).await;
    assert!(told.value["ledgerly"].is_null() && door.get("/tokens?system=azure").await.status == 404);
    let uses: Vec<(Value, Value, Value)> = told.value["idp"]["uses"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (one["token"].clone(), one["method"].clone(), one["accepted"].clone()))
        .collect();
    let manager = provider.api.token.clone();
    let managing = uses[3].0.clone();
    assert_eq!(
        uses,
        [
            (json!(id), json!("GET"), json!(true)),
            (json!(id), json!("POST"), json!(true)),
            (Value::Null, json!("GET"), json!(false)),
            (managing, json!("DELETE"), json!(true)),
            (json!(id), json!("GET"), json!(false)),
        ]
    );
    let whole = String::from_utf8(told.bytes).expect("text");
    for value in [&first, &token, &manager] {
        assert!(!whole.contains(value.as_str()));
    }
    assert_eq!(lab.summary().token_managers["idp"], manager);
}
