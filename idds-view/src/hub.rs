//! What is known of the server, for all pages.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use futures::FutureExt;
use futures::stream::{self, StreamExt};
use idds_client::{Client, RequestCollections, RequestInfo, Server, TransformId};
use idds_workflow::{RequestId, RequestStatus, Workflow};
use jiff::Timestamp;
use tokio::time::timeout;

use crate::command::Said;
use crate::looks::{Looks, Seen};
use crate::progress::{Definition, Progress, put_together};

/// Shortest time between two looks at the embedded server, and at one that others use, too.
const SOON: Duration = Duration::from_secs(1);
const SOON_ELSEWHERE: Duration = Duration::from_secs(5);

/// Age of a list that a page does not begin with.
const LONG_AGO: Duration = Duration::from_secs(30);

/// Requests of which details are kept.
const REQUESTS: usize = 64;

/// Requests of which is kept how far they are: some pages of the list.
const SUMMARIES: usize = 2_000;

/// Requests that are asked about at once.
const AT_ONCE: usize = 8;

/// How long a page waits for summaries; those that come later are sent after it.
const PATIENCE: Duration = Duration::from_millis(400);

/// Verdicts on commands that are kept.
const SAID: usize = 200;

/// What is known of the server.
#[derive(Debug)]
pub(crate) struct Hub {
    pub(crate) client: Client,
    /// First part of every address: the token with its slash.
    pub(crate) root: String,
    /// Whether commands are given for the user of a request: this process runs the server, where names are only said.
    pub(crate) is_for_owners: bool,
    /// Definitions with the names of their authors, of requests that this process has submitted.
    named: RwLock<HashMap<RequestId, Workflow>>,
    listing: Looks<(), Vec<Listed>>,
    requests: Looks<RequestId, Option<Request>>,
    definitions: Looks<RequestId, Definition>,
    summaries: Looks<(RequestId, Option<Timestamp>), Summary>,
    said: Mutex<VecDeque<(RequestId, Arc<Said>)>>,
}

/// A request in the list.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) id: RequestId,
    pub(crate) name: String,
    pub(crate) user: String,
    pub(crate) status: RequestStatus,
    pub(crate) updated_at: Option<Timestamp>,
    pub(crate) error: Option<String>,
}

/// How far a request is, in one line.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Summary {
    /// Works that have begun, and those that have finished.
    pub(crate) works: (usize, usize),
    /// Works that have failed, at least in part.
    pub(crate) failed: usize,
    /// Jobs, points or files, and those that are done, and those that failed.
    pub(crate) jobs: (i64, i64, i64),
    /// The first step that failed, and why.
    pub(crate) cause: Option<String>,
}

/// A request with its steps.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) info: RequestInfo,
    /// A row for each pair of collections of each work that has begun.
    pub(crate) rows: Vec<RequestCollections>,
    pub(crate) progress: Progress,
    pub(crate) definition: Option<Arc<Definition>>,
}

impl Hub {
    pub(crate) fn new(client: &Client, root: String, is_for_owners: bool) -> Self {
        Self {
            // What is asked again by itself is not repeated by the client.
            client: client.without_retries(),
            root,
            is_for_owners,
            named: RwLock::default(),
            listing: Looks::new(1),
            requests: Looks::new(REQUESTS),
            definitions: Looks::new(REQUESTS),
            summaries: Looks::new(SUMMARIES),
            said: Mutex::default(),
        }
    }

    /// Keeps the definition of a request with the names that its author gave the steps.
    pub(crate) fn define(&self, request: RequestId, workflow: Workflow) {
        let mut named = self.named.write().unwrap_or_else(PoisonError::into_inner);
        named.insert(request, workflow);
        self.definitions.forget(&request);
    }

    /// Tells whether the server is the embedded one, which can be asked often and tells more.
    pub(crate) async fn is_embedded(&self) -> bool {
        matches!(self.client.server().await, Ok(Server::Embedded))
    }

    /// Returns the shortest time between two looks.
    pub(crate) async fn soon(&self) -> Duration {
        match self.is_embedded().await {
            true => SOON,
            false => SOON_ELSEWHERE,
        }
    }

