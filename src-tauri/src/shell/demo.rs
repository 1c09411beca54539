//! The demo company: `lanyard lab serve` as a child, and its sources connected through the engine.

use std::env::consts::EXE_SUFFIX;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use lanyard_engine::view::{AuthSettings, AzureCloud, AzureSettings, BackstageSettings, EngineEvent, SourceKind, SourceSettings};
use lanyard_engine::{Engine, Error};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::ShellError;
use crate::secret::SecretArg;

/// How long the servers may take to come up; a million people take some seconds to make up.
const COMES_UP_WITHIN: Duration = Duration::from_secs(120);
/// How long they may take to stop once their input is closed.
const STOPS_WITHIN: Duration = Duration::from_secs(2);
/// The most bytes of the line that says where they serve.
const LONGEST_LINE: u64 = 1 << 20;

/// The demo company's servers. They stop by themselves when this process ends, however it ends: they watch their standard input.
pub struct Lab {
    child: Child,
    announced: Announcement,
}

/// What the servers say once they are ready.
#[derive(Default, Deserialize)]
pub struct Announcement {
    /// What there is to connect.
    pub sources: Vec<LabSource>,
    /// The names of the groups that the company means for restoring.
    #[serde(default, rename = "restore-groups")]
    pub restore_groups: Vec<String>,
    /// Plans of de-provisioning that can be run on it.
    #[serde(default)]
    pub plans: Vec<LabPlan>,
}

/// A plan that the servers come with.
#[derive(Deserialize)]
pub struct LabPlan {
    file: String,
    text: String,
}

/// A source that the servers offer.
#[derive(Deserialize)]
pub struct LabSource {
    kind: SourceKind,
    name: String,
    url: String,
    token: SecretArg,
    #[serde(default)]
    authoritative: bool,
    #[serde(default, rename = "allow-writes")]
    allow_writes: bool,
    /// Azure: where tokens come from.
    #[serde(default)]
    authority: String,
    /// Azure: Microsoft Graph.
    #[serde(default)]
    graph: String,
    /// Azure: the tenant.
    #[serde(default)]
    tenant: String,
    /// Azure: the application's id.
    #[serde(default, rename = "client-id", alias = "clientId")]
    client_id: String,
    /// Backstage: who may do everything, with commas between them.
    #[serde(default, rename = "super-users", alias = "superUsers")]
    super_users: String,
}

/// The `lanyard` program stands beside the window's, in a build's folder as in an installed app.
pub fn lanyard_beside_this_program() -> PathBuf {
    let name = format!("lanyard{EXE_SUFFIX}");
    std::env::current_exe().map_or_else(|_| PathBuf::from(&name), |this| this.with_file_name(&name))
}

impl Lab {
    /// Starts the servers and waits until they say where they serve.
    pub async fn start(lanyard: &Path, people: Option<u32>) -> Result<Self, ShellError> {
        let mut command = Command::new(lanyard);
        command.args(["lab", "serve", "--json", "--port", "0", "--until-stdin-closes", "--allow-writes"]);
        if let Some(people) = people {
            command.args(["--people", &people.to_string()]);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let not_started = |source| ShellError::LabNotStarted {
            program: lanyard.display().to_string(),
            source,
        };
        let mut child = command.spawn().map_err(not_started)?;
        let announced = match child.stdout.take() {
            Some(output) => timeout(COMES_UP_WITHIN, first_line(output)).await,
            None => Ok(Err("it has no output".to_owned())),
        };
        match announced {
            Ok(Ok(announced)) => Ok(Self { child, announced }),
            Ok(Err(reason)) => Err(ShellError::LabSilent { reason }),
            Err(_) => Err(ShellError::LabSilent {
                reason: format!("nothing was heard for {} s", COMES_UP_WITHIN.as_secs()),
            }),
        }
    }

    /// Whether the servers still run.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// What there is to connect: nothing the second time, for then it is connected.
    pub fn take(&mut self) -> Announcement {
        std::mem::take(&mut self.announced)
    }

    /// Closes the servers' input, and ends them if that does not.
    pub async fn stop(mut self) {
        drop(self.child.stdin.take());
        if timeout(STOPS_WITHIN, self.child.wait()).await.is_err() {
            // It has ended by itself in the meantime where this fails.
            drop(self.child.kill().await);
        }
    }
}

/// Reads the one line; what it says in case it is not what was awaited holds nothing of it, for it has tokens.
async fn first_line(output: ChildStdout) -> Result<Announcement, String> {
    let mut line = Zeroizing::new(Vec::new());
    let mut reader = BufReader::new(output.take(LONGEST_LINE));
    match reader.read_until(b'\n', &mut line).await {
        Ok(0) => Err("the program ended without a word".to_owned()),
        Ok(_) => read_announcement(&line),
        Err(error) => Err(error.to_string()),
    }
}

/// See [`first_line`].
fn read_announcement(line: &[u8]) -> Result<Announcement, String> {
    serde_json::from_slice(line).map_err(|error| format!("what it said cannot be read (column {})", error.column()))
}

/// Tells the engine which groups are meant for restoring once all syncs that run now have ended: before, nobody knows the groups. What somebody
/// decided about them stays. Call it before the syncs start; it ends with the last of them.
pub fn propose_restore_groups(engine: &Engine, syncs: usize, names: Vec<String>) {
    let (engine, mut events) = (engine.clone(), engine.events());
    tokio::spawn(async move {
        let mut left = syncs;
        while left > 0 {
            match events.recv().await {
                Ok(EngineEvent::SyncEnded { .. }) => left -= 1,
                Ok(_) => {}
                // An end may be among what was missed.
                Err(_) => return,
            }
        }
        let proposed = tokio::task::spawn_blocking(move || engine.propose_restore_groups(&names)).await;
        if let Ok(Err(error)) = proposed {
            tracing::warn!(%error, "the groups that are meant for restoring could not be named");
        }
    });
}

/// Adds the sources, or tells those that are there already where the servers are this time.
pub fn connect(engine: &Engine, offered: Vec<LabSource>) -> Result<(), Error> {
    for source in offered {
        let known = engine.sources()?.into_iter().find(|known| known.settings.name == source.name);
        let mut settings = source.settings();
        let secret = SecretArg::take(Some(source.token));
        match known {
            Some(known) => {
                // Whoever switched writing off finds it off.
                settings.allow_writes = known.settings.allow_writes;
                engine.update_source(known.id, &settings, secret)?
            }
            None => engine.add_source(&settings, secret)?,
        };
    }
    Ok(())
}

/// Keeps the plans that the servers come with as files of the data folder, unless it has plans already. Call it once the sources are known:
/// plans name them.
pub fn keep_plans(engine: &Engine, offered: Vec<LabPlan>) -> Result<(), Error> {
    if engine.plans()?.is_empty() {
        for plan in offered {
            engine.save_plan(Some(&plan.file), &plan.text, None)?;
        }
    }
    Ok(())
}

impl LabSource {
    /// Its settings, as the form would give them.
    fn settings(&self) -> SourceSettings {
        SourceSettings {
            auth: match self.kind {
                SourceKind::Azure => AuthSettings::ClientSecret {
                    client_id: self.client_id.clone(),
                },
                SourceKind::Scim | SourceKind::Backstage => AuthSettings::Bearer,
            },
            authoritative: self.authoritative,
            allow_writes: self.allow_writes,
            azure: (self.kind == SourceKind::Azure).then(|| AzureSettings {
                tenant: self.tenant.clone(),
                cloud: AzureCloud::Other {
                    authority: self.authority.clone(),
                    graph: self.graph.clone(),
                },
                ..AzureSettings::default()
            }),
            backstage: (self.kind == SourceKind::Backstage).then(|| BackstageSettings {
                super_users: self.super_users.split(',').map(str::to_owned).collect(),
            }),
            ..SourceSettings::new(self.kind, self.name.as_str(), self.url.trim_end_matches('/'))
        }
    }
}

#[cfg(test)]
mod tests {
    //! The line that the servers say.

