//! People walked out of a company whose identity provider is scim2-server and whose portal is a real Backstage, under both orphan strategies. What
//! each run says of them is held against what the backend says at the same time, asked directly.

use std::sync::Arc;

use lanyard_tests::peer::{Orphans, Peer, TOKEN};
use lanyard_tests::plain::Plain;
use lanyard_tests::process::Server;
use reqwest::Method;
use serde_json::{Value, json};

use super::house::{self, House};
use crate::office::{Office, came_out, check, says, told};
use crate::truth::Truth;

/// In a group, named by a role, and the only owner of a component.
const LEAVER: &str = "person03";
const ENTITY: &str = "user:default/person03";
/// Its user name at the identity provider.
const USER_NAME: &str = "person03@halcyon.example";
/// Somebody whom only the portal knows, and whom its file never loses.
const STAYER: &str = "person15";
/// Under this name the leaver's live token is in the environment.
const VARIABLE: &str = "LEAVERS_TOKEN";
const HELPERS: &str = "api/permission/roles/role/default/helpers";

/// What is asked of the portal; a new sign-in only where it is named.
const ASKED: &str = "backstage.entity, backstage.groups, backstage.roles, backstage.token, backstage.signIn, backstage.owned, groups.emptied, \
                     roles.unheld, backstage.comesBack";
/// Of these the truth is asked too.
const TRUE: [&str; 6] = [
    "backstage.entity",
    "backstage.groups",
    "backstage.roles",
    "backstage.token",
    "backstage.signIn",
    "backstage.owned",
];

#[tokio::test(flavor = "multi_thread")]
async fn leavers_of_a_portal_are_verified_under_either_orphan_strategy() {
    let deleted = async { Firm::open(Orphans::Delete).await.deletes().await };
    let kept = async { Firm::open(Orphans::Keep).await.keeps().await };
    tokio::join!(deleted, kept);
}

/// Identity provider and portal, connected, with the leaver in both.
struct Firm {
    house: Arc<House>,
    idp: Plain,
    leaver: String,
    office: Office,
    _idp: Server,
}

