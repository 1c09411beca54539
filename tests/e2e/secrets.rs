//! A token, once given, is nowhere to be found: not in the page, not in a file, not in the list of processes; but in the keychain.

use lanyard_tests::window::search::{command_lines_with, files_with};
use lanyard_tests::window::{Company, PATIENCE, Start, in_window};

#[test]
fn a_saved_token_is_in_the_keychain_and_nowhere_else() {
    in_window("secrets", Start::first().at("/sources/new"), async |window| {
        let company = Company::open(60, &[]);
        let offered = company.identity_provider().clone();
        window.connect(&offered).await;
        window.go("/people").await;
        window.filled(60, PATIENCE).await;
        window.go("/sources").await;
        window.settle().await;
        let token = &offered.token;
        assert_eq!(window.places_in_page(token).await, Vec::<String>::new(), "in the page");
        assert_eq!(
            files_with(window.desk_folder(), token),
            Vec::<std::path::PathBuf>::new(),
            "in a file"
        );
        assert_eq!(command_lines_with(token), Vec::<String>::new(), "in the list of processes");
        // The engine has it all the same: the source syncs again by the kept token alone.
        let again = window
            .program("lanyard")
            .args(["sync", &offered.name, "--json"])
            .output()
            .expect("the command line runs");
        assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
        assert!(!String::from_utf8_lossy(&again.stdout).contains(token.as_str()));
        assert!(!String::from_utf8_lossy(&again.stderr).contains(token.as_str()));
    });
}