    /// Returns all requests, the newest first.
    pub(crate) async fn requests(&self) -> Seen<Vec<Listed>> {
        let soon = self.soon().await;
        self.listing.look((), soon, || self.ask_requests()).await
    }

    /// Returns the requests that were seen last, or asks when that was long ago.
    pub(crate) async fn requests_now(&self) -> Seen<Vec<Listed>> {
        match self.listing.last(&(), LONG_AGO) {
            Some(seen) => Ok(seen),
            None => self.requests().await,
        }
    }

    async fn ask_requests(&self) -> Result<Vec<Listed>, String> {
        let rows = self.client.requests().list_all().await.map_err(words)?;
        let mut listed: Vec<Listed> = rows.iter().filter_map(Listed::of).collect();
        listed.sort_by_key(|request| std::cmp::Reverse(request.id));
        listed.dedup_by_key(|request| request.id);
        Ok(listed)
    }

    /// Returns how far these requests are, as far as that is known within a moment.
    pub(crate) async fn summaries(&self, requests: &[&Listed]) -> Vec<Option<Arc<Summary>>> {
        let looks = requests.iter().map(|request| self.summary(request).boxed());
        let looks: Vec<_> = looks.collect();
        let mut looks = stream::iter(looks).buffered(AT_ONCE);
        let mut found = Vec::new();
        let all = async {
            while let Some(summary) = looks.next().await {
                found.push(summary);
            }
        };
        let _ = timeout(PATIENCE, all).await;
        found.resize(requests.len(), None);
        found
    }

    async fn summary(&self, request: &Listed) -> Option<Arc<Summary>> {
        let key = (request.id, request.updated_at);
        // What has ended does not change without another time.
        let soon = match request.status.is_terminal() {
            true => Duration::from_secs(3600),
            false => self.soon().await,
        };
        let ask = || async {
            let rows = self.client.requests().get(request.id).collections();
            let mut summary = Summary::of(&rows.await.map_err(words)?);
            if summary.failed > 0 || is_bad(request.status) {
                let request = self.request(request.id).await;
                let request = request.map_err(|why| why.to_string())?;
                summary.cause = request.as_ref().as_ref().and_then(Request::cause);
            }
            Ok(summary)
        };
        self.summaries.look(key, soon, ask).await.ok()
    }

    /// Returns a request; none when the server does not know it.
    pub(crate) async fn request(&self, request: RequestId) -> Seen<Option<Request>> {
        let soon = self.soon().await;
        let ask = || self.ask_request(request);
        self.requests.look(request, soon, ask).await
    }

    async fn ask_request(&self, request: RequestId) -> Result<Option<Request>, String> {
        let rows = self.client.requests().get(request).collections();
        let rows = rows.await.map_err(words)?;
        let Some(info) = rows.first().map(|row| row.request.clone()) else {
            return Ok(None);
        };
        let definition = self.definition(request).await;
        let progress = match self.is_embedded().await {
            true => Progress::told(&self.client, request).await.map_err(words)?,
            false => {
                // Servers before 2.2 do not list transforms, and their errors are not known then.
                let transforms = self.client.transforms().list(request).await;
                let transforms = transforms.unwrap_or_default();
                let decoded = definition.as_ref().map(|definition| &definition.decoded);
                put_together(request, &rows, &transforms, decoded)
            }
        };
        let Some(mut progress) = progress else {
            return Ok(None);
        };
        if let Some(definition) = definition.as_ref().filter(|it| it.named.is_some()) {
            for step in &mut progress.steps {
                if let Some(path) = definition.path(&step.id) {
                    path.clone_into(&mut step.step);
                }
            }
        }
        progress.name_steps();
        let rows = rows.into_iter().filter(|row| row.transform.is_some());
        Ok(Some(Request {
            info,
            rows: rows.collect(),
            progress,
            definition,
        }))
    }

