//! Who trusts whom.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use idds_client::{Client, ClientBuilder, Error, ErrorKind, X509};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, ServerConfig, ServerConnection,
    SignatureScheme, Stream,
};

/// What a server does with the certificate of a client.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Manners {
    Accept,
    Refuse,
}

impl ClientCertVerifier for Manners {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        match self {
            Self::Accept => Ok(ClientCertVerified::assertion()),
            Self::Refuse => Err(CertificateError::Revoked.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

pub(crate) fn pem(name: &str) -> String {
    format!("{}/tests/pem/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn certificate(name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(pem(name)).expect("a certificate")
}

/// Starts a server for one connection, whose certificates have blanks between their names; it ends with the certificates that the client showed.
pub(crate) fn server(
    name: &str,
    key: &str,
    manners: Manners,
) -> (String, JoinHandle<Vec<CertificateDer<'static>>>) {
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS")
        .with_client_cert_verifier(Arc::new(manners))
        .with_single_cert(
            name.split(' ').map(certificate).collect(),
            PrivateKeyDer::from_pem_file(pem(key)).expect("a key"),
        )
        .expect("a key that fits");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let host = format!(
        "https://{}/idds",
        listener.local_addr().expect("an address")
    );
    let thread = thread::spawn(move || {
        let mut connection = ServerConnection::new(Arc::new(config)).expect("a connection");
        let (mut socket, _) = listener.accept().expect("a client");
        let mut stream = Stream::new(&mut connection, &mut socket);
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && stream.read_exact(&mut byte).is_ok() {
            head.push(byte[0]);
        }
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 16\r\nConnection: close\r\n\r\n{\"Status\": \"OK\"}";
        let _ = stream.write_all(answer);
        // Without this, an unread rest of the request would make the kernel throw away what was sent last.
        let _ = socket.shutdown(Shutdown::Write);
        let _ = socket.read_to_end(&mut Vec::new());
        connection
            .peer_certificates()
            .unwrap_or_default()
            .iter()
            .map(|it| it.clone().into_owned())
            .collect()
    });
    (host, thread)
}

/// Starts the settings of a client that trusts only this authority.
fn trusting(authority: &str, host: &str) -> ClientBuilder {
    ClientBuilder::from_lookup(|name| match name {
        "IDDS_HOST" => Some(host.to_owned()),
        "IDDS_AUTH_TYPE" => Some("none".to_owned()),
        "SSL_CERT_FILE" => Some(pem(authority)),
        _ => None,
    })
    .expect("settings")
}

async fn ping(client: Result<Client, Error>) -> Result<(), Error> {
    client.expect("a client").ping().await
}

async fn distrust(certificate: &str, key: &str, authority: &str) -> String {
    let (host, _thread) = server(certificate, key, Manners::Accept);
    let error = ping(trusting(authority, &host).build())
        .await
        .expect_err("distrusted");
    assert_eq!(
        (error.kind(), error.is_retryable()),
        (ErrorKind::Certificate, false)
    );
    error.to_string().replace(&host, "HOST")
}

#[tokio::test]
async fn a_grid_proxy_is_shown_with_its_chain() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let parts = ["proxy.crt", "proxy.key", "user.crt"]
        .map(|name| fs::read_to_string(pem(name)).expect("a part"));
    fs::write(file.path(), parts.concat()).expect("written");

    let (host, thread) = server("server.crt", "server.key", Manners::Accept);
    ping(
        trusting("ca.crt", &host)
            .auth(X509::file(file.path()))
            .build(),
    )
    .await
    .expect("an answer");
    assert_eq!(
        thread.join().expect("certificates"),
        [certificate("proxy.crt"), certificate("user.crt")]
    );
}

#[tokio::test]
async fn an_authority_can_be_added() {
    let (host, thread) = server("server.crt", "server.key", Manners::Accept);
    ping(trusting("rsa.crt", &host).ca_file(pem("ca.crt")).build())
        .await
        .expect("an answer");
    assert_eq!(thread.join().expect("certificates"), []);
}

#[tokio::test]
async fn a_directory_of_grid_authorities_can_be_added() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name);
    fs::copy(pem("ca.crt"), path("0a1b2c3d.0")).expect("copied");
    fs::copy(pem("ca.crt"), path("ca.pem")).expect("copied");
    for (name, text) in [
        ("0a1b2c3d.signing_policy", "access_id_CA"),
        ("0a1b2c3d.r0", "-----"),
        ("broken.pem", "-----BEGIN CERTIFICATE-----\nAA"),
    ] {
        fs::write(path(name), text).expect("written");
    }
    let (host, _thread) = server("server.crt", "server.key", Manners::Accept);
    ping(trusting("rsa.crt", &host).ca_dir(directory.path()).build())
        .await
        .expect("an answer");
}

/// Pings a server whose authority is an intermediate one, with a directory that has these revocation lists.
async fn ping_with_lists(lists: &[&str], is_der: bool) -> Result<(), Error> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name);
    fs::copy(pem("grid/root.crt"), path("0a1b2c3d.0")).expect("copied");
    for (number, list) in lists.iter().enumerate() {
        let list = CertificateRevocationListDer::from_pem_file(pem(list))
            .map(|it| it.to_vec())
            .map_err(|_| list);
        let text = |list: &str| fs::read(pem(list)).unwrap_or_else(|_| list.as_bytes().to_vec());
        let bytes = match list {
            Ok(der) if is_der => der,
            Ok(_) => text(lists[number]),
            Err(list) => text(list),
        };
        fs::write(path(&format!("{number}a1b2c3d.r{number}")), bytes).expect("written");
    }
    let (host, _thread) = server(
        "grid/leaf.crt grid/sub.crt",
        "grid/leaf.key",
        Manners::Accept,
    );
    let client = trusting("rsa.crt", &host).ca_dir(directory.path()).build();
    ping(client).await.map_err(|error| {
        let what = error.to_string().replace(&host, "HOST");
        Error::new(error.kind(), what)
    })
}

