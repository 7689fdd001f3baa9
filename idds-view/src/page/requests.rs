//! The page of all requests.

use std::collections::BTreeMap;
use std::sync::Arc;

use idds_workflow::RequestStatus;
use maud::{Markup, html};
use serde::Deserialize;

use super::words::{bar, count, line, moment, state};
use super::{Page, Trouble};
use crate::hub::{Hub, Listed, Summary, is_bad};

/// Requests on a page.
const ROWS: usize = 100;

/// What is wanted of the requests, as the address says it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
pub(crate) struct Wanted {
    /// Words that the name, the user or the id has.
    q: String,
    /// A state, or one of the groups of states.
    state: String,
    sort: Sort,
    /// Whether the order is turned around.
    reverse: String,
    page: String,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Sort {
    #[default]
    Id,
    Name,
    User,
    State,
    Updated,
    #[serde(other)]
    Unknown,
}

impl Sort {
    fn name(self) -> &'static str {
        match self {
            Self::Id | Self::Unknown => "id",
            Self::Name => "name",
            Self::User => "user",
            Self::State => "state",
            Self::Updated => "updated",
        }
    }
}

/// States that are asked for together, with what they are called.
const GROUPS: [(&str, &str); 3] = [
    ("open", "not ended"),
    ("bad", "failed or held"),
    ("ended", "ended"),
];

fn is_in_group(group: &str, status: RequestStatus) -> Option<bool> {
    match group {
        "" => Some(true),
        "open" => Some(!status.is_terminal()),
        "bad" => Some(is_bad(status)),
        "ended" => Some(status.is_terminal() && status != RequestStatus::Suspended),
        _ => None,
    }
}

impl Wanted {
    /// Reads the part of an address behind the question mark; what cannot be read is as if it were not there.
    pub(crate) fn read(query: &str) -> Self {
        let uri = http::Uri::builder()
            .path_and_query(format!("/?{query}"))
            .build();
        let read = |uri| axum::extract::Query::<Self>::try_from_uri(&uri).ok();
        uri.ok().and_then(read).map(|it| it.0).unwrap_or_default()
    }

    fn is_reversed(&self) -> bool {
        !self.reverse.is_empty()
    }

    /// Chooses the requests, in their order.
    fn choose<'a>(&self, requests: &'a [Listed]) -> Vec<&'a Listed> {
        let words: Vec<String> = self.q.split_whitespace().map(str::to_lowercase).collect();
        let is_meant = |request: &&Listed| {
            let is_of_state = is_in_group(&self.state, request.status)
                .unwrap_or_else(|| request.status.to_string() == self.state);
            let has = |word: &String| {
                request.id.to_string() == *word
                    || request.name.to_lowercase().contains(word)
                    || request.user.to_lowercase().contains(word)
            };
            is_of_state && words.iter().all(has)
        };
        // The newest come first, as the list has them.
        let mut chosen: Vec<_> = requests.iter().filter(is_meant).collect();
        match self.sort {
            Sort::Id | Sort::Unknown => {}
            Sort::Name => chosen.sort_by(|a, b| a.name.cmp(&b.name)),
            Sort::User => chosen.sort_by(|a, b| a.user.cmp(&b.user)),
            Sort::State => chosen.sort_by_key(|request| request.status.to_string()),
            Sort::Updated => chosen.sort_by_key(|request| std::cmp::Reverse(request.updated_at)),
        }
        if self.is_reversed() {
            chosen.reverse();
        }
        chosen
    }

    /// Returns the address of the same with something else.
    fn address(&self, root: &str, sort: Sort, is_reversed: bool, page: usize) -> String {
        let mut query = Vec::new();
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                query.push(format!("{name}={}", encoded(value)));
            }
        };
        add("q", &self.q);
        add("state", &self.state);
        add("sort", if sort == Sort::Id { "" } else { sort.name() });
        add("reverse", if is_reversed { "yes" } else { "" });
        let page = page.to_string();
        add("page", if page == "1" { "" } else { &page });
        match query.is_empty() {
            true => format!("{root}/"),
            false => format!("{root}/?{}", query.join("&")),
        }
    }
}

