//! What a run asks of a SCIM server: is the account there, by id, by filter, in the list; is it in a group; does its credential open anything.
//!
//! Servers differ in each of these, so each is asked by itself. "Gone" is said only beside a control: another account, for which the server
//! answers in the same way at the same time.

mod account;
mod groups;

use bytes::Bytes;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::query::Target;
use super::{Capabilities, Found, ScimClient, columns};
use crate::record::{AccountColumns, Columns, ResourceKind};
use crate::secrets::Secret;
use crate::sources::SourceError;
use crate::sources::doors::{Control, Knock, Look, Thing, Told, Whose, knock, told};
use crate::sources::http::Journal;

pub use account::ListSize;
pub use groups::HeldGroup;

/// An account that serves as a control.
struct Other {
    id: String,
    user_name: Option<String>,
}

/// The columns of an account's document; none where it cannot be read.
fn account(text: &[u8]) -> Option<AccountColumns> {
    match columns(ResourceKind::User, text)? {
        Columns::Account(account) => Some(account),
        _ => None,
    }
}

fn named(account: &AccountColumns) -> &str {
    account
        .user_name
        .as_deref()
        .or(account.display_name.as_deref())
        .unwrap_or(&account.id)
}

/// An account as a thing, with its document.
fn thing(account: &AccountColumns, text: &[u8], note: Option<String>) -> Thing {
    Thing {
        id: account.id.clone(),
        name: named(account).to_owned(),
        note,
        document: serde_json::from_slice::<Value>(text).ok(),
    }
}

/// What an account's document says: there, or switched off. Without `active` it is on (RFC 7643 §4.1.1 leaves its meaning to the server).
fn standing(text: &[u8]) -> Option<Told> {
    let account = account(text)?;
    let name = named(&account).to_owned();
    Some(match account.active {
        Some(false) => Told::off(
            vec![thing(&account, text, Some("inactive".into()))],
            format!("The account {name} is there and inactive (active: false)."),
        ),
        Some(true) => Told::there(
            vec![thing(&account, text, None)],
            format!("The account {name} is there and active."),
        ),
        None => Told::there(
            vec![thing(&account, text, Some("without a word on whether it is active".into()))],
            format!("The account {name} is there, and the server does not say whether it is active."),
        ),
    })
}

impl ScimClient {
    fn noting(&self) -> (Self, Journal) {
        let (http, journal) = self.http().noting();
        let inner = super::Inner {
            name: self.inner.name.clone(),
            http,
        };
        (Self { inner: inner.into() }, journal)
    }

    /// Accounts other than this one, from the beginning of the list.
    async fn others(&self, at: &Capabilities, but: &str, cancel: &CancellationToken) -> Result<Vec<Other>, SourceError> {
        let target = Target::new(&at.users, None);
        let page = self
            .page_with(&target, &[("startIndex", "1"), ("count", "5")], None, cancel)
            .await?;
        let accounts = (0..page.resources.len()).filter_map(|place| account(page.document(place)?));
        Ok(accounts
            .filter(|account| account.id != but)
            .map(|account| Other {
                id: account.id,
                user_name: account.user_name,
            })
            .collect())
    }

    /// Whether another account is answered for by its id: `known` where it is still there, else one of the list.
    async fn control(&self, at: &Capabilities, but: &str, known: Option<&str>, cancel: &CancellationToken) -> Result<Control, SourceError> {
        if let Some(known) = known.filter(|known| *known != but)
            && let Found::Here(text) = self.get(&at.users, known, cancel).await?
        {
            return Ok(answered(&text, known));
        }
        for other in self.others(at, but, cancel).await? {
            if let Found::Here(text) = self.get(&at.users, &other.id, cancel).await? {
                return Ok(answered(&text, &other.id));
            }
        }
        Ok(Control::Silent("it answers for no other account by its id either".into()))
    }

    /// Whether the server answers for an account that is known to be there (`known`, or one of its list): [`crate::sources::doors::Seen::There`]
    /// if so.
    pub async fn look_at_control(&self, at: &Capabilities, but: &str, known: Option<&str>, cancel: &CancellationToken) -> Look {
        let (client, journal) = self.noting();
        let control = client.control(at, but, known, cancel).await;
        let said = control.map(|control| match control {
            Control::Answered(what) => Told::there(Vec::new(), format!("It answers for {what}.")),
            Control::Silent(why) => Told::unknown(format!("It could not be told whether it answers: {why}.")),
        });
        told(said, &journal)
    }

    /// See [`crate::sources::Client::whose`].
    pub async fn whose(&self, cancel: &CancellationToken) -> Whose {
        match self.json("Me", 1, cancel).await {
            Ok(me) => match serde_json::to_vec(&me).ok().and_then(|text| account(&text)) {
                Some(account) => Whose::Account(account.id),
                None => Whose::Unknown("it answers to /Me with something that is no account".into()),
            },
            Err(error) => Whose::failed(&error),
        }
    }

    /// Tries a credential that was handed over for the run at an address of the server's own origin (an app's `me`). `opened`: it was seen to be
    /// let in there before the cut.
    pub async fn look_at_credential(&self, url: &Url, credential: &Secret, opened: bool, cancel: &CancellationToken) -> Look {
        let (client, journal) = self.noting();
        let knocked = knock(client.http(), url, credential, opened, cancel).await;
        let said = knocked.map(|knock| match knock {
            Knock::Told(told) => told,
            Knock::Open(answer) => Told::there(
                Vec::new(),
                format!(
                    "The credential that was handed over still opens {} ({}).",
                    url.path(),
                    answer.status.as_u16()
                ),
            ),
        });
        told(said, &journal)
    }
}

fn answered(text: &Bytes, id: &str) -> Control {
    let name = account(text).map_or_else(|| id.to_owned(), |account| named(&account).to_owned());
    Control::Answered(format!("another account ({name})"))
}
