//! Searching for a secret where it must not be: in the page's memory, in files, in the list of processes.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::Window;

/// Walks everything that can be reached from the window object and from every element (so React's and the query cache's memory as
/// well), and gives the ways to strings that contain the secret.
const WALK: &str = r"
const secret = arguments[0];
const found = [], seen = new Set(), queue = [];
const add = (value, way) => {
  if (typeof value === 'string') { if (value.includes(secret)) found.push(way); return; }
  if ((typeof value === 'object' && value !== null) || typeof value === 'function') if (!seen.has(value)) { seen.add(value); queue.push([value, way]); }
};
add(document.documentElement.outerHTML, 'the document');
for (const store of ['localStorage', 'sessionStorage']) add(JSON.stringify({ ...window[store] }), store);
add(location.href, 'the address'); add(document.cookie, 'cookies'); add(JSON.stringify(history.state), 'history');
for (const field of document.querySelectorAll('input,textarea')) add(field.value, 'a field');
for (const element of document.querySelectorAll('*')) for (const key of Object.getOwnPropertyNames(element)) add(element[key], `element.${key}`);
add(window, 'window');
let steps = 0;
while (queue.length && steps++ < 2000000 && found.length < 20) {
  const [object, way] = queue.pop();
  if (object instanceof Map) for (const [k, v] of object) { add(k, way + '<key>'); add(v, way + '<value>'); }
  else if (object instanceof Set) for (const v of object) add(v, way + '<entry>');
  let names = [];
  try { names = [...Object.getOwnPropertyNames(object), ...Object.getOwnPropertySymbols(object)]; } catch { continue; }
  for (const name of names) {
    if (way === 'window' && (name === 'arguments')) continue;
    try { const d = Object.getOwnPropertyDescriptor(object, name); add('value' in d ? d.value : undefined, way.length < 160 ? way + '.' + String(name) : way); } catch { }
  }
}
return { found, steps };
";

impl Window {
    /// Where in the page a secret can be found.
    pub async fn places_in_page(&self, secret: &str) -> Vec<String> {
        let answer = self.js(WALK, vec![json!(secret)]).await;
        let ways = answer["found"].as_array().cloned().unwrap_or_default();
        assert!(
            answer["steps"].as_u64().is_some_and(|steps| steps > 1_000),
            "the walk saw hardly anything: {answer}"
        );
        ways.iter().filter_map(|way| way.as_str().map(str::to_owned)).collect()
    }
}

/// The files under a folder that contain a secret.
///
/// # Panics
/// When the folder cannot be read.
pub fn files_with(folder: &Path, secret: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().expect("a folder that can be read").flatten() {
            let path = entry.path();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && fs::read(&path).is_ok_and(|bytes| contains(&bytes, secret)) {
                found.push(path);
            }
        }
    }
    found
}

/// The command lines of this machine's processes that contain a secret.
///
/// # Panics
/// When there is no list of processes.
pub fn command_lines_with(secret: &str) -> Vec<String> {
    let lines = Path::new("/proc")
        .read_dir()
        .expect("a list of processes")
        .flatten()
        .filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines
        .filter(|line| contains(line, secret))
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .collect()
}

/// Whether bytes contain a text.
fn contains(bytes: &[u8], text: &str) -> bool {
    !text.is_empty() && bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[cfg(test)]
mod tests {
    //! The search finds what is there.

    use super::{command_lines_with, contains, files_with};

    #[test]
    fn finds_what_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("in")).expect("made");
        std::fs::write(folder.path().join("in/a"), b"\0xx s3cret yy").expect("written");
        assert_eq!(files_with(folder.path(), "s3cret"), [folder.path().join("in/a")]);
        assert!(files_with(folder.path(), "another").is_empty());
        assert!(contains(b"abc", "bc") && !contains(b"abc", "cd"));
        let this = std::env::args().next().expect("a name");
        assert!(!command_lines_with(&this).is_empty(), "this very process");
    }
}
