//! The columns of SCIM users and groups.

use lanyard_scim::brief::{GroupBrief, MemberRef, UserBrief};

use crate::record::{AccountColumns, Columns, GroupColumns, ResourceKind};

/// The columns of a document; none where it cannot be read.
pub fn columns(kind: ResourceKind, text: &[u8]) -> Option<Columns> {
    match kind {
        ResourceKind::User => UserBrief::read(text).ok().map(|brief| Columns::Account(account(brief))),
        ResourceKind::Group => GroupBrief::read(text).ok().map(|brief| Columns::Group(group(brief))),
        ResourceKind::Service | ResourceKind::Item(_) => None,
    }
}

fn owned(text: Option<std::borrow::Cow<'_, str>>) -> Option<String> {
    text.map(std::borrow::Cow::into_owned)
}

fn account(brief: UserBrief<'_>) -> AccountColumns {
    AccountColumns {
        id: brief.id.into_owned(),
        user_name: owned(brief.user_name),
        display_name: owned(brief.display_name),
        email: owned(brief.email),
        external_id: owned(brief.external_id),
        title: owned(brief.title),
        department: owned(brief.department),
        user_type: owned(brief.user_type),
        manager: owned(brief.manager_id),
        active: brief.active,
        created: brief.created,
        modified: brief.last_modified,
        roles: brief.roles_count + brief.entitlements_count,
        etag: owned(brief.version),
    }
}

fn group(brief: GroupBrief<'_>) -> GroupColumns {
    GroupColumns {
        id: brief.id.into_owned(),
        display_name: owned(brief.display_name),
        external_id: owned(brief.external_id),
        created: brief.created,
        modified: brief.last_modified,
        etag: owned(brief.version),
        members: brief
            .members
            .map(|members| members.into_iter().map(|member: MemberRef<'_>| member.value.into_owned()).collect()),
    }
}
