//! Transforms: works as the server runs them.

mod add;
mod get;
mod info;

use idds_workflow::{RequestId, TransformType};

pub use self::add::AddTransform;
pub use self::get::{GetTransform, ListTransforms};
pub use self::info::TransformInfo;
use crate::{Client, Secret, TransformId};

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

    /// Asks for all transforms of a request.
    pub fn list(&self, request: RequestId) -> ListTransforms {
        ListTransforms::new(self.client.clone(), request)
    }

    /// Asks for one transform of a request.
    pub fn get(&self, request: RequestId, transform: TransformId) -> GetTransform {
        GetTransform::new(self.client.clone(), request, transform)
    }

    /// Adds a transform to a request that is a Python function workflow; `token` is the one in its workflow.
    pub fn add(
        &self,
        request: RequestId,
        token: impl Into<Secret>,
        kind: TransformType,
    ) -> AddTransform {
        AddTransform::new(self.client.clone(), request, token.into(), kind)
    }
}
