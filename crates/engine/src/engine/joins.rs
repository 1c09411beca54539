//! Who is the same: what the rules could not decide, and what an admin decides.

use serde_json::json;

use super::Engine;
use crate::Error;
use crate::directory::Directory;
use crate::record::{DecidedSubject, Decision};
use crate::view::{JoinDraft, JoinKind, JoinVerb, Joins};

/// A reason is a sentence or two.
const LONGEST_REASON: usize = 500;

fn wrong(field: &'static str, problem: impl Into<String>) -> Error {
    Error::Input {
        field,
        problem: problem.into(),
    }
}

impl Engine {
    /// What the rules could not decide, what an admin decided, and how many were joined by each rule.
    ///
    /// # Errors
    /// When the cache or the ledger cannot be read.
    pub fn joins(&self) -> Result<Joins, Error> {
        Ok(self.current()?.joins())
    }

    /// Decides that two accounts (or groups) are the same, or are not, or that the rules decide again. It is kept in the ledger with
    /// the reason, the operating system's user and the time, and stands through every sync. Returns the joins as they are then.
    ///
    /// # Errors
    /// [`Error::Input`] for a decision without a reason or about one subject alone; [`Error::NotFound`] for what is not held (or, to
    /// forget, was not decided); when the ledger cannot be written.
    pub fn decide(&self, draft: &JoinDraft) -> Result<Joins, Error> {
        let reason = draft.reason.trim();
        if reason.is_empty() {
            return Err(wrong("Reason", "say in a word or two why; it is kept beside the decision"));
        }
        if reason.chars().count() > LONGEST_REASON {
            return Err(wrong("Reason", format!("it is longer than {LONGEST_REASON} characters")));
        }
        let (one, other) = (draft.one.trim(), draft.other.trim());
        if one == other {
            return Err(wrong("Other", "it is the same one; name two"));
        }
        let directory = self.current()?;
        let (one, other) = match draft.verb {
            // What was decided can be forgotten even where its subjects are gone.
            JoinVerb::Forget => self.decided(draft.kind, one, other)?,
            JoinVerb::Join | JoinVerb::Separate => (held(&directory, draft.kind, one)?, held(&directory, draft.kind, other)?),
        };
        let kept = self.inner.ledger.decide_join(Decision {
            seq: 0,
            kind: draft.kind,
            verb: draft.verb,
            one,
            other,
            reason: reason.to_owned(),
            by: String::new(),
            at: 0,
        })?;
        self.note("join.decided", None, in_words(&directory, &kept), particulars(&kept))?;
        self.rebuild()?;
        self.ask_after_sync();
        Ok(self.directory().joins())
    }

    /// The two that a standing decision is about, whichever is named first.
    fn decided(&self, kind: JoinKind, one: &str, other: &str) -> Result<(DecidedSubject, DecidedSubject), Error> {
        let decision = self.inner.ledger.joins()?.into_iter().find(|decision| {
            let keys = (decision.one.key(), decision.other.key());
            decision.kind == kind && (keys == (one.to_owned(), other.to_owned()) || keys == (other.to_owned(), one.to_owned()))
        });
        decision
            .map(|decision| (decision.one, decision.other))
            .ok_or_else(|| Error::NotFound {
                what: "decision about",
                name: format!("{one} and {other}"),
            })
    }
}

fn held(directory: &Directory, kind: JoinKind, key: &str) -> Result<DecidedSubject, Error> {
    directory.decided_subject(kind, key).ok_or_else(|| Error::NotFound {
        what: match kind {
            JoinKind::Account => "account",
            JoinKind::Group => "group",
        },
        name: key.to_owned(),
    })
}

/// "Ada Lovelace (Workforce IdP) and ada (Portal) are the same person: …".
fn in_words(directory: &Directory, decision: &Decision) -> String {
    let named = |subject: &DecidedSubject| match directory.source_name(subject.source) {
        Some(source) => format!("{} ({source})", subject.name),
        None => format!("{} (source {})", subject.name, subject.source),
    };
    let (one, other) = (named(&decision.one), named(&decision.other));
    let same = match decision.kind {
        JoinKind::Account => "the same person",
        JoinKind::Group => "the same group",
    };
    let verdict = match decision.verb {
        JoinVerb::Join => format!("{one} and {other} are {same}"),
        JoinVerb::Separate => format!("{one} and {other} are not {same}"),
        JoinVerb::Forget => format!("Whether {one} and {other} are {same} is left to the rules again"),
    };
    format!("{verdict}: {}", decision.reason)
}

fn particulars(decision: &Decision) -> serde_json::Value {
    json!({
        "decision": decision.seq,
        "kind": decision.kind,
        "verb": decision.verb,
        "one": decision.one.key(),
        "other": decision.other.key(),
        "reason": decision.reason,
    })
}
