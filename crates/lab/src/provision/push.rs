//! One change of the provider, brought to the downstream app.

use lanyard_scim::urn;
use serde_json::{Map, Value, json};

use super::OnDelete;
use crate::company::{Kind, in_scope_label};
use crate::scim::{Family, Handle, Refusal};

/// What was done there, and the id that it was done to; none where all was as it should be.
type Done = Result<Option<(&'static str, String)>, Refusal>;

/// What became of one user or group of the provider.
pub(super) struct Step {
    pub(super) family: Family,
    /// The provider's id.
    pub(super) id: String,
    pub(super) display: String,
    pub(super) done: Result<(&'static str, Option<String>), Refusal>,
}

/// What a push did, step by step, and whom it is to fail with.
#[derive(Default)]
pub(super) struct Steps {
    pub(super) all: Vec<Step>,
    /// User names of those whom the app refuses.
    pub(super) refused: std::collections::BTreeSet<String>,
}

impl Steps {
    fn note(&mut self, provider: &Handle, family: Family, id: &str, done: Done) {
        let done = match done {
            Ok(None) => return,
            Ok(Some((action, target))) => Ok((action, Some(target))),
            Err(refusal) => Err(refusal),
        };
        let display = provider.get(family, id);
        let display = display
            .and_then(|found| found["displayName"].as_str().map(str::to_owned))
            .unwrap_or_default();
        self.all.push(Step {
            family,
            id: id.to_owned(),
            display,
            done,
        });
    }
}

pub(super) fn push_user(provider: &Handle, downstream: &Handle, id: &str, on_delete: OnDelete, steps: &mut Steps) {
    let done = user(provider, downstream, id, on_delete, steps);
    steps.note(provider, Family::Users, id, done);
}

/// Switches an account off that is on.
fn disable(downstream: &Handle, account: &str) -> Done {
    let off = downstream.get(Family::Users, account).is_some_and(|there| there["active"] == false);
    downstream.patch_user(account, &json!([{"op": "replace", "path": "active", "value": false}]))?;
    Ok((!off).then(|| ("disable", account.to_owned())))
}

/// Writes a document over another one, and tells whether that changed anything.
fn replace(downstream: &Handle, family: Family, there: &str, wanted: &Value) -> Done {
    let version = |document: &Value| document["meta"]["lastModified"].clone();
    let before = downstream.get(family, there);
    let after = downstream.replace(family, there, wanted)?;
    let switched_off = before.as_ref().is_some_and(|before| before["active"] == true) && after["active"] == false;
    let changed = before.is_none_or(|before| version(&before) != version(&after));
    Ok(changed.then(|| (if switched_off { "disable" } else { "update" }, there.to_owned())))
}

fn user(provider: &Handle, downstream: &Handle, id: &str, on_delete: OnDelete, steps: &Steps) -> Done {
    let there = downstream.server.store().users.external(id).next();
    let there = there.and_then(|slot| downstream.server.store().users.get(slot).map(|entry| entry.id.to_string()));
    let Some(user) = provider.get(Family::Users, id) else {
        let Some(account) = there else { return Ok(None) };
        return match on_delete {
            OnDelete::Deactivate => disable(downstream, &account),
            OnDelete::Delete => downstream.delete_user(&account).map(|()| Some(("delete", account))),
            OnDelete::Keep => Ok(None),
        };
    };
    if user["userName"].as_str().is_some_and(|name| steps.refused.contains(name)) {
        return Err(Refusal::plain(409, "another account of the application has this user name"));
    }
    let wanted = Value::Object(account_of(&user));
    let in_scope = in_scope(&user) || in_own_group(provider, id);
    match there {
        Some(account) if !in_scope && wanted["roles"].is_null() => {
            // Whoever moves out of scope loses the account, as assignments do it in real providers.
            disable(downstream, &account)
        }
        Some(account) => replace(downstream, Family::Users, &account, &wanted),
        None if in_scope && user["active"] == true => {
            let made = downstream.create_user(&wanted)?;
            Ok(Some(("create", made["id"].as_str().unwrap_or_default().to_owned())))
        }
        None => Ok(None),
    }
}

/// Groups of this beginning are the app's own: whoever is in one is given an account.
const OWN_GROUPS: &str = "ledgerly-";

fn in_own_group(provider: &Handle, user: &str) -> bool {
    let groups = provider.groups_of(user);
    let mut direct = groups.iter().filter(|group| group["type"] == "direct");
    direct.any(|group| group["display"].as_str().is_some_and(|name| name.starts_with(OWN_GROUPS)))
}

pub(super) fn push_group(provider: &Handle, downstream: &Handle, id: &str, on_delete: OnDelete, steps: &mut Steps) {
    let done = group(provider, downstream, id, on_delete, steps);
    steps.note(provider, Family::Groups, id, done);
}

fn group(provider: &Handle, downstream: &Handle, id: &str, on_delete: OnDelete, steps: &mut Steps) -> Done {
    let find = |external: &str, family: Family| {
        let store = downstream.server.store();
        let slot = store.table(family).external(external).next()?;
        store.table(family).get(slot).map(|entry| entry.id.to_string())
    };
    let there = find(id, Family::Groups);
    let Some(group) = provider.get(Family::Groups, id) else {
        return there.map_or(Ok(None), |group| downstream.delete_group(&group).map(|()| Some(("delete", group))));
    };
    // Only groups that the app was given are kept up; nested groups are not followed.
    let Some(there) = there else { return Ok(None) };
    if group["displayName"].as_str().is_some_and(|name| name.starts_with(OWN_GROUPS)) {
        push_members(provider, downstream, &group, &there, on_delete, steps);
    }
    let people = group["members"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|member| member["type"] == "User");
    let members: Vec<Value> = people
        .filter_map(|member| find(member["value"].as_str()?, Family::Users))
        .map(|id| json!({"value": id}))
        .collect();
    let wanted = json!({"schemas": [urn::GROUP], "externalId": id, "displayName": group["displayName"], "members": members});
    replace(downstream, Family::Groups, &there, &wanted)
}

/// Gives accounts to those who came into one of the app's own groups, and sees to those who went. Whoever was switched off at
/// the provider before was seen to then: what the app made of it stays as it is.
fn push_members(provider: &Handle, downstream: &Handle, group: &Value, there: &str, on_delete: OnDelete, steps: &mut Steps) {
    let ids = |group: &Value| -> Vec<String> {
        let members = group["members"].as_array().into_iter().flatten();
        members.filter_map(|member| member["value"].as_str().map(str::to_owned)).collect()
    };
    let external = |id: String| {
        let account = downstream.get(Family::Users, &id)?;
        account["externalId"].as_str().map(str::to_owned)
    };
    let wanted = ids(group);
    let had: Vec<String> = downstream.get(Family::Groups, there).as_ref().map(ids).unwrap_or_default();
    let had: Vec<String> = had.into_iter().filter_map(external).collect();
    let came = wanted.iter().filter(|id| !had.contains(id));
    let went = had.iter().filter(|id| !wanted.contains(id));
    let active = |id: &&String| provider.get(Family::Users, id).is_some_and(|user| user["active"] == true);
    for user in came.chain(went).filter(active) {
        push_user(provider, downstream, user, on_delete, steps);
    }
}

/// Whether the provider gives this user an account downstream for what they are.
fn in_scope(user: &Value) -> bool {
    let department = user[urn::ENTERPRISE_USER]["department"].as_str().unwrap_or_default();
    let roles = user["entitlements"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|held| held["value"].as_str());
    (in_scope_label(department) && user["userType"] != Kind::Service.label())
        || roles.into_iter().any(|value| value.starts_with("ledgerly:"))
}

/// The account downstream as the provider would write it: only what the app has a use for.
pub(super) fn account_of(user: &Value) -> Map<String, Value> {
    let mut account = Map::new();
    account.insert("schemas".to_owned(), json!([urn::USER, urn::ENTERPRISE_USER]));
    account.insert("externalId".to_owned(), user["id"].clone());
    for name in ["userName", "name", "displayName", "title", "active", "emails"] {
        if let Some(value) = user.get(name) {
            account.insert(name.to_owned(), value.clone());
        }
    }
    let held = user["entitlements"].as_array().into_iter().flatten();
    let roles: Vec<Value> = held
        .filter(|held| held["value"].as_str().is_some_and(|value| value.starts_with("ledgerly:")))
        .cloned()
        .collect();
    if !roles.is_empty() {
        account.insert("roles".to_owned(), Value::Array(roles));
    }
    let mut extension = Map::new();
    for name in ["employeeNumber", "department"] {
        if let Some(value) = user[urn::ENTERPRISE_USER].get(name) {
            extension.insert(name.to_owned(), value.clone());
        }
    }
    if extension.is_empty() {
        account.insert("schemas".to_owned(), json!([urn::USER]));
    } else {
        account.insert(urn::ENTERPRISE_USER.to_owned(), Value::Object(extension));
    }
    account
}
