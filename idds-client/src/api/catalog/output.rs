//! Gets outputs with their jobs.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Request, Response};
use idds_workflow::{RequestId, WorkloadId};
use serde::Deserialize;

use super::{ContentInfo, JobInfo};
use crate::call::{Endpoint, Single};
use crate::endpoint::decode;
use crate::route::{self, Route};
use crate::{Call, Client, Error, Items, TransformId};

/// Gets the outputs of a request, with what PanDA says about the jobs that made them.
///
/// The server groups them by transform, or by JEDI task where each has one; here they come in one list, and each says
/// both. The answer is empty when the server knows no such request.
///
/// # Errors
///
/// Those of every call: [`ErrorKind`](crate::ErrorKind) lists them.
pub type GetContentsOutputExt = Call<Vec<OutputContent>, OutputQuery>;

/// The filter for outputs.
#[derive(Clone, Debug)]
pub struct OutputQuery {
    request: RequestId,
    workload: Option<WorkloadId>,
    transform: Option<TransformId>,
}

/// An output, and the job that made it.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct OutputContent {
    /// The job; all fields are none where PanDA has nothing to do with it.
    // It takes its fields first, and what is left falls to the content.
    #[serde(flatten)]
    pub job: JobInfo,
    /// The output.
    #[serde(flatten)]
    pub content: ContentInfo,
}

impl GetContentsOutputExt {
    pub(super) fn new(client: &Client, request: RequestId) -> Self {
        let query = OutputQuery {
            request,
            workload: None,
            transform: None,
        };
        Self::with(client, query)
    }

    /// Restricts the answer to this workload.
    pub fn workload_id(mut self, id: WorkloadId) -> Self {
        self.settings.workload = Some(id);
        self
    }

    /// Restricts the answer to this transform.
    pub fn transform_id(mut self, id: TransformId) -> Self {
        self.settings.transform = Some(id);
        self
    }

    /// Sends the call, and gives the outputs one by one as they come: they may be too many for the memory.
    ///
    /// # Errors
    ///
    /// Those of the call; once they come, an error is an item.
    pub async fn stream(self) -> Result<Items<OutputContent>, Error> {
        Ok(Items::start(&self.client, &self.settings).await?.grouped())
    }
}

impl Single for OutputQuery {}

impl Endpoint for OutputQuery {
    type Answer = Vec<OutputContent>;

    fn route(&self) -> &'static Route {
        &route::GET_CONTENTS_OUTPUT_EXT
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        let draft = self.route().draft(client)?;
        draft
            .set("request_id", self.request)
            .set_some("workload_id", self.workload)
            .set_some("transform_id", self.transform)
            // Grouped by task, an answer with and without tasks in it is one the server cannot sort, a 500.
            .flag("group_by_jedi_task_id", false)
            .bare()
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<Self::Answer, Error> {
        let groups: BTreeMap<String, Vec<OutputContent>> = decode(response)?;
        Ok(groups.into_values().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::ContentStatus;
    use serde_json::json;

    use super::*;
    use crate::transport::recorded::{client, client_of, read, replay};
    use crate::{ErrorKind, Exchange, Replay};

    fn call() -> GetContentsOutputExt {
        client().catalog().contents_output_ext(RequestId::new(1))
    }

    #[test]
    fn outputs_are_read_with_every_field() {
        let outputs = replay(&call(), "get_contents_output_ext").expect("an answer");
        assert_eq!(outputs.len(), 6);
        for output in &outputs {
            assert_eq!(output.content.status, ContentStatus::New);
            assert_eq!(output.content.transform_id, Some(TransformId::new(1)));
            assert!(output.content.rest.is_empty(), "{:?}", output.content.rest);
            assert_eq!(output.job, JobInfo::default());
        }
    }

    #[test]
    fn what_panda_says_about_a_job_is_read() {
        let content = r#"{"2": [{"content_id": 1, "name": "f", "status": "Available", "panda_id": 7, "task_id": 8,
            "jedi_task_id": 8, "start_time": "Sun, 22 Nov 2026 12:19:12 UTC", "cpu_conversion": 1.5, "new": 1}]}"#;
        let outputs = read(&call(), content).expect("an answer");
        let OutputContent { job, content } = &outputs[0];
        assert_eq!(
            (job.panda_id, job.jedi_task_id, job.cpu_conversion),
            (Some(7), Some(WorkloadId::new(8)), Some(1.5))
        );
        assert!(job.start_time.is_some());
        assert_eq!(
            serde_json::Value::from(content.rest.clone()),
            json!({"new": 1})
        );
    }

    async fn streamed(answer: &str) -> Result<Vec<OutputContent>, Error> {
        let path = "/idds/catalog/contents_output_ext/1/null/null/False";
        let client = client_of(Replay::new([Exchange::new("GET", path, 200, answer)]));
        let mut outputs = client
            .catalog()
            .contents_output_ext(RequestId::new(1))
            .stream()
            .await?;
        let mut all = Vec::new();
        while let Some(output) = outputs.next().await {
            all.push(output?);
        }
        Ok(all)
    }

    #[tokio::test]
    async fn outputs_of_all_groups_come_one_by_one() {
        let output = |id: u8| {
            format!(r#"{{"content_id": {id}, "name": "f", "status": "New", "coll_id": 1}}"#)
        };
        let groups = format!(
            r#"{{"1": [{}, {}], "2": [], "3": [{}]}}"#,
            output(1),
            output(2),
            output(3)
        );
        let ids = |outputs: Vec<OutputContent>| {
            outputs
                .iter()
                .map(|it| it.content.content_id.get())
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(streamed(&groups).await.expect("outputs")), [1, 2, 3]);
        let wrapped = format!(r#"{{"data": {groups}, "error": null, "status": 0}}"#);
        assert_eq!(ids(streamed(&wrapped).await.expect("outputs")), [1, 2, 3]);
        assert_eq!(streamed("{}").await.expect("no outputs"), []);
        for wrong in ["[]", "7", r#"{"1": 7}"#, "<html>", ""] {
            assert_eq!(
                streamed(wrong).await.expect_err(wrong).kind(),
                ErrorKind::Answer,
                "{wrong}"
            );
        }
        let refused = r#"{"data": null, "error": {"ExceptionMessage": "no"}, "status": 500}"#;
        assert_eq!(
            streamed(refused).await.expect_err("refused").kind(),
            ErrorKind::Refused
        );
    }

    #[test]
    fn those_of_a_transform_can_be_asked_for() {
        let call = call()
            .workload_id(WorkloadId::new(2))
            .transform_id(TransformId::new(3));
        assert_eq!(
            call.request().expect("a request").uri(),
            "/catalog/contents_output_ext/1/2/3/False"
        );
    }
}
