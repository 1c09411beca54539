//! One window per user: a second start brings the first to the front.

use std::time::Duration;

use lanyard_tests::window::{Start, in_window};

#[test]
fn a_second_start_ends_at_once() {
    in_window("instance", Start::first(), async |window| {
        window.get("button", "Connect a system…").await;
        let mut second = window.start_again();
        let status = window
            .until("the end of the second", Duration::from_secs(20), async || second.ended())
            .await;
        assert!(status.success(), "{status}");
        window.get("button", "Connect a system…").await;
    });
}
