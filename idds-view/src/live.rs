//! Changes of a page, as events for the browser that shows it.

use std::collections::HashMap;
use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Response};
use futures::stream::{self, Stream, StreamExt};
use http::{HeaderMap, StatusCode, header};
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::sleep;

use crate::page::{Page, Trouble, seen, trouble};

/// Time between two looks for changes; how often the server is asked is another matter.
const LOOK: Duration = Duration::from_secs(1);

/// Tabs that are followed at once.
const FOLLOWED: usize = 64;

/// What pages are followed with.
#[derive(Clone, Debug)]
pub(crate) struct Following {
    places: Arc<Semaphore>,
    /// Whether the page is about to be served no more.
    pub(crate) ended: watch::Receiver<bool>,
}

impl Following {
    pub(crate) fn new(ended: watch::Receiver<bool>) -> Self {
        Self {
            places: Arc::new(Semaphore::new(FOLLOWED)),
            ended,
        }
    }

    /// Answers with a page, or with its changes where a browser asks for events.
    pub(crate) async fn answer<F>(
        &self,
        root: &str,
        headers: &HeaderMap,
        query: Option<&str>,
        make: impl Fn() -> F + Send + Sync + 'static,
    ) -> Response
    where
        F: Future<Output = Result<Page, Trouble>> + Send + 'static,
    {
        let accept = headers.get(header::ACCEPT);
        let is_followed = accept.is_some_and(|accept| accept == "text/event-stream");
        if !is_followed {
            return match make().await {
                Ok(page) => Html(page.document(root)).into_response(),
                Err(why) => trouble(Some(root), why.status, &why.why),
            };
        }
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            let why = "Too many tabs are open; this one is not kept up to date.";
            return (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
        };
        let shown = query.and_then(|query| query.rsplit_once("seen="));
        let shown = shown.and_then(|(_, seen)| seen.parse().ok());
        let events = events(make, shown, self.ended.clone(), place);
        Sse::new(events)
            .keep_alive(KeepAlive::default())
            .into_response()
    }
}

/// What a browser has been told.
struct Told {
    /// The number of what the page had when it was loaded.
    shown: Option<u64>,
    title: u64,
    parts: HashMap<&'static str, u64>,
    trouble: Option<String>,
    looks: u64,
    is_over: bool,
}

fn events<F>(
    make: impl Fn() -> F + Send + Sync + 'static,
    shown: Option<u64>,
    ended: watch::Receiver<bool>,
    place: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Event, Infallible>> + Send + 'static
where
    F: Future<Output = Result<Page, Trouble>> + Send + 'static,
{
    let told = Told {
        shown,
        title: 0,
        parts: HashMap::new(),
        trouble: None,
        looks: 0,
        is_over: false,
    };
    let first = (make, told, ended, place);
    let batches = stream::unfold(first, |(make, mut told, mut ended, place)| async move {
        if told.is_over {
            return None;
        }
        if told.looks > 0 {
            tokio::select! {
                () = sleep(LOOK) => {}
                // An error means that the page is gone, which is the end as well.
                _ = ended.wait_for(|ended| *ended) => {}
            }
        }
        told.looks += 1;
        let is_last = *ended.borrow();
        let mut events = told.news(make().await);
        if is_last {
            events.push(Event::default().event("over").data("over"));
            told.is_over = true;
        }
        Some((
            stream::iter(events.into_iter().map(Ok)),
            (make, told, ended, place),
        ))
    });
    batches.flatten()
}

impl Told {
    /// Returns what has changed since it was told.
    fn news(&mut self, page: Result<Page, Trouble>) -> Vec<Event> {
        let mut events = Vec::new();
        let page = match page {
            Ok(page) => page,
            Err(Trouble { why, .. }) => {
                if self.trouble.as_ref() != Some(&why) {
                    events.push(event("trouble", &json!(why)));
                    self.trouble = Some(why);
                }
                return events;
            }
        };
        if self.trouble.take().is_some() {
            events.push(event("trouble", &json!("")));
        }
        let is_shown = self.shown.take() == Some(seen(&page.parts));
        let title = hash(&page.title);
        if self.title != title && !is_shown {
            events.push(event("title", &json!(page.title)));
        }
        self.title = title;
        for part in &page.parts {
            let new = hash(&part.html);
            if self.parts.insert(part.id, new) != Some(new) && !is_shown {
                events.push(event("part", &json!({"id": part.id, "html": part.html})));
            }
        }
        events
    }
}

/// Makes an event; JSON has no line breaks, which would end it.
fn event(name: &str, data: &serde_json::Value) -> Event {
    Event::default().event(name).data(data.to_string())
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
