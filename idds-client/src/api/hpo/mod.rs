//! Points of hyperparameter searches and their losses.

mod get;
mod point;
mod update;

use idds_workflow::RequestId;

pub use self::get::GetHyperParameters;
pub use self::point::{HyperParameters, PointId};
pub use self::update::UpdateHyperParameter;
use crate::{Client, Target};

/// The calls about hyperparameters.
#[derive(Clone, Debug)]
pub struct Hpo {
    client: Client,
}

impl Hpo {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Asks for the points of a search.
    pub fn get(&self, target: impl Into<Target>) -> GetHyperParameters {
        GetHyperParameters::new(self.client.clone(), target.into())
    }

    /// Reports the loss of a point.
    ///
    /// It takes no workload id: by that alone the server would change the point of whichever request it finds first.
    pub fn update(&self, request: RequestId, point: &PointId, loss: f64) -> UpdateHyperParameter {
        UpdateHyperParameter::new(self.client.clone(), request, point.clone(), loss)
    }
}
