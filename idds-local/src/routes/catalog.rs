//! `/catalog`: collections and the contents in them.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use rusqlite::Connection;

use super::{Segments, Service};
use crate::answer::Failure;
use crate::listing::{Listing, Page, Pages, ROWS, Read};
use crate::python;
use crate::store::StoreError;
use crate::store::contents::{self, ContentRow};
use crate::store::tally;
use crate::store::transforms::{self, TransformRow};
use crate::target::Target;
use crate::view::catalog::{self, Side};

pub(super) fn routes() -> Router<Service> {
    Router::new()
        .route(
            "/catalog/collections/{request}/{transform}/{workload}/{scope}/{name}/{relation}",
            get(collections),
        )
        .route(
            "/catalog/contents/{request}/{transform}/{workload}/{scope}/{name}/{relation}/{status}",
            get(contents),
        )
        .route(
            "/catalog/contents_output_ext/{request}/{workload}/{transform}/{by_task}",
            get(contents_of_jobs),
        )
}

/// Which collections are meant. Each field that is given narrows them down.
#[derive(Debug)]
struct Filter {
    target: Target,
    transform: Option<i64>,
    scope: Option<String>,
    name: Option<String>,
    relation: Option<i64>,
}

impl Filter {
    fn read(
        [request, transform, workload]: [&str; 3],
        [scope, name]: [&str; 2],
        relation: &str,
    ) -> Result<Self, Failure> {
        let text = |text: &str| (!is_none(text)).then(|| text.to_owned());
        Ok(Self {
            target: Target {
                request: optional(request)?,
                workload: optional(workload)?,
            },
            transform: optional(transform)?,
            scope: text(scope),
            name: text(name),
            relation: optional(relation)?,
        })
    }

    /// Returns some of the transforms that have collections which may be meant, after this one, and whether there may be others.
    fn transforms(
        &self,
        connection: &Connection,
        after: i64,
    ) -> Result<(Vec<TransformRow>, bool), Failure> {
        let rows = transforms::list(connection, self.target, self.transform, after, ROWS)
            .map_err(StoreError::from)?;
        let is_last = rows.len() < ROWS;
        Ok((rows, is_last))
    }

    fn means(&self, side: Side, transform: &TransformRow) -> bool {
        let name = side.name(transform);
        self.relation.is_none_or(|relation| relation == side.code())
            && (self.scope.is_none() || self.scope == name.scope)
            && (self.name.is_none() || self.name == name.name)
    }
}

type CollectionsPath = (String, String, String, String, String, String);

async fn collections(
    State(service): State<Service>,
    Segments((request, transform, workload, scope, name, relation)): Segments<CollectionsPath>,
) -> Result<Listing, Failure> {
    let filter = Filter::read(
        [&request, &transform, &workload],
        [&scope, &name],
        &relation,
    )?;
    Ok(Listing::new(
        &service.store,
        &service.answers,
        Collections {
            filter,
            transform: 0,
        },
    ))
}

/// Collections that are listed, after those of this transform.
struct Collections {
    filter: Filter,
    transform: i64,
}

impl Pages for Collections {
    fn read(&mut self, connection: &mut Connection, page: &mut Page) -> Result<Read, Failure> {
        let (rows, is_last) = self.filter.transforms(connection, self.transform)?;
        for row in rows {
            self.transform = row.transform_id;
            if catalog::has_collections(&row) {
                let tally = tally::of(connection, row.transform_id).map_err(StoreError::from)?;
                for side in Side::ALL
                    .into_iter()
                    .filter(|side| self.filter.means(*side, &row))
                {
                    page.object(0, catalog::collection(side, &row, tally));
                }
            }
        }
        Ok(if is_last { Read::Last } else { Read::More })
    }
}

type ContentsPath = (String, String, String, String, String, String, String);

async fn contents(
    State(service): State<Service>,
    Segments((request, transform, workload, scope, name, relation, status)): Segments<ContentsPath>,
) -> Result<Listing, Failure> {
    let filter = Filter::read(
        [&request, &transform, &workload],
        [&scope, &name],
        &relation,
    )?;
    let status = optional(&status)?;
    Ok(Listing::new(
        &service.store,
        &service.answers,
        Contents {
            filter,
            status,
            place: Place::default(),
        },
    ))
}

/// How far contents are listed: after the transform with this number, or, where a side is given, within the one that follows it,
/// up to a point of that side.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    transform: i64,
    within: Option<(Side, i64)>,
}

/// Most contents that are looked at for a page.
const SCANNED: usize = 10_000;

/// Contents that are listed, those of the input of a transform before those of its output.
struct Contents {
    filter: Filter,
    /// Number of the status of those that are meant.
    status: Option<i64>,
    place: Place,
}

