//! Why a source did not answer as it should: one enum, each kind with a stable code.

mod exchange;
mod words;

pub use exchange::Exchange;
pub(crate) use words::span;

use crate::view::{Fault, SourceKind};

/// Why a source did not answer as it should. Nothing in it holds a secret: answers are redacted before they come here.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SourceError {
    /// The work was cancelled.
    #[error("The work was cancelled.")]
    Cancelled,
    /// A setting of the source that cannot be used; found before anything is sent.
    #[error("{field}: {problem}")]
    Setting {
        /// The setting's name, as the form shows it.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
        /// What would be right.
        next: String,
    },
    /// The host's name does not resolve.
    #[error("The name {} does not resolve to an address.", .at.host)]
    Dns {
        /// The request.
        at: Box<Exchange>,
    },
    /// Nobody listens at that host and port.
    #[error("{} refuses the connection: nothing listens there.", .at.host)]
    Refused {
        /// The request.
        at: Box<Exchange>,
    },
    /// The network gives no way to the host, or the connection could not be made for another reason.
    #[error("{} cannot be reached: {why}.", .at.host)]
    Unreachable {
        /// The request.
        at: Box<Exchange>,
        /// What the system said.
        why: String,
    },
    /// The host took too long.
    #[error("{} did not {what} within {}.", .at.host, words::span(*after_ms))]
    Timeout {
        /// The request.
        at: Box<Exchange>,
        /// What it did not do: `accept the connection`, `answer`, `go on with its answer`, `finish its answer`.
        what: &'static str,
        /// How long was waited, in milliseconds.
        after_ms: u64,
    },
    /// The connection broke, or the answer ended before its end.
    #[error("The connection to {} broke: {why}.", .at.host)]
    Lost {
        /// The request.
        at: Box<Exchange>,
        /// What was seen.
        why: String,
    },
    /// What came is not HTTP, or is not what HTTP allows.
    #[error("{} does not answer as an HTTP server does: {why}.", .at.host)]
    NotHttp {
        /// The request.
        at: Box<Exchange>,
        /// What was seen.
        why: String,
    },
    /// The certificate's time is over.
    #[error("The certificate of {} {}.", .at.host, words::ended(*not_after))]
    TlsExpired {
        /// The request.
        at: Box<Exchange>,
        /// When it ended, in seconds since 1970; none where that was not told.
        not_after: Option<u64>,
    },
    /// The certificate's time has not begun.
    #[error("The certificate of {} is not valid yet.", .at.host)]
    TlsNotYet {
        /// The request.
        at: Box<Exchange>,
    },
    /// The certificate was issued by an authority that this machine does not trust.
    #[error("The certificate of {} was issued by an authority that this machine does not trust.", .at.host)]
    TlsUnknownCa {
        /// The request.
        at: Box<Exchange>,
    },
    /// The certificate is for another name.
    #[error("The certificate of {} is for another name{}.", .at.host, words::names(names))]
    TlsWrongHost {
        /// The request.
        at: Box<Exchange>,
        /// The names that it is for.
        names: Vec<String>,
    },
    /// TLS failed for another reason.
    #[error("No safe connection to {} could be made: {why}.", .at.host)]
    Tls {
        /// The request.
        at: Box<Exchange>,
        /// What rustls said.
        why: String,
    },
    /// 401: the credential is refused.
    #[error("{} refuses the credential (401).", .at.host)]
    Unauthorized {
        /// The request and its answer.
        at: Box<Exchange>,
    },
    /// 403: the credential is known, and not allowed to do this.
    #[error("{} does not allow this credential to read {} (403).", .at.host, .at.path())]
    Forbidden {
        /// The request and its answer.
        at: Box<Exchange>,
    },
    /// The OAuth token endpoint gives no access token (RFC 6749 §5.2).
    #[error("The token endpoint at {} gives no access token: {why}.", .at.host)]
    NoToken {
        /// The request and its answer.
        at: Box<Exchange>,
        /// What it said.
        why: String,
    },
    /// A person or program could not be signed in, for a reason that the sign-in service names.
    #[error("{what}")]
    SignIn {
        /// A stable code: `signIn.secretWrong`, `signIn.secretExpired`, `signIn.consent`, ….
        code: &'static str,
        /// What happened, as a sentence.
        what: String,
        /// What to do next.
        next: String,
        /// The request and its answer; none where no request was made.
        at: Option<Box<Exchange>>,
    },
    /// 404 where a collection should be.
    #[error("{} has nothing at {} (404).", .at.host, .at.path())]
    NotFound {
        /// The request and its answer.
        at: Box<Exchange>,
        /// An address nearby that answers as a SCIM server does.
        better: Option<String>,
    },
    /// A web page came where JSON should be.
    #[error("{} answers with a web page, not with {}.", .at.host, words::spoken(.at))]
    Html {
        /// The request and its answer.
        at: Box<Exchange>,
    },
    /// The answer is not what the system's API gives: no SCIM message, no entity of a catalog, ….
    #[error("{} does not answer as {} does: {why}.", .at.host, words::speaker(.at))]
    NotScim {
        /// The request and its answer.
        at: Box<Exchange>,
        /// What is wrong with it.
        why: String,
    },
    /// A redirect that is not followed.
    #[error("{} sends the request elsewhere: {why}.", .at.host)]
    Redirect {
        /// The request and its answer.
        at: Box<Exchange>,
        /// Where to and why not.
        why: String,
        /// The origin that it points to, when that is another one.
        to: Option<String>,
    },
    /// An address of another origin was to be asked; the credential is not for it.
    #[error("{to} is not where the credential of {} belongs.", .at.host)]
    OtherOrigin {
        /// The request that was not made.
        at: Box<Exchange>,
        /// The other origin.
        to: String,
    },
    /// The answer is larger than the limit.
    #[error("The answer of {} is larger than {}.", .at.host, words::size(*limit))]
    TooLarge {
        /// The request and its answer.
        at: Box<Exchange>,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The answer is no JSON.
    #[error("The answer of {} is not JSON: {why}.", .at.host)]
    BrokenJson {
        /// The request and its answer.
        at: Box<Exchange>,
        /// What is wrong, and where.
        why: String,
    },
    /// The JSON is nested too deeply.
    #[error("The answer of {} is nested deeper than {limit} levels.", .at.host)]
    TooDeep {
        /// The request and its answer.
        at: Box<Exchange>,
        /// The limit, in levels.
        limit: usize,
    },
    /// The request budget is used up.
    #[error("The budget of {} is used up.", words::requests(*budget))]
    BudgetSpent {
        /// The budget.
        budget: u64,
    },
    /// 429 or 503 for too long, or a wait that is longer than allowed.
    #[error("{} is limiting requests{}.", .at.host, words::asked_wait(*wait_ms, *limit_ms))]
    RateLimited {
        /// The request and its answer.
        at: Box<Exchange>,
        /// The wait that it asks for, in milliseconds.
        wait_ms: Option<u64>,
        /// The longest wait allowed, in milliseconds.
        limit_ms: u64,
    },
    /// 5xx after all tries.
    #[error("{} failed with status {status}{}.", .at.host, words::tried(*tries))]
    ServerFailed {
        /// The request and its answer.
        at: Box<Exchange>,
        /// The status.
        status: u16,
        /// How many times it was tried.
        tries: u32,
    },
    /// Another status that means no.
    #[error("{} rejects the request with status {status}{}.", .at.host, words::detail(detail))]
    Rejected {
        /// The request and its answer.
        at: Box<Exchange>,
        /// The status.
        status: u16,
        /// `scimType` of the answer (RFC 7644 §3.12), or the code that another system gives its errors.
        scim_type: Option<String>,
        /// What the server says.
        detail: String,
    },
}

