//! Suspends and resumes requests.

use super::Requests;
use super::command::{Addressee, RequestCommand, Verb};

impl Requests {
    /// Suspends requests: a suspended search gives no new points until it is [resumed](Self::resume).
    ///
    /// The embedded server can, and so can servers before 1.3. Later ones abort the request; they are not asked. What kind of
    /// server it is, is found out first. A suspended request counts as ended, and losses of its points are still taken.
    ///
    /// ```
    /// # use idds_client::Replay;
    /// use idds_client::{Client, ErrorKind};
    /// use idds_workflow::RequestId;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// # let recorded = Replay::new([idds_client::Exchange::new("GET", "/idds/ping", 200, r#"{"Status": "OK"}"#)]);
    /// # let client = Client::builder("https://idds.example:443/idds").transport(recorded).build()?;
    /// let error = client.requests().suspend(RequestId::new(7)).await.expect_err("it would be an abort");
    /// assert_eq!(error.kind(), ErrorKind::Unsupported);
    /// assert_eq!(
    ///     error.to_string(),
    ///     "suspend request failed: iDDS 2.6.21 would abort the request; use abort, and retry to set it going again"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of every [`RequestCommand`].
    pub fn suspend<A: Addressee>(&self, target: A) -> RequestCommand<A> {
        RequestCommand::told(&self.client, target, Verb::Suspend)
    }

    /// Resumes suspended requests.
    ///
    /// The embedded server can, and so can servers before 1.3. Later ones retry the request; they are not asked.
    ///
    /// # Errors
    ///
    /// Those of every [`RequestCommand`].
    pub fn resume<A: Addressee>(&self, target: A) -> RequestCommand<A> {
        RequestCommand::told(&self.client, target, Verb::Resume)
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{RequestId, ServerVersion};

    use crate::ErrorKind;
    use crate::transport::recorded::{assert_sends, client, read, replay};

    #[test]
    fn a_server_that_would_abort_is_not_asked() {
        let call = client().requests().suspend(RequestId::new(21));
        let error = call.request().expect_err("an abort");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(
            error.to_string(),
            "iDDS 2.6.21 would abort the request; use abort, and retry to set it going again"
        );
        assert!(replay(&call.clone().anyway(), "messages_send_suspend_enum").is_ok());
        let wrapped = r#"{"data": null, "error": {"ExceptionMessage": "no"}, "status": 500}"#;
        assert_eq!(
            read(&call.clone().anyway(), wrapped)
                .expect_err("refused")
                .kind(),
            ErrorKind::Refused
        );
        assert_sends(&call.anyway(), "messages_send_suspend_enum");
    }

    #[test]
    fn a_server_that_would_retry_is_not_asked() {
        let call = client().requests().resume(RequestId::new(1));
        assert_eq!(
            call.request().expect_err("a retry").to_string(),
            "iDDS 2.6.21 would retry the request; use retry"
        );
        assert!(replay(&call.clone().anyway(), "messages_send_resume_enum").is_ok());
        assert_sends(&call.anyway(), "messages_send_resume_enum");
    }

    #[test]
    fn servers_that_can_are_asked() {
        for version in [ServerVersion::new(0, 5, 4), ServerVersion::new(0, 11, 15)] {
            let requests = client().for_server(version).requests();
            assert_eq!(
                requests
                    .suspend(RequestId::new(5))
                    .request()
                    .expect("a request")
                    .uri(),
                "/message/5/null"
            );
            assert_eq!(
                requests
                    .resume(RequestId::new(5))
                    .request()
                    .expect("a request")
                    .uri(),
                "/message/5/null"
            );
        }
    }
}
