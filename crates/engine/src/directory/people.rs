//! People: lists of identities, narrowed and sorted.

use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use lanyard_scim::Catalog;

use super::bits::Bits;
use super::columns::{field, mark, time};
use super::facets::PEOPLE;
use super::filter::Evaluation;
use super::known::Columns;
use super::order::{Order, ranks};
use super::search::{clusters_of, in_two};
use super::{Collection, Directory};
use crate::Error;
use crate::record::Documents;
use crate::view::{AccountType, FacetCount, PeopleFacet, PeoplePage, PeopleQuery, PeopleSort, PersonRow, Privilege, Slot, SlotState};

/// The most rows of one page.
pub(super) const PAGE: u32 = 500;

/// Each column's order, made when it is first asked for.
#[derive(Debug, Default)]
pub struct Orders {
    name: OnceLock<Order>,
    user_name: OnceLock<Order>,
    email: OnceLock<Order>,
    title: OnceLock<Order>,
    department: OnceLock<Order>,
    groups: OnceLock<Order>,
    roles: OnceLock<Order>,
    privilege: OnceLock<Order>,
    changed: OnceLock<Order>,
}

/// All identities that match a query, in its order.
pub struct PeopleList<'d> {
    directory: &'d Directory,
    people: Vec<u32>,
}

impl PeopleList<'_> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// The rows, made one by one.
    pub fn rows(&self) -> impl Iterator<Item = PersonRow> + '_ {
        self.people.iter().map(|person| self.directory.person_row(*person))
    }

    /// The rows, with what only the access map knows of each.
    pub fn rows_with(&self, privilege: impl Fn(u32) -> Privilege) -> impl Iterator<Item = PersonRow> {
        self.people.iter().map(move |person| PersonRow {
            privilege: Some(privilege(*person)),
            ..self.directory.person_row(*person)
        })
    }
}

impl Directory {
    /// A page of People.
    ///
    /// # Errors
    /// When the filter cannot be read, a document cannot be read, or `cancel` was set meanwhile.
    pub fn people(
        &self,
        query: &PeopleQuery,
        documents: &dyn Documents,
        catalog: &Catalog,
        cancel: &AtomicBool,
    ) -> Result<PeoplePage, Error> {
        let started = Instant::now();
        let matching = self.people_matching(query, documents, catalog, cancel)?;
        let order = self.people_order(query.sort);
        let limit = query.limit.min(PAGE);
        let people = match &matching {
            Some(matching) => self.people_page(matching, order, query, limit),
            None if query.descending => order.page(&Bits::all(self.people.len()), true, query.offset, limit),
            None => order
                .rows()
                .iter()
                .skip(query.offset as usize)
                .take(limit as usize)
                .copied()
                .collect(),
        };
        Ok(PeoplePage {
            rows: people.into_iter().map(|person| self.person_row(person)).collect(),
            offset: query.offset,
            total: matching.map_or(self.people.len(), |matching| matching.count()),
            of: self.people.len(),
            generation: self.generation,
            took_us: started.elapsed().as_micros() as u64,
            caveats: self.caveats(&[Collection::Users, Collection::Services]),
        })
    }

