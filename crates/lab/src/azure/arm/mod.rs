//! Azure Resource Manager, as far as a reviewer of access needs it (<https://learn.microsoft.com/rest/api/resources/>).

mod authorization;
mod management;
mod resources;
mod versions;
mod write;

use std::time::Instant;

use serde_json::{Value, json};

use super::reply::{Ask, Reply};
use super::server::{Azure, Site};
use super::state::State;
use crate::base64;
use crate::company::access::Guid;
use crate::company::access::azure::Scope;
use crate::journal::is_write;

/// One request to the Resource Manager, with what is needed to answer it.
struct Arm<'a> {
    azure: &'a Azure,
    state: &'a State,
    ask: &'a Ask,
    /// Counts requests: refusals go by it.
    number: u64,
}

type Answer = Result<Reply, Reply>;

impl Azure {
    /// Answers one request to the Resource Manager.
    pub(super) fn arm(&self, ask: &Ask) -> Reply {
        let number = self.count(Site::Arm);
        let parts = ask.parts();
        let in_subscription = parts.first().is_some_and(|part| part.eq_ignore_ascii_case("subscriptions"));
        let subscription = parts.get(1).filter(|_| in_subscription).map(|id| id.to_lowercase());
        let (kind, header) = match (ask.method.as_str(), subscription.is_some()) {
            ("DELETE", true) => ("deletes:", "x-ms-ratelimit-remaining-subscription-deletes"),
            ("DELETE", false) => ("deletes:", "x-ms-ratelimit-remaining-tenant-deletes"),
            ("PUT" | "PATCH", true) => ("writes:", "x-ms-ratelimit-remaining-subscription-writes"),
            ("PUT" | "PATCH", false) => ("writes:", "x-ms-ratelimit-remaining-tenant-writes"),
            (_, true) => ("", "x-ms-ratelimit-remaining-subscription-reads"),
            (_, false) => ("", "x-ms-ratelimit-remaining-tenant-reads"),
        };
        let throttle = self.options().throttle;
        // Reads, writes and deletes have a bucket each.
        let bucket = format!("{kind}{}", subscription.as_deref().unwrap_or("tenant"));
        let taken = self.limits().take_read(&bucket, &throttle, Instant::now());
        let mut effects = Vec::new();
        let state = self.state();
        let reply = match taken {
            Ok(left) => {
                let arm = Arm {
                    azure: self,
                    state: &state,
                    ask,
                    number,
                };
                let reply = if is_write(&ask.method, &ask.path) {
                    let (reply, does) = arm.write().unwrap_or_else(|refusal| (refusal, Vec::new()));
                    effects = does;
                    reply
                } else {
                    arm.route().unwrap_or_else(|refusal| refusal)
                };
                reply.with(header, left.to_string())
            }
            Err(seconds) => {
                let text = format!("Number of read requests exceeded the limit. Please try again after '{seconds}' seconds.");
                let reply = Reply::arm(429, "TooManyRequests", text).with(header, "0");
                if throttle.retry_after {
                    reply.with("retry-after", seconds.to_string())
                } else {
                    reply
                }
            }
        };
        drop(state);
        self.perform(effects);
        let id = self.request_id();
        reply.with("x-ms-request-id", id.clone()).with("x-ms-correlation-request-id", id)
    }
}

