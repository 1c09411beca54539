//! Before a rotation begins: what there is to choose from, and what it would do, request by request. Nothing is changed by asking.

use tokio_util::sync::CancellationToken;

use super::super::deprovision::blocking;
use super::Engine;
use crate::Error;
use crate::rotation::entry::{Api, Began, Known, Steps};
use crate::rotation::plan;
use crate::rotation::world::{Note, Who, World};
use crate::secrets::Slot;
use crate::sources::Client;
use crate::sources::tokens::{Recipe, TokenApi, TokenWish};
use crate::sync::now;
use crate::view::{
    AuthSettings, Millis, ProviderToken, RecipeSummary, RotationHow, RotationOptions, RotationPlan, RotationReason, RotationStart,
    RotationUser, Source, SourceId, SourceKind,
};

/// How often the old one is asked with, in milliseconds, when nothing else was said.
const EVERY: u64 = 10_000;
/// The least, in milliseconds.
const LEAST: u64 = 200;
/// How long after its time the old one may be accepted still, in milliseconds.
const GRACE: u64 = 60_000;
/// The same in Entra, whose servers hear of a removal one after the other.
const GRACE_ENTRA: u64 = 10 * 60_000;
/// How many refusals in a row are proof.
const WANTED: u32 = 6;
/// Tokens used within so many milliseconds of a question are taken to have asked it.
const JUST_NOW: Millis = 3_000;

fn blocked(what: impl Into<String>, next: &str) -> Error {
    Error::Refused {
        code: "rotation.blocked",
        what: what.into(),
        next: next.into(),
    }
}

/// What a rotation would begin with, beside what stands in its way.
pub(super) struct Prepared {
    pub(super) began: Began,
    pub(super) tokens: Vec<ProviderToken>,
    pub(super) blocks: Vec<String>,
    pub(super) notes: Vec<String>,
}

fn summary(recipe: &Recipe) -> RecipeSummary {
    RecipeSummary {
        name: recipe.name().to_owned(),
        description: recipe.description().to_owned(),
        file: recipe.file().to_owned(),
        problem: None,
    }
}

impl Engine {
    /// What there is to choose from for a rotation of this source's credential. Asks Entra for its provisioning jobs where an Azure source is
    /// there; what cannot be looked at is in the answer.
    ///
    /// # Errors
    /// When there is no such source, or it has no credential that Lanyard holds.
    pub async fn rotation_options(&self, source: SourceId) -> Result<RotationOptions, Error> {
        let source = self.source(source)?;
        let (recipes, mut broken) = self.recipes();
        let mut fitting: Vec<&Recipe> = recipes
            .iter()
            .filter(|recipe| recipe.fits(source.settings.kind, &source.settings.url))
            .collect();
        // One that names the host knows this very provider.
        fitting.sort_by_key(|recipe| (!recipe.names_host(), !recipe.makes(), recipe.name().to_owned()));
        let mut not_evaluated = Vec::new();
        let engine = self.clone();
        let id = source.id;
        let manager = blocking(move || {
            let source = engine.source(id)?;
            Ok(engine
                .inner
                .secrets
                .load_slot(id, Slot::Manager, &super::origin(&source.settings)?)?
                .is_some())
        })
        .await
        .unwrap_or(false);
        let (entra, entra_says) = match (source.settings.kind, &source.settings.auth) {
            (SourceKind::Azure, AuthSettings::ClientSecret { .. }) => (true, None),
            (SourceKind::Azure, _) => (
                false,
                Some("Entra makes secrets for applications that sign in with one; this source signs in in another way.".to_owned()),
            ),
            _ => (false, None),
        };
        let jobs = if source.settings.kind == SourceKind::Scim {
            self.likely_jobs(&source, &mut not_evaluated).await?
        } else {
            Vec::new()
        };
        let writes = source.settings.allow_writes;
        // A keychain that does not answer is said when it begins.
        let known = match self.present(&source).await {
            Ok((note, mark)) => note.known.provider_id.or(self.meta(source.id)?.of(mark.as_deref()).provider_id),
            Err(_) => None,
        };
        let makes = fitting.iter().find(|recipe| recipe.makes() && recipe.names_host());
        let how = match makes {
            _ if entra && writes => RotationHow::Entra,
            Some(recipe) if writes => RotationHow::Recipe {
                recipe: recipe.name().to_owned(),
            },
            _ => RotationHow::Paste,
        };
        let users = jobs
            .iter()
            .filter(|job| matches!(job, RotationUser::EntraJob { name, .. } if name.eq_ignore_ascii_case(&source.settings.name)))
            .cloned()
            .collect();
        let mut summaries: Vec<RecipeSummary> = fitting.into_iter().map(summary).collect();
        summaries.append(&mut broken);
        Ok(RotationOptions {
            source: source.id,
            writes,
            manager,
            entra,
            entra_says,
            recipes: summaries,
            jobs,
            not_evaluated,
            suggested: RotationStart {
                source: source.id,
                reason: RotationReason::Routine,
                how,
                old_id: known,
                overlap_ms: 0,
                expires_at: None,
                users,
                every_ms: None,
                grace_ms: None,
            },
        })
    }

