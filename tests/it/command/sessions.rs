//! What people see: every command's help, output and failure, in `tests/sessions/*.trycmd`, each with a server of its own.
//!
//! `TRYCMD=overwrite cargo test --all-features --test it -- command::sessions` writes anew what they print.

use std::path::Path;
use std::time::Duration;

use idds::local::Server;
use trycmd::TestCases;

use super::{Failure, User};

/// Runs the session of this name.
async fn session(name: &'static str) -> Result<(), Failure> {
    let server = Server::builder().seed(1).start().await?;
    let user = User::of(&server)?;
    let port = server.local_addr().port().to_string();
    tokio::task::spawn_blocking(move || {
        let sessions = TestCases::new();
        sessions.register_bin("idds", Path::new(env!("CARGO_BIN_EXE_idds")));
        sessions.env("HOME", user.home.path().display().to_string());
        sessions
            .env("IDDS_HOST", &user.url)
            .env("IDDS_AUTH_TYPE", "none")
            .env("COLUMNS", "100");
        sessions.timeout(Duration::from_secs(60));
        sessions
            .insert_var("[PORT]", port)
            .expect("a name in brackets");
        sessions
            .insert_var("[HOME]", user.home.path().display().to_string())
            .expect("a name in brackets");
        sessions.case(format!("tests/sessions/{name}.trycmd"));
        sessions.run();
    })
    .await?;
    Ok(())
}

macro_rules! sessions {
    ($($name:ident),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() -> Result<(), Failure> {
                session(stringify!($name)).await
            }
        )+
    };
}

sessions!(
    cacher,
    config,
    documented,
    documented_help,
    failures,
    help,
    messages,
    requests
);
