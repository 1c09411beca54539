//! `addPassword` and `removePassword` of applications (<https://learn.microsoft.com/graph/api/application-addpassword>,
//! <https://learn.microsoft.com/graph/api/application-removepassword>).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Graph;
use super::permission::Needs;
use super::write::{Done, done};
use crate::azure::effect::Effect;
use crate::azure::reply::Reply;
use crate::azure::secret::Secret;
use crate::company::access::azure::ServicePrincipal;
use crate::journal::millis;

/// Without a word from the client, a secret is good for two years.
const LIFE: i64 = 730 * 86_400_000;

impl Graph<'_> {
    /// An application by its object id, or by its client id as `applications(appId='…')`.
    pub(super) fn application_at(&self, id: &str) -> Result<&ServicePrincipal, Reply> {
        let by_app = id.strip_prefix("appId='").and_then(|rest| rest.strip_suffix('\''));
        let wanted = self.id(by_app.unwrap_or(id))?;
        let mut services = self.state.tenant.services.iter();
        let found = services.find(|service| {
            let same = if by_app.is_some() {
                service.app == wanted
            } else {
                service.application == Some(wanted)
            };
            same && service.application.is_some() && self.shown(service.id)
        });
        found.ok_or_else(|| self.missing(id))
    }

    /// Whether the client may write this application: any, or those that it owns.
    pub(super) fn may_write_application(&self, service: &ServicePrincipal) -> Result<(), Reply> {
        let own = || {
            let client = self.state.app(self.azure.client);
            client.is_some_and(|client| service.owners.contains(&client.id)) && self.has(Needs::OwnApplications)
        };
        if own() { Ok(()) } else { self.need(Needs::WriteApplications) }
    }

    pub(super) fn add_password(&self, id: &str) -> Done {
        self.azure.count_secret_request();
        let service = self.application_at(id)?;
        self.may_write_application(service)?;
        let wanted = &self.ask.body["passwordCredential"];
        if !matches!(wanted, Value::Null | Value::Object(_)) {
            return Err(self.bad_request("Invalid value specified for property 'passwordCredential'."));
        }
        let now = millis();
        let when = |name: &str, otherwise: i64| match &wanted[name] {
            Value::Null => Ok(otherwise),
            value => value
                .as_str()
                .and_then(|text| text.parse::<Timestamp>().ok())
                .map(Timestamp::as_millisecond)
                .ok_or_else(|| {
                    self.bad_request(&format!(
                        "Cannot convert the value of '{name}' to the expected type 'Edm.DateTimeOffset'."
                    ))
                }),
        };
        let start = when("startDateTime", now)?;
        let end = when("endDateTime", start.saturating_add(LIFE))?;
        if end <= start || end <= now {
            return Err(self.bad_request("Credential lifetime is invalid: the end must be after the start, and not in the past."));
        }
        let name = match &wanted["displayName"] {
            Value::Null => String::new(),
            Value::String(name) if name.chars().count() <= 120 => name.clone(),
            _ => return Err(self.bad_request("Invalid value specified for property 'displayName' of resource 'PasswordCredential'.")),
        };
        let (secret, value) = Secret::new(service.id, name, start, end, &self.azure.options().tokens);
        let mut body = secret.shown();
        body["secretText"] = json!(value);
        body["@odata.context"] = json!(format!(
            "{}/v1.0/$metadata#microsoft.graph.passwordCredential",
            self.azure.sites.graph
        ));
        Ok((Reply::ok(body), vec![Effect::AddSecret(Box::new(secret))]))
    }

    pub(super) fn remove_password(&self, id: &str) -> Done {
        let service = self.application_at(id)?;
        self.may_write_application(service)?;
        let key = self.id(self.ask.body["keyId"].as_str().unwrap_or_default())?;
        if !self.state.secrets.has(service.id, key) {
            return Err(self.bad_request("No credentials found to be removed."));
        }
        Ok(done([Effect::RemoveSecret(key)]))
    }
}
