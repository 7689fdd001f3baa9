//! Sets the status of a request.

use bytes::Bytes;
use http::{Request, Response};
use idds_workflow::wire::Member;
use idds_workflow::{RequestId, RequestStatus};
use serde::Deserialize;
use serde_json::json;

use super::Requests;
use crate::call::{Endpoint, Single};
use crate::endpoint::decode;
use crate::route::{self, Draft, Route};
use crate::{Call, Client, Error, ErrorKind};

/// Sets the status of a request.
///
/// Servers from 1.3 on cannot: they say that it was updated, store a message that nobody reads, and the status never changes.
///
/// # Errors
///
/// [`ErrorKind::Unsupported`] for these servers, and [`ErrorKind::Unauthorized`] when the request is not one of this
/// user. An unknown request is no error.
pub type UpdateRequest = Call<(), WantedStatus>;

/// A request and its new status.
#[derive(Clone, Debug)]
pub struct WantedStatus {
    request: RequestId,
    status: RequestStatus,
    is_anyway: bool,
}

impl Requests {
    /// Sets the status of a request; servers from 1.3 on ignore that, and are not asked.
    pub fn update(&self, request: RequestId, status: RequestStatus) -> UpdateRequest {
        let wanted = WantedStatus {
            request,
            status,
            is_anyway: false,
        };
        Call::with(&self.client, wanted)
    }
}

impl UpdateRequest {
    /// Sends it also to a server that ignores it.
    pub fn anyway(mut self) -> Self {
        self.settings.is_anyway = true;
        self
    }
}

impl Single for WantedStatus {}

impl Endpoint for WantedStatus {
    type Answer = ();

    fn route(&self) -> &'static Route {
        &route::UPDATE_REQUEST
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        let address = self.route().address(client, self.is_anyway)?;
        let body = json!({"status": Member(self.status)});
        Draft::new(address)
            .set("request_id", self.request)
            .json(&body)
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<(), Error> {
        #[derive(Deserialize)]
        struct Updated {
            status: i64,
            message: String,
        }

        match decode(response)? {
            Updated { status: 0, .. } => Ok(()),
            Updated { message, .. } => Err(Error::new(
                ErrorKind::Refused,
                format!("the server refused it: {message}"),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::ServerVersion;

    use super::*;
    use crate::transport::recorded::{assert_sends, client, replay};

    fn update(id: u64, status: RequestStatus) -> UpdateRequest {
        client().requests().update(RequestId::new(id), status)
    }

    #[test]
    fn a_server_that_ignores_it_is_not_asked() {
        let error = update(1, RequestStatus::ToSuspend)
            .request()
            .expect_err("ignored");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(
            error.to_string(),
            "iDDS 2.6.21 would say that it was updated and change nothing; use abort, close or retry"
        );
        let old = client().for_server(ServerVersion::new(0, 11, 15));
        assert!(
            old.requests()
                .update(RequestId::new(1), RequestStatus::ToSuspend)
                .request()
                .is_ok()
        );
    }

    #[test]
    fn what_is_sent_anyway_is_what_python_sends() {
        for (status, name) in [
            (RequestStatus::ToSuspend, "update_request_suspend"),
            (RequestStatus::ToCancel, "update_request_cancel"),
            (RequestStatus::ToResume, "update_request_resume"),
            (RequestStatus::ToFinish, "update_request_finish"),
        ] {
            let call = update(1, status).anyway();
            assert!(replay(&call, name).is_ok());
            assert_sends(&call, name);
        }
    }

    #[test]
    fn a_request_of_another_user_is_not_allowed() {
        let call = update(1, RequestStatus::ToSuspend).anyway();
        assert_eq!(
            replay(&call, "update_request_other_user")
                .expect_err("refused")
                .kind(),
            ErrorKind::Unauthorized
        );
    }
}
