//! What iDDS 2.6.21 runs: every line of `docs/what-idds-runs.md`, run on the real server.

use std::collections::BTreeMap;
use std::time::Duration;

use idds::client::{Client, X509};
use idds::hpo::{Objective, SearchOptions, Study};
use idds::workflow::{RequestId, RequestStatus, ServerVersion, Severity, Workflow};
use serde_json::Value;
use tokio::time::{Instant, sleep_until};

use crate::support::{RealServer, in_time};

type Failure = Box<dyn std::error::Error>;

const PAGE: &str = include_str!("../../docs/what-idds-runs.md");

const SEARCH: &str = "{type: hpo, method: nevergrad, max_points: 2, num_points_per_iteration: 2, \
                      opt_space: {A: {type: Scalar, bounds: [0, 5]}}}";
const DATA: &str = "input: {scope: user.x, name: in}";
const BOTH: &str = "input: {scope: user.x, name: in}, output: {scope: user.x, name: out}";
const TASK: &str =
    "task_name: t, executable: 'echo ${IN/L}', queue: q, task_site: s, task_cloud: c";

/// The workflows of the page, in its order.
fn workflows() -> Vec<(&'static str, String)> {
    let one = |work: String| format!("steps:\n  a: {{{work}}}\n");
    let panda = "task_parameters: {taskName: t, vo: atlas}";
    let then = "conditions:\n  - when: {step: a, is: finished}\n    then: [b]\n";
    vec![
        ("one search", format!("steps:\n  a: {SEARCH}\n")),
        (
            "a search after another one",
            format!("steps:\n  a: {SEARCH}\n  b: {SEARCH}\n{then}"),
        ),
        (
            "two searches side by side",
            format!("steps:\n  a: {SEARCH}\n  b: {SEARCH}\n"),
        ),
        (
            "a search in a sub-workflow after a search",
            format!(
                "steps:\n  a: {SEARCH}\n  b:\n    type: sub_workflow\n    steps:\n      c: {SEARCH}\n{then}"
            ),
        ),
        (
            "a search that a loop repeats",
            format!("steps:\n  a: {SEARCH}\nloop_while: {{step: a, is: finished}}\n"),
        ),
        (
            "a loop that no condition releases",
            format!(
                "steps:\n  a:\n    type: loop_workflow\n    steps:\n      c: {SEARCH}\n    loop_while: {{step: c, is: failed}}\n"
            ),
        ),
        (
            "`program`",
            one("type: program, executable: 'true'".to_owned()),
        ),
        (
            "`processing`",
            one("type: processing, executable: 'true'".to_owned()),
        ),
        ("`data`", one("type: data, executable: 'true'".to_owned())),
        (
            "`condor`",
            one("type: condor, executable: 'true'".to_owned()),
        ),
        (
            "`actuator`",
            one(format!(
                "type: actuator, executable: 'true', output_json: out.json, {BOTH}"
            )),
        ),
        (
            "`stage_in`",
            one(format!("type: stage_in, src_rse: A, dest_rse: B, {BOTH}")),
        ),
        (
            "`doma_rucio` without `rule_id`",
            one(format!("type: doma_rucio, dest_rse: B, {DATA}")),
        ),
        (
            "`doma_data` without `rule_id`",
            one(format!("type: doma_data, dest_rse: B, {DATA}")),
        ),
        (
            "`doma_rucio`",
            one(format!(
                "type: doma_rucio, dest_rse: B, rule_id: abc, {DATA}"
            )),
        ),
        (
            "`doma_data`",
            one(format!(
                "type: doma_data, dest_rse: B, rule_id: abc, {DATA}"
            )),
        ),
        (
            "`doma_panda` without `input`",
            one(format!("type: doma_panda, jobs: [{{name: j}}], {TASK}")),
        ),
        (
            "`doma_panda_es` without `input`",
            one(format!(
                "type: doma_panda_es, jobs: [{{name: j, events: [{{index: 0}}]}}], {TASK}"
            )),
        ),
        (
            "`doma_lsst`",
            one(format!(
                "type: doma_lsst, executable: echo, jobs: [{{name: j}}], {BOTH}"
            )),
        ),
        (
            "`doma_panda`",
            one(format!(
                "type: doma_panda, jobs: [{{name: j}}], {TASK}, {BOTH}"
            )),
        ),
        (
            "`doma_panda_es`",
            one(format!(
                "type: doma_panda_es, jobs: [{{name: j, events: [{{index: 0}}]}}], {TASK}, {BOTH}"
            )),
        ),
        ("`panda`", one(format!("type: panda, {panda}"))),
        ("`local_panda`", one(format!("type: local_panda, {panda}"))),
    ]
}

