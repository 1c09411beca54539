//! People walked out of SCIM servers that nobody here wrote: softly and hard, with memberships that the servers leave to dangle, and put back where
//! they can be. Each verdict is held against the server itself.

use lanyard_tests::peer::{Peer, TOKEN};
use lanyard_tests::plain::Plain;
use lanyard_tests::process::Server;
use serde_json::{Value, json};

use crate::company::user;
use crate::office::{Office, came_out, says, told};
use crate::truth::Truth;

/// More than a page of those that show twenty at once.
const USERS: usize = 24;
/// An account that is kept for tests.
const CANARY: &str = "canary@halcyon.example";
const SOURCE: &str = "Workforce";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// What each SCIM system is asked, where everything passes.
const PASSED: [(&str, &str); 5] = [
    ("1/scim.account", "passed"),
    ("1/scim.accountByFilter", "passed"),
    ("1/scim.accountInListing", "passed"),
    ("1/scim.memberships", "passed"),
    ("1/groups.emptied", "passed"),
];

#[tokio::test(flavor = "multi_thread")]
async fn leavers_of_scim_servers_are_read_back_as_they_are() {
    let at = |peer| async move { Staff::hire(peer).await.leave().await };
    tokio::join!(at(Peer::Scim2), at(Peer::Scimmy4), at(Peer::Scimmy5));
}

/// A server with people in groups, connected.
struct Staff {
    peer: Peer,
    plain: Plain,
    users: Vec<String>,
    shared: String,
    second: String,
    only: String,
    lone: String,
    office: Office,
    _server: Server,
}

impl Staff {
    async fn hire(peer: Peer) -> Self {
        let server = tokio::task::spawn_blocking(move || peer.start()).await.unwrap();
        let plain = Plain::new(server.text("url"), TOKEN);
        let mut users = Vec::new();
        for number in 0..USERS {
            let mut document = user(number);
            document["active"] = json!(true);
            if number == 0 {
                document["userName"] = json!(CANARY);
            }
            users.push(plain.create("Users", &document).await);
        }
        let mut groups = Vec::new();
        for (name, members) in [("Shared", 0..8), ("Second", 0..5), ("Only", 1..2), ("Lone", 2..3)] {
            let members: Vec<Value> = users[members].iter().map(|id| json!({ "value": id })).collect();
            let group = json!({ "schemas": [GROUP], "displayName": name, "members": members });
            groups.push(plain.create("Groups", &group).await);
        }
        let [shared, second, only, lone] = <[String; 4]>::try_from(groups).unwrap();
        let mut office = Office::open();
        office.connect("scim", SOURCE, &plain.url, TOKEN, &["--authoritative"]).await;
        // One that shows its first page for ever is not read in full, and that is said.
        let code = if peer == Peer::Scimmy5 { 3 } else { 0 };
        assert_eq!(office.sync().await, code);
        Self {
            peer,
            plain,
            users,
            shared,
            second,
            only,
            lone,
            office,
            _server: server,
        }
    }

    async fn leave(&self) {
        self.a_canary_is_cut_and_put_back().await;
        self.one_who_is_only_switched_off().await;
        self.one_who_dangles().await;
        self.one_who_was_made_for_it().await;
        self.office.is_sound().await;
    }

    fn plan(head: &str, system: &str) -> String {
        format!("lanyard: plan/1\nname: Walk\n{head}systems:\n  - {{ source: {SOURCE}, {system} }}\npoll: 1s\n")
    }

    /// The verdicts of a run at this server, where these differ from all having passed. A list that cannot be read to its end shows who is on it,
    /// and cannot show that somebody is not.
    fn came_out(&self, run: &Value, cut: &str, but: &[(&str, &str)]) {
        let mut expected: Vec<(&str, &str)> = PASSED.to_vec();
        if self.peer == Peer::Scimmy5 && cut == "delete" {
            expected[2].1 = "notEvaluated";
            assert!(says(run, "1/scim.accountInListing").contains("not complete"), "{}", told(run));
        }
        for (id, verdict) in but {
            expected.iter_mut().find(|(known, _)| known == id).unwrap().1 = *verdict;
        }
        came_out(run, &expected);
    }

    /// The code of a run that deletes, and closes with nothing open but what this server cannot tell.
    fn well(&self) -> i32 {
        if self.peer == Peer::Scimmy5 { 3 } else { 0 }
    }

