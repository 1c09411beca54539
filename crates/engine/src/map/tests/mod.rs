//! The map over a small company put together by hand: a provider, a Backstage and a tenant.

mod gaps;
mod questions;
mod restoring;
mod views;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Map, MapBuilder};
use crate::Error;
use crate::directory::{Directory, DirectoryBuilder, SourceFacts};
use crate::record::{AccountRecord, Documents, GroupRecord, ItemKind, ItemRecord, RecordSink, ResourceKind, Row};
use crate::view::{
    AccessPath, AuthSettings, BackstageSettings, Coverage, CoverageReason, CoverageState, Source, SourceHealth, SourceId, SourceKind,
    SourceSettings,
};

pub const IDP: SourceId = 1;
pub const PORTAL: SourceId = 2;
pub const TENANT: SourceId = 3;

pub const CORP: &str = "/providers/Microsoft.Management/managementGroups/corp";
pub const SUB: &str = "/subscriptions/SUB-PAYMENTS";
pub const VAULT: &str = "/subscriptions/sub-payments/resourceGroups/rg-backup/providers/Microsoft.RecoveryServices/vaults/vault-prod";
pub const GUARD: &str = "/subscriptions/sub-security/resourceGroups/rg-guard/providers/Microsoft.DataProtection/resourceGuards/guard-1";
pub const RESTORE: &str =
    "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems/recoveryPoints/restore/action";
const BACKUP_OPERATOR: &str = "00c29273-979b-4161-815c-10b084fb9324";
const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";
const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

#[derive(Default)]
struct Docs(BTreeMap<Row, Vec<u8>>);

impl Documents for Docs {
    fn document(&self, row: Row) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.0.get(&row).cloned())
    }

    fn documents(&self, rows: &[Row], each: &mut dyn FnMut(Row, &[u8]) -> bool) -> Result<(), Error> {
        for row in rows {
            if self.0.get(row).is_some_and(|document| !each(*row, document)) {
                break;
            }
        }
        Ok(())
    }
}

/// A company that a test can change before its map is made.
pub struct Company {
    pub sources: Vec<Source>,
    pub accounts: Vec<(SourceId, Value)>,
    groups: Vec<(SourceId, &'static str, &'static str, Vec<&'static str>)>,
    pub items: Vec<(SourceId, ItemKind, Value)>,
}

fn source(id: SourceId, kind: SourceKind, name: &str) -> Source {
    let items: &[ItemKind] = match kind {
        SourceKind::Scim => &[],
        SourceKind::Backstage => &ItemKind::ALL[..4],
        SourceKind::Azure => &ItemKind::ALL[4..],
    };
    let names = ["Users", "Groups", "Memberships"].into_iter().map(str::to_owned);
    let items = items.iter().map(|kind| ResourceKind::Item(*kind).collection().to_owned());
    Source {
        id,
        settings: SourceSettings {
            auth: AuthSettings::Bearer,
            authoritative: id == IDP,
            azure: None,
            backstage: (kind == SourceKind::Backstage).then(|| BackstageSettings {
                super_users: vec!["user:default/Root".into()],
            }),
            ..SourceSettings::new(kind, name, "https://x.example")
        },
        health: SourceHealth::Fresh,
        has_secret: Some(true),
        accounts: 0,
        groups: 0,
        memberships: 0,
        coverage: names
            .chain(items)
            .map(|collection| Coverage {
                collection,
                state: CoverageState::Complete,
                reasons: Vec::new(),
                have: 0,
                reported: None,
                unconfirmed: 0,
                read_at: Some(1_000),
                full_at: Some(1_000),
                how: String::new(),
            })
            .collect(),
        last_sync_at: Some(1_000),
        last_full_at: Some(1_000),
        fault: None,
        progress: None,
        added_at: 0,
    }
}

fn definition(id: &str, name: &str, actions: &[&str]) -> Value {
    json!({"id": format!("/providers/Microsoft.Authorization/roleDefinitions/{id}"), "name": id,
        "properties": {"roleName": name, "type": "BuiltInRole", "permissions": [{"actions": actions, "notActions": []}]}})
}

/// A role assignment or eligibility.
pub fn assignment(id: &str, principal: &str, role: &str, scope: &str) -> Value {
    json!({"id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{id}"), "name": id,
        "properties": {"principalId": principal, "roleDefinitionId": format!("/x/roleDefinitions/{role}"), "scope": scope,
            "createdOn": "2026-11-20T07:55:00Z", "createdBy": "AZ-ERIN"}})
}

fn policy(role: &str, permission: &str, action: &str, effect: &str) -> Value {
    json!({"entityReference": role, "permission": permission, "policy": action, "effect": effect})
}

