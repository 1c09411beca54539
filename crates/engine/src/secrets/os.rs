//! The operating system's keychain: Secret Service on Linux and the BSDs, Keychain Services on macOS, Credential Manager on Windows.
//!
//! All of it happens on one thread of its own. A keychain may ask a person for a password and wait for the answer for ever; callers wait for a bounded
//! time and then go on. The thread also keeps the D-Bus connection away from any tokio runtime, inside which its blocking calls would panic.
//!
//! `keyring-core` and its stores are used directly: the `keyring` crate's front connects once in a process's life and keeps that first answer,
//! so a keychain that was started or unlocked after Lanyard would not be found until a restart.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use keyring_core::{CredentialStore, Error as StoreError};
use zeroize::Zeroizing;

use super::{Keychain, Secret, SecretError};

/// The service under which entries stand in the keychain.
pub const SERVICE: &str = "Lanyard";

/// How long a person has to answer the keychain's question before the caller goes on without.
const PATIENCE: Duration = Duration::from_secs(30);

type Bytes = Zeroizing<Vec<u8>>;
type Connect = Arc<dyn Fn() -> Result<Arc<CredentialStore>, StoreError> + Send + Sync>;

enum Ask {
    Get,
    Set(Bytes),
    Remove,
}

struct Job {
    account: String,
    ask: Ask,
    /// Set by whoever comes first: the thread that begins the work, or the caller who gives up waiting. Work that nobody waits for is not begun.
    taken: Arc<AtomicBool>,
    reply: SyncSender<Result<Option<Bytes>, SecretError>>,
}

/// The operating system's keychain.
pub struct OsKeychain {
    service: String,
    patience: Duration,
    connect: Connect,
    worker: Mutex<Option<Sender<Job>>>,
}

impl Default for OsKeychain {
    fn default() -> Self {
        Self::new()
    }
}

impl OsKeychain {
    /// The keychain of the user who runs Lanyard. Nothing is asked of it yet.
    pub fn new() -> Self {
        Self::with(SERVICE, PATIENCE, Arc::new(platform::connect))
    }

    /// The same keychain under another service name, so that tests do not meet a person's own entries.
    pub fn under(service: &str, patience: Duration) -> Self {
        Self::with(service, patience, Arc::new(platform::connect))
    }

    fn with(service: &str, patience: Duration, connect: Connect) -> Self {
        Self {
            service: service.to_owned(),
            patience,
            connect,
            worker: Mutex::new(None),
        }
    }

    fn ask(&self, account: &str, ask: Ask) -> Result<Option<Bytes>, SecretError> {
        let (reply, answer) = mpsc::sync_channel(1);
        let taken = Arc::new(AtomicBool::new(false));
        let job = Job {
            account: account.to_owned(),
            ask,
            taken: Arc::clone(&taken),
            reply,
        };
        self.send(job)?;
        match answer.recv_timeout(self.patience) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => {
                taken.store(true, Ordering::SeqCst);
                Err(SecretError::Timeout { after: self.patience })
            }
            Err(RecvTimeoutError::Disconnected) => Err(SecretError::Refused {
                reason: "its client ended in the middle of an answer".into(),
            }),
        }
    }

    /// Hands work to the thread, which is started when there is none (at first, or after it died).
    fn send(&self, job: Job) -> Result<(), SecretError> {
        let mut worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        let job = match worker.as_ref() {
            Some(jobs) => match jobs.send(job) {
                Ok(()) => return Ok(()),
                Err(mpsc::SendError(job)) => job,
            },
            None => job,
        };
        let (jobs, queue) = mpsc::channel();
        let (service, connect) = (self.service.clone(), Arc::clone(&self.connect));
        std::thread::Builder::new()
            .name("keychain".into())
            .spawn(move || work(&service, &connect, &queue))
            .map_err(|error| SecretError::Missing { reason: error.to_string() })?;
        jobs.send(job).map_err(|_| SecretError::Missing {
            reason: "its thread did not start".into(),
        })?;
        *worker = Some(jobs);
        Ok(())
    }
}

