//! SCIM, against the lab: soft and hard cuts, memberships, sessions, habits of servers.

use lanyard_engine::secrets::Secret;
use lanyard_engine::sources::Client;
use lanyard_engine::sources::doors::{Seen, Whose, Write, refused_by_form};
use lanyard_engine::sources::scim::{Capabilities, HeldGroup, Known, ListSize, NewUser, ScimClient};
use lanyard_lab::{Family, FilterSupport, Handle, Lab, LabOptions, Quirk, ScimOptions};
use serde_json::Value;

use crate::{never, saw, scim, send};

/// The company has some 80 people.
fn size(most: usize) -> ListSize {
    ListSize { most, known: Some(80) }
}

struct App {
    _lab: Lab,
    handle: Handle,
    client: ScimClient,
    at: Capabilities,
}

impl App {
    async fn start(change: impl FnOnce(&mut ScimOptions)) -> Self {
        let mut provider = ScimOptions::named("App");
        change(&mut provider);
        let lab = lanyard_lab::serve(LabOptions {
            people: 80,
            provider,
            ..LabOptions::default()
        })
        .await
        .unwrap();
        let handle = lab.provider();
        let client = scim(&handle.url(), &handle.token());
        let at = client.capabilities(&never()).await.unwrap();
        Self {
            _lab: lab,
            handle,
            client,
            at,
        }
    }

    /// Somebody who is in a group directly, with the groups.
    fn somebody(&self) -> (String, String, Vec<HeldGroup>) {
        let user = self.handle.user_named("olena.shevchenko").or_else(|| {
            let users = self.handle.users();
            users
                .into_iter()
                .find(|user| !self.handle.groups_of(user["id"].as_str().unwrap()).is_empty())
        });
        let user = user.unwrap();
        let id = user["id"].as_str().unwrap().to_owned();
        let direct = |group: &Value| {
            group["members"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|member| member["value"] == id.as_str())
        };
        let held: Vec<HeldGroup> = self
            .handle
            .groups()
            .iter()
            .filter(|group| direct(group))
            .map(|group| HeldGroup {
                id: group["id"].as_str().unwrap().to_owned(),
                name: group["displayName"].as_str().unwrap().to_owned(),
                through: None,
                told: true,
            })
            .collect();
        assert!(!held.is_empty());
        (id, user["userName"].as_str().unwrap().to_owned(), held)
    }

    fn one(&self) -> Client {
        Client::Scim(self.client.clone())
    }

    /// Sends the first form that is not refused for its form.
    async fn take(&self, writes: &[Write]) -> u16 {
        for write in writes {
            let asked = send(&self.one(), write).await;
            if !refused_by_form(&asked) {
                return asked.status.unwrap();
            }
        }
        panic!("no form is taken")
    }

    async fn memberships(&self, id: &str, held: &[HeldGroup], proven: bool) -> (Seen, usize) {
        let look = self.client.look_at_memberships(&self.at, id, held, proven, &never()).await;
        saw(&look, look.seen, &[&self.handle.token()]);
        (look.seen, look.things.len())
    }

