//! Texts of others in commands: quoted so that a shell takes them as they are, or not taken at all.

use std::fmt::Write as _;

/// Whether a text reads on a screen as what it is: no control character, no line end, none of the marks that turn the direction of writing or
/// show nothing (Unicode's bidirectional controls, TR9, and its invisible format characters).
pub(super) fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| {
        !c.is_control()
            && !matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                    | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    })
}

/// A word of a POSIX shell that stands for this text; none where what is seen would not be what is run.
pub(super) fn word(text: &str) -> Option<String> {
    if !is_plain(text) {
        return None;
    }
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | ',' | '@' | '%' | '+');
    if text.chars().all(bare) && !text.starts_with('-') {
        return Some(text.to_owned());
    }
    Some(format!("'{}'", text.replace('\'', r"'\''")))
}

/// JSON as a word of a shell. Characters that would not be seen for what they are stand as escapes.
pub(super) fn json(value: &serde_json::Value) -> String {
    let mut text = String::new();
    for c in value.to_string().chars() {
        if is_plain(c.encode_utf8(&mut [0; 4])) {
            text.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a text cannot fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A text as a segment of an address: everything but unreserved characters is encoded (RFC 3986 §2.3).
pub(super) fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    // A server would resolve these.
    match out.as_str() {
        "." => "%2E".into(),
        ".." => "%2E%2E".into(),
        _ => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_copied_is_what_is_seen() {
        assert_eq!(word("7d0f-19be").as_deref(), Some("7d0f-19be"));
        assert_eq!(word("$(reboot)").as_deref(), Some("'$(reboot)'"));
        assert_eq!(word("it's; rm -rf ~").as_deref(), Some(r"'it'\''s; rm -rf ~'"));
        assert_eq!(word("--help").as_deref(), Some("'--help'"));
        for hidden in ["", "a\nb", "a\u{202e}b", "a\u{200b}", "\u{1b}[2J", "x\u{e0041}", "a\r"] {
            assert_eq!(word(hidden), None, "{hidden:?}");
        }
        let told = json(&serde_json::json!({"n": "O'Neil \u{202e}$(x)\n"}));
        assert_eq!(told, r#"'{"n":"O'\''Neil \u202e$(x)\n"}'"#);
        assert_eq!(segment("a/b?c#'\u{202e}"), "a%2Fb%3Fc%23%27%E2%80%AE");
        assert_eq!((segment("."), segment("..")), ("%2E".into(), "%2E%2E".into()));
    }
}
