//! Entities by their references.

use super::*;

/// Answers references as the catalog does, at most so many at once; those of an odd number are not there.
fn by_refs(asked: &Asked, most: usize) -> Reply {
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    let refs = body["entityRefs"].as_array().unwrap();
    if refs.len() > most {
        return refused("400 Bad Request", "request entity too large");
    }
    let item = |reference: &Value| {
        let number: usize = reference.as_str().unwrap().trim_start_matches("user:default/u").parse().unwrap();
        if number.is_multiple_of(2) { user(number) } else { Value::Null }
    };
    ok(&json!({ "items": refs.iter().map(item).collect::<Vec<_>>() }))
}

async fn look_up(server: &Server, ids: &[String]) -> Result<Vec<(String, bool)>, SourceError> {
    let found = client(server).look_up(ResourceKind::User, ids, &CancellationToken::new()).await?;
    Ok(found.into_iter().map(|(id, found)| (id, matches!(found, Found::Here(_)))).collect())
}

#[tokio::test]
async fn references_are_asked_for_in_pieces_that_the_backend_takes() {
    let ids: Vec<String> = (0..1200).map(|number| format!("user:default/u{number}")).collect();
    let expected: Vec<_> = ids.iter().enumerate().map(|(number, id)| (id.clone(), number % 2 == 0)).collect();
    for most in [5000, 300, 90] {
        let server = serve(move |asked| by_refs(asked, most)).await;
        assert_eq!(look_up(&server, &ids).await.unwrap(), expected, "{most} at once");
    }
    let never = serve(|asked| by_refs(asked, 0)).await;
    assert_eq!(look_up(&never, &ids[..8]).await.unwrap_err().code(), "backstage.rejected");
}

#[tokio::test]
async fn who_is_answered_for_is_who_was_asked_for() {
    let ids = [String::from("user:default/u0"), String::from("user:default/u2")];
    for items in [
        json!([user(0)]),
        json!([user(2), user(0)]),
        json!([user(0), user(2), null]),
        json!([user(0), 7]),
        json!({}),
    ] {
        let body = json!({ "items": items });
        let server = serve(move |_| ok(&body)).await;
        assert_eq!(
            look_up(&server, &ids).await.unwrap_err().code(),
            "backstage.notBackstage",
            "{items}"
        );
    }
}
