//! Lists that are read from the database and sent page by page.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use futures::stream;
use rusqlite::Connection;
use tokio::task;
use tokio::time::timeout;

use crate::answer::Failure;
use crate::budget::{Budget, Held};
use crate::pretty::{Field, Script};
use crate::store::Store;

/// Bytes of the database that a page is made of, unless its only row has more.
pub(crate) const PAGE: usize = 256 << 10;

/// Most rows of a page.
pub(crate) const ROWS: usize = 500;

/// How long a list that is being sent waits for room for its next row.
const PATIENCE: Duration = Duration::from_secs(60);

/// A list, none of which is read before it is sent.
#[derive(Clone)]
pub(crate) struct Listing {
    pages: Arc<Mutex<Option<Box<dyn Pages>>>>,
    store: Store,
    budget: Budget,
    form: Form,
}

/// What an answer is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    List,
    /// An object of lists.
    Lists,
    /// The only item of the list, or nothing.
    Item,
}

/// What reads the pages of a list.
pub(crate) trait Pages: Send + 'static {
    /// Reads the next page, in the thread of the database.
    fn read(&mut self, connection: &mut Connection, page: &mut Page) -> Result<Read, Failure>;
}

/// What was read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Read {
    /// A page, and there are others.
    More,
    /// The last page.
    Last,
    /// Nothing: the next row has this many bytes, for which there must be room first.
    Heavy(usize),
}

/// Items that are sent together.
#[derive(Debug, Default)]
pub(crate) struct Page {
    items: Vec<Item>,
    bytes: usize,
    allowance: usize,
}

#[derive(Debug)]
enum Item {
    /// What follows is in the list of this name.
    Group(String),
    Object(Vec<Field>),
    Items(String),
    Json(String),
}

impl Page {
    /// Takes an item that is made of this many bytes of the database.
    pub(crate) fn object(&mut self, bytes: usize, fields: Vec<Field>) {
        self.bytes += bytes;
        self.items.push(Item::Object(fields));
    }

    /// Begins the list of this name, which gets an item, in an answer of [several lists](Listing::grouped).
    pub(crate) fn group(&mut self, name: String) {
        self.items.push(Item::Group(name));
    }

    /// Takes an item that is JSON; a list stands for its items.
    pub(crate) fn json(&mut self, text: String) {
        self.bytes += text.len();
        self.items.push(if text.trim_start().starts_with('[') {
            Item::Items(text)
        } else {
            Item::Json(text)
        });
    }

    /// Tells how the page ends before an item of this many bytes is added to it, if it does.
    pub(crate) fn ends_before(&self, bytes: usize) -> Option<Read> {
        match self.items.len() {
            0 => (bytes > self.allowance).then_some(Read::Heavy(bytes)),
            rows => (rows >= ROWS || self.bytes + bytes > PAGE).then_some(Read::More),
        }
    }
}

impl Listing {
    /// Sends the pages that are read so.
    pub(crate) fn new(store: &Store, budget: &Budget, pages: impl Pages) -> Self {
        let pages: Box<dyn Pages> = Box::new(pages);
        Self {
            pages: Arc::new(Mutex::new(Some(pages))),
            store: store.clone(),
            budget: budget.clone(),
            form: Form::List,
        }
    }

    /// Sends an object of several lists, which the pages name.
    pub(crate) fn grouped(self) -> Self {
        Self {
            form: Form::Lists,
            ..self
        }
    }

    /// Sends the only item of a list instead of the list, and an empty body when there is none.
    pub(crate) fn only(self) -> Self {
        Self {
            form: Form::Item,
            ..self
        }
    }

    /// Reads the first page, and makes a body that reads the others; with `wraps`, of the form in which data is beside error and
    /// status.
    pub(crate) async fn send(self, wraps: bool) -> Result<Body, Failure> {
        let pages = self
            .pages
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(pages) = pages else {
            return Ok(Body::empty());
        };
        let mut sending = Sending {
            pages: Some(pages),
            store: self.store,
            budget: self.budget,
            writer: Writer {
                level: usize::from(wraps),
                form: self.form,
                ..Writer::default()
            },
            held: Held::default(),
        };
        if wraps {
            sending.writer.script.text("{\n    \"data\": ");
        }
        if let Read::Heavy(bytes) = sending.read(0).await? {
            let mut held = Held::default();
            sending.budget.grow(&mut held, bytes)?;
            sending.held = held;
            sending.read(bytes).await?;
        }
        if sending.pages.is_none() && sending.writer.script.is_written() {
            return Ok(sending.writer.script.into_body());
        }
        Ok(Body::from_stream(stream::try_unfold(
            sending,
            |mut sending| async move {
                let chunk = sending.next_chunk().await?;
                Ok::<_, io::Error>(chunk.map(|chunk| (chunk, sending)))
            },
        )))
    }
}

impl fmt::Debug for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing").finish_non_exhaustive()
    }
}

