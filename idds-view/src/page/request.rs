//! The page of a request: how far its steps are, and why they are no further.

use std::sync::Arc;

use idds_client::{RequestCollections, TransformId};
use idds_workflow::RequestId;
use maud::{Markup, html};

use super::requests::jobs;
use super::words::{bar, kind, line, moment, state, time};
use super::{Page, Trouble};
use crate::command::{Said, Verb, Verdict};
use crate::hub::{Hub, Request};
use crate::progress::StepProgress;

/// Steps in the table; of more, those come first that are neither done nor still to begin.
const STEPS: usize = 500;

/// Verdicts that are shown.
const VERDICTS: usize = 5;

/// Makes the page.
pub(crate) async fn page(hub: &Arc<Hub>, id: RequestId) -> Result<Page, Trouble> {
    let seen = hub.request(id).await?;
    let request = seen.as_ref().as_ref().ok_or_else(|| unknown(id))?;
    let status = &request.progress.status;
    let mut page = Page {
        title: format!("{status} · {} · iDDS", named(id, request)),
        above: vec![("Requests".to_owned(), format!("{}/", hub.root))],
        here: format!("Request {id}"),
        parts: Vec::new(),
    };
    page.part("head", &head(id, request));
    page.part("verdict", &verdicts(&hub.said(id)));
    page.part("commands", &commands(hub, id, request));
    page.part("facts", &facts(hub, id, request));
    page.part("steps", &steps(hub, id, request));
    Ok(page)
}

/// Returns the workflow of a request as YAML.
pub(crate) async fn definition(hub: &Hub, id: RequestId) -> Result<String, Trouble> {
    let seen = hub.request(id).await?;
    let request = seen.as_ref().as_ref().ok_or_else(|| unknown(id))?;
    let definition = request.definition.as_ref().ok_or_else(|| {
        Trouble::not_found(format!("The workflow of request {id} cannot be read."))
    })?;
    let yaml = definition.workflow().to_yaml();
    yaml.map_err(|error| Trouble::not_found(error.to_string()))
}

pub(crate) fn unknown(id: RequestId) -> Trouble {
    Trouble::not_found(format!("The server does not know request {id}."))
}

fn named(id: RequestId, request: &Request) -> String {
    match request.info.name.as_deref() {
        Some(name) if !name.is_empty() => format!("{} ({id})", line(name)),
        _ => format!("Request {id}"),
    }
}

fn head(id: RequestId, request: &Request) -> Markup {
    html! {
        h1 { (named(id, request)) }
        p class="standing" role="status" { "Request " (id) " is " (state(&request.progress.status)) }
        @if let Some(cause) = request.cause() {
            p class="why" { (line(&cause)) }
        }
    }
}

fn facts(hub: &Hub, id: RequestId, request: &Request) -> Markup {
    let info = &request.info;
    let took = info.created_at.zip(info.updated_at);
    let took = took.map(|(from, to)| to.as_second() - from.as_second());
    let fact = |name: &str, value: Markup| html! { div { dt { (name) } dd { (value) } } };
    let count = |status: &str| {
        let steps = request.progress.steps.iter();
        steps.filter(|step| step.status == status).count()
    };
    html! {
        dl class="facts" {
            (fact("steps", html! { (count("Finished")) " of " (request.progress.steps.len() as u64 + request.progress.left_out) " Finished" }))
            @if let Some(user) = info.username.as_deref().filter(|user| !user.is_empty()) { (fact("user", html! { (line(user)) })) }
            (fact("submitted (UTC)", moment(info.created_at)))
            @if info.status.is_terminal() {
                (fact("ended (UTC)", moment(info.updated_at)))
                @if let Some(took) = took { (fact("took", html! { (time(took)) })) }
            } @else {
                (fact("changed (UTC)", moment(info.updated_at)))
            }
            @if request.definition.is_some() {
                (fact("definition", html! { a href={ (hub.root) "/request/" (id) "/definition" } { "YAML" } }))
            }
            @if let Some(campaign) = info.campaign.as_deref() { (fact("campaign", html! { (line(campaign)) })) }
        }
    }
}

