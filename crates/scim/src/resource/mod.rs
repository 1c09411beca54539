//! Resources with everything that the server sent: typed where the RFC has a name for it, kept as it was where it has not.
//!
//! [`Resource`] is any resource as JSON with getters that do not mind the case of names. [`User`] and [`Group`] are typed;
//! writing one gives the same JSON value that was read, but for the case of known names and known truth values and numbers
//! that came as text.

mod common;
mod group;
mod raw;
mod shown;
mod user;

pub use common::{Meta, MultiValue};
pub use group::{Group, Member};
pub use raw::Resource;
pub use user::{Address, EnterpriseUser, Manager, Name, User};