impl SourceError {
    /// Whether it is about everything that is read with this credential, not about one part: what else there is cannot be read either.
    pub(crate) fn ends_reading(&self) -> bool {
        matches!(
            self,
            Self::Cancelled | Self::BudgetSpent { .. } | Self::Unauthorized { .. } | Self::NoToken { .. } | Self::SignIn { .. }
        )
    }

    /// A stable code; scripts and tests depend on it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Setting { .. } => "source.setting",
            Self::Dns { .. } => "net.dns",
            Self::Refused { .. } => "net.refused",
            Self::Unreachable { .. } => "net.unreachable",
            Self::Timeout { .. } => "net.timeout",
            Self::Lost { .. } => "net.lost",
            Self::NotHttp { .. } => "http.broken",
            Self::TlsExpired { .. } => "tls.expired",
            Self::TlsNotYet { .. } => "tls.notYetValid",
            Self::TlsUnknownCa { .. } => "tls.unknownCa",
            Self::TlsWrongHost { .. } => "tls.wrongHost",
            Self::Tls { .. } => "tls.failed",
            Self::Unauthorized { at, .. } => by_system(at, ["scim.unauthorized", "backstage.unauthorized", "azure.unauthorized"]),
            Self::Forbidden { at, .. } => by_system(at, ["scim.forbidden", "backstage.forbidden", "azure.forbidden"]),
            Self::NoToken { .. } => "oauth.refused",
            Self::SignIn { code, .. } => code,
            Self::NotFound { at, .. } => by_system(at, ["scim.notFound", "backstage.notFound", "azure.notFound"]),
            Self::Html { .. } => "http.html",
            Self::NotScim { at, .. } => by_system(at, ["scim.notScim", "backstage.notBackstage", "azure.notAzure"]),
            Self::Redirect { .. } => "http.redirect",
            Self::OtherOrigin { .. } => "http.otherOrigin",
            Self::TooLarge { .. } => "http.tooLarge",
            Self::BrokenJson { .. } => "json.broken",
            Self::TooDeep { .. } => "json.tooDeep",
            Self::BudgetSpent { .. } => "budget.spent",
            Self::RateLimited { .. } => "rate.limited",
            Self::ServerFailed { .. } => "server.failed",
            Self::Rejected { at, .. } => by_system(at, ["scim.rejected", "backstage.rejected", "azure.rejected"]),
        }
    }

    /// The exchange that it is about; none where nothing was sent.
    pub fn exchange(&self) -> Option<&Exchange> {
        match self {
            Self::Cancelled | Self::Setting { .. } | Self::BudgetSpent { .. } => None,
            Self::SignIn { at, .. } => at.as_deref(),
            Self::Dns { at }
            | Self::Refused { at }
            | Self::Unreachable { at, .. }
            | Self::Timeout { at, .. }
            | Self::Lost { at, .. }
            | Self::NotHttp { at, .. }
            | Self::TlsExpired { at, .. }
            | Self::TlsNotYet { at }
            | Self::TlsUnknownCa { at }
            | Self::TlsWrongHost { at, .. }
            | Self::Tls { at, .. }
            | Self::Unauthorized { at }
            | Self::Forbidden { at }
            | Self::NoToken { at, .. }
            | Self::NotFound { at, .. }
            | Self::Html { at }
            | Self::NotScim { at, .. }
            | Self::Redirect { at, .. }
            | Self::OtherOrigin { at, .. }
            | Self::TooLarge { at, .. }
            | Self::BrokenJson { at, .. }
            | Self::TooDeep { at, .. }
            | Self::RateLimited { at, .. }
            | Self::ServerFailed { at, .. }
            | Self::Rejected { at, .. } => Some(at),
        }
    }

    /// The status of the answer, if one came.
    pub fn status(&self) -> Option<u16> {
        self.exchange().and_then(|at| at.status)
    }

    /// The error as a person sees it.
    pub fn fault(&self) -> Fault {
        words::fault(self)
    }
}

/// Of the codes for SCIM, Backstage and Azure, the one of the system that was spoken to.
fn by_system(at: &Exchange, [scim, backstage, azure]: [&'static str; 3]) -> &'static str {
    match at.system {
        SourceKind::Scim => scim,
        SourceKind::Backstage => backstage,
        SourceKind::Azure => azure,
    }
}