#[tokio::test]
async fn revocation_lists_of_a_directory_are_applied() {
    let [root, sub] = ["grid/root.crl", "grid/sub.crl"];
    for lists in [
        &[][..],
        &[root],
        &[sub],
        &[root, sub],
        &["-----BEGIN X509 CRL-----\nAA", sub],
        &["\u{30}nothing", root],
    ] {
        for is_der in [false, true] {
            ping_with_lists(lists, is_der)
                .await
                .unwrap_or_else(|error| panic!("{lists:?}: {error}"));
        }
    }
    let revoked = "ping failed: the certificate of HOST, or of an authority in between, was revoked, as the list in X509_CERT_DIR says";
    for lists in [
        &["grid/sub-revoking.crl"][..],
        &[root, "grid/sub-revoking.crl"],
        &["grid/root-revoking.crl"],
        &["grid/root-revoking.crl", sub],
        &["nothing", "grid/sub-revoking.crl"],
    ] {
        for is_der in [false, true] {
            let error = ping_with_lists(lists, is_der).await.expect_err("revoked");
            assert_eq!(
                (error.kind(), error.to_string().as_str()),
                (ErrorKind::Certificate, revoked),
                "{lists:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_authority_whose_list_is_out_of_date_vouches_for_nobody() {
    let error = ping_with_lists(&["grid/sub-expired.crl"], false)
        .await
        .expect_err("expired");
    assert_eq!(error.kind(), ErrorKind::Certificate);
    let what = "ping failed: whether the certificate of HOST was revoked is not known: the list of its authority is out of date since 2020-02-01";
    assert!(error.to_string().starts_with(what), "{error}");
}

#[tokio::test]
async fn a_certificate_of_an_authority_is_none_of_a_server_and_that_is_said() {
    for authority in ["self-authority.crt", "ca.crt"] {
        let message = distrust("self-authority.crt", "self.key", authority).await;
        let what = "ping failed: the certificate of HOST is that of an authority, as `openssl req -x509` makes it, and not one of a server; \
                    make one with -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=IP:127.0.0.1, and name its file in SSL_CERT_FILE";
        assert_eq!(message, what);
    }
    let (host, _thread) = server("self-server.crt", "self.key", Manners::Accept);
    ping(trusting("self-server.crt", &host).build())
        .await
        .expect("an answer");
}

#[tokio::test]
async fn a_server_that_cannot_be_trusted_is_talked_to_when_told_so() {
    for (certificate, key) in [
        ("server-expired.crt", "server.key"),
        ("user.crt", "user.key"),
    ] {
        let (host, _thread) = server(certificate, key, Manners::Accept);
        ping(
            trusting("rsa.crt", &host)
                .danger_accept_invalid_certs(true)
                .build(),
        )
        .await
        .expect("an answer");
    }
}

#[tokio::test]
async fn a_renewed_proxy_is_shown_on_new_connections() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let write = |names: &[&str]| {
        let parts: Vec<String> = names
            .iter()
            .map(|name| fs::read_to_string(pem(name)).expect("a part"))
            .collect();
        fs::write(file.path(), parts.concat()).expect("written");
    };
    write(&["proxy.crt", "proxy.key", "user.crt"]);
    let (host, thread) = server("server.crt", "server.key", Manners::Accept);
    let client = trusting("ca.crt", &host)
        .auth(X509::file(file.path()))
        .build()
        .expect("a client");
    write(&["user.crt", "user.key"]);
    client.ping().await.expect("an answer");
    assert_eq!(
        thread.join().expect("certificates"),
        [certificate("user.crt")]
    );
}

#[tokio::test]
async fn a_server_of_an_unknown_authority_is_not_trusted() {
    assert_eq!(
        distrust("server.crt", "server.key", "rsa.crt").await,
        "ping failed: the certificate of HOST is signed by an authority that is not trusted; \
         name the file of its CA in SSL_CERT_FILE or with ca_file"
    );
}

#[tokio::test]
async fn a_server_whose_certificate_expired_is_not_trusted() {
    let message = distrust("server-expired.crt", "server.key", "ca.crt").await;
    let start = "ping failed: the certificate of HOST expired at 20";
    assert!(
        message.starts_with(start) && message.contains(" UTC, and this machine's clock says 20"),
        "{message}"
    );
}

#[tokio::test]
async fn a_server_with_the_certificate_of_another_is_not_trusted() {
    let message = distrust("user.crt", "user.key", "ca.crt").await;
    assert_eq!(
        message,
        "ping failed: the certificate of HOST is not one for 127.0.0.1"
    );
}

#[tokio::test]
async fn a_refused_certificate_is_the_fault_of_the_certificate() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let parts = ["user.crt", "user.key"].map(|name| fs::read_to_string(pem(name)).expect("a part"));
    fs::write(file.path(), parts.concat()).expect("written");

    let (host, _thread) = server("server.crt", "server.key", Manners::Refuse);
    let error = ping(
        trusting("ca.crt", &host)
            .auth(X509::file(file.path()))
            .build(),
    )
    .await
    .expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Credential);
    assert_eq!(
        error.to_string(),
        format!("ping failed: {host} refused the certificate of this client")
    );
}

