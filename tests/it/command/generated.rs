//! What `.ci/generate` writes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use idds::local::Server;

use super::{Failure, User};

#[tokio::test]
async fn committed_schemas_completions_and_pages_are_fresh() -> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let user = User::of(&server)?;
    for (command, folder) in [("schema", "schemas"), ("completions", "completions"), ("man", "man")] {
        let ran = user.run(&format!("{command} --dir {folder}")).await?;
        assert_eq!((ran.code, &*ran.stdout, &*ran.stderr), (Some(0), "", ""), "{command}");
        let committed = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))?;
        let generated = files(&user.home.path().join(folder))?;
        let names: Vec<_> = committed.keys().chain(generated.keys()).collect();
        assert!(!generated.is_empty());
        let stale: Vec<_> = names.into_iter().filter(|name| committed.get(*name) != generated.get(*name)).collect();
        assert!(stale.is_empty(), "stale in {folder}/: {stale:?}; run: .ci/generate");
    }
    Ok(())
}

/// The files of a folder and the folders in it, by their names.
fn files(folder: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            all.extend(files(&path)?.into_iter().map(|(inner, text)| (format!("{name}/{inner}"), text)));
        } else {
            all.insert(name, fs::read_to_string(&path)?);
        }
    }
    Ok(all)
}
