//! Role assignments and eligibilities at the Resource Manager: taken away, and left behind.

use lanyard_lab::{AzureQuirk, Site};
use serde_json::json;

use super::*;

const API: &str = "api-version=2022-04-01";
const WHO: &str = "olena.shevchenko";

impl Cloud {
    fn vault(&self) -> String {
        self.azure
            .look(|tenant| tenant.scope_id(tenant.scope("vault-prod").expect("a vault")))
    }

    fn role(&self, name: &str) -> String {
        let id = self
            .azure
            .look(|tenant| tenant.roles.iter().find(|role| role.name == name).expect("a role").id);
        format!("/providers/Microsoft.Authorization/roleDefinitions/{id}")
    }

    /// Assignments of somebody on the vault itself.
    async fn assigned(&self, object: &str) -> Vec<Value> {
        let path = format!(
            "{}/providers/Microsoft.Authorization/roleAssignments?{API}&$filter=principalId%20eq%20'{object}'",
            self.vault()
        );
        let answer = self.arm.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.value);
        let all = answer.value["value"].as_array().expect("a list").iter();
        all.filter(|one| {
            one["properties"]["scope"]
                .as_str()
                .is_some_and(|scope| scope.eq_ignore_ascii_case(&self.vault()))
        })
        .cloned()
        .collect()
    }
}

#[tokio::test]
async fn a_direct_vault_assignment_outlives_its_user_until_it_is_deleted() {
    let cloud = cloud(240, &[]).await;
    let object = cloud.azure.find(WHO).expect("there").to_string();
    let own = Client::at(cloud.arm.url.clone(), cloud.azure.user_token(WHO, Site::Arm).expect("may sign in"));
    let held = cloud.assigned(&object).await;
    assert_eq!(held.len(), 1);
    let vault = format!("{}?api-version=2026-11-01", cloud.vault());
    assert_eq!(own.get(&vault).await.status, 200, "her own token opens it");
    assert_eq!(
        send(&cloud.graph, Method::DELETE, &format!("/users/{object}"), &json!(null))
            .await
            .status,
        204
    );
    assert_eq!(own.get(&vault).await.status, 401);
    let left = cloud.assigned(&object).await;
    assert_eq!(left[0]["properties"]["principalType"], "User", "it says what the principal was");
    cloud.azure.set(|options| options.quirks = [AzureQuirk::UnknownPrincipal].into());
    assert_eq!(cloud.assigned(&object).await[0]["properties"]["principalType"], "Unknown");

    let path = format!("{}?{API}", left[0]["id"].as_str().expect("an address"));
    let gone = send(&cloud.arm, Method::DELETE, &path, &json!(null)).await;
    assert_eq!((gone.status, &gone.value["name"]), (200, &left[0]["name"]));
    assert!(gone.header("x-ms-ratelimit-remaining-subscription-deletes").is_some());
    let again = send(&cloud.arm, Method::DELETE, &path, &json!(null)).await;
    assert_eq!((again.status, again.bytes.len()), (204, 0));
    assert!(cloud.assigned(&object).await.is_empty());
}

#[tokio::test]
async fn an_assignment_is_made_once_by_a_client_that_may() {
    let cloud = cloud(240, &[]).await;
    let object = cloud.azure.find("minh.bui").expect("there").to_string();
    let body = json!({"properties": {"roleDefinitionId": cloud.role("Backup Operator"), "principalId": object}});
    let at = |name: &str| format!("{}/providers/Microsoft.Authorization/roleAssignments/{name}?{API}", cloud.vault());
    let name = "5d9c1f0a-3f43-4b6e-9a5e-0c2c3b1a7e01";
    let made = send(&cloud.arm, Method::PUT, &at(name), &body).await;
    assert_eq!((made.status, &made.value["name"]), (201, &json!(name)), "{}", made.value);
    assert_eq!(cloud.assigned(&object).await.len(), 1);
    let other = "5d9c1f0a-3f43-4b6e-9a5e-0c2c3b1a7e02";
    assert_eq!(
        code(&send(&cloud.arm, Method::PUT, &at(other), &body).await),
        (409, "RoleAssignmentExists")
    );
    let nobody = json!({"properties": {"roleDefinitionId": cloud.role("Backup Operator"), "principalId": other}});
    assert_eq!(
        code(&send(&cloud.arm, Method::PUT, &at(other), &nobody).await),
        (400, "PrincipalNotFound")
    );
    assert_eq!(send(&cloud.arm, Method::DELETE, &at(name), &json!(null)).await.status, 200);
    // As it was, so again.
    assert_eq!(send(&cloud.arm, Method::PUT, &at(name), &body).await.status, 201);
    cloud.azure.set(|options| options.arm_writes = false);
    let refused = send(&cloud.arm, Method::DELETE, &at(name), &json!(null)).await;
    assert_eq!(code(&refused), (403, "AuthorizationFailed"));
    assert!(refused.value.to_string().contains("Microsoft.Authorization/roleAssignments/delete"));
    assert_eq!(cloud.assigned(&object).await.len(), 1);
}

