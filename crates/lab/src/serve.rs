//! Ports and lifecycle: opens the lab, says where everything is, and closes it.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::azure::{self, AzureHandle, AzureOptions, TlsError};
use crate::backstage::{self, Portal, PortalHandle, PortalOptions};
use crate::company::access::azure::RESTORE_GROUPS;
use crate::company::plans::{LabPlan, PLANS};
use crate::company::{Company, DEFAULT_PEOPLE, DEFAULT_SEED, MOST_PEOPLE, mix};
use crate::control::{self, Inside};
use crate::faults::FaultError;
use crate::journal::Journal;
use crate::provision::{ProvisionOptions, Provisioner, Route, downstream_store, provider_store, run};
use crate::scim::{Access, Handle, IdStyle, ScimOptions, Server, Store, router, settle};

/// What kind of lab is wanted. The default is true to the RFCs, with nothing going wrong.
#[derive(Debug, Clone)]
pub struct LabOptions {
    /// How many people work there.
    pub people: usize,
    /// The seed of the company, and of everything that goes wrong.
    pub seed: u64,
    /// Port of the identity provider; the downstream app takes the next, the portal the one after, then Entra,
    /// Graph and the Resource Manager, and the control door the last. 0 takes free ports.
    pub port: u16,
    /// The identity provider.
    pub provider: ScimOptions,
    /// The downstream app.
    pub downstream: ScimOptions,
    /// How the downstream app is provisioned.
    pub provisioning: ProvisionOptions,
    /// The developer portal (Backstage), where there is to be one.
    pub portal: Option<PortalOptions>,
    /// Entra, Graph and the Resource Manager, where there are to be any.
    pub azure: Option<AzureOptions>,
    /// Whether there is a door on loopback to read the truth, to see what was written, and to switch faults
    /// (see [`crate::control`]).
    pub control: bool,
    /// Whether a script that connects what there is should let Lanyard write to it.
    pub writes: bool,
}

impl Default for LabOptions {
    fn default() -> Self {
        Self {
            people: DEFAULT_PEOPLE,
            seed: DEFAULT_SEED,
            port: 0,
            provider: ScimOptions::named("Workforce IdP"),
            downstream: ScimOptions::named("Ledgerly"),
            provisioning: ProvisionOptions::default(),
            portal: None,
            azure: None,
            control: false,
            writes: false,
        }
    }
}

impl LabOptions {
    /// Every system of the company.
    #[must_use]
    pub fn whole() -> Self {
        Self {
            portal: Some(PortalOptions::named("Portal")),
            azure: Some(AzureOptions::default()),
            ..Self::default()
        }
    }

    /// Lets a client write: at Graph and at the Resource Manager, where the others let everybody with a token. What there is to connect says so.
    pub fn allow_writes(&mut self) {
        self.writes = true;
        if let Some(azure) = &mut self.azure {
            azure.allow_writes();
        }
    }
}

/// Why the lab does not open.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// A port cannot be had.
    #[error("port {port} on loopback cannot be opened: {source}")]
    Port {
        /// The port that was asked for.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// A further port would be beyond the last.
    #[error("with port {0} there is no next port for every system")]
    NoNextPort(u16),
    /// More people than can be made.
    #[error("{0} people are too many: at most {MOST_PEOPLE}")]
    TooManyPeople(usize),
    /// A fault that cannot be read.
    #[error(transparent)]
    Fault(#[from] FaultError),
    /// The servers of Azure cannot speak TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A fault for a server that is not there.
    #[error("there is no server '{0}' to fail; it is 'idp', 'ledgerly', 'portal' or 'azure'")]
    UnknownServer(String),
    /// A setting for a server that does not have it.
    #[error("'{0}' has no such setting")]
    NotThere(String),
}

/// One source as a script connects it. Each key beside `kind` is an option of `lanyard source add` by the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabSource {
    /// `scim`, `backstage` or `azure`.
    pub kind: &'static str,
    /// The name for people.
    pub name: String,
    /// Base URL; of Azure the Resource Manager's.
    pub url: String,
    /// Bearer token; of Azure the client secret.
    pub token: String,
    /// Whether this is the identity provider.
    pub authoritative: bool,
    /// Whether Lanyard should be let to write to it.
    #[serde(rename = "allow-writes")]
    pub allow_writes: bool,
    /// What only sources of this kind have, by the names of the options.
    #[serde(flatten)]
    pub more: BTreeMap<&'static str, String>,
}

