//! The panic hook: what went wrong goes into a file in the data folder, without anything that could be a secret.

use std::backtrace::Backtrace;
use std::io::Write as _;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::{env, fs, io, panic};

/// The folder of the reports, within the data folder.
pub const FOLDER: &str = "reports";

/// From now on a panic writes a report into `home` and one line to standard error, in place of the usual message, which could
/// quote anything.
pub fn install(home: &Path) {
    let folder = home.join(FOLDER);
    panic::set_hook(Box::new(move |info| {
        let line = match write(&folder, &text(info)) {
            Ok(path) => format!(
                "Lanyard met an error of its own. A report without secrets is in {}\n",
                path.display()
            ),
            Err(error) => format!("Lanyard met an error of its own, and could not write a report of it: {error}\n"),
        };
        // Standard error may be closed (an app started from a menu): there is nobody to tell then.
        drop(io::stderr().write_all(line.as_bytes()));
    }));
}

/// The report on a panic.
fn text(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    told(message.unwrap_or("no message"), &place, &Backtrace::force_capture().to_string())
}

/// See [`text`].
fn told(message: &str, place: &str, backtrace: &str) -> String {
    let (version, now) = (env!("CARGO_PKG_VERSION"), jiff::Timestamp::now());
    let system = format!("{} {}", env::consts::OS, env::consts::ARCH);
    format!(
        "Lanyard {version} on {system}\nat {now}\nin {place}\nsays: {}\n\n{backtrace}\n",
        redact(message)
    )
}

/// Writes a report and gives its path.
fn write(folder: &Path, report: &str) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let path = folder.join(format!("report-{}.txt", jiff::Timestamp::now().as_millisecond()));
    fs::write(&path, report)?;
    Ok(path)
}

/// What stands for a word that was taken out.
const TAKEN: &str = "[taken out]";

/// Takes out of a text what could be a secret or say who somebody is: values after words such as `token` or `Bearer`, long words
/// of letters and digits, what follows `?` in an address and what precedes `@`.
pub fn redact(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut after_marker = false;
    for piece in text.split_inclusive(|c: char| c.is_whitespace() || "\"'`,;()[]{}<>=".contains(c)) {
        let word = piece.trim_end_matches(|c: char| c.is_whitespace() || "\"'`,;()[]{}<>=".contains(c));
        let end = &piece[word.len()..];
        if !word.contains(char::is_alphanumeric) {
            clean.push_str(piece);
            continue;
        }
        let lower = word.trim_end_matches(':').to_ascii_lowercase();
        let marker = [
            "bearer",
            "basic",
            "token",
            "secret",
            "password",
            "passphrase",
            "authorization",
            "key",
        ]
        .iter()
        .any(|m| lower.ends_with(m));
        if marker {
            clean.push_str(word);
        } else if after_marker {
            clean.push_str(TAKEN);
        } else {
            clean.push_str(&redact_word(word));
        }
        clean.push_str(end);
        after_marker = marker;
    }
    clean
}

/// One word, without the parts that could be a secret.
fn redact_word(word: &str) -> String {
    let word = word.split_once('?').map_or(word.to_owned(), |(head, _)| format!("{head}?{TAKEN}"));
    if word.contains('@') {
        return TAKEN.to_owned();
    }
    let parts = word.split_inclusive(['/', ':', '\\']).map(|part| {
        let bare = part.trim_end_matches(['/', ':', '\\']);
        let long = bare.len() >= 16 && bare.bytes().any(|b| b.is_ascii_digit()) && !bare.contains(TAKEN);
        let very_long = bare.len() >= 40 && !bare.contains(TAKEN);
        if long || very_long {
            format!("{TAKEN}{}", &part[bare.len()..])
        } else {
            part.to_owned()
        }
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    //! What a report keeps and what it takes out.

    use super::{FOLDER, TAKEN, redact, told, write};

    #[test]
    fn keeps_plain_words() {
        let text = "index out of bounds: the len is 3 but the index is 7 in crates/engine/src/directory/mod.rs:40";
        assert_eq!(redact(text), text);
    }

    #[test]
    fn takes_out_what_could_be_a_secret() {
        for (text, secret) in [
            ("called with Authorization: Bearer abc", "abc"),
            ("token=short1", "short1"),
            ("{\"password\":\"hunter2\"}", "hunter2"),
            ("GET https://idp.example/scim/v2/Users?filter=userName%20eq%20ann failed", "ann"),
            ("no account ann.lee@halcyon.example", "ann.lee"),
            ("answer was eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.s1g", "eyJ"),
            ("key hlx_1f0c9b7e2a at hand", "hlx_"),
        ] {
            let clean = redact(text);
            assert!(!clean.contains(secret), "{clean}");
            assert!(clean.contains(TAKEN), "{clean}");
        }
    }

    #[test]
    fn a_report_has_the_version_and_not_the_secret() {
        let home = tempfile::tempdir().expect("a folder");
        let path = write(
            &home.path().join(FOLDER),
            &told("token=abc123def456", "somewhere.rs:7:1", "0: main"),
        )
        .expect("written");
        let text = std::fs::read_to_string(path).expect("text");
        assert!(
            text.contains("says: token=[taken out]") && text.contains(env!("CARGO_PKG_VERSION")),
            "{text}"
        );
        assert!(text.contains("in somewhere.rs:7:1") && text.contains("0: main"), "{text}");
        assert!(!text.contains("abc123def456"));
    }
}
