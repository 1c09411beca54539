//! Folding: the form in which texts are searched and ordered, without regard to case and marks.
//!
//! A text is decomposed (NFKD), made lower case letter by letter, and rid of what is only a mark on a letter: accents of
//! Latin, Greek and Cyrillic letters, points of Hebrew, vowel marks and the stretching line of Arabic. Letters that look like
//! marked ones and do not decompose (`ø`, `ł`, `ß`, …) become their plain letters. Vowel signs of Indic scripts, of Thai and
//! their like, and the voicing marks of Japanese stay: without them words would become other words. Query and text are folded
//! alike, so that whatever is typed as it stands is found.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// The folded form of a text. Never longer than some 18 times the text (one character decomposes to 18 at most).
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return Cow::Borrowed(text);
    }
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd() {
        if is_mark(letter) {
            continue;
        }
        if letter.is_ascii() {
            folded.push(letter.to_ascii_lowercase());
            continue;
        }
        for lower in letter.to_lowercase() {
            match plain(lower) {
                Some(letters) => folded.push_str(letters),
                None if is_mark(lower) => {}
                None => folded.push(lower),
            }
        }
    }
    Cow::Owned(folded)
}

/// The words of a query, folded. Every one of them must be found.
pub fn words(query: &str) -> Vec<String> {
    let folded = fold(query);
    let mut words: Vec<String> = folded.split_whitespace().map(str::to_owned).collect();
    // A word within another one asks for nothing more; the longest leaves the fewest to look at.
    words.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    let mut kept: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        if !kept.iter().any(|longer| longer.contains(&word)) {
            kept.push(word);
        }
    }
    kept
}

/// Whether a character is only a mark on the letter before it.
fn is_mark(letter: char) -> bool {
    matches!(u32::from(letter),
        0x0300..=0x036f | 0x0483..=0x0487 | 0x1ab0..=0x1aff | 0x1dc0..=0x1dff | 0x20d0..=0x20ff | 0xfe20..=0xfe2f // diacritics
        | 0x0591..=0x05bd | 0x05bf | 0x05c1..=0x05c2 | 0x05c4..=0x05c5 | 0x05c7 // Hebrew points
        | 0x0610..=0x061a | 0x0640 | 0x064b..=0x065f | 0x0670 | 0x06d6..=0x06dc // Arabic marks and the stretching line
        | 0x00ad | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x2064 | 0x2066..=0x2069 | 0xfeff | 0xfe00..=0xfe0f) // nothing to see
}

/// The plain letters for a lower-case letter that does not decompose.
fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'ł' => "l",
        'ŋ' => "n",
        'þ' => "th",
        'ŧ' => "t",
        'ς' => "σ",
        '\u{2018}' | '\u{2019}' | '\u{02bc}' | '\u{02bb}' => "'",
        '\u{2010}' | '\u{2011}' | '\u{2013}' => "-",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_and_marks_do_not_count() {
        for (text, folded) in [
            ("Siobhán", "siobhan"),
            ("Søren Kjærgaard", "soren kjaergaard"),
            ("Łukasz", "lukasz"),
            ("GROSSE Straße", "grosse strasse"),
            ("İstanbul ısı", "istanbul isi"),
            ("ΟΔΥΣΣΕΎΣ", "οδυσσευσ"),
            ("Nguyễn Thị", "nguyen thi"),
            ("O’Brien", "o'brien"),
            ("ﬁne Ⅷ", "fine viii"),
            ("Ωmega K", "ωmega k"),
            ("Йосиф", "иосиф"),
            ("שָׁלוֹם", "שלום"),
            ("مُحَمَّد", "محمد"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn signs_that_make_other_words_stay() {
        assert_ne!(fold("कि"), fold("क"));
        assert_ne!(fold("が"), fold("か"));
        assert_ne!(fold("กี่"), fold("ก"));
        assert!(fold("한국").contains(&*fold("하")), "a syllable that is still being typed");
    }

    #[test]
    fn words_within_words_are_dropped() {
        assert_eq!(words("  Ann\u{3000}anna  b "), ["anna", "b"]);
        assert!(words(" \u{301} ").is_empty());
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC*") {
            let once = fold(&text).into_owned();
            prop_assert_eq!(&*fold(&once), &once);
        }

        #[test]
        fn both_normal_forms_fold_alike(text in "[a-zA-Zà-ÿĀ-žα-ωА-я\u{300}-\u{304}가-힣ぁ-ん ]*") {
            let (composed, decomposed): (String, String) = (text.nfc().collect(), text.nfd().collect());
            prop_assert_eq!(fold(&composed), fold(&decomposed));
        }
    }
}
