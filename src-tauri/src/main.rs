//! The window of Lanyard: thin commands over the engine, typed events, capabilities, a strict content policy. It serves nothing to
//! the network.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

mod commands;
mod frame;
mod options;
mod reminders;
mod report;
mod secret;
mod shell;

use std::io;
use std::process::ExitCode;

use clap::Parser;
use options::Options;
use shell::Shell;
use tauri::{App, RunEvent};
use tauri_plugin_window_state::StateFlags;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let options = Options::parse();
    let filter = EnvFilter::try_from_env("LANYARD_LOG").unwrap_or_else(|_| EnvFilter::new("lanyard=info,warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(false)
        .init();
    let Some(home) = options.home() else {
        tracing::error!("this user has no home folder; say where the data goes with --data-dir");
        return ExitCode::FAILURE;
    };
    report::install(&home);
    match run(&options, &Shell::new(shell::Start::on_this_machine(home, options.people))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the window could not be opened");
            ExitCode::FAILURE
        }
    }
}

/// Opens the window and stays until it is closed.
fn run(options: &Options, shell: &Shell) -> tauri::Result<()> {
    let (ours, at_end) = (shell.clone(), shell.clone());
    let options = options.clone();
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _, _| frame::focus(app)))
        .plugin(
            tauri_plugin_window_state::Builder::new()
                .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
                .build(),
        )
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .manage(shell.clone())
        .invoke_handler(commands::handler())
        .setup(move |app| set_up(app, &options, &ours))
        .build(tauri::generate_context!())?;
    app.run(move |app, event| {
        if matches!(event, RunEvent::Exit) {
            // While a sync is being stopped, a new start must open a window and not wait for this one.
            tauri_plugin_single_instance::destroy(app);
            tauri::async_runtime::block_on(at_end.shut());
        }
    });
    Ok(())
}

/// Opens the window; the folder is opened meanwhile.
fn set_up(app: &App, options: &Options, shell: &Shell) -> Result<(), Box<dyn std::error::Error>> {
    tauri::async_runtime::spawn(shell.start(options.demo));
    #[cfg(unix)]
    tauri::async_runtime::spawn(end_when_told(app.handle().clone()));
    tauri::async_runtime::spawn(reminders::watch(app.handle().clone(), shell.clone()));
    frame::open(app, options.at.as_deref())?;
    Ok(())
}

/// Ends the app in good order when the system asks it to (a log-out, Ctrl+C).
#[cfg(unix)]
async fn end_when_told(app: tauri::AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    app.exit(0);
}
