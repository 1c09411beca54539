//! An account, by its id, by a filter, in the list, by a run's mark.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::super::query::{Target, quoted};
use super::super::{Batch, Capabilities, Found, ListPlan, ScimClient};
use super::{account, named, standing, thing};
use crate::record::{AccountColumns, ResourceKind};
use crate::sources::SourceError;
use crate::sources::doors::{Control, Look, Thing, Told, told};

/// How much of a list is read, and believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListSize {
    /// The most accounts that are read: no page is asked for after so many.
    pub most: usize,
    /// How many accounts the source was known to hold when it was last read; none where that is not known. A list that shows far fewer is not
    /// believed.
    pub known: Option<u64>,
}

/// What a filter gave.
struct Filtered {
    /// Those that match, each with its document.
    fit: Vec<(AccountColumns, Thing)>,
    /// How many came that do not match: the server ignored the filter, or a part of it.
    strange: usize,
    /// Whether all that the server counts came.
    whole: bool,
}

/// How the accounts stand that are there still.
fn found(fit: Vec<(AccountColumns, Thing)>, id: &str, how: &str) -> Told {
    let on = fit.iter().filter(|(account, _)| account.active != Some(false)).count();
    let another = !id.is_empty() && fit.iter().any(|(account, _)| account.id != id);
    let things: Vec<Thing> = fit.into_iter().map(|(_, thing)| thing).collect();
    let names: Vec<&str> = things.iter().map(|thing| thing.name.as_str()).collect();
    let names = names.join(", ");
    let more = if another {
        " At least one is another account than the one that was cut: it has another id."
    } else {
        ""
    };
    if on > 0 {
        Told::there(things, format!("{how} shows {names}, active.{more}"))
    } else {
        Told::off(things, format!("{how} shows {names}, inactive.{more}"))
    }
}

fn note(account: &AccountColumns, id: &str) -> Option<String> {
    // Without an id nobody in particular is meant.
    match (id.is_empty() || account.id == id, account.active) {
        (true, Some(false)) => Some("inactive".into()),
        (true, _) => None,
        (false, Some(false)) => Some("another id, inactive".into()),
        (false, _) => Some("another id".into()),
    }
}

fn same_name(account: &AccountColumns, user_name: &str) -> bool {
    let own = account.user_name.as_deref().map(|name| name.trim().to_lowercase());
    own.is_some_and(|own| own == user_name.trim().to_lowercase())
}

impl ScimClient {
    /// Whether an account is there, by its id. `known` is another account that is known to be there, for the control; one of the list where it
    /// is none. What is found comes with its document.
    pub async fn look_at_account(&self, at: &Capabilities, id: &str, known: Option<&str>, cancel: &CancellationToken) -> Look {
        let (client, journal) = self.noting();
        told(client.by_id(at, id, known, cancel).await, &journal)
    }

    async fn by_id(&self, at: &Capabilities, id: &str, known: Option<&str>, cancel: &CancellationToken) -> Result<Told, SourceError> {
        match self.get(&at.users, id, cancel).await? {
            Found::Here(text) => Ok(standing(&text).unwrap_or_else(|| Told::unknown("It answers with an account that cannot be read."))),
            Found::Absent => {
                let control = self.control(at, id, known, cancel).await?;
                Ok(Told::gone("It knows no account with this id (404).", &control))
            }
        }
    }

    /// Asks with a filter that two accounts at most should match.
    async fn filtered(
        &self,
        at: &Capabilities,
        filter: &str,
        id: &str,
        fits: impl Fn(&AccountColumns) -> bool,
        cancel: &CancellationToken,
    ) -> Result<Filtered, SourceError> {
        let target = Target::new(&at.users, Some(filter));
        let page = self
            .page_with(&target, &[("startIndex", "1"), ("count", "20")], None, cancel)
            .await?;
        let mut filtered = Filtered {
            fit: Vec::new(),
            strange: 0,
            whole: page.facts.unreadable == 0
                && page.facts.next_cursor.is_none()
                && page.facts.total.is_none_or(|total| total <= page.resources.len() as u64),
        };
        for text in (0..page.resources.len()).filter_map(|place| page.document(place)) {
            match account(text).filter(|account| fits(account)) {
                Some(account) => {
                    let thing = thing(&account, text, note(&account, id));
                    filtered.fit.push((account, thing));
                }
                None => filtered.strange += 1,
            }
        }
        Ok(filtered)
    }

    /// Whether a filter by user name shows an account, whatever its id: somebody who was made anew shows too, told apart where an `id` is given. A
    /// server that ignores filters is recognised by what it shows besides.
    pub async fn look_by_filter(&self, at: &Capabilities, id: &str, user_name: &str, cancel: &CancellationToken) -> Look {
        let (client, journal) = self.noting();
        told(client.by_user_name(at, id, user_name, cancel).await, &journal)
    }

