//! The Resource Manager: assignments, roles, vaults, the tree of scopes, limits.

use super::*;

#[tokio::test]
async fn the_resource_manager_wants_a_version_that_it_knows() {
    let cloud = cloud(10, |_| ()).await;
    let none = cloud.arm("/subscriptions").await;
    assert_eq!((none.status, code(&none)), (400, "MissingApiVersionParameter"));
    let wrong = cloud.arm("/subscriptions?api-version=1999-01-01").await;
    assert_eq!((wrong.status, code(&wrong)), (400, "InvalidApiVersionParameter"));
    let right = cloud.arm("/subscriptions?api-version=2022-12-01").await;
    assert_eq!(right.value["value"].as_array().map(Vec::len), Some(8));
    assert!(right.header("x-ms-ratelimit-remaining-tenant-reads").is_some());
    for (path, version) in [
        ("/providers/Microsoft.Management/managementGroups", "2023-04-01"),
        ("{sub}/providers/Microsoft.Authorization/roleAssignments", "2022-04-01"),
        ("{sub}/providers/Microsoft.Authorization/roleDefinitions", "2022-04-01"),
        ("{sub}/providers/Microsoft.Authorization/denyAssignments", "2022-04-01"),
        (
            "{sub}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances",
            "2020-10-01",
        ),
        ("{sub}/providers/Microsoft.RecoveryServices/vaults", "2026-11-01"),
        ("{sub}/providers/Microsoft.DataProtection/backupVaults", "2026-06-01"),
    ] {
        let path = path.replace("{sub}", &cloud.scope("sub-platform"));
        assert_eq!(cloud.arm(&format!("{path}?api-version={version}")).await.status, 200, "{path}");
        assert_eq!(cloud.arm(&path).await.status, 400, "{path}");
    }
}

#[tokio::test]
async fn assignments_are_listed_at_above_and_below_a_scope() {
    let cloud = cloud(240, |options| options.arm_page = 5).await;
    let list = async |scope: &str, filter: &str| {
        let path = format!("{scope}/providers/Microsoft.Authorization/roleAssignments?{API}&$filter={filter}");
        cloud.all_arm(path.trim_end_matches("&$filter=")).await
    };
    let (subscription, vault) = (cloud.scope("sub-platform"), cloud.scope("vault-prod"));
    let scopes = |items: &[Value]| {
        texts(items, "/properties/scope")
            .into_iter()
            .map(str::to_lowercase)
            .collect::<BTreeSet<_>>()
    };
    let all = list(&subscription, "").await;
    assert_eq!(texts(&all, "/name").len(), all.len(), "each once");
    let there = scopes(&all);
    assert!(
        there.contains(&vault.to_lowercase()) && there.contains("/"),
        "below and above: {there:?}"
    );
    assert!(
        !there
            .iter()
            .any(|scope| scope.contains(&cloud.scope("sub-payments").to_lowercase()))
    );
    let above = list(&subscription, "atScope()").await;
    assert!(!scopes(&above).contains(&vault.to_lowercase()) && scopes(&above).contains(&subscription.to_lowercase()));
    // The case of addresses is mixed, and does not matter for asking.
    let written: BTreeSet<&str> = texts(&all, "/properties/scope");
    assert!(
        written.iter().any(|scope| scope.contains("/resourcegroups/")) || written.iter().any(|scope| scope.contains("/resourceGroups/"))
    );
    assert_eq!(list(&vault.to_uppercase(), "").await.len(), list(&vault, "").await.len());
    let olena = cloud.id("olena.shevchenko");
    let own = list(&vault, &format!("principalId eq '{olena}'")).await;
    assert_eq!(own.len(), 1);
    let assigned = list(&vault, &format!("assignedTo('{olena}')")).await;
    let principals = texts(&assigned, "/properties/principalId");
    assert!(
        principals.contains(cloud.id("backup-operators").as_str()),
        "by nesting: {principals:?}"
    );
    let group = cloud.id("payments");
    let refused = cloud
        .arm(&format!(
            "{vault}/providers/Microsoft.Authorization/roleAssignments?{API}&$filter=assignedTo('{group}')"
        ))
        .await;
    assert_eq!(refused.status, 400);
    // Who is gone keeps the type of before.
    let company = lanyard_lab::Company::generate(lanyard_lab::DEFAULT_SEED, 240);
    let marek = company.gone_principal(0).to_string();
    let gone = all
        .iter()
        .find(|one| one["properties"]["principalId"] == marek.as_str())
        .expect("still assigned");
    assert_eq!(gone["properties"]["principalType"], "User");
    let conditional = all.iter().filter(|one| one["properties"]["condition"].is_string());
    assert!(conditional.clone().count() >= 1 && conditional.clone().all(|one| one["properties"]["conditionVersion"] == "2.0"));
    let new = cloud.azure.assign("reza.karimi", "Backup Reader", "vault-prod").expect("assigned");
    assert_eq!(list(&subscription, "").await.len(), all.len() + 1);
    assert!(cloud.azure.unassign(new));
    assert_eq!(list(&subscription, "").await.len(), all.len());
}

