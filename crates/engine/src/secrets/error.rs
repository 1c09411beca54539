//! Why a secret could not be had or kept, with the way on for this platform.

use std::time::Duration;

use crate::view::{Fault, FaultDetail, FixAction, SourceId};

/// Why a secret could not be had or kept. No variant carries any part of a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// No keychain answers on this machine.
    #[error("this machine's keychain does not answer: {reason}")]
    Missing {
        /// What the system said.
        reason: String,
    },
    /// The keychain is locked, and was not unlocked.
    #[error("this machine's keychain is locked{}", if *.dismissed { ", and the question to unlock it was dismissed" } else { "" })]
    Locked {
        /// Whether a person was asked and said no (or nobody could be asked).
        dismissed: bool,
    },
    /// The keychain answered, and refused.
    #[error("this machine's keychain refused: {reason}")]
    Refused {
        /// What it said.
        reason: String,
    },
    /// The keychain did not answer in time; perhaps it waits for a person.
    #[error("this machine's keychain did not answer within {} s", .after.as_secs())]
    Timeout {
        /// How long it was waited for.
        after: Duration,
    },
    /// The secret is larger than this keychain takes.
    #[error("the secret is too large for this machine's keychain, which takes {limit} bytes at most")]
    TooLarge {
        /// The most that it takes, in bytes.
        limit: u32,
    },
    /// The secret was given for another origin, and is not sent elsewhere.
    #[error("the secret was given for {stored}, and is not sent to {asked}")]
    OtherOrigin {
        /// Which source.
        source_id: SourceId,
        /// The origin that it was given for.
        stored: String,
        /// The origin that it was asked for.
        asked: String,
    },
    /// An address that has no origin a secret could be tied to.
    #[error("{address} is no address that a secret can be kept for: it must begin with https:// or http:// and name a host")]
    NoOrigin {
        /// The address.
        address: String,
    },
    /// What the keychain holds under Lanyard's name was not written by Lanyard.
    #[error("what the keychain holds as “{name}” is not as Lanyard wrote it")]
    Malformed {
        /// The entry's name.
        name: String,
    },
    /// More than one entry of the same name.
    #[error("the keychain holds {count} entries named “{name}”")]
    Ambiguous {
        /// The entry's name.
        name: String,
        /// How many.
        count: usize,
    },
    /// The keychain took a secret and did not give it back.
    #[error("this machine's keychain took the secret, but does not give it back")]
    Forgetful,
    /// An environment variable does not hold what it should.
    #[error("the environment variable {name} {problem}")]
    Variable {
        /// Its name.
        name: String,
        /// What is wrong with it, without its value.
        problem: String,
    },
}

impl SecretError {
    /// A stable code such as `keychain.locked`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "keychain.missing",
            Self::Locked { .. } => "keychain.locked",
            Self::Refused { .. } => "keychain.refused",
            Self::Timeout { .. } => "keychain.timeout",
            Self::TooLarge { .. } => "keychain.tooLarge",
            Self::OtherOrigin { .. } => "keychain.otherOrigin",
            Self::NoOrigin { .. } => "keychain.noOrigin",
            Self::Malformed { .. } => "keychain.malformed",
            Self::Ambiguous { .. } => "keychain.ambiguous",
            Self::Forgetful => "keychain.forgetful",
            Self::Variable { .. } => "environment.invalid",
        }
    }

    /// The error as a person sees it.
    pub fn fault(&self) -> Fault {
        const NOWHERE: &str =
            "Nothing was stored: Lanyard keeps keys and tokens in the keychain or nowhere. What is on screen is as it was.";
        let retry = Some(FixAction::Retry);
        let (means, next, action) = match self {
            Self::Missing { .. } => (NOWHERE, missing().to_owned(), retry),
            Self::Locked { .. } => (NOWHERE, unlock().to_owned(), retry),
            Self::Refused { .. } => (NOWHERE, refused().to_owned(), retry),
            Self::Timeout { .. } => (
                "It may be waiting for a password in a window of its own. Whether the last change was kept is not known until it answers.",
                format!("Look for its window and answer it, then try again. {} If it stays so, restart Lanyard.", unlock()),
                retry,
            ),
            Self::TooLarge { .. } => (
                "Nothing was stored.",
                "Ask the server's owner for a shorter token, or use OAuth client credentials: their secret is short, and the token is never stored.".to_owned(),
                None,
            ),
            Self::OtherOrigin { source_id, .. } => (
                "Nothing was sent: a secret goes to the scheme, host and port it was given for, and to no other.",
                "If the new address is right, enter the secret again for it.".to_owned(),
                Some(FixAction::EditSource { source: *source_id }),
            ),
            Self::NoOrigin { .. } => ("Nothing was stored and nothing was sent.", "Mend the address.".to_owned(), None),
            Self::Malformed { .. } | Self::Ambiguous { .. } => (
                "It is not used, and it is not overwritten without being asked.",
                format!("Delete it in {}, then enter the secret again.", app()),
                retry,
            ),
            Self::Forgetful => (
                "What was to be stored with it was not stored, since it could not be opened again.",
                format!("See that {} has a default keychain that lasts, then try again.", app()),
                retry,
            ),
            Self::Variable { .. } => ("Nothing was read and nothing was changed.", "Set it right and start again.".to_owned(), None),
        };
        let details = match self {
            Self::Missing { reason } | Self::Refused { reason } => vec![FaultDetail {
                name: "The system said".into(),
                value: reason.clone(),
            }],
            Self::OtherOrigin { stored, asked, .. } => vec![
                FaultDetail {
                    name: "Given for".into(),
                    value: stored.clone(),
                },
                FaultDetail {
                    name: "Asked for".into(),
                    value: asked.clone(),
                },
            ],
            _ => Vec::new(),
        };
        let text = self.to_string();
        let mut characters = text.chars();
        let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
        let what = format!("{first}{}.", characters.as_str().trim_end_matches('.'));
        Fault {
            code: self.code().into(),
            what,
            means: means.into(),
            next,
            action,
            details,
        }
    }
}

