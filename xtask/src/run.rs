//! `cargo xtask run`: the real window on the demo company. Without a display it opens on a virtual one and leaves a picture.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{ChildStderr, Command};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::desk::{self, Desk};
use crate::leash::{Goes, Leash};
use crate::setup::{self, Need};
use crate::steps::{say, spoken};
use crate::{Failure, Outcome, build, picture, place};

/// The virtual screen's size: the window's own, so that the picture is all window.
const SCREEN: (u32, u32) = (1280, 800);
/// How long the window may take until it shows something.
const SHOWS_WITHIN: Duration = Duration::from_secs(60);
/// How long the picture must stand still to be taken.
const STILL_FOR: Duration = Duration::from_millis(1_500);

/// How the window is to be run.
#[derive(Clone, Debug, clap::Args)]
pub struct Run {
    /// Start as if for the first time: an empty data folder, the three choices.
    #[arg(long)]
    fresh: bool,
    /// How many people the demo company has.
    #[arg(long, value_name = "N")]
    people: Option<u32>,
    /// The data folder (else one in the target folder).
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Build for release.
    #[arg(long)]
    release: bool,
    /// Take a picture on a virtual screen, even where there is a display, and end.
    #[arg(long, value_name = "FILE")]
    shot: Option<PathBuf>,
    /// The screen to open at, as an address.
    #[arg(long, value_name = "ADDRESS")]
    at: Option<String>,
}

/// Runs the window until it is closed; or, on a virtual screen, until its picture is taken.
///
/// # Errors
/// When something is missing, does not build, or does not come up.
pub fn run(run: &Run) -> Outcome {
    let virtual_screen = run.shot.is_some() || !desk::has_display();
    if virtual_screen {
        setup::ensure(&[Need::Desk, Need::Fonts])?;
    }
    let programs = build::programs(run.release)?;
    let desk = if virtual_screen {
        Desk::open(SCREEN.0, SCREEN.1)?
    } else {
        Desk::completing_this_machine(SCREEN.0, SCREEN.1)?
    };

    let data_dir = run
        .data_dir
        .clone()
        .unwrap_or_else(|| place::target().join("run").join(if run.fresh { "fresh" } else { "data" }));
    // The desk's keychain is new each time, and a folder of another keychain could not be opened.
    let ours = run.data_dir.is_none() && (run.fresh || desk.has_session());
    if ours && data_dir.exists() {
        fs::remove_dir_all(&data_dir).map_err(Failure::file(&data_dir))?;
    }
    let mut window = Command::new(programs.join(format!("lanyard-window{}", std::env::consts::EXE_SUFFIX)));
    window.arg("--data-dir").arg(&data_dir);
    if !run.fresh {
        window.arg("--demo");
        if let Some(people) = run.people {
            window.args(["--people", &people.to_string()]);
        }
    }
    let at = run.at.as_deref().or((desk.has_screen() && !run.fresh).then_some("/people"));
    if let Some(at) = at {
        window.args(["--at", at]);
    }
    desk.dress(&mut window);
    if desk.has_screen() {
        pictured(run, &window, &desk)
    } else {
        until_closed(&window)
    }
}

/// On the user's own display.
fn until_closed(window: &Command) -> Outcome {
    say("The window is open. It ends when it is closed, or with Ctrl+C.");
    let start = |source| Failure::Start {
        program: "lanyard-window".into(),
        source,
    };
    let mut leash = Leash::start(window, "", Goes::Along, Goes::Along).map_err(start)?;
    let status = leash.wait().map_err(start)?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::Command {
            line: "lanyard-window".into(),
            status: status.to_string(),
        })
    }
}

