//! What the portal itself allows a user, as its permission framework and the RBAC plugin decide it.

use serde_json::{Value, json};

use super::catalog::Catalog;
use super::query::Ask;
use super::rbac::Rbac;

/// Who asks with a user's token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    /// The user's reference.
    pub(crate) reference: String,
    /// The user and the groups that it was in directly when it signed in.
    pub(crate) ownership: Vec<String>,
}

/// What comes out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Decision {
    Allow,
    Deny,
    /// It depends on the resource: criteria with aliases filled in.
    Conditional {
        plugin: String,
        resource_type: String,
        criteria: Value,
    },
}

/// Decides. As the plugin does it by default, conditional policies go first (`policyDecisionPrecedence: conditional`);
/// among the others a deny goes over every allow.
pub(crate) fn decide(
    rbac: &Rbac,
    catalog: &Catalog,
    subject: &Subject,
    permission: &str,
    resource_type: Option<&str>,
    action: &str,
) -> Decision {
    if rbac.superusers.contains(&subject.reference) {
        return Decision::Allow;
    }
    let groups = catalog.groups_of(&subject.reference);
    let held = rbac.held(&subject.reference, &groups);
    let conditions: Vec<_> = rbac
        .conditions
        .iter()
        .filter(|condition| held.contains(&condition.role.as_str()))
        .filter(|condition| Some(condition.resource_type.as_str()) == resource_type && condition.actions.iter().any(|one| one == action))
        .collect();
    if let Some(first) = conditions.first() {
        let mut filled: Vec<Value> = conditions.iter().map(|condition| fill(&condition.criteria, subject)).collect();
        let criteria = if filled.len() == 1 {
            filled.remove(0)
        } else {
            json!({"anyOf": filled})
        };
        return Decision::Conditional {
            plugin: first.plugin.clone(),
            resource_type: first.resource_type.clone(),
            criteria,
        };
    }
    let speaks = |effect: &str| {
        rbac.policies.iter().any(|policy| {
            policy.effect == effect
                && policy.action == action
                && held.contains(&policy.role.as_str())
                && (policy.permission == permission || Some(policy.permission.as_str()) == resource_type)
        })
    };
    if !speaks("deny") && speaks("allow") {
        Decision::Allow
    } else {
        Decision::Deny
    }
}

/// Puts the asker in the place of `$currentUser` and `$ownerRefs`.
fn fill(criteria: &Value, subject: &Subject) -> Value {
    match criteria {
        Value::Array(items) => {
            let filled = items.iter().flat_map(|item| match item.as_str() {
                Some("$ownerRefs") => subject.ownership.iter().map(|one| json!(one)).collect(),
                _ => vec![fill(item, subject)],
            });
            Value::Array(filled.collect())
        }
        Value::Object(map) => Value::Object(map.iter().map(|(name, value)| (name.clone(), fill(value, subject))).collect()),
        Value::String(text) if text == "$currentUser" => json!(subject.reference),
        plain => plain.clone(),
    }
}

/// Criteria about entities as a question to the catalog. A rule that is not known fits nothing, so that nothing is shown
/// that should not be.
pub(crate) fn as_question(criteria: &Value) -> Ask {
    let each = |list: &Value| list.as_array().into_iter().flatten().map(as_question).collect();
    if let Some(all) = criteria.get("allOf") {
        return Ask::All(each(all));
    }
    if let Some(any) = criteria.get("anyOf") {
        return Ask::Any(each(any));
    }
    if let Some(not) = criteria.get("not") {
        return Ask::Not(Box::new(as_question(not)));
    }
    let list = |name: &str| {
        let items = criteria["params"][name].as_array().into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_lowercase).collect()
    };
    match criteria["rule"].as_str() {
        Some("IS_ENTITY_OWNER") => Ask::OneOf("relations.ownedby".to_owned(), list("claims")),
        Some("IS_ENTITY_KIND") => Ask::OneOf("kind".to_owned(), list("kinds")),
        Some("HAS_ANNOTATION") => {
            let name = criteria["params"]["annotation"].as_str().unwrap_or_default().to_lowercase();
            Ask::Exists(format!("metadata.annotations.{name}"), true)
        }
        _ => Ask::Any(Vec::new()),
    }
}
