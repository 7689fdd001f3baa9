//! Says why the steps of a request are no further.

use idds_workflow::RequestId;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Requests;
use crate::endpoint::decode;
use crate::{Call, TransformId, route};

/// How far each step of a request is, and why it is no further, as the embedded server says it.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct Explanation {
    /// The request.
    pub request_id: RequestId,
    /// State of the request, such as `Transforming`.
    pub status: String,
    /// Why the request is no further; none where its steps tell.
    pub why: Option<String>,
    /// The steps in the order of the workflow: once for each time that one has started, and those that have not.
    pub steps: Vec<ExplainedStep>,
    /// Number of steps that are left out, as there are too many.
    #[serde(default)]
    pub left_out: u64,
    /// Everything else the server sends, as it sends it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A step in an [`Explanation`].
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct ExplainedStep {
    /// Id of the work or sub-workflow in the request.
    pub id: String,
    /// Its name with those of the workflows around it; ids stand for what has no name.
    pub name: String,
    /// What it runs: the name of its task, or its program with the arguments.
    pub what: Option<String>,
    /// Number of the round of the loop around it, from 1.
    pub round: u32,
    /// Its transform; none when it has not started.
    pub transform_id: Option<TransformId>,
    /// State of its transform, such as `Transforming`; `New` when it has not started.
    pub status: String,
    /// Why it has not started, is held or has failed, or what it waits for, with numbers.
    pub why: String,
    /// Everything else the server sends about it, as it sends it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Requests {
    /// Asks why each step of a request has not started, is held, or has failed.
    ///
    /// Only the embedded server can say that, so [`Client::server`](crate::Client::server) has to know that it is one.
    ///
    /// ```
    /// # use idds_client::{Exchange, Replay};
    /// use idds_client::Client;
    /// use idds_workflow::RequestId;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// # let exchange = |path: &str, body: &str| serde_json::from_value::<Exchange>(serde_json::json!({
    /// #     "request": {"method": "GET", "path": path},
    /// #     "response": {"status": 200, "headers": {"X-IDDS-Server": "idds-local/0.1.0"}, "body": body},
    /// # }));
    /// # let recorded = Replay::new([
    /// #     exchange("/idds/ping", r#"{"Status": "OK"}"#)?,
    /// #     exchange("/idds/request/explain/7", r#"{"request_id": 7, "status": "Transforming", "why": null, "steps": [{
    /// #         "id": "000000a1", "name": "merge", "what": null, "round": 1, "transform_id": null, "status": "New",
    /// #         "why": "waits for simulate is_finished"}]}"#)?,
    /// # ]);
    /// # let client = Client::builder("http://localhost:8443/idds").transport(recorded).build()?;
    /// client.server().await?;
    /// for step in client.requests().explain(RequestId::new(7)).await?.steps {
    ///     println!("{} is {}: {}", step.name, step.status, step.why);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when the server knows no such request,
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for any other server.
    pub fn explain(&self, request: RequestId) -> Call<Explanation> {
        Call::plain(
            &self.client,
            &route::EXPLAIN,
            |draft| draft.set("request_id", request).bare(),
            decode,
        )
    }
}
