//! Tokens of sources: whether one is let in, what it sees, and how its provider makes, lists and revokes them.
//!
//! | module | what it does |
//! | --- | --- |
//! | `standing` | asks with a credential, once for a read and once for a write that changes nothing |
//! | `census` | what a credential sees: whose it is, of which tenant, how many people and which |
//! | [`recipe`] | a provider's API for tokens, told by a file |
//! | `api`, `by_recipe`, `answer` | makes, lists and revokes by a recipe or in Entra; a value never leaves its [`Secret`](crate::secrets::Secret) |
//!
//! Nothing here knows where credentials are kept, or in which order one takes the place of another.

mod answer;
mod api;
mod by_recipe;
mod census;
pub mod recipe;
mod standing;

pub use crate::view::ProviderToken;
pub(in crate::sources) use answer::time as time_of;
pub(in crate::sources) use api::Gives;
pub use api::{Made, MakeError, Revoked, TokenApi, TokenWish};
pub use by_recipe::Told;
pub use census::Census;
pub(in crate::sources) use census::{SAMPLE, first_people};
pub use recipe::{Recipe, RecipeProblem};
pub use standing::{Answered, Standing, Stands};
pub(in crate::sources) use standing::{Questions, call as request_call, nobody};
