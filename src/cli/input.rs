//! Text from a file or standard input.

use std::borrow::Cow;
use std::path::Path;

use anyhow::{Context, Result};
use tokio::io::AsyncReadExt;

/// Reads the text of a file, or of standard input for `-`.
pub async fn read(file: &Path) -> Result<String> {
    let text = if is_standard(file) {
        let mut text = String::new();
        tokio::io::stdin().read_to_string(&mut text).await.map(|_| text)
    } else {
        tokio::fs::read_to_string(file).await
    };
    text.with_context(|| format!("{} cannot be read", name(file)))
}

/// Returns how to call it.
pub fn name(file: &Path) -> Cow<'_, str> {
    if is_standard(file) { "standard input".into() } else { file.to_string_lossy() }
}

fn is_standard(file: &Path) -> bool {
    file == Path::new("-")
}
