//! What a server can do: asked for in a handful of reading requests, and believed where it was seen.

use std::collections::HashSet;

use lanyard_scim::schema::{ResourceType, ServiceProviderConfig};
use reqwest::header::{ETAG, HeaderValue, IF_NONE_MATCH};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::page::{self, ReadPage};
use super::query::{Target, quoted};
use super::{Capabilities, Paging, ScimClient, answer, changed};
use crate::sources::SourceError;
use crate::sources::http::Call;

/// The page that is asked for: large enough for speed, small enough for a server's memory.
const PAGE: u32 = 1000;
/// Tries of requests whose failure is an answer too.
const TRIES: u32 = 2;

/// What was found out.
#[derive(Default)]
pub(super) struct Survey {
    /// ServiceProviderConfig; none where the server has none.
    pub(super) config: Option<ServiceProviderConfig>,
    /// Names and endpoints of the resource types; none where the server has no such list.
    pub(super) types: Option<Vec<ResourceType>>,
    /// Schemas, a list.
    pub(super) schemas: Option<Vec<Value>>,
    pub(super) users: Option<Collection>,
    pub(super) groups: Groups,
    pub(super) paging: PagingSeen,
    /// Whether it filters, as seen; none where it could not be told.
    pub(super) filter: Option<bool>,
    /// Whether the filter by `meta.lastModified` works, as seen.
    pub(super) changed_since: Option<bool>,
    /// Whether it answers 304 to a version that it gave, as seen.
    pub(super) etag_seen: Option<bool>,
}

/// A collection, by its first page.
pub(super) struct Collection {
    pub(super) endpoint: String,
    pub(super) total: Option<u64>,
    /// How many came.
    pub(super) came: u64,
    /// How many were asked for.
    pub(super) asked: u32,
    /// The first one's id and userName.
    sample: Option<(String, Option<String>)>,
    ids: Vec<u128>,
    next_cursor: bool,
    /// `meta.lastModified` of each, where each has one.
    modified: Option<Vec<i64>>,
}

/// The groups.
#[derive(Default)]
pub(super) enum Groups {
    #[default]
    NotAsked,
    /// The server has none.
    None,
    /// They may not be read with this credential, or could not be just now.
    Closed(String, Box<SourceError>),
    /// They are there.
    Open(String, Option<u64>),
}

/// What was seen of paging.
#[derive(Default)]
pub(super) struct PagingSeen {
    /// `startIndex` is obeyed.
    pub(super) start_index: Option<bool>,
    /// `count` is obeyed.
    pub(super) count: Option<bool>,
    /// Totals are the same on each page and not the page's own length.
    pub(super) honest_total: Option<bool>,
    /// Cursors work.
    pub(super) cursor: Option<bool>,
}

