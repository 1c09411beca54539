//! Members: which accounts and groups are directly in which group, once all of them are known.

use std::collections::HashMap;

use lanyard_scim::brief::UserBrief;

use super::{GroupColumns, IdHash, Landing, ResourceKind, Row, SourceKind};
use crate::Error;
use crate::record::Documents;
use crate::store::cache::Cache;

/// How memberships were told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sync) enum Memberships {
    /// Groups list their members, but for so many of so many.
    OfGroups {
        /// Groups whose members are not told.
        untold: u64,
        /// Groups.
        groups: u64,
    },
    /// Users list their groups.
    OfUsers,
}

impl Landing {
    pub(super) fn put_members(&mut self, row: Row, new: bool, group: GroupColumns) -> Result<(), Error> {
        if !new {
            self.regrouped.push((row, group.members));
            return Ok(());
        }
        let mut rows = Vec::new();
        for member in group.members.into_iter().flatten() {
            match self.resolver.member(IdHash::of(&member)) {
                Some(found) => rows.push(found),
                None => self.unresolved.push((row, member)),
            }
        }
        rows.sort_unstable();
        self.memberships_changed |= !rows.is_empty();
        self.writer.put_members(row, &rows, &[])?;
        Ok(())
    }

    fn dangling(&mut self, id: &str) -> Result<Row, Error> {
        let hash = IdHash::of(id);
        if let Some(row) = self.resolver.any(hash) {
            return Ok(row);
        }
        let row = self.writer.put_dangling(id)?;
        self.resolver.dangle(hash, row);
        Ok(row)
    }

    /// Settles members once all groups are known.
    pub(in crate::sync) fn settle_members(&mut self) -> Result<(), Error> {
        if self.unresolved.is_empty() && self.regrouped.is_empty() {
            return Ok(());
        }
        self.begin()?;
        let listed = self.system == SourceKind::Scim && (self.landed.members_listed || self.writer.any_members_listed()?);
        for (group, member) in std::mem::take(&mut self.unresolved) {
            let row = self.dangling(&member)?;
            self.writer.put_members(group, &[row], &[])?;
            self.memberships_changed = true;
        }
        for (group, members) in std::mem::take(&mut self.regrouped) {
            // SCIM: without any `members`, an absent one says nothing; with some, it says that there are none (RFC 7643 §2.5).
            // Elsewhere an absent one was not read: what was known of it stands.
            if members.is_none() && !listed {
                continue;
            }
            let mut wanted = members
                .unwrap_or_default()
                .iter()
                .map(|member| self.dangling(member))
                .collect::<Result<Vec<_>, _>>()?;
            wanted.sort_unstable();
            wanted.dedup();
            self.change_members(group, &wanted)?;
        }
        Ok(())
    }

    /// Brings a group's members to what is wanted. Ascending.
    fn change_members(&mut self, group: Row, wanted: &[Row]) -> Result<(), Error> {
        let held = self.writer.members(group)?;
        let add: Vec<Row> = wanted.iter().copied().filter(|row| held.binary_search(row).is_err()).collect();
        let remove: Vec<Row> = held.iter().copied().filter(|row| wanted.binary_search(row).is_err()).collect();
        self.memberships_changed |= !(add.is_empty() && remove.is_empty());
        self.writer.put_members(group, &add, &remove)?;
        Ok(())
    }

    /// Ends the sync's writing: indexes, and how memberships were told.
    pub(in crate::sync) fn finish(&mut self, cache: &Cache) -> Result<Memberships, Error> {
        let mut memberships = self.memberships()?;
        if self.system == SourceKind::Scim {
            if self.writer.settle_members_listed()? {
                memberships = self.memberships()?;
            } else if cache.has_groups(self.source)? && self.members_of_users(cache)? {
                memberships = Memberships::OfUsers;
            }
        }
        if self.memberships_changed {
            self.begin()?;
            self.writer.sweep()?;
        }
        self.commit()?;
        self.writer.finish()?;
        Ok(memberships)
    }

    fn memberships(&self) -> Result<Memberships, Error> {
        let (groups, told) = self.writer.groups_listed()?;
        Ok(Memberships::OfGroups {
            untold: groups.saturating_sub(told),
            groups,
        })
    }

    /// Some servers list no group's members, and tell each user's groups instead (RFC 7643 §4.1.2 `groups`): reads them from the cache.
    fn members_of_users(&mut self, cache: &Cache) -> Result<bool, Error> {
        self.begin()?;
        self.commit()?;
        let source = self.source;
        let users = cache.rows(source, ResourceKind::User)?;
        let mut wanted: HashMap<Row, Vec<Row>> = cache
            .rows(source, ResourceKind::Group)?
            .into_iter()
            .map(|row| (row, Vec::new()))
            .collect();
        let by_id = cache.ids(source, ResourceKind::Group)?;
        let mut told = false;
        cache.documents(&users, &mut |row, text| {
            if let Ok(brief) = UserBrief::read(text)
                && let Some(groups) = brief.groups
            {
                told = true;
                for group in groups.iter().filter(|group| !group.indirect) {
                    if let Some(members) = by_id.get(&IdHash::of(&group.value)).and_then(|group| wanted.get_mut(group)) {
                        members.push(row);
                    }
                }
            }
            true
        })?;
        if !told {
            return Ok(false);
        }
        self.begin()?;
        for (group, mut members) in wanted {
            members.sort_unstable();
            members.dedup();
            self.change_members(group, &members)?;
        }
        self.writer.set_members_listed()?;
        Ok(true)
    }
}
