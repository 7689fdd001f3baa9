//! The device flow on tokio, and at a terminal.

use std::io::{self, Write};
use std::time::Duration;

use idds_workflow::printable_within;
use tokio::time::{Instant, sleep};
use tracing::warn;

use super::{Authentication, DeviceAuthorization, SignIn};
use crate::auth::{DeviceFlow, DeviceStep};
use crate::{Error, ErrorKind, Tokens};

impl Authentication {
    /// Waits until the person has signed in; polls as often as the provider allows.
    ///
    /// Needs a tokio runtime with its clock. A server that does not answer is asked again.
    ///
    /// ```no_run
    /// use idds_client::{Client, TokenFile};
    ///
    /// # async fn sign_in() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = Client::builder("https://iddsserver.cern.ch:443/idds").build()?;
    /// let authorization = client.auth().sign_in_url("atlas").await?;
    /// println!("sign in at {} with the code {}", authorization.verification_uri, authorization.user_code);
    /// let tokens = client.auth().wait_for_sign_in("atlas", &authorization).await?;
    /// TokenFile::new("/home/me/.idds/.token").save(&tokens)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] when the person refuses or does not come in time, and what else the server says.
    pub async fn wait_for_sign_in(
        &self,
        vo: &str,
        authorization: &DeviceAuthorization,
    ) -> Result<Tokens, Error> {
        let mut flow = DeviceFlow::from(authorization);
        let start = Instant::now();
        loop {
            let answer: Result<SignIn, Error> =
                self.token(vo, authorization.device_code.clone()).await;
            let step = match answer {
                Ok(answer) => flow.answered(start.elapsed(), answer),
                Err(error) if is_silence(error.kind()) => {
                    warn!(%error, "the server is asked again whether somebody has signed in");
                    flow.unanswered(start.elapsed())
                }
                Err(error) => return Err(error),
            };
            match step {
                DeviceStep::AskAfter(wait) => sleep(wait).await,
                DeviceStep::SignedIn(tokens) => return Ok(tokens),
                DeviceStep::Denied => {
                    return Err(Error::new(ErrorKind::Credential, "the sign-in was refused"));
                }
                DeviceStep::Expired => {
                    let what =
                        format!("nobody signed in within {}", span(authorization.expires_in));
                    return Err(Error::new(ErrorKind::Credential, what));
                }
            }
        }
    }

    /// Signs in a person at a terminal: prints where to go, waits, and reports the result.
    ///
    /// ```no_run
    /// use idds_client::{Client, TokenFile};
    ///
    /// # async fn sign_in() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = Client::builder("https://iddsserver.cern.ch:443/idds").build()?;
    /// let tokens = client.auth().sign_in("atlas", &mut std::io::stderr()).await?;
    /// TokenFile::new("/home/me/.idds/.token").save(&tokens)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sign_in_url`](Self::sign_in_url) and [`wait_for_sign_in`](Self::wait_for_sign_in), and
    /// [`ErrorKind::Configuration`] when the terminal cannot be written to.
    pub async fn sign_in(
        &self,
        vo: &str,
        terminal: &mut (dyn Write + Send),
    ) -> Result<Tokens, Error> {
        let authorization = self.sign_in_url(vo).await?;
        invite(&authorization, terminal)?;
        let tokens = self.wait_for_sign_in(vo, &authorization).await?;
        welcome(&tokens, terminal)?;
        Ok(tokens)
    }
}

/// Says whether nothing is known about what the provider would have said.
fn is_silence(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Interrupted | ErrorKind::Unavailable
    )
}

/// Longest address, code or name that is shown, in characters.
const SHOWN: usize = 2000;

fn invite(
    authorization: &DeviceAuthorization,
    terminal: &mut (dyn Write + Send),
) -> Result<(), Error> {
    let uri = authorization
        .verification_uri_complete
        .as_ref()
        .unwrap_or(&authorization.verification_uri);
    let [uri, code] = [uri, &authorization.user_code].map(|text| printable_within(text, SHOWN));
    let time = span(authorization.expires_in);
    let text = format!(
        "To sign in, open this address in a browser, on any machine, within {time}:\n\n    {uri}\n\n\
         The code is {code}. Waiting ...\n"
    );
    show(&text, terminal)
}

