//! A request that is being written.

use std::fmt::Display;

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use serde::Serialize;

use super::Address;
use crate::endpoint::{json, segment};
use crate::{Error, ErrorKind, Target};

/// A request to a route, whose arguments are given one by one; an argument that is not given is `null`.
///
/// Arguments that the route has not at a server of this version are left out: an older one has fewer.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    address: Address,
    arguments: Vec<(&'static str, String)>,
}

impl Draft {
    pub(crate) fn new(address: Address) -> Self {
        Self {
            address,
            arguments: Vec::with_capacity(6),
        }
    }

    /// Gives an argument that can stand in a path as it is, such as a number.
    pub(crate) fn set(self, name: &'static str, value: impl Display) -> Self {
        self.encoded(name, value.to_string())
    }

    /// Gives an argument if there is one.
    pub(crate) fn set_some(self, name: &'static str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// Gives a flag, as Python writes it.
    pub(crate) fn flag(self, name: &'static str, is_set: bool) -> Self {
        self.set(name, if is_set { "True" } else { "False" })
    }

    /// Gives an argument that is any text; `what` says in an error what it is.
    pub(crate) fn text(self, name: &'static str, what: &str, text: &str) -> Result<Self, Error> {
        Ok(self.encoded(name, segment(what, text)?))
    }

    /// Gives an argument that is encoded as a segment already.
    pub(crate) fn encoded(mut self, name: &'static str, segment: String) -> Self {
        self.arguments.push((name, segment));
        self
    }

    /// Gives the ids of the request and its workload.
    pub(crate) fn target(self, target: Target) -> Self {
        self.set_some("request_id", target.request())
            .set_some("workload_id", target.workload())
    }

    /// Returns the path, below the address of the server.
    pub(crate) fn path(&self) -> String {
        self.address.filled(|name| {
            let given = self.arguments.iter().find(|(it, _)| *it == name);
            given.map(|(_, value)| value.as_str())
        })
    }

    /// Ends the request, which has no body.
    pub(crate) fn bare(self) -> Result<Request<Bytes>, Error> {
        self.with_body(Bytes::new())
    }

    /// Ends the request with a body that is written as JSON.
    pub(crate) fn json(self, body: &impl Serialize) -> Result<Request<Bytes>, Error> {
        self.written(json(body)?)
    }

    /// Ends the request with a body that is JSON already.
    pub(crate) fn written(self, body: Bytes) -> Result<Request<Bytes>, Error> {
        let mut request = self.with_body(body)?;
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(header::CONTENT_TYPE, json);
        Ok(request)
    }

    /// Ends the request with this body.
    pub(crate) fn with_body<B>(self, body: B) -> Result<Request<B>, Error> {
        let path = self.path();
        Request::builder()
            .method(self.address.method())
            .uri(&path)
            .body(body)
            .map_err(|error| {
                let what = format!("the path {path:?} cannot be sent");
                Error::new(ErrorKind::Argument, what).caused_by(error)
            })
    }
}
