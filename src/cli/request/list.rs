//! `idds request list`.

use anyhow::Result;
use clap::Args;
use idds::workflow::RequestStatus;

use super::RequestRow;
use crate::cli::named::Named;
use crate::cli::number::whole;
use crate::cli::{App, Exit, examples};

/// The arguments of `idds request list`.
#[derive(Args, Debug)]
#[command(after_help = examples!("idds request list --status Transforming --limit 20"))]
pub struct List {
    /// Show only requests with this status, for example Finished; may be repeated
    #[arg(long, value_name = "STATUS", value_parser = Named::new(status, names), hide_possible_values = true)]
    status: Vec<RequestStatus>,

    /// Show only requests of this user, by the name on the server
    #[arg(long, value_name = "NAME")]
    username: Option<String>,

    /// Show only requests with this text in their name
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,

    /// Show only the latest COUNT requests
    #[arg(short = 'n', long, value_name = "COUNT", value_parser = whole::<usize>)]
    limit: Option<usize>,
}

impl List {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let infos = app.client()?.requests().list_all().await?;
        let mut rows: Vec<RequestRow> = infos
            .into_iter()
            .map(RequestRow::from)
            .filter(|row| self.wants(row))
            .collect();
        rows.sort_by_key(|row| row.request_id);
        let skipped = self
            .limit
            .map_or(0, |limit| rows.len().saturating_sub(limit));
        app.print(&rows[skipped..])?;
        Ok(Exit::Ok)
    }

    fn wants(&self, row: &RequestRow) -> bool {
        let has_status =
            self.status.is_empty() || self.status.iter().any(|it| it.to_string() == row.status);
        let has_user = self.username.is_none() || self.username == row.username;
        let has_name = |text: &String| row.name.as_ref().is_some_and(|name| name.contains(text));
        has_status && has_user && self.name.as_ref().is_none_or(has_name)
    }
}

/// Reads a status by its name, in whatever case.
fn status(text: &str) -> Result<RequestStatus, String> {
    let named = |status: &RequestStatus| {
        status
            .name()
            .is_some_and(|name| name.eq_ignore_ascii_case(text))
    };
    all()
        .find(named)
        .ok_or_else(|| format!("it is not one of {}", names().join(", ")))
}

fn all() -> impl Iterator<Item = RequestStatus> {
    (0..)
        .map(RequestStatus::from_code)
        .take_while(|status| status.name().is_some())
}

fn names() -> Vec<&'static str> {
    all().filter_map(RequestStatus::name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_a_name_of_the_server() {
        assert_eq!(status("finished"), Ok(RequestStatus::Finished));
        assert_eq!(status("ToClose"), Ok(RequestStatus::from_code(24)));
        assert!(status("Finishd").is_err_and(|error| error.ends_with("Throttling, ToClose")));
    }
}
