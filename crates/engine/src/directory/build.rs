//! Building the picture: rows come in, columns, clusters, the graph and its sums go out.

use std::collections::HashMap;
use std::sync::Mutex;

use lanyard_access::correlate::{ACCOUNTS, GROUPS, join};
use lanyard_access::{Clusters, Graph, Memberships};

use super::columns::{Accounts, Dangling, Groups, Ids, field, mark};
use super::differ;
use super::facets;
use super::joins::{LISTED, Open, decisions};
use super::order::by_name;
use super::search::Search;
use super::subjects::{AccountSubjects, GroupSubjects, Ranks};
use super::{Directory, SourceFacts};
use crate::record::{AccountRecord, DanglingRecord, DecidedSubject, Decision, GroupRecord, RecordSink, Row};
use crate::view::{CoverageState, JoinKind, SourceId};

/// Takes the cache's rows and makes a [`Directory`] of them.
///
/// Rows of sources that are not among the facts, or not enabled, are left out.
pub struct DirectoryBuilder {
    sources: Vec<SourceFacts>,
    places: HashMap<SourceId, u16>,
    accounts: Accounts,
    groups: Groups,
    dangling: Dangling,
    rows: RowIndex,
    edges: Memberships,
    /// The group whose memberships come in, and its ordinal if it is held.
    current: Option<(Row, Option<u32>)>,
    decided: Vec<Decision>,
}

/// What a row is, until the numbers of nodes are known: kind in the two highest bits, number in the others.
const KIND: u32 = 30;
const NUMBER: u32 = (1 << KIND) - 1;
const GROUP: u32 = 1 << KIND;
const DANGLING: u32 = 2 << KIND;
const UNKNOWN: u32 = u32::MAX;

/// From the cache's numbers to ours: a plain table as long as the numbers are dense, a map for outliers.
#[derive(Default)]
struct RowIndex {
    dense: Vec<u32>,
    sparse: HashMap<Row, u32>,
    count: usize,
}

impl RowIndex {
    fn set(&mut self, row: Row, code: u32) {
        self.count += 1;
        let at = row as usize;
        if at >= self.dense.len() {
            if at > 4 * self.count + 65_536 {
                self.sparse.insert(row, code);
                return;
            }
            self.dense.resize(at + 1, UNKNOWN);
        }
        self.dense[at] = code;
    }

    fn get(&self, row: Row) -> u32 {
        match self.dense.get(row as usize) {
            Some(code) if *code != UNKNOWN => *code,
            _ => self.sparse.get(&row).copied().unwrap_or(UNKNOWN),
        }
    }
}

impl DirectoryBuilder {
    /// Ready for the rows of these sources. Their order is the order of the slots.
    pub fn new(sources: Vec<SourceFacts>) -> Self {
        let sources: Vec<SourceFacts> = sources
            .into_iter()
            .filter(|source| source.enabled)
            .take(usize::from(u16::MAX))
            .collect();
        let places = sources.iter().zip(0u16..).map(|(source, place)| (source.id, place)).collect();
        Self {
            sources,
            places,
            accounts: Accounts::default(),
            groups: Groups::default(),
            dangling: Dangling::default(),
            rows: RowIndex::default(),
            edges: Memberships::default(),
            current: None,
            decided: Vec::new(),
        }
    }

    /// Follows these decisions about who is the same, older ones first.
    #[must_use]
    pub fn deciding(mut self, decided: Vec<Decision>) -> Self {
        self.decided = decided;
        self
    }

