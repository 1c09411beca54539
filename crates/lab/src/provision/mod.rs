//! The identity provider pushes its people and groups to the downstream app and to Entra, some time after each change; and
//! in cycles it sees to it that what somebody wrote there directly does not stay.

mod entra;
mod job;
mod opening;
mod push;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

use crate::azure::AzureHandle;
use crate::scim::{Change, Family, Handle};

pub(crate) use opening::{downstream_store, provider_store};

/// What happens downstream and in Entra when somebody is deleted at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDelete {
    /// The account is switched off, as most providers do.
    Deactivate,
    /// The account is deleted.
    Delete,
    /// Nothing: the account stays as it is.
    Keep,
}

/// How the downstream app and Entra are provisioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProvisionOptions {
    /// From a change at the provider to the same change downstream and in Entra.
    pub delay: Duration,
    /// What a deletion at the provider does there.
    pub on_delete: OnDelete,
    /// From one cycle to the next: each puts back what was written directly to the downstream app or to Entra since the one
    /// before, accounts that were deleted there among it. None for a provider that does not look.
    pub cycle: Option<Duration>,
}

impl Default for ProvisionOptions {
    fn default() -> Self {
        Self {
            delay: Duration::from_secs(3),
            on_delete: OnDelete::Deactivate,
            cycle: None,
        }
    }
}

/// Where provisioning can be paused, slowed, and watched.
#[derive(Debug, Clone)]
pub struct Provisioner {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    options: Mutex<ProvisionOptions>,
    paused: AtomicBool,
    done: AtomicU64,
    cycles: AtomicU64,
    /// What was written directly since the last cycle, by the provider's ids, with the place there.
    touched: Mutex<BTreeMap<(Family, String), u32>>,
}

impl Provisioner {
    pub(crate) fn new(options: ProvisionOptions) -> Self {
        Self {
            shared: Arc::new(Shared {
                options: Mutex::new(options),
                paused: AtomicBool::new(false),
                done: AtomicU64::new(0),
                cycles: AtomicU64::new(0),
                touched: Mutex::default(),
            }),
        }
    }

    // A lock that a panicking test left poisoned still guards whole data.
    pub(crate) fn options(&self) -> MutexGuard<'_, ProvisionOptions> {
        self.shared.options.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes and cycles wait from now on until [`Provisioner::resume`].
    pub fn pause(&self) {
        self.shared.paused.store(true, Ordering::Relaxed);
    }

    /// Lets waiting changes through.
    pub fn resume(&self) {
        self.shared.paused.store(false, Ordering::Relaxed);
    }

    /// Sets the time from a change to its arrival downstream, for changes that come from now on.
    pub fn set_delay(&self, delay: Duration) {
        self.options().delay = delay;
    }

    /// Sets the time from one cycle to the next; none for no cycles.
    pub fn set_cycle(&self, cycle: Option<Duration>) {
        self.options().cycle = cycle;
    }

    /// How many changes have been handled so far, whether they changed anything downstream or not.
    #[must_use]
    pub fn handled(&self) -> u64 {
        self.shared.done.load(Ordering::Relaxed)
    }

    /// How many cycles there were.
    #[must_use]
    pub fn cycles(&self) -> u64 {
        self.shared.cycles.load(Ordering::Relaxed)
    }

    /// Remembers that something was written where the provider provisions, for the next cycle.
    pub(crate) fn touch(&self, family: Family, id: String, place: u32) {
        let mut touched = self.shared.touched.lock().unwrap_or_else(PoisonError::into_inner);
        touched.insert((family, id), place);
    }

