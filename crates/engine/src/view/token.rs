//! Credentials: what Lanyard holds and what it knows of, and how each stands. Never a value.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Fault, Millis, Request, RotationId, SourceId, SourceKind};

/// What sort of credential it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum CredentialKind {
    /// A bearer token that says nothing about itself.
    Bearer,
    /// A bearer token that is a JWT (RFC 7519).
    Jwt,
    /// A password for Basic authentication.
    Password,
    /// The secret of an OAuth client or an Entra application.
    ClientSecret,
    /// A certificate with its private key.
    Certificate,
    /// A refresh token that a person's sign-in left.
    RefreshToken,
    /// A token that a provider lists, held by somebody else.
    ProviderToken,
    /// Nothing is held: a file, or another program's login.
    Borrowed,
}

/// Where it is known from when a credential ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ExpiryFrom {
    /// The token itself says so (`exp` of a JWT, the end of a certificate).
    Token,
    /// The provider says so.
    Provider,
    /// A person typed it in.
    Typed,
}

/// How a credential stands, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum CredentialState {
    /// It was replaced, and the old one still opens the source after its time: the rotation is not done.
    OldLives,
    /// The source refuses it.
    Refused,
    /// The keychain holds none for this source, or its entry cannot be read.
    Missing,
    /// The keychain does not answer, so it is not known how it stands.
    Locked,
    /// Its end is over.
    Expired,
    /// Its day for rotation is over.
    Due,
    /// Its day for rotation or its end is near.
    DueSoon,
    /// It is being rotated.
    Rotating,
    /// It is not known whether it works: it was never verified, and no sync used it.
    Unverified,
    /// It works, as far as was seen.
    Good,
}

/// Whether a right is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Right {
    /// It was seen to be there.
    Yes,
    /// It was seen to be missing.
    No,
    /// It was not tried, or could not be told.
    #[default]
    NotEvaluated,
}

/// When a credential is to be rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RotationPolicy {
    /// So many days after it was made; none for no day of its own: its end alone counts then.
    pub every_days: Option<u32>,
    /// So many days before that day, or before its end, Lanyard speaks of it.
    pub warn_days: u32,
}

impl Default for RotationPolicy {
    /// Half a year, as providers with short lives ask for, and two weeks to do it.
    fn default() -> Self {
        Self {
            every_days: Some(180),
            warn_days: 14,
        }
    }
}

/// A credential that Lanyard holds or knows of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Credential {
    /// `own:SOURCE` for what Lanyard asks a source with; `entra:SOURCE:APP:KEY` and `provider:SOURCE:TOKEN` for what it knows of.
    pub id: String,
    /// The source that it opens, or that it is known from.
    pub source: SourceId,
    /// Its name.
    pub source_name: String,
    /// Its kind.
    pub system: SourceKind,
    /// Whether Lanyard holds the value.
    pub held: bool,
    /// What it is called.
    pub name: String,
    /// What it opens: an address, or an application's name.
    pub opens: String,
    /// What sort it is.
    pub kind: CredentialKind,
    /// A mark by which it is told from others: keyed, so that it says nothing about the value. None where the value is not at hand.
    pub fingerprint: Option<String>,
    /// When it was made, or first given to Lanyard.
    pub created_at: Option<Millis>,
    /// When it ends.
    pub expires_at: Option<Millis>,
    /// Where that is known from.
    pub expires_from: Option<ExpiryFrom>,
    /// When it was last asked whether it works.
    pub verified_at: Option<Millis>,
    /// When it was last used.
    pub used_at: Option<Millis>,
    /// Whether it may read, as last seen.
    pub reads: Right,
    /// Whether it may write, as last seen.
    pub writes: Right,
    /// When it is to be rotated; none for what Lanyard does not hold.
    pub policy: Option<RotationPolicy>,
    /// The earlier of its day for rotation and its end.
    pub due_at: Option<Millis>,
    /// Whole days until then, below 0 when it is over.
    pub days_left: Option<i64>,
    /// How it stands.
    pub state: CredentialState,
    /// The same in a sentence, with what to do.
    pub says: String,
    /// Since when it has been refused, where it is.
    pub refused_since: Option<Millis>,
    /// When it was last seen to work.
    pub worked_at: Option<Millis>,
    /// The names of other sources that have the very same one.
    pub shared_with: Vec<String>,
    /// The rotation that is under way, or open over an old token that lives.
    pub rotation: Option<RotationId>,
}

/// All credentials, those that need somebody first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CredentialList {
    /// The credentials.
    pub credentials: Vec<Credential>,
    /// What could not be looked at, and why: the keychain, an application's secrets.
    pub not_evaluated: Vec<CredentialGap>,
    /// `keychain` or `environment`.
    pub keychain: String,
    /// What is wrong with the keychain, if something is.
    pub fault: Option<Fault>,
    /// How many need somebody: whatever stands worse than [`CredentialState::DueSoon`], that one included.
    pub need: u32,
}

/// Something about credentials that could not be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CredentialGap {
    /// The source.
    pub source: SourceId,
    /// Its name.
    pub source_name: String,
    /// What is not known, and why.
    pub says: String,
}

/// What verifying a credential found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CredentialCheck {
    /// The credential.
    pub id: String,
    /// When.
    pub at: Millis,
    /// Whether the source accepts it: yes, no, or not to be told (no answer, or a server that accepts anything).
    pub works: Right,
    /// Whether it reads.
    pub reads: Right,
    /// Whether it writes. Tried by a request that changes nothing, and only where writing is switched on for the source.
    pub writes: Right,
    /// Whose it is, as far as the source says: a tenant, an application.
    pub whose: Option<String>,
    /// How many people it sees.
    pub people: Option<u64>,
    /// In words.
    pub says: String,
    /// What went wrong, where something did.
    pub fault: Option<Fault>,
    /// Each question with its answer.
    pub asked: Vec<CredentialAsked>,
}

/// One question with a credential, and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CredentialAsked {
    /// What it was for: "read with the token", "read with a made-up token".
    pub title: String,
    /// The request; the credential is masked.
    pub request: Request,
    /// The status; none where no answer came.
    pub status: Option<u16>,
    /// In words.
    pub says: String,
}