    /// The picture, with the number that its pages carry.
    pub fn finish(self, generation: u64) -> Directory {
        let mut clock = Clock(std::time::Instant::now());
        let Self {
            sources,
            mut accounts,
            mut groups,
            mut dangling,
            rows,
            mut edges,
            decided,
            places: source_places,
            ..
        } = self;
        drop(rows);
        accounts.finish();
        groups.finish();
        dangling.texts.finish();
        let (account_count, group_count) = (accounts.len(), groups.len());
        edges.renumber(|code| match code >> KIND {
            0 => code,
            1 => account_count + (code & NUMBER),
            _ => account_count + group_count + (code & NUMBER),
        });
        let ranks = Ranks::new(&sources);
        let (joined, ids, graph, counts) = std::thread::scope(|scope| {
            let (accounts, ranks, decided, source_places) = (&accounts, &ranks, &decided, &source_places);
            let make_ids = || Ids::new(&accounts.texts, field::ID, &accounts.source);
            let joined = scope.spawn(move || {
                // Only decisions need to find accounts by id so soon.
                let ids = (!decided.is_empty()).then(make_ids);
                let find = |subject: &DecidedSubject| {
                    let place = *source_places.get(&subject.source)?;
                    ids.as_ref()?.find(&accounts.texts, field::ID, &accounts.source, place, &subject.id)
                };
                let decisions = decisions(decided, JoinKind::Account, find);
                (join(&AccountSubjects { accounts, ranks }, ACCOUNTS, &decisions, LISTED), ids)
            });
            let graph = Graph::new(account_count, group_count, dangling.len(), edges);
            let counts = graph.counts();
            let late = decided.is_empty().then(make_ids);
            let (joined, early) = joined.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (joined, early.or(late).unwrap_or_else(make_ids), graph, counts)
        });
        clock.step("people and graph");
        let group_ids = Ids::new(&groups.texts, field::GROUP_ID, &groups.source);
        let find_group = |subject: &DecidedSubject| {
            let place = *source_places.get(&subject.source)?;
            group_ids.find(&groups.texts, field::GROUP_ID, &groups.source, place, &subject.id)
        };
        let subjects = GroupSubjects {
            groups: &groups,
            ranks: &ranks,
        };
        let linking = join(&subjects, GROUPS, &decisions(&decided, JoinKind::Group, find_group), LISTED);
        let (people, linked) = (joined.clusters, linking.clusters);
        let open = Open {
            accounts: (joined.ambiguous, joined.ambiguous_total),
            groups: (linking.ambiguous, linking.ambiguous_total),
        };
        clock.step("linked groups");
        let (names, places) = by_name(
            account_count,
            |account| accounts.texts.folded(account, accounts.name_field(account)),
            |one, other| {
                accounts
                    .texts
                    .same_original((one, accounts.name_field(one)), (other, accounts.name_field(other)))
            },
            |account| accounts.name(account),
        );
        let (group_names, group_places) = by_name(
            group_count,
            |group| groups.texts.folded(group, groups.name_field(group)),
            |one, other| {
                groups
                    .texts
                    .same_original((one, groups.name_field(one)), (other, groups.name_field(other)))
            },
            |group| groups.name(group),
        );
        clock.step("names");
        let account_search = Search::new(&accounts.texts);
        let group_search = Search::new(&groups.texts);
        clock.step("search");
        accounts.find_managers(&ids);
        differ::mark_accounts(&mut accounts, &people);
        differ::mark_groups(&mut groups, &sources, &linked, &people, &graph);
        clock.step("differences");
        let unlisted = graph.reaches(|group| !groups.has(group, mark::LISTED));
        let mut directory = Directory {
            generation,
            lead: sources.iter().position(|source| source.authoritative).map(|place| place as u16),
            places: source_places,
            sources,
            person_names: leaders(&names, &people),
            group_names: leaders(&group_names, &linked),
            person_groups: Vec::new(),
            account_places: places,
            group_places,
            accounts,
            groups,
            dangling,
            people,
            linked,
            open,
            decided,
            graph,
            counts,
            unlisted,
            ids,
            group_ids,
            account_search,
            group_search,
            people_facets: Vec::new(),
            group_facets: Vec::new(),
            people_orders: Default::default(),
            group_orders: Default::default(),
            account_filters: Mutex::default(),
            group_filters: Mutex::default(),
            members: Mutex::default(),
        };
        directory.person_groups = facets::groups_per_person(&directory);
        directory.people_facets = facets::people(&directory);
        directory.group_facets = facets::groups(&directory);
        clock.step("sums");
        directory
    }
}

impl RecordSink for DirectoryBuilder {
    fn account(&mut self, account: &AccountRecord<'_>) {
        if let Some(source) = self.places.get(&account.source) {
            let number = self.accounts.len();
            if number < NUMBER {
                self.accounts.push(*source, account);
                self.rows.set(account.row, number);
            }
        }
    }

    fn group(&mut self, group: &GroupRecord<'_>) {
        if let Some(source) = self.places.get(&group.source) {
            let number = self.groups.len();
            let listed = group.members_listed && self.sources[usize::from(*source)].members_complete != CoverageState::NotEvaluated;
            if number < NUMBER {
                self.groups.push(*source, group, listed);
                self.rows.set(group.row, GROUP | number);
            }
        }
    }

    fn dangling(&mut self, dangling: &DanglingRecord<'_>) {
        if let Some(source) = self.places.get(&dangling.source) {
            let number = self.dangling.len();
            if number < NUMBER {
                self.dangling.push(*source, dangling);
                self.rows.set(dangling.row, DANGLING | number);
            }
        }
    }

    fn membership(&mut self, group: Row, member: Row) {
        let ordinal = match self.current {
            Some((row, ordinal)) if row == group => ordinal,
            _ => {
                let code = self.rows.get(group);
                let ordinal = (code != UNKNOWN && code >> KIND == 1).then_some(code & NUMBER);
                self.current = Some((group, ordinal));
                ordinal
            }
        };
        let code = self.rows.get(member);
        if let (Some(ordinal), true) = (ordinal, code != UNKNOWN) {
            self.edges.push(ordinal, code);
        }
    }
}

/// Says in the log how long each step of a build took.
struct Clock(std::time::Instant);

impl Clock {
    fn step(&mut self, what: &str) {
        tracing::debug!(what, took_us = self.0.elapsed().as_micros() as u64, "picture");
        self.0 = std::time::Instant::now();
    }
}

/// The clusters in the order of their leading records.
fn leaders(names: &[u32], clusters: &Clusters) -> Vec<u32> {
    if clusters.is_trivial() {
        return names.to_vec();
    }
    let lead = |record: &u32| Some(clusters.of(*record)).filter(|cluster| clusters.leader(*cluster) == *record);
    names.iter().filter_map(lead).collect()
}
