//! Whose credential a source has: a run must never cut the account that Lanyard itself goes by.

use tokio_util::sync::CancellationToken;

use crate::sources::{Client, SourceError};

/// Whose credential a source has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// An account's, by its id at the source.
    Account(String),
    /// That of something which is no account there: an application, a service.
    NoAccount,
    /// It could not be told: why, as part of a sentence.
    Unknown(String),
}

impl Whose {
    /// What an error of the question comes to.
    pub(in crate::sources) fn failed(error: &SourceError) -> Self {
        Self::Unknown(error.to_string().trim_end_matches('.').to_owned())
    }
}

impl Client {
    /// Whose credential it is: asked of SCIM by `/Me` (RFC 7644 §3.11), of Graph by `/me`, of Backstage by its `userinfo`. One request.
    pub async fn whose(&self, cancel: &CancellationToken) -> Whose {
        match self {
            Self::Scim(client) => client.whose(cancel).await,
            Self::Backstage(client) => client.whose(cancel).await,
            Self::Azure(client) => client.whose(cancel).await,
            #[cfg(test)]
            Self::Scripted(_) => Whose::Unknown("a script is nobody".into()),
        }
    }
}
