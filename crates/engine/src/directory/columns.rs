//! The columns that accounts and groups are held in: numbers and marks by record, no object per record.

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::intern::Interned;
use super::texts::Texts;
use crate::record::{AccountRecord, DanglingRecord, GroupRecord, Row};
use crate::view::{Millis, SlotState};

/// Fields of an account's texts.
pub mod field {
    /// The display name.
    pub const NAME: usize = 0;
    /// The user name.
    pub const USER_NAME: usize = 1;
    /// The primary e-mail address.
    pub const EMAIL: usize = 2;
    /// The id at the source.
    pub const ID: usize = 3;
    /// The id at the source, of a group.
    pub const GROUP_ID: usize = 1;
}

/// Marks on a record.
pub mod mark {
    /// The source says whether the account is active.
    pub const STATED: u8 = 1;
    /// The account is active.
    pub const ACTIVE: u8 = 2;
    /// The last reading did not show it.
    pub const UNCONFIRMED: u8 = 4;
    /// It is no person's, by its kind or its user type.
    pub const SERVICE: u8 = 8;
    /// It differs from the leading one of its cluster.
    pub const DIFFERS: u8 = 16;
    /// The group's members are listed.
    pub const LISTED: u8 = 32;
}

/// No time.
pub const NEVER: Millis = Millis::MIN;

/// Finds records by source and id.
#[derive(Clone, Debug, Default)]
pub struct Ids(HashTable<u32>);

impl Ids {
    fn hash(texts: &Texts, field: usize, source: u16, record: u32) -> u64 {
        xxh3_64_with_seed(texts.folded(record, field), u64::from(source))
    }

    /// Reads the ids of all records.
    pub fn new(texts: &Texts, field: usize, sources: &[u16]) -> Self {
        let mut table = HashTable::with_capacity(sources.len());
        for (record, source) in sources.iter().enumerate() {
            let hash = Self::hash(texts, field, *source, record as u32);
            table.insert_unique(hash, record as u32, |other| {
                Self::hash(texts, field, sources[*other as usize], *other)
            });
        }
        Self(table)
    }

    /// The record of a source with that id.
    pub fn find(&self, texts: &Texts, field: usize, sources: &[u16], source: u16, id: &str) -> Option<u32> {
        // The folded form as it is held: long ids are cut there.
        let mut one = Texts::new(1);
        one.push(&[Some(id)]);
        let hash = xxh3_64_with_seed(one.folded(0, 0), u64::from(source));
        self.0
            .find(hash, |record| {
                sources[*record as usize] == source && texts.original(*record, field) == id
            })
            .copied()
    }

    /// Bytes of memory that it holds.
    pub fn memory(&self) -> usize {
        self.0.capacity() * 5
    }
}

/// No account.
const NOBODY: u32 = u32::MAX;

/// Accounts.
#[derive(Clone, Debug)]
pub struct Accounts {
    /// Name, user name, e-mail, id.
    pub texts: Texts,
    /// `externalId`.
    pub external: Texts,
    /// Titles, and each account's.
    pub titles: Interned,
    /// By account.
    pub title: Vec<u32>,
    /// Departments, and each account's.
    pub departments: Interned,
    /// By account.
    pub department: Vec<u32>,
    /// User types, and each account's.
    pub user_types: Interned,
    /// By account.
    pub user_type: Vec<u32>,
    /// Ids of managers' accounts, and each account's, until [`Self::find_managers`] has found the accounts.
    manager_ids: Interned,
    /// By account: the account of the manager at the same source, or [`NOBODY`]. Empty where no account names one that is held.
    managers: Vec<u32>,
    /// `meta.created`.
    pub created: Vec<Millis>,
    /// `meta.lastModified`.
    pub modified: Vec<Millis>,
    /// Roles and entitlements.
    pub roles: Vec<u32>,
    /// See [`mark`].
    pub marks: Vec<u8>,
    /// The source, by its place among the enabled ones.
    pub source: Vec<u16>,
    /// The number in the cache.
    pub row: Vec<Row>,
}

impl Default for Accounts {
    fn default() -> Self {
        Self {
            texts: Texts::new(4),
            external: Texts::new(1),
            titles: Interned::default(),
            title: Vec::new(),
            departments: Interned::default(),
            department: Vec::new(),
            user_types: Interned::default(),
            user_type: Vec::new(),
            manager_ids: Interned::default(),
            managers: Vec::new(),
            created: Vec::new(),
            modified: Vec::new(),
            roles: Vec::new(),
            marks: Vec::new(),
            source: Vec::new(),
            row: Vec::new(),
        }
    }
}

impl Accounts {
    /// How many there are.
    pub fn len(&self) -> u32 {
        self.source.len() as u32
    }

