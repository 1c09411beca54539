//! The system's own dialogs, answered as a person would answer them: the WebDriver sees web pages only.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use super::Window;

/// How long a dialog takes to listen to keys once it has the focus.
const LISTENS_AFTER: Duration = Duration::from_millis(400);

impl Window {
    /// Writes a path into the dialog that asks where to save, and confirms it.
    ///
    /// # Panics
    /// When it does not show.
    pub fn save_as(&self, path: &Path) {
        self.answer_dialog("Save|save|Lanyard.*file", "ctrl+a", path);
    }

    /// Writes the path of a file into the dialog of this title, and opens it.
    ///
    /// # Panics
    /// When it does not show.
    pub fn open_file(&self, title: &str, path: &Path) {
        self.answer_dialog(title, "ctrl+l", path);
    }

    /// `first` leads to the field for the name, with what it holds selected.
    fn answer_dialog(&self, title: &str, first: &str, path: &Path) {
        let (found, dialog) = self.xdotool(&["search", "--sync", "--onlyvisible", "--name", title]);
        assert!(found, "the system's dialog does not show");
        let dialog = dialog.lines().last().unwrap_or_default().to_owned();
        self.xdotool(&["windowfocus", "--sync", &dialog]);
        sleep(LISTENS_AFTER);
        self.xdotool(&["key", first]);
        self.xdotool(&["type", "--delay", "15", &path.display().to_string()]);
        sleep(LISTENS_AFTER);
        self.xdotool(&["key", "Return"]);
    }

    /// Takes the pointer to the corner, where it points at nothing: what it lies upon may show a note.
    pub fn pointer_away(&self, (width, height): (u32, u32)) {
        self.xdotool(&["mousemove", &(width - 1).to_string(), &(height - 1).to_string()]);
    }

    /// Whether it went well, and what it said.
    fn xdotool(&self, arguments: &[&str]) -> (bool, String) {
        let output = self
            .command("xdotool")
            .args(arguments)
            .output()
            .expect("xdotool runs; `cargo xtask setup` installs it");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}
