//! Servers that nobody here wrote: installed into `target/peers` once, started by a test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use crate::command::root;
use crate::process::Server;

/// The token that peers are started with.
pub const TOKEN: &str = "peer-token-5d1f7c0e9ab24f55";

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// scim2-server without its cursor extra.
    Scim2,
    /// scim2-server with pages by index and by cursor.
    Scim2Cursor,
    /// scim2-server with pages by cursor only.
    Scim2CursorOnly,
    /// scimmy on Express 4.
    Scimmy4,
    /// scimmy on Express 5.
    Scimmy5,
}

impl Peer {
    /// Installs it if need be, and starts it.
    ///
    /// # Panics
    /// When it cannot be installed or does not start.
    pub fn start(self) -> Server {
        let sources = root().join("tests/peers");
        let mut command = match self {
            Self::Scim2 => python("scim2-server", "requirements.txt", &sources.join("scim2_server")),
            Self::Scim2Cursor | Self::Scim2CursorOnly => {
                python("scim2-server-cursor", "requirements-cursor.txt", &sources.join("scim2_server"))
            }
            Self::Scimmy4 => scimmy("scimmy-express4", "express4", &sources.join("scimmy")),
            Self::Scimmy5 => scimmy("scimmy-express5", "express5", &sources.join("scimmy")),
        };
        match self {
            Self::Scim2Cursor => drop(command.arg("--cursor")),
            Self::Scim2CursorOnly => drop(command.arg("--cursor-only")),
            _ => {}
        }
        Server::start(command.env("PEER_TOKEN", TOKEN))
    }
}

/// scim2-tester, ready to be told which server to test.
///
/// # Panics
/// When it cannot be installed.
pub fn tester() -> Command {
    let source = root().join("tests/peers/scim_tester");
    let mut command = Command::new(installed("scim-tester", "requirements.txt", &source).join("bin/python"));
    command.arg(source.join("check.py"));
    command
}

/// Microsoft's own clients of Azure, ready to be told which Azure to read.
///
/// # Panics
/// When they cannot be installed.
pub fn azure_clients() -> Command {
    let source = root().join("tests/peers/azure");
    let mut command = Command::new(installed("azure-clients", "requirements.txt", &source).join("bin/python"));
    command.arg(source.join("read.py"));
    command
}

/// Where peers are installed.
pub fn folder(name: &str) -> PathBuf {
    root().join("target/peers").join(name)
}

fn python(name: &str, requirements: &str, source: &Path) -> Command {
    let folder = installed(name, requirements, source);
    let mut command = Command::new(folder.join("bin/python"));
    command.arg(source.join("serve.py"));
    command
}

/// A Python environment with what the file names, and nothing else.
fn installed(name: &str, requirements: &str, source: &Path) -> PathBuf {
    let folder = folder(name);
    let wanted = format!("{}{}", read(&source.join("requirements.txt")), read(&source.join(requirements)));
    once(&folder, &wanted, || {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        let file = source.join(requirements);
        run(Command::new(folder.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
            .arg(&file));
    });
    folder
}

fn scimmy(name: &str, version: &str, source: &Path) -> Command {
    node(name, &source.join(version), &source.join("serve.mjs"), None)
}

/// The script `serve`, beside the packages that the folder's lock file names. Of these, one may have to be built for this machine.
fn node(name: &str, packages: &Path, serve: &Path, native: Option<&str>) -> Command {
    let folder = folder(name);
    let lock = read(&packages.join("package-lock.json"));
    once(&folder, &lock, || {
        fs::create_dir_all(&folder).unwrap();
        for file in ["package.json", "package-lock.json"] {
            fs::copy(packages.join(file), folder.join(file)).unwrap();
        }
        run(Command::new("npm")
            .args(["ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(&folder));
        if let Some(native) = native {
            run(Command::new("npm").args(["rebuild", "--silent", native]).current_dir(&folder));
        }
    });
    let script = serve.file_name().unwrap();
    fs::copy(serve, folder.join(script)).unwrap();
    let mut command = Command::new("node");
    command.arg(script).current_dir(folder);
    command
}

/// What Backstage does with an entity that its source holds no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orphans {
    /// It marks it, and keeps it for ever.
    Keep,
    /// It marks it, and deletes it a little later.
    Delete,
}

/// A token of Backstage that may ask the catalog only.
pub const CATALOG_TOKEN: &str = "peer-catalog-token-77b0a3d94c1e";

/// A Backstage backend over a folder with `catalog.yaml`, `policies.csv` and `conditions.yaml`. [`TOKEN`] may read everything.
///
/// # Panics
/// When it cannot be installed or does not start.
pub fn backstage(data: &Path, orphans: Orphans) -> Server {
    let source = root().join("tests/peers/backstage");
    let mut command = node("backstage", &source, &source.join("serve.cjs"), Some("better-sqlite3"));
    let orphans = match orphans {
        Orphans::Keep => "keep",
        Orphans::Delete => "delete",
    };
    command.env("PEER_DATA", data).env("PEER_ORPHANS", orphans);
    Server::start(command.env("PEER_TOKEN", TOKEN).env("PEER_CATALOG_TOKEN", CATALOG_TOKEN))
}

/// Installs unless exactly this was installed before. Two test processes at once would tread on each other's feet: a
/// folder that one of them is making is waited for.
fn once(folder: &Path, wanted: &str, install: impl FnOnce()) {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    fs::create_dir_all(folder.parent().unwrap()).unwrap();
    let lock = fs::File::create(folder.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let stamp = folder.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return;
    }
    if folder.exists() {
        fs::remove_dir_all(folder).unwrap();
    }
    install();
    fs::write(stamp, wanted).unwrap();
}

fn run(command: &mut Command) {
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
