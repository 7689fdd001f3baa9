//! PanDA's relay: calls that PanDA makes for its users.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use idds_workflow::python_json::{self, Document};
use serde::de::IgnoredAny;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use super::{BoxFuture, Transport};
use crate::host::Host;
use crate::route::Relayed;
use crate::{Body, Error, ErrorKind, Route, ServerFamily, Support};

/// Sends calls as commands to a PanDA server, packed as PanDA's own client packs them (`idds_api` of panda-client 2.2).
///
/// PanDA has the Python client of iDDS and calls its method of this name with these arguments: one method for each route.
pub(crate) struct PandaRelay {
    panda: Host,
    /// The iDDS server that PanDA is to ask.
    idds: Host,
    inner: Box<dyn Transport>,
}

type Arguments = BTreeMap<String, Box<RawValue>>;

impl PandaRelay {
    pub(crate) fn new(panda: Host, idds: Host, inner: Box<dyn Transport>) -> Self {
        Self { panda, idds, inner }
    }

    /// Makes the request to PanDA of one to iDDS.
    fn packed(&self, request: Request<Bytes>) -> Result<(Command, Request<Bytes>), Error> {
        let (parts, body) = request.into_parts();
        let (command, mut arguments) = self.command(&parts.method, &parts.uri)?;
        command.add_body(&mut arguments, &body)?;
        let mut packed = json!({"command_name": format!("{}+{}", command.name, self.idds)});
        if !arguments.is_empty() {
            packed["kwargs"] = text(&arguments)?.into();
        }
        let mut request = Request::new(zipped(text(&packed)?.as_bytes())?);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.panda.join(&Uri::from_static("/relay_idds_command"))?;
        *request.headers_mut() = headers(&parts.headers)?;
        Ok((command, request))
    }

    /// Returns the command for a request, with the arguments that stand in its path.
    ///
    /// Only the address is compared: PanDA has the Python client of 2.6.21, which knows the routes of the last family.
    fn command(&self, method: &Method, uri: &Uri) -> Result<(Command, Arguments), Error> {
        let base = self.idds.join(&Uri::from_static("/"))?;
        let path = uri.path().strip_prefix(base.path()).unwrap_or_default();
        let path = format!("/{path}");
        Route::all()
            .find_map(|route| Command::of(route, method, &path))
            .ok_or_else(|| not_carried(&format!("{method} {path}")))
    }

    /// Makes the answer of iDDS of one of PanDA.
    fn unpacked(
        &self,
        command: Command,
        response: Response<Bytes>,
    ) -> Result<Response<Bytes>, Error> {
        if response.status() == StatusCode::NOT_FOUND {
            let what = format!("no PanDA server answers at {}", self.panda);
            return Err(Error::new(ErrorKind::Configuration, what));
        }
        if !response.status().is_success() {
            return Ok(response);
        }
        let body = response.into_body();
        let (is_done, said) = pair(&body).map_err(unreadable)?;
        let answer = match command.body {
            _ if !is_done => refused(
                command,
                &python_json::read::<String>(said.as_bytes()).map_err(unreadable)?,
            )?,
            Relayed::Adds(name) => format!("{{{}:{said}}}", text(name)?),
            _ => said.into_owned(),
        };
        Ok(Response::new(answer.into()))
    }
}

/// Reads whether PanDA did it, and what iDDS says as it stands, which may have words that JSON has not.
fn pair(body: &[u8]) -> Result<(bool, Cow<'_, str>), python_json::Error> {
    if let Ok((is_done, said)) = serde_json::from_slice::<(bool, &RawValue)>(body) {
        return Ok((is_done, said.get().into()));
    }
    let document = Document::parse(body)?;
    let (is_done, IgnoredAny) = document.root().read()?;
    let said = document.root().items().nth(1).expect("it has two items");
    Ok((is_done, said.text().to_owned().into()))
}

fn unreadable(error: python_json::Error) -> Error {
    let what = "the answer of PanDA is not a pair of its success and what iDDS says";
    Error::new(ErrorKind::Answer, what).caused_by(error)
}