/// What a question about the server came to, when a "no" is an answer.
fn or_missing<T>(answer: Result<T, SourceError>) -> Result<Option<T>, SourceError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error)
            if answer::is_of_request(&error)
                || matches!(
                    error,
                    SourceError::Forbidden { .. } | SourceError::TooDeep { .. } | SourceError::TooLarge { .. }
                ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

impl Survey {
    /// Asks for all that a sync needs: some ten requests.
    pub(super) async fn take(&mut self, client: &ScimClient, cancel: &CancellationToken) -> Result<(), SourceError> {
        self.config = or_missing(client.json("ServiceProviderConfig", TRIES, cancel).await)?
            .filter(is_config)
            .map(ServiceProviderConfig::from_value);
        self.types = or_missing(client.json("ResourceTypes", TRIES, cancel).await)?
            .and_then(entries)
            .map(|types| types.into_iter().map(ResourceType::from_value).collect());
        self.schemas = or_missing(client.json("Schemas", TRIES, cancel).await)?.and_then(entries);
        let endpoint = self.endpoint(client, "User").unwrap_or_else(|| "Users".into());
        let users = match self.first_page(client, &endpoint, cancel).await {
            Err(SourceError::NotFound { at, .. }) => {
                let better = nearby(client, cancel).await?;
                return Err(SourceError::NotFound { at, better });
            }
            users => users?,
        };
        self.users = Some(users);
        self.look_at_paging(client, cancel).await?;
        self.look_at_filter(client, cancel).await?;
        self.look_at_groups(client, cancel).await
    }

    /// Asks for what only a person wants to know: some four requests more.
    pub(super) async fn take_more(&mut self, client: &ScimClient, cancel: &CancellationToken) -> Result<(), SourceError> {
        self.look_at_changes(client, cancel).await?;
        self.look_at_etag(client, cancel).await
    }

    /// The path of a resource type's endpoint below the base, from ResourceTypes.
    fn endpoint(&self, client: &ScimClient, name: &str) -> Option<String> {
        let kind = self
            .types
            .as_ref()?
            .iter()
            .find(|kind| kind.name.eq_ignore_ascii_case(name) || kind.id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(name)))?;
        let given = kind.endpoint.as_deref()?.trim();
        let base = client.http().base();
        // Some give the whole address; one outside the base is not followed.
        let path = match Url::parse(given) {
            Ok(url) if url.origin() == base.origin() => url.path().strip_prefix(base.path().trim_end_matches('/'))?.to_owned(),
            Ok(_) => return None,
            Err(_) => given.split(['?', '#']).next()?.to_owned(),
        };
        let path = path.trim_matches('/');
        let safe = !path.is_empty() && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
        safe.then(|| path.to_owned())
    }

    async fn first_page(&self, client: &ScimClient, endpoint: &str, cancel: &CancellationToken) -> Result<Collection, SourceError> {
        let most = self.config.as_ref().and_then(|config| {
            let paging = config.pagination.as_ref().and_then(|paging| paging.max_page_size);
            let filter = config.filter.as_ref().and_then(|filter| filter.max_results);
            paging.or(filter)
        });
        let wanted = most
            .and_then(|most| u32::try_from(most).ok())
            .filter(|most| *most > 0)
            .map_or(PAGE, |most| most.min(PAGE));
        let target = Target::new(endpoint, None);
        let mut asked = wanted;
        let page = match client.page_with(&target, &[("count", &wanted.to_string())], None, cancel).await {
            // Too many for it: a size that everybody takes.
            Err(SourceError::Rejected {
                status: 400 | 413 | 422, ..
            }) => {
                asked = 100;
                client.page_with(&target, &[("count", "100")], None, cancel).await?
            }
            page => page?,
        };
        Ok(Collection::new(endpoint, asked, &page))
    }

    async fn look_at_paging(&mut self, client: &ScimClient, cancel: &CancellationToken) -> Result<(), SourceError> {
        let Some(users) = &self.users else { return Ok(()) };
        let target = Target::new(&users.endpoint, None);
        let paging = self
            .config
            .as_ref()
            .and_then(|config| config.pagination.clone())
            .unwrap_or_default();
        let mut seen = PagingSeen {
            count: (users.came > u64::from(users.asked)).then_some(false),
            ..PagingSeen::default()
        };
        let came = users.came;
        if came >= 2 && paging.index != Some(false) {
            // The page after the first one, or a part of the first: with a size that fits whole pages, for servers that count in pages.
            let more = users.total.is_some_and(|total| total > came) || users.total.is_none();
            let (start, size) = if more {
                (came + 1, if came.is_multiple_of(10) { 10 } else { 1 })
            } else {
                (2, 1)
            };
            let query = [("startIndex", start.to_string()), ("count", size.to_string())];
            let query = query.each_ref().map(|(name, value)| (*name, value.as_str()));
            if let Some(page) = or_missing(client.page_with(&target, &query, Some(TRIES), cancel).await)? {
                let known: HashSet<u128> = users.ids.iter().copied().collect();
                let ids = &page.facts.ids;
                seen.start_index = if more {
                    if ids.is_empty() {
                        None
                    } else {
                        Some(!ids.iter().any(|id| known.contains(id)))
                    }
                } else {
                    Some(ids.first().is_some_and(|id| users.ids.get(1) == Some(id)))
                };
                seen.count = Some(seen.count.unwrap_or(true) && ids.len() as u64 <= size);
                seen.honest_total = users.total.map(|total| page.facts.total == Some(total) && (!more || total > came));
            }
        }
        let offered = paging.cursor == Some(true) || users.next_cursor;
        if offered {
            let page = or_missing(
                client
                    .page_with(&target, &[("cursor", ""), ("count", "1")], Some(TRIES), cancel)
                    .await,
            )?;
            let single = users.total.is_some_and(|total| total <= 1);
            seen.cursor = Some(page.is_some_and(|page| page.facts.next_cursor.is_some() || single) || users.next_cursor);
        } else {
            seen.cursor = paging.cursor;
        }
        self.paging = seen;
        Ok(())
    }

    async fn look_at_filter(&mut self, client: &ScimClient, cancel: &CancellationToken) -> Result<(), SourceError> {
        let says = self
            .config
            .as_ref()
            .and_then(|config| config.filter.as_ref())
            .and_then(|filter| filter.supported);
        let Some(users) = &self.users else { return Ok(()) };
        if says == Some(false) {
            self.filter = Some(false);
            return Ok(());
        }
        let Some((id, Some(name))) = &users.sample else { return Ok(()) };
        let query = [("startIndex", "1"), ("count", "2")];
        let nobody = format!("lanyard-nobody-{:016x}", fastrand::u64(..));
        for (name, expected) in [(nobody.as_str(), None), (name.as_str(), Some(id))] {
            let filter = format!("userName eq {}", quoted(name));
            let page = or_missing(
                client
                    .page_with(&Target::new(&users.endpoint, Some(&filter)), &query, Some(TRIES), cancel)
                    .await,
            )?;
            let right = page.is_some_and(|page| {
                let entries = page.facts.ids.len() as u64;
                let wanted = u64::from(expected.is_some());
                let same = expected.is_none_or(|id| page.document(0).and_then(document_id).as_deref() == Some(id));
                entries == wanted && same && page.facts.total.is_none_or(|total| total == wanted)
            });
            if !right {
                self.filter = Some(false);
                return Ok(());
            }
        }
        self.filter = Some(true);
        Ok(())
    }

    async fn look_at_groups(&mut self, client: &ScimClient, cancel: &CancellationToken) -> Result<(), SourceError> {
        let endpoint = match (&self.types, self.endpoint(client, "Group")) {
            (_, Some(endpoint)) => endpoint,
            (Some(types), None) if !types.is_empty() && !types.iter().any(|kind| kind.name.eq_ignore_ascii_case("Group")) => {
                self.groups = Groups::None;
                return Ok(());
            }
            _ => "Groups".into(),
        };
        let target = Target::new(&endpoint, None);
        self.groups = match client.page_with(&target, &[("count", "1")], None, cancel).await {
            Ok(page) => Groups::Open(endpoint, page.facts.total),
            Err(
                SourceError::NotFound { .. }
                | SourceError::Rejected {
                    status: 400 | 405 | 501, ..
                },
            ) => Groups::None,
            Err(error @ (SourceError::Cancelled | SourceError::BudgetSpent { .. } | SourceError::Unauthorized { .. })) => {
                return Err(error);
            }
            // They are there, and not for us, or not now: that is not the same as none.
            Err(error) => Groups::Closed(endpoint, Box::new(error)),
        };
        Ok(())
    }

    async fn look_at_changes(&mut self, client: &ScimClient, cancel: &CancellationToken) -> Result<(), SourceError> {
        let Some(users) = &self.users else { return Ok(()) };
        if self.filter == Some(false) {
            self.changed_since = Some(false);
            return Ok(());
        }
        let (Some(modified), Some(total)) = (&users.modified, users.total.filter(|total| *total > 0)) else {
            return Ok(());
        };
        // Where everybody was seen, half of them; else everybody since ever.
        let mut times = modified.clone();
        times.sort_unstable();
        let (threshold, expected) = match times.get(times.len() / 2) {
            Some(&middle) if times.len() as u64 == total => (middle, times.iter().filter(|at| **at >= middle).count() as u64),
            _ => (0, total),
        };
        self.changed_since = Some(changed::prove(client, &users.endpoint, threshold, expected, cancel).await?);
        Ok(())
    }

    async fn look_at_etag(&mut self, client: &ScimClient, cancel: &CancellationToken) -> Result<(), SourceError> {
        let Some((users, (id, _))) = self.users.as_ref().and_then(|users| Some((users, users.sample.as_ref()?))) else {
            return Ok(());
        };
        let mut url = client.url(&users.endpoint, &[]);
        if let Ok(mut path) = url.path_segments_mut() {
            path.push(id);
        }
        let http = client.http();
        let first = http.send(Call::get(url.clone()).tries(TRIES), cancel).await?;
        if !first.status.is_success() {
            return Ok(());
        }
        let version = first.headers.get(ETAG).cloned().or_else(|| {
            let value: Value = serde_json::from_slice(&first.body).ok()?;
            HeaderValue::from_str(value.get("meta")?.get("version")?.as_str()?).ok()
        });
        let Some(version) = version else {
            self.etag_seen = Some(false);
            return Ok(());
        };
        let second = http
            .send(Call::get(url).tries(TRIES).header(IF_NONE_MATCH, version), cancel)
            .await?;
        self.etag_seen = Some(second.status.as_u16() == 304);
        Ok(())
    }

    /// How pages are best asked for.
    fn paging_kind(&self) -> Paging {
        let Some(users) = &self.users else { return Paging::Unknown };
        let says = self.config.as_ref().and_then(|config| config.pagination.as_ref());
        let prefers_cursor = says.is_some_and(|says| {
            says.index == Some(false) || says.default_pagination_method == Some(lanyard_scim::schema::PaginationMethod::Cursor)
        });
        let index_works = self.paging.start_index == Some(true) && users.total.is_some();
        match self.paging.cursor {
            Some(true) if prefers_cursor || users.next_cursor || !index_works => Paging::Cursor,
            _ if self.paging.start_index == Some(false) => Paging::Unknown,
            _ => Paging::Index,
        }
    }

    /// What a sync needs to know.
    pub(super) fn capabilities(&self) -> Capabilities {
        let config = self.config.as_ref();
        let paging = self.paging_kind();
        let page_size = self.users.as_ref().map_or(PAGE, Collection::page_size);
        Capabilities {
            at: jiff::Timestamp::now().as_millisecond(),
            paging,
            page_size,
            concurrent: paging == Paging::Index && self.paging.start_index == Some(true) && self.paging.honest_total == Some(true),
            filter: self.filter,
            patch: config.and_then(|config| config.patch.as_ref()?.supported),
            bulk: config.and_then(|config| config.bulk.as_ref()?.supported),
            sort: config.and_then(|config| config.sort.as_ref()?.supported),
            etag: config.and_then(|config| config.etag.as_ref()?.supported),
            users: self.users.as_ref().map_or_else(|| "Users".into(), |users| users.endpoint.clone()),
            groups: match &self.groups {
                Groups::Open(endpoint, _) | Groups::Closed(endpoint, _) => Some(endpoint.clone()),
                Groups::None | Groups::NotAsked => None,
            },
            schemas: self.schemas.clone().map(Value::Array),
        }
    }
}

