//! The time by which runs and rotations wait and measure: the system's, or a test's, in which hours pass in seconds.

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::view::Millis;

/// Where time comes from.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Millis;
    /// Waits so many milliseconds, or until it is cancelled.
    fn sleep<'a>(&'a self, ms: u64, cancel: &'a CancellationToken) -> BoxFuture<'a, ()>;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        jiff::Timestamp::now().as_millisecond()
    }

    fn sleep<'a>(&'a self, ms: u64, cancel: &'a CancellationToken) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            tokio::select! {
                () = tokio::time::sleep(std::time::Duration::from_millis(ms)) => {}
                () = cancel.cancelled() => {}
            }
        })
    }
}