#[tokio::test]
async fn the_last_owner_of_a_subscription_stays() {
    let cloud = cloud(240, &[]).await;
    let scope = cloud
        .azure
        .look(|tenant| tenant.scope_id(tenant.scope("sub-payments").expect("a subscription")));
    let list = format!("{scope}/providers/Microsoft.Authorization/roleAssignments?{API}&$filter=atScope()");
    let owner = cloud.role("Owner").rsplit('/').next().expect("an id").to_owned();
    let owners = async || {
        let answer = cloud.arm.get(&list).await;
        let all = answer.value["value"].as_array().expect("a list").clone();
        let mut wanted = all.into_iter().filter(|one| {
            let properties = &one["properties"];
            properties["scope"] == scope.as_str() && properties["roleDefinitionId"].as_str().is_some_and(|id| id.ends_with(&owner))
        });
        wanted
            .next()
            .map(|one| format!("{}?{API}", one["id"].as_str().expect("an address")))
    };
    for name in ["minh.bui", WHO] {
        cloud.azure.assign(name, "Owner", "sub-payments").expect("assigned");
    }
    let mut refused = None;
    for _ in 0..50 {
        let Some(one) = owners().await else { break };
        let answer = send(&cloud.arm, Method::DELETE, &one, &json!(null)).await;
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("one stays");
    assert!(
        refused.status == 400 && refused.value.to_string().contains("last RBAC admin"),
        "{}",
        refused.value
    );
    assert!(owners().await.is_some());
}

#[tokio::test]
async fn an_eligibility_is_made_and_ended_by_request() {
    let cloud = cloud(240, &["azure/late:300ms"]).await;
    let object = cloud.azure.find("minh.bui").expect("there").to_string();
    let base = format!("{}/providers/Microsoft.Authorization", cloud.vault());
    let eligible = async || {
        let answer = cloud
            .arm
            .get(&format!("{base}/roleEligibilityScheduleInstances?api-version=2020-10-01"))
            .await;
        let all = answer.value["value"].as_array().expect("a list").iter();
        all.filter(|one| one["properties"]["principalId"] == object.as_str()).count()
    };
    let before = eligible().await;
    let ask = async |kind: &str, number: u8| {
        let body = json!({"properties": {"requestType": kind, "principalId": object, "roleDefinitionId": cloud.role("Backup Operator")}});
        let path = format!("{base}/roleEligibilityScheduleRequests/6a0f2c1e-0000-4000-8000-0000000000{number:02}?api-version=2020-10-01");
        send(&cloud.arm, Method::PUT, &path, &body).await
    };
    assert_eq!(code(&ask("AdminRemove", 1).await), (404, "RoleAssignmentDoesNotExist"));
    assert_eq!(ask("AdminAssign", 2).await.status, 201);
    assert_eq!(eligible().await, before, "it is not replicated yet");
    cloud.azure.settle();
    assert_eq!(eligible().await, before + 1);
    let removed = ask("AdminRemove", 3).await;
    assert_eq!((removed.status, &removed.value["properties"]["status"]), (201, &json!("Revoked")));
    cloud.azure.settle();
    assert_eq!(eligible().await, before);
    assert_eq!(ask("SelfActivate", 4).await.status, 400);
}
