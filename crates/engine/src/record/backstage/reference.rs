//! Entity references: `[kind:][namespace/]name`, compared without regard to case.
//! <https://backstage.io/docs/features/software-catalog/references>

/// The reference of an entity in its full form, in lowercase: what Backstage compares by, and what Lanyard takes for its id.
pub fn entity_ref(kind: &str, namespace: &str, name: &str) -> String {
    format!("{kind}:{namespace}/{name}").to_lowercase()
}

/// A reference, perhaps a short one, in its full form and in lowercase. What it leaves out comes from where it stands; none where it is no
/// reference: it names nothing, or no kind where none is to be assumed.
pub fn full_ref(text: &str, kind: Option<&str>, namespace: &str) -> Option<String> {
    let text = text.trim();
    let (own_kind, rest) = match text.split_once(':') {
        Some((kind, rest)) => (Some(kind), rest),
        None => (None, text),
    };
    let (namespace, name) = rest.split_once('/').unwrap_or((namespace, rest));
    let kind = own_kind.or(kind)?;
    (!kind.is_empty() && !namespace.is_empty() && !name.is_empty() && !name.contains(['/', ':'])).then(|| entity_ref(kind, namespace, name))
}
