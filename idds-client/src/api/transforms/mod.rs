//! Transforms: works as the server runs them.

mod add;
mod info;

use bytes::Bytes;
use http::Response;
use idds_workflow::{RequestId, TransformType};

pub use self::add::AddTransform;
pub use self::info::TransformInfo;
use crate::endpoint::decode;
use crate::route;
use crate::{Call, Client, Error, Secret, TransformId};

/// The calls about transforms.
///
/// ```
/// # use idds_client::{Exchange, Replay};
/// use idds_client::Client;
/// use idds_workflow::RequestId;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let recorded = Replay::new([
/// #     Exchange::new("GET", "/idds/transform/7", 200, r#"[{"transform_id": 9, "status": 2}]"#),
/// #     Exchange::new("GET", "/idds/transform/7/9", 200, r#"{"transform_id": 9, "status": 3}"#),
/// # ]);
/// # let client = Client::builder("https://idds.example:443/idds").transport(recorded).build()?;
/// let request = RequestId::new(7);
/// for transform in client.transforms().list(request).await? {
///     let now = client.transforms().get(request, transform.transform_id).await?.ok_or("it is gone")?;
///     println!("transform {} was {} and is {}", now.transform_id, transform.status, now.status);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Transforms {
    client: Client,
}

impl Transforms {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Gets all transforms of a request; the answer is empty when the server knows no such request.
    ///
    /// Each comes with its work, some 17 kB. Anybody may read them.
    pub fn list(&self, request: RequestId) -> Call<Vec<TransformInfo>> {
        Call::plain(
            &self.client,
            &route::LIST_TRANSFORMS,
            |draft| draft.set("request_id", request).bare(),
            decode,
        )
    }

    /// Gets one transform of a request; the answer is none when the request has no such transform.
    pub fn get(&self, request: RequestId, transform: TransformId) -> Call<Option<TransformInfo>> {
        Call::plain(
            &self.client,
            &route::GET_TRANSFORM,
            |draft| {
                let draft = draft.set("request_id", request);
                draft.set("transform_id", transform).bare()
            },
            one,
        )
    }

    /// Adds a transform to a request that is a Python function workflow; `token` is the one in its workflow.
    pub fn add(
        &self,
        request: RequestId,
        token: impl Into<Secret>,
        kind: TransformType,
    ) -> AddTransform {
        AddTransform::new(&self.client, request, token.into(), kind)
    }
}

fn one(response: &Response<Bytes>) -> Result<Option<TransformInfo>, Error> {
    if response.status().is_success() && response.body().is_empty() {
        return Ok(None); // how the server writes null
    }
    decode(response)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use idds_workflow::{CommandType, TransformStatus, TransformType};

    use super::*;
    use crate::ProcessingId;
    use crate::transport::recorded::{client, read, replay};

    fn get(transform: u64) -> Call<Option<TransformInfo>> {
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
