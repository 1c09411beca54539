//! The identity provider pushes its people and groups to the downstream app, some time after each change.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use lanyard_scim::urn;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

use crate::company::{Company, Difference, Kind, in_scope_label};
use crate::scim::{Change, Family, Fresh, Handle, Member, Store};

/// What happens downstream when somebody is deleted at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDelete {
    /// The account is switched off, as most providers do.
    Deactivate,
    /// The account is deleted.
    Delete,
    /// Nothing: the account stays as it is.
    Keep,
}

/// How the downstream app is provisioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProvisionOptions {
    /// From a change at the provider to the same change downstream.
    pub delay: Duration,
    /// What a deletion at the provider does downstream.
    pub on_delete: OnDelete,
}

impl Default for ProvisionOptions {
    fn default() -> Self {
        Self {
            delay: Duration::from_secs(3),
            on_delete: OnDelete::Deactivate,
        }
    }
}

/// Where provisioning can be paused, slowed, and watched.
#[derive(Debug, Clone)]
pub struct Provisioner {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    delay_ms: AtomicU64,
    paused: AtomicBool,
    done: AtomicU64,
}

impl Provisioner {
    pub(crate) fn new(options: ProvisionOptions) -> Self {
        let delay_ms = AtomicU64::new(options.delay.as_millis() as u64);
        Self {
            shared: Arc::new(Shared {
                delay_ms,
                paused: AtomicBool::new(false),
                done: AtomicU64::new(0),
            }),
        }
    }

    /// Changes wait from now on until [`Provisioner::resume`].
    pub fn pause(&self) {
        self.shared.paused.store(true, Ordering::Relaxed);
    }

    /// Lets waiting changes through.
    pub fn resume(&self) {
        self.shared.paused.store(false, Ordering::Relaxed);
    }

    /// Sets the time from a change to its arrival downstream, for changes that come from now on.
    pub fn set_delay(&self, delay: Duration) {
        self.shared.delay_ms.store(delay.as_millis() as u64, Ordering::Relaxed);
    }

    /// How many changes have been handled so far, whether they changed anything downstream or not.
    #[must_use]
    pub fn handled(&self) -> u64 {
        self.shared.done.load(Ordering::Relaxed)
    }
}

/// Brings changes downstream until the provider is gone.
pub(crate) async fn run(
    mut changes: UnboundedReceiver<Change>,
    provider: Handle,
    downstream: Handle,
    provisioner: Provisioner,
    on_delete: OnDelete,
) {
    let shared = &provisioner.shared;
    let (sender, mut due) = tokio::sync::mpsc::unbounded_channel::<(Instant, Change)>();
    let stamp = async {
        while let Some(change) = changes.recv().await {
            let delay = Duration::from_millis(shared.delay_ms.load(Ordering::Relaxed));
            if sender.send((Instant::now() + delay, change)).is_err() {
                break;
            }
        }
    };
    let push = async {
        while let Some((at, change)) = due.recv().await {
            tokio::time::sleep_until(at).await;
            while shared.paused.load(Ordering::Relaxed) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let (provider, downstream) = (provider.clone(), downstream.clone());
            let work = move || match change.family {
                Family::Users => push_user(&provider, &downstream, &change.id, on_delete),
                Family::Groups => push_group(&provider, &downstream, &change.id),
            };
            match tokio::task::spawn_blocking(work).await {
                Ok(Ok(())) => {}
                Ok(Err(refusal)) => tracing::warn!(%refusal, "the downstream app refused a change"),
                Err(error) => tracing::warn!(%error, "provisioning broke"),
            }
            shared.done.fetch_add(1, Ordering::Relaxed);
        }
    };
    tokio::join!(stamp, push);
}

type Pushed = Result<(), crate::scim::Refusal>;

fn push_user(provider: &Handle, downstream: &Handle, id: &str, on_delete: OnDelete) -> Pushed {
    let there = downstream.server.store().users.external(id).next();
    let there = there.and_then(|slot| downstream.server.store().users.get(slot).map(|entry| entry.id.to_string()));
    let Some(user) = provider.get(Family::Users, id) else {
        let Some(account) = there else { return Ok(()) };
        return match on_delete {
            OnDelete::Deactivate => downstream
                .patch_user(&account, &json!([{"op": "replace", "path": "active", "value": false}]))
                .map(|_| ()),
            OnDelete::Delete => downstream.delete_user(&account),
            OnDelete::Keep => Ok(()),
        };
    };
    let wanted = Value::Object(account_of(&user));
    match there {
        Some(account) if !in_scope(&user) && wanted["roles"].is_null() => {
            // Whoever moves out of scope loses the account, as assignments do it in real providers.
            downstream
                .patch_user(&account, &json!([{"op": "replace", "path": "active", "value": false}]))
                .map(|_| ())
        }
        Some(account) => downstream.replace(Family::Users, &account, &wanted).map(|_| ()),
        None if in_scope(&user) && user["active"] == true => downstream.create_user(&wanted).map(|_| ()),
        None => Ok(()),
    }
}

fn push_group(provider: &Handle, downstream: &Handle, id: &str) -> Pushed {
    let find = |external: &str, family: Family| {
        let store = downstream.server.store();
        let slot = store.table(family).external(external).next()?;
        store.table(family).get(slot).map(|entry| entry.id.to_string())
    };
    let there = find(id, Family::Groups);
    let Some(group) = provider.get(Family::Groups, id) else {
        return there.map_or(Ok(()), |group| downstream.delete_group(&group));
    };
    // Only groups that the app was given are kept up; nested groups are not followed.
    let Some(there) = there else { return Ok(()) };
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
    downstream.replace(Family::Groups, &there, &wanted).map(|_| ())
}

/// Whether the provider gives this user an account downstream.
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
pub(crate) fn account_of(user: &Value) -> Map<String, Value> {
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

/// The downstream app as it stands when the lab opens: what was provisioned, and what went its own way since.
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
