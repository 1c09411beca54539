//! The lab's Azure, read by Microsoft's own clients: what they understand is what the lab holds. So the other side that
//! everything else is tested against is drawn true.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use base64::Engine;
use lanyard_lab::azure::Throttle;
use lanyard_lab::company::access::Guid;
use lanyard_lab::company::access::azure::{Scope, Tenant, VaultKind};
use lanyard_lab::{AzureHandle, AzureOptions, LabOptions};
use lanyard_tests::peer::azure_clients;
use serde_json::{Value, json};

/// Lets the clients read, and gives what they print at the end.
fn ask(azure: &AzureHandle, told: &Value) -> Value {
    let mut child = azure_clients()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    writeln!(input, "{told}").unwrap();
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    if let Ok(said) = serde_json::from_str::<Value>(&line) {
        let pem = said["certificate"].as_str().unwrap();
        let text: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        azure.add_certificate(base64::engine::general_purpose::STANDARD.decode(text).unwrap());
        writeln!(input).unwrap();
    }
    line.clear();
    output.read_line(&mut line).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    serde_json::from_str(&line).unwrap()
}

/// Items of one list of the answer, by name.
fn by_name<'a>(answer: &'a Value, list: &str, subscription: &str) -> BTreeMap<&'a str, &'a Value> {
    let items = answer[list][subscription]
        .as_array()
        .unwrap_or_else(|| panic!("no {list} of {subscription}"));
    let named: BTreeMap<_, _> = items.iter().map(|item| (item["name"].as_str().unwrap(), item)).collect();
    assert_eq!(named.len(), items.len(), "{list}: each once");
    named
}

