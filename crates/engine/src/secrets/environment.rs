//! Secrets from environment variables, for machines without a keychain (CI): for this process alone, kept nowhere.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use hkdf::Hkdf;
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use zeroize::Zeroizing;

use super::{Keychain, Secret, SecretError, hex};

/// The variable that holds the key from which the keys of the cache, the ledger and evidence are derived: 64 hexadecimal digits.
pub const KEY_VARIABLE: &str = "LANYARD_CACHE_KEY";
/// What the variable of a source's token begins with.
pub const TOKEN_PREFIX: &str = "LANYARD_TOKEN_";

/// Secrets from environment variables. What is put in stays in this process's memory and goes with it.
///
/// A source's secret comes from [`variable_for`] its name. The keys of the cache and the ledger are derived from [`KEY_VARIABLE`] by HKDF-SHA-256
/// (RFC 5869) without salt, with the labels `lanyard cache key v1`, `lanyard ledger key v1` and `lanyard evidence key v1`. Without that variable there is no lasting key, and
/// the caller keeps its files in a temporary folder (see [`Self::has_lasting_key`]).
pub struct EnvKeychain {
    master: Option<Zeroizing<[u8; 32]>>,
    tokens: HashMap<String, Secret>,
    /// Which source's name was served from which variable first.
    served: Mutex<HashMap<String, String>>,
    memory: Mutex<HashMap<String, Secret>>,
}

impl EnvKeychain {
    /// Reads the variables of this process, once.
    ///
    /// # Errors
    /// [`SecretError::Variable`] when the key is not 64 hexadecimal digits, or a value is not Unicode.
    pub fn from_process() -> Result<Self, SecretError> {
        let ours = |name: &str| name == KEY_VARIABLE || name.starts_with(TOKEN_PREFIX);
        let mut variables = Vec::new();
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str().filter(|name| ours(name)) else {
                continue;
            };
            let value = value.into_string().map_err(|_| SecretError::Variable {
                name: name.to_owned(),
                problem: "is not Unicode text".into(),
            })?;
            variables.push((name.to_owned(), value));
        }
        Self::from_variables(variables)
    }

    /// Takes these variables instead of the process's own.
    ///
    /// # Errors
    /// As [`Self::from_process`].
    pub fn from_variables(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, SecretError> {
        let mut master = None;
        let mut tokens = HashMap::new();
        for (name, value) in variables {
            let value = Secret::new(value);
            if name == KEY_VARIABLE {
                if value.expose().trim().is_empty() {
                    continue;
                }
                let problem = || SecretError::Variable {
                    name: name.clone(),
                    problem: "must be 64 hexadecimal digits (`openssl rand -hex 32` makes some)".into(),
                };
                master = Some(unhex(value.expose().trim()).ok_or_else(problem)?);
            } else if name.starts_with(TOKEN_PREFIX) && !value.expose().trim().is_empty() {
                tokens.insert(name, Secret::new(value.expose().trim().to_owned()));
            }
        }
        Ok(Self {
            master,
            tokens,
            served: Mutex::default(),
            memory: Mutex::default(),
        })
    }

    /// Whether the files' keys outlive this process. Where they do not, files belong into a temporary folder.
    pub fn has_lasting_key(&self) -> bool {
        self.master.is_some()
    }

    fn derived(&self, name: &str) -> Option<Secret> {
        let master = self.master.as_ref()?;
        let label: &[u8] = match name.rsplit('/').next()? {
            "cache-key" => b"lanyard cache key v1",
            "ledger-key" => b"lanyard ledger key v1",
            "evidence-key" => b"lanyard evidence key v1",
            "fingerprint-key" => b"lanyard fingerprint key v1",
            _ => return None,
        };
        let mut key = Zeroizing::new([0_u8; 32]);
        // 32 bytes are within HKDF's limit, so this cannot fail.
        Hkdf::<Sha256>::new(None, master.as_slice())
            .expand(label, key.as_mut_slice())
            .ok()?;
        Some(Secret::new(hex(key.as_slice())))
    }
}

impl Keychain for EnvKeychain {
    fn kind(&self) -> &'static str {
        "environment"
    }

    fn get(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        if let Some(key) = self.derived(name) {
            return Ok(Some(key));
        }
        Ok(self
            .memory
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .map(Secret::duplicate))
    }

    fn set(&self, name: &str, value: &Secret) -> Result<(), SecretError> {
        tracing::info!(name, "kept for this process only: there is no keychain");
        self.memory
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.to_owned(), value.duplicate());
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        Ok(())
    }

    fn given(&self, source_name: &str) -> Result<Option<Secret>, SecretError> {
        let variable = variable_for(source_name);
        let Some(token) = self.tokens.get(&variable) else { return Ok(None) };
        let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        let first = served.entry(variable.clone()).or_insert_with(|| source_name.to_owned());
        if first.to_lowercase() != source_name.to_lowercase() {
            let problem = format!("would serve both “{first}” and “{source_name}”; rename one of the sources");
            return Err(SecretError::Variable { name: variable, problem });
        }
        Ok(Some(token.duplicate()))
    }

    fn lasts(&self) -> bool {
        false
    }
}

