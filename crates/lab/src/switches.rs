//! Lists of switches, each with the word by which it is asked for on the command line.

/// Declares an enum of switches with their words: `ALL`, `word`, `FromStr`.
macro_rules! switches {
    ($(#[$about:meta])+ pub enum $name:ident { $($(#[$doc:meta])+ $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$about])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])+ $variant),+ }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for it on the command line.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::scim::UnknownQuirk;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|switch| switch.word() == text)
                    .ok_or_else(|| $crate::scim::UnknownQuirk(text.to_owned()))
            }
        }
    };
}
pub(crate) use switches;