fn commands(hub: &Hub, id: RequestId, request: &Request) -> Markup {
    let suits = |verb: &Verb| verb.suits(request.info.status);
    html! {
        div class="commands" role="group" aria-label="Commands" {
            @for verb in Verb::ALL.into_iter().filter(suits) {
                details class="command" name="command" {
                    summary { (capital(verb.name())) "…" }
                    form method="post" action={ (hub.root) "/request/" (id) "/" (verb.name()) } {
                        p { (verb.effect()) }
                        button class={ "do " (verb.name()) } { (capital(verb.name())) " request " (id) }
                    }
                }
            }
        }
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn verdicts(said: &[Arc<Said>]) -> Markup {
    html! {
        // It is there before it says anything, so that a screen reader reads what comes.
        div role="status" aria-label="Commands given" {
            @if !said.is_empty() {
                ul class="verdicts" { @for said in said.iter().take(VERDICTS) { li { (moment(Some(said.at))) " " (verdict(said)) } } }
            }
        }
    }
}

fn verdict(said: &Said) -> Markup {
    let verb = capital(said.verb.name());
    match &said.verdict {
        Verdict::Waiting => {
            html! { (verb) " was given; the server has not shown yet what it makes of it." }
        }
        Verdict::Applied(status) => {
            html! { (verb) " was carried out: the request is " (state(&status.to_string())) }
        }
        Verdict::Refused(why) => html! { (verb) " was refused: " span class="bad" { (line(why)) } },
        Verdict::Pending(status) => {
            html! { (verb) " shows no effect: the request is still " (state(&status.to_string())) ". Servers lose a command now and then: give it again." }
        }
    }
}

/// How many jobs, points or files the outputs of a work have, and how many are done and have failed.
pub(crate) fn tally<'a>(
    rows: impl Iterator<Item = &'a RequestCollections>,
    transform: TransformId,
) -> (i64, i64, i64) {
    let is_of_it =
        |row: &&RequestCollections| row.transform.as_ref().is_some_and(|of| of.id == transform);
    let count = |count: Option<i64>| count.unwrap_or(0);
    let mut tally = (0, 0, 0);
    for output in rows.filter(is_of_it).filter_map(|row| row.output.as_ref()) {
        tally.0 += count(output.total_files);
        tally.1 += count(output.processed_files);
        tally.2 += count(output.failed_files) + count(output.missing_files);
    }
    tally
}

/// Returns the address of the page of a step that has begun.
pub(crate) fn address_of(hub: &Hub, request: RequestId, transform: TransformId) -> String {
    format!("{}/request/{request}/step/{transform}", hub.root)
}

fn steps(hub: &Hub, id: RequestId, request: &Request) -> Markup {
    let all = &request.progress.steps;
    let rank = |step: &StepProgress| match &*step.status {
        "Failed" | "SubFinished" | "Suspended" | "Cancelled" | "Expired" => 0,
        "Finished" => 3,
        "New" => 2,
        _ => 1,
    };
    let mut shown: Vec<&StepProgress> = all.iter().collect();
    if shown.len() > STEPS {
        shown.sort_by_key(|step| rank(step));
        shown.truncate(STEPS);
    }
    let left = all.len() - shown.len() + usize::try_from(request.progress.left_out).unwrap_or(0);
    html! {
        h2 id="steps-title" { "Steps" }
        div class="scroll" tabindex="0" role="region" aria-labelledby="steps-title" { table class="wide" {
            thead { tr {
                th scope="col" { "Step" } th scope="col" { "State" } th scope="col" { "Jobs" }
                th scope="col" { "Began (UTC)" } th scope="col" { "Took" }
            } }
            tbody { @for step in shown { (row(hub, id, request, step)) } }
        } }
        @if left > 0 { p class="soft" { (left) " more steps are left out: those shown have failed, run, or wait." } }
    }
}

fn row(hub: &Hub, id: RequestId, request: &Request, step: &StepProgress) -> Markup {
    let of_it = |row: &&RequestCollections| {
        let transform = row.transform.as_ref();
        transform.is_some_and(|transform| Some(transform.id) == step.transform_id)
    };
    let transform = request
        .rows
        .iter()
        .find(of_it)
        .and_then(|row| row.transform.as_ref());
    let tally = step
        .transform_id
        .map_or((0, 0, 0), |id| tally(request.rows.iter(), id));
    let took = transform
        .filter(|_| has_ended(&step.status))
        .and_then(|transform| {
            let end = transform.finished_at.or(transform.updated_at)?;
            Some(end.as_second() - transform.created_at?.as_second())
        });
    html! {
        tr {
            th scope="row" class="text" {
                @match step.transform_id {
                    Some(transform) => { a href=(address_of(hub, id, transform)) { (label(step)) } }
                    None => { (label(step)) }
                }
                @if step.status != "Finished" && !step.why.is_empty() {
                    p class=(if kind(&step.status) == "bad" { "cause" } else { "reason" }) { (line(&step.why)) }
                }
            }
            td { (state(&step.status)) }
            td class="number" { (bar(tally)) (jobs(tally)) }
            td { @if let Some(transform) = transform { (moment(transform.created_at)) } }
            td class="number" { @if let Some(took) = took { (time(took)) } }
        }
    }
}

fn has_ended(status: &str) -> bool {
    matches!(
        status,
        "Finished" | "SubFinished" | "Failed" | "Cancelled" | "Expired"
    )
}

/// Shows the name of a step, with the number of the round where it ran before.
pub(crate) fn label(step: &StepProgress) -> Markup {
    html! { (line(&step.step)) @if step.round > 1 { " " span class="soft" { "round " (step.round) } } }
}
