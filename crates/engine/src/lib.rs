//! Everything Lanyard does, without a window. The window and the command line are thin shells over [`Engine`].

mod canonical;
pub mod clock;
pub mod deprovision;
pub mod directory;
pub mod document;
mod engine;
mod error;
pub mod evidence;
pub mod export;
pub mod findings;
pub mod history;
mod located;
pub mod map;
pub mod numbers;
pub mod record;
pub mod rotation;
pub mod secrets;
pub mod sources;
pub mod spans;
pub mod store;
pub mod sync;
pub mod view;

pub use canonical::canonical;
pub use engine::{Engine, OpenOptions};
pub use error::Error;
