//! Client secrets of applications: made and removed by `addPassword` and `removePassword`, asked for at the token endpoint
//! (<https://learn.microsoft.com/graph/api/application-addpassword>, <https://learn.microsoft.com/graph/api/resources/passwordcredential>).

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::{Value, json};

use super::server::time;
use crate::company::access::Guid;
use crate::company::access::azure::{CredentialKind, Tenant};
use crate::journal::millis;
use crate::scim::{TokenHabit, TokenOptions, later, secret_word, sha256};

/// How many uses are remembered.
const REMEMBERED: usize = 20_000;

/// One client secret. Times are milliseconds since 1970.
#[derive(Debug, Clone)]
pub(crate) struct Secret {
    pub(crate) key: Guid,
    /// The service principal of its application.
    pub(crate) service: Guid,
    pub(crate) name: String,
    /// The first letters of the value, as Entra shows them.
    hint: String,
    start: i64,
    end: i64,
    on_service: bool,
    /// The value that is accepted. Nobody knows that of one from before the lab was opened.
    value: Option<String>,
    /// Made by `addPassword`.
    minted: bool,
    broken: bool,
    works_from: i64,
    /// From when it is refused as expired.
    expires: Option<i64>,
    removed: Option<i64>,
    /// From when it is refused for having been removed. None where that was not asked for, or is a lie.
    ends: Option<i64>,
    last_used: Option<i64>,
    uses: u64,
}

/// A value that somebody signed in with.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Use {
    number: u64,
    at: i64,
    /// `keyId`; none where no application has such a secret.
    token: Option<Guid>,
    accepted: bool,
}

/// How a secret fares at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fares {
    Well,
    /// Unknown, removed, or not there yet: AADSTS7000215.
    Invalid,
    /// AADSTS7000222.
    Expired,
}

/// Every client secret of the tenant, those that were removed too.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    all: Vec<Secret>,
    uses: VecDeque<Use>,
    last_use: u64,
}

impl Secret {
    /// Makes a new one. Gives it, and the value that is given out.
    pub(super) fn new(service: Guid, name: String, start: i64, end: i64, options: &TokenOptions) -> (Self, String) {
        let (value, now) = (secret_word("lab8Q~"), millis());
        let broken = options.has(TokenHabit::Broken);
        let shown = if broken { secret_word("lab8Q~") } else { value.clone() };
        let made = Self {
            key: random_key(),
            service,
            name,
            hint: shown[..3].to_owned(),
            start,
            end,
            on_service: false,
            value: Some(value),
            minted: true,
            broken,
            works_from: later(start.max(now), options.start),
            expires: Some(end),
            removed: None,
            ends: None,
            last_used: None,
            uses: 0,
        };
        (made, shown)
    }

    /// As Graph shows it: never with its value.
    pub(super) fn shown(&self) -> Value {
        json!({
            "customKeyIdentifier": null, "displayName": self.name, "endDateTime": time(self.end), "hint": self.hint,
            "keyId": self.key, "secretText": null, "startDateTime": time(self.start),
        })
    }

    fn fares(&self, now: i64) -> Fares {
        if self.ends.is_some_and(|ends| ends <= now) || self.works_from > now {
            Fares::Invalid
        } else if self.expires.is_some_and(|end| end <= now) {
            Fares::Expired
        } else {
            Fares::Well
        }
    }

    fn truth(&self, now: i64) -> Value {
        let stops = [self.expires, self.ends].into_iter().flatten().min();
        let known = self.value.is_some();
        json!({
            "id": self.key, "name": self.name, "kind": "secret", "service": self.service, "broken": self.broken, "minted": self.minted,
            "created": self.start, "worksFrom": self.works_from, "expires": self.end, "revoked": self.removed, "stops": stops,
            "stopped": stops.filter(|stops| *stops <= now), "works": known && !self.broken && self.fares(now) == Fares::Well,
            "lastUsed": self.last_used, "uses": self.uses, "sha256": self.value.as_deref().map(sha256),
        })
    }
}

/// A key's id that nobody can guess.
fn random_key() -> Guid {
    let word = secret_word("");
    Guid::version_4(u128::from_str_radix(&word, 16).unwrap_or_default())
}

