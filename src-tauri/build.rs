//! Tells Tauri which commands there are, so that each needs a permission of its own, and embeds the built user interface.

#[path = "src/commands/names.rs"]
mod names;

use std::path::Path;
use std::{fs, io};

/// Stands in for the user interface where only the Rust side is being built or checked.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Lanyard</title></head><body><h1>The user \
                         interface was not built</h1><p>Run <code>cargo xtask run</code>.</p></body></html>\n";

fn main() -> io::Result<()> {
    let dist = Path::new("../ui/dist");
    if !dist.join("index.html").exists() {
        fs::create_dir_all(dist)?;
        fs::write(dist.join("index.html"), NOT_BUILT)?;
    }
    println!("cargo:rerun-if-changed=../ui/dist");
    println!("cargo:rerun-if-changed=capabilities");
    let manifest = tauri_build::AppManifest::new().commands(names::ALL);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest)).map_err(io::Error::other)
}
