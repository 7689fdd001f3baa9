//! Finishes requests before their time.

use super::Requests;
use super::command::{Addressee, RequestCommand, Verb};

impl Requests {
    /// Finishes requests early: what is done counts, and no new points are made.
    ///
    /// The embedded server can, and so can servers before 0.11. Later ones say that it is well and do nothing; they are not
    /// asked. On the embedded server, a search with open points is SubFinished, or Failed where none has a loss.
    ///
    /// # Errors
    ///
    /// Those of every [`RequestCommand`].
    pub fn finish<A: Addressee>(&self, target: A) -> RequestCommand<A> {
        RequestCommand::told(&self.client, target, Verb::Finish { is_forced: false })
    }

    /// As [`finish`](Self::finish), and counts everything that is left as finished, too.
    ///
    /// # Errors
    ///
    /// Those of every [`RequestCommand`].
    pub fn force_finish<A: Addressee>(&self, target: A) -> RequestCommand<A> {
        RequestCommand::told(&self.client, target, Verb::Finish { is_forced: true })
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{RequestId, ServerVersion};
    use serde_json::Value;

    use super::*;
    use crate::ErrorKind;
    use crate::transport::recorded::client;

    fn status(call: &RequestCommand<RequestId>) -> String {
        let request = call.request().expect("a request");
        let body: Value = serde_json::from_slice(request.body()).expect("JSON");
        format!(
            "{} {}",
            request.uri(),
            body["parameters"]["status"]["attributes"]["_name_"]
        )
    }

    #[test]
    fn a_server_that_does_nothing_is_not_asked() {
        for version in ["0.11.15", "2.1.0", "2.6.21"] {
            let client = client().for_server(version.parse().expect("a version"));
            let error = client
                .requests()
                .finish(RequestId::new(5))
                .request()
                .expect_err("no effect");
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert_eq!(
                error.to_string(),
                format!(
                    "iDDS {version} would say that it is well and change nothing; use close or abort"
                )
            );
        }
    }

    #[test]
    fn all_or_what_is_done_counts_as_finished() {
        let old = client().for_server(ServerVersion::new(0, 5, 4)).requests();
        let request = RequestId::new(5);
        assert_eq!(
            status(&old.finish(request)),
            r#"/message/5/null "ToFinish""#
        );
        assert_eq!(
            status(&old.force_finish(request)),
            r#"/message/5/null "ToForceFinish""#
        );
        let new = client().requests().finish(RequestId::new(5)).anyway();
        assert_eq!(status(&new), r#"/message/5/null/null/null "ToFinish""#);
    }
}
