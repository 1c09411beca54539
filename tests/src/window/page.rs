//! The page as a person meets it: things by their role and name, text that shows, keys.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::prelude::ElementQueryable as _;
use thirtyfour::{By, TypingData, WebElement};

use super::{PATIENCE, Window};

pub use thirtyfour::Key;

/// Finds the first visible element of a role whose accessible name is (or, with a trailing `…`, begins with) the one asked for.
const BY_ROLE: &str = r#"
const [role, wanted] = arguments;
const of = {
  button: 'button,[role=button]', link: 'a[href],[role=link]', textbox: 'input:not([type=checkbox]):not([type=radio]),textarea,[role=textbox]',
  searchbox: 'input[type=search],[role=searchbox]', checkbox: 'input[type=checkbox],[role=checkbox]', switch: 'input[role=switch],[role=switch]',
  radio: 'input[type=radio],[role=radio]', tab: '[role=tab]', row: '[role=row],tr', option: '[role=option],option', heading: 'h1,h2,h3,h4,[role=heading]',
  dialog: 'dialog[open],[role=dialog],[role=alertdialog]', menuitem: '[role=menuitem],[role=menuitemradio]', combobox: '[role=combobox],select', grid: '[role=grid],[role=table],table',
  navigation: 'nav,[role=navigation]', progressbar: '[role=progressbar],progress', alert: '[role=alert]', status: '[role=status]', region: 'section[aria-label],section[aria-labelledby],[role=region]',
  listbox: '[role=listbox]', menu: '[role=menu]', tablist: '[role=tablist]', columnheader: '[role=columnheader],th', gridcell: '[role=gridcell],td',
}[role] ?? `[role=${role}]`;
const text = (e) => (e?.textContent ?? '').replace(/\s+/g, ' ').trim();
const nameOf = (e) => {
  const by = e.getAttribute('aria-labelledby');
  if (by) return by.split(/\s+/).map((id) => { const t = document.getElementById(id); return t?.getAttribute('aria-label') ?? text(t); }).join(' ').trim();
  const label = e.getAttribute('aria-label');
  if (label) return label.trim();
  if (e.labels?.length) return [...e.labels].map(text).join(' ');
  return text(e) || e.getAttribute('title') || e.getAttribute('placeholder') || '';
};
const fits = (name) => wanted.endsWith('…') ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
const shows = (e) => { const s = getComputedStyle(e); return e.getClientRects().length > 0 && s.visibility !== 'hidden'; };
const hidden = (e) => e.closest('[aria-hidden=true],[inert]');
const reachable = (e) => shows(e) || (e.matches('input[type=checkbox],input[type=radio]') && e.closest('label') && shows(e.closest('label')));
return [...document.querySelectorAll(of)].find((e) => reachable(e) && !hidden(e) && fits(nameOf(e))) ?? null;
"#;

impl Window {
    /// Runs a script in the page and gives what it returns.
    ///
    /// # Panics
    /// When it fails.
    pub async fn js(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.driver
            .execute(script, arguments)
            .await
            .expect("the script runs")
            .json()
            .clone()
    }

    /// Asks again and again until there is an answer.
    ///
    /// # Panics
    /// When there is none in time.
    pub async fn until<T>(&self, what: &str, within: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
        let until = Instant::now() + within;
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            assert!(Instant::now() < until, "{what}: not within {} s", within.as_secs());
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
    }

    /// Asks again and again until it is so.
    ///
    /// # Panics
    /// When it is not so in time.
    pub async fn so(&self, what: &str, mut is: impl AsyncFnMut() -> bool) {
        self.until(what, PATIENCE, async || is().await.then_some(())).await;
    }

    /// The element of a role and name, if it shows just now.
    pub async fn find(&self, role: &str, name: &str) -> Option<WebElement> {
        let found = self.driver.execute(BY_ROLE, vec![json!(role), json!(name)]).await.ok()?;
        if found.json().is_null() { None } else { found.element().ok() }
    }

    /// The element of a role and name, once it shows. A name that ends in `…` is the beginning of one.
    ///
    /// # Panics
    /// When it does not show in time.
    pub async fn get(&self, role: &str, name: &str) -> WebElement {
        self.until(&format!("{role} “{name}”"), PATIENCE, async || self.find(role, name).await)
            .await
    }

    /// Clicks what has this role and name.
    ///
    /// # Panics
    /// When it does not show in time or cannot be clicked.
    pub async fn click(&self, role: &str, name: &str) {
        self.until(&format!("click on {role} “{name}”"), PATIENCE, async || {
            // It may be drawn anew between finding and clicking: then it is found again.
            self.find(role, name).await?.click().await.ok()
        })
        .await;
    }

    /// Writes into the field of this name, in place of what it holds.
    ///
    /// # Panics
    /// When there is no such field.
    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.get("textbox", name).await;
        field.click().await.expect("focus");
        field.send_keys(Key::Control + "a").await.expect("all selected");
        field.send_keys(text).await.expect("written");
    }

    /// Presses keys, wherever the focus is.
    ///
    /// # Panics
    /// When there is no focus.
    pub async fn press(&self, keys: impl Into<TypingData>) {
        let focus = self.driver.active_element().await.expect("a focus");
        focus.send_keys(keys).await.expect("keys");
    }

    /// All text that shows.
    pub async fn text(&self) -> String {
        self.js("return document.body.innerText", vec![])
            .await
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Waits until a text shows.
    ///
    /// # Panics
    /// When it does not in time.
    pub async fn sees(&self, text: &str) {
        self.sees_within(text, PATIENCE).await;
    }

    /// Waits until a text shows, for as long as is said.
    ///
    /// # Panics
    /// When it does not in time.
    pub async fn sees_within(&self, text: &str, within: Duration) {
        self.until(&format!("the text “{text}”"), within, async || {
            self.text().await.contains(text).then_some(())
        })
        .await;
    }

    /// Goes to an address of the app.
    pub async fn go(&self, address: &str) {
        self.js("location.hash = arguments[0]; return null", vec![json!(format!("#{address}"))])
            .await;
    }

    /// The address that is open.
    pub async fn address(&self) -> String {
        let hash = self.js("return location.hash", vec![]).await;
        hash.as_str().unwrap_or_default().trim_start_matches('#').to_owned()
    }

    /// Role and name of what has the focus, as assistive technology is told them.
    ///
    /// # Panics
    /// When the WebDriver does not answer.
    pub async fn focused(&self) -> String {
        let script = "const e = document.activeElement; return e.tagName + ' ' + (e.getAttribute('aria-label') ?? e.textContent ?? '').trim().slice(0, 60)";
        self.js(script, vec![]).await.as_str().unwrap_or_default().to_owned()
    }

    /// How many elements a selector finds.
    pub async fn count(&self, selector: &str) -> usize {
        self.driver
            .query(By::Css(selector))
            .nowait()
            .all_from_selector()
            .await
            .map_or(0, |all| all.len())
    }

    /// Shows the theme `light` or `dark`: by the button of the bar where there is one.
    pub async fn set_theme(&self, theme: &str) {
        let script = "document.documentElement.dataset.theme = arguments[0]; return null";
        match self.find("button", &format!("Use the {theme} theme")).await {
            Some(button) => button.click().await.expect("clicked"),
            None => drop(self.js(script, vec![json!(theme)]).await),
        }
        self.so(&format!("the {theme} theme"), async || self.theme().await == theme).await;
    }
}
