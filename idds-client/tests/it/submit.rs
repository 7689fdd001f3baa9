//! Submissions whose answers are lost, on a server that remembers what it was given.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use idds_client::{BoxFuture, Client, ClientBuilder, Error, ErrorKind, Retry, Transport};
use idds_workflow::{
    ATLASHPOWork, DomaPanDAWork, Job, OptSpace, RequestId, Work, Workflow, WorkloadId, wire,
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::forgetful::{Fault, Server, lock};
use crate::script::{Script, Turn};

fn client(server: &Arc<Server>) -> ClientBuilder {
    Client::builder("http://localhost/idds").transport(Arc::clone(server))
}

fn workflow(name: &str) -> Workflow {
    Workflow::builder().name(name).build().expect("a workflow")
}

/// Submits to a server with these faults, and returns it with the outcome.
async fn submit(server: Server, workflow: &Workflow) -> (Arc<Server>, Result<RequestId, Error>) {
    let server = Arc::new(server);
    let outcome = client(&server)
        .build()
        .expect("a client")
        .requests()
        .submit(workflow)
        .await;
    (server, outcome)
}

const LOST: [ErrorKind; 3] = [
    ErrorKind::Timeout,
    ErrorKind::Interrupted,
    ErrorKind::Answer,
];

#[tokio::test(start_paused = true)]
async fn a_request_whose_answer_was_lost_is_found() {
    let faults = LOST
        .map(Fault::After)
        .into_iter()
        .chain([500, 502, 503, 504].map(|status| Fault::Page(status, true)));
    for fault in faults {
        for workflow in [
            workflow("demo"),
            Workflow::builder().build().expect("a workflow"),
        ] {
            let (server, outcome) = submit(Server::new([fault]), &workflow).await;
            assert_eq!(outcome.expect("found"), RequestId::new(1));
            assert_eq!((server.made(), server.posts()), (1, 1));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_build_is_submitted_once_in_effect_too() {
    for (fault, posts) in [
        (Fault::After(ErrorKind::Timeout), 1),
        (Fault::CutShort(ErrorKind::Interrupted), 2),
    ] {
        let build = Work::builder("build.sh").build().expect("a work");
        let workflow = Workflow::builder()
            .name("demo")
            .build_with(build)
            .build()
            .expect("a workflow");
        let server = Arc::new(Server::new([fault]));
        let client = client(&server).build().expect("a client");
        assert_eq!(
            client
                .requests()
                .submit_build(&workflow)
                .await
                .expect("made"),
            RequestId::new(1)
        );
        assert_eq!((server.made(), server.posts()), (1, posts));
    }
}

#[tokio::test(start_paused = true)]
async fn a_submission_that_provably_did_not_arrive_is_sent_again() {
    for fault in [
        Fault::Before(ErrorKind::Connect),
        Fault::CutShort(ErrorKind::Interrupted),
        Fault::CutShort(ErrorKind::Timeout),
        Fault::Page(429, false),
    ] {
        let (server, outcome) = submit(Server::new([fault]), &workflow("demo")).await;
        assert_eq!(outcome.expect("made"), RequestId::new(1));
        assert_eq!((server.made(), server.posts()), (1, 2));
    }
}

#[tokio::test(start_paused = true)]
async fn without_proof_that_it_did_not_arrive_it_is_not_sent_again() {
    let faults = LOST
        .map(Fault::Before)
        .into_iter()
        .chain([408, 500, 502, 503, 504].map(|it| Fault::Page(it, false)));
    for fault in faults {
        let (server, outcome) = submit(Server::new([fault]), &workflow("demo")).await;
        let error = outcome.expect_err("undecided");
        assert_eq!(
            (error.kind(), server.made(), server.posts()),
            (ErrorKind::Undecided, 0, 1)
        );
        assert!(!error.is_retryable());
    }
}

#[tokio::test(start_paused = true)]
async fn an_undecided_submission_says_why_and_that_there_may_be_one() {
    let (_, outcome) = submit(
        Server::new([Fault::Before(ErrorKind::Interrupted)]),
        &workflow("demo"),
    )
    .await;
    assert_eq!(
        outcome.expect_err("undecided").to_string(),
        "submit failed: the server may have made a request, or make one yet: the answer was lost (broken), and after 30s \
         there is none that has the name \"demo\""
    );
}

#[tokio::test(start_paused = true)]
async fn what_answers_and_is_no_idds_made_nothing() {
    for status in [301, 302, 307, 400, 404, 405, 413, 501] {
        let (server, outcome) =
            submit(Server::new([Fault::Page(status, false)]), &workflow("demo")).await;
        let error = outcome.expect_err("refused");
        assert!(
            !matches!(error.kind(), ErrorKind::Undecided),
            "{status}: {error}"
        );
        assert_eq!((server.posts(), error.attempts()), (1, 1), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_submission_that_never_arrives_is_an_error_that_says_there_is_none() {
    let (server, outcome) = submit(
        Server::new([Fault::CutShort(ErrorKind::Interrupted); 9]),
        &workflow("demo"),
    )
    .await;
    let error = outcome.expect_err("given up");
    assert_eq!(
        (error.kind(), error.attempts(), server.made()),
        (ErrorKind::Interrupted, 4, 0)
    );
    assert_eq!(error.to_string(), "submit failed in 4 attempts: broken");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_final() {
    let (server, outcome) = submit(Server::new([Fault::Exception]), &workflow("demo")).await;
    assert_eq!(
        (outcome.expect_err("refused").kind(), server.posts()),
        (ErrorKind::Refused, 1)
    );
}

/// A submission of somebody else, with this workload.
fn foreign(workload: Option<u32>) -> Value {
    json!({"request_metadata": {"workload_id": workload, "workflow": {"attributes": {"template": {"attributes":
        {"internal_id": "01234567"}}}}}})
}

#[tokio::test(start_paused = true)]
async fn a_request_of_another_with_the_same_name_is_not_taken_for_ours() {
    let server = Server::new([Fault::Before(ErrorKind::Timeout)]).with("demo", foreign(None));
    let (server, outcome) = submit(server, &workflow("demo")).await;
    let error = outcome.expect_err("undecided");
    assert_eq!((error.kind(), server.posts()), (ErrorKind::Undecided, 1));
    assert!(!error.is_retryable());
    assert_eq!(
        error.to_string(),
        "submit failed: the server may have made a request, or make one yet: the answer was lost (broken), and what has the \
         name \"demo\" after 30s is none of this submission"
    );
    // The long list is asked for when another one of the name turns up, and at the end; each request is compared once.
    assert_eq!(server.count("GET /idds/request/null/null/"), 2);
    assert_eq!(server.count("GET /idds/request/1/null/"), 1);
}

/// Makes others of the same name after ours, whose answer is lost.
struct Crowd {
    server: Server,
    workload: Option<u32>,
}

impl Transport for Crowd {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Error>> {
        let is_post = request.method() == Method::POST;
        let answer = self.server.send(request);
        if is_post {
            lock(&self.server.requests)
                .extend([(); 3].map(|()| ("demo".to_owned(), foreign(self.workload))));
        }
        answer
    }
}

#[tokio::test(start_paused = true)]
async fn ours_is_found_among_others_of_the_same_name() {
    for workload in [None, Some(77)] {
        for at in [0, 2] {
            let mut server = Server::new([Fault::After(ErrorKind::Interrupted)]);
            for _ in 0..at {
                server = server
                    .with("demo", foreign(workload))
                    .with("other", foreign(workload));
            }
            let crowd = Arc::new(Crowd { server, workload });
            let client = Client::builder("http://localhost/idds")
                .transport(Arc::clone(&crowd))
                .build()
                .expect("a client");
            let mut workflow = Workflow::builder().name("demo");
            if let Some(id) = workload {
                workflow = workflow.workload_id(WorkloadId::new(id));
            }
            let workflow = workflow.build().expect("a workflow");
            let found = client.requests().submit(&workflow).await.expect("found");
            assert_eq!(found, RequestId::new(2 * at + 1), "{workload:?}");
            // A workload has few requests, so the list of everybody is not asked for.
            assert_eq!(
                crowd.server.count("GET /idds/request/null/null/"),
                usize::from(workload.is_none())
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_cannot_be_asked_leaves_it_undecided() {
    let server = Server {
        is_blind: true,
        ..Server::new([Fault::After(ErrorKind::Timeout)])
    };
    let (server, outcome) = submit(server, &workflow("demo")).await;
    let error = outcome.expect_err("undecided");
    assert_eq!((error.kind(), server.made()), (ErrorKind::Undecided, 1));
    assert!(
        error
            .to_string()
            .contains("and the server could not be asked about the name \"demo\" (find request"),
        "{error}"
    );
    let source = std::error::Error::source(&error).expect("why").to_string();
    assert!(
        source.starts_with("find request by name failed: "),
        "{source}"
    );
}

/// A server whose answer to the POST is lost after a long time, and that fails its first looks.
struct Slow {
    server: Server,
    start: Instant,
    /// Time after which the POST is lost.
    post: Duration,
    /// Time since the start at which the request is made after all.
    late: Option<Duration>,
    failures: Mutex<usize>,
}

impl Slow {
    fn new(post: Duration, late: Option<Duration>, failures: usize) -> Arc<Self> {
        Arc::new(Self {
            server: Server::new([Fault::After(ErrorKind::Interrupted)]),
            start: Instant::now(),
            post,
            late,
            failures: Mutex::new(failures),
        })
    }

    async fn submit(self: &Arc<Self>) -> Result<RequestId, Error> {
        // The end of all is far away.
        let client = Client::builder("http://localhost/idds")
            .transport(Arc::clone(self))
            .deadline(Duration::from_secs(10_000))
            .build()
            .expect("a client");
        client.requests().submit(&workflow("demo")).await
    }
}

impl Transport for Slow {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Error>> {
        if request.method() == Method::POST {
            let lost = self.server.send(request);
            return Box::pin(async move {
                tokio::time::sleep(self.post).await;
                lost.await
            });
        }
        let mut failures = lock(&self.failures);
        let is_made = self.late.is_some_and(|late| self.start.elapsed() >= late);
        let is_by_name = request.uri().path().starts_with("/idds/request/name/");
        let answer = if *failures > 0 {
            *failures -= 1;
            Response::builder().status(503).body(Bytes::new())
        } else if !is_made {
            Ok(Response::new(Bytes::from(if is_by_name {
                "{}"
            } else {
                "[]"
            })))
        } else {
            return self.server.send(request);
        };
        Box::pin(async { Ok(answer.expect("a response")) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_submission_that_took_long_is_looked_for_as_long_again_after_its_loss() {
    let server = Slow::new(Duration::from_secs(100), Some(Duration::from_secs(210)), 0);
    assert_eq!(server.submit().await.expect("found"), RequestId::new(1));
}

#[tokio::test(start_paused = true)]
async fn a_look_that_failed_does_not_matter_when_a_later_one_sees_nothing() {
    // As many as the attempts of one look.
    let server = Slow::new(Duration::ZERO, None, 4);
    let error = server.submit().await.expect_err("undecided");
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (
            ErrorKind::Undecided,
            "submit failed: the server may have made a request, or make one yet: the answer was lost (broken), and after 30s \
             there is none that has the name \"demo\""
        )
    );
}

#[tokio::test(start_paused = true)]
async fn a_look_that_failed_does_not_matter_when_a_later_one_sees_the_request() {
    let server = Slow::new(Duration::ZERO, Some(Duration::from_secs(5)), 4);
    assert_eq!(server.submit().await.expect("found"), RequestId::new(1));
}

#[tokio::test(start_paused = true)]
async fn what_answers_everything_with_a_page_of_its_own_is_not_asked_for_long() {
    let page = Turn::Answer(200, None, "<html>Welcome</html>");
    let script = Arc::new(Script::new(vec![page; 100]));
    let client = Client::builder("http://localhost/idds")
        .transport(Arc::clone(&script))
        .build()
        .expect("a client");
    let start = Instant::now();
    let error = client.requests().submit(&workflow("demo")).await;
    let error = error.expect_err("it is no iDDS");
    assert_eq!(error.kind(), ErrorKind::Undecided);
    assert!(
        error
            .to_string()
            .ends_with("the server could not be asked about the name \"demo\" for the same reason"),
        "{error}"
    );
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_search_that_would_fail_is_submitted_only_when_that_is_wanted() {
    let search = ATLASHPOWork::builder()
        .max_points(3)
        .build()
        .expect("a work");
    let workflow = Workflow::builder().name("demo").work(search).build();
    let workflow = workflow.expect("a workflow");
    let server = Arc::new(Server::default());
    let client = client(&server).build().expect("a client");
    let submit = client.requests().submit(&workflow);
    let error = submit.clone().await.expect_err("it has no method");
    assert_eq!(
        (error.kind(), server.posts()),
        (ErrorKind::Argument, 0),
        "{error}"
    );
    let made = submit.despite_advice().await.expect("made");
    assert_eq!((made, server.posts()), (RequestId::new(1), 1));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_in_the_middle_leaves_it_undecided() {
    let server = Arc::new(Server::new([Fault::After(ErrorKind::Interrupted)]));
    let client = client(&server)
        .deadline(Duration::from_millis(500))
        .build()
        .expect("a client");
    let error = client
        .requests()
        .submit(&workflow("demo"))
        .await
        .expect_err("no time to look");
    assert_eq!((error.kind(), server.made()), (ErrorKind::Undecided, 1));
}

#[tokio::test(start_paused = true)]
async fn without_retries_a_lost_submission_is_looked_for_and_not_repeated() {
    for (fault, made) in [
        (Fault::After(ErrorKind::Timeout), 1),
        (Fault::Before(ErrorKind::Timeout), 0),
    ] {
        let server = Arc::new(Server::new([fault]));
        let client = client(&server)
            .retry(Retry::none())
            .build()
            .expect("a client");
        let outcome = client.requests().submit(&workflow("demo")).await;
        assert_eq!(
            (outcome.is_ok(), server.made(), server.posts()),
            (made == 1, made, 1)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_big_workflow_goes_in_parts_and_a_lost_part_is_sent_again() {
    let task = |name: &str| {
        let jobs = (0..200).map(|number| Job::new(format!("{name}_{number}")));
        DomaPanDAWork::builder(name)
            .jobs(jobs)
            .build()
            .expect("a task")
    };
    let workflow = Workflow::builder()
        .name("big")
        .work(task("a"))
        .work(task("b"))
        .build()
        .expect("a workflow");
    let server = Arc::new(Server::new([
        Fault::After(ErrorKind::Interrupted),
        Fault::Before(ErrorKind::Timeout),
    ]));
    let client = client(&server)
        .max_request_length(length(&workflow) - 1)
        .build()
        .expect("a client");
    assert_eq!(
        client.requests().submit(&workflow).await.expect("made"),
        RequestId::new(1)
    );
    let requests = lock(&server.requests);
    assert_eq!(requests.len(), 1);
    assert_eq!(
        requests[0]
            .1
            .pointer("/request_metadata/workflow/attributes/template/attributes/with_steps"),
        Some(&json!(true))
    );
    assert_eq!(server.posts(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_workflow_that_cannot_be_split_is_not_sent() {
    let inner = Workflow::builder().build().expect("a workflow");
    let nested = Workflow::builder().work(inner).build().expect("a workflow");
    let plain = Workflow::builder()
        .work(Work::builder("run.sh").build().expect("a work"))
        .build()
        .expect("a workflow");
    let jobs = (0..5000).map(|number| Job::new(format!("job_{number}")));
    let task = DomaPanDAWork::builder("a")
        .jobs(jobs)
        .build()
        .expect("a task");
    let mapped = Workflow::builder().work(task).build().expect("a workflow");
    let without_maps = length_within(&mapped, length(&mapped) - 1);
    for (workflow, most, why) in [
        (
            &nested,
            10,
            "it cannot be split: steps.step1: is a sub-workflow".to_owned(),
        ),
        (
            &plain,
            10,
            "it has no maps of jobs that could be sent ahead".to_owned(),
        ),
        (
            &mapped,
            10,
            format!(
                "without its maps of jobs, which can be sent ahead, it still has {without_maps}"
            ),
        ),
        (
            &mapped,
            without_maps,
            "the longest map of jobs alone, which cannot be split, makes one of ".to_owned(),
        ),
    ] {
        let server = Arc::new(Server::default());
        let client = client(&server)
            .max_request_length(most)
            .build()
            .expect("a client");
        let error = client
            .requests()
            .submit(workflow)
            .await
            .expect_err("too big");
        assert_eq!((error.kind(), server.posts()), (ErrorKind::Argument, 0));
        let text = error.to_string();
        assert!(
            text.starts_with("submit failed: the workflow has "),
            "{text}"
        );
        assert!(
            text.contains(&format!(" bytes, one request may have {most}, and {why}")),
            "{why}: {text}"
        );
        assert!(text.ends_with(
            "; make several workflows of it, or raise max_request_length if the server takes more"
        ));
    }
}

/// Returns the length of a submission in one request.
fn length(workflow: &Workflow) -> usize {
    length_within(workflow, usize::MAX)
}

/// Returns the length of the last request of a submission in requests of at most so many bytes.
fn length_within(workflow: &Workflow, most: usize) -> usize {
    let client = client(&Arc::default())
        .max_request_length(most)
        .build()
        .expect("a client");
    client
        .requests()
        .submit(workflow)
        .request()
        .expect("a request")
        .body()
        .len()
}

fn search(server: &Arc<Server>, workload: Option<u32>) -> idds_client::SubmitLegacy {
    let space = OptSpace::builder()
        .scalar("B", 0..=5)
        .build()
        .expect("a space");
    let search = ATLASHPOWork::nevergrad(space, 20)
        .build()
        .expect("a search");
    let mut request = wire::LegacyRequest::search(&search).expect("a request");
    if let Some(id) = workload {
        request = request.workload_id(WorkloadId::new(id));
    }
    client(server)
        .build()
        .expect("a client")
        .requests()
        .submit_legacy(&request)
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_workflow_is_found_by_its_workload() {
    for (fault, posts) in [
        (Fault::After(ErrorKind::Timeout), 1),
        (Fault::CutShort(ErrorKind::Timeout), 2),
    ] {
        let older = json!({"request_metadata": {"workload_id": 77}});
        let server = Arc::new(Server::new([fault]).with("older", older));
        assert_eq!(
            search(&server, Some(77)).await.expect("made"),
            RequestId::new(2)
        );
        assert_eq!((server.made(), server.posts()), (2, posts));
    }
    let server = Arc::new(Server::new([Fault::Before(ErrorKind::Timeout)]));
    let error = search(&server, Some(77)).await.expect_err("undecided");
    assert_eq!((error.kind(), server.posts()), (ErrorKind::Undecided, 1));
}

#[tokio::test(start_paused = true)]
async fn a_request_without_workflow_and_workload_cannot_be_found_again() {
    let server = Arc::new(Server::new([Fault::After(ErrorKind::Timeout)]));
    let start = Instant::now();
    let error = search(&server, None).await.expect_err("undecided");
    // There is nothing to wait for.
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!((error.kind(), server.posts()), (ErrorKind::Undecided, 1));
    assert!(
        error
            .to_string()
            .ends_with("it has no workload id to find it by"),
        "{error}"
    );
}
