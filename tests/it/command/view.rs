//! The live page, in a browser.

use std::path::Path;

use super::Failure;
use crate::support::Browser;

/// `IDDS_TEST_SCREENSHOTS=DIR` keeps pictures of the pages, light and dark, wide and narrow.
#[test]
fn a_person_follows_a_run_finds_a_cause_and_aborts_in_a_browser() -> Result<(), Failure> {
    let Some(browser) = Browser::available() else {
        return Ok(());
    };
    let scratch = tempfile::tempdir()?;
    let kept = std::env::var_os("IDDS_TEST_SCREENSHOTS");
    let folder = kept.as_ref().map_or(scratch.path(), Path::new);
    let verdict = browser.judge(Path::new(env!("CARGO_BIN_EXE_idds")), folder);
    assert!(verdict.wrong.is_empty(), "{:#?}", verdict.wrong);
    assert!(verdict.said.len() > 20, "{:?}", verdict.said);
    Ok(())
}
