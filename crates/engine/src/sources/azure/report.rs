//! The connection test in plain words: each permission by its name, tried by a small request, and what cannot be told without it.

use std::collections::BTreeMap;
use std::time::Instant;

use futures_util::StreamExt;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::arm::{self, GROUPS_READ, Job, SUBSCRIPTIONS_READ};
use super::outlet::named;
use super::{AzureClient, graph, shelves, wire};
use crate::record::{ItemKind, ResourceKind};
use crate::sources::SourceError;
use crate::sources::http::Call;
use crate::sources::probe::{Points, counted};
use crate::view::{ProbeReport, ProbeState};

/// So many subscriptions are tried for what takes a request in each; role assignments are tried in all.
const TRIED: usize = 3;
/// Nobody has it.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// See [`AzureClient::probe`].
pub(super) async fn probe(client: &AzureClient, cancel: &CancellationToken) -> ProbeReport {
    let started = Instant::now();
    let before = client.traffic().requests;
    let mut test = Test {
        client,
        cancel,
        points: Points::default(),
        users: None,
        groups: None,
        subscriptions: None,
        missing: 0,
    };
    let failure = test.take().await.err();
    let ok = failure.is_none();
    ProbeReport {
        ok,
        summary: match &failure {
            None => test.summary(),
            Some(error) => format!("{} cannot be synced: {error}", client.name()),
        },
        users: test.users,
        groups: test.groups,
        points: test.points.0,
        requests: client.traffic().requests - before,
        took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        fault: failure.map(|error| error.fault()),
    }
}

struct Test<'c> {
    client: &'c AzureClient,
    cancel: &'c CancellationToken,
    points: Points,
    users: Option<u64>,
    groups: Option<u64>,
    subscriptions: Option<u64>,
    missing: usize,
}

/// Whether an error is about one permission, or about everything.
fn is_of_part(error: &SourceError) -> bool {
    !error.ends_reading() && !matches!(error, SourceError::Setting { .. }) && error.status().is_some()
}

