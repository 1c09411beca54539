//! An empty window, to measure against (`cargo xtask bench --only window`): the same frame and web view, with one colour in it.

use tauri::http::Response;
use tauri::{WebviewUrl, WebviewWindowBuilder};

const PAGE: &str = "<!doctype html><title>empty</title><body style='margin:0;background:#ff00ff'></body>";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tauri::Builder::default()
        .register_uri_scheme_protocol("blank", |_, _| {
            let page = Response::builder()
                .header("content-type", "text/html")
                .body(PAGE.as_bytes().to_vec());
            page.unwrap_or_else(|_| Response::new(Vec::new()))
        })
        .setup(|app| {
            let url = WebviewUrl::CustomProtocol("blank://localhost/".parse()?);
            WebviewWindowBuilder::new(app, "empty", url).inner_size(1280.0, 800.0).build()?;
            Ok(())
        })
        .run(tauri::generate_context!())?;
    Ok(())
}
