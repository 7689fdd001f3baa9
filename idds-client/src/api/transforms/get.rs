//! Asks for transforms.

use bytes::Bytes;
use http::{Method, Request, Response};
use idds_workflow::RequestId;

use super::TransformInfo;
use crate::endpoint::{awaitable, decode, without_body};
use crate::server::Operation;
use crate::{Client, Endpoint, Error, TransformId};

/// Asks for all transforms of a request; the answer is empty when the server knows no such request.
///
/// Each comes with its work, some 17 kB. Anybody may read them.
///
/// # Errors
///
/// Those of every call: [`ErrorKind`](crate::ErrorKind) lists them.
#[derive(Clone, Debug)]
#[must_use = "a call is sent when awaited"]
pub struct ListTransforms {
    client: Client,
    request: RequestId,
}

impl ListTransforms {
    pub(super) fn new(client: Client, request: RequestId) -> Self {
        Self { client, request }
    }
}

awaitable!(ListTransforms);

impl Endpoint for ListTransforms {
    type Answer = Vec<TransformInfo>;

    const OPERATION: &'static str = "list transforms";

    fn request(&self) -> Result<Request<Bytes>, Error> {
        Operation::GetTransforms.check(self.client.server_version())?;
        without_body(Method::GET, &format!("/transform/{}", self.request))
    }

    fn answer(&self, response: Response<Bytes>) -> Result<Self::Answer, Error> {
        decode(&response)
    }
}

/// Asks for one transform of a request; the answer is none when the request has no such transform.
///
/// # Errors
///
/// Those of every call: [`ErrorKind`](crate::ErrorKind) lists them.
#[derive(Clone, Debug)]
#[must_use = "a call is sent when awaited"]
pub struct GetTransform {
    client: Client,
    request: RequestId,
    transform: TransformId,
}

impl GetTransform {
    pub(super) fn new(client: Client, request: RequestId, transform: TransformId) -> Self {
        Self {
            client,
            request,
            transform,
        }
    }
}

awaitable!(GetTransform);

impl Endpoint for GetTransform {
    type Answer = Option<TransformInfo>;

    const OPERATION: &'static str = "get transform";

    fn request(&self) -> Result<Request<Bytes>, Error> {
        Operation::GetTransforms.check(self.client.server_version())?;
        without_body(
            Method::GET,
            &format!("/transform/{}/{}", self.request, self.transform),
        )
    }

    fn answer(&self, response: Response<Bytes>) -> Result<Self::Answer, Error> {
        if response.status().is_success() && response.body().is_empty() {
            return Ok(None); // how the server writes null
        }
        decode(&response)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use idds_workflow::{CommandType, TransformStatus, TransformType};

    use super::*;
    use crate::ProcessingId;
    use crate::transport::recorded::{client, read, replay};

    fn get(transform: u64) -> GetTransform {
        client()
            .transforms()
            .get(RequestId::new(1), TransformId::new(transform))
    }

    #[test]
    fn a_transform_is_read_with_every_field() {
        let info = replay(&get(1), "get_transform")
            .expect("an answer")
            .expect("a transform");
        assert_eq!(
            (info.transform_id, info.request_id),
            (TransformId::new(1), Some(RequestId::new(1)))
        );
        assert_eq!(info.status, TransformStatus::Transforming);
        assert_eq!(info.old_status, Some(TransformStatus::New));
        assert_eq!(info.transform_type, Some(TransformType::Workflow));
        assert_eq!(info.command, Some(CommandType::NoneCommand));
        assert_eq!(info.current_processing_id, Some(ProcessingId::new(1)));
        assert_eq!(info.update_poll_period, Some(SignedDuration::from_secs(1)));
        assert_eq!(
            info.created_at.map(|at| at.to_string()).as_deref(),
            Some("2026-11-22T12:19:03Z")
        );
        assert_eq!(
            (
                info.max_new_retries,
                info.max_update_retries,
                info.is_locked
            ),
            (Some(3), Some(0), false)
        );
        assert_eq!(
            info.transform_metadata.expect("a work")["work"]["class"],
            "ATLASHPOWork"
        );
        assert!(info.rest.is_empty(), "{:?}", info.rest);
    }

    #[test]
    fn an_unknown_transform_is_none_in_either_mode() {
        assert_eq!(
            replay(&get(99_999_999), "get_transform_unknown").expect("an answer"),
            None
        );
        assert_eq!(
            read(&get(1), r#"{"data": null, "error": null, "status": 0}"#).expect("an answer"),
            None
        );
    }

    #[test]
    fn all_transforms_of_a_request_are_read() {
        let list = |request| client().transforms().list(RequestId::new(request));
        assert_eq!(
            replay(&list(1), "get_transforms").expect("an answer").len(),
            1
        );
        assert_eq!(
            replay(&list(99_999_999), "get_transforms_unknown").expect("an answer"),
            []
        );
    }
}
