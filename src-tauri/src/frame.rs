//! The window itself: its size, its colours, and that it stays on its own pages.

use tauri::utils::config::Color;
use tauri::{App, Manager, Runtime, Theme, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

/// The window's name, in the capabilities and for the state that is kept.
pub const LABEL: &str = "main";

/// The ground of the light and the dark theme (`--canvas` of the design's tokens): what shows before the first paint.
const LIGHT: Color = Color(0xF4, 0xF3, 0xF0, 0xFF);
/// See [`LIGHT`].
const DARK: Color = Color(0x0B, 0x10, 0x12, 0xFF);

/// Opens the window at an address of the app ("/people"), or where it begins.
pub fn open<R: Runtime>(app: &App<R>, at: Option<&str>) -> tauri::Result<WebviewWindow<R>> {
    let page = format!("index.html{}", at.map(|at| format!("#{at}")).unwrap_or_default());
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App(page.into()))
        .title("Lanyard")
        .inner_size(1280.0, 800.0)
        .min_inner_size(960.0, 640.0)
        .background_color(LIGHT)
        .on_navigation(is_own_page)
        .build()?;
    let theme = window.theme().unwrap_or(Theme::Light);
    paint(&window, theme);
    Ok(window)
}

/// Whether an address is a page of the app itself. Nothing that a source sent can lead the window elsewhere.
fn is_own_page(url: &tauri::Url) -> bool {
    let own_host = matches!(url.host_str(), Some("localhost" | "tauri.localhost"));
    (url.scheme() == "tauri" && own_host) || (matches!(url.scheme(), "http" | "https") && url.host_str() == Some("tauri.localhost"))
}

/// Puts the frame in the theme of the page: `light`, `dark`, or anything else for the system's own.
pub fn set_theme<R: Runtime>(window: &WebviewWindow<R>, name: &str) {
    let theme = match name {
        "light" => Some(Theme::Light),
        "dark" => Some(Theme::Dark),
        _ => None,
    };
    if let Err(error) = window.set_theme(theme) {
        tracing::debug!(%error, "the frame keeps its theme");
    }
    paint(window, theme.or_else(|| window.theme().ok()).unwrap_or(Theme::Light));
}

/// Sets the ground colour.
fn paint<R: Runtime>(window: &WebviewWindow<R>, theme: Theme) {
    let ground = if theme == Theme::Dark { DARK } else { LIGHT };
    if let Err(error) = window.set_background_color(Some(ground)) {
        tracing::debug!(%error, "the ground keeps its colour");
    }
}

/// Brings the window to the front: somebody started Lanyard a second time.
pub fn focus<R: Runtime>(app: &tauri::AppHandle<R>) {
    if let Some(window) = app.get_webview_window(LABEL) {
        for step in [window.unminimize(), window.show(), window.set_focus()] {
            if let Err(error) = step {
                tracing::debug!(%error, "the window could not be brought to the front");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    //! Where the window may go.

    use super::is_own_page;

    #[test]
    fn only_its_own_pages() {
        for (address, own) in [
            ("tauri://localhost/index.html#/people", true),
            ("http://tauri.localhost/", true),
            ("https://tauri.localhost/people", true),
            ("tauri://elsewhere/", false),
            ("http://localhost:4444/", false),
            ("https://idp.example/", false),
            ("file:///etc/passwd", false),
            ("data:text/html,hello", false),
        ] {
            assert_eq!(is_own_page(&address.parse().expect("an address")), own, "{address}");
        }
    }
}
