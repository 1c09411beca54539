//! Role definitions: Azure's own that a reviewer of backups meets, and the company's custom ones.

use super::Guid;

/// A role definition with one block of permissions, as all roles here have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleDefinition {
    /// Its name in the address: the same GUID in every scope.
    pub id: Guid,
    /// The displayed name.
    pub name: String,
    /// What it is for, in a sentence.
    pub description: String,
    /// False for the company's own.
    pub built_in: bool,
    /// Control plane actions, patterns with `*`.
    pub actions: Vec<String>,
    /// Taken off them.
    pub not_actions: Vec<String>,
    /// Data plane actions.
    pub data_actions: Vec<String>,
    /// Taken off them.
    pub not_data_actions: Vec<String>,
    /// Names of the management groups that a custom role can be assigned in; empty for a built-in one, which is for everywhere.
    pub assignable_in: Vec<String>,
}

/// GUIDs of built-in roles, the same in every tenant of the public cloud
/// (<https://learn.microsoft.com/azure/role-based-access-control/built-in-roles>).
pub(crate) mod built_in {
    use super::Guid;

    pub(crate) const OWNER: Guid = Guid::from_bits(0x8e3a_f657_a8ff_443c_a75c_2fe8_c4bc_b635);
    pub(crate) const CONTRIBUTOR: Guid = Guid::from_bits(0xb249_88ac_6180_42a0_ab88_20f7_382d_d24c);
    pub(crate) const READER: Guid = Guid::from_bits(0xacdd_72a7_3385_48ef_bd42_f606_fba8_1ae7);
    pub(crate) const USER_ACCESS_ADMINISTRATOR: Guid = Guid::from_bits(0x18d7_d88d_d35e_4fb5_a5c3_7773_c20a_72d9);
    pub(crate) const BACKUP_CONTRIBUTOR: Guid = Guid::from_bits(0x5e46_7623_bb1f_42f4_a55d_6e52_5e11_384b);
    pub(crate) const BACKUP_OPERATOR: Guid = Guid::from_bits(0x00c2_9273_979b_4161_815c_10b0_84fb_9324);
    pub(crate) const BACKUP_READER: Guid = Guid::from_bits(0xa795_c7a0_d4a2_40c1_ae25_d81f_0120_2912);
    pub(crate) const BACKUP_MUA_ADMIN: Guid = Guid::from_bits(0xc2a9_70b4_16a7_4a51_8c84_8a8e_a6ee_0bb8);
    pub(crate) const BACKUP_MUA_OPERATOR: Guid = Guid::from_bits(0xf54b_6d04_23c6_443e_b462_9c16_ab7b_4a52);
    pub(crate) const DISK_RESTORE_OPERATOR: Guid = Guid::from_bits(0xb50d_9833_a0cb_478e_945f_707f_cc99_7c13);
    pub(crate) const DISK_SNAPSHOT_CONTRIBUTOR: Guid = Guid::from_bits(0x7eff_f54f_a5b4_42b5_a1c5_5411_6248_93ce);
    pub(crate) const SITE_RECOVERY_CONTRIBUTOR: Guid = Guid::from_bits(0x6670_b86e_a3f7_4917_ac9b_5d6a_b1be_4567);
    pub(crate) const VM_RESTORE_OPERATOR: Guid = Guid::from_bits(0xdfce_8971_25e3_42e3_ba33_6055_438e_3080);
    pub(crate) const VIRTUAL_MACHINE_CONTRIBUTOR: Guid = Guid::from_bits(0x9980_e02c_c2be_4d73_94e8_173b_1dc7_cf3c);
}

/// Azure's own roles. The table beside this file is part of the program; a line that cannot be read is left out, and a test
/// sees that none is.
pub(super) fn built_in_roles() -> Vec<RoleDefinition> {
    let mut roles: Vec<RoleDefinition> = Vec::new();
    for line in include_str!("roles.txt").lines() {
        let Some((first, rest)) = line.split_once(' ').filter(|_| !line.starts_with('#')) else {
            continue;
        };
        if let Ok(id) = first.parse() {
            roles.push(RoleDefinition {
                id,
                name: rest.to_owned(),
                description: format!("The built-in role {rest}."),
                built_in: true,
                actions: Vec::new(),
                not_actions: Vec::new(),
                data_actions: Vec::new(),
                not_data_actions: Vec::new(),
                assignable_in: Vec::new(),
            });
        } else if let Some(role) = roles.last_mut() {
            let list = match first {
                "+" => &mut role.actions,
                "-" => &mut role.not_actions,
                "d" => &mut role.data_actions,
                "n" => &mut role.not_data_actions,
                _ => continue,
            };
            list.push(rest.to_owned());
        }
    }
    roles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let text = include_str!("roles.txt");
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
        let roles = built_in_roles();
        let patterns: usize = roles
            .iter()
            .map(|role| role.actions.len() + role.not_actions.len() + role.data_actions.len() + role.not_data_actions.len())
            .sum();
        assert_eq!((roles.len(), roles.len() + patterns), (20, lines));
    }

    #[test]
    fn the_names_of_constants_are_the_names_of_roles() {
        let roles = built_in_roles();
        let name = |id| {
            let role = roles.iter().find(|role| role.id == id);
            role.map(|role| role.name.as_str()).unwrap_or_default()
        };
        let all = [
            (built_in::OWNER, "Owner"),
            (built_in::CONTRIBUTOR, "Contributor"),
            (built_in::READER, "Reader"),
            (built_in::USER_ACCESS_ADMINISTRATOR, "User Access Administrator"),
            (built_in::BACKUP_CONTRIBUTOR, "Backup Contributor"),
            (built_in::BACKUP_OPERATOR, "Backup Operator"),
            (built_in::BACKUP_READER, "Backup Reader"),
            (built_in::BACKUP_MUA_ADMIN, "Backup MUA Admin"),
            (built_in::BACKUP_MUA_OPERATOR, "Backup MUA Operator"),
            (built_in::DISK_RESTORE_OPERATOR, "Disk Restore Operator"),
            (built_in::DISK_SNAPSHOT_CONTRIBUTOR, "Disk Snapshot Contributor"),
            (built_in::SITE_RECOVERY_CONTRIBUTOR, "Site Recovery Contributor"),
            (built_in::VM_RESTORE_OPERATOR, "VM Restore Operator"),
            (built_in::VIRTUAL_MACHINE_CONTRIBUTOR, "Virtual Machine Contributor"),
        ];
        for (id, wanted) in all {
            assert_eq!(name(id), wanted);
        }
    }
}
