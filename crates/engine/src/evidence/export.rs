//! Writing evidence out: a folder, or one file. Beside the place first, then moved there; never over anything.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::files::{self, File};
use super::key::EvidenceKey;
use super::{EvidenceError, pack, report, sums};
use crate::canonical::canonical;
use crate::record::run::Disclosure;
use crate::view::{EvidenceExport, EvidenceFile, EvidenceForm};

/// Sealed evidence as the ledger keeps it.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'s> {
    /// `record.json`.
    pub record: &'s [u8],
    /// The signature over it.
    pub signature: &'s [u8],
    /// The public key that it was signed with, as PEM.
    pub key: &'s str,
    /// The values behind its commitments.
    pub disclosures: &'s [Disclosure],
}

/// The format of `disclosures.json`.
pub const DISCLOSURES_FORMAT: &str = "lanyard disclosures/1";

const RECIPE: &str = include_str!("recipe.txt");

/// Writes evidence to `target`, which must not be there yet. The list of digests is signed with `key`, the data folder's present one.
/// Masked, no personal value is in any of the files, and the signature over the record is the same.
///
/// # Errors
/// When the record cannot be read, the report cannot be drawn, something stands at the target, or it cannot be written.
pub fn export(
    stored: Stored<'_>,
    key: &EvidenceKey,
    target: &Path,
    form: EvidenceForm,
    masked: bool,
) -> Result<EvidenceExport, EvidenceError> {
    sweep(target);
    if fs::symlink_metadata(target).is_ok() {
        return Err(EvidenceError::Exists {
            path: target.display().to_string(),
        });
    }
    let files = files(stored, key, masked)?;
    match form {
        EvidenceForm::File => write_file(target, &pack::pack(&files)),
        EvidenceForm::Folder => write_folder(target, &files),
    }
    .map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => EvidenceError::Exists {
            path: target.display().to_string(),
        },
        _ => EvidenceError::File {
            path: target.display().to_string(),
            source,
        },
    })?;
    Ok(EvidenceExport {
        path: target.display().to_string(),
        files: files
            .iter()
            .map(|file| EvidenceFile {
                name: file.name.clone(),
                bytes: u64::try_from(file.bytes.len()).unwrap_or(u64::MAX),
                sha256: sums::sha256(&file.bytes),
            })
            .collect(),
        masked,
    })
}

/// The files of an export, in their order.
pub fn files(stored: Stored<'_>, key: &EvidenceKey, masked: bool) -> Result<Vec<File>, EvidenceError> {
    let record: Value = serde_json::from_slice(stored.record).map_err(|error| EvidenceError::Unsound {
        run: 0,
        problem: format!("the stored record cannot be read: {error}"),
    })?;
    let disclosed: &[Disclosure] = if masked { &[] } else { stored.disclosures };
    let report = report::report(&record, disclosed, &sums::sha256(stored.record), masked).map_err(|error| EvidenceError::Unsound {
        run: record["run"]["id"].as_i64().unwrap_or_default(),
        problem: format!("the report cannot be made from the stored record: {error}"),
    })?;
    let disclosures = json!({ "format": DISCLOSURES_FORMAT, "masked": masked, "disclosures": disclosed });
    let mut files = vec![
        File::new(files::RECORD, stored.record),
        File::new(files::RECORD_SIG, stored.signature),
        File::new(files::KEY, stored.key),
    ];
    let pem = key.public().pem();
    let other = pem != stored.key;
    if other {
        files.push(File::new(files::EXPORT_KEY, pem));
    }
    files.push(File::new(files::DISCLOSURES, canonical(&disclosures)));
    files.push(File::new(files::REPORT_HTML, report::html::render(&report)));
    files.push(File::new(files::REPORT_PDF, report::pdf::render(&report)?));
    files.push(File::new(
        files::RECIPE,
        RECIPE.replace("SUMS-KEY", if other { files::EXPORT_KEY } else { files::KEY }),
    ));
    let list = sums::write(&files);
    let signature = key.sign(list.as_bytes());
    files.push(File::new(files::SUMS, list));
    files.push(File::new(files::SUMS_SIG, signature));
    Ok(files)
}

/// A name beside the target that nobody else uses.
fn beside(target: &Path) -> io::Result<PathBuf> {
    let name = target
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "this names no file"))?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.part", std::process::id()));
    Ok(target.with_file_name(hidden))
}

/// Takes away what exports to this target left beside it when their process was ended: it holds personal data. What another process is
/// writing now is locked, and stays.
fn sweep(target: &Path) {
    let (Some(folder), Some(name)) = (target.parent(), target.file_name()) else {
        return;
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let begins = format!(".{}.", name.to_string_lossy());
    // What cannot be read or taken away is no reason not to export.
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let own = entry.file_name();
        let own = own.to_string_lossy();
        let number = own.strip_prefix(&begins).and_then(|rest| rest.strip_suffix(".part"));
        if number.is_none_or(|number| number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit())) {
            continue;
        }
        let path = entry.path();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let first = if is_folder { path.join(files::RECORD) } else { path.clone() };
        if fs::File::open(first).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = if is_folder {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            };
        }
    }
}

fn write_file(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = beside(target)?;
    let written = (|| {
        let _locked = create(&beside, bytes)?;
        // A link, unlike a move, fails where something stands at the target.
        match fs::hard_link(&beside, target) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists && fs::symlink_metadata(target).is_err() => {
                // A file system without hard links.
                fs::rename(&beside, target)
            }
            other => other,
        }
    })();
    // After a move it is not there; the first error is the one to tell.
    let _ = fs::remove_file(&beside);
    written
}

fn write_folder(target: &Path, files: &[File]) -> io::Result<()> {
    let beside = beside(target)?;
    let written = (|| {
        fs::create_dir(&beside)?;
        let mut locked = Vec::with_capacity(files.len());
        for file in files {
            locked.push(create(&beside.join(&file.name), &file.bytes)?);
        }
        // Some systems do not move a folder in which files are open.
        drop(locked);
        if fs::symlink_metadata(target).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        fs::rename(&beside, target)
    })();
    if written.is_err() {
        // What was written so far is of no use; the first error is the one to tell.
        let _ = fs::remove_dir_all(&beside);
    }
    written
}

/// Makes a file, and holds a lock on it. Personal data: for the user alone, where the system knows such a thing.
fn create(path: &Path, bytes: &[u8]) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    // Where there are no locks, nothing is swept away either.
    let _ = file.lock();
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(file)
}
