//! The login of the Azure CLI on this machine: `az account get-access-token`, run without a shell.
//!
//! <https://learn.microsoft.com/cli/azure/account#az-account-get-access-token>

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use tokio::process::Command;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::secrets::Secret;
use crate::sources::SourceError;
use crate::sources::http::{AccessToken, HttpClient, life};

/// How long the program may take; it starts Python, and may have to ask for a token itself.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a token is used whose end is not told.
const UNTOLD: Duration = Duration::from_secs(300);
const LOG_IN: &str = "Run \u{201c}az login\u{201d} on this machine, with the tenant of this source, then try again.";

#[derive(Deserialize)]
struct CliAnswer {
    #[serde(rename = "accessToken")]
    access_token: Zeroizing<String>,
    /// Seconds since 1970; versions before 2.54 tell a local time without a zone only.
    expires_on: Option<serde_json::Value>,
}

fn failed(code: &'static str, what: String, next: &str) -> SourceError {
    SourceError::SignIn {
        code,
        what,
        next: next.into(),
        at: None,
    }
}

/// A token for a resource.
pub(super) async fn token(http: &HttpClient, resource: &str, tenant: &str, cancel: &CancellationToken) -> Result<AccessToken, SourceError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let program = find(&path).ok_or_else(|| {
        failed(
            "signIn.cliMissing",
            "The Azure CLI is not on this machine: there is no \u{201c}az\u{201d} on the PATH.".into(),
            "Install the Azure CLI and run \u{201c}az login\u{201d}, or choose another way to authenticate.",
        )
    })?;
    run(http, &program, resource, tenant, cancel).await
}

/// The program on the search path. Relative places are passed over: what lies in the working folder is not to be run.
fn find(path: &OsStr) -> Option<PathBuf> {
    let names: &[&str] = if cfg!(windows) { &["az.cmd", "az.exe"] } else { &["az"] };
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
        .find(|file| file.is_file())
}

async fn run(
    http: &HttpClient,
    program: &std::path::Path,
    resource: &str,
    tenant: &str,
    cancel: &CancellationToken,
) -> Result<AccessToken, SourceError> {
    let broken = |why: String| failed("signIn.cliFailed", format!("The Azure CLI gives no token: {why}."), LOG_IN);
    let mut command = Command::new(program);
    command
        .args([
            "account",
            "get-access-token",
            "--output",
            "json",
            "--resource",
            resource,
            "--tenant",
            tenant,
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let output = tokio::select! {
        biased;
        () = cancel.cancelled() => return Err(SourceError::Cancelled),
        done = tokio::time::timeout(PATIENCE, command.output()) => done,
    };
    let output = match output {
        Err(_) => return Err(broken(format!("it did not end within {} s", PATIENCE.as_secs()))),
        Ok(Err(error)) => return Err(broken(format!("it cannot be run ({})", error.kind()))),
        Ok(Ok(output)) => output,
    };
    let stdout = Zeroizing::new(output.stdout);
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let logged_out = ["az login", "AADSTS", "No subscription found", "re-authenticate"];
        if logged_out.iter().any(|sign| said.contains(sign)) {
            let what = "The Azure CLI is not logged in for this tenant, or its login has expired.".into();
            return Err(failed("signIn.cliLoggedOut", what, LOG_IN));
        }
        return Err(broken(http.fit_to_show(&said).trim_end_matches('.').to_owned()));
    }
    let answer: CliAnswer = serde_json::from_slice(&stdout).map_err(|_| broken("its answer cannot be read".into()))?;
    if answer.access_token.is_empty() {
        return Err(broken("there is none in its answer".into()));
    }
    let until = match answer.expires_on {
        Some(serde_json::Value::Number(number)) => number.as_f64(),
        Some(serde_json::Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    Ok(AccessToken {
        token: Secret::new(answer.access_token.to_string()),
        lives: Some(until.and_then(|until| life((until - now).max(0.0))).unwrap_or(UNTOLD)),
    })
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::sources::azure::tests::client_of;

    const TENANT: &str = "11111111-2222-3333-4444-555555555555";

    /// Runs a script in the place of the program.
    async fn run_script(script: &str) -> Result<AccessToken, SourceError> {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("az");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(find(folder.path().as_os_str()).as_ref(), Some(&program));
        let http = client_of("http://127.0.0.1:9/");
        run(&http, &program, "https://management.azure.com", TENANT, &CancellationToken::new()).await
    }

    #[tokio::test]
    async fn a_token_comes_with_the_arguments_that_were_meant() {
        let script = r#"printf '{"accessToken":"%s","expires_on":4102444800,"tokenType":"Bearer"}' "$(echo "$*" | tr ' ' '_')""#;
        let token = run_script(script).await.unwrap();
        assert_eq!(
            token.token.expose(),
            format!("account_get-access-token_--output_json_--resource_https://management.azure.com_--tenant_{TENANT}")
        );
        assert!(token.lives.unwrap() > Duration::from_secs(86_400));
    }

    #[tokio::test]
    async fn failures_have_their_names() {
        let code = async |script: &str| run_script(script).await.err().unwrap().code();
        assert_eq!(
            code("echo \"Please run 'az login' to setup account.\" >&2; exit 1").await,
            "signIn.cliLoggedOut"
        );
        assert_eq!(code("echo boom >&2; exit 3").await, "signIn.cliFailed");
        assert_eq!(code("echo '{}'").await, "signIn.cliFailed");
        assert_eq!(code("echo nonsense").await, "signIn.cliFailed");
        assert!(find(OsStr::new("relative:.:")).is_none());
        assert!(find(OsStr::new("")).is_none());
    }
}
