//! Requests, transforms and processings in short, and counted by month.

use serde_json::{Map, Value, json};

use super::date;
use crate::enumeration::{PROCESSING_STATUS, REQUEST_STATUS, TRANSFORM_STATUS, TRANSFORM_TYPE};
use crate::pretty::{Cell, Field};
use crate::python;
use crate::store::requests::RequestRow;
use crate::store::transforms::{TransformRow, TransformState};

/// Counts of files; the server has nowhere to take them from, and always says 0.
const NO_FILES: [&str; 8] = [
    "input_coll_bytes",
    "input_processed_files",
    "input_processing_files",
    "input_total_files",
    "output_coll_bytes",
    "output_processed_files",
    "output_processing_files",
    "output_total_files",
];

/// Something that ended up in a state at some time.
#[derive(Debug)]
pub(crate) struct StatusChange {
    /// Name of the state.
    pub(crate) status: &'static str,
    /// Seconds since 1970.
    pub(crate) at: i64,
}

/// Shows a request; with its number of transforms in each state, by the numbers of those, where they are counted.
pub(crate) fn request(row: &RequestRow, states: Option<&[(i64, i64)]>) -> Vec<Field> {
    let mut fields = vec![
        ("created_at", Cell::Date(row.created_at)),
        ("request_id", Cell::Integer(row.request_id)),
        (
            "status",
            Cell::maybe(REQUEST_STATUS.name(row.status), Cell::Word),
        ),
        ("updated_at", Cell::Date(row.updated_at)),
        ("workload_id", row.workload_id.into()),
    ];
    if let Some(states) = states {
        let states = states
            .iter()
            .map(|(code, count)| (status(*code).to_owned(), (*count).into()));
        fields.push((
            "transforms",
            Cell::Value(states.collect::<Map<_, _>>().into()),
        ));
        fields.extend(NO_FILES.map(|name| (name, Cell::Integer(0))));
    }
    fields
}

/// Shows a transform, or that a request has none.
pub(crate) fn transform(request: &RequestRow, row: Option<&TransformRow>) -> Vec<Field> {
    let mut fields = vec![
        ("errors", Cell::json(request.errors.clone())),
        ("output_coll_name", Cell::Word("")),
        ("output_coll_scope", Cell::Integer(0)),
        ("request_id", Cell::Integer(request.request_id)),
        ("transform_created_at", date(row.map(|row| row.created_at))),
        (
            "transform_finished_at",
            date(row.and_then(|row| row.finished_at)),
        ),
        ("transform_id", row.map(|row| row.transform_id).into()),
        (
            "transform_status",
            Cell::maybe(row, |row| Cell::Word(status(row.content.status))),
        ),
        (
            "transform_type",
            Cell::maybe(
                row.and_then(|row| TRANSFORM_TYPE.name(row.content.transform_type)),
                Cell::Word,
            ),
        ),
        ("transform_updated_at", date(row.map(|row| row.updated_at))),
        (
            "transform_workload_id",
            row.and_then(|row| row.content.workload_id).into(),
        ),
        ("workload_id", request.workload_id.into()),
    ];
    fields.extend(NO_FILES.map(|name| (name, Cell::Integer(0))));
    fields
}

/// Shows the processing of a transform, or that a request has none.
pub(crate) fn processing(request: &RequestRow, row: Option<&TransformRow>) -> Vec<Field> {
    let status = row
        .and_then(|row| row.content.processing_status)
        .and_then(|code| PROCESSING_STATUS.name(code));
    vec![
        ("processing_created_at", date(row.map(|row| row.created_at))),
        (
            "processing_finished_at",
            date(row.and_then(|row| row.finished_at)),
        ),
        ("processing_id", row.map(|row| row.transform_id).into()),
        ("processing_status", Cell::maybe(status, Cell::Word)),
        ("processing_updated_at", date(row.map(|row| row.updated_at))),
        ("request_id", Cell::Integer(request.request_id)),
        (
            "workload_id",
            row.and_then(|row| row.content.workload_id).into(),
        ),
    ]
}

/// Counts events by state and month, and the sums up to each month; `total` is the number of rows that were looked at.
///
/// Nothing when there is no event: the server fails then.
pub(crate) fn by_month(total: usize, events: &[StatusChange]) -> Option<Value> {
    let table = Table::of(events)?;
    Some(
        json!({ "total": total, "month_status": table.counts(1), "month_acc_status": table.sums(1) }),
    )
}

