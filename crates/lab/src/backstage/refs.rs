//! Names of entities, and references to them (`kind:namespace/name`, compared in lower case).

/// What the Microsoft Graph provider of the catalog makes of a mail address or a displayed name. It loses letters: two
/// names can become one.
pub(crate) fn normalise(name: &str) -> String {
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.') {
            letter
        } else {
            '_'
        }
    };
    let mut cleaned: String = name.trim().to_lowercase().chars().map(plain).collect();
    cleaned.truncate(cleaned.trim_end_matches('_').len());
    while cleaned.contains("__") {
        cleaned = cleaned.replace("__", "_");
    }
    cleaned
}

/// Whether the catalog takes an entity of this name: 1 to 63 letters, digits, `-`, `_`, `.`, the first and the last a
/// letter or a digit (the catalog's descriptor format).
pub(crate) fn is_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return false;
    };
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    bytes.len() <= 63 && bytes.iter().all(fits) && first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric()
}

/// A reference in lower case, with the default namespace where none is given; `None` where no kind stands before the colon.
pub(crate) fn reference(text: &str) -> Option<String> {
    let (kind, rest) = text.trim().split_once(':')?;
    let (namespace, name) = rest.split_once('/').unwrap_or(("default", rest));
    if kind.is_empty() || namespace.is_empty() || name.is_empty() {
        return None;
    }
    Some(format!("{kind}:{namespace}/{name}").to_lowercase())
}

/// The reference of a user of the default namespace.
pub(crate) fn user(name: &str) -> String {
    format!("user:default/{name}")
}

/// The reference of a group of the default namespace.
pub(crate) fn group(name: &str) -> String {
    format!("group:default/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_what_the_provider_makes_of_them() {
        for (name, wanted) in [
            ("Bob.Builder+x@Acme.test", "bob.builder_x_acme.test"),
            ("gus_ext.test#EXT#@acme.onmicrosoft.test", "gus_ext.test_ext_acme.onmicrosoft.test"),
            ("Platform Team (EU)", "platform_team_eu"),
            ("conor.o'brien@halcyon.example", "conor.o_brien_halcyon.example"),
            ("货运 · 新加坡", ""),
        ] {
            assert_eq!(normalise(name), wanted);
        }
    }

    #[test]
    fn references_are_read_with_and_without_a_namespace() {
        assert_eq!(reference("User:Default/Olena").as_deref(), Some("user:default/olena"));
        assert_eq!(reference("group:payments").as_deref(), Some("group:default/payments"));
        assert_eq!(reference("payments"), None);
        assert_eq!(reference("group:/x"), None);
        assert!(is_name("a.b-c_d") && !is_name("_halt") && !is_name("") && !is_name(&"a".repeat(64)));
    }
}