    /// Returns the workflow of a request, which does not change; none where it cannot be read.
    async fn definition(&self, request: RequestId) -> Option<Arc<Definition>> {
        let ask = || async {
            let stored = self.client.requests().get(request).metadata();
            let stored = stored.await.map_err(words)?;
            let stored = stored.first().ok_or("there is no such request")?;
            let decoded = stored.decode().map_err(|error| error.to_string())?;
            let named = self.named.read().unwrap_or_else(PoisonError::into_inner);
            Ok(Definition::new(decoded, named.get(&request).cloned()))
        };
        let hour = Duration::from_secs(3600);
        self.definitions.look(request, hour, ask).await.ok()
    }

    /// Notes what was said of a command, in place of what is in `before`.
    pub(crate) fn say(
        &self,
        request: RequestId,
        said: Said,
        before: Option<&Arc<Said>>,
    ) -> Arc<Said> {
        let said = Arc::new(said);
        let mut all = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let place =
            before.and_then(|before| all.iter_mut().find(|(_, it)| Arc::ptr_eq(it, before)));
        match place {
            Some(place) => place.1 = Arc::clone(&said),
            None => {
                all.push_front((request, Arc::clone(&said)));
                all.truncate(SAID);
            }
        }
        drop(all);
        self.requests.forget(&request);
        self.listing.forget(&());
        said
    }

    /// Returns what was said of commands to a request, the latest first.
    pub(crate) fn said(&self, request: RequestId) -> Vec<Arc<Said>> {
        let all = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let of_it = all.iter().filter(|(of, _)| *of == request);
        of_it.map(|(_, said)| Arc::clone(said)).collect()
    }
}

impl Listed {
    fn of(info: &RequestInfo) -> Option<Self> {
        Some(Self {
            id: info.request_id?,
            name: info.name.clone().unwrap_or_default(),
            user: info.username.clone().unwrap_or_default(),
            status: info.status,
            updated_at: info.updated_at,
            error: cause(info),
        })
    }
}

impl Summary {
    fn of(rows: &[RequestCollections]) -> Self {
        let mut summary = Self::default();
        let mut seen: Vec<TransformId> = Vec::new();
        for row in rows {
            let Some(transform) = &row.transform else {
                continue;
            };
            if seen.last() != Some(&transform.id) {
                seen.push(transform.id);
                let status = transform.status.to_string();
                summary.works.0 += 1;
                summary.works.1 += usize::from(status == "Finished");
                summary.failed += usize::from(matches!(&*status, "Failed" | "SubFinished"));
            }
            if let Some(output) = &row.output {
                let count = |count: Option<i64>| count.unwrap_or(0);
                summary.jobs.0 += count(output.total_files);
                summary.jobs.1 += count(output.processed_files);
                summary.jobs.2 += count(output.failed_files) + count(output.missing_files);
            }
        }
        summary
    }
}

impl Request {
    /// Returns why the request is no further: what it says itself, or the first step that failed or is held.
    pub(crate) fn cause(&self) -> Option<String> {
        if let Some(why) = self.progress.why.clone().or_else(|| cause(&self.info)) {
            return Some(why);
        }
        let is_bad = |status: &str| matches!(status, "Failed" | "SubFinished" | "Suspended");
        let mut steps = self.progress.steps.iter();
        let step = steps.find(|step| is_bad(&step.status) && !step.why.is_empty())?;
        Some(format!("{}: {}", step.step, step.why))
    }
}

/// Returns what went wrong with a request; that a command was refused is no cause.
fn cause(info: &RequestInfo) -> Option<String> {
    let errors = info.errors.as_ref()?;
    let found = match errors {
        serde_json::Value::Object(errors) => errors
            .iter()
            .filter(|(key, _)| *key != "extra_msg")
            .find_map(|(_, error)| crate::progress::error_message(error)),
        other => crate::progress::error_message(other),
    };
    found.map(str::to_owned)
}

/// Tells whether a request has ended as nobody wants it to.
pub(crate) fn is_bad(status: RequestStatus) -> bool {
    use RequestStatus::{Expired, Failed, SubFinished, Suspended};
    [Failed, SubFinished, Expired, Suspended].contains(&status)
}

/// Writes an error with what lies underneath.
#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
pub(crate) fn words(error: idds_client::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(error) = source {
        text.push_str(&format!(": {error}"));
        source = error.source();
    }
    text
}