    /// Adds one.
    pub fn push(&mut self, source: u16, account: &AccountRecord<'_>) {
        self.texts
            .push(&[account.display_name, account.user_name, account.email, Some(account.id)]);
        self.external.push(&[account.external_id]);
        self.title.push(self.titles.add(account.title));
        self.department.push(self.departments.add(account.department));
        self.user_type.push(self.user_types.add(account.user_type));
        self.managers.push(self.manager_ids.add(account.manager));
        self.created.push(account.created.unwrap_or(NEVER));
        self.modified.push(account.modified.unwrap_or(NEVER));
        self.roles.push(account.roles);
        let mut marks = 0;
        if let Some(active) = account.active {
            marks |= mark::STATED | if active { mark::ACTIVE } else { 0 };
        }
        if account.unconfirmed {
            marks |= mark::UNCONFIRMED;
        }
        if account.service {
            marks |= mark::SERVICE;
        }
        self.marks.push(marks);
        self.source.push(source);
        self.row.push(account.row);
    }

    /// Gives back what only adding needs, and marks service accounts.
    pub fn finish(&mut self) {
        self.texts.finish();
        self.external.finish();
        for table in [&mut self.titles, &mut self.departments, &mut self.user_types] {
            table.finish();
        }
        for column in [
            &mut self.title,
            &mut self.department,
            &mut self.user_type,
            &mut self.roles,
            &mut self.row,
        ] {
            column.shrink_to_fit();
        }
        self.created.shrink_to_fit();
        self.modified.shrink_to_fit();
        self.marks.shrink_to_fit();
        self.source.shrink_to_fit();
        let service: Vec<bool> = (0..self.user_types.len() as u32)
            .map(|number| is_service(self.user_types.get(number)))
            .collect();
        if service.contains(&true) {
            for (marks, user_type) in self.marks.iter_mut().zip(&self.user_type) {
                if service[*user_type as usize] {
                    *marks |= mark::SERVICE;
                }
            }
        }
    }

    /// Puts managers' accounts in the place of their ids.
    pub fn find_managers(&mut self, ids: &Ids) {
        let table = std::mem::take(&mut self.manager_ids);
        let mut managers = std::mem::take(&mut self.managers);
        if table.len() <= 1 {
            return;
        }
        // Sources have ids of their own: the last one found of each id serves those that come next, which are mostly of the same source.
        let mut found: Vec<Option<(u16, u32)>> = vec![None; table.len()];
        for (manager, source) in managers.iter_mut().zip(&self.source) {
            let Some(id) = table.text(*manager) else {
                *manager = NOBODY;
                continue;
            };
            let known = &mut found[*manager as usize];
            *manager = match known {
                Some((of, account)) if of == source => *account,
                _ => {
                    let account = ids.find(&self.texts, field::ID, &self.source, *source, id).unwrap_or(NOBODY);
                    *known = Some((*source, account));
                    account
                }
            };
        }
        if managers.iter().any(|manager| *manager != NOBODY) {
            managers.shrink_to_fit();
            self.managers = managers;
        }
    }

    /// The account of an account's manager, at the same source, where it is held.
    pub fn manager(&self, account: u32) -> Option<u32> {
        self.managers.get(account as usize).copied().filter(|manager| *manager != NOBODY)
    }

    /// Whether a mark is set.
    pub fn has(&self, account: u32, mark: u8) -> bool {
        self.marks[account as usize] & mark != 0
    }

    /// `active`; none where the source does not say.
    pub fn active(&self, account: u32) -> Option<bool> {
        self.has(account, mark::STATED).then(|| self.has(account, mark::ACTIVE))
    }

    /// Active or not, as a slot shows it.
    pub fn state(&self, account: u32) -> SlotState {
        match self.active(account) {
            Some(true) => SlotState::Active,
            Some(false) => SlotState::Disabled,
            None => SlotState::Unstated,
        }
    }

    /// The field that the name to show is in: the first that is not empty.
    pub fn name_field(&self, account: u32) -> usize {
        if !self.texts.lacks_first(account) {
            return field::NAME;
        }
        let held = |which: &usize| !self.texts.folded(account, *which).is_empty() || !self.texts.is_plain(account, *which);
        (field::USER_NAME..field::ID).find(held).unwrap_or(field::ID)
    }

    /// The name to show.
    pub fn name(&self, account: u32) -> String {
        self.texts.original(account, self.name_field(account)).into_owned()
    }

    /// When it last changed, or came to be, as far as the source says.
    pub fn changed(&self, account: u32) -> Millis {
        self.modified[account as usize].max(self.created[account as usize])
    }

    /// Bytes of memory that they hold.
    pub fn memory(&self) -> usize {
        self.texts.memory()
            + self.external.memory()
            + self.titles.memory()
            + self.departments.memory()
            + self.user_types.memory()
            + self.managers.capacity() * 4
            + self.source.capacity() * (5 * 4 + 2 * 8 + 1 + 2)
    }
}

