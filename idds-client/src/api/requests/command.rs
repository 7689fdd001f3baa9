//! Commands to requests: what they share.

use bytes::Bytes;
use http::{Method, Request, Response};
use idds_workflow::wire::Member;
use idds_workflow::{ProcessingStatus, RequestId, RequestStatus, WorkloadId};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use super::{Abort, AbortTask, Close, Finish, RequestInfo, Resume, RetryRequest, Suspend};
use crate::endpoint::{decode, with_value, without_body};
use crate::server::{Operation, Support};
use crate::{Client, Endpoint, Error, ErrorKind, Target};

/// A command, before it is told which call it is.
#[derive(Clone, Debug)]
pub(super) struct Command {
    pub(super) client: Client,
    pub(super) target: Target,
    pub(super) action: Action,
    pub(super) is_anyway: bool,
}

/// What a request is told to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Action {
    Abort,
    AbortTask(WorkloadId),
    Close,
    Retry,
    Suspend,
    Resume,
    Finish { is_forced: bool },
}

impl Command {
    pub(super) fn new(client: Client, target: Target, action: Action) -> Self {
        Self {
            client,
            target,
            action,
            is_anyway: false,
        }
    }

    /// Makes the request; nothing is made that would do something else than it says, unless that is wanted.
    pub(super) fn request(&self) -> Result<Request<Bytes>, Error> {
        let route = self.route()?;
        if matches!(self.target, Target::Workload(_)) {
            let what = "a server takes no command by workload id alone; await it, which looks up the requests";
            return Err(Error::new(ErrorKind::Argument, what));
        }
        let (method, template) = route
            .split_once(' ')
            .expect("a route is a method and a path");
        let segments = template
            .split('/')
            .map(|segment| match (segment, self.action) {
                ("R", _) => self.target.request_segment(),
                ("W", _) => self.target.workload_segment(),
                ("T", Action::AbortTask(task)) => task.to_string(),
                _ => segment.to_owned(),
            });
        let path = segments.collect::<Vec<_>>().join("/");
        if method == "PUT" {
            without_body(Method::PUT, &path)
        } else {
            self.message(&path)
        }
    }

    fn message(&self, path: &str) -> Result<Request<Bytes>, Error> {
        let status = match self.action {
            Action::Abort | Action::Close => RequestStatus::ToCancel,
            Action::Retry | Action::Resume => RequestStatus::ToResume,
            Action::Suspend => RequestStatus::ToSuspend,
            Action::Finish { is_forced: false } => RequestStatus::ToFinish,
            Action::Finish { is_forced: true } => RequestStatus::ToForceFinish,
            Action::AbortTask(task) => {
                let parameters =
                    json!([{"status": Member(ProcessingStatus::ToCancel), "workload_id": task}]);
                let message = json!({"command": "update_processing", "parameters": parameters});
                return with_value(Method::POST, path, &message);
            }
        };
        let message =
            json!({"command": "update_request", "parameters": {"status": Member(status)}});
        with_value(Method::POST, path, &message)
    }

    pub(super) fn answer(&self, response: &Response<Bytes>) -> Result<(), Error> {
        if self.is_message() {
            return decode(response).map(|IgnoredAny| ());
        }
        let [(code, Reply { message })] = decode::<[(i64, Reply); 1]>(response)?;
        let kind = match message.as_str() {
            _ if code == 0 => return Ok(()),
            "No match requests" => return Err(self.target.unknown()),
            message if message.contains("has no permission") => ErrorKind::Unauthorized,
            _ => ErrorKind::Refused,
        };
        Err(Error::new(
            kind,
            format!("the server refused it: {message}"),
        ))
    }

    /// Finds out what kind of server it is where that decides whether it can do it.
    async fn settle(&self) -> Result<(), Error> {
        if !self.is_anyway && self.route().is_err() {
            self.client
                .server()
                .await
                .map_err(|error| error.during(self.operation()))?;
        }
        Ok(())
    }

    /// Sends the command to every request it is for, and returns them.
    pub(super) async fn run(self) -> Result<Vec<RequestId>, Error> {
        self.settle().await?;
        // Who sends a message to an unknown request is not told.
        if self.is_message() || matches!(self.target, Target::Workload(_)) {
            self.run_on(&self.look_up().await?).await
        } else {
            self.clone()
                .send()
                .await
                .map(|()| self.target.request().into_iter().collect())
        }
    }

