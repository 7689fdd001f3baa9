//! Which family a server is of.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};

use super::ServerFamily;
use crate::endpoint::without_body;
use crate::{BoxFuture, Client, Endpoint, Error, ErrorKind, ServerError};

/// Finds out which routes the server has.
///
/// It asks with the method `OPTIONS`, which no handler of iDDS sees, so nothing is read or changed: one to four small
/// requests. Versions within a [`ServerFamily`] cannot be told apart, because no iDDS server says its version: what tells
/// the families apart are the routes to close and to abort a request, and how many parts the one to read a request has.
///
/// ```
/// use idds_client::{Client, Exchange, Replay, ServerFamily};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let answer = |path: &str, methods: &str| serde_json::from_value::<Exchange>(serde_json::json!({
/// #     "request": {"method": "OPTIONS", "path": path},
/// #     "response": {"status": 200, "headers": {"Allow": methods}, "body": ""},
/// # }));
/// # let recorded = Replay::new([
/// #     answer("/idds/request/close/0/null", "GET, OPTIONS, HEAD")?,
/// #     answer("/idds/request/abort/0/null", "GET, OPTIONS, HEAD, PUT")?,
/// # ]);
/// # let client = Client::builder("https://idds.example/idds").transport(recorded).build()?;
/// let family = client.probe().await?;
/// assert_eq!(family, ServerFamily::V1_3);
/// let client = client.for_server(family.version());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Answer`] when a gateway before the server does not let `OPTIONS` through, or it is no iDDS server; set
/// the version then.
#[derive(Clone, Debug)]
#[must_use = "a call is sent when awaited"]
pub struct Probe {
    client: Client,
}

impl Probe {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }
}

/// The routes that a family has and the ones before it have not.
const MARKS: [(ServerFamily, &str, Method); 4] = [
    (ServerFamily::V2_2, "/request/close/0/null", Method::PUT),
    (ServerFamily::V1_3, "/request/abort/0/null", Method::PUT),
    (
        ServerFamily::V0_11,
        "/request/0/null/False/False/False/False",
        Method::GET,
    ),
    (
        ServerFamily::V0_5,
        "/request/0/null/False/False",
        Method::GET,
    ),
];

impl IntoFuture for Probe {
    type Output = Result<ServerFamily, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            for (family, path, method) in MARKS {
                if self.client.send(&Allowed { path, method }).await? {
                    return Ok(family);
                }
            }
            let what = "it has none of the routes of iDDS";
            Err(Error::new(ErrorKind::Answer, what).during(Allowed::OPERATION))
        })
    }
}

/// Asks whether a route can be called with a method.
#[derive(Debug)]
struct Allowed {
    path: &'static str,
    method: Method,
}

impl Endpoint for Allowed {
    type Answer = bool;

    const OPERATION: &'static str = "probe";

    fn request(&self) -> Result<Request<Bytes>, Error> {
        without_body(Method::OPTIONS, self.path)
    }

    fn answer(&self, response: Response<Bytes>) -> Result<bool, Error> {
        let allowed = response
            .headers()
            .get(header::ALLOW)
            .and_then(|methods| methods.to_str().ok());
        match (response.status(), allowed) {
            (status, Some(methods)) if status.is_success() => Ok(methods
                .split(',')
                .any(|method| method.trim() == self.method.as_str())),
            (StatusCode::NOT_FOUND, _) => Ok(false),
            (status, None) if status.is_success() || status == StatusCode::METHOD_NOT_ALLOWED => {
                Err(Error::new(
                    ErrorKind::Answer,
                    "the server does not say what it allows; set its version",
                ))
            }
            _ => Err(ServerError::read(&response).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Replay;
    use crate::transport::recorded::{self, allowing};

    /// Probes a server that allows these methods on the routes in turn; none for 404.
    async fn probe(allowed: &[Option<&str>]) -> Result<ServerFamily, Error> {
        let answers = MARKS
            .iter()
            .zip(allowed)
            .map(|((_, path, _), allowed)| allowing(path, *allowed));
        recorded::client_of(Replay::new(answers)).probe().await
    }

    // `OPTIONS` of 2.6.21 says `GET, OPTIONS, HEAD, PUT` for the first route, since a route to read matches it too.
    #[tokio::test]
    async fn each_family_is_known_by_the_route_it_added() {
        let reading = Some("GET, OPTIONS, HEAD");
        let both = Some("GET, OPTIONS, HEAD, PUT");
        assert_eq!(probe(&[both]).await.expect("a family"), ServerFamily::V2_2);
        assert_eq!(
            probe(&[reading, both]).await.expect("a family"),
            ServerFamily::V1_3
        );
        assert_eq!(
            probe(&[reading, reading, reading]).await.expect("a family"),
            ServerFamily::V0_11
        );
        assert_eq!(
            probe(&[reading, reading, None, reading])
                .await
                .expect("a family"),
            ServerFamily::V0_5
        );
    }

    #[tokio::test]
    async fn something_that_is_not_idds_is_told_from_it() {
        let error = probe(&[None; 4]).await.expect_err("no iDDS");
        assert_eq!(error.kind(), ErrorKind::Answer);
        assert_eq!(
            error.to_string(),
            "probe failed: it has none of the routes of iDDS"
        );
    }

    #[test]
    fn a_gateway_that_hides_the_routes_is_an_error() {
        let call = Allowed {
            path: "/request/close/0/null",
            method: Method::PUT,
        };
        assert_eq!(
            recorded::read(&call, "").expect_err("no header").kind(),
            ErrorKind::Answer
        );
    }
}
