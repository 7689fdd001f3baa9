//! The page of a step that has begun.

use std::sync::Arc;

use idds_client::{CollectionSummary, RequestCollections, TransformId};
use idds_workflow::RequestId;
use maud::{Markup, html};

use super::request::{label, tally, unknown};
use super::requests::jobs;
use super::words::{bar, count, line, moment, state};
use super::{Page, Trouble};
use crate::hub::Hub;
use crate::progress::StepProgress;

/// Makes the page.
pub(crate) async fn page(
    hub: &Arc<Hub>,
    id: RequestId,
    transform: TransformId,
) -> Result<Page, Trouble> {
    let seen = hub.request(id).await?;
    let request = seen.as_ref().as_ref().ok_or_else(|| unknown(id))?;
    let mut steps = request.progress.steps.iter();
    let step = steps.find(|step| step.transform_id == Some(transform));
    let step = step.ok_or_else(|| {
        Trouble::not_found(format!(
            "Request {id} has no step with the transform {transform}."
        ))
    })?;
    let mut page = Page {
        title: format!(
            "{} · {} · request {id} · iDDS",
            step.status,
            line(&step.step)
        ),
        above: vec![
            ("Requests".to_owned(), format!("{}/", hub.root)),
            (
                format!("Request {id}"),
                format!("{}/request/{id}", hub.root),
            ),
        ],
        here: line(&step.step).into_owned(),
        parts: Vec::new(),
    };
    let is_of_it =
        |row: &&RequestCollections| row.transform.as_ref().is_some_and(|of| of.id == transform);
    let rows: Vec<&RequestCollections> = request.rows.iter().filter(is_of_it).collect();
    page.part("head", &head(step, &rows, transform));
    page.part("facts", &facts(&rows, transform));
    page.part("collections", &collections(&rows));
    Ok(page)
}

fn head(step: &StepProgress, rows: &[&RequestCollections], transform: TransformId) -> Markup {
    let tally = tally(rows.iter().copied(), transform);
    html! {
        h1 { (label(step)) }
        p class="standing" role="status" { "The step is " (state(&step.status)) }
        @if !step.why.is_empty() { p class=(if step.status == "Finished" { "soft" } else { "why" }) { (line(&step.why)) } }
        p class="number" { (bar(tally)) (jobs(tally)) }
    }
}

fn facts(rows: &[&RequestCollections], transform: TransformId) -> Markup {
    let row = rows.first();
    let summary = row.and_then(|row| row.transform.as_ref());
    let processing = row.and_then(|row| row.processing.as_ref());
    let fact = |name: &str, value: Markup| html! { div { dt { (name) } dd { (value) } } };
    html! {
        dl class="facts" {
            (fact("transform", html! { (transform) }))
            @if let Some(summary) = summary {
                @if let Some(workload) = summary.workload_id { (fact("task", html! { (workload) })) }
                (fact("began (UTC)", moment(summary.created_at)))
                (fact("changed (UTC)", moment(summary.updated_at)))
            }
            @if let Some(processing) = processing {
                (fact("processing", html! { (processing.id) " " (state(&processing.status.to_string())) }))
            }
        }
    }
}

fn collections(rows: &[&RequestCollections]) -> Markup {
    let mut all: Vec<(&str, &CollectionSummary)> = Vec::new();
    for row in rows {
        for (what, collection) in [("input", &row.input), ("output", &row.output)] {
            if let Some(collection) = collection
                && all.iter().all(|(_, other)| other.id != collection.id)
            {
                all.push((what, collection));
            }
        }
    }
    let number = |number: Option<i64>| html! { td class="number" { (count(number.unwrap_or(0))) } };
    html! {
        @if !all.is_empty() {
            h2 id="collections-title" { "Collections" }
            div class="scroll" tabindex="0" role="region" aria-labelledby="collections-title" { table class="wide" {
                thead { tr {
                    th scope="col" { "Collection" } th scope="col" { "Name" } th scope="col" { "All" } th scope="col" { "There" }
                    th scope="col" { "Being made" } th scope="col" { "Failed" } th scope="col" { "Missing" }
                } }
                tbody { @for (what, collection) in all { tr {
                    th scope="row" { (what) }
                    td class="text" {
                        @if let Some(scope) = collection.scope.as_deref() { (line(scope)) ":" }
                        (line(collection.name.as_deref().unwrap_or_default()))
                    }
                    (number(collection.total_files)) (number(collection.processed_files)) (number(collection.processing_files))
                    (number(collection.failed_files)) (number(collection.missing_files))
                } } }
            } }
        }
    }
}
