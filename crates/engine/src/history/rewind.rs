//! Rows as they were at a moment: between the cache and whoever takes rows.

use std::collections::{HashMap, HashSet};

use crate::record::{
    AccountRecord, Columns, DanglingRecord, Earlier, EarlierMembers, GroupRecord, ItemKind, ItemRecord, ReadColumns, RecordSink,
    ResourceKind, Row, Shape, Since, Was,
};
use crate::view::SourceId;

/// What was not recorded at a moment: nothing is known of these kinds then.
pub type Hidden = HashSet<(SourceId, ResourceKind)>;

type ByText<T> = HashMap<Box<str>, T>;

/// What becomes of a record's row.
enum Plan {
    /// It was not there.
    LeaveOut,
    /// It said this.
    Put(Box<Columns>, Vec<u8>, ResourceKind),
    /// It was there, and what it said was not kept: what it says now stands in for that.
    Keep(ResourceKind, Box<str>),
}

struct Planned {
    plan: Plan,
    /// Whether the cache holds it.
    met: bool,
}

/// A group's members: who is passed over, and who is added.
#[derive(Default)]
struct Edit {
    anew: bool,
    out: HashSet<Row>,
    back: Vec<Row>,
}

/// What the rewound rows leave to whoever makes a picture of them.
#[derive(Debug, Default)]
pub struct Rewound {
    /// Documents by row, of those that said something else or are not in the cache any more.
    pub documents: HashMap<Row, Vec<u8>>,
    /// Records that were there and of which it is not known what they said: source, kind, name.
    pub untold: Vec<(SourceId, ResourceKind, String)>,
}

/// Takes the cache's rows of accounts, groups and members and hands them on as they were.
pub struct Rewinder<'a, S: RecordSink> {
    into: &'a mut S,
    hidden: &'a Hidden,
    accounts: HashMap<SourceId, ByText<Planned>>,
    groups: HashMap<SourceId, ByText<Planned>>,
    members: &'a [EarlierMembers],
    /// Rows of ids that members' lines name; once they are known.
    wanted: HashMap<SourceId, ByText<Option<Row>>>,
    /// Sources of which a group tells its members.
    listing: HashSet<SourceId>,
    edits: HashMap<Row, Edit>,
    next_row: Row,
    settled: bool,
    rewound: Rewound,
}

/// A record as it is to be put, where it can be read.
fn planned(earlier: &Earlier, read: ReadColumns<'_>) -> Plan {
    match &earlier.was {
        Was::Absent => Plan::LeaveOut,
        Was::Said(document) => match read(earlier.source, earlier.kind, document) {
            Some(columns) => Plan::Put(Box::new(columns), document.clone(), earlier.kind),
            None => Plan::Keep(earlier.kind, earlier.name.as_str().into()),
        },
        Was::Untold => Plan::Keep(earlier.kind, earlier.name.as_str().into()),
    }
}

impl<'a, S: RecordSink> Rewinder<'a, S> {
    /// Ready for the cache's rows. `last_row` is the highest number that the cache has given.
    pub fn new(into: &'a mut S, since: &'a Since, hidden: &'a Hidden, read: ReadColumns<'_>, last_row: Row) -> Self {
        let mut accounts: HashMap<SourceId, ByText<Planned>> = HashMap::new();
        let mut groups: HashMap<SourceId, ByText<Planned>> = HashMap::new();
        for earlier in &since.records {
            let table = match earlier.kind.shape() {
                Shape::Account => &mut accounts,
                Shape::Group => &mut groups,
                Shape::Item => continue,
            };
            if hidden.contains(&(earlier.source, earlier.kind)) {
                continue;
            }
            let plan = planned(earlier, read);
            let of_source = table.entry(earlier.source).or_default();
            // An id is one account's: where it went from one kind to another, the kind that was there counts.
            let replaces = of_source
                .get(earlier.id.as_str())
                .is_none_or(|other| matches!(other.plan, Plan::LeaveOut));
            if replaces {
                of_source.insert(earlier.id.as_str().into(), Planned { plan, met: false });
            }
        }
        let mut wanted: HashMap<SourceId, ByText<Option<Row>>> = HashMap::new();
        for group in &since.members {
            let ids = wanted.entry(group.source).or_default();
            ids.insert(group.group.as_str().into(), None);
            for (member, _) in &group.members {
                ids.insert(member.as_str().into(), None);
            }
        }
        Self {
            into,
            hidden,
            accounts,
            groups,
            members: &since.members,
            wanted,
            listing: HashSet::new(),
            edits: HashMap::new(),
            next_row: last_row,
            settled: false,
            rewound: Rewound::default(),
        }
    }

