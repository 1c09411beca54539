//! A desk of its own for the window: a virtual screen, a session bus and an unlocked keychain, in temporary folders, so that nothing
//! of the user's is touched. All of it ends with the handle.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use tempfile::TempDir;

use crate::leash::{Goes, Leash};
use crate::{Failure, Outcome, picture, place};

/// How long each part may take to come up.
const PATIENCE: Duration = Duration::from_secs(20);
/// The password of the desk's own keychain, which lives as long as the desk.
const KEYCHAIN_PASSWORD: &str = "a desk of its own";

/// A virtual desk. The order of the fields is the order in which they end.
pub struct Desk {
    session: Option<Session>,
    screen: Option<Screen>,
    /// Whether programs get the desk's folders in place of the user's.
    own_folders: bool,
    folder: TempDir,
}

/// A virtual screen.
struct Screen {
    display: String,
    frame: PathBuf,
    _xvfb: Leash,
}

/// A session bus with a keychain.
struct Session {
    address: String,
    _keychain: Leash,
    _bus: Leash,
}

impl Desk {
    /// A whole desk, with a screen of this size.
    ///
    /// # Errors
    /// When a program is missing or does not come up.
    pub fn open(width: u32, height: u32) -> Outcome<Self> {
        Self::with(Some((width, height)), true)
    }

    /// A session bus with a keychain, and no screen.
    ///
    /// # Errors
    /// When a program is missing or does not come up.
    pub fn without_screen() -> Outcome<Self> {
        Self::with(None, true)
    }

    /// What of a desk this machine lacks: a screen, a session with a keychain, both or neither.
    ///
    /// # Errors
    /// When a program is missing or does not come up.
    pub fn completing_this_machine(width: u32, height: u32) -> Outcome<Self> {
        let no_screen = !has_display();
        Self::with(no_screen.then_some((width, height)), no_screen || !has_session_bus())
    }

    /// See [`Self::open`].
    fn with(screen: Option<(u32, u32)>, session: bool) -> Outcome<Self> {
        let folder = tempfile::Builder::new()
            .prefix("lanyard-desk-")
            .tempdir()
            .map_err(Failure::file(&env::temp_dir()))?;
        for name in ["home", "data", "config", "cache", "run"] {
            let path = folder.path().join(name);
            private_folder(&path).map_err(Failure::file(&path))?;
        }
        let mut desk = Self {
            session: None,
            screen: None,
            own_folders: session,
            folder,
        };
        if let Some((width, height)) = screen {
            desk.screen = Some(Screen::start(desk.folder.path(), width, height)?);
        }
        if session {
            desk.session = Some(Session::start(&desk)?);
        }
        Ok(desk)
    }

    /// Whether the screen is a virtual one.
    pub fn has_screen(&self) -> bool {
        self.screen.is_some()
    }

    /// Whether session and keychain are the desk's own.
    pub fn has_session(&self) -> bool {
        self.session.is_some()
    }

    /// The desk's temporary folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Gives a program this desk's screen, session and folders.
    pub fn dress(&self, command: &mut Command) {
        if self.own_folders {
            for (name, folder) in [
                ("HOME", "home"),
                ("XDG_DATA_HOME", "data"),
                ("XDG_CONFIG_HOME", "config"),
                ("XDG_CACHE_HOME", "cache"),
                ("XDG_RUNTIME_DIR", "run"),
            ] {
                command.env(name, self.folder.path().join(folder));
            }
            // The toolkit would look for assistive technology on the bus and wait for it.
            command
                .env("NO_AT_BRIDGE", "1")
                .env("GTK_A11Y", "none")
                .env("GSETTINGS_BACKEND", "memory");
        }
        if let Some(screen) = &self.screen {
            command
                .env("DISPLAY", &screen.display)
                .env_remove("WAYLAND_DISPLAY")
                .env("GDK_BACKEND", "x11");
            // Without a graphics card, sharing buffers with one that is made up takes half of the time there is.
            command.env("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
        }
        if let Some(session) = &self.session {
            command.env("DBUS_SESSION_BUS_ADDRESS", &session.address);
        }
    }

    /// Writes a picture of the virtual screen; gives false where there is none.
    ///
    /// # Errors
    /// When the screen cannot be read or the file not be written.
    pub fn picture(&self, file: &Path) -> Outcome<bool> {
        let Some(screen) = &self.screen else { return Ok(false) };
        picture::write_png(&picture::read_screen(&screen.frame)?, file)?;
        Ok(true)
    }

    /// What the virtual screen shows, to compare: none where there is no virtual screen.
    ///
    /// # Errors
    /// When the screen cannot be read.
    pub fn look(&self) -> Outcome<Option<picture::Picture>> {
        self.screen.as_ref().map(|screen| picture::read_screen(&screen.frame)).transpose()
    }

    /// The display's name, such as `:3`, where the screen is a virtual one.
    pub fn display(&self) -> Option<&str> {
        self.screen.as_ref().map(|screen| screen.display.as_str())
    }
}

/// Makes a folder that only this user can enter: the session bus insists on it.
fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Whether this machine has a display.
pub fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
        || cfg!(any(windows, target_os = "macos"))
}

/// Whether this user has a session bus.
fn has_session_bus() -> bool {
    env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some()
        || env::var_os("XDG_RUNTIME_DIR").is_some_and(|dir| Path::new(&dir).join("bus").exists())
        || cfg!(any(windows, target_os = "macos"))
}

