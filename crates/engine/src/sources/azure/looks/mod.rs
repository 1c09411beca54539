//! What a run asks of Entra and of the Resource Manager: is the account there and switched on, are its sessions ended, what does it hold, what does
//! it own.
//!
//! "Gone" is said only where Graph says it of that very object, and answers for another one at the same time.

mod access;
mod account;
mod directory;

use reqwest::Method;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::acts::segment;
use super::graph::Pages;
use super::{AzureClient, wire};
use crate::record::azure::key;
use crate::sources::SourceError;
use crate::sources::doors::{Control, Look, Thing, Told, Whose, told};
use crate::sources::http::Call;

/// What is asked of a user.
const USER: &str = "id,userPrincipalName,displayName,accountEnabled,userType,onPremisesSyncEnabled";
/// Entries of a page.
const TOP: &str = "999";

type Document = Map<String, Value>;

fn text<'d>(document: &'d Document, name: &str) -> Option<&'d str> {
    document.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

/// What people call an object, else its id.
fn name(document: &Document) -> &str {
    ["userPrincipalName", "displayName", "id"]
        .iter()
        .find_map(|name| text(document, name))
        .unwrap_or("an object without a name")
}

fn thing(document: Document, note: Option<String>) -> Thing {
    Thing {
        id: text(&document, "id").unwrap_or_default().to_owned(),
        name: text(&document, "displayName").unwrap_or_else(|| name(&document)).to_owned(),
        note,
        document: Some(Value::Object(document)),
    }
}

impl AzureClient {
    fn graph_url(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.graph().below(segments.iter().copied());
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// One object of Graph by its id; none where Graph says that it is not there.
    async fn object(&self, segments: &[&str], id: &str, select: &str, cancel: &CancellationToken) -> Result<Option<Document>, SourceError> {
        let http = self.graph();
        let mut path = segments.to_vec();
        path.push(segment(id)?);
        let answer = wire::asked(http, Call::new(Method::GET, self.graph_url(&path, &[("$select", select)])), cancel).await?;
        let status = answer.status.as_u16();
        if wire::is_absent(status, &answer.body) {
            return Ok(None);
        }
        if status != 200 {
            return Err(wire::refusal(http, &answer, status, &answer.body));
        }
        let Value::Object(document) = answer.json(http)? else {
            return Err(SourceError::NotScim {
                at: answer.exchange(http),
                why: "its answer is no object".into(),
            });
        };
        if text(&document, "id").is_none_or(|own| key(own) != key(id)) {
            return Err(SourceError::NotScim {
                at: answer.exchange(http),
                why: "it gives another object than was asked for".into(),
            });
        }
        Ok(Some(document))
    }

    /// A list of Graph to its end, as documents.
    async fn documents(&self, first: Url, cancel: &CancellationToken) -> Result<Vec<Document>, SourceError> {
        let mut pages = Pages::new(Call::get(first));
        let mut all = Vec::new();
        while let Some(page) = pages.next(self.graph(), cancel).await? {
            all.extend(page.texts().filter_map(|text| serde_json::from_slice::<Document>(text).ok()));
        }
        Ok(all)
    }

    /// A list below a user (`memberOf`, …); none where Graph says that the user is not there.
    async fn of_user(
        &self,
        user: &str,
        what: &str,
        query: &[(&str, &str)],
        cancel: &CancellationToken,
    ) -> Result<Option<Vec<Document>>, SourceError> {
        let url = self.graph_url(&["users", segment(user)?, what], query);
        match self.documents(url, cancel).await {
            Ok(all) => Ok(Some(all)),
            // Of what is it told: only the object itself can say that it is not there.
            Err(error @ SourceError::NotFound { .. }) => match self.object(&["users"], user, USER, cancel).await? {
                None => Ok(None),
                Some(_) => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// Users other than this one.
    async fn others(&self, but: &str, cancel: &CancellationToken) -> Result<Vec<Document>, SourceError> {
        let url = self.graph_url(&["users"], &[("$select", "id,userPrincipalName"), ("$top", "5")]);
        let page = Pages::new(Call::get(url)).next(self.graph(), cancel).await?;
        let all = page.iter().flat_map(wire::Page::texts);
        Ok(all
            .filter_map(|text| serde_json::from_slice::<Document>(text).ok())
            .filter(|user| text(user, "id").is_some_and(|id| key(id) != key(but)))
            .collect())
    }

    /// Whether another user is answered for by its id: `known` where it is still there, else one of the list.
    async fn control(&self, but: &str, known: Option<&str>, cancel: &CancellationToken) -> Result<Control, SourceError> {
        let answered = |user: &Document| Control::Answered(format!("another user ({})", name(user)));
        if let Some(known) = known.filter(|known| key(known) != key(but))
            && let Some(user) = self.object(&["users"], known, USER, cancel).await?
        {
            return Ok(answered(&user));
        }
        for other in self.others(but, cancel).await? {
            let Some(id) = text(&other, "id") else { continue };
            if let Some(user) = self.object(&["users"], id, USER, cancel).await? {
                return Ok(answered(&user));
            }
        }
        Ok(Control::Silent("it answers for no other user by its id either".into()))
    }

    /// Whether Graph answers for a user that is known to be there (`known`, or one of its list): [`crate::sources::doors::Seen::There`] if so.
    pub async fn look_at_control(&self, but: &str, known: Option<&str>, cancel: &CancellationToken) -> Look {
        let noted = self.noting();
        let control = noted.client.control(but, known, cancel).await;
        let said = control.map(|control| match control {
            Control::Answered(what) => Told::there(Vec::new(), format!("It answers for {what}.")),
            Control::Silent(why) => Told::unknown(format!("It could not be told whether it answers: {why}.")),
        });
        told(said, &noted.journal)
    }

    /// See [`crate::sources::Client::whose`].
    pub async fn whose(&self, cancel: &CancellationToken) -> Whose {
        let http = self.graph();
        let answer = match wire::asked(http, Call::get(self.graph_url(&["me"], &[("$select", "id")])), cancel).await {
            Ok(answer) => answer,
            Err(error) => return Whose::failed(&error),
        };
        let status = answer.status.as_u16();
        match answer.json(http) {
            Ok(Value::Object(me)) if status == 200 => match text(&me, "id") {
                Some(id) => Whose::Account(id.to_owned()),
                None => Whose::Unknown("Graph answers to /me without an id".into()),
            },
            // So it answers an application, which signs in as itself.
            Ok(_) if status == 400 && String::from_utf8_lossy(&answer.body).contains("delegated authentication") => Whose::NoAccount,
            _ => Whose::failed(&wire::refusal(http, &answer, status, &answer.body)),
        }
    }

    /// What is said of a list below a user who is not there: it went with the user, if the control says so.
    async fn went_with_user(&self, user: &str, what: &str, cancel: &CancellationToken) -> Result<Told, SourceError> {
        let control = self.control(user, None, cancel).await?;
        Ok(Told::gone(&format!("The user is not there any more, and {what}."), &control))
    }
}