/// The method of the Python class `idds.client.client.Client` that sends what one of our routes is for.
#[derive(Clone, Copy)]
struct Command {
    name: &'static str,
    body: Relayed,
}

impl Command {
    /// Returns the command for a path and its arguments as they stand there; none when it is not one of this route.
    fn of(route: &Route, method: &Method, path: &str) -> Option<(Self, Arguments)> {
        let (name, body) = (route.python()?, route.relayed?);
        let (Support::Full(address) | Support::Different { address, .. }) =
            route.support(ServerFamily::V2_2)
        else {
            return None;
        };
        if address.method() != *method {
            return None;
        }
        let arguments = address.arguments(path)?.into_iter();
        let arguments = arguments
            .map(|(name, text)| Some((name.to_owned(), to_raw_value(text).ok()?)))
            .collect::<Option<Arguments>>()?;
        Some((Self { name, body }, arguments))
    }

    fn add_body(&self, arguments: &mut Arguments, body: &[u8]) -> Result<(), Error> {
        let wrong = |error: serde_json::Error| {
            let what = format!("PanDA takes the body of {} as JSON only", self.name);
            Error::new(ErrorKind::Argument, what).caused_by(error)
        };
        match self.body {
            Relayed::NoBody => {}
            // The Python method makes a list of a single message, which the server then takes for something else.
            Relayed::Argument("msgs") if !body.starts_with(b"[") => {
                return Err(not_carried(
                    "a command or another message that is not in a list",
                ));
            }
            Relayed::Argument(name) => {
                arguments.insert(
                    name.to_owned(),
                    serde_json::from_slice(body).map_err(wrong)?,
                );
            }
            Relayed::Arguments | Relayed::Adds(_) => {
                arguments.extend(serde_json::from_slice::<Arguments>(body).map_err(wrong)?);
            }
        }
        Ok(())
    }
}

impl Transport for PandaRelay {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Error>> {
        Box::pin(async move {
            let (command, request) = self.packed(request)?;
            self.unpacked(command, self.inner.send(request).await?)
        })
    }

    fn stream(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, Error>> {
        Box::pin(async move {
            self.command(request.method(), request.uri())?; // before a file is read
            let (parts, body) = request.into_parts();
            let request = Request::from_parts(parts, body.collect().await?);
            Ok(self.send(request).await?.map(Body::from))
        })
    }
}

/// Returns the headers that say to PanDA who asks.
fn headers(of_idds: &HeaderMap) -> Result<HeaderMap, Error> {
    if of_idds
        .keys()
        .any(|name| name.as_str().ends_with("-original"))
    {
        return Err(not_carried("a call for another user"));
    }
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    if let Some(token) = of_idds.get("x-idds-auth-token") {
        let bearer = [b"Bearer ", token.as_bytes()].concat();
        let mut bearer = HeaderValue::from_bytes(&bearer)
            .map_err(|_| Error::new(ErrorKind::Credential, "the token does not fit in a header"))?;
        bearer.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, bearer);
        if let Some(vo) = of_idds.get("x-idds-auth-vo") {
            headers.insert(header::ORIGIN, vo.clone());
        }
    }
    Ok(headers)
}

fn not_carried(what: &str) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!("the relay of PanDA does not carry {what}; ask the iDDS server itself"),
    )
}

fn text(value: &(impl serde::Serialize + ?Sized)) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| {
        Error::new(ErrorKind::Argument, "the call cannot be written as JSON").caused_by(error)
    })
}

fn zipped(text: &[u8]) -> Result<Bytes, Error> {
    let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
    let zipped = zip.write_all(text).and_then(|()| zip.finish());
    let zipped = zipped.map_err(|e| {
        Error::new(ErrorKind::Argument, "the call cannot be compressed").caused_by(e)
    })?;
    Ok(zipped.into())
}

