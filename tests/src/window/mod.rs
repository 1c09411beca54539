//! The real window under a WebDriver: the built program, on a virtual screen, with a session bus and a real keychain of its own.
//!
//! What it needs beyond Cargo and npm is what `cargo xtask setup` installs. Where something is missing, a test fails and says what.

mod axe;
mod company;
mod dialogs;
mod driver;
mod page;
mod rotations;
mod runs;
mod screens;
pub mod search;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use thirtyfour::WebDriver;
use tokio::runtime::Runtime;
use xtask::desk::Desk;
use xtask::leash::{Goes, Leash};
use xtask::picture::Picture;
use xtask::{build, place};

pub use axe::Violation;
pub use company::{Company, Offered};
pub use page::Key;

/// How long a thing may take to show, where nothing else is said. Generous: the machine may be busy with other tests.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How the window is started.
#[derive(Clone, Debug)]
pub struct Start {
    /// The size of the screen, and so of the window.
    pub size: (u32, u32),
    /// Whether the demo company is opened at once, and with how many people.
    pub demo: Option<u32>,
    /// The screen to open at.
    pub at: Option<String>,
}

impl Start {
    /// As an installed Lanyard starts for the first time.
    pub fn first() -> Self {
        Self {
            size: (1280, 800),
            demo: None,
            at: None,
        }
    }

    /// On the demo company.
    pub fn demo(people: u32) -> Self {
        Self {
            demo: Some(people),
            ..Self::first()
        }
    }

    /// At a screen.
    #[must_use]
    pub fn at(mut self, address: &str) -> Self {
        self.at = Some(address.to_owned());
        self
    }

    /// On a screen of another size.
    #[must_use]
    pub fn sized(mut self, width: u32, height: u32) -> Self {
        self.size = (width, height);
        self
    }
}

/// A running window.
pub struct Window {
    /// The WebDriver's handle.
    pub driver: WebDriver,
    data_dir: PathBuf,
    programs: PathBuf,
    start: Start,
    bridge: Option<Leash>,
    desk: Desk,
}

/// Runs a test in a window of its own. Where the test fails, a picture and the page's text are kept in `target/e2e/`.
///
/// # Panics
/// When the window does not come up, and when the test panics.
pub fn in_window(name: &str, start: Start, test: impl AsyncFnOnce(&mut Window)) {
    let runtime = Runtime::new().expect("a runtime");
    let mut window = runtime.block_on(Window::open(start));
    let outcome = catch_unwind(AssertUnwindSafe(|| runtime.block_on(test(&mut window))));
    if outcome.is_err() {
        runtime.block_on(window.keep_scene(name));
    }
    runtime.block_on(window.close());
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

static BUILT: OnceLock<PathBuf> = OnceLock::new();

/// Says where the programs are, before the first of them is used: figures are taken of a release build.
///
/// # Panics
/// When others were used already.
pub fn built_in(folder: PathBuf) {
    BUILT.set(folder).expect("no program was used yet");
}

/// The folder of the built programs, built at first use where `cargo xtask test` has not done so already.
pub fn programs() -> &'static Path {
    BUILT.get_or_init(|| build::programs(false).expect("the window and `lanyard` build"))
}

impl Window {
    /// Opens a window on a desk of its own.
    ///
    /// # Panics
    /// When anything of it does not come up.
    pub async fn open(start: Start) -> Self {
        let programs = programs().to_owned();
        let desk = Desk::open(start.size.0, start.size.1).expect("a virtual desk");
        let data_dir = desk.folder().join("lanyard");
        let (bridge, driver) = driver::start(&desk, &programs, &start.arguments(&data_dir)).await;
        Self {
            driver,
            data_dir,
            programs,
            start,
            bridge: Some(bridge),
            desk,
        }
    }

    /// Ends the window and opens it again on the same data folder, in the same session and keychain.
    ///
    /// # Panics
    /// When it does not come up.
    pub async fn reopen(&mut self, demo: Option<u32>) {
        self.reopen_at(self.data_dir.clone(), demo).await;
    }

