//! The bridge to the web view: tauri-driver, which starts WebKitWebDriver, which starts the window.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;
use thirtyfour::{Capabilities, WebDriver};
use xtask::desk::Desk;
use xtask::leash::{Goes, Leash};
use xtask::setup;

/// How long the bridge may take to listen.
const LISTENS_WITHIN: Duration = Duration::from_secs(20);

/// Starts the bridge and, through it, the window.
///
/// # Panics
/// When either does not come up.
pub async fn start(desk: &Desk, programs: &Path, arguments: &[String]) -> (Leash, WebDriver) {
    let bridge = setup::tauri_driver().expect("tauri-driver is missing: run `cargo xtask setup`");
    let native = xtask::place::on_path("WebKitWebDriver").expect("WebKitWebDriver is missing: run `cargo xtask setup`");
    let (port, native_port) = free_ports();
    let mut command = Command::new(bridge);
    command
        .args([
            "--port",
            &port.to_string(),
            "--native-port",
            &native_port.to_string(),
            "--native-driver",
        ])
        .arg(native);
    desk.dress(&mut command);
    let leash = Leash::start(&command, "", Goes::Nowhere, Goes::Along).expect("tauri-driver starts");
    wait_for_port(port).await;
    wait_for_port(native_port).await;

    // The client wants to know whose cryptography it would use, though nothing here is encrypted. Somebody may have said so before.
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut wanted = Capabilities::new();
    let options = json!({ "application": programs.join("lanyard-window"), "args": arguments });
    wanted.set("tauri:options", options).expect("plain JSON");
    let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), wanted)
        .await
        .expect("the window opens under the WebDriver");
    (leash, driver)
}

/// Two ports that nobody listens on just now.
fn free_ports() -> (u16, u16) {
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let (one, other) = (listen(), listen());
    let port = |listener: &TcpListener| listener.local_addr().expect("an address").port();
    (port(&one), port(&other))
}

/// Waits until somebody listens on a port.
async fn wait_for_port(port: u16) {
    let until = Instant::now() + LISTENS_WITHIN;
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(
            Instant::now() < until,
            "nobody listens on port {port} after {} s",
            LISTENS_WITHIN.as_secs()
        );
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}
