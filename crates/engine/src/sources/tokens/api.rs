//! A provider's API for tokens: by a recipe, or Entra's for the secrets of an application.
//!
//! The value of a new token is in the answer to the request that makes it, once. That answer enters no journal, error, excerpt or log; it is read
//! into memory that is wiped, the value is taken out and learned by the redactor at once, and nothing else of the answer is kept but id and times.

use tokio_util::sync::CancellationToken;

use super::ProviderToken;
use super::answer::Veiled;
use super::by_recipe::{self, Told, by_hand};
use super::recipe::{Again, Recipe};
use super::standing::call;
use crate::secrets::Secret;
use crate::sources::azure::{AzureClient, Passwords};
use crate::sources::http::{Answer, HttpClient};
use crate::sources::{Client, SourceError};
use crate::view::{Fault, Millis, Request};

/// The most of an answer that holds a secret, in bytes.
pub(super) const MOST: usize = 256 * 1024;

/// What is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenWish {
    /// Its name at the provider, unique for each rotation: by it the token is found where the answer was lost.
    pub name: String,
    /// The request's key: the same for the same request sent again.
    pub key: String,
    /// When it is to end; none for what the provider gives by itself.
    pub expires_at: Option<Millis>,
    /// The time now.
    pub now: Millis,
}

/// A token that was made.
pub struct Made {
    /// Its value.
    pub value: Secret,
    /// The provider's id for it, where it says one.
    pub id: Option<String>,
    /// When it ends, where the provider says.
    pub expires_at: Option<Millis>,
    /// When it was made, as the provider says.
    pub created_at: Option<Millis>,
    /// The status of the answer.
    pub status: u16,
}

/// Why no token is in hand.
#[derive(Clone, Debug)]
pub enum MakeError {
    /// The provider refused: nothing was made.
    Refused {
        /// The status.
        status: u16,
        /// What it says, in a sentence.
        says: String,
        /// The same as a person sees it.
        fault: Fault,
    },
    /// It is not known whether one was made: no whole answer came, or one that says neither (a redirect, 408, 5xx).
    Lost(Fault),
    /// One was made (2xx), and its value cannot be read from the answer.
    Answer(Fault),
    /// The request did not go out.
    NotSent(SourceError),
}

/// A token that was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// The status of the answer.
    pub status: u16,
    /// The provider did not know it any more: it was revoked before, or never was there.
    pub already_gone: bool,
}

/// A provider's API for tokens.
#[derive(Clone)]
pub enum TokenApi {
    /// Told by a recipe, asked with a client's credential at the client's own origin.
    Recipe(Box<Told>),
    /// The secrets of the application by which an Azure source signs in.
    Entra(Box<Passwords>),
}

impl TokenApi {
    /// The API that a recipe tells. `asks` is a client with the credential that is to ask ([`Recipe::asks`]): that of the source, or of a manager
    /// of tokens. Nothing goes anywhere but to its own origin.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where the recipe is not for this kind of source or its host.
    pub fn by_recipe(recipe: &Recipe, asks: &Client) -> Result<Self, SourceError> {
        let http = match asks {
            Client::Scim(client) => Some(client.http()),
            Client::Backstage(client) => Some(client.http()),
            _ => None,
        };
        let http = http.filter(|http| recipe.fits(asks.system(), http.base().as_str()));
        let http = http.ok_or_else(|| SourceError::Setting {
            field: "Recipe",
            problem: format!("{} is not for this source", recipe.name()),
            next: "Choose a recipe for this kind of source and its host.".into(),
        })?;
        Ok(Self::Recipe(Box::new(Told {
            recipe: recipe.clone(),
            http: http.clone(),
        })))
    }

    /// Entra's API for the application by which this client signs in. It takes `Application.ReadWrite.OwnedBy` and the application as an owner of
    /// itself, or `Application.ReadWrite.All`.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where the source does not sign in as an application.
    pub fn entra(client: &AzureClient) -> Result<Self, SourceError> {
        client.passwords().map(|passwords| Self::Entra(Box::new(passwords)))
    }

    fn http(&self) -> &HttpClient {
        match self {
            Self::Recipe(told) => &told.http,
            Self::Entra(passwords) => passwords.http(),
        }
    }

    /// The request that makes a token, as it will go; none where a person makes it.
    pub fn make_request(&self, wish: &TokenWish) -> Option<Request> {
        match self {
            Self::Recipe(told) => told.make_request(wish).ok(),
            Self::Entra(passwords) => Some(passwords.make_request(wish)),
        }
    }

