//! Names of Backstage entities, as the msgraph provider makes them.

/// What the msgraph provider of the Backstage catalog makes of an e-mail address, user name or display name: trimmed, in lower
/// case, `_` for each letter that is none of `a-z 0-9 _ - .`, one `_` for several, none at the end.
///
/// It is lossy: `a+b@x` and `a_b@x` come out alike.
pub fn backstage_name(text: &str) -> String {
    let mut name = String::new();
    backstage_name_into(text, &mut name);
    name
}

/// The same, written in place of what `name` holds: names are made by the hundred thousand.
pub fn backstage_name_into(text: &str, name: &mut String) {
    name.clear();
    let text = text.trim();
    name.reserve(text.len());
    let mut take = |letter: char| {
        if letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.') {
            name.push(letter);
        } else if !name.ends_with('_') {
            name.push('_');
        }
    };
    if text.is_ascii() {
        text.bytes().for_each(|byte| take(char::from(byte.to_ascii_lowercase())));
    } else {
        text.chars().flat_map(char::to_lowercase).for_each(take);
    }
    name.truncate(name.trim_end_matches('_').len());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_out_as_the_provider_makes_them() {
        for (given, expected) in [
            ("Bob.Builder+x@Acme.test", "bob.builder_x_acme.test"),
            ("gus_ext.test#EXT#@acme.onmicrosoft.test", "gus_ext.test_ext_acme.onmicrosoft.test"),
            ("Platform Team (EU)", "platform_team_eu"),
            ("  Ops__East  ", "ops_east"),
            ("_x_", "_x"),
            ("Zoë", "zo"),
            ("日本", ""),
            ("", ""),
        ] {
            assert_eq!(backstage_name(given), expected, "{given}");
        }
    }
}