impl Screen {
    fn start(folder: &Path, width: u32, height: u32) -> Outcome<Self> {
        let mut command = Command::new(needed("Xvfb", "xvfb")?);
        command
            .args([
                "-displayfd",
                "1",
                "-nolisten",
                "tcp",
                "-screen",
                "0",
                &format!("{width}x{height}x24"),
                "-dpi",
                "96",
                "-fbdir",
            ])
            .arg(folder);
        let (xvfb, number) = started(&command, folder, "the virtual screen")?;
        Ok(Self {
            display: format!(":{number}"),
            frame: folder.join("Xvfb_screen0"),
            _xvfb: xvfb,
        })
    }
}

impl Session {
    fn start(desk: &Desk) -> Outcome<Self> {
        let mut command = Command::new(needed("dbus-daemon", "dbus-daemon")?);
        command.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        desk.dress(&mut command);
        command.env_remove("DBUS_SESSION_BUS_ADDRESS");
        let (bus, address) = started(&command, desk.folder.path(), "the session bus")?;

        let mut command = Command::new(needed("gnome-keyring-daemon", "gnome-keyring")?);
        command.args(["--foreground", "--unlock", "--components=secrets"]);
        desk.dress(&mut command);
        command.env("DBUS_SESSION_BUS_ADDRESS", &address);
        // The line is the password; its end is a part of it, and does no harm.
        let keychain =
            Leash::start(&command, KEYCHAIN_PASSWORD, Goes::Nowhere, log(desk.folder.path())?).map_err(|source| Failure::Start {
                program: "gnome-keyring-daemon".into(),
                source,
            })?;
        let session = Self {
            address,
            _keychain: keychain,
            _bus: bus,
        };
        session.wait_for_keychain(desk)?;
        Ok(session)
    }

    /// Waits until the keychain answers on the bus.
    fn wait_for_keychain(&self, desk: &Desk) -> Outcome {
        let program = needed("dbus-send", "dbus-bin")?;
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let mut ask = Command::new(&program);
            ask.args([
                "--session",
                "--print-reply=literal",
                "--dest=org.freedesktop.DBus",
                "/org/freedesktop/DBus",
            ]);
            ask.args(["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"]);
            desk.dress(&mut ask);
            ask.env("DBUS_SESSION_BUS_ADDRESS", &self.address).stderr(Stdio::null());
            if let Ok(answer) = ask.output()
                && String::from_utf8_lossy(&answer.stdout).contains("true")
            {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(Failure::Late {
            what: "the keychain's answer on the session bus".into(),
            seconds: PATIENCE.as_secs(),
        })
    }
}

/// A program that must be there.
fn needed(name: &str, package: &str) -> Outcome<PathBuf> {
    place::on_path(name).ok_or_else(|| Failure::Missing {
        what: name.to_owned(),
        how: format!("Run `cargo xtask setup`, or install the package {package} (its name on Debian and Ubuntu)."),
    })
}

/// The file of the desk that takes what its programs say on standard error.
fn log(folder: &Path) -> Outcome<Goes> {
    let path = folder.join("desk.log");
    File::options()
        .create(true)
        .append(true)
        .open(&path)
        .map(Goes::Into)
        .map_err(Failure::file(&path))
}

/// Starts a program and reads the first line that it writes.
fn started(command: &Command, folder: &Path, what: &str) -> Outcome<(Leash, String)> {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut leash = Leash::start(command, "", Goes::Here, log(folder)?).map_err(|source| Failure::Start { program, source })?;
    let (give, take) = mpsc::channel();
    let output = leash.output();
    thread::spawn(move || {
        let Some(output) = output else { return };
        let mut reader = BufReader::new(output);
        let mut line = String::new();
        if reader.read_line(&mut line).is_ok() {
            // Nobody waits any longer where this fails.
            drop(give.send(line.trim().to_owned()));
        }
        // Keep the pipe open: a program that writes on would otherwise be ended.
        drop(reader.read_to_string(&mut String::new()));
    });
    match take.recv_timeout(PATIENCE) {
        Ok(line) if !line.is_empty() => Ok((leash, line)),
        _ => {
            let log = fs::read_to_string(folder.join("desk.log")).unwrap_or_default();
            let tail: Vec<&str> = log.lines().rev().take(5).collect();
            Err(Failure::Unreadable {
                what: format!("the start of {what}"),
                why: tail.into_iter().rev().collect::<Vec<_>>().join("; "),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    //! A desk comes up, has a screen and a keychain, and is gone afterwards.

    use std::process::Command;

    use super::Desk;

    #[test]
    fn a_desk_has_a_screen_and_ends() {
        let desk = Desk::open(640, 480).expect("a desk; `cargo xtask setup` installs what it needs");
        let look = desk.look().expect("readable").expect("virtual");
        assert_eq!((look.width, look.height), (640, 480));
        let folder = desk.folder().to_owned();
        let mut env = Command::new("env");
        desk.dress(&mut env);
        let said = String::from_utf8(env.output().expect("ran").stdout).expect("text");
        assert!(
            said.contains("DBUS_SESSION_BUS_ADDRESS=") && said.contains(&format!("XDG_DATA_HOME={}", folder.join("data").display())),
            "{said}"
        );
        drop(desk);
        assert!(!folder.exists());
    }
}