    /// What the keychain says of the present credential: what stands beside it, and its fingerprint. What is remembered elsewhere may be of one before it.
    async fn present(&self, source: &Source) -> Result<(Note, Option<String>), Error> {
        let (engine, at) = (self.clone(), source.clone());
        blocking(move || {
            let note = engine.current_note(&at)?;
            let held = engine.kept_secret(at.id, &at.settings)?;
            let mark = match &held {
                Some(held) => Some(engine.fingerprints()?.of(held)),
                None => None,
            };
            Ok((note, mark))
        })
        .await
    }

    /// Provisioning jobs that may use the credential: of the service principals that are called like the source.
    async fn likely_jobs(&self, source: &Source, not_evaluated: &mut Vec<String>) -> Result<Vec<RotationUser>, Error> {
        let mut found = Vec::new();
        let wanted = source.settings.name.to_lowercase();
        for azure in self.sources()? {
            if azure.settings.kind != SourceKind::Azure || !azure.settings.enabled {
                continue;
            }
            let principals = self.service_principals_called(&azure, &wanted)?;
            let (engine, settings, id) = (self.clone(), azure.settings.clone(), azure.id);
            let client = match blocking(move || engine.client(id, &settings)).await {
                Ok(Client::Azure(client)) => client,
                Ok(_) => continue,
                Err(error) => {
                    not_evaluated.push(format!("{} was not asked for provisioning jobs: {error}", azure.settings.name));
                    continue;
                }
            };
            for (principal, name) in principals {
                match client.provisioning_jobs(&principal, &CancellationToken::new()).await {
                    Ok(jobs) => found.extend(jobs.into_iter().map(|job| RotationUser::EntraJob {
                        source: azure.id,
                        service_principal: principal.clone(),
                        job: job.id,
                        name: name.clone(),
                    })),
                    Err(error) => not_evaluated.push(format!(
                        "The provisioning jobs of {name} in {} are not known: {error}",
                        azure.settings.name
                    )),
                }
            }
        }
        Ok(found)
    }

