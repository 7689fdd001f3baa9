//! Points of hyperparameter searches and their losses.

mod earlier;
mod get;
mod point;
mod update;

pub use self::earlier::{KnownTrial, ToldEarlier};
pub use self::get::GetHyperParameters;
pub use self::point::{HyperParameters, PointId};
pub use self::update::UpdateHyperParameter;
use crate::{Client, Target};

/// The calls about hyperparameters.
///
/// ```
/// # use idds_client::{Exchange, Replay};
/// use idds_client::Client;
/// use idds_workflow::RequestId;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let recorded = Replay::new([
/// #     Exchange::new(
/// #         "GET",
/// #         "/idds/hpo/null/7/null/null/null",
/// #         200,
/// #         r#"[{"id": "1", "loss": null, "parameters": {"A": 4}}]"#,
/// #     ),
/// #     Exchange::new("PUT", "/idds/hpo/null/7/1/0.25", 200, r#"{"status": 0, "message": "update successfully"}"#),
/// # ]);
/// # let client = Client::builder("https://idds.example:443/idds").transport(recorded).build()?;
/// let search = RequestId::new(7);
/// for point in client.hpo().get(search).open().await? {
///     let loss = if point.parameters["A"] == 4 { 0.25 } else { 1.0 };
///     client.hpo().update(search, &point.id, loss).await?;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Hpo {
    client: Client,
}

impl Hpo {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Gets the points of a search.
    pub fn get(&self, target: impl Into<Target>) -> GetHyperParameters {
        GetHyperParameters::new(&self.client, target.into())
    }

    /// Reports the loss of a point.
    pub fn update(
        &self,
        target: impl Into<Target>,
        point: &PointId,
        loss: f64,
    ) -> UpdateHyperParameter {
        UpdateHyperParameter::new(&self.client, target.into(), point.clone(), loss)
    }
}
