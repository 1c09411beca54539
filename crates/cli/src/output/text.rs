//! Makes text from elsewhere harmless for a terminal, and cuts it to a width.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Text that cannot steer a terminal: control characters become their pictures, characters that turn the direction of
/// what follows (Unicode UAX #9, explicit formatting) or hide in it become visible. Letters, marks and joiners stay.
pub fn safe(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            _ if !steers(character) => clean.push(character),
            // U+2400 and on are the pictures of the C0 controls, in their order.
            '\0'..='\u{1f}' => clean.extend(char::from_u32(0x2400 + u32::from(character))),
            '\u{7f}' => clean.push('\u{2421}'),
            _ => clean.push_str(&format!("<U+{:04X}>", u32::from(character))),
        }
    }
    Cow::Owned(clean)
}

fn steers(character: char) -> bool {
    matches!(character,
        // C0 and C1 controls; a tab would break the columns, a line feed the table.
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // Line and paragraph separators; embeddings, overrides and isolates; the marks that go with them.
        | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}'
        // Invisible: byte order mark, interlinear annotation, tags.
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// How many columns of a terminal the text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text, cut to so many columns, with an ellipsis where something was cut. What belongs together is not torn.
pub fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut kept = String::new();
    let mut taken = 1;
    for cluster in text.graphemes(true) {
        taken += width(cluster);
        if taken > columns {
            break;
        }
        kept.push_str(cluster);
    }
    kept.push('…');
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_overrides_lose_their_power() {
        assert_eq!(safe("plain Ünïcode 名前 שלום"), "plain Ünïcode 名前 שלום");
        assert_eq!(safe("\x1b[31mred\x07"), "␛[31mred␇");
        assert_eq!(safe("a\tb\r\nc\u{7f}"), "a␉b␍␊c␡");
        assert_eq!(safe("user\u{202e}nimda"), "user<U+202E>nimda");
        assert_eq!(safe("\u{9b}31m"), "<U+009B>31m");
    }

    #[test]
    fn joiners_stay_for_the_scripts_that_need_them() {
        assert_eq!(safe("می\u{200c}خواهم"), "می\u{200c}خواهم");
        assert_eq!(safe("👩\u{200d}🚀"), "👩\u{200d}🚀");
    }

    #[test]
    fn text_is_cut_by_columns_and_not_within_a_character() {
        assert_eq!(cut("short", 10), "short");
        assert_eq!(cut("abcdefghij", 5), "abcd…");
        assert_eq!(cut("名前名前名前", 5), "名前…");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}e\u{301}", 3), "e\u{301}e\u{301}…");
        assert!(width(&cut("名前名前名前", 6)) <= 6);
    }
}
