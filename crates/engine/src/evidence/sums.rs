//! `SHA256SUMS`, in the form that `sha256sum -c` takes.

use sha2::{Digest, Sha256};

use super::files::File;
use crate::secrets::hex;

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The list over these files, in this order.
pub fn write(files: &[File]) -> String {
    files
        .iter()
        .map(|file| format!("{}  {}\n", sha256(&file.bytes), file.name))
        .collect()
}

/// Reads a list: name and digest of each line.
///
/// # Errors
/// Which line is not as [`write`] writes it.
pub fn read(text: &str) -> Result<Vec<(String, String)>, String> {
    let body = text.strip_suffix('\n').ok_or("its last line has no end")?;
    let line = |(number, line): (usize, &str)| {
        let (digest, name) = line
            .split_once("  ")
            .ok_or_else(|| format!("line {} is no digest with a name", number + 1))?;
        let plain = digest.len() == 64 && digest.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        if plain && !name.is_empty() {
            Ok((name.to_owned(), digest.to_owned()))
        } else {
            Err(format!("line {} is no digest with a name", number + 1))
        }
    };
    body.split('\n').enumerate().map(line).collect()
}
