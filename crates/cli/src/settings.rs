//! The options that make or change a source's settings.

use std::io::{IsTerminal, Read};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use lanyard_engine::secrets::Secret;
use lanyard_engine::view::{AuthSettings, Header, SourceKind, SourceSettings};

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
    /// The client's id, with `--auth client-credentials`.
    #[arg(long, alias = "clientId", value_name = "ID")]
    pub client_id: Option<String>,
    /// The scope to ask for, with `--auth client-credentials`.
    #[arg(long)]
    pub scope: Option<String>,
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
        let mut settings = SourceSettings {
            kind,
            name: name.to_owned(),
            url: url.to_owned(),
            auth: AuthSettings::Bearer,
            authoritative: false,
            allow_writes: false,
            ca_pem: None,
            headers: Vec::new(),
            request_budget: None,
            enabled: true,
            azure: None,
            backstage: None,
        };
        self.change(&mut settings)?;
        Ok(settings)
    }

    /// Changes what the options name, and leaves the rest.
    pub fn change(&self, settings: &mut SourceSettings) -> Result<(), Failure> {
        settings.auth = self.auth(&settings.auth)?;
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

    fn auth(&self, before: &AuthSettings) -> Result<AuthSettings, Failure> {
        let kind = self.auth.unwrap_or(match before {
            AuthSettings::Bearer => AuthKind::Bearer,
            AuthSettings::Basic { .. } => AuthKind::Basic,
            _ => AuthKind::ClientCredentials,
        });
        let wrong_kind = |option: &str, kind: &str| Failure::usage(format!("{option} goes with --auth {kind} only"));
        if kind != AuthKind::Basic && self.user.is_some() {
            return Err(wrong_kind("--user", "basic"));
        }
        if kind != AuthKind::ClientCredentials && (self.token_url.is_some() || self.client_id.is_some() || self.scope.is_some()) {
            return Err(wrong_kind("--token-url, --client-id and --scope", "client-credentials"));
        }
        let needed = |given: &Option<String>, before: Option<&String>, option: &str| {
            given
                .clone()
                .or_else(|| before.cloned())
                .ok_or_else(|| Failure::usage(format!("this way to authenticate needs {option}")))
        };
        Ok(match kind {
            AuthKind::Bearer => AuthSettings::Bearer,
            AuthKind::Basic => {
                let user = if let AuthSettings::Basic { user } = before {
                    Some(user)
                } else {
                    None
                };
                AuthSettings::Basic {
                    user: needed(&self.user, user, "--user")?,
                }
            }
            AuthKind::ClientCredentials => {
                let (url, id, scope) = match before {
                    AuthSettings::ClientCredentials {
                        token_url,
                        client_id,
                        scope,
                    } => (Some(token_url), Some(client_id), scope.clone()),
                    _ => (None, None, None),
                };
                AuthSettings::ClientCredentials {
                    token_url: needed(&self.token_url, url, "--token-url")?,
                    client_id: needed(&self.client_id, id, "--client-id")?,
                    scope: self.scope.clone().or(scope).filter(|scope| !scope.is_empty()),
                }
            }
        })
    }

    /// The secret, from where the options say; none when they say nothing.
    pub fn secret(&self) -> Result<Option<Secret>, Failure> {
        let text = if self.token_stdin {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .map_err(|error| Failure::file("standard input", error))?;
            text
        } else if let Some(variable) = &self.token_env {
            std::env::var(variable).map_err(|_| Failure::usage(format!("the environment variable {variable} is not set, or not text")))?
        } else {
            return Ok(None);
        };
        given(text).map(Some)
    }

    /// The secret, asked for at the terminal, without an echo, where no option says where it is.
    pub fn secret_or_ask(&self, name: &str) -> Result<Secret, Failure> {
        if let Some(secret) = self.secret()? {
            return Ok(secret);
        }
        if !std::io::stdin().is_terminal() {
            return Err(Failure::usage(
                "a secret is needed: give it with --token-stdin or --token-env VAR (never as an argument: others could see it)",
            ));
        }
        let text = rpassword::prompt_password(format!("Token, password or client secret for {name} (not shown): "))
            .map_err(|error| Failure::file("the terminal", error))?;
        given(text)
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
