//! `lanyard token`: the credentials that Lanyard holds and knows of, whether each works, and their rotation, for a person or a scheduled job.

mod begin;
mod follow;
mod tell;

use clap::{Args, Subcommand};
use lanyard_engine::Engine;
use lanyard_engine::secrets::Secret;
use lanyard_engine::view::{Credential, CredentialList, CredentialState, ExpiryFrom, Millis, Right, RotationId, Source};
use serde_json::json;

use crate::exit::{Failure, Verdict};
use crate::open::Place;
use crate::output::{Out, time};
use crate::settings;

pub use begin::RotateArgs;

#[derive(Subcommand)]
pub enum TokenCommand {
    /// Every credential, held or known of, those that need somebody first. Ends 1 when one is expired, refused, missing or due, or its old one lives.
    List,
    /// Ask a source now whether its credential works, and what it may do. Ends 1 when it is refused, 3 when that could not be told.
    Verify {
        /// The source: name or number.
        source: String,
    },
    /// Put a new value in place of one that was changed elsewhere. It is tried first, and kept only when the source accepts it.
    Replace {
        /// The source: name or number.
        source: String,
        #[command(flatten)]
        value: ValueArgs,
    },
    /// Say when a credential ends, and when it is to be rotated. What is not named stays as it is.
    Set {
        /// The source: name or number.
        source: String,
        #[command(flatten)]
        policy: PolicyArgs,
    },
    /// Keep a credential of its own for the provider's token API, apart from the one that the source is asked with.
    Manager {
        /// The source: name or number.
        source: String,
        #[command(flatten)]
        value: ValueArgs,
        /// Take it out of the keychain again.
        #[arg(long, conflicts_with_all = ["token_stdin", "token_env"])]
        forget: bool,
    },
    /// Rotate a credential, or go on with its open rotation: to its end, or to the step that needs a person.
    Rotate {
        /// The source: name or number.
        source: String,
        #[command(flatten)]
        rotate: Box<RotateArgs>,
    },
    /// Rotations, newest first.
    Rotations {
        /// Of this source only: name or number.
        source: Option<String>,
    },
    /// One rotation with its stages, its proof and its story.
    Show {
        /// The rotation's number.
        rotation: RotationId,
    },
}

/// Where a value comes from. Never an argument: those are for everyone to see.
#[derive(Args)]
pub struct ValueArgs {
    /// Read the value from standard input.
    #[arg(long, conflicts_with = "token_env")]
    token_stdin: bool,
    /// Read the value from this environment variable.
    #[arg(long, value_name = "VAR")]
    token_env: Option<String>,
}

impl ValueArgs {
    fn read(&self) -> Result<Option<Secret>, Failure> {
        settings::read_secret(self.token_stdin, self.token_env.as_deref())
    }

    fn needed(&self, whose: &str) -> Result<Secret, Failure> {
        match self.read()? {
            Some(secret) => Ok(secret),
            None => settings::ask_secret(whose),
        }
    }
}

/// When a credential is to be rotated.
#[derive(Args)]
pub struct PolicyArgs {
    /// When it ends, where neither it nor its provider says so: `2027-05-01`, or a time of RFC 3339.
    #[arg(long, value_name = "DATE", value_parser = crate::moment::on, conflicts_with = "no_expiry")]
    expires: Option<Millis>,
    /// It has no end.
    #[arg(long)]
    no_expiry: bool,
    /// Rotate it so long after it was made, in whole days: `90d`.
    #[arg(long, value_name = "TIME", value_parser = days, conflicts_with = "no_rotation")]
    every: Option<u32>,
    /// No day of its own: only its end counts.
    #[arg(long)]
    no_rotation: bool,
    /// Speak of it so long before, in whole days: `14d`.
    #[arg(long, value_name = "TIME", value_parser = days)]
    warn: Option<u32>,
}

/// A day, in milliseconds.
const DAY: u64 = 24 * 60 * 60 * 1000;

/// Whole days, out of a length of time.
fn days(text: &str) -> Result<u32, String> {
    let ms = lanyard_engine::spans::read(text)?;
    if !ms.is_multiple_of(DAY) {
        return Err(format!("“{text}” is not in whole days; write 90d"));
    }
    u32::try_from(ms / DAY).map_err(|error| error.to_string())
}

/// A length of time, in milliseconds.
fn span(text: &str) -> Result<u64, String> {
    lanyard_engine::spans::read(text)
}

pub async fn run(command: TokenCommand, place: &Place, out: &Out) -> Result<Verdict, Failure> {
    let opened = place.open(out)?;
    let engine = opened.engine.clone();
    let result = act(command, &engine, out).await;
    engine.close().await;
    result
}

