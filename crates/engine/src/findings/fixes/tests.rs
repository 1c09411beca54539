//! Commands of a company whose ids and names are meant to run something: a shell takes each as one word, or there is no command.

use std::process::Command;

use lanyard_access::findings::{Found, Part, rules};
use serde_json::{Value, json};

use super::super::scene::Lists;
use super::*;
use crate::map::Map;
use crate::map::tests::{Company, IDP, PORTAL, TENANT, VAULT, assignment};
use crate::record::ItemKind;
use crate::view::AzureSettings;

const HOSTILE: [&str; 7] = [
    "plain-1",
    "it's",
    "$(touch pwned)`touch pwned`",
    "a\"; touch pwned; \"b",
    "two\nlines && touch pwned",
    "\u{202e}desrever\u{200b}",
    "../../Groups/1?x=1#y",
];

fn found(rule: &str, parts: Vec<(&'static str, Part)>, place: u16, people: Vec<u32>) -> Found {
    Found {
        rule: rules::place_of(rule).unwrap(),
        key: Vec::new(),
        parts,
        places: vec![place],
        severity: None,
        people,
    }
}

fn fixes_of(map: &Map, found: &Found) -> Vec<Fix> {
    let lists = Lists::default();
    let rule = &rules::all()[found.rule];
    fixes(Context { map, lists: &lists, rule }, found)
}

fn command(fixes: &[Fix], kind: FixKind) -> Option<&str> {
    fixes.iter().find(|fix| fix.kind == kind).map(|fix| fix.text.as_str())
}

/// The words that a shell hands to `curl` and `az` when it runs this: one list for each call. Neither is truly run.
fn handed(text: &str) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "set -u; told() {{ printf '%s\\000' \"$@\"; printf '\\001\\000'; }}; curl() {{ told \"$@\"; }}; az() {{ told \"$@\"; }}; SCIM_TOKEN=t0ken BACKSTAGE_TOKEN=t1ken GROUP_ID=gr0up OWNER_ID=0wner\n{text}\n"
    );
    let ran = Command::new("sh")
        .arg("-c")
        .arg(&script)
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(
        ran.status.success() && ran.stderr.is_empty(),
        "{text}\n{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "it ran something: {text}");
    let told = String::from_utf8(ran.stdout).unwrap();
    let calls = told.split("\u{1}\0").filter(|call| !call.is_empty());
    calls
        .map(|call| call.trim_end_matches('\0').split('\0').map(str::to_owned).collect())
        .collect()
}

fn value_after<'w>(words: &'w [String], option: &str) -> &'w str {
    let at = words
        .iter()
        .position(|word| word == option)
        .unwrap_or_else(|| panic!("{option} in {words:?}"));
    &words[at + 1]
}

fn company() -> Company {
    let mut company = Company::new();
    for source in &mut company.sources {
        if source.id == TENANT {
            source.settings.azure = Some(AzureSettings::default());
            source.settings.url = "https://management.azure.com".into();
        }
    }
    company
}

fn place(map: &Map, source: i64) -> u16 {
    map.directory().sources().iter().position(|facts| facts.id == source).unwrap() as u16
}

#[test]
fn an_id_of_a_scim_server_is_data() {
    for id in HOSTILE {
        let mut company = company();
        company
            .accounts
            .push((IDP, json!({"id": id, "name": "Eve", "mail": "eve@x.example"})));
        let map = company.map();
        let idp = place(&map, IDP);
        let account = map.directory().account_with_id(idp, id).unwrap();
        let person = map.directory().identities().of(account);
        let parts = vec![("account", Part::Node(account)), ("place", Part::Place(idp))];
        let all = fixes_of(&map, &found("active-after-leaving", parts, idp, vec![person]));
        let calls = handed(command(&all, FixKind::Curl).unwrap());
        let [words] = calls.as_slice() else { panic!("{calls:?}") };
        let url: url::Url = words[3].parse().unwrap();
        let segments: Vec<String> = url
            .path_segments()
            .unwrap()
            .map(|segment| {
                let query = format!("x={segment}");
                url::form_urlencoded::parse(query.as_bytes()).next().unwrap().1.into_owned()
            })
            .collect();
        assert_eq!(segments, ["Users", id]);
        assert_eq!((url.host_str(), url.query(), url.fragment()), (Some("x.example"), None, None));
        assert_eq!(value_after(words, "-H"), "Authorization: Bearer t0ken");
        let body: Value = serde_json::from_str(value_after(words, "--data")).unwrap();
        assert_eq!(body["Operations"], json!([{"op": "replace", "path": "active", "value": false}]));
        assert!(
            all.iter()
                .any(|fix| fix.path.as_deref().is_some_and(|path| path.ends_with("/offboard")))
        );
    }
}

