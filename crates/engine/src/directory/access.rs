//! What the access map reads of the picture: the graph, the clusters, names and keys by number.

use lanyard_access::{Clusters, Graph, Node};

use super::columns::{field, mark};
use super::{Collection, Directory, SourceFacts};
use crate::record::Row;
use crate::view::{AccountType, Caveat, Millis, SlotState};

impl Directory {
    /// Direct memberships of all sources: accounts, then groups, then dangling ids.
    pub(crate) fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Which accounts are one identity.
    pub(crate) fn identities(&self) -> &Clusters {
        &self.people
    }

    /// Which groups are one linked group.
    pub(crate) fn linked_groups(&self) -> &Clusters {
        &self.linked
    }

    /// Identities by name.
    pub(crate) fn identities_by_name(&self) -> &[u32] {
        &self.person_names
    }

    /// Whether another identity is named the same. Namesakes stand beside each other in the order of names.
    pub(crate) fn has_namesakes(&self, person: u32) -> bool {
        let place = |person: u32| self.account_places[self.people.leader(person) as usize];
        let names = &self.person_names;
        let Ok(at) = names.binary_search_by_key(&place(person), |other| place(*other)) else {
            return false;
        };
        let name = self.accounts.name(self.people.leader(person));
        let named_so = |at: usize| {
            names
                .get(at)
                .is_some_and(|other| self.accounts.name(self.people.leader(*other)) == name)
        };
        named_so(at + 1) || at.checked_sub(1).is_some_and(named_so)
    }

    /// An account's user name.
    pub(crate) fn user_name_of(&self, account: u32) -> Option<String> {
        let name = self.accounts.texts.text(account, field::USER_NAME);
        name.map(std::borrow::Cow::into_owned)
    }

    /// The account with that key.
    pub(crate) fn account_of_key(&self, key: &str) -> Option<u32> {
        self.account(key)
    }

    /// The group (by ordinal) with that key.
    pub(crate) fn group_of_key(&self, key: &str) -> Option<u32> {
        self.group_record(key)
    }

    /// The account with that id, of the source at this place.
    pub(crate) fn account_with_id(&self, place: u16, id: &str) -> Option<u32> {
        self.ids.find(&self.accounts.texts, field::ID, &self.accounts.source, place, id)
    }

    /// The group (by ordinal) with that id, of the source at this place.
    pub(crate) fn group_with_id(&self, place: u16, id: &str) -> Option<u32> {
        self.group_ids
            .find(&self.groups.texts, field::GROUP_ID, &self.groups.source, place, id)
    }

    /// The place of an account's source.
    pub(crate) fn place_of_account(&self, account: u32) -> u16 {
        self.accounts.source[account as usize]
    }

    /// The place of a group's source.
    pub(crate) fn place_of_group(&self, group: u32) -> u16 {
        self.groups.source[group as usize]
    }

    /// The place of a dangling id's source.
    pub(crate) fn place_of_dangling(&self, dangling: u32) -> u16 {
        self.dangling.source[dangling as usize]
    }

    /// A dangling id, as its source writes it.
    pub(crate) fn dangling_id(&self, dangling: u32) -> String {
        self.dangling.texts.original(dangling, 0).into_owned()
    }

    /// `SOURCE.ID` of any node.
    pub(crate) fn key_of_node(&self, node: Node) -> String {
        match self.graph.group_ordinal(node) {
            Some(group) => self.group_key(group),
            None if node < self.graph.accounts() => self.account_key(node),
            None => self.dangling_key(node - self.graph.dangling_node(0)),
        }
    }

    /// The node with that key: an account's or a group's.
    pub(crate) fn node_of_key(&self, key: &str) -> Option<Node> {
        self.account(key)
            .or_else(|| self.group_record(key).map(|group| self.graph.group_node(group)))
    }

    /// The name to show of an account.
    pub(crate) fn name_of_account(&self, account: u32) -> String {
        self.accounts.name(account)
    }

    /// The name to show of a group.
    pub(crate) fn name_of_group(&self, group: u32) -> String {
        self.groups.name(group)
    }

    /// The id of an account at its source.
    pub(crate) fn id_of_account(&self, account: u32) -> String {
        self.accounts.texts.original(account, field::ID).into_owned()
    }

    /// The id of a group at its source.
    pub(crate) fn id_of_group(&self, group: u32) -> String {
        self.groups.texts.original(group, field::GROUP_ID).into_owned()
    }

    /// User name and e-mail address of an account.
    pub(crate) fn names_of_account(&self, account: u32) -> [Option<String>; 2] {
        [field::USER_NAME, field::EMAIL].map(|which| self.accounts.texts.text(account, which).map(std::borrow::Cow::into_owned))
    }

    /// The user type of an account, as its source says.
    pub(crate) fn user_type_of(&self, account: u32) -> Option<&str> {
        self.accounts.user_types.text(self.accounts.user_type[account as usize])
    }

