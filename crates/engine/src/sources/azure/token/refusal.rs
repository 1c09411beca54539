//! Why Entra gives no token, by its number (`AADSTS…`), in plain words with the next step.
//!
//! <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>

use serde::Deserialize;

use crate::sources::SourceError;
use crate::sources::http::{Answer, HttpClient};

/// An error of the sign-in service (RFC 6749 §5.2, with Entra's own members).
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Refusal {
    /// `invalid_client`, `authorization_pending`, ….
    pub(in super::super) error: String,
    error_description: String,
    error_codes: Vec<u64>,
}

impl Refusal {
    /// Entra's number for it.
    fn number(&self) -> Option<u64> {
        let told = || {
            let (_, after) = self.error_description.split_once("AADSTS")?;
            let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
            after[..digits].parse().ok()
        };
        self.error_codes.first().copied().or_else(told)
    }
}

/// The error in an answer; an empty one where it holds none.
pub(in super::super) fn error_of(answer: &Answer) -> Refusal {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

/// The error of an answer that is no token.
pub(super) fn read(http: &HttpClient, answer: &Answer) -> SourceError {
    let refusal = error_of(answer);
    let at = answer.exchange(http);
    let number = refusal.number();
    if let Some((code, what, next)) = number.and_then(known).or_else(|| by_name(&refusal.error)) {
        let number = number.map(|number| format!(" (AADSTS{number})")).unwrap_or_default();
        return SourceError::SignIn {
            code,
            what: format!("Azure gives no token: {what}{number}."),
            next: next.into(),
            at: Some(at),
        };
    }
    let why = match (answer.looks_like_html(), refusal.error.is_empty()) {
        (true, _) => "it answers with a web page".to_owned(),
        (_, true) => format!("it answers with status {}", answer.status.as_u16()),
        _ => http.fit_to_show(&format!("{}: {}", refusal.error, refusal.error_description)),
    };
    SourceError::NoToken { at, why }
}

const SIGN_IN_AGAIN: &str = "Open the source's settings and sign in again.";

/// Code, what happened, what to do next.
fn known(number: u64) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match number {
        7_000_215 => (
            "signIn.secretWrong",
            "the client secret is wrong",
            "Put the secret's value into the source's settings. Often its id was copied instead: the value is shown once only, when the secret is made, so make a new one if it is lost.",
        ),
        7_000_222 => (
            "signIn.secretExpired",
            "the client secret has expired",
            "Make a new client secret for the application in Entra, put its value into the source's settings, and remove the old one.",
        ),
        700_016 | 700_038 => (
            "signIn.noSuchApp",
            "the tenant does not know the application",
            "Check the application (client) id and the tenant in the source's settings: the application must be registered in this tenant, or an admin must have consented to it here.",
        ),
        7_000_229 => (
            "signIn.noSuchApp",
            "the application has no service principal in the tenant",
            "An admin must consent to the application in this tenant.",
        ),
        90_002 | 900_023 | 900_021 => (
            "signIn.noSuchTenant",
            "there is no such tenant in this cloud",
            "Check the tenant's id or domain, and which cloud it is in, in the source's settings.",
        ),
        65_001 | 90_094 => (
            "signIn.consent",
            "nobody has consented to the application's use of these permissions",
            "An admin must grant consent in Entra: App registrations, the application, API permissions, Grant admin consent.",
        ),
        65_004 | 7_000_014 => ("signIn.declined", "the sign-in was declined", SIGN_IN_AGAIN),
        50_076 | 50_079 | 50_074 | 50_158 => (
            "signIn.mfa",
            "a second factor is asked for, and it can be given in the browser only",
            "Sign in again from the source's settings, or use an application with a certificate: applications need no second factor.",
        ),
        53_000..=53_011 | 53_021 | 530_032..=530_036 => (
            "signIn.conditionalAccess",
            "a Conditional Access policy does not let this sign-in through",
            "Ask the tenant's admin which policy it is: the sign-in log in Entra names it.",
        ),
        700_082 | 70_008 | 70_043 | 700_084 | 50_173 | 50_133 | 50_089 | 70_000 => {
            ("signIn.expired", "the sign-in has expired or was revoked", SIGN_IN_AGAIN)
        }
        70_019 | 70_020 => ("signIn.tooLate", "the code was not used in time", SIGN_IN_AGAIN),
        500_011 | 500_014 => (
            "signIn.noSuchResource",
            "the tenant does not know the service that the token is for, or has switched it off",
            "Check which cloud the tenant is in, in the source's settings.",
        ),
        700_027 => (
            "signIn.certificateUnknown",
            "the certificate is not one of the application's, or has expired",
            "Upload the certificate to the application in Entra (Certificates & secrets), or give the one that is there.",
        ),
        700_024 => (
            "signIn.clock",
            "the assertion is not good at this time",
            "Set this machine's clock right. With a federated token, check that its file is kept fresh.",
        ),
        70_021 | 700_211..=700_213 | 700_223 => (
            "signIn.federation",
            "no federated credential of the application fits the token's issuer, subject or audience",
            "Compare the federated credential in Entra with the token: issuer, subject and audience must be the same to the letter.",
        ),
        7_000_218 => (
            "signIn.notPublic",
            "the application does not allow signing in without a secret",
            "Switch on \u{201c}Allow public client flows\u{201d} for the application in Entra (Authentication), or choose another way to authenticate.",
        ),
        7_000_112 | 50_057 => (
            "signIn.disabled",
            "the application or account is disabled in the tenant",
            "Have it enabled in Entra, or use another one.",
        ),
        50_034 | 50_020 => (
            "signIn.noSuchUser",
            "the tenant does not know the account",
            "Sign in with an account of this tenant, or invite it as a guest first.",
        ),
        _ => return None,
    })
}

fn by_name(error: &str) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match error {
        "authorization_declined" | "access_denied" => ("signIn.declined", "the sign-in was declined", SIGN_IN_AGAIN),
        "expired_token" | "bad_verification_code" => ("signIn.tooLate", "the code was not used in time", SIGN_IN_AGAIN),
        "interaction_required" | "invalid_grant" => ("signIn.expired", "the sign-in has expired or was revoked", SIGN_IN_AGAIN),
        _ => return None,
    })
}