    /// Hands on what comes back, and gives the documents that go with it.
    pub fn finish(mut self) -> (Rewound, Row) {
        self.settle();
        let mut edits: Vec<(Row, Edit)> = self.edits.drain().collect();
        edits.sort_unstable_by_key(|(row, _)| *row);
        for (group, edit) in edits {
            for member in edit.back {
                self.into.membership(group, member);
            }
        }
        (self.rewound, self.next_row)
    }

    fn deal_row(&mut self) -> Row {
        self.next_row = self.next_row.saturating_add(1);
        self.next_row
    }

    /// Notes the row of an id that members' lines name. Accounts and groups go before ids that are only named.
    fn note(&mut self, source: SourceId, id: &str, row: Row, over: bool) {
        if let Some(place) = self.wanted.get_mut(&source).and_then(|ids| ids.get_mut(id))
            && (over || place.is_none())
        {
            *place = Some(row);
        }
    }

    /// Puts a record that said something else, or that is gone.
    fn put(&mut self, source: SourceId, row: Row, columns: &Columns, document: Vec<u8>, kind: ResourceKind, listed: Option<bool>) {
        match columns {
            Columns::Account(account) => self.into.account(&account.record(source, row, kind == ResourceKind::Service)),
            Columns::Group(group) => {
                let record = group.record(source, row);
                let members_listed = listed.unwrap_or(record.members_listed || self.listing.contains(&source));
                self.into.group(&GroupRecord { members_listed, ..record });
            }
            Columns::Item(_) => return,
        }
        self.note(source, columns.id(), row, true);
        self.rewound.documents.insert(row, document);
    }

    /// Whether one that is only named now was held then: puts it in its row.
    fn comes_back(&mut self, source: SourceId, id: &str, row: Row) -> bool {
        for of_accounts in [true, false] {
            let table = if of_accounts { &mut self.accounts } else { &mut self.groups };
            let Some(planned) = table.get_mut(&source).and_then(|ids| ids.get_mut(id)) else {
                continue;
            };
            if planned.met || matches!(planned.plan, Plan::LeaveOut) {
                continue;
            }
            planned.met = true;
            let plan = std::mem::replace(&mut planned.plan, Plan::LeaveOut);
            self.restore(source, id, row, plan, of_accounts);
            return true;
        }
        false
    }

    /// Puts a record that the cache does not hold any more.
    fn restore(&mut self, source: SourceId, id: &str, row: Row, plan: Plan, account: bool) {
        match plan {
            Plan::LeaveOut => {}
            Plan::Put(columns, document, kind) => self.put(source, row, &columns, document, kind, None),
            Plan::Keep(kind, name) => {
                // All that is known of it is its id and its name.
                if account {
                    self.into.account(&AccountRecord {
                        row,
                        source,
                        id,
                        display_name: Some(&name),
                        service: kind == ResourceKind::Service,
                        ..AccountRecord::default()
                    });
                } else {
                    let members_listed = self.listing.contains(&source);
                    self.into.group(&GroupRecord {
                        row,
                        source,
                        id,
                        display_name: Some(&name),
                        members_listed,
                        ..GroupRecord::default()
                    });
                }
                self.note(source, id, row, true);
                self.rewound.untold.push((source, kind, name.into()));
            }
        }
    }

