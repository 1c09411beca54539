//! The gate: no rule speaks without what it needs.

use super::rules;

#[test]
fn ids_are_unique_and_sentences_name_their_parts() {
    let all = rules::all();
    let mut ids: Vec<&str> = all.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count);
    for rule in all {
        assert!(
            rule.says.contains('{') && !rule.why.is_empty() && !rule.controls.is_empty(),
            "{}",
            rule.id
        );
    }
}
