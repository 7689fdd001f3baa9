//! Follows a request.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::Stream;
use futures::stream::{self, BoxStream, StreamExt};
use idds_workflow::RequestId;

use super::RequestInfo;
use super::pace::Pace;
use crate::{BoxFuture, Client, Error};

/// The states a request goes through: the present one, then each change of status, substatus or errors.
///
/// It ends after a status that is [terminal](idds_workflow::RequestStatus::is_terminal), at the deadline, or with an
/// error. Errors that may pass are passed over until they come often in a row. It needs a tokio runtime with a clock; that of
/// the deadline starts with the first poll. A state between two looks is not seen.
///
/// ```
/// use std::time::Duration;
///
/// use futures::TryStreamExt;
/// use idds_client::{Client, Exchange, Replay};
/// use idds_workflow::{RequestId, RequestStatus};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
/// # let path = "/idds/request/7/null/False/False/False/False";
/// # let recorded = Replay::new([2, 2, 3].map(|status| {
/// #     Exchange::new("GET", path, 200, &format!(r#"[{{"request_id": 7, "status": {status}}}]"#))
/// # }));
/// # let client = Client::builder("https://idds.example/idds").transport(recorded).build()?;
/// let mut watch = client.requests().watch(RequestId::new(7)).deadline(Duration::from_secs(3600));
/// let mut seen = Vec::new();
/// while let Some(info) = watch.try_next().await? {
///     seen.push(info.status);
/// }
/// assert_eq!(seen, [RequestStatus::Transforming, RequestStatus::Finished]);
/// # Ok::<(), idds_client::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a stream does nothing unless polled"]
pub struct Watch {
    rules: Rules,
    states: Option<BoxStream<'static, Result<RequestInfo, Error>>>,
}

#[derive(Clone, Debug)]
struct Rules {
    client: Client,
    request: RequestId,
    interval: Duration,
    deadline: Option<Duration>,
}

impl Watch {
    pub(crate) fn new(client: Client, request: RequestId) -> Self {
        Self {
            rules: Rules {
                client,
                request,
                interval: Pace::INTERVAL,
                deadline: None,
            },
            states: None,
        }
    }

    /// Sets the time between two looks; 2 s unless set, and each is up to a fifth longer or shorter.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.rules.interval = interval;
        self
    }

    /// Sets for how long to watch; until the request ends unless set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.rules.deadline = Some(deadline);
        self
    }
}

impl Stream for Watch {
    type Item = Result<RequestInfo, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { rules, states } = self.get_mut();
        let states = states.get_or_insert_with(|| changes(Looks::new(rules.clone())).boxed());
        states.poll_next_unpin(context)
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

/// The looks at a request.
struct Looks {
    rules: Rules,
    pace: Pace,
    is_first: bool,
}

impl Looks {
    fn new(rules: Rules) -> Self {
        let pace = Pace::new(rules.interval, rules.deadline);
        Self {
            rules,
            pace,
            is_first: true,
        }
    }

    /// Returns the state at the next look; none after the deadline.
    async fn next(&mut self) -> Result<Option<RequestInfo>, Error> {
        loop {
            if !std::mem::take(&mut self.is_first) && !self.pace.pause().await {
                return Ok(None);
            }
            match self.rules.client.existing(self.rules.request).await {
                Ok(info) => {
                    self.pace.succeeded();
                    return Ok(Some(info));
                }
                Err(error) => self.pace.tolerate(error)?,
            }
        }
    }
}

fn changes(looks: Looks) -> impl Stream<Item = Result<RequestInfo, Error>> {
    stream::try_unfold(
        (looks, None::<RequestInfo>),
        |(mut looks, last)| async move {
            if last.as_ref().is_some_and(|last| last.status.is_terminal()) {
                return Ok(None);
            }
            while let Some(info) = looks.next().await? {
                if last.as_ref().is_none_or(|last| is_change(last, &info)) {
                    return Ok(Some((info.clone(), (looks, Some(info)))));
                }
            }
            Ok(None)
        },
    )
}

fn is_change(last: &RequestInfo, now: &RequestInfo) -> bool {
    (last.status, last.substatus, &last.errors) != (now.status, now.substatus, &now.errors)
}

/// Waits until a request is as wanted, until a deadline.
///
/// # Errors
///
/// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when the server does not know the request. Errors that may pass are
/// passed over until they come often in a row.
#[must_use = "a call is sent when awaited"]
pub struct WaitUntil {
    rules: Rules,
    is_wanted: Box<dyn Fn(&RequestInfo) -> bool + Send>,
}

/// How a wait for a request ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Waited {
    /// The request is as wanted.
    Reached(RequestInfo),
    /// The deadline came first; this is the request as it was then.
    Deadline(RequestInfo),
}

