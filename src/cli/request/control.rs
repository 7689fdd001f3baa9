//! The commands that the server obeys later: abort, close, retry, suspend, resume, finish.

use std::fmt;
use std::future::IntoFuture;

use anyhow::Result;
use clap::Args;
use idds::client::Error;
use idds::workflow::RequestId;
use schemars::JsonSchema;
use serde::Serialize;

use super::target::Target;
use crate::cli::output::Show;
use crate::cli::{App, Exit};

/// Which requests were told something.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Told {
    /// Ids of the requests.
    pub requests: Vec<u64>,
    /// What they were told, such as `abort`.
    pub command: &'static str,
}

impl Show for Told {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        self.requests.iter().try_for_each(|id| writeln!(f, "request {id}: {} registered", self.command))
    }
}

async fn tell<C>(app: &App, command: &'static str, call: C) -> Result<Exit>
where
    C: IntoFuture<Output = Result<Vec<RequestId>, Error>>,
{
    let requests = call.await?.into_iter().map(RequestId::get).collect();
    app.print(&Told { requests, command })?;
    Ok(Exit::Ok)
}

macro_rules! control {
    ($(#[$doc:meta])* $args:ident, $call:ident) => {
        $(#[$doc])*
        #[derive(Args, Debug)]
        pub struct $args {
            #[command(flatten)]
            target: Target,
        }

        impl $args {
            /// Runs the command.
            pub async fn run(self, app: &App) -> Result<Exit> {
                let target = self.target.required()?;
                tell(app, stringify!($call), app.client()?.requests().$call(target)).await
            }
        }
    };
}

control!(
    /// The arguments of `idds request abort`.
    Abort, abort
);
control!(
    /// The arguments of `idds request close`.
    Close, close
);
control!(
    /// The arguments of `idds request retry`.
    Retry, retry
);
control!(
    /// The arguments of `idds request suspend`.
    Suspend, suspend
);
control!(
    /// The arguments of `idds request resume`.
    Resume, resume
);
control!(
    /// The arguments of `idds request finish`.
    Finish, finish
);