    /// Watches an account and its memberships.
    async fn truth_of(&self, id: &str) -> Truth {
        let mut truth = Truth::new();
        let (plain, path) = (self.plain.clone(), format!("Users/{id}"));
        truth.ask("scim.account", move || {
            let (plain, path) = (plain.clone(), path.clone());
            async move { plain.get(&path).await.is_none_or(|user| user["active"] == false) }
        });
        let (plain, id) = (self.plain.clone(), id.to_owned());
        let groups = self.groups().map(Clone::clone);
        truth.ask("scim.memberships", move || {
            let (plain, id, groups) = (plain.clone(), id.clone(), groups.clone());
            async move {
                // All at once: a canary is back a moment after its run has seen it gone.
                let [one, two, three, four] = &groups;
                let (one, two, three, four) = tokio::join!(
                    lists(&plain, one, &id),
                    lists(&plain, two, &id),
                    lists(&plain, three, &id),
                    lists(&plain, four, &id)
                );
                !(one || two || three || four)
            }
        });
        truth.begun().await;
        truth
    }

    fn groups(&self) -> [&String; 4] {
        [&self.shared, &self.second, &self.only, &self.lone]
    }

    async fn active(&self, id: &str) -> Option<bool> {
        let user = self.plain.get(&format!("Users/{id}")).await?;
        Some(user["active"] != false)
    }

    async fn lists(&self, group: &str, id: &str) -> bool {
        lists(&self.plain, group, id).await
    }

    /// A test account: switched off, out of its groups, verified, and all of it put back by itself.
    async fn a_canary_is_cut_and_put_back(&self) {
        let id = &self.users[0];
        let head = format!("kind: test\nsubject: {{ account: {{ source: {SOURCE}, userName: {CANARY} }} }}\n");
        let plan = Self::plan(&head, "cut: disable, also: [scim.leaveGroups], limit: 20s");
        let truth = self.truth_of(id).await;
        let (code, run) = self.office.walk_out(&plan, None, CANARY, &[]).await;
        assert_eq!((code, &run["state"]), (0, &json!("passed")), "{}", told(&run));
        self.came_out(&run, "disable", &[]);
        for check in ["1/scim.account", "1/scim.memberships"] {
            truth.agrees(&run, check);
        }
        let steps = run["steps"].as_array().unwrap();
        assert_eq!(steps.len(), 6, "{}", told(&run));
        assert!(steps.iter().all(|step| step["state"] == "done"), "{}", told(&run));
        assert_eq!(self.active(id).await, Some(true));
        for group in [&self.shared, &self.second] {
            assert!(self.lists(group, id).await, "it was not put back into {group}");
        }
    }

    /// Switching off alone leaves the memberships, and a group in which nobody else is.
    async fn one_who_is_only_switched_off(&self) {
        let id = &self.users[1];
        let name = user(1)["userName"].as_str().unwrap().to_owned();
        let plan = Self::plan("kind: offboarding\n", "cut: disable, limit: 4s");
        let truth = self.truth_of(id).await;
        let (code, run) = self.office.walk_out(&plan, Some(&name), &name, &[]).await;
        assert_eq!((code, &run["state"]), (1, &json!("refusing")), "{}", told(&run));
        self.came_out(&run, "disable", &[("1/scim.memberships", "failed"), ("1/groups.emptied", "failed")]);
        for check in ["1/scim.account", "1/scim.memberships"] {
            truth.agrees(&run, check);
        }
        for group in ["Shared", "Second", "Only"] {
            assert!(says(&run, "1/scim.memberships").contains(group), "{}", told(&run));
        }
        let left = says(&run, "1/groups.emptied");
        assert!(left.contains("Only") && !left.contains("Shared"), "{left}");
        assert_eq!(self.active(id).await, Some(false));

        // On demand it is put back; that nobody took the memberships away is said still.
        let back = self.office.go_on("restore", &run, &[]).await.ended(1).json();
        assert_eq!(back["state"], "refusing", "{}", told(&back));
        let step = back["steps"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (&step["id"], &step["state"]),
            (&json!("restore-1"), &json!("done")),
            "{}",
            told(&back)
        );
        assert_eq!(self.active(id).await, Some(true));
        let closed = self
            .office
            .go_on("close", &run, &["--failed", "It was a mistake"])
            .await
            .ended(1)
            .json();
        assert_eq!(closed["state"], "failed", "{}", told(&closed));
    }

