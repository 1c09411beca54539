//! A make-believe company on loopback: the other side of everything that Lanyard reads and writes.
//!
//! [`Company::generate`] makes Halcyon Freight, pure and the same from the same seed. [`serve()`] opens its identity provider
//! and a downstream app that it provisions, both SCIM 2.0 servers true to the RFCs, and where wanted a developer portal
//! (Backstage) that is fed from the provider, and an Azure tenant ([`azure`]: Entra, Graph, the Resource Manager), on loopback
//! only. What changes at the provider reaches the others by itself ([`Provisioner`]); what truly happened, and what was written,
//! stands in the [`Journal`], which tests read in the process or at the [`control`] door. Quirks ([`Quirk`], [`PortalQuirk`]) and faults ([`Fault`]) make them as untrue as servers in the field are.
//!
//! This crate knows `lanyard-scim` and nothing else of Lanyard: it is the other side.

pub mod azure;
pub mod backstage;
mod base64;
pub mod company;
pub mod control;
pub mod faults;
pub mod journal;
pub mod provision;
pub mod scim;
pub mod serve;
mod switches;
mod wire;
mod words;

pub use azure::{AzureHandle, AzureOptions, AzureQuirk, AzureSeen, GroupTrait, Site, Sites};
pub use backstage::{Feed, OrphanStrategy, PortalHandle, PortalOptions, PortalQuirk, PortalRefusal, StaticToken};
pub use company::{
    Account, Company, DEFAULT_PEOPLE, DEFAULT_SEED, Department, Difference, Downstream, Group, Kind, MOST_PEOPLE, Person, Renderer,
};
pub use faults::{Fault, FaultError, FaultKind, RetryAfter};
pub use journal::{Event, Journal, What, Write};
pub use provision::{OnDelete, ProvisionOptions, Provisioner};
pub use scim::{
    AuthOptions, Family, FilterSupport, Handle, Paging, Quirk, Refusal, ScimOptions, Seen, TokenHabit, TokenOptions, UnknownQuirk,
};
pub use serve::{Lab, LabError, LabOptions, LabSource, LabSummary, serve};
