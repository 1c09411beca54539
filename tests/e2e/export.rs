//! Export: to the place that was chosen in the system's own dialog, and to no other.

use std::fs;

use lanyard_tests::window::{PATIENCE, Start, in_window};

#[test]
fn people_are_written_to_the_chosen_file() {
    in_window("export", Start::demo(240).at("/people"), async |window| {
        let all = window.filled(240, PATIENCE).await;
        window.click("button", "Export what is shown").await;
        window.assert_accessible("the export's dialog").await;
        window.click("button", "Choose a file…").await;
        let file = window.desk_folder().join("people.csv");
        window.save_as(&file);
        window
            .so("the file", async || {
                fs::read_to_string(&file).is_ok_and(|text| text.lines().count() as u64 > all)
            })
            .await;
        let text = fs::read_to_string(&file).expect("written");
        let runs = text
            .lines()
            .flat_map(|line| line.split(','))
            .any(|cell| cell.trim_start_matches('"').starts_with(['=', '+', '@']));
        assert!(!runs, "a cell that a spreadsheet would run");
        window.go("/audit").await;
        window
            .so("the export in the audit log", async || {
                window.text().await.to_lowercase().contains("export")
            })
            .await;
    });
}

#[test]
fn the_page_cannot_choose_a_path_itself() {
    in_window("export-path", Start::demo(240).at("/people"), async |window| {
        window.filled(240, PATIENCE).await;
        let script = "const done = arguments[arguments.length - 1]; \
             window.__TAURI_INTERNALS__.invoke('export_people', { query: {}, columns: [], format: 'csv', path: arguments[0] }) \
               .then(() => done('written'), (fault) => done(fault.code ?? String(fault)));";
        let file = window.desk_folder().join("stolen.csv");
        let answer = window
            .driver
            .execute_async(script, vec![file.display().to_string().into()])
            .await
            .expect("answered");
        assert_eq!(answer.json(), "path.notPicked");
        assert!(!file.exists());
    });
}