    async fn by_user_name(&self, at: &Capabilities, id: &str, user_name: &str, cancel: &CancellationToken) -> Result<Told, SourceError> {
        let filter = |name: &str| format!("userName eq {}", quoted(name));
        // By id too: the user name may have been changed by the cut.
        let fits = |account: &AccountColumns| account.id == id || same_name(account, user_name);
        let asked = self.filtered(at, &filter(user_name), id, fits, cancel).await?;
        if !asked.fit.is_empty() {
            return Ok(found(asked.fit, id, "The filter by user name"));
        }
        if asked.strange > 0 || !asked.whole {
            return Ok(Told::unknown(
                "The server ignores the filter by user name: it shows others. Whether the account is among those that it did not show \
                 cannot be told this way.",
            ));
        }
        let mut control = Control::Silent("there is no other account with a user name to look for".into());
        for other in self.others(at, id, cancel).await? {
            let Some(name) = &other.user_name else { continue };
            let fits = |account: &AccountColumns| account.id == other.id;
            let seen = self.filtered(at, &filter(name), &other.id, fits, cancel).await?;
            control = if seen.fit.is_empty() {
                Control::Silent("the same filter does not find another account that is there".into())
            } else {
                Control::Answered(format!("another account ({name})"))
            };
            break;
        }
        Ok(Told::gone("The filter by user name shows nobody.", &control))
    }

    /// Looks for an account by the mark that a run gave it (`externalId`): there, or not, so that it is not made twice.
    pub async fn look_for_mark(&self, at: &Capabilities, mark: &str, user_name: &str, cancel: &CancellationToken) -> Look {
        let (client, journal) = self.noting();
        told(client.marked(at, mark, user_name, cancel).await, &journal)
    }

    async fn marked(&self, at: &Capabilities, mark: &str, user_name: &str, cancel: &CancellationToken) -> Result<Told, SourceError> {
        let fits = |account: &AccountColumns| account.external_id.as_deref() == Some(mark);
        let by_mark = self
            .filtered(at, &format!("externalId eq {}", quoted(mark)), "", fits, cancel)
            .await;
        match by_mark {
            Ok(asked) if !asked.fit.is_empty() => return Ok(by_run(asked.fit)),
            Ok(_) | Err(SourceError::Rejected { .. }) => {}
            Err(error) => return Err(error),
        }
        // Some servers filter by user name only; that one names the run too.
        let user = self
            .filtered(
                at,
                &format!("userName eq {}", quoted(user_name)),
                "",
                |account| same_name(account, user_name),
                cancel,
            )
            .await?;
        if user.fit.is_empty() {
            return self.by_user_name(at, "", user_name, cancel).await;
        }
        let mut told = by_run(user.fit);
        told.add("It was found by its user name; it does not carry the mark of this run where one can filter by it.");
        Ok(told)
    }

    /// Whether the list of all accounts shows an account, by id or user name. A list that is not complete, or is longer than is read, tells only
    /// whom it shows.
    pub async fn look_in_listing(&self, at: &Capabilities, id: &str, user_name: &str, size: ListSize, cancel: &CancellationToken) -> Look {
        let (client, journal) = self.noting();
        told(client.listed(at, id, user_name, size, cancel).await, &journal)
    }

    async fn listed(
        &self,
        at: &Capabilities,
        id: &str,
        user_name: &str,
        size: ListSize,
        cancel: &CancellationToken,
    ) -> Result<Told, SourceError> {
        let plan = ListPlan {
            page_size: at.page_size.max(1),
            concurrency: 1,
            paging: at.paging,
            filter: None,
            attributes: None,
        };
        let (batches, mut pages) = mpsc::channel::<Batch>(2);
        let stop = cancel.child_token();
        let reading = self.list(ResourceKind::User, &at.users, &plan, batches, &stop);
        let looking = async {
            let (mut fit, mut seen) = (Vec::new(), 0usize);
            while let Some(batch) = pages.recv().await {
                for text in batch.resources.iter().filter_map(|place| batch.body.get(place.clone())) {
                    seen += 1;
                    let Some(account) = account(text) else { continue };
                    if account.id == id || same_name(&account, user_name) {
                        let thing = thing(&account, text, note(&account, id));
                        fit.push((account, thing));
                    }
                }
                if seen >= size.most {
                    stop.cancel();
                    break;
                }
            }
            (fit, seen)
        };
        let (end, (fit, seen)) = tokio::join!(reading, looking);
        if !fit.is_empty() {
            return Ok(found(fit, id, "The list of all accounts"));
        }
        let end = end?;
        if !end.complete {
            let why = end
                .reasons
                .first()
                .map_or("it was read in part only", |reason| reason.text.as_str());
            return Ok(Told::unknown(format!(
                "The list of all accounts is not complete, so it does not tell who is not in it: {why} It shows {seen} others."
            )));
        }
        // A server that sends its first page for ever, and its length as the total, cannot be told from one that holds no more.
        if let Some(known) = size.known.filter(|known| (seen as u64).saturating_add(10) < known - known / 10) {
            return Ok(Told::unknown(format!(
                "The list of all accounts shows {seen}, where {known} were known: it is not believed to be complete."
            )));
        }
        // Who is listed is its own control; nobody at all is not believed.
        Ok(if seen == 0 {
            Told::unknown("The list of all accounts is empty, which cannot be believed.")
        } else {
            Told::shut(format!(
                "The list of all accounts, complete with {seen}, does not show the account."
            ))
        })
    }
}

/// The account that the run made.
fn by_run(fit: Vec<(AccountColumns, Thing)>) -> Told {
    let names: Vec<String> = fit.iter().map(|(account, _)| named(account).to_owned()).collect();
    let off = fit.iter().all(|(account, _)| account.active == Some(false));
    let things = fit.into_iter().map(|(_, thing)| thing).collect();
    let says = format!("The account of this run is there: {}.", names.join(", "));
    if off { Told::off(things, says) } else { Told::there(things, says) }
}
