//! A rotation's world, made from a source's settings: clients with one credential or another, recipes, Entra's jobs.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Engine;
use crate::Error;
use crate::rotation::world::World;
use crate::sources::Client;
use crate::sources::tokens::Recipe;
use crate::sources::tokens::recipe::builtin;
use crate::view::{AuthSettings, RecipeSummary, RotationHow, RotationUser, Source, SourceId};

use super::super::clients::make_client;
use super::super::settings::origin;

impl Engine {
    fn recipe_folder(&self) -> PathBuf {
        self.inner.data_dir.join("recipes")
    }

    /// The recipes that come with Lanyard and those of the data folder, which go over the former by their names; with those that cannot be read.
    pub(super) fn recipes(&self) -> (Vec<Recipe>, Vec<RecipeSummary>) {
        let (mut recipes, mut broken) = (builtin(), Vec::new());
        let Ok(entries) = std::fs::read_dir(self.recipe_folder()) else {
            return (recipes, broken);
        };
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.sort();
        for path in files {
            let known = path
                .extension()
                .is_some_and(|ext| ext.eq_ignore_ascii_case("yaml") || ext.eq_ignore_ascii_case("yml"));
            let Some(file) = path.file_name().and_then(|name| name.to_str()).filter(|_| known).map(str::to_owned) else {
                continue;
            };
            let read = std::fs::read_to_string(&path)
                .map_err(|error| error.to_string())
                .and_then(|text| Recipe::read(&text, &file).map_err(|problem| problem.to_string()));
            match read {
                Ok(recipe) => {
                    recipes.retain(|other| other.name() != recipe.name());
                    recipes.push(recipe);
                }
                Err(problem) => broken.push(RecipeSummary {
                    name: file.clone(),
                    description: String::new(),
                    file,
                    problem: Some(problem),
                }),
            }
        }
        (recipes, broken)
    }

    /// The recipe of this name.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Refused`] for one that cannot be read.
    pub(super) fn recipe(&self, name: &str) -> Result<Recipe, Error> {
        let (recipes, broken) = self.recipes();
        if let Some(recipe) = recipes.into_iter().find(|recipe| recipe.name() == name) {
            return Ok(recipe);
        }
        match broken
            .into_iter()
            .find(|recipe| recipe.file == name || recipe.file.trim_end_matches(".yaml") == name)
        {
            Some(RecipeSummary {
                problem: Some(problem), ..
            }) => Err(Error::Refused {
                code: "recipe.invalid",
                what: format!("the recipe cannot be used: {problem}"),
                next: "Mend it where the line says, and try again.".into(),
            }),
            _ => Err(Error::NotFound {
                what: "recipe",
                name: name.to_owned(),
            }),
        }
    }

    /// The world of a rotation at this source. Blocking: asks the keychain.
    pub(super) fn world(
        &self,
        source: &Source,
        how: &RotationHow,
        users: &[RotationUser],
        cancel: CancellationToken,
    ) -> Result<World, Error> {
        let settings = source.settings.clone();
        let recipe = match how {
            RotationHow::Recipe { recipe } => Some(self.recipe(recipe)?),
            RotationHow::Paste | RotationHow::Entra => None,
        };
        let mut azure: HashMap<SourceId, _> = HashMap::new();
        for user in users {
            if let RotationUser::EntraJob { source: id, .. } = user
                && let std::collections::hash_map::Entry::Vacant(vacant) = azure.entry(*id)
            {
                let other = self.source(*id)?;
                if let Client::Azure(client) = self.client(*id, &other.settings)? {
                    vacant.insert(client);
                }
            }
        }
        let make = move |secret: Option<crate::secrets::Secret>, made_up: bool| {
            let mut settings = settings.clone();
            if made_up {
                // Nobody can make up a certificate that is worth asking with; the same sign-in refuses a made-up secret just as well.
                if let AuthSettings::ClientCertificate { client_id } = &settings.auth {
                    settings.auth = AuthSettings::ClientSecret {
                        client_id: client_id.clone(),
                    };
                }
            }
            make_client(&settings, secret, None)
        };
        Ok(World {
            source: source.id,
            source_name: source.settings.name.clone(),
            base: source.settings.url.clone(),
            origin: origin(&source.settings)?,
            secrets: self.inner.secrets.clone(),
            fingerprints: Arc::new(self.fingerprints()?),
            make_client: Box::new(make),
            recipe,
            azure,
            cancel,
        })
    }
}
