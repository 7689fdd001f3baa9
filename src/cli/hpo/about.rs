//! What a report says of a search besides its points.

use std::path::{Path, PathBuf};

use idds::client::Client;
use idds::hpo::SearchResult;
use idds::hpo::report::Page;
use idds::workflow::RequestId;

/// Facts about a search that its journal does not have, and where the files of its points are.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Name of the workflow.
    pub title: Option<String>,
    /// Names and values, such as the program and the machine.
    pub facts: Vec<(String, String)>,
    /// Directory with a directory for each point.
    pub points: Option<PathBuf>,
}

impl About {
    /// Returns the page of a search, to be written to this file.
    pub fn page<'a>(&self, result: &'a SearchResult, file: &Path) -> Page<'a> {
        let mut page = Page::new(result);
        if let Some(title) = &self.title {
            page = page.title(title);
        }
        for (name, value) in &self.facts {
            page = page.fact(name, value);
        }
        let Some((points, from)) = self
            .points
            .as_deref()
            .and_then(|points| Some((absolute(points)?, folder(file)?)))
        else {
            return page;
        };
        for trial in &result.trials {
            if !trial
                .id
                .as_str()
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
            {
                continue;
            }
            let directory = points.join(trial.id.as_str());
            if directory.is_dir() {
                let path = directory.strip_prefix(&from).unwrap_or(&directory);
                page = page.files(trial.id.clone(), format!("{}/", path.display()));
            }
        }
        page
    }
}

fn absolute(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}

/// Returns the directory that a file is in, or is going to be.
fn folder(file: &Path) -> Option<PathBuf> {
    match file.parent() {
        Some(parent) if parent != Path::new("") => absolute(parent),
        _ => absolute(Path::new(".")),
    }
}

/// Reads the name of a search from the server; it is not needed, so nothing fails for it.
pub async fn title(client: Client, request: RequestId) -> Option<String> {
    match client.requests().get(request).await {
        Ok(rows) => {
            let name = rows.into_iter().next()?.name;
            name.filter(|name| !name.is_empty())
        }
        Err(error) => {
            tracing::debug!(%error, "the report will not have the name of the workflow");
            None
        }
    }
}
