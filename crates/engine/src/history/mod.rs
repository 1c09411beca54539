//! The picture as it was: the cache's rows rewound to a moment, and what differs between two moments.
//!
//! It knows records, the [`directory`](crate::directory), the [`map`](crate::map), views and `lanyard_access`; neither the store nor the sources. The front
//! hands it what history tells of the time since, the cache's rows, and a reader of documents' columns.
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`rewind`] | rows as they were: what changed since is replaced, what went comes back, what came since is left out, members by their lines |
//! | [`then`] | what was read by then, and what cannot be said about a moment |
//! | `net`, [`compare`], `telling` | what differs between two moments, what that did to access, and how it is told |
//! | `moment` | a picture and a map of a moment |

pub mod compare;
mod moment;
mod net;
mod rewind;
mod telling;
pub mod then;

pub use moment::{Making, Moment, Rows};
pub use rewind::{Hidden, ItemRewinder, Rewinder, Rewound};
