//! The cycles of Entra's provisioning job: they ask the downstream app with the saved token, and bring it what had to wait.

use std::time::Duration;

use super::push::Step;
use super::{Provisioner, Route, entra};
use crate::azure::{Entry, Job, Outcome};
use crate::journal::millis;
use crate::scim::{Family, Sees};

/// What becomes of a change that is meant for the downstream app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// It goes there.
    Open,
    /// It waits for a cycle that completes.
    Held,
    /// The token opens somebody else's tenant: it is gone from here.
    Elsewhere,
}

impl Route {
    /// Whether a change reaches the downstream app now. Where Entra provisions it, that hangs on the token which Entra holds.
    pub(super) fn gate(&self, family: Family, id: &str, place: u32) -> Gate {
        let Some(azure) = &self.azure else { return Gate::Open };
        let every = azure.azure.options().sync_every;
        let mut held = azure.azure.job();
        let Some(job) = held.as_mut() else { return Gate::Open };
        let outcome = job.flows().then(|| job.ask_with_saved("PATCH"));
        match outcome {
            Some(Outcome::Good(Sees::OtherTenant)) => return Gate::Elsewhere,
            Some(Outcome::Good(_)) => return Gate::Open,
            Some(refused) => job.quarantined(refused, every),
            None => {}
        }
        job.pend(family, id, place);
        Gate::Held
    }
}

impl Route {
    /// Writes a step into the log of Entra's job, where there is one, and keeps what failed for the next cycle. `pushed` is the place of
    /// what was pushed, which the step may be a part of.
    pub(super) fn note(&self, step: Step, pushed: u32) {
        let Some(azure) = &self.azure else { return };
        let place = self.provider.server.store().table(step.family).slot(&step.id).unwrap_or(pushed);
        let (action, target, error) = match step.done {
            Ok((action, target)) => (action, target, None),
            Err(refusal) => {
                let code = if refusal.status == 409 {
                    "EntryConflict"
                } else {
                    "SystemForCrossDomainIdentityManagementBadRequest"
                };
                let there = self
                    .downstream
                    .server
                    .store()
                    .table(step.family)
                    .external(&step.id)
                    .next()
                    .is_some();
                (if there { "update" } else { "create" }, None, Some((code, refusal.to_string())))
            }
        };
        let mut held = azure.azure.job();
        let Some(job) = held.as_mut() else { return };
        if error.is_some() {
            job.pend(step.family, &step.id, place);
        }
        drop(held);
        azure.azure.log().note(Entry {
            at: millis(),
            user: step.family == Family::Users,
            action,
            source: entra::object(self.seed, step.family, place as usize),
            display: step.display,
            target,
            error,
        });
    }
}

/// Runs the job whenever it is due, for ever.
pub(super) async fn run(route: &Route, provisioner: &Provisioner) {
    let Some(azure) = route.azure.as_ref().map(|azure| azure.azure.clone()) else {
        return;
    };
    loop {
        tokio::time::sleep(Duration::from_millis(40)).await;
        if !azure.job().as_ref().is_some_and(Job::due) {
            continue;
        }
        provisioner.unpaused().await;
        let (every, takes) = {
            let options = azure.options();
            (options.sync_every, options.sync_takes)
        };
        let began = millis();
        tokio::time::sleep(takes).await;
        let asked = azure.job().as_ref().map(|job| job.ask_with_saved("GET"));
        let Some(outcome) = asked else { continue };
        let waiting = match outcome {
            Outcome::Good(_) => azure.job().as_mut().map(Job::take_pending),
            _ => None,
        };
        let waiting = waiting.unwrap_or_default();
        let exported = waiting.len();
        if let Some(job) = azure.job().as_mut() {
            job.ran(began, outcome, exported, every);
        }
        let (route, on_delete) = (route.clone(), provisioner.options().on_delete);
        // A write that is refused puts the job back into quarantine, and what is left waits again.
        let work = move || {
            for ((family, id), place) in waiting {
                route.push_downstream(family, &id, place, on_delete);
            }
        };
        if let Err(error) = tokio::task::spawn_blocking(work).await {
            tracing::warn!(%error, "a cycle of Entra's provisioning broke");
        }
    }
}
