//! The files that pages load: a style sheet, a script and an icon.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

/// A file, whose name changes with its content.
#[derive(Debug)]
pub(crate) struct Asset {
    pub(crate) name: String,
    kind: &'static str,
    text: &'static str,
}

pub(crate) static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("page", "css", "text/css", include_str!("assets/page.css")));

pub(crate) static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let kind = "text/javascript";
    Asset::new("page", "js", kind, include_str!("assets/page.js"))
});

const ICON: &str = include_str!("assets/icon.svg");

impl Asset {
    fn new(stem: &str, end: &str, kind: &'static str, text: &'static str) -> Self {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        Self {
            name: format!("{stem}-{:016x}.{end}", hasher.finish()),
            kind,
            text,
        }
    }
}

/// Answers with a file.
pub(crate) async fn serve(Path(name): Path<String>) -> Response {
    let for_ever = [(
        header::CACHE_CONTROL,
        "private, max-age=31536000, immutable",
    )];
    let answer = |kind: &'static str, text: &'static str| {
        (for_ever, [(header::CONTENT_TYPE, kind)], text).into_response()
    };
    match name {
        name if name == STYLE.name => answer(STYLE.kind, STYLE.text),
        name if name == SCRIPT.name => answer(SCRIPT.kind, SCRIPT.text),
        name if name == "icon.svg" => answer("image/svg+xml", ICON),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