#[test]
fn values_of_others_are_data_and_hidden_signs_are_seen() {
    let name = "O'Neil $(touch pwned) \u{202e}\"x\"\n";
    let mut company = company();
    company
        .accounts
        .push((IDP, json!({"id": "lead", "name": name, "mail": "eve@x.example"})));
    company
        .accounts
        .push((TENANT, json!({"id": "az-eve", "name": "Eve", "mail": "eve@x.example"})));
    let map = company.map();
    let (idp, tenant) = (place(&map, IDP), place(&map, TENANT));
    let lead = map.directory().account_with_id(idp, "lead").unwrap();
    let other = map.directory().account_with_id(tenant, "az-eve").unwrap();
    let parts = |account, lead, place| {
        vec![
            ("account", Part::Node(account)),
            ("place", Part::Place(place)),
            ("attributes", Part::Attributes(attribute::NAME)),
            ("lead", Part::Node(lead)),
        ]
    };
    let all = fixes_of(&map, &found("attributes-differ", parts(other, lead, tenant), tenant, Vec::new()));
    let text = command(&all, FixKind::Az).unwrap();
    assert!(!text.contains('\u{202e}') && text.contains("\\u202e"), "{text}");
    let calls = handed(text);
    let body: Value = serde_json::from_str(value_after(&calls[0], "--body")).unwrap();
    assert_eq!(body, json!({"displayName": name}));
    assert_eq!(value_after(&calls[0], "--url"), "https://graph.microsoft.com/v1.0/users/az-eve");
    // The other way round, at the SCIM server.
    let all = fixes_of(&map, &found("attributes-differ", parts(lead, other, idp), idp, Vec::new()));
    let calls = handed(command(&all, FixKind::Curl).unwrap());
    let body: Value = serde_json::from_str(value_after(&calls[0], "--data")).unwrap();
    assert_eq!(
        body["Operations"],
        json!([{"op": "replace", "path": "displayName", "value": "Eve"}])
    );
}

#[test]
fn an_assignment_is_deleted_by_its_whole_id_or_not_by_a_command() {
    for hostile in HOSTILE {
        let mut company = company();
        let id = format!(
            "{VAULT}/providers/Microsoft.Authorization/roleAssignments/{}",
            hostile.replace('/', "-")
        );
        let mut document = assignment("x", "az-bob", "00c29273-979b-4161-815c-10b084fb9324", VAULT);
        document["id"] = id.as_str().into();
        company.items.push((TENANT, ItemKind::RoleAssignment, document));
        let map = company.map();
        let tenant = place(&map, TENANT);
        let key = crate::record::azure::key(&id);
        let at = map.origin_entries().iter().position(|origin| *origin.id == *key).unwrap() as u32;
        let parts = vec![("assignment", Part::Assignment(at)), ("place", Part::Place(tenant))];
        let all = fixes_of(&map, &found("guest-holds", parts, tenant, Vec::new()));
        match command(&all, FixKind::Az) {
            Some(text) => {
                assert!(shell::is_plain(hostile));
                assert_eq!(handed(text), [["role", "assignment", "delete", "--ids", &key]]);
            }
            None => assert!(!shell::is_plain(hostile), "{hostile:?}"),
        }
        assert_eq!(
            all.last().unwrap().text,
            rules::all()[rules::place_of("guest-holds").unwrap()].way_out
        );
    }
}

#[test]
fn a_member_of_a_role_goes_by_the_file_or_by_the_api() {
    for (source, member) in [
        ("csv-file", "user:default/gone"),
        ("csv-file", "user:default/a, role:default/admins\ng, user:default/eve"),
        ("rest", "user:default/gone"),
        ("rest", "user:default/o'x $(touch pwned)"),
        ("configuration", "user:default/gone"),
    ] {
        let mut company = company();
        let role = json!({"name": "role:default/vault", "memberReferences": [member], "metadata": {"source": source}});
        company.items.push((PORTAL, ItemKind::RbacRole, role));
        let policy = json!({"entityReference": "role:default/vault", "permission": "catalog-entity", "policy": "read", "effect": "allow"});
        company.items.push((PORTAL, ItemKind::RbacPolicy, policy));
        let map = company.map();
        let portal = place(&map, PORTAL);
        let at = map
            .lost_entries()
            .iter()
            .position(|lost| lost.id.eq_ignore_ascii_case(member))
            .unwrap();
        let lost = &map.lost_entries()[at];
        let parts = vec![
            ("principal", Part::Lost(at as u32)),
            ("role", Part::Role(lost.role)),
            ("place", Part::Place(portal)),
        ];
        let all = fixes_of(&map, &found("ghost-member", parts, portal, Vec::new()));
        let csv = command(&all, FixKind::Csv);
        match (source, shell::is_plain(member)) {
            ("csv-file", true) => assert!(csv.unwrap().ends_with("\n-g, user:default/gone, role:default/vault\n"), "{csv:?}"),
            ("csv-file", false) => assert!(csv.is_none() && command(&all, FixKind::Curl).is_none() && all[0].text.contains("g, MEMBER")),
            ("configuration", _) => assert!(csv.is_none() && all[0].text.contains("app-config")),
            _ => {
                assert!(csv.is_none());
                let calls = handed(command(&all, FixKind::Curl).unwrap());
                let url: url::Url = calls[0][3].parse().unwrap();
                assert_eq!(url.path(), "/api/permission/roles/role/default/vault");
                let query: Vec<_> = url.query_pairs().into_owned().collect();
                assert_eq!(query, [("memberReferences".to_owned(), lost.id.to_string())]);
            }
        }
    }
}