    /// Makes ready what a rotation would begin with. Asks the source and the provider, and changes nothing.
    pub(super) async fn prepare_rotation(&self, start: &RotationStart) -> Result<Prepared, Error> {
        let source = self.source(start.source)?;
        let (mut blocks, mut notes) = (Vec::new(), Vec::new());
        if !source.settings.auth.has_secret() {
            return Err(blocked(
                format!("Lanyard holds no credential for {}", source.settings.name),
                "It uses a file or another program’s login: rotate it there.",
            ));
        }
        if source.settings.auth.signs_in() {
            return Err(blocked(
                format!("a person signs in to {}", source.settings.name),
                "End the session at the source, then open the source and sign in again.",
            ));
        }
        if !self.inner.secrets.last() {
            blocks.push(
                "Secrets come from the environment here and are kept nowhere, so a new one would be lost with this process. Rotate on a machine with a keychain."
                    .to_owned(),
            );
        }
        if let Some((rotation, _)) = self.open_rotations(now())?.get(&source.id) {
            blocks.push(format!(
                "Rotation {rotation} of this credential is still open. Finish it, or put the old one back, first."
            ));
        }
        let (engine, at, how, users) = (self.clone(), source.clone(), start.how.clone(), start.users.clone());
        let world: World = blocking(move || engine.world(&at, &how, &users, CancellationToken::new())).await?;
        let (note, mark) = self.present(&source).await?;
        let meta = self.meta(source.id)?.of(mark.as_deref());
        let manager = world.slot(Slot::Manager)?.is_some();
        let steps = world.recipe.as_ref().map(|recipe| recipe.steps().clone()).unwrap_or_default();
        let mut steps = Steps {
            make: steps.make,
            revoke: steps.revoke,
        };
        plan::default_steps(&mut steps, &source.settings.name, &start.how);
        let by_request = !matches!(start.how, RotationHow::Paste);
        let api = if by_request {
            // With no current one (it was taken out), only one of its own can ask.
            match world.api(&start.how, Who::Old, 0) {
                // Where nothing lasts, that was said already.
                Err(error) if error.code() == "token.lost" => {
                    if self.inner.secrets.last() {
                        blocks.push(format!(
                            "The keychain holds nothing that the token API of {} could be asked with. Give Lanyard a credential for it, or get the new one by hand.",
                            source.settings.name
                        ));
                    }
                    None
                }
                api => api?,
            }
        } else {
            None
        };
        if by_request && api.is_none() && blocks.is_empty() {
            blocks.push("This way to get a new one is not for this source.".into());
        }
        if let Some(recipe) = &world.recipe
            && recipe.asks() == crate::sources::tokens::recipe::Asks::Manager
            && !manager
        {
            blocks.push(format!(
                "{} is asked with a credential of its own for its token API. Give Lanyard that one first.",
                recipe.name()
            ));
        }
        if by_request && !source.settings.allow_writes {
            blocks.push(format!(
                "Writing is switched off for {}, so nothing is made or revoked by request. Switch it on, or get the new one by hand.",
                source.settings.name
            ));
        }
        for user in &start.users {
            if let RotationUser::EntraJob { source: id, name, .. } = user
                && !self.source(*id)?.settings.allow_writes
            {
                blocks.push(format!(
                    "Writing is switched off for the Azure source of {name}’s job. Switch it on, or hand the new one over by hand."
                ));
            }
        }
        let (tokens, found) = match &api {
            Some(api) if api.can_list() => self.provider_tokens(&source, &world, api, manager, &mut notes).await,
            _ => (Vec::new(), None),
        };
        let old_id = start
            .old_id
            .clone()
            .or(note.known.provider_id.clone())
            .or(meta.provider_id.clone())
            .or(found);
        if let Some(limit) = api.as_ref().and_then(TokenApi::limit) {
            let live = tokens.iter().filter(|token| !token.revoked).count();
            if live >= usize::try_from(limit).unwrap_or(usize::MAX) {
                blocks.push(format!(
                    "The provider allows {limit} tokens at once, and there are {live}. Revoke one that nothing uses first."
                ));
            }
        }
        let mut suffix = [0_u8; 4];
        getrandom::fill(&mut suffix).map_err(|error| blocked(format!("this machine gives no random numbers: {error}"), "Try again."))?;
        let name = format!("lanyard-{}", crate::secrets::hex(&suffix));
        let mut key = [0_u8; 16];
        getrandom::fill(&mut key).map_err(|error| blocked(format!("this machine gives no random numbers: {error}"), "Try again."))?;
        let key = crate::secrets::hex(&key);
        let api = api.as_ref().map(|api| {
            let wish = TokenWish {
                name: name.clone(),
                key: key.clone(),
                expires_at: start.expires_at,
                now: now(),
            };
            Api {
                make: api.make_request(&wish).filter(|_| api.can_make()),
                repeats: api.makes_again(),
                revoke: old_id.as_deref().and_then(|id| api.revoke_request(id)).filter(|_| api.can_revoke()),
                lists: api.can_list(),
                replaces: api.replaces(),
                own: !manager,
            }
        });
        if api
            .as_ref()
            .is_some_and(|api| api.make.is_some() && api.revoke.is_none() && !api.replaces)
        {
            notes.push("It is not known which of the provider’s tokens the present one is, so a person revokes it. Choose it from the list to have it done.".into());
        }
        let overlap_ms = self.overlap(&world, start);
        let grace = if matches!(start.how, RotationHow::Entra) {
            GRACE_ENTRA
        } else {
            GRACE
        };
        let began = Began {
            start: RotationStart {
                old_id: old_id.clone(),
                ..start.clone()
            },
            source_name: source.settings.name.clone(),
            system: source.settings.kind,
            opens: source.settings.url.clone(),
            name,
            key,
            api,
            steps,
            old: Known {
                fingerprint: mark,
                provider_id: old_id,
                created_at: note.known.created_at.or(meta.created_at),
                expires_at: note.known.expires_at.or(meta.expires_at),
            },
            writes: source.settings.allow_writes,
            overlap_ms,
            every_ms: start.every_ms.unwrap_or(EVERY).max(LEAST),
            grace_ms: start.grace_ms.unwrap_or(grace),
            wanted: WANTED,
        };
        Ok(Prepared {
            began,
            tokens,
            blocks,
            notes,
        })
    }

