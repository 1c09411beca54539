//! Backstage's documents as plain data: entities of the catalog, and roles, policies and conditions of the community RBAC plugin.
//!
//! They are read tolerantly: what is missing, or of another type than documented, is absent, and never spoils the rest of its document.
//! <https://backstage.io/docs/features/software-catalog/descriptor-format>,
//! <https://github.com/backstage/community-plugins/tree/main/workspaces/rbac/plugins/rbac-backend/docs>

mod entity;
mod rbac;
mod reference;
mod tolerant;

pub use entity::{Entity, Metadata, ORPHAN, ORPHANED_USER, Profile, Relation, Spec};
pub use rbac::{Criteria, RbacCondition, RbacMetadata, RbacPolicy, RbacRole};
pub use reference::{entity_ref, full_ref};

#[cfg(test)]
mod tests;
