//! From the start of the window's process to the first rows of 100,000 cached people on the screen, against an empty window of the same
//! kind. Read off a virtual screen, as a person would see it.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lanyard_engine::view::SyncState;
use xtask::desk::Desk;
use xtask::leash::{Goes, Leash};
use xtask::picture::Picture;
use xtask::{build, proc};

use crate::company::Size;
use crate::filled::{KEY, open};
use crate::reading::add_source;
use crate::server::{Pages, serve};
use crate::{Figure, median};

const SIZE: Size = Size::LARGE;
const RUNS: usize = 7;
const PATIENCE: Duration = Duration::from_secs(60);

fn pixel(picture: &Picture, x: u32, y: u32) -> [u8; 3] {
    let at = ((y * picture.width + x) * 3) as usize;
    [picture.pixels[at], picture.pixels[at + 1], picture.pixels[at + 2]]
}

/// The empty window's colour stands on the screen.
fn is_filled(picture: &Picture) -> bool {
    pixel(picture, picture.width / 2, picture.height / 2) == [255, 0, 255]
}

/// Where the list's rows are, there is dark text on a light ground over most of the height.
fn has_rows(picture: &Picture) -> bool {
    let area = 32 * 350;
    let rows_with_text = (260..740).step_by(32).filter(|top| {
        let pixels = || (*top..top + 32).flat_map(|y| (250..600).map(move |x| pixel(picture, x, y)));
        let dark = pixels().filter(|pixel| pixel.iter().all(|part| *part < 110)).count();
        let light = pixels().filter(|pixel| pixel.iter().all(|part| *part > 200)).count();
        dark > 40 && light > area * 3 / 4
    });
    rows_with_text.count() >= 10
}

/// Seconds from the start of a program until the screen shows what is waited for.
fn until_shown(desk: &Desk, program: &Command, shown: fn(&Picture) -> bool) -> f64 {
    let started = Instant::now();
    let window = Leash::start(program, "", Goes::Nowhere, Goes::Nowhere).expect("starts");
    loop {
        let picture = desk.look().expect("a picture").expect("a virtual screen");
        if shown(&picture) {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "the window shows nothing");
        std::thread::sleep(Duration::from_millis(4));
    }
    let seconds = started.elapsed().as_secs_f64();
    drop(window);
    // The next one is to find an empty screen.
    while desk.look().expect("a picture").is_some_and(|picture| !picture.is_blank()) {
        assert!(started.elapsed() < PATIENCE, "the window does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
    seconds
}

fn fill(folder: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let engine = open(folder);
    let id = add_source(&engine, &serve(Arc::new(Pages::render(SIZE))));
    let outcome = runtime.block_on(engine.sync(id)).expect("syncs");
    assert_eq!(outcome.state, SyncState::Complete);
    engine.set_setting("theme", "light").expect("kept");
}

/// Measures the figure.
pub fn measure() -> Vec<Figure> {
    let programs = build::programs(true).expect("builds");
    proc::run(
        proc::cargo(["build", "--release", "--quiet", "-p", "lanyard-window", "--example", "empty"]),
        None,
    )
    .expect("builds");
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path());
    let desk = Desk::open(1280, 800).expect("a virtual screen");
    let mut empty = Command::new(programs.join("examples").join("empty"));
    desk.dress(&mut empty);
    let mut window = Command::new(programs.join("lanyard-window"));
    window.arg("--data-dir").arg(folder.path()).args(["--at", "/people"]);
    window.env("LANYARD_SECRETS", "env").env("LANYARD_CACHE_KEY", KEY);
    desk.dress(&mut window);
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        bare.push(until_shown(&desk, &empty, is_filled));
        ours.push(until_shown(&desk, &window, has_rows));
    }
    let (bare, ours) = (median(bare), median(ours));
    vec![Figure {
        name: "window",
        what: "window: first rows with 100,000 cached, beyond an empty window, ms".into(),
        value: (ours - bare) * 1e3,
        target: 300.0,
        at_most: true,
        from: format!(
            "{:.0} ms / {:.0} ms = {:.2} ×, medians of {RUNS}, release build",
            ours * 1e3,
            bare * 1e3,
            ours / bare
        ),
    }]
}
