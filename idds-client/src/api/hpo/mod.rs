//! Points of hyperparameter searches and their losses.

mod get;
mod point;
mod update;

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
    pub fn update(&self, target: impl Into<Target>, point: &PointId, loss: f64) -> UpdateHyperParameter {
        UpdateHyperParameter::new(self.client.clone(), target.into(), point.clone(), loss)
    }
}
