//! What the server says: answers, and its way to say that something went wrong.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json as value};

use crate::listing::Listing;
use crate::pretty::Script;
use crate::python;
use crate::serve::TooSlow;

const EXCEPTION_CLASS: HeaderName = HeaderName::from_static("exceptionclass");
const EXCEPTION_MESSAGE: HeaderName = HeaderName::from_static("exceptionmessage");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// What the server wants of who is not let in; our client knows by it which server it is that asks.
const SERVER_TOKEN: HeaderValue = HeaderValue::from_static("IDDS-Server-Token");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// Longest exception message, in characters: it travels in a header.
const MAX_MESSAGE: usize = 2000;

/// A value, sent as JSON indented by 4 with sorted keys, but for those of parameters; null is an empty body.
///
/// iDDS sorts all of them. To JSON that is the same; a person wants parameters in the order of the definition.
#[derive(Clone, Debug)]
pub(crate) struct Answer(Value);

impl Answer {
    /// Answers this value.
    pub(crate) fn new(value: Value) -> Self {
        Self(value)
    }

    fn render(self) -> Response {
        if self.0.is_null() {
            return ([(CONTENT_TYPE, JSON)], Body::empty()).into_response();
        }
        let mut script = Script::default();
        script.value(&self.0, 0);
        json(script.into_body())
    }
}

/// Answers this JSON.
pub(crate) fn json(body: Body) -> Response {
    ([(CONTENT_TYPE, JSON)], body).into_response()
}

/// What a handler said; it waits in the response for [`render`].
#[derive(Clone, Debug)]
enum Reply {
    Answer(Answer),
    Listing(Listing),
    Failure(Failure),
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        Reply::Answer(self).into_response()
    }
}

impl IntoResponse for Listing {
    fn into_response(self) -> Response {
        Reply::Listing(self).into_response()
    }
}

/// Writes what the handlers say, in the form that the query asks for.
///
/// `?json_outputs=true` puts status, data and error of every handler into the body of an answer with status 200. What no
/// handler was reached for stays as it is.
pub(crate) async fn render(request: Request, next: Next) -> Response {
    let wraps = request.uri().query().is_some_and(|query| {
        let value = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("json_outputs="));
        value.is_some_and(|value| value.eq_ignore_ascii_case("true"))
    });
    let mut response = next.run(request).await;
    // The server does not say which methods a route has.
    response.headers_mut().remove(ALLOW);
    match response.extensions_mut().remove::<Reply>() {
        None => response,
        Some(Reply::Answer(Answer(data))) if wraps => {
            Answer::new(value!({ "status": 0, "data": data, "error": null })).render()
        }
        Some(Reply::Failure(Failure {
            status,
            class,
            message: Message::Json(message),
        })) if wraps => {
            let error = value!({ "ExceptionClass": class, "ExceptionMessage": written(&message) });
            Answer::new(value!({ "status": status.as_u16(), "data": null, "error": error }))
                .render()
        }
        Some(Reply::Listing(listing)) => match listing.send(wraps).await {
            Ok(body) => json(body),
            // What is wrong is known before the first byte is sent, or the connection breaks.
            Err(failure) => failure.render(),
        },
        Some(Reply::Answer(answer)) => answer.render(),
        Some(Reply::Failure(failure)) => failure.render(),
    }
}

/// Writes a message as the handlers do.
fn written(message: &str) -> String {
    let text: String = message.chars().take(MAX_MESSAGE).collect();
    format!("{{\"msg\": {}}}", python::json_text(&text))
}

/// An exception of the server: an empty body, and headers that name the class and the message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    status: StatusCode,
    class: &'static str,
    message: Message,
}

/// How the message is written into its header.
#[derive(Clone, Debug, PartialEq)]
enum Message {
    /// `{"msg": …}`, as the server's handlers do.
    Json(String),
    /// Plain text, as the server does when no handler was reached.
    Plain(&'static str),
    /// Plain text, as the server does when it lets somebody not in; the body has it as well, as people see that.
    Gate(&'static str),
}

impl Failure {
    /// Something the handlers do not expect, most wrong input included.
    pub(crate) fn core(message: impl Into<String>) -> Self {
        Self::handled(
            StatusCode::INTERNAL_SERVER_ERROR,
            "CoreException",
            message.into(),
        )
    }

    /// Something the database does not take.
    pub(crate) fn database(details: &str) -> Self {
        let message = format!("Database exception.: {{}}\nDetails: {details}");
        Self::handled(
            StatusCode::INTERNAL_SERVER_ERROR,
            "DatabaseException",
            message,
        )
    }

    /// Something that is refused on purpose.
    pub(crate) fn idds(details: &str) -> Self {
        let message = format!("An unknown IDDS exception occurred.: {{}}\nDetails: {details}");
        Self::handled(StatusCode::INTERNAL_SERVER_ERROR, "IDDSException", message)
    }

    /// A way to authenticate that a route is not for.
    pub(crate) fn not_supported(details: &str) -> Self {
        let message = format!("Authentication not supported.: {{}}\nDetails: {details}");
        Self::handled(
            StatusCode::INTERNAL_SERVER_ERROR,
            "AuthenticationNotSupported",
            message,
        )
    }

    /// Input that a handler looks at before it does anything.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::handled(StatusCode::BAD_REQUEST, "BadRequest", message.into())
    }

    /// A body that cannot be decoded.
    pub(crate) fn undecodable() -> Self {
        Self::bad_request("Cannot decode json parameter dictionary")
    }

    /// An object that cannot be looked for.
    pub(crate) fn no_object(details: &str) -> Self {
        let message = format!("No object  exception.: {{}}\nDetails: {details}");
        Self::handled(StatusCode::NOT_FOUND, "NoObject", message)
    }

    /// 401: who asks does not show that they may.
    pub(crate) fn unauthorized(message: &'static str) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            class: "IDDSException",
            message: Message::Gate(message),
        }
    }

