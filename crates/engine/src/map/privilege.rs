//! The most that each identity may do: a word for a row of People, and an order over all of them.

use lanyard_access::world::State;

use super::Map;
use super::ask::Doubts;
use super::tables::RoleSort;
use super::words::state;
use crate::view::{HighestRole, PersonRow, Privilege};

/// A role held on a scope, and how far.
type Held = (u32, u32, State);

impl Map {
    /// Says of each row of a list the most that the identity may do.
    pub fn tell_privilege<'r>(&self, rows: impl Iterator<Item = &'r mut PersonRow>) {
        let doubts = self.doubts();
        for row in rows {
            row.privilege = self.person_of(&row.key).map(|person| self.privilege(person, &doubts));
        }
    }

    /// The most that one identity may do.
    pub(crate) fn privilege(&self, person: u32, doubts: &Doubts) -> Privilege {
        let held = self.held(person);
        let unread = |held: &Held| self.roles[held.0 as usize].sort == RoleSort::Unread;
        let highest = self.highest(&held).map(|(role, scope, how)| {
            let entry = &self.roles[role as usize];
            HighestRole {
                role: entry.name.to_string(),
                scope: self.scopes[scope as usize].name.to_string(),
                system: self.system(entry.place),
                state: state(how),
                privileged: self.privileged[role as usize],
                can_restore: self.can_restore[role as usize],
            }
        });
        Privilege {
            highest,
            not_evaluated: doubts.touch(self, person) || held.iter().any(unread),
        }
    }

    /// How much the most that an identity may do weighs; 0 where nothing that was read gives it any role.
    pub(super) fn privilege_rank(&self, person: u32) -> u64 {
        let Some(highest) = self.highest(&self.held(person)) else {
            return 0;
        };
        let (no_restore, no_privilege, how) = self.weight(highest);
        let how = match how {
            State::Active => 3,
            State::Conditional => 2,
            State::Eligible | State::Denied | State::NotFollowed => 1,
        };
        u64::from(!no_restore) * 6 + u64::from(!no_privilege) * 3 + how
    }

    /// Has the picture's people ranked by the most that each may do, where that was not done yet.
    pub fn rank_people(&self) {
        self.directory.rank_by_privilege(|person| self.privilege_rank(person));
    }

    fn held(&self, person: u32) -> Vec<Held> {
        self.world.held(self.directory.graph(), self.accounts_of(person))
    }

    /// What weighs most goes first.
    fn weight(&self, (role, _, how): Held) -> (bool, bool, State) {
        (!self.can_restore[role as usize], !self.privileged[role as usize], how)
    }

    fn highest(&self, held: &[Held]) -> Option<Held> {
        let holds = |held: &&Held| !matches!(held.2, State::Denied | State::NotFollowed);
        // Of those that weigh the same, what is held highest up says most.
        let depth = |scope: u32| self.world.scopes().upwards(scope).count();
        let names = |(role, scope, _): Held| {
            let name = (&*self.roles[role as usize].name, &*self.scopes[scope as usize].name);
            (depth(scope), name, role, scope)
        };
        let by_weight = |one: &&Held, other: &&Held| {
            let weights = self.weight(**one).cmp(&self.weight(**other));
            weights.then_with(|| names(**one).cmp(&names(**other)))
        };
        held.iter().filter(holds).min_by(by_weight).copied()
    }
}
