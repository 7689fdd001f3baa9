//! The points of searches, evaluated while the workflow is followed.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use idds::client::Client;
use idds::hpo::{Objective, Program, SearchOptions, Study};
use idds::workflow::RequestId;
use tokio::sync::oneshot;

use crate::cli::Exit;

/// Longer than any workflow runs: it is the workflow that ends the evaluating.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 86_400);

/// What evaluates the points of a request, when it is awaited.
pub struct Evaluation {
    study: Study,
    objective: Objective,
    stop: oneshot::Sender<()>,
}

impl Evaluation {
    /// Has a program evaluate the points of a request, as many of them at once.
    pub fn new(
        client: &Client,
        request: RequestId,
        directory: &Path,
        program: &OsString,
        concurrency: usize,
    ) -> Result<Self> {
        let text = program.to_str().map(str::to_owned);
        let words: Vec<OsString> = match &text {
            Some(text) => text.split_whitespace().map(OsString::from).collect(),
            None => vec![program.clone()],
        };
        let Some((name, arguments)) = words.split_first() else {
            return Err(Exit::Usage.because("--evaluate names no program"));
        };
        let program = Program::new(name, directory.join("points")).args(arguments);
        let objective = program
            .objective()
            .map_err(|error| Exit::Usage.because(format!("--evaluate: {error}")))?;
        let options = SearchOptions::new()
            .concurrency(concurrency)
            .timeout(FOR_EVER)
            .silence(FOR_EVER);
        let (stop, stopped) = oneshot::channel::<()>();
        let interrupt = async move {
            // Who follows the workflow is gone, or wants an end.
            let _ = stopped.await;
        };
        let study = Study::new(client, request)
            .options(options)
            .own_journal(directory.join(format!("journal-{request}")))
            .interrupt(interrupt);
        Ok(Self {
            study,
            objective,
            stop,
        })
    }

    /// Evaluates until the request has ended or the other half is dropped.
    pub fn split(
        self,
    ) -> (
        impl Future<Output = Result<(), idds::hpo::Error>>,
        oneshot::Sender<()>,
    ) {
        let Self {
            study,
            objective,
            stop,
        } = self;
        let run = async move {
            match study.run(objective).await {
                // The request tells how it ended.
                Err(error) if !error.is_failed() => Err(error),
                _ => Ok(()),
            }
        };
        (run, stop)
    }
}
