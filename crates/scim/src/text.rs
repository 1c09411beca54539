//! Names without regard to case, and near misses.

use serde_json::{Map, Value};

/// The value of a member whatever the case of its name; the exact name wins.
pub(crate) fn get<'v>(map: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    map.get(name)
        .or_else(|| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// The name under which the object holds a member, whatever its case.
pub(crate) fn key_of(map: &Map<String, Value>, name: &str) -> Option<String> {
    if map.contains_key(name) {
        return Some(name.to_owned());
    }
    map.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()
}

/// Whether `text` begins with `prefix`, whatever the case.
pub(crate) fn starts_with(text: &str, prefix: &str) -> bool {
    text.len() >= prefix.len() && text.as_bytes()[..prefix.len()].eq_ignore_ascii_case(prefix.as_bytes())
}

/// Whether `text` contains `part`, whatever the case (ASCII).
pub(crate) fn contains(text: &str, part: &str) -> bool {
    part.is_empty()
        || text
            .as_bytes()
            .windows(part.len())
            .any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

/// Lower case, letter by letter: unlike `str::to_lowercase` it does not depend on the letters around, so that a part of a
/// text folds to a part of the folded text.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        text.chars().flat_map(char::to_lowercase).collect()
    }
}

/// How many edits (insert, delete, replace, swap of neighbours) lead from one word to the other, whatever the case.
pub(crate) fn distance(left: &str, right: &str) -> usize {
    let a: Vec<char> = left.chars().map(|c| c.to_ascii_lowercase()).collect();
    let b: Vec<char> = right.chars().map(|c| c.to_ascii_lowercase()).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (above[j] + 1).min(row[j - 1] + 1).min(above[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

/// The candidate that a person most likely meant, or none when nothing is near.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if word.is_empty() || word.len() > 200 {
        return None;
    }
    let limit = match word.chars().count() {
        0..=2 => 1,
        3..=5 => 2,
        _ => 3,
    };
    candidates
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= limit)
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(edits, candidate)| *edits <= limit && *edits < candidate.chars().count())
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_found_and_far_ones_are_not() {
        assert_eq!(nearest("usrName", ["userName", "nickName"]), Some("userName"));
        assert_eq!(nearest("dispalyName", ["userName", "displayName"]), Some("displayName"));
        assert_eq!(nearest("qqqqqq", ["userName", "displayName"]), None);
    }

    #[test]
    fn swapped_neighbours_are_one_edit() {
        assert_eq!(distance("eq", "qe"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn folding_a_part_gives_a_part_of_the_folded_text() {
        assert!(fold("ΟΔΥΣΣΕΑΣ").contains(&fold("ΣΕΑΣ")));
        assert!(fold("ΟΔΥΣΣΕΑΣ ΑΣ").contains(&fold("ΣΕΑ")));
    }
}
