//! The audit log as one JSON document, an entry a line, with all that is needed to check its chain without Lanyard.
//!
//! `docs/cli.md` holds the recipe. How an entry's hash is reckoned is told where the log is kept: SHA-256 over the canonical JSON (RFC 8785) of the
//! entry without its `hash`; `previous` is the hash before, and of the first entry the document's `genesis`.

use std::io::{self, Write};
use std::path::Path;

use super::target;
use crate::Error;
use crate::view::{AuditEntry, ExportDone};

/// Shows each entry to what it is given, oldest first, as of one moment; ends early when that says false.
pub type Entries<'e> = &'e dyn Fn(&mut dyn FnMut(AuditEntry) -> bool) -> Result<(), Error>;

/// Writes the document to a file, which is there whole or not at all.
///
/// # Errors
/// When the log cannot be read, or the file not be written.
pub fn to_file(folder: &str, genesis: &str, entries: Entries<'_>, path: &Path) -> Result<ExportDone, Error> {
    let (mut rows, mut unread) = (0, None);
    let written = target::replace(path, |file| match write(folder, genesis, entries, file) {
        Ok(count) => {
            rows = count;
            Ok(())
        }
        Err(Error::File { source, .. }) => Err(source),
        Err(other) => {
            unread = Some(other);
            Err(io::Error::other("the audit log could not be read"))
        }
    });
    let path = path.display().to_string();
    match (written, unread) {
        (_, Some(error)) => Err(error),
        (Err(source), None) => Err(Error::File { path, source }),
        (Ok(bytes), None) => Ok(ExportDone { path, rows, bytes }),
    }
}

/// Writes the document; gives how many entries there are.
///
/// # Errors
/// When the log cannot be read; [`Error::File`] when it cannot be written.
pub fn write(folder: &str, genesis: &str, entries: Entries<'_>, out: &mut dyn Write) -> Result<u64, Error> {
    let (mut count, mut head) = (0_u64, genesis.to_owned());
    let mut failed = None;
    let begin = format!("{{\"form\":\"lanyard audit v1\",\"folder\":\"{folder}\",\"genesis\":\"{genesis}\",\"entries\":[");
    let mut begun = out.write_all(begin.as_bytes());
    if begun.is_ok() {
        entries(&mut |entry| {
            let comma: &[u8] = if count == 0 { b"\n" } else { b",\n" };
            let line = out
                .write_all(comma)
                .and_then(|()| serde_json::to_writer(&mut *out, &entry).map_err(io::Error::from));
            count += 1;
            head = entry.hash;
            failed = line.err();
            failed.is_none()
        })?;
        begun = match failed {
            Some(error) => Err(error),
            None => out.write_all(format!("\n],\"total\":{count},\"head\":\"{head}\"}}\n").as_bytes()),
        };
    }
    match begun {
        Ok(()) => Ok(count),
        Err(source) => Err(Error::File {
            path: "the export of the audit log".into(),
            source,
        }),
    }
}
