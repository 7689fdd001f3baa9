//! `idds hpo update`.

use anyhow::Result;
use clap::Args;
use idds::client::PointId;
use idds::workflow::RequestId;

use crate::cli::number::real;
use crate::cli::request::request_id;
use crate::cli::{App, Exit, examples};

/// The arguments of `idds hpo update`.
#[derive(Args, Debug)]
#[command(after_help = examples!("idds hpo update 94 3 0.25"))]
pub struct Update {
    /// Id of the request
    #[arg(value_name = "REQUEST", value_parser = request_id)]
    request: RequestId,

    /// Id of the point
    #[arg(value_name = "POINT")]
    point: String,

    /// Loss of the point
    #[arg(value_name = "LOSS", value_parser = real)]
    loss: f64,
}

impl Update {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let Self {
            request,
            point,
            loss,
        } = self;
        if !loss.is_finite() {
            let what = format!(
                "the loss {loss} is not finite, and JSON has no such number; a point that failed mostly gets a high one, such as 1e5"
            );
            return Err(Exit::Usage.because(what));
        }
        app.client()?
            .hpo()
            .update(request, &PointId::new(point.as_str()), loss)
            .await?;
        app.note(format_args!(
            "point {point} of request {request} has the loss {loss}"
        ));
        Ok(Exit::Ok)
    }
}
