//! Submits a workflow.

mod build;
mod legacy;
mod post;
mod state;
mod trace;

use bytes::Bytes;
use http::{Request, Response};
use idds_workflow::wire::{Remedies, Submission};
use idds_workflow::{RequestId, Stamp, Workflow};
use jiff::Timestamp;

pub use self::legacy::SubmitLegacy;
use self::post::{Part, Post, request_id};
use self::trace::Trace;
use super::Requests;
use crate::call::{Action, Endpoint};
use crate::endpoint::{json, unwritable};
use crate::route::{self, Route};
use crate::{BoxFuture, Call, Client, Error, ErrorKind};

/// Submits a workflow and answers the id of its request.
///
/// It makes one request, or ends with an error that says what is known. The workflow is posted again only when it is sure that it
/// never arrived and never will: there was no connection, the connection broke before the end of the body, or the server
/// was too busy to look at it (429, or the 503 of an embedded server that has no room). A connection that breaks later proves nothing, as what stands between may deliver the
/// workflow at any time. Then the client looks for the request by its name and workload, for
/// [some time](crate::Retry::settle) that grows with that of the POST and with its size, and knows it by the id that stands in
/// this submission only. A call makes at most one request; two calls make two, also for the same workflow.
///
/// What is too big for one request is sent in several, as
/// [`ClientBuilder::max_request_length`](crate::ClientBuilder::max_request_length) says. The server checks little now and
/// the rest later: a request that it cannot work on becomes Failed, and says why in
/// [`errors`](crate::RequestInfo::errors).
///
/// ```
/// # use idds_client::{Exchange, Replay};
/// use idds_client::{Client, ErrorKind};
/// use idds_workflow::{Work, Workflow};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let recorded = Replay::new([
/// #     Exchange::new("POST", "/idds/request", 200, r#"{"request_id": 7}"#),
/// # ]);
/// # let client = Client::builder("https://idds.example:443/idds").transport(recorded).build()?;
/// let workflow = Workflow::builder().work(Work::builder("run.sh").build()?).build()?;
/// let submit = client.requests().submit(&workflow);
/// println!("it will be found as {}", submit.name());
/// match submit.await {
///     Ok(request) => println!("it is request {request}"),
///     Err(error) if error.kind() == ErrorKind::Undecided => println!("look for it before another try: {error}"),
///     Err(error) => println!("there is none: {error}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Undecided`] when the answer was lost and the request is not found in that time, or the server cannot be asked:
/// there may be one, or come one yet; look for its [`name`](Self::name). With every other kind there is none, and will be
/// none: [`ErrorKind::Refused`] when the server does not take the workflow, [`ErrorKind::Argument`] for one that is too big
/// and cannot be split, and for a search that [would fail at once](Workflow::advice_on_failure), and [those of every call](ErrorKind).
pub type Submit = Call<RequestId, NewRequest>;

/// The request that is to be made of a workflow.
#[derive(Clone, Debug)]
pub struct NewRequest {
    workflow: Workflow,
    is_build: bool,
    stamp: Stamp,
    remedies: Remedies,
    is_despite_advice: bool,
}

impl Requests {
    /// Submits a workflow: makes exactly one new request, or returns an error that says what is known.
    pub fn submit(&self, workflow: &Workflow) -> Submit {
        Submit::of(&self.client, workflow, false)
    }
}

impl Submit {
    fn of(client: &Client, workflow: &Workflow, is_build: bool) -> Self {
        let request = NewRequest {
            workflow: workflow.clone(),
            is_build,
            stamp: Stamp::new(Timestamp::now(), rand::random()),
            remedies: Remedies::default(),
            is_despite_advice: false,
        };
        Self::with(client, request)
    }

    /// Sets whether attributes are added without which this server cannot run some works; they are by default.
    pub fn remedies(mut self, remedies: Remedies) -> Self {
        self.settings.remedies = remedies;
        self
    }

    /// Sets where ids, time and generated names come from: the clock and the system's randomness by default.
    ///
    /// Two submissions with one stamp cannot be told apart when the answer to one is lost.
    pub fn stamp(mut self, stamp: Stamp) -> Self {
        self.settings.stamp = stamp;
        self
    }

