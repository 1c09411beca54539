//! Reading evidence that may come from anybody: sizes are bounded, links are not followed, and nothing is believed yet.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use super::super::EvidenceError;
use super::super::files::{self, File};
use super::super::pack;

/// What was read.
#[derive(Debug, Default)]
pub struct Read {
    /// The files of evidence.
    pub files: Vec<File>,
    /// What is wrong with what was found, each in a sentence that names it.
    pub problems: Vec<String>,
}

impl Read {
    /// What is in a file.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.files.iter().find(|file| file.name == name).map(|file| file.bytes.as_slice())
    }
}

/// Reads a folder or a packed file.
pub fn read(path: &Path) -> Result<Read, EvidenceError> {
    let failed = |source| EvidenceError::File {
        path: path.display().to_string(),
        source,
    };
    let mut read = if fs::metadata(path).map_err(failed)?.is_dir() {
        folder(path).map_err(failed)?
    } else {
        let unpacked = pack::unpack(&bounded(path, files::TOTAL).map_err(failed)?);
        let mut read = Read {
            files: unpacked.files,
            problems: Vec::new(),
        };
        read.problems.extend(
            unpacked
                .problem
                .map(|problem| format!("The file is not as it was packed: {problem}.")),
        );
        read
    };
    let mut names: Vec<&str> = read.files.iter().map(|file| file.name.as_str()).collect();
    let mut problems = Vec::new();
    if !names.is_sorted_by_key(|name| files::place(name)) {
        problems.push("The files do not stand in their order.".to_owned());
    }
    for name in files::REQUIRED {
        if !names.contains(&name) {
            problems.push(format!("{name} is missing."));
        }
    }
    names.sort_unstable();
    for (at, name) in names.iter().enumerate() {
        if files::place(name).is_none() {
            problems.push(format!("{} does not belong to it.", shown(name)));
        } else if at > 0 && names[at - 1] == *name {
            problems.push(format!("{name} stands there twice."));
        }
    }
    read.problems.extend(problems);
    Ok(read)
}

/// A name from elsewhere, for the screen.
fn shown(name: &str) -> String {
    format!("“{}”", name.chars().take(80).flat_map(char::escape_debug).collect::<String>())
}

fn folder(path: &Path) -> io::Result<Read> {
    let mut read = Read::default();
    for (count, entry) in fs::read_dir(path)?.enumerate() {
        let entry = entry?;
        if count >= 64 {
            read.problems.push("The folder holds more than 64 entries.".into());
            break;
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        if files::place(&name).is_none() {
            read.problems.push(format!("{} does not belong to it.", shown(&name)));
        } else if !entry.metadata()?.is_file() {
            read.problems.push(format!("{name} is no plain file."));
        } else {
            match bounded(&entry.path(), files::limit(&name)) {
                Ok(bytes) => read.files.push(File { name, bytes }),
                Err(error) => read.problems.push(format!("{name} cannot be read: {error}.")),
            }
        }
    }
    read.files.sort_by_key(|file| files::place(&file.name));
    Ok(read)
}

/// A file that is no longer than it may be.
fn bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it is longer than {limit} bytes"),
        ));
    }
    Ok(bytes)
}