    /// A deleted account stays in the groups of servers that leave it there: it is seen, and passes when it was taken out.
    async fn one_who_dangles(&self) {
        let id = &self.users[2];
        let name = user(2)["userName"].as_str().unwrap().to_owned();
        let plan = Self::plan("kind: offboarding\n", "cut: delete, limit: 4s");
        let truth = self.truth_of(id).await;
        let (code, run) = self.office.walk_out(&plan, Some(&name), &name, &[]).await;
        assert_eq!((code, &run["state"]), (1, &json!("refusing")), "{}", told(&run));
        // Who dangles in a group is nobody.
        self.came_out(&run, "delete", &[("1/scim.memberships", "failed"), ("1/groups.emptied", "failed")]);
        let left = says(&run, "1/groups.emptied");
        assert!(left.contains("Lone") && !left.contains("Shared"), "{left}");
        for check in ["1/scim.account", "1/scim.memberships"] {
            truth.agrees(&run, check);
        }
        assert_eq!(self.active(id).await, None);
        for (group, shown) in [(&self.shared, "Shared"), (&self.second, "Second"), (&self.lone, "Lone")] {
            assert!(
                self.lists(group, id).await,
                "this server has changed: it takes the deleted out of their groups"
            );
            assert!(says(&run, "1/scim.memberships").contains(shown), "{}", told(&run));
        }
        // What was deleted cannot be put back, and nothing tries.
        assert_eq!(run["wayBack"], Value::Null);
        let refused = self.office.go_on("restore", &run, &[]).await;
        assert!(!matches!(refused.code, 0 | 1), "{refused:#?}");

        for group in [&self.shared, &self.second, &self.lone] {
            let out = json!([{ "op": "remove", "path": format!("members[value eq \"{id}\"]") }]);
            self.plain.patch(&format!("Groups/{group}"), out).await;
        }
        truth.comes("scim.memberships", true).await;
        let run = self.office.go_on("resume", &run, &[]).await.ended(self.well()).json();
        assert_eq!(run["state"], "passedWithGaps", "{}", told(&run));
        self.came_out(&run, "delete", &[("1/groups.emptied", "failed")]);
        truth.agrees_late(&run, "1/scim.memberships");
        assert!(says(&run, "1/scim.memberships").contains("late"), "{}", told(&run));
    }

    /// An identity that the run makes, and takes out of its groups before it deletes it.
    async fn one_who_was_made_for_it(&self) {
        let head = format!(
            "kind: test\nsubject: {{ create: {{ source: {SOURCE}, userName: 'canary-{{run}}@halcyon.example', displayName: 'Canary {{run}}', \
             groups: [Shared, Second] }} }}\narrive: 20s\n"
        );
        let plan = Self::plan(&head, "cut: delete, also: [scim.leaveGroups], limit: 20s");
        let name = "canary-4@halcyon.example";
        let before: Vec<_> = self.memberships().await;
        let (code, run) = self.office.walk_out(&plan, None, name, &[]).await;
        assert_eq!(code, self.well(), "{}", told(&run));
        self.came_out(&run, "delete", &[]);
        let made = run["steps"].as_array().unwrap().iter();
        let made: Vec<_> = made.filter(|step| step["phase"] == "act").map(|step| &step["state"]).collect();
        assert_eq!(made, ["done", "done", "done"], "{}", told(&run));
        let (status, found) = self
            .plain
            .ask(reqwest::Method::GET, &format!("Users?filter=userName%20eq%20%22{name}%22"), None)
            .await;
        assert_eq!((status, &found["totalResults"]), (200, &json!(0)), "{found}");
        assert_eq!(self.memberships().await, before, "it left something behind");
    }

    /// Who is in which group, as the server says.
    async fn memberships(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for group in self.groups() {
            all.push(self.plain.get(&format!("Groups/{group}")).await.unwrap()["members"].clone());
        }
        all
    }
}

async fn lists(plain: &Plain, group: &str, id: &str) -> bool {
    let group = plain.get(&format!("Groups/{group}")).await.unwrap();
    group["members"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|member| member["value"] == id)
}
