//! Rows of requests with their transforms, processings or collections.

use super::{CollectionSummary, ProcessingSummary, RequestInfo, TransformSummary};

/// A request and one of its transforms.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RequestTransform {
    /// The request.
    pub request: RequestInfo,
    /// The transform; none for a request without transforms.
    pub transform: Option<TransformSummary>,
}

/// A request, one of its transforms, and one of its processings.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RequestProcessing {
    /// The request.
    pub request: RequestInfo,
    /// The transform; none for a request without transforms.
    pub transform: Option<TransformSummary>,
    /// The processing; none for a transform without one.
    pub processing: Option<ProcessingSummary>,
}

/// A request, one of its transforms, and a pair of its input and output collections.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RequestCollections {
    /// The request.
    pub request: RequestInfo,
    /// The transform; none for a request without transforms.
    pub transform: Option<TransformSummary>,
    /// The processing; none for a transform without one.
    pub processing: Option<ProcessingSummary>,
    /// The input collection.
    pub input: Option<CollectionSummary>,
    /// The output collection.
    pub output: Option<CollectionSummary>,
}

#[cfg(test)]
mod tests {
    use idds_workflow::{
        CollectionStatus, ProcessingStatus, RequestId, TransformStatus, TransformType, WorkloadId,
    };

    use super::super::GetRequests;
    use crate::transport::recorded::{client, read, replay};
    use crate::{ProcessingId, TransformId};

    fn get(id: u64) -> GetRequests {
        client().requests().get(RequestId::new(id))
    }

    #[test]
    fn the_transforms_of_a_request_are_read() {
        let rows = replay(&get(1).transforms(), "get_requests_with_transform").expect("an answer");
        let transform = rows[0].transform.as_ref().expect("a transform");
        assert_eq!(transform.id, TransformId::new(1));
        assert_eq!(transform.transform_type, Some(TransformType::Workflow));
        assert_eq!(
            (transform.name.as_deref(), transform.workload_id),
            (Some("b3473317"), None)
        );
        assert_eq!(transform.status, TransformStatus::Transforming);
        assert_eq!(
            transform.created_at.map(|at| at.to_string()).as_deref(),
            Some("2026-11-22T12:19:03Z")
        );
        assert_eq!(transform.finished_at, None);
        assert_eq!(rows[0].request.request_id, Some(RequestId::new(1)));
        assert_eq!(rows[0].request.transform_tag.as_deref(), Some("workflow"));
    }

    #[test]
    fn the_processings_of_a_request_are_read() {
        let rows =
            replay(&get(1).processings(), "get_requests_with_processing").expect("an answer");
        let processing = rows[0].processing.as_ref().expect("a processing");
        assert_eq!(
            (processing.id, processing.status),
            (ProcessingId::new(1), ProcessingStatus::Running)
        );
        assert_eq!(
            processing.transform_id,
            rows[0].transform.as_ref().map(|transform| transform.id)
        );
    }

    #[test]
    fn the_collections_of_a_request_are_read() {
        let rows =
            replay(&get(22).collections(), "get_requests_finished_detail").expect("an answer");
        let output = rows[0].output.as_ref().expect("an output");
        assert_eq!(
            (output.id.get(), output.status),
            (16, Some(CollectionStatus::Closed))
        );
        assert_eq!(output.scope.as_deref(), Some("HPO"));
        assert_eq!(
            output.name.as_deref(),
            Some("hpo.2026_11_22_12_21_37_445976735output.0..1")
        );
        assert_eq!(
            (
                output.total_files,
                output.processed_files,
                output.processing_files
            ),
            (Some(1), Some(1), Some(0))
        );
        assert_eq!(rows[0].input.as_ref().map(|input| input.id.get()), Some(15));
        assert_eq!(
            rows[0].processing.as_ref().map(|part| part.status),
            Some(ProcessingStatus::Finished)
        );
    }

    #[test]
    fn a_request_without_transforms_has_none_and_keeps_its_id() {
        let body = r#"[{"request_id": null, "status": 0, "transform_id": null, "transform_status": null,
            "processing_id": null, "input_coll_id": null, "input_total_files": 0, "output_coll_id": null}]"#;
        let rows = read(&get(5).collections(), body).expect("an answer");
        assert_eq!((&rows[0].transform, &rows[0].processing), (&None, &None));
        assert_eq!((&rows[0].input, &rows[0].output), (&None, &None));
        assert_eq!(rows[0].request.request_id, Some(RequestId::new(5)));
        assert!(rows[0].request.rest.is_empty());
        let by_workload = client().requests().get(WorkloadId::new(5)).collections();
        assert_eq!(
            read(&by_workload, body).expect("an answer")[0]
                .request
                .request_id,
            None
        );
    }

    #[test]
    fn a_value_of_another_shape_is_named_by_its_place() {
        let body = r#"[{"request_id": 5, "status": 0}, {"status": 0, "output_coll_id": 3, "output_coll_bytes": "many"}]"#;
        let error = read(&get(5).collections(), body).expect_err("a word for a number");
        assert_eq!(
            error.to_string(),
            "the answer cannot be understood at [1].output_coll_bytes"
        );
        let body = r#"[{"status": 0, "transform_id": 1, "transform_status": "busy"}]"#;
        let error = read(&get(5).transforms(), body).expect_err("a word for a member");
        assert_eq!(
            error.to_string(),
            "the answer cannot be understood at [0].transform_status"
        );
    }
}