    async fn reopen_at(&mut self, data_dir: PathBuf, demo: Option<u32>) {
        self.driver.clone().quit().await.expect("the window ends");
        // The old bridge must be gone before the new one starts: it would end the new window with itself.
        drop(self.bridge.take());
        let open = self.data_dir.display().to_string();
        self.until("the end of the old window", PATIENCE, async || {
            search::command_lines_with(&open).is_empty().then_some(())
        })
        .await;
        // The system closes a process's connections a moment after its command line is gone, and the old name on the bus with them.
        tokio::time::sleep(Duration::from_millis(500)).await;
        self.start.demo = demo;
        self.data_dir = data_dir;
        let (bridge, driver) = driver::start(&self.desk, &self.programs, &self.start.arguments(&self.data_dir)).await;
        (self.bridge, self.driver) = (Some(bridge), driver);
    }

    /// Ends a window on the demo company and opens another one on what it read, without its servers: as a folder that was read the day before.
    ///
    /// # Panics
    /// When it does not come up.
    pub async fn reopen_what_the_demo_read(&mut self) {
        self.reopen_at(self.data_dir.join("demo"), None).await;
    }

    /// Ends the window.
    pub async fn close(self) {
        // It may have ended in the test.
        drop(self.driver.quit().await);
    }

    /// The window's data folder.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The desk's folder: home, caches, keychain, and the data folder within.
    pub fn desk_folder(&self) -> &Path {
        self.desk.folder()
    }

    /// A command in the window's session: its screen, its bus, its keychain.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        self.desk.dress(&mut command);
        command
    }

    /// One of the built programs, in the window's session and on its data folder.
    pub fn program(&self, name: &str) -> Command {
        let mut command = self.command(self.programs.join(name));
        command.arg("--data-dir").arg(&self.data_dir);
        command
    }

    /// Starts the program of the window a second time, as a person would from the menu.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start_again(&self) -> Leash {
        Leash::start(&self.program("lanyard-window"), "", Goes::Nowhere, Goes::Along).expect("started")
    }

    /// Writes a picture of the screen.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn picture(&self, file: &Path) {
        self.desk.picture(file).expect("a picture");
    }

    /// Makes the window as large as the screen.
    ///
    /// # Panics
    /// When the WebDriver refuses.
    pub async fn maximise(&self, (width, height): (u32, u32)) {
        self.driver
            .set_window_rect(0, 0, width, height)
            .await
            .expect("the window takes the size");
    }

    /// Waits until the screen stands still for a moment (fonts loaded, nothing fading).
    ///
    /// # Panics
    /// When the screen cannot be read.
    pub async fn settle(&self) {
        drop(self.still().await);
    }

    /// What the screen shows once it stands still; as it is after five seconds where it never does.
    ///
    /// # Panics
    /// When the screen cannot be read.
    pub async fn still(&self) -> Picture {
        let look = || self.desk.look().expect("readable").expect("a virtual screen");
        let until = Instant::now() + Duration::from_secs(5);
        let mut before = look();
        loop {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let now = look();
            if now == before || Instant::now() > until {
                return now;
            }
            before = now;
        }
    }

    /// Keeps what a failed test saw.
    async fn keep_scene(&self, name: &str) {
        let folder = place::target().join("e2e");
        let picture = folder.join(format!("{name}.png"));
        if let Err(failure) = self.desk.picture(&picture) {
            eprintln!("no picture of the failure: {failure}");
        }
        eprintln!("a picture of the failure is in {}", picture.display());
        match self
            .driver
            .execute("return location.href + '\\n' + document.body.innerText", Vec::new())
            .await
        {
            Ok(text) => eprintln!("the page says:\n{}", text.json().as_str().unwrap_or_default()),
            Err(error) => eprintln!("the page does not answer: {error}"),
        }
    }
}

impl Start {
    /// The window's arguments.
    fn arguments(&self, data_dir: &Path) -> Vec<String> {
        let mut arguments = vec!["--data-dir".to_owned(), data_dir.display().to_string()];
        if let Some(people) = self.demo {
            arguments.extend(["--demo".to_owned(), "--people".to_owned(), people.to_string()]);
        }
        if let Some(at) = &self.at {
            arguments.extend(["--at".to_owned(), at.clone()]);
        }
        arguments
    }
}