    /// By id, by filter, in the list.
    async fn account(&self, id: &str, name: &str) -> [Seen; 3] {
        let cancel = never();
        let looks = [
            self.client.look_at_account(&self.at, id, None, &cancel).await,
            self.client.look_by_filter(&self.at, id, name, &cancel).await,
            self.client.look_in_listing(&self.at, id, name, size(10_000), &cancel).await,
        ];
        for look in &looks {
            saw(look, look.seen, &[&self.handle.token()]);
        }
        looks.map(|look| look.seen)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_soft_cut_is_read_back_in_every_way_and_undone() {
    let app = App::start(|_| {}).await;
    let (id, name, held) = app.somebody();
    assert_eq!(app.account(&id, &name).await, [Seen::There; 3]);
    let look = app.client.look_at_account(&app.at, &id, None, &never()).await;
    let known = Known {
        id: &id,
        document: look.things[0].document.as_ref(),
    };
    let writes = app.client.set_active(&app.at, known, false).unwrap();
    assert!(
        writes[0].request.headers.iter().any(|(name, _)| name == "If-Match"),
        "{:?}",
        writes[0]
    );
    assert!(matches!(app.take(&writes).await, 200 | 204));
    assert_eq!(app.account(&id, &name).await, [Seen::Off; 3]);
    // The version is an old one now: refused, and nothing is done.
    let asked = send(&app.one(), &app.client.set_active(&app.at, known, true).unwrap()[0]).await;
    assert_eq!(asked.status, Some(412));
    assert_eq!(app.account(&id, &name).await, [Seen::Off; 3]);
    // Its groups are its own still, each read back.
    assert_eq!(app.memberships(&id, &held, false).await, (Seen::There, held.len()));
    let bare = Known { id: &id, document: None };
    app.take(&app.client.set_active(&app.at, bare, true).unwrap()).await;
    assert_eq!(app.account(&id, &name).await, [Seen::There; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hard_cut_is_gone_in_every_way_and_dangles_where_the_server_lets_it() {
    for dangles in [false, true] {
        let app = App::start(|options| {
            if dangles {
                options.quirks.insert(Quirk::DanglingMembers);
            }
        })
        .await;
        let (id, name, held) = app.somebody();
        let write = app.client.delete_account(&app.at, Known { id: &id, document: None }).unwrap();
        assert_eq!(send(&app.one(), &write).await.status, Some(204));
        assert_eq!(app.account(&id, &name).await, [Seen::Gone; 3]);
        let expected = if dangles { Seen::There } else { Seen::Gone };
        assert_eq!(app.memberships(&id, &held, false).await.0, expected);
        // Sent again, it does no harm, and the answer says so.
        assert_eq!(send(&app.one(), &write).await.status, Some(404));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_taken_out_in_the_form_that_the_server_takes() {
    for quirk in [Quirk::NoRemoveByValue, Quirk::NoRemoveByFilter] {
        let app = App::start(|options| {
            options.quirks.insert(quirk);
        })
        .await;
        let (id, _, held) = app.somebody();
        for group in &held {
            app.take(&app.client.leave_group(&app.at, &group.id, &id).unwrap()).await;
        }
        assert_eq!(app.memberships(&id, &held, false).await, (Seen::Gone, 0), "{quirk:?}");
        let join = app.client.join_group(&app.at, &held[0].id, &id).unwrap();
        app.take(&[join]).await;
        assert_eq!(app.memberships(&id, &held, false).await, (Seen::There, 1), "{quirk:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_nested_hangs_on_what_is_direct() {
    let app = App::start(|_| {}).await;
    let (id, _, mut held) = app.somebody();
    held.truncate(1);
    held.push(HeldGroup {
        id: "above".into(),
        name: "above".into(),
        through: Some(held[0].id.clone()),
        told: true,
    });
    assert_eq!(app.memberships(&id, &held, false).await, (Seen::There, 2));
    app.take(&app.client.leave_group(&app.at, &held[0].id, &id).unwrap()).await;
    assert_eq!(app.memberships(&id, &held, false).await, (Seen::Gone, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_tells_no_members_is_believed_by_its_proven_filter_only() {
    let app = App::start(|options| {
        options.quirks.insert(Quirk::NoMembers);
    })
    .await;
    let (id, _, mut held) = app.somebody();
    held.iter_mut().for_each(|group| group.told = false);
    assert_eq!(app.memberships(&id, &held, false).await.0, Seen::NotEvaluated);
    let direct: Vec<String> = held.iter().map(|group| group.id.clone()).collect();
    assert!(app.client.prove_members_filter(&app.at, &id, &direct, &never()).await.unwrap());
    assert!(
        !app.client
            .prove_members_filter(&app.at, &id, &["x".to_owned()], &never())
            .await
            .unwrap()
    );
    assert_eq!(app.memberships(&id, &held, true).await, (Seen::There, held.len()));
    for group in &held {
        app.handle.remove_member(&group.id, &id).unwrap();
    }
    assert_eq!(app.memberships(&id, &held, true).await, (Seen::Gone, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_is_ignored_or_unknown_tells_nothing() {
    for (filter, there) in [
        (FilterSupport::Ignored, Seen::NotEvaluated),
        (FilterSupport::Refused, Seen::NotEvaluated),
    ] {
        let app = App::start(|options| options.filter = filter).await;
        let (id, name, _) = app.somebody();
        app.handle.delete_user(&id).unwrap();
        let [by_id, by_filter, listed] = app.account(&id, &name).await;
        assert_eq!((by_id, by_filter, listed), (Seen::Gone, there, Seen::Gone), "{filter:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_not_complete_does_not_tell_who_is_not_in_it() {
    let app = App::start(|options| options.max_page = 20).await;
    let (id, name, _) = app.somebody();
    app.handle.delete_user(&id).unwrap();
    let look = app.client.look_in_listing(&app.at, &id, &name, size(10), &never()).await;
    saw(&look, Seen::NotEvaluated, &[]);
    app.handle.set_quirks([Quirk::TotalIsPageSize, Quirk::IgnoresStartIndex]);
    let look = app.client.look_in_listing(&app.at, &id, &name, size(10_000), &never()).await;
    saw(&look, Seen::NotEvaluated, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_is_made_anew_shows_under_another_id() {
    let app = App::start(|_| {}).await;
    let (id, name, _) = app.somebody();
    app.handle.delete_user(&id).unwrap();
    app.handle
        .create_user(&serde_json::json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "active": true }))
        .unwrap();
    assert_eq!(app.account(&id, &name).await, [Seen::Gone, Seen::There, Seen::There]);
    let look = app.client.look_by_filter(&app.at, &id, &name, &never()).await;
    assert_eq!(look.things[0].note.as_deref(), Some("another id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_answers_and_does_nothing_is_found_out() {
    let app = App::start(|options| {
        options.quirks.insert(Quirk::Deaf);
    })
    .await;
    let (id, name, _) = app.somebody();
    let bare = Known { id: &id, document: None };
    assert!(app.take(&app.client.set_active(&app.at, bare, false).unwrap()).await < 300);
    assert_eq!(app.account(&id, &name).await, [Seen::There; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_identity_is_made_once_and_found_by_its_mark() {
    let app = App::start(|_| {}).await;
    let user = NewUser {
        user_name: "canary-7@halcyon.example".into(),
        display_name: "Canary Seven".into(),
        email: "canary-7@halcyon.example".into(),
        mark: "lanyard-run-7".into(),
    };
    let look = |()| async {
        let cancel = never();
        app.client.look_for_mark(&app.at, &user.mark, &user.user_name, &cancel).await
    };
    saw(&look(()).await, Seen::Gone, &[]);
    let write = app.client.create_user(&app.at, &user).unwrap();
    assert_eq!(send(&app.one(), &write).await.status, Some(201));
    let found = look(()).await;
    saw(&found, Seen::There, &[]);
    assert_eq!(found.things.len(), 1);
    assert!(app.handle.get(Family::Users, &found.things[0].id).is_some());
    assert_eq!(send(&app.one(), &write).await.status, Some(409), "it is not made twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_lives_on_is_found_and_a_dead_one_believed() {
    for (lives_on, expected) in [(false, Seen::Gone), (true, Seen::There)] {
        let app = App::start(|options| {
            if lives_on {
                options.quirks.insert(Quirk::SessionsLiveOn);
            }
        })
        .await;
        let (id, name, _) = app.somebody();
        let session = app.handle.sign_in(&name).unwrap();
        let base: reqwest::Url = app.handle.url().parse().unwrap();
        let url = base.join("/app/me").unwrap();
        let knock = |opened| {
            let (client, url, secret) = (app.client.clone(), url.clone(), Secret::new(session.clone()));
            async move { client.look_at_credential(&url, &secret, opened, &never()).await }
        };
        saw(&knock(true).await, Seen::There, &[&session, &app.handle.token()]);
        app.handle.delete_user(&id).unwrap();
        saw(&knock(true).await, expected, &[&session, &app.handle.token()]);
        // Not seen to be let in there before: the API's token is no key to the app, so a refusal says nothing.
        saw(&knock(false).await, Seen::NotEvaluated, &[&session]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_left_with_nobody_is_named() {
    let app = App::start(|_| {}).await;
    let (id, _, held) = app.somebody();
    let group = app
        .handle
        .create_group(&serde_json::json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Only One", "members": [{ "value": id }],
        }))
        .unwrap();
    let mut both = held[..1].to_vec();
    both.push(HeldGroup {
        id: group["id"].as_str().unwrap().to_owned(),
        name: "Only One".into(),
        through: None,
        told: true,
    });
    let look = |leaver: &str| {
        let (client, at, both, leaver) = (app.client.clone(), app.at.clone(), both.clone(), leaver.to_owned());
        async move { client.look_at_emptied(&at, &leaver, &both, &never()).await }
    };
    saw(&look("somebody-else").await, Seen::Gone, &[]);
    // Who leaves is nobody, though the group lists it still.
    for deleted in [false, true] {
        if deleted {
            app.handle.delete_user(&id).unwrap();
        }
        let left = look(&id).await;
        saw(&left, Seen::There, &[]);
        let names: Vec<&str> = left.things.iter().map(|thing| thing.name.as_str()).collect();
        assert_eq!(names, ["Only One"], "{left:#?}");
        assert_eq!(left.things[0].note.is_some(), !deleted, "{left:#?}");
    }
    both.iter_mut().for_each(|group| group.told = false);
    both.remove(0);
    let untold = app.client.look_at_emptied(&app.at, &id, &both, &never()).await;
    saw(&untold, Seen::NotEvaluated, &[]);
    // No account stands behind a token here, and the server says that it does not say.
    assert!(matches!(app.one().whose(&never()).await, Whose::Unknown(_)));
}
