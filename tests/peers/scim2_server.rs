//! scim2-server: pages by index, by both, and by cursor only (RFC 9865).

use lanyard_tests::peer::Peer;

use crate::walk::{Walk, coverage};

#[tokio::test(flavor = "multi_thread")]
async fn pages_by_index() {
    let walk = Walk::start(Peer::Scim2).await;
    walk.whole().await;
    assert!(how(&walk).contains("index"), "{}", how(&walk));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_by_index_and_by_cursor() {
    Walk::start(Peer::Scim2Cursor).await.whole().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_by_cursor_only() {
    let walk = Walk::start(Peer::Scim2CursorOnly).await;
    walk.whole().await;
    assert!(how(&walk).contains("cursor"), "{}", how(&walk));
}

fn how(walk: &Walk) -> String {
    let source = walk.engine.find_source(&walk.source.settings.name).unwrap();
    coverage(&source.coverage, "Users").how.clone()
}
