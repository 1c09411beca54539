//! Child processes that a test starts, waits for, and ends by their own handle.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// A server in a child process: ready once it has printed one line of JSON, ended by closing its standard input.
pub struct Server {
    child: Child,
    /// The line that it printed when it was ready.
    pub ready: Value,
}

impl Server {
    /// Starts it, and waits until it is ready, 60 s at most.
    ///
    /// # Panics
    /// When it does not start, ends, or prints something else.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        let stdout = child.stdout.take().expect("the output is piped");
        let mut stderr = child.stderr.take().expect("the errors are piped");
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let mut lines = BufReader::new(stdout).lines();
            // A receiver that has given up needs no line.
            let _ = sender.send(lines.next().and_then(Result::ok));
            // What comes later is read on, so that the server never blocks on a full pipe.
            lines.for_each(drop);
        });
        let (errors, said) = mpsc::channel();
        thread::spawn(move || {
            let mut text = String::new();
            let _ = stderr.read_to_string(&mut text);
            let _ = errors.send(text);
        });
        let line = receiver.recv_timeout(Duration::from_secs(60)).ok().flatten();
        let ready = line.as_deref().and_then(|line| serde_json::from_str(line).ok());
        let Some(ready) = ready else {
            let _ = child.kill();
            let _ = child.wait();
            panic!(
                "{command:?} was not ready; it said {line:?}; {}",
                said.recv_timeout(Duration::from_secs(2)).unwrap_or_default()
            );
        };
        Self { child, ready }
    }

    /// A text of the ready line.
    ///
    /// # Panics
    /// When there is none of that name.
    pub fn text(&self, name: &str) -> &str {
        self.ready
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("no {name} in {}", self.ready))
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        if wait(&mut self.child, Duration::from_secs(5)).is_none() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Waits for a child, so long at most; none when it still runs.
pub fn wait(child: &mut Child, most: Duration) -> Option<std::process::ExitStatus> {
    let end = Instant::now() + most;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < end => thread::sleep(Duration::from_millis(5)),
            _ => return None,
        }
    }
}