impl Company {
    pub fn new() -> Self {
        let user = |id: &str, name: &str, mail: &str| json!({"id": id, "name": name, "mail": mail, "department": "Payments"});
        let mut accounts = Vec::new();
        for (id, name) in [("1", "Olena"), ("2", "Bob"), ("3", "Carol"), ("4", "Dave"), ("5", "Erin")] {
            let mail = format!("{}@x.example", name.to_lowercase());
            let mut own = user(id, name, &mail);
            if id == "1" {
                own["roles"] = json!([{"value": "approver", "display": "Approver"}]);
            }
            accounts.push((IDP, own));
            if id <= "2" {
                accounts.push((PORTAL, user(&format!("user:default/{}", name.to_lowercase()), name, &mail)));
            }
            let mut azure = user(&format!("az-{}", name.to_lowercase()), name, &mail);
            azure["active"] = json!(id != "4");
            accounts.push((TENANT, azure));
        }
        accounts.push((PORTAL, user("user:default/root", "Root", "root@x.example")));
        accounts.push((
            TENANT,
            json!({"id": "sp-backup", "name": "backup-runner", "type": "ServicePrincipal"}),
        ));
        let roles = json!([{"id": "r1", "displayName": "Ledger user"}]);
        accounts.push((
            TENANT,
            json!({"id": "sp-ledgerly", "name": "Ledgerly", "type": "ServicePrincipal", "appRoles": roles}),
        ));
        let groups = vec![
            (IDP, "g1", "payments", vec!["1", "2"]),
            (IDP, "g2", "payments-sre", vec!["1", "2"]),
            (
                PORTAL,
                "group:default/payments",
                "payments",
                vec!["user:default/olena", "group:default/payments-sre"],
            ),
            (PORTAL, "group:default/payments-sre", "payments-sre", vec!["user:default/olena"]),
            (TENANT, "az-sre", "payments-sre", vec!["az-olena", "az-bob"]),
            (TENANT, "az-ops", "backup-operators", vec!["az-sre", "az-carol"]),
        ];
        use ItemKind as K;
        let mut eligible = assignment("e1", "az-bob", CONTRIBUTOR, SUB);
        eligible["properties"]["endDateTime"] = json!("2027-01-31T12:00:00Z");
        let mut conditional = assignment("a4", "az-carol", READER, CORP);
        conditional["properties"]["condition"] = json!("@Resource[x] StringEquals 'y'");
        let deny = json!({"id": "/x/denyAssignments/d1", "properties": {"denyAssignmentName": "No restores for Dave", "scope": SUB,
            "permissions": [{"actions": ["Microsoft.RecoveryServices/*"]}], "principals": [{"id": "az-dave", "type": "User"}]}});
        let azure = vec![
            (
                K::ManagementGroup,
                json!({"id": CORP, "name": "corp", "properties": {"displayName": "Corp"}}),
            ),
            (
                K::Subscription,
                json!({"id": SUB, "displayName": "sub-payments", "parent": {"id": CORP.to_lowercase()}}),
            ),
            (
                K::Subscription,
                json!({"id": "/subscriptions/sub-security", "displayName": "sub-security", "parent": {"id": CORP}}),
            ),
            (K::RecoveryVault, json!({"id": VAULT, "name": "vault-prod"})),
            (K::ResourceGuard, json!({"id": GUARD, "name": "guard-1"})),
            (
                K::GuardProxy,
                json!({"id": format!("{VAULT}/backupResourceGuardProxies/VaultProxy"), "properties": {"resourceGuardResourceId": GUARD.to_uppercase()}}),
            ),
            (
                K::RoleAssignment,
                assignment("a1", "AZ-OPS", BACKUP_OPERATOR, &VAULT.to_uppercase()),
            ),
            (K::RoleAssignment, assignment("a2", "az-olena", BACKUP_OPERATOR, VAULT)),
            (K::RoleAssignment, assignment("a3", "az-dave", CONTRIBUTOR, CORP)),
            (K::RoleAssignment, conditional),
            (K::RoleAssignment, assignment("a5", "gone-1", BACKUP_OPERATOR, VAULT)),
            (K::RoleAssignment, assignment("a6", "az-erin", CONTRIBUTOR, CORP)),
            (K::RoleAssignment, assignment("a7", "sp-backup", BACKUP_OPERATOR, SUB)),
            (K::Eligibility, eligible),
            (K::DenyAssignment, deny),
            (
                K::RoleDefinition,
                definition(
                    BACKUP_OPERATOR,
                    "Backup Operator",
                    &["Microsoft.RecoveryServices/Vaults/backupFabrics/protectionContainers/protectedItems/recoveryPoints/restore/action"],
                ),
            ),
            (K::RoleDefinition, definition(CONTRIBUTOR, "Contributor", &["*"])),
            (K::RoleDefinition, definition(READER, "Reader", &["*/read"])),
            (
                K::LostPrincipal,
                json!({"id": "gone-1", "state": "deleted", "displayName": "Mallory", "deletedDateTime": "2026-11-10T00:00:00Z"}),
            ),
            (
                K::AppRoleAssignment,
                json!({"id": "app-1", "principalId": "az-ops", "resourceId": "sp-ledgerly", "resourceDisplayName": "Ledgerly", "appRoleId": "r1"}),
            ),
        ];
        let owner = "role:default/payments-owner";
        let backstage = vec![
            (K::RbacPolicy, policy(owner, "catalog-entity", "read", "allow")),
            (K::RbacPolicy, policy(owner, "catalog-entity", "delete", "allow")),
            (
                K::RbacRole,
                json!({"name": owner, "memberReferences": ["group:default/payments", "user:default/Ghost"], "metadata": {"source": "csv-file"}}),
            ),
            (
                K::RbacRole,
                json!({"name": "role:default/careful", "memberReferences": ["user:default/olena"], "metadata": {"source": "rest"}}),
            ),
            (K::RbacPolicy, policy("role:default/careful", "catalog-entity", "delete", "deny")),
            (
                K::RbacRole,
                json!({"name": "role:default/mine", "memberReferences": ["user:default/bob"]}),
            ),
            (
                K::RbacCondition,
                json!({"id": 1, "result": "CONDITIONAL", "roleEntityRef": "role:default/mine", "resourceType": "catalog-entity",
                "permissionMapping": ["delete"], "conditions": {"rule": "IS_ENTITY_OWNER", "params": {"claims": ["$ownerRefs"]}}}),
            ),
            (
                K::Entity,
                json!({"kind": "Component", "metadata": {"name": "payments-api"}, "relations": [{"type": "ownedBy", "targetRef": "group:default/payments"}]}),
            ),
        ];
        let items = azure.into_iter().map(|(kind, document)| (TENANT, kind, document));
        let items = items
            .chain(backstage.into_iter().map(|(kind, document)| (PORTAL, kind, document)))
            .collect();
        Self {
            sources: vec![
                source(IDP, SourceKind::Scim, "IdP"),
                source(PORTAL, SourceKind::Backstage, "Portal"),
                source(TENANT, SourceKind::Azure, "Tenant"),
            ],
            accounts,
            groups,
            items,
        }
    }