/// Writes a text as a part of the query of an address.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                encoded.push(byte.into());
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// Makes the page; the first time it shows what was last seen, so that it is there at once.
pub(crate) async fn page(hub: &Arc<Hub>, wanted: &Wanted, is_first: bool) -> Result<Page, Trouble> {
    let requests = match is_first {
        true => hub.requests_now().await?,
        false => hub.requests().await?,
    };
    let chosen = wanted.choose(&requests);
    let pages = chosen.len().div_ceil(ROWS).max(1);
    let number = wanted.page.parse().unwrap_or(1).clamp(1, pages);
    let rows: Vec<&Listed> = chosen
        .iter()
        .copied()
        .skip((number - 1) * ROWS)
        .take(ROWS)
        .collect();
    let summaries = hub.summaries(&rows).await;
    let mut page = Page {
        title: "Requests · iDDS".to_owned(),
        above: Vec::new(),
        here: "Requests".to_owned(),
        parts: Vec::new(),
    };
    page.part("head", &head(hub, &requests, chosen.len(), wanted));
    page.part(
        "rows",
        &html! {
            @if rows.is_empty() {
                p class="empty" { (nothing(&requests)) }
            } @else {
                (table(hub, wanted, &rows, &summaries))
                (turns(hub, wanted, number, pages))
            }
        },
    );
    Ok(page)
}

fn nothing(requests: &[Listed]) -> &'static str {
    match requests.is_empty() {
        true => {
            "There is no request yet. This page shows the first one as soon as it is submitted."
        }
        false => "No request is like that. Change what is filtered above.",
    }
}

fn head(hub: &Hub, requests: &[Listed], chosen: usize, wanted: &Wanted) -> Markup {
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    for request in requests {
        *states.entry(request.status.to_string()).or_default() += 1;
    }
    let in_group = |group: &str| {
        let is_in = |request: &&Listed| is_in_group(group, request.status) == Some(true);
        requests.iter().filter(is_in).count()
    };
    let option = |value: &str, text: String| html! { option value=(value) selected[wanted.state == value] { (text) } };
    html! {
        h1 { "Requests" }
        p class="soft" { (count(chosen as i64)) " of " (count(requests.len() as i64)) " on " (line(hub.client.host())) }
        form class="filter" method="get" action={ (hub.root) "/" } role="search" data-submit-on-change="" {
            label { "Name, user or id" input type="search" name="q" value=(wanted.q) maxlength="200"; }
            label { "State" select name="state" {
                (option("", "all".to_owned()))
                @for (value, text) in GROUPS { (option(value, format!("{text} ({})", in_group(value)))) }
                @for (name, number) in &states { (option(name, format!("{name} ({number})"))) }
            } }
            @if wanted.sort != Sort::Id { input type="hidden" name="sort" value=(wanted.sort.name()); }
            @if wanted.is_reversed() { input type="hidden" name="reverse" value="yes"; }
            button { "Show" }
        }
    }
}