fn welcome(tokens: &Tokens, terminal: &mut (dyn Write + Send)) -> Result<(), Error> {
    let name = tokens.info().and_then(|info| info.name.or(info.subject));
    show(
        &format!(
            "Signed in{}.\n",
            name.map_or(String::new(), |name| format!(
                " as {}",
                printable_within(&name, SHOWN)
            ))
        ),
        terminal,
    )
}

fn show(text: &str, terminal: &mut (dyn Write + Send)) -> Result<(), Error> {
    let written: io::Result<()> = terminal
        .write_all(text.as_bytes())
        .and_then(|()| terminal.flush());
    written.map_err(|error| {
        Error::new(
            ErrorKind::Configuration,
            "the terminal cannot be written to",
        )
        .caused_by(error)
    })
}

fn span(time: Duration) -> String {
    match time.as_secs() {
        seconds if seconds % 60 == 0 && seconds > 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Client, Exchange, Replay};

    const START: &str = r#"{"device_code": "d3vice", "user_code": "AB\u001b[2J-CD", "verification_uri": "https://iam.example/device", "expires_in": 120}"#;
    const QUESTION: &str = "/idds/auth/token/atlas/d3vice/5/60";

    fn says(word: &str) -> Exchange {
        Exchange::new("GET", QUESTION, 500, &format!("{{'error': '{word}'}}"))
    }

    async fn sign_in(
        answers: impl IntoIterator<Item = Exchange>,
    ) -> (Result<Tokens, Error>, String, u64) {
        let start = Exchange::new("GET", "/idds/auth/url/atlas/oidc", 200, START);
        let replay = Replay::new(std::iter::once(start).chain(answers));
        let client = Client::builder("https://idds.example/idds")
            .transport(replay)
            .build()
            .expect("a client");
        let (mut terminal, clock) = (Vec::new(), Instant::now());
        let result = client.auth().sign_in("atlas", &mut terminal).await;
        (
            result,
            String::from_utf8(terminal).expect("text"),
            clock.elapsed().as_secs(),
        )
    }

    #[tokio::test(start_paused = true)]
    async fn a_person_is_waited_for_and_greeted() {
        let done = Exchange::new(
            "GET",
            QUESTION,
            200,
            r#"{"id_token": "e30.eyJuYW1lIjogIkFkYSJ9.c2ln"}"#,
        );
        let trouble = Exchange::new("GET", QUESTION, 503, "");
        let answers = [
            says("authorization_pending"),
            says("slow_down"),
            trouble,
            done,
        ];
        let (tokens, terminal, seconds) = sign_in(answers).await;
        assert!(tokens.is_ok(), "{tokens:?}");
        assert_eq!(seconds, 5 + 10 + 20);
        assert_eq!(
            terminal,
            "To sign in, open this address in a browser, on any machine, within 2 min:\n\n    https://iam.example/device\n\n\
             The code is AB\\u{1b}[2J-CD. Waiting ...\nSigned in as Ada.\n"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_and_an_expiry_are_credential_errors() {
        for (word, message) in [
            ("access_denied", "the sign-in was refused"),
            ("expired_token", "nobody signed in within 2 min"),
        ] {
            let (result, _, _) = sign_in([says(word)]).await;
            let error = result.expect_err("no tokens");
            assert_eq!(
                (error.kind(), error.to_string().as_str()),
                (ErrorKind::Credential, message)
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_waited_for_longer_than_the_code_is_valid() {
        let (result, _, seconds) = sign_in((0..24).map(|_| says("authorization_pending"))).await;
        assert_eq!(
            result.expect_err("nobody came").kind(),
            ErrorKind::Credential
        );
        assert_eq!(seconds, 115);
    }
}
