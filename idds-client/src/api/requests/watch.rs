//! Follows a request.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::Stream;
use futures::stream::{self, BoxStream, StreamExt};
use idds_workflow::RequestId;

use super::poll_timer::PollTimer;
use super::{RequestInfo, Requests};
use crate::call::Action;
use crate::{BoxFuture, Call, Client, Error};

/// The states a request goes through: the present one, then each change of status, substatus or errors.
///
/// It ends after a status that is [terminal](idds_workflow::RequestStatus::is_terminal), at the end of its timeout, or with an
/// error. Errors that may pass are passed over until they come often in a row. It needs a tokio runtime with a clock; that of
/// the timeout starts with the first poll. A state between two looks is not seen.
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
/// let mut watch = client.requests().watch(RequestId::new(7)).timeout(Duration::from_secs(3600));
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
    settings: WatchSettings,
    states: Option<BoxStream<'static, Result<RequestInfo, Error>>>,
}

/// The request that is watched, and the timing.
#[derive(Clone, Debug)]
struct WatchSettings {
    client: Client,
    request: RequestId,
    interval: Duration,
    timeout: Option<Duration>,
}

impl Requests {
    /// Follows a request from state to state.
    pub fn watch(&self, request: RequestId) -> Watch {
        Watch {
            settings: WatchSettings::new(self.client.clone(), request),
            states: None,
        }
    }

    /// Waits until a request has ended.
    pub fn wait_until_ended(&self, request: RequestId) -> WaitUntil {
        self.wait_until(request, |info| info.status.is_terminal())
    }

    /// Waits until a request meets a condition.
    pub fn wait_until(
        &self,
        request: RequestId,
        is_wanted: impl Fn(&RequestInfo) -> bool + Send + 'static,
    ) -> WaitUntil {
        let condition = Condition {
            settings: WatchSettings::new(self.client.clone(), request),
            is_wanted: Box::new(is_wanted),
        };
        Call::with(&self.client, condition)
    }
}

impl WatchSettings {
    fn new(client: Client, request: RequestId) -> Self {
        Self {
            client,
            request,
            interval: PollTimer::INTERVAL,
            timeout: None,
        }
    }
}

impl Watch {
    /// Sets the time between two looks; 2 s by default, and each is up to a fifth longer or shorter.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.settings.interval = interval;
        self
    }

    /// Sets the time to watch for; until the request ends by default.
    ///
    /// A look that is on its way when the time is over may take a second more.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.settings.timeout = Some(time);
        self
    }
}

impl Stream for Watch {
    type Item = Result<RequestInfo, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { settings, states } = self.get_mut();
        let states = states.get_or_insert_with(|| changes(Looks::new(settings.clone())).boxed());
        states.poll_next_unpin(context)
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// The looks at a request.
struct Looks {
    settings: WatchSettings,
    timer: PollTimer,
    is_first: bool,
}

impl Looks {
    fn new(mut settings: WatchSettings) -> Self {
        let timer = PollTimer::new(settings.interval, settings.timeout);
        settings.client = timer.bound(&settings.client);
        Self {
            settings,
            timer,
            is_first: true,
        }
    }

    /// Returns the state at the next look; none after the deadline.
    async fn next(&mut self) -> Result<Option<RequestInfo>, Error> {
        loop {
            if !std::mem::take(&mut self.is_first) && !self.timer.pause().await {
                return Ok(None);
            }
            match self.settings.client.existing(self.settings.request).await {
                Ok(info) => {
                    self.timer.succeeded();
                    return Ok(Some(info));
                }
                Err(error) => self.timer.tolerate(error)?,
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

/// Waits until a request meets a condition, and returns the request.
///
/// It waits without end: `tokio::time::timeout` around it ends it.
///
/// ```
/// use std::time::Duration;
///
/// use idds_client::{Client, Exchange, Replay};
/// use idds_workflow::{RequestId, RequestStatus};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
/// # let path = "/idds/request/7/null/False/False/False/False";
/// # let recorded = Replay::new([2, 3].map(|status| {
/// #     Exchange::new("GET", path, 200, &format!(r#"[{{"request_id": 7, "status": {status}}}]"#))
/// # }));
/// # let client = Client::builder("https://idds.example/idds").transport(recorded).build()?;
/// let ended = client.requests().wait_until_ended(RequestId::new(7));
/// let info = tokio::time::timeout(Duration::from_secs(3600), ended).await??;
/// assert_eq!(info.status, RequestStatus::Finished);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when the server does not know the request. Errors that may pass are
/// passed over until they come often in a row.
pub type WaitUntil = Call<RequestInfo, Condition>;

/// The condition that is waited for.
pub struct Condition {
    settings: WatchSettings,
    is_wanted: Box<dyn Fn(&RequestInfo) -> bool + Send>,
}

impl WaitUntil {
    /// Sets the time between two looks; 2 s by default, and each is up to a fifth longer or shorter.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.settings.settings.interval = interval;
        self
    }
}

impl Action for Condition {
    type Output = RequestInfo;

    fn run(self, _: Client) -> BoxFuture<'static, Result<RequestInfo, Error>> {
        Box::pin(async move {
            let mut looks = Looks::new(self.settings);
            loop {
                // Without a timeout, looks have no end.
                if let Some(info) = looks.next().await?.filter(|info| (self.is_wanted)(info)) {
                    return Ok(info);
                }
            }
        })
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condition")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures::TryStreamExt;
    use http::{Request, Response};
    use idds_workflow::RequestStatus;
    use tokio::time::{Instant, timeout};

    use super::*;
    use crate::transport::recorded::client_of;
    use crate::{ErrorKind, Exchange, Replay, Transport};

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
            .timeout(Duration::from_secs(3));
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
        let client = looks(&[(200, &running), (200, &done)]);
        let waited = client.requests().wait_until_ended(ID);
        let info = timeout(Duration::from_secs(60), waited)
            .await
            .expect("in time")
            .expect("an answer");
        assert_eq!(info.status, RequestStatus::SubFinished);

        let client = looks(&[(200, &running), (200, &running), (200, &running)]);
        let wait = client
            .requests()
            .wait_until(ID, |info| info.errors.is_some())
            .interval(Duration::from_secs(2));
        let waited = timeout(Duration::from_secs(3), wait).await;
        assert!(waited.is_err(), "{waited:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_stays_away_is_an_error_at_the_deadline() {
        let client = looks(&[(503, ""), (503, "")]);
        let mut watch = client.requests().watch(ID).timeout(Duration::from_secs(1));
        assert_eq!(
            watch.try_next().await.expect_err("unavailable").kind(),
            ErrorKind::Unavailable
        );
    }

    /// A server that never answers.
    struct Silent;

    impl Transport for Silent {
        fn send(&self, _: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Error>> {
            Box::pin(std::future::pending())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_timeout_bounds_the_look_that_is_on_its_way() {
        let start = Instant::now();
        let mut watch = client_of(Silent)
            .requests()
            .watch(ID)
            .timeout(Duration::from_secs(2));
        let error = watch.try_next().await.expect_err("no answer");
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(start.elapsed() <= Duration::from_millis(3100));
    }
}