/// Whether a user type says that nobody in person is behind the account.
fn is_service(user_type: &str) -> bool {
    let plain: String = super::fold::fold(user_type)
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect();
    let plain = plain
        .strip_suffix("account")
        .or_else(|| plain.strip_suffix("user"))
        .unwrap_or(&plain);
    matches!(
        plain,
        "service"
            | "serviceprincipal"
            | "svc"
            | "bot"
            | "robot"
            | "agent"
            | "aiagent"
            | "application"
            | "app"
            | "machine"
            | "workload"
            | "daemon"
            | "nonhuman"
            | "nonperson"
            | "system"
            | "technical"
            | "integration"
            | "api"
            | "automation"
    )
}

/// Groups.
#[derive(Clone, Debug)]
pub struct Groups {
    /// Name, id.
    pub texts: Texts,
    /// `externalId`.
    pub external: Texts,
    /// `meta.created`.
    pub created: Vec<Millis>,
    /// `meta.lastModified`.
    pub modified: Vec<Millis>,
    /// See [`mark`].
    pub marks: Vec<u8>,
    /// The source, by its place among the enabled ones.
    pub source: Vec<u16>,
    /// The number in the cache.
    pub row: Vec<Row>,
}

impl Default for Groups {
    fn default() -> Self {
        let (created, modified, marks, source, row) = Default::default();
        Self {
            texts: Texts::new(2),
            external: Texts::new(1),
            created,
            modified,
            marks,
            source,
            row,
        }
    }
}

impl Groups {
    /// How many there are.
    pub fn len(&self) -> u32 {
        self.source.len() as u32
    }

    /// Adds one; `listed` where its source lists members at all.
    pub fn push(&mut self, source: u16, group: &GroupRecord<'_>, listed: bool) {
        self.texts.push(&[group.display_name, Some(group.id)]);
        self.external.push(&[group.external_id]);
        self.created.push(group.created.unwrap_or(NEVER));
        self.modified.push(group.modified.unwrap_or(NEVER));
        self.marks
            .push(if group.unconfirmed { mark::UNCONFIRMED } else { 0 } | if listed { mark::LISTED } else { 0 });
        self.source.push(source);
        self.row.push(group.row);
    }

    /// Gives back what only adding needs.
    pub fn finish(&mut self) {
        self.texts.finish();
        self.external.finish();
    }

    /// Whether a mark is set.
    pub fn has(&self, group: u32, mark: u8) -> bool {
        self.marks[group as usize] & mark != 0
    }

    /// The field that the name to show is in.
    pub fn name_field(&self, group: u32) -> usize {
        if self.texts.lacks_first(group) {
            field::GROUP_ID
        } else {
            field::NAME
        }
    }

    /// The name to show.
    pub fn name(&self, group: u32) -> String {
        self.texts.original(group, self.name_field(group)).into_owned()
    }

    /// When it last changed, or came to be, as far as the source says.
    pub fn changed(&self, group: u32) -> Millis {
        self.modified[group as usize].max(self.created[group as usize])
    }

    /// Bytes of memory that they hold.
    pub fn memory(&self) -> usize {
        self.texts.memory() + self.external.memory() + self.source.capacity() * (4 + 16 + 3)
    }
}

/// Ids that are members and not held.
#[derive(Clone, Debug)]
pub struct Dangling {
    /// The id.
    pub texts: Texts,
    /// The source, by its place among the enabled ones.
    pub source: Vec<u16>,
}

impl Default for Dangling {
    fn default() -> Self {
        Self {
            texts: Texts::new(1),
            source: Vec::new(),
        }
    }
}

impl Dangling {
    /// How many there are.
    pub fn len(&self) -> u32 {
        self.source.len() as u32
    }

    /// Adds one.
    pub fn push(&mut self, source: u16, dangling: &DanglingRecord<'_>) {
        self.texts.push(&[Some(dangling.id)]);
        self.source.push(source);
    }
}

/// A time, or none.
pub fn time(millis: Millis) -> Option<Millis> {
    (millis != NEVER).then_some(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_accounts_are_told_by_their_type() {
        for yes in ["Service", "service account", "SERVICE_ACCOUNT", "Bot", "serviceUser", "AI agent"] {
            assert!(is_service(yes), "{yes}");
        }
        for no in ["", "Employee", "Service Desk", "Contractor", "Test", "User"] {
            assert!(!is_service(no), "{no}");
        }
    }

    #[test]
    fn ids_are_found_exactly() {
        let mut accounts = Accounts::default();
        let long = "x".repeat(9_000);
        for (source, id) in [(0, "Ab"), (0, "ab"), (1, "Ab"), (1, "é"), (0, long.as_str())] {
            accounts.push(
                source,
                &AccountRecord {
                    id,
                    ..AccountRecord::default()
                },
            );
        }
        let ids = Ids::new(&accounts.texts, field::ID, &accounts.source);
        let find = |source, id: &str| ids.find(&accounts.texts, field::ID, &accounts.source, source, id);
        assert_eq!(
            (find(0, "Ab"), find(0, "ab"), find(1, "Ab"), find(1, "é"), find(0, &long)),
            (Some(0), Some(1), Some(2), Some(3), Some(4))
        );
        assert_eq!((find(1, "ab"), find(0, "é"), find(0, "AB")), (None, None, None));
    }
}
