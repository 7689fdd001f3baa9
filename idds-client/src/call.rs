//! A call: what is sent, and how its answer is read.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use serde::de::DeserializeOwned;

use crate::route::Draft;
use crate::{BoxFuture, Client, Error, Items, Route};

/// A call of the client, which is sent when it is awaited.
///
/// It can be looked at before, or be sent in another way: [`request`](Self::request) is what goes out, and [`answer`](Self::answer) reads
/// what comes back; neither needs a clock, randomness or a network. The time that a call takes is limited by the
/// [client](Client::within), or by `tokio::time::timeout` around it.
///
/// `T` is what awaiting gives. `S` holds the settings of calls that have some; the names of these, such as
/// [`GetContents`](crate::GetContents), stand for a call with its settings.
///
/// ```
/// use idds_client::Client;
/// use idds_workflow::RequestId;
///
/// let client = Client::builder("http://localhost:8443/idds").build()?;
/// let call = client.transforms().list(RequestId::new(7));
/// assert_eq!(call.request()?.uri(), "/transform/7");
/// # Ok::<(), idds_client::Error>(())
/// ```
///
/// # Errors
///
/// Those of every call, which [`ErrorKind`](crate::ErrorKind) lists, and those that the call names.
#[must_use = "a call is sent when awaited"]
pub struct Call<T, S = Fixed<T>> {
    pub(crate) client: Client,
    pub(crate) settings: S,
    answer: PhantomData<fn() -> T>,
}

/// One request and the reading of its answer, made of the settings of a call.
pub trait Endpoint: Send + Sync {
    /// What the answer is read into.
    type Answer: Send;

    /// Returns the row of the table of routes.
    fn route(&self) -> &'static Route;

    /// Makes the request, without the credential, which is added when it is sent.
    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error>;

    /// Reads the answer.
    fn answer(&self, client: &Client, response: &Response<Bytes>) -> Result<Self::Answer, Error>;
}

/// An [`Endpoint`] that is sent as it is when it is awaited.
pub trait Single: Endpoint + Sized + 'static {}

/// What awaiting a call does; most calls are [`Single`], others look something up before or go on afterwards.
pub trait Action: Send + 'static {
    /// What it gives.
    type Output;

    /// Does it.
    fn run(self, client: Client) -> BoxFuture<'static, Result<Self::Output, Error>>;
}

impl<E: Single> Action for E {
    type Output = E::Answer;

    fn run(self, client: Client) -> BoxFuture<'static, Result<E::Answer, Error>> {
        Box::pin(async move { client.send(&self).await })
    }
}

type Reader<T> = Arc<dyn Fn(&Response<Bytes>) -> Result<T, Error> + Send + Sync>;

/// The settings of a call that has none: its request is made at once.
pub struct Fixed<T> {
    route: &'static Route,
    request: Result<Request<Bytes>, Error>,
    read: Reader<T>,
}

impl<T> Call<T> {
    /// Makes a call without settings.
    pub(crate) fn plain(
        client: &Client,
        route: &'static Route,
        write: impl FnOnce(Draft) -> Result<Request<Bytes>, Error>,
        read: impl Fn(&Response<Bytes>) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Self {
        let fixed = Fixed {
            route,
            request: route.draft(client).and_then(write),
            read: Arc::new(read),
        };
        Self::with(client, fixed)
    }
}

impl<T: DeserializeOwned + Send> Call<Vec<T>> {
    /// Sends the call, and gives the items of its answer one by one as they come: they may be too many for the memory.
    ///
    /// # Errors
    ///
    /// Those of the call; once items come, an error is an item.
    pub async fn stream(self) -> Result<Items<T>, Error> {
        Items::start(&self.client, &self.settings).await
    }
}

impl<T, S> Call<T, S> {
    /// Makes a call with these settings.
    pub(crate) fn with(client: &Client, settings: S) -> Self {
        Self {
            client: client.clone(),
            settings,
            answer: PhantomData,
        }
    }
}

impl<T, S: Endpoint> Call<T, S> {
    /// Makes the request: method, path below the server's address, body. The credential is added when it is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when an argument must not be sent,
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) when a server of this version cannot do it.
    pub fn request(&self) -> Result<Request<Bytes>, Error> {
        self.settings.request(&self.client)
    }

    /// Reads the answer to the request.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unauthorized`](crate::ErrorKind::Unauthorized), [`ErrorKind::NotFound`](crate::ErrorKind::NotFound),
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) or [`ErrorKind::Refused`](crate::ErrorKind::Refused) for what the
    /// server says, [`ErrorKind::Answer`](crate::ErrorKind::Answer) when it cannot be understood.
    pub fn answer(&self, response: &Response<Bytes>) -> Result<S::Answer, Error> {
        self.settings.answer(&self.client, response)
    }

    /// Returns the row of the table of routes: the names of the call, and what servers of each version do.
    pub fn route(&self) -> &'static Route {
        self.settings.route()
    }
}

impl<T, S: Action<Output = T>> IntoFuture for Call<T, S> {
    type Output = Result<T, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.settings.run(self.client)
    }
}

impl<T: Send> Endpoint for Fixed<T> {
    type Answer = T;

    fn route(&self) -> &'static Route {
        self.route
    }

    fn request(&self, _: &Client) -> Result<Request<Bytes>, Error> {
        self.request.clone()
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<T, Error> {
        (self.read)(response)
    }
}

impl<T: Send + 'static> Single for Fixed<T> {}

impl<T> Clone for Fixed<T> {
    fn clone(&self) -> Self {
        Self {
            route: self.route,
            request: self.request.clone(),
            read: Arc::clone(&self.read),
        }
    }
}

impl<T, S: Clone> Clone for Call<T, S> {
    fn clone(&self) -> Self {
        Self::with(&self.client, self.settings.clone())
    }
}

impl<T> fmt::Debug for Fixed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.route.operation()) // the request may hold a secret
    }
}

impl<T, S: fmt::Debug> fmt::Debug for Call<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Call").field(&self.settings).finish()
    }
}
