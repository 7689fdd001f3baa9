//! `idds generate`: the files that are made from the command itself.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueHint};
use idds::file::WholeFile;

use super::{App, Exit, completions, man, reference, schemas};

/// The arguments of `idds generate`.
#[derive(Args, Debug)]
pub struct Generate {
    /// Directory of the source tree
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: PathBuf,
}

impl Generate {
    /// Runs the command.
    pub async fn run(self, _: &App) -> Result<Exit> {
        for file in files() {
            file.write(&self.dir)?;
        }
        Ok(Exit::Ok)
    }
}

/// A file that is generated.
#[derive(Debug)]
pub struct Generated {
    /// Its path below the directory that it is generated into.
    pub path: PathBuf,
    /// What is in it.
    pub text: Vec<u8>,
}

impl Generated {
    /// Describes a file.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
        }
    }

    /// Writes the file below a directory, which is made if need be.
    pub fn write(&self, dir: &Path) -> Result<()> {
        let path = dir.join(&self.path);
        let written = path
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| WholeFile::create(&path)?.finish_with(&self.text));
        written.with_context(|| format!("the file {} cannot be written", path.display()))
    }

    fn below(mut self, dir: &str) -> Self {
        self.path = Path::new(dir).join(self.path);
        self
    }
}

/// Returns every file: schemas, completions, the manual, and the reference of the guide.
fn files() -> Vec<Generated> {
    let documents = idds::workflow::schemas()
        .into_iter()
        .map(|(file, schema)| (PathBuf::from(file), schema));
    let results = schemas::schemas()
        .into_iter()
        .map(|(name, schema)| (format!("{name}.json").into(), schema));
    let schemas = documents
        .chain(results)
        .map(|(file, schema)| Generated::new(file, format!("{schema:#}\n")));
    schemas
        .map(|file| file.below("schemas"))
        .chain(
            completions::files()
                .into_iter()
                .map(|file| file.below("completions")),
        )
        .chain(man::pages().into_iter().map(|file| file.below("man")))
        .chain([reference::file()])
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn committed_files_are_fresh() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (mut paths, mut stale) = (BTreeSet::new(), Vec::new());
        for Generated { path, text } in files() {
            if fs::read(root.join(&path)).ok() != Some(text) {
                stale.push(path.clone());
            }
            paths.insert(path);
        }
        assert!(
            stale.is_empty(),
            "generate them anew with `cargo run --package idds -- generate .`: {stale:?}"
        );
        for dir in ["schemas", "completions", "man"] {
            for entry in fs::read_dir(root.join(dir)).expect("the directory is there") {
                let path =
                    Path::new(dir).join(entry.expect("the directory is readable").file_name());
                assert!(
                    paths.contains(&path),
                    "nothing generates {}",
                    path.display()
                );
            }
        }
    }
}