    /// What an account states of an attribute (see [`lanyard_access::findings::scene::attribute`]); none of a manager, who is an identity: see [`Self::manager_of`].
    pub(crate) fn stated(&self, account: u32, attribute: u32) -> Option<String> {
        use lanyard_access::findings::scene::attribute as bit;
        let accounts = &self.accounts;
        let at = account as usize;
        match attribute {
            bit::NAME => accounts.texts.text(account, field::NAME).map(std::borrow::Cow::into_owned),
            bit::EMAIL => accounts.texts.text(account, field::EMAIL).map(std::borrow::Cow::into_owned),
            bit::USER_NAME => accounts.texts.text(account, field::USER_NAME).map(std::borrow::Cow::into_owned),
            bit::TITLE => accounts.titles.text(accounts.title[at]).map(str::to_owned),
            bit::DEPARTMENT => accounts.departments.text(accounts.department[at]).map(str::to_owned),
            _ => None,
        }
    }

    /// Who the manager of an account is, as an identity.
    pub(crate) fn manager_of(&self, account: u32) -> Option<u32> {
        self.accounts.manager(account).map(|manager| self.people.of(manager))
    }

    /// The department of an identity: the first that one of its accounts states. The number is the same for the same text.
    pub(crate) fn department_of(&self, person: u32) -> Option<(u32, &str)> {
        self.people.members(person).iter().find_map(|account| {
            let number = self.accounts.department[*account as usize];
            self.accounts.departments.text(number).map(|text| (number, text))
        })
    }

    /// What an identity is for.
    pub(crate) fn type_of_identity(&self, person: u32) -> AccountType {
        self.person_type(person)
    }

    /// Whether an account is active.
    pub(crate) fn state_of_account(&self, account: u32) -> SlotState {
        self.accounts.state(account)
    }

    /// How many roles and entitlements an account's document carries.
    pub(crate) fn roles_of_account(&self, account: u32) -> u32 {
        self.accounts.roles[account as usize]
    }

    /// Where an account's document is.
    pub(crate) fn row_of_account(&self, account: u32) -> Row {
        self.accounts.row[account as usize]
    }

    /// Where a group's document is.
    pub(crate) fn row_of_group(&self, group: u32) -> Row {
        self.groups.row[group as usize]
    }

    /// People in a group at any depth, as far as members are listed.
    pub(crate) fn people_below(&self, group: u32) -> u32 {
        self.counts[group as usize].people
    }

    /// Whether the group's own members are listed.
    pub(crate) fn members_listed(&self, group: u32) -> bool {
        self.groups.has(group, mark::LISTED)
    }

    /// Whether the group, or one nested in it, does not list its members.
    pub(crate) fn has_unlisted(&self, group: u32) -> bool {
        self.unlisted[group as usize]
    }

    /// Whether a group differs from the leading one of its linked group.
    pub(crate) fn group_differs(&self, group: u32) -> bool {
        self.groups.has(group, mark::DIFFERS)
    }

    /// A group's place among all by name.
    pub(crate) fn name_place_of_group(&self, group: u32) -> u32 {
        self.group_places[group as usize]
    }

    /// An account's place among all by name.
    pub(crate) fn name_place_of_account(&self, account: u32) -> u32 {
        self.account_places[account as usize]
    }

    /// Identities one of whose accounts matches a search; none where it asks for nothing.
    pub(crate) fn identities_matching(&self, text: &str) -> Option<impl Fn(u32) -> bool + use<>> {
        let hits = self.account_search.find(&self.accounts.texts, &self.people, text)?;
        Some(move |person| hits.clusters().has(person))
    }

    /// Linked groups one of whose groups matches a search; none where it asks for nothing.
    pub(crate) fn linked_groups_matching(&self, text: &str) -> Option<impl Fn(u32) -> bool + use<>> {
        let hits = self.group_search.find(&self.groups.texts, &self.linked, text)?;
        Some(move |group| hits.clusters().has(group))
    }

    /// What cannot be said about people, groups and memberships.
    pub(crate) fn people_caveats(&self) -> Vec<Caveat> {
        self.caveats(&[Collection::Users, Collection::Groups, Collection::Memberships])
    }

    /// The source at a place.
    pub(crate) fn source_at(&self, place: u16) -> &SourceFacts {
        &self.sources[usize::from(place)]
    }

    /// When the source at a place was last read.
    pub(crate) fn read_at(&self, place: u16) -> Option<Millis> {
        self.source_at(place).read_at
    }

    /// Whether a source's users, or its groups' members, were read in full.
    pub(crate) fn read_in_full(&self, place: u16, memberships: bool) -> bool {
        let collection = if memberships { Collection::Memberships } else { Collection::Users };
        self.is_complete(usize::from(place), collection)
    }
}