/// Whether a list at a subscription has what is assigned at a scope: at it, above it, below it.
fn listed(tenant: &Tenant, subscription: Scope, at: Scope) -> bool {
    tenant.lies_in(subscription, at) || tenant.lies_in(at, subscription)
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn microsofts_clients_understand_what_the_lab_holds() {
    let options = AzureOptions {
        tls: true,
        arm_page: 7,
        throttle: Throttle::none(),
        device_interval: 1,
        device_approved_after: Some(1),
        // Their retries are tried too.
        faults: vec!["429:1@0.02".parse().unwrap()],
        ..AzureOptions::default()
    };
    let lab = lanyard_lab::serve(LabOptions {
        azure: Some(options),
        ..LabOptions::default()
    });
    let lab = lab.await.unwrap();
    let azure = lab.azure().unwrap();
    azure.refuse("*", "sub-legacy");
    let tenant = azure.look(Tenant::clone);
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, azure.ca_pem().unwrap()).unwrap();
    let (sites, olena) = (azure.sites(), azure.find("olena.shevchenko").unwrap());
    let read: Vec<(Scope, Guid)> = (tenant.subscriptions.iter().enumerate())
        .filter(|(_, one)| one.name != "sub-legacy")
        .map(|(place, one)| (Scope::Subscription(place as u32), one.id))
        .collect();
    let told = json!({
        "authority": sites.authority, "arm": sites.arm, "graph": sites.graph, "ca": ca,
        "tenant": tenant.id, "client": azure.client_id(), "secret": azure.secret(), "federated": azure.federated_token(600),
        "subscriptions": read.iter().map(|(_, id)| id).collect::<Vec<_>>(),
        "unreadable": tenant.subscriptions.iter().find(|one| one.name == "sub-legacy").unwrap().id,
        "vault": tenant.scope_id(tenant.scope("vault-prod").unwrap()),
        "person": olena,
    });
    let asked = azure.clone();
    let answer = tokio::task::spawn_blocking(move || ask(&asked, &told)).await.unwrap();

    assert_eq!(
        answer["credentials"],
        json!({"secret": true, "certificate": true, "federated": true, "device": true})
    );
    assert!(
        answer["refused"]["secret"].as_str().unwrap().contains("AADSTS7000215"),
        "{}",
        answer["refused"]
    );
    assert_eq!(answer["refused"]["subscription"], json!([403, "AuthorizationFailed"]));
    for (scope, id) in &read {
        let id = id.to_string();
        assignments(&tenant, *scope, &by_name(&answer, "roleAssignments", &id));
        let denies = by_name(&answer, "denyAssignments", &id);
        let expected: BTreeMap<String, _> = (tenant.denies.iter())
            .filter(|one| listed(&tenant, *scope, one.scope))
            .map(|one| (one.id.to_string(), one))
            .collect();
        assert!(denies.keys().copied().eq(expected.keys().map(String::as_str)));
        for (name, one) in &expected {
            assert_eq!(strings(&denies[name.as_str()]["actions"]), one.actions);
            let ids = |list: &[(Guid, _)]| list.iter().map(|(id, _)| id.to_string()).collect::<Vec<_>>();
            assert_eq!(strings(&denies[name.as_str()]["principals"]), ids(&one.principals));
            assert_eq!(strings(&denies[name.as_str()]["except"]), ids(&one.except));
        }
        let eligible = by_name(&answer, "eligibilities", &id);
        let expected: BTreeSet<String> = (tenant.eligibilities.iter())
            .filter(|one| listed(&tenant, *scope, one.scope))
            .map(|one| one.id.to_string())
            .collect();
        assert!(eligible.keys().copied().eq(expected.iter().map(String::as_str)));
        roles(&tenant, &by_name(&answer, "roleDefinitions", &id));
        vaults(&tenant, *scope, &answer, &id);
    }
    let principals = |names: &[&str]| names.iter().map(|name| azure.find(name).unwrap()).collect::<BTreeSet<_>>();
    let reached: BTreeSet<Guid> = strings(&answer["assignedTo"])
        .into_iter()
        .map(|name| {
            let mut all = tenant.assignments.iter();
            all.find(|one| one.id.to_string() == name).unwrap().principal
        })
        .collect();
    assert_eq!(
        reached,
        principals(&["olena.shevchenko", "backup-operators", "payments", "all-staff"])
    );
    let users: BTreeMap<&str, &Value> = answer["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| (user["id"].as_str().unwrap(), user))
        .collect();
    assert_eq!(users.len(), tenant.users.len());
    for user in &tenant.users {
        let there = users[user.id.to_string().as_str()];
        assert_eq!(
            (&there["userPrincipalName"], &there["accountEnabled"]),
            (&json!(user.upn), &json!(user.enabled))
        );
    }
    lab.stop().await;
}

fn assignments(tenant: &Tenant, scope: Scope, there: &BTreeMap<&str, &Value>) {
    let expected: BTreeMap<String, _> = (tenant.assignments.iter())
        .filter(|one| listed(tenant, scope, one.scope))
        .map(|one| (one.id.to_string(), one))
        .collect();
    assert!(
        there.keys().copied().eq(expected.keys().map(String::as_str)),
        "of {}",
        tenant.scope_name(scope)
    );
    for (name, one) in &expected {
        let item = there[name.as_str()];
        assert_eq!(item["principal"], json!(one.principal));
        assert_eq!(item["principalType"], one.principal_type.label());
        assert_eq!(item["condition"], json!(one.condition));
        assert!(item["role"].as_str().unwrap().ends_with(&format!("/roleDefinitions/{}", one.role)));
        // The client hands out what Azure wrote, in whatever case.
        assert_eq!(
            item["scope"].as_str().unwrap().to_lowercase(),
            tenant.scope_id(one.scope).to_lowercase()
        );
    }
}

fn roles(tenant: &Tenant, there: &BTreeMap<&str, &Value>) {
    for role in tenant.roles.iter().filter(|role| role.built_in) {
        let item = there[role.id.to_string().as_str()];
        assert_eq!(
            (item["roleName"].as_str(), item["type"].as_str()),
            (Some(role.name.as_str()), Some("BuiltInRole"))
        );
        assert_eq!(strings(&item["actions"]), role.actions);
        assert_eq!(strings(&item["notActions"]), role.not_actions);
    }
}

fn vaults(tenant: &Tenant, scope: Scope, answer: &Value, id: &str) {
    for (kind, list) in [(VaultKind::Recovery, "vaults"), (VaultKind::Backup, "backupVaults")] {
        let there = by_name(answer, list, id);
        let expected: BTreeMap<&str, _> = (tenant.vaults.iter().enumerate())
            .filter(|(place, vault)| vault.kind == kind && tenant.lies_in(Scope::Vault(*place as u32), scope))
            .map(|(place, vault)| (vault.name.as_str(), (place, vault)))
            .collect();
        assert!(there.keys().eq(expected.keys()), "{list} of {}", tenant.scope_name(scope));
        for (name, (place, vault)) in expected {
            let address = tenant.scope_id(Scope::Vault(place as u32));
            assert_eq!(there[name]["id"].as_str().unwrap().to_lowercase(), address.to_lowercase());
            match kind {
                VaultKind::Recovery => {
                    let state = if vault.guard.is_some() { "Enabled" } else { "Disabled" };
                    assert_eq!(there[name]["mua"], state);
                }
                VaultKind::Backup => {
                    assert_eq!(there[name]["guarded"], vault.guard.is_some());
                    assert_eq!(strings(&answer["proxies"][name]).len(), usize::from(vault.guard.is_some()));
                }
            }
        }
    }
    let guards = by_name(answer, "guards", id);
    let expected = (tenant.guards.iter().enumerate()).filter(|(place, _)| tenant.lies_in(Scope::Guard(*place as u32), scope));
    assert_eq!(guards.len(), expected.count());
    assert!(guards.values().all(|guard| guard["operations"].as_u64() > Some(0)));
}
