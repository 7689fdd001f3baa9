//! Polling for the tokens of a person who signs in.

use bytes::Bytes;
use http::Response;

use super::{Authentication, prepared, provider_code, succeeded, tokens};
use crate::endpoint::{Confided, SecretPath, secret_segment};
use crate::route;
use crate::{Call, Error, ErrorKind, Secret, Tokens};

/// The state of a sign-in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SignIn {
    /// The person has signed in.
    Done(Tokens),
    /// The person has not signed in yet.
    Pending,
    /// As [`Pending`](Self::Pending), and the provider wants to be asked less often.
    SlowDown,
    /// The person refused.
    Denied,
    /// The person has not signed in in time.
    Expired,
}

impl Authentication {
    /// Checks once whether the person has signed in, and gets their tokens.
    ///
    /// A device code gives tokens once. A provider may revoke them when it is asked again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] for a device code the provider does not know, or has given tokens for.
    pub fn token(&self, vo: impl Into<String>, device_code: impl Into<Secret>) -> Call<SignIn> {
        let (vo, code) = (vo.into(), device_code.into());
        let sent = code.clone();
        Call::plain(
            &self.client,
            &route::DEVICE_TOKEN,
            |draft| {
                let segment = secret_segment("device code", &sent)?;
                // The server wants an interval and a lifetime, and looks at neither.
                let draft = draft.set("interval", 5).set("expires_in", 60);
                let draft = draft.text("vo", "VO", &vo)?;
                let shown = draft.clone().set("device_code", "[redacted]").path();
                let mut request = draft.set("device_code", segment.expose()).bare()?;
                request.extensions_mut().insert(SecretPath { shown });
                request.extensions_mut().insert(Confided(sent));
                prepared(&self.client, &vo, request)
            },
            move |response| answer(response, &code),
        )
    }
}

fn answer(response: &Response<Bytes>, code: &Secret) -> Result<SignIn, Error> {
    let Err(refusal) = succeeded(response, code) else {
        return tokens(response, code).map(SignIn::Done);
    };
    match (provider_code(&refusal), refusal.class.as_deref()) {
        (Some("slow_down"), _) => Ok(SignIn::SlowDown),
        (Some("access_denied"), _) => Ok(SignIn::Denied),
        (Some("expired_token"), _) => Ok(SignIn::Expired),
        (Some("authorization_pending"), _) | (_, Some("AuthenticationPending")) => {
            Ok(SignIn::Pending)
        }
        (Some("invalid_grant"), _) => {
            let what = "the provider does not know this sign-in, or has given its tokens already; sign in again";
            Err(Error::new(ErrorKind::Credential, what).caused_by(Error::from(refusal)))
        }
        _ => Err(refusal.into()),
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::transport::recorded::{client, client_of, replay};
    use crate::{BoxFuture, Transport};

    const CODE: &str = "Q-IdQmRFjt9-Hai_Kvj2XzWB_sFW5AjOwwvO1t2meRq";

    fn ask(code: &str, name: &str) -> Result<SignIn, Error> {
        replay(&client().auth().token("test", code), name)
    }

    #[test]
    fn a_sign_in_is_pending_then_done_and_then_over() {
        assert!(matches!(
            ask(CODE, "auth_token_pending"),
            Ok(SignIn::Pending)
        ));
        let Ok(SignIn::Done(tokens)) = ask(CODE, "auth_token") else {
            panic!("tokens")
        };
        assert_eq!(
            tokens.info().expect("claims").name.as_deref(),
            Some("idds-test")
        );
        for (code, name) in [(CODE, "auth_token_used"), ("nothing", "auth_token_unknown")] {
            assert_eq!(
                ask(code, name).expect_err("no tokens").kind(),
                ErrorKind::Credential
            );
        }
    }

    #[test]
    fn a_device_code_is_not_asked_with_again_after_a_lost_answer() {
        let call = client().auth().token("test", CODE);
        let request = call.request().expect("a request");
        assert!(!call.route().is_repeatable(request.method()));
    }

    #[test]
    fn a_person_may_refuse() {
        let answer = ask(
            "F9E5RJtUGTJRMugGjNp_xZZwLSodNIKFps_y-5Z0fRW",
            "auth_token_denied",
        );
        assert!(matches!(answer, Ok(SignIn::Denied)));
    }

    #[test]
    fn each_word_of_the_provider_is_understood() {
        let answer = |word: &str| {
            let message = format!("Failed to get oidc token: {{'error': '{word}'}}");
            let response = Response::builder()
                .status(500)
                .header("ExceptionMessage", message)
                .body(Bytes::new());
            client()
                .auth()
                .token("test", "code")
                .answer(&response.expect("a response"))
        };
        assert!(matches!(answer("slow_down"), Ok(SignIn::SlowDown)));
        assert!(matches!(answer("expired_token"), Ok(SignIn::Expired)));
        assert_eq!(
            answer("unauthorized_client").expect_err("refused").kind(),
            ErrorKind::Refused
        );
    }

    #[test]
    fn a_wrapped_answer_says_the_same() {
        let wrapped = |data: &str, class: &str, message: &str, status: u16| {
            let error = serde_json::json!({"ExceptionClass": class, "ExceptionMessage": message});
            let body = format!(r#"{{"data": {data}, "error": {error}, "status": {status}}}"#);
            client()
                .auth()
                .token("test", CODE)
                .answer(&Response::new(Bytes::from(body)))
        };
        assert!(matches!(
            wrapped("null", "AuthenticationPending", "wait", 500),
            Ok(SignIn::Pending)
        ));
        let error = wrapped(
            "null",
            "IDDSException",
            &format!("{CODE}: {{'error': 'invalid_grant'}}"),
            500,
        );
        let error = error.expect_err("spent");
        assert_eq!(error.kind(), ErrorKind::Credential);
        assert!(!format!("{error:?}").contains(CODE), "{error:?}");
        assert!(matches!(
            wrapped(r#"{"id_token": "a.b.c"}"#, "", "", 0),
            Ok(SignIn::Done(_))
        ));
    }

    /// A transport that breaks off after it has seen everything.
    struct Broken;

    impl Transport for Broken {
        fn send(&self, _: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Error>> {
            Box::pin(std::future::ready(Err(Error::new(
                ErrorKind::Interrupted,
                "broken",
            ))))
        }
    }

    #[tokio::test]
    async fn a_lost_answer_tells_the_path_without_the_device_code() {
        let error = client_of(Broken)
            .auth()
            .token("test", CODE)
            .await
            .expect_err("lost");
        assert_eq!(
            error.request().map(|(_, path)| path),
            Some("/auth/token/test/[redacted]/5/60")
        );
        assert!(!format!("{error:?} {error}").contains(CODE), "{error:?}");
    }

    #[test]
    fn a_device_code_shows_nowhere() {
        let call = client().auth().token("test", CODE);
        let page = format!("<title>no route /idds/auth/token/test/{CODE}/5/60</title>");
        let response = Response::builder()
            .status(404)
            .body(Bytes::from(page))
            .expect("a response");
        let error = call.answer(&response).expect_err("not found");
        let wrong = client()
            .auth()
            .token("test", "../c0de")
            .request()
            .expect_err("another route");
        let shown = format!("{call:?} {error:?} {error} {wrong:?} {wrong}");
        assert!(!shown.contains(CODE) && !shown.contains("c0de"), "{shown}");
        assert!(shown.contains("no route"), "{shown}");
    }
}