impl WaitUntil {
    pub(crate) fn new(
        client: Client,
        request: RequestId,
        is_wanted: impl Fn(&RequestInfo) -> bool + Send + 'static,
        deadline: Duration,
    ) -> Self {
        let rules = Rules {
            client,
            request,
            interval: Pace::INTERVAL,
            deadline: Some(deadline),
        };
        Self {
            rules,
            is_wanted: Box::new(is_wanted),
        }
    }

    /// Sets the time between two looks; 2 s unless set, and each is up to a fifth longer or shorter.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.rules.interval = interval;
        self
    }
}

impl IntoFuture for WaitUntil {
    type Output = Result<Waited, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let request = self.rules.request;
            let mut looks = Looks::new(self.rules);
            let mut last = None;
            while let Some(info) = looks.next().await? {
                if (self.is_wanted)(&info) {
                    return Ok(Waited::Reached(info));
                }
                last = Some(info);
            }
            // The look at the deadline has failed for good if no look has succeeded.
            last.map(Waited::Deadline)
                .ok_or_else(|| crate::Target::Request(request).unknown())
        })
    }
}

impl fmt::Debug for WaitUntil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitUntil")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;
    use idds_workflow::RequestStatus;
    use tokio::time::Instant;

    use super::*;
    use crate::transport::recorded::client_of;
    use crate::{ErrorKind, Exchange, Replay};

    const ID: RequestId = RequestId::new(7);

    fn looks(answers: &[(u16, &str)]) -> Client {
        let path = "/idds/request/7/null/False/False/False/False";
        client_of(Replay::new(
            answers
                .iter()
                .map(|(status, body)| Exchange::new("GET", path, *status, body)),
        ))
    }

    fn row(status: RequestStatus) -> String {
        format!(r#"[{{"request_id": 7, "status": {}}}]"#, status.code())
    }

    #[tokio::test(start_paused = true)]
    async fn only_changes_are_shown_and_the_end_ends_it() {
        let [new, running, done] = [
            RequestStatus::New,
            RequestStatus::Transforming,
            RequestStatus::Failed,
        ]
        .map(row);
        let client = looks(&[
            (200, &new),
            (200, &new),
            (503, ""),
            (200, &running),
            (200, &running),
            (200, &done),
            (200, &new),
        ]);
        let start = Instant::now();
        let seen: Vec<_> = client
            .requests()
            .watch(ID)
            .try_collect()
            .await
            .expect("a stream");
        assert_eq!(
            seen.iter().map(|info| info.status).collect::<Vec<_>>(),
            [
                RequestStatus::New,
                RequestStatus::Transforming,
                RequestStatus::Failed
            ]
        );
        assert!(
            (8..=12).contains(&start.elapsed().as_secs()),
            "{:?}",
            start.elapsed()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_command_is_a_change() {
        let refused = r#"[{"request_id": 7, "status": 2, "errors": {"extra_msg": "no"}}]"#;
        let client = looks(&[(200, &row(RequestStatus::Transforming)), (200, refused)]);
        let watch = client
            .requests()
            .watch(ID)
            .interval(Duration::from_secs(10))
            .deadline(Duration::from_secs(3));
        let seen: Vec<_> = watch.try_collect().await.expect("a stream");
        assert_eq!(
            seen.iter().map(RequestInfo::refusal).collect::<Vec<_>>(),
            [None, Some("no")]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_unknown_request_ends_it_with_an_error() {
        let mut watch = looks(&[(200, "[]")]).requests().watch(ID);
        let error = watch.try_next().await.expect_err("unknown");
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::NotFound, "the server does not know request 7")
        );
        assert!(watch.try_next().await.expect("the end").is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_when_the_request_is_as_wanted_or_at_the_deadline() {
        let (running, done) = (
            row(RequestStatus::Transforming),
            row(RequestStatus::SubFinished),
        );
        let deadline = Duration::from_secs(60);
        let client = looks(&[(200, &running), (200, &done)]);
        let waited = client
            .requests()
            .wait_until_ended(ID, deadline)
            .await
            .expect("an answer");
        assert!(
            matches!(waited, Waited::Reached(info) if info.status == RequestStatus::SubFinished)
        );

        let client = looks(&[(200, &running), (200, &running), (200, &running)]);
        let wait =
            client
                .requests()
                .wait_until(ID, |info| info.errors.is_some(), Duration::from_secs(3));
        let waited = wait
            .interval(Duration::from_secs(2))
            .await
            .expect("an answer");
        assert!(
            matches!(waited, Waited::Deadline(info) if info.status == RequestStatus::Transforming)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_stays_away_is_an_error_at_the_deadline() {
        let client = looks(&[(503, ""), (503, "")]);
        let wait = client
            .requests()
            .wait_until_ended(ID, Duration::from_secs(1));
        assert_eq!(
            wait.await.expect_err("unavailable").kind(),
            ErrorKind::Unavailable
        );
    }
}
