//! What a report says of a search besides its points.

use std::path::{Path, PathBuf};

use idds::client::Client;
use idds::hpo::SearchResult;
use idds::hpo::report::Page;
use idds::workflow::{AnyWork, OptSpace, RequestId, SearchSpace, Step, Workflow};

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

/// Reads the name and the space of a search from the server; neither is needed, so nothing fails for it.
///
/// The space is that of the only search of the workflow: of several, points do not say which one they are of.
pub async fn definition(client: &Client, request: RequestId) -> (Option<String>, Option<OptSpace>) {
    let stored = match client.requests().get(request).metadata().await {
        Ok(stored) => stored,
        Err(error) => {
            tracing::debug!(%error, "the report will not know the space");
            return (None, None);
        }
    };
    let Some(first) = stored.first() else {
        return (None, None);
    };
    let name = first.request.name.clone().filter(|name| !name.is_empty());
    let space = first.decode().ok().and_then(|decoded| {
        let mut spaces = Vec::new();
        collect(&decoded.workflow, &mut spaces);
        if spaces.len() == 1 {
            spaces.pop()
        } else {
            None
        }
    });
    (name, space)
}

fn collect(workflow: &Workflow, spaces: &mut Vec<OptSpace>) {
    for (_, step) in workflow.steps() {
        match step {
            Step::Work(work) => {
                if let AnyWork::ATLASHPOWork(search) = work
                    && let Some(space) = search.opt_space()
                {
                    spaces.extend(match space {
                        SearchSpace::Whole(space) => Some(space.clone()),
                        _ => None,
                    });
                }
            }
            Step::Workflow(inner) => collect(inner, spaces),
            _ => {}
        }
    }
}
