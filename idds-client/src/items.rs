//! Lists that are read as a stream.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderValue, Method, header};
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::auth::Scrub;
use crate::call::Endpoint;
use crate::endpoint::decode_text;
use crate::{Body, Client, Error, ErrorKind, Route};

/// The items of an answer, one by one as they come; it needs no more memory than one item and one piece of the answer.
///
/// It is also a `Stream` of the `futures` crates.
///
/// ```
/// use idds_client::{Client, Exchange, Replay};
/// use idds_workflow::RequestId;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let points = r#"[{"id": "1", "loss": 0.5, "parameters": {"A": 4}}, {"id": "2", "loss": null, "parameters": {"A": 1}}]"#;
/// # let recorded = Replay::new([Exchange::new("GET", "/idds/hpo/null/7/null/null/null", 200, points)]);
/// # let client = Client::builder("https://idds.example:443/idds").transport(recorded).build()?;
/// let mut points = client.hpo().get(RequestId::new(7)).stream().await?;
/// while let Some(point) = points.next().await {
///     println!("{}", point?.parameters);
/// }
/// # Ok::<(), idds_client::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "items come when they are asked for"]
pub struct Items<T> {
    client: Client,
    body: Body,
    scrub: Option<Arc<Scrub>>,
    /// The first bytes of the answer, to be shown when it is none of iDDS.
    beginning: Vec<u8>,
    route: &'static Route,
    method: Method,
    path: String,
    splitter: Splitter,
    ready: VecDeque<Vec<u8>>,
    state: State,
    left: usize,
    is_grouped: bool,
    keep: Box<dyn Fn(&T) -> bool + Send + Sync>,
}

/// Bytes of an answer that are kept; the title of a page stands in the first ones.
const BEGINNING: usize = 1 << 10;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    /// More may come.
    Open,
    /// All has come, what surrounds the list is not looked at yet.
    Read,
    /// Nothing more is given.
    Over,
}

impl<T: DeserializeOwned> Items<T> {
    /// Sends a call whose answer is a list.
    pub(crate) async fn start<E: Endpoint>(client: &Client, call: &E) -> Result<Self, Error> {
        let route = call.route();
        let mut request = call
            .request(client)
            .map_err(|error| error.during(route.operation()))?;
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(header::ACCEPT, json);
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = client.stream(route, request.map(Body::from)).await?;
        let scrub = response.body().scrub().cloned();
        Ok(Self {
            client: client.clone(),
            body: response.into_body(),
            scrub,
            beginning: Vec::new(),
            route,
            method,
            path,
            splitter: Splitter::default(),
            ready: VecDeque::new(),
            state: State::Open,
            left: usize::MAX,
            is_grouped: false,
            keep: Box::new(|_| true),
        })
    }

    /// Gives only items of which this is true, and at most this many.
    pub(crate) fn only(
        mut self,
        keep: impl Fn(&T) -> bool + Send + Sync + 'static,
        limit: usize,
    ) -> Self {
        self.keep = Box::new(keep);
        self.left = limit;
        self
    }

    /// Takes the answer for an object of lists, and gives the items of all of them.
    pub(crate) fn grouped(mut self) -> Self {
        self.is_grouped = true;
        self
    }

