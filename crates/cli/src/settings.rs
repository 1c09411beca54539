//! The options that make or change a source's settings.

use std::io::{IsTerminal, Read};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use lanyard_engine::secrets::Secret;
use lanyard_engine::view::{AuthSettings, AzureCloud, Header, SourceKind, SourceSettings};

use crate::exit::Failure;

/// How to authenticate.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AuthKind {
    /// `Authorization: Bearer …`.
    Bearer,
    /// User name and password.
    Basic,
    /// OAuth 2 client credentials.
    #[value(alias = "clientCredentials")]
    ClientCredentials,
    /// Backstage: sign in as a user in the browser.
    #[value(alias = "userToken")]
    UserToken,
    /// Azure: an application and its secret.
    #[value(alias = "clientSecret")]
    ClientSecret,
    /// Azure: an application and its certificate with private key, in PEM.
    #[value(alias = "clientCertificate")]
    ClientCertificate,
    /// Azure: sign in as a user with a code, on any device.
    #[value(alias = "deviceCode")]
    DeviceCode,
    /// Azure: an application and a token that something else keeps fresh in a file.
    #[value(alias = "federatedToken")]
    FederatedToken,
    /// Azure: the login of the Azure CLI on this machine.
    #[value(alias = "azureCli")]
    AzureCli,
}

impl AuthKind {
    /// The way that settings name.
    fn of(auth: &AuthSettings) -> Self {
        match auth {
            AuthSettings::Bearer => Self::Bearer,
            AuthSettings::Basic { .. } => Self::Basic,
            AuthSettings::ClientCredentials { .. } => Self::ClientCredentials,
            AuthSettings::UserToken { .. } => Self::UserToken,
            AuthSettings::ClientSecret { .. } => Self::ClientSecret,
            AuthSettings::ClientCertificate { .. } => Self::ClientCertificate,
            AuthSettings::DeviceCode { .. } => Self::DeviceCode,
            AuthSettings::FederatedToken { .. } => Self::FederatedToken,
            AuthSettings::AzureCli => Self::AzureCli,
        }
    }

    /// Whether the client's id goes with it.
    fn has_client(self) -> bool {
        !matches!(self, Self::Bearer | Self::Basic | Self::AzureCli)
    }
}

/// Which of Microsoft's clouds.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CloudArg {
    /// The public one.
    Public,
    /// US government.
    #[value(alias = "usGovernment")]
    UsGovernment,
    /// China.
    China,
    /// Other addresses: see --authority, --graph and --url.
    Other,
}

/// Options that `source add` and `source edit` share.
#[derive(Args)]
pub struct SettingsArgs {
    /// How to authenticate.
    #[arg(long, value_enum)]
    pub auth: Option<AuthKind>,
    /// The user name, with `--auth basic`.
    #[arg(long)]
    pub user: Option<String>,
    /// The token endpoint, with `--auth client-credentials`.
    #[arg(long, alias = "tokenUrl", value_name = "URL")]
    pub token_url: Option<String>,
    /// The client's (application's) id, where the way to authenticate has one.
    #[arg(long, alias = "clientId", value_name = "ID")]
    pub client_id: Option<String>,
    /// The scope to ask for, with `--auth client-credentials`.
    #[arg(long)]
    pub scope: Option<String>,
    /// Azure: the file with the federated token, with `--auth federated-token`.
    #[arg(long, alias = "tokenFile", value_name = "FILE")]
    pub token_file: Option<String>,
    /// Azure: the tenant, by its id or one of its domains.
    #[arg(long)]
    pub tenant: Option<String>,
    /// Azure: which cloud.
    #[arg(long, value_enum)]
    pub cloud: Option<CloudArg>,
    /// Azure, another cloud: where tokens come from, without the tenant. The Resource Manager is at --url.
    #[arg(long, value_name = "URL")]
    pub authority: Option<String>,
    /// Azure, another cloud: Microsoft Graph, without /v1.0.
    #[arg(long, value_name = "URL")]
    pub graph: Option<String>,
    /// Azure: read this management group, more than once if need be; an empty one reads all.
    #[arg(long = "management-group", value_name = "ID")]
    pub management_groups: Vec<String>,
    /// Azure: read this subscription, more than once if need be; an empty one reads all.
    #[arg(long = "subscription", value_name = "ID")]
    pub subscriptions: Vec<String>,
    /// Backstage: who may do everything, as entity references with commas between them; an empty one names nobody.
    #[arg(long, alias = "superUsers", value_delimiter = ',', value_name = "REF")]
    pub super_users: Option<Vec<String>>,
    /// Read the token, password or client secret from standard input.
    #[arg(long, conflicts_with = "token_env")]
    pub token_stdin: bool,
    /// Read the token, password or client secret from this environment variable.
    #[arg(long, value_name = "VAR")]
    pub token_env: Option<String>,
    /// This source is the identity provider that the others follow.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub authoritative: Option<bool>,
    /// Let Lanyard write to this source. Off at first.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub allow_writes: Option<bool>,
    /// A certificate authority of your own, in PEM; an empty name takes it away.
    #[arg(long, alias = "caFile", value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// An extra header for each request, more than once if need be; an empty one takes them all away.
    #[arg(long = "header", value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
    /// The most requests that one sync may make; 0 takes the limit away.
    #[arg(long, value_name = "N")]
    pub budget: Option<u64>,
    /// Do not test the connection first.
    #[arg(long)]
    pub no_test: bool,
}

