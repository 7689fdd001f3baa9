//! Closes requests.

use super::Requests;
use super::command::{Addressee, RequestCommand, Verb};

impl Requests {
    /// Closes requests: on 2.6.21 an [abort](Self::abort) that leaves transforms and processings to the agents.
    ///
    /// A search ends as after an abort. Servers before 2.2 have no such command.
    ///
    /// # Errors
    ///
    /// Those of every [`RequestCommand`].
    pub fn close<A: Addressee>(&self, target: A) -> RequestCommand<A> {
        RequestCommand::told(&self.client, target, Verb::Close)
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{RequestId, ServerVersion};

    use super::*;
    use crate::ErrorKind;
    use crate::transport::recorded::{client, replay};

    fn close(id: u64) -> RequestCommand<RequestId> {
        client().requests().close(RequestId::new(id))
    }

    #[test]
    fn a_close_is_taken_note_of_or_refused() {
        assert!(replay(&close(8), "close").is_ok());
        assert_eq!(
            replay(&close(2), "close_other_user")
                .expect_err("refused")
                .kind(),
            ErrorKind::Unauthorized
        );
        assert_eq!(
            replay(&close(1), "close_no_auth")
                .expect_err("refused")
                .kind(),
            ErrorKind::Unauthorized
        );
        assert_eq!(
            replay(&close(99_999_999), "close_unknown")
                .expect_err("unknown")
                .kind(),
            ErrorKind::NotFound
        );
    }

    #[test]
    fn a_server_without_it_is_not_asked() {
        let old = client().for_server(ServerVersion::new(2, 1, 0));
        let error = old
            .requests()
            .close(RequestId::new(1))
            .request()
            .expect_err("no such route");
        assert_eq!(error.to_string(), "iDDS 2.1.0 has no such call; use abort");
    }
}
