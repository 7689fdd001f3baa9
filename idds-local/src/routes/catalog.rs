//! `/catalog`: collections and the contents in them.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use indexmap::IndexMap;
use rusqlite::Connection;
use serde_json::{Map, Value};

use super::{Segments, Service};
use crate::answer::{Answer, Failure};
use crate::python;
use crate::store::points;
use crate::store::transforms::{self, TransformRow};
use crate::target::Target;
use crate::view::catalog::{self, Side};

pub(super) fn routes() -> Router<Service> {
    Router::new()
        .route("/catalog/collections/{request}/{transform}/{workload}/{scope}/{name}/{relation}", get(collections))
        .route("/catalog/contents/{request}/{transform}/{workload}/{scope}/{name}/{relation}/{status}", get(contents))
        .route("/catalog/contents_output_ext/{request}/{workload}/{transform}/{by_task}", get(contents_of_jobs))
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
            target: Target { request: optional(request)?, workload: optional(workload)? },
            transform: optional(transform)?,
            scope: text(scope),
            name: text(name),
            relation: optional(relation)?,
        })
    }

    /// Returns the transforms that have collections which may be meant.
    fn transforms(&self, connection: &Connection) -> rusqlite::Result<Vec<TransformRow>> {
        let mut rows = transforms::list(connection, self.target, self.transform)?;
        rows.retain(catalog::has_collections);
        Ok(rows)
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
) -> Result<Answer, Failure> {
    let filter = Filter::read([&request, &transform, &workload], [&scope, &name], &relation)?;
    let read = move |connection: &mut Connection| {
        let mut shown = Vec::new();
        for row in filter.transforms(connection)? {
            let tally = points::tally(connection, row.transform_id)?;
            let sides = Side::ALL.into_iter().filter(|side| filter.means(*side, &row));
            shown.extend(sides.map(|side| catalog::collection(side, &row, tally)));
        }
        Ok(shown)
    };
    Ok(Answer::new(service.store.call(read).await?.into()))
}

type ContentsPath = (String, String, String, String, String, String, String);

async fn contents(
    State(service): State<Service>,
    Segments((request, transform, workload, scope, name, relation, status)): Segments<ContentsPath>,
) -> Result<Answer, Failure> {
    let filter = Filter::read([&request, &transform, &workload], [&scope, &name], &relation)?;
    let status = optional(&status)?;
    let read = move |connection: &mut Connection| {
        let mut shown = Vec::new();
        for row in filter.transforms(connection)? {
            let contents = points::contents(connection, row.transform_id)?;
            for side in Side::ALL.into_iter().filter(|side| filter.means(*side, &row)) {
                let is_meant = |content: &&_| status.is_none_or(|code| code == side.content_status(&row, content));
                let meant = contents.iter().filter(is_meant);
                shown.extend(meant.map(|content| Value::Object(catalog::content(side, &row, content))));
            }
        }
        Ok(shown)
    };
    Ok(Answer::new(service.store.call(read).await?.into()))
}

/// Lists the outputs by transform, or by PanDA task: all of none.
async fn contents_of_jobs(
    State(service): State<Service>,
    Segments((request, workload, transform, by_task)): Segments<(String, String, String, String)>,
) -> Result<Answer, Failure> {
    let filter = Filter::read([&request, &transform, &workload], ["null"; 2], "1")?;
    if filter.target.request.is_none() {
        return Err(Failure::bad_request("request_id must not be None"));
    }
    let by_task = by_task.eq_ignore_ascii_case("true");
    let read = move |connection: &mut Connection| {
        let mut groups: IndexMap<String, Vec<Value>> = IndexMap::new();
        for row in filter.transforms(connection)? {
            let group = if by_task { "null".to_owned() } else { row.transform_id.to_string() };
            for content in points::contents(connection, row.transform_id)? {
                let shown = catalog::content_of_job(&row, &content);
                groups.entry(group.clone()).or_default().push(shown.into());
            }
        }
        Ok(groups)
    };
    let groups = service.store.call(read).await?;
    Ok(Answer::new(groups.into_iter().map(|(group, contents)| (group, contents.into())).collect::<Map<_, _>>().into()))
}

/// Reads a number, or that there is none.
fn optional(text: &str) -> Result<Option<i64>, Failure> {
    if is_none(text) { Ok(None) } else { python::int(text).map(Some).map_err(Failure::core) }
}

fn is_none(text: &str) -> bool {
    text == "null" || text == "None"
}
