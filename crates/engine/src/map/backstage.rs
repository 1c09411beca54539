//! Backstage's part of the map: RBAC roles with their policies and conditions, ownership, superusers.
//!
//! The RBAC plugin grants a role everywhere; what it is good for is said by its policies. So a role is held once per permission
//! resource type that its policies are about, and those are the scopes. Entities lie below `catalog-entity`.

use std::collections::{BTreeMap, BTreeSet};

use lanyard_access::findings::scene::Fate;
use lanyard_access::world::{Effect, Follow, Permits, Policy, State};

use super::actions::resource_type;
use super::build::MapBuilder;
use super::tables::{LostWord, Origin, OriginMore, Orphan, RoleEntry, RoleSort, ScopeEntry, ScopeSort};
use crate::record::backstage::{Criteria, Entity, RbacCondition, RbacPolicy, RbacRole};
use crate::record::{ItemKind, ItemRecord, Row};
use crate::view::SourceKind;

/// The scope of a Backstage as a whole.
pub(super) const WHOLE: &str = "*";
/// The role of those who own an entity.
pub(super) const OWNER: &str = "owner";
/// The role of superusers.
pub(super) const SUPERUSER: &str = "superuser";
/// The resource type that entities lie below.
const ENTITIES: &str = "catalog-entity";

/// What the RBAC plugin of one source says, until all of it is there.
#[derive(Debug, Default)]
pub(super) struct Rbac {
    roles: BTreeMap<String, (Row, RbacRole)>,
    policies: BTreeMap<String, Vec<Policy>>,
    conditions: BTreeMap<(String, String), Vec<String>>,
}

impl MapBuilder {
    /// Takes an item of a Backstage source.
    pub(super) fn backstage_item(&mut self, place: u16, item: &ItemRecord<'_>) {
        match item.kind {
            ItemKind::Entity => {
                if let Some(entity) = Entity::read(item.document) {
                    self.entity(place, item, &entity);
                }
            }
            ItemKind::RbacRole => {
                if let Some(role) = RbacRole::read(item.document)
                    && let Some(id) = role.id()
                {
                    self.rbac.entry(place).or_default().roles.insert(id, (item.row, role));
                }
            }
            ItemKind::RbacPolicy => {
                if let Some(policy) = RbacPolicy::read(item.document)
                    && let (Some(role), Some(permission), Some(action)) = (policy.entity_reference, policy.permission, policy.policy)
                {
                    let effect = match policy.effect.as_deref() {
                        Some(effect) if effect.eq_ignore_ascii_case("allow") => Effect::Allow,
                        Some(effect) if effect.eq_ignore_ascii_case("deny") => Effect::Deny,
                        // Neither: what it does cannot be told, so it is shown and not decided.
                        _ => Effect::Conditional,
                    };
                    let policies = self.rbac.entry(place).or_default().policies.entry(role.to_lowercase()).or_default();
                    policies.push(Policy {
                        permission,
                        action: action.to_lowercase(),
                        effect,
                    });
                }
            }
            ItemKind::RbacCondition => {
                if let Some(condition) = RbacCondition::read(item.document)
                    && let (Some(role), Some(resource)) = (&condition.role_entity_ref, &condition.resource_type)
                {
                    let rbac = self.rbac.entry(place).or_default();
                    let policies = rbac.policies.entry(role.to_lowercase()).or_default();
                    policies.extend(condition.permission_mapping.iter().map(|action| Policy {
                        permission: resource.clone(),
                        action: action.to_lowercase(),
                        effect: Effect::Conditional,
                    }));
                    let actions = condition.permission_mapping.join(", ");
                    let words = format!("{actions}: {}", in_words(&condition.criteria()));
                    rbac.conditions
                        .entry((role.to_lowercase(), resource.clone()))
                        .or_default()
                        .push(words);
                }
            }
            _ => {}
        }
    }

    /// The scope of the whole of a Backstage.
    fn whole(&mut self, place: u16) -> u32 {
        let name = self
            .source(place)
            .map_or_else(|| "Backstage".to_owned(), |source| source.settings.name.clone());
        self.tables.scope(
            ScopeEntry {
                place,
                id: WHOLE.into(),
                spelt: None,
                name: name.into(),
                sort: ScopeSort::Backstage,
                row: None,
            },
            None,
        )
    }

    /// The scope of a permission resource type, or of a permission that has none.
    fn permission_scope(&mut self, place: u16, resource: &str) -> u32 {
        let whole = self.whole(place);
        self.tables.scope(
            ScopeEntry {
                place,
                id: resource.into(),
                spelt: None,
                name: resource.into(),
                sort: ScopeSort::Permission,
                row: None,
            },
            Some(whole),
        )
    }