    /// Waits for the next item; none at the end, and after an error.
    ///
    /// It may be dropped while it waits: nothing is lost.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, Error>>> {
        let item = ready!(self.poll_item(context));
        if !matches!(item, Some(Ok(_))) {
            self.state = State::Over;
            self.ready.clear();
        }
        let Self {
            client,
            beginning,
            route,
            method,
            path,
            scrub,
            ..
        } = self;
        let explain = |error: Error| {
            if let Some(scrub) = scrub {
                *beginning = scrub.bytes(std::mem::take(beginning).into()).into();
            }
            let error = client.explained(error, (&*method, &*path), beginning);
            error.during(route.operation()).after_sending(
                method,
                path,
                1,
                route.is_repeatable(method),
            )
        };
        Poll::Ready(item.map(|item| item.map_err(explain)))
    }

    /// Returns a part of the answer without the secrets of the request.
    fn scrubbed(&self, text: Vec<u8>) -> Bytes {
        match &self.scrub {
            Some(scrub) => scrub.bytes(text.into()),
            None => text.into(),
        }
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, Error>>> {
        loop {
            if self.left == 0 || self.state == State::Over {
                return Poll::Ready(None);
            }
            if let Some(text) = self.ready.pop_front() {
                if let Err(error) = self.client.fits(&text) {
                    return Poll::Ready(Some(Err(error)));
                }
                match decode_text(&self.scrubbed(text)) {
                    Ok(item) if (self.keep)(&item) => {
                        self.left -= 1;
                        return Poll::Ready(Some(Ok(item)));
                    }
                    Ok(_) => continue,
                    Err(error) => return Poll::Ready(Some(Err(error))),
                }
            }
            if self.state == State::Read {
                // What is left when the items are taken out: `[]`, or an envelope that may hold an error.
                let rest = &self.scrubbed(self.splitter.rest.clone());
                let is_list = self.splitter.has_list || self.is_grouped;
                let rest = if self.is_grouped {
                    decode_text::<BTreeMap<String, [IgnoredAny; 0]>>(rest).map(|_| IgnoredAny)
                } else {
                    decode_text(rest)
                };
                return Poll::Ready(match rest {
                    Ok(IgnoredAny) if is_list => None,
                    Ok(IgnoredAny) => Some(Err(no_list())),
                    Err(error) => Some(Err(error)),
                });
            }
            match ready!(Pin::new(&mut self.body).poll_next(context)) {
                Some(Ok(piece)) => {
                    let missing = BEGINNING.saturating_sub(self.beginning.len());
                    self.beginning
                        .extend_from_slice(&piece[..missing.min(piece.len())]);
                    match self.splitter.take(&piece, &mut self.ready) {
                        Ok(()) if self.splitter.item.len() > self.client.limits().max_answer => {
                            return Poll::Ready(Some(Err(self.client.too_large())));
                        }
                        Ok(()) => {}
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => self.state = State::Read,
            }
        }
    }
}

impl<T: DeserializeOwned> Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("route", &self.route.operation())
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// Splits JSON into the items of its outermost arrays, wherever the pieces end.
#[derive(Default)]
struct Splitter {
    /// What is not an item; the arrays in it are empty.
    rest: Vec<u8>,
    /// The item that is being read.
    item: Vec<u8>,
    /// Arrays and objects that are open inside the item's array; none outside of arrays.
    depth: Option<usize>,
    has_list: bool,
    in_string: bool,
    is_escaped: bool,
}

/// Longest text outside of items: names and errors.
const MAX_REST: usize = 1 << 20;

impl Splitter {
    fn take(&mut self, piece: &Bytes, items: &mut VecDeque<Vec<u8>>) -> Result<(), Error> {
        for &byte in piece {
            self.byte(byte, items);
        }
        if self.rest.len() > MAX_REST {
            return Err(no_list());
        }
        Ok(())
    }

    fn byte(&mut self, byte: u8, items: &mut VecDeque<Vec<u8>>) {
        let was_in_string = self.in_string;
        if self.in_string {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
        } else if byte == b'"' {
            self.in_string = true;
        }
        let structure = if was_in_string { b' ' } else { byte };
        match (self.depth, structure) {
            (None, b'[') => {
                self.depth = Some(0);
                self.has_list = true;
                self.rest.push(byte);
            }
            (None, _) => self.rest.push(byte),
            (Some(0), b']') => {
                self.finish(items);
                self.depth = None;
                self.rest.push(byte);
            }
            (Some(0), b',') => {
                // Two commas in a row make an item of nothing, which cannot be read.
                items.push_back(std::mem::take(&mut self.item));
            }
            (Some(depth), _) => {
                self.item.push(byte);
                self.depth = Some(match structure {
                    b'[' | b'{' => depth + 1,
                    b']' | b'}' => depth.saturating_sub(1),
                    _ => depth,
                });
            }
        }
    }

    /// Ends the last item of an array, unless the array is empty.
    fn finish(&mut self, items: &mut VecDeque<Vec<u8>>) {
        let item = std::mem::take(&mut self.item);
        if !item.iter().all(u8::is_ascii_whitespace) {
            items.push_back(item);
        }
    }
}

fn no_list() -> Error {
    Error::new(ErrorKind::Answer, "the answer is not a list")
}

#[cfg(test)]
mod tests {
    use idds_workflow::RequestId;
    use serde_json::{Value, json};

    use super::*;
    use crate::{Exchange, HyperParameters, Replay};

    /// Cuts a text that comes in pieces of this length.
    fn cut(text: &str, len: usize) -> (Vec<String>, String) {
        let (mut splitter, mut items) = (Splitter::default(), VecDeque::new());
        for piece in text.as_bytes().chunks(len) {
            splitter
                .take(&Bytes::copy_from_slice(piece), &mut items)
                .expect("a list");
        }
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text").trim().to_owned();
        (items.into_iter().map(text).collect(), text(splitter.rest))
    }

    #[test]
    fn items_are_cut_wherever_the_pieces_end() {
        let text = r#" [ {"a": [1, {"b": "],[\\\"}"}]}, [2, [3]], "x,y]", 4 ] "#;
        for len in 1..=text.len() {
            let (items, rest) = cut(text, len);
            assert_eq!(
                items,
                [
                    r#"{"a": [1, {"b": "],[\\\"}"}]}"#,
                    "[2, [3]]",
                    r#""x,y]""#,
                    "4"
                ],
                "{len}"
            );
            assert_eq!(rest, "[]");
        }
    }

    #[test]
    fn lists_in_objects_are_cut_too_and_empty_ones_have_no_items() {
        assert_eq!(
            cut(r#"{"data": [1, 2], "n": "[3]"}"#, 3),
            (
                vec!["1".to_owned(), "2".to_owned()],
                r#"{"data": [], "n": "[3]"}"#.to_owned()
            )
        );
        assert_eq!(cut("[ \n ]", 1), (vec![], "[]".to_owned()));
    }

    async fn points(answer: &str) -> Result<Items<HyperParameters>, Error> {
        let replay = Replay::new([Exchange::new(
            "GET",
            "/idds/hpo/null/7/null/null/null",
            200,
            answer,
        )]);
        let client = Client::builder("https://idds.example/idds")
            .transport(replay)
            .build()?;
        client.hpo().get(RequestId::new(7)).stream().await
    }

    async fn ids(answer: &str) -> Result<Vec<String>, Error> {
        let mut points = points(answer).await?;
        let mut ids = Vec::new();
        while let Some(point) = points.next().await {
            ids.push(point?.id.to_string());
        }
        assert!(points.next().await.is_none());
        Ok(ids)
    }

    #[tokio::test]
    async fn the_items_of_an_answer_come_one_by_one() {
        let answer = r#"[{"id": "1", "loss": NaN, "parameters": []}, {"id": "2", "loss": null, "parameters": "]"}]"#;
        assert_eq!(ids(answer).await.expect("points"), ["1", "2"]);
        assert_eq!(ids("[]").await.expect("no points"), [""; 0]);
    }

    #[tokio::test]
    async fn a_wrong_or_cut_answer_ends_with_an_error_after_its_good_items() {
        let good = r#"{"id": "1", "loss": null, "parameters": 1}"#;
        for bad in [
            "[G, {\"id\": 1}]",
            "[G",
            "[G, G",
            "[G}",
            "[G] []",
            "[G,,G]",
            "<html>",
            "",
            "{}",
            "null",
            "7",
        ] {
            let answer = bad.replace('G', good);
            let error = ids(&answer).await.expect_err(bad);
            assert_eq!(error.kind(), ErrorKind::Answer, "{bad}");
            assert!(
                error
                    .to_string()
                    .starts_with("get hyperparameters failed: "),
                "{error}"
            );
        }
    }

    #[tokio::test]
    async fn an_error_in_an_envelope_is_the_error() {
        let envelope = json!({"data": null, "status": 500, "error": {"ExceptionClass": "X", "ExceptionMessage": "no"}});
        let error = ids(&envelope.to_string()).await.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Refused);
        let envelope = json!({"data": [{"id": "1", "loss": 1, "parameters": Value::Null}], "status": 0, "error": null});
        assert_eq!(ids(&envelope.to_string()).await.expect("a point"), ["1"]);
    }
}
