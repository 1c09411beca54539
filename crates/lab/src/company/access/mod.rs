//! Who has access to what at Halcyon Freight: the definition that the other systems are drawn from.
//!
//! Each system's share stands in a file of its own. What every system has to agree on, Entra's object ids, is here.
//!
//! # Wrong on purpose in the developer portal ("Portal")
//!
//! Written by hand from the definition, for a company of 240 people or more. Users of the portal are named by their mail
//! address (`olena.shevchenko_halcyon.example`); whoever is switched off, and every machine, is not in it.
//!
//! | what | where |
//! | --- | --- |
//! | a ghost that holds a role | `payments-owner` names `giorgi.beridze`, who left three days before; `scaffolder-user` names the group `freight-portal-guild`, which never was |
//! | a ghost that owns something | component `settlement-replay` belongs to `tomas.dvorak`, who left twelve days before; component `tide-tables` to the group `harbour-tools`, which never was |
//! | a group that drifted | `payments` lacks `seoyeon.kim`, whom the provider and Entra have in it |
//! | a renamed person | `ewa.krol` stands there as `ewa.zak`, by name and mail address; her object id is right. Component `refund-forms` is hers |
//! | an ambiguous name | the user `maria_schmidt`, written by hand, without object id or mail, in `finance`: there are `maria.schmidt` (Finance) and `maria.schmidt2` (Warehouse), and neither has a user of her own |
//! | deny over allow | `release-freeze` denies `rustam.aliev` to delete entities, which `payments-owner` allows by the group `payments` |
//! | conditional, by owner | `catalog-editor` updates and deletes what is `$ownerRefs`' |
//! | conditional, by user | `scaffolder-user` reads tasks that `$currentUser` started |
//! | inherited by `spec.parent` | `platform-admin` is given to `platform-admins`; `platform-oncall` is its child and `platform-sre` that one's. `scaffolder-user` is given to `engineering`, the parent of `payments`, `platform`, `data`, `security` and `it` |
//! | a superuser | `olaniyan.adeyemi`: no role says it, no API tells it |
//! | an admin | `adaeze.okafor` may change roles by the configuration; `rbac_admin` lists nobody |
//! | a grant of one's own | `canary-payments-01` holds `catalog-reader` directly: with a token from before, it outlives the user |
//! | an orphan that stays | whoever is made at the provider with a user name that begins with `canary-leftover-` is brought by a file that nobody remembers: deleted at the provider, the entity stays as an orphan ([`super::plans`]) |
//! | groups it is not given | `backup-operators`, `vault-…`, `svc-backup`, `production-access`, `resource-guard-approvers`, `breakglass`; and those whose names the catalog refuses (`=HALT()`, `货运 · 新加坡`, …) |
//! | one parent only | `payments-sre` is nested in `payments-oncall` and, at the provider, in `backup-operators`: here it has the one that it is given |

pub mod azure;
pub(crate) mod backstage;
mod guid;

pub use guid::{BadGuid, Guid};

use super::{Company, mix};

impl Company {
    /// A GUID that belongs to this company, by purpose and number. The same seed gives the same one.
    pub(crate) fn guid(&self, purpose: &str, number: u64) -> Guid {
        Guid::derived(self.seed, purpose, number)
    }

    /// Entra's tenant id.
    #[must_use]
    pub fn entra_tenant(&self) -> Guid {
        self.guid("entra tenant", 0)
    }

    /// Entra's object id of a person (of a machine: of its service principal).
    #[must_use]
    pub fn entra_id(&self, person: usize) -> Guid {
        entra_id(self.seed, person)
    }

    /// Entra's object id of a group.
    #[must_use]
    pub fn entra_group_id(&self, group: usize) -> Guid {
        entra_group_id(self.seed, group)
    }
}

/// The object id that Entra gives to whoever stands at this place at the provider, now or later.
pub(crate) fn entra_id(seed: u64, place: usize) -> Guid {
    Guid::derived(seed, "entra user", place as u64)
}

/// The object id that Entra gives to the group at this place at the provider, now or later.
pub(crate) fn entra_group_id(seed: u64, place: usize) -> Guid {
    Guid::derived(seed, "entra group", place as u64)
}

impl Guid {
    /// A random-looking GUID (version 4, RFC 9562 §5.4) that follows from a seed, a purpose and a number.
    pub(crate) fn derived(seed: u64, purpose: &str, number: u64) -> Self {
        let tag = purpose.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let high = mix(mix(seed, tag), number);
        let low = mix(mix(!seed, tag), number);
        Self::version_4(u128::from(high) << 64 | u128::from(low))
    }
}
