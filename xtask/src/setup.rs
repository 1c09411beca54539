//! What the system must have. On Debian and Ubuntu it is installed; elsewhere the command is named.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::steps::say;
use crate::{Failure, Outcome, place, proc};

/// The version of the WebDriver bridge, as Cargo understands it.
const TAURI_DRIVER: &str = "^2";

/// Something that a task needs of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Libraries to build the window with.
    WindowLibraries,
    /// A C compiler and Perl, for SQLCipher and its cryptography.
    Compiler,
    /// A virtual screen, a session bus, a keychain.
    Desk,
    /// What drives the real window in tests.
    Driver,
    /// What the servers that nobody here wrote are installed with.
    Peers,
    /// Fonts for names in many scripts: only pictures need them.
    Fonts,
}

/// A thing to look for, and the Debian package that brings it.
struct Part {
    package: &'static str,
    found: fn() -> bool,
}

impl Need {
    /// Its parts.
    fn parts(self) -> &'static [Part] {
        match self {
            Self::WindowLibraries => &[
                Part {
                    package: "libwebkit2gtk-4.1-dev",
                    found: || library("webkit2gtk-4.1"),
                },
                Part {
                    package: "librsvg2-dev",
                    found: || library("librsvg-2.0"),
                },
                Part {
                    package: "libxdo-dev",
                    found: || Path::new("/usr/include/xdo.h").exists(),
                },
                Part {
                    package: "libdbus-1-dev",
                    found: || library("dbus-1"),
                },
            ],
            Self::Compiler => &[
                Part {
                    package: "build-essential",
                    found: || program("cc") && program("make"),
                },
                Part {
                    package: "pkg-config",
                    found: || program("pkg-config"),
                },
                Part {
                    package: "perl",
                    found: || program("perl"),
                },
            ],
            Self::Desk => &[
                Part {
                    package: "xvfb",
                    found: || program("Xvfb"),
                },
                Part {
                    package: "dbus-daemon",
                    found: || program("dbus-daemon"),
                },
                Part {
                    package: "dbus-bin",
                    found: || program("dbus-send"),
                },
                Part {
                    package: "gnome-keyring",
                    found: || program("gnome-keyring-daemon"),
                },
                Part {
                    package: "libsecret-tools",
                    found: || program("secret-tool"),
                },
            ],
            Self::Driver => &[
                Part {
                    package: "webkit2gtk-driver",
                    found: || program("WebKitWebDriver"),
                },
                Part {
                    package: "xdotool",
                    found: || program("xdotool"),
                },
            ],
            Self::Peers => &[Part {
                package: "python3-venv",
                found: || quietly(Command::new("python3").args(["-c", "import ensurepip, venv"])),
            }],
            Self::Fonts => &[
                Part {
                    package: "fonts-noto-core",
                    found: || font("Noto Sans Devanagari"),
                },
                Part {
                    package: "fonts-noto-cjk",
                    found: || font("Noto Sans CJK JP"),
                },
            ],
        }
    }
}

/// Whether a program is there.
fn program(name: &str) -> bool {
    place::on_path(name).is_some()
}

/// Whether a library can be built against.
fn library(name: &str) -> bool {
    quietly(Command::new("pkg-config").args(["--exists", name]))
}

/// Whether a font is installed.
fn font(family: &str) -> bool {
    Command::new("fc-list")
        .arg(family)
        .output()
        .is_ok_and(|output| !output.stdout.is_empty())
}

/// Runs a program without a word and gives whether it ended well.
fn quietly(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Sees to it that everything that is needed is there.
///
/// # Errors
/// When something is missing that cannot be installed here; it says what, and the command that would.
pub fn ensure(needs: &[Need]) -> Outcome {
    if !cfg!(target_os = "linux") {
        return elsewhere(needs);
    }
    let missing: Vec<&str> = needs
        .iter()
        .flat_map(|need| need.parts())
        .filter(|part| !(part.found)())
        .map(|part| part.package)
        .collect();
    if !missing.is_empty() {
        install(&missing)?;
    }
    if needs.contains(&Need::Driver) {
        ensure_tauri_driver()?;
    }
    Ok(())
}

/// On macOS and Windows there is nothing to install for the window; its tests in a virtual screen run on Linux only.
fn elsewhere(needs: &[Need]) -> Outcome {
    if needs.iter().any(|need| matches!(need, Need::Desk | Need::Driver)) {
        return Err(Failure::Missing {
            what: "a virtual screen with a WebDriver".into(),
            how: "The tests of the real window run on Linux; here use `cargo xtask test --quick`.".into(),
        });
    }
    Ok(())
}

/// Installs Debian packages, or says how.
fn install(missing: &[&str]) -> Outcome {
    let what = missing.join(" ");
    if !program("apt-get") {
        let how = if program("dnf") {
            "On Fedora: sudo dnf install webkit2gtk4.1-devel librsvg2-devel libxdo-devel dbus-devel gcc make perl pkgconf xorg-x11-server-Xvfb \
             dbus-daemon dbus-tools gnome-keyring libsecret webkit2gtk-driver xdotool google-noto-fonts-common google-noto-sans-cjk-fonts"
        } else if program("pacman") {
            "On Arch: sudo pacman -S webkit2gtk-4.1 librsvg xdotool dbus base-devel perl xorg-server-xvfb gnome-keyring libsecret noto-fonts noto-fonts-cjk"
        } else {
            "Install what corresponds to these Debian packages."
        };
        return Err(Failure::Missing { what, how: how.to_owned() });
    }
    let by_hand = format!("Run: sudo apt-get update && sudo apt-get install --yes --no-install-recommends {what}");
    let root = quietly(Command::new("sh").args(["-c", "test \"$(id -u)\" = 0"]));
    if !root && !quietly(Command::new("sudo").args(["-n", "true"])) {
        return Err(Failure::Missing { what, how: by_hand });
    }
    say(&format!("     installing {what}"));
    let apt = |args: &[&str]| {
        let mut command = Command::new(if root { "apt-get" } else { "sudo" });
        if !root {
            command.args(["-n", "apt-get"]);
        }
        command
            .args(args)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        proc::run(command, None)
    };
    apt(&["update", "-qq"])?;
    let mut args = vec!["install", "-qq", "--yes", "--no-install-recommends"];
    args.extend(missing);
    apt(&args).map_err(|_| Failure::Missing { what, how: by_hand })
}

/// The WebDriver bridge, installed into the target folder when it is not on this machine.
///
/// # Errors
/// When it cannot be built.
pub fn ensure_tauri_driver() -> Outcome {
    if tauri_driver().is_some() {
        return Ok(());
    }
    say("     building tauri-driver (once)");
    let mut command = proc::cargo([
        "install",
        "--locked",
        "--quiet",
        "tauri-driver",
        "--version",
        TAURI_DRIVER,
        "--root",
    ]);
    command.arg(place::tools());
    proc::run(command, None)
}

/// Where the WebDriver bridge is, if it is.
pub fn tauri_driver() -> Option<std::path::PathBuf> {
    let own = place::tools().join("bin").join(format!("tauri-driver{}", env::consts::EXE_SUFFIX));
    if own.is_file() { Some(own) } else { place::on_path("tauri-driver") }
}
