//! What a person picked in the system's dialogs. The web view can write to or open what was picked just before, and no other path.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::{ShellError, lock};
use crate::commands::dialogs::PickedFile;

/// How much of a picked file is read: a bundle of certificate authorities of a large company has some 300 KB.
const MOST_BYTES: u64 = 1 << 20;

/// The last picks; each is good for one use, but for evidence, which is only looked at.
#[derive(Default)]
pub struct Picks {
    save: Mutex<Option<PathBuf>>,
    folder: Mutex<Option<PathBuf>>,
    evidence: Mutex<Option<PathBuf>>,
}

impl Picks {
    /// Remembers where a file may be written, and gives the path as the web view sees it.
    pub fn note_save(&self, path: PathBuf) -> String {
        note(&self.save, path)
    }

    /// The path to write to, if it is the one that was picked.
    pub fn take_save(&self, path: &str) -> Result<PathBuf, ShellError> {
        take(&self.save, path)
    }

    /// Remembers which folder may be opened, and gives its path as the web view sees it.
    pub fn note_folder(&self, path: PathBuf) -> String {
        note(&self.folder, path)
    }

    /// The folder to open, if it is the one that was picked.
    pub fn take_folder(&self, path: &str) -> Result<PathBuf, ShellError> {
        take(&self.folder, path)
    }

    /// Remembers which evidence may be looked at, and gives its path as the web view sees it.
    pub fn note_evidence(&self, path: PathBuf) -> String {
        note(&self.evidence, path)
    }

    /// The evidence to look at, if it is what was picked last. It may be looked at again: nothing of it is handed on but what holds.
    pub fn evidence(&self, path: &str) -> Result<PathBuf, ShellError> {
        let picked = lock(&self.evidence).clone().filter(|picked| picked.display().to_string() == path);
        picked.ok_or_else(|| ShellError::NotPicked { path: path.to_owned() })
    }
}

/// Remembers a pick.
fn note(slot: &Mutex<Option<PathBuf>>, path: PathBuf) -> String {
    let shown = path.display().to_string();
    *lock(slot) = Some(path);
    shown
}

/// Takes a pick out, if it is the one that is asked for.
fn take(slot: &Mutex<Option<PathBuf>>, path: &str) -> Result<PathBuf, ShellError> {
    let picked = lock(slot).take_if(|picked| picked.display().to_string() == path);
    picked.ok_or_else(|| ShellError::NotPicked { path: path.to_owned() })
}

/// Reads a small text file.
pub fn read_text(path: &Path) -> Result<PickedFile, ShellError> {
    let shown = path.display().to_string();
    let unreadable = |source| ShellError::Unreadable {
        path: shown.clone(),
        source,
    };
    let file = File::open(path).map_err(unreadable)?;
    let bytes = file.metadata().map_err(unreadable)?.len();
    if bytes > MOST_BYTES {
        return Err(ShellError::TooLarge {
            path: shown,
            bytes,
            limit: MOST_BYTES,
        });
    }
    let mut text = String::new();
    // Bounded once more: a device or pipe has no size to go by.
    file.take(MOST_BYTES).read_to_string(&mut text).map_err(unreadable)?;
    Ok(PickedFile { path: shown, text })
}

/// A file name without anything that would lead to another folder.
pub fn plain_name(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_control() || "/\\:*?\"<>|".contains(c) { '-' } else { c })
        .take(120)
        .collect();
    let plain = plain.trim_start_matches('.').trim();
    if plain.is_empty() { "lanyard".to_owned() } else { plain.to_owned() }
}

#[cfg(test)]
mod tests {
    //! Only what was picked, and once.

    use super::{MOST_BYTES, Picks, plain_name, read_text};
    use crate::shell::ShellError;

    #[test]
    fn a_pick_is_good_once_and_for_itself_only() {
        let picks = Picks::default();
        assert!(matches!(picks.take_save("/tmp/a.csv"), Err(ShellError::NotPicked { .. })));
        let path = picks.note_save("/tmp/a.csv".into());
        assert!(picks.take_save("/tmp/b.csv").is_err());
        assert!(picks.take_folder(&path).is_err(), "a file to write is no folder to open");
        assert_eq!(picks.take_save(&path).expect("picked"), std::path::Path::new("/tmp/a.csv"));
        assert!(picks.take_save(&path).is_err(), "a second time");
    }

    #[test]
    fn evidence_is_looked_at_again_until_another_is_picked() {
        let picks = Picks::default();
        assert!(picks.evidence("/tmp/run-1").is_err(), "nothing was picked");
        let path = picks.note_evidence("/tmp/run-1".into());
        assert!(picks.evidence(&path).is_ok() && picks.evidence(&path).is_ok());
        assert!(picks.take_folder(&path).is_err(), "evidence is no data folder");
        picks.note_evidence("/tmp/run-2".into());
        assert!(picks.evidence(&path).is_err());
    }

    #[test]
    fn reads_small_text_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, "-----BEGIN CERTIFICATE-----\n").expect("written");
        assert_eq!(read_text(&path).expect("read").text, "-----BEGIN CERTIFICATE-----\n");
        std::fs::write(&path, vec![b'a'; usize::try_from(MOST_BYTES).expect("small") + 1]).expect("written");
        assert!(matches!(read_text(&path), Err(ShellError::TooLarge { .. })));
        std::fs::write(&path, [0xFF, 0xFE]).expect("written");
        assert!(matches!(read_text(&path), Err(ShellError::Unreadable { .. })));
    }

    #[test]
    fn names_lead_nowhere() {
        assert_eq!(plain_name("people.csv"), "people.csv");
        assert_eq!(plain_name("../../etc/passwd"), "-..-etc-passwd");
        assert_eq!(plain_name(""), "lanyard");
    }
}
