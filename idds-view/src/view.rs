//! A page that is served.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::middleware;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use idds_client::{Client, TransformId};
use idds_workflow::{RequestId, Workflow};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};
use tower_http::catch_panic::CatchPanicLayer;

use crate::command::{self, Verb};
use crate::guard::{self, Door};
use crate::hub::Hub;
use crate::live::Following;
use crate::page::{Trouble, request, requests, step, trouble};
use crate::token::Token;
use crate::{Error, assets};

/// Connections that are held at once; others wait.
const CONNECTIONS: usize = 256;

/// How long a client may take for the head of a request.
const HEAD: Duration = Duration::from_secs(10);

/// How long it is waited for browsers to take the last changes.
const GRACE: Duration = Duration::from_secs(1);

/// Settings of a page.
#[derive(Debug)]
pub struct ViewBuilder {
    client: Client,
    port: u16,
    is_for_owners: bool,
}

/// A page of the requests of a server, for a browser on this machine; it is served until it is dropped.
///
/// Everything is read through the client, with its credential. The page is served on the loopback interface alone, and to nobody who
/// does not know [its address](Self::url), which has a token.
///
/// ```
/// use idds_client::Client;
/// use idds_view::View;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::builder("https://idds.example:443/idds").build()?;
/// let view = View::builder(client).start().await?;
/// println!("{}", view.url());
/// view.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct View {
    address: SocketAddr,
    hub: Arc<Hub>,
    end: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl ViewBuilder {
    /// Sets the port; a free one unless set.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Gives commands in the name of the user of a request, for who runs the embedded server, which believes names.
    pub fn for_owners(mut self) -> Self {
        self.is_for_owners = true;
        self
    }

    /// Begins to serve the page.
    ///
    /// # Errors
    ///
    /// When the port is not free, or the operating system gives no randomness for the token.
    pub async fn start(self) -> Result<View, Error> {
        let token = Token::draw().map_err(|source| {
            let what = "the operating system gives no randomness for the token of the page";
            Error::new(what, source)
        })?;
        let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let failed = |source| Error::new(format!("the page cannot be served at {wanted}"), source);
        let listener = TcpListener::bind(wanted).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let root = format!("/{}", token.expose());
        let hub = Arc::new(Hub::new(&self.client, root, self.is_for_owners));
        let (end, ended) = watch::channel(false);
        let door = Door {
            token,
            port: address.port(),
        };
        let router = router(Arc::clone(&hub), door, ended.clone());
        let serving = tokio::spawn(serve(listener, router, ended));
        Ok(View {
            address,
            hub,
            end,
            serving,
        })
    }
}

impl View {
    /// Begins to set up a page.
    pub fn builder(client: Client) -> ViewBuilder {
        ViewBuilder {
            client,
            port: 0,
            is_for_owners: false,
        }
    }

    /// Returns the address for the browser. It has the token of the page, and is to be kept as a password is.
    pub fn url(&self) -> String {
        format!("http://{}{}/", self.address, self.hub.root)
    }

    /// Returns the address of the page of a request.
    pub fn url_of(&self, request: RequestId) -> String {
        format!("{}request/{request}", self.url())
    }

    /// Has the page of a request call steps by the names that this definition has for them, which the server is not told.
    pub fn define(&self, request: RequestId, workflow: Workflow) {
        self.hub.define(request, workflow);
    }

    /// Sends the last changes to the browsers that show the page, and ends.
    pub async fn shutdown(mut self) {
        let _ = self.end.send(true);
        let _ = timeout(GRACE, &mut self.serving).await;
    }
}

