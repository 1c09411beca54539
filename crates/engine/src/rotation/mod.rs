//! Guided rotation of the credential that a source is asked with, ended by the proof that the old one is dead.
//!
//! A rotation is a story of records in the ledger; where it stands is folded from them each time, so that a process that is killed at any moment
//! loses nothing. What changes something is announced by a record first, and what came of it is recorded after it was seen. The keychain holds
//! the values, each with the number of the rotation that put it there: that, and not memory, tells what was done already.
//!
//! The walk of one new token: the provider's answer → `Secret` → the keychain's slot *next* → proven beside the old one → handed to what uses it
//! → slot *current*, the old one in *previous* → the old one revoked → asked with the old, the new and a made-up one until the old is refused for
//! good → *previous* forgotten.
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`entry`] | what is recorded |
//! | [`story`] | where a rotation stands, folded from its records |
//! | [`next`] | what is next, decided from the story and the time alone |
//! | [`drive`], `making`, `handing`, `proving`, `back` | doing it |
//! | [`world`] | the source, the provider's API and the keychain as a rotation meets them |
//! | [`show`], `evidence`, `words` | a rotation on screen, the proof among it, and in the audit log |

mod back;
pub mod drive;
pub mod entry;
mod evidence;
mod handing;
mod making;
pub mod next;
pub mod plan;
mod proving;
pub mod show;
pub mod story;
#[cfg(test)]
mod tests;
mod words;
pub mod world;