impl Secrets {
    /// Those that the tenant's applications have when it opens: nobody knows their values.
    pub(super) fn of(tenant: &Tenant) -> Self {
        let mut all = Vec::new();
        for service in &tenant.services {
            for one in service.credentials.iter().filter(|one| one.kind == CredentialKind::Secret) {
                all.push(Secret {
                    key: one.id,
                    service: service.id,
                    name: one.name.to_owned(),
                    hint: "h4L".to_owned(),
                    start: one.start,
                    end: one.end,
                    on_service: one.on_service,
                    value: None,
                    minted: false,
                    broken: false,
                    works_from: one.start,
                    expires: None,
                    removed: None,
                    ends: None,
                    last_used: None,
                    uses: 0,
                });
            }
        }
        Self { all, ..Self::default() }
    }

    /// Gives a service principal's first secret its value; makes one, if there is none.
    pub(super) fn know(&mut self, service: Guid, value: &str) {
        if !self.all.iter().any(|one| one.service == service) {
            self.renew(service, value);
        }
        if let Some(first) = self.all.iter_mut().find(|one| one.service == service) {
            first.value = Some(value.to_owned());
            first.hint = value.chars().take(3).collect();
        }
    }

    /// Expires the secrets of a service principal and makes one of this value, from the inside.
    pub(super) fn renew(&mut self, service: Guid, value: &str) {
        let now = millis();
        for old in self.all.iter_mut().filter(|one| one.service == service && one.value.is_some()) {
            (old.expires, old.end) = (Some(now), now);
        }
        let end = now.saturating_add(180 * 86_400_000);
        let (made, _) = Secret::new(service, "lanyard".to_owned(), now, end, &TokenOptions::default());
        self.all.push(Secret {
            hint: value.chars().take(3).collect(),
            value: Some(value.to_owned()),
            minted: false,
            ..made
        });
    }

    /// Those that Graph lists: of the service principal itself, or all that the application has.
    pub(super) fn listed(&self, service: Guid, on_service: bool) -> Vec<Value> {
        let wanted = |one: &&Secret| one.service == service && one.removed.is_none() && (one.on_service || !on_service);
        self.all.iter().filter(wanted).map(Secret::shown).collect()
    }

    /// Whether an application has a secret of this id.
    pub(super) fn has(&self, service: Guid, key: Guid) -> bool {
        self.all
            .iter()
            .any(|one| one.service == service && one.key == key && one.removed.is_none())
    }

    pub(super) fn add(&mut self, secret: Secret) {
        self.all.push(secret);
    }

    pub(super) fn remove(&mut self, key: Guid, options: &TokenOptions) {
        let now = millis();
        if let Some(one) = self.all.iter_mut().find(|one| one.key == key && one.removed.is_none()) {
            (one.removed, one.ends) = (Some(now), options.end(now));
        }
    }

    /// How a value fares that somebody signs in with; it is remembered.
    pub(super) fn ask(&mut self, service: Guid, value: &str) -> Fares {
        let now = millis();
        let mut known = self.all.iter_mut();
        let found = known.find(|one| one.service == service && one.value.as_deref() == Some(value));
        let (token, fares) = match found {
            Some(one) => {
                let fares = one.fares(now);
                one.uses += 1;
                if fares == Fares::Well {
                    one.last_used = Some(now);
                }
                (Some(one.key), fares)
            }
            None => (None, Fares::Invalid),
        };
        self.last_use += 1;
        if self.uses.len() == REMEMBERED {
            self.uses.pop_front();
        }
        self.uses.push_back(Use {
            number: self.last_use,
            at: now,
            token,
            accepted: fares == Fares::Well,
        });
        fares
    }

    /// Lets removed secrets end and new ones begin whose time has not come yet.
    pub(super) fn settle(&mut self) {
        let now = millis();
        for one in &mut self.all {
            one.works_from = one.works_from.min(now);
            one.ends = one.ends.map(|ends| ends.min(now));
        }
    }

    /// Everything, with the uses since the one of this number.
    pub(super) fn truth(&self, after: u64) -> Value {
        let now = millis();
        let tokens: Vec<Value> = self.all.iter().map(|one| one.truth(now)).collect();
        let uses: Vec<&Use> = self.uses.iter().filter(|one| one.number > after).collect();
        let minted = self.all.iter().filter(|one| one.minted).count();
        json!({"tokens": tokens, "mints": minted, "uses": uses})
    }
}