impl Drop for View {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// What answers requests of browsers.
#[derive(Clone, Debug)]
struct Service {
    hub: Arc<Hub>,
    following: Following,
}

fn router(hub: Arc<Hub>, door: Door, ended: watch::Receiver<bool>) -> Router {
    let service = Service {
        hub,
        following: Following::new(ended),
    };
    let pages = Router::new()
        .route("/", get(show_requests))
        .route("/request/{request}", get(show_request))
        .route("/request/{request}/step/{transform}", get(show_step))
        .route("/request/{request}/definition", get(show_definition))
        .route("/request/{request}/{verb}", post(give))
        .route("/asset/{name}", get(assets::serve))
        .fallback(nothing)
        .layer(CatchPanicLayer::new())
        .with_state(service);
    // Around the whole router, so that its own answers are guarded as well.
    Router::new()
        .fallback_service(pages)
        .layer(middleware::from_fn_with_state(door, guard::check))
}

async fn show_requests(
    State(service): State<Service>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let Service { hub, following } = service;
    let root = hub.root.clone();
    let wanted = requests::Wanted::read(query.as_deref().unwrap_or_default());
    let is_first = std::sync::atomic::AtomicBool::new(true);
    let make = move || {
        let (hub, wanted) = (Arc::clone(&hub), wanted.clone());
        let is_first = is_first.swap(false, std::sync::atomic::Ordering::Relaxed);
        async move { requests::page(&hub, &wanted, is_first).await }
    };
    following
        .answer(&root, &headers, query.as_deref(), make)
        .await
}

async fn show_request(
    State(service): State<Service>,
    Path(request): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let Service { hub, following } = service;
    let root = hub.root.clone();
    let Ok(request) = request.parse::<RequestId>() else {
        return trouble(
            Some(&root),
            StatusCode::NOT_FOUND,
            "The id of a request is a number.",
        );
    };
    let make = move || {
        let hub = Arc::clone(&hub);
        async move { request::page(&hub, request).await }
    };
    following
        .answer(&root, &headers, query.as_deref(), make)
        .await
}

/// Answers with the workflow of a request, as a file that can be edited and submitted again.
async fn show_definition(State(service): State<Service>, Path(request): Path<String>) -> Response {
    let hub = service.hub;
    let Ok(request) = request.parse::<RequestId>() else {
        return nothing(State(Service { hub, ..service })).await;
    };
    match request::definition(&hub, request).await {
        Ok(text) => {
            let kind = [(http::header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            (kind, text).into_response()
        }
        Err(Trouble { status, why }) => trouble(Some(&hub.root), status, &why),
    }
}

async fn show_step(
    State(service): State<Service>,
    Path((request, transform)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let Service { hub, following } = service;
    let root = hub.root.clone();
    let (Ok(request), Ok(transform)) = (request.parse(), transform.parse()) else {
        let why = "The ids of a request and of a transform are numbers.";
        return trouble(Some(&root), StatusCode::NOT_FOUND, why);
    };
    let transform = TransformId::new(transform);
    let make = move || {
        let hub = Arc::clone(&hub);
        async move { step::page(&hub, request, transform).await }
    };
    following
        .answer(&root, &headers, query.as_deref(), make)
        .await
}

/// Carries out a command, and leads back to the page of the request, which says what became of it.
async fn give(
    State(service): State<Service>,
    Path((request, verb)): Path<(String, String)>,
) -> Response {
    let hub = service.hub;
    let (Ok(request), Some(verb)) = (request.parse::<RequestId>(), Verb::from_name(&verb)) else {
        let why = "There is no such command to a request.";
        return trouble(Some(&hub.root), StatusCode::NOT_FOUND, why);
    };
    command::give(&hub, request, verb).await;
    Redirect::to(&format!("{}/request/{request}#verdict", hub.root)).into_response()
}

async fn nothing(State(service): State<Service>) -> Response {
    let Trouble { status, why } = Trouble::not_found("There is no page at this address.");
    trouble(Some(&service.hub.root), status, &why)
}

/// Takes connections until the page ends, and then lets browsers take the last changes.
async fn serve(listener: TcpListener, router: Router, mut ended: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let taken = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (listener.accept().await, place)
        };
        let accepted = tokio::select! {
            biased;
            _ = ended.wait_for(|ended| *ended) => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            accepted = taken => accepted,
        };
        match accepted {
            (Ok((stream, _)), Ok(place)) => {
                connections.spawn(converse(stream, router.clone(), place, ended.clone()));
            }
            // No descriptor is left, for instance.
            (Err(error), _) => {
                tracing::warn!("a connection to the page cannot be taken: {error}");
                sleep(Duration::from_millis(100)).await;
            }
            (Ok(_), Err(_)) => break,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn converse(
    stream: TcpStream,
    router: Router,
    _place: OwnedSemaphorePermit,
    mut ended: watch::Receiver<bool>,
) {
    let mut builder =
        hyper_util::server::conn::auto::Builder::new(hyper_util::rt::TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD);
    let service = TowerToHyperService::new(router);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let is_over = async move {
        // An error means that the page is gone, which is the end as well.
        let _ = ended.wait_for(|ended| *ended).await;
    };
    let result = tokio::select! {
        result = connection.as_mut() => Some(result),
        () = is_over => None,
    };
    let result = match result {
        Some(result) => result,
        None => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!("a connection to the page broke: {error}");
    }
}