const HEADLESS: &str = "On a machine without one (CI), set LANYARD_CACHE_KEY to 64 random hexadecimal digits and LANYARD_TOKEN_<SOURCE NAME> to the token: \
                        they serve that process alone and are kept nowhere.";

fn missing() -> String {
    let here = if cfg!(target_os = "macos") {
        "Open Keychain Access and see that the login keychain is there (File, New Keychain makes one; Keychain First Aid repairs it)."
    } else if cfg!(target_os = "windows") {
        "Start the service “Credential Manager” (services.msc) and sign in interactively: a network or service logon has no credential store."
    } else {
        "Install and start a Secret Service: gnome-keyring, KWallet, or KeePassXC with its Secret Service integration on; make a default keyring in it \
         (seahorse: File, New, Password Keyring). Over SSH it needs a D-Bus session (dbus-run-session)."
    };
    format!("{here} {HEADLESS}")
}

fn unlock() -> String {
    if cfg!(target_os = "macos") {
        "Unlock the login keychain in Keychain Access (or `security unlock-keychain`), then try again.".into()
    } else if cfg!(target_os = "windows") {
        "Sign in to Windows again, then try again.".into()
    } else {
        "Unlock the login keyring in Passwords and Keys (seahorse), KWallet or KeePassXC, then try again; over SSH: \
         `gnome-keyring-daemon --unlock` inside `dbus-run-session`."
            .into()
    }
}

fn refused() -> String {
    if cfg!(target_os = "macos") {
        "Allow Lanyard in Keychain Access (the entry's Access Control), then try again.".into()
    } else if cfg!(target_os = "windows") {
        "See in Credential Manager whether the entry “Lanyard” can be changed, and whether a policy forbids storing credentials; then try again.".into()
    } else {
        "See whether the keyring's own program can store an entry; restart it if not (logging out and in does), then try again.".into()
    }
}

fn app() -> &'static str {
    if cfg!(target_os = "macos") {
        "Keychain Access"
    } else if cfg!(target_os = "windows") {
        "Credential Manager"
    } else {
        "Passwords and Keys (seahorse), KWallet or KeePassXC"
    }
}

#[cfg(test)]
mod tests {
    //! Each error says what happened, what it means and what to do next.

    use super::*;

    #[test]
    fn each_has_a_cause_a_meaning_and_a_next_step() {
        let reason = || "x".to_owned();
        let errors = [
            SecretError::Missing { reason: reason() },
            SecretError::Locked { dismissed: true },
            SecretError::Locked { dismissed: false },
            SecretError::Refused { reason: reason() },
            SecretError::Timeout {
                after: Duration::from_secs(30),
            },
            SecretError::TooLarge { limit: 2560 },
            SecretError::OtherOrigin {
                source_id: 1,
                stored: "https://a:443".into(),
                asked: "https://b:443".into(),
            },
            SecretError::NoOrigin { address: "ftp://a".into() },
            SecretError::Malformed { name: "f/source/1".into() },
            SecretError::Ambiguous {
                name: "f/source/1".into(),
                count: 2,
            },
            SecretError::Forgetful,
            SecretError::Variable {
                name: "LANYARD_CACHE_KEY".into(),
                problem: "is not right".into(),
            },
        ];
        let codes: std::collections::BTreeSet<_> = errors.iter().map(SecretError::code).collect();
        assert_eq!(codes.len(), errors.len() - 1, "both kinds of locked share a code; no others do");
        for error in errors {
            let fault = error.fault();
            for part in [&fault.what, &fault.means, &fault.next] {
                let capital = part.chars().next().is_some_and(|first| !first.is_lowercase());
                assert!(part.len() > 10 && part.ends_with('.') && capital, "{}: {part:?}", fault.code);
            }
        }
    }
}
