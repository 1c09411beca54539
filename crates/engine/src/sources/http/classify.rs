//! What went wrong on the wire, told apart by looking through an error's causes.

use std::error::Error as StdError;
use std::io;

use rustls::{CertificateError, Error as TlsError};

use crate::sources::{Exchange, SourceError};

/// What the search through the causes found.
#[derive(Default)]
struct Causes<'e> {
    tls: Option<&'e TlsError>,
    io: Option<&'e io::Error>,
    hyper: Option<&'e hyper::Error>,
}

impl<'e> Causes<'e> {
    fn of(error: &'e (dyn StdError + 'static)) -> Self {
        let mut causes = Self::default();
        causes.look(error, 0);
        causes
    }

    fn look(&mut self, error: &'e (dyn StdError + 'static), depth: u8) {
        // Causes are a handful; the bound keeps a strange chain from costing anything.
        if depth > 16 {
            return;
        }
        if let Some(tls) = error.downcast_ref::<TlsError>() {
            self.tls = Some(tls);
        } else if let Some(hyper) = error.downcast_ref::<hyper::Error>() {
            self.hyper = Some(hyper);
        } else if let Some(io) = error.downcast_ref::<io::Error>() {
            self.io = Some(io);
            // An io::Error passes over what it wraps when it is asked for its cause.
            if let Some(inner) = io.get_ref() {
                self.look(inner, depth + 1);
                return;
            }
        }
        if let Some(cause) = error.source() {
            self.look(cause, depth + 1);
        }
    }
}

/// The innermost cause in words.
pub(super) fn deepest(error: &(dyn StdError + 'static)) -> String {
    let mut last = error;
    for _ in 0..16 {
        match last.source() {
            Some(cause) => last = cause,
            None => break,
        }
    }
    last.to_string()
}

/// Why a request got no answer.
pub(super) fn no_answer(error: &reqwest::Error, at: &Exchange, connect_ms: u64) -> SourceError {
    let at = Box::new(at.clone());
    let causes = Causes::of(error);
    if let Some(tls) = causes.tls {
        return tls_fault(tls, at);
    }
    if error.is_dns() {
        return SourceError::Dns { at };
    }
    let kind = causes.io.map(io::Error::kind);
    if error.is_connect() {
        return match kind {
            _ if error.is_timeout() => SourceError::Timeout {
                at,
                what: "accept the connection",
                after_ms: connect_ms,
            },
            Some(io::ErrorKind::ConnectionRefused) => SourceError::Refused { at },
            Some(
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::UnexpectedEof
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::ConnectionAborted,
            ) => SourceError::Lost {
                at,
                why: "it was closed while it was being made".into(),
            },
            _ => SourceError::Unreachable { at, why: deepest(error) },
        };
    }
    if let Some(hyper) = causes.hyper {
        if hyper.is_parse() {
            return SourceError::NotHttp {
                at,
                why: hyper.to_string(),
            };
        }
        if hyper.is_incomplete_message() {
            return SourceError::Lost {
                at,
                why: "it was closed before an answer came".into(),
            };
        }
    }
    SourceError::Lost { at, why: deepest(error) }
}

/// Why an answer's body ended before its end.
pub(super) fn broken_off(error: &reqwest::Error, at: &Exchange, length: usize) -> SourceError {
    let at = Box::new(at.clone());
    let causes = Causes::of(error);
    if let Some(tls) = causes.tls {
        return SourceError::Lost { at, why: tls.to_string() };
    }
    match causes.io.map(io::Error::kind) {
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other) if !error_is_lost(&causes) => {
            SourceError::NotHttp {
                at,
                why: format!("the coding of its answer is broken after {length} bytes ({})", deepest(error)),
            }
        }
        _ => SourceError::Lost {
            at,
            why: format!("the answer ended after {length} bytes, before its end"),
        },
    }
}

fn error_is_lost(causes: &Causes<'_>) -> bool {
    causes
        .hyper
        .is_some_and(|hyper| hyper.is_incomplete_message() || hyper.is_closed() || hyper.is_canceled())
}

fn tls_fault(error: &TlsError, at: Box<Exchange>) -> SourceError {
    match error {
        TlsError::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired => SourceError::TlsExpired { at, not_after: None },
            CertificateError::ExpiredContext { not_after, .. } => SourceError::TlsExpired {
                at,
                not_after: Some(not_after.as_secs()),
            },
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => SourceError::TlsNotYet { at },
            // A bad signature is that of an authority with a trusted one's name and another key.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => SourceError::TlsUnknownCa { at },
            CertificateError::NotValidForName => SourceError::TlsWrongHost { at, names: Vec::new() },
            CertificateError::NotValidForNameContext { presented, .. } => SourceError::TlsWrongHost {
                at,
                names: presented.iter().map(|name| plain_name(name)).collect(),
            },
            // A certificate that vouches for itself.
            CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => SourceError::TlsUnknownCa { at },
            other => SourceError::Tls {
                at,
                why: format!("its certificate is not accepted ({other})"),
            },
        },
        TlsError::InvalidMessage(_) => SourceError::Tls {
            at,
            why: "it speaks plain text where TLS should be".into(),
        },
        TlsError::AlertReceived(alert) => SourceError::Tls {
            at,
            why: format!("it breaks the handshake off ({alert:?})"),
        },
        TlsError::PeerIncompatible(why) => SourceError::Tls {
            at,
            why: format!("no common version or cipher ({why:?})"),
        },
        other => SourceError::Tls {
            at,
            why: other.to_string(),
        },
    }
}

/// `DnsName("idp.example")` as a person writes it.
fn plain_name(presented: &str) -> String {
    match presented.split('"').collect::<Vec<_>>().as_slice() {
        [_, name, _] => (*name).to_owned(),
        _ => presented.to_owned(),
    }
}
