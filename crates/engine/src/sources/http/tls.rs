//! TLS: rustls with ring, the system's own trust, and a company's authority beside it.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use crate::sources::SourceError;

/// The TLS settings of a client. The system's verifier decides (so an authority that a company installed counts), and the
/// certificates of `ca_pem` count as well.
pub(super) fn config(ca_pem: Option<&str>) -> Result<ClientConfig, SourceError> {
    let extra = ca_pem.map(certificates).transpose()?.unwrap_or_default();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(&error))?;
    let verifier = if extra.is_empty() {
        Verifier::new(provider)
    } else {
        Verifier::new_with_extra_roots(extra.clone(), provider)
    };
    let mut config = match verifier {
        Ok(verifier) => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth(),
        // A machine without any trusted authority (a bare container): only the company's own counts, and a server over plain HTTP
        // can be used all the same.
        Err(_) => {
            let mut roots = RootCertStore::empty();
            for certificate in extra {
                roots.add(certificate).map_err(|error| unusable(&error))?;
            }
            builder.with_root_certificates(roots).with_no_client_auth()
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The certificates of a PEM text; at least one.
fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, SourceError> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|error| unusable(&error))?;
    if found.is_empty() {
        return Err(unusable(&"there is no certificate in it"));
    }
    let mut roots = RootCertStore::empty();
    for certificate in &found {
        roots.add(certificate.clone()).map_err(|error| unusable(&error))?;
    }
    Ok(found)
}

fn unusable(why: &dyn std::fmt::Display) -> SourceError {
    SourceError::Setting {
        field: "CA file",
        problem: format!("the certificate cannot be read: {why}"),
        next: "Give the authority's certificate in PEM: a text that begins with -----BEGIN CERTIFICATE-----.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_certificate_is_refused() {
        for pem in [
            "",
            "hello",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\n%%%",
        ] {
            assert_eq!(config(Some(pem)).unwrap_err().code(), "source.setting", "{pem}");
        }
        assert!(config(None).is_ok());
    }
}
