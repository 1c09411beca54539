//! What the picture itself rests on: provisioning, tokens, sources.

use super::super::scene::{Collection, JobState, Kind};
use super::super::{Area, Control, Given, Listed, Need, Parameter, Part, Rule, Scene, Severity, Sink};
use super::about::ANY;

const AZURE: &[Kind] = &[Kind::Azure];
const HOUR: i64 = 3_600_000;
const CONTROLS: &[Control] = &[Control::Cc62, Control::A516, Control::Ac2];
const TOKENS: &[Control] = &[Control::Cc61, Control::A517];
const SOURCES: &[Control] = &[Control::Cc61, Control::A518, Control::Ac2];

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "provisioning-quarantine",
        title: "Provisioning in quarantine",
        area: Area::Plumbing,
        severity: Severity::High,
        kinds: AZURE,
        finds: "A provisioning job of Entra is in quarantine: it runs once a day at most, and stops for good after some weeks.",
        says: "{job} is in quarantine",
        why: "Who leaves is not switched off in the application while it lasts.",
        controls: CONTROLS,
        needs: &[Need::Of(Kind::Azure, Collection::ProvisioningJobs)],
        parameters: &[],
        way_out: "Look at why in the provisioning log, mend it (most often the token), and restart provisioning.",
        find: quarantine,
    },
    Rule {
        id: "provisioning-errors",
        title: "Provisioning error",
        area: Area::Plumbing,
        severity: Severity::Medium,
        kinds: AZURE,
        finds: "The provisioning log of Entra says that somebody could not be created, changed or switched off in an application, and nothing since says that it was mended.",
        says: "{error} failed at {at}",
        why: "The application holds something else than Entra says, and nobody is told.",
        controls: CONTROLS,
        needs: &[
            Need::Of(Kind::Azure, Collection::ProvisioningErrors),
            Need::Of(Kind::Azure, Collection::ProvisioningJobs),
        ],
        parameters: &[],
        way_out: "Mend what the log names, then provision that one on demand.",
        find: job_errors,
    },
    Rule {
        id: "token-due",
        title: "Token due for rotation",
        area: Area::Plumbing,
        severity: Severity::Medium,
        kinds: ANY,
        finds: "A token that Lanyard holds is past the day on which it is to be rotated, or past its end.",
        says: "{token} is due for rotation",
        why: "The longer a token lives, the more copies of it there are; and provisioning stops on the day it ends.",
        controls: TOKENS,
        needs: &[Need::Keychain],
        parameters: &[],
        way_out: "Rotate it under Tokens.",
        find: |scene, _, sink| tokens(scene, sink, |token| token.due && !token.old_lives),
    },
    Rule {
        id: "old-token-lives",
        title: "Old token still works",
        area: Area::Plumbing,
        severity: Severity::High,
        kinds: ANY,
        finds: "A token was replaced, and the old one still opens the source after its time.",
        says: "The old one of {token} still opens {place}",
        why: "The rotation did not take anything from whoever has the old one.",
        controls: TOKENS,
        needs: &[Need::Keychain],
        parameters: &[],
        way_out: "Withdraw the old token at the provider, and let the rotation prove that it is dead.",
        find: |scene, _, sink| tokens(scene, sink, |token| token.old_lives),
    },
    Rule {
        id: "source-stale",
        title: "Source not read",
        area: Area::Plumbing,
        severity: Severity::Medium,
        kinds: ANY,
        finds: "A source was never read, its last sync failed, or it was last read longer ago than so many hours.",
        says: "{place} was not read lately: {state}",
        why: "Everything that is said about it, and the absence of findings, is as old as that.",
        controls: SOURCES,
        needs: &[],
        parameters: &[Parameter {
            name: "hours",
            says: "So many hours after it was last read a source counts as stale",
            unit: "hours",
            default: 24,
            min: 1,
            max: 8_760,
        }],
        way_out: "Sync it; if that fails, the source says why.",
        find: stale,
    },
    Rule {
        id: "source-partly-read",
        title: "Source partly read",
        area: Area::Plumbing,
        severity: Severity::Low,
        kinds: ANY,
        finds: "Collections that a source has were not read, or not whole: for lack of a permission, or because a list was cut short.",
        says: "{place} was not read whole: collections with gaps {gaps}",
        why: "Rules that need them say nothing there, and nothing is not the same as none.",
        controls: SOURCES,
        needs: &[],
        parameters: &[],
        way_out: "Give Lanyard the permission that the source's coverage names, or raise the limit.",
        find: partly_read,
    },
];

fn quarantine(scene: &Scene<'_>, _given: &Given<'_>, sink: &mut Sink<'_>) {
    for (job, at) in scene.jobs.iter().zip(0..) {
        if job.state == JobState::Quarantine {
            let mut parts = vec![("job", Part::Listed(Listed::Job, at)), ("place", Part::Place(job.place))];
            parts.extend(job.since.map(|since| ("since", Part::Time(since))));
            sink.add(&[job.place], vec![Part::Listed(Listed::Job, at)], parts);
        }
    }
}

fn job_errors(scene: &Scene<'_>, _given: &Given<'_>, sink: &mut Sink<'_>) {
    for (error, at) in scene.job_errors.iter().zip(0..) {
        let parts = vec![
            ("error", Part::Listed(Listed::JobError, at)),
            ("at", Part::Time(error.at)),
            ("place", Part::Place(error.place)),
        ];
        if let Some(found) = sink.add(&[error.place], vec![Part::Listed(Listed::JobError, at)], parts) {
            found.people = error
                .node
                .and_then(|node| super::about::identity(scene, node))
                .into_iter()
                .collect();
        }
    }
}

fn tokens(scene: &Scene<'_>, sink: &mut Sink<'_>, wanted: impl Fn(&super::super::scene::Token) -> bool) {
    for (token, at) in scene.tokens.iter().zip(0..) {
        if wanted(token) {
            let parts = vec![("token", Part::Listed(Listed::Token, at)), ("place", Part::Place(token.place))];
            sink.add(&[token.place], vec![Part::Listed(Listed::Token, at)], parts);
        }
    }
}

fn stale(scene: &Scene<'_>, given: &Given<'_>, sink: &mut Sink<'_>) {
    let oldest = scene.now - given.number("hours") * HOUR;
    for (source, at) in scene.places.iter().zip(0..) {
        let state = match source.read_at {
            None => "it was never read",
            Some(_) if source.failed => "the last sync failed",
            Some(read_at) if read_at < oldest => "too long ago",
            Some(_) => continue,
        };
        let mut parts = vec![("place", Part::Place(at)), ("state", Part::Word(state))];
        parts.extend(source.read_at.map(|read_at| ("read_at", Part::Time(read_at))));
        sink.add(&[at], vec![Part::Place(at)], parts);
    }
}

fn partly_read(scene: &Scene<'_>, _given: &Given<'_>, sink: &mut Sink<'_>) {
    for (source, at) in scene.places.iter().zip(0..) {
        if source.gaps > 0 && source.read_at.is_some() {
            let parts = vec![("place", Part::Place(at)), ("gaps", Part::Count(source.gaps.into()))];
            sink.add(&[at], vec![Part::Place(at)], parts);
        }
    }
}
