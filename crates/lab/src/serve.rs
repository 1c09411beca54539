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
use crate::backstage::{self, Portal, PortalHandle, PortalOptions, PortalQuirk};
use crate::company::{Company, DEFAULT_PEOPLE, DEFAULT_SEED, MOST_PEOPLE, mix};
use crate::faults::{Fault, FaultError};
use crate::provision::{ProvisionOptions, Provisioner, downstream_store, run};
use crate::scim::{Access, Family, Fresh, Handle, IdStyle, Member, Quirk, ScimOptions, Server, Store, router};

/// What kind of lab is wanted. The default is true to the RFCs, with nothing going wrong.
#[derive(Debug, Clone)]
pub struct LabOptions {
    /// How many people work there.
    pub people: usize,
    /// The seed of the company, and of everything that goes wrong.
    pub seed: u64,
    /// Port of the identity provider; the downstream app takes the next, the portal the one after, then Entra,
    /// Graph and the Resource Manager. 0 takes free ports.
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

    /// Adds a fault (`429:no-retry-after@0.1`) or a quirk (`lowercase-resources`), as the command line names it: for every
    /// server that knows it, or for one with `idp/`, `ledgerly/`, `portal/` or `azure/` before it. Tokens of Azure are
    /// given out whatever goes wrong.
    ///
    /// # Errors
    /// When there is neither a fault nor a quirk of that name, or what stands behind it does not fit.
    pub fn add_fault(&mut self, text: &str) -> Result<(), LabError> {
        let (server, word) = match text.split_once('/') {
            Some((server @ ("idp" | "ledgerly"), word)) => (server, word),
            Some((server @ "portal", word)) if self.portal.is_some() => (server, word),
            Some((server @ "azure", word)) if self.azure.is_some() => (server, word),
            Some((server, _)) => return Err(LabError::UnknownServer(server.to_owned())),
            None => ("", text),
        };
        let at = |name: &str| server.is_empty() || server == name;
        let scim = [(at("idp"), &mut self.provider), (at("ledgerly"), &mut self.downstream)];
        let scim = scim.into_iter().filter(|(wanted, _)| *wanted).map(|(_, options)| options);
        let portal = self.portal.as_mut().filter(|_| at("portal"));
        let azure = self.azure.as_mut().filter(|_| at("azure"));
        // A quirk is one of SCIM servers or of the portal; a fault is for all.
        let (for_scim, for_portal) = (word.parse::<Quirk>(), word.parse::<PortalQuirk>());
        if let Ok(quirk) = for_scim
            && !matches!(server, "portal" | "azure")
        {
            scim.for_each(|options| {
                options.quirks.insert(quirk);
            });
        } else if let Ok(quirk) = for_portal
            && let Some(portal) = portal
        {
            portal.quirks.insert(quirk);
        } else {
            let fault: Fault = word.parse()?;
            scim.for_each(|options| options.faults.push(fault));
            if let Some(portal) = portal {
                portal.faults.push(fault);
            }
            if let Some(azure) = azure {
                azure.faults.push(fault);
            }
        }
        Ok(())
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
    let wants_tenant = azure_sockets.is_some();
    let base = |socket: &(TcpListener, SocketAddr)| format!("http://{}/scim/v2", socket.1);
    let (provider_url, downstream_url) = (base(&upper), base(&lower));
    let (seed, people) = (options.seed, options.people);
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
    let (provider_name, downstream_name) = (options.provider.name.clone(), options.downstream.name.clone());
    let make = |store, options: ScimOptions, ids, salt, prefix, changes| {
        let access = Access::new(options.auth.clone(), prefix);
        Handle {
            server: Arc::new(Server::new(store, options, ids, mix(seed, salt), access, changes)),
        }
    };
    let provider = make(
        provider_made,
        options.provider,
        IdStyle::Opaque(mix(seed, 0x6e)),
        1,
        "idp_",
        Some(sender),
    );
    let downstream = make(downstream_made, options.downstream, IdStyle::Numeric, 2, "led_", None);
    let stop = CancellationToken::new();
    let provisioner = Provisioner::new(options.provisioning);
    let mut tasks = vec![listen(upper.0, &provider, &stop), listen(lower.0, &downstream, &stop)];
    let work = run(
        changes,
        provider.clone(),
        downstream.clone(),
        provisioner.clone(),
        options.provisioning.on_delete,
    );
    tasks.push(until(&stop, work));
    let source = |handle: &Handle, name, authoritative| LabSource {
        kind: "scim",
        name,
        url: handle.url(),
        token: handle.token(),
        authoritative,
        more: BTreeMap::new(),
    };
    let mut sources = vec![source(&provider, provider_name, true), source(&downstream, downstream_name, false)];
    let mut portal = None;
    if let Some((wanted, (listener, address))) = options.portal.zip(portal_socket) {
        let (name, from) = (wanted.name.clone(), provider.clone());
        let made = tokio::task::spawn_blocking(move || Portal::new(&company, from, format!("http://{address}"), wanted));
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
            more: BTreeMap::from([("super-users", handle.superusers().join(","))]),
        });
        portal = Some(handle);
    }
    let mut azure = None;
    if let Some(((wanted, sockets), tenant)) = options.azure.zip(azure_sockets).zip(tenant) {
        let name = wanted.name.clone();
        let (handle, serving) = azure::open(sockets, wanted, tenant, seed, &stop)?;
        tasks.extend(serving);
        sources.push(azure::source(&handle, name));
        azure = Some(handle);
    }
    let summary = LabSummary { sources, people, groups };
    Ok(Lab {
        summary,
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
fn until(stop: &CancellationToken, work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
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

/// The identity provider's documents, in the company's order.
fn provider_store(company: &Company, base: &str) -> Store {
    let mut store = Store::new(base);
    let renderer = company.renderer(base);
    for (number, person) in company.people.iter().enumerate() {
        store.insert(Fresh {
            family: Family::Users,
            id: company.user_id(number),
            body: renderer.user_body(number),
            created: person.joined,
            modified: person.changed,
            name: person.user_name.clone(),
            display: person.display_name().into_owned(),
            external: Some(renderer.external_id(number)),
            members: Vec::new(),
        });
    }
    for (number, group) in company.groups.iter().enumerate() {
        let nested = group.groups.iter().map(|&slot| Member {
            family: Family::Groups,
            slot,
        });
        let people = group.people.iter().map(|&slot| Member {
            family: Family::Users,
            slot,
        });
        store.insert(Fresh {
            family: Family::Groups,
            id: company.group_id(number),
            body: renderer.group_body(number),
            created: group.created,
            modified: group.changed,
            name: group.name.clone(),
            display: group.name.clone(),
            external: None,
            members: nested.chain(people).collect(),
        });
    }
    store
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