impl Keychain for OsKeychain {
    fn kind(&self) -> &'static str {
        "keychain"
    }

    fn get(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        let Some(mut bytes) = self.ask(name, Ask::Get)? else {
            return Ok(None);
        };
        match String::from_utf8(std::mem::take(&mut *bytes)) {
            Ok(text) => Ok(Some(Secret::new(text))),
            Err(error) => {
                // Wiped on the way out, like any other.
                drop(Zeroizing::new(error.into_bytes()));
                Err(SecretError::Malformed { name: name.to_owned() })
            }
        }
    }

    fn set(&self, name: &str, value: &Secret) -> Result<(), SecretError> {
        self.ask(name, Ask::Set(Zeroizing::new(value.expose().as_bytes().to_vec())))?;
        match self.ask(name, Ask::Get)? {
            Some(kept) if *kept == value.expose().as_bytes() => Ok(()),
            _ => Err(SecretError::Forgetful),
        }
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.ask(name, Ask::Remove).map(drop)
    }
}

/// The thread: one request after another, until the keychain's handle is dropped. A client that panics takes its own request and its
/// connection with it, and none of the requests that wait behind it.
fn work(service: &str, connect: &Connect, queue: &Receiver<Job>) {
    let mut store: Option<Arc<CredentialStore>> = None;
    for job in queue {
        if job.taken.swap(true, Ordering::SeqCst) {
            continue;
        }
        // The connection is given up after a panic, so nothing half-done is seen again.
        let result = catch_unwind(AssertUnwindSafe(|| answer(service, connect, &mut store, &job))).unwrap_or_else(|_| {
            store = None;
            Err(SecretError::Refused {
                reason: "its client ended in the middle of an answer".into(),
            })
        });
        // Nobody may be waiting any longer.
        let _ = job.reply.send(result);
    }
}

fn answer(service: &str, connect: &Connect, store: &mut Option<Arc<CredentialStore>>, job: &Job) -> Result<Option<Bytes>, SecretError> {
    loop {
        let (open, fresh) = match store {
            Some(open) => (Arc::clone(open), false),
            None => (
                Arc::clone(store.insert(connect().map_err(|error| platform::unconnected(&error))?)),
                true,
            ),
        };
        match perform(open.as_ref(), service, job) {
            Ok(result) => return Ok(result),
            // The service may have been restarted since; a new connection tells.
            Err(StoreError::PlatformFailure(_)) if !fresh => *store = None,
            Err(error) => {
                if matches!(error, StoreError::PlatformFailure(_)) {
                    *store = None;
                }
                return Err(name_error(&error, &job.account));
            }
        }
    }
}

fn perform(store: &CredentialStore, service: &str, job: &Job) -> Result<Option<Bytes>, StoreError> {
    let entry = store.build(service, &job.account, None)?;
    let outcome = match &job.ask {
        Ask::Get => entry.get_secret().map(|bytes| Some(Zeroizing::new(bytes))),
        Ask::Set(value) => entry.set_secret(value).map(|()| None),
        Ask::Remove => entry.delete_credential().map(|()| None),
    };
    match outcome {
        Err(StoreError::NoEntry) if !matches!(job.ask, Ask::Set(_)) => Ok(None),
        other => other,
    }
}

