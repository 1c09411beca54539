//! What the engine says to its callers (the window, the command line): plain data, serialised as it stands.
//!
//! Each type derives its TypeScript twin, which `cargo xtask types` writes into `ui/src/ipc/types`; a stale one fails the checks.
//! Times are Unix milliseconds, durations milliseconds, counts plain numbers. Nothing here can hold a secret.

mod access;
mod app;
mod audit;
mod evidence;
mod fault;
mod filter;
mod finding;
mod group;
mod history;
mod join;
mod map;
mod people;
mod plan;
mod restore;
mod rotation;
mod run;
mod source;
mod sync;
mod token;

pub use access::*;
pub use app::*;
pub use audit::*;
pub use evidence::*;
pub use fault::*;
pub use filter::*;
pub use finding::*;
pub use group::*;
pub use history::*;
pub use join::*;
pub use map::*;
pub use people::*;
pub use plan::*;
pub use restore::*;
pub use rotation::*;
pub use run::*;
pub use source::*;
pub use sync::*;
pub use token::*;

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = i64;

/// The day of a time, in UTC, as texts name it; the number itself where it is out of range.
pub(crate) fn day(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |at| at.strftime("%Y-%m-%d").to_string())
}

/// The number of a source in this data folder: given once, never used again.
pub type SourceId = i64;
