//! Commands to requests: what they share.

use std::fmt;
use std::marker::PhantomData;

use bytes::Bytes;
use http::{Method, Request, Response};
use idds_workflow::wire::Member;
use idds_workflow::{ProcessingStatus, RequestId, RequestStatus, WorkloadId};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::{RequestInfo, WaitForOutcome};
use crate::call::{Action, Endpoint, Single};
use crate::endpoint::decode;
use crate::route::{self, Address, Draft, Route};
use crate::{BoxFuture, Call, Client, Error, ErrorKind, Target};

/// A command to requests, such as an abort; awaited, it gives the ids of the requests that got it.
///
/// The server only takes note then: [`wait`](Self::wait) goes on until it shows what became of the command.
///
/// # Errors
///
/// [`ErrorKind::NotFound`] when the server does not know the request, [`ErrorKind::Unauthorized`] when it is not one of this
/// user, [`ErrorKind::Unsupported`] when a server of this version cannot do it.
pub type RequestCommand<A> = Call<<A as Addressee>::Each<RequestId>, Order<A>>;

/// Which requests a command is for, and so how many answers it has: one for a request, a list for a workload.
///
/// ```
/// # use idds_client::{Exchange, Replay};
/// use idds_client::Client;
/// use idds_workflow::{RequestId, WorkloadId};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let registered = r#"[[0, {"status": 0, "message": "Command registered successfully"}]]"#;
/// # let rows = r#"[{"request_id": 7, "status": 2}, {"request_id": 8, "status": 2}]"#;
/// # let recorded = Replay::new([
/// #     Exchange::new("PUT", "/idds/request/abort/7/null", 200, registered),
/// #     Exchange::new("GET", "/idds/request/null/300/False/False/False/False", 200, rows),
/// #     Exchange::new("PUT", "/idds/request/abort/7/300", 200, registered),
/// #     Exchange::new("PUT", "/idds/request/abort/8/300", 200, registered),
/// # ]);
/// # let client = Client::builder("https://idds.example/idds").transport(recorded).build()?;
/// let (request, workload) = (RequestId::new(7), WorkloadId::new(300));
/// let aborted: RequestId = client.requests().abort(request).await?;
/// let all: Vec<RequestId> = client.requests().abort(workload).await?;
/// # assert_eq!((aborted, all), (request, vec![request, RequestId::new(8)]));
/// # Ok::<(), idds_client::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Addressee: Into<Target> {
    /// What is known of each request: itself for one request, a list for several.
    type Each<T: Send + 'static>: Send + 'static;

    /// Makes this of what is known of each request; none when there is nothing and should be something.
    fn gather<T: Send + 'static>(all: Vec<T>) -> Option<Self::Each<T>>;
}

/// The last part of [`Addressee`] for one request.
fn only<T>(mut all: Vec<T>) -> Option<T> {
    all.truncate(1);
    all.pop()
}

impl Addressee for RequestId {
    type Each<T: Send + 'static> = T;

    fn gather<T: Send + 'static>(all: Vec<T>) -> Option<T> {
        only(all)
    }
}

impl Addressee for (RequestId, WorkloadId) {
    type Each<T: Send + 'static> = T;

    fn gather<T: Send + 'static>(all: Vec<T>) -> Option<T> {
        only(all)
    }
}

impl Addressee for WorkloadId {
    type Each<T: Send + 'static> = Vec<T>;

    fn gather<T: Send + 'static>(all: Vec<T>) -> Option<Vec<T>> {
        Some(all)
    }
}

/// As for a workload, since it may be one.
impl Addressee for Target {
    type Each<T: Send + 'static> = Vec<T>;

    fn gather<T: Send + 'static>(all: Vec<T>) -> Option<Vec<T>> {
        Some(all)
    }
}

/// What requests are told to do, and how the answer is given.
pub struct Order<A> {
    pub(super) told: Told,
    addressee: PhantomData<fn() -> A>,
}

/// What requests are told to do.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    pub(super) target: Target,
    pub(super) verb: Verb,
    is_anyway: bool,
}

/// What a request is told to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verb {
    Abort,
    AbortTask(WorkloadId),
    Close,
    Retry,
    Suspend,
    Resume,
    Finish { is_forced: bool },
}

