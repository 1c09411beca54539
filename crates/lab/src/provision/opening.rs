//! The identity provider and the downstream app as they stand when the lab opens.

use lanyard_scim::urn;
use serde_json::{Map, Value, json};

use super::push::account_of;
use crate::company::{Company, Difference};
use crate::scim::{Family, Fresh, Member, Store};

/// What was provisioned, and what went its own way since.
pub(crate) fn downstream_store(company: &Company, provider: &Store, base: &str) -> Store {
    let mut store = Store::new(base);
    let lag = 40_000;
    for account in &company.downstream.accounts {
        let Some(entry) = provider.users.get(account.person) else {
            continue;
        };
        let mut map = account_of(&entry.value());
        if let Some(difference) = account.difference {
            differ(&mut map, difference);
        }
        store.insert(Fresh::of(
            Family::Users,
            account.id.clone(),
            map,
            entry.created + lag,
            entry.modified + lag,
            Vec::new(),
        ));
    }
    let long_ago = company.today.as_millisecond() - 900 * 86_400_000;
    for (id, user_name, display) in &company.downstream.strangers {
        let mut map = Map::new();
        map.insert("schemas".to_owned(), json!([urn::USER]));
        if *user_name != "ledgerly-support" {
            // The identifier of a user whom the provider deleted.
            map.insert(
                "externalId".to_owned(),
                json!(company.user_id(usize::MAX - id.len() - display.len())),
            );
        }
        map.insert("userName".to_owned(), json!(user_name));
        map.insert("displayName".to_owned(), json!(display));
        map.insert("active".to_owned(), json!(true));
        map.insert(
            "emails".to_owned(),
            json!([{"value": format!("{user_name}@halcyon.example"), "type": "work", "primary": true}]),
        );
        map.insert("roles".to_owned(), json!([{"value": "ledgerly:approver", "type": "application"}]));
        store.insert(Fresh::of(Family::Users, id.clone(), map, long_ago, long_ago + lag, Vec::new()));
    }
    groups(company, provider, &mut store, lag);
    store
}

fn groups(company: &Company, provider: &Store, store: &mut Store, lag: i64) {
    let accounts: std::collections::BTreeMap<u32, &str> = company
        .downstream
        .accounts
        .iter()
        .map(|account| (account.person, account.id.as_str()))
        .collect();
    let mut id = 900;
    for (number, group) in company.groups.iter().enumerate().filter(|(_, group)| group.provisioned) {
        id += 7;
        let mut ids: Vec<&str> = group.people.iter().filter_map(|person| accounts.get(person).copied()).collect();
        if group.name == "ledgerly-approvers" {
            // Two who should not be there any more.
            ids.extend(company.downstream.strangers.iter().take(1).map(|(id, _, _)| id.as_str()));
            ids.extend(
                company
                    .person("giorgi.beridze")
                    .and_then(|person| accounts.get(&(person as u32)).copied()),
            );
        } else if group.name == "payments-sre" {
            // One who should be there and is not.
            ids.pop();
        }
        let members: Vec<Member> = ids.iter().filter_map(|id| store.find(id)).collect();
        let shown: Vec<Value> = members
            .iter()
            .filter_map(|member| store.table(member.family).get(member.slot))
            .map(|entry| json!({"value": &*entry.id, "$ref": format!("{}/Users/{}", store.base(), entry.id), "type": "User", "display": &*entry.display}))
            .collect();
        let Some(entry) = provider.groups.get(number as u32) else {
            continue;
        };
        let mut map = Map::new();
        map.insert("schemas".to_owned(), json!([urn::GROUP]));
        map.insert("externalId".to_owned(), json!(&*entry.id));
        map.insert("displayName".to_owned(), json!(group.name));
        if !shown.is_empty() {
            map.insert("members".to_owned(), Value::Array(shown));
        }
        store.insert(Fresh::of(
            Family::Groups,
            id.to_string(),
            map,
            group.created + lag,
            group.changed + lag,
            members,
        ));
    }
}

fn differ(map: &mut Map<String, Value>, difference: Difference) {
    match difference {
        Difference::Department(name) => {
            if let Some(extension) = map.get_mut(urn::ENTERPRISE_USER) {
                extension["department"] = json!(name);
            }
        }
        Difference::DisplayName(name) => {
            map.insert("displayName".to_owned(), json!(name));
        }
        Difference::StillActive => {
            map.insert("active".to_owned(), json!(true));
        }
        Difference::OldUserName(name) => {
            map.insert("userName".to_owned(), json!(name));
        }
        Difference::Unlinked(name) => {
            map.shift_remove("externalId");
            map.insert("userName".to_owned(), json!(name));
        }
        Difference::EmailCase => {
            if let Some(Value::String(address)) = map
                .get_mut("emails")
                .and_then(|emails| emails.get_mut(0))
                .and_then(|email| email.get_mut("value"))
            {
                *address = address.split('.').map(capitalise).collect::<Vec<_>>().join(".");
            }
        }
    }
}

fn capitalise(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// The identity provider's documents, in the company's order.
pub(crate) fn provider_store(company: &Company, base: &str) -> Store {
    let mut store = Store::new(base);
    let renderer = company.renderer(base);
    for (number, person) in company.people.iter().enumerate() {
        store.insert(Fresh {
            family: Family::Users,
            id: company.user_id(number),
            body: renderer.user_body(number),
            created: person.joined,
            modified: person.changed,
            name: person.user_name.clone(),
            display: person.display_name().into_owned(),
            external: Some(renderer.external_id(number)),
            members: Vec::new(),
        });
    }
    for (number, group) in company.groups.iter().enumerate() {
        let nested = group.groups.iter().map(|&slot| Member {
            family: Family::Groups,
            slot,
        });
        let people = group.people.iter().map(|&slot| Member {
            family: Family::Users,
            slot,
        });
        store.insert(Fresh {
            family: Family::Groups,
            id: company.group_id(number),
            body: renderer.group_body(number),
            created: group.created,
            modified: group.changed,
            name: group.name.clone(),
            display: group.name.clone(),
            external: None,
            members: nested.chain(people).collect(),
        });
    }
    store
}
