//! A world of two systems: an authority that is written to, and an app that follows it after a while, or never.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::deprovision::doors::{Doors, StepDraft};
use crate::deprovision::entry::{Before, CheckPlan, StepPlan, Target};
use crate::secrets::Secret;
use crate::sources::doors::{Asked, Look, Repeat, Seen, Thing, Whose, Write};
use crate::view::{Fault, Millis, Request, SourceId};

pub const IDP: SourceId = 1;
pub const APP: SourceId = 2;
pub const PERSON: &str = "u-1";

/// How the world behaves.
#[derive(Clone, Debug)]
pub struct Nature {
    /// After how many milliseconds the app follows; never with none.
    pub follows_after: Option<Millis>,
    /// Whether the app puts the person back after it followed, so many milliseconds later.
    pub comes_back_after: Option<Millis>,
    /// Whether the authority answers writes with this and does nothing.
    pub deaf: Option<u16>,
    /// Whether the app's listing cannot be told, for a lasting reason.
    pub mute_listing: bool,
    /// Whether nothing is known of the account at the authority until then: no answer at all.
    pub silent_until: Millis,
    /// How long the authority takes to answer whether a membership is there, in milliseconds.
    pub slow: u64,
    /// How long after it was asked for an account is there, in milliseconds.
    pub late: Millis,
    /// What becomes of the account at the moment at which it is to be switched off: who it is then, in another version.
    pub becomes: Option<&'static str>,
    /// Whether the authority takes the second form of a switching off alone.
    pub second_form: bool,
}

impl Default for Nature {
    fn default() -> Self {
        Self {
            follows_after: Some(90_000),
            comes_back_after: None,
            deaf: None,
            mute_listing: false,
            silent_until: 0,
            slow: 0,
            late: 0,
            becomes: None,
            second_form: false,
        }
    }
}

/// What is so in the world.
#[derive(Debug, Default)]
pub struct State {
    pub now: Millis,
    /// Who waits, and until when.
    pub waits: BTreeMap<u64, Millis>,
    pub active: bool,
    pub there: bool,
    pub groups: Vec<String>,
    pub cut_at: Option<Millis>,
    pub made_at: Option<Millis>,
    /// When an account that was asked for is there.
    pub comes_at: Option<Millis>,
    /// Whether the authority is deaf no more.
    pub hears: bool,
    /// What the account became, once.
    pub became: Option<&'static str>,
    /// Each write that arrived: what it asked for, and when.
    pub writes: Vec<String>,
}

/// The world: doors and clock at once.
pub struct World {
    pub nature: Nature,
    pub state: Mutex<State>,
}

impl World {
    pub fn new(nature: Nature) -> Arc<Self> {
        let state = State {
            now: 1_000_000,
            active: true,
            there: true,
            groups: vec!["g-1".into(), "g-2".into()],
            ..State::default()
        };
        Arc::new(Self {
            nature,
            state: Mutex::new(state),
        })
    }

    /// Without the account: it is to be made.
    pub fn empty(nature: Nature) -> Arc<Self> {
        let world = Self::new(nature);
        {
            let mut state = world.state.lock().unwrap();
            state.there = false;
            state.groups.clear();
        }
        world
    }

    /// Whether the account gives access in a system now.
    fn open_in(&self, source: SourceId, state: &State) -> bool {
        let at_idp = state.there && state.active;
        if source == IDP {
            return at_idp;
        }
        let followed = |since: Option<Millis>| match (since, self.nature.follows_after) {
            (Some(since), Some(after)) => state.now >= since + after,
            _ => false,
        };
        let Some(cut) = state.cut_at else {
            return state.made_at.is_none_or(|_| followed(state.made_at)) && state.there;
        };
        let back = self
            .nature
            .comes_back_after
            .zip(self.nature.follows_after)
            .is_some_and(|(back, after)| state.now >= cut + after + back);
        !followed(Some(cut)) || back
    }

