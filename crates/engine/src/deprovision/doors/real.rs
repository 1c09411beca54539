//! The doors of real systems: a client per source, and a room per kind.

use std::collections::HashMap;

use futures_util::future::BoxFuture;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Doors, StepDraft, azure, backstage, scim};
use crate::deprovision::entry::{Before, CheckPlan, StepPlan, Target};
use crate::secrets::Secret;
use crate::sources::doors::{Asked, Deed, Look, Meanings, Seen, Thing, Whose, Write, meanings};
use crate::sources::scim::Capabilities;
use crate::sources::{Client, SourceError};
use crate::view::{Fault, Source, SourceId};

/// A source, open to be asked and written to.
pub struct Opened {
    /// Its client.
    pub client: Client,
    /// What it is, with its settings.
    pub source: Source,
    /// What a SCIM server was seen to do; found out when it is first needed where that was not read.
    pub capabilities: OnceCell<Capabilities>,
}

impl Opened {
    /// What cuts mean there.
    pub(super) fn meanings(&self) -> Meanings {
        let host = Url::parse(&self.source.settings.url)
            .ok()
            .and_then(|url| url.host_str().map(ToOwned::to_owned));
        meanings(self.source.settings.kind, &host.unwrap_or_default())
    }
}

/// The doors of these sources.
pub struct SystemDoors {
    sources: HashMap<SourceId, Opened>,
    cancel: CancellationToken,
}

impl SystemDoors {
    /// Over these sources.
    pub fn new(sources: impl IntoIterator<Item = Opened>) -> Self {
        Self {
            sources: sources.into_iter().map(|opened| (opened.source.id, opened)).collect(),
            cancel: CancellationToken::new(),
        }
    }

    fn closed(source: SourceId) -> Fault {
        Fault {
            code: "source.unknown".into(),
            what: format!("Source {source} of this run is not there any more."),
            means: "Nothing is asked of it and nothing is written to it.".into(),
            next: "Connect it again, or close the run as it stands.".into(),
            action: None,
            details: Vec::new(),
        }
    }
}

/// A step of one write.
pub(super) fn step(title: String, means: String, undoable: bool, write: Write) -> StepDraft {
    StepDraft {
        title,
        means,
        undoable,
        write: Some(write),
        otherwise: Vec::new(),
        instructions: None,
        thing: None,
    }
}

/// A step as a deed is: writes, or words for a person.
pub(super) fn deed(title: String, means: String, undoable: bool, deed: Deed, thing: Option<Thing>) -> Option<StepDraft> {
    match deed {
        Deed::Writes(writes) => {
            let mut writes = writes.into_iter();
            let first = writes.next()?;
            Some(StepDraft {
                otherwise: writes.collect(),
                thing,
                ..step(title, means, undoable, first)
            })
        }
        Deed::ByHand { why, what } => Some(StepDraft {
            title,
            means: why,
            undoable: false,
            write: None,
            otherwise: Vec::new(),
            instructions: Some(what),
            thing,
        }),
    }
}

/// What is left with nobody, where nothing was held before: none where what was held has to be asked about.
pub(super) fn nothing_left(before: &Before) -> Option<Look> {
    match before.seen {
        _ if !before.things.is_empty() => None,
        Seen::NotEvaluated => Some(Look::not_evaluated(
            format!("What was held before could not be told: {}", before.says),
            Vec::new(),
        )),
        _ => Some(Look {
            seen: Seen::Gone,
            things: Vec::new(),
            says: "It held nothing before the cut that could be left with nobody.".into(),
            asked: Vec::new(),
        }),
    }
}

/// A look at something that is no longer a question here.
pub(super) fn unknown(name: &str) -> Look {
    Look::not_evaluated(format!("This version does not know how to ask {name}."), Vec::new())
}

