//! Closes requests.

use super::command::{command, judged};

command!(
    /// Closes requests: on 2.6.21 an [abort](super::Abort) that leaves transforms and processings to the agents.
    ///
    /// A search ends as after an abort. Servers before 2.2 have no such command.
    Close,
    "close request"
);
judged!(Close);

#[cfg(test)]
mod tests {
    use idds_workflow::{RequestId, ServerVersion};

    use super::*;
    use crate::transport::recorded::{client, replay};
    use crate::{Endpoint, ErrorKind};

    fn close(id: u64) -> Close {
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
