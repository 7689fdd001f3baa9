//! The address where a person signs in.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use serde::Deserialize;

use super::{Authentication, prepared, succeeded};
use crate::endpoint::decode;
use crate::route;
use crate::{Call, Error, Secret};

/// The address and code with which a person signs in, and until when.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeviceAuthorization {
    /// The address to open in a browser, on any machine.
    pub verification_uri: String,
    /// The same with the code in it, so that it need not be typed; not every provider has one.
    pub verification_uri_complete: Option<String>,
    /// The code to type there, or to compare with what is shown there.
    pub user_code: String,
    /// What [`token`](super::Authentication::token) asks with.
    pub device_code: Secret,
    /// How long the codes are valid.
    pub expires_in: Duration,
    /// Time to wait between two polls; 5 s when the provider does not say.
    pub interval: Duration,
}

impl Authentication {
    /// Gets the address where a person signs in: the start of the device flow (RFC 8628).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the server does not know the VO; 2.6.21 says so as
    /// `'bool' object is not subscriptable`.
    pub fn sign_in_url(&self, vo: impl Into<String>) -> Call<DeviceAuthorization> {
        let vo = vo.into();
        let asked = vo.clone();
        Call::plain(
            &self.client,
            &route::SIGN_IN_URL,
            |draft| {
                let request = draft.text("vo", "VO", &asked)?.bare()?;
                prepared(&self.client, &asked, request)
            },
            move |response| answer(response, &vo),
        )
    }
}

fn answer(response: &Response<Bytes>, vo: &str) -> Result<DeviceAuthorization, Error> {
    #[derive(Deserialize)]
    struct Wire {
        verification_uri: String,
        verification_uri_complete: Option<String>,
        user_code: String,
        device_code: String,
        #[serde(default = "a_minute")]
        expires_in: f64,
        interval: Option<f64>,
    }

    /// What the Python client assumes.
    fn a_minute() -> f64 {
        60.0
    }

    if let Err(error) = succeeded(response, &Secret::new("")) {
        // A VO that is not in its file makes the server fail.
        let is_unknown = error.message.contains("not subscriptable");
        let error = Error::from(error);
        return Err(if is_unknown {
            error.hint(&format!("as it knows no VO {vo:?}"))
        } else {
            error
        });
    }
    let wire: Wire = decode(response)?;
    let seconds = |number: f64| {
        Duration::try_from_secs_f64(number)
            .unwrap_or_default()
            .min(Duration::from_secs(86_400))
    };
    Ok(DeviceAuthorization {
        verification_uri: wire.verification_uri,
        verification_uri_complete: wire.verification_uri_complete,
        user_code: wire.user_code,
        device_code: Secret::new(wire.device_code),
        expires_in: seconds(wire.expires_in),
        interval: wire
            .interval
            .map_or(Duration::from_secs(5), seconds)
            .max(Duration::from_secs(1)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::transport::recorded::{client, read, replay};

    #[test]
    fn the_server_says_where_to_sign_in() {
        let answer = replay(&client().auth().sign_in_url("test"), "auth_url").expect("an address");
        assert_eq!(answer.user_code, "VWCG-NTND");
        assert_eq!(
            answer.verification_uri_complete.as_deref(),
            Some("@OIDC@/device?user_code=VWCG-NTND")
        );
        assert_eq!(
            (answer.expires_in, answer.interval),
            (Duration::from_secs(600), Duration::from_secs(5))
        );
        assert!(!format!("{answer:?}").contains(answer.device_code.expose()));
    }

    #[test]
    fn an_unknown_vo_is_refused() {
        let error = replay(
            &client().auth().sign_in_url("nobody"),
            "auth_url_unknown_vo",
        )
        .expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert!(
            error
                .to_string()
                .ends_with(", as it knows no VO \"nobody\""),
            "{error}"
        );
        assert!(client().auth().sign_in_url("a/b").request().is_err());
    }

    #[test]
    fn strange_times_of_a_provider_are_bounded() {
        let answer = read(
            &client().auth().sign_in_url("test"),
            r#"{"device_code": "d", "user_code": "u", "verification_uri": "v", "expires_in": 1e300, "interval": -3}"#,
        );
        let answer = answer.expect("an answer");
        assert_eq!(
            (answer.expires_in, answer.interval),
            (Duration::ZERO, Duration::from_secs(1))
        );
    }
}
