//! Microsoft's identifiers: 128 bits, compared without regard to case, written in lower case.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A GUID.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(u128);

/// What stands there is no GUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("that is no GUID")]
pub struct BadGuid;

impl Guid {
    /// All zeros: what Azure writes for "everyone" in a deny assignment.
    pub const ZERO: Self = Self(0);

    /// From its 128 bits, just as they are.
    #[must_use]
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// Half of its bits, to derive others from.
    pub(crate) const fn bits(self) -> u64 {
        (self.0 >> 64) as u64
    }

    /// Marks random bits as a GUID of version 4 (RFC 9562 §5.4).
    pub(crate) const fn version_4(bits: u128) -> Self {
        Self(bits & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62)
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            bits >> 96,
            bits >> 80 & 0xffff,
            bits >> 64 & 0xffff,
            bits >> 48 & 0xffff,
            bits & 0xffff_ffff_ffff
        )
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Guid {
    type Err = BadGuid;

    /// Reads the form with four hyphens, in any case.
    fn from_str(text: &str) -> Result<Self, BadGuid> {
        if text.len() != 36 {
            return Err(BadGuid);
        }
        let mut bits = 0_u128;
        for (place, byte) in text.bytes().enumerate() {
            match (place, byte) {
                (8 | 13 | 18 | 23, b'-') => {}
                (8 | 13 | 18 | 23, _) => return Err(BadGuid),
                _ => {
                    let digit = char::from(byte).to_digit(16).ok_or(BadGuid)?;
                    bits = bits << 4 | u128::from(digit);
                }
            }
        }
        Ok(Self(bits))
    }
}

impl Serialize for Guid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_read_in_any_case_and_written_in_lower_case() {
        let text = "00C29273-979B-4161-815C-10B084FB9324";
        let read: Guid = text.parse().expect("a GUID");
        assert_eq!(read.to_string(), text.to_lowercase());
        for bad in [
            "",
            "00c29273",
            "00c29273-979b-4161-815c-10b084fb932g",
            "00c292739-79b-4161-815c-10b084fb9324",
            "é0c29273-979b-4161-815c-10b084fb932",
        ] {
            assert_eq!(bad.parse::<Guid>(), Err(BadGuid), "{bad}");
        }
    }

    #[test]
    fn derived_ones_have_version_4_and_differ_by_purpose_and_number() {
        let one = Guid::derived(1897, "x", 1);
        assert_eq!(one, Guid::derived(1897, "x", 1));
        assert_ne!(one, Guid::derived(1897, "x", 2));
        assert_ne!(one, Guid::derived(1897, "y", 1));
        let text = one.to_string();
        assert_eq!(&text[14..15], "4");
        assert!("89ab".contains(&text[19..20]), "{text}");
    }
}