    /// Says that a collection was not read, with a reason.
    pub fn unread(&mut self, source: SourceId, kind: ItemKind, state: CoverageState, reason: &str) {
        let name = ResourceKind::Item(kind).collection();
        let coverage = self
            .sources
            .iter_mut()
            .find(|known| known.id == source)
            .unwrap()
            .coverage
            .iter_mut();
        let coverage = coverage.into_iter().find(|coverage| coverage.collection == name).unwrap();
        coverage.state = state;
        coverage.reasons = vec![CoverageReason {
            code: "refused".into(),
            text: reason.into(),
        }];
    }

    fn directory(&self) -> (Directory, Docs) {
        let mut builder = DirectoryBuilder::new(self.sources.iter().map(SourceFacts::of).collect());
        let mut rows: BTreeMap<(SourceId, String), Row> = BTreeMap::new();
        let mut docs = Docs::default();
        for ((source, document), row) in self.accounts.iter().zip(1..) {
            let text = |name: &str| document[name].as_str();
            rows.insert((*source, text("id").unwrap().to_owned()), row);
            docs.0.insert(row, document.to_string().into_bytes());
            builder.account(&AccountRecord {
                row,
                source: *source,
                id: text("id").unwrap(),
                display_name: text("name"),
                user_name: text("mail"),
                email: text("mail"),
                department: text("department"),
                user_type: text("type"),
                active: Some(document["active"] != json!(false)),
                roles: document["roles"].as_array().map_or(0, |roles| roles.len() as u32),
                ..AccountRecord::default()
            });
        }
        let first = self.accounts.len() as Row + 1;
        for ((source, id, name, _), row) in self.groups.iter().zip(first..) {
            rows.insert((*source, (*id).to_owned()), row);
            builder.group(&GroupRecord {
                row,
                source: *source,
                id,
                display_name: Some(name),
                members_listed: true,
                ..GroupRecord::default()
            });
        }
        for (source, id, _, members) in &self.groups {
            for member in members {
                builder.membership(rows[&(*source, (*id).to_owned())], rows[&(*source, (*member).to_owned())]);
            }
        }
        (builder.finish(7), docs)
    }

    pub fn map(&self) -> Map {
        let (directory, docs) = self.directory();
        let mut builder = MapBuilder::new(Arc::new(directory), self.sources.clone());
        for ((source, kind, document), row) in self.items.iter().zip(5_000..) {
            let text = document.to_string();
            builder.item(&ItemRecord {
                row,
                source: *source,
                kind: *kind,
                id: document["id"].as_str().or(document["name"].as_str()).unwrap_or("x"),
                name: None,
                unconfirmed: false,
                document: text.as_bytes(),
            });
        }
        builder.finish(&docs).unwrap()
    }
}

pub fn one(named: super::Named) -> String {
    match named {
        super::Named::One(node) => node.key,
        other => panic!("not one: {other:?}"),
    }
}

pub fn texts(path: &AccessPath) -> Vec<&str> {
    path.hops.iter().map(|hop| hop.text.as_str()).collect()
}