impl<A: Addressee> RequestCommand<A> {
    pub(super) fn told(client: &Client, addressee: A, verb: Verb) -> Self {
        let told = Told {
            target: addressee.into(),
            verb,
            is_anyway: false,
        };
        let addressee = PhantomData;
        Self::with(client, Order { told, addressee })
    }

    /// Sends it also to a server that does something else, which [`ServerFamily`](crate::ServerFamily) tells.
    pub fn anyway(mut self) -> Self {
        self.settings.told.is_anyway = true;
        self
    }

    /// Sends the command and waits until it shows what the server made of it.
    ///
    /// The server works in steps of some 10 s, so that takes seconds to a minute.
    pub fn wait(self) -> WaitForOutcome<A> {
        WaitForOutcome::of(&self.client, self.settings.told)
    }

    /// Looks up the requests that the command is for, and returns the call for each: it can be looked at before it is sent.
    ///
    /// # Errors
    ///
    /// Those of the command.
    pub async fn each(self) -> Result<Vec<Call<(), Told>>, Error> {
        let told = self.settings.told;
        let rows = told.look_up(&self.client).await?;
        let calls = told.to_each(&rows);
        Ok(calls
            .map(|(_, told)| Call::with(&self.client, told))
            .collect())
    }
}

impl Told {
    /// Finds out what kind of server it is where that decides whether it can do it.
    async fn settle(self, client: &Client) -> Result<(), Error> {
        if self.address(client).is_err() {
            client
                .server()
                .await
                .map_err(|error| error.during(self.operation()))?;
        }
        Ok(())
    }

    /// Sends the command to every request it is for, and returns them.
    async fn run(self, client: &Client) -> Result<Vec<RequestId>, Error> {
        self.settle(client).await?;
        // Who sends a message to an unknown request is not told.
        if self.is_message(client) || matches!(self.target, Target::Workload(_)) {
            let requests = self.look_up(client).await?;
            self.run_on(client, &requests).await
        } else {
            self.send(client).await?;
            Ok(self.target.request().into_iter().collect())
        }
    }

    /// Sends the command to these requests.
    pub(super) async fn run_on(
        self,
        client: &Client,
        requests: &[RequestInfo],
    ) -> Result<Vec<RequestId>, Error> {
        let mut done = Vec::new();
        for (id, told) in self.to_each(requests) {
            told.send(client)
                .await
                .map_err(|error| match done.is_empty() {
                    true => error,
                    false => error.hint(&format!(
                        "after {} of its requests had got the command",
                        done.len()
                    )),
                })?;
            done.push(id);
        }
        Ok(done)
    }

    /// Returns the same command to each of these requests alone.
    fn to_each(self, requests: &[RequestInfo]) -> impl Iterator<Item = (RequestId, Self)> {
        let ids = requests.iter().filter_map(|request| request.request_id);
        ids.map(move |id| {
            let target = match self.target {
                Target::Request(_) => Target::Request(id),
                Target::Workload(workload) | Target::Both(_, workload) => {
                    Target::Both(id, workload)
                }
            };
            (id, Self { target, ..self })
        })
    }

    /// Returns the requests the command is for: at least one.
    pub(super) async fn look_up(self, client: &Client) -> Result<Vec<RequestInfo>, Error> {
        self.settle(client).await?;
        let found = async {
            self.address(client)?;
            match client.requests().get(self.target).await? {
                requests if requests.is_empty() => Err(self.target.unknown()),
                requests => Ok(requests),
            }
        };
        match found.await {
            Err(error) => Err(self
                .tell_apart(client, error)
                .await
                .during(self.operation())),
            found => found,
        }
    }

    async fn send(self, client: &Client) -> Result<(), Error> {
        match client.send(&self).await {
            Err(error) => Err(self.tell_apart(client, error).await),
            Ok(()) => Ok(()),
        }
    }

    /// Says of a request that was not found with a workload whether there is one without it.
    async fn tell_apart(self, client: &Client, error: Error) -> Error {
        let (Target::Both(request, workload), ErrorKind::NotFound) = (self.target, error.kind())
        else {
            return error;
        };
        let Ok(info) = client.existing(request).await else {
            return error;
        };
        let what = match info.workload_id {
            Some(other) => format!("request {request} has the workload {other}, not {workload}"),
            None => format!("request {request} has no workload, and not {workload}"),
        };
        Error::new(ErrorKind::NotFound, what).during(self.operation())
    }