async fn act(command: TokenCommand, engine: &Engine, out: &Out) -> Result<Verdict, Failure> {
    match command {
        TokenCommand::List => {
            let list = engine.credentials()?;
            out.show(&list, |page| tell::list(&list, page));
            if let Some(fault) = &list.fault {
                out.fault(fault);
            }
            Ok(listed(&list))
        }
        TokenCommand::Verify { source } => {
            let source = engine.find_source(&source)?;
            let check = engine.verify_credential(&own(&source)).await?;
            out.show(&check, |page| tell::check(&source.settings.name, &check, page));
            Ok(worked(check.works))
        }
        TokenCommand::Replace { source, value } => {
            let source = engine.find_source(&source)?;
            let value = value.needed(&source.settings.name)?;
            match engine.replace_credential(&own(&source), value).await {
                Ok(check) => {
                    out.show(&check, |page| {
                        page.line(format!("The new value is in the keychain for {}.", source.settings.name));
                        tell::check(&source.settings.name, &check, page);
                    });
                    Ok(Verdict::Well)
                }
                Err(error) => {
                    // A no of the source is a verdict, and no answer is none.
                    let code = match error.code() {
                        "token.notAccepted" => 1,
                        "token.unclear" => 3,
                        _ => return Err(error.into()),
                    };
                    Err(Failure { code, ..error.into() })
                }
            }
        }
        TokenCommand::Set { source, policy } => set(engine, &source, &policy, out),
        TokenCommand::Manager { source, value, forget } => {
            let source = engine.find_source(&source)?;
            let name = &source.settings.name;
            if forget {
                engine.forget_manager(source.id)?;
            } else {
                engine.keep_manager(source.id, value.needed(&format!("the token API of {name}"))?)?;
            }
            out.show(&json!({ "source": source.id, "kept": !forget }), |page| {
                page.line(if forget {
                    format!("The credential for the token API of {name} is out of the keychain.")
                } else {
                    format!("The credential for the token API of {name} is in the keychain.")
                });
            });
            Ok(Verdict::Well)
        }
        TokenCommand::Rotate { source, rotate } => {
            let source = engine.find_source(&source)?;
            follow::rotate(engine, &source, &rotate, out).await
        }
        TokenCommand::Rotations { source } => {
            let source = source.map(|source| engine.find_source(&source)).transpose()?;
            let all = engine.rotations(source.map(|source| source.id))?;
            out.show(&json!({ "rotations": all }), |page| tell::rotations(&all, page));
            Ok(Verdict::Well)
        }
        TokenCommand::Show { rotation } => {
            let view = engine.rotation(rotation)?;
            out.show(&view, |page| tell::rotation(&view, page));
            Ok(follow::verdict(&view, false))
        }
    }
}

/// The id of the credential that a source is asked with.
fn own(source: &Source) -> String {
    format!("own:{}", source.id)
}

fn worked(works: Right) -> Verdict {
    match works {
        Right::Yes => Verdict::Well,
        Right::No => Verdict::Failed,
        Right::NotEvaluated => Verdict::NotEvaluated,
    }
}

/// How `list` ends: what is wrong for sure before what could not be looked at.
fn listed(list: &CredentialList) -> Verdict {
    let any = |state: CredentialState| list.credentials.iter().any(|credential| credential.state == state);
    let wrong = [
        CredentialState::OldLives,
        CredentialState::Refused,
        CredentialState::Missing,
        CredentialState::Expired,
        CredentialState::Due,
    ];
    if wrong.into_iter().any(any) {
        Verdict::Failed
    } else if list.fault.is_some() || any(CredentialState::Locked) || !list.not_evaluated.is_empty() {
        Verdict::NotEvaluated
    } else {
        Verdict::Well
    }
}

fn credential(engine: &Engine, source: &Source) -> Result<Credential, Failure> {
    let (list, id) = (engine.credentials()?, own(source));
    let found = list.credentials.into_iter().find(|credential| credential.id == id);
    found.ok_or_else(|| Failure::usage(format!("{} has no credential that Lanyard holds", source.settings.name)))
}

fn set(engine: &Engine, source: &str, wanted: &PolicyArgs, out: &Out) -> Result<Verdict, Failure> {
    let source = engine.find_source(source)?;
    let before = credential(engine, &source)?;
    let told = matches!(before.expires_from, Some(ExpiryFrom::Token | ExpiryFrom::Provider));
    if told && (wanted.expires.is_some() || wanted.no_expiry) {
        let who = if before.expires_from == Some(ExpiryFrom::Token) {
            "the token itself"
        } else {
            "its provider"
        };
        return Err(Failure::usage(format!(
            "{who} says when the credential of {} ends: {}",
            source.settings.name,
            before.expires_at.map(time).unwrap_or_default()
        )));
    }
    let mut policy = before.policy.unwrap_or_default();
    if wanted.no_rotation {
        policy.every_days = None;
    }
    policy.every_days = wanted.every.or(policy.every_days);
    policy.warn_days = wanted.warn.unwrap_or(policy.warn_days);
    let expires = if wanted.no_expiry {
        None
    } else {
        wanted.expires.or(before.expires_at)
    };
    engine.describe_credential(&before.id, expires, policy)?;
    let after = credential(engine, &source)?;
    out.show(&after, |page| tell::policy(&after, page));
    Ok(Verdict::Well)
}

#[cfg(test)]
mod tests {
    //! Days as they are typed.

    use super::days;

    #[test]
    fn days_are_whole() {
        assert_eq!((days("90d"), days("48h")), (Ok(90), Ok(2)));
        assert!(days("5h").is_err() && days("0d").is_err() && days("soon").is_err());
    }
}
