//! A small random source of our own, so that the same seed gives the same company on every machine and in every version.

/// SplitMix64 (Steele, Lea, Flood 2014): one 64-bit state, a full period, good enough for make-believe.
#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

/// Mixes two numbers into one that looks random. Used to derive independent streams and identifiers.
pub(crate) fn mix(a: u64, b: u64) -> u64 {
    let mut z = a
        .wrapping_add(b.wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Rng {
    /// A stream for one purpose, so that a new use of chance in one part leaves every other part as it was.
    pub(crate) fn stream(seed: u64, purpose: &str) -> Self {
        let tag = purpose.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(mix(seed, tag))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0, 0)
    }

    /// A number below `bound`; 0 when `bound` is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.next()) * (bound as u128);
        (wide >> 64) as usize
    }

    /// True in `per_mille` of a thousand cases.
    pub(crate) fn chance(&mut self, per_mille: usize) -> bool {
        self.below(1000) < per_mille
    }

    /// One of the items. The slice must not be empty; every caller passes a table of this crate.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// Seventeen letters and digits made from two numbers: the tail of an identity provider's identifier.
pub(crate) fn opaque(seed: u64, number: u64) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut wide = (u128::from(mix(seed, number)) << 64) | u128::from(mix(!seed, number));
    let mut text = String::with_capacity(17);
    for _ in 0..17 {
        text.push(char::from(ALPHABET[(wide % 62) as usize]));
        wide /= 62;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_repeats_and_differs_by_purpose() {
        let take = |seed, purpose| {
            (0..8)
                .map({
                    let mut rng = Rng::stream(seed, purpose);
                    move |_| rng.next()
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(take(7, "people"), take(7, "people"));
        assert_ne!(take(7, "people"), take(7, "groups"));
        assert_ne!(take(7, "people"), take(8, "people"));
    }

    #[test]
    fn below_stays_below_and_reaches_every_value() {
        let mut rng = Rng::stream(1, "below");
        let mut seen = [false; 10];
        for _ in 0..1000 {
            seen[rng.below(10)] = true;
        }
        assert_eq!(seen, [true; 10]);
        assert_eq!(rng.below(0), 0);
    }
}