    fn account(&self, source: SourceId) -> Look {
        let mut state = self.state.lock().unwrap();
        if let Some(at) = state.comes_at.filter(|at| *at <= state.now) {
            state.comes_at = None;
            state.there = true;
            state.active = true;
            state.made_at = Some(at);
        }
        if source == IDP && state.now < self.nature.silent_until {
            let fault = Fault {
                code: "source.unreachable".into(),
                what: "No answer".into(),
                means: String::new(),
                next: String::new(),
                action: None,
                details: Vec::new(),
            };
            return look(Seen::NotEvaluated, "it does not answer", Vec::new(), None, Some(fault));
        }
        let seen = if source == IDP && !state.there {
            Seen::Gone
        } else if self.open_in(source, &state) {
            Seen::There
        } else {
            Seen::Off
        };
        let things = if seen == Seen::Gone {
            Vec::new()
        } else {
            vec![thing(PERSON, state.became.unwrap_or("canary-1"))]
        };
        look(seen, &format!("account {seen:?}"), things, Some(200), None)
    }
}

pub fn thing(id: &str, name: &str) -> Thing {
    Thing {
        id: id.into(),
        name: name.into(),
        note: None,
        document: None,
    }
}

fn asked(url: &str, status: Option<u16>, fault: Option<Fault>, body: &str) -> Asked {
    Asked {
        request: Request {
            method: "GET".into(),
            url: url.into(),
            headers: Vec::new(),
            body: None,
        },
        status,
        request_id: None,
        took_ms: 3,
        excerpt: body.into(),
        sha256: Some(body.into()),
        fault,
    }
}

fn look(seen: Seen, says: &str, things: Vec<Thing>, status: Option<u16>, fault: Option<Fault>) -> Look {
    Look {
        seen,
        things,
        says: says.into(),
        asked: vec![asked("https://idp.example/Users/u-1", status, fault, says)],
    }
}

fn write(what: &str, repeat: Repeat) -> Write {
    Write {
        request: Request {
            method: "PATCH".into(),
            url: "https://idp.example/Users/u-1".into(),
            headers: Vec::new(),
            body: Some(what.into()),
        },
        repeat,
    }
}

fn draft(title: &str, write: Write, thing: Option<Thing>, undoable: bool) -> StepDraft {
    StepDraft {
        title: title.into(),
        means: "in the world of a test".into(),
        undoable,
        write: Some(write),
        otherwise: Vec::new(),
        instructions: None,
        thing,
    }
}

impl Doors for World {
    fn steps<'a>(&'a self, action: &'a str, _: &'a Target, things: &'a [Thing]) -> BoxFuture<'a, Result<Vec<StepDraft>, Fault>> {
        Box::pin(async move {
            Ok(match action {
                "scim.leaveGroups" | "scim.joinGroup" => things
                    .iter()
                    .map(|thing| {
                        draft(
                            action,
                            write(&format!("{action} {}", thing.id), Repeat::Safe),
                            Some(thing.clone()),
                            true,
                        )
                    })
                    .collect(),
                "scim.create" => vec![draft(
                    action,
                    write(action, Repeat::LookFirst),
                    Some(thing("mark", "canary-1")),
                    true,
                )],
                "scim.delete" => vec![draft(action, write(action, Repeat::Safe), None, false)],
                "scim.deactivate" => {
                    let version = if self.state.lock().unwrap().became.is_some() { "2" } else { "1" };
                    let form = |text: &str| write(text, Repeat::Safe).header("If-Match", version);
                    vec![StepDraft {
                        otherwise: vec![form("scim.deactivate again")],
                        ..draft(action, form(action), None, true)
                    }]
                }
                _ => vec![draft(action, write(action, Repeat::Safe), None, true)],
            })
        })
    }

    fn send<'a>(&'a self, _: SourceId, write: &'a Write) -> BoxFuture<'a, Result<Asked, Fault>> {
        Box::pin(async move {
            let what = write.request.body.clone().unwrap_or_default();
            let mut state = self.state.lock().unwrap();
            let now = state.now;
            state.writes.push(what.clone());
            if let Some(status) = self.nature.deaf.filter(|_| !state.hears) {
                return Ok(asked("https://idp.example/Users/u-1", Some(status), None, "deaf"));
            }
            let (action, group) = what.split_once(' ').unwrap_or((&what, ""));
            if action == "scim.deactivate" {
                if let (Some(who), None) = (self.nature.becomes, state.became) {
                    state.became = Some(who);
                }
                let version = if state.became.is_some() { "2" } else { "1" };
                if write.request.headers.iter().any(|(name, own)| name == "If-Match" && own != version) {
                    return Ok(asked("https://idp.example/Users/u-1", Some(412), None, "changed"));
                }
                if self.nature.second_form && group.is_empty() {
                    return Ok(asked("https://idp.example/Users/u-1", Some(400), None, "malformed"));
                }
            }
            match action {
                "scim.deactivate" => {
                    state.active = false;
                    state.cut_at.get_or_insert(now);
                }
                "scim.delete" => {
                    state.there = false;
                    state.cut_at.get_or_insert(now);
                }
                "scim.reactivate" => {
                    state.active = true;
                    state.cut_at = None;
                }
                "scim.create" => {
                    assert!(!state.there && state.comes_at.is_none(), "made twice");
                    state.comes_at = Some(now + self.nature.late);
                }
                "scim.leaveGroups" => state.groups.retain(|held| held != group),
                "scim.joinGroup" => state.groups.push(group.to_owned()),
                other => panic!("{other}"),
            }
            Ok(asked("https://idp.example/Users/u-1", Some(204), None, ""))
        })
    }

