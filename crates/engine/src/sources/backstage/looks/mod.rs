//! What a run asks of Backstage: is the entity there, does a group or a role name it, what does it own, does its token open anything, may it sign in.
//!
//! A catalog shows nobody what they may not read, and says 200: "gone" is said only where it shows somebody else at the same time, to a credential
//! that may read everything or is not told otherwise.

mod entity;
mod grants;
mod tokens;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::answer::{self, Expected};
use super::catalog::Collection;
use super::permission::{CATALOG, Decision};
use super::{BackstageClient, Inner, columns};
use crate::record::ResourceKind;
use crate::record::backstage::{Entity, full_ref};
use crate::sources::SourceError;
use crate::sources::doors::{Control, Look, Told, Whose, told};
use crate::sources::http::{Call, Journal};
use crate::sources::scim::Found;
use crate::sources::scim::page::ReadPage;

/// Entities that a filtered list shows at once.
const SHOWN: &str = "500";

/// A reference in its full form, in lowercase.
fn reference(text: &str) -> String {
    full_ref(text, Some("user"), "default").unwrap_or_else(|| text.trim().to_lowercase())
}

/// The texts of a page's documents.
fn texts(page: &ReadPage) -> impl Iterator<Item = &[u8]> {
    page.resources.iter().filter_map(|place| page.body.get(place.clone()))
}

impl BackstageClient {
    fn noting(&self) -> (Self, Journal) {
        let (http, journal) = self.http().noting();
        let old = self.inner.old_catalog.load(std::sync::atomic::Ordering::Relaxed);
        let inner = Inner {
            name: self.inner.name.clone(),
            http,
            old_catalog: AtomicBool::new(old),
            // What the credential may read is asked anew: it may have changed.
            decisions: OnceCell::new(),
        };
        (Self { inner: Arc::new(inner) }, journal)
    }

    /// Entities of a kind by their references.
    async fn entities(
        &self,
        kind: ResourceKind,
        references: &[String],
        cancel: &CancellationToken,
    ) -> Result<Vec<(String, Found)>, SourceError> {
        self.look_up(kind, references, cancel).await
    }

    /// The first page of what a filter shows, and whether that is all of it.
    async fn filtered(&self, kind: ResourceKind, filter: &str, cancel: &CancellationToken) -> Result<(ReadPage, bool), SourceError> {
        let only = match kind {
            ResourceKind::User => Some("user"),
            ResourceKind::Group => Some("group"),
            _ => None,
        };
        let old = self.inner.old_catalog.load(std::sync::atomic::Ordering::Relaxed);
        let way = if old { "" } else { "by-query" };
        let url = self.catalog(way, &[("filter", filter), ("limit", SHOWN)]);
        let expected = Expected { kind, only };
        let page = self
            .read(|| Call::get(url.clone()), move |body| answer::page(body, expected), cancel)
            .await?;
        let came = page.resources.len() as u64;
        let whole = page.facts.unreadable == 0
            && page.facts.next_cursor.as_deref().is_none_or(str::is_empty)
            && page.facts.total.is_none_or(|total| total <= came);
        Ok((page, whole))
    }

    /// Why what the catalog does not show may be there all the same; none where that cannot be.
    async fn blind(&self, permission: &'static str, cancel: &CancellationToken) -> Result<Option<String>, SourceError> {
        let part = self.decisions(cancel).await?.of(permission) == Decision::NotEverything;
        Ok(part.then(|| format!("{permission} is granted to this credential for a part only")))
    }

    /// Whether the catalog answers for another user by its reference: `known` where it is still there, else one of the list.
    async fn control(&self, but: &str, known: Option<&str>, cancel: &CancellationToken) -> Result<Control, SourceError> {
        if let Some(why) = self.blind(CATALOG, cancel).await? {
            return Ok(Control::Silent(why));
        }
        let known = known.map(reference).filter(|known| known != but);
        if let Some(known) = known
            && self.is_there(&known, cancel).await?
        {
            return Ok(Control::Answered(format!("another user ({known})")));
        }
        let filter = Collection::of(ResourceKind::User).map_or("kind=user", Collection::filter);
        let url = self.catalog(
            "by-query",
            &[
                ("filter", filter),
                ("limit", "5"),
                ("fields", "kind,metadata.name,metadata.namespace"),
            ],
        );
        let expected = Expected {
            kind: ResourceKind::User,
            only: Some("user"),
        };
        let page = self
            .read(|| Call::get(url.clone()), move |body| answer::page(body, expected), cancel)
            .await?;
        let others: Vec<String> = texts(&page)
            .filter_map(|text| columns::id(ResourceKind::User, text))
            .filter(|other| other != but)
            .collect();
        for other in others {
            if self.is_there(&other, cancel).await? {
                return Ok(Control::Answered(format!("another user ({other})")));
            }
        }
        Ok(Control::Silent("it shows no other user either".into()))
    }

    /// See [`crate::sources::Client::whose`].
    pub async fn whose(&self, cancel: &CancellationToken) -> Whose {
        #[derive(serde::Deserialize)]
        struct Info {
            claims: Claims,
        }
        #[derive(serde::Deserialize)]
        struct Claims {
            sub: String,
        }
        let url = self.url("api/auth/v1/userinfo", &[]);
        let asked = self
            .read(
                || Call::get(url.clone()).tries(1),
                |body| answer::json::<Info>(body, "what userinfo gives"),
                cancel,
            )
            .await;
        match asked {
            Ok(info) => Whose::Account(reference(&info.claims.sub)),
            // A static token is refused as a service's: only users have an identity to tell.
            Err(SourceError::Forbidden { at }) if at.answer.as_deref().is_some_and(|said| said.contains("service")) => Whose::NoAccount,
            Err(error) => Whose::failed(&error),
        }
    }

    async fn is_there(&self, user: &str, cancel: &CancellationToken) -> Result<bool, SourceError> {
        let found = self.entities(ResourceKind::User, &[user.to_owned()], cancel).await?;
        Ok(matches!(found.first(), Some((_, Found::Here(_)))))
    }

    /// Whether the catalog answers for a user that is known to be there (`known`, or one of its list): [`crate::sources::doors::Seen::There`] if so.
    pub async fn look_at_control(&self, but: &str, known: Option<&str>, cancel: &CancellationToken) -> Look {
        let (client, journal) = self.noting();
        let control = client.control(&reference(but), known, cancel).await;
        let said = control.map(|control| match control {
            Control::Answered(what) => Told::there(Vec::new(), format!("It answers for {what}.")),
            Control::Silent(why) => Told::unknown(format!("It could not be told whether it answers: {why}.")),
        });
        told(said, &journal)
    }
}

/// An entity's document as a thing.
fn thing(text: &[u8], note: Option<String>) -> Option<crate::sources::doors::Thing> {
    let entity = Entity::read(text)?;
    let id = entity.reference()?;
    Some(crate::sources::doors::Thing {
        name: entity.title().unwrap_or(&id).to_owned(),
        id,
        note,
        document: serde_json::from_slice(text).ok(),
    })
}
