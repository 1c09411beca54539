//! The folder `plans` of a data folder.

use std::path::PathBuf;
use std::{fs, io};

use sha2::{Digest, Sha256};

use crate::secrets::hex;

/// The plans of a data folder.
pub struct Files {
    folder: PathBuf,
}

/// Why a plan could not be saved.
#[derive(Debug)]
pub enum SaveError {
    /// The file is not as it was when it was opened: its revision now, none where it is gone.
    Changed(Option<String>),
    /// Its name is none.
    Name,
    /// The file could not be written.
    File(String, io::Error),
}

/// The first 8 hexadecimal digits of a text's SHA-256.
pub fn revision(text: &str) -> String {
    let mut digest = hex(&Sha256::digest(text.as_bytes()));
    digest.truncate(8);
    digest
}

/// The file's name for a plan of this name: `Leaver, payments` gives `leaver-payments.yaml`.
pub fn file_name(plan: &str) -> String {
    let words: Vec<String> = plan
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let stem: String = words.join("-").chars().take(60).collect();
    format!("{}.yaml", if stem.is_empty() { "plan" } else { &stem })
}

/// Whether a name is one file of the folder and nothing else.
fn is_name(file: &str) -> bool {
    let stem = file.strip_suffix(".yaml").or_else(|| file.strip_suffix(".yml"));
    stem.is_some_and(|stem| !stem.is_empty() && !stem.starts_with('.') && !stem.contains(['/', '\\', ':', '\0'])) && file.len() <= 255
}

impl Files {
    /// Those of the data folder `data_dir`.
    pub fn of(data_dir: &std::path::Path) -> Self {
        Self {
            folder: data_dir.join("plans"),
        }
    }

    /// Where they are.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// The names of all of them, in order.
    ///
    /// # Errors
    /// When the folder cannot be read; one that is not there has none.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            if let Some(name) = entry.file_name().to_str().filter(|name| is_name(name))
                && !entry.file_type()?.is_dir()
            {
                names.push(name.to_owned());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The text of one; none where there is none of this name.
    ///
    /// # Errors
    /// When it cannot be read, or is longer than a plan may be.
    pub fn text(&self, file: &str) -> io::Result<Option<String>> {
        if !is_name(file) {
            return Ok(None);
        }
        let path = self.folder.join(file);
        match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
            Ok(meta) if meta.len() > super::LONGEST as u64 => {
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is too long for a plan"));
            }
            Ok(_) => {}
        }
        fs::read_to_string(path).map(Some)
    }

    /// Writes one: over the revision that was opened, or as a new file with none. It is whole or not there.
    ///
    /// # Errors
    /// [`SaveError`], with nothing written.
    pub fn save(&self, file: &str, text: &str, over: Option<&str>) -> Result<(), SaveError> {
        if !is_name(file) {
            return Err(SaveError::Name);
        }
        let path = self.folder.join(file);
        let failed = |error| SaveError::File(path.display().to_string(), error);
        let now = self.text(file).map_err(failed)?.map(|text| revision(&text));
        if now.as_deref() != over {
            return Err(SaveError::Changed(now));
        }
        crate::store::file::make_folder(&self.folder).map_err(failed)?;
        let beside = self.folder.join(format!(".{file}.new"));
        fs::write(&beside, text).map_err(failed)?;
        fs::rename(&beside, &path).map_err(failed)
    }
}
