//! Real answers are read as they are, and anything else spoils nothing.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::*;

#[derive(Deserialize)]
struct Answer<T> {
    value: Vec<T>,
}

fn only<T: DeserializeOwned>(text: &str) -> T {
    let mut read: Answer<T> = serde_json::from_str(text).unwrap();
    read.value.pop().unwrap()
}

#[test]
fn an_eligibility_as_the_documentation_shows_it() {
    let text = json!({"value": [{"properties": {
        "scope": "/subscriptions/dfa2a084-766f-4003-8ae1-c4aeb893a99f",
        "roleDefinitionId": "/subscriptions/dfa2a084-766f-4003-8ae1-c4aeb893a99f/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c",
        "principalId": "a3bb8764-cb92-4276-9d2a-ca1e895e55ea", "principalType": "User", "status": "Provisioned",
        "startDateTime": "2020-09-10T00:32:36.86Z", "endDateTime": "2021-09-10T00:31:41.477Z", "memberType": "Direct",
        "condition": "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:ContainerName] StringEqualsIgnoreCase 'foo'",
        "conditionVersion": "1.0"},
        "name": "21e4b59a-0499-4fe0-a3c3-43a3055b773a",
        "id": "/subscriptions/dfa2a084-766f-4003-8ae1-c4aeb893a99f/providers/Microsoft.Authorization/RoleEligibilityScheduleInstances/21e4b59a-0499-4fe0-a3c3-43a3055b773a"}]});
    let read: Eligibility = only(&text.to_string());
    assert_eq!(read.properties.end_date_time.as_deref(), Some("2021-09-10T00:31:41.477Z"));
    assert!(
        read.properties
            .condition
            .is_some_and(|condition| condition.contains("ContainerName"))
    );
    let role = read.properties.role_definition_id.unwrap();
    assert_eq!(last_segment(&role), "b24988ac-6180-42a0-ab88-20f7382dd24c");
    assert_eq!(subscription_of(&role).as_deref(), Some("dfa2a084-766f-4003-8ae1-c4aeb893a99f"));
}

#[test]
fn an_assignment_says_null_where_it_has_no_condition() {
    let text = json!({"value": [{"properties": {"roleDefinitionId": "/x/2a2b", "principalId": "p", "principalType": "User", "scope": "/subscriptions/S",
        "condition": null, "conditionVersion": null, "createdOn": "2022-01-15T21:08:45.4904312Z", "description": null}, "id": "/Subscriptions/S/"}]});
    let read: RoleAssignment = only(&text.to_string());
    assert_eq!(read.properties.condition, None);
    assert_eq!(key(read.id.as_deref().unwrap()), "/subscriptions/s");
}

#[test]
fn members_that_are_not_listed_are_not_none() {
    let absent: Group = serde_json::from_value(json!({"id": "g"})).unwrap();
    let empty: Group = serde_json::from_value(json!({"id": "g", "members": []})).unwrap();
    assert_eq!(absent.members, None);
    assert_eq!(empty.members, Some(Vec::new()));
    let odd: Group = serde_json::from_value(
        json!({"id": "g", "members": [3, null, {"id": "u", "@odata.type": "#microsoft.graph.user"}], "groupTypes": "x"}),
    )
    .unwrap();
    let members = odd.members.unwrap();
    assert_eq!(members.len(), 1);
    assert_eq!(members[0].kind.as_deref(), Some("#microsoft.graph.user"));
}

#[test]
fn a_proxy_names_its_vault() {
    let proxy: GuardProxy = serde_json::from_value(json!({
        "id": "/Subscriptions/S/resourceGroups/RG/providers/microsoft.recoveryservices/vaults/Vault-Prod/backupResourceGuardProxies/VaultProxy",
        "properties": {"resourceGuardResourceId": "/subscriptions/s/g"}}))
    .unwrap();
    assert_eq!(
        proxy.vault().as_deref(),
        Some("/subscriptions/s/resourcegroups/rg/providers/microsoft.recoveryservices/vaults/vault-prod")
    );
}

#[test]
fn a_state_that_nobody_knows_is_unknown() {
    let state = |text| {
        serde_json::from_value::<LostPrincipal>(json!({"id": "p", "state": text}))
            .unwrap()
            .state
    };
    assert_eq!(state(json!("deleted")), LostState::Deleted);
    assert_eq!(state(json!("notFound")), LostState::NotFound);
    for odd in [json!("else"), json!(7), json!(null), json!({})] {
        assert_eq!(state(odd), LostState::Unknown);
    }
}

/// Every struct reads any object, whatever its members hold.
#[test]
fn anything_may_stand_anywhere() {
    fn any<T: DeserializeOwned>(value: &serde_json::Value) {
        assert!(serde_json::from_value::<T>(value.clone()).is_ok(), "{value}");
        assert!(serde_json::from_str::<T>(&value.to_string()).is_ok(), "{value}");
    }
    let odd = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!("x"),
        json!(["x", 1, null, {}]),
        json!({"a": {"id": [1]}}),
    ];
    let names = [
        "id",
        "name",
        "properties",
        "members",
        "owners",
        "application",
        "appRoles",
        "state",
        "parent",
        "displayName",
        "accountEnabled",
        "groupTypes",
        "passwordCredentials",
        "principalId",
        "@odata.type",
    ];
    for value in &odd {
        let mut object = serde_json::Map::new();
        for name in names {
            object.insert(name.into(), value.clone());
        }
        for object in [serde_json::Value::Object(object.clone()), json!({"properties": object})] {
            any::<User>(&object);
            any::<ServicePrincipal>(&object);
            any::<Group>(&object);
            any::<AppRoleAssignment>(&object);
            any::<LostPrincipal>(&object);
            any::<ManagementGroup>(&object);
            any::<Subscription>(&object);
            any::<RoleDefinition>(&object);
            any::<RoleAssignment>(&object);
            any::<DenyAssignment>(&object);
            any::<Eligibility>(&object);
            any::<RecoveryVault>(&object);
            any::<BackupVault>(&object);
            any::<ResourceGuard>(&object);
            any::<GuardProxy>(&object);
        }
    }
}
