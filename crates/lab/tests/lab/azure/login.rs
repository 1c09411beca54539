//! Tokens: how clients come by them, and for what.

use super::*;

#[tokio::test]
async fn a_token_is_for_one_service() {
    let cloud = cloud(40, |_| ()).await;
    let sites = cloud.azure.sites();
    let users = format!("{}/v1.0/users", sites.graph);
    let subscriptions = format!("{}/subscriptions?api-version=2022-12-01", sites.arm);
    assert_eq!(cloud.at(&users, &cloud.graph).await.status, 200);
    assert_eq!(cloud.at(&subscriptions, &cloud.arm).await.status, 200);
    let refused = cloud.at(&users, &cloud.arm).await;
    assert_eq!((refused.status, code(&refused)), (401, "InvalidAuthenticationToken"));
    let refused = cloud.at(&subscriptions, &cloud.graph).await;
    assert_eq!((refused.status, code(&refused)), (401, "InvalidAuthenticationTokenAudience"));
    assert!(
        refused
            .header("www-authenticate")
            .is_some_and(|value| value.contains(&sites.authority))
    );
    assert_eq!(cloud.at(&users, "nonsense").await.status, 401);
    // The lab's own addresses name the services too.
    let scope = format!("{}/.default", sites.arm);
    let token = cloud.token(&scope).await;
    assert_eq!(cloud.at(&subscriptions, &token).await.status, 200);
}

#[tokio::test]
async fn logins_fail_with_entras_numbers() {
    let cloud = cloud(10, |_| ()).await;
    let scope = "https://graph.microsoft.com/.default";
    let number = |answer: &Answer| answer.value["error_codes"][0].as_u64();
    let wrong = cloud.login(scope, "wrong").await;
    assert_eq!((wrong.status, number(&wrong)), (401, Some(7_000_215)));
    assert_eq!(wrong.value["error"], "invalid_client");
    let described = wrong.value["error_description"].as_str().unwrap_or_default();
    assert!(
        described.starts_with("AADSTS7000215: ") && described.contains("Trace ID: "),
        "{described}"
    );
    let old = cloud.azure.secret();
    let new = cloud.azure.rotate_secret();
    assert_eq!(number(&cloud.login(scope, &old).await), Some(7_000_222));
    assert_eq!(cloud.login(scope, &new).await.status, 200);
    assert_eq!(number(&cloud.login("https://vault.azure.net/.default", &new).await), Some(500_011));
    assert_eq!(
        number(&cloud.login("https://graph.microsoft.com/User.Read", &new).await),
        Some(1_002_012)
    );
    let stranger = [
        ("grant_type", "client_credentials"),
        ("client_id", "0b6f9ab5-93b2-4a3a-8ea0-9e8f2f4d12ab"),
        ("scope", scope),
    ];
    assert_eq!(number(&cloud.form("token", &stranger).await), Some(700_016));
    let no_guid = [("grant_type", "client_credentials"), ("client_id", "reader"), ("scope", scope)];
    assert_eq!(number(&cloud.form("token", &no_guid).await), Some(700_038));
    let elsewhere = format!("{}/contoso.example/oauth2/v2.0/token", cloud.azure.sites().authority);
    let unknown = read(cloud.http.post(elsewhere).body("grant_type=client_credentials")).await;
    assert_eq!(number(&unknown), Some(90_002));
    let known = format!(
        "{}/halcyon.example/v2.0/.well-known/openid-configuration",
        cloud.azure.sites().authority
    );
    let known = cloud.at(&known, "").await;
    let endpoint = known.value["token_endpoint"].as_str().unwrap_or_default();
    assert!(
        endpoint.ends_with(&format!("/{}/oauth2/v2.0/token", cloud.azure.tenant_id())),
        "{endpoint}"
    );
}

#[tokio::test]
async fn a_device_waits_for_a_person_and_then_renews_by_itself() {
    let cloud = cloud(10, |_| ()).await;
    let client = cloud.azure.client_id().to_string();
    let scope = "https://graph.microsoft.com/.default offline_access";
    let begun = cloud.form("devicecode", &[("client_id", &client), ("scope", scope)]).await;
    let (device, user) = (begun.value["device_code"].as_str(), begun.value["user_code"].as_str());
    let (device, user) = device.zip(user).expect("codes");
    let grant = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", &client),
        ("device_code", device),
        ("scope", scope),
    ];
    let pending = cloud.form("token", &grant).await;
    assert_eq!((pending.status, &pending.value["error"]), (400, &json!("authorization_pending")));
    assert!(cloud.azure.decide_device(user, true));
    let granted = cloud.form("token", &grant).await;
    let token = granted.value["access_token"].as_str().expect("a token");
    assert_eq!(
        cloud.at(&format!("{}/v1.0/users", cloud.azure.sites().graph), token).await.status,
        200
    );
    assert_eq!(
        cloud.form("token", &grant).await.value["error"],
        "bad_verification_code",
        "a code is good once"
    );
    // One refresh token is good for both services.
    let refresh = granted.value["refresh_token"].as_str().expect("a refresh token");
    let renewal = [
        ("grant_type", "refresh_token"),
        ("client_id", client.as_str()),
        ("refresh_token", refresh),
        ("scope", "https://management.azure.com/.default"),
    ];
    let renewed = cloud.form("token", &renewal).await;
    assert_ne!(renewed.value["refresh_token"], granted.value["refresh_token"]);
    let token = renewed.value["access_token"].as_str().expect("a token");
    let subscriptions = format!("{}/subscriptions?api-version=2022-12-01", cloud.azure.sites().arm);
    assert_eq!(cloud.at(&subscriptions, token).await.status, 200);
    cloud.azure.revoke_refresh_tokens();
    assert_eq!(cloud.form("token", &renewal).await.value["error"], "invalid_grant");
    // A no is a no.
    let begun = cloud.form("devicecode", &[("client_id", &client), ("scope", scope)]).await;
    let device = begun.value["device_code"].as_str().expect("a code");
    assert!(cloud.azure.decide_device(begun.value["user_code"].as_str().expect("a code"), false));
    let grant = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", client.as_str()),
        ("device_code", device),
    ];
    assert_eq!(cloud.form("token", &grant).await.value["error"], "authorization_declined");
}

#[tokio::test]
async fn a_federated_token_stands_for_the_client() {
    let cloud = cloud(10, |_| ()).await;
    let client = cloud.azure.client_id().to_string();
    let login = async |assertion: &str| {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client.as_str()),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        let answer = cloud.form("token", &form).await;
        (answer.status, answer.value["error_codes"][0].as_u64())
    };
    let good = cloud.azure.federated_token(60);
    assert_eq!(login(&good).await, (200, None));
    assert_eq!(login(&cloud.azure.federated_token(0)).await, (401, Some(700_024)));
    let (rest, signature) = good.rsplit_once('.').expect("a JWT");
    let turned: String = signature.chars().rev().collect();
    assert_eq!(login(&format!("{rest}.{turned}")).await, (401, Some(70_021)));
    assert_eq!(login("a.b").await, (400, Some(50_027)));
}