impl Doors for SystemDoors {
    fn steps<'a>(&'a self, action: &'a str, target: &'a Target, things: &'a [Thing]) -> BoxFuture<'a, Result<Vec<StepDraft>, Fault>> {
        Box::pin(async move {
            let opened = self.sources.get(&target.source).ok_or_else(|| Self::closed(target.source))?;
            let made = match &opened.client {
                Client::Scim(client) => scim::steps(client, opened, action, target, things, &self.cancel).await,
                Client::Azure(client) => azure::steps(client, opened, action, target, things),
                Client::Backstage(client) => backstage::steps(client, opened, action, target, things, &self.cancel).await,
                #[cfg(test)]
                Client::Scripted(_) => Ok(Vec::new()),
            };
            made.map_err(|error: SourceError| error.fault())
        })
    }

    fn send<'a>(&'a self, source: SourceId, write: &'a Write) -> BoxFuture<'a, Result<Asked, Fault>> {
        Box::pin(async move {
            let opened = self.sources.get(&source).ok_or_else(|| Self::closed(source))?;
            if !opened.source.settings.allow_writes {
                return Err(Fault {
                    code: "run.writesOff".into(),
                    what: format!("Lanyard may not write to {} any more.", opened.source.settings.name),
                    means: "Nothing was sent.".into(),
                    next: "Allow writes in the source's settings, then resume the run.".into(),
                    action: None,
                    details: Vec::new(),
                });
            }
            opened.client.send_write(write, &self.cancel).await.map_err(|error| error.fault())
        })
    }

    fn read_back<'a>(&'a self, target: &'a Target, step: &'a StepPlan, since: Option<i64>) -> BoxFuture<'a, Look> {
        Box::pin(async move {
            let Some(opened) = self.sources.get(&target.source) else {
                return Look::not_evaluated(Self::closed(target.source).what, Vec::new());
            };
            match &opened.client {
                Client::Scim(client) => scim::read_back(client, opened, target, step, &self.cancel).await,
                Client::Azure(client) => azure::read_back(client, target, step, since, &self.cancel).await,
                Client::Backstage(client) => backstage::read_back(client, target, step, &self.cancel).await,
                #[cfg(test)]
                Client::Scripted(_) => unknown(&step.action),
            }
        })
    }

    fn ask<'a>(
        &'a self,
        check: &'a CheckPlan,
        target: &'a Target,
        before: Option<&'a Before>,
        since: Option<i64>,
        credential: Option<&'a Secret>,
    ) -> BoxFuture<'a, Look> {
        Box::pin(async move {
            let Some(opened) = self.sources.get(&target.source) else {
                return Look::not_evaluated(Self::closed(target.source).what, Vec::new());
            };
            match &opened.client {
                Client::Scim(client) => scim::ask(client, opened, check, target, before, credential, &self.cancel).await,
                Client::Azure(client) => azure::ask(client, check, target, before, since, &self.cancel).await,
                Client::Backstage(client) => backstage::ask(client, check, target, before, credential, &self.cancel).await,
                #[cfg(test)]
                Client::Scripted(_) => unknown(&check.name),
            }
        })
    }

    fn arrived<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Look> {
        Box::pin(async move {
            let Some(opened) = self.sources.get(&target.source) else {
                return Look::not_evaluated(Self::closed(target.source).what, Vec::new());
            };
            match &opened.client {
                Client::Scim(client) => scim::arrived(client, opened, target, &self.cancel).await,
                Client::Azure(client) => client.look_by_filter("", &target.user_name, &self.cancel).await,
                Client::Backstage(client) => backstage::arrived(client, target, &self.cancel).await,
                #[cfg(test)]
                Client::Scripted(_) => unknown("arrived"),
            }
        })
    }

    fn own(&self, source: SourceId) -> BoxFuture<'_, Whose> {
        Box::pin(async move {
            match self.sources.get(&source) {
                Some(opened) => opened.client.whose(&self.cancel).await,
                None => Whose::Unknown("the source is not there any more".into()),
            }
        })
    }
}