impl Firm {
    async fn open(orphans: Orphans) -> Self {
        let (house, server) = tokio::join!(House::open(orphans), async {
            tokio::task::spawn_blocking(|| Peer::Scim2.start()).await.unwrap()
        });
        let idp = Plain::new(server.text("url"), TOKEN);
        let mut users = Vec::new();
        for number in [0, 3, 6] {
            let name = format!("person{number:02}@halcyon.example");
            let document = json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "externalId": format!("0000-{number}"),
                "displayName": format!("Person {number}"), "active": true, "emails": [{ "value": name, "primary": true }],
            });
            users.push(idp.create("Users", &document).await);
        }
        let members: Vec<Value> = users.iter().map(|id| json!({ "value": id })).collect();
        let group = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Everybody", "members": members });
        idp.create("Groups", &group).await;

        let mut office = Office::open();
        office.connect("scim", "Workforce", &idp.url, TOKEN, &["--authoritative"]).await;
        // Roles are changed by users only.
        let root = house.user_token("root").await;
        office.connect("backstage", "Portal", &house.url, &root, &[]).await;
        assert_eq!(office.sync().await, 0);
        office.variable(VARIABLE, &house.user_token(LEAVER).await);
        Self {
            house: Arc::new(house),
            idp,
            leaver: users.swap_remove(1),
            office,
            _idp: server,
        }
    }

    /// Cut at the identity provider, which the portal follows.
    fn plan(&self, limit: &str) -> String {
        format!(
            "lanyard: plan/1\nname: Leaver\nkind: offboarding\nsystems:\n  - {{ source: Workforce, cut: delete, also: [scim.leaveGroups], \
             limit: 20s }}\n{}poll: 1s\n",
            self.portal("follow", "[]", limit)
        )
    }

    fn portal(&self, cut: &str, also: &str, limit: &str) -> String {
        let address = self.house.sign_in_address(LEAVER);
        format!(
            "  - {{ source: Portal, cut: {cut}, also: {also}, limit: {limit}, checks: [{ASKED}],\n      credentialUrl: '{address}' }}\n"
        )
    }

    /// Takes the leaver out of the portal's source once the identity provider has it no longer: what a provider does with its next cycle.
    async fn follows(&self) {
        let path = format!("Users/{}", self.leaver);
        let gone = async || self.idp.get(&path).await.is_none();
        self.house.until("the cut at the identity provider", gone).await;
        self.house.leave(LEAVER);
    }

    /// Asks the servers themselves what a run asks of them.
    async fn truth(&self) -> Truth {
        let mut truth = Truth::new();
        let (idp, path) = (self.idp.clone(), format!("Users/{}", self.leaver));
        truth.ask("scim.account", move || {
            let (idp, path) = (idp.clone(), path.clone());
            async move { idp.get(&path).await.is_none() }
        });
        let token = self.house.user_token(LEAVER).await;
        for name in TRUE {
            let (house, token) = (self.house.clone(), token.clone());
            truth.ask(name, move || {
                let (house, token) = (house.clone(), token.clone());
                async move { revoked(&house, name, &token).await }
            });
        }
        truth.begun().await;
        truth
    }

    /// Who is gone from the catalog is gone; a role that names it outlives it with whatever token is live, and what it owned is owned by a ghost.
    async fn deletes(&self) {
        let truth = self.truth().await;
        let plan = self.plan("45s");
        let handed = format!("2/backstage.token={VARIABLE}");
        let handed = [handed.as_str()];
        let ((code, run), (), ()) = tokio::join!(
            self.office.walk_out(&plan, Some(USER_NAME), USER_NAME, &handed),
            self.follows(),
            self.comes_back()
        );
        assert_eq!((code, &run["state"]), (1, &json!("refusing")), "{}", told(&run));
        came_out(
            &run,
            &[
                ("1/scim.account", "passed"),
                ("1/scim.accountByFilter", "passed"),
                ("1/scim.accountInListing", "passed"),
                ("1/scim.memberships", "passed"),
                ("1/groups.emptied", "passed"),
                ("2/backstage.entity", "passed"),
                ("2/backstage.groups", "passed"),
                ("2/backstage.signIn", "passed"),
                ("2/groups.emptied", "passed"),
                ("2/backstage.roles", "failed"),
                ("2/backstage.token", "failed"),
                ("2/backstage.owned", "failed"),
                ("2/roles.unheld", "failed"),
            ],
        );
        agrees(&truth, &run);
        truth.agrees(&run, "1/scim.account");
        for (id, words) in [
            ("2/backstage.entity", "At the same time it answers for another user"),
            ("2/backstage.signIn", "with 500, not 401: that counts as refused"),
            ("2/backstage.roles", "role:default/helpers"),
            ("2/backstage.token", "let in still"),
            ("2/backstage.owned", "svc03"),
            ("2/backstage.owned", "a ghost"),
            ("2/roles.unheld", "role:default/helpers"),
        ] {
            assert!(says(&run, id).contains(words), "{id}: {}", told(&run));
        }
        let refuses = run["refuses"].to_string();
        assert!(refuses.contains("helpers") && refuses.contains("token"), "{refuses}");

        // Taken out of the role, the same token opens nothing, and the run may close.
        let boss = self.house.user_token("boss").await;
        let path = format!("{HELPERS}?memberReferences={ENTITY}");
        let (status, said) = self.house.ask(Method::DELETE, &path, &boss, None).await;
        assert_eq!(status, 204, "{said}");
        for check in ["backstage.roles", "backstage.token"] {
            truth.comes(check, true).await;
        }
        let run = self
            .office
            .go_on("resume", &run, &["--credential", handed[0]])
            .await
            .ended(0)
            .json();
        assert_eq!(run["state"], "passedWithGaps", "{}", told(&run));
        for id in ["2/backstage.roles", "2/backstage.token"] {
            truth.agrees_late(&run, id);
            assert!(says(&run, id).contains("late"), "{}", told(&run));
        }
        assert!(says(&run, "2/backstage.token").contains("sees nothing"), "{}", told(&run));
        self.office.is_sound().await;
    }

    /// Somebody is unregistered whom the catalog's source still has: back with the next cycle, which the watch sees.
    async fn comes_back(&self) {
        let mut truth = Truth::new();
        let (house, reference) = (self.house.clone(), format!("user:default/{STAYER}"));
        truth.ask("backstage.entity", move || {
            let (house, reference) = (house.clone(), reference.clone());
            async move { house.entity(&reference).await.is_none() }
        });
        truth.begun().await;
        let plan = "lanyard: plan/1\nname: Unregister\nkind: offboarding\nsystems:\n  - { source: Portal, cut: delete, limit: 8s, \
                    checks: [backstage.entity, backstage.comesBack] }\npoll: 1s\nwatch: 10s\n";
        let (code, run) = self.office.walk_out(plan, Some(STAYER), STAYER, &[]).await;
        truth.agrees(&run, "2/backstage.entity");
        assert_eq!((code, &run["state"]), (1, &json!("refusing")), "{}", told(&run));
        assert_eq!(check(&run, "2/backstage.comesBack")["verdict"], "failed", "{}", told(&run));
        assert!(says(&run, "2/backstage.comesBack").contains("it came back"), "{}", told(&run));
        truth.comes("backstage.entity", false).await;
    }

    /// With `keep` nothing is taken from an orphan. Unregistered and out of its roles it is gone, and stays so.
    async fn keeps(&self) {
        let truth = self.truth().await;
        let plan = self.plan("20s");
        let handed = format!("2/backstage.token={VARIABLE}");
        let handed = [handed.as_str()];
        let ((code, run), ()) = tokio::join!(self.office.walk_out(&plan, Some(USER_NAME), USER_NAME, &handed), self.follows());
        assert_eq!((code, &run["state"]), (1, &json!("refusing")), "{}", told(&run));
        let portal = TRUE.map(|name| format!("2/{name}"));
        for id in &portal {
            assert_eq!(check(&run, id)["verdict"], "failed", "{id}: {}", told(&run));
        }
        agrees(&truth, &run);
        truth.agrees(&run, "1/scim.account");
        assert_eq!(check(&run, "2/groups.emptied")["verdict"], "passed", "{}", told(&run));
        for (id, words) in [
            ("2/backstage.entity", "as an orphan"),
            ("2/backstage.groups", "team4"),
            ("2/backstage.signIn", "can still sign in (200)"),
            ("2/backstage.owned", "svc03"),
        ] {
            assert!(says(&run, id).contains(words), "{id}: {}", told(&run));
        }
        assert!(
            !says(&run, "2/backstage.owned").contains("ghost"),
            "the owner is there still: {}",
            told(&run)
        );
        let closed = self
            .office
            .go_on("close", &run, &["--failed", "Orphans are kept here"])
            .await
            .ended(1)
            .json();
        assert_eq!(closed["state"], "failed", "{}", told(&closed));
        drop(truth);

        assert_eq!(self.office.sync().await, 0);
        let truth = self.truth().await;
        let plan = format!(
            "lanyard: plan/1\nname: Orphan\nkind: offboarding\nsystems:\n{}poll: 1s\nwatch: 5s\n",
            self.portal("delete", "[backstage.leaveRoles]", "25s")
        );
        let (code, run) = self.office.walk_out(&plan, Some(LEAVER), LEAVER, &handed).await;
        assert_eq!((code, &run["state"]), (0, &json!("passedWithGaps")), "{}", told(&run));
        came_out(
            &run,
            &[
                ("2/backstage.entity", "passed"),
                ("2/backstage.groups", "passed"),
                ("2/backstage.roles", "passed"),
                ("2/backstage.token", "passed"),
                ("2/backstage.signIn", "passed"),
                ("2/groups.emptied", "passed"),
                ("2/backstage.comesBack", "passed"),
                ("2/backstage.owned", "failed"),
                ("2/roles.unheld", "failed"),
            ],
        );
        agrees(&truth, &run);
        assert!(says(&run, "2/backstage.token").contains("sees nothing"), "{}", told(&run));
        assert!(says(&run, "2/backstage.owned").contains("a ghost"), "{}", told(&run));
        self.office.is_sound().await;
    }
}

/// Each check whose truth is asked.
#[track_caller]
fn agrees(truth: &Truth, run: &Value) {
    for name in TRUE {
        truth.agrees(run, &format!("2/{name}"));
    }
}

/// Whether something of the leaver is revoked, as the backend says it now.
async fn revoked(house: &House, name: &str, token: &str) -> bool {
    match name {
        "backstage.entity" => house.entity(ENTITY).await.is_none(),
        "backstage.groups" => {
            let group = house.entity("group:default/team4").await.unwrap();
            !house::related(&group, "hasMember").contains(ENTITY)
        }
        "backstage.roles" => {
            let roles = house.api("api/permission/roles", TOKEN).await;
            let mut members = roles
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|role| role["memberReferences"].as_array().unwrap());
            !members.any(|member| member == ENTITY)
        }
        "backstage.token" => {
            let (status, shown) = house.ask(Method::GET, "api/catalog/entities/by-query?limit=1", token, None).await;
            status == 401 || shown["totalItems"] == 0
        }
        "backstage.signIn" => house.sign_in(LEAVER).await.0 != 200,
        "backstage.owned" => house.entities(&format!("relations.ownedBy={ENTITY}")).await.is_empty(),
        other => panic!("{other}"),
    }
}