impl Collection {
    fn new(endpoint: &str, asked: u32, page: &ReadPage) -> Self {
        let sample = (0..page.resources.len()).find_map(|at| {
            let user = lanyard_scim::UserBrief::read(page.document(at)?).ok()?;
            let name = user
                .user_name
                .filter(|name| !name.trim().is_empty())
                .map(std::borrow::Cow::into_owned);
            Some((document_id(page.document(at)?)?, name)).filter(|(_, name)| name.is_some() || at + 1 == page.resources.len())
        });
        Self {
            endpoint: endpoint.to_owned(),
            total: page.facts.total,
            came: page.facts.ids.len() as u64 + page.facts.unreadable,
            asked,
            sample,
            ids: page.facts.ids.clone(),
            next_cursor: page.facts.next_cursor.is_some(),
            modified: (0..page.resources.len())
                .map(|at| changed::last_modified(page.document(at)?))
                .collect(),
        }
    }

    /// The page size that it gives when asked for many.
    pub(super) fn page_size(&self) -> u32 {
        let more = self.next_cursor || self.total.is_none_or(|total| total > self.came);
        match u32::try_from(self.came) {
            Ok(came) if more && came > 0 => came.min(self.asked.max(came.min(PAGE))),
            _ => self.asked,
        }
    }
}

