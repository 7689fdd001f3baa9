//! Retries requests.

use super::Requests;
use super::command::{Addressee, RequestCommand, Verb};

impl Requests {
    /// Retries requests: what has not finished is done again.
    ///
    /// A request that has Finished is not retried; the server refuses it later.
    ///
    /// # Errors
    ///
    /// Those of every [`RequestCommand`].
    pub fn retry<A: Addressee>(&self, target: A) -> RequestCommand<A> {
        RequestCommand::told(&self.client, target, Verb::Retry)
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{RequestId, ServerVersion};
    use serde_json::Value;

    use super::*;
    use crate::ErrorKind;
    use crate::transport::recorded::{client, replay};

    fn retry(id: u64) -> RequestCommand<RequestId> {
        client().requests().retry(RequestId::new(id))
    }

    #[test]
    fn a_retry_is_taken_note_of_or_refused() {
        assert!(replay(&retry(2), "retry").is_ok());
        assert_eq!(
            replay(&retry(99_999_999), "retry_unknown")
                .expect_err("unknown")
                .kind(),
            ErrorKind::NotFound
        );
        assert_eq!(
            replay(&retry(2), "retry_other_user")
                .expect_err("refused")
                .kind(),
            ErrorKind::Unauthorized
        );
    }

    #[test]
    fn older_servers_are_told_to_resume() {
        let old = client().for_server(ServerVersion::new(0, 5, 4));
        let request = old
            .requests()
            .retry(RequestId::new(5))
            .request()
            .expect("a request");
        assert_eq!(request.uri(), "/message/5/null");
        let body: Value = serde_json::from_slice(request.body()).expect("JSON");
        assert_eq!(body["parameters"]["status"]["attributes"]["_value_"], 13);
    }
}
