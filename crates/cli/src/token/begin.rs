//! What a rotation begins with: what was asked for, on top of what fits best by itself.

use clap::Args;
use lanyard_engine::Engine;
use lanyard_engine::view::{Millis, RotationHow, RotationOptions, RotationReason, RotationStart, RotationUser, Source};

use super::{ValueArgs, span};
use crate::exit::Failure;
use crate::output::Out;

/// What is asked of a rotation.
#[derive(Args)]
pub struct RotateArgs {
    /// Show what it would do, request by request, and change nothing. Ends 1 when something stands in the way.
    #[arg(long, conflicts_with = "act")]
    pub plan: bool,
    /// Get the new one by this recipe.
    #[arg(long, value_name = "NAME", group = "how")]
    recipe: Option<String>,
    /// Have Entra make the new client secret.
    #[arg(long, group = "how")]
    entra: bool,
    /// A person gets the new one from the provider, and revokes the old one there.
    #[arg(long, group = "how")]
    by_hand: bool,
    /// It leaked: revoke it as soon as can be, then replace it.
    #[arg(long, group = "reason")]
    leaked: bool,
    /// The source refuses it: there is nothing to revoke.
    #[arg(long, group = "reason")]
    refused: bool,
    /// The provider's id of the present one, by which it is revoked.
    #[arg(long, value_name = "ID")]
    old: Option<String>,
    /// For so long the provider lets the old one live on after it was revoked: `1h`.
    #[arg(long, value_name = "TIME", value_parser = span)]
    overlap: Option<u64>,
    /// When the new one is to end: `2027-05-01`.
    #[arg(long, value_name = "DATE", value_parser = crate::moment::on)]
    expires: Option<Millis>,
    /// Hand the new one over to the provisioning job of Entra of this name, more than once if need be.
    #[arg(long, value_name = "NAME", conflicts_with = "no_hand_over")]
    hand_over: Vec<String>,
    /// Wait until a person has given the new one to this, more than once if need be.
    #[arg(long, value_name = "NAME")]
    user_by_hand: Vec<String>,
    /// Hand it over to nothing, whatever seems to use it.
    #[arg(long)]
    no_hand_over: bool,
    /// Ask with the old one so often: `10s`.
    #[arg(long, value_name = "TIME", value_parser = span)]
    every: Option<u64>,
    /// After its time, let the old one be accepted for so long before it is said to live: `60s`.
    #[arg(long, value_name = "TIME", value_parser = span)]
    grace: Option<u64>,
    #[command(flatten)]
    pub value: ValueArgs,
    /// Say that a step by hand is done: `revoke` for the old one, or the name of what has the new one.
    #[arg(long, value_name = "revoke|NAME", group = "act")]
    pub confirm: Option<String>,
    /// What to write beside it.
    #[arg(long, value_name = "TEXT", requires = "confirm", default_value = "")]
    pub note: String,
    /// Take a new one that works and is not in all like the old one, for this reason.
    #[arg(long, value_name = "REASON", group = "act")]
    pub accept: Option<String>,
    /// Keep the old one, or put it back, and end the new one.
    #[arg(long, group = "act")]
    pub put_back: bool,
    /// Stop after what is being done; it can go on at any time.
    #[arg(long, group = "act")]
    pub stop: bool,
}

impl RotateArgs {
    /// Whether something was said of how to begin: of no use to a rotation that is open.
    pub fn tells_how_to_begin(&self) -> bool {
        self.recipe.is_some()
            || self.entra
            || self.by_hand
            || self.leaked
            || self.refused
            || self.old.is_some()
            || self.overlap.is_some()
            || self.expires.is_some()
            || !self.hand_over.is_empty()
            || !self.user_by_hand.is_empty()
            || self.no_hand_over
            || self.every.is_some()
            || self.grace.is_some()
    }

    /// What to begin with. Asks what there is to choose from.
    pub async fn start(&self, engine: &Engine, source: &Source, out: &Out) -> Result<RotationStart, Failure> {
        let options = engine.rotation_options(source.id).await?;
        for gap in &options.not_evaluated {
            out.note(gap);
        }
        let suggested = options.suggested.clone();
        let users = self.users(&options, &suggested)?;
        Ok(RotationStart {
            reason: match (self.leaked, self.refused) {
                (true, _) => RotationReason::Leaked,
                (_, true) => RotationReason::Refused,
                _ => suggested.reason,
            },
            how: self.how(&options)?,
            old_id: self.old.clone().or(suggested.old_id),
            overlap_ms: self.overlap.unwrap_or(suggested.overlap_ms),
            expires_at: self.expires.or(suggested.expires_at),
            users,
            every_ms: self.every.or(suggested.every_ms),
            grace_ms: self.grace.or(suggested.grace_ms),
            source: source.id,
        })
    }

    fn how(&self, options: &RotationOptions) -> Result<RotationHow, Failure> {
        if let Some(name) = &self.recipe {
            let known = options.recipes.iter().find(|recipe| recipe.name.eq_ignore_ascii_case(name));
            return match known {
                Some(recipe) => Ok(RotationHow::Recipe {
                    recipe: recipe.name.clone(),
                }),
                None => {
                    let names: Vec<&str> = options.recipes.iter().map(|recipe| recipe.name.as_str()).collect();
                    Err(Failure::usage(format!(
                        "no recipe for this source is called “{name}”; there are: {}",
                        if names.is_empty() { "none".into() } else { names.join(", ") }
                    )))
                }
            };
        }
        Ok(if self.entra {
            RotationHow::Entra
        } else if self.by_hand {
            RotationHow::Paste
        } else {
            options.suggested.how.clone()
        })
    }

    fn users(&self, options: &RotationOptions, suggested: &RotationStart) -> Result<Vec<RotationUser>, Failure> {
        let mut users = if self.no_hand_over || !self.hand_over.is_empty() {
            Vec::new()
        } else {
            suggested.users.clone()
        };
        for wanted in &self.hand_over {
            let found: Vec<&RotationUser> = options.jobs.iter().filter(|job| is_called(job, wanted)).collect();
            match found.as_slice() {
                [] => {
                    let names: Vec<&str> = options.jobs.iter().map(called).collect();
                    return Err(Failure::usage(format!(
                        "no provisioning job that may use it is called “{wanted}”; there are: {}",
                        if names.is_empty() { "none".into() } else { names.join(", ") }
                    )));
                }
                [job] => users.push((*job).clone()),
                several => {
                    let ids: Vec<&str> = several.iter().map(|user| id(user)).collect();
                    return Err(Failure::usage(format!(
                        "“{wanted}” names {} provisioning jobs; name one by its id: {}",
                        several.len(),
                        ids.join(", ")
                    )));
                }
            }
        }
        users.extend(self.user_by_hand.iter().map(|name| RotationUser::ByHand {
            name: name.trim().to_owned(),
            instructions: String::new(),
        }));
        Ok(users)
    }
}

/// What a user of a credential is called.
pub fn called(user: &RotationUser) -> &str {
    match user {
        RotationUser::EntraJob { name, .. } | RotationUser::ByHand { name, .. } => name,
    }
}

fn id(user: &RotationUser) -> &str {
    match user {
        RotationUser::EntraJob { job, .. } => job,
        RotationUser::ByHand { name, .. } => name,
    }
}

fn is_called(user: &RotationUser, wanted: &str) -> bool {
    called(user).eq_ignore_ascii_case(wanted) || id(user) == wanted
}
