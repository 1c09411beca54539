//! Who can restore: identities × vaults by role and way, and who could let himself through the guard that is to watch over him.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use lanyard_access::findings::scene::{Breach, Restorer};
use lanyard_access::world::State;
use lanyard_access::{Able, Action, Ask, Path, Standing, WhoCan, Wish};
use roaring::RoaringBitmap;

use super::actions::{GUARD, backup_admin_on, controls, restore_on};
use super::tables::RoleSort;
use super::words::state;
use super::{Map, Vault, caveats};
use crate::Error;
use crate::record::ItemKind;
use crate::view::{DutyBreach, NodeRef, RestoreRow, RestoreView, SourceKind, UnknownPrincipal, VaultRow};

/// Ways that are told of each identity and vault.
const PATHS: usize = 16;
/// Rows of one page at most.
const PAGE: u32 = 500;
/// Breaches that are listed.
const BREACHES: usize = 500;

/// Who can restore, worked out once for a map.
pub(super) struct Restores {
    rows: Vec<Row>,
    /// By vault, in the map's order: those who can, with their ways.
    found: Vec<WhoCan>,
    /// By vault, in the map's order: who can now, and who more could.
    sums: Vec<(u32, u32)>,
    /// The order of the rows, as it was last asked for.
    order: Mutex<Option<Order>>,
    breaches: Vec<DutyBreach>,
    /// The same, all of them, as numbers.
    both: Vec<Breach>,
    unknown: Vec<UnknownPrincipal>,
}

/// A way of somebody to a vault. Ways themselves are kept once for all who stand alike.
#[derive(Clone, Copy)]
struct Row {
    standing: Standing,
    /// The vault's place in the map's order.
    vault: u32,
    /// The path's place among the person's.
    path: u32,
}

/// The groups that are meant for restoring, and the rows in the order that this gives, each with whether it leads through one of them.
type Order = (BTreeSet<u32>, Arc<Vec<(bool, u32)>>);

impl Restores {
    /// Everyone with rights over a vault and over its guard.
    pub(super) fn both(&self) -> &[Breach] {
        &self.both
    }

    /// The way of a row, but for its account.
    fn way(&self, row: &Row) -> &Path {
        &self.found[row.vault as usize].alike(row.standing).paths[row.path as usize]
    }
}

/// Whether somebody can, now or after a step of his own.
fn can(standing: &Standing) -> bool {
    !matches!(standing.state, State::Denied | State::NotFollowed)
}

impl Map {
    /// Who can restore from what. `meant` are the keys of the groups that are meant for it, as an admin named them.
    ///
    /// # Errors
    /// When the question cannot be put.
    pub fn who_can_restore(&self, meant: &[String], offset: u32, limit: u32) -> Result<RestoreView, Error> {
        let started = Instant::now();
        let found = self.restores()?;
        let meant = self.meant(meant);
        let order = self.in_order(&found, &meant);
        let rows = order
            .iter()
            .skip(offset as usize)
            .take(limit.min(PAGE) as usize)
            .map(|(within, at)| self.restore_row(&found, &found.rows[*at as usize], (!meant.is_empty()).then_some(*within)))
            .collect();
        Ok(RestoreView {
            vaults: self
                .vaults
                .iter()
                .zip(&found.sums)
                .map(|(vault, sums)| self.vault_row(vault, *sums))
                .collect(),
            rows,
            total: order.len() as u32,
            breaches: found.breaches.clone(),
            meant: meant.iter().map(|cluster| self.linked_ref(*cluster)).collect(),
            unknown: found.unknown.clone(),
            caveats: self.restore_caveats(),
            stamp: self.stamp(started),
        })
    }

