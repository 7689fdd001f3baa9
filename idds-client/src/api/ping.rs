//! Checking that the server answers.

use bytes::Bytes;
use http::Response;
use serde::Deserialize;

use crate::endpoint::decode;
use crate::route::{self, Draft};
use crate::{Call, Client, Error, ErrorKind};

impl Client {
    /// Checks that the server answers and accepts this user.
    ///
    /// ```
    /// # use idds_client::{Exchange, Replay};
    /// use idds_client::{Client, ErrorKind};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// # let recorded = Replay::new([
    /// #     Exchange::new("GET", "/idds/ping", 401, ""),
    /// # ]);
    /// # let client = Client::builder("https://idds.example:443/idds").transport(recorded).build()?;
    /// let error = client.ping().await.expect_err("not let in");
    /// assert_eq!(error.kind(), ErrorKind::Unauthorized);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Connect`] or [`ErrorKind::Certificate`] when no trusted server answers, [`ErrorKind::Unauthorized`] when it
    /// does not let this user in.
    pub fn ping(&self) -> Call<()> {
        Call::plain(self, &route::PING, Draft::bare, pong)
    }
}

fn pong(response: &Response<Bytes>) -> Result<(), Error> {
    #[derive(Deserialize)]
    struct Pong {
        #[serde(rename = "Status")]
        status: String,
    }

    match decode(response)? {
        Pong { status } if status == "OK" => Ok(()),
        Pong { status } => Err(Error::new(
            ErrorKind::Answer,
            format!("the server is {status:?}, not \"OK\""),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::recorded::{client, read, replay};

    #[test]
    fn a_server_that_is_well_says_so() {
        assert!(replay(&client().ping(), "ping").is_ok());
    }

    #[test]
    fn a_user_who_is_not_allowed_is_told() {
        let error = replay(&client().ping(), "ping_unknown_dn").expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Unauthorized);
        assert_eq!(
            error.to_string(),
            "the server does not allow it to this user: User CN=stranger,DC=idds,DC=test is not allowed"
        );
        let error = replay(&client().ping(), "ping_no_certificate").expect_err("refused");
        assert_eq!(
            error.to_string(),
            "the server does not allow it to this user: User DN cannot be found"
        );
    }

    #[test]
    fn something_that_is_not_idds_is_told_from_it() {
        let error = read(&client().ping(), r#"{"Status": "tired"}"#).expect_err("not OK");
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::Answer, r#"the server is "tired", not "OK""#)
        );
        assert_eq!(
            read(&client().ping(), "<html>")
                .expect_err("not JSON")
                .kind(),
            ErrorKind::Answer
        );
    }
}