/// On a virtual screen: waits for the syncs to end and the screen to stand still, and writes a picture.
fn pictured(run: &Run, window: &Command, desk: &Desk) -> Outcome {
    let started = Instant::now();
    let mut leash = Leash::start(window, "", Goes::Along, Goes::Here).map_err(|source| Failure::Start {
        program: "lanyard-window".into(),
        source,
    })?;
    let lines = leash.errors().map(lines).ok_or_else(|| Failure::Unreadable {
        what: "the window's log".into(),
        why: "it has none".into(),
    })?;
    if !run.fresh {
        let patience = Duration::from_secs(120 + u64::from(run.people.unwrap_or(240)) / 500);
        wait_for_syncs(&lines, patience)?;
    }
    wait_until_still(desk, &mut leash)?;
    let file = run.shot.clone().unwrap_or_else(|| place::target().join("lanyard-window.png"));
    desk.picture(&file)?;
    say(&format!(
        "There is no display here. The window ran on a virtual one for {}; its picture is in {}",
        spoken(started.elapsed()),
        file.display()
    ));
    Ok(())
}

/// The lines of the window's log, which are shown as well.
fn lines(errors: ChildStderr) -> Receiver<String> {
    let (give, take) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(errors).lines().map_while(Result::ok) {
            say(&format!("     {line}"));
            // Read on even when nobody waits any longer: a full pipe would stop the window.
            drop(give.send(line));
        }
    });
    take
}

/// Waits until as many syncs ended as sources were connected.
fn wait_for_syncs(lines: &Receiver<String>, patience: Duration) -> Outcome {
    let until = Instant::now() + patience;
    let (mut sources, mut ended) = (None, 0);
    while sources.is_none_or(|sources| ended < sources) {
        let line = match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => {
                return Err(Failure::Late {
                    what: "the demo company's sync".into(),
                    seconds: patience.as_secs(),
                });
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Failure::Unreadable {
                    what: "the window".into(),
                    why: "it ended before the demo company was synced".into(),
                });
            }
        };
        if let Some((_, count)) = line.split_once("demo company connected sources=") {
            sources = count.trim().parse().ok();
        }
        if line.contains("sync ended") {
            ended += 1;
        }
        if line.contains("nothing could be opened") {
            return Err(Failure::Unreadable {
                what: "the demo company".into(),
                why: line,
            });
        }
    }
    Ok(())
}

/// Waits until something is on the screen and no longer moves.
fn wait_until_still(desk: &Desk, window: &mut Leash) -> Outcome {
    let until = Instant::now() + SHOWS_WITHIN;
    let mut last: Option<(picture::Picture, Instant)> = None;
    while Instant::now() < until {
        if let Some(status) = window.ended() {
            return Err(Failure::Command {
                line: "lanyard-window".into(),
                status: status.to_string(),
            });
        }
        thread::sleep(Duration::from_millis(150));
        let Some(now) = desk.look()? else { return Ok(()) };
        match &last {
            Some((before, since)) if *before == now && !now.is_blank() => {
                if since.elapsed() >= STILL_FOR {
                    return Ok(());
                }
            }
            _ => last = Some((now, Instant::now())),
        }
    }
    // It moves on (a clock, a spinner): what is there is shown.
    match last {
        Some((picture, _)) if !picture.is_blank() => Ok(()),
        _ => Err(Failure::Late {
            what: "something on the screen".into(),
            seconds: SHOWS_WITHIN.as_secs(),
        }),
    }
}

#[cfg(test)]
mod tests {
    //! When the demo company counts as synced.

    use std::sync::mpsc;
    use std::time::Duration;

    use super::wait_for_syncs;
    use crate::Failure;

    #[test]
    fn waits_for_as_many_ends_as_sources() {
        let (give, take) = mpsc::channel();
        for line in ["INFO demo company connected sources=2", "INFO sync ended source=\"A\""] {
            give.send(line.to_owned()).expect("taken");
        }
        let early = wait_for_syncs(&take, Duration::from_millis(50));
        assert!(matches!(early, Err(Failure::Late { .. })));
        for line in [
            "demo company connected sources=2",
            "sync ended source=\"A\"",
            "sync ended source=\"B\"",
        ] {
            give.send(line.to_owned()).expect("taken");
        }
        assert!(wait_for_syncs(&take, Duration::from_millis(50)).is_ok());
    }
}