    /// What is for the owner of a request alone.
    pub(crate) fn no_permission(details: &str) -> Self {
        let message = format!("Authentication no permission.: {{}}\nDetails: {details}");
        Self::handled(
            StatusCode::INTERNAL_SERVER_ERROR,
            "AuthenticationNoPermission",
            message,
        )
    }

    /// 403: who asks may not talk to this server; iDDS itself has no such answer.
    pub(crate) fn forbidden(message: String) -> Self {
        Self::handled(StatusCode::FORBIDDEN, "IDDSException", message)
    }

    /// A body above the limit, which is in bytes.
    pub(crate) fn too_large(limit: usize) -> Self {
        let message = format!("the body is larger than the limit of {limit} bytes");
        Self::handled(StatusCode::PAYLOAD_TOO_LARGE, "IDDSException", message)
    }

    /// 408: a body that does not come.
    pub(crate) fn too_slow(why: &TooSlow) -> Self {
        Self::handled(
            StatusCode::REQUEST_TIMEOUT,
            "IDDSException",
            why.to_string(),
        )
    }

    /// A body with more values than are read.
    pub(crate) fn too_many_values(most: usize) -> Self {
        let message = format!("the body has more than {most} values; send it in several requests");
        Self::handled(StatusCode::PAYLOAD_TOO_LARGE, "IDDSException", message)
    }

    /// A request for whose bytes there is no room now; nobody has looked at it, so that it can be sent again.
    pub(crate) fn busy() -> Self {
        let message =
            "the server has no room for so many bytes at once; send the request again in a second";
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            class: "IDDSException",
            message: Message::Plain(message),
        }
    }

    /// A path that no route has.
    pub(crate) fn unknown_route() -> Self {
        let message = "The requested REST API is not defined: 404 Not Found: The requested URL was not found on the \
                       server. If you entered the URL manually please check your spelling and try again.";
        Self {
            status: StatusCode::NOT_FOUND,
            class: "IDDSException",
            message: Message::Plain(message),
        }
    }

    /// A method that the route does not have.
    pub(crate) fn wrong_method() -> Self {
        let message = "The requested REST API is not defined: 405 Method Not Allowed: The method is not allowed for the \
                       requested URL.";
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            class: "IDDSException",
            message: Message::Plain(message),
        }
    }

    fn handled(status: StatusCode, class: &'static str, message: String) -> Self {
        Self {
            status,
            class,
            message: Message::Json(message),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        Reply::Failure(self).into_response()
    }
}

impl Failure {
    pub(crate) fn render(self) -> Response {
        let (content_type, message) = match &self.message {
            Message::Json(text) => (JSON, HeaderValue::from_str(&written(text)).ok()),
            Message::Plain(text) => (HTML, Some(HeaderValue::from_static(text))),
            Message::Gate(text) => (JSON, Some(HeaderValue::from_static(text))),
        };
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, content_type);
        headers.insert(EXCEPTION_CLASS, HeaderValue::from_static(self.class));
        headers.extend(message.map(|message| (EXCEPTION_MESSAGE, message)));
        let body = match self.message {
            Message::Gate(text) => {
                headers.insert(WWW_AUTHENTICATE, SERVER_TOKEN);
                let error = value!({ "ExceptionClass": self.class, "ExceptionMessage": text });
                let told = value!({ "status": self.status.as_u16(), "data": null, "error": error });
                Body::from(format!("{told:#}\n"))
            }
            _ => Body::empty(),
        };
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        (self.status, headers, body).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_message_fits_into_its_header() {
        for text in ["", "a\r\nb", "\0\x7f", "名前 😀", &"x".repeat(100_000)] {
            let response = Failure::core(text).render();
            let message = response
                .headers()
                .get("ExceptionMessage")
                .expect("a message")
                .to_str()
                .expect("text");
            let message: Value = serde_json::from_str(message).expect("JSON");
            let expected: String = text.chars().take(MAX_MESSAGE).collect();
            assert_eq!(message["msg"], expected);
        }
    }
}