    /// Once all rows came: those that are gone come back, and members' ids become rows.
    fn settle(&mut self) {
        if std::mem::replace(&mut self.settled, true) {
            return;
        }
        for of_accounts in [true, false] {
            let table = std::mem::take(if of_accounts { &mut self.accounts } else { &mut self.groups });
            let mut back: Vec<(SourceId, Box<str>, Plan)> = table
                .into_iter()
                .flat_map(|(source, ids)| ids.into_iter().map(move |(id, planned)| (source, id, planned)))
                .filter(|(_, _, planned)| !planned.met && !matches!(planned.plan, Plan::LeaveOut))
                .map(|(source, id, planned)| (source, id, planned.plan))
                .collect();
            // Their order is the same each time.
            back.sort_unstable_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
            for (source, id, plan) in back {
                let row = self.deal_row();
                self.restore(source, &id, row, plan, of_accounts);
            }
        }
        for group in self.members {
            if self.hidden.contains(&(group.source, ResourceKind::Group)) {
                continue;
            }
            let Some(row) = self.row_of(group.source, &group.group) else {
                continue;
            };
            let mut edit = Edit {
                anew: group.anew,
                ..Edit::default()
            };
            for (member, was_in) in &group.members {
                match (self.row_of(group.source, member), was_in) {
                    (Some(row), true) => edit.back.push(row),
                    (Some(row), false) => _ = edit.out.insert(row),
                    (None, true) => {
                        let row = self.deal_row();
                        self.into.dangling(&DanglingRecord {
                            row,
                            source: group.source,
                            id: member,
                        });
                        self.note(group.source, member, row, false);
                        edit.back.push(row);
                    }
                    (None, false) => {}
                }
            }
            self.edits.insert(row, edit);
        }
    }

    fn row_of(&self, source: SourceId, id: &str) -> Option<Row> {
        *self.wanted.get(&source)?.get(id)?
    }
}

impl<S: RecordSink> RecordSink for Rewinder<'_, S> {
    fn account(&mut self, account: &AccountRecord<'_>) {
        let kind = ResourceKind::of_account(account.service);
        if self.hidden.contains(&(account.source, kind)) {
            return;
        }
        let planned = self.accounts.get_mut(&account.source).and_then(|ids| ids.get_mut(account.id));
        let Some(planned) = planned else {
            self.into.account(account);
            self.note(account.source, account.id, account.row, true);
            return;
        };
        planned.met = true;
        match std::mem::replace(&mut planned.plan, Plan::LeaveOut) {
            Plan::LeaveOut => {
                // A group may have named it before it came.
                self.into.dangling(&DanglingRecord {
                    row: account.row,
                    source: account.source,
                    id: account.id,
                });
                self.note(account.source, account.id, account.row, false);
            }
            Plan::Put(columns, document, kind) => self.put(account.source, account.row, &columns, document, kind, None),
            Plan::Keep(kind, name) => {
                self.into.account(account);
                self.note(account.source, account.id, account.row, true);
                self.rewound.untold.push((account.source, kind, name.into()));
            }
        }
    }

    fn group(&mut self, group: &GroupRecord<'_>) {
        if self.hidden.contains(&(group.source, ResourceKind::Group)) {
            return;
        }
        if group.members_listed {
            self.listing.insert(group.source);
        }
        let planned = self.groups.get_mut(&group.source).and_then(|ids| ids.get_mut(group.id));
        let Some(planned) = planned else {
            self.into.group(group);
            self.note(group.source, group.id, group.row, true);
            return;
        };
        planned.met = true;
        match std::mem::replace(&mut planned.plan, Plan::LeaveOut) {
            Plan::LeaveOut => {
                self.into.dangling(&DanglingRecord {
                    row: group.row,
                    source: group.source,
                    id: group.id,
                });
                self.note(group.source, group.id, group.row, false);
            }
            Plan::Put(columns, document, kind) => {
                self.put(group.source, group.row, &columns, document, kind, Some(group.members_listed));
            }
            Plan::Keep(kind, name) => {
                self.into.group(group);
                self.note(group.source, group.id, group.row, true);
                self.rewound.untold.push((group.source, kind, name.into()));
            }
        }
    }

    fn dangling(&mut self, dangling: &DanglingRecord<'_>) {
        if self.comes_back(dangling.source, dangling.id, dangling.row) {
            return;
        }
        self.into.dangling(dangling);
        self.note(dangling.source, dangling.id, dangling.row, false);
    }

    fn membership(&mut self, group: Row, member: Row) {
        self.settle();
        let passed_over = self.edits.get(&group).is_some_and(|edit| edit.anew || edit.out.contains(&member));
        if !passed_over {
            self.into.membership(group, member);
        }
    }
}