/// What `lanyard lab serve --json` prints when it is ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabSummary {
    /// What there is to connect, the identity provider first.
    pub sources: Vec<LabSource>,
    /// How many users the identity provider has.
    pub people: usize,
    /// How many groups the identity provider has.
    pub groups: usize,
    /// Where the control door is, if one was asked for: paths below it are those of [`crate::control`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control: Option<String>,
    /// The token that manages tokens at `/api/tokens` of each SCIM server, by the server's name to `--fault`.
    #[serde(rename = "token-managers")]
    pub token_managers: BTreeMap<&'static str, String>,
    /// The names of the groups that are meant for restoring from the tenant's vaults; none without the tenant.
    #[serde(rename = "restore-groups")]
    pub restore_groups: &'static [&'static str],
    /// Plans of de-provisioning that can be run here; none unless every system is served and may be written to.
    pub plans: &'static [LabPlan],
}

/// An open lab. It closes when it is dropped.
#[derive(Debug)]
pub struct Lab {
    summary: LabSummary,
    provider: Handle,
    downstream: Handle,
    provisioner: Provisioner,
    portal: Option<PortalHandle>,
    azure: Option<AzureHandle>,
    journal: Journal,
    stop: CancellationToken,
    _guard: DropGuard,
    tasks: Vec<JoinHandle<()>>,
}

/// Opens the lab on loopback.
///
/// # Errors
/// When a port cannot be had, or more than a million people are asked for.
pub async fn serve(options: LabOptions) -> Result<Lab, LabError> {
    if options.people > MOST_PEOPLE {
        return Err(LabError::TooManyPeople(options.people));
    }
    let port = |place: u16| match options.port {
        0 => Ok(0),
        port => port.checked_add(place).ok_or(LabError::NoNextPort(port)),
    };
    let (upper, lower) = (open(port(0)?).await?, open(port(1)?).await?);
    let portal_socket = match &options.portal {
        Some(_) => Some(open(port(2)?).await?),
        None => None,
    };
    let azure_sockets = match &options.azure {
        Some(_) => Some([open(port(3)?).await?, open(port(4)?).await?, open(port(5)?).await?]),
        None => None,
    };
    let control_socket = if options.control { Some(open(port(6)?).await?) } else { None };
    let wants_tenant = azure_sockets.is_some();
    let journal = Journal::default();
    let base = |socket: &(TcpListener, SocketAddr)| format!("http://{}/scim/v2", socket.1);
    let (provider_url, downstream_url) = (base(&upper), base(&lower));
    let (seed, people, writes) = (options.seed, options.people, options.writes);
    let made = tokio::task::spawn_blocking(move || {
        let company = Company::generate(seed, people);
        let provider = provider_store(&company, &provider_url);
        let downstream = downstream_store(&company, &provider, &downstream_url);
        let tenant = wants_tenant.then(|| company.tenant());
        (provider, downstream, tenant, company)
    });
    let (provider_made, downstream_made, tenant, company) = finished(made).await;
    let (people, groups) = (provider_made.users.order.len(), provider_made.groups.order.len());
    let (sender, changes) = tokio::sync::mpsc::unbounded_channel();
    let (direct_sender, direct) = tokio::sync::mpsc::unbounded_channel();
    let (provider_name, downstream_name) = (options.provider.name.clone(), options.downstream.name.clone());
    let make = |store: Store, options: ScimOptions, ids, salt, prefix, changes, system| {
        let access = Access::new(options.auth.clone(), &options.tokens, prefix, store.base());
        let noted = (journal.clone(), system);
        Handle {
            server: Arc::new(Server::new(store, options, ids, mix(seed, salt), access, Some(changes), noted)),
        }
    };
    let opaque = IdStyle::Opaque(mix(seed, 0x6e));
    let provider = make(provider_made, options.provider, opaque, 1, "idp_", sender, "idp");
    let downstream = make(
        downstream_made,
        options.downstream,
        IdStyle::Numeric,
        2,
        "led_",
        direct_sender,
        "ledgerly",
    );
    let stop = CancellationToken::new();
    let provisioner = Provisioner::new(options.provisioning);
    let mut tasks = vec![listen(upper.0, &provider, &stop), listen(lower.0, &downstream, &stop)];
    tasks.extend([&provider, &downstream].map(|handle| until(&stop, settle(handle.server.clone()))));
    let source = |handle: &Handle, name, authoritative| LabSource {
        kind: "scim",
        name,
        url: handle.url(),
        token: handle.token(),
        authoritative,
        allow_writes: writes,
        more: BTreeMap::new(),
    };
    let mut sources = vec![source(&provider, provider_name, true), source(&downstream, downstream_name, false)];
    let mut portal = None;
    if let Some((wanted, (listener, address))) = options.portal.zip(portal_socket) {
        let (name, from, noted) = (wanted.name.clone(), provider.clone(), journal.clone());
        let made = tokio::task::spawn_blocking(move || Portal::new(&company, from, format!("http://{address}"), wanted, noted));
        let handle = PortalHandle {
            portal: Arc::new(finished(made).await),
        };
        tasks.push(answer(listener, backstage::router(handle.portal.clone()), &stop));
        tasks.push(until(&stop, backstage::pass(handle.portal.clone())));
        sources.push(LabSource {
            kind: "backstage",
            name,
            url: handle.url(),
            token: handle.token(),
            authoritative: false,
            allow_writes: writes,
            more: BTreeMap::from([("super-users", handle.superusers().join(","))]),
        });
        portal = Some(handle);
    }
    let mut azure = None;
    if let Some(((wanted, sockets), tenant)) = options.azure.zip(azure_sockets).zip(tenant) {
        let name = wanted.name.clone();
        let (handle, serving) = azure::open(sockets, wanted, tenant, seed, &stop, journal.clone())?;
        tasks.extend(serving);
        sources.push(azure::source(&handle, name, writes));
        azure = Some(handle);
    }
    if let Some(azure) = &azure {
        azure.azure.provision(&downstream, &provider);
    }
    let route = Route {
        provider: provider.clone(),
        downstream: downstream.clone(),
        azure: azure.clone(),
        seed,
    };
    tasks.push(until(&stop, run(changes, direct, route, provisioner.clone())));
    let inside = Inside {
        provider: provider.clone(),
        downstream: downstream.clone(),
        provisioner: provisioner.clone(),
        portal: portal.clone(),
        azure: azure.clone(),
        journal: journal.clone(),
    };
    let control = control_socket.map(|(listener, address)| {
        tasks.push(answer(listener, control::router(inside), &stop));
        format!("http://{address}/lab")
    });
    let summary = LabSummary {
        sources,
        people,
        groups,
        control,
        token_managers: [("idp", &provider), ("ledgerly", &downstream)]
            .map(|(name, handle)| (name, handle.manager_token()))
            .into(),
        restore_groups: if azure.is_some() { RESTORE_GROUPS } else { &[] },
        plans: if writes && portal.is_some() && azure.is_some() {
            PLANS
        } else {
            &[]
        },
    };
    Ok(Lab {
        summary,
        journal,
        provider,
        downstream,
        provisioner,
        portal,
        azure,
        _guard: stop.clone().drop_guard(),
        stop,
        tasks,
    })
}