/// The variable that holds the secret of the source of this name: `LANYARD_TOKEN_` and the name in capitals. Marks are taken off letters, other signs
/// become `_`, and letters beyond A–Z their number: `Führung (EU)` gives `LANYARD_TOKEN_FUHRUNG_EU`, `人事` gives `LANYARD_TOKEN_U4EBA_U4E8B`.
pub fn variable_for(source_name: &str) -> String {
    let mut words = String::new();
    let part = |words: &mut String| {
        if !words.is_empty() && !words.ends_with('_') {
            words.push('_');
        }
    };
    for character in source_name.nfkd().filter(|character| !is_combining_mark(*character)) {
        if character.is_ascii_alphanumeric() {
            words.push(character.to_ascii_uppercase());
        } else if character.is_alphanumeric() {
            part(&mut words);
            // Writing to a string cannot fail.
            let _ = write!(words, "U{:X}_", u32::from(character));
        } else {
            part(&mut words);
        }
    }
    format!("{TOKEN_PREFIX}{}", words.trim_end_matches('_'))
}

fn unhex(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0; 32]);
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        let pair = text.get(index * 2..index * 2 + 2)?;
        if !pair.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    //! What the environment gives, and that nothing of it is kept or mixed up.

    use super::*;

    fn with(variables: &[(&str, &str)]) -> Result<EnvKeychain, SecretError> {
        EnvKeychain::from_variables(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn names_become_variables() {
        for (name, variable) in [
            ("Workforce IdP", "LANYARD_TOKEN_WORKFORCE_IDP"),
            ("ledgerly", "LANYARD_TOKEN_LEDGERLY"),
            ("  a--b.c ", "LANYARD_TOKEN_A_B_C"),
            ("Führung (EU)", "LANYARD_TOKEN_FUHRUNG_EU"),
            ("人事", "LANYARD_TOKEN_U4EBA_U4E8B"),
        ] {
            assert_eq!(variable_for(name), variable);
        }
    }

    #[test]
    fn two_keys_come_from_one_and_are_the_same_each_time() {
        let one = with(&[(KEY_VARIABLE, &"0b".repeat(32))]).unwrap();
        let two = with(&[(KEY_VARIABLE, &format!(" {}\n", "0B".repeat(32)))]).unwrap();
        let get = |keychain: &EnvKeychain, name: &str| keychain.get(name).unwrap().unwrap().expose().to_owned();
        assert_eq!(get(&one, "f/cache-key"), get(&two, "f/cache-key"));
        assert_ne!(get(&one, "f/cache-key"), get(&one, "f/ledger-key"));
        // HKDF-SHA-256 over that key and label, reckoned with another implementation.
        assert_eq!(
            get(&one, "f/ledger-key"),
            "e223b259ff1e3dedc34a6b48b271d1a7ceb62f56733dbe11d662dbf053eb5b88"
        );
        assert!(one.has_lasting_key());
        assert!(!with(&[]).unwrap().has_lasting_key());
    }

    #[test]
    fn a_malformed_key_is_an_error_that_does_not_repeat_it() {
        for bad in ["abc", &"x".repeat(64), &"+1".repeat(32), &"é".repeat(32)] {
            let Err(error) = with(&[(KEY_VARIABLE, bad)]) else {
                panic!("{bad} passed")
            };
            assert!(!format!("{error} {error:?} {:?}", error.fault()).contains(bad));
        }
    }

    #[test]
    fn what_is_set_lives_in_this_process_only() {
        let keychain = with(&[]).unwrap();
        keychain.set("f/cache-key", &Secret::new("k".into())).unwrap();
        assert_eq!(keychain.get("f/cache-key").unwrap().unwrap().expose(), "k");
        assert!(!keychain.lasts());
        assert!(with(&[]).unwrap().get("f/cache-key").unwrap().is_none());
    }

    #[test]
    fn one_variable_never_serves_two_sources() {
        let keychain = with(&[("LANYARD_TOKEN_A_B", "t")]).unwrap();
        assert_eq!(keychain.given("a b").unwrap().unwrap().expose(), "t");
        assert_eq!(keychain.given("A B").unwrap().unwrap().expose(), "t");
        assert!(matches!(keychain.given("a-b"), Err(SecretError::Variable { .. })));
        assert!(keychain.given("other").unwrap().is_none());
    }
}