    fn entity(&mut self, place: u16, item: &ItemRecord<'_>, entity: &Entity) {
        let reference = entity.reference().unwrap_or_else(|| item.id.to_lowercase());
        if entity.is_orphan() {
            self.tables.orphans.push(Orphan {
                place,
                id: reference.as_str().into(),
                name: entity.title().unwrap_or(&reference).into(),
                row: item.row,
            });
        }
        let owners = entity.owners();
        if owners.is_empty() {
            return;
        }
        let entities = self.permission_scope(place, ENTITIES);
        let name = entity.title().unwrap_or(&reference);
        let scope = self.tables.scope(
            ScopeEntry {
                place,
                id: reference.as_str().into(),
                spelt: None,
                name: name.into(),
                sort: ScopeSort::Entity,
                row: Some(item.row),
            },
            Some(entities),
        );
        let role = self.tables.role(place, OWNER, || {
            let entry = RoleEntry {
                place,
                id: OWNER.into(),
                name: "owner".into(),
                sort: RoleSort::Owner,
                row: None,
                note: None,
            };
            (entry, Permits::Name)
        });
        for owner in owners {
            let origin = Origin {
                place,
                id: format!("{reference}|{owner}").into(),
                kind: Some(ItemKind::Entity),
                row: Some(item.row),
                record: reference.as_str().into(),
                more: None,
            };
            // A user's ownership references are his own and those of the groups that he is a direct member of.
            self.assign(place, &owner, role, scope, State::Active, Follow::Direct, origin);
            self.note_ghost(place, &owner, "owner");
        }
    }

    /// Adds roles with their members, once policies and conditions are all there.
    pub(super) fn take_rbac(&mut self) {
        let all: BTreeMap<u16, Rbac> = std::mem::take(&mut self.rbac).into_iter().collect();
        for (place, mut rbac) in all {
            for (id, (row, role)) in std::mem::take(&mut rbac.roles) {
                self.rbac_role(place, &id, row, &role, &mut rbac);
            }
        }
    }

    fn rbac_role(&mut self, place: u16, id: &str, row: Row, read: &RbacRole, rbac: &mut Rbac) {
        let policies = rbac.policies.remove(id).unwrap_or_default();
        let resources: BTreeSet<&str> = policies.iter().map(|policy| resource_type(&policy.permission)).collect();
        let mut scopes: Vec<(u32, State, Option<String>)> = resources
            .iter()
            .map(|resource| {
                let here = || policies.iter().filter(|policy| resource_type(&policy.permission) == *resource);
                let plain = here().any(|policy| policy.effect == Effect::Allow);
                let conditional = here().any(|policy| policy.effect == Effect::Conditional);
                let state = if conditional && !plain { State::Conditional } else { State::Active };
                let condition = rbac
                    .conditions
                    .get(&(id.to_owned(), (*resource).to_owned()))
                    .map(|all| all.join("; "));
                (self.permission_scope(place, resource), state, condition)
            })
            .collect();
        if scopes.is_empty() {
            scopes.push((self.whole(place), State::Active, None));
        }
        let metadata = &read.metadata;
        let role = self.tables.role(place, id, || {
            let entry = RoleEntry {
                place,
                id: id.into(),
                name: id.strip_prefix("role:default/").unwrap_or(id).into(),
                sort: RoleSort::Rbac,
                row: Some(row),
                note: metadata.source.as_deref().map(Into::into),
            };
            (entry, Permits::Policies(policies))
        });
        let record = match &metadata.source {
            Some(source) => format!("{id} ({source})"),
            None => id.to_owned(),
        };
        let mut members: Vec<String> = read.members().collect();
        if metadata.is_default == Some(true) {
            members.extend(self.everybody(place));
        }
        members.sort_unstable();
        members.dedup();
        for member in members {
            for (scope, state, condition) in &scopes {
                let more = OriginMore {
                    since: None,
                    until: None,
                    by: metadata.author.as_deref().map(|by| self.who(place, by).into()),
                    condition: condition.as_deref().map(Into::into),
                };
                let origin = Origin {
                    place,
                    id: format!("{id}|{member}").into(),
                    kind: Some(ItemKind::RbacRole),
                    row: Some(row),
                    record: record.as_str().into(),
                    more: (more != OriginMore::default()).then(|| Box::new(more)),
                };
                self.assign(place, &member, role, *scope, *state, Follow::Nested, origin);
            }
            self.note_ghost(place, &member, "member");
        }
    }

    /// Every user of a source, by id.
    fn everybody(&self, place: u16) -> Vec<String> {
        (0..self.directory.accounts())
            .filter(|account| self.directory.place_of_account(*account) == place)
            .map(|account| self.directory.id_of_account(account))
            .collect()
    }