/// What the exceptions of the Python client begin with, their class, and the status that the iDDS server gives them.
const EXCEPTIONS: [(&str, &str, u16); 10] = [
    ("An unknown IDDS exception occurred.", "IDDSException", 500),
    ("Database exception.", "DatabaseException", 500),
    ("No object  exception.", "NoObject", 404),
    ("Core exception.", "CoreException", 500),
    ("Rest exception.", "RestException", 500),
    ("Bad request exception.", "BadRequest", 400),
    ("Connection exception.", "ConnectionException", 502),
    ("Process not found.", "ProcessNotFound", 404),
    ("Authentication exception.", "AuthenticationException", 401),
    (
        "Authentication no permission.",
        "AuthenticationNoPermission",
        401,
    ),
];

/// Makes the answer that iDDS gave of what PanDA says about it, in the form of `json_outputs=true`.
fn refused(command: Command, said: &str) -> Result<String, Error> {
    let name = command.name;
    if said.starts_with("SSL ") {
        let what = format!("PanDA lets nobody in without a certificate or token: {said}");
        return Err(Error::new(ErrorKind::Unauthorized, what));
    }
    if said.ends_with("is not a command of iDDS Client")
        || said.contains("unexpected keyword argument")
    {
        let what = format!("the iDDS client of PanDA has no such call as {name}: {said}");
        return Err(Error::new(ErrorKind::Unsupported, what));
    }
    let exception = said
        .strip_prefix("failed to execute command with ")
        .unwrap_or(said);
    let known = EXCEPTIONS
        .iter()
        .find(|(start, ..)| exception.starts_with(start));
    // Anything else befell PanDA on the way, for instance a timeout: iDDS may have heard the call.
    let (class, status) = known.map_or((None, 502), |(_, class, status)| (Some(*class), *status));
    let details = exception
        .split_once("\nDetails: ")
        .map_or(exception, |(_, details)| details);
    let error = json!({"ExceptionClass": class, "ExceptionMessage": details});
    text(&json!({"data": null, "status": status, "error": error}))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::sync::{Arc, Mutex};

    use idds_workflow::RequestId;
    use serde_json::Value;

    use super::*;
    use crate::{Client, OriginalUser, Retry};

    const HOST: &str = "https://idds.example:443/idds";

    type Asked = Arc<Mutex<Vec<Request<Bytes>>>>;

    /// A PanDA server that answers always the same, and keeps what it is asked.
    struct Panda {
        answer: (u16, &'static str),
        asked: Asked,
    }

    impl Transport for Panda {
        fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Error>> {
            self.asked.lock().expect("nobody panics").push(request);
            let mut response = Response::new(Bytes::from_static(self.answer.1.as_bytes()));
            *response.status_mut() = StatusCode::from_u16(self.answer.0).expect("a status");
            Box::pin(std::future::ready(Ok(response)))
        }
    }

    fn client_with(status: u16, answer: &'static str) -> (Client, Asked) {
        let asked = Asked::default();
        let client = Client::builder(HOST)
            .transport(Panda {
                answer: (status, answer),
                asked: asked.clone(),
            })
            .through_panda("https://panda.example:443/server/panda/")
            .retry(Retry::none())
            .build()
            .expect("a client");
        (client, asked)
    }

    fn client(answer: &'static str) -> Client {
        client_with(200, answer).0
    }

    #[tokio::test]
    async fn a_call_is_a_command_and_its_answer_that_of_the_command() {
        let (client, asked) = client_with(
            200,
            r#"[true, [{"id": "1", "loss": NaN, "parameters": {"A": 1}}]]"#,
        );
        let points = client.hpo().get(RequestId::new(7)).await.expect("points");
        assert_eq!(points[0].id.as_str(), "1");
        let asked = asked.lock().expect("nobody panics");
        assert_eq!(
            asked[0].uri(),
            "https://panda.example:443/server/panda/relay_idds_command"
        );
        let mut body = String::new();
        flate2::read::GzDecoder::new(&asked[0].body()[..])
            .read_to_string(&mut body)
            .expect("gzip");
        let mut body: Value = serde_json::from_str(&body).expect("JSON");
        let arguments: Value =
            serde_json::from_str(body["kwargs"].as_str().expect("text")).expect("JSON");
        body["kwargs"] = arguments;
        let arguments = json!({"workload_id": "null", "request_id": "7", "id": "null", "status": "null", "limit": "null"});
        assert_eq!(
            body,
            json!({"command_name": format!("get_hyperparameters+{HOST}"), "kwargs": arguments})
        );
    }

    #[tokio::test]
    async fn what_goes_wrong_is_told_as_without_the_relay() {
        for (said, kind) in [
            (
                r#"No object  exception.: {}\nDetails: {\"msg\": \"gone\"}"#,
                ErrorKind::NotFound,
            ),
            (
                r"Authentication no permission.: {}\nDetails: no",
                ErrorKind::Unauthorized,
            ),
            (r"Core exception.: {}\nDetails: no", ErrorKind::Refused),
            (
                r"Connection exception.: {}\nDetails: ConnectionError",
                ErrorKind::Unavailable,
            ),
            (
                "HTTPSConnectionPool: Read timed out.",
                ErrorKind::Unavailable,
            ),
            (
                "ping() got an unexpected keyword argument 'x'",
                ErrorKind::Unsupported,
            ),
        ] {
            let answer = format!(r#"[false, "failed to execute command with {said}"]"#);
            let error = client(answer.leak()).ping().await.expect_err("no");
            assert_eq!(error.kind(), kind, "{error}");
        }
        let error = client(r#"[false, "ping is not a command of iDDS Client"]"#)
            .ping()
            .await
            .expect_err("no");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let error = client(r#"[false, "SSL secure connection is required"]"#)
            .ping()
            .await
            .expect_err("no");
        assert_eq!(error.kind(), ErrorKind::Unauthorized);
    }

    #[tokio::test]
    async fn what_is_no_relay_is_not_taken_for_an_answer() {
        for answer in [
            "",
            "{}",
            "[true]",
            "[1, 2]",
            "[false, 7]",
            "<html>",
            "[true, ]",
        ] {
            let error = client(answer).ping().await.expect_err(answer);
            assert_eq!(error.kind(), ErrorKind::Answer, "{answer}");
        }
        let (client, _) = client_with(404, "Not Found");
        assert_eq!(
            client.ping().await.expect_err("no relay").kind(),
            ErrorKind::Configuration
        );
    }

    #[tokio::test]
    async fn what_the_relay_cannot_carry_is_not_sent() {
        let (client, asked) = client_with(200, "[true, null]");
        let for_her = client
            .on_behalf_of(&OriginalUser::new("Ada"))
            .expect("a name");
        let request = RequestId::new(1);
        let file = tempfile::NamedTempFile::new().expect("a file");
        for error in [
            client.monitor().requests(request).await.err(),
            client
                .messages()
                .send_to_clerk(request, serde_json::Map::new())
                .await
                .err(),
            client.cacher().upload(file.path()).await.err(),
            client.probe().await.err(),
            for_her.ping().await.err(),
        ] {
            let error = error.expect("refused");
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        }
        assert!(asked.lock().expect("nobody panics").is_empty());
    }

    #[test]
    fn a_token_is_shown_to_panda_in_its_way() {
        let of_idds = [
            ("x-idds-auth-token", "e30.e30.c2ln"),
            ("x-idds-auth-vo", "atlas"),
            ("x-idds-auth-type", "oidc"),
        ];
        let of_idds = of_idds.into_iter().map(|(name, value)| {
            (
                name.parse().expect("a name"),
                HeaderValue::from_static(value),
            )
        });
        let headers = headers(&of_idds.collect()).expect("headers");
        assert_eq!(
            (&headers["authorization"], &headers["origin"]),
            (
                &"Bearer e30.e30.c2ln".parse().expect("a value"),
                &"atlas".parse().expect("a value")
            )
        );
        assert!(headers["authorization"].is_sensitive());
        assert_eq!(headers.len(), 3);
    }
}