#[tokio::test]
async fn a_server_that_does_not_encrypt_is_found_out() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let host = format!(
        "https://{}/idds",
        listener.local_addr().expect("an address")
    );
    let _thread = thread::spawn(move || {
        let (mut socket, _) = listener.accept().expect("a client");
        let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        let _ = socket.shutdown(Shutdown::Write);
        let _ = socket.read_to_end(&mut Vec::new());
    });
    let error = ping(trusting("ca.crt", &host).build())
        .await
        .expect_err("plain text");
    let other = host.replace("https", "http");
    let what = format!(
        "ping failed: {host} does not speak https; if it speaks http, set the host to {other}"
    );
    assert_eq!(error.to_string(), what);
    assert!(!error.is_retryable());
}

#[test]
fn an_unreadable_authority_is_named() {
    let error = Client::builder("https://localhost")
        .ca_file("/nowhere/ca.pem")
        .build()
        .expect_err("missing");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(
        error.to_string(),
        "the CA file /nowhere/ca.pem cannot be read"
    );
    let error = Client::builder("https://localhost")
        .ca_file(pem("user.key"))
        .build()
        .expect_err("a key");
    assert_eq!(
        error.to_string(),
        format!("the CA file {} holds no certificate", pem("user.key"))
    );
}

#[test]
fn a_certificate_needs_an_encrypted_connection() {
    let client = |host: &str| Client::builder(host).auth(X509::file("/dev/null")).build();
    let error = client("http://idds.example/idds").expect_err("refused");
    assert_eq!(
        error.to_string(),
        "a certificate cannot be shown to http://idds.example/idds, which is not https"
    );
    // The embedded server asks nobody, and the Python client wants a file to be named for it.
    assert!(client("http://127.0.0.1:8080/idds").is_ok());
}
