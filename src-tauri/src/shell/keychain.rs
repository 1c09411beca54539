//! Where secrets are, as the environment says.

use std::sync::Arc;

use lanyard_engine::Error;
use lanyard_engine::secrets::{EnvKeychain, Keychain, OsKeychain};

/// The name of the variable: `keychain` (so without it) or `env`.
const CHOICE: &str = "LANYARD_SECRETS";

/// The system's keychain; or the environment, on a machine that has no keychain and where `LANYARD_SECRETS=env` says so.
///
/// # Errors
/// When the environment's secrets cannot be read.
pub fn by_environment() -> Result<Arc<dyn Keychain>, Error> {
    match std::env::var(CHOICE).as_deref() {
        Ok("env") => Ok(Arc::new(EnvKeychain::from_process()?)),
        _ => Ok(Arc::new(OsKeychain::new())),
    }
}
