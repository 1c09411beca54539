//! Opens the engine: which folder, and where the secrets are.

use std::path::PathBuf;
use std::sync::Arc;

use lanyard_engine::secrets::{EnvKeychain, KEY_VARIABLE, Keychain, OsKeychain};
use lanyard_engine::{Engine, Error, OpenOptions};
use tempfile::TempDir;

use crate::args::Secrets;
use crate::exit::{Failure, fault};
use crate::output::Out;

/// Where to work.
pub struct Place {
    /// The folder; the platform's own for Lanyard when none is named.
    pub data_dir: Option<PathBuf>,
    /// Where secrets are.
    pub secrets: Secrets,
}

/// An open engine.
pub struct Opened {
    /// The engine.
    pub engine: Engine,
    /// Where secrets are.
    pub secrets: Secrets,
    /// A folder that goes when this is dropped.
    _passing: Option<TempDir>,
}

impl Place {
    /// Opens the engine, and says on standard error what a person must know about it.
    pub fn open(&self, out: &Out) -> Result<Opened, Failure> {
        let mut passing = None;
        let keychain: Arc<dyn Keychain> = match self.secrets {
            Secrets::Keychain => Arc::new(OsKeychain::new()),
            Secrets::Env => {
                let keychain = EnvKeychain::from_process().map_err(Error::from)?;
                if !keychain.has_lasting_key() {
                    let folder = TempDir::with_prefix("lanyard-").map_err(|error| Failure::file("a temporary folder", error))?;
                    out.note(format!(
                        "Secrets come from the environment and {KEY_VARIABLE} is not set: cache and ledger live for this process only, \
                         and the data folder is left alone."
                    ));
                    passing = Some(folder);
                }
                Arc::new(keychain)
            }
        };
        let data_dir = match (&passing, &self.data_dir) {
            (Some(folder), _) => folder.path().to_owned(),
            (None, Some(folder)) => folder.clone(),
            (None, None) => own_folder()?,
        };
        let engine = Engine::open(OpenOptions {
            data_dir,
            keychain,
            demo: false,
        })?;
        for notice in engine.state()?.notices {
            out.note(notice);
        }
        Ok(Opened {
            engine,
            secrets: self.secrets,
            _passing: passing,
        })
    }
}

/// The platform's folder for Lanyard's data, the one that the window opens too.
fn own_folder() -> Result<PathBuf, Failure> {
    directories::ProjectDirs::from("app", "Lanyard", "Lanyard")
        .map(|folders| folders.data_local_dir().to_owned())
        .ok_or_else(|| {
            fault(
                "dataDir.unknown",
                "this account has no home folder".into(),
                "There is no place for cache and ledger.",
                "Name a folder with --data-dir.",
            )
            .into()
        })
}
