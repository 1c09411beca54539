//! Who has access to what at Halcyon Freight: the definition that the other systems are drawn from.
//!
//! Each system's share stands in a file of its own. What every system has to agree on, Entra's object ids, is here.

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
        self.guid("entra user", person as u64)
    }

    /// Entra's object id of a group.
    #[must_use]
    pub fn entra_group_id(&self, group: usize) -> Guid {
        self.guid("entra group", group as u64)
    }
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
