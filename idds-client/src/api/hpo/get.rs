//! Gets points.

use std::collections::HashSet;

use bytes::Bytes;
use http::{HeaderName, Request, Response};

use super::{HyperParameters, PointId};
use crate::call::{Endpoint, Single};
use crate::endpoint::decode;
use crate::route::{self, Route};
use crate::{Call, Client, Error, ErrorKind, Items, Target};

/// Says from which point on points are wanted. iDDS does not know it and answers all of them; the embedded server does.
const SINCE: HeaderName = HeaderName::from_static("x-idds-points-since");

/// Gets the points of a search, in the order of their ids.
///
/// The answer is empty when the server knows no such request or it has no points yet. By a workload id alone, the points
/// of all requests with it come mixed, and their ids repeat.
///
/// Only the id of a point is looked for by the server, whose own filters for state and number fail; the other
/// conditions are applied to the answer.
///
/// # Errors
///
/// [`ErrorKind::Argument`] when the id of the point cannot stand in a path, or the one of [`since`](Self::since) is no number.
pub type GetHyperParameters = Call<Vec<HyperParameters>, PointQuery>;

/// The filter for points: the part that the server applies, and the part that is applied to its answer.
#[derive(Clone, Debug)]
pub struct PointQuery {
    target: Target,
    id: Option<PointId>,
    since: Option<PointId>,
    has_loss: Option<bool>,
    limit: usize,
    is_unique: bool,
}

impl GetHyperParameters {
    pub(crate) fn new(client: &Client, target: Target) -> Self {
        let query = PointQuery {
            target,
            id: None,
            since: None,
            has_loss: None,
            limit: usize::MAX,
            is_unique: false,
        };
        Self::with(client, query)
    }

    /// Gets the point with this id only.
    pub fn id(mut self, id: impl Into<PointId>) -> Self {
        self.settings.id = Some(id.into());
        self
    }

    /// Gets the point with this id, which must be a number, and those after it.
    ///
    /// The embedded server sends no others, which is what makes this fast; iDDS sends all of them. A point whose id is no
    /// number is always kept.
    pub fn since(mut self, id: impl Into<PointId>) -> Self {
        self.settings.since = Some(id.into());
        self
    }

    /// Keeps the points without a loss.
    pub fn open(mut self) -> Self {
        self.settings.has_loss = Some(false);
        self
    }

    /// Keeps the points with a loss.
    pub fn evaluated(mut self) -> Self {
        self.settings.has_loss = Some(true);
        self
    }

    /// Fails when two points of the answer have the same id, as those of a second search in a workflow have on iDDS 2.6.21.
    ///
    /// A loss reaches only the first of them there, so that the other search never ends.
    pub fn unique(mut self) -> Self {
        self.settings.is_unique = true;
        self
    }

    /// Keeps at most this many points, the first ones; all by default.
    pub fn limit(mut self, count: usize) -> Self {
        self.settings.limit = count;
        self
    }

    /// Sends the call, and gives the points one by one as they come: they may be too many for the memory.
    ///
    /// # Errors
    ///
    /// Those of the call; once points come, an error is a point.
    pub async fn stream(self) -> Result<Items<HyperParameters>, Error> {
        let points = Items::start(&self.client, &self.settings).await?;
        let (query, limit) = (self.settings.clone(), self.settings.limit);
        Ok(points.only(move |point: &HyperParameters| query.wants(point), limit))
    }
}

impl PointQuery {
    fn check_ids(&self, points: &[HyperParameters]) -> Result<(), Error> {
        let mut ids = HashSet::new();
        match points.iter().find(|point| !ids.insert(&point.id)) {
            None => Ok(()),
            Some(point) => {
                let what = format!(
                    "the server has two points with the id {} in {}: it has several searches, whose ids start over on iDDS \
                     2.6.21; a loss reaches only the first, and the other search never ends; abort it, and submit each \
                     search as a request of its own",
                    point.id, self.target
                );
                Err(Error::new(ErrorKind::Answer, what))
            }
        }
    }

    fn wants(&self, point: &HyperParameters) -> bool {
        let is_late = match (self.since.as_ref().and_then(number), number(&point.id)) {
            (Some(since), Some(number)) => number >= since,
            _ => true,
        };
        is_late
            && self
                .has_loss
                .is_none_or(|has_loss| point.loss.is_some() == has_loss)
    }
}

fn number(id: &PointId) -> Option<u64> {
    id.as_str().parse().ok()
}

impl Single for PointQuery {}

impl Endpoint for PointQuery {
    type Answer = Vec<HyperParameters>;