    /// Submits also a search that the server will end as Failed before it has a point, which is refused by default; see
    /// [`Workflow::advice_on_failure`].
    pub fn despite_advice(mut self) -> Self {
        self.settings.is_despite_advice = true;
        self
    }

    /// Returns the name that the request will have, which is generated for a workflow without one.
    pub fn name(&self) -> String {
        self.settings.submission().name().into_owned()
    }

    /// Makes every request that will be sent, in this order: the parts of a workflow that is too big for one, and the
    /// [last](Self::request), which makes the request on the server.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] for a workflow that is too big and cannot be split, [`ErrorKind::Unsupported`] when a server of this
    /// version cannot do it.
    pub fn requests(&self) -> Result<Vec<Request<Bytes>>, Error> {
        let Form { parts, last, .. } = self.settings.form(&self.client)?;
        let parts = parts.iter().map(|part| part.request(&self.client));
        parts
            .chain([self.settings.ended(&self.client, last)])
            .collect()
    }
}

impl NewRequest {
    fn submission(&self) -> Submission<'_> {
        let submission = Submission::new(&self.workflow, &self.stamp).remedies(self.remedies);
        if self.is_build {
            submission.as_build().use_dataset_name()
        } else {
            submission
        }
    }

    fn ended(&self, client: &Client, body: Bytes) -> Result<Request<Bytes>, Error> {
        self.route().draft(client)?.written(body)
    }

    /// Refuses what every server ends as Failed at once: to find that out later costs minutes.
    fn check(&self) -> Result<(), Error> {
        let advice = self.workflow.advice_on_failure();
        match advice.first() {
            Some(first) if !self.is_despite_advice => {
                let what = format!(
                    "the request would fail: {first}; despite_advice() submits it all the same"
                );
                Err(Error::new(ErrorKind::Argument, what))
            }
            _ => Ok(()),
        }
    }

    /// Decides how it is sent, which takes its whole text.
    fn form(&self, client: &Client) -> Result<Form, Error> {
        self.route().draft(client)?;
        let most = client.limits().max_body;
        let submission = self.submission();
        let trace = Trace::of(&submission, &self.workflow);
        let whole = body(&submission)?;
        let len = whole.len();
        // A build is never split: it has no maps of jobs.
        if len <= most || self.is_build {
            return Ok(Form {
                parts: Vec::new(),
                last: whole,
                trace,
            });
        }
        drop(whole);
        let too_big = |why: String| {
            let what = format!(
                "the workflow has {len} bytes, one request may have {most}, and {why}; make several workflows of it, or raise \
                 max_request_length if the server takes more"
            );
            Error::new(ErrorKind::Argument, what)
        };
        let steps = submission
            .in_steps(most)
            .map_err(|error| too_big(format!("it cannot be split: {error}")))?;
        let parts = steps
            .uploads()
            .map(|part| json(&part).map(Part))
            .collect::<Result<Vec<_>, _>>()?;
        let last = body(steps.submission())?;
        if last.len() > most {
            return Err(too_big(match parts.len() {
                0 => "it has no maps of jobs that could be sent ahead".to_owned(),
                _ => format!(
                    "without its maps of jobs, which can be sent ahead, it still has {}",
                    last.len()
                ),
            }));
        }
        match parts.iter().map(|part| part.0.len()).max() {
            Some(longest) if longest > most => Err(too_big(format!(
                "the longest map of jobs alone, which cannot be split, makes one of {longest}"
            ))),
            _ => Ok(Form { parts, last, trace }),
        }
    }
}

/// Writes the body of a submission.
fn body(submission: &Submission<'_>) -> Result<Bytes, Error> {
    let mut text = Vec::new();
    submission.write_json(&mut text).map_err(unwritable)?;
    Ok(text.into())
}

/// How a workflow is sent.
struct Form {
    /// What goes ahead, because the whole is too long for one request.
    parts: Vec<Part>,
    /// The body of the request that is the submission.
    last: Bytes,
    /// By what it is found again when its answer is lost.
    trace: Trace,
}

impl Action for NewRequest {
    type Output = RequestId;

    fn run(self, client: Client) -> BoxFuture<'static, Result<RequestId, Error>> {
        Box::pin(async move {
            let deadline = client.deadline();
            let form = self.check().and_then(|()| self.form(&client));
            let Form { parts, last, trace } =
                form.map_err(|error| error.during(self.route().operation()))?;
            for part in parts {
                client.send_before(&part, deadline).await?;
            }
            Post(last).send_once(&client, &trace, deadline).await
        })
    }
}

