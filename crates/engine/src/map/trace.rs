//! What of the history a hop stands on: which membership, or which record.

use super::Map;
use super::address::{Address, EdgeAddress};
use super::tables::{Origin, RoleSort, ScopeSort};
use crate::record::{ItemKind, ResourceKind};
use crate::view::{Hop, SourceId};

/// What a hop stands on, as history knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Trace {
    /// Somebody is a direct member of a group; both by their ids at the source.
    Member {
        /// Which source.
        source: SourceId,
        /// The group.
        group: String,
        /// The member.
        member: String,
    },
    /// A record says so.
    Record {
        /// Which source.
        source: SourceId,
        /// The record's id at the source.
        id: String,
        /// What it is.
        kind: ResourceKind,
    },
}

impl Map {
    /// What a hop stands on; none for what no source says (a setting of Lanyard, a scope that only an id names).
    pub fn trace(&self, hop: &Hop) -> Option<Trace> {
        if let Some(edge) = &hop.edge {
            let directory = &self.directory;
            let exists = |group: &str, member: &str| directory.group_of_key(group).is_some() && directory.node_of_key(member).is_some();
            return match EdgeAddress::read(edge, exists)? {
                EdgeAddress::Member(group, member) => {
                    let (source, group) = key_of(group)?;
                    let (_, member) = key_of(member)?;
                    Some(Trace::Member { source, group, member })
                }
                EdgeAddress::Assignment(source, id) => {
                    let all = self.assignment_index.get(&(self.place_of(source)?, id.into()))?;
                    self.trace_of(&self.origins[*all.first()? as usize])
                }
                EdgeAddress::Emptied(_) => None,
            };
        }
        let document = hop.provenance.first()?.document.as_deref()?;
        match Address::read(document)? {
            Address::Role(source, id) => {
                let kind = match self.roles[self.role_of(document)? as usize].sort {
                    RoleSort::BuiltIn | RoleSort::Custom | RoleSort::Unread => ItemKind::RoleDefinition,
                    RoleSort::Rbac => ItemKind::RbacRole,
                    _ => return None,
                };
                record(source, id, ResourceKind::Item(kind))
            }
            Address::Scope(source, id) => {
                let kind = match self.scopes[self.scope_of(document)? as usize].sort {
                    ScopeSort::ManagementGroup => ItemKind::ManagementGroup,
                    ScopeSort::Subscription => ItemKind::Subscription,
                    ScopeSort::RecoveryVault => ItemKind::RecoveryVault,
                    ScopeSort::BackupVault => ItemKind::BackupVault,
                    ScopeSort::Guard => ItemKind::ResourceGuard,
                    ScopeSort::Entity => ItemKind::Entity,
                    _ => return None,
                };
                record(source, id, ResourceKind::Item(kind))
            }
            Address::Person(_) | Address::Group(_) => None,
        }
    }

    /// The record of an assignment. Where a record says several things, its id stands before the first `|` of the assignment's.
    fn trace_of(&self, origin: &Origin) -> Option<Trace> {
        let source = self.source_id(origin.place);
        match origin.kind {
            Some(kind @ (ItemKind::RbacRole | ItemKind::Entity)) => {
                let id = origin.id.split_once('|').map_or(&*origin.id, |(id, _)| id);
                record(source, id, ResourceKind::Item(kind))
            }
            Some(kind) => record(source, &origin.id, ResourceKind::Item(kind)),
            // Roles and entitlements of an account's own document.
            None => {
                let (own, _) = origin.id.split_once('|')?;
                origin.row?;
                record(source, own, ResourceKind::User)
            }
        }
    }
}

fn record(source: SourceId, id: &str, kind: ResourceKind) -> Option<Trace> {
    Some(Trace::Record {
        source,
        id: id.to_owned(),
        kind,
    })
}

/// A key, `SOURCE.ID`, taken apart.
fn key_of(key: &str) -> Option<(SourceId, String)> {
    let (source, id) = key.split_once('.')?;
    Some((source.parse().ok()?, id.to_owned()))
}
