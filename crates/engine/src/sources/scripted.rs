//! A source that does as it is told, for tests of what a sync makes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::http::Traffic;
use super::reader::{Changes, Listing, Shelf};
use super::scim::{Batch, Found, ListEnd};
use super::{Exchange, SourceError};
use crate::record::{AccountColumns, Columns, GroupColumns, ItemColumns, ResourceKind, Shape};
use crate::view::CoverageReason;

/// How a collection behaves when it is listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// It is listed whole.
    #[default]
    Whole,
    /// It may not be read, and says so as the end of an empty list.
    Refused,
    /// Its request is forbidden.
    Forbidden,
    /// The server does not have it.
    NotOffered,
    /// The list ends after so many.
    CutAfter(usize),
    /// Nothing listens there.
    OutOfReach,
    /// The server fails.
    Fails,
    /// The credential is refused.
    Unauthorized,
    /// The budget is used up after so many.
    BudgetAfter(usize),
    /// The work is cancelled after so many.
    CancelAfter(usize),
    /// After so many nothing comes any more, and no end.
    HangAfter(usize),
}

#[derive(Default)]
struct Script {
    shelves: Vec<ResourceKind>,
    documents: BTreeMap<(ResourceKind, String), Value>,
    moods: BTreeMap<ResourceKind, Mood>,
    /// Left out of lists, though they are there.
    hidden: BTreeSet<(ResourceKind, String)>,
    /// Kinds whose resources cannot be asked for by their ids; and those where asking fails.
    mute: BTreeSet<ResourceKind>,
    unaskable: BTreeSet<ResourceKind>,
    /// Kinds that tell changes, and every change so far.
    tells_changes: BTreeSet<ResourceKind>,
    changes: Vec<(ResourceKind, String)>,
    listed: Vec<(ResourceKind, Option<String>)>,
    asked: Vec<(ResourceKind, Vec<String>)>,
    hangs: bool,
}

/// The source. Clones share the script.
#[derive(Clone, Default)]
pub struct Scripted(Arc<Mutex<Script>>);