    /// Says what is known of a member or owner that the catalog does not hold.
    fn note_ghost(&mut self, place: u16, id: &str, what: &str) {
        if self.find(place, id) != super::build::Found::Nobody {
            return;
        }
        let (known, fate) = if self.directory.read_in_full(place, false) {
            (format!("a ghost {what}: the catalog holds no such entity"), Fate::Ghost)
        } else {
            (
                "not among the entities that were read; the catalog was not read in full".to_owned(),
                Fate::Unknown,
            )
        };
        let word = LostWord {
            what: known.into(),
            fate,
            name: None,
            user_name: None,
        };
        self.lost_word(place, id, word);
    }

    /// Adds those who may do everything, as an admin named them.
    pub(super) fn take_super_users(&mut self) {
        for place in self.places().collect::<Vec<_>>() {
            if self.kind(place) != SourceKind::Backstage {
                continue;
            }
            let named = self.source(place).and_then(|source| source.settings.backstage.as_ref());
            let names: BTreeSet<String> = named
                .map(|settings| settings.super_users.iter().map(|name| name.trim().to_lowercase()).collect())
                .unwrap_or_default();
            for name in names.iter().filter(|name| !name.is_empty()) {
                let whole = self.whole(place);
                let role = self.tables.role(place, SUPERUSER, || {
                    let entry = RoleEntry {
                        place,
                        id: SUPERUSER.into(),
                        name: "superuser".into(),
                        sort: RoleSort::Superuser,
                        row: None,
                        note: None,
                    };
                    (entry, Permits::All)
                });
                let origin = Origin {
                    place,
                    id: format!("{SUPERUSER}|{name}").into(),
                    record: "the source's settings in Lanyard".into(),
                    ..Origin::default()
                };
                self.assign(place, name, role, whole, State::Active, Follow::Nested, origin);
                self.note_ghost(place, name, "superuser");
            }
        }
    }
}

/// A condition in words, with the two aliases told.
pub(super) fn in_words(criteria: &Criteria) -> String {
    let joined = |all: &[Criteria], word: &str| all.iter().map(in_words).collect::<Vec<_>>().join(word);
    match criteria {
        Criteria::AllOf(all) if all.len() == 1 => in_words(&all[0]),
        Criteria::AnyOf(all) if all.len() == 1 => in_words(&all[0]),
        Criteria::AllOf(all) => format!("({})", joined(all, " and ")),
        Criteria::AnyOf(all) => format!("({})", joined(all, " or ")),
        Criteria::Not(inner) => format!("not {}", in_words(inner)),
        Criteria::Rule { rule, params, .. } => rule_in_words(rule, params),
        Criteria::Unknown => "a condition of a form that is not known".into(),
    }
}

fn rule_in_words(rule: &str, params: &serde_json::Value) -> String {
    let text = params.to_string();
    match (rule, text.contains("$ownerRefs"), text.contains("$currentUser")) {
        ("IS_ENTITY_OWNER", true, _) => "what the person or one of the person's groups owns".into(),
        ("IS_ENTITY_OWNER", false, true) => "what the person owns".into(),
        _ if params.is_null() || params.as_object().is_some_and(serde_json::Map::is_empty) => format!("what {rule} fits"),
        (_, owners, user) => {
            let mut words = format!("what {rule} fits with {text}");
            if owners {
                words.push_str("; $ownerRefs stands for the person and the person's groups");
            }
            if user {
                words.push_str("; $currentUser stands for the person");
            }
            words
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn words(conditions: &serde_json::Value) -> String {
        let document = json!({"id": 1, "roleEntityRef": "role:default/x", "resourceType": "catalog-entity", "permissionMapping": ["read"], "conditions": conditions});
        in_words(&RbacCondition::read(document.to_string().as_bytes()).unwrap().criteria())
    }

    #[test]
    fn the_aliases_are_told_in_words() {
        let owner = json!({"rule": "IS_ENTITY_OWNER", "resourceType": "catalog-entity", "params": {"claims": ["$ownerRefs"]}});
        assert_eq!(words(&owner), "what the person or one of the person's groups owns");
        let mine = json!({"rule": "IS_ENTITY_OWNER", "params": {"claims": ["$currentUser"]}});
        assert_eq!(words(&json!({"not": mine})), "not what the person owns");
        let kind = json!({"rule": "IS_ENTITY_KIND", "params": {"kinds": ["API"]}});
        assert_eq!(
            words(&json!({"anyOf": [owner, kind]})),
            "(what the person or one of the person's groups owns or what IS_ENTITY_KIND fits with {\"kinds\":[\"API\"]})"
        );
        assert_eq!(words(&json!({"x": 1})), "a condition of a form that is not known");
    }
}