/// Hands items on as they were.
pub struct ItemRewinder<'a> {
    hidden: &'a Hidden,
    read: ReadColumns<'a>,
    plans: HashMap<(SourceId, ItemKind), ByText<(&'a Earlier, bool)>>,
    next_row: Row,
    rewound: &'a mut Rewound,
}

impl<'a> ItemRewinder<'a> {
    /// Ready for the cache's items. `next_row` is the highest number that was given.
    pub fn new(since: &'a Since, hidden: &'a Hidden, read: ReadColumns<'a>, next_row: Row, rewound: &'a mut Rewound) -> Self {
        let mut plans: HashMap<(SourceId, ItemKind), ByText<(&Earlier, bool)>> = HashMap::new();
        for earlier in &since.records {
            if let ResourceKind::Item(kind) = earlier.kind
                && !hidden.contains(&(earlier.source, earlier.kind))
            {
                plans
                    .entry((earlier.source, kind))
                    .or_default()
                    .insert(earlier.id.as_str().into(), (earlier, false));
            }
        }
        Self {
            hidden,
            read,
            plans,
            next_row,
            rewound,
        }
    }

    /// Takes an item of the cache and hands it on as it was, if it was there.
    pub fn item(&mut self, item: &ItemRecord<'_>, each: &mut dyn FnMut(&ItemRecord<'_>)) {
        if self.hidden.contains(&(item.source, ResourceKind::Item(item.kind))) {
            return;
        }
        let planned = self.plans.get_mut(&(item.source, item.kind)).and_then(|ids| ids.get_mut(item.id));
        let Some((earlier, met)) = planned else { return each(item) };
        *met = true;
        match &earlier.was {
            Was::Absent => {}
            Was::Said(document) => {
                let columns = (self.read)(item.source, earlier.kind, document);
                each(&ItemRecord {
                    name: columns.as_ref().map(Columns::name).or(item.name),
                    document,
                    unconfirmed: false,
                    ..*item
                });
                self.rewound.documents.insert(item.row, document.clone());
            }
            Was::Untold => {
                each(item);
                self.rewound.untold.push((item.source, earlier.kind, earlier.name.clone()));
            }
        }
    }

    /// Hands on those that the cache does not hold any more.
    pub fn finish(mut self, each: &mut dyn FnMut(&ItemRecord<'_>)) {
        let mut back: Vec<(ItemKind, &Earlier)> = self
            .plans
            .iter()
            .flat_map(|((_, kind), ids)| ids.values().map(|planned| (*kind, planned)))
            .filter(|(_, (_, met))| !met)
            .map(|(kind, (earlier, _))| (kind, *earlier))
            .collect();
        back.sort_unstable_by(|one, other| (one.1.source, one.0, &one.1.id).cmp(&(other.1.source, other.0, &other.1.id)));
        for (kind, earlier) in back {
            match &earlier.was {
                Was::Absent => {}
                Was::Said(document) => {
                    self.next_row = self.next_row.saturating_add(1);
                    let columns = (self.read)(earlier.source, earlier.kind, document);
                    each(&ItemRecord {
                        row: self.next_row,
                        source: earlier.source,
                        kind,
                        id: &earlier.id,
                        name: columns.as_ref().map(Columns::name).or(Some(&earlier.name)),
                        unconfirmed: false,
                        document,
                    });
                    self.rewound.documents.insert(self.next_row, document.clone());
                }
                Was::Untold => self.rewound.untold.push((earlier.source, earlier.kind, earlier.name.clone())),
            }
        }
    }
}