impl Arm<'_> {
    fn route(&self) -> Answer {
        // Of ASCII only: the places of letters stay, whatever else stands there.
        let lower = self.ask.path.to_ascii_lowercase();
        if let Some(place) = lower.rfind("/providers/microsoft.authorization/") {
            let rest = &self.ask.path[place + "/providers/microsoft.authorization/".len()..];
            return self.authorization(&self.ask.path[..place], rest);
        }
        let parts: Vec<&str> = lower.split('/').filter(|part| !part.is_empty()).collect();
        match (self.ask.method.as_str(), parts.as_slice()) {
            ("GET", ["tenants"]) => {
                self.version(versions::SUBSCRIPTIONS)?;
                let tenant = &self.state.tenant;
                self.page(vec![
                    json!({"id": format!("/tenants/{}", tenant.id), "tenantId": tenant.id, "countryCode": "NL",
                    "displayName": "Halcyon Freight", "domains": ["halcyon.example"], "tenantCategory": "Home"}),
                ])
            }
            ("GET", ["subscriptions"]) => {
                self.version(versions::SUBSCRIPTIONS)?;
                let all = 0..self.state.tenant.subscriptions.len() as u32;
                let reply = self.page(all.map(|place| self.subscription(place)).collect())?;
                Ok(counted(reply, self.state.tenant.subscriptions.len()))
            }
            ("GET", ["subscriptions", id]) => {
                self.version(versions::SUBSCRIPTIONS)?;
                let (scope, place) = self.subscription_at(id)?;
                self.allow("Microsoft.Resources/subscriptions/read", scope)?;
                Ok(Reply::ok(self.subscription(place)))
            }
            (_, ["providers", "microsoft.management", rest @ ..]) => self.management(rest),
            ("GET", ["subscriptions", id, rest @ ..]) => {
                let (scope, place) = self.subscription_at(id)?;
                self.resources(scope, place, rest)
            }
            ("GET" | "POST", _) => Err(Reply::arm(
                404,
                "InvalidResourceType",
                format!("The resource type could not be found for '{}'.", self.ask.path),
            )),
            _ => Err(Reply::arm(405, "MethodNotAllowed", "The method is not allowed on this resource.")),
        }
    }

    /// Refuses a request without an api-version, or with one that this type does not have.
    fn version(&self, supported: &[&str]) -> Result<(), Reply> {
        let Some(version) = self.ask.parameter("api-version").filter(|version| !version.is_empty()) else {
            let text = "The api-version query parameter (?api-version=) is required for all requests.";
            return Err(Reply::arm(400, "MissingApiVersionParameter", text));
        };
        if supported.contains(&version) {
            return Ok(());
        }
        let text = format!(
            "The api-version '{version}' is invalid. The supported versions are '{}'.",
            supported.join(",")
        );
        Err(Reply::arm(400, "InvalidApiVersionParameter", text))
    }

    /// Refuses what the lab was told to refuse.
    fn allow(&self, action: &str, scope: Scope) -> Result<(), Reply> {
        let options = self.azure.options();
        let tenant = &self.state.tenant;
        let hit = options.refused.iter().any(|refused| {
            let outer = self.state.scope_at(&refused.scope).or_else(|| tenant.scope(&refused.scope));
            self.number > refused.after
                && (refused.action == "*" || refused.action.eq_ignore_ascii_case(action))
                && outer.is_some_and(|outer| tenant.lies_in(scope, outer))
        });
        // A user sees what lies in a scope where the user or a group of the user has a role.
        let user_may = |user: Guid| {
            let mut whom = self.state.groups_of(user);
            whom.insert(user);
            let mut held = tenant.assignments.iter().filter(|one| !self.state.is_hidden(one.id));
            held.any(|one| whom.contains(&one.principal) && tenant.lies_in(scope, one.scope))
        };
        if !hit && self.ask.caller.is_none_or(user_may) {
            return Ok(());
        }
        Err(self.unauthorized(action, scope))
    }

    fn unauthorized(&self, action: &str, scope: Scope) -> Reply {
        let tenant = &self.state.tenant;
        let client = self.azure.client;
        let object = self.state.app(client).map(|service| service.id.to_string()).unwrap_or_default();
        let text = format!(
            "The client '{client}' with object id '{object}' does not have authorization to perform action '{action}' over scope '{}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
            tenant.scope_id(scope)
        );
        Reply::arm(403, "AuthorizationFailed", text)
    }

    fn subscription_at(&self, id: &str) -> Result<(Scope, u32), Reply> {
        match self.state.scope_at(&format!("/subscriptions/{id}")) {
            Some(scope @ Scope::Subscription(place)) => Ok((scope, place)),
            _ => Err(Reply::arm(
                404,
                "SubscriptionNotFound",
                format!("The subscription '{id}' could not be found."),
            )),
        }
    }

    fn subscription(&self, place: u32) -> Value {
        let tenant = &self.state.tenant;
        let one = &tenant.subscriptions[place as usize];
        json!({
            "id": format!("/subscriptions/{}", one.id),
            "authorizationSource": "RoleBased",
            "managedByTenants": [],
            "subscriptionId": one.id,
            "tenantId": tenant.id,
            "displayName": one.name,
            "state": "Enabled",
            "subscriptionPolicies": {"locationPlacementId": "Public_2014-09-01", "quotaId": "EnterpriseAgreement_2014-09-01", "spendingLimit": "Off"},
        })
    }

    /// A page of a list, with `nextLink` where there is more.
    fn page(&self, mut all: Vec<Value>) -> Answer {
        if self.ask.nobody {
            all.clear();
        }
        let size = self.azure.options().arm_page.max(1);
        let start = match self.ask.parameter("$skipToken") {
            None => 0,
            Some(token) => {
                let place = base64::decode(token).and_then(|bytes| String::from_utf8(bytes).ok()?.parse::<usize>().ok());
                place.ok_or_else(|| Reply::arm(400, "InvalidSkipToken", "The skip token is invalid."))?
            }
        };
        let end = start.saturating_add(size).min(all.len());
        let more = end < all.len();
        let value: Vec<Value> = all.drain(start.min(end)..end).collect();
        let mut body = json!({"value": value});
        if more {
            let token = base64::encode_url(end.to_string().as_bytes());
            body["nextLink"] = json!(self.ask.next(&self.azure.sites.arm, "$skipToken", &token));
        }
        Ok(Reply::ok(body))
    }
}

/// `/subscriptions` says how many there are.
fn counted(mut reply: Reply, total: usize) -> Reply {
    if let Some(body) = &mut reply.body {
        body["count"] = json!({"type": "Total", "value": total});
    }
    reply
}

/// A time as the authorization API writes it: seven digits of a second.
fn time(millis: i64) -> String {
    let second = jiff::Timestamp::from_second(millis.div_euclid(1000)).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let text = second.to_string();
    format!("{}.{:03}0000Z", text.trim_end_matches('Z'), millis.rem_euclid(1000))
}

/// An address as Azure often gives it back: some parts in lower case.
fn lowered(address: &str) -> String {
    address
        .replace("/resourceGroups/", "/resourcegroups/")
        .replace("/Microsoft.RecoveryServices/", "/microsoft.recoveryservices/")
        .replace("/Microsoft.DataProtection/", "/microsoft.dataprotection/")
}