impl SettingsArgs {
    /// The settings of a new source.
    pub fn create(&self, kind: SourceKind, name: &str, url: &str) -> Result<SourceSettings, Failure> {
        let mut settings = SourceSettings::new(kind, name, url);
        self.change(&mut settings)?;
        Ok(settings)
    }

    /// Changes what the options name, and leaves the rest.
    pub fn change(&self, settings: &mut SourceSettings) -> Result<(), Failure> {
        settings.auth = self.auth(&settings.auth)?;
        self.change_azure(settings)?;
        self.change_backstage(settings)?;
        if let Some(authoritative) = self.authoritative {
            settings.authoritative = authoritative;
        }
        if let Some(allow) = self.allow_writes {
            settings.allow_writes = allow;
        }
        if let Some(file) = &self.ca_file {
            settings.ca_pem = if file.as_os_str().is_empty() {
                None
            } else {
                Some(std::fs::read_to_string(file).map_err(|error| Failure::file(&file.display().to_string(), error))?)
            };
        }
        if !self.headers.is_empty() {
            settings.headers = self
                .headers
                .iter()
                .filter(|header| !header.is_empty())
                .map(|header| self::header(header))
                .collect::<Result<_, _>>()?;
        }
        match self.budget {
            Some(0) => settings.request_budget = None,
            Some(budget) => settings.request_budget = Some(budget),
            None => {}
        }
        Ok(())
    }

    fn change_azure(&self, settings: &mut SourceSettings) -> Result<(), Failure> {
        let Some(azure) = &mut settings.azure else {
            let told = [
                (self.tenant.is_some(), "--tenant"),
                (self.cloud.is_some(), "--cloud"),
                (self.authority.is_some(), "--authority"),
                (self.graph.is_some(), "--graph"),
                (!self.management_groups.is_empty(), "--management-group"),
                (!self.subscriptions.is_empty(), "--subscription"),
            ];
            return match told.into_iter().find(|(told, _)| *told) {
                Some((_, option)) => Err(Failure::usage(format!("{option} goes with an azure source only"))),
                None => Ok(()),
            };
        };
        if let Some(tenant) = &self.tenant {
            azure.tenant.clone_from(tenant);
        }
        let own_addresses = self.authority.is_some() || self.graph.is_some();
        azure.cloud = match (self.cloud, &azure.cloud) {
            (Some(CloudArg::Public), _) => AzureCloud::Public,
            (Some(CloudArg::UsGovernment), _) => AzureCloud::UsGovernment,
            (Some(CloudArg::China), _) => AzureCloud::China,
            (None, before) if !own_addresses => before.clone(),
            (Some(CloudArg::Other) | None, before) => {
                let (authority, graph) = match before {
                    AzureCloud::Other { authority, graph } => (Some(authority), Some(graph)),
                    _ => (None, None),
                };
                AzureCloud::Other {
                    authority: needed(&self.authority, authority, "another cloud", "--authority")?,
                    graph: needed(&self.graph, graph, "another cloud", "--graph")?,
                }
            }
        };
        if own_addresses && !matches!(azure.cloud, AzureCloud::Other { .. }) {
            return Err(Failure::usage("--authority and --graph go with --cloud other only"));
        }
        let listed = |given: &[String]| given.iter().filter(|id| !id.is_empty()).cloned().collect();
        if !self.management_groups.is_empty() {
            azure.management_groups = listed(&self.management_groups);
        }
        if !self.subscriptions.is_empty() {
            azure.subscriptions = listed(&self.subscriptions);
        }
        Ok(())
    }

    fn change_backstage(&self, settings: &mut SourceSettings) -> Result<(), Failure> {
        match (&mut settings.backstage, &self.super_users) {
            (Some(backstage), Some(users)) => {
                backstage.super_users = users.iter().filter(|user| !user.is_empty()).cloned().collect();
                Ok(())
            }
            (None, Some(_)) => Err(Failure::usage("--super-users goes with a backstage source only")),
            (_, None) => Ok(()),
        }
    }

