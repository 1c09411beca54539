//! The secrets of the application by which a source signs in: made, listed and removed in Entra.
//!
//! <https://learn.microsoft.com/graph/api/application-addpassword>, <https://learn.microsoft.com/graph/api/application-removepassword>,
//! <https://learn.microsoft.com/graph/api/application-get>. Each takes `Application.ReadWrite.OwnedBy`, for an application that owns itself, or
//! `Application.ReadWrite.All`; to list, `Application.Read.All` does as well.

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{AzureClient, wire};
use crate::sources::SourceError;
use crate::sources::http::{Call, HttpClient};
use crate::sources::tokens::{Gives, ProviderToken, Revoked, TokenWish, request_call, time_of};
use crate::view::Request;

/// The secrets of one application.
#[derive(Clone)]
pub struct Passwords {
    client: AzureClient,
    app: String,
}

impl AzureClient {
    /// The secrets of the application by which this client signs in.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where it does not sign in as an application.
    pub(in crate::sources) fn passwords(&self) -> Result<Passwords, SourceError> {
        let wrong = |problem: &str| SourceError::Setting {
            field: "Authentication",
            problem: problem.into(),
            next: "Make the new credential by hand in Entra.".into(),
        };
        let app = self
            .app()
            .ok_or_else(|| wrong("the source does not sign in as an application of its own"))?;
        // It becomes a part of an address.
        if !app.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') || app.is_empty() {
            return Err(wrong("the application's (client) id is no GUID"));
        }
        Ok(Passwords {
            client: self.clone(),
            app: app.to_owned(),
        })
    }
}

impl Passwords {
    pub(in crate::sources) const GIVES: Gives<'static> = Gives {
        value: "/secretText",
        id: Some("/keyId"),
        expires: Some("/endDateTime"),
        created: Some("/startDateTime"),
    };
    pub(in crate::sources) const NEEDS: &'static str = "Give the application Application.ReadWrite.OwnedBy and make it an owner of itself, or give it Application.ReadWrite.All; an admin must consent.";

    pub(in crate::sources) fn http(&self) -> &HttpClient {
        self.client.graph()
    }

    fn address(&self, act: Option<&str>) -> String {
        let http = self.http();
        let application = format!("applications(appId='{}')", self.app);
        let url = http.below([application.as_str()].into_iter().chain(act));
        http.without_own_query(&url).into()
    }

    fn act(&self, name: &str, body: &Value) -> Request {
        Request {
            method: "POST".into(),
            url: self.address(Some(name)),
            headers: vec![("Content-Type".into(), "application/json".into())],
            body: Some(body.to_string()),
        }
    }

    pub(in crate::sources) fn make_request(&self, wish: &TokenWish) -> Request {
        let mut credential = json!({ "displayName": wish.name });
        if let Some(end) = wish.expires_at.and_then(|at| jiff::Timestamp::from_millisecond(at).ok()) {
            credential["endDateTime"] = end.to_string().into();
        }
        self.act("addPassword", &json!({ "passwordCredential": credential }))
    }

    pub(in crate::sources) fn revoke_request(&self, key: &str) -> Request {
        self.act("removePassword", &json!({ "keyId": key }))
    }

    pub(in crate::sources) async fn list(&self, cancel: &CancellationToken) -> Result<Vec<ProviderToken>, SourceError> {
        let http = self.http();
        let mut url = http.below([format!("applications(appId='{}')", self.app).as_str()]);
        url.query_pairs_mut().append_pair("$select", "id,appId,passwordCredentials");
        let answer = wire::ask(http, Call::get(url), cancel).await?;
        let read = answer.json(http)?;
        let wrong = |why: &str| SourceError::NotScim {
            at: answer.exchange(http),
            why: why.to_owned(),
        };
        if !read["appId"].as_str().is_some_and(|app| app.eq_ignore_ascii_case(&self.app)) {
            return Err(wrong("it gives another application than was asked for"));
        }
        let all = read["passwordCredentials"].as_array();
        all.ok_or_else(|| wrong("it does not tell the application's secrets"))?
            .iter()
            .map(|one| {
                let key = one["keyId"].as_str().filter(|key| !key.is_empty());
                let name = one["displayName"].as_str().unwrap_or_default();
                Ok(ProviderToken {
                    id: key.ok_or_else(|| wrong("a secret has no id"))?.to_owned(),
                    name: if http.knows(name) { String::new() } else { name.to_owned() },
                    created_at: time_of(&one["startDateTime"]),
                    expires_at: time_of(&one["endDateTime"]),
                    used_at: None,
                    revoked: false,
                    works_until: None,
                    ours: one["hint"].as_str().is_some_and(|hint| self.client.has_hint(hint)),
                })
            })
            .collect()
    }

    pub(in crate::sources) async fn revoke(&self, key: &str, cancel: &CancellationToken) -> Result<Revoked, SourceError> {
        let http = self.http();
        let answer = wire::asked(http, request_call(http, &self.revoke_request(key))?.once_as_it_comes(), cancel).await?;
        let status = answer.status.as_u16();
        match status {
            200..=299 => Ok(Revoked {
                status,
                already_gone: false,
            }),
            // Graph refuses what is not there as a bad request: the list tells which it is.
            400 | 404 => {
                let there = self.list(cancel).await?.iter().any(|one| one.id.eq_ignore_ascii_case(key));
                if there {
                    return Err(wire::refusal(http, &answer, status, &answer.body));
                }
                Ok(Revoked {
                    status,
                    already_gone: true,
                })
            }
            _ => Err(wire::refusal(http, &answer, status, &answer.body)),
        }
    }
}