    fn address(self, client: &Client) -> Result<Address, Error> {
        self.route().address(client, self.is_anyway)
    }

    fn is_message(self, client: &Client) -> bool {
        self.address(client)
            .is_ok_and(|address| address.method() == Method::POST)
    }

    /// Returns the name of the call in errors.
    pub(super) fn operation(self) -> &'static str {
        self.route().operation()
    }

    /// Returns the message that servers take as this command.
    fn message(self) -> Value {
        let status = match self.verb {
            Verb::Abort | Verb::Close => RequestStatus::ToCancel,
            Verb::Retry | Verb::Resume => RequestStatus::ToResume,
            Verb::Suspend => RequestStatus::ToSuspend,
            Verb::Finish { is_forced: false } => RequestStatus::ToFinish,
            Verb::Finish { is_forced: true } => RequestStatus::ToForceFinish,
            Verb::AbortTask(task) => {
                let parameters =
                    json!([{"status": Member(ProcessingStatus::ToCancel), "workload_id": task}]);
                return json!({"command": "update_processing", "parameters": parameters});
            }
        };
        json!({"command": "update_request", "parameters": {"status": Member(status)}})
    }
}

impl Endpoint for Told {
    type Answer = ();

    fn route(&self) -> &'static Route {
        match self.verb {
            Verb::Abort => &route::ABORT,
            Verb::AbortTask(_) => &route::ABORT_TASK,
            Verb::Close => &route::CLOSE,
            Verb::Retry => &route::RETRY,
            Verb::Suspend => &route::SUSPEND,
            Verb::Resume => &route::RESUME,
            Verb::Finish { .. } => &route::FINISH,
        }
    }

    /// Nothing is made that would do something else than it says, unless that is wanted.
    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        let address = self.address(client)?;
        if matches!(self.target, Target::Workload(_)) {
            let what =
                "a server takes no command by workload id alone; `each` looks up its requests";
            return Err(Error::new(ErrorKind::Argument, what));
        }
        let mut draft = Draft::new(address).target(self.target);
        if let Verb::AbortTask(task) = self.verb {
            draft = draft.set("task_id", task);
        }
        if address.method() == Method::PUT {
            draft.bare()
        } else {
            draft.json(&self.message())
        }
    }

    fn answer(&self, client: &Client, response: &Response<Bytes>) -> Result<(), Error> {
        #[derive(Deserialize)]
        struct Reply {
            message: String,
        }

        if self.is_message(client) {
            return decode(response).map(|IgnoredAny| ());
        }
        let [(code, Reply { message })] = decode::<[(i64, Reply); 1]>(response)?;
        let kind = match message.as_str() {
            _ if code == 0 => return Ok(()),
            "No match requests" => return Err(self.target.unknown()),
            message if message.contains("has no permission") => ErrorKind::Unauthorized,
            _ => ErrorKind::Refused,
        };
        let what = format!("the server refused it: {message}");
        Err(Error::new(kind, what))
    }
}

impl Single for Told {}

impl<A: Addressee> Order<A> {
    fn gathered(&self, all: Vec<RequestId>) -> Result<A::Each<RequestId>, Error> {
        A::gather(all).ok_or_else(|| self.told.target.unknown().during(self.told.operation()))
    }
}

impl<A: Addressee + 'static> Action for Order<A> {
    type Output = A::Each<RequestId>;

    fn run(self, client: Client) -> BoxFuture<'static, Result<Self::Output, Error>> {
        Box::pin(async move { self.gathered(self.told.run(&client).await?) })
    }
}

impl<A: Addressee> Endpoint for Order<A> {
    type Answer = A::Each<RequestId>;

    fn route(&self) -> &'static Route {
        self.told.route()
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        self.told.request(client)
    }

    fn answer(&self, client: &Client, response: &Response<Bytes>) -> Result<Self::Answer, Error> {
        self.told.answer(client, response)?;
        self.gathered(self.told.target.request().into_iter().collect())
    }
}

impl<A> Clone for Order<A> {
    fn clone(&self) -> Self {
        Self {
            told: self.told,
            addressee: PhantomData,
        }
    }
}

impl<A> fmt::Debug for Order<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.told.fmt(f)
    }
}
