//! Where Microsoft's clouds are.
//!
//! <https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud>,
//! <https://learn.microsoft.com/graph/deployments>

use crate::view::AzureCloud;

/// A cloud's three addresses, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Where tokens come from, without the tenant.
    pub authority: String,
    /// Microsoft Graph, without its version.
    pub graph: String,
    /// The Azure Resource Manager.
    pub resource_manager: String,
}

/// The addresses of a cloud; for another cloud the Resource Manager is at `url`, the source's own.
pub fn endpoints(cloud: &AzureCloud, url: &str) -> Endpoints {
    let (authority, graph, resource_manager) = match cloud {
        AzureCloud::Public => (
            "https://login.microsoftonline.com",
            "https://graph.microsoft.com",
            "https://management.azure.com",
        ),
        AzureCloud::UsGovernment => (
            "https://login.microsoftonline.us",
            "https://graph.microsoft.us",
            "https://management.usgovcloudapi.net",
        ),
        AzureCloud::China => (
            "https://login.partner.microsoftonline.cn",
            "https://microsoftgraph.chinacloudapi.cn",
            "https://management.chinacloudapi.cn",
        ),
        AzureCloud::Other { authority, graph } => (authority.as_str(), graph.as_str(), url),
    };
    let bare = |address: &str| address.trim_end_matches('/').to_owned();
    Endpoints {
        authority: bare(authority),
        graph: bare(graph),
        resource_manager: bare(resource_manager),
    }
}