    /// The request that revokes a token, as it will go; none where a person revokes it, or the id cannot stand in an address.
    pub fn revoke_request(&self, id: &str) -> Option<Request> {
        match self {
            Self::Recipe(told) => told.revoke_request(id).ok(),
            Self::Entra(passwords) => Some(passwords.revoke_request(id)),
        }
    }

    /// Whether a request makes tokens.
    pub fn can_make(&self) -> bool {
        match self {
            Self::Recipe(told) => told.recipe.makes(),
            Self::Entra(_) => true,
        }
    }

    /// Whether a request lists them.
    pub fn can_list(&self) -> bool {
        match self {
            Self::Recipe(told) => told.recipe.lists(),
            Self::Entra(_) => true,
        }
    }

    /// Whether a request revokes one.
    pub fn can_revoke(&self) -> bool {
        match self {
            Self::Recipe(told) => told.recipe.revokes(),
            Self::Entra(_) => true,
        }
    }

    /// Whether the same request with the same key gives the same token again, as the recipe says: then it is safe after a lost answer.
    pub fn makes_again(&self) -> bool {
        match self {
            Self::Recipe(told) => told.recipe.told().make.as_ref().is_some_and(|make| make.again == Again::SameKey),
            Self::Entra(_) => false,
        }
    }

    /// For how long a revoked token lives on, in milliseconds, as the recipe says.
    pub fn overlap_ms(&self) -> Option<u64> {
        match self {
            Self::Recipe(told) => told.recipe.overlap_ms(),
            Self::Entra(_) => None,
        }
    }

    /// Whether a new token ends those before it.
    pub fn replaces(&self) -> bool {
        match self {
            Self::Recipe(told) => told.recipe.replaces(),
            Self::Entra(_) => false,
        }
    }

    /// The most tokens at once, where that is known.
    pub fn limit(&self) -> Option<u32> {
        match self {
            Self::Recipe(told) => told.recipe.limit(),
            Self::Entra(_) => None,
        }
    }

    /// Makes a token. The request goes out once; only where it was refused for the asking client's own access token (401) is it sent again with a
    /// new one.
    ///
    /// # Errors
    /// [`MakeError`], which tells apart whether something was made.
    pub async fn make(&self, wish: &TokenWish, cancel: &CancellationToken) -> Result<Made, MakeError> {
        let (request, gives) = match self {
            Self::Recipe(told) => {
                let make = told.recipe.told().make.as_ref();
                let make = make.ok_or_else(|| MakeError::NotSent(by_hand("makes a token")))?;
                let gives = Gives {
                    value: &make.gives.value,
                    id: make.gives.id.as_deref(),
                    expires: make.gives.expires.as_deref(),
                    created: make.gives.created.as_deref(),
                };
                (told.make_request(wish).map_err(MakeError::NotSent)?, gives)
            }
            Self::Entra(passwords) => (passwords.make_request(wish), Passwords::GIVES),
        };
        let http = self.http();
        if cancel.is_cancelled() {
            return Err(MakeError::NotSent(SourceError::Cancelled));
        }
        let call = call(http, &request).map_err(MakeError::NotSent)?;
        match http.send(call.once_as_it_comes().veiled(MOST), cancel).await {
            Ok(answer) => self.made(wish, &gives, &answer),
            Err(error) => Err(unsent(error)),
        }
    }