#[tokio::test]
async fn roles_denies_and_eligibility_are_as_the_company_has_them() {
    let cloud = cloud(240, |_| ()).await;
    let vault = cloud.scope("vault-prod");
    let at = |kind: &str, version: &str| format!("{vault}/providers/Microsoft.Authorization/{kind}?api-version={version}");
    let roles = cloud.all_arm(&at("roleDefinitions", "2022-04-01")).await;
    let named = |name: &str| roles.iter().find(|role| role["properties"]["roleName"] == name).expect("a role");
    assert_eq!(named("Backup Operator")["name"], "00c29273-979b-4161-815c-10b084fb9324");
    assert_eq!(
        named("Backup Operator")["properties"]["permissions"][0]["actions"]
            .as_array()
            .map(Vec::len),
        Some(103)
    );
    assert_eq!(named("Platform Builder")["properties"]["type"], "CustomRole");
    // The custom role is of production only.
    let sandbox = format!(
        "{}/providers/Microsoft.Authorization/roleDefinitions?{API}&$filter=type eq 'CustomRole'",
        cloud.scope("sub-sandbox")
    );
    assert!(cloud.all_arm(&sandbox).await.is_empty());
    let denies = cloud.all_arm(&at("denyAssignments", "2022-04-01")).await;
    assert_eq!(denies.len(), 1);
    assert_eq!(
        denies[0]["properties"]["excludePrincipals"][0]["id"],
        cloud.id("athina.papadopoulou").as_str()
    );
    let eligible = cloud.all_arm(&at("roleEligibilityScheduleInstances", "2020-10-01")).await;
    let who = texts(&eligible, "/properties/principalId");
    assert_eq!(
        who,
        BTreeSet::from([cloud.id("daniel.levi").as_str(), cloud.id("restore-on-request").as_str()])
    );
    let gone = format!(
        "{}/providers/Microsoft.Authorization/roleDefinitions/2f7d10c9-88b4-4be1-a0a6-75f2d1c90b34?{API}",
        cloud.scope("sub-sandbox")
    );
    let gone = cloud.arm(&gone).await;
    assert_eq!((gone.status, code(&gone)), (404, "RoleDefinitionDoesNotExist"));
}

#[tokio::test]
async fn vaults_say_whether_a_guard_protects_them() {
    let cloud = cloud(240, |_| ()).await;
    let mut all = Vec::new();
    for subscription in ["sub-platform", "sub-dr", "sub-freight"] {
        all.extend(
            cloud
                .all_arm(&format!(
                    "{}/providers/Microsoft.RecoveryServices/vaults?api-version=2026-11-01",
                    cloud.scope(subscription)
                ))
                .await,
        );
    }
    assert_eq!(texts(&all, "/name"), BTreeSet::from(["vault-prod", "vault-dr", "vault-freight"]));
    assert_eq!(
        texts(&all, "/type"),
        BTreeSet::from(["Microsoft.RecoveryServices/vaults", "microsoft.recoveryservices/vaults"])
    );
    let proxies = |name: &str, version: &str| format!("{}/backupResourceGuardProxies?api-version={version}", cloud.scope(name));
    let tied = cloud.all_arm(&proxies("vault-prod", "2025-02-01")).await;
    let guard = tied[0]["properties"]["resourceGuardResourceId"].as_str().unwrap_or_default();
    assert_eq!(guard.to_lowercase(), cloud.scope("guard-prod").to_lowercase());
    assert!(cloud.all_arm(&proxies("vault-dr", "2025-02-01")).await.is_empty());
    assert_eq!(cloud.all_arm(&proxies("bv-payments", "2026-06-01")).await.len(), 1);
    let one = cloud
        .arm(&format!("{}?api-version=2026-11-01", cloud.scope("vault-prod").to_lowercase()))
        .await;
    assert_eq!(one.value["properties"]["securitySettings"]["multiUserAuthorization"], "Enabled");
    let guards = cloud
        .all_arm(&format!(
            "{}/providers/Microsoft.DataProtection/resourceGuards?api-version=2026-06-01",
            cloud.scope("sub-security")
        ))
        .await;
    assert_eq!(texts(&guards, "/name"), BTreeSet::from(["guard-prod"]));
}