    fn auth(&self, before: &AuthSettings) -> Result<AuthSettings, Failure> {
        let kind = self.auth.unwrap_or_else(|| AuthKind::of(before));
        let only_with = |given: bool, option: &str, fits: bool, kind: &str| {
            if given && !fits {
                return Err(Failure::usage(format!("{option} goes with --auth {kind} only")));
            }
            Ok(())
        };
        only_with(self.user.is_some(), "--user", kind == AuthKind::Basic, "basic")?;
        let oauth = self.token_url.is_some() || self.scope.is_some();
        only_with(
            oauth,
            "--token-url and --scope",
            kind == AuthKind::ClientCredentials,
            "client-credentials",
        )?;
        only_with(
            self.token_file.is_some(),
            "--token-file",
            kind == AuthKind::FederatedToken,
            "federated-token",
        )?;
        if self.client_id.is_some() && !kind.has_client() {
            return Err(Failure::usage("this way to authenticate has no --client-id"));
        }
        let needs =
            |given: &Option<String>, before: Option<&String>, option: &str| needed(given, before, "this way to authenticate", option);
        let client = || needs(&self.client_id, client_of(before), "--client-id");
        Ok(match kind {
            AuthKind::Bearer => AuthSettings::Bearer,
            AuthKind::Basic => {
                let user = if let AuthSettings::Basic { user } = before {
                    Some(user)
                } else {
                    None
                };
                AuthSettings::Basic {
                    user: needs(&self.user, user, "--user")?,
                }
            }
            AuthKind::ClientCredentials => {
                let (url, scope) = match before {
                    AuthSettings::ClientCredentials { token_url, scope, .. } => (Some(token_url), scope.clone()),
                    _ => (None, None),
                };
                AuthSettings::ClientCredentials {
                    token_url: needs(&self.token_url, url, "--token-url")?,
                    client_id: client()?,
                    scope: self.scope.clone().or(scope).filter(|scope| !scope.is_empty()),
                }
            }
            AuthKind::UserToken => AuthSettings::UserToken {
                client_id: self
                    .client_id
                    .clone()
                    .or_else(|| client_of(before).cloned())
                    .filter(|id| !id.is_empty()),
            },
            AuthKind::ClientSecret => AuthSettings::ClientSecret { client_id: client()? },
            AuthKind::ClientCertificate => AuthSettings::ClientCertificate { client_id: client()? },
            AuthKind::DeviceCode => AuthSettings::DeviceCode { client_id: client()? },
            AuthKind::FederatedToken => {
                let file = if let AuthSettings::FederatedToken { token_file, .. } = before {
                    Some(token_file)
                } else {
                    None
                };
                AuthSettings::FederatedToken {
                    client_id: client()?,
                    token_file: needs(&self.token_file, file, "--token-file")?,
                }
            }
            AuthKind::AzureCli => AuthSettings::AzureCli,
        })
    }

    /// The secret, from where the options say; none when they say nothing.
    pub fn secret(&self) -> Result<Option<Secret>, Failure> {
        read_secret(self.token_stdin, self.token_env.as_deref())
    }

    /// The secret, asked for at the terminal, without an echo, where no option says where it is.
    pub fn secret_or_ask(&self, name: &str) -> Result<Secret, Failure> {
        match self.secret()? {
            Some(secret) => Ok(secret),
            None => ask_secret(name),
        }
    }
}

/// A secret out of standard input or a variable of the environment; none where neither was named.
pub fn read_secret(stdin: bool, variable: Option<&str>) -> Result<Option<Secret>, Failure> {
    let text = if stdin {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| Failure::file("standard input", error))?;
        text
    } else if let Some(variable) = variable {
        std::env::var(variable).map_err(|_| Failure::usage(format!("the environment variable {variable} is not set, or not text")))?
    } else {
        return Ok(None);
    };
    given(text).map(Some)
}

/// A secret asked for at the terminal, without an echo.
pub fn ask_secret(name: &str) -> Result<Secret, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(
            "a secret is needed: give it with --token-stdin or --token-env VAR (never as an argument: others could see it)",
        ));
    }
    let text = rpassword::prompt_password(format!("Token, password or client secret for {name} (not shown): "))
        .map_err(|error| Failure::file("the terminal", error))?;
    given(text)
}

/// What an option says, or what was said before.
fn needed(given: &Option<String>, before: Option<&String>, what: &str, option: &str) -> Result<String, Failure> {
    given
        .clone()
        .or_else(|| before.cloned())
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Failure::usage(format!("{what} needs {option}")))
}

/// The client's id that settings hold.
fn client_of(auth: &AuthSettings) -> Option<&String> {
    match auth {
        AuthSettings::ClientCredentials { client_id, .. }
        | AuthSettings::ClientSecret { client_id }
        | AuthSettings::ClientCertificate { client_id }
        | AuthSettings::DeviceCode { client_id }
        | AuthSettings::FederatedToken { client_id, .. } => Some(client_id),
        AuthSettings::UserToken { client_id } => client_id.as_ref(),
        AuthSettings::Bearer | AuthSettings::Basic { .. } | AuthSettings::AzureCli => None,
    }
}

/// A secret as it came in, without the line end that a file or `echo` adds.
fn given(text: String) -> Result<Secret, Failure> {
    let whole = Secret::new(text);
    let trimmed = whole.expose().trim_end_matches(['\r', '\n']);
    if trimmed.is_empty() {
        return Err(Failure::usage("the secret is empty"));
    }
    Ok(Secret::new(trimmed.to_owned()))
}

fn header(text: &str) -> Result<Header, Failure> {
    let (name, value) = text
        .split_once(':')
        .ok_or_else(|| Failure::usage(format!("a header is written 'Name: value', not '{text}'")))?;
    Ok(Header {
        name: name.trim().to_owned(),
        value: value.trim().to_owned(),
    })
}
