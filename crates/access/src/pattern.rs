//! Patterns of Azure actions: `*` stands for any text, `/` included, and case does not count.
//!
//! <https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format>

/// A pattern, made ready once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern {
    /// Folded, runs of `*` as one.
    text: Box<[u8]>,
}

impl Pattern {
    /// Makes a pattern ready.
    pub fn new(pattern: &str) -> Self {
        let mut text = pattern.to_lowercase().into_bytes();
        text.dedup_by(|next, before| *next == b'*' && *before == b'*');
        Self {
            text: text.into_boxed_slice(),
        }
    }

    /// Whether there is no `*` in it.
    pub fn is_exact(&self) -> bool {
        !self.text.contains(&b'*')
    }

    /// Whether it fits everything that the other fits.
    ///
    /// A `*` of the other is a text that nobody knows: only a `*` can take it.
    pub fn covers(&self, other: &Self) -> bool {
        let (pattern, text) = (&self.text, &other.text);
        let (mut at, mut place) = (0, 0);
        // Where to go on when what follows the last `*` did not fit.
        let mut again: Option<(usize, usize)> = None;
        while place < text.len() {
            if pattern.get(at) == Some(&b'*') {
                again = Some((at, place));
                at += 1;
            } else if text[place] != b'*' && pattern.get(at) == Some(&text[place]) {
                at += 1;
                place += 1;
            } else if let Some((star, from)) = again {
                again = Some((star, from + 1));
                at = star + 1;
                place = from + 1;
            } else {
                return false;
            }
        }
        pattern[at..].iter().all(|byte| *byte == b'*')
    }

    /// Whether some text fits both.
    pub fn meets(&self, other: &Self) -> bool {
        let (one, two) = (&self.text, &other.text);
        let literal = |text: &[u8]| text.iter().position(|byte| *byte == b'*').unwrap_or(text.len());
        let head = literal(one).min(literal(two));
        if one[..head] != two[..head] {
            return false;
        }
        // By place in the other: whether what is behind both places can fit one text. From the ends backwards.
        let mut row = vec![false; two.len() + 1];
        row[two.len()] = true;
        for place in (0..two.len()).rev() {
            row[place] = row[place + 1] && two[place] == b'*';
        }
        for at in (0..one.len()).rev() {
            let mut diagonal = row[two.len()];
            row[two.len()] = row[two.len()] && one[at] == b'*';
            for place in (0..two.len()).rev() {
                let below = row[place];
                row[place] = if one[at] == b'*' {
                    // It takes nothing, or what stands in the other.
                    below || row[place + 1]
                } else if two[place] == b'*' {
                    below || row[place + 1]
                } else {
                    one[at] == two[place] && diagonal
                };
                diagonal = below;
            }
        }
        row[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every text of up to so many letters of a small alphabet.
    fn texts(length: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..length {
            last = last
                .iter()
                .flat_map(|text| ["a", "b", "/"].map(|letter| format!("{text}{letter}")))
                .collect();
            all.extend(last.clone());
        }
        all
    }

    fn fits(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((b'*', rest)), _) => fits(rest, text) || (!text.is_empty() && fits(pattern, &text[1..])),
            (Some((letter, rest)), Some((first, after))) => letter == first && fits(rest, after),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn agrees_with_trying_every_text(one in "[ab/*]{0,5}", two in "[ab/*]{0,5}") {
            let (first, second) = (Pattern::new(&one), Pattern::new(&two));
            // A text of a letter that neither pattern has stands for what nobody knows.
            let unknown = two.replace('*', "ccc");
            prop_assert_eq!(first.covers(&second), fits(one.as_bytes(), unknown.as_bytes()) && fits(one.as_bytes(), two.replace('*', "").as_bytes()) && fits(one.as_bytes(), two.replace('*', "c").as_bytes()), "{} covers {}", one, two);
            let exact = texts(5);
            for text in &exact {
                prop_assert_eq!(first.covers(&Pattern::new(text)), fits(one.as_bytes(), text.as_bytes()));
            }
            let met = texts(8).iter().any(|text| fits(one.as_bytes(), text.as_bytes()) && fits(two.as_bytes(), text.as_bytes()));
            prop_assert_eq!(first.meets(&second), met, "{} meets {}", one, two);
            prop_assert_eq!(second.meets(&first), met);
        }
    }

    #[test]
    fn case_does_not_count_and_a_star_goes_over_slashes() {
        let pattern = Pattern::new("Microsoft.DataProtection/*/Action");
        assert!(pattern.covers(&Pattern::new(
            "microsoft.dataprotection/backupVaults/backupInstances/restore/action"
        )));
        assert!(!pattern.covers(&Pattern::new("Microsoft.DataProtection/backupVaults/read")));
        assert!(Pattern::new("*").covers(&Pattern::new("*/read")));
        assert!(!Pattern::new("*/read").covers(&Pattern::new("*")));
        assert!(Pattern::new("microsoft.a/*").meets(&Pattern::new("*/delete")));
        assert!(!Pattern::new("microsoft.a/*").meets(&Pattern::new("microsoft.b/*")));
    }
}