    /// All people that match; offset and limit are ignored.
    ///
    /// # Errors
    /// As for [`Self::people`].
    pub fn people_list(
        &self,
        query: &PeopleQuery,
        documents: &dyn Documents,
        catalog: &Catalog,
        cancel: &AtomicBool,
    ) -> Result<PeopleList<'_>, Error> {
        let matching = self
            .people_matching(query, documents, catalog, cancel)?
            .unwrap_or_else(|| Bits::all(self.people.len()));
        let people = self.people_order(query.sort).page(&matching, query.descending, 0, u32::MAX);
        Ok(PeopleList { directory: self, people })
    }

    /// How many people each ready-made narrowing holds.
    pub fn people_facet_counts(&self) -> Vec<FacetCount> {
        let count = |facet: &PeopleFacet| self.people_facet(*facet).map_or(self.people.len(), |(_, count)| *count);
        PEOPLE
            .iter()
            .map(|facet| FacetCount {
                facet: *facet,
                count: count(facet),
            })
            .collect()
    }

    /// The set of a narrowing; none for everyone.
    pub(super) fn people_facet(&self, facet: PeopleFacet) -> Option<&(Bits, u32)> {
        let place = PEOPLE.iter().position(|known| *known == facet)?;
        self.people_facets.get(place.checked_sub(1)?)
    }

    /// The people that match; none where the query asks for nothing.
    fn people_matching(
        &self,
        query: &PeopleQuery,
        documents: &dyn Documents,
        catalog: &Catalog,
        cancel: &AtomicBool,
    ) -> Result<Option<Bits>, Error> {
        let mut matching: Option<Bits> = None;
        let mut narrow = |set: &Bits| match &mut matching {
            Some(matching) => matching.and(set),
            None => matching = Some(set.clone()),
        };
        if let Some(hits) = self.account_search.find(&self.accounts.texts, &self.people, &query.search) {
            narrow(hits.clusters());
        }
        if let Some((set, _)) = self.people_facet(query.facet) {
            narrow(set);
        }
        let filter = query.filter.as_deref().map(str::trim).filter(|filter| !filter.is_empty());
        if query.source.is_none() && filter.is_none() {
            return Ok(matching);
        }
        // Whose documents matter: accounts of the people that are left, of the source that is asked about.
        let place = query.source.map(|source| self.place(source));
        let of_source = |account: u32| match place {
            None => true,
            Some(place) => place == Some(self.accounts.source[account as usize]),
        };
        let left = |account: u32| matching.as_ref().is_none_or(|left| left.has(self.people.of(account)));
        let mut accounts = Bits::of(self.accounts.len(), |account| of_source(account) && left(account));
        if let Some(filter) = filter {
            let evaluation = Evaluation {
                documents,
                catalog,
                cancel,
            };
            let columns = Columns::Accounts(&self.accounts, &self.account_search);
            accounts = evaluation.matching(filter, columns, &self.accounts.row, &accounts, &self.account_filters)?;
        }
        Ok(Some(clusters_of(&accounts, &self.people)))
    }

    /// A page of a set. Few people in name order are sorted by themselves; otherwise the order is walked.
    fn people_page(&self, matching: &Bits, order: &Order, query: &PeopleQuery, limit: u32) -> Vec<u32> {
        const FEW: u32 = 4096;
        if query.sort != PeopleSort::Name || matching.count() > FEW {
            return order.page(matching, query.descending, query.offset, limit);
        }
        let mut people: Vec<u32> = matching.iter().collect();
        people.sort_unstable_by_key(|person| self.account_places[self.people.leader(*person) as usize]);
        if query.descending {
            people.reverse();
        }
        people.into_iter().skip(query.offset as usize).take(limit as usize).collect()
    }

    pub(super) fn people_order(&self, sort: PeopleSort) -> &Order {
        let names = &self.person_names;
        let accounts = &self.accounts;
        let lead = |person: u32| self.people.leader(person);
        let by_field = |which: usize| Order::by_text(names, |person| accounts.texts.folded(lead(person), which));
        let orders = &self.people_orders;
        match sort {
            PeopleSort::Name => orders.name.get_or_init(|| Order::as_is(names.clone())),
            PeopleSort::UserName => orders.user_name.get_or_init(|| by_field(field::USER_NAME)),
            PeopleSort::Email => orders.email.get_or_init(|| by_field(field::EMAIL)),
            PeopleSort::Title => orders.title.get_or_init(|| {
                let ranks = ranks(accounts.titles.len(), |number| accounts.titles.get(number));
                Order::by_rank(names, |person| ranks[accounts.title[lead(person) as usize] as usize].into())
            }),
            PeopleSort::Department => orders.department.get_or_init(|| {
                let ranks = ranks(accounts.departments.len(), |number| accounts.departments.get(number));
                Order::by_rank(names, |person| ranks[accounts.department[lead(person) as usize] as usize].into())
            }),
            PeopleSort::Groups => orders
                .groups
                .get_or_init(|| Order::by_rank(names, |person| u64::from(self.person_groups[person as usize]) + 1)),
            PeopleSort::Roles => orders
                .roles
                .get_or_init(|| Order::by_rank(names, |person| u64::from(self.person_roles(person)) + 1)),
            // Who asks for this order has everyone ranked first; without ranks all are alike, which leaves them by name.
            PeopleSort::Privilege => match orders.privilege.get() {
                Some(order) => order,
                None => self.people_order(PeopleSort::Name),
            },
            PeopleSort::Changed => orders
                .changed
                .get_or_init(|| Order::by_rank(names, |person| time_rank(time(self.person_changed(person))))),
        }
    }

    /// Ranks everyone by the most that each may do, once: 0 for nothing, more for more. The access map knows; the picture does not.
    pub fn rank_by_privilege(&self, rank: impl Fn(u32) -> u64 + Sync) {
        self.people_orders.privilege.get_or_init(|| {
            let count = self.people.len();
            let ranks = in_two(count, count as usize * 512, |range| range.map(&rank).collect::<Vec<_>>()).concat();
            Order::by_rank(&self.person_names, |person| ranks[person as usize])
        });
    }

    fn person_roles(&self, person: u32) -> u32 {
        self.people
            .members(person)
            .iter()
            .fold(0, |sum: u32, account| sum.saturating_add(self.accounts.roles[*account as usize]))
    }

    fn person_changed(&self, person: u32) -> i64 {
        self.people
            .members(person)
            .iter()
            .map(|account| self.accounts.changed(*account))
            .max()
            .unwrap_or(super::columns::NEVER)
    }

    /// The row of an identity.
    pub(super) fn person_row(&self, person: u32) -> PersonRow {
        let lead = self.people.leader(person);
        let text = |which| self.accounts.texts.text(lead, which).map(std::borrow::Cow::into_owned);
        PersonRow {
            key: self.account_key(lead),
            name: self.accounts.name(lead),
            user_name: text(field::USER_NAME),
            email: text(field::EMAIL),
            title: self.accounts.titles.text(self.accounts.title[lead as usize]).map(str::to_owned),
            department: self
                .accounts
                .departments
                .text(self.accounts.department[lead as usize])
                .map(str::to_owned),
            account_type: self.person_type(person),
            slots: self.person_slots(person),
            groups: self.person_groups[person as usize],
            roles: self.person_roles(person),
            changed_at: time(self.person_changed(person)),
            privilege: None,
        }
    }

    pub(super) fn person_type(&self, person: u32) -> AccountType {
        self.account_type_of(self.people.members(person))
    }

    fn account_type_of(&self, accounts: &[u32]) -> AccountType {
        if accounts.iter().any(|account| self.accounts.has(*account, mark::SERVICE)) {
            AccountType::Service
        } else {
            AccountType::Person
        }
    }

    pub(super) fn account_type(&self, account: u32) -> AccountType {
        self.account_type_of(&[account])
    }

    fn person_slots(&self, person: u32) -> Vec<Slot> {
        let slot = |(place, source): (usize, &super::SourceFacts)| {
            let unseen = if self.is_complete(place, Collection::Users) {
                SlotState::NoAccount
            } else {
                SlotState::NotEvaluated
            };
            let mut slot = Slot {
                source: source.id,
                state: unseen,
                differs: false,
                unconfirmed: false,
            };
            for account in self
                .people
                .members(person)
                .iter()
                .filter(|account| usize::from(self.accounts.source[**account as usize]) == place)
            {
                let state = self.accounts.state(*account);
                let held = matches!(slot.state, SlotState::Active | SlotState::Disabled | SlotState::Unstated);
                // Of several accounts an active one counts.
                if !held || state == SlotState::Active {
                    slot.state = state;
                }
                slot.differs |= self.accounts.has(*account, mark::DIFFERS);
                slot.unconfirmed |= self.accounts.has(*account, mark::UNCONFIRMED);
            }
            slot
        };
        self.sources.iter().enumerate().map(slot).collect()
    }
}

/// A time as a rank: 0 for none.
pub(super) fn time_rank(time: Option<i64>) -> u64 {
    time.map_or(0, |time| (time as u64 ^ (1 << 63)).max(1))
}
