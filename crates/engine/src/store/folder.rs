//! A data folder's identity: a random id in `folder.json`, under which the keychain keeps the folder's keys and secrets.
//!
//! The id cannot be in the ledger alone: it is needed to find the ledger's key. It is no secret. The ledger holds it too, and so does `backups`.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::backup;
use super::file::{make_folder, owner_only};
use super::{StoreError, ledger};
use crate::secrets::Keychain;
use crate::store::Key;
use crate::view::Millis;

/// The identity's file name.
pub const FILE: &str = "folder.json";

/// What a data folder is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Folder {
    /// 32 hexadecimal digits, random.
    pub id: String,
    /// When it was made.
    pub created_at: Millis,
}

impl Folder {
    /// Reads the identity of the data folder `dir`, or gives it one where it has none yet. An identity that was lost is
    /// taken from the copy in `backups`.
    ///
    /// # Errors
    /// [`StoreError::NoPermission`] and the like; [`StoreError::Damaged`] when the file is there and says nothing usable,
    /// or when a ledger is there and its folder's identity is not.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(FILE);
        let spare = dir.join(backup::FOLDER).join(FILE);
        if let Some(folder) = Self::read(&path)? {
            if !spare.exists() {
                // A folder that may only be read says so when its ledger is opened.
                let _ = folder.write(&spare);
            }
            return Ok(folder);
        }
        if let Some(folder) = Self::read(&spare)? {
            folder.write(&path)?;
            return Ok(folder);
        }
        if fs::metadata(dir.join(ledger::FILE)).is_ok_and(|meta| meta.len() > 0) {
            let what = format!(
                "“{FILE}” is missing in {}, and without it the key cannot be found; bring it back from a backup",
                dir.display()
            );
            return Err(StoreError::Damaged { file: "ledger", what });
        }
        let mut random = [0_u8; 16];
        getrandom::fill(&mut random).map_err(|error| StoreError::Random { reason: error.to_string() })?;
        let folder = Self {
            id: crate::secrets::hex(&random),
            created_at: jiff::Timestamp::now().as_millisecond(),
        };
        folder.write(&path)?;
        // Two processes may have come here at once: the one whose file stands gave the id.
        let folder = Self::read(&path)?.unwrap_or(folder);
        folder.write(&spare)?;
        Ok(folder)
    }

    fn read(path: &Path) -> Result<Option<Self>, StoreError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io("ledger", path, error)),
        };
        let damaged = || StoreError::Damaged {
            file: "ledger",
            what: format!("{} is not as Lanyard wrote it", path.display()),
        };
        let folder: Self = serde_json::from_str(&text).map_err(|_| damaged())?;
        let fits = folder.id.len() == 32 && folder.id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if fits { Ok(Some(folder)) } else { Err(damaged()) }
    }

    /// Writes the file whole or not at all, and never over another.
    fn write(&self, path: &Path) -> Result<(), StoreError> {
        let io = |error| StoreError::io("ledger", path, error);
        if let Some(folder) = path.parent() {
            make_folder(folder).map_err(io)?;
        }
        let text = serde_json::to_string(self).unwrap_or_default();
        let partial = path.with_extension(format!("json.{}.part", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        owner_only(&mut options);
        let mut file = options.open(&partial).map_err(io)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io)?;
        let outcome = match fs::hard_link(&partial, path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            // A file system without hard links.
            Err(_) => fs::rename(&partial, path),
        };
        // Gone already where it was renamed.
        let _ = fs::remove_file(&partial);
        backup::sync_folder(path);
        outcome.map_err(io)
    }
}

/// Fetches the key of the file `file` (`cache` or `ledger`) at `path` from the keychain, or makes one and puts it there when the file does not exist
/// yet. What is used is what the keychain gives back after it was put in, so a keychain that only pretends to keep is found at once.
///
/// # Errors
/// [`crate::secrets::SecretError`] when the keychain does not answer; [`StoreError::KeyLost`] when the file is there and its key is not
/// (for the cache: set the file aside and call again).
pub fn obtain_key(keychain: &dyn Keychain, folder: &Folder, file: &'static str, path: &Path) -> Result<Key, crate::Error> {
    let name = format!("{}/{file}-key", folder.id);
    if let Some(kept) = keychain.get(&name)? {
        return Ok(Key::from_secret(&kept)?);
    }
    // One process at a time makes a key: or two would make two, and one file would be lost to the other's.
    let lock_path = path.with_file_name(format!("{file}.key.lock"));
    if let Some(dir) = path.parent() {
        make_folder(dir).map_err(|error| StoreError::io(file, dir, error))?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    owner_only(&mut options);
    let lock = options.open(&lock_path).map_err(|error| StoreError::io(file, &lock_path, error))?;
    lock.lock().map_err(|error| StoreError::io(file, &lock_path, error))?;
    let key = make_key(keychain, &name, file, path);
    drop(lock);
    key
}

fn make_key(keychain: &dyn Keychain, name: &str, file: &'static str, path: &Path) -> Result<Key, crate::Error> {
    if let Some(kept) = keychain.get(name)? {
        return Ok(Key::from_secret(&kept)?);
    }
    if fs::metadata(path).is_ok_and(|meta| meta.len() > 0) {
        return Err(StoreError::KeyLost {
            file,
            path: path.to_path_buf(),
        }
        .into());
    }
    keychain.set(name, &Key::generate()?.to_secret())?;
    match keychain.get(name)? {
        Some(kept) => Ok(Key::from_secret(&kept)?),
        None => Err(crate::secrets::SecretError::Forgetful.into()),
    }
}
