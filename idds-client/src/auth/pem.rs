//! Reading a PEM file with a certificate and its key.

use std::path::Path;

use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::unusable;
use crate::Error;

/// The certificates and the key of a PEM file.
#[derive(Debug)]
pub(super) struct Pem {
    pub(super) certificates: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
}

impl Pem {
    /// Takes a file apart: text before, line ends of Windows, a byte order mark and indentation do no harm.
    pub(super) fn read(bytes: &[u8], path: &Path) -> Result<Self, Error> {
        let name = path.display();
        if let Some(what) = binary(bytes, path) {
            return Err(unusable(what));
        }
        let text = plain(&String::from_utf8_lossy(bytes));
        if text.is_empty() {
            return Err(unusable(format!("the x509 proxy {name} is empty")));
        }
        let has = |label: &str| {
            text.lines()
                .any(|line| line == format!("-----BEGIN {label}-----"))
        };
        if !text.contains("-----BEGIN ") {
            let what = format!("{name} is not a PEM file: no line begins with -----BEGIN");
            return Err(unusable(what));
        }
        let damaged = |error: PemError| {
            let what = match &error {
                PemError::MissingSectionEnd { .. } => {
                    "is cut off: a part that begins has no line with -----END"
                }
                PemError::Base64Decode(_) => "is damaged: a part of it is not Base64",
                _ => "is damaged",
            };
            // The source is left out: the library lists the bytes of a label.
            unusable(format!("the PEM file {name} {what}"))
        };
        let no_key = |why: &str| unusable(format!("{name} holds no private key{why}"));
        // Before anything is read: the key of old tools, with its headers, is no Base64.
        if has("ENCRYPTED PRIVATE KEY")
            || text
                .lines()
                .any(|line| line.starts_with("Proc-Type:") && line.contains("ENCRYPTED"))
        {
            return Err(unusable(format!(
                "the private key in {name} is encrypted: make a proxy with voms-proxy-init, or a key without a \
                 password with `openssl pkey -in {name} -out key.pem`"
            )));
        }
        let certificates: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(text.as_bytes())
                .collect::<Result<_, _>>()
                .map_err(damaged)?;
        let key = match PrivateKeyDer::from_pem_slice(text.as_bytes()) {
            Ok(key) => key,
            Err(PemError::NoItemsFound) => {
                return Err(match () {
                    () if has("OPENSSH PRIVATE KEY") => no_key(" of a certificate, but one of SSH"),
                    () if has("DSA PRIVATE KEY") => {
                        no_key(" that can be used: DSA is too old for TLS")
                    }
                    () if has("PKCS7") => no_key(": PKCS#7 holds certificates only"),
                    () if has("CERTIFICATE REQUEST") || has("NEW CERTIFICATE REQUEST") => no_key(
                        ", but a request for a certificate: the authority answers it with one",
                    ),
                    () => no_key(
                        ": put it behind the certificate, as with `cat usercert.pem userkey.pem`",
                    ),
                });
            }
            Err(error) => return Err(damaged(error)),
        };
        if certificates.is_empty() {
            let what = format!(
                "{name} holds a private key without its certificate: put that before it, in one file"
            );
            return Err(unusable(what));
        }
        Ok(Self { certificates, key })
    }
}

/// Returns what to do with a file that is not text.
fn binary(bytes: &[u8], path: &Path) -> Option<String> {
    let name = path.display();
    // A SEQUENCE of ASN.1 with its length in one to three bytes of their own.
    let inner = match bytes {
        [0x30, 0x81, _, inner @ ..]
        | [0x30, 0x82, _, _, inner @ ..]
        | [0x30, 0x83, _, _, _, inner @ ..] => inner,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            return Some(format!(
                "{name} is text in UTF-16, not a PEM file: save it as UTF-8"
            ));
        }
        _ => return None,
    };
    // Version 3 is that of PKCS#12.
    if inner.starts_with(&[0x02, 0x01, 0x03]) {
        return Some(format!(
            "{name} is PKCS#12, as browsers export it, not PEM: \
             `openssl pkcs12 -in {name} -nodes -out usercert.pem && chmod 600 usercert.pem` makes PEM of it"
        ));
    }
    let kind = if inner.first() == Some(&0x02) {
        "pkey"
    } else {
        "x509"
    };
    Some(format!(
        "{name} is DER, not PEM: `openssl {kind} -inform DER -in {name}` makes PEM of it"
    ))
}

