/** What a record is called that is neither a person nor a group. */
export const RECORD_WORD: Readonly<Record<string, string>> = {
  Entity: "Entity", RbacRole: "RBAC role", RbacPolicy: "RBAC policy", RbacCondition: "RBAC condition", AppRoleAssignment: "App role assignment",
  ManagementGroup: "Management group", Subscription: "Subscription", RoleDefinition: "Role", RoleAssignment: "Role assignment", DenyAssignment: "Deny assignment",
  Eligibility: "Eligibility", RecoveryVault: "Recovery Services vault", BackupVault: "Backup vault", ResourceGuard: "Resource guard", GuardProxy: "Multi-user authorization", LostPrincipal: "Deleted principal",
};

/** The last name of a path; an extension's URN is left off. */
export const shortPath = (path: string): string => (path.startsWith("urn:") ? (path.split(":").at(-1) ?? path) : path);