/// Does what takes long where it holds up nobody.
async fn blocking<T: Send + 'static>(
    write: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    task::spawn_blocking(write)
        .await
        .map_err(|error| Failure::core(error.to_string()))
}

/// A list that is being written.
#[derive(Debug)]
struct Writer {
    script: Script,
    level: usize,
    form: Form,
    /// Lists that have begun.
    groups: usize,
    /// Whether the list has no item yet.
    is_first: bool,
}

impl Default for Writer {
    fn default() -> Self {
        Self {
            script: Script::default(),
            level: 0,
            form: Form::List,
            groups: 0,
            is_first: true,
        }
    }
}

impl Writer {
    /// Writes what comes after the last item.
    fn finish(&mut self) {
        match self.form {
            Form::List => self.end_list(),
            Form::Lists if self.groups == 0 => self.script.text("{}"),
            Form::Lists => {
                self.end_list();
                self.script.line(self.level);
                self.script.text("}");
            }
            Form::Item if self.is_first && self.level > 0 => self.script.text("null"),
            Form::Item => {}
        }
        if self.level > 0 {
            self.script
                .text(",\n    \"error\": null,\n    \"status\": 0\n}");
        }
    }

    /// Returns the level of the list that is being written.
    fn list_level(&self) -> usize {
        self.level + usize::from(self.form == Form::Lists)
    }

    /// Returns the level of its items.
    fn item_level(&self) -> usize {
        self.list_level() + usize::from(self.form != Form::Item)
    }

    fn end_list(&mut self) {
        if self.is_first {
            self.script.text("[]");
        } else {
            self.script.line(self.list_level());
            self.script.text("]");
        }
    }

    fn write(&mut self, item: Item) {
        let level = self.list_level();
        match item {
            Item::Group(name) => {
                if self.groups > 0 {
                    self.end_list();
                }
                self.script.text(if self.groups == 0 { "{" } else { "," });
                self.script.line(self.level + 1);
                self.script.value(&name.into(), level);
                self.script.text(": ");
                (self.groups, self.is_first) = (self.groups + 1, true);
            }
            Item::Items(list) => self.is_first = self.script.items(list, level, self.is_first),
            Item::Object(fields) => {
                self.begin_item();
                self.script.object(fields, self.item_level());
            }
            Item::Json(text) => {
                self.begin_item();
                self.script.raw(text, self.item_level());
            }
        }
    }

    fn begin_item(&mut self) {
        if self.form != Form::Item {
            self.script.text(if self.is_first { "[" } else { "," });
            self.script.line(self.item_level());
        }
        self.is_first = false;
    }
}

/// A list that is being sent.
struct Sending {
    /// None after the last page.
    pages: Option<Box<dyn Pages>>,
    store: Store,
    budget: Budget,
    writer: Writer,
    /// Bytes of what is in the script, where they are many.
    held: Held,
}

impl Sending {
    /// Adds the next page to the script.
    async fn read(&mut self, allowance: usize) -> Result<Read, Failure> {
        let Some(mut pages) = self.pages.take() else {
            return Ok(Read::Last);
        };
        let mut page = Page {
            allowance: allowance.max(PAGE),
            ..Page::default()
        };
        let read = move |connection: &mut Connection| {
            let read = pages.read(connection, &mut page);
            Ok((read, pages, page))
        };
        let (read, pages, page) = self.store.call(read).await?;
        let read = read?;
        // Written here, so that the thread of the database goes on with what others ask.
        let (mut writer, is_long) = (std::mem::take(&mut self.writer), page.bytes > PAGE);
        let write = move || {
            page.items.into_iter().for_each(|item| writer.write(item));
            writer
        };
        self.writer = if is_long {
            blocking(write).await?
        } else {
            write()
        };
        match read {
            Read::More | Read::Heavy(_) => self.pages = Some(pages),
            Read::Last => self.writer.finish(),
        }
        Ok(read)
    }

    async fn next_chunk(&mut self) -> io::Result<Option<Vec<u8>>> {
        let failed = |failure: Failure| io::Error::other(format!("{failure:?}"));
        loop {
            let mut writer = std::mem::take(&mut self.writer);
            let is_long = !writer.script.is_written();
            let write = move || (writer.script.next_chunk(), writer);
            let chunk;
            (chunk, self.writer) = if is_long {
                blocking(write).await.map_err(failed)?
            } else {
                write()
            };
            if chunk.is_some() {
                return Ok(chunk);
            }
            self.held = Held::default();
            if self.pages.is_none() {
                return Ok(None);
            }
            if let Read::Heavy(bytes) = self.read(0).await.map_err(failed)? {
                let room = timeout(PATIENCE, self.budget.wait(bytes))
                    .await
                    .ok()
                    .flatten();
                self.held = room.ok_or_else(|| failed(Failure::busy()))?;
                self.read(bytes).await.map_err(failed)?;
            }
        }
    }
}