    fn touched(&self) -> BTreeMap<(Family, String), u32> {
        std::mem::take(&mut *self.shared.touched.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn unpaused(&self) {
        while self.shared.paused.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Both ends of the provisioning.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) provider: Handle,
    pub(crate) downstream: Handle,
    pub(crate) azure: Option<AzureHandle>,
    /// The company's: Entra's object ids follow from it.
    pub(crate) seed: u64,
}

impl Route {
    fn entra(&self) -> Option<entra::Entra<'_>> {
        self.azure.as_ref().map(|azure| entra::Entra {
            azure,
            provider: &self.provider,
            seed: self.seed,
        })
    }

    /// What clients wrote to in Entra since the last time, as the provider calls it.
    fn written_in_entra(&self) -> Vec<((Family, String), u32)> {
        self.entra().map(|entra| entra.written()).unwrap_or_default()
    }

    /// Brings one user or group to the downstream app, or keeps it for later.
    fn push_downstream(&self, family: Family, id: &str, place: u32, on_delete: OnDelete) {
        if self.gate(family, id, place) != job::Gate::Open {
            return;
        }
        let mut steps = push::Steps {
            refused: self
                .azure
                .as_ref()
                .map(|azure| azure.azure.options().sync_refuses.clone())
                .unwrap_or_default(),
            ..push::Steps::default()
        };
        match family {
            Family::Users => push::push_user(&self.provider, &self.downstream, id, on_delete, &mut steps),
            Family::Groups => push::push_group(&self.provider, &self.downstream, id, on_delete, &mut steps),
        }
        for step in steps.all {
            if let Err(refusal) = &step.done {
                tracing::warn!(%refusal, "the downstream app refused a change");
            }
            self.note(step, place);
        }
    }

    /// Brings one user or group to where it belongs, as it is at the provider now.
    fn push(&self, family: Family, id: &str, place: u32, on_delete: OnDelete) {
        self.push_downstream(family, id, place, on_delete);
        if let Some(entra) = self.entra() {
            match family {
                Family::Users => entra.push_user(id, place, on_delete),
                Family::Groups => entra.push_group(id, place),
            }
        }
    }
}

/// Brings changes downstream until the provider is gone. `direct` are the changes of the downstream app itself.
pub(crate) async fn run(mut changes: UnboundedReceiver<Change>, direct: UnboundedReceiver<Change>, route: Route, provisioner: Provisioner) {
    let (sender, mut due) = tokio::sync::mpsc::unbounded_channel::<(Instant, Change)>();
    let stamp = async {
        while let Some(change) = changes.recv().await {
            let delay = provisioner.options().delay;
            if sender.send((Instant::now() + delay, change)).is_err() {
                break;
            }
        }
    };
    let push = async {
        while let Some((at, change)) = due.recv().await {
            tokio::time::sleep_until(at).await;
            provisioner.unpaused().await;
            let (route, on_delete) = (route.clone(), provisioner.options().on_delete);
            let work = move || route.push(change.family, &change.id, change.slot, on_delete);
            if let Err(error) = tokio::task::spawn_blocking(work).await {
                tracing::warn!(%error, "provisioning broke");
            }
            provisioner.shared.done.fetch_add(1, Ordering::Relaxed);
        }
    };
    tokio::join!(
        stamp,
        push,
        watch(direct, &route, &provisioner),
        cycle(&route, &provisioner),
        job::run(&route, &provisioner)
    );
}

/// Remembers what was written to the downstream app directly. The provider's own writes come by here too: a cycle that finds
/// everything as it wants it writes nothing.
async fn watch(mut direct: UnboundedReceiver<Change>, route: &Route, provisioner: &Provisioner) {
    while let Some(change) = direct.recv().await {
        let Some(external) = change.external else { continue };
        let place = route.provider.server.store().table(change.family).slot(&external);
        // Whoever is gone at the provider is not put back.
        if let Some(place) = place {
            provisioner.touch(change.family, external, place);
        }
    }
}

async fn cycle(route: &Route, provisioner: &Provisioner) {
    // An interval that is set anew counts from the cycle before.
    let mut last = Instant::now();
    loop {
        let interval = provisioner.options().cycle;
        let Some(interval) = interval.filter(|interval| last.elapsed() >= *interval) else {
            // Often enough where cycles are short; seldom where there are none.
            tokio::time::sleep(Duration::from_millis(if interval.is_some() { 20 } else { 200 })).await;
            continue;
        };
        provisioner.unpaused().await;
        last = Instant::now();
        tracing::debug!(?interval, "a cycle of provisioning");
        let (route, on_delete, mut touched) = (route.clone(), provisioner.options().on_delete, provisioner.touched());
        // Accounts first: groups name them.
        let work = move || {
            touched.extend(route.written_in_entra());
            for ((family, id), place) in touched {
                route.push(family, &id, place, on_delete);
            }
        };
        if let Err(error) = tokio::task::spawn_blocking(work).await {
            tracing::warn!(%error, "a cycle of provisioning broke");
        }
        provisioner.shared.cycles.fetch_add(1, Ordering::Relaxed);
    }
}