impl Scripted {
    /// A source with these collections.
    pub fn new(shelves: &[ResourceKind]) -> Self {
        let scripted = Self::default();
        scripted.script().shelves = shelves.to_vec();
        scripted
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a resource in, or in place of the one with its `id`.
    pub fn put(&self, kind: ResourceKind, document: Value) {
        let id = document["id"].as_str().expect("an id").to_owned();
        let mut script = self.script();
        script.changes.push((kind, id.clone()));
        script.documents.insert((kind, id), document);
    }

    /// Takes a resource out.
    pub fn remove(&self, kind: ResourceKind, id: &str) {
        let mut script = self.script();
        script.changes.push((kind, id.to_owned()));
        script.documents.remove(&(kind, id.to_owned())).expect("it was there");
    }

    /// Whether it holds a resource.
    pub fn holds(&self, kind: ResourceKind, id: &str) -> bool {
        self.script().documents.contains_key(&(kind, id.to_owned()))
    }

    pub fn mood(&self, kind: ResourceKind, mood: Mood) {
        self.script().moods.insert(kind, mood);
    }

    /// Leaves a resource out of lists.
    pub fn hide(&self, kind: ResourceKind, id: &str) {
        self.script().hidden.insert((kind, id.to_owned()));
    }

    /// Lets nobody of this kind be asked for by id: `fails` with an error, or without an answer.
    pub fn silence(&self, kind: ResourceKind, fails: bool) {
        let mut script = self.script();
        if fails {
            script.unaskable.insert(kind);
        } else {
            script.mute.insert(kind);
        }
    }

    /// Whether somebody waits for what will never come, since the last call.
    pub fn hangs(&self) -> bool {
        std::mem::take(&mut self.script().hangs)
    }

    pub fn tell_changes(&self, kind: ResourceKind) {
        self.script().tells_changes.insert(kind);
    }

    /// Which collections were listed since the last call, with the marks that came with the requests.
    pub fn listed(&self) -> Vec<(ResourceKind, Option<String>)> {
        std::mem::take(&mut self.script().listed)
    }

    /// What was asked for by id since the last call.
    pub fn asked(&self) -> Vec<(ResourceKind, Vec<String>)> {
        std::mem::take(&mut self.script().asked)
    }

    pub fn shelves(&self) -> Vec<Shelf> {
        let shelf = |kind: &ResourceKind| Shelf {
            kind: *kind,
            needs: "Things.Read.All",
            without: "who holds what",
        };
        self.script().shelves.iter().map(shelf).collect()
    }

    pub async fn list(
        &self,
        kind: ResourceKind,
        mark: Option<&str>,
        batches: mpsc::Sender<Batch>,
        cancel: &CancellationToken,
    ) -> Result<Listing, SourceError> {
        let (mood, documents, changed, next) = {
            let mut script = self.script();
            script.listed.push((kind, mark.map(str::to_owned)));
            let since: Option<usize> = mark.map(|mark| mark.parse().expect("a mark of ours"));
            let changed: Option<BTreeSet<String>> = since.map(|since| {
                let later = script.changes[since..].iter();
                later.filter(|(of, _)| *of == kind).map(|(_, id)| id.clone()).collect()
            });
            let listed = |key: &(ResourceKind, String)| {
                key.0 == kind && !script.hidden.contains(key) && changed.as_ref().is_none_or(|changed| changed.contains(&key.1))
            };
            let documents: Vec<(String, Value)> = script
                .documents
                .iter()
                .filter(|(key, _)| listed(key))
                .map(|(key, document)| (key.1.clone(), document.clone()))
                .collect();
            let next = script.tells_changes.contains(&kind).then(|| script.changes.len().to_string());
            (script.moods.get(&kind).copied().unwrap_or_default(), documents, changed, next)
        };
        if cancel.is_cancelled() {
            return Err(SourceError::Cancelled);
        }
        let end = |complete, unique, reasons| ListEnd {
            complete,
            reasons,
            reported: None,
            unique,
            how: "by script".into(),
        };
        let shut = |code: &str, text: &str| Listing {
            end: end(
                false,
                0,
                vec![CoverageReason {
                    code: code.into(),
                    text: text.into(),
                }],
            ),
            mark: None,
            changes: None,
        };
        let at = Box::<Exchange>::default;
        let most = match mood {
            Mood::Refused => return Ok(shut("refused", "the credential lacks Things.Read.All")),
            Mood::NotOffered => return Ok(shut("notOffered", "there are no such things here")),
            Mood::Forbidden => return Err(SourceError::Forbidden { at: at() }),
            Mood::Unauthorized => return Err(SourceError::Unauthorized { at: at() }),
            Mood::OutOfReach => return Err(SourceError::Refused { at: at() }),
            Mood::Fails => {
                return Err(SourceError::ServerFailed {
                    at: at(),
                    status: 500,
                    tries: 4,
                });
            }
            Mood::Whole => documents.len(),
            Mood::CutAfter(most) | Mood::BudgetAfter(most) | Mood::CancelAfter(most) | Mood::HangAfter(most) => most,
        };
        let gone = changed.map(|changed| {
            let here: BTreeSet<&String> = documents.iter().map(|(id, _)| id).collect();
            changed.iter().filter(|id| !here.contains(id)).cloned().collect()
        });
        for page in documents[..most.min(documents.len())].chunks(100) {
            let mut body = Vec::new();
            let mut resources = Vec::new();
            for (_, document) in page {
                let start = body.len();
                body.extend_from_slice(document.to_string().as_bytes());
                resources.push(start..body.len());
            }
            let body = Bytes::from(body);
            if batches.send(Batch { body, resources }).await.is_err() {
                return Err(SourceError::Cancelled);
            }
        }
        match mood {
            Mood::BudgetAfter(budget) => return Err(SourceError::BudgetSpent { budget: budget as u64 }),
            Mood::CancelAfter(_) => {
                cancel.cancel();
                return Err(SourceError::Cancelled);
            }
            Mood::HangAfter(_) => {
                self.script().hangs = true;
                std::future::pending::<()>().await;
            }
            _ => {}
        }
        let whole = most >= documents.len();
        let reasons = (!whole).then(|| CoverageReason {
            code: "endedEarly".into(),
            text: "the list ended early".into(),
        });
        Ok(Listing {
            end: end(whole, most as u64, reasons.into_iter().collect()),
            mark: next,
            changes: gone.map(|gone| Changes { gone }),
        })
    }

    pub fn look_up(&self, kind: ResourceKind, ids: &[String]) -> Result<Vec<(String, Found)>, SourceError> {
        let mut script = self.script();
        script.asked.push((kind, ids.to_vec()));
        if script.unaskable.contains(&kind) {
            return Err(SourceError::Forbidden { at: Box::default() });
        }
        if script.mute.contains(&kind) {
            return Ok(Vec::new());
        }
        let found = |id: &String| match script.documents.get(&(kind, id.clone())) {
            Some(document) => Found::Here(document.to_string().into()),
            None => Found::Absent,
        };
        Ok(ids.iter().map(|id| (id.clone(), found(id))).collect())
    }

    pub fn traffic(&self) -> Traffic {
        Traffic::default()
    }
}

/// The columns of a scripted document.
pub fn columns(kind: ResourceKind, text: &[u8]) -> Option<Columns> {
    let document: Value = serde_json::from_slice(text).ok()?;
    let text = |name: &str| document[name].as_str().map(str::to_owned);
    let (id, modified) = (text("id")?, document["modified"].as_i64());
    Some(match kind.shape() {
        Shape::Account => Columns::Account(AccountColumns {
            id,
            display_name: text("displayName"),
            user_type: text("userType"),
            modified,
            ..AccountColumns::default()
        }),
        Shape::Group => Columns::Group(GroupColumns {
            id,
            display_name: text("displayName"),
            modified,
            members: document["members"]
                .as_array()
                .map(|members| members.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            ..GroupColumns::default()
        }),
        Shape::Item => Columns::Item(ItemColumns {
            id,
            name: text("name"),
            modified,
        }),
    })
}