    /// Sends the command to these requests.
    pub(super) async fn run_on(&self, requests: &[RequestInfo]) -> Result<Vec<RequestId>, Error> {
        let mut done = Vec::new();
        for id in requests.iter().filter_map(|request| request.request_id) {
            let target = match self.target {
                Target::Request(_) => Target::Request(id),
                Target::Workload(workload) | Target::Both(_, workload) => {
                    Target::Both(id, workload)
                }
            };
            Self {
                target,
                ..self.clone()
            }
            .send()
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

    /// Returns the requests the command is for: at least one.
    pub(super) async fn look_up(&self) -> Result<Vec<RequestInfo>, Error> {
        self.settle().await?;
        let found = async {
            self.route()?;
            match self.client.requests().get(self.target).await? {
                requests if requests.is_empty() => Err(self.target.unknown()),
                requests => Ok(requests),
            }
        };
        match found.await {
            Err(error) => Err(self.tell_apart(error).await.during(self.operation())),
            found => found,
        }
    }

    async fn send(self) -> Result<(), Error> {
        let (client, command) = (self.client.clone(), self.clone());
        let sent = match self.action {
            Action::Abort => client.send(&Abort { command: self }).await,
            Action::AbortTask(_) => client.send(&AbortTask { command: self }).await,
            Action::Close => client.send(&Close { command: self }).await,
            Action::Retry => client.send(&RetryRequest { command: self }).await,
            Action::Suspend => client.send(&Suspend { command: self }).await,
            Action::Resume => client.send(&Resume { command: self }).await,
            Action::Finish { .. } => client.send(&Finish { command: self }).await,
        };
        match sent {
            Err(error) => Err(command.tell_apart(error).await),
            Ok(()) => Ok(()),
        }
    }

    /// Says of a request that was not found with a workload whether there is one without it.
    async fn tell_apart(&self, error: Error) -> Error {
        let (Target::Both(request, workload), ErrorKind::NotFound) = (self.target, error.kind())
        else {
            return error;
        };
        let Ok(info) = self.client.existing(request).await else {
            return error;
        };
        let what = match info.workload_id {
            Some(other) => format!("request {request} has the workload {other}, not {workload}"),
            None => format!("request {request} has no workload, and not {workload}"),
        };
        Error::new(ErrorKind::NotFound, what).during(self.operation())
    }

    fn route(&self) -> Result<&'static str, Error> {
        let (operation, server) = (self.action.operation(), self.client.server_version());
        if let Some(route) = operation.route_of(self.client.known_server()) {
            return Ok(route);
        }
        match operation.support(server.into()) {
            Support::Different { route, .. } if self.is_anyway => Ok(route),
            Support::Full(route) => Ok(route),
            _ => Err(operation
                .refusal(server)
                .expect("a support that is not full is refused")),
        }
    }

    fn is_message(&self) -> bool {
        self.route().is_ok_and(|route| route.starts_with("POST"))
    }

    /// Returns the name of the call in errors.
    pub(super) fn operation(&self) -> &'static str {
        match self.action {
            Action::Abort => Abort::OPERATION,
            Action::AbortTask(_) => AbortTask::OPERATION,
            Action::Close => Close::OPERATION,
            Action::Retry => RetryRequest::OPERATION,
            Action::Suspend => Suspend::OPERATION,
            Action::Resume => Resume::OPERATION,
            Action::Finish { .. } => Finish::OPERATION,
        }
    }
}

impl Action {
    fn operation(self) -> Operation {
        match self {
            Self::Abort => Operation::Abort,
            Self::AbortTask(_) => Operation::AbortTask,
            Self::Close => Operation::Close,
            Self::Retry => Operation::Retry,
            Self::Suspend => Operation::Suspend,
            Self::Resume => Operation::Resume,
            Self::Finish { .. } => Operation::Finish,
        }
    }
}

#[derive(Deserialize)]
struct Reply {
    message: String,
}

/// Declares the call for one command.
macro_rules! command {
    ($(#[$doc:meta])* $call:ident, $operation:literal) => {
        $(#[$doc])*
        ///
        /// Awaited, it returns the requests that got the command. The server only takes note then.
        ///
        /// # Errors
        ///
        /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when the server does not know the request,
        /// [`ErrorKind::Unauthorized`](crate::ErrorKind::Unauthorized) when it is not one of this user,
        /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) when a server of this version cannot do it.
        #[derive(Clone, Debug)]
        #[must_use = "a call is sent when awaited"]
        pub struct $call {
            pub(super) command: $crate::api::requests::command::Command,
        }

        impl $crate::Endpoint for $call {
            type Answer = ();

            const OPERATION: &'static str = $operation;

            fn request(&self) -> Result<http::Request<bytes::Bytes>, $crate::Error> {
                self.command.request()
            }

            // The server would do it twice, and refuse the second in `errors` of the request.
            fn is_repeatable(&self, _request: &http::Request<bytes::Bytes>) -> bool {
                false
            }

            fn answer(&self, response: http::Response<bytes::Bytes>) -> Result<(), $crate::Error> {
                self.command.answer(&response)
            }
        }

        impl IntoFuture for $call {
            type Output = Result<Vec<idds_workflow::RequestId>, $crate::Error>;
            type IntoFuture = $crate::BoxFuture<'static, Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.command.run())
            }
        }
    };
}
pub(super) use command;

/// Lets a command be awaited to its verdict.
macro_rules! judged {
    ($call:ident) => {
        impl $call {
            /// Sends the command and waits until it shows what the server made of it, for at most this long.
            ///
            /// The server works in steps of some 10 s, so a verdict takes seconds to a minute.
            pub fn wait(self, deadline: std::time::Duration) -> $crate::WaitForVerdict {
                $crate::WaitForVerdict::new(self.command, deadline)
            }
        }
    };
}
pub(super) use judged;

/// Lets a command be sent to servers that do something else.
macro_rules! anyway {
    ($call:ident) => {
        impl $call {
            /// Sends it also to a server that does something else, which [`ServerFamily`](crate::ServerFamily) tells.
            pub fn anyway(mut self) -> Self {
                self.command.is_anyway = true;
                self
            }
        }
    };
}
pub(super) use anyway;
