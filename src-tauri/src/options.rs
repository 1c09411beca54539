//! What the window can be told when it is started.

use std::path::PathBuf;

use clap::Parser;

/// The window of Lanyard: see every door a badge opens, and prove that it is shut when the badge comes back.
#[derive(Clone, Debug, Parser)]
#[command(name = "lanyard-window", version)]
pub struct Options {
    /// The data folder. Made when it is not there.
    #[arg(long, env = "LANYARD_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Open the demo company at once.
    #[arg(long)]
    pub demo: bool,
    /// How many people the demo company has.
    #[arg(long, value_name = "N")]
    pub people: Option<u32>,
    /// The screen to open at, as an address ("/people").
    #[arg(long, value_name = "ADDRESS")]
    pub at: Option<String>,
}

impl Options {
    /// The data folder: the one given, or this user's own by the rules of the system.
    pub fn home(&self) -> Option<PathBuf> {
        let own = || directories::ProjectDirs::from("app", "Lanyard", "Lanyard").map(|dirs| dirs.data_local_dir().to_owned());
        self.data_dir.clone().or_else(own)
    }
}

#[cfg(test)]
mod tests {
    //! Options as a person writes them.

    use clap::Parser;

    use super::Options;

    #[test]
    fn a_given_folder_wins() {
        let options = Options::parse_from(["lanyard-window", "--data-dir", "somewhere", "--demo", "--people", "1000"]);
        assert_eq!(options.home(), Some("somewhere".into()));
        assert!(options.demo);
        assert_eq!(options.people, Some(1000));
    }
}
