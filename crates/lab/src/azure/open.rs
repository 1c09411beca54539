//! Opens the three services on loopback, and says how a script connects them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::handle::AzureHandle;
use super::options::AzureOptions;
use super::server::{Azure, Site, Sites, router};
use super::state::State;
use super::tls::{Tls, TlsError};
use crate::company::access::azure::Tenant;
use crate::journal::Journal;
use crate::serve::{LabSource, answer, until};

/// The name of the application that reads.
const READER: &str = "Lanyard reader";

/// Serves a tenant at three sockets: the authority, Graph, the Resource Manager.
pub(crate) fn open(
    sockets: [(TcpListener, SocketAddr); 3],
    options: AzureOptions,
    tenant: Tenant,
    seed: u64,
    stop: &CancellationToken,
    journal: Journal,
) -> Result<(AzureHandle, Vec<JoinHandle<()>>), TlsError> {
    let tls = if options.tls { Some(Tls::new()?) } else { None };
    let scheme = if tls.is_some() { "https" } else { "http" };
    let [authority, graph, arm] = sockets.each_ref().map(|(_, address)| format!("{scheme}://{address}"));
    let sites = Sites { authority, graph, arm };
    let reader = tenant.services.iter().find(|service| service.display == READER);
    let client = reader.map_or(tenant.id, |service| service.app);
    let azure = Arc::new(Azure::new(State::new(tenant), options, sites, client, seed, journal));
    let mut tasks: Vec<JoinHandle<()>> = sockets
        .into_iter()
        .zip([Site::Authority, Site::Graph, Site::Arm])
        .map(|((listener, _), site)| {
            let routes = router(azure.clone(), site);
            match &tls {
                Some(tls) => answer(tls.listen(listener), routes, stop),
                None => answer(listener, routes, stop),
            }
        })
        .collect();
    let replicated = azure.clone();
    tasks.push(until(stop, async move {
        replicated.deferred.run(|effect| replicated.apply(effect)).await;
    }));
    let ca_pem = tls.map(|tls| tls.ca_pem);
    Ok((AzureHandle { azure, ca_pem }, tasks))
}

/// The Azure as a script connects it.
pub(crate) fn source(handle: &AzureHandle, name: String, allow_writes: bool) -> LabSource {
    let sites = handle.sites();
    LabSource {
        kind: "azure",
        name,
        url: sites.arm,
        token: handle.secret(),
        authoritative: false,
        allow_writes,
        more: BTreeMap::from([
            ("auth", "client-secret".to_owned()),
            ("authority", sites.authority),
            ("client-id", handle.client_id().to_string()),
            ("graph", sites.graph),
            ("tenant", handle.tenant_id().to_string()),
        ]),
    }
}
