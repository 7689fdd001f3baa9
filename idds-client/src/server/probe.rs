//! Finding out the version family of a server.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};

use crate::call::Endpoint;
use crate::route::{self, Address, Route, ServerFamily, Support};
use crate::{Client, Error, ErrorKind, ServerError};

/// The routes that a family has and the ones before it have not.
static MARKS: [(ServerFamily, &Route); 4] = [
    (ServerFamily::V2_2, &route::CLOSE),
    (ServerFamily::V1_3, &route::ABORT),
    (ServerFamily::V0_11, &route::GET_REQUESTS),
    (ServerFamily::V0_5, &route::GET_REQUESTS),
];

impl Client {
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
    pub async fn probe(&self) -> Result<ServerFamily, Error> {
        for (family, route) in MARKS {
            let Support::Full(address) = route.support(family) else {
                continue;
            };
            if self.send(&Allowed(address)).await? {
                return Ok(family);
            }
        }
        let what = "it has none of the routes of iDDS";
        Err(Error::new(ErrorKind::Answer, what).during(route::PROBE.operation()))
    }
}

/// Asks whether there is a route.
#[derive(Debug)]
struct Allowed(Address);

impl Allowed {
    fn path(&self) -> String {
        self.0.filled(|name| match name {
            "request_id" => Some("0"),
            flag if flag.starts_with("with_") => Some("False"),
            _ => None,
        })
    }
}

impl Endpoint for Allowed {
    type Answer = bool;

    fn route(&self) -> &'static Route {
        &route::PROBE
    }

    fn request(&self, _: &Client) -> Result<Request<Bytes>, Error> {
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = Method::OPTIONS;
        *request.uri_mut() = self.path().parse().expect("a path of our own");
        Ok(request)
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<bool, Error> {
        let allowed = response
            .headers()
            .get(header::ALLOW)
            .and_then(|methods| methods.to_str().ok());
        match (response.status(), allowed) {
            (status, Some(methods)) if status.is_success() => Ok(methods
                .split(',')
                .any(|method| method.trim() == self.0.method().as_str())),
            (StatusCode::NOT_FOUND, _) => Ok(false),
            (status, None) if status.is_success() || status == StatusCode::METHOD_NOT_ALLOWED => {
                Err(Error::new(
                    ErrorKind::Answer,
                    "the server does not say what it allows; set its version",
                ))
            }
            _ => Err(ServerError::read(response).into()),
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
        let paths = [
            "/request/close/0/null",
            "/request/abort/0/null",
            "/request/0/null/False/False/False/False",
            "/request/0/null/False/False",
        ];
        let answers = paths
            .iter()
            .zip(allowed)
            .map(|(path, allowed)| allowing(path, *allowed));
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
        let Support::Full(close) = route::CLOSE.support(ServerFamily::V2_2) else {
            panic!("this family has it");
        };
        let hidden = Allowed(close).answer(&recorded::client(), &Response::new(Bytes::new()));
        assert_eq!(hidden.expect_err("no header").kind(), ErrorKind::Answer);
    }
}
