//! Programs on a leash: they, and what they start, end when the handle is dropped, and also when this process is killed.

use std::fs::File;
use std::io;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};

/// A shell stands between: it runs the program in a process group of its own and watches its standard input, which only we hold
/// open. When that closes, it asks the whole group to end, and a second later makes it.
#[cfg(unix)]
const WATCH: &str = r#"
exec 3<&0
{ trap '' TERM INT HUP; cat <&3 >/dev/null; kill -TERM 0; sleep 1; kill -KILL 0; } >/dev/null 2>&1 &
watch=$!
exec 3<&-
if [ -n "$LEASH_INPUT" ]; then printf '%s\n' "$LEASH_INPUT" | "$@"; else "$@" </dev/null; fi
code=$?
kill -KILL $watch 2>/dev/null
exit $code
"#;

/// A program on a leash.
pub struct Leash {
    child: Child,
}

/// Where what a program writes goes.
pub enum Goes {
    /// Where ours goes.
    Along,
    /// To us: [`Leash::output`], [`Leash::errors`].
    Here,
    /// Into a file.
    Into(File),
    /// Nowhere.
    Nowhere,
}

impl From<Goes> for Stdio {
    fn from(goes: Goes) -> Self {
        match goes {
            Goes::Along => Self::inherit(),
            Goes::Here => Self::piped(),
            Goes::Into(file) => file.into(),
            Goes::Nowhere => Self::null(),
        }
    }
}

impl Leash {
    /// Starts a program. `input` is the line that it reads from its standard input, if it is not empty.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(program: &Command, input: &str, output: Goes, errors: Goes) -> io::Result<Self> {
        let mut command = Self::wrapped(program, input);
        command.stdin(Stdio::piped()).stdout(output).stderr(errors);
        Ok(Self { child: command.spawn()? })
    }

    /// The shell around a program.
    #[cfg(unix)]
    fn wrapped(program: &Command, input: &str) -> Command {
        use std::os::unix::process::CommandExt as _;
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", WATCH, "leash"])
            .arg(program.get_program())
            .args(program.get_args())
            .env("LEASH_INPUT", input)
            .process_group(0);
        Self::dressed(command, program)
    }

    /// Without a Unix shell the program is started as it is, and ends with the handle only.
    #[cfg(not(unix))]
    fn wrapped(program: &Command, _input: &str) -> Command {
        let mut command = Command::new(program.get_program());
        command.args(program.get_args());
        Self::dressed(command, program)
    }

    /// The environment and folder of the program itself.
    fn dressed(mut command: Command, program: &Command) -> Command {
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(dir) = program.get_current_dir() {
            command.current_dir(dir);
        }
        command
    }

    /// What the program writes, once.
    pub fn output(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// What the program writes to standard error, once.
    pub fn errors(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        // `Child::wait` would close its input first, and so end it.
        let input = self.child.stdin.take();
        let status = self.child.wait();
        drop(input);
        status
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        if cfg!(not(unix)) {
            // It may have ended by itself.
            drop(self.child.kill());
        }
        drop(self.child.wait());
    }
}

#[cfg(all(test, unix))]
mod tests {
    //! What is let go of ends, with all that it started.

    use std::io::Read as _;
    use std::process::Command;
    use std::time::{Duration, Instant};

    use super::{Goes, Leash};

    #[test]
    fn input_arrives_and_the_end_is_seen() {
        let mut cat = Leash::start(&Command::new("cat"), "a word", Goes::Here, Goes::Along).expect("started");
        let mut said = String::new();
        cat.output().expect("piped").read_to_string(&mut said).expect("read");
        assert_eq!(said, "a word\n");
        assert!(cat.wait().expect("ended").success());
    }

    #[test]
    fn the_group_ends_with_the_handle() {
        let mut program = Command::new("sh");
        program.args(["-c", "sleep 600 & echo $!; sleep 600"]);
        let mut leash = Leash::start(&program, "", Goes::Here, Goes::Along).expect("started");
        let mut output = leash.output().expect("piped");
        let mut line = [0; 16];
        let got = output.read(&mut line).expect("read");
        let grandchild = String::from_utf8_lossy(&line[..got]).trim().to_owned();
        drop(leash);
        let until = Instant::now() + Duration::from_secs(5);
        let alive = || {
            let stat = std::fs::read_to_string(format!("/proc/{grandchild}/stat")).unwrap_or_default();
            !stat.is_empty() && !stat.contains(") Z ")
        };
        while alive() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(!alive(), "{grandchild} still runs");
    }
}
