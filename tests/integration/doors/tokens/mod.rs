//! Tokens, against the lab and its providers' habits, and against servers that do not mean well: whether one is let in, what it sees, how one is
//! made, listed and revoked, and how Entra is given one.

mod entra;
mod hostile;
mod making;
mod standing;

use lanyard_engine::secrets::Secret;
use lanyard_engine::sources::Client;
use lanyard_engine::sources::azure::{AzureClient, AzureConfig};
use lanyard_engine::sources::tokens::recipe::builtin;
use lanyard_engine::sources::tokens::{Answered, Made, Recipe, Stands, TokenApi, TokenWish};
use lanyard_engine::view::{AuthSettings, AzureCloud, AzureSettings};
use lanyard_lab::{AzureHandle, Handle, Lab, LabOptions, TokenHabit};

use crate::{limits, never, scim};

/// A credential that nobody has.
const MADE_UP: &str = "made-up-credential-9f3k2";

/// The demo company's recipe.
fn recipe() -> Recipe {
    builtin().into_iter().find(|recipe| recipe.file() == "halcyon.yaml").unwrap()
}

fn wish(name: &str) -> TokenWish {
    TokenWish {
        name: name.into(),
        key: format!("key of {name}"),
        expires_at: None,
        now: 0,
    }
}

/// A lab with an app that has this token API.
struct App {
    lab: Lab,
    handle: Handle,
}

impl App {
    async fn start(habits: impl IntoIterator<Item = TokenHabit>) -> Self {
        let lab = lanyard_lab::serve(LabOptions {
            people: 80,
            ..LabOptions::default()
        })
        .await
        .unwrap();
        let handle = lab.provider();
        handle.set(|options| options.tokens.habits.extend(habits));
        Self { lab, handle }
    }

    fn with(&self, token: &str) -> Client {
        Client::Scim(scim(&self.handle.url(), token))
    }

    fn own(&self) -> Client {
        self.with(&self.handle.token())
    }

    fn api(&self) -> TokenApi {
        TokenApi::by_recipe(&recipe(), &self.own()).unwrap()
    }

    async fn make(&self, name: &str) -> Made {
        self.api()
            .make(&wish(name), &never())
            .await
            .map_err(|error| format!("{error:?}"))
            .unwrap()
    }

    /// How a token stands, for reads and for writes.
    async fn stands(&self, token: &str) -> (Stands, Stands) {
        stands(&self.with(token)).await
    }

    /// How many tokens were made by request.
    fn mints(&self) -> u64 {
        self.handle.tokens(0)["mints"].as_u64().unwrap()
    }
}

async fn stands(client: &Client) -> (Stands, Stands) {
    let standing = client.standing(true, &never()).await;
    (standing.read.stands, standing.write.unwrap().stands)
}

/// It says something, and nothing that it should not.
#[track_caller]
fn says(answered: &Answered, part: &str, secrets: &[&str]) {
    assert!(answered.says.contains(part), "{answered:#?}");
    let all = format!("{answered:?}");
    assert!(!secrets.iter().any(|secret| all.contains(secret)), "a credential is told: {all}");
}

/// A client of the lab's tenant that signs in with this secret.
fn tenant(handle: &AzureHandle, client_id: &str, secret: &str) -> AzureClient {
    let sites = handle.sites();
    AzureClient::new(AzureConfig {
        name: "Tenant".into(),
        base: sites.arm.parse().unwrap(),
        azure: AzureSettings {
            tenant: handle.tenant_id().to_string(),
            cloud: AzureCloud::Other {
                authority: sites.authority,
                graph: sites.graph,
            },
            ..AzureSettings::default()
        },
        auth: AuthSettings::ClientSecret {
            client_id: client_id.to_owned(),
        },
        secret: Some(Secret::new(secret.to_owned())),
        keep: None,
        ca_pem: None,
        headers: Vec::new(),
        request_budget: None,
        limits: limits(),
    })
    .unwrap()
}