/// Counts transforms by type, state and month. Files are counted too, and always 0.
pub(crate) fn transforms_by_month(rows: &[TransformState]) -> Option<Value> {
    let events = |rows: &mut dyn Iterator<Item = &TransformState>| {
        rows.map(|row| StatusChange {
            status: status(row.status),
            at: row.updated_at,
        })
        .collect::<Vec<_>>()
    };
    let all = events(&mut rows.iter());
    let table = Table::of(&all)?;
    let mut types: Vec<_> = rows.iter().map(|row| row.transform_type).collect();
    types.sort_unstable();
    types.dedup();
    let by_type = |show: &dyn Fn(&Table) -> Value| {
        let show = |code: i64| {
            let events = events(&mut rows.iter().filter(|row| row.transform_type == code));
            Some((
                TRANSFORM_TYPE.name(code)?.to_owned(),
                show(&table.with(&events)),
            ))
        };
        types
            .iter()
            .filter_map(|code| show(*code))
            .collect::<Map<_, _>>()
    };
    Some(json!({
        "total": rows.len(),
        "total_files": 0,
        "total_bytes": 0,
        "month_status": table.counts(1),
        "month_acc_status": table.sums(1),
        "month_processed_files": table.counts(0),
        "month_acc_processed_files": table.sums(0),
        "month_processed_bytes": table.counts(0),
        "month_acc_processed_bytes": table.sums(0),
        "month_status_dict_by_type": by_type(&|table| table.counts(1)),
        "month_acc_status_dict_by_type": by_type(&|table| table.sums(1)),
        "month_processed_files_by_type": by_type(&|table| table.counts(0)),
        "month_acc_processed_files_by_type": by_type(&|table| table.sums(0)),
        "month_processed_bytes_by_type": by_type(&|table| table.counts(0)),
        "month_acc_processed_bytes_by_type": by_type(&|table| table.sums(0)),
    }))
}

fn status(code: i64) -> &'static str {
    TRANSFORM_STATUS.name(code).unwrap_or("New")
}

/// Months, states, and how often each state was reached in each month.
struct Table {
    /// Such as `2026-11`, without a gap.
    months: Vec<String>,
    states: Vec<&'static str>,
    reached: Vec<(usize, &'static str)>,
}

impl Table {
    fn of(events: &[StatusChange]) -> Option<Self> {
        let first = month(events.iter().map(|event| event.at).min()?);
        let last = month(events.iter().map(|event| event.at).max()?);
        let months = (first..=last)
            .map(|month| format!("{:04}-{:02}", month / 12, month % 12 + 1))
            .collect();
        let mut states = vec!["Total"];
        for event in events {
            if !states.contains(&event.status) {
                states.push(event.status);
            }
        }
        let reached = events
            .iter()
            .map(|event| ((month(event.at) - first) as usize, event.status))
            .collect();
        Some(Self {
            months,
            states,
            reached,
        })
    }

    /// Returns a table of the same form with other events, which are some of its own.
    fn with(&self, events: &[StatusChange]) -> Self {
        let reached = Self::of(events).map_or_else(Vec::new, |table| {
            let shift = self
                .months
                .iter()
                .position(|month| table.months.first() == Some(month))
                .unwrap_or(0);
            table
                .reached
                .into_iter()
                .map(|(place, status)| (place + shift, status))
                .collect()
        });
        Self {
            months: self.months.clone(),
            states: self.states.clone(),
            reached,
        }
    }

    /// Counts each month; every event counts so often.
    fn counts(&self, weight: u32) -> Value {
        self.show(|place, month| place == month, weight)
    }

    /// Counts up to and with each month; every event counts so often.
    fn sums(&self, weight: u32) -> Value {
        self.show(|place, month| place <= month, weight)
    }

    fn show(&self, counts: impl Fn(usize, usize) -> bool, weight: u32) -> Value {
        let cell = |state: &str, month: usize| {
            let is_meant = |&&(place, status): &&(usize, &str)| {
                counts(place, month) && ["Total", status].contains(&state)
            };
            json!(self.reached.iter().filter(is_meant).count() as u32 * weight)
        };
        let row = |state: &str| {
            let months = self.months.iter().enumerate();
            months
                .map(|(index, month)| (month.clone(), cell(state, index)))
                .collect::<Map<_, _>>()
        };
        self.states
            .iter()
            .map(|state| ((*state).to_owned(), row(state).into()))
            .collect::<Map<_, _>>()
            .into()
    }
}

/// Returns the number of the month of a moment, counted from the year 0.
fn month(seconds: i64) -> i64 {
    python::year_and_month(seconds).map_or(0, |(year, month)| {
        i64::from(year) * 12 + i64::from(month) - 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_without_an_event_are_counted_as_well() {
        let event = |status, date: &str| {
            let at = date.parse::<jiff::Timestamp>().expect("a date").as_second();
            StatusChange { status, at }
        };
        let events = [
            event("Finished", "2025-12-31T23:59:59Z"),
            event("Failed", "2026-02-01T00:00:00Z"),
            event("Finished", "2026-02-02T00:00:00Z"),
        ];
        assert_eq!(
            by_month(3, &events),
            Some(json!({
                "total": 3,
                "month_status": {
                    "Total": { "2025-12": 1, "2026-01": 0, "2026-02": 2 },
                    "Finished": { "2025-12": 1, "2026-01": 0, "2026-02": 1 },
                    "Failed": { "2025-12": 0, "2026-01": 0, "2026-02": 1 },
                },
                "month_acc_status": {
                    "Total": { "2025-12": 1, "2026-01": 1, "2026-02": 3 },
                    "Finished": { "2025-12": 1, "2026-01": 1, "2026-02": 2 },
                    "Failed": { "2025-12": 0, "2026-01": 0, "2026-02": 1 },
                },
            }))
        );
        assert_eq!(by_month(0, &[]), None);
    }
}