fn table(
    hub: &Hub,
    wanted: &Wanted,
    rows: &[&Listed],
    summaries: &[Option<Arc<Summary>>],
) -> Markup {
    let column = |sort: Sort, name: &str| {
        let is_sorted = wanted.sort == sort;
        // Numbers and times begin with the newest.
        let is_down = matches!(sort, Sort::Id | Sort::Updated) != wanted.is_reversed();
        let order = if is_down { "descending" } else { "ascending" };
        let address = wanted.address(&hub.root, sort, is_sorted && !wanted.is_reversed(), 1);
        html! {
            th scope="col" aria-sort=[is_sorted.then_some(order)] { a href=(address) { (name) } }
        }
    };
    html! {
        div class="scroll" tabindex="0" role="region" aria-label="Requests" { table class="wide" {
            thead { tr {
                (column(Sort::Id, "Id")) (column(Sort::Name, "Name")) (column(Sort::User, "User"))
                (column(Sort::State, "State")) th scope="col" { "Steps" } th scope="col" { "Jobs" }
                (column(Sort::Updated, "Changed (UTC)"))
            } }
            tbody {
                @for (request, summary) in rows.iter().zip(summaries) {
                    @let summary = summary.as_deref();
                    @let address = format!("{}/request/{}", hub.root, request.id);
                    tr {
                        td { a href=(address) { (request.id) } }
                        td class="text" {
                            a href=(address) { @if request.name.is_empty() { "without a name" } @else { (line(&request.name)) } }
                            @let cause = summary.and_then(|summary| summary.cause.as_deref()).or(request.error.as_deref());
                            @if let Some(cause) = cause.filter(|_| is_bad(request.status) || summary.is_some_and(|it| it.failed > 0)) {
                                p class="cause" { (line(cause)) }
                            }
                        }
                        td { (line(&request.user)) }
                        td { (state(&request.status.to_string())) }
                        @if let Some(summary) = summary {
                            td class="number" {
                                (summary.works.1) " of " (summary.works.0) " done"
                                @if summary.failed > 0 { br; span class="bad" { (summary.failed) " failed" } }
                            }
                            td class="number" { (bar(summary.jobs)) (jobs(summary.jobs)) }
                        } @else { td {} td {} }
                        td { (moment(request.updated_at)) }
                    }
                }
            }
        } }
    }
}

/// Says how many jobs are done, and how many failed.
pub(crate) fn jobs((total, done, failed): (i64, i64, i64)) -> Markup {
    html! {
        @if total > 0 {
            (count(done)) " of " (count(total))
            @if failed > 0 { ", " span class="bad" { (count(failed)) " failed" } }
        }
    }
}

fn turns(hub: &Hub, wanted: &Wanted, number: usize, pages: usize) -> Markup {
    let address = |page: usize| wanted.address(&hub.root, wanted.sort, wanted.is_reversed(), page);
    html! {
        @if pages > 1 {
            nav class="turns" aria-label="Pages" {
                @if number > 1 { a href=(address(1)) { "First" } a href=(address(number - 1)) rel="prev" { "Previous" } }
                span { "Page " (number) " of " (pages) }
                @if number < pages { a href=(address(number + 1)) rel="next" { "Next" } a href=(address(pages)) { "Last" } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::RequestId;

    use super::*;

    fn listed(id: u64, name: &str, status: RequestStatus) -> Listed {
        Listed {
            id: RequestId::new(id),
            name: name.to_owned(),
            user: "ada".to_owned(),
            status,
            updated_at: None,
            error: None,
        }
    }

    #[test]
    fn what_is_wanted_stands_in_the_address() {
        let wanted = Wanted::read("q=b%26x+y&state=bad&sort=name&reverse=yes&page=3&seen=7");
        assert_eq!(
            (&*wanted.q, &*wanted.state, wanted.sort),
            ("b&x y", "bad", Sort::Name)
        );
        let address = wanted.address("/t", wanted.sort, true, 3);
        assert_eq!(
            address,
            "/t/?q=b%26x%20y&state=bad&sort=name&reverse=yes&page=3"
        );
        assert_eq!(Wanted::read("sort=colour&page=x").sort, Sort::Unknown);
        assert_eq!(Wanted::read("%").sort, Sort::Id);
    }

    #[test]
    fn requests_are_filtered_and_sorted() {
        let requests = [
            listed(3, "beta", RequestStatus::Failed),
            listed(2, "alpha", RequestStatus::Transforming),
            listed(1, "beta two", RequestStatus::Suspended),
        ];
        let ids = |query: &str| -> Vec<u64> {
            let chosen = Wanted::read(query).choose(&requests);
            chosen.iter().map(|request| request.id.get()).collect()
        };
        assert_eq!(ids(""), [3, 2, 1]);
        assert_eq!(ids("reverse=yes"), [1, 2, 3]);
        assert_eq!(ids("q=BETA+ada"), [3, 1]);
        assert_eq!(ids("q=2"), [2]);
        assert_eq!(ids("state=bad&sort=name"), [3, 1]);
        assert_eq!(ids("state=open"), [2]);
        assert_eq!(ids("state=Suspended"), [1]);
    }
}