fn document_id(document: &[u8]) -> Option<String> {
    page::id(std::str::from_utf8(document).ok()?).map(std::borrow::Cow::into_owned)
}

fn is_config(value: &Value) -> bool {
    let known = [
        "patch",
        "bulk",
        "filter",
        "etag",
        "sort",
        "changepassword",
        "authenticationschemes",
        "pagination",
    ];
    value
        .as_object()
        .is_some_and(|map| map.keys().any(|key| known.contains(&key.to_ascii_lowercase().as_str())))
}

/// The entries of a discovery answer: of a ListResponse, or of a bare list, as some give it.
fn entries(value: Value) -> Option<Vec<Value>> {
    let list = match value {
        Value::Array(list) => list,
        Value::Object(map) => match map.into_iter().find(|(key, _)| key.eq_ignore_ascii_case("Resources"))?.1 {
            Value::Array(list) => list,
            _ => return None,
        },
        _ => return None,
    };
    Some(list.into_iter().filter(Value::is_object).collect())
}

/// An address of the same origin that answers as a SCIM server does, for a base URL that does not.
async fn nearby(client: &ScimClient, cancel: &CancellationToken) -> Result<Option<String>, SourceError> {
    let base = client.http().base();
    let own = base.path().trim_end_matches('/').to_owned();
    let mut tried = HashSet::from([own.clone()]);
    for path in [format!("{own}/scim/v2"), "/scim/v2".into(), "/scim".into(), format!("{own}/v2")] {
        if !tried.insert(path.clone()) {
            continue;
        }
        let mut url = base.clone();
        url.set_path(&format!("{path}/ServiceProviderConfig"));
        let Some(answer) = or_missing(client.http().send(Call::get(url.clone()).tries(1), cancel).await)? else {
            continue;
        };
        if answer.status.is_success() && answer.json(client.http()).is_ok_and(|value| is_config(&value)) {
            url.set_path(&path);
            url.set_query(None);
            return Ok(Some(url.to_string()));
        }
    }
    Ok(None)
}
