//! Submits a workflow.

mod build;
mod legacy;
mod post;
mod progress;
mod trace;

use bytes::Bytes;
use http::{Method, Request, Response};
use idds_workflow::wire::{Remedies, Submission};
use idds_workflow::{RequestId, Stamp, Workflow};
use jiff::Timestamp;

pub use self::build::SubmitBuild;
pub use self::legacy::SubmitLegacy;
use self::post::{Post, Upload, request_id};
use self::trace::Trace;
use crate::endpoint::{json, unwritable, with_json};
use crate::server::Operation;
use crate::{BoxFuture, Client, Endpoint, Error, ErrorKind};

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
/// and cannot be split, and [those of every call](ErrorKind).
#[derive(Clone, Debug)]
#[must_use = "a call is sent when awaited"]
pub struct Submit {
    client: Client,
    workflow: Workflow,
    stamp: Stamp,
    remedies: Remedies,
}

impl Submit {
    pub(crate) fn new(client: Client, workflow: Workflow) -> Self {
        let stamp = Stamp::new(Timestamp::now(), rand::random());
        Self {
            client,
            workflow,
            stamp,
            remedies: Remedies::default(),
        }
    }

    /// Sets whether attributes are added without which this server cannot run some works; they are unless set.
    pub fn remedies(mut self, remedies: Remedies) -> Self {
        self.remedies = remedies;
        self
    }

    /// Sets where ids, time and generated names come from: the clock and the system's randomness unless set.
    ///
    /// Two submissions with one stamp cannot be told apart when the answer to one is lost.
    pub fn stamp(mut self, stamp: Stamp) -> Self {
        self.stamp = stamp;
        self
    }

    /// Returns the name that the request will have, which is generated for a workflow without one.
    pub fn name(&self) -> String {
        self.submission().name().into_owned()
    }

    fn submission(&self) -> Submission<'_> {
        Submission::new(&self.workflow, &self.stamp).remedies(self.remedies)
    }

    fn form(&self) -> Result<Form, Error> {
        Operation::Submit.check(self.client.server_version())?;
        let most = self.client.limits().max_body;
        let whole = body(&self.submission())?;
        let len = whole.len();
        if len <= most {
            return Ok(Form {
                uploads: Vec::new(),
                last: whole,
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
        let steps = self
            .submission()
            .in_steps(most)
            .map_err(|error| too_big(format!("it cannot be split: {error}")))?;
        let uploads = steps
            .uploads()
            .map(|part| json(&part))
            .collect::<Result<Vec<_>, _>>()?;
        let last = body(steps.submission())?;
        if last.len() > most {
            return Err(too_big(match uploads.len() {
                0 => "it has no maps of jobs that could be sent ahead".to_owned(),
                _ => format!(
                    "without its maps of jobs, which can be sent ahead, it still has {}",
                    last.len()
                ),
            }));
        }
        match uploads.iter().map(Bytes::len).max() {
            Some(longest) if longest > most => Err(too_big(format!(
                "the longest map of jobs alone, which cannot be split, makes one of {longest}"
            ))),
            _ => Ok(Form { uploads, last }),
        }
    }

    async fn run(self) -> Result<RequestId, Error> {
        let deadline = self.client.deadline();
        let Form { uploads, last } = self.form().map_err(|error| error.during(Post::OPERATION))?;
        for part in uploads {
            self.client.send_before(&Upload(part), deadline).await?;
        }
        let trace = Trace::of(&self.submission(), &self.workflow);
        Post(last).send_once(&self.client, &trace, deadline).await
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
    uploads: Vec<Bytes>,
    /// The request that is the submission.
    last: Bytes,
}

impl IntoFuture for Submit {
    type Output = Result<RequestId, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// The request is the last one, with the workflow itself.
impl Endpoint for Submit {
    type Answer = RequestId;

    const OPERATION: &'static str = Post::OPERATION;

    fn request(&self) -> Result<Request<Bytes>, Error> {
        with_json(Method::POST, "/request", self.form()?.last)
    }

    fn answer(&self, response: Response<Bytes>) -> Result<RequestId, Error> {
        request_id(&response)
    }
}

#[cfg(test)]
mod tests {
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
