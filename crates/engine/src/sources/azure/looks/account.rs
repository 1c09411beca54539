//! A user: by id, among the deleted ones, by user name; whether its sessions are ended.

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{AzureClient, Document, TOP, USER, name, text, thing};
use crate::record::azure::key;
use crate::sources::SourceError;
use crate::sources::doors::{Control, Look, Told, told};
use crate::view::Millis;

fn enabled(user: &Document) -> Option<bool> {
    user.get("accountEnabled").and_then(serde_json::Value::as_bool)
}

fn standing(user: Document) -> Told {
    let who = name(&user).to_owned();
    match enabled(&user) {
        Some(true) => Told::there(
            vec![thing(user, None)],
            format!("{who} is there and may sign in (accountEnabled: true)."),
        ),
        Some(false) => Told::off(
            vec![thing(user, Some("disabled".into()))],
            format!("{who} is there and may not sign in (accountEnabled: false)."),
        ),
        None => Told::unknown(format!(
            "{who} is there; whether it may sign in is not told to this credential (User.Read.All)."
        )),
    }
}

/// A point in time as Graph tells it, in milliseconds since 1970.
fn millis(text: &str) -> Option<Millis> {
    text.trim().parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

impl AzureClient {
    /// Whether a user is there and may sign in; a deleted one that can be restored is told apart (`Off`). `known` is another user who is known
    /// to be there, for the control; one of the list where it is none.
    pub async fn look_at_account(&self, user: &str, known: Option<&str>, cancel: &CancellationToken) -> Look {
        let noted = self.noting();
        told(noted.client.by_id(user, known, cancel).await, &noted.journal)
    }

    async fn by_id(&self, user: &str, known: Option<&str>, cancel: &CancellationToken) -> Result<Told, SourceError> {
        if let Some(found) = self.object(&["users"], user, USER, cancel).await? {
            return Ok(standing(found));
        }
        let control = self.control(user, known, cancel).await?;
        if let Control::Silent(_) = &control {
            return Ok(Told::gone("It knows no user with this id (404).", &control));
        }
        let deleted = self
            .object(
                &["directory", "deletedItems"],
                user,
                "id,displayName,userPrincipalName,deletedDateTime",
                cancel,
            )
            .await;
        Ok(match deleted {
            Ok(Some(found)) => {
                let on = text(&found, "deletedDateTime").map_or_else(String::new, |on| format!(" on {on}"));
                Told::off(
                    vec![thing(found, Some("deleted, and can be restored".into()))],
                    format!("The user was deleted{on} and can be restored for 30 days from then."),
                )
            }
            Ok(None) => Told::gone("It knows no user with this id (404), nor a deleted one.", &control),
            Err(error @ (SourceError::Cancelled | SourceError::BudgetSpent { .. })) => return Err(error),
            Err(error) => Told::off(
                Vec::new(),
                format!("It knows no user with this id (404). Whether it can be restored was not evaluated: {error}"),
            ),
        })
    }

    /// Whether a filter by user name shows a user, whatever its id; another one than `user`, where that is given, is told apart.
    pub async fn look_by_filter(&self, user: &str, user_name: &str, cancel: &CancellationToken) -> Look {
        let noted = self.noting();
        told(noted.client.by_name(user, user_name, cancel).await, &noted.journal)
    }

    async fn named(&self, user_name: &str, cancel: &CancellationToken) -> Result<Vec<Document>, SourceError> {
        let filter = format!("userPrincipalName eq '{}'", user_name.replace('\'', "''"));
        let url = self.graph_url(&["users"], &[("$select", USER), ("$top", TOP), ("$filter", &filter)]);
        self.documents(url, cancel).await
    }

    async fn by_name(&self, user: &str, user_name: &str, cancel: &CancellationToken) -> Result<Told, SourceError> {
        let shown = self.named(user_name, cancel).await?;
        let fits = |one: &Document| {
            let same_name = text(one, "userPrincipalName").is_some_and(|own| own.trim().eq_ignore_ascii_case(user_name.trim()));
            same_name || text(one, "id").is_some_and(|id| key(id) == key(user))
        };
        let (fit, strange): (Vec<Document>, Vec<Document>) = shown.into_iter().partition(fits);
        if let Some(one) = fit.into_iter().max_by_key(|one| enabled(one) != Some(false)) {
            let another = !user.is_empty() && text(&one, "id").is_some_and(|id| key(id) != key(user));
            let mut told = standing(one);
            if another {
                told.add("It is another user than the one that was cut: it has another id.");
            }
            return Ok(told);
        }
        if !strange.is_empty() {
            return Ok(Told::unknown("The filter by user name is ignored: it shows others."));
        }
        let others = self.others(user, cancel).await?;
        let control = match others.iter().find_map(|other| Some((other, text(other, "userPrincipalName")?))) {
            None => Control::Silent("there is no other user to look for".into()),
            Some((other, name)) => {
                let found = self.named(name, cancel).await?;
                if found.iter().any(|one| text(one, "id") == text(other, "id")) {
                    Control::Answered(format!("another user ({name})"))
                } else {
                    Control::Silent("the same filter does not find another user who is there".into())
                }
            }
        };
        Ok(Told::gone("The filter by user name shows nobody.", &control))
    }

    /// Whether the sessions that there were before `cut` are ended (`signInSessionsValidFromDateTime` has moved on): gone if so. `before` is what
    /// that was before the cut, which settles it whatever the two clocks say; without it `cut` does, to the second, which is all that Graph tells.
    /// A token that an app holds may be good for a while all the same.
    pub async fn look_at_sessions(&self, user: &str, cut: Millis, before: Option<&str>, cancel: &CancellationToken) -> Look {
        let noted = self.noting();
        told(noted.client.sessions(user, cut, before, cancel).await, &noted.journal)
    }

    async fn sessions(&self, user: &str, cut: Millis, before: Option<&str>, cancel: &CancellationToken) -> Result<Told, SourceError> {
        const SELECT: &str = "id,userPrincipalName,displayName,userType,signInSessionsValidFromDateTime";
        let Some(found) = self.object(&["users"], user, SELECT, cancel).await? else {
            return self.went_with_user(user, "its sessions are ended with it", cancel).await;
        };
        if text(&found, "userType").is_some_and(|kind| kind.eq_ignore_ascii_case("Guest")) {
            return Ok(Told::unknown(
                "The user is a guest, who signs in at home: sessions cannot be ended here, and what is told of them says nothing.",
            ));
        }
        let Some(from) = text(&found, "signInSessionsValidFromDateTime").map(str::to_owned) else {
            return Ok(Told::unknown(
                "Since when its sessions are good is not told to this credential (signInSessionsValidFromDateTime).",
            ));
        };
        let Some(since) = millis(&from) else {
            return Ok(Told::unknown(
                "Since when its sessions are good is told in a form that cannot be read.",
            ));
        };
        let ended = match before.and_then(millis) {
            Some(before) => since > before,
            None => since >= cut - cut.rem_euclid(1_000),
        };
        Ok(if ended {
            Told::shut(format!("Sessions from before {from} are ended; Graph says so of this very user."))
        } else {
            Told::there(
                vec![thing(found, Some(format!("good since {from}")))],
                format!("Sessions from before the cut are still good: they are so since {from}."),
            )
        })
    }
}
