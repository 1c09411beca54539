//! The other side of an Azure source: Entra's token endpoint, Microsoft Graph and Azure Resource Manager, on loopback.
//!
//! The three services are three origins, as they are in the world: a token or a link of one is worth nothing at another. What
//! they hold is [`crate::company::access::azure::Tenant`].

mod arm;
mod assertion;
mod effect;
mod graph;
mod handle;
mod limit;
mod log;
mod login;
mod open;
mod options;
mod people;
mod reply;
mod secret;
mod server;
mod state;
mod sync;
mod tls;
mod token;

pub use effect::GroupTrait;
pub use handle::AzureHandle;
pub use options::{AzureOptions, AzureQuirk, Lost, Refused, Throttle};
pub use server::{AzureSeen, Site, Sites};
pub use tls::TlsError;

pub(crate) use effect::Effect;
pub(crate) use log::Entry;
pub(crate) use open::{open, source};
pub(crate) use sync::{Job, Outcome};
pub(crate) use token::Mint;