    /// The rows in order: those outside the groups that are meant for it first, then by state, vault and name. A page is cut from an order
    /// that was made once.
    fn in_order(&self, found: &Restores, meant: &BTreeSet<u32>) -> Arc<Vec<(bool, u32)>> {
        let mut kept = found.order.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, order)) = &*kept
            && of == meant
        {
            return Arc::clone(order);
        }
        let place = |row: &Row| {
            let leader = self.directory.identities().leader(row.standing.cluster);
            self.directory.name_place_of_account(leader)
        };
        let mut all: Vec<(bool, State, u32, u32, u32)> = (0u32..)
            .zip(&found.rows)
            .map(|(at, row)| {
                (
                    !meant.is_empty() && self.is_meant(found.way(row), meant),
                    found.way(row).state,
                    row.vault,
                    place(row),
                    at,
                )
            })
            .collect();
        all.sort_unstable();
        let order = Arc::new(all.into_iter().map(|(within, .., at)| (within, at)).collect::<Vec<_>>());
        *kept = Some((meant.clone(), Arc::clone(&order)));
        order
    }

    /// Whether a way leads through a group that is meant for restoring.
    fn is_meant(&self, way: &Path, meant: &BTreeSet<u32>) -> bool {
        let linked = self.directory.linked_groups();
        let graph = self.directory.graph();
        // The first is the account, where the way begins with one.
        let groups = way.nodes.iter().filter_map(|node| graph.group_ordinal(*node));
        groups.map(|group| linked.of(group)).any(|cluster| meant.contains(&cluster))
    }

    /// Every way to restore, as numbers.
    pub(super) fn ways_to_restore(&self, found: &Restores, meant: &BTreeSet<u32>) -> Vec<Restorer> {
        let told = |row: &Row| {
            let way = found.way(row);
            Restorer {
                identity: row.standing.cluster,
                vault: self.vaults[row.vault as usize].scope,
                assignment: way.assignment,
                state: way.state,
                meant: self.is_meant(way, meant),
            }
        };
        found.rows.iter().map(told).collect()
    }

    /// Those who can restore from a vault, now or after a step of their own, as far as a query's roles and people leave them.
    ///
    /// # Errors
    /// When the question cannot be put.
    pub(super) fn restorers(&self, vault: u32, left: &RoaringBitmap) -> Result<u64, Error> {
        let found = self.restores()?;
        let at = self.vaults.iter().position(|known| known.scope == vault);
        let able = at.map_or(0, |at| {
            found.found[at]
                .standings
                .iter()
                .filter(|standing| can(standing) && left.contains(standing.cluster))
                .count()
        });
        Ok(able as u64)
    }

    /// The groups that are meant for restoring, as they are now.
    pub fn restore_groups(&self, keys: &[String]) -> Vec<NodeRef> {
        self.meant(keys).iter().map(|cluster| self.linked_ref(*cluster)).collect()
    }

    /// The keys of groups that are to be meant for restoring, each of which must exist.
    ///
    /// # Errors
    /// When there is no such group.
    pub fn checked_restore_groups(&self, keys: &[String]) -> Result<Vec<String>, Error> {
        let linked = self.directory.linked_groups();
        let key = |text: &String| {
            let group = self.group_of(text).ok_or_else(|| super::ask::missing("group", text))?;
            let lead = linked.leader(linked.of(group));
            Ok(self.directory.key_of_node(self.directory.graph().group_node(lead)))
        };
        let keys: Result<BTreeSet<String>, Error> = keys.iter().map(key).collect();
        Ok(keys?.into_iter().collect())
    }

    pub(super) fn meant(&self, keys: &[String]) -> BTreeSet<u32> {
        let linked = self.directory.linked_groups();
        let found = keys.iter().filter_map(|key| self.group_of(key));
        found.map(|group| linked.of(group)).collect()
    }

    pub(super) fn restores(&self) -> Result<Arc<Restores>, Error> {
        let lock = || self.restores.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*lock() {
            return Ok(Arc::clone(known));
        }
        let made = Arc::new(self.work_out()?);
        *lock() = Some(Arc::clone(&made));
        Ok(made)
    }

    fn put(&self, actions: &[Action]) -> Result<Ask, Error> {
        self.world.ask(actions).map_err(|error| Error::Input {
            field: "Action",
            problem: error.to_string(),
        })
    }

    fn who_on(&self, ask: &Ask, scope: u32, paths: usize) -> WhoCan {
        let wish = Wish { below: false, paths };
        self.world
            .who(self.directory.graph(), self.directory.identities(), ask, scope, wish)
    }

    fn work_out(&self) -> Result<Restores, Error> {
        let asks = [self.put(&restore_on(false))?, self.put(&restore_on(true))?];
        let admin_asks = [self.put(&backup_admin_on(false))?, self.put(&backup_admin_on(true))?];
        let guard_ask = self.put(&controls(GUARD))?;
        let mut guards: HashMap<u32, WhoCan> = HashMap::new();
        let (mut rows, mut all, mut sums) = (Vec::new(), Vec::new(), Vec::new());
        let mut breaches = Vec::new();
        let mut both = Vec::new();
        let mut unknown: BTreeMap<String, UnknownPrincipal> = BTreeMap::new();
        for (vault, number) in self.vaults.iter().zip(0u32..) {
            let ask = &asks[usize::from(vault.backup)];
            let found = self.who_on(ask, vault.scope, PATHS);
            let (mut active, mut potential) = (0, 0);
            for standing in &found.standings {
                match standing.state {
                    State::Active => active += 1,
                    State::Conditional | State::Eligible => potential += 1,
                    State::Denied | State::NotFollowed => {}
                }
                let paths = found.alike(*standing).paths.len() as u32;
                rows.extend((0..paths).map(|path| Row {
                    standing: *standing,
                    vault: number,
                    path,
                }));
            }
            for one in self.unknown_on(ask, vault.scope) {
                unknown.insert(one.edge.clone(), one);
            }
            if let Some(guard) = vault.guard {
                let keepers = guards.entry(guard).or_insert_with(|| self.who_on(&guard_ask, guard, 1));
                let admins = self.who_on(&admin_asks[usize::from(vault.backup)], vault.scope, 1);
                breaches.extend(self.breaches(vault, guard, [&admins, &found], keepers, &mut both));
            }
            sums.push((active, potential));
            all.push(found);
        }
        breaches.sort_by(|one, other| {
            let key = |breach: &DutyBreach| {
                (
                    breach.vault.name.to_lowercase(),
                    breach.identity.name.to_lowercase(),
                    breach.identity.key.clone(),
                )
            };
            key(one).cmp(&key(other))
        });
        breaches.truncate(BREACHES);
        Ok(Restores {
            rows,
            found: all,
            sums,
            order: Mutex::default(),
            breaches,
            both,
            unknown: unknown.into_values().collect(),
        })
    }

    /// Those who hold rights over a vault, by the first of these answers that names them, and over its guard: so many at most in words, by name,
    /// and all of them as numbers.
    fn breaches(&self, vault: &Vault, guard: u32, admins: [&WhoCan; 2], keepers: &WhoCan, all: &mut Vec<Breach>) -> Vec<DutyBreach> {
        let clusters = self.directory.identities();
        let keeping: HashMap<u32, Standing> = keepers
            .standings
            .iter()
            .filter(|keeper| can(keeper))
            .map(|standing| (standing.cluster, *standing))
            .collect();
        let mut seen = RoaringBitmap::new();
        let mut both: Vec<(u32, &WhoCan, Standing, Standing)> = Vec::new();
        for answer in admins {
            // Whom an answer names at all, the next one does not speak of.
            let new: Vec<&Standing> = answer.standings.iter().filter(|admin| !seen.contains(admin.cluster)).collect();
            seen.extend(new.iter().map(|admin| admin.cluster));
            both.extend(new.into_iter().filter(|admin| can(admin)).filter_map(|admin| {
                let keeper = keeping.get(&admin.cluster)?;
                let name = self.directory.name_place_of_account(clusters.leader(admin.cluster));
                Some((name, answer, *admin, *keeper))
            }));
        }
        both.sort_unstable_by_key(|(name, _, admin, _)| (*name, admin.cluster));
        all.extend(both.iter().map(|(_, _, admin, _)| Breach {
            identity: admin.cluster,
            vault: vault.scope,
            guard,
        }));
        let told = |(_, answer, admin, keeper): (u32, &WhoCan, Standing, Standing)| DutyBreach {
            identity: self.person_ref(admin.cluster),
            vault: self.scope_ref(vault.scope),
            guard: self.scope_ref(guard),
            backup: self.able_in_words(&answer.of(admin, clusters)),
            on_guard: self.able_in_words(&keepers.of(keeper, clusters)),
        };
        both.into_iter().take(BREACHES).map(told).collect()
    }

    /// A right with its way: `Contributor on sub-payments, by platform-core`.
    fn able_in_words(&self, able: &Able) -> String {
        let Some(path) = able.paths.first() else { return String::new() };
        let given = &self.world.facts().assignments[path.assignment as usize];
        let way = match self.by(path) {
            direct if path.nodes.len() < 2 => direct.to_lowercase(),
            by => by,
        };
        format!(
            "{} on {}, {way}{}",
            self.roles[given.role as usize].name,
            self.scopes[given.scope as usize].name,
            state(able.state).suffix()
        )
    }

    fn restore_row(&self, found: &Restores, row: &Row, meant: Option<bool>) -> RestoreRow {
        let person = row.standing.cluster;
        let mut path = found.way(row).clone();
        path.begin_with(self.accounts_of(person));
        let given = &self.world.facts().assignments[path.assignment as usize];
        RestoreRow {
            identity: self.person_ref(person),
            account_type: self.directory.type_of_identity(person),
            vault: self.scope_ref(self.vaults[row.vault as usize].scope),
            role: self.role_ref(given.role),
            scope: self.scope_ref(given.scope),
            by: self.by(&path),
            state: state(path.state),
            meant,
            dormant: path.nodes.first().and_then(|account| self.dormant(*account)),
        }
    }

    fn vault_row(&self, vault: &Vault, (active, potential): (u32, u32)) -> VaultRow {
        let entry = &self.scopes[vault.scope as usize];
        let mut caveats = Vec::new();
        if vault.guarded.is_none() {
            caveats.push("Whether multi-user authorization is on was not read".to_owned());
        }
        if vault.guarded == Some(true) && vault.guard.is_none() {
            caveats.push("Multi-user authorization is on; which resource guard it is tied to was not read".to_owned());
        }
        if let Some(guard) = vault.guard
            && self.scopes[guard as usize].row.is_none()
        {
            caveats.push("Its resource guard lies where it was not read: who could let himself through is known only as far as assignments were read".to_owned());
        }
        if !self.was_read(entry.place, ItemKind::RoleAssignment) {
            caveats.push("Not all role assignments were read: there may be more who can restore".to_owned());
        }
        VaultRow {
            vault: self.scope_ref(vault.scope),
            guarded: vault.guarded,
            guard: vault.guard.map(|guard| self.scope_ref(guard)),
            active,
            potential,
            caveats,
        }
    }

    fn restore_caveats(&self) -> Vec<crate::view::Caveat> {
        let kinds = [
            ItemKind::RoleAssignment,
            ItemKind::RoleDefinition,
            ItemKind::DenyAssignment,
            ItemKind::Eligibility,
            ItemKind::ManagementGroup,
            ItemKind::Subscription,
            ItemKind::RecoveryVault,
            ItemKind::BackupVault,
            ItemKind::ResourceGuard,
            ItemKind::GuardProxy,
            ItemKind::LostPrincipal,
        ];
        let mut all = caveats::told(&self.gaps, None, Some(&kinds));
        let azure: Vec<i64> = self
            .sources
            .iter()
            .filter(|source| source.settings.kind == SourceKind::Azure && source.settings.enabled)
            .map(|source| source.id)
            .collect();
        if azure.is_empty() {
            all.push(crate::view::Caveat {
                source: None,
                text: "No Azure source is connected: who can restore from its vaults is not evaluated".into(),
            });
        }
        let people = self.directory.people_caveats();
        all.extend(
            people
                .into_iter()
                .filter(|caveat| caveat.source.is_some_and(|source| azure.contains(&source))),
        );
        let over_vaults = self.unread_over_vaults();
        all.extend(self.unread_roles(|role| over_vaults.contains(&role)));
        all
    }

    /// Roles whose definitions were not read and that somebody holds over a vault or its guard. Elsewhere they cannot matter here.
    fn unread_over_vaults(&self) -> BTreeSet<u32> {
        let scopes = self.world.scopes();
        let ends: Vec<u32> = self
            .vaults
            .iter()
            .flat_map(|vault| [Some(vault.scope), vault.guard])
            .flatten()
            .collect();
        let given = self.world.facts().assignments.iter().map(|given| (given.role, given.scope));
        let lost = self.lost.iter().map(|lost| (lost.role, lost.scope));
        given
            .chain(lost)
            .filter(|(role, _)| self.roles[*role as usize].sort == RoleSort::Unread)
            .filter(|(_, scope)| ends.iter().any(|end| scopes.holds(*scope, *end)))
            .map(|(role, _)| role)
            .collect()
    }
}