/// The request is the last one, with the workflow itself.
impl Endpoint for NewRequest {
    type Answer = RequestId;

    fn route(&self) -> &'static Route {
        if self.is_build {
            &route::SUBMIT_BUILD
        } else {
            &route::SUBMIT
        }
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        let form = self.form(client)?;
        self.ended(client, form.last)
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<RequestId, Error> {
        request_id(response)
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{ATLASHPOWork, OptSpace};
    use serde_json::Value;

    use super::*;
    use crate::transport::recorded::{client, read, replay};

    fn call() -> Submit {
        let workflow = Workflow::builder()
            .name("demo")
            .build()
            .expect("a workflow");
        client().requests().submit(&workflow)
    }

    #[test]
    fn the_body_is_the_workflow_as_json() {
        let request = call().request().expect("a request");
        assert_eq!(request.headers()["content-type"], "application/json");
        let body: Value = serde_json::from_slice(request.body()).expect("JSON");
        assert_eq!(body["request_metadata"]["workflow"]["class"], "Workflow");
    }

    #[test]
    fn one_call_always_sends_the_same_bytes_and_two_do_not() {
        let call = call();
        let body = |call: &Submit| call.request().expect("a request").into_body();
        assert_eq!(body(&call), body(&call.clone()));
        assert_ne!(body(&call), body(&self::call()));
    }

    #[test]
    fn one_stamp_makes_one_submission_of_a_workflow() {
        let stamp = Stamp::new(Timestamp::UNIX_EPOCH, 7);
        let body = || {
            let request = call().stamp(stamp.clone()).request();
            request.expect("a request").into_body()
        };
        assert_eq!(body(), body());
    }

    #[test]
    fn the_name_that_is_made_up_for_a_workflow_is_the_one_that_is_sent() {
        let workflow = Workflow::builder().build().expect("a workflow");
        let call = client().requests().submit(&workflow);
        let request = call.request().expect("a request");
        let body: Value = serde_json::from_slice(request.body()).expect("JSON");
        assert_eq!(body["name"], call.name());
        assert!(!call.name().is_empty());
    }

    #[test]
    fn what_this_server_needs_is_added_unless_it_is_to_be_left_out() {
        let space = OptSpace::builder().scalar("B", 0..=5).build();
        let search = ATLASHPOWork::nevergrad(space.expect("a space"), 20).build();
        let workflow = Workflow::builder()
            .work(search.expect("a search"))
            .build()
            .expect("a workflow");
        let has_output = |call: Submit| {
            let request = call.request().expect("a request");
            let body = std::str::from_utf8(request.body()).expect("text");
            body.contains(r#""output_json":""#)
        };
        let call = client().requests().submit(&workflow);
        assert!(has_output(call.clone()));
        assert!(!has_output(call.remedies(Remedies::Omit)));
    }

    #[tokio::test]
    async fn a_search_that_every_server_would_fail_is_not_sent() {
        let search = ATLASHPOWork::builder()
            .max_points(2)
            .build()
            .expect("a search");
        let workflow = Workflow::builder()
            .work(search)
            .build()
            .expect("a workflow");
        let error = client().requests().submit(&workflow).await;
        let error = error.expect_err("there is no method");
        assert_eq!(error.kind(), ErrorKind::Argument);
        let text = error.to_string();
        assert!(
            text.contains("no-method") && text.contains("despite_advice()"),
            "{text}"
        );
    }

    #[test]
    fn the_answer_is_the_id_of_the_request() {
        assert_eq!(
            replay(&call(), "submit_oidc").expect("an answer"),
            RequestId::new(24)
        );
        assert_eq!(
            read(&call(), "{}").expect_err("no id").kind(),
            ErrorKind::Answer
        );
    }

    #[test]
    fn a_refusal_of_the_database_is_one_line() {
        let error = replay(&call(), "submit_long_name").expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert_eq!(
            error.to_string(),
            "the server refused it (500): Database exception.: {} Details: \
             (psycopg2.errors.StringDataRightTruncation) value too long for type character varying(255)"
        );
    }
}