    #[expect(
        clippy::result_large_err,
        reason = "one for each rotation: what it says counts for more than its size"
    )]
    fn made(&self, wish: &TokenWish, gives: &Gives<'_>, answer: &Answer) -> Result<Made, MakeError> {
        let http = self.http();
        let status = answer.status.as_u16();
        let read = Veiled::read(answer);
        // Before anything is said of the answer, even of one that should hold no value.
        let value = read
            .as_ref()
            .map_err(|why| (*why).to_owned())
            .and_then(|read| read.secret(gives.value));
        if let Ok(value) = &value {
            http.learn(value.expose());
        }
        match status {
            200..=299 => {}
            408 | 425 | 500..=599 => {
                return Err(MakeError::Lost(
                    SourceError::ServerFailed {
                        at: answer.exchange(http),
                        status,
                        tries: 1,
                    }
                    .fault(),
                ));
            }
            _ => {
                let said = read.as_ref().ok().and_then(|read| read.message(http));
                return Err(self.refused(status, said, answer));
            }
        }
        let unreadable = |why: &str| MakeError::Answer(unreadable(http, why, answer));
        let value = value.map_err(|why| unreadable(&why))?;
        if [wish.name.as_str(), wish.key.as_str()].contains(&value.expose()) {
            return Err(unreadable(&format!(
                "what stands at {} is what was asked for, and no token",
                gives.value
            )));
        }
        let read = read.map_err(unreadable)?;
        Ok(Made {
            id: read.text(http, gives.id),
            expires_at: read.time(gives.expires),
            created_at: read.time(gives.created),
            value,
            status,
        })
    }

    fn refused(&self, status: u16, said: Option<String>, answer: &Answer) -> MakeError {
        let error = by_recipe::refused(self.http(), answer, || said.clone().unwrap_or_default());
        let mut fault = error.fault();
        fault.means = "No token was made.".into();
        if status == 403 {
            fault.what = "The credential that asks may not make tokens (403).".into();
            fault.next = self.needs();
        }
        let said = said.map(|said| format!(" It says: {said}")).unwrap_or_default();
        let next = if status == 403 {
            format!(" {}", self.needs())
        } else {
            String::new()
        };
        MakeError::Refused {
            status,
            says: format!("The provider makes no token ({status}).{said}{next}"),
            fault,
        }
    }

    /// What the credential that asks must be allowed.
    fn needs(&self) -> String {
        match self {
            Self::Recipe(told) => match told.recipe.asks() {
                super::recipe::Asks::Current => {
                    "Give the source's own token the right to manage tokens, or use a recipe that asks with a manager's.".into()
                }
                super::recipe::Asks::Manager => "Give the manager's token the right to manage tokens.".into(),
            },
            Self::Entra(_) => Passwords::NEEDS.into(),
        }
    }

    /// The provider's tokens, as it lists them. Which of them is Lanyard's own is not known here: `ours` is false for each.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where the recipe has no list; [`SourceError`] where it cannot be read whole.
    pub async fn list(&self, cancel: &CancellationToken) -> Result<Vec<ProviderToken>, SourceError> {
        match self {
            Self::Recipe(told) => told.list(cancel).await,
            Self::Entra(passwords) => passwords.list(cancel).await,
        }
    }

    /// Revokes a token. Whether it is dead is not known by the answer: ask with it.
    ///
    /// # Errors
    /// Where the provider refuses, or no answer came; then it may or may not be revoked, and the same may be asked again.
    pub async fn revoke(&self, id: &str, cancel: &CancellationToken) -> Result<Revoked, SourceError> {
        match self {
            Self::Recipe(told) => told.revoke(id, cancel).await,
            Self::Entra(passwords) => passwords.revoke(id, cancel).await,
        }
    }
}

/// Where an answer has what.
pub(in crate::sources) struct Gives<'g> {
    pub(in crate::sources) value: &'g str,
    pub(in crate::sources) id: Option<&'g str>,
    pub(in crate::sources) expires: Option<&'g str>,
    pub(in crate::sources) created: Option<&'g str>,
}

/// A failure without an answer: whether the request can have arrived.
fn unsent(error: SourceError) -> MakeError {
    let made = error.status().is_some_and(|status| (200..300).contains(&status));
    match error {
        // Found before anything goes out, or while the connection was made or the asking client's access token was fetched.
        SourceError::Setting { .. }
        | SourceError::OtherOrigin { .. }
        | SourceError::BudgetSpent { .. }
        | SourceError::NoToken { .. }
        | SourceError::SignIn { .. }
        | SourceError::Dns { .. }
        | SourceError::Refused { .. }
        | SourceError::Unreachable { .. }
        | SourceError::TlsExpired { .. }
        | SourceError::TlsNotYet { .. }
        | SourceError::TlsUnknownCa { .. }
        | SourceError::TlsWrongHost { .. }
        | SourceError::Timeout {
            what: "accept the connection",
            ..
        } => MakeError::NotSent(error),
        // The whole answer came, and cannot be taken. One that broke off is lost: what it would have said can be had again.
        error @ (SourceError::TooLarge { .. } | SourceError::NotHttp { .. }) if made => MakeError::Answer(error.fault()),
        error => MakeError::Lost(error.fault()),
    }
}

fn unreadable(http: &HttpClient, why: &str, answer: &Answer) -> Fault {
    Fault {
        code: "tokens.answer".into(),
        what: format!(
            "{} made a token, and its value cannot be read from the answer: {why}.",
            crate::sources::http::host_of(http.base())
        ),
        means: "The token is there and nobody has it. The one before it is as it was, unless the provider ends it when a new one is made."
            .into(),
        next: "Correct the recipe's `gives`, and revoke the token that was made at the provider.".into(),
        action: None,
        details: answer.exchange(http).details(),
    }
}
