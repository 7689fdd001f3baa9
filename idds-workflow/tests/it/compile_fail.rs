//! Mistakes that do not compile, and what the compiler says about them.

use std::io::Write as _;
use std::process::Command;

/// The compiler that wrote the messages; others word them differently.
const COMPILER: &str = "rustc 1.95.";

#[test]
fn mistakes_that_types_prevent_do_not_compile() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc)
        .arg("--version")
        .output()
        .expect("rustc runs")
        .stdout;
    let version = String::from_utf8_lossy(&version);
    if version.starts_with(COMPILER) {
        trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
    } else {
        let message = format!(
            "SKIPPED: the messages of tests/compile_fail are those of {COMPILER}x, not of {version}"
        );
        // Unlike `eprintln!`, this is shown for tests that pass, too.
        writeln!(std::io::stderr(), "{message}").expect("stderr is open");
    }
}