async fn open(port: u16) -> Result<(TcpListener, SocketAddr), LabError> {
    let failed = |source| LabError::Port { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// What a task made. It does not panic; were it to, the panic goes on here.
async fn finished<T>(task: JoinHandle<T>) -> T {
    match task.await {
        Ok(made) => made,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Does some work until the lab stops.
pub(crate) fn until(stop: &CancellationToken, work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    let stopped = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = work => {}
            () = stopped.cancelled() => {}
        }
    })
}

fn listen(listener: TcpListener, handle: &Handle, stop: &CancellationToken) -> JoinHandle<()> {
    answer(listener, router(handle.server.clone()), stop)
}

/// Answers at a listener until the lab stops.
pub(crate) fn answer<L>(listener: L, routes: axum::Router, stop: &CancellationToken) -> JoinHandle<()>
where
    L: Listener<Addr: std::fmt::Debug>,
{
    let stop = stop.clone();
    tokio::spawn(async move {
        let serving = axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(error) = serving.await {
            tracing::error!(%error, "a server of the lab ended");
        }
    })
}

impl Lab {
    /// What there is to connect, and how many there are: the line that `lanyard lab serve --json` prints.
    #[must_use]
    pub fn summary(&self) -> &LabSummary {
        &self.summary
    }

    /// The identity provider, from the inside.
    #[must_use]
    pub fn provider(&self) -> Handle {
        self.provider.clone()
    }

    /// The downstream app, from the inside.
    #[must_use]
    pub fn downstream(&self) -> Handle {
        self.downstream.clone()
    }

    /// What brings changes downstream.
    #[must_use]
    pub fn provisioner(&self) -> Provisioner {
        self.provisioner.clone()
    }

    /// The developer portal, from the inside, where there is one.
    #[must_use]
    pub fn portal(&self) -> Option<PortalHandle> {
        self.portal.clone()
    }

    /// Entra, Graph and the Resource Manager, from the inside, where there are any.
    #[must_use]
    pub fn azure(&self) -> Option<AzureHandle> {
        self.azure.clone()
    }

    /// What truly happened, and what was written.
    #[must_use]
    pub fn journal(&self) -> Journal {
        self.journal.clone()
    }

    /// Closes the lab: no new connections, a second for what is under way, then the end.
    pub async fn stop(mut self) {
        self.stop.cancel();
        for mut task in std::mem::take(&mut self.tasks) {
            if tokio::time::timeout(Duration::from_secs(1), &mut task).await.is_err() {
                task.abort();
            }
        }
    }
}
