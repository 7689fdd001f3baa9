//! Pages: what is shown, in parts that are sent again when they change.

pub(crate) mod request;
pub(crate) mod requests;
pub(crate) mod step;
pub(crate) mod words;

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use maud::{DOCTYPE, Markup, html};

use crate::assets::{SCRIPT, STYLE};

/// A page of its own address.
#[derive(Debug)]
pub(crate) struct Page {
    /// What the window is called.
    pub(crate) title: String,
    /// The pages above it, with their addresses.
    pub(crate) above: Vec<(String, String)>,
    /// What it is called among them.
    pub(crate) here: String,
    pub(crate) parts: Vec<Part>,
}

/// A part of a page, which is replaced as a whole when it changes.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) id: &'static str,
    pub(crate) html: String,
}

/// Why a page cannot be shown.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) status: StatusCode,
    pub(crate) why: String,
}

impl Page {
    /// Adds a part; its element gets the id.
    pub(crate) fn part(&mut self, id: &'static str, markup: &Markup) {
        let html = html! { div id=(id) class="part" { (markup) } }.into_string();
        self.parts.push(Part { id, html });
    }

    /// Returns the whole document.
    pub(crate) fn document(&self, root: &str) -> String {
        let parts = html! {
            @for part in &self.parts { (maud::PreEscaped(&part.html)) }
        };
        let seen = seen(&self.parts).to_string();
        let bar = html! {
            header {
                nav aria-label="Place" {
                    ol {
                        @for (name, address) in &self.above { li { a href=(address) { (name) } } }
                        li aria-current="page" { (self.here) }
                    }
                }
                p id="connection" role="status" { }
            }
        };
        frame(
            Some(root),
            &self.title,
            &bar,
            &html! {
                main id="main" tabindex="-1" data-seen=(seen) { (parts) }
            },
        )
    }
}

/// Returns a number that tells parts from others.
pub(crate) fn seen(parts: &[Part]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for part in parts {
        part.id.hash(&mut hasher);
        part.html.hash(&mut hasher);
    }
    hasher.finish()
}

fn frame(root: Option<&str>, title: &str, bar: &Markup, main: &Markup) -> String {
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                @if let Some(root) = root {
                    link rel="icon" type="image/svg+xml" href={ (root) "/asset/icon.svg" };
                    link rel="stylesheet" href={ (root) "/asset/" (STYLE.name) };
                    script src={ (root) "/asset/" (SCRIPT.name) } defer {}
                }
            }
            body {
                a class="skip" href="#main" { "Skip to content" }
                (bar)
                (main)
            }
        }
    };
    document.into_string()
}

/// Answers with a page that says why there is no other; without the root, it has no links.
pub(crate) fn trouble(root: Option<&str>, status: StatusCode, why: &str) -> Response {
    let title = match status {
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "Not allowed",
        _ => "Something is wrong",
    };
    let bar = html! { header { nav aria-label="Place" { ol {
        @if let Some(root) = root { li { a href={ (root) "/" } { "Requests" } } }
        li aria-current="page" { (title) }
    } } } };
    let main = html! {
        main id="main" tabindex="-1" { h1 { (title) } p class="why" { (words::line(why)) } }
    };
    (status, Html(frame(root, title, &bar, &main))).into_response()
}

impl Trouble {
    pub(crate) fn not_found(why: impl Into<String>) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            why: why.into(),
        }
    }
}

impl From<std::sync::Arc<str>> for Trouble {
    /// Says why the server gave no answer.
    fn from(why: std::sync::Arc<str>) -> Self {
        Self {
            status: StatusCode::BAD_GATEWAY,
            why: format!("The iDDS server does not answer: {why}"),
        }
    }
}