    fn read_back<'a>(&'a self, target: &'a Target, step: &'a StepPlan, _: Option<i64>) -> BoxFuture<'a, Look> {
        Box::pin(async move {
            let Some(group) = step.thing.as_ref().filter(|_| step.action != "scim.create") else {
                return self.account(target.source);
            };
            self.wait(self.nature.slow, None).await;
            let held = self.state.lock().unwrap().groups.contains(&group.id);
            let seen = if held { Seen::There } else { Seen::Gone };
            look(seen, "membership", Vec::new(), Some(200), None)
        })
    }

    fn ask<'a>(
        &'a self,
        check: &'a CheckPlan,
        target: &'a Target,
        _: Option<&'a Before>,
        _: Option<i64>,
        _: Option<&'a Secret>,
    ) -> BoxFuture<'a, Look> {
        Box::pin(async move {
            match check.name.as_str() {
                "scim.memberships" => {
                    let state = self.state.lock().unwrap();
                    let held: Vec<Thing> = match target.source {
                        IDP => state.groups.iter().map(|group| thing(group, group)).collect(),
                        _ => Vec::new(),
                    };
                    let seen = if held.is_empty() { Seen::Gone } else { Seen::There };
                    look(seen, &format!("{} groups", held.len()), held, Some(200), None)
                }
                "groups.emptied" => look(Seen::Gone, "each has somebody", Vec::new(), Some(200), None),
                "scim.accountInListing" if target.source == APP && self.nature.mute_listing => {
                    look(Seen::NotEvaluated, "the listing is cut short", Vec::new(), Some(200), None)
                }
                _ => self.account(target.source),
            }
        })
    }

    fn arrived<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Look> {
        Box::pin(async move { self.account(target.source) })
    }

    fn own(&self, _: SourceId) -> BoxFuture<'_, Whose> {
        Box::pin(async { Whose::NoAccount })
    }
}

impl World {
    fn wait<'a>(&'a self, ms: u64, cancel: Option<&'a CancellationToken>) -> Wait<'a> {
        let mut state = self.state.lock().unwrap();
        let until = state.now + i64::try_from(ms).unwrap();
        let id = state.waits.last_key_value().map_or(0, |(id, _)| id + 1);
        state.waits.insert(id, until);
        Wait {
            world: self,
            id,
            until,
            idle: (state.now, 0),
            cancel,
        }
    }
}

/// Waits in the world's time, which moves on to the next that somebody waits for as soon as everybody waits.
struct Wait<'a> {
    world: &'a World,
    id: u64,
    until: Millis,
    /// The time, and how often nothing but waiting was done at that time.
    idle: (Millis, u32),
    cancel: Option<&'a CancellationToken>,
}

impl Future for Wait<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let mut state = this.world.state.lock().unwrap();
        let first = state.waits.values().min().copied().unwrap_or(this.until);
        // All else that is done in this world is done at once: by the third round the others had their turn.
        this.idle = if this.idle.0 == state.now {
            (state.now, this.idle.1 + 1)
        } else {
            (state.now, 0)
        };
        if this.idle.1 > 3 && first == this.until && state.now < first {
            state.now = first;
        }
        if state.now >= this.until || this.cancel.is_some_and(CancellationToken::is_cancelled) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.world.state.lock().unwrap().waits.remove(&self.id);
    }
}

impl Clock for World {
    fn now(&self) -> Millis {
        self.state.lock().unwrap().now
    }

    fn sleep<'a>(&'a self, ms: u64, cancel: &'a CancellationToken) -> BoxFuture<'a, ()> {
        Box::pin(self.wait(ms, Some(cancel)))
    }
}
