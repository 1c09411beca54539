//! Maps by number: numbers come from counting, so a multiplication spreads them well enough.

use std::hash::{BuildHasherDefault, Hasher};

use hashbrown::HashMap;

/// A map by a number.
pub(crate) type Numbered<V> = HashMap<u32, V, BuildHasherDefault<Spread>>;

/// Spreads numbers over 64 bits by the golden ratio.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0 ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
    }
}
