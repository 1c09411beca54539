//! TLS and the way to the server: each failure says which it is.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lanyard_engine::sources::SourceError;
use lanyard_engine::sources::scim::{Paging, ScimClient};
use lanyard_tests::hostile::{self, Asked, Behaviour, list as list_of, ok, user};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::{client, config, list};

/// A company's own authority.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "Halcyon Freight CA");
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// A TLS server with a certificate for `name`, changed by `change`. Gives its base URL under `localhost`.
    async fn serve(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> String {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.0).unwrap();
        serve_tls(vec![certificate.der().clone()], &key).await
    }
}

async fn serve_tls(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> String {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let behaviour: Behaviour = Arc::new(|_: &Asked| ok(list_of("2", &[user(1), user(2)])));
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, behaviour) = (acceptor.clone(), Arc::clone(&behaviour));
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    hostile::converse(stream, String::new(), &behaviour, &Mutex::default()).await;
                }
            });
        }
    });
    format!("https://localhost:{port}/scim/v2")
}

fn with_ca(base: &str, pem: String) -> ScimClient {
    let mut config = config(base);
    config.ca_pem = Some(pem);
    ScimClient::new(config).unwrap()
}

async fn fails(client: &ScimClient, code: &str) -> SourceError {
    let started = Instant::now();
    let error = list(client, Paging::Index).await.end.unwrap_err();
    assert_eq!(error.code(), code, "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(10), "{code} took {:?}", started.elapsed());
    let fault = error.fault();
    assert!(!fault.means.is_empty() && !fault.next.is_empty(), "{fault:?}");
    error
}

#[tokio::test]
async fn a_company_s_own_authority_is_trusted_once_it_is_given() {
    let authority = Authority::new();
    let base = authority.serve("localhost", |_| {}).await;
    let listed = list(&with_ca(&base, authority.pem()), Paging::Index).await;
    assert_eq!(listed.verdict(), "complete 2", "{:?}", listed.end);
    let error = fails(&client(&base), "tls.unknownCa").await;
    assert!(error.fault().next.contains("CA file"), "{:?}", error.fault());
    fails(&with_ca(&base, Authority::new().pem()), "tls.unknownCa").await;
}

#[tokio::test]
async fn an_expired_certificate_says_when_it_ended() {
    let authority = Authority::new();
    let base = authority
        .serve("localhost", |params| {
            params.not_before = date_time_ymd(2025, 1, 1);
            params.not_after = date_time_ymd(2026, 5, 3);
        })
        .await;
    let error = fails(&with_ca(&base, authority.pem()), "tls.expired").await;
    assert!(error.to_string().contains("ended on 3 May 2026"), "{error}");
    assert!(error.fault().next.contains("renew"), "{:?}", error.fault());
}

#[tokio::test]
async fn a_certificate_of_tomorrow_is_not_valid_yet() {
    let authority = Authority::new();
    let base = authority
        .serve("localhost", |params| {
            params.not_before = date_time_ymd(2199, 1, 1);
            params.not_after = date_time_ymd(2200, 1, 1);
        })
        .await;
    fails(&with_ca(&base, authority.pem()), "tls.notYetValid").await;
}

#[tokio::test]
async fn a_certificate_for_another_name_says_for_which() {
    let authority = Authority::new();
    let base = authority.serve("idp.halcyon.example", |_| {}).await;
    let error = fails(&with_ca(&base, authority.pem()), "tls.wrongHost").await;
    assert!(error.to_string().contains(": idp.halcyon.example"), "{error}");
}

#[tokio::test]
async fn a_certificate_that_vouches_for_itself_is_not_trusted() {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap();
    let base = serve_tls(vec![certificate.der().clone()], &key).await;
    fails(&client(&base), "tls.unknownCa").await;
}

#[tokio::test]
async fn plain_http_behind_an_https_address_and_the_other_way_round() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plain = format!("https://{}/scim/v2", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
        }
    });
    fails(&client(&plain), "tls.failed").await;
    let tls = Authority::new().serve("localhost", |_| {}).await;
    let error = list(&client(&tls.replace("https://", "http://")), Paging::Index)
        .await
        .end
        .unwrap_err();
    assert!(matches!(error.code(), "http.broken" | "net.lost"), "{error:?}");
}

#[tokio::test]
async fn a_port_where_nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/scim/v2", listener.local_addr().unwrap());
    drop(listener);
    let error = fails(&client(&base), "net.refused").await;
    assert!(error.to_string().contains("127.0.0.1:"), "{error}");
}

#[tokio::test]
async fn a_name_that_does_not_resolve() {
    let error = fails(&client("https://no-such-host.invalid/scim/v2"), "net.dns").await;
    assert!(error.to_string().contains("no-such-host.invalid"), "{error}");
}

#[tokio::test]
async fn addresses_that_cannot_be_a_base_are_told_before_anything_is_sent() {
    for base in [
        "ftp://idp.example/scim",
        "https://user:secret-word@idp.example/scim",
        "https://idp.example/scim#users",
        "mailto:it@example",
    ] {
        let Err(error) = ScimClient::new(config(base)) else {
            panic!("{base} was taken")
        };
        assert_eq!(error.code(), "source.setting", "{base}");
        assert!(!format!("{error:?} {:?}", error.fault()).contains("secret-word"), "{base}");
    }
    let mut broken = config("https://idp.example/scim");
    broken.ca_pem = Some("not a certificate".into());
    assert_eq!(ScimClient::new(broken).err().map(|error| error.code()), Some("source.setting"));
}
