//! scim2-server: pages by index, by both, and by cursor only (RFC 9865).

use lanyard_tests::peer::Peer;

use crate::walk::Walk;

#[tokio::test(flavor = "multi_thread")]
async fn pages_by_index() {
    Walk::start(Peer::Scim2).await.whole("by index").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_by_index_and_by_cursor() {
    Walk::start(Peer::Scim2Cursor).await.whole("by ").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_by_cursor_only() {
    Walk::start(Peer::Scim2CursorOnly).await.whole("by cursor").await;
}