    fn route(&self) -> &'static Route {
        &route::GET_HYPERPARAMETERS
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        let mut draft = self.route().draft(client)?.target(self.target);
        if let Some(id) = &self.id {
            draft = draft.text("id", "point id", id.as_str())?;
        }
        let mut asked = draft.bare()?;
        if let Some(since) = &self.since {
            let what = || {
                Error::new(
                    ErrorKind::Argument,
                    format!("the point id {:?} is no number", since.as_str()),
                )
            };
            asked
                .headers_mut()
                .insert(SINCE, number(since).ok_or_else(what)?.into());
        }
        Ok(asked)
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<Self::Answer, Error> {
        let mut points: Vec<HyperParameters> = decode(response)?;
        if self.is_unique {
            self.check_ids(&points)?;
        }
        points.retain(|point| self.wants(point));
        points.truncate(self.limit);
        Ok(points)
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{RequestId, WorkloadId};
    use serde_json::json;

    use super::*;
    use crate::transport::recorded::{client, read, replay};

    fn call() -> GetHyperParameters {
        client().hpo().get(RequestId::new(1))
    }

    #[test]
    fn ids_that_start_over_are_named_where_that_matters() {
        let twice = r#"[{"id": "1", "loss": 0.5, "parameters": {}}, {"id": "1", "loss": null, "parameters": {}}]"#;
        assert_eq!(read(&call(), twice).expect("points").len(), 2);
        for call in [
            call().unique(),
            call().unique().since("2"),
            call().unique().open(),
        ] {
            let error = read(&call, twice).expect_err("no order");
            assert_eq!(error.kind(), ErrorKind::Answer);
            let text = error.to_string();
            assert!(
                text.contains("two points with the id 1 in request 1")
                    && text.contains("of its own"),
                "{text}"
            );
        }
    }

    fn ids(points: &[HyperParameters]) -> Vec<&str> {
        points.iter().map(|point| point.id.as_str()).collect()
    }

    #[test]
    fn the_points_of_a_request_are_read() {
        let points = replay(&call(), "hpo_get_all").expect("an answer");
        assert_eq!(ids(&points), ["1", "2", "3", "4", "5", "6"]);
        assert_eq!(
            points[0].parameters,
            json!({"A": 4, "B": 3.789772014701512})
        );
        assert_eq!(points[0].loss, None);
    }

    #[test]
    fn the_points_of_a_workload_are_read() {
        let call = client().hpo().get(WorkloadId::new(77_000_001));
        assert!(
            !replay(&call, "hpo_get_by_workload")
                .expect("an answer")
                .is_empty()
        );
    }

    #[test]
    fn only_the_id_is_left_to_the_server() {
        let call = call().id("3").open().limit(2);
        assert_eq!(ids(&replay(&call, "hpo_get_id").expect("an answer")), ["3"]);
    }

    #[test]
    fn points_before_the_one_that_is_asked_for_are_left_out_by_a_server_that_sends_them_all_too() {
        let body = r#"[{"id": "9", "loss": 0.5, "parameters": {}}, {"id": "10", "loss": null, "parameters": {}},
            {"id": "a", "loss": null, "parameters": {}}, {"id": 11, "loss": 7, "parameters": {}}]"#;
        let call = call().since("10");
        assert_eq!(call.request().expect("a request").headers()[SINCE], "10");
        assert_eq!(
            ids(&read(&call, body).expect("an answer")),
            ["10", "a", "11"]
        );
        assert_eq!(
            ids(&read(&call.evaluated(), body).expect("an answer")),
            ["11"]
        );
    }

    #[test]
    fn points_are_not_asked_for_from_an_id_that_is_no_number() {
        let error = call().since("a").request().expect_err("refused");
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::Argument, "the point id \"a\" is no number")
        );
    }

    #[test]
    fn losses_that_are_not_json_are_read_and_are_losses() {
        let points = replay(&call().id("3"), "hpo_get_nan").expect("an answer");
        assert!(points[0].loss.is_some_and(f64::is_nan));
        let points = replay(&call().id("3").evaluated(), "hpo_get_inf").expect("an answer");
        assert_eq!(points[0].loss, Some(f64::INFINITY));
        let points =
            read(&call(), r#"[{"id": "1", "loss": "0.5", "parameters": {}}]"#).expect("an answer");
        assert_eq!(points[0].loss, Some(0.5));
        assert_eq!(
            read(
                &call().open(),
                r#"[{"id": "1", "loss": NaN, "parameters": {}}]"#
            )
            .expect("an answer"),
            []
        );
    }

    #[test]
    fn open_and_evaluated_points_are_told_apart_and_zero_is_a_loss() {
        let body = r#"[{"id": "1", "loss": 0.0, "parameters": {}}, {"id": "2", "loss": null, "parameters": {}},
            {"id": 3, "loss": 7, "parameters": {}}]"#;
        assert_eq!(ids(&read(&call().open(), body).expect("an answer")), ["2"]);
        assert_eq!(
            ids(&read(&call().evaluated(), body).expect("an answer")),
            ["1", "3"]
        );
        assert_eq!(
            ids(&read(&call().evaluated().limit(1), body).expect("an answer")),
            ["1"]
        );
        assert_eq!(
            ids(&read(&call().limit(0), body).expect("an answer")),
            [""; 0]
        );
    }

    #[tokio::test]
    async fn the_same_points_come_one_by_one() {
        let replay =
            crate::Replay::new([crate::transport::recorded::exchange("hpo_get_after_put")]);
        let client = Client::builder("https://idds.example/idds")
            .transport(replay)
            .build()
            .expect("a client");
        let call = client
            .hpo()
            .get(RequestId::new(1))
            .id("1")
            .evaluated()
            .limit(1);
        let mut points = call.stream().await.expect("an answer");
        let first = points.next().await.expect("a point").expect("a point");
        assert_eq!((first.id.as_str(), first.loss), ("1", Some(0.5)));
        assert!(points.next().await.is_none());
    }

    #[test]
    fn a_point_may_be_any_json() {
        let body =
            r#"[{"id": "1", "loss": null, "parameters": [null, "NaN", NaN, {"é": -Infinity}]}]"#;
        let points = read(&call(), body).expect("an answer");
        assert_eq!(
            points[0].parameters,
            json!([null, "NaN", "NaN", {"é": "-Infinity"}])
        );
    }

    #[test]
    fn an_id_that_would_ask_for_all_points_is_not_sent() {
        for id in ["null", ""] {
            assert_eq!(
                call().id(id).request().expect_err("refused").kind(),
                ErrorKind::Argument
            );
        }
        assert_eq!(
            call().id("a b").request().expect("a request").uri(),
            "/hpo/null/1/a%20b/null/null"
        );
    }
}
