//! Guided de-provisioning: tests on a dedicated identity, and the offboarding of real leavers.
//!
//! A run is a story of records in the ledger. Nothing about it lives in memory alone: where it stands is folded from its records each time, so a
//! process that is killed at any moment loses nothing, and another one goes on. Before each write its intent is recorded, after it what was read
//! back; an intent without a reading-back is read back before anything else is done, and is sent again only where that is safe.
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`plans`] | plans as files: read, checked, saved |
//! | [`catalogue`] | what a run can do and ask, by name |
//! | `entry`, [`story`], `fold`, [`log`] | what is recorded, where a run stands, what each record changes of that, and how the ledger keeps it |
//! | [`next`], [`drive`], `acting` | what is next, decided from the story and the time alone; and doing it; steps, and whether they are sent again |
//! | `making`, `guards` | steps and baselines; what keeps a run from harm |
//! | [`doors`] | the systems as a run meets them |
//! | [`show`], `words` | a run on screen, and in the audit log |

mod acting;
pub mod catalogue;
pub mod doors;
pub mod drive;
pub mod entry;
mod fold;
pub mod guards;
pub mod log;
pub(crate) mod making;
pub mod next;
pub mod plans;
pub mod show;
pub mod story;
#[cfg(test)]
mod tests;
pub(crate) mod words;