    use std::sync::Arc;

    use lanyard_engine::secrets::MemoryKeychain;
    use lanyard_engine::view::SourceSettings;
    use lanyard_engine::{Engine, OpenOptions};

    use super::{Lab, connect, keep_plans, read_announcement};
    use crate::shell::ShellError;

    #[test]
    fn reads_the_line_and_passes_over_what_it_does_not_know() {
        let line = br#"{"sources":[{"kind":"scim","name":"Workforce IdP","url":"http://127.0.0.1:1/scim/v2/","token":"t0ken","authoritative":true,"page":7}],"people":240,"groups":31}"#;
        let sources = read_announcement(line).expect("as agreed").sources;
        let settings = sources[0].settings();
        assert_eq!(
            (settings.name.as_str(), settings.url.as_str()),
            ("Workforce IdP", "http://127.0.0.1:1/scim/v2")
        );
        assert!(settings.authoritative && !settings.allow_writes && settings.enabled);
    }

    #[tokio::test]
    async fn writing_is_allowed_where_the_servers_say_so_and_stays_off_once_it_was_switched_off() {
        let folder = tempfile::tempdir().expect("a folder");
        let engine = Engine::open(OpenOptions {
            data_dir: folder.path().to_owned(),
            keychain: Arc::new(MemoryKeychain::new()),
            demo: true,
        })
        .expect("an engine");
        let line =
            br#"{"sources":[{"kind":"scim","name":"Workforce IdP","url":"http://127.0.0.1:1/scim/v2","token":"t0ken","allow-writes":true}],
            "plans":[{"file":"canary.yaml","text":"lanyard: plan/1\nname: Canary\n"}]}"#;
        let open = || {
            let said = read_announcement(line).expect("as agreed");
            connect(&engine, said.sources).expect("connected");
            keep_plans(&engine, said.plans).expect("kept");
            engine.sources().expect("listed").remove(0)
        };
        let source = open();
        assert!(source.settings.allow_writes);
        let files = || {
            engine
                .plans()
                .expect("listed")
                .into_iter()
                .map(|plan| plan.file)
                .collect::<Vec<_>>()
        };
        assert_eq!(files(), ["canary.yaml"]);
        let off = SourceSettings {
            allow_writes: false,
            ..source.settings
        };
        engine.update_source(source.id, &off, None).expect("switched off");
        assert!(!open().settings.allow_writes);
        assert_eq!(files(), ["canary.yaml"], "what is kept already is left as it is");
    }

    #[test]
    fn a_line_that_cannot_be_read_is_not_quoted() {
        let said = read_announcement(br#"{"sources":[{"kind":"scim","token":"t0ken-t0ken"}]}"#)
            .err()
            .expect("no name");
        assert!(!said.contains("t0ken"), "{said}");
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_says_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let missing = Lab::start(&folder.path().join("lanyard"), None).await;
        assert!(matches!(missing, Err(ShellError::LabNotStarted { .. })));
    }
}