#[tokio::test]
async fn the_tree_of_management_groups_is_whole() {
    let cloud = cloud(10, |_| ()).await;
    let version = "api-version=2023-04-01";
    let groups = cloud
        .all_arm(&format!("/providers/Microsoft.Management/managementGroups?{version}"))
        .await;
    assert_eq!(groups.len(), 5);
    let root = cloud.azure.tenant_id();
    let below = cloud
        .all_arm(&format!(
            "/providers/Microsoft.Management/managementGroups/{root}/descendants?{version}"
        ))
        .await;
    assert_eq!(below.len(), 4 + 8);
    let whole = cloud
        .arm(&format!(
            "/providers/Microsoft.Management/managementGroups/{root}?{version}&$expand=children&$recurse=true"
        ))
        .await;
    let children = whole.value["properties"]["children"].as_array().expect("children");
    assert_eq!(texts(children, "/displayName"), BTreeSet::from(["Halcyon", "sub-legacy"]));
    let url = format!("{}/providers/Microsoft.Management/getEntities?{version}", cloud.azure.sites().arm);
    let entities = read(cloud.http.post(url).bearer_auth(&cloud.arm)).await;
    assert_eq!(entities.value["value"].as_array().map(Vec::len), Some(5 + 8));
    let unknown = cloud
        .arm(&format!("/providers/Microsoft.Management/managementGroups/nowhere?{version}"))
        .await;
    assert_eq!((unknown.status, code(&unknown)), (403, "AuthorizationFailed"));
}

#[tokio::test]
async fn a_subscription_that_may_not_be_read_is_refused_and_the_rest_is_not() {
    let cloud = cloud(240, |_| ()).await;
    cloud.azure.refuse("*", "sub-payments");
    cloud.azure.refuse("Microsoft.Authorization/denyAssignments/read", "sub-platform");
    let at = |name: &str, kind: &str| format!("{}/providers/Microsoft.Authorization/{kind}?{API}", cloud.scope(name));
    let refused = cloud.arm(&at("sub-payments", "roleAssignments")).await;
    assert_eq!((refused.status, code(&refused)), (403, "AuthorizationFailed"));
    let text = refused.value["error"]["message"].as_str().unwrap_or_default();
    assert!(
        text.contains("'Microsoft.Authorization/roleAssignments/read'") && text.contains(&cloud.scope("sub-payments")),
        "{text}"
    );
    assert_eq!(
        cloud.arm(&at("rg-payments-api", "roleAssignments")).await.status,
        403,
        "what lies in it, too"
    );
    assert_eq!(cloud.arm(&at("sub-platform", "roleAssignments")).await.status, 200);
    assert_eq!(cloud.arm(&at("sub-platform", "denyAssignments")).await.status, 403);
    let listed = cloud.all_arm("/subscriptions?api-version=2022-12-01").await;
    assert!(texts(&listed, "/displayName").contains("sub-payments"));
    cloud.azure.allow_all();
    assert_eq!(cloud.arm(&at("sub-payments", "roleAssignments")).await.status, 200);
}

#[tokio::test]
async fn the_resource_manager_gives_out_no_more_than_its_bucket_holds() {
    let throttle = Throttle {
        arm_bucket: 3.0,
        arm_refill: 0.001,
        ..Throttle::none()
    };
    let cloud = cloud(10, |options| options.throttle = throttle).await;
    let path = format!("{}/resourcegroups?api-version=2022-09-01", cloud.scope("sub-platform"));
    let mut left = Vec::new();
    for _ in 0..3 {
        let answer = cloud.arm(&path).await;
        left.push(
            answer
                .header("x-ms-ratelimit-remaining-subscription-reads")
                .unwrap_or_default()
                .to_owned(),
        );
    }
    assert_eq!(left, ["2", "1", "0"]);
    let refused = cloud.arm(&path).await;
    assert_eq!((refused.status, refused.header("retry-after").is_some()), (429, true));
    let other = format!("{}/resourcegroups?api-version=2022-09-01", cloud.scope("sub-payments"));
    assert_eq!(cloud.arm(&other).await.status, 200, "each subscription has its own");
}
