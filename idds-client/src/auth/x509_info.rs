//! Owner and validity of a certificate.

use jiff::{SignedDuration, Timestamp};
use x509_parser::prelude::{AttributeTypeAndValue, X509Certificate, X509Name};

use super::validity::Validity;

/// What is in a certificate file, safe to show.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct X509Info {
    /// The subject of the certificate whose key is in the file, as grid tools write it: `/DC=ch/DC=cern/CN=Ada/CN=1234`.
    pub subject: String,
    /// The subject of the user's own certificate, which proxies stand for; the same as `subject` when there is no proxy.
    pub identity: String,
    /// Who signed the user's own certificate, or the last proxy when it is not in the file.
    pub issuer: String,
    /// Whether it is a proxy, of RFC 3820 or older.
    pub is_proxy: bool,
    /// From when on all certificates in the chain are valid.
    pub not_before: Timestamp,
    /// Until when all certificates in the chain are valid.
    pub expires_at: Timestamp,
}

impl X509Info {
    /// Describes a chain, that of the key first; none when it is empty or its dates are out of any calendar.
    pub(super) fn of_chain<'a, 'b: 'a>(
        chain: impl Iterator<Item = &'a X509Certificate<'b>> + Clone,
    ) -> Option<Self> {
        let leaf = chain.clone().next()?;
        let own = chain
            .clone()
            .find(|it| !is_proxy(it))
            .or_else(|| chain.clone().last())?;
        let validity = chain.map(validity).fold(Validity::default(), Validity::and);
        Some(Self {
            subject: name(leaf.subject()),
            identity: name(own.subject()),
            issuer: name(own.issuer()),
            is_proxy: is_proxy(leaf),
            not_before: validity.not_before?,
            expires_at: validity.not_after?,
        })
    }

    /// Returns how long it is still valid; negative once it has expired.
    pub fn remaining(&self, now: Timestamp) -> SignedDuration {
        self.expires_at.duration_since(now)
    }

    pub(super) fn validity(&self) -> Validity {
        Validity {
            not_before: Some(self.not_before),
            not_after: Some(self.expires_at),
        }
    }
}

fn validity(certificate: &X509Certificate<'_>) -> Validity {
    let moment = |seconds| Timestamp::from_second(seconds).ok();
    let validity = certificate.validity();
    Validity {
        not_before: moment(validity.not_before.timestamp()),
        not_after: moment(validity.not_after.timestamp()),
    }
}

/// The extension `proxyCertInfo`, of RFC 3820 and of the draft before it.
const PROXY_CERT_INFO: [&str; 2] = ["1.3.6.1.5.5.7.1.14", "1.3.6.1.4.1.3536.1.222"];

fn is_proxy(certificate: &X509Certificate<'_>) -> bool {
    let has_extension = certificate
        .extensions()
        .iter()
        .any(|it| PROXY_CERT_INFO.contains(&it.oid.to_id_string().as_str()));
    let last = certificate
        .subject()
        .iter_common_name()
        .last()
        .and_then(|name| name.as_str().ok());
    has_extension || matches!(last, Some("proxy" | "limited proxy"))
}

/// Writes a name as grid tools do, the country first.
fn name(name: &X509Name<'_>) -> String {
    name.iter_attributes()
        .map(|it| format!("/{}={}", kind(it), it.as_str().unwrap_or("?")))
        .collect()
}

fn kind(attribute: &AttributeTypeAndValue<'_>) -> String {
    let oid = attribute.attr_type().to_id_string();
    let short = match oid.as_str() {
        "0.9.2342.19200300.100.1.25" => "DC",
        "0.9.2342.19200300.100.1.1" => "UID",
        "1.2.840.113549.1.9.1" => "emailAddress",
        "2.5.4.3" => "CN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        _ => return oid,
    };
    short.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::X509;

    const PROXY: [&str; 3] = [
        include_str!("../../tests/pem/proxy.crt"),
        include_str!("../../tests/pem/proxy.key"),
        include_str!("../../tests/pem/user.crt"),
    ];

    fn info(parts: &[&str]) -> X509Info {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), parts.concat()).expect("written");
        X509::file(file.path()).info().expect("a certificate")
    }

    #[test]
    fn a_proxy_says_for_whom_it_stands() {
        let info = info(&PROXY);
        assert!(info.is_proxy);
        assert!(
            info.subject.starts_with(&format!("{}/CN=", info.identity)),
            "{info:?}"
        );
        assert!(
            info.identity.starts_with('/') && info.issuer.starts_with('/'),
            "{info:?}"
        );
        assert!(
            info.remaining(info.expires_at + SignedDuration::from_secs(1))
                .is_negative()
        );
    }

    #[test]
    fn a_plain_certificate_stands_for_itself() {
        let info = info(&[
            include_str!("../../tests/pem/rsa.crt"),
            include_str!("../../tests/pem/rsa.key"),
        ]);
        assert_eq!((info.is_proxy, &info.subject), (false, &info.identity));
    }
}