impl Test<'_> {
    async fn take(&mut self) -> Result<(), SourceError> {
        let users = graph::count(self.client, "users", self.cancel).await;
        // The first answer tells whether Graph is reached and takes the credential.
        let failure = users.as_ref().err().filter(|error| !is_of_part(error));
        self.points.reach(self.client.graph().base(), failure);
        if let (Some(error @ SourceError::SignIn { .. }), Some(auth)) =
            (failure, self.points.0.iter_mut().find(|point| point.topic == "auth"))
        {
            auth.state = ProbeState::Bad;
            auth.says = error.to_string();
        }
        self.users = self.counted(ResourceKind::User, "user", users)?;
        let groups = graph::count(self.client, "groups", self.cancel).await;
        self.groups = self.counted(ResourceKind::Group, "group", groups)?;
        let services = graph::count(self.client, "servicePrincipals", self.cancel).await;
        self.counted(ResourceKind::Service, "service principal", services)?;
        self.lost().await?;
        self.provisioning().await?;
        self.estate().await
    }

    fn missing(&mut self, needs: &str, title: &str, error: &SourceError, without: &str) {
        self.missing += 1;
        let instead = format!("Reads the rest; {without}: not evaluated.");
        self.points.add(needs, title, ProbeState::Bad, error.to_string(), Some(&instead));
    }

    /// A family of the directory, by Graph's count.
    fn counted(&mut self, kind: ResourceKind, noun: &str, seen: Result<Option<u64>, SourceError>) -> Result<Option<u64>, SourceError> {
        let needs = shelves::needs(kind);
        let title = format!("{} ({needs})", kind.collection());
        match seen {
            Ok(Some(count)) => {
                let says = format!("{} by Graph's own count.", counted(count, noun));
                self.points.add(needs, &title, ProbeState::Good, says, None);
                Ok(Some(count))
            }
            Ok(None) => {
                let says = "They may be read; Graph does not count them.";
                self.points.add(needs, &title, ProbeState::Good, says, None);
                Ok(None)
            }
            Err(error) if is_of_part(&error) => {
                self.missing(needs, &title, &error, shelves::without(kind));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether principals may be asked for by id, and deleted ones looked for.
    async fn lost(&mut self) -> Result<(), SourceError> {
        let kind = ResourceKind::Item(ItemKind::LostPrincipal);
        let needs = shelves::needs(kind);
        let title = format!("{} ({needs})", kind.collection());
        let graph = self.client.graph();
        let call = wire::question(graph.below(["directoryObjects", "getByIds"]), &json!({"ids": [NOBODY]}));
        let seen = async {
            wire::ask(graph, call, self.cancel).await?;
            let deleted = wire::asked(graph, Call::get(graph.below(["directory", "deletedItems", NOBODY])), self.cancel).await?;
            match deleted.status.as_u16() {
                200 | 404 => Ok(()),
                status => Err(wire::refusal(graph, &deleted, status, &deleted.body)),
            }
        };
        match seen.await {
            Ok(()) => self.points.add(
                needs,
                &title,
                ProbeState::Good,
                "Objects can be asked for by id, and looked for among the deleted ones.",
                None,
            ),
            Err(error) if is_of_part(&error) => self.missing(needs, &title, &error, shelves::without(kind)),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Whether Entra's provisioning jobs and its log may be read.
    async fn provisioning(&mut self) -> Result<(), SourceError> {
        let kind = ResourceKind::Item(ItemKind::ProvisioningJob);
        let (needs, title) = titled(kind);
        match graph::may_read_jobs(self.client, self.cancel).await {
            Ok(Some(count)) => {
                let says = format!("May be read of {}.", counted(count as u64, "application"));
                self.points.add(needs, &title, ProbeState::Good, says, None);
            }
            Ok(None) => {
                let says = "There is no application that could have one.";
                self.points.add(needs, &title, ProbeState::Good, says, None);
            }
            Err(error) if is_of_part(&error) => self.missing(needs, &title, &error, shelves::without(kind)),
            Err(error) => return Err(error),
        }
        let kind = ResourceKind::Item(ItemKind::ProvisioningError);
        let (needs, title) = titled(kind);
        match graph::may_read_log(self.client, self.cancel).await {
            Ok(()) => self
                .points
                .add(needs, &title, ProbeState::Good, "The provisioning log may be read.", None),
            Err(error) if graph::is_without_licence(&error) => {
                let says = "The tenant has no licence for the provisioning log (Microsoft Entra ID P1).";
                let instead = format!("Reads the rest; {}: not evaluated.", shelves::without(kind));
                self.points.add(needs, &title, ProbeState::Lacking, says, Some(&instead));
            }
            Err(error) if is_of_part(&error) => self.missing(needs, &title, &error, shelves::without(kind)),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Management groups, subscriptions, and what may be read in them.
    async fn estate(&mut self) -> Result<(), SourceError> {
        let estate = match arm::estate(self.client, self.cancel).await {
            Ok(estate) => estate,
            Err(error) if is_of_part(&error) => {
                let without = shelves::without(ResourceKind::Item(ItemKind::Subscription));
                self.missing(
                    SUBSCRIPTIONS_READ,
                    &format!("Subscriptions ({SUBSCRIPTIONS_READ})"),
                    &error,
                    without,
                );
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let groups = format!("Management groups ({GROUPS_READ})");
        match &estate.groups_failed {
            Some(error) => {
                let without = shelves::without(ResourceKind::Item(ItemKind::ManagementGroup));
                self.missing(GROUPS_READ, &groups, error, without);
            }
            None if estate.groups.is_empty() => self.points.add(
                GROUPS_READ,
                &groups,
                ProbeState::Unknown,
                "Azure shows none: there are none, or this credential may see none.",
                Some("What is inherited from management groups shows in each subscription's own list."),
            ),
            None => {
                let says = format!("{}.", counted(estate.groups.len() as u64, "management group"));
                self.points.add(GROUPS_READ, &groups, ProbeState::Good, says, None);
            }
        }
        let title = format!("Subscriptions ({SUBSCRIPTIONS_READ})");
        if estate.subscriptions.is_empty() {
            self.missing += 1;
            self.points.add(
                SUBSCRIPTIONS_READ,
                &title,
                ProbeState::Bad,
                "Azure shows this credential no subscription.",
                Some("Reads the directory; who may do what in Azure: not evaluated. Give the application the Reader role on the subscriptions, or on a management group above them."),
            );
            return Ok(());
        }
        self.subscriptions = Some(estate.subscriptions.len() as u64);
        let says = format!(
            "{}: {}.",
            counted(estate.subscriptions.len() as u64, "subscription"),
            named(&names(&estate.subscriptions))
        );
        self.points.add(SUBSCRIPTIONS_READ, &title, ProbeState::Good, says, None);
        for item in [
            ItemKind::RoleAssignment,
            ItemKind::RoleDefinition,
            ItemKind::DenyAssignment,
            ItemKind::Eligibility,
            ItemKind::RecoveryVault,
            ItemKind::BackupVault,
            ItemKind::ResourceGuard,
        ] {
            let all = estate.subscriptions.len();
            let tried = if item == ItemKind::RoleAssignment { all } else { all.min(TRIED) };
            self.in_subscriptions(item, &estate.subscriptions[..tried]).await?;
        }
        Ok(())
    }

    /// Tries one permission in subscriptions.
    async fn in_subscriptions(&mut self, item: ItemKind, subscriptions: &[arm::Subscription]) -> Result<(), SourceError> {
        let kind = arm::kind(item);
        let title = format!("{} ({})", ResourceKind::Item(item).collection(), kind.needs);
        let filter = (item == ItemKind::RoleAssignment).then_some("atScope()");
        let jobs = subscriptions
            .iter()
            .map(|one| Job {
                url: arm::below(self.client, &one.id, kind.path, kind.version, filter),
                label: one.name.clone(),
                needs: kind.needs,
            })
            .collect();
        let mut refused: BTreeMap<String, SourceError> = BTreeMap::new();
        let mut lists = Box::pin(arm::first_pages(self.client, jobs, self.cancel));
        while let Some((job, page)) = lists.next().await {
            match page {
                Ok(()) => {}
                Err(error) if is_of_part(&error) => drop(refused.insert(job.label, error)),
                Err(error) => return Err(error),
            }
        }
        let without = shelves::without(ResourceKind::Item(item));
        let Some(error) = refused.values().next() else {
            let says = match subscriptions {
                [one] => format!("May be read in {}.", one.name),
                more => format!("May be read in {}.", named(&names(more))),
            };
            self.points.add(kind.needs, &title, ProbeState::Good, says, None);
            return Ok(());
        };
        if wire::rejected_as(error).is_some_and(|(_, code)| code == "AadPremiumLicenseRequired") {
            let says = "The tenant has no licence for Privileged Identity Management.";
            self.points.add(
                kind.needs,
                &title,
                ProbeState::Lacking,
                says,
                Some("Shows no eligibilities: there are none without it."),
            );
            return Ok(());
        }
        self.missing += 1;
        let places: Vec<String> = refused.keys().cloned().collect();
        let says = format!("Not in {}: {error}", named(&places));
        let instead = format!("Reads the rest; {without} there: not evaluated.");
        self.points.add(kind.needs, &title, ProbeState::Bad, says, Some(&instead));
        Ok(())
    }

    fn summary(&self) -> String {
        let part =
            |count: Option<u64>, noun: &str| count.map_or_else(|| format!("{noun}s that it does not count"), |count| counted(count, noun));
        let missing = match self.missing {
            0 => String::new(),
            1 => " One permission is missing: what it is for is not evaluated.".into(),
            more => format!(" {more} permissions are missing: what they are for is not evaluated."),
        };
        let subscriptions = self
            .subscriptions
            .map_or_else(|| "no subscription".into(), |count| counted(count, "subscription"));
        format!(
            "{} answers: {}, {} and {subscriptions}.{missing}",
            self.client.name(),
            part(self.users, "user"),
            part(self.groups, "group"),
        )
    }
}

/// The permission of a collection, and the title of its point.
fn titled(kind: ResourceKind) -> (&'static str, String) {
    let needs = shelves::needs(kind);
    (needs, format!("{} ({needs})", kind.collection()))
}

fn names(subscriptions: &[arm::Subscription]) -> Vec<String> {
    subscriptions.iter().map(|one| one.name.clone()).collect()
}
