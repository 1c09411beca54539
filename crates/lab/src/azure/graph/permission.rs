//! Which application permissions a request needs, and what Graph says without them
//! (<https://learn.microsoft.com/graph/permissions-reference>).

use super::Graph;
use crate::azure::reply::Reply;
use crate::azure::state::Family;

/// What a request reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    Users,
    Groups,
    Members,
    Applications,
    AppRoles,
    Directory,
    Organization,
    AuditLog,
    EnableUser,
    WriteUser,
    RevokeSessions,
    DeleteRestoreUser,
    WriteMembers,
    WriteGroups,
    WriteApplications,
    WriteAppRoles,
    WriteRoles,
    OwnApplications,
    Synchronization,
    WriteSynchronization,
}

impl Needs {
    pub(super) fn of(family: Family) -> Self {
        match family {
            Family::Users => Self::Users,
            Family::Groups => Self::Groups,
            Family::Services => Self::Applications,
        }
    }

    /// Any one of these is enough.
    fn permissions(self) -> &'static [&'static str] {
        match self {
            Self::Users => &["User.Read.All", "Directory.Read.All"],
            Self::Groups | Self::Members => &["GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"],
            Self::AuditLog => &["AuditLog.Read.All"],
            Self::Applications => &["Application.Read.All", "Directory.Read.All"],
            Self::AppRoles | Self::Directory => &["Directory.Read.All"],
            Self::EnableUser => &["User.EnableDisableAccount.All", "User.ReadWrite.All", "Directory.ReadWrite.All"],
            Self::WriteUser => &["User.ReadWrite.All", "Directory.ReadWrite.All"],
            Self::RevokeSessions => &["User.RevokeSessions.All", "User.ReadWrite.All", "Directory.ReadWrite.All"],
            Self::DeleteRestoreUser => &["User.DeleteRestore.All", "User.ReadWrite.All"],
            Self::WriteMembers => &["GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"],
            Self::WriteGroups => &["Group.ReadWrite.All", "Directory.ReadWrite.All"],
            Self::WriteApplications => &["Application.ReadWrite.All", "Directory.ReadWrite.All"],
            Self::WriteAppRoles => &["AppRoleAssignment.ReadWrite.All"],
            // Of those that the client owns.
            Self::OwnApplications => &["Application.ReadWrite.OwnedBy"],
            Self::Synchronization => &[
                "Synchronization.Read.All",
                "Synchronization.ReadWrite.All",
                "Application.ReadWrite.All",
            ],
            Self::WriteSynchronization => &["Synchronization.ReadWrite.All", "Application.ReadWrite.All"],
            Self::WriteRoles => &["RoleManagement.ReadWrite.Directory"],
            Self::Organization => &["Organization.Read.All", "User.Read.All", "Directory.Read.All"],
        }
    }
}

impl Graph<'_> {
    /// Whether the client has what this needs, now.
    pub(super) fn has(&self, needs: Needs) -> bool {
        let options = self.azure.options();
        let lost = |name: &str| {
            let mut lost = options.lost.iter();
            lost.any(|lost| lost.permission == name && self.number > lost.after)
        };
        needs
            .permissions()
            .iter()
            .any(|name| options.permissions.contains(*name) && !lost(name))
    }

    pub(super) fn need(&self, needs: Needs) -> Result<(), Reply> {
        if self.has(needs) {
            return Ok(());
        }
        Err(self.refuse(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        ))
    }
}