/// Takes away from a PEM file what editors add: a byte order mark, blanks around lines, and the line ends of Windows.
pub(crate) fn plain(text: &str) -> String {
    let lines = text
        .trim_start_matches('\u{feff}')
        .split(['\n', '\r'])
        .map(str::trim)
        .filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = include_str!("../../tests/pem/user.crt");
    const KEY: &str = include_str!("../../tests/pem/user.key");

    fn read(bytes: impl AsRef<[u8]>) -> Result<Pem, Error> {
        Pem::read(bytes.as_ref(), Path::new("proxy.pem"))
    }

    fn complaint(bytes: impl AsRef<[u8]>) -> String {
        let error = read(bytes).expect_err("refused");
        assert_eq!(error.kind(), crate::ErrorKind::Credential);
        error.to_string()
    }

    #[test]
    fn what_editors_and_tools_add_does_no_harm() {
        let plain = [USER, KEY].concat();
        let indented: String = plain
            .lines()
            .map(|line| format!("    {line}  \n"))
            .collect();
        for text in [
            format!("\u{feff}{plain}"),
            plain.replace('\n', "\r\n"),
            format!(
                "\u{feff}Bag Attributes\r\n    friendlyName: Ada\r\n{}",
                plain.replace('\n', "\r\n")
            ),
            format!("Certificate:\n    Data:\n        Version: 3 (0x2)\n{plain}text after"),
            indented,
        ] {
            assert_eq!(read(&text).expect(&text).certificates.len(), 1);
        }
    }

    #[test]
    fn an_encrypted_key_is_named_with_the_command_that_helps() {
        let expected = "the private key in proxy.pem is encrypted: make a proxy with voms-proxy-init, or a key without \
                        a password with `openssl pkey -in proxy.pem -out key.pem`";
        let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00AA\n\nAAAA\n\
                   -----END RSA PRIVATE KEY-----\n";
        for key in [
            include_str!("../../tests/pem/proxy-encrypted.key"),
            old,
            &old.replace("RSA", "EC"),
            &old.replace('\n', "\r\n"),
        ] {
            assert_eq!(complaint([USER, key].concat()), expected);
            assert_eq!(complaint([key, USER].concat()), expected);
        }
    }

    #[test]
    fn what_is_missing_or_of_another_kind_is_named() {
        for (text, expected) in [
            ("", "the x509 proxy proxy.pem is empty"),
            (" \n", "the x509 proxy proxy.pem is empty"),
            (
                "hello",
                "proxy.pem is not a PEM file: no line begins with -----BEGIN",
            ),
            (
                USER,
                "proxy.pem holds no private key: put it behind the certificate, as with `cat usercert.pem userkey.pem`",
            ),
            (
                KEY,
                "proxy.pem holds a private key without its certificate: put that before it, in one file",
            ),
            (
                &USER[..200],
                "the PEM file proxy.pem is cut off: a part that begins has no line with -----END",
            ),
            (
                &USER.replace("MII", "M-I"),
                "the PEM file proxy.pem is damaged: a part of it is not Base64",
            ),
        ] {
            assert_eq!(complaint(text), expected);
        }
        for (label, expected) in [
            (
                "OPENSSH PRIVATE KEY",
                "proxy.pem holds no private key of a certificate, but one of SSH",
            ),
            (
                "DSA PRIVATE KEY",
                "proxy.pem holds no private key that can be used: DSA is too old for TLS",
            ),
        ] {
            let text = format!("{USER}-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
            assert_eq!(complaint(text), expected);
        }
    }

    #[test]
    fn a_binary_file_is_named_with_the_command_that_makes_pem_of_it() {
        let pkcs12 = complaint([0x30, 0x82, 0x0a, 0x00, 0x02, 0x01, 0x03, 0x30]);
        assert!(
            pkcs12.contains("is PKCS#12") && pkcs12.contains("openssl pkcs12 -in proxy.pem"),
            "{pkcs12}"
        );
        let certificate = CertificateDer::from_pem_slice(USER.as_bytes()).expect("a certificate");
        let expected =
            "proxy.pem is DER, not PEM: `openssl x509 -inform DER -in proxy.pem` makes PEM of it";
        assert_eq!(complaint(&certificate), expected);
        assert!(
            complaint([0x30, 0x82, 0x01, 0x00, 0x02, 0x01, 0x00, 0x30])
                .contains("openssl pkey -inform DER")
        );
        assert!(complaint([0xff, 0xfe, b'-', 0]).contains("UTF-16"));
    }
}