fn name_error(error: &StoreError, account: &str) -> SecretError {
    match error {
        StoreError::PlatformFailure(cause) | StoreError::NoStorageAccess(cause) => {
            platform::name_cause(cause.as_ref()).unwrap_or_else(|| SecretError::Refused { reason: cause.to_string() })
        }
        StoreError::NoDefaultStore => SecretError::Missing {
            reason: "there is no store".into(),
        },
        StoreError::TooLong(_, limit) => SecretError::TooLarge { limit: *limit },
        StoreError::Ambiguous(entries) => SecretError::Ambiguous {
            name: account.to_owned(),
            count: entries.len(),
        },
        StoreError::BadEncoding(_) | StoreError::BadDataFormat(..) => SecretError::Malformed { name: account.to_owned() },
        StoreError::Invalid(what, why) => SecretError::Refused {
            reason: format!("{what} {why}"),
        },
        StoreError::NoEntry => SecretError::Refused {
            reason: "it has no place for a new entry".into(),
        },
        StoreError::BadStoreFormat(reason) | StoreError::NotSupportedByStore(reason) => SecretError::Refused { reason: reason.clone() },
        _ => SecretError::Refused {
            reason: "for a reason that it does not name".into(),
        },
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
mod platform {
    use std::sync::Arc;

    use keyring_core::{CredentialStore, Error as StoreError};
    use secret_service::Error as Cause;

    use crate::secrets::SecretError;

    pub fn connect() -> Result<Arc<CredentialStore>, StoreError> {
        let store: Arc<CredentialStore> = zbus_secret_service_keyring_store::Store::new()?;
        Ok(store)
    }

    /// Without a connection there is no service to speak to, whatever the reason.
    pub fn unconnected(error: &StoreError) -> SecretError {
        let reason = match error {
            StoreError::PlatformFailure(cause) | StoreError::NoStorageAccess(cause) => cause.to_string(),
            other => other.to_string(),
        };
        SecretError::Missing { reason }
    }

    pub fn name_cause(cause: &(dyn std::error::Error + Send + Sync + 'static)) -> Option<SecretError> {
        match cause.downcast_ref::<Cause>()? {
            Cause::Locked => Some(SecretError::Locked { dismissed: false }),
            Cause::Prompt | Cause::PromptDisconnected => Some(SecretError::Locked { dismissed: true }),
            Cause::NoResult => Some(SecretError::Missing {
                reason: "it has no default keyring".into(),
            }),
            Cause::Unavailable => Some(SecretError::Missing {
                reason: "no Secret Service is running".into(),
            }),
            other => {
                let text = other.to_string();
                if text.contains("IsLocked") {
                    Some(SecretError::Locked { dismissed: false })
                } else if ["ServiceUnknown", "NoReply", "Disconnected", "NoSuchObject", "closed"]
                    .iter()
                    .any(|mark| text.contains(mark))
                {
                    Some(SecretError::Missing { reason: text })
                } else {
                    None
                }
            }
        }
    }
}

#[cfg(target_os = "macos")]
mod platform {
    use std::sync::Arc;

    use keyring_core::{CredentialStore, Error as StoreError};

    use crate::secrets::SecretError;

    pub fn connect() -> Result<Arc<CredentialStore>, StoreError> {
        let store: Arc<CredentialStore> = apple_native_keyring_store::keychain::Store::new()?;
        Ok(store)
    }

    pub fn unconnected(error: &StoreError) -> SecretError {
        SecretError::Missing { reason: error.to_string() }
    }

    /// By the numbers in Apple's `SecBase.h`.
    pub fn name_cause(cause: &(dyn std::error::Error + Send + Sync + 'static)) -> Option<SecretError> {
        let text = format!("{cause:?}");
        let is = |numbers: &[&str]| numbers.iter().any(|number| text.contains(number));
        if is(&["-128", "-25293"]) {
            Some(SecretError::Locked { dismissed: true })
        } else if is(&["-25308", "-25307"]) {
            Some(SecretError::Locked { dismissed: false })
        } else if is(&["-25291", "-25294", "-25295"]) {
            Some(SecretError::Missing { reason: cause.to_string() })
        } else {
            None
        }
    }
}

#[cfg(windows)]
mod platform {
    use std::sync::Arc;

    use keyring_core::{CredentialStore, Error as StoreError};

    use crate::secrets::SecretError;

    pub fn connect() -> Result<Arc<CredentialStore>, StoreError> {
        let store: Arc<CredentialStore> = windows_native_keyring_store::Store::new()?;
        Ok(store)
    }

    pub fn unconnected(error: &StoreError) -> SecretError {
        SecretError::Missing { reason: error.to_string() }
    }

    /// ERROR_NO_SUCH_LOGON_SESSION: a service or network logon, which has no credential store.
    pub fn name_cause(cause: &(dyn std::error::Error + Send + Sync + 'static)) -> Option<SecretError> {
        let text = format!("{cause:?} {cause}");
        text.contains("1312").then(|| SecretError::Missing { reason: cause.to_string() })
    }
}

#[cfg(test)]
mod tests {
    //! Against a store in memory, and one that never answers: what callers see, and how long they wait for it.

    use std::sync::atomic::AtomicUsize;
    use std::time::Instant;

    use super::*;

    fn in_memory() -> OsKeychain {
        let store: Arc<CredentialStore> = keyring_core::mock::Store::new().unwrap();
        OsKeychain::with("Lanyard test", Duration::from_secs(5), Arc::new(move || Ok(Arc::clone(&store))))
    }

    #[test]
    fn what_was_put_in_comes_out_and_goes() {
        let keychain = in_memory();
        assert!(keychain.get("folder/source/1").unwrap().is_none());
        keychain.set("folder/source/1", &Secret::new("t0ken – ü".into())).unwrap();
        assert_eq!(keychain.get("folder/source/1").unwrap().unwrap().expose(), "t0ken – ü");
        assert!(keychain.get("folder/source/2").unwrap().is_none());
        keychain.remove("folder/source/1").unwrap();
        keychain.remove("folder/source/1").unwrap();
        assert!(keychain.get("folder/source/1").unwrap().is_none());
    }

    #[test]
    fn a_keychain_that_never_answers_does_not_hang_its_callers() {
        let keychain = OsKeychain::with(
            "Lanyard test",
            Duration::from_millis(80),
            Arc::new(|| {
                std::thread::sleep(Duration::from_secs(3600));
                Err(StoreError::NoDefaultStore)
            }),
        );
        let start = Instant::now();
        for _ in 0..3 {
            assert!(matches!(keychain.get("x"), Err(SecretError::Timeout { .. })));
        }
        assert!(start.elapsed() < Duration::from_secs(2));
    }

    #[test]
    fn what_its_caller_gave_up_on_is_not_done_later() {
        let store: Arc<CredentialStore> = keyring_core::mock::Store::new().unwrap();
        let (open, slow) = (Arc::clone(&store), AtomicBool::new(true));
        let keychain = OsKeychain::with(
            "Lanyard test",
            Duration::from_millis(100),
            Arc::new(move || {
                if slow.swap(false, Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(350));
                }
                Ok(Arc::clone(&open))
            }),
        );
        // The first request holds the thread; the second waits behind it and is given up.
        assert!(matches!(keychain.get("first"), Err(SecretError::Timeout { .. })));
        assert!(matches!(
            keychain.set("second", &Secret::new("late".into())),
            Err(SecretError::Timeout { .. })
        ));
        std::thread::sleep(Duration::from_millis(400));
        assert!(
            keychain.get("second").unwrap().is_none(),
            "it was kept although its caller was told otherwise"
        );
    }

    #[test]
    fn a_keychain_that_comes_up_later_is_found_without_a_restart() {
        let store: Arc<CredentialStore> = keyring_core::mock::Store::new().unwrap();
        let tries = AtomicUsize::new(0);
        let keychain = OsKeychain::with(
            "Lanyard test",
            Duration::from_secs(5),
            Arc::new(move || {
                if tries.fetch_add(1, Ordering::SeqCst) == 0 {
                    Err(StoreError::NoDefaultStore)
                } else {
                    Ok(Arc::clone(&store))
                }
            }),
        );
        assert!(matches!(keychain.get("x"), Err(SecretError::Missing { .. })));
        assert!(keychain.get("x").unwrap().is_none());
    }

    #[test]
    fn a_client_that_dies_is_an_error_and_is_connected_again() {
        let store: Arc<CredentialStore> = keyring_core::mock::Store::new().unwrap();
        let tries = AtomicUsize::new(0);
        let keychain = OsKeychain::with(
            "Lanyard test",
            Duration::from_secs(5),
            Arc::new(move || {
                assert!(tries.fetch_add(1, Ordering::SeqCst) > 0, "the first connection dies");
                Ok(Arc::clone(&store))
            }),
        );
        assert!(matches!(keychain.get("x"), Err(SecretError::Refused { .. })));
        assert!(keychain.get("x").unwrap().is_none());
    }
}
