//! Clients that prove themselves by a signed JWT: with their certificate, or with another issuer's token (RFC 7523)
//! (<https://learn.microsoft.com/entra/identity-platform/certificate-credentials>).

use std::time::{SystemTime, UNIX_EPOCH};

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use serde_json::{Value, json};
use tokio_rustls::rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm};

use super::login::{Refusal, refuse};
use super::server::Azure;
use crate::base64;

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The audience of tokens that are traded for Entra's.
const EXCHANGE: &str = "api://AzureADTokenExchange";
/// Whom the federated credential trusts.
pub(crate) const SUBJECT: &str = "repo:halcyon/console:ref:refs/heads/main";

fn unix() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The issuer that the federated credential trusts: the lab plays it.
pub(crate) fn issuer(azure: &Azure) -> String {
    format!("{}/federated", azure.sites.authority)
}

/// A token of that issuer, good for so many seconds.
pub(crate) fn federated_token(azure: &Azure, seconds: u64) -> String {
    let now = unix();
    azure.mint.sign(&json!({
        "iss": issuer(azure), "sub": SUBJECT, "aud": EXCHANGE, "iat": now, "nbf": now, "exp": now + seconds,
    }))
}

pub(super) fn check(azure: &Azure, kind: &str, assertion: &str) -> Result<(), Refusal> {
    if kind != KIND {
        let text = format!("The client_assertion_type must be '{KIND}'.");
        return Err(refuse(400, "invalid_request", 900_144, text));
    }
    let malformed = || refuse(400, "invalid_request", 50_027, "JWT token is invalid or malformed.");
    let mut parts = assertion.split('.');
    let (Some(head), Some(body), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(malformed());
    };
    let read = |part: &str| -> Option<Value> { serde_json::from_slice(&base64::decode(part)?).ok() };
    let (head, claims) = read(head).zip(read(body)).ok_or_else(malformed)?;
    // Times are numbers with or without a fraction (RFC 7519 §2): Microsoft's own library writes fractions.
    if claims["exp"].as_f64().is_none_or(|end| end <= unix() as f64) {
        let text = "Client assertion is not within its valid time range.";
        return Err(refuse(401, "invalid_client", 700_024, text));
    }
    if head["alg"] == "HS256" || claims["iss"] == issuer(azure) {
        return federated(azure, assertion);
    }
    let signed = &assertion[..assertion.len() - signature.len() - 1];
    certificate(azure, &head, &claims, signed, &base64::decode(signature).ok_or_else(malformed)?)
}

fn federated(azure: &Azure, assertion: &str) -> Result<(), Refusal> {
    let good = azure
        .mint
        .claims(assertion)
        .is_some_and(|claims| claims["iss"] == issuer(azure) && claims["sub"] == SUBJECT && claims["aud"] == EXCHANGE);
    if good {
        return Ok(());
    }
    let text = "No matching federated identity record found for presented assertion. Check your federated identity credential Subject, Audience and Issuer against the presented assertion.";
    Err(refuse(401, "invalid_client", 70_021, text))
}

fn certificate(azure: &Azure, head: &Value, claims: &Value, signed: &str, signature: &[u8]) -> Result<(), Refusal> {
    let algorithm: &dyn SignatureVerificationAlgorithm = match head["alg"].as_str() {
        Some("RS256") => webpki::ring::RSA_PKCS1_2048_8192_SHA256,
        Some("PS256") => webpki::ring::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
        _ => {
            return Err(refuse(
                401,
                "invalid_client",
                5_002_738,
                "The algorithm of the client assertion is not supported.",
            ));
        }
    };
    let client = azure.client.to_string();
    if claims["iss"] != client.as_str() || claims["sub"] != client.as_str() {
        let text = "Client assertion contains an invalid issuer or subject: both must be the client's id.";
        return Err(refuse(401, "invalid_client", 700_021, text));
    }
    let endpoint = format!("{}/", azure.sites.authority);
    if claims["aud"].as_str().is_none_or(|audience| !audience.starts_with(&endpoint)) {
        let text = "Client assertion audience claim does not match the token endpoint.";
        return Err(refuse(401, "invalid_client", 700_023, text));
    }
    let unknown = || {
        let text = "The certificate with identifier used to sign the client assertion is not registered on application.";
        refuse(401, "invalid_client", 700_027, text)
    };
    let logins = azure.logins();
    let named = logins.certificates.iter().find(|der| {
        // Some write the padding of Base64, some do not.
        let same = |name: &str, algorithm| {
            let print = head[name].as_str().and_then(base64::decode);
            print.is_some_and(|print| print == digest(algorithm, der).as_ref())
        };
        same("x5t#S256", &SHA256) || same("x5t", &SHA1_FOR_LEGACY_USE_ONLY)
    });
    let der = CertificateDer::from(named.ok_or_else(unknown)?.as_slice());
    let certificate = webpki::EndEntityCert::try_from(&der).map_err(|_| unknown())?;
    let verified = certificate.verify_signature(algorithm, signed.as_bytes(), signature);
    verified.map_err(|_| {
        refuse(
            401,
            "invalid_client",
            700_027,
            "The key was not used to sign the client assertion: the signature is invalid.",
        )
    })
}