/// A line of the table.
struct Line {
    workflow: &'static str,
    end: &'static str,
    advice: Option<&'static str>,
}

fn table() -> Vec<Line> {
    let lines = PAGE.lines().filter(|line| line.starts_with("| ")).skip(2);
    lines
        .map(|line| {
            let mut cells = line.trim_matches('|').split('|').map(str::trim);
            let mut next = || cells.next().unwrap_or_default();
            let (workflow, end, _why, advice) = (next(), next(), next(), next().trim_matches('`'));
            Line {
                workflow,
                end,
                advice: (!advice.is_empty()).then_some(advice),
            }
        })
        .collect()
}

#[test]
fn every_line_of_the_page_has_its_workflow_and_its_advice() -> Result<(), Failure> {
    let workflows = workflows();
    let table = table();
    assert_eq!(
        workflows.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        table.iter().map(|line| line.workflow).collect::<Vec<_>>()
    );
    for (line, (name, yaml)) in table.iter().zip(&workflows) {
        let advice = Workflow::from_yaml(yaml)?.advice(ServerVersion::V2_6_21);
        match line.advice {
            Some(code) => assert!(
                advice.iter().any(|advice| advice.code().name() == code),
                "{name}: {advice:?}"
            ),
            None => assert!(
                advice
                    .iter()
                    .all(|advice| advice.severity() < Severity::Error),
                "{name}: {advice:?}"
            ),
        }
    }
    Ok(())
}

#[test]
fn every_workflow_of_the_page_ends_on_the_real_server_as_it_says() -> Result<(), Failure> {
    let Some(server) = RealServer::shared() else {
        return Ok(());
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let expected: BTreeMap<_, _> = table()
        .iter()
        .map(|line| (line.workflow, line.end.to_owned()))
        .collect();
    let seen = runtime.block_on(in_time("the end of all workflows", ends(server)))??;
    assert_eq!(seen, expected);
    Ok(())
}

/// Submits all workflows, evaluates the points of their searches, and returns how they end: those that the page says to
/// end are waited for, and so the others had as long.
async fn ends(server: &RealServer) -> Result<BTreeMap<&'static str, String>, Failure> {
    let client = Client::builder(server.url())
        .ca_file(server.ca())
        .auth(X509::file(server.tls("user")))
        .build()?;
    let mut requests = Vec::new();
    for ((name, yaml), line) in workflows().into_iter().zip(table()) {
        let request = client
            .requests()
            .submit(&Workflow::from_yaml(&yaml)?)
            .await?;
        requests.push((name, request, line.end != "Transforming"));
        if yaml.contains("type: hpo") {
            tokio::spawn(evaluate(client.clone(), request));
        }
    }
    let mut look = Instant::now();
    loop {
        let mut ends = BTreeMap::new();
        let mut is_over = true;
        for (name, request, has_end) in &requests {
            let status = status(&client, *request).await?;
            is_over &= status.is_terminal() || !has_end;
            ends.insert(*name, status.to_string());
        }
        if is_over {
            return Ok(ends);
        }
        look += Duration::from_secs(2);
        sleep_until(look).await;
    }
}

async fn evaluate(client: Client, request: RequestId) {
    let options = SearchOptions::new().timeout(Duration::from_secs(120));
    // What becomes of the request is what counts.
    let _ = Study::new(&client, request)
        .options(options)
        .run(Objective::new(async |_: Value| 0.5))
        .await;
}

async fn status(client: &Client, request: RequestId) -> Result<RequestStatus, Failure> {
    let rows = client.requests().get(request).await?;
    Ok(rows
        .first()
        .ok_or("the server does not know the request")?
        .status)
}