impl Pages for Contents {
    fn read(&mut self, connection: &mut Connection, page: &mut Page) -> Result<Read, Failure> {
        let (rows, is_last) = self.filter.transforms(connection, self.place.transform)?;
        let mut scanned = 0;
        for row in rows {
            let begun = self.place.within;
            let sides = if catalog::has_collections(&row) {
                Side::ALL.to_vec()
            } else {
                Vec::new()
            };
            let is_left = |side: &Side| begun.is_none_or(|(begun, _)| side.code() >= begun.code());
            for side in sides
                .into_iter()
                .filter(|side| is_left(side) && self.filter.means(*side, &row))
            {
                let after = begun
                    .filter(|begun| begun.0 == side)
                    .map_or(0, |(_, number)| number);
                let (mut end, place, status) = (None, &mut self.place, self.status);
                let take = |content: ContentRow| {
                    scanned += 1;
                    if scanned > SCANNED {
                        end = Some(Read::More);
                        return false;
                    }
                    if status.is_none_or(|code| code == side.content_status(&row, &content)) {
                        let size = content.size();
                        end = page.ends_before(size);
                        if end.is_some() {
                            return false;
                        }
                        page.object(size, catalog::content(side, &row, &content));
                    }
                    place.within = Some((side, content.number));
                    true
                };
                contents::each(connection, row.transform_id, after, take)
                    .map_err(StoreError::from)?;
                if let Some(end) = end {
                    return Ok(end);
                }
            }
            self.place = Place {
                transform: row.transform_id,
                within: None,
            };
        }
        Ok(if is_last { Read::Last } else { Read::More })
    }
}

/// Lists the outputs by transform, or by PanDA task: all of none.
async fn contents_of_jobs(
    State(service): State<Service>,
    Segments((request, workload, transform, by_task)): Segments<(String, String, String, String)>,
) -> Result<Listing, Failure> {
    let filter = Filter::read([&request, &transform, &workload], ["null"; 2], "1")?;
    if filter.target.request.is_none() {
        return Err(Failure::bad_request("request_id must not be None"));
    }
    let by_task = by_task.eq_ignore_ascii_case("true");
    let read = move |connection: &mut Connection| {
        let mut numbers = transforms::numbers(connection, filter.target, filter.transform)?;
        if !by_task {
            // Names of lists come in the order of their text.
            numbers.sort_by_cached_key(i64::to_string);
        }
        numbers.reverse();
        Ok(Jobs {
            by_task,
            left: numbers,
            after: 0,
            has_group: false,
        })
    };
    let jobs = service.store.call(read).await?;
    Ok(Listing::new(&service.store, &service.answers, jobs).grouped())
}

/// Outputs that are listed by transform or by task.
struct Jobs {
    by_task: bool,
    /// Transforms that are left, the last one first.
    left: Vec<i64>,
    /// The point of the next one up to which they are listed.
    after: i64,
    /// Whether the list has begun that they are in.
    has_group: bool,
}

impl Pages for Jobs {
    fn read(&mut self, connection: &mut Connection, page: &mut Page) -> Result<Read, Failure> {
        while let Some(number) = self.left.last().copied() {
            let row = transforms::list(
                connection,
                Target {
                    request: None,
                    workload: None,
                },
                Some(number),
                0,
                1,
            );
            let row = row
                .map_err(StoreError::from)?
                .into_iter()
                .next()
                .filter(catalog::has_collections);
            let mut end = None;
            if let Some(row) = row {
                let start = self.after;
                let (by_task, after, has_group) =
                    (self.by_task, &mut self.after, &mut self.has_group);
                let take = |content: ContentRow| {
                    let size = content.size();
                    end = page.ends_before(size);
                    if end.is_some() {
                        return false;
                    }
                    if !*has_group {
                        page.group(if by_task {
                            "null".to_owned()
                        } else {
                            number.to_string()
                        });
                        *has_group = true;
                    }
                    page.object(size, catalog::content_of_job(&row, &content));
                    *after = content.number;
                    true
                };
                contents::each(connection, number, start, take).map_err(StoreError::from)?;
            }
            if let Some(end) = end {
                return Ok(end);
            }
            self.left.pop();
            (self.after, self.has_group) = (0, self.has_group && self.by_task);
        }
        Ok(Read::Last)
    }
}

/// Reads a number, or that there is none.
fn optional(text: &str) -> Result<Option<i64>, Failure> {
    if is_none(text) {
        Ok(None)
    } else {
        python::int(text).map(Some).map_err(Failure::core)
    }
}

fn is_none(text: &str) -> bool {
    text == "null" || text == "None"
}
