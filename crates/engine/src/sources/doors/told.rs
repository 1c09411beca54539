//! What a look saw, with the journal of its questions.

use super::{Look, Seen, Thing};
use crate::sources::SourceError;
use crate::sources::http::Journal;

/// What a look saw, before its questions are put beside it.
pub(in crate::sources) struct Told {
    seen: Seen,
    things: Vec<Thing>,
    says: String,
}

/// Whether something that is known to be there was answered for: without that, no "it is not there" is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sources) enum Control {
    /// It was; by this name.
    Answered(String),
    /// It was not, or there is nothing to ask for: why.
    Silent(String),
}

impl Told {
    pub(in crate::sources) fn there(things: Vec<Thing>, says: impl Into<String>) -> Self {
        Self::new(Seen::There, things, says)
    }

    pub(in crate::sources) fn off(things: Vec<Thing>, says: impl Into<String>) -> Self {
        Self::new(Seen::Off, things, says)
    }

    pub(in crate::sources) fn unknown(says: impl Into<String>) -> Self {
        Self::new(Seen::NotEvaluated, Vec::new(), says)
    }

    /// It is not there, where the control says that the system answers.
    pub(in crate::sources) fn gone(says: &str, control: &Control) -> Self {
        match control {
            Control::Answered(what) => Self::new(Seen::Gone, Vec::new(), format!("{says} At the same time it answers for {what}.")),
            Control::Silent(why) => Self::unknown(format!("{says} That cannot be believed: {why}.")),
        }
    }

    /// It is not there, or is shut, and the look has seen for itself that the system answers.
    pub(in crate::sources) fn shut(says: impl Into<String>) -> Self {
        Self::new(Seen::Gone, Vec::new(), says)
    }

    /// Says more.
    pub(in crate::sources) fn add(&mut self, more: &str) {
        self.says = format!("{} {more}", self.says);
    }

    fn new(seen: Seen, things: Vec<Thing>, says: impl Into<String>) -> Self {
        Self {
            seen,
            things,
            says: says.into(),
        }
    }
}

/// What is left with nobody: groups without a member, roles without a holder.
#[derive(Default)]
pub(in crate::sources) struct Left {
    nobody: Vec<Thing>,
    /// How many have somebody still.
    pub(in crate::sources) somebody: usize,
    /// Names of those of which it is not told.
    pub(in crate::sources) mute: Vec<String>,
}

impl Left {
    pub(in crate::sources) fn nobody(&mut self, id: &str, name: &str, note: Option<&str>) {
        self.nobody.push(Thing {
            id: id.to_owned(),
            name: name.to_owned(),
            note: note.map(str::to_owned),
            document: None,
        });
    }

    /// Counts one of them by its members, of each of which it is said whether it is the one who leaves: that one is nobody, though it is listed.
    pub(in crate::sources) fn count(&mut self, id: &str, name: &str, members: impl Iterator<Item = bool>) {
        let (mut listed, mut others) = (false, false);
        for is_the_leaver in members {
            listed |= is_the_leaver;
            others |= !is_the_leaver;
        }
        match (others, listed) {
            (true, _) => self.somebody += 1,
            (false, true) => self.nobody(id, name, Some("it lists the account itself alone")),
            (false, false) => self.nobody(id, name, None),
        }
    }

    /// There, if any has nobody; gone, if each has somebody.
    pub(in crate::sources) fn told(self, what: &str) -> Told {
        let names = |names: Vec<&str>| names.join(", ");
        if !self.nobody.is_empty() {
            let says = format!(
                "Left with nobody: {}.",
                names(self.nobody.iter().map(|thing| thing.name.as_str()).collect())
            );
            return Told::there(self.nobody, says);
        }
        if !self.mute.is_empty() {
            let mute = names(self.mute.iter().map(String::as_str).collect());
            return Told::unknown(format!("Who is in {mute} is not told."));
        }
        match self.somebody {
            0 => Told::unknown(format!("None of the {what} is there any more, or there were none to ask.")),
            count => Told::shut(format!("Each of the {count} {what} has somebody still.")),
        }
    }
}

/// The look: what was seen, or the error that ended it, with the questions of its journal.
pub(in crate::sources) fn told(told: Result<Told, SourceError>, journal: &Journal) -> Look {
    let (asked, left_out) = journal.take();
    let mut look = match told {
        Ok(told) => Look {
            seen: told.seen,
            things: told.things,
            says: told.says,
            asked,
        },
        Err(error) => Look::failed(&error, asked),
    };
    if left_out > 0 {
        look.says = format!("{} Of the questions, {left_out} in the middle are not kept.", look.says);
    }
    look
}
