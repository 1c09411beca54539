//! The roles and things that stories and pictures name: the same in every company.

use super::{ConditionDefinition, OLD_NAME, Owned, RoleDefinition, Thing, Who, Written};

pub(super) fn named_roles() -> Vec<RoleDefinition> {
    let role = |name: &str, source, description: &str, members: Vec<Who>, policies| RoleDefinition {
        name: name.to_owned(),
        source,
        description: description.to_owned(),
        members,
        policies,
        condition: None,
    };
    vec![
        // Giorgi left three days ago and still stands in the file.
        role(
            "payments-owner",
            Written::CsvFile,
            "Owns what Payments runs",
            vec![Who::group("payments"), Who::group("payments-owners"), Who::person("giorgi.beridze")],
            &[
                ("catalog-entity", "read", "allow"),
                ("catalog-entity", "delete", "allow"),
                ("catalog.location.create", "create", "allow"),
            ],
        ),
        RoleDefinition {
            condition: Some(ConditionDefinition {
                plugin: "catalog",
                resource_type: "catalog-entity",
                actions: &["update", "delete"],
                rule: "IS_ENTITY_OWNER",
                parameter: "claims",
                values: &["$ownerRefs"],
            }),
            ..role(
                "catalog-editor",
                Written::CsvFile,
                "Edits the catalog, what is one's own only",
                vec![
                    Who::group("catalog-maintainers"),
                    Who::group("platform-core"),
                    Who::group("data-platform"),
                    Who::group("release-managers"),
                ],
                &[("catalog-entity", "read", "allow"), ("catalog.entity.create", "create", "allow")],
            )
        },
        // One canary reads by a grant of its own, beside everybody who reads by a group.
        role(
            "catalog-reader",
            Written::Rest,
            "Reads the catalog",
            vec![
                Who::group("all-staff"),
                Who::group("contractors"),
                Who::person("canary-payments-01"),
            ],
            &[("catalog-entity", "read", "allow"), ("catalog.location.read", "read", "allow")],
        ),
        // By spec.parent this reaches platform-oncall and platform-sre, which nobody named here.
        role(
            "platform-admin",
            Written::CsvFile,
            "Runs the portal",
            vec![Who::group("platform-admins"), Who::person("selam.tesfaye")],
            &[
                ("policy-entity", "read", "allow"),
                ("policy.entity.create", "create", "allow"),
                ("policy-entity", "update", "allow"),
                ("policy-entity", "delete", "allow"),
                ("catalog-entity", "read", "allow"),
                ("catalog-entity", "delete", "allow"),
                ("catalog-entity", "update", "allow"),
            ],
        ),
        // A group that never was in any catalog.
        RoleDefinition {
            condition: Some(ConditionDefinition {
                plugin: "scaffolder",
                resource_type: "scaffolder-task",
                actions: &["read"],
                rule: "IS_TASK_OWNER",
                parameter: "createdBy",
                values: &["$currentUser"],
            }),
            ..role(
                "scaffolder-user",
                Written::Rest,
                "Runs templates",
                vec![
                    Who::group("engineering"),
                    Who::group("freight-ops"),
                    Who::group("freight-portal-guild"),
                ],
                &[("scaffolder-action", "use", "allow"), ("scaffolder.task.create", "create", "allow")],
            )
        },
        // Rustam may delete by payments-owner, and may not by this.
        role(
            "release-freeze",
            Written::Rest,
            "Nothing is deleted while the ledger moves",
            vec![Who::person("rustam.aliev")],
            &[("catalog-entity", "delete", "deny")],
        ),
        // The plugin makes this one for those whom the configuration names as admins, and lists none of them.
        role(
            "rbac_admin",
            Written::Configuration,
            "The default permission policy admin role allows for the creation, deletion, updating, and reading of roles and permission policies.",
            Vec::new(),
            &[
                ("policy-entity", "read", "allow"),
                ("policy.entity.create", "create", "allow"),
                ("policy-entity", "delete", "allow"),
                ("policy-entity", "update", "allow"),
                ("catalog-entity", "read", "allow"),
            ],
        ),
    ]
}

/// What stories and pictures name.
pub(super) fn named_things() -> Vec<Owned> {
    let thing = |thing, name: &str, title, sort, owner, part_of: &str, provides: &str| Owned {
        thing,
        name: name.to_owned(),
        title,
        sort,
        owner,
        part_of: (!part_of.is_empty()).then(|| part_of.to_owned()),
        provides: (!provides.is_empty()).then(|| provides.to_owned()),
    };
    let payments = || Who::group("payments");
    vec![
        thing(Thing::Domain, "payments", Some("Payments"), "", payments(), "", ""),
        thing(Thing::Domain, "freight", Some("Freight"), "", Who::group("freight-ops"), "", ""),
        thing(Thing::Domain, "platform", Some("Platform"), "", Who::group("platform"), "", ""),
        thing(Thing::Domain, "data", Some("Data"), "", Who::group("data"), "", ""),
        thing(Thing::System, "payments-core", None, "", payments(), "payments", ""),
        thing(
            Thing::System,
            "port-operations",
            None,
            "",
            Who::group("freight-ops-port-automation"),
            "freight",
            "",
        ),
        thing(
            Thing::System,
            "developer-portal",
            None,
            "",
            Who::group("platform-core"),
            "platform",
            "",
        ),
        thing(
            Thing::Component,
            "payments-api",
            Some("Payments API"),
            "service",
            payments(),
            "payments-core",
            "payments-v2",
        ),
        thing(
            Thing::Component,
            "payments-ledger",
            None,
            "service",
            Who::group("payments-core"),
            "payments-core",
            "",
        ),
        thing(
            Thing::Component,
            "payments-fraud-scores",
            None,
            "service",
            Who::group("payments-fraud"),
            "payments-core",
            "",
        ),
        thing(
            Thing::Api,
            "payments-v2",
            Some("Payments, second version"),
            "openapi",
            payments(),
            "payments-core",
            "",
        ),
        thing(
            Thing::Resource,
            "payments-db",
            None,
            "database",
            Who::group("payments-sre"),
            "payments-core",
            "",
        ),
        // Its owner left twelve days ago.
        thing(
            Thing::Component,
            "settlement-replay",
            None,
            "service",
            Who::person("tomas.dvorak"),
            "payments-core",
            "",
        ),
        // Its owner is a team that was dissolved before the company had a provider.
        thing(
            Thing::Component,
            "tide-tables",
            None,
            "library",
            Who::group("harbour-tools"),
            "port-operations",
            "",
        ),
        thing(
            Thing::Component,
            "oncall-handbook",
            None,
            "website",
            Who::person("olena.shevchenko"),
            "",
            "",
        ),
        thing(
            Thing::Component,
            "berth-allocator",
            None,
            "service",
            Who::group("freight-ops-port-automation"),
            "port-operations",
            "",
        ),
        thing(
            Thing::Component,
            "portal",
            Some("Developer portal"),
            "website",
            Who::group("platform-core"),
            "developer-portal",
            "",
        ),
        thing(
            Thing::Component,
            "backup-catalog",
            None,
            "service",
            Who::person("athina.papadopoulou"),
            "",
            "",
        ),
        // It belongs to the person behind it under the name that she no longer has.
        thing(
            Thing::Component,
            "refund-forms",
            None,
            "website",
            Who::person(OLD_NAME),
            "payments-core",
            "",
        ),
    ]
}
