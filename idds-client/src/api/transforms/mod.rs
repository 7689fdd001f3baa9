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
    pub fn add(&self, request: RequestId, token: impl Into<Secret>, kind: TransformType) -> AddTransform {
        AddTransform::new(self.client.clone(), request, token.into(), kind)
    }
}
