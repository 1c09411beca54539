//! Members: which accounts and groups are directly in which group.

use std::collections::HashMap;

use lanyard_scim::brief::UserBrief;

use super::{IdHash, Landing, ResourceKind, Row, SourceKind};
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
    /// Writes who is in a group, in the transaction that writes the group: a kill in between would leave a group that is as the source
    /// has it, and is never looked at again, without its members. Who is not known yet is a dangling id until it comes.
    ///
    /// Of a group that does not tell its members nothing is written here: SCIM's are settled in [`Self::finish`]; elsewhere they were not
    /// read, and what was known of them stands.
    pub(super) fn put_members(&mut self, group: Row, new: bool, members: Option<Vec<String>>) -> Result<(), Error> {
        let Some(members) = members else {
            return Ok(());
        };
        let mut wanted = members.iter().map(|member| self.member(member)).collect::<Result<Vec<_>, _>>()?;
        wanted.sort_unstable();
        wanted.dedup();
        if !new {
            return self.change_members(group, &wanted);
        }
        self.memberships_changed |= !wanted.is_empty();
        Ok(self.writer.put_members(group, &wanted, &[])?)
    }

    /// The row of a member: an account, a group, or an id that is only named.
    fn member(&mut self, id: &str) -> Result<Row, Error> {
        let hash = IdHash::of(id);
        if let Some(row) = self.resolver.any(hash) {
            return Ok(row);
        }
        let row = self.writer.put_dangling(id)?;
        self.resolver.dangle(hash, row);
        Ok(row)
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

    /// Ends the sync's writing: indexes, and how memberships were told. `quiet` says that nothing was written since the last sync ended.
    pub(in crate::sync) fn finish(&mut self, cache: &Cache, quiet: bool) -> Result<Memberships, Error> {
        let mut memberships = self.memberships()?;
        if self.system == SourceKind::Scim {
            if let Some(removed) = self.writer.settle_members_listed()? {
                self.memberships_changed |= removed > 0;
                memberships = self.memberships()?;
            } else if cache.has_groups(self.source)? && ((quiet && self.writer.any_members_of_users()?) || self.members_of_users(cache)?) {
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
        self.writer.set_members_of_users()?;
        Ok(true)
    }
}