    fn overlap(&self, world: &World, start: &RotationStart) -> u64 {
        let told = world.recipe.as_ref().and_then(Recipe::overlap_ms).unwrap_or(0);
        told.max(start.overlap_ms)
    }

    /// The provider's tokens, and which of them Lanyard asks with, where exactly one was used when Lanyard had just asked.
    async fn provider_tokens(
        &self,
        source: &Source,
        world: &World,
        api: &TokenApi,
        manager: bool,
        notes: &mut Vec<String>,
    ) -> (Vec<ProviderToken>, Option<String>) {
        let cancel = CancellationToken::new();
        let asked_at = now();
        let asked = world.standing(Who::Old, 0, false).await;
        let mut tokens = match api.list(&cancel).await {
            Ok(tokens) => tokens,
            Err(error) => {
                notes.push(format!("The provider’s tokens are not known: {error}"));
                return (Vec::new(), None);
            }
        };
        // Where the provider says when, what was used just now; where it hints at values, what looks like ours.
        let hinted = tokens.iter().any(|token| token.ours);
        let mut just_used: Vec<&mut ProviderToken> = tokens
            .iter_mut()
            .filter_map(|token| {
                let ours = std::mem::take(&mut token.ours);
                let over = token.revoked || token.expires_at.is_some_and(|end| end <= asked_at);
                let used = token.used_at.is_some_and(|at| at >= asked_at - JUST_NOW);
                (if hinted { ours && !over } else { used }).then_some(token)
            })
            .collect();
        // With a credential of its own, that one was used just now as well.
        let found = match just_used.as_mut_slice() {
            [only] if !manager && asked.is_ok() => {
                only.ours = true;
                Some(only.id.clone())
            }
            _ => None,
        };
        let remembered = self.meta(source.id).and_then(|mut meta| {
            meta.listed.clone_from(&tokens);
            meta.listed_at = Some(now());
            if meta.provider_id.is_none() {
                meta.provider_id.clone_from(&found);
            }
            self.set_meta(source.id, &meta)
        });
        if let Err(error) = remembered {
            tracing::warn!(code = error.code(), "the provider's list could not be remembered");
        }
        (tokens, found)
    }

    /// What a rotation would do. Nothing is changed by asking.
    ///
    /// # Errors
    /// [`Error::Refused`] where this credential cannot be rotated at all; keychain errors.
    pub async fn plan_rotation(&self, start: &RotationStart) -> Result<RotationPlan, Error> {
        let (engine, users, source) = (self.clone(), start.users.clone(), self.source(start.source)?);
        let how = start.how.clone();
        let prepared = self.prepare_rotation(start).await?;
        let world: World = blocking(move || engine.world(&source, &how, &users, CancellationToken::new())).await?;
        Ok(RotationPlan {
            stages: plan::stages(&prepared.began, |user, hand| world.hand_request(user, hand)),
            old_id: prepared.began.old.provider_id.clone(),
            tokens: prepared.tokens,
            blocks: prepared.blocks,
            notes: prepared.notes,
        })
    }
}
